#include "semantic/ahead.h"

#include "semantic/context.h"
#include "semantic/effect_internal.h"
#include "semantic/escape.h"

enum {
  AHEAD_NODES = 5000,  // that are looked at for one question
  LIVE_LAYERS = 8,     // enumerate(zip(…))
};

typedef struct Ahead {
  Model *m;
  const Tree *t;
  const Grown *g;
  const Pass *pass;
  NodeId loop;       // the outermost in which the list grows
  NodeId statement;  // of the pass
  Range between;     // from the loop to the pass
} Ahead;

static Ahead ahead_in(Model *m, const Grown *g, const Pass *pass) {
  Ahead a = {.m = m, .t = m->tree, .g = g, .pass = pass};
  a.loop = grown_loop(m, g);
  a.statement = node_statement(m->tree, pass->node);
  a.between = (Range){a.loop.i, a.statement.i};
  return a;
}

static bool in_between(const Ahead *a, NodeId n) {
  return n.i >= a->between.first && n.i < a->between.after;
}

// --- where the two stand -------------------------------------------------------------

static bool may_be_left(const Ahead *a) {
  for (NodeId n = {a->between.first}; n.i < a->between.after;) {
    if (place_runs_later(a->t, n)) {
      n.i = node_after(a->t, n);
      continue;
    }
    if (node_is(a->t, n, PY_RETURN_STATEMENT) || node_is(a->t, n, PY_RAISE_STATEMENT)) {
      return true;
    }
    n.i++;
  }
  return false;
}

// What is entered around the loop only: a file is, at most, read a little longer.
static bool is_held_longer(const Ahead *a) {
  for (uint32_t i = 0; i < a->g->append_count; i++) {
    for (NodeId w = with_around(a->m, a->g->appends[i], NO_NODE); node_ok(w);
         w = with_around(a->m, a->g->appends[i], w)) {
      if (node_inside(a->t, a->statement, node_ancestor(a->t, w, PY_WITH_STATEMENT))) {
        continue;
      }
      NodeId entered = node_field(a->t, w, FIELD_VALUE);
      if (node_is(a->t, entered, PY_AS_PATTERN))
        entered = node_first_named(a->t, entered);
      if (!value_is_file(value_of(a->m, entered))) return true;
    }
  }
  return false;
}

// Not by writing, which is for the caller to judge.
static bool acts_otherwise(Model *m, NodeId call) {
  const SinkFact *sink = call_sink(m, call);
  bool writes = sink != NULL && (sink->flags & (SINK_LAZY | SINK_LOOP)) == SINK_LOOP;
  if (writes || call_write(m, call) != NULL) return false;
  EffectSet acting = EFFECT_ACTS | EFFECT_UNKNOWN_CALL;
  return (effect_public(effect_sum(m, call)) & acting) != 0;
}

// `cursor.close()`: done once the list is complete, before anything is handed on.
static bool acts_behind_loop(const Ahead *a) {
  NodeId last = a->loop;
  for (uint32_t i = 0; i < a->g->append_count; i++) {
    NodeId block = node_parent(a->t, a->statement), n = a->g->appends[i];
    while (node_ok(n) && !node_eq(node_parent(a->t, n), block)) {
      n = node_parent(a->t, n);
    }
    if (n.i > last.i) last = n;
  }
  for (NodeId n = {node_after(a->t, last)}; n.i < a->statement.i; n.i++) {
    if (node_is(a->t, n, PY_CALL) && acts_otherwise(a->m, n)) return true;
  }
  return false;
}

