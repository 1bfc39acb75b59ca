#include "semantic/context.h"

#include "semantic/context_internal.h"

static uint32_t frame_push(Model *m, FrameKind kind, NodeId node, uint32_t parent,
                           uint32_t flags) {
  Contexts *c = m->contexts;
  Frame frame = {.kind = kind, .parent = parent, .node = node};
  frame.context = c->frames.items[parent].context;
  frame.context.flags |= flags;
  frame.loop_frame = c->frames.items[parent].loop_frame;
  vec_push(m->arena, &c->frames, frame);
  return c->frames.count - 1;
}

static uint32_t frame_push_loop(Model *m, FrameKind kind, NodeId node,
                                uint32_t parent) {
  uint32_t flag = kind == FRAME_LOOP ? CONTEXT_LOOP : CONTEXT_COMPREHENSION;
  uint32_t at = frame_push(m, kind, node, parent, flag);
  Frame *frame = &m->contexts->frames.items[at];
  frame->context.loop_depth += 1;
  frame->context.loop = node;
  if (kind == FRAME_LOOP) frame->loop_frame = at;
  return at;
}

// What stays of the outer flags in a function's body: where the def stands says
// nothing about loops, guards and import time when it is called.
static const uint32_t KEPT_IN_FUNCTION = CONTEXT_HANDLER | CONTEXT_TEST;

static uint32_t frame_push_function(Model *m, NodeId node, uint32_t parent) {
  Context outside = m->contexts->frames.items[parent].context;
  uint32_t flags = function_flags(m, node, outside);
  uint32_t at = frame_push(m, FRAME_FUNCTION, node, parent, 0);
  Frame *frame = &m->contexts->frames.items[at];
  frame->context.flags = (outside.flags & KEPT_IN_FUNCTION) | flags;
  frame->context.loop_depth = 0;
  frame->context.loop = NO_NODE;
  frame->context.function = node;
  frame->loop_frame = 0;
  return at;
}

static uint32_t frame_push_class(Model *m, NodeId node, uint32_t parent) {
  uint32_t at = frame_push(m, FRAME_CLASS, node, parent, class_flags(m, node));
  m->contexts->frames.items[at].context.owner = node;
  return at;
}

static bool test_compares_main(const Tree *t, NodeId test) {
  test = node_unwrap(t, test);
  if (!node_is(t, test, PY_COMPARISON_OPERATOR)) return false;
  bool has_name = false, has_main = false;
  for (NodeId c = node_first_named(t, test); node_ok(c); c = node_next_named(t, c)) {
    if (node_text_is(t, c, "__name__")) has_name = true;
    NodeId content = node_child(t, c, PY_STRING_CONTENT);
    if (node_text_is(t, content, "__main__")) has_main = true;
  }
  return has_name && has_main && node_ok(node_child(t, test, PY_OP_EQ));
}

static uint32_t if_flags(const Tree *t, NodeId statement) {
  NodeId test = node_unwrap(t, node_field(t, statement, FIELD_CONDITION));
  if (test_compares_main(t, test)) return CONTEXT_MAIN_GUARD;
  NodeId name =
      node_is(t, test, PY_ATTRIBUTE) ? node_field(t, test, FIELD_ATTRIBUTE) : test;
  if (node_text_is(t, name, "TYPE_CHECKING")) return CONTEXT_TYPE_CHECKING;
  return CONTEXT_BRANCH;
}

static bool is_first_clause(const Tree *t, NodeId comprehension, NodeId clause) {
  return node_eq(node_child(t, comprehension, PY_FOR_IN_CLAUSE), clause);
}

