// Values by syntax: literals, displays, comprehensions, operators, subscripts.
#include "semantic/value.h"

#include "semantic/value_internal.h"

enum { ELEMENTS_READ = 8, CLAUSES_READ = 8 };

// --- literals and displays -----------------------------------------------------------

static Value string_value(Model *m, NodeId node) {
  const Tree *t = m->tree;
  Str text = node_text(t, node);
  ValueKind kind = VALUE_STR;
  for (uint32_t i = 0; i < text.n && text.p[i] != '"' && text.p[i] != '\''; i++) {
    if (text.p[i] == 'b' || text.p[i] == 'B') kind = VALUE_BYTES;
  }
  Value v = value_plain(kind, node);
  // Escapes only make it shorter.
  if (!node_ok(node_child(t, node, PY_INTERPOLATION))) value_set_count(&v, 0, text.n);
  return v;
}

static Value concatenated_value(Model *m, NodeId node) {
  Value v = string_value(m, node_first_named(m->tree, node));
  v.origin = node;
  value_set_unknown_size(&v);
  return v;
}

static bool element_is_splat(const Tree *t, NodeId element) {
  PyKind kind = node_kind(t, element);
  return kind == PY_LIST_SPLAT || kind == PY_DICTIONARY_SPLAT ||
         kind == PY_PARENTHESIZED_LIST_SPLAT;
}

// The grammar reads `[*f(x)]` as a call of `*f`: the star is found leftmost, below.
static bool element_hides_splat(const Tree *t, NodeId element) {
  for (uint32_t depth = 0; depth < 8 && node_ok(element); depth++) {
    if (node_is(t, element, PY_LIST_SPLAT)) return depth > 0;
    PyKind kind = node_kind(t, element);
    bool leads = kind == PY_CALL || kind == PY_ATTRIBUTE || kind == PY_SUBSCRIPT;
    if (!leads) return false;
    element = node_first(t, element);
  }
  return false;
}

static void display_add_splat(Model *m, Value *v, NodeId splat) {
  Value inner = value_unknown();
  if (element_is_splat(m->tree, splat)) {
    inner = value_of(m, node_first_named(m->tree, splat));
  }
  if (size_is_unbounded(inner) && v->size != SIZE_UNBOUNDED) {
    value_copy_size(v, inner);
  } else if (inner.high == SIZE_NO_BOUND || inner.size == SIZE_UNKNOWN) {
    v->high = SIZE_NO_BOUND;
  } else if (v->high != SIZE_NO_BOUND) {
    v->high += inner.high;
  }
}

static void display_add_kind(Model *m, Value *v, NodeId element, bool first) {
  Value value = value_of(m, element);
  if (call_starts_work(m, node_unwrap(m->tree, element))) v->flags |= VALUE_STARTED;
  if (first) {
    v->element = value.kind;
    v->element_class = value.class_name;
  }
  if (v->element != value.kind) v->element = VALUE_UNKNOWN;
  if (!str_eq(v->element_class, value.class_name)) v->element_class = STR_NONE;
}

static Value display_value(Model *m, NodeId node, ValueKind kind) {
  const Tree *t = m->tree;
  Value v = value_plain(kind, node);
  v.flags |= VALUE_FRESH;
  v.high = 0;
  uint32_t read = 0;
  bool has_splat = false;
  for (NodeId e = node_first_named(t, node); node_ok(e); e = node_next_named(t, e)) {
    if (element_is_splat(t, e) || element_hides_splat(t, e)) {
      display_add_splat(m, &v, e);
      has_splat = true;
      continue;
    }
    v.low += 1;
    if (v.high != SIZE_NO_BOUND) v.high += 1;
    NodeId key = node_is(t, e, PY_PAIR) ? node_field(t, e, FIELD_KEY) : e;
    if (read < ELEMENTS_READ) display_add_kind(m, &v, key, read == 0);
    read += 1;
  }
  if (read > ELEMENTS_READ || has_splat) v.element_class = STR_NONE;
  if (has_splat) v.element = VALUE_UNKNOWN;
  if (v.size != SIZE_UNBOUNDED) value_set_count(&v, v.low, v.high);
  return v;
}

// --- comprehensions ------------------------------------------------------------------

