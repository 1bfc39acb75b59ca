#include "index/facts_internal.h"
#include "semantic/classes.h"

// Where the dict of an instance is asked for, and the class is known. What pickles or
// copies asks for it anyway.

static bool copies_or_pickles(Str name) {
  static const char *const names[] = {"__copy__",     "__deepcopy__", "__getnewargs__",
                                      "__getstate__", "__reduce__",   "__reduce_ex__",
                                      "__replace__",  "__setstate__", "clone",
                                      "copy",         "deepcopy"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  return str_ends(name, STR("_copy")) || str_starts(name, STR("copy_"));
}

// `x.__dict__[k] = v`, `vars(x).update(fields)`, `x.__dict__ = fields`.
static bool is_stored_to(FactsBuilder *b, NodeId place) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, place), p = node_parent(t, n);
  bool is_item = node_is(t, p, PY_SUBSCRIPT) && node_role(t, n) == FIELD_VALUE;
  if (node_is(t, p, PY_ATTRIBUTE)) {
    Str method = node_text(t, node_field(t, p, FIELD_ATTRIBUTE));
    return str_is(method, "update") || str_is(method, "setdefault");
  }
  if (is_item) {
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  return node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT;
}

// `self.__dict__ = fields`: a dict that is somebody else's is there in any case. What is
// made for it, `**fields` included, is not.
static bool takes_over(FactsBuilder *b, NodeId place) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, place), p = node_parent(t, n);
  if (!node_is(t, p, PY_ASSIGNMENT) || node_role(t, n) != FIELD_LEFT) return false;
  NodeId value = node_unwrap(t, node_field(t, p, FIELD_RIGHT));
  if (node_is(t, value, PY_IDENTIFIER)) {
    const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, value)));
    if (d->kind == DEF_PARAMETER) return (d->flags & DEF_KEYWORD_STAR) == 0;
  }
  return node_ok(value) && !node_is(t, value, PY_DICTIONARY) &&
         !node_is(t, value, PY_DICTIONARY_COMPREHENSION) &&
         (value_of(b->m, value).flags & VALUE_FRESH) == 0;
}

// The name that an object's expression starts from is bound in a loop around it.
bool is_another_each_round(FactsBuilder *b, NodeId object, NodeId place) {
  enum { CHAIN_MAX = 8, LOOPS_MAX = 8, DEFS_MAX = 8 };
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, object), loop = loop_around(b->m, place, NO_NODE);
  for (uint32_t i = 0; i < CHAIN_MAX; i++) {
    PyField inner = node_is(t, e, PY_ATTRIBUTE)   ? FIELD_OBJECT
                    : node_is(t, e, PY_SUBSCRIPT) ? FIELD_VALUE
                                                  : FIELD_NONE;
    if (inner == FIELD_NONE) break;
    // `rows[i]`: the index may change.
    if (inner == FIELD_VALUE && node_ok(loop)) return true;
    e = node_unwrap(t, node_field(t, e, inner));
  }
  BindingId binding = binding_of(b->m, e);
  for (uint32_t i = 0; node_ok(loop) && i < LOOPS_MAX; i++) {
    DefId d = def_first(b->m, binding);
    for (uint32_t k = 0; def_ok(d) && k < DEFS_MAX; k++, d = def_next(b->m, d)) {
      if (node_inside(t, def_get(b->m, d)->node, loop)) return true;
    }
    loop = loop_around(b->m, place, loop);
  }
  return false;
}

// A branch, or behind a `return`: not whenever the function runs.
static bool is_conditional(FactsBuilder *b, NodeId place, Context at) {
  if ((at.flags & CONTEXT_BRANCH) != 0) return true;
  for (uint32_t i = at.function.i; node_ok(at.function) && i < place.i; i++) {
    if (node_is(b->t, (NodeId){i}, PY_RETURN_STATEMENT)) return true;
  }
  return false;
}

// What shows one instance to somebody.
static bool shows_one(Str name) {
  static const char *const names[] = {
      "__dir__",       "__format__", "__repr__", "__repr_args__",
      "__rich_repr__", "__str__",    NULL};
  return str_is_any(name, names);
}

