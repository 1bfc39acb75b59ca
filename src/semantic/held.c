#include "semantic/held.h"

#include "semantic/value.h"

enum {
  NAME_STEPS = 6,
  HELD_DEPTH = 6,        // partials in partials, names for names
  HELD_STEPS = 128,      // expressions that one question looks at
  CLOSURE_NODES = 4096,  // of one nested function
  STORES_READ = 8,
};

typedef struct Search {
  Model *m;
  BindingId object;
  uint32_t steps;
} Search;

static Hold held_at(Search *s, NodeId expression, uint32_t depth);

// --- the object ----------------------------------------------------------------------

BindingId self_around(Model *m, NodeId node) {
  for (ScopeId s = scope_at(m, node); s.i > MODULE_SCOPE.i;
       s = scope_get(m, s)->parent) {
    const Scope *scope = scope_get(m, s);
    if (scope->kind != SCOPE_FUNCTION || !scope_ok(scope_class_of_method(m, s)))
      continue;
    DefId first = scope_parameter(m, s, 0);
    const Def *def = def_get(m, first);
    bool is_plain = def_ok(first) && def->flags == 0 &&
                    method_kind(m, scope->node) == METHOD_INSTANCE &&
                    def_ok(binding_only_def(m, def->binding));
    return is_plain ? def->binding : (BindingId){0};
  }
  return (BindingId){0};
}

NodeId self_class(Model *m, BindingId self) {
  ScopeId owner = scope_class_of_method(m, binding_get(m, self)->scope);
  return scope_ok(owner) ? scope_get(m, owner)->node : NO_NODE;
}

bool is_object(Model *m, NodeId identifier, BindingId object) {
  NodeId n = node_unwrap(m->tree, identifier);
  for (uint32_t step = 0; step < NAME_STEPS && node_is(m->tree, n, PY_IDENTIFIER);
       step++) {
    BindingId binding = binding_of(m, n);
    if (!binding_ok(binding)) return false;
    if (binding.i == object.i) return true;
    const Def *def = def_get(m, binding_only_def(m, binding));
    if (def->kind != DEF_ASSIGN || def->flags != 0) return false;
    n = node_unwrap(m->tree, def->value);
  }
  return false;
}

// --- methods -------------------------------------------------------------------------

typedef enum MemberKind {
  MEMBER_NONE,    // not of this file's classes
  MEMBER_METHOD,  // bound when it is read
  MEMBER_OTHER,   // static, class method, property, plain value
} MemberKind;

static bool is_property_like(Model *m, NodeId function) {
  NodeId outer = node_parent(m->tree, function);
  if (!node_is(m->tree, outer, PY_DECORATED_DEFINITION)) return false;
  for (NodeId d = node_first_named(m->tree, outer); node_is(m->tree, d, PY_DECORATOR);
       d = node_next_named(m->tree, d)) {
    Str name = name_of_decorator(m, d);
    if (str_ends(name, STR("property")) || str_ends(name, STR(".setter"))) return true;
  }
  return false;
}

static MemberKind member_of_def(Model *m, const Def *def) {
  if (def->kind == DEF_FUNCTION) {
    bool is_bound = method_kind(m, def->value) == METHOD_INSTANCE &&
                    !is_property_like(m, def->value);
    return is_bound ? MEMBER_METHOD : MEMBER_OTHER;
  }
  // `shutdown = close` in the class body.
  NodeId value = node_unwrap(m->tree, def->value);
  if (def->kind != DEF_ASSIGN || !node_is(m->tree, value, PY_IDENTIFIER))
    return MEMBER_OTHER;
  const Def *behind = def_get(m, binding_only_def(m, binding_of(m, value)));
  return behind->kind == DEF_FUNCTION ? member_of_def(m, behind) : MEMBER_OTHER;
}

// The first base that this file defines.
static NodeId local_base(Model *m, NodeId class_node) {
  NodeId bases = node_field(m->tree, class_node, FIELD_SUPERCLASSES), found = NO_NODE;
  for (NodeId b = node_first_named(m->tree, bases); node_ok(b) && !node_ok(found);
       b = node_next_named(m->tree, b)) {
    found = class_of_base(m, b);
  }
  return node_eq(found, class_node) ? NO_NODE : found;
}

static MemberKind member_of(Model *m, NodeId class_node, Str name) {
  for (uint32_t depth = 0; depth < CLASS_DEPTH && node_ok(class_node); depth++) {
    DefId last = binding_get(m, class_binding(m, class_node, name))->last_def;
    if (def_ok(last)) return member_of_def(m, def_get(m, last));
    class_node = local_base(m, class_node);
  }
  return MEMBER_NONE;
}

NodeId attribute_class(Model *m, NodeId class_node, Str name) {
  NodeId stores[1];
  for (uint32_t depth = 0; depth < CLASS_DEPTH && node_ok(class_node); depth++) {
    if (attribute_stores(m, class_node, name, stores, 1) > 0) return class_node;
    class_node = local_base(m, class_node);
  }
  return NO_NODE;
}

