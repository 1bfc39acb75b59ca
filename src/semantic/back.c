#include "semantic/back.h"

#include "semantic/back_internal.h"
#include "semantic/context.h"
#include "semantic/effect_internal.h"

enum { NODES_READ = 4096 };

static Back find_in_closure(BackSearch *s, ScopeId closure, uint32_t depth);

// --- methods -------------------------------------------------------------------------

static Back found_method(BackSearch *s, NodeId attribute, NodeId mention) {
  Str name = node_text(s->m->tree, node_field(s->m->tree, attribute, FIELD_ATTRIBUTE));
  Back back = {
      .kind = BACK_METHOD, .node = attribute, .mention = mention, .method = name};
  bool is_special = str_starts(name, STR("__")) && str_ends(name, STR("__"));
  Answer answer = is_special ? ANSWER_NO
                  : node_ok(s->owner.class_node)
                      ? class_binds_method(s->m, s->owner.class_node, name)
                      : ANSWER_UNKNOWN;
  back.is_uncertain = answer == ANSWER_UNKNOWN;
  if (back.is_uncertain && !back_is_found(s->maybe)) s->maybe = back;
  return answer == ANSWER_YES ? back : back_none();
}

// --- names ---------------------------------------------------------------------------

static bool is_of_function(Model *m, BindingId binding) {
  ScopeKind kind = scope_get(m, binding_get(m, binding)->scope)->kind;
  return kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA;
}

// The variable stands for something else by the time that a closure over it runs.
static bool is_rebound_later(BackSearch *s) {
  Model *m = s->m;
  for (DefId d = def_first(m, s->owner.variable); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (def->kind == DEF_PARAMETER) continue;
    if (!node_ok(s->owner.at) || flow_reaches(m, s->owner.at, def->node) != ANSWER_NO) {
      return true;
    }
  }
  return false;
}

// The other variable got its value since the owner's was bound, each time.
static bool is_same_object(BackSearch *s) {
  Model *m = s->m;
  if (!node_ok(s->alias)) return true;
  for (DefId d = def_first(m, s->owner.variable); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (def->kind == DEF_PARAMETER) continue;
    if (!node_ok(s->owner.at) ||
        flow_reaches_avoiding(m, def->node, s->owner.at, &s->alias, 1) != ANSWER_NO) {
      return false;
    }
  }
  return true;
}

static Back find_in_value(BackSearch *s, const Def *def, NodeId value, uint32_t depth) {
  NodeId alias = s->alias;
  if (!node_ok(alias)) s->alias = def->node;
  Back back = back_find(s, value, depth - 1);
  s->alias = alias;
  return back;
}

static Back find_in_def(BackSearch *s, const Def *def, NodeId name, uint32_t depth) {
  Model *m = s->m;
  if (def->kind == DEF_FUNCTION) {
    if (!function_is_plain(m, def->value)) return back_none();
    Back back = find_in_closure(s, scope_of(m, def->value), depth);
    if (back_is_found(back)) {
      back.kind = BACK_FUNCTION;
      back.node = name;
    }
    return back;
  }
  bool is_plain =
      def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED || def->kind == DEF_WALRUS;
  if (!is_plain) return back_none();
  NodeId value = def->flags == 0              ? def->value
                 : def->flags == DEF_UNPACKED ? unpacked_part(m->tree, def)
                                              : NO_NODE;
  return node_ok(value) ? find_in_value(s, def, value, depth) : back_none();
}

// What a variable of a function may stand for: where it is read in the same scope, by the
// definitions that reach it.
static Back find_in_variable(BackSearch *s, NodeId name, BindingId variable,
                             uint32_t depth) {
  Model *m = s->m;
  RefId ref = ref_at(m, name);
  bool is_here =
      ref_ok(ref) && ref_get(m, ref)->scope.i == binding_get(m, variable)->scope.i;
  DefList reaching = {.unknown = true};
  bool is_rebound = !def_ok(binding_only_def(m, variable));
  if (is_here && is_rebound) reaching = flow_defs_reaching(m, ref);
  for (uint32_t i = 0; !reaching.unknown && i < reaching.count && i < BACK_DEFS; i++) {
    Back back = find_in_def(s, def_get(m, reaching.items[i]), name, depth);
    if (back_is_found(back)) return back;
  }
  if (!reaching.unknown) return back_none();
  uint32_t read = 0;
  for (DefId d = def_first(m, variable); def_ok(d) && read < BACK_DEFS;
       d = def_next(m, d), read++) {
    Back back = find_in_def(s, def_get(m, d), name, depth);
    if (back_is_found(back)) return back;
  }
  return back_none();
}

