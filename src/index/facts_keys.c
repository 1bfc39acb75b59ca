#include "index/facts_internal.h"
#include "semantic/calls.h"

static const Key NO_KEY = {KEY_NONE, VALUE_UNKNOWN, {0}};

static Key key_in(KeyDomain domain, ValueKind type) { return (Key){domain, type, {0}}; }

static bool is_literal(const Tree *t, NodeId n) {
  switch (node_kind(t, n)) {
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL:
    case PY_ELLIPSIS:
    case PY_CONCATENATED_STRING: return true;
    case PY_STRING: return !node_ok(node_child(t, n, PY_INTERPOLATION));
    case PY_UNARY_OPERATOR: return is_literal(t, node_field(t, n, FIELD_ARGUMENT));
    default: return false;
  }
}

// A tuple, list, set or dict whose elements (keys) are all written out.
static bool is_display_of_literals(const Tree *t, NodeId n) {
  PyKind kind = node_kind(t, n);
  if (kind != PY_TUPLE && kind != PY_LIST && kind != PY_SET && kind != PY_DICTIONARY) {
    return false;
  }
  for (NodeId c = node_first_named(t, n); node_ok(c); c = node_next_named(t, c)) {
    NodeId item = node_is(t, c, PY_PAIR) ? node_field(t, c, FIELD_KEY) : c;
    if (!is_literal(t, node_unwrap(t, item))) return false;
  }
  return true;
}

// A display's only key, for `x.update({key: value})` and `x |= {key}`.
static NodeId only_element(const Tree *t, NodeId n) {
  PyKind kind = node_kind(t, n);
  if (kind != PY_SET && kind != PY_DICTIONARY && kind != PY_LIST) return NO_NODE;
  if (node_count_named(t, n) != 1) return NO_NODE;
  NodeId item = node_first_named(t, n);
  return node_is(t, item, PY_PAIR) ? node_field(t, item, FIELD_KEY) : item;
}

bool is_written_out(FactsBuilder *b, NodeId value) {
  NodeId n = node_unwrap(b->t, value);
  if (node_is(b->t, n, PY_IDENTIFIER)) n = name_value(b->m, n);
  return is_literal(b->t, n);
}

// `__name__`, `x.__class__`, `type(x)`: as many as there are classes and functions.
static bool is_of_program(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  if (node_is(t, key, PY_ATTRIBUTE)) {
    Str name = node_text(t, node_field(t, key, FIELD_ATTRIBUTE));
    return str_is(name, "__name__") || str_is(name, "__class__") ||
           str_is(name, "__qualname__") || str_is(name, "__module__");
  }
  if (node_is(t, key, PY_IDENTIFIER)) return node_text_is(t, key, "__name__");
  if (!node_is(t, key, PY_CALL)) return false;
  Str name = name_of_callee(b->m, key);
  return str_is(name, "builtins.type") || str_is(name, "builtins.bool") ||
         str_is(name, "builtins.isinstance") || str_is(name, "builtins.callable");
}

static bool is_identity(FactsBuilder *b, NodeId key) {
  uint32_t via = 0;
  if (node_is(b->t, key, PY_CALL)) {
    return str_is(name_of_callee(b->m, key), "builtins.id");
  }
  return scope_ok(class_of_receiver(b, key, &via)) && via == OPERATION_VIA_SELF;
}

// `n % 64`, `n & MASK`, a comparison.
static bool is_finite_arithmetic(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  PyKind kind = node_kind(t, key);
  int64_t number;
  if (kind == PY_COMPARISON_OPERATOR || kind == PY_NOT_OPERATOR) return true;
  if (kind != PY_BINARY_OPERATOR) return false;
  PyKind operator= node_kind(t, node_field(t, key, FIELD_OPERATOR));
  if (operator!= PY_OP_MOD && operator!= PY_OP_BIT_AND) return false;
  return constant_int(b->m, node_field(t, key, FIELD_RIGHT), &number);
}

