#include "index/facts_internal.h"
#include "semantic/rounds.h"

enum { LOOPS_MAX = 8, NAMES_DEPTH = 4, CHAIN_MAX = 16 };

// What is written out tells its length, under a name too; anything else has to be
// followed.
static bool is_plain_source(FactsBuilder *b, NodeId source) {
  NodeId n = node_unwrap(b->t, source);
  if (node_is(b->t, n, PY_IDENTIFIER)) {
    n = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)))->value;
  }
  PyKind kind = node_kind(b->t, node_unwrap(b->t, n));
  return kind == PY_TUPLE || kind == PY_LIST || kind == PY_CALL;
}

// --- settings ------------------------------------------------------------------------

// `config`, `_conf`, `feed_options`, `SETTINGS`: what somebody wrote by hand.
static bool names_settings(Str name) {
  static const char *const words[] = {
      "argv",          "cfg",     "conf", "confs",    "config", "configs",
      "configuration", "options", "opts", "settings", NULL};
  char lower[16];
  while (str_ends(name, STR("_"))) name = str_slice(name, 0, name.n - 1);
  return str_is_any(str_lower(str_after_last(name, '_'), lower, sizeof lower), words);
}

static NodeId chain_below(FactsBuilder *b, NodeId e) {
  const Tree *t = b->t;
  switch (node_kind(t, e)) {
    case PY_ATTRIBUTE: return node_field(t, e, FIELD_OBJECT);
    case PY_SUBSCRIPT: return node_field(t, e, FIELD_VALUE);
    case PY_CALL:
      return call_gives_elements(b->m, e)
                 ? node_first_named(t, node_field(t, e, FIELD_ARGUMENTS))
                 : node_field(t, e, FIELD_FUNCTION);
    case PY_AWAIT: return node_first_named(t, e);
    default: return NO_NODE;
  }
}

// Some part of `hass.config["hubs"].values()` names settings, behind names too.
static bool is_of_settings(FactsBuilder *b, NodeId source) {
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, source);
  uint32_t names = 0;
  for (uint32_t step = 0; node_ok(e) && step < CHAIN_MAX; step++) {
    bool is_name = node_is(t, e, PY_IDENTIFIER);
    NodeId word = is_name ? e : node_field(t, e, FIELD_ATTRIBUTE);
    if (node_ok(word) && names_settings(node_text(t, word))) return true;
    if (!is_name) {
      e = node_unwrap(t, chain_below(b, e));
      continue;
    }
    const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, e)));
    bool is_plain =
        d->kind == DEF_ASSIGN || d->kind == DEF_WALRUS || d->kind == DEF_FOR;
    if (!is_plain || ++names > NAMES_DEPTH) return false;
    e = node_unwrap(t, d->value);
  }
  return false;
}

// --- rounds --------------------------------------------------------------------------

static uint64_t times(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? SIZE_NO_BOUND : product;
}

// `while scope.parent: scope = scope.parent`: as often as there are levels.
static bool walks_outwards(FactsBuilder *b, NodeId loop) {
  static const char *const names[] = {"enclosing", "f_back",     "outer",
                                      "parent",    "parentNode", NULL};
  const Tree *t = b->t;
  NodeId body = node_field(t, loop, FIELD_BODY);
  for (NodeId s = node_first_named(t, body); node_ok(s); s = node_next_named(t, s)) {
    NodeId assignment = node_first_named(t, s);
    NodeId left = node_field(t, assignment, FIELD_LEFT);
    NodeId right = node_unwrap(t, node_field(t, assignment, FIELD_RIGHT));
    if (!node_is(t, assignment, PY_ASSIGNMENT) || !node_is(t, right, PY_ATTRIBUTE) ||
        !str_eq(node_text(t, node_field(t, right, FIELD_OBJECT)), node_text(t, left)))
      continue;
    if (str_is_any(node_text(t, node_field(t, right, FIELD_ATTRIBUTE)), names))
      return true;
  }
  return false;
}

static uint64_t source_rounds(FactsBuilder *b, NodeId source, bool is_class) {
  if (!node_ok(source)) return SIZE_NO_BOUND;
  source = source_behind(b->m, source);
  if (is_of_settings(b, source) || source_is_few(b->m, source)) return SMALL_SIZE - 1;
  if (!is_class && !is_plain_source(b, source)) return SIZE_NO_BOUND;
  Value value = value_of(b->m, source);
  return value.size == SIZE_SMALL ? value.high : SIZE_NO_BOUND;
}

static uint64_t loop_rounds(FactsBuilder *b, NodeId loop, bool is_class) {
  const Tree *t = b->t;
  uint64_t all = 1;
  if (node_is(t, loop, PY_WHILE_STATEMENT)) {
    bool is_few = loop_has_few_rounds(b->m, loop) || walks_outwards(b, loop);
    return is_few ? SMALL_SIZE - 1 : SIZE_NO_BOUND;
  }
  if (node_is(t, loop, PY_FOR_STATEMENT)) {
    return source_rounds(b, node_field(t, loop, FIELD_RIGHT), is_class);
  }
  for (NodeId c = node_first_named(t, loop); node_ok(c); c = node_next_named(t, c)) {
    if (!node_is(t, c, PY_FOR_IN_CLAUSE)) continue;
    all = times(all, source_rounds(b, node_field(t, c, FIELD_RIGHT), is_class));
  }
  return all;
}

// How often the innermost loop runs, where it says so. Filters divide.
static uint32_t exact_rounds(FactsBuilder *b, NodeId loop, bool is_class) {
  const Tree *t = b->t;
  NodeId source = node_field(t, loop, FIELD_RIGHT);
  if (node_is(t, loop, PY_WHILE_STATEMENT)) return 0;
  for (NodeId c = node_first_named(t, loop);
       !node_is(t, loop, PY_FOR_STATEMENT) && node_ok(c); c = node_next_named(t, c)) {
    if (!node_is(t, c, PY_FOR_IN_CLAUSE)) continue;
    if (node_ok(source)) return 0;
    source = node_field(t, c, FIELD_RIGHT);
  }
  if (!node_ok(source) || (!is_class && !is_plain_source(b, source))) return 0;
  Value value = value_of(b->m, source);
  bool is_exact = value.low == value.high && value.high < UINT32_MAX;
  return is_exact && value.size != SIZE_UNKNOWN ? (uint32_t)value.high : 0;
}

void rounds_read(FactsBuilder *b, NodeId call, bool is_class, FactCall *row) {
  Context at = context_of(b->m, call);
  NodeId loop = loop_around(b->m, call, NO_NODE);
  uint64_t all = 1;
  uint32_t count = 0;
  for (; node_ok(loop) && all < SMALL_SIZE && count < LOOPS_MAX; count++) {
    uint64_t rounds = loop_rounds(b, loop, is_class);
    bool is_many = rounds >= SMALL_SIZE;
    all = times(all, is_many && loop_is_left(b->m, call, loop) ? 1 : rounds);
    loop = loop_around(b->m, call, loop);
  }
  row->is_small = count != 0 && !node_ok(loop) && all < SMALL_SIZE;
  if (at.loop_depth == 1) row->bound = exact_rounds(b, at.loop, is_class);
}
