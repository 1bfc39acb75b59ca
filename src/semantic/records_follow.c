// Where rows go, expression by expression.
#include "semantic/keeper.h"
#include "semantic/pass.h"
#include "semantic/records_internal.h"
#include "semantic/value_internal.h"

bool records_refuse(Following *f, const char *reason) {
  if (f->refusal == NULL) f->refusal = reason;
  return false;
}

bool records_follow(Following *f, NodeId expression, Shape shape) {
  NodeId e = node_unwrap(f->t, expression);
  if (f->refusal != NULL) return false;
  uint32_t known = map_get(&f->seen, e.i);
  if (known == shape + 1) return true;
  if (known != 0) return records_refuse(f, "it is something else at times");
  if (++f->steps > RECORDS_STEPS || shape >> 4 * SHAPE_MOST != 0) {
    return records_refuse(f, "there is too much to follow");
  }
  map_put(&f->seen, e.i, shape + 1);
  vec_push(f->m->arena, &f->todo, (Owed){.value = e, .shape = shape});
  return true;
}

bool records_owe(Following *f, NodeId value, Shape shape) {
  if (!node_ok(value)) return records_refuse(f, "other things are kept there as well");
  vec_push(f->m->arena, &f->owed, (Owed){.value = value, .shape = shape});
  return true;
}

static void def_owe(Following *f, DefId def, Shape shape) {
  if (map_get(&f->defs, def.i) != 0) return;
  vec_push(f->m->arena, &f->owed, (Owed){.def = def, .shape = shape});
}

// --- names ---------------------------------------------------------------------------

static bool closed_add(Following *f, Str name) {
  Records *r = f->records;
  for (uint32_t i = 0; i < r->closed_count; i++) {
    if (str_eq(r->closed[i], name)) return true;
  }
  if (r->closed_count == RECORDS_CLOSED) return false;
  r->closed[r->closed_count++] = name;
  return true;
}

bool records_name_is_closed(Following *f, Str name) {
  bool is_meant = name_is_private(name) || context_file_is_script(f->m);
  return is_meant && closed_add(f, name);
}

bool records_attribute_is_closed(Following *f, Str name) {
  return name_is_private(name) &&
         closed_add(f, str_join_in(f->m->arena, STR(""), ".", name));
}

// A variable that only this file sees.
static bool binding_is_closed(Following *f, BindingId id) {
  const uint32_t open = BIND_IN_ERROR | BIND_IMPORTED;
  const Binding *b = binding_get(f->m, id);
  const Scope *scope = scope_get(f->m, b->scope);
  if (!binding_ok(id) || (b->flags & open) != 0 || b->ref_count > RECORDS_USES ||
      b->def_count > RECORDS_USES || (scope->flags & SCOPE_DYNAMIC) != 0) {
    return records_refuse(f, "its name cannot be followed");
  }
  switch (scope->kind) {
    case SCOPE_FUNCTION:
    case SCOPE_LAMBDA:
    case SCOPE_COMPREHENSION: return true;
    case SCOPE_MODULE:
      return records_name_is_closed(f, binding_name(f->m, id)) ||
             records_refuse(f, "other modules may see it");
    default: return records_refuse(f, "other code may see it");
  }
}

static bool mention_follow(Following *f, RefId ref, Shape shape) {
  NodeId mention = ref_get(f->m, ref)->node;
  if (node_is(f->t, mention, PY_STRING)) return true;  // in an annotation
  return records_follow(f, mention, shape);
}

// Every mention and every definition, whatever reaches what.
static bool binding_follow(Following *f, BindingId id, Shape shape) {
  uint32_t known = map_get(&f->bindings, id.i);
  if (known == shape + 1) return true;
  if (known != 0) return records_refuse(f, "it is something else at times");
  map_put(&f->bindings, id.i, shape + 1);
  for (DefId d = def_first(f->m, id); def_ok(d); d = def_next(f->m, d)) {
    def_owe(f, d, shape);
    map_put(&f->defs, d.i, shape + 1);
  }
  for (RefId r = ref_first(f->m, id); ref_ok(r); r = ref_next(f->m, r)) {
    if (!mention_follow(f, r, shape)) return false;
  }
  return true;
}

// The mentions that one definition reaches, and what else reaches these.
static bool uses_follow(Following *f, const RefList *uses, Shape shape) {
  for (uint32_t i = 0; i < uses->count; i++) {
    if (!mention_follow(f, uses->items[i], shape)) return false;
    DefList defs = flow_defs_reaching(f->m, uses->items[i]);
    if (defs.unknown) return records_refuse(f, "its name cannot be followed");
    for (uint32_t k = 0; k < defs.count; k++) def_owe(f, defs.items[k], shape);
  }
  return true;
}

