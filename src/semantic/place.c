#include "semantic/place_internal.h"

enum {
  TARGET_DEPTH = 16,  // nested tuples in a target; deeper is unknown
  CLIMB_LIMIT = 256,  // steps outwards: keeps questions about deep nesting cheap
  ARGUMENT_LIMIT = 1024,
};

bool place_is_comprehension(PyKind kind) {
  return kind == PY_LIST_COMPREHENSION || kind == PY_SET_COMPREHENSION ||
         kind == PY_DICTIONARY_COMPREHENSION || kind == PY_GENERATOR_EXPRESSION;
}

bool place_runs_later(const Tree *t, NodeId node) {
  PyKind parent = node_kind(t, node_parent(t, node));
  if (node_role(t, node) == FIELD_BODY) {
    return parent == PY_FUNCTION_DEFINITION || parent == PY_LAMBDA;
  }
  return node_is(t, node, PY_TYPE) && parent != PY_TYPE_ALIAS_STATEMENT;
}

static Place place(PlaceKind kind, NodeId node) {
  return (Place){.kind = kind, .node = node};
}

// A tuple or list may be a display or a target: what stands around it decides.
static Place place_in_sequence(const Tree *t, NodeId sequence) {
  NodeId outer = sequence;
  for (uint32_t depth = 0; depth < TARGET_DEPTH; depth++) {
    outer = node_parent(t, outer);
    switch (node_kind(t, outer)) {
      case PY_TUPLE:
      case PY_LIST:
      case PY_EXPRESSION_LIST:
      case PY_LIST_SPLAT:
      case PY_PARENTHESIZED_EXPRESSION: continue;
      case PY_AS_PATTERN_TARGET: return place(PLACE_TARGET, outer);
      case PY_DELETE_STATEMENT: return place(PLACE_DELETED, outer);
      default: return place(PLACE_ELEMENT, sequence);
    }
  }
  return place(PLACE_UNKNOWN, sequence);
}

// Inside a pattern of an assignment, `for` or clause: the nearest of these.
static Place place_in_pattern(const Tree *t, NodeId pattern) {
  NodeId outer = pattern;
  for (uint32_t depth = 0; depth < TARGET_DEPTH; depth++) {
    outer = node_parent(t, outer);
    switch (node_kind(t, outer)) {
      case PY_PATTERN_LIST:
      case PY_TUPLE_PATTERN:
      case PY_LIST_PATTERN:
      case PY_LIST_SPLAT_PATTERN: continue;
      case PY_ASSIGNMENT:
      case PY_FOR_STATEMENT:
      case PY_FOR_IN_CLAUSE: return place(PLACE_TARGET, outer);
      default: return place(PLACE_UNKNOWN, outer);
    }
  }
  return place(PLACE_UNKNOWN, pattern);
}

static Place place_in_arguments(const Tree *t, NodeId list, NodeId argument) {
  NodeId outer = node_parent(t, list);
  bool is_call = node_is(t, outer, PY_CALL);
  return (Place){.kind = is_call ? PLACE_ARGUMENT : PLACE_BASE,
                 .node = outer,
                 .argument = argument};
}

static Place place_in_splat(const Tree *t, NodeId splat) {
  NodeId outer = node_parent(t, splat);
  if (node_is(t, outer, PY_ARGUMENT_LIST)) {
    return (Place){
        .kind = PLACE_SPLAT, .node = node_parent(t, outer), .argument = splat};
  }
  if (node_is(t, outer, PY_DICTIONARY) || node_is(t, outer, PY_SET)) {
    return place(PLACE_SPLAT, outer);
  }
  Place around = place_in_sequence(t, outer);
  return around.kind == PLACE_TARGET ? around : place(PLACE_SPLAT, outer);
}

static Place place_in_conditional(const Tree *t, NodeId parent, NodeId n) {
  bool is_condition = node_eq(node_named_at(t, parent, 1), n);
  return place(is_condition ? PLACE_TESTED : PLACE_SAME, parent);
}

static Place place_in_as_pattern(const Tree *t, NodeId pattern, NodeId n) {
  NodeId outer = node_parent(t, pattern);
  if (!node_eq(node_first_named(t, pattern), n)) return place(PLACE_UNKNOWN, pattern);
  if (node_is(t, outer, PY_TUPLE)) outer = node_parent(t, outer);
  return place(node_is(t, outer, PY_WITH_ITEM) ? PLACE_ENTERED : PLACE_UNKNOWN,
               pattern);
}

static Place place_by_role(PyField role, PyField wanted, PlaceKind kind,
                           PlaceKind otherwise, NodeId node) {
  return place(role == wanted ? kind : otherwise, node);
}

static Place place_in_yield(const Tree *t, NodeId yield) {
  bool delegates = node_ok(node_child(t, yield, PY_KW_FROM));
  return place(delegates ? PLACE_ITERATED : PLACE_YIELDED, yield);
}

