#include "index/facts_internal.h"
#include "semantic/flow.h"
#include "semantic/rounds.h"

// Bounds that keep the work linear.
enum { ALIASES_MAX = 16, PATHS_MAX = 8, LOOK_BACK = 64 };

Gathering gather_begin(FactsBuilder *b, FactText owner, ValueKind type, bool is_full) {
  return (Gathering){.b = b, .owner = owner, .type = type, .is_full = is_full};
}

// --- mentions ------------------------------------------------------------------------

static void method_alias_follow(Gathering *self, NodeId attribute, DefId def,
                                uint32_t via);

static void follow(Gathering *self, DefId def, uint32_t via) {
  Model *m = self->b->m;
  RefList uses = flow_uses_of(m, def);
  if (uses.unknown) {
    NodeId node = def_get(m, def)->node;
    Operation escaped = {.kind = OPERATION_ESCAPE, .place = node};
    vec_push(self->b->arena, &self->found, (Found){escaped, node, NO_NODE, via});
    return;
  }
  for (uint32_t i = 0; i < uses.count; i++) {
    gather_mention(self, ref_get(m, uses.items[i])->node, via);
  }
}

// `x or []`, `x if x else []`.
static bool is_replaced_if_empty(const Tree *t, NodeId mention) {
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  if (node_is(t, p, PY_BOOLEAN_OPERATOR)) {
    return node_role(t, n) == FIELD_LEFT && node_ok(node_child(t, p, PY_KW_OR));
  }
  return node_is(t, p, PY_CONDITIONAL_EXPRESSION) &&
         str_eq(node_text(t, node_named_at(t, p, 1)), node_text(t, mention));
}

void gather_mention(Gathering *self, NodeId mention, uint32_t via) {
  FactsBuilder *b = self->b;
  if (self->is_falsy && is_replaced_if_empty(b->t, mention)) return;
  if (self->is_default && default_is_left_out(b, mention, self->type, self->is_falsy))
    return;
  Operation op = operation_at(b, mention, self->type);
  if (op.kind == OPERATION_ALIAS) {
    bool is_last = self->aliases++ >= ALIASES_MAX;
    if (is_last) {
      op.kind = OPERATION_ESCAPE;
    } else if (op.is_method) {
      method_alias_follow(self, op.place, op.alias, via);
      return;
    } else {
      follow(self, op.alias, via);
      return;
    }
  }
  bool goes_on = op.kind == OPERATION_PASS || op.kind == OPERATION_ESCAPE ||
                 op.kind == OPERATION_STORE || op.kind == OPERATION_READ;
  bool is_queue = self->type == VALUE_QUEUE;
  if (is_queue && goes_on && queue_follow(self, mention, via)) return;
  bool is_read = op.kind == OPERATION_READ || op.kind == OPERATION_ESCAPE ||
                 op.kind == OPERATION_PASS;
  if (is_read && is_waited_for(b, mention)) {
    op.kind = OPERATION_READ;
    op.flags |= OPERATION_WAITED;
  }
  NodeId function = context_of(b->m, mention).function;
  vec_push(b->arena, &self->found, (Found){op, mention, function, via});
}

// `add = x.append`: each use of `add` does what the method does.
static void method_alias_follow(Gathering *self, NodeId attribute, DefId def,
                                uint32_t via) {
  FactsBuilder *b = self->b;
  Str method = node_text(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE));
  const MutatorFact *mutator =
      knowledge_member(b->m->options.knowledge, SUBJECT_MUTATORS, self->type, method);
  uint32_t effect = mutator != NULL ? mutator->effect : 0;
  Operation op = {.kind = (effect & MUTATES_CLEARS) != 0    ? OPERATION_CLEAR
                          : (effect & MUTATES_SHRINKS) != 0 ? OPERATION_SHRINK
                                                            : OPERATION_GROW};
  RefList uses = flow_uses_of(b->m, def);
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(b->m, uses.items[i])->node;
    op.place = node_role(b->t, use) == FIELD_FUNCTION ? node_parent(b->t, use) : use;
    NodeId function = context_of(b->m, use).function;
    vec_push(b->arena, &self->found, (Found){op, use, function, via});
  }
}

// In an inner scope, where it does more than to look.
static bool is_seen_by_others(Gathering *self, const Ref *ref, ScopeId scope) {
  if (ref->scope.i == scope.i) return false;
  OperationKind kind = operation_at(self->b, ref->node, self->type).kind;
  return kind != OPERATION_READ && kind != OPERATION_GUARD;
}

