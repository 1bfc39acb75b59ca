#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/flow.h"

// Reads of `x[k]` of a defaultdict: where k is missing, each makes an entry that nobody
// meant. What is read to be added to means it.

enum { STEPS_MAX = 8, USES_MAX = 32, LOOK_BACK = 64 };

// --- what the factory makes ----------------------------------------------------------

static bool names_container(Str name) {
  static const char *const names[] = {
      "builtins.dict",       "builtins.list",           "builtins.set",
      "collections.Counter", "collections.OrderedDict", "collections.defaultdict",
      "collections.deque"};
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

static bool makes_container(FactsBuilder *b, NodeId factory) {
  NodeId n = node_unwrap(b->t, factory);
  if (node_is(b->t, n, PY_LAMBDA)) {
    FactContainer row = {0};
    return container_read(b, node_field(b->t, n, FIELD_BODY), &row);
  }
  return names_container(name_of(b->m, n));
}

// The first argument of `defaultdict`, also where a partial has it.
static NodeId factory_of(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId factory = NO_NODE;
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  if (node_is(t, callee, PY_IDENTIFIER)) {
    const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, callee)));
    NodeId partial = node_unwrap(t, d->value);
    if (node_is(t, partial, PY_CALL) &&
        str_is(name_of(b->m, node_field(t, partial, FIELD_FUNCTION)),
               "functools.partial")) {
      return node_named_at(t, node_field(t, partial, FIELD_ARGUMENTS), 1);
    }
  }
  bool is_given =
      call_argument(b->m, call, 0, "default_factory", &factory) == ARG_PRESENT;
  return is_given ? factory : NO_NODE;
}

// Flags of a call of `defaultdict`: what is missing is made, and is a container.
uint32_t default_flags(FactsBuilder *b, NodeId call) {
  NodeId factory = factory_of(b, call);
  if (!node_ok(factory) || constant_is_none(b->m, factory)) return 0;
  return CONTAINER_DEFAULTS |
         (makes_container(b, factory) ? CONTAINER_OF_CONTAINERS : 0u);
}

// --- what becomes of an item ---------------------------------------------------------

typedef enum Fate { FATE_READ, FATE_RETURNED, FATE_ADDED_TO, FATE_UNKNOWN } Fate;

static Fate fate_of(FactsBuilder *b, NodeId item, uint32_t depth);

static Fate fate_of_name(FactsBuilder *b, NodeId target, uint32_t depth) {
  RefList uses = flow_uses_of(b->m, def_at(b->m, target));
  if (uses.unknown || uses.escapes_scope || uses.count > USES_MAX) return FATE_UNKNOWN;
  Fate fate = FATE_READ;
  for (uint32_t i = 0; i < uses.count; i++) {
    Fate one = fate_of(b, ref_get(b->m, uses.items[i])->node, depth + 1);
    if (one == FATE_ADDED_TO || one == FATE_UNKNOWN) return one;
    if (one == FATE_RETURNED) fate = one;
  }
  return fate;
}

// `a, b = x[k]`, `first, *_ = x[k] or ()`.
static bool is_unpacked(const Tree *t, NodeId n) {
  NodeId p = node_parent(t, n);
  if (node_is(t, p, PY_BOOLEAN_OPERATOR)) {
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  NodeId left = node_field(t, p, FIELD_LEFT);
  return node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_RIGHT &&
         (node_is(t, left, PY_PATTERN_LIST) || node_is(t, left, PY_TUPLE_PATTERN));
}

static Fate fate_of(FactsBuilder *b, NodeId item, uint32_t depth) {
  const Tree *t = b->t;
  if (depth >= STEPS_MAX) return FATE_UNKNOWN;
  NodeId n = node_wrap(t, item), p = node_parent(t, n);
  // A handle, lock or context is meant to be there.
  if (node_is(t, p, PY_WITH_ITEM) || node_is(t, p, PY_AWAIT)) return FATE_UNKNOWN;
  if (is_unpacked(t, n)) return FATE_READ;
  Operation op = operation_at(b, item, VALUE_UNKNOWN);
  switch (op.kind) {
    case OPERATION_READ:
    case OPERATION_GUARD: return FATE_READ;
    case OPERATION_RETURN: return FATE_RETURNED;
    case OPERATION_GROW: return FATE_ADDED_TO;
    case OPERATION_ALIAS: {
      NodeId left = node_field(t, p, FIELD_LEFT);
      bool is_plain = node_is(t, p, PY_ASSIGNMENT) && node_is(t, left, PY_IDENTIFIER);
      return is_plain ? fate_of_name(b, left, depth) : FATE_UNKNOWN;
    }
    // What is taken out of a new list is nothing.
    case OPERATION_SHRINK:
    case OPERATION_CLEAR: return FATE_UNKNOWN;
    default: return FATE_UNKNOWN;
  }
}

// --- whether it is there -------------------------------------------------------------

// `if k in x` around or above, `x[k].append(v)` in the same function.
static bool is_known_to_be_there(const Gathering *self, const Found *read, NodeId key) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  Str text = node_text(t, key);
  for (uint32_t i = 0; i < self->found.count && i < LOOK_BACK; i++) {
    const Found *other = &self->found.items[i];
    if (!node_eq(other->function, read->function)) continue;
    if (other->op.kind == OPERATION_READ && (other->op.flags & OPERATION_MEMO) != 0 &&
        node_ok(other->op.test) && test_decides(t, other->op.test, read->mention)) {
      return true;
    }
    // The function adds to it, above or below: it is to be there.
    bool is_entry = other->op.kind == OPERATION_GROW && node_ok(other->op.key) &&
                    str_eq(node_text(t, other->op.key), text);
    if (is_entry && !are_in_two_branches(t, other->mention, read->mention)) return true;
  }
  return false;
}

// `for k in x`, `max(x, key=lambda k: x[k])`: one of its own keys.
static bool is_own_key(FactsBuilder *b, NodeId key, NodeId mention) {
  NodeId n = node_unwrap(b->t, key);
  if (!node_is(b->t, n, PY_IDENTIFIER)) return false;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  if (d->kind == DEF_PARAMETER) {
    return scope_get(b->m, d->scope)->kind == SCOPE_LAMBDA;
  }
  if (d->kind != DEF_FOR && d->kind != DEF_COMPREHENSION) return false;
  Str name = node_text(b->t, mention);
  uint32_t stop = node_after(b->t, d->value);
  for (uint32_t i = d->value.i; i < stop && i < d->value.i + LOOK_BACK; i++) {
    if (str_eq(node_text(b->t, (NodeId){i}), name)) return true;
  }
  return false;
}

bool item_misses(const Gathering *self, uint32_t index) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  Found *found = &self->found.items[index];
  NodeId item = node_parent(t, node_wrap(t, found->mention));
  if (!node_is(t, item, PY_SUBSCRIPT)) return false;
  NodeId key = node_field(t, item, FIELD_SUBSCRIPT);
  if (is_own_key(b, key, found->mention) || is_known_to_be_there(self, found, key))
    return false;
  Fate fate = fate_of(b, item, 0);
  if (fate != FATE_READ && fate != FATE_RETURNED) return false;
  found->op.key = key;
  return !is_validated(b, found);
}
