#include "semantic/effect_internal.h"

enum { PARAMETER_DEPTH = 6, PARAMETER_ASKED = 8, DEF_LIMIT = 64 };
enum { CHANGED_UNASKED, CHANGED_NO, CHANGED_YES };

// Code that may reach an object that others hold as well.
static const EffectSet reaching = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                                  EFFECT_YIELDS | EFFECT_STARTS | EFFECT_LOCAL_IMPURE;

static MutationAnswer mutation_max(MutationAnswer a, MutationAnswer b) {
  return a > b ? a : b;
}

static MutationAnswer mutation_at_most(MutationAnswer answer, bool certain) {
  return answer == MUTATION_CERTAIN && !certain ? MUTATION_POSSIBLE : answer;
}

// --- one name ------------------------------------------------------------------------

static bool is_replaced_by_update(Model *m, NodeId name) {
  Value v = value_of(m, name);
  return value_is_scalar(v) || value_is_text(v) || v.kind == VALUE_TUPLE ||
         v.kind == VALUE_FROZENSET;
}

static MutationAnswer def_mutates(Model *m, const MutationQuestion *q, DefId id,
                                  const Watch *watch) {
  const Def *def = def_get(m, id);
  bool direct = scope_function(m, def->scope).i == q->reader.i;
  bool object_only = watch->alias || q->by_parameter;
  if (!object_only) return mutation_at_most(MUTATION_CERTAIN, direct);
  if (def->kind != DEF_AUGMENTED || watch->part_count > 0) return MUTATION_NONE;
  if (is_replaced_by_update(m, def->node)) return MUTATION_NONE;
  bool known = value_is_mutable(value_of(m, def->node));
  return mutation_at_most(MUTATION_CERTAIN, known && direct);
}

// After `xs = list(xs)` a parameter's name means another object.
static bool ref_is_other(Model *m, const MutationQuestion *q, RefId ref,
                         const Watch *watch) {
  if (!q->by_parameter || watch->alias) return false;
  if (binding_get(m, watch->root)->def_count < 2) return false;
  DefList reaching_defs = flow_defs_reaching(m, ref);
  if (reaching_defs.unknown) return false;
  for (uint32_t i = 0; i < reaching_defs.count; i++) {
    DefKind kind = def_get(m, reaching_defs.items[i])->kind;
    if (kind == DEF_PARAMETER || kind == DEF_AUGMENTED) return false;
  }
  return true;
}

// An alias names the object only where the definition that made it one reaches.
static bool ref_is_no_alias(Model *m, RefId ref, const Watch *watch) {
  if (!watch->alias || !def_ok(watch->from)) return false;
  if (binding_get(m, watch->root)->def_count < 2) return false;
  if (ref_get(m, ref)->scope.i != def_get(m, watch->from)->scope.i) return false;
  DefList defs = flow_defs_reaching(m, ref);
  if (defs.unknown) return false;
  for (uint32_t i = 0; i < defs.count; i++) {
    const Def *def = def_get(m, defs.items[i]);
    if (defs.items[i].i == watch->from.i || def->kind == DEF_AUGMENTED) return false;
  }
  return true;
}

// `del self[key]`, `self[key] = row`, where `self.rows` is watched.
static bool stores_in_owner(const Model *m, NodeId root, const Watch *watch) {
  if (watch->part_count == 0) return false;
  NodeId item = node_parent(m->tree, node_wrap(m->tree, root));
  if (!node_is(m->tree, item, PY_SUBSCRIPT) ||
      node_role(m->tree, node_wrap(m->tree, root)) != FIELD_VALUE) {
    return false;
  }
  PlaceKind kind = place_of(m->tree, node_wrap(m->tree, item)).kind;
  return kind == PLACE_TARGET || kind == PLACE_UPDATED || kind == PLACE_DELETED;
}

static MutationAnswer ref_mutates(Model *m, const MutationQuestion *q, RefId id,
                                  const Watch *watch) {
  const Ref *ref = ref_get(m, id);
  if (!node_is(m->tree, ref->node, PY_IDENTIFIER)) return MUTATION_NONE;
  if (stores_in_owner(m, ref->node, watch)) return MUTATION_POSSIBLE;
  NodeId e = watch_match(m, ref->node, watch);
  if (!node_ok(e)) return MUTATION_NONE;
  // An augmented name is read and bound at one node; the definition tells.
  if (place_of(m->tree, e).kind == PLACE_UPDATED && watch->part_count == 0) {
    return MUTATION_NONE;
  }
  MutationAnswer answer = use_mutates(m, e, watch);
  if (answer == MUTATION_NONE || ref_is_other(m, q, id, watch) ||
      ref_is_no_alias(m, id, watch)) {
    return MUTATION_NONE;
  }
  bool direct = scope_function(m, ref->scope).i == q->reader.i;
  return mutation_at_most(answer, direct);
}

