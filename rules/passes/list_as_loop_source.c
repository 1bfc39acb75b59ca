/* # list-as-loop-source (PML205)
 *
 * A list comprehension stands where a loop takes one element after the other.
 *
 * ## Why it costs memory
 *
 * The list is complete before the loop begins, and lives until it ends: 8 bytes for the
 * place of every element, and the element itself. A generator gives the loop one
 * element at a time. Loops are `for`, the clauses of comprehensions, `yield from`,
 * `writelines`, `writerows`, `executemany`, `starmap` and `chain`, also through
 * `enumerate`, `zip`, `map` and `filter`.
 *
 * ## Example
 *
 *     for size in [row.size for row in rows]:
 *         total += size
 *
 * ## Use instead
 *
 *     for size in (row.size for row in rows):
 *         total += size
 *
 * ## Fix safety
 *
 * Safe where the elements are pure and cannot raise, the source is a container, and
 * nothing in the loop could change what the next element is made from. Unsafe
 * otherwise; the message of the fix says why.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. Silent where the loop changes the source, or what the
 * elements read: there the list is a snapshot, and needed. Attributes, globals and
 * captured names count as changed by any unknown call, `await` or `yield`. Silent where
 * the elements act or start work, where rows are read from the connection that is
 * written to, and where a generator cannot do the same. `join`, `sorted`, `extend` and
 * `f(*[…])` keep every element anyway.
 *
 * ## References
 *
 * PEP 289, generator expressions; PEP 479, StopIteration inside generators.
 */
#include "rule.h"

static RuleNodeFn on_list;
static bool is_loop(const Pass *pass);

RULE(list_as_loop_source) = {
    .code = "PML205",
    .name = "list-as-loop-source",
    .summary = "a list is built for a loop that takes one element at a time",
    .templates = {"list is built for a loop over it: {0}; a generator holds one item"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML207", "PML208", "PML209", "PML210",
                  "PML212"},
    .kinds = {PY_LIST_COMPREHENSION},
    .on_node = on_list,
};

static void on_list(RuleContext *cx, NodeId list) {
  Pass pass = pass_of(cx->m, list);
  if (!is_loop(&pass)) return;
  if (!cx_require(cx, list, whole_read_of(cx->m, list).form == READ_NOTHING,
                  "a copy of a file's lines is for another rule")) {
    return;
  }
  Lazy lazy = lazy_here(cx->m, list, &pass);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {
      .anchor = list,
      .labels = {{.node = pass_place(cx->t, &pass), .text = pass_label(&pass)},
                 {.node = source, .text = size_label(cx, size)}},
      .evidence = evidence_of(cx, list, size),
      .note_at_most = lazy.little != NULL};
  draft.args[0] = item_cost(cx, list, &draft.cost);
  EditList edits = edits_in(cx->arena);
  edit_brackets_to_generator(&edits, cx->t, list);
  draft.fix = fix_of(&edits, lazy.doubt, "make it a generator");
  cx_report(cx, draft);
}

// What reduces the list itself to one value is for other rules.
static bool is_loop(const Pass *pass) {
  switch (pass->kind) {
    case PASS_NONE: return false;
    case PASS_SINK: return pass->wrapped || (pass->sink->flags & SINK_LOOP) != 0;
    default: return true;
  }
}
