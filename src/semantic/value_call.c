// Values of calls: handles that are opened, results by the tables, instances.
#include "semantic/value.h"

#include "semantic/query.h"
#include "semantic/value_internal.h"

enum { SOURCES_READ = 8 };

static ArgState fact_argument(Model *m, NodeId call, int position, const char *keyword,
                              NodeId *argument) {
  *argument = NO_NODE;
  if (!node_is(m->tree, call, PY_CALL)) return ARG_ABSENT;
  if (keyword[0] == '\0') keyword = NULL;
  if (position < 0 && keyword == NULL) return ARG_ABSENT;
  return call_argument(m, call, (uint32_t)position, keyword, argument);
}

// --- handles -------------------------------------------------------------------------

static uint32_t handle_flags_of_fact(const OpenFact *fact) {
  static const uint32_t pairs[][2] = {
      {OPEN_SEEKABLE, HANDLE_SEEKABLE}, {OPEN_COMPRESSED, HANDLE_COMPRESSED},
      {OPEN_PIPE, HANDLE_PIPE},         {OPEN_MEMORY, HANDLE_MEMORY},
      {OPEN_ASYNC, HANDLE_ASYNC},       {OPEN_STDIN, HANDLE_STDIN},
      {OPEN_CLOSES, HANDLE_OPENED_HERE}};
  uint32_t flags = 0;
  for (uint32_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    if (fact->flags & pairs[i][0]) flags |= pairs[i][1];
  }
  if (fact->why == WHY_NETWORK) flags |= HANDLE_NETWORK;
  return flags;
}

static uint32_t handle_flags_of_mode(OpenMode open, Str mode) {
  uint32_t flags = 0;
  bool has_b = str_find_byte(mode, 'b', 0) < mode.n;
  bool has_t = str_find_byte(mode, 't', 0) < mode.n;
  bool binary = open == OPEN_BINARY || (open == OPEN_BY_B && has_b) ||
                (open == OPEN_BY_T && !has_t);
  flags |= binary ? HANDLE_BINARY : HANDLE_TEXT;
  bool updates = str_find_byte(mode, '+', 0) < mode.n, writes = updates;
  for (uint32_t i = 0; i < mode.n; i++) {
    if (mode.p[i] == 'w' || mode.p[i] == 'a' || mode.p[i] == 'x') writes = true;
  }
  if (writes) flags |= HANDLE_WRITES;
  if (!writes || updates) flags |= HANDLE_READS;
  return flags;
}

// The mode's flags; what a mode that is not constant leaves open stays unset.
static uint32_t handle_flags_of_call(Model *m, const OpenFact *fact, NodeId call,
                                     NodeId *mode_node) {
  Str mode = str_from(fact->mode_default);
  ArgState state =
      fact_argument(m, call, fact->mode_position, fact->mode_keyword, mode_node);
  if (state == ARG_PRESENT && constant_str(m, *mode_node, &mode)) state = ARG_ABSENT;
  if (state == ARG_ABSENT) return handle_flags_of_mode(fact->mode, mode);
  if (fact->mode == OPEN_TEXT) return HANDLE_TEXT;
  return fact->mode == OPEN_BINARY ? HANDLE_BINARY : 0;
}

// The literal that a path begins with: `f"/proc/{pid}/stat"`, `"/sys/" + name`.
static bool path_begins(Model *m, NodeId path, Str *literal) {
  const Tree *t = m->tree;
  path = node_unwrap(t, path);
  if (constant_str(m, path, literal)) return true;
  const Def *def = def_get(m, flow_only_def(m, path));
  if (def->kind == DEF_FOR) {  // for path in glob("/proc/*/comm")
    NodeId walked = node_unwrap(t, def->value);
    return call_argument(m, walked, 0, NULL, &path) == ARG_PRESENT &&
           constant_str(m, path, literal);
  }
  for (uint32_t i = 0; i < SOURCES_READ && node_is(t, path, PY_BINARY_OPERATOR); i++) {
    path = node_unwrap(t, node_field(t, path, FIELD_LEFT));
  }
  if (constant_str(m, path, literal)) return true;
  NodeId first = node_first_named(t, path);
  if (!node_is(t, path, PY_STRING) || !node_is(t, first, PY_STRING_CONTENT))
    return false;
  *literal = node_text(t, first);
  return true;
}