void gather_def(Gathering *self, DefId def) {
  Model *m = self->b->m;
  const Def *d = def_get(m, def);
  const Binding *binding = binding_get(m, d->binding);
  if (def_ok(binding_only_def(m, d->binding))) {
    for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(m, r)) {
      gather_mention(self, ref_get(m, r)->node, 0);
    }
    return;
  }
  RefList uses = flow_uses_of(m, def);
  for (uint32_t i = 0; i < uses.count; i++) {
    gather_mention(self, ref_get(m, uses.items[i])->node, 0);
  }
  bool escapes = uses.unknown && !uses.escapes_scope;
  for (RefId r = binding->first_ref; uses.escapes_scope && ref_ok(r) && !escapes;
       r = ref_next(m, r)) {
    escapes = is_seen_by_others(self, ref_get(m, r), binding->scope);
  }
  if (escapes) {
    Operation escaped = {.kind = OPERATION_ESCAPE, .place = d->node};
    vec_push(self->b->arena, &self->found, (Found){escaped, d->node, NO_NODE, 0});
  }
}

// --- paths ---------------------------------------------------------------------------

static bool is_keyed_removal(const Found *f) {
  return f->op.kind == OPERATION_SHRINK && node_ok(f->op.key);
}

// Added in one branch and removed in another one of the same `if`: two events.
bool are_in_two_branches(const Tree *t, NodeId a, NodeId b) {
  NodeId branch = NO_NODE;
  for (NodeId n = a; node_ok(n) && !node_inside(t, b, n); n = node_parent(t, n))
    branch = n;
  NodeId around = node_parent(t, branch);
  if (!node_is(t, around, PY_IF_STATEMENT)) return false;
  NodeId condition = node_field(t, around, FIELD_CONDITION);
  return !node_inside(t, a, condition) && !node_inside(t, b, condition);
}

// `for k in list(x): … del x[k]`: it looks through all that is there.
static bool is_purge(const Gathering *self, const Found *removal) {
  FactsBuilder *b = self->b;
  NodeId key = node_unwrap(b->t, removal->op.key);
  if (!node_is(b->t, key, PY_IDENTIFIER)) return false;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, key)));
  if (d->kind != DEF_FOR && d->kind != DEF_COMPREHENSION) return false;
  for (uint32_t i = 0; i < self->found.count && i < LOOK_BACK; i++) {
    if (node_inside(b->t, self->found.items[i].mention, d->value)) return true;
  }
  return false;
}

// Does every path from the growths of the same function pass through this removal?
static uint32_t path_flags(const Gathering *self, uint32_t index) {
  const Found *removal = &self->found.items[index];
  uint32_t asked = 0, flags = 0;
  // `finally: if not users[k]: del users[k]` is the last one that leaves.
  if ((context_of(self->b->m, removal->mention).flags & CONTEXT_FINALLY) != 0) return 0;
  if (is_purge(self, removal)) return 0;
  for (uint32_t i = index; i > 0 && index - i < LOOK_BACK && asked < PATHS_MAX; i--) {
    const Found *growth = &self->found.items[i - 1];
    if (growth->op.kind != OPERATION_GROW) continue;
    if (!node_eq(growth->function, removal->function)) continue;
    // Another event's: what is added in this call is not what is removed in it.
    if (are_in_two_branches(self->b->t, growth->mention, removal->mention) ||
        flow_reaches(self->b->m, growth->mention, removal->mention) == ANSWER_NO) {
      continue;
    }
    asked++;
    Answer always =
        flow_always_passes(self->b->m, growth->mention, removal->mention, false);
    if (always == ANSWER_NO) flags |= OPERATION_ONE_PATH;
    if (always == ANSWER_YES) flags |= OPERATION_ALL_PATHS;
  }
  return flags;
}

// --- rows ----------------------------------------------------------------------------

// What the constructor binds is the container itself.
static bool is_first_binding(const Gathering *self, const Found *found) {
  return found->op.kind == OPERATION_REBIND && found->via == OPERATION_VIA_SELF &&
         is_constructor(self->b->t, found->function);
}

static bool is_wanted(const Gathering *self, const Found *found) {
  const Operation *op = &found->op;
  if (is_first_binding(self, found)) return false;
  switch (op->kind) {
    case OPERATION_GROW:
    case OPERATION_SHRINK:
    case OPERATION_CLEAR:
    case OPERATION_REBIND: return true;
    case OPERATION_READ: return (op->flags & OPERATION_WAITED) != 0;
    case OPERATION_GUARD: return false;
    default: return self->is_full;
  }
}

