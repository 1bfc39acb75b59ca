#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/effect.h"
#include "semantic/escape.h"

enum { CLIMB_MAX = 64 };  // parents looked at around one mention

static Operation item_operation(FactsBuilder *b, NodeId subscript, ValueKind type);
static Operation argument_operation(FactsBuilder *b, NodeId n, NodeId call);

Operation operation(OperationKind kind, NodeId place) {
  return (Operation){.kind = kind, .place = place};
}

Operation tested(OperationKind kind, NodeId place, NodeId test) {
  return (Operation){.kind = kind, .place = place, .test = test};
}

NodeId test_statement(const Tree *t, NodeId n) {
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    n = node_wrap(t, n);
    NodeId p = node_parent(t, n);
    switch (node_kind(t, p)) {
      case PY_NAMED_EXPRESSION:
      case PY_NOT_OPERATOR:
      case PY_BOOLEAN_OPERATOR:
      case PY_COMPARISON_OPERATOR: n = p; break;
      case PY_IF_STATEMENT:
      case PY_ELIF_CLAUSE:
      case PY_WHILE_STATEMENT: return node_role(t, n) == FIELD_CONDITION ? p : NO_NODE;
      case PY_ASSERT_STATEMENT:
      case PY_IF_CLAUSE:
      case PY_CONDITIONAL_EXPRESSION: return p;
      default: return NO_NODE;
    }
  }
  return NO_NODE;
}

// `k in x`, `x == []`, `x is y`: only membership and size comparisons matter.
static Operation comparison_operation(const Tree *t, NodeId n, NodeId comparison) {
  for (NodeId c = node_first(t, comparison); node_ok(c); c = node_next(t, c)) {
    PyKind kind = node_kind(t, c);
    if (kind == PY_KW_IN || kind == PY_KW_NOT_IN) {
      Operation read = tested(OPERATION_READ, n, test_statement(t, comparison));
      if (n.i > c.i) read.flags = OPERATION_MEMO;
      return read;
    }
    if (kind == PY_KW_IS || kind == PY_KW_IS_NOT) return operation(OPERATION_READ, n);
  }
  NodeId test = test_statement(t, comparison);
  return tested(node_ok(test) ? OPERATION_GUARD : OPERATION_READ, n, test);
}

static bool is_condition_of(const Tree *t, NodeId n, NodeId conditional) {
  return node_eq(node_named_at(t, conditional, 1), n);
}

// Outwards through what passes the object on unchanged.
static NodeId passed_through(const Tree *t, NodeId n) {
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    n = node_wrap(t, n);
    NodeId p = node_parent(t, n);
    bool goes_on =
        node_is(t, p, PY_BOOLEAN_OPERATOR) ||
        (node_is(t, p, PY_CONDITIONAL_EXPRESSION) && !is_condition_of(t, n, p));
    if (!goes_on) return n;
    n = p;
  }
  return n;
}

static Operation list_operation(const Tree *t, NodeId list, NodeId mention) {
  NodeId p = node_parent(t, list);
  switch (node_kind(t, p)) {
    case PY_DELETE_STATEMENT: return operation(OPERATION_REBIND, mention);
    case PY_RETURN_STATEMENT:
    case PY_YIELD: return operation(OPERATION_RETURN, mention);
    case PY_EXPRESSION_STATEMENT: return operation(OPERATION_READ, mention);
    default: return operation(OPERATION_ESCAPE, mention);
  }
}

// `merge((x, y))`: the function gets it, as a part of something.
static Operation packed_operation(FactsBuilder *b, NodeId display, NodeId mention) {
  const Tree *t = b->t;
  NodeId list = node_parent(t, node_wrap(t, display)), call = node_parent(t, list);
  Operation op = operation(OPERATION_ESCAPE, mention);
  // "%r" % (x, y)
  bool is_text = node_is(t, list, PY_BINARY_OPERATOR) &&
                 node_is(t, node_unwrap(t, node_field(t, list, FIELD_LEFT)), PY_STRING);
  if (is_text) return operation(OPERATION_READ, mention);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL)) return op;
  op.argument = ARGUMENT_PACKED;
  op.place = call;
  return passed_operation(b, call, mention, op);
}

static Operation augmented_operation(const Tree *t, NodeId n, NodeId statement) {
  if (node_role(t, n) != FIELD_LEFT) return operation(OPERATION_READ, n);
  Operation op = operation(OPERATION_GROW, statement);
  op.flags = OPERATION_MANY;
  op.value = node_field(t, statement, FIELD_RIGHT);
  switch (node_kind(t, node_field(t, statement, FIELD_OPERATOR))) {
    case PY_OP_ADD_ASSIGN:
    case PY_OP_BIT_OR_ASSIGN: return op;
    default: op.kind = OPERATION_SHRINK; return op;
  }
}

