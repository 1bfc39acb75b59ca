/* # cached-heavy-argument (PML502)
 *
 * A cache's keys are the arguments of each call, and one of them holds a lot.
 *
 * ## Why it costs memory
 *
 * `functools.lru_cache` and its relatives keep the arguments of every entry as its key:
 * a tensor with its data, a request with its body, a session with its connections, the
 * row of an ORM. Instances that only equal themselves never hit: each call with a new one
 * adds an entry. A bounded cache keeps its last `maxsize` of them.
 *
 * ## Example
 *
 *     @functools.cache
 *     def norm(x: torch.Tensor):
 *         return float(x.norm())
 *
 * ## Use instead
 *
 *     def norm(x: torch.Tensor):
 *         return float(x.norm())
 *
 * or a cache over something small that stands for it, an id or a path:
 *
 *     @functools.cache
 *     def norm(path: str):
 *         return float(torch.load(path).norm())
 *
 * ## Fix safety
 *
 * There is no automatic fix: what can stand for the argument is a decision.
 *
 * ## Limits
 *
 * Heavy is what can be a key and is a tensor, a session, a request, a connection, a
 * document, the row of an ORM, bytes that are named or used as contents, an instance of a
 * class of this file that has neither `__eq__` nor `__hash__`, and a class, lambda or
 * nested function made at run time; by annotation, by use, or by the calls in this file.
 * Silent for methods (PML501), for caches on disk, outside of the process or with keys
 * made of texts, for caches whose `key` leaves the argument out, and for classes of which
 * the program makes one instance.
 *
 * ## References
 *
 * `functools.lru_cache` in the library reference; `cachetools.keys`.
 */
#include "rule.h"

static RuleNodeFn on_node;
static RuleRegistrationFn on_registration;
static void on_cache(RuleContext *cx, NodeId anchor, NodeId function, CacheUse cache);
static HeavyKey heavy_argument(RuleContext *cx, NodeId function, CacheUse cache,
                               DefId *parameter);
static bool key_leaves_out(RuleContext *cx, NodeId call, DefId parameter,
                           uint32_t index);
static bool is_whole(RuleContext *cx, NodeId mention, NodeId key);
static bool is_emptied(RuleContext *cx, NodeId function, CacheUse cache);

RULE(cached_heavy_argument) = {
    .code = "PML502",
    .name = "cached-heavy-argument",
    .summary = "a cache keeps a heavy argument of each call as its key",
    .templates =
        {"the cache of `{0}` keeps every `{1}` that it was called with, {2}: nothing "
         "bounds it; cache by something small that stands for it",
         "the cache of `{0}` keeps the last {3} of `{1}` that it was called with, {2}; "
         "cache by something small that stands for it"},
    .warn_on = {EVIDENCE_LONG},
    .yields_to = {"PML604", "PML501"},
    .kinds = {PY_DECORATED_DEFINITION, PY_CALL},
    .on_node = on_node,
    .on_registration = on_registration,
};

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_CALL)) {
    CacheUse cache = {0};
    NodeId function = cache_applied_to(cx->m, node, &cache);
    if (node_ok(function)) on_cache(cx, node, function, cache);
    return;
  }
  NodeId function = node_field(cx->t, node, FIELD_DEFINITION);
  if (!node_is(cx->t, function, PY_FUNCTION_DEFINITION)) return;
  for (NodeId d = node_first_named(cx->t, node); node_is(cx->t, d, PY_DECORATOR);
       d = node_next_named(cx->t, d)) {
    CacheUse cache = cache_of_decorator(cx->m, d);
    if (cache.fact != NULL) on_cache(cx, d, function, cache);
  }
}

// A function of the module or a class: its cache lives as long.
static bool lives_long(RuleContext *cx, NodeId function) {
  ScopeId around = scope_at(cx->m, function);
  ScopeKind kind = scope_get(cx->m, around)->kind;
  MethodKind method = method_kind(cx->m, function);
  return (kind == SCOPE_MODULE || kind == SCOPE_CLASS) && method != METHOD_INSTANCE;
}

