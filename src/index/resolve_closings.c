#include "index/index_internal.h"

// Bounds of one question.
enum { WALKED_MAX = 64, WORDS_MAX = 128, METHODS_MAX = 32 };

// --- rows ----------------------------------------------------------------------------

void closings_resolve(Index *self) {
  IndexParts *parts = self->parts;
  for (uint32_t m = 0; m < self->module_count; m++) {
    FactRows rows;
    facts_unpack(self->modules[m], IN_CLOSINGS, self->arena, &rows);
    for (uint32_t i = rows.closing_count; i > 0; i--) {  // so that chains are in order
      const FactClosing *fact = &rows.closings[i - 1];
      uint32_t owner = entity_exact(self, name_in(self, m, fact->owner)).class_id;
      if (owner == 0) continue;
      ClosingRow row = {.fact = fact,
                        .module = m,
                        .method = word_in(self, m, fact->method),
                        .name = word_in(self, m, fact->name),
                        .other = name_in(self, m, fact->other),
                        .next = map_get(&parts->closings_of, owner)};
      map_put(&parts->closings_of, owner, parts->closings.count);
      vec_push(self->arena, &parts->closings, row);
    }
  }
}

static const ClosingRow *row_first(const Index *self, ClassId id) {
  uint32_t at = map_get(&self->parts->closings_of, id.i);
  return at != 0 ? &self->parts->closings.items[at] : NULL;
}

static const ClosingRow *row_next(const Index *self, const ClosingRow *row) {
  return row->next != 0 ? &self->parts->closings.items[row->next] : NULL;
}

static Place row_place(const ClosingRow *row) {
  return (Place){row->module, row->fact->place.i};
}

// --- what closing methods release ----------------------------------------------------

// A method of a class, called on an object.
typedef struct Step {
  uint32_t at;  // the class, in the order of the object's
  Sym method;
} Step;

typedef struct Walk {
  const Index *self;
  const IndexClass *c;  // of the object
  Step steps[WALKED_MAX];
  uint32_t count;
  Sym released[WORDS_MAX];
  uint32_t released_count;
  bool hides, signals, is_back;
  const ClosingRow *first;  // that releases an object
} Walk;

static bool walk_has(const Walk *w, Sym name) {
  for (uint32_t i = 0; i < w->released_count; i++) {
    if (w->released[i].i == name.i) return true;
  }
  return false;
}

static void step_add(Walk *w, uint32_t at, Sym method) {
  for (uint32_t i = 0; i < w->count; i++) {
    if (w->steps[i].at == at && w->steps[i].method.i == method.i) return;
  }
  if (w->count == WALKED_MAX) {
    w->hides = true;
    return;
  }
  w->steps[w->count++] = (Step){at, method};
}

// The class from `from` on whose body has the method.
static uint32_t method_owner(const Walk *w, uint32_t from, Sym method) {
  for (uint32_t o = from; o < w->c->order_count; o++) {
    const IndexClass *owner = index_class(w->self, w->c->order[o]);
    for (uint32_t i = 0; i < owner->fact->attribute_count; i++) {
      const FactAttribute *fact = &owner->own_attributes[i];
      if (word_in(w->self, owner->module, fact->name).i == method.i &&
          (fact->flags & ATTRIBUTE_FUNCTION) != 0)
        return o;
    }
  }
  return UINT32_MAX;
}

static void step_to(Walk *w, uint32_t from, Sym method, bool is_super) {
  uint32_t at = method_owner(w, from, method);
  if (at != UINT32_MAX) {
    step_add(w, at, method);
  } else if (!w->c->order_known && is_super) {
    w->hides = true;  // of a base that is not known
  }
}

// A function of the project that looks at what it is given, and ends nothing.
static bool only_looks(const Index *self, NameId name) {
  uint32_t function = entity_find(self, name).function;
  const FactFunction *fact = &self->parts->functions.items[function].fact;
  return function != 0 && fact->kept == 0 && (fact->flags & FUNCTION_RELEASES) == 0;
}

