#include "index/index_internal.h"

// Bounds of one question.
enum { HANDED_MAX = 8 };

// --- rows ----------------------------------------------------------------------------

static void keep_add(Index *self, uint32_t module, const FactKeep *fact) {
  IndexParts *parts = self->parts;
  uint32_t owner = entity_exact(self, name_in(self, module, fact->owner)).class_id;
  if (owner == 0) return;
  Keep keep = {.owner = {owner},
               .base = {entity_find(self, name_in(self, module, fact->base)).class_id},
               .parameter = word_in(self, module, fact->parameter),
               .attribute = word_in(self, module, fact->attribute),
               .keyword = word_in(self, module, fact->keyword),
               .position = fact->position,
               .argument = fact->argument,
               .flags = fact->flags,
               .next = map_get(&parts->keeps_of, owner)};
  map_put(&parts->keeps_of, owner, parts->keeps.count);
  vec_push(self->arena, &parts->keeps, keep);
}

static void knot_add(Index *self, uint32_t module, const FactKnot *fact) {
  IndexParts *parts = self->parts;
  Sym attribute = word_in(self, module, fact->attribute);
  IndexKnot knot = {
      .fact = fact,
      .attribute = sym_str(&parts->words, attribute),
      .place = {module, fact->place.i},
      .back = {module, fact->back.i},
      .size = {module, fact->size.i},
      .module = module,
      .owner = {entity_find(self, name_in(self, module, fact->owner)).class_id}};
  uint64_t key = map_pair(knot.owner.i, attribute.i);
  if (knot.owner.i != 0) map_put(&parts->knotted, key, parts->knots.count + 1);
  vec_push(self->arena, &parts->knots, knot);
}

void knots_resolve(Index *self) {
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_KEEPS);
    for (uint32_t i = 0; i < rows.keep_count; i++) keep_add(self, m, &rows.keeps[i]);
    facts_unpack(self->modules[m], IN_KNOTS, self->arena, &rows);
    for (uint32_t i = 0; i < rows.knot_count; i++) knot_add(self, m, &rows.knots[i]);
  }
  self->knots = self->parts->knots.items;
  self->knot_count = self->parts->knots.count;
}

// --- families ------------------------------------------------------------------------

Family family_of(const Index *self, ClassId id) {
  Family all = {.items = {id}, .count = 1};
  for (uint32_t i = 0; i < all.count; i++) {
    const IndexClass *c = index_class(self, all.items[i]);
    for (uint32_t s = 0; s < c->subclass_count && all.count < FAMILY_MAX; s++)
      all.items[all.count++] = c->subclasses[s];
  }
  return all;
}

static bool is_cleared(const Index *self, ClassId id, uint32_t word) {
  return map_get(&self->parts->cleared, map_pair(id.i, word)) != 0;
}

static bool class_clears(const Index *self, ClassId id, Sym name) {
  const IndexAttribute *attribute = attribute_find(self, id, name);
  const uint32_t out = ATTRIBUTE_CLEARED | ATTRIBUTE_DELETED;
  if (attribute != NULL && (attribute->flags & out) != 0) return true;
  const IndexClass *c = index_class(self, id);
  for (uint32_t o = 0; o < c->order_count; o++) {
    if (is_cleared(self, c->order[o], name.i)) return true;
    if (is_cleared(self, c->order[o], WORD_OF_DICT)) return true;
  }
  return false;
}

// Code of the project takes out what the attribute of such an object holds.
static bool is_taken_out(const Index *self, ClassId id, Sym name) {
  if (is_cleared(self, (ClassId){0}, name.i)) return true;
  if (id.i == 0) return false;
  Family all = family_of(self, id);
  for (uint32_t i = 0; i < all.count; i++) {
    if (class_clears(self, all.items[i], name)) return true;
  }
  return false;
}

// --- single objects ------------------------------------------------------------------

// `_instance`, where the class keeps the only one.
static bool keeps_instance(const IndexClass *c) {
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    bool is_of_class = (a->flags & (ATTRIBUTE_CLASS | ATTRIBUTE_VIA_CLASS)) != 0;
    if (is_of_class &&
        (str_ends(a->name, STR("_instance")) || str_ends(a->name, STR("_singleton")))) {
      return true;
    }
  }
  return false;
}

