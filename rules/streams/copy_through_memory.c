/* # copy-through-memory (PML105)
 *
 * A whole file is read only to be written to another one.
 *
 * ## Why it costs memory
 *
 * The contents are held at once: as much memory as the file is large, and twice that
 * while text is decoded. Copied in pieces, 64 KiB are enough.
 *
 * ## Example
 *
 *     with open(old, "rb") as src, open(new, "wb") as dst:
 *         dst.write(src.read())
 *
 * ## Use instead
 *
 *     with open(old, "rb") as src, open(new, "wb") as dst:
 *         shutil.copyfileobj(src, dst)
 *
 * ## Fix safety
 *
 * Safe where both files were opened in the same function before the read, in the same
 * mode, under paths that are certainly different, and the number that `write` returns is
 * not used. Unsafe otherwise.
 *
 * ## Limits
 *
 * Silent where the contents are changed on the way or needed besides, and where the
 * target is a buffer in memory or not known to be a file. A note for network streams
 * and members of archives.
 *
 * ## References
 *
 * The library reference of Python, `shutil.copyfileobj`, `shutil.copyfile`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static Fix copy_in_pieces(RuleContext *cx, NodeId call, NodeId target,
                          const Contents *contents);
static Fix copy_paths(RuleContext *cx, NodeId call, NodeId target,
                      const Contents *contents);

RULE(copy_through_memory) = {
    .code = "PML105",
    .name = "copy-through-memory",
    .summary = "a whole file is read only to be written to another",
    .templates =
        {"whole contents of `{0}` are held to be written to `{1}`: as many bytes as the "
         "file has; copied in pieces, 64 KiB are enough{2}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .yields_to = {"PML107"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static bool is_plain_file(Value v) {
  return value_is_file(v) && (v.flags & (HANDLE_MEMORY | HANDLE_ASYNC)) == 0;
}

// Text goes to a text file, bytes to a binary one, as far as both are known.
static bool modes_agree(Value from, Value to) {
  uint32_t modes = HANDLE_TEXT | HANDLE_BINARY;
  uint32_t a = from.flags & modes, b = to.flags & modes;
  return a == 0 || b == 0 || a == b;
}

// Why the contents have to be in memory, or are there anyway; NULL if they need not.
static const char *refusal_of(RuleContext *cx, NodeId call, const Contents *contents,
                              NodeId target, bool by_path) {
  Value to = value_of(cx->m, target), file = contents->read.file;
  if (by_path ? to.kind != VALUE_PATH : !is_plain_file(to)) {
    return "the target is not known to be a file";
  }
  if (contents->recoded || contents->stripped) {
    return "the contents are changed on the way";
  }
  if (size_is_small(file) || size_is_small(value_of(cx->m, contents->read.node))) {
    return "the file is small";
  }
  if (contents_of_same_file(cx->m, contents->read.handle, target)) {
    return "it is the same file";
  }
  if (node_ok(contents->statement) &&
      effect_surely_disturbs_path_between(cx->m, contents->statement, call,
                                          contents->read.handle)) {
    return "the file is removed, renamed or rewritten before the copy is made";
  }
  if (file.flags & (HANDLE_ASYNC | HANDLE_MEMORY)) {
    return "it is in memory anyway, or read asynchronously";
  }
  bool agree = by_path || modes_agree(file, to);
  return agree ? NULL : "one file is text, the other is not";
}

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId target = call_receiver(cx->m, call, &method), data = NO_NODE;
  if (!node_ok(target)) return;
  bool writes = str_is(method, "write");
  bool by_path = str_is(method, "write_bytes") || str_is(method, "write_text");
  if ((!writes && !by_path) ||
      call_argument(cx->m, call, 0, "data", &data) != ARG_PRESENT) {
    return;
  }
  Contents contents;
  if (!cx_require_contents(cx, call, data, &contents, NULL)) return;
  const char *refusal = refusal_of(cx, call, &contents, target, by_path);
  if (!cx_require(cx, call, refusal == NULL, refusal)) return;
  Value file = contents.read.file;
  NodeId read = contents.read.node;
  const char *slow = slow_source(file);
  Draft draft = {.anchor = read,
                 .args = {read_excerpt(cx, &contents.read), cx_excerpt(cx, target)},
                 .labels = {{.node = node_field(cx->t, call, FIELD_FUNCTION),
                             .text = STR("written here")}},
                 .evidence = evidence_of(cx, read, file),
                 .note_at_most = slow != NULL};
  if (slow != NULL) draft.args[2] = cx_format(cx, ", but %s", slow);
  draft.fix = opens_to_close(cx, contents.read.handle)
                  ? open_in_with(cx, contents.read.handle, call)
              : writes ? copy_in_pieces(cx, call, target, &contents)
                       : copy_paths(cx, call, target, &contents);
  cx_report(cx, draft);
}

// A name that was bound to an opened file before the reading statement began.
static bool is_open_before(RuleContext *cx, NodeId handle, NodeId call) {
  Value v = value_of(cx->m, handle);
  DefId def = flow_only_def(cx->m, node_unwrap(cx->t, handle));
  return (v.flags & HANDLE_OPENED_HERE) != 0 && def_ok(def) &&
         flow_dominates(cx->m, def_get(cx->m, def)->node, call) == ANSWER_YES;
}

static const char *doubt_of(RuleContext *cx, NodeId call, NodeId target,
                            const Contents *contents) {
  Value from = contents->read.file, to = value_of(cx->m, target);
  uint32_t modes = HANDLE_TEXT | HANDLE_BINARY;
  if (!is_open_before(cx, contents->read.handle, call) ||
      !is_open_before(cx, target, call) || (from.flags & modes) == 0 ||
      (from.flags & modes) != (to.flags & modes)) {
    return "either file may be somebody else's, or be opened for other contents";
  }
  if (value_same_path(cx->m, from, to) != ANSWER_NO) {
    return "both paths may lead to one file";
  }
  if (context_caught(cx->m, call).count > 0) {
    return "a handler sees a target that was written in part";
  }
  return NULL;
}

static Fix replace_call(RuleContext *cx, NodeId call, const char *function, NodeId from,
                        NodeId to, const char *doubt) {
  const Tree *t = cx->t;
  uint32_t comments = 0;
  tree_comments_in(t, node_span(t, call), &comments);
  bool dropped = node_is(t, node_parent(t, call), PY_EXPRESSION_STATEMENT);
  if (comments > 0 || !dropped || !can_write_module(cx, call, "shutil")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, node_span(t, call),
               cx_format(cx, "shutil.%s(%.*s, %.*s)", function,
                         STR_ARGS(node_text(t, from)), STR_ARGS(node_text(t, to))));
  write_import(cx, &edits, "shutil");
  return fix_of(&edits, doubt, "copy in pieces");
}

static Fix copy_in_pieces(RuleContext *cx, NodeId call, NodeId target,
                          const Contents *contents) {
  bool named = node_is(cx->t, node_unwrap(cx->t, target), PY_IDENTIFIER) &&
               node_is(cx->t, contents->read.handle, PY_IDENTIFIER) &&
               value_is_file(contents->read.file);
  if (node_ok(contents->statement) || !named) return (Fix){0};
  return replace_call(cx, call, "copyfileobj", contents->read.handle, target,
                      doubt_of(cx, call, target, contents));
}

static Fix copy_paths(RuleContext *cx, NodeId call, NodeId target,
                      const Contents *contents) {
  Str read = STR_NONE, write = STR_NONE;
  call_receiver(cx->m, contents->read.node, &read);
  call_receiver(cx->m, call, &write);
  bool bytes = str_is(read, "read_bytes") && str_is(write, "write_bytes");
  if (node_ok(contents->statement) || !bytes) return (Fix){0};
  return replace_call(cx, call, "copyfile", contents->read.handle, target,
                      "copying a file to itself is an error");
}
