#include "semantic/endless.h"

#include "semantic/value.h"

bool call_exits(Model *m, NodeId call) {
  static const char *const names[] = {"builtins.exit", "builtins.quit", "os._exit",
                                      "os.abort",      "os.execv",      "os.execvp",
                                      "sys.exit"};
  Str name = name_of_callee(m, call);
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

// A bare `raise` in a handler hands an error on; every other one is a decision.
static bool raise_decides(Model *m, NodeId raise) {
  return node_ok(node_first_named(m->tree, raise)) ||
         (context_of(m, raise).flags & CONTEXT_EXCEPT) == 0;
}

static bool node_leaves(Model *m, NodeId node, NodeId loop) {
  switch (node_kind(m->tree, node)) {
    case PY_RETURN_STATEMENT: return true;
    case PY_BREAK_STATEMENT: return node_eq(loop_around(m, node, NO_NODE), loop);
    case PY_RAISE_STATEMENT: return raise_decides(m, node);
    case PY_CALL: return call_exits(m, node);
    default: return false;
  }
}

static bool body_leaves(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  NodeId body = node_field(t, loop, FIELD_BODY);
  for (uint32_t i = body.i; i < node_after(t, body);) {
    NodeId node = {i};
    bool is_inner = node_is(t, node, PY_FUNCTION_DEFINITION) ||
                    node_is(t, node, PY_LAMBDA) ||
                    node_is(t, node, PY_CLASS_DEFINITION);
    if (!is_inner && node_leaves(m, node, loop)) return true;
    i = is_inner ? node_after(t, node) : i + 1;
  }
  return false;
}

// `iter(queue.get, None)` ends where a producer says so.
static bool has_sentinel(Model *m, NodeId source) {
  return node_is(m->tree, source, PY_CALL) &&
         str_is(name_of_callee(m, source), "builtins.iter") &&
         call_positional_count(m, source) > 1;
}

static Ending source_ending(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  NodeId source = node_unwrap(t, node_field(t, loop, FIELD_RIGHT));
  if (has_sentinel(m, source)) return LOOP_ENDS;
  Value v = value_of(m, source);
  if (loop_is_worker(m, loop) || (v.flags & VALUE_ENDLESS) != 0 ||
      v.kind == VALUE_QUEUE) {
    return LOOP_RUNS_ON;
  }
  bool is_async = node_ok(node_child(t, loop, PY_KW_ASYNC));
  bool ends = !is_async || value_is_file(v) || value_is_container(v) ||
              v.why == WHY_NETWORK || v.why == WHY_DATABASE || v.kind == VALUE_CURSOR ||
              v.kind == VALUE_QUERYSET;
  return ends ? LOOP_ENDS : LOOP_MAY_END;
}

static bool is_always_true(Model *m, NodeId condition) {
  int64_t number = 0;
  bool truth = false;
  return (constant_bool(m, condition, &truth) && truth) ||
         (constant_int(m, condition, &number) && number != 0);
}

// What is caught around the loop is its end, unless it ends the program or the task, or
// is whatever may go wrong: `except StopIteration`, `except EOFError`.
static bool is_ended_by_error(Model *m, NodeId loop) {
  static const char *const others[] = {
      "KeyboardInterrupt", "SystemExit",    "CancelledError", "GeneratorExit",
      "Exception",         "BaseException", "TrioInterrupt",  "Cancelled"};
  CaughtList caught = context_caught(m, loop);
  for (uint32_t i = 0; i < caught.count; i++) {
    Str name = name_last_part(caught.items[i]);
    bool is_end = true;
    for (uint32_t k = 0; k < sizeof others / sizeof others[0]; k++) {
      if (str_is(name, others[k])) is_end = false;
    }
    if (is_end) return true;
  }
  return false;
}

Ending loop_ending(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  Ending ending = LOOP_ENDS;
  if (node_is(t, loop, PY_WHILE_STATEMENT)) {
    NodeId condition = node_unwrap(t, node_field(t, loop, FIELD_CONDITION));
    if (is_always_true(m, condition)) ending = LOOP_RUNS_ON;
  } else if (node_is(t, loop, PY_FOR_STATEMENT)) {
    ending = source_ending(m, loop);
  }
  bool ends =
      ending != LOOP_ENDS && (body_leaves(m, loop) || is_ended_by_error(m, loop));
  return ends ? LOOP_ENDS : ending;
}
