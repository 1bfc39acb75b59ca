#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/keeper.h"

// Who holds an instance: what is bound while a module is imported, or put into something
// of a module or class, lives as long as the program.

enum { CLIMB_MAX = 16 };  // displays and arguments looked at around one call

// Outwards through displays: `HANDLERS = [C(), D()]`.
static NodeId around_displays(const Tree *t, NodeId n) {
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    NodeId p = node_parent(t, node_wrap(t, n));
    switch (node_kind(t, p)) {
      case PY_LIST:
      case PY_TUPLE:
      case PY_SET:
      case PY_DICTIONARY:
      case PY_PAIR:
      case PY_EXPRESSION_LIST:
      case PY_BOOLEAN_OPERATOR:
      case PY_CONDITIONAL_EXPRESSION: n = p; break;
      default: return n;
    }
  }
  return n;
}

// Bound to a name, attribute or item at the level of a module or class, or at work there
// itself: `Server().serve_forever()`.
static bool is_bound_at_import(const Tree *t, NodeId call) {
  NodeId outer = around_displays(t, call), p = node_parent(t, node_wrap(t, outer));
  if (node_is(t, p, PY_ASSIGNMENT)) {
    return node_role(t, node_wrap(t, outer)) == FIELD_RIGHT;
  }
  if (!node_is(t, p, PY_ATTRIBUTE)) return false;
  NodeId called = node_parent(t, node_wrap(t, p));
  return node_is(t, called, PY_CALL) &&
         node_is(t, node_parent(t, node_wrap(t, called)), PY_EXPRESSION_STATEMENT);
}

// `@lru_cache def settings(): return Settings()`.
static bool is_of_cached_function(FactsBuilder *b, NodeId function) {
  NodeId decorated = decorated_of(b->t, function);
  if (!node_ok(decorated)) return false;
  for (NodeId d = node_first_named(b->t, decorated); node_is(b->t, d, PY_DECORATOR);
       d = node_next_named(b->t, d)) {
    Str name = name_of_decorator(b->m, d);
    if (str_is(name, "functools.lru_cache") || str_is(name, "functools.cache")) {
      return true;
    }
  }
  return false;
}

static bool call_serves(FactsBuilder *b, NodeId call) {
  const Knowledge *k = b->m->options.knowledge;
  NodeId callee = node_unwrap(b->t, node_field(b->t, call, FIELD_FUNCTION));
  const WorkerFact *fact = NULL;
  if (node_is(b->t, callee, PY_ATTRIBUTE)) {
    Str method = node_text(b->t, node_field(b->t, callee, FIELD_ATTRIBUTE));
    fact = knowledge_member(k, SUBJECT_WORKERS, VALUE_UNKNOWN, method);
  }
  if (fact == NULL) fact = knowledge_workers(k, name_of_callee(b->m, call));
  return fact != NULL && fact->form == WORKER_SERVES;
}

// A local that is there while the function never ends: `server.serve_forever()` stands
// behind it.
static bool is_served(FactsBuilder *b, NodeId call, NodeId function) {
  enum { CALLS_MAX = 32 };
  const Tree *t = b->t;
  NodeId assignment = node_parent(t, node_wrap(t, call));
  if (!node_is(t, assignment, PY_ASSIGNMENT) ||
      !node_is(t, node_field(t, assignment, FIELD_LEFT), PY_IDENTIFIER)) {
    return false;
  }
  uint32_t stop = node_after(t, function), seen = 0;
  for (uint32_t i = node_after(t, assignment); i < stop && seen < CALLS_MAX; i++) {
    if (t->nodes[i].kind != PY_CALL) continue;
    seen++;
    if (call_serves(b, (NodeId){i})) return true;
  }
  return false;
}

// `app.state.audit` of a global `app`.
static bool is_part_of_global(FactsBuilder *b, NodeId target) {
  for (uint32_t i = 0; i < CLIMB_MAX && node_is(b->t, target, PY_ATTRIBUTE); i++) {
    target = node_unwrap(b->t, node_field(b->t, target, FIELD_OBJECT));
  }
  const Binding *root = binding_get(b->m, binding_of(b->m, target));
  return node_is(b->t, target, PY_IDENTIFIER) && root->scope.i == MODULE_SCOPE.i;
}

