#include "semantic/stack.h"

#include "semantic/context.h"
#include "semantic/place_internal.h"

enum { CHAIN_LIMIT = 16, ENDS_MAX = 16, REGION_LONGEST = 20000 };

// --- entries -------------------------------------------------------------------------

static bool is_one_of(Str name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

static bool is_entering(Str method, bool *gives) {
  static const char *const giving[] = {"enter_context", "enter_async_context"};
  static const char *const others[] = {"push", "callback", "push_async_exit",
                                       "push_async_callback"};
  *gives = is_one_of(method, giving, sizeof giving / sizeof giving[0]);
  return *gives || is_one_of(method, others, sizeof others / sizeof others[0]);
}

static bool is_ending(Str method) {
  static const char *const names[] = {"close", "aclose", "__exit__", "__aexit__"};
  return is_one_of(method, names, sizeof names / sizeof names[0]);
}

// `class Stack(ExitStack)` of this file.
static bool is_of_subclass(Model *m, Value v) {
  if (v.kind != VALUE_INSTANCE || !node_ok(v.definition)) return false;
  NodeId bases = node_field(m->tree, v.definition, FIELD_SUPERCLASSES);
  for (NodeId b = node_first_named(m->tree, bases); node_ok(b);
       b = node_next_named(m->tree, b)) {
    Str name = knowledge_canonical(m->options.knowledge, m->arena, name_of(m, b));
    const ResultFact *fact = knowledge_returns(m->options.knowledge, name);
    if (fact != NULL && fact->kind == VALUE_STACK) return true;
  }
  return false;
}

static bool is_stack(Model *m, NodeId expression) {
  Value v = value_of(m, expression);
  if (v.kind == VALUE_STACK || is_of_subclass(m, v)) return true;
  const Def *def = def_get(m, flow_only_def(m, expression));
  return def->kind == DEF_WITH && is_of_subclass(m, value_of(m, def->value));
}

bool stack_entry_of(Model *m, NodeId node, StackEntry *out) {
  const Tree *t = m->tree;
  bool is_call = node_is(t, node, PY_CALL);
  NodeId callee = is_call ? call_callee(m, node) : node_first_named(t, node);
  if (node_is(t, callee, PY_IDENTIFIER)) callee = name_value(m, callee);
  callee = node_unwrap(t, callee);
  if (!node_is(t, callee, PY_ATTRIBUTE)) return false;
  bool gives = false;
  if (!is_entering(node_text(t, node_field(t, callee, FIELD_ATTRIBUTE)), &gives))
    return false;
  *out = (StackEntry){.node = node, .gives = gives && is_call};
  out->stack = node_unwrap(t, node_field(t, callee, FIELD_OBJECT));
  if (is_call) call_argument(m, node, 0, NULL, &out->thing);
  return is_stack(m, out->stack);
}

// --- where it is made ----------------------------------------------------------------

// The name that the expression starts from, through names that are assigned once.
static NodeId root_of(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  for (uint32_t step = 0; step < CHAIN_LIMIT; step++) {
    if (node_is(t, e, PY_IDENTIFIER)) {
      NodeId behind = name_value(m, e);
      bool follows =
          node_is(t, behind, PY_IDENTIFIER) || node_is(t, behind, PY_ATTRIBUTE);
      if (!follows || node_eq(behind, e)) return e;
      e = behind;
    } else if (node_is(t, e, PY_ATTRIBUTE)) {
      e = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
    } else if (node_is(t, e, PY_SUBSCRIPT)) {
      e = node_unwrap(t, node_field(t, e, FIELD_VALUE));
    } else {
      return e;
    }
  }
  return e;
}

bool stack_is_made_in(Model *m, NodeId stack, NodeId region) {
  const Tree *t = m->tree;
  NodeId root = root_of(m, stack);
  if (!node_is(t, root, PY_IDENTIFIER)) return true;
  BindingId binding = binding_of(m, root);
  if (!binding_ok(binding)) return true;
  if (!node_eq(root, node_unwrap(t, stack))) {
    // `self` is a parameter of the method, but what it stands for is not.
    Keeper keeper = keeper_of(m, stack);
    if (keeper.kind == KEEPER_SELF || keeper.kind == KEEPER_CLASS) return false;
  }
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (node_inside(t, def_get(m, d)->node, region)) return true;
  }
  return false;
}

// --- where it ends -------------------------------------------------------------------

