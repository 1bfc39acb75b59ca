// What takes registrations out again: the other half of facts_registrations.c.
#include "index/facts_registered.h"
#include "semantic/once.h"

// --- where it does not count ---------------------------------------------------------

// What only runs when the object dies never runs while a registration holds it.
static bool is_in_del(FactsBuilder *b, NodeId node) {
  for (ScopeId s = scope_at(b->m, node); s.i > MODULE_SCOPE.i;
       s = scope_get(b->m, s)->parent) {
    const Scope *scope = scope_get(b->m, s);
    bool is_method =
        scope->kind == SCOPE_FUNCTION && scope_ok(scope_class_of_method(b->m, s));
    if (is_method) {
      return node_text_is(b->t, node_field(b->t, scope->node, FIELD_NAME), "__del__");
    }
  }
  return false;
}

// --- what undoes it ------------------------------------------------------------------

// What an undoing names: `self.on_saved`, `view.on_saved`, self.
typedef struct Undone {
  Str method;
  NodeId object;
  bool is_method;  // of the class around, for certain
  bool is_other;   // made anew there: it takes nothing out
} Undone;

// What made an object, as far as its one definition tells.
Str maker_of(FactsBuilder *b, NodeId object) {
  Str known = class_of_object(b, object);
  if (known.n != 0) return known;
  const Def *def = def_get(b->m, binding_only_def(b->m, binding_of(b->m, object)));
  NodeId call = node_unwrap(b->t, def->value);
  bool is_made =
      def->kind == DEF_ASSIGN && def->flags == 0 && node_is(b->t, call, PY_CALL);
  return is_made ? qualified_of(b, call_callee(b->m, call)) : STR_NONE;
}

// A lambda, a partial, a new object: it equals nothing that was registered.
static bool makes_another(FactsBuilder *b, NodeId n) {
  if (node_is(b->t, n, PY_LAMBDA)) return true;
  if (!node_is(b->t, n, PY_CALL)) return false;
  Str last = name_last_part(name_of(b->m, call_callee(b->m, n)));
  bool is_class = last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
  return is_class || str_is(last, "partial");
}

static Undone undone_of(FactsBuilder *b, NodeId argument, bool is_handler) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, argument);
  if (makes_another(b, n)) return (Undone){.is_other = true};
  NodeId object = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
  if (!node_is(t, n, PY_ATTRIBUTE) || !node_is(t, object, PY_IDENTIFIER))
    return (Undone){.object = NO_NODE};
  BindingId self = self_around(b->m, n);
  Hold held = held_of(b->m, n, self);
  // `manager.remove_listener(self.address)` names a key, and no callback.
  bool is_key = !is_handler && held.form == HELD_NOTHING && binding_ok(self) &&
                is_object(b->m, object, self);
  if (is_key) return (Undone){.object = NO_NODE};
  return (Undone){.method = node_text(t, node_field(t, n, FIELD_ATTRIBUTE)),
                  .object = object,
                  .is_method = held.form == HELD_BOUND && !held.is_guess};
}

// False where what is given equals nothing that was registered.
bool undone_read(FactsBuilder *b, NodeId first, FactRegistration *row) {
  const Tree *t = b->t;
  Str group = sym_str(&b->texts, (Sym){row->group.i});
  bool is_handler = str_starts(group, STR("logging-"));
  Undone best = {.object = NO_NODE};
  uint32_t named = 0;
  for (NodeId a = first; node_ok(a); a = node_next_named(t, a)) {
    NodeId value =
        node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    Undone one = undone_of(b, value, is_handler);
    if (one.is_other) return false;
    bool is_name = node_is(t, node_unwrap(t, value), PY_IDENTIFIER);
    if (is_name && is_made_here(b, value)) row->flags |= REGISTRATION_OF_CALL;
    if (!node_ok(one.object) || best.is_method) continue;
    named++;
    best = one;
  }
  if (!node_ok(best.object) || (named > 1 && !best.is_method)) return true;
  BindingId self = self_around(b->m, best.object);
  bool is_self = binding_ok(self) && is_object(b->m, best.object, self);
  row->callback = text_of(b, best.method);
  row->kind = is_self ? CALLBACK_BOUND : CALLBACK_OTHER;
  if (!is_self) row->publisher = text_of(b, maker_of(b, best.object));
  return true;
}

