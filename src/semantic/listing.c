#include "semantic/listing.h"

#include "semantic/ahead.h"
#include "semantic/context.h"
#include "semantic/effect_internal.h"

enum { MENTIONS_READ = 64 };  // of one name; beyond them the list is needed

// --- the function --------------------------------------------------------------------

static NodeId last_statement(const Tree *t, NodeId block) {
  NodeId last = node_last(t, block);
  while (node_ok(last) && !node_is_named(t, last)) last = node_prev(t, last);
  return last;
}

static NodeId returned(const Tree *t, NodeId statement) {
  if (!node_is(t, statement, PY_RETURN_STATEMENT)) return NO_NODE;
  return node_unwrap(t, node_first_named(t, statement));
}

// Asked first, for it needs no flow: some `name = []`.
static bool is_begun_empty(Model *m, NodeId name) {
  BindingId binding = binding_of(m, name);
  if (binding_get(m, binding)->def_count > MENTIONS_READ) return false;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    bool is_assigned = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
    if (is_assigned && value_is_empty_list(m, def->value)) return true;
  }
  return false;
}

// `out = []` behind the last `return out`.
static NodeId start_of(Model *m, NodeId body) {
  NodeId name = returned(m->tree, last_statement(m->tree, body));
  if (!node_is(m->tree, name, PY_IDENTIFIER) || !is_begun_empty(m, name))
    return NO_NODE;
  const Def *def = def_get(m, flow_only_def(m, name));
  NodeId assignment = node_parent(m->tree, def->node);
  bool is_start = node_is(m->tree, assignment, PY_ASSIGNMENT) &&
                  node_role(m->tree, def->node) == FIELD_LEFT &&
                  grown_is_start(m, assignment);
  return is_start ? assignment : NO_NODE;
}

static bool is_only_returned(const Tree *t, const Grown *g) {
  for (uint32_t i = 0; i < g->other_count; i++) {
    NodeId up = node_parent(t, node_wrap(t, g->others[i]));
    if (!node_is(t, up, PY_RETURN_STATEMENT)) return false;
  }
  return true;
}

static bool is_its_list(Model *m, const Grown *g, NodeId value) {
  if (value_is_empty_list(m, value)) return true;
  return node_is(m->tree, value, PY_IDENTIFIER) &&
         flow_only_def(m, value).i == g->def.i;
}

// Left early by an exception of its own, or with something else than the list. From
// where the list has grown, an empty one is something else.
static bool is_left_otherwise(Model *m, NodeId body, const Grown *g, NodeId loop) {
  const Tree *t = m->tree;
  for (NodeId n = body; n.i < node_after(t, body);) {
    if (n.i != body.i && place_runs_later(t, n)) {
      n.i = node_after(t, n);
      continue;
    }
    if (node_is(t, n, PY_RAISE_STATEMENT) && n.i > loop.i) return true;
    if (node_is(t, n, PY_RETURN_STATEMENT)) {
      NodeId value = returned(t, n);
      if (!node_ok(value) || !is_its_list(m, g, value)) return true;
      if (n.i > loop.i && !node_is(t, value, PY_IDENTIFIER)) return true;
    }
    n.i++;
  }
  return false;
}

// A file, a lock or a clean-up would wait for the caller's last step.
static bool holds_something(Model *m, const Grown *g, NodeId loop) {
  for (uint32_t i = 0; i < g->append_count; i++) {
    if (node_ok(with_around(m, g->appends[i], NO_NODE))) return true;
    for (NodeId n = try_around(m, g->appends[i], NO_NODE); node_ok(n);
         n = try_around(m, g->appends[i], n)) {
      bool is_inside = node_inside(m->tree, n, loop);
      if (!is_inside || node_ok(node_child(m->tree, n, PY_FINALLY_CLAUSE))) return true;
    }
  }
  return false;
}

static bool acts_behind(Model *m, NodeId body, const Grown *g) {
  const Tree *t = m->tree;
  uint32_t from = 0;
  for (uint32_t i = 0; i < g->append_count; i++) {
    NodeId n = g->appends[i];
    while (node_ok(n) && !node_eq(node_parent(t, n), body)) n = node_parent(t, n);
    if (node_after(t, n) > from) from = node_after(t, n);
  }
  Range behind = {from, node_after(t, body)};
  EffectSet acting = EFFECT_ACTS | EFFECT_UNKNOWN_CALL | EFFECT_STORES;
  return (effect_public(effect_sum_range(m, behind)) & acting) != 0;
}

