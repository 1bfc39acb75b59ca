#include "semantic/escape.h"

#include "semantic/escape_internal.h"

enum { ROOT_HOPS = 4, CHAIN_LIMIT = 16, ESCAPE_ASKED = 1 << 30 };

static void trail_follow(Trail *trail, NodeId expression);

Escapes *escapes_of(Model *m) {
  if (m->escapes != NULL) return m->escapes;
  m->escapes = arena_new(m->arena, Escapes);
  m->escapes->defs = map_in(m->arena);
  m->escapes->sinks = map_in(m->arena);
  return m->escapes;
}

// --- whose container it is -----------------------------------------------------------

// Down to the name that an expression starts from: x.a[i].setdefault(k, []) gives `x`.
static NodeId root_of(const Model *m, NodeId expression, bool *owned, bool *of_class) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  for (uint32_t step = 0; step < CHAIN_LIMIT; step++) {
    switch (node_kind(t, e)) {
      case PY_ATTRIBUTE:
        *owned = true;
        if (node_text_is(t, node_field(t, e, FIELD_ATTRIBUTE), "__class__")) {
          *of_class = true;
        }
        e = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
        break;
      case PY_SUBSCRIPT: e = node_unwrap(t, node_field(t, e, FIELD_VALUE)); break;
      case PY_CALL: {
        Str method;
        NodeId receiver = call_receiver(m, e, &method);
        if (!node_ok(receiver)) return NO_NODE;
        e = node_unwrap(t, receiver);
        break;
      }
      default: return e;
    }
  }
  return NO_NODE;
}

static bool self_is_class(Model *m, NodeId identifier) {
  const Tree *t = m->tree;
  NodeId def = scope_get(m, scope_function(m, scope_at(m, identifier)))->node;
  NodeId outer = node_parent(t, def);
  if (node_text_is(t, identifier, "cls")) return true;
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return false;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (str_is(name_of_decorator(m, d), "builtins.classmethod")) return true;
  }
  return false;
}

// What one local name that is not a parameter was made from, if that is a container or
// object which somebody else may hold.
static NodeId name_origin(Model *m, BindingId binding) {
  const Def *def = def_get(m, binding_only_def(m, binding));
  bool follows = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
                 def->kind == DEF_FOR || def->kind == DEF_WALRUS;
  if (!follows || (def->flags & DEF_UNPACKED)) return NO_NODE;
  NodeId value = node_unwrap(m->tree, def->value);
  switch (node_kind(m->tree, value)) {
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT:
    case PY_CALL: return expression_is_fresh(m, value) ? NO_NODE : value;
    default: return NO_NODE;
  }
}

static EscapeSet root_escape(Model *m, NodeId expression, bool owned) {
  const Tree *t = m->tree;
  for (uint32_t hop = 0; hop < ROOT_HOPS; hop++) {
    bool of_class = false;
    NodeId root = root_of(m, expression, &owned, &of_class);
    if (of_class) return ESCAPE_STORED_LONG;
    if (!node_ok(root)) return ESCAPE_STORED_OTHER;
    if (!node_is(t, root, PY_IDENTIFIER)) {
      return owned ? ESCAPE_STORED_OTHER : ESCAPE_STORED_LOCAL;
    }
    if (name_is_self(m, root)) {
      return self_is_class(m, root) ? ESCAPE_STORED_LONG : ESCAPE_STORED_SELF;
    }
    BindingId binding = binding_of(m, root);
    const Binding *b = binding_get(m, binding);
    ScopeKind kind = scope_get(m, b->scope)->kind;
    bool global = !binding_ok(binding) || kind == SCOPE_MODULE || kind == SCOPE_CLASS;
    if (global) return ESCAPE_STORED_LONG;
    ScopeId here = scope_function(m, scope_at(m, root));
    bool outer = scope_function(m, b->scope).i != here.i;
    if (outer || (b->flags & BIND_PARAMETER)) return ESCAPE_STORED_OTHER;
    NodeId origin = name_origin(m, binding);
    if (!node_ok(origin)) return owned ? ESCAPE_STORED_OTHER : ESCAPE_STORED_LOCAL;
    expression = origin;
  }
  return ESCAPE_STORED_OTHER;
}