// Multiplies the interval by what one clause iterates; evidence of the first source.
static void comprehension_add_source(Value *v, Value source) {
  if (size_is_unbounded(source)) {
    if (v->size != SIZE_UNBOUNDED) value_copy_size(v, source);
    return;
  }
  bool open = source.high == SIZE_NO_BOUND || v->high == SIZE_NO_BOUND;
  if (source.high == 0) {
    v->high = 0;
  } else if (open || v->high > SIZE_NO_BOUND / source.high) {
    v->high = SIZE_NO_BOUND;
  } else {
    v->high *= source.high;
  }
}

static Value comprehension_value(Model *m, NodeId node, ValueKind kind) {
  const Tree *t = m->tree;
  Value v = value_plain(kind, node);
  v.flags |= VALUE_FRESH;
  v.high = 1;
  uint32_t read = 0, record = 0;
  for (NodeId c = node_first_named(t, node); node_ok(c); c = node_next_named(t, c)) {
    if (!node_is(t, c, PY_FOR_IN_CLAUSE)) continue;
    if (++read > CLAUSES_READ) {
      v.high = SIZE_NO_BOUND;
      break;
    }
    Value source = value_of(m, node_field(t, c, FIELD_RIGHT));
    record |= source.flags & VALUE_RECORD;
    comprehension_add_source(&v, source);
  }
  if (v.size != SIZE_UNBOUNDED) {
    value_set_count(&v, 0, v.high);
    v.flags |= record;
  }
  NodeId body = node_field(t, node, FIELD_BODY);
  NodeId element = node_is(t, body, PY_PAIR) ? node_field(t, body, FIELD_KEY) : body;
  display_add_kind(m, &v, element, true);
  return v;
}

// --- operators -----------------------------------------------------------------------

static Value concatenation(NodeId node, Value a, Value b) {
  // An operand that is still being computed is this very value: it grows in a loop.
  if (value_is_bottom(a) || value_is_bottom(b)) {
    if (value_is_bottom(a) && !value_is_known(b)) return a;  // the first round decides
    Value grown = value_plain(value_is_bottom(a) ? b.kind : a.kind, node);
    value_set_unknown_size(&grown);
    return grown;
  }
  // Text takes nothing but text.
  bool same = a.kind == b.kind || (value_is_text(a) && !value_is_known(b));
  Value v = value_plain(same ? a.kind : VALUE_UNKNOWN, node);
  if (a.kind == VALUE_FLOAT || b.kind == VALUE_FLOAT) v.kind = VALUE_FLOAT;
  if (value_is_scalar(a) || value_is_scalar(b)) return v;
  v.flags |= VALUE_FRESH | ((a.flags | b.flags) & VALUE_STARTED);
  if (a.element == b.element) v.element = a.element;
  if (a.size == SIZE_UNBOUNDED || b.size == SIZE_UNBOUNDED) {
    value_copy_size(&v, size_is_unbounded(a) || b.size != SIZE_UNBOUNDED ? a : b);
  } else {
    bool open = a.high == SIZE_NO_BOUND || b.high == SIZE_NO_BOUND;
    bool known = value_is_known(a) && value_is_known(b);
    value_set_count(&v, a.low + b.low,
                    open || !known ? SIZE_NO_BOUND : a.high + b.high);
  }
  return v;
}

// `[0] * n`: as large as n says.
static Value repetition(Model *m, NodeId node, Value sequence, NodeId count) {
  int64_t times;
  Value v = sequence;
  v.origin = node;
  v.flags |= VALUE_FRESH;
  if (!constant_int(m, count, &times)) {
    value_set_unbounded(&v, WHY_RANGE, count);
    return v;
  }
  uint64_t n = times < 0 ? 0 : (uint64_t)times;
  bool fits =
      sequence.high != SIZE_NO_BOUND && (n == 0 || sequence.high < UINT64_MAX / n);
  value_set_count(&v, 0, fits ? sequence.high * n : SIZE_NO_BOUND);
  if (fits && v.high >= LARGE_RANGE) value_set_unbounded(&v, WHY_RANGE, count);
  return v;
}

static bool repeats(Value v) {
  return v.kind == VALUE_LIST || v.kind == VALUE_TUPLE || value_is_text(v);
}

static Value arithmetic(NodeId node, Value a, Value b, PyKind operator) {
  if (a.kind == VALUE_STR && operator== PY_OP_MOD) return value_plain(VALUE_STR, node);
  if (a.kind == VALUE_PATH && operator== PY_OP_DIV)
    return value_plain(VALUE_PATH, node);
  bool is_array = a.kind == VALUE_NDARRAY || a.kind == VALUE_TENSOR ||
                  a.kind == VALUE_SERIES || a.kind == VALUE_DATAFRAME;
  if (is_array) return value_plain(a.kind, node);
  if (!value_is_scalar(a) || !value_is_scalar(b)) return value_unknown();
  bool is_float =
      a.kind == VALUE_FLOAT ||
      b.kind == VALUE_FLOAT || operator== PY_OP_DIV || operator== PY_OP_POWER;
  return value_plain(is_float ? VALUE_FLOAT : VALUE_INT, node);
}

