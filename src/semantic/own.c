#include "semantic/own.h"

#include "semantic/context.h"
#include "semantic/copy.h"
#include "semantic/escape.h"
#include "semantic/rebuild.h"

enum { REFS_WALKED = 64 };

// --- what is fresh -------------------------------------------------------------------

static ValueKind display_kind(const Tree *t, NodeId e) {
  switch (node_kind(t, e)) {
    case PY_LIST:
    case PY_LIST_COMPREHENSION: return VALUE_LIST;
    case PY_TUPLE: return VALUE_TUPLE;
    case PY_SET:
    case PY_SET_COMPREHENSION: return VALUE_SET;
    case PY_DICTIONARY:
    case PY_DICTIONARY_COMPREHENSION: return VALUE_DICT;
    default: return VALUE_UNKNOWN;
  }
}

// What keeps the type of what it is made from: dicts come in many.
static TypeAnswer type_like(ValueKind kind) {
  return kind == VALUE_LIST ? TYPE_LIKELY : TYPE_VARIES;
}

// `a + b`, `[0] * n`, `a | b`: by the operands; a display decides for itself.
static ValueKind fresh_by_operator(Model *m, NodeId e, TypeAnswer *type) {
  const Tree *t = m->tree;
  NodeId left = node_unwrap(t, node_field(t, e, FIELD_LEFT));
  ValueKind kind = value_of(m, e).kind;
  bool fits = false;
  switch (node_kind(t, node_field(t, e, FIELD_OPERATOR))) {
    case PY_OP_ADD:
    case PY_OP_STAR: fits = kind == VALUE_LIST; break;
    case PY_OP_BIT_OR: fits = kind == VALUE_SET || kind == VALUE_DICT; break;
    case PY_OP_SUB:
    case PY_OP_BIT_AND: fits = kind == VALUE_SET; break;
    default: break;
  }
  if (!fits) return VALUE_UNKNOWN;
  bool shown = display_kind(t, left) == kind;
  *type = shown ? TYPE_EXACT : kind == VALUE_DICT ? TYPE_VARIES : TYPE_LIKELY;
  return kind;
}

static ValueKind fresh_by_call(Model *m, NodeId call, TypeAnswer *type) {
  Copy copy = copy_of(m, call);
  if (copy.kind != VALUE_UNKNOWN) {
    *type = (copy.flags & COPY_CASTS) != 0 ? TYPE_EXACT : type_like(copy.kind);
    return copy.kind;
  }
  const ResultFact *fact = call_result(m, call);
  const uint32_t elsewhere = RESULT_SAME | RESULT_AWAITED;
  if (fact == NULL || (fact->flags & RESULT_FRESH) == 0 || (fact->flags & elsewhere)) {
    return VALUE_UNKNOWN;
  }
  bool like = (fact->flags & RESULT_LIKE) != 0;
  ValueKind kind = like ? value_of(m, call).kind : fact->kind;
  *type = like                                 ? type_like(kind)
          : (fact->flags & RESULT_VARIES) != 0 ? TYPE_VARIES
                                               : TYPE_EXACT;
  return kind;
}

static bool is_slice(const Tree *t, NodeId e) {
  NodeId index = node_field(t, e, FIELD_SUBSCRIPT);
  return node_is(t, e, PY_SUBSCRIPT) && node_is(t, index, PY_SLICE) &&
         !node_ok(node_next_same_field(t, index));
}

ValueKind fresh_kind(Model *m, NodeId expression, TypeAnswer *type) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  *type = TYPE_EXACT;
  switch (node_kind(t, e)) {
    case PY_CALL: return fresh_by_call(m, e, type);
    case PY_BINARY_OPERATOR: return fresh_by_operator(m, e, type);
    case PY_SUBSCRIPT: {
      *type = TYPE_LIKELY;
      bool list = value_of(m, node_field(t, e, FIELD_VALUE)).kind == VALUE_LIST;
      return list && is_slice(t, e) ? VALUE_LIST : VALUE_UNKNOWN;
    }
    default: return display_kind(t, e);
  }
}

