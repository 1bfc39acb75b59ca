/* # traceback-cycle (PML513)
 *
 * A local variable holds an exception whose traceback holds the variable's own frame.
 *
 * ## Why it costs memory
 *
 * A caught exception refers to its traceback, and that to every frame between the `raise`
 * and the handler, the handler's own included. Python deletes the name of `except … as e`
 * for this reason; a second name, or one for the traceback, closes a cycle: exception,
 * traceback, frame, name. All locals of all these frames, buffers and rows among them,
 * stay until the cyclic collector runs, which counts objects and not bytes.
 *
 * ## Example
 *
 *     def fetch(url):
 *         for _ in range(3):
 *             try:
 *                 return load(url)
 *             except OSError as e:
 *                 last = e
 *         raise last
 *
 * ## Use instead
 *
 *         try:
 *             raise last
 *         finally:
 *             del last
 *
 * or keep what is needed of it, such as `str(e)`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: where the name is needed last is a decision.
 *
 * ## Limits
 *
 * A warning where the frame holds something of size, or the function is a request handler
 * or runs in a worker loop; else a note. A future whose `result()` is asked for in a loop
 * is a note: where it failed, it holds its exception. Silent where the name is deleted or
 * bound to something else behind it, where the traceback is cleared, for `sys.exc_info()`
 * outside of an `except` clause (the frame is in no traceback), for what is stored outside
 * of the frame (stored-exception), and in tests.
 *
 * ## References
 *
 * The documentation of `sys.exc_info` and of `BaseException.with_traceback`.
 */
#include "rule.h"

typedef enum Held { HELD_NONE, HELD_EXCEPTION, HELD_TRACEBACK } Held;

static RuleNodeFn on_node;
static void on_assignment(RuleContext *cx, NodeId assignment);
static void on_call(RuleContext *cx, NodeId call);
static Held held_by_def(RuleContext *cx, const Def *def);
static bool is_let_go(RuleContext *cx, BindingId variable, NodeId store);
static void report(RuleContext *cx, NodeId anchor, NodeId name, Held held);

enum { DEFS_READ = 24, REFS_READ = 64 };

RULE(traceback_cycle) = {
    .code = "PML513",
    .name = "traceback-cycle",
    .summary = "a local holds its own frame's exception: a cycle",
    .templates =
        {"`{0}` holds {1} of its own frame: a cycle that keeps every local of `{2}` until "
         "the collector runs; `del` it in a `finally`",
         "`{0}` holds {1} of its own frame: a cycle that keeps `{3}` until the collector "
         "runs; `del` it in a `finally`",
         "`{0}` holds its exception where it failed, which holds this frame: a cycle "
         "until the collector runs; `del` it in a `finally`"},
    .warn_on = {EVIDENCE_SIZE, EVIDENCE_HOT},
    .yields_to = {"PML503"},
    .kinds = {PY_ASSIGNMENT, PY_CALL},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_CALL))
    on_call(cx, node);
  else
    on_assignment(cx, node);
}

// --- names ---------------------------------------------------------------------------

static bool is_exc_info(RuleContext *cx, NodeId node) {
  return node_is(cx->t, node, PY_CALL) &&
         name_is(cx->m, call_callee(cx->m, node), "sys.exc_info");
}

// In an except clause of this very function the frame is in the traceback.
static bool is_caught_here(RuleContext *cx, NodeId node) {
  return (context_of(cx->m, node).flags & CONTEXT_EXCEPT) != 0;
}

static bool is_caught_name(RuleContext *cx, NodeId node) {
  if (!node_is(cx->t, node, PY_IDENTIFIER)) return false;
  const Def *def = def_get(cx->m, flow_only_def(cx->m, node));
  return def->kind == DEF_EXCEPT && def->scope.i == scope_at(cx->m, node).i;
}