// The class that a parameter is annotated with, `cls` of a class method included.
static Key key_of_parameter(FactsBuilder *b, NodeId key, ValueKind type) {
  const Tree *t = b->t;
  uint32_t via = 0;
  if (scope_ok(class_of_receiver(b, key, &via)) && via == OPERATION_VIA_CLS) {
    return key_in(KEY_FINITE, VALUE_CLASS);
  }
  DefId def = binding_only_def(b->m, binding_of(b->m, key));
  const Def *d = def_get(b->m, def);
  Key result = key_in(KEY_UNKNOWN, type);
  if (d->kind != DEF_PARAMETER) return result;
  Context at = context_of(b->m, key);
  if (type == VALUE_UNKNOWN) result.type = type_by_route(b, key);
  if ((at.flags & CONTEXT_HANDLER) != 0) result.domain = KEY_EXTERNAL;
  NodeId annotation = node_field(t, d->statement, FIELD_TYPE);
  NodeId named = node_first_named(t, annotation);
  if (node_is(t, named, PY_STRING)) {
    // `kind: "Kind"`, of this module.
    Str text = node_text(t, node_child(t, named, PY_STRING_CONTENT));
    bool is_name = text.n != 0 && str_find_byte(text, '[', 0) == text.n;
    if (is_name) result.class_name = text_join(b, b->module, ".", text);
    return result;
  }
  if (node_is(t, named, PY_GENERIC_TYPE)) {
    Str generic = node_text(t, node_first_named(t, named));
    if (str_is(generic, "Type") || str_is(generic, "type") ||
        str_is(generic, "Literal")) {
      result.domain = KEY_FINITE;
    }
  } else if (node_ok(named)) {
    Str name = qualified_of(b, named);
    if (str_is(name, "builtins.bool") || str_is(name, "builtins.type")) {
      result.domain = KEY_FINITE;
    } else {
      result.class_name = text_of(b, name);
    }
  }
  return result;
}

// `self.NAMES` of a class body with `NAMES = ["a", "b"]`.
static NodeId class_constant(FactsBuilder *b, NodeId source) {
  const Tree *t = b->t;
  uint32_t via = 0;
  if (!node_is(t, source, PY_ATTRIBUTE)) return source;
  ScopeId owner = class_of_receiver(b, node_field(t, source, FIELD_OBJECT), &via);
  Str name = node_text(t, node_field(t, source, FIELD_ATTRIBUTE));
  if (!scope_ok(owner)) return source;
  const Def *d = def_get(b->m, binding_only_def(b->m, scope_lookup(b->m, owner, name)));
  bool is_plain = d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED;
  return is_plain && node_ok(d->value) ? node_unwrap(t, d->value) : source;
}

// A loop variable runs over what its source holds.
static bool is_from_small_loop(FactsBuilder *b, NodeId key) {
  const Def *d = def_get(b->m, flow_only_def(b->m, key));
  if (d->kind != DEF_FOR && d->kind != DEF_COMPREHENSION) return false;
  NodeId source = class_constant(b, node_unwrap(b->t, d->value)), round;
  bool is_cycle = node_is(b->t, source, PY_CALL) &&
                  str_is(name_of_callee(b->m, source), "itertools.cycle") &&
                  call_argument(b->m, source, 0, NULL, &round) == ARG_PRESENT;
  if (is_cycle) source = class_constant(b, node_unwrap(b->t, round));
  if (is_display_of_literals(b->t, source)) return true;
  return size_is_small(value_of(b->m, d->value));
}

// A variable of a function around that hands the inner one back: one for each function
// that is decorated.
static bool is_of_decorated(FactsBuilder *b, NodeId key) {
  ScopeId of = binding_get(b->m, binding_of(b->m, key))->scope;
  bool is_captured = scope_get(b->m, of)->kind == SCOPE_FUNCTION &&
                     of.i != scope_function(b->m, scope_at(b->m, key)).i;
  return is_captured && gives_inner_back(b, of);
}

// `"web" if secure else "file"`.
static bool is_choice_of_literals(const Tree *t, NodeId value) {
  enum { CHOICES_MAX = 8 };
  for (uint32_t i = 0; i < CHOICES_MAX; i++) {
    value = node_unwrap(t, value);
    if (!node_is(t, value, PY_CONDITIONAL_EXPRESSION)) return is_literal(t, value);
    if (!is_literal(t, node_unwrap(t, node_named_at(t, value, 0)))) return false;
    value = node_named_at(t, value, 2);
  }
  return false;
}

