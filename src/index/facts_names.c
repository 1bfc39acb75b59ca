#include "index/facts_internal.h"
#include "semantic/classes.h"

NodeId decorated_of(const Tree *t, NodeId definition) {
  NodeId p = node_parent(t, definition);
  return node_is(t, p, PY_DECORATED_DEFINITION) ? p : NO_NODE;
}

// What the first parameter of a method stands for.
static uint8_t receiver_of(FactsBuilder *b, ScopeId function, DefId *receiver) {
  const Scope *s = scope_get(b->m, function);
  if (s->kind != SCOPE_FUNCTION || !scope_ok(scope_class_of_method(b->m, function))) {
    return RECEIVER_NONE;
  }
  MethodKind kind = method_kind(b->m, s->node);
  if (kind != METHOD_INSTANCE && kind != METHOD_CLASS) return RECEIVER_NONE;
  DefId first = scope_parameter(b->m, function, 0);
  const Def *d = def_get(b->m, first);
  if (!def_ok(first) || (d->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) {
    return RECEIVER_NONE;
  }
  if (!def_ok(binding_only_def(b->m, d->binding))) return RECEIVER_ODD;
  *receiver = first;
  return kind == METHOD_CLASS ? RECEIVER_CLS : RECEIVER_SELF;
}

static Str scope_part(FactsBuilder *b, const Scope *s) {
  if (s->kind == SCOPE_LAMBDA) return STR("<lambda>");
  return sym_str(&b->m->names_interner, s->name);
}

void names_prepare(FactsBuilder *b) {
  uint32_t count = scope_count(b->m);
  b->scope_names = arena_array(b->arena, FactText, count);
  b->qualified = arena_array(b->arena, FactText, count);
  b->receivers = arena_array(b->arena, uint8_t, count);
  b->releases = arena_array(b->arena, uint8_t, count);
  b->receiver_defs = arena_array(b->arena, DefId, count);
  for (uint32_t i = 2; i < count; i++) {
    const Scope *s = scope_get(b->m, (ScopeId){i});
    Str owner = scope_name(b, s->parent);
    if (s->kind == SCOPE_COMPREHENSION || s->kind == SCOPE_TYPE_PARAMS) {
      b->scope_names[i] = b->scope_names[s->parent.i];
      continue;
    }
    ScopeId around = s->parent;
    while (scope_get(b->m, around)->kind == SCOPE_TYPE_PARAMS) {
      around = scope_get(b->m, around)->parent;
    }
    ScopeKind kind = scope_get(b->m, around)->kind;
    const char *between =
        kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA || kind == SCOPE_COMPREHENSION
            ? ".<locals>."
            : ".";
    b->scope_names[i] = text_join(b, owner, between, scope_part(b, s));
    b->receivers[i] = receiver_of(b, (ScopeId){i}, &b->receiver_defs[i]);
  }
}

Str scope_name(const FactsBuilder *b, ScopeId s) {
  return sym_str(&b->texts, (Sym){b->scope_names[s.i].i});
}

FactText scope_caller(FactsBuilder *b, NodeId node) {
  return b->scope_names[scope_function(b->m, scope_at(b->m, node)).i];
}

FactText scope_qualified(FactsBuilder *b, ScopeId s) {
  FactText *known = &b->qualified[s.i];
  if (known->i == 0) *known = text_join(b, b->module, ".", scope_name(b, s));
  return *known;
}

ScopeId class_named(FactsBuilder *b, NodeId expression) {
  NodeId n = node_unwrap(b->t, expression);
  if (!node_is(b->t, n, PY_IDENTIFIER)) return (ScopeId){0};
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  return d->kind == DEF_CLASS ? scope_of(b->m, d->value) : (ScopeId){0};
}

ScopeId function_named(FactsBuilder *b, NodeId expression) {
  NodeId n = node_unwrap(b->t, expression);
  if (!node_is(b->t, n, PY_IDENTIFIER)) return (ScopeId){0};
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  return d->kind == DEF_FUNCTION ? scope_of(b->m, d->value) : (ScopeId){0};
}

// `type(self)` and `self.__class__` stand for the class.
static NodeId class_expression(FactsBuilder *b, NodeId n) {
  const Tree *t = b->t;
  if (node_is(t, n, PY_ATTRIBUTE) &&
      node_text_is(t, node_field(t, n, FIELD_ATTRIBUTE), "__class__")) {
    return node_unwrap(t, node_field(t, n, FIELD_OBJECT));
  }
  if (node_is(t, n, PY_CALL) &&
      node_text_is(t, node_field(t, n, FIELD_FUNCTION), "type") &&
      call_positional_count(b->m, n) == 1) {
    return node_unwrap(t, node_first_named(t, node_field(t, n, FIELD_ARGUMENTS)));
  }
  return NO_NODE;
}

// `self = super().__new__(cls, …)`, `made = object.__new__(cls)`.
static bool is_new_of(FactsBuilder *b, const Binding *binding, DefId cls) {
  const Tree *t = b->t;
  if (binding->first_def.i == 0) return false;
  const Def *d = def_get(b->m, binding->first_def);
  bool is_only = def_ok(binding_only_def(b->m, d->binding));
  NodeId call = node_unwrap(t, d->value);
  if (!is_only || d->kind != DEF_ASSIGN || !node_is(t, call, PY_CALL)) return false;
  NodeId callee = node_field(t, call, FIELD_FUNCTION);
  if (!node_is(t, callee, PY_ATTRIBUTE) ||
      !node_text_is(t, node_field(t, callee, FIELD_ATTRIBUTE), "__new__")) {
    return false;
  }
  NodeId made = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  made = node_unwrap(t, made);
  return node_is(t, made, PY_IDENTIFIER) &&
         binding_of(b->m, made).i == def_get(b->m, cls)->binding.i;
}

ScopeId class_of_receiver(FactsBuilder *b, NodeId expression, uint32_t *via) {
  NodeId n = node_unwrap(b->t, expression);
  NodeId inner = class_expression(b, n);
  bool through_class = node_ok(inner);
  if (through_class) n = inner;
  if (!node_is(b->t, n, PY_IDENTIFIER)) return (ScopeId){0};
  const Binding *binding = binding_get(b->m, binding_of(b->m, n));
  uint8_t receiver = b->receivers[binding->scope.i];
  if (receiver != RECEIVER_SELF && receiver != RECEIVER_CLS) return (ScopeId){0};
  DefId first = b->receiver_defs[binding->scope.i];
  bool is_self = receiver == RECEIVER_SELF;
  if (first.i != binding->first_def.i) {
    if (is_self || !is_new_of(b, binding, first)) return (ScopeId){0};
    is_self = true;
  }
  *via = is_self && !through_class ? OPERATION_VIA_SELF : OPERATION_VIA_CLS;
  return scope_class_of_method(b->m, binding->scope);
}

Str qualified_of(FactsBuilder *b, NodeId expression) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, expression);
  if (node_is(t, n, PY_IDENTIFIER)) {
    const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
    if (d->kind == DEF_CLASS || d->kind == DEF_FUNCTION) {
      ScopeId s = scope_of(b->m, d->value);
      return sym_str(&b->texts, (Sym){scope_qualified(b, s).i});
    }
  } else if (node_is(t, n, PY_ATTRIBUTE)) {
    uint32_t via = 0;
    ScopeId owner = class_of_receiver(b, node_field(t, n, FIELD_OBJECT), &via);
    if (scope_ok(owner)) {
      Str class_name = sym_str(&b->texts, (Sym){scope_qualified(b, owner).i});
      FactText joined = text_join(b, class_name, ".",
                                  node_text(t, node_field(t, n, FIELD_ATTRIBUTE)));
      return sym_str(&b->texts, (Sym){joined.i});
    }
  }
  return name_of(b->m, n);
}

FactText mangled_of(FactsBuilder *b, NodeId place, Str name) {
  bool is_private = str_starts(name, STR("__")) && !str_ends(name, STR("__"));
  if (!is_private) return text_of(b, name);
  ScopeId s = scope_at(b->m, place);
  while (scope_ok(s) && scope_get(b->m, s)->kind != SCOPE_CLASS) {
    s = scope_get(b->m, s)->parent;
  }
  Str owner = scope_part(b, scope_get(b->m, s));
  while (owner.n > 0 && owner.p[0] == '_') owner = str_slice(owner, 1, owner.n);
  if (owner.n == 0) return text_of(b, name);
  return text_of(b,
                 str_printf_in(b->arena, "_%.*s%.*s", STR_ARGS(owner), STR_ARGS(name)));
}
