#include "semantic/context.h"
#include "semantic/keeper.h"

// What is kept to be raised again: then its traceback is what it is kept for.

enum { CLIMB_MAX = 16, ALIAS_DEPTH = 3, USES_MAX = 64 };

static bool is_raised_from(Model *m, NodeId node, uint32_t depth);

static NodeId called_name(const Tree *t, NodeId call) {
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  return node_is(t, callee, PY_ATTRIBUTE) ? node_field(t, callee, FIELD_ATTRIBUTE)
                                          : callee;
}

// Calls that raise their argument here, or where its future, generator or deferred is
// waited for.
static bool is_raising_call(Model *m, NodeId call) {
  static const char *const names[] = {
      "athrow",      "errback", "raise_from",    "raise_with_traceback",
      "raise_again", "reraise", "set_exception", "throw",
      NULL};
  Str name = node_text(m->tree, called_name(m->tree, call));
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  return str_is_any(name, names);
}

static bool is_name_raised(Model *m, NodeId identifier, uint32_t depth) {
  BindingId binding = binding_of(m, identifier);
  if (depth == 0 || !binding_ok(binding)) return false;
  if (binding_get(m, binding)->ref_count > USES_MAX) return true;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (is_raised_from(m, ref_get(m, r)->node, depth - 1)) return true;
  }
  return false;
}

// `error = …`, `kind, error, trace = …`, `for error in …`.
static bool is_target_raised(Model *m, NodeId left, uint32_t depth) {
  const Tree *t = m->tree;
  if (node_is(t, left, PY_IDENTIFIER)) return is_name_raised(m, left, depth);
  if (!node_is(t, left, PY_PATTERN_LIST) && !node_is(t, left, PY_TUPLE_PATTERN))
    return false;
  for (NodeId n = node_first_named(t, left); node_ok(n); n = node_next_named(t, n)) {
    if (node_is(t, n, PY_IDENTIFIER) && is_name_raised(m, n, depth)) return true;
  }
  return false;
}

// The expression around a part of what is kept, a test of it, or its call; NO_NODE where
// it ends.
static NodeId raised_part(const Tree *t, NodeId node, NodeId parent) {
  PyField role = node_role(t, node);
  switch (node_kind(t, parent)) {
    case PY_SUBSCRIPT: return role == FIELD_VALUE ? parent : NO_NODE;
    case PY_ATTRIBUTE: return role == FIELD_OBJECT ? parent : NO_NODE;
    case PY_CALL: return role == FIELD_FUNCTION ? parent : NO_NODE;
    case PY_BOOLEAN_OPERATOR:
    case PY_CONDITIONAL_EXPRESSION:
    case PY_LIST_SPLAT: return parent;
    default: return NO_NODE;
  }
}

// `raise WorkerFailed(self.error)`, `raise error.with_traceback(self.trace)`.
static bool is_argument_of_raise(const Tree *t, NodeId call) {
  NodeId parent = node_parent(t, node_wrap(t, call));
  return node_is(t, parent, PY_RAISE_STATEMENT);
}

static bool is_raised_from(Model *m, NodeId node, uint32_t depth) {
  const Tree *t = m->tree;
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    node = node_wrap(t, node);
    NodeId parent = node_parent(t, node);
    NodeId around = raised_part(t, node, parent);
    if (node_ok(around)) {
      node = around;
      continue;
    }
    switch (node_kind(t, parent)) {
      case PY_RAISE_STATEMENT: return true;
      case PY_ARGUMENT_LIST:  // spread: the call wants type, value and traceback
        return node_is(t, node, PY_LIST_SPLAT) ||
               is_raising_call(m, node_parent(t, parent)) ||
               is_argument_of_raise(t, node_parent(t, parent));
      case PY_ASSIGNMENT:
      case PY_FOR_STATEMENT:
        if (node_role(t, node) != FIELD_RIGHT) return false;
        return is_target_raised(m, node_field(t, parent, FIELD_LEFT), depth);
      case PY_NAMED_EXPRESSION:
        if (node_role(t, node) != FIELD_VALUE) return false;
        return is_name_raised(m, node_field(t, parent, FIELD_NAME), depth);
      default: return false;
    }
  }
  return false;
}

// A method of the class reads the traceback of what it is given: that is what the
// exception is kept for.
static bool reads_traceback(Model *m, NodeId class_node) {
  const Tree *t = m->tree;
  uint32_t after = node_after(t, class_node);
  for (uint32_t i = class_node.i; i < after; i++) {
    NodeId node = (NodeId){i};
    if (!node_is(t, node, PY_ATTRIBUTE) ||
        !node_text_is(t, node_field(t, node, FIELD_ATTRIBUTE), "__traceback__") ||
        node_role(t, node) == FIELD_LEFT) {
      continue;
    }
    NodeId object = node_unwrap(t, node_field(t, node, FIELD_OBJECT));
    const Def *def = def_get(m, binding_only_def(m, binding_of(m, object)));
    bool is_caught = node_is(t, object, PY_IDENTIFIER) && def->kind != DEF_PARAMETER;
    if (!is_caught) return true;
  }
  return false;
}

static bool raises(Model *m, NodeId node, void *data) {
  (void)data;
  return is_raised_from(m, node, ALIAS_DEPTH);
}

