#include "index/facts_internal.h"

// What stands around a growth: tests that bound it, look-ups that make it a cache, and
// the signs of a table that is filled while the program is set up.

// Bounds that keep the work linear; beyond them a growth counts as guarded.
enum { TESTS_MAX = 64, USES_MAX = 64, LOOK_BACK = 64 };

// --- tests -----------------------------------------------------------------------------

// The block of an if or loop always leaves it: return, raise, continue or break last.
bool block_leaves(FactsBuilder *b, NodeId block) {
  const Tree *t = b->t;
  NodeId last = node_last(t, block);
  while (node_ok(last) && !node_is_named(t, last)) last = node_prev(t, last);
  switch (node_kind(t, last)) {
    case PY_RETURN_STATEMENT:
    case PY_RAISE_STATEMENT:
    case PY_CONTINUE_STATEMENT:
    case PY_BREAK_STATEMENT: return true;
    case PY_EXPRESSION_STATEMENT: {
      NodeId call = node_first_named(t, last);
      if (!node_is(t, call, PY_CALL)) return false;
      const OutcomeFact *fact =
          knowledge_outcomes(b->m->options.knowledge, name_of_callee(b->m, call));
      return fact != NULL && fact->outcome == OUTCOME_NEVER;
    }
    default: return false;
  }
}

bool test_decides(FactsBuilder *b, NodeId test, NodeId node) {
  const Tree *t = b->t;
  NodeId condition = node_field(t, test, FIELD_CONDITION);
  if (node_inside(t, node, test)) return !node_inside(t, node, condition);
  if (node.i < test.i) return false;
  switch (node_kind(t, test)) {
    case PY_ASSERT_STATEMENT: return true;
    case PY_IF_STATEMENT:
      return block_leaves(b, node_field(t, test, FIELD_CONSEQUENCE));
    case PY_ELIF_CLAUSE: return block_leaves(b, node_field(t, test, FIELD_CONSEQUENCE));
    default: return false;
  }
}

NodeId suppressing_around(FactsBuilder *b, NodeId node) {
  for (NodeId w = with_around(b->m, node, NO_NODE); node_ok(w);
       w = with_around(b->m, node, w)) {
    NodeId call = node_unwrap(b->t, node_field(b->t, w, FIELD_VALUE));
    if (node_is(b->t, call, PY_CALL) &&
        str_is(name_of_callee(b->m, call), "contextlib.suppress")) {
      return node_ancestor(b->t, w, PY_WITH_STATEMENT);
    }
  }
  return NO_NODE;
}

// `x.get(k)`, `k in x.keys()`, or `x[k]` in a try.
static bool is_lookup(FactsBuilder *b, const Found *f) {
  if (f->op.kind != OPERATION_READ) return false;
  NodeId p = node_parent(b->t, f->mention);
  if (node_is(b->t, p, PY_ATTRIBUTE)) {
    NodeId method = node_field(b->t, p, FIELD_ATTRIBUTE);
    return node_text_is(b->t, method, "get") || node_text_is(b->t, method, "keys") ||
           node_text_is(b->t, method, "__contains__");
  }
  return node_is(b->t, p, PY_SUBSCRIPT) &&
         ((context_of(b->m, f->mention).flags & CONTEXT_TRY) != 0 ||
          node_ok(suppressing_around(b, f->mention)));
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
    if (test_decides(self->b, guard->op.test, growth->mention)) return true;
  }
  return false;
}

// Entries are looked up first and made when missing: a cache.
static bool is_memo(const Gathering *self, const Found *growth) {
  if (self->tests.count > TESTS_MAX) return true;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *read = &self->tests.items[i];
    if (read->op.kind != OPERATION_READ) continue;
    if (!node_eq(read->function, growth->function)) continue;
    if (node_ok(read->op.test)) {
      if (test_decides(self->b, read->op.test, growth->mention)) return true;
    } else if (read->mention.i < growth->mention.i) {
      return true;
    }
  }
  return false;
}

// `if not TABLE: … TABLE.extend(…)`, `if _loaded is None: … _loaded = True`: what stands
// in it runs once.
static bool is_first_time(FactsBuilder *b, NodeId test) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, node_field(t, test, FIELD_CONDITION));
  if (node_is(t, n, PY_NOT_OPERATOR)) {
    n = node_unwrap(t, node_field(t, n, FIELD_ARGUMENT));
  } else if (node_is(t, n, PY_COMPARISON_OPERATOR) &&
             node_ok(node_child(t, n, PY_KW_IS))) {
    n = node_unwrap(t, node_first_named(t, n));
  }
  const Binding *flag = binding_get(b->m, binding_of(b->m, n));
  if (!node_is(t, n, PY_IDENTIFIER) || flag->scope.i != MODULE_SCOPE.i) return false;
  NodeId block = node_field(t, test, FIELD_CONSEQUENCE);
  for (DefId d = flag->first_def; def_ok(d); d = def_next(b->m, d)) {
    if (node_inside(t, def_get(b->m, d)->node, block)) return true;
  }
  uint32_t seen = 0;
  for (RefId r = flag->first_ref; ref_ok(r) && seen < USES_MAX;
       r = ref_next(b->m, r), seen++) {
    NodeId use = ref_get(b->m, r)->node;
    if (!node_inside(t, use, block)) continue;
    if (operation_at(b, use, VALUE_UNKNOWN).kind == OPERATION_GROW) return true;
  }
  return false;
}

