// What is registered with the process: lists that only grow, places that hold the last one,
// and loggers.
#include "index/facts_registered.h"
#include "semantic/once.h"
#include "semantic/publisher.h"
#include "semantic/rounds.h"

// Of a function that are looked through for what it keeps.
enum { FUNCTION_NODES = 16384 };

// --- chains --------------------------------------------------------------------------

static bool reads_group(FactsBuilder *b, NodeId node, const Registered *of) {
  Registered r = registered_of(b->m, node);
  if (r.fact == NULL || strcmp(r.fact->group, of->fact->group) != 0) return false;
  return r.fact->kind == REGISTER_READS || node_is(b->t, node, PY_ATTRIBUTE);
}

// The function that registers gets hold of what was registered before.
static bool keeps_previous(FactsBuilder *b, const Registered *r) {
  const Tree *t = b->t;
  if (node_is(t, r->node, PY_CALL) && use_of(b->m, r->node).kind != USE_DROPPED &&
      (r->fact->flags & REGISTER_CHAINS) != 0) {
    return true;
  }
  NodeId function = context_of(b->m, r->node).function;
  uint32_t after = node_after(t, function);
  if (after - function.i > FUNCTION_NODES) after = function.i + FUNCTION_NODES;
  for (uint32_t i = function.i; i < after; i++) {
    NodeId n = {i};
    bool may_read = node_is(t, n, PY_CALL) || node_is(t, n, PY_ATTRIBUTE);
    if (may_read && !node_eq(n, r->node) && reads_group(b, n, r)) return true;
  }
  return false;
}

// `stack.callback(signal.signal, SIGINT, previous)`: whoever is given the function puts it
// back.
static bool is_put_back_later(FactsBuilder *b, const Registered *r) {
  const Tree *t = b->t;
  NodeId function = context_of(b->m, r->node).function;
  uint32_t after = node_after(t, function);
  Str name = name_of_callee(b->m, r->node);
  if (!node_ok(function) || name.n == 0 || after - function.i > FUNCTION_NODES)
    return false;
  for (uint32_t i = function.i; i < after; i++) {
    NodeId list = {i};
    if (!node_is(t, list, PY_ARGUMENT_LIST)) continue;
    NodeId first = node_unwrap(t, node_first_named(t, list));
    bool is_name = node_is(t, first, PY_ATTRIBUTE) || node_is(t, first, PY_IDENTIFIER);
    if (is_name && str_eq(name_of(b->m, first), name)) return true;
  }
  return false;
}

// --- the process ---------------------------------------------------------------------

// What names a class makes one, other calls where that is known.
bool is_made_here(FactsBuilder *b, NodeId given) {
  NodeId n = node_unwrap(b->t, given);
  if (node_is(b->t, n, PY_IDENTIFIER)) {
    const Def *def = def_get(b->m, flow_only_def(b->m, n));
    if (def->kind != DEF_ASSIGN || def->scope.i == MODULE_SCOPE.i) return false;
    n = node_unwrap(b->t, def->value);
  }
  if (!node_is(b->t, n, PY_CALL) || is_shared(b->m, n)) return false;
  Str made = name_last_part(qualified_of(b, call_callee(b->m, n)));
  while (made.n > 0 && made.p[0] == '_') made = str_slice(made, 1, made.n);
  bool is_class = made.n > 0 && made.p[0] >= 'A' && made.p[0] <= 'Z';
  return is_class || (value_of(b->m, n).flags & VALUE_FRESH) != 0 ||
         value_of(b->m, n).kind == VALUE_INSTANCE;
}

// The call that gives a logger: `getLogger("app")` of `log`, where it is bound so once.
static NodeId logger_call(FactsBuilder *b, NodeId receiver) {
  NodeId n = name_value(b->m, receiver);
  if (!node_is(b->t, n, PY_CALL)) n = value_of(b->m, n).origin;
  bool is_getter =
      node_is(b->t, n, PY_CALL) && str_is(name_of_callee(b->m, n), "logging.getLogger");
  return is_getter ? n : NO_NODE;
}

