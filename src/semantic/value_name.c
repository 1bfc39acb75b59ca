// Values of names: through the definitions that reach the use.
#include "semantic/value.h"

#include "semantic/value_internal.h"

enum { DEFS_JOINED = 8, REFS_READ = 64 };

// --- unpacking -----------------------------------------------------------------------

static Value value_unpacked(Model *m, const Def *def) {
  Value whole = value_of(m, def->value);
  if (def->flags & DEF_STARRED) {
    Value rest = value_plain(VALUE_LIST, def->node);
    rest.element = value_element(whole).kind;
    value_copy_size(&rest, whole);
    return rest;
  }
  if (def->flags & DEF_NESTED) return value_unknown();
  if ((whole.flags & VALUE_PARTS) != 0 && def->index > 0) return value_unknown();
  NodeId written = unpacked_part(m->tree, def);
  return node_ok(written) ? value_of(m, written) : value_element(whole);
}

// --- loops ---------------------------------------------------------------------------

// One call whose tuples have known parts: enumerate, zip, dict.items.
static Value loop_tuple_part(Model *m, const Def *def, NodeId call, Value source) {
  Value unknown = value_unknown(), element = value_element(source);
  unknown.flags = element.flags & VALUE_RECORD;
  unknown.why = element.why;
  if (!node_is(m->tree, call, PY_CALL)) return unknown;
  Str name = name_of_callee(m, call);
  NodeId argument;
  if (str_is(name, "builtins.enumerate")) {
    if (def->index == 0) return value_plain(VALUE_INT, def->node);
    if (def->flags & DEF_NESTED) return unknown;
    if (call_argument(m, call, 0, "iterable", &argument) != ARG_PRESENT) return unknown;
    return value_element(value_of(m, argument));
  }
  if (str_is(name, "builtins.zip") && (def->flags & DEF_NESTED) == 0 &&
      call_argument(m, call, def->index, "", &argument) == ARG_PRESENT) {
    return value_element(value_of(m, argument));
  }
  return unknown;
}

static Value value_of_loop_target(Model *m, const Def *def) {
  NodeId iterated = node_unwrap(m->tree, def->value);
  Value source = value_of(m, iterated);
  if (def->flags & DEF_STARRED) return value_plain(VALUE_LIST, def->node);
  if (def->flags & DEF_UNPACKED) return loop_tuple_part(m, def, iterated, source);
  return value_element(source);
}

// --- other definitions ---------------------------------------------------------------

// Context managers whose `as` gives themselves.
static bool manager_gives_itself(Value v) {
  switch (v.kind) {
    case VALUE_FILE:
    case VALUE_ARCHIVE:
    case VALUE_PROCESS:
    case VALUE_SOCKET:
    case VALUE_RESPONSE:
    case VALUE_CONNECTION:
    case VALUE_CURSOR:
    case VALUE_EXECUTOR:
    case VALUE_SESSION:
    case VALUE_ITERABLE:
    case VALUE_READER:
    case VALUE_STACK:
    case VALUE_MEMORYVIEW: return true;
    default: return false;
  }
}

static Value value_of_with(Model *m, const Def *def) {
  Value v = value_of(m, def->value);
  if (def->flags & DEF_UNPACKED) return value_unknown();
  if (value_is_bottom(v)) return v;
  if (!manager_gives_itself(v)) return value_unknown();
  v.flags |= HANDLE_IN_WITH;
  return v;
}

static Value value_of_augmented(Model *m, const Def *def) {
  Value before = value_of(m, def->node), added = value_of(m, def->value);
  Value v = value_plain(before.kind, def->node);
  if (value_is_bottom(before)) {
    if (!value_is_known(added)) return before;  // the first round decides
    v.kind = added.kind;
  }
  if (v.kind == VALUE_INT && added.kind != VALUE_INT) v.kind = added.kind;
  if (size_is_unbounded(before)) {
    value_copy_size(&v, before);
  } else if (size_is_unbounded(added) && !value_is_scalar(v)) {
    value_copy_size(&v, added);
  }
  v.element = before.element == added.element ? before.element : VALUE_UNKNOWN;
  return v;
}

static Value value_of_defined(NodeId node, ValueKind kind, NodeId definition) {
  Value v = value_plain(kind, node);
  v.definition = definition;
  return v;
}

static NodeId def_annotation(const Tree *t, const Def *def) {
  return node_field(t, def->statement, FIELD_TYPE);
}

