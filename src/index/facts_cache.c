#include "index/facts_internal.h"
#include "semantic/classes.h"
#include "semantic/flow.h"

// Caches made by hand: what is missing in a container is made and put into it.
//
//     if k not in x: x[k] = f(k)                 try: return x[k]
//     v = x.get(k)                               except KeyError: pass
//     if v is None: v = x[k] = f(k)              x[k] = f(k)

enum { REFS_MAX = 64, NAMES_MAX = 6, CLIMB_MAX = 64 };

// --- keys ----------------------------------------------------------------------------

static uint64_t hash_add(uint64_t hash, Str text) {
  for (uint32_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\\') continue;
    hash = (hash ^ (uint8_t)c) * UINT64_C(1099511628211);
  }
  return hash;
}

// A key as it is written, without blanks and the parentheses around it; names that stand
// for an expression are that.
uint64_t key_hash(FactsBuilder *b, NodeId key) {
  const Tree *t = b->t;
  const uint64_t begin = UINT64_C(14695981039346656037);
  if (node_role(t, key) == FIELD_SUBSCRIPT && node_ok(node_next_same_field(t, key))) {
    NodeId last = key;
    for (NodeId n = key; node_ok(n); n = node_next_same_field(t, n)) last = n;
    return hash_add(begin,
                    str_slice(t->source->text, node_start(t, key), node_stop(t, last)));
  }
  NodeId n = node_unwrap(t, behind_name(b, key));
  for (uint32_t i = 0; i < NAMES_MAX && node_is(t, n, PY_NAMED_EXPRESSION); i++) {
    n = node_unwrap(t, node_field(t, n, FIELD_VALUE));
  }
  if (!node_is(t, n, PY_TUPLE)) return hash_add(begin, node_text(t, n));
  NodeId first = node_first_named(t, n), last = first;
  for (NodeId c = first; node_ok(c); c = node_next_named(t, c)) last = c;
  return hash_add(begin,
                  str_slice(t->source->text, node_start(t, first), node_stop(t, last)));
}

NodeId key_asked(const Tree *t, NodeId mention) {
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  if (node_is(t, p, PY_SUBSCRIPT)) return node_field(t, p, FIELD_SUBSCRIPT);
  NodeId call = node_parent(t, p);
  if (node_is(t, p, PY_ATTRIBUTE) && node_is(t, call, PY_CALL)) {
    NodeId key = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
    if (node_ok(key)) return key;
    p = node_parent(t, node_wrap(t, call));  // `k in x.keys()`
  }
  return node_is(t, p, PY_COMPARISON_OPERATOR) ? node_named_at(t, p, 0) : NO_NODE;
}

// --- what decides --------------------------------------------------------------------

bool is_where_missing(const Tree *t, NodeId comparison, NodeId statement, NodeId node) {
  bool asks_missing = node_ok(node_child(t, comparison, PY_KW_NOT_IN));
  bool is_whole = true;
  NodeId condition = node_field(t, statement, FIELD_CONDITION);
  for (NodeId n = node_wrap(t, comparison);
       !node_eq(n, condition) && node_inside(t, n, condition);
       n = node_wrap(t, node_parent(t, n))) {
    NodeId p = node_parent(t, n);
    if (node_is(t, p, PY_NOT_OPERATOR)) asks_missing = !asks_missing;
    if (node_is(t, p, PY_BOOLEAN_OPERATOR)) is_whole = false;
  }
  if (!is_whole || !node_ok(condition)) return true;
  NodeId consequence = node_field(t, statement, FIELD_CONSEQUENCE);
  if (!node_ok(consequence)) consequence = node_field(t, statement, FIELD_BODY);
  return node_inside(t, node, consequence) == asks_missing;
}

// The name that gets what a look-up gives.
static BindingId name_given(FactsBuilder *b, NodeId lookup) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, lookup), p = node_parent(t, n);
  if (node_is(t, p, PY_NAMED_EXPRESSION)) {
    return binding_of(b->m, node_field(t, p, FIELD_NAME));
  }
  for (uint32_t i = 0; i < NAMES_MAX && node_is(t, p, PY_ASSIGNMENT); i++) {
    NodeId left = node_field(t, p, FIELD_LEFT);
    if (node_is(t, left, PY_IDENTIFIER)) return binding_of(b->m, left);
    p = node_parent(t, p);
  }
  return (BindingId){0};
}

