// Ways out of statements: jumps, and the cleanups that leaving runs.
#include "semantic/flow_builder.h"

uint32_t context_new(FlowBuilder *b, ContextKind kind, NodeId node) {
  uint32_t id = b->contexts.count;
  FlowContext context = {
      .kind = kind,
      .outer = b->context,
      .cleanup = kind == CONTEXT_LOOP ? b->contexts.items[b->context].cleanup : id,
      .raise_to = b->raise_to,
      .node = node,
  };
  if (kind != CONTEXT_LOOP) {
    for (uint32_t way = 0; way < WAY_COUNT; way++) context.in[way] = block_new(b);
  }
  vec_push(b->arena, &b->contexts, context);
  return id;
}

void builder_jump(FlowBuilder *b, Jump jump) {
  uint32_t at = b->context;
  if (jump == JUMP_RETURN) at = b->contexts.items[at].cleanup;
  FlowContext *context = &b->contexts.items[at];
  if (at == 0) {  // a `break` outside any loop ends the scope, for want of better
    builder_goto(b, BLOCK_EXIT);
  } else if (context->kind == CONTEXT_LOOP) {
    builder_goto(b, jump == JUMP_BREAK ? context->break_to : context->continue_to);
  } else {
    if (b->f->blocks.items[b->current].is_live) {
      context->jumps |= (uint8_t)(1u << jump);
    }
    builder_goto(b, context->in[WAY_JUMPED]);
  }
}

// --- cleanups ------------------------------------------------------------------------

void cleanup_plan(FlowBuilder *b, uint32_t context) {
  work_block(b, OP_LEAVE, context);
  work_block(b, OP_RAISE_TO, b->contexts.items[context].raise_to);
  if (b->contexts.items[context].kind == CONTEXT_FINALLY && b->in_copy) {
    work_block(b, OP_SHARED, context);
  } else {
    for (uint32_t way = 0; way < WAY_COUNT; way++) {
      work_add(b, OP_CLEANUP, NO_NODE, context, way);
    }
  }
  work_block(b, OP_LABEL, b->contexts.items[context].after);
}

static void cleanup_body(FlowBuilder *b, const FlowContext *context) {
  switch (context->kind) {
    case CONTEXT_FINALLY:
      work_visit(b, node_child(b->t, context->node, PY_BLOCK));
      break;
    case CONTEXT_WITH:
      work_add(b, OP_STEP, context->node, FLOW_RAISES, STEP_EXIT);
      break;
    case CONTEXT_NAME:
      step_unbind(b, STEP_UNBIND, context->node, binding_of(b->m, context->node));
      break;
    case CONTEXT_LOOP: break;
  }
}

void cleanup_visit(FlowBuilder *b, Work w) {
  const FlowContext *context = &b->contexts.items[w.a];
  const Block *blocks = b->f->blocks.items;
  bool is_live = blocks[context->in[w.b]].is_live;
  bool any_live = false;
  for (uint32_t way = 0; way < WAY_COUNT; way++) {
    any_live |= blocks[context->in[way]].is_live;
  }
  // A dead `finally` is laid out once, so that its nodes are known to be dead.
  if (!is_live && (any_live || w.b != WAY_NORMAL)) return;
  block_begin(b, context->in[w.b]);
  work_add(b, OP_COPIES, NO_NODE, 1, 0);
  cleanup_body(b, context);
  work_add(b, OP_COPIES, NO_NODE, b->in_copy, 0);
  work_add(b, OP_ONWARD, NO_NODE, w.a, w.b);
}

// Where control goes from the current block, which ends a cleanup entered this way and,
// where it is shared, maybe others. The context is the outer one by now.
void cleanup_end(FlowBuilder *b, uint32_t id, Way way) {
  const FlowContext *context = &b->contexts.items[id];
  uint32_t from = b->current;
  if (way == WAY_NORMAL) builder_goto(b, context->after);
  if (way == WAY_RAISED) {
    if (context->swallows) edge_add(b, from, context->after, EDGE_NORMAL);
    builder_unwind(b, context->raise_to);
  }
  if (way == WAY_JUMPED) {
    for (Jump jump = JUMP_RETURN; jump <= JUMP_CONTINUE; jump++) {
      b->current = from;
      if ((context->jumps >> jump & 1) != 0) builder_jump(b, jump);
    }
  }
  b->current = from;
}

void cleanup_share(FlowBuilder *b, uint32_t id) {
  const FlowContext *context = &b->contexts.items[id];
  uint32_t shared = block_new(b);
  for (uint32_t way = 0; way < WAY_COUNT; way++) {
    edge_add(b, context->in[way], shared, EDGE_NORMAL);
  }
  block_begin(b, shared);
  cleanup_body(b, context);
  for (uint32_t way = 0; way < WAY_COUNT; way++) {
    if (!b->f->blocks.items[context->in[way]].is_live) continue;
    work_add(b, OP_ONWARD, NO_NODE, id, way);
  }
}