static Value binary_value(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId left = node_field(t, node, FIELD_LEFT),
         right = node_field(t, node, FIELD_RIGHT);
  PyKind operator= node_kind(t, node_field(t, node, FIELD_OPERATOR));
  Value a = value_of(m, left), b = value_of(m, right);
  if (operator== PY_OP_ADD) return concatenation(node, a, b);
  if (operator== PY_OP_STAR && repeats(a)) return repetition(m, node, a, right);
  if (operator== PY_OP_STAR && repeats(b)) return repetition(m, node, b, left);
  bool merges = operator== PY_OP_BIT_OR &&
                a.kind == b.kind &&(a.kind == VALUE_DICT || a.kind == VALUE_SET);
  if (merges) return concatenation(node, a, b);
  if ((operator== PY_OP_SUB || operator== PY_OP_BIT_AND) && a.kind == VALUE_SET) {
    a.origin = node;
    a.low = 0;
    return a;
  }
  return arithmetic(node, a, b, operator);
}

static Value unary_value(Model *m, NodeId node) {
  Value v = value_of(m, node_field(m->tree, node, FIELD_ARGUMENT));
  return value_plain(v.kind == VALUE_FLOAT ? VALUE_FLOAT
                     : value_is_scalar(v)  ? VALUE_INT
                                           : VALUE_UNKNOWN,
                     node);
}

static Value conditional_value(Model *m, NodeId node) {
  Value yes = value_of(m, node_named_at(m->tree, node, 0));
  return value_join(yes, value_of(m, node_named_at(m->tree, node, 2)));
}

static Value boolean_value(Model *m, NodeId node) {
  Value left = value_of(m, node_field(m->tree, node, FIELD_LEFT));
  Value right = value_of(m, node_field(m->tree, node, FIELD_RIGHT));
  bool is_or = node_is(m->tree, node_field(m->tree, node, FIELD_OPERATOR), PY_KW_OR);
  // `x or []`: a left side of None never comes out.
  if (is_or && left.kind == VALUE_NONE) return right;
  if (is_or) left.flags &= ~(uint32_t)VALUE_MAYBE_NONE;
  return value_join(left, right);
}

// --- subscripts ----------------------------------------------------------------------

// The bounds that are written: missing parts are NO_NODE, `-1` and names are given.
static void slice_parts(const Tree *t, NodeId slice, NodeId parts[3]) {
  Str text = t->source->text;
  uint32_t part = 0, at = node_start(t, slice);
  parts[0] = parts[1] = parts[2] = NO_NODE;
  NodeId c = node_first_named(t, slice);
  while (part < 3 && at < node_stop(t, slice)) {
    if (node_ok(c) && at == node_start(t, c)) {
      parts[part] = c;
      at = node_stop(t, c);
      c = node_next_named(t, c);
      continue;
    }
    if (text.p[at] == ':') part += 1;
    at += 1;
  }
}

// The most elements that a slice with constant bounds can have.
static uint64_t slice_limit(Model *m, NodeId slice) {
  NodeId parts[3];
  int64_t start = 0, stop = 0;
  slice_parts(m->tree, slice, parts);
  bool has_start = node_ok(parts[0]);
  if (has_start && !constant_int(m, parts[0], &start)) return SIZE_NO_BOUND;
  if (!node_ok(parts[1])) {
    return start < 0 ? (uint64_t)0 - (uint64_t)start : SIZE_NO_BOUND;
  }
  if (!constant_int(m, parts[1], &stop)) return SIZE_NO_BOUND;
  if ((start < 0) != (stop < 0)) return stop < 0 ? SIZE_NO_BOUND : (uint64_t)stop;
  return stop <= start ? 0 : (uint64_t)(stop - start);
}

static Value slice_value(Model *m, NodeId node, NodeId slice, Value whole) {
  Value v = whole;
  v.origin = node;
  v.low = 0;
  v.flags &= ~(uint32_t)VALUE_WHOLE_READ;
  v.flags |= VALUE_FRESH;
  uint64_t limit = slice_limit(m, slice);
  if (limit != SIZE_NO_BOUND) value_set_count(&v, 0, limit < v.high ? limit : v.high);
  return v;
}