static void handle_set_size(Model *m, Value *v, const OpenFact *fact, NodeId call) {
  Str path;
  bool reads = (v->flags & HANDLE_READS) || !(v->flags & HANDLE_WRITES);
  if (fact->flags & OPEN_MEMORY) {
    NodeId initial;
    value_set_unknown_size(v);
    if (call_argument(m, call, 0, NULL, &initial) == ARG_PRESENT) {
      value_copy_size(v, value_of(m, initial));
    }
  } else if (!reads) {
    value_set_unknown_size(v);
  } else if (path_begins(m, v->path, &path) &&
             knowledge_path_is_small(m->options.knowledge, path)) {
    value_set_count(v, 0, SMALL_SIZE - 1);
  } else {
    value_set_unbounded(v, fact->why == WHY_NONE ? WHY_FILE : fact->why, call);
  }
}

static Value value_of_open(Model *m, const OpenFact *fact, NodeId call) {
  Value v = value_plain(VALUE_FILE, call);
  v.flags = handle_flags_of_fact(fact) | handle_flags_of_call(m, fact, call, &v.mode);
  v.flags |= VALUE_FRESH;
  v.handle = call;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (fact->path_position < 0 && fact->name.p[0] == '.') {
    v.path = receiver;
  } else {
    fact_argument(m, call, fact->path_position, fact->path_keyword, &v.path);
  }
  handle_set_size(m, &v, fact, call);
  // A wrapper reads what the wrapped handle reads.
  Value inner =
      value_is_file(value_of(m, v.path)) ? value_of(m, v.path) : value_unknown();
  if (value_is_file(inner)) {
    value_copy_size(&v, inner);
    v.flags |= inner.flags & (HANDLE_PIPE | HANDLE_NETWORK | HANDLE_STDIN);
    v.path = inner.path;
  }
  return v;
}

// --- results by the tables -----------------------------------------------------------

// Of several sources (zip, chain) the one that decides.
static Value source_of_many(Model *m, const ResultFact *fact, NodeId call) {
  Value chosen = value_unknown();
  bool shortest = (fact->flags & RESULT_SHORTEST) != 0;
  uint32_t count = call_positional_count(m, call), first = (uint32_t)fact->source;
  if (call_has_stars(m, call)) return chosen;
  for (uint32_t i = first; i < count && i < first + SOURCES_READ; i++) {
    NodeId argument;
    if (call_argument(m, call, i, NULL, &argument) != ARG_PRESENT) break;
    Value v = value_of(m, argument);
    if (v.flags & VALUE_ENDLESS && shortest) continue;
    bool better = i == first || (shortest ? size_is_small(v) || size_is_unbounded(v)
                                          : size_is_unbounded(v));
    if (i != first && !shortest && size_is_small(chosen) && !size_is_small(v))
      better = true;
    if (better && !(shortest && size_is_small(chosen))) chosen = v;
  }
  if (!shortest && count > first + 1 && size_is_small(chosen)) {
    uint64_t sum = chosen.high * (count - first);
    value_set_count(&chosen, 0, sum);
  }
  return chosen;
}

static Value fact_source(Model *m, const ResultFact *fact, NodeId node, NodeId receiver,
                         bool *given) {
  NodeId argument;
  *given = true;
  if (fact->source == FROM_RECEIVER) return value_of(m, receiver);
  if (fact->source == FROM_NOTHING) return value_unknown();
  if (fact->flags & (RESULT_SHORTEST | RESULT_LONGEST)) {
    return source_of_many(m, fact, node);
  }
  ArgState state = fact_argument(m, node, fact->source, "", &argument);
  *given = state != ARG_ABSENT;
  return state == ARG_PRESENT ? value_of(m, argument) : value_unknown();
}

static ValueKind text_by_mode(Value handle) {
  if (handle.flags & HANDLE_TEXT) return VALUE_STR;
  return handle.flags & HANDLE_BINARY ? VALUE_BYTES : VALUE_UNKNOWN;
}

// `random.randint(1, 8)`: the last of the bounds.
static bool drawn_size(Model *m, NodeId call, Value *size) {
  uint32_t last = call_positional_count(m, call);
  NodeId argument;
  int64_t bound;
  bool known = last > 0 && last < 3 &&
               call_argument(m, call, last - 1, NULL, &argument) == ARG_PRESENT &&
               constant_int(m, argument, &bound) && bound >= 0;
  *size = value_unknown();
  if (known) value_set_count(size, 0, (uint64_t)bound);
  return known;
}

