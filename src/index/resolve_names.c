#include "index/index_internal.h"

Sym qualified_in(Index *self, uint32_t module, Str name) {
  Str owner = index_module_name(self, module);
  if (name.n == 0) return intern(&self->parts->names, owner);
  Str joined = str_join_in(self->arena, owner, ".", name);
  return intern(&self->parts->names, joined);
}

// The entity of a name, made when it is new. The first of two equal names wins, so that
// the order of modules decides and nothing else.
static Entity *entity_make(Index *self, Sym name) {
  IndexParts *parts = self->parts;
  uint32_t at = map_get(&parts->entity_of, name.i);
  if (at == 0) {
    at = parts->entities.count;
    vec_push(self->arena, &parts->entities, (Entity){0});
    map_put(&parts->entity_of, name.i, at);
  }
  return &parts->entities.items[at];
}

static void class_add(Index *self, uint32_t module, const FactClass *fact) {
  IndexParts *parts = self->parts;
  Sym name = qualified_in(self, module, index_text(self, module, fact->name));
  Entity *entity = entity_make(self, name);
  IndexClass row = {.facts = self->modules[module],
                    .fact = fact,
                    .name = sym_str(&parts->names, name),
                    .place = {module, fact->place.i},
                    .module = module,
                    .flags = fact->flags,
                    .hazards = fact->hazards};
  if (entity->class_id == 0) {
    entity->class_id = parts->classes.count;
  } else {
    row.hazards |= HAZARD_REDEFINED;
    parts->classes.items[entity->class_id].hazards |= HAZARD_REDEFINED;
  }
  vec_push(self->arena, &parts->classes, row);
}

static void function_add(Index *self, uint32_t module, const FactFunction *fact) {
  IndexParts *parts = self->parts;
  Sym name = qualified_in(self, module, index_text(self, module, fact->name));
  Entity *entity = entity_make(self, name);
  if (entity->function == 0) entity->function = parts->functions.count;
  vec_push(self->arena, &parts->functions,
           (IndexFunction){.fact = fact, .module = module});
}

static void container_add(Index *self, uint32_t module, const FactContainer *fact) {
  IndexParts *parts = self->parts;
  Sym name = qualified_in(self, module, index_text(self, module, fact->name));
  Entity *entity = entity_make(self, name);
  if (entity->container == 0) entity->container = parts->containers.count;
  vec_push(self->arena, &parts->containers,
           (IndexContainer){.facts = self->modules[module],
                            .fact = fact,
                            .name = sym_str(&parts->names, name),
                            .place = {module, fact->place.i},
                            .module = module});
}

static void listing_add(Index *self, uint32_t module, const FactListing *fact) {
  IndexParts *parts = self->parts;
  Sym name = qualified_in(self, module, index_text(self, module, fact->name));
  Entity *entity = entity_make(self, name);
  IndexListing row = {.fact = fact,
                      .name = sym_str(&parts->names, name),
                      .place = {module, fact->place.i}};
  if (fact->walked.i != 0) row.walked = (Place){module, fact->walked.i};
  if (entity->listing == 0) {
    entity->listing = parts->listings.count;
  } else {
    row.is_needed = true;  // two of one name
    parts->listings.items[entity->listing].is_needed = true;
  }
  vec_push(self->arena, &parts->listings, row);
}

static void imports_add(Index *self, uint32_t module) {
  IndexParts *parts = self->parts;
  const Facts *facts = self->modules[module];
  for (uint32_t i = 0; i < facts->import_count; i++) {
    const FactImport *import = &facts->imports[i];
    if ((import->flags & (IMPORT_STAR | IMPORT_LOCAL)) != 0) continue;
    Sym name = intern(&parts->names, index_text(self, module, import->name));
    Sym target = intern(&parts->names, index_text(self, module, import->target));
    map_put(&parts->imports, map_pair(module + 1, name.i), target.i);
  }
}