// --- the chain of definitions --------------------------------------------------------

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

bool own_has(const Own *own, DefId def) {
  for (uint32_t i = 0; i < own->count; i++) {
    if (own->defs[i].i == def.i) return true;
  }
  return false;
}

// `x = x[1:]`: the name that is sliced, unless a parameter or the like may be in it. Then
// the slice is fresh all the same, but nobody knows for sure what is sliced.
static NodeId sliced_name(Model *m, const Def *def) {
  const Tree *t = m->tree;
  NodeId value = bound_value(m, def);
  if ((def->flags & DEF_UNPACKED) != 0 || !is_slice(t, value)) return NO_NODE;
  NodeId object = node_unwrap(t, node_field(t, value, FIELD_VALUE));
  if (!node_is(t, object, PY_IDENTIFIER) ||
      !str_eq(node_text(t, object), node_text(t, def->node))) {
    return NO_NODE;
  }
  DefList defs = flow_defs_reaching(m, ref_at(m, object));
  for (uint32_t i = 0; i < defs.count; i++) {
    DefKind kind = def_get(m, defs.items[i])->kind;
    if (kind != DEF_ASSIGN && kind != DEF_ANNOTATED && kind != DEF_AUGMENTED) {
      return NO_NODE;
    }
  }
  return object;
}

// Where a definition that goes on with the object reads it, or NO_NODE.
static NodeId continued_from(Model *m, const Def *def) {
  if (def->kind == DEF_AUGMENTED) return def->node;
  if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED) return NO_NODE;
  NodeId rebuilt = rebuild_reads(m, def->statement);
  return node_ok(rebuilt) ? rebuilt : sliced_name(m, def);
}

static bool own_adds_use(Model *m, Own *own, NodeId use) {
  DefList defs = flow_defs_reaching(m, ref_at(m, use));
  if (defs.unknown || defs.count == 0) return false;
  for (uint32_t i = 0; i < defs.count; i++) {
    if (own_has(own, defs.items[i])) continue;
    if (own->count == OWN_DEFS) return false;
    own->defs[own->count++] = defs.items[i];
  }
  return true;
}

static bool own_follow(Model *m, Own *own, NodeId use) {
  if (!own_adds_use(m, own, use)) return false;
  for (uint32_t i = 0; i < own->count; i++) {
    const Def *def = def_get(m, own->defs[i]);
    NodeId from = continued_from(m, def);
    own->goes_on[i] = node_ok(from);
    if (node_ok(from)) {
      if (!own_adds_use(m, own, from)) return false;
      continue;
    }
    TypeAnswer type = TYPE_EXACT;
    NodeId value = bound_value(m, def);
    ValueKind kind = node_ok(value) ? fresh_kind(m, value, &type) : VALUE_UNKNOWN;
    if (kind == VALUE_UNKNOWN) return false;
    if (own->kind != VALUE_UNKNOWN && own->kind != kind) return false;
    own->kind = kind;
    if (type > own->type) own->type = type;
    own->fresh[own->fresh_count++] = def->node;
  }
  return own->fresh_count > 0;
}

static bool is_private(Model *m, BindingId b) {
  const Binding *binding = binding_get(m, b);
  const uint32_t shared = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                          BIND_IN_ERROR | BIND_CLASS_CELL | BIND_FREE;
  const Scope *scope = scope_get(m, binding->scope);
  return scope->kind == SCOPE_FUNCTION && (scope->flags & SCOPE_DYNAMIC) == 0 &&
         (binding->flags & shared) == 0;
}

Own own_of(Model *m, NodeId name) {
  Own own = {.binding = binding_of(m, name)};
  if (!node_is(m->tree, name, PY_IDENTIFIER) || !binding_ok(own.binding) ||
      !is_private(m, own.binding)) {
    own.refusal = "others may read the variable";
  } else if (!own_follow(m, &own, name)) {
    own.refusal = "it is not known to be the function's own";
  } else if (own.kind != VALUE_LIST && own.kind != VALUE_TUPLE &&
             own.kind != VALUE_SET && own.kind != VALUE_DICT) {
    own.refusal = "it is no list, tuple, set or dict";
  }
  return own;
}

