#include "index/index_internal.h"
#include "semantic/value.h"

typedef struct Operations {
  Index *self;
  VEC(IndexOperation) rows;
  VEC(ContainerId) owners;  // of rows.items[i]
  Map by_attribute;         // name of a class-level container -> index in `chains` + 1
  VEC(uint32_t) chains;     // pairs: container, next
  const Stores *stores;
  Callees *callees;
} Operations;

// --- which container -----------------------------------------------------------------

static bool is_set_on_self(const Index *self, ClassId id, Sym name) {
  const IndexAttribute *a = attribute_find(self, id, name);
  if (a == NULL || (a->flags & (ATTRIBUTE_INIT | ATTRIBUTE_METHOD)) == 0) return false;
  // `self.x += …` alone still is the class's object.
  return (a->flags & ATTRIBUTE_INIT) != 0 || (a->flags & ATTRIBUTE_AUGMENTED) == 0;
}

// The container behind "pkg.C.attr", through the order of C. What is set on self by some
// method is the instance's own.
static uint32_t attribute_container(const Index *self, NameId name, uint32_t flags) {
  const IndexParts *parts = self->parts;
  Sym attribute = name_get(self, name)->word;
  NameId owner = name_get(self, name)->owner;
  uint32_t id = entity_find(self, owner).class_id;
  bool is_object = id == 0;
  if (is_object) id = object_class(self, owner).i;
  if (id == 0) return 0;
  const IndexClass *c = &parts->classes.items[id];
  for (uint32_t o = 0; o < c->order_count; o++) {
    NameId of = {parts->classes.items[c->order[o].i].name_id};
    uint32_t found = entity_exact(self, name_find(self, of, attribute)).container;
    if (found == 0) continue;
    bool is_class_level = parts->containers.items[found].fact->holder == HOLDER_CLASS;
    bool via_self = is_object || (flags & OPERATION_VIA_SELF) != 0;
    return is_class_level && via_self && is_set_on_self(self, (ClassId){id}, attribute)
               ? 0
               : found;
  }
  return 0;
}

static uint32_t container_of(Index *self, uint32_t module, const FactOperation *fact) {
  const uint32_t by_class = OPERATION_VIA_SELF | OPERATION_VIA_CLS;
  NameId name = name_in(self, module, fact->owner);
  if ((fact->flags & by_class) == 0) {
    uint32_t found = entity_find(self, name).container;
    if (found != 0) return found;
  }
  return attribute_container(self, name, fact->flags);
}

// --- what an operation is ------------------------------------------------------------

