// Order, dominance, reaching definitions, liveness.
#include "semantic/flow_internal.h"

uint32_t bit_find(const uint64_t *bits, uint32_t from, uint32_t stop) {
  if (from >= stop) return stop;
  uint32_t at = from >> 6;
  uint64_t word = bits[at] & (~UINT64_C(0) << (from & 63));
  while (word == 0) {
    at += 1;
    if (at << 6 >= stop) return stop;
    word = bits[at];
  }
  uint32_t bit = at << 6;
  for (; (word & 0xff) == 0; word >>= 8) bit += 8;
  for (; (word & 1) == 0; word >>= 1) bit += 1;
  return bit < stop ? bit : stop;
}

static void bits_clear(uint64_t *bits, uint32_t from, uint32_t stop) {
  for (; from < stop && (from & 63) != 0; from++) bit_clear(bits, from);
  for (; from + 64 <= stop; from += 64) bits[from >> 6] = 0;
  for (; from < stop; from++) bit_clear(bits, from);
}

// --- order ---------------------------------------------------------------------------

static void edges_index(Model *m, Flow *f) {
  uint32_t blocks = f->blocks.count;
  f->succ_at = arena_array(m->arena, uint32_t, blocks + 1);
  f->pred_at = arena_array(m->arena, uint32_t, blocks + 1);
  f->succ = arena_array(m->arena, uint32_t, f->edges.count);
  f->pred = arena_array(m->arena, uint32_t, f->edges.count);
  for (uint32_t i = 0; i < f->edges.count; i++) {
    f->succ_at[f->edges.items[i].from] += 1;
    f->pred_at[f->edges.items[i].to] += 1;
  }
  for (uint32_t i = 1; i <= blocks; i++) {
    f->succ_at[i] += f->succ_at[i - 1];
    f->pred_at[i] += f->pred_at[i - 1];
  }
  // The counts tell where each range ends; filled from the back they move to its start.
  for (uint32_t i = f->edges.count; i-- > 0;) {
    f->succ[--f->succ_at[f->edges.items[i].from]] = i;
    f->pred[--f->pred_at[f->edges.items[i].to]] = i;
  }
}

void flow_order(Model *m, Flow *f) {
  if (f->is_ordered) return;
  f->is_ordered = true;
  edges_index(m, f);
  uint32_t blocks = f->blocks.count;
  f->order = arena_array(m->arena, uint32_t, blocks);
  uint32_t *stack = arena_array(m->arena, uint32_t, blocks);
  uint32_t *next = arena_array(m->arena, uint32_t, blocks);  // edge to follow, from 1
  uint32_t depth = 0, left = blocks;
  stack[depth++] = BLOCK_ENTRY;
  next[BLOCK_ENTRY] = f->succ_at[BLOCK_ENTRY] + 1;
  while (depth != 0) {
    uint32_t block = stack[depth - 1];
    if (next[block] <= f->succ_at[block + 1]) {
      uint32_t to = f->edges.items[f->succ[next[block]++ - 1]].to;
      if (next[to] == 0) {
        next[to] = f->succ_at[to] + 1;
        stack[depth++] = to;
      }
    } else {
      f->order[--left] = block;
      depth -= 1;
    }
  }
  f->order += left;
  f->order_count = blocks - left;
  for (uint32_t i = 0; i < f->order_count; i++) {
    f->blocks.items[f->order[i]].order = i + 1;
  }
}

// --- dominance -----------------------------------------------------------------------

typedef struct Meeting {
  const Flow *f;
  uint32_t *met;   // by block: the last meeting that walked over it
  uint32_t count;  // of meetings so far
} Meeting;

// The nearest common dominator of `best` and `other`. What one meeting has walked over
// once leads to `best`, so that a join of many branches costs their number, not their
// number times the depth.
static uint32_t dominators_meet(Meeting *self, uint32_t best, uint32_t other) {
  const Flow *f = self->f;
  const Block *blocks = f->blocks.items;
  while (best != other) {
    while (blocks[other].order > blocks[best].order) {
      if (self->met[other] == self->count) return best;
      self->met[other] = self->count;
      other = f->dominator[other];
    }
    while (blocks[best].order > blocks[other].order) {
      self->met[best] = self->count;
      best = f->dominator[best];
    }
  }
  return best;
}

