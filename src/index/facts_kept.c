// What a value that is stored on self is, of what has to be ended.

#include "index/facts_internal.h"
#include "semantic/back.h"
#include "semantic/calls.h"

static uint32_t held_by_kind(ValueKind kind) {
  switch (kind) {
    case VALUE_FILE:
    case VALUE_ARCHIVE:
    case VALUE_SOCKET:
    case VALUE_CONNECTION:
    case VALUE_EXECUTOR:
    case VALUE_SESSION: return OWNED_RESOURCE;
    case VALUE_PROCESS: return OWNED_PROCESS;
    default: return OWNED_NOTHING;
  }
}

static uint32_t held_by_start(StartKind kind) {
  switch (kind) {
    case START_TASK: return OWNED_TASK;
    case START_THREAD: return OWNED_THREAD;
    case START_PROCESS: return OWNED_PROCESS;
    default: return OWNED_NOTHING;  // the result of a future is read later
  }
}

// `loop.call_later(5, f)`, `Timer(5, f)`: what runs soon is gone soon.
static bool is_timer(Model *m, NodeId call) {
  const CallbackFact *fact = call_callback(m, call);
  return fact != NULL && fact->form == CALLBACK_GIVES &&
         !str_starts(name_last_part(fact->name), STR("call_soon"));
}

// A task of an event loop, not a job for a queue.
static bool is_task(Model *m, NodeId call) {
  const CallbackFact *fact = call_callback(m, call);
  return fact != NULL && fact->form == CALLBACK_DROPS;
}

// What a registration of one's own callback gives, to undo it by.
static bool is_registration(FactsBuilder *b, NodeId call) {
  static const char *const names[] = {"add_listener", "add_observer", "listen",
                                      "observe",      "register",     "subscribe",
                                      "watch"};
  Str method = STR_NONE;
  const Tree *t = b->t;
  bool is_such = false;
  if (!node_ok(call_receiver(b->m, call, &method))) return false;
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    is_such = is_such || str_is(method, names[i]);
  }
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); is_such && node_ok(a);
       a = node_next_named(t, a)) {
    NodeId value =
        node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    uint32_t via = 0;
    NodeId object = node_field(t, node_unwrap(t, value), FIELD_OBJECT);
    if (scope_ok(class_of_receiver(b, object, &via)) && via == OPERATION_VIA_SELF)
      return true;
  }
  return false;
}

static uint32_t held_by_call(FactsBuilder *b, NodeId call, FactText *made) {
  Model *m = b->m;
  const OpenFact *open = call_open(m, call);
  if (open != NULL) {
    bool is_owned =
        (open->flags & OPEN_CLOSES) != 0 && (open->flags & OPEN_MEMORY) == 0;
    return is_owned ? OWNED_RESOURCE : OWNED_NOTHING;
  }
  Str name = name_of_callee(m, call);
  const ReleaseFact *release = knowledge_releases(m->options.knowledge, name);
  if (release != NULL && (release->flags & RELEASES_LATER) != 0) return OWNED_RESOURCE;
  if (is_timer(m, call)) return OWNED_TIMER;
  const StartFact *start = call_start(m, call);
  if (start != NULL) {
    uint32_t held = held_by_start(start->kind);
    return held == OWNED_TASK && !is_task(m, call) ? OWNED_NOTHING : held;
  }
  Value v = value_of(m, call);
  uint32_t held = held_by_kind(v.kind);
  // What `enter_context` or `accept` of something else gives was made there.
  if (held != OWNED_NOTHING) return node_eq(v.origin, call) ? held : OWNED_NOTHING;
  if (is_registration(b, call)) return OWNED_REGISTRATION;
  Str callee = qualified_of(b, call_callee(m, call));
  Str word = name_last_part(callee);
  while (word.n > 0 && word.p[0] == '_') word = str_slice(word, 1, word.n);
  bool is_class = word.n > 0 && word.p[0] >= 'A' && word.p[0] <= 'Z';
  if (!is_class || is_of_library(b, callee)) return OWNED_NOTHING;
  *made = text_of(b, callee);
  return OWNED_INSTANCE;
}

uint32_t held_by_value(FactsBuilder *b, NodeId value, FactText *made) {
  NodeId n = node_unwrap(b->t, value);
  if (node_is(b->t, n, PY_AWAIT)) n = node_unwrap(b->t, node_first_named(b->t, n));
  return node_is(b->t, n, PY_CALL) ? held_by_call(b, n, made) : OWNED_NOTHING;
}
