#include "index/index_internal.h"

enum {
  FAMILY_MAX = 64,
  LOOPED = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_WORKER
};

typedef struct Exposures {
  Index *self;
  VEC(IndexExposure) rows;
  VEC(ClassId) owners;  // of rows.items[i]
  Map looped;           // words of methods that some loop calls on who knows what -> 1
  uint8_t *is_run;      // by function: a loop calls it on what a function gave
  Map methods;          // words of methods with exposures -> classes that have them
} Exposures;

static Sym method_word(const Index *self, uint32_t function) {
  return name_get(self, self->parts->functions.items[function].name)->word;
}

// --- what runs often -----------------------------------------------------------------

// `for point in points(): point.as_dict()`: the method of what `points` puts together.
static void given_find(Exposures *e, const Edge *loose, Sym method) {
  const IndexParts *parts = e->self->parts;
  uint32_t at = parts->functions.items[loose->giver].first_call;
  for (; at != 0; at = parts->edges.items[at].next) {
    const Edge *edge = &parts->edges.items[at];
    bool is_element = edge->call.sink == SINK_NUMBER || edge->call.sink == SINK_YIELDED;
    if (edge->made.i == 0 || !is_element) continue;
    e->is_run[method_find(e->self, edge->made, method)] = 1;
  }
}

static void looped_find(Exposures *e) {
  IndexParts *parts = e->self->parts;
  for (uint32_t i = 0; i < parts->loose.count; i++) {
    const Edge *edge = &parts->loose.items[i];
    if ((edge->call.context & LOOPED) == 0) continue;
    NameId name = name_in(e->self, edge->module, edge->call.callee);
    if (edge->giver != 0) {
      given_find(e, edge, name_get(e->self, name)->word);
      continue;
    }
    Str word = sym_str(&parts->words, name_get(e->self, name)->word);
    Sym method = intern_find(&parts->words, str_slice(word, 1, word.n));
    if (method.i != 0) map_put(&e->looped, method.i, 1);
  }
}

static void methods_count(Exposures *e) {
  const Index *self = e->self;
  for (uint32_t i = 0; i < e->rows.count; i++) {
    Sym word = method_word(self, e->rows.items[i].function);
    if (word.i != 0 && map_get(&e->looped, word.i) != 0)
      map_put(&e->methods, word.i, 1);
  }
  if (e->methods.count == 0) return;
  for (uint32_t i = 1; i < self->parts->classes.count; i++) {
    const IndexClass *c = &self->parts->classes.items[i];
    for (uint32_t a = 0; a < c->fact->attribute_count; a++) {
      Sym word = word_in(self, c->module, c->own_attributes[a].name);
      uint32_t count = map_get(&e->methods, word.i);
      if (count != 0) map_put(&e->methods, word.i, count + 1);
    }
  }
}

static bool is_making(Str method) {
  return str_is(method, "__init__") || str_is(method, "__post_init__") ||
         str_is(method, "__new__") || str_is(method, "__setattr__");
}

static void heat_find(Exposures *e, IndexExposure *row, uint32_t context,
                      uint32_t flags) {
  const IndexParts *parts = e->self->parts;
  const IndexFunction *f = &parts->functions.items[row->function];
  Sym word = method_word(e->self, row->function);
  bool is_method = (f->fact.flags & FUNCTION_METHOD) != 0;
  bool is_only = is_method && map_get(&e->methods, word.i) == 2;
  bool is_made =
      row->is_of_self && is_method && is_making(sym_str(&parts->words, word));
  bool is_looped =
      (flags & EXPOSURE_OF_ALL) != 0 || (!row->is_of_self && (context & LOOPED) != 0);
  bool is_run = row->function != 0 && e->is_run[row->function] != 0;
  row->is_hot = is_made || is_looped || f->runs_often || is_only || is_run;
}

// --- by class ------------------------------------------------------------------------

static void exposures_group(Exposures *e) {
  IndexParts *parts = e->self->parts;
  uint32_t count = parts->classes.count;
  uint32_t *starts = arena_array(e->self->arena, uint32_t, count + 1);
  IndexExposure *sorted = arena_array(e->self->arena, IndexExposure, e->rows.count);
  for (uint32_t i = 0; i < e->rows.count; i++) starts[e->owners.items[i].i + 1]++;
  for (uint32_t i = 1; i <= count; i++) starts[i] += starts[i - 1];
  for (uint32_t i = 1; i < count; i++) {
    parts->classes.items[i].exposures = sorted + starts[i];
  }
  for (uint32_t i = 0; i < e->rows.count; i++) {
    IndexClass *c = &parts->classes.items[e->owners.items[i].i];
    sorted[starts[e->owners.items[i].i] + c->exposure_count++] = e->rows.items[i];
  }
}

void exposures_resolve(Index *self) {
  Exposures e = {.self = self,
                 .looped = map_in(self->arena),
                 .methods = map_in(self->arena),
                 .is_run =
                     arena_array(self->arena, uint8_t, self->parts->functions.count)};
  VEC(const FactExposure *) facts = {0};
  for (uint32_t m = 0; m < self->module_count; m++) {
    if ((self->modules[m]->flags & (FACTS_TEST | FACTS_STUB)) != 0) continue;
    FactRows rows;
    facts_unpack(self->modules[m], IN_EXPOSURES, self->arena, &rows);
    for (uint32_t i = 0; i < rows.exposure_count; i++) {
      const FactExposure *fact = &rows.exposures[i];
      ClassId owner = {entity_find(self, name_in(self, m, fact->owner)).class_id};
      if (owner.i == 0) continue;
      IndexExposure row = {.place = {m, fact->place.i},
                           .function = caller_find(self, m, fact->caller),
                           .is_of_self = (fact->flags & EXPOSURE_OF_SELF) != 0,
                           .is_storing = (fact->flags & EXPOSURE_STORES) != 0,
                           .is_cached = (fact->flags & EXPOSURE_CACHED) != 0};
      vec_push(self->arena, &e.rows, row);
      vec_push(self->arena, &e.owners, owner);
      vec_push(self->arena, &facts, fact);
    }
  }
  looped_find(&e);
  methods_count(&e);
  for (uint32_t i = 0; i < e.rows.count; i++) {
    const FactExposure *fact = facts.items[i];
    heat_find(&e, &e.rows.items[i], fact->context, fact->flags);
  }
  exposures_group(&e);
}

ClassId index_exposed(const Index *self, ClassId id, const IndexExposure *exposure) {
  ClassId todo[FAMILY_MAX] = {id};
  Sym word = method_word(self, exposure->function);
  uint32_t count = 1;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *c = index_class(self, todo[i]);
    if (c->kept_count != 0) return todo[i];
    for (uint32_t s = 0; exposure->is_of_self && s < c->subclass_count; s++) {
      ClassId below = c->subclasses[s];
      bool runs_it = method_find(self, below, word) == exposure->function;
      if (runs_it && count < FAMILY_MAX) todo[count++] = below;
    }
  }
  return (ClassId){0};
}
