// Functions of this file that get rows, or give them.
#include "semantic/records_internal.h"
#include "semantic/value_internal.h"

// A function that only this file calls, with the places where it does.
typedef struct Callee {
  NodeId definition;
  ScopeId scope;
  bool is_method;             // the first parameter is not among the arguments
  NodeId uses[RECORDS_USES];  // names, or attributes, that stand for it
  uint32_t count;
} Callee;

static bool is_plainly_decorated(Following *f, NodeId definition, bool *is_static) {
  NodeId outer = node_parent(f->t, definition);
  if (!node_is(f->t, outer, PY_DECORATED_DEFINITION)) return true;
  NodeId d = node_first_named(f->t, outer);
  *is_static = str_is(name_of_decorator(f->m, d), "builtins.staticmethod");
  bool is_known =
      *is_static || str_is(name_of_decorator(f->m, d), "builtins.classmethod");
  return is_known && !node_is(f->t, node_next_named(f->t, d), PY_DECORATOR);
}

static bool use_add(Callee *callee, NodeId use) {
  if (callee->count == RECORDS_USES) return false;
  callee->uses[callee->count++] = use;
  return true;
}

static bool method_uses(Following *f, Callee *callee, Str name) {
  for (uint32_t i = value_private_first(f->m, name); i != 0;
       i = f->m->values->private_uses.items[i].next) {
    if (!use_add(callee, f->m->values->private_uses.items[i].attribute)) return false;
  }
  return true;
}

static bool function_uses(Following *f, Callee *callee, NodeId name) {
  BindingId id = binding_of(f->m, name);
  if (!def_ok(binding_only_def(f->m, id))) return false;
  for (RefId r = ref_first(f->m, id); ref_ok(r); r = ref_next(f->m, r)) {
    if (!use_add(callee, ref_get(f->m, r)->node)) return false;
  }
  return true;
}

static bool callee_read(Following *f, NodeId definition, Callee *out) {
  NodeId name = node_field(f->t, definition, FIELD_NAME);
  Str text = node_text(f->t, name);
  bool is_static = false, found = false;
  *out = (Callee){.definition = definition, .scope = scope_of(f->m, definition)};
  ScopeId outer = scope_get(f->m, out->scope)->parent;
  ScopeKind kind = scope_get(f->m, outer)->kind;
  if (!is_plainly_decorated(f, definition, &is_static)) {
    return records_refuse(f, "nobody knows what a decorator does");
  }
  if (kind == SCOPE_CLASS) {
    out->is_method = !is_static;
    found = records_attribute_is_closed(f, text) && method_uses(f, out, text);
  } else {
    bool is_closed = kind == SCOPE_FUNCTION || records_name_is_closed(f, text);
    found = is_closed && function_uses(f, out, name);
  }
  return (found && out->count > 0) || records_refuse(f, "other code may call it");
}

static NodeId call_of(Following *f, NodeId use) {
  NodeId e = node_wrap(f->t, use), call = node_parent(f->t, e);
  return place_of(f->t, e).kind == PLACE_CALLEE ? call : NO_NODE;
}

// --- parameters ----------------------------------------------------------------------

// The function or method of this file that a call runs; NO_NODE.
static NodeId definition_called(Following *f, NodeId call) {
  NodeId callee = node_unwrap(f->t, call_callee(f->m, call));
  if (node_is(f->t, callee, PY_IDENTIFIER)) {
    const Def *d = def_get(f->m, binding_only_def(f->m, binding_of(f->m, callee)));
    return d->kind == DEF_FUNCTION ? d->value : NO_NODE;
  }
  if (!node_is(f->t, callee, PY_ATTRIBUTE)) return NO_NODE;
  NodeId object = node_unwrap(f->t, node_field(f->t, callee, FIELD_OBJECT));
  NodeId owner = class_of_self(f->m, object);
  if (!node_ok(owner)) return NO_NODE;
  return class_method(f->m, owner,
                      node_text(f->t, node_field(f->t, callee, FIELD_ATTRIBUTE)));
}

// Every call has to give the parameter at `index` something of the shape.
static bool arguments_owe(Following *f, const Callee *callee, uint32_t index,
                          const char *keyword, Shape shape) {
  for (uint32_t i = 0; i < callee->count; i++) {
    NodeId call = call_of(f, callee->uses[i]), value = NO_NODE;
    if (!node_ok(call)) return records_refuse(f, "the function is handed on");
    ArgState state = call_argument(f->m, call, index, keyword, &value);
    if (state == ARG_UNKNOWN) return records_refuse(f, "its arguments are hidden");
    if (state == ARG_PRESENT && !records_owe(f, value, shape)) return false;
  }
  return true;
}

