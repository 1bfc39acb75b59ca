#include "semantic/heavy.h"

#include "semantic/context.h"

enum { HEAVY_STEPS = 6, SHAPE_MAX = 8 };

static Heavy heavy_none(void) { return (Heavy){HEAVY_NOT, VALUE_UNKNOWN, WHY_NONE}; }

// --- by the table --------------------------------------------------------------------

// `stream=True`, `chunksize=n`: it reads when it is asked.
static bool is_lazy(Model *m, const HeavyFact *fact, NodeId call) {
  Str all = str_from(fact->lazy);
  for (uint32_t start = 0; start < all.n;) {
    uint32_t stop = str_find_byte(all, ',', start);
    NodeId value = NO_NODE;
    bool on = true;
    const char *keyword = str_cstr_in(m->arena, str_slice(all, start, stop));
    ArgState state = call_argument(m, call, CALL_NO_POSITION, keyword, &value);
    bool is_off = state == ARG_ABSENT ||
                  (state == ARG_PRESENT && (constant_is_none(m, value) ||
                                            (constant_bool(m, value, &on) && !on)));
    if (!is_off) return true;
    start = stop + 1;
  }
  return false;
}

// The path or handle that is read is not known to be small.
static bool is_source(Model *m, NodeId argument) {
  Str path;
  Value v = value_of(m, argument);
  if (value_is_scalar(v) || (value_is_file(v) && size_is_small(v))) return false;
  if (!constant_str(m, argument, &path)) return true;
  return !knowledge_path_is_small(m->options.knowledge, path);
}

static bool is_display(const Tree *t, NodeId node) {
  switch (node_kind(t, node_unwrap(t, node))) {
    case PY_LIST:
    case PY_TUPLE:
    case PY_DICTIONARY:
    case PY_SET: return true;
    default: return false;
  }
}

// A shape is large by what is written out, or with two sides that are not known.
static bool is_large_shape(Model *m, const HeavyFact *fact, NodeId call) {
  const Tree *t = m->tree;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  NodeId first = node_first_named(t, arguments), n = name_value(m, first);
  bool is_one = node_is(t, n, PY_TUPLE) || node_is(t, n, PY_LIST);
  bool is_each = !is_one && fact->source == FROM_NOTHING;
  int64_t product = 1, size = 0;
  uint32_t seen = 0, unknown = 0;
  for (NodeId e = is_one ? node_first_named(t, n) : first;
       node_ok(e) && seen < SHAPE_MAX && !node_is(t, e, PY_KEYWORD_ARGUMENT);
       e = is_one || is_each ? node_next_named(t, e) : NO_NODE, seen++) {
    if (!constant_int(m, e, &size)) {
      unknown += node_is(t, e, PY_LIST_SPLAT) ? 0 : 1;
    } else if (size > 1) {
      bool is_over = size >= LARGE_RANGE || product * size >= LARGE_RANGE;
      product = is_over ? LARGE_RANGE : product * size;
    }
  }
  return product >= LARGE_RANGE || unknown >= 2;
}

static Heavy heavy_by_table(Model *m, const HeavyFact *fact, NodeId call,
                            NodeId *source) {
  Heavy heavy = {fact->kind, value_of(m, call).kind, fact->why};
  NodeId argument = NO_NODE;
  *source = NO_NODE;
  if (fact->kind == HEAVY_NOT || is_lazy(m, fact, call)) return heavy_none();
  if (fact->why == WHY_RANGE) {
    return is_large_shape(m, fact, call) ? heavy : heavy_none();
  }
  if (fact->source == FROM_NOTHING) return heavy;
  if (fact->source == FROM_RECEIVER) {
    Str method = STR_NONE;
    *source = call_receiver(m, call, &method);
    return node_ok(*source) ? heavy : heavy_none();
  }
  ArgState state = call_argument(m, call, (uint32_t)fact->source, NULL, &argument);
  if (fact->why == WHY_FILE) {
    bool is_read = state != ARG_PRESENT || is_source(m, argument);
    return is_read ? heavy : heavy_none();
  }
  if (state != ARG_PRESENT) return heavy_none();
  if (fact->kind == HEAVY_TABLE) {  // by its type, unless it is written out
    return is_display(m->tree, argument) ? heavy_none() : heavy;
  }
  Value v = value_of(m, argument);
  if (value_is_file(v) && size_is_unbounded(v)) {
    heavy.why = v.why == WHY_PARAMETER ? WHY_FILE : v.why;
    return heavy;
  }
  *source = argument;
  return heavy;
}

