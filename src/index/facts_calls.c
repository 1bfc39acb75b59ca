#include "index/facts_internal.h"
#include "semantic/making.h"

// Adds a row unless an equal one is there, but for its place and what is written out: that
// is what both write out then.
void call_add(FactsBuilder *b, FactCall row) {
  if ((row.context & CONTEXT_TEST) != 0) return;
  if (row.caller.i != 0) map_put(&b->callers, row.caller.i, 1);
  FactCall kept = row;
  row.place = (FactPlace){0};
  row.constants = 0;
  uint64_t key = hash_bytes(&row, sizeof row) | 1;
  uint32_t known = map_get(&b->seen, key);
  if (known != 0) {
    FactCall *of = &b->calls.items[known - 1];
    // In another branch it would be the same object.
    bool is_another =
        (context_of(b->m, (NodeId){kept.place.i}).flags & CONTEXT_BRANCH) == 0;
    if (is_another) of->times |= CALL_REPEATED;
    of->constants &= kept.constants;
    return;
  }
  vec_push(b->arena, &b->calls, kept);
  map_put(&b->seen, key, b->calls.count);
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

// What resolve follows.
static bool is_kept(Sink sink) {
  return sink == SINK_NUMBER || sink == SINK_STORED || sink == SINK_RETURNED ||
         sink == SINK_YIELDED || sink == SINK_SPREAD || sink == SINK_RELAYED;
}

static bool mentions(const Tree *t, NodeId within, Str text) {
  enum { TEST_NODES = 64 };
  uint32_t after = node_after(t, within);
  if (after - within.i > TEST_NODES) return false;
  for (uint32_t i = within.i; i < after; i++) {
    if (str_eq(node_text(t, (NodeId){i}), text)) return true;
  }
  return false;
}

// A test of the text around what lies inside of the frame, or above it in its block.
static bool frame_tests(const Tree *t, NodeId frame, NodeId inside, Str text) {
  enum { STATEMENTS = 32 };
  if (node_is(t, frame, PY_IF_STATEMENT))
    return mentions(t, node_field(t, frame, FIELD_CONDITION), text);
  if (!node_is(t, frame, PY_BLOCK)) return false;
  NodeId s = node_first_named(t, frame);
  for (uint32_t k = 0; k < STATEMENTS && s.i < inside.i && node_ok(s); k++) {
    if (node_is(t, s, PY_IF_STATEMENT) &&
        mentions(t, node_field(t, s, FIELD_CONDITION), text)) {
      return true;
    }
    s = node_next_named(t, s);
  }
  return false;
}

// A name of the module, or an attribute of a class or module.
static bool is_kept_by_all(FactsBuilder *b, NodeId target) {
  uint32_t via = 0;
  if (node_is(b->t, target, PY_IDENTIFIER))
    return binding_get(b->m, binding_of(b->m, target))->scope.i == MODULE_SCOPE.i;
  ScopeId own = class_of_receiver(b, node_field(b->t, target, FIELD_OBJECT), &via);
  return node_is(b->t, target, PY_ATTRIBUTE) &&
         (!scope_ok(own) || via != OPERATION_VIA_SELF);
}

// `if _pool is None: _pool = Pool()`, `if _pool: return _pool` above it, `_pool = _pool or
// Pool()`.
static bool is_made_once(FactsBuilder *b, NodeId call) {
  enum { FRAMES = 16 };
  const Tree *t = b->t;
  NodeId store = node_parent(t, node_wrap(t, call));
  bool is_other = node_is(t, store, PY_BOOLEAN_OPERATOR);
  if (is_other) store = node_parent(t, node_wrap(t, store));
  NodeId target = node_field(t, store, FIELD_LEFT);
  if (!node_is(t, store, PY_ASSIGNMENT) || !is_kept_by_all(b, target)) return false;
  Str text = node_text(t, target);
  if (is_other && mentions(t, node_field(t, store, FIELD_RIGHT), text)) return true;
  NodeId inside = store;
  for (uint32_t i = 0; i < FRAMES; i++) {
    NodeId frame = node_parent(t, inside);
    if (!node_ok(frame) || node_is(t, frame, PY_FUNCTION_DEFINITION)) return false;
    if (frame_tests(t, frame, inside, text)) return true;
    inside = frame;
  }
  return false;
}

FactCall call_row(FactsBuilder *b, NodeId call, Str callee, CallForm form, Sink sink) {
  Context at = context_of(b->m, call);
  FactCall row = {.callee = text_of(b, callee),
                  .caller = scope_caller(b, call),
                  .place = place_of(call),
                  .context = context_kept(at.flags),
                  .form = (uint8_t)form,
                  .sink = (uint8_t)(is_kept(sink) ? sink : SINK_UNKNOWN),
                  .is_once = fills_what_is_missing(b->m, call)};
  if (at.loop_depth > 0) {
    bool is_class = names_class(callee) ||
                    scope_ok(class_named(b, node_field(b->t, call, FIELD_FUNCTION)));
    rounds_read(b, call, is_class, &row);
  }
  bool may_make = names_class(callee) && form == CALL_PLAIN;
  if ((may_make || form == CALL_CLS) && row.caller.i != 0 && is_made_once(b, call))
    row.times = CALL_SINGLE;
  bool is_put = sink == SINK_NUMBER || sink == SINK_STORED;
  if (is_put && is_stored_in_bounded(b, call)) row.is_small = 1;
  return row;
}

void often_add(FactsBuilder *b, NodeId call, Str callee, CallForm form) {
  if (is_of_library(b, callee)) return;
  call_add(b, call_row(b, call, callee, form, SINK_UNKNOWN));
}

// Bits of the arguments that are written out or left out.
static uint8_t constants_of(FactsBuilder *b, NodeId call) {
  enum { ALL = 255, ARGUMENTS_MAX = 8 };
  const Tree *t = b->t;
  uint32_t fixed = ALL, position = 0;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return 0;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = is_keyword ? node_field(t, a, FIELD_VALUE) : a;
    bool is_fixed = is_written_out(b, value);
    if (!is_fixed && (is_keyword || position >= ARGUMENTS_MAX)) return 0;
    if (!is_fixed) fixed &= ~(UINT32_C(1) << position);
    if (node_is(t, a, PY_LIST_SPLAT) || node_is(t, a, PY_DICTIONARY_SPLAT)) return 0;
    position++;
  }
  return (uint8_t)fixed;
}

