#include "index/facts_internal.h"

// --- what an expression builds -------------------------------------------------------

typedef struct BuilderFact {
  const char *name;
  ValueKind type;
  uint32_t flags;
} BuilderFact;

static const BuilderFact BUILDERS[] = {
    {"builtins.bytearray", VALUE_BYTEARRAY, 0},
    {"builtins.dict", VALUE_DICT, 0},
    {"builtins.list", VALUE_LIST, 0},
    {"builtins.set", VALUE_SET, 0},
    {"collections.Counter", VALUE_DICT, CONTAINER_DEFAULTS},
    {"collections.OrderedDict", VALUE_DICT, 0},
    {"collections.defaultdict", VALUE_DICT, CONTAINER_DEFAULTS},
    {"collections.deque", VALUE_DEQUE, 0},
    {"weakref.WeakKeyDictionary", VALUE_DICT, CONTAINER_WEAK},
    {"weakref.WeakSet", VALUE_SET, CONTAINER_WEAK},
    {"weakref.WeakValueDictionary", VALUE_DICT, CONTAINER_WEAK},
};

// What `dict`, `deque` and kind build.
static bool named_builds(Str name, FactContainer *out) {
  for (uint32_t i = 0; i < sizeof BUILDERS / sizeof *BUILDERS; i++) {
    if (!str_is(name, BUILDERS[i].name)) continue;
    out->type = BUILDERS[i].type;
    out->flags |= BUILDERS[i].flags;
    return true;
  }
  return false;
}

static bool call_builds(FactsBuilder *b, NodeId call, FactContainer *out) {
  Str name = name_of_callee(b->m, call);
  if (!named_builds(name, out)) return false;
  NodeId value = NO_NODE;
  if (out->type == VALUE_DEQUE) {
    ArgState state = call_argument(b->m, call, 1, "maxlen", &value);
    bool is_bounded = state == ARG_UNKNOWN ||
                      (state == ARG_PRESENT && !constant_is_none(b->m, value));
    if (is_bounded) out->flags |= CONTAINER_BOUNDED;
  }
  bool is_factory = str_is(name, "collections.defaultdict");
  if (is_factory) out->flags |= factory_flags(b, call);
  uint32_t given = call_positional_count(b->m, call);
  if (given > (is_factory ? 1u : 0u)) out->flags |= CONTAINER_FILLED;
  return true;
}

bool container_read(FactsBuilder *b, NodeId value, FactContainer *out) {
  NodeId n = node_unwrap(b->t, value);
  switch (node_kind(b->t, n)) {
    case PY_LIST:
    case PY_LIST_COMPREHENSION: out->type = VALUE_LIST; break;
    case PY_DICTIONARY:
    case PY_DICTIONARY_COMPREHENSION: out->type = VALUE_DICT; break;
    case PY_SET:
    case PY_SET_COMPREHENSION: out->type = VALUE_SET; break;
    case PY_CALL:
      if (!call_builds(b, n, out) && !queue_read(b, n, out)) return false;
      out->place = place_of(n);
      return true;
    default: return false;
  }
  out->place = place_of(n);
  out->entries = node_count_named(b->t, n);
  if (out->entries != 0) out->flags |= CONTAINER_FILLED;
  return true;
}

bool is_own_keywords(FactsBuilder *b, NodeId value) {
  NodeId n = node_unwrap(b->t, value);
  if (!node_is(b->t, n, PY_IDENTIFIER)) return false;
  const Def *def = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  return def->kind == DEF_PARAMETER && (def->flags & DEF_KEYWORD_STAR) != 0;
}

bool is_constructor(const Tree *t, NodeId function) {
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  return str_is(name, "__init__") || str_is(name, "__new__") ||
         str_is(name, "__post_init__") || str_is(name, "__attrs_post_init__");
}

// --- names of modules ----------------------------------------------------------------

uint32_t container_flags(const FactsBuilder *b) {
  return ((b->flags & FACTS_TEST) != 0 ? CONTAINER_TEST : 0u) |
         ((b->flags & FACTS_SCRIPT) != 0 ? CONTAINER_SCRIPT : 0u);
}

