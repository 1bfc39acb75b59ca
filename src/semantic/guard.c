#include "semantic/guard.h"

#include "semantic/calls.h"

enum { FRAMES = 64, STATEMENTS = 256, OPERANDS = 16, LAYERS = 4 };

// --- what is walked through ----------------------------------------------------------

// `xs` of `enumerate(xs)`, `sorted(xs)`, `d.items()`; NO_NODE for other expressions.
static NodeId container_of(Model *m, NodeId source) {
  static const char *const wrappers[] = {"builtins.enumerate", "builtins.iter",
                                         "builtins.reversed",  "builtins.sorted",
                                         "builtins.list",      "builtins.zip"};
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, source);
  for (uint32_t i = 0; i < LAYERS && node_is(t, e, PY_CALL); i++) {
    Str method = STR_NONE, name = name_of_callee(m, e);
    NodeId receiver = call_receiver(m, e, &method), inner = NO_NODE;
    bool view =
        str_is(method, "items") || str_is(method, "keys") || str_is(method, "values");
    if (name.n == 0 && node_ok(receiver) && view) inner = receiver;
    for (size_t k = 0; k < sizeof wrappers / sizeof *wrappers; k++) {
      if (str_is(name, wrappers[k])) call_argument(m, e, 0, NULL, &inner);
    }
    if (!node_ok(inner)) return NO_NODE;
    e = node_unwrap(t, inner);
  }
  bool place = node_is(t, e, PY_IDENTIFIER) || node_is(t, e, PY_ATTRIBUTE);
  return place ? e : NO_NODE;
}

static bool is_same(Model *m, NodeId a, NodeId b) {
  const Tree *t = m->tree;
  if (node_kind(t, a) != node_kind(t, b) || !str_eq(node_text(t, a), node_text(t, b))) {
    return false;
  }
  if (!node_is(t, a, PY_IDENTIFIER)) return true;
  if (binding_of(m, a).i != binding_of(m, b).i) return false;
  if (!ref_ok(ref_at(m, a)) || !ref_ok(ref_at(m, b))) return true;
  DefId one = flow_only_def(m, a), other = flow_only_def(m, b);
  return !def_ok(one) || !def_ok(other) || one.i == other.i;
}

// --- conditions ----------------------------------------------------------------------

static bool is_length_of(Model *m, NodeId e, NodeId container) {
  NodeId argument = NO_NODE;
  return node_is(m->tree, e, PY_CALL) && str_is(name_of_callee(m, e), "builtins.len") &&
         call_argument(m, e, 0, NULL, &argument) == ARG_PRESENT &&
         is_same(m, node_unwrap(m->tree, argument), container);
}

// `left SIGN right` holds, or does not: is the length small then?
static bool comparison_limits(Model *m, NodeId left, Str sign, NodeId right,
                              NodeId container, bool holds) {
  const Tree *t = m->tree;
  left = node_unwrap(t, left);
  right = node_unwrap(t, right);
  bool forward = is_length_of(m, left, container);
  if (!forward && !is_length_of(m, right, container)) return false;
  int64_t limit = 0;
  if (!constant_int(m, forward ? right : left, &limit) || limit >= SMALL_SIZE) {
    return false;
  }
  if (str_is(sign, "==")) return holds;
  if (str_is(sign, "!=")) return !holds;
  bool below = str_is(sign, "<") || str_is(sign, "<=");
  bool above = str_is(sign, ">") || str_is(sign, ">=");
  return (below || above) && (below == forward) == holds;
}

static bool comparisons_limit(Model *m, NodeId e, NodeId container, bool holds) {
  const Tree *t = m->tree;
  NodeId sign = node_field(t, e, FIELD_OPERATORS), left = node_first_named(t, e);
  bool chain = node_count_named(t, e) > 2;
  for (uint32_t i = 0; i < OPERANDS && node_ok(sign) && (holds || !chain); i++) {
    NodeId right = node_next_named(t, left);
    if (!node_ok(right)) return false;
    if (comparison_limits(m, left, node_text(t, sign), right, container, holds)) {
      return true;
    }
    left = right;
    sign = node_next_same_field(t, sign);
  }
  return false;
}

static bool condition_limits(Model *m, NodeId condition, NodeId container, bool holds) {
  const Tree *t = m->tree;
  struct {
    NodeId e;
    bool holds;
  } todo[OPERANDS] = {{condition, holds}};
  for (uint32_t done = 0, count = 1; done < count; done++) {
    NodeId e = node_unwrap(t, todo[done].e);
    bool yes = todo[done].holds;
    if (node_is(t, e, PY_COMPARISON_OPERATOR)) {
      if (comparisons_limit(m, e, container, yes)) return true;
    } else if (node_is(t, e, PY_NOT_OPERATOR) && count < OPERANDS) {
      todo[count].e = node_field(t, e, FIELD_ARGUMENT);
      todo[count++].holds = !yes;
    } else if (node_is(t, e, PY_BOOLEAN_OPERATOR) && count + 1 < OPERANDS) {
      bool both = node_is(t, node_field(t, e, FIELD_OPERATOR), PY_KW_AND);
      if (both != yes) continue;
      todo[count].e = node_field(t, e, FIELD_LEFT);
      todo[count++].holds = yes;
      todo[count].e = node_field(t, e, FIELD_RIGHT);
      todo[count++].holds = yes;
    }
  }
  return false;
}

