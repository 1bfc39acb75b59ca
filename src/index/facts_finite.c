#include "index/facts_internal.h"

// Keys of which there are few, as the code around them tells.

enum { REFS_MAX = 64 };

// --- tests of membership -------------------------------------------------------------

// A display of what is written out, or `frozenset(…)` of one.
static bool is_written_set(FactsBuilder *b, NodeId value) {
  const Tree *t = b->t;
  if (node_is(t, value, PY_CALL)) {
    Str name = name_of_callee(b->m, value);
    bool is_cast = str_is(name, "builtins.frozenset") || str_is(name, "builtins.set") ||
                   str_is(name, "builtins.tuple") || str_is(name, "builtins.list");
    if (!is_cast) return false;
    value = node_unwrap(t, node_first_named(t, node_field(t, value, FIELD_ARGUMENTS)));
  }
  switch (node_kind(t, value)) {
    case PY_TUPLE:
    case PY_LIST:
    case PY_SET:
    case PY_DICTIONARY: return node_count_named(t, value) > 0;
    default: return false;
  }
}

// Nothing in this file makes it longer.
static bool never_grows(FactsBuilder *b, NodeId name) {
  const Binding *binding = binding_get(b->m, binding_of(b->m, name));
  if (binding->ref_count > REFS_MAX) return false;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    Operation op = operation_at(b, ref_get(b->m, r)->node, VALUE_UNKNOWN);
    if (op.kind == OPERATION_GROW) return false;
  }
  return true;
}

static bool is_few(FactsBuilder *b, NodeId container) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, container);
  if (node_is(t, n, PY_ATTRIBUTE)) {
    return node_text_is(t, node_field(t, n, FIELD_ATTRIBUTE), "__members__");
  }
  if (!node_is(t, n, PY_IDENTIFIER)) return is_written_set(b, n);
  return is_written_set(b, name_value(b->m, n)) && never_grows(b, n);
}

bool is_among_few(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  const Binding *binding = binding_get(b->m, binding_of(b->m, key));
  ScopeId scope = scope_at(b->m, key);
  uint32_t seen = 0;
  for (RefId r = binding->first_ref; ref_ok(r) && seen < REFS_MAX;
       r = ref_next(b->m, r), seen++) {
    NodeId n = node_wrap(t, ref_get(b->m, r)->node), comparison = node_parent(t, n);
    bool asks = node_is(t, comparison, PY_COMPARISON_OPERATOR) &&
                node_count_named(t, comparison) == 2 &&
                node_eq(node_named_at(t, comparison, 0), n) &&
                ref_get(b->m, r)->scope.i == scope.i &&
                (node_ok(node_child(t, comparison, PY_KW_IN)) ||
                 node_ok(node_child(t, comparison, PY_KW_NOT_IN)));
    if (!asks) continue;
    NodeId test = test_statement(t, comparison);
    if (node_ok(test) && test_decides(b, test, key) &&
        !is_where_missing(t, comparison, test, key) &&
        is_few(b, node_named_at(t, comparison, 1))) {
      return true;
    }
  }
  return false;
}

// --- paths ---------------------------------------------------------------------------

// `<name>`, `<int:name>`: what is before the colon, or `string`; empty if it is not there.
static Str converter_of(Str path, Str name) {
  for (uint32_t i = 0; i < path.n; i++) {
    if (path.p[i] != '<') continue;
    Str inside = str_slice(path, i + 1, str_find_byte(path, '>', i));
    uint32_t colon = str_find_byte(inside, ':', 0);
    bool has_colon = colon < inside.n;
    Str variable = has_colon ? str_slice(inside, colon + 1, inside.n) : inside;
    if (str_eq(variable, name)) {
      return has_colon ? str_slice(inside, 0, colon) : STR("string");
    }
  }
  return STR_NONE;
}

ValueKind type_by_route(FactsBuilder *b, NodeId parameter) {
  const Tree *t = b->t;
  NodeId decorated = decorated_of(t, context_of(b->m, parameter).function);
  if (!node_ok(decorated)) return VALUE_UNKNOWN;
  for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    NodeId call = name_decorator_call(b->m, d), argument = NO_NODE;
    Str path;
    if (!node_ok(call) ||
        call_argument(b->m, call, 0, "rule", &argument) != ARG_PRESENT ||
        !constant_str(b->m, argument, &path)) {
      continue;
    }
    Str converter = converter_of(path, node_text(t, parameter));
    if (str_is(converter, "int")) return VALUE_INT;
    if (str_is(converter, "string") || str_is(converter, "path")) return VALUE_STR;
  }
  return VALUE_UNKNOWN;
}
