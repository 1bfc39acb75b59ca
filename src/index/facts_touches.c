#include "index/facts_internal.h"

static void row_add(FactsBuilder *b, FactTouch row) {
  uint64_t key = hash_bytes(&row, sizeof row) | 1;
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  vec_push(b->arena, &b->touches, row);
}

void touch_add(FactsBuilder *b, TouchKind kind, Str owner, Str name) {
  row_add(b, (FactTouch){
                 .owner = text_of(b, owner), .name = word_of(b, name), .kind = kind});
}

Str class_of_object(FactsBuilder *b, NodeId object) {
  uint32_t via = 0;
  ScopeId own = class_of_receiver(b, object, &via);
  if (scope_ok(own)) return sym_str(&b->texts, (Sym){scope_qualified(b, own).i});
  Value value = value_of(b->m, object);
  return value.kind == VALUE_INSTANCE ? value.class_name : STR_NONE;
}

// --- objects of unknown class --------------------------------------------------------

// Attributes of classes, which no instance has.
static bool is_of_classes(Str name) {
  static const char *const names[] = {"__bases__",    "__mro__",        "__name__",
                                      "__qualname__", "__subclasses__", "mro"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

// `type(x)`, `x.__class__`, `sys.modules[name]`, `import_module(name)`, `C.__mro__`.
static bool gives_no_instance(FactsBuilder *b, NodeId expression) {
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, expression);
  if (node_is(t, e, PY_SUBSCRIPT)) {
    e = node_unwrap(t, node_field(t, e, FIELD_VALUE));
    if (str_is(name_of(b->m, e), "sys.modules")) return true;
  }
  if (node_is(t, e, PY_CALL)) {
    NodeId callee = node_unwrap(t, node_field(t, e, FIELD_FUNCTION));
    Str name = name_of(b->m, callee);
    if (str_is(name, "builtins.type") || str_is(name, "builtins.__import__") ||
        str_is(name, "importlib.import_module") || str_is(name, "inspect.getmro") ||
        str_is(name, "inspect.getmodule")) {
      return true;
    }
    if (str_is(name, "builtins.reversed")) {
      e = node_unwrap(t, node_first_named(t, node_field(t, e, FIELD_ARGUMENTS)));
    } else {
      e = callee;
    }
  }
  if (!node_is(t, e, PY_ATTRIBUTE)) return false;
  Str name = node_text(t, node_field(t, e, FIELD_ATTRIBUTE));
  return is_of_classes(name) || str_is(name, "__class__");
}

// The definition of a name that is bound once.
static const Def *only_def(FactsBuilder *b, NodeId name) {
  return def_get(b->m, binding_only_def(b->m, binding_of(b->m, name)));
}

// Whether it is there may have been asked before: `if`, `try`, `and`.
static bool is_conditional(FactsBuilder *b, NodeId expression) {
  enum { REACH = 8 };
  const uint32_t asked = CONTEXT_TRY | CONTEXT_BRANCH;
  if ((context_of(b->m, expression).flags & asked) != 0) return true;
  NodeId n = expression;
  for (uint32_t i = 0; i < REACH; i++) {
    n = node_parent(b->t, n);
    PyKind kind = node_kind(b->t, n);
    bool is_choice = kind == PY_BOOLEAN_OPERATOR || kind == PY_CONDITIONAL_EXPRESSION;
    if (is_choice) return true;
  }
  return false;
}

// What is read of the object under this name, in its function: attributes that a class
// has and an instance has not, and one that only some instances have.
typedef struct Reads {
  bool of_class;
  Str one;
} Reads;

static Reads reads_of(FactsBuilder *b, NodeId name) {
  enum { REFS_MAX = 64 };
  const Tree *t = b->t;
  BindingId id = binding_of(b->m, name);
  const Binding *binding = binding_get(b->m, id);
  Reads out = {0};
  if (binding->ref_count > REFS_MAX || !def_ok(binding_only_def(b->m, id))) return out;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId n = node_wrap(t, ref_get(b->m, r)->node), attribute = node_parent(t, n);
    if (!node_is(t, attribute, PY_ATTRIBUTE) || node_role(t, n) != FIELD_OBJECT)
      continue;
    Str read = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
    if (is_of_classes(read)) out.of_class = true;
    bool is_wanted = out.one.n == 0 && !str_starts(read, STR("__"));
    if (!is_wanted || attribute_store(t, attribute) != 0) continue;
    if (!is_conditional(b, attribute)) out.one = read;
  }
  return out;
}