// `if v is None:` around the growth, or `if v is not None: return v` above it.
static bool name_decides(FactsBuilder *b, BindingId name, NodeId growth) {
  if (!binding_ok(name)) return false;
  uint32_t seen = 0;
  for (RefId r = ref_first(b->m, name); ref_ok(r) && seen < REFS_MAX;
       r = ref_next(b->m, r), seen++) {
    NodeId test = test_statement(b->t, ref_get(b->m, r)->node);
    if (node_ok(test) && test_decides(b, test, growth)) return true;
  }
  return false;
}

// The growth stands in the handler of the try, or behind a try that was left with what
// was found.
static bool try_decides(FactsBuilder *b, NodeId lookup, NodeId growth) {
  const Tree *t = b->t;
  NodeId around = try_around(b->m, lookup, NO_NODE);
  if (!node_ok(around)) around = suppressing_around(b, lookup);
  if (!node_ok(around)) return false;
  for (NodeId c = node_first(t, around); node_ok(c); c = node_next(t, c)) {
    if (node_is(t, c, PY_EXCEPT_CLAUSE) && node_inside(t, growth, c)) return true;
  }
  if (growth.i < node_after(t, around)) return false;
  if (block_leaves(b, node_field(t, around, FIELD_BODY))) return true;
  NodeId other = node_child(t, around, PY_ELSE_CLAUSE);
  return node_ok(other) && block_leaves(b, node_field(t, other, FIELD_BODY));
}

// `if k in x: raise KeyError(k)`: what is there twice is a mistake.
static bool is_refused(const Tree *t, NodeId test, NodeId growth) {
  NodeId block = node_field(t, test, FIELD_CONSEQUENCE), last = NO_NODE;
  for (NodeId n = node_first_named(t, block); node_ok(n); n = node_next_named(t, n)) {
    last = n;
  }
  return !node_inside(t, growth, test) && node_is(t, last, PY_RAISE_STATEMENT);
}

static bool lookup_decides(FactsBuilder *b, const Found *lookup, const Found *growth) {
  const Tree *t = b->t;
  if (node_ok(lookup->op.test)) {
    NodeId comparison = node_parent(t, node_wrap(t, lookup->mention));
    if (is_refused(t, lookup->op.test, growth->mention)) return false;
    return test_decides(b, lookup->op.test, growth->mention) &&
           is_where_missing(t, comparison, lookup->op.test, growth->mention);
  }
  if (lookup->mention.i > growth->mention.i) return false;
  NodeId n = node_wrap(t, lookup->mention), p = node_parent(t, n);
  NodeId found = node_is(t, p, PY_ATTRIBUTE) ? node_parent(t, p) : p;
  NodeId test = test_statement(t, found);
  if (node_ok(test) && test_decides(b, test, growth->mention)) return true;
  if (name_decides(b, name_given(b, found), growth->mention)) return true;
  return node_is(t, found, PY_SUBSCRIPT) && try_decides(b, found, growth->mention);
}

static bool is_looked_up(const Gathering *self, const Found *growth, NodeId key) {
  FactsBuilder *b = self->b;
  uint64_t wanted = key_hash(b, key);
  for (uint32_t i = 0; i < self->tests.count; i++) {
    const Found *read = &self->tests.items[i];
    if (read->op.kind != OPERATION_READ) continue;
    if (!node_eq(read->function, growth->function)) continue;
    NodeId asked = key_asked(b->t, read->mention);
    if (!node_ok(asked) || key_hash(b, asked) != wanted) continue;
    if (lookup_decides(b, read, growth)) return true;
  }
  return false;
}

// --- what is put in ------------------------------------------------------------------

// `[]`, `dict()`: something to be filled later.
static bool is_empty_container(FactsBuilder *b, NodeId value) {
  FactContainer made = {0};
  PyKind kind = node_kind(b->t, value);
  if (kind == PY_CALL && !call_has_arguments(b->m, value)) {
    NodeId made_by = value_of(b->m, value).definition;  // class Bunch(dict)
    bool is_container = node_is(b->t, made_by, PY_CLASS_DEFINITION) &&
                        (class_base_flags(b->m, made_by) & BASE_BUILTIN) != 0;
    if (is_container) return true;
  }
  bool is_comprehension = kind == PY_LIST_COMPREHENSION ||
                          kind == PY_DICTIONARY_COMPREHENSION ||
                          kind == PY_SET_COMPREHENSION;
  return !is_comprehension && container_read(b, value, &made) &&
         (made.flags & CONTAINER_FILLED) == 0;
}

static bool is_work(PyKind kind) {
  switch (kind) {
    case PY_CALL:
    case PY_AWAIT:
    case PY_BINARY_OPERATOR:
    case PY_INTERPOLATION:
    case PY_LIST_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_SUBSCRIPT: return true;
    default: return false;
  }
}

