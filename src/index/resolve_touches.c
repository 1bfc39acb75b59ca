#include "index/index_internal.h"

// What other code does to instances. Where the class of the object is not known, it may
// be one of those that the module defines or imports; where a function got it as an
// argument, one of those of the modules that mention the function. It has the attribute
// that is read of it.

// Where the class is known.
static uint32_t known_hazard(const Index *self, ClassId id, const FactTouch *touch,
                             Sym name) {
  const IndexAttribute *attribute = attribute_find(self, id, name);
  uint32_t flags = attribute != NULL ? attribute->flags : 0;
  switch ((TouchKind)touch->kind) {
    case TOUCH_WRITE: return attribute_takes(flags) ? 0 : HAZARD_FOREIGN;
    case TOUCH_DICT: return HAZARD_DICT;
    case TOUCH_DYNAMIC: return HAZARD_DYNAMIC;
    case TOUCH_WEAKREF: return HAZARD_WEAKREF;
    case TOUCH_PATCH: return HAZARD_PATCHED;
    case TOUCH_CLASS_WRITE: return attribute_is_own(flags) ? HAZARD_CONFLICT : 0;
    case TOUCH_CLASS_READ: {
      bool is_default =
          (flags & ATTRIBUTE_FIELD) != 0 && (flags & ATTRIBUTE_CLASS) != 0;
      return is_default ? HAZARD_DEFAULT_READ : 0;
    }
    case TOUCH_CLASS_CHANGE: return HAZARD_CLASS_CHANGED;
    case TOUCH_CLEAR:
    case TOUCH_RELEASE:
    case TOUCH_READ: return 0;
  }
  return 0;
}

// Where it is not. A written name that some class of the project takes means that class.
static uint32_t unknown_hazard(const Index *self, const FactTouch *touch, Sym name) {
  bool is_someones = name.i != 0 && map_get(&self->parts->attribute_names, name.i) != 0;
  switch ((TouchKind)touch->kind) {
    case TOUCH_WRITE: return is_someones ? 0 : HAZARD_FOREIGN;
    case TOUCH_DICT: return HAZARD_DICT;
    case TOUCH_DYNAMIC: return HAZARD_DYNAMIC;
    case TOUCH_WEAKREF: return HAZARD_WEAKREF_UNKNOWN;
    case TOUCH_PATCH: return is_someones ? HAZARD_PATCHED : 0;
    case TOUCH_CLASS_CHANGE: return HAZARD_CLASS_CHANGED;
    default: return 0;
  }
}

static void hazard_add(IndexClass *c, uint32_t hazards, uint32_t module) {
  if (c->touched == 0) c->touched_in = module;
  if (c->touched_in == module) c->touched |= hazards;
  c->hazards |= hazards;
}

// To the class and, through what they inherit, to its subclasses.
static void known_touch(Index *self, ClassId id, const FactTouch *touch, Sym name,
                        uint32_t module) {
  IndexParts *parts = self->parts;
  IndexClass *c = &parts->classes.items[id.i];
  uint32_t hazard = known_hazard(self, id, touch, name);
  if (hazard == 0) return;
  // What is done to an instance of C may be done to one of a base that is typed as C,
  // and the methods of C run on its subclasses.
  for (uint32_t i = 0; i < c->order_count; i++) {
    if (i == 0 || hazard == HAZARD_DICT || hazard == HAZARD_DYNAMIC) {
      hazard_add(&parts->classes.items[c->order[i].i], hazard, module);
    }
  }
}

static void hazards_to_subclasses(Index *self) {
  const uint32_t shared = HAZARD_DICT | HAZARD_DYNAMIC | HAZARD_WEAKREF |
                          HAZARD_CLASS_CHANGED | HAZARD_FOREIGN | HAZARD_PATCHED |
                          HAZARD_WEAKREF_UNKNOWN;
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    IndexClass *c = &parts->classes.items[i];
    for (uint32_t o = 1; o < c->order_count; o++) {
      const IndexClass *base = &parts->classes.items[c->order[o].i];
      hazard_add(c, base->touched & shared, base->touched_in);
      c->hazards |= base->hazards & shared;
    }
  }
}

// --- touches of objects whose class is not known -------------------------------------

typedef struct Unknown {
  uint32_t hazards;
  Sym read;
  uint32_t next;  // of the same function, 0 = none
} Unknown;

typedef struct Mention {
  uint32_t function, next;  // of the same module
} Mention;

