#include "semantic/effect_internal.h"

enum { BASE_DEPTH = 8 };  // classes above a class whose initialisers are looked for

static bool call_special(Model *m, NodeId call, Str name, CallEffect *out);
static bool call_by_table(Model *m, NodeId call, Str name, CallEffect *out);
static bool call_by_file(Model *m, NodeId call, CallEffect *out);
static bool call_by_receiver(Model *m, NodeId call, CallEffect *out);
static bool is_named_as_acting(Model *m, NodeId call);
static void callbacks_add(Model *m, NodeId call, Str name, CallEffect *out);

const CallEffect *call_effect(Model *m, NodeId call) {
  Effects *self = effects_of(m);
  uint32_t kept = map_get(&self->calls, call.i);
  if (kept != 0) return &self->call_effects.items[kept - 1];
  CallEffect effect = {.first_edge = self->edges.count};
  Str name = name_of_callee(m, call);
  if (!call_special(m, call, name, &effect) && !call_by_table(m, call, name, &effect) &&
      !call_by_file(m, call, &effect) && !call_by_receiver(m, call, &effect)) {
    effect.direct = EFFECT_UNKNOWN_CALL | EFFECT_MAY_RAISE | EFFECT_FOREIGN;
    if (is_named_as_acting(m, call)) effect.direct |= EFFECT_ACTS;
  }
  effect.edge_count = self->edges.count - effect.first_edge;
  vec_push(m->arena, &self->call_effects, effect);
  map_put(&self->calls, call.i, self->call_effects.count);
  return &vec_last(&self->call_effects);
}

// `validate(field)`, whatever that is: named as what acts when it is a method.
static bool is_named_as_acting(Model *m, NodeId call) {
  NodeId callee = node_unwrap(m->tree, call_callee(m, call));
  const Knowledge *k = m->options.knowledge;
  if (!node_is(m->tree, callee, PY_IDENTIFIER) || k == NULL) return false;
  return knowledge_acts(k, node_text(m->tree, callee)) != NULL;
}

static void edge_add(Model *m, ScopeId callee, bool makes) {
  vec_push(m->arena, &effects_of(m)->edges, (CallEdge){callee, makes});
}

// --- what the language itself defines ------------------------------------------------

typedef struct Special {
  const char *name;
  EffectSet effects;
  bool bare;  // only without arguments
} Special;

static const Special specials[] = {
    {"builtins.super", EFFECT_SUPER, true},
    {"builtins.super", 0, false},
    {"builtins.locals", EFFECT_LOCALS, true},
    {"builtins.globals", EFFECT_LOCALS, true},
    {"builtins.vars", EFFECT_LOCALS, true},
    {"builtins.dir", EFFECT_LOCALS, true},
    {"builtins.eval", EFFECT_LOCALS | EFFECT_ANYTHING | EFFECT_UNKNOWN_CALL, false},
    {"builtins.exec", EFFECT_LOCALS | EFFECT_ANYTHING | EFFECT_UNKNOWN_CALL, false},
    {"builtins.setattr", EFFECT_STORES | EFFECT_MAY_RAISE, false},
    {"builtins.delattr", EFFECT_STORES | EFFECT_MAY_RAISE, false},
};

// `next(it)` leaks StopIteration; with a default it does not.
static EffectSet next_effect(Model *m, NodeId iterator, bool has_default) {
  EffectSet effects = EFFECT_MAY_RAISE | (has_default ? 0 : (EffectSet)EFFECT_NEXT);
  NodeId e = node_unwrap(m->tree, iterator);
  PyKind kind = node_kind(m->tree, e);
  bool made_here = kind == PY_CALL || kind == PY_GENERATOR_EXPRESSION;
  if (made_here) return effects;
  return effects | (name_is_fresh(m, e) ? EFFECT_LOCAL_CONSUMES : EFFECT_CONSUMES);
}

