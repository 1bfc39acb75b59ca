#include "semantic/weak.h"

#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/keeper.h"

enum { NAME_STEPS = 4, REFS_READ = 32 };

// --- who holds it --------------------------------------------------------------------

// The name of what made a receiver: "django.dispatch.Signal" for `SAVED` after `SAVED =
// Signal()`, "blinker.Namespace.signal" for `Namespace().signal("x")`.
static Str maker_of(Model *m, NodeId receiver) {
  Str behind = STR_NONE;
  NodeId at = receiver;
  for (uint32_t step = 0; step < NAME_STEPS && node_ok(at); step++) {
    NodeId value = name_value(m, at);
    if (!node_is(m->tree, value, PY_CALL)) value = value_of(m, at).origin;
    if (!node_is(m->tree, value, PY_CALL)) return STR_NONE;
    Str name = name_of_callee(m, value);
    if (name.n != 0)
      return behind.n == 0 ? name : str_join_in(m->arena, name, ".", behind);
    Str method = STR_NONE;
    at = call_receiver(m, value, &method);
    behind = behind.n == 0 ? method : str_join_in(m->arena, method, ".", behind);
  }
  return STR_NONE;
}

static const WeakFact *fact_of_method(Model *m, NodeId receiver, Str method) {
  const Knowledge *k = m->options.knowledge;
  Str maker = maker_of(m, receiver);
  if (maker.n == 0) return NULL;
  return knowledge_weak(k, str_join_in(m->arena, maker, ".", method));
}

static const WeakFact *fact_of_callee(Model *m, NodeId callee) {
  const Knowledge *k = m->options.knowledge;
  const WeakFact *fact = knowledge_weak(k, name_of(m, callee));
  callee = node_unwrap(m->tree, callee);
  if (fact != NULL || !node_is(m->tree, callee, PY_ATTRIBUTE)) return fact;
  Str method = node_text(m->tree, node_field(m->tree, callee, FIELD_ATTRIBUTE));
  if (!knowledge_has_member(k, SUBJECT_WEAK, method)) return NULL;
  return fact_of_method(m, node_field(m->tree, callee, FIELD_OBJECT), method);
}

// `weak=False`, or what may be that.
static bool may_be_strong(Model *m, const WeakFact *fact, NodeId call) {
  NodeId weak = NO_NODE;
  bool value = false;
  uint32_t position =
      fact->weak_position < 0 ? CALL_NO_POSITION : (uint32_t)fact->weak_position;
  switch (call_argument(m, call, position, "weak", &weak)) {
    case ARG_ABSENT: return false;
    case ARG_UNKNOWN: return true;
    default: return !constant_bool(m, weak, &value) || !value;
  }
}

static WeakStore store_of_call(Model *m, NodeId call) {
  WeakStore store = {.given = NO_NODE};
  const WeakFact *fact = fact_of_callee(m, call_callee(m, call));
  if (fact == NULL || fact->position < 0 || may_be_strong(m, fact, call)) return store;
  if (call_argument(m, call, (uint32_t)fact->position, fact->keyword, &store.given) ==
      ARG_PRESENT) {
    store.fact = fact;
  }
  return store;
}

static WeakStore store_of_item(Model *m, NodeId assignment) {
  NodeId item = node_field(m->tree, assignment, FIELD_LEFT);
  if (!node_is(m->tree, item, PY_SUBSCRIPT)) return (WeakStore){0};
  const WeakFact *fact =
      fact_of_method(m, node_field(m->tree, item, FIELD_VALUE), STR("__setitem__"));
  if (fact == NULL) return (WeakStore){0};
  NodeId given = fact->position == 0 ? node_field(m->tree, item, FIELD_SUBSCRIPT)
                                     : node_field(m->tree, assignment, FIELD_RIGHT);
  return (WeakStore){fact, given};
}

static WeakStore store_of_decorator(Model *m, NodeId decorator) {
  NodeId expression = node_unwrap(m->tree, node_first_named(m->tree, decorator));
  NodeId call = node_is(m->tree, expression, PY_CALL) ? expression : NO_NODE;
  NodeId callee = node_ok(call) ? call_callee(m, call) : expression;
  const WeakFact *fact = fact_of_callee(m, callee);
  if (fact == NULL || (fact->flags & WEAK_DECORATES) == 0 ||
      (node_ok(call) && may_be_strong(m, fact, call))) {
    return (WeakStore){0};
  }
  return (WeakStore){
      fact, node_field(m->tree, node_parent(m->tree, decorator), FIELD_DEFINITION)};
}

