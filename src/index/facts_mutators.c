#include "index/facts_internal.h"
#include "semantic/calls.h"

// What methods do to the container that they are called on.

enum { CLIMB_MAX = 64 };  // parents looked at around one call

OperationKind kind_of_effect(uint32_t effect) {
  if ((effect & MUTATES_CLEARS) != 0) return OPERATION_CLEAR;
  if ((effect & MUTATES_SHRINKS) != 0) return OPERATION_SHRINK;
  return (effect & MUTATES_GROWS) != 0 ? OPERATION_GROW : OPERATION_READ;
}

static NodeId first_argument(const Tree *t, NodeId call, uint32_t index) {
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, arguments, PY_ARGUMENT_LIST)) return NO_NODE;
  NodeId argument = node_named_at(t, arguments, index);
  return node_is(t, argument, PY_KEYWORD_ARGUMENT) ? NO_NODE : argument;
}

bool is_sequence(ValueKind type) {
  return type == VALUE_LIST || type == VALUE_DEQUE || type == VALUE_ARRAY ||
         type == VALUE_BYTEARRAY;
}

// `value not in container`, alone or beside an `and`.
static bool asks_whether_absent(const Tree *t, NodeId condition, Str value,
                                Str container) {
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    condition = node_unwrap(t, condition);
    NodeId test = condition;
    if (node_is(t, condition, PY_BOOLEAN_OPERATOR)) {
      NodeId how = node_field(t, condition, FIELD_OPERATOR);
      if (!node_is(t, how, PY_KW_AND)) return false;
      test = node_unwrap(t, node_field(t, condition, FIELD_RIGHT));
    }
    NodeId left = node_named_at(t, test, 0), right = node_named_at(t, test, 1);
    if (node_is(t, test, PY_COMPARISON_OPERATOR) && node_count_named(t, test) == 2 &&
        node_ok(node_child(t, test, PY_KW_NOT_IN)) &&
        str_eq(node_text(t, left), value) && str_eq(node_text(t, right), container)) {
      return true;
    }
    if (node_eq(test, condition)) return false;
    condition = node_field(t, condition, FIELD_LEFT);
  }
  return false;
}

// `if X not in x: x.append(X)`: each value once, as in a set.
static bool is_added_once(const Tree *t, NodeId call, NodeId value) {
  NodeId function = node_field(t, call, FIELD_FUNCTION);
  Str container = node_text(t, node_field(t, function, FIELD_OBJECT));
  NodeId n = call;
  for (uint32_t i = 0; i < CLIMB_MAX && node_ok(n); i++) {
    NodeId p = node_parent(t, n);
    if (node_is(t, p, PY_FUNCTION_DEFINITION)) return false;
    if (node_is(t, p, PY_IF_STATEMENT) && node_role(t, n) == FIELD_CONSEQUENCE &&
        asks_whether_absent(t, node_field(t, p, FIELD_CONDITION), node_text(t, value),
                            container)) {
      return true;
    }
    n = p;
  }
  return false;
}

// Where nothing but what the program spells can be added, and each of it once.
static bool is_set_of_few(FactsBuilder *b, NodeId call, NodeId value) {
  if (!node_ok(value) || !is_added_once(b->t, call, value)) return false;
  uint32_t domain = key_of(b, value).domain;
  return domain == KEY_CONSTANT || domain == KEY_FINITE;
}

// What stores one item: `x.setdefault(k, v)`, `x.__setitem__(k, v)`, `x.update({k: v})`.
static void item_by_method(const Tree *t, NodeId call, Str method, Operation *op) {
  NodeId pair = node_first_named(t, op->key);
  op->is_setdefault = str_is(method, "setdefault");
  if (op->is_setdefault || str_is(method, "__setitem__")) {
    op->flags |= OPERATION_INDEXED;
    op->value = first_argument(t, call, 1);
  } else if (node_is(t, op->key, PY_DICTIONARY) && node_is(t, pair, PY_PAIR) &&
             !node_ok(node_next_named(t, pair))) {
    op->flags = (op->flags & ~(uint32_t)OPERATION_MANY) | OPERATION_INDEXED;
    op->key = node_field(t, pair, FIELD_KEY);
    op->value = node_field(t, pair, FIELD_VALUE);
  }
}