static bool call_special(Model *m, NodeId call, Str name, CallEffect *out) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (node_ok(receiver) && str_is(method, "__next__")) {
    out->direct = next_effect(m, receiver, false);
    return true;
  }
  if (name.n == 0) return false;
  if (str_is(name, "builtins.next") || str_is(name, "builtins.anext")) {
    NodeId iterator = NO_NODE, otherwise = NO_NODE;
    call_argument(m, call, 0, NULL, &iterator);
    bool has_default = call_argument(m, call, 1, NULL, &otherwise) == ARG_PRESENT;
    out->direct = next_effect(m, iterator, has_default);
    return true;
  }
  bool bare = !call_has_arguments(m, call);
  for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
    if (specials[i].bare && !bare) continue;
    if (!str_is(name, specials[i].name)) continue;
    out->direct = specials[i].effects;
    return true;
  }
  return false;
}

// --- what the tables know ------------------------------------------------------------

// A row that fits by the method's name alone may in truth be the project's own method.
static EffectSet foreign_effect(Model *m, NodeId call, Str name) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (!node_ok(receiver)) return name.n != 0 ? 0 : (EffectSet)EFFECT_FOREIGN;
  Value v = value_of(m, receiver);
  if (v.kind == VALUE_UNKNOWN || v.kind == VALUE_INSTANCE || v.kind == VALUE_CLASS) {
    // os.remove(p): a module's function; its own name is known, not only the method's
    bool qualified = name.n != 0 && !binding_ok(binding_of(m, receiver));
    DefId d = binding_only_def(m, binding_of(m, receiver));
    DefKind kind = def_get(m, d)->kind;
    qualified |= name.n != 0 && (kind == DEF_IMPORT || kind == DEF_IMPORT_FROM);
    return qualified ? 0 : (EffectSet)EFFECT_FOREIGN;
  }
  return 0;
}

static EffectSet arguments_effect(Model *m, NodeId call) {
  EffectSet effects = 0;
  NodeId list = node_field(m->tree, call, FIELD_ARGUMENTS);
  if (!node_is(m->tree, list, PY_ARGUMENT_LIST)) return 0;
  for (NodeId a = node_first_named(m->tree, list); node_ok(a);
       a = node_next_named(m->tree, a)) {
    effects |= consume_effect(m, a);
  }
  return effects;
}

static EffectSet receiver_effect(Model *m, NodeId call, EffectSet local,
                                 EffectSet other) {
  Str method = STR_NONE;
  NodeId receiver = node_unwrap(m->tree, call_receiver(m, call, &method));
  PyKind kind = node_kind(m->tree, receiver);
  bool display = kind == PY_LIST || kind == PY_DICTIONARY || kind == PY_SET;
  return display || name_is_fresh(m, receiver) ? local : other;
}

// Names of container methods that classes of a project like to use for more.
static const char *const ambiguous[] = {"add",    "clear",     "discard",    "insert",
                                        "pop",    "put",       "put_nowait", "remove",
                                        "update", "get_nowait"};

static EffectSet mutator_effect(Model *m, NodeId call, const MutatorFact *mutator) {
  EffectSet effects = EFFECT_MAY_RAISE;
  if (mutator->name.n == 0 || mutator->name.p[0] != '.') {  // heapq.heappush(heap, x)
    NodeId object = NO_NODE;
    call_argument(m, call, 0, NULL, &object);
    bool fresh = node_ok(object) && name_is_fresh(m, node_unwrap(m->tree, object));
    return effects | (fresh ? EFFECT_LOCAL_ACTS : EFFECT_ACTS);
  }
  Str method = STR_NONE;
  call_receiver(m, call, &method);
  for (size_t i = 0; i < sizeof ambiguous / sizeof ambiguous[0]; i++) {
    if (str_is(method, ambiguous[i])) effects |= foreign_effect(m, call, STR_NONE);
  }
  return effects | receiver_effect(m, call, EFFECT_LOCAL_ACTS, EFFECT_ACTS);
}