// The function whose parameter the object is, or is taken from in a loop.
static FactText via_of(FactsBuilder *b, NodeId object) {
  const Def *d = only_def(b, object);
  bool is_element = d->kind == DEF_FOR || d->kind == DEF_COMPREHENSION;
  NodeId source = node_unwrap(b->t, d->value);
  if (is_element && node_is(b->t, source, PY_IDENTIFIER)) d = only_def(b, source);
  if (d->kind != DEF_PARAMETER) return (FactText){0};
  const Scope *function = scope_get(b->m, d->scope);
  return function->kind == SCOPE_FUNCTION ? b->scope_names[d->scope.i] : (FactText){0};
}

// `x = current()`, where another file has `current`, which is given nothing.
static FactText maker_of(FactsBuilder *b, NodeId object) {
  const Def *d = only_def(b, object);
  NodeId call = node_unwrap(b->t, d->value);
  bool is_made = d->kind == DEF_ASSIGN && (d->flags & DEF_UNPACKED) == 0 &&
                 node_is(b->t, call, PY_CALL) && !call_has_arguments(b->m, call);
  if (!is_made) return (FactText){0};
  NodeId callee = node_unwrap(b->t, node_field(b->t, call, FIELD_FUNCTION));
  Str name = qualified_of(b, callee);
  return is_of_library(b, name) ? (FactText){0} : text_of(b, name);
}

static bool is_class_or_module(FactsBuilder *b, NodeId object) {
  if (gives_no_instance(b, object)) return true;
  if (!node_is(b->t, object, PY_IDENTIFIER)) return false;
  const Def *d = only_def(b, object);
  switch (d->kind) {
    case DEF_IMPORT:
    case DEF_CLASS:
    case DEF_FUNCTION: return true;
    case DEF_ASSIGN:
    case DEF_FOR:
    case DEF_COMPREHENSION:
    case DEF_WALRUS:
      return (d->flags & DEF_UNPACKED) == 0 && gives_no_instance(b, d->value);
    default: return false;
  }
}

void touch_object(FactsBuilder *b, TouchKind kind, NodeId expression, Str name) {
  NodeId object = node_unwrap(b->t, expression);
  bool is_of_instance = kind == TOUCH_DICT || kind == TOUCH_WEAKREF;
  uint32_t via = 0;
  ScopeId own = class_of_receiver(b, object, &via);
  if (is_of_instance && scope_ok(own) && via == OPERATION_VIA_CLS) return;
  Str owner = class_of_object(b, object);
  if (owner.n == 0 && kind == TOUCH_DICT) owner = class_of_loop_variable(b, object);
  FactTouch row = {.owner = text_of(b, owner), .name = word_of(b, name), .kind = kind};
  if (owner.n == 0) {
    bool is_name = node_is(b->t, object, PY_IDENTIFIER);
    Reads reads = is_name ? reads_of(b, object) : (Reads){0};
    bool is_other = reads.of_class || is_class_or_module(b, object);
    if (is_of_instance && is_other) return;
    if (is_name) row.via = via_of(b, object);
    if (is_name) row.maker = maker_of(b, object);
    row.read = word_of(b, reads.one);
  }
  row_add(b, row);
}

// --- mentions of attributes ----------------------------------------------------------

