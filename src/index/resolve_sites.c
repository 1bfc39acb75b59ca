#include "index/index_internal.h"

enum { MADE_MAX = 4 };  // classes that one factory makes

// What a function returns: instances made by calls in it, or by factories it returns.
typedef struct Made {
  ClassId classes[MADE_MAX];
  Place places[MADE_MAX];
  bool by_cls[MADE_MAX];
  uint32_t count;
} Made;

// What the project's calls of a generator do with what it yields: the strongest.
typedef enum Fate { FATE_UNKNOWN, FATE_DROPPED, FATE_KEPT } Fate;

typedef struct Sites {
  Index *self;
  Made *made;      // by function
  uint8_t *fates;  // likewise: Fate
  VEC(IndexSite) sites;
  VEC(ClassId) owners;  // of sites.items[i]
} Sites;

static Place call_place(const Edge *edge) {
  return (Place){edge->module, edge->call.place.i};
}

static bool made_add(Made *made, ClassId id, Place place, bool by_cls) {
  for (uint32_t i = 0; i < made->count; i++) {
    if (made->classes[i].i == id.i) return false;
  }
  if (made->count == MADE_MAX) return false;
  made->classes[made->count] = id;
  made->places[made->count] = place;
  made->by_cls[made->count++] = by_cls;
  return true;
}

// What `cls(…)` of the inner factory makes is of the class that it is called through;
// only another class method of that class leaves it open.
static bool made_join(Made *made, const Made *inner, const Edge *edge,
                      const IndexFunction *caller) {
  bool changed = false;
  bool is_open = (caller->fact.flags & FUNCTION_CLASSMETHOD) != 0 &&
                 caller->owner.i == edge->through.i;
  for (uint32_t j = 0; j < inner->count; j++) {
    bool by_cls = inner->by_cls[j];
    bool is_settled = by_cls && edge->through.i != 0 && !is_open;
    ClassId id = is_settled ? edge->through : inner->classes[j];
    changed |= made_add(made, id, inner->places[j], by_cls && is_open);
  }
  return changed;
}

// Factories of factories, to a bounded depth.
static void made_find(Sites *s) {
  const IndexParts *parts = s->self->parts;
  for (uint32_t round = 0; round < RETURN_STEPS; round++) {
    bool changed = false;
    for (uint32_t i = 1; i < parts->edges.count; i++) {
      const Edge *edge = &parts->edges.items[i];
      if (edge->caller == 0 || edge->call.sink != SINK_RETURNED) continue;
      Made *made = &s->made[edge->caller];
      if (edge->made.i != 0) {
        changed |= made_add(made, edge->made, call_place(edge), edge->by_cls);
        continue;
      }
      changed |= made_join(made, &s->made[edge->function], edge,
                           &parts->functions.items[edge->caller]);
    }
    if (!changed) break;
  }
}

// --- consumers -----------------------------------------------------------------------

enum { SEVERAL = UINT32_MAX };

// By word: the generator that is the only method of that name, or SEVERAL.
static Map generators_find(const Index *self) {
  const IndexParts *parts = self->parts;
  Map all = map_in(self->arena);
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    const IndexFunction *f = &parts->functions.items[i];
    const uint32_t wanted = FUNCTION_METHOD | FUNCTION_GENERATOR;
    if ((f->fact.flags & wanted) != wanted) continue;
    Sym word = name_get(self, f->name)->word;
    map_put(&all, word.i, map_get(&all, word.i) == 0 ? i : SEVERAL);
  }
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    const IndexClass *c = &parts->classes.items[i];
    for (uint32_t a = 0; a < c->fact->attribute_count; a++) {
      Sym word = word_in(self, c->module, c->own_attributes[a].name);
      uint32_t only = map_get(&all, word.i);
      bool is_its =
          only != 0 && only != SEVERAL && parts->functions.items[only].owner.i == i;
      if (only != 0 && !is_its) map_put(&all, word.i, SEVERAL);
    }
  }
  return all;
}