WeakStore weak_store_of(Model *m, NodeId node) {
  switch (node_kind(m->tree, node)) {
    case PY_CALL: return store_of_call(m, node);
    case PY_ASSIGNMENT: return store_of_item(m, node);
    case PY_DECORATOR: return store_of_decorator(m, node);
    default: return (WeakStore){0};
  }
}

// --- what dies -----------------------------------------------------------------------

static bool is_store(Model *m, NodeId node, void *data) {
  (void)data;
  return node_role(m->tree, node) == FIELD_LEFT;
}

// `self.m` or `x.m` where the class of this file defines the method, and no instance has
// an attribute of the name.
static bool is_bound_method(Model *m, NodeId attribute) {
  const Tree *t = m->tree;
  Value owner = value_of(m, node_field(t, attribute, FIELD_OBJECT));
  NodeId class_node = owner.definition;
  if (owner.kind != VALUE_INSTANCE || !node_is(t, class_node, PY_CLASS_DEFINITION))
    return false;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  ScopeId scope = scope_of(m, class_node);
  const Def *def = def_get(m, binding_only_def(m, scope_lookup(m, scope, name)));
  if (def->kind != DEF_FUNCTION) return false;
  NodeId outer = node_parent(t, def->value);
  MethodKind kind = method_kind(m, def->value);
  bool plain = !node_is(t, outer, PY_DECORATED_DEFINITION) || kind == METHOD_CLASS;
  Keeper keeper = {.kind = KEEPER_SELF, .class_node = class_node, .attribute = name};
  return plain && (kind == METHOD_INSTANCE || kind == METHOD_CLASS) &&
         !keeper_any_use(m, keeper, is_store, NULL);
}

static WeakLoss loss_of_value(Model *m, NodeId value, uint32_t flags) {
  value = node_unwrap(m->tree, value);
  switch (node_kind(m->tree, value)) {
    case PY_LAMBDA: return LOSS_LAMBDA;
    case PY_CALL:
      return name_is(m, call_callee(m, value), "functools.partial") ? LOSS_PARTIAL
                                                                    : LOSS_NONE;
    case PY_ATTRIBUTE:
      return (flags & WEAK_METHODS) == 0 && is_bound_method(m, value) ? LOSS_METHOD
                                                                      : LOSS_NONE;
    default: return LOSS_NONE;
  }
}

// The decorators of a local function are those that hold it weakly, and no others.
static bool has_other_decorators(Model *m, NodeId function) {
  NodeId outer = node_parent(m->tree, function);
  if (!node_is(m->tree, outer, PY_DECORATED_DEFINITION)) return false;
  for (NodeId d = node_first_named(m->tree, outer); node_is(m->tree, d, PY_DECORATOR);
       d = node_next_named(m->tree, d)) {
    if (store_of_decorator(m, d).fact == NULL) return true;
  }
  return false;
}

// `return ref(f)`, `self.changed = ref(f)`: who asks it later asks in vain. A local one may
// be asked while the function is there.
static bool handle_leaves(const Tree *t, NodeId call) {
  NodeId n = node_wrap(t, call), p = node_parent(t, n);
  if (node_is(t, p, PY_RETURN_STATEMENT)) return true;
  return node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_RIGHT &&
         !node_is(t, node_field(t, p, FIELD_LEFT), PY_IDENTIFIER);
}

static bool is_kept_weakly(const Tree *t, WeakStore store, NodeId given) {
  if ((store.fact->flags & WEAK_HANDLE) == 0) return true;
  NodeId list = node_parent(t, node_wrap(t, given));
  return node_is(t, list, PY_ARGUMENT_LIST) && handle_leaves(t, node_parent(t, list));
}

