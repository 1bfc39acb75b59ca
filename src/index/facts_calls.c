#include "index/facts_internal.h"

// Adds a row unless an equal one, its place aside, is there.
static void call_add(FactsBuilder *b, FactCall row) {
  if ((row.context & CONTEXT_TEST) != 0) return;
  if (row.caller.i != 0) map_put(&b->callers, row.caller.i, 1);
  FactPlace place = row.place;
  row.place = (FactPlace){0};
  uint64_t key = hash_bytes(&row, sizeof row) | 1;
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  row.place = place;
  vec_push(b->arena, &b->calls, row);
}

// --- how often -----------------------------------------------------------------------

// Only what may be an instance is worth following: a class by its name, or made by one.
bool names_class(Str callee) {
  Str last = name_last_part(callee);
  if (last.n < callee.n) {
    Str owner = name_last_part(str_slice(callee, 0, callee.n - last.n - 1));
    if (owner.n > 0 && owner.p[0] >= 'A' && owner.p[0] <= 'Z') return true;
  }
  while (last.n > 0 && last.p[0] == '_') last = str_slice(last, 1, last.n);
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

// What is written out tells its length, under a name too; anything else has to be
// followed.
static bool is_plain_source(FactsBuilder *b, NodeId source) {
  NodeId n = node_unwrap(b->t, source);
  if (node_is(b->t, n, PY_IDENTIFIER)) {
    n = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)))->value;
  }
  PyKind kind = node_kind(b->t, node_unwrap(b->t, n));
  return kind == PY_TUPLE || kind == PY_LIST || kind == PY_CALL;
}

static NodeId loop_source(const Tree *t, NodeId loop) {
  if (node_is(t, loop, PY_FOR_STATEMENT)) return node_field(t, loop, FIELD_RIGHT);
  return node_field(t, node_child(t, loop, PY_FOR_IN_CLAUSE), FIELD_RIGHT);
}

// Only what one loop says; loops in loops multiply, and filters divide.
static void bound_read(FactsBuilder *b, FactCall *row, NodeId loop, bool is_class) {
  if (node_is(b->t, loop, PY_WHILE_STATEMENT)) return;
  NodeId source = loop_source(b->t, loop);
  if (!node_ok(source) || (!is_class && !is_plain_source(b, source))) return;
  Value value = value_of(b->m, source);
  row->is_small = size_is_small(value);
  bool is_exact = value.low == value.high && value.high < UINT32_MAX;
  if (is_exact && value.size != SIZE_UNKNOWN) row->bound = (uint32_t)value.high;
}

// Put into a container that keeps only the last few.
static bool is_stored_in_bounded(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId list = node_parent(t, node_wrap(t, call)), outer = node_parent(t, list);
  Str method = STR_NONE;
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return false;
  NodeId receiver = node_unwrap(t, call_receiver(b->m, outer, &method));
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, receiver)));
  FactContainer container = {0};
  return d->kind == DEF_ASSIGN && container_read(b, d->value, &container) &&
         (container.flags & CONTAINER_BOUNDED) != 0;
}

// `for x in self` holds one at a time; who keeps more asks for a list.
static bool is_iteration_method(const Tree *t, NodeId function) {
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  return str_is(name, "__iter__") || str_is(name, "__aiter__");
}

// What resolve follows.
static bool is_kept(Sink sink) {
  return sink == SINK_NUMBER || sink == SINK_STORED || sink == SINK_RETURNED ||
         sink == SINK_YIELDED || sink == SINK_SPREAD;
}

// Which of the first arguments are written out.
static uint8_t constants_of(FactsBuilder *b, NodeId call) {
  enum { POSITIONS_MAX = 8 };
  uint32_t mask = 0, position = 0;
  NodeId list = node_field(b->t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(b->t, list);
       node_ok(a) && position < POSITIONS_MAX && !node_is(b->t, a, PY_LIST_SPLAT);
       a = node_next_named(b->t, a), position++) {
    if (is_written_out(b, a)) mask |= UINT32_C(1) << position;
  }
  return (uint8_t)mask;
}