typedef struct Candidates {
  Index *self;
  uint32_t *marks;  // by class: the last module that considered it
  VEC(ClassId) classes;
  VEC(uint32_t) behind;     // modules whose functions a module imports
  uint32_t far;             // from this one on, what imported modules import themselves
  uint32_t *first_touch;    // by function, of what it does to its arguments
  VEC(Unknown) touches;     // item 0 is unused
  uint32_t *first_mention;  // by module
  VEC(Mention) mentions;    // item 0 is unused
  uint8_t *is_mentioned;    // by function
  uint32_t *first_method;   // by class, of those with touches
  uint32_t *next_method;    // by function
} Candidates;

static void candidate_add(Candidates *all, uint32_t mark, uint32_t id) {
  if (id == 0 || all->marks[id] == mark) return;
  all->marks[id] = mark;
  vec_push(all->self->arena, &all->classes, (ClassId){id});
}

static void candidates_of_module(Candidates *all, uint32_t mark, uint32_t module) {
  const uint32_t *first = all->self->parts->class_of;
  for (uint32_t i = first[module]; i < first[module + 1]; i++) {
    candidate_add(all, mark, i);
  }
}

// `for x in suppliers(): x.rating = 1`: the function's module has the class from a third.
static void candidates_behind(Candidates *all, uint32_t mark, uint32_t module) {
  enum { IMPORTS_MAX = 64 };
  Index *self = all->self;
  FactRows rows = module_rows(self, module, IN_IMPORTS);
  if (rows.import_count > IMPORTS_MAX) return;
  for (uint32_t i = 0; i < rows.import_count; i++) {
    Entity e = entity_find(self, name_in(self, module, rows.imports[i].target));
    candidate_add(all, mark, e.class_id);
    if (e.module != 0) candidates_of_module(all, mark, e.module - 1);
  }
}

static void candidates_find(Candidates *all, uint32_t module, const FactRows *rows) {
  Index *self = all->self;
  all->classes.count = 0;
  candidates_of_module(all, module + 1, module);
  for (uint32_t i = 0; i < rows->import_count; i++) {
    Entity e = entity_find(self, name_in(self, module, rows->imports[i].target));
    candidate_add(all, module + 1, e.class_id);
    if (e.module != 0) candidates_of_module(all, module + 1, e.module - 1);
  }
  all->far = all->classes.count;
  all->behind.count = 0;  // the rows go when those of another module are asked for
  for (uint32_t i = 0; i < rows->import_count; i++) {
    Entity e = entity_find(self, name_in(self, module, rows->imports[i].target));
    uint32_t of = self->parts->functions.items[e.function].module;
    bool is_again =
        all->behind.count != 0 && all->behind.items[all->behind.count - 1] == of;
    if (e.function != 0 && of != module && !is_again) {
      vec_push(self->arena, &all->behind, of);
    }
  }
  for (uint32_t i = 0; i < all->behind.count; i++) {
    candidates_behind(all, module + 1, all->behind.items[i]);
  }
}

// Code outside of the project that is given nothing knows no class of it.
static bool is_of_others(const Index *self, uint32_t module, const FactTouch *touch) {
  if (touch->maker.i == 0) return false;
  NameId name = name_in(self, module, touch->maker);
  for (NameId n = name; n.i != 0; n = name_get(self, n)->owner) {
    Entity e = entity_find(self, n);
    if (e.module != 0 || e.function != 0 || e.class_id != 0) return false;
  }
  return true;
}

static bool is_unknown_object(const Index *self, uint32_t module,
                              const FactTouch *touch) {
  return touch->owner.i == 0 && touch->kind != TOUCH_CLASS_WRITE &&
         touch->kind != TOUCH_CLASS_READ && !is_of_others(self, module, touch);
}

// The function whose argument it is, if that can be called from elsewhere.
static uint32_t via_function(const Index *self, uint32_t module,
                             const FactTouch *touch) {
  uint32_t f = touch->via.i == 0 ? 0 : caller_find(self, module, touch->via);
  uint32_t flags = self->parts->functions.items[f].fact.flags;
  return (flags & FUNCTION_NESTED) != 0 ? 0 : f;
}

