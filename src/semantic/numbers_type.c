// What numbers are: by the expressions that are stored.
#include "semantic/calls.h"
#include "semantic/numbers_internal.h"

static Num num_at(Scan *s, NodeId expression, uint32_t depth);

static const Num OTHER = {.kind = NUM_OTHER}, FLAG = {.kind = NUM_FLAG};

static Num whole(uint32_t bits) {
  return bits > 62 ? OTHER : (Num){.kind = NUM_WHOLE, .bits = bits};
}

static Num constant(int64_t value) {
  uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
  uint32_t bits = 0;
  for (; size != 0; size >>= 1) bits++;
  return (Num){.kind = NUM_WHOLE, .bits = bits, .is_constant = true, .value = value};
}

static bool is_plain(Num n) { return n.kind == NUM_WHOLE || n.kind == NUM_FLAG; }
static bool is_number(Num n) { return n.kind != NUM_OTHER; }
static uint32_t bits_of(Num n) { return n.kind == NUM_FLAG ? 1 : n.bits; }

// No constant any more.
static Num loosely(Num n, uint32_t bits) { return (Num){.kind = n.kind, .bits = bits}; }

// One of two.
static Num num_either(Num a, Num b) {
  if (a.kind == NUM_OTHER || b.kind == NUM_OTHER) return OTHER;
  uint32_t bits = bits_of(a) > bits_of(b) ? bits_of(a) : bits_of(b);
  if (a.kind == b.kind) return (Num){.kind = a.kind, .bits = bits};
  if (a.kind == NUM_ITEM) return loosely(b, bits);
  if (b.kind == NUM_ITEM) return loosely(a, bits);
  if (is_plain(a) && is_plain(b)) return (Num){.kind = NUM_FLOAT};
  return OTHER;
}

// --- operators -----------------------------------------------------------------------

// Sums grow by what is added, again and again; two items together might double.
static Num sum_of(Num a, Num b) {
  if (a.kind == NUM_FLOAT || b.kind == NUM_FLOAT) return (Num){.kind = NUM_FLOAT};
  uint32_t bits = bits_of(a) > bits_of(b) ? bits_of(a) : bits_of(b);
  bool is_item = a.kind == NUM_ITEM || b.kind == NUM_ITEM;
  if (a.kind == NUM_ITEM && b.kind == NUM_ITEM) {
    return (Num){.kind = NUM_ITEM, .bits = 63};
  }
  return is_item ? (Num){.kind = NUM_ITEM, .bits = bits} : whole(bits + 1);
}

static Num product_of(Num a, Num b) {
  if (a.kind == NUM_FLOAT || b.kind == NUM_FLOAT) return (Num){.kind = NUM_FLOAT};
  if (a.kind == NUM_ITEM || b.kind == NUM_ITEM) {
    return (Num){.kind = NUM_ITEM, .bits = 63};
  }
  return whole(bits_of(a) + bits_of(b));
}

static Num operation(PyKind sign, Num a, Num b) {
  bool is_known = is_number(a) && is_number(b);
  switch (sign) {
    case PY_OP_ADD:
    case PY_OP_ADD_ASSIGN:
    case PY_OP_SUB:
    case PY_OP_SUB_ASSIGN: return is_known ? sum_of(a, b) : OTHER;
    case PY_OP_STAR:
    case PY_OP_STAR_ASSIGN: return is_known ? product_of(a, b) : OTHER;
    case PY_OP_DIV:
    case PY_OP_DIV_ASSIGN: return is_known ? (Num){.kind = NUM_FLOAT} : OTHER;
    case PY_OP_FLOOR_DIV:
    case PY_OP_FLOOR_DIV_ASSIGN:
    case PY_OP_SHIFT_RIGHT:
      if (!is_known) return OTHER;
      if (a.kind == NUM_FLOAT || b.kind == NUM_FLOAT) return (Num){.kind = NUM_FLOAT};
      return a.kind == NUM_FLAG ? whole(1) : loosely(a, a.bits);
    case PY_OP_MOD:
    case PY_OP_MOD_ASSIGN:
      if (!is_known) return OTHER;
      if (a.kind == NUM_FLOAT || b.kind == NUM_FLOAT) return (Num){.kind = NUM_FLOAT};
      return b.kind == NUM_FLAG ? whole(1) : loosely(b, b.bits);
    case PY_OP_BIT_AND:
    case PY_OP_BIT_AND_ASSIGN:
    case PY_OP_BIT_OR:
    case PY_OP_BIT_OR_ASSIGN:
    case PY_OP_BIT_XOR:
    case PY_OP_BIT_XOR_ASSIGN: return is_known ? num_either(a, b) : OTHER;
    default: return OTHER;
  }
}

