#include "index/facts_internal.h"
#include "semantic/rounds.h"
#include "semantic/tail.h"

// Ring buffers made by hand: lists of which only the last few are read, and lists that are
// cut to a length again and again.

enum { REFS_MAX = 32, START_MAX = 8 };

typedef struct Ring {
  bool grows, is_cut, is_bad;
  bool is_looked_at;  // all of it, or what is not at its end
  bool is_read;       // its end is
  uint32_t last;      // how many at most are read; 0 = not known
  uint32_t kept;      // how many stay when it is cut; likewise
  NodeId grown_at, cut_at;
} Ring;

static void last_seen(Ring *ring, uint32_t last) {
  ring->is_read = true;
  if (last > ring->last) ring->last = last;
}

static void cut_seen(Ring *ring, uint32_t kept, NodeId at) {
  ring->is_cut = true;
  if (kept > ring->kept) ring->kept = kept;
  if (node_ok(at)) ring->cut_at = at;
}

// How many a deque has to keep.
static uint32_t size_of_ring(const Ring *ring) {
  if (!ring->is_cut || ring->kept == 0) return ring->is_cut ? 0 : ring->last;
  bool is_before = node_ok(ring->cut_at) && ring->cut_at.i < ring->grown_at.i;
  return ring->kept + (is_before ? 1u : 0u);
}

// --- cutting -------------------------------------------------------------------------

static Str text_of_list(const Tree *t, NodeId mention) {
  return node_text(t, node_unwrap(t, mention));
}

// `xs[-n:]`, `(xs + [v])[-n:]`, `xs[-n:] + [v]`.
static bool is_tail_of(FactsBuilder *b, NodeId value, Str name, uint32_t *last) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, value);
  if (node_is(t, n, PY_BINARY_OPERATOR))
    n = node_unwrap(t, node_field(t, n, FIELD_LEFT));
  if (!node_is(t, n, PY_SUBSCRIPT) || !slice_is_tail(b->m, n, last)) return false;
  NodeId of = node_unwrap(t, node_field(t, n, FIELD_VALUE));
  if (node_is(t, of, PY_BINARY_OPERATOR)) {
    of = node_unwrap(t, node_field(t, of, FIELD_LEFT));
  }
  return str_eq(node_text(t, of), name);
}

// `xs[1:]` of the list itself.
static bool is_without_first(FactsBuilder *b, NodeId value, Str name) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, value);
  Slice s;
  int64_t number = 0;
  return node_is(t, n, PY_SUBSCRIPT) && slice_of(b->m, n, &s) && !node_ok(s.stop) &&
         !node_ok(s.step) && constant_int(b->m, s.start, &number) && number == 1 &&
         str_eq(node_text(t, node_unwrap(t, s.object)), name);
}

// How many stay, if `len(xs) > N` decides; 0 = not known.
static uint32_t number_kept(FactsBuilder *b, NodeId limit) {
  const Tree *t = b->t;
  int64_t number = 0;
  if (!constant_int(b->m, limit, &number) || number >= UINT16_MAX) return 0;
  NodeId comparison = node_parent(t, node_wrap(t, limit));
  PyKind sign = node_kind(t, node_field(t, comparison, FIELD_OPERATORS));
  return (uint32_t)number - (sign == PY_OP_GT ? 0u : 1u);
}

// `while len(xs) > N:` around the cutting.
static bool is_length_limited(const Gathering *self, NodeId at, NodeId function,
                              uint32_t *last) {
  FactsBuilder *b = self->b;
  int64_t number = 0;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *guard = &self->tests.items[i];
    NodeId limit = guard_limit(b, guard, at);
    if (!node_ok(limit) || !node_eq(guard->function, function)) continue;
    if (constant_int(b->m, limit, &number) && number <= 1) continue;
    *last = number_kept(b, limit);
    return true;
  }
  return false;
}

// `xs.pop(0)` whose value nobody wants, `del xs[0]`.
static bool removes_first(FactsBuilder *b, const Found *found) {
  const Tree *t = b->t;
  NodeId place = found->op.place, p = node_parent(t, place);
  int64_t number = -1;
  if (node_is(t, place, PY_CALL)) {
    NodeId first = node_first_named(t, node_field(t, place, FIELD_ARGUMENTS));
    Str method = STR_NONE;
    call_receiver(b->m, place, &method);
    return node_is(t, p, PY_EXPRESSION_STATEMENT) && str_is(method, "pop") &&
           constant_int(b->m, first, &number) && number == 0;
  }
  return node_is(t, place, PY_SUBSCRIPT) && node_is(t, p, PY_DELETE_STATEMENT) &&
         constant_int(b->m, node_field(t, place, FIELD_SUBSCRIPT), &number) &&
         number == 0;
}