static Back find_in_name(BackSearch *s, NodeId name, uint32_t depth) {
  BindingId variable = binding_of(s->m, name);
  if (!binding_ok(variable)) return back_none();
  if (variable.i == s->owner.variable.i) {
    if (!is_same_object(s)) return back_none();
    return (Back){.kind = BACK_ITSELF, .node = name, .mention = name};
  }
  if (!is_of_function(s->m, variable)) return back_none();
  return find_in_variable(s, name, variable, depth);
}

// --- closures ------------------------------------------------------------------------

static bool is_evaluated(Model *m, RefId ref) {
  const Ref *mention = ref_get(m, ref);
  return (scope_get(m, mention->scope)->flags & SCOPE_POSTPONED) == 0 &&
         (context_of(m, mention->node).flags & CONTEXT_ANNOTATION) == 0;
}

static Back find_captured(BackSearch *s, ScopeId closure) {
  Model *m = s->m;
  // A variable of its own is none that it captures.
  if (scope_inside(m, binding_get(m, s->owner.variable)->scope, closure))
    return back_none();
  Range range = range_of(m->tree, scope_get(m, closure)->node);
  MentionRun run = mention_refs(m, s->owner.variable, range);
  for (uint32_t i = 0; i < run.count && i < BACK_DEFS; i++) {
    RefId ref = mention_ref(run, i);
    if (!scope_inside(m, ref_get(m, ref)->scope, closure) || !is_evaluated(m, ref))
      continue;
    if (is_rebound_later(s)) return back_none();
    NodeId mention = ref_get(m, ref)->node;
    return (Back){
        .kind = BACK_LAMBDA, .node = scope_get(m, closure)->node, .mention = mention};
  }
  return back_none();
}

// Default values are held as well.
static Back find_in_defaults(BackSearch *s, ScopeId closure, uint32_t depth) {
  Model *m = s->m;
  for (uint32_t i = 0; i < scope_parameter_count(m, closure) && i < BACK_DEFS; i++) {
    const Def *parameter = def_get(m, scope_parameter(m, closure, i));
    if (!node_ok(parameter->value)) continue;
    Back back = back_find(s, parameter->value, depth - 1);
    if (back_is_found(back)) return back;
  }
  return back_none();
}

// What it captures may lead back: a function beside it, a bound method under a name.
static Back find_in_free(BackSearch *s, ScopeId closure, uint32_t depth) {
  Model *m = s->m;
  uint32_t read = 0;
  for (BindingId b = scope_get(m, closure)->first_binding; binding_ok(b);
       b = binding_get(m, b)->next) {
    const Binding *binding = binding_get(m, b);
    if ((binding->flags & BIND_FREE) == 0 || !is_of_function(m, binding->owner))
      continue;
    if (binding->owner.i == s->owner.variable.i) continue;
    if (++read > BACK_DEFS) break;
    DefId first = def_first(m, binding->owner);
    for (uint32_t i = 0; def_ok(first) && i < BACK_DEFS; i++) {
      Back back = find_in_def(s, def_get(m, first), def_get(m, first)->node, depth - 1);
      if (back_is_found(back)) return back;
      first = def_next(m, first);
    }
  }
  return back_none();
}

static Back find_in_closure(BackSearch *s, ScopeId closure, uint32_t depth) {
  if (depth == 0 || s->steps++ > BACK_STEPS || !scope_ok(closure)) return back_none();
  Back back = find_captured(s, closure);
  if (!back_is_found(back)) back = find_in_defaults(s, closure, depth);
  if (!back_is_found(back)) back = find_in_free(s, closure, depth);
  if (back_is_found(back)) {
    back.kind = BACK_LAMBDA;
    back.node = scope_get(s->m, closure)->node;
    back.is_in_partial = false;
  }
  return back;
}

// --- expressions ---------------------------------------------------------------------