// What `getLogger` is told, the same for each call of the function: `getLogger()`,
// `getLogger("app")`, `getLogger(__name__)`; false where that varies or is not known.
static bool logger_name(FactsBuilder *b, NodeId call, Str *text) {
  NodeId name = NO_NODE;
  *text = STR_NONE;
  switch (call_argument(b->m, call, 0, "name", &name)) {
    case ARG_ABSENT: return true;
    case ARG_UNKNOWN: return false;
    case ARG_PRESENT: break;
  }
  NodeId value = node_unwrap(b->t, name);
  NodeId last = node_field(b->t, value, FIELD_ATTRIBUTE);
  if (constant_str(b->m, value, text) || constant_is_none(b->m, value)) return true;
  *text = node_text(b->t, value);
  return str_is(*text, "__name__") || node_text_is(b->t, last, "__name__");
}

FactWord logger_key(FactsBuilder *b, NodeId receiver) {
  NodeId call = logger_call(b, receiver);
  Str name = STR_NONE;
  if (node_ok(call)) {
    bool is_fixed = logger_name(b, call, &name);
    return is_fixed ? word_of(b, str_join_in(b->arena, STR("logger"), ":", name))
                    : (FactWord){0};
  }
  Str global = global_name(b, receiver);
  if (str_is(global, "logging.root")) return word_of(b, STR("logger:"));
  return global.n != 0 ? word_of(b, global) : (FactWord){0};
}

// The same logger in each call of the function.
static bool is_fixed_logger(FactsBuilder *b, NodeId receiver) {
  NodeId call = logger_call(b, receiver);
  Str name = STR_NONE;
  return node_ok(call) ? logger_name(b, call, &name) : global_name(b, receiver).n != 0;
}

// A nested function or lambda: with what it captures, another one for each call.
static bool is_function_here(FactsBuilder *b, NodeId given) {
  NodeId n = node_unwrap(b->t, given);
  if (node_is(b->t, n, PY_LAMBDA)) return true;
  const Def *def = def_get(b->m, flow_only_def(b->m, n));
  return node_is(b->t, n, PY_IDENTIFIER) && def->kind == DEF_FUNCTION &&
         def->scope.i != MODULE_SCOPE.i;
}

static bool mentions_loop_variable(FactsBuilder *b, NodeId expression, NodeId loop) {
  const Tree *t = b->t;
  NodeId target = node_field(t, loop, FIELD_LEFT);
  uint32_t after = node_after(t, expression);
  for (uint32_t i = expression.i; node_ok(target) && node_ok(expression) && i < after;
       i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(b->m, n))) continue;
    const Def *def = def_get(b->m, flow_only_def(b->m, n));
    if (node_inside(t, def->node, target)) return true;
    bool is_within = def->kind == DEF_ASSIGN && node_inside(t, def->node, loop);
    if (is_within) return true;
  }
  return false;
}

// Some argument is another one for each call of the function.
static bool varies_by_call(FactsBuilder *b, const Registered *r) {
  NodeId list = node_field(b->t, r->node, FIELD_ARGUMENTS);
  uint32_t after = node_after(b->t, list);
  for (uint32_t i = list.i; node_ok(list) && i < after; i++) {
    BindingId binding = ref_ok(ref_at(b->m, (NodeId){i}))
                            ? binding_of(b->m, (NodeId){i})
                            : (BindingId){0};
    ScopeKind kind = scope_get(b->m, binding_get(b->m, binding)->scope)->kind;
    if (binding_ok(binding) && kind == SCOPE_FUNCTION) return true;
  }
  return false;
}

// `with warnings.catch_warnings():` around it.
static bool is_scoped(FactsBuilder *b, const Registered *r) {
  for (NodeId w = with_around(b->m, r->node, NO_NODE); node_ok(w);
       w = with_around(b->m, r->node, w)) {
    NodeId value = node_field(b->t, w, FIELD_VALUE);
    if (node_is(b->t, value, PY_AS_PATTERN)) value = node_first_named(b->t, value);
    Registered around = registered_of(b->m, node_unwrap(b->t, value));
    if (around.fact != NULL && around.fact->kind == REGISTER_SCOPES &&
        strcmp(around.fact->group, r->fact->group) == 0) {
      return true;
    }
  }
  return false;
}