// The attribute that it is stored as, qualified, if it is one of self or cls.
static FactText stored_as(FactsBuilder *b, NodeId assignment) {
  const Tree *t = b->t;
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  uint32_t via = 0;
  ScopeId owner =
      class_of_receiver(b, node_unwrap(t, node_field(t, left, FIELD_OBJECT)), &via);
  if (!scope_ok(owner)) return (FactText){0};
  Str name = node_text(t, node_field(t, left, FIELD_ATTRIBUTE));
  Str class_name = sym_str(&b->texts, (Sym){scope_qualified(b, owner).i});
  return text_join(b, class_name, ".",
                   sym_str(&b->texts, (Sym){mangled_of(b, left, name).i}));
}

NodeId guard_limit(FactsBuilder *b, const Found *guard, NodeId at) {
  const Tree *t = b->t;
  NodeId condition = node_field(t, guard->op.test, FIELD_CONDITION);
  bool is_around =
      guard->op.kind == OPERATION_GUARD && node_inside(t, at, guard->op.test) &&
      !node_inside(t, at, condition) && node_inside(t, guard->mention, condition);
  NodeId comparison = node_ancestor(t, guard->mention, PY_COMPARISON_OPERATOR);
  if (!is_around || !node_inside(t, comparison, condition)) return NO_NODE;
  return node_named_at(t, comparison, 1);
}

// `while len(x) > 100: x.popleft()`: so many stay.
static bool is_trimming(const Gathering *self, const Found *removal) {
  FactsBuilder *b = self->b;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *guard = &self->tests.items[i];
    NodeId limit = guard_limit(b, guard, removal->mention);
    if (!node_ok(limit) || !node_eq(guard->function, removal->function)) continue;
    int64_t number = 0;
    bool is_few = constant_int(b->m, limit, &number) && number <= 1;
    if (!is_few) return true;
  }
  return false;
}

// What matters of queues, and of what is used as one.
static void queue_row(Gathering *self, const Found *found, FactOperation *row) {
  FactsBuilder *b = self->b;
  bool is_change = row->kind == OPERATION_GROW || row->kind == OPERATION_SHRINK;
  bool may_be = self->type == VALUE_QUEUE || self->type == VALUE_DEQUE ||
                self->type == VALUE_UNKNOWN;
  if (!is_change || !may_be || !node_ok(found->function)) return;
  row->flags |= repeat_flags(b, found->mention);
  if (row->kind == OPERATION_SHRINK) {
    if (is_trimming(self, found)) row->flags |= OPERATION_TRIMS;
    return;
  }
  if (found->op.is_put && is_sentinel(b, found->op.value)) row->key = KEY_CONSTANT;
  row->flags |= pace_flags(b, found->mention, found->op.value);
  NodeId method = node_parent(b->t, node_wrap(b->t, found->mention));
  bool is_handed =
      node_is(b->t, method, PY_ATTRIBUTE) && is_handed_as_callback(b, method);
  if (is_handed) row->flags |= OPERATION_CALLED_BACK;
}

static bool is_empty_display(const Tree *t, NodeId value) {
  NodeId n = node_unwrap(t, value);
  return (node_is(t, n, PY_LIST) || node_is(t, n, PY_DICTIONARY)) &&
         node_count_named(t, n) == 0;
}

// `for name in ("a", "b"): STARTED.append(…)` grows as often as if no loop were there.
static uint32_t context_of_growth(FactsBuilder *b, NodeId mention, Context at) {
  if ((at.flags & CONTEXT_LOOP) == 0) return at.flags;
  for (NodeId loop = loop_around(b->m, mention, NO_NODE); node_ok(loop);
       loop = loop_around(b->m, mention, loop)) {
    if (!loop_has_few_rounds(b->m, loop)) return at.flags;
  }
  return at.flags & ~(uint32_t)CONTEXT_LOOP;
}

