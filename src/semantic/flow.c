// The graphs of a model, and what they say about definitions and their uses.
#include "semantic/flow.h"

#include "semantic/flow_internal.h"

// --- graphs --------------------------------------------------------------------------

static Flows *flows_of(Model *m) {
  if (m->flows == NULL) {
    Flows *flows = arena_new(m->arena, Flows);
    flows->by_scope = arena_array(m->arena, Flow *, scope_count(m) + 1);
    flows->step_of = arena_array(m->arena, uint32_t, m->tree->count + 1);
    flows->use_of = arena_array(m->arena, uint32_t, ref_count(m) + 1);
    flows->slot_of = arena_array(m->arena, uint32_t, binding_count(m) + 1);
    flows->bit_of = arena_array(m->arena, uint32_t, def_count(m) + 1);
    m->flows = flows;
  }
  return m->flows;
}

Flow *flow_of(Model *m, ScopeId scope) {
  Flows *flows = flows_of(m);
  Flow *f = flows->by_scope[scope.i];
  if (f == NULL) {
    f = arena_new(m->arena, Flow);
    f->scope = scope;
    flows->by_scope[scope.i] = f;
    flow_build(m, f);
  }
  return f;
}

Flow *flow_at(Model *m, NodeId node) {
  ScopeId scope = scope_at(m, node);
  if (!scope_ok(scope)) return NULL;
  Flow *f = flow_of(m, scope);
  return f->is_unknown ? NULL : f;
}

// A node with a step in this scope.
static bool node_has_step(const Model *m, NodeId node, ScopeId scope) {
  return m->flows->step_of[node.i] != 0 && scope_at(m, node).i == scope.i;
}

NodeId flow_anchor(Model *m, NodeId node) {
  const Tree *t = m->tree;
  while (node_is(t, node, PY_BLOCK) || node_is(t, node, PY_MODULE) ||
         node_is(t, node, PY_ELSE_CLAUSE) || node_is(t, node, PY_FINALLY_CLAUSE)) {
    node = node_first_named(t, node);
  }
  ScopeId scope = scope_at(m, node);
  if (flow_at(m, node) == NULL) return NO_NODE;
  if (node_has_step(m, node, scope)) return node;
  // From the subtree's last leaf upwards, so that the cost is its depth, once.
  NodeId found = NO_NODE;
  for (NodeId n = {node_after(t, node) - 1}; n.i > node.i; n = node_parent(t, n)) {
    if (node_has_step(m, n, scope)) found = n;
  }
  for (uint32_t i = node_after(t, node) - 1; !node_ok(found) && i > node.i; i--) {
    if (node_has_step(m, (NodeId){i}, scope)) found = (NodeId){i};
  }
  return found;
}

uint32_t flow_next_step(const Flow *f, uint32_t *cursor) {
  uint32_t step = f->copies.items[*cursor].step;
  if (*cursor != 0) *cursor = f->copies.items[*cursor].next;
  return step;
}

uint32_t flow_first_step(Model *m, const Flow *f, NodeId anchor, uint32_t *cursor) {
  *cursor = f->copies.count > 1 ? map_get(&f->copies_of, anchor.i) : 0;
  return m->flows->step_of[anchor.i];
}

// --- the definitions of a use --------------------------------------------------------

static Use *use_find(Model *m, RefId id, Flow **flow) {
  const Ref *ref = ref_get(m, id);
  if (!ref_ok(id) || !scope_ok(ref->scope)) return NULL;
  Flow *f = flow_of(m, ref->scope);
  uint32_t use = m->flows->use_of[id.i];
  *flow = f;
  return use != 0 && !f->is_unknown ? &f->uses.items[use] : NULL;
}

// The first bit from `from` on that reaches the use, among the bits of its variable; 0
// when there is none. Copies of the use count as the use.
static uint32_t use_next_bit(const Flow *f, const Use *use, uint32_t from) {
  uint32_t stop = f->slots.items[use->slot].bit_stop;
  uint32_t found = 0;
  for (bool more = true; more; use = &f->uses.items[use->next_copy]) {
    uint32_t bit = stop;
    if (use->source != 0) {
      bit = use->source >= from ? use->source : stop;
    } else if (f->blocks.items[use->block].order != 0) {
      bit = bit_find(f->reach + (size_t)use->block * f->reach_words, from, stop);
    }
    if (bit < stop && (found == 0 || bit < found)) found = bit;
    more = use->next_copy != 0;
  }
  return found;
}

// Definitions that lie side by side are a slice of the table of bits.
static void use_list(Model *m, const Flow *f, Use *use) {
  uint32_t unbound = f->slots.items[use->slot].first_bit;
  uint32_t first = use_next_bit(f, use, unbound + 1);
  uint32_t last = first, count = 0;
  for (uint32_t bit = first; bit != 0; bit = use_next_bit(f, use, bit + 1)) {
    last = bit;
    count += 1;
  }
  use->list.count = count;
  use->list.maybe_unbound = use_next_bit(f, use, unbound) == unbound;
  use->list.items = f->bits.items + first;
  use->is_listed = true;
  if (count == 0 || last - first + 1 == count) return;
  DefId *items = arena_array(m->arena, DefId, count);
  uint32_t at = 0;
  for (uint32_t bit = first; bit != 0; bit = use_next_bit(f, use, bit + 1)) {
    items[at++] = f->bits.items[bit];
  }
  use->list.items = items;
}

