#include "semantic/effect.h"

#include "semantic/effect_internal.h"

static bool function_enter(Model *m, ScopeId function);
static void function_leave(Model *m);

Effects *effects_of(Model *m) {
  if (m->effects != NULL) return m->effects;
  Effects *self = arena_new(m->arena, Effects);
  self->sums = arena_array(m->arena, EffectSet, m->tree->count);
  self->functions = arena_array(m->arena, FunctionEffect, scope_count(m));
  self->fresh = arena_array(m->arena, uint8_t, binding_count(m));
  self->changed_inside = arena_array(m->arena, uint8_t, binding_count(m));
  self->calls = map_in(m->arena);
  self->parameters = map_in(m->arena);
  m->effects = self;
  return self;
}

// --- sums over the tree --------------------------------------------------------------

// What a caller sees of a call: waiting and yielding are the callee's own affair.
static EffectSet edge_effect(Model *m, CallEdge edge) {
  EffectSet effects = effect_total(m, edge.callee);
  if (effects & EFFECT_YIELDS) effects &= ~(EffectSet)EFFECT_NEXT;
  effects &= ~(EffectSet)(EFFECT_AWAITS | EFFECT_YIELDS | EFFECT_BINDS | EFFECT_SUPER |
                          EFFECT_LOCALS | EFFECT_LOCAL_STORES | EFFECT_LOCAL_ACTS |
                          EFFECT_LOCAL_CONSUMES);
  if (edge.makes) {
    effects &= ~(EffectSet)EFFECT_SELF_STORES;
  } else if (effects & EFFECT_SELF_STORES) {
    effects = (effects & ~(EffectSet)EFFECT_SELF_STORES) | EFFECT_STORES;
  }
  EffectSet impure = EFFECT_ACTS | EFFECT_STORES | EFFECT_CONSUMES | EFFECT_STARTS;
  if (effects & impure) effects |= EFFECT_LOCAL_IMPURE;
  return effects | EFFECT_CALLS_LOCAL;
}

static EffectSet own_effect(Model *m, NodeId node) {
  if (!node_is(m->tree, node, PY_CALL)) return node_effect(m, node);
  CallEffect call = *call_effect(m, node);
  EffectSet effects = call.direct;
  for (uint32_t i = 0; i < call.edge_count; i++) {
    effects |= edge_effect(m, effects_of(m)->edges.items[call.first_edge + i]);
  }
  return effects;
}

static EffectSet sum_at(const Effects *self, uint32_t node) {
  return self->sums[node] & ~(EffectSet)EFFECT_DONE;
}

// Each node is summed once, whatever is asked: subtrees that are known are jumped over.
EffectSet effect_sum(Model *m, NodeId root) {
  Effects *self = effects_of(m);
  const Tree *t = m->tree;
  if (!node_ok(root)) return 0;
  if (self->sums[root.i] & EFFECT_DONE) return sum_at(self, root.i);
  self->visited.count = 0;
  for (NodeId n = root; n.i < node_after(t, root);) {
    bool later = n.i != root.i && place_runs_later(t, n);
    bool known = (self->sums[n.i] & EFFECT_DONE) != 0;
    if (!later && !known) self->sums[n.i] = own_effect(m, n);
    if (!later) vec_push(m->arena, &self->visited, n.i);
    n.i = later || known ? node_after(t, n) : n.i + 1;
  }
  for (uint32_t i = self->visited.count; i-- > 0;) {
    uint32_t n = self->visited.items[i];
    self->sums[n] |= EFFECT_DONE;
    if (n != root.i) self->sums[t->nodes[n].parent] |= sum_at(self, n);
  }
  return sum_at(self, root.i);
}

EffectSet effect_sum_range(Model *m, Range range) {
  const Tree *t = m->tree;
  EffectSet effects = 0;
  for (NodeId n = {range.first}; n.i < range.after;) {
    bool whole = node_after(t, n) <= range.after;
    if (place_runs_later(t, n)) {
      n.i = node_after(t, n);
    } else {
      effects |= whole ? effect_sum(m, n) : own_effect(m, n);
      n.i = whole ? node_after(t, n) : n.i + 1;
    }
  }
  return effects;
}

// --- functions -----------------------------------------------------------------------

static void function_scan(Model *m, ScopeId function) {
  Effects *self = effects_of(m);
  FunctionEffect *f = &self->functions[function.i];
  const Tree *t = m->tree;
  NodeId body = scope_get(m, function)->body;
  f->first_edge = self->function_edges.count;
  for (NodeId n = body; node_ok(body) && n.i < node_after(t, body);) {
    if (n.i != body.i && place_runs_later(t, n)) {
      n.i = node_after(t, n);
      continue;
    }
    if (node_is(t, n, PY_CALL)) {
      CallEffect call = *call_effect(m, n);
      f->own |= call.direct;
      for (uint32_t i = 0; i < call.edge_count; i++) {
        CallEdge edge = self->edges.items[call.first_edge + i];
        vec_push(m->arena, &self->function_edges, edge);
      }
    } else {
      f->own |= node_effect(m, n);
    }
    n.i++;
  }
  f->edge_count = self->function_edges.count - f->first_edge;
}

