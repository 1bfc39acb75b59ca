#include "index/facts_internal.h"

// Containers that functions keep: attributes of theirs, and variables of a function that
// gives back an inner one.

// --- attributes ----------------------------------------------------------------------

// At import, or where it is seen to be missing: `if not hasattr(f, "x"): f.x = {}`.
static bool is_made_once(FactsBuilder *b, NodeId assignment) {
  const Tree *t = b->t;
  if (!node_ok(context_of(b->m, assignment).function)) return true;
  if (node_ok(node_ancestor(t, assignment, PY_EXCEPT_CLAUSE))) return true;
  NodeId around = node_ancestor(t, assignment, PY_IF_STATEMENT);
  NodeId condition = node_field(t, around, FIELD_CONDITION);
  for (uint32_t i = condition.i; node_ok(condition) && i < node_after(t, condition);
       i++) {
    bool asks = node_is(t, (NodeId){i}, PY_CALL) &&
                str_is(name_of_callee(b->m, (NodeId){i}), "builtins.hasattr");
    if (asks) return true;
  }
  return false;
}

// The mention that makes the container, if there is one; its index, 0 = none.
static uint32_t building_mention(FactsBuilder *b, const MentionGroup *group,
                                 FactContainer *row) {
  const Tree *t = b->t;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    NodeId n = node_wrap(t, b->mentions.items[i].node), p = node_parent(t, n);
    bool is_store = (node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT);
    if (!is_store) continue;
    bool is_building =
        is_made_once(b, p) && container_read(b, node_field(t, p, FIELD_RIGHT), row);
    return is_building ? i : 0;
  }
  return 0;
}

void function_attribute_collect(FactsBuilder *b, const MentionGroup *group) {
  FactContainer row = {.holder = HOLDER_FUNCTION, .flags = container_flags(b)};
  uint32_t building = building_mention(b, group, &row);
  if (building == 0) return;
  Str name = sym_str(&b->texts, group->name);
  row.name = text_join(b, scope_name(b, group->owner), ".", name);
  row.function = b->scope_names[group->owner.i];
  vec_push(b->arena, &b->containers, row);
  Str function = sym_str(&b->texts, (Sym){scope_qualified(b, group->owner).i});
  Gathering all =
      gather_begin(b, text_join(b, function, ".", name), (ValueKind)row.type, true);
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    if (i != building) gather_mention(&all, b->mentions.items[i].node, 0);
  }
  gather_finish(&all);
}

// --- variables -----------------------------------------------------------------------

// `return call`, `return wraps(f)(call)`; not `return call()`.
static bool is_given_back(const Tree *t, NodeId mention) {
  enum { CLIMB_MAX = 8 };
  NodeId n = node_wrap(t, mention);
  if (node_is(t, node_parent(t, n), PY_CALL) && node_role(t, n) == FIELD_FUNCTION) {
    return false;
  }
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    n = node_parent(t, n);
    if (node_is(t, n, PY_RETURN_STATEMENT)) return true;
    if (node_is_statement(t, n)) return false;
  }
  return false;
}

static bool gives_closure_back(FactsBuilder *b, ScopeId function) {
  BindingId i = scope_get(b->m, function)->first_binding;
  for (; binding_ok(i); i = binding_get(b->m, i)->next) {
    const Binding *binding = binding_get(b->m, i);
    if (def_get(b->m, binding->first_def)->kind != DEF_FUNCTION) continue;
    for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
      if (ref_get(b->m, r)->scope.i != function.i) continue;
      if (is_given_back(b->t, ref_get(b->m, r)->node)) return true;
    }
  }
  return false;
}

// The outermost function of those that give back one another.
static ScopeId outermost_giver(FactsBuilder *b, ScopeId function) {
  for (;;) {
    ScopeId outer = scope_get(b->m, function)->parent;
    bool is_function = scope_get(b->m, outer)->kind == SCOPE_FUNCTION;
    if (!is_function || !gives_closure_back(b, outer)) return function;
    function = outer;
  }
}

static bool grows_inside(const Gathering *all, NodeId function) {
  for (uint32_t i = 0; i < all->found.count; i++) {
    const Found *found = &all->found.items[i];
    bool is_inner = !node_eq(found->function, function);
    if (is_inner && found->op.kind == OPERATION_GROW) return true;
  }
  return false;
}

static void variable_collect(FactsBuilder *b, ScopeId function, BindingId binding) {
  const Scope *scope = scope_get(b->m, function);
  const Binding *given = binding_get(b->m, binding);
  const Def *d = def_get(b->m, binding_only_def(b->m, binding));
  FactContainer row = {.holder = HOLDER_CLOSURE, .flags = container_flags(b)};
  bool is_plain = d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED;
  if (!is_plain || (d->flags & DEF_UNPACKED) != 0 || !node_ok(d->value)) return;
  if (!container_read(b, d->value, &row) || row.type == VALUE_QUEUE) return;
  if (!gives_closure_back(b, function)) return;
  FactText name =
      text_join(b, scope_name(b, function), ".<locals>.", binding_name(b->m, binding));
  Str whole = sym_str(&b->texts, (Sym){name.i});
  Gathering all =
      gather_begin(b, text_join(b, b->module, ".", whole), (ValueKind)row.type, true);
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(&all, ref_get(b->m, r)->node, 0);
  }
  if (!grows_inside(&all, scope->node)) return;
  row.name = name;
  row.function = b->scope_names[outermost_giver(b, function).i];
  vec_push(b->arena, &b->containers, row);
  gather_finish(&all);
}

void closures_collect(FactsBuilder *b, ScopeId function) {
  const uint32_t hidden = BIND_PARAMETER | BIND_IN_ERROR | BIND_DELETED;
  BindingId n = scope_get(b->m, function)->first_binding;
  for (; binding_ok(n); n = binding_get(b->m, n)->next) {
    const Binding *binding = binding_get(b->m, n);
    bool is_own = binding->owner.i == n.i && (binding->flags & BIND_CAPTURED) != 0;
    if (is_own && (binding->flags & hidden) == 0) variable_collect(b, function, n);
  }
}
