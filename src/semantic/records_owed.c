// What else is kept where rows are: only more of them.
#include "semantic/records_internal.h"

static bool value_settle(Following *f, NodeId value, Shape shape, uint32_t depth);

enum { BRANCHES = 6 };

// --- the same keys -------------------------------------------------------------------

static bool key_is_known(Following *f, Str key) {
  for (uint32_t i = 0; i < f->records->key_count; i++) {
    if (str_eq(record_key(f, i), key)) return true;
  }
  return false;
}

static bool has_same_keys(Following *f, NodeId literal) {
  Records other = {0};
  if (!records_keys(f->m, literal, &other)) return false;
  if (other.key_count != f->records->key_count) return false;
  for (uint32_t i = 0; i < other.key_count; i++) {
    if (!key_is_known(f, records_key_text(f->m, other.keys[i]))) return false;
  }
  return true;
}

// --- values --------------------------------------------------------------------------

static bool is_seen(Following *f, NodeId value, Shape shape) {
  return map_get(&f->seen, node_unwrap(f->t, value).i) == shape + 1;
}

static bool elsewhere(Following *f) {
  return records_refuse(f, "other things are kept there as well");
}

// A variable begins with that; what is only one of many lists says nothing.
static bool begins(Following *f, NodeId value) {
  if (f->is_start) vec_push(f->m->arena, &f->emptied, value);
  return true;
}

// `list()`, `defaultdict(list)`, `deque()`: empty, of as many layers as are needed.
static bool call_settle(Following *f, NodeId call, Shape shape) {
  Str name = name_of_callee(f->m, call);
  NodeId factory = NO_NODE;
  bool is_sequence = shape_top(shape) == SEQUENCE;
  bool is_mapping = shape_top(shape) == MAPPING;
  if (is_mapping && str_is(name, "collections.defaultdict")) {
    bool is_alone = call_argument(f->m, call, 0, NULL, &factory) == ARG_PRESENT &&
                    call_positional_count(f->m, call) == 1;
    uint32_t inner = shape_top(shape_inner(shape));
    bool fits =
        is_alone && ((inner == SEQUENCE && name_is(f->m, factory, "builtins.list")) ||
                     (inner == MAPPING && name_is(f->m, factory, "builtins.dict")));
    return fits ? begins(f, call) : elsewhere(f);
  }
  bool is_empty = !call_has_arguments(f->m, call);
  if (is_sequence && is_empty &&
      (str_is(name, "builtins.list") || str_is(name, "collections.deque"))) {
    return begins(f, call);
  }
  if (is_mapping && is_empty &&
      (str_is(name, "builtins.dict") || str_is(name, "collections.OrderedDict"))) {
    return begins(f, call);
  }
  return elsewhere(f);
}

static bool display_settle(Following *f, NodeId display, Shape shape, uint32_t depth) {
  bool is_dict = node_is(f->t, display, PY_DICTIONARY);
  if (shape_top(shape) != (is_dict ? MAPPING : SEQUENCE)) return elsewhere(f);
  begins(f, display);
  f->is_start = false;
  uint32_t read = 0;
  for (NodeId n = node_first_named(f->t, display); node_ok(n);
       n = node_next_named(f->t, n)) {
    NodeId value = is_dict ? node_field(f->t, n, FIELD_VALUE) : n;
    if (++read > RECORDS_USES || !node_ok(value)) return elsewhere(f);
    if (!value_settle(f, value, shape_inner(shape), depth)) return false;
  }
  return true;
}

// A dict of the same keys is a row as well: what becomes of it matters as much.
static bool literal_settle(Following *f, NodeId literal) {
  if (!has_same_keys(f, literal)) return elsewhere(f);
  if (literal.i < f->records->literal.i) f->records->is_second = true;
  return records_follow(f, literal, ROW);
}

static bool name_settle(Following *f, NodeId identifier, Shape shape, uint32_t depth) {
  RefId ref = ref_at(f->m, identifier);
  if (!ref_ok(ref) || shape != ROW) return elsewhere(f);
  DefList defs = flow_defs_reaching(f->m, ref);
  if (defs.unknown || defs.count == 0) return elsewhere(f);
  for (uint32_t i = 0; i < defs.count; i++) {
    const Def *d = def_get(f->m, defs.items[i]);
    bool is_plain = d->kind == DEF_ASSIGN && (d->flags & DEF_UNPACKED) == 0;
    if (!is_plain || !value_settle(f, d->value, shape, depth)) return elsewhere(f);
  }
  return true;
}

