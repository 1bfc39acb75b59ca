#include "index/index_internal.h"

enum { MADE_MAX = 4 };  // classes that one factory makes

// What a function returns: instances made by calls in it, or by factories it returns.
typedef struct Made {
  ClassId classes[MADE_MAX];
  Place places[MADE_MAX];
  bool by_cls[MADE_MAX];
  uint32_t count;
} Made;

// What the project's calls of a generator do with what it yields.
typedef struct Consumers {
  bool is_any, keeps;
} Consumers;

typedef struct Sites {
  Index *self;
  Made *made;            // by function
  Consumers *consumers;  // likewise
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

static void consumers_find(Sites *s) {
  const IndexParts *parts = s->self->parts;
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    if (edge->function == 0 || edge->function == edge->caller) continue;
    Consumers *all = &s->consumers[edge->function];
    all->is_any = true;
    if (edge->call.sink == SINK_SPREAD || edge->call.sink == SINK_RETURNED) {
      all->keeps = true;
    }
  }
}

// One at a time where every consumer that is known drops what it got.
static bool is_in_number(const Sites *s, const Edge *edge) {
  const Consumers *of = &s->consumers[edge->caller];
  switch ((Sink)edge->call.sink) {
    case SINK_NUMBER: return true;
    case SINK_STORED: return s->self->parts->functions.items[edge->caller].runs_often;
    case SINK_YIELDED: return edge->caller == 0 || !of->is_any || of->keeps;
    default: return false;
  }
}

static void site_add(Sites *s, const Edge *edge, ClassId id, Place factory) {
  const FactCall *call = &edge->call;
  uint32_t facts_flags = s->self->modules[edge->module]->flags;
  bool is_test = (call->context & CONTEXT_TEST) != 0 ||
                 (facts_flags & (FACTS_TEST | FACTS_STUB)) != 0;
  bool counts = is_in_number(s, edge) && call->form != CALL_DECORATOR;
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
                       .factory = factory});
  vec_push(s->self->arena, &s->owners, id);
}

static void edge_sites(Sites *s, const Edge *edge) {
  if (edge->made.i != 0) {
    site_add(s, edge, edge->made, (Place){0});
    return;
  }
  if (edge->call.sink == SINK_RETURNED) return;  // its callers are the sites
  uint32_t callee = s->self->parts->functions.items[edge->function].fact.flags;
  if ((callee & FUNCTION_CACHED) != 0) return;  // it gives the same one again
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
             .consumers = arena_array(self->arena, Consumers, parts->functions.count)};
  made_find(&s);
  consumers_find(&s);
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    edge_sites(&s, &parts->edges.items[i]);
  }
  sites_group(&s);
  many_find(self);
}
