#include "index/index_internal.h"
#include "semantic/knowledge.h"

// --- C3 ------------------------------------------------------------------------------

typedef struct Order {
  ClassId items[ORDER_MAX];
  uint32_t count;
  bool is_known;
} Order;

enum { ORDER_FRESH, ORDER_OPEN, ORDER_DONE };

// Bases that decide by themselves that a class is left alone.
enum {
  BASE_LEFT_ALONE = BASE_ENUM | BASE_EXCEPTION | BASE_PROTOCOL | BASE_TUPLE |
                    BASE_TYPED_DICT | BASE_MODEL | BASE_METACLASS | BASE_MODULE |
                    BASE_TEST | BASE_CTYPES | BASE_BUILTIN | BASE_LOCAL | BASE_WIDGET
};

static NameId base_name(const Index *self, const IndexClass *c, uint32_t i) {
  return name_in(self, c->module, c->bases[i].name);
}

// What a base outside of the project means; false when it is not known.
static bool outer_base(const Index *self, IndexClass *c, NameId name) {
  Str text = name_text(self, name, (NameId){0});
  const BaseFact *fact = knowledge_bases(knowledge_builtin(), text);
  if (fact == NULL) {
    c->hazards |= HAZARD_BASE_UNKNOWN;
    return false;
  }
  if ((fact->flags & BASE_LEFT_ALONE) != 0 || fact->slots == SLOTS_REFUSED) {
    c->hazards |= HAZARD_BASE_REFUSES;
  }
  if (fact->slots == SLOTS_DICT) c->hazards |= HAZARD_BASE_DICT;
  if (fact->slots == SLOTS_UNKNOWN) c->hazards |= HAZARD_BASE_UNKNOWN;
  return true;
}

static bool list_has(const ClassId *list, uint32_t from, uint32_t count, ClassId id) {
  for (uint32_t i = from; i < count; i++) {
    if (list[i].i == id.i) return true;
  }
  return false;
}

typedef struct Sequence {
  const ClassId *items;
  uint32_t at, count;
} Sequence;

// The next class of the merge: first of some sequence and in no other's tail.
static ClassId merge_next(const Sequence *all, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (all[i].at == all[i].count) continue;
    ClassId candidate = all[i].items[all[i].at];
    bool in_tail = false;
    for (uint32_t j = 0; j < count && !in_tail; j++) {
      in_tail = list_has(all[j].items, all[j].at + 1, all[j].count, candidate);
    }
    if (!in_tail) return candidate;
  }
  return (ClassId){0};
}

static void merge_orders(Index *self, ClassId id, const ClassId *bases, uint32_t count,
                         Order *out) {
  Sequence all[ORDER_MAX + 1];
  out->items[0] = id;
  out->count = 1;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *base = &self->parts->classes.items[bases[i].i];
    all[i] = (Sequence){base->order, 0, base->order_count};
    out->is_known = out->is_known && base->order_known;
  }
  all[count] = (Sequence){bases, 0, count};
  for (;;) {
    ClassId next = merge_next(all, count + 1);
    if (next.i == 0) break;
    if (out->count == ORDER_MAX) {
      out->is_known = false;
      return;
    }
    out->items[out->count++] = next;
    for (uint32_t i = 0; i <= count; i++) {
      if (all[i].at < all[i].count && all[i].items[all[i].at].i == next.i) all[i].at++;
    }
  }
  for (uint32_t i = 0; i <= count; i++) {
    if (all[i].at < all[i].count) out->is_known = false;  // Python refuses such a class
  }
}

typedef struct Walk {
  Index *self;
  uint8_t *states;
  VEC(ClassId) stack;
} Walk;

// The project's classes among the bases; pushes those whose order is not made yet.
static uint32_t bases_find(Walk *walk, ClassId id, ClassId *bases, Order *out) {
  Index *self = walk->self;
  IndexClass *c = &self->parts->classes.items[id.i];
  uint32_t count = 0;
  for (uint32_t i = 0; i < c->fact->base_count; i++) {
    NameId name = base_name(self, c, i);
    ClassId base = {entity_find(self, name).class_id};
    if (base.i == 0) {
      if (!outer_base(self, c, name)) out->is_known = false;
      continue;
    }
    if (count == ORDER_MAX || walk->states[base.i] == ORDER_OPEN) {
      out->is_known = false;  // too many, or a class below itself
      continue;
    }
    bases[count++] = base;
    if (walk->states[base.i] == ORDER_FRESH) {
      vec_push(self->arena, &walk->stack, base);
    }
  }
  return count;
}

