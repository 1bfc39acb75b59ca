#include "index/index_internal.h"

typedef struct Resolving {
  Index *self;
  Map by_attribute;  // names of private methods that some file uses otherwise -> 1
  uint8_t
      *is_value;  // by module: it is handed on itself, by whatever name is asked for
} Resolving;

static bool is_private(Str name) { return name.n > 0 && name.p[0] == '_'; }

// --- what files do -------------------------------------------------------------------

static void walk_read(Resolving *r, uint32_t module, const FactWalk *walk) {
  Index *self = r->self;
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, walk->name);
  Str word = sym_str(&parts->words, name_get(self, name)->word);
  if (word.n > 0 && word.p[0] == '.') {
    Sym sym = intern(&parts->words, str_slice(word, 1, word.n));
    map_put(&r->by_attribute, sym.i, 1);
    return;
  }
  Entity e = entity_find(self, name);
  bool is_needed = (walk->flags & WALKS_NOT) != 0;
  if (e.module != 0 && is_needed) r->is_value[e.module - 1] = 1;
  if (e.listing == 0) return;
  IndexListing *listing = &parts->listings.items[e.listing];
  bool is_shared = (listing->fact->flags & LISTING_SHARED) != 0;
  if (is_needed || (is_shared && (walk->flags & WALKS_BUSILY) != 0)) {
    listing->is_needed = true;
  }
  if (!place_ok(listing->walked) && walk->walked.i != 0) {
    listing->walked = (Place){module, walk->walked.i};
  }
}

// `from m import *` brings in what has no underscore, whatever is done with it there;
// what an __init__.py imports is for others.
static void import_read(Resolving *r, uint32_t module, const FactImport *import) {
  Index *self = r->self;
  IndexParts *parts = self->parts;
  Entity e = entity_find(self, name_in(self, module, import->target));
  if ((import->flags & IMPORT_STAR) != 0) {
    if (e.module != 0) r->is_value[e.module - 1] = 1;
    return;
  }
  bool is_package = (self->modules[module]->flags & FACTS_PACKAGE) != 0;
  if (e.listing != 0 && is_package && (import->flags & IMPORT_LOCAL) == 0) {
    parts->listings.items[e.listing].is_exported |= self->is_distributed;
  }
}

static void module_read(Resolving *r, uint32_t module) {
  FactRows rows = module_rows(r->self, module, IN_WALKS | IN_IMPORTS);
  for (uint32_t i = 0; i < rows.walk_count; i++) walk_read(r, module, &rows.walks[i]);
  for (uint32_t i = 0; i < rows.import_count; i++) {
    import_read(r, module, &rows.imports[i]);
  }
}

// --- what a function is --------------------------------------------------------------

static NameId listing_name(const Index *self, const IndexListing *listing) {
  return name_in(self, listing->place.module, listing->fact->name);
}

static bool is_method_needed(const Resolving *r, const IndexListing *listing) {
  const Index *self = r->self;
  const Name *name = name_get(self, listing_name(self, listing));
  if (map_get(&r->by_attribute, name->word.i) != 0) return true;
  ClassId owner = {entity_exact(self, name->owner).class_id};
  return family_has(self, owner, name->word);
}

static bool is_in_all(const Index *self, uint32_t module, Sym name) {
  FactRows rows = module_rows(self, module, IN_EXPORTS);
  for (uint32_t i = 0; i < rows.export_count; i++) {
    if (word_in(self, module, rows.exports[i].name).i == name.i) return true;
  }
  return false;
}

// No part of its name says that it is private.
static bool is_public(Str name) {
  for (uint32_t start = 0; start < name.n;) {
    uint32_t stop = str_find_byte(name, '.', start);
    Str part = str_slice(name, start, stop);
    bool is_dunder = str_starts(part, STR("__")) && str_ends(part, STR("__"));
    if (is_private(part) && !is_dunder) return false;
    start = stop + 1;
  }
  return !str_contains(name, STR("<locals>"));
}

static void listing_judge(const Resolving *r, IndexListing *listing) {
  const Index *self = r->self;
  const Facts *facts = self->modules[listing->place.module];
  NameId module = name_in(self, listing->place.module, (FactText){FACT_MODULE_NAME});
  const Name *whole = name_get(self, listing_name(self, listing));
  Str name = name_text(self, listing_name(self, listing), module);
  if ((listing->fact->flags & LISTING_METHOD) != 0) {
    listing->is_needed |= is_method_needed(r, listing);
    return;
  }
  if (str_contains(name, STR("<locals>"))) return;
  bool is_asked_by_name = r->is_value[listing->place.module] && !is_private(name);
  listing->is_needed |= is_asked_by_name || (facts->flags & FACTS_DYNAMIC) != 0;
  listing->is_exported |= (whole->owner.i == module.i &&
                           is_in_all(self, listing->place.module, whole->word)) ||
                          (self->is_distributed && is_public(listing->name));
}

void listings_resolve(Index *self) {
  IndexParts *parts = self->parts;
  self->listings = parts->listings.items;
  self->listing_count = parts->listings.count;
  if (self->listing_count == 1) return;
  Resolving r = {.self = self,
                 .by_attribute = map_in(self->arena),
                 .is_value = arena_array(self->arena, uint8_t, self->module_count + 1)};
  for (uint32_t m = 0; m < self->module_count; m++) module_read(&r, m);
  for (uint32_t i = 1; i < parts->listings.count; i++) {
    listing_judge(&r, &parts->listings.items[i]);
  }
}
