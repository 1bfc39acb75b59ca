#include "semantic/pass.h"

#include "semantic/context.h"
#include "semantic/effect_internal.h"

enum { PASS_STEPS = 16 };  // lazy layers around

static bool step_for(Model *m, NodeId loop, NodeId e, Pass *out);
static bool step_clause(Model *m, NodeId clause, NodeId e, Pass *out, NodeId *next);
static bool step_call(Model *m, NodeId call, NodeId argument, Pass *out, NodeId *next);

static bool part_add(Model *m, Pass *out, NodeId part) {
  if (!node_ok(part)) return true;
  bool fits =
      out->part_count < PASS_PARTS && node_after(m->tree, part) - part.i < PASS_LONGEST;
  if (fits) out->parts[out->part_count++] = part;
  return fits;
}

// One layer outwards. `next` is the lazy value around, to be asked next; NO_NODE at the
// end of the way.
static bool pass_step(Model *m, NodeId e, Pass *out, NodeId *next) {
  const Tree *t = m->tree;
  NodeId up = node_parent(t, e);
  *next = NO_NODE;
  switch (node_kind(t, up)) {
    case PY_FOR_STATEMENT: return step_for(m, up, e, out);
    case PY_FOR_IN_CLAUSE: return step_clause(m, up, e, out, next);
    case PY_ARGUMENT_LIST: return step_call(m, node_parent(t, up), e, out, next);
    case PY_KEYWORD_ARGUMENT:
      return step_call(m, node_parent(t, node_parent(t, up)), up, out, next);
    case PY_CALL:  // f(x for x in y): the generator takes the argument list's place
      return node_role(t, e) == FIELD_ARGUMENTS && step_call(m, up, e, out, next);
    case PY_YIELD:
      if (!node_ok(node_child(t, up, PY_KW_FROM))) return false;
      out->kind = PASS_YIELD_FROM;
      out->node = up;
      out->calls |= EFFECT_YIELDS;
      out->may_stop = true;
      return true;
    default: return false;
  }
}

Pass pass_of(Model *m, NodeId expression) {
  Pass out = {.whole = node_wrap(m->tree, expression)};
  NodeId e = out.whole;
  for (uint32_t i = 0; i < PASS_STEPS && node_ok(e); i++) {
    NodeId next = NO_NODE;
    if (!pass_step(m, e, &out, &next)) return (Pass){0};
    if (!node_ok(next)) return out;
    out.wrapped = true;
    e = node_wrap(m->tree, next);
    if (!node_ok(out.clause)) out.whole = e;
  }
  return (Pass){0};
}

static bool step_for(Model *m, NodeId loop, NodeId e, Pass *out) {
  const Tree *t = m->tree;
  if (node_role(t, e) != FIELD_RIGHT || node_ok(node_child(t, loop, PY_KW_ASYNC))) {
    return false;
  }
  out->kind = PASS_FOR;
  out->node = loop;
  out->may_stop = true;
  return part_add(m, out, node_field(t, loop, FIELD_LEFT)) &&
         part_add(m, out, node_field(t, loop, FIELD_BODY));
}

// What runs for each element: the element, the conditions, the clauses behind.
static bool step_clause(Model *m, NodeId clause, NodeId e, Pass *out, NodeId *next) {
  const Tree *t = m->tree;
  NodeId comprehension = node_parent(t, clause);
  if (node_role(t, e) != FIELD_RIGHT || node_ok(node_child(t, clause, PY_KW_ASYNC))) {
    return false;
  }
  bool first = true, behind = false;
  for (NodeId c = node_first_named(t, comprehension); node_ok(c);
       c = node_next_named(t, c)) {
    if (node_eq(c, clause)) {
      out->again |= !first;
      behind = true;
    } else if (behind || node_role(t, c) == FIELD_BODY) {
      if (!part_add(m, out, c)) return false;
    } else if (node_is(t, c, PY_FOR_IN_CLAUSE)) {
      first = false;
    }
  }
  if (!node_ok(out->clause)) out->clause = clause;
  out->may_stop = true;
  if (node_is(t, comprehension, PY_GENERATOR_EXPRESSION)) {
    *next = comprehension;
  } else if (out->kind == PASS_NONE) {
    out->kind = PASS_CLAUSE;
    out->node = comprehension;
  }
  return true;
}