static Value value_of_assigned(Model *m, const Def *def) {
  Value v = value_unknown();
  if (node_ok(def->value)) {
    v = def->flags & DEF_UNPACKED ? value_unpacked(m, def) : value_of(m, def->value);
  }
  NodeId annotation = def_annotation(m->tree, def);
  if (!node_ok(annotation) || value_is_bottom(v)) return v;
  // `x: list[str] = load()`: the annotation fills what the value leaves open.
  Value said = value_of_annotation(m, annotation);
  if (v.kind == VALUE_UNKNOWN || v.kind == VALUE_NONE) {
    said.flags |= v.flags;
    if (v.kind == VALUE_NONE) said.flags |= VALUE_MAYBE_NONE;
    if (v.size != SIZE_UNKNOWN) value_copy_size(&said, v);
    said.origin = v.origin;
    return said;
  }
  if (v.element == VALUE_UNKNOWN) {
    v.element = said.element;
    v.element_class = said.element_class;
  }
  if (v.item == VALUE_UNKNOWN && v.kind == said.kind) v.item = said.item;
  return v;
}

static Value value_of_import(Model *m, DefId id, const Def *def) {
  if (def->kind == DEF_IMPORT) return value_plain(VALUE_MODULE, def->node);
  (void)id;
  const ResultFact *fact =
      knowledge_attributes(m->options.knowledge, name_of(m, def->node));
  return fact != NULL ? value_of_fact(m, fact, def->node, NO_NODE) : value_unknown();
}

Value value_of_def(Model *m, DefId id) {
  const Def *def = def_get(m, id);
  switch (def->kind) {
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS: return value_of_assigned(m, def);
    case DEF_AUGMENTED: return value_of_augmented(m, def);
    case DEF_FOR:
    case DEF_COMPREHENSION: return value_of_loop_target(m, def);
    case DEF_WITH: return value_of_with(m, def);
    case DEF_EXCEPT: return value_plain(VALUE_EXCEPTION, def->node);
    case DEF_IMPORT:
    case DEF_IMPORT_FROM: return value_of_import(m, id, def);
    case DEF_FUNCTION: return value_of_defined(def->node, VALUE_FUNCTION, def->value);
    case DEF_CLASS: {
      Value v = value_of_defined(def->node, VALUE_CLASS, def->value);
      v.class_name = name_of(m, def->node);
      return v;
    }
    case DEF_PARAMETER: return value_of_parameter(m, id);
    default: return value_unknown();
  }
}

// --- containers that are filled later ------------------------------------------------

// Every round has a container of its own.
static bool starts_in_loop(Model *m, BindingId binding, NodeId loop) {
  uint32_t read = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (++read > DEFS_JOINED || !node_inside(m->tree, def_get(m, d)->node, loop)) {
      return false;
    }
  }
  return true;
}

// What is added in a loop: as much as the innermost source without bound gives; one
// element outside of loops.
static Value growth_by_loop(Model *m, BindingId binding, NodeId node) {
  Value growth = value_unknown();
  value_set_count(&growth, 0, 1);
  for (NodeId loop = loop_around(m, node, NO_NODE);
       node_ok(loop) && !starts_in_loop(m, binding, loop);
       loop = loop_around(m, node, loop)) {
    NodeId source = node_field(m->tree, loop, FIELD_RIGHT);
    Value v = value_of(m, source);
    if (node_ok(source) && size_is_unbounded(v)) return v;
    value_set_unknown_size(&growth);
  }
  return growth;
}

static Value growth_by_call(Model *m, BindingId binding, NodeId call,
                            const MutatorFact *fact) {
  NodeId argument;
  if ((fact->effect & MUTATES_BY_MANY) &&
      call_argument(m, call, 0, "", &argument) == ARG_PRESENT) {
    Value many = value_of(m, argument);
    if (size_is_unbounded(many)) return many;
  }
  Value growth = growth_by_loop(m, binding, call);
  bool several = (fact->effect & MUTATES_BY_MANY) != 0 && !size_is_unbounded(growth);
  if (several) value_set_unknown_size(&growth);
  return growth;
}

