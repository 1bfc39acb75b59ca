/* # csv-rows-materialised (PML106)
 *
 * All rows of a CSV file, or all its lines, are held to walk through the rows once.
 *
 * ## Why it costs memory
 *
 * A list of rows holds a list or a dict for each row and a string object for each field:
 * several times the size of the file. A csv reader takes lines from a file one at a
 * time, and gives one row at a time.
 *
 * ## Example
 *
 *     with open(path, newline="") as f:
 *         for row in list(csv.DictReader(f)):
 *             total += int(row["price"])
 *
 * ## Use instead
 *
 *     with open(path, newline="") as f:
 *         for row in csv.DictReader(f):
 *             total += int(row["price"])
 *
 * ## Fix safety
 *
 * Safe where the file was opened in the same function, nothing that runs meanwhile could
 * reach it, and no handler encloses the pass. Unsafe where a text was split into lines: a
 * quoted field that spans lines is then read as one, as it should be.
 *
 * ## Limits
 *
 * The rows must be walked through once, on the spot or from one local name in the block
 * of its assignment. A reader over lines counts where its rows are walked through or
 * collected on the spot. Silent where the file is used or rewritten meanwhile.
 *
 * ## References
 *
 * The library reference of Python, `csv`.
 */
#include "rule.h"

static RuleNodeFn on_expression;
static NodeId lines_of_reader(RuleContext *cx, NodeId reader, WholeRead *read,
                              bool *is_split);
static NodeId rows_reader(RuleContext *cx, NodeId e);
static Pass rows_pass(RuleContext *cx, NodeId rows, SingleUse *kept, NodeId *tail);
static void judge_rows(RuleContext *cx, NodeId rows, NodeId reader);
static void judge_lines(RuleContext *cx, NodeId reader);