// `del xs[:-n]`, `del xs[:n]` under a test of the length, `xs[:] = xs[-n:]`.
static bool cuts_by_slice(const Gathering *self, const Found *found, uint32_t *last) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  NodeId place = found->op.place, p = node_parent(t, place);
  Slice s;
  if (!node_is(t, place, PY_SUBSCRIPT) || !slice_of(b->m, place, &s)) return false;
  if (node_is(t, p, PY_ASSIGNMENT)) {
    bool is_all = !node_ok(s.start) && !node_ok(s.stop);
    Str name = text_of_list(t, found->mention);
    return is_all && is_tail_of(b, node_field(t, p, FIELD_RIGHT), name, last);
  }
  if (node_ok(s.start) || node_ok(s.step) || !node_ok(s.stop)) return false;
  int64_t number = 0;
  if (constant_int(b->m, s.stop, &number) && number < 0 && number > -UINT16_MAX) {
    *last = (uint32_t)-number;
    return true;
  }
  return is_length_limited(self, found->mention, found->function, last);
}

// `self.xs = self.xs[-n:]`.
static bool cuts_by_binding(const Gathering *self, NodeId assignment, NodeId function,
                            Str name, uint32_t *last) {
  FactsBuilder *b = self->b;
  NodeId value = node_field(b->t, assignment, FIELD_RIGHT);
  if (!node_is(b->t, assignment, PY_ASSIGNMENT) || !node_ok(value)) return false;
  if (is_tail_of(b, value, name, last)) return true;
  return is_without_first(b, value, name) &&
         is_length_limited(self, assignment, function, last);
}

// `xs = xs[-99:] + [v]` adds as it cuts.
static bool adds_in_binding(const Tree *t, NodeId assignment) {
  NodeId value = node_field(t, assignment, FIELD_RIGHT);
  for (uint32_t i = value.i; node_ok(value) && i < node_after(t, value); i++) {
    if (node_is(t, (NodeId){i}, PY_OP_ADD)) return true;
  }
  return false;
}

// --- what is asked of it -------------------------------------------------------------

// `if len(xs) < n:` around the growth, and nothing else in the test: it ends by itself.
static bool is_length_guarded(const Gathering *self, const Found *growth) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *guard = &self->tests.items[i];
    NodeId condition = node_unwrap(t, node_field(t, guard->op.test, FIELD_CONDITION));
    bool is_size = guard->op.kind == OPERATION_GUARD &&
                   node_is(t, condition, PY_COMPARISON_OPERATOR) &&
                   node_eq(guard->function, growth->function);
    if (is_size && test_decides(b, guard->op.test, growth->mention)) return true;
  }
  return false;
}

static bool is_other_slice(FactsBuilder *b, NodeId mention) {
  NodeId p = node_parent(b->t, node_wrap(b->t, mention));
  Slice s;
  return node_is(b->t, p, PY_SUBSCRIPT) && slice_of(b->m, p, &s);
}

// `assert len(xs) <= 3`: there are no more.
static bool is_asserted_small(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId call = node_parent(t, node_parent(t, node_wrap(t, mention)));
  NodeId size = node_wrap(t, call), comparison = node_parent(t, size);
  if (!node_is(t, comparison, PY_COMPARISON_OPERATOR) ||
      !node_eq(node_named_at(t, comparison, 0), size) ||
      !node_is(t, node_parent(t, node_wrap(t, comparison)), PY_ASSERT_STATEMENT)) {
    return false;
  }
  PyKind sign = node_kind(t, node_field(t, comparison, FIELD_OPERATORS));
  return sign == PY_OP_LT || sign == PY_OP_LE || sign == PY_OP_EQ;
}

