/* # unclosed-resource (PML110)
 *
 * A file is opened and never closed, or not on every way out of the function.
 *
 * ## Why it costs memory
 *
 * An open file holds its buffer, 8 KiB and more, and one of the few descriptors that a
 * process may have. CPython frees them with the last reference, other implementations
 * some time later; what an exception's traceback or a cycle holds stays open with it.
 *
 * ## Example
 *
 *     f = open(path)
 *     if not f.readline().startswith("#"):
 *         return None
 *     rest = f.read()
 *     f.close()
 *
 * ## Use instead
 *
 *     with open(path) as f:
 *         if not f.readline().startswith("#"):
 *             return None
 *         rest = f.read()
 *
 * ## Fix safety
 *
 * A handle without a name gets a `with` around its statement, safe where the statement
 * opens the file before it does anything else. What has a name is not fixed.
 *
 * ## Limits
 *
 * Silent where the handle is returned, stored, captured or passed to code that may keep
 * it, and where a `close()` follows in a straight line: that exceptions pass it by does
 * not count. A handle without a name is a note, as CPython closes it at once, and so is
 * one in a test. What wraps another file is not the one to be closed. Temporary
 * files, which live as long as their object, and members of archives are left alone.
 *
 * ## References
 *
 * The library reference of Python, `io.IOBase.close`; the tutorial, "Predefined Clean-up
 * Actions".
 */
#include "rule.h"

static RuleNodeFn on_call;
static void judge_unnamed(RuleContext *cx, NodeId call);
static void judge_named(RuleContext *cx, NodeId call, NodeId name);
static Fix wrap_in_with(RuleContext *cx, NodeId call, Use use);

