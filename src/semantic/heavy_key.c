#include "semantic/heavy_key.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/held.h"

enum { REFS_READ = 64, BASES_READ = 8, MEMBERS_READ = 8 };

static HeavyKey heavy(HeavyKeyWhy why, NodeId source) {
  return (HeavyKey){why, source};
}

// --- classes -------------------------------------------------------------------------

static bool is_frozen_or_plain(Model *m, NodeId class_node) {
  // A data class with `eq` has no hash, a frozen one has that of its fields.
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, class_node);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return false;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    NodeId call = name_decorator_call(m, d), eq = NO_NODE;
    Str name = name_of_decorator(m, d);
    bool is_data = str_ends(name, STR("dataclass")) || str_starts(name, STR("attr"));
    bool value = true;
    if (!is_data) continue;
    bool compares =
        !node_ok(call) ||
        call_argument(m, call, CALL_NO_POSITION, "eq", &eq) != ARG_PRESENT ||
        !constant_bool(m, eq, &value) || value;
    if (compares) return true;
  }
  return false;
}

static bool defines(Model *m, NodeId class_node, Str name) {
  return def_ok(binding_get(m, class_binding(m, class_node, name))->first_def);
}

HeavyKeyWhy heavy_key_base(const Knowledge *k, Str name) {
  const uint32_t by_value = BASE_ENUM | BASE_TUPLE | BASE_TYPED_DICT | BASE_BUILTIN |
                            BASE_EXCEPTION | BASE_METACLASS | BASE_MODEL;
  const HeavyKeyFact *fact = knowledge_heavy_keys(k, name);
  if (fact != NULL) return fact->why;
  if (str_is(name, "builtins.object")) return HEAVY_KEY_INSTANCE;
  const BaseFact *known = knowledge_bases(k, name);
  bool compares = known == NULL || (known->flags & by_value) != 0;
  return compares ? HEAVY_KEY_NOT : HEAVY_KEY_INSTANCE;
}

static HeavyKeyWhy heavy_of_base(Model *m, NodeId base) {
  const Tree *t = m->tree;
  NodeId named = node_unwrap(t, base);
  if (node_is(t, named, PY_SUBSCRIPT)) named = node_field(t, named, FIELD_VALUE);
  NodeId made = name_value(m, named);  // `Base = declarative_base()`
  Str name = node_is(t, made, PY_CALL) ? name_of_callee(m, made) : name_of(m, named);
  return heavy_key_base(m->options.knowledge, name);
}

// The first base that is a class of this file.
static NodeId local_base(Model *m, NodeId class_node) {
  const Tree *t = m->tree;
  NodeId bases = node_field(t, class_node, FIELD_SUPERCLASSES);
  NodeId b = node_first_named(t, bases);
  for (uint32_t read = 0; node_ok(b) && read < BASES_READ; read++) {
    NodeId local = class_of_base(m, b);
    if (node_ok(local) && !node_eq(local, class_node)) return local;
    b = node_next_named(t, b);
  }
  return NO_NODE;
}

// The classes of this file below it say when their instances are equal, and what comes in
// is an instance of one of those.
static bool compares_below(Model *m, NodeId class_node) {
  bool found = false;
  for (uint32_t i = 2; i < scope_count(m); i++) {
    const Scope *scope = scope_get(m, (ScopeId){i});
    if (scope->kind != SCOPE_CLASS || node_eq(scope->node, class_node)) continue;
    NodeId at = scope->node;
    bool compares = false;
    uint32_t depth = 0;
    for (; depth < CLASS_DEPTH && node_ok(at) && !node_eq(at, class_node); depth++) {
      compares = compares || defines(m, at, STR("__eq__")) || is_frozen_or_plain(m, at);
      at = local_base(m, at);
    }
    if (!node_eq(at, class_node)) continue;
    if (!compares) return false;
    found = true;
  }
  return found && class_instances(m, class_node) != INSTANCES_MANY;
}

// Of a class of this file: its instances only equal themselves.
static HeavyKeyWhy heavy_of_class(Model *m, NodeId class_node) {
  const Tree *t = m->tree;
  NodeId at = class_node;
  HeavyKeyWhy why = HEAVY_KEY_INSTANCE;
  for (uint32_t depth = 0; depth < CLASS_DEPTH && node_ok(at); depth++) {
    if (defines(m, at, STR("__eq__")) || defines(m, at, STR("__hash__")) ||
        is_frozen_or_plain(m, at)) {
      return HEAVY_KEY_NOT;
    }
    NodeId bases = node_field(t, at, FIELD_SUPERCLASSES), next = NO_NODE;
    uint32_t read = 0;
    for (NodeId b = node_first_named(t, bases); node_ok(b) && read < BASES_READ;
         b = node_next_named(t, b), read++) {
      NodeId local = class_of_base(m, b);
      if (node_is(t, b, PY_KEYWORD_ARGUMENT)) return HEAVY_KEY_NOT;
      if (node_ok(local) && !node_eq(local, at)) {
        if (node_ok(next)) return HEAVY_KEY_NOT;  // two chains: not followed
        next = local;
        continue;
      }
      HeavyKeyWhy one = heavy_of_base(m, b);
      if (one == HEAVY_KEY_NOT) return HEAVY_KEY_NOT;
      if (one > why) why = one;
    }
    at = next;
  }
  bool is_one = class_instances(m, class_node) == INSTANCES_ONE;
  return is_one || compares_below(m, class_node) ? HEAVY_KEY_NOT : why;
}