// An argument of something that keeps it: `others.append((x, 1))`, `Particle(x)`,
// `self.x = x`.
static bool is_kept_by_use(FactsBuilder *b, NodeId use, NodeId list) {
  enum { CLIMB_MAX = 6 };
  const Tree *t = b->t;
  NodeId n = node_wrap(t, use);
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    NodeId p = node_parent(t, n), call = node_parent(t, p);
    bool is_packed = node_is(t, p, PY_TUPLE) || node_is(t, p, PY_LIST) ||
                     node_is(t, p, PY_KEYWORD_ARGUMENT);
    if (is_packed) {
      n = node_wrap(t, p);
      continue;
    }
    if (node_is(t, p, PY_ASSIGNMENT)) {
      NodeId left = node_field(t, p, FIELD_LEFT);
      return node_role(t, n) == FIELD_RIGHT &&
             (node_is(t, left, PY_ATTRIBUTE) || node_is(t, left, PY_SUBSCRIPT));
    }
    if (!node_is(t, p, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL)) return false;
    Str method = STR_NONE;
    NodeId receiver = call_receiver(b->m, call, &method);
    if (node_ok(receiver) && str_eq(node_text(t, receiver), node_text(t, list)))
      return false;
    static const char *const keepers[] = {"add", "append", "appendleft", "put", NULL};
    if (node_ok(receiver) && str_is_any(method, keepers)) return true;
    return names_class(node_text(t, node_field(t, call, FIELD_FUNCTION)));
  }
  return false;
}

// Elsewhere it grows on and on, whoever else has the items.
static bool is_local_list(FactsBuilder *b, NodeId mention) {
  NodeId n = node_unwrap(b->t, mention);
  return node_is(b->t, n, PY_IDENTIFIER) &&
         binding_get(b->m, binding_of(b->m, n))->scope.i != MODULE_SCOPE.i;
}

// `for span in spans` of a list that stays: its elements do.
static bool is_element_of_kept(FactsBuilder *b, NodeId item) {
  const Tree *t = b->t;
  const Def *d = def_get(b->m, flow_only_def(b->m, item));
  NodeId source = node_unwrap(t, d->value);
  bool is_named = node_is(t, source, PY_IDENTIFIER) || node_is(t, source, PY_ATTRIBUTE);
  return d->kind == DEF_FOR && (d->flags & DEF_UNPACKED) == 0 && is_named &&
         value_is_container(value_of(b->m, source));
}

// What is appended stays alive in any case: only the place in the list would be saved.
static bool item_is_kept(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId call = node_parent(t, node_parent(t, node_wrap(t, mention)));
  NodeId item =
      node_unwrap(t, node_first_named(t, node_field(t, call, FIELD_ARGUMENTS)));
  if (!node_is(t, call, PY_CALL) || !node_is(t, item, PY_IDENTIFIER)) return false;
  if (!is_local_list(b, mention)) return false;
  if (is_element_of_kept(b, item)) return true;
  NodeId loop = loop_around(b->m, call, NO_NODE);
  if (!node_ok(loop)) return false;
  uint32_t read = 0;
  for (RefId r = ref_first(b->m, binding_of(b->m, item)); ref_ok(r);
       r = ref_next(b->m, r)) {
    if (++read > REFS_MAX) return false;
    NodeId use = ref_get(b->m, r)->node;
    if (!node_inside(t, use, loop)) continue;
    if (!node_eq(use, item) && is_kept_by_use(b, use, node_unwrap(t, mention)))
      return true;
  }
  return false;
}

static void use_read(Gathering *self, const Found *found, Ring *ring) {
  uint32_t last = 0;
  switch (tail_use(self->b->m, found->mention, &last)) {
    case TAIL_READ: last_seen(ring, last); break;
    case TAIL_ASKED:
      if (last > ring->last) ring->last = last;
      if (is_asserted_small(self->b, found->mention)) ring->is_bad = true;
      break;
    case TAIL_APPENDED:
      ring->grows = true;
      if (item_is_kept(self->b, found->mention)) ring->is_looked_at = true;
      if (!node_ok(ring->grown_at)) ring->grown_at = found->mention;
      if (is_length_guarded(self, found)) ring->is_bad = true;
      break;
    case TAIL_OTHER:
      ring->is_looked_at = true;
      if (is_other_slice(self->b, found->mention)) ring->is_bad = true;
      break;
  }
}

static void binding_read(Gathering *self, const Found *found, Ring *ring) {
  const Tree *t = self->b->t;
  NodeId assignment = found->op.place;
  uint32_t last = 0;
  NodeId value = node_field(t, assignment, FIELD_RIGHT);
  FactContainer made = {0};
  bool is_start = is_constructor(t, found->function) || !node_ok(found->function);
  if (is_start && node_ok(value) && container_read(self->b, value, &made)) return;
  Str name = text_of_list(t, found->mention);
  if (!cuts_by_binding(self, assignment, found->function, name, &last)) {
    ring->is_bad = true;
    return;
  }
  cut_seen(ring, last, NO_NODE);
  if (adds_in_binding(t, assignment)) ring->grows = true;
}