static Value subscript_value(Model *m, NodeId node) {
  const Tree *t = m->tree;
  Value whole = value_of(m, node_field(t, node, FIELD_VALUE));
  NodeId index = node_field(t, node, FIELD_SUBSCRIPT);
  if (value_is_bottom(whole)) return whole;
  if (node_is(t, index, PY_SLICE)) {
    bool slices = whole.kind == VALUE_LIST || whole.kind == VALUE_TUPLE ||
                  value_is_text(whole) || whole.kind == VALUE_QUERYSET ||
                  whole.kind == VALUE_SEQUENCE || whole.kind == VALUE_UNKNOWN ||
                  whole.kind == VALUE_RANGE || whole.kind == VALUE_NDARRAY;
    return slices ? slice_value(m, node, index, whole) : value_unknown();
  }
  int64_t at;
  if (whole.kind == VALUE_TUPLE && node_is(t, whole.origin, PY_TUPLE) &&
      constant_int(m, index, &at) && at >= 0 && at < ELEMENTS_READ) {
    return value_of(m, node_named_at(t, whole.origin, (uint32_t)at));
  }
  bool is_mapping = whole.kind == VALUE_DICT || whole.kind == VALUE_MAPPING;
  if (is_mapping || whole.kind == VALUE_CLASS) {
    Value v = is_mapping ? value_plain(whole.item, node) : value_unknown();
    v.flags = is_mapping && whole.size == SIZE_UNBOUNDED ? VALUE_RECORD : 0;
    return v;
  }
  Value element = value_element(whole);
  element.origin = node;
  return element;
}

// --- the switch ----------------------------------------------------------------------

static Value await_value(Model *m, NodeId node) {
  NodeId inner = node_unwrap(m->tree, node_first_named(m->tree, node));
  Value v = value_of(m, inner);
  if (v.kind != VALUE_COROUTINE) return v;
  return value_of_local_call(m, v.definition, NO_NODE);
}

static Value scalar_value(ValueKind kind, NodeId node) {
  return value_plain(kind, node);
}

static Value lambda_value(NodeId node) {
  Value v = value_plain(VALUE_FUNCTION, node);
  v.definition = node;
  return v;
}

Value value_eval(Model *m, NodeId node) {
  const Tree *t = m->tree;
  switch (node_kind(t, node)) {
    case PY_IDENTIFIER: return value_of_identifier(m, node);
    case PY_ATTRIBUTE: return value_of_attribute(m, node);
    case PY_CALL: return value_of_call(m, node);
    case PY_STRING: return string_value(m, node);
    case PY_CONCATENATED_STRING: return concatenated_value(m, node);
    case PY_INTEGER: return scalar_value(VALUE_INT, node);
    case PY_FLOAT: return scalar_value(VALUE_FLOAT, node);
    case PY_TRUE:
    case PY_FALSE:
    case PY_NOT_OPERATOR:
    case PY_COMPARISON_OPERATOR: return scalar_value(VALUE_BOOL, node);
    case PY_NONE_LITERAL: return scalar_value(VALUE_NONE, node);
    case PY_LIST: return display_value(m, node, VALUE_LIST);
    case PY_TUPLE:
    case PY_EXPRESSION_LIST: return display_value(m, node, VALUE_TUPLE);
    case PY_SET: return display_value(m, node, VALUE_SET);
    case PY_DICTIONARY: return display_value(m, node, VALUE_DICT);
    case PY_LIST_COMPREHENSION: return comprehension_value(m, node, VALUE_LIST);
    case PY_SET_COMPREHENSION: return comprehension_value(m, node, VALUE_SET);
    case PY_DICTIONARY_COMPREHENSION: return comprehension_value(m, node, VALUE_DICT);
    case PY_GENERATOR_EXPRESSION: return comprehension_value(m, node, VALUE_GENERATOR);
    case PY_BINARY_OPERATOR: return binary_value(m, node);
    case PY_UNARY_OPERATOR: return unary_value(m, node);
    case PY_CONDITIONAL_EXPRESSION: return conditional_value(m, node);
    case PY_BOOLEAN_OPERATOR: return boolean_value(m, node);
    case PY_SUBSCRIPT: return subscript_value(m, node);
    case PY_AWAIT: return await_value(m, node);
    case PY_LAMBDA: return lambda_value(node);
    case PY_NAMED_EXPRESSION: return value_of(m, node_field(t, node, FIELD_VALUE));
    default: return value_unknown();
  }
}