static Back find_in_children(BackSearch *s, NodeId e, uint32_t depth) {
  const Tree *t = s->m->tree;
  for (NodeId c = node_first_named(t, e); node_ok(c); c = node_next_named(t, c)) {
    if (s->steps > BACK_STEPS) break;
    Back back = back_find(s, c, depth - 1);
    if (back_is_found(back)) return back;
  }
  return back_none();
}

static Back find_in_conditional(BackSearch *s, NodeId e, uint32_t depth) {
  const Tree *t = s->m->tree;
  Back back = back_find(s, node_named_at(t, e, 0), depth - 1);
  Back other = back_find(s, node_named_at(t, e, 2), depth - 1);
  bool is_both = back_is_found(back) && back_is_found(other);
  if (!back_is_found(back)) back = other;
  back.is_on_branch = back.is_on_branch || !is_both;
  return back;
}

static Back find_in_boolean(BackSearch *s, NodeId e, uint32_t depth) {
  Back back = find_in_children(s, e, depth);
  back.is_on_branch = true;
  return back;
}

// `self.run().__next__` holds the generator.
static bool is_step(Str name) {
  return str_is(name, "__next__") || str_is(name, "send") || str_is(name, "throw") ||
         str_is(name, "close");
}

static Back find_in_attribute(BackSearch *s, NodeId e, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  NodeId object = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
  if (node_is(t, object, PY_IDENTIFIER)) {
    Back whose = find_in_name(s, object, depth > 1 ? 1 : depth);
    if (whose.kind != BACK_ITSELF || node_ok(whose.call)) return back_none();
    return found_method(s, e, object);
  }
  if (!node_is(t, object, PY_CALL)) return back_none();
  if (is_step(node_text(t, node_field(t, e, FIELD_ATTRIBUTE)))) {
    Back back = back_find_in_call(s, object, depth);
    if (back.kind == BACK_GENERATOR) return back;
  }
  bool is_super = str_is(name_of_callee(m, object), "builtins.super") &&
                  !call_has_arguments(m, object);
  ScopeId around = scope_function(m, scope_at(m, e));
  bool is_own = binding_get(m, s->owner.variable)->scope.i == around.i &&
                scope_parameter(m, around, 0).i == def_first(m, s->owner.variable).i;
  return is_super && is_own ? found_method(s, e, object) : back_none();
}

// A generator expression that mentions the owner holds it until it ends.
static Back find_in_generator_expression(BackSearch *s, NodeId e) {
  Back back = find_captured(s, scope_of(s->m, e));
  if (back_is_found(back)) back.kind = BACK_GENERATOR;
  return back;
}

Back back_find(BackSearch *s, NodeId e, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  if (depth == 0 || s->steps++ > BACK_STEPS) return back_none();
  e = node_unwrap(t, e);
  switch (node_kind(t, e)) {
    case PY_IDENTIFIER: return find_in_name(s, e, depth);
    case PY_ATTRIBUTE: return find_in_attribute(s, e, depth);
    case PY_LAMBDA: return find_in_closure(s, scope_of(m, e), depth);
    case PY_CALL: return back_find_in_call(s, e, depth);
    case PY_NAMED_EXPRESSION:
      return back_find(s, node_field(t, e, FIELD_VALUE), depth - 1);
    case PY_CONDITIONAL_EXPRESSION: return find_in_conditional(s, e, depth);
    case PY_LIST:
    case PY_TUPLE:
    case PY_SET:
    case PY_EXPRESSION_LIST:
    case PY_DICTIONARY:
    case PY_PAIR: return find_in_children(s, e, depth);
    case PY_BOOLEAN_OPERATOR: return find_in_boolean(s, e, depth);
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
      return back_find(s, node_field(t, e, FIELD_BODY), depth - 1);
    case PY_GENERATOR_EXPRESSION: return find_in_generator_expression(s, e);
    default: return back_none();
  }
}

static Back found(const BackSearch *s, Back back) {
  return back_is_found(back) ? back : s->maybe;
}

Back back_of(Model *m, NodeId expression, BackOwner owner) {
  BackSearch s = {.m = m, .owner = owner};
  if (node_after(m->tree, expression) - expression.i > NODES_READ) return back_none();
  return found(&s, back_find(&s, expression, BACK_DEPTH));
}