static void found_read(Gathering *self, const Found *found, Ring *ring) {
  uint32_t last = 0;
  bool is_cut = false;
  switch (found->op.kind) {
    case OPERATION_GROW:
    case OPERATION_READ:
    case OPERATION_GUARD: {
      bool is_item = (found->op.flags & OPERATION_NESTED) != 0;
      NodeId method = node_parent(self->b->t, node_wrap(self->b->t, found->mention));
      bool is_method = node_is(self->b->t, method, PY_ATTRIBUTE);
      uint32_t unused = 0;
      TailUse use = tail_use(self->b->m, found->mention, &unused);
      bool is_insert = found->op.kind == OPERATION_GROW && is_method && !is_item &&
                       use != TAIL_APPENDED;
      if (is_insert) ring->is_bad = true;
      use_read(self, found, ring);
      return;
    }
    case OPERATION_SHRINK:
      is_cut = removes_first(self->b, found) &&
               is_length_limited(self, found->mention, found->function, &last);
      break;
    case OPERATION_CLEAR: is_cut = cuts_by_slice(self, found, &last); break;
    case OPERATION_REBIND: binding_read(self, found, ring); return;
    default: break;
  }
  if (!is_cut) ring->is_bad = true;
  // By a test of its length, which may stand above the growth.
  bool is_tested = found->op.kind == OPERATION_SHRINK;
  if (is_cut) cut_seen(ring, last, is_tested ? found->mention : NO_NODE);
}

static Ring ring_of(Gathering *self) {
  Ring ring = {0};
  for (uint32_t i = 0; i < self->found.count && !ring.is_bad; i++) {
    found_read(self, &self->found.items[i], &ring);
  }
  return ring;
}

static uint32_t ring_flags(const Ring *ring) {
  if (ring->is_bad) return 0;
  if (ring->is_cut) return ring->grows ? CONTAINER_CUT : 0u;
  return ring->is_looked_at ? 0u : CONTAINER_TAIL;
}

static bool may_be_ring(const FactContainer *row) {
  bool is_list = row->type == VALUE_LIST || row->type == VALUE_DEQUE;
  return is_list && (row->flags & (CONTAINER_BOUNDED | CONTAINER_TEST)) == 0;
}

void ring_read(Gathering *self, FactContainer *row) {
  if (!may_be_ring(row)) return;
  Ring ring = ring_of(self);
  row->flags |= ring_flags(&ring);
  row->last = size_of_ring(&ring);
  if (ring.is_read && (row->flags & CONTAINER_TAIL) != 0) row->flags |= CONTAINER_READ;
}

bool is_tail_read(FactsBuilder *b, const Found *found, uint32_t *last) {
  bool is_read = found->op.kind == OPERATION_READ || found->op.kind == OPERATION_GROW;
  return is_read && tail_use(b->m, found->mention, last) == TAIL_READ;
}

// --- locals --------------------------------------------------------------------------

// `xs = []`, alone, and no more than a few in it.
static bool is_start(FactsBuilder *b, const Def *d, FactContainer *row) {
  bool is_chained =
      node_is(b->t, node_parent(b->t, d->statement), PY_ASSIGNMENT) ||
      node_is(b->t, node_field(b->t, d->statement, FIELD_RIGHT), PY_ASSIGNMENT);
  if (is_chained) return false;
  bool is_plain = d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED;
  NodeId value = node_unwrap(b->t, d->value);
  if (!is_plain || (d->flags & DEF_UNPACKED) != 0 || !node_ok(value)) return false;
  bool is_display = node_is(b->t, value, PY_LIST);
  bool is_made =
      node_is(b->t, value, PY_CALL) && call_positional_count(b->m, value) == 0;
  if (!is_display && !is_made) return false;
  return container_read(b, value, row) && may_be_ring(row) && row->entries <= START_MAX;
}

// Some loop, which the list is not begun in, goes on for long enough.
static bool is_in_loop(FactsBuilder *b, NodeId mention, NodeId start) {
  for (NodeId loop = loop_around(b->m, mention, NO_NODE); node_ok(loop);
       loop = loop_around(b->m, mention, loop)) {
    if (node_inside(b->t, start, loop)) return false;
    if (!loop_has_few_rounds(b->m, loop)) return true;
  }
  return false;
}

