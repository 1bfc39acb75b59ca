#include "semantic/effect_internal.h"

enum { FRESH_UNASKED, FRESH_NO, FRESH_YES };
enum { FRESH_DEFS = 32 };  // a name with more definitions counts as not fresh

// --- whose object it is --------------------------------------------------------------

static bool call_is_fresh(Model *m, NodeId call) {
  Value v = value_of(m, call);
  if (v.flags & VALUE_FRESH) return true;
  if (value_is_scalar(v) || value_is_text(v)) return true;
  bool known = false;
  NodeId callee = node_field(m->tree, call, FIELD_FUNCTION);
  if (callee_is_tuple_type(m, callee)) return true;
  NodeId class_node = callee_class(m, callee);
  if (!node_ok(class_node)) return false;
  class_initialiser(m, class_node, &known);
  return known;
}

bool expression_is_fresh(Model *m, NodeId expression) {
  NodeId e = node_unwrap(m->tree, expression);
  switch (node_kind(m->tree, e)) {
    case PY_LIST:
    case PY_TUPLE:
    case PY_EXPRESSION_LIST:
    case PY_SET:
    case PY_DICTIONARY:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_LAMBDA:
    case PY_STRING:
    case PY_CONCATENATED_STRING:
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL:
    case PY_BINARY_OPERATOR:
    case PY_UNARY_OPERATOR:
    case PY_COMPARISON_OPERATOR:
    case PY_NOT_OPERATOR: return true;
    case PY_CALL: return call_is_fresh(m, e);
    default: return false;
  }
}

static bool def_is_fresh(Model *m, const Def *def) {
  switch (def->kind) {
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS:
    case DEF_WITH:
      if (def->flags & DEF_UNPACKED) return false;
      if (!node_ok(def->value)) return def->kind == DEF_ANNOTATED;
      return expression_is_fresh(m, def->value);
    case DEF_AUGMENTED:  // in place, or a new object
    case DEF_DELETE: return true;
    default: return false;
  }
}

static bool binding_is_fresh(Model *m, BindingId binding) {
  const Binding *b = binding_get(m, binding);
  ScopeKind kind = scope_get(m, b->scope)->kind;
  if (kind != SCOPE_FUNCTION && kind != SCOPE_LAMBDA) return false;
  if (b->def_count == 0 || b->def_count > FRESH_DEFS) return false;
  if (b->flags & (BIND_PARAMETER | BIND_IN_ERROR)) return false;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (!def_is_fresh(m, def_get(m, d))) return false;
  }
  return true;
}

bool name_is_fresh(Model *m, NodeId identifier) {
  if (!node_is(m->tree, identifier, PY_IDENTIFIER)) return false;
  BindingId binding = binding_of(m, identifier);
  if (!binding_ok(binding)) return false;
  // A closure's variable outlives the call that reads it.
  ScopeId reader = scope_function(m, scope_at(m, identifier));
  if (scope_function(m, binding_get(m, binding)->scope).i != reader.i) return false;
  uint8_t *kept = &effects_of(m)->fresh[binding.i];
  if (*kept == FRESH_UNASKED) {
    *kept = FRESH_NO;  // asked again below this question, it is not
    *kept = binding_is_fresh(m, binding) ? FRESH_YES : FRESH_NO;
  }
  return *kept == FRESH_YES;
}

bool name_is_self(Model *m, NodeId identifier) {
  if (!node_is(m->tree, identifier, PY_IDENTIFIER)) return false;
  ScopeId function = scope_function(m, scope_at(m, identifier));
  if (!scope_ok(scope_class_of_method(m, function))) return false;
  BindingId binding = binding_of(m, identifier);
  DefId first = scope_parameter(m, function, 0);
  return binding_ok(binding) && def_ok(first) &&
         def_get(m, first)->binding.i == binding.i;
}

// --- stores --------------------------------------------------------------------------

static bool is_stored(Place p) {
  return p.kind == PLACE_TARGET || p.kind == PLACE_UPDATED || p.kind == PLACE_DELETED;
}