// `kind = "a"` on one path, `kind = "b"` on the other.
static bool is_literal_on_all_paths(FactsBuilder *b, NodeId key) {
  const Binding *binding = binding_get(b->m, binding_of(b->m, key));
  uint32_t seen = 0;
  for (DefId i = binding->first_def; def_ok(i); i = def_next(b->m, i)) {
    const Def *d = def_get(b->m, i);
    bool is_plain = (d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED) &&
                    (d->flags & DEF_UNPACKED) == 0;
    bool is_bare = d->kind == DEF_ANNOTATED && !node_ok(d->value);
    if (is_bare) continue;
    if (!is_plain || !is_choice_of_literals(b->t, d->value)) return false;
    seen++;
  }
  return seen > 1;
}

static Key key_of_name(FactsBuilder *b, NodeId key, ValueKind type) {
  int64_t number;
  Str text;
  if (constant_int(b->m, key, &number) || constant_str(b->m, key, &text) ||
      constant_is_none(b->m, key)) {
    return key_in(KEY_CONSTANT, type);
  }
  DefKind kind = def_get(b->m, binding_only_def(b->m, binding_of(b->m, key)))->kind;
  if (kind == DEF_FUNCTION || kind == DEF_CLASS || is_from_small_loop(b, key) ||
      is_literal_on_all_paths(b, key) || is_among_few(b, key) ||
      is_of_decorated(b, key)) {
    return key_in(KEY_FINITE, type);
  }
  return key_of_parameter(b, key, type);
}

// `ord(c)`, `str.lower(c)`: as many as there are arguments.
static bool is_of_finite(FactsBuilder *b, NodeId call) {
  NodeId argument, second;
  bool is_plain =
      call_is_pure(b->m, call) || str_is(name_of_callee(b->m, call), "builtins.hash");
  if (!is_plain || call_argument(b->m, call, 0, NULL, &argument) != ARG_PRESENT ||
      call_argument(b->m, call, 1, NULL, &second) != ARG_ABSENT) {
    return false;
  }
  argument = node_unwrap(b->t, argument);
  if (!node_is(b->t, argument, PY_IDENTIFIER)) return false;
  uint32_t domain = key_of_name(b, argument, VALUE_UNKNOWN).domain;
  return domain == KEY_CONSTANT || domain == KEY_FINITE;
}

NodeId behind_name(FactsBuilder *b, NodeId key) {
  enum { NAMES_MAX = 4 };
  for (uint32_t i = 0; i < NAMES_MAX; i++) {
    key = node_unwrap(b->t, key);
    if (!node_is(b->t, key, PY_IDENTIFIER)) break;
    const Def *d = def_get(b->m, flow_only_def(b->m, key));
    bool is_plain = (d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED) &&
                    (d->flags & DEF_UNPACKED) == 0 && node_ok(d->value);
    if (!is_plain) break;
    key = d->value;
  }
  return key;
}

bool is_of_module(FactsBuilder *b, NodeId value) {
  enum { PARTS_MAX = 8 };
  const Tree *t = b->t;
  for (uint32_t i = 0; i < PARTS_MAX && node_ok(value); i++) {
    value = behind_name(b, value);
    if (node_is(t, value, PY_ATTRIBUTE)) {
      value = node_field(t, value, FIELD_OBJECT);
    } else if (node_is(t, value, PY_ASSIGNMENT)) {
      value = node_field(t, value, FIELD_RIGHT);  // cache[k] = module = …
    } else {
      break;
    }
  }
  if (!node_is(t, value, PY_CALL)) return false;
  Str name = name_of_callee(b->m, value);
  if (str_is(name, "builtins.getattr")) {
    NodeId of =
        behind_name(b, node_first_named(t, node_field(t, value, FIELD_ARGUMENTS)));
    if (!node_is(t, of, PY_CALL)) return false;
    name = name_of_callee(b->m, of);
  }
  return str_is(name, "importlib.import_module") || str_is(name, "builtins.__import__");
}

