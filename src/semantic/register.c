#include "semantic/register.h"

#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/keeper.h"

static const RegisterFact *fact_of_callee(Model *m, NodeId callee, NodeId *receiver) {
  const Tree *t = m->tree;
  const Knowledge *k = m->options.knowledge;
  const RegisterFact *fact = knowledge_registers(k, name_of(m, callee));
  // `listen = BUS.subscribe`, then `listen("saved", self.on_saved)`.
  callee = name_value(m, callee);
  *receiver = NO_NODE;
  if (fact != NULL || !node_is(t, callee, PY_ATTRIBUTE)) return fact;
  Str method = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
  fact = knowledge_member(k, SUBJECT_REGISTERS, VALUE_UNKNOWN, method);
  if (fact != NULL) *receiver = node_field(t, callee, FIELD_OBJECT);
  return fact;
}

static bool is_assigned(const RegisterFact *fact) {
  return (fact->flags & REGISTER_ASSIGNED) != 0;
}

// Only `module.name` can be one of the tables: not worth a look-up else.
static bool is_of_import(Model *m, NodeId attribute) {
  NodeId object = node_field(m->tree, attribute, FIELD_OBJECT);
  return node_is(m->tree, attribute, PY_ATTRIBUTE) &&
         node_is(m->tree, object, PY_IDENTIFIER) &&
         (binding_get(m, binding_of(m, object))->flags & BIND_IMPORTED) != 0;
}

// `bus.on("saved")(self.on_saved)`: what a decorator would do.
static Registered registered_by_second_call(Model *m, NodeId call, NodeId first) {
  Registered r = {.node = call};
  const RegisterFact *fact = fact_of_callee(m, call_callee(m, first), &r.receiver);
  if (fact == NULL || (fact->flags & REGISTER_DECORATES) == 0) return r;
  call_argument(m, call, 0, NULL, &r.given);
  if (node_ok(r.given)) r.fact = fact;
  return r;
}

static Registered registered_by_call(Model *m, NodeId call) {
  Registered r = {.node = call};
  NodeId first = node_unwrap(m->tree, call_callee(m, call));
  if (node_is(m->tree, first, PY_CALL))
    return registered_by_second_call(m, call, first);
  bool is_name = node_is(m->tree, call_callee(m, call), PY_IDENTIFIER);
  bool may_be = (call_subjects(m, call) & UINT32_C(1) << SUBJECT_REGISTERS) != 0;
  if (!is_name && !may_be) return r;
  const RegisterFact *fact = fact_of_callee(m, call_callee(m, call), &r.receiver);
  if (fact == NULL || is_assigned(fact) || (fact->flags & REGISTER_LIST) != 0) return r;
  if ((fact->flags & REGISTER_TARGET) != 0) {
    call_argument(m, call, 0, "target", &r.receiver);
    if (!node_ok(r.receiver)) return r;
  }
  const char *keyword = fact->keyword[0] != '\0' ? fact->keyword : NULL;
  if (fact->position >= 0)
    call_argument(m, call, (uint32_t)fact->position, keyword, &r.given);
  r.fact = fact;
  return r;
}

static const RegisterFact *fact_of_append(Model *m, Str list) {
  Str name = str_join_in(m->arena, list, ".", STR("append"));
  return knowledge_registers(m->options.knowledge, name);
}

static bool mentions(const Tree *t, NodeId expression, Str text) {
  uint32_t after = node_after(t, expression);
  for (uint32_t i = expression.i; node_ok(expression) && i < after; i++) {
    if (str_eq(node_text(t, (NodeId){i}), text)) return true;
  }
  return false;
}

// `[x for x in sys.path if x != old]`, `sys.path[1:]`: some of it, and nothing else.
static bool is_part_of(const Tree *t, NodeId value, Str list) {
  NodeId e = node_unwrap(t, value);
  bool is_part = node_is(t, e, PY_LIST_COMPREHENSION) || node_is(t, e, PY_SUBSCRIPT);
  return is_part && mentions(t, e, list);
}

static Registered registered_by_assignment(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  Registered r = {.node = assignment};
  NodeId left = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  if (!is_of_import(m, left)) return r;
  Str name = name_of(m, left);
  const RegisterFact *fact = knowledge_registers(m->options.knowledge, name);
  if (fact == NULL) return r;
  r.given = node_field(t, assignment, FIELD_RIGHT);
  Str list = node_text(t, left);
  if ((fact->flags & REGISTER_LIST) != 0 && is_part_of(t, r.given, list)) return r;
  if ((fact->flags & REGISTER_LIST) != 0 && mentions(t, r.given, list))
    fact = fact_of_append(m, name);  // `sys.path = ["/opt"] + sys.path`
  else if (!is_assigned(fact))
    return r;
  if (node_ok(r.given)) r.fact = fact;
  return r;
}

