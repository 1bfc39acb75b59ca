// The driver: takes work off the stack, and frames the graph of each kind of scope.
#include "semantic/flow_builder.h"

// The commonest kinds that are no statement.
static bool kind_is_expression(PyKind kind) {
  return kind == PY_IDENTIFIER || kind == PY_ATTRIBUTE || kind == PY_CALL ||
         kind == PY_ARGUMENT_LIST || kind == PY_STRING;
}

static void visit(FlowBuilder *b, NodeId node) {
  if (kind_is_expression(node_kind(b->t, node)) || !statement_visit(b, node))
    expression_visit(b, node);
}

static void work_run(FlowBuilder *b, Work w) {
  switch ((Op)w.op) {
    case OP_VISIT: visit(b, w.node); break;
    case OP_CONDITION: condition_visit(b, w); break;
    case OP_TARGET: target_visit(b, w.node); break;
    case OP_DELETE: delete_visit(b, w.node); break;
    case OP_DEFINE: step_define(b, w.node); break;
    case OP_CAPTURE: pattern_capture(b, w.node); break;
    case OP_READ: step_use(b, w.node, false); break;
    case OP_STEP:
      if (w.b == STEP_EVAL) {
        step_eval(b, w.node, (FlowRaise)w.a);
      } else {
        step_add(b, (StepKind)w.b, w.node, (FlowRaise)w.a);
      }
      break;
    case OP_EXTRA: step_add(b, STEP_EVAL, w.node, (FlowRaise)w.a); break;
    case OP_JUMP: builder_jump(b, (Jump)w.a); break;
    case OP_LABEL: block_begin(b, w.a); break;
    case OP_GOTO: builder_goto(b, w.a); break;
    case OP_BRANCH: builder_branch(b, w.a, w.b); break;
    case OP_UNWIND: builder_unwind(b, b->raise_to); break;
    case OP_RAISE_TO: b->raise_to = w.a; break;
    case OP_ENTER: b->context = w.a; break;
    case OP_LEAVE: b->context = b->contexts.items[w.a].outer; break;
    case OP_CLEANUP: cleanup_visit(b, w); break;
    case OP_ONWARD: cleanup_end(b, w.a, (Way)w.b); break;
    case OP_SHARED: cleanup_share(b, w.a); break;
    case OP_WITH: with_visit(b, w.node); break;
    case OP_COPIES: b->in_copy = w.a != 0; break;
    case OP_CASE: case_visit(b, w); break;
    case OP_HANDLER: handler_visit(b, w); break;
  }
}

// Turns around what was pushed from `low` on, so that its first item is on top.
static void work_turn(FlowBuilder *b, uint32_t low) {
  for (uint32_t high = b->work.count; low + 1 < high; low++, high--) {
    Work swapped = b->work.items[low];
    b->work.items[low] = b->work.items[high - 1];
    b->work.items[high - 1] = swapped;
  }
}

static void builder_run(FlowBuilder *b) {
  work_turn(b, 0);
  while (b->work.count != 0) {
    Work w = b->work.items[--b->work.count];
    uint32_t low = b->work.count;
    work_run(b, w);
    if (b->work.count > low + 1) work_turn(b, low);
  }
}

// --- variables -----------------------------------------------------------------------

// Does the flow of this scope alone say what the variable holds?
static bool binding_is_solvable(const Model *m, const Scope *scope, BindingId id) {
  const Binding *binding = binding_get(m, id);
  if (binding->owner.i != id.i || binding->def_count == 0) return false;
  if ((binding->flags & BIND_IN_ERROR) != 0) return false;
  bool is_namespace = scope->kind == SCOPE_MODULE || scope->kind == SCOPE_CLASS;
  if ((scope->flags & SCOPE_STAR_IMPORT) != 0) return false;
  if (is_namespace && (scope->flags & SCOPE_BINDS_UNSEEN) != 0) return false;
  for (DefId d = binding->first_def; def_ok(d); d = def_next(m, d)) {
    const ScopeId at = def_get(m, d)->scope;
    if (at.i != binding->scope.i) return false;  // global, nonlocal, or `:=` within
  }
  return true;
}