static void exposure_add(FactsBuilder *b, NodeId place, Str owner, uint32_t flags) {
  Context at = context_of(b->m, place);
  Str function = node_text(b->t, node_field(b->t, at.function, FIELD_NAME));
  bool is_left_out = (at.flags & CONTEXT_TEST) != 0 || b->t->source->is_stub ||
                     copies_or_pickles(function) || shows_one(function);
  if (owner.n == 0 || is_left_out || is_of_library(b, owner)) return;
  if (is_conditional(b, place, at)) flags |= EXPOSURE_BRANCH;
  FactExposure row = {.owner = text_of(b, owner),
                      .caller = scope_caller(b, place),
                      .place = place_of(place),
                      .flags = flags | (is_stored_to(b, place) ? EXPOSURE_STORES : 0u)};
  if (row.caller.i != 0) map_put(&b->callers, row.caller.i, 1);
  vec_push(b->arena, &b->exposures, row);
}

// `row = cls(…)`, `row = Row(…)`, and nothing else.
static bool is_made_here(FactsBuilder *b, NodeId object, Str owner) {
  const Tree *t = b->t;
  uint32_t via = 0;
  if (!node_is(t, object, PY_IDENTIFIER)) return false;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, object)));
  NodeId call = node_unwrap(t, d->value);
  bool is_plain = d->kind == DEF_ASSIGN && d->flags == 0 && node_is(t, call, PY_CALL);
  NodeId callee = is_plain ? node_field(t, call, FIELD_FUNCTION) : NO_NODE;
  if (!node_is(t, callee, PY_IDENTIFIER)) return false;
  return scope_ok(class_of_receiver(b, callee, &via)) ||
         str_eq(qualified_of(b, callee), owner);
}

void exposure_collect(FactsBuilder *b, NodeId place, NodeId object) {
  NodeId e = node_unwrap(b->t, object);
  uint32_t via = 0;
  if (takes_over(b, place)) return;
  ScopeId own = class_of_receiver(b, e, &via);
  if (scope_ok(own)) {
    if (via != OPERATION_VIA_SELF) return;
    Str owner = sym_str(&b->texts, (Sym){scope_qualified(b, own).i});
    exposure_add(b, place, owner, EXPOSURE_OF_SELF);
    return;
  }
  // What is made there is gone again.
  if (node_is(b->t, e, PY_CALL) || node_is(b->t, e, PY_AWAIT)) return;
  Str owner = class_of_object(b, e);
  if (owner.n == 0) owner = class_of_loop_variable(b, e);
  bool is_looped = owner.n != 0 && is_another_each_round(b, e, place);
  uint32_t flags = is_looped ? EXPOSURE_LOOPED : 0u;
  if (owner.n != 0 && is_made_here(b, e, owner)) flags |= EXPOSURE_MADE;
  exposure_add(b, place, owner, flags);
}

// `map(vars, points)`.
void exposure_of_elements(FactsBuilder *b, NodeId place, NodeId iterable) {
  Str owner = class_of_elements(b, iterable);
  touch_add(b, TOUCH_DICT, owner, STR_NONE);
  exposure_add(b, place, owner, EXPOSURE_OF_ALL);
}

// `default=vars`, `default=lambda o: o.__dict__`.
static bool gives_dict(FactsBuilder *b, NodeId function) {
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, function);
  if (!node_is(t, e, PY_LAMBDA)) return str_is(name_of(b->m, e), "builtins.vars");
  NodeId body = node_unwrap(t, node_field(t, e, FIELD_BODY));
  if (node_is(t, body, PY_CALL)) {
    NodeId callee = node_field(t, body, FIELD_FUNCTION);
    return str_is(name_of(b->m, callee), "builtins.vars") &&
           call_has_arguments(b->m, body);
  }
  return node_is(t, body, PY_ATTRIBUTE) &&
         node_text_is(t, node_field(t, body, FIELD_ATTRIBUTE), "__dict__");
}

void exposure_by_encoder(FactsBuilder *b, NodeId call) {
  NodeId object, function;
  if (call_argument(b->m, call, CALL_NO_POSITION, "default", &function) !=
          ARG_PRESENT ||
      !gives_dict(b, function) ||
      call_argument(b->m, call, 0, "obj", &object) != ARG_PRESENT) {
    return;
  }
  exposure_of_elements(b, function, object);
}

