#include "index/index_internal.h"

// Ring buffers made by hand: what other modules do to a list that its own file only adds
// to and reads from the end of, or cuts.

// Somebody outside of the project may look at it.
static bool is_open(const Index *self, const IndexContainer *c) {
  Str name = str_after_last(c->name, '.');
  Str owner = str_after_last(self->classes[c->owner.i].name, '.');
  bool is_private = str_starts(name, STR("_")) || str_starts(owner, STR("_"));
  return self->is_distributed && !is_private;
}

static bool is_start(const IndexOperation *op) {
  return op->at_import || op->at_making || (op->fact->flags & OPERATION_IN_INIT) != 0;
}

// What does no harm: it grows, its end is read, it is made, its own file cuts it.
static bool is_of_ring(const IndexContainer *c, const IndexOperation *op, bool is_cut) {
  switch (op->kind) {
    case OPERATION_GROW: return op->fact->kind == OPERATION_GROW;
    case OPERATION_TAIL:
    case OPERATION_READ:
    case OPERATION_GUARD: return true;
    case OPERATION_SHRINK:
    case OPERATION_CLEAR: return is_cut && op->module == c->module;
    case OPERATION_REBIND: return is_start(op) || (is_cut && op->module == c->module);
    default: return false;
  }
}

static bool adds(const IndexOperation *op) {
  const uint32_t few = OPERATION_GUARDED | OPERATION_INDEXED | OPERATION_NESTED;
  return op->kind == OPERATION_GROW && !op->in_test && !is_start(op) &&
         (op->fact->flags & few) == 0;
}

static bool is_cutting(const IndexOperation *op) {
  return op->kind == OPERATION_SHRINK || op->kind == OPERATION_CLEAR ||
         (op->kind == OPERATION_REBIND && !is_start(op));
}

// Cut where it grows, or by a helper of the object: never longer for long. A `trim()` that
// somebody calls when he likes is something else.
static bool is_cut_at_growth(const Index *self, const IndexContainer *c,
                             const IndexOperation *cut) {
  Str function = str_after_last(index_name(self, cut->module, cut->fact->caller), '.');
  if (str_starts(function, STR("_"))) return true;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_here =
        op->module == cut->module && op->fact->caller.i == cut->fact->caller.i;
    if (op->kind == OPERATION_GROW && is_here) return true;
  }
  return false;
}

RingLife index_ring(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  RingLife life = {.is_cut = (c->fact->flags & CONTAINER_CUT) != 0,
                   .last = c->fact->last};
  if ((c->fact->flags & (CONTAINER_TAIL | CONTAINER_CUT)) == 0) return life;
  if (c->fact->holder == HOLDER_LOCAL) {
    life.is_ring = true;
    return life;
  }
  uint32_t glance = facts_glance(str_after_last(c->name, '.'));
  if (map_get(&self->parts->glances, glance) != 0) {
    life.refusal = "other code looks at an attribute of this name";
  } else if (is_open(self, c)) {
    life.refusal = "who installs the package may read all of it";
  }
  if (life.refusal != NULL) return life;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (!is_of_ring(c, op, life.is_cut)) {
      life.refusal = "other code does more with it than read its end";
      life.refusing = op;
      return life;
    }
    if (is_cutting(op) && !is_cut_at_growth(self, c, op)) {
      life.refusal = "it is not cut where it grows";
      life.refusing = op;
      return life;
    }
    if (adds(op) && life.growth == NULL) life.growth = op;
    if (op->kind != OPERATION_TAIL) continue;
    if (op->fact->argument > life.last) life.last = op->fact->argument;
    life.read = op;
  }
  bool is_read = life.read != NULL || (c->fact->flags & CONTAINER_READ) != 0;
  life.is_ring = life.growth != NULL && (life.is_cut || is_read);
  if (!life.is_ring) {
    life.refusal = life.growth == NULL ? "it does not grow once it is made"
                                       : "nobody reads its end";
  }
  return life;
}