EscapeSet container_escape(Model *m, NodeId container) {
  return root_escape(m, container, false);
}

EscapeSet owner_escape(Model *m, NodeId object) { return root_escape(m, object, true); }

// --- where it is assigned ------------------------------------------------------------

void trail_put(Trail *trail, NodeId target) {
  DefId def = def_at(trail->m, target);
  if (!def_ok(def)) {
    trail->found |= ESCAPE_UNKNOWN;
    return;
  }
  for (uint32_t i = 0; i < trail->tail; i++) {
    if (trail->queue[i].i == def.i) return;
  }
  if (trail->tail == ESCAPE_QUEUE) {
    trail->found |= ESCAPE_UNKNOWN | ESCAPE_PASSED;
    return;
  }
  trail->queue[trail->tail++] = def;
}

static void target_take(Trail *trail, NodeId target) {
  const Tree *t = trail->m->tree;
  NodeId left = node_unwrap(t, target);
  switch (node_kind(t, left)) {
    case PY_IDENTIFIER: trail_put(trail, left); return;
    case PY_ATTRIBUTE:
      trail->found |= owner_escape(trail->m, node_field(t, left, FIELD_OBJECT));
      return;
    case PY_SUBSCRIPT:
      trail->found |= container_escape(trail->m, node_field(t, left, FIELD_VALUE));
      return;
    default: return;  // unpacked: its elements go on, not the object
  }
}

static void assignment_take(Trail *trail, NodeId assignment) {
  const Tree *t = trail->m->tree;
  for (uint32_t i = 0; i < CHAIN_LIMIT && node_is(t, assignment, PY_ASSIGNMENT); i++) {
    target_take(trail, node_field(t, assignment, FIELD_LEFT));
    assignment = node_parent(t, assignment);
  }
}

// `a, b = x, y`: the target at the same place, or NO_NODE.
static NodeId target_beside(Trail *trail, NodeId display, NodeId element) {
  const Tree *t = trail->m->tree;
  Place p = place_of(t, display);
  if (p.kind != PLACE_ASSIGNED) return NO_NODE;
  NodeId left = node_field(t, p.node, FIELD_LEFT);
  PyKind kind = node_kind(t, left);
  bool pattern =
      kind == PY_PATTERN_LIST || kind == PY_TUPLE_PATTERN || kind == PY_LIST_PATTERN;
  if (!pattern || node_ok(node_child(t, left, PY_LIST_SPLAT_PATTERN))) return NO_NODE;
  NodeId target = node_first_named(t, left);
  NodeId e = node_first_named(t, display);
  for (uint32_t i = 0; i < ESCAPE_WIDTH && node_ok(e) && node_ok(target); i++) {
    if (node_inside(t, element, e)) return target;
    e = node_next_named(t, e);
    target = node_next_named(t, target);
  }
  trail->found |= ESCAPE_UNKNOWN | ESCAPE_PASSED;
  return NO_NODE;
}

// --- one step ------------------------------------------------------------------------

// A bound method holds its object; other attributes do not.
static bool attribute_holds(Model *m, NodeId attribute, NodeId object) {
  const Tree *t = m->tree;
  Place p = place_of(t, node_wrap(t, attribute));
  if (p.kind == PLACE_CALLEE || p.kind == PLACE_TARGET) return false;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  Value v = value_of(m, object);
  const Knowledge *k = m->options.knowledge;
  if (v.kind != VALUE_UNKNOWN && v.kind != VALUE_INSTANCE) {
    return knowledge_member(k, SUBJECT_MUTATORS, v.kind, name) != NULL ||
           knowledge_member(k, SUBJECT_METHODS, v.kind, name) != NULL;
  }
  ScopeId class_scope = {0};
  if (name_is_self(m, node_unwrap(t, object))) {
    ScopeId function = scope_function(m, scope_at(m, object));
    class_scope = scope_class_of_method(m, function);
  }
  if (!scope_ok(class_scope)) return true;
  BindingId member = scope_lookup(m, class_scope, name);
  return binding_ok(member) && def_get(m, def_first(m, member))->kind == DEF_FUNCTION;
}