// --- by value ------------------------------------------------------------------------

static HeavyKind kind_of_value(ValueKind kind) {
  switch (kind) {
    case VALUE_STR:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY: return HEAVY_TEXT;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DICT:
    case VALUE_DEQUE:
    case VALUE_ARRAY: return HEAVY_ITEMS;
    case VALUE_DATAFRAME:
    case VALUE_SERIES: return HEAVY_TABLE;
    case VALUE_NDARRAY:
    case VALUE_TENSOR: return HEAVY_ARRAY;
    default: return HEAVY_NOT;
  }
}

static Heavy heavy_by_value(Value v) {
  if ((v.flags & VALUE_STARTED) != 0) return heavy_none();  // to be waited for
  HeavyKind kind = kind_of_value(v.kind);
  if (v.kind == VALUE_DATAFRAME && !size_is_small(v)) {
    return (Heavy){kind, v.kind, size_why(v)};
  }
  // How many a parameter or a number asks for is no proof that they are many.
  bool is_counted = v.why == WHY_PARAMETER || v.why == WHY_RANGE;
  bool is_held = value_holds_size(v) && v.why != WHY_ENDLESS &&
                 (!is_counted || v.low >= LARGE_RANGE);
  return is_held ? (Heavy){kind, v.kind, v.why} : heavy_none();
}

// `response.text`, `get(url).content`; what hangs on self or on a module is another's.
static bool is_of_local(Model *m, NodeId attribute) {
  NodeId object = node_unwrap(m->tree, node_field(m->tree, attribute, FIELD_OBJECT));
  if (node_is(m->tree, object, PY_CALL) || node_is(m->tree, object, PY_AWAIT))
    return true;
  const Def *def = def_get(m, flow_only_def(m, object));
  return def->kind == DEF_ASSIGN || def->kind == DEF_WITH || def->kind == DEF_ANNOTATED;
}

static bool makes_object(Model *m, NodeId node) {
  switch (node_kind(m->tree, node)) {
    case PY_CALL:
    case PY_AWAIT:
    case PY_BINARY_OPERATOR:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION: return true;
    case PY_SUBSCRIPT: return value_is_text(value_of(m, node));
    case PY_ATTRIBUTE: return is_of_local(m, node);
    default: return false;
  }
}

// The branch that makes it: `read(p) if p else ""`, `read(p) or ""`.
static NodeId branch_at(const Tree *t, NodeId node, bool second) {
  bool is_choice = node_is(t, node, PY_CONDITIONAL_EXPRESSION);
  return node_named_at(t, node, is_choice && second ? 2 : second ? 1 : 0);
}

// Behind a local name: what made it there.
static NodeId behind_name(Model *m, NodeId name) {
  const Def *def = def_get(m, flow_only_def(m, name));
  bool is_plain = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
                   def->kind == DEF_WALRUS) &&
                  def->flags == 0;
  return is_plain ? node_unwrap(m->tree, def->value) : NO_NODE;
}

static bool is_frame_parameter(Model *m, NodeId name) {
  const Def *def = def_get(m, flow_only_def(m, name));
  return def->kind == DEF_PARAMETER && value_of(m, name).kind == VALUE_DATAFRAME;
}

static Heavy heavy_of_made(Model *m, NodeId node, NodeId *source) {
  NodeId call = node_is(m->tree, node, PY_AWAIT)
                    ? node_unwrap(m->tree, node_first_named(m->tree, node))
                    : node;
  bool is_awaited = !node_eq(call, node);
  *source = NO_NODE;
  const HeavyFact *fact = node_is(m->tree, call, PY_CALL) ? call_heavy(m, call) : NULL;
  // `await session.get(url)` may give the head of a response alone.
  bool is_head = is_awaited && fact != NULL && fact->kind == HEAVY_RESPONSE;
  if (fact != NULL) {
    return is_head ? heavy_none() : heavy_by_table(m, fact, call, source);
  }
  return heavy_by_value(value_of(m, node));
}

