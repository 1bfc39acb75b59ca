// Values of attributes: modules' and kinds' by the tables, self's by the class.
#include "semantic/value.h"

#include "semantic/value_internal.h"

enum { SETS_JOINED = 8 };

// --- what a class sets on self -------------------------------------------------------

// `self.text += more`, `self.text = self.text + more`, `self.text = more + self.text`
static bool target_is_updated(const Tree *t, NodeId target) {
  NodeId parent = node_parent(t, target);
  NodeId right = node_unwrap(t, node_field(t, parent, FIELD_RIGHT));
  if (node_is(t, parent, PY_AUGMENTED_ASSIGNMENT)) return true;
  if (!node_is(t, parent, PY_ASSIGNMENT) || !node_is(t, right, PY_BINARY_OPERATOR) ||
      !node_text_is(t, node_field(t, right, FIELD_OPERATOR), "+")) {
    return false;
  }
  Str name = node_text(t, target);
  NodeId left = right;
  for (uint32_t i = 0; i < SETS_JOINED && node_is(t, left, PY_BINARY_OPERATOR); i++) {
    left = node_field(t, left, FIELD_LEFT);
  }
  return str_eq(node_text(t, left), name) ||
         str_eq(node_text(t, node_field(t, right, FIELD_RIGHT)), name);
}

static void attribute_add(Model *m, NodeId class_definition, Str name, NodeId target,
                          NodeId value) {
  Values *values = m->values;
  Sym sym = intern(&m->names_interner, name);
  uint64_t key = map_pair(class_definition.i, sym.i);
  bool updated = target_is_updated(m->tree, target);
  AttributeSet set = {value, map_get(&values->attribute_first, key), updated};
  vec_push(m->arena, &values->attribute_sets, set);
  map_put(&values->attribute_first, key, values->attribute_sets.count - 1);
}

// The value that an attribute target gets, where its assignment says so plainly.
static NodeId target_value(const Tree *t, NodeId target) {
  NodeId parent = node_parent(t, target);
  bool plain = node_is(t, parent, PY_ASSIGNMENT) && node_role(t, target) == FIELD_LEFT;
  return plain ? node_field(t, parent, FIELD_RIGHT) : NO_NODE;
}

// The attribute is bound here: assignment, loop, with, unpacking, del.
static bool attribute_is_target(const Tree *t, NodeId node) {
  NodeId parent = node_parent(t, node);
  PyField role = node_role(t, node);
  switch (node_kind(t, parent)) {
    case PY_ASSIGNMENT:
    case PY_AUGMENTED_ASSIGNMENT:
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE: return role == FIELD_LEFT;
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_LIST_SPLAT_PATTERN:
    case PY_AS_PATTERN_TARGET:
    case PY_DELETE_STATEMENT: return true;
    default: return false;
  }
}

static void attributes_collect(Model *m) {
  const Tree *t = m->tree;
  Values *values = m->values;
  values->attributes_known = true;
  for (uint32_t i = 1; i < t->count; i++) {
    NodeId node = {i};
    if (!node_is(t, node, PY_ATTRIBUTE) || !attribute_is_target(t, node)) continue;
    NodeId object = node_field(t, node, FIELD_OBJECT);
    if (!node_is(t, object, PY_IDENTIFIER)) continue;
    NodeId owner = class_of_self(m, object);
    if (!node_ok(owner)) continue;
    Str name = node_text(t, node_field(t, node, FIELD_ATTRIBUTE));
    attribute_add(m, owner, name, node, target_value(t, node));
  }
}

uint32_t attribute_stores(Model *m, NodeId class_definition, Str name, NodeId *stored,
                          uint32_t room) {
  Values *values = values_get(m);
  if (!values->attributes_known) attributes_collect(m);
  Sym sym = intern_find(&m->names_interner, name);
  uint32_t count = 0;
  for (uint32_t at =
           map_get(&values->attribute_first, map_pair(class_definition.i, sym.i));
       at != 0; at = values->attribute_sets.items[at].next) {
    if (count < room) stored[count] = values->attribute_sets.items[at].value;
    count++;
  }
  return count;
}

static Value value_of_class_binding(Model *m, NodeId class_definition, Str name,
                                    bool *bound) {
  ScopeId scope = scope_of(m, class_definition);
  BindingId binding = scope_lookup(m, scope, name);
  Value joined = value_unknown();
  *bound = false;
  if (!binding_ok(binding) || (binding_get(m, binding)->flags & BIND_LOCAL) == 0) {
    return joined;
  }
  uint32_t count = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    // A bare annotation binds nothing; it still tells the type.
    if (++count > SETS_JOINED) return value_unknown();
    Value v = value_of_def(m, d);
    joined = *bound ? value_join(joined, v) : v;
    *bound = true;
  }
  return joined;
}

