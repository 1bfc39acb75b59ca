/* # hash-of-whole-file (PML104)
 *
 * A whole file is read to compute its hash.
 *
 * ## Why it costs memory
 *
 * The contents are held at once: as much memory as the file is large. A hash takes its
 * input in pieces of any size, so that a fixed buffer is enough, whatever the file.
 *
 * ## Example
 *
 *     with open(path, "rb") as f:
 *         digest = hashlib.sha256(f.read()).hexdigest()
 *
 * ## Use instead
 *
 *     with open(path, "rb") as f:
 *         digest = hashlib.file_digest(f, hashlib.sha256).hexdigest()
 *
 * and, before Python 3.11,
 *
 *     with open(path, "rb") as f:
 *         digest = hashlib.sha256()
 *         while chunk := f.read(65536):
 *             digest.update(chunk)
 *
 * ## Fix safety
 *
 * Safe for a file that was opened in the same function in binary mode and not used
 * before; no handler may stand around it. Unsafe where somebody else opened the file.
 *
 * ## Limits
 *
 * Silent where the contents are needed besides, and for sized reads. Functions of the
 * same file that only hash what they are given count as hashes, without a fix; methods
 * of `self`, which a subclass may override, as a note. No fix for text mode, for paths
 * (`read_bytes()`), and for handles that were read before. A note for network streams
 * and members of archives.
 *
 * ## References
 *
 * The library reference of Python, `hashlib.file_digest`.
 */
#include "rule.h"

enum { FILE_DIGEST_SINCE = 11 };

static RuleNodeFn on_call;
static bool hashes(RuleContext *cx, NodeId call, NodeId *data);
static bool hands_on(RuleContext *cx, NodeId call, NodeId *data, NodeId *place,
                     Handed *handed);
static Fix fix_in_place(RuleContext *cx, NodeId call, const Contents *contents);
static Fix read_in_pieces(RuleContext *cx, NodeId call, const Contents *contents);

RULE(hash_of_whole_file) = {
    .code = "PML104",
    .name = "hash-of-whole-file",
    .summary = "a whole file is read to compute its hash",
    .templates =
        {"whole contents of `{0}` are held to be hashed: as many bytes as the file has; "
         "a hash takes them in pieces of 64 KiB{1}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  NodeId data = NO_NODE, place = call;
  Contents contents;
  Handed handed = {0};
  if (!hashes(cx, call, &data) && !hands_on(cx, call, &data, &place, &handed)) return;
  if (!cx_require_contents(cx, call, data, &contents,
                           "what is hashed is not read here"))
    return;
  NodeId read = contents.read.node;
  Value file = contents.read.file;
  if (!cx_require(cx, call, !contents.stripped, "it is stripped as a whole")) return;
  bool small = size_is_small(file) || size_is_small(value_of(cx->m, read));
  if (!cx_require(cx, call, !small, "the file is small")) return;
  if (!cx_require(cx, call, (file.flags & (HANDLE_ASYNC | HANDLE_MEMORY)) == 0,
                  "it is in memory anyway, or read asynchronously")) {
    return;
  }
  const char *slow = slow_source(file);
  Draft draft = {.anchor = read,
                 .args = {read_excerpt(cx, &contents.read)},
                 .labels = {{.node = node_field(cx->t, place, FIELD_FUNCTION),
                             .text = STR("hashed here")}},
                 .evidence = evidence_of(cx, read, file),
                 .note_at_most = slow != NULL || handed.overridable};
  if (slow != NULL) draft.args[1] = cx_format(cx, ", but %s", slow);
  if (!node_ok(handed.use)) draft.fix = fix_in_place(cx, call, &contents);
  cx_report(cx, draft);
}

static Fix fix_in_place(RuleContext *cx, NodeId call, const Contents *contents) {
  return opens_to_close(cx, contents->read.handle)
             ? open_in_with(cx, contents->read.handle, call)
             : read_in_pieces(cx, call, contents);
}

// `digest_of(f.read())`, where a function of this file does nothing with it but hash it:
// `place` becomes the call that does.
static bool hands_on(RuleContext *cx, NodeId call, NodeId *data, NodeId *place,
                     Handed *handed) {
  const Tree *t = cx->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return false;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    bool keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId given = node_unwrap(t, keyword ? node_field(t, a, FIELD_VALUE) : a);
    if (!node_is(t, given, PY_CALL) || whole_read_of(cx->m, given).form != READ_TEXT) {
      continue;
    }
    *handed = contents_handed_on(cx->m, call, a);
    NodeId e = node_wrap(t, handed->use), hashed = NO_NODE;
    *place = node_parent(t, node_parent(t, e));
    *data = given;
    return node_ok(handed->use) && node_is(t, *place, PY_CALL) &&
           hashes(cx, *place, &hashed) && node_eq(node_unwrap(t, hashed), handed->use);
  }
  return false;
}

