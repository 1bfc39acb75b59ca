// Calls that get rows, and methods of what holds them.
#include "semantic/records_internal.h"

// --- library functions ---------------------------------------------------------------

typedef enum Taking {
  TAKES_LOOK,     // a number or nothing comes back
  TAKES_ALL,      // one list or iterator of the same items
  TAKES_ONE,      // one of them
  TAKES_PAIRS,    // a pair of something and an item
  TAKES_GROUPS,   // a pair of a key and the items with that key
  TAKES_INNER,    // the items of the items
  TAKES_SAME,     // a copy
  TAKES_ORDERED,  // as TAKES_ALL, by comparing the items
  TAKES_LEAST,    // as TAKES_ONE, by comparing the items
  TAKES_CALLS,    // calls the function before it with each item
  TAKES_SOME,     // likewise, and gives items back
} Taking;

// By name in byte order, with the position of what is walked through.
static const struct {
  const char *name;
  Taking taking;
  uint32_t position;
} TAKERS[] = {
    {"builtins.all", TAKES_LOOK, 0},
    {"builtins.any", TAKES_LOOK, 0},
    {"builtins.bool", TAKES_LOOK, 0},
    {"builtins.enumerate", TAKES_PAIRS, 0},
    {"builtins.filter", TAKES_SOME, 1},
    {"builtins.id", TAKES_LOOK, 0},
    {"builtins.iter", TAKES_ALL, 0},
    {"builtins.len", TAKES_LOOK, 0},
    {"builtins.list", TAKES_ALL, 0},
    {"builtins.map", TAKES_CALLS, 1},
    {"builtins.max", TAKES_LEAST, 0},
    {"builtins.min", TAKES_LEAST, 0},
    {"builtins.next", TAKES_ONE, 0},
    {"builtins.reversed", TAKES_ALL, 0},
    {"builtins.sorted", TAKES_ORDERED, 0},
    {"builtins.tuple", TAKES_ALL, 0},
    {"builtins.zip", TAKES_PAIRS, 1},
    {"collections.deque", TAKES_ALL, 0},
    {"copy.copy", TAKES_SAME, 0},
    {"copy.deepcopy", TAKES_SAME, 0},
    {"heapq.nlargest", TAKES_ORDERED, 1},
    {"heapq.nsmallest", TAKES_ORDERED, 1},
    {"itertools.chain.from_iterable", TAKES_INNER, 0},
    {"itertools.groupby", TAKES_GROUPS, 0},
    {"itertools.islice", TAKES_ALL, 0},
    {"random.choice", TAKES_ONE, 0},
    {"random.sample", TAKES_ALL, 0},
    {"random.shuffle", TAKES_LOOK, 0},
};

// What walking through a shape gives; keys are no rows.
typedef struct Walk {
  bool is_keys;
  Shape item;
} Walk;

static bool walk_of_shape(Following *f, Shape shape, Walk *out) {
  *out = (Walk){.is_keys = shape_top(shape) == MAPPING, .item = shape_inner(shape)};
  return shape_top(shape) == MAPPING || shape_top(shape) == SEQUENCE ||
         records_refuse(f, "it is handed to what walks through it");
}

// The items are compared by `key`, or not at all.
static bool key_given(Following *f, NodeId call, Shape item) {
  NodeId key = NO_NODE;
  if (call_argument(f->m, call, CALL_NO_POSITION, "key", &key) != ARG_PRESENT) {
    return records_refuse(f, "rows are compared");
  }
  return records_key_function(f, key, item);
}

static bool default_owe(Following *f, NodeId call, uint32_t position,
                        const char *keyword, Shape shape) {
  NodeId other = NO_NODE;
  ArgState state = call_argument(f->m, call, position, keyword, &other);
  if (state == ARG_UNKNOWN) return records_refuse(f, "its arguments are hidden");
  return state == ARG_ABSENT || records_owe(f, other, shape);
}

static bool calls_before(Following *f, NodeId call, Shape item) {
  NodeId function = NO_NODE;
  if (call_argument(f->m, call, 0, NULL, &function) != ARG_PRESENT) {
    return records_refuse(f, "its arguments are hidden");
  }
  return constant_is_none(f->m, function) || records_key_function(f, function, item);
}

static bool is_made_bounded(Following *f, NodeId call) {
  NodeId most = NO_NODE;
  return str_is(name_of_callee(f->m, call), "collections.deque") &&
         call_argument(f->m, call, 1, "maxlen", &most) != ARG_ABSENT;
}

