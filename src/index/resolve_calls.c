#include "index/index_internal.h"

// --- edges ---------------------------------------------------------------------------

// What only tells how often functions run.
static void other_add(Index *self, Edge edge) {
  IndexParts *parts = self->parts;
  IndexFunction *caller = &parts->functions.items[edge.caller];
  edge.next = caller->first_other;
  caller->first_other = parts->others.count;
  vec_push(self->arena, &parts->others, edge);
}

static void edge_add(Index *self, uint32_t module, const FactCall *call) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, call->callee);
  NameId owner = name_get(self, name)->owner;
  bool is_given = str_is(sym_str(&parts->words, name_get(self, owner)->word), "()") &&
                  object_class(self, owner).i == 0;
  if (is_given ||
      str_starts(sym_str(&parts->words, name_get(self, name)->word), STR("."))) {
    Edge loose = {.call = *call, .module = module};
    loose.caller = caller_find(self, module, call->caller);
    if (is_given) {
      loose.giver = entity_find(self, name_get(self, owner)->owner).function;
    }
    vec_push(self->arena, &parts->loose, loose);
    return;
  }
  Entity callee = entity_find(self, name);
  Edge edge = {.call = *call,
               .module = module,
               .function = callee.function,
               .made = {callee.class_id},
               .by_cls = call->form == CALL_CLS};
  if (callee.class_id != 0) edge.function = 0;
  if (callee.class_id == 0) {
    // `C.method` or `self.method`, found through the class's order.
    const Name *parted = name_get(self, name);
    Sym word = parted->word;
    edge.through = (ClassId){entity_find(self, parted->owner).class_id};
    if (edge.through.i == 0) edge.through = object_class(self, parted->owner);
    uint32_t method = edge.through.i != 0 ? method_find(self, edge.through, word) : 0;
    if (edge.function == 0) edge.function = method;
  }
  if (edge.made.i == 0 && edge.function == 0) return;
  edge.caller = caller_find(self, module, call->caller);
  if (call->form >= CALL_METHOD) {
    other_add(self, edge);
    return;
  }
  if (edge.function != 0) {
    IndexFunction *f = &parts->functions.items[edge.function];
    bool is_handed_on = (f->fact.flags & (FUNCTION_PASSED_ON | FUNCTION_HANDLER)) != 0;
    uint8_t constants =
        is_handed_on || call->form != CALL_PLAIN ? (uint8_t)0 : call->constants;
    f->constants = f->is_called ? f->constants & constants : constants;
    f->is_called = true;
  }
  IndexFunction *caller = &parts->functions.items[edge.caller];
  edge.next = caller->first_call;
  caller->first_call = parts->edges.count;
  vec_push(self->arena, &parts->edges, edge);
}

// --- reach ---------------------------------------------------------------------------

typedef struct Reach {
  Index *self;
  uint8_t *reached;      // by function
  const Makers *makers;  // by class
  VEC(uint32_t) todo;
} Reach;

static void reach_add(Reach *reach, uint32_t function) {
  if (function == 0 || reach->reached[function]) return;
  reach->reached[function] = 1;
  vec_push(reach->self->arena, &reach->todo, function);
}

static void reach_edge(Reach *reach, const Edge *edge) {
  if (edge->made.i == 0) {
    reach_add(reach, edge->function);
    return;
  }
  reach_add(reach, reach->makers[edge->made.i].init);
  reach_add(reach, reach->makers[edge->made.i].allocator);
}

static void reach_run(Reach *reach) {
  const IndexParts *parts = reach->self->parts;
  while (reach->todo.count > 0) {
    uint32_t f = reach->todo.items[--reach->todo.count];
    for (uint32_t e = parts->functions.items[f].first_call; e != 0;
         e = parts->edges.items[e].next) {
      reach_edge(reach, &parts->edges.items[e]);
    }
  }
}

static Reach reach_begin(Index *self, const Makers *makers) {
  return (Reach){.self = self,
                 .reached =
                     arena_array(self->arena, uint8_t, self->parts->functions.count),
                 .makers = makers};
}

static bool is_at_import(const Edge *edge) {
  const uint32_t later = CONTEXT_MAIN_GUARD | CONTEXT_HANDLER;  // given to a server
  return edge->call.caller.i == 0 && (edge->call.context & later) == 0;
}

// Functions that something may call later: nobody is seen to call them, or they are
// handed on, decorated, or methods other than the `__init__` of a class that is seen to
// be called.
static bool is_runtime_root(const IndexFunction *f) {
  const uint32_t open = FUNCTION_HANDLER | FUNCTION_PASSED_ON | FUNCTION_DECORATED;
  bool is_method = (f->fact.flags & FUNCTION_METHOD) != 0 &&
                   (f->fact.flags & FUNCTION_CLASS_MAKING) == 0 && !f->is_constructor;
  bool is_called = f->is_called || f->is_constructor;
  return !is_called || is_method || (f->fact.flags & open) != 0;
}

static void import_reach(Index *self, const Makers *makers) {
  IndexParts *parts = self->parts;
  Reach import = reach_begin(self, makers), later = reach_begin(self, makers);
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    bool is_served = (edge->call.context & CONTEXT_HANDLER) != 0;
    if (edge->caller != 0 && !is_served) continue;
    reach_edge(is_at_import(edge) ? &import : &later, edge);
  }
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    bool makes_classes =
        (parts->functions.items[i].fact.flags & FUNCTION_CLASS_MAKING) != 0;
    if (makes_classes) reach_add(&import, i);
    bool is_open = !makes_classes && is_runtime_root(&parts->functions.items[i]);
    parts->functions.items[i].is_open = is_open;
    if (is_open) reach_add(&later, i);
  }
  reach_run(&import);
  reach_run(&later);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    parts->functions.items[i].at_import = import.reached[i] && !later.reached[i];
    parts->functions.items[i].from_import = import.reached[i];
  }
}