static void arguments_collect(Candidates *all, uint32_t module, const FactRows *rows) {
  Index *self = all->self;
  for (uint32_t i = 0; i < rows->touch_count; i++) {
    const FactTouch *touch = &rows->touches[i];
    uint32_t f =
        is_unknown_object(self, module, touch) ? via_function(self, module, touch) : 0;
    if (f == 0) continue;
    Sym name = word_in(self, module, touch->name);
    Unknown row = {.hazards = unknown_hazard(self, touch, name),
                   .read = word_in(self, module, touch->read),
                   .next = all->first_touch[f]};
    if (row.hazards == 0) continue;
    uint32_t owner = self->parts->functions.items[f].owner.i;
    if (all->first_touch[f] == 0 && owner != 0) {
      all->next_method[f] = all->first_method[owner];
      all->first_method[owner] = f;
    }
    all->first_touch[f] = all->touches.count;
    vec_push(self->arena, &all->touches, row);
  }
}

static void mention_add(Candidates *all, uint32_t module, uint32_t function) {
  if (function == 0 || all->first_touch[function] == 0) return;
  all->is_mentioned[function] = 1;
  uint32_t next = all->first_mention[module];
  all->first_mention[module] = all->mentions.count;
  vec_push(all->self->arena, &all->mentions, (Mention){function, next});
}

// Modules that use a function as decorator alone give it no instance.
static void mentions_collect(Candidates *all) {
  Index *self = all->self;
  const IndexParts *parts = self->parts;
  Map decorating = map_in(self->arena);
  for (uint32_t i = 1; i < parts->edges.count; i++) {
    const Edge *edge = &parts->edges.items[i];
    if (edge->call.form == CALL_DECORATOR) {
      bool is_asked = all->first_touch[edge->function] != 0;
      if (is_asked) map_put(&decorating, map_pair(edge->module, edge->function), 1);
      all->is_mentioned[edge->function] = 1;
      continue;
    }
    mention_add(all, edge->module, edge->function);
    // Who makes the object may call what it has.
    uint32_t f = edge->made.i == 0 ? 0 : all->first_method[edge->made.i];
    for (; f != 0; f = all->next_method[f]) mention_add(all, edge->module, f);
  }
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    const IndexFunction *f = &parts->functions.items[i];
    bool is_passed_on = (f->fact.flags & FUNCTION_PASSED_ON) != 0;
    if (is_passed_on) mention_add(all, f->module, i);
  }
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_WALKS);
    for (uint32_t i = 0; i < rows.walk_count; i++) {
      Entity e = entity_find(self, name_in(self, m, rows.walks[i].name));
      const uint32_t wraps =
          parts->functions.items[e.function].fact.flags & FUNCTION_GIVES_BACK;
      bool decorates = wraps != 0 || map_get(&decorating, map_pair(m, e.function)) != 0;
      if (e.function != 0 && !decorates) mention_add(all, m, e.function);
    }
  }
}

// What a module does to objects of unknown class, by what it reads of them.
typedef struct Doing {
  uint32_t always, all;
  Map by_read;
} Doing;

static void doing_add(Doing *doing, uint32_t hazards, Sym read) {
  doing->all |= hazards;
  if (read.i == 0) {
    doing->always |= hazards;
  } else {
    map_put(&doing->by_read, read.i, map_get(&doing->by_read, read.i) | hazards);
  }
}

// Objects that are no arguments, or arguments of what nobody is seen to call; methods may
// be called by whoever has the object.
static void doing_own(const Candidates *all, uint32_t module, const FactRows *rows,
                      Doing *doing) {
  const Index *self = all->self;
  for (uint32_t i = 0; i < rows->touch_count; i++) {
    const FactTouch *touch = &rows->touches[i];
    if (!is_unknown_object(self, module, touch)) continue;
    uint32_t f = via_function(self, module, touch);
    bool is_method =
        (self->parts->functions.items[f].fact.flags & FUNCTION_METHOD) != 0;
    if (f != 0 && all->is_mentioned[f] && !is_method) continue;
    doing_add(doing, unknown_hazard(self, touch, word_in(self, module, touch->name)),
              word_in(self, module, touch->read));
  }
}

static void doing_mentioned(const Candidates *all, uint32_t module, Doing *doing) {
  uint32_t at = all->first_mention[module];
  for (; at != 0; at = all->mentions.items[at].next) {
    uint32_t touch = all->first_touch[all->mentions.items[at].function];
    for (; touch != 0; touch = all->touches.items[touch].next) {
      doing_add(doing, all->touches.items[touch].hazards,
                all->touches.items[touch].read);
    }
  }
}