bool keeper_is_raised(Model *m, Keeper keeper) {
  bool is_carrier = keeper.kind == KEEPER_SELF &&
                    (class_base_flags(m, keeper.class_node) & BASE_EXCEPTION) != 0;
  return is_carrier || keeper_any_use(m, keeper, raises, NULL) ||
         keeper_any_use_outside(m, keeper, raises) ||
         (keeper.kind == KEEPER_SELF && reads_traceback(m, keeper.class_node));
}

// --- raised at each look-up ----------------------------------------------------------

// `errors[key]` or `errors.get(key)` of this use of `errors`, or NO_NODE.
static NodeId looked_up(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId parent = node_parent(t, node);
  int64_t index = 0;
  if (node_is(t, parent, PY_SUBSCRIPT) && node_role(t, node) == FIELD_VALUE) {
    NodeId key = node_field(t, parent, FIELD_SUBSCRIPT);
    bool is_key = !constant_int(m, key, &index) && !node_is(t, key, PY_SLICE);
    return is_key ? parent : NO_NODE;
  }
  NodeId call = node_parent(t, parent);
  bool gets = node_is(t, parent, PY_ATTRIBUTE) && node_is(t, call, PY_CALL) &&
              node_role(t, parent) == FIELD_FUNCTION &&
              node_text_is(t, node_field(t, parent, FIELD_ATTRIBUTE), "get");
  return gets ? call : NO_NODE;
}

// The `raise` of this very expression, not of what is made from it.
static NodeId raise_of(const Tree *t, NodeId expression) {
  NodeId whole = node_wrap(t, expression), parent = node_parent(t, whole);
  bool is_raised = node_is(t, parent, PY_RAISE_STATEMENT) &&
                   node_eq(node_first_named(t, parent), whole);
  return is_raised ? parent : NO_NODE;
}

static NodeId raise_of_name(Model *m, NodeId name) {
  BindingId binding = binding_of(m, name);
  if (!binding_ok(binding) || binding_get(m, binding)->ref_count > USES_MAX)
    return NO_NODE;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId raise = raise_of(m->tree, ref_get(m, r)->node);
    if (node_ok(raise)) return raise;
  }
  return NO_NODE;
}

static NodeId raise_of_item(Model *m, NodeId item) {
  const Tree *t = m->tree;
  NodeId raise = raise_of(t, item);
  NodeId whole = node_wrap(t, item), parent = node_parent(t, whole);
  NodeId name = NO_NODE;
  if (node_is(t, parent, PY_ASSIGNMENT) && node_role(t, whole) == FIELD_RIGHT) {
    name = node_field(t, parent, FIELD_LEFT);
  } else if (node_is(t, parent, PY_NAMED_EXPRESSION)) {
    name = node_field(t, parent, FIELD_NAME);
  }
  bool is_named = !node_ok(raise) && node_is(t, name, PY_IDENTIFIER);
  return is_named ? raise_of_name(m, name) : raise;
}

// `if key in errors:` around the item.
static bool is_under_membership(const Tree *t, NodeId item, Str keeper) {
  NodeId at = node_ancestor(t, item, PY_IF_STATEMENT);
  for (uint32_t i = 0; node_ok(at) && i < CLIMB_MAX; i++) {
    NodeId test = node_unwrap(t, node_field(t, at, FIELD_CONDITION));
    bool asks = node_is(t, test, PY_COMPARISON_OPERATOR) &&
                node_inside(t, item, node_field(t, at, FIELD_CONSEQUENCE)) &&
                node_ok(node_child(t, test, PY_KW_IN)) &&
                str_eq(node_text(t, node_named_at(t, test, 1)), keeper);
    if (asks) return true;
    at = node_ancestor(t, at, PY_IF_STATEMENT);
  }
  return false;
}

// In a `try` that is left by a KeyError when there is none.
static bool is_tried(Model *m, NodeId item) {
  const Tree *t = m->tree;
  NodeId at = node_ancestor(t, item, PY_TRY_STATEMENT);
  if (!node_ok(at) || !node_inside(t, item, node_field(t, at, FIELD_BODY)))
    return false;
  NodeId handler = node_child(t, at, PY_EXCEPT_CLAUSE);
  return name_is(m, node_first_named(t, handler), "builtins.KeyError");
}

typedef struct LookupRaise {
  Keeper keeper;
  NodeId raise;
} LookupRaise;

static bool raises_looked_up(Model *m, NodeId node, void *data) {
  const Tree *t = m->tree;
  LookupRaise *found = data;
  NodeId item = looked_up(m, node);
  NodeId raise = node_ok(item) ? raise_of_item(m, item) : NO_NODE;
  if (!node_ok(raise)) return false;
  bool may_miss = node_is(t, item, PY_CALL) || is_tried(m, item) ||
                  is_under_membership(t, item, node_text(t, node));
  NodeId function = context_of(m, raise).function;
  if (!may_miss || !node_ok(function) ||
      keeper_is_drained_in(m, found->keeper, function)) {
    return false;
  }
  found->raise = raise;
  return true;
}

NodeId keeper_raised_anew(Model *m, Keeper keeper) {
  LookupRaise found = {.keeper = keeper};
  keeper_any_use(m, keeper, raises_looked_up, &found);
  return found.raise;
}
