#include "semantic/context.h"
#include "semantic/escape_internal.h"

enum { SINK_DEPTH = 8, SINK_STEPS = 256 };  // names inside names, places in all

// How one object is followed.
typedef struct Journey {
  Model *m;
  NodeId maker;       // the expression that makes the object
  bool hot;           // it is made again and again
  bool boxed;         // it lies in a display that is followed
  bool in_generator;  // it is what a generator gives, one at a time
  uint32_t depth, *steps;
} Journey;

static Sink sink_follow(Journey j, NodeId expression);

static uint32_t sink_rank(Sink sink) {
  switch (sink) {
    case SINK_NUMBER: return 7;
    case SINK_STORED: return 6;
    case SINK_UNKNOWN: return 5;
    case SINK_PASSED: return 4;
    case SINK_RETURNED: return 3;
    case SINK_ONE: return 2;
    case SINK_DROPPED: return 1;
  }
  return 0;
}

static Sink sink_max(Sink a, Sink b) { return sink_rank(a) > sink_rank(b) ? a : b; }

// --- names ---------------------------------------------------------------------------

// Places that let go of the object at once.
static bool place_drops(PlaceKind kind) {
  switch (kind) {
    case PLACE_ATTRIBUTE:
    case PLACE_CALLEE:
    case PLACE_ITEM:
    case PLACE_TESTED:
    case PLACE_OPERAND:
    case PLACE_DROPPED:
    case PLACE_RAISED:
    case PLACE_ITERATED: return true;
    default: return false;
  }
}

// Wherever the name is read: then it does not matter what the reads read.
static bool is_dropped_everywhere(Model *m, BindingId binding) {
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (!place_drops(place_of(m->tree, ref_get(m, r)->node).kind)) return false;
  }
  return true;
}

static Sink name_sink(Journey j, NodeId target) {
  Model *m = j.m;
  DefId id = def_at(m, target);
  if (!def_ok(id) || j.depth == SINK_DEPTH) return SINK_UNKNOWN;
  BindingId binding = def_get(m, id)->binding;
  ScopeId owner = binding_get(m, binding)->scope;
  if (binding_get(m, binding)->ref_count > ESCAPE_REFS) return SINK_UNKNOWN;
  if (is_dropped_everywhere(m, binding)) return SINK_ONE;
  RefList uses = flow_uses_of(m, id);
  Sink sink = SINK_ONE;
  j.depth++;
  for (uint32_t i = 0; !uses.unknown && i < uses.count; i++) {
    sink = sink_max(sink, sink_follow(j, ref_get(m, uses.items[i])->node));
  }
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (*j.steps > SINK_STEPS) return sink_max(sink, SINK_UNKNOWN);
    const Ref *ref = ref_get(m, r);
    bool inner = ref->scope.i != owner.i;
    if (!uses.unknown && !inner) continue;
    if (!node_is(m->tree, ref->node, PY_IDENTIFIER)) continue;
    sink = sink_max(sink, sink_follow(j, ref->node));
  }
  return sink;
}

// --- containers ----------------------------------------------------------------------

// A container that is made anew in the loop that fills it keeps as long as it is kept.
static NodeId container_made_beside(const Journey *j, NodeId container) {
  Model *m = j->m;
  const Tree *t = m->tree;
  NodeId name = node_unwrap(t, container);
  if (!node_is(t, name, PY_IDENTIFIER)) return NO_NODE;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, name)));
  bool plain = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
               (def->flags & DEF_UNPACKED) == 0 && node_ok(def->value);
  if (!plain || !expression_is_fresh(m, def->value)) return NO_NODE;
  NodeId loop = loop_around(m, j->maker, NO_NODE);
  return node_ok(loop) && node_inside(t, def->node, loop) ? def->node : NO_NODE;
}

static Sink container_sink(Journey j, NodeId container) {
  NodeId made = container_made_beside(&j, container);
  if (!node_ok(made)) return j.hot ? SINK_NUMBER : SINK_STORED;
  j.boxed = true;
  Sink sink = name_sink(j, made);
  return sink == SINK_DROPPED ? SINK_ONE : sink;
}

static bool is_constant(const Tree *t, NodeId subscript) {
  NodeId key = node_unwrap(t, node_field(t, subscript, FIELD_SUBSCRIPT));
  PyKind kind = node_kind(t, key);
  return kind == PY_STRING || kind == PY_INTEGER || kind == PY_TRUE || kind == PY_FALSE;
}

static Sink target_sink(Journey j, NodeId target) {
  const Tree *t = j.m->tree;
  NodeId left = node_unwrap(t, target);
  switch (node_kind(t, left)) {
    case PY_IDENTIFIER: return name_sink(j, left);
    case PY_ATTRIBUTE: return SINK_ONE;
    case PY_SUBSCRIPT:
      if (is_constant(t, left)) return SINK_ONE;
      return container_sink(j, node_field(t, left, FIELD_VALUE));
    default: return j.boxed ? SINK_ONE : SINK_DROPPED;  // unpacked
  }
}

static Sink assignment_sink(Journey j, NodeId assignment) {
  const Tree *t = j.m->tree;
  Sink sink = SINK_DROPPED;
  while (node_is(t, assignment, PY_ASSIGNMENT) && ++*j.steps <= SINK_STEPS) {
    sink = sink_max(sink, target_sink(j, node_field(t, assignment, FIELD_LEFT)));
    assignment = node_parent(t, assignment);
  }
  return sink;
}

// --- calls ---------------------------------------------------------------------------

static bool mutator_keeps(const Journey *j, const MutatorFact *mutator) {
  bool by_many = (mutator->effect & MUTATES_BY_MANY) != 0;
  bool grows = (mutator->effect & MUTATES_GROWS) != 0;
  return grows && (!by_many || j->boxed || j->in_generator);
}