static uint32_t doing_to(const Index *self, const Doing *doing, ClassId id,
                         bool is_far) {
  const IndexClass *c = index_class(self, id);
  uint32_t hazards = is_far ? 0 : doing->always;
  bool is_open = !c->order_known || (c->hazards & HAZARD_HOOKS) != 0;
  if (is_open) return is_far ? hazards : doing->all;
  if (doing->by_read.count == 0) return hazards;
  for (uint32_t o = 0; o < c->order_count; o++) {
    const IndexClass *base = index_class(self, c->order[o]);
    for (uint32_t a = 0; a < base->fact->attribute_count; a++) {
      Sym name = word_in(self, base->module, base->own_attributes[a].name);
      hazards |= map_get(&doing->by_read, name.i);
    }
  }
  return hazards;
}

static void unknown_touches(Candidates *all, uint32_t module, const FactRows *rows) {
  Index *self = all->self;
  Doing doing = {.by_read = map_in(self->arena)};
  doing_own(all, module, rows, &doing);
  doing_mentioned(all, module, &doing);
  if (doing.all == 0) return;
  candidates_find(all, module, rows);
  for (uint32_t c = 0; c < all->classes.count; c++) {
    ClassId id = all->classes.items[c];
    uint32_t hazards = doing_to(self, &doing, id, c >= all->far);
    hazard_add(&self->parts->classes.items[id.i], hazards, module);
  }
}

// --- class attributes that are written on instances ----------------------------------

// `image.anchor = …` on who knows what makes an attribute of the instance, where a class
// has `anchor = "A1"` in its body: a slot cannot have that name, and without one the
// write fails. Names that the class's own methods set are no question here.
static void shadowed_find(Index *self, const Map *written) {
  IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    IndexClass *c = &parts->classes.items[i];
    for (uint32_t a = 0; a < c->attribute_count; a++) {
      const IndexAttribute *attribute = &c->attributes[a];
      bool is_default = (attribute->flags & ATTRIBUTE_CLASS) != 0 &&
                        !attribute_takes(attribute->flags);
      if (!is_default) continue;
      Sym name = intern_find(&parts->words, attribute->name);
      if (map_get(written, name.i) != 0) c->hazards |= HAZARD_FOREIGN;
    }
  }
}

static void written_add(const FactTouch *touch, Sym name, Map *written) {
  if (touch->kind != TOUCH_WRITE || touch->owner.i != 0) return;
  if (name.i != 0) map_put(written, name.i, 1);
}

static Candidates candidates_in(Index *self) {
  uint32_t functions = self->parts->functions.count;
  Candidates all = {
      .self = self,
      .marks = arena_array(self->arena, uint32_t, self->parts->classes.count),
      .first_touch = arena_array(self->arena, uint32_t, functions),
      .first_mention = arena_array(self->arena, uint32_t, self->module_count + 1),
      .is_mentioned = arena_array(self->arena, uint8_t, functions),
      .first_method = arena_array(self->arena, uint32_t, self->parts->classes.count),
      .next_method = arena_array(self->arena, uint32_t, functions)};
  vec_push(self->arena, &all.touches, (Unknown){0});
  vec_push(self->arena, &all.mentions, (Mention){0});
  return all;
}

static void cleared_add(Index *self, const FactTouch *touch, uint32_t owner, Sym name) {
  bool is_foreign = touch->owner.i != 0 && owner == 0;
  bool is_such = touch->kind == TOUCH_CLEAR || touch->kind == TOUCH_RELEASE;
  if (!is_such || is_foreign) return;
  uint32_t word = name.i != 0 ? name.i : WORD_OF_DICT;
  Map *map =
      touch->kind == TOUCH_CLEAR ? &self->parts->cleared : &self->parts->released;
  map_put(map, map_pair(owner, word), 1);
}

void touches_resolve(Index *self) {
  Map written = map_in(self->arena);
  Candidates all = candidates_in(self);
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_TOUCHES);
    arguments_collect(&all, m, &rows);
  }
  mentions_collect(&all);
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows = module_rows(self, m, IN_TOUCHES | IN_IMPORTS);
    for (uint32_t i = 0; i < rows.touch_count; i++) {
      const FactTouch *touch = &rows.touches[i];
      written_add(touch, word_in(self, m, touch->name), &written);
      Entity owner = entity_find(self, name_in(self, m, touch->owner));
      cleared_add(self, touch, owner.class_id, word_in(self, m, touch->name));
      if (owner.class_id == 0) continue;
      known_touch(self, (ClassId){owner.class_id}, touch, word_in(self, m, touch->name),
                  m);
    }
    unknown_touches(&all, m, &rows);
  }
  shadowed_find(self, &written);
  hazards_to_subclasses(self);
}
