/* # cache-per-call (PML603)
 *
 * A cache is made in each call of a function and dropped with it.
 *
 * ## Why it costs memory
 *
 * A decorator makes its cache where it runs: inside a function anew in every call. A
 * helper that is called once there finds an empty cache each time. The call pays for the
 * wrapper, the table and the entry (about 400 bytes), and equal results that one cache
 * would share are made again and again, each a copy of its own for whoever keeps it.
 *
 * ## Example
 *
 *     def label(row):
 *         @functools.lru_cache(maxsize=None)
 *         def text_of(code):
 *             return load_text(code)
 *
 *         return text_of(row.code)
 *
 * ## Use instead
 *
 *     @functools.lru_cache(maxsize=1024)
 *     def text_of(code):
 *         return load_text(code)
 *
 *     def label(row):
 *         return text_of(row.code)
 *
 * or, where the helper needs the locals of the call, no cache at all.
 *
 * ## Fix safety
 *
 * There is no automatic fix: whether to move the cache out or to drop it is a decision.
 *
 * ## Limits
 *
 * Silent where the helper is called in a loop or comprehension of that call, calls itself,
 * is called at several places with the same arguments, is handed on, returned or stored,
 * or is read by an inner function; for caches over a mapping that outlives the call, on
 * disk, outside the process, or found again by the function's name; and in tests.
 *
 * ## References
 *
 * The documentation of `functools.lru_cache` and of `cachetools`.
 */
#include "rule.h"

typedef struct Made {
  NodeId anchor;     // the decorator, or the call that applies the cache
  NodeId statement;  // what makes it: a loop around this too makes another one
  NodeId name;       // what the cached function is called by
  CacheUse cache;
} Made;

static RuleNodeFn on_node;
static void on_decorated(RuleContext *cx, NodeId decorated);
static void on_call(RuleContext *cx, NodeId call);
static void on_named(RuleContext *cx, Made made);
static bool is_in_function(RuleContext *cx, NodeId node);
static bool dies_with_call(RuleContext *cx, Made made);
static bool is_made_once(RuleContext *cx, Made made);
static bool may_find_entry(RuleContext *cx, Made made, NodeId *call);
static void report(RuleContext *cx, Made made, NodeId called, NodeId call);

enum { CALLS_COMPARED = 4 };

