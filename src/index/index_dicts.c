#include "index/index_internal.h"
#include "semantic/knowledge.h"

// Below these a dict is no oversight: theirs anyway, or a metaclass decides.
enum {
  DICT_IS_MEANT = BASE_ENUM | BASE_EXCEPTION | BASE_TYPED_DICT | BASE_MODEL |
                  BASE_MODULE | BASE_TEST | BASE_CTYPES | BASE_LOCAL | BASE_WIDGET
};

// What may make a class anew, with slots that its body does not show.
enum {
  MAY_BE_SLOTTED = HAZARD_DECORATED | HAZARD_METACLASS | HAZARD_KEYWORDS | HAZARD_BODY |
                   HAZARD_REDEFINED | HAZARD_BROKEN
};

typedef struct Dicts {
  const Index *self;
  SlotsVoid *out;
  bool is_unknown, is_named_tuple;
} Dicts;

static void outer_look(Dicts *d, const IndexClass *c, uint32_t base) {
  const Index *self = d->self;
  NameId name = name_in(self, c->module, c->bases[base].name);
  if (entity_find(self, name).class_id != 0) return;
  Str text = name_text(self, name, (NameId){0});
  const BaseFact *fact = knowledge_bases(knowledge_builtin(), text);
  bool is_typing = fact != NULL && (fact->flags & (BASE_PROTOCOL | BASE_TUPLE)) != 0;
  bool is_meta = fact != NULL && (fact->flags & BASE_METACLASS) != 0 && !is_typing;
  if (fact == NULL || fact->slots == SLOTS_UNKNOWN || is_meta ||
      (fact->flags & DICT_IS_MEANT) != 0) {
    d->is_unknown = true;
    return;
  }
  if ((fact->flags & BASE_TUPLE) != 0 && (fact->flags & BASE_BUILTIN) == 0) {
    d->is_named_tuple = true;
  }
  if (fact->slots != SLOTS_DICT) return;
  d->out->source_count++;
  if (d->out->outer.n == 0) d->out->outer = text;
}

static void class_look(Dicts *d, ClassId id, bool is_first) {
  const IndexClass *c = index_class(d->self, id);
  d->is_named_tuple = false;
  for (uint32_t i = 0; i < c->fact->base_count; i++) outer_look(d, c, i);
  if ((c->flags & CLASS_HAS_SLOTS) != 0) {
    const uint32_t open = CLASS_SLOTS_UNKNOWN | CLASS_SLOTS_DICT;
    if ((c->flags & open) != 0) d->is_unknown = true;
    return;
  }
  // NamedTuple gives `__slots__ = ()` to those right below it.
  if (is_first || d->is_named_tuple) return;
  const uint32_t hidden = CLASS_STUB | CLASS_BROKEN | CLASS_OPTIONS_UNKNOWN;
  if ((c->fact->hazards & MAY_BE_SLOTTED) != 0 || (c->flags & hidden) != 0) {
    d->is_unknown = true;
  }
  d->out->source_count++;
  if (d->out->base.i == 0) d->out->base = id;
}

SlotsVoid index_slots_void(const Index *self, ClassId id) {
  const IndexClass *c = index_class(self, id);
  SlotsVoid out = {0};
  Dicts d = {.self = self, .out = &out};
  if ((c->flags & CLASS_HAS_SLOTS) == 0) return out;
  for (uint32_t o = 0; o < c->order_count; o++) class_look(&d, c->order[o], o == 0);
  if (d.is_unknown || !c->order_known ||
      (c->hazards & (HAZARD_BASE_UNKNOWN | HAZARD_METACLASS)) != 0) {
    out.source_count = 0;
  }
  return out;
}

// --- bytes ---------------------------------------------------------------------------

static void root_look(const Index *self, const IndexClass *c, BuiltinRoot *out) {
  for (uint32_t i = 0; i < c->fact->base_count; i++) {
    NameId name = name_in(self, c->module, c->bases[i].name);
    if (entity_find(self, name).class_id != 0) continue;
    Str text = name_text(self, name, (NameId){0});
    const BaseFact *fact = knowledge_bases(knowledge_builtin(), text);
    bool is_exception = fact != NULL && (fact->flags & BASE_EXCEPTION) != 0;
    LayoutRoot root = is_exception ? ROOT_EXCEPTION : layout_root(text);
    const uint32_t plain = BASE_BUILTIN | BASE_ABSTRACT | BASE_GENERIC;
    bool is_plain = fact != NULL && fact->slots == SLOTS_OK &&
                    (fact->flags & ~plain) == 0 &&
                    (root != ROOT_OBJECT || (fact->flags & BASE_BUILTIN) == 0);
    if (root == ROOT_OBJECT) {
      if (!is_plain) out->is_alone = false;
      continue;
    }
    if (out->root != ROOT_OBJECT && out->root != root) out->is_alone = false;
    out->root = root;
    out->name = text;
  }
}

BuiltinRoot index_builtin_root(const Index *self, ClassId id) {
  const IndexClass *c = index_class(self, id);
  BuiltinRoot out = {.is_alone = c->order_known};
  for (uint32_t o = 0; o < c->order_count; o++) {
    root_look(self, index_class(self, c->order[o]), &out);
  }
  // What an exception's base of the project sets is in the dict anyway.
  if (out.root == ROOT_EXCEPTION && c->order_count > 1) out.is_alone = false;
  return out;
}

