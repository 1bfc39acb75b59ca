// How often functions run: calls in hot places, and what libraries call for each element.
#include "index/facts_internal.h"
#include "semantic/calls.h"

enum {
  STORES_READ = 32,    // mentions of one attribute
  ARGUMENTS_READ = 4,  // of a call that starts work
};

// --- called for each element ---------------------------------------------------------

void hook_assigned(FactsBuilder *b, NodeId assignment) {
  const Tree *t = b->t;
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, left, PY_ATTRIBUTE) ||
      !hook_is_named(node_text(t, node_field(t, left, FIELD_ATTRIBUTE)))) {
    return;
  }
  Str function = qualified_of(b, node_field(t, assignment, FIELD_RIGHT));
  often_add(b, assignment, function, CALL_APPLIED);
}

bool calls_per_element(FactsBuilder *b, NodeId call) {
  static const char *const methods[] = {
      "apply",          "applymap", "filter",    "flatMap", "imap",
      "imap_unordered", "map",      "map_async", "starmap", "starmap_async"};
  static const char *const functions[] = {"builtins.filter", "builtins.map",
                                          "functools.reduce", "itertools.starmap"};
  Str method = STR_NONE;
  if (node_ok(call_receiver(b->m, call, &method))) {
    uint32_t count = sizeof methods / sizeof *methods;
    if (name_row(methods, count, sizeof *methods, method) != count) return true;
  }
  Str name = name_of_callee(b->m, call);
  uint32_t count = sizeof functions / sizeof *functions;
  return name_row(functions, count, sizeof *functions, name) != count;
}

// `pool.submit(f, row)`, `Thread(target=f)` in a hot place: work is started each time.
static void started_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  if (!context_is_hot(context_of(b->m, call)) || call_start(b->m, call) == NULL) return;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  uint32_t read = 0;
  for (NodeId a = node_first_named(t, list); node_ok(a) && read < ARGUMENTS_READ;
       a = node_next_named(t, a), read++) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = node_unwrap(t, is_keyword ? node_field(t, a, FIELD_VALUE) : a);
    bool is_name = node_is(t, value, PY_IDENTIFIER) || node_is(t, value, PY_ATTRIBUTE);
    if (is_name) often_add(b, call, qualified_of(b, value), CALL_METHOD);
  }
}

static bool gives_handlers(FactsBuilder *b, NodeId call) {
  const Knowledge *k = b->m->options.knowledge;
  Str method = STR_NONE, name = name_of_callee(b->m, call);
  const HandlerFact *fact = name.n != 0 ? knowledge_handlers(k, name) : NULL;
  if (fact == NULL && node_ok(call_receiver(b->m, call, &method)))
    fact = knowledge_member(k, SUBJECT_HANDLERS, VALUE_UNKNOWN, method);
  return fact != NULL && fact->form == HANDLER_CALL;
}

// `app.add_url_rule("/", view_func=index)`, `path("", views.index)`: once a request.
static void served_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  uint32_t read = 0;
  bool is_asked = false;
  for (NodeId a = node_first_named(t, list); node_ok(a) && read < ARGUMENTS_READ;
       a = node_next_named(t, a), read++) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = node_unwrap(t, is_keyword ? node_field(t, a, FIELD_VALUE) : a);
    bool is_name = node_is(t, value, PY_IDENTIFIER) || node_is(t, value, PY_ATTRIBUTE);
    if (!is_name) continue;
    if (!is_asked && !gives_handlers(b, call)) return;
    is_asked = true;
    Str name = qualified_of(b, value);
    if (is_of_library(b, name)) continue;
    FactCall row = call_row(b, call, name, CALL_MAPPED, SINK_DROPPED);
    row.context |= CONTEXT_HANDLER;
    call_add(b, row);
  }
}

// `pool.map(f, xs)`, `pool.imap(f, xs)` of an executor.
static bool is_of_pool(FactsBuilder *b, NodeId call) {
  Str method = STR_NONE;
  NodeId pool = call_receiver(b->m, call, &method);
  return node_ok(pool) && value_of(b->m, pool).kind == VALUE_EXECUTOR;
}