static bool runs_once(FactsBuilder *b, const Found *growth) {
  const Tree *t = b->t;
  NodeId n = growth->mention;
  for (uint32_t i = 0; i < LOOK_BACK && node_ok(n) && !node_eq(n, growth->function);
       i++) {
    NodeId p = node_parent(t, node_wrap(t, n));
    bool is_branch =
        node_is(t, p, PY_IF_STATEMENT) && node_role(t, n) == FIELD_CONSEQUENCE;
    if (is_branch && is_first_time(b, p)) return true;
    n = p;
  }
  return false;
}

// `key == "a"`, `key in ("a", "b")`.
static bool compares_with_literals(const Tree *t, NodeId test, Str key) {
  NodeId right = node_unwrap(t, node_named_at(t, test, 1));
  if (!node_is(t, test, PY_COMPARISON_OPERATOR) ||
      !str_eq(node_text(t, node_first_named(t, test)), key)) {
    return false;
  }
  if (node_ok(node_child(t, test, PY_OP_EQ))) return node_is(t, right, PY_STRING);
  bool is_display = node_is(t, right, PY_TUPLE) || node_is(t, right, PY_LIST) ||
                    node_is(t, right, PY_SET);
  return node_ok(node_child(t, test, PY_KW_IN)) && is_display;
}

// `if key == "a": x[key] = …`: one of the keys that are written out.
static bool is_one_of_known(const Tree *t, const Found *growth, NodeId key) {
  NodeId n = growth->mention;
  for (uint32_t i = 0; i < LOOK_BACK && node_ok(n) && !node_eq(n, growth->function);
       i++) {
    NodeId p = node_parent(t, node_wrap(t, n));
    bool is_branch =
        (node_is(t, p, PY_IF_STATEMENT) || node_is(t, p, PY_ELIF_CLAUSE)) &&
        node_role(t, n) == FIELD_CONSEQUENCE;
    NodeId test =
        is_branch ? node_unwrap(t, node_field(t, p, FIELD_CONDITION)) : NO_NODE;
    if (compares_with_literals(t, test, node_text(t, key))) return true;
    n = p;
  }
  return false;
}

// `if key not in KNOWN: raise …`, `assert key in KNOWN`: there are as many keys as are known.
bool is_validated(FactsBuilder *b, const Found *growth) {
  const Tree *t = b->t;
  NodeId key = node_unwrap(t, growth->op.key);
  if (!node_is(t, key, PY_IDENTIFIER)) return false;
  if (is_one_of_known(t, growth, key)) return true;
  RefId r = binding_get(b->m, binding_of(b->m, key))->first_ref;
  uint32_t seen = 0;
  for (; ref_ok(r) && seen < USES_MAX; r = ref_next(b->m, r), seen++) {
    NodeId n = node_wrap(t, ref_get(b->m, r)->node), test = node_parent(t, n);
    if (!node_is(t, test, PY_COMPARISON_OPERATOR) ||
        !node_eq(n, node_first_named(t, test)))
      continue;
    NodeId statement = node_parent(t, node_wrap(t, test));
    bool is_asserted =
        node_is(t, statement, PY_ASSERT_STATEMENT) && statement.i < growth->mention.i;
    if (is_asserted && node_ok(node_child(t, test, PY_KW_IN))) return true;
    if (!node_ok(node_child(t, test, PY_KW_NOT_IN))) continue;
    if (!node_is(t, statement, PY_IF_STATEMENT) || statement.i > growth->mention.i)
      continue;
    NodeId last = node_last(t, node_field(t, statement, FIELD_CONSEQUENCE));
    while (node_ok(last) && !node_is_named(t, last)) last = node_prev(t, last);
    if (node_is(t, last, PY_RAISE_STATEMENT)) return true;
  }
  return false;
}