static bool dominators_improve(Flow *f, Meeting *meeting) {
  bool changed = false;
  for (uint32_t i = 1; i < f->order_count; i++) {
    uint32_t block = f->order[i], best = 0;
    meeting->count += 1;
    for (uint32_t p = f->pred_at[block]; p < f->pred_at[block + 1]; p++) {
      uint32_t from = f->edges.items[f->pred[p]].from;
      if (f->dominator[from] == 0) continue;
      best = best == 0 ? from : dominators_meet(meeting, best, from);
    }
    changed |= f->dominator[block] != best;
    f->dominator[block] = best;
  }
  return changed;
}

// Numbers the tree so that "a dominates b" is a comparison: children are counted behind
// their parents in reverse post-order, so that sizes add up from the back.
void flow_dominate(Model *m, Flow *f) {
  if (f->is_dominated) return;
  f->is_dominated = true;
  flow_order(m, f);
  uint32_t blocks = f->blocks.count;
  f->dominator = arena_array(m->arena, uint32_t, blocks);
  f->dominator[BLOCK_ENTRY] = BLOCK_ENTRY;
  Meeting meeting = {.f = f, .met = arena_array(m->arena, uint32_t, blocks)};
  while (dominators_improve(f, &meeting)) continue;
  f->dom_in = arena_array(m->arena, uint32_t, blocks);
  f->dom_out = arena_array(m->arena, uint32_t, blocks);
  uint32_t *size = arena_array(m->arena, uint32_t, blocks);
  for (uint32_t i = f->order_count; i-- > 1;) {
    size[f->order[i]] += 1;
    size[f->dominator[f->order[i]]] += size[f->order[i]];
  }
  // `dom_out` serves as the next free number below each block until it is final.
  f->dom_in[BLOCK_ENTRY] = 1;
  f->dom_out[BLOCK_ENTRY] = 2;
  for (uint32_t i = 1; i < f->order_count; i++) {
    uint32_t block = f->order[i], parent = f->dominator[block];
    f->dom_in[block] = f->dom_out[parent];
    f->dom_out[parent] += size[block];
    f->dom_out[block] = f->dom_in[block] + 1;
  }
}

// --- reaching definitions ------------------------------------------------------------

// Applies what the block binds to the bits at its start.
static void block_apply(const Flow *f, const Block *block, uint64_t *bits) {
  for (uint32_t i = block->first_effect; i < block->effect_stop; i++) {
    const Effect *effect = &f->effects.items[i];
    const Slot *slot = &f->slots.items[effect->slot];
    bits_clear(bits, slot->first_bit, slot->bit_stop);
    bit_set(bits, effect->bit);
  }
}

static bool bits_join(uint64_t *to, const uint64_t *from, uint32_t words) {
  uint64_t grown = 0;
  for (uint32_t i = 0; i < words; i++) {
    grown |= from[i] & ~to[i];
    to[i] |= from[i];
  }
  return grown != 0;
}

// One sweep in reverse post-order over the blocks whose start has changed. Whether an
// edge back made another sweep necessary is the result.
static bool reach_sweep(Flow *f, uint64_t *out, uint8_t *is_dirty) {
  uint32_t words = f->reach_words;
  bool again = false;
  for (uint32_t i = 0; i < f->order_count; i++) {
    uint32_t id = f->order[i];
    if (!is_dirty[id]) continue;
    is_dirty[id] = 0;
    const uint64_t *in = f->reach + (size_t)id * words;
    memcpy(out, in, words * sizeof *out);
    block_apply(f, &f->blocks.items[id], out);
    for (uint32_t s = f->succ_at[id]; s < f->succ_at[id + 1]; s++) {
      const Edge *edge = &f->edges.items[f->succ[s]];
      const uint64_t *leaving = edge->kind == EDGE_RAISE ? in : out;
      uint64_t *to = f->reach + (size_t)edge->to * words;
      if (!bits_join(to, leaving, words)) continue;
      is_dirty[edge->to] = 1;
      again |= f->blocks.items[edge->to].order <= i + 1;
    }
  }
  return again;
}

bool flow_reach(Model *m, Flow *f) {
  if (f->is_reached) return f->reach_words != 0;
  f->is_reached = true;
  flow_order(m, f);
  uint32_t words = (f->bits.count + 63) / 64;
  if ((uint64_t)words * 64 * f->order_count > FLOW_BUDGET) return false;
  f->reach_words = words;
  f->reach = arena_array(m->arena, uint64_t, (size_t)words * f->blocks.count);
  uint64_t *start = f->reach + (size_t)BLOCK_ENTRY * words;
  for (uint32_t i = 1; i < f->slots.count; i++) {
    bit_set(start, f->slots.items[i].first_bit);
  }
  uint64_t *out = arena_array(m->arena, uint64_t, words);
  uint8_t *is_dirty = arena_array(m->arena, uint8_t, f->blocks.count);
  memset(is_dirty, 1, f->blocks.count);
  while (reach_sweep(f, out, is_dirty)) continue;
  return true;
}

