/* # joined-before-write (PML112)
 *
 * Pieces of text are joined into one only to be written to a file.
 *
 * ## Why it costs memory
 *
 * The joined text is held beside the pieces: as much memory as all of them together. And
 * `join` makes a list of what a generator gives. A file takes the pieces one at a time,
 * and has a buffer of its own.
 *
 * ## Example
 *
 *     out.write("".join(render(row) for row in rows))
 *
 * ## Use instead
 *
 *     out.writelines(render(row) for row in rows)
 *
 * ## Fix safety
 *
 * Unsafe: when a piece cannot be made, those before it are written already; and no pieces
 * at all give no line end.
 *
 * ## Limits
 *
 * Only where nothing or a line end is put between the pieces. Where none follows the last
 * one it is a note, as the writing loop has to leave it out. Silent for pipes, sockets
 * and buffers in memory, for pieces that are known to be few, and in loops where nothing
 * is known of their number.
 *
 * ## References
 *
 * The library reference of Python, `io.IOBase.writelines`.
 */
#include "rule.h"

typedef struct Joined {
  NodeId join;    // the call of join()
  NodeId pieces;  // its argument
  Str line_end;   // the separator as it is written; empty for ""
  bool has_end;   // a line end follows the last piece
  bool named;     // a local name lies between
} Joined;

static RuleNodeFn on_call;
static bool writes_at_once(RuleContext *cx, Value file);
static bool joined_of(RuleContext *cx, NodeId data, Joined *out);
static Fix write_pieces(RuleContext *cx, NodeId call, NodeId target, const Joined *j);

RULE(joined_before_write) = {
    .code = "PML112",
    .name = "joined-before-write",
    .summary = "pieces of text are joined only to be written to a file",
    .templates =
        {"text of all pieces is joined to be written to `{0}`: as much memory as they "
         "have together; `writelines` takes one piece at a time",
         "text of all lines is joined to be written to `{0}`: as much memory as they "
         "have together; `writelines` takes one line at a time, with its end",
         "text of all lines is joined to be written to `{0}`: as much memory as they "
         "have together; one at a time, all but the first need a line end before"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML217"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

// The pieces read, move or write the very file: all of them have to be there first.
static bool uses_target(RuleContext *cx, NodeId pieces, NodeId target, Value file) {
  BindingId handle = binding_of(cx->m, node_unwrap(cx->t, target));
  for (uint32_t i = pieces.i; i < node_after(cx->t, pieces); i++) {
    NodeId node = {i};
    if (!node_is(cx->t, node, PY_IDENTIFIER)) continue;
    BindingId used = binding_of(cx->m, node);
    if (!binding_ok(used)) continue;
    if (used.i == handle.i) return true;
    Value value = value_of(cx->m, node);
    if (value_is_file(value) && value_same_path(cx->m, value, file) == ANSWER_YES) {
      return true;
    }
  }
  return false;
}

static const char not_alone[] =
    "what is joined is not written alone, is used again, or not joined by line ends";

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId target = call_receiver(cx->m, call, &method), data = NO_NODE;
  Joined j = {0};
  if (!node_ok(target) || !str_is(method, "write") ||
      call_argument(cx->m, call, 0, NULL, &data) != ARG_PRESENT) {
    return;
  }
  if (!joined_of(cx, data, &j)) {
    cx_explain_call(cx, call, data, "join", not_alone);
    return;
  }
  Value file = value_of(cx->m, target), pieces = value_of(cx->m, j.pieces);
  uint32_t unsuited = HANDLE_MEMORY | HANDLE_ASYNC | HANDLE_PIPE | HANDLE_NETWORK;
  bool hot = (context_of(cx->m, call).flags & CONTEXT_LOOP) != 0;
  if (!cx_require(cx, call, value_is_file(file) && (file.flags & unsuited) == 0,
                  "the target is not known to be a file with a buffer") ||
      !cx_require(cx, call, !writes_at_once(cx, file),
                  "the file is unbuffered, or a log that others append to") ||
      !cx_require(cx, call, !size_is_small(pieces) && !value_is_text(pieces),
                  "the pieces are few, or characters") ||
      !cx_require(cx, call, !uses_target(cx, j.pieces, target, file),
                  "the pieces are made from the file that is written") ||
      !cx_require(cx, call, size_is_unbounded(pieces) || !hot,
                  "in a loop, and nothing is known of the number of pieces")) {
    return;
  }
  bool open_end = j.line_end.n > 0 && !j.has_end;
  cx_report(cx,
            (Draft){.anchor = j.join,
                    .template_index = open_end           ? 2
                                      : j.line_end.n > 0 ? 1
                                                         : 0,
                    .args = {cx_excerpt(cx, target)},
                    .labels = {{.node = node_field(cx->t, call, FIELD_FUNCTION),
                                .text = STR("written here")},
                               {.node = j.pieces, .text = size_label(cx, pieces)}},
                    .evidence = evidence_of(cx, j.join, pieces),
                    .note_at_most = open_end,
                    .fix = open_end ? (Fix){0} : write_pieces(cx, call, target, &j)});
}

// Each write is a system call, or a record among those that others append.
static bool writes_at_once(RuleContext *cx, Value file) {
  NodeId buffering = NO_NODE;
  int64_t size = 1;
  if (node_is(cx->t, file.origin, PY_CALL) &&
      call_argument(cx->m, file.origin, 2, "buffering", &buffering) == ARG_PRESENT &&
      constant_int(cx->m, buffering, &size) && size == 0) {
    return true;
  }
  Str mode = STR_NONE;
  return node_ok(file.mode) && constant_str(cx->m, file.mode, &mode) &&
         str_contains(mode, STR("a"));
}

static bool is_line_end(const Tree *t, NodeId e) {
  static const char *const ends[] = {"\"\\n\"", "'\\n'",      "b\"\\n\"",
                                     "b'\\n'",  "\"\\r\\n\"", "os.linesep"};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    if (node_text_is(t, e, ends[i])) return true;
  }
  return false;
}

