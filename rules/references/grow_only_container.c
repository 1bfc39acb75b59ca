/* # grow-only-container (PML509)
 *
 * A container of a module, a class or an object that lives as long as the program gains
 * entries while it runs, and nothing in the project ever removes one.
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
 * An object is known to live long when a module, a class, a cached function or another
 * such object holds it, when it is the local of a function that serves for ever, when its
 * class is an application, server, bot or middleware, or when it grows in its own endless
 * loop; of other objects nothing is said, and nothing of objects that are kept in number.
 *
 * Silent for memos that no handler fills, which hand-made-cache (PML602) is about, for
 * containers with a bound or weak references, for growth while modules are
 * imported or instances made (registries, decorators, subclasses, constructors and what
 * they alone call), for growth under a test of the length, for keys of a finite set
 * (constants, enumerations, classes, what was looked up in a table first, and outside of
 * handlers what is called `language`, `device` or `plugin_name`), where anything
 * in the project removes, clears, rebinds or slices, and where unknown code or a caller
 * gets the container. A removal by another key than was added (`calls[call.id] = …`,
 * `calls.pop(call)`) is none. A warning where the growth runs in a handler, in a worker,
 * or in methods of a class with many instances (not for entries that are looked up
 * first); else, and in scripts, a note.
 *
 * ## References
 *
 * `weakref`, `collections.deque` and `functools.lru_cache` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool has_dynamic_attributes(RuleContext *cx, const IndexContainer *c);
static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life);
static Str growth_text(RuleContext *cx, const ContainerLife *life);
static uint32_t entry_bytes(const IndexContainer *c);

RULE(grow_only_container) = {
    .code = "PML509",
    .name = "grow-only-container",
    .summary = "a container that lives as long as the program only ever grows",
    .templates =
        {"`{0}` gains entries {1} and nothing in the project removes any: at "
         "least {2} B each for as long as the process runs",
         "`{0}` gains entries {1} that are not removed on every path: at least "
         "{2} B each for as long as the process runs",
         "`{0}` gains entries {1} and nothing in the project removes any: at "
         "least {2} B each for as long as the `{3}` lives, which is long",
         "`{0}` gains entries {1} that are not removed on every path: at least "
         "{2} B each for as long as the `{3}` lives, which is long"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML504", "PML606", "PML602", "PML607", "PML510"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  if (c->fact->holder > HOLDER_CLASS && !is_of_instance) return;
  if (!cx_require_unbounded(cx, c)) return;
  ContainerLife life = index_life(cx->index, id);
  if (!cx_require_growth(cx, c, &life) || !cx_require_long(cx, c, &life)) return;
  if (life.via_self && !is_of_instance) return;  // 510's
  if (!cx_require_place_seen(cx, c->place, !life.is_memo || life.is_grown,
                             "what is looked up is kept once for each key",
                             life.growth->place)) {
    return;
  }
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                        "the code around it cannot be followed") ||
      !cx_require_no_removal(cx, c, &life) ||
      !cx_require_place(cx, c->place, !is_of_instance || !c->is_rebound,
                        "other code binds the attribute") ||
      !cx_require_place(cx, c->place, !is_of_instance || !has_dynamic_attributes(cx, c),
                        "attributes are set by names that are not written out") ||
      !cx_require_no_escape(cx, c, &life)) {
    return;
  }
  report(cx, c, &life);
}

static bool has_dynamic_attributes(RuleContext *cx, const IndexContainer *c) {
  const uint32_t dynamic = HAZARD_DYNAMIC | HAZARD_DICT;
  return (index_class(cx->index, c->owner)->hazards & dynamic) != 0;
}

static void report(RuleContext *cx, const IndexContainer *c,
                   const ContainerLife *life) {
  bool is_partial = life->removal != NULL;
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  Str name = str_after_last(c->name, '.');
  Draft draft = {
      .place = c->place,
      .template_index = (is_of_instance ? 2u : 0u) + (is_partial ? 1u : 0u),
      .args = {is_of_instance ? cx_format(cx, "self.%.*s", STR_ARGS(name)) : name,
               growth_text(cx, life), cx_format(cx, "%u", entry_bytes(c)),
               str_after_last(index_class(cx->index, c->owner)->name, '.')},
      .labels = {{.place = life->growth->place, .text = STR("grows here")}},
      .evidence = EVIDENCE_LONG | (life->is_grown ? EVIDENCE_GROWN : 0u),
      .cost = {entry_bytes(c), COST_PER_ENTRY},
      .note_at_most = is_partial || (c->fact->flags & CONTAINER_SCRIPT) != 0,
  };
  uint32_t labels = 1;
  if (is_partial) {
    draft.labels[labels++] = (DraftLabel){.place = life->removal->place,
                                          .text = STR("removed here, on some paths")};
  }
  if (is_of_instance && place_ok(life->held_at)) {
    draft.labels[labels] =
        (DraftLabel){.place = life->held_at, .text = STR("made here, and held")};
  }
  cx_report(cx, draft);
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