static Heavy heavy_step(Model *m, NodeId expression, NodeId *source) {
  const Tree *t = m->tree;
  NodeId node = node_unwrap(t, expression);
  *source = NO_NODE;
  switch (node_kind(t, node)) {
    case PY_IDENTIFIER: {
      if (is_frame_parameter(m, node))
        return (Heavy){HEAVY_TABLE, VALUE_DATAFRAME, WHY_PARAMETER};
      Heavy grown = heavy_by_value(value_of(m, node));
      *source = behind_name(m, node);
      bool fills = is_display(t, *source) && grown.kind == HEAVY_ITEMS;
      if (fills) *source = NO_NODE;
      return fills ? grown : heavy_none();
    }
    case PY_ASSIGNMENT: *source = node_field(t, node, FIELD_RIGHT); return heavy_none();
    case PY_NAMED_EXPRESSION:
      *source = node_field(t, node, FIELD_VALUE);
      return heavy_none();
    case PY_CONDITIONAL_EXPRESSION:
    case PY_BOOLEAN_OPERATOR: {
      NodeId unused, second = branch_at(t, node, true);
      *source = branch_at(t, node, false);
      bool is_second = makes_object(m, node_unwrap(t, second)) &&
                       heavy_of_made(m, node_unwrap(t, second), &unused).kind != 0;
      if (is_second) *source = second;
      return heavy_none();
    }
    default:
      return makes_object(m, node) ? heavy_of_made(m, node, source) : heavy_none();
  }
}

Heavy heavy_of(Model *m, NodeId expression) {
  Heavy parsed = heavy_none();  // as heavy as what it is parsed from
  for (uint32_t i = 0; i < HEAVY_STEPS && node_ok(expression); i++) {
    NodeId source = NO_NODE;
    Value v = parsed.kind != HEAVY_NOT ? value_of(m, expression) : (Value){0};
    if (value_holds_size(v)) {
      parsed.why = v.why;
      return parsed;
    }
    Heavy heavy = heavy_step(m, expression, &source);
    bool is_last = !node_ok(source);
    if (is_last && parsed.kind == HEAVY_NOT) return heavy;
    if (is_last) {
      parsed.why = heavy.why;
      return heavy.kind != HEAVY_NOT ? parsed : heavy;
    }
    if (heavy.kind != HEAVY_NOT && parsed.kind == HEAVY_NOT) parsed = heavy;
    expression = source;
  }
  return heavy_none();
}

// --- what fills it -------------------------------------------------------------------

// `self.x.append(…)`, `self.x[k] = …`.
static bool is_growth(Model *m, NodeId read) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, read), p = node_parent(t, n);
  if (node_is(t, p, PY_SUBSCRIPT)) {
    return node_role(t, n) == FIELD_VALUE && node_role(t, p) == FIELD_LEFT &&
           node_is(t, node_parent(t, p), PY_ASSIGNMENT);
  }
  NodeId call = node_parent(t, p);
  if (!node_is(t, p, PY_ATTRIBUTE) || !node_is(t, call, PY_CALL)) return false;
  const MutatorFact *mutator = call_mutator(m, call);
  return mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0;
}

Heavy heavy_growth(Model *m, NodeId read) {
  if (!is_growth(m, read)) return heavy_none();
  for (NodeId loop = loop_around(m, read, NO_NODE); node_ok(loop);
       loop = loop_around(m, read, loop)) {
    NodeId right = node_field(m->tree, loop, FIELD_RIGHT);
    if (!node_is(m->tree, loop, PY_FOR_STATEMENT)) continue;
    Value v = value_of(m, right);
    bool is_counted =
        v.why == WHY_PARAMETER || v.why == WHY_RANGE || v.why == WHY_ENDLESS;
    if (size_is_unbounded(v) && !is_counted) {
      return (Heavy){HEAVY_ITEMS, VALUE_LIST, v.why};
    }
  }
  return heavy_none();
}
