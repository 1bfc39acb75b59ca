#include "index/index_internal.h"

// What keys of caches made by hand are, as all calls of the project tell.

bool index_key_is_fixed(const Index *self, const IndexOperation *op) {
  const uint32_t open = FUNCTION_HANDLER | FUNCTION_PASSED_ON | FUNCTION_DECORATED |
                        FUNCTION_METHOD | FUNCTION_TEST;
  uint32_t parameters = op->fact->argument;
  if (op->fact->kind != OPERATION_GROW || parameters == 0) return false;
  uint32_t caller = caller_find(self, op->module, op->fact->caller);
  const IndexFunction *f = &self->parts->functions.items[caller];
  if (caller == 0 || !f->is_called || (f->fact.flags & open) != 0) return false;
  Str name = sym_str(&self->parts->words, name_get(self, f->name)->word);
  bool is_exported = self->is_distributed && !str_starts(name, STR("_"));
  return !is_exported && (parameters & ~(uint32_t)f->fixed) == 0;
}

static int fill_rank(const IndexOperation *op) {
  return op->in_handler ? 2 : op->in_method_of_many ? 1 : 0;
}

// A decorator's variable lives as long as what it decorates while modules are imported.
static bool is_long(const Index *self, const IndexContainer *c) {
  if (c->fact->holder == HOLDER_INSTANCE) return false;
  if (c->fact->holder != HOLDER_CLOSURE) return true;
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
    bool is_fill = (op->fact->flags & OPERATION_CACHES) != 0;
    if (is_near && !is_fill && index_is_growth(self, c, op)) return true;
  }
  return false;
}

CacheLife index_cache(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  enum { FILLS_MAX = 32 };  // looked at
  CacheLife cache = {.is_long = is_long(self, c)};
  uint32_t fills = 0;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_fill = (op->fact->flags & OPERATION_CACHES) != 0;
    if (!is_fill || !index_is_growth(self, c, op)) continue;
    if (fills++ == FILLS_MAX) break;
    if (is_stored_anyway(self, c, op)) continue;
    if (cache.fill == NULL || fill_rank(op) > fill_rank(cache.fill)) cache.fill = op;
  }
  cache.is_grown = cache.fill != NULL && fill_rank(cache.fill) > 0;
  return cache;
}