static FactCall call_row(FactsBuilder *b, NodeId call, Str callee, CallForm form,
                         Sink sink) {
  Context at = context_of(b->m, call);
  if (sink == SINK_YIELDED && is_iteration_method(b->t, at.function)) sink = SINK_ONE;
  FactCall row = {.callee = text_of(b, callee),
                  .caller = scope_caller(b, call),
                  .place = place_of(call),
                  .context = context_kept(at.flags),
                  .form = (uint8_t)form,
                  .constants = form == CALL_PLAIN ? constants_of(b, call) : (uint8_t)0,
                  .sink = (uint8_t)(is_kept(sink) ? sink : SINK_UNKNOWN)};
  bool is_number = sink == SINK_NUMBER || sink == SINK_YIELDED;
  if (is_number && at.loop_depth == 1) {
    bool is_class = names_class(callee) ||
                    scope_ok(class_named(b, node_field(b->t, call, FIELD_FUNCTION)));
    bound_read(b, &row, at.loop, is_class);
  }
  bool is_put = sink == SINK_NUMBER || sink == SINK_STORED;
  if (is_put && is_stored_in_bounded(b, call)) row.is_small = 1;
  return row;
}

// --- forms ---------------------------------------------------------------------------

// `map(C, xs)`: one at a time where it is iterated at once.
static void mapped_collect(FactsBuilder *b, NodeId call) {
  NodeId function;
  if (call_argument(b->m, call, 0, NULL, &function) != ARG_PRESENT) return;
  Str callee = qualified_of(b, function);
  if (is_of_library(b, callee)) return;
  Use use = use_of(b->m, call);
  bool is_single = use.kind == USE_ITERATED || use.kind == USE_DROPPED;
  call_add(b,
           call_row(b, call, callee, CALL_MAPPED, is_single ? SINK_ONE : SINK_NUMBER));
}

// Keywords through which a library makes instances.
static bool is_hook(Str keyword) {
  return str_is(keyword, "object_hook") || str_is(keyword, "object_pairs_hook") ||
         str_is(keyword, "default_factory") || str_is(keyword, "row_factory");
}

// `x: C = field(default_factory=C)`: one for each instance of the class around it.
static bool is_field_of_class(FactsBuilder *b, NodeId call, Str keyword) {
  if (!str_is(keyword, "default_factory")) return false;
  NodeId n = node_wrap(b->t, call), statement = node_parent(b->t, n);
  return node_is(b->t, statement, PY_ASSIGNMENT) &&
         node_ok(node_field(b->t, statement, FIELD_TYPE));
}

static void hooks_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) continue;
    Str keyword = node_text(t, node_field(t, a, FIELD_NAME));
    if (!is_hook(keyword)) continue;
    Str callee = qualified_of(b, node_field(t, a, FIELD_VALUE));
    if (is_of_library(b, callee)) continue;
    Sink sink = is_field_of_class(b, call, keyword) ? SINK_ONE : SINK_NUMBER;
    call_add(b, call_row(b, call, callee, CALL_HOOK, sink));
  }
}

static void first_as_hook(FactsBuilder *b, NodeId call) {
  NodeId function;
  if (call_argument(b->m, call, 0, NULL, &function) != ARG_PRESENT) return;
  Str callee = qualified_of(b, function);
  if (is_of_library(b, callee)) return;
  call_add(b, call_row(b, call, callee, CALL_HOOK, SINK_NUMBER));
}

// --- what calls do to instances ------------------------------------------------------

static void attribute_call(FactsBuilder *b, NodeId call, TouchKind named) {
  NodeId object, name;
  if (call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT) return;
  Str owner = class_of_object(b, object), text = STR_NONE;
  bool is_named = call_argument(b->m, call, 1, NULL, &name) == ARG_PRESENT &&
                  constant_str(b->m, name, &text);
  touch_add(b, is_named ? named : TOUCH_DYNAMIC, owner, text);
}

static void object_call(FactsBuilder *b, NodeId call, TouchKind kind) {
  NodeId object;
  if (call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT) return;
  touch_add(b, kind, class_of_object(b, object), STR_NONE);
}

// Protocols 0 and 1 need the dict of what they pickle.
static void pickle_protocol(FactsBuilder *b, NodeId call, uint32_t position) {
  NodeId protocol, object;
  int64_t number = 0;
  if (call_argument(b->m, call, position, "protocol", &protocol) != ARG_PRESENT ||
      !constant_int(b->m, protocol, &number) || number < 0 || number > 1 ||
      call_argument(b->m, call, 0, "obj", &object) != ARG_PRESENT) {
    return;
  }
  Str owner = class_of_object(b, object);
  if (owner.n == 0) owner = value_of(b->m, object).element_class;
  touch_add(b, TOUCH_DICT, owner, STR_NONE);
}