static bool looks_like_growth(FactsBuilder *b, NodeId attribute) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, attribute), p = node_parent(t, n);
  PyField role = node_role(t, n);
  switch (node_kind(t, p)) {
    case PY_SUBSCRIPT:
    case PY_AUGMENTED_ASSIGNMENT: return role == FIELD_VALUE || role == FIELD_LEFT;
    case PY_ASSIGNMENT: return role == FIELD_RIGHT;
    case PY_ARGUMENT_LIST: {
      NodeId callee = node_field(t, node_parent(t, p), FIELD_FUNCTION);
      Str name = name_last_part(node_text(t, callee));
      if (str_starts(name, STR("heappush")) || str_starts(name, STR("insort")))
        return true;
      // A function of this file may fill it.
      DefId helper = binding_only_def(b->m, binding_of(b->m, callee));
      return def_get(b->m, helper)->kind == DEF_FUNCTION;
    }
    case PY_ATTRIBUTE: {
      Str method = node_text(t, node_field(t, p, FIELD_ATTRIBUTE));
      NodeId call = node_parent(t, node_wrap(t, p));
      bool takes = str_is(method, "get") && node_is(t, call, PY_CALL) &&
                   is_queue_get(b, call, VALUE_UNKNOWN);
      return takes || knowledge_member(b->m->options.knowledge, SUBJECT_MUTATORS,
                                       VALUE_UNKNOWN, method) != NULL;
    }
    default: return false;
  }
}

// Group {0} holds what other modules own, by qualified name.
uint32_t mention_add(FactsBuilder *b, ScopeId owner, FactText name, NodeId node,
                     uint32_t via) {
  uint32_t at = map_get(&b->group_of, map_pair(owner.i, name.i));
  if (b->groups.count == 0) {
    vec_push(b->arena, &b->groups, (MentionGroup){.first = 0});
    vec_push(b->arena, &b->mentions, (Mention){.next = 0});
  }
  uint32_t mention = b->mentions.count;
  vec_push(b->arena, &b->mentions, (Mention){node, via, 0});
  if (at == 0) {
    at = b->groups.count;
    map_put(&b->group_of, map_pair(owner.i, name.i), at);
    vec_push(b->arena, &b->groups,
             (MentionGroup){
                 .owner = owner, .name = {name.i}, .first = mention, .last = mention});
  } else {
    b->mentions.items[b->groups.items[at].last].next = mention;
    b->groups.items[at].last = mention;
  }
  if (looks_like_growth(b, node)) b->groups.items[at].grows = true;
  return at;
}

static bool is_constant_name(Str name) {
  bool has_letter = false;
  for (uint32_t i = 0; i < name.n; i++) {
    char c = name.p[i];
    if (c >= 'a' && c <= 'z') return false;
    has_letter = has_letter || (c >= 'A' && c <= 'Z');
  }
  return has_letter;
}

// Tests, and calls that get it: these tell something of what grows elsewhere.
static bool is_asked_about(const Tree *t, NodeId mention) {
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  switch (node_kind(t, p)) {
    case PY_ATTRIBUTE: {
      NodeId method = node_field(t, p, FIELD_ATTRIBUTE);
      return node_text_is(t, method, "get") || node_text_is(t, method, "qsize") ||
             node_text_is(t, method, "empty");
    }
    case PY_COMPARISON_OPERATOR:
    case PY_NOT_OPERATOR:
    case PY_ARGUMENT_LIST:
    case PY_KEYWORD_ARGUMENT: return true;
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE:
    case PY_WHILE_STATEMENT: return node_role(t, n) == FIELD_CONDITION;
    default: return false;
  }
}

void import_mention(FactsBuilder *b, NodeId identifier) {
  const Tree *t = b->t;
  import_glance(b, identifier);
  bool is_wanted = looks_like_growth(b, identifier) || is_asked_about(t, identifier) ||
                   is_constant_name(node_text(t, identifier));
  if (!is_wanted) return;
  Str name = name_of(b->m, identifier);
  if (name.n != 0) mention_add(b, (ScopeId){0}, text_of(b, name), identifier, 0);
}

// `module.NAME` and `Class.attribute` of what is imported.
static void imported_collect(FactsBuilder *b, NodeId attribute, NodeId object,
                             Str name) {
  uint32_t store = attribute_store(b->t, attribute);
  bool is_wanted = store != 0 || looks_like_growth(b, attribute) ||
                   is_asked_about(b->t, attribute) || is_constant_name(name);
  Str owner = name_of(b->m, object);
  if (owner.n == 0) return;
  if (store != 0) touch_add(b, TOUCH_CLASS_WRITE, owner, name);
  Str last = name_last_part(owner);
  bool is_class = last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
  if (is_class && store == 0 && !is_constant_name(name)) {
    touch_add(b, TOUCH_CLASS_READ, owner, name);
  }
  if (!is_wanted) return;
  FactText joined = text_join(b, owner, ".", name);
  uint32_t group =
      mention_add(b, (ScopeId){0}, joined, attribute, is_class ? OPERATION_VIA_CLS : 0);
  if (store != 0) b->groups.items[group].grows = true;
}

