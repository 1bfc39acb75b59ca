/* # grow-only-container (PML509)
 *
 * A container of a module or class gains entries while the program runs, and nothing in
 * the project ever removes one.
 *
 * ## Why it costs memory
 *
 * What a module or class holds lives as long as the process. Each entry keeps its key and
 * its value, and all that those refer to, alive: 8 B in a list, about 33 B in a set and
 * 80 to 107 B in a dict for the entry alone. In a server the growth never ends.
 *
 * ## Example
 *
 *     SESSIONS = {}
 *
 *     @app.route("/login/<user>")
 *     def login(user):
 *         SESSIONS[user] = Session(user)
 *
 * ## Use instead
 *
 * Remove the entry where its use ends, bound the number (`deque(maxlen=100)`,
 * `functools.lru_cache(maxsize=1024)`), or hold the values weakly:
 *
 *     SESSIONS = weakref.WeakValueDictionary()
 *
 * ## Fix safety
 *
 * There is no automatic fix: when an entry may go is a decision.
 *
 * ## Limits
 *
 * Silent for containers with a bound or weak references, for growth while modules are
 * imported (registries, decorators, subclasses), for growth under a test of the length,
 * for keys of a finite set (constants, enumerations, classes), where anything in the
 * project removes, clears, rebinds or slices, and where unknown code or a caller gets the
 * container. A warning where the growth runs in a handler, in a worker, or in methods of
 * a class with many instances (not for entries that are looked up first); else, and in
 * scripts, a note.
 *
 * ## References
 *
 * `weakref`, `collections.deque` and `functools.lru_cache` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool is_candidate(const IndexContainer *c);
static Str growth_text(RuleContext *cx, const ContainerLife *life);
static uint32_t entry_bytes(const IndexContainer *c);

RULE(grow_only_container) = {
    .code = "PML509",
    .name = "grow-only-container",
    .summary = "a container of a module or class only ever grows",
    .templates =
        {"`{0}` gains entries {1} and nothing in the project removes any: at "
         "least {2} B each for as long as the process runs",
         "`{0}` gains entries {1} that are not removed on every path: at least "
         "{2} B each for as long as the process runs"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML504", "PML606", "PML602", "PML607", "PML510"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if (!is_candidate(c)) return;
  ContainerLife life = index_life(cx->index, id);
  if (life.growth_count == 0 || life.via_self) return;
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                        "the code around it cannot be followed") ||
      !cx_require_place(cx, c->place, life.removal == NULL || life.on_one_path,
                        "entries are removed, or it is rebound") ||
      !cx_require_place(cx, c->place, life.escape == NULL,
                        "other code gets it, and may empty it")) {
    return;
  }
  bool is_partial = life.removal != NULL;
  Draft draft = {
      .place = c->place,
      .template_index = is_partial ? 1 : 0,
      .args = {str_after_last(c->name, '.'), growth_text(cx, &life),
               cx_format(cx, "%u", entry_bytes(c))},
      .labels = {{.place = life.growth->place, .text = STR("grows here")}},
      .evidence = EVIDENCE_LONG | (life.is_grown ? EVIDENCE_GROWN : 0u),
      .cost = {entry_bytes(c), COST_PER_ENTRY},
      .note_at_most = is_partial || (c->fact->flags & CONTAINER_SCRIPT) != 0,
  };
  if (is_partial) {
    draft.labels[1] = (DraftLabel){.place = life.removal->place,
                                   .text = STR("removed here, on some paths")};
  }
  cx_report(cx, draft);
}

static bool is_candidate(const IndexContainer *c) {
  const uint32_t left_alone = CONTAINER_BOUNDED | CONTAINER_WEAK | CONTAINER_TEST;
  if (c->fact->holder != HOLDER_MODULE && c->fact->holder != HOLDER_CLASS) return false;
  return (c->fact->flags & left_alone) == 0 && (c->facts->flags & FACTS_STUB) == 0;
}

static Str growth_text(RuleContext *cx, const ContainerLife *life) {
  const IndexOperation *growth = life->growth;
  if ((growth->fact->context & CONTEXT_WORKER) != 0) return STR("in a worker loop");
  if ((growth->fact->context & CONTEXT_HANDLER) != 0) return STR("in a handler");
  Str caller = index_place_scope(cx->index, growth->place);
  if (caller.n == 0) return STR("in a function");
  bool is_per_instance = life->is_grown && growth->in_method_of_many;
  const char *more = growth->in_handler ? ", which a handler or worker calls,"
                     : is_per_instance  ? " on each of many instances"
                                        : "";
  return cx_format(cx, "in `%.*s`%s", STR_ARGS(caller), more);
}

// The entry alone, without key and value.
static uint32_t entry_bytes(const IndexContainer *c) {
  switch ((ValueKind)c->fact->type) {
    case VALUE_DICT: return 80;
    case VALUE_SET: return 33;
    case VALUE_BYTEARRAY: return 1;
    default: return 8;
  }
}