// The function that a lazy call or a `key` runs for each element.
static bool callback_add(Model *m, NodeId function, Pass *out) {
  const Tree *t = m->tree;
  NodeId f = node_unwrap(t, function);
  if (node_is(t, f, PY_LAMBDA)) return part_add(m, out, node_field(t, f, FIELD_BODY));
  if (node_is(t, f, PY_NONE_LITERAL)) return true;
  if (node_is(t, f, PY_CALL) && (str_is(name_of_callee(m, f), "operator.itemgetter") ||
                                 str_is(name_of_callee(m, f), "operator.attrgetter"))) {
    out->calls |= EFFECT_MAY_RAISE;
    return true;
  }
  ScopeId scope = callee_function(m, f);
  Str name = name_of(m, f);
  const PureFact *pure = NULL;
  if (name.n != 0 && m->options.knowledge != NULL) {
    pure = knowledge_pure(m->options.knowledge, name);
  }
  if (scope_ok(scope)) {
    out->calls |= effect_of_function(m, scope);
  } else if (pure != NULL) {
    out->calls |= pure->may_raise ? EFFECT_MAY_RAISE : 0;
  } else if (name_is(m, f, "builtins.str") || name_is(m, f, "builtins.int")) {
    out->calls |= EFFECT_MAY_RAISE;
  } else {
    out->calls |= EFFECT_UNKNOWN_CALL | EFFECT_MAY_RAISE;
  }
  return true;
}

// Another argument: what is walked beside, or a function that is run for each element.
static bool argument_add(Model *m, const SinkFact *sink, NodeId argument, Pass *out) {
  const Tree *t = m->tree;
  bool keyword = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  NodeId e = keyword ? node_field(t, argument, FIELD_VALUE) : argument;
  // `default=`, `start=`: evaluated when the list is there and nothing taken from it.
  if (keyword && !node_text_is(t, node_field(t, argument, FIELD_NAME), "key")) {
    return part_add(m, out, e);
  }
  bool beside = !keyword && (sink->flags & SINK_REST) != 0 && sink->position == 0;
  if (beside) {
    out->few |= size_is_small(value_of(m, e)) && str_is(sink->name, "builtins.zip");
    return part_add(m, out, e);
  }
  // Methods (executemany, writelines) and plain numbers call nothing.
  bool calls = keyword || (sink->flags & (SINK_LAZY | SINK_REDUCES)) != 0;
  if (!calls || value_is_scalar(value_of(m, e))) return true;
  return callback_add(m, e, out);
}

static bool arguments_add(Model *m, const SinkFact *sink, NodeId call, NodeId argument,
                          Pass *out) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return true;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (node_eq(a, argument)) continue;
    if (!argument_add(m, sink, a, out)) return false;
    // It is evaluated when the list was made, but before a generator begins.
    if (a.i > argument.i) out->calls |= effect_sum(m, a) & ~(EffectSet)EFFECT_MAY_RAISE;
  }
  return true;
}

static bool step_call(Model *m, NodeId call, NodeId argument, Pass *out, NodeId *next) {
  const Tree *t = m->tree;
  bool is_generator = node_is(t, argument, PY_GENERATOR_EXPRESSION) &&
                      node_role(t, argument) == FIELD_ARGUMENTS;
  const SinkFact *sink = node_is(t, call, PY_CALL) ? call_sink(m, call) : NULL;
  if (sink == NULL ||
      (is_generator ? sink->position != 0 : !sink_takes(m, sink, call, argument))) {
    return false;
  }
  SinkKind kind = sink_kind_at(sink, m->options.target.newest);
  if (kind == SINK_WRONG || (sink->flags & SINK_FANS_OUT)) return false;
  if (!arguments_add(m, sink, call, argument, out)) return false;
  if (sink->flags & SINK_SHORT_CIRCUIT) out->may_stop = true;
  if ((sink->flags & (SINK_LAZY | SINK_LOOP)) == (SINK_LAZY | SINK_LOOP) &&
      kind == SINK_STREAMING) {
    if (sink->flags & SINK_REST) out->may_stop = true;  // zip ends with the shortest
    *next = call;
    return true;
  }
  if (sink->flags & SINK_LAZY) return false;
  if (kind != SINK_STREAMING && !out->wrapped) return false;
  out->kind = kind == SINK_STREAMING ? PASS_SINK : PASS_KEPT;
  out->node = call;
  out->sink = sink;
  return true;
}

