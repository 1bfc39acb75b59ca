#include "index/index_internal.h"

// What other code does to instances. Where the class of the object is not known, it may
// be one of those that the module defines or imports.

// Where the class is known.
static uint32_t known_hazard(const Index *self, ClassId id, const FactTouch *touch,
                             Sym name) {
  const IndexAttribute *attribute = attribute_find(self, id, name);
  uint32_t flags = attribute != NULL ? attribute->flags : 0;
  switch ((TouchKind)touch->kind) {
    case TOUCH_WRITE: return attribute_takes(flags) ? 0 : HAZARD_FOREIGN;
    case TOUCH_DICT: return HAZARD_DICT;
    case TOUCH_DYNAMIC: return HAZARD_DYNAMIC;
    case TOUCH_WEAKREF: return HAZARD_WEAKREF;
    case TOUCH_PATCH: return HAZARD_PATCHED;
    case TOUCH_CLASS_WRITE: return attribute_is_own(flags) ? HAZARD_CONFLICT : 0;
    case TOUCH_CLASS_READ: {
      bool is_default =
          (flags & ATTRIBUTE_FIELD) != 0 && (flags & ATTRIBUTE_CLASS) != 0;
      return is_default ? HAZARD_DEFAULT_READ : 0;
    }
    case TOUCH_CLASS_CHANGE: return HAZARD_CLASS_CHANGED;
    case TOUCH_READ: return 0;
  }
  return 0;
}

// Where it is not. A written name that some class of the project takes means that class.
static uint32_t unknown_hazard(const Index *self, const FactTouch *touch, Sym name) {
  bool is_someones = name.i != 0 && map_get(&self->parts->attribute_names, name.i) != 0;
  switch ((TouchKind)touch->kind) {
    case TOUCH_WRITE: return is_someones ? 0 : HAZARD_FOREIGN;
    case TOUCH_DICT: return HAZARD_DICT;
    case TOUCH_DYNAMIC: return HAZARD_DYNAMIC;
    case TOUCH_WEAKREF: return HAZARD_WEAKREF_UNKNOWN;
    case TOUCH_PATCH: return is_someones ? HAZARD_PATCHED : 0;
    case TOUCH_CLASS_CHANGE: return HAZARD_CLASS_CHANGED;
    default: return 0;
  }
}

// To the class and, through what they inherit, to its subclasses.
static void known_touch(Index *self, ClassId id, const FactTouch *touch, Sym name) {
  IndexParts *parts = self->parts;
  IndexClass *c = &parts->classes.items[id.i];
  uint32_t hazard = known_hazard(self, id, touch, name);
  if (hazard == 0) return;
  // What is done to an instance of C may be done to one of a base that is typed as C,
  // and the methods of C run on its subclasses.
  for (uint32_t i = 0; i < c->order_count; i++) {
    if (i == 0 || hazard == HAZARD_DICT || hazard == HAZARD_DYNAMIC) {
      parts->classes.items[c->order[i].i].hazards |= hazard;
    }
  }
}

static void hazards_to_subclasses(Index *self) {
  const uint32_t shared = HAZARD_DICT | HAZARD_DYNAMIC | HAZARD_WEAKREF |
                          HAZARD_CLASS_CHANGED | HAZARD_FOREIGN | HAZARD_PATCHED |
                          HAZARD_WEAKREF_UNKNOWN;
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    IndexClass *c = &parts->classes.items[i];
    for (uint32_t o = 1; o < c->order_count; o++) {
      c->hazards |= parts->classes.items[c->order[o].i].hazards & shared;
    }
  }
}

// --- touches of objects whose class is not known -------------------------------------

typedef struct Candidates {
  Index *self;
  uint32_t *marks;  // by class: the last module that considered it
  VEC(ClassId) classes;
} Candidates;

static void candidate_add(Candidates *all, uint32_t mark, uint32_t id) {
  if (id == 0 || all->marks[id] == mark) return;
  all->marks[id] = mark;
  vec_push(all->self->arena, &all->classes, (ClassId){id});
}

static void candidates_of_module(Candidates *all, uint32_t mark, uint32_t module) {
  const uint32_t *first = all->self->parts->class_of;
  for (uint32_t i = first[module]; i < first[module + 1]; i++) {
    candidate_add(all, mark, i);
  }
}

static void candidates_find(Candidates *all, uint32_t module, const FactRows *rows) {
  Index *self = all->self;
  all->classes.count = 0;
  candidates_of_module(all, module + 1, module);
  for (uint32_t i = 0; i < rows->import_count; i++) {
    Entity e = entity_find(self, name_in(self, module, rows->imports[i].target));
    candidate_add(all, module + 1, e.class_id);
    if (e.module != 0) candidates_of_module(all, module + 1, e.module - 1);
  }
}

static bool is_unknown_object(const FactTouch *touch) {
  return touch->owner.i == 0 && touch->kind != TOUCH_CLASS_WRITE &&
         touch->kind != TOUCH_CLASS_READ;
}

static void unknown_touches(Candidates *all, uint32_t module, const FactRows *rows) {
  Index *self = all->self;
  uint32_t hazards = 0;
  for (uint32_t i = 0; i < rows->touch_count; i++) {
    const FactTouch *touch = &rows->touches[i];
    if (!is_unknown_object(touch)) continue;
    hazards |= unknown_hazard(self, touch, word_in(self, module, touch->name));
  }
  if (hazards == 0) return;
  candidates_find(all, module, rows);
  for (uint32_t c = 0; c < all->classes.count; c++) {
    self->parts->classes.items[all->classes.items[c].i].hazards |= hazards;
  }
}

// --- class attributes that are written on instances ----------------------------------

// `image.anchor = …` on who knows what makes an attribute of the instance, where a class
// has `anchor = "A1"` in its body: a slot cannot have that name, and without one the
// write fails. Names that the class's own methods set are no question here.
static void shadowed_find(Index *self, const Map *written) {
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    IndexClass *c = &parts->classes.items[i];
    for (uint32_t a = 0; a < c->attribute_count; a++) {
      const IndexAttribute *attribute = &c->attributes[a];
      bool is_default = (attribute->flags & ATTRIBUTE_CLASS) != 0 &&
                        !attribute_takes(attribute->flags);
      if (!is_default) continue;
      Sym name = intern_find(&parts->words, attribute->name);
      if (map_get(written, name.i) != 0) c->hazards |= HAZARD_FOREIGN;
    }
  }
}

static void written_add(const FactTouch *touch, Sym name, Map *written) {
  if (touch->kind != TOUCH_WRITE || touch->owner.i != 0) return;
  if (name.i != 0) map_put(written, name.i, 1);
}

void touches_resolve(Index *self) {
  Map written = map_in(self->arena);
  Candidates all = {.self = self,
                    .marks =
                        arena_array(self->arena, uint32_t, self->parts->classes.count)};
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_TOUCHES | IN_IMPORTS);
    for (uint32_t i = 0; i < rows.touch_count; i++) {
      const FactTouch *touch = &rows.touches[i];
      written_add(touch, word_in(self, m, touch->name), &written);
      Entity owner = entity_find(self, name_in(self, m, touch->owner));
      if (owner.class_id == 0) continue;
      known_touch(self, (ClassId){owner.class_id}, touch,
                  word_in(self, m, touch->name));
    }
    unknown_touches(&all, m, &rows);
  }
  shadowed_find(self, &written);
  hazards_to_subclasses(self);
}