static Operation yield_operation(const Tree *t, NodeId n, NodeId yield) {
  for (NodeId c = node_first(t, yield); node_ok(c); c = node_next(t, c)) {
    if (node_is(t, c, PY_KW_FROM)) return operation(OPERATION_READ, n);
  }
  return operation(OPERATION_RETURN, n);
}

Operation operation_at(FactsBuilder *b, NodeId mention, ValueKind type) {
  const Tree *t = b->t;
  NodeId n = passed_through(t, mention), p = node_parent(t, n);
  PyField role = node_role(t, n);
  switch (node_kind(t, p)) {
    case PY_ATTRIBUTE:
      return node_eq(n, node_wrap(t, mention)) ? method_operation(b, p, type)
                                               : operation(OPERATION_ESCAPE, mention);
    case PY_SUBSCRIPT:
      if (role != FIELD_VALUE) return operation(OPERATION_READ, mention);
      return item_operation(b, p, type);
    case PY_AUGMENTED_ASSIGNMENT: return augmented_operation(t, n, p);
    case PY_ASSIGNMENT:
      if (role == FIELD_LEFT) return operation(OPERATION_REBIND, p);
      if (role != FIELD_RIGHT) return operation(OPERATION_READ, mention);
      return bound_operation(b, p);
    case PY_DELETE_STATEMENT:
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_AS_PATTERN_TARGET: return operation(OPERATION_REBIND, mention);
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE:
      return operation(role == FIELD_LEFT ? OPERATION_REBIND : OPERATION_READ, mention);
    case PY_EXPRESSION_LIST: return list_operation(t, p, mention);
    case PY_ARGUMENT_LIST:
      if (!node_is(t, node_parent(t, p), PY_CALL)) return operation(OPERATION_READ, n);
      return argument_operation(b, n, node_parent(t, p));
    case PY_KEYWORD_ARGUMENT:
      if (!node_is(t, node_parent(t, node_parent(t, p)), PY_CALL)) {
        return operation(OPERATION_READ, n);
      }
      return argument_operation(b, n, node_parent(t, node_parent(t, p)));
    case PY_TUPLE:
    case PY_LIST: return packed_operation(b, p, mention);
    case PY_RETURN_STATEMENT:
    case PY_LAMBDA: return operation(OPERATION_RETURN, mention);
    case PY_YIELD: return yield_operation(t, mention, p);
    case PY_COMPARISON_OPERATOR: return comparison_operation(t, n, p);
    case PY_NOT_OPERATOR:
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE:
    case PY_WHILE_STATEMENT:
    case PY_ASSERT_STATEMENT:
    case PY_IF_CLAUSE:
    case PY_CONDITIONAL_EXPRESSION:
      return tested(OPERATION_GUARD, mention, test_statement(t, n));
    case PY_LIST_SPLAT:
    case PY_DICTIONARY_SPLAT:
    case PY_BINARY_OPERATOR:
    case PY_UNARY_OPERATOR:
    case PY_INTERPOLATION:
    case PY_FORMAT_EXPRESSION:
    case PY_EXPRESSION_STATEMENT:
    case PY_WITH_ITEM:
    case PY_MATCH_STATEMENT:
    case PY_SLICE:
    case PY_TYPE:
    case PY_RAISE_STATEMENT:
    case PY_DECORATOR:
    case PY_PARENTHESIZED_LIST_SPLAT: return operation(OPERATION_READ, mention);
    default: return operation(OPERATION_ESCAPE, mention);
  }
}

// --- items ---------------------------------------------------------------------------

static bool has_slice(const Tree *t, NodeId subscript) {
  for (NodeId c = node_field(t, subscript, FIELD_SUBSCRIPT); node_ok(c);
       c = node_next_same_field(t, c)) {
    if (node_is(t, c, PY_SLICE)) return true;
  }
  return false;
}

// `x[len(x):] = …` appends; every other slice that is stored replaces.
static bool is_tail_slice(FactsBuilder *b, NodeId subscript) {
  const Tree *t = b->t;
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  NodeId start = node_first_named(t, slice);
  if (!node_is(t, start, PY_CALL) || node_ok(node_next_named(t, start))) return false;
  return node_start(t, start) == node_start(t, slice) &&
         str_eq(name_of_callee(b->m, start), STR("builtins.len"));
}

static Operation stored_item(FactsBuilder *b, NodeId subscript, ValueKind type,
                             NodeId value) {
  const Tree *t = b->t;
  Operation op = operation(OPERATION_GROW, subscript);
  op.value = value;
  if (has_slice(t, subscript)) {
    op.kind = is_tail_slice(b, subscript) ? OPERATION_GROW : OPERATION_CLEAR;
    op.flags = OPERATION_MANY;
  } else if (is_sequence(type)) {
    op.kind = OPERATION_READ;
  } else {
    op.flags = OPERATION_INDEXED;
    op.key = node_field(t, subscript, FIELD_SUBSCRIPT);
  }
  return op;
}