static void order_make(Walk *walk, ClassId first) {
  Index *self = walk->self;
  walk->stack.count = 0;
  vec_push(self->arena, &walk->stack, first);
  while (walk->stack.count > 0) {
    ClassId id = vec_last(&walk->stack), bases[ORDER_MAX];
    if (walk->states[id.i] == ORDER_DONE) {
      walk->stack.count--;
      continue;
    }
    uint32_t depth = walk->stack.count;
    walk->states[id.i] = ORDER_OPEN;
    Order order = {.is_known = true};
    uint32_t count = bases_find(walk, id, bases, &order);
    if (walk->stack.count > depth) continue;  // the bases first, then once more
    merge_orders(self, id, bases, count, &order);
    IndexClass *c = &self->parts->classes.items[id.i];
    ClassId *items = arena_array(self->arena, ClassId, order.count);
    memcpy(items, order.items, sizeof *items * order.count);
    c->order = items;
    c->order_count = order.count;
    c->order_known = order.is_known;
    walk->states[id.i] = ORDER_DONE;
    walk->stack.count--;
  }
}

// --- subclasses ----------------------------------------------------------------------

static uint32_t base_id(const Index *self, const IndexClass *c, uint32_t i) {
  return entity_find(self, base_name(self, c, i)).class_id;
}

static void subclasses_link(Index *self) {
  IndexClass *classes = self->parts->classes.items;
  uint32_t count = self->parts->classes.count;
  uint32_t *room = arena_array(self->arena, uint32_t, count);
  ClassId **lists = arena_array(self->arena, ClassId *, count);
  for (uint32_t i = 1; i < count; i++) {
    for (uint32_t b = 0; b < classes[i].fact->base_count; b++) {
      room[base_id(self, &classes[i], b)]++;
    }
  }
  for (uint32_t i = 1; i < count; i++) {
    lists[i] = arena_array(self->arena, ClassId, room[i]);
    classes[i].subclasses = lists[i];
  }
  for (uint32_t i = 1; i < count; i++) {
    for (uint32_t b = 0; b < classes[i].fact->base_count; b++) {
      uint32_t base = base_id(self, &classes[i], b);
      if (base != 0) lists[base][classes[base].subclass_count++] = (ClassId){i};
    }
  }
}

// --- attributes ----------------------------------------------------------------------

// Attributes over the order, the class's own first; flags of equal names are joined.
static void attributes_join(Index *self, ClassId id) {
  IndexParts *parts = self->parts;
  IndexClass *c = &parts->classes.items[id.i];
  VEC(IndexAttribute) all = {0};
  for (uint32_t o = 0; o < c->order_count; o++) {
    const IndexClass *from = &parts->classes.items[c->order[o].i];
    for (uint32_t i = 0; i < from->fact->attribute_count; i++) {
      const FactAttribute *fact = &from->own_attributes[i];
      // Who only takes out does not have it: a class further on does.
      if (fact->flags == ATTRIBUTE_CLEARED) {
        map_put(&parts->cleared,
                map_pair(id.i, word_in(self, from->module, fact->name).i), 1);
        continue;
      }
      Sym name = word_in(self, from->module, fact->name);
      uint32_t at = map_get(&parts->attribute_at, map_pair(id.i, name.i));
      if (at != 0) {
        all.items[at - 1].flags |= fact->flags;
        continue;
      }
      vec_push(
          self->arena, &all,
          (IndexAttribute){sym_str(&parts->words, name), fact->flags, c->order[o]});
      map_put(&parts->attribute_at, map_pair(id.i, name.i), all.count);
      if (attribute_takes(fact->flags)) map_put(&parts->attribute_names, name.i, 1);
    }
  }
  c->attributes = all.items;
  c->attribute_count = all.count;
}

