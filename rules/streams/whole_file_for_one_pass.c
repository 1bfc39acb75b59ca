/* # whole-file-for-one-pass (PML103)
 *
 * A whole file is read into a list or a text that is walked through once.
 *
 * ## Why it costs memory
 *
 * `list(f)` and `f.readlines()` hold the whole text and a string object for each line:
 * 57 bytes a line up to Python 3.11, 49 since. `f.read()` holds the text, and twice its
 * size while it is decoded. A file gives its lines one at a time.
 *
 * ## Example
 *
 *     with open(path) as f:
 *         lines = list(f)
 *         for line in lines:
 *             total += len(line)
 *
 * ## Use instead
 *
 *     with open(path) as f:
 *         for line in f:
 *             total += len(line)
 *
 * and, for the characters of a text, `itertools.chain.from_iterable(f)`.
 *
 * ## Fix safety
 *
 * As for readlines-in-loop. A name that is only used for the pass goes away with its
 * assignment. Walking the characters of the lines instead of those of the text is
 * unsafe, as a file without line ends is one line.
 *
 * ## Limits
 *
 * The name must be local, assigned and used once, both in one block: what is asked for
 * its length, indexed, returned, captured, iterated twice or after the file is closed
 * is needed as a list. Silent where the file is used or rewritten before the pass is
 * over. A note for archive members and network streams, and where a `yield` or `await`
 * stands in the loop. Reading a text to search, split or parse it is left to other
 * rules.
 *
 * ## References
 *
 * The tutorial of Python, "Methods of File Objects".
 */
#include "rule.h"

static RuleNodeFn on_expression;
static void report(RuleContext *cx, const WholeRead *read, const Pass *pass,
                   Streaming s, const SingleUse *kept);
static bool pass_suits(const WholeRead *read, const Pass *pass, bool kept);
static Fix fix_direct(RuleContext *cx, const WholeRead *read, const Pass *pass,
                      const char *doubt);
static Fix fix_kept(RuleContext *cx, const WholeRead *read, const SingleUse *kept,
                    const char *doubt);

