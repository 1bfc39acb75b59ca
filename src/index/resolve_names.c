#include "index/index_internal.h"

// --- names ---------------------------------------------------------------------------

NameId name_make(const Index *self, NameId owner, Sym word) {
  IndexParts *parts = self->parts;
  NameId name = name_find(self, owner, word);
  if (name.i != 0) return name;
  name.i = parts->names.count;
  vec_push(self->arena, &parts->names, (Name){.owner = owner, .word = word});
  map_put(&parts->name_at, map_pair(owner.i, word.i), name.i);
  return name;
}

// Parted as facts_pack.c does.
NameId name_of_str(const Index *self, Str text) {
  Interner *words = &self->parts->words;
  NameId owner = {0};
  uint32_t start = 0;
  if (text.n == 0) return owner;
  for (uint32_t i = 1; i + 1 < text.n; i++) {
    if (text.p[i] != '.' || i == start) continue;
    owner = name_make(self, owner, intern(words, str_slice(text, start, i)));
    start = i + 1;
  }
  return name_make(self, owner, intern(words, str_slice(text, start, text.n)));
}

Str name_text(const Index *self, NameId name, NameId stop) {
  const IndexParts *parts = self->parts;
  uint32_t total = 0;
  for (NameId n = name; n.i != 0 && n.i != stop.i; n = name_get(self, n)->owner) {
    total += sym_str(&parts->words, name_get(self, n)->word).n + 1;
  }
  if (total == 0) return STR_NONE;
  char *text = arena_alloc_raw(self->arena, total);
  uint32_t at = total;
  for (NameId n = name; n.i != 0 && n.i != stop.i; n = name_get(self, n)->owner) {
    Str word = sym_str(&parts->words, name_get(self, n)->word);
    text[--at] = '.';
    at -= word.n;
    memcpy(text + at, word.p, word.n);
  }
  return (Str){text, total - 1};
}

// --- entities ------------------------------------------------------------------------

FactRows module_rows(const Index *self, uint32_t module, uint32_t wanted) {
  FactRows rows;
  arena_reset(&self->parts->scratch);
  facts_unpack(self->modules[module], wanted, &self->parts->scratch, &rows);
  return rows;
}

// The module's words and names as those of the project.
static void names_add(Index *self, uint32_t module) {
  IndexParts *parts = self->parts;
  FactRows rows = module_rows(self, module, IN_WORDS | IN_NAMES);
  Sym *words = arena_array(self->arena, Sym, rows.word_count);
  NameId *names = arena_array(self->arena, NameId, rows.name_count);
  const char *at = rows.word_bytes;
  for (uint32_t i = 0; i < rows.word_count; i++) {
    words[i] = intern(&parts->words, (Str){at, rows.words[i].n});
    at += rows.words[i].n;
  }
  names[FACT_MODULE_NAME] = name_of_str(self, self->modules[module]->module);
  for (uint32_t i = FACT_MODULE_NAME + 1; i < rows.name_count; i++) {
    FactName name = rows.names[i];
    names[i] = name_make(self, names[name.owner.i], words[name.word.i]);
  }
  parts->words_of[module] = words;
  parts->names_of[module] = names;
}

// The entity of a name, made when it is new. The first of two equal names wins, so that
// the order of modules decides and nothing else.
static Entity *entity_make(Index *self, NameId name) {
  IndexParts *parts = self->parts;
  Name *row = &parts->names.items[name.i];
  if (row->entity == 0) {
    row->entity = parts->entities.count;
    vec_push(self->arena, &parts->entities, (Entity){0});
  }
  return &parts->entities.items[row->entity];
}

static void class_add(Index *self, uint32_t module, IndexClass row) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, row.fact->name);
  Entity *entity = entity_make(self, name);
  row.facts = self->modules[module];
  row.name_id = name.i;
  row.name = name_text(self, name, (NameId){0});
  row.place = (Place){module, row.fact->place.i};
  row.module = module;
  row.flags = row.fact->flags;
  row.hazards = row.fact->hazards;
  if (entity->class_id == 0) {
    entity->class_id = parts->classes.count;
  } else {
    row.hazards |= HAZARD_REDEFINED;
    parts->classes.items[entity->class_id].hazards |= HAZARD_REDEFINED;
  }
  vec_push(self->arena, &parts->classes, row);
}

static void classes_add(Index *self, uint32_t module) {
  FactRows rows;
  facts_unpack(self->modules[module], IN_CLASSES | IN_BASES | IN_ATTRIBUTES,
               self->arena, &rows);
  uint32_t base = 0, attribute = 0;
  for (uint32_t i = 0; i < rows.class_count; i++) {
    const FactClass *fact = &rows.classes[i];
    class_add(self, module,
              (IndexClass){.fact = fact,
                           .bases = rows.bases + base,
                           .own_attributes = rows.attributes + attribute});
    base += fact->base_count;
    attribute += fact->attribute_count;
  }
}