// `sys.path += ["/opt"]`: what `append` would do.
static Registered registered_by_augmented(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  Registered r = {.node = assignment};
  NodeId left = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  bool adds = node_text_is(t, node_field(t, assignment, FIELD_OPERATOR), "+=");
  Str name = adds ? name_of(m, left) : STR_NONE;
  const RegisterFact *list = knowledge_registers(m->options.knowledge, name);
  if (list == NULL || (list->flags & REGISTER_LIST) == 0) return r;
  r.fact = fact_of_append(m, name);
  r.given = node_field(t, assignment, FIELD_RIGHT);
  return r;
}

static Registered registered_by_decorator(Model *m, NodeId decorator) {
  const Tree *t = m->tree;
  Registered r = {.node = decorator};
  NodeId callee = node_unwrap(t, node_first_named(t, decorator));
  if (node_is(t, callee, PY_CALL)) callee = call_callee(m, callee);
  const RegisterFact *fact = fact_of_callee(m, callee, &r.receiver);
  if (fact == NULL || (fact->flags & REGISTER_DECORATES) == 0) return r;
  r.given = node_field(t, node_parent(t, decorator), FIELD_DEFINITION);
  if (node_is(t, r.given, PY_FUNCTION_DEFINITION)) r.fact = fact;
  return r;
}

static bool is_shrinking(Model *m, NodeId callee) {
  Str method = node_text(m->tree, node_field(m->tree, callee, FIELD_ATTRIBUTE));
  const MutatorFact *fact =
      knowledge_member(m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  return node_role(m->tree, callee) == FIELD_FUNCTION && fact != NULL &&
         (fact->effect & (MUTATES_SHRINKS | MUTATES_CLEARS)) != 0;
}

// `log.handlers.clear()`, `log.handlers = []`, `sys.path[:] = saved`, `del sys.path[0]`.
static bool is_emptied(Model *m, NodeId list) {
  const Tree *t = m->tree;
  NodeId n = list, parent = node_parent(t, n);
  if (node_is(t, parent, PY_ATTRIBUTE)) return is_shrinking(m, parent);
  if (node_is(t, parent, PY_SUBSCRIPT) && node_role(t, n) == FIELD_VALUE) {
    Str slice = node_text(t, node_field(t, parent, FIELD_SUBSCRIPT));
    if (str_is(slice, ":0") || str_is(slice, "0:0")) return false;  // puts in front
    n = parent;
    parent = node_parent(t, n);
  }
  Str name = node_text(t, list);
  NodeId value = node_field(t, parent, FIELD_RIGHT);
  bool is_stored = node_is(t, parent, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT &&
                   (!mentions(t, value, name) || is_part_of(t, value, name));
  return is_stored || node_is(t, parent, PY_DELETE_STATEMENT);
}

// `self.addCleanup(bus.unsubscribe, self.on_saved)`: what undoes it stands as a value.
static Registered registered_by_name(Model *m, NodeId name) {
  const Tree *t = m->tree;
  Registered r = {.node = name};
  if (node_role(t, name) == FIELD_FUNCTION) return r;
  Str last = node_text(t, node_field(t, name, FIELD_ATTRIBUTE));
  bool may_be = is_of_import(m, name) ||
                knowledge_has_member(m->options.knowledge, SUBJECT_REGISTERS, last);
  if (!may_be) return r;
  const RegisterFact *fact = fact_of_callee(m, name, &r.receiver);
  if (fact == NULL) return r;
  PyKind around = node_kind(t, node_parent(t, name));
  bool is_handed_on = around == PY_ARGUMENT_LIST || around == PY_KEYWORD_ARGUMENT ||
                      around == PY_TUPLE || around == PY_LIST;
  bool is_read = fact->kind == REGISTER_REPLACES && is_assigned(fact) &&
                 node_role(t, name) != FIELD_LEFT;
  bool is_list = (fact->flags & REGISTER_LIST) != 0;
  bool undoes =
      fact->kind == REGISTER_UNDOES && (is_list ? is_emptied(m, name) : is_handed_on);
  if (undoes || is_read) r.fact = fact;
  return r;
}

Registered registered_of(Model *m, NodeId node) {
  switch (node_kind(m->tree, node)) {
    case PY_CALL: return registered_by_call(m, node);
    case PY_ASSIGNMENT: return registered_by_assignment(m, node);
    case PY_AUGMENTED_ASSIGNMENT: return registered_by_augmented(m, node);
    case PY_DECORATOR: return registered_by_decorator(m, node);
    case PY_ATTRIBUTE: return registered_by_name(m, node);
    default: return (Registered){0};
  }
}

// --- what it holds -------------------------------------------------------------------

static NodeId argument_value(const Tree *t, NodeId argument) {
  return node_is(t, argument, PY_KEYWORD_ARGUMENT)
             ? node_field(t, argument, FIELD_VALUE)
             : argument;
}

// `Finalize(self, f, args=(self,))`: what a display holds counts as handed on.
static Hold held_by_argument(Model *m, NodeId value, BindingId object) {
  const Tree *t = m->tree;
  NodeId display = node_unwrap(t, value);
  if (!node_is(t, display, PY_TUPLE) && !node_is(t, display, PY_LIST))
    return held_of(m, value, object);
  for (NodeId e = node_first_named(t, display); node_ok(e); e = node_next_named(t, e)) {
    Hold held = held_of(m, e, object);
    if (held.form != HELD_NOTHING && !held.is_guess) return held;
  }
  return (Hold){0};
}

static bool is_whole_object(const Registered *self, Hold held) {
  bool takes_objects = (self->fact->flags & REGISTER_OBSERVERS) != 0 ||
                       (self->fact->flags & REGISTER_LOGGER) != 0 ||
                       self->fact->kind == REGISTER_KEEPS ||
                       str_is(str_from(self->fact->group), "register");
  return held.form != HELD_ITSELF || takes_objects;
}

static Hold holds_among(Model *m, Registered *self, BindingId object, bool rest) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, self->node, FIELD_ARGUMENTS);
  uint32_t position = 0, first = rest ? (uint32_t)self->fact->position + 1 : 0;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = argument_value(t, a);
    bool is_asked = is_keyword || position >= first;
    if (!is_keyword) position++;
    if (!is_asked || node_eq(value, self->given)) continue;
    Hold held = rest ? held_by_argument(m, value, object) : held_of(m, value, object);
    if (held.form == HELD_NOTHING || !is_whole_object(self, held)) continue;
    if (rest && held.is_guess) continue;  // `self.path` is no method
    if (rest) held.form = HELD_ARGUMENT;
    if (!rest) self->given = value;
    return held;
  }
  return (Hold){0};
}

