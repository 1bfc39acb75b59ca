#include "semantic/rounds.h"

#include "semantic/endless.h"

// Nodes of a loop; names in a condition; nodes and frames between a node and a jump.
enum { LOOP_LONGEST = 20000, NAMES_ASKED = 8, LEFT_LONGEST = 1500, LEFT_FRAMES = 24 };
enum { WRAPPERS_MAX = 4 };

// `range(x.ndim)`, `x.shape`: the axes of an array are few.
static bool walks_axes(const Tree *t, NodeId source) {
  for (NodeId n = source; n.i < node_after(t, source); n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE)) continue;
    NodeId name = node_field(t, n, FIELD_ATTRIBUTE);
    bool is_all = node_eq(n, source) && node_text_is(t, name, "shape");
    if (is_all || node_text_is(t, name, "ndim")) return true;
  }
  return false;
}

static bool is_length(Model *m, NodeId e) {
  return node_is(m->tree, e, PY_CALL) && str_is(name_of_callee(m, e), "builtins.len");
}

// `len(line) % 8`, in whatever comparison.
static bool fills_up(Model *m, NodeId condition) {
  const Tree *t = m->tree;
  for (NodeId n = condition; n.i < node_after(t, condition); n.i++) {
    bool rest = node_is(t, n, PY_BINARY_OPERATOR) &&
                node_text_is(t, node_field(t, n, FIELD_OPERATOR), "%");
    if (rest && is_length(m, node_unwrap(t, node_field(t, n, FIELD_LEFT)))) return true;
  }
  return false;
}

// `4`, `min(4, wanted)`
static bool is_small_number(Model *m, NodeId e) {
  int64_t limit = 0;
  NodeId call = node_unwrap(m->tree, e);
  if (constant_int(m, e, &limit)) return limit < SMALL_SIZE;
  if (!node_is(m->tree, call, PY_CALL) ||
      !str_is(name_of_callee(m, call), "builtins.min")) {
    return false;
  }
  NodeId a = node_first_named(m->tree, node_field(m->tree, call, FIELD_ARGUMENTS));
  for (; node_ok(a); a = node_next_named(m->tree, a)) {
    if (constant_int(m, a, &limit) && limit < SMALL_SIZE) return true;
  }
  return false;
}

// `len(head) < 4`
static bool reaches_small(Model *m, NodeId condition) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, condition);
  NodeId left = node_unwrap(t, node_first_named(t, e));
  NodeId right = node_next_named(t, node_first_named(t, e));
  if (!node_is(t, e, PY_COMPARISON_OPERATOR) || !is_length(m, left)) return false;
  NodeId sign = node_field(t, e, FIELD_OPERATORS);
  bool below = node_text_is(t, sign, "<") || node_text_is(t, sign, "<=") ||
               node_text_is(t, sign, "!=");
  return below && is_small_number(m, right);
}

static bool divides(const Tree *t, NodeId operation) {
  NodeId sign = node_field(t, operation, FIELD_OPERATOR);
  return node_text_is(t, sign, ">>") || node_text_is(t, sign, "//") ||
         node_text_is(t, sign, ">>=") || node_text_is(t, sign, "//=");
}

// `number >>= 7`, `number = number // 10`, `number, digit = divmod(number, 10)`
static bool takes_digits(Model *m, NodeId loop, NodeId number) {
  const Tree *t = m->tree;
  BindingId b = binding_of(m, number);
  if (!binding_ok(b) || node_after(t, loop) - loop.i > LOOP_LONGEST) return false;
  for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (!node_inside(t, def->node, loop)) continue;
    NodeId made = node_unwrap(t, def->value);
    if (def->kind == DEF_AUGMENTED && divides(t, def->statement)) return true;
    NodeId from = NO_NODE;
    if (node_is(t, made, PY_BINARY_OPERATOR) && divides(t, made)) {
      from = node_unwrap(t, node_field(t, made, FIELD_LEFT));
    } else if (node_is(t, made, PY_CALL) &&
               str_is(name_of_callee(m, made), "builtins.divmod")) {
      from = node_first_named(t, node_field(t, made, FIELD_ARGUMENTS));
    }
    if (node_ok(from) && binding_of(m, from).i == b.i) return true;
  }
  return false;
}

// The condition is about a number whose digits the loop takes.
static bool walks_digits(Model *m, NodeId loop, NodeId condition) {
  const Tree *t = m->tree;
  uint32_t asked = 0;
  for (NodeId n = condition; n.i < node_after(t, condition); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(m, n))) continue;
    if (++asked > NAMES_ASKED) return false;
    if (takes_digits(m, loop, n)) return true;
  }
  return false;
}

// --- what is few by its name ---------------------------------------------------------

bool call_gives_elements(Model *m, NodeId call) {
  static const char *const names[] = {
      "builtins.enumerate", "builtins.list",  "builtins.reversed", "builtins.set",
      "builtins.sorted",    "builtins.tuple", "builtins.zip",      NULL};
  return node_is(m->tree, call, PY_CALL) && str_is_any(name_of_callee(m, call), names);
}

NodeId source_behind(Model *m, NodeId source) {
  NodeId e = node_unwrap(m->tree, source);
  for (uint32_t i = 0; i < WRAPPERS_MAX && call_gives_elements(m, e); i++) {
    NodeId list = node_field(m->tree, e, FIELD_ARGUMENTS);
    e = node_unwrap(m->tree, node_first_named(m->tree, list));
  }
  return e;
}

