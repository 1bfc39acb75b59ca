// What kind of function or loop it is: handlers, tests, workers.
#include "semantic/context.h"

#include "semantic/context_internal.h"

enum { BASE_REACH = 8, BASES_READ = 16, DECORATORS_READ = 8 };

// The expression behind the "@", without its call.
static NodeId decorator_callee(const Tree *t, NodeId decorator) {
  NodeId expression = node_first_named(t, decorator);
  return node_is(t, expression, PY_CALL) ? node_field(t, expression, FIELD_FUNCTION)
                                         : expression;
}

// `@x.get("/users")`: other decorators of that name take no path.
static bool decorator_has_path(Model *m, NodeId decorator) {
  NodeId call = node_first_named(m->tree, decorator), argument;
  Str path;
  if (!node_is(m->tree, call, PY_CALL)) return false;
  if (call_argument(m, call, 0, "path", &argument) != ARG_PRESENT &&
      call_argument(m, call, 0, "rule", &argument) != ARG_PRESENT) {
    return false;
  }
  return constant_str(m, argument, &path) && (path.n == 0 || path.p[0] == '/');
}

static const HandlerFact *handler_of_member(Model *m, NodeId callee) {
  if (!node_is(m->tree, callee, PY_ATTRIBUTE)) return NULL;
  Str member = node_text(m->tree, node_field(m->tree, callee, FIELD_ATTRIBUTE));
  return knowledge_member(m->options.knowledge, SUBJECT_HANDLERS, VALUE_UNKNOWN,
                          member);
}

static HandlerKind handler_of_decorator(Model *m, NodeId decorator) {
  const Knowledge *k = m->options.knowledge;
  const HandlerFact *fact = knowledge_handlers(k, name_of_decorator(m, decorator));
  if (fact == NULL) fact = handler_of_member(m, decorator_callee(m->tree, decorator));
  if (fact == NULL) return HANDLER_NONE;
  bool holds = fact->form == HANDLER_DECORATOR ||
               (fact->form == HANDLER_ROUTE && decorator_has_path(m, decorator));
  return holds ? fact->kind : HANDLER_NONE;
}

static NodeId class_of_name(Model *m, NodeId name) {
  if (!node_is(m->tree, name, PY_IDENTIFIER)) return NO_NODE;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, name)));
  return def->kind == DEF_CLASS ? def->value : NO_NODE;
}

// Calls `test` for the qualified name of each base, local base classes followed.
static bool class_has_base(Model *m, NodeId class_definition,
                           bool (*test)(const Knowledge *, Str, HandlerKind *),
                           HandlerKind *kind) {
  const Tree *t = m->tree;
  NodeId at = class_definition;
  for (uint32_t reach = 0; reach < BASE_REACH && node_ok(at); reach++) {
    NodeId bases = node_field(t, at, FIELD_SUPERCLASSES), local = NO_NODE;
    uint32_t seen = 0;
    for (NodeId b = node_first_named(t, bases); node_ok(b) && seen < BASES_READ;
         b = node_next_named(t, b), seen++) {
      if (test(m->options.knowledge, name_of(m, b), kind)) return true;
      if (!node_ok(local)) local = class_of_name(m, b);
    }
    at = local;
  }
  return false;
}

static bool base_is_handler(const Knowledge *k, Str name, HandlerKind *kind) {
  const HandlerFact *fact = knowledge_handlers(k, name);
  if (fact == NULL || fact->form != HANDLER_BASE) return false;
  *kind = fact->kind;
  return true;
}

static bool base_is_test(const Knowledge *k, Str name, HandlerKind *kind) {
  (void)kind;
  const BaseFact *fact = knowledge_bases(k, name);
  return fact != NULL && (fact->flags & BASE_TEST) != 0;
}

// The class whose body directly holds a def, decorators passed over.
static NodeId class_around(const Tree *t, NodeId function) {
  NodeId parent = node_parent(t, function);
  if (node_is(t, parent, PY_DECORATED_DEFINITION)) parent = node_parent(t, parent);
  NodeId class_definition = node_parent(t, parent);
  return node_is(t, parent, PY_BLOCK) &&
                 node_is(t, class_definition, PY_CLASS_DEFINITION)
             ? class_definition
             : NO_NODE;
}

static HandlerKind handler_of_name(Model *m, NodeId function, Str name) {
  if (!node_is(m->tree, node_parent(m->tree, function), PY_MODULE)) return HANDLER_NONE;
  NodeId parameters = node_field(m->tree, function, FIELD_PARAMETERS);
  if (node_count_named(m->tree, parameters) != 2) return HANDLER_NONE;
  const HandlerFact *fact = knowledge_handlers(m->options.knowledge, name);
  return fact != NULL && fact->form == HANDLER_FUNCTION ? fact->kind : HANDLER_NONE;
}

// Methods of one class ask one after the other.
static HandlerKind handler_of_class(Model *m, NodeId class_definition) {
  Contexts *c = m->contexts;
  if (c != NULL && node_eq(c->handler_class, class_definition)) return c->class_handler;
  HandlerKind kind = HANDLER_NONE;
  class_has_base(m, class_definition, base_is_handler, &kind);
  if (c != NULL) {
    c->handler_class = class_definition;
    c->class_handler = kind;
  }
  return kind;
}