static EffectSet open_effect(Model *m, NodeId call) {
  Value v = value_of(m, call);
  bool reads = (v.flags & HANDLE_WRITES) == 0 && (v.flags & HANDLE_READS) != 0;
  return reads ? EFFECT_MAY_RAISE : EFFECT_ACTS | EFFECT_MAY_RAISE;
}

static bool call_by_table(Model *m, NodeId call, Str name, CallEffect *out) {
  const PureFact *pure = call_pure(m, call);
  const MutatorFact *mutator = call_mutator(m, call);
  if (pure != NULL) {
    out->direct = pure->may_raise ? EFFECT_MAY_RAISE : 0;
    out->direct |= arguments_effect(m, call);
    callbacks_add(m, call, name, out);
  } else if (mutator != NULL) {
    out->direct = mutator_effect(m, call, mutator);
  } else if (call_starts_work(m, call)) {
    out->direct = EFFECT_STARTS | EFFECT_MAY_RAISE | EFFECT_FOREIGN;
  } else if (call_open(m, call) != NULL) {
    out->direct = open_effect(m, call);
  } else if (call_acts(m, call)) {
    const ActFact *act = call_act(m, call);
    bool by_method = act != NULL && str_starts(act->name, STR("."));  // store.save(x)
    out->direct = EFFECT_ACTS | EFFECT_MAY_RAISE |
                  foreign_effect(m, call, by_method ? STR_NONE : name);
  } else {
    const BaseFact *base = base_fact(m, call_callee(m, call));
    return base != NULL && (base->flags & BASE_EXCEPTION) != 0;  // ValueError("…")
  }
  return true;
}

// --- functions that a pure call runs -------------------------------------------------

typedef struct Callback {
  const char *name;
  uint32_t position;
} Callback;

static const Callback callbacks[] = {
    {"builtins.map", 0},        {"builtins.filter", 0},
    {"functools.reduce", 0},    {"itertools.accumulate", 1},
    {"itertools.dropwhile", 0}, {"itertools.filterfalse", 0},
    {"itertools.groupby", 1},   {"itertools.starmap", 0},
    {"itertools.takewhile", 0},
};

static bool function_is_pure(Model *m, NodeId function) {
  Str name = name_of(m, function);
  const Knowledge *k = m->options.knowledge;
  if (name.n == 0 || k == NULL) return false;
  if (knowledge_pure(k, name) != NULL) return true;
  // Methods of the builtin immutable types: str.lower, bytes.hex.
  return str_starts(name, STR("builtins.str.")) ||
         str_starts(name, STR("builtins.bytes."));
}

static void callback_add(Model *m, NodeId function, bool runs, CallEffect *out) {
  NodeId f = node_unwrap(m->tree, function);
  ScopeId scope = callee_function(m, f);
  if (scope_ok(scope)) {
    edge_add(m, scope, false);
    return;
  }
  if (!runs || node_is(m->tree, f, PY_NONE_LITERAL)) return;
  bool known =
      node_is(m->tree, f, PY_CALL) ? call_is_pure(m, f) : function_is_pure(m, f);
  if (!known) {
    out->direct |= EFFECT_UNKNOWN_CALL | EFFECT_MAY_RAISE | EFFECT_FOREIGN;
  }
}

static bool callback_position(Str name, uint32_t position) {
  for (size_t i = 0; i < sizeof callbacks / sizeof callbacks[0]; i++) {
    if (callbacks[i].position == position && str_is(name, callbacks[i].name)) {
      return true;
    }
  }
  return false;
}

static void callbacks_add(Model *m, NodeId call, Str name, CallEffect *out) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return;
  uint32_t position = 0;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (node_is(t, a, PY_KEYWORD_ARGUMENT)) {
      bool runs = node_text_is(t, node_field(t, a, FIELD_NAME), "key");
      callback_add(m, node_field(t, a, FIELD_VALUE), runs, out);
    } else {
      callback_add(m, a, callback_position(name, position++), out);
    }
  }
}

