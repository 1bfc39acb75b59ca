#include "index/index_internal.h"

// Where the dict of instances is asked for, and whether of one after the other: by a loop,
// or by a method that a loop calls, or that such a method calls.

enum {
  EXPOSED_MAX = 64,
  HEAT_MAX = 3,  // calls inside each other that count as in the loop
  LOOPED = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_WORKER,
};

typedef struct Exposures {
  Index *self;
  VEC(IndexExposure) rows;
  VEC(ClassId) owners;  // of rows.items[i]
  VEC(uint32_t) flags;  // likewise: EXPOSURE_*
  Map looped;           // words of methods that some loop calls on who knows what -> 1
  Map methods;          // words of methods with exposures -> 1 + classes that have them
  uint8_t *heat;        // by function: 1 = a loop calls it, 2 = one of these does, …
} Exposures;

static Sym method_word(const Index *self, uint32_t function) {
  return name_get(self, self->parts->functions.items[function].name)->word;
}

static void heat_add(Exposures *e, uint32_t function, uint32_t heat) {
  if (function != 0 && e->heat[function] == 0) e->heat[function] = (uint8_t)heat;
}

// What making an instance runs.
static void heat_making(Exposures *e, ClassId id, uint32_t heat) {
  static const char *const makers[] = {"__init__", "__new__", "__post_init__"};
  Interner *words = &e->self->parts->words;
  for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
    Sym word = intern_find(words, str_from(makers[i]));
    if (word.i != 0) heat_add(e, method_find(e->self, id, word), heat);
  }
}

// --- loops ---------------------------------------------------------------------------

// `for name in names: self.read(name)` stays with one instance.
static bool is_own_call(const Index *self, const Edge *edge) {
  const IndexFunction *caller = &self->parts->functions.items[edge->caller];
  return edge->through.i != 0 && caller->owner.i == edge->through.i;
}

static void edges_look(Exposures *e) {
  const IndexParts *parts = e->self->parts;
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    bool is_looped =
        (edge->call.context & LOOPED) != 0 || edge->call.form == CALL_MAPPED;
    bool is_test = (edge->call.context & CONTEXT_TEST) != 0;
    if (!is_looped || is_test || edge->call.is_small || is_own_call(e->self, edge))
      continue;
    heat_add(e, edge->function, 1);
    if (edge->made.i != 0) heat_making(e, edge->made, 1);
  }
}

// `for point in points(): point.as_dict()`: the method of what `points` puts together.
static void given_look(Exposures *e, const Edge *loose, Sym method) {
  const IndexParts *parts = e->self->parts;
  uint32_t at = parts->functions.items[loose->giver].first_call;
  for (; at != 0; at = parts->edges.items[at].next) {
    const Edge *edge = &parts->edges.items[at];
    bool is_element = edge->call.sink == SINK_NUMBER || edge->call.sink == SINK_YIELDED;
    if (edge->made.i == 0 || !is_element) continue;
    heat_add(e, method_find(e->self, edge->made, method), 1);
  }
}

static void loose_look(Exposures *e) {
  IndexParts *parts = e->self->parts;
  for (uint32_t i = 0; i < parts->loose.count; i++) {
    const Edge *edge = &parts->loose.items[i];
    if ((edge->call.context & LOOPED) == 0) continue;
    NameId name = name_in(e->self, edge->module, edge->call.callee);
    if (edge->giver != 0) {
      given_look(e, edge, name_get(e->self, name)->word);
      continue;
    }
    Str word = sym_str(&parts->words, name_get(e->self, name)->word);
    Sym method = intern_find(&parts->words, str_slice(word, 1, word.n));
    if (method.i != 0) map_put(&e->looped, method.i, 1);
  }
}

// A method whose name no other class has is meant by the name alone.
static void methods_look(Exposures *e) {
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
  for (uint32_t i = 0; i < e->rows.count; i++) {
    uint32_t f = e->rows.items[i].function;
    bool is_method =
        (self->parts->functions.items[f].fact.flags & FUNCTION_METHOD) != 0;
    if (is_method && map_get(&e->methods, method_word(self, f).i) == 2)
      heat_add(e, f, 1);
  }
}

static void heat_spread(Exposures *e) {
  const IndexParts *parts = e->self->parts;
  for (uint32_t heat = 1; heat < HEAT_MAX; heat++) {
    for (uint32_t i = 1; i < parts->edges.count; i++) {
      const Edge *edge = &parts->edges.items[i];
      if (e->heat[edge->caller] != heat) continue;
      heat_add(e, edge->function, heat + 1);
      if (edge->made.i != 0) heat_making(e, edge->made, heat + 1);
    }
  }
}

// --- each place ----------------------------------------------------------------------

// `self.x = …` in `__init__` runs `__setattr__`.
static bool sets_attributes(const IndexClass *c) {
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    if ((c->attributes[i].flags & ATTRIBUTE_INIT) != 0) return true;
  }
  return false;
}

