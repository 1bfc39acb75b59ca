// Blocks, edges, steps and the ways out of nested statements.
#include "semantic/flow_builder.h"

uint32_t block_new(FlowBuilder *b) {
  vec_push(b->arena, &b->f->blocks, (Block){0});
  return b->f->blocks.count - 1;
}

void block_begin(FlowBuilder *b, uint32_t block) { b->current = block; }

void edge_add(FlowBuilder *b, uint32_t from, uint32_t to, EdgeKind kind) {
  Block *blocks = b->f->blocks.items;
  if (!blocks[from].is_live) return;
  blocks[to].is_live = true;
  vec_push(b->arena, &b->f->edges, (Edge){from, to, kind});
}

void builder_goto(FlowBuilder *b, uint32_t to) {
  edge_add(b, b->current, to, EDGE_NORMAL);
  b->current = 0;
}

void builder_branch(FlowBuilder *b, uint32_t when_true, uint32_t when_false) {
  edge_add(b, b->current, when_true, EDGE_TRUE);
  edge_add(b, b->current, when_false, EDGE_FALSE);
  b->current = 0;
}

void builder_unwind(FlowBuilder *b, uint32_t to) {
  edge_add(b, b->current, to, EDGE_UNWIND);
  b->current = 0;
}

// --- steps ---------------------------------------------------------------------------

// Makes the current block fit for a step that raises: see flow_internal.h.
static void block_prepare_raise(FlowBuilder *b) {
  Block *block = &b->f->blocks.items[b->current];
  bool leads_elsewhere = block->raise_to != 0 && block->raise_to != b->raise_to;
  bool has_effects = block->effect_stop != block->first_effect;
  if (leads_elsewhere || (has_effects && b->raise_to != BLOCK_RAISED)) {
    uint32_t next = block_new(b);
    builder_goto(b, next);
    block_begin(b, next);
    block = &b->f->blocks.items[next];
  }
  if (block->raise_to == 0) {
    block->raise_to = b->raise_to;
    edge_add(b, b->current, b->raise_to, EDGE_RAISE);
    block = &b->f->blocks.items[b->current];
  }
  block->last_raise = b->f->steps.count;
}

uint32_t step_add(FlowBuilder *b, StepKind kind, NodeId node, FlowRaise raises) {
  if (b->current == 0) b->current = block_new(b);
  if (raises != FLOW_QUIET) block_prepare_raise(b);
  uint32_t step = b->f->steps.count;
  vec_push(b->arena, &b->f->steps,
           (Step){node, 0, b->current, (uint8_t)kind, (uint8_t)raises});
  Block *block = &b->f->blocks.items[b->current];
  if (block->step_stop == 0) block->first_step = step;
  block->step_stop = step + 1;
  return step;
}

void step_map(FlowBuilder *b, NodeId node, uint32_t step) {
  uint32_t *known = &b->flows->step_of[node.i];
  if (*known == 0) {
    *known = step;
    return;
  }
  Flow *f = b->f;
  if (f->copies_of.arena == NULL) f->copies_of = map_in(b->arena);
  uint32_t next = map_get(&f->copies_of, node.i);
  vec_push(b->arena, &f->copies, (StepCopy){step, next});
  map_put(&f->copies_of, node.i, f->copies.count - 1);
}

void step_eval(FlowBuilder *b, NodeId node, FlowRaise raises) {
  step_map(b, node, step_add(b, STEP_EVAL, node, raises));
}

static void effect_add(FlowBuilder *b, uint32_t step, uint32_t slot, uint32_t bit) {
  Flow *f = b->f;
  Block *block = &f->blocks.items[b->current];
  if (block->effect_stop == block->first_effect) block->first_effect = f->effects.count;
  vec_push(b->arena, &f->effects, (Effect){step, slot, bit});
  block->effect_stop = f->effects.count;
  f->slots.items[slot].seen_block = b->current;
  f->slots.items[slot].seen_bit = bit;
}

// The slot of a variable of this scope whose flow is solved, or 0.
static uint32_t slot_find(const FlowBuilder *b, BindingId binding) {
  if (binding_get(b->m, binding)->scope.i != b->f->scope.i) return 0;
  return b->flows->slot_of[binding.i];
}

void step_use(FlowBuilder *b, NodeId node, bool is_mapped) {
  RefId id = ref_at(b->m, node);
  uint32_t step = step_add(b, STEP_EVAL, node, FLOW_LOOKUP);
  if (is_mapped) step_map(b, node, step);
  const Ref *ref = ref_get(b->m, id);
  if (!ref_ok(id) || ref->scope.i != b->f->scope.i) return;
  Flow *f = b->f;
  uint32_t slot = slot_find(b, ref->binding);
  if (slot == 0) return;
  const Slot *s = &f->slots.items[slot];
  Use use = {.ref = id, .slot = slot, .block = b->current, .step = step};
  if (s->seen_block == b->current) use.source = s->seen_bit;
  uint32_t *known = &b->flows->use_of[id.i];
  use.is_copy = *known != 0;
  if (use.is_copy) {
    use.next_copy = f->uses.items[*known].next_copy;
    f->uses.items[*known].next_copy = f->uses.count;
  } else {
    *known = f->uses.count;
  }
  f->steps.items[step].kind = STEP_USE;
  f->steps.items[step].what = f->uses.count;
  vec_push(b->arena, &f->uses, use);
}

void step_define(FlowBuilder *b, NodeId node) {
  DefId id = def_at(b->m, node);
  const Def *def = def_get(b->m, id);
  if (!def_ok(id) || def->kind == DEF_DELETE) return;
  uint32_t step = step_add(b, STEP_DEF, node, FLOW_QUIET);
  step_map(b, node, step);
  uint32_t bit = b->flows->bit_of[id.i];
  uint32_t slot = slot_find(b, def->binding);
  if (bit == 0 || slot == 0) return;
  b->f->steps.items[step].what = bit;
  effect_add(b, step, slot, bit);
}

void step_unbind(FlowBuilder *b, StepKind kind, NodeId node, BindingId binding) {
  // Deleting a name that is not bound raises, before anything changes.
  FlowRaise raises = kind == STEP_DELETE ? FLOW_LOOKUP : FLOW_QUIET;
  uint32_t step = step_add(b, kind, node, raises);
  if (kind == STEP_DELETE) step_map(b, node, step);
  uint32_t slot = slot_find(b, binding);
  if (slot == 0) return;
  b->f->steps.items[step].what = slot;
  effect_add(b, step, slot, b->f->slots.items[slot].first_bit);
}
