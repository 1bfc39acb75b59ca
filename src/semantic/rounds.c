#include "semantic/rounds.h"

enum { LOOP_LONGEST = 20000, NAMES_ASKED = 8 };  // nodes; names in a condition

// `range(x.ndim)`, `x.shape`: the axes of an array are few.
static bool walks_axes(const Tree *t, NodeId source) {
  for (NodeId n = source; n.i < node_after(t, source); n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE)) continue;
    NodeId name = node_field(t, n, FIELD_ATTRIBUTE);
    bool is_all = node_eq(n, source) && node_text_is(t, name, "shape");
    if (is_all || node_text_is(t, name, "ndim")) return true;
  }
  return false;
}

static bool is_length(Model *m, NodeId e) {
  return node_is(m->tree, e, PY_CALL) && str_is(name_of_callee(m, e), "builtins.len");
}

// `len(line) % 8`, in whatever comparison.
static bool fills_up(Model *m, NodeId condition) {
  const Tree *t = m->tree;
  for (NodeId n = condition; n.i < node_after(t, condition); n.i++) {
    bool rest = node_is(t, n, PY_BINARY_OPERATOR) &&
                node_text_is(t, node_field(t, n, FIELD_OPERATOR), "%");
    if (rest && is_length(m, node_unwrap(t, node_field(t, n, FIELD_LEFT)))) return true;
  }
  return false;
}

// `4`, `min(4, wanted)`
static bool is_small_number(Model *m, NodeId e) {
  int64_t limit = 0;
  NodeId call = node_unwrap(m->tree, e);
  if (constant_int(m, e, &limit)) return limit < SMALL_SIZE;
  if (!node_is(m->tree, call, PY_CALL) ||
      !str_is(name_of_callee(m, call), "builtins.min")) {
    return false;
  }
  NodeId a = node_first_named(m->tree, node_field(m->tree, call, FIELD_ARGUMENTS));
  for (; node_ok(a); a = node_next_named(m->tree, a)) {
    if (constant_int(m, a, &limit) && limit < SMALL_SIZE) return true;
  }
  return false;
}

// `len(head) < 4`
static bool reaches_small(Model *m, NodeId condition) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, condition);
  NodeId left = node_unwrap(t, node_first_named(t, e));
  NodeId right = node_next_named(t, node_first_named(t, e));
  if (!node_is(t, e, PY_COMPARISON_OPERATOR) || !is_length(m, left)) return false;
  NodeId sign = node_field(t, e, FIELD_OPERATORS);
  bool below = node_text_is(t, sign, "<") || node_text_is(t, sign, "<=") ||
               node_text_is(t, sign, "!=");
  return below && is_small_number(m, right);
}

static bool divides(const Tree *t, NodeId operation) {
  NodeId sign = node_field(t, operation, FIELD_OPERATOR);
  return node_text_is(t, sign, ">>") || node_text_is(t, sign, "//") ||
         node_text_is(t, sign, ">>=") || node_text_is(t, sign, "//=");
}

// `number >>= 7`, `number = number // 10`, `number, digit = divmod(number, 10)`
static bool takes_digits(Model *m, NodeId loop, NodeId number) {
  const Tree *t = m->tree;
  BindingId b = binding_of(m, number);
  if (!binding_ok(b) || node_after(t, loop) - loop.i > LOOP_LONGEST) return false;
  for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (!node_inside(t, def->node, loop)) continue;
    NodeId made = node_unwrap(t, def->value);
    if (def->kind == DEF_AUGMENTED && divides(t, def->statement)) return true;
    NodeId from = NO_NODE;
    if (node_is(t, made, PY_BINARY_OPERATOR) && divides(t, made)) {
      from = node_unwrap(t, node_field(t, made, FIELD_LEFT));
    } else if (node_is(t, made, PY_CALL) &&
               str_is(name_of_callee(m, made), "builtins.divmod")) {
      from = node_first_named(t, node_field(t, made, FIELD_ARGUMENTS));
    }
    if (node_ok(from) && binding_of(m, from).i == b.i) return true;
  }
  return false;
}

// The condition is about a number whose digits the loop takes.
static bool walks_digits(Model *m, NodeId loop, NodeId condition) {
  const Tree *t = m->tree;
  uint32_t asked = 0;
  for (NodeId n = condition; n.i < node_after(t, condition); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(m, n))) continue;
    if (++asked > NAMES_ASKED) return false;
    if (takes_digits(m, loop, n)) return true;
  }
  return false;
}

bool loop_has_few_rounds(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  if (node_is(t, loop, PY_WHILE_STATEMENT)) {
    NodeId condition = node_field(t, loop, FIELD_CONDITION);
    return fills_up(m, condition) || reaches_small(m, condition) ||
           walks_digits(m, loop, condition);
  }
  if (!node_is(t, loop, PY_FOR_STATEMENT)) return true;
  NodeId source = node_field(t, loop, FIELD_RIGHT);
  return size_is_small(value_of(m, source)) || walks_axes(t, source);
}