// `getattr(x, "_name")`, `attrgetter("_name")`; names that are put together may be any.
static void read_call(FactsBuilder *b, NodeId call, uint32_t position) {
  NodeId object, name;
  Str text = STR_NONE, owner = STR_NONE;
  if (call_argument(b->m, call, position, NULL, &name) != ARG_PRESENT) return;
  if (constant_str(b->m, name, &text)) {
    bool is_private = str_starts(text, STR("_")) && !str_starts(text, STR("__"));
    if (is_private) touch_add(b, TOUCH_READ, STR_NONE, text);
    return;
  }
  if (position == 0 || call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT)
    return;
  owner = class_of_object(b, object);
  if (!is_of_library(b, owner)) touch_add(b, TOUCH_READ, owner, STR_NONE);
}

// Who writes an object out reads all of it.
static void written_out(FactsBuilder *b, NodeId call) {
  NodeId object;
  if (call_argument(b->m, call, 0, "obj", &object) != ARG_PRESENT) return;
  Str owner = class_of_object(b, object);
  if (owner.n == 0) owner = value_of(b->m, object).element_class;
  if (!is_of_library(b, owner)) touch_add(b, TOUCH_READ, owner, STR_NONE);
}

static void pickle_call(FactsBuilder *b, NodeId call, uint32_t position) {
  pickle_protocol(b, call, position);
  written_out(b, call);
}

typedef enum Special {
  SPECIAL_SETATTR,
  SPECIAL_VARS,
  SPECIAL_MAP,
  SPECIAL_FACTORY,
  SPECIAL_WEAKREF,
  SPECIAL_WEAK_CONTAINER,
  SPECIAL_PATCH,
  SPECIAL_PICKLE,
  SPECIAL_PICKLE_TEXT,
  SPECIAL_READ,
  SPECIAL_GETTER,
  SPECIAL_WRITTEN_OUT,
} Special;

// In byte order.
static const struct {
  const char *name;
  Special special;
} SPECIALS[] = {
    {"builtins.delattr", SPECIAL_SETATTR},
    {"builtins.getattr", SPECIAL_READ},
    {"builtins.hasattr", SPECIAL_READ},
    {"builtins.map", SPECIAL_MAP},
    {"builtins.object.__setattr__", SPECIAL_SETATTR},
    {"builtins.setattr", SPECIAL_SETATTR},
    {"builtins.vars", SPECIAL_VARS},
    {"cloudpickle.dump", SPECIAL_WRITTEN_OUT},
    {"cloudpickle.dumps", SPECIAL_WRITTEN_OUT},
    {"collections.defaultdict", SPECIAL_FACTORY},
    {"dill.dump", SPECIAL_WRITTEN_OUT},
    {"dill.dumps", SPECIAL_WRITTEN_OUT},
    {"itertools.starmap", SPECIAL_MAP},
    {"joblib.dump", SPECIAL_WRITTEN_OUT},
    {"jsonpickle.encode", SPECIAL_WRITTEN_OUT},
    {"mock.patch.object", SPECIAL_PATCH},
    {"object.__setattr__", SPECIAL_SETATTR},
    {"operator.attrgetter", SPECIAL_GETTER},
    {"pickle.dump", SPECIAL_PICKLE},
    {"pickle.dumps", SPECIAL_PICKLE_TEXT},
    {"unittest.mock.patch.object", SPECIAL_PATCH},
    {"weakref.WeakKeyDictionary", SPECIAL_WEAK_CONTAINER},
    {"weakref.WeakSet", SPECIAL_WEAK_CONTAINER},
    {"weakref.WeakValueDictionary", SPECIAL_WEAK_CONTAINER},
    {"weakref.finalize", SPECIAL_WEAKREF},
    {"weakref.proxy", SPECIAL_WEAKREF},
    {"weakref.ref", SPECIAL_WEAKREF},
};

