#include "semantic/escape_internal.h"

// --- containers ----------------------------------------------------------------------

static bool keeps_argument(const MutatorFact *mutator, bool boxed) {
  bool grows = (mutator->effect & MUTATES_GROWS) != 0;
  bool by_many = (mutator->effect & MUTATES_BY_MANY) != 0;
  return grows && (!by_many || boxed);
}

// append, add, put, setdefault; extend and update take the elements of a display.
static bool mutator_takes(Trail *trail, Place p, const MutatorFact *mutator,
                          bool boxed) {
  Model *m = trail->m;
  NodeId container = NO_NODE;
  Str method = STR_NONE;
  bool keyword = node_is(m->tree, p.argument, PY_KEYWORD_ARGUMENT);
  if (mutator->name.n > 0 && mutator->name.p[0] == '.') {
    container = call_receiver(m, p.node, &method);
  } else {  // heapq.heappush(heap, x)
    call_argument(m, p.node, 0, NULL, &container);
    if (node_inside(m->tree, container, p.argument)) return false;
  }
  // d.update(key=x) keeps x itself.
  if (!keeps_argument(mutator, boxed || keyword)) return false;
  trail->found |= container_escape(m, container);
  Value v = value_of(m, container);
  if (v.kind == VALUE_QUEUE) trail->found |= ESCAPE_PASSED;
  return str_is(method, "setdefault");
}

// --- functions of this file ----------------------------------------------------------

static DefId parameter_taking(const Model *m, ScopeId function, uint32_t shift,
                              NodeId argument) {
  const Tree *t = m->tree;
  uint32_t count = scope_parameter_count(m, function);
  if (!node_is(t, argument, PY_KEYWORD_ARGUMENT)) {
    uint32_t position = place_argument_position(t, argument);
    bool known = position != PLACE_NO_POSITION && position + shift < count;
    return known ? scope_parameter(m, function, position + shift) : (DefId){0};
  }
  Str name = node_text(t, node_field(t, argument, FIELD_NAME));
  for (uint32_t i = 0; i < count; i++) {
    DefId parameter = scope_parameter(m, function, i);
    if (str_eq(binding_name(m, def_get(m, parameter)->binding), name)) return parameter;
  }
  return (DefId){0};
}

// What the callee does with its parameter, seen from the caller.
static bool parameter_takes(Trail *trail, ScopeId function, uint32_t shift,
                            NodeId argument) {
  Model *m = trail->m;
  DefId parameter = parameter_taking(m, function, shift, argument);
  uint32_t starred = DEF_STARRED | DEF_KEYWORD_STAR;
  if (!def_ok(parameter) || (def_get(m, parameter)->flags & starred)) {
    trail->found |= ESCAPE_PASSED;
    return false;
  }
  EscapeSet inside = def_escape(m, parameter);
  bool holds = (inside & (ESCAPE_RETURNED | ESCAPE_YIELDED)) != 0;
  EscapeSet same = ESCAPE_STORED_LONG | ESCAPE_STORED_OTHER | ESCAPE_PASSED |
                   ESCAPE_RAISED | ESCAPE_UNKNOWN | ESCAPE_CAPTURED;
  trail->found |= inside & same;
  if (inside & ESCAPE_STORED_SELF) {
    if (shift == 0) trail->found |= ESCAPE_STORED_OTHER;
    holds = holds || shift > 0;  // the new object holds it
  }
  return holds;
}

// --- what the tables know ------------------------------------------------------------

// Numbers and text hold nothing; new containers hold the elements only; what is parsed
// from a text holds none of it.
static bool result_holds(Model *m, Place p, bool boxed) {
  const HeavyFact *heavy = call_heavy(m, p.node);
  bool parses =
      heavy != NULL && (heavy->kind == HEAVY_TREE || heavy->kind == HEAVY_OBJECTS);
  if (parses) return false;
  const SinkFact *sink = call_sink(m, p.node);
  if (sink != NULL && sink_takes(m, sink, p.node, p.argument)) {
    if (sink->flags & SINK_LAZY) return true;
    return boxed && sink->kind != SINK_TRANSFORMING;
  }
  Value v = value_of(m, p.node);
  if (value_is_scalar(v) || value_is_text(v)) return false;
  return boxed || !value_is_container(v);
}

static bool known_call_holds(Trail *trail, Place p, bool boxed) {
  Model *m = trail->m;
  Str method = STR_NONE;
  if (call_is_pure(m, p.node)) return result_holds(m, p, boxed);
  EffectSet unknown = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_STARTS;
  bool harmless = (call_effect(m, p.node)->direct & unknown) == 0;
  if (harmless && call_act(m, p.node) != NULL) return false;
  if (call_result(m, p.node) != NULL && !harmless) {
    harmless =
        !node_ok(call_receiver(m, p.node, &method)) || name_of_callee(m, p.node).n != 0;
    if (call_starts_work(m, p.node)) harmless = false;
  }
  if (harmless) return result_holds(m, p, boxed);
  trail->found |= ESCAPE_PASSED;
  return false;
}

bool argument_escapes(Trail *trail, Place p, bool boxed) {
  Model *m = trail->m;
  const MutatorFact *mutator = call_mutator(m, p.node);
  if (mutator != NULL) return mutator_takes(trail, p, mutator, boxed);
  NodeId callee = call_callee(m, p.node);
  ScopeId function = callee_function(m, callee);
  if (scope_ok(function)) return parameter_takes(trail, function, 0, p.argument);
  bool known = false;
  NodeId class_node = callee_class(m, callee);
  if (node_ok(class_node)) function = class_initialiser(m, class_node, &known);
  if (known && scope_ok(function)) {
    return parameter_takes(trail, function, 1, p.argument);
  }
  return known || known_call_holds(trail, p, boxed);
}