RULE(cache_per_call) = {
    .code = "PML603",
    .name = "cache-per-call",
    .summary = "a cache is made in each call and dropped with it",
    .templates =
        {"the cache of `{0}` is made in each call of `{1}` and dropped with it, so "
         "that none finds an entry; make it once, outside"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .yields_to = {"PML604", "PML501", "PML502"},
    .kinds = {PY_DECORATED_DEFINITION, PY_CALL},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  if (!is_in_function(cx, node)) return;
  if (node_is(cx->t, node, PY_CALL))
    on_call(cx, node);
  else
    on_decorated(cx, node);
}

// What stands above the cache may keep the cached function.
static void on_decorated(RuleContext *cx, NodeId decorated) {
  NodeId function = node_field(cx->t, decorated, FIELD_DEFINITION);
  NodeId first = node_first_named(cx->t, decorated);
  if (!node_is(cx->t, function, PY_FUNCTION_DEFINITION)) return;
  on_named(cx, (Made){first, decorated, node_field(cx->t, function, FIELD_NAME),
                      cache_of_decorator(cx->m, first)});
}

// `cache(f)(x)` and `cached = cache(f)`.
static void on_call(RuleContext *cx, NodeId call) {
  Made made = {.anchor = call, .statement = call};
  NodeId function = NO_NODE;
  NodeId outer = node_parent(cx->t, node_wrap(cx->t, call));
  bool called = node_is(cx->t, outer, PY_CALL) &&
                node_eq(call_callee(cx->m, outer), node_wrap(cx->t, call));
  if (!called && !node_is(cx->t, outer, PY_ASSIGNMENT) &&
      !node_is(cx->t, outer, PY_NAMED_EXPRESSION)) {
    if (cx_explains(cx) && call_applies_cache(cx->m, call, &made.cache, &function))
      cx_require(cx, call, false,
                 "other code gets the cached function, and may keep it");
    return;
  }
  if (!call_applies_cache(cx->m, call, &made.cache, &function)) return;
  if (!called) {
    made.name = use_of(cx->m, call).name;
    on_named(cx, made);
  } else if (dies_with_call(cx, made)) {
    report(cx, made, function, outer);
  }
}

static void on_named(RuleContext *cx, Made made) {
  NodeId call = NO_NODE;
  if (made.cache.fact == NULL || !node_is(cx->t, made.name, PY_IDENTIFIER)) return;
  if (!dies_with_call(cx, made)) return;
  if (!cx_require(cx, made.anchor, is_made_once(cx, made),
                  "the name may be something else, or is known elsewhere")) {
    return;
  }
  if (!cx_require(cx, made.anchor, !may_find_entry(cx, made, &call),
                  "it may find an entry in the same call, or outlive it")) {
    return;
  }
  report(cx, made, made.name, call);
}

static void report(RuleContext *cx, Made made, NodeId called, NodeId call) {
  NodeId around = scope_get(cx->m, scope_at(cx->m, made.anchor))->node;
  NodeId name = node_field(cx->t, around, FIELD_NAME);
  cx_report(cx,
            (Draft){
                .anchor = made.anchor,
                .args = {cx_excerpt(cx, called),
                         node_ok(name) ? node_text(cx->t, name) : STR("lambda")},
                .labels = {{.node = call, .text = STR("called with an empty cache")}},
            });
}

// --- how long the cache lives --------------------------------------------------------

static bool is_in_function(RuleContext *cx, NodeId node) {
  ScopeKind kind = scope_get(cx->m, scope_at(cx->m, node))->kind;
  return kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA;
}

// `cached({})`: the mapping is made in this call, and nothing else has it.
static bool mapping_is_own(RuleContext *cx, Made made) {
  NodeId call = made.cache.call, mapping = NO_NODE;
  NodeId function = context_of(cx->m, made.anchor).function;
  if (!node_ok(call)) return true;
  bool takes = (made.cache.fact->flags & CACHE_TAKES_CACHE) != 0;
  uint32_t position = takes ? 0 : CALL_NO_POSITION;
  ArgState state = call_argument(cx->m, call, position, "cache", &mapping);
  if (state == ARG_ABSENT) return true;
  if (state == ARG_UNKNOWN || !node_inside(cx->t, call, function)) return !takes;
  const Binding *binding = binding_get(cx->m, binding_of(cx->m, mapping));
  NodeId value = name_value(cx->m, mapping);
  bool is_fresh = node_is(cx->t, value, PY_DICTIONARY) ||
                  node_is(cx->t, value, PY_CALL) ||
                  node_is(cx->t, value, PY_NONE_LITERAL);
  return is_fresh && node_inside(cx->t, value, function) &&
         (node_eq(node_unwrap(cx->t, mapping), value) || binding->ref_count == 1);
}

static bool dies_with_call(RuleContext *cx, Made made) {
  enum {
    OUTLIVES = CACHE_PER_INSTANCE | CACHE_EXTERNAL | CACHE_ON_DISK | CACHE_BY_NAME
  };
  return cx_require(cx, made.anchor, (made.cache.fact->flags & OUTLIVES) == 0,
                    "its entries outlive the function") &&
         cx_require(cx, made.anchor, mapping_is_own(cx, made),
                    "the mapping outlives the call") &&
         cx_require(cx, made.anchor,
                    (context_of(cx->m, made.anchor).flags & CONTEXT_TEST) == 0,
                    "it runs in a test");
}

static bool is_made_once(RuleContext *cx, Made made) {
  BindingId id = binding_of(cx->m, made.name);
  const Binding *binding = binding_get(cx->m, id);
  ScopeId scope = scope_at(cx->m, made.anchor);
  return binding->scope.i == scope.i && binding->def_count == 1 &&
         (binding->flags & BIND_IN_ERROR) == 0 &&
         (scope_get(cx->m, scope)->flags & SCOPE_DYNAMIC) == 0;
}

// --- its calls -----------------------------------------------------------------------

// The call of the cached function that a reading of its name is, in the same call of the
// function around and in no loop of its own; else NO_NODE.
static NodeId plain_call(RuleContext *cx, Made made, NodeId reading) {
  NodeId callee = node_wrap(cx->t, reading);
  NodeId call = node_parent(cx->t, callee);
  if (!node_is(cx->t, call, PY_CALL) || !node_eq(call_callee(cx->m, call), callee) ||
      scope_function(cx->m, scope_at(cx->m, reading)).i !=
          scope_at(cx->m, made.anchor).i) {
    return NO_NODE;
  }
  for (NodeId loop = loop_around(cx->m, call, NO_NODE); node_ok(loop);
       loop = loop_around(cx->m, call, loop)) {
    if (!node_inside(cx->t, made.statement, loop)) return NO_NODE;
  }
  return call;
}

static bool same_arguments(RuleContext *cx, NodeId a, NodeId b) {
  return str_eq(node_text(cx->t, node_field(cx->t, a, FIELD_ARGUMENTS)),
                node_text(cx->t, node_field(cx->t, b, FIELD_ARGUMENTS)));
}

// Only few calls with different arguments are known to find nothing; `first` is one.
static bool may_find_entry(RuleContext *cx, Made made, NodeId *first) {
  NodeId calls[CALLS_COMPARED];
  uint32_t count = 0;
  for (RefId r = ref_first(cx->m, binding_of(cx->m, made.name)); ref_ok(r);
       r = ref_next(cx->m, r)) {
    NodeId call = plain_call(cx, made, ref_get(cx->m, r)->node);
    if (!node_ok(call) || count == CALLS_COMPARED) return true;
    for (uint32_t i = 0; i < count; i++) {
      if (same_arguments(cx, calls[i], call)) return true;
    }
    calls[count++] = call;
  }
  if (count == 0) return true;
  *first = calls[0];
  return false;
}
