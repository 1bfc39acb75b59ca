/* # cached-method (PML501)
 *
 * A cache on a method keeps every instance that it was called on alive.
 *
 * ## Why it costs memory
 *
 * `functools.lru_cache` and its relatives belong to the function, which lives as long as
 * its class. Each entry's key holds the arguments, `self` among them: an instance that
 * was called once stays until the cache drops the entry, and with an unbounded cache for
 * ever. A bounded cache pins its last `maxsize` instances; that is a note.
 *
 * ## Example
 *
 *     class Report:
 *         @functools.lru_cache(maxsize=None)
 *         def total(self, year):
 *             return sum(self.rows[year])
 *
 * ## Use instead
 *
 *     class Report:
 *         def __init__(self, rows):
 *             self.rows = rows
 *             self._totals = {}
 *
 *         def total(self, year):
 *             if year not in self._totals:
 *                 self._totals[year] = sum(self.rows[year])
 *             return self._totals[year]
 *
 * Without further arguments `functools.cached_property` keeps the value in the instance.
 *
 * ## Fix safety
 *
 * There is no automatic fix: where the values should live is a decision.
 *
 * ## Limits
 *
 * Silent for static and class methods, enumerations, metaclasses, caches that belong to
 * the instance or live outside the process, caches whose `key` leaves `self` out, and
 * classes of which this file makes exactly one instance, at import time.
 *
 * ## References
 *
 * The documentation of `functools.lru_cache`; "How do I cache method calls?" in the
 * Python FAQ.
 */
#include "rule.h"

typedef struct CachedMethod {
  NodeId anchor;      // the decorator, or the call
  NodeId definition;  // the def or lambda
  NodeId name;        // what the class calls it
  NodeId class_node;
  CacheUse cache;
} CachedMethod;

static RuleNodeFn on_node;
static void on_decorated(RuleContext *cx, NodeId decorated);
static void on_assignment(RuleContext *cx, NodeId assignment);
static void on_cache(RuleContext *cx, CachedMethod method);
static bool has_instance(RuleContext *cx, NodeId definition);
static bool is_bound_again(RuleContext *cx, NodeId name);
static bool key_leaves_self_out(RuleContext *cx, NodeId call);
static Str entries_text(RuleContext *cx, int64_t maxsize);

RULE(cached_method) = {
    .code = "PML501",
    .name = "cached-method",
    .summary = "a cache on a method keeps every instance alive",
    .templates =
        {"the cache of `{0}` keeps every `{1}` that it was called on alive: "
         "nothing bounds it; hold the values in the instance instead",
         "the cache of `{0}` keeps up to {2} of `{1}` alive; hold the values in "
         "the instance instead"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .yields_to = {"PML604"},
    .kinds = {PY_DECORATED_DEFINITION, PY_ASSIGNMENT},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_ASSIGNMENT))
    on_assignment(cx, node);
  else
    on_decorated(cx, node);
}

static void on_decorated(RuleContext *cx, NodeId decorated) {
  NodeId definition = node_field(cx->t, decorated, FIELD_DEFINITION);
  NodeId class_node = method_class(cx->m, definition);
  if (!node_ok(class_node)) return;
  for (NodeId d = node_first_named(cx->t, decorated); node_is(cx->t, d, PY_DECORATOR);
       d = node_next_named(cx->t, d)) {
    on_cache(cx,
             (CachedMethod){d, definition, node_field(cx->t, definition, FIELD_NAME),
                            class_node, cache_of_decorator(cx->m, d)});
  }
}

// `total = lru_cache(None)(total)` in a class body.
static void on_assignment(RuleContext *cx, NodeId assignment) {
  NodeId call = node_unwrap(cx->t, node_field(cx->t, assignment, FIELD_RIGHT));
  if (!node_is(cx->t, call, PY_CALL)) return;
  NodeId name = node_field(cx->t, assignment, FIELD_LEFT);
  const Scope *scope = scope_get(cx->m, scope_at(cx->m, call));
  if (!node_is(cx->t, name, PY_IDENTIFIER) || scope->kind != SCOPE_CLASS) return;
  CacheUse cache = {0};
  NodeId definition = cache_applied_to(cx->m, call, &cache);
  if (!node_ok(definition) || is_bound_again(cx, name) ||
      !node_eq(method_class(cx->m, definition), scope->node)) {
    return;
  }
  on_cache(cx, (CachedMethod){call, definition, name, scope->node, cache});
}

