#include "index/index.h"

#include <stdlib.h>

#include "index/index_internal.h"

// --- merging -------------------------------------------------------------------------

static int facts_compare(const Facts *a, const Facts *b) {
  int order = str_cmp(a->module, b->module);
  if (order == 0) order = str_cmp(a->path, b->path);
  if (order == 0) order = a->hash < b->hash ? -1 : a->hash > b->hash;
  return order;
}

static int pointer_compare(const void *a, const void *b) {
  const Facts *const *x = a, *const *y = b;
  return facts_compare(*x, *y);
}

static Index *index_new(Arena *arena, uint32_t room, Target target) {
  Index *self = arena_new(arena, Index);
  self->arena = arena;
  self->target = target;
  self->modules = arena_array(arena, const Facts *, room + 1);
  return self;
}

static void module_push(Index *self, const Facts *facts) {
  uint32_t n = self->module_count;
  if (n > 0 && facts_compare(self->modules[n - 1], facts) == 0) return;
  self->modules[self->module_count++] = facts;
}

Index *index_in(Arena *arena, const Facts *const *facts, uint32_t count,
                Target target) {
  Index *self = index_new(arena, count, target);
  const Facts **sorted = arena_array(arena, const Facts *, count + 1);
  if (count > 0) memcpy(sorted, facts, sizeof *facts * count);
  qsort(sorted, count, sizeof *sorted, pointer_compare);
  for (uint32_t i = 0; i < count; i++) module_push(self, sorted[i]);
  return self;
}

Index *index_merge(Arena *arena, const Index *a, const Index *b) {
  Index *self = index_new(arena, a->module_count + b->module_count, a->target);
  uint32_t i = 0, j = 0;
  while (i < a->module_count || j < b->module_count) {
    bool from_a =
        j == b->module_count ||
        (i < a->module_count && facts_compare(a->modules[i], b->modules[j]) <= 0);
    module_push(self, from_a ? a->modules[i++] : b->modules[j++]);
  }
  return self;
}

// --- resolving -----------------------------------------------------------------------

static IndexParts *parts_begin(Index *self) {
  IndexParts *parts = arena_new(self->arena, IndexParts);
  interner_init(&parts->words, self->arena);
  arena_init(&parts->scratch);
  parts->name_at = map_in(self->arena);
  parts->imports = map_in(self->arena);
  parts->glances = map_in(self->arena);
  parts->attribute_at = map_in(self->arena);
  parts->attribute_names = map_in(self->arena);
  parts->keeps_of = map_in(self->arena);
  parts->cleared = map_in(self->arena);
  parts->released = map_in(self->arena);
  parts->knotted = map_in(self->arena);
  parts->closings_of = map_in(self->arena);
  vec_push(self->arena, &parts->names, (Name){.entity = 0});
  vec_push(self->arena, &parts->entities, (Entity){0});
  vec_push(self->arena, &parts->classes, (IndexClass){0});
  vec_push(self->arena, &parts->containers, (IndexContainer){0});
  vec_push(self->arena, &parts->registrations, (IndexRegistration){0});
  vec_push(self->arena, &parts->publishers, (NameId){0});
  vec_push(self->arena, &parts->listings, (IndexListing){0});
  vec_push(self->arena, &parts->intermediates, (IndexIntermediate){0});
  vec_push(self->arena, &parts->objects, (Object){{0}});
  vec_push(self->arena, &parts->makings, (IndexMaking){0});
  vec_push(self->arena, &parts->knots, (IndexKnot){0});
  vec_push(self->arena, &parts->keeps, (Keep){0});
  vec_push(self->arena, &parts->closings, (ClosingRow){0});
  vec_push(self->arena, &parts->functions, (IndexFunction){0});
  vec_push(self->arena, &parts->edges, (Edge){0});
  vec_push(self->arena, &parts->others, (Edge){0});
  return parts;
}

void index_resolve(Index *self) {
  IndexParts *parts = parts_begin(self);
  self->parts = parts;
  names_resolve(self);
  self->classes = parts->classes.items;
  self->containers = parts->containers.items;
  self->registrations = parts->registrations.items;
  self->class_count = parts->classes.count;
  self->container_count = parts->containers.count;
  self->registration_count = parts->registrations.count;
  classes_resolve(self);
  calls_resolve(self);
  sites_resolve(self);
  lives_resolve(self);
  instances_resolve(self);
  touches_resolve(self);
  operations_resolve(self);
  exposures_resolve(self);
  listings_resolve(self);
  makings_resolve(self);
  knots_resolve(self);
  registrations_resolve(self);
  closings_resolve(self);
  intermediates_resolve(self);
  arena_release(&parts->scratch);
}

// --- asking --------------------------------------------------------------------------

const IndexClass *index_class(const Index *self, ClassId id) {
  INVARIANT(id.i < self->class_count);
  return &self->classes[id.i];
}

const IndexContainer *index_container(const Index *self, ContainerId id) {
  INVARIANT(id.i < self->container_count);
  return &self->containers[id.i];
}

const IndexRegistration *index_registration(const Index *self, RegistrationId id) {
  INVARIANT(id.i < self->registration_count);
  return &self->registrations[id.i];
}

const IndexListing *index_listing(const Index *self, ListingId id) {
  INVARIANT(id.i < self->listing_count);
  return &self->listings[id.i];
}

const IndexMaking *index_making(const Index *self, MakingId id) {
  INVARIANT(id.i < self->making_count);
  return &self->makings[id.i];
}

const IndexKnot *index_knot(const Index *self, KnotId id) {
  INVARIANT(id.i < self->knot_count);
  return &self->knots[id.i];
}

const IndexIntermediate *index_intermediate(const Index *self, IntermediateId id) {
  INVARIANT(id.i < self->intermediate_count);
  return &self->intermediates[id.i];
}

ClassId index_find_class(const Index *self, Str name) {
  return (ClassId){entity_find(self, name_of_str(self, name)).class_id};
}

ContainerId index_find_container(const Index *self, Str name) {
  return (ContainerId){entity_find(self, name_of_str(self, name)).container};
}

Str index_name(const Index *self, uint32_t module, FactText name) {
  return name_text(self, name_in(self, module, name), (NameId){0});
}

Str index_word(const Index *self, uint32_t module, FactWord word) {
  return sym_str(&self->parts->words, word_in(self, module, word));
}

Span index_place_span(const Index *self, Place place) {
  return facts_place_span(self->modules[place.module], place.ordinal);
}

Str index_place_scope(const Index *self, Place place) {
  FactText scope = facts_place_scope(self->modules[place.module], place.ordinal);
  if (scope.i == 0) return STR_NONE;
  return name_text(self, name_in(self, place.module, scope),
                   name_in(self, place.module, (FactText){FACT_MODULE_NAME}));
}

Str index_module_path(const Index *self, uint32_t module) {
  return self->modules[module]->path;
}

Str index_module_name(const Index *self, uint32_t module) {
  return self->modules[module]->module;
}
