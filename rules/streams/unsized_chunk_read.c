/* # unsized-chunk-read (PML111)
 *
 * A loop that reads a file piece by piece reads all of it at the first turn, because
 * `read()` was given no size.
 *
 * ## Why it costs memory
 *
 * `read()` without a size gives everything up to the end, so that the loop runs once
 * over the whole contents. With a size it holds one piece.
 *
 * ## Example
 *
 *     while chunk := src.read():
 *         dst.write(chunk)
 *
 * ## Use instead
 *
 *     while chunk := src.read(65536):
 *         dst.write(chunk)
 *
 * ## Fix safety
 *
 * Safe where the file was opened in the same function and the pieces go to hashes and
 * files only. Unsafe otherwise: more, smaller writes are seen by whoever takes them.
 *
 * ## Limits
 *
 * Only where the pieces go solely to `update` or `write`; their length may be asked for.
 * What parses or joins the pieces may rely on getting all of them at once.
 *
 * ## References
 *
 * The library reference of Python, `io.BufferedIOBase.read`, `shutil.copyfileobj`.
 */
#include "rule.h"

static RuleNodeFn on_call;
static bool loops_over(RuleContext *cx, NodeId read, NodeId *loop, NodeId *chunk);
static bool pieces_are_written(RuleContext *cx, NodeId chunk, NodeId loop,
                               const char **doubt);
static void judge_iter(RuleContext *cx, NodeId call);
static void judge_copy(RuleContext *cx, NodeId call);

RULE(unsized_chunk_read) = {
    .code = "PML111",
    .name = "unsized-chunk-read",
    .summary = "a loop over the pieces of a file reads it whole, for want of a size",
    .templates =
        {"whole contents of `{0}` are read in the loop's first turn: `read()` without a "
         "size gives all of it; with a size, one piece is held",
         "whole contents of `{0}` are copied as one piece: a negative length means all "
         "of it; by default, one piece of 64 KiB is held"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static const char foreign_file[] =
    "the file is somebody else's, and may give its pieces in another way";
static const char foreign_writer[] = "whoever takes the pieces gets more, smaller ones";

static const char *doubt_of_file(Value file) {
  return (file.flags & HANDLE_OPENED_HERE) != 0 ? NULL : foreign_file;
}

// `f.read()`, `f.read(-1)`, `f.read(None)`.
static bool is_unsized_read(RuleContext *cx, NodeId call, NodeId *handle) {
  Str method = STR_NONE;
  NodeId size = NO_NODE;
  int64_t bytes = 0;
  *handle = call_receiver(cx->m, call, &method);
  if (!node_ok(*handle) || !str_is(method, "read")) return false;
  if (!call_has_arguments(cx->m, call)) return true;
  return call_positional_count(cx->m, call) == 1 && !call_has_stars(cx->m, call) &&
         call_argument(cx->m, call, 0, NULL, &size) == ARG_PRESENT &&
         (constant_is_none(cx->m, size) ||
          (constant_int(cx->m, size, &bytes) && bytes < 0));
}

// For `explain`: what this rule is about, done well.
static bool is_sized_read(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  return cx_explains(cx) && node_ok(call_receiver(cx->m, call, &method)) &&
         str_is(method, "read");
}

static void size_write(RuleContext *cx, EditList *edits, NodeId call) {
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS);
  edit_replace(edits, (Span){node_start(cx->t, list) + 1, node_stop(cx->t, list) - 1},
               STR("65536"));
}

static void on_call(RuleContext *cx, NodeId call) {
  Str name = name_of_callee(cx->m, call);
  if (str_is(name, "builtins.iter")) {
    judge_iter(cx, call);
    return;
  }
  if (str_is(name, "shutil.copyfileobj")) {
    judge_copy(cx, call);
    return;
  }
  NodeId loop = NO_NODE, chunk = NO_NODE, handle = NO_NODE;
  bool is_unsized = is_unsized_read(cx, call, &handle);
  if (!is_unsized && !is_sized_read(cx, call)) return;
  if (!loops_over(cx, call, &loop, &chunk)) return;
  Value file = value_of(cx->m, handle);
  if (!cx_require(cx, call, is_unsized, "the read has a size") ||
      !cx_require(cx, call, value_is_file(file), "it is not known to be a file") ||
      !cx_require(cx, call, !(file.flags & (HANDLE_MEMORY | HANDLE_ASYNC)),
                  "it is in memory anyway, or read asynchronously")) {
    return;
  }
  const char *doubt = doubt_of_file(file);
  if (!cx_require(cx, call, pieces_are_written(cx, chunk, loop, &doubt),
                  "the pieces go elsewhere than to update() or write()")) {
    return;
  }
  // Others run between two pieces, and may see how many there are.
  bool shared = (effect_of_region(cx->m, loop) & (EFFECT_AWAITS | EFFECT_YIELDS)) != 0;
  if (shared && doubt == NULL) doubt = "others run between two pieces";
  EditList edits = edits_in(cx->arena);
  size_write(cx, &edits, call);
  cx_report(cx, (Draft){.anchor = call,
                        .args = {cx_excerpt(cx, handle)},
                        .evidence = evidence_of(cx, call, file),
                        .note_at_most = shared || slow_source(file) != NULL,
                        .fix = fix_of(&edits, doubt, "read in pieces")});
}

// --- while loops ---------------------------------------------------------------------

// `if not chunk: break`, the end of a loop without a condition.
static bool ends_loop(const Tree *t, NodeId statement, Str chunk) {
  if (!node_is(t, statement, PY_IF_STATEMENT)) return false;
  NodeId condition = node_unwrap(t, node_field(t, statement, FIELD_CONDITION));
  NodeId block = node_field(t, statement, FIELD_CONSEQUENCE);
  NodeId last = node_first_named(t, block);
  if (!node_is(t, last, PY_BREAK_STATEMENT) && !node_is(t, last, PY_RETURN_STATEMENT)) {
    return false;
  }
  NodeId tested = node_is(t, condition, PY_NOT_OPERATOR)
                      ? node_field(t, condition, FIELD_ARGUMENT)
                      : node_first_named(t, condition);
  bool asks = node_is(t, condition, PY_NOT_OPERATOR) ||
              node_is(t, condition, PY_COMPARISON_OPERATOR);
  if (node_is(t, tested, PY_CALL) &&
      node_text_is(t, node_field(t, tested, FIELD_FUNCTION), "len")) {
    tested = node_first_named(t, node_field(t, tested, FIELD_ARGUMENTS));
  }
  return asks && str_eq(node_text(t, tested), chunk);
}

// `while chunk := f.read():`, or `while True: chunk = f.read()` with an end by `break`.
static bool loops_over(RuleContext *cx, NodeId read, NodeId *loop, NodeId *chunk) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, read), up = node_parent(t, e);
  if (node_is(t, up, PY_NAMED_EXPRESSION)) {
    *chunk = node_field(t, up, FIELD_NAME);
    NodeId test = node_wrap(t, up), around = node_parent(t, test);
    if (node_is(t, around, PY_COMPARISON_OPERATOR)) {
      test = node_wrap(t, around);
      around = node_parent(t, test);
    }
    *loop = around;
    return node_is(t, around, PY_WHILE_STATEMENT) &&
           node_role(t, test) == FIELD_CONDITION;
  }
  NodeId statement = node_parent(t, up), block = node_parent(t, statement);
  if (!node_is(t, up, PY_ASSIGNMENT) || node_role(t, e) != FIELD_RIGHT) return false;
  *chunk = node_field(t, up, FIELD_LEFT);
  *loop = node_parent(t, block);
  NodeId next = node_next_named(t, statement);
  return node_is(t, *chunk, PY_IDENTIFIER) && node_is(t, *loop, PY_WHILE_STATEMENT) &&
         node_is(t, block, PY_BLOCK) &&
         loop_around(cx->m, read, NO_NODE).i == loop->i &&
         ends_loop(t, next, node_text(t, *chunk));
}