static MutationAnswer watch_mutates(Model *m, const MutationQuestion *q,
                                    const Watch *watch) {
  MutationAnswer answer = MUTATION_NONE;
  MentionRun defs = mention_defs(m, watch->root, q->range);
  for (uint32_t i = 0; i < defs.count && answer != MUTATION_CERTAIN; i++) {
    answer = mutation_max(answer, def_mutates(m, q, mention_def(defs, i), watch));
  }
  if (watch->number) return answer;
  MentionRun refs = mention_refs(m, watch->root, q->range);
  for (uint32_t i = 0; i < refs.count && answer != MUTATION_CERTAIN; i++) {
    answer = mutation_max(answer, ref_mutates(m, q, mention_ref(refs, i), watch));
  }
  return answer;
}

// --- closures ------------------------------------------------------------------------

static bool is_inner(const Model *m, BindingId binding, ScopeId scope) {
  ScopeId owner = scope_function(m, binding_get(m, binding)->scope);
  return scope_function(m, scope).i != owner.i;
}

static bool binding_changes_inside(Model *m, BindingId binding) {
  Watch watch = {.root = binding};
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (is_inner(m, binding, def_get(m, d)->scope)) return true;
  }
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    const Ref *ref = ref_get(m, r);
    if (!is_inner(m, binding, ref->scope)) continue;
    if (!node_is(m->tree, ref->node, PY_IDENTIFIER)) continue;
    if (use_mutates(m, node_wrap(m->tree, ref->node), &watch) != MUTATION_NONE) {
      return true;
    }
  }
  return false;
}

// Some function that captures the variable changes it, or the object.
static bool changes_inside(Model *m, const Watch *watch) {
  if (watch->part_count > 0) return false;
  if ((binding_get(m, watch->root)->flags & BIND_CAPTURED) == 0) return false;
  uint8_t *kept = &effects_of(m)->changed_inside[watch->root.i];
  if (*kept == CHANGED_UNASKED) {
    *kept = CHANGED_YES;  // while it is being asked
    *kept = binding_changes_inside(m, watch->root) ? CHANGED_YES : CHANGED_NO;
  }
  return *kept == CHANGED_YES;
}

// --- answers -------------------------------------------------------------------------

MutationAnswer mutation_answer(Model *m, const MutationQuestion *q,
                               const WatchList *list) {
  MutationAnswer answer =
      list->overflow || list->foreign ? MUTATION_POSSIBLE : MUTATION_NONE;
  bool captured = false;
  for (uint32_t i = 0; i < list->count && answer != MUTATION_CERTAIN; i++) {
    answer = mutation_max(answer, watch_mutates(m, q, &list->items[i]));
    captured |= changes_inside(m, &list->items[i]);
  }
  if (answer != MUTATION_NONE) return answer;
  EffectSet effects = effect_sum_range(m, q->range);
  if (effects & EFFECT_LOCALS) return MUTATION_POSSIBLE;
  if (q->by_parameter) return MUTATION_NONE;
  if (list->shared && (effects & reaching)) return MUTATION_POSSIBLE;
  EffectSet calls = reaching | EFFECT_CALLS_LOCAL;
  return captured && (effects & calls) ? MUTATION_POSSIBLE : MUTATION_NONE;
}

static MutationAnswer mutates_in(Model *m, Range range, NodeId at, NodeId source) {
  WatchList list;
  watch_collect(m, source, &list);
  MutationQuestion q = {.range = range, .reader = scope_function(m, scope_at(m, at))};
  return mutation_answer(m, &q, &list);
}

MutationAnswer effect_mutates(Model *m, NodeId region, NodeId source) {
  if (!node_ok(region) || !node_ok(source)) return MUTATION_POSSIBLE;
  return mutates_in(m, range_of(m->tree, region), region, source);
}

MutationAnswer effect_mutates_between(Model *m, NodeId from, NodeId to, NodeId source) {
  Range range = {node_after(m->tree, from), node_after(m->tree, to)};
  if (!node_ok(from) || range.after < range.first) return MUTATION_POSSIBLE;
  return mutates_in(m, range, to, source);
}