// `x.setdefault(k, set()).discard(v)`: what is asked for is there to be emptied.
static bool is_there_to_shrink(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId attribute = node_parent(t, node_wrap(t, call));
  if (!node_is(t, attribute, PY_ATTRIBUTE)) return false;
  Str method = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  const MutatorFact *mutator = knowledge_member(
      b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  return mutator != NULL && (mutator->effect & MUTATES_SHRINKS) != 0;
}

static Operation call_operation(FactsBuilder *b, NodeId call, Str method,
                                uint32_t effect, ValueKind type) {
  const Tree *t = b->t;
  Operation op = operation(kind_of_effect(effect), call);
  if ((effect & MUTATES_BY_MANY) != 0) op.flags |= OPERATION_MANY;
  NodeId first = first_argument(t, call, 0);
  if (str_is(method, "insert")) {
    op.value = first_argument(t, call, 1);
  } else if (op.kind == OPERATION_GROW) {
    op.is_put = str_is(method, "put") || str_is(method, "put_nowait");
    bool has_key = str_is(method, "add") || str_is(method, "setdefault") ||
                   str_is(method, "__setitem__") ||
                   ((effect & MUTATES_BY_MANY) != 0 && !is_sequence(type));
    bool is_one = (effect & MUTATES_BY_MANY) == 0 && is_sequence(type);
    if (has_key || (is_one && is_set_of_few(b, call, first))) op.key = first;
    op.value = first;
    item_by_method(t, call, method, &op);
    if (op.is_setdefault && is_there_to_shrink(b, call)) op.kind = OPERATION_READ;
  } else if (op.kind == OPERATION_SHRINK &&
             !(is_sequence(type) && str_is(method, "pop"))) {
    op.key = first;
  }
  return op;
}

// What only queues have: `x.get()`, `x.qsize()`, `iter(x.get, None)`. OPERATION_READ for
// what is none of these.
static Operation queue_operation(FactsBuilder *b, NodeId attribute, ValueKind type) {
  const Tree *t = b->t;
  Str method = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  NodeId n = node_wrap(t, attribute), p = node_parent(t, n);
  bool is_called = node_is(t, p, PY_CALL) && node_role(t, n) == FIELD_FUNCTION;
  Operation read = operation(OPERATION_READ, attribute);
  if (type != VALUE_QUEUE && type != VALUE_UNKNOWN) return read;
  if (str_is(method, "get")) {
    bool is_iterated = node_is(t, p, PY_ARGUMENT_LIST) &&
                       str_is(name_of_callee(b->m, node_parent(t, p)), "builtins.iter");
    bool takes = is_called ? is_queue_get(b, p, type) : is_iterated;
    return takes ? operation(OPERATION_SHRINK, is_called ? p : attribute) : read;
  }
  bool asks =
      str_is(method, "qsize") || str_is(method, "empty") || str_is(method, "full");
  NodeId test = asks && is_called ? test_statement(t, p) : NO_NODE;
  return node_ok(test) ? tested(OPERATION_GUARD, p, test) : read;
}

Operation method_operation(FactsBuilder *b, NodeId attribute, ValueKind type) {
  const Tree *t = b->t;
  Str method = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  const MutatorFact *mutator =
      knowledge_member(b->m->options.knowledge, SUBJECT_MUTATORS, type, method);
  NodeId n = node_wrap(t, attribute), p = node_parent(t, n);
  bool is_stored = node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT;
  if (is_stored && str_is(method, "default_factory")) {
    Operation frozen = operation(OPERATION_REBIND, attribute);
    frozen.is_frozen = true;
    return frozen;
  }
  if (mutator == NULL) return queue_operation(b, attribute, type);
  if (node_is(t, p, PY_CALL) && node_role(t, n) == FIELD_FUNCTION) {
    return call_operation(b, p, method, mutator->effect, type);
  }
  Operation op = operation(kind_of_effect(mutator->effect), attribute);
  if (op.kind == OPERATION_READ) return op;
  if (node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_RIGHT) {
    Operation bound = bound_operation(b, p);
    bound.is_method = bound.kind == OPERATION_ALIAS;
    if (bound.is_method) bound.place = attribute;
    return bound.is_method ? bound : op;
  }
  op.flags = OPERATION_MANY;
  return op;
}