static const char *place_refusal(const Ahead *a) {
  NodeId block = node_parent(a->t, a->statement);
  if (a->statement.i < a->loop.i || !node_inside(a->t, a->loop, block)) {
    return "it is walked through in a block of its own";
  }
  if (grown_after(a->m, a->g, a->pass->node)) return "it grows again behind the pass";
  if (may_be_left(a)) return "the function may be left before the pass";
  if (!node_eq(try_around(a->m, a->loop, NO_NODE),
               try_around(a->m, a->statement, NO_NODE))) {
    return "exceptions are caught around the loop or the pass only";
  }
  if (is_held_longer(a)) return "what is held around the loop would be held longer";
  EffectSet effects = effect_public(effect_sum_range(a->m, a->between));
  if (effects & EFFECT_STARTS) return "the loop starts work";
  if (effects & EFFECT_YIELDS) return "something else is yielded before";
  if (acts_behind_loop(a)) return "something is done between the loop and the pass";
  return NULL;
}

// --- what the pass reads -------------------------------------------------------------

// Names that mean one thing for good: modules, functions, classes, numbers, texts.
static bool is_constant(Model *m, NodeId identifier) {
  const Def *d = def_get(m, binding_only_def(m, binding_of(m, identifier)));
  if (d->kind == DEF_IMPORT || d->kind == DEF_IMPORT_FROM || d->kind == DEF_FUNCTION ||
      d->kind == DEF_CLASS) {
    return true;
  }
  Value v = value_of(m, identifier);
  return value_is_scalar(v) || value_is_text(v) || v.kind == VALUE_TUPLE;
}

static bool is_defined_between(const Ahead *a, NodeId identifier) {
  RefId ref = ref_at(a->m, identifier);
  BindingId binding = binding_of(a->m, identifier);
  DefList defs = flow_defs_reaching(a->m, ref);
  if (defs.unknown || defs.count == 0) {
    return mention_defs(a->m, binding, a->between).count > 0;
  }
  for (uint32_t i = 0; i < defs.count; i++) {
    if (in_between(a, def_get(a->m, defs.items[i])->node)) return true;
  }
  return false;
}

// Every definition that reaches it stands in the pass: a loop variable, say.
static bool is_defined_inside(const Ahead *a, NodeId identifier) {
  BindingId binding = binding_of(a->m, identifier);
  NodeId scope = scope_get(a->m, binding_get(a->m, binding)->scope)->node;
  if (node_inside(a->t, scope, a->pass->node)) return true;
  DefList defs = flow_defs_reaching(a->m, ref_at(a->m, identifier));
  for (uint32_t i = 0; i < defs.count; i++) {
    if (!node_inside(a->t, def_get(a->m, defs.items[i])->node, a->pass->node)) {
      return false;
    }
  }
  return !defs.unknown && defs.count > 0;
}

// x of `x`, x.a.b of `x.a.b.write(…)`: what stands for the object that is used.
static NodeId object_at(const Tree *t, NodeId identifier) {
  NodeId e = node_wrap(t, identifier);
  for (Place p = place_of(t, e); p.kind == PLACE_ATTRIBUTE &&
                                 place_of(t, node_wrap(t, p.node)).kind != PLACE_CALLEE;
       p = place_of(t, e)) {
    e = node_wrap(t, p.node);
  }
  return e;
}

static bool changes_between(const Ahead *a, NodeId object) {
  WatchList list;
  watch_collect(a->m, object, &list);
  MutationQuestion q = {.range = a->between,
                        .reader = scope_function(a->m, scope_at(a->m, a->loop))};
  return mutation_answer(a->m, &q, &list) != MUTATION_NONE;
}

static const char *reading_refusal(const Ahead *a) {
  NodeId pass = a->pass->node;
  for (NodeId n = pass; n.i < node_after(a->t, pass); n.i++) {
    if (!node_is(a->t, n, PY_IDENTIFIER) || !ref_ok(ref_at(a->m, n))) continue;
    BindingId binding = binding_of(a->m, n);
    if (!binding_ok(binding) || binding.i == binding_of(a->m, a->g->name).i) continue;
    if (is_defined_between(a, n)) return "the pass needs what the loop finds out";
    if (is_constant(a->m, n) || is_defined_inside(a, n)) continue;
    if (changes_between(a, object_at(a->t, n))) {
      return "the loop may change what the pass reads";
    }
  }
  return NULL;
}