static bool parameter_bind(Following *f, DefId parameter, Shape shape) {
  const Def *d = def_get(f->m, parameter);
  if (!def_ok(parameter) || (d->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) {
    return records_refuse(f, "its arguments are hidden");
  }
  map_put(&f->given, parameter.i, shape + 1);
  return records_bind_def(f, parameter, shape);
}

static DefId parameter_named(Following *f, ScopeId function, Str name,
                             uint32_t *index) {
  for (uint32_t i = 0; i < scope_parameter_count(f->m, function); i++) {
    DefId d = scope_parameter(f->m, function, i);
    *index = i;
    if (str_eq(binding_name(f->m, def_get(f->m, d)->binding), name)) return d;
  }
  return (DefId){0};
}

bool records_as_parameter(Following *f, Place p, Shape shape) {
  Callee callee;
  NodeId definition = definition_called(f, p.node);
  if (!node_ok(definition)) return records_refuse(f, "it is handed to other code");
  if (!callee_read(f, definition, &callee)) return false;
  uint32_t shift = callee.is_method ? 1 : 0, index = 0;
  DefId parameter = {0};
  if (node_is(f->t, p.argument, PY_KEYWORD_ARGUMENT)) {
    Str name = node_text(f->t, node_field(f->t, p.argument, FIELD_NAME));
    parameter = parameter_named(f, callee.scope, name, &index);
  } else {
    uint32_t position = place_argument_position(f->t, p.argument);
    if (position != PLACE_NO_POSITION) {
      index = position + shift;
      parameter = scope_parameter(f->m, callee.scope, index);
    }
  }
  if (!def_ok(parameter) || index < shift) {
    return records_refuse(f, "its arguments are hidden");
  }
  BindingId id = def_get(f->m, parameter)->binding;
  const char *keyword = str_cstr_in(f->m->arena, binding_name(f->m, id));
  return parameter_bind(f, parameter, shape) &&
         arguments_owe(f, &callee, index - shift, keyword, shape);
}

// --- key functions -------------------------------------------------------------------

// `operator.itemgetter("size", "name")`
static bool getter_asks(Following *f, NodeId call, Shape shape) {
  NodeId list = node_field(f->t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(f->t, list); node_ok(a);
       a = node_next_named(f->t, a)) {
    int64_t index = 1;
    bool is_key =
        shape_top(shape) == PAIR && constant_int(f->m, a, &index) && index == 0;
    if (is_key) continue;
    if (shape != ROW || !record_has_key(f, a)) {
      return records_refuse(f, "another key is asked for");
    }
  }
  return true;
}

bool records_key_function(Following *f, NodeId function, Shape shape) {
  NodeId e = name_value(f->m, function);
  if (node_is(f->t, e, PY_CALL) &&
      str_is(name_of_callee(f->m, e), "operator.itemgetter")) {
    return getter_asks(f, e, shape);
  }
  if (node_is(f->t, e, PY_LAMBDA)) {
    if (!node_eq(e, node_unwrap(f->t, function))) {
      return records_refuse(f, "the function is handed on");
    }
    return parameter_bind(f, scope_parameter(f->m, scope_of(f->m, e), 0), shape);
  }
  const Def *d = def_get(f->m, binding_only_def(f->m, binding_of(f->m, e)));
  Callee callee;
  if (!node_is(f->t, e, PY_IDENTIFIER) || d->kind != DEF_FUNCTION ||
      !callee_read(f, d->value, &callee)) {
    return records_refuse(f, "it is handed to other code");
  }
  // Here alone: calls of the same function elsewhere give it other things.
  bool is_only = callee.count == 1 && !callee.is_method;
  return is_only ? parameter_bind(f, scope_parameter(f->m, callee.scope, 0), shape)
                 : records_refuse(f, "the function is handed on");
}

// --- results -------------------------------------------------------------------------

// What else the function returns or yields is of the shape as well, or nothing.
static bool results_owe(Following *f, const Callee *callee, PyKind kind, Shape shape) {
  NodeId body = node_field(f->t, callee->definition, FIELD_BODY);
  uint32_t read = 0;
  for (uint32_t i = body.i; i < node_after(f->t, body); i++) {
    NodeId n = {i}, value = node_first_named(f->t, n);
    if (++read > RECORDS_NODES) return records_refuse(f, "there is too much to follow");
    if (!node_is(f->t, n, kind) || !node_ok(value)) continue;
    ScopeId at = scope_function(f->m, scope_at(f->m, n));
    if (at.i != callee->scope.i) continue;
    if (!records_owe(f, value, shape)) return false;
  }
  return true;
}

bool records_returned(Following *f, NodeId statement, Shape shape) {
  ScopeId scope = scope_function(f->m, scope_at(f->m, statement));
  const Scope *s = scope_get(f->m, scope);
  bool is_yield = node_is(f->t, statement, PY_YIELD);
  bool is_async = (s->flags & SCOPE_IS_ASYNC) != 0;
  Callee callee;
  if (!node_is(f->t, s->node, PY_FUNCTION_DEFINITION) ||
      !callee_read(f, s->node, &callee)) {
    return records_refuse(f, "others get it");
  }
  uint32_t known = map_get(&f->functions, scope.i);
  if (known == shape + 1) return true;
  if (known != 0) return records_refuse(f, "it is something else at times");
  map_put(&f->functions, scope.i, shape + 1);
  f->yields |= is_yield;
  if (!results_owe(f, &callee, is_yield ? PY_YIELD : PY_RETURN_STATEMENT, shape)) {
    return false;
  }
  Shape given = is_yield ? shape_in(SEQUENCE, shape) : shape;
  for (uint32_t i = 0; i < callee.count; i++) {
    NodeId call = call_of(f, callee.uses[i]);
    if (!node_ok(call)) return records_refuse(f, "the function is handed on");
    NodeId outer = node_parent(f->t, node_wrap(f->t, call));
    bool is_awaited = node_is(f->t, outer, PY_AWAIT);
    if (is_async && !is_yield && !is_awaited)
      return records_refuse(f, "it is not awaited");
    if (!records_follow(f, is_async && !is_yield ? outer : call, given)) return false;
  }
  return true;
}
