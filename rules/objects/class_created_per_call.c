/* # class-created-per-call (PML408)
 *
 * A class is made in a function that runs again and again, although one would do for all
 * calls.
 *
 * ## Why it costs memory
 *
 * A class is a large object: at least 1.7 kB, 3 kB for an enumeration, 5 kB for a
 * `namedtuple`, 6.4 kB for a data class. Each refers to itself (by its method resolution
 * order, by its functions), so that none is freed when the call ends, but when the
 * collector comes by; and each instance that is kept keeps a class of its own alive. Types
 * of different calls are different, so that `isinstance`, pickling and caches by type fail
 * or grow.
 *
 * ## Example
 *
 *     def parse(line):
 *         Row = namedtuple("Row", "name size")
 *         return Row(*line.split())
 *
 *     rows = [parse(line) for line in open(path)]
 *
 * ## Use instead
 *
 *     Row = namedtuple("Row", "name size")
 *
 *     def parse(line):
 *         return Row(*line.split())
 *
 * and where the fields are known at run time only, one class for each set of them:
 *
 *     @functools.lru_cache
 *     def row_type(fields):
 *         return namedtuple("Row", fields)
 *
 * ## Fix safety
 *
 * There is no automatic fix: names of the function may have to move with the class.
 *
 * ## Limits
 *
 * A warning where the function is known to run in a loop, handler or worker, in whatever
 * module, or where the class is made in a loop itself; else a note. Silent where the class
 * holds parameters or locals that differ from call to call, is changed after it was made,
 * is made where it is missing and then kept, or where the function's results are cached;
 * for functions that run while modules are imported only, such as decorators; for
 * functions that nothing calls again, and that give the class itself to their caller; for
 * loops of a few rounds; in tests and under `if TYPE_CHECKING`.
 *
 * ## References
 *
 * `collections.namedtuple`, `gc` and `functools.lru_cache` in the library reference.
 */
#include "rule.h"

static RuleMakingFn on_making;
static bool is_wanted(RuleContext *cx, const IndexMaking *making);
static bool is_spoken_of(RuleContext *cx, const IndexMaking *making);
static uint32_t template_of(const IndexMaking *making);
static Str caller_text(RuleContext *cx, const IndexMaking *making);

RULE(class_created_per_call) = {
    .code = "PML408",
    .name = "class-created-per-call",
    .summary = "a class is made anew in each call, although one would do",
    .templates =
        {"`{0}` is made anew in each call of {1}: at least {2} kB, in a cycle that only "
         "the collector frees; nothing in it depends on the call: make it once",
         "`{0}` is made anew in each round of the loop: at least {2} kB, in a cycle that "
         "only the collector frees; make it once, before the loop",
         "`{0}` is made anew in each call of {1}: at least {2} kB, in a cycle that only "
         "the collector frees; keep one for equal fields, by `functools.lru_cache`",
         "`{0}` is built anew in each call of {1}: at least {2} kB and its validator; "
         "keep one for each type",
         "`{0}` is built anew in each round of the loop: at least {2} kB and its "
         "validator; build it once, before the loop"},
    .warn_on = {EVIDENCE_HOT},
    .on_making = on_making,
};

static void on_making(RuleContext *cx, MakingId id) {
  const IndexMaking *making = index_making(cx->index, id);
  if (!is_wanted(cx, making)) return;
  uint32_t bytes = making->fact->bytes;
  Draft draft = {
      .place = making->place,
      .template_index = template_of(making),
      .args = {making->name, caller_text(cx, making),
               cx_format(cx, "%u.%u", bytes / 1000, bytes % 1000 / 100)},
      .evidence = making->is_hot ? EVIDENCE_HOT : 0u,
      .cost = {bytes, COST_PER_CALL},
  };
  if (place_ok(making->cause) && (making->fact->flags & MAKING_IN_LOOP) == 0) {
    draft.labels[0] =
        (DraftLabel){.place = making->cause, .text = STR("runs again and again here")};
  }
  cx_report(cx, draft);
}

static bool is_wanted(RuleContext *cx, const IndexMaking *making) {
  uint32_t flags = making->fact->flags;
  Place at = making->place;
  return cx_require_place(cx, at, (flags & MAKING_BOUND) == 0,
                          "it holds what differs from call to call") &&
         cx_require_place(cx, at, (flags & MAKING_CHANGED) == 0,
                          "it is changed after it was made") &&
         cx_require_place(cx, at, (flags & MAKING_KEPT) == 0,
                          "it is made where it is missing, and kept") &&
         cx_require_place(cx, at, !making->is_cached,
                          "the function's results are cached") &&
         cx_require_place(cx, at, !making->at_import,
                          "its function runs while modules are imported") &&
         cx_require_place(cx, at, making->is_hot || (flags & MAKING_OF_DATA) == 0,
                          "its fields are given, and few calls are known") &&
         cx_require_place(cx, at, making->is_hot || (flags & MAKING_GIVEN) == 0,
                          "the caller gets the class, and few calls are known") &&
         cx_require_place(cx, at, making->is_hot || making->may_recur,
                          "its function is not known to run again") &&
         cx_require_place(cx, at, making->is_hot || !is_spoken_of(cx, making),
                          "more is known of what its instances cost");
}

// A note would keep other rules from telling what they know of the class.
static bool is_spoken_of(RuleContext *cx, const IndexMaking *making) {
  if (making->made.i == 0) return false;
  const IndexClass *c = index_class(cx->index, making->made);
  return c->kept_count > 0 || (c->flags & CLASS_HAS_SLOTS) != 0;
}

static uint32_t template_of(const IndexMaking *making) {
  uint32_t flags = making->fact->flags;
  bool in_loop = (flags & MAKING_IN_LOOP) != 0;
  if ((flags & MAKING_VALIDATOR) != 0) return in_loop ? 4 : 3;
  if ((flags & MAKING_OF_DATA) != 0) return 2;
  return in_loop ? 1 : 0;
}

static Str caller_text(RuleContext *cx, const IndexMaking *making) {
  Str name = str_after_last(index_place_scope(cx->index, making->place), '.');
  bool is_named = name.n != 0 && name.p[0] != '<';
  return is_named ? cx_format(cx, "`%.*s`", STR_ARGS(name)) : STR("the lambda");
}