static bool taken(Following *f, NodeId call, Taking taking, Shape shape) {
  Walk walk = {0};
  if (taking == TAKES_SAME) return records_follow(f, call, shape);
  if (taking == TAKES_LOOK) {
    return shape != ROW || records_refuse(f, "it is handed to other code");
  }
  if (!walk_of_shape(f, shape, &walk)) return false;
  if (walk.is_keys) return true;
  Shape all = shape_in(SEQUENCE, walk.item);
  switch (taking) {
    case TAKES_ORDERED:
      if (!key_given(f, call, walk.item)) return false;
      vec_push(f->m->arena, &f->gathered, call);
      return records_follow(f, call, all);
    case TAKES_ALL:
      if (is_made_bounded(f, call)) return records_refuse(f, "only few are kept");
      vec_push(f->m->arena, &f->gathered, call);
      return records_follow(f, call, all);
    case TAKES_LEAST:
      return key_given(f, call, walk.item) &&
             default_owe(f, call, CALL_NO_POSITION, "default", walk.item) &&
             records_follow(f, call, walk.item);
    case TAKES_ONE:
      return default_owe(f, call, 1, NULL, walk.item) &&
             records_follow(f, call, walk.item);
    case TAKES_PAIRS:
      return records_follow(f, call, shape_in(SEQUENCE, shape_in(PAIR, walk.item)));
    case TAKES_GROUPS:
      return key_given(f, call, walk.item) &&
             records_follow(f, call, shape_in(SEQUENCE, shape_in(PAIR, all)));
    case TAKES_INNER:
      if (shape_top(walk.item) != SEQUENCE) break;
      return records_follow(f, call, walk.item);
    case TAKES_CALLS: return calls_before(f, call, walk.item);
    case TAKES_SOME:
      return calls_before(f, call, walk.item) && records_follow(f, call, all);
    default: break;
  }
  return records_refuse(f, "it is handed to other code");
}

static bool library_takes(Following *f, Place p, uint32_t row, Shape shape) {
  uint32_t position = place_argument_position(f->t, p.argument);
  bool is_pair = TAKERS[row].taking == TAKES_PAIRS;
  bool is_zip = is_pair && TAKERS[row].position == 1;
  bool is_keyword = node_is(f->t, p.argument, PY_KEYWORD_ARGUMENT);
  if (is_keyword || position != TAKERS[row].position || call_has_stars(f->m, p.node)) {
    return records_refuse(f, "it is handed to other code");
  }
  if (is_zip && call_positional_count(f->m, p.node) != 2) {
    return records_refuse(f, "it is handed to other code");
  }
  return taken(f, p.node, TAKERS[row].taking, shape);
}

// --- methods of what rows are put into -----------------------------------------------

static bool put_by_method(Following *f, Place p, Str method, Shape shape) {
  bool is_one = str_is(method, "append") || str_is(method, "appendleft");
  bool is_more = str_is(method, "extend") || str_is(method, "extendleft");
  bool is_insert = str_is(method, "insert");
  bool is_default = str_is(method, "setdefault");
  Str unused = STR_NONE;
  NodeId receiver = call_receiver(f->m, p.node, &unused);
  uint32_t position = place_argument_position(f->t, p.argument);
  if (!(is_one || is_more || is_insert || is_default) ||
      position != (is_insert || is_default ? 1u : 0u)) {
    return records_refuse(f, "it is handed to other code");
  }
  vec_push(f->m->arena, &f->gathered, p.node);
  if (!is_more) {
    uint32_t layer = is_default ? MAPPING : SEQUENCE;
    return records_track(f, receiver, shape_in(layer, shape));
  }
  Walk walk = {0};
  if (!walk_of_shape(f, shape, &walk)) return false;
  if (walk.is_keys) return true;
  return records_track(f, receiver, shape_in(SEQUENCE, walk.item));
}

// `add = rows.append`: the list.
static NodeId receiver_of_alias(Following *f, NodeId call, Str *method) {
  NodeId value = name_value(f->m, call_callee(f->m, call));
  if (!node_is(f->t, value, PY_ATTRIBUTE)) return NO_NODE;
  *method = node_text(f->t, node_field(f->t, value, FIELD_ATTRIBUTE));
  return node_field(f->t, value, FIELD_OBJECT);
}

bool records_as_argument(Following *f, Place p, Shape shape) {
  enum { COUNT = sizeof TAKERS / sizeof *TAKERS };
  Str method = STR_NONE, name = name_of_callee(f->m, p.node);
  for (uint32_t i = 0; i < COUNT && name.n != 0; i++) {
    if (str_is(name, TAKERS[i].name)) return library_takes(f, p, i, shape);
  }
  NodeId callee = node_unwrap(f->t, call_callee(f->m, p.node));
  if (node_ok(call_receiver(f->m, p.node, &method)) && name.n == 0) {
    bool is_put = str_is(method, "append") || str_is(method, "appendleft") ||
                  str_is(method, "extend") || str_is(method, "extendleft") ||
                  str_is(method, "insert") || str_is(method, "setdefault");
    if (is_put) return put_by_method(f, p, method, shape);
  } else if (node_is(f->t, callee, PY_IDENTIFIER)) {
    NodeId receiver = receiver_of_alias(f, p.node, &method);
    if (node_ok(receiver) && str_is(method, "append")) {
      vec_push(f->m->arena, &f->gathered, p.node);
      return records_track(f, receiver, shape_in(SEQUENCE, shape));
    }
  }
  return records_as_parameter(f, p, shape);
}

