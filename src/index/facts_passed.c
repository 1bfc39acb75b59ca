// The function that a container is passed to, where its name tells.

#include "index/facts_internal.h"
#include "semantic/calls.h"

// The class that `super()` in a method goes to, where there is one base.
static Str base_of_super(FactsBuilder *b, NodeId object) {
  const Tree *t = b->t;
  if (!node_is(t, object, PY_CALL)) return STR_NONE;
  if (!str_is(name_of_callee(b->m, object), "builtins.super")) return STR_NONE;
  NodeId owner = context_of(b->m, object).owner;
  NodeId bases = node_field(t, owner, FIELD_SUPERCLASSES), base = NO_NODE;
  for (NodeId n = node_first_named(t, bases); node_ok(n); n = node_next_named(t, n)) {
    if (node_is(t, n, PY_KEYWORD_ARGUMENT)) continue;
    if (node_ok(base)) return STR_NONE;
    base = n;
  }
  return qualified_of(b, base);
}

// `Base.method(self, x)`: what comes behind self is passed as by self.method(x).
static bool is_passed_with_self(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId function = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  Str owner = name_last_part(qualified_of(b, node_field(t, function, FIELD_OBJECT)));
  NodeId self = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  uint32_t via = 0;
  return owner.n > 0 && owner.p[0] >= 'A' && owner.p[0] <= 'Z' &&
         scope_ok(class_of_receiver(b, self, &via)) && via == OPERATION_VIA_SELF;
}

// Adds what it is given to its own object: `self.jobs.append(x)`.
static bool is_adding(FactsBuilder *b, Str method) {
  const MutatorFact *mutator = knowledge_member(
      b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  return mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0 &&
         (mutator->effect & MUTATES_BY_MANY) == 0;
}

static Str top_of(Str name) { return str_slice(name, 0, str_find_byte(name, '.', 0)); }

// `def merge(…): …`, and for some systems `merge = _native.merge` further down.
static bool is_function_of_module(FactsBuilder *b, NodeId callee) {
  if (!node_is(b->t, callee, PY_IDENTIFIER)) return false;
  const Binding *binding = binding_get(b->m, binding_of(b->m, callee));
  return binding->scope.i == MODULE_SCOPE.i && def_ok(binding->first_def) &&
         def_get(b->m, binding->first_def)->kind == DEF_FUNCTION;
}

// A function of another package or of who knows where, or a method that adds to its
// object. Other methods may be any of this package.
bool is_abroad(FactsBuilder *b, NodeId callee) {
  const Tree *t = b->t;
  Str name = qualified_of(b, callee);
  if (name.n != 0) return !str_eq(top_of(name), top_of(b->module));
  if (is_function_of_module(b, callee)) return false;
  if (!node_is(t, callee, PY_ATTRIBUTE)) return true;
  return is_adding(b, node_text(t, node_field(t, callee, FIELD_ATTRIBUTE)));
}

// The function or method of this file that is called, or {0}.
static ScopeId called_here(FactsBuilder *b, NodeId function, bool *is_bound) {
  const Tree *t = b->t;
  uint32_t via = 0;
  *is_bound = false;
  if (node_is(t, function, PY_IDENTIFIER)) return function_named(b, function);
  if (!node_is(t, function, PY_ATTRIBUTE)) return (ScopeId){0};
  ScopeId owner = class_of_receiver(b, node_field(t, function, FIELD_OBJECT), &via);
  if (!scope_ok(owner) || via != OPERATION_VIA_SELF) return (ScopeId){0};
  Str name = node_text(t, node_field(t, function, FIELD_ATTRIBUTE));
  const Def *d = def_get(b->m, binding_only_def(b->m, scope_lookup(b->m, owner, name)));
  if (d->kind != DEF_FUNCTION) return (ScopeId){0};
  ScopeId found = scope_of(b->m, d->value);
  *is_bound = b->receivers[found.i] != RECEIVER_NONE;
  return found;
}

// `self.draw(array=x)`: at which position of a function of this file; UINT32_MAX if that
// is not known.
static uint32_t keyword_position(FactsBuilder *b, NodeId function, NodeId argument) {
  const Tree *t = b->t;
  NodeId keyword = node_parent(t, node_wrap(t, argument));
  bool is_bound = false;
  if (!node_is(t, keyword, PY_KEYWORD_ARGUMENT)) return UINT32_MAX;
  ScopeId called = called_here(b, function, &is_bound);
  if (!scope_ok(called)) return UINT32_MAX;
  Str name = node_text(t, node_field(t, keyword, FIELD_NAME));
  uint32_t count = scope_parameter_count(b->m, called);
  for (uint32_t i = is_bound ? 1 : 0; i < count; i++) {
    const Def *d = def_get(b->m, scope_parameter(b->m, called, i));
    if (str_eq(binding_name(b->m, d->binding), name)) return i - (is_bound ? 1 : 0);
  }
  return UINT32_MAX;
}

// The function that gets the argument, and at which position. Of a method of who knows
// what there is the name, `.method`.
Operation passed_operation(FactsBuilder *b, NodeId call, NodeId argument,
                           Operation op) {
  const Tree *t = b->t;
  NodeId function = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  if (op.argument == UINT32_MAX) op.argument = keyword_position(b, function, argument);
  Str base = base_of_super(b, node_unwrap(t, node_field(t, function, FIELD_OBJECT)));
  Str method = node_text(t, node_field(t, function, FIELD_ATTRIBUTE));
  op.callee = base.n != 0 ? text_join(b, base, ".", method)
                          : text_of(b, qualified_of(b, function));
  bool is_behind_self = op.argument > 0 && op.argument < ARGUMENT_PACKED;
  if (is_behind_self && is_passed_with_self(b, call)) op.argument--;
  if (op.callee.i == 0 && !is_abroad(b, function)) {
    op.callee = is_function_of_module(b, function)
                    ? text_join(b, b->module, ".", node_text(t, function))
                    : text_join(b, STR("."), "", method);
  }
  op.kind = op.callee.i != 0 ? OPERATION_PASS : OPERATION_ESCAPE;
  return op;
}