static void on_cache(RuleContext *cx, NodeId anchor, NodeId function, CacheUse cache) {
  DefId parameter = {0};
  if (!cx_require(cx, anchor, cache.maxsize != 0, "its size is 0, so it keeps nothing"))
    return;
  HeavyKey found = heavy_argument(cx, function, cache, &parameter);
  if (!cx_require(cx, anchor, found.why != HEAVY_KEY_NOT,
                  "no argument is known to be heavy, or to be compared by identity")) {
    return;
  }
  if (!cx_require(cx, anchor, cache_keeps_arguments(cache),
                  "its keys are no arguments, or lie elsewhere") ||
      !cx_require(cx, anchor, lives_long(cx, function),
                  "the cache ends with an instance or a call") ||
      !cx_require(cx, anchor, !is_emptied(cx, function, cache),
                  "the cache is emptied at times") ||
      !cx_require(cx, anchor, (context_of(cx->m, anchor).flags & CONTEXT_TEST) == 0,
                  "it is a test")) {
    return;
  }
  bool is_bounded = cache.maxsize != CACHE_UNBOUNDED;
  NodeId name = node_field(cx->t, function, FIELD_NAME);
  NodeId named = def_get(cx->m, parameter)->node;
  Str size = cache.maxsize == CACHE_SIZE_UNKNOWN
                 ? STR("`maxsize`")
                 : cx_format(cx, "%lld", (long long)cache.maxsize);
  cx_report(cx, (Draft){
                    .anchor = anchor,
                    .template_index = is_bounded ? 1 : 0,
                    .args = {node_ok(name) ? node_text(cx->t, name) : STR("lambda"),
                             node_text(cx->t, named),
                             str_from(heavy_key_why_text(found.why)), size},
                    .labels = {{.node = found.source, .text = STR("this tells it")}},
                    .evidence = EVIDENCE_LONG,
                    .note_at_most = is_bounded,
                });
}

// Nobody is seen to make them, or they are made in a hot place; rows and the like come
// from elsewhere.
static bool is_in_number(RuleContext *cx, const IndexRegistration *r) {
  const IndexClass *c = index_class(cx->index, r->owner);
  return r->heavy != HEAVY_KEY_INSTANCE || c->is_many || c->site_count == 0;
}

// Parameters of one function stand behind one another.
static bool is_first(RuleContext *cx, RegistrationId id) {
  const IndexRegistration *r = index_registration(cx->index, id);
  for (RegistrationId before = {id.i - 1}; before.i > 0; before.i--) {
    const IndexRegistration *other = index_registration(cx->index, before);
    if (other->place.module != r->place.module ||
        other->place.ordinal != r->place.ordinal) {
      return true;
    }
    if (other->heavy != HEAVY_KEY_NOT && is_in_number(cx, other)) return false;
  }
  return true;
}

// By an annotation whose class stands in another file.
static void on_registration(RuleContext *cx, RegistrationId id) {
  const IndexRegistration *r = index_registration(cx->index, id);
  if (r->form != REGISTER_CACHES) return;
  if (!cx_require_place(cx, r->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, r->place, r->heavy != HEAVY_KEY_NOT,
                        "the class is not known, or compares by value") ||
      !cx_require_place(cx, r->place, is_in_number(cx, r),
                        "the program makes one instance, or a few") ||
      !cx_require_place(cx, r->place, is_first(cx, id),
                        "another parameter is reported")) {
    return;
  }
  Str size = index_word(cx->index, r->module, r->fact->key);
  cx_report(cx,
            (Draft){
                .place = r->place,
                .template_index = size.n != 0 ? 1 : 0,
                .args = {r->name, index_name(cx->index, r->module, r->fact->receiver),
                         str_from(heavy_key_why_text(r->heavy)), size},
                .labels = {{.place = index_class(cx->index, r->owner)->place,
                            .text = STR("has neither `__eq__` nor `__hash__`")}},
                .evidence = EVIDENCE_LONG,
                .note_at_most = size.n != 0,
            });
}