bool records_bind_def(Following *f, DefId def, Shape shape) {
  if (!def_ok(def)) return records_refuse(f, "its name cannot be followed");
  uint32_t known = map_get(&f->defs, def.i);
  if (known == shape + 1) return true;
  if (known != 0) return records_refuse(f, "it is something else at times");
  BindingId id = def_get(f->m, def)->binding;
  if (!binding_is_closed(f, id)) return false;
  RefList uses = flow_uses_of(f->m, def);
  if (uses.unknown || uses.escapes_scope) return binding_follow(f, id, shape);
  def_owe(f, def, shape);
  map_put(&f->defs, def.i, shape + 1);
  return uses_follow(f, &uses, shape);
}

// --- attributes ----------------------------------------------------------------------

// `self._rows`, wherever it stands in this file: all of one name are taken for one.
static bool attribute_follow(Following *f, NodeId attribute, Shape shape) {
  Str name = node_text(f->t, node_field(f->t, attribute, FIELD_ATTRIBUTE));
  Keeper keeper = keeper_of(f->m, attribute);
  if (!records_attribute_is_closed(f, name) || keeper.kind != KEEPER_SELF ||
      keeper_is_of_base(f->m, keeper, attribute)) {
    return records_refuse(f, "other code may see it");
  }
  uint32_t read = 0;
  for (uint32_t i = value_private_first(f->m, name); i != 0;
       i = f->m->values->private_uses.items[i].next) {
    NodeId use = f->m->values->private_uses.items[i].attribute;
    if (++read > RECORDS_USES || !records_follow(f, use, shape)) {
      return records_refuse(f, "there is too much to follow");
    }
  }
  return true;
}

// --- targets -------------------------------------------------------------------------

// `a, b = pair`, `first, *rest = rows`.
static bool parts_bind(Following *f, NodeId pattern, Shape shape) {
  Shape inner = shape_inner(shape);
  uint32_t count = node_count_named(f->t, pattern), index = 0;
  bool is_pair = shape_top(shape) == PAIR;
  if ((is_pair && count != 2) || (!is_pair && shape_top(shape) != SEQUENCE)) {
    return records_refuse(f, "it is taken apart");
  }
  for (NodeId part = node_first_named(f->t, pattern); node_ok(part);
       part = node_next_named(f->t, part), index++) {
    bool is_starred = node_is(f->t, part, PY_LIST_SPLAT_PATTERN);
    if (is_pair && is_starred) return records_refuse(f, "it is taken apart");
    if (is_pair && index == 0) continue;
    NodeId target = is_starred ? node_first_named(f->t, part) : part;
    if (!records_bind(f, target, is_starred ? shape : inner)) return false;
  }
  return true;
}

bool records_bind(Following *f, NodeId target, Shape shape) {
  NodeId e = node_unwrap(f->t, target);
  switch (node_kind(f->t, e)) {
    case PY_IDENTIFIER: return records_bind_def(f, def_at(f->m, e), shape);
    case PY_ATTRIBUTE: return attribute_follow(f, e, shape);
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN: return parts_bind(f, e, shape);
    case PY_SUBSCRIPT: {
      NodeId base = node_field(f->t, e, FIELD_VALUE);
      bool is_list = value_of(f->m, base).kind == VALUE_LIST;
      vec_push(f->m->arena, &f->gathered, e);
      return records_track(f, base, shape_in(is_list ? SEQUENCE : MAPPING, shape));
    }
    default: return records_refuse(f, "it is stored in a way that is not followed");
  }
}

// --- containers ----------------------------------------------------------------------

static bool name_track(Following *f, NodeId identifier, Shape shape) {
  RefId ref = ref_at(f->m, identifier);
  DefList defs = flow_defs_reaching(f->m, ref);
  BindingId id = binding_of(f->m, identifier);
  if (!binding_is_closed(f, id)) return false;
  if (defs.unknown || defs.count == 0) return binding_follow(f, id, shape);
  for (uint32_t i = 0; i < defs.count; i++) {
    if (!records_bind_def(f, defs.items[i], shape)) return false;
  }
  return true;
}

bool records_track(Following *f, NodeId container, Shape shape) {
  NodeId e = node_unwrap(f->t, container);
  Str method = STR_NONE;
  switch (node_kind(f->t, e)) {
    case PY_IDENTIFIER: return name_track(f, e, shape);
    case PY_ATTRIBUTE: return attribute_follow(f, e, shape);
    case PY_SUBSCRIPT: {
      NodeId base = node_field(f->t, e, FIELD_VALUE);
      bool is_list = value_of(f->m, base).kind == VALUE_LIST;
      return records_track(f, base, shape_in(is_list ? SEQUENCE : MAPPING, shape));
    }
    case PY_CALL: {
      NodeId receiver = call_receiver(f->m, e, &method);
      if (!str_is(method, "setdefault")) break;
      return records_track(f, receiver, shape_in(MAPPING, shape));
    }
    default: break;
  }
  return records_refuse(f, "it is put into something that is not followed");
}