// Hazards of a base are hazards of the class.
static void hazards_inherit(Index *self, IndexClass *c) {
  const uint32_t inherited =
      HAZARD_DICT | HAZARD_DYNAMIC | HAZARD_HOOKS | HAZARD_CACHED_PROPERTY |
      HAZARD_PICKLE | HAZARD_CLASS_CHANGED | HAZARD_BASE_UNKNOWN | HAZARD_BASE_DICT |
      HAZARD_BASE_REFUSES | HAZARD_METACLASS | HAZARD_SELF_UNKNOWN | HAZARD_WEAKREF;
  for (uint32_t o = 1; o < c->order_count; o++) {
    const IndexClass *base = &self->parts->classes.items[c->order[o].i];
    c->hazards |= base->hazards & inherited;
    if ((base->hazards & HAZARD_INIT_SUBCLASS) != 0) c->hazards |= HAZARD_REGISTERED;
    bool is_slotted =
        (base->flags & CLASS_HAS_SLOTS) != 0 && (base->flags & CLASS_SLOTS_DICT) == 0;
    if (!is_slotted) c->hazards |= HAZARD_BASE_DICT;
    if ((base->flags & CLASS_SLOTS_UNKNOWN) != 0) c->hazards |= HAZARD_BASE_UNKNOWN;
  }
  if (!c->order_known) c->hazards |= HAZARD_BASE_UNKNOWN;
}

void classes_resolve(Index *self) {
  IndexParts *parts = self->parts;
  uint32_t count = parts->classes.count;
  Walk walk = {.self = self, .states = arena_array(self->arena, uint8_t, count)};
  for (uint32_t i = 1; i < count; i++) order_make(&walk, (ClassId){i});
  for (uint32_t i = 1; i < count; i++) {
    attributes_join(self, (ClassId){i});
    hazards_inherit(self, &parts->classes.items[i]);
  }
  subclasses_link(self);
}

// --- families ------------------------------------------------------------------------

// Looked at for one name; a family beyond is not known.
enum { SUBCLASSES_MAX = 64, ATTRIBUTES_MAX = 2048 };

bool class_sets(const Index *self, const IndexClass *c, Sym name) {
  for (uint32_t i = 0; i < c->fact->attribute_count; i++) {
    if (word_in(self, c->module, c->own_attributes[i].name).i == name.i) return true;
  }
  return false;
}

bool family_has(const Index *self, ClassId id, Sym name) {
  const IndexClass *c = &self->classes[id.i];
  if (id.i == 0 || !c->order_known) return true;
  uint32_t looked_at = 0;
  for (uint32_t o = 0; o < c->order_count; o++) {
    looked_at += self->classes[c->order[o].i].fact->attribute_count;
    if (looked_at > ATTRIBUTES_MAX) return true;
    if (c->order[o].i != id.i &&
        class_sets(self, &self->classes[c->order[o].i], name)) {
      return true;
    }
  }
  ClassId todo[SUBCLASSES_MAX] = {id};
  uint32_t count = 1;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *below = &self->classes[todo[i].i];
    looked_at += below->fact->attribute_count;
    if (looked_at > ATTRIBUTES_MAX) return true;
    if (i > 0 && class_sets(self, below, name)) return true;
    if (count + below->subclass_count > SUBCLASSES_MAX) return true;
    for (uint32_t s = 0; s < below->subclass_count; s++) {
      todo[count++] = below->subclasses[s];
    }
  }
  return false;
}

// --- asking --------------------------------------------------------------------------

const IndexAttribute *attribute_find(const Index *self, ClassId id, Sym name) {
  uint32_t at = map_get(&self->parts->attribute_at, map_pair(id.i, name.i));
  return at != 0 ? &self->parts->classes.items[id.i].attributes[at - 1] : NULL;
}

uint32_t method_find(const Index *self, ClassId id, Sym method) {
  const IndexParts *parts = self->parts;
  const IndexClass *c = &parts->classes.items[id.i];
  for (uint32_t o = 0; o < c->order_count; o++) {
    NameId owner = {parts->classes.items[c->order[o].i].name_id};
    Entity e = entity_exact(self, name_find(self, owner, method));
    if (e.function != 0) return e.function;
  }
  return 0;
}