// A mention that lets nothing hold the function for longer than the call around.
static bool mention_is_weak(Model *m, NodeId mention, ScopeId scope) {
  const Tree *t = m->tree;
  if (scope_at(m, mention).i != scope.i) return false;
  Use use = use_of(m, mention);
  if (use.kind != USE_CALL && use.kind != USE_STORED && use.kind != USE_KEY) {
    return false;
  }
  NodeId store =
      use.kind == USE_CALL ? use.call : node_ancestor(t, mention, PY_ASSIGNMENT);
  WeakStore held = weak_store_of(m, store);
  return held.fact != NULL && node_eq(node_unwrap(t, held.given), mention) &&
         is_kept_weakly(t, held, mention);
}

// `loop.run_forever()`: whoever is to be called is called in it.
static bool call_serves(Model *m, NodeId call) {
  const Knowledge *k = m->options.knowledge;
  Str method = STR_NONE;
  const WorkerFact *fact = NULL;
  if (node_ok(call_receiver(m, call, &method)))
    fact = knowledge_member(k, SUBJECT_WORKERS, VALUE_UNKNOWN, method);
  if (fact == NULL) fact = knowledge_workers(k, name_of_callee(m, call));
  return fact != NULL && fact->form == WORKER_SERVES;
}

// The function goes on after it, and may wait there for its callbacks.
static bool stays_behind(Model *m, NodeId from, ScopeId scope) {
  const Tree *t = m->tree;
  const Scope *around = scope_get(m, scope);
  if (around->flags & (SCOPE_IS_GENERATOR | SCOPE_IS_ASYNC | SCOPE_DYNAMIC))
    return true;
  if (node_ok(with_around(m, from, NO_NODE)) || node_ok(loop_around(m, from, NO_NODE)))
    return true;
  uint32_t stop = node_after(t, around->body);
  for (uint32_t i = node_after(t, node_statement(t, from)); i < stop; i++) {
    NodeId node = {i};
    bool may_wait =
        node_is(t, node, PY_CALL) && (call_acts(m, node) || call_serves(m, node));
    if (may_wait && weak_store_of(m, node).fact == NULL) return true;
  }
  return false;
}

// A function, lambda or partial that one local name holds until the call around ends.
static WeakLoss loss_of_local(Model *m, BindingId variable, NodeId from,
                              uint32_t flags) {
  const Binding *binding = binding_get(m, variable);
  ScopeKind kind = scope_get(m, binding->scope)->kind;
  const Def *def = def_get(m, binding_only_def(m, variable));
  if ((kind != SCOPE_FUNCTION && kind != SCOPE_LAMBDA) ||
      (binding->flags & (BIND_IN_ERROR | BIND_CAPTURED)) != 0) {
    return LOSS_NONE;
  }
  bool is_function = def->kind == DEF_FUNCTION && !has_other_decorators(m, def->value);
  bool is_value = def->kind == DEF_ASSIGN && def->flags == 0;
  WeakLoss loss = is_value ? loss_of_value(m, def->value, flags) : LOSS_NONE;
  if (!is_function && loss == LOSS_NONE) return LOSS_NONE;
  uint32_t read = 0;
  for (RefId r = ref_first(m, variable); ref_ok(r); r = ref_next(m, r)) {
    NodeId mention = ref_get(m, r)->node;
    if (++read > REFS_READ || !mention_is_weak(m, mention, binding->scope)) {
      return LOSS_NONE;
    }
  }
  if (stays_behind(m, from, binding->scope)) return LOSS_NONE;
  return is_function ? LOSS_FUNCTION : loss;
}

WeakLoss weak_loss_of(Model *m, WeakStore store) {
  const Tree *t = m->tree;
  if (store.fact == NULL) return LOSS_NONE;
  NodeId given = node_unwrap(t, store.given);
  if (node_is(t, given, PY_FUNCTION_DEFINITION)) {
    NodeId name = node_field(t, given, FIELD_NAME);
    return loss_of_local(m, binding_of(m, name), node_parent(t, given),
                         store.fact->flags);
  }
  if (node_is(t, given, PY_IDENTIFIER)) {
    return !is_kept_weakly(t, store, given)
               ? LOSS_NONE
               : loss_of_local(m, binding_of(m, given), given, store.fact->flags);
  }
  return loss_of_value(m, given, store.fact->flags);
}
