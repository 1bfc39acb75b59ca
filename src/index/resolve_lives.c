#include "index/index_internal.h"

// A class lives long where some instance of it does: a module, class or cache holds it,
// an object that lives long does, or its base class says so (applications, servers).

enum { HOLDERS_MAX = 16 };  // objects that hold objects

// With an `__exit__` it lives as long as a `with`, whatever its base.
static bool base_lives_long(const Index *self, const IndexClass *c) {
  Sym leave = intern_find(&self->parts->words, STR("__exit__"));
  if (leave.i != 0 && class_sets(self, c, leave)) return false;
  for (uint32_t i = 0; i < c->fact->base_count; i++) {
    if (c->bases[i].name.i == 0) continue;
    const BaseFact *base = knowledge_bases(
        knowledge_builtin(), index_name(self, c->module, c->bases[i].name));
    if (base != NULL && (base->flags & BASE_LONG) != 0) return true;
  }
  return false;
}

// Methods of a base run on the instances of its subclasses.
static bool mark_long(Index *self, uint32_t id, Place at) {
  IndexParts *parts = self->parts;
  const IndexClass *c = &parts->classes.items[id];
  bool is_new = false;
  for (uint32_t o = 0; o < c->order_count; o++) {
    IndexClass *of = &parts->classes.items[c->order[o].i];
    if (of->is_long) continue;
    of->is_long = is_new = true;
    of->held_at = at;
  }
  return is_new;
}

// One at a time: of many each has its own, and may go before the program does.
static bool holder_is_long(const Index *self, const IndexSite *site) {
  if (site->is_kept || site->sink == SINK_NUMBER) return false;
  if (site->held == HELD_FOR_LONG) return true;
  return site->held == HELD_BY_SELF &&
         self->parts->classes.items[site->holder.i].is_long;
}

void lives_resolve(Index *self) {
  const IndexParts *parts = self->parts;
  for (uint32_t i = 1; i < parts->classes.count; i++) {
    const IndexClass *c = &parts->classes.items[i];
    if ((c->flags & (CLASS_TEST | CLASS_STUB)) != 0) continue;
    if (base_lives_long(self, c)) mark_long(self, i, (Place){0});
  }
  bool is_changed = true;
  for (uint32_t round = 0; is_changed && round < HOLDERS_MAX; round++) {
    is_changed = false;
    for (uint32_t i = 1; i < parts->classes.count; i++) {
      const IndexClass *c = &parts->classes.items[i];
      for (uint32_t s = 0; !c->is_long && s < c->site_count; s++) {
        if (!holder_is_long(self, &c->sites[s])) continue;
        is_changed |= mark_long(self, i, c->sites[s].place);
      }
    }
  }
}