// The only definition that builds a container, of those at import; {0} when it is not
// clear which object the name stands for.
static DefId building_def(FactsBuilder *b, BindingId binding, FactContainer *out) {
  DefId found = {0};
  const Binding *given = binding_get(b->m, binding);
  for (DefId d = given->first_def; def_ok(d); d = def_next(b->m, d)) {
    const Def *def = def_get(b->m, d);
    if (def->scope.i != given->scope.i) continue;
    bool is_bare = def->kind == DEF_ANNOTATED && !node_ok(def->value);
    if (is_bare || def->kind == DEF_AUGMENTED) continue;
    if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED) return (DefId){0};
    if ((def->flags & DEF_UNPACKED) != 0 || def_ok(found)) return (DefId){0};
    if (!container_read(b, def->value, out)) return (DefId){0};
    found = d;
  }
  return found;
}

// Bound or deleted by functions, through `global`.
static void rebindings_add(FactsBuilder *b, BindingId binding, FactText owner) {
  const Binding *given = binding_get(b->m, binding);
  for (DefId d = given->first_def; def_ok(d); d = def_next(b->m, d)) {
    const Def *def = def_get(b->m, d);
    if (def->scope.i == given->scope.i || def->kind == DEF_AUGMENTED) continue;
    FactOperation row = {.owner = owner,
                         .caller = scope_caller(b, def->node),
                         .place = place_of(def->node),
                         .context = context_kept(context_of(b->m, def->node).flags),
                         .kind = OPERATION_REBIND,
                         .argument = 255};
    vec_push(b->arena, &b->operations, row);
  }
}

// `x: dict[type, int]`: as many keys as there are classes.
static bool is_keyed_by_classes(const FactsBuilder *b, DefId def) {
  const Def *d = def_get(b->m, def);
  if (d->kind != DEF_ANNOTATED) return false;
  NodeId annotation = node_field(b->t, d->statement, FIELD_TYPE);
  NodeId generic = node_first_named(b->t, annotation);
  NodeId given = NO_NODE;
  if (node_is(b->t, generic, PY_GENERIC_TYPE)) {
    given = node_first_named(b->t, node_named_at(b->t, generic, 1));
  } else if (node_is(b->t, generic, PY_SUBSCRIPT)) {
    given = node_field(b->t, generic, FIELD_SUBSCRIPT);
  }
  Str key = node_text(b->t, given);
  uint32_t stop = str_find_byte(key, '[', 0);
  Str name = name_last_part(str_slice(key, 0, stop));
  return str_is(name, "type") || str_is(name, "Type");
}

static void module_container(FactsBuilder *b, BindingId binding) {
  FactContainer row = {.holder = HOLDER_MODULE, .flags = container_flags(b)};
  const Binding *given = binding_get(b->m, binding);
  DefId built = building_def(b, binding, &row);
  if (!def_ok(built)) return;
  if (is_keyed_by_classes(b, built)) row.flags |= CONTAINER_OF_CLASSES;
  const Scope *module = scope_get(b->m, MODULE_SCOPE);
  bool is_hidden = (given->flags & BIND_IN_ERROR) != 0 ||
                   (module->flags & (SCOPE_DYNAMIC | SCOPE_STAR_IMPORT)) != 0;
  if (is_hidden) row.flags |= CONTAINER_BROKEN;
  row.name = text_of(b, binding_name(b->m, binding));
  uint32_t index = b->containers.count;
  vec_push(b->arena, &b->containers, row);
  FactText owner = text_join(b, b->module, ".", binding_name(b->m, binding));
  Gathering all = gather_begin(b, owner, (ValueKind)row.type, true);
  all.may_fill = (row.flags & CONTAINER_FILLS) != 0;
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(&all, ref_get(b->m, r)->node, 0);
  }
  gather_finish(&all);
  ring_read(&all, &b->containers.items[index]);
  rebindings_add(b, binding, owner);
}

// --- class bodies and self -----------------------------------------------------------

static void gather_group(Gathering *all, const MentionGroup *group) {
  const FactsBuilder *b = all->b;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    gather_mention(all, b->mentions.items[i].node, b->mentions.items[i].via);
  }
}

static FactText attribute_owner(FactsBuilder *b, ScopeId owner, Str name) {
  Str class_name = sym_str(&b->texts, (Sym){scope_qualified(b, owner).i});
  return text_join(b, class_name, ".", name);
}