// At the level of a module, or in the function that starts the program.
static bool site_is_single(const Index *self, const IndexSite *site) {
  if ((site->context & (CONTEXT_LOOP | CONTEXT_COMPREHENSION)) != 0) return false;
  Str scope = index_place_scope(self, site->place);
  return scope.n == 0 || str_is(scope, "main") || str_is(scope, "_main");
}

bool index_is_single(const Index *self, ClassId id) {
  if (id.i == 0) return false;
  if (keeps_instance(index_class(self, id))) return true;
  Family all = family_of(self, id);
  uint32_t count = 0;
  for (uint32_t i = 0; i < all.count; i++) {
    const IndexClass *c = index_class(self, all.items[i]);
    for (uint32_t s = 0; s < c->site_count; s++, count++) {
      if (!site_is_single(self, &c->sites[s])) return false;
    }
  }
  return count > 0;
}

// --- methods -------------------------------------------------------------------------

// NULL: a look-up of the name on the object makes a bound method.
static const char *method_refusal(const Index *self, ClassId id, Sym method) {
  static const char *const unknown = "it is not known to be a method";
  const IndexAttribute *attribute = id.i != 0 ? attribute_find(self, id, method) : NULL;
  const uint32_t no_method = ATTRIBUTE_PROPERTY | ATTRIBUTE_CLASS | ATTRIBUTE_INIT;
  if (attribute == NULL || (attribute->flags & ATTRIBUTE_FUNCTION) == 0) return unknown;
  if ((attribute->flags & no_method) != 0) return "it is no method";
  NameId owner = {index_class(self, attribute->owner)->name_id};
  if (entity_exact(self, name_find(self, owner, method)).class_id != 0)
    return "it is a class";
  uint32_t function = method_find(self, id, method);
  const uint32_t others =
      FUNCTION_STATIC | FUNCTION_CLASSMETHOD | FUNCTION_PROPERTY | FUNCTION_DECORATED;
  uint32_t flags = self->parts->functions.items[function].fact.flags;
  return (flags & others) != 0 ? "it is not bound to the instance" : NULL;
}

// --- what constructors keep ----------------------------------------------------------

// An argument on its way through constructors.
typedef struct Passed {
  ClassId id;     // that is made
  uint32_t from;  // index in its order: the constructor is looked for from there on
  uint32_t position;
  Sym keyword;  // or 0
} Passed;

typedef struct Holding {
  const Index *self;
  Passed todo[HANDED_MAX];
  uint32_t count;
  Str attribute;  // that holds it
  const char *refusal;
} Holding;

static bool hold_as(Holding *h, ClassId id, Sym attribute) {
  const IndexAttribute *found = attribute_find(h->self, id, attribute);
  if (found != NULL && (found->flags & ATTRIBUTE_PROPERTY) != 0) {
    h->refusal = "a property stores it";
  } else if (is_taken_out(h->self, id, attribute)) {
    h->refusal = "what it is given is taken out of it again";
  } else {
    h->attribute = sym_str(&h->self->parts->words, attribute);
    return true;
  }
  return false;
}

static Str without_underscores(Str name) {
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  return name;
}

// Fields of a data class or a named tuple, in the order of its `__init__`.
static bool field_holds(Holding *h, const Passed *passed, const IndexClass *from,
                        uint32_t wanted) {
  const Interner *words = &h->self->parts->words;
  uint32_t at = 0;
  for (uint32_t i = 0; i < from->fact->attribute_count; i++) {
    const FactAttribute *fact = &from->own_attributes[i];
    if ((fact->flags & wanted) == 0 || (fact->flags & ATTRIBUTE_CLASSVAR) != 0)
      continue;
    Sym name = word_in(h->self, from->module, fact->name);
    bool is_it = passed->keyword.i == 0
                     ? at == passed->position
                     : str_eq(without_underscores(sym_str(words, name)),
                              without_underscores(sym_str(words, passed->keyword)));
    if (is_it) return hold_as(h, passed->id, name);
    at++;
  }
  return false;
}

static bool is_named_tuple(const Index *self, const IndexClass *c) {
  for (uint32_t i = 0; i < c->fact->base_count; i++) {
    Str name = name_text(self, name_in(self, c->module, c->bases[i].name), (NameId){0});
    if (str_is(name, "typing.NamedTuple")) return true;
  }
  return false;
}