static void row_walk(Walk *w, const Step *step, const ClosingRow *row) {
  switch ((ClosingKind)row->fact->kind) {
    case CLOSING_PASSES:
      if (only_looks(w->self, row->other)) return;
      break;
    case CLOSING_RELEASES:
      if ((row->fact->flags & CLOSING_OF_BACK) != 0) w->is_back = true;
      if ((row->fact->flags & CLOSING_OF_OBJECT) != 0 && w->first == NULL)
        w->first = row;
      break;
    case CLOSING_CALLS: {
      bool is_super = (row->fact->flags & CLOSING_OF_SUPER) != 0;
      step_to(w, is_super ? step->at + 1 : 0, row->name, is_super);
      return;
    }
    case CLOSING_SIGNALS: w->signals = true; return;
    case CLOSING_HIDES: w->hides = true; return;
    default: return;
  }
  if (walk_has(w, row->name)) return;
  if (w->released_count == WORDS_MAX) w->hides = true;
  if (w->released_count < WORDS_MAX) w->released[w->released_count++] = row->name;
}

static void walk_run(Walk *w) {
  for (uint32_t i = 0; i < w->count; i++) {
    Step step = w->steps[i];
    const ClosingRow *row = row_first(w->self, w->c->order[step.at]);
    for (; row != NULL; row = row_next(w->self, row)) {
      if (row->method.i == step.method.i) row_walk(w, &step, row);
    }
  }
}

static Walk walk_of(const Index *self, const IndexClass *c, uint32_t at, Sym method) {
  Walk w = {.self = self, .c = c};
  step_add(&w, at, method);
  walk_run(&w);
  return w;
}

// All closing methods that such an object has.
static Walk walk_of_all(const Index *self, const IndexClass *c) {
  Walk w = {.self = self, .c = c};
  for (uint32_t o = 0; o < c->order_count; o++) {
    const ClosingRow *row = row_first(self, c->order[o]);
    for (; row != NULL; row = row_next(self, row)) {
      bool is_own =
          row->fact->kind == CLOSING_METHOD && method_owner(&w, 0, row->method) == o;
      if (is_own) step_add(&w, o, row->method);
      // A method of any kind ends what a base holds.
      bool is_any = row->fact->kind == CLOSING_RELEASES && row->method.i == 0;
      if (is_any && !walk_has(&w, row->name) && w.released_count < WORDS_MAX) {
        w.released[w.released_count++] = row->name;
      }
    }
  }
  walk_run(&w);
  return w;
}

// --- what they leave -----------------------------------------------------------------

static bool is_ended_elsewhere(const Index *self, ClassId id, Sym name) {
  const IndexParts *parts = self->parts;
  const ClassId unknown = {0};
  if (map_get(&parts->released, map_pair(unknown.i, name.i)) != 0 ||
      map_get(&parts->cleared, map_pair(unknown.i, name.i)) != 0)
    return true;
  const IndexClass *c = index_class(self, id);
  for (uint32_t o = 0; o < c->order_count; o++) {
    uint64_t key = map_pair(c->order[o].i, name.i);
    if (map_get(&parts->released, key) != 0 || map_get(&parts->cleared, key) != 0)
      return true;
  }
  return false;
}

// A class below releases it, in whatever method.
static bool is_ended_below(const Index *self, ClassId id, Sym name) {
  Family all = family_of(self, id);
  for (uint32_t i = 1; i < all.count; i++) {
    const ClosingRow *row = row_first(self, all.items[i]);
    for (; row != NULL; row = row_next(self, row)) {
      bool releases =
          row->fact->kind == CLOSING_RELEASES || row->fact->kind == CLOSING_PASSES;
      if (releases && row->name.i == name.i) return true;
    }
  }
  return false;
}

// Instances of it hold something that has to be ended, and do so when they are closed.
static bool has_closing(const Index *self, ClassId id) {
  const IndexClass *c = index_class(self, id);
  for (uint32_t o = 0; o < c->order_count; o++) {
    const ClosingRow *row = row_first(self, c->order[o]);
    for (; row != NULL; row = row_next(self, row)) {
      bool holds = row->fact->kind == CLOSING_HELD && row->fact->what != OWNED_BUFFER &&
                   row->fact->what != OWNED_INSTANCE;
      if (holds) return true;
    }
  }
  return false;
}

// A thread, task or process that is told to end does so.
static bool ends_when_told(HeldKind what) {
  return what == OWNED_THREAD || what == OWNED_TASK || what == OWNED_PROCESS;
}

