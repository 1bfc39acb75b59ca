#include "semantic/keeper.h"

#include "semantic/context.h"

enum { KEEPER_DEPTH = 8, BASES_MAX = 64 };

// --- finding the keeper --------------------------------------------------------------

// The class whose method has this identifier as its first parameter, or NO_NODE.
static NodeId class_of_first_parameter(Model *m, NodeId identifier, bool *is_class) {
  BindingId binding = binding_of(m, identifier);
  if (!binding_ok(binding)) return NO_NODE;
  ScopeId scope = binding_get(m, binding)->scope;
  DefId first = scope_parameter(m, scope, 0);
  ScopeId owner = scope_class_of_method(m, scope);
  if (!scope_ok(owner) || !def_ok(first) || def_get(m, first)->binding.i != binding.i) {
    return NO_NODE;
  }
  MethodKind kind = method_kind(m, scope_get(m, scope)->node);
  if (kind != METHOD_INSTANCE && kind != METHOD_CLASS) return NO_NODE;
  *is_class = kind == METHOD_CLASS;
  return scope_get(m, owner)->node;
}

static bool is_stored_to(const Tree *t, NodeId attribute) {
  NodeId parent = node_parent(t, attribute);
  return (node_is(t, parent, PY_ASSIGNMENT) ||
          node_is(t, parent, PY_AUGMENTED_ASSIGNMENT)) &&
         node_role(t, attribute) == FIELD_LEFT;
}

static bool sees_rebinding(Model *m, NodeId node, void *data) {
  (void)data;
  return is_stored_to(m->tree, node) && node_is(m->tree, node, PY_ATTRIBUTE);
}

// `self.x`: the class's own attribute when only the class body binds it.
static bool is_class_attribute(Model *m, NodeId class_node, Str name) {
  ScopeId scope = scope_of(m, class_node);
  BindingId binding = scope_lookup(m, scope, name);
  if (!binding_ok(binding) || !def_ok(def_first(m, binding))) return false;
  Keeper self = {.kind = KEEPER_SELF, .class_node = class_node, .attribute = name};
  return !keeper_any_use(m, self, sees_rebinding, NULL);
}

static Keeper keeper_of_attribute(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId object = node_unwrap(t, node_field(t, node, FIELD_OBJECT));
  Str name = node_text(t, node_field(t, node, FIELD_ATTRIBUTE));
  bool is_class = false;
  if (!node_is(t, object, PY_IDENTIFIER)) return (Keeper){0};
  NodeId class_node = class_of_first_parameter(m, object, &is_class);
  if (node_ok(class_node)) {
    bool shared =
        is_class || (!is_stored_to(t, node) && is_class_attribute(m, class_node, name));
    return (Keeper){.kind = shared ? KEEPER_CLASS : KEEPER_SELF,
                    .class_node = class_node,
                    .attribute = name};
  }
  BindingId binding = binding_of(m, object);
  const Def *def = def_get(m, binding_only_def(m, binding));
  if (def->kind == DEF_CLASS) {
    return (Keeper){.kind = KEEPER_CLASS, .class_node = def->value, .attribute = name};
  }
  bool global =
      binding_ok(binding) && binding_get(m, binding)->scope.i == MODULE_SCOPE.i;
  bool imported = def->kind == DEF_IMPORT || def->kind == DEF_IMPORT_FROM;
  if (!global || imported) return (Keeper){0};
  return (Keeper){.kind = KEEPER_MODULE, .binding = binding, .attribute = name};
}

// The container behind `d[k]`, `d.setdefault(k, [])`, `d.get(k)`.
static NodeId keeper_inside(const Model *m, NodeId node) {
  const Tree *t = m->tree;
  if (node_is(t, node, PY_SUBSCRIPT)) return node_field(t, node, FIELD_VALUE);
  if (!node_is(t, node, PY_CALL)) return NO_NODE;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, node, &method);
  return str_is(method, "setdefault") || str_is(method, "get") ? receiver : NO_NODE;
}

static Keeper keeper_of_name(Model *m, NodeId node, uint32_t depth);

