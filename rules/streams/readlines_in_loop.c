/* # readlines-in-loop (PML101)
 *
 * `readlines()` makes a list of every line of a file, only to walk through it once.
 *
 * ## Why it costs memory
 *
 * The list holds the whole text, and a string object for each line besides: 57 bytes a
 * line up to Python 3.11, 49 since. A file is itself an iterator over its lines, so
 * that one line at a time is enough, and it is faster by a third to a half.
 *
 * ## Example
 *
 *     with open(path) as f:
 *         for line in f.readlines():
 *             total += len(line)
 *
 * ## Use instead
 *
 *     with open(path) as f:
 *         for line in f:
 *             total += len(line)
 *
 * and `itertools.islice(f, 1, None)` for `f.readlines()[1:]`.
 *
 * ## Fix safety
 *
 * Safe where the file was opened in the same function, nothing else runs meanwhile that
 * could reach the file, no handler encloses the loop, and the handle is not used after
 * a loop that may end early. Unsafe otherwise; the message of the fix says why. A file
 * that is opened in the header of the loop is closed by a `with` around it, in functions
 * and where a free name is left for it.
 *
 * ## Limits
 *
 * Silent where the loop uses the handle (`tell`, `readline`, `seek`), closes it, or
 * opens the same path for writing: `tell()` fails while a file is iterated, and a file
 * that is rewritten is cut short. A generator expression that outlives the statement is
 * left alone, as the file may be closed by then. A note for archive members and network
 * streams, which are slower by lines, and where a `yield` or `await` stands in the
 * loop.
 *
 * ## References
 *
 * The tutorial of Python, "Methods of File Objects".
 */
#include "rule.h"

static RuleNodeFn on_call;
static NodeId tail_slice(RuleContext *cx, NodeId call, NodeId *start);
static Fix iterate_file(RuleContext *cx, const WholeRead *read, const Pass *pass,
                        const char *doubt);
static Fix skip_lines(RuleContext *cx, const WholeRead *read, const Pass *pass,
                      NodeId slice, NodeId start);

RULE(readlines_in_loop) = {
    .code = "PML101",
    .name = "readlines-in-loop",
    .summary = "a list of all lines is made to walk through it once",
    .templates =
        {"list of every line of `{0}` is held for one pass: {1} B per line plus "
         "its text; `{0}` itself gives one line at a time",
         "list of every line of `{0}` is held for one pass: {1} B per line plus "
         "its text; `{0}` itself gives one line at a time, but {2}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .yields_to = {"PML106", "PML102", "PML103"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  if (!node_ok(call_receiver(cx->m, call, &method)) || !str_is(method, "readlines")) {
    return;
  }
  WholeRead read = whole_read_of(cx->m, call);
  if (!cx_require(cx, call, read.form == READ_LINES,
                  "the read has a bound, or is none of a known file")) {
    return;
  }
  NodeId start = NO_NODE, slice = tail_slice(cx, call, &start);
  Pass pass = pass_of(cx->m, node_ok(slice) ? slice : call);
  if (!cx_require(cx, call, pass.kind != PASS_NONE,
                  "the list is not walked through once, on the spot")) {
    return;
  }
  Streaming s = stream_here(cx->m, &read, &pass);
  if (!cx_require(cx, call, s.refusal == NULL, s.refusal)) return;
  Cost cost = line_cost(cx);
  Draft draft = {
      .anchor = call,
      .args = {read_excerpt(cx, &read), cx_format(cx, "%u", cost.bytes)},
      .labels = {{.node = pass_place(cx->t, &pass), .text = pass_label(&pass)}},
      .evidence = evidence_of(cx, call, read.file),
      .cost = cost,
      .note_at_most = s.slow != NULL};
  if (s.slow != NULL) draft.template_index = 1;
  draft.args[2] = str_from(s.slow);
  draft.fix = node_ok(slice) ? skip_lines(cx, &read, &pass, slice, start)
                             : iterate_file(cx, &read, &pass, s.doubt);
  cx_report(cx, draft);
}

// `f.readlines()[k:]`: the subscript, with k in `start`.
static NodeId tail_slice(RuleContext *cx, NodeId call, NodeId *start) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, call), subscript = node_parent(t, e);
  if (!node_is(t, subscript, PY_SUBSCRIPT) || node_role(t, e) != FIELD_VALUE) {
    return NO_NODE;
  }
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  NodeId k = node_first_named(t, slice);
  bool open_ended = node_is(t, slice, PY_SLICE) && node_count_named(t, slice) == 1 &&
                    node_start(t, k) == node_start(t, slice);
  if (!open_ended) return NO_NODE;
  Str rest = str_slice(t->source->text, node_stop(t, k), node_stop(t, slice));
  int64_t skipped = -1;
  if (!str_is(str_trim(rest), ":") || !constant_int(cx->m, k, &skipped) ||
      skipped < 0) {
    return NO_NODE;
  }
  *start = k;
  return subscript;
}

static Fix iterate_file(RuleContext *cx, const WholeRead *read, const Pass *pass,
                        const char *doubt) {
  EditList edits = edits_in(cx->arena);
  if (!edit_unwrap(&edits, cx->t, read->node, read->handle)) return (Fix){0};
  write_with(cx, &edits, read->handle, pass->node);
  return fix_of(&edits, doubt, "iterate over the file");
}

static Fix skip_lines(RuleContext *cx, const WholeRead *read, const Pass *pass,
                      NodeId slice, NodeId start) {
  const Tree *t = cx->t;
  Span whole = node_span(t, slice), handle = node_span(t, read->handle);
  if (edit_loses_comment(t, whole, handle)) return (Fix){0};
  if (!can_write_module(cx, slice, "itertools")) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, (Span){whole.start, handle.start}, STR("itertools.islice("));
  edit_replace(&edits, (Span){handle.stop, whole.stop},
               cx_format(cx, ", %.*s, None)", STR_ARGS(node_text(t, start))));
  write_import(cx, &edits, "itertools");
  write_with(cx, &edits, read->handle, pass->node);
  return edits_fix(&edits, FIX_UNSAFE, STR("skip lines while iterating over the file"),
                   STR("the file is read while the loop runs, not before"));
}