// What a method gives `self.x`: a lambda over self, a partial, a bound method.
static Hold held_by_store(Search *s, NodeId class_node, Str name, uint32_t depth) {
  NodeId stores[STORES_READ];
  uint32_t count = attribute_stores(s->m, class_node, name, stores, STORES_READ);
  for (uint32_t i = 0; i < count && i < STORES_READ && depth > 0; i++) {
    BindingId self = self_around(s->m, stores[i]);
    if (!node_ok(stores[i]) || !binding_ok(self)) continue;
    Search inner = {s->m, self, s->steps};
    Hold held = held_at(&inner, stores[i], depth - 1);
    s->steps = inner.steps;
    if (held.form != HELD_NOTHING && held.form != HELD_ITSELF) return held;
  }
  return (Hold){0};
}

static bool is_super(Model *m, NodeId object) {
  return node_is(m->tree, object, PY_CALL) &&
         str_is(name_of_callee(m, object), "builtins.super");
}

// Some object of a function: its class tells, as far as it is known.
static Hold bound_if_method(Model *m, Hold bound) {
  NodeId known = value_of(m, bound.mention).definition;
  bool is_class = node_is(m->tree, known, PY_CLASS_DEFINITION);
  bound.is_guess = !is_class;
  bool may_be = !is_class || member_of(m, known, bound.method) == MEMBER_METHOD;
  return may_be ? bound : (Hold){0};
}

static Hold held_by_attribute(Search *s, NodeId attribute, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  NodeId of = node_unwrap(t, node_field(t, attribute, FIELD_OBJECT));
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  Hold bound = {HELD_BOUND, of, name, false};
  NodeId class_node = self_class(m, s->object);
  if (is_super(m, of)) {
    bool is_own = node_ok(class_node) && self_around(m, of).i == s->object.i;
    return is_own ? bound : (Hold){0};
  }
  if (!is_object(m, of, s->object) || str_is(name, "__class__") ||
      str_is(name, "__dict__")) {
    return (Hold){0};
  }
  if (!node_ok(class_node)) return bound_if_method(m, bound);
  NodeId storing = attribute_class(m, class_node, name);
  if (node_ok(storing)) return held_by_store(s, storing, name, depth);
  MemberKind kind = member_of(m, class_node, name);
  bound.is_guess = kind == MEMBER_NONE;
  return kind == MEMBER_OTHER ? (Hold){0} : bound;
}

// --- functions -----------------------------------------------------------------------

// A default value is evaluated outside: it holds what it gives.
static Hold held_by_defaults(Search *s, NodeId function, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId parameters = node_field(t, function, FIELD_PARAMETERS);
  for (NodeId p = node_first_named(t, parameters); node_ok(p) && depth > 0;
       p = node_next_named(t, p)) {
    NodeId value = node_field(t, p, FIELD_VALUE);
    if (!node_ok(value)) continue;
    Hold held = held_at(s, value, depth - 1);
    if (held.form != HELD_NOTHING) return held;
  }
  return (Hold){0};
}

// The object, or a function of the same function that captures it.
static bool captures(Search *s, NodeId identifier, NodeId function, uint32_t depth) {
  Model *m = s->m;
  if (is_object(m, identifier, s->object)) return true;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, identifier)));
  bool is_nested = def->kind == DEF_FUNCTION && depth > 0 &&
                   !node_inside(m->tree, def->value, function) &&
                   scope_get(m, def->scope)->kind == SCOPE_FUNCTION;
  return is_nested && held_at(s, identifier, depth - 1).form == HELD_FUNCTION;
}

static NodeId capture_of(Search *s, NodeId function, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  ScopeId scope = scope_of(m, function);
  uint32_t after = node_after(t, function);
  if (after - function.i > CLOSURE_NODES) after = function.i + CLOSURE_NODES;
  for (uint32_t i = function.i; i < after; i++) {
    NodeId n = {i};
    bool is_read = node_is(t, n, PY_IDENTIFIER) && ref_ok(ref_at(m, n)) &&
                   scope_inside(m, scope_at(m, n), scope);
    if (is_read && captures(s, n, function, depth)) return n;
  }
  return NO_NODE;
}

static Hold held_by_function(Search *s, NodeId function, uint32_t depth) {
  bool is_lambda = node_is(s->m->tree, function, PY_LAMBDA);
  Hold held = {is_lambda ? HELD_LAMBDA : HELD_FUNCTION, capture_of(s, function, depth),
               STR_NONE, false};
  if (node_ok(held.mention)) return held;
  Hold preset = held_by_defaults(s, function, depth);
  held.mention = preset.mention;
  bool is_sure = preset.form != HELD_NOTHING && !preset.is_guess;
  return is_sure ? held : (Hold){0};
}