bool name_is_few(Str name) {
  static const char *const words[] = {
      "attempts",    "axes",    "axis",      "batch",  "bins",    "bits",  "bsz",
      "buckets",     "cores",   "cpus",      "depth",  "devices", "dim",   "dims",
      "gpus",        "heads",   "jobs",      "layers", "nbits",   "ndim",  "perm",
      "permutation", "proc",    "processes", "procs",  "retries", "shape", "shards",
      "stripes",     "threads", "ticks",     "tries",  "workers", NULL};
  char lower[48];
  Str all = str_lower(name, lower, sizeof lower);
  return str_is_any(str_after_last(all, '_'), words) ||
         str_ends(all, STR("batch_size"));
}

// `range(self.retries + 1)`
static bool range_is_few(Model *m, NodeId call) {
  const Tree *t = m->tree;
  uint32_t count = call_positional_count(m, call);
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  NodeId stop = node_unwrap(t, node_named_at(t, list, count > 1 ? 1 : 0));
  if (node_is(t, stop, PY_BINARY_OPERATOR))
    stop = node_unwrap(t, node_field(t, stop, FIELD_LEFT));
  if (node_is(t, stop, PY_ATTRIBUTE)) stop = node_field(t, stop, FIELD_ATTRIBUTE);
  return node_is(t, stop, PY_IDENTIFIER) && name_is_few(node_text(t, stop));
}

// A constant, written out in another file.
static bool is_upper_case(Str name) {
  for (uint32_t i = 0; i < name.n; i++) {
    if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
  }
  return name.n > 1 && name.p[0] >= 'A' && name.p[0] <= 'Z';
}

bool source_is_few(Model *m, NodeId source) {
  const Tree *t = m->tree;
  NodeId e = source_behind(m, source);
  if (node_is(t, e, PY_CALL)) {
    return str_is(name_of_callee(m, e), "builtins.range") && range_is_few(m, e);
  }
  NodeId name = node_is(t, e, PY_ATTRIBUTE) ? node_field(t, e, FIELD_ATTRIBUTE) : e;
  if (node_text_is(t, name, "axes")) return true;  // `document.axes`
  if (!node_is(t, e, PY_IDENTIFIER)) return false;
  const Def *d = def_get(m, def_first(m, binding_of(m, e)));
  if (d->kind == DEF_IMPORT_FROM && is_upper_case(node_text(t, e))) return true;
  return d->kind == DEF_PARAMETER && (d->flags & DEF_STARRED) != 0;
}

bool loop_has_few_rounds(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  if (node_is(t, loop, PY_WHILE_STATEMENT)) {
    NodeId condition = node_field(t, loop, FIELD_CONDITION);
    return fills_up(m, condition) || reaches_small(m, condition) ||
           walks_digits(m, loop, condition);
  }
  if (!node_is(t, loop, PY_FOR_STATEMENT)) return true;
  NodeId source = node_field(t, loop, FIELD_RIGHT);
  return size_is_small(value_of(m, source)) || walks_axes(t, source) ||
         source_is_few(m, source);
}

// --- left behind ---------------------------------------------------------------------

static bool leaves_loop(Model *m, NodeId statement, bool is_own) {
  const Tree *t = m->tree;
  switch (node_kind(t, statement)) {
    case PY_RETURN_STATEMENT:
    case PY_RAISE_STATEMENT: return true;
    case PY_BREAK_STATEMENT: return is_own;
    case PY_EXPRESSION_STATEMENT: {
      NodeId call = node_first_named(t, statement);
      return node_is(t, call, PY_CALL) && call_exits(m, call);
    }
    default: return false;
  }
}

// `continue` between the two: the loop goes on by another way.
static bool may_go_on(const Tree *t, uint32_t from, NodeId last) {
  if (last.i > from + LEFT_LONGEST) return true;
  for (uint32_t i = from; i < last.i; i++) {
    if (node_is(t, (NodeId){i}, PY_CONTINUE_STATEMENT)) return true;
  }
  return false;
}

// Where control goes behind a statement, or behind the body of a `try`: what follows in
// the block, the `else` or the `finally`. The block that is left at its end.
static NodeId block_behind(const Tree *t, NodeId n, NodeId around, uint32_t *from) {
  *from = node_after(t, n);
  if (node_is(t, around, PY_BLOCK)) return around;
  if (!node_is(t, around, PY_TRY_STATEMENT)) return NO_NODE;
  NodeId clause = node_last(t, around);
  if (!node_is(t, clause, PY_FINALLY_CLAUSE)) {
    bool is_body = node_role(t, n) == FIELD_BODY;
    clause = is_body ? node_child(t, around, PY_ELSE_CLAUSE) : NO_NODE;
  }
  if (!node_ok(clause) || node_eq(clause, n)) return NO_NODE;
  *from = clause.i;
  return node_last(t, clause);
}

bool loop_is_left(Model *m, NodeId node, NodeId loop) {
  const Tree *t = m->tree;
  NodeId n = node, inner = loop_around(m, node, NO_NODE);
  uint32_t from = 0;
  for (uint32_t i = 0; i < LEFT_FRAMES && node_ok(n) && !node_eq(n, loop); i++) {
    NodeId p = node_parent(t, n), block = block_behind(t, n, p, &from);
    if (node_eq(n, inner)) inner = loop_around(m, node, inner);
    NodeId last = node_ok(block) ? node_last(t, block) : NO_NODE;
    bool leaves = node_ok(last) && leaves_loop(m, last, node_eq(inner, loop));
    if (leaves && !may_go_on(t, from, last)) return true;
    n = p;
  }
  return false;
}