// --- where the pieces go -------------------------------------------------------------

static bool use_is_harmless(RuleContext *cx, NodeId name, const char **doubt) {
  Use use = use_of(cx->m, name);
  if (use.kind == USE_TESTED) return true;
  if (use.kind != USE_CALL || use.through != 0) return false;
  Str callee = name_of_callee(cx->m, use.call), method = STR_NONE;
  if (str_is(callee, "builtins.len")) return true;
  NodeId receiver = call_receiver(cx->m, use.call, &method);
  bool takes = str_is(method, "update") || str_is(method, "write");
  if (!node_ok(receiver) || !takes || use.argument != 0) return false;
  Value v = value_of(cx->m, receiver);
  if (v.kind == VALUE_DICT || v.kind == VALUE_SET) return false;
  if (v.kind != VALUE_HASH && !value_is_file(v)) *doubt = foreign_writer;
  return true;
}

// The body counts nothing: each statement takes the piece, reads it, or ends the loop.
static bool only_takes_pieces(RuleContext *cx, NodeId loop) {
  const Tree *t = cx->t;
  NodeId body = node_field(t, loop, FIELD_BODY);
  for (NodeId s = node_first_named(t, body); node_ok(s); s = node_next_named(t, s)) {
    NodeId e = node_first_named(t, s);
    NodeId data = node_first_named(t, node_field(t, e, FIELD_ARGUMENTS));
    bool takes = node_is(t, s, PY_EXPRESSION_STATEMENT) && node_is(t, e, PY_CALL) &&
                 node_is(t, data, PY_IDENTIFIER);
    bool reads = node_is(t, s, PY_EXPRESSION_STATEMENT) &&
                 node_is(t, e, PY_ASSIGNMENT) && node_eq(s, node_first_named(t, body));
    if (!takes && !reads && !node_is(t, s, PY_IF_STATEMENT)) return false;
  }
  return true;
}