static Keeper keeper_at(Model *m, NodeId node, uint32_t depth) {
  const Tree *t = m->tree;
  for (; depth > 0; depth--) {
    node = node_unwrap(t, node);
    NodeId inside = keeper_inside(m, node);
    if (!node_ok(inside)) break;
    node = inside;
  }
  if (depth == 0) return (Keeper){0};
  if (node_is(t, node, PY_ATTRIBUTE)) return keeper_of_attribute(m, node);
  if (node_is(t, node, PY_IDENTIFIER)) return keeper_of_name(m, node, depth - 1);
  return (Keeper){0};
}

static Keeper keeper_of_name(Model *m, NodeId node, uint32_t depth) {
  BindingId binding = binding_of(m, node);
  if (!binding_ok(binding)) return (Keeper){0};
  const Binding *b = binding_get(m, binding);
  ScopeKind kind = scope_get(m, b->scope)->kind;
  if (kind == SCOPE_MODULE) return (Keeper){.kind = KEEPER_MODULE, .binding = binding};
  if (kind == SCOPE_CLASS) {
    return (Keeper){.kind = KEEPER_CLASS,
                    .class_node = scope_get(m, b->scope)->node,
                    .attribute = node_text(m->tree, node)};
  }
  const Def *def = def_get(m, binding_only_def(m, binding));
  bool alias = def->kind == DEF_ASSIGN && (def->flags & DEF_UNPACKED) == 0;
  if (alias && depth > 0) {
    Keeper behind = keeper_at(m, def->value, depth);
    if (behind.kind != KEEPER_UNKNOWN) return behind;
  }
  return (Keeper){.kind = KEEPER_LOCAL, .binding = binding};
}

Keeper keeper_of(Model *m, NodeId target) { return keeper_at(m, target, KEEPER_DEPTH); }

// --- its other uses ------------------------------------------------------------------

// `sys.exc_info` is no attribute of any instance.
static bool is_module(Model *m, NodeId object) {
  return (binding_get(m, binding_of(m, object))->flags & BIND_IMPORTED) != 0;
}

static bool any_attribute_use(Model *m, Keeper keeper, KeeperVisit *visit, void *data) {
  const Tree *t = m->tree;
  uint32_t after = node_after(t, keeper.class_node);
  for (uint32_t i = keeper.class_node.i; i < after; i++) {
    NodeId node = (NodeId){i};
    if (!node_is(t, node, PY_ATTRIBUTE)) continue;
    if (!str_eq(node_text(t, node_field(t, node, FIELD_ATTRIBUTE)), keeper.attribute))
      continue;
    NodeId object = node_field(t, node, FIELD_OBJECT);
    if (!node_is(t, object, PY_IDENTIFIER) || is_module(m, object)) continue;
    if (visit(m, node, data)) return true;
  }
  return false;
}

static bool any_name_use(Model *m, BindingId binding, KeeperVisit *visit, void *data) {
  if (!binding_ok(binding)) return false;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (visit(m, ref_get(m, r)->node, data)) return true;
  }
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (visit(m, def_get(m, d)->node, data)) return true;
  }
  return false;
}

// `Cls.x` outside of the class.
static bool any_class_use(Model *m, Keeper keeper, KeeperVisit *visit, void *data) {
  const Tree *t = m->tree;
  BindingId binding = binding_of(m, node_field(t, keeper.class_node, FIELD_NAME));
  if (!binding_ok(binding)) return false;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId attribute = node_parent(t, ref_get(m, r)->node);
    bool same = node_is(t, attribute, PY_ATTRIBUTE) &&
                str_eq(node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE)),
                       keeper.attribute);
    if (same && !node_inside(t, attribute, keeper.class_node) &&
        visit(m, attribute, data)) {
      return true;
    }
  }
  return false;
}

bool keeper_any_use(Model *m, Keeper keeper, KeeperVisit *visit, void *data) {
  switch (keeper.kind) {
    case KEEPER_SELF: return any_attribute_use(m, keeper, visit, data);
    case KEEPER_CLASS:
      return any_attribute_use(m, keeper, visit, data) ||
             any_class_use(m, keeper, visit, data);
    case KEEPER_MODULE:
    case KEEPER_LOCAL: return any_name_use(m, keeper.binding, visit, data);
    default: return false;
  }
}

// --- draining ------------------------------------------------------------------------