static bool is_given_back(FactsBuilder *b, NodeId added) {
  NodeId value = node_unwrap(b->t, added);
  if (!node_is(b->t, value, PY_IDENTIFIER)) return false;
  BindingId stored = binding_of(b->m, value);
  const Def *def = def_get(b->m, binding_only_def(b->m, stored));
  DefKind kind = def->kind;
  // `done = cast(Done, function)` is the function.
  bool is_cast =
      kind == DEF_ASSIGN && node_is(b->t, node_unwrap(b->t, def->value), PY_CALL) &&
      str_is(name_of_callee(b->m, node_unwrap(b->t, def->value)), "typing.cast");
  if (kind != DEF_PARAMETER && kind != DEF_FUNCTION && kind != DEF_CLASS && !is_cast)
    return false;
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

// `add_write_hook`, `AddPackagePath`: what extends the program.
static bool adds_extension(Str name) {
  static const char *const words[] = {
      "application", "backend", "command",    "converter", "directive",
      "extension",   "filter",  "font",       "format",    "handler",
      "hook",        "method",  "middleware", "package",   "packagepath",
      "plugin",      "role",    "route",      "rule",      "translation",
      "type",        NULL};
  char lower[48];
  Str all = str_lower(name, lower, sizeof lower);
  bool adds = str_starts(all, STR("add")) || str_starts(all, STR("replace"));
  return adds && str_ends_any(all, words);
}

// `register`, `_register_alias`, `setupPlugins`, `async_setup`: run while the program is
// set up, for all that is seen.
static bool is_named_for_setup(const Tree *t, NodeId function) {
  static const char *const verbs[] = {"attach",   "bind",    "bootstrap", "configure",
                                      "declare",  "define",  "disable",   "enable",
                                      "exclude",  "include", "init",      "initialize",
                                      "install",  "mount",   "override",  "patch",
                                      "register", "set",     "setup",     "watch"};
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  if (str_starts(name, STR("__"))) return false;
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  if (str_starts(name, STR("async_"))) name = str_slice(name, 6, name.n);
  for (uint32_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    Str verb = str_from(verbs[i]);
    if (!str_starts(name, verb)) continue;
    char next = name.n > verb.n ? name.p[verb.n] : '_';
    if (next == '_' || (next >= 'A' && next <= 'Z')) return true;
  }
  return adds_extension(name);
}

// `add = lambda x: ALL.append(x)` that the module alone calls.
static bool is_lambda_of_import(FactsBuilder *b, NodeId function) {
  enum { CALLS_MAX = 64 };
  if (!node_is(b->t, function, PY_LAMBDA)) return false;
  NodeId assignment = node_parent(b->t, node_wrap(b->t, function));
  NodeId left = node_field(b->t, assignment, FIELD_LEFT);
  if (!node_is(b->t, left, PY_IDENTIFIER)) return false;
  RefId r = binding_get(b->m, binding_of(b->m, left))->first_ref;
  uint32_t seen = 0;
  for (; ref_ok(r) && seen < CALLS_MAX; r = ref_next(b->m, r), seen++) {
    NodeId use = ref_get(b->m, r)->node;
    if ((context_of(b->m, use).flags & CONTEXT_IMPORT_TIME) == 0) return false;
  }
  return seen > 0 && seen < CALLS_MAX;
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

// `while len(xs) >= LIMIT and …: wait()` above it, whatever else the test asks.
static bool waits_before(const Gathering *self, const Found *growth) {
  const Tree *t = self->b->t;
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *guard = &self->tests.items[i];
    NodeId test = guard->op.test;
    bool is_loop =
        guard->op.kind == OPERATION_GUARD && node_is(t, test, PY_WHILE_STATEMENT);
    NodeId comparison = node_parent(t, node_wrap(t, guard->op.place));
    if (is_loop && node_is(t, comparison, PY_COMPARISON_OPERATOR) &&
        node_eq(guard->function, growth->function) &&
        node_after(t, test) <= growth->mention.i) {
      return true;
    }
  }
  return false;
}

// `kept = x.setdefault(k, {})`: what is there already is looked up.
static bool gives_what_is_there(const Gathering *self, const Found *growth) {
  const Tree *t = self->b->t;
  if (!growth->op.is_setdefault) return false;
  NodeId n = node_wrap(t, growth->op.place), p = node_parent(t, n);
  bool is_bound = node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_RIGHT;
  return is_bound || node_is(t, p, PY_RETURN_STATEMENT);
}

uint32_t growth_flags(const Gathering *self, const Found *growth) {
  uint32_t flags = 0;
  bool is_bounded = gather_is_guarded(self, growth) || runs_once(self->b, growth) ||
                    waits_before(self, growth) || is_validated(self->b, growth);
  if (is_bounded) flags |= OPERATION_GUARDED;
  bool has_key = (growth->op.flags & OPERATION_INDEXED) != 0 ||
                 ((growth->op.flags & OPERATION_MANY) == 0 && node_ok(growth->op.key));
  if (has_key && (is_memo(self, growth) || gives_what_is_there(self, growth)))
    flags |= OPERATION_MEMO;
  if (is_registration(self->b, growth)) flags |= OPERATION_REGISTERS;
  bool is_setup = is_named_for_setup(self->b->t, growth->function) ||
                  is_lambda_of_import(self->b, growth->function);
  if (is_extension(self->b, self->owner, growth->op.value)) flags |= OPERATION_EXTENDS;
  if (is_setup) flags |= OPERATION_AT_SETUP;
  if (starts_work(self->b, growth->op.value)) flags |= OPERATION_STARTED;
  return flags;
}
