#include "index/facts_internal.h"
#include "semantic/flow.h"

// Bounds that keep the work linear; beyond them a growth counts as guarded.
enum { ALIASES_MAX = 16, PATHS_MAX = 8, TESTS_MAX = 64, USES_MAX = 64, LOOK_BACK = 64 };

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
  if (uses.unknown || uses.escapes_scope) {
    Operation escaped = {.kind = OPERATION_ESCAPE, .place = d->node};
    vec_push(self->b->arena, &self->found, (Found){escaped, d->node, NO_NODE, 0});
  }
}

// --- what stands around a growth -----------------------------------------------------

// The block of an if or loop always leaves it: return, raise, continue or break last.
static bool block_leaves(const Tree *t, NodeId block) {
  NodeId last = node_last(t, block);
  while (node_ok(last) && !node_is_named(t, last)) last = node_prev(t, last);
  switch (node_kind(t, last)) {
    case PY_RETURN_STATEMENT:
    case PY_RAISE_STATEMENT:
    case PY_CONTINUE_STATEMENT:
    case PY_BREAK_STATEMENT: return true;
    default: return false;
  }
}

// The statement `test` decides whether `node` runs: it holds it outside of its condition,
// or it leaves before.
static bool test_decides(const Tree *t, NodeId test, NodeId node) {
  NodeId condition = node_field(t, test, FIELD_CONDITION);
  if (node_inside(t, node, test)) return !node_inside(t, node, condition);
  if (node.i < test.i) return false;
  switch (node_kind(t, test)) {
    case PY_ASSERT_STATEMENT: return true;
    case PY_IF_STATEMENT:
      return block_leaves(t, node_field(t, test, FIELD_CONSEQUENCE));
    case PY_ELIF_CLAUSE: return block_leaves(t, node_field(t, test, FIELD_CONSEQUENCE));
    default: return false;
  }
}

// `x.get(k)`, or `x[k]` in a try.
static bool is_lookup(FactsBuilder *b, const Found *f) {
  if (f->op.kind != OPERATION_READ) return false;
  NodeId p = node_parent(b->t, f->mention);
  if (node_is(b->t, p, PY_ATTRIBUTE)) {
    return node_text_is(b->t, node_field(b->t, p, FIELD_ATTRIBUTE), "get");
  }
  return node_is(b->t, p, PY_SUBSCRIPT) &&
         (context_of(b->m, f->mention).flags & CONTEXT_TRY) != 0;
}

// The guards, membership tests and look-ups that may decide about growths.
void gather_tests(Gathering *self) {
  FactsBuilder *b = self->b;
  for (uint32_t i = 0; i < self->found.count; i++) {
    const Found *f = &self->found.items[i];
    bool is_test = node_ok(f->op.test) && (f->op.kind == OPERATION_GUARD ||
                                           (f->op.flags & OPERATION_MEMO) != 0);
    if (is_test || is_lookup(b, f)) vec_push(b->arena, &self->tests, *f);
  }
}

bool gather_is_guarded(const Gathering *self, const Found *growth) {
  if (self->tests.count > TESTS_MAX) return true;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *guard = &self->tests.items[i];
    if (guard->op.kind != OPERATION_GUARD) continue;
    if (!node_eq(guard->function, growth->function)) continue;
    if (test_decides(self->b->t, guard->op.test, growth->mention)) return true;
  }
  return false;
}

// Entries are looked up first and made when missing: a cache.
static bool is_memo(const Gathering *self, const Found *growth) {
  const Tree *t = self->b->t;
  if (self->tests.count > TESTS_MAX) return true;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *read = &self->tests.items[i];
    if (read->op.kind != OPERATION_READ) continue;
    if (!node_eq(read->function, growth->function)) continue;
    if (node_ok(read->op.test)) {
      if (test_decides(t, read->op.test, growth->mention)) return true;
    } else if (read->mention.i < growth->mention.i) {
      return true;
    }
  }
  return false;
}

static bool is_given_back(FactsBuilder *b, NodeId added) {
  NodeId value = node_unwrap(b->t, added);
  if (!node_is(b->t, value, PY_IDENTIFIER)) return false;
  BindingId stored = binding_of(b->m, value);
  DefKind kind = def_get(b->m, binding_only_def(b->m, stored))->kind;
  if (kind != DEF_PARAMETER && kind != DEF_FUNCTION && kind != DEF_CLASS) return false;
  const Binding *binding = binding_get(b->m, stored);
  if (binding->ref_count > USES_MAX) return false;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    NodeId node = node_wrap(b->t, ref_get(b->m, r)->node);
    if (node_is(b->t, node_parent(b->t, node), PY_RETURN_STATEMENT)) return true;
  }
  return false;
}

// f of `f.__code__`, `f.__qualname__`.
static NodeId described_by(const Tree *t, NodeId key) {
  NodeId attribute = node_unwrap(t, key);
  if (!node_is(t, attribute, PY_ATTRIBUTE)) return NO_NODE;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  return str_starts(name, STR("__")) ? node_field(t, attribute, FIELD_OBJECT) : NO_NODE;
}

// Some `return` of the function gives back what the scope defines so.
static bool returns_a(FactsBuilder *b, NodeId function, DefKind kind) {
  ScopeId scope = scope_of(b->m, function);
  for (BindingId i = scope_get(b->m, scope)->first_binding; binding_ok(i);
       i = binding_get(b->m, i)->next) {
    const Binding *binding = binding_get(b->m, i);
    if (def_get(b->m, binding->first_def)->kind != kind) continue;
    for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
      NodeId n = node_wrap(b->t, ref_get(b->m, r)->node);
      bool is_returned = node_is(b->t, node_parent(b->t, n), PY_RETURN_STATEMENT);
      if (is_returned && ref_get(b->m, r)->scope.i == scope.i) return true;
    }
  }
  return false;
}