static bool def_has_effect(const Def *def) {
  return def->kind != DEF_DELETE && (def->kind != DEF_ANNOTATED || node_ok(def->value));
}

static void slots_make(FlowBuilder *b, const Scope *scope) {
  Flow *f = b->f;
  vec_push(b->arena, &f->slots, (Slot){0});
  vec_push(b->arena, &f->bits, (DefId){0});
  for (BindingId id = scope->first_binding; binding_ok(id);
       id = binding_get(b->m, id)->next) {
    if (!binding_is_solvable(b->m, scope, id)) continue;
    Slot slot = {.binding = id, .first_bit = f->bits.count};
    vec_push(b->arena, &f->bits, (DefId){0});
    for (DefId d = binding_get(b->m, id)->first_def; def_ok(d); d = def_next(b->m, d)) {
      if (!def_has_effect(def_get(b->m, d))) continue;
      b->flows->bit_of[d.i] = f->bits.count;
      vec_push(b->arena, &f->bits, d);
    }
    slot.bit_stop = f->bits.count;
    b->flows->slot_of[id.i] = f->slots.count;
    vec_push(b->arena, &f->slots, slot);
  }
}

// Which references the graph does not show: those of inner scopes, and those without a
// node of their own (in string annotations).
static void slots_finish(FlowBuilder *b) {
  for (uint32_t i = 1; i < b->f->slots.count; i++) {
    Slot *slot = &b->f->slots.items[i];
    for (RefId r = ref_first(b->m, slot->binding); ref_ok(r); r = ref_next(b->m, r)) {
      if (ref_get(b->m, r)->scope.i != b->f->scope.i) {
        slot->escapes = true;
      } else if (b->flows->use_of[r.i] == 0) {
        slot->is_incomplete = true;
      }
    }
  }
}

// --- scopes --------------------------------------------------------------------------

static void builder_start(FlowBuilder *b) {
  Flow *f = b->f;
  vec_push(b->arena, &f->steps, (Step){0});
  vec_push(b->arena, &f->uses, (Use){0});
  vec_push(b->arena, &f->effects, (Effect){0});
  vec_push(b->arena, &f->copies, (StepCopy){0});
  vec_push(b->arena, &b->contexts, (FlowContext){0});
  for (uint32_t i = 0; i < BLOCK_FIRST_FREE; i++) block_new(b);
  f->blocks.items[BLOCK_ENTRY].is_live = true;
  b->raise_to = BLOCK_RAISED;
  b->current = BLOCK_ENTRY;
}

static void parameters_define(FlowBuilder *b, const Scope *scope) {
  for (BindingId id = scope->first_binding; binding_ok(id);
       id = binding_get(b->m, id)->next) {
    const Def *def = def_get(b->m, binding_get(b->m, id)->first_def);
    if (def->kind == DEF_PARAMETER) step_define(b, def->node);
  }
}

static void scope_lay_out(FlowBuilder *b, const Scope *scope) {
  switch (scope->kind) {
    case SCOPE_COMPREHENSION: comprehension_visit(b, scope->node); break;
    case SCOPE_FUNCTION:
    case SCOPE_LAMBDA:
      parameters_define(b, scope);
      work_visit(b, scope->body);
      break;
    case SCOPE_MODULE: visit(b, scope->node); break;
    default: work_visit(b, scope->body); break;
  }
}

void flow_build(Model *m, Flow *f) {
  const Scope *scope = scope_get(m, f->scope);
  f->is_unknown = scope->kind == SCOPE_NONE || scope->kind == SCOPE_TYPE_PARAMS ||
                  (scope->flags & SCOPE_BROKEN) != 0;
  FlowBuilder b = {.m = m, .t = m->tree, .f = f, .flows = m->flows, .arena = m->arena};
  builder_start(&b);
  slots_make(&b, scope);
  if (!f->is_unknown) {
    scope_lay_out(&b, scope);
    builder_run(&b);
    builder_goto(&b, BLOCK_EXIT);
  }
  slots_finish(&b);
}
