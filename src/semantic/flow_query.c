// Questions about paths: dominance by number where it can be, else by a search.
#include "semantic/flow_internal.h"

enum { MARK_STOP = 1, MARK_TARGET = 2 };

// A node of a question: its graph and its steps.
typedef struct Place {
  Flow *f;  // NULL: nothing is known there
  NodeId node;
  uint32_t step, cursor;  // the first step, and the cursor to its copies
  bool is_live;           // of any of them
} Place;

static Place place_of(Model *m, NodeId node) {
  Place place = {.node = flow_anchor(m, node)};
  place.f = flow_at(m, place.node);
  if (place.f == NULL) return place;
  flow_order(m, place.f);
  place.step = flow_first_step(m, place.f, place.node, &place.cursor);
  uint32_t cursor = place.cursor;
  for (uint32_t s = place.step; s != 0; s = flow_next_step(place.f, &cursor)) {
    place.is_live |= flow_block_of(place.f, s)->order != 0;
  }
  return place;
}

typedef struct Search {
  Flow *f;
  NodeId within;      // failing look-ups inside this node are no way out; or NO_NODE
  bool skips_marker;  // interrupts at the start of a `try` are not counted
  bool needs_end;     // a stop that raises has not stopped
  bool exits;         // the scope's exit is a target
  bool raises;        // leaving by an exception is one
  uint32_t queued;
  bool is_found;
} Search;

static void search_prepare(Model *m, Flow *f) {
  if (f->marks != NULL) return;
  f->marks = arena_array(m->arena, uint8_t, f->steps.count);
  f->seen = arena_array(m->arena, uint32_t, f->blocks.count);
  f->queue = arena_array(m->arena, uint32_t, f->blocks.count);
}

static void place_mark(const Place *place, uint8_t mark) {
  uint32_t cursor = place->cursor;
  for (uint32_t s = place->step; s != 0; s = flow_next_step(place->f, &cursor)) {
    place->f->marks[s] = mark;
  }
}

static void search_enter(Search *self, uint32_t block) {
  Flow *f = self->f;
  if (f->seen[block] == f->search) return;
  f->seen[block] = f->search;
  f->queue[self->queued++] = block;
  self->is_found |= self->exits && block == BLOCK_EXIT;
  self->is_found |= self->raises && block == BLOCK_RAISED;
}

static bool search_step_raises(const Search *self, const Tree *t, const Step *step) {
  if (step->raises == FLOW_MARKER) return !self->skips_marker;
  if (step->raises == FLOW_LOOKUP) return !node_inside(t, step->node, self->within);
  return step->raises != FLOW_QUIET;
}

// Goes through a block from one of its steps on, and to where that leads.
static void search_block(Search *self, const Tree *t, uint32_t id, uint32_t from) {
  Flow *f = self->f;
  const Block *block = &f->blocks.items[id];
  bool raises = false, stops = false;
  uint32_t i = from;
  for (; i < block->step_stop && !stops; i++) {
    if ((f->marks[i] & MARK_TARGET) != 0) {
      self->is_found = true;
      return;
    }
    stops = (f->marks[i] & MARK_STOP) != 0;
    if (stops && !self->needs_end) continue;
    raises |= search_step_raises(self, t, &f->steps.items[i]);
  }
  f->searched += i - from + 1;
  if (raises) search_enter(self, block->raise_to);
  if (stops) return;
  for (uint32_t s = f->succ_at[id]; s < f->succ_at[id + 1]; s++) {
    const Edge *edge = &f->edges.items[f->succ[s]];
    if (edge->kind != EDGE_RAISE) search_enter(self, edge->to);
  }
}

static void search_run(Search *self, const Tree *t) {
  for (uint32_t i = 0; i < self->queued && !self->is_found; i++) {
    uint32_t block = self->f->queue[i];
    search_block(self, t, block, self->f->blocks.items[block].first_step);
  }
}

// Searches from after a place, or from the scope's start; the marks are set already.
static Answer search_from(Search *self, Model *m, const Place *from) {
  Flow *f = self->f;
  if (f->searched > FLOW_SEARCH_BUDGET) return ANSWER_UNKNOWN;
  f->search += 1;
  if (from == NULL) {
    search_enter(self, BLOCK_ENTRY);
  } else {
    uint32_t cursor = from->cursor;
    for (uint32_t s = from->step; s != 0; s = flow_next_step(f, &cursor)) {
      uint32_t block = f->steps.items[s].block;
      if (f->blocks.items[block].order != 0) search_block(self, m->tree, block, s + 1);
    }
  }
  search_run(self, m->tree);
  return self->is_found ? ANSWER_YES : ANSWER_NO;
}

Answer flow_reaches_avoiding(Model *m, NodeId from, NodeId to, const NodeId *stops,
                             uint32_t stop_count) {
  Place a = place_of(m, from), b = place_of(m, to);
  if (a.f == NULL || a.f != b.f) return ANSWER_UNKNOWN;
  search_prepare(m, a.f);
  for (uint32_t i = 0; i < stop_count; i++) {
    Place stop = place_of(m, stops[i]);
    if (stop.f == a.f) place_mark(&stop, MARK_STOP);
  }
  place_mark(&b, MARK_TARGET);
  Search search = {.f = a.f};
  Answer answer = search_from(&search, m, &a);
  for (uint32_t i = 0; i < stop_count; i++) {
    Place stop = place_of(m, stops[i]);
    if (stop.f == a.f) place_mark(&stop, 0);
  }
  place_mark(&b, 0);
  return answer;
}