// --- methods of what holds rows ------------------------------------------------------

static NodeId argument_at(Following *f, NodeId call, uint32_t position) {
  NodeId value = NO_NODE;
  call_argument(f->m, call, position, NULL, &value);
  return value;
}

// What an object holds and gives away again one by one is never all there.
static bool take_out(Following *f, NodeId call) {
  Str unused = STR_NONE;
  NodeId receiver = node_unwrap(f->t, call_receiver(f->m, call, &unused));
  vec_push(f->m->arena, &f->emptied, call);
  return !node_is(f->t, receiver, PY_ATTRIBUTE) ||
         records_refuse(f, "they are taken out again");
}

static bool sequence_method(Following *f, NodeId call, Str method, Shape shape) {
  Shape inner = shape_inner(shape);
  if (str_is(method, "append") || str_is(method, "appendleft")) {
    return records_owe(f, argument_at(f, call, 0), inner);
  }
  if (str_is(method, "insert")) return records_owe(f, argument_at(f, call, 1), inner);
  if (str_is(method, "extend") || str_is(method, "extendleft")) {
    return records_owe(f, argument_at(f, call, 0), shape);
  }
  if (str_is(method, "sort")) return key_given(f, call, inner);
  if (str_is(method, "reverse") || str_is(method, "rotate")) return true;
  if (str_is(method, "copy")) return records_follow(f, call, shape);
  if (str_is(method, "clear") || str_is(method, "pop") || str_is(method, "popleft")) {
    if (!take_out(f, call)) return false;
    return str_is(method, "clear") || records_follow(f, call, inner);
  }
  return records_refuse(f, "a method is called that is not followed");
}

static bool mapping_method(Following *f, NodeId call, Str method, Shape shape) {
  Shape inner = shape_inner(shape);
  if (str_is(method, "keys") || str_is(method, "move_to_end")) return true;
  if (str_is(method, "values"))
    return records_follow(f, call, shape_in(SEQUENCE, inner));
  if (str_is(method, "items")) {
    return records_follow(f, call, shape_in(SEQUENCE, shape_in(PAIR, inner)));
  }
  if (str_is(method, "copy")) return records_follow(f, call, shape);
  bool is_pop = str_is(method, "pop");
  if ((is_pop || str_is(method, "clear")) && !take_out(f, call)) return false;
  if (str_is(method, "clear")) return true;
  if (is_pop || str_is(method, "get") || str_is(method, "setdefault")) {
    return default_owe(f, call, 1, NULL, inner) && records_follow(f, call, inner);
  }
  return records_refuse(f, "a method is called that is not followed");
}

// `add = rows.append`, and then only `add(row)`.
static bool alias_used(Following *f, NodeId attribute, Str method, Shape shape) {
  NodeId name = node_field(f->t, node_parent(f->t, attribute), FIELD_LEFT);
  Place p = place_of(f->t, attribute);
  if (p.kind != PLACE_ASSIGNED || !node_is(f->t, name, PY_IDENTIFIER) ||
      !str_is(method, "append") || shape_top(shape) != SEQUENCE) {
    return records_refuse(f, "a method is handed on");
  }
  BindingId id = binding_of(f->m, name);
  if (!def_ok(binding_only_def(f->m, id))) {
    return records_refuse(f, "a method is handed on");
  }
  uint32_t read = 0;
  for (RefId r = ref_first(f->m, id); ref_ok(r); r = ref_next(f->m, r)) {
    NodeId callee = node_wrap(f->t, ref_get(f->m, r)->node);
    NodeId call = node_parent(f->t, callee);
    if (++read > RECORDS_USES || place_of(f->t, callee).kind != PLACE_CALLEE) {
      return records_refuse(f, "a method is handed on");
    }
    if (!records_owe(f, argument_at(f, call, 0), shape_inner(shape))) return false;
  }
  return true;
}

// `row.get("key")` asks for a key; everything else is a dict's own.
static bool row_method(Following *f, NodeId call, Str method) {
  NodeId key = argument_at(f, call, 0);
  return (str_is(method, "get") && node_ok(key) && record_has_key(f, key)) ||
         records_refuse(f, "a dict's own method is called");
}

bool records_as_receiver(Following *f, NodeId attribute, Shape shape) {
  Str method = node_text(f->t, node_field(f->t, attribute, FIELD_ATTRIBUTE));
  NodeId callee = node_wrap(f->t, attribute), call = node_parent(f->t, callee);
  if (place_of(f->t, callee).kind != PLACE_CALLEE) {
    return alias_used(f, attribute, method, shape);
  }
  switch (shape_top(shape)) {
    case ROW: return row_method(f, call, method);
    case SEQUENCE: return sequence_method(f, call, method, shape);
    case MAPPING: return mapping_method(f, call, method, shape);
    default: return records_refuse(f, "a method is called that is not followed");
  }
}
