#include "semantic/once.h"

#include "semantic/calls.h"
#include "semantic/held.h"

enum {
  FRAMES = 64,
  STATEMENTS = 256,
  TEST_NODES = 256,
  DEFS_READ = 16,
  FUNCTION_NODES = 16384
};

typedef struct Question {
  Model *m;
  NodeId node, function, owner;
  BindingId self;
} Question;

static OnceKind stronger(OnceKind a, OnceKind b) { return a > b ? a : b; }

// --- what a test looks at ------------------------------------------------------------

// A global that some function binds anew.
static bool is_rebound_global(Model *m, NodeId identifier) {
  BindingId binding = binding_of(m, identifier);
  if (binding_get(m, binding)->scope.i != MODULE_SCOPE.i) return false;
  uint32_t read = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (def_get(m, d)->scope.i != MODULE_SCOPE.i || ++read > DEFS_READ) return true;
  }
  return false;
}

static NodeId root_of(const Tree *t, NodeId n) {
  while (node_is(t, n, PY_ATTRIBUTE))
    n = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
  return n;
}

// `self._done = True`, `cls._done = True`, `C._done = True` in the same function.
static OnceKind once_by_setting(const Question *q, NodeId attribute) {
  const Tree *t = q->m->tree;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  uint32_t after = node_after(t, q->function), first = q->function.i;
  OnceKind kind = ONCE_NOT;
  if (after - first > FUNCTION_NODES) return ONCE_FOR_ALL;
  for (uint32_t i = first; i < after && kind != ONCE_FOR_ALL; i++) {
    NodeId n = {i};
    bool is_set = node_is(t, n, PY_ATTRIBUTE) && node_role(t, n) == FIELD_LEFT &&
                  str_eq(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)), name);
    if (!is_set) continue;
    NodeId object = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
    bool is_own = binding_ok(q->self) && is_object(q->m, root_of(t, object), q->self);
    kind = stronger(kind, is_own ? ONCE_FOR_EACH : ONCE_FOR_ALL);
  }
  return kind;
}

static OnceKind once_by_attribute(const Question *q, NodeId attribute) {
  Model *m = q->m;
  const Tree *t = m->tree;
  NodeId object = node_unwrap(t, node_field(t, attribute, FIELD_OBJECT));
  Str owner = node_text(t, q->owner);
  bool is_owner = node_ok(q->owner) && (str_eq(node_text(t, object), owner) ||
                                        str_eq(node_text(t, attribute), owner));
  if (is_owner || value_of(m, object).kind == VALUE_LOGGER) return ONCE_FOR_ALL;
  return node_role(t, attribute) == FIELD_FUNCTION ? ONCE_NOT
                                                   : once_by_setting(q, attribute);
}

static bool says_state(Str name) {
  static const char *const parts[] = {"has",   "is_",     "regist", "install",
                                      "conf",  "init",    "ready",  "exist",
                                      "setup", "contain", "done",   "start"};
  for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (str_contains(name, str_from(parts[i]))) return true;
  }
  return false;
}

bool call_tells_option(Model *m, NodeId call) {
  const Tree *t = m->tree;
  NodeId callee = node_unwrap(t, call_callee(m, call));
  if (call_is_pure(m, call)) return true;
  if (!node_is(t, callee, PY_ATTRIBUTE)) return false;
  Str method = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
  NodeId root = root_of(t, callee);
  bool is_outside = (binding_get(m, binding_of(m, root))->flags & BIND_IMPORTED) != 0;
  return is_outside && !says_state(method);
}

// Whatever a call tells may change, unless it is known to tell an option; what its
// arguments say is looked at by itself.
static OnceKind once_by_call(const Question *q, NodeId call) {
  Model *m = q->m;
  Str name = name_of_callee(m, call);
  NodeId object = NO_NODE;
  bool asks = str_is(name, "builtins.hasattr") || str_is(name, "builtins.getattr");
  if (asks && call_argument(m, call, 0, NULL, &object) == ARG_PRESENT) {
    bool is_own = binding_ok(q->self) && is_object(m, object, q->self);
    return is_own ? ONCE_FOR_EACH : ONCE_FOR_ALL;
  }
  return call_tells_option(m, call) ? ONCE_NOT : ONCE_FOR_ALL;
}

// `x not in sys.path`: what is tested may have got it; a display cannot.
static OnceKind once_by_membership(const Question *q, NodeId comparison) {
  const Tree *t = q->m->tree;
  NodeId sign = node_field(t, comparison, FIELD_OPERATORS);
  Str text = node_text(t, sign);
  if (!str_is(text, "in") && !str_starts(text, STR("not"))) return ONCE_NOT;
  NodeId right = node_unwrap(t, node_next_named(t, node_first_named(t, comparison)));
  bool may_get = node_is(t, right, PY_IDENTIFIER) || node_is(t, right, PY_ATTRIBUTE) ||
                 node_is(t, right, PY_CALL);
  if (!may_get) return ONCE_NOT;
  bool is_own = binding_ok(q->self) && is_object(q->m, root_of(t, right), q->self);
  return is_own ? ONCE_FOR_EACH : ONCE_FOR_ALL;
}