// --- what the loop reads -------------------------------------------------------------

static bool pass_changes_source(const Ahead *a, NodeId source) {
  const Pass *pass = a->pass;
  if (pass->kind != PASS_FOR) {
    return effect_mutates(a->m, pass->node, source) != MUTATION_NONE;
  }
  NodeId body = node_field(a->t, pass->node, FIELD_BODY);
  return effect_mutates(a->m, body, source) != MUTATION_NONE;
}

bool ahead_is_live(Model *m, NodeId source) {
  for (uint32_t layer = 0; layer < LIVE_LAYERS; layer++) {
    NodeId call = node_unwrap(m->tree, source);
    if (!node_is(m->tree, call, PY_CALL)) return false;
    Value v = value_of(m, call);
    if (value_is_container(v) || value_is_text(v) || v.kind == VALUE_RANGE)
      return false;
    const SinkFact *sink = call_sink(m, call);
    if (sink == NULL || (sink->flags & SINK_LAZY) == 0) {
      return call_pure(m, call) == NULL || value_is_iterator(v);
    }
    source = sink_argument(m, sink, call);  // enumerate(xs): as live as that
  }
  return true;
}

// Whoever takes an element runs before the next is made.
static bool is_changed_by_taker(const Ahead *a, NodeId loop) {
  if ((pass_effects(a->m, a->pass) & EFFECT_YIELDS) == 0) return false;
  NodeId source = node_field(a->t, loop, FIELD_RIGHT);
  if (node_ok(source)) return ahead_is_live(a->m, source);
  EffectSet unknown = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN;
  return (effect_sum(a->m, loop) & unknown) != 0;
}

static const char *source_refusal(const Ahead *a) {
  for (uint32_t i = 0; i < a->g->append_count; i++) {
    for (NodeId loop = loop_around(a->m, a->g->appends[i], NO_NODE);
         node_ok(loop) && !node_inside(a->t, a->g->assignment, loop);
         loop = loop_around(a->m, a->g->appends[i], loop)) {
      NodeId source = node_field(a->t, loop, FIELD_RIGHT);
      if (is_changed_by_taker(a, loop))
        return "who takes one may change what is walked";
      if (!node_ok(source)) continue;
      Value v = value_of(a->m, source);
      bool is_own =
          value_is_container(v) && (v.flags & VALUE_FRESH) != 0;  // sorted(xs)
      if (!is_own && pass_changes_source(a, source)) {
        return "the pass may change what is walked";
      }
      if ((value_is_file(v) || v.kind == VALUE_PATH) &&
          effect_surely_disturbs_file(a->m, a->pass->node, source)) {
        return "the file that is read is written";
      }
      bool executes =
          a->pass->sink != NULL && str_is(a->pass->sink->name, ".executemany");
      if (executes && ((v.flags & VALUE_DATABASE) != 0 || v.why == WHY_DATABASE)) {
        return "the database that is read is written";
      }
    }
  }
  return NULL;
}

// --- the elements --------------------------------------------------------------------

// `count += 1`: another object where it was a number or a text.
static bool is_counted_up(Model *m, NodeId use) {
  NodeId up = node_parent(m->tree, use);
  if (!node_is(m->tree, up, PY_AUGMENTED_ASSIGNMENT)) return false;
  BindingId binding = binding_of(m, use);
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (def_get(m, d)->kind == DEF_AUGMENTED) continue;
    Value v = value_of_def(m, d);
    if (!value_is_scalar(v) && !value_is_text(v)) return false;
  }
  return true;
}

// `seen.add(x)` on a set of the function's own: to be looked for, not to be changed.
static bool is_put_in_own_set(Model *m, NodeId call) {
  Str method = STR_NONE;
  NodeId set = node_unwrap(m->tree, call_receiver(m, call, &method));
  return str_is(method, "add") && node_is(m->tree, set, PY_IDENTIFIER) &&
         value_of(m, set).kind == VALUE_SET && name_is_fresh(m, set);
}

