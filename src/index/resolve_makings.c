#include "index/index_internal.h"

// Functions that run again and again at run time, with what makes them.
typedef struct Again {
  Index *self;
  uint8_t *reached;  // by function
  Place *cause;      // likewise: the call in a loop, handler or worker; or {0}
  VEC(uint32_t) todo;
} Again;

static void again_add(Again *a, uint32_t function, Place cause) {
  const IndexFunction *f = &a->self->parts->functions.items[function];
  if (function == 0 || a->reached[function] || f->at_import) return;
  a->reached[function] = 1;
  a->cause[function] = cause;
  vec_push(a->self->arena, &a->todo, function);
}

static void again_edge(Again *a, const Edge *edge, Place cause) {
  if (edge->call.is_once) return;
  if (edge->made.i == 0) {
    again_add(a, edge->function, cause);
    return;
  }
  const Makers *makers = &a->self->parts->makers[edge->made.i];
  again_add(a, makers->init, cause);
  again_add(a, makers->allocator, cause);
}

// Out of a function whose results are kept nothing comes often.
static void again_run(Again *a) {
  const IndexParts *parts = a->self->parts;
  while (a->todo.count > 0) {
    uint32_t f = a->todo.items[--a->todo.count];
    const IndexFunction *function = &parts->functions.items[f];
    if ((function->fact.flags & FUNCTION_CACHED) != 0) continue;
    for (uint32_t e = function->first_call; e != 0; e = parts->edges.items[e].next) {
      again_edge(a, &parts->edges.items[e], a->cause[f]);
    }
    for (uint32_t e = function->first_other; e != 0; e = parts->others.items[e].next) {
      again_edge(a, &parts->others.items[e], a->cause[f]);
    }
  }
}

static Again again_begin(Index *self) {
  uint32_t count = self->parts->functions.count;
  return (Again){.self = self,
                 .reached = arena_array(self->arena, uint8_t, count),
                 .cause = arena_array(self->arena, Place, count)};
}

// --- seeds ---------------------------------------------------------------------------

// The call itself runs what it calls more than a few times.
static bool is_hot(const Index *self, const Edge *edge) {
  const uint32_t hot =
      CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_HANDLER | CONTEXT_WORKER;
  const FactCall *call = &edge->call;
  if ((call->context & CONTEXT_TEST) != 0 || call->is_small) return false;
  if (self->parts->functions.items[edge->caller].at_import) return false;
  switch ((CallForm)call->form) {
    case CALL_DECORATOR: return false;
    case CALL_HOOK: return call->sink != SINK_ONE;
    case CALL_MAPPED:
    case CALL_APPLIED: return true;
    default: break;
  }
  bool at_import = call->caller.i == 0 && (call->context & CONTEXT_MAIN_GUARD) == 0;
  return (call->context & hot) != 0 && !at_import;
}

static void hot_edge(Again *a, const Edge *edge) {
  if (is_hot(a->self, edge)) {
    again_edge(a, edge, (Place){edge->module, edge->call.place.i});
  }
}

static Again hot_find(Index *self) {
  const IndexParts *parts = self->parts;
  Again hot = again_begin(self);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    uint32_t flags = parts->functions.items[i].fact.flags;
    if ((flags & FUNCTION_HANDLER) != 0) again_add(&hot, i, (Place){0});
  }
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    hot_edge(&hot, &parts->edges.items[i]);
  }
  for (uint32_t i = 1; i < parts->others.count; i++) {
    hot_edge(&hot, &parts->others.items[i]);
  }
  again_run(&hot);
  return hot;
}

// By its name it starts or prepares the program: `main`, `setup_logging`, `_install`.
static bool is_named_once(const Index *self, const IndexFunction *f) {
  static const char *const verbs[] = {"bootstrap", "configure", "enable",   "init",
                                      "install",   "main",      "register", "setup"};
  Str name = sym_str(&self->parts->words, name_get(self, f->name)->word);
  if (str_starts(name, STR("__"))) return false;
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  for (uint32_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    Str verb = str_from(verbs[i]);
    bool is_verb = str_starts(name, verb);
    if (is_verb && (name.n == verb.n || name.p[verb.n] == '_')) return true;
  }
  return false;
}

// A decorator may do anything with a function: cache it, run it once, make it a command.
static bool may_recur(const Index *self, const IndexFunction *f) {
  const uint32_t known = FUNCTION_STATIC | FUNCTION_CLASSMETHOD | FUNCTION_PROPERTY;
  uint32_t flags = f->fact.flags;
  bool is_decorated = (flags & FUNCTION_DECORATED) != 0 && (flags & known) == 0;
  return f->is_open && !is_decorated && !is_named_once(self, f);
}

static Again recurring_find(Index *self) {
  const IndexParts *parts = self->parts;
  Again all = again_begin(self);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    if (may_recur(self, &parts->functions.items[i])) again_add(&all, i, (Place){0});
  }
  again_run(&all);
  return all;
}

// --- entry ---------------------------------------------------------------------------

static void making_judge(IndexMaking *making, const Again *hot,
                         const Again *recurring) {
  const FactMaking *fact = making->fact;
  const Index *self = hot->self;
  const uint32_t served = CONTEXT_HANDLER | CONTEXT_WORKER;
  uint32_t caller = caller_find(self, making->place.module, fact->caller);
  const IndexFunction *f = &self->parts->functions.items[caller];
  NameId name = name_in(self, making->place.module, fact->class_name);
  making->made.i = entity_exact(self, name).class_id;
  making->at_import = caller != 0 && f->at_import;
  making->is_cached = (f->fact.flags & FUNCTION_CACHED) != 0;
  making->is_hot = (fact->flags & (MAKING_IN_LOOP | MAKING_PER_ELEMENT)) != 0 ||
                   (fact->context & served) != 0 || hot->reached[caller];
  making->may_recur = caller != 0 && recurring->reached[caller];
  if (caller != 0) making->cause = hot->cause[caller];
}

static void rows_read(Index *self, uint32_t module) {
  IndexParts *parts = self->parts;
  FactRows rows;
  facts_unpack(self->modules[module], IN_MAKINGS, self->arena, &rows);
  for (uint32_t i = 0; i < rows.making_count; i++) {
    const FactMaking *fact = &rows.makings[i];
    Str name = sym_str(&parts->words, word_in(self, module, fact->name));
    vec_push(
        self->arena, &parts->makings,
        (IndexMaking){.fact = fact, .name = name, .place = {module, fact->place.i}});
  }
}

void makings_resolve(Index *self) {
  IndexParts *parts = self->parts;
  for (uint32_t m = 0; m < self->module_count; m++) rows_read(self, m);
  self->makings = parts->makings.items;
  self->making_count = parts->makings.count;
  if (self->making_count == 1) return;
  Again hot = hot_find(self), recurring = recurring_find(self);
  for (uint32_t i = 1; i < parts->makings.count; i++) {
    making_judge(&parts->makings.items[i], &hot, &recurring);
  }
}