static void class_container(FactsBuilder *b, ScopeId owner, BindingId binding) {
  FactContainer row = {.holder = HOLDER_CLASS, .flags = container_flags(b)};
  Str name = binding_name(b->m, binding);
  const Binding *given = binding_get(b->m, binding);
  if (str_is(name, "__slots__") || !def_ok(building_def(b, binding, &row))) return;
  if ((given->flags & BIND_IN_ERROR) != 0) row.flags |= CONTAINER_BROKEN;
  row.name = text_join(b, scope_name(b, owner), ".", name);
  row.class_name = b->scope_names[owner.i];
  uint32_t index = b->containers.count;
  vec_push(b->arena, &b->containers, row);
  Gathering all =
      gather_begin(b, attribute_owner(b, owner, name), (ValueKind)row.type, true);
  all.may_fill = (row.flags & CONTAINER_FILLS) != 0;
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(&all, ref_get(b->m, r)->node, 0);
  }
  FactText own = text_of(b, name);
  uint32_t group = map_get(&b->group_of, map_pair(owner.i, own.i));
  if (group != 0) {
    gather_group(&all, &b->groups.items[group]);
    b->groups.items[group].grows = false;  // done
    b->groups.items[group].first = 0;
  }
  gather_finish(&all);
  ring_read(&all, &b->containers.items[index]);
}

// `x: dict = field(default_factory=dict)` in the class body.
static bool field_container(FactsBuilder *b, const MentionGroup *group,
                            FactContainer *row) {
  Str name = sym_str(&b->texts, group->name);
  BindingId field = scope_lookup(b->m, group->owner, name);
  const Def *d = def_get(b->m, binding_only_def(b->m, field));
  NodeId call = node_unwrap(b->t, d->value), factory = NO_NODE;
  if (d->kind != DEF_ANNOTATED || !node_is(b->t, call, PY_CALL)) return false;
  Str maker = name_of_callee(b->m, call);
  bool is_field = str_is(maker, "dataclasses.field");
  if (!is_field && !str_is(maker, "attr.ib") && !str_is(maker, "attrs.field")) {
    return false;
  }
  const char *keyword = is_field ? "default_factory" : "factory";
  if (call_argument(b->m, call, UINT32_MAX, keyword, &factory) != ARG_PRESENT ||
      !named_builds(name_of(b->m, factory), row)) {
    return false;
  }
  row->place = place_of(call);
  return true;
}

// What an attribute is bound to where it is mentioned: `self.x = v`, `self.x, n = v, 1`,
// `self.x = self.y = v`; NO_NODE if it is not, or to a part of something.
static NodeId value_bound(const Tree *t, NodeId mention) {
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  uint32_t part = 0;
  bool is_part = node_is(t, p, PY_PATTERN_LIST) || node_is(t, p, PY_TUPLE_PATTERN);
  if (is_part) {
    NodeId element = node_first_named(t, p);
    for (; !node_eq(element, n); element = node_next_named(t, element)) part++;
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  if (!node_is(t, p, PY_ASSIGNMENT) || node_role(t, n) != FIELD_LEFT) return NO_NODE;
  NodeId value = node_field(t, p, FIELD_RIGHT);
  while (node_is(t, value, PY_ASSIGNMENT)) value = node_field(t, value, FIELD_RIGHT);
  if (!is_part) return value;
  value = node_unwrap(t, value);
  bool is_display =
      node_is(t, value, PY_EXPRESSION_LIST) || node_is(t, value, PY_TUPLE);
  bool is_parted = is_display && node_count_named(t, value) == node_count_named(t, n);
  return is_parted ? node_named_at(t, value, part) : NO_NODE;
}

// The container that the constructor stores: `self.x = []`, if it is the only one. What
// it holds, VALUE_UNKNOWN without one.
static ValueKind instance_container(FactsBuilder *b, const MentionGroup *group) {
  const Tree *t = b->t;
  FactContainer row = {.holder = HOLDER_INSTANCE, .flags = container_flags(b)};
  uint32_t built = 0, bound = 0;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    NodeId mention = b->mentions.items[i].node;
    if (attribute_store(t, mention) != ATTRIBUTE_METHOD) continue;
    if (!is_constructor(t, context_of(b->m, mention).function)) continue;
    NodeId value = value_bound(t, mention);
    bound++;
    if (node_ok(value) && container_read(b, value, &row)) built++;
  }
  bool is_field = bound == 0 && field_container(b, group, &row);
  if (!is_field && (bound != 1 || built != 1)) return VALUE_UNKNOWN;
  Str name = sym_str(&b->texts, group->name);
  row.name = text_join(b, scope_name(b, group->owner), ".", name);
  row.class_name = b->scope_names[group->owner.i];
  vec_push(b->arena, &b->containers, row);
  return (ValueKind)row.type;
}