// --- liveness ------------------------------------------------------------------------

static uint32_t step_slot(const Flow *f, const Step *step) {
  switch ((StepKind)step->kind) {
    case STEP_USE: return f->uses.items[step->what].slot;
    case STEP_DELETE:
    case STEP_UNBIND: return step->what;
    default: return 0;
  }
}

// By slot: the steps that read or change it. Definitions are found through the effects.
void flow_list_events(Model *m, Flow *f) {
  if (f->events_at != NULL) return;
  uint32_t steps = f->steps.count;
  uint32_t *slot_of = arena_array(m->arena, uint32_t, steps);
  for (uint32_t i = 1; i < steps; i++) slot_of[i] = step_slot(f, &f->steps.items[i]);
  for (uint32_t i = 1; i < f->effects.count; i++) {
    slot_of[f->effects.items[i].step] = f->effects.items[i].slot;
  }
  f->events_at = arena_array(m->arena, uint32_t, f->slots.count + 1);
  for (uint32_t i = 1; i < steps; i++) f->events_at[slot_of[i]] += slot_of[i] != 0;
  for (uint32_t i = 1; i <= f->slots.count; i++) {
    f->events_at[i] += f->events_at[i - 1];
  }
  f->events = arena_array(m->arena, uint32_t, f->events_at[f->slots.count]);
  for (uint32_t i = steps; i-- > 1;) {
    if (slot_of[i] != 0) f->events[--f->events_at[slot_of[i]]] = i;
  }
}

// What is live at the block's start, from what is live at its ends. Definitions come
// after the raising steps where a handler catches, so that what a handler reads is live
// at the start whatever the block binds.
static void live_apply(const Flow *f, uint32_t id, uint64_t *bits, uint64_t *raised) {
  const Block *block = &f->blocks.items[id];
  memset(bits, 0, f->live_words * sizeof *bits);
  memset(raised, 0, f->live_words * sizeof *raised);
  for (uint32_t s = f->succ_at[id]; s < f->succ_at[id + 1]; s++) {
    const Edge *edge = &f->edges.items[f->succ[s]];
    bits_join(edge->kind == EDGE_RAISE ? raised : bits,
              f->live + (size_t)edge->to * f->live_words, f->live_words);
  }
  uint32_t effect = block->effect_stop;
  for (uint32_t i = block->step_stop; i-- > block->first_step;) {
    const Step *step = &f->steps.items[i];
    if (step->kind == STEP_USE) bit_set(bits, f->uses.items[step->what].slot);
    if (effect > block->first_effect && f->effects.items[effect - 1].step == i) {
      effect -= 1;
      bit_clear(bits, f->effects.items[effect].slot);
    }
  }
  bits_join(bits, raised, f->live_words);
}

bool flow_live(Model *m, Flow *f) {
  if (f->is_lived) return f->live_words != 0;
  f->is_lived = true;
  flow_order(m, f);
  flow_list_events(m, f);
  uint32_t words = (f->slots.count + 63) / 64;
  if ((uint64_t)words * 64 * f->order_count > FLOW_BUDGET) return false;
  f->live_words = words;
  f->live = arena_array(m->arena, uint64_t, (size_t)words * f->blocks.count);
  uint64_t *bits = arena_array(m->arena, uint64_t, words);
  uint64_t *raised = arena_array(m->arena, uint64_t, words);
  uint8_t *is_dirty = arena_array(m->arena, uint8_t, f->blocks.count);
  memset(is_dirty, 1, f->blocks.count);
  for (bool again = true; again;) {
    again = false;
    for (uint32_t i = f->order_count; i-- > 0;) {
      uint32_t id = f->order[i];
      if (!is_dirty[id]) continue;
      is_dirty[id] = 0;
      live_apply(f, id, bits, raised);
      if (!bits_join(f->live + (size_t)id * words, bits, words)) continue;
      for (uint32_t p = f->pred_at[id]; p < f->pred_at[id + 1]; p++) {
        uint32_t from = f->edges.items[f->pred[p]].from;
        is_dirty[from] = 1;
        again |= f->blocks.items[from].order >= i + 1;
      }
    }
  }
  return true;
}