// A slice of these looks into the object that it was taken from.
static bool item_holds(Model *m, NodeId object, NodeId subscript) {
  NodeId index = node_field(m->tree, subscript, FIELD_SUBSCRIPT);
  switch (value_of(m, object).kind) {
    case VALUE_MEMORYVIEW: return value_of(m, index).kind != VALUE_INT;
    case VALUE_NDARRAY:
    case VALUE_TENSOR:
    case VALUE_SERIES:
    case VALUE_DATAFRAME: return true;
    default: return false;
  }
}

static void entered_take(Trail *trail, NodeId as_pattern) {
  const Tree *t = trail->m->tree;
  if (!node_is(t, as_pattern, PY_AS_PATTERN)) return;
  NodeId alias = node_field(t, as_pattern, FIELD_ALIAS);
  target_take(trail, node_first_named(t, alias));
}

static EscapeSet default_escape(const Model *m, NodeId parameter) {
  ScopeId outside = scope_at(m, parameter);
  ScopeKind kind = scope_get(m, scope_function(m, outside))->kind;
  return kind == SCOPE_MODULE ? ESCAPE_STORED_LONG : ESCAPE_CAPTURED;
}

// Records what the place does with the object; gives the expression that has or holds
// it next, or NO_NODE where the way ends.
static NodeId place_take(Trail *trail, Place p, NodeId e, bool *boxed) {
  Model *m = trail->m;
  const Tree *t = m->tree;
  switch (p.kind) {
    case PLACE_SAME:
    case PLACE_AWAITED: return p.node;
    case PLACE_NAMED:
      trail_put(trail, node_field(t, p.node, FIELD_NAME));
      return p.node;
    case PLACE_ELEMENT: {
      NodeId target = target_beside(trail, p.node, e);
      if (node_ok(target)) {
        target_take(trail, target);
        return NO_NODE;
      }
      *boxed = true;
      trail->found |= ESCAPE_STORED_LOCAL;
      return p.node;
    }
    case PLACE_ARGUMENT: return argument_escapes(trail, p, *boxed) ? p.node : NO_NODE;
    case PLACE_ATTRIBUTE: return attribute_holds(m, p.node, e) ? p.node : NO_NODE;
    case PLACE_ITEM: return item_holds(m, e, p.node) ? p.node : NO_NODE;
    case PLACE_INDEX:
      if (place_of(t, p.node).kind == PLACE_TARGET) target_take(trail, p.node);
      return NO_NODE;
    case PLACE_ASSIGNED: assignment_take(trail, p.node); return NO_NODE;
    case PLACE_AUGMENTS: {
      NodeId left = node_field(t, p.node, FIELD_LEFT);
      if (*boxed) trail->found |= container_escape(m, left);
      return NO_NODE;
    }
    case PLACE_ITERATED: {
      NodeId outer = node_parent(t, p.node);
      return node_is(t, outer, PY_GENERATOR_EXPRESSION) ? outer : NO_NODE;
    }
    case PLACE_RETURNED:
    case PLACE_RESULT: trail->found |= ESCAPE_RETURNED; return NO_NODE;
    case PLACE_YIELDED: trail->found |= ESCAPE_YIELDED; return NO_NODE;
    case PLACE_RAISED: trail->found |= ESCAPE_RAISED; return NO_NODE;
    case PLACE_ENTERED: entered_take(trail, p.node); return NO_NODE;
    case PLACE_DEFAULT: trail->found |= default_escape(m, p.node); return NO_NODE;
    case PLACE_BASE: trail->found |= ESCAPE_STORED_LONG; return NO_NODE;
    case PLACE_DECORATES:
    case PLACE_MATCHED: trail->found |= ESCAPE_PASSED; return NO_NODE;
    case PLACE_UNKNOWN: trail->found |= ESCAPE_PASSED | ESCAPE_UNKNOWN; return NO_NODE;
    default: return NO_NODE;
  }
}