Place place_of(const Tree *t, NodeId n) {
  NodeId p = node_parent(t, n);
  PyField role = node_role(t, n);
  switch (node_kind(t, p)) {
    case PY_PARENTHESIZED_EXPRESSION:
    case PY_BOOLEAN_OPERATOR: return place(PLACE_SAME, p);
    case PY_AWAIT: return place(PLACE_AWAITED, p);
    case PY_CONDITIONAL_EXPRESSION: return place_in_conditional(t, p, n);
    case PY_NAMED_EXPRESSION:
      return place_by_role(role, FIELD_VALUE, PLACE_NAMED, PLACE_TARGET, p);
    case PY_LIST:
    case PY_TUPLE:
    case PY_EXPRESSION_LIST: return place_in_sequence(t, p);
    case PY_SET: return place(PLACE_ELEMENT, p);
    case PY_PAIR: return place(PLACE_ELEMENT, node_parent(t, p));
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
      return place_by_role(role, FIELD_BODY, PLACE_ELEMENT, PLACE_UNKNOWN, p);
    case PY_LIST_SPLAT:
    case PY_DICTIONARY_SPLAT: return place_in_splat(t, p);
    case PY_ARGUMENT_LIST: return place_in_arguments(t, p, n);
    case PY_KEYWORD_ARGUMENT: return place_in_arguments(t, node_parent(t, p), p);
    case PY_CALL:  // a sole generator expression stands without an argument list
      if (role != FIELD_FUNCTION) {
        return (Place){.kind = PLACE_ARGUMENT, .node = p, .argument = n};
      }
      return place(PLACE_CALLEE, p);
    case PY_ATTRIBUTE:
      return place_by_role(role, FIELD_OBJECT, PLACE_ATTRIBUTE, PLACE_UNKNOWN, p);
    case PY_SUBSCRIPT:
      return place_by_role(role, FIELD_VALUE, PLACE_ITEM, PLACE_INDEX, p);
    case PY_SLICE: return place(PLACE_INDEX, p);
    case PY_ASSIGNMENT:
      return place_by_role(role, FIELD_RIGHT, PLACE_ASSIGNED, PLACE_TARGET, p);
    case PY_AUGMENTED_ASSIGNMENT:
      return place_by_role(role, FIELD_RIGHT, PLACE_AUGMENTS, PLACE_UPDATED, p);
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_LIST_SPLAT_PATTERN: return place_in_pattern(t, p);
    case PY_AS_PATTERN_TARGET: return place(PLACE_TARGET, p);
    case PY_DELETE_STATEMENT: return place(PLACE_DELETED, p);
    case PY_RETURN_STATEMENT: return place(PLACE_RETURNED, p);
    case PY_YIELD: return place_in_yield(t, p);
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE:
      return place_by_role(role, FIELD_RIGHT, PLACE_ITERATED, PLACE_TARGET, p);
    case PY_NOT_OPERATOR:
    case PY_COMPARISON_OPERATOR:
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE:
    case PY_WHILE_STATEMENT:
    case PY_IF_CLAUSE:
    case PY_ASSERT_STATEMENT: return place(PLACE_TESTED, p);
    case PY_RAISE_STATEMENT: return place(PLACE_RAISED, p);
    case PY_EXPRESSION_STATEMENT: return place(PLACE_DROPPED, p);
    case PY_BINARY_OPERATOR:
    case PY_UNARY_OPERATOR:
    case PY_INTERPOLATION:
    case PY_FORMAT_EXPRESSION:
    case PY_CONCATENATED_STRING:
    case PY_PRINT_STATEMENT: return place(PLACE_OPERAND, p);
    case PY_WITH_ITEM: return place(PLACE_ENTERED, p);
    case PY_AS_PATTERN: return place_in_as_pattern(t, p, n);
    case PY_DEFAULT_PARAMETER:
    case PY_TYPED_DEFAULT_PARAMETER:
      return place_by_role(role, FIELD_VALUE, PLACE_DEFAULT, PLACE_UNKNOWN, p);
    case PY_DECORATOR: return place(PLACE_DECORATES, p);
    case PY_LAMBDA:
      return place_by_role(role, FIELD_BODY, PLACE_RESULT, PLACE_UNKNOWN, p);
    case PY_MATCH_STATEMENT: return place(PLACE_MATCHED, p);
    default: return place(PLACE_UNKNOWN, p);
  }
}

Place place_behind(const Tree *t, NodeId n) {
  Place p = place_of(t, n);
  for (uint32_t step = 0; step < CLIMB_LIMIT; step++) {
    if (p.kind != PLACE_SAME && p.kind != PLACE_AWAITED && p.kind != PLACE_NAMED) {
      return p;
    }
    p = place_of(t, p.node);
  }
  return place(PLACE_UNKNOWN, p.node);
}

NodeId place_outermost(const Tree *t, NodeId n) {
  for (uint32_t step = 0; step < CLIMB_LIMIT; step++) {
    Place p = place_of(t, n);
    if (p.kind != PLACE_SAME) break;
    n = p.node;
  }
  return n;
}

uint32_t place_argument_position(const Tree *t, NodeId argument) {
  NodeId list = node_parent(t, argument);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return 0;
  uint32_t position = 0;
  for (NodeId a = node_first_named(t, list); a.i < argument.i;
       a = node_next_named(t, a)) {
    if (node_is(t, a, PY_LIST_SPLAT) || position == ARGUMENT_LIMIT) {
      return PLACE_NO_POSITION;
    }
    if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) position++;
  }
  return position;
}
