#include "semantic/value.h"

#include "semantic/value_internal.h"

enum { LEVEL_NONE = UINT32_MAX };

Values *values_get(Model *m) {
  if (m->values != NULL) return m->values;
  Values *values = arena_new(m->arena, Values);
  values->index = map_in(m->arena);
  values->results = map_in(m->arena);
  values->growths = map_in(m->arena);
  values->attribute_first = map_in(m->arena);
  values->private_first = map_in(m->arena);
  values->lowest = LEVEL_NONE;
  vec_push(m->arena, &values->private_uses, (PrivateUse){0});
  vec_push(m->arena, &values->memos, (Memo){0});
  vec_push(m->arena, &values->attribute_sets, (AttributeSet){0});
  m->values = values;
  return values;
}

void values_begin(Model *m) {
  Values *values = values_get(m);
  if (values->depth > 0) return;
  values->steps = 0;
  values->lowest = LEVEL_NONE;
}

// --- parts of a value ----------------------------------------------------------------

Value value_plain(ValueKind kind, NodeId origin) {
  return (Value){.kind = kind, .origin = origin, .high = SIZE_NO_BOUND};
}

void value_set_count(Value *v, uint64_t low, uint64_t high) {
  v->low = low;
  v->high = high;
  v->size = high < SMALL_SIZE ? SIZE_SMALL : SIZE_UNKNOWN;
  v->why = WHY_NONE;
}

void value_set_unknown_size(Value *v) { value_set_count(v, 0, SIZE_NO_BOUND); }

void value_set_unbounded(Value *v, SizeWhy why, NodeId source) {
  v->low = 0;
  v->high = SIZE_NO_BOUND;
  v->size = SIZE_UNBOUNDED;
  v->why = why;
  v->source = source;
}

void value_copy_size(Value *to, Value from) {
  const uint32_t carried = VALUE_RECORD | VALUE_ENDLESS | VALUE_DATABASE;
  to->low = from.low;
  to->high = from.high;
  to->size = from.size;
  to->why = from.why;
  to->source = from.source;
  to->handle = from.handle;
  to->flags = (to->flags & ~carried) | (from.flags & carried);
}

// --- joining -------------------------------------------------------------------------

static bool value_is_nothing(Value v) {
  return v.kind == VALUE_NONE || (value_is_container(v) && v.high == 0);
}

static void join_size(Value *joined, Value a, Value b) {
  joined->low = a.low < b.low ? a.low : b.low;
  joined->high = a.high > b.high ? a.high : b.high;
  if (a.size == b.size && a.why == b.why) return;
  // "nothing, or everything": the source is still there on the other path.
  if (value_is_nothing(a)) {
    value_copy_size(joined, b);
  } else if (!value_is_nothing(b)) {
    joined->size = SIZE_UNKNOWN;
    joined->why = WHY_NONE;
    joined->source = NO_NODE;
  }
}

static NodeId join_node(NodeId a, NodeId b) { return node_eq(a, b) ? a : NO_NODE; }
static Str join_str(Str a, Str b) { return str_eq(a, b) ? a : STR_NONE; }

static Value join_none(Value v) {
  v.flags |= VALUE_MAYBE_NONE;
  return v;
}

// The other side is this very value, one round later: it may have grown.
static Value join_cycle(Value v) {
  if (v.size != SIZE_UNBOUNDED) value_set_unknown_size(&v);
  return v;
}

Value value_join(Value a, Value b) {
  // Flags that hold when they hold on one side; the others must hold on both.
  const uint32_t either =
      VALUE_MAYBE_NONE | VALUE_STARTED | VALUE_RECORD | HANDLE_ASYNC | VALUE_FILLS;
  if (value_is_bottom(a)) return join_cycle(b);
  if (value_is_bottom(b)) return join_cycle(a);
  if (a.kind == VALUE_NONE && b.kind != VALUE_NONE) return join_none(b);
  if (b.kind == VALUE_NONE && a.kind != VALUE_NONE) return join_none(a);
  Value joined = a;
  if (a.kind != b.kind) joined.kind = VALUE_UNKNOWN;
  if (a.element != b.element && !value_is_nothing(b)) {
    joined.element = value_is_nothing(a) ? b.element : VALUE_UNKNOWN;
  }
  if (a.item != b.item && !value_is_nothing(b)) {
    joined.item = value_is_nothing(a) ? b.item : VALUE_UNKNOWN;
  }
  joined.flags = (a.flags & b.flags) | ((a.flags | b.flags) & either);
  join_size(&joined, a, b);
  joined.class_name = join_str(a.class_name, b.class_name);
  joined.element_class = join_str(a.element_class, b.element_class);
  joined.definition = join_node(a.definition, b.definition);
  joined.origin = join_node(a.origin, b.origin);
  joined.path = join_node(a.path, b.path);
  joined.mode = join_node(a.mode, b.mode);
  return joined;
}

// --- what a value is -----------------------------------------------------------------

bool value_is_file(Value v) { return v.kind == VALUE_FILE; }

bool value_is_iterator(Value v) {
  switch (v.kind) {
    case VALUE_ITERATOR:
    case VALUE_GENERATOR:
    case VALUE_FILE:
    case VALUE_READER:
    case VALUE_CURSOR: return true;
    default: return false;
  }
}

bool value_is_container(Value v) {
  switch (v.kind) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DICT:
    case VALUE_DEQUE:
    case VALUE_ARRAY:
    case VALUE_SEQUENCE:
    case VALUE_MAPPING:
    case VALUE_NDARRAY:
    case VALUE_SERIES:
    case VALUE_DATAFRAME: return true;
    default: return false;
  }
}

