#include "semantic/effect_internal.h"

enum { USE_STEPS = 32 };  // items of items, elements of displays

static bool is_stored(PlaceKind kind) {
  return kind == PLACE_TARGET || kind == PLACE_UPDATED || kind == PLACE_DELETED;
}

static bool is_consumable(Model *m, NodeId e) {
  Value v = value_of(m, e);
  return value_is_iterator(v) || value_is_file(v);
}

// --- methods -------------------------------------------------------------------------

// By the kind of the object, else by the name alone.
static bool member_mutates(Model *m, NodeId object, Str name) {
  ValueKind kind = passed_kind(m, object);
  return knowledge_member(m->options.knowledge, SUBJECT_MUTATORS, kind, name) != NULL;
}

static MutationAnswer method_mutates(Model *m, NodeId call, NodeId object) {
  if (call_mutator(m, call) != NULL) return MUTATION_CERTAIN;
  Str method = STR_NONE;
  call_receiver(m, call, &method);
  if (member_mutates(m, object, method)) return MUTATION_CERTAIN;
  if (call_is_pure(m, call)) return MUTATION_NONE;
  Value v = value_of(m, object);
  v.kind = passed_kind(m, object);
  bool sealed = value_is_container(v) || value_is_text(v) || value_is_scalar(v) ||
                v.kind == VALUE_VIEW || v.kind == VALUE_RANGE || v.kind == VALUE_PATH;
  if (sealed) return MUTATION_NONE;
  if (is_consumable(m, object)) return MUTATION_CERTAIN;
  NodeId in_place = NO_NODE;
  bool known =
      value_is_known(v) && v.kind != VALUE_INSTANCE && call_result(m, call) != NULL &&
      call_argument(m, call, CALL_NO_POSITION, "inplace", &in_place) == ARG_ABSENT;
  return known ? MUTATION_NONE : MUTATION_POSSIBLE;
}

static MutationAnswer attribute_mutates(Model *m, NodeId attribute, NodeId object) {
  const Tree *t = m->tree;
  NodeId outer = node_wrap(t, attribute);
  Place p = place_of(t, outer);
  if (p.kind == PLACE_CALLEE) return method_mutates(m, p.node, object);
  if (is_stored(p.kind)) return MUTATION_CERTAIN;
  // A bound method that is handed on: map(xs.append, ys)
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  return member_mutates(m, object, name) ? MUTATION_POSSIBLE : MUTATION_NONE;
}

// --- arguments -----------------------------------------------------------------------

// The builtins that change their first argument; functions of the library that do are
// rows of the table mutators.
static const char *const first_changed[] = {"builtins.anext", "builtins.delattr",
                                            "builtins.next", "builtins.setattr"};

static bool changes_first(Model *m, NodeId call) {
  const MutatorFact *mutator = call_mutator(m, call);
  if (mutator != NULL) return mutator->name.n > 0 && mutator->name.p[0] != '.';
  Str name = name_of_callee(m, call);
  for (size_t i = 0; i < sizeof first_changed / sizeof first_changed[0]; i++) {
    if (str_is(name, first_changed[i])) return true;
  }
  return false;
}

static uint32_t keyword_position(const Model *m, ScopeId function, Str keyword) {
  for (uint32_t i = 0; i < scope_parameter_count(m, function); i++) {
    const Def *def = def_get(m, scope_parameter(m, function, i));
    if (str_eq(binding_name(m, def->binding), keyword)) return i;
  }
  return UINT32_MAX;
}

static MutationAnswer parameter_for(Model *m, ScopeId function, uint32_t shift,
                                    NodeId argument, NodeId object) {
  const Tree *t = m->tree;
  uint32_t index = UINT32_MAX;
  if (node_is(t, argument, PY_KEYWORD_ARGUMENT)) {
    NodeId name = node_field(t, argument, FIELD_NAME);
    index = keyword_position(m, function, node_text(t, name));
  } else {
    index = place_argument_position(t, argument);
    if (index != UINT32_MAX) index += shift;
  }
  if (index == UINT32_MAX) return MUTATION_POSSIBLE;
  return parameter_mutates(m, function, index, passed_kind(m, object));
}