static bool is_such_call(const Edge *edge, uint32_t contexts) {
  uint32_t context = edge->call.context;
  bool is_such = (context & contexts) != 0 && (context & CONTEXT_TEST) == 0;
  // `map(f, xs)` is a loop.
  is_such |= edge->call.form == CALL_MAPPED && (contexts & CONTEXT_LOOP) != 0;
  return is_such && !edge->call.is_small;
}

// Functions that are called from a place with one of these contexts, and all that they
// call; handlers as well.
static Reach context_reach(Index *self, const Makers *makers, uint32_t contexts) {
  const IndexParts *parts = self->parts;
  Reach reach = reach_begin(self, makers);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    uint32_t flags = parts->functions.items[i].fact.flags;
    if ((flags & FUNCTION_HANDLER) != 0) reach_add(&reach, i);
  }
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    if (is_such_call(edge, contexts)) reach_edge(&reach, edge);
  }
  reach_run(&reach);
  return reach;
}

// The longer the way from the loop, the likelier it is that something on it lets the end
// run once: two calls.
static void loops_near(Index *self, const Makers *makers) {
  IndexParts *parts = self->parts;
  Reach near = reach_begin(self, makers);
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    if (is_such_call(edge, CONTEXT_LOOP | CONTEXT_COMPREHENSION))
      reach_edge(&near, edge);
  }
  uint32_t called = near.todo.count;
  for (uint32_t i = 0; i < called; i++) {
    uint32_t at = parts->functions.items[near.todo.items[i]].first_call;
    for (; at != 0; at = parts->edges.items[at].next) {
      reach_edge(&near, &parts->edges.items[at]);
    }
  }
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    parts->functions.items[i].runs_in_loop = near.reached[i];
  }
}

static void hot_reach(Index *self, const Makers *makers) {
  IndexParts *parts = self->parts;
  const uint32_t served = CONTEXT_HANDLER | CONTEXT_WORKER;
  const uint32_t looped = served | CONTEXT_LOOP | CONTEXT_COMPREHENSION;
  Reach handled = context_reach(self, makers, served);
  Reach often = context_reach(self, makers, looped);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    parts->functions.items[i].in_handler = handled.reached[i];
    parts->functions.items[i].runs_often = often.reached[i];
  }
}

// What only constructors call, and what only that calls: the largest such set.
static void making_find(Index *self, const Makers *makers) {
  enum { ROUNDS_MAX = 16 };
  IndexParts *parts = self->parts;
  const uint32_t open = FUNCTION_HANDLER | FUNCTION_PASSED_ON | FUNCTION_DECORATED;
  uint8_t *makes = arena_array(self->arena, uint8_t, parts->functions.count);
  for (uint32_t i = 1; i < parts->classes.count; i++) makes[makers[i].init] = 1;
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    IndexFunction *f = &parts->functions.items[i];
    f->at_making =
        makes[i] || (f->is_called && f->owner.i != 0 && (f->fact.flags & open) == 0);
  }
  bool is_changed = true;
  for (uint32_t round = 0; is_changed; round++) {
    is_changed = false;
    for (uint32_t i = 1; i < parts->edges.count; i++) {
      const Edge *edge = &parts->edges.items[i];
      IndexFunction *f = &parts->functions.items[edge->function];
      bool is_kept = edge->function == 0 || makes[edge->function] || !f->at_making ||
                     parts->functions.items[edge->caller].at_making;
      if (is_kept && round < ROUNDS_MAX) continue;
      if (!f->at_making || makes[edge->function]) continue;
      f->at_making = false;
      is_changed = true;
    }
  }
}

static void owners_find(Index *self) {
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    IndexFunction *f = &parts->functions.items[i];
    if ((f->fact.flags & FUNCTION_METHOD) == 0) continue;
    f->owner.i = entity_exact(self, name_get(self, f->name)->owner).class_id;
  }
}

void calls_resolve(Index *self) {
  IndexParts *parts = self->parts;
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_CALLS);
    for (uint32_t i = 0; i < rows.call_count; i++) edge_add(self, m, &rows.calls[i]);
  }
  owners_find(self);
  Makers *makers = arena_array(self->arena, Makers, parts->classes.count);
  Sym init = intern(&parts->words, STR("__init__"));
  Sym post_init = intern(&parts->words, STR("__post_init__"));
  Sym allocator = intern(&parts->words, STR("__new__"));
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    Makers *of = &makers[i];
    of->init = method_find(self, (ClassId){i}, init);
    if (of->init == 0) of->init = method_find(self, (ClassId){i}, post_init);
    of->allocator = method_find(self, (ClassId){i}, allocator);
  }
  parts->makers = makers;
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    uint32_t made = parts->edges.items[i].made.i;
    if (made == 0) continue;
    parts->functions.items[makers[made].init].is_constructor = true;
    parts->functions.items[makers[made].allocator].is_constructor = true;
  }
  making_find(self, makers);
  import_reach(self, makers);
  hot_reach(self, makers);
  loops_near(self, makers);
}
