#include "index/facts_internal.h"
#include "semantic/flow.h"

// x[k] where reading it makes the entry that is missing: a defaultdict.

enum { USES_MAX = 64 };

// --- what is made --------------------------------------------------------------------

static uint32_t named_factory_flags(Str name) {
  static const char *const plain[] = {
      "builtins.bool",      "builtins.bytes", "builtins.complex", "builtins.float",
      "builtins.frozenset", "builtins.int",   "builtins.str",     "builtins.tuple"};
  static const char *const filled[] = {
      "builtins.bytearray", "builtins.dict",          "builtins.list",
      "builtins.set",       "collections.Counter",    "collections.OrderedDict",
      "collections.deque",  "collections.defaultdict"};
  for (uint32_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    if (str_is(name, plain[i])) return CONTAINER_FILLS | CONTAINER_FILLS_PLAIN;
  }
  for (uint32_t i = 0; i < sizeof filled / sizeof *filled; i++) {
    if (str_is(name, filled[i])) return CONTAINER_FILLS;
  }
  return 0;
}

// What `lambda: …` gives.
static uint32_t value_flags(FactsBuilder *b, NodeId value) {
  const uint32_t plain = CONTAINER_FILLS | CONTAINER_FILLS_PLAIN;
  value = node_unwrap(b->t, value);
  if (is_written_out(b, value)) return plain;
  switch (node_kind(b->t, value)) {
    case PY_TUPLE: return plain;
    case PY_LIST:
    case PY_DICTIONARY:
    case PY_SET:
    case PY_LIST_COMPREHENSION: return CONTAINER_FILLS;
    case PY_CALL: return named_factory_flags(name_of_callee(b->m, value));
    default: return 0;
  }
}

uint32_t factory_flags(FactsBuilder *b, NodeId call) {
  NodeId factory = NO_NODE, maker = name_value(b->m, call_callee(b->m, call));
  bool is_partial = node_is(b->t, maker, PY_CALL);  // partial(defaultdict, list)()
  if (call_argument(b->m, is_partial ? maker : call, is_partial ? 1 : 0, NULL,
                    &factory) != ARG_PRESENT) {
    return 0;
  }
  factory = node_unwrap(b->t, factory);
  if (node_is(b->t, factory, PY_LAMBDA)) {
    return value_flags(b, node_field(b->t, factory, FIELD_BODY));
  }
  if (node_is(b->t, factory, PY_CALL)) {  // partial(defaultdict, int)
    bool makes_one = str_is(name_of_callee(b->m, factory), "functools.partial");
    NodeId made = node_first_named(b->t, node_field(b->t, factory, FIELD_ARGUMENTS));
    return makes_one ? named_factory_flags(name_of(b->m, made)) : 0;
  }
  return named_factory_flags(name_of(b->m, factory));
}

// --- what is done with it ------------------------------------------------------------

// The definition of the name that alone keeps it: `v = x[k]`, `(v := x[k])`.
static DefId kept_by(FactsBuilder *b, NodeId value) {
  const Tree *t = b->t;
  NodeId p = node_parent(t, node_wrap(t, value)), name = NO_NODE;
  if (node_is(t, p, PY_NAMED_EXPRESSION)) name = node_field(t, p, FIELD_NAME);
  bool is_only =
      node_is(t, p, PY_ASSIGNMENT) && !node_is(t, node_parent(t, p), PY_ASSIGNMENT);
  if (is_only) name = node_field(t, p, FIELD_LEFT);
  return node_is(t, name, PY_IDENTIFIER) ? def_at(b->m, name) : (DefId){0};
}

// `a, b = x[k]`.
static bool is_unpacked(const Tree *t, NodeId value) {
  NodeId p = node_parent(t, node_wrap(t, value));
  if (node_is(t, p, PY_BOOLEAN_OPERATOR)) p = node_parent(t, node_wrap(t, p));
  PyKind left = node_kind(t, node_field(t, p, FIELD_LEFT));
  return node_is(t, p, PY_ASSIGNMENT) &&
         (left == PY_PATTERN_LIST || left == PY_TUPLE_PATTERN ||
          left == PY_LIST_PATTERN);
}

// False where it is changed: the entry is meant to be made. Else whether it is handed on.
static bool is_only_read(FactsBuilder *b, NodeId value, uint32_t *flags) {
  const Tree *t = b->t;
  if (is_unpacked(t, value)) return true;
  NodeId p = node_parent(t, node_wrap(t, value));
  if (node_is(t, p, PY_EXPRESSION_STATEMENT) || node_is(t, p, PY_WITH_ITEM))
    return false;
  Operation op = operation_at(b, value, VALUE_UNKNOWN);
  switch (op.kind) {
    case OPERATION_READ:
    case OPERATION_GUARD: return true;
    case OPERATION_RETURN: *flags |= OPERATION_GIVEN; return true;
    case OPERATION_PASS:
    case OPERATION_ESCAPE:
    case OPERATION_STORE:
    case OPERATION_ALIAS: *flags |= OPERATION_HANDED; return true;
    default: return false;
  }
}