Layout index_layout(const Index *self, ClassId id) {
  const IndexClass *c = index_class(self, id);
  bool has_slots = (c->flags & CLASS_HAS_SLOTS) != 0;
  bool has_dict = !has_slots || index_slots_void(self, id).source_count != 0;
  Layout out = {.root = index_builtin_root(self, id).root,
                .has_dict = has_dict,
                .has_weakref = has_dict || (c->flags & CLASS_SLOTS_WEAKREF) != 0};
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    if (!attribute_is_own(a->flags) || (a->flags & ATTRIBUTE_PROPERTY) != 0) continue;
    bool is_field = (a->flags & ATTRIBUTE_FIELD) != 0 &&
                    (index_class(self, a->owner)->flags & CLASS_HAS_SLOTS) != 0;
    if (is_field || (a->flags & ATTRIBUTE_SLOT) != 0) {
      out.slots++;
    } else {
      out.attributes++;
    }
  }
  return out;
}

// --- slots for the base --------------------------------------------------------------

// It keeps nothing beside its slots, and nobody else does.
static bool lives_without_dict(const IndexClass *c) {
  const uint32_t harmless = HAZARD_BASE_DICT | HAZARD_SUPER | HAZARD_INIT_SUBCLASS |
                            HAZARD_REGISTERED | HAZARD_BASE_REFUSES |
                            HAZARD_DEFAULT_READ | HAZARD_LOCAL;
  if ((c->hazards & ~harmless) != 0 || (c->flags & CLASS_SLOTS_UNKNOWN) != 0) {
    return false;
  }
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    uint32_t flags = c->attributes[i].flags;
    bool has_place = (flags & (ATTRIBUTE_SLOT | ATTRIBUTE_PROPERTY)) != 0;
    if (attribute_is_own(flags) && !has_place) return false;
  }
  return true;
}

bool index_empty_slots_fit(const Index *self, ClassId base) {
  enum { LOOKED_AT = 64 };
  const IndexClass *c = index_class(self, base);
  const uint32_t others = CLASS_DATACLASS | CLASS_ATTRS | CLASS_TEST | CLASS_STUB;
  if (!self->is_complete || (c->flags & others) != 0) return false;
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const uint32_t bare = ATTRIBUTE_ANNOTATED | ATTRIBUTE_CLASS;
    uint32_t flags = c->attributes[i].flags;
    if (attribute_is_own(flags) && (flags & ATTRIBUTE_PROPERTY) == 0) return false;
    if ((flags & bare) == ATTRIBUTE_ANNOTATED) return false;
  }
  if (!lives_without_dict(c)) return false;
  ClassId todo[LOOKED_AT] = {base};
  uint32_t count = 1;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *at = index_class(self, todo[i]);
    for (uint32_t s = 0; s < at->subclass_count; s++) {
      const IndexClass *sub = index_class(self, at->subclasses[s]);
      bool is_slotted = (sub->flags & CLASS_HAS_SLOTS) != 0;
      if (is_slotted && !lives_without_dict(sub)) return false;
      if (count == LOOKED_AT) return false;
      todo[count++] = at->subclasses[s];
    }
  }
  return true;
}

// --- slots that are there twice ------------------------------------------------------

static bool slot_is_of(const IndexClass *c, const FactAttribute *a) {
  const uint32_t made = CLASS_DATACLASS | CLASS_ATTRS;
  if ((c->flags & CLASS_HAS_SLOTS) == 0) return false;
  if ((a->flags & ATTRIBUTE_SLOT) != 0) return true;
  return (c->flags & made) != 0 && (a->flags & ATTRIBUTE_FIELD) != 0;
}

// The next class of the order that binds the name; {0} if it is none or binds no slot.
static ClassId slot_below(const Index *self, const IndexClass *c, Sym name) {
  for (uint32_t o = 1; o < c->order_count; o++) {
    const IndexClass *base = index_class(self, c->order[o]);
    for (uint32_t i = 0; i < base->fact->attribute_count; i++) {
      const FactAttribute *a = &base->own_attributes[i];
      const uint32_t binds = ATTRIBUTE_CLASS | ATTRIBUTE_FUNCTION | ATTRIBUTE_VIA_CLASS;
      if (word_in(self, base->module, a->name).i != name.i) continue;
      if (slot_is_of(base, a)) return c->order[o];
      if ((a->flags & binds) != 0) return (ClassId){0};
    }
  }
  return (ClassId){0};
}

SlotsTwice index_slots_twice(const Index *self, ClassId id, Arena *arena) {
  const IndexClass *c = index_class(self, id);
  SlotsTwice out = {0};
  VEC(SlotTwice) names = {0};
  if ((c->flags & CLASS_HAS_SLOTS) == 0) return out;
  for (uint32_t i = 0; i < c->fact->attribute_count; i++) {
    const FactAttribute *a = &c->own_attributes[i];
    if ((a->flags & ATTRIBUTE_SLOT) == 0) continue;
    Sym name = word_in(self, c->module, a->name);
    ClassId base = slot_below(self, c, name);
    const IndexClass *below = index_class(self, base);
    const uint32_t odd = HAZARD_REDEFINED | HAZARD_BROKEN | HAZARD_DECORATED;
    bool is_sure = base.i != 0 && (below->fact->hazards & odd) == 0;
    if (is_sure && out.base.i == 0) out.base = base;
    if (is_sure || (a->flags & ATTRIBUTE_SLOT_TWICE) != 0) {
      Str text = sym_str(&self->parts->words, name);
      vec_push(arena, &names, (SlotTwice){text, is_sure});
    }
  }
  out.names = names.items;
  out.count = names.count;
  return out;
}