static NodeId assigned_value(const Tree *t, NodeId value) {
  value = node_unwrap(t, value);
  for (uint32_t i = 0; i < NAMES_MAX; i++) {
    if (node_is(t, value, PY_ASSIGNMENT)) {
      value = node_unwrap(t, node_field(t, value, FIELD_RIGHT));  // x[k] = v = …
    } else if (node_is(t, value, PY_NAMED_EXPRESSION)) {
      value = node_unwrap(t, node_field(t, value, FIELD_VALUE));
    }
  }
  return value;
}

static bool is_made_of(FactsBuilder *b, NodeId value) {
  enum { NODES_MAX = 200 };
  if (is_empty_container(b, value)) return false;
  uint32_t after = node_after(b->t, value);
  if (after - value.i > NODES_MAX) return true;
  for (uint32_t i = value.i; i < after; i++) {
    if (is_work(node_kind(b->t, (NodeId){i}))) return true;
  }
  return false;
}

static bool is_made_by(FactsBuilder *b, const Def *d) {
  if (d->kind == DEF_WITH) return true;
  bool is_assigned =
      d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED || d->kind == DEF_WALRUS;
  if (!is_assigned || !node_ok(d->value)) return d->kind == DEF_AUGMENTED;
  return (d->flags & DEF_UNPACKED) != 0 ||
         is_made_of(b, assigned_value(b->t, d->value));
}

// Some work went into the value: it is no constant, no argument, and not empty.
static bool is_made(FactsBuilder *b, NodeId value) {
  const Tree *t = b->t;
  value = assigned_value(t, value);
  for (uint32_t i = 0; i < NAMES_MAX && node_is(t, value, PY_IDENTIFIER); i++) {
    RefId ref = ref_at(b->m, value);
    if (!ref_ok(ref)) return false;
    DefList defs = flow_defs_reaching(b->m, ref);
    if (defs.unknown || defs.count == 0) return false;
    if (defs.count > 1) {
      for (uint32_t d = 0; d < defs.count && d < NAMES_MAX; d++) {
        if (is_made_by(b, def_get(b->m, defs.items[d]))) return true;
      }
      return false;
    }
    const Def *d = def_get(b->m, defs.items[0]);
    NodeId next = node_ok(d->value) ? assigned_value(t, d->value) : NO_NODE;
    bool is_name = node_is(t, next, PY_IDENTIFIER) && (d->flags & DEF_UNPACKED) == 0 &&
                   (d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED);
    if (!is_name) return is_made_by(b, d);
    value = next;
  }
  return node_ok(value) && is_made_of(b, value);
}

// --- what is taken out ---------------------------------------------------------------

static bool gives_values(const Tree *t, const Found *found) {
  NodeId n = node_wrap(t, found->mention), p = node_parent(t, n);
  if (found->op.kind == OPERATION_GROW && found->op.is_setdefault) {
    NodeId call = node_wrap(t, node_parent(t, p));
    return !node_is(t, node_parent(t, call), PY_EXPRESSION_STATEMENT);
  }
  if (node_is(t, p, PY_SUBSCRIPT)) return found->op.kind == OPERATION_READ;
  if (!node_is(t, p, PY_ATTRIBUTE)) return false;
  NodeId method = node_field(t, p, FIELD_ATTRIBUTE);
  return node_text_is(t, method, "get") || node_text_is(t, method, "values") ||
         node_text_is(t, method, "items") || node_text_is(t, method, "__getitem__");
}

// Somebody asks for the values, and not only whether a key is there.
static bool is_read_back(Gathering *self) {
  if (self->values_read == 0) {
    self->values_read = 1;
    for (uint32_t i = 0; i < self->found.count && self->values_read == 1; i++) {
      if (gives_values(self->b->t, &self->found.items[i])) self->values_read = 2;
    }
  }
  return self->values_read == 2;
}

// --- entry ---------------------------------------------------------------------------

bool fills_cache(Gathering *self, const Found *growth, Origin *origin) {
  FactsBuilder *b = self->b;
  const Operation *op = &growth->op;
  const uint32_t other = OPERATION_NESTED | OPERATION_COUNTS | OPERATION_MANY;
  if ((op->flags & OPERATION_INDEXED) == 0 || (op->flags & other) != 0) return false;
  if (!node_ok(op->key) || !node_ok(growth->function)) return false;
  if (!op->is_setdefault && !is_looked_up(self, growth, op->key)) return false;
  if (!is_read_back(self)) return false;
  *origin = origin_of(b, op->key);
  return origin->is_argument && is_made(b, op->value);
}