static void row_judge(const Exposures *e, uint32_t i) {
  const IndexParts *parts = e->self->parts;
  IndexExposure *row = &e->rows.items[i];
  const IndexFunction *f = &parts->functions.items[row->function];
  uint32_t flags = e->flags.items[i];
  Str method = sym_str(&parts->words, method_word(e->self, row->function));
  bool is_method = (f->fact.flags & FUNCTION_METHOD) != 0 && row->is_of_self;
  bool is_maker = str_is(method, "__init__") || str_is(method, "__post_init__") ||
                  str_is(method, "__new__");
  const uint32_t in_loop = EXPOSURE_OF_ALL | EXPOSURE_LOOPED;
  row->is_hot = (flags & in_loop) != 0 || e->heat[row->function] != 0;
  bool is_setter = str_is(method, "__setattr__") &&
                   sets_attributes(&parts->classes.items[e->owners.items[i].i]);
  if (is_method && (is_maker || is_setter)) {
    row->is_hot = row->is_in_making = (flags & EXPOSURE_BRANCH) == 0;
  }
}

// --- by class ------------------------------------------------------------------------

static void exposures_group(const Exposures *e) {
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

static void rows_collect(Exposures *e) {
  Index *self = e->self;
  for (uint32_t m = 0; m < self->module_count; m++) {
    if ((self->modules[m]->flags & (FACTS_TEST | FACTS_STUB)) != 0) continue;
    FactRows rows = module_rows(self, m, IN_EXPOSURES);
    for (uint32_t i = 0; i < rows.exposure_count; i++) {
      const FactExposure *fact = &rows.exposures[i];
      ClassId owner = {entity_find(self, name_in(self, m, fact->owner)).class_id};
      if (owner.i == 0) continue;
      IndexExposure row = {.place = {m, fact->place.i},
                           .function = caller_find(self, m, fact->caller),
                           .is_of_self = (fact->flags & EXPOSURE_OF_SELF) != 0,
                           .is_storing = (fact->flags & EXPOSURE_STORES) != 0,
                           .is_cached = (fact->flags & EXPOSURE_CACHED) != 0,
                           .is_made_there = (fact->flags & EXPOSURE_MADE) != 0};
      vec_push(self->arena, &e->rows, row);
      vec_push(self->arena, &e->owners, owner);
      vec_push(self->arena, &e->flags, fact->flags);
    }
  }
}

void exposures_resolve(Index *self) {
  Exposures e = {.self = self,
                 .looped = map_in(self->arena),
                 .methods = map_in(self->arena),
                 .heat =
                     arena_array(self->arena, uint8_t, self->parts->functions.count)};
  rows_collect(&e);
  if (e.rows.count == 0) return;
  edges_look(&e);
  loose_look(&e);
  methods_look(&e);
  heat_spread(&e);
  for (uint32_t i = 0; i < e.rows.count; i++) row_judge(&e, i);
  exposures_group(&e);
}

// What a function asks of the object that it makes itself says nothing about the others.
static bool is_asked_at(const Index *self, const IndexExposure *exposure,
                        const IndexSite *site) {
  if (!site->is_kept) return false;
  if (!exposure->is_made_there || site->caller == exposure->function) return true;
  return site->factory.module == exposure->place.module && site->factory.ordinal != 0 &&
         str_eq(index_place_scope(self, site->factory),
                index_place_scope(self, exposure->place));
}

typedef enum KeptHow { KEPT_NOT, KEPT_YIELDED, KEPT_IN_NUMBER } KeptHow;

static KeptHow kept_how(const Index *self, const IndexExposure *exposure, ClassId id) {
  const IndexClass *c = index_class(self, id);
  KeptHow how = KEPT_NOT;
  for (uint32_t i = 0; i < c->site_count && c->kept_count != 0; i++) {
    if (!is_asked_at(self, exposure, &c->sites[i])) continue;
    if (c->sites[i].sink != SINK_YIELDED) return KEPT_IN_NUMBER;
    how = KEPT_YIELDED;
  }
  return how;
}

// Of the classes whose instances run it, one that is kept for certain before one that may
// only be given on.
ClassId index_exposed(const Index *self, ClassId id, const IndexExposure *exposure) {
  ClassId todo[EXPOSED_MAX] = {id}, found = {0};
  Sym word = method_word(self, exposure->function);
  uint32_t count = 1;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *c = index_class(self, todo[i]);
    KeptHow how = kept_how(self, exposure, todo[i]);
    if (how == KEPT_IN_NUMBER) return todo[i];
    if (how == KEPT_YIELDED && found.i == 0) found = todo[i];
    for (uint32_t s = 0; exposure->is_of_self && s < c->subclass_count; s++) {
      ClassId below = c->subclasses[s];
      bool runs_it = method_find(self, below, word) == exposure->function;
      if (runs_it && count < EXPOSED_MAX) todo[count++] = below;
    }
  }
  return found;
}