// The frame of a child of a compound node; `frame` is the parent's own.
static uint32_t frame_of_child(Model *m, NodeId parent, NodeId child, uint32_t frame) {
  const Tree *t = m->tree;
  PyField role = node_role(t, child);
  switch (node_kind(t, parent)) {
    case PY_FUNCTION_DEFINITION:
    case PY_LAMBDA:
      return role == FIELD_BODY ? frame_push_function(m, parent, frame) : frame;
    case PY_CLASS_DEFINITION:
      return role == FIELD_BODY ? frame_push_class(m, parent, frame) : frame;
    case PY_FOR_STATEMENT:
      return role == FIELD_BODY ? frame_push_loop(m, FRAME_LOOP, parent, frame) : frame;
    case PY_WHILE_STATEMENT:
      return role == FIELD_BODY || role == FIELD_CONDITION
                 ? frame_push_loop(m, FRAME_LOOP, parent, frame)
                 : frame;
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
      if (!node_is_named(t, child)) return frame;
      return is_first_clause(t, parent, child)
                 ? frame
                 : frame_push_loop(m, FRAME_COMPREHENSION, parent, frame);
    case PY_TRY_STATEMENT:
      if (role == FIELD_BODY) {
        return frame_push(m, FRAME_TRY, parent, frame, CONTEXT_TRY);
      }
      if (node_is(t, child, PY_EXCEPT_CLAUSE)) {
        return frame_push(m, FRAME_OTHER, parent, frame,
                          CONTEXT_EXCEPT | CONTEXT_BRANCH);
      }
      return node_is(t, child, PY_FINALLY_CLAUSE)
                 ? frame_push(m, FRAME_OTHER, parent, frame, CONTEXT_FINALLY)
                 : frame;
    case PY_WITH_STATEMENT:
      return role == FIELD_BODY ? frame_push(m, FRAME_WITH, parent, frame, CONTEXT_WITH)
                                : frame;
    case PY_IF_STATEMENT:
      if (role == FIELD_CONSEQUENCE) {
        return frame_push(m, FRAME_OTHER, parent, frame, if_flags(t, parent));
      }
      return role == FIELD_ALTERNATIVE
                 ? frame_push(m, FRAME_OTHER, parent, frame, CONTEXT_BRANCH)
                 : frame;
    default: return frame;
  }
}

static uint32_t frame_of_node(Model *m, NodeId node, uint32_t frame) {
  switch (node_kind(m->tree, node)) {
    case PY_CASE_CLAUSE: return frame_push(m, FRAME_OTHER, node, frame, CONTEXT_BRANCH);
    case PY_TYPE: {
      bool inside = m->contexts->frames.items[frame].context.flags & CONTEXT_ANNOTATION;
      return inside ? frame
                    : frame_push(m, FRAME_OTHER, node, frame, CONTEXT_ANNOTATION);
    }
    default: return frame;
  }
}

static void loop_exits_note(Model *m, NodeId node, uint32_t at) {
  Frame *frames = m->contexts->frames.items;
  Frame *loop = &frames[frames[at].loop_frame];
  PyKind kind = node_kind(m->tree, node);
  if (kind == PY_BREAK_STATEMENT) loop->exits = true;
  if (kind == PY_RETURN_STATEMENT) loop->exits = loop->returns = true;
}

// A return leaves every loop around it; children stand behind their parents.
static void loop_returns_spread(Contexts *c) {
  for (uint32_t i = c->frames.count; i-- > 1;) {
    Frame *frame = &c->frames.items[i];
    if (frame->kind != FRAME_LOOP || !frame->returns) continue;
    Frame *outer = &c->frames.items[c->frames.items[frame->parent].loop_frame];
    outer->exits = outer->returns = true;
  }
}

static bool loop_never_ends(const Tree *t, const Frame *frame) {
  if (!node_is(t, frame->node, PY_WHILE_STATEMENT) || frame->exits) return false;
  NodeId test = node_unwrap(t, node_field(t, frame->node, FIELD_CONDITION));
  return node_is(t, test, PY_TRUE) || node_text_is(t, test, "1");
}

static void worker_flags_spread(Model *m) {
  Contexts *c = m->contexts;
  for (uint32_t i = 1; i < c->frames.count; i++) {
    Frame *frame = &c->frames.items[i];
    if (frame->kind == FRAME_FUNCTION) continue;
    uint32_t flag = c->frames.items[frame->parent].context.flags & CONTEXT_WORKER;
    if (frame->kind == FRAME_LOOP &&
        (loop_never_ends(m->tree, frame) || loop_source_is_worker(m, frame->node))) {
      flag = CONTEXT_WORKER;
    }
    frame->context.flags |= flag;
  }
}

// What a node of a kind has to do with frames; most nodes have nothing.
enum { FRAMES_CHILDREN = 1, FRAMES_ITSELF = 2, FRAMES_LEAVES = 4 };

