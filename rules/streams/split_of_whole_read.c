/* # split-of-whole-read (PML102)
 *
 * The text of a whole file is split into a list of its lines, only to walk through them.
 *
 * ## Why it costs memory
 *
 * Three things are held at once: the text, the list, and a string object for each line,
 * which is the text a second time and 57 bytes a line up to Python 3.11, 49 since. The
 * peak is three times the size of the file. A file gives its lines one at a time.
 *
 * ## Example
 *
 *     with open(path) as f:
 *         for line in f.read().splitlines():
 *             names.add(line)
 *
 * ## Use instead
 *
 *     with open(path) as f:
 *         for line in f:
 *             line = line.rstrip("\n")
 *             names.add(line)
 *
 * ## Fix safety
 *
 * Unsafe: a file's lines end at line ends only, while `splitlines()` also splits at form
 * feeds and some other separators, and `split("\n")` gives an empty text behind the last
 * line end.
 *
 * ## Limits
 *
 * Only lines that are walked through once, on the spot or from one local name; a list
 * that is returned, indexed or measured is needed. Silent where the file is used, closed
 * or rewritten before the pass is over. No fix for paths (`read_text()`), nor where the
 * text was decoded on the way. A note for archive members and network streams, which are
 * slower by lines, and where a `yield` or `await` stands in the loop.
 *
 * ## References
 *
 * The library reference of Python, `str.splitlines`, `io.TextIOBase.readline`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static bool splits_lines(RuleContext *cx, NodeId call, Str method);
static Fix iterate_file(RuleContext *cx, NodeId call, const Contents *text,
                        const Pass *pass, const SingleUse *kept);

RULE(split_of_whole_read) = {
    .code = "PML102",
    .name = "split-of-whole-read",
    .summary = "a whole file is read and split to walk through its lines once",
    .templates =
        {"whole text of `{0}` and a list of its lines are held for one pass: the text "
         "twice and {1} B per line; line by line, one line is enough{2}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML106"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, call, &method);
  if (!node_ok(receiver) || !splits_lines(cx, call, method)) return;
  Contents text;
  if (!contents_behind(cx->m, receiver, &text)) return;
  SingleUse kept;
  Pass pass = pass_here_or_kept(cx->m, call, &kept);
  if (!cx_require(
          cx, call, pass.kind != PASS_NONE,
          "the lines are not walked through once, on the spot or from a name")) {
    return;
  }
  if (!cx_require(cx, call, !text.apart,
                  "the text is split in another block than it is read in")) {
    return;
  }
  NodeId from = node_ok(text.statement) ? text.statement : kept.statement;
  Streaming s = node_ok(from) ? stream_from(cx->m, &text.read, from, &pass)
                              : stream_here(cx->m, &text.read, &pass);
  if (!cx_require(cx, call, s.refusal == NULL, s.refusal)) return;
  Cost cost = line_cost(cx);
  Draft draft = {
      .anchor = call,
      .args = {cx_excerpt(cx, text.read.handle), cx_format(cx, "%u", cost.bytes)},
      .labels = {{.node = pass_place(cx->t, &pass), .text = pass_label(&pass)}},
      .evidence = evidence_of(cx, call, text.read.file),
      .cost = cost,
      .note_at_most = s.slow != NULL};
  if (s.slow != NULL) draft.args[2] = cx_format(cx, ", but %s", s.slow);
  if (node_ok(text.statement)) {
    draft.labels[1] =
        (DraftLabel){.node = text.read.node, .text = STR("read whole here")};
  }
  if (!text.recoded) draft.fix = iterate_file(cx, call, &text, &pass, &kept);
  cx_report(cx, draft);
}

static bool splits_lines(RuleContext *cx, NodeId call, Str method) {
  static const char *const ends[] = {"\"\\n\"",    "'\\n'",    "b\"\\n\"",  "b'\\n'",
                                     "\"\\r\\n\"", "'\\r\\n'", "os.linesep"};
  if (str_is(method, "splitlines")) return !call_has_arguments(cx->m, call);
  if (!str_is(method, "split") || call_positional_count(cx->m, call) != 1) return false;
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS);
  NodeId separator = node_first_named(cx->t, list);
  if (node_count_named(cx->t, list) != 1) return false;
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    if (node_text_is(cx->t, separator, ends[i])) return true;
  }
  return false;
}

static const char *caveat_of(RuleContext *cx, NodeId call, const Contents *text) {
  Str method = STR_NONE;
  call_receiver(cx->m, call, &method);
  if (text->stripped) return "blank lines at both ends of the file are kept";
  if (text->read.file.flags & HANDLE_BINARY) {
    return "lines of a binary file end at \\n only, and the last one may be missing";
  }
  return str_is(method, "split")
             ? "the empty text behind the last line end is not given any more"
             : "splitlines() also splits at form feeds and other separators";
}

// `for line in f.read().splitlines():` with a block of its own: the line end is taken off
// in the block, else in a generator expression.
static Fix iterate_file(RuleContext *cx, NodeId call, const Contents *text,
                        const Pass *pass, const SingleUse *kept) {
  const Tree *t = cx->t;
  bool opened = value_is_file(text->read.file) && !node_ok(text->statement) &&
                !node_ok(kept->statement);
  uint32_t modes = text->read.file.flags & (HANDLE_TEXT | HANDLE_BINARY);
  Span whole = node_span(t, call), handle = node_span(t, text->read.handle);
  if (!opened || modes == 0 || edit_loses_comment(t, whole, handle)) return (Fix){0};
  const char *end = modes == HANDLE_BINARY ? "b\"\\n\"" : "\"\\n\"";
  EditList edits = edits_in(cx->arena);
  NodeId left =
      pass->kind == PASS_FOR ? node_field(t, pass->node, FIELD_LEFT) : NO_NODE;
  NodeId block =
      pass->kind == PASS_FOR ? node_field(t, pass->node, FIELD_BODY) : NO_NODE;
  NodeId first = node_first_named(t, block);
  bool in_block =
      !pass->wrapped && node_is(t, left, PY_IDENTIFIER) &&
      edit_indentation(t, first).n > edit_indentation(t, pass->node).n &&
      str_trim(str_slice(t->source->text, edit_line_span(t, node_span(t, first)).start,
                         node_start(t, first)))
              .n == 0;
  if (in_block) {
    Str name = node_text(t, left);
    Str line = cx_format(cx, "%.*s = %.*s.rstrip(%s)\n%.*s", STR_ARGS(name),
                         STR_ARGS(name), end, STR_ARGS(edit_indentation(t, first)));
    edit_insert(&edits, node_start(t, first), line);
    if (!edit_unwrap(&edits, t, call, text->read.handle)) return (Fix){0};
  } else {
    edit_replace(&edits, (Span){whole.start, handle.start},
                 cx_format(cx, "(line.rstrip(%s) for line in ", end));
    edit_replace(&edits, (Span){handle.stop, whole.stop}, STR(")"));
  }
  return fix_of(&edits, caveat_of(cx, call, text), "iterate over the file");
}
