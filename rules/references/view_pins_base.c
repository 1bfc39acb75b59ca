/* # view-pins-base (PML521)
 *
 * A match, a slice of a memoryview or an array, or a view of a dict is stored, and keeps
 * the whole text, buffer, array or dict that it was taken from.
 *
 * ## Why it costs memory
 *
 * A view holds no data of its own, but a reference to the object that it looks into. As
 * long as it lives, all of that stays: ten numbers of an array of a gigabyte keep the
 * gigabyte, and a match keeps the file that was searched.
 *
 * ## Example
 *
 *     class Document:
 *         def __init__(self, path):
 *             self.title = re.search("<title>(.*)</title>", path.read_text())
 *             self.head = np.load(path.with_suffix(".npy"))[:10]
 *
 * ## Use instead
 *
 *     self.title = re.search("<title>(.*)</title>", path.read_text()).group(1)
 *     self.head = np.load(path.with_suffix(".npy"))[:10].copy()
 *
 * `bytes(view[:16])` copies what a memoryview shows, `list(d)` or `set(d)` the keys.
 *
 * ## Fix safety
 *
 * There is no automatic fix: what is stored becomes another type, or no longer follows
 * changes of the whole.
 *
 * ## Limits
 *
 * Only where the whole is made on the spot or kept by local names, from a source without
 * known size, and where nobody else keeps it: not for parameters, attributes and globals,
 * nor where it is stored, returned or captured as well. Silent for views that show
 * nearly all of it (`view[4:]`), for copies (`.copy()`, `bytes(…)`, `.group()`, slices of
 * str and bytes, arrays indexed by lists and masks), and for files that are mapped. A
 * note where an object gets the whole and may keep it.
 *
 * ## References
 *
 * "Match Objects" in the documentation of `re`; `memoryview` in the library reference;
 * "Copies and views" in the NumPy user guide.
 */
#include "rule.h"

static RuleNodeFn on_node;
static void report(RuleContext *cx, const View *view, const ViewBase *base,
                   NodeId store);

RULE(view_pins_base) = {
    .code = "PML521",
    .name = "view-pins-base",
    .summary = "a small view that is stored keeps all that it looks into",
    .templates =
        {"this match keeps the whole text that was searched, `{0}` ({1}), for as long as "
         "`{2}` keeps the match; store `.group()` or `.span()`",
         "this slice keeps the whole buffer, `{0}` ({1}), for as long as `{2}` keeps the "
         "slice; store `bytes(…)` of it",
         "this slice keeps the whole array, `{0}` ({1}), for as long as `{2}` keeps the "
         "slice; store its `.copy()`",
         "this view keeps the whole dict, `{0}` ({1}), for as long as `{2}` keeps the "
         "view; store a `list` or `set` of it"},
    .warn_on = {EVIDENCE_SIZE},
    .kinds = {PY_CALL, PY_SUBSCRIPT},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  View view;
  if (!view_of(cx->m, node, &view)) return;
  if (!cx_require(cx, node, view.is_part, "it is no small part of what it looks into"))
    return;
  ViewBase base = view_base(cx->m, &view);
  NodeId store = view_store(cx->m, &view, base.made);
  if (!cx_require(cx, node, node_ok(store),
                  "it is kept by nothing that outlives the function or round")) {
    return;
  }
  if (!cx_require(cx, node, (context_of(cx->m, node).flags & CONTEXT_TEST) == 0,
                  "it is a test") ||
      !cx_require(cx, node, base.refusal == NULL, base.refusal) ||
      !cx_require(cx, node,
                  !keeper_is_drained_behind(cx->m, keeper_of(cx->m, store), store),
                  "it is let go of in the same function")) {
    return;
  }
  report(cx, &view, &base, store);
}

static void report(RuleContext *cx, const View *view, const ViewBase *base,
                   NodeId store) {
  const char *source = size_why_text(size_why(base->value));
  uint32_t template_index = view->kind == VIEW_OF_TEXT     ? 0
                            : view->kind == VIEW_OF_BUFFER ? 1
                            : view->kind == VIEW_OF_ARRAY  ? 2
                                                           : 3;
  bool is_apart = !node_inside(cx->t, base->made, view->node);
  cx_report(cx, (Draft){
                    .anchor = view->node,
                    .template_index = template_index,
                    .args = {cx_excerpt(cx, base->made),
                             source[0] != '\0' ? str_from(source) : STR("large"),
                             cx_excerpt(cx, store)},
                    .labels = {{.node = is_apart ? base->made : NO_NODE,
                                .text = STR("all of this is kept")}},
                    .evidence = EVIDENCE_SIZE,
                    .note_at_most = base->handed_on,
                });
}