RULE(csv_rows_materialised) = {
    .code = "PML106",
    .name = "csv-rows-materialised",
    .summary = "all rows or lines of a CSV file are held to walk through them once",
    .templates =
        {"all rows of `{0}` are held for one pass: a list or dict per row and a string "
         "per field, several times the file; a reader gives one row at a time{1}",
         "all lines of `{0}` are held for a csv reader: {2} B per line plus its text; "
         "it takes them from the file one at a time{1}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_expression,
};

static bool is_csv_reader(RuleContext *cx, NodeId e) {
  Str name = name_of_callee(cx->m, e);
  return str_is(name, "csv.reader") || str_is(name, "csv.DictReader");
}

static void on_expression(RuleContext *cx, NodeId e) {
  if (node_is(cx->t, e, PY_CALL) && is_csv_reader(cx, e)) {
    judge_lines(cx, e);
    return;
  }
  NodeId reader = rows_reader(cx, e);
  if (node_ok(reader)) judge_rows(cx, e, reader);
}

// --- a list of rows ------------------------------------------------------------------

// `list(reader)`, `tuple(reader)`, `[row for row in reader]`: the reader.
static NodeId rows_reader(RuleContext *cx, NodeId e) {
  const Tree *t = cx->t;
  NodeId source = NO_NODE;
  if (node_is(t, e, PY_LIST_COMPREHENSION)) {
    if (comprehension_is_copy(t, e)) source = comprehension_source(t, e);
  } else {
    Str name = name_of_callee(cx->m, e);
    if (!str_is(name, "builtins.list") && !str_is(name, "builtins.tuple")) {
      return NO_NODE;
    }
    call_argument(cx->m, e, 0, NULL, &source);
  }
  source = node_unwrap(t, source);
  return value_of(cx->m, source).kind == VALUE_READER ? source : NO_NODE;
}

// The call that made the reader: itself, or behind a local name.
static NodeId reader_call(RuleContext *cx, NodeId reader) {
  NodeId origin = value_of(cx->m, reader).origin;
  NodeId e = node_is(cx->t, reader, PY_CALL) ? reader : origin;
  return node_is(cx->t, e, PY_CALL) && is_csv_reader(cx, e) ? e : NO_NODE;
}

static Fix skip_rows(RuleContext *cx, NodeId tail, NodeId reader) {
  const Tree *t = cx->t;
  Span whole = node_span(t, tail), kept = node_span(t, reader);
  NodeId k = node_first_named(t, node_field(t, tail, FIELD_SUBSCRIPT));
  if (edit_loses_comment(t, whole, kept) || !can_write_module(cx, tail, "itertools")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, (Span){whole.start, kept.start}, STR("itertools.islice("));
  edit_replace(&edits, (Span){kept.stop, whole.stop},
               cx_format(cx, ", %.*s, None)", STR_ARGS(node_text(t, k))));
  write_import(cx, &edits, "itertools");
  return fix_of(&edits, "the file is read while the loop runs, not before",
                "skip rows while reading them");
}

static void judge_rows(RuleContext *cx, NodeId rows, NodeId reader) {
  NodeId made = reader_call(cx, reader), handle = NO_NODE;
  if (!node_ok(made) || call_argument(cx->m, made, 0, NULL, &handle) != ARG_PRESENT) {
    return;
  }
  WholeRead read;
  bool is_split = false;
  NodeId lines = lines_of_reader(cx, made, &read, &is_split);
  if (!node_ok(lines)) {
    read = (WholeRead){READ_LIST, rows, handle, value_of(cx->m, handle)};
  }
  if (!cx_require(cx, rows, value_is_file(read.file),
                  "the reader does not read a file")) {
    return;
  }
  SingleUse kept;
  NodeId tail = NO_NODE;
  Pass pass = rows_pass(cx, rows, &kept, &tail);
  if (!cx_require(cx, rows, pass.kind != PASS_NONE,
                  "the rows are not walked through once, on the spot or from a name")) {
    return;
  }
  bool named = node_ok(kept.statement);
  Streaming s = named ? stream_from(cx->m, &read, kept.statement, &pass)
                      : stream_here(cx->m, &read, &pass);
  if (!cx_require(cx, rows, s.refusal == NULL, s.refusal)) return;
  Draft draft = {
      .anchor = rows,
      .args = {read_excerpt(cx, &read)},
      .labels = {{.node = pass_place(cx->t, &pass), .text = pass_label(&pass)}},
      .evidence = evidence_of(cx, rows, read.file),
      .note_at_most = s.slow != NULL};
  if (s.slow != NULL) draft.args[1] = cx_format(cx, ", but %s", s.slow);
  EditList edits = edits_in(cx->arena);
  bool in_line = node_eq(made, reader) && !node_ok(tail) && !node_ok(lines);
  if (in_line && edit_unwrap(&edits, cx->t, rows, reader)) {
    write_with(cx, &edits, read.handle, pass.node);
    draft.fix = fix_of(&edits, s.doubt, "take the rows from the reader");
  } else if (node_ok(tail) && !named && node_eq(made, reader)) {
    draft.fix = skip_rows(cx, tail, reader);
  }
  cx_report(cx, draft);
}

// `rows[1:]`: without the header, but still a pass.
static NodeId tail_of(RuleContext *cx, NodeId rows) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, rows), subscript = node_parent(t, e);
  if (!node_is(t, subscript, PY_SUBSCRIPT) || node_role(t, e) != FIELD_VALUE) {
    return NO_NODE;
  }
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  Str text = node_text(t, slice);
  bool open_ended = node_is(t, slice, PY_SLICE) && node_count_named(t, slice) == 1 &&
                    str_ends(text, STR(":")) &&
                    node_is(t, node_first_named(t, slice), PY_INTEGER);
  return open_ended ? subscript : NO_NODE;
}