// `cls.type.default`, `cls.name.lower()`: as many as there are classes.
static bool is_of_class(FactsBuilder *b, NodeId key) {
  enum { PARTS_MAX = 8 };
  const Tree *t = b->t;
  uint32_t via = 0;
  for (uint32_t i = 0; i < PARTS_MAX; i++) {
    key = node_unwrap(t, key);
    if (node_is(t, key, PY_ATTRIBUTE)) {
      key = node_field(t, key, FIELD_OBJECT);
    } else if (node_is(t, key, PY_CALL) && i > 0) {
      return false;  // a method's answer may be anything
    } else if (node_is(t, key, PY_CALL)) {
      key = node_field(t, key, FIELD_FUNCTION);
      if (!node_is(t, key, PY_ATTRIBUTE)) return false;
    } else {
      break;
    }
  }
  return scope_ok(class_of_receiver(b, key, &via)) && via == OPERATION_VIA_CLS;
}

Key key_of(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  key = behind_name(b, key);
  if (!node_ok(key)) return NO_KEY;
  NodeId element = only_element(t, key);
  if (node_ok(element)) key = node_unwrap(t, element);
  if (is_literal(t, key) || is_display_of_literals(t, key)) {
    return key_in(KEY_CONSTANT, value_of(b->m, key).kind);
  }
  if (is_of_program(b, key)) return key_in(KEY_FINITE, VALUE_CLASS);
  if (is_finite_arithmetic(b, key)) return key_in(KEY_FINITE, VALUE_INT);
  if (is_of_class(b, key)) return key_in(KEY_FINITE, VALUE_UNKNOWN);
  if (node_is(t, key, PY_CONDITIONAL_EXPRESSION) && is_choice_of_literals(t, key)) {
    return key_in(KEY_FINITE, value_of(b->m, key).kind);
  }
  if (is_identity(b, key)) {
    return key_in(KEY_IDENTITY, node_is(t, key, PY_CALL) ? VALUE_INT : VALUE_UNKNOWN);
  }
  Value value = value_of(b->m, key);
  if (value.kind == VALUE_BOOL || value.kind == VALUE_NONE ||
      value.kind == VALUE_CLASS) {
    return key_in(KEY_FINITE, value.kind);
  }
  if (node_is(t, key, PY_IDENTIFIER)) return key_of_name(b, key, value.kind);
  if (node_is(t, key, PY_CALL) && is_of_finite(b, key)) {
    return key_in(KEY_FINITE, value.kind);
  }
  Key result = key_in(KEY_UNKNOWN, value.kind);
  if (value.kind == VALUE_INSTANCE) result.class_name = text_of(b, value.class_name);
  if (node_is(t, key, PY_ATTRIBUTE)) {
    // `Kind.READ`: the class decides, once the project is known.
    Str owner = qualified_of(b, node_field(t, key, FIELD_OBJECT));
    if (owner.n != 0) result.class_name = text_of(b, owner);
  }
  return result;
}

// --- how it is written ---------------------------------------------------------------

// Some use of the name asks for an attribute: it is no plain key.
static bool has_attributes(FactsBuilder *b, NodeId name) {
  enum { USES_MAX = 32 };
  const Binding *binding = binding_get(b->m, binding_of(b->m, name));
  uint32_t seen = 0;
  for (RefId r = binding->first_ref; ref_ok(r) && seen++ < USES_MAX;
       r = ref_next(b->m, r)) {
    NodeId n = node_wrap(b->t, ref_get(b->m, r)->node);
    if (node_is(b->t, node_parent(b->t, n), PY_ATTRIBUTE)) return true;
  }
  return false;
}

FactWord key_spelled(FactsBuilder *b, NodeId key) {
  enum { TEXT_MAX = 48 };
  const Tree *t = b->t;
  key = node_unwrap(t, key);
  if (!node_ok(key) || node_text(t, key).n > TEXT_MAX) return (FactWord){0};
  NodeId root = key;
  bool is_id = node_is(t, key, PY_CALL) && is_identity(b, key);
  if (is_id)
    root = node_unwrap(t, node_first_named(t, node_field(t, key, FIELD_ARGUMENTS)));
  while (node_is(t, root, PY_ATTRIBUTE)) {
    root = node_unwrap(t, node_field(t, root, FIELD_OBJECT));
  }
  uint32_t via = 0;
  bool is_object = node_is(t, root, PY_IDENTIFIER) &&
                   !scope_ok(class_of_receiver(b, root, &via)) &&
                   (is_id || has_attributes(b, root));
  return is_object ? word_of(b, node_text(t, key)) : (FactWord){0};
}