RULE(whole_file_for_one_pass) = {
    .code = "PML103",
    .name = "whole-file-for-one-pass",
    .summary = "a whole file is read to walk through it once",
    .templates =
        {"list of every line of `{0}` is held for one pass: {1} B per line plus "
         "its text; `{0}` itself gives one line at a time{2}",
         "whole contents of `{0}` are held for one pass: twice their size while "
         "they are decoded; line by line, one line is enough{2}",
         "whole contents of `{0}` are held for one pass: their size; line by "
         "line, one line is enough{2}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .yields_to = {"PML106", "PML102", "PML503"},
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_expression,
};

static void on_expression(RuleContext *cx, NodeId e) {
  WholeRead read = whole_read_of(cx->m, e);
  if (read.form == READ_NOTHING) return;
  Pass pass = pass_of(cx->m, e);
  if (pass.kind != PASS_NONE && read.form == READ_LINES) return;  // another rule's
  if (pass.kind != PASS_NONE) {
    if (!cx_require(cx, e, pass_suits(&read, &pass, false), "it is not iterated"))
      return;
    report(cx, &read, &pass, stream_here(cx->m, &read, &pass), NULL);
    return;
  }
  SingleUse kept;
  if (!cx_require(cx, e, single_use_of(cx->m, e, &kept),
                  "it is not walked through once, on the spot or from a local name")) {
    return;
  }
  pass = pass_of(cx->m, kept.use);
  if (!cx_require(cx, e, pass_suits(&read, &pass, true), "its one use is no pass")) {
    return;
  }
  Streaming s = stream_from(cx->m, &read, kept.statement, &pass);
  report(cx, &read, &pass, s, &kept);
}

// A text counts only where its characters are iterated.
static bool pass_suits(const WholeRead *read, const Pass *pass, bool kept) {
  if (pass->kind == PASS_NONE || (kept && pass->again)) return false;
  if (read->form != READ_TEXT) return true;
  return pass->kind == PASS_FOR || pass->kind == PASS_YIELD_FROM ||
         node_ok(pass->clause);
}

static void report(RuleContext *cx, const WholeRead *read, const Pass *pass,
                   Streaming s, const SingleUse *kept) {
  if (!cx_require(cx, read->node, s.refusal == NULL, s.refusal)) return;
  bool is_text = read->form == READ_TEXT;
  bool decoded = value_of(cx->m, read->node).kind == VALUE_STR;
  Cost cost = is_text ? (Cost){0} : line_cost(cx);
  Draft draft = {
      .anchor = read->node,
      .template_index = !is_text  ? 0
                        : decoded ? 1
                                  : 2,
      .args = {read_excerpt(cx, read), cx_format(cx, "%u", cost.bytes)},
      .labels = {{.node = pass_place(cx->t, pass), .text = pass_label(pass)}},
      .evidence = evidence_of(cx, read->node, read->file),
      .cost = cost,
      .note_at_most = s.slow != NULL};
  if (s.slow != NULL) draft.args[2] = cx_format(cx, ", but %s", s.slow);
  draft.fix = kept != NULL ? fix_kept(cx, read, kept, s.doubt)
                           : fix_direct(cx, read, pass, s.doubt);
  cx_report(cx, draft);
}

static Fix fix_direct(RuleContext *cx, const WholeRead *read, const Pass *pass,
                      const char *doubt) {
  EditList edits = edits_in(cx->arena);
  write_with(cx, &edits, read->handle, pass->node);
  if (read->form != READ_TEXT) {
    if (!edit_unwrap(&edits, cx->t, read->node, read->handle)) return (Fix){0};
    return fix_of(&edits, doubt, "iterate over the file");
  }
  bool opened = value_is_file(read->file) && !pass->wrapped;
  Span whole = node_span(cx->t, read->node), handle = node_span(cx->t, read->handle);
  if (!opened || edit_loses_comment(cx->t, whole, handle) ||
      !can_write_module(cx, read->node, "itertools")) {
    return (Fix){0};
  }
  edit_replace(&edits, (Span){whole.start, handle.start},
               STR("itertools.chain.from_iterable("));
  edit_replace(&edits, (Span){handle.stop, whole.stop}, STR(")"));
  write_import(cx, &edits, "itertools");
  return fix_of(&edits, "a file without line ends is still read whole",
                "walk through the lines' characters");
}

// The assignment fills its lines alone, without a comment, and no `del` needs it.
static bool statement_can_go(RuleContext *cx, const SingleUse *kept) {
  const Tree *t = cx->t;
  NodeId statement = kept->statement;
  BindingId name = def_get(cx->m, kept->def)->binding;
  if (binding_get(cx->m, name)->flags & BIND_DELETED) return false;
  Span own = node_span(t, statement), lines = edit_line_span(t, own);
  Str text = t->source->text;
  uint32_t comments = 0;
  tree_comments_in(t, lines, &comments);
  return comments == 0 && str_trim(str_slice(text, lines.start, own.start)).n == 0 &&
         str_trim(str_slice(text, own.stop, lines.stop)).n == 0;
}

static Fix fix_kept(RuleContext *cx, const WholeRead *read, const SingleUse *kept,
                    const char *doubt) {
  if (read->form == READ_TEXT) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  bool named = node_is(cx->t, read->handle, PY_IDENTIFIER);
  if (named && statement_can_go(cx, kept)) {
    edit_delete(&edits, edit_line_span(cx->t, node_span(cx->t, kept->statement)));
    edit_replace(&edits, node_span(cx->t, kept->use), node_text(cx->t, read->handle));
  } else if (!edit_unwrap(&edits, cx->t, read->node, read->handle)) {
    return (Fix){0};
  }
  return fix_of(&edits, doubt, "iterate over the file");
}