static Sink mutator_sink(Journey j, Place p, const MutatorFact *mutator) {
  NodeId container = NO_NODE;
  Str method = STR_NONE;
  if (!mutator_keeps(&j, mutator)) return SINK_DROPPED;
  if (mutator->name.n > 0 && mutator->name.p[0] == '.') {
    container = call_receiver(j.m, p.node, &method);
  } else {
    call_argument(j.m, p.node, 0, NULL, &container);
  }
  if (j.in_generator) return SINK_NUMBER;
  return container_sink(j, container);
}

// What a generator's consumer makes of the elements; true when `sink` is the answer.
static bool generator_sink(const Journey *j, Place p, Sink *sink) {
  const SinkFact *fact = call_sink(j->m, p.node);
  *sink = SINK_PASSED;
  if (fact == NULL || !sink_takes(j->m, fact, p.node, p.argument)) return true;
  if (fact->flags & SINK_LAZY) return false;
  *sink = fact->kind == SINK_STREAMING ? SINK_DROPPED : SINK_NUMBER;
  return true;
}

// NO_NODE when `sink` is the answer; else what holds the object next.
static NodeId call_follow(const Journey *j, Place p, Sink *sink) {
  const MutatorFact *mutator = call_mutator(j->m, p.node);
  if (mutator != NULL) {
    *sink = mutator_sink(*j, p, mutator);
    return NO_NODE;
  }
  if (j->in_generator) return generator_sink(j, p, sink) ? NO_NODE : p.node;
  Trail trail = {.m = j->m};
  if (argument_escapes(&trail, p, j->boxed)) return p.node;
  *sink = trail.found == 0 ? SINK_DROPPED : SINK_PASSED;
  return NO_NODE;
}

// --- one object ----------------------------------------------------------------------

static NodeId element_follow(Journey *j, NodeId container, Sink *sink) {
  PyKind kind = node_kind(j->m->tree, container);
  *sink = SINK_NUMBER;
  if (kind == PY_GENERATOR_EXPRESSION) {
    j->in_generator = true;
  } else if (place_is_comprehension(kind)) {
    return NO_NODE;
  } else {
    j->boxed = true;
  }
  return container;
}

static Sink augmented_sink(Journey j, NodeId assignment) {
  if (j.in_generator) return SINK_NUMBER;
  if (!j.boxed) return SINK_DROPPED;
  return container_sink(j, node_field(j.m->tree, assignment, FIELD_LEFT));
}

static Sink index_sink(Journey j, NodeId subscript) {
  const Tree *t = j.m->tree;
  if (place_of(t, subscript).kind != PLACE_TARGET) return SINK_DROPPED;
  return container_sink(j, node_field(t, subscript, FIELD_VALUE));
}

static Sink place_sink(Journey j, Place p) {
  const Tree *t = j.m->tree;
  if (place_drops(p.kind)) return SINK_DROPPED;
  switch (p.kind) {
    case PLACE_ASSIGNED: return assignment_sink(j, p.node);
    case PLACE_AUGMENTS: return augmented_sink(j, p.node);
    case PLACE_INDEX: return index_sink(j, p.node);
    case PLACE_RETURNED:
    case PLACE_RESULT: return SINK_RETURNED;
    case PLACE_YIELDED: return j.hot ? SINK_NUMBER : SINK_RETURNED;
    case PLACE_ENTERED: {
      NodeId alias = node_first_named(t, node_field(t, p.node, FIELD_ALIAS));
      return node_ok(alias) ? target_sink(j, alias) : SINK_ONE;
    }
    case PLACE_DEFAULT:
    case PLACE_MATCHED: return SINK_ONE;
    case PLACE_SPLAT: return j.in_generator ? SINK_NUMBER : SINK_DROPPED;
    case PLACE_DECORATES:
    case PLACE_BASE: return SINK_PASSED;
    default: return SINK_UNKNOWN;
  }
}

static Sink sink_follow(Journey j, NodeId expression) {
  const Tree *t = j.m->tree;
  Sink beside = SINK_DROPPED;  // of names that a walrus gave it on the way
  NodeId e = expression;
  while (++*j.steps <= SINK_STEPS) {
    Place p = place_of(t, e);
    Sink sink = SINK_UNKNOWN;
    NodeId next = p.node;
    if (p.kind == PLACE_NAMED) {
      beside = sink_max(beside, name_sink(j, node_field(t, p.node, FIELD_NAME)));
    } else if (p.kind == PLACE_ELEMENT) {
      next = element_follow(&j, p.node, &sink);
    } else if (p.kind == PLACE_ARGUMENT) {
      next = call_follow(&j, p, &sink);
    } else if (p.kind != PLACE_SAME && p.kind != PLACE_AWAITED) {
      return sink_max(beside, place_sink(j, p));
    }
    if (!node_ok(next)) return sink_max(beside, sink);
    e = next;
  }
  return SINK_UNKNOWN;
}

Sink sink_of(Model *m, NodeId expression) {
  if (!node_ok(expression)) return SINK_UNKNOWN;
  Escapes *self = escapes_of(m);
  uint32_t kept = map_get(&self->sinks, expression.i);
  if (kept != 0) return (Sink)(kept - 1);
  uint32_t steps = 0;
  self->steps = 0;
  self->depth = 0;
  Journey j = {.m = m,
               .maker = expression,
               .hot = context_is_hot(context_of(m, expression)),
               .steps = &steps};
  Sink sink = sink_follow(j, expression);
  map_put(&self->sinks, expression.i, (uint32_t)sink + 1);
  return sink;
}
