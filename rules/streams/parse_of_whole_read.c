/* # parse-of-whole-read (PML108)
 *
 * A whole file is read to be parsed by a function that has a twin for files.
 *
 * ## Why it costs memory
 *
 * The text or the bytes are held beside what is made of them. A parser that takes the
 * file reads it in pieces. What it makes is larger than the text, so that the peak falls
 * by a tenth to a third only: a note.
 *
 * ## Example
 *
 *     with open(path, "rb") as f:
 *         model = pickle.loads(f.read())
 *
 * ## Use instead
 *
 *     with open(path, "rb") as f:
 *         model = pickle.load(f)
 *
 * ## Fix safety
 *
 * Unsafe: the file is left behind the object, not at its end, and what stands behind a
 * pickle or a document is judged in another way.
 *
 * ## Limits
 *
 * Silent for `json.loads` and `tomllib.loads`, whose twins read everything themselves,
 * and where the contents are needed besides. No fix for paths, for text that a parser of
 * bytes would get, and for arguments beyond the contents.
 *
 * ## References
 *
 * The library reference of Python, `pickle.load`, `xml.etree.ElementTree.parse`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static void judge_buffer(RuleContext *cx, NodeId call);
static Fix parse_the_file(RuleContext *cx, NodeId call, const CodecFact *codec,
                          const Contents *contents);

RULE(parse_of_whole_read) = {
    .code = "PML108",
    .name = "parse-of-whole-read",
    .summary = "a whole file is read to be parsed by a function with a twin for files",
    .templates =
        {"whole contents of `{0}` are held beside what `{1}` makes of them: as many "
         "bytes as the file has; `{2}` takes the file{3}",
         "whole contents of `{0}` are held in a buffer for `{1}`: as many bytes as the "
         "file has; it takes the file itself"},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML106"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  const CodecFact *codec = call_codec(cx->m, call);
  NodeId data = NO_NODE;
  Contents contents;
  if (codec == NULL) judge_buffer(cx, call);
  if (codec == NULL || codec->form != CODEC_LOADS) return;
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS);
  if (!node_is(cx->t, list, PY_ARGUMENT_LIST)) return;
  data = node_first_named(cx->t, list);
  if (!cx_require_contents(cx, call, data, &contents,
                           "what is parsed is not read here"))
    return;
  Value file = contents.read.file;
  bool small =
      size_is_small(file) || size_is_small(value_of(cx->m, contents.read.node));
  if (!cx_require(cx, call, !small, "the file is small")) return;
  if (!cx_require(cx, call, !contents.stripped, "it is stripped as a whole")) return;
  if (!cx_require(cx, call, (file.flags & (HANDLE_ASYNC | HANDLE_MEMORY)) == 0,
                  "the contents are in memory anyway, or read asynchronously")) {
    return;
  }
  const char *slow = slow_source(file);
  Draft draft = {.anchor = contents.read.node,
                 .args = {read_excerpt(cx, &contents.read),
                          cx_excerpt(cx, node_field(cx->t, call, FIELD_FUNCTION)),
                          str_from(codec->stream)},
                 .labels = {{.node = node_field(cx->t, call, FIELD_FUNCTION),
                             .text = STR("parsed here")}},
                 .evidence = evidence_of(cx, call, file),
                 .note_at_most = true};
  if (slow != NULL) draft.args[3] = cx_format(cx, ", but %s", slow);
  draft.fix = parse_the_file(cx, call, codec, &contents);
  cx_report(cx, draft);
}

// `ET.parse(io.BytesIO(f.read()))`: whoever takes a buffer takes a file. json.load and
// its kind read everything anyway.
static void judge_buffer(RuleContext *cx, NodeId call) {
  const OpenFact *open = call_open(cx->m, call);
  NodeId data = NO_NODE;
  Contents contents;
  if (open == NULL || (open->flags & OPEN_MEMORY) == 0 ||
      call_argument(cx->m, call, 0, NULL, &data) != ARG_PRESENT ||
      !contents_behind(cx->m, data, &contents)) {
    return;
  }
  Use use = use_of(cx->m, call);
  bool is_given = use.kind == USE_CALL && use.through == 0;
  if (!cx_require(cx, call, is_given, "the buffer goes to no parser at once")) return;
  Str name = name_of_callee(cx->m, use.call);
  bool reads_all = str_ends(name, STR("json.load")) || str_is(name, "tomllib.load");
  uint32_t unsuited = HANDLE_MEMORY | HANDLE_ASYNC | HANDLE_PIPE | HANDLE_NETWORK;
  Value file = contents.read.file;
  bool small =
      size_is_small(file) || size_is_small(value_of(cx->m, contents.read.node));
  Value made = value_of(cx->m, use.call);
  UseKind then = use_of(cx->m, use.call).kind;  // what may read on, later
  bool reads_on = made.kind == VALUE_ARCHIVE || made.kind == VALUE_INSTANCE ||
                  made.kind == VALUE_READER || value_is_iterator(made);
  bool done = !reads_on || then == USE_METHOD || then == USE_ENTERED;
  bool fits = done && call_result(cx->m, use.call) != NULL && name.n != 0 &&
              !reads_all && !contents.recoded && !contents.stripped && !contents.apart;
  if (!cx_require(cx, call, fits && !small,
                  "the buffer does not go to a known parser") ||
      !cx_require(cx, call, (file.flags & unsuited) == 0 && file.why != WHY_ARCHIVE,
                  "the file may not be able to seek")) {
    return;
  }
  cx_report(
      cx, (Draft){.anchor = contents.read.node,
                  .template_index = 1,
                  .args = {read_excerpt(cx, &contents.read),
                           cx_excerpt(cx, node_field(cx->t, use.call, FIELD_FUNCTION))},
                  .evidence = evidence_of(cx, call, file),
                  .note_at_most = true});
}

// The twin's name in the same module: `pickle.loads` -> `pickle.load`, `ET.XML` ->
// `ET.parse`. What was imported by itself is left alone.
static bool rename_function(RuleContext *cx, EditList *edits, NodeId call,
                            const CodecFact *codec) {
  NodeId function = node_unwrap(cx->t, node_field(cx->t, call, FIELD_FUNCTION));
  if (str_is(codec->name, codec->stream)) return true;
  if (!node_is(cx->t, function, PY_ATTRIBUTE)) return false;
  edit_replace(edits, node_span(cx->t, node_field(cx->t, function, FIELD_ATTRIBUTE)),
               name_last_part(str_from(codec->stream)));
  return true;
}

static Fix parse_the_file(RuleContext *cx, NodeId call, const CodecFact *codec,
                          const Contents *contents) {
  const Tree *t = cx->t;
  Value file = contents->read.file;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS), data = node_first_named(t, list);
  uint32_t modes = file.flags & (HANDLE_TEXT | HANDLE_BINARY);
  bool fits = codec->mode == OPEN_BY_B || modes == HANDLE_BINARY;
  bool alone = node_count_named(t, list) == 1 || str_is(codec->name, codec->stream);
  if (!value_is_file(file) || node_ok(contents->statement) || contents->recoded ||
      !fits || !alone || node_is(t, data, PY_KEYWORD_ARGUMENT)) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  if (!rename_function(cx, &edits, call, codec)) return (Fix){0};
  if (!edit_unwrap(&edits, t, data, contents->read.handle)) return (Fix){0};
  if (codec->suffix[0] != '\0') {
    edit_insert(&edits, node_stop(t, call), str_from(codec->suffix));
  }
  write_with(cx, &edits, contents->read.handle, call);
  return fix_of(&edits, "the file is left behind the object, not at its end",
                "let the parser read the file");
}