// Tarjan's strongly connected components, with a stack of our own: functions that call
// each other have the union of their effects.
EffectSet effect_total(Model *m, ScopeId function) {
  Effects *self = effects_of(m);
  FunctionEffect *all = self->functions;
  if (!scope_ok(function)) return EFFECT_ANYTHING;
  if (all[function.i].done) return all[function.i].total;
  // A question inside the walk (a fresh value, say) may lead back here.
  if (all[function.i].index != 0) return EFFECT_ANYTHING;
  uint32_t base = self->frames.count;
  function_enter(m, function);
  while (self->frames.count > base) {
    FunctionFrame *frame = &vec_last(&self->frames);
    FunctionEffect *f = &all[frame->function.i];
    if (frame->next_edge == f->edge_count) {
      function_leave(m);
      continue;
    }
    ScopeId callee =
        self->function_edges.items[f->first_edge + frame->next_edge++].callee;
    if (function_enter(m, callee)) continue;
    if (all[callee.i].on_stack && all[callee.i].index < f->low) {
      f->low = all[callee.i].index;
    }
  }
  return all[function.i].done ? all[function.i].total : EFFECT_ANYTHING;
}

// False if it was visited before.
static bool function_enter(Model *m, ScopeId function) {
  Effects *self = effects_of(m);
  FunctionEffect *f = &self->functions[function.i];
  if (f->index != 0) return false;
  f->index = f->low = ++self->next_index;
  f->on_stack = true;
  function_scan(m, function);
  vec_push(m->arena, &self->component, function);
  vec_push(m->arena, &self->frames, (FunctionFrame){function, 0});
  return true;
}

// All that is called is done, except what lies in the same component.
static EffectSet callees_effect(Model *m, const FunctionEffect *f, bool *recursive) {
  Effects *self = effects_of(m);
  EffectSet effects = f->own;
  for (uint32_t i = 0; i < f->edge_count; i++) {
    CallEdge edge = self->function_edges.items[f->first_edge + i];
    if (self->functions[edge.callee.i].done) {
      effects |= edge_effect(m, edge);
    } else {
      effects |= EFFECT_CALLS_LOCAL;
      *recursive = true;
    }
  }
  return effects;
}

static void component_close(Model *m, uint32_t first) {
  Effects *self = effects_of(m);
  EffectSet shared = 0;
  bool recursive = false;
  for (uint32_t i = first; i < self->component.count; i++) {
    FunctionEffect *f = &self->functions[self->component.items[i].i];
    f->total = callees_effect(m, f, &recursive);
    shared |= f->total;
  }
  // The stack may overflow; and what one does on itself, another may do elsewhere.
  if (recursive) shared |= EFFECT_MAY_RAISE;
  if (recursive && (shared & EFFECT_SELF_STORES)) shared |= EFFECT_STORES;
  EffectSet impure = EFFECT_ACTS | EFFECT_STORES | EFFECT_CONSUMES | EFFECT_STARTS;
  if (recursive && (shared & impure)) shared |= EFFECT_LOCAL_IMPURE;
  for (uint32_t i = first; i < self->component.count; i++) {
    FunctionEffect *f = &self->functions[self->component.items[i].i];
    if (recursive) f->total |= shared;
    f->on_stack = false;
    f->done = true;
  }
  self->component.count = first;
}

static void function_leave(Model *m) {
  Effects *self = effects_of(m);
  ScopeId function = vec_last(&self->frames).function;
  FunctionEffect *f = &self->functions[function.i];
  self->frames.count--;
  if (f->low == f->index) {
    uint32_t first = self->component.count - 1;
    while (self->component.items[first].i != function.i) first--;
    component_close(m, first);
  }
  if (self->frames.count == 0) return;
  FunctionEffect *caller = &self->functions[vec_last(&self->frames).function.i];
  if (f->on_stack && f->low < caller->low) caller->low = f->low;
}

// --- what others ask -----------------------------------------------------------------

static EffectSet effect_masked(EffectSet effects) {
  return effects & (EffectSet)(EFFECT_LOCAL_STORES - 1);
}

EffectSet effect_public(EffectSet raw) {
  EffectSet effects = raw;
  if (raw & (EFFECT_LOCAL_STORES | EFFECT_SELF_STORES)) effects |= EFFECT_STORES;
  if (raw & EFFECT_LOCAL_ACTS) effects |= EFFECT_ACTS;
  if (raw & EFFECT_LOCAL_CONSUMES) effects |= EFFECT_CONSUMES;
  return effect_masked(effects);
}

EffectSet effect_of(Model *m, NodeId expression) {
  return effect_public(effect_sum(m, expression));
}

EffectSet effect_of_region(Model *m, NodeId region) {
  return effect_public(effect_sum(m, region));
}

EffectSet effect_of_between(Model *m, NodeId from, NodeId to) {
  Range range = {node_after(m->tree, from), node_after(m->tree, to)};
  if (!node_ok(from) || !node_ok(to) || range.after < range.first) {
    return effect_masked(EFFECT_ANYTHING);
  }
  return effect_public(effect_sum_range(m, range));
}

EffectSet effect_of_function(Model *m, ScopeId function) {
  EffectSet effects = effect_total(m, function);
  if (effects & EFFECT_SELF_STORES) effects |= EFFECT_STORES;
  return effect_masked(effects);
}

bool effect_is_pure(EffectSet effects) {
  return (effects & (EFFECT_UNKNOWN_CALL | EFFECT_ACTS | EFFECT_AWAITS | EFFECT_YIELDS |
                     EFFECT_BINDS | EFFECT_STARTS | EFFECT_CONSUMES | EFFECT_STORES)) ==
         0;
}

bool effect_runs_others(EffectSet effects) {
  return (effects & (EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_STARTS |
                     EFFECT_LOCAL_IMPURE)) != 0;
}