// What len(x), len(x) - 1, min(n, 10) say about the number that they are.
static bool number_size(Model *m, NodeId number, Value *size) {
  const Tree *t = m->tree;
  number = node_unwrap(t, number);
  if (node_is(t, number, PY_BINARY_OPERATOR)) {
    PyKind operator= node_kind(t, node_field(t, number, FIELD_OPERATOR));
    if (operator!= PY_OP_ADD && operator!= PY_OP_SUB) return false;
    number = node_unwrap(t, node_field(t, number, FIELD_LEFT));
  }
  number = name_value(m, number);
  NodeId argument;
  int64_t bound;
  Str name = name_of_callee(m, number);
  if (node_is(t, number, PY_ATTRIBUTE) &&
      node_text_is(t, node_field(t, number, FIELD_ATTRIBUTE), "ndim")) {
    *size = value_unknown();  // the axes of an array are few
    value_set_count(size, 0, SMALL_SIZE - 1);
    return true;
  }
  if (str_is(name, "builtins.len") &&
      call_argument(m, number, 0, NULL, &argument) == ARG_PRESENT) {
    *size = value_of(m, argument);
    return true;
  }
  if (str_is(name, "random.randint") || str_is(name, "random.randrange")) {
    return drawn_size(m, number, size);
  }
  for (uint32_t i = 0; i < 2 && str_is(name, "builtins.min"); i++) {
    if (call_argument(m, number, i, NULL, &argument) != ARG_PRESENT) return false;
    if (!constant_int(m, argument, &bound) || bound < 0) continue;
    *size = value_unknown();
    value_set_count(size, 0, (uint64_t)bound);
    return true;
  }
  return false;
}

static void range_set_count(Value *v, NodeId call, const int64_t bounds[3]) {
  bool rises = bounds[2] > 0;
  uint64_t low = (uint64_t)(rises ? bounds[0] : bounds[1]);
  uint64_t high = (uint64_t)(rises ? bounds[1] : bounds[0]);
  bool empty = rises ? bounds[1] <= bounds[0] : bounds[0] <= bounds[1];
  uint64_t step = rises ? (uint64_t)bounds[2] : (uint64_t)0 - (uint64_t)bounds[2];
  uint64_t size = empty ? 0 : (high - low - 1) / step + 1;
  if (size >= LARGE_RANGE) {
    value_set_unbounded(v, WHY_RANGE, call);
    v->low = size;
  } else {
    value_set_count(v, size, size);
  }
}

// range(): by constants, by len() of something, else anything.
static void range_set_size(Model *m, Value *v, NodeId call) {
  int64_t bounds[3] = {0, 0, 1};
  uint32_t count = call_positional_count(m, call), known = 0;
  NodeId argument, stop = NO_NODE;
  value_set_unbounded(v, WHY_RANGE, call);
  if (call_has_stars(m, call)) return;
  for (uint32_t i = 0; i < count && i < 3; i++) {
    if (call_argument(m, call, i, NULL, &argument) != ARG_PRESENT) return;
    if (i == 1 || count == 1) stop = argument;
    if (constant_int(m, argument, &bounds[count == 1 ? 1 : i])) known += 1;
  }
  Value size;
  if (known == count && bounds[2] != 0 && count > 0) {
    range_set_count(v, call, bounds);
  } else if (number_size(m, stop, &size)) {
    value_copy_size(v, size);
    v->low = 0;
  }
}

// True when an argument bounds the number of elements: islice(x, 9), read(100).
static bool fact_limit(Model *m, const ResultFact *fact, NodeId node, Value *v) {
  NodeId argument, next;
  int64_t limit;
  ArgState state = fact_argument(m, node, fact->limit, fact->limit_keyword, &argument);
  if (state == ARG_ABSENT) return false;
  if (state == ARG_PRESENT && (fact->flags & RESULT_LIMIT_NEXT) &&
      fact_argument(m, node, fact->limit + 1, "", &next) == ARG_PRESENT) {
    argument = next;
  }
  if (state == ARG_PRESENT && constant_is_none(m, argument)) return false;
  value_set_unknown_size(v);
  v->source = NO_NODE;
  if (state == ARG_PRESENT && constant_int(m, argument, &limit)) {
    if (limit < 0) return false;  // read(-1) is read()
    value_set_count(v, 0, (uint64_t)limit + 1);
  }
  return true;
}