static void special_collect(FactsBuilder *b, NodeId call, Str name) {
  enum { COUNT = sizeof SPECIALS / sizeof *SPECIALS };
  uint32_t i = name_row(SPECIALS, COUNT, sizeof *SPECIALS, name);
  if (i == COUNT) return;
  switch (SPECIALS[i].special) {
    case SPECIAL_SETATTR: attribute_call(b, call, TOUCH_WRITE); break;
    case SPECIAL_VARS: object_call(b, call, TOUCH_DICT); break;
    case SPECIAL_MAP: mapped_collect(b, call); break;
    case SPECIAL_FACTORY: first_as_hook(b, call); break;
    case SPECIAL_WEAKREF: object_call(b, call, TOUCH_WEAKREF); break;
    case SPECIAL_WEAK_CONTAINER: touch_add(b, TOUCH_WEAKREF, STR_NONE, STR_NONE); break;
    case SPECIAL_PATCH: attribute_call(b, call, TOUCH_PATCH); break;
    case SPECIAL_PICKLE: pickle_call(b, call, 2); break;
    case SPECIAL_PICKLE_TEXT: pickle_call(b, call, 1); break;
    case SPECIAL_READ: read_call(b, call, 1); break;
    case SPECIAL_GETTER: read_call(b, call, 0); break;
    case SPECIAL_WRITTEN_OUT: written_out(b, call); break;
  }
}

// Every use of the name is as receiver or callee: it holds one, and hands it to nobody.
static bool is_only_used(FactsBuilder *b, NodeId assignment) {
  enum { USES_MAX = 64 };
  NodeId left = node_field(b->t, assignment, FIELD_LEFT);
  const Binding *binding = binding_get(b->m, binding_of(b->m, left));
  if (!node_is(b->t, left, PY_IDENTIFIER) || binding->ref_count > USES_MAX)
    return false;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId n = node_wrap(b->t, ref_get(b->m, r)->node);
    PyField role = node_role(b->t, n);
    if (role != FIELD_OBJECT && role != FIELD_FUNCTION) return false;
  }
  return true;
}

// A generator's consumer decides about what it yields. Which functions are generators
// is known later.
static bool is_spread(FactsBuilder *b, NodeId call, Str callee) {
  return !names_class(callee) && sink_keeps_elements(b->m, call);
}

// What becomes of the result, cheaply where a plain function's is only named: only
// classes are followed through the flow then, and functions in hot places.
static Sink sink_of_call(FactsBuilder *b, NodeId call, Str callee) {
  NodeId p = node_parent(b->t, node_wrap(b->t, call));
  if (node_is(b->t, p, PY_EXPRESSION_STATEMENT)) return SINK_DROPPED;
  if (is_spread(b, call, callee)) return SINK_SPREAD;
  if (node_is(b->t, p, PY_ASSIGNMENT)) {
    bool is_followed = names_class(callee) || context_is_hot(context_of(b->m, call));
    if (!is_followed || is_only_used(b, p)) return SINK_ONE;
  }
  // An argument of anything but a method: the callee decides.
  NodeId callee_node = node_field(b->t, node_parent(b->t, p), FIELD_FUNCTION);
  bool is_passed =
      node_is(b->t, p, PY_ARGUMENT_LIST) && !node_is(b->t, callee_node, PY_ATTRIBUTE);
  if (is_passed && !names_class(callee) && !context_is_hot(context_of(b->m, call))) {
    return SINK_PASSED;
  }
  return sink_of(b->m, call);
}

// Behind a star import `setattr` may be anybody's, and for all that is known it is ours.
static Str hazard_name(FactsBuilder *b, NodeId callee) {
  static const char *const hidden[] = {"builtins.delattr", "builtins.setattr",
                                       "builtins.vars"};
  Str name = qualified_of(b, callee);
  if (name.n != 0 || !node_is(b->t, callee, PY_IDENTIFIER)) return name;
  if (binding_ok(binding_of(b->m, callee))) return name;
  for (uint32_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
    Str of = str_from(hidden[i]);
    if (str_eq(name_last_part(of), node_text(b->t, callee))) return of;
  }
  return name;
}

// --- entry ---------------------------------------------------------------------------

static void registration_collect(FactsBuilder *b, NodeId call);

