#include "semantic/context.h"
#include "semantic/escape_internal.h"

// Stacks and level numbers of a file, found in one pass over it when first asked for.
//
// A container is named by the variable, or by the attribute and the class whose first
// parameter it stands on (0 for another object).

enum { POPS_MAX = 32, LOOPS_MAX = 8 };  // looked at for one question
enum { LEVEL_RISES = 1 << 0, LEVEL_FALLS = 1 << 1 };

typedef struct Pop {
  NodeId node;
  uint32_t next;  // of the same container, 0 = none
} Pop;

struct Nesting {
  Map pops;    // container -> its last Pop
  Map levels;  // number -> LEVEL_*
  VEC(Pop) items;
};

// --- names ---------------------------------------------------------------------------

static NodeId class_of_self(Model *m, NodeId object) {
  BindingId binding = binding_of(m, object);
  ScopeId scope = binding_get(m, binding)->scope;
  ScopeId owner = scope_class_of_method(m, scope);
  DefId first = scope_parameter(m, scope, 0);
  bool is_first = scope_ok(owner) && def_ok(first) && binding_ok(binding) &&
                  def_get(m, first)->binding.i == binding.i;
  return is_first ? scope_get(m, owner)->node : NO_NODE;
}

static uint64_t attribute_key(const Model *m, NodeId attribute, NodeId owner) {
  Str name = node_text(m->tree, node_field(m->tree, attribute, FIELD_ATTRIBUTE));
  struct {
    uint64_t name;
    uint64_t owner;
  } key = {hash_str(name), owner.i};
  return hash_bytes(&key, sizeof key) | 1;
}

// The attribute behind a local name that is bound once to it.
static NodeId behind_name(Model *m, NodeId expression) {
  NodeId e = node_unwrap(m->tree, expression);
  if (!node_is(m->tree, e, PY_IDENTIFIER)) return e;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, e)));
  bool is_plain = def->kind == DEF_ASSIGN && (def->flags & DEF_UNPACKED) == 0;
  NodeId value = node_unwrap(m->tree, def->value);
  return is_plain && node_is(m->tree, value, PY_ATTRIBUTE) ? value : e;
}

// 0 for what has no name.
static uint64_t holder_key(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId e = behind_name(m, expression);
  if (node_is(t, e, PY_IDENTIFIER)) {
    uint32_t binding = binding_of(m, e).i;
    return binding == 0 ? 0 : (uint64_t)binding << 1 << 32;
  }
  if (!node_is(t, e, PY_ATTRIBUTE)) return 0;
  NodeId object = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
  bool is_name = node_is(t, object, PY_IDENTIFIER);
  return attribute_key(m, e, is_name ? class_of_self(m, object) : NO_NODE);
}

// --- one pass ------------------------------------------------------------------------

static void pop_add(Model *m, Nesting *all, NodeId container, NodeId node) {
  uint64_t key = holder_key(m, container);
  if (key == 0) return;
  if (all->items.count == 0) vec_push(m->arena, &all->items, (Pop){NO_NODE, 0});
  uint32_t last = map_get(&all->pops, key);
  map_put(&all->pops, key, all->items.count);
  vec_push(m->arena, &all->items, (Pop){node, last});
}

static bool is_last(Model *m, NodeId index) {
  int64_t number = 0;
  return constant_int(m, index, &number) && number == -1;
}

// `x.pop()`, `x.pop(-1)`.
static void call_look(Model *m, Nesting *all, NodeId call) {
  const Tree *t = m->tree;
  NodeId callee = node_field(t, call, FIELD_FUNCTION), index = NO_NODE;
  if (!node_is(t, callee, PY_ATTRIBUTE) ||
      !node_text_is(t, node_field(t, callee, FIELD_ATTRIBUTE), "pop")) {
    return;
  }
  bool has_index = call_argument(m, call, 0, NULL, &index) != ARG_ABSENT;
  if (has_index && (!node_ok(index) || !is_last(m, index))) return;
  pop_add(m, all, node_field(t, callee, FIELD_OBJECT), call);
}

// `del x[-1]`, `del x[depth:]`.
static void delete_look(Model *m, Nesting *all, NodeId statement) {
  const Tree *t = m->tree;
  NodeId item = node_unwrap(t, node_first_named(t, statement));
  if (!node_is(t, item, PY_SUBSCRIPT)) return;
  NodeId index = node_field(t, item, FIELD_SUBSCRIPT);
  bool is_rest = node_is(t, index, PY_SLICE) && str_ends(node_text(t, index), STR(":"));
  if (!is_rest && !is_last(m, index)) return;
  pop_add(m, all, node_field(t, item, FIELD_VALUE), statement);
}

