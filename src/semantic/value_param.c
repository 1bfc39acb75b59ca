// Values of parameters: annotation, default, self, and what the file's calls pass.
#include "semantic/value.h"

#include "semantic/context.h"
#include "semantic/value_internal.h"

enum { CALLS_READ = 16, DECORATORS_READ = 8 };

static bool decorated_as(Model *m, NodeId function, const char *name) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, function);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return false;
  uint32_t read = 0;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (++read > DECORATORS_READ) return false;
    if (str_is(name_of_decorator(m, d), name)) return true;
  }
  return false;
}

// The class whose instance (or which itself) the first parameter of a method is.
static NodeId class_of_first_parameter(Model *m, const Def *def, bool *is_class) {
  ScopeId class_scope = scope_class_of_method(m, def->scope);
  if (!scope_ok(class_scope) || def->index != 0 || def->flags != 0) return NO_NODE;
  NodeId function = scope_get(m, def->scope)->node;
  if (!node_is(m->tree, function, PY_FUNCTION_DEFINITION)) return NO_NODE;
  if (decorated_as(m, function, "builtins.staticmethod")) return NO_NODE;
  Str name = node_text(m->tree, node_field(m->tree, function, FIELD_NAME));
  *is_class = decorated_as(m, function, "builtins.classmethod") ||
              str_is(name, "__new__") || str_is(name, "__init_subclass__") ||
              str_is(name, "__class_getitem__");
  return scope_get(m, class_scope)->node;
}

NodeId class_of_self(Model *m, NodeId identifier) {
  bool is_class;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, identifier)));
  return def->kind == DEF_PARAMETER ? class_of_first_parameter(m, def, &is_class)
                                    : NO_NODE;
}

static Value value_of_self(Model *m, const Def *def, NodeId class_definition,
                           bool is_class) {
  Value v = value_plain(is_class ? VALUE_CLASS : VALUE_INSTANCE, def->node);
  v.definition = class_definition;
  v.class_name = name_of(m, node_field(m->tree, class_definition, FIELD_NAME));
  return v;
}

// --- what the calls in this file pass ------------------------------------------------

// The call in which a name of the function is the callee, or NO_NODE for other uses.
static NodeId call_of_use(const Tree *t, NodeId use) {
  NodeId parent = node_parent(t, use);
  bool is_callee = node_is(t, parent, PY_CALL) && node_role(t, use) == FIELD_FUNCTION;
  return is_callee ? parent : NO_NODE;
}

static bool call_passes_small(Model *m, const Def *def, NodeId call,
                              uint32_t position) {
  NodeId argument;
  const char *keyword = str_cstr_in(m->arena, node_text(m->tree, def->node));
  ArgState state = call_argument(m, call, position, keyword, &argument);
  if (state == ARG_UNKNOWN) return false;
  if (state == ARG_ABSENT) argument = def->value;
  Value passed = value_of(m, argument);
  return size_is_small(passed) || value_is_scalar(passed);
}

static void privates_collect(Model *m) {
  const Tree *t = m->tree;
  Values *values = m->values;
  values->privates_known = true;
  for (NodeId node = {1}; node.i < t->count; node.i++) {
    if (!node_is(t, node, PY_ATTRIBUTE)) continue;
    Str name = node_text(t, node_field(t, node, FIELD_ATTRIBUTE));
    if (!name_is_private(name)) continue;
    Sym sym = intern(&m->names_interner, name);
    PrivateUse use = {node, map_get(&values->private_first, sym.i)};
    vec_push(m->arena, &values->private_uses, use);
    map_put(&values->private_first, sym.i, values->private_uses.count - 1);
  }
}

uint32_t value_private_first(Model *m, Str name) {
  Values *values = values_get(m);
  if (!values->privates_known) privates_collect(m);
  return map_get(&values->private_first, intern_find(&m->names_interner, name).i);
}

// `self._m(…)` is such a call wherever it stands; `C._m(x, …)` passes self itself.
static bool method_calls_pass_small(Model *m, const Def *def, NodeId function) {
  const Tree *t = m->tree;
  Values *values = values_get(m);
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  bool is_static = decorated_as(m, function, "builtins.staticmethod");
  bool is_class = decorated_as(m, function, "builtins.classmethod");
  if (!name_is_private(name) || (!is_static && def->index == 0)) return false;
  uint32_t read = 0, position = is_static ? def->index : def->index - 1;
  for (uint32_t at = value_private_first(m, name); at != 0;
       at = values->private_uses.items[at].next) {
    NodeId attribute = values->private_uses.items[at].attribute;
    NodeId call = call_of_use(t, attribute);
    if (!node_ok(call) || ++read > CALLS_READ) return false;
    Value receiver = value_of(m, node_field(t, attribute, FIELD_OBJECT));
    if (receiver.kind == VALUE_CLASS && !is_static && !is_class) return false;
    if (!call_passes_small(m, def, call, position)) return false;
  }
  return read > 0;
}

// Every use of the name is a call, and there are few. Asked before any argument's value,
// which costs most.
static bool is_only_called(Model *m, BindingId binding) {
  uint32_t read = 0;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId call = call_of_use(m->tree, ref_get(m, r)->node);
    if (!node_ok(call) || ++read > CALLS_READ) return false;
  }
  return read > 0;
}

