/* # hand-made-cache (PML602)
 *
 * A dict keeps results by their arguments, as a cache does, and nothing in the project
 * ever removes one.
 *
 * ## Why it costs memory
 *
 * What a module, class or function holds lives as long as the process. Each key that is
 * asked for once stays, with its result and all that this refers to: 80 to 107 B for the
 * entry alone. Where keys come from requests, users or files, there is always another.
 *
 * ## Example
 *
 *     _pages = {}
 *
 *     @app.route("/page/<name>")
 *     def page(name):
 *         if name not in _pages:
 *             _pages[name] = load(name)
 *         return _pages[name]
 *
 * ## Use instead
 *
 *     @functools.lru_cache(maxsize=1024)
 *     def load_page(name):
 *         return load(name)
 *
 * or `cachetools.TTLCache(maxsize=1024, ttl=300)` in place of the dict, or, where the
 * results live elsewhere anyway, `weakref.WeakValueDictionary()`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: how many to keep, and for how long, is a decision.
 *
 * ## Limits
 *
 * Reported are dicts of a module, a class, a long-lived object or a function (a default,
 * an attribute, a variable of a decorator) that are filled where a look-up of the same key
 * missed, with something that is made there, by keys that come from arguments. Silent
 * where anything in the project removes, clears or rebinds, for weak containers, under a
 * test of the length, for keys of a finite set (constants, enumerations, classes,
 * arguments that all callers write out), while modules are imported, and where unknown
 * code or a caller gets the dict. A warning where the dict is filled in a handler, in a
 * worker, or in methods of a class with many instances; else, and in scripts, a note.
 *
 * ## References
 *
 * `functools.lru_cache` and `weakref` in the library reference, the documentation of
 * `cachetools`.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool is_kept(RuleContext *cx, const IndexContainer *c,
                    const ContainerLife *life);
static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   CacheLife cache);

enum { ENTRY_BYTES = 80 };

RULE(hand_made_cache) = {
    .code = "PML602",
    .name = "hand-made-cache",
    .summary = "a dict is used as a cache and never loses an entry",
    .templates =
        {"`{0}` caches what `{1}` makes for each key and nothing in the project removes "
         "any: at least {2} B each for as long as {3}",
         "`{0}` caches what `{1}` makes for each key, and not every path removes it: at "
         "least {2} B each for as long as {3}"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML606"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if (c->fact->type != VALUE_DICT) return;
  CacheLife cache = index_cache(cx->index, id);
  if (cache.fill == NULL && cache.refusal == NULL) return;
  if (!cx_require_unbounded(cx, c) ||
      !cx_require_place_seen(cx, c->place, cache.fill != NULL, cache.refusal,
                             cache.fill == NULL ? cache.refusing->place : (Place){0})) {
    return;
  }
  ContainerLife life = index_life(cx->index, id);
  if (!cx_require_long(cx, c, &life)) return;
  if (!is_kept(cx, c, &life)) return;
  report(cx, c, &life, cache);
}

static bool is_kept(RuleContext *cx, const IndexContainer *c,
                    const ContainerLife *life) {
  bool is_own_answer = c->fact->holder == HOLDER_DEFAULT && life->escape != NULL &&
                       life->escape->kind == OPERATION_RETURN;
  return cx_require_followed(cx, c, life) && cx_require_no_removal(cx, c, life) &&
         (is_own_answer || cx_require_no_escape(cx, c, life));
}

static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   CacheLife cache) {
  bool is_partial = life->removal != NULL;
  Str filler = index_place_scope(cx->index, cache.fill->place);
  bool is_grown = cache.is_grown || life->is_grown;
  Draft draft = {
      .place = c->place,
      .template_index = is_partial ? 1 : 0,
      .args = {cx_container(cx, c), str_after_last(filler, '.'),
               cx_format(cx, "%d", ENTRY_BYTES), cx_lifetime(cx, c)},
      .labels = {{.place = cache.fill->place, .text = STR("filled here")}},
      .evidence = EVIDENCE_LONG | (is_grown ? EVIDENCE_GROWN : 0u),
      .cost = {ENTRY_BYTES, COST_PER_ENTRY},
      .note_at_most = is_partial || (c->fact->flags & CONTAINER_SCRIPT) != 0,
  };
  uint32_t labels = 1;
  if (is_partial) {
    draft.labels[labels++] = (DraftLabel){.place = life->removal->place,
                                          .text = STR("removed here, on some paths")};
  }
  if (place_ok(life->held_at)) {
    draft.labels[labels] =
        (DraftLabel){.place = life->held_at, .text = STR("made here, and held")};
  }
  cx_report(cx, draft);
}