// The function returns the logger that it adds to: whoever wants it calls again.
static bool is_accessor(FactsBuilder *b, const Registered *r) {
  const Tree *t = b->t;
  NodeId function = context_of(b->m, r->node).function;
  if (!node_is(t, function, PY_FUNCTION_DEFINITION) || !node_ok(r->receiver))
    return false;
  Str text = node_text(t, r->receiver);
  uint32_t after = node_after(t, function);
  if (after - function.i > FUNCTION_NODES) return false;
  for (uint32_t i = function.i; i < after; i++) {
    NodeId n = {i};
    if (node_is(t, n, PY_RETURN_STATEMENT) &&
        str_eq(node_text(t, node_first_named(t, n)), text)) {
      return true;
    }
  }
  return false;
}

// What the loop around means: the same again in each round, something else, or nothing.
static void loop_read(FactsBuilder *b, const Registered *r, NodeId loop,
                      FactRegistration *row) {
  NodeId given = r->given;
  if (!node_ok(given)) given = node_field(b->t, r->node, FIELD_ARGUMENTS);
  bool is_made = node_is(b->t, node_unwrap(b->t, given), PY_CALL);
  if (is_made || mentions_loop_variable(b, given, loop))
    row->flags |= REGISTRATION_VARIES;
  // A logger that is looked up by the same name in each round is the same.
  bool is_same = (r->fact->flags & REGISTER_LOGGER) != 0 && row->key.i != 0;
  if (!is_same && mentions_loop_variable(b, r->receiver, loop))
    row->flags |= REGISTRATION_ELSEWHERE;
  bool is_loop =
      node_is(b->t, loop, PY_FOR_STATEMENT) || node_is(b->t, loop, PY_WHILE_STATEMENT);
  bool is_again = !is_loop || (!loop_has_few_rounds(b->m, loop) &&
                               !loop_is_left(b->m, r->node, loop) &&
                               flow_reaches(b->m, r->node, r->node) != ANSWER_NO);
  if (!is_again) row->context &= (uint8_t)~CONTEXT_LOOP;
}

// What is added again and again to a list of the process, or to a shared logger.
static void repeated_add(FactsBuilder *b, const Registered *r, bool chains) {
  Context at = context_of(b->m, r->node);
  bool is_equal = (r->fact->flags & REGISTER_EQUAL) != 0 && !varies_by_call(b, r);
  // Once while the module is imported, or an entry that is there.
  if (!node_ok(at.function) || is_equal || is_scoped(b, r)) return;
  FactRegistration row = registration_begin(b, r);
  if ((r->fact->flags & REGISTER_EQUAL) != 0) row.flags |= REGISTRATION_EQUAL;
  bool is_named =
      (r->fact->flags & REGISTER_LOGGER) != 0 && !is_fixed_logger(b, r->receiver);
  if (is_named) row.flags |= REGISTRATION_BY_NAME;
  row.given = place_of(r->given);
  // `atexit.register(client.close)`: `atexit.unregister(client.close)` takes it out.
  NodeId given = node_unwrap(b->t, r->given);
  if (node_is(b->t, given, PY_ATTRIBUTE) && row.callback.i == 0)
    row.callback =
        text_of(b, node_text(b->t, node_field(b->t, given, FIELD_ATTRIBUTE)));
  row.flags |= once_flags(b, r);
  if (node_ok(at.loop)) loop_read(b, r, at.loop, &row);
  if (is_accessor(b, r)) row.flags |= REGISTRATION_ACCESSOR;
  if (chains) row.flags |= REGISTRATION_CHAINS;
  if (registered_result_is_used(b->m, r)) row.flags |= REGISTRATION_PAIRED;
  registration_add(b, row);
}

static void finalizer_add(FactsBuilder *b, Registered *r) {
  NodeId object = node_unwrap(b->t, registered_object(b->m, r));
  BindingId binding = binding_of(b->m, object);
  if (!node_is(b->t, object, PY_IDENTIFIER) || !binding_ok(binding)) return;
  BindingId self = self_around(b->m, r->node);
  if (binding_ok(self) && is_object(b->m, object, self)) binding = self;
  if (binding_get(b->m, binding)->scope.i == MODULE_SCOPE.i) return;
  Hold held = registered_holds(b->m, r, binding);
  if (held.form == HELD_NOTHING) return;
  FactRegistration row = registration_begin(b, r);
  row.flags |= REGISTRATION_FINALIZES;
  held_read(b, r, held, binding, &row);
  row.receiver = text_of(b, node_text(b->t, object));
  registration_add(b, row);
}