// The heaviest of the parameters, `cls` left out.
static HeavyKey heavy_argument(RuleContext *cx, NodeId function, CacheUse cache,
                               DefId *parameter) {
  ScopeId scope = scope_of(cx->m, function);
  uint32_t first = method_kind(cx->m, function) == METHOD_CLASS;
  HeavyKey heaviest = {.why = HEAVY_KEY_NOT};
  for (uint32_t i = first; i < scope_parameter_count(cx->m, scope); i++) {
    DefId id = scope_parameter(cx->m, scope, i);
    HeavyKey one = heavy_key_parameter(cx->m, function, id);
    if (one.why <= heaviest.why || key_leaves_out(cx, cache.call, id, i)) continue;
    heaviest = one;
    *parameter = id;
  }
  return heaviest;
}

// `key=lambda request, city: city`: the key function's parameter at the same place, or of
// the same name, is never read. A named key may do anything.
static bool key_leaves_out(RuleContext *cx, NodeId call, DefId parameter,
                           uint32_t index) {
  NodeId key = NO_NODE;
  if (!node_ok(call) || call_argument(cx->m, call, 2, "key", &key) != ARG_PRESENT)
    return false;
  key = node_unwrap(cx->t, key);
  ScopeId scope = scope_of(cx->m, key);
  if (!node_is(cx->t, key, PY_LAMBDA) || !scope_ok(scope))
    return !str_starts(name_of(cx->m, key), STR("cachetools.keys."));
  DefId at = scope_parameter(cx->m, scope, index);
  Str name = node_text(cx->t, def_get(cx->m, parameter)->node);
  BindingId named = scope_lookup(cx->m, scope, name);
  BindingId binding = binding_ok(named) ? named : def_get(cx->m, at)->binding;
  for (RefId r = ref_first(cx->m, binding); ref_ok(r); r = ref_next(cx->m, r)) {
    if (is_whole(cx, ref_get(cx->m, r)->node, key)) return false;
  }
  return true;
}

// The key, or an element of it: what is only read, `values.data_ptr()`, is none.
static bool is_whole(RuleContext *cx, NodeId mention, NodeId key) {
  const Tree *t = cx->t;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  while (node_is(t, p, PY_TUPLE) || node_is(t, p, PY_LIST_SPLAT)) {
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  if (node_eq(p, key)) return true;
  Str callee = node_is(t, p, PY_ARGUMENT_LIST)
                   ? name_of_callee(cx->m, node_parent(t, p))
                   : STR_NONE;
  return str_starts(callee, STR("cachetools.keys."));
}

// `norm.cache_clear()`, `CACHE.clear()` of `@cached(CACHE)`: emptied at times.
static bool is_emptied(RuleContext *cx, NodeId function, CacheUse cache) {
  const Tree *t = cx->t;
  BindingId name = binding_of(cx->m, node_field(t, function, FIELD_NAME));
  NodeId mapping = NO_NODE;
  for (RefId r = ref_first(cx->m, name); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId attribute = node_parent(t, ref_get(cx->m, r)->node);
    Str member = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
    bool is_test = (context_of(cx->m, attribute).flags & CONTEXT_TEST) != 0;
    if (!is_test && (str_is(member, "cache_clear") || str_is(member, "cache")))
      return true;
  }
  if ((cache.fact->flags & CACHE_TAKES_CACHE) == 0 ||
      call_argument(cx->m, cache.call, 0, "cache", &mapping) != ARG_PRESENT) {
    return false;
  }
  return node_is(t, node_unwrap(t, mapping), PY_IDENTIFIER) &&
         keeper_is_drained(cx->m, keeper_of(cx->m, mapping));
}