static void trail_follow(Trail *trail, NodeId expression) {
  Escapes *self = escapes_of(trail->m);
  bool boxed = false;
  NodeId e = expression;
  while (node_ok(e)) {
    if (++self->steps > ESCAPE_STEPS) {
      trail->found |= ESCAPE_UNKNOWN | ESCAPE_PASSED;
      return;
    }
    e = place_take(trail, place_of(trail->m->tree, e), e, &boxed);
  }
}

// --- names ---------------------------------------------------------------------------

static void ref_follow(Trail *trail, RefId id) {
  const Model *m = trail->m;
  NodeId node = ref_get(m, id)->node;
  // Names in string annotations have no place; they do not hold the object.
  if (node_is(m->tree, node, PY_IDENTIFIER)) trail_follow(trail, node);
}

// The uses in the definition's own scope that it reaches, and all in inner scopes.
static void def_follow(Trail *trail, DefId id) {
  Model *m = trail->m;
  const Def *def = def_get(m, id);
  const Binding *b = binding_get(m, def->binding);
  ScopeKind kind = scope_get(m, b->scope)->kind;
  bool global = kind == SCOPE_MODULE || kind == SCOPE_CLASS;
  if (global) trail->found |= ESCAPE_STORED_LONG | ESCAPE_UNKNOWN;
  if (scope_get(m, b->scope)->flags & SCOPE_DYNAMIC) trail->found |= ESCAPE_UNKNOWN;
  if (b->flags & BIND_IN_ERROR) trail->found |= ESCAPE_UNKNOWN | ESCAPE_PASSED;
  RefList uses = global ? (RefList){.unknown = true} : flow_uses_of(m, id);
  for (uint32_t i = 0; !uses.unknown && i < uses.count; i++) {
    ref_follow(trail, uses.items[i]);
  }
  if (b->ref_count > ESCAPE_REFS) {
    trail->found |= ESCAPE_UNKNOWN | ESCAPE_PASSED;
    return;
  }
  ScopeId owner = scope_function(m, b->scope);
  for (RefId r = ref_first(m, def->binding); ref_ok(r); r = ref_next(m, r)) {
    ScopeId at = ref_get(m, r)->scope;
    if (!global && scope_function(m, at).i != owner.i) trail->found |= ESCAPE_CAPTURED;
    if (uses.unknown || at.i != b->scope.i) ref_follow(trail, r);
    if (escapes_of(m)->steps > ESCAPE_STEPS) return;
  }
}

static EscapeSet trail_run(Trail *trail) {
  while (trail->head < trail->tail) def_follow(trail, trail->queue[trail->head++]);
  return trail->found;
}

EscapeSet def_escape(Model *m, DefId def) {
  Escapes *self = escapes_of(m);
  uint32_t kept = map_get(&self->defs, def.i);
  if (kept == ESCAPE_ASKED) {  // a function that hands it to itself adds nothing
    return self->asked.i == def.i ? 0 : ESCAPE_PASSED | ESCAPE_UNKNOWN;
  }
  if (kept != 0) return kept - 1;
  if (self->depth == ESCAPE_DEPTH || self->steps > ESCAPE_STEPS) {
    return ESCAPE_PASSED | ESCAPE_UNKNOWN;
  }
  Trail trail = {.m = m, .queue = {def}, .tail = 1};
  map_put(&self->defs, def.i, ESCAPE_ASKED);
  DefId outer = self->asked;
  self->asked = def;
  self->depth++;
  EscapeSet found = trail_run(&trail);
  self->depth--;
  self->asked = outer;
  map_put(&self->defs, def.i, found + 1);
  return found;
}

static void question_start(Model *m) {
  Escapes *self = escapes_of(m);
  self->steps = 0;
  self->depth = 0;
  self->asked = (DefId){0};
}

EscapeSet escape_of(Model *m, DefId def) {
  if (!def_ok(def)) return ESCAPE_UNKNOWN | ESCAPE_PASSED;
  question_start(m);
  return def_escape(m, def);
}

EscapeSet escape_of_expression(Model *m, NodeId expression) {
  if (!node_ok(expression)) return ESCAPE_UNKNOWN | ESCAPE_PASSED;
  question_start(m);
  Trail trail = {.m = m};
  trail_follow(&trail, expression);
  return trail_run(&trail);
}