static Held held_by_value(RuleContext *cx, NodeId value) {
  value = node_unwrap(cx->t, value);
  switch (node_kind(cx->t, value)) {
    case PY_IDENTIFIER: return is_caught_name(cx, value) ? HELD_EXCEPTION : HELD_NONE;
    case PY_CALL: {
      bool gives = is_exc_info(cx, value) ||
                   name_is(cx->m, call_callee(cx->m, value), "sys.exception");
      return gives && is_caught_here(cx, value) ? HELD_EXCEPTION : HELD_NONE;
    }
    case PY_ATTRIBUTE: {
      NodeId object = node_unwrap(cx->t, node_field(cx->t, value, FIELD_OBJECT));
      NodeId attribute = node_field(cx->t, value, FIELD_ATTRIBUTE);
      return node_text_is(cx->t, attribute, "__traceback__") &&
                     is_caught_name(cx, object)
                 ? HELD_TRACEBACK
                 : HELD_NONE;
    }
    case PY_SUBSCRIPT: {
      int64_t index = 0;
      bool part =
          is_exc_info(cx, node_field(cx->t, value, FIELD_VALUE)) &&
          is_caught_here(cx, value) &&
          constant_int(cx->m, node_field(cx->t, value, FIELD_SUBSCRIPT), &index);
      if (!part || index == 0 || index == -3) return HELD_NONE;
      return index == 2 || index == -1 ? HELD_TRACEBACK : HELD_EXCEPTION;
    }
    default: return HELD_NONE;
  }
}

// `_, value, tb = sys.exc_info()`: the first is a class only.
static Held held_by_def(RuleContext *cx, const Def *def) {
  if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED && def->kind != DEF_WALRUS)
    return HELD_NONE;
  if (def->flags == 0) return node_ok(def->value) ? held_by_value(cx, def->value) : 0;
  if (def->flags != DEF_UNPACKED || def->index == 0) return HELD_NONE;
  NodeId value = node_unwrap(cx->t, def->value);
  if (!is_exc_info(cx, value) || !is_caught_here(cx, value)) return HELD_NONE;
  return def->index == 2 ? HELD_TRACEBACK : HELD_EXCEPTION;
}

// The local of the target that holds it and is not let go of, or NO_NODE.
static NodeId holding_name(RuleContext *cx, NodeId assignment, Held *held) {
  NodeId left = node_field(cx->t, assignment, FIELD_LEFT);
  ScopeId scope = scope_at(cx->m, assignment);
  ScopeKind kind = scope_get(cx->m, scope)->kind;
  if (kind != SCOPE_FUNCTION) return NO_NODE;
  for (uint32_t i = left.i; i < node_after(cx->t, left); i++) {
    NodeId name = {i};
    if (!node_is(cx->t, name, PY_IDENTIFIER) || !def_ok(def_at(cx->m, name))) continue;
    const Def *def = def_get(cx->m, def_at(cx->m, name));
    *held = held_by_def(cx, def);
    if (*held == HELD_NONE || binding_get(cx->m, def->binding)->scope.i != scope.i) {
      continue;
    }
    if (cx_require(cx, assignment, !is_let_go(cx, def->binding, name),
                   "the name is deleted, bound anew, or its traceback cleared")) {
      return name;
    }
  }
  return NO_NODE;
}

static void explain_other(RuleContext *cx, NodeId assignment, NodeId right);

static void on_assignment(RuleContext *cx, NodeId assignment) {
  Held held = HELD_NONE;
  NodeId right = node_unwrap(cx->t, node_field(cx->t, assignment, FIELD_RIGHT));
  switch (node_kind(cx->t, right)) {
    case PY_IDENTIFIER:
    case PY_CALL:
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT: break;
    default: return;
  }
  NodeId name = holding_name(cx, assignment, &held);
  if (node_ok(name)) report(cx, assignment, name, held);
  if (held == HELD_NONE && cx_explains(cx)) explain_other(cx, assignment, right);
}

// `last = str(e)`, `info = sys.exc_info()` in no except clause.
static void explain_other(RuleContext *cx, NodeId assignment, NodeId right) {
  for (NodeId n = right; n.i < node_after(cx->t, right); n.i++) {
    bool is_caught = is_caught_name(cx, n);
    if (!is_caught && !is_exc_info(cx, n)) continue;
    cx_require(cx, assignment, false,
               is_caught ? "the name gets no frame of this function"
                         : "no frame of this function is in that traceback");
    return;
  }
}

