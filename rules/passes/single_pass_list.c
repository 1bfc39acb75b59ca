/* # single-pass-list (PML204)
 *
 * A list comprehension gets a name and is walked through once.
 *
 * ## Why it costs memory
 *
 * Between the two statements, and all through the pass, the list holds every element: 8
 * bytes for its place and the element itself. A generator under the same name holds
 * one. In a chain of such lists several are alive together.
 *
 * ## Example
 *
 *     sizes = [row.size for row in rows]
 *     total = sum(sizes)
 *
 * ## Use instead
 *
 *     sizes = (row.size for row in rows)
 *     total = sum(sizes)
 *
 * ## Fix safety
 *
 * Safe where the elements are pure and cannot raise, the source is a container, and no
 * code runs until the end of the pass that could change what the elements are made
 * from. Unsafe otherwise; the message of the fix says why.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. The name must be local, assigned and read once, both in
 * one block. What is asked for its length or truth, indexed, grown, returned, stored,
 * captured or handed to unknown code is needed as a list. Silent where something
 * changes in between: the source, a name that the elements read, or both by the body of
 * the loop, which may remove what it gets; where the elements start work or act; and
 * where a generator cannot do the same.
 *
 * ## References
 *
 * PEP 289, generator expressions; PEP 479, StopIteration inside generators.
 */
#include "rule.h"

static RuleNodeFn on_list;
static Fix make_generator(RuleContext *cx, NodeId list, const SingleUse *kept,
                          Lazy lazy);

RULE(single_pass_list) = {
    .code = "PML204",
    .name = "single-pass-list",
    .summary = "a list with a name is walked through once",
    .templates = {"list `{0}` is built for one pass: {1}; a generator holds one item"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML112", "PML205", "PML208", "PML209",
                  "PML210", "PML212", "PML217"},
    .kinds = {PY_LIST_COMPREHENSION},
    .on_node = on_list,
};

static void on_list(RuleContext *cx, NodeId list) {
  SingleUse kept;
  if (!cx_require_single_use(cx, list, &kept)) return;
  Pass pass = pass_of(cx->m, kept.use);
  if (!cx_require(cx, list, pass.kind != PASS_NONE && !pass.again,
                  "its one use is no pass through it")) {
    return;
  }
  bool holds = pass.sink == NULL || sink_holds(pass.sink, cx->settings->target);
  if (!cx_require(cx, list, holds, "the consumer makes a list itself")) return;
  if (!cx_require(cx, list, whole_read_of(cx->m, list).form == READ_NOTHING,
                  "a copy of a file's lines is for another rule")) {
    return;
  }
  Lazy lazy = lazy_from(cx->m, list, kept.statement, &pass);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {.anchor = list,
                 .args = {binding_name(cx->m, def_get(cx->m, kept.def)->binding)},
                 .labels = {{.node = kept.use, .text = pass_label(&pass)},
                            {.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, list, size),
                 .note_at_most = lazy.little != NULL};
  draft.args[1] = item_cost(cx, list, &draft.cost);
  draft.fix = make_generator(cx, list, &kept, lazy);
  cx_report(cx, draft);
}

static Fix make_generator(RuleContext *cx, NodeId list, const SingleUse *kept,
                          Lazy lazy) {
  EditList edits = edits_in(cx->arena);
  edit_brackets_to_generator(&edits, cx->t, list);
  NodeId assignment = node_parent(cx->t, def_get(cx->m, kept->def)->node);
  bool annotated = node_ok(node_field(cx->t, assignment, FIELD_TYPE));
  const char *doubt = lazy.doubt;
  if (doubt == NULL && annotated) doubt = "the annotation may not allow a generator";
  return fix_of(&edits, doubt, "make it a generator");
}