// --- uses before ---------------------------------------------------------------------

static bool walk_only_looks(Model *m, NodeId walk, NodeId read);

// `for i, x in enumerate(xs):` holds the list as long as the loop runs.
static bool is_walked_on_the_spot(Model *m, NodeId lazy, NodeId read) {
  Use use = use_of(m, lazy);
  return use.through == 0 && use.kind == USE_ITERATED &&
         walk_only_looks(m, use.node, read);
}

static bool call_only_looks(Model *m, NodeId call, const Use *use, NodeId read) {
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
  const MutatorFact *mutator = call_mutator(m, call);
  if (mutator != NULL && mutator->name.p[0] != '.') return use->argument == 0;
  if (node_ok(receiver) && str_is(method, "join")) {
    return value_of(m, receiver).kind == VALUE_STR;
  }
  const SinkFact *sink = call_sink(m, call);
  return sink != NULL && (sink->flags & SINK_LAZY) != 0 &&
         is_walked_on_the_spot(m, call, read);
}

static bool walk_only_looks(Model *m, NodeId walk, NodeId read) {
  const Tree *t = m->tree;
  switch (node_kind(t, walk)) {
    case PY_LIST_SPLAT:
    case PY_DICTIONARY_SPLAT: return true;
    case PY_FOR_IN_CLAUSE:
      return !node_is(t, node_parent(t, walk), PY_GENERATOR_EXPRESSION);
    case PY_FOR_STATEMENT: return !node_inside(t, read, walk);
    default: return false;
  }
}

// Views keep the dict that they are made of, as long as they are walked through.
static bool method_only_looks(Model *m, NodeId call, NodeId read) {
  Str method;
  if (!node_ok(call_receiver(m, call, &method))) return false;
  bool view =
      str_is(method, "keys") || str_is(method, "values") || str_is(method, "items");
  if (!view) return !str_starts(method, STR("__"));
  return is_walked_on_the_spot(m, call, read);
}

static bool use_only_looks(Model *m, NodeId name, NodeId read) {
  Use use = use_of(m, name);
  if (use.through != 0) return false;
  switch (use.kind) {
    case USE_TESTED:
    case USE_INDEXED:
    case USE_OPERAND:
    case USE_DROPPED: return true;
    case USE_METHOD: return method_only_looks(m, use.call, read);
    case USE_CALL: return call_only_looks(m, use.call, &use, read);
    case USE_ITERATED: return walk_only_looks(m, use.node, read);
    default: return false;
  }
}

static bool reads_own(Model *m, const Own *own, RefId ref) {
  DefList defs = flow_defs_reaching(m, ref);
  if (defs.unknown) return true;
  for (uint32_t i = 0; i < defs.count; i++) {
    if (own_has(own, defs.items[i])) return true;
  }
  return false;
}

bool own_is_shared(Model *m, const Own *own, NodeId read) {
  const Tree *t = m->tree;
  uint32_t walked = 0;
  for (RefId ref = ref_first(m, own->binding); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId use = ref_get(m, ref)->node;
    if (++walked > REFS_WALKED) return true;
    if (node_eq(use, read) || def_ok(def_at(m, use))) continue;
    if (!reads_own(m, own, ref)) continue;
    NodeId splat = node_parent(t, use);
    bool splatted =
        node_is(t, splat, PY_LIST_SPLAT) || node_is(t, splat, PY_DICTIONARY_SPLAT);
    if (splatted || use_only_looks(m, use, read)) continue;
    // No way may lead from there to here with the same object.
    if (flow_reaches_avoiding(m, use, read, own->fresh, own->fresh_count) !=
        ANSWER_NO) {
      return true;
    }
  }
  return false;
}

// --- uses behind ---------------------------------------------------------------------