// `hashlib.sha256(data)`, `hashlib.new(name, data)`, `h.update(data)`.
static bool hashes(RuleContext *cx, NodeId call, NodeId *data) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, call, &method);
  if (node_ok(receiver) && str_is(method, "update") &&
      value_of(cx->m, receiver).kind == VALUE_HASH) {
    return call_argument(cx->m, call, 0, NULL, data) == ARG_PRESENT;
  }
  Str name = name_of_callee(cx->m, call);
  const ResultFact *made = knowledge_returns(cx->m->options.knowledge, name);
  if (made == NULL || made->kind != VALUE_HASH) return false;
  if (str_starts(name, STR("hmac."))) {
    return call_argument(cx->m, call, 1, "msg", data) == ARG_PRESENT;
  }
  uint32_t position = str_is(name, "hashlib.new") ? 1 : 0;
  return call_argument(cx->m, call, position, "data", data) == ARG_PRESENT;
}

static const char *doubt_of(RuleContext *cx, const Contents *contents) {
  if ((contents->read.file.flags & HANDLE_OPENED_HERE) == 0) {
    return "the file may be at another position, or give its bytes in another way";
  }
  if (context_caught(cx->m, contents->read.node).count > 0) {
    return "a handler sees a hash of the part before a reading error";
  }
  return NULL;
}

static Fix with_file_digest(RuleContext *cx, NodeId call, const Contents *contents) {
  const Tree *t = cx->t;
  NodeId function = node_field(t, call, FIELD_FUNCTION);
  Span whole = node_span(t, call), handle = node_span(t, contents->read.handle);
  if (edit_loses_comment(t, whole, handle)) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, whole,
               cx_format(cx, "hashlib.file_digest(%.*s, %.*s)",
                         STR_ARGS(node_text(t, contents->read.handle)),
                         STR_ARGS(node_text(t, function))));
  write_import(cx, &edits, "hashlib");
  return fix_of(&edits, doubt_of(cx, contents), "hash the file in pieces");
}

static Str piece_loop(RuleContext *cx, const char *chunk, Str handle, Str hash,
                      Str indent) {
  return cx_format(cx, "while %s := %.*s.read(65536):\n%.*s    %.*s.update(%s)", chunk,
                   STR_ARGS(handle), STR_ARGS(indent), STR_ARGS(hash), chunk);
}

// A loop in the place of `h.update(f.read())`, or before the statement that hashes.
static Fix with_loop(RuleContext *cx, NodeId call, const Contents *contents) {
  static const char *const chunks[] = {"chunk", "piece", "block_of_file", NULL};
  static const char *const names[] = {"digest", "file_hash", "hash_of_file", NULL};
  const Tree *t = cx->t;
  NodeId statement = node_statement(t, call);
  NodeId function = node_field(t, call, FIELD_FUNCTION);
  const char *chunk = free_name(cx, call, chunks);
  bool local = scope_get(cx->m, scope_at(cx->m, call))->kind == SCOPE_FUNCTION;
  if (chunk == NULL || !local || !statement_is_alone(t, statement) ||
      edit_loses_comment(t, node_span(t, call), node_span(t, function))) {
    return (Fix){0};
  }
  Str indent = edit_indentation(t, statement), method = STR_NONE;
  Str handle = node_text(t, contents->read.handle);
  NodeId receiver = call_receiver(cx->m, call, &method);
  EditList edits = edits_in(cx->arena);
  if (str_is(method, "update")) {
    if (!node_is(t, receiver, PY_IDENTIFIER) ||
        !node_eq(node_parent(t, call), statement)) {
      return (Fix){0};
    }
    edit_replace(&edits, node_span(t, statement),
                 piece_loop(cx, chunk, handle, node_text(t, receiver), indent));
    return fix_of(&edits, doubt_of(cx, contents), "hash the file in pieces");
  }
  const char *name = free_name(cx, call, names);
  if (name == NULL || !is_evaluated_first(t, call)) return (Fix){0};
  Str loop = piece_loop(cx, chunk, handle, str_from(name), indent);
  edit_insert(&edits, node_start(t, statement),
              cx_format(cx, "%s = %.*s()\n%.*s%.*s\n%.*s", name,
                        STR_ARGS(node_text(t, function)), STR_ARGS(indent),
                        STR_ARGS(loop), STR_ARGS(indent)));
  edit_replace(&edits, node_span(t, call), str_from(name));
  return fix_of(&edits, doubt_of(cx, contents), "hash the file in pieces");
}

static Fix read_in_pieces(RuleContext *cx, NodeId call, const Contents *contents) {
  const Tree *t = cx->t;
  Value file = contents->read.file;
  bool binary = (file.flags & (HANDLE_TEXT | HANDLE_BINARY)) == HANDLE_BINARY;
  bool named = node_is(t, contents->read.handle, PY_IDENTIFIER);
  if (!binary || !named || !value_is_file(file) || node_ok(contents->statement) ||
      contents->recoded || contents_handle_was_used(cx->m, contents) ||
      node_count_named(t, node_field(t, call, FIELD_ARGUMENTS)) != 1) {
    return (Fix){0};
  }
  Str method = STR_NONE;
  call_receiver(cx->m, call, &method);
  bool can_digest = cx_fix_runs(cx, FILE_DIGEST_SINCE) && !str_is(method, "update") &&
                    str_starts(name_of_callee(cx->m, call), STR("hashlib.")) &&
                    can_write_module(cx, call, "hashlib");
  return can_digest ? with_file_digest(cx, call, contents)
                    : with_loop(cx, call, contents);
}
