#include "semantic/effect_internal.h"

#include <stdlib.h>

static int item_compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void run_sort(uint64_t *items, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    if (items[i - 1] > items[i]) {  // rare: the lists come in source order
      qsort(items, count, sizeof *items, item_compare);
      return;
    }
  }
}

static void index_build(Model *m, MentionIndex *self) {
  uint32_t bindings = binding_count(m);
  self->def_start = arena_array(m->arena, uint32_t, bindings + 1);
  self->ref_start = arena_array(m->arena, uint32_t, bindings + 1);
  self->defs = arena_array(m->arena, uint64_t, def_count(m));
  self->refs = arena_array(m->arena, uint64_t, ref_count(m));
  uint32_t defs = 0, refs = 0;
  for (uint32_t b = 0; b < bindings; b++) {
    self->def_start[b] = defs;
    self->ref_start[b] = refs;
    if (b == 0) continue;
    for (DefId d = def_first(m, (BindingId){b}); def_ok(d); d = def_next(m, d)) {
      self->defs[defs++] = map_pair(def_get(m, d)->node.i, d.i);
    }
    for (RefId r = ref_first(m, (BindingId){b}); ref_ok(r); r = ref_next(m, r)) {
      self->refs[refs++] = map_pair(ref_get(m, r)->node.i, r.i);
    }
    run_sort(self->defs + self->def_start[b], defs - self->def_start[b]);
    run_sort(self->refs + self->ref_start[b], refs - self->ref_start[b]);
  }
  self->def_start[bindings] = defs;
  self->ref_start[bindings] = refs;
}

static const MentionIndex *index_of(Model *m) {
  MentionIndex *self = &effects_of(m)->mentions;
  if (self->defs == NULL) index_build(m, self);
  return self;
}

static uint32_t first_at(const uint64_t *items, uint32_t start, uint32_t stop,
                         uint32_t node) {
  while (start < stop) {
    uint32_t middle = start + (stop - start) / 2;
    if (items[middle] >> 32 < node) {
      start = middle + 1;
    } else {
      stop = middle;
    }
  }
  return start;
}

static MentionRun run_in(const uint64_t *items, const uint32_t *starts, BindingId b,
                         Range range) {
  uint32_t start = starts[b.i], stop = starts[b.i + 1];
  uint32_t first = first_at(items, start, stop, range.first);
  uint32_t after = first_at(items, first, stop, range.after);
  return (MentionRun){items + first, after - first};
}

MentionRun mention_defs(Model *m, BindingId binding, Range range) {
  const MentionIndex *self = index_of(m);
  return run_in(self->defs, self->def_start, binding, range);
}

MentionRun mention_refs(Model *m, BindingId binding, Range range) {
  const MentionIndex *self = index_of(m);
  return run_in(self->refs, self->ref_start, binding, range);
}
