#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/flow.h"
#include "semantic/weak.h"

enum { MASK_BITS = 32 };

static uint32_t mask_bit(uint32_t index) {
  return UINT32_C(1) << (index < MASK_BITS - 1 ? index : MASK_BITS - 1);
}

// `WeakMethod(callback)`, `self.listeners.add(callback)` of a WeakSet.
static bool is_held_weakly(FactsBuilder *b, NodeId mention) {
  NodeId list = node_parent(b->t, mention), call = node_parent(b->t, list);
  if (!node_is(b->t, list, PY_ARGUMENT_LIST) || !node_is(b->t, call, PY_CALL))
    return false;
  Str callee = name_of_callee(b->m, call), last = name_last_part(callee);
  bool says_weak = str_contains(last, STR("weak")) || str_contains(last, STR("Weak"));
  if (says_weak || str_starts(callee, STR("weakref."))) return true;
  WeakStore store = weak_store_of(b->m, call);
  return store.fact != NULL && node_eq(node_unwrap(b->t, store.given), mention);
}

// `self.handler = handler`, `self.handlers[name] = handler` are all that keeps it.
static bool is_only_held(FactsBuilder *b, RefId first) {
  bool is_stored = false;
  for (RefId r = first; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId mention = node_wrap(b->t, ref_get(b->m, r)->node);
    NodeId p = node_parent(b->t, mention);
    PyKind target = node_kind(b->t, node_field(b->t, p, FIELD_LEFT));
    bool is_store = node_is(b->t, p, PY_ASSIGNMENT) &&
                    node_role(b->t, mention) == FIELD_RIGHT &&
                    (target == PY_ATTRIBUTE || target == PY_SUBSCRIPT);
    if (is_store) is_stored = true;
    bool is_looked_at = node_is(b->t, p, PY_COMPARISON_OPERATOR) ||
                        node_is(b->t, p, PY_IF_STATEMENT) ||
                        node_is(b->t, p, PY_NOT_OPERATOR);
    if (!is_store && !is_looked_at) return false;
  }
  return is_stored;
}

// Passed to something that is neither a builtin nor a method of a literal: kept, for all
// that is known.
static bool is_handed_on(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId list = node_parent(t, mention);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return false;
  NodeId call = node_parent(t, list);
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
  if (node_is(t, callee, PY_IDENTIFIER)) return binding_ok(binding_of(b->m, callee));
  NodeId object = node_field(t, callee, FIELD_OBJECT);
  return !node_is(t, object, PY_STRING);
}

// … of other packages, or of who knows where, rather than one of this package or a method
// of some object: what those do with it other rows tell.
static bool is_handed_abroad(FactsBuilder *b, NodeId call) {
  return is_abroad(b, node_unwrap(b->t, node_field(b->t, call, FIELD_FUNCTION)));
}

// The parameter's own object grows there, and not one that the name was bound to since.
static bool reaches(FactsBuilder *b, BindingId parameter, RefId use) {
  DefId first = binding_get(b->m, parameter)->first_def;
  if (def_ok(binding_only_def(b->m, parameter))) return true;
  DefList defs = flow_defs_reaching(b->m, use);
  for (uint32_t i = 0; !defs.unknown && i < defs.count; i++) {
    if (defs.items[i].i == first.i) return true;
  }
  return defs.unknown;
}

// `x[0] = v` replaces in a list, and makes one entry in a dict.
static bool makes_entries(FactsBuilder *b, const Operation *growth) {
  return (growth->flags & OPERATION_INDEXED) == 0 ||
         key_of(b, growth->key).domain != KEY_CONSTANT;
}

