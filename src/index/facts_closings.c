// What the closing methods of a class release of what it holds.

#include "index/facts_closing.h"
#include "semantic/calls.h"

static const ReleaseFact *release_row(const FactsBuilder *b, Str method) {
  const Knowledge *k = b->m->options.knowledge;
  if (!knowledge_has_member(k, SUBJECT_RELEASES, method)) return NULL;
  return knowledge_member(k, SUBJECT_RELEASES, VALUE_UNKNOWN, method);
}

uint32_t release_flags(const FactsBuilder *b, Str method) {
  while (method.n > 1 && method.p[0] == '_' && !str_ends(method, STR("__"))) {
    method = str_slice(method, 1, method.n);
  }
  const ReleaseFact *fact = release_row(b, method);
  if (fact != NULL) return fact->flags;
  // `stop_restarting()`, `cancel_all()`
  Str verb = str_slice(method, 0, str_find_byte(method, '_', 0));
  if (verb.n < method.n) fact = release_row(b, verb);
  return fact != NULL ? fact->flags & RELEASES_RECEIVER : 0;
}

void closing_row(Closing *c, FactClosing row) {
  row.owner = c->name;
  FactPlace place = row.place;
  row.place = (FactPlace){0};
  uint64_t key = hash_bytes(&row, sizeof row) | 1;
  if (map_get(&c->b->seen, key) != 0) return;
  map_put(&c->b->seen, key, 1);
  row.place = place;
  vec_push(c->b->arena, &c->b->closings, row);
}

Str closing_method_name(const Closing *c, ScopeId method) {
  return sym_str(&c->b->m->names_interner, scope_get(c->b->m, method)->name);
}

// The method of the class around a node, through functions nested in it.
ScopeId closing_method_around(const Closing *c, NodeId node) {
  ScopeId scope = scope_at(c->b->m, node);
  while (scope_ok(scope) && scope_get(c->b->m, scope)->parent.i != c->scope.i) {
    scope = scope_get(c->b->m, scope)->parent;
  }
  return scope;
}

bool is_closing(const Closing *c, ScopeId method) {
  for (uint32_t i = 0; i < c->method_count; i++) {
    if (c->methods[i].i == method.i) return true;
  }
  return false;
}

// --- methods -------------------------------------------------------------------------

// It can be called with nothing but self; an exit method is called with what happened.
static bool ends_alone(FactsBuilder *b, ScopeId method, uint32_t flags) {
  if ((flags & RELEASES_AT_EXIT) != 0) return true;
  for (uint32_t i = 1; i < scope_parameter_count(b->m, method); i++) {
    const Def *def = def_get(b->m, scope_parameter(b->m, method, i));
    const uint32_t starred = DEF_STARRED | DEF_KEYWORD_STAR;
    if (!node_ok(def->value) && (def->flags & starred) == 0) return false;
  }
  return true;
}

static void method_push(Closing *c, ScopeId method) {
  if (!scope_ok(method) || is_closing(c, method) || c->method_count == CLOSING_METHODS)
    return;
  c->methods[c->method_count++] = method;
}

// The methods of a name, one for each branch; the first of them.
static ScopeId methods_push(Closing *c, Str name, uint32_t flags) {
  FactsBuilder *b = c->b;
  ScopeId first = {0};
  BindingId binding = scope_lookup(b->m, c->scope, name);
  for (DefId d = def_first(b->m, binding); def_ok(d); d = def_next(b->m, d)) {
    const Def *def = def_get(b->m, d);
    if (def->kind != DEF_FUNCTION) continue;
    ScopeId scope = scope_of(b->m, def->value);
    if (b->receivers[scope.i] != RECEIVER_SELF || !ends_alone(b, scope, flags))
      continue;
    method_push(c, scope);
    if (!scope_ok(first)) first = scope;
  }
  return first;
}

static void methods_find(Closing *c) {
  FactsBuilder *b = c->b;
  for (BindingId i = scope_get(b->m, c->scope)->first_binding; binding_ok(i);
       i = binding_get(b->m, i)->next) {
    Str name = binding_name(b->m, i);
    uint32_t flags = release_flags(b, name);
    if ((flags & RELEASES_ITSELF) == 0) continue;
    ScopeId method = methods_push(c, name, flags);
    if (!scope_ok(method)) continue;
    NodeId function = scope_get(b->m, method)->node;
    bool is_unasked = (flags & RELEASES_UNASKED) != 0;
    bool is_at_exit = (flags & RELEASES_AT_EXIT) != 0;
    closing_row(c,
                (FactClosing){.method = word_of(b, name),
                              .kind = CLOSING_METHOD,
                              .place = place_of(node_field(b->t, function, FIELD_NAME)),
                              .flags = (is_at_exit ? CLOSING_AT_EXIT : 0u) |
                                       (is_unasked ? CLOSING_UNASKED : 0u)});
  }
}

// --- what a method does besides ------------------------------------------------------

bool is_closing_self(Closing *c, NodeId expression) {
  uint32_t via = 0;
  ScopeId owner = class_of_receiver(c->b, expression, &via);
  return owner.i == c->scope.i && via == OPERATION_VIA_SELF;
}

// `event.set()`, `queue.put(None)`, `running.clear()` of an event.
static bool is_signal(Closing *c, NodeId object, Str method) {
  if (str_is(method, "clear")) return !value_is_container(value_of(c->b->m, object));
  return str_is(method, "set") || str_is(method, "notify") ||
         str_is(method, "notify_all") || str_is(method, "send") ||
         str_starts(method, STR("put"));
}

