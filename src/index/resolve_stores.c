#include "index/index_internal.h"

// A container that is stored as an attribute grows where the attribute does: through self
// in the class, its bases and subclasses, or through another name in the same module.

typedef struct Change {
  Place grown;  // append, add, update …
  Place item;   // x[k] = v, which grows a mapping alone
  bool is_emptied;
} Change;

struct Stores {
  Index *self;
  Map wanted;   // names of attributes that something is stored as
  Map changes;  // (class, name) or (module with the high bit, name) -> index
  VEC(Change) rows;
};

static uint32_t key_of_module(uint32_t module) { return module | UINT32_C(1) << 31; }

static Change *change_at(Stores *all, uint32_t holder, Sym name) {
  uint64_t key = map_pair(holder, name.i);
  uint32_t at = map_get(&all->changes, key);
  if (at == 0) {
    vec_push(all->self->arena, &all->rows, (Change){0});
    at = all->rows.count;
    map_put(&all->changes, key, at);
  }
  return &all->rows.items[at - 1];
}

static void change_read(Stores *all, uint32_t holder, Sym name, uint32_t module,
                        const FactOperation *fact) {
  Change *change = change_at(all, holder, name);
  Place place = {module, fact->place.i};
  if (fact->kind != OPERATION_GROW) {
    change->is_emptied = true;
  } else if ((fact->flags & OPERATION_INDEXED) != 0) {
    change->item = place;
  } else {
    change->grown = place;
  }
}

static bool is_change(const FactOperation *fact) {
  const uint32_t by_object = OPERATION_VIA_SELF | OPERATION_VIA_UNKNOWN;
  return (fact->flags & by_object) != 0 &&
         (fact->kind == OPERATION_GROW || fact->kind == OPERATION_SHRINK ||
          fact->kind == OPERATION_CLEAR);
}

static void operation_read(Stores *all, uint32_t module, const FactOperation *fact) {
  Index *self = all->self;
  if (!is_change(fact) || (fact->flags & OPERATION_NESTED) != 0) return;
  const Name *owner = name_get(self, name_in(self, module, fact->owner));
  Sym name = owner->word;
  if (map_get(&all->wanted, name.i) == 0) return;
  if ((fact->flags & OPERATION_VIA_UNKNOWN) != 0) {
    // It may be anybody's that is emptied; what grows is looked for near by.
    bool is_growth = fact->kind == OPERATION_GROW;
    change_read(all, is_growth ? key_of_module(module) : 0, name, module, fact);
    return;
  }
  ClassId id = {entity_find(self, owner->owner).class_id};
  const IndexClass *c = &self->parts->classes.items[id.i];
  for (uint32_t o = 0; o < c->order_count; o++) {
    change_read(all, c->order[o].i, name, module, fact);
  }
}

Stores *stores_in(Index *self, const FactRows *operations) {
  Stores *all = arena_array(self->arena, Stores, 1);
  *all = (Stores){
      .self = self, .wanted = map_in(self->arena), .changes = map_in(self->arena)};
  bool is_any = false;
  for (uint32_t m = 0; m < self->module_count; m++) {
    for (uint32_t i = 0; i < operations[m].operation_count; i++) {
      const FactOperation *fact = &operations[m].operations[i];
      if (fact->kind != OPERATION_STORE || fact->other.i == 0) continue;
      map_put(&all->wanted, name_get(self, name_in(self, m, fact->other))->word.i, 1);
      is_any = true;
    }
  }
  for (uint32_t m = 0; is_any && m < self->module_count; m++) {
    for (uint32_t i = 0; i < operations[m].operation_count; i++) {
      operation_read(all, m, &operations[m].operations[i]);
    }
  }
  return all;
}

static const Change *change_find(const Stores *all, uint32_t holder, Sym name) {
  static const Change none = {0};
  uint32_t at = map_get(&all->changes, map_pair(holder, name.i));
  return at != 0 ? &all->rows.items[at - 1] : &none;
}

StoredLife stores_life(const Stores *all, uint32_t module, const FactOperation *fact,
                       bool is_mapping) {
  Index *self = all->self;
  if (fact->kind != OPERATION_STORE || fact->other.i == 0) return (StoredLife){0};
  const Name *attribute = name_get(self, name_in(self, module, fact->other));
  Sym name = attribute->word;
  uint32_t owner = entity_find(self, attribute->owner).class_id;
  const Change *by_self = change_find(all, owner, name);
  const Change *near_by = change_find(all, key_of_module(module), name);
  bool is_emptied = by_self->is_emptied || change_find(all, 0, name)->is_emptied;
  if (owner == 0 || is_emptied) return (StoredLife){.is_emptied = owner != 0};
  Place grown = by_self->grown;
  if (!place_ok(grown) && is_mapping) grown = by_self->item;
  if (!place_ok(grown)) grown = near_by->grown;
  if (!place_ok(grown) && is_mapping) grown = near_by->item;
  return (StoredLife){.grown_at = grown};
}
