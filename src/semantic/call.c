// Arguments of calls and constants by value.

#include "semantic/names.h"
#include "semantic/scope.h"

enum { CONSTANT_DEPTH = 8 };  // operators inside operators that are worked out

// --- calls ---------------------------------------------------------------------------

NodeId call_callee(const Model *m, NodeId call) {
  return node_is(m->tree, call, PY_CALL) ? node_field(m->tree, call, FIELD_FUNCTION)
                                         : NO_NODE;
}

// node_field() in place: every rule about methods asks for every call.
static inline NodeId field_of(const Tree *t, NodeId n, PyField field) {
  NodeId c = node_first(t, n);
  while (node_ok(c) && node_role(t, c) != field) c = node_next(t, c);
  return c;
}

NodeId call_receiver(const Model *m, NodeId call, Str *method) {
  const Tree *t = m->tree;
  if (!node_is(t, call, PY_CALL)) return NO_NODE;
  NodeId callee = field_of(t, call, FIELD_FUNCTION);
  if (node_is(t, callee, PY_PARENTHESIZED_EXPRESSION)) callee = node_unwrap(t, callee);
  if (!node_is(t, callee, PY_ATTRIBUTE)) return NO_NODE;
  *method = node_text(t, field_of(t, callee, FIELD_ATTRIBUTE));
  return field_of(t, callee, FIELD_OBJECT);
}

// `f(x for x in y)` has its generator where others have the argument list.
static NodeId call_first(const Model *m, NodeId call, NodeId *list) {
  NodeId arguments = node_is(m->tree, call, PY_CALL)
                         ? node_field(m->tree, call, FIELD_ARGUMENTS)
                         : NO_NODE;
  bool is_list = node_is(m->tree, arguments, PY_ARGUMENT_LIST);
  *list = is_list ? arguments : NO_NODE;
  return is_list ? node_first_named(m->tree, arguments) : arguments;
}

static NodeId call_next(const Model *m, NodeId list, NodeId argument) {
  return node_ok(list) ? node_next_named(m->tree, argument) : NO_NODE;
}

static bool is_star(const Model *m, NodeId argument) {
  PyKind kind = node_kind(m->tree, node_unwrap(m->tree, argument));
  return kind == PY_LIST_SPLAT || kind == PY_LIST_SPLAT_PATTERN;
}

static bool is_double_star(const Model *m, NodeId argument) {
  return node_is(m->tree, argument, PY_DICTIONARY_SPLAT);
}

ArgState call_argument(const Model *m, NodeId call, uint32_t position,
                       const char *keyword, NodeId *value) {
  const Tree *t = m->tree;
  bool has_star = false, has_double_star = false;
  uint32_t count = 0;
  NodeId list;
  *value = NO_NODE;
  for (NodeId a = call_first(m, call, &list); node_ok(a); a = call_next(m, list, a)) {
    if (is_star(m, a)) {
      has_star = true;
    } else if (is_double_star(m, a)) {
      has_double_star = true;
    } else if (node_is(t, a, PY_KEYWORD_ARGUMENT)) {
      if (keyword == NULL || !node_text_is(t, node_field(t, a, FIELD_NAME), keyword)) {
        continue;
      }
      *value = node_field(t, a, FIELD_VALUE);
      return ARG_PRESENT;
    } else if (!has_star && count++ == position) {
      *value = a;
      return ARG_PRESENT;
    }
  }
  bool hidden = (has_star && position != CALL_NO_POSITION) ||
                (has_double_star && keyword != NULL);
  return hidden ? ARG_UNKNOWN : ARG_ABSENT;
}

uint32_t call_positional_count(const Model *m, NodeId call) {
  uint32_t count = 0;
  NodeId list;
  for (NodeId a = call_first(m, call, &list); node_ok(a); a = call_next(m, list, a)) {
    bool is_keyword = node_is(m->tree, a, PY_KEYWORD_ARGUMENT) || is_double_star(m, a);
    if (!is_keyword && !is_star(m, a)) count += 1;
  }
  return count;
}

bool call_has_stars(const Model *m, NodeId call) {
  NodeId list;
  for (NodeId a = call_first(m, call, &list); node_ok(a); a = call_next(m, list, a)) {
    if (is_star(m, a) || is_double_star(m, a)) return true;
  }
  return false;
}

bool call_has_arguments(const Model *m, NodeId call) {
  NodeId list;
  return node_ok(call_first(m, call, &list));
}

// --- constants -----------------------------------------------------------------------

static uint32_t digit_value(char c) {
  if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
  if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a') + 10;
  if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A') + 10;
  return UINT32_MAX;
}