static void function_add(Index *self, uint32_t module, const FactFunction *fact) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, fact->name);
  Entity *entity = entity_make(self, name);
  if (entity->function == 0) entity->function = parts->functions.count;
  vec_push(self->arena, &parts->functions,
           (IndexFunction){.fact = *fact, .name = name, .module = module});
}

static void container_add(Index *self, uint32_t module, const FactContainer *fact) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, fact->name);
  Entity *entity = entity_make(self, name);
  if (entity->container == 0) entity->container = parts->containers.count;
  vec_push(self->arena, &parts->containers,
           (IndexContainer){.facts = self->modules[module],
                            .fact = fact,
                            .name = name_text(self, name, (NameId){0}),
                            .place = {module, fact->place.i},
                            .module = module});
}

static void listing_add(Index *self, uint32_t module, const FactListing *fact) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, fact->name);
  Entity *entity = entity_make(self, name);
  IndexListing row = {.fact = fact,
                      .name = name_text(self, name, (NameId){0}),
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

// The class is looked up when all names are there.
static void intermediate_add(Index *self, uint32_t module,
                             const FactIntermediate *fact) {
  Sym name = word_in(self, module, fact->name);
  vec_push(self->arena, &self->parts->intermediates,
           (IndexIntermediate){.fact = fact,
                               .name = sym_str(&self->parts->words, name),
                               .place = {module, fact->place.i},
                               .read = {module, fact->read.i}});
}

static void object_add(Index *self, uint32_t module, const FactObject *fact) {
  IndexParts *parts = self->parts;
  Entity *entity = entity_make(self, name_in(self, module, fact->name));
  NameId class_name = name_in(self, module, fact->class_name);
  if (entity->object == 0) {
    entity->object = parts->objects.count;
    vec_push(self->arena, &parts->objects, (Object){class_name});
  } else if (parts->objects.items[entity->object].class_name.i != class_name.i) {
    parts->objects.items[entity->object].class_name = (NameId){0};
  }
}

static void zero_add(Index *self, uint32_t module, const FactZero *fact) {
  NameId owner = name_in(self, module, (FactText){FACT_MODULE_NAME});
  NameId name = name_make(self, owner, word_in(self, module, fact->name));
  entity_make(self, name)->zero = 1;
}

static void publisher_add(Index *self, uint32_t module, const FactPublisher *fact) {
  IndexParts *parts = self->parts;
  Entity *entity = entity_make(self, name_in(self, module, fact->name));
  if (entity->publisher == 0) entity->publisher = parts->publishers.count;
  vec_push(self->arena, &parts->publishers, name_in(self, module, fact->stands_for));
}

static void rows_add(Index *self, uint32_t module) {
  FactRows rows;
  const Facts *facts = self->modules[module];
  uint32_t wanted = IN_CONTAINERS | IN_LISTINGS | IN_INTERMEDIATES | IN_REGISTRATIONS;
  facts_unpack(facts, wanted, self->arena, &rows);
  for (uint32_t i = 0; i < rows.container_count; i++) {
    container_add(self, module, &rows.containers[i]);
  }
  for (uint32_t i = 0; i < rows.listing_count; i++) {
    listing_add(self, module, &rows.listings[i]);
  }
  for (uint32_t i = 0; i < rows.intermediate_count; i++) {
    intermediate_add(self, module, &rows.intermediates[i]);
  }
  for (uint32_t i = 0; i < rows.registration_count; i++) {
    const FactRegistration *fact = &rows.registrations[i];
    vec_push(self->arena, &self->parts->registrations,
             (IndexRegistration){.facts = facts,
                                 .fact = fact,
                                 .place = {module, fact->place.i},
                                 .module = module});
  }
}

static void import_add(Index *self, uint32_t module, const FactImport *import) {
  IndexParts *parts = self->parts;
  NameId target = name_in(self, module, import->target);
  Sym name = word_in(self, module, import->name);
  if ((import->flags & IMPORT_STAR) != 0) {
    vec_push(self->arena, &parts->stars, target);
  } else if ((import->flags & IMPORT_LOCAL) == 0 && name.i != 0) {
    map_put(&parts->imports, map_pair(module + 1, name.i), target.i);
  }
}

static void module_add(Index *self, uint32_t module) {
  IndexParts *parts = self->parts;
  names_add(self, module);
  Entity *entity =
      entity_make(self, name_in(self, module, (FactText){FACT_MODULE_NAME}));
  if (entity->module == 0) entity->module = module + 1;
  parts->class_of[module] = parts->classes.count;
  parts->star_of[module] = parts->stars.count;
  classes_add(self, module);
  rows_add(self, module);
  uint32_t wanted =
      IN_FUNCTIONS | IN_IMPORTS | IN_OBJECTS | IN_PUBLISHERS | IN_ZEROS | IN_GLANCES;
  FactRows rows = module_rows(self, module, wanted);
  for (uint32_t i = 0; i < rows.glance_count; i++) {
    map_put(&parts->glances, rows.glances[i].hash, 1);
  }
  for (uint32_t i = 0; i < rows.zero_count; i++) {
    zero_add(self, module, &rows.zeros[i]);
  }
  for (uint32_t i = 0; i < rows.object_count; i++) {
    object_add(self, module, &rows.objects[i]);
  }
  for (uint32_t i = 0; i < rows.function_count; i++) {
    function_add(self, module, &rows.functions[i]);
  }
  for (uint32_t i = 0; i < rows.publisher_count; i++) {
    publisher_add(self, module, &rows.publishers[i]);
  }
  for (uint32_t i = 0; i < rows.import_count; i++) {
    import_add(self, module, &rows.imports[i]);
  }
}

void names_resolve(Index *self) {
  IndexParts *parts = self->parts;
  uint32_t count = self->module_count;
  parts->class_of = arena_array(self->arena, uint32_t, count + 1);
  parts->star_of = arena_array(self->arena, uint32_t, count + 1);
  parts->words_of = arena_array(self->arena, Sym *, count);
  parts->names_of = arena_array(self->arena, NameId *, count);
  for (uint32_t m = 0; m < count; m++) module_add(self, m);
  parts->class_of[count] = parts->classes.count;
  parts->star_of[count] = parts->stars.count;
}

// --- finding -------------------------------------------------------------------------

static bool entity_ok(Entity e) {
  return e.class_id != 0 || e.function != 0 || e.container != 0 || e.module != 0 ||
         e.listing != 0 || e.object != 0 || e.publisher != 0 || e.zero != 0;
}

// `name` with `from` at its front replaced by `to`.
static NameId name_moved(const Index *self, NameId name, NameId from, NameId to) {
  enum { WORDS_MAX = 256 };
  Sym words[WORDS_MAX];
  uint32_t count = 0;
  for (; name.i != from.i; name = name_get(self, name)->owner) {
    if (count == WORDS_MAX) return (NameId){0};
    words[count++] = name_get(self, name)->word;
  }
  while (count > 0) to = name_make(self, to, words[--count]);
  return to;
}

// What the module's star imports bring in under a word.
static NameId star_target(const Index *self, uint32_t module, Sym word) {
  const IndexParts *parts = self->parts;
  for (uint32_t i = parts->star_of[module]; i < parts->star_of[module + 1]; i++) {
    NameId target = name_find(self, parts->stars.items[i], word);
    if (target.i != 0 && entity_ok(entity_exact(self, target))) return target;
  }
  return (NameId){0};
}

// What a name is imported as: the longest of its fronts that is a module tells.
static NameId name_imported(const Index *self, NameId name) {
  NameId front = name, below;
  do {
    below = front;
    front = name_get(self, front)->owner;
    if (front.i == 0) return front;
  } while (entity_exact(self, front).module == 0);
  uint32_t module = entity_exact(self, front).module;
  Sym word = name_get(self, below)->word;
  NameId target = {map_get(&self->parts->imports, map_pair(module, word.i))};
  if (target.i == 0) target = star_target(self, module - 1, word);
  return target.i == 0 ? target : name_moved(self, name, below, target);
}

NameId name_followed(const Index *self, NameId name) {
  for (uint32_t step = 0; step < EXPORT_STEPS; step++) {
    NameId next = name_imported(self, name);
    if (next.i == 0) break;
    name = next;
  }
  return name;
}

Entity entity_find(const Index *self, NameId name) {
  IndexParts *parts = self->parts;
  uint32_t found = name_get(self, name)->found;
  if (found != 0) return parts->entities.items[found - 1];
  NameId now = name;
  for (uint32_t step = 0; step < EXPORT_STEPS && now.i != 0; step++) {
    if (entity_ok(entity_exact(self, now))) {
      found = name_get(self, now)->entity;
      break;
    }
    now = name_imported(self, now);
  }
  parts->names.items[name.i].found = found + 1;
  return parts->entities.items[found];
}

ClassId object_class(const Index *self, NameId name) {
  enum { PARTS_MAX = 4 };
  const IndexParts *parts = self->parts;
  Sym behind[PARTS_MAX];
  uint32_t count = 0;
  Entity e = entity_find(self, name);
  while (e.object == 0) {
    if (count == PARTS_MAX || name.i == 0 || e.class_id != 0) return (ClassId){0};
    behind[count++] = name_get(self, name)->word;
    name = name_get(self, name)->owner;
    if (name.i == 0) return (ClassId){0};
    e = entity_find(self, name);
  }
  ClassId id = {entity_find(self, parts->objects.items[e.object].class_name).class_id};
  while (count > 0 && id.i != 0) {
    const IndexClass *c = &parts->classes.items[id.i];
    Sym word = behind[--count];
    uint32_t object = 0;
    for (uint32_t o = 0; o < c->order_count && object == 0; o++) {
      NameId of = {parts->classes.items[c->order[o].i].name_id};
      object = entity_exact(self, name_find(self, of, word)).object;
    }
    NameId class_name = parts->objects.items[object].class_name;
    id.i = class_name.i != 0 ? entity_find(self, class_name).class_id : 0;
  }
  return id;
}
