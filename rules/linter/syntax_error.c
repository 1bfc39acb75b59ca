/* # syntax-error (PML001)
 *
 * The file, or part of it, is not valid Python.
 *
 * ## What it means
 *
 * Statements that overlap the broken place are not judged, and a function or class whose
 * own header is broken is left out as a whole. Everything else in the file is still
 * analysed. One finding is given per file, at the first place that does not parse.
 *
 * ## Limits
 *
 * The grammar accepts a little more than CPython does, so that a file without this finding
 * may still be refused by the interpreter.
 */
#include "rule.h"

static RuleFileFn on_file;

RULE(syntax_error) = {
    .code = "PML001",
    .name = "syntax-error",
    .summary = "the file is not valid Python",
    .templates = {"invalid syntax: the statement around it is not judged",
                  "source code cannot contain null bytes"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .on_file = on_file,
    .on_stubs = true,
};

// One character, or the first line of what does not parse.
static Span error_span(const Tree *t, NodeId error) {
  Span span = node_span(t, error);
  uint32_t line_stop =
      lines_stop(&t->source->lines, lines_line_of(&t->source->lines, span.start));
  if (span.stop > line_stop)
    span.stop = line_stop > span.start ? line_stop : span.start;
  if (span.stop == span.start && span.stop < t->source->text.n) span.stop += 1;
  return span;
}

static void on_file(RuleContext *cx) {
  uint32_t nul = cx->t->source->nul_at;
  if (nul != UINT32_MAX) {
    cx_report(
        cx,
        (Draft){.anchor = (NodeId){1}, .span = {nul, nul + 1}, .template_index = 1});
  } else if (node_ok(cx->t->first_error)) {
    cx_report(cx, (Draft){.anchor = cx->t->first_error,
                          .span = error_span(cx->t, cx->t->first_error)});
  }
}