// `sep.join(pieces)`, `sep.join(pieces) + sep`, or a name for either.
static bool joined_of(RuleContext *cx, NodeId data, Joined *out) {
  const Tree *t = cx->t;
  NodeId e = node_unwrap(t, data);
  if (node_is(t, e, PY_IDENTIFIER)) {
    SingleUse kept;
    DefId def = flow_only_def(cx->m, e);
    NodeId value = def_ok(def) ? def_get(cx->m, def)->value : NO_NODE;
    if (!only_use_of(cx->m, value, &kept) || !node_eq(kept.use, e)) return false;
    out->named = true;
    e = node_unwrap(t, value);
  }
  if (node_is(t, e, PY_BINARY_OPERATOR)) {
    out->has_end = is_line_end(t, node_field(t, e, FIELD_RIGHT)) &&
                   node_ok(node_child(t, e, PY_OP_ADD));
    if (!out->has_end) return false;
    e = node_unwrap(t, node_field(t, e, FIELD_LEFT));
  }
  Str method = STR_NONE;
  NodeId separator = call_receiver(cx->m, e, &method);
  NodeId list = node_field(t, e, FIELD_ARGUMENTS);
  if (!node_ok(separator) || !str_is(method, "join")) return false;
  out->join = e;
  out->pieces =
      node_is(t, list, PY_GENERATOR_EXPRESSION) ? list : node_first_named(t, list);
  if (is_line_end(t, separator)) {
    out->line_end = node_text(t, separator);
    return node_ok(out->pieces);
  }
  bool empty = node_text_is(t, separator, "\"\"") || node_text_is(t, separator, "''") ||
               node_text_is(t, separator, "b\"\"") || node_text_is(t, separator, "b''");
  return empty && !out->has_end && node_ok(out->pieces);
}

static Fix write_pieces(RuleContext *cx, NodeId call, NodeId target, const Joined *j) {
  const Tree *t = cx->t;
  bool dropped = node_is(t, node_parent(t, call), PY_EXPRESSION_STATEMENT);
  Span whole = node_span(t, call), pieces = node_span(t, j->pieces);
  if (effect_surely_disturbs_file(cx->m, j->pieces, target)) return (Fix){0};
  if (!dropped || j->named || edit_loses_comment(t, whole, pieces)) return (Fix){0};
  bool bare = node_is(t, j->pieces, PY_GENERATOR_EXPRESSION) && j->line_end.n == 0 &&
              node_role(t, j->pieces) == FIELD_ARGUMENTS;
  Str head = cx_format(cx, "%.*s.writelines%s", STR_ARGS(node_text(t, target)),
                       bare ? "" : "(");
  EditList edits = edits_in(cx->arena);
  if (j->line_end.n > 0) {
    head = cx_format(cx, "%.*sline + %.*s for line in ", STR_ARGS(head),
                     STR_ARGS(j->line_end));
  }
  edit_replace(&edits, (Span){whole.start, pieces.start}, head);
  edit_replace(&edits, (Span){pieces.stop, whole.stop}, bare ? STR_NONE : STR(")"));
  return fix_of(
      &edits,
      j->line_end.n > 0
          ? "no lines at all give no line end, and a line that cannot be made "
            "comes after others were written"
          : "a piece that cannot be made comes after others were written",
      "write the pieces one at a time");
}
