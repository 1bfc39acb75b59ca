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
static NodeId tail_of(RuleContext *cx, NodeId call);
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

static void report(RuleContext *cx, NodeId call, const Contents *text, const Pass *pass,
                   const SingleUse *kept, const char *slow) {
  Cost cost = line_cost(cx);
  Draft draft = {
      .anchor = node_ok(text->statement) ? text->read.node : call,
      .args = {read_excerpt(cx, &text->read), cx_format(cx, "%u", cost.bytes)},
      .labels = {{.node = pass_place(cx->t, pass), .text = pass_label(pass)}},
      .evidence = evidence_of(cx, call, text->read.file),
      .cost = cost,
      .note_at_most = slow != NULL};
  if (slow != NULL) draft.args[2] = cx_format(cx, ", but %s", slow);
  if (node_ok(text->statement)) {
    draft.labels[1] = (DraftLabel){.node = node_field(cx->t, call, FIELD_FUNCTION),
                                   .text = STR("split here")};
  }
  if (!text->recoded) draft.fix = iterate_file(cx, call, text, pass, kept);
  cx_report(cx, draft);
}

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, call, &method);
  if (!node_ok(receiver) || !splits_lines(cx, call, method)) return;
  Contents text;
  if (!cx_require_contents(cx, call, receiver, &text, "what is split is not read here"))
    return;
  if (!cx_require(cx, call, (text.read.file.flags & HANDLE_MEMORY) == 0,
                  "the text is in memory anyway")) {
    return;
  }
  SingleUse kept;
  NodeId tail = tail_of(cx, call);
  Pass pass = pass_here_or_kept(cx->m, node_ok(tail) ? tail : call, &kept);
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
  report(cx, call, &text, &pass, &kept, s.slow);
}

static bool splits_lines(RuleContext *cx, NodeId call, Str method) {
  static const char *const ends[] = {"\"\\n\"",    "'\\n'",    "b\"\\n\"",  "b'\\n'",
                                     "\"\\r\\n\"", "'\\r\\n'", "os.linesep"};
  if (str_is(method, "splitlines")) return true;
  NodeId separator = NO_NODE;
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS);
  if (!str_is(method, "split") || node_count_named(cx->t, list) != 1 ||
      call_argument(cx->m, call, 0, "sep", &separator) != ARG_PRESENT) {
    return false;
  }
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    if (node_text_is(cx->t, separator, ends[i])) return true;
  }
  return false;
}

// `lines[1:]`, without the first ones: the subscript.
static NodeId tail_of(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, call), subscript = node_parent(t, e);
  if (!node_is(t, subscript, PY_SUBSCRIPT) || node_role(t, e) != FIELD_VALUE) {
    return NO_NODE;
  }
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  bool open_ended = node_is(t, slice, PY_SLICE) && node_count_named(t, slice) == 1 &&
                    node_is(t, node_first_named(t, slice), PY_INTEGER) &&
                    str_ends(node_text(t, slice), STR(":")) &&
                    !str_ends(node_text(t, slice), STR("::"));
  return open_ended ? subscript : NO_NODE;
}

// `splitlines(True)`: the lines keep their ends, as those of a file do.
static bool keeps_ends(RuleContext *cx, NodeId call) {
  NodeId keep = NO_NODE;
  bool value = false;
  return call_argument(cx->m, call, 0, "keepends", &keep) == ARG_PRESENT &&
         constant_bool(cx->m, keep, &value) && value;
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

// Then it matters where the loop leaves the file.
static bool handle_is_used_later(RuleContext *cx, NodeId handle) {
  BindingId name = binding_of(cx->m, node_unwrap(cx->t, handle));
  for (RefId r = ref_first(cx->m, name); binding_ok(name) && ref_ok(r);
       r = ref_next(cx->m, r)) {
    NodeId use = ref_get(cx->m, r)->node;
    Use how = use_of(cx->m, use);
    Str method = STR_NONE;
    if (how.kind == USE_METHOD) call_receiver(cx->m, how.call, &method);
    bool same = !flow_differs(cx->m, node_unwrap(cx->t, handle), use);
    if (use.i > handle.i && same && !str_is(method, "close")) return true;
  }
  return false;
}

// `lines[k:]` becomes `itertools.islice(lines, k, None)`.
static bool skip_lines(RuleContext *cx, EditList *edits, NodeId call, NodeId tail) {
  const Tree *t = cx->t;
  NodeId k = node_first_named(t, node_field(t, tail, FIELD_SUBSCRIPT));
  if (!can_write_module(cx, call, "itertools")) return false;
  edit_insert(edits, node_start(t, tail), STR("itertools.islice("));
  edit_replace(edits, (Span){node_stop(t, call), node_stop(t, tail)},
               cx_format(cx, ", %.*s, None)", STR_ARGS(node_text(t, k))));
  write_import(cx, edits, "itertools");
  return true;
}

// The first statement of the loop's own block, before which a line can be put.
static NodeId block_start(const Tree *t, const Pass *pass) {
  if (pass->kind != PASS_FOR || pass->wrapped) return NO_NODE;
  NodeId first = node_first_named(t, node_field(t, pass->node, FIELD_BODY));
  bool named = node_is(t, node_field(t, pass->node, FIELD_LEFT), PY_IDENTIFIER);
  bool deeper = edit_indentation(t, first).n > edit_indentation(t, pass->node).n;
  uint32_t line = edit_line_span(t, node_span(t, first)).start;
  Str before = str_slice(t->source->text, line, node_start(t, first));
  return named && deeper && str_trim(before).n == 0 ? first : NO_NODE;
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
  if (handle_is_used_later(cx, text->read.handle)) return (Fix){0};
  if (!opened || modes == 0 || edit_loses_comment(t, whole, handle)) return (Fix){0};
  const char *end = modes == HANDLE_BINARY ? "b\"\\n\"" : "\"\\n\"";
  EditList edits = edits_in(cx->arena);
  bool deeper = write_with(cx, &edits, text->read.handle, pass->node);
  NodeId tail = tail_of(cx, call);
  if (node_ok(tail) && !skip_lines(cx, &edits, call, tail)) return (Fix){0};
  if (keeps_ends(cx, call)) {
    if (!edit_unwrap(&edits, t, call, text->read.handle)) return (Fix){0};
    return fix_of(&edits, caveat_of(cx, call, text), "iterate over the file");
  }
  NodeId first = node_ok(tail) ? NO_NODE : block_start(t, pass);
  if (node_ok(first)) {
    Str name = node_text(t, node_field(t, pass->node, FIELD_LEFT));
    Str line =
        cx_format(cx, "%.*s = %.*s.rstrip(%s)\n%.*s%s", STR_ARGS(name), STR_ARGS(name),
                  end, STR_ARGS(edit_indentation(t, first)), deeper ? "    " : "");
    edit_insert(&edits, node_start(t, first), line);
    if (!edit_unwrap(&edits, t, call, text->read.handle)) return (Fix){0};
  } else {
    edit_replace(&edits, (Span){whole.start, handle.start},
                 cx_format(cx, "(line.rstrip(%s) for line in ", end));
    edit_replace(&edits, (Span){handle.stop, whole.stop}, STR(")"));
  }
  return fix_of(&edits, caveat_of(cx, call, text), "iterate over the file");
}
