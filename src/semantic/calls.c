#include "semantic/calls.h"

#include "semantic/value_internal.h"

uint32_t call_subjects(Model *m, NodeId call) {
  Values *values = values_get(m);
  if (values->call_subjects == NULL) {
    values->call_subjects = arena_array(m->arena, uint32_t, m->tree->count);
  }
  const uint32_t known = UINT32_C(1) << 31;
  uint32_t *subjects = &values->call_subjects[call.i];
  if (*subjects == 0) {
    Str name = name_of_callee(m, call), method = STR_NONE;
    call_receiver(m, call, &method);
    *subjects = known | knowledge_subjects(m->options.knowledge, name, method);
  }
  return *subjects;
}

// The row for a call: by qualified name, else by the receiver's kind and the method.
static const void *call_row(Model *m, Subject subject, NodeId call) {
  const Knowledge *k = m->options.knowledge;
  call = node_unwrap(m->tree, call);
  if (node_is(m->tree, call, PY_AWAIT)) call = node_first_named(m->tree, call);
  if (!node_is(m->tree, call, PY_CALL)) return NULL;
  if ((call_subjects(m, call) & UINT32_C(1) << subject) == 0) return NULL;
  Str name = name_of_callee(m, call), method = STR_NONE;
  const void *row = knowledge_row(k, subject, name);
  if (row != NULL) return row;
  NodeId receiver = call_receiver(m, call, &method);
  if (!node_ok(receiver) || !knowledge_has_member(k, subject, method)) return NULL;
  return knowledge_member(k, subject, value_of(m, receiver).kind, method);
}

// A method of whatever receiver is none of a class of this file.
static bool is_own_method(Model *m, NodeId call, Str row_name) {
  Str method = STR_NONE;
  bool by_name = row_name.n > 1 && row_name.p[0] == '.' &&
                 str_find_byte(row_name, '.', 1) == row_name.n;
  if (!by_name) return false;
  Value v = value_of(m, call_receiver(m, node_unwrap(m->tree, call), &method));
  Str module = m->options.module;
  return v.kind == VALUE_INSTANCE && v.class_name.n > module.n &&
         str_starts(v.class_name, module) && v.class_name.p[module.n] == '.';
}

const SinkFact *call_sink(Model *m, NodeId call) {
  const SinkFact *sink = call_row(m, SUBJECT_SINKS, call);
  return sink != NULL && is_own_method(m, call, sink->name) ? NULL : sink;
}
const OpenFact *call_open(Model *m, NodeId call) {
  return call_row(m, SUBJECT_OPENS, call);
}
const StartFact *call_start(Model *m, NodeId call) {
  return call_row(m, SUBJECT_STARTS, call);
}

const ActFact *call_act(Model *m, NodeId call) {
  const ActFact *act = call_row(m, SUBJECT_ACTS, call);
  if (act == NULL) return NULL;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  // thread.join() acts, ", ".join() does not.
  bool acts = !node_ok(receiver) || !value_is_text(value_of(m, receiver));
  return acts ? act : NULL;
}

const PureFact *call_pure(Model *m, NodeId call) {
  return call_row(m, SUBJECT_PURE, call);
}
const MutatorFact *call_mutator(Model *m, NodeId call) {
  return call_row(m, SUBJECT_MUTATORS, call);
}

const CodecFact *call_codec(Model *m, NodeId call) {
  return call_row(m, SUBJECT_CODECS, call);
}

// `apply_after = timer.apply_after; apply_after(…)`
static const void *row_of_alias(Model *m, Subject subject, NodeId callee) {
  const Tree *t = m->tree;
  if (!node_is(t, callee, PY_IDENTIFIER)) return NULL;
  NodeId behind = name_value(m, callee);
  if (!node_is(t, behind, PY_ATTRIBUTE)) return NULL;
  Str method = node_text(t, node_field(t, behind, FIELD_ATTRIBUTE));
  const Knowledge *k = m->options.knowledge;
  return knowledge_has_member(k, subject, method)
             ? knowledge_member(k, subject, VALUE_UNKNOWN, method)
             : NULL;
}

const CallbackFact *call_callback(Model *m, NodeId call) {
  const CallbackFact *fact = call_row(m, SUBJECT_CALLBACKS, call);
  if (fact == NULL) {
    NodeId callee = node_unwrap(m->tree, call_callee(m, call));
    fact = row_of_alias(m, SUBJECT_CALLBACKS, callee);
  }
  return fact != NULL && is_own_method(m, call, fact->name) ? NULL : fact;
}

