// What becomes of the elements that an iterable gives.
#include "semantic/escape_internal.h"
#include "semantic/sink_internal.h"

enum { ELEMENT_STEPS = 256 };  // places that an iterable goes through

// `if isinstance(event, Failure): failed.append(event)` keeps some, and it is not known
// which.
static bool is_told_apart(Model *m, NodeId name) {
  enum { REFS_MAX = 64 };
  BindingId binding = binding_of(m, name);
  if (binding_get(m, binding)->ref_count > REFS_MAX) return false;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    Place p = place_of(m->tree, ref_get(m, r)->node);
    if (p.kind != PLACE_ARGUMENT) continue;
    if (str_is(name_of_callee(m, p.node), "builtins.isinstance")) return true;
  }
  return false;
}

// What becomes of the names that a loop binds. `round` is a node that runs in each round.
static Sink target_elements(Model *m, NodeId target, NodeId round, bool is_lazy) {
  const Tree *t = m->tree;
  uint32_t steps = 0;
  uint32_t after = node_after(t, target);
  Sink found = SINK_DROPPED;
  for (uint32_t i = target.i; i < after; i++) {
    if (!node_is(t, (NodeId){i}, PY_IDENTIFIER)) continue;
    Sink sink = sink_of_name(m, (NodeId){i}, round, &steps);
    if (sink == SINK_NUMBER && !is_told_apart(m, (NodeId){i})) return SINK_SPREAD;
    bool is_given_on = sink == SINK_YIELDED || (is_lazy && sink == SINK_RETURNED);
    if (is_given_on) found = SINK_RELAYED;
  }
  return found;
}

static Sink iterated_elements(Model *m, NodeId around) {
  const Tree *t = m->tree;
  PyKind kind = node_kind(t, around);
  if (kind == PY_YIELD) return SINK_RELAYED;
  if (kind != PY_FOR_STATEMENT && kind != PY_FOR_IN_CLAUSE) return SINK_DROPPED;
  bool is_clause = kind == PY_FOR_IN_CLAUSE;
  NodeId outer = is_clause ? node_parent(t, around) : around;
  NodeId body = node_field(t, outer, FIELD_BODY);
  NodeId round = is_clause ? body : node_first_named(t, body);
  bool is_lazy = node_is(t, outer, PY_GENERATOR_EXPRESSION);
  return target_elements(m, node_field(t, around, FIELD_LEFT), round, is_lazy);
}

// True when `sink` is the answer; else the call gives the same elements again.
static bool argument_elements(Model *m, Place p, Sink *sink) {
  const MutatorFact *mutator = call_mutator(m, p.node);
  const uint32_t by_many = MUTATES_GROWS | MUTATES_BY_MANY;
  *sink = SINK_PASSED;
  if (mutator != NULL) {
    if ((mutator->effect & by_many) == by_many) *sink = SINK_SPREAD;
    return true;
  }
  const SinkFact *fact = call_sink(m, p.node);
  if (fact == NULL || !sink_takes(m, fact, p.node, p.argument)) return true;
  *sink = fact->kind == SINK_STREAMING ? SINK_DROPPED : SINK_SPREAD;
  return (fact->flags & SINK_LAZY) == 0;
}

static uint32_t elements_rank(Sink sink) {
  switch (sink) {
    case SINK_SPREAD: return 4;
    case SINK_RELAYED: return 3;
    case SINK_PASSED: return 2;
    case SINK_DROPPED: return 1;
    default: return 0;
  }
}

Sink sink_of_elements(Model *m, NodeId iterable) {
  NodeId e = iterable;
  for (uint32_t step = 0; step < ELEMENT_STEPS; step++) {
    Place p = place_of(m->tree, e);
    Sink sink = SINK_UNKNOWN;
    switch (p.kind) {
      case PLACE_SAME:
      case PLACE_AWAITED: break;
      case PLACE_ITERATED: return iterated_elements(m, p.node);
      case PLACE_SPLAT: return SINK_SPREAD;
      case PLACE_RETURNED: return node_eq(e, iterable) ? SINK_UNKNOWN : SINK_RELAYED;
      case PLACE_ARGUMENT:
        if (argument_elements(m, p, &sink)) return sink;
        break;
      default: return SINK_UNKNOWN;
    }
    e = p.node;
  }
  return SINK_UNKNOWN;
}

Sink sink_of_named_elements(Model *m, NodeId iterable) {
  enum { USES_MAX = 16 };
  const Tree *t = m->tree;
  NodeId assignment = node_parent(t, node_wrap(t, iterable));
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || !node_is(t, name, PY_IDENTIFIER)) {
    return SINK_UNKNOWN;
  }
  BindingId binding = binding_of(m, name);
  bool is_simple = def_ok(binding_only_def(m, binding)) &&
                   binding_get(m, binding)->ref_count <= USES_MAX;
  Sink found = SINK_UNKNOWN;
  for (RefId r = ref_first(m, binding); is_simple && ref_ok(r); r = ref_next(m, r)) {
    Sink sink = sink_of_elements(m, ref_get(m, r)->node);
    if (elements_rank(sink) > elements_rank(found)) found = sink;
  }
  return found;
}