// What the calls of this file pass for a parameter; false when some call does not tell.
static bool classes_passed(FactsBuilder *b, NodeId object, Str name) {
  enum { CALLS_MAX = 32 };
  const Tree *t = b->t;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, object)));
  const Scope *function = scope_get(b->m, d->scope);
  if (d->kind != DEF_PARAMETER || function->kind != SCOPE_FUNCTION) return false;
  if (scope_ok(scope_class_of_method(b->m, d->scope))) return false;
  uint32_t position = 0, seen = 0;
  while (scope_parameter(b->m, d->scope, position).i !=
         binding_get(b->m, d->binding)->first_def.i) {
    if (++position >= scope_parameter_count(b->m, d->scope)) return false;
  }
  NodeId named = node_field(t, function->node, FIELD_NAME);
  RefId r = binding_get(b->m, binding_of(b->m, named))->first_ref;
  bool is_told = ref_ok(r);
  for (; ref_ok(r) && seen < CALLS_MAX; r = ref_next(b->m, r), seen++) {
    NodeId callee = node_wrap(t, ref_get(b->m, r)->node), value = NO_NODE;
    NodeId call = node_parent(t, callee);
    if (!node_is(t, call, PY_CALL) || node_role(t, callee) != FIELD_FUNCTION) {
      is_told = false;
      continue;
    }
    Str owner = STR_NONE;
    const char *keyword = str_cstr_in(b->arena, binding_name(b->m, d->binding));
    if (call_argument(b->m, call, position, keyword, &value) == ARG_PRESENT) {
      owner = class_of_object(b, value);
    }
    if (owner.n == 0) is_told = false;
    if (owner.n != 0) touch_add(b, TOUCH_WRITE, owner, name);
  }
  return is_told && seen < CALLS_MAX;
}

// Tests take things out that stay in the program.
static void clear_add(FactsBuilder *b, NodeId attribute, NodeId object, Str name) {
  if ((context_of(b->m, attribute).flags & CONTEXT_TEST) != 0) return;
  if (mention_clears(b, attribute))
    touch_add(b, TOUCH_CLEAR, class_of_object(b, object), name);
}

// An attribute of an object whose class the file need not tell.
static void object_collect(FactsBuilder *b, NodeId attribute, NodeId object, Str name) {
  const Tree *t = b->t;
  const Binding *bound = binding_get(b->m, binding_of(b->m, object));
  bool is_global =
      node_is(t, object, PY_IDENTIFIER) && bound->scope.i == MODULE_SCOPE.i;
  if (is_global && looks_like_growth(b, attribute)) {
    FactText owner = text_join(b, b->module, ".", node_text(t, object));
    Str joined = sym_str(&b->texts, (Sym){owner.i});
    mention_add(b, (ScopeId){0}, text_join(b, joined, ".", name), attribute, 0);
  }
  if (attribute_store(t, attribute) != 0) {
    Str owner = class_of_object(b, object);
    clear_add(b, attribute, object, name);
    knot_of_object(b, attribute, object);
    if (owner.n == 0 && classes_passed(b, object, name)) return;
    touch_object(b, TOUCH_WRITE, object, name);
    return;
  }
  if (!looks_like_growth(b, attribute)) return;
  Operation op = operation_at(b, attribute, VALUE_UNKNOWN);
  bool is_growth = op.kind == OPERATION_GROW;
  if (!is_growth) clear_add(b, attribute, object, name);
  if (op.kind != OPERATION_SHRINK && op.kind != OPERATION_CLEAR && !is_growth) return;
  FactText owner = text_of(b, name);
  uint32_t indexed = op.flags & (OPERATION_INDEXED | OPERATION_NESTED);
  uint64_t key = map_pair(owner.i, op.kind | indexed) | UINT64_C(1) << 63;
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  FactOperation row = {.owner = owner,
                       .place = place_of(op.place),
                       .kind = (uint8_t)op.kind,
                       .argument = 255,
                       .flags = indexed | OPERATION_VIA_UNKNOWN};
  if (!is_growth) {
    row.caller = scope_caller(b, attribute);
    row.context = context_kept(context_of(b->m, attribute).flags);
  }
  vec_push(b->arena, &b->operations, row);
}

