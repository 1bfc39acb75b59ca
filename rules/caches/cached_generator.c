/* # cached-generator (PML604)
 *
 * A cache keeps a generator or a coroutine, which works once, instead of its result.
 *
 * ## Why it costs memory
 *
 * Calling a generator function gives a generator, calling an `async def` a coroutine; that
 * is what the cache keeps. The second caller gets the same object: a generator that is
 * used up, a coroutine that raises `RuntimeError` when it is awaited again. Nothing is
 * saved, and each entry keeps the arguments, and a generator that was left halfway its
 * frame with all locals.
 *
 * ## Example
 *
 *     @functools.lru_cache(maxsize=None)
 *     def fields(path):
 *         for line in open_text(path):
 *             yield line.split(":")
 *
 * ## Use instead
 *
 *     @functools.lru_cache(maxsize=1024)
 *     def fields(path):
 *         return tuple(line.split(":") for line in open_text(path))
 *
 * and for coroutines a cache that awaits them, such as `async_lru.alru_cache`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: what to keep of it is a decision.
 *
 * ## Limits
 *
 * Silent for caches that are made for coroutines, that live outside the process or on
 * disk, or that keep nothing; where a decorator of unknown effect stands between the cache
 * and the function; for endless iterators, and those that a function without arguments or
 * a property shares; and in tests.
 *
 * ## References
 *
 * The documentation of `functools.lru_cache` and of `async_lru`.
 */
#include "rule.h"

typedef enum OneShot {
  ONE_SHOT_NONE,
  ONE_SHOT_GENERATOR,
  ONE_SHOT_ITERATOR,
  ONE_SHOT_MANAGER,
  ONE_SHOT_COROUTINE,
} OneShot;

static RuleNodeFn on_node;
static void on_decorated(RuleContext *cx, NodeId decorated);
static void on_call(RuleContext *cx, NodeId call);
static void on_cache(RuleContext *cx, NodeId anchor, CacheUse cache, NodeId function,
                     OneShot gives);
static OneShot gives_of(RuleContext *cx, NodeId function);
static bool passes_on(RuleContext *cx, NodeId decorator, OneShot *gives);

RULE(cached_generator) = {
    .code = "PML604",
    .name = "cached-generator",
    .summary = "a cache keeps a generator or coroutine, which works once",
    .templates =
        {"the cache of `{0}` keeps the {1} itself, not what it gives: a second caller "
         "finds it used up; keep a tuple of it",
         "the cache of `{0}` keeps the {1} itself, not its result: it cannot be awaited "
         "twice; use a cache that awaits it",
         "the cache of `{0}` keeps the {1} itself: it cannot be entered twice; make "
         "one in each call"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .kinds = {PY_DECORATED_DEFINITION, PY_CALL},
    .on_node = on_node,
};

static const char read_again[] =
    "what the function gives is not known to be used up by one reader";

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_CALL))
    on_call(cx, node);
  else
    on_decorated(cx, node);
}

// Decorators are applied from below: what stands under the cache is cached with it.
static void on_decorated(RuleContext *cx, NodeId decorated) {
  NodeId function = node_field(cx->t, decorated, FIELD_DEFINITION);
  if (!node_is(cx->t, function, PY_FUNCTION_DEFINITION)) return;
  for (NodeId d = node_first_named(cx->t, decorated); node_is(cx->t, d, PY_DECORATOR);
       d = node_next_named(cx->t, d)) {
    CacheUse cache = cache_of_decorator(cx->m, d);
    if (cache.fact == NULL) continue;
    OneShot gives = gives_of(cx, function);
    bool known = true;
    for (NodeId under = node_next_named(cx->t, d);
         known && node_is(cx->t, under, PY_DECORATOR);
         under = node_next_named(cx->t, under)) {
      known = passes_on(cx, under, &gives);
    }
    if (!cx_require(cx, d, gives != ONE_SHOT_NONE, read_again) ||
        !cx_require(cx, d, known,
                    "the decorator below the cache may give something else")) {
      continue;
    }
    on_cache(cx, d, cache, function, gives);
  }
}