void names_resolve(Index *self) {
  IndexParts *parts = self->parts;
  uint32_t room = self->module_count + 1;
  parts->class_of = arena_array(self->arena, uint32_t, room);
  parts->function_of = arena_array(self->arena, uint32_t, room);
  for (uint32_t m = 0; m < self->module_count; m++) {
    const Facts *facts = self->modules[m];
    Entity *entity = entity_make(self, qualified_in(self, m, STR_NONE));
    if (entity->module == 0) entity->module = m + 1;
    parts->class_of[m] = parts->classes.count;
    parts->function_of[m] = parts->functions.count;
    for (uint32_t i = 0; i < facts->class_count; i++) {
      class_add(self, m, &facts->classes[i]);
    }
    for (uint32_t i = 0; i < facts->function_count; i++) {
      function_add(self, m, &facts->functions[i]);
    }
    for (uint32_t i = 0; i < facts->container_count; i++) {
      container_add(self, m, &facts->containers[i]);
    }
    for (uint32_t i = 0; i < facts->listing_count; i++) {
      listing_add(self, m, &facts->listings[i]);
    }
    for (uint32_t i = 0; i < facts->registration_count; i++) {
      const FactRegistration *fact = &facts->registrations[i];
      vec_push(self->arena, &parts->registrations,
               (IndexRegistration){facts, fact, {m, fact->place.i}});
    }
    imports_add(self, m);
  }
  parts->class_of[self->module_count] = parts->classes.count;
  parts->function_of[self->module_count] = parts->functions.count;
}

// --- finding -------------------------------------------------------------------------

Entity entity_exact(const Index *self, Str name) {
  const IndexParts *parts = self->parts;
  Sym sym = intern_find(&parts->names, name);
  return sym.i == 0 ? (Entity){0}
                    : parts->entities.items[map_get(&parts->entity_of, sym.i)];
}

static bool entity_ok(Entity e) {
  return e.class_id != 0 || e.function != 0 || e.container != 0 || e.module != 0 ||
         e.listing != 0;
}

// The longest prefix of `name` that is a module, with what follows its dot in `rest`.
static uint32_t module_prefix(const Index *self, Str name, Str *rest) {
  for (uint32_t stop = name.n; stop > 0; stop--) {
    if (name.p[stop - 1] != '.') continue;
    Entity e = entity_exact(self, str_slice(name, 0, stop - 1));
    if (e.module == 0) continue;
    *rest = str_slice(name, stop, name.n);
    return e.module;
  }
  return 0;
}

static Str joined(const Index *self, Str a, Str b) {
  if (b.n == 0) return a;
  return str_join_in(self->arena, a, ".", b);
}

// What the module's star imports bring in under a name.
static Str star_target(const Index *self, uint32_t module, Str first, Str rest) {
  const Facts *facts = self->modules[module];
  for (uint32_t i = 0; i < facts->import_count; i++) {
    if ((facts->imports[i].flags & IMPORT_STAR) == 0) continue;
    Str target = joined(self, facts_text(facts, facts->imports[i].target), first);
    if (entity_ok(entity_exact(self, target))) return joined(self, target, rest);
  }
  return STR_NONE;
}

Entity entity_find(const Index *self, Str name) {
  const IndexParts *parts = self->parts;
  for (uint32_t step = 0; step < EXPORT_STEPS && name.n > 0; step++) {
    Entity e = entity_exact(self, name);
    if (entity_ok(e)) return e;
    Str rest = STR_NONE;
    uint32_t module = module_prefix(self, name, &rest);
    if (module == 0) return (Entity){0};
    uint32_t stop = str_find_byte(rest, '.', 0);
    Str first = str_slice(rest, 0, stop);
    rest = stop < rest.n ? str_slice(rest, stop + 1, rest.n) : STR_NONE;
    Sym sym = intern_find(&parts->names, first);
    uint32_t target =
        sym.i == 0 ? 0 : map_get(&parts->imports, map_pair(module, sym.i));
    name = target != 0 ? joined(self, sym_str(&parts->names, (Sym){target}), rest)
                       : star_target(self, module - 1, first, rest);
  }
  return (Entity){0};
}