// True when there are calls, all are seen, and each passes something small.
static bool calls_pass_small(Model *m, const Def *def) {
  NodeId function = scope_get(m, def->scope)->node;
  NodeId function_name = node_field(m->tree, function, FIELD_NAME);
  BindingId binding = binding_of(m, function_name);
  if (!binding_ok(binding)) return false;
  if (scope_ok(scope_class_of_method(m, def->scope))) {
    return method_calls_pass_small(m, def, function);
  }
  bool is_told = def_ok(binding_only_def(m, binding)) && is_only_called(m, binding);
  if (!is_told) return false;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId call = call_of_use(m->tree, ref_get(m, r)->node);
    if (!call_passes_small(m, def, call, def->index)) return false;
  }
  return true;
}

// --- annotation and default ----------------------------------------------------------

static bool annotation_is_scalar(Model *m, NodeId annotation, Value said) {
  const Knowledge *k = m->options.knowledge;
  if (value_is_scalar(said) || value_is_text(said) || said.kind == VALUE_PATH)
    return true;
  if (said.kind != VALUE_INSTANCE) return false;
  const TypeFact *fact = knowledge_types(k, said.class_name);
  (void)annotation;
  return fact != NULL && fact->is_scalar;
}

static NodeId parameter_annotation(const Tree *t, const Def *def) {
  NodeId at = def->node;
  while (node_ok(at) && !node_is(t, at, PY_PARAMETERS) &&
         !node_is(t, at, PY_LAMBDA_PARAMETERS)) {
    NodeId annotation = node_field(t, at, FIELD_TYPE);
    if (node_ok(annotation)) return annotation;
    at = node_parent(t, at);
  }
  return NO_NODE;
}

static Value value_of_star(Model *m, const Def *def) {
  (void)m;
  bool is_keywords = (def->flags & DEF_KEYWORD_STAR) != 0;
  Value v = value_plain(is_keywords ? VALUE_DICT : VALUE_TUPLE, def->node);
  if (is_keywords) v.element = VALUE_STR;
  return v;
}

// Whether a parameter of this value counts as a source of unknown size.
static bool parameter_is_source(Value v) {
  switch (v.kind) {
    case VALUE_UNKNOWN:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DICT:
    case VALUE_DEQUE:
    case VALUE_ARRAY:
    case VALUE_VIEW:
    case VALUE_ITERATOR:
    case VALUE_GENERATOR:
    case VALUE_ITERABLE:
    case VALUE_SEQUENCE:
    case VALUE_MAPPING:
    case VALUE_READER:
    case VALUE_NDARRAY:
    case VALUE_SERIES:
    case VALUE_DATAFRAME:
    case VALUE_INSTANCE: return v.size == SIZE_UNKNOWN && v.high == SIZE_NO_BOUND;
    default: return false;
  }
}

// A lambda that is handed to a call gets elements, one at a time.
static bool is_callback(const Tree *t, NodeId function) {
  PyKind around = node_kind(t, node_parent(t, node_wrap(t, function)));
  return node_is(t, function, PY_LAMBDA) &&
         (around == PY_ARGUMENT_LIST || around == PY_KEYWORD_ARGUMENT);
}

// `@pytest.mark.parametrize(…)` and fixtures: what is written in the test file.
static bool is_given_by_pytest(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId around[2] = {function, context_of(m, function).owner};
  for (uint32_t i = 0; i < 2; i++) {
    NodeId outer = node_parent(t, around[i]);
    if (!node_ok(around[i]) || !node_is(t, outer, PY_DECORATED_DEFINITION)) continue;
    uint32_t read = 0;
    for (NodeId d = node_first_named(t, outer);
         node_is(t, d, PY_DECORATOR) && read < DECORATORS_READ;
         d = node_next_named(t, d), read++) {
      if (str_starts(name_of_decorator(m, d), STR("pytest."))) return true;
    }
  }
  NodeId name = node_field(t, function, FIELD_NAME);
  return str_starts(node_text(t, name), STR("test_")) &&
         (context_of(m, function).flags & CONTEXT_TEST) != 0;
}

Value value_of_parameter(Model *m, DefId id) {
  const Def *def = def_get(m, id);
  bool is_class = false;
  NodeId owner = class_of_first_parameter(m, def, &is_class);
  if (node_ok(owner)) return value_of_self(m, def, owner, is_class);
  if (def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) return value_of_star(m, def);
  NodeId annotation = parameter_annotation(m->tree, def);
  Value v = value_of_annotation(m, annotation);
  v.origin = def->node;
  v.flags |= VALUE_FROM_PARAMETER;
  if (v.kind == VALUE_UNKNOWN) v.high = SIZE_NO_BOUND;
  if (annotation_is_scalar(m, annotation, v)) return v;
  Value preset = value_of(m, def->value);
  if (!node_ok(annotation) && value_is_scalar(preset) && preset.kind != VALUE_NONE) {
    preset.origin = def->node;
    preset.flags = VALUE_FROM_PARAMETER;
    return preset;
  }
  if (!node_ok(annotation) && preset.kind == VALUE_STR) return v;
  if (!parameter_is_source(v)) return v;
  NodeId function = scope_get(m, def->scope)->node;
  if (is_callback(m->tree, function) || is_given_by_pytest(m, function)) return v;
  if (calls_pass_small(m, def)) {
    value_set_count(&v, 0, SMALL_SIZE - 1);
  } else {
    value_set_unbounded(&v, WHY_PARAMETER, def->node);
  }
  return v;
}