static MutationAnswer argument_mutates(Model *m, NodeId call, NodeId argument,
                                       NodeId object) {
  Str method = STR_NONE;
  bool is_first = place_argument_position(m->tree, argument) == 0;
  if (is_first && changes_first(m, call)) return MUTATION_CERTAIN;
  bool by_name = is_first && value_is_mutable(value_of(m, object)) &&
                 str_is(name_of_callee(m, call), "builtins.getattr");
  if (by_name) return MUTATION_POSSIBLE;  // a method that nobody knows
  NodeId callee = call_callee(m, call);
  ScopeId function = callee_function(m, callee);
  if (scope_ok(function)) return parameter_for(m, function, 0, argument, object);
  NodeId class_node = callee_class(m, callee);
  bool known = false;
  if (node_ok(class_node)) function = class_initialiser(m, class_node, &known);
  if (known && scope_ok(function))
    return parameter_for(m, function, 1, argument, object);
  if (known) return MUTATION_NONE;
  EffectSet unknown = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_STARTS;
  bool harmless = (call_effect(m, call)->direct & unknown) == 0;
  if (!harmless && call_result(m, call) != NULL) {
    // What the tables know by its full name does not change what it is given.
    harmless =
        name_of_callee(m, call).n != 0 && !node_ok(call_receiver(m, call, &method));
  }
  if (!harmless) return MUTATION_POSSIBLE;
  const PureFact *pure = call_pure(m, call);
  if (!is_consumable(m, object)) return MUTATION_NONE;
  return pure != NULL && call_sink(m, call) == NULL ? MUTATION_NONE : MUTATION_CERTAIN;
}

// --- one use -------------------------------------------------------------------------

static MutationAnswer item_mutates(Model *m, NodeId subscript, NodeId object) {
  Place p = place_of(m->tree, node_wrap(m->tree, subscript));
  if (is_stored(p.kind)) return MUTATION_CERTAIN;
  bool fills = (value_of(m, object).flags & VALUE_FILLS) != 0;
  return fills ? MUTATION_POSSIBLE : MUTATION_NONE;
}

static MutationAnswer place_mutates(Model *m, Place p, NodeId e, const Watch *watch) {
  switch (p.kind) {
    case PLACE_TARGET:
    case PLACE_DELETED: return watch->alias ? MUTATION_NONE : MUTATION_CERTAIN;
    case PLACE_UPDATED: return MUTATION_CERTAIN;
    case PLACE_ATTRIBUTE: return attribute_mutates(m, p.node, e);
    case PLACE_ITEM: return item_mutates(m, p.node, e);
    case PLACE_ARGUMENT: return argument_mutates(m, p.node, p.argument, e);
    case PLACE_SPLAT:
    case PLACE_ITERATED:
    case PLACE_TESTED: return is_consumable(m, e) ? MUTATION_CERTAIN : MUTATION_NONE;
    case PLACE_AWAITED:
    case PLACE_YIELDED:
    case PLACE_CALLEE:
    case PLACE_ENTERED:
    case PLACE_DECORATES:
    case PLACE_BASE:
    case PLACE_UNKNOWN: return MUTATION_POSSIBLE;
    default: return MUTATION_NONE;
  }
}

MutationAnswer use_mutates(Model *m, NodeId e, const Watch *watch) {
  const Tree *t = m->tree;
  for (uint32_t step = 0; step < USE_STEPS; step++) {
    e = place_outermost(t, e);
    Place p = place_of(t, e);
    if (p.kind == PLACE_NAMED) p = place_behind(t, p.node);
    if (p.kind == PLACE_ELEMENT) {  // what takes the display takes the object
      p = place_behind(t, p.node);
      bool taken = p.kind == PLACE_ARGUMENT || p.kind == PLACE_UNKNOWN;
      if (!taken) return MUTATION_NONE;
      return place_mutates(m, p, e, watch);
    }
    MutationAnswer answer = place_mutates(m, p, e, watch);
    bool deeper = watch->inside && (p.kind == PLACE_ITEM || p.kind == PLACE_ATTRIBUTE);
    if (answer != MUTATION_NONE || !deeper) return answer;
    NodeId outer = node_wrap(t, p.node);
    if (place_of(t, outer).kind == PLACE_CALLEE) return answer;
    e = outer;
  }
  return MUTATION_POSSIBLE;
}