RULE(unclosed_resource) = {
    .code = "PML110",
    .name = "unclosed-resource",
    .summary = "a file is opened and not closed",
    .templates =
        {"`{0}` is never closed: its buffer and descriptor are held until the last "
         "reference goes",
         "`{0}` stays open on this way out: its buffer and descriptor are held until the "
         "last reference goes",
         "file has no name to close it by: its buffer and descriptor are held until the "
         "last reference goes"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML207", "PML208", "PML209", "PML211", "PML410", "PML519",
                  "PML521"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

// ZipFile takes a path or a file: of what is unknown only the name tells.
static bool says_path(const Tree *t, NodeId name) {
  Str text = node_text(t, name);
  return str_contains(text, STR("path")) || str_contains(text, STR("name"));
}

// `archive = zipfile.ZipFile(path)`, which holds its file open.
static void judge_archive(RuleContext *cx, NodeId call) {
  const Knowledge *k = cx->m->options.knowledge;
  Str name = name_of_callee(cx->m, call);  // methods of archives open none
  const ResultFact *made = knowledge_returns(k, name);
  NodeId path = NO_NODE, other = NO_NODE;
  if (made == NULL || made->kind != VALUE_ARCHIVE ||
      call_argument(cx->m, call, 0, NULL, &path) != ARG_PRESENT ||
      call_argument(cx->m, call, 2, "fileobj", &other) != ARG_ABSENT) {
    return;
  }
  Use use = use_of(cx->m, call);
  Value opened = value_of(cx->m, path);
  bool unknown = !value_is_known(opened) && node_is(cx->t, path, PY_IDENTIFIER) &&
                 (!str_starts(name, STR("zipfile.")) || says_path(cx->t, path));
  bool is_path = value_is_text(opened) || opened.kind == VALUE_PATH || unknown;
  if (use.kind != USE_ASSIGNED || use.through != 0) return;
  if (cx_require(cx, call, is_path, "it may be given a file, which stays open"))
    judge_named(cx, call, use.name);
}

// `f, g = open(a), open(b)`: the name in the same place.
static void judge_unpacked(RuleContext *cx, NodeId call, NodeId display) {
  const Tree *t = cx->t;
  NodeId right = node_wrap(t, display), assignment = node_parent(t, right);
  NodeId left = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  bool pairs =
      node_is(t, assignment, PY_ASSIGNMENT) && node_role(t, right) == FIELD_RIGHT &&
      (node_is(t, left, PY_PATTERN_LIST) || node_is(t, left, PY_TUPLE_PATTERN)) &&
      node_count_named(t, left) == node_count_named(t, display);
  if (!pairs) return;
  for (uint32_t i = 0; i < node_count_named(t, display); i++) {
    NodeId name = node_named_at(t, left, i);
    if (node_eq(node_named_at(t, display, i), call) &&
        node_is(t, name, PY_IDENTIFIER)) {
      judge_named(cx, call, name);
    }
  }
}

static const char given_away[] = "other code gets the file, and may close it";

static void on_call(RuleContext *cx, NodeId call) {
  if (call_open(cx->m, call) == NULL) judge_archive(cx, call);
  if (!opens_to_close(cx, call)) return;
  Use use = use_of(cx->m, call);
  if (use.through == THROUGH_WALRUS) {
    judge_named(cx, call, use.name);
    return;
  }
  if (!cx_require(cx, call, (use.through & (THROUGH_WALRUS | THROUGH_BRANCH)) == 0,
                  "a condition decides what becomes of it")) {
    return;
  }
  switch (use.kind) {
    case USE_ASSIGNED: judge_named(cx, call, use.name); break;
    case USE_ELEMENT: judge_unpacked(cx, call, use.node); break;
    case USE_METHOD:
    case USE_CALL:
    case USE_ITERATED: judge_unnamed(cx, call); break;
    case USE_ENTERED: cx_require(cx, call, false, "`with` closes it"); break;
    default: cx_require(cx, call, false, given_away); break;
  }
}

// --- without a name ------------------------------------------------------------------

static bool method_is_plain(Str method) {
  return str_is(method, "read") || str_is(method, "readlines") ||
         str_is(method, "readline") || str_is(method, "write") ||
         str_is(method, "writelines");
}

// Whatever takes the file is done with it when it returns.
static bool is_done_at_once(RuleContext *cx, Use use) {
  if (use.kind == USE_METHOD) return true;
  if (use.kind != USE_CALL) return false;
  const ActFact *act = call_act(cx->m, use.call);
  if (act != NULL && act->name.p[0] != '.') return true;  // json.dump
  const SinkFact *sink = call_sink(cx->m, use.call);
  if (sink != NULL) return (sink->flags & SINK_LAZY) == 0;
  const ResultFact *result = call_result(cx->m, use.call);
  Value v = value_of(cx->m, use.call);
  bool holds_nothing = !value_is_known(v) || value_is_scalar(v) || value_is_text(v) ||
                       value_is_container(v) || v.kind == VALUE_NDARRAY ||
                       v.kind == VALUE_DOCUMENT || v.kind == VALUE_ELEMENT;
  return result != NULL && (result->flags & RESULT_SAME) == 0 && holds_nothing;
}

// An answer of a server is closed when `read()` gave all of it. Others that take it may
// do that, too.
static bool closes_itself(RuleContext *cx, NodeId call, Use use) {
  const OpenFact *open = call_open(cx->m, call);
  Str method = STR_NONE;
  if (open == NULL || (open->flags & OPEN_ENDS) == 0) return false;
  return use.kind == USE_CALL ||
         (use.kind == USE_METHOD && node_ok(call_receiver(cx->m, use.call, &method)) &&
          str_is(method, "read") && !call_has_arguments(cx->m, use.call));
}

static void judge_unnamed(RuleContext *cx, NodeId call) {
  Use use = use_of(cx->m, call);
  Str method = STR_NONE;
  if (use.kind == USE_METHOD) {
    call_receiver(cx->m, use.call, &method);
    if (!cx_require(cx, call, method_is_plain(method), "the method may close it"))
      return;
  } else if (!cx_require(cx, call, use.kind != USE_CALL || is_done_at_once(cx, use),
                         given_away)) {
    return;
  }
  if (!cx_require(cx, call, !closes_itself(cx, call, use),
                  "it closes itself at its end")) {
    return;
  }
  if (!cx_require(cx, call, escape_of_expression(cx->m, call) == 0,
                  "the file is kept elsewhere, which may close it")) {
    return;
  }
  cx_report(cx, (Draft){.anchor = call,
                        .template_index = 2,
                        .evidence = evidence_of(cx, call, (Value){0}),
                        .note_at_most = true,
                        .fix = wrap_in_with(cx, call, use)});
}

static Fix wrap_in_with(RuleContext *cx, NodeId call, Use use) {
  return is_done_at_once(cx, use) ? open_in_with(cx, call, use.call) : (Fix){0};
}

// --- with a name ---------------------------------------------------------------------

enum { CLOSES_MAX = 16 };
typedef struct Closing {
  NodeId items[CLOSES_MAX];  // what closes: the calls of close(), the `with` statements
  uint32_t count;
  bool overflow;
} Closing;

static bool is_close_call(RuleContext *cx, NodeId name, NodeId *call) {
  Use use = use_of(cx->m, name);
  Str method = STR_NONE;
  *call = use.call;
  if (use.kind == USE_ENTERED) {
    *call = name;
    return true;
  }
  return use.kind == USE_METHOD && node_ok(call_receiver(cx->m, use.call, &method)) &&
         (str_is(method, "close") || str_is(method, "detach"));
}

// Another name, `stack.callback(f.close)`, or somebody who takes it: they may close it.
static bool is_given_away(RuleContext *cx, NodeId name) {
  Use use = use_of(cx->m, name);
  if (use.kind == USE_ASSIGNED) return true;
  if (use.kind == USE_ATTRIBUTE) {
    NodeId attribute = node_parent(cx->t, name);
    NodeId member = node_field(cx->t, attribute, FIELD_ATTRIBUTE);
    bool plain = node_text_is(cx->t, member, "name") ||
                 node_text_is(cx->t, member, "mode") ||
                 node_text_is(cx->t, member, "closed");
    return !plain && use_of(cx->m, attribute).kind != USE_DROPPED;
  }
  if (use.kind != USE_CALL) return false;
  const SinkFact *sink = call_sink(cx->m, use.call);
  if (sink != NULL && (sink->flags & SINK_LAZY)) return false;  // csv.reader
  return !is_done_at_once(cx, use);
}

static void closings_gather(RuleContext *cx, NodeId opening, DefId def, Closing *out) {
  RefList uses = flow_uses_of(cx->m, def);
  out->overflow = uses.unknown || uses.escapes_scope;
  const Binding *b = binding_get(cx->m, def_get(cx->m, def)->binding);
  if (b->flags & BIND_DELETED) out->overflow = true;
  for (uint32_t i = 0; i < uses.count && !out->overflow; i++) {
    NodeId use = ref_get(cx->m, uses.items[i])->node, call = NO_NODE;
    if (is_given_away(cx, use)) out->overflow = true;
    bool ends = closes_itself(cx, opening, use_of(cx->m, use));
    if (!is_close_call(cx, use, &call) && !ends) continue;
    if (out->count == CLOSES_MAX) out->overflow = true;
    if (!out->overflow) out->items[out->count++] = call;
  }
}

// A close() in the very block of the assignment, on which every straight way ends.
static NodeId straight_close(RuleContext *cx, NodeId statement,
                             const Closing *closing) {
  NodeId block = node_parent(cx->t, statement);
  for (uint32_t i = 0; i < closing->count; i++) {
    NodeId user = node_statement(cx->t, closing->items[i]);
    if (node_eq(node_parent(cx->t, user), block)) return user;
  }
  return NO_NODE;
}

// A handler may catch the exception, or a `finally` close the file.
static bool is_caught_or_cleaned(RuleContext *cx, NodeId raise, NodeId call) {
  const Tree *t = cx->t;
  for (NodeId at = node_ancestor(t, raise, PY_TRY_STATEMENT); at.i > call.i;
       at = node_ancestor(t, at, PY_TRY_STATEMENT)) {
    bool in_body = node_inside(t, raise, node_field(t, at, FIELD_BODY));
    if (in_body || node_ok(node_child(t, at, PY_FINALLY_CLAUSE))) return true;
  }
  return false;
}

// `if f is None: return`: a way on which there may be no file.
static bool is_asked_for(RuleContext *cx, NodeId exit, NodeId call) {
  const Tree *t = cx->t;
  Str name = node_text(t, use_of(cx->m, call).name);
  for (NodeId at = node_ancestor(t, exit, PY_IF_STATEMENT); at.i > call.i;
       at = node_ancestor(t, at, PY_IF_STATEMENT)) {
    NodeId condition = node_unwrap(t, node_field(t, at, FIELD_CONDITION));
    NodeId asked = node_is(t, condition, PY_COMPARISON_OPERATOR)
                       ? node_first_named(t, condition)
                       : node_field(t, condition, FIELD_ARGUMENT);
    if (node_ok(asked) && str_eq(node_text(t, asked), name)) return true;
  }
  return false;
}

// A `return` or `raise` between the two that is reached without a close().
static NodeId early_exit(RuleContext *cx, NodeId call, NodeId close,
                         const Closing *closing) {
  const Tree *t = cx->t;
  for (NodeId n = {node_after(t, node_statement(t, call))}; n.i < close.i; n.i++) {
    bool raises = node_is(t, n, PY_RAISE_STATEMENT);
    if (!raises && !node_is(t, n, PY_RETURN_STATEMENT)) continue;
    if (scope_at(cx->m, n).i != scope_at(cx->m, call).i) continue;
    if (is_asked_for(cx, n, call)) continue;
    if (raises && is_caught_or_cleaned(cx, n, call)) continue;
    bool closed = flow_reaches_avoiding(cx->m, call, n, closing->items,
                                        closing->count) != ANSWER_YES;
    for (uint32_t i = 0; i < closing->count && !raises && !closed; i++) {
      closed = flow_always_passes(cx->m, n, closing->items[i], true) != ANSWER_NO;
    }
    if (!closed) return n;
  }
  return NO_NODE;
}

static void judge_named(RuleContext *cx, NodeId call, NodeId name) {
  DefId def = def_at(cx->m, name);
  Context at = context_of(cx->m, call);
  if (!def_ok(def) || !node_ok(at.function) || (at.flags & CONTEXT_IMPORT_TIME)) return;
  if (!cx_require(cx, call, escape_of(cx->m, def) == 0,
                  "the file is kept elsewhere, which may close it")) {
    return;
  }
  Closing closing = {0};
  closings_gather(cx, call, def, &closing);
  if (!cx_require(cx, call, !closing.overflow, "not all uses of the file are known")) {
    return;
  }
  Draft draft = {.anchor = call,
                 .args = {node_text(cx->t, name)},
                 .evidence = evidence_of(cx, call, (Value){0}),
                 .note_at_most = (at.flags & CONTEXT_TEST) != 0};
  if (closing.count > 0) {
    NodeId close = straight_close(cx, node_statement(cx->t, call), &closing);
    NodeId exit = node_ok(close) ? early_exit(cx, call, close, &closing) : NO_NODE;
    if (!cx_require(cx, call, node_ok(exit), "it is closed")) return;
    draft.template_index = 1;
    draft.labels[0] = (DraftLabel){.node = exit, .text = STR("left open here")};
    draft.labels[1] = (DraftLabel){.node = close, .text = STR("closed here")};
  }
  cx_report(cx, draft);
}