static bool name_is_only_read(FactsBuilder *b, DefId name, uint32_t *flags) {
  RefList uses = flow_uses_of(b->m, name);
  if (uses.unknown || uses.escapes_scope || uses.count > USES_MAX) {
    *flags |= OPERATION_HANDED;
  }
  for (uint32_t i = 0; i < uses.count && i < USES_MAX; i++) {
    NodeId use = ref_get(b->m, uses.items[i])->node;
    NodeId outer = outermost_item(b->t, use);
    NodeId asked = node_eq(outer, use) ? use : node_field(b->t, outer, FIELD_VALUE);
    if (!is_only_read(b, asked, flags)) return false;
  }
  return true;
}

static bool value_is_only_read(FactsBuilder *b, NodeId subscript, uint32_t *flags) {
  NodeId outer = outermost_item(b->t, subscript);
  if (!node_eq(outer, subscript)) {
    return is_only_read(b, node_field(b->t, outer, FIELD_VALUE), flags);
  }
  DefId name = kept_by(b, subscript);
  return def_ok(name) ? name_is_only_read(b, name, flags)
                      : is_only_read(b, subscript, flags);
}

// --- what else happens to the key ----------------------------------------------------

// They stand in two branches of one `if`: never both of them run.
static bool is_one_of_two(const Tree *t, NodeId a, NodeId b) {
  for (NodeId n = node_ancestor(t, a, PY_IF_STATEMENT); node_ok(n);
       n = node_ancestor(t, n, PY_IF_STATEMENT)) {
    if (!node_inside(t, b, n)) continue;
    NodeId of_a = NO_NODE, of_b = NO_NODE;
    for (NodeId c = node_first_named(t, n); node_ok(c); c = node_next_named(t, c)) {
      bool is_branch = node_is(t, c, PY_BLOCK) || node_is(t, c, PY_ELIF_CLAUSE) ||
                       node_is(t, c, PY_ELSE_CLAUSE);
      if (is_branch && node_inside(t, a, c)) of_a = c;
      if (is_branch && node_inside(t, b, c)) of_b = c;
    }
    return node_ok(of_a) && node_ok(of_b) && !node_eq(of_a, of_b);
  }
  return false;
}

// The same function asks whether the key is there, or puts it there.
static bool is_known_key(const Gathering *self, const Found *read, uint64_t key) {
  FactsBuilder *b = self->b;
  for (uint32_t i = 0; i < self->found.count; i++) {
    const Found *other = &self->found.items[i];
    bool is_growth = other->op.kind == OPERATION_GROW;
    bool asks = other->op.kind == OPERATION_READ &&
                !node_is(b->t, node_parent(b->t, node_wrap(b->t, other->mention)),
                         PY_SUBSCRIPT);
    if (!node_eq(other->function, read->function) || (!is_growth && !asks)) continue;
    NodeId known = is_growth ? other->op.key : key_asked(b->t, other->mention);
    bool is_apart = is_growth && is_one_of_two(b->t, other->mention, read->mention);
    if (node_ok(known) && !is_apart && key_hash(b, known) == key) return true;
  }
  return false;
}

bool is_lookup_of_argument(const Gathering *self, const Found *read, Lookup *out) {
  enum { FOUND_MAX = 256 };
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  NodeId n = node_wrap(t, read->mention), subscript = node_parent(t, n);
  if (!node_is(t, subscript, PY_SUBSCRIPT) || node_role(t, n) != FIELD_VALUE)
    return false;
  NodeId key = node_field(t, subscript, FIELD_SUBSCRIPT);
  bool is_function = node_is(t, read->function, PY_FUNCTION_DEFINITION);
  if (!is_function || node_is(t, key, PY_SLICE) || self->found.count > FOUND_MAX) {
    return false;
  }
  *out = (Lookup){.key = key_of(b, key)};
  if (out->key.domain == KEY_CONSTANT || out->key.domain == KEY_FINITE) return false;
  Origin origin = origin_of(b, key);
  out->parameters = origin.parameters;
  return origin.is_argument && !origin_is(b, key, read->mention) &&
         !is_known_key(self, read, key_hash(b, key)) &&
         value_is_only_read(b, subscript, &out->flags);
}