// --- forms ---------------------------------------------------------------------------

// `map(vars, points)`.
static void mapped_vars(FactsBuilder *b, NodeId call) {
  NodeId function, iterable;
  if (call_argument(b->m, call, 0, NULL, &function) != ARG_PRESENT ||
      call_argument(b->m, call, 1, NULL, &iterable) != ARG_PRESENT) {
    return;
  }
  exposure_of_elements(b, function, iterable);
}

// The function in a partial, also where a name stands for it: `edge = partial(Edge, graph)`.
static Str behind_partial(FactsBuilder *b, NodeId callee) {
  enum { STEPS_MAX = 3 };
  for (uint32_t step = 0; step < STEPS_MAX; step++) {
    NodeId made = name_value(b->m, callee);
    if (!node_is(b->t, made, PY_CALL)) return STR_NONE;
    if (!str_is(qualified_of(b, node_field(b->t, made, FIELD_FUNCTION)),
                "functools.partial") ||
        call_argument(b->m, made, 0, NULL, &callee) != ARG_PRESENT) {
      return STR_NONE;
    }
    Str name = qualified_of(b, callee);
    if (name.n != 0) return name;
  }
  return STR_NONE;
}

// `map(C, xs)`: one at a time where it is iterated at once.
void mapped_collect(FactsBuilder *b, NodeId call) {
  NodeId function;
  if (call_argument(b->m, call, 0, NULL, &function) != ARG_PRESENT) return;
  Str callee = qualified_of(b, function);
  if (str_is(callee, "builtins.vars")) mapped_vars(b, call);
  if (callee.n == 0) callee = behind_partial(b, function);
  if (is_of_library(b, callee)) return;
  Use use = use_of(b->m, call);
  bool is_single = use.kind == USE_ITERATED || use.kind == USE_DROPPED ||
                   sink_of_elements(b->m, call) == SINK_DROPPED;
  call_add(b,
           call_row(b, call, callee, CALL_MAPPED, is_single ? SINK_ONE : SINK_NUMBER));
}

// Keywords through which a library makes instances.
bool hook_is_named(Str name) {
  return str_is(name, "object_hook") || str_is(name, "object_pairs_hook") ||
         str_is(name, "row_factory");
}

static bool is_hook(Str keyword) {
  return hook_is_named(keyword) || str_is(keyword, "default_factory");
}

// `x: C = field(default_factory=C)`: one for each instance of the class around it.
static bool is_field_of_class(FactsBuilder *b, NodeId call, Str keyword) {
  if (!str_is(keyword, "default_factory")) return false;
  NodeId n = node_wrap(b->t, call), statement = node_parent(b->t, n);
  return node_is(b->t, statement, PY_ASSIGNMENT) &&
         node_ok(node_field(b->t, statement, FIELD_TYPE));
}

// `sorted(points, key=weight)` runs it for each.
static void key_collect(FactsBuilder *b, NodeId call, NodeId function) {
  Str callee = qualified_of(b, function);
  if (is_of_library(b, callee)) return;
  call_add(b, call_row(b, call, callee, CALL_MAPPED, SINK_DROPPED));
}

