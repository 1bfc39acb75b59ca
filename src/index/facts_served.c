#include "index/facts_internal.h"
#include "semantic/calls.h"

// How often what happens at a mention happens, and who sets the pace: loops that go on
// until they are told to stop, functions that are called back, sleeping and waiting.

enum { LOOPS_MAX = 8, PARTS_MAX = 32, REGION_MAX = 4000, REFS_MAX = 32 };

// --- loops ---------------------------------------------------------------------------

// `while not batch.done()`: it ends with the work.
static bool is_end_of_work(Str method) {
  return str_is(method, "done") || str_is(method, "finished") ||
         str_is(method, "exhausted") || str_is(method, "has_next") ||
         str_is(method, "has_more");
}

// A flag that somebody else sets: `self.running`, `stop.is_set()`, a global name; not what
// the loop empties itself.
static bool is_told(FactsBuilder *b, NodeId loop, NodeId condition, NodeId mention) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, condition);
  for (uint32_t i = 0; i < PARTS_MAX; i++) {
    if (node_is(t, n, PY_NOT_OPERATOR)) {
      n = node_unwrap(t, node_field(t, n, FIELD_ARGUMENT));
    } else if (node_is(t, n, PY_BOOLEAN_OPERATOR)) {
      n = node_unwrap(t, node_field(t, n, FIELD_LEFT));
    } else {
      break;
    }
  }
  Str own = node_text(t, node_unwrap(t, mention));
  if (node_is(t, n, PY_ATTRIBUTE)) return !str_eq(node_text(t, n), own);
  if (node_is(t, n, PY_CALL)) {
    Str method = STR_NONE;
    NodeId receiver = node_unwrap(t, call_receiver(b->m, n, &method));
    bool is_of_object = node_ok(receiver) && !str_eq(node_text(t, receiver), own);
    return is_of_object && !is_end_of_work(method);
  }
  if (!node_is(t, n, PY_IDENTIFIER) || str_eq(node_text(t, n), own)) return false;
  const Binding *binding = binding_get(b->m, binding_of(b->m, n));
  ScopeId here = scope_function(b->m, scope_at(b->m, loop));
  return binding->scope.i != here.i;
}

static uint32_t loop_flags(FactsBuilder *b, NodeId loop, NodeId mention) {
  const Tree *t = b->t;
  if (loop_is_worker(b->m, loop)) return OPERATION_TOLD;
  if (!node_is(t, loop, PY_WHILE_STATEMENT)) return 0;
  NodeId condition = node_unwrap(t, node_field(t, loop, FIELD_CONDITION));
  bool is_always = node_is(t, condition, PY_TRUE) || node_text_is(t, condition, "1");
  if (is_always) return OPERATION_ENDS;
  return is_told(b, loop, condition, mention) ? OPERATION_TOLD : 0u;
}

// --- callbacks -----------------------------------------------------------------------

static bool is_callback_name(Str name) {
  return str_starts(name, STR("on_")) || str_contains(name, STR("callback")) ||
         str_contains(name, STR("handler"));
}

// `bus.connect(f)`, `client.on("message", f)`, `add_callback(f)`.
static bool registers(Str method) {
  static const char *const verbs[] = {"add_event_handler",
                                      "add_handler",
                                      "add_listener",
                                      "add_observer",
                                      "add_reader",
                                      "add_signal_handler",
                                      "bind",
                                      "connect",
                                      "listen",
                                      "observe",
                                      "on",
                                      "register",
                                      "set_callback",
                                      "subscribe",
                                      "watch"};
  for (uint32_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    if (str_is(method, verbs[i])) return true;
  }
  // What waits for the end of one thing is called once.
  bool is_once = str_is(method, "add_done_callback");
  return str_starts(method, STR("on_")) ||
         (str_contains(method, STR("callback")) && !is_once &&
          !str_starts(method, STR("remove")));
}

bool is_handed_as_callback(FactsBuilder *b, NodeId expression) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, expression), p = node_parent(t, n);
  Str method = STR_NONE;
  switch (node_kind(t, p)) {
    case PY_KEYWORD_ARGUMENT:
      return is_callback_name(node_text(t, node_field(t, p, FIELD_NAME)));
    case PY_ARGUMENT_LIST: {
      NodeId call = node_parent(t, p);
      if (!node_is(t, call, PY_CALL)) return false;
      return node_ok(call_receiver(b->m, call, &method)) && registers(method);
    }
    case PY_ASSIGNMENT: {
      NodeId left = node_field(t, p, FIELD_LEFT);
      if (!node_is(t, left, PY_ATTRIBUTE) || node_role(t, n) != FIELD_RIGHT)
        return false;
      return is_callback_name(node_text(t, node_field(t, left, FIELD_ATTRIBUTE)));
    }
    default: return false;
  }
}

static bool method_is_called_back(FactsBuilder *b, NodeId function, ScopeId owner) {
  Str name = node_text(b->t, node_field(b->t, function, FIELD_NAME));
  uint32_t group = map_get(&b->group_of, map_pair(owner.i, text_of(b, name).i));
  if (group == 0) return false;
  uint32_t seen = 0;
  for (uint32_t i = b->groups.items[group].first; i != 0 && seen < REFS_MAX;
       i = b->mentions.items[i].next, seen++) {
    if (is_handed_as_callback(b, b->mentions.items[i].node)) return true;
  }
  return false;
}

