/* # lists-kept-to-count (PML218)
 *
 * Items are grouped into lists by a key, and the lists are only counted.
 *
 * ## Why it costs memory
 *
 * Every item stays alive until the last was seen, with 8 to 9 bytes for its place in a
 * list and 56 to 88 for each list, though the answer needs one number for each key.
 *
 * ## Example
 *
 *     groups = defaultdict(list)
 *     for row in rows:
 *         groups[row.kind].append(row)
 *     return {kind: len(found) for kind, found in groups.items()}
 *
 * ## Use instead
 *
 *     counts = Counter(row.kind for row in rows)
 *
 * or, where sums are asked for:
 *
 *     totals = defaultdict(int)
 *     for row in rows:
 *         totals[row.kind] += row.size
 *
 * ## Fix safety
 *
 * No fix. A running total adds numbers in the order in which `sum` does, but `sum` of
 * floats is more exact from Python 3.12 on.
 *
 * ## Limits
 *
 * A warning where the size of the loop's source is unbounded, a note where it is
 * unknown, silent below 100 elements. The dict must be a local name's, bound once.
 * Silent where anything else is asked of a list: an element, its order, another list;
 * where the dict is returned, stored or handed on; where the items are started work.
 *
 * ## References
 *
 * `collections.Counter` and `collections.defaultdict` in the library reference.
 */
#include "rule.h"

static RuleNodeFn on_assignment;

RULE(lists_kept_to_count) = {
    .code = "PML218",
    .name = "lists-kept-to-count",
    .summary = "items are grouped into lists that are only counted",
    .templates = {"`{0}` keeps every item only for {1}: 8 B per item plus the items; a "
                  "number for each key does"},
    .warn_on = {EVIDENCE_SIZE},
    .kinds = {PY_ASSIGNMENT},
    .on_node = on_assignment,
};

// "the lengths and sums of its lists".
static Str asked_text(RuleContext *cx, uint32_t asked) {
  static const char *const names[] = {"lengths", "sums", "truth"};
  Str text = STR_NONE;
  for (uint32_t i = 0; i < 3; i++) {
    if ((asked & (UINT32_C(1) << i)) == 0) continue;
    text = text.n == 0 ? str_from(names[i])
                       : cx_format(cx, "%.*s and %s", STR_ARGS(text), names[i]);
  }
  return cx_format(cx, "the %.*s of its lists", STR_ARGS(text));
}

static void on_assignment(RuleContext *cx, NodeId assignment) {
  if (!groups_is_start(cx->m, assignment)) return;
  Groups groups;
  const char *refusal = groups_of(cx->m, assignment, &groups);
  bool is_of_function = node_ok(context_of(cx->m, assignment).function);
  if (refusal != NULL && !is_of_function) return;  // no candidate
  if (!cx_require(cx, assignment, refusal == NULL, refusal)) return;
  Value size = groups_size(cx->m, &groups);
  if (!cx_require(cx, assignment, !size_is_small(size), "the items are few")) return;
  cx_report(
      cx, (Draft){.anchor = assignment,
                  .args = {node_text(cx->t, groups.name), asked_text(cx, groups.asked)},
                  .labels = {{.node = groups.growths[0], .text = STR("grows here")},
                             {.node = groups.counted, .text = STR("counted here")}},
                  .evidence = evidence_of(cx, assignment, size),
                  .cost = {8, COST_PER_ITEM}});
}