static OnceKind once_by_test(const Question *q, NodeId test) {
  const Tree *t = q->m->tree;
  OnceKind kind = ONCE_NOT;
  uint32_t after = node_after(t, test);
  if (after - test.i > TEST_NODES) return ONCE_FOR_ALL;
  for (uint32_t i = test.i; i < after && kind != ONCE_FOR_ALL; i++) {
    NodeId n = {i};
    switch (node_kind(t, n)) {
      case PY_IDENTIFIER:
        if (node_role(t, n) != FIELD_ATTRIBUTE && is_rebound_global(q->m, n))
          kind = ONCE_FOR_ALL;
        break;
      case PY_ATTRIBUTE: kind = stronger(kind, once_by_attribute(q, n)); break;
      case PY_CALL: kind = stronger(kind, once_by_call(q, n)); break;
      case PY_COMPARISON_OPERATOR:
        kind = stronger(kind, once_by_membership(q, n));
        break;
      default: break;
    }
  }
  return kind;
}

// `handlers = logger.handlers` above, `if handlers:` here.
static OnceKind once_by_condition(const Question *q, NodeId test) {
  const Tree *t = q->m->tree;
  OnceKind kind = once_by_test(q, test);
  uint32_t after = node_after(t, test);
  for (uint32_t i = test.i; i < after && kind == ONCE_NOT; i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(q->m, n))) continue;
    const Def *def = def_get(q->m, flow_only_def(q->m, n));
    bool is_local = def->kind == DEF_ASSIGN && def->scope.i != MODULE_SCOPE.i;
    if (is_local) kind = once_by_test(q, def->value);
  }
  return kind;
}

// --- where tests stand ---------------------------------------------------------------

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

// `if done: return` before the statement in its block.
static OnceKind once_above(const Question *q, NodeId statement) {
  const Tree *t = q->m->tree;
  OnceKind kind = ONCE_NOT;
  uint32_t seen = 0;
  for (NodeId s = node_first_named(t, node_parent(t, statement));
       node_ok(s) && s.i < statement.i && seen < STATEMENTS;
       s = node_next_named(t, s), seen++) {
    bool leaves = node_is(t, s, PY_IF_STATEMENT) &&
                  block_leaves(t, node_field(t, s, FIELD_CONSEQUENCE));
    if (leaves)
      kind = stronger(kind, once_by_condition(q, node_field(t, s, FIELD_CONDITION)));
  }
  return kind;
}

static OnceKind once_by_frame(const Question *q, NodeId frame, NodeId inside) {
  const Tree *t = q->m->tree;
  switch (node_kind(t, frame)) {
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE: {
      NodeId test = node_field(t, frame, FIELD_CONDITION);
      return node_eq(test, inside) ? ONCE_NOT : once_by_condition(q, test);
    }
    case PY_BOOLEAN_OPERATOR: {
      NodeId left = node_field(t, frame, FIELD_LEFT);
      return node_eq(left, inside) ? ONCE_NOT : once_by_condition(q, left);
    }
    case PY_CONDITIONAL_EXPRESSION: return once_by_condition(q, frame);
    case PY_EXCEPT_CLAUSE:
    case PY_CASE_CLAUSE: return ONCE_FOR_ALL;
    case PY_BLOCK: return once_above(q, inside);
    default: return ONCE_NOT;
  }
}

static bool is_called_once(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, function);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return false;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (cache_of_decorator(m, d).fact != NULL) return true;
    Str name = name_last_part(name_of_decorator(m, d));
    if (str_contains(name, STR("once"))) return true;
  }
  return false;
}

OnceKind once_of(Model *m, NodeId node, NodeId owner) {
  const Tree *t = m->tree;
  Question q = {m, node, context_of(m, node).function, owner, self_around(m, node)};
  if (!node_ok(q.function)) return ONCE_NOT;
  if (is_called_once(m, q.function)) return ONCE_FOR_ALL;
  OnceKind kind = ONCE_NOT;
  NodeId inside = node, frame = node_parent(t, node);
  for (uint32_t i = 0; node_ok(frame) && !node_eq(inside, q.function); i++) {
    if (i == FRAMES) return ONCE_FOR_ALL;
    kind = stronger(kind, once_by_frame(&q, frame, inside));
    inside = frame;
    frame = node_parent(t, frame);
  }
  return kind;
}