// --- values --------------------------------------------------------------------------

static HeavyKeyWhy heavy_of_kind(ValueKind kind) {
  switch (kind) {
    case VALUE_TENSOR: return HEAVY_KEY_TENSOR;
    case VALUE_SESSION: return HEAVY_KEY_SESSION;
    case VALUE_QUERYSET: return HEAVY_KEY_ROW;
    case VALUE_ELEMENT:
    case VALUE_DOCUMENT: return HEAVY_KEY_TREE;
    case VALUE_FILE:
    case VALUE_ARCHIVE:
    case VALUE_SOCKET:
    case VALUE_RESPONSE:
    case VALUE_CONNECTION:
    case VALUE_CURSOR:
    case VALUE_EXCEPTION: return HEAVY_KEY_HANDLE;
    default: return HEAVY_KEY_NOT;
  }
}

static HeavyKeyWhy heavy_of_value(Model *m, Value v) {
  bool is_tuple = v.kind == VALUE_TUPLE || v.kind == VALUE_FROZENSET;
  HeavyKeyWhy why = heavy_of_kind(is_tuple ? v.element : v.kind);
  if (why != HEAVY_KEY_NOT) return why;
  Str name = is_tuple ? v.element_class : v.class_name;
  const HeavyKeyFact *fact = knowledge_heavy_keys(m->options.knowledge, name);
  if (v.kind != VALUE_CLASS && fact != NULL) return fact->why;
  bool is_instance =
      v.kind == VALUE_INSTANCE && node_is(m->tree, v.definition, PY_CLASS_DEFINITION);
  return is_instance ? heavy_of_class(m, v.definition) : HEAVY_KEY_NOT;
}

// A class or function that is made anew each time that the code runs.
static HeavyKeyWhy heavy_of_definition(Model *m, NodeId argument) {
  static const char *const makers[] = {"collections.namedtuple",
                                       "dataclasses.make_dataclass",
                                       "pydantic.create_model", "types.new_class"};
  NodeId n = name_value(m, argument);
  if (node_is(m->tree, n, PY_LAMBDA)) {
    return node_ok(context_of(m, n).function) ? HEAVY_KEY_FUNCTION : HEAVY_KEY_NOT;
  }
  if (node_is(m->tree, n, PY_CALL)) {
    Str name = name_of_callee(m, n);
    bool is_class = str_is(name, "builtins.type") && call_positional_count(m, n) == 3;
    for (uint32_t i = 0; i < sizeof makers / sizeof *makers; i++) {
      if (str_is(name, makers[i])) is_class = true;
    }
    return is_class && node_ok(context_of(m, n).function) ? HEAVY_KEY_CLASS
                                                          : HEAVY_KEY_NOT;
  }
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, n)));
  bool is_local =
      def->scope.i > MODULE_SCOPE.i && scope_get(m, def->scope)->kind == SCOPE_FUNCTION;
  if (!is_local) return HEAVY_KEY_NOT;
  return def->kind == DEF_CLASS      ? HEAVY_KEY_CLASS
         : def->kind == DEF_FUNCTION ? HEAVY_KEY_FUNCTION
                                     : HEAVY_KEY_NOT;
}

// `self` of a method.
static HeavyKeyWhy heavy_of_self(Model *m, NodeId argument) {
  BindingId self = self_around(m, argument);
  if (!binding_ok(self) || !is_object(m, argument, self)) return HEAVY_KEY_NOT;
  return heavy_of_class(m, self_class(m, self));
}

// The parameter `request` of a view.
static HeavyKeyWhy heavy_of_request(Model *m, NodeId argument) {
  NodeId n = node_unwrap(m->tree, argument);
  Str name = node_text(m->tree, n);
  bool is_request = node_is(m->tree, n, PY_IDENTIFIER) &&
                    (str_is(name, "request") || str_is(name, "websocket"));
  if (!is_request) return HEAVY_KEY_NOT;
  if (str_ends(name_of(m, n), STR(".request"))) return HEAVY_KEY_REQUEST;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, n)));
  NodeId function = scope_get(m, binding_get(m, def->binding)->scope)->node;
  bool is_handled =
      def->kind == DEF_PARAMETER && context_handler(m, function) == HANDLER_REQUEST;
  return is_handled ? HEAVY_KEY_REQUEST : HEAVY_KEY_NOT;
}