// Item assignment replaces in a list; in a dict it adds.
static bool growth_of_use(Model *m, BindingId binding, NodeId use, bool is_dict,
                          Value *growth) {
  const Tree *t = m->tree;
  NodeId parent = node_parent(t, use), grand = node_parent(t, parent);
  if (node_is(t, parent, PY_ATTRIBUTE) && node_role(t, use) == FIELD_OBJECT &&
      node_is(t, grand, PY_CALL) && node_role(t, parent) == FIELD_FUNCTION) {
    // By the method's name alone: the receiver's value is what is being asked for.
    Str method = node_text(t, node_field(t, parent, FIELD_ATTRIBUTE));
    const MutatorFact *fact =
        knowledge_member(m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
    if (fact == NULL || (fact->effect & MUTATES_GROWS) == 0) return false;
    *growth = growth_by_call(m, binding, grand, fact);
    return true;
  }
  bool stores =
      is_dict && node_is(t, parent, PY_SUBSCRIPT) && node_role(t, use) == FIELD_VALUE &&
      node_role(t, parent) == FIELD_LEFT &&
      (node_is(t, grand, PY_ASSIGNMENT) || node_is(t, grand, PY_AUGMENTED_ASSIGNMENT));
  if (!stores) return false;
  *growth = growth_by_loop(m, binding, grand);
  return true;
}

// All that the uses of a name add: SIZE_SMALL = as many as stand there, SIZE_UNBOUNDED = from a source
// without bound, SIZE_UNKNOWN = something.
static Value growth_compute(Model *m, uint64_t key) {
  BindingId binding = {(uint32_t)(key >> 32)};
  bool is_dict = (key & 1) != 0, grown = false;
  ScopeId home = scope_function(m, binding_get(m, binding)->scope);
  uint32_t read = 0, added = 0;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    Value growth;
    if (++read > REFS_READ) return value_unknown();
    if (!growth_of_use(m, binding, ref_get(m, r)->node, is_dict, &growth)) continue;
    if (size_is_unbounded(growth)) return growth;
    bool once =
        size_is_small(growth) && scope_function(m, ref_get(m, r)->scope).i == home.i;
    added += once;
    grown |= !once;
  }
  Value all = value_unknown();
  if (!grown) value_set_count(&all, 0, added);
  return all;
}

Value value_grown(Model *m, BindingId binding, Value v) {
  if (v.size == SIZE_UNBOUNDED || !value_is_mutable(v)) return v;
  uint64_t key = map_pair(binding.i, v.kind == VALUE_DICT);
  Value growth = value_remembered(m, &m->values->growths, key, growth_compute);
  if (size_is_unbounded(growth)) {
    value_copy_size(&v, growth);
  } else if (!size_is_small(growth)) {
    v.size = SIZE_UNKNOWN;
    v.high = SIZE_NO_BOUND;
  } else if (growth.high > 0 && v.high != SIZE_NO_BOUND) {
    value_set_count(&v, v.low, v.high + growth.high);
  }
  return v;
}

// --- names ---------------------------------------------------------------------------

// Handles that the asking function did not open are not its to close.
static Value value_from_outside(Value v) {
  v.flags &= ~(uint32_t)(HANDLE_OPENED_HERE | HANDLE_IN_WITH | VALUE_FRESH |
                         VALUE_FROM_PARAMETER);
  return v;
}

static Value join_all_defs(Model *m, BindingId binding) {
  Value joined = value_unknown();
  uint32_t count = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (def_get(m, d)->kind == DEF_DELETE) continue;
    if (++count > DEFS_JOINED) return value_unknown();
    Value v = value_of_def(m, d);
    joined = count == 1 ? v : value_join(joined, v);
  }
  return joined;
}

static Value join_reaching(Model *m, DefList defs) {
  Value joined = value_unknown();
  if (defs.count > DEFS_JOINED) return joined;
  for (uint32_t i = 0; i < defs.count; i++) {
    Value v = value_of_def(m, defs.items[i]);
    joined = i == 0 ? v : value_join(joined, v);
  }
  return joined;
}

static Value value_of_binding(Model *m, NodeId node, BindingId binding) {
  const Binding *b = binding_get(m, binding);
  if (b->flags & BIND_IN_ERROR) return value_unknown();
  RefId ref = ref_at(m, node);
  if (!ref_ok(ref)) {  // a target: what it is given there
    return def_ok(def_at(m, node)) ? value_of_def(m, def_at(m, node)) : value_unknown();
  }
  ScopeId here = scope_function(m, ref_get(m, ref)->scope);
  bool is_local = scope_function(m, b->scope).i == here.i;
  if (!is_local || b->scope.i != ref_get(m, ref)->scope.i) {
    Value v = join_all_defs(m, binding);
    return is_local ? v : value_from_outside(v);
  }
  // Where only one can reach it, the flow has nothing to add.
  if (b->def_count == 1) return join_all_defs(m, binding);
  DefList defs = flow_defs_reaching(m, ref);
  return defs.unknown || defs.count == 0 ? join_all_defs(m, binding)
                                         : join_reaching(m, defs);
}

Value value_of_identifier(Model *m, NodeId node) {
  BindingId binding = binding_of(m, node);
  if (!binding_ok(binding)) {
    const ResultFact *fact =
        knowledge_attributes(m->options.knowledge, name_of(m, node));
    return fact != NULL ? value_of_fact(m, fact, node, NO_NODE) : value_unknown();
  }
  Value v = value_of_binding(m, node, binding);
  v.flags &= ~(uint32_t)VALUE_FRESH;
  return value_grown(m, binding, v);
}
