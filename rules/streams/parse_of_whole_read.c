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
static Fix parse_the_file(RuleContext *cx, NodeId call, const CodecFact *codec,
                          const Contents *contents);

RULE(parse_of_whole_read) = {
    .code = "PML108",
    .name = "parse-of-whole-read",
    .summary = "a whole file is read to be parsed by a function with a twin for files",
    .templates =
        {"whole contents of `{0}` are held beside what `{1}` makes of them: as many "
         "bytes as the file has; `{2}` takes the file{3}"},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML106"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  const CodecFact *codec = call_codec(cx->m, call);
  NodeId data = NO_NODE;
  Contents contents;
  if (codec == NULL || codec->form != CODEC_LOADS) return;
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS);
  if (!node_is(cx->t, list, PY_ARGUMENT_LIST)) return;
  data = node_first_named(cx->t, list);
  if (!contents_behind(cx->m, data, &contents)) return;
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
                 .args = {cx_excerpt(cx, contents.read.handle),
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
  return fix_of(&edits, "the file is left behind the object, not at its end",
                "let the parser read the file");
}