// `.rows` is called on who knows what: on the class that has the only method of the name.
static void loose_find(Index *self) {
  IndexParts *parts = self->parts;
  Map generators = map_in(self->arena);
  if (parts->loose.count != 0) generators = generators_find(self);
  for (uint32_t i = 0; i < parts->loose.count; i++) {
    Edge *edge = &parts->loose.items[i];
    if (edge->giver != 0) continue;
    NameId name = name_in(self, edge->module, edge->call.callee);
    Str word = sym_str(&parts->words, name_get(self, name)->word);
    Sym method = intern_find(&parts->words, str_slice(word, 1, word.n));
    uint32_t function = method.i == 0 ? 0 : map_get(&generators, method.i);
    if (function != SEVERAL) edge->function = function;
  }
}

static bool fate_take(Sites *s, const Edge *edge) {
  Sink sink = (Sink)edge->call.sink;
  Fate fate = FATE_DROPPED;
  if (edge->function == 0 || edge->function == edge->caller) return false;
  if (sink == SINK_SPREAD) fate = FATE_KEPT;
  if (sink == SINK_RELAYED || sink == SINK_RETURNED) fate = s->fates[edge->caller];
  if (fate <= s->fates[edge->function]) return false;
  s->fates[edge->function] = (uint8_t)fate;
  return true;
}

// Generators that give on what others yield, to a bounded depth.
static void fates_find(Sites *s) {
  const IndexParts *parts = s->self->parts;
  bool changed = true;
  for (uint32_t round = 0; round < RETURN_STEPS && changed; round++) {
    changed = false;
    for (uint32_t i = 1; i < parts->edges.count; i++) {
      changed |= fate_take(s, &parts->edges.items[i]);
    }
    for (uint32_t i = 0; i < parts->loose.count; i++) {
      changed |= fate_take(s, &parts->loose.items[i]);
    }
  }
}

// A module of a package is there for code that is not in the project, too.
static bool is_of_package(const Index *self, uint32_t module) {
  NameId name = name_in(self, module, (FactText){FACT_MODULE_NAME});
  bool is_package = (self->modules[module]->flags & FACTS_PACKAGE) != 0;
  return is_package || entity_exact(self, name_get(self, name)->owner).module != 0;
}

// --- sites ---------------------------------------------------------------------------

// `for x in self` holds one at a time; who keeps more asks for a list.
static bool is_iteration(const Index *self, uint32_t function) {
  Sym word = name_get(self, self->parts->functions.items[function].name)->word;
  Str name = sym_str(&self->parts->words, word);
  return str_is(name, "__iter__") || str_is(name, "__aiter__");
}

// What is yielded is one at a time where every consumer that is known drops what it got;
// where none is known, in a package, nobody knows.
static bool is_in_number(const Sites *s, const Edge *edge) {
  switch ((Sink)edge->call.sink) {
    case SINK_NUMBER: return true;
    case SINK_STORED: {
      const IndexFunction *f = &s->self->parts->functions.items[edge->caller];
      return f->runs_in_loop || f->in_handler;
    }
    case SINK_YIELDED: {
      Fate fate = (Fate)s->fates[edge->caller];
      return fate == FATE_KEPT ||
             (fate == FATE_UNKNOWN && !is_of_package(s->self, edge->module) &&
              !is_iteration(s->self, edge->caller));
    }
    default: return false;
  }
}

// What a module of a package does when it is run by itself shows how it is used.
static bool is_demonstration(const Sites *s, const Edge *edge) {
  return edge->caller == 0 && (edge->call.context & CONTEXT_MAIN_GUARD) != 0 &&
         is_of_package(s->self, edge->module);
}

