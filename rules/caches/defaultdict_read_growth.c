/* # defaultdict-read-growth (PML607)
 *
 * A defaultdict that lives long is read with keys from outside, and each read of a
 * missing key makes an entry.
 *
 * ## Why it costs memory
 *
 * `d[k]` of a `defaultdict` calls the factory where `k` is missing and keeps what it
 * makes: about 75 B for the entry, 56 B for an empty list or 216 B for an empty set, and
 * the key. Who only asks, for names that were never added, fills the dict for good.
 *
 * ## Example
 *
 *     SUBSCRIBERS = defaultdict(list)
 *
 *     @app.route("/topic/<name>")
 *     def topic(name):
 *         return str(len(SUBSCRIBERS[name]))
 *
 * ## Use instead
 *
 *         return str(len(SUBSCRIBERS.get(name, ())))
 *
 * or `if name in SUBSCRIBERS:` before it.
 *
 * ## Fix safety
 *
 * There is no automatic fix: callers may go on to add to what they get.
 *
 * ## Limits
 *
 * Only factories of containers: a lock or a number for each key is meant. Silent where
 * the item is added to or handed to code that may, where the key is tested, was added
 * above, or is one of the dict's own, for keys of a finite set, where anything in the
 * project removes entries, replaces the dict or takes its factory away, and where other
 * code gets the dict. A warning where the read runs in a handler, a worker or a method of
 * a class with many instances; else, and in scripts, a note.
 *
 * ## References
 *
 * `collections.defaultdict` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool is_emptied(const IndexContainer *c);

RULE(defaultdict_read_growth) = {
    .code = "PML607",
    .name = "defaultdict-read-growth",
    .summary = "reading a defaultdict makes an entry for every missing key",
    .templates =
        {"reading `{0}[…]` makes an entry for each key that is missing, at least 130 B "
         "each, and nothing in the project removes any: use `.get()`"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML606", "PML602"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  const uint32_t left_alone = CONTAINER_BOUNDED | CONTAINER_WEAK | CONTAINER_TEST;
  if ((c->fact->flags & CONTAINER_OF_CONTAINERS) == 0) return;
  if (c->fact->holder == HOLDER_DEFAULT || (c->facts->flags & FACTS_STUB) != 0) return;
  ContainerLife life = index_life(cx->index, id);
  if (life.miss == NULL || !life.is_long) return;
  if (!cx_require_place(cx, c->place, (c->fact->flags & left_alone) == 0,
                        "it is bounded, weak or of a test") ||
      !cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                        "the code around it cannot be followed") ||
      !cx_require_place(cx, c->place, !is_emptied(c) && !c->is_rebound,
                        "entries are removed, or it is replaced") ||
      !cx_require_place(cx, c->place, life.escape == NULL,
                        "other code gets it, and may empty it")) {
    return;
  }
  Str name = str_after_last(c->name, '.');
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  cx_report(
      cx,
      (Draft){
          .place = c->place,
          .args = {is_of_instance ? cx_format(cx, "self.%.*s", STR_ARGS(name)) : name},
          .labels = {{.place = life.miss->place, .text = STR("read here")}},
          .evidence = EVIDENCE_LONG | (life.is_miss_grown ? EVIDENCE_GROWN : 0u),
          .cost = {130, COST_PER_ENTRY},
          .note_at_most = (c->fact->flags & CONTAINER_SCRIPT) != 0});
}

// Whole entries, not what lies in them.
static bool is_emptied(const IndexContainer *c) {
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool removes = op->kind == OPERATION_SHRINK || op->kind == OPERATION_CLEAR ||
                   op->kind == OPERATION_REBIND;
    if (!removes || op->in_test || (op->fact->flags & OPERATION_NESTED) != 0) continue;
    // The constructor's own assignment; the module's is none of the operations.
    if ((op->fact->flags & OPERATION_IN_INIT) == 0) return true;
  }
  return false;
}