// --- what it reads -------------------------------------------------------------------

static bool is_fixed(Model *m, NodeId identifier) {
  BindingId binding = binding_of(m, identifier);
  if (!binding_ok(binding)) return true;  // a builtin
  const Def *d = def_get(m, binding_only_def(m, binding));
  if (d->kind == DEF_IMPORT || d->kind == DEF_IMPORT_FROM || d->kind == DEF_FUNCTION ||
      d->kind == DEF_CLASS) {
    return true;
  }
  Value v = value_of(m, identifier);
  return value_is_scalar(v) || value_is_text(v) || v.kind == VALUE_TUPLE;
}

// `p.x` of a parameter: what the caller holds, and may change.
static bool is_attribute_of_parameter(Model *m, NodeId identifier) {
  const Tree *t = m->tree;
  NodeId attribute = node_parent(t, identifier);
  const Def *d = def_get(m, def_first(m, binding_of(m, identifier)));
  if (!node_is(t, attribute, PY_ATTRIBUTE) || d->kind != DEF_PARAMETER) return false;
  if (name_is_self(m, identifier)) return true;
  NodeId call = node_parent(t, attribute);
  bool is_called =
      node_is(t, call, PY_CALL) && node_role(t, attribute) == FIELD_FUNCTION;
  return !is_called || call_pure(m, call) == NULL;
}

// Folders, tables, unknown functions: what they give may change between two steps.
static bool reads_world(Model *m, const Grown *g, ScopeId function) {
  EffectSet unknown = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN;
  if ((effect_total(m, function) & unknown) != 0) return true;
  for (uint32_t i = 0; i < g->append_count; i++) {
    for (NodeId loop = loop_around(m, g->appends[i], NO_NODE); node_ok(loop);
         loop = loop_around(m, g->appends[i], loop)) {
      if (ahead_is_live(m, node_field(m->tree, loop, FIELD_RIGHT))) return true;
    }
  }
  return false;
}

static bool reads_shared(Model *m, NodeId body, ScopeId function) {
  const Tree *t = m->tree;
  for (NodeId n = body; n.i < node_after(t, body); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(m, n))) continue;
    BindingId binding = binding_of(m, n);
    ScopeId owner = binding_get(m, binding)->scope;
    if (!binding_ok(binding) || scope_inside(m, owner, function)) {
      if (is_attribute_of_parameter(m, n)) return true;
    } else if (!is_fixed(m, n)) {
      return true;
    }
  }
  return false;
}

const char *listing_refusal(Model *m, NodeId definition, Listing *out) {
  const Tree *t = m->tree;
  *out = (Listing){0};
  ScopeId function = scope_of(m, definition);
  const Scope *scope = scope_get(m, function);
  const uint32_t unsuited =
      SCOPE_IS_ASYNC | SCOPE_IS_GENERATOR | SCOPE_DYNAMIC | SCOPE_BROKEN;
  if ((scope->flags & unsuited) != 0) return "";
  NodeId body = scope->body, start = start_of(m, body);
  if (!node_ok(start)) return "";
  if (node_is(t, node_parent(t, definition), PY_DECORATED_DEFINITION)) {
    return "a decorator may need the list";
  }
  Grown *g = &out->grown;
  if (!grown_of(m, start, g) || !is_only_returned(t, g)) {
    return "the function needs the list itself";
  }
  NodeId loop = grown_loop(m, g);
  if (!node_ok(loop) || size_is_small(grown_size(m, g))) return "the list stays small";
  if (is_left_otherwise(m, body, g, loop)) return "it may be left without the list";
  if (holds_something(m, g, loop)) return "what it holds would be held longer";
  const EffectSet visible = EFFECT_ACTS | EFFECT_STORES | EFFECT_STARTS |
                            EFFECT_AWAITS | EFFECT_YIELDS | EFFECT_CONSUMES;
  if ((effect_of_function(m, function) & visible) != 0) return "it acts";
  if (acts_behind(m, body, g)) return "it acts when the list is complete";
  for (uint32_t i = 0; i < g->append_count; i++) {
    if (element_may_change(m, g->appends[i])) {
      return "an element may be changed after it was appended";
    }
  }
  out->shared = reads_world(m, g, function) || reads_shared(m, body, function);
  return NULL;
}

