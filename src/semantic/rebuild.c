#include "semantic/rebuild.h"

#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/rounds.h"

enum { CHAIN_DEFS = 24, ROUNDS_WALKED = 64 };

// The definitions that the object may come from, itself included.
typedef struct Chain {
  Model *m;
  BindingId binding;
  ValueKind kind;
  DefId defs[CHAIN_DEFS];
  bool rebuilds[CHAIN_DEFS];  // else it is fresh there
  NodeId fresh[CHAIN_DEFS];
  uint32_t count, fresh_count;
} Chain;

// --- forms ---------------------------------------------------------------------------

static RebuildForm operator_of(Model *m, NodeId right, Rebuild *r) {
  const Tree *t = m->tree;
  NodeId sign = node_field(t, right, FIELD_OPERATOR);
  if (!node_text_is(t, sign, "+") && !node_text_is(t, sign, "|")) return REBUILD_NONE;
  r->old = node_field(t, right, FIELD_LEFT);
  r->added = node_field(t, right, FIELD_RIGHT);
  return REBUILD_OPERATOR;
}

static RebuildForm splat_of(Model *m, NodeId right, Rebuild *r) {
  const Tree *t = m->tree;
  NodeId first = node_first_named(t, right);
  while (node_is(t, first, PY_COMMENT)) first = node_next_named(t, first);
  bool splat =
      node_is(t, first, PY_LIST_SPLAT) || node_is(t, first, PY_DICTIONARY_SPLAT);
  if (!splat) return REBUILD_NONE;
  r->old = node_first_named(t, first);
  r->added = node_next_named(t, first);
  return node_ok(r->added) ? REBUILD_SPLAT : REBUILD_NONE;
}

static Rebuild form_of(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  Rebuild r = {.assignment = assignment};
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  NodeId right = node_unwrap(t, node_field(t, assignment, FIELD_RIGHT));
  if (!node_is(t, left, PY_IDENTIFIER) ||
      !node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT)) {
    return r;
  }
  RebuildForm form = REBUILD_NONE;
  r.made = right;
  if (node_is(t, assignment, PY_AUGMENTED_ASSIGNMENT)) {
    if (!node_text_is(t, node_field(t, assignment, FIELD_OPERATOR), "+=")) return r;
    r.old = left;
    r.added = right;
    r.made = assignment;
    form = REBUILD_GROWN;
  } else if (node_is(t, right, PY_BINARY_OPERATOR)) {
    form = operator_of(m, right, &r);
  } else if (node_is(t, right, PY_LIST) || node_is(t, right, PY_TUPLE) ||
             node_is(t, right, PY_SET) || node_is(t, right, PY_DICTIONARY)) {
    form = splat_of(m, right, &r);
  }
  bool same = form != REBUILD_NONE && node_is(t, r.old, PY_IDENTIFIER) &&
              str_eq(node_text(t, r.old), node_text(t, left));
  r.form = same ? form : REBUILD_NONE;
  return r;
}

// The operator, or the brackets, belong to a kind.
static bool form_suits(Model *m, const Rebuild *r, ValueKind kind) {
  const Tree *t = m->tree;
  switch (r->form) {
    case REBUILD_GROWN: return kind == VALUE_TUPLE;
    case REBUILD_SPLAT:
      switch (node_kind(t, r->made)) {
        case PY_LIST: return kind == VALUE_LIST;
        case PY_TUPLE: return kind == VALUE_TUPLE;
        case PY_SET: return kind == VALUE_SET;
        default: return kind == VALUE_DICT;
      }
    case REBUILD_OPERATOR:
      if (node_text_is(t, node_field(t, r->made, FIELD_OPERATOR), "+")) {
        return kind == VALUE_LIST || kind == VALUE_TUPLE;
      }
      return kind == VALUE_SET || kind == VALUE_DICT;
    default: return false;
  }
}

// --- the chain of definitions --------------------------------------------------------

// A list, tuple, set or dict that the expression makes on the spot, exactly of the type.
static ValueKind fresh_kind(Model *m, NodeId e) {
  const Tree *t = m->tree;
  switch (node_kind(t, e)) {
    case PY_LIST:
    case PY_LIST_COMPREHENSION: return VALUE_LIST;
    case PY_TUPLE: return VALUE_TUPLE;
    case PY_SET:
    case PY_SET_COMPREHENSION: return VALUE_SET;
    case PY_DICTIONARY:
    case PY_DICTIONARY_COMPREHENSION: return VALUE_DICT;
    case PY_CALL: break;
    default: return VALUE_UNKNOWN;
  }
  Str name = name_of_callee(m, e);
  if (str_is(name, "builtins.list") || str_is(name, "builtins.sorted"))
    return VALUE_LIST;
  if (str_is(name, "builtins.tuple")) return VALUE_TUPLE;
  if (str_is(name, "builtins.set")) return VALUE_SET;
  return str_is(name, "builtins.dict") ? VALUE_DICT : VALUE_UNKNOWN;
}

