#include "semantic/context.h"
#include "semantic/escape_internal.h"
#include "semantic/keeper.h"

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
    case SINK_NUMBER: return 8;
    case SINK_YIELDED: return 7;
    case SINK_STORED: return 6;
    case SINK_UNKNOWN: return 5;
    case SINK_PASSED: return 4;
    case SINK_RETURNED: return 3;
    case SINK_ONE: return 2;
    case SINK_SPREAD:
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

// A container that is made anew where it is filled, in the loop or, without one, in the
// function, keeps as long as it is kept.
static NodeId container_made_beside(const Journey *j, NodeId container) {
  Model *m = j->m;
  const Tree *t = m->tree;
  NodeId name = node_unwrap(t, container);
  if (!node_is(t, name, PY_IDENTIFIER)) return NO_NODE;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, name)));
  bool plain = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
               (def->flags & DEF_UNPACKED) == 0 && node_ok(def->value);
  if (!plain || !expression_is_fresh(m, def->value)) return NO_NODE;
  NodeId around = loop_around(m, j->maker, NO_NODE);
  if (!node_ok(around)) {
    around = context_of(m, j->maker).function;
    if (!node_eq(context_of(m, def->node).function, around)) return NO_NODE;
  }
  return node_ok(around) && node_inside(t, def->node, around) ? def->node : NO_NODE;
}

static NodeId method_of(Model *m, NodeId class_node, const char *name) {
  BindingId binding = scope_lookup(m, scope_of(m, class_node), str_from(name));
  const Def *def = def_get(m, binding_only_def(m, binding));
  return def->kind == DEF_FUNCTION ? def->value : NO_NODE;
}

// Put in and taken out by one function, or by a context manager's two halves: there is
// one at a time for each that is entered.
static bool is_taken_out_again(const Journey *j, Keeper keeper, Context at) {
  Model *m = j->m;
  Str name = node_text(m->tree, node_field(m->tree, at.function, FIELD_NAME));
  const char *leaving = str_is(name, "__enter__")    ? "__exit__"
                        : str_is(name, "__aenter__") ? "__aexit__"
                                                     : NULL;
  if (leaving != NULL && node_ok(at.owner)) {
    NodeId leave = method_of(m, at.owner, leaving);
    return node_ok(leave) && keeper_is_drained_in(m, keeper, leave);
  }
  return keeper_is_drained_behind(m, keeper, j->maker);
}

// Outside of loops: kept once for each run of the function, unless it is a part of the
// instance that is being made, or goes again.
static Sink sink_once(const Journey *j, NodeId container) {
  Context at = context_of(j->m, j->maker);
  Keeper keeper = keeper_of(j->m, container);
  if (!node_ok(at.function) || keeper.kind <= KEEPER_LOCAL) return SINK_STORED;
  NodeId name = node_field(j->m->tree, at.function, FIELD_NAME);
  bool is_part =
      keeper.kind == KEEPER_SELF && node_text_is(j->m->tree, name, "__init__");
  return is_part || is_taken_out_again(j, keeper, at) ? SINK_ONE : SINK_STORED;
}

static Sink container_sink(Journey j, NodeId container) {
  NodeId made = container_made_beside(&j, container);
  if (!node_ok(made)) return j.hot ? SINK_NUMBER : sink_once(&j, container);
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
  // One object that was made before, as the element of each round, still is one.
  bool is_made_there = node_inside(j->m->tree, j->maker, container);
  if (kind == PY_GENERATOR_EXPRESSION && is_made_there) {
    j->in_generator = true;
  } else if (place_is_comprehension(kind) && is_made_there) {
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
    case PLACE_YIELDED: return j.hot ? SINK_YIELDED : SINK_RETURNED;
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

// --- what an iterable gives ----------------------------------------------------------

// `round` is a node that runs in each round.
static bool target_keeps(Model *m, NodeId target, NodeId round) {
  const Tree *t = m->tree;
  uint32_t steps = 0;
  Journey j = {.m = m, .maker = round, .hot = true, .steps = &steps};
  uint32_t after = node_after(t, target);
  for (uint32_t i = target.i; i < after; i++) {
    if (!node_is(t, (NodeId){i}, PY_IDENTIFIER)) continue;
    Sink sink = name_sink(j, (NodeId){i});
    if (sink == SINK_NUMBER || sink == SINK_YIELDED) return true;
  }
  return false;
}

static bool iteration_keeps(Model *m, NodeId around) {
  const Tree *t = m->tree;
  PyKind kind = node_kind(t, around);
  if (kind == PY_YIELD) return true;
  if (kind != PY_FOR_STATEMENT && kind != PY_FOR_IN_CLAUSE) return false;
  bool is_clause = kind == PY_FOR_IN_CLAUSE;
  NodeId body = node_field(t, is_clause ? node_parent(t, around) : around, FIELD_BODY);
  NodeId round = is_clause ? body : node_first_named(t, body);
  return target_keeps(m, node_field(t, around, FIELD_LEFT), round);
}

// True when `keeps` is the answer; else the call gives the same elements again.
static bool argument_keeps(Model *m, Place p, bool *keeps) {
  const MutatorFact *mutator = call_mutator(m, p.node);
  const uint32_t by_many = MUTATES_GROWS | MUTATES_BY_MANY;
  *keeps = mutator != NULL && (mutator->effect & by_many) == by_many;
  if (mutator != NULL) return true;
  const SinkFact *fact = call_sink(m, p.node);
  if (fact == NULL || !sink_takes(m, fact, p.node, p.argument)) return true;
  *keeps = fact->kind != SINK_STREAMING;
  return (fact->flags & SINK_LAZY) == 0;
}

bool sink_keeps_elements(Model *m, NodeId iterable) {
  NodeId e = iterable;
  for (uint32_t step = 0; step < SINK_STEPS; step++) {
    Place p = place_of(m->tree, e);
    bool keeps = false;
    switch (p.kind) {
      case PLACE_SAME:
      case PLACE_AWAITED: break;
      case PLACE_ITERATED: return iteration_keeps(m, p.node);
      case PLACE_SPLAT: return true;
      case PLACE_ARGUMENT:
        if (argument_keeps(m, p, &keeps)) return keeps;
        break;
      default: return false;
    }
    e = p.node;
  }
  return false;
}