static const uint8_t frame_marks[PY_KIND_COUNT] = {
    [PY_FUNCTION_DEFINITION] = FRAMES_CHILDREN,
    [PY_LAMBDA] = FRAMES_CHILDREN,
    [PY_CLASS_DEFINITION] = FRAMES_CHILDREN,
    [PY_FOR_STATEMENT] = FRAMES_CHILDREN,
    [PY_WHILE_STATEMENT] = FRAMES_CHILDREN,
    [PY_LIST_COMPREHENSION] = FRAMES_CHILDREN,
    [PY_SET_COMPREHENSION] = FRAMES_CHILDREN,
    [PY_DICTIONARY_COMPREHENSION] = FRAMES_CHILDREN,
    [PY_GENERATOR_EXPRESSION] = FRAMES_CHILDREN,
    [PY_TRY_STATEMENT] = FRAMES_CHILDREN,
    [PY_WITH_STATEMENT] = FRAMES_CHILDREN,
    [PY_IF_STATEMENT] = FRAMES_CHILDREN,
    [PY_CASE_CLAUSE] = FRAMES_ITSELF,
    [PY_TYPE] = FRAMES_ITSELF,
    [PY_BREAK_STATEMENT] = FRAMES_LEAVES,
    [PY_RETURN_STATEMENT] = FRAMES_LEAVES,
};

static void contexts_build(Model *m) {
  const Tree *t = m->tree;
  m->contexts = arena_new(m->arena, Contexts);
  m->contexts->frame_of =
      arena_alloc_raw(m->arena, arena_bytes(sizeof(uint32_t), (size_t)t->count + 2));
  uint32_t flags = CONTEXT_IMPORT_TIME | (m->options.is_test ? CONTEXT_TEST : 0);
  Frame module = {.kind = FRAME_MODULE, .context = {.flags = flags}};
  vec_push(m->arena, &m->contexts->frames, module);
  uint32_t *frame_of = m->contexts->frame_of;
  frame_of[0] = frame_of[1] = 0;
  const Node *nodes = t->nodes;
  for (uint32_t i = 2, count = t->count; i < count; i++) {
    uint32_t parent = nodes[i].parent, frame = frame_of[parent];
    uint8_t around = frame_marks[nodes[parent].kind], own = frame_marks[nodes[i].kind];
    if ((around & FRAMES_CHILDREN) != 0) {
      frame = frame_of_child(m, (NodeId){parent}, (NodeId){i}, frame);
    }
    if ((own & FRAMES_ITSELF) != 0) frame = frame_of_node(m, (NodeId){i}, frame);
    if ((own & FRAMES_LEAVES) != 0) loop_exits_note(m, (NodeId){i}, frame);
    frame_of[i] = frame;
  }
  loop_returns_spread(m->contexts);
  worker_flags_spread(m);
}

Contexts *contexts_get(Model *m) {
  if (m->contexts == NULL) contexts_build(m);
  return m->contexts;
}

Context context_of(Model *m, NodeId node) {
  uint32_t frame = frame_at(m, node);
  return m->contexts->frames.items[frame].context;
}

static const Frame *frame_of_loop(Model *m, NodeId loop) {
  NodeId body = node_field(m->tree, loop, FIELD_BODY);
  return &contexts_get(m)->frames.items[m->contexts->frame_of[body.i]];
}

bool loop_is_endless(Model *m, NodeId loop) {
  return node_is(m->tree, loop, PY_WHILE_STATEMENT) &&
         loop_never_ends(m->tree, frame_of_loop(m, loop));
}

bool loop_is_worker(Model *m, NodeId loop) {
  return loop_is_endless(m, loop) || loop_source_is_worker(m, loop);
}

bool context_file_is_script(Model *m) {
  const Tree *t = m->tree;
  NodeId top = (NodeId){1};
  for (NodeId c = node_first_named(t, top); node_ok(c); c = node_next_named(t, c)) {
    NodeId body = node_field(t, c, FIELD_CONSEQUENCE);
    if (!node_is(t, c, PY_IF_STATEMENT) || !node_ok(body)) continue;
    if (context_of(m, node_first_named(t, body)).flags & CONTEXT_MAIN_GUARD)
      return true;
  }
  return false;
}