bool value_is_text(Value v) {
  return v.kind == VALUE_STR || v.kind == VALUE_BYTES || v.kind == VALUE_BYTEARRAY ||
         v.kind == VALUE_MEMORYVIEW;
}

bool value_is_sized(Value v) {
  return value_is_container(v) || value_is_text(v) || v.kind == VALUE_VIEW ||
         v.kind == VALUE_RANGE;
}

bool value_is_scalar(Value v) {
  return v.kind == VALUE_NONE || v.kind == VALUE_BOOL || v.kind == VALUE_INT ||
         v.kind == VALUE_FLOAT;
}

bool value_holds_size(Value v) {
  if (!size_is_unbounded(v) || value_is_iterator(v)) return false;
  switch (v.kind) {
    case VALUE_RANGE:
    case VALUE_SOCKET:
    case VALUE_CONNECTION:
    case VALUE_PATH:
    case VALUE_QUERYSET:
    case VALUE_ARCHIVE:
    case VALUE_PROCESS:
    case VALUE_QUEUE:
    case VALUE_ITERABLE: return false;
    default: break;
  }
  bool counted = v.why == WHY_PARAMETER || v.why == WHY_RANGE;
  return !counted || value_is_container(v);
}

bool value_is_mutable(Value v) {
  return v.kind == VALUE_LIST || v.kind == VALUE_DICT || v.kind == VALUE_SET ||
         v.kind == VALUE_DEQUE || v.kind == VALUE_BYTEARRAY || v.kind == VALUE_ARRAY;
}

// What a sequence of a kind consists of, where that is always the same.
static ValueKind kind_element(Value v) {
  switch (v.kind) {
    case VALUE_STR: return VALUE_STR;
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_RANGE: return VALUE_INT;
    case VALUE_FILE:
      if (v.flags & HANDLE_TEXT) return VALUE_STR;
      return v.flags & HANDLE_BINARY ? VALUE_BYTES : VALUE_UNKNOWN;
    default: return v.element;
  }
}

Value value_element(Value v) {
  if (value_is_bottom(v)) return v;
  Value element = value_plain(kind_element(v), NO_NODE);
  element.class_name = v.element_class;
  element.flags = v.flags & VALUE_STARTED;
  if ((v.flags & VALUE_PARTS) != 0) {
    value_set_unbounded(&element, v.why, v.origin);
    element.flags |= VALUE_WHOLE_READ | VALUE_FRESH;
    return element;
  }
  if (v.size == SIZE_UNBOUNDED || (v.flags & VALUE_RECORD)) {
    element.flags |= VALUE_RECORD;
    element.handle = v.handle;
    element.why = value_is_file(v) && v.why == WHY_PARAMETER ? WHY_FILE : v.why;
  }
  return element;
}

// --- asking --------------------------------------------------------------------------

Value value_remembered(Model *m, Map *index, uint64_t key, ValueFn *compute) {
  Values *values = m->values;
  uint32_t at = map_get(index, key);
  if (at != 0) {
    Memo memo = values->memos.items[at];
    if (memo.level == 0 && !memo.dropped) return memo.value;
    if (memo.level != 0) {
      if (memo.level < values->lowest) values->lowest = memo.level;
      return value_bottom();
    }
  }
  if (values->depth >= VALUE_DEPTH || values->steps >= VALUE_STEPS) {
    values->lowest = 0;
    return value_unknown();
  }
  if (at == 0) {
    vec_push(m->arena, &values->memos, (Memo){0});
    at = values->memos.count - 1;
    map_put(index, key, at);
  }
  uint32_t level = ++values->depth;
  values->steps += 1;
  values->memos.items[at] = (Memo){.level = level};
  Value value = compute(m, key);
  values->depth -= 1;
  // Level 1 was asked for: the answer stands, whatever it came from.
  if (level == 1 && value_is_bottom(value)) value = value_unknown();
  bool dropped = values->lowest < level && level > 1;
  values->memos.items[at] = (Memo){.value = value, .dropped = dropped};
  if (values->lowest >= level) values->lowest = LEVEL_NONE;
  return value;
}

static Value value_compute(Model *m, uint64_t key) {
  return value_eval(m, (NodeId){(uint32_t)key});
}

Value value_of(Model *m, NodeId expression) {
  expression = node_unwrap(m->tree, expression);
  if (!node_ok(expression)) return value_unknown();
  values_begin(m);
  return value_remembered(m, &m->values->index, expression.i, value_compute);
}

Answer value_same_path(Model *m, Value a, Value b) {
  Str left, right;
  if (!node_ok(a.path) || !node_ok(b.path)) return ANSWER_UNKNOWN;
  if (constant_str(m, a.path, &left) && constant_str(m, b.path, &right)) {
    if (str_eq(left, right)) return ANSWER_YES;
    // Folders may be links to one another; different last names are different files
    // unless one of the two is itself a link, which open() for writing would follow.
    Str last_left = str_after_last(left, '/'), last_right = str_after_last(right, '/');
    return str_eq(last_left, last_right) ? ANSWER_UNKNOWN : ANSWER_NO;
  }
  DefId one = flow_only_def(m, node_unwrap(m->tree, a.path));
  DefId other = flow_only_def(m, node_unwrap(m->tree, b.path));
  return def_ok(one) && one.i == other.i ? ANSWER_YES : ANSWER_UNKNOWN;
}