// Another use of the object that may change it, `later`, or that may lead to it.
static bool may_reach(Model *m, NodeId use, bool later) {
  if (node_is(m->tree, node_parent(m->tree, use), PY_AUGMENTED_ASSIGNMENT) &&
      node_role(m->tree, use) == FIELD_LEFT) {
    return later && !is_counted_up(m, use);
  }
  Use u = use_of(m, use);
  switch (u.kind) {
    case USE_ATTRIBUTE:
    case USE_TESTED:
    case USE_OPERAND:
    case USE_ITERATED:
    case USE_UNPACKED:
    case USE_KEY:
    case USE_DROPPED: return false;
    case USE_METHOD: return later && call_pure(m, u.call) == NULL;
    case USE_CALL: return call_pure(m, u.call) == NULL && !is_put_in_own_set(m, u.call);
    default: return true;
  }
}

// `node = Node(row)`, appended, and filled in later.
bool element_may_change(Model *m, NodeId append) {
  NodeId element = node_unwrap(m->tree, append_element(m->tree, append));
  if (!node_is(m->tree, element, PY_IDENTIFIER)) return false;
  Value v = value_of(m, element);
  if (value_is_scalar(v) || value_is_text(v) || v.kind == VALUE_TUPLE) return false;
  DefList defs = flow_defs_reaching(m, ref_at(m, element));
  if (defs.unknown) return true;
  bool is_walked = true;
  for (uint32_t i = 0; i < defs.count; i++) {
    is_walked &= def_get(m, defs.items[i])->kind == DEF_FOR;
  }
  bool is_later = flow_is_live_after(m, binding_of(m, element), append) != ANSWER_NO;
  for (uint32_t i = 0; i < defs.count; i++) {
    RefList refs = flow_uses_of(m, defs.items[i]);
    if (refs.unknown) return true;
    for (uint32_t k = 0; k < refs.count; k++) {
      NodeId use = ref_get(m, refs.items[k])->node;
      bool matters = !node_eq(use, element) && node_is(m->tree, use, PY_IDENTIFIER) &&
                     (is_later || !is_walked);
      if (matters && may_reach(m, use, is_later)) return true;
    }
  }
  return false;
}

static const char *element_refusal(const Ahead *a) {
  for (uint32_t i = 0; i < a->g->append_count; i++) {
    if (element_may_change(a->m, a->g->appends[i])) {
      return "an element may be changed after it was appended";
    }
  }
  return NULL;
}

// --- entry ---------------------------------------------------------------------------

const char *ahead_refusal(Model *m, const Grown *g, const Pass *pass) {
  Ahead a = ahead_in(m, g, pass);
  if (node_after(a.t, pass->node) - a.loop.i > AHEAD_NODES) return "it is too long";
  const char *refusal = place_refusal(&a);
  if (refusal == NULL) refusal = reading_refusal(&a);
  if (refusal == NULL) refusal = source_refusal(&a);
  if (refusal == NULL) refusal = element_refusal(&a);
  return refusal;
}

EffectSet ahead_effects(Model *m, const Grown *g, const Pass *pass) {
  Ahead a = ahead_in(m, g, pass);
  return effect_sum_range(m, a.between) & (EffectSet)(EFFECT_LOCAL_STORES - 1);
}

bool ahead_mentions(Model *m, const Grown *g, const Pass *pass, NodeId expression) {
  Ahead a = ahead_in(m, g, pass);
  Str text = node_text(a.t, expression);
  PyKind kind = node_kind(a.t, expression);
  for (NodeId n = {a.between.first}; n.i < a.between.after; n.i++) {
    if (node_is(a.t, n, kind) && str_eq(node_text(a.t, n), text)) return true;
  }
  return false;
}