static void hooks_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) continue;
    Str keyword = node_text(t, node_field(t, a, FIELD_NAME));
    if (str_is(keyword, "default")) exposure_by_encoder(b, call);
    if (str_is(keyword, "key")) key_collect(b, call, node_field(t, a, FIELD_VALUE));
    if (!is_hook(keyword)) continue;
    Str callee = qualified_of(b, node_field(t, a, FIELD_VALUE));
    if (is_of_library(b, callee)) continue;
    Sink sink = is_field_of_class(b, call, keyword) ? SINK_ONE : SINK_NUMBER;
    call_add(b, call_row(b, call, callee, CALL_HOOK, sink));
  }
}

void first_as_hook(FactsBuilder *b, NodeId call) {
  NodeId function;
  if (call_argument(b->m, call, 0, NULL, &function) != ARG_PRESENT) return;
  Str callee = qualified_of(b, function);
  if (is_of_library(b, callee)) return;
  call_add(b, call_row(b, call, callee, CALL_HOOK, SINK_NUMBER));
}

// --- what becomes of the result ------------------------------------------------------

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

// What becomes of the result, cheaply where a plain function's is only named: only
// classes are followed through the flow then, and functions in hot places.
static Sink sink_of_call(FactsBuilder *b, NodeId call, Str callee) {
  NodeId p = node_parent(b->t, node_wrap(b->t, call));
  if (node_is(b->t, p, PY_EXPRESSION_STATEMENT)) return SINK_DROPPED;
  if (!names_class(callee)) {
    Sink elements = sink_of_elements(b->m, call);
    if (sink_decides_elements(elements)) return elements;
  }
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

// `x.close()`, and `x.name.close()` of what another class may hold.
static void release_collect(FactsBuilder *b, NodeId call, NodeId callee) {
  const Tree *t = b->t;
  Str method = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
  if ((release_flags(b, method) & RELEASES_RECEIVER) == 0) return;
  b->releases[scope_function(b->m, scope_at(b->m, call)).i] = 1;
  NodeId held = node_unwrap(t, node_field(t, callee, FIELD_OBJECT));
  if (!node_is(t, held, PY_ATTRIBUTE)) return;
  NodeId object = node_unwrap(t, node_field(t, held, FIELD_OBJECT));
  uint32_t via = 0;
  if (scope_ok(class_of_receiver(b, object, &via))) return;
  Str name = node_text(t, node_field(t, held, FIELD_ATTRIBUTE));
  touch_add(b, TOUCH_RELEASE, class_of_object(b, object), name);
}

// --- entry ---------------------------------------------------------------------------

void call_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  if ((context_of(b->m, call).flags & CONTEXT_TEST) != 0) {
    // Tests make nothing hot; what they do to instances still counts.
    special_collect(b, call, hazard_name(b, callee));
    return;
  }
  hooks_collect(b, call);
  sink_collect(b, call);
  uint32_t via = 0;
  ScopeId own = class_of_receiver(b, callee, &via);
  if (scope_ok(own) && via == OPERATION_VIA_CLS) {
    Str name = sym_str(&b->texts, (Sym){scope_qualified(b, own).i});
    FactCall row = call_row(b, call, name, CALL_CLS, sink_of(b->m, call));
    row.held = (uint8_t)call_held_by(b, call);
    call_add(b, row);
    return;
  }
  if (allocation_collect(b, call, callee)) return;
  if (node_is(t, callee, PY_ATTRIBUTE)) {
    release_collect(b, call, callee);
    connect_touch(b, call, callee);
    keep_of_call(b, call);
  }
  applied_collect(b, call);
  Str name = hazard_name(b, callee);
  if (name.n == 0) {
    if (node_is(t, callee, PY_ATTRIBUTE)) method_collect(b, call, callee);
    name = method_on_object(b, callee);
    if (name.n == 0) method_defer(b, call);
  }
  bool is_partial = name.n == 0 && node_is(t, callee, PY_IDENTIFIER);
  if (is_partial) name = behind_partial(b, callee);
  if (name.n == 0) return;
  special_collect(b, call, name);
  if (is_of_library(b, name)) return;
  FactCall row = call_row(b, call, name, CALL_PLAIN, sink_of_call(b, call, name));
  if (!is_partial) row.constants = constants_of(b, call);
  bool is_class = names_class(name) || scope_ok(class_named(b, callee));
  bool is_at_import = row.caller.i == 0;
  if (is_class || is_at_import) row.held = (uint8_t)call_held_by(b, call);
  if (is_class) object_bound(b, call, name);
  call_add(b, row);
  named_collect(b, call, name);
  hash_collect(b, call, name);
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