// --- its callers ---------------------------------------------------------------------

static bool is_copied(Model *m, NodeId call) {
  const Tree *t = m->tree;
  NodeId e = node_wrap(t, call), list = node_parent(t, e), outer = node_parent(t, list);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || !node_is(t, outer, PY_CALL)) return false;
  const SinkFact *sink = call_sink(m, outer);
  if (sink == NULL || !sink_takes(m, sink, outer, e)) return false;
  bool copies = sink->kind == SINK_COPYING || sink->kind == SINK_TRANSFORMING ||
                sink->kind == SINK_NO_GAIN;
  return copies && (sink->flags & (SINK_FANS_OUT | SINK_LAZY)) == 0;
}

static bool may_change_argument(Model *m, NodeId call, const Pass *pass,
                                const SingleUse *kept) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return true;  // f(x for x in y)
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    NodeId e = node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    Value v = value_of(m, e);
    if (value_is_scalar(v) || value_is_text(v)) continue;
    for (uint32_t i = 0; i < pass->part_count; i++) {
      if (effect_mutates(m, pass->parts[i], e) != MUTATION_NONE) return true;
    }
    if (pass->part_count == 0 && effect_mutates(m, pass->node, e) == MUTATION_CERTAIN) {
      return true;
    }
    if (node_ok(kept->statement) &&
        effect_mutates_between(m, kept->statement, pass->whole, e) != MUTATION_NONE) {
      return true;
    }
  }
  return false;
}

static bool acts_beside_writing(Model *m, NodeId part) {
  for (NodeId n = part; n.i < node_after(m->tree, part); n.i++) {
    if (node_is(m->tree, n, PY_CALL) && call_write(m, n) == NULL &&
        (call_effect(m, n)->direct & EFFECT_ACTS) != 0) {
      return true;
    }
  }
  return false;
}

static bool is_busy(Model *m, const Pass *pass, const SingleUse *kept) {
  const EffectSet reaching = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                             EFFECT_YIELDS | EFFECT_STARTS | EFFECT_LOCAL_IMPURE |
                             EFFECT_STORES;
  if ((pass_effects(m, pass) & reaching) != 0) return true;
  for (uint32_t i = 0; i < pass->part_count; i++) {
    if (acts_beside_writing(m, pass->parts[i])) return true;
  }
  return node_ok(kept->statement) &&
         !effect_is_pure(effect_of_between(m, kept->statement, pass->whole));
}

static bool is_iterating(const Tree *t, NodeId e) {
  switch (node_kind(t, node_parent(t, e))) {
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE:
    case PY_ARGUMENT_LIST:
    case PY_KEYWORD_ARGUMENT:
    case PY_YIELD: return true;
    default: return false;
  }
}

// By what stands around alone: asked first, for it needs neither flow nor values.
static bool may_be_walked(Model *m, NodeId call) {
  const Tree *t = m->tree;
  NodeId e = node_wrap(t, call), assignment = node_parent(t, e);
  if (is_iterating(t, e)) return true;
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || !node_is(t, name, PY_IDENTIFIER)) {
    return false;
  }
  const Binding *b = binding_get(m, binding_of(m, name));
  if (b->def_count == 1 && b->ref_count != 1) return false;
  if (b->ref_count > MENTIONS_READ) return false;
  for (RefId r = b->first_ref; ref_ok(r); r = ref_next(m, r)) {
    if (is_iterating(t, node_wrap(t, ref_get(m, r)->node))) return true;
  }
  return false;
}

WalkKind walk_of(Model *m, NodeId call, NodeId *place) {
  SingleUse kept;
  *place = NO_NODE;
  if (!may_be_walked(m, call)) return WALK_NOT;
  if (is_copied(m, call)) return WALK_COPIED;
  Pass pass = pass_here_or_kept(m, call, &kept);
  if (pass.kind == PASS_NONE || pass.again) return WALK_NOT;
  if (pass.kind == PASS_KEPT) return WALK_COPIED;
  if (may_change_argument(m, call, &pass, &kept)) return WALK_NOT;
  *place = node_ok(kept.use) ? kept.use : call;
  return is_busy(m, &pass, &kept) ? WALK_BUSY : WALK_QUIET;
}