static Num binary(Scan *s, NodeId e, uint32_t depth) {
  Num a = num_at(s, node_field(s->t, e, FIELD_LEFT), depth);
  Num b = num_at(s, node_field(s->t, e, FIELD_RIGHT), depth);
  return operation(node_kind(s->t, node_field(s->t, e, FIELD_OPERATOR)), a, b);
}

// --- calls ---------------------------------------------------------------------------

typedef enum Giving {
  GIVES_INDEX,  // a length, a place: as large as memory at most
  GIVES_CODE,   // a character
  GIVES_FLAG,
  GIVES_FLOAT,
  GIVES_EITHER,  // one of its arguments
  GIVES_SAME,    // the size of its argument
} Giving;

static const struct {
  const char *name;
  Giving giving;
} GIVERS[] = {
    {"bisect.bisect", GIVES_INDEX},       {"bisect.bisect_left", GIVES_INDEX},
    {"bisect.bisect_right", GIVES_INDEX}, {"builtins.abs", GIVES_SAME},
    {"builtins.all", GIVES_FLAG},         {"builtins.any", GIVES_FLAG},
    {"builtins.bool", GIVES_FLAG},        {"builtins.callable", GIVES_FLAG},
    {"builtins.float", GIVES_FLOAT},      {"builtins.hasattr", GIVES_FLAG},
    {"builtins.isinstance", GIVES_FLAG},  {"builtins.len", GIVES_INDEX},
    {"builtins.max", GIVES_EITHER},       {"builtins.min", GIVES_EITHER},
    {"builtins.ord", GIVES_CODE},         {"os.path.getsize", GIVES_INDEX},
};

static Num arguments_either(Scan *s, NodeId call, uint32_t depth) {
  Num all = OTHER;
  NodeId list = node_field(s->t, call, FIELD_ARGUMENTS);
  if (call_has_stars(s->m, call) || call_positional_count(s->m, call) < 2) return OTHER;
  bool is_first = true;
  for (NodeId a = node_first_named(s->t, list); node_ok(a);
       a = node_next_named(s->t, a)) {
    if (node_is(s->t, a, PY_KEYWORD_ARGUMENT)) return OTHER;
    Num one = num_at(s, a, depth);
    all = is_first ? one : num_either(all, one);
    is_first = false;
  }
  return all;
}

static Num of_random(Scan *s, NodeId call) {
  NodeId high = NO_NODE;
  uint32_t count = call_positional_count(s->m, call);
  if (count == 0 || count > 2) return OTHER;
  if (call_argument(s->m, call, count - 1, NULL, &high) != ARG_PRESENT) return OTHER;
  Num n = num_of(s, high);
  return n.kind == NUM_WHOLE ? whole(n.bits) : OTHER;
}

// Decimals and complex numbers count as floats elsewhere, unless the class is known.
static bool is_own_float(Value v) {
  return v.kind == VALUE_FLOAT &&
         (v.class_name.n == 0 || str_is(v.class_name, "builtins.float"));
}

// `math.sqrt(x)`: the library's own row says so; `def half(x) -> float`: the function.
static bool call_gives_float(Scan *s, NodeId call) {
  const ResultFact *fact = call_result(s->m, call);
  if (fact != NULL) {
    return fact->kind == VALUE_FLOAT && !str_is(fact->name, "builtins.complex");
  }
  NodeId callee = node_unwrap(s->t, call_callee(s->m, call));
  const Def *d = def_get(s->m, binding_only_def(s->m, binding_of(s->m, callee)));
  NodeId type =
      d->kind == DEF_FUNCTION ? node_field(s->t, d->value, FIELD_RETURN_TYPE) : NO_NODE;
  return node_ok(type) && name_is(s->m, node_first_named(s->t, type), "builtins.float");
}