// --- functions and classes of this file ----------------------------------------------

static bool decorators_are_transparent(Model *m, NodeId definition) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, definition);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return true;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    Str name = name_of_decorator(m, d);
    bool known = str_is(name, "builtins.staticmethod") ||
                 str_is(name, "builtins.classmethod") ||
                 str_is(name, "typing.overload") || str_is(name, "typing.final") ||
                 cache_of_decorator(m, d).fact != NULL;
    if (!known) return false;
  }
  return true;
}

static const Def *callee_def(Model *m, NodeId callee) {
  NodeId e = node_unwrap(m->tree, callee);
  if (!node_is(m->tree, e, PY_IDENTIFIER)) return def_get(m, (DefId){0});
  BindingId binding = binding_of(m, e);
  if (!binding_ok(binding) || (binding_get(m, binding)->flags & BIND_IN_ERROR)) {
    return def_get(m, (DefId){0});
  }
  return def_get(m, binding_only_def(m, binding));
}

static NodeId definition_of(const Tree *t, const Def *def) {
  NodeId n = node_ok(def->value) ? def->value : def->node;
  if (node_is(t, n, PY_DECORATED_DEFINITION)) n = node_field(t, n, FIELD_DEFINITION);
  return n;
}

ScopeId callee_function(Model *m, NodeId callee) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, callee);
  if (node_is(t, e, PY_LAMBDA)) return scope_of(m, e);
  const Def *def = callee_def(m, e);
  NodeId n = NO_NODE;
  if (def->kind == DEF_FUNCTION) n = definition_of(t, def);
  if (def->kind == DEF_ASSIGN && (def->flags & DEF_UNPACKED) == 0) {
    n = node_unwrap(t, def->value);
    if (!node_is(t, n, PY_LAMBDA)) return (ScopeId){0};
  }
  if (!node_ok(n) || !decorators_are_transparent(m, n)) return (ScopeId){0};
  ScopeId scope = scope_of(m, n);
  if (scope_get(m, scope)->flags & (SCOPE_BROKEN | SCOPE_DYNAMIC)) return (ScopeId){0};
  return scope;
}

bool call_gives_generator(Model *m, NodeId call) {
  if (!node_is(m->tree, call, PY_CALL)) return false;
  const Def *def = callee_def(m, call_callee(m, call));
  if (def->kind != DEF_FUNCTION) return false;
  uint32_t flags = scope_get(m, scope_of(m, definition_of(m->tree, def)))->flags;
  return (flags & SCOPE_IS_GENERATOR) != 0 &&
         (flags & (SCOPE_IS_ASYNC | SCOPE_BROKEN)) == 0;
}

NodeId callee_class(Model *m, NodeId callee) {
  const Def *def = callee_def(m, callee);
  if (def->kind != DEF_CLASS) return NO_NODE;
  NodeId n = definition_of(m->tree, def);
  return node_is(m->tree, n, PY_CLASS_DEFINITION) ? n : NO_NODE;
}

bool callee_is_tuple_type(Model *m, NodeId callee) {
  const Def *def = callee_def(m, callee);
  NodeId made = node_unwrap(m->tree, def->value);
  if (def->kind != DEF_ASSIGN || (def->flags & DEF_UNPACKED) != 0 ||
      !node_is(m->tree, made, PY_CALL)) {
    return false;
  }
  Str name = name_of_callee(m, made);
  return str_is(name, "collections.namedtuple") || str_is(name, "typing.NamedTuple");
}