// --- uses ----------------------------------------------------------------------------

// `rows or []`, `rows if x else None`: the other branch as well.
static bool branch_used(Following *f, NodeId e, NodeId outer, Shape shape) {
  if (node_is(f->t, outer, PY_CONDITIONAL_EXPRESSION)) {
    NodeId yes = node_named_at(f->t, outer, 0), no = node_named_at(f->t, outer, 2);
    return records_owe(f, node_eq(e, yes) ? no : yes, shape) &&
           records_follow(f, outer, shape);
  }
  NodeId left = node_field(f->t, outer, FIELD_LEFT);
  NodeId right = node_field(f->t, outer, FIELD_RIGHT);
  return records_owe(f, node_eq(e, left) ? right : left, shape) &&
         records_follow(f, outer, shape);
}

static bool assigned(Following *f, NodeId assignment, Shape shape) {
  NodeId a = assignment;
  for (uint32_t i = 0; i < RECORDS_USES && node_is(f->t, a, PY_ASSIGNMENT); i++) {
    if (!records_bind(f, node_field(f->t, a, FIELD_LEFT), shape)) return false;
    a = node_parent(f->t, a);
  }
  return true;
}

static bool iterated(Following *f, NodeId loop, Shape shape) {
  Shape inner = shape_inner(shape);
  if (node_is(f->t, loop, PY_YIELD)) return records_refuse(f, "others get it");
  if (shape_top(shape) == MAPPING) return true;  // its keys
  if (shape_top(shape) != SEQUENCE) return records_refuse(f, "it is walked through");
  return records_bind(f, node_field(f->t, loop, FIELD_LEFT), inner);
}

static bool element_used(Following *f, NodeId e, NodeId whole, Shape shape) {
  PyKind kind = node_kind(f->t, whole);
  if (kind == PY_LIST) {
    for (NodeId n = node_first_named(f->t, whole); node_ok(n);
         n = node_next_named(f->t, n)) {
      if (!node_eq(n, e) && !records_owe(f, n, shape)) return false;
    }
    return records_follow(f, whole, shape_in(SEQUENCE, shape));
  }
  if (kind == PY_DICTIONARY_COMPREHENSION) {
    if (node_role(f->t, e) != FIELD_VALUE) return records_refuse(f, "it is a key");
    vec_push(f->m->arena, &f->gathered, whole);
    return records_follow(f, whole, shape_in(MAPPING, shape));
  }
  if (!place_is_comprehension(kind)) {
    return records_refuse(f, "it is stored in a way that is not followed");
  }
  if (kind != PY_GENERATOR_EXPRESSION) vec_push(f->m->arena, &f->gathered, whole);
  return records_follow(f, whole, shape_in(SEQUENCE, shape));
}

// `x is None`, `key in rows`: nothing else is the same for objects of another kind.
static bool compared(Following *f, NodeId e, NodeId comparison, Shape shape) {
  for (NodeId c = node_first(f->t, comparison); node_ok(c); c = node_next(f->t, c)) {
    PyKind kind = node_kind(f->t, c);
    if (node_is_named(f->t, c) || kind == PY_KW_IS || kind == PY_KW_IS_NOT) continue;
    bool is_membership = kind == PY_KW_IN || kind == PY_KW_NOT_IN;
    bool is_behind = e.i > c.i;
    if (is_membership && is_behind && shape_top(shape) == MAPPING) continue;
    return records_refuse(f, "it is compared");
  }
  return true;
}

static bool is_slice(const Tree *t, NodeId subscript) {
  NodeId index = node_field(t, subscript, FIELD_SUBSCRIPT);
  return node_is(t, index, PY_SLICE);
}

// What is done with the value of `row["key"]` is up to the program.
static bool row_item(Following *f, NodeId subscript) {
  NodeId index = node_field(f->t, subscript, FIELD_SUBSCRIPT);
  if (!record_has_key(f, index)) return records_refuse(f, "another key is asked for");
  bool is_deleted = place_of(f->t, subscript).kind == PLACE_DELETED;
  return !is_deleted || records_refuse(f, "keys are taken out");
}