MutationAnswer effect_mutates_binding(Model *m, NodeId region, BindingId binding) {
  if (!node_ok(region)) return MUTATION_POSSIBLE;
  WatchList list;
  watch_collect_binding(m, binding, &list);
  ScopeId reader = scope_function(m, scope_at(m, region));
  MutationQuestion q = {.range = range_of(m->tree, region), .reader = reader};
  if (binding_is_shared(m, binding, reader)) list.shared = true;
  return mutation_answer(m, &q, &list);
}

ValueKind passed_kind(Model *m, NodeId object) {
  ValueKind kind = value_of(m, object).kind;
  const Effects *self = effects_of(m);
  if (kind != VALUE_UNKNOWN || !def_ok(self->asked)) return kind;
  DefId only = flow_only_def(m, node_unwrap(m->tree, object));
  return only.i == self->asked.i ? self->passed : kind;
}

static MutationAnswer parameter_ask(Model *m, ScopeId function, DefId parameter,
                                    ValueKind passed) {
  Effects *self = effects_of(m);
  const Def *def = def_get(m, parameter);
  DefId outer = self->asked;
  ValueKind outer_passed = self->passed;
  uint64_t key = map_pair(parameter.i, passed);
  WatchList list;
  map_put(&self->parameters, key, PARAMETER_ASKED);
  self->asked = parameter;
  self->passed = passed;
  self->depth++;
  watch_collect_binding(m, def->binding, &list);
  NodeId body = scope_get(m, function)->body;
  MutationQuestion q = {
      .range = range_of(m->tree, body), .reader = function, .by_parameter = true};
  MutationAnswer answer = mutation_answer(m, &q, &list);
  self->depth--;
  self->asked = outer;
  self->passed = outer_passed;
  map_put(&self->parameters, key, (uint32_t)answer + 1);
  return answer;
}

MutationAnswer parameter_mutates(Model *m, ScopeId function, uint32_t index,
                                 ValueKind passed) {
  Effects *self = effects_of(m);
  DefId parameter = scope_parameter(m, function, index);
  if (!def_ok(parameter)) return MUTATION_POSSIBLE;
  if (def_get(m, parameter)->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) {
    return MUTATION_POSSIBLE;
  }
  uint32_t kept = map_get(&self->parameters, map_pair(parameter.i, passed));
  // A function that hands its parameter to itself adds nothing by that.
  if (kept == PARAMETER_ASKED) {
    return self->asked.i == parameter.i ? MUTATION_NONE : MUTATION_POSSIBLE;
  }
  if (kept != 0) return (MutationAnswer)(kept - 1);
  if (self->depth == PARAMETER_DEPTH) return MUTATION_POSSIBLE;
  return parameter_ask(m, function, parameter, passed);
}

MutationAnswer effect_mutates_parameter(Model *m, ScopeId function, uint32_t index) {
  return parameter_mutates(m, function, index, VALUE_UNKNOWN);
}

// --- rebinding -----------------------------------------------------------------------

static bool rebound_elsewhere(const Model *m, BindingId binding, ScopeId reader) {
  uint32_t seen = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    ScopeId at = scope_function(m, def_get(m, d)->scope);
    if (at.i != reader.i && scope_get(m, at)->kind != SCOPE_MODULE) return true;
    if (++seen == DEF_LIMIT) return true;
  }
  return false;
}

static bool rebinds_in(Model *m, Range range, NodeId at, NodeId expression) {
  const Tree *t = m->tree;
  EffectSet effects = effect_sum_range(m, range);
  if (effects & EFFECT_LOCALS || expression_is_vast(t, expression)) return true;
  bool calls = (effects & (reaching | EFFECT_CALLS_LOCAL)) != 0;
  ScopeId reader = scope_function(m, scope_at(m, at));
  for (NodeId n = expression; n.i < node_after(t, expression); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER)) continue;
    BindingId b = binding_of(m, n);
    if (!binding_ok(b)) continue;
    if (node_inside(t, scope_get(m, binding_get(m, b)->scope)->node, expression)) {
      continue;
    }
    if (mention_defs(m, b, range).count > 0) return true;
    if (calls && rebound_elsewhere(m, b, reader)) return true;
  }
  return false;
}

bool effect_rebinds_names_of(Model *m, NodeId region, NodeId expression) {
  if (!node_ok(region)) return true;
  return rebinds_in(m, range_of(m->tree, region), region, expression);
}

bool effect_rebinds_names_between(Model *m, NodeId from, NodeId to, NodeId expression) {
  Range range = {node_after(m->tree, from), node_after(m->tree, to)};
  if (!node_ok(from) || range.after < range.first) return true;
  return rebinds_in(m, range, to, expression);
}