// `rows = cache(rows)` and `cache(rows)(path)`; a rule of its own for other calls would
// ask about every call of the file.
static void on_call(RuleContext *cx, NodeId call) {
  NodeId wrapped = node_wrap(cx->t, call), outer = node_parent(cx->t, wrapped);
  CacheUse cache = {0};
  if (!node_is(cx->t, outer, PY_ASSIGNMENT) &&
      !(node_is(cx->t, outer, PY_CALL) &&
        node_eq(call_callee(cx->m, outer), wrapped))) {
    return;
  }
  NodeId function = cache_applied_to(cx->m, call, &cache);
  if (!node_ok(function)) return;
  if (!cx_require(
          cx, call,
          !node_is(cx->t, node_parent(cx->t, function), PY_DECORATED_DEFINITION),
          "a decorator of the function may give something else")) {
    return;
  }
  OneShot gives = gives_of(cx, function);
  if (cx_require(cx, call, gives != ONE_SHOT_NONE, read_again))
    on_cache(cx, call, cache, function, gives);
}

static const char *one_shot_text(OneShot gives) {
  switch (gives) {
    case ONE_SHOT_COROUTINE: return "coroutine";
    case ONE_SHOT_MANAGER: return "context manager";
    case ONE_SHOT_ITERATOR: return "iterator";
    default: return "generator";
  }
}

static void on_cache(RuleContext *cx, NodeId anchor, CacheUse cache, NodeId function,
                     OneShot gives) {
  enum { LIVES_ELSEWHERE = CACHE_ASYNC | CACHE_EXTERNAL | CACHE_ON_DISK };
  bool shared = (cache.fact->flags & CACHE_PER_INSTANCE) != 0 ||
                scope_parameter_count(cx->m, scope_of(cx->m, function)) == 0;
  if (!cx_require(cx, anchor, (cache.fact->flags & LIVES_ELSEWHERE) == 0,
                  "the cache awaits, or lives outside the process") ||
      !cx_require(cx, anchor, cache.maxsize != 0, "the cache keeps nothing") ||
      !cx_require(cx, anchor, gives != ONE_SHOT_ITERATOR || !shared,
                  "one iterator for all callers may be meant") ||
      !cx_require(cx, anchor, (context_of(cx->m, anchor).flags & CONTEXT_TEST) == 0,
                  "it is a test")) {
    return;
  }
  NodeId name = node_field(cx->t, function, FIELD_NAME);
  NodeId named = node_ok(name) ? name : function;
  cx_report(cx, (Draft){
                    .anchor = anchor,
                    .template_index = gives == ONE_SHOT_COROUTINE ? 1
                                      : gives == ONE_SHOT_MANAGER ? 2
                                                                  : 0,
                    .args = {cx_excerpt(cx, named), str_from(one_shot_text(gives))},
                    .labels = {{.node = named,
                                .text = cx_format(cx, "each call gives a %s",
                                                  one_shot_text(gives))}},
                });
}

// --- what the function gives ---------------------------------------------------------

static OneShot one_shot_of(Value v) {
  switch (v.kind) {
    case VALUE_GENERATOR: return ONE_SHOT_GENERATOR;
    case VALUE_COROUTINE: return ONE_SHOT_COROUTINE;
    case VALUE_ITERATOR:
      return (v.flags & VALUE_ENDLESS) == 0 ? ONE_SHOT_ITERATOR : ONE_SHOT_NONE;
    default: return ONE_SHOT_NONE;
  }
}

static OneShot gives_of(RuleContext *cx, NodeId function) {
  if (node_is(cx->t, function, PY_LAMBDA))
    return one_shot_of(value_of(cx->m, node_field(cx->t, function, FIELD_BODY)));
  uint32_t flags = scope_get(cx->m, scope_of(cx->m, function))->flags;
  if (flags & SCOPE_IS_GENERATOR) return ONE_SHOT_GENERATOR;
  if (flags & SCOPE_IS_ASYNC) return ONE_SHOT_COROUTINE;
  return one_shot_of(value_of_result(cx->m, function));
}

// A decorator below the cache that gives what the function gives, or a manager of it.
static bool passes_on(RuleContext *cx, NodeId decorator, OneShot *gives) {
  Str name = name_of_decorator(cx->m, decorator);
  if (str_is(name, "contextlib.contextmanager") ||
      str_is(name, "contextlib.asynccontextmanager")) {
    *gives = *gives == ONE_SHOT_GENERATOR ? ONE_SHOT_MANAGER : ONE_SHOT_NONE;
    return true;
  }
  return str_is(name, "builtins.staticmethod") ||
         str_is(name, "builtins.classmethod") || str_is(name, "functools.wraps");
}