static void site_add(Sites *s, const Edge *edge, ClassId id, Place factory) {
  const FactCall *call = &edge->call;
  uint32_t facts_flags = s->self->modules[edge->module]->flags;
  bool is_test = (call->context & CONTEXT_TEST) != 0 ||
                 (facts_flags & (FACTS_TEST | FACTS_STUB)) != 0;
  bool counts = is_in_number(s, edge) && call->form != CALL_DECORATOR &&
                !is_demonstration(s, edge);
  vec_push(s->self->arena, &s->sites,
           (IndexSite){.place = call_place(edge),
                       .sink = (Sink)call->sink,
                       .context = call->context,
                       .form = (CallForm)call->form,
                       .bound = call->bound,
                       .times = call->times,
                       .caller = edge->caller == 0 && call->caller.i != 0
                                     ? SITE_UNKNOWN
                                     : edge->caller,
                       .is_small = call->is_small != 0,
                       .is_kept = counts && !is_test && !call->is_small,
                       .held = is_test ? HELD_BY_NOBODY : (HeldBy)call->held,
                       .holder = s->self->parts->functions.items[edge->caller].owner,
                       .factory = factory});
  vec_push(s->self->arena, &s->owners, id);
}

static void edge_sites(Sites *s, const Edge *edge) {
  if (edge->made.i != 0) {
    site_add(s, edge, edge->made, (Place){0});
    return;
  }
  // Its callers are the sites.
  bool is_held = edge->call.held == HELD_FOR_LONG;
  if (edge->call.sink == SINK_RETURNED && !is_held) return;
  uint32_t callee = s->self->parts->functions.items[edge->function].fact.flags;
  if ((callee & FUNCTION_SINGLE) != 0 && !is_held)
    return;  // it gives the same one again
  const Made *made = &s->made[edge->function];
  for (uint32_t i = 0; i < made->count; i++) {
    bool is_other = made->by_cls[i] && edge->through.i != 0;
    site_add(s, edge, is_other ? edge->through : made->classes[i], made->places[i]);
  }
}

// Sites by class, in their order.
static void sites_group(Sites *s) {
  IndexParts *parts = s->self->parts;
  uint32_t count = parts->classes.count;
  uint32_t *starts = arena_array(s->self->arena, uint32_t, count + 1);
  IndexSite *sorted = arena_array(s->self->arena, IndexSite, s->sites.count);
  for (uint32_t i = 0; i < s->sites.count; i++) starts[s->owners.items[i].i + 1]++;
  for (uint32_t i = 1; i <= count; i++) starts[i] += starts[i - 1];
  for (uint32_t i = 1; i < count; i++) {
    parts->classes.items[i].sites = sorted + starts[i];
  }
  for (uint32_t i = 0; i < s->sites.count; i++) {
    IndexClass *c = &parts->classes.items[s->owners.items[i].i];
    sorted[starts[s->owners.items[i].i] + c->site_count++] = s->sites.items[i];
    if (s->sites.items[i].is_kept) c->kept_count++;
  }
}

static bool site_is_many(const IndexSite *site) {
  const uint32_t hot =
      CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_HANDLER | CONTEXT_WORKER;
  if ((site->context & CONTEXT_TEST) != 0 || site->is_small) return false;
  return site->is_kept || (site->context & hot) != 0;
}

// Methods of a base run on the instances of its subclasses.
static void many_find(Index *self) {
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    const IndexClass *c = &parts->classes.items[i];
    bool is_many = false;
    for (uint32_t s = 0; s < c->site_count && !is_many; s++) {
      is_many = site_is_many(&c->sites[s]);
    }
    for (uint32_t o = 0; is_many && o < c->order_count; o++) {
      parts->classes.items[c->order[o].i].is_many = true;
    }
  }
}

void sites_resolve(Index *self) {
  const IndexParts *parts = self->parts;
  Sites s = {.self = self,
             .made = arena_array(self->arena, Made, parts->functions.count),
             .fates = arena_array(self->arena, uint8_t, parts->functions.count)};
  made_find(&s);
  loose_find(self);
  fates_find(&s);
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    edge_sites(&s, &parts->edges.items[i]);
  }
  sites_group(&s);
  many_find(self);
}
