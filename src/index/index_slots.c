#include "index/index_internal.h"

const char *hazard_text(uint32_t hazards) {
  static const char *const texts[] = {
      "its __dict__ is used",
      "attributes are set by computed names",
      "it defines __getattr__, __setattr__ or the like",
      "a cached_property needs the __dict__",
      "its instances are weakly referenced",
      "it defines its own pickling or copying",
      "tests patch its instances",
      "zero-argument super() breaks when the class is made anew",
      "__init_subclass__ would run twice",
      "it is made in a function",
      "a base's __init_subclass__ would run twice",
      "its code does not parse",
      "a decorator may change it",
      "its metaclass may read the body",
      "its body binds names dynamically",
      "its name is bound more than once",
      "instances change their class",
      "the class statement has options",
      "a method rebinds its first parameter",
      "a base class is not known",
      "a base class has a __dict__",
      "a base class does not go with slots",
      "a class attribute has the same name",
      "other code sets further attributes",
      "a subclass has several bases",
      "it is not clear whether its instances are weakly referenced",
      "a subclass has slots of its own",
      "a field's default is read from the class",
      "its instances have no attributes",
  };
  for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if ((hazards >> i & 1) != 0) return texts[i];
  }
  return "";
}

static bool is_data_class(const IndexClass *c) {
  return (c->flags & (CLASS_DATACLASS | CLASS_ATTRS)) != 0;
}

// A class of the order behind the first that has the attribute in its slots.
static bool is_slot_of_base(const Index *self, const IndexClass *c, Str name) {
  for (uint32_t o = 1; o < c->order_count; o++) {
    Sym word = intern_find(&self->parts->words, name);
    const IndexAttribute *a = attribute_find(self, c->order[o], word);
    if (a != NULL && a->owner.i == c->order[o].i &&
        (a->flags & (ATTRIBUTE_SLOT | ATTRIBUTE_FIELD)) != 0) {
      return true;
    }
  }
  return false;
}

// A value in the body hides the slot that a base has under this name: what stores there
// needs a dict.
static bool hides_slot(const Index *self, const IndexClass *c,
                       const IndexAttribute *a) {
  const uint32_t of_class = ATTRIBUTE_CLASS | ATTRIBUTE_FUNCTION;
  if (is_data_class(c) || (a->flags & of_class) == 0 ||
      (a->flags & ATTRIBUTE_PROPERTY) != 0) {
    return false;
  }
  return is_slot_of_base(self, c, a->name);
}

typedef struct Names {
  VEC(Str) own;
  uint32_t all;
  uint32_t hazards;
} Names;

static uint32_t attribute_hazards(const IndexClass *c, const IndexAttribute *a) {
  bool is_field = (a->flags & ATTRIBUTE_FIELD) != 0;
  if (is_data_class(c)) return is_field ? 0 : HAZARD_CONFLICT;
  const uint32_t of_class =
      ATTRIBUTE_CLASS | ATTRIBUTE_FUNCTION | ATTRIBUTE_VIA_CLASS | ATTRIBUTE_CLASSVAR;
  return (a->flags & of_class) != 0 ? HAZARD_CONFLICT : 0;
}

static Names names_find(const Index *self, ClassId id, Arena *arena) {
  const IndexClass *c = index_class(self, id);
  Names names = {0};
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    if (hides_slot(self, c, a)) names.hazards |= HAZARD_CONFLICT;
    bool is_bare =
        (a->flags & (ATTRIBUTE_ANNOTATED | ATTRIBUTE_CLASSVAR | ATTRIBUTE_CLASS |
                     ATTRIBUTE_INIT_VAR)) == ATTRIBUTE_ANNOTATED;
    if (!attribute_is_own(a->flags) && !is_bare) continue;
    if ((a->flags & ATTRIBUTE_PROPERTY) != 0) continue;  // the setter stores elsewhere
    names.all++;
    if (is_slot_of_base(self, c, a->name)) continue;
    names.hazards |= attribute_hazards(c, a);
    vec_push(arena, &names.own, a->name);
  }
  if (names.own.count == 0) names.hazards |= HAZARD_NO_ATTRIBUTES;
  return names;
}

// Subclasses that would break, directly or further down (to a bounded number).
static uint32_t subclass_hazards(const Index *self, ClassId id) {
  enum { LOOKED_AT = 256 };
  ClassId todo[LOOKED_AT] = {id};
  uint32_t count = 1, hazards = 0;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *c = index_class(self, todo[i]);
    for (uint32_t s = 0; s < c->subclass_count; s++) {
      const IndexClass *sub = index_class(self, c->subclasses[s]);
      if (sub->fact->base_count > 1) hazards |= HAZARD_LAYOUT;
      if ((sub->flags & CLASS_HAS_SLOTS) != 0) hazards |= HAZARD_SUBCLASS;
      if (count == LOOKED_AT) return hazards | HAZARD_SUBCLASS;
      todo[count++] = c->subclasses[s];
    }
  }
  return hazards;
}

static Str unmangled(const IndexClass *c, Str name) {
  Str owner = str_after_last(c->name, '.');
  while (owner.n > 0 && owner.p[0] == '_') owner = str_slice(owner, 1, owner.n);
  bool is_private = owner.n > 0 && name.n > owner.n + 3 && name.p[0] == '_' &&
                    str_eq(str_slice(name, 1, owner.n + 1), owner) &&
                    str_starts(str_slice(name, owner.n + 1, name.n), STR("__"));
  return is_private ? str_slice(name, owner.n + 1, name.n) : name;
}

// What slots=True survives, and what __slots__ in the body does.
static uint32_t harmless(const IndexClass *c) {
  uint32_t always = HAZARD_WEAKREF | HAZARD_DEFAULT_READ | HAZARD_LOCAL;
  if (is_data_class(c)) {
    bool is_attrs = (c->flags & CLASS_ATTRS) != 0;
    return HAZARD_WEAKREF | HAZARD_LOCAL |
           (is_attrs ? HAZARD_SUPER | HAZARD_WEAKREF_UNKNOWN : 0u);
  }
  return always | HAZARD_SUPER | HAZARD_INIT_SUBCLASS | HAZARD_REGISTERED;
}

SlotsAdvice index_slots(const Index *self, ClassId id, Arena *arena) {
  const IndexClass *c = index_class(self, id);
  Names names = names_find(self, id, arena);
  for (uint32_t i = 0; i < names.own.count; i++) {
    names.own.items[i] = unmangled(c, names.own.items[i]);
  }
  uint32_t hazards = c->hazards | names.hazards | subclass_hazards(self, id);
  // A proof that there are weak references settles the question.
  if ((hazards & HAZARD_WEAKREF) != 0) hazards &= ~(uint32_t)HAZARD_WEAKREF_UNKNOWN;
  hazards &= ~harmless(c);
  return (SlotsAdvice){.is_possible = hazards == 0,
                       .hazards = hazards,
                       .reason = hazard_text(hazards),
                       .needs_weakref = (c->hazards & HAZARD_WEAKREF) != 0,
                       .names = names.own.items,
                       .name_count = names.own.count,
                       .all_count = names.all};
}

const IndexSite *index_kept_site(const IndexClass *c) {
  const IndexSite *found = NULL;
  for (uint32_t i = 0; i < c->site_count; i++) {
    const IndexSite *site = &c->sites[i];
    if (!site->is_kept) continue;
    if (found == NULL || site->bound > found->bound) found = site;
  }
  return found;
}