static Operation deleted_item(const Tree *t, NodeId subscript, ValueKind type) {
  Operation op = operation(OPERATION_SHRINK, subscript);
  if (has_slice(t, subscript)) {
    op.kind = OPERATION_CLEAR;
  } else if (!is_sequence(type)) {
    op.key = node_field(t, subscript, FIELD_SUBSCRIPT);
  }
  return op;
}

NodeId outermost_item(const Tree *t, NodeId subscript) {
  NodeId n = subscript;
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    NodeId wrapped = node_wrap(t, n), p = node_parent(t, wrapped);
    if (!node_is(t, p, PY_SUBSCRIPT) || node_role(t, wrapped) != FIELD_VALUE) break;
    n = p;
  }
  return n;
}

// `held = x[k]`, and somewhere `held.pop()`.
static bool is_emptied_by_name(FactsBuilder *b, NodeId item) {
  enum { REFS_MAX = 16 };
  const Tree *t = b->t;
  NodeId n = node_wrap(t, item), p = node_parent(t, n);
  NodeId left = node_field(t, p, FIELD_LEFT);
  if (!node_is(t, p, PY_ASSIGNMENT) || node_role(t, n) != FIELD_RIGHT ||
      !node_is(t, left, PY_IDENTIFIER)) {
    return false;
  }
  const Binding *binding = binding_get(b->m, binding_of(b->m, left));
  if (binding->ref_count > REFS_MAX) return false;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId use = node_wrap(t, ref_get(b->m, r)->node), method = node_parent(t, use);
    if (!node_is(t, method, PY_ATTRIBUTE)) continue;
    const MutatorFact *mutator =
        knowledge_member(b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN,
                         node_text(t, node_field(t, method, FIELD_ATTRIBUTE)));
    if (mutator != NULL && (mutator->effect & MUTATES_SHRINKS) != 0) return true;
  }
  return false;
}

// What happens to x[k], as far as it changes what x holds.
static Operation nested_operation(FactsBuilder *b, NodeId subscript) {
  const Tree *t = b->t;
  NodeId item = outermost_item(t, subscript);
  NodeId outer = node_wrap(t, item), p = node_parent(t, outer);
  Operation op = operation(OPERATION_READ, subscript);
  if (node_is(t, p, PY_ATTRIBUTE)) {
    op = method_operation(b, p, VALUE_UNKNOWN);
    if (op.kind == OPERATION_ALIAS) op = operation(OPERATION_READ, subscript);
    if (op.is_frozen) op = operation(OPERATION_GROW, subscript);
  } else if (is_emptied_by_name(b, item)) {
    op.kind = OPERATION_SHRINK;
  } else if (!node_eq(item, subscript)) {
    bool is_store =
        node_is(t, p, PY_ASSIGNMENT) || node_is(t, p, PY_AUGMENTED_ASSIGNMENT);
    if (is_store && node_role(t, outer) == FIELD_LEFT) op.kind = OPERATION_GROW;
    if (node_is(t, p, PY_DELETE_STATEMENT)) op.kind = OPERATION_SHRINK;
  }
  if (op.kind != OPERATION_READ) {
    op.flags |= OPERATION_NESTED;
    op.key = node_field(t, subscript, FIELD_SUBSCRIPT);
  }
  op.test = NO_NODE;
  return op;
}

static Operation item_operation(FactsBuilder *b, NodeId subscript, ValueKind type) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, subscript), p = node_parent(t, n);
  switch (node_kind(t, p)) {
    case PY_ASSIGNMENT:
      if (node_role(t, n) != FIELD_LEFT) break;
      return stored_item(b, subscript, type, node_field(t, p, FIELD_RIGHT));
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_AS_PATTERN_TARGET: return stored_item(b, subscript, type, NO_NODE);
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE:
      if (node_role(t, n) != FIELD_LEFT) break;
      return stored_item(b, subscript, type, NO_NODE);
    case PY_AUGMENTED_ASSIGNMENT:
      if (node_role(t, n) == FIELD_LEFT) {
        Operation op = stored_item(b, subscript, type, NO_NODE);
        if (op.kind == OPERATION_GROW) op.flags |= OPERATION_COUNTS;
        return op;
      }
      break;
    case PY_DELETE_STATEMENT: return deleted_item(t, subscript, type);
    case PY_EXPRESSION_LIST:
      if (node_is(t, node_parent(t, p), PY_DELETE_STATEMENT)) {
        return deleted_item(t, subscript, type);
      }
      break;
    default: break;
  }
  return nested_operation(b, subscript);
}

// --- bound and passed ----------------------------------------------------------------