// --- statements ----------------------------------------------------------------------

static bool block_leaves(const Tree *t, NodeId block) {
  NodeId last = NO_NODE;
  uint32_t seen = 0;
  for (NodeId s = node_first_named(t, block); node_ok(s) && seen < STATEMENTS;
       s = node_next_named(t, s), seen++) {
    last = s;
  }
  PyKind kind = node_kind(t, last);
  return kind == PY_RETURN_STATEMENT || kind == PY_RAISE_STATEMENT ||
         kind == PY_CONTINUE_STATEMENT || kind == PY_BREAK_STATEMENT;
}

// Behind the statement the length is small: each branch up to the one that tests it is
// left for good.
static bool statement_limits(Model *m, NodeId statement, NodeId container) {
  const Tree *t = m->tree;
  if (node_is(t, statement, PY_ASSERT_STATEMENT)) {
    return condition_limits(m, node_first_named(t, statement), container, true);
  }
  if (!node_is(t, statement, PY_IF_STATEMENT)) return false;
  NodeId branch = statement;
  uint32_t seen = 0;
  for (NodeId c = node_first_named(t, statement); node_ok(c) && seen < STATEMENTS;
       c = node_next_named(t, c), seen++) {
    bool condition = node_role(t, c) == FIELD_CONDITION;
    if (!condition && !node_is(t, c, PY_ELIF_CLAUSE)) continue;
    if (!condition) branch = c;
    if (!block_leaves(t, node_field(t, branch, FIELD_CONSEQUENCE))) return false;
    if (condition_limits(m, node_field(t, branch, FIELD_CONDITION), container, false)) {
      return true;
    }
  }
  return false;
}

static bool statements_limit(Model *m, NodeId block, NodeId stop, NodeId container) {
  const Tree *t = m->tree;
  uint32_t seen = 0;
  for (NodeId s = node_first_named(t, block);
       node_ok(s) && !node_eq(s, stop) && seen < STATEMENTS;
       s = node_next_named(t, s), seen++) {
    if (statement_limits(m, s, container)) return true;
  }
  return false;
}

// The conditions of an if statement and its elifs, up to the clause `stop`, fail.
static bool failed_ones_limit(Model *m, NodeId statement, NodeId stop,
                              NodeId container) {
  const Tree *t = m->tree;
  NodeId condition = node_field(t, statement, FIELD_CONDITION);
  if (condition_limits(m, condition, container, false)) return true;
  uint32_t seen = 0;
  for (NodeId c = node_first_named(t, statement);
       node_ok(c) && !node_eq(c, stop) && seen < STATEMENTS;
       c = node_next_named(t, c), seen++) {
    if (node_is(t, c, PY_ELIF_CLAUSE) &&
        condition_limits(m, node_field(t, c, FIELD_CONDITION), container, false)) {
      return true;
    }
  }
  return false;
}

// What `up` says about the length where its child `e` is evaluated.
static bool frame_limits(Model *m, NodeId up, NodeId e, NodeId container) {
  const Tree *t = m->tree;
  switch (node_kind(t, up)) {
    case PY_BLOCK:
    case PY_MODULE: return statements_limit(m, up, e, container);
    case PY_IF_STATEMENT:
      if (node_role(t, e) == FIELD_ALTERNATIVE) {
        return failed_ones_limit(m, up, e, container);
      }
      return node_role(t, e) == FIELD_CONSEQUENCE &&
             condition_limits(m, node_field(t, up, FIELD_CONDITION), container, true);
    case PY_ELIF_CLAUSE:
      return node_role(t, e) == FIELD_CONSEQUENCE &&
             condition_limits(m, node_field(t, up, FIELD_CONDITION), container, true);
    case PY_CONDITIONAL_EXPRESSION: {
      NodeId condition = node_named_at(t, up, 1);
      return !node_eq(e, condition) &&
             condition_limits(m, condition, container,
                              node_eq(e, node_named_at(t, up, 0)));
    }
    case PY_BOOLEAN_OPERATOR: {
      bool both = node_is(t, node_field(t, up, FIELD_OPERATOR), PY_KW_AND);
      return node_role(t, e) == FIELD_RIGHT &&
             condition_limits(m, node_field(t, up, FIELD_LEFT), container, both);
    }
    default: return false;
  }
}

bool length_is_guarded(Model *m, NodeId source, NodeId at) {
  const Tree *t = m->tree;
  NodeId container = container_of(m, source), e = at;
  for (uint32_t i = 0; node_ok(container) && i < FRAMES && node_ok(e); i++) {
    NodeId up = node_parent(t, e);
    if (node_is(t, e, PY_FUNCTION_DEFINITION) || node_is(t, e, PY_LAMBDA)) break;
    if (node_ok(up) && frame_limits(m, up, e, container)) return true;
    e = up;
  }
  return false;
}

bool length_is_guarded_in(Model *m, NodeId block, NodeId container) {
  return statements_limit(m, block, NO_NODE, container);
}