void call_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  if ((context_of(b->m, call).flags & CONTEXT_TEST) != 0) {
    // Tests make nothing hot; what they do to instances still counts.
    special_collect(b, call, hazard_name(b, callee));
    return;
  }
  hooks_collect(b, call);
  uint32_t via = 0;
  ScopeId own = class_of_receiver(b, callee, &via);
  if (scope_ok(own) && via == OPERATION_VIA_CLS) {
    Str name = sym_str(&b->texts, (Sym){scope_qualified(b, own).i});
    FactCall row = call_row(b, call, name, CALL_CLS, sink_of(b->m, call));
    row.held = (uint8_t)held_of(b, call);
    call_add(b, row);
    return;
  }
  if (node_is(t, callee, PY_ATTRIBUTE)) registration_collect(b, call);
  Str name = hazard_name(b, callee);
  if (name.n == 0) name = method_on_object(b, callee);
  if (name.n == 0) return;
  special_collect(b, call, name);
  if (is_of_library(b, name)) return;
  FactCall row = call_row(b, call, name, CALL_PLAIN, sink_of_call(b, call, name));
  bool is_class = names_class(name) || scope_ok(class_named(b, callee));
  bool is_at_import = row.caller.i == 0;
  if (is_class || is_at_import) row.held = (uint8_t)held_of(b, call);
  if (is_class) object_bound(b, call, name);
  call_add(b, row);
}

void decorator_collect(FactsBuilder *b, NodeId decorator) {
  NodeId expression = node_unwrap(b->t, node_first_named(b->t, decorator));
  if (node_is(b->t, expression, PY_CALL)) {
    expression = node_field(b->t, expression, FIELD_FUNCTION);
  }
  Str name = qualified_of(b, expression);
  if (is_of_library(b, name)) return;
  call_add(b, call_row(b, decorator, name, CALL_DECORATOR, SINK_UNKNOWN));
}

// --- registrations -------------------------------------------------------------------

// Methods that register a callback, with those that undo it; in byte order.
static const struct {
  const char *name;
  bool is_undo;
} REGISTERING[] = {
    {"addHandler", false},
    {"add_done_callback", false},
    {"add_handler", false},
    {"add_listener", false},
    {"add_observer", false},
    {"attach", false},
    {"connect", false},
    {"detach", true},
    {"disconnect", true},
    {"observe", false},
    {"off", true},
    {"on", false},
    {"register", false},
    {"removeHandler", true},
    {"remove_done_callback", true},
    {"remove_handler", true},
    {"remove_listener", true},
    {"remove_observer", true},
    {"subscribe", false},
    {"unobserve", true},
    {"unregister", true},
    {"unsubscribe", true},
};

// The first argument that is something to be called back.
static CallbackKind callback_kind(FactsBuilder *b, NodeId argument) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, argument);
  uint32_t via = 0;
  if (node_is(t, n, PY_LAMBDA)) return CALLBACK_LAMBDA;
  if (scope_ok(class_of_receiver(b, n, &via))) return CALLBACK_SELF;
  if (node_is(t, n, PY_ATTRIBUTE) &&
      scope_ok(class_of_receiver(b, node_field(t, n, FIELD_OBJECT), &via))) {
    return CALLBACK_BOUND;
  }
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  if (d->kind != DEF_FUNCTION) return CALLBACK_OTHER;
  return scope_get(b->m, d->scope)->kind == SCOPE_MODULE ? CALLBACK_FUNCTION
                                                         : CALLBACK_LAMBDA;
}

static void registration_collect(FactsBuilder *b, NodeId call) {
  enum { COUNT = sizeof REGISTERING / sizeof *REGISTERING };
  const Tree *t = b->t;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, call, &method);
  uint32_t i = name_row(REGISTERING, COUNT, sizeof *REGISTERING, method);
  if (i == COUNT) return;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS), found = NO_NODE;
  CallbackKind kind = CALLBACK_OTHER;
  for (NodeId a = node_first_named(t, list); node_ok(a) && kind == CALLBACK_OTHER;
       a = node_next_named(t, a)) {
    found = node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    kind = callback_kind(b, found);
  }
  if (kind == CALLBACK_OTHER) return;
  bool is_named = kind == CALLBACK_BOUND || kind == CALLBACK_FUNCTION;
  Str qualified = name_of(b->m, receiver);
  Str text = qualified.n != 0 ? qualified : node_text(t, receiver);
  FactRegistration row = {.method = word_of(b, method),
                          .receiver = text_of(b, text.n <= 64 ? text : STR_NONE),
                          .caller = scope_caller(b, call),
                          .callback =
                              text_of(b, is_named ? qualified_of(b, found) : STR_NONE),
                          .place = place_of(call),
                          .context = context_kept(context_of(b->m, call).flags),
                          .kind = kind,
                          .flags = REGISTERING[i].is_undo ? REGISTRATION_UNDO : 0u};
  vec_push(b->arena, &b->registrations, row);
}