static bool comprehension_settle(Following *f, NodeId e, Shape shape, uint32_t depth) {
  NodeId body = node_field(f->t, e, FIELD_BODY);
  bool is_dict = node_is(f->t, e, PY_DICTIONARY_COMPREHENSION);
  if (shape_top(shape) != (is_dict ? MAPPING : SEQUENCE)) return elsewhere(f);
  NodeId value = is_dict ? node_field(f->t, body, FIELD_VALUE) : body;
  return value_settle(f, value, shape_inner(shape), depth);
}

static bool branches_settle(Following *f, NodeId e, Shape shape, uint32_t depth) {
  bool is_choice = node_is(f->t, e, PY_CONDITIONAL_EXPRESSION);
  NodeId one = is_choice ? node_named_at(f->t, e, 0) : node_field(f->t, e, FIELD_LEFT);
  NodeId two = is_choice ? node_named_at(f->t, e, 2) : node_field(f->t, e, FIELD_RIGHT);
  return value_settle(f, one, shape, depth) && value_settle(f, two, shape, depth);
}

static bool value_settle(Following *f, NodeId value, Shape shape, uint32_t depth) {
  NodeId e = node_unwrap(f->t, value);
  if (is_seen(f, e, shape)) return true;
  if (depth == 0) return elsewhere(f);
  switch (node_kind(f->t, e)) {
    case PY_NONE_LITERAL: return true;
    case PY_CONDITIONAL_EXPRESSION:
    case PY_BOOLEAN_OPERATOR: return branches_settle(f, e, shape, depth - 1);
    case PY_DICTIONARY:
      return shape == ROW ? literal_settle(f, e)
                          : display_settle(f, e, shape, depth - 1);
    case PY_LIST: return display_settle(f, e, shape, depth - 1);
    case PY_LIST_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_DICTIONARY_COMPREHENSION:
      return comprehension_settle(f, e, shape, depth - 1);
    case PY_IDENTIFIER: return name_settle(f, e, shape, depth - 1);
    case PY_CALL: return shape == ROW ? literal_settle(f, e) : call_settle(f, e, shape);
    default: return elsewhere(f);
  }
}

// --- definitions ---------------------------------------------------------------------

static bool def_settle(Following *f, DefId id, Shape shape) {
  const Def *d = def_get(f->m, id);
  bool is_bound = map_get(&f->defs, id.i) == shape + 1;
  switch (d->kind) {
    case DEF_ANNOTATED:
      if (!node_ok(d->value)) return true;
      break;
    case DEF_ASSIGN:
    case DEF_WALRUS: break;
    case DEF_AUGMENTED: return is_seen(f, d->node, shape) || elsewhere(f);
    case DEF_DELETE: return true;
    case DEF_FOR:
    case DEF_COMPREHENSION:
      return (is_bound && map_get(&f->seen, node_unwrap(f->t, d->value).i) != 0) ||
             elsewhere(f);
    case DEF_PARAMETER:
      if (map_get(&f->given, id.i) != shape + 1) return elsewhere(f);
      return !node_ok(d->value) || value_settle(f, d->value, shape, BRANCHES);
    default: return elsewhere(f);
  }
  // `rows = data["rows"] = []`: another name for what begins there.
  bool is_chained =
      node_is(f->t, node_parent(f->t, d->statement), PY_ASSIGNMENT) ||
      node_is(f->t, node_field(f->t, d->statement, FIELD_RIGHT), PY_ASSIGNMENT);
  bool is_seen_whole = map_get(&f->seen, node_unwrap(f->t, d->value).i) == shape + 1;
  if (is_chained && !is_seen_whole) return records_refuse(f, "it has another name");
  if ((d->flags & DEF_UNPACKED) != 0) {
    return (is_bound && map_get(&f->seen, node_unwrap(f->t, d->value).i) != 0) ||
           elsewhere(f);
  }
  return value_settle(f, d->value, shape, BRANCHES);
}

bool records_settle(Following *f, uint32_t from) {
  for (uint32_t i = from; i < f->owed.count && f->refusal == NULL; i++) {
    Owed owed = f->owed.items[i];
    f->is_start = owed.is_start || def_ok(owed.def);
    if (def_ok(owed.def)) {
      def_settle(f, owed.def, owed.shape);
    } else {
      value_settle(f, owed.value, owed.shape, BRANCHES);
    }
  }
  return f->refusal == NULL;
}