// --- properties ----------------------------------------------------------------------

enum { SEVERAL = UINT32_MAX };

// Those of this file, by name.
typedef struct Properties {
  Map asking;    // name -> the class whose property asks for the dict, as a text
  Map cached;    // names of cached ones -> the class, SEVERAL
  bool is_read;  // some cached one is
} Properties;

static Str decorated_name(FactsBuilder *b, ScopeId function, const char *ending) {
  const Tree *t = b->t;
  NodeId definition = scope_get(b->m, function)->node;
  NodeId decorated = decorated_of(t, definition);
  if (!node_ok(decorated)) return STR_NONE;
  for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    bool is_such = str_ends(name_of_decorator(b->m, d), str_from(ending));
    if (is_such) return node_text(t, node_field(t, definition, FIELD_NAME));
  }
  return STR_NONE;
}

static Properties properties_find(FactsBuilder *b) {
  Properties all = {.asking = map_in(b->arena), .cached = map_in(b->arena)};
  Map callers = map_in(b->arena);
  for (uint32_t i = 0; i < b->exposures.count; i++) {
    const FactExposure *row = &b->exposures.items[i];
    bool is_own = (row->flags & EXPOSURE_OF_SELF) != 0 && row->caller.i != 0;
    if (is_own) map_put(&callers, row->caller.i, row->owner.i);
  }
  for (uint32_t i = 2; i < scope_count(b->m); i++) {
    ScopeId s = {i};
    if (!scope_ok(scope_class_of_method(b->m, s))) continue;
    Str cached = decorated_name(b, s, "cached_property");
    if (cached.n != 0) {
      Sym sym = {text_of(b, cached).i};
      uint32_t class_name = scope_qualified(b, scope_class_of_method(b->m, s)).i;
      bool is_other = map_get(&all.cached, sym.i) != 0;
      map_put(&all.cached, sym.i, is_other ? SEVERAL : class_name);
    }
    uint32_t owner = map_get(&callers, b->scope_names[i].i);
    Str asking = owner == 0 ? STR_NONE : decorated_name(b, s, "property");
    if (asking.n != 0) map_put(&all.asking, text_of(b, asking).i, owner);
  }
  return all;
}

// A property that is read in a loop runs as often as a method that is called there.
static void read_look(FactsBuilder *b, Properties *all, NodeId attribute) {
  const Tree *t = b->t;
  const uint32_t looped = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_WORKER;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  Sym sym = intern_find(&b->texts, name);
  if (sym.i == 0 || attribute_store(t, attribute) != 0) return;
  uint32_t cached = map_get(&all->cached, sym.i), asking = map_get(&all->asking, sym.i);
  if (cached == 0 && asking == 0) return;
  NodeId object = node_field(t, attribute, FIELD_OBJECT);
  Str of = class_of_object(b, object);
  if (of.n == 0) of = class_of_loop_variable(b, object);
  bool is_another =
      of.n != 0 && cached != SEVERAL && !str_eq(of, sym_str(&b->texts, (Sym){cached}));
  if (cached != 0 && !is_another) all->is_read = true;
  bool is_looped = (context_of(b->m, attribute).flags & looped) != 0;
  if (asking == 0 || of.n == 0 || !is_looped) return;
  Str callee = str_printf_in(b->arena, "%.*s.%.*s", STR_ARGS(of), STR_ARGS(name));
  call_add(b, call_row(b, attribute, callee, CALL_PLAIN, SINK_DROPPED));
}

void exposures_finish(FactsBuilder *b) {
  if (b->exposures.count == 0) return;
  Properties all = properties_find(b);
  if (all.asking.count == 0 && all.cached.count == 0) return;
  for (uint32_t i = 1; i < b->t->count; i++) {
    if (node_is(b->t, (NodeId){i}, PY_ATTRIBUTE)) read_look(b, &all, (NodeId){i});
  }
  for (uint32_t i = 0; all.is_read && i < b->exposures.count; i++) {
    b->exposures.items[i].flags |= EXPOSURE_CACHED;
  }
}