// --- questions about a pass ----------------------------------------------------------

EffectSet pass_effects(Model *m, const Pass *pass) {
  EffectSet effects = pass->calls;
  for (uint32_t i = 0; i < pass->part_count; i++) {
    effects |= effect_sum(m, pass->parts[i]);
  }
  return effects;
}

// Operands decide whether the one that holds the pass is evaluated.
static bool operand_may_skip(const Tree *t, NodeId up, NodeId operand) {
  switch (node_kind(t, up)) {
    case PY_CONDITIONAL_EXPRESSION: return !node_eq(node_named_at(t, up, 1), operand);
    case PY_BOOLEAN_OPERATOR: return node_role(t, operand) == FIELD_RIGHT;
    case PY_COMPARISON_OPERATOR:
      return !node_eq(node_named_at(t, up, 0), operand) &&
             !node_eq(node_named_at(t, up, 1), operand);
    case PY_ASSERT_STATEMENT: return !node_eq(node_first_named(t, up), operand);
    default: return false;
  }
}

EffectSet pass_effects_before(Model *m, Pass *pass) {
  const Tree *t = m->tree;
  EffectSet effects = 0;
  NodeId statement = node_statement(t, pass->node), n = pass->node;
  while (n.i > statement.i) {
    NodeId up = node_parent(t, n);
    bool skips = operand_may_skip(t, up, n);
    if (skips) pass->may_stop = pass->wrapped = true;
    if (skips && node_is(t, up, PY_CONDITIONAL_EXPRESSION)) {
      effects |= effect_sum(m, node_named_at(t, up, 1));
    }
    for (NodeId c = node_first_named(t, up); node_ok(c) && c.i < n.i;
         c = node_next_named(t, c)) {
      effects |= effect_sum(m, c);
    }
    n = up;
  }
  return effects;
}

// `xs.extend(x for x in <e>)`: the list grows with each element.
bool pass_sink_changes(Model *m, const Pass *pass, NodeId expression) {
  bool method = pass->sink != NULL && pass->sink->name.p[0] == '.';
  return method && effect_mutates(m, pass->node, expression) != MUTATION_NONE;
}

bool pass_changes(Model *m, const Pass *pass, NodeId expression) {
  if (pass_sink_changes(m, pass, expression)) return true;
  for (uint32_t i = 0; i < pass->part_count; i++) {
    NodeId part = pass->parts[i];
    if (effect_mutates(m, part, expression) != MUTATION_NONE ||
        effect_rebinds_names_of(m, part, expression)) {
      return true;
    }
  }
  return false;
}

bool pass_disturbs_file(Model *m, const Pass *pass, NodeId handle, bool for_sure) {
  for (uint32_t i = 0; i < pass->part_count; i++) {
    NodeId part = pass->parts[i];
    if (for_sure ? effect_surely_disturbs_file(m, part, handle)
                 : effect_disturbs_file(m, part, handle)) {
      return true;
    }
  }
  return false;
}

bool value_is_only_tested(const Tree *t, NodeId expression) {
  NodeId e = place_outermost(t, expression);
  NodeId up = node_parent(t, e);
  switch (node_kind(t, up)) {
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE:
    case PY_WHILE_STATEMENT: return node_role(t, e) == FIELD_CONDITION;
    case PY_ASSERT_STATEMENT: return node_eq(node_first_named(t, up), e);
    case PY_CONDITIONAL_EXPRESSION: return node_eq(node_named_at(t, up, 1), e);
    case PY_NOT_OPERATOR:
    case PY_IF_CLAUSE: return true;
    default: return false;
  }
}

// --- a value kept by a name for one use ----------------------------------------------

// `name = value` or `name: T = value`, alone: the name.
static NodeId assigned_name(const Tree *t, NodeId value) {
  NodeId e = node_wrap(t, value);
  NodeId assignment = node_parent(t, e);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || node_role(t, e) != FIELD_RIGHT ||
      !node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT)) {
    return NO_NODE;
  }
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  return node_is(t, name, PY_IDENTIFIER) ? name : NO_NODE;
}

static bool binding_is_private(const Model *m, const Def *def) {
  const Binding *b = binding_get(m, def->binding);
  const Scope *scope = scope_get(m, def->scope);
  bool local = scope->kind == SCOPE_FUNCTION && b->scope.i == def->scope.i;
  return local && (scope->flags & (SCOPE_DYNAMIC | SCOPE_BROKEN)) == 0 &&
         (b->flags & (BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                      BIND_GLOBAL | BIND_IN_ERROR)) == 0;
}