static bool item_used(Following *f, NodeId subscript, Shape shape) {
  if (shape == ROW) return row_item(f, subscript);
  bool is_sliced = is_slice(f->t, subscript);
  Shape inner = is_sliced ? shape : shape_inner(shape);
  Place p = place_of(f->t, subscript);
  if (shape_top(shape) == PAIR) {
    int64_t index = 0;
    NodeId at = node_field(f->t, subscript, FIELD_SUBSCRIPT);
    if (!constant_int(f->m, at, &index)) return records_refuse(f, "it is taken apart");
    return index == 0 || records_follow(f, subscript, inner);
  }
  if (p.kind == PLACE_DELETED) {
    vec_push(f->m->arena, &f->emptied, subscript);
    return true;
  }
  if (p.kind == PLACE_TARGET) {
    if (!node_is(f->t, p.node, PY_ASSIGNMENT)) {
      return records_refuse(f, "other things are kept there as well");
    }
    if (is_sliced) vec_push(f->m->arena, &f->emptied, subscript);
    return records_owe(f, node_field(f->t, p.node, FIELD_RIGHT), inner);
  }
  return records_follow(f, subscript, inner);
}

// `rows += more`: also what the name stands for behind it.
static bool updated(Following *f, NodeId e, NodeId statement, Shape shape) {
  NodeId sign = node_field(f->t, statement, FIELD_OPERATOR);
  if (shape_top(shape) != SEQUENCE || !node_is(f->t, sign, PY_OP_ADD_ASSIGN)) {
    return records_refuse(f, "it is changed in a way that is not followed");
  }
  if (!records_owe(f, node_field(f->t, statement, FIELD_RIGHT), shape)) return false;
  return !node_is(f->t, e, PY_IDENTIFIER) ||
         records_bind_def(f, def_at(f->m, e), shape);
}

static bool operand_used(Following *f, NodeId e, NodeId sum, Shape shape) {
  NodeId left = node_field(f->t, sum, FIELD_LEFT);
  NodeId right = node_field(f->t, sum, FIELD_RIGHT);
  if (shape_top(shape) != SEQUENCE || !node_is(f->t, sum, PY_BINARY_OPERATOR) ||
      !node_is(f->t, node_field(f->t, sum, FIELD_OPERATOR), PY_OP_ADD)) {
    return records_refuse(f, "it is shown or computed with");
  }
  return records_owe(f, node_eq(node_unwrap(f->t, left), e) ? right : left, shape) &&
         records_follow(f, sum, shape);
}

static bool attribute_set(Following *f, NodeId assignment, Shape shape) {
  NodeId value = node_field(f->t, assignment, FIELD_RIGHT);
  bool is_chained = node_is(f->t, node_parent(f->t, assignment), PY_ASSIGNMENT) ||
                    node_is(f->t, value, PY_ASSIGNMENT);
  if (is_chained) return records_refuse(f, "it has another name");
  if (!records_owe(f, value, shape)) return false;
  f->owed.items[f->owed.count - 1].is_start = true;
  return true;
}

bool records_used(Following *f, NodeId expression, Shape shape) {
  NodeId e = node_wrap(f->t, expression);
  if (value_is_only_tested(f->t, e)) return true;
  Place p = place_of(f->t, e);
  switch (p.kind) {
    case PLACE_SAME: return branch_used(f, e, p.node, shape);
    case PLACE_NAMED:
      return records_bind(f, node_field(f->t, p.node, FIELD_NAME), shape) &&
             records_follow(f, p.node, shape);
    case PLACE_ASSIGNED: return assigned(f, p.node, shape);
    case PLACE_AUGMENTS:
      vec_push(f->m->arena, &f->gathered, p.node);
      return records_track(f, node_field(f->t, p.node, FIELD_LEFT), shape);
    case PLACE_UPDATED: return updated(f, expression, p.node, shape);
    case PLACE_TARGET:  // an attribute, as all of its mentions are followed
      if (!node_is(f->t, p.node, PY_ASSIGNMENT)) break;
      return attribute_set(f, p.node, shape);
    case PLACE_DELETED:
    case PLACE_DROPPED: return true;
    case PLACE_ITERATED: return iterated(f, p.node, shape);
    case PLACE_ELEMENT: return element_used(f, e, p.node, shape);
    case PLACE_ARGUMENT: return records_as_argument(f, p, shape);
    case PLACE_ATTRIBUTE: return records_as_receiver(f, p.node, shape);
    case PLACE_ITEM: return item_used(f, p.node, shape);
    case PLACE_RETURNED:
    case PLACE_YIELDED: return records_returned(f, p.node, shape);
    case PLACE_TESTED:
      return !node_is(f->t, p.node, PY_COMPARISON_OPERATOR) ||
             compared(f, e, p.node, shape);
    case PLACE_OPERAND: return operand_used(f, e, p.node, shape);
    case PLACE_SPLAT: return records_refuse(f, "it is unpacked");
    default: break;
  }
  return records_refuse(f, "it is used in a way that is not followed");
}
