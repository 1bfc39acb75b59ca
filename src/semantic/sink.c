#include "semantic/context.h"
#include "semantic/escape_internal.h"
#include "semantic/keeper.h"
#include "semantic/sink_internal.h"

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
    case SINK_RELAYED:
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
  // Where it is bound once, the flow has nothing to add.
  RefList uses = {.unknown = true};
  if (!def_ok(binding_only_def(m, binding))) uses = flow_uses_of(m, id);
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

// `rows = load(path)`: who else has it is not known.
static bool is_given_by_call(Model *m, Keeper keeper) {
  const Def *def = def_get(m, binding_only_def(m, keeper.binding));
  return keeper.kind == KEEPER_LOCAL && def->kind == DEF_ASSIGN &&
         node_is(m->tree, node_unwrap(m->tree, def->value), PY_CALL);
}

// `stack.filters`, of an object that somebody passes: how long that lives is not known.
static bool is_part_of_parameter(Model *m, NodeId container) {
  enum { CHAIN_MAX = 8 };
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, container);
  uint32_t parts = 0;
  for (; node_is(t, e, PY_ATTRIBUTE) && parts < CHAIN_MAX; parts++) {
    e = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
  }
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, e)));
  return parts != 0 && def->kind == DEF_PARAMETER && !name_is_self(m, e);
}

// Outside of loops: kept once for each run of the function, unless it is a part of the
// instance that is being made, or goes again.
static Sink sink_once(const Journey *j, NodeId container) {
  Context at = context_of(j->m, j->maker);
  Keeper keeper = keeper_of(j->m, container);
  if (is_given_by_call(j->m, keeper) || is_part_of_parameter(j->m, container)) {
    return SINK_ONE;
  }
  NodeId name = node_field(j->m->tree, at.function, FIELD_NAME);
  bool is_own = keeper.kind == KEEPER_SELF ||
                name_is_self(j->m, node_unwrap(j->m->tree, container));
  bool is_part = is_own && node_text_is(j->m->tree, name, "__init__");
  if (!node_ok(at.function)) return SINK_STORED;
  bool is_local = keeper.kind <= KEEPER_LOCAL;
  bool goes = is_part || (!is_local && is_taken_out_again(j, keeper, at));
  return goes ? SINK_ONE : SINK_STORED;
}

static Sink container_sink(Journey j, NodeId container) {
  NodeId made = container_made_beside(&j, container);
  if (!node_ok(made)) return j.hot ? SINK_NUMBER : sink_once(&j, container);
  j.boxed = true;
  Sink sink = name_sink(j, made);
  return sink == SINK_DROPPED ? SINK_ONE : sink;
}

// `DATA_KEY`, `const.DATA_KEY`: by convention bound once, at module or class level.
static bool is_constant_name(Model *m, NodeId key) {
  const Tree *t = m->tree;
  bool is_attribute = node_is(t, key, PY_ATTRIBUTE), has_letter = false;
  Str name = node_text(t, is_attribute ? node_field(t, key, FIELD_ATTRIBUTE) : key);
  NodeId start = is_attribute ? node_unwrap(t, node_field(t, key, FIELD_OBJECT)) : key;
  if (!node_is(t, start, PY_IDENTIFIER)) return false;
  for (uint32_t i = 0; i < name.n; i++) {
    if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
    has_letter = has_letter || (name.p[i] >= 'A' && name.p[i] <= 'Z');
  }
  const Binding *binding = binding_get(m, binding_of(m, start));
  bool is_global = binding->scope.i == MODULE_SCOPE.i;
  return has_letter && (is_global || (is_attribute && name_is_self(m, start)));
}

// Each of its rounds stores under the same key, or under the number of the level.
static bool is_one_key(Model *m, NodeId expression) {
  NodeId key = node_unwrap(m->tree, expression);
  PyKind kind = node_kind(m->tree, key);
  int64_t number;
  Str text;
  return kind == PY_STRING || kind == PY_INTEGER || kind == PY_TRUE ||
         kind == PY_FALSE || is_constant_name(m, key) || constant_str(m, key, &text) ||
         constant_int(m, key, &number) || key_is_level(m, key);
}

static Sink target_sink(Journey j, NodeId target) {
  const Tree *t = j.m->tree;
  NodeId left = node_unwrap(t, target);
  switch (node_kind(t, left)) {
    case PY_IDENTIFIER: return name_sink(j, left);
    case PY_ATTRIBUTE: return SINK_ONE;
    case PY_SUBSCRIPT:
      if (is_one_key(j.m, node_field(t, left, FIELD_SUBSCRIPT))) return SINK_ONE;
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
  NodeId key = NO_NODE;
  bool is_keyed = str_is(method, "setdefault") &&
                  call_argument(j.m, p.node, 0, "key", &key) == ARG_PRESENT;
  if (is_keyed && is_one_key(j.m, key)) return SINK_ONE;
  if (str_is(method, "append") && put_is_nested(j.m, container, j.maker)) {
    return SINK_ONE;
  }
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

// What a mapping keeps for each entry: `self._data[key] = Entry(value)`.
static bool is_made_for_entries(Model *m, Context at) {
  NodeId name = node_field(m->tree, at.function, FIELD_NAME);
  return (at.flags & CONTEXT_METHOD) != 0 &&
         (node_text_is(m->tree, name, "__setitem__") ||
          node_text_is(m->tree, name, "__missing__"));
}

// Something behind it in the loop may leave it: asked before the flow is.
static bool may_leave_behind(const Tree *t, NodeId maker, NodeId loop) {
  enum { NODES_MAX = 256 };
  uint32_t stop = node_after(t, loop);
  for (uint32_t i = maker.i + 1; i < stop; i++) {
    if (i - maker.i > NODES_MAX) return true;
    PyKind kind = (PyKind)t->nodes[i].kind;
    if (kind == PY_BREAK_STATEMENT || kind == PY_RETURN_STATEMENT ||
        kind == PY_RAISE_STATEMENT) {
      return true;
    }
  }
  return false;
}

// In a loop that goes on behind it: `found[key] = C(); break` makes one.
static bool is_made_often(Model *m, NodeId maker) {
  Context at = context_of(m, maker);
  if (is_made_for_entries(m, at)) return true;
  const uint32_t elsewhere = CONTEXT_COMPREHENSION | CONTEXT_HANDLER;
  if (!context_is_hot(at) || (at.flags & elsewhere) != 0) return context_is_hot(at);
  NodeId statement = node_statement(m->tree, maker);
  bool is_returned = node_is(m->tree, statement, PY_RETURN_STATEMENT);
  if (node_ok(at.loop) && !is_returned && !may_leave_behind(m->tree, maker, at.loop)) {
    return true;
  }
  return flow_reaches(m, maker, maker) != ANSWER_NO;
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
               .hot = is_made_often(m, expression),
               .steps = &steps};
  Sink sink = sink_follow(j, expression);
  map_put(&self->sinks, expression.i, (uint32_t)sink + 1);
  return sink;
}

Sink sink_of_name(Model *m, NodeId name, NodeId round, uint32_t *steps) {
  Journey j = {.m = m, .maker = round, .hot = true, .steps = steps};
  return name_sink(j, name);
}
