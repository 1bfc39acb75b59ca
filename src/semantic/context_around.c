// Walks outwards: what encloses a node within its function.
#include "semantic/context.h"

#include "semantic/context_internal.h"

// The nearest frame of a kind from `at` outwards, in the same function; 0 if none.
static uint32_t frame_outwards(Model *m, uint32_t at, FrameKind kind, FrameKind other) {
  const Frame *frames = contexts_get(m)->frames.items;
  for (uint32_t reach = 0; reach < CONTEXT_REACH && at != 0; reach++) {
    if (frames[at].kind == kind || frames[at].kind == other) return at;
    if (frames[at].kind == FRAME_FUNCTION) return 0;
    at = frames[at].parent;
  }
  return 0;
}

static NodeId node_outwards(Model *m, NodeId from, FrameKind kind, FrameKind other) {
  uint32_t at = frame_outwards(m, frame_at(m, from), kind, other);
  return m->contexts->frames.items[at].node;
}

NodeId with_around(Model *m, NodeId node, NodeId previous) {
  const Tree *t = m->tree;
  NodeId from = node;
  if (node_ok(previous)) {
    for (NodeId n = node_next(t, previous); node_ok(n); n = node_next(t, n)) {
      if (node_is(t, n, PY_WITH_ITEM)) return n;
    }
    from = node_ancestor(t, previous, PY_WITH_STATEMENT);
  }
  NodeId with = node_outwards(m, from, FRAME_WITH, FRAME_WITH);
  return node_child(t, node_child(t, with, PY_WITH_CLAUSE), PY_WITH_ITEM);
}

NodeId try_around(Model *m, NodeId node, NodeId previous) {
  return node_outwards(m, node_ok(previous) ? previous : node, FRAME_TRY, FRAME_TRY);
}

NodeId loop_around(Model *m, NodeId node, NodeId previous) {
  return node_outwards(m, node_ok(previous) ? previous : node, FRAME_LOOP,
                       FRAME_COMPREHENSION);
}

// --- exceptions ----------------------------------------------------------------------

enum { CAUGHT_LIMIT = 64, EXCEPTION_REACH = 16 };

typedef struct CaughtBuild {
  Model *m;
  VEC(Str) names;
  bool is_full;
} CaughtBuild;

static void caught_add(CaughtBuild *build, Str name) {
  if (build->names.count < CAUGHT_LIMIT) {
    vec_push(build->m->arena, &build->names, name);
  } else {
    // Beyond the limit anything may be caught.
    build->names.items[CAUGHT_LIMIT - 1] = STR_NONE;
    build->is_full = true;
  }
}

// The tuple behind `ERRORS` in `except ERRORS:`, or the expression itself.
static NodeId exception_tuple(Model *m, NodeId expression) {
  if (!node_is(m->tree, expression, PY_IDENTIFIER)) return expression;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, expression)));
  bool is_tuple = def->kind == DEF_ASSIGN && node_is(m->tree, def->value, PY_TUPLE);
  return is_tuple ? def->value : expression;
}

static void caught_add_expression(CaughtBuild *build, NodeId expression) {
  const Tree *t = build->m->tree;
  expression = node_unwrap(t, expression);
  if (node_is(t, expression, PY_AS_PATTERN)) {
    expression = node_unwrap(t, node_first_named(t, expression));
  }
  expression = exception_tuple(build->m, expression);
  if (!node_is(t, expression, PY_TUPLE)) {
    caught_add(build, name_of(build->m, expression));
    return;
  }
  for (NodeId e = node_first_named(t, expression); node_ok(e);
       e = node_next_named(t, e)) {
    caught_add(build, name_of(build->m, e));
  }
}

static void caught_add_try(CaughtBuild *build, NodeId statement) {
  const Tree *t = build->m->tree;
  for (NodeId c = node_first(t, statement); node_ok(c) && !build->is_full;
       c = node_next(t, c)) {
    if (!node_is(t, c, PY_EXCEPT_CLAUSE)) continue;
    NodeId what = node_first_named(t, c);
    if (node_is(t, what, PY_BLOCK)) {
      caught_add(build, STR("builtins.BaseException"));
      continue;
    }
    // `except A, B:` (PEP 758) lists several values.
    for (; node_ok(what) && !node_is(t, what, PY_BLOCK);
         what = node_next_named(t, what)) {
      caught_add_expression(build, what);
    }
  }
}

static bool has_node(const Tree *t, NodeId whole, PyKind kind) {
  for (NodeId n = whole; n.i < node_after(t, whole); n.i++) {
    if (node_is(t, n, kind)) return true;
  }
  return false;
}