static void fact_set_size(Model *m, const ResultFact *fact, NodeId node, Value source,
                          bool given, Value *v) {
  Str path;
  switch (fact->size) {
    case RESULT_UNKNOWN: value_set_unknown_size(v); break;
    case RESULT_SMALL: value_set_count(v, 0, SMALL_SIZE - 1); break;
    case RESULT_UNBOUNDED:
      value_set_unbounded(v, fact->why, node);
      if (fact->why == WHY_DATABASE) {
        v->flags |= VALUE_DATABASE;
        if (query_is_limited(m, node)) value_set_unknown_size(v);
      }
      if (fact->why == WHY_ENDLESS) v->flags |= VALUE_ENDLESS;
      if (node_is(m->tree, source.origin, PY_CALL) && source.kind == VALUE_PATH) {
        NodeId argument;
        bool small =
            call_argument(m, source.origin, 0, NULL, &argument) == ARG_PRESENT &&
            path_begins(m, argument, &path) &&
            knowledge_path_is_small(m->options.knowledge, path);
        if (small) value_set_count(v, 0, SMALL_SIZE - 1);
      }
      break;
    case RESULT_RANGE: range_set_size(m, v, node); break;
    case RESULT_AS:
    case RESULT_UP_TO:
      if (!given) {
        value_set_count(v, 0, 0);
        break;
      }
      value_copy_size(v, source);
      if (value_is_scalar(source) || source.high == 0) value_set_unknown_size(v);
      if (fact->size == RESULT_UP_TO) v->low = 0;
      break;
  }
  if (source.kind != VALUE_UNKNOWN && source.high == 0 && given &&
      (fact->size == RESULT_AS || fact->size == RESULT_UP_TO)) {
    value_set_count(v, 0, 0);
  }
}

static void fact_set_handle(const ResultFact *fact, NodeId node, NodeId receiver,
                            Value source, Value *v) {
  if (fact->flags & RESULT_TEXT) v->flags |= HANDLE_TEXT;
  if (fact->flags & RESULT_BINARY) v->flags |= HANDLE_BINARY;
  if (fact->flags & RESULT_PIPE) v->flags |= HANDLE_PIPE;
  if (fact->flags & RESULT_STDIN) v->flags |= HANDLE_STDIN;
  if (fact->flags & RESULT_NETWORK) v->flags |= HANDLE_NETWORK;
  if (v->kind == VALUE_FILE && !node_ok(v->handle)) v->handle = node;
  if (value_is_file(source) || (fact->flags & RESULT_WHOLE)) v->handle = receiver;
  if (fact->flags & RESULT_WHOLE && v->size == SIZE_UNBOUNDED)
    v->flags |= VALUE_WHOLE_READ;
  // text.strip() is still all that was read.
  if (value_is_text(*v) && fact->size == RESULT_AS && value_is_text(source)) {
    v->flags |= source.flags & VALUE_WHOLE_READ;
  }
  if (fact->flags & RESULT_RECORD && source.size == SIZE_UNBOUNDED) {
    v->flags |= VALUE_RECORD;
    v->why = source.why;
  }
}

Value value_of_fact(Model *m, const ResultFact *fact, NodeId node, NodeId receiver) {
  bool given;
  Value source = fact_source(m, fact, node, receiver, &given);
  if (value_is_bottom(source)) return source;
  if (fact->flags & RESULT_ITEM_OF) {
    bool several =
        node_is(m->tree, node, PY_CALL) && call_positional_count(m, node) > 1;
    Value item = several ? value_unknown() : value_element(source);
    item.origin = node;
    return item;
  }
  if (fact->flags & RESULT_SAME) return source;
  Value v = value_plain(fact->kind, node);
  v.element = fact->element;
  if (fact->flags & RESULT_LIKE) v = source;
  if (fact->flags & RESULT_ELEMENT_OF) {
    Value element = value_element(source);
    v.element = element.kind;
    v.element_class = element.class_name;
    v.flags |= source.flags & VALUE_STARTED;
  }
  if (fact->flags & RESULT_BY_MODE && v.kind == VALUE_UNKNOWN)
    v.kind = text_by_mode(source);
  if (fact->flags & RESULT_BY_MODE && v.kind == VALUE_LIST)
    v.element = text_by_mode(source);
  v.origin = node;
  if (fact->flags & RESULT_FRESH) v.flags |= VALUE_FRESH;
  if (fact->flags & RESULT_FILLS) v.flags |= VALUE_FILLS;
  bool limited = (fact->limit >= 0 || fact->limit_keyword[0] != '\0') &&
                 fact_limit(m, fact, node, &v);
  if (!limited) fact_set_size(m, fact, node, source, given, &v);
  if (limited && value_is_file(source) && value_is_text(v)) {
    v.flags |= VALUE_RECORD;
    v.why = source.why;
  }
  if (!limited) fact_set_handle(fact, node, receiver, source, &v);
  if (fact->flags & RESULT_PARTS) {
    v.flags |= VALUE_PARTS;
    v.why = fact->why;
  }
  return v;
}

