/* # dumps-before-write (PML113)
 *
 * The whole text or bytes of an object are made only to be written to a file.
 *
 * ## Why it costs memory
 *
 * The encoded form is held at once, beside the object. An encoder that writes to the
 * file holds a piece of it. For JSON this is paid with time: `json.dump` is 2.6 to 3.7
 * times slower than `json.dumps`, as it does not use the encoder written in C.
 *
 * ## Example
 *
 *     with open(path, "w") as out:
 *         out.write(json.dumps(documents))
 *
 * ## Use instead
 *
 *     with open(path, "w") as out:
 *         json.dump(documents, out)
 *
 * ## Fix safety
 *
 * Unsafe: when a part cannot be encoded, those before it are written already.
 *
 * ## Limits
 *
 * A warning where the object is known to be of any size. Silent for pipes, sockets and
 * buffers in memory, for objects that are known to be small, and for one record after
 * the other to the same file, appended ones too. No fix for paths and for what is
 * encoded on the way.
 *
 * ## References
 *
 * The library reference of Python, `json.dump`, `pickle.dump`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static NodeId dumps_of(RuleContext *cx, NodeId data, NodeId *line_end, bool *direct);
static bool is_one_of_many(RuleContext *cx, NodeId call, NodeId target);
static bool is_appended(RuleContext *cx, Value file);
static Fix dump_to_file(RuleContext *cx, NodeId call, NodeId target, NodeId dumps,
                        NodeId line_end);

RULE(dumps_before_write) = {
    .code = "PML113",
    .name = "dumps-before-write",
    .summary = "the encoded form of an object is made whole only to be written",
    .templates =
        {"whole text of `{0}` is held to be written: as much as goes to the file; "
         "`{1}` writes it in pieces, 2.6 to 3.7 times slower",
         "whole encoded form of `{0}` is held to be written: as much as goes to the "
         "file; `{1}` writes it in pieces"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .kinds = {PY_CALL},
    .on_node = on_call,
};

// Why nothing would be gained, or NULL.
static const char *refusal_of(RuleContext *cx, NodeId call, NodeId target, Value object,
                              bool by_path) {
  Value file = value_of(cx->m, target);
  uint32_t unsuited = HANDLE_MEMORY | HANDLE_ASYNC | HANDLE_PIPE | HANDLE_NETWORK;
  bool fits = by_path ? file.kind == VALUE_PATH
                      : value_is_file(file) && (file.flags & unsuited) == 0;
  if (!fits) return "the target is not known to be a file";
  if (size_is_small(object) || value_is_scalar(object)) return "the object is small";
  bool many = !by_path && (is_one_of_many(cx, call, target) || is_appended(cx, file));
  return many ? "one record after the other is written to the same file" : NULL;
}

static const char not_alone[] =
    "what is encoded is not written alone, or is used again";

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId target = call_receiver(cx->m, call, &method), data = NO_NODE;
  if (!node_ok(target)) return;
  bool by_path = str_is(method, "write_text") || str_is(method, "write_bytes");
  if ((!by_path && !str_is(method, "write")) ||
      call_argument(cx->m, call, 0, "data", &data) != ARG_PRESENT) {
    return;
  }
  NodeId line_end = NO_NODE;
  bool direct = true;
  NodeId dumps = dumps_of(cx, data, &line_end, &direct), object = NO_NODE;
  if (!node_ok(dumps)) {
    cx_explain_call(cx, call, data, "", not_alone);
    return;
  }
  object = node_first_named(cx->t, node_field(cx->t, dumps, FIELD_ARGUMENTS));
  if (node_is(cx->t, object, PY_KEYWORD_ARGUMENT)) {
    object = node_field(cx->t, object, FIELD_VALUE);
    direct = false;
  }
  Value size = value_of(cx->m, object);
  const char *refusal = refusal_of(cx, call, target, size, by_path);
  if (!cx_require(cx, call, refusal == NULL, refusal)) return;
  const CodecFact *codec = call_codec(cx->m, dumps);
  Draft draft = {.anchor = dumps,
                 .template_index = str_ends(codec->name, STR("json.dumps")) ? 0 : 1,
                 .args = {cx_excerpt(cx, object), str_from(codec->stream)},
                 .labels = {{.node = node_field(cx->t, call, FIELD_FUNCTION),
                             .text = STR("written here")},
                            {.node = object, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, dumps, size)};
  if (size.kind == VALUE_INSTANCE) draft.evidence &= ~(Evidence)EVIDENCE_SIZE;
  if (direct && !by_path) {
    draft.fix = dump_to_file(cx, call, target, dumps, line_end);
  }
  cx_report(cx, draft);
}

// `json.dumps(o)`, with a line end behind it, encoded, or behind a local name.
static NodeId dumps_of(RuleContext *cx, NodeId data, NodeId *line_end, bool *direct) {
  const Tree *t = cx->t;
  NodeId e = node_unwrap(t, data);
  for (uint32_t i = 0; i < 4 && node_ok(e); i++, e = node_unwrap(t, e)) {
    Str method = STR_NONE;
    if (node_is(t, e, PY_IDENTIFIER)) {
      SingleUse kept;
      DefId def = flow_only_def(cx->m, e);
      NodeId value = def_ok(def) ? def_get(cx->m, def)->value : NO_NODE;
      if (!only_use_of(cx->m, value, &kept) || !node_eq(kept.use, e)) return NO_NODE;
      *direct = false;
      e = value;
    } else if (node_is(t, e, PY_BINARY_OPERATOR)) {
      NodeId right = node_field(t, e, FIELD_RIGHT);
      bool adds_end =
          node_ok(node_child(t, e, PY_OP_ADD)) &&
          (node_text_is(t, right, "\"\\n\"") || node_text_is(t, right, "'\\n'"));
      if (!adds_end || node_ok(*line_end)) return NO_NODE;
      *line_end = right;
      e = node_field(t, e, FIELD_LEFT);
    } else {
      const CodecFact *codec = node_is(t, e, PY_CALL) ? call_codec(cx->m, e) : NULL;
      NodeId list = node_field(t, e, FIELD_ARGUMENTS);
      if (codec != NULL && codec->form == CODEC_DUMPS) {
        bool plain = node_is(t, list, PY_ARGUMENT_LIST) && !call_has_stars(cx->m, e) &&
                     node_count_named(t, list) >= 1;
        return plain ? e : NO_NODE;
      }
      NodeId receiver = call_receiver(cx->m, e, &method);
      if (!node_ok(receiver) || !str_is(method, "encode")) return NO_NODE;
      *direct = false;
      e = receiver;
    }
  }
  return NO_NODE;
}

// In a loop that the file was opened outside of.
static bool is_one_of_many(RuleContext *cx, NodeId call, NodeId target) {
  NodeId loop = loop_around(cx->m, call, NO_NODE);
  DefId def = flow_only_def(cx->m, node_unwrap(cx->t, target));
  if (!node_ok(loop)) return false;
  return !def_ok(def) || !node_inside(cx->t, def_get(cx->m, def)->node, loop);
}

// `open(path, "a")`: what a round or a call adds is a record among others.
static bool is_appended(RuleContext *cx, Value file) {
  const OpenFact *open = call_open(cx->m, file.origin);
  NodeId mode = NO_NODE;
  Str text = STR_NONE;
  return open != NULL && open->mode_position >= 0 &&
         call_argument(cx->m, file.origin, (uint32_t)open->mode_position,
                       open->mode_keyword, &mode) == ARG_PRESENT &&
         constant_str(cx->m, mode, &text) && str_find_byte(text, 'a', 0) < text.n;
}

static Fix dump_to_file(RuleContext *cx, NodeId call, NodeId target, NodeId dumps,
                        NodeId line_end) {
  const Tree *t = cx->t;
  NodeId statement = node_parent(t, call);
  NodeId function = node_field(t, dumps, FIELD_FUNCTION);
  NodeId object = node_first_named(t, node_field(t, dumps, FIELD_ARGUMENTS));
  const CodecFact *codec = call_codec(cx->m, dumps);
  bool named = node_is(t, function, PY_ATTRIBUTE) &&
               node_is(t, node_unwrap(t, target), PY_IDENTIFIER);
  if (!named || !node_is(t, statement, PY_EXPRESSION_STATEMENT) ||
      node_is(t, object, PY_KEYWORD_ARGUMENT) || !statement_is_alone(t, statement) ||
      edit_loses_comment(t, node_span(t, call), node_span(t, dumps))) {
    return (Fix){0};
  }
  Str file = node_text(t, target);
  EditList edits = edits_in(cx->arena);
  Span whole = node_span(t, call), kept = node_span(t, dumps);
  Str name = name_last_part(str_from(codec->stream));
  edit_replace(&edits, (Span){whole.start, kept.start}, STR_NONE);
  edit_replace(&edits, node_span(t, node_field(t, function, FIELD_ATTRIBUTE)), name);
  edit_insert(&edits, node_stop(t, object), cx_format(cx, ", %.*s", STR_ARGS(file)));
  Str tail = STR_NONE;
  if (node_ok(line_end)) {
    tail = cx_format(cx, "\n%.*s%.*s.write(%.*s)",
                     STR_ARGS(edit_indentation(t, statement)), STR_ARGS(file),
                     STR_ARGS(node_text(t, line_end)));
  }
  edit_replace(&edits, (Span){kept.stop, whole.stop}, tail);
  return fix_of(&edits, "a part that cannot be encoded comes after others were written",
                "let the encoder write to the file");
}