// `self.text += more`: still a text, however long. Numbers may become others.
static Value value_updated(Value v) {
  bool stays = value_is_text(v) || value_is_mutable(v);
  Value updated = stays ? value_plain(v.kind, v.origin) : value_unknown();
  updated.flags |= v.flags & VALUE_FILLS;
  if (stays && v.size == SIZE_UNBOUNDED) value_copy_size(&updated, v);
  return updated;
}

static Value value_of_self_attribute(Model *m, NodeId class_definition, Str name) {
  Values *values = values_get(m);
  if (!values->attributes_known) attributes_collect(m);
  bool bound;
  Value joined = value_of_class_binding(m, class_definition, name, &bound);
  Sym sym = intern_find(&m->names_interner, name);
  uint64_t key = map_pair(class_definition.i, sym.i);
  uint32_t count = 0;
  bool updated = false;
  for (uint32_t at = map_get(&values->attribute_first, key); at != 0;
       at = values->attribute_sets.items[at].next) {
    NodeId set = values->attribute_sets.items[at].value;
    if (values->attribute_sets.items[at].updated) {
      updated = true;
      continue;
    }
    if (++count > SETS_JOINED || !node_ok(set)) return value_unknown();
    Value v = value_of(m, set);
    joined = bound ? value_join(joined, v) : v;
    bound = true;
  }
  if (updated) joined = value_updated(joined);
  // Another method may have filled it, or closed it.
  joined.flags &= ~(uint32_t)(HANDLE_OPENED_HERE | HANDLE_IN_WITH | VALUE_FRESH |
                              VALUE_FROM_PARAMETER);
  if (joined.size != SIZE_UNBOUNDED && value_is_mutable(joined)) {
    value_set_unknown_size(&joined);
  }
  if (joined.why == WHY_PARAMETER) value_set_unknown_size(&joined);
  return joined;
}

// --- methods -------------------------------------------------------------------------

NodeId class_method(Model *m, NodeId class_definition, Str name) {
  BindingId binding = scope_lookup(m, scope_of(m, class_definition), name);
  if (!binding_ok(binding)) return NO_NODE;
  const Def *def = def_get(m, binding_only_def(m, binding));
  return def->kind == DEF_FUNCTION ? def->value : NO_NODE;
}

static bool method_is_property(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId decorator = node_first_named(t, node_parent(t, function));
  if (!node_is(t, decorator, PY_DECORATOR)) return false;
  Str name = name_of_decorator(m, decorator);
  return str_is(name, "builtins.property") || str_is(name, "functools.cached_property");
}

static Value value_of_member(Model *m, NodeId class_definition, Str name) {
  NodeId method = class_method(m, class_definition, name);
  if (!node_ok(method)) return value_of_self_attribute(m, class_definition, name);
  if (method_is_property(m, method)) return value_of_local_call(m, method, NO_NODE);
  Value v = value_plain(VALUE_FUNCTION, method);
  v.definition = method;
  return v;
}

Value value_of_attribute(Model *m, NodeId node) {
  const Knowledge *k = m->options.knowledge;
  const Tree *t = m->tree;
  const ResultFact *fact = knowledge_attributes(k, name_of(m, node));
  if (fact != NULL) return value_of_fact(m, fact, node, NO_NODE);
  NodeId object = node_field(t, node, FIELD_OBJECT);
  Str member = node_text(t, node_field(t, node, FIELD_ATTRIBUTE));
  Value owner = value_of(m, object);
  if (value_is_bottom(owner)) return owner;
  bool is_own = owner.kind == VALUE_INSTANCE || owner.kind == VALUE_CLASS;
  if (is_own && node_ok(owner.definition)) {
    Value v = value_of_member(m, owner.definition, member);
    if (v.kind != VALUE_UNKNOWN || v.size != SIZE_UNKNOWN) return v;
  }
  fact = knowledge_member(k, SUBJECT_ATTRIBUTES, owner.kind, member);
  if (fact != NULL) return value_of_fact(m, fact, node, object);
  Value v = value_unknown();
  v.high = SIZE_NO_BOUND;
  const SmallFact *small = knowledge_member(k, SUBJECT_SMALL, VALUE_UNKNOWN, member);
  if (small != NULL && small->form == SMALL_ATTRIBUTE) {
    value_set_count(&v, 0, SMALL_SIZE - 1);
  }
  return v;
}