static void mention_read(FactsBuilder *b, FactFunction *row, BindingId parameter,
                         RefId use, uint32_t bit) {
  Operation op = operation_at(b, ref_get(b->m, use)->node, VALUE_UNKNOWN);
  switch (op.kind) {
    case OPERATION_GROW:
      if ((row->grown & bit) == 0 && makes_entries(b, &op) &&
          reaches(b, parameter, use)) {
        row->grown |= bit;
      }
      break;
    case OPERATION_SHRINK:
    case OPERATION_CLEAR: row->shrunk |= bit; break;
    case OPERATION_ESCAPE:
    case OPERATION_ALIAS:
    case OPERATION_STORE:
      row->stored |= bit;
      row->kept |= bit;
      break;
    case OPERATION_PASS:
      if (is_handed_abroad(b, op.place)) row->stored |= bit;
      row->kept |= bit;
      break;
    case OPERATION_RETURN: row->kept |= bit; break;
    default: break;
  }
  if (op.kind == OPERATION_RETURN) row->flags |= (uint32_t)FUNCTION_GIVES_BACK;
}

static bool is_argument(const Tree *t, NodeId mention) {
  PyKind kind = node_kind(t, node_parent(t, mention));
  return kind == PY_ARGUMENT_LIST || kind == PY_KEYWORD_ARGUMENT;
}

static void parameter_read(FactsBuilder *b, FactFunction *row, BindingId parameter,
                           uint32_t index) {
  uint32_t bit = mask_bit(index);
  RefId first = binding_get(b->m, parameter)->first_ref;
  bool is_passed = false;
  for (RefId r = first; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId mention = ref_get(b->m, r)->node;
    if (is_held_weakly(b, mention)) continue;
    if (is_handed_on(b, mention)) {
      row->kept |= bit;
      NodeId call = node_parent(b->t, node_parent(b->t, mention));
      if ((row->stored & bit) == 0 && is_handed_abroad(b, call)) row->stored |= bit;
    } else if (is_argument(b->t, mention)) {
      is_passed = true;
    } else {
      mention_read(b, row, parameter, r, bit);
    }
  }
  // What builtins and keywords are given can only be kept, and costs most to look at.
  for (RefId r = first; is_passed && ref_ok(r) && (row->kept & bit) == 0;
       r = ref_next(b->m, r)) {
    NodeId mention = ref_get(b->m, r)->node;
    bool is_strong = is_argument(b->t, mention) && !is_held_weakly(b, mention);
    if (is_strong) mention_read(b, row, parameter, r, bit);
  }
}

static void parameters_read(FactsBuilder *b, FactFunction *row, ScopeId s) {
  uint32_t count = scope_parameter_count(b->m, s);
  row->parameter_count = count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
  uint32_t first = b->receivers[s.i] != RECEIVER_NONE ? 1 : 0;
  Str name = sym_str(&b->m->names_interner, scope_get(b->m, s)->name);
  bool registers =
      first == 1 && knowledge_member(b->m->options.knowledge, SUBJECT_REGISTERS,
                                     VALUE_UNKNOWN, name) != NULL;
  for (uint32_t i = first; i < count; i++) {
    const Def *d = def_get(b->m, scope_parameter(b->m, s, i));
    parameter_read(b, row, d->binding, i);
    if (registers && is_only_held(b, ref_first(b->m, d->binding)))
      row->held |= mask_bit(i);
  }
}

// Inner functions and classes that are returned.
bool gives_inner_back(FactsBuilder *b, ScopeId s) {
  BindingId i = scope_get(b->m, s)->first_binding;
  for (; binding_ok(i); i = binding_get(b->m, i)->next) {
    const Binding *binding = binding_get(b->m, i);
    DefKind kind = def_get(b->m, binding->first_def)->kind;
    if (kind != DEF_FUNCTION && kind != DEF_CLASS) continue;
    for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
      NodeId n = node_wrap(b->t, ref_get(b->m, r)->node);
      if (node_is(b->t, node_parent(b->t, n), PY_RETURN_STATEMENT)) return true;
    }
  }
  return false;
}

