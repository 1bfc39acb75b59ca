#include "index/index_internal.h"

// What keys of caches made by hand are, as all calls of the project tell.

bool index_key_is_fixed(const Index *self, const IndexOperation *op) {
  const uint32_t open =
      FUNCTION_HANDLER | FUNCTION_PASSED_ON | FUNCTION_DECORATED | FUNCTION_TEST;
  uint32_t parameters = op->fact->argument;
  bool has_key = op->fact->kind == OPERATION_GROW || op->fact->kind == OPERATION_LOOKUP;
  if (!has_key || parameters == 0) return false;
  uint32_t caller = caller_find(self, op->module, op->fact->caller);
  const IndexFunction *f = &self->parts->functions.items[caller];
  if (caller == 0 || !f->is_called || (f->fact.flags & open) != 0) return false;
  Str name = sym_str(&self->parts->words, name_get(self, f->name)->word);
  bool is_exported = self->is_distributed && !str_starts(name, STR("_"));
  return !is_exported && (parameters & ~(uint32_t)f->constants) == 0;
}

static int fill_rank(const IndexOperation *op) {
  return op->in_handler ? 2 : op->in_method_of_many ? 1 : 0;
}

bool index_closure_is_long(const Index *self, const IndexContainer *c) {
  Entity maker = entity_find(self, name_in(self, c->module, c->fact->function));
  return self->parts->functions.items[maker.function].from_import;
}

// The function also stores what it has not missed: the last state, and no cache.
static bool is_stored_anyway(const Index *self, const IndexContainer *c,
                             const IndexOperation *fill) {
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_near =
        op->module == fill->module && op->fact->caller.i == fill->fact->caller.i;
    bool is_for_missed = (op->fact->flags & OPERATION_MEMO) != 0;
    if (is_near && !is_for_missed && index_is_growth(self, c, op)) return true;
  }
  return false;
}

CacheLife index_cache(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  enum { FILLS_MAX = 32 };  // looked at
  CacheLife cache = {0};
  uint32_t fills = 0;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_fill = (op->fact->flags & OPERATION_CACHES) != 0;
    if (!is_fill) continue;
    const char *refusal = index_growth_refusal(self, c, op);
    if (refusal == NULL && fills++ == FILLS_MAX) break;
    if (refusal == NULL && is_stored_anyway(self, c, op)) {
      refusal = "the function also stores what it has not missed";
    }
    if (refusal != NULL) {
      if (cache.refusal == NULL) {
        cache.refusal = refusal;
        cache.refusing = op;
      }
      continue;
    }
    if (cache.fill == NULL || fill_rank(op) > fill_rank(cache.fill)) cache.fill = op;
  }
  cache.is_grown = cache.fill != NULL && fill_rank(cache.fill) > 0;
  return cache;
}

// --- reading that makes entries ------------------------------------------------------

// Why it makes no entry that nobody wants; NULL if it may.
static const char *lookup_refusal(const Index *self, const IndexContainer *c,
                                  const IndexOperation *op) {
  bool is_plain = (c->fact->flags & CONTAINER_FILLS_PLAIN) != 0;
  bool is_handed = (op->fact->flags & OPERATION_HANDED) != 0;
  if (op->in_test) return "only a test reads it";
  if (op->at_import) return "it is read while modules are imported";
  if (!is_plain && is_handed)
    return "what is read goes to other code, which may fill it";
  return index_key_is_finite(self, op) ? "its keys are constant, or few" : NULL;
}

// Whoever called the function may put something in; a handler's answer is only sent.
static bool is_given(const IndexContainer *c, const IndexOperation *op) {
  bool is_plain = (c->fact->flags & CONTAINER_FILLS_PLAIN) != 0;
  return !is_plain && (op->fact->flags & OPERATION_GIVEN) != 0 &&
         (op->fact->context & CONTEXT_HANDLER) == 0;
}

static bool removes_entries(const IndexContainer *c, const IndexOperation *op) {
  bool is_own_start =
      c->fact->holder == HOLDER_INSTANCE && (op->fact->flags & OPERATION_IN_INIT) != 0;
  bool is_nested = (op->fact->flags & OPERATION_NESTED) != 0;
  if (op->at_import || op->in_test || is_own_start || is_nested) return false;
  switch (op->kind) {
    case OPERATION_CLEAR:
    case OPERATION_REBIND: return true;
    case OPERATION_SHRINK: return op->fact->key != KEY_CONSTANT;
    case OPERATION_STORE: return op->stored.is_emptied;
    default: return false;
  }
}

LookupLife index_lookup(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  LookupLife life = {0};
  int best = -1;
  if ((c->fact->flags & CONTAINER_FILLS) == 0) return life;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (life.removal == NULL && removes_entries(c, op)) life.removal = op;
    if (op->kind != OPERATION_LOOKUP) continue;
    const char *refusal = lookup_refusal(self, c, op);
    if (refusal != NULL) {
      if (life.refusal == NULL) {
        life.refusal = refusal;
        life.refusing = op;
      }
      continue;
    }
    int rank = is_given(c, op) ? 0 : 1 + fill_rank(op);
    if (rank <= best) continue;
    best = rank;
    life.read = op;
  }
  life.is_grown = best > 1;
  life.is_given_only = best == 0;
  return life;
}