HandlerKind context_handler(Model *m, NodeId function) {
  const Tree *t = m->tree;
  if (!node_is(t, function, PY_FUNCTION_DEFINITION)) return HANDLER_NONE;
  NodeId outer = node_parent(t, function);
  if (node_is(t, outer, PY_DECORATED_DEFINITION)) {
    uint32_t read = 0;
    for (NodeId d = node_first_named(t, outer);
         node_is(t, d, PY_DECORATOR) && read < DECORATORS_READ;
         d = node_next_named(t, d), read++) {
      HandlerKind kind = handler_of_decorator(m, d);
      if (kind != HANDLER_NONE) return kind;
    }
  }
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  HandlerKind kind = handler_of_name(m, function, name);
  NodeId owner = class_around(t, function);
  if (kind != HANDLER_NONE || !node_ok(owner) || str_starts(name, STR("__"))) {
    return kind;
  }
  return handler_of_class(m, owner);
}

// pytest collects test_* functions of modules and of classes named Test*.
static bool function_is_test(const Tree *t, NodeId function, NodeId owner) {
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  if (!str_starts(name, STR("test_"))) return false;
  if (!node_ok(owner)) return true;
  Str class_name = node_text(t, node_field(t, owner, FIELD_NAME));
  return str_starts(class_name, STR("Test"));
}

uint32_t function_flags(Model *m, NodeId function, Context outside) {
  uint32_t scope = scope_get(m, scope_of(m, function))->flags, flags = 0;
  if (scope & SCOPE_IS_ASYNC) flags |= CONTEXT_ASYNC;
  if (scope & SCOPE_IS_GENERATOR) flags |= CONTEXT_GENERATOR;
  if (node_ok(outside.function)) flags |= CONTEXT_NESTED;
  if (!node_is(m->tree, function, PY_FUNCTION_DEFINITION)) return flags;
  NodeId owner = class_around(m->tree, function);
  if (node_ok(owner)) flags |= CONTEXT_METHOD;
  if (context_handler(m, function) != HANDLER_NONE) flags |= CONTEXT_HANDLER;
  if (function_is_test(m->tree, function, owner)) flags |= CONTEXT_TEST;
  return flags;
}

uint32_t class_flags(Model *m, NodeId class_definition) {
  HandlerKind unused;
  return class_has_base(m, class_definition, base_is_test, &unused) ? CONTEXT_TEST : 0;
}

// --- workers -------------------------------------------------------------------------

// `consumer`, `self.kafka_consumer`: the name ends with a row's.
static bool name_is_worker(const Knowledge *k, Str name) {
  for (uint32_t at = 0; at < name.n; at++) {
    if (at > 0 && name.p[at - 1] != '_') continue;
    const WorkerFact *fact = knowledge_workers(k, str_slice(name, at, name.n));
    if (fact != NULL && fact->form == WORKER_NAME) return true;
  }
  return false;
}

static bool call_is_worker(Model *m, NodeId call) {
  const Knowledge *k = m->options.knowledge;
  Str method = STR_NONE;
  const WorkerFact *fact = knowledge_workers(k, name_of_callee(m, call));
  if (fact != NULL && fact->form == WORKER_CALL) {
    // repeat(x, times) ends.
    return call_positional_count(m, call) < 2;
  }
  if (!node_ok(call_receiver(m, call, &method))) return false;
  fact = knowledge_member(k, SUBJECT_WORKERS, VALUE_UNKNOWN, method);
  return fact != NULL && fact->form == WORKER_METHOD;
}

// iter(queue.get, None) and iter(callable, sentinel): until a producer says so.
static bool call_is_sentinel_iter(Model *m, NodeId call) {
  NodeId first;
  if (!name_is(m, call_callee(m, call), "builtins.iter")) return false;
  if (call_positional_count(m, call) != 2) return false;
  if (call_argument(m, call, 0, "", &first) != ARG_PRESENT) return false;
  if (!node_is(m->tree, first, PY_ATTRIBUTE)) return false;
  return node_text_is(m->tree, node_field(m->tree, first, FIELD_ATTRIBUTE), "get");
}

bool loop_source_is_worker(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  if (!node_is(t, loop, PY_FOR_STATEMENT)) return false;
  NodeId source = node_unwrap(t, node_field(t, loop, FIELD_RIGHT));
  NodeId made = NO_NODE;
  switch (node_kind(t, source)) {
    case PY_IDENTIFIER:
      made = name_value(m, source);
      return name_is_worker(m->options.knowledge, node_text(t, source)) ||
             (node_is(t, made, PY_CALL) && call_is_worker(m, made));
    case PY_ATTRIBUTE:
      return name_is_worker(m->options.knowledge,
                            node_text(t, node_field(t, source, FIELD_ATTRIBUTE)));
    case PY_CALL: return call_is_worker(m, source) || call_is_sentinel_iter(m, source);
    default: return false;
  }
}