// A class of this file whose `__exit__` may answer that it dealt with the exception, or
// a function of this file, `@contextmanager`, with a handler.
static bool manager_swallows(Model *m, NodeId callee) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, callee)));
  if (def->kind == DEF_FUNCTION) return has_node(t, def->value, PY_EXCEPT_CLAUSE);
  if (def->kind != DEF_CLASS) return false;
  NodeId body = node_field(t, def->value, FIELD_BODY);
  for (NodeId f = node_first_named(t, body); node_ok(f); f = node_next_named(t, f)) {
    NodeId name = node_field(t, f, FIELD_NAME);
    if (!node_text_is(t, name, "__exit__") && !node_text_is(t, name, "__aexit__")) {
      continue;
    }
    for (NodeId n = f; n.i < node_after(t, f); n.i++) {
      NodeId answer = node_first_named(t, n);
      if (node_is(t, n, PY_RETURN_STATEMENT) && node_ok(answer) &&
          !node_is(t, answer, PY_FALSE) && !node_is(t, answer, PY_NONE_LITERAL)) {
        return true;
      }
    }
  }
  return false;
}

static bool callee_swallows(Model *m, NodeId call) {
  Str name = name_of_callee(m, call), method = STR_NONE;
  if (str_is(name, "contextlib.suppress") || str_is(name, "pytest.raises")) return true;
  return node_ok(call_receiver(m, call, &method)) && str_is(method, "assertRaises");
}

static void caught_add_with(CaughtBuild *build, NodeId statement) {
  const Tree *t = build->m->tree;
  NodeId clause = node_child(t, statement, PY_WITH_CLAUSE);
  for (NodeId i = node_first_named(t, clause); node_ok(i); i = node_next_named(t, i)) {
    NodeId call = node_unwrap(t, node_field(t, i, FIELD_VALUE));
    if (node_is(t, call, PY_AS_PATTERN)) call = node_first_named(t, call);
    if (!node_is(t, call, PY_CALL)) continue;
    if (manager_swallows(build->m, node_field(t, call, FIELD_FUNCTION))) {
      caught_add(build, STR_NONE);
    }
    if (!callee_swallows(build->m, call)) continue;
    NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
    for (NodeId a = node_first_named(t, arguments); node_ok(a);
         a = node_next_named(t, a)) {
      if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) caught_add_expression(build, a);
    }
  }
}

static CaughtList caught_of_frame(Model *m, uint32_t at) {
  CaughtBuild build = {.m = m};
  const Contexts *c = m->contexts;
  for (uint32_t reach = 0; at != 0 && !build.is_full;
       reach++, at = c->frames.items[at].parent) {
    Frame frame = c->frames.items[at];
    if (reach == CONTEXT_REACH) {
      caught_add(&build, STR_NONE);
      break;
    }
    if (frame.kind == FRAME_FUNCTION) break;
    if (frame.kind == FRAME_TRY) caught_add_try(&build, frame.node);
    if (frame.kind == FRAME_WITH) caught_add_with(&build, frame.node);
  }
  return (CaughtList){build.names.items, build.names.count};
}

CaughtList context_caught(Model *m, NodeId node) {
  uint32_t at = frame_at(m, node);
  Frame *frame = &m->contexts->frames.items[at];
  if (!frame->caught_known) {
    CaughtList caught = caught_of_frame(m, at);
    frame->caught = caught;
    frame->caught_known = true;
  }
  return frame->caught;
}

// `base` is `name` or a base class of it.
static bool exception_is_a(const Knowledge *k, Str name, Str base) {
  for (uint32_t reach = 0; reach < EXCEPTION_REACH; reach++) {
    if (str_eq(name, base)) return true;
    const ExceptionFact *fact = knowledge_exceptions(k, name);
    if (fact == NULL) return false;
    name = str_from(fact->base);
  }
  return false;
}

Answer context_catches(Model *m, NodeId node, const char *exception) {
  CaughtList caught = context_caught(m, node);
  const Knowledge *k = m->options.knowledge;
  Str name = knowledge_canonical(k, m->arena, str_from(exception));
  Answer answer = ANSWER_NO;
  for (uint32_t i = 0; i < caught.count; i++) {
    if (caught.items[i].n == 0) {
      answer = ANSWER_UNKNOWN;
      continue;
    }
    if (exception_is_a(k, name, knowledge_canonical(k, m->arena, caught.items[i]))) {
      return ANSWER_YES;
    }
  }
  return answer;
}