// `def plugin(name): def register(f): …; return f; return register`.
static bool is_made_decorator(FactsBuilder *b, NodeId function) {
  NodeId maker = context_of(b->m, node_parent(b->t, function)).function;
  if (!node_is(b->t, function, PY_FUNCTION_DEFINITION) ||
      !node_is(b->t, maker, PY_FUNCTION_DEFINITION)) {
    return false;
  }
  bool gives_back =
      returns_a(b, function, DEF_PARAMETER) || returns_a(b, function, DEF_FUNCTION);
  return gives_back && returns_a(b, maker, DEF_FUNCTION);
}

// `register`, `_register_alias`, `registerFactory`: run while the program is set up, for
// all that is seen.
static bool is_named_register(const Tree *t, NodeId function) {
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  Str verb = STR("register");
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  if (!str_starts(name, verb)) return false;
  char next = name.n > verb.n ? name.p[verb.n] : '_';
  return next == '_' || (next >= 'A' && next <= 'Z');
}

// What is added, a part of it, or what the key describes, is a parameter or an inner
// function that the function returns; or it all happens in a decorator.
static bool is_registration(FactsBuilder *b, const Found *growth) {
  if (!node_ok(growth->function)) return false;
  NodeId value = node_unwrap(b->t, growth->op.value);
  if (is_made_decorator(b, growth->function)) return true;
  if (node_is(b->t, value, PY_TUPLE)) {
    NodeId part = node_first_named(b->t, value);
    while (node_ok(part) && !is_given_back(b, part)) part = node_next_named(b->t, part);
    if (node_ok(part)) return true;
  }
  return is_given_back(b, growth->op.value) ||
         is_given_back(b, described_by(b->t, growth->op.key));
}

// --- paths ---------------------------------------------------------------------------

static bool is_keyed_removal(const Found *f) {
  return f->op.kind == OPERATION_SHRINK && node_ok(f->op.key);
}

// Does every path from the growths of the same function pass through this removal?
static uint32_t path_flags(const Gathering *self, uint32_t index) {
  const Found *removal = &self->found.items[index];
  uint32_t asked = 0, flags = 0;
  // `finally: if not users[k]: del users[k]` is the last one that leaves.
  if ((context_of(self->b->m, removal->mention).flags & CONTEXT_FINALLY) != 0) return 0;
  for (uint32_t i = index; i > 0 && index - i < LOOK_BACK && asked < PATHS_MAX; i--) {
    const Found *growth = &self->found.items[i - 1];
    if (growth->op.kind != OPERATION_GROW) continue;
    if (!node_eq(growth->function, removal->function)) continue;
    asked++;
    Answer always =
        flow_always_passes(self->b->m, growth->mention, removal->mention, false);
    if (always == ANSWER_NO) flags |= OPERATION_ONE_PATH;
    if (always == ANSWER_YES) flags |= OPERATION_ALL_PATHS;
  }
  return flags;
}

// --- rows ----------------------------------------------------------------------------

static bool is_wanted(const Gathering *self, const Operation *op) {
  switch (op->kind) {
    case OPERATION_GROW:
    case OPERATION_SHRINK:
    case OPERATION_CLEAR:
    case OPERATION_REBIND: return true;
    case OPERATION_GUARD:
    case OPERATION_READ: return false;
    default: return self->is_full;
  }
}

static uint32_t growth_flags(const Gathering *self, const Found *growth) {
  uint32_t flags = 0;
  if (gather_is_guarded(self, growth)) flags |= OPERATION_GUARDED;
  bool has_key = (growth->op.flags & OPERATION_INDEXED) != 0 ||
                 ((growth->op.flags & OPERATION_MANY) == 0 && node_ok(growth->op.key));
  if (has_key && is_memo(self, growth)) flags |= OPERATION_MEMO;
  if (is_registration(self->b, growth)) flags |= OPERATION_REGISTERS;
  if (is_named_register(self->b->t, growth->function)) flags |= OPERATION_AT_SETUP;
  return flags;
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
      .argument = op->argument < 31 ? (uint8_t)op->argument : 255,
      .flags = op->flags | found->via,
  };
  if (op->kind == OPERATION_GROW) row.flags |= growth_flags(self, found);
  bool is_removal = op->kind == OPERATION_SHRINK;
  if (is_removal && gather_is_guarded(self, found)) {
    row.flags |= OPERATION_GUARDED;
  } else if (is_keyed_removal(found)) {
    row.flags |= path_flags(self, index);
  }
  if (op->kind == OPERATION_GROW || is_removal) {
    Key key = key_of(b, op->key);
    if (key.domain != KEY_NONE && is_of_module(b, op->value)) key.domain = KEY_FINITE;
    row.key = (uint8_t)key.domain;
    row.key_type = (uint8_t)key.type;
    row.other = key.class_name;
  }
  if (op->kind == OPERATION_STORE) row.other = stored_as(b, op->place);
  if (op->kind == OPERATION_PASS) row.other = op->callee;
  vec_push(b->arena, &b->operations, row);
}

void gather_finish(Gathering *self) {
  gather_tests(self);
  for (uint32_t i = 0; i < self->found.count; i++) {
    if (is_wanted(self, &self->found.items[i].op)) row_add(self, i);
  }
}