static bool is_unknown_growth(const FactOperation *row) {
  return row->kind == OPERATION_GROW && (row->flags & OPERATION_VIA_UNKNOWN) != 0;
}

// What grows on who knows what is asked for by what this file stores under that name.
void growth_prune(FactsBuilder *b) {
  Map stored = map_in(b->arena);
  for (uint32_t i = 0; i < b->operations.count; i++) {
    const FactOperation *row = &b->operations.items[i];
    if (row->kind != OPERATION_STORE || row->other.i == 0) continue;
    Str attribute = sym_str(&b->texts, (Sym){row->other.i});
    map_put(&stored, text_of(b, name_last_part(attribute)).i, 1);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < b->operations.count; i++) {
    FactOperation row = b->operations.items[i];
    bool is_kept = !is_unknown_growth(&row) || map_get(&stored, row.owner.i) != 0;
    if (is_kept) b->operations.items[kept++] = row;
  }
  b->operations.count = kept;
}

static bool special_attribute(FactsBuilder *b, NodeId attribute, NodeId object,
                              Str name) {
  const Tree *t = b->t;
  if (str_is(name, "__dict__")) {
    touch_object(b, TOUCH_DICT, object, STR_NONE);
    exposure_collect(b, attribute, object);
    uint32_t via = 0;
    ScopeId owner = class_of_receiver(b, object, &via);
    if (scope_ok(owner) && via == OPERATION_VIA_SELF) knot_of_dict(b, attribute, owner);
  } else if (str_is(name, "__class__") && attribute_store(t, attribute) != 0) {
    NodeId right = node_field(t, node_statement(t, attribute), FIELD_RIGHT);
    NodeId assignment = node_parent(t, node_wrap(t, attribute));
    if (!node_ok(right)) right = node_field(t, assignment, FIELD_RIGHT);
    touch_add(b, TOUCH_CLASS_CHANGE, qualified_of(b, right), STR_NONE);
  }
  return str_is(name, "__dict__") || str_is(name, "__class__");
}

void attribute_collect(FactsBuilder *b, NodeId attribute) {
  const Tree *t = b->t;
  NodeId object = node_unwrap(t, node_field(t, attribute, FIELD_OBJECT));
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  if (special_attribute(b, attribute, object, name)) return;
  uint32_t via = 0;
  ScopeId owner = class_of_receiver(b, object, &via);
  if (!scope_ok(owner)) {
    owner = class_named(b, object);
    via = OPERATION_VIA_CLS;
    if (scope_ok(owner)) {
      bool is_store = attribute_store(t, attribute) != 0;
      Str class_name = sym_str(&b->texts, (Sym){scope_qualified(b, owner).i});
      touch_add(b, is_store ? TOUCH_CLASS_WRITE : TOUCH_CLASS_READ, class_name, name);
    }
  }
  if (scope_ok(owner)) {
    mention_add(b, owner, mangled_of(b, attribute, name), attribute, via);
    return;
  }
  ScopeId function = function_named(b, object);
  if (scope_ok(function)) {
    mention_add(b, function, text_of(b, name), attribute, 0);
    return;
  }
  attribute_glance(b, attribute, name);
  const Binding *binding = binding_get(b->m, binding_of(b->m, object));
  if (node_is(t, object, PY_IDENTIFIER) && (binding->flags & BIND_IMPORTED) != 0) {
    imported_collect(b, attribute, object, name);
    return;
  }
  if (node_is(t, object, PY_ATTRIBUTE) && name_of(b->m, object).n != 0) {
    imported_collect(b, attribute, object, name);
    return;
  }
  object_collect(b, attribute, object, name);
}