static bool calls_end(Model *m, NodeId stack) {
  const Tree *t = m->tree;
  NodeId attribute = node_parent(t, node_wrap(t, stack));
  return node_is(t, attribute, PY_ATTRIBUTE) && node_role(t, stack) == FIELD_OBJECT &&
         is_ending(node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE))) &&
         place_of(t, attribute).kind == PLACE_CALLEE;
}

// `stack.pop_all()`, the call, where `stack` is the receiver.
static NodeId popping(Model *m, NodeId stack) {
  const Tree *t = m->tree;
  NodeId attribute = node_parent(t, node_wrap(t, stack));
  bool pops = node_is(t, attribute, PY_ATTRIBUTE) &&
              node_text_is(t, node_field(t, attribute, FIELD_ATTRIBUTE), "pop_all");
  NodeId call = node_parent(t, attribute);
  return pops && node_is(t, call, PY_CALL) ? call : NO_NODE;
}

static bool is_entered(const Tree *t, NodeId expression) {
  return place_behind(t, expression).kind == PLACE_ENTERED;
}

static bool is_same_stack(Model *m, NodeId a, NodeId b) {
  a = node_unwrap(m->tree, a);
  b = node_unwrap(m->tree, b);
  if (!node_is(m->tree, a, node_kind(m->tree, b))) return false;
  return str_eq(node_text(m->tree, a), node_text(m->tree, b)) &&
         binding_of(m, root_of(m, a)).i == binding_of(m, root_of(m, b)).i;
}

bool stack_is_ended_by(Model *m, NodeId call, NodeId stack) {
  Str method = STR_NONE;
  NodeId receiver = node_unwrap(m->tree, call_receiver(m, call, &method));
  if (!node_ok(receiver)) return false;
  bool pops = str_is(method, "pop_all");
  if (!pops && !is_ending(method)) return false;
  if (node_is(m->tree, receiver, PY_CALL)) {
    receiver = node_unwrap(m->tree, call_receiver(m, receiver, &method));
  }
  return node_ok(receiver) && is_same_stack(m, receiver, stack);
}

// One stack's mentions, as they are met.
typedef struct Mentions {
  const StackEntry *entry;
  NodeId region;
  NodeId ends[ENDS_MAX];  // in the region; calls of functions that end it included
  uint32_t count;
  StackLife life;
} Mentions;

static void end_add(Mentions *all, NodeId node) {
  if (all->count < ENDS_MAX) all->ends[all->count++] = node;
}

// Calls in the region of the function, by name, in which the stack ends.
static void ends_of_function(Model *m, Mentions *all, NodeId function) {
  const Tree *t = m->tree;
  NodeId name = node_field(t, function, FIELD_NAME);
  uint32_t after = node_after(t, all->region);
  if (!node_ok(name) || after - all->region.i > REGION_LONGEST) return;
  for (uint32_t i = all->region.i; i < after; i++) {
    if (!node_is(t, (NodeId){i}, PY_CALL)) continue;
    NodeId callee = call_callee(m, (NodeId){i});
    if (node_is(t, callee, PY_ATTRIBUTE))
      callee = node_field(t, callee, FIELD_ATTRIBUTE);
    if (str_eq(node_text(t, callee), node_text(t, name))) end_add(all, (NodeId){i});
  }
}

// What ends it when an exception comes does not end it in rounds that go well.
static bool is_for_failures(const Tree *t, NodeId node, NodeId region) {
  NodeId clause = node_ancestor(t, node, PY_EXCEPT_CLAUSE);
  return node_ok(clause) && node_inside(t, clause, region);
}

// Functions that are known to run when all is over.
static bool is_last(Model *m, NodeId node) {
  static const char *const names[] = {"close",    "aclose",    "__exit__", "__aexit__",
                                      "__del__",  "stop",      "shutdown", "disconnect",
                                      "teardown", "terminate", "quit",     "exit",
                                      "cleanup",  "tearDown",  "finish",   "dispose",
                                      "destroy",  "lifespan",  "main"};
  Context at = context_of(m, node);
  if (!node_ok(at.function) || (at.flags & CONTEXT_FINALLY) != 0) return true;
  Str name = node_text(m->tree, node_field(m->tree, at.function, FIELD_NAME));
  for (uint32_t i = 0; i < name.n; i++) {
    if (i > 0 && name.p[i - 1] != '_') continue;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
      if (str_starts(str_slice(name, i, name.n), str_from(names[k]))) return true;
    }
  }
  return false;
}