DefId private_def_of(Model *m, NodeId value) {
  NodeId name = assigned_name(m->tree, value);
  DefId id = def_at(m, name);
  if (!node_ok(name) || !def_ok(id)) return (DefId){0};
  const Def *def = def_get(m, id);
  bool is_read = binding_get(m, def->binding)->ref_count != 0;
  return is_read && binding_is_private(m, def) ? id : (DefId){0};
}

bool only_use_of(Model *m, NodeId value, SingleUse *out) {
  DefId id = private_def_of(m, value);
  if (!def_ok(id)) return false;
  RefList uses = flow_uses_of(m, id);
  if (uses.unknown || uses.escapes_scope || uses.count != 1) return false;
  NodeId use = ref_get(m, uses.items[0])->node;
  if (!node_is(m->tree, use, PY_IDENTIFIER) || flow_only_def(m, use).i != id.i) {
    return false;
  }
  NodeId statement = node_statement(m->tree, def_get(m, id)->node);
  NodeId loop = loop_around(m, use, NO_NODE);  // then it is used again and again
  if (node_ok(loop) && !node_inside(m->tree, statement, loop)) return false;
  *out = (SingleUse){.def = id, .statement = statement, .use = use};
  return true;
}

bool single_use_of(Model *m, NodeId value, SingleUse *out) {
  const Tree *t = m->tree;
  SingleUse found;
  if (!only_use_of(m, value, &found)) return false;
  NodeId statement = found.statement, user = node_statement(t, found.use);
  bool same_block = node_eq(node_parent(t, statement), node_parent(t, user));
  if (!same_block || user.i <= statement.i || node_is(t, user, PY_WHILE_STATEMENT) ||
      scope_at(m, found.use).i != def_get(m, found.def)->scope.i) {
    return false;
  }
  *out = found;
  return true;
}

// --- elements that are removed -------------------------------------------------------

static bool is_bound_in(Model *m, NodeId name, NodeId targets) {
  BindingId b = binding_of(m, name);
  if (!node_is(m->tree, name, PY_IDENTIFIER) || !binding_ok(b)) return false;
  for (NodeId n = targets; n.i < node_after(m->tree, targets); n.i++) {
    if (node_is(m->tree, n, PY_IDENTIFIER) && binding_of(m, n).i == b.i) return true;
  }
  return false;
}

// `box.remove(e)`, `box.pop(e)`, `del box[e]`: the box, or NO_NODE.
static NodeId box_of_removal(Model *m, NodeId n, NodeId *element) {
  const Tree *t = m->tree;
  if (node_is(t, n, PY_SUBSCRIPT)) {
    *element = node_unwrap(t, node_field(t, n, FIELD_SUBSCRIPT));
    bool deleted = place_of(t, node_wrap(t, n)).kind == PLACE_DELETED;
    return deleted ? node_field(t, n, FIELD_VALUE) : NO_NODE;
  }
  Str method = STR_NONE;
  NodeId box = node_is(t, n, PY_CALL) ? call_receiver(m, n, &method) : NO_NODE;
  if (!node_ok(box) || call_argument(m, n, 0, NULL, element) != ARG_PRESENT) {
    return NO_NODE;
  }
  const MutatorFact *fact =
      knowledge_member(m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  bool shrinks = fact != NULL && (fact->effect & MUTATES_SHRINKS) != 0;
  return shrinks ? box : NO_NODE;
}

bool pass_removes_elements(Model *m, const Pass *pass) {
  const Tree *t = m->tree;
  if (!node_is(t, pass->node, PY_FOR_STATEMENT)) return false;
  NodeId targets = node_field(t, pass->node, FIELD_LEFT);
  NodeId body = node_field(t, pass->node, FIELD_BODY);
  if (node_after(t, body) - body.i > PASS_LONGEST) return true;
  for (NodeId n = body; n.i < node_after(t, body); n.i++) {
    NodeId element = NO_NODE, box = node_unwrap(t, box_of_removal(m, n, &element));
    if (!node_ok(box) || !is_bound_in(m, element, targets)) continue;
    bool another = node_is(t, box, PY_IDENTIFIER) && name_is_fresh(m, box);
    if (!another) return true;
  }
  return false;
}