static bool pieces_are_written(RuleContext *cx, NodeId chunk, NodeId loop,
                               const char **doubt) {
  if (!only_takes_pieces(cx, loop)) *doubt = "the loop runs more often";
  BindingId name = binding_of(cx->m, chunk);
  const Binding *b = binding_get(cx->m, name);
  if (!binding_ok(name) || (b->flags & BIND_CAPTURED)) return false;
  bool written = false;
  for (RefId r = ref_first(cx->m, name); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId use = ref_get(cx->m, r)->node;
    if (!node_inside(cx->t, use, loop)) {
      if (flow_reaches(cx->m, chunk, use) == ANSWER_NO) continue;
      return false;
    }
    if (!use_is_harmless(cx, use, doubt)) return false;
    written |= use_of(cx->m, use).kind == USE_CALL;
  }
  return written;
}

// --- iter(f.read, b"") ---------------------------------------------------------------

// The handle behind `f.read`, or behind a lambda that calls it: then `read` is the call.
static NodeId read_by_function(RuleContext *cx, NodeId function, NodeId *read) {
  const Tree *t = cx->t;
  NodeId handle = NO_NODE;
  if (node_is(t, function, PY_LAMBDA)) {
    *read = node_unwrap(t, node_field(t, function, FIELD_BODY));
    return is_unsized_read(cx, *read, &handle) ? handle : NO_NODE;
  }
  bool is_method = node_is(t, function, PY_ATTRIBUTE) &&
                   node_text_is(t, node_field(t, function, FIELD_ATTRIBUTE), "read");
  return is_method ? node_field(t, function, FIELD_OBJECT) : NO_NODE;
}

static void judge_iter(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId function = NO_NODE, sentinel = NO_NODE, read = NO_NODE;
  if (call_argument(cx->m, call, 0, NULL, &function) != ARG_PRESENT ||
      call_argument(cx->m, call, 1, NULL, &sentinel) != ARG_PRESENT) {
    return;
  }
  function = node_unwrap(t, function);
  NodeId handle = read_by_function(cx, function, &read);
  Value file = value_of(cx->m, handle);
  NodeId e = node_wrap(t, call), loop = node_parent(t, e);
  bool is_walked = node_is(t, loop, PY_FOR_STATEMENT) && node_role(t, e) == FIELD_RIGHT;
  if (!cx_require(cx, call, node_ok(handle), "it calls no `read()` without a size") ||
      !cx_require(cx, call, value_is_file(file) && !(file.flags & HANDLE_MEMORY),
                  "it is not known to be a file, or in memory anyway") ||
      !cx_require(cx, call, is_walked, "the pieces are not walked through here")) {
    return;
  }
  DefId def = binding_only_def(cx->m, binding_of(cx->m, handle));
  if (node_ok(read) && def_ok(def)) file = value_of_def(cx->m, def);
  const char *doubt = doubt_of_file(file);
  NodeId chunk = node_field(t, loop, FIELD_LEFT);
  if (!node_is(t, chunk, PY_IDENTIFIER)) return;
  if (!cx_require(cx, call, pieces_are_written(cx, chunk, loop, &doubt),
                  "the pieces go elsewhere than to update() or write()")) {
    return;
  }
  EditList edits = edits_in(cx->arena);
  if (node_ok(read)) {
    size_write(cx, &edits, read);
  } else {
    edit_insert(&edits, node_start(t, function), STR("lambda: "));
    edit_insert(&edits, node_stop(t, function), STR("(65536)"));
  }
  cx_report(cx, (Draft){.anchor = node_ok(read) ? read : function,
                        .args = {cx_excerpt(cx, handle)},
                        .evidence = evidence_of(cx, call, file),
                        .note_at_most = slow_source(file) != NULL,
                        .fix = fix_of(&edits, doubt, "read in pieces")});
}

// --- shutil.copyfileobj(src, dst, -1) ------------------------------------------------

static void judge_copy(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId source = NO_NODE, length = NO_NODE;
  int64_t size = 0;
  if (call_argument(cx->m, call, 0, "fsrc", &source) != ARG_PRESENT) return;
  bool is_given = call_argument(cx->m, call, 2, "length", &length) == ARG_PRESENT &&
                  constant_int(cx->m, length, &size);
  if (!cx_require(cx, call, is_given && size < 0,
                  "no negative length is given: it copies in pieces")) {
    return;
  }
  NodeId argument = node_is(t, node_parent(t, length), PY_KEYWORD_ARGUMENT)
                        ? node_parent(t, length)
                        : length;
  NodeId before = node_prev(t, argument);
  EditList edits = edits_in(cx->arena);
  Span gone = {node_stop(t, before), node_stop(t, argument)};
  uint32_t comments = 0;
  tree_comments_in(t, gone, &comments);
  if (comments == 0 && node_ok(before)) edit_delete(&edits, gone);
  Value file = value_of(cx->m, source);
  cx_report(cx, (Draft){.anchor = call,
                        .template_index = 1,
                        .args = {cx_excerpt(cx, source)},
                        .evidence = evidence_of(cx, call, file),
                        .fix = fix_of(&edits, doubt_of_file(file), "copy in pieces")});
}