const WriteFact *call_write(Model *m, NodeId call) {
  return call_row(m, SUBJECT_WRITES, call);
}

const CopyFact *call_copy(Model *m, NodeId call) {
  return call_row(m, SUBJECT_COPIES, call);
}

const BufferFact *call_buffer(Model *m, NodeId call) {
  return call_row(m, SUBJECT_BUFFERS, call);
}

// json.JSONDecoder().decode(text): a method of an instance whose class is known.
const ParserFact *call_parser(Model *m, NodeId call) {
  const ParserFact *parser = call_row(m, SUBJECT_PARSERS, call);
  if (parser == NULL || parser->position != FROM_RECEIVER) return parser;
  Str method = STR_NONE;
  Value v = value_of(m, call_receiver(m, call, &method));
  if (v.kind != VALUE_INSTANCE || v.class_name.n == 0) return parser;
  Buf name = buf_in(m->arena);
  buf_printf(&name, "%.*s.%.*s", STR_ARGS(v.class_name), STR_ARGS(method));
  return knowledge_parsers(m->options.knowledge, buf_str(&name));
}

const ViewFact *call_view(Model *m, NodeId call) {
  return call_row(m, SUBJECT_VIEWS, call);
}

const HeavyFact *call_heavy(Model *m, NodeId call) {
  return call_row(m, SUBJECT_HEAVY, call);
}

const ApartFact *call_apart(Model *m, NodeId call) {
  return call_row(m, SUBJECT_APART, call);
}

const ResultFact *call_result(Model *m, NodeId call) {
  const Knowledge *k = m->options.knowledge;
  const ResultFact *fact = NULL;
  if (node_is(m->tree, call, PY_CALL) &&
      (call_subjects(m, call) & UINT32_C(1) << SUBJECT_RETURNS) != 0) {
    fact = knowledge_returns(k, name_of_callee(m, call));
  }
  if (fact != NULL) return fact;
  fact = call_row(m, SUBJECT_METHODS, call);
  // `db.items(query)` is no view of a dict: that takes no arguments.
  bool other = fact != NULL && fact->kind == VALUE_VIEW && call_has_arguments(m, call);
  return other ? NULL : fact;
}

// --- sinks ---------------------------------------------------------------------------

SinkKind sink_kind_at(const SinkFact *sink, uint8_t minor) {
  bool streams = sink->kind == SINK_STREAMING || sink->kind == SINK_TRANSFORMING;
  return streams && sink->floor > minor ? SINK_COPYING : sink->kind;
}

bool sink_holds(const SinkFact *sink, Target target) {
  SinkKind kind = sink_kind_at(sink, target.newest);
  return kind == SINK_STREAMING || kind == SINK_TRANSFORMING;
}

NodeId sink_argument(Model *m, const SinkFact *sink, NodeId call) {
  NodeId argument;
  const char *keyword = sink->keyword[0] != '\0' ? sink->keyword : NULL;
  ArgState state = call_argument(m, call, (uint32_t)sink->position, keyword, &argument);
  return state == ARG_PRESENT ? argument : NO_NODE;
}

// Its place among the positional arguments, or UINT32_MAX.
static uint32_t argument_position(const Tree *t, NodeId call, NodeId argument) {
  uint32_t position = 0;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (node_eq(list, argument)) return 0;  // f(x for x in y): no list of its own
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    PyKind kind = node_kind(t, a);
    if (kind == PY_LIST_SPLAT || kind == PY_DICTIONARY_SPLAT) return UINT32_MAX;
    if (node_eq(a, argument))
      return kind == PY_KEYWORD_ARGUMENT ? UINT32_MAX : position;
    position += 1;
  }
  return UINT32_MAX;
}

bool sink_takes(Model *m, const SinkFact *sink, NodeId call, NodeId argument) {
  argument = node_wrap(m->tree, argument);
  NodeId first = sink_argument(m, sink, call);
  if (node_ok(first) && node_eq(node_wrap(m->tree, first), argument)) {
    // max(a, b) and max(a, *b) compare their arguments; max(a) consumes it.
    bool one = str_is(sink->name, "builtins.min") || str_is(sink->name, "builtins.max");
    return !one || (call_positional_count(m, call) == 1 && !call_has_stars(m, call));
  }
  if ((sink->flags & SINK_REST) == 0) return false;
  uint32_t position = argument_position(m->tree, call, argument);
  return position != UINT32_MAX && position >= (uint32_t)sink->position;
}

