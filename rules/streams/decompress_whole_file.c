/* # decompress-whole-file (PML107)
 *
 * A whole compressed file is read and decompressed in one go, to go through it once.
 *
 * ## Why it costs memory
 *
 * The compressed bytes and the decompressed ones are held at once. A file object that
 * decompresses gives lines or pieces, and holds a buffer.
 *
 * ## Example
 *
 *     with open(path, "rb") as f:
 *         for line in gzip.decompress(f.read()).splitlines():
 *             total += len(line)
 *
 * ## Use instead
 *
 *     with gzip.open(path) as f:
 *         for line in f:
 *             total += len(line)
 *
 * ## Fix safety
 *
 * Unsafe: offered where the result is written to a file, which is then written in
 * pieces, in part if the compressed data is broken.
 *
 * ## Limits
 *
 * Only where the result is iterated, split into lines that are iterated, hashed or
 * written to a file, on the spot or from a local name that is used once; a result that
 * is parsed or returned is needed as a whole. A note for network streams and members of
 * archives.
 *
 * ## References
 *
 * The library reference of Python, `gzip.open`, `zlib.decompressobj`.
 */
#include "rule.h"

typedef struct Going {
  NodeId place;      // where it goes by
  NodeId target;     // the file that it is written to
  const char *slow;  // why it is a note at most, or NULL
} Going;

static RuleNodeFn on_call;
static const char *refusal_of(RuleContext *cx, NodeId call, const Contents *contents,
                              Going *out);
static Fix copy_in_pieces(RuleContext *cx, NodeId call, NodeId target,
                          const CodecFact *codec, const Contents *contents);

RULE(decompress_whole_file) = {
    .code = "PML107",
    .name = "decompress-whole-file",
    .summary = "a whole file is decompressed at once to go through it once",
    .templates =
        {"whole contents of `{0}` are held compressed and decompressed, to go through "
         "them once; `{1}` gives them in pieces{2}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_UNSAFE,
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  const CodecFact *codec = call_codec(cx->m, call);
  NodeId data = NO_NODE;
  Contents contents;
  if (codec == NULL || codec->form != CODEC_DECOMPRESSES ||
      call_argument(cx->m, call, 0, "data", &data) != ARG_PRESENT ||
      !cx_require_contents(cx, call, data, &contents,
                           "what is unpacked is not read here")) {
    return;
  }
  Value file = contents.read.file;
  bool small =
      size_is_small(file) || size_is_small(value_of(cx->m, contents.read.node));
  if (!cx_require(cx, call, !small, "the file is small")) return;
  if (!cx_require(cx, call, (file.flags & (HANDLE_MEMORY | HANDLE_ASYNC)) == 0,
                  "it is in memory anyway, or read asynchronously")) {
    return;
  }
  Going going = {0};
  const char *refusal = refusal_of(cx, call, &contents, &going);
  if (!cx_require(cx, call, refusal == NULL, refusal)) return;
  const char *slow = going.slow != NULL ? going.slow : slow_source(file);
  Draft draft = {.anchor = call,
                 .args = {read_excerpt(cx, &contents.read), str_from(codec->stream)},
                 .labels = {{.node = going.place, .text = STR("goes by here, once")}},
                 .evidence = evidence_of(cx, call, file),
                 .note_at_most = slow != NULL};
  if (slow != NULL) draft.args[2] = cx_format(cx, ", but %s", slow);
  if (opens_to_close(cx, contents.read.handle)) {
    draft.fix = open_in_with(cx, contents.read.handle, call);
  } else if (node_ok(going.target)) {
    draft.fix = copy_in_pieces(cx, call, going.target, codec, &contents);
  }
  cx_report(cx, draft);
}

// The one use of a value: where it stands, or where its only name is read.
static NodeId followed(RuleContext *cx, NodeId e) {
  SingleUse kept;
  return only_use_of(cx->m, e, &kept) ? kept.use : e;
}

static bool is_hashed_or_written(RuleContext *cx, NodeId e, NodeId *target) {
  Use use = use_of(cx->m, e);
  if (use.kind != USE_CALL || use.argument != 0) return false;
  if (value_of(cx->m, use.call).kind == VALUE_HASH) return true;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, use.call, &method);
  if (!node_ok(receiver)) return false;
  Value v = value_of(cx->m, receiver);
  if (str_is(method, "update")) return v.kind == VALUE_HASH;
  bool writes = str_is(method, "write") && value_is_file(v) &&
                (v.flags & (HANDLE_MEMORY | HANDLE_ASYNC)) == 0;
  if (writes) *target = receiver;
  return writes;
}

