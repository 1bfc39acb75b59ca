// What local functions give: the join of their returns, what generators yield.
#include "semantic/value.h"

#include "semantic/value_internal.h"

enum {
  RETURNS_JOINED = 12,
  NODES_READ = 20000,
  NODES_A_STEP = 64,
  DECORATORS_READ = 8
};

typedef struct Results {
  Value returned, yielded;
  Value source;  // what the loops around the yields iterate
  uint32_t returns, yields;
  bool unknown;
} Results;

static bool opens_scope(PyKind kind) {
  return kind == PY_FUNCTION_DEFINITION || kind == PY_LAMBDA ||
         kind == PY_CLASS_DEFINITION;
}

static void results_add_return(Model *m, Results *results, NodeId node) {
  NodeId value = node_first_named(m->tree, node);
  Value v = node_ok(value) ? value_of(m, value) : value_plain(VALUE_NONE, node);
  results->returned = results->returns == 0 ? v : value_join(results->returned, v);
  results->returns += 1;
}

static void results_add_source(Results *results, Value source) {
  if (size_is_unbounded(source) && !size_is_unbounded(results->source)) {
    results->source = source;
  }
}

static void results_add_yield(Model *m, Results *results, NodeId node) {
  const Tree *t = m->tree;
  NodeId value = node_first_named(t, node);
  bool is_from = node_ok(node_child(t, node, PY_KW_FROM));
  Value v = node_ok(value) ? value_of(m, value) : value_plain(VALUE_NONE, node);
  if (is_from) {
    results_add_source(results, v);
    v = value_element(v);
  }
  results->yielded = results->yields == 0 ? v : value_join(results->yielded, v);
  results->yields += 1;
  for (NodeId loop = loop_around(m, node, NO_NODE); node_ok(loop);
       loop = loop_around(m, node, loop)) {
    NodeId iterated = node_field(t, loop, FIELD_RIGHT);
    if (node_ok(iterated)) results_add_source(results, value_of(m, iterated));
  }
}

static Results results_of(Model *m, NodeId function) {
  const Tree *t = m->tree;
  Results results = {.unknown = false};
  NodeId body = node_field(t, function, FIELD_BODY);
  uint32_t stop = node_after(t, body), read = 0;
  for (uint32_t i = body.i; i < stop;) {
    NodeId node = {i};
    PyKind kind = node_kind(t, node);
    if (++read > NODES_READ || results.returns + results.yields > RETURNS_JOINED) {
      results.unknown = true;
      break;
    }
    if (kind == PY_RETURN_STATEMENT) results_add_return(m, &results, node);
    if (kind == PY_YIELD) results_add_yield(m, &results, node);
    i = opens_scope(kind) ? node_after(t, node) : i + 1;
  }
  m->values->steps += read / NODES_A_STEP;
  return results;
}

// Decorators that leave the result as it is.
static bool decorator_keeps_result(Model *m, NodeId decorator) {
  Str name = name_of_decorator(m, decorator);
  if (cache_of_decorator(m, decorator).fact != NULL) return true;
  return str_is(name, "builtins.staticmethod") ||
         str_is(name, "builtins.classmethod") || str_is(name, "builtins.property") ||
         str_is(name, "functools.wraps") || str_is(name, "abc.abstractmethod") ||
         str_is(name, "typing.override");
}

static bool function_is_plain(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, function);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return true;
  uint32_t read = 0;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (++read > DECORATORS_READ || !decorator_keeps_result(m, d)) return false;
  }
  return true;
}

// `range(count)`, where the caller says how many.
static bool is_counted_by_caller(Model *m, Value v) {
  const Tree *t = m->tree;
  if (v.why != WHY_RANGE || !node_ok(v.source)) return false;
  for (NodeId n = v.source; n.i < node_after(t, v.source); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER)) continue;
    DefId only = binding_only_def(m, binding_of(m, n));
    bool given = def_ok(only) && def_get(m, only)->kind == DEF_PARAMETER;
    if (given && !node_ok(class_of_self(m, n))) return true;
  }
  return false;
}

// Nothing of the callee's own handles, and its parameters are not the caller's.
static Value value_leaves_function(Model *m, Value v) {
  v.flags &= ~(uint32_t)(HANDLE_OPENED_HERE | HANDLE_IN_WITH | VALUE_FROM_PARAMETER);
  if (v.why == WHY_PARAMETER || is_counted_by_caller(m, v)) value_set_unknown_size(&v);
  v.path = v.mode = NO_NODE;
  return v;
}

static Value generator_value(NodeId function, Results results) {
  Value v = value_plain(VALUE_GENERATOR, function);
  v.definition = function;
  if (results.unknown) return v;
  v.element = results.yielded.kind;
  v.element_class = results.yielded.class_name;
  if (size_is_unbounded(results.source)) value_copy_size(&v, results.source);
  v.handle = NO_NODE;
  return v;
}

static Value result_compute(Model *m, uint64_t key) {
  NodeId function = {(uint32_t)key};
  uint32_t flags = scope_get(m, scope_of(m, function))->flags;
  if (!function_is_plain(m, function)) return value_unknown();
  NodeId annotation = node_field(m->tree, function, FIELD_RETURN_TYPE);
  Results results = results_of(m, function);
  Value v = flags & SCOPE_IS_GENERATOR ? generator_value(function, results)
                                       : results.returned;
  if (results.unknown) v = value_unknown();
  if (value_is_bottom(v)) return v;
  if (v.kind == VALUE_UNKNOWN || (v.kind == VALUE_NONE && results.unknown)) {
    Value said = value_of_annotation(m, annotation);
    if (v.size != SIZE_UNKNOWN) value_copy_size(&said, v);
    said.flags |= v.flags;
    v = said;
  }
  return value_leaves_function(m, v);
}

static bool function_is_coroutine(Model *m, NodeId function) {
  uint32_t flags = scope_get(m, scope_of(m, function))->flags;
  return (flags & SCOPE_IS_ASYNC) && !(flags & SCOPE_IS_GENERATOR);
}

Value value_of_local_call(Model *m, NodeId function, NodeId call) {
  if (!node_is(m->tree, function, PY_FUNCTION_DEFINITION)) return value_unknown();
  if (node_ok(call) && function_is_coroutine(m, function)) {
    Value v = value_plain(VALUE_COROUTINE, call);
    v.definition = function;
    return v;
  }
  values_begin(m);
  Value v = value_remembered(m, &m->values->results, function.i, result_compute);
  if (node_ok(call) && !value_is_bottom(v)) v.origin = call;
  return v;
}

Value value_of_result(Model *m, NodeId function) {
  if (function_is_coroutine(m, function)) {
    Value v = value_plain(VALUE_COROUTINE, function);
    v.definition = function;
    return v;
  }
  return value_of_local_call(m, function, NO_NODE);
}