void applied_collect(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  NodeId first = node_first_named(t, list);
  if (!node_ok(first)) return;
  started_collect(b, call);
  served_collect(b, call);
  for (NodeId a = first; node_ok(a); a = node_next_named(t, a)) {
    bool is_key = node_is(t, a, PY_KEYWORD_ARGUMENT) &&
                  node_text_is(t, node_field(t, a, FIELD_NAME), "key");
    if (!is_key) continue;
    Str function = qualified_of(b, node_field(t, a, FIELD_VALUE));
    often_add(b, call, function, CALL_APPLIED);
  }
  NodeId function = node_unwrap(t, first);
  bool may_be_applied = node_is(t, function, PY_IDENTIFIER) ||
                        node_is(t, function, PY_ATTRIBUTE) ||
                        node_is(t, function, PY_CALL);
  if (!may_be_applied || !calls_per_element(b, call)) return;
  often_add(b, call, qualified_of(b, function), CALL_APPLIED);
  if (is_of_pool(b, call)) mapped_collect(b, call);
}

// --- methods of objects --------------------------------------------------------------

void method_defer(FactsBuilder *b, NodeId call) {
  Str method = STR_NONE;
  if (!context_is_hot(context_of(b->m, call))) return;
  if (!node_ok(call_receiver(b->m, call, &method))) return;
  vec_push(b->arena, &b->method_calls, call);
}

// A class by its name, of this file or another: `Reader` for `Reader(path)`.
static Str class_called(FactsBuilder *b, NodeId value) {
  NodeId call = node_unwrap(b->t, value);
  if (!node_is(b->t, call, PY_CALL)) return STR_NONE;
  Str name = qualified_of(b, node_field(b->t, call, FIELD_FUNCTION));
  Str last = name_last_part(name);
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z' ? name : STR_NONE;
}

// What a local name is bound to, or annotated as.
static Str class_of_name(FactsBuilder *b, NodeId identifier) {
  const Tree *t = b->t;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, identifier)));
  switch (d->kind) {
    case DEF_PARAMETER: {
      NodeId type = node_field(t, d->statement, FIELD_TYPE);
      return node_ok(type) ? qualified_of(b, node_first_named(t, type)) : STR_NONE;
    }
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS:
    case DEF_WITH:
      return (d->flags & DEF_UNPACKED) == 0 ? class_called(b, d->value) : STR_NONE;
    default: return STR_NONE;
  }
}

// `self.reader = Reader(path)`, and nothing else anywhere in the class.
static Str class_of_attribute(FactsBuilder *b, NodeId attribute) {
  const Tree *t = b->t;
  uint32_t via = 0, seen = 0;
  ScopeId owner = class_of_receiver(b, node_field(t, attribute, FIELD_OBJECT), &via);
  if (!scope_ok(owner)) return STR_NONE;
  NodeId name = node_field(t, attribute, FIELD_ATTRIBUTE);
  FactText mangled = mangled_of(b, attribute, node_text(t, name));
  uint32_t group = map_get(&b->group_of, map_pair(owner.i, mangled.i));
  if (group == 0) return STR_NONE;
  Str found = STR_NONE;
  for (uint32_t i = b->groups.items[group].first; i != 0;
       i = b->mentions.items[i].next) {
    NodeId mention = b->mentions.items[i].node;
    if (++seen > STORES_READ) return STR_NONE;
    if (attribute_store(t, mention) == 0) continue;
    NodeId assignment = node_parent(t, node_wrap(t, mention));
    Str one = class_called(b, node_field(t, assignment, FIELD_RIGHT));
    if (one.n == 0 || (found.n != 0 && !str_eq(one, found))) return STR_NONE;
    found = one;
  }
  return found;
}

static Str class_of_receiving(FactsBuilder *b, NodeId receiver) {
  NodeId n = node_unwrap(b->t, receiver);
  switch (node_kind(b->t, n)) {
    case PY_IDENTIFIER: return class_of_name(b, n);
    case PY_ATTRIBUTE: return class_of_attribute(b, n);
    case PY_CALL: return class_called(b, n);
    default: return STR_NONE;
  }
}

void methods_collect(FactsBuilder *b) {
  for (uint32_t i = 0; i < b->method_calls.count; i++) {
    NodeId call = b->method_calls.items[i];
    Str method = STR_NONE;
    NodeId receiver = call_receiver(b->m, call, &method);
    Str owner = class_of_receiving(b, receiver);
    if (is_of_library(b, owner)) continue;
    Str name = sym_str(&b->texts, (Sym){text_join(b, owner, ".", method).i});
    often_add(b, call, name, CALL_METHOD);
  }
}