void process_add(FactsBuilder *b, Registered *r) {
  if ((r->fact->flags & REGISTER_FINALIZES) != 0) {
    finalizer_add(b, r);
    return;
  }
  BindingId self = self_around(b->m, r->node);
  Hold held = registered_holds(b->m, r, self);
  bool replaces = r->fact->kind == REGISTER_REPLACES;
  bool chains = replaces && keeps_previous(b, r);
  if (chains && is_put_back_later(b, r)) return;
  if (held.form != HELD_NOTHING) {
    FactRegistration row = registration_begin(b, r);
    held_read(b, r, held, self, &row);
    // The chain is what signal() gives.
    if (replaces) row.flags &= ~(uint32_t)REGISTRATION_PAIRED;
    if (chains) row.flags |= REGISTRATION_CHAINS;
    registration_add(b, row);
    return;
  }
  forwarder_add(b, r);
  if ((r->fact->flags & REGISTER_WITH_OBJECT) != 0) return;
  if (!replaces || (chains && is_function_here(b, r->given)))
    repeated_add(b, r, chains);
  else
    undo_add(b, r);  // something else takes the place
}

// --- loggers -------------------------------------------------------------------------

bool is_logger(FactsBuilder *b, NodeId receiver) {
  if (value_of(b->m, receiver).kind == VALUE_LOGGER) return true;
  NodeId n = node_unwrap(b->t, receiver);
  if (node_is(b->t, n, PY_ATTRIBUTE)) n = node_field(b->t, n, FIELD_ATTRIBUTE);
  Str text = node_text(b->t, n);
  bool is_name = node_is(b->t, n, PY_IDENTIFIER) &&
                 (str_ends(text, STR("logger")) || str_ends(text, STR("log")));
  return is_name || str_is(name_of(b->m, receiver), "logging.root");
}

// `self.handler = StreamHandler()` in the same function.
static bool is_stored_here(FactsBuilder *b, NodeId attribute) {
  enum { STORES = 4 };
  BindingId self = self_around(b->m, attribute);
  NodeId stores[STORES], e = node_unwrap(b->t, attribute);
  Str name = node_text(b->t, node_field(b->t, e, FIELD_ATTRIBUTE));
  uint32_t count = attribute_stores(b->m, self_class(b->m, self), name, stores, STORES);
  NodeId function = context_of(b->m, attribute).function;
  for (uint32_t i = 0; i < count && i < STORES; i++) {
    if (node_eq(context_of(b->m, stores[i]).function, function)) return true;
  }
  return false;
}

void logger_add(FactsBuilder *b, Registered *r) {
  if (!is_logger(b, r->receiver)) return;
  BindingId self = self_around(b->m, r->node);
  Publisher publisher = publisher_of(b->m, r->receiver);
  Hold held = registered_holds(b->m, r, self);
  if (held.form == HELD_NOTHING && binding_ok(self) && node_ok(r->given))
    held = held_attribute(b->m, r->given, self);
  if (held.form == HELD_NOTHING) {
    bool repeats = publisher.kind == PUBLISHER_LONG && node_ok(r->given) &&
                   is_made_here(b, r->given);
    if (repeats) repeated_add(b, r, false);
    return;
  }
  if (publisher.kind != PUBLISHER_LONG && publisher.kind != PUBLISHER_GIVEN) return;
  FactRegistration row = registration_begin(b, r);
  held_read(b, r, held, self, &row);
  row.flags |= REGISTRATION_LOGGER;
  if (held.form == HELD_ATTRIBUTE && is_stored_here(b, r->given))
    row.flags |= REGISTRATION_FRESH;
  if (publisher.kind == PUBLISHER_LONG) row.flags |= REGISTRATION_LONG;
  registration_add(b, row);
}