static bool is_class_making(FactsBuilder *b, ScopeId owner, Str name) {
  if (str_is(name, "__init_subclass__") || str_is(name, "__set_name__")) return true;
  if (!str_is(name, "__new__") && !str_is(name, "__init__") &&
      !str_is(name, "__prepare__")) {
    return false;
  }
  NodeId node = scope_get(b->m, owner)->node;
  NodeId bases = node_field(b->t, node, FIELD_SUPERCLASSES);
  for (NodeId n = node_first_named(b->t, bases); node_ok(n);
       n = node_next_named(b->t, n)) {
    Str base = name_last_part(qualified_of(b, n));
    if (str_is(base, "type") || str_ends(base, STR("Meta")) ||
        str_ends(base, STR("MetaClass")) || str_ends(base, STR("Metaclass"))) {
      return true;
    }
  }
  return false;
}

// The name is handed on rather than called.
static bool is_passed_on(FactsBuilder *b, NodeId definition) {
  NodeId name = node_field(b->t, definition, FIELD_NAME);
  const Binding *binding = binding_get(b->m, binding_of(b->m, name));
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId n = node_wrap(b->t, ref_get(b->m, r)->node), p = node_parent(b->t, n);
    bool is_called = node_is(b->t, p, PY_CALL) && node_role(b->t, n) == FIELD_FUNCTION;
    bool is_returned = node_is(b->t, p, PY_RETURN_STATEMENT);
    if (!is_called && !is_returned && !node_is(b->t, p, PY_DECORATOR)) return true;
  }
  return false;
}

// By a table's row, or by its name: `@memoize`, `@lazy_property`, `@once`.
static bool is_cache(FactsBuilder *b, NodeId decorator) {
  static const char *const words[] = {"cache", "memo", "once", "lazy", "singleton"};
  const Tree *t = b->t;
  if (cache_of_decorator(b->m, decorator).fact != NULL) return true;
  NodeId expression = node_unwrap(t, node_first_named(t, decorator));
  if (node_is(t, expression, PY_CALL)) {
    expression = node_unwrap(t, node_field(t, expression, FIELD_FUNCTION));
  }
  Str name = node_text(t, expression);
  for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (str_contains(name, str_from(words[i]))) return true;
  }
  return false;
}

// `parse = lru_cache(parse)`, `fast = cache(parse)`.
static bool is_given_to_cache(FactsBuilder *b, NodeId definition) {
  NodeId name = node_field(b->t, definition, FIELD_NAME);
  const Binding *binding = binding_get(b->m, binding_of(b->m, name));
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId n = node_wrap(b->t, ref_get(b->m, r)->node), list = node_parent(b->t, n);
    CacheUse use;
    NodeId function = NO_NODE;
    if (node_is(b->t, list, PY_ARGUMENT_LIST) &&
        node_is(b->t, node_parent(b->t, list), PY_CALL) &&
        call_applies_cache(b->m, node_parent(b->t, list), &use, &function)) {
      return true;
    }
  }
  return false;
}

static void decorators_read(FactsBuilder *b, FactFunction *row, NodeId definition) {
  NodeId decorated = decorated_of(b->t, definition);
  if (!node_ok(decorated)) return;
  row->flags |= (uint32_t)FUNCTION_DECORATED;
  for (NodeId d = node_first_named(b->t, decorated); node_is(b->t, d, PY_DECORATOR);
       d = node_next_named(b->t, d)) {
    Str name = name_of_decorator(b->m, d);
    if (is_cache(b, d)) row->flags |= (uint32_t)FUNCTION_CACHED;
    if (str_is(name, "builtins.staticmethod")) row->flags |= (uint32_t)FUNCTION_STATIC;
    if (str_is(name, "builtins.classmethod"))
      row->flags |= (uint32_t)FUNCTION_CLASSMETHOD;
    if (str_ends(name, STR("property"))) row->flags |= (uint32_t)FUNCTION_PROPERTY;
    bool has_none = scope_parameter_count(b->m, scope_of(b->m, definition)) == 0;
    if (has_none && cache_of_decorator(b->m, d).fact != NULL)
      row->flags |= (uint32_t)FUNCTION_SINGLE;
  }
}