// The largest expression around the node, or the simple statement that it belongs to.
static NodeId evaluated_with(const Tree *t, NodeId node) {
  NodeId top = node;
  for (NodeId up = node_parent(t, node); node_ok(up); up = node_parent(t, up)) {
    if (node_ok(node_child(t, up, PY_BLOCK)) || node_is(t, up, PY_BLOCK) ||
        node_is(t, up, PY_MODULE)) {
      return top;
    }
    top = up;
  }
  return top;
}

// `names.append(list(names))`: what stands beside the copy changes the object behind it.
static bool is_taken_beside(Model *m, NodeId use) {
  Use how = use_of(m, use);
  if (how.kind == USE_CALL) return !call_only_looks(m, how.call, &how, use);
  return how.kind != USE_TESTED && how.kind != USE_OPERAND;
}

bool own_is_used_after(Model *m, const Own *own, NodeId node) {
  const Tree *t = m->tree;
  NodeId together = evaluated_with(t, node);
  uint32_t walked = 0;
  for (RefId ref = ref_first(m, own->binding); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId use = ref_get(m, ref)->node;
    if (++walked > REFS_WALKED) return true;
    bool beside = node_inside(t, use, together) && !node_inside(t, use, node);
    if (beside && is_taken_beside(m, use)) return true;
    if (flow_reaches_avoiding(m, node, use, own->fresh, own->fresh_count) !=
        ANSWER_NO) {
      return true;
    }
  }
  return false;
}

bool own_is_used_from(Model *m, const Own *own, NodeId block) {
  uint32_t walked = 0;
  for (RefId ref = ref_first(m, own->binding); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId use = ref_get(m, ref)->node;
    if (++walked > REFS_WALKED || node_inside(m->tree, use, block)) return true;
    if (flow_reaches_avoiding(m, block, use, own->fresh, own->fresh_count) !=
        ANSWER_NO) {
      return true;
    }
  }
  return false;
}

// --- size ----------------------------------------------------------------------------

// A loop goes through the node again and again with the same object.
static bool is_in_loop(Model *m, const Own *own, NodeId node) {
  NodeId loop = loop_around(m, node, NO_NODE);
  for (uint32_t i = 0; i < own->fresh_count && node_ok(loop); i++) {
    if (!node_inside(m->tree, own->fresh[i], loop)) return true;
  }
  return false;
}

static bool starts_small(Model *m, const Own *own) {
  for (uint32_t i = 0; i < own->count; i++) {
    const Def *def = def_get(m, own->defs[i]);
    NodeId value = own->goes_on[i] ? node_field(m->tree, def->statement, FIELD_RIGHT)
                                   : bound_value(m, def);
    bool shrinks = own->goes_on[i] && node_ok(sliced_name(m, def));
    if (shrinks) continue;
    if (own->goes_on[i] && is_in_loop(m, own, def->node)) return false;
    if (!size_is_small(value_of(m, value))) return false;
  }
  return true;
}

// `x.append(y)` adds one, `x.extend(ys)` as many as there are.
static bool grows_little(Model *m, const Own *own, NodeId call,
                         const MutatorFact *mutator) {
  if ((mutator->effect & MUTATES_GROWS) == 0) return true;
  if (is_in_loop(m, own, call)) return false;
  NodeId added;
  return (mutator->effect & MUTATES_BY_MANY) == 0 ||
         (call_argument(m, call, 0, NULL, &added) == ARG_PRESENT &&
          size_is_small(value_of(m, added)));
}

static bool use_grows_little(Model *m, const Own *own, NodeId name) {
  Use use = use_of(m, name);
  switch (use.kind) {
    case USE_METHOD:
    case USE_CALL: {
      const MutatorFact *mutator = call_mutator(m, use.call);
      return mutator == NULL || grows_little(m, own, use.call, mutator);
    }
    case USE_INDEXED: return !is_in_loop(m, own, name);  // perhaps a store
    default: return true;
  }
}

bool own_is_small(Model *m, const Own *own) {
  if (!starts_small(m, own)) return false;
  for (RefId ref = ref_first(m, own->binding); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId use = ref_get(m, ref)->node;
    if (!def_ok(def_at(m, use)) && !use_grows_little(m, own, use)) return false;
  }
  return true;
}