static bool is_draining_method(Str name) {
  static const char *const names[] = {"clear",   "pop",    "popitem",
                                      "popleft", "remove", "discard"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

// Up from the keeper through subscripts: `d[k]` in `d[k].clear()` and `del d[k]`.
static NodeId outermost_item(const Tree *t, NodeId node) {
  while (node_is(t, node_parent(t, node), PY_SUBSCRIPT) &&
         node_role(t, node) == FIELD_VALUE) {
    node = node_parent(t, node);
  }
  return node;
}

static bool is_emptied_by_store(Model *m, NodeId node, NodeId store) {
  const Tree *t = m->tree;
  if (node_role(t, node) != FIELD_LEFT || !node_is(t, store, PY_ASSIGNMENT))
    return false;
  NodeId value = node_unwrap(t, node_field(t, store, FIELD_RIGHT));
  Context at = context_of(m, store);
  if (!node_ok(at.function)) return false;  // the first assignment, at import time
  bool in_init = (at.flags & CONTEXT_METHOD) != 0 &&
                 node_text_is(t, node_field(t, at.function, FIELD_NAME), "__init__");
  if (in_init) return false;
  if (node_is(t, value, PY_NONE_LITERAL)) return true;
  Value v = value_of(m, value);
  return value_is_container(v) && v.high == 0;
}

// `error, self.x = self.x, None`, `self.x, count = read()`, outside of the first binding.
static bool is_swapped(Model *m, NodeId node, NodeId pattern) {
  const Tree *t = m->tree;
  if (!node_is(t, pattern, PY_PATTERN_LIST) && !node_is(t, pattern, PY_TUPLE_PATTERN))
    return false;
  NodeId function = context_of(m, node).function;
  return node_ok(function) &&
         !node_text_is(t, node_field(t, function, FIELD_NAME), "__init__");
}

// `state.error = None` for what `state.error` of a global name keeps.
static bool lets_go_of_attribute(Model *m, NodeId node, void *data) {
  const Tree *t = m->tree;
  const Str *attribute = data;
  NodeId parent = node_parent(t, node);
  return node_is(t, parent, PY_ATTRIBUTE) && node_role(t, node) == FIELD_OBJECT &&
         str_eq(node_text(t, node_field(t, parent, FIELD_ATTRIBUTE)), *attribute) &&
         is_emptied_by_store(m, parent, node_parent(t, parent));
}

static bool drains(Model *m, NodeId node, void *data) {
  const Tree *t = m->tree;
  NodeId item = outermost_item(t, node);
  NodeId parent = node_parent(t, item);
  if (node_eq(item, node) && data == NULL && is_swapped(m, node, parent)) return true;
  if (node_is(t, parent, PY_DELETE_STATEMENT) ||
      node_is(t, node_parent(t, parent), PY_DELETE_STATEMENT)) {
    return true;
  }
  if (node_is(t, parent, PY_ATTRIBUTE) && node_is(t, node_parent(t, parent), PY_CALL) &&
      node_role(t, parent) == FIELD_FUNCTION &&
      is_draining_method(node_text(t, node_field(t, parent, FIELD_ATTRIBUTE)))) {
    return true;
  }
  NodeId alias = node_field(t, parent, FIELD_LEFT);
  bool is_alias = data == NULL && node_is(t, parent, PY_ASSIGNMENT) &&
                  node_role(t, item) == FIELD_RIGHT && node_is(t, alias, PY_IDENTIFIER);
  if (is_alias && any_name_use(m, binding_of(m, alias), drains, &is_alias)) return true;
  return node_eq(item, node) && data == NULL && is_emptied_by_store(m, item, parent);
}

// deque(maxlen=…), weak containers: where the container itself is made.
static bool makes_bounded(Model *m, NodeId node, void *data) {
  (void)data;
  const Tree *t = m->tree;
  NodeId store = node_parent(t, node);
  if (!node_is(t, store, PY_ASSIGNMENT) || node_role(t, node) != FIELD_LEFT)
    return false;
  NodeId value = node_unwrap(t, node_field(t, store, FIELD_RIGHT));
  NodeId bound = NO_NODE;
  if (!node_is(t, value, PY_CALL)) return false;
  if (call_argument(m, value, 1, "maxlen", &bound) == ARG_PRESENT &&
      !constant_is_none(m, bound) &&
      name_is(m, call_callee(m, value), "collections.deque")) {
    return true;
  }
  return str_starts(name_of_callee(m, value), STR("weakref."));
}

// Is `other` the class, or a base that this file defines? Looks at BASES_MAX bases.
static bool is_base_of(Model *m, NodeId other, NodeId class_node) {
  NodeId todo[BASES_MAX] = {class_node};
  for (uint32_t i = 0, count = 1; i < count; i++) {
    if (node_eq(other, todo[i])) return true;
    NodeId bases = node_field(m->tree, todo[i], FIELD_SUPERCLASSES);
    for (NodeId b = node_first_named(m->tree, bases); node_ok(b) && count < BASES_MAX;
         b = node_next_named(m->tree, b)) {
      if (!node_is(m->tree, b, PY_IDENTIFIER)) continue;
      const Def *def = def_get(m, binding_only_def(m, binding_of(m, b)));
      if (def->kind == DEF_CLASS) todo[count++] = def->value;
    }
  }
  return false;
}

bool keeper_any_use_outside(Model *m, Keeper keeper, KeeperVisit *visit) {
  const Tree *t = m->tree;
  if (keeper.kind != KEEPER_SELF) return false;
  for (uint32_t i = 1; i < t->count; i++) {
    NodeId node = (NodeId){i};
    if (!node_is(t, node, PY_ATTRIBUTE) || node_inside(t, node, keeper.class_node) ||
        !str_eq(node_text(t, node_field(t, node, FIELD_ATTRIBUTE)), keeper.attribute)) {
      continue;
    }
    NodeId object = node_field(t, node, FIELD_OBJECT);
    bool is_class = false, is_name = node_is(t, object, PY_IDENTIFIER);
    if (!is_name && !node_is(t, object, PY_ATTRIBUTE)) continue;
    if (is_name && is_module(m, object)) continue;
    NodeId owner = is_name ? class_of_first_parameter(m, object, &is_class) : NO_NODE;
    bool is_other = node_ok(owner) && !is_base_of(m, owner, keeper.class_node);
    if (is_other) continue;
    if (visit(m, node, NULL)) return true;
  }
  return false;
}

bool keeper_is_drained(Model *m, Keeper keeper) {
  if (keeper_any_use(m, keeper, drains, NULL) ||
      keeper_any_use(m, keeper, makes_bounded, NULL)) {
    return true;
  }
  if (keeper.kind == KEEPER_SELF) return keeper_any_use_outside(m, keeper, drains);
  if (keeper.kind == KEEPER_MODULE && keeper.attribute.n > 0) {
    return any_name_use(m, keeper.binding, lets_go_of_attribute, &keeper.attribute);
  }
  if (keeper.kind != KEEPER_CLASS) return false;
  ScopeId scope = scope_of(m, keeper.class_node);
  return any_name_use(m, scope_lookup(m, scope, keeper.attribute), makes_bounded, NULL);
}

static bool drains_in(Model *m, NodeId node, void *data) {
  const NodeId *within = data;
  return node_inside(m->tree, node, *within) && drains(m, node, NULL);
}

bool keeper_is_drained_in(Model *m, Keeper keeper, NodeId within) {
  return keeper_any_use(m, keeper, drains_in, &within);
}

static bool drains_behind(Model *m, NodeId node, void *data) {
  const NodeId *from = data;
  return node_eq(context_of(m, node).function, context_of(m, *from).function) &&
         drains(m, node, NULL) &&
         flow_always_passes(m, *from, node, false) == ANSWER_YES;
}

bool keeper_is_drained_behind(Model *m, Keeper keeper, NodeId node) {
  return keeper_any_use(m, keeper, drains_behind, &node);
}

static bool binds_beside(Model *m, NodeId node, void *data) {
  const NodeId *store = data;
  return is_stored_to(m->tree, node) && !node_eq(node_parent(m->tree, node), *store);
}

bool keeper_is_of_base(Model *m, Keeper keeper, NodeId store) {
  return keeper.kind == KEEPER_SELF && class_has_unknown_base(m, keeper.class_node) &&
         !keeper_any_use(m, keeper, binds_beside, &store);
}

bool keeper_is_singleton(Model *m, Keeper keeper) {
  return keeper.kind == KEEPER_SELF &&
         class_instances(m, keeper.class_node) == INSTANCES_ONE;
}