static bool is_called_back(FactsBuilder *b, NodeId function) {
  if (node_is(b->t, function, PY_LAMBDA)) return is_handed_as_callback(b, function);
  ScopeId owner = scope_class_of_method(b->m, scope_of(b->m, function));
  if (scope_ok(owner)) return method_is_called_back(b, function, owner);
  NodeId name = node_field(b->t, function, FIELD_NAME);
  RefId r = binding_get(b->m, binding_of(b->m, name))->first_ref;
  for (uint32_t seen = 0; ref_ok(r) && seen < REFS_MAX; r = ref_next(b->m, r), seen++) {
    if (is_handed_as_callback(b, ref_get(b->m, r)->node)) return true;
  }
  return false;
}

uint32_t repeat_flags(FactsBuilder *b, NodeId mention) {
  uint32_t flags = 0, seen = 0;
  for (NodeId loop = loop_around(b->m, mention, NO_NODE);
       node_ok(loop) && seen < LOOPS_MAX;
       loop = loop_around(b->m, mention, loop), seen++) {
    flags |= loop_flags(b, loop, mention);
  }
  NodeId function = context_of(b->m, mention).function;
  if (!node_ok(function)) return flags;
  if (is_called_back(b, function)) return flags | OPERATION_CALLED_BACK;
  Str name = node_text(b->t, node_field(b->t, function, FIELD_NAME));
  return str_starts(name, STR("on_")) ? flags | OPERATION_OFTEN : flags;
}

// --- the pace ------------------------------------------------------------------------

// The loop around, or the function's body.
static NodeId region_of(FactsBuilder *b, NodeId mention) {
  for (NodeId loop = loop_around(b->m, mention, NO_NODE); node_ok(loop);
       loop = loop_around(b->m, mention, loop)) {
    if (loop_flags(b, loop, mention) != 0) return loop;
  }
  return node_field(b->t, context_of(b->m, mention).function, FIELD_BODY);
}

static bool is_semaphore(FactsBuilder *b, NodeId expression) {
  Value value = value_of(b->m, expression);
  if (!node_is(b->t, value.origin, PY_CALL)) return false;
  return str_ends(name_of_callee(b->m, value.origin), STR("Semaphore"));
}

static uint32_t method_pace(FactsBuilder *b, NodeId call, NodeId mention) {
  const Tree *t = b->t;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, call, &method);
  Str own = node_text(t, node_unwrap(t, mention));
  bool is_own = str_eq(node_text(t, node_unwrap(t, receiver)), own);
  bool is_behind = call.i > mention.i;
  if (str_is(method, "sleep")) return OPERATION_PACED;
  if (!node_ok(receiver)) return 0;
  if (str_is(method, "join")) return is_own ? OPERATION_AWAITS : 0u;
  if (str_is(method, "acquire"))
    return is_semaphore(b, receiver) ? OPERATION_AWAITS : 0u;
  if (str_is(method, "result")) return is_behind ? OPERATION_AWAITS : 0u;
  if (str_is(method, "wait")) {
    bool is_for_good = is_behind && !call_has_arguments(b->m, call);
    return is_for_good ? OPERATION_AWAITS : OPERATION_PACED;
  }
  bool takes = str_is(method, "get") && !is_own && is_queue_get(b, call, VALUE_UNKNOWN);
  if (takes) return is_behind ? OPERATION_AWAITS : OPERATION_PACED;
  return 0;
}

// `await answer`, behind the mention.
static bool awaits_object(const Tree *t, NodeId await, NodeId mention) {
  NodeId awaited = node_unwrap(t, node_first_named(t, await));
  return await.i > mention.i &&
         (node_is(t, awaited, PY_IDENTIFIER) || node_is(t, awaited, PY_ATTRIBUTE));
}

static bool is_in_semaphore(FactsBuilder *b, NodeId mention) {
  for (NodeId w = with_around(b->m, mention, NO_NODE); node_ok(w);
       w = with_around(b->m, mention, w)) {
    NodeId value = node_field(b->t, w, FIELD_VALUE);
    if (node_ok(value) && is_semaphore(b, value)) return true;
  }
  return false;
}

uint32_t pace_flags(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId region = region_of(b, mention);
  uint32_t flags = is_in_semaphore(b, mention) ? OPERATION_AWAITS : 0u;
  // Mistakes are no stream.
  if ((context_of(b->m, mention).flags & CONTEXT_EXCEPT) != 0) flags |= OPERATION_PACED;
  uint32_t after = node_after(t, region), seen = 0;
  for (uint32_t i = region.i; node_ok(region) && i < after && seen < REGION_MAX;
       seen++) {
    NodeId n = {i};
    bool is_inner = node_is(t, n, PY_FUNCTION_DEFINITION) || node_is(t, n, PY_LAMBDA);
    bool holds = node_inside(t, mention, n);
    i = is_inner && !holds ? node_after(t, n) : i + 1;
    if (node_is(t, n, PY_CALL)) {
      flags |= method_pace(b, n, mention);
      bool sleeps = str_is(name_last_part(name_of_callee(b->m, n)), "sleep");
      if (sleeps) flags |= OPERATION_PACED;
    } else if (node_is(t, n, PY_AWAIT) && awaits_object(t, n, mention)) {
      flags |= OPERATION_AWAITS;
    }
  }
  return flags;
}
