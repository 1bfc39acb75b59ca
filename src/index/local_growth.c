#include "index/local_growth.h"

#include <stdlib.h>

#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/endless.h"
#include "semantic/rebuild.h"

enum { LOOPS_MAX = 8, REFS_MAX = 256 };

typedef struct Loops {  // of one function, outer ones first
  NodeId items[LOOPS_MAX];
  Ending endings[LOOPS_MAX];
  uint32_t count;
} Loops;

typedef struct LocalScan {
  FactsBuilder b;
  bool knows_functions;
  Map function_of;  // qualified name -> index in b.functions, from 1
  Arena *arena;
  VEC(LocalGrowth) found;
} LocalScan;

// One container of a function with such loops.
typedef struct Local {
  BindingId binding;
  ScopeId function;
  NodeId made, name;
  FactContainer fact;
  const Loops *loops;
  Gathering all;
} Local;

// --- the container -------------------------------------------------------------------

static uint32_t loop_around_node(const Tree *t, const Loops *loops, NodeId node) {
  for (uint32_t i = 0; i < loops->count; i++) {
    if (node_inside(t, node, loops->items[i])) return i;
  }
  return LOOPS_MAX;
}

// The one definition in front of the loops that builds a container; others may add to it,
// or stand in the loops.
static bool local_read(LocalScan *self, Local *local) {
  Model *m = self->b.m;
  const Binding *binding = binding_get(m, local->binding);
  for (DefId d = binding->first_def; def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    bool is_bare = def->kind == DEF_ANNOTATED && !node_ok(def->value);
    if (is_bare || def->kind == DEF_AUGMENTED || def->kind == DEF_DELETE) continue;
    if (loop_around_node(self->b.t, local->loops, def->node) != LOOPS_MAX) continue;
    bool plain = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
                 (def->flags & DEF_UNPACKED) == 0;
    if (!plain || node_ok(local->made) || def->scope.i != local->function.i ||
        !container_read(&self->b, def->value, &local->fact)) {
      return false;
    }
    local->made = node_unwrap(self->b.t, def->value);
    local->name = def->node;
  }
  const uint32_t bounded = CONTAINER_BOUNDED | CONTAINER_WEAK;
  return node_ok(local->made) && (local->fact.flags & bounded) == 0;
}

// --- functions that get it -----------------------------------------------------------

static void functions_know(LocalScan *self) {
  FactsBuilder *b = &self->b;
  if (self->knows_functions) return;
  self->knows_functions = true;
  self->function_of = map_in(b->arena);
  functions_collect(b);
  for (uint32_t i = 0; i < b->functions.count; i++) {
    FactText name = b->functions.items[i].name;
    FactText whole = text_join(b, b->module, ".", sym_str(&b->texts, (Sym){name.i}));
    map_put(&self->function_of, whole.i, i + 1);
  }
}

// What a function of this file does with the argument; else an escape.
static OperationKind passed_kind(LocalScan *self, const Operation *op) {
  functions_know(self);
  uint32_t at = map_get(&self->function_of, op->callee.i), position = op->argument;
  if (at == 0 || position == UINT32_MAX) return OPERATION_ESCAPE;
  const FactFunction *callee = &self->b.functions.items[at - 1];
  bool is_bound =
      (callee->flags & FUNCTION_METHOD) != 0 && (callee->flags & FUNCTION_STATIC) == 0;
  if (is_bound) position++;
  if (position >= callee->parameter_count) return OPERATION_ESCAPE;
  uint32_t bit = UINT32_C(1) << (position < 31 ? position : 31);
  if ((callee->shrunk & bit) != 0) return OPERATION_SHRINK;
  if ((callee->kept & bit) != 0) return OPERATION_ESCAPE;
  return (callee->grown & bit) != 0 ? OPERATION_GROW : OPERATION_READ;
}

// --- growth and removal --------------------------------------------------------------

