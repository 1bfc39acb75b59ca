#include "index/index_internal.h"
#include "semantic/knowledge.h"

// Who else reads what one method keeps on self: by name on objects of whatever class, by
// class order on self.

typedef struct Reads {
  Index *self;
  Map wanted;      // words of intermediates -> 1
  Map by_name;     // words that are read on objects of unknown class -> 1
  Map by_class;    // (class that sets it, word) -> 1
  uint8_t *whole;  // by class: everything that its instances have may be read
} Reads;

// --- what files do -------------------------------------------------------------------

static Sym word_find(const Index *self, Str word) {
  return intern_find(&self->parts->words, word);
}

// `.x` of a walk: some file mentions it on an object that is not its own self.
static void walk_read(Reads *r, uint32_t module, const FactWalk *walk) {
  const IndexParts *parts = r->self->parts;
  Str word = sym_str(&parts->words,
                     name_get(r->self, name_in(r->self, module, walk->name))->word);
  if (word.n < 2 || word.p[0] != '.') return;
  Sym name = word_find(r->self, str_slice(word, 1, word.n));
  if (map_get(&r->wanted, name.i) != 0) map_put(&r->by_name, name.i, 1);
}

// `self.x` in a class that does not set it means what some class of its order sets; a
// mixin's is somebody's.
static void inherited_read(Reads *r, const IndexClass *reader, Sym name) {
  bool is_found = false;
  for (uint32_t o = 0; o < reader->order_count; o++) {
    ClassId id = reader->order[o];
    if (!class_sets(r->self, &r->self->classes[id.i], name)) continue;
    map_put(&r->by_class, map_pair(id.i, name.i), 1);
    is_found = true;
  }
  if (!is_found) map_put(&r->by_name, name.i, 1);
}

static void touch_read(Reads *r, uint32_t module, const FactTouch *touch) {
  Index *self = r->self;
  Sym name = word_in(self, module, touch->name);
  if (touch->kind != TOUCH_READ && touch->kind != TOUCH_PATCH) return;
  if (name.i != 0 && map_get(&r->wanted, name.i) == 0) return;
  Entity e = entity_find(self, name_in(self, module, touch->owner));
  const IndexClass *owner = &self->classes[e.class_id];
  if (name.i != 0 && e.class_id == 0) {
    map_put(&r->by_name, name.i, 1);
  } else if (name.i != 0) {
    inherited_read(r, owner, name);
  } else if (touch->kind == TOUCH_READ) {
    for (uint32_t o = 0; e.class_id != 0 && o < owner->order_count; o++) {
      r->whole[owner->order[o].i] = 1;
    }
  }
}

static void module_read(Reads *r, uint32_t module) {
  FactRows rows = module_rows(r->self, module, IN_WALKS | IN_TOUCHES);
  for (uint32_t i = 0; i < rows.walk_count; i++) walk_read(r, module, &rows.walks[i]);
  for (uint32_t i = 0; i < rows.touch_count; i++) {
    touch_read(r, module, &rows.touches[i]);
  }
}

// --- what the class is ---------------------------------------------------------------

// Bases outside of the project that have no private attributes which ours could be.
static bool base_is_apart(const BaseFact *base) {
  const uint32_t apart = BASE_EXCEPTION | BASE_PROTOCOL | BASE_ABSTRACT | BASE_GENERIC |
                         BASE_MODULE | BASE_THREAD | BASE_BUILTIN | BASE_LOCAL |
                         BASE_HANDLER | BASE_WIDGET | BASE_LONG;
  const uint32_t whole = BASE_ENUM | BASE_TUPLE | BASE_TYPED_DICT | BASE_MODEL |
                         BASE_METACLASS | BASE_TEST | BASE_CTYPES;
  if ((base->flags & whole) != 0) return false;
  return (base->flags & apart) != 0 || str_is(base->name, "builtins.object");
}

static bool bases_are_apart(const Index *self, const IndexClass *c) {
  for (uint32_t o = 0; o < c->order_count; o++) {
    const IndexClass *from = &self->classes[c->order[o].i];
    for (uint32_t i = 0; i < from->fact->base_count; i++) {
      NameId name = name_in(self, from->module, from->bases[i].name);
      if (entity_find(self, name).class_id != 0) continue;
      const BaseFact *base =
          knowledge_bases(knowledge_builtin(), name_text(self, name, (NameId){0}));
      if (base == NULL || !base_is_apart(base)) return false;
    }
  }
  return true;
}

static bool is_hidden(const Index *self, const IndexClass *c) {
  const uint32_t hazards = HAZARD_DICT | HAZARD_HOOKS | HAZARD_PICKLE | HAZARD_BODY |
                           HAZARD_CLASS_CHANGED | HAZARD_REDEFINED | HAZARD_BROKEN |
                           HAZARD_METACLASS | HAZARD_SELF_UNKNOWN;
  const uint32_t flags = CLASS_TEST | CLASS_STUB | CLASS_BROKEN;
  return (c->hazards & hazards) != 0 || (c->flags & flags) != 0 ||
         !bases_are_apart(self, c);
}

static void intermediate_judge(const Reads *r, IndexIntermediate *row) {
  Index *self = r->self;
  uint32_t module = row->place.module;
  row->owner.i =
      entity_exact(self, name_in(self, module, row->fact->class_name)).class_id;
  Sym name = word_in(self, module, row->fact->name);
  Sym stored = word_in(self, module, row->fact->stored);
  const IndexClass *c = &self->classes[row->owner.i];
  row->is_read = map_get(&r->by_name, name.i) != 0 ||
                 map_get(&r->by_name, stored.i) != 0 ||
                 map_get(&r->by_class, map_pair(row->owner.i, stored.i)) != 0;
  for (uint32_t o = 0; o < c->order_count; o++) {
    row->is_read |= r->whole[c->order[o].i] != 0;
  }
  row->is_shared = family_has(self, row->owner, stored);
  row->is_hidden = row->owner.i == 0 || is_hidden(self, c);
}

void intermediates_resolve(Index *self) {
  IndexParts *parts = self->parts;
  self->intermediates = parts->intermediates.items;
  self->intermediate_count = parts->intermediates.count;
  if (self->intermediate_count == 1) return;
  Reads r = {.self = self,
             .wanted = map_in(self->arena),
             .by_name = map_in(self->arena),
             .by_class = map_in(self->arena),
             .whole = arena_array(self->arena, uint8_t, self->class_count)};
  for (uint32_t i = 1; i < self->intermediate_count; i++) {
    const IndexIntermediate *row = &parts->intermediates.items[i];
    map_put(&r.wanted, word_in(self, row->place.module, row->fact->name).i, 1);
    map_put(&r.wanted, word_in(self, row->place.module, row->fact->stored).i, 1);
  }
  for (uint32_t m = 0; m < self->module_count; m++) module_read(&r, m);
  for (uint32_t i = 1; i < self->intermediate_count; i++) {
    intermediate_judge(&r, &parts->intermediates.items[i]);
  }
}