// What methods do to attributes that the class does not hold itself, and what this file
// does to the containers of others.
static void group_collect(FactsBuilder *b, MentionGroup *group) {
  if (scope_get(b->m, group->owner)->kind == SCOPE_FUNCTION) {
    function_attribute_collect(b, group);
    return;
  }
  FactText owner = {group->name.i};
  bool is_own = scope_ok(group->owner);
  uint32_t before = b->containers.count;
  ValueKind type = VALUE_UNKNOWN;
  if (is_own) {
    // Other modules may fill a container that is made here.
    type = instance_container(b, group);
    if (type == VALUE_UNKNOWN && !group->grows) return;
    owner = attribute_owner(b, group->owner, sym_str(&b->texts, group->name));
  }
  Gathering all = gather_begin(b, owner, type, true);
  bool is_here = b->containers.count > before;
  all.may_fill =
      !is_own ||
      (is_here && (b->containers.items[before].flags & CONTAINER_FILLS) != 0);
  gather_group(&all, group);
  bool is_changed = false;
  for (uint32_t i = 0; i < all.found.count && !is_changed; i++) {
    OperationKind kind = all.found.items[i].op.kind;
    is_changed =
        kind == OPERATION_GROW || kind == OPERATION_SHRINK || kind == OPERATION_CLEAR;
  }
  all.is_full = is_changed || !is_own || type != VALUE_UNKNOWN;
  all.is_elsewhere = !is_here;
  group->is_held = is_here;
  gather_finish(&all);
  if (is_here) ring_read(&all, &b->containers.items[before]);
}

// --- defaults ------------------------------------------------------------------------

static void default_container(FactsBuilder *b, ScopeId function, DefId parameter) {
  const Def *d = def_get(b->m, parameter);
  FactContainer row = {.holder = HOLDER_DEFAULT, .flags = container_flags(b)};
  if (!node_ok(d->value) || !container_read(b, d->value, &row)) return;
  const Binding *binding = binding_get(b->m, d->binding);
  if ((binding->flags & BIND_IN_ERROR) != 0) row.flags |= CONTAINER_BROKEN;
  if (default_is_promised(b, d->value)) row.flags |= CONTAINER_PROMISED;
  ScopeId owner = scope_class_of_method(b->m, function);
  row.name = text_join(b, scope_name(b, function), ".", binding_name(b->m, d->binding));
  row.class_name = b->scope_names[owner.i];
  row.function = b->scope_names[function.i];
  vec_push(b->arena, &b->containers, row);
  FactText qualified =
      text_join(b, b->module, ".", sym_str(&b->texts, (Sym){row.name.i}));
  Gathering all = gather_begin(b, qualified, (ValueKind)row.type, true);
  all.may_fill = (row.flags & CONTAINER_FILLS) != 0;
  all.is_falsy = (row.flags & CONTAINER_FILLED) == 0;
  all.is_default = true;
  gather_def(&all, parameter);
  gather_finish(&all);
}

// --- entry ---------------------------------------------------------------------------

void containers_collect(FactsBuilder *b) {
  uint32_t scopes = scope_count(b->m);
  for (uint32_t i = 1; i < scopes; i++) {
    ScopeId s = {i};
    const Scope *scope = scope_get(b->m, s);
    if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA) {
      uint32_t count = scope_parameter_count(b->m, s);
      for (uint32_t p = 0; p < count; p++) {
        default_container(b, s, scope_parameter(b->m, s, p));
      }
      if (scope->kind == SCOPE_FUNCTION) {
        closures_collect(b, s);
        queues_collect(b, s);
        rings_collect(b, s);
      }
      continue;
    }
    if (scope->kind != SCOPE_MODULE && scope->kind != SCOPE_CLASS) continue;
    BindingId n = scope->first_binding;
    for (; binding_ok(n); n = binding_get(b->m, n)->next) {
      if (binding_get(b->m, n)->owner.i != n.i) continue;
      if (scope->kind == SCOPE_MODULE) module_container(b, n);
      if (scope->kind == SCOPE_CLASS) class_container(b, s, n);
    }
  }
  for (uint32_t i = 1; i < b->groups.count; i++) {
    MentionGroup *group = &b->groups.items[i];
    bool is_open = group->first != 0 && (group->grows || scope_ok(group->owner));
    if (is_open) group_collect(b, group);
  }
}