// Tests make nothing hot, and what a function in a stub does is not known.
static bool is_left_out(const FactsBuilder *b, const FactFunction *row) {
  return (row->flags & FUNCTION_TEST) != 0 || b->t->source->is_stub;
}

static void function_collect(FactsBuilder *b, ScopeId s) {
  const Scope *scope = scope_get(b->m, s);
  FactFunction row = {.name = b->scope_names[s.i]};
  Context inside = context_of(b->m, scope->body);
  ScopeId owner = scope_class_of_method(b->m, s);
  // A handler's body says so, as does what lies in one.
  bool may_handle = !node_ok(scope->body) || (inside.flags & CONTEXT_HANDLER) != 0;
  if (may_handle && context_handler(b->m, scope->node) != HANDLER_NONE)
    row.flags |= (uint32_t)FUNCTION_HANDLER;
  if ((scope->flags & SCOPE_IS_GENERATOR) != 0)
    row.flags |= (uint32_t)FUNCTION_GENERATOR;
  if ((scope->flags & SCOPE_IS_ASYNC) != 0) row.flags |= (uint32_t)FUNCTION_ASYNC;
  if ((inside.flags & CONTEXT_TEST) != 0) row.flags |= (uint32_t)FUNCTION_TEST;
  if ((inside.flags & CONTEXT_NESTED) != 0) row.flags |= (uint32_t)FUNCTION_NESTED;
  if (is_left_out(b, &row)) {
    // A handler in a test still tells that the file is no script.
    if ((row.flags & FUNCTION_HANDLER) != 0) vec_push(b->arena, &b->functions, row);
    return;
  }
  if (scope_ok(owner)) row.flags |= (uint32_t)FUNCTION_METHOD;
  Str name = sym_str(&b->m->names_interner, scope->name);
  if (scope_ok(owner) && is_class_making(b, owner, name)) {
    row.flags |= (uint32_t)FUNCTION_CLASS_MAKING;
  }
  if (!scope_ok(owner) && is_passed_on(b, scope->node))
    row.flags |= (uint32_t)FUNCTION_PASSED_ON;
  decorators_read(b, &row, scope->node);
  if ((row.flags & FUNCTION_PASSED_ON) != 0 && is_given_to_cache(b, scope->node)) {
    row.flags |= (uint32_t)FUNCTION_CACHED;
  }
  parameters_read(b, &row, s);
  if (gives_inner_back(b, s)) row.flags |= (uint32_t)FUNCTION_GIVES_BACK;
  if (b->receivers[s.i] != RECEIVER_NONE) row.flags |= (uint32_t)FUNCTION_RECEIVES;
  if (b->releases[s.i] != 0) row.flags |= (uint32_t)FUNCTION_RELEASES;
  vec_push(b->arena, &b->functions, row);
}

void functions_collect(FactsBuilder *b) {
  uint32_t count = scope_count(b->m);
  for (uint32_t i = 1; i < count; i++) {
    if (scope_get(b->m, (ScopeId){i})->kind != SCOPE_FUNCTION) continue;
    function_collect(b, (ScopeId){i});
  }
}

void functions_prune(FactsBuilder *b) {
  const uint32_t plain = FUNCTION_METHOD | FUNCTION_NESTED | FUNCTION_ASYNC |
                         FUNCTION_RECEIVES | FUNCTION_RELEASES;
  for (uint32_t i = 0; i < b->operations.count; i++) {
    uint32_t caller = b->operations.items[i].caller.i;
    if (caller != 0) map_put(&b->callers, caller, 1);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < b->functions.count; i++) {
    FactFunction row = b->functions.items[i];
    uint32_t receiver = (row.flags & FUNCTION_RECEIVES) != 0 ? 1 : 0;
    bool is_telling = (row.flags & ~plain) != 0 || row.parameter_count > receiver ||
                      map_get(&b->callers, row.name.i) != 0;
    if (is_telling && !is_left_out(b, &row)) b->functions.items[kept++] = row;
  }
  b->functions.count = kept;
}