// An inner function or lambda runs in the loop: it stands there, or is mentioned there.
static bool function_runs_in(const Local *local, NodeId function, NodeId loop) {
  Model *m = local->all.b->m;
  const Tree *t = m->tree;
  if (node_inside(t, function, loop)) return true;
  BindingId name = binding_of(m, node_field(t, function, FIELD_NAME));
  uint32_t read = 0;
  for (RefId r = ref_first(m, name); ref_ok(r) && read < REFS_MAX; r = ref_next(m, r)) {
    if (node_inside(t, ref_get(m, r)->node, loop)) return true;
    read += 1;
  }
  return false;
}

// The loop in which a mention runs, LOOPS_MAX if none.
static uint32_t loop_of_mention(const Local *local, const Found *found) {
  const Tree *t = local->all.b->t;
  NodeId function = scope_get(local->all.b->m, local->function)->node;
  if (node_eq(found->function, function)) {
    return loop_around_node(t, local->loops, found->mention);
  }
  for (uint32_t i = 0; i < local->loops->count; i++) {
    if (function_runs_in(local, found->function, local->loops->items[i])) return i;
  }
  return LOOPS_MAX;
}

static bool is_growth(const Local *local, const Found *found) {
  uint32_t flags = found->op.flags;
  bool makes_entries = (local->fact.flags & CONTAINER_DEFAULTS) != 0;
  if (found->op.kind != OPERATION_GROW) return false;
  if ((flags & (OPERATION_NESTED | OPERATION_COUNTS)) != 0 && !makes_entries) {
    return false;
  }
  bool is_sequence = local->fact.type == VALUE_LIST ||
                     local->fact.type == VALUE_DEQUE ||
                     local->fact.type == VALUE_BYTEARRAY;
  if (is_sequence && (flags & OPERATION_INDEXED) != 0) return false;
  uint32_t domain = key_of(local->all.b, found->op.key).domain;
  return domain != KEY_CONSTANT && domain != KEY_FINITE;
}

// `x.pop(job)` removes nothing that was added as `x[job.id]`.
static bool is_part_of(const Tree *t, NodeId part, NodeId whole) {
  enum { PARTS_MAX = 8 };
  for (uint32_t i = 0; i < PARTS_MAX && node_is(t, part, PY_ATTRIBUTE); i++) {
    part = node_unwrap(t, node_field(t, part, FIELD_OBJECT));
    if (str_eq(node_text(t, part), node_text(t, whole))) return true;
  }
  return false;
}

static bool keys_may_meet(FactsBuilder *b, NodeId removed, NodeId added) {
  removed = node_unwrap(b->t, removed);
  added = node_unwrap(b->t, added);
  if (!node_ok(removed) || !node_ok(added)) return true;
  if (is_part_of(b->t, removed, added) || is_part_of(b->t, added, removed))
    return false;
  ValueKind one = key_of(b, removed).type, other = key_of(b, added).type;
  bool numbers = (one == VALUE_INT || one == VALUE_FLOAT || one == VALUE_BOOL) &&
                 (other == VALUE_INT || other == VALUE_FLOAT || other == VALUE_BOOL);
  return one == VALUE_UNKNOWN || other == VALUE_UNKNOWN || one == other || numbers;
}

static bool can_remove(const Local *local, const Found *removal) {
  if (removal->op.kind != OPERATION_SHRINK || !node_ok(removal->op.key)) return true;
  for (uint32_t i = 0; i < local->all.found.count; i++) {
    const Found *growth = &local->all.found.items[i];
    if (!is_growth(local, growth)) continue;
    if (keys_may_meet(local->all.b, removal->op.key, growth->op.key)) return true;
  }
  return false;
}

static bool waits_for_length(const Local *local, const Found *found) {
  return found->op.kind == OPERATION_GUARD &&
         node_is(local->all.b->t, found->op.test, PY_WHILE_STATEMENT) &&
         !node_eq(found->op.test, local->loops->items[0]);
}