// --- calls ---------------------------------------------------------------------------

static Value value_of_started(Model *m, NodeId call, const StartFact *start) {
  const ResultFact *fact = call_result(m, call);
  bool is_process = start->kind == START_PROCESS,
       is_thread = start->kind == START_THREAD;
  Value v = fact != NULL ? value_of_fact(m, fact, call, NO_NODE)
                         : value_plain(is_process  ? VALUE_PROCESS
                                       : is_thread ? VALUE_THREAD
                                                   : VALUE_FUTURE,
                                       call);
  v.flags |= VALUE_STARTED | VALUE_FRESH;
  return v;
}

static Value value_of_instance(Model *m, NodeId call, Value class_value) {
  const TypeFact *fact = knowledge_types(m->options.knowledge, class_value.class_name);
  Value v = value_plain(fact != NULL ? fact->kind : VALUE_INSTANCE, call);
  v.class_name = class_value.class_name;
  v.definition = class_value.definition;
  v.flags |= VALUE_FRESH;
  return v;
}

static bool call_is_small(Model *m, Str name, Str method) {
  const Knowledge *k = m->options.knowledge;
  const SmallFact *fact = knowledge_small(k, name);
  if (fact == NULL) {
    fact = knowledge_member(k, SUBJECT_SMALL, VALUE_UNKNOWN, method);
  }
  return fact != NULL && fact->form == SMALL_CALL;
}

// The local def that a call reaches: a function, a method of self or of a local class.
static NodeId call_definition(Model *m, NodeId call, Value callee) {
  if (callee.kind == VALUE_FUNCTION) return callee.definition;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (!node_ok(receiver)) return NO_NODE;
  Value owner = value_of(m, receiver);
  bool has_methods = owner.kind == VALUE_INSTANCE || owner.kind == VALUE_CLASS;
  return has_methods && node_ok(owner.definition)
             ? class_method(m, owner.definition, method)
             : NO_NODE;
}

// `pd.read_csv(path, chunksize=1000)`: an iterator of tables.
static bool comes_in_chunks(Model *m, NodeId call) {
  NodeId argument = NO_NODE;
  return call_argument(m, call, CALL_NO_POSITION, "chunksize", &argument) ==
             ARG_PRESENT ||
         call_argument(m, call, CALL_NO_POSITION, "iterator", &argument) == ARG_PRESENT;
}

static Value value_of_plain_call(Model *m, NodeId call, Str name) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (name.n == 0 && node_ok(receiver)) {
    Value owner = value_of(m, receiver);
    if (value_is_bottom(owner)) return owner;
  }
  const OpenFact *open = call_open(m, call);
  if (open != NULL) return value_of_open(m, open, call);
  const StartFact *start = call_start(m, call);
  if (start != NULL) return value_of_started(m, call, start);
  const ResultFact *fact = call_result(m, call);
  if (fact != NULL && fact->kind == VALUE_DATAFRAME && comes_in_chunks(m, call)) {
    Value chunks = value_plain(VALUE_ITERATOR, call);
    chunks.element = VALUE_DATAFRAME;
    return chunks;
  }
  if (fact != NULL) return value_of_fact(m, fact, call, receiver);
  Value v = value_unknown();
  const TypeFact *type = knowledge_types(m->options.knowledge, name);
  if (type != NULL) {
    v = value_plain(type->kind, call);
    v.class_name = name;
  }
  v.origin = call;
  v.high = SIZE_NO_BOUND;
  if (call_is_small(m, name, method)) value_set_count(&v, 0, SMALL_SIZE - 1);
  return v;
}

Value value_of_call(Model *m, NodeId call) {
  NodeId callee_node = node_unwrap(m->tree, call_callee(m, call));
  Str name = name_of_callee(m, call);
  Value callee = value_unknown();
  bool is_name = node_is(m->tree, callee_node, PY_IDENTIFIER);
  if (is_name && binding_ok(binding_of(m, callee_node))) {
    callee = value_of(m, callee_node);
  }
  if (callee.kind == VALUE_CLASS) return value_of_instance(m, call, callee);
  NodeId definition = call_definition(m, call, callee);
  if (node_is(m->tree, definition, PY_FUNCTION_DEFINITION)) {
    return value_of_local_call(m, definition, call);
  }
  return value_of_plain_call(m, call, name);
}