HeavyKey heavy_key_of(Model *m, NodeId argument) {
  Value v = value_of(m, argument);
  HeavyKeyWhy why = heavy_of_self(m, argument);
  if (why == HEAVY_KEY_NOT) why = heavy_of_request(m, argument);
  if (why == HEAVY_KEY_NOT) why = heavy_of_definition(m, argument);
  if (why == HEAVY_KEY_NOT) why = heavy_of_value(m, v);
  bool is_whole = v.kind == VALUE_BYTES && size_is_unbounded(v);
  if (why == HEAVY_KEY_NOT && is_whole) why = HEAVY_KEY_BYTES;
  return heavy(why, argument);
}

// --- parameters ----------------------------------------------------------------------

static bool has_part(Str name, const char *const *parts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (str_contains(name, str_from(parts[i]))) return true;
  }
  return false;
}

// Bytes that are named after contents, and are no key or digest.
static bool is_named_large(Str name) {
  static const char *const large[] = {"audio",   "blob",   "body", "buf",     "content",
                                      "data",    "doc",    "file", "html",    "image",
                                      "message", "packet", "page", "payload", "source",
                                      "text",    "video",  "raw"};
  static const char *const small[] = {"digest", "hash", "id",    "key",
                                      "mac",    "name", "nonce", "token"};
  return has_part(name, large, sizeof large / sizeof *large) &&
         !has_part(name, small, sizeof small / sizeof *small);
}

static HeavyKey heavy_by_annotation(Model *m, const Def *def) {
  NodeId type = node_field(m->tree, def->statement, FIELD_TYPE);
  if (!node_ok(type)) return heavy(HEAVY_KEY_NOT, NO_NODE);
  Value v = value_of_annotation(m, type);
  HeavyKeyWhy why = heavy_of_value(m, v);
  bool is_bytes = v.kind == VALUE_BYTES || v.element == VALUE_BYTES;
  if (why == HEAVY_KEY_NOT && is_bytes && is_named_large(node_text(m->tree, def->node)))
    why = HEAVY_KEY_BYTES;
  return heavy(why, type);
}

// `x.backward()`, `request.META`: members that only such have.
static HeavyKey heavy_by_use(Model *m, const Def *def) {
  const Tree *t = m->tree;
  uint32_t read = 0;
  for (RefId r = ref_first(m, def->binding); ref_ok(r) && read < REFS_READ;
       r = ref_next(m, r), read++) {
    NodeId n = node_wrap(t, ref_get(m, r)->node), attribute = node_parent(t, n);
    if (!node_is(t, attribute, PY_ATTRIBUTE) || node_role(t, n) != FIELD_OBJECT)
      continue;
    Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
    const HeavyKeyFact *fact =
        knowledge_member(m->options.knowledge, SUBJECT_HEAVY_KEYS, VALUE_UNKNOWN, name);
    if (fact != NULL) return heavy(fact->why, attribute);
  }
  return heavy(HEAVY_KEY_NOT, NO_NODE);
}

static NodeId argument_at(Model *m, NodeId call, const Def *def, uint32_t skipped) {
  Str name = node_text(m->tree, def->node);
  NodeId value = NO_NODE;
  char keyword[64];
  if (name.n >= sizeof keyword || def->index < skipped) return NO_NODE;
  memcpy(keyword, name.p, name.n);
  keyword[name.n] = '\0';
  call_argument(m, call, def->index - skipped, keyword, &value);
  return value;
}

// The calls of the function by its name, and by what is bound to its cache.
static HeavyKey heavy_by_calls(Model *m, NodeId function, const Def *def) {
  const Tree *t = m->tree;
  BindingId name = binding_of(m, node_field(t, function, FIELD_NAME));
  bool is_method = node_ok(method_class(m, function));
  uint32_t skipped = method_kind(m, function) == METHOD_CLASS;
  uint32_t read = 0;
  for (RefId r = ref_first(m, name); ref_ok(r) && !is_method && read < REFS_READ;
       r = ref_next(m, r), read++) {
    NodeId n = node_wrap(t, ref_get(m, r)->node), call = node_parent(t, n);
    if (!node_is(t, call, PY_CALL) || node_role(t, n) != FIELD_FUNCTION) continue;
    if ((context_of(m, call).flags & CONTEXT_TEST) != 0) continue;
    NodeId argument = argument_at(m, call, def, skipped);
    HeavyKey one = heavy_key_of(m, argument);
    if (node_ok(argument) && one.why != HEAVY_KEY_NOT) return one;
  }
  return heavy(HEAVY_KEY_NOT, NO_NODE);
}

HeavyKey heavy_key_parameter(Model *m, NodeId function, DefId parameter) {
  const Def *def = def_get(m, parameter);
  if ((def->flags & DEF_KEYWORD_STAR) != 0) return heavy(HEAVY_KEY_NOT, NO_NODE);
  HeavyKey found = heavy_by_annotation(m, def);
  bool is_plain = def->flags == 0;
  if (found.why == HEAVY_KEY_NOT && is_plain) found = heavy_by_use(m, def);
  if (found.why == HEAVY_KEY_NOT && is_plain &&
      node_is(m->tree, function, PY_FUNCTION_DEFINITION))
    found = heavy_by_calls(m, function, def);
  return found;
}