// --- caches --------------------------------------------------------------------------

enum { PARTIAL_LIMIT = 4 };  // partials around one cache

// An argument of the call, or of the partials that it is made of: the outer one wins.
static ArgState cache_argument(Model *m, NodeId call, uint32_t position,
                               const char *keyword, NodeId *value) {
  bool shifts = false;
  for (uint32_t i = 0; i < PARTIAL_LIMIT && node_is(m->tree, call, PY_CALL); i++) {
    bool is_partial = name_is(m, call_callee(m, call), "functools.partial");
    uint32_t count = call_positional_count(m, call);
    if (shifts && count > 1) return ARG_UNKNOWN;
    shifts = shifts || count > is_partial;
    uint32_t at = position == CALL_NO_POSITION ? position : position + is_partial;
    ArgState state = call_argument(m, call, at, keyword, value);
    if (state != ARG_ABSENT) return state;
    NodeId inner = call_callee(m, call);
    if (is_partial && call_argument(m, call, 0, NULL, &inner) != ARG_PRESENT) break;
    call = name_value(m, inner);
    if (!name_is(m, call_callee(m, call), "functools.partial")) break;
  }
  return ARG_ABSENT;
}

static int64_t cache_maxsize(Model *m, const CacheFact *fact, NodeId call) {
  NodeId argument;
  int64_t maxsize;
  const char *keyword = fact->maxsize_keyword[0] != '\0' ? fact->maxsize_keyword : NULL;
  if (!node_ok(call) || (keyword == NULL && fact->maxsize_position < 0)) {
    return fact->maxsize_default;
  }
  ArgState state =
      cache_argument(m, call, (uint32_t)fact->maxsize_position, keyword, &argument);
  if (state == ARG_ABSENT) return fact->maxsize_default;
  if (state == ARG_UNKNOWN) return CACHE_SIZE_UNKNOWN;
  if (constant_is_none(m, argument)) return CACHE_UNBOUNDED;
  if (constant_int(m, argument, &maxsize)) return maxsize < 0 ? 0 : maxsize;
  // lru_cache(f): the function itself, with the size left alone.
  Value v = value_of(m, argument);
  return v.kind == VALUE_FUNCTION ? fact->maxsize_default : CACHE_SIZE_UNKNOWN;
}

// cachetools.cached(LRUCache(9)): as bounded as the mapping; a dict has no bound.
static int64_t cache_of_mapping(Model *m, NodeId call) {
  NodeId mapping, argument;
  int64_t maxsize;
  if (cache_argument(m, call, 0, "cache", &mapping) != ARG_PRESENT) {
    return CACHE_SIZE_UNKNOWN;
  }
  mapping = name_value(m, mapping);
  if (constant_is_none(m, mapping)) return 0;
  if (value_of(m, mapping).kind == VALUE_DICT) return CACHE_UNBOUNDED;
  if (!node_is(m->tree, mapping, PY_CALL) ||
      call_argument(m, mapping, 0, "maxsize", &argument) != ARG_PRESENT) {
    return CACHE_SIZE_UNKNOWN;
  }
  return constant_int(m, argument, &maxsize) ? maxsize : CACHE_SIZE_UNKNOWN;
}

static CacheUse cache_use(Model *m, Str name, NodeId call) {
  CacheUse use = {.call = call};
  const CacheFact *fact = knowledge_caches(m->options.knowledge, name);
  if (fact == NULL || (!node_ok(call) && (fact->flags & CACHE_NEEDS_CALL))) return use;
  use.fact = fact;
  use.maxsize = fact->flags & CACHE_TAKES_CACHE ? cache_of_mapping(m, call)
                                                : cache_maxsize(m, fact, call);
  return use;
}