static void row_add(Gathering *self, uint32_t index) {
  FactsBuilder *b = self->b;
  const Found *found = &self->found.items[index];
  const Operation *op = &found->op;
  Context at = context_of(b->m, found->mention);
  FactOperation row = {
      .owner = self->owner,
      .caller = scope_caller(b, found->mention),
      .place = place_of(op->place),
      .context = context_kept(at.flags),
      .kind = (uint8_t)op->kind,
      .argument = op->argument < 31 || op->argument == ARGUMENT_PACKED
                      ? (uint8_t)op->argument
                      : 255,
      .flags = op->flags | found->via,
  };
  if (op->kind == OPERATION_GROW) {
    Origin origin = {0};
    row.context = context_kept(context_of_growth(b, found->mention, at));
    row.flags |= growth_flags(self, found);
    bool is_fill = fills_cache(self, found, &origin);
    if (is_fill) row.flags |= OPERATION_MEMO | OPERATION_CACHES;
    row.argument = origin_of(b, op->key).parameters;
    if (is_empty_display(b->t, op->value)) row.flags |= OPERATION_RESETS;
  }
  bool is_in_init =
      found->via == OPERATION_VIA_SELF && is_constructor(b->t, at.function);
  if (is_in_init) row.flags |= OPERATION_IN_INIT;
  bool is_removal = op->kind == OPERATION_SHRINK;
  if (is_removal && gather_is_guarded(self, found)) {
    row.flags |= OPERATION_GUARDED;
  } else if (is_keyed_removal(found)) {
    row.flags |= path_flags(self, index);
  }
  if (op->kind == OPERATION_GROW || is_removal) {
    Key key = key_of(b, op->key);
    if (key.domain != KEY_NONE && is_of_module(b, op->value)) key.domain = KEY_FINITE;
    if (key.domain == KEY_UNKNOWN && op->kind == OPERATION_GROW &&
        (key_says_few(b, op->key) || is_count(b, op->value))) {
      key.domain = KEY_FEW;
    }
    row.key = (uint8_t)key.domain;
    row.key_type = (uint8_t)key.type;
    row.other = key.class_name;
    row.key_text = key_spelled(b, op->key);
    if (op->kind == OPERATION_GROW) row.value_text = key_spelled(b, op->value);
  }
  if (op->kind == OPERATION_STORE) row.other = stored_as(b, op->place);
  if (op->kind == OPERATION_PASS) {
    // A decorator that has it filled by a helper.
    row.flags |= growth_flags(self, found) &
                 (uint32_t)(OPERATION_REGISTERS | OPERATION_AT_SETUP);
    NodeId keyword = node_parent(b->t, node_wrap(b->t, found->mention));
    row.other = op->callee;
    if (node_is(b->t, keyword, PY_KEYWORD_ARGUMENT))
      row.key_text = word_of(b, node_text(b->t, node_field(b->t, keyword, FIELD_NAME)));
  }
  queue_row(self, found, &row);
  vec_push(b->arena, &b->operations, row);
}

static void lookup_add(Gathering *self, const Found *read) {
  FactsBuilder *b = self->b;
  Lookup lookup;
  if (!is_lookup_of_argument(self, read, &lookup)) return;
  vec_push(b->arena, &b->operations,
           (FactOperation){
               .owner = self->owner,
               .caller = scope_caller(b, read->mention),
               .place = place_of(node_parent(b->t, node_wrap(b->t, read->mention))),
               .context = context_kept(context_of(b->m, read->mention).flags),
               .kind = OPERATION_LOOKUP,
               .key = (uint8_t)lookup.key.domain,
               .key_type = (uint8_t)lookup.key.type,
               .other = lookup.key.class_name,
               .argument = lookup.parameters,
               .flags = lookup.flags | read->via});
}

static void tail_add(Gathering *self, const Found *found) {
  FactsBuilder *b = self->b;
  uint32_t last = 0;
  if (!is_tail_read(b, found, &last)) return;
  FactOperation row = {.owner = self->owner,
                       .caller = scope_caller(b, found->mention),
                       .place = place_of(found->mention),
                       .kind = OPERATION_TAIL,
                       .argument = last < UINT8_MAX ? (uint8_t)last : 0,
                       .flags = found->via};
  vec_push(b->arena, &b->operations, row);
}

// `x.default_factory = None`: from there on only what is stored makes an entry.
static void freeze(FactsBuilder *b) {
  const uint32_t made = CONTAINER_FILLS | CONTAINER_FILLS_PLAIN | CONTAINER_DEFAULTS;
  if (b->containers.count == 0) return;
  b->containers.items[b->containers.count - 1].flags &= ~made;
}

void gather_finish(Gathering *self) {
  gather_tests(self);
  for (uint32_t i = 0; i < self->found.count; i++) {
    const Found *found = &self->found.items[i];
    bool is_read = found->op.kind == OPERATION_READ;
    if (found->op.is_frozen && self->type != VALUE_UNKNOWN) freeze(self->b);
    if (is_read && self->may_fill) lookup_add(self, found);
    if (self->is_elsewhere) tail_add(self, found);
    if (is_wanted(self, found)) row_add(self, i);
  }
}