Answer flow_reaches(Model *m, NodeId from, NodeId to) {
  return flow_reaches_avoiding(m, from, to, NULL, 0);
}

Answer flow_always_passes(Model *m, NodeId from, NodeId through, bool exceptional) {
  Place a = place_of(m, from), b = place_of(m, through);
  if (a.f == NULL || a.f != b.f || !a.is_live) return ANSWER_UNKNOWN;
  search_prepare(m, a.f);
  place_mark(&b, MARK_STOP);
  Search search = {.f = a.f,
                   .within = b.node,
                   .skips_marker = true,
                   .exits = true,
                   .raises = exceptional};
  Answer misses = search_from(&search, m, &a);
  place_mark(&b, 0);
  if (misses == ANSWER_UNKNOWN) return ANSWER_UNKNOWN;
  return misses == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
}

// What the numbers of the dominator tree say about two single steps; unknown where a
// block may be left by an exception before its step is done.
static Answer blocks_dominate(Model *m, const Place *a, const Place *b) {
  Flow *f = a->f;
  uint32_t from = f->steps.items[a->step].block, to = f->steps.items[b->step].block;
  if (from == to) return a->step < b->step ? ANSWER_YES : ANSWER_NO;
  flow_dominate(m, f);
  bool holds = f->dom_in[from] <= f->dom_in[to] && f->dom_in[to] < f->dom_out[from];
  if (!holds) return ANSWER_NO;
  return f->blocks.items[from].raise_to == 0 ? ANSWER_YES : ANSWER_UNKNOWN;
}

Answer flow_dominates(Model *m, NodeId first, NodeId then) {
  Place a = place_of(m, first), b = place_of(m, then);
  if (a.f == NULL || a.f != b.f || !b.is_live) return ANSWER_UNKNOWN;
  if (node_eq(a.node, b.node)) return ANSWER_YES;
  if (a.cursor == 0 && b.cursor == 0 && a.is_live) {
    Answer answer = blocks_dominate(m, &a, &b);
    if (answer != ANSWER_UNKNOWN) return answer;
  }
  search_prepare(m, a.f);
  place_mark(&a, MARK_STOP);
  place_mark(&b, MARK_TARGET);
  Search search = {.f = a.f, .needs_end = true};
  Answer avoids = search_from(&search, m, NULL);
  place_mark(&a, 0);
  place_mark(&b, 0);
  if (avoids == ANSWER_UNKNOWN) return ANSWER_UNKNOWN;
  return avoids == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
}

// --- liveness ------------------------------------------------------------------------

// The first step behind `step` that reads or changes the variable, or UINT32_MAX.
static uint32_t event_after(const Flow *f, uint32_t slot, uint32_t step) {
  uint32_t low = f->events_at[slot], high = f->events_at[slot + 1];
  uint32_t stop = high;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (f->events[middle] <= step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < stop ? f->events[low] : UINT32_MAX;
}

static bool live_after_step(const Flow *f, uint32_t slot, uint32_t step) {
  uint32_t id = f->steps.items[step].block;
  const Block *block = &f->blocks.items[id];
  uint32_t event = event_after(f, slot, step);
  bool is_changed = event < block->step_stop;
  if (is_changed && f->steps.items[event].kind == STEP_USE) return true;
  for (uint32_t s = f->succ_at[id]; s < f->succ_at[id + 1]; s++) {
    const Edge *edge = &f->edges.items[f->succ[s]];
    bool is_taken = edge->kind == EDGE_RAISE ? block->last_raise > step : !is_changed;
    if (is_taken && bit_is_set(f->live + (size_t)edge->to * f->live_words, slot)) {
      return true;
    }
  }
  return false;
}

Answer flow_is_live_after(Model *m, BindingId binding, NodeId node) {
  Place place = place_of(m, node);
  binding = binding_get(m, binding)->owner;
  if (place.f == NULL || !place.is_live || !binding_ok(binding)) return ANSWER_UNKNOWN;
  Flow *f = place.f;
  uint32_t number = m->flows->slot_of[binding.i];
  if (binding_get(m, binding)->scope.i != f->scope.i || number == 0) {
    return ANSWER_UNKNOWN;
  }
  if (!flow_live(m, f)) return ANSWER_UNKNOWN;
  uint32_t cursor = place.cursor;
  for (uint32_t s = place.step; s != 0; s = flow_next_step(f, &cursor)) {
    if (flow_block_of(f, s)->order != 0 && live_after_step(f, number, s)) {
      return ANSWER_YES;
    }
  }
  const Slot *slot = &f->slots.items[number];
  const Scope *scope = scope_get(m, f->scope);
  bool may_be_read_elsewhere =
      slot->escapes || slot->is_incomplete || scope->kind == SCOPE_MODULE ||
      scope->kind == SCOPE_CLASS || (scope->flags & SCOPE_DYNAMIC) != 0;
  return may_be_read_elsewhere ? ANSWER_UNKNOWN : ANSWER_NO;
}