static Pass rows_pass(RuleContext *cx, NodeId rows, SingleUse *kept, NodeId *tail) {
  *kept = (SingleUse){0};
  *tail = tail_of(cx, rows);
  Pass pass = pass_of(cx->m, node_ok(*tail) ? *tail : rows);
  SingleUse use;
  if (pass.kind != PASS_NONE || !single_use_of(cx->m, rows, &use)) return pass;
  *tail = tail_of(cx, use.use);
  pass = pass_of(cx->m, node_ok(*tail) ? *tail : use.use);
  if (pass.kind == PASS_NONE || pass.again) return (Pass){0};
  *kept = use;
  return pass;
}

// --- a reader over a list of lines ---------------------------------------------------

// The expression that holds all lines: readlines(), list(f), read().splitlines(), or
// StringIO(f.read()).
static NodeId lines_of_reader(RuleContext *cx, NodeId reader, WholeRead *read,
                              bool *is_split) {
  NodeId lines = NO_NODE;
  if (call_argument(cx->m, reader, 0, NULL, &lines) != ARG_PRESENT) return NO_NODE;
  lines = node_unwrap(cx->t, lines);
  *read = whole_read_of(cx->m, lines);
  if (read->form != READ_NOTHING && read->form != READ_TEXT) return lines;
  Str method = STR_NONE;
  NodeId text = call_receiver(cx->m, lines, &method);
  bool splits = str_is(method, "splitlines") || str_is(method, "split");
  if (str_is(name_of_callee(cx->m, lines), "io.StringIO")) {
    call_argument(cx->m, lines, 0, NULL, &text);
  } else if (!node_ok(text) || !splits) {
    return NO_NODE;
  }
  Contents contents;
  if (!contents_behind(cx->m, text, &contents) || node_ok(contents.statement)) {
    return NO_NODE;
  }
  *read = contents.read;
  *is_split = true;
  return lines;
}

// What runs while the reader is walked through; a list of its rows is made at once.
static bool is_collected(RuleContext *cx, NodeId reader) {
  NodeId rows = node_parent(cx->t, node_wrap(cx->t, reader));
  NodeId call = node_parent(cx->t, rows);
  return node_is(cx->t, rows, PY_ARGUMENT_LIST) &&
         node_eq(rows_reader(cx, call), reader);
}

static void judge_lines(RuleContext *cx, NodeId reader) {
  WholeRead read;
  bool is_split = false;
  NodeId lines = lines_of_reader(cx, reader, &read, &is_split);
  if (!node_ok(lines)) return;
  SingleUse kept = {0};
  bool collected = is_collected(cx, reader);
  Pass pass = {0};
  if (!collected) pass = pass_here_or_kept(cx->m, reader, &kept);
  if (!cx_require(cx, reader, collected || pass.kind != PASS_NONE,
                  "the rows are not walked through on the spot or from a name")) {
    return;
  }
  Streaming s = node_ok(kept.statement)
                    ? stream_from(cx->m, &read, kept.statement, &pass)
                    : stream_here(cx->m, &read, &pass);
  if (!cx_require(cx, reader, s.refusal == NULL, s.refusal)) return;
  Cost cost = line_cost(cx);
  Draft draft = {
      .anchor = lines,
      .template_index = 1,
      .args = {read_excerpt(cx, &read), STR_NONE, cx_format(cx, "%u", cost.bytes)},
      .labels = {{.node = node_field(cx->t, reader, FIELD_FUNCTION),
                  .text = STR("taken line by line here")}},
      .evidence = evidence_of(cx, lines, read.file),
      .cost = cost,
      .note_at_most = s.slow != NULL};
  if (s.slow != NULL) draft.args[1] = cx_format(cx, ", but %s", s.slow);
  const char *doubt =
      is_split ? "a quoted field that spans lines is read as one field" : s.doubt;
  EditList edits = edits_in(cx->arena);
  bool is_text = (read.file.flags & HANDLE_TEXT) != 0 && value_is_file(read.file);
  if (is_text && edit_unwrap(&edits, cx->t, lines, read.handle)) {
    write_with(cx, &edits, read.handle, collected ? reader : pass.node);
    draft.fix = fix_of(&edits, doubt, "let the reader take lines from the file");
  }
  cx_report(cx, draft);
}