static void report(RuleContext *cx, NodeId anchor, NodeId name, Held held) {
  Context at = context_of(cx->m, anchor);
  if (!cx_require(cx, anchor, (at.flags & CONTEXT_TEST) == 0, "it is a test")) return;
  DefId size = frame_size(cx->m, scope_at(cx->m, anchor));
  bool served = (at.flags & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0;
  NodeId function = node_field(cx->t, at.function, FIELD_NAME);
  Draft draft = {
      .anchor = anchor,
      .template_index = def_ok(size) ? 1 : 0,
      .args = {node_text(cx->t, name),
               held == HELD_TRACEBACK ? STR("the traceback") : STR("the exception"),
               node_text(cx->t, function)},
      .evidence = (def_ok(size) ? EVIDENCE_SIZE : 0u) | (served ? EVIDENCE_HOT : 0u),
  };
  if (def_ok(size)) {
    NodeId large = def_get(cx->m, size)->node;
    draft.args[3] = node_text(cx->t, large);
    draft.labels[0] = (DraftLabel){.node = large, .text = STR("a local of the frame")};
  }
  cx_report(cx, draft);
}

// --- letting go ----------------------------------------------------------------------

// `e.__traceback__ = None`, `e.with_traceback(None)`, `traceback.clear_frames(tb)`.
static bool clears_traceback(RuleContext *cx, NodeId mention) {
  NodeId parent = node_parent(cx->t, mention);
  if (node_is(cx->t, parent, PY_ATTRIBUTE)) {
    NodeId attribute = node_field(cx->t, parent, FIELD_ATTRIBUTE);
    return node_text_is(cx->t, attribute, "with_traceback") ||
           (node_text_is(cx->t, attribute, "__traceback__") &&
            node_role(cx->t, parent) == FIELD_LEFT);
  }
  Use use = use_of(cx->m, mention);
  return use.kind == USE_CALL &&
         name_is(cx->m, call_callee(cx->m, use.call), "traceback.clear_frames");
}

static bool is_let_go(RuleContext *cx, BindingId variable, NodeId store) {
  uint32_t read = 0;
  for (DefId d = def_first(cx->m, variable); def_ok(d); d = def_next(cx->m, d)) {
    const Def *def = def_get(cx->m, d);
    if (node_eq(def->node, store)) continue;
    if (++read > DEFS_READ) return true;
    if (held_by_def(cx, def) != HELD_NONE) continue;
    if (flow_reaches(cx->m, store, def->node) != ANSWER_NO) return true;
  }
  read = 0;
  for (RefId r = ref_first(cx->m, variable); ref_ok(r); r = ref_next(cx->m, r)) {
    if (++read > REFS_READ || clears_traceback(cx, ref_get(cx->m, r)->node))
      return true;
  }
  return false;
}

// --- failed futures ------------------------------------------------------------------

static void on_call(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId future = call_receiver(cx->m, call, &method);
  if (!node_is(cx->t, future, PY_IDENTIFIER) || !str_is(method, "result")) return;
  Context at = context_of(cx->m, call);
  const Binding *binding = binding_get(cx->m, binding_of(cx->m, future));
  if (scope_get(cx->m, binding->scope)->kind != SCOPE_FUNCTION ||
      binding->scope.i != scope_at(cx->m, call).i ||
      value_of(cx->m, future).kind != VALUE_FUTURE) {
    return;
  }
  if (!cx_require(cx, call, (at.flags & CONTEXT_LOOP) != 0, "it is in no loop") ||
      !cx_require(cx, call, (at.flags & CONTEXT_TEST) == 0, "it is a test") ||
      !cx_require(cx, call, (binding->flags & BIND_DELETED) == 0,
                  "the name is deleted")) {
    return;
  }
  cx_report(cx, (Draft){.anchor = call,
                        .template_index = 2,
                        .args = {node_text(cx->t, future)},
                        .note_at_most = true});
}