// By what the tables say that it gives.
static Num by_value(Scan *s, NodeId e) {
  static const char *const floats[] = {"math.e", "math.inf", "math.nan", "math.pi",
                                       "math.tau"};
  Str name = node_is(s->t, e, PY_ATTRIBUTE) ? name_of(s->m, e) : STR_NONE;
  for (uint32_t i = 0; i < sizeof floats / sizeof *floats; i++) {
    if (str_is(name, floats[i])) return (Num){.kind = NUM_FLOAT};
  }
  if (str_is(name, "sys.maxsize")) return whole(62);
  Value v = value_of(s->m, e);
  bool is_float = node_is(s->t, e, PY_CALL) ? call_gives_float(s, e) : is_own_float(v);
  if (is_float) return (Num){.kind = NUM_FLOAT};
  return v.kind == VALUE_BOOL ? (Num){.kind = NUM_FLAG} : OTHER;
}

static Num magnitude(Num n) {
  return n.kind == NUM_FLAG ? whole(1) : loosely(n, n.bits);
}

static Num call_num(Scan *s, NodeId call, uint32_t depth) {
  Str name = name_of_callee(s->m, call), method = STR_NONE;
  NodeId first = NO_NODE;
  for (uint32_t i = 0; i < sizeof GIVERS / sizeof *GIVERS && name.n != 0; i++) {
    if (!str_is(name, GIVERS[i].name)) continue;
    switch (GIVERS[i].giving) {
      case GIVES_INDEX: return whole(INDEX_BITS);
      case GIVES_CODE: return whole(21);
      case GIVES_FLAG: return (Num){.kind = NUM_FLAG};
      case GIVES_FLOAT: return (Num){.kind = NUM_FLOAT};
      case GIVES_EITHER: return arguments_either(s, call, depth);
      case GIVES_SAME:
        if (call_argument(s->m, call, 0, NULL, &first) != ARG_PRESENT) return OTHER;
        return magnitude(num_at(s, first, depth));
    }
  }
  if (str_is(name, "random.randint") || str_is(name, "random.randrange")) {
    return of_random(s, call);
  }
  if (name.n == 0 && node_ok(call_receiver(s->m, call, &method))) {
    static const char *const indices[] = {"count", "find", "index", "rfind", "rindex"};
    for (uint32_t i = 0; i < sizeof indices / sizeof *indices; i++) {
      if (str_is(method, indices[i])) return whole(INDEX_BITS);
    }
  }
  return by_value(s, call);
}

// --- names ---------------------------------------------------------------------------

// What a loop over range(…), enumerate(…) or the list itself gives.
static Num of_loop(Scan *s, const Def *d) {
  NodeId source = node_unwrap(s->t, d->value);
  Str name = name_of_callee(s->m, source);
  bool is_unpacked = (d->flags & DEF_UNPACKED) != 0;
  if (str_is(name, "builtins.enumerate")) {
    NodeId over = NO_NODE;
    if (!is_unpacked || (d->flags & DEF_NESTED) != 0) return OTHER;
    if (d->index == 0) return whole(INDEX_BITS);
    call_argument(s->m, source, 0, NULL, &over);
    return is_list(s, over) ? (Num){.kind = NUM_ITEM} : OTHER;
  }
  if (is_unpacked) return OTHER;
  if (str_is(name, "builtins.range")) return whole(INDEX_BITS);
  if (is_list(s, source)) return (Num){.kind = NUM_ITEM};
  Value v = value_of(s->m, source);
  bool is_float = v.element == VALUE_FLOAT && str_is(v.element_class, "builtins.float");
  if (is_float) return (Num){.kind = NUM_FLOAT};
  return v.element == VALUE_BOOL ? (Num){.kind = NUM_FLAG} : OTHER;
}