// What is bound, through `a, b = [], []`; nothing where two names get one object.
static NodeId bound_value(Model *m, const Def *def) {
  const Tree *t = m->tree;
  bool plain = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
  if (!plain || !node_ok(def->value)) return NO_NODE;
  if (node_is(t, node_parent(t, def->statement), PY_ASSIGNMENT)) return NO_NODE;
  if (node_is(t, node_field(t, def->statement, FIELD_RIGHT), PY_ASSIGNMENT)) {
    return NO_NODE;
  }
  NodeId value = node_unwrap(t, def->value);
  if ((def->flags & DEF_UNPACKED) == 0) return value;
  if ((def->flags & (DEF_STARRED | DEF_NESTED)) != 0) return NO_NODE;
  bool row = node_is(t, value, PY_EXPRESSION_LIST) || node_is(t, value, PY_TUPLE);
  if (!row || node_ok(node_child(t, value, PY_LIST_SPLAT))) return NO_NODE;
  return node_unwrap(t, node_named_at(t, value, def->index));
}

static bool chain_has(const Chain *c, DefId def) {
  for (uint32_t i = 0; i < c->count; i++) {
    if (c->defs[i].i == def.i) return true;
  }
  return false;
}

// Where a definition that goes on with the object reads it, or NO_NODE.
static NodeId continued_from(Model *m, const Def *def) {
  if (def->kind == DEF_AUGMENTED) return def->node;
  if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED) return NO_NODE;
  Rebuild r = form_of(m, def->statement);
  return r.form == REBUILD_NONE ? NO_NODE : r.old;
}

static bool chain_adds_use(Chain *c, NodeId use) {
  DefList defs = flow_defs_reaching(c->m, ref_at(c->m, use));
  if (defs.unknown || defs.count == 0) return false;
  for (uint32_t i = 0; i < defs.count; i++) {
    if (chain_has(c, defs.items[i])) continue;
    if (c->count == CHAIN_DEFS) return false;
    c->defs[c->count++] = defs.items[i];
  }
  return true;
}

static bool chain_follow(Chain *c, NodeId use) {
  if (!chain_adds_use(c, use)) return false;
  for (uint32_t i = 0; i < c->count; i++) {
    const Def *def = def_get(c->m, c->defs[i]);
    NodeId from = continued_from(c->m, def);
    c->rebuilds[i] = node_ok(from);
    if (node_ok(from)) {
      if (!chain_adds_use(c, from)) return false;
      continue;
    }
    NodeId value = bound_value(c->m, def);
    ValueKind kind = node_ok(value) ? fresh_kind(c->m, value) : VALUE_UNKNOWN;
    if (kind == VALUE_UNKNOWN) return false;
    if (c->kind != VALUE_UNKNOWN && c->kind != kind) return false;
    c->kind = kind;
    c->fresh[c->fresh_count++] = def->node;
  }
  return c->fresh_count > 0;
}

// --- uses ----------------------------------------------------------------------------

static bool call_only_looks(Model *m, NodeId call) {
  static const char *const looking[] = {
      "builtins.len",  "builtins.sorted", "builtins.tuple", "builtins.list",
      "builtins.set",  "builtins.dict",   "builtins.sum",   "builtins.min",
      "builtins.max",  "builtins.any",    "builtins.all",   "builtins.str",
      "builtins.repr", "builtins.print",  "builtins.bool",  "builtins.frozenset"};
  Str name = name_of_callee(m, call);
  for (size_t i = 0; i < sizeof looking / sizeof *looking; i++) {
    if (str_is(name, looking[i])) return true;
  }
  Str method;
  NodeId receiver = call_receiver(m, call, &method);
  return node_ok(receiver) && str_is(method, "join") &&
         value_of(m, receiver).kind == VALUE_STR;
}

// Views keep the dict that they are made of.
static bool method_only_looks(Model *m, NodeId call) {
  Str method;
  if (!node_ok(call_receiver(m, call, &method))) return false;
  return !str_is(method, "keys") && !str_is(method, "values") &&
         !str_is(method, "items") && !str_starts(method, STR("__"));
}

static bool walk_only_looks(Model *m, const Chain *c, NodeId walk) {
  const Tree *t = m->tree;
  NodeId around = node_parent(t, walk);
  switch (node_kind(t, walk)) {
    case PY_LIST_SPLAT:
    case PY_DICTIONARY_SPLAT: return true;
    case PY_FOR_IN_CLAUSE: return !node_is(t, around, PY_GENERATOR_EXPRESSION);
    case PY_FOR_STATEMENT: break;
    default: return false;
  }
  for (uint32_t i = 0; i < c->count; i++) {
    if (c->rebuilds[i] && node_inside(t, def_get(m, c->defs[i])->node, walk)) {
      return false;
    }
  }
  return true;
}