// Of `@name`, `@name(…)` or `@module.name…`, by one definition of its first name.
static CacheUse cache_by_def(Model *m, DefId id, Str attribute, NodeId call) {
  const Def *def = def_get(m, id);
  bool is_value = def->kind == DEF_ASSIGN && def->flags == 0 && attribute.n == 0;
  if (!is_value) return cache_use(m, name_of_import(m, id, attribute), call);
  if (node_ok(call)) return cache_use(m, name_of(m, def->value), call);
  return cache_use(m, name_of_decorator(m, def->value),
                   name_decorator_call(m, def->value));
}

// A name that is bound in several branches: a cache when each of them binds one of a
// kind, as large as they agree on.
static CacheUse cache_of_branches(Model *m, NodeId decorator) {
  enum { BRANCH_LIMIT = 8 };
  const Tree *t = m->tree;
  bool marked = node_is(t, decorator, PY_DECORATOR);
  NodeId at = node_unwrap(t, marked ? node_first_named(t, decorator) : decorator);
  NodeId call = node_is(t, at, PY_CALL) ? at : NO_NODE;
  Str attribute = STR_NONE;
  CacheUse all = {.call = call};
  if (node_ok(call)) at = node_unwrap(t, call_callee(m, call));
  if (node_is(t, at, PY_ATTRIBUTE)) {
    attribute = node_text(t, node_field(t, at, FIELD_ATTRIBUTE));
    at = node_unwrap(t, node_field(t, at, FIELD_OBJECT));
  }
  BindingId binding = binding_of(m, at);
  const Binding *known = binding_get(m, binding);
  if (!node_is(t, at, PY_IDENTIFIER) || (known->flags & BIND_IN_ERROR) != 0 ||
      known->def_count < 2 || known->def_count > BRANCH_LIMIT) {
    return all;
  }
  for (DefId d = known->first_def; def_ok(d); d = def_next(m, d)) {
    CacheUse one = cache_by_def(m, d, attribute, call);
    if (one.fact == NULL) return (CacheUse){.call = call};
    if (all.fact == NULL) all = one;
    if (one.fact->flags != all.fact->flags) return (CacheUse){.call = call};
    if (one.maxsize != all.maxsize) all.maxsize = CACHE_SIZE_UNKNOWN;
  }
  return all;
}

CacheUse cache_of_decorator(Model *m, NodeId decorator) {
  CacheUse use =
      cache_use(m, name_of_decorator(m, decorator), name_decorator_call(m, decorator));
  return use.fact != NULL ? use : cache_of_branches(m, decorator);
}

// The def or lambda of this file behind an expression, or NO_NODE.
static NodeId function_behind(Model *m, NodeId expression) {
  NodeId value = name_value(m, expression);
  if (node_is(m->tree, value, PY_LAMBDA)) return value;
  Value v = value_of(m, value);
  return v.kind == VALUE_FUNCTION ? v.definition : NO_NODE;
}

// `cache(f)` is a cached function, `lru_cache(9)` makes a decorator.
static bool call_caches_argument(Model *m, const CacheFact *fact, NodeId call) {
  NodeId argument;
  if ((fact->flags & CACHE_NEEDS_CALL) != 0 ||
      call_argument(m, call, 0, NULL, &argument) != ARG_PRESENT) {
    return false;
  }
  return fact->maxsize_position < 0 || node_ok(function_behind(m, argument));
}

bool call_applies_cache(Model *m, NodeId call, CacheUse *use, NodeId *function) {
  NodeId callee = call_callee(m, call);
  if (call_argument(m, call, 0, NULL, function) != ARG_PRESENT ||
      node_ok(node_next_named(m->tree, *function))) {
    return false;
  }
  *use = cache_of_decorator(m, callee);
  if (use->fact == NULL) return false;
  if (node_ok(use->call)) return !call_caches_argument(m, use->fact, use->call);
  return use->fact->maxsize_position < 0 || node_ok(function_behind(m, *function));
}

NodeId cache_applied_to(Model *m, NodeId call, CacheUse *use) {
  NodeId function = NO_NODE;
  if (!call_applies_cache(m, call, use, &function)) return NO_NODE;
  return function_behind(m, function);
}

const BaseFact *base_fact(Model *m, NodeId base) {
  const Tree *t = m->tree;
  base = node_unwrap(t, base);
  if (node_is(t, base, PY_SUBSCRIPT)) base = node_field(t, base, FIELD_VALUE);
  if (node_is(t, base, PY_CALL)) base = node_field(t, base, FIELD_FUNCTION);
  return knowledge_bases(m->options.knowledge, name_of(m, base));
}
