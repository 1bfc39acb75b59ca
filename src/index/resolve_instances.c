#include "index/index_internal.h"

// How often functions run and classes are made, where that is once: what only one
// instance of the program does keeps nothing that would not live anyway.

typedef struct Incoming {
  uint32_t count;  // calls of a function that are seen
  uint32_t edge;   // one of them
} Incoming;

typedef struct Instances {
  Index *self;
  Incoming *incoming;  // by function
  uint8_t *own;        // by class: OwnCount
} Instances;

typedef enum OwnCount { OWN_NONE, OWN_ONCE, OWN_UNKNOWN, OWN_MANY } OwnCount;

enum { HOT = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_HANDLER | CONTEXT_WORKER };

// --- functions -----------------------------------------------------------------------

static Str function_word(const Index *self, const IndexFunction *f) {
  return sym_str(&self->parts->words, name_get(self, f->name)->word);
}

// Called by nobody in the project, and by its name once in the life of a program.
static bool is_entry(Str name) {
  static const char *const names[] = {
      "main",       "run",        "start",    "serve",    "cli",
      "setup",      "startup",    "build",    "ready",    "configure",
      "initialize", "create_app", "make_app", "build_app"};
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

static bool caller_is_once(const Index *self, uint32_t caller) {
  if (caller == 0) return true;
  return caller != SITE_UNKNOWN && self->parts->functions.items[caller].runs_once;
}

static bool edge_is_once(const Index *self, const Edge *edge) {
  bool is_unknown = edge->caller == 0 && edge->call.caller.i != 0;
  if ((edge->call.context & HOT) != 0 || is_unknown) return false;
  return (edge->call.times & CALL_REPEATED) == 0 && caller_is_once(self, edge->caller);
}

static bool function_is_once(const Instances *all, uint32_t id) {
  const Index *self = all->self;
  const IndexFunction *f = &self->parts->functions.items[id];
  const uint32_t open = FUNCTION_HANDLER | FUNCTION_PASSED_ON | FUNCTION_CLASS_MAKING;
  if ((f->fact.flags & FUNCTION_SINGLE) != 0) return true;
  if ((f->fact.flags & open) != 0 || f->in_handler || f->runs_often) return false;
  bool is_method = f->owner.i != 0 && (f->fact.flags & FUNCTION_STATIC) == 0;
  bool is_owned_once =
      !is_method || self->parts->classes.items[f->owner.i].made == MADE_ONCE;
  if (f->is_constructor) return is_owned_once;
  Incoming in = all->incoming[id];
  if (in.count == 0) return is_owned_once && is_entry(function_word(self, f));
  return in.count == 1 && edge_is_once(self, &self->parts->edges.items[in.edge]);
}

static bool functions_find(const Instances *all) {
  IndexParts *parts = all->self->parts;
  bool changed = false;
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    IndexFunction *f = &parts->functions.items[i];
    if (f->runs_once || !function_is_once(all, i)) continue;
    f->runs_once = changed = true;
    f->is_called_once = all->incoming[i].count == 1;
  }
  return changed;
}

// --- classes -------------------------------------------------------------------------

// The callers of a factory are the places.
static bool is_factory(const Instances *all, const IndexSite *site) {
  return site->sink == SINK_RETURNED && site->caller != 0 &&
         site->caller != SITE_UNKNOWN && all->incoming[site->caller].count > 0;
}

static OwnCount class_own(const Instances *all, const IndexClass *c) {
  OwnCount own = OWN_NONE;
  for (uint32_t i = 0; i < c->site_count; i++) {
    const IndexSite *site = &c->sites[i];
    if (is_factory(all, site)) continue;
    if (own != OWN_NONE || (site->times & CALL_REPEATED) != 0) return OWN_MANY;
    bool is_single = (site->times & CALL_SINGLE) != 0;
    bool is_hot = (site->context & HOT) != 0 || site->is_kept;
    if (is_hot && !is_single) return OWN_MANY;
    bool is_once = is_single || caller_is_once(all->self, site->caller);
    own = is_once ? OWN_ONCE : OWN_UNKNOWN;
  }
  return own;
}

static MadeCount made_of(OwnCount own) {
  switch (own) {
    case OWN_ONCE: return MADE_ONCE;
    case OWN_MANY: return MADE_MANY;
    default: return MADE_UNKNOWN;
  }
}

// Methods of a base run on the instances of its subclasses.
static void classes_find(Instances *all) {
  IndexParts *parts = all->self->parts;
  uint32_t count = parts->classes.count;
  memset(all->own, OWN_NONE, count);
  for (uint32_t i = 1; i < count; i++) {
    const IndexClass *c = &parts->classes.items[i];
    OwnCount own = class_own(all, c);
    if (own > all->own[i]) all->own[i] = (uint8_t)own;
    for (uint32_t o = 0; o < c->order_count; o++) {
      uint8_t *base = &all->own[c->order[o].i];
      if (own > *base) *base = (uint8_t)own;
    }
  }
  for (uint32_t i = 1; i < count; i++) {
    parts->classes.items[i].made = made_of((OwnCount)all->own[i]);
  }
}

static void incoming_find(Instances *all) {
  const IndexParts *parts = all->self->parts;
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    if (edge->function == 0) continue;
    Incoming *in = &all->incoming[edge->function];
    in->count++;
    in->edge = i;
  }
}

void instances_resolve(Index *self) {
  const IndexParts *parts = self->parts;
  Instances all = {.self = self,
                   .incoming =
                       arena_array(self->arena, Incoming, parts->functions.count),
                   .own = arena_array(self->arena, uint8_t, parts->classes.count)};
  incoming_find(&all);
  for (uint32_t round = 0; round < RETURN_STEPS; round++) {
    bool changed = functions_find(&all);
    classes_find(&all);
    if (!changed) break;
  }
  // The last classes may have been found behind the last functions.
  functions_find(&all);
}