static void hand_on(Holding *h, const Passed *passed, uint32_t at, const Keep *keep) {
  const IndexClass *c = index_class(h->self, passed->id);
  uint32_t from = at + 1;
  if (keep->base.i != 0) {
    for (from = 0; from < c->order_count; from++) {
      if (c->order[from].i == keep->base.i) break;
    }
  } else if ((keep->flags & KEEP_SUPER) == 0) {
    return;  // of a library
  }
  if (from >= c->order_count || h->count == HANDED_MAX) return;
  h->todo[h->count++] = (Passed){passed->id, from, keep->argument, keep->keyword};
}

static bool constructor_keeps(Holding *h, const Passed *passed, uint32_t at) {
  const IndexParts *parts = h->self->parts;
  ClassId from = index_class(h->self, passed->id)->order[at];
  for (uint32_t i = map_get(&parts->keeps_of, from.i); i != 0;
       i = parts->keeps.items[i].next) {
    const Keep *keep = &parts->keeps.items[i];
    bool is_it = passed->keyword.i != 0 ? keep->parameter.i == passed->keyword.i
                                        : keep->position == passed->position;
    if (!is_it) continue;
    if (keep->attribute.i == 0) {
      hand_on(h, passed, at, keep);
    } else if (hold_as(h, passed->id, keep->attribute)) {
      return true;
    }
  }
  return false;
}

static bool passed_is_kept(Holding *h, const Passed *passed) {
  const IndexClass *c = index_class(h->self, passed->id);
  for (uint32_t o = passed->from; o < c->order_count; o++) {
    const IndexClass *from = index_class(h->self, c->order[o]);
    if ((from->flags & CLASS_HAS_INIT) != 0) return constructor_keeps(h, passed, o);
    if ((from->flags & (CLASS_DATACLASS | CLASS_ATTRS)) != 0)
      return field_holds(h, passed, from, ATTRIBUTE_FIELD);
    if (is_named_tuple(h->self, from))
      return field_holds(h, passed, from, ATTRIBUTE_ANNOTATED);
  }
  return false;
}

static const char *made_refusal(const Index *self, const IndexKnot *knot,
                                KnotLife *life) {
  const FactKnot *fact = knot->fact;
  life->made =
      (ClassId){entity_find(self, name_in(self, knot->module, fact->made)).class_id};
  if (life->made.i == 0) return "what it is handed to is not known";
  Holding h = {.self = self,
               .count = 1,
               .refusal = "what is made of it is not known to keep it"};
  h.todo[0] = (Passed){life->made, 0, fact->argument,
                       word_in(self, knot->module, fact->keyword)};
  for (uint32_t i = 0; i < h.count; i++) {
    if (passed_is_kept(&h, &h.todo[i])) {
      life->held_as = h.attribute;
      return NULL;
    }
  }
  return h.refusal;
}

// --- the whole -----------------------------------------------------------------------

// Another class makes the container, and it is no weak one.
static bool inherits_container(const Index *self, const IndexKnot *knot, Sym name) {
  const IndexAttribute *attribute = attribute_find(self, knot->owner, name);
  return attribute != NULL && (attribute->flags & ATTRIBUTE_CONTAINER) != 0;
}

static const char *knot_refusal(const Index *self, const IndexKnot *knot,
                                KnotLife *life) {
  const FactKnot *fact = knot->fact;
  Sym name = word_in(self, knot->module, fact->attribute);
  if (knot->owner.i != 0) {
    const IndexAttribute *attribute = attribute_find(self, knot->owner, name);
    bool is_property =
        attribute != NULL && (attribute->flags & ATTRIBUTE_PROPERTY) != 0;
    if (is_property && (fact->flags & KNOT_DYNAMIC) == 0) return "a property stores it";
  }
  if (is_taken_out(self, knot->owner, name)) return "it is taken out again";
  bool is_inherited = (fact->flags & KNOT_INHERITED) != 0;
  if (is_inherited && !inherits_container(self, knot, name))
    return "what is made of the container is not known";
  if (fact->method.i != 0) {
    const char *refusal =
        method_refusal(self, knot->owner, word_in(self, knot->module, fact->method));
    if (refusal != NULL) return refusal;
  }
  return fact->made.i != 0 ? made_refusal(self, knot, life) : NULL;
}

KnotLife index_knot_life(const Index *self, KnotId id) {
  const IndexKnot *knot = index_knot(self, id);
  KnotLife life = {.refusal = NULL};
  life.refusal = knot_refusal(self, knot, &life);
  life.is_single = index_is_single(self, knot->owner);
  life.is_many = knot->owner.i != 0 && index_class(self, knot->owner)->is_many;
  return life;
}