// The pass over it, over its lines, or over what was decoded; behind names.
static Pass pass_behind(RuleContext *cx, NodeId call, NodeId *from) {
  NodeId e = call;
  for (uint32_t i = 0; i < 3; i++) {
    SingleUse kept;
    Pass pass = pass_here_or_kept(cx->m, e, &kept);
    if (pass.kind != PASS_NONE) {
      if (!node_ok(*from)) *from = kept.statement;
      return pass;
    }
    if (only_use_of(cx->m, e, &kept)) {
      if (!node_ok(*from)) *from = kept.statement;
      e = kept.use;
    }
    Use use = use_of(cx->m, e);
    Str method = STR_NONE;
    if (use.kind != USE_METHOD || !node_ok(call_receiver(cx->m, use.call, &method))) {
      break;
    }
    if (!str_is(method, "splitlines") && !str_is(method, "split") &&
        !str_is(method, "decode")) {
      break;
    }
    e = use.call;
  }
  return (Pass){0};
}

static const char *refusal_of(RuleContext *cx, NodeId call, const Contents *contents,
                              Going *out) {
  NodeId e = followed(cx, call), from = contents->statement;
  out->place = e;
  if (is_hashed_or_written(cx, e, &out->target)) {
    out->place = node_field(cx->t, use_of(cx->m, e).call, FIELD_FUNCTION);
    bool same = node_ok(out->target) &&
                contents_of_same_file(cx->m, contents->read.handle, out->target);
    if (!node_eq(e, call)) out->target = NO_NODE;
    return same ? "it is the same file" : NULL;
  }
  Pass pass = pass_behind(cx, call, &from);
  if (pass.kind == PASS_NONE) return "the result is needed as a whole";
  out->place = pass_place(cx->t, &pass);
  Streaming s = node_ok(from) ? stream_from(cx->m, &contents->read, from, &pass)
                              : stream_here(cx->m, &contents->read, &pass);
  out->slow = s.slow;
  return contents->apart ? NULL : s.refusal;
}

static Fix copy_in_pieces(RuleContext *cx, NodeId call, NodeId target,
                          const CodecFact *codec, const Contents *contents) {
  const Tree *t = cx->t;
  NodeId function = node_field(t, call, FIELD_FUNCTION);
  NodeId write = use_of(cx->m, call).call;
  uint32_t comments = 0;
  tree_comments_in(t, node_span(t, write), &comments);
  bool binary = (contents->read.file.flags & HANDLE_BINARY) != 0;
  if (comments > 0 || !binary || !value_is_file(contents->read.file) ||
      node_ok(contents->statement) || str_is(codec->name, "zlib.decompress") ||
      !node_is(t, function, PY_ATTRIBUTE) ||
      !node_is(t, node_parent(t, write), PY_EXPRESSION_STATEMENT) ||
      node_count_named(t, node_field(t, call, FIELD_ARGUMENTS)) != 1 ||
      !can_write_module(cx, call, "shutil")) {
    return (Fix){0};
  }
  Str module = node_text(t, node_field(t, function, FIELD_OBJECT));
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, node_span(t, write),
               cx_format(cx, "shutil.copyfileobj(%.*s.%.*s(%.*s), %.*s)",
                         STR_ARGS(module),
                         STR_ARGS(name_last_part(str_from(codec->stream))),
                         STR_ARGS(node_text(t, contents->read.handle)),
                         STR_ARGS(node_text(t, target))));
  write_import(cx, &edits, "shutil");
  return fix_of(&edits, "the target is written in part if the data is broken",
                "decompress in pieces");
}