// `i += 1` as often as it may run.
static Num of_update(Scan *s, const Def *d, uint32_t depth) {
  NodeId sign = node_field(s->t, d->statement, FIELD_OPERATOR);
  Num by = num_at(s, node_field(s->t, d->statement, FIELD_RIGHT), depth);
  PyKind kind = node_kind(s->t, sign);
  if (by.kind == NUM_FLOAT) return by;
  if (kind != PY_OP_ADD_ASSIGN && kind != PY_OP_SUB_ASSIGN) return OTHER;
  return is_plain(by) && bits_of(by) <= INDEX_BITS ? whole(INDEX_BITS + 8) : OTHER;
}

static Num of_def(Scan *s, const Def *d, uint32_t depth) {
  switch (d->kind) {
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS: {
      NodeId value = d->value;
      if ((d->flags & DEF_UNPACKED) != 0) value = unpacked_part(s->t, d);
      return node_ok(value) ? num_at(s, value, depth) : OTHER;
    }
    case DEF_AUGMENTED: return of_update(s, d, depth);
    case DEF_FOR:
    case DEF_COMPREHENSION: return of_loop(s, d);
    case DEF_PARAMETER: {
      Value v = value_of_def(s->m, def_at(s->m, d->node));
      if (is_own_float(v)) return (Num){.kind = NUM_FLOAT};
      return v.kind == VALUE_BOOL ? (Num){.kind = NUM_FLAG} : OTHER;
    }
    default: return OTHER;
  }
}

static Num name_num(Scan *s, NodeId identifier, uint32_t depth) {
  RefId ref = ref_at(s->m, identifier);
  int64_t value = 0;
  if (constant_int(s->m, identifier, &value)) return constant(value);
  DefList defs = flow_defs_reaching(s->m, ref);
  if (defs.unknown || defs.count == 0 || defs.count > NUMBER_DEPTH) {
    return by_value(s, name_value(s->m, identifier));
  }
  Num all = OTHER;
  for (uint32_t i = 0; i < defs.count; i++) {
    Num one = of_def(s, def_get(s->m, defs.items[i]), depth);
    all = i == 0 ? one : num_either(all, one);
  }
  return all;
}

// --- expressions ---------------------------------------------------------------------

static Num unary(Scan *s, NodeId e, uint32_t depth) {
  Num n = num_at(s, node_field(s->t, e, FIELD_ARGUMENT), depth);
  int64_t value = 0;
  if (n.is_constant && constant_int(s->m, e, &value)) return constant(value);
  // `-xs[i]` may be below zero where no item was.
  if (n.kind == NUM_ITEM && n.bits == 0) return loosely(n, 1);
  return magnitude(n);
}

// `data[i]` of bytes: 0 to 255.
static bool is_byte(Scan *s, NodeId subscript) {
  NodeId index = node_field(s->t, subscript, FIELD_SUBSCRIPT);
  if (node_is(s->t, index, PY_SLICE)) return false;
  ValueKind kind = value_of(s->m, node_field(s->t, subscript, FIELD_VALUE)).kind;
  return kind == VALUE_BYTES || kind == VALUE_BYTEARRAY;
}

// An operand that is no array or tensor, with which `==` would give another.
static bool is_no_array(Scan *s, NodeId operand) {
  NodeId e = node_unwrap(s->t, operand);
  Value v = value_of(s->m, e);
  int64_t number = 0;
  return value_is_scalar(v) || value_is_text(v) || value_is_container(v) ||
         constant_int(s->m, e, &number) || constant_is_none(s->m, e) ||
         num_of(s, e).kind != NUM_OTHER;
}

// `x in seen`, `x is None`, `name == "a"`, `len(x) > 3`: True or False. Of two that are not
// known it may be an array.
static bool compares_plainly(Scan *s, NodeId comparison) {
  const Tree *t = s->t;
  NodeId left = node_named_at(t, comparison, 0),
         right = node_named_at(t, comparison, 1);
  switch (node_kind(t, node_field(t, comparison, FIELD_OPERATORS))) {
    case PY_OP_LT:
    case PY_OP_LE:
    case PY_OP_GT:
    case PY_OP_GE:
    case PY_OP_EQ:
    case PY_OP_NE: break;
    default: return true;
  }
  bool is_text =
      value_is_text(value_of(s->m, left)) || value_is_text(value_of(s->m, right));
  return is_text || (is_no_array(s, left) && is_no_array(s, right));
}

