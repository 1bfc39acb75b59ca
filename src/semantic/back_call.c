#include "semantic/back_internal.h"
#include "semantic/effect_internal.h"

// --- calls ---------------------------------------------------------------------------

NodeId back_elements(const Tree *t, NodeId expression) {
  NodeId n = node_unwrap(t, expression);
  switch (node_kind(t, n)) {
    case PY_LIST:
    case PY_TUPLE:
    case PY_SET:
    case PY_DICTIONARY:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION: return n;
    case PY_GENERATOR_EXPRESSION: return node_field(t, n, FIELD_BODY);
    default: return NO_NODE;
  }
}

// `f(x for x in y)` has no list of arguments.
static NodeId first_argument(const Tree *t, NodeId call) {
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  return node_is(t, list, PY_GENERATOR_EXPRESSION) ? list : node_first_named(t, list);
}

static NodeId next_argument(const Tree *t, NodeId argument) {
  bool is_alone = node_role(t, argument) == FIELD_ARGUMENTS;
  return is_alone ? NO_NODE : node_next_named(t, argument);
}

static NodeId argument_value(const Tree *t, NodeId argument) {
  bool is_keyword = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  return is_keyword ? node_field(t, argument, FIELD_VALUE) : argument;
}

static bool may_be_weak(Model *m, const HoldFact *fact, NodeId call) {
  NodeId weak = NO_NODE;
  bool value = false;
  if ((fact->flags & HOLDS_UNLESS_WEAK) == 0) return false;
  switch (call_argument(m, call, CALL_NO_POSITION, "weak", &weak)) {
    case ARG_ABSENT: return false;
    case ARG_PRESENT: return !constant_bool(m, weak, &value) || value;
    default: return true;
  }
}

static Back find_in_holder(BackSearch *s, NodeId call, const HoldFact *fact,
                           uint32_t depth) {
  const Tree *t = s->m->tree;
  if (may_be_weak(s->m, fact, call)) return back_none();
  int32_t position = 0;
  bool of_elements = (fact->flags & HOLDS_ELEMENTS) != 0;
  for (NodeId a = first_argument(t, call); node_ok(a);
       a = next_argument(t, a), position++) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    bool is_among = position >= fact->first &&
                    (fact->count < 0 || position < fact->first + fact->count);
    if (!is_keyword && !is_among) continue;
    NodeId value = argument_value(t, a);
    if (of_elements && !is_keyword) value = back_elements(t, value);
    if (!node_ok(value)) continue;
    Back back = back_find(s, value, depth - 1);
    if (!back_is_found(back)) continue;
    back.is_in_partial = back.is_in_partial || !of_elements;
    return back;
  }
  return back_none();
}

// The generator that a call gives holds what it is called with, and is called on.
static Back find_in_generator(BackSearch *s, NodeId call, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  NodeId callee = node_unwrap(t, call_callee(m, call));
  NodeId function = NO_NODE, mention = NO_NODE;
  if (node_is(t, callee, PY_IDENTIFIER)) {
    function = scope_get(m, callee_function(m, callee))->node;
  } else if (node_is(t, callee, PY_ATTRIBUTE) && node_ok(s->owner.class_node)) {
    NodeId object = node_unwrap(t, node_field(t, callee, FIELD_OBJECT));
    Str name = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
    if (binding_of(m, object).i != s->owner.variable.i) return back_none();
    BindingId binding = scope_lookup(m, scope_of(m, s->owner.class_node), name);
    const Def *def = def_get(m, binding_only_def(m, binding));
    bool is_method = def->kind == DEF_FUNCTION && function_is_bound(m, def->value);
    if (is_method) function = def->value;
    mention = object;
  }
  uint32_t flags = scope_get(m, scope_of(m, function))->flags;
  if (!node_is(t, function, PY_FUNCTION_DEFINITION) ||
      (flags & SCOPE_IS_GENERATOR) == 0 || !function_is_plain(m, function)) {
    return back_none();
  }
  if (node_ok(mention)) {
    return (Back){.kind = BACK_GENERATOR, .node = call, .mention = mention};
  }
  for (NodeId a = first_argument(t, call); node_ok(a); a = next_argument(t, a)) {
    Back back = back_find(s, argument_value(t, a), depth - 1);
    if (back.kind != BACK_ITSELF || node_ok(back.call)) continue;
    back.kind = BACK_GENERATOR;
    back.node = call;
    return back;
  }
  return back_none();
}

static Back find_in_arguments(BackSearch *s, NodeId list, uint32_t depth) {
  const Tree *t = s->m->tree;
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return back_none();
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    Back maybe = s->maybe;
    Back back = back_find(s, argument_value(t, a), depth - 1);
    bool is_new =
        !back_is_found(back) && !back_is_found(maybe) && back_is_found(s->maybe);
    if (!back_is_found(back) && !is_new) continue;
    Back *one = is_new ? &s->maybe : &back;
    if (node_ok(one->call)) {  // two of them know too little together
      if (is_new) s->maybe = back_none();
      continue;
    }
    one->call = node_parent(t, list);
    one->argument = a;
    if (!is_new) return back;
  }
  return back_none();
}

// `self.Node(self)`: a class in the body of the owner's.
static bool is_nested_class(BackSearch *s, NodeId callee) {
  Model *m = s->m;
  NodeId object = node_unwrap(m->tree, node_field(m->tree, callee, FIELD_OBJECT));
  if (!node_ok(s->owner.class_node) || binding_of(m, object).i != s->owner.variable.i) {
    return false;
  }
  Str name = node_text(m->tree, node_field(m->tree, callee, FIELD_ATTRIBUTE));
  BindingId binding = scope_lookup(m, scope_of(m, s->owner.class_node), name);
  return def_get(m, binding_only_def(m, binding))->kind == DEF_CLASS;
}

// Whoever is named as a class, and what is neither of the library nor a plain function of
// this file.
static bool may_be_class(BackSearch *s, NodeId callee) {
  Model *m = s->m;
  callee = node_unwrap(m->tree, callee);
  bool is_attribute = node_is(m->tree, callee, PY_ATTRIBUTE);
  if (!is_attribute && !node_is(m->tree, callee, PY_IDENTIFIER)) return false;
  if (is_attribute && is_nested_class(s, callee)) return true;
  return !scope_ok(callee_function(m, callee)) && name_of(m, callee).n != 0;
}

Back back_find_in_call(BackSearch *s, NodeId call, uint32_t depth) {
  Model *m = s->m;
  const HoldFact *fact =
      knowledge_holds(m->options.knowledge, name_of(m, call_callee(m, call)));
  if (fact != NULL) return find_in_holder(s, call, fact, depth);
  NodeId list = node_field(m->tree, call, FIELD_ARGUMENTS);
  if (callee_is_tuple_type(m, call_callee(m, call))) {
    Back back = find_in_arguments(s, list, depth);
    back.call = back.argument = NO_NODE;
    return back;
  }
  Back back = find_in_generator(s, call, depth);
  if (back_is_found(back) || !may_be_class(s, call_callee(m, call))) return back;
  return find_in_arguments(s, list, depth);
}