static void left_add(ClosingLife *life, Left left) {
  if (life->left_count < LEFT_MAX) life->left[life->left_count++] = left;
}

static void held_read(const Walk *all, const ClosingRow *row, ClosingLife *life) {
  const Index *self = all->self;
  Left left = {.name = sym_str(&self->parts->words, row->name),
               .place = row_place(row),
               .what = (HeldKind)row->fact->what};
  if (walk_has(all, row->name) || (ends_when_told(left.what) && all->signals)) return;
  if (left.what == OWNED_INSTANCE) {
    left.made = (ClassId){entity_find(self, row->other).class_id};
    if (left.made.i == 0 || !has_closing(self, left.made)) return;
  }
  if (is_ended_elsewhere(self, all->c->order[0], row->name) ||
      is_ended_below(self, all->c->order[0], row->name))
    return;
  left_add(life, left);
}

// Ways back to the object, where closing takes away another one.
static void backs_read(const Walk *all, ClosingLife *life) {
  const Index *self = all->self;
  for (uint32_t i = 0; all->is_back && i < all->c->attribute_count; i++) {
    const IndexAttribute *a = &all->c->attributes[i];
    Sym name = intern_find(&self->parts->words, a->name);
    if (a->owner.i != all->c->order[0].i || walk_has(all, name)) continue;
    uint32_t at = map_get(&self->parts->knotted, map_pair(a->owner.i, name.i));
    if (at == 0) continue;
    KnotId knot = {at - 1};
    if (index_knot_life(self, knot).refusal != NULL) continue;
    left_add(life, (Left){.name = a->name,
                          .place = index_knot(self, knot)->place,
                          .is_back = true});
  }
}

// What a base holds and its own closing methods leave is the base's to answer for.
static void lefts_read(const Walk *all, ClosingLife *life) {
  const Index *self = all->self;
  for (uint32_t o = 0; o < all->c->order_count; o++) {
    const IndexClass *from = index_class(self, all->c->order[o]);
    Walk own = {.self = self};
    bool is_asked = false;
    const ClosingRow *row = row_first(self, all->c->order[o]);
    for (; row != NULL; row = row_next(self, row)) {
      if (row->fact->kind != CLOSING_HELD) continue;
      if (o > 0 && !is_asked) {
        own = walk_of_all(self, from);
        is_asked = true;
      }
      bool is_inherited = row->fact->what != OWNED_BUFFER && walk_has(&own, row->name);
      if (o == 0 || is_inherited) held_read(all, row, life);
    }
  }
  backs_read(all, life);
}

// The closing method of the class's own that releases something: directly, if one does.
static const ClosingRow *anchor_find(const Index *self, const IndexClass *c,
                                     ClosingLife *life) {
  const ClosingRow *found = NULL;
  for (const ClosingRow *row = row_first(self, c->order[0]); row != NULL;
       row = row_next(self, row)) {
    bool is_asked =
        row->fact->kind == CLOSING_METHOD && (row->fact->flags & CLOSING_UNASKED) == 0;
    if (!is_asked) continue;
    Walk w = walk_of(self, c, 0, row->method);
    if (w.hides) life->refusal = "a closing method may release anything";
    if (w.first == NULL) continue;
    bool is_direct = w.first->method.i == row->method.i;
    if (found != NULL && !is_direct) continue;
    found = row;
    life->released = sym_str(&self->parts->words, w.first->name);
    life->released_at = row_place(w.first);
    if (is_direct) break;
  }
  return found;
}

ClosingLife index_closing_life(const Index *self, ClassId id) {
  const IndexClass *c = index_class(self, id);
  ClosingLife life = {.refusal = NULL};
  if (row_first(self, id) == NULL || c->order_count == 0) {
    life.refusal = "it has no closing method";
    return life;
  }
  const ClosingRow *anchor = anchor_find(self, c, &life);
  if (anchor == NULL) life.refusal = "its closing methods release nothing";
  if (life.refusal != NULL) return life;
  life.method = sym_str(&self->parts->words, anchor->method);
  life.place = row_place(anchor);
  Walk all = walk_of_all(self, c);
  if (all.hides) {
    life.refusal = "a closing method may release anything";
    return life;
  }
  lefts_read(&all, &life);
  if (life.left_count == 0) life.refusal = "everything is released";
  return life;
}