DefList flow_defs_reaching(Model *m, RefId id) {
  const DefList unknown = {.unknown = true};
  Flow *f;
  Use *use = use_find(m, id, &f);
  if (use == NULL || !flow_reach(m, f)) return unknown;
  if (!use->is_listed) use_list(m, f, use);
  return use->list;
}

// A name of a function that is bound once, above the use: no graph needs to be made.
static DefId sole_def_above(Model *m, RefId id) {
  const Ref *ref = ref_get(m, id);
  DefId only = binding_only_def(m, ref->binding);
  const Def *def = def_get(m, only);
  bool is_loop = def->kind == DEF_FOR && node_ok(def->value);
  NodeId done = is_loop ? def->value : def->statement;
  bool is_above = def_ok(only) && ref->scope.i == def->scope.i &&
                  scope_get(m, def->scope)->kind == SCOPE_FUNCTION &&
                  node_after(m->tree, done) <= ref->node.i;
  bool is_known = (binding_get(m, ref->binding)->flags & BIND_IN_ERROR) == 0;
  return is_above && is_known && def->kind != DEF_EXCEPT ? only : (DefId){0};
}

DefId flow_only_def(Model *m, NodeId identifier) {
  RefId id = ref_at(m, identifier);
  DefId sole = sole_def_above(m, id);
  if (def_ok(sole)) return sole;
  DefList list = flow_defs_reaching(m, id);
  if (list.unknown || list.count != 1) return (DefId){0};
  ScopeKind kind = scope_get(m, ref_get(m, id)->scope)->kind;
  // In a module or class an unbound name is looked up further out.
  bool is_namespace = kind == SCOPE_MODULE || kind == SCOPE_CLASS;
  return list.maybe_unbound && is_namespace ? (DefId){0} : list.items[0];
}

bool flow_differs(Model *m, NodeId one, NodeId other) {
  DefId a = flow_only_def(m, one), b = flow_only_def(m, other);
  return def_ok(a) && def_ok(b) && a.i != b.i;
}

// --- the uses of a definition --------------------------------------------------------

typedef void UsePairFn(Slot *slot, uint32_t bit, RefId ref);

static void pair_count(Slot *slot, uint32_t bit, RefId ref) {
  (void)ref;
  slot->uses_at[bit - slot->first_bit] += 1;
}

static void pair_keep(Slot *slot, uint32_t bit, RefId ref) {
  slot->use_refs[--slot->uses_at[bit - slot->first_bit]] = ref;
}

// Calls for every definition of each use, the uses from last to first; false when there
// are too many.
static bool slot_pairs(Flow *f, uint32_t id, UsePairFn *each) {
  Slot *slot = &f->slots.items[id];
  uint32_t count = 0;
  for (uint32_t i = f->events_at[id + 1]; i-- > f->events_at[id];) {
    const Step *step = &f->steps.items[f->events[i]];
    const Use *use = &f->uses.items[step->what];
    if (step->kind != STEP_USE || use->is_copy) continue;
    for (uint32_t bit = use_next_bit(f, use, slot->first_bit + 1); bit != 0;
         bit = use_next_bit(f, use, bit + 1)) {
      if (++count > FLOW_PAIR_BUDGET) return false;
      each(slot, bit, use->ref);
    }
  }
  return true;
}

// Lists the uses of all definitions of a variable: `uses_at` first counts, then tells
// where the uses of each end, and moves to where they begin as they are filled in.
static void slot_list(Model *m, Flow *f, uint32_t id) {
  Slot *slot = &f->slots.items[id];
  uint32_t bits = slot->bit_stop - slot->first_bit;
  slot->is_listed = true;
  slot->uses_at = arena_array(m->arena, uint32_t, bits + 1);
  slot->is_too_large = !slot_pairs(f, id, pair_count);
  if (slot->is_too_large) return;
  for (uint32_t i = 1; i <= bits; i++) slot->uses_at[i] += slot->uses_at[i - 1];
  slot->use_refs = arena_array(m->arena, RefId, slot->uses_at[bits]);
  slot_pairs(f, id, pair_keep);
}

RefList flow_uses_of(Model *m, DefId id) {
  RefList list = {.unknown = true};
  const Def *def = def_get(m, id);
  if (!def_ok(id) || !scope_ok(def->scope)) return list;
  Flow *f = flow_of(m, def->scope);
  uint32_t bit = m->flows->bit_of[id.i];
  if (f->is_unknown || bit == 0 || !flow_reach(m, f)) return list;
  flow_list_events(m, f);
  uint32_t number = m->flows->slot_of[def->binding.i];
  Slot *slot = &f->slots.items[number];
  if (!slot->is_listed) slot_list(m, f, number);
  list.escapes_scope = slot->escapes;
  if (slot->is_too_large) return list;
  bit -= slot->first_bit;
  const Scope *scope = scope_get(m, f->scope);
  list.items = slot->use_refs + slot->uses_at[bit];
  list.count = slot->uses_at[bit + 1] - slot->uses_at[bit];
  list.unknown = slot->escapes || slot->is_incomplete || scope->kind == SCOPE_MODULE ||
                 scope->kind == SCOPE_CLASS || (scope->flags & SCOPE_DYNAMIC) != 0;
  return list;
}

bool flow_is_unreachable(Model *m, NodeId node) {
  NodeId anchor = flow_anchor(m, node);
  Flow *f = flow_at(m, anchor);
  if (f == NULL) return false;
  flow_order(m, f);
  uint32_t cursor;
  for (uint32_t s = flow_first_step(m, f, anchor, &cursor); s != 0;
       s = flow_next_step(f, &cursor)) {
    if (flow_block_of(f, s)->order != 0) return false;
  }
  return true;
}