static void level_look(Model *m, Nesting *all, NodeId assignment) {
  const Tree *t = m->tree;
  PyKind operator= node_kind(t, node_field(t, assignment, FIELD_OPERATOR));
  uint32_t way = operator== PY_OP_ADD_ASSIGN ? LEVEL_RISES :
                 operator== PY_OP_SUB_ASSIGN ? LEVEL_FALLS
                                             : 0;
  uint64_t key = way == 0 ? 0 : holder_key(m, node_field(t, assignment, FIELD_LEFT));
  if (key != 0) map_put(&all->levels, key, map_get(&all->levels, key) | way);
}

static const Nesting *nesting_of(Model *m) {
  Escapes *escapes = escapes_of(m);
  if (escapes->nesting != NULL) return escapes->nesting;
  Nesting *all = arena_new(m->arena, Nesting);
  all->pops = map_in(m->arena);
  all->levels = map_in(m->arena);
  for (uint32_t i = 1; i < m->tree->count; i++) {
    NodeId node = {i};
    switch (node_kind(m->tree, node)) {
      case PY_CALL: call_look(m, all, node); break;
      case PY_DELETE_STATEMENT: delete_look(m, all, node); break;
      case PY_AUGMENTED_ASSIGNMENT: level_look(m, all, node); break;
      default: break;
    }
  }
  return escapes->nesting = all;
}

// --- questions -----------------------------------------------------------------------

static bool mentions(Model *m, NodeId within, uint64_t key) {
  uint32_t after = node_after(m->tree, within);
  for (uint32_t i = within.i; i < after; i++) {
    PyKind kind = node_kind(m->tree, (NodeId){i});
    bool is_named = kind == PY_IDENTIFIER || kind == PY_ATTRIBUTE;
    if (is_named && holder_key(m, (NodeId){i}) == key) return true;
  }
  return false;
}

// `while todo: todo.pop()`: until it is empty.
static bool is_draining(Model *m, NodeId pop, uint64_t key) {
  NodeId loop = loop_around(m, pop, NO_NODE);
  for (uint32_t i = 0; node_ok(loop) && i < LOOPS_MAX; i++) {
    NodeId test = node_field(m->tree, loop, FIELD_CONDITION);
    bool is_while = node_is(m->tree, loop, PY_WHILE_STATEMENT);
    if (is_while && mentions(m, test, key)) return true;
    loop = loop_around(m, pop, loop);
  }
  return false;
}

// A loop puts one on where something begins, and takes one off where it ends. What it
// takes off first in every round is a list of work.
static bool is_beside(Model *m, NodeId pop, NodeId maker) {
  NodeId loop = loop_around(m, maker, NO_NODE);
  for (uint32_t i = 0; node_ok(loop) && i < LOOPS_MAX; i++) {
    if (node_inside(m->tree, pop, loop)) {
      return flow_dominates(m, pop, maker) == ANSWER_NO;
    }
    loop = loop_around(m, maker, loop);
  }
  return false;
}

static bool has_nested_pop(Model *m, uint64_t key, NodeId maker) {
  const Nesting *all = nesting_of(m);
  NodeId function = context_of(m, maker).function;
  bool is_in_loop = node_ok(loop_around(m, maker, NO_NODE));
  uint32_t at = map_get(&all->pops, key), looked_at = 0;
  for (; at != 0 && looked_at < POPS_MAX; at = all->items.items[at].next, looked_at++) {
    NodeId pop = all->items.items[at].node;
    bool is_here = node_eq(context_of(m, pop).function, function);
    if (is_here ? is_beside(m, pop, maker) : !is_in_loop && !is_draining(m, pop, key)) {
      return true;
    }
  }
  return false;
}

bool put_is_nested(Model *m, NodeId container, NodeId maker) {
  uint64_t key = holder_key(m, container);
  if (key == 0) return false;
  if (has_nested_pop(m, key, maker)) return true;
  NodeId attribute = behind_name(m, container);
  if (!node_is(m->tree, attribute, PY_ATTRIBUTE)) return false;
  return has_nested_pop(m, attribute_key(m, attribute, NO_NODE), maker);
}

bool key_is_level(Model *m, NodeId key) {
  uint64_t name = holder_key(m, key);
  const uint32_t both = LEVEL_RISES | LEVEL_FALLS;
  return name != 0 && map_get(&nesting_of(m)->levels, name) == both;
}