static HeldBy held_by_target(FactsBuilder *b, NodeId target) {
  switch (keeper_of(b->m, target).kind) {
    case KEEPER_SELF: return HELD_BY_SELF;
    case KEEPER_CLASS:
    case KEEPER_MODULE: return HELD_FOR_LONG;
    case KEEPER_UNKNOWN:
      return is_part_of_global(b, target) ? HELD_FOR_LONG : HELD_BY_NOBODY;
    default: return HELD_BY_NOBODY;
  }
}

static HeldBy held_longer(HeldBy a, HeldBy b) { return a > b ? a : b; }

// Who holds what stands here: the target of the assignment, or the container that it is
// put into; `name` is the local that it is bound to.
static HeldBy held_where_it_stands(FactsBuilder *b, NodeId expression, NodeId *name) {
  const Tree *t = b->t;
  NodeId n = around_displays(t, expression), p = node_parent(t, node_wrap(t, n));
  HeldBy held = HELD_BY_NOBODY;
  if (node_is(t, p, PY_ARGUMENT_LIST)) {
    const MutatorFact *mutator = call_mutator(b->m, node_parent(t, p));
    Str method = STR_NONE;
    NodeId receiver = call_receiver(b->m, node_parent(t, p), &method);
    bool is_put = mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0;
    return is_put && node_ok(receiver) ? held_by_target(b, receiver) : HELD_BY_NOBODY;
  }
  for (uint32_t i = 0; i < CLIMB_MAX && node_is(t, p, PY_ASSIGNMENT); i++) {
    NodeId left = node_field(t, p, FIELD_LEFT);
    bool is_local = node_is(t, left, PY_IDENTIFIER);
    if (is_local) *name = left;
    if (is_local || node_is(t, left, PY_ATTRIBUTE) || node_is(t, left, PY_SUBSCRIPT)) {
      held = held_longer(held, held_by_target(b, left));
    }
    p = node_parent(t, p);
  }
  return held;
}

static HeldBy held_by_name(FactsBuilder *b, NodeId name) {
  enum { USES_MAX = 16 };
  HeldBy held = HELD_BY_NOBODY;
  uint32_t seen = 0;
  RefId r = binding_get(b->m, binding_of(b->m, name))->first_ref;
  for (; ref_ok(r) && seen < USES_MAX; r = ref_next(b->m, r), seen++) {
    NodeId unused = NO_NODE, use = ref_get(b->m, r)->node;
    if (!node_is(b->t, use, PY_IDENTIFIER)) continue;
    held = held_longer(held, held_where_it_stands(b, use, &unused));
  }
  return held;
}

HeldBy call_held_by(FactsBuilder *b, NodeId call) {
  Context at = context_of(b->m, call);
  if ((at.flags & CONTEXT_TEST) != 0) return HELD_BY_NOBODY;
  if ((at.flags & CONTEXT_COMPREHENSION) == 0 && !node_ok(at.function)) {
    // What a script begins with is often a demonstration, and ends with it.
    bool is_script = (at.flags & CONTEXT_MAIN_GUARD) != 0;
    return !is_script && is_bound_at_import(b->t, call) ? HELD_FOR_LONG
                                                        : HELD_BY_NOBODY;
  }
  NodeId name = NO_NODE, p = node_parent(b->t, node_wrap(b->t, call));
  HeldBy held = held_where_it_stands(b, call, &name);
  if (held != HELD_BY_NOBODY) return held;
  if (node_is(b->t, p, PY_RETURN_STATEMENT)) {
    return is_of_cached_function(b, at.function) ? HELD_FOR_LONG : HELD_BY_NOBODY;
  }
  if (!node_ok(name)) return HELD_BY_NOBODY;
  held = held_by_name(b, name);
  return held == HELD_BY_NOBODY && is_served(b, call, at.function) ? HELD_FOR_LONG
                                                                   : held;
}

// --- objects of known class ----------------------------------------------------------

static void object_add(FactsBuilder *b, FactText name, Str class_name) {
  FactObject row = {name, text_of(b, class_name)};
  uint64_t key = hash_bytes(&row, sizeof row) | 1;
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  vec_push(b->arena, &b->objects, row);
  map_put(&b->objects_named, name.i, 1);
}

