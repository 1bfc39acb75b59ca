#include "semantic/back.h"

enum { PARTS_READ = 8 };

// --- stores --------------------------------------------------------------------------

// The part of a right-hand side that a target of a pattern gets.
static NodeId part_for(const Tree *t, NodeId pattern, NodeId target, NodeId value) {
  PyKind kind = node_kind(t, value = node_unwrap(t, value));
  if (kind != PY_TUPLE && kind != PY_EXPRESSION_LIST && kind != PY_LIST) return NO_NODE;
  NodeId part = node_first_named(t, value);
  for (NodeId c = node_first_named(t, pattern); node_ok(c) && !node_eq(c, target);
       c = node_next_named(t, c)) {
    if (node_is(t, c, PY_LIST_SPLAT_PATTERN) || node_is(t, part, PY_LIST_SPLAT))
      return NO_NODE;
    part = node_next_named(t, part);
  }
  return node_is(t, part, PY_LIST_SPLAT) ? NO_NODE : part;
}

// The outermost of `a = b = v`, and v.
static StoredAt assigned(const Tree *t, NodeId assignment) {
  NodeId value = node_field(t, assignment, FIELD_RIGHT), place = assignment;
  while (node_is(t, value, PY_ASSIGNMENT)) value = node_field(t, value, FIELD_RIGHT);
  while (node_is(t, node_parent(t, place), PY_ASSIGNMENT))
    place = node_parent(t, place);
  return (StoredAt){.value = value, .place = place};
}

static StoredAt stored_by_target(const Tree *t, NodeId target) {
  NodeId p = node_parent(t, target);
  switch (node_kind(t, p)) {
    case PY_ASSIGNMENT:
      return node_role(t, target) == FIELD_LEFT ? assigned(t, p) : (StoredAt){0};
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN: {
      NodeId assignment = node_parent(t, p);
      if (!node_is(t, assignment, PY_ASSIGNMENT)) return (StoredAt){0};
      StoredAt stored = assigned(t, assignment);
      stored.value = part_for(t, p, target, stored.value);
      return stored;
    }
    case PY_AUGMENTED_ASSIGNMENT: {
      if (node_role(t, target) != FIELD_LEFT) return (StoredAt){0};
      NodeId added = back_elements(t, node_field(t, p, FIELD_RIGHT));
      return (StoredAt){.value = added, .place = p, .within = true};
    }
    default: return (StoredAt){0};
  }
}

// `x[k]`, `x.setdefault(k, [])`, `x.get(k)` around what stands for x: what lies in it.
static NodeId outermost_part(Model *m, NodeId node) {
  const Tree *t = m->tree;
  for (uint32_t i = 0; i < PARTS_READ; i++) {
    NodeId p = node_parent(t, node);
    bool is_item = node_is(t, p, PY_SUBSCRIPT) && node_role(t, node) == FIELD_VALUE;
    if (is_item) {
      node = p;
      continue;
    }
    Str method = STR_NONE;
    NodeId call = node_parent(t, p);
    bool is_part = node_is(t, p, PY_ATTRIBUTE) && node_is(t, call, PY_CALL) &&
                   node_eq(call_receiver(m, call, &method), node) &&
                   (str_is(method, "setdefault") || str_is(method, "get")) &&
                   node_is(t, node_parent(t, call), PY_ATTRIBUTE);
    if (!is_part) return node;
    node = call;
  }
  return node;
}

// `x.setdefault(k, WeakSet())`
static bool is_weak_part(Model *m, NodeId node) {
  NodeId made = NO_NODE;
  return node_is(m->tree, node, PY_CALL) &&
         call_argument(m, node, 1, NULL, &made) == ARG_PRESENT &&
         node_is(m->tree, node_unwrap(m->tree, made), PY_CALL) &&
         str_starts(name_of_callee(m, node_unwrap(m->tree, made)), STR("weakref."));
}

// `x.append(v)`, `x.update({k: v})`: what the method is given.
static StoredAt stored_by_method(Model *m, NodeId node) {
  const Tree *t = m->tree;
  Str method = STR_NONE;
  NodeId call = node_parent(t, node_parent(t, node));
  if (!node_is(t, call, PY_CALL) || !node_eq(call_receiver(m, call, &method), node))
    return (StoredAt){0};
  const MutatorFact *fact =
      knowledge_member(m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  bool grows = fact != NULL && (fact->effect & MUTATES_GROWS) != 0;
  if (!grows || is_weak_part(m, node)) return (StoredAt){0};
  NodeId given = node_field(t, call, FIELD_ARGUMENTS);
  if (node_is(t, given, PY_GENERATOR_EXPRESSION)) given = back_elements(t, given);
  return (StoredAt){.value = given, .place = call, .within = true};
}

StoredAt stored_at(Model *m, NodeId attribute) {
  const Tree *t = m->tree;
  NodeId node = outermost_part(m, node_wrap(t, attribute));
  StoredAt stored = node_is(t, node_parent(t, node), PY_ATTRIBUTE)
                        ? stored_by_method(m, node)
                        : stored_by_target(t, node);
  stored.within = stored.within || !node_eq(node, node_wrap(t, attribute));
  return stored;
}

// --- what it holds -------------------------------------------------------------------

// A certain find is better than one that is not.
static Back back_better(Back one, Back other) {
  bool is_better = one.kind == BACK_NONE || one.is_uncertain;
  return other.kind != BACK_NONE && is_better ? other : one;
}

// Arguments of extend and update are walked through.
static Back back_of_growth(Model *m, NodeId list, BackOwner owner) {
  const Tree *t = m->tree;
  const MutatorFact *fact = call_mutator(m, node_parent(t, list));
  bool by_many = fact == NULL || (fact->effect & MUTATES_BY_MANY) != 0;
  Back best = {.kind = BACK_NONE};
  uint32_t read = 0;
  for (NodeId a = node_first_named(t, list); node_ok(a) && read < PARTS_READ;
       a = node_next_named(t, a), read++) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = is_keyword ? node_field(t, a, FIELD_VALUE) : a;
    if (by_many && !is_keyword) value = back_elements(t, value);
    if (!node_ok(value)) continue;
    best = back_better(best, back_of(m, value, owner));
  }
  return best;
}

Back back_of_stored(Model *m, StoredAt stored, BackOwner owner) {
  if (!node_ok(stored.value)) return (Back){.kind = BACK_NONE};
  return node_is(m->tree, stored.value, PY_ARGUMENT_LIST)
             ? back_of_growth(m, stored.value, owner)
             : back_of(m, stored.value, owner);
}