static bool is_super(Closing *c, NodeId object) {
  return node_is(c->b->t, object, PY_CALL) &&
         str_is(name_of_callee(c->b->m, object), "builtins.super");
}

// `self.m()`, `super().m()`, `Base.m(self)`.
static bool method_called(Closing *c, NodeId call, FactClosing *row) {
  const Tree *t = c->b->t;
  Str method = STR_NONE;
  NodeId object = node_unwrap(t, call_receiver(c->b->m, call, &method));
  if (!node_ok(object)) return false;
  row->name = word_of(c->b, method);
  row->kind = CLOSING_CALLS;
  if (is_closing_self(c, object)) return true;
  row->flags = CLOSING_OF_SUPER;
  if (is_super(c, object)) return true;
  NodeId first = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  Str name = name_last_part(qualified_of(c->b, object));
  return node_ok(first) && is_closing_self(c, first) && name.n > 0 &&
         name.p[0] >= 'A' && name.p[0] <= 'Z';
}

// Self is handed to somebody, or its attributes are asked for by computed names.
static bool call_hides(Closing *c, NodeId call) {
  const Tree *t = c->b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  Str name = name_of_callee(c->b->m, call), text = STR_NONE;
  bool is_asked = str_is(name, "builtins.getattr") ||
                  str_is(name, "builtins.setattr") ||
                  str_is(name, "builtins.delattr") || str_is(name, "builtins.hasattr");
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (!is_closing_self(c, a)) continue;
    if (!is_asked) return !call_is_pure(c->b->m, call) && !is_super(c, call);
    NodeId word = node_next_named(t, a);
    if (!constant_str(c->b->m, word, &text)) return true;
  }
  return false;
}

static void call_read(Closing *c, NodeId call, FactWord method) {
  FactClosing row = {.method = method};
  Str name = STR_NONE;
  if (method_called(c, call, &row)) {
    closing_row(c, row);
    if ((row.flags & CLOSING_OF_SUPER) == 0)
      methods_push(c, sym_str(&c->b->texts, (Sym){row.name.i}), RELEASES_AT_EXIT);
    return;
  }
  NodeId object = call_receiver(c->b->m, call, &name);
  if (node_ok(object) && is_signal(c, object, name))
    closing_row(c, (FactClosing){.method = method, .kind = CLOSING_SIGNALS});
  if (call_hides(c, call))
    closing_row(c, (FactClosing){.method = method, .kind = CLOSING_HIDES});
}

// `self.running = False`
static bool is_flag_store(Closing *c, NodeId assignment) {
  const Tree *t = c->b->t;
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  PyKind right = node_kind(t, node_unwrap(t, node_field(t, assignment, FIELD_RIGHT)));
  return (right == PY_TRUE || right == PY_FALSE) && node_is(t, left, PY_ATTRIBUTE) &&
         is_closing_self(c, node_field(t, left, FIELD_OBJECT));
}

// All of self's attributes: `self.__dict__.clear()`.
static bool is_whole_dict(Closing *c, NodeId attribute) {
  const Tree *t = c->b->t;
  return node_text_is(t, node_field(t, attribute, FIELD_ATTRIBUTE), "__dict__") &&
         is_closing_self(c, node_field(t, attribute, FIELD_OBJECT));
}

static void method_read(Closing *c, ScopeId method) {
  const Tree *t = c->b->t;
  NodeId body = scope_get(c->b->m, method)->body;
  FactWord name = word_of(c->b, closing_method_name(c, method));
  for (uint32_t i = body.i; i < node_after(t, body); i++) {
    NodeId node = {i};
    switch (node_kind(t, node)) {
      case PY_CALL: call_read(c, node, name); break;
      case PY_ASSIGNMENT:
        if (is_flag_store(c, node))
          closing_row(c, (FactClosing){.method = name, .kind = CLOSING_SIGNALS});
        break;
      case PY_ATTRIBUTE:
        if (is_whole_dict(c, node))
          closing_row(c, (FactClosing){.method = name, .kind = CLOSING_HIDES});
        break;
      default: break;
    }
  }
}

// --- one class -----------------------------------------------------------------------

static bool is_left_out(FactsBuilder *b, NodeId class_node) {
  return b->t->source->is_stub ||
         (context_of(b->m, class_node).flags & CONTEXT_TEST) != 0;
}

static void class_read(FactsBuilder *b, ScopeId scope, const uint32_t *groups,
                       uint32_t count) {
  Closing c = {.b = b,
               .scope = scope,
               .node = scope_get(b->m, scope)->node,
               .name = b->scope_names[scope.i]};
  if (count == 0 || is_left_out(b, c.node)) return;
  uint32_t first = b->closings.count;
  methods_find(&c);
  if (c.method_count == 0) return;
  for (uint32_t i = 0; i < c.method_count; i++) method_read(&c, c.methods[i]);
  for (uint32_t g = 0; g < count; g++)
    closing_attribute(&c, &b->groups.items[groups[g]]);
  closing_helds_prune(&c, first);
}

void closings_collect(FactsBuilder *b) {
  uint32_t scopes = scope_count(b->m);
  uint32_t *starts = arena_array(b->arena, uint32_t, scopes + 2);
  const uint32_t *sorted = groups_by_class(b, starts);
  for (uint32_t i = 1; i < scopes; i++) {
    if (scope_get(b->m, (ScopeId){i})->kind != SCOPE_CLASS) continue;
    class_read(b, (ScopeId){i}, sorted + starts[i], starts[i + 1] - starts[i]);
  }
}