static EffectSet store_effect(Model *m, NodeId target, NodeId object) {
  if (!is_stored(place_of(m->tree, target))) return 0;
  NodeId owner = node_unwrap(m->tree, object);
  if (name_is_fresh(m, owner)) return EFFECT_LOCAL_STORES;
  if (node_is(m->tree, target, PY_ATTRIBUTE) && name_is_self(m, owner)) {
    return EFFECT_SELF_STORES;
  }
  return EFFECT_STORES;
}

// Binding a name is visible outside where the variable is a global or another scope's.
static EffectSet name_effect(Model *m, NodeId identifier) {
  DefId d = def_at(m, identifier);
  if (!def_ok(d)) {
    bool cell = node_role(m->tree, identifier) != FIELD_ATTRIBUTE &&
                node_text_is(m->tree, identifier, "__class__");
    return cell ? EFFECT_SUPER : 0;
  }
  const Def *def = def_get(m, d);
  if (def->kind == DEF_COMPREHENSION || def->kind == DEF_PARAMETER) return 0;
  const Binding *b = binding_get(m, def->binding);
  ScopeKind kind = scope_get(m, b->scope)->kind;
  if (kind == SCOPE_MODULE) return EFFECT_STORES;
  if (kind == SCOPE_CLASS || def->kind == DEF_WALRUS) return 0;
  ScopeId here = scope_function(m, def->scope);
  if (scope_function(m, b->scope).i != here.i) return EFFECT_STORES;
  if (def->kind != DEF_AUGMENTED || name_is_fresh(m, identifier)) return 0;
  Value v = value_of(m, identifier);
  bool replaced = value_is_scalar(v) || value_is_text(v) || v.kind == VALUE_TUPLE ||
                  value_is_text(value_of(m, def->value));  // text += "!"
  return replaced ? 0 : EFFECT_STORES;
}

// --- iteration -----------------------------------------------------------------------

EffectSet consume_effect(Model *m, NodeId iterated) {
  NodeId e = node_unwrap(m->tree, iterated);
  PyKind kind = node_kind(m->tree, e);
  if (kind != PY_IDENTIFIER && kind != PY_ATTRIBUTE && kind != PY_SUBSCRIPT) return 0;
  if (!value_is_iterator(value_of(m, e))) return 0;
  return name_is_fresh(m, e) ? EFFECT_LOCAL_CONSUMES : EFFECT_CONSUMES;
}

static EffectSet iteration_effect(Model *m, NodeId node) {
  const Tree *t = m->tree;
  EffectSet effects = consume_effect(m, node_field(t, node, FIELD_RIGHT));
  if (node_ok(node_child(t, node, PY_KW_ASYNC))) {
    effects |= EFFECT_AWAITS | EFFECT_MAY_RAISE;
  }
  return effects;
}

static EffectSet splat_effect(Model *m, NodeId splat) {
  return EFFECT_MAY_RAISE | consume_effect(m, node_first_named(m->tree, splat));
}

static EffectSet yield_effect(Model *m, NodeId yield) {
  EffectSet effects = EFFECT_YIELDS | EFFECT_MAY_RAISE;
  if (!node_ok(node_child(m->tree, yield, PY_KW_FROM))) return effects;
  return effects | consume_effect(m, node_first_named(m->tree, yield));
}

// --- statements ----------------------------------------------------------------------

// Entering and leaving: files, locks and what the tables know are harmless or act.
static EffectSet entered_effect(Model *m, NodeId item) {
  const Tree *t = m->tree;
  NodeId e = node_field(t, item, FIELD_VALUE);
  if (node_is(t, e, PY_TUPLE)) e = node_first_named(t, e);
  if (node_is(t, e, PY_AS_PATTERN)) e = node_first_named(t, e);
  e = node_unwrap(t, e);
  if (node_is(t, e, PY_CALL)) {
    if (call_open(m, e) != NULL || call_is_pure(m, e)) return EFFECT_MAY_RAISE;
  }
  Value v = value_of(m, e);
  if (value_is_file(v)) return name_is_fresh(m, e) ? 0 : EFFECT_ACTS;
  if (!value_is_known(v) || v.kind == VALUE_INSTANCE || v.kind == VALUE_MANAGER) {
    return EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_MAY_RAISE;
  }
  return EFFECT_ACTS | EFFECT_MAY_RAISE;
}