static bool grows_in_loop(const Gathering *self, BindingId binding, NodeId start) {
  FactsBuilder *b = self->b;
  uint32_t last = 0;
  for (DefId d = def_next(b->m, def_first(b->m, binding)); def_ok(d);
       d = def_next(b->m, d)) {
    NodeId statement = def_get(b->m, d)->statement;
    if (adds_in_binding(b->t, statement) && is_in_loop(b, statement, start))
      return true;
  }
  for (uint32_t i = 0; i < self->found.count; i++) {
    NodeId mention = self->found.items[i].mention;
    bool grows = tail_use(b->m, mention, &last) == TAIL_APPENDED;
    if (grows && is_in_loop(b, mention, start)) return true;
  }
  return false;
}

// The name is bound to nothing but its own end again.
static bool other_defs_read(Gathering *self, BindingId binding, Ring *ring) {
  FactsBuilder *b = self->b;
  for (DefId d = def_next(b->m, def_first(b->m, binding)); def_ok(d);
       d = def_next(b->m, d)) {
    const Def *def = def_get(b->m, d);
    uint32_t last = 0;
    if (def->kind == DEF_AUGMENTED) continue;
    NodeId function = context_of(b->m, def->node).function;
    if (def->kind != DEF_ASSIGN ||
        !cuts_by_binding(self, def->statement, function, node_text(b->t, def->node),
                         &last)) {
      return false;
    }
    cut_seen(ring, last, NO_NODE);
    if (adds_in_binding(b->t, def->statement)) ring->grows = true;
  }
  return true;
}

// An `append` or `+=`, and something that is asked of its end or cuts it: asked before the
// uses are gathered.
static bool looks_like_ring(FactsBuilder *b, const Binding *given) {
  const Tree *t = b->t;
  bool grows = given->def_count > 1, asks = grows;
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId n = node_wrap(t, ref_get(b->m, r)->node), p = node_parent(t, n);
    if (node_is(t, p, PY_SUBSCRIPT)) asks = true;
    if (node_is(t, p, PY_AUGMENTED_ASSIGNMENT)) grows = true;
    if (!node_is(t, p, PY_ATTRIBUTE)) continue;
    NodeId method = node_field(t, p, FIELD_ATTRIBUTE);
    if (node_text_is(t, method, "append") || node_text_is(t, method, "extend")) {
      grows = true;
    } else if (node_text_is(t, method, "pop")) {
      asks = true;
    }
  }
  return grows && asks;
}

static void variable_collect(FactsBuilder *b, ScopeId function, BindingId binding) {
  const Binding *given = binding_get(b->m, binding);
  const Def *first = def_get(b->m, given->first_def);
  FactContainer row = {.holder = HOLDER_LOCAL, .flags = container_flags(b)};
  if (given->ref_count > REFS_MAX || !looks_like_ring(b, given)) return;
  if (!is_start(b, first, &row)) return;
  if ((context_of(b->m, first->node).flags & CONTEXT_TEST) != 0) return;
  Gathering all = gather_begin(b, (FactText){0}, (ValueKind)row.type, false);
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(&all, ref_get(b->m, r)->node, 0);
  }
  gather_tests(&all);
  Ring ring = ring_of(&all);
  if (ring.is_bad || !other_defs_read(&all, binding, &ring)) return;
  row.flags |= ring_flags(&ring);
  if ((row.flags & (CONTAINER_TAIL | CONTAINER_CUT)) == 0) return;
  if ((row.flags & CONTAINER_TAIL) != 0 && !ring.is_read) return;
  if (!grows_in_loop(&all, binding, first->node)) return;
  row.flags |= CONTAINER_READ;
  row.last = size_of_ring(&ring);
  row.name =
      text_join(b, scope_name(b, function), ".<locals>.", binding_name(b->m, binding));
  row.function = b->scope_names[function.i];
  vec_push(b->arena, &b->containers, row);
}

void rings_collect(FactsBuilder *b, ScopeId function) {
  const uint32_t hidden = BIND_PARAMETER | BIND_IN_ERROR | BIND_DELETED |
                          BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL;
  const Scope *scope = scope_get(b->m, function);
  if ((scope->flags & (SCOPE_DYNAMIC | SCOPE_BROKEN)) != 0) return;
  for (BindingId n = scope->first_binding; binding_ok(n);
       n = binding_get(b->m, n)->next) {
    const Binding *binding = binding_get(b->m, n);
    bool is_own = binding->owner.i == n.i && (binding->flags & hidden) == 0;
    if (is_own) variable_collect(b, function, n);
  }
}