static void context_read(Index *self, IndexOperation *op) {
  const FactOperation *fact = op->fact;
  const IndexParts *parts = self->parts;
  uint32_t caller = caller_find(self, op->module, fact->caller);
  const IndexFunction *f = &parts->functions.items[caller];
  op->at_making = caller != 0 && f->at_making;
  op->at_import = fact->caller.i == 0 || f->at_import;
  const uint32_t again = CONTEXT_LOOP | CONTEXT_HANDLER | CONTEXT_WORKER;
  op->runs_once = caller != 0 && f->is_called_once && (fact->context & again) == 0;
  op->in_generator = (f->fact.flags & FUNCTION_GENERATOR) != 0;
  op->from_import = f->from_import && !f->is_constructor;
  op->in_handler =
      (fact->context & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0 || f->in_handler;
  bool is_per_instance =
      caller != 0 && (f->fact.flags & (FUNCTION_STATIC | FUNCTION_CLASSMETHOD)) == 0;
  op->in_method_of_many = is_per_instance && parts->classes.items[f->owner.i].is_many;
  uint32_t flags = self->modules[op->module]->flags;
  op->in_test = (fact->context & CONTEXT_TEST) != 0 || (flags & FACTS_TEST) != 0;
}

static void operation_add(Operations *all, uint32_t container, uint32_t module,
                          const FactOperation *fact) {
  Index *self = all->self;
  IndexOperation op = {.fact = fact,
                       .kind = (OperationKind)fact->kind,
                       .place = {module, fact->place.i},
                       .module = module};
  if (op.kind == OPERATION_PASS)
    op.kind = operation_passed_kind(self, all->callees, module, fact, container);
  context_read(self, &op);
  uint32_t type = self->parts->containers.items[container].fact->type;
  bool is_mapping = type == VALUE_DICT || type == VALUE_SET;
  op.stored = stores_life(all->stores, module, fact, is_mapping);
  vec_push(self->arena, &all->rows, op);
  vec_push(self->arena, &all->owners, (ContainerId){container});
}

// --- by attribute alone --------------------------------------------------------------

static void attributes_index(Operations *all) {
  IndexParts *parts = all->self->parts;
  vec_push(all->self->arena, &all->chains, 0);
  for (uint32_t i = 1; i < parts->containers.count; i++) {
    const IndexContainer *c = &parts->containers.items[i];
    if (c->fact->holder != HOLDER_CLASS && c->fact->holder != HOLDER_INSTANCE) continue;
    Sym name = name_get(all->self, name_in(all->self, c->module, c->fact->name))->word;
    uint32_t next = map_get(&all->by_attribute, name.i);
    map_put(&all->by_attribute, name.i, all->chains.count);
    vec_push(all->self->arena, &all->chains, i);
    vec_push(all->self->arena, &all->chains, next);
  }
}

// `x.items.clear()` on who knows what: it may be any class's. Growth has to be proved.
static void unknown_add(Operations *all, uint32_t module, const FactOperation *fact) {
  if (fact->kind == OPERATION_GROW) return;
  Sym name = name_get(all->self, name_in(all->self, module, fact->owner))->word;
  uint32_t at = name.i == 0 ? 0 : map_get(&all->by_attribute, name.i);
  for (; at != 0; at = all->chains.items[at + 1]) {
    operation_add(all, all->chains.items[at], module, fact);
  }
}

// `obj.items = []` on who knows what: the container is another one then.
static void rebound_find(Index *self, const Operations *all) {
  IndexParts *parts = self->parts;
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_TOUCHES);
    for (uint32_t i = 0; i < rows.touch_count; i++) {
      uint32_t kind = rows.touches[i].kind;
      if (kind != TOUCH_WRITE && kind != TOUCH_CLASS_WRITE) continue;
      Sym name = word_in(self, m, rows.touches[i].name);
      uint32_t at = name.i == 0 ? 0 : map_get(&all->by_attribute, name.i);
      for (; at != 0; at = all->chains.items[at + 1]) {
        parts->containers.items[all->chains.items[at]].is_rebound = true;
      }
    }
  }
}

// --- entry ---------------------------------------------------------------------------

static void operations_group(Operations *all) {
  IndexParts *parts = all->self->parts;
  uint32_t count = parts->containers.count;
  uint32_t *next = arena_array(all->self->arena, uint32_t, count + 1);
  IndexOperation *sorted =
      arena_array(all->self->arena, IndexOperation, all->rows.count);
  for (uint32_t i = 0; i < all->rows.count; i++) next[all->owners.items[i].i + 1]++;
  for (uint32_t i = 1; i <= count; i++) next[i] += next[i - 1];
  for (uint32_t i = 1; i < count; i++) {
    parts->containers.items[i].operations = sorted + next[i];
  }
  for (uint32_t i = 0; i < all->rows.count; i++) {
    uint32_t container = all->owners.items[i].i;
    IndexContainer *c = &parts->containers.items[container];
    sorted[next[container] + c->operation_count++] = all->rows.items[i];
  }
}

void operations_resolve(Index *self) {
  IndexParts *parts = self->parts;
  Operations all = {.self = self, .by_attribute = map_in(self->arena)};
  attributes_index(&all);
  for (uint32_t i = 1; i < parts->containers.count; i++) {
    IndexContainer *c = &parts->containers.items[i];
    NameId owner = name_in(self, c->module, c->fact->class_name);
    c->owner.i = entity_exact(self, owner).class_id;
  }
  FactRows *rows = arena_array(self->arena, FactRows, self->module_count);
  for (uint32_t m = 0; m < self->module_count; m++) {
    facts_unpack(self->modules[m], IN_OPERATIONS, self->arena, &rows[m]);
  }
  all.stores = stores_in(self, rows);
  all.callees = callees_in(self);
  for (uint32_t m = 0; m < self->module_count; m++) {
    for (uint32_t i = 0; i < rows[m].operation_count; i++) {
      const FactOperation *fact = &rows[m].operations[i];
      if ((fact->flags & OPERATION_VIA_UNKNOWN) != 0) {
        unknown_add(&all, m, fact);
        continue;
      }
      uint32_t container = container_of(self, m, fact);
      if (container != 0) operation_add(&all, container, m, fact);
    }
  }
  operations_group(&all);
  rebound_find(self, &all);
}