static Num num_at(Scan *s, NodeId expression, uint32_t depth) {
  NodeId e = node_unwrap(s->t, expression);
  int64_t value = 0;
  if (depth == 0) return OTHER;
  depth--;
  switch (node_kind(s->t, e)) {
    case PY_TRUE:
    case PY_FALSE:
    case PY_NOT_OPERATOR: return FLAG;
    case PY_COMPARISON_OPERATOR: return compares_plainly(s, e) ? FLAG : OTHER;
    case PY_FLOAT: return (Num){.kind = NUM_FLOAT};
    case PY_INTEGER: return constant_int(s->m, e, &value) ? constant(value) : OTHER;
    case PY_UNARY_OPERATOR: return unary(s, e, depth);
    case PY_BINARY_OPERATOR:
      if (constant_int(s->m, e, &value)) return constant(value);
      return binary(s, e, depth);
    case PY_CONDITIONAL_EXPRESSION:
      return num_either(num_at(s, node_named_at(s->t, e, 0), depth),
                        num_at(s, node_named_at(s->t, e, 2), depth));
    case PY_BOOLEAN_OPERATOR:
      return num_either(num_at(s, node_field(s->t, e, FIELD_LEFT), depth),
                        num_at(s, node_field(s->t, e, FIELD_RIGHT), depth));
    case PY_IDENTIFIER: return name_num(s, e, depth);
    case PY_CALL: return call_num(s, e, depth);
    case PY_SUBSCRIPT:
      if (is_item_of_list(s, e)) return (Num){.kind = NUM_ITEM};
      return is_byte(s, e) ? (Num){.kind = NUM_WHOLE} : by_value(s, e);
    case PY_ATTRIBUTE: return by_value(s, e);
    case PY_NAMED_EXPRESSION: return num_at(s, node_field(s->t, e, FIELD_VALUE), depth);
    default: return OTHER;
  }
}

Num num_of(Scan *s, NodeId expression) { return num_at(s, expression, NUMBER_DEPTH); }

// --- what the items are --------------------------------------------------------------

bool num_take(Scan *s, NodeId value) {
  NodeId e = node_unwrap(s->t, value);
  if (node_is(s->t, e, PY_CONDITIONAL_EXPRESSION)) {  // each as it is written
    NodeId yes = node_named_at(s->t, e, 0), no = node_named_at(s->t, e, 2);
    bool is_deep = node_is(s->t, node_unwrap(s->t, yes), PY_CONDITIONAL_EXPRESSION) ||
                   node_is(s->t, node_unwrap(s->t, no), PY_CONDITIONAL_EXPRESSION);
    if (!is_deep) return num_take(s, yes) && num_take(s, no);
  }
  Num n = num_of(s, value);
  switch (n.kind) {
    case NUM_FLAG: s->has_flag = true; return true;
    case NUM_FLOAT: s->has_float = true; return true;
    case NUM_WHOLE:
      s->has_whole = true;
      if (!n.is_constant) s->has_computed = true;
      if (n.is_constant && n.value < s->least) s->least = n.value;
      if (n.is_constant && n.value > s->most) s->most = n.value;
      return true;
    case NUM_ITEM:
      if (n.bits > 0) s->has_changed = true;
      if (n.bits > INDEX_BITS) s->has_other = true;  // of floats it does not matter
      return true;
    default: return numbers_refuse(s, "something else may be stored, or does not fit");
  }
}

bool num_take_update(Scan *s, PyKind sign, NodeId value) {
  Num n = operation(sign, (Num){.kind = NUM_ITEM}, num_of(s, value));
  if (n.kind == NUM_FLAG) {  // flags[i] |= found
    s->has_flag = true;
    return true;
  }
  s->has_changed = true;
  switch (n.kind) {
    case NUM_FLOAT: s->has_float = true; return true;
    case NUM_ITEM:
    case NUM_WHOLE:
      if (n.bits > INDEX_BITS) s->has_other = true;
      return true;
    default: return numbers_refuse(s, "something else may be stored, or does not fit");
  }
}