static bool is_of_self(FactsBuilder *b, NodeId attribute) {
  BindingId self = self_around(b->m, attribute);
  return binding_ok(self) &&
         is_object(b->m, node_field(b->t, attribute, FIELD_OBJECT), self);
}

// `self.option` that methods set to their parameters only.
static bool is_option(FactsBuilder *b, NodeId attribute) {
  enum { STORES = 4 };
  Model *m = b->m;
  BindingId self = self_around(m, attribute);
  NodeId stores[STORES];
  Str name = node_text(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE));
  uint32_t count = attribute_stores(m, self_class(m, self), name, stores, STORES);
  for (uint32_t i = 0; i < count && i < STORES; i++) {
    NodeId value = node_unwrap(b->t, stores[i]);
    const Def *def = def_get(m, binding_only_def(m, binding_of(m, value)));
    if (!node_is(b->t, value, PY_IDENTIFIER) || def->kind != DEF_PARAMETER)
      return false;
  }
  return count > 0 && count <= STORES;
}

// What an identifier of a test says: that of a parameter or of an object from outside is an
// option, that of a local name may be anything.
typedef enum Says { SAYS_NOTHING, SAYS_OPTION, SAYS_STATE } Says;

static Says identifier_says(FactsBuilder *b, NodeId identifier) {
  BindingId binding = binding_of(b->m, identifier);
  const Binding *known = binding_get(b->m, binding);
  if (!ref_ok(ref_at(b->m, identifier)) || !binding_ok(binding)) return SAYS_NOTHING;
  if ((known->flags & BIND_IMPORTED) != 0) {
    // `request.args`, but not a class that something is an instance of.
    NodeId parent = node_parent(b->t, identifier);
    return node_is(b->t, parent, PY_ATTRIBUTE) ? SAYS_OPTION : SAYS_NOTHING;
  }
  DefKind kind = def_get(b->m, binding_only_def(b->m, binding))->kind;
  if (kind == DEF_CLASS || kind == DEF_FUNCTION) return SAYS_NOTHING;
  return kind == DEF_PARAMETER ? SAYS_OPTION : SAYS_STATE;
}

// A test of options and parameters alone: the other branch is as good as this one.
static bool tests_option(FactsBuilder *b, NodeId test, NodeId receiver) {
  const Tree *t = b->t;
  uint32_t after = node_after(t, test);
  bool found = false;
  // `if self.bus is not None: self.bus.unsubscribe(…)`: nor was it subscribed then.
  Str text = node_text(t, receiver);
  for (uint32_t i = test.i; i < after; i++) {
    NodeId n = {i};
    if (node_is(t, n, PY_CALL) && !call_tells_option(b->m, n)) return false;
    if (text.n > 0 && str_starts(text, node_text(t, n))) return false;
    if (node_is(t, n, PY_ATTRIBUTE) && is_of_self(b, n)) {
      if (!is_option(b, n)) return false;
      found = true;
      i = node_after(t, n) - 1;
    } else if (node_is(t, n, PY_IDENTIFIER)) {
      Says says = identifier_says(b, n);
      if (says == SAYS_STATE) return false;
      found = found || says == SAYS_OPTION;
    }
  }
  return found;
}

// Some way through the function leaves it out, for no reason of the object's state.
static bool is_on_one_path(FactsBuilder *b, NodeId node, NodeId receiver) {
  enum { FRAMES = 32 };
  const Tree *t = b->t;
  for (uint32_t i = 0; i < FRAMES && node_ok(node); i++) {
    NodeId frame = node_parent(t, node);
    if (node_is(t, frame, PY_FUNCTION_DEFINITION) || node_is(t, frame, PY_LAMBDA))
      return false;
    if (node_is(t, frame, PY_EXCEPT_CLAUSE)) return true;
    NodeId test = node_field(t, frame, FIELD_CONDITION);
    bool is_branch = node_is(t, frame, PY_IF_STATEMENT) && !node_eq(test, node);
    if (is_branch && tests_option(b, test, receiver)) return true;
    node = frame;
  }
  return false;
}