void object_bound(FactsBuilder *b, NodeId call, Str class_name) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, call), p = node_parent(t, n);
  while (node_is(t, p, PY_BOOLEAN_OPERATOR)) {
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  if (node_is(t, p, PY_RETURN_STATEMENT)) {
    FactText function = scope_caller(b, call);
    Str name = sym_str(&b->texts, (Sym){function.i});
    if (name.n != 0) object_add(b, text_join(b, name, ".", STR("()")), class_name);
    return;
  }
  if (!node_is(t, p, PY_ASSIGNMENT) || node_role(t, n) != FIELD_RIGHT) return;
  NodeId left = node_field(t, p, FIELD_LEFT);
  if (node_is(t, left, PY_IDENTIFIER)) {
    ScopeId owner = binding_get(b->m, binding_of(b->m, left))->scope;
    ScopeKind kind = scope_get(b->m, owner)->kind;
    if (kind != SCOPE_MODULE && kind != SCOPE_CLASS) return;
    object_add(b, text_join(b, scope_name(b, owner), ".", node_text(t, left)),
               class_name);
  } else if (node_is(t, left, PY_ATTRIBUTE)) {
    uint32_t via = 0;
    ScopeId owner = class_of_receiver(b, node_field(t, left, FIELD_OBJECT), &via);
    if (!scope_ok(owner)) return;
    Str attribute = node_text(t, node_field(t, left, FIELD_ATTRIBUTE));
    object_add(b, text_join(b, scope_name(b, owner), ".", attribute), class_name);
  }
}

// The class that a call makes an instance of, by its name; for a function "f.()".
static Str class_made(FactsBuilder *b, NodeId call) {
  if (!node_is(b->t, call, PY_CALL)) return STR_NONE;
  Str name = qualified_of(b, node_field(b->t, call, FIELD_FUNCTION));
  if (name.n == 0 || is_of_library(b, name)) return STR_NONE;
  Str last = name_last_part(name);
  while (last.n > 0 && last.p[0] == '_') last = str_slice(last, 1, last.n);
  if (last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z') return name;
  return sym_str(&b->texts, (Sym){text_join(b, name, ".", STR("()")).i});
}

static Str class_of_local(FactsBuilder *b, NodeId identifier) {
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, identifier)));
  if (d->kind == DEF_PARAMETER) {
    NodeId type = node_field(b->t, d->statement, FIELD_TYPE);
    NodeId named = node_first_named(b->t, type);
    Str name = node_is(b->t, named, PY_IDENTIFIER) || node_is(b->t, named, PY_ATTRIBUTE)
                   ? qualified_of(b, named)
                   : STR_NONE;
    return names_class(name) ? name : STR_NONE;
  }
  bool is_plain = d->kind == DEF_ASSIGN && (d->flags & DEF_UNPACKED) == 0;
  return is_plain ? class_made(b, node_unwrap(b->t, d->value)) : STR_NONE;
}

Str method_on_object(FactsBuilder *b, NodeId callee) {
  const Tree *t = b->t;
  if (!node_is(t, callee, PY_ATTRIBUTE)) return STR_NONE;
  NodeId object = node_unwrap(t, node_field(t, callee, FIELD_OBJECT));
  Str owner = STR_NONE;
  switch (node_kind(t, object)) {
    case PY_CALL: owner = class_made(b, object); break;
    case PY_IDENTIFIER: owner = class_of_local(b, object); break;
    case PY_ATTRIBUTE: {
      uint32_t via = 0;
      NodeId receiver = node_field(t, object, FIELD_OBJECT);
      ScopeId own = class_of_receiver(b, receiver, &via);
      FactText attribute =
          scope_ok(own)
              ? text_join(b, scope_name(b, own), ".",
                          node_text(t, node_field(t, object, FIELD_ATTRIBUTE)))
              : (FactText){0};
      if (map_get(&b->objects_named, attribute.i) != 0) owner = qualified_of(b, object);
      break;
    }
    default: break;
  }
  if (owner.n == 0) return STR_NONE;
  Str method = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
  return sym_str(&b->texts, (Sym){text_join(b, owner, ".", method).i});
}