static void end_take(Model *m, Mentions *all, NodeId node) {
  const Tree *t = m->tree;
  NodeId function = context_of(m, node).function;
  if (node_inside(t, node, all->region)) {
    if (!is_for_failures(t, node, all->region)) end_add(all, node);
  } else if (!node_eq(function, context_of(m, all->entry->node).function)) {
    uint32_t before = all->count;
    ends_of_function(m, all, function);
    // Somebody else may call it between any two entries.
    if (before == all->count && !is_last(m, node)) all->life.shared = true;
  }
}

static void place_take(Model *m, Mentions *all, NodeId node) {
  const Tree *t = m->tree;
  Place p = place_behind(t, node);
  bool late = node.i >= all->region.i;
  bool same =
      node_eq(context_of(m, node).function, context_of(m, all->entry->node).function);
  switch (p.kind) {
    case PLACE_TARGET:  // a new stack under the name
      if (node_inside(t, node, all->region)) end_add(all, node);
      if (!same) ends_of_function(m, all, context_of(m, node).function);
      return;
    case PLACE_ENTERED:
      if (node_inside(t, node, all->region)) end_add(all, node);
      return;
    case PLACE_ARGUMENT:
      if (late && same) all->life.shared = true;
      return;
    case PLACE_RETURNED:
    case PLACE_RESULT:
    case PLACE_YIELDED:
      if (same) all->life.handed = true;
      return;
    case PLACE_ELEMENT:
    case PLACE_INDEX:
      if (same) all->life.handed = true;
      return;
    case PLACE_ASSIGNED: {
      NodeId left = node_field(t, p.node, FIELD_LEFT);
      if (same && !node_is(t, left, PY_IDENTIFIER)) all->life.handed = true;
      return;
    }
    default: return;
  }
}

static bool mention_take(Model *m, NodeId node, void *data) {
  const Tree *t = m->tree;
  Mentions *all = data;
  NodeId pop = popping(m, node);
  if (node_ok(pop)) {
    bool in_place = calls_end(m, pop) || is_entered(t, pop) ||
                    place_behind(t, pop).kind == PLACE_DROPPED;
    if (in_place || node_inside(t, pop, all->region)) {
      end_take(m, all, pop);
    }
    bool same =
        node_eq(context_of(m, node).function, context_of(m, all->entry->node).function);
    bool ends = calls_end(m, pop) || is_entered(t, pop);
    if (!ends && same) all->life.handed = true;
  } else if (calls_end(m, node)) {
    end_take(m, all, node);
  } else {
    place_take(m, all, node);
  }
  return false;
}

// `if count % 100 == 0: stack.close()` bounds the number of entries.
static bool is_at_intervals(const Tree *t, NodeId node, NodeId region) {
  for (NodeId n = node_parent(t, node); n.i > region.i; n = node_parent(t, n)) {
    NodeId condition = node_field(t, n, FIELD_CONDITION);
    if (!node_is(t, n, PY_IF_STATEMENT) || !node_ok(condition)) continue;
    for (NodeId c = condition; c.i < node_after(t, condition); c.i++) {
      if (node_text_is(t, c, "%") || node_text_is(t, c, ">") ||
          node_text_is(t, c, ">=")) {
        return true;
      }
    }
  }
  return false;
}

static StackEnd end_of(Model *m, const Mentions *all) {
  if (all->count == 0) return STACK_GOES_ON;
  for (uint32_t i = 0; i < all->count; i++) {
    if (is_at_intervals(m->tree, all->ends[i], all->region)) return STACK_ENDS;
  }
  Answer misses = flow_reaches_avoiding(m, all->entry->node, all->entry->node,
                                        all->ends, all->count);
  return misses == ANSWER_YES ? STACK_ENDS_AT_TIMES : STACK_ENDS;
}

StackLife stack_life(Model *m, const StackEntry *entry, NodeId region) {
  Mentions all = {.entry = entry, .region = region};
  Keeper keeper = keeper_of(m, entry->stack);
  if (keeper.kind == KEEPER_UNKNOWN ||
      (keeper.kind == KEEPER_MODULE && keeper.attribute.n > 0)) {
    all.life.shared = true;  // nobody can tell who else has it
    return all.life;
  }
  keeper_any_use(m, keeper, mention_take, &all);
  BindingId name = binding_of(m, entry->stack);
  if (binding_ok(name) && name.i != keeper.binding.i) {
    Keeper alias = {.kind = KEEPER_LOCAL, .binding = name};
    keeper_any_use(m, alias, mention_take, &all);
  }
  all.life.end = end_of(m, &all);
  return all.life;
}