// `getattr(self, "close")`
static Hold held_by_getattr(Search *s, NodeId call) {
  NodeId object = NO_NODE, name = NO_NODE;
  Str method = STR_NONE;
  bool is_read = call_argument(s->m, call, 0, NULL, &object) == ARG_PRESENT &&
                 call_argument(s->m, call, 1, NULL, &name) == ARG_PRESENT &&
                 constant_str(s->m, name, &method) &&
                 is_object(s->m, object, s->object);
  NodeId class_node = self_class(s->m, s->object);
  bool is_method = is_read && node_ok(class_node) &&
                   member_of(s->m, class_node, method) == MEMBER_METHOD;
  return is_method ? (Hold){HELD_BOUND, object, method, false} : (Hold){0};
}

// `partial(self.m)`, `partial(f, self)`, `MethodType(f, self)`.
static Hold held_by_call(Search *s, NodeId call, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId callee = call_callee(s->m, call);
  if (name_is(s->m, callee, "builtins.getattr")) return held_by_getattr(s, call);
  bool is_partial = name_is(s->m, callee, "functools.partial") ||
                    name_is(s->m, callee, "types.MethodType");
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); is_partial && node_ok(a) && depth > 0;
       a = node_next_named(t, a)) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    Hold held = held_at(s, is_keyword ? node_field(t, a, FIELD_VALUE) : a, depth - 1);
    bool is_callee = node_eq(a, node_first_named(t, list));
    if (held.form == HELD_NOTHING || (held.is_guess && !is_callee)) continue;
    held.form = HELD_PARTIAL;
    return held;
  }
  return (Hold){0};
}

// `for f in (self.close, self.flush): atexit.register(f)`
static Hold held_by_elements(Search *s, NodeId source, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId display = node_unwrap(t, source);
  bool is_display = node_is(t, display, PY_TUPLE) || node_is(t, display, PY_LIST);
  for (NodeId e = node_first_named(t, display); is_display && node_ok(e) && depth > 0;
       e = node_next_named(t, e)) {
    Hold held = held_at(s, e, depth - 1);
    if (held.form != HELD_NOTHING && !held.is_guess) return held;
  }
  return (Hold){0};
}

static Hold held_by_name(Search *s, NodeId identifier, uint32_t depth) {
  Model *m = s->m;
  if (is_object(m, identifier, s->object))
    return (Hold){HELD_ITSELF, identifier, STR_NONE, false};
  DefId only = binding_only_def(m, binding_of(m, identifier));
  if (!def_ok(only)) only = flow_only_def(m, identifier);
  const Def *def = def_get(m, only);
  bool is_outer = def->scope.i == MODULE_SCOPE.i;  // captures nothing
  if (is_outer || depth == 0) return (Hold){0};
  if (def->kind == DEF_FUNCTION) return held_by_function(s, def->value, depth - 1);
  if (def->kind == DEF_FOR || def->kind == DEF_COMPREHENSION)
    return held_by_elements(s, def->value, depth - 1);
  bool is_value = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
                   def->kind == DEF_WALRUS) &&
                  def->flags == 0 && node_ok(def->value);
  return is_value ? held_at(s, def->value, depth - 1) : (Hold){0};
}

static Hold held_at(Search *s, NodeId expression, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId e = node_unwrap(t, expression);
  if (s->steps == 0) return (Hold){0};
  s->steps--;
  switch (node_kind(t, e)) {
    case PY_IDENTIFIER: return held_by_name(s, e, depth);
    case PY_ATTRIBUTE: return held_by_attribute(s, e, depth);
    case PY_LAMBDA:
    case PY_FUNCTION_DEFINITION: return held_by_function(s, e, depth);
    case PY_CALL: return held_by_call(s, e, depth);
    case PY_NAMED_EXPRESSION:
      return depth == 0 ? (Hold){0}
                        : held_at(s, node_field(t, e, FIELD_VALUE), depth - 1);
    default: return (Hold){0};
  }
}

Hold held_of(Model *m, NodeId expression, BindingId object) {
  Search s = {m, object, HELD_STEPS};
  return binding_ok(object) ? held_at(&s, expression, HELD_DEPTH) : (Hold){0};
}

Hold held_attribute(Model *m, NodeId expression, BindingId self) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  NodeId of = node_unwrap(t, node_field(t, e, FIELD_OBJECT)), stores[STORES_READ];
  if (!node_is(t, e, PY_ATTRIBUTE) || !is_object(m, of, self)) return (Hold){0};
  Str name = node_text(t, node_field(t, e, FIELD_ATTRIBUTE));
  uint32_t count = attribute_stores(m, self_class(m, self), name, stores, STORES_READ);
  for (uint32_t i = 0; i < count && i < STORES_READ; i++) {
    NodeId value = node_unwrap(t, stores[i]);
    if (node_is(t, value, PY_CALL)) return (Hold){HELD_ATTRIBUTE, of, name, false};
  }
  return (Hold){0};
}