static bool use_only_looks(Model *m, const Chain *c, NodeId name) {
  Use use = use_of(m, name);
  if (use.through != 0) return false;
  switch (use.kind) {
    case USE_TESTED:
    case USE_INDEXED:
    case USE_OPERAND:
    case USE_DROPPED: return true;
    case USE_METHOD: return method_only_looks(m, use.call);
    case USE_CALL: return call_only_looks(m, use.call);
    case USE_ITERATED: return walk_only_looks(m, c, use.node);
    default: return false;
  }
}

// No way leads from the use to the rebuilding with the same object.
static bool is_after_all(Model *m, const Chain *c, NodeId use, NodeId old) {
  return flow_reaches_avoiding(m, use, old, c->fresh, c->fresh_count) == ANSWER_NO;
}

static bool reads_chain(Model *m, const Chain *c, RefId ref) {
  DefList defs = flow_defs_reaching(m, ref);
  if (defs.unknown) return true;
  for (uint32_t i = 0; i < defs.count; i++) {
    if (chain_has(c, defs.items[i])) return true;
  }
  return false;
}

static bool is_seen(Model *m, const Chain *c, const Rebuild *r) {
  const Tree *t = m->tree;
  uint32_t walked = 0;
  for (RefId ref = ref_first(m, c->binding); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId use = ref_get(m, ref)->node;
    if (++walked > ROUNDS_WALKED) return true;
    if (node_eq(use, r->old) || def_ok(def_at(m, use))) continue;
    if (!reads_chain(m, c, ref)) continue;
    NodeId splat = node_parent(t, use);
    bool splatted =
        node_is(t, splat, PY_LIST_SPLAT) || node_is(t, splat, PY_DICTIONARY_SPLAT);
    if (splatted || use_only_looks(m, c, use)) continue;
    if (!is_after_all(m, c, use, r->old)) return true;
  }
  return false;
}

// --- loops ---------------------------------------------------------------------------

// The outermost loop that carries the object on, and has more than a few rounds.
static NodeId carrying_loop(Model *m, const Chain *c, NodeId assignment) {
  const Tree *t = m->tree;
  NodeId found = NO_NODE;
  for (NodeId loop = loop_around(m, assignment, NO_NODE); node_ok(loop);
       loop = loop_around(m, assignment, loop)) {
    bool starts_outside = false;
    for (uint32_t i = 0; i < c->fresh_count; i++) {
      if (!node_inside(t, c->fresh[i], loop)) starts_outside = true;
    }
    if (!starts_outside) break;
    if (!node_ok(found) && !loop_has_few_rounds(m, loop)) found = loop;
  }
  return found;
}

static const char *variable_refusal(Model *m, BindingId b) {
  const Binding *binding = binding_get(m, b);
  const uint32_t shared = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                          BIND_IN_ERROR | BIND_CLASS_CELL | BIND_FREE;
  const Scope *scope = scope_get(m, binding->scope);
  if (scope->kind != SCOPE_FUNCTION || (scope->flags & SCOPE_DYNAMIC) != 0) {
    return "others may read the variable";
  }
  return (binding->flags & shared) != 0 ? "others may read the variable" : NULL;
}

Rebuild rebuild_of(Model *m, NodeId assignment) {
  Rebuild r = form_of(m, assignment);
  if (r.form == REBUILD_NONE) return r;
  BindingId b = binding_of(m, r.old);
  if (!binding_ok(b) || !node_ok(loop_around(m, assignment, NO_NODE))) {
    r.form = REBUILD_NONE;
    return r;
  }
  r.refusal = variable_refusal(m, b);
  if (r.refusal != NULL) return r;
  Chain c = {.m = m, .binding = b};
  if (!chain_follow(&c, r.old)) {
    r.refusal = "it is not known to be the function's own";
  } else if (!form_suits(m, &r, c.kind)) {
    r.refusal = "it is of another type";
  } else if (!chain_has(&c, def_at(m, node_field(m->tree, assignment, FIELD_LEFT)))) {
    r.refusal = "it starts anew in each round";
  } else if (is_seen(m, &c, &r)) {
    r.refusal = "something else may hold what was built before";
  } else {
    r.loop = carrying_loop(m, &c, assignment);
    if (!node_ok(r.loop)) r.refusal = "the loop has few rounds";
  }
  r.kind = c.kind;
  r.start = c.fresh_count > 0 ? c.fresh[0] : NO_NODE;
  return r;
}