Hold registered_holds(Model *m, Registered *self, BindingId object) {
  if (!binding_ok(object) || self->fact == NULL) return (Hold){0};
  bool is_call = node_is(m->tree, self->node, PY_CALL) &&
                 !node_is(m->tree, call_callee(m, self->node), PY_CALL);
  if (is_call && self->fact->position == REGISTER_ANYWHERE)
    return holds_among(m, self, object, false);
  Hold held = {0};
  if (node_ok(self->given)) held = held_of(m, self->given, object);
  if (held.form != HELD_NOTHING && is_whole_object(self, held)) return held;
  if (is_call && (self->fact->flags & REGISTER_PASSES) != 0)
    return holds_among(m, self, object, true);
  return (Hold){0};
}

NodeId registered_object(Model *m, const Registered *self) {
  NodeId object = NO_NODE;
  if ((self->fact->flags & REGISTER_FINALIZES) != 0)
    call_argument(m, self->node, 0, "obj", &object);
  return object;
}

// --- what the call gives -------------------------------------------------------------

// Called, `.detach` read, or handed on: for a finalizer nothing else ends it.
static bool may_end(Model *m, NodeId mention, bool is_finalizer) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, mention), parent = node_parent(t, n);
  PyField role = node_role(t, n);
  if (role == FIELD_LEFT) return false;
  if (!is_finalizer || role == FIELD_FUNCTION) return true;
  if (node_is(t, parent, PY_ATTRIBUTE)) {
    Str name = node_text(t, node_field(t, parent, FIELD_ATTRIBUTE));
    return str_is(name, "detach") || str_is(name, "cancel");
  }
  UseKind kind = use_of(m, mention).kind;
  return kind != USE_TESTED && kind != USE_DROPPED;
}

static bool attribute_may_end(Model *m, NodeId node, void *data) {
  const bool *is_finalizer = data;
  return may_end(m, node, *is_finalizer);
}

bool registered_result_is_used(Model *m, const Registered *self) {
  const Tree *t = m->tree;
  bool is_finalizer = (self->fact->flags & REGISTER_FINALIZES) != 0;
  // `atexit.register` gives the function back.
  bool gives_function = self->fact->kind == REGISTER_KEEPS &&
                        (self->fact->flags & REGISTER_DECORATES) != 0;
  if (!node_is(t, self->node, PY_CALL) || gives_function) return false;
  Use use = use_of(m, self->node);
  switch (use.kind) {
    case USE_DROPPED: return false;
    case USE_ASSIGNED: {
      BindingId name = binding_of(m, use.name);
      for (RefId r = ref_first(m, name); ref_ok(r); r = ref_next(m, r)) {
        if (may_end(m, ref_get(m, r)->node, is_finalizer)) return true;
      }
      return false;
    }
    case USE_STORED: {
      NodeId target =
          node_field(t, node_ancestor(t, self->node, PY_ASSIGNMENT), FIELD_LEFT);
      Keeper keeper = keeper_of(m, target);
      bool is_followed = node_is(t, target, PY_ATTRIBUTE) &&
                         (keeper.kind == KEEPER_SELF || keeper.kind == KEEPER_CLASS);
      return !is_followed ||
             keeper_any_use(m, keeper, attribute_may_end, &is_finalizer);
    }
    default: return true;
  }
}