static bool int_parse(Str text, int64_t *value) {
  uint32_t base = 10, i = 0;
  if (text.n > 2 && text.p[0] == '0') {
    char mark = (char)(text.p[1] | 0x20);
    if (mark == 'x') base = 16;
    if (mark == 'o') base = 8;
    if (mark == 'b') base = 2;
    if (base != 10) i = 2;
  }
  *value = 0;
  for (; i < text.n; i++) {
    if (text.p[i] == '_') continue;
    uint32_t digit = digit_value(text.p[i]);
    if (digit >= base || __builtin_mul_overflow(*value, (int64_t)base, value) ||
        __builtin_add_overflow(*value, (int64_t)digit, value)) {
      return false;
    }
  }
  return true;
}

static bool int_power(int64_t base, int64_t exponent, int64_t *value) {
  if (exponent < 0 || exponent > 63) return false;
  for (*value = 1; exponent > 0; exponent--) {
    if (__builtin_mul_overflow(*value, base, value)) return false;
  }
  return true;
}

static bool int_operate(PyKind operator, int64_t a, int64_t b, int64_t *value) {
  switch (operator) {
    case PY_OP_ADD: return !__builtin_add_overflow(a, b, value);
    case PY_OP_SUB: return !__builtin_sub_overflow(a, b, value);
    case PY_OP_STAR: return !__builtin_mul_overflow(a, b, value);
    case PY_OP_POWER: return int_power(a, b, value);
    case PY_OP_SHIFT_LEFT:
      return b >= 0 && b < 63 && !__builtin_mul_overflow(a, INT64_C(1) << b, value);
    case PY_OP_FLOOR_DIV:
      if (a < 0 || b <= 0) return false;
      *value = a / b;
      return true;
    default: return false;
  }
}

static bool int_evaluate(Model *m, NodeId expression, uint32_t depth, int64_t *value);

static bool int_of_operator(Model *m, NodeId node, uint32_t depth, int64_t *value) {
  const Tree *t = m->tree;
  NodeId operator= node_field(t, node, FIELD_OPERATOR);
  if (node_is(t, node, PY_UNARY_OPERATOR)) {
    if (!int_evaluate(m, node_field(t, node, FIELD_ARGUMENT), depth, value))
      return false;
    if (node_is(t, operator, PY_OP_INVERT)) *value = ~*value;
    return !node_is(t, operator, PY_OP_SUB) ||
           !__builtin_sub_overflow(0, *value, value);
  }
  int64_t a, b;
  return int_evaluate(m, node_field(t, node, FIELD_LEFT), depth, &a) &&
         int_evaluate(m, node_field(t, node, FIELD_RIGHT), depth, &b) &&
         int_operate(node_kind(t, operator), a, b, value);
}

static bool int_evaluate(Model *m, NodeId expression, uint32_t depth, int64_t *value) {
  NodeId node = name_value(m, expression);
  switch (node_kind(m->tree, node)) {
    case PY_INTEGER: return int_parse(node_text(m->tree, node), value);
    case PY_UNARY_OPERATOR:
    case PY_BINARY_OPERATOR:
      return depth > 0 && int_of_operator(m, node, depth - 1, value);
    default: return false;
  }
}

bool constant_int(Model *m, NodeId expression, int64_t *value) {
  return int_evaluate(m, expression, CONSTANT_DEPTH, value);
}

bool constant_str(Model *m, NodeId expression, Str *value) {
  NodeId node = name_value(m, expression);
  if (!node_is(m->tree, node, PY_STRING)) return false;
  Str text = node_text(m->tree, node);
  bool is_raw = false;
  uint32_t start = 0;
  for (; start < text.n && text.p[start] != '"' && text.p[start] != '\''; start++) {
    char prefix = (char)(text.p[start] | 0x20);
    if (prefix != 'r' && prefix != 'u') return false;
    is_raw = is_raw || prefix == 'r';
  }
  if (start + 1 >= text.n) return false;
  char quote = text.p[start];
  bool is_triple =
      text.n - start >= 6 && text.p[start + 1] == quote && text.p[start + 2] == quote;
  uint32_t width = is_triple ? 3 : 1;
  if (text.n < start + 2 * width || text.p[text.n - 1] != quote) return false;
  Str inner = str_slice(text, start + width, text.n - width);
  if (!is_raw && str_find_byte(inner, '\\', 0) < inner.n) return false;
  *value = inner;
  return true;
}

bool constant_is_none(Model *m, NodeId expression) {
  return node_is(m->tree, name_value(m, expression), PY_NONE_LITERAL);
}

bool constant_bool(Model *m, NodeId expression, bool *value) {
  NodeId node = name_value(m, expression);
  *value = node_is(m->tree, node, PY_TRUE);
  return *value || node_is(m->tree, node, PY_FALSE);
}