// Why it does not grow for ever, by one mention; NULL.
static const char *mention_refuses(const Local *local, const Found *found) {
  uint32_t loop = loop_of_mention(local, found);
  bool runs = loop != LOOPS_MAX;
  bool is_inner =
      !node_eq(found->function, scope_get(local->all.b->m, local->function)->node);
  bool comes_before = found->mention.i < local->loops->items[0].i;
  switch (found->op.kind) {
    case OPERATION_SHRINK:
    case OPERATION_CLEAR:
    case OPERATION_REBIND:
      if ((!runs && !is_inner) || !can_remove(local, found)) return NULL;
      return "entries are removed, or it is bound anew";
    case OPERATION_GUARD:
      return runs && waits_for_length(local, found)
                 ? "a loop waits for its length, or empties it"
                 : NULL;
    case OPERATION_ESCAPE:
    case OPERATION_PASS:
    case OPERATION_ALIAS:
    case OPERATION_STORE:
    case OPERATION_RETURN:
      return runs || is_inner || comes_before ? "other code gets it, and may empty it"
                                              : NULL;
    default: return NULL;
  }
}

static ValueKind started_kind(Model *m, NodeId value) {
  Value v = value_of(m, value);
  if ((v.flags & VALUE_STARTED) == 0) return VALUE_UNKNOWN;
  if (v.kind == VALUE_THREAD || v.kind == VALUE_PROCESS) return v.kind;
  return VALUE_FUTURE;
}

// --- judging -------------------------------------------------------------------------

// Bound anew in the loop from itself, `xs = xs + [x]`, it grows all the same.
static void rebindings_take(const Local *local, LocalGrowth *out) {
  Model *m = local->all.b->m;
  for (DefId d = def_first(m, local->binding); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (def->kind == DEF_AUGMENTED || node_eq(def->node, local->name)) continue;
    uint32_t loop = loop_around_node(m->tree, local->loops, def->node);
    if (loop == LOOPS_MAX && def->scope.i == local->function.i) continue;
    NodeId assignment = node_parent(m->tree, def->node);
    NodeId read = rebuild_reads(m, assignment);
    if (node_ok(read) && binding_of(m, read).i == local->binding.i) {
      out->growth = assignment;
      out->loop = local->loops->items[loop == LOOPS_MAX ? 0 : loop];
    } else {
      out->refusal = "entries are removed, or it is bound anew";
    }
  }
}

static void growth_take(const Local *local, const Found *found, LocalGrowth *out) {
  uint32_t loop = loop_of_mention(local, found);
  if (loop == LOOPS_MAX || !is_growth(local, found)) return;
  if (gather_is_guarded(&local->all, found)) {
    out->refusal = "its length decides whether it grows";
    return;
  }
  ValueKind started = started_kind(local->all.b->m, found->op.value);
  if (node_ok(out->growth) &&
      (out->started != VALUE_UNKNOWN || started == VALUE_UNKNOWN))
    return;
  out->growth = found->op.place;
  out->started = started;
  out->loop = local->loops->items[loop];
  out->may_end = local->loops->endings[loop] == LOOP_MAY_END;
}

// What follows the loop reads it, so that it ends in some way. A clean-up is no such thing.
static bool is_read_behind(const Local *local, NodeId loop) {
  Model *m = local->all.b->m;
  NodeId function = scope_get(m, local->function)->node;
  for (uint32_t i = 0; i < local->all.found.count; i++) {
    const Found *found = &local->all.found.items[i];
    if (found->mention.i < node_after(m->tree, loop)) continue;
    if (!node_eq(found->function, function)) continue;
    uint32_t clean_up = CONTEXT_FINALLY | CONTEXT_EXCEPT;
    if ((context_of(m, found->mention).flags & clean_up) == 0) return true;
  }
  return false;
}