void undo_add(FactsBuilder *b, const Registered *r) {
  bool is_list = (r->fact->flags & REGISTER_LIST) != 0;
  if (is_list && node_ok(r->receiver) && !is_logger(b, r->receiver)) return;
  FactRegistration row = registration_begin(b, r);
  row.flags |= REGISTRATION_UNDO;
  if (is_in_del(b, r->node)) row.flags |= REGISTRATION_IN_DEL;
  if (is_on_one_path(b, r->node, r->receiver)) row.flags |= REGISTRATION_ONE_PATH;
  // `stack.callback(bus.unsubscribe, self.on_saved)`: what follows is handed to it.
  NodeId first = NO_NODE;
  if (node_is(b->t, r->node, PY_ATTRIBUTE) && !is_list)
    first = node_next_named(b->t, r->node);
  else if (r->fact->kind == REGISTER_UNDOES)
    first = node_first_named(b->t, node_field(b->t, r->node, FIELD_ARGUMENTS));
  if (undone_read(b, first, &row)) registration_add(b, row);
}

// `remove_listener`, `bus.unbind`, `close`: on the publisher itself, whatever the name.
static bool name_undoes(Str name) {
  static const char *const starts[] = {
      "un",   "dis", "remove", "detach",  "off",   "del",      "dereg", "clear", "stop",
      "drop", "pop", "cancel", "release", "close", "shutdown", "reset", "revoke"};
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  for (uint32_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    if (str_starts(name, str_from(starts[i]))) return true;
  }
  return false;
}

void emptying_add(FactsBuilder *b, NodeId call) {
  static const char *const names[] = {"clear", "reset", "remove_all", "close",
                                      "shutdown"};
  if (call_has_arguments(b->m, call)) return;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, call, &method);
  bool empties = false;
  for (uint32_t i = 0; i < sizeof names / sizeof *names && node_ok(receiver); i++) {
    if (str_starts(method, str_from(names[i]))) empties = true;
  }
  if (!empties) return;
  Str name = global_name(b, receiver);
  if (name.n == 0) return;
  static const RegisterFact fact = {.kind = REGISTER_UNDOES, .group = ""};
  Registered r = {.fact = &fact, .node = call, .receiver = receiver};
  FactRegistration row = registration_begin(b, &r);
  row.flags |= REGISTRATION_UNDO | REGISTRATION_EMPTIES;
  registration_add(b, row);
}

// The texts of receivers on which a class calls something that undoes.
static void undone_find(FactsBuilder *b, NodeId class_node, Map *undone) {
  const Tree *t = b->t;
  uint32_t after = node_after(t, class_node);
  for (uint32_t i = class_node.i; i < after; i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_ATTRIBUTE)) continue;
    Str name = node_text(t, node_field(t, n, FIELD_ATTRIBUTE));
    bool is_row = knowledge_member(b->m->options.knowledge, SUBJECT_REGISTERS,
                                   VALUE_UNKNOWN, name) != NULL;
    if (is_row || !name_undoes(name) || is_in_del(b, n)) continue;
    FactText text = text_of(b, node_text(t, node_field(t, n, FIELD_OBJECT)));
    map_put(undone, map_pair(class_node.i, text.i), 1);
  }
}

// --- entry ---------------------------------------------------------------------------

void registrations_finish(FactsBuilder *b) {
  Map undone = map_in(b->arena), seen = map_in(b->arena);
  for (uint32_t i = 0; i < b->subscriptions.count; i++) {
    Subscription s = b->subscriptions.items[i];
    if (map_get(&seen, s.owner.i) == 0) undone_find(b, s.owner, &undone);
    map_put(&seen, s.owner.i, 1);
    FactText text = text_of(b, node_text(b->t, s.receiver));
    if (map_get(&undone, map_pair(s.owner.i, text.i)) != 0)
      b->registrations.items[s.row].flags |= REGISTRATION_PAIRED;
  }
  if (b->t->source->is_stub || b->m->options.is_test) return;
  publishers_collect(b);
}