// Decorators, metaclasses and `__new__` may make anything of a call.
static bool class_is_plain(Model *m, NodeId class_node) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, class_node);
  if (node_is(t, outer, PY_DECORATED_DEFINITION)) {
    for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
         d = node_next_named(t, d)) {
      if (!str_is(name_of_decorator(m, d), "dataclasses.dataclass")) return false;
    }
  }
  ScopeId scope = scope_of(m, class_node);
  return !binding_ok(scope_lookup(m, scope, STR("__new__"))) &&
         !binding_ok(scope_lookup(m, scope, STR("__post_init__"))) &&
         (scope_get(m, scope)->flags & (SCOPE_BROKEN | SCOPE_DYNAMIC)) == 0;
}

static bool base_is_passive(Model *m, NodeId base) {
  const BaseFact *fact = base_fact(m, base);
  uint32_t passive =
      BASE_EXCEPTION | BASE_PROTOCOL | BASE_TUPLE | BASE_ABSTRACT | BASE_GENERIC;
  if (fact != NULL && (fact->flags & passive) != 0) return true;
  return name_is(m, base, "builtins.object");
}

// The one base that is a class of this file, or NO_NODE; *known is false when a base
// may bring an initialiser that we do not see.
static NodeId class_base(Model *m, NodeId class_node, bool *known) {
  const Tree *t = m->tree;
  NodeId local = NO_NODE;
  NodeId bases = node_field(t, class_node, FIELD_SUPERCLASSES);
  for (NodeId b = node_first_named(t, bases); node_ok(b); b = node_next_named(t, b)) {
    NodeId base = callee_class(m, b);
    if (node_ok(base) && !node_ok(local)) {
      local = base;
    } else if (!base_is_passive(m, b)) {
      *known = false;
    }
  }
  return local;
}

ScopeId class_initialiser(Model *m, NodeId class_node, bool *known) {
  *known = true;
  ScopeId found = {0};
  for (uint32_t depth = 0; depth < BASE_DEPTH && node_ok(class_node); depth++) {
    if (!class_is_plain(m, class_node)) break;
    ScopeId scope = scope_of(m, class_node);
    BindingId init = scope_lookup(m, scope, STR("__init__"));
    if (binding_ok(init) && !scope_ok(found)) {
      const Def *def = def_get(m, binding_only_def(m, init));
      NodeId n = definition_of(m->tree, def);
      if (def->kind != DEF_FUNCTION || !decorators_are_transparent(m, n)) break;
      found = scope_of(m, n);
    }
    class_node = class_base(m, class_node, known);
    if (!node_ok(class_node)) return found;
  }
  *known = false;
  return (ScopeId){0};
}

static bool call_by_file(Model *m, NodeId call, CallEffect *out) {
  NodeId callee = call_callee(m, call);
  ScopeId function = callee_function(m, callee);
  if (scope_ok(function)) {
    edge_add(m, function, false);
    return true;
  }
  NodeId class_node = callee_class(m, callee);
  bool known = callee_is_tuple_type(m, callee);
  if (node_ok(class_node)) function = class_initialiser(m, class_node, &known);
  if (!known) return false;
  out->direct = EFFECT_MAY_RAISE;
  if (scope_ok(function)) edge_add(m, function, true);
  return true;
}

// --- methods of builtin values -------------------------------------------------------

// What the mutator table does not name leaves a builtin container or string alone.
static bool call_by_receiver(Model *m, NodeId call, CallEffect *out) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (!node_ok(receiver)) return false;
  Value v = value_of(m, receiver);
  if (value_is_container(v) || value_is_text(v) || value_is_scalar(v)) {
    out->direct = EFFECT_MAY_RAISE;
    return true;
  }
  if (!value_is_file(v) && v.kind != VALUE_READER && v.kind != VALUE_CURSOR) {
    return false;
  }
  if (knowledge_member(m->options.knowledge, SUBJECT_METHODS, v.kind, method) == NULL) {
    return false;
  }
  out->direct = EFFECT_MAY_RAISE |
                receiver_effect(m, call, EFFECT_LOCAL_CONSUMES, EFFECT_CONSUMES);
  return true;
}
