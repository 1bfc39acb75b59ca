#include "semantic/tail.h"

enum { CLIMB_MAX = 16, LAST_MAX = 1 << 20 };

// An attribute, or a name of the module: what one object, or the program, has one of.
static bool is_settled(Model *m, NodeId e) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, e);
  if (node_is(t, n, PY_ATTRIBUTE)) {
    return node_is(t, node_unwrap(t, node_field(t, n, FIELD_OBJECT)), PY_IDENTIFIER);
  }
  BindingId binding = binding_of(m, n);
  return node_is(t, n, PY_IDENTIFIER) && def_ok(binding_only_def(m, binding)) &&
         binding_get(m, binding)->scope.i == MODULE_SCOPE.i;
}

// -K, where K is a constant, or settled.
static bool is_from_end(Model *m, NodeId index, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, index);
  int64_t number = 0;
  *last = 0;
  if (constant_int(m, n, &number)) {
    if (number >= 0 || number < -LAST_MAX) return false;
    *last = (uint32_t)-number;
    return true;
  }
  if (!node_is(t, n, PY_UNARY_OPERATOR) ||
      !node_text_is(t, node_field(t, n, FIELD_OPERATOR), "-")) {
    return false;
  }
  NodeId inner = node_unwrap(t, node_field(t, n, FIELD_ARGUMENT));
  if (constant_int(m, inner, &number) && number > 0 && number < LAST_MAX) {
    *last = (uint32_t)number;
    return true;
  }
  return is_settled(m, inner);
}

bool slice_is_tail(Model *m, NodeId subscript, uint32_t *last) {
  Slice s;
  return slice_of(m, subscript, &s) && !node_ok(s.stop) && !node_ok(s.step) &&
         node_ok(s.start) && is_from_end(m, s.start, last);
}

// `x[-n:-m]`: of the last n as well.
static bool is_within_tail(Model *m, NodeId subscript, uint32_t *last) {
  Slice s;
  uint32_t left_out = 0;
  return slice_of(m, subscript, &s) && !node_ok(s.step) && node_ok(s.start) &&
         node_ok(s.stop) && is_from_end(m, s.stop, &left_out) &&
         is_from_end(m, s.start, last);
}

// `x[len(x) - 1]`
static bool is_length_less(Model *m, NodeId index, Str name, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, index);
  int64_t number = 0;
  if (!node_is(t, n, PY_BINARY_OPERATOR) ||
      !node_text_is(t, node_field(t, n, FIELD_OPERATOR), "-") ||
      !constant_int(m, node_field(t, n, FIELD_RIGHT), &number) || number <= 0) {
    return false;
  }
  NodeId call = node_unwrap(t, node_field(t, n, FIELD_LEFT)), argument;
  bool is_length = node_is(t, call, PY_CALL) && number < LAST_MAX &&
                   str_is(name_of_callee(m, call), "builtins.len") &&
                   call_argument(m, call, 0, NULL, &argument) == ARG_PRESENT &&
                   str_eq(node_text(t, node_unwrap(t, argument)), name);
  *last = is_length ? (uint32_t)number : 0;
  return is_length;
}

static bool is_item_from_end(Model *m, NodeId subscript, Str name, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId index = node_field(t, subscript, FIELD_SUBSCRIPT);
  if (node_ok(node_next_same_field(t, index)) || node_is(t, index, PY_SLICE))
    return false;
  return is_from_end(m, index, last) || is_length_less(m, index, name, last);
}

// Only its truth or size is asked for: a condition, through `not`, `and`, `or`.
static bool is_condition(const Tree *t, NodeId n) {
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    n = node_wrap(t, n);
    NodeId p = node_parent(t, n);
    switch (node_kind(t, p)) {
      case PY_NOT_OPERATOR: n = p; break;
      case PY_BOOLEAN_OPERATOR:
        if (node_role(t, n) == FIELD_LEFT) return true;
        n = p;
        break;
      case PY_IF_STATEMENT:
      case PY_ELIF_CLAUSE:
      case PY_WHILE_STATEMENT: return node_role(t, n) == FIELD_CONDITION;
      case PY_ASSERT_STATEMENT:
      case PY_IF_CLAUSE: return true;
      case PY_CONDITIONAL_EXPRESSION: return node_eq(node_named_at(t, p, 1), n);
      default: return false;
    }
  }
  return false;
}

// `len(x) > 3` needs four to be told from three.
static bool compares_size(Model *m, NodeId n, NodeId comparison, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId left = node_named_at(t, comparison, 0),
         right = node_named_at(t, comparison, 1);
  bool is_left = node_eq(left, n);
  if (node_count_named(t, comparison) != 2) return false;
  NodeId limit = is_left ? right : left;
  int64_t number = 0;
  if (!constant_int(m, limit, &number)) return is_settled(m, limit);
  if (number < 0 || number >= LAST_MAX) return false;
  PyKind sign = node_kind(t, node_field(t, comparison, FIELD_OPERATORS));
  bool is_enough = is_left ? sign == PY_OP_GE || sign == PY_OP_LT
                           : sign == PY_OP_LE || sign == PY_OP_GT;
  *last = (uint32_t)number + (is_enough ? 0u : 1u);
  return true;
}

// `len(x)` that is compared, tested, or says where the end is.
static bool is_size_asked(Model *m, NodeId call, Str name, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, call), p = node_parent(t, n);
  if (!str_is(name_of_callee(m, call), "builtins.len")) return false;
  if (node_is(t, p, PY_COMPARISON_OPERATOR)) return compares_size(m, n, p, last);
  if (node_is(t, p, PY_BINARY_OPERATOR)) return is_length_less(m, p, name, last);
  return is_condition(t, call);
}

static TailUse argument_use(Model *m, NodeId n, NodeId list, uint32_t *last) {
  NodeId call = node_parent(m->tree, list);
  bool is_call = node_is(m->tree, call, PY_CALL);
  Str name = node_text(m->tree, node_unwrap(m->tree, n));
  return is_call && is_size_asked(m, call, name, last) ? TAIL_ASKED : TAIL_OTHER;
}

TailUse tail_use(Model *m, NodeId mention, uint32_t *last) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  Str name = node_text(t, node_unwrap(t, mention));
  *last = 0;
  switch (node_kind(t, p)) {
    case PY_SUBSCRIPT: {
      if (node_role(t, n) != FIELD_VALUE) return TAIL_OTHER;
      if (node_is(t, node_parent(t, node_wrap(t, p)), PY_DELETE_STATEMENT)) {
        return TAIL_OTHER;
      }
      bool is_tail = slice_is_tail(m, p, last) || is_within_tail(m, p, last) ||
                     is_item_from_end(m, p, name, last);
      return is_tail ? TAIL_READ : TAIL_OTHER;
    }
    case PY_ATTRIBUTE: {
      NodeId method = node_field(t, p, FIELD_ATTRIBUTE);
      bool adds =
          node_text_is(t, method, "append") || node_text_is(t, method, "extend");
      return adds ? TAIL_APPENDED : TAIL_OTHER;
    }
    case PY_AUGMENTED_ASSIGNMENT: {
      bool adds = node_role(t, n) == FIELD_LEFT &&
                  node_is(t, node_field(t, p, FIELD_OPERATOR), PY_OP_ADD_ASSIGN);
      return adds ? TAIL_APPENDED : TAIL_OTHER;
    }
    case PY_ARGUMENT_LIST: return argument_use(m, n, p, last);
    case PY_EXPRESSION_STATEMENT: return TAIL_ASKED;
    default: return is_condition(t, mention) ? TAIL_ASKED : TAIL_OTHER;
  }
}