static void on_cache(RuleContext *cx, CachedMethod method) {
  NodeId anchor = method.anchor;
  CacheUse cache = method.cache;
  uint32_t bases = class_base_flags(cx->m, method.class_node);
  if (cache.fact == NULL) return;
  if (!cx_require(cx, anchor, cache.maxsize != 0,
                  "its size is 0, so it keeps nothing") ||
      !cx_require(cx, anchor, has_instance(cx, method.definition),
                  "a static or class method has no instance to keep") ||
      !cx_require(cx, anchor,
                  (cache.fact->flags &
                   (CACHE_PER_INSTANCE | CACHE_EXTERNAL | CACHE_ON_DISK)) == 0,
                  "the cache belongs to the instance or lives outside the process") ||
      !cx_require(cx, anchor, !key_leaves_self_out(cx, cache.call),
                  "the cache's key leaves the instance out") ||
      !cx_require(cx, anchor, (bases & BASE_ENUM) == 0,
                  "members of an enumeration live for ever") ||
      !cx_require(cx, anchor, (bases & BASE_METACLASS) == 0,
                  "its instances are classes, which live for ever") ||
      !cx_require(cx, anchor,
                  class_instances(cx->m, method.class_node) != INSTANCES_ONE,
                  "one instance is made, at import time")) {
    return;
  }
  bool unbounded = cache.maxsize == CACHE_UNBOUNDED;
  NodeId own = node_field(cx->t, method.definition, FIELD_NAME);
  cx_report(
      cx,
      (Draft){
          .anchor = anchor,
          .template_index = unbounded ? 0 : 1,
          .args = {node_text(cx->t, method.name),
                   node_text(cx->t, node_field(cx->t, method.class_node, FIELD_NAME)),
                   entries_text(cx, cache.maxsize)},
          .labels = {{.node = node_ok(own) ? own : method.definition,
                      .text = STR("its first argument is the instance")}},
          .evidence = EVIDENCE_LONG,
          .note_at_most = !unbounded,
      });
}

static bool has_instance(RuleContext *cx, NodeId definition) {
  if (node_is(cx->t, definition, PY_LAMBDA))
    return scope_parameter_count(cx->m, scope_of(cx->m, definition)) > 0;
  return method_kind(cx->m, definition) == METHOD_INSTANCE;
}

// By more than its `def` and one assignment: `total = staticmethod(total)` may follow.
static bool is_bound_again(RuleContext *cx, NodeId name) {
  uint32_t others = 0;
  for (DefId d = def_first(cx->m, binding_of(cx->m, name)); def_ok(d);
       d = def_next(cx->m, d)) {
    others += def_get(cx->m, d)->kind != DEF_FUNCTION;
  }
  return others > 1;
}

// `key=lambda self, city: hashkey(city)`: a key function whose body never reads `self`.
static bool key_leaves_self_out(RuleContext *cx, NodeId call) {
  NodeId key = NO_NODE;
  if (!node_ok(call) || call_argument(cx->m, call, 2, "key", &key) != ARG_PRESENT) {
    return false;
  }
  key = node_unwrap(cx->t, key);
  ScopeId scope = scope_of(cx->m, key);
  if (!node_is(cx->t, key, PY_LAMBDA) || !scope_ok(scope)) return true;  // a named key
  DefId self = scope_parameter(cx->m, scope, 0);
  if (!def_ok(self)) return false;
  return !ref_ok(ref_first(cx->m, def_get(cx->m, self)->binding));
}

static Str entries_text(RuleContext *cx, int64_t maxsize) {
  if (maxsize == CACHE_SIZE_UNKNOWN) return STR("`maxsize`");
  return cx_format(cx, "%lld", (long long)maxsize);
}