Operation bound_operation(FactsBuilder *b, NodeId assignment) {
  const Tree *t = b->t;
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  Operation op = operation(OPERATION_ESCAPE, assignment);
  bool is_chained = node_is(t, node_parent(t, assignment), PY_ASSIGNMENT) ||
                    node_is(t, node_field(t, assignment, FIELD_RIGHT), PY_ASSIGNMENT);
  if (is_chained) return op;
  if (node_is(t, left, PY_ATTRIBUTE)) op.kind = OPERATION_STORE;
  if (!node_is(t, left, PY_IDENTIFIER)) return op;
  DefId def = def_at(b->m, left);
  ScopeId owner = binding_get(b->m, def_get(b->m, def)->binding)->scope;
  ScopeKind kind = scope_get(b->m, owner)->kind;
  if (kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA) {
    op.kind = OPERATION_ALIAS;
    op.alias = def;
  }
  return op;
}

// Functions of the standard library that look at an argument and forget it, beyond the
// pure ones.
static bool only_reads(Str name) {
  static const char *const readers[] = {"builtins.print",
                                        "json.",
                                        "pickle.",
                                        "pprint.",
                                        "logging.",
                                        "copy.",
                                        "marshal.",
                                        "warnings.",
                                        "types.MappingProxyType",
                                        "collections.ChainMap"};
  for (uint32_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (str_starts(name, str_from(readers[i]))) return true;
  }
  return false;
}

// `len`, where a star import leaves open what that is: no module that is there to be
// imported so has another one.
static bool is_plain_reader(FactsBuilder *b, NodeId call, Str name) {
  static const char *const readers[] = {
      "len",  "isinstance", "range", "enumerate", "repr", "str", "list",
      "dict", "set",        "tuple", "sorted",    "type", "bool"};
  NodeId function = node_field(b->t, call, FIELD_FUNCTION);
  bool is_open = name.n == 0 && node_is(b->t, function, PY_IDENTIFIER) &&
                 (scope_get(b->m, MODULE_SCOPE)->flags & SCOPE_STAR_IMPORT) != 0;
  if (!is_open || binding_ok(binding_of(b->m, function))) return false;
  for (uint32_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (node_text_is(b->t, function, readers[i])) return true;
  }
  return false;
}

static uint32_t argument_position(const Tree *t, NodeId argument) {
  uint32_t position = 0;
  NodeId list = node_parent(t, argument);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return UINT32_MAX;
  for (NodeId c = node_first_named(t, list); node_ok(c); c = node_next_named(t, c)) {
    if (node_eq(c, argument)) return position;
    if (node_is(t, c, PY_LIST_SPLAT)) return UINT32_MAX;
    position++;
  }
  return UINT32_MAX;
}

// A method of something else that copies what it is given, other.extend(x), or only
// gives it back where there is nothing else: other.get(k, x).
static bool is_copied_by_method(FactsBuilder *b, NodeId call) {
  Str method = STR_NONE;
  if (!node_ok(call_receiver(b->m, call, &method))) return false;
  if (str_is(method, "get") || str_is(method, "pop")) return true;
  const MutatorFact *mutator = knowledge_member(
      b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  return mutator != NULL && (mutator->effect & MUTATES_BY_MANY) != 0;
}

// A function of this file, through all that it calls, looks at it and lets go of it. Else
// whether some function of this file certainly changes it.
static bool is_only_read(FactsBuilder *b, NodeId argument, NodeId call,
                         uint32_t *flags) {
  const EscapeSet harmless = ESCAPE_RETURNED | ESCAPE_YIELDED;
  MutationAnswer mutation = effect_mutates(b->m, call, argument);
  if (mutation == MUTATION_CERTAIN) *flags |= OPERATION_CHANGED;
  return mutation == MUTATION_NONE &&
         (escape_of_expression(b->m, argument) & ~harmless) == 0;
}

static Operation argument_operation(FactsBuilder *b, NodeId n, NodeId call) {
  const Tree *t = b->t;
  Operation op = operation(OPERATION_READ, call);
  Str name = name_of_callee(b->m, call);
  op.argument = argument_position(t, n);
  if (str_is(name, "builtins.len")) {
    op.test = test_statement(t, call);
    if (node_ok(op.test)) op.kind = OPERATION_GUARD;
    return op;
  }
  const MutatorFact *mutator = call_mutator(b->m, call);
  if (mutator != NULL && name.n != 0 && op.argument == 0) {
    op.kind = kind_of_effect(mutator->effect);
    return op;
  }
  if (call_is_pure(b->m, call) || call_sink(b->m, call) != NULL || only_reads(name) ||
      is_copied_by_method(b, call) || is_plain_reader(b, call, name)) {
    return op;
  }
  if (is_only_read(b, n, call, &op.flags)) return op;
  return passed_operation(b, call, n, op);
}