static EffectSet with_effect(Model *m, NodeId with) {
  bool waits = node_ok(node_child(m->tree, with, PY_KW_ASYNC));
  return waits ? EFFECT_AWAITS | EFFECT_MAY_RAISE : 0;
}

static EffectSet raise_effect(Model *m, NodeId raise) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, node_first_named(t, raise));
  NodeId type = node_is(t, e, PY_CALL) ? node_field(t, e, FIELD_FUNCTION) : e;
  bool stops = name_is(m, type, "builtins.StopIteration");
  return stops ? EFFECT_MAY_RAISE | EFFECT_NEXT : EFFECT_MAY_RAISE;
}

// A class statement runs its metaclass, `__init_subclass__` and `__set_name__`.
static EffectSet class_effect(Model *m, NodeId class_node) {
  NodeId bases = node_field(m->tree, class_node, FIELD_SUPERCLASSES);
  for (NodeId b = node_first_named(m->tree, bases); node_ok(b);
       b = node_next_named(m->tree, b)) {
    if (base_fact(m, b) == NULL) return EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN;
  }
  return 0;
}

static EffectSet pair_effect(const Tree *t, NodeId pair) {
  NodeId key = node_unwrap(t, node_field(t, pair, FIELD_KEY));
  switch (node_kind(t, key)) {
    case PY_STRING:
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL: return 0;
    default: return EFFECT_MAY_RAISE;  // it may be unhashable
  }
}

static EffectSet sign_effect(const Tree *t, NodeId unary) {
  PyKind kind = node_kind(t, node_field(t, unary, FIELD_ARGUMENT));
  return kind == PY_INTEGER || kind == PY_FLOAT ? 0 : EFFECT_MAY_RAISE;
}

EffectSet node_effect(Model *m, NodeId n) {
  const Tree *t = m->tree;
  switch (node_kind(t, n)) {
    case PY_IDENTIFIER: return name_effect(m, n);
    case PY_ATTRIBUTE: return store_effect(m, n, node_field(t, n, FIELD_OBJECT));
    case PY_SUBSCRIPT:
      return EFFECT_MAY_RAISE | store_effect(m, n, node_field(t, n, FIELD_VALUE));
    case PY_NAMED_EXPRESSION: return EFFECT_BINDS;
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE: return iteration_effect(m, n);
    case PY_LIST_SPLAT:
    case PY_DICTIONARY_SPLAT: return splat_effect(m, n);
    case PY_WITH_STATEMENT: return with_effect(m, n);
    case PY_WITH_ITEM: return entered_effect(m, n);
    case PY_YIELD: return yield_effect(m, n);
    case PY_AWAIT: return EFFECT_AWAITS | EFFECT_MAY_RAISE;
    case PY_RAISE_STATEMENT: return raise_effect(m, n);
    case PY_CLASS_DEFINITION: return class_effect(m, n);
    case PY_DECORATOR: return EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_MAY_RAISE;
    case PY_PAIR: return pair_effect(t, n);
    case PY_SET:
    case PY_SET_COMPREHENSION:
    case PY_BINARY_OPERATOR:
    case PY_AUGMENTED_ASSIGNMENT:
    case PY_INTERPOLATION:
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_ASSERT_STATEMENT:
    case PY_IMPORT_STATEMENT:
    case PY_IMPORT_FROM_STATEMENT: return EFFECT_MAY_RAISE;
    case PY_UNARY_OPERATOR: return sign_effect(t, n);
    case PY_PRINT_STATEMENT: return EFFECT_ACTS | EFFECT_MAY_RAISE;
    case PY_EXEC_STATEMENT:
    case PY_ERROR: return EFFECT_ANYTHING | EFFECT_LOCALS;
    default: return 0;
  }
}