static void local_judge(LocalScan *self, Local *local) {
  LocalGrowth out = {
      .made = local->made, .name = local->name, .type = (ValueKind)local->fact.type};
  Model *m = self->b.m;
  gather_tests(&local->all);
  for (uint32_t i = 0; i < local->all.found.count; i++) {
    Found *found = &local->all.found.items[i];
    if (found->op.kind == OPERATION_PASS)
      found->op.kind = passed_kind(self, &found->op);
  }
  rebindings_take(local, &out);
  for (uint32_t i = 0; i < local->all.found.count; i++) {
    growth_take(local, &local->all.found.items[i], &out);
  }
  if (!node_ok(out.growth)) return;
  for (uint32_t i = 0; i < local->all.found.count && out.refusal == NULL; i++) {
    out.refusal = mention_refuses(local, &local->all.found.items[i]);
  }
  const uint32_t hidden = BIND_IN_ERROR | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL;
  uint32_t scope = scope_get(m, local->function)->flags;
  if ((binding_get(m, local->binding)->flags & hidden) != 0 ||
      (scope & (SCOPE_DYNAMIC | SCOPE_BROKEN)) != 0) {
    out.refusal = "the code around it cannot be followed";
  }
  if ((scope & SCOPE_IS_GENERATOR) != 0) {
    out.refusal = "the caller decides how far the generator runs";
  }
  if (is_read_behind(local, out.loop)) out.refusal = "it is read behind the loop";
  vec_push(self->arena, &self->found, out);
}

// --- scanning ------------------------------------------------------------------------

static void binding_scan(LocalScan *self, ScopeId function, BindingId binding,
                         const Loops *loops) {
  Model *m = self->b.m;
  const Binding *known = binding_get(m, binding);
  Local local = {.binding = binding, .function = function, .loops = loops};
  if (known->owner.i != binding.i || known->ref_count == 0 ||
      known->ref_count > REFS_MAX || (known->flags & BIND_PARAMETER) != 0 ||
      !local_read(self, &local)) {
    return;
  }
  Str name = binding_name(m, binding);
  local.all =
      gather_begin(&self->b, text_of(&self->b, name), (ValueKind)local.fact.type, true);
  for (RefId r = known->first_ref; ref_ok(r); r = ref_next(m, r)) {
    gather_mention(&local.all, ref_get(m, r)->node, 0);
  }
  local_judge(self, &local);
}

typedef struct FunctionLoops {
  ScopeId function;
  Loops loops;
} FunctionLoops;

typedef struct AllLoops {
  Map index_of;  // function -> index, from 1
  VEC(FunctionLoops) functions;
} AllLoops;

static void loop_note(Model *m, AllLoops *all, NodeId loop) {
  ScopeId function = scope_at(m, loop);
  if (scope_get(m, function)->kind != SCOPE_FUNCTION) return;
  Ending ending = loop_ending(m, loop);
  if (ending == LOOP_ENDS) return;
  uint32_t at = map_get(&all->index_of, function.i);
  if (at == 0) {
    vec_push(m->arena, &all->functions, (FunctionLoops){.function = function});
    at = all->functions.count;
    map_put(&all->index_of, function.i, at);
  }
  Loops *loops = &all->functions.items[at - 1].loops;
  if (loops->count == LOOPS_MAX) return;
  loops->endings[loops->count] = ending;
  loops->items[loops->count++] = loop;
}

static int compare_growths(const void *a, const void *b) {
  const LocalGrowth *x = a, *y = b;
  return (x->made.i > y->made.i) - (x->made.i < y->made.i);
}

LocalGrowths local_growths_in(Arena *arena, Model *m) {
  const Tree *t = m->tree;
  AllLoops all = {.index_of = map_in(m->arena)};
  for (uint32_t i = 1; i < t->count; i++) {
    PyKind kind = (PyKind)t->nodes[i].kind;
    if (kind == PY_WHILE_STATEMENT || kind == PY_FOR_STATEMENT) {
      loop_note(m, &all, (NodeId){i});
    }
  }
  LocalScan self = {.arena = arena};
  if (all.functions.count == 0) return (LocalGrowths){0};
  self.b = builder_in(m);
  for (uint32_t i = 0; i < all.functions.count; i++) {
    const FunctionLoops *one = &all.functions.items[i];
    BindingId b = scope_get(m, one->function)->first_binding;
    for (; binding_ok(b); b = binding_get(m, b)->next) {
      binding_scan(&self, one->function, b, &one->loops);
    }
  }
  if (self.found.count > 1) {
    qsort(self.found.items, self.found.count, sizeof(LocalGrowth), compare_growths);
  }
  return (LocalGrowths){self.found.items, self.found.count};
}
