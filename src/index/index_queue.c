#include "index/index_internal.h"

// Queues that take whatever is put: who puts again and again, and who takes.

enum { OPERATIONS_MAX = 256 };  // of one queue; what has more is not looked at

static bool is_unbounded(const Index *self, const IndexContainer *c) {
  const uint32_t other = CONTAINER_BOUNDED | CONTAINER_TEST;
  bool is_queue = c->fact->type == VALUE_QUEUE || c->fact->type == VALUE_DEQUE;
  if (!is_queue || (c->fact->flags & other) != 0) return false;
  if ((c->fact->flags & CONTAINER_NAMED_BOUND) == 0) return true;
  return entity_find(self, name_in(self, c->module, c->fact->bound)).zero != 0;
}

static bool is_left_out(const IndexOperation *op) { return op->in_test; }

static bool is_same_caller(const IndexOperation *a, const IndexOperation *b) {
  return a->module == b->module && a->fact->caller.i == b->fact->caller.i;
}

// Something bounds it after all, or fills it once for ever: why, or NULL.
static const char *settled_by(const IndexContainer *c, QueueLife *life) {
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_start =
        op->at_import || op->at_making || (op->fact->flags & OPERATION_IN_INIT) != 0;
    if (is_left_out(op)) continue;
    life->refusing = op;
    switch (op->kind) {
      case OPERATION_GROW:
        if (is_start && (op->fact->context & CONTEXT_LOOP) != 0) {
          return "it is filled at the start";
        }
        break;
      case OPERATION_SHRINK:
        if ((op->fact->flags & OPERATION_TRIMS) != 0) {
          return "what is too much is taken out";
        }
        break;
      case OPERATION_CLEAR:
      case OPERATION_REBIND:
        if (!is_start) return "it is emptied, or bound anew";
        break;
      default: break;
    }
  }
  life->refusing = NULL;
  return NULL;
}

static const char *put_refusal(const IndexOperation *op) {
  uint32_t flags = op->fact->flags;
  if (op->at_import) return "what is put is put while modules are imported";
  if (op->fact->key == KEY_CONSTANT) return "what is put is a constant";
  if ((flags & OPERATION_GUARDED) != 0)
    return "a test of its length guards what is put";
  if ((flags & OPERATION_AWAITS) != 0) return "who puts waits for who takes";
  if ((flags & OPERATION_PACED) != 0)
    return "who puts sleeps in between, or waits for work";
  return "it is not put to again and again";
}

// 0: it puts so many and no more; 1: nobody knows how many; 2: ever more.
static int put_rank(const IndexContainer *c, const IndexOperation *op) {
  const uint32_t held_back = OPERATION_GUARDED | OPERATION_AWAITS;
  const uint32_t endless = OPERATION_TOLD | OPERATION_CALLED_BACK;
  uint32_t flags = op->fact->flags;
  bool is_served = op->in_handler && c->fact->holder != HOLDER_LOCAL;
  if (is_left_out(op) || op->at_import || op->fact->key == KEY_CONSTANT) return 0;
  if ((flags & held_back) != 0) return 0;
  if (is_served || (flags & endless) != 0) return 2;
  if ((flags & OPERATION_PACED) != 0) return 0;
  return (flags & OPERATION_ENDS) != 0 ? 2 : (flags & OPERATION_OFTEN) != 0;
}

// Who puts calls who takes, at once or through one more: nothing waits for long.
static bool is_taken_at_once(const Index *self, const IndexOperation *put,
                             const IndexOperation *taken) {
  const IndexParts *parts = self->parts;
  uint32_t from = caller_find(self, put->module, put->fact->caller);
  uint32_t to = caller_find(self, taken->module, taken->fact->caller), read = 0;
  if (from == 0 || to == 0) return false;
  for (uint32_t a = parts->functions.items[from].first_call; a != 0;
       a = parts->edges.items[a].next) {
    uint32_t middle = parts->edges.items[a].function;
    if (middle == to) return true;
    for (uint32_t b = parts->functions.items[middle].first_call; middle != 0 && b != 0;
         b = parts->edges.items[b].next) {
      if (++read > OPERATIONS_MAX) return false;
      if (parts->edges.items[b].function == to) return true;
    }
  }
  return false;
}

// Somebody who takes, other than who puts. A deque is a queue only where that goes on.
static const IndexOperation *taken_elsewhere(const IndexContainer *c,
                                             const IndexOperation *put) {
  const uint32_t repeated =
      OPERATION_TOLD | OPERATION_ENDS | OPERATION_CALLED_BACK | OPERATION_OFTEN;
  const IndexOperation *taken = NULL;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (op->kind != OPERATION_SHRINK || is_left_out(op)) continue;
    if (is_same_caller(op, put)) return NULL;
    bool is_known = (op->fact->flags & OPERATION_VIA_UNKNOWN) == 0;
    bool goes_on = (op->fact->flags & repeated) != 0;
    bool takes = is_known && (goes_on || c->fact->type == VALUE_QUEUE);
    if (takes && (taken == NULL || goes_on)) taken = op;
  }
  return taken;
}

static bool is_long(const Index *self, const IndexContainer *c) {
  bool is_own = c->fact->holder == HOLDER_INSTANCE || c->fact->holder == HOLDER_LOCAL;
  const IndexClass *owner = &self->classes[c->owner.i];
  if (!is_own || (c->owner.i != 0 && owner->is_long && !owner->is_many)) return true;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    if ((c->operations[i].fact->flags & OPERATION_TOLD) != 0) return true;
  }
  return false;
}

QueueLife index_queue(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  QueueLife life = {0};
  int best = 0;
  if (!is_unbounded(self, c) || c->operation_count > OPERATIONS_MAX) return life;
  life.refusal = settled_by(c, &life);
  if (life.refusal != NULL) return life;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (op->kind != OPERATION_GROW || is_left_out(op)) continue;
    int rank = put_rank(c, op);
    const IndexOperation *taken = rank > best ? taken_elsewhere(c, op) : NULL;
    bool is_at_once = taken != NULL && is_taken_at_once(self, op, taken);
    if (is_at_once) taken = NULL;
    if (best == 0 && taken == NULL && life.refusal == NULL) {
      life.refusal =
          rank == 0    ? put_refusal(op)
          : is_at_once ? "who puts calls who takes"
                       : "nobody else is known to take what is put";
      life.refusing = op;
    }
    if (taken == NULL) continue;
    best = rank;
    life.put = op;
    life.taken = taken;
  }
  life.is_grown = best == 2;
  life.is_paced = life.put != NULL && (life.put->fact->flags & OPERATION_PACED) != 0;
  life.is_long = is_long(self, c);
  if (life.put != NULL && !life.is_grown && !life.is_long) {
    life = (QueueLife){.refusal = "it is not known to live long", .refusing = life.put};
  }
  return life;
}
