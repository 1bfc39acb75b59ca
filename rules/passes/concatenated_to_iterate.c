/* # concatenated-to-iterate (PML214)
 *
 * Lists are joined into a new one, only to be walked through once.
 *
 * ## Why it costs memory
 *
 * The new list takes 8 bytes for the place of every item of all the others, and lives
 * until the pass is over. `itertools.chain` walks through one after the other and keeps
 * nothing. `sum(lists, [])` also copies what it has so far for every list: the time
 * grows with the square of the number of lists.
 *
 * ## Example
 *
 *     for row in left + right:
 *         print(row)
 *
 * ## Use instead
 *
 *     for row in itertools.chain(left, right):
 *         print(row)
 *
 * ## Fix safety
 *
 * Unsafe: what the pass does to a list under a name that is not seen here, the chain
 * would notice.
 *
 * ## Limits
 *
 * A warning where the size of a list is unbounded, a note where it is unknown, silent
 * below 100 elements. Silent where the operands are not known to be lists, where the
 * pass changes one, and where the joined list is asked for anything else.
 *
 * ## References
 *
 * The Python library, `itertools.chain`.
 */
#include "rule.h"

static RuleNodeFn on_node;

RULE(concatenated_to_iterate) = {
    .code = "PML214",
    .name = "concatenated-to-iterate",
    .summary = "lists are joined into a new one to be walked through once",
    .templates = {"lists are joined for one pass: 8 B per item of all of them; "
                  "`itertools.chain` walks through one after the other"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML106"},
    .kinds = {PY_BINARY_OPERATOR, PY_LIST, PY_CALL},
    .on_node = on_node,
};

enum { MOST_PARTS = 8 };

typedef struct Joined {
  NodeId parts[MOST_PARTS];  // what is walked through, in order
  uint32_t count;
  bool of_lists;  // `sum(lists, [])`: the part holds the lists
} Joined;

static bool is_plus(const Tree *t, NodeId n) {
  return node_is(t, n, PY_BINARY_OPERATOR) &&
         node_text_is(t, node_field(t, n, FIELD_OPERATOR), "+");
}

// Written out, and no list.
static bool is_plain_other(const Tree *t, NodeId n) {
  switch (node_kind(t, node_unwrap(t, n))) {
    case PY_STRING:
    case PY_CONCATENATED_STRING:
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TUPLE: return true;
    default: return false;
  }
}

// `a + b + c`, all of them lists.
static bool plus_parts(RuleContext *cx, NodeId plus, Joined *out) {
  NodeId left = plus;
  while (is_plus(cx->t, left)) {
    NodeId right = node_field(cx->t, left, FIELD_RIGHT);
    if (out->count == MOST_PARTS - 1) return false;
    out->parts[out->count++] = right;
    left = node_unwrap(cx->t, node_field(cx->t, left, FIELD_LEFT));
  }
  out->parts[out->count++] = left;
  for (uint32_t i = 0; i < out->count; i++) {
    if (is_plain_other(cx->t, out->parts[i])) return false;
  }
  for (uint32_t i = 0; i < out->count; i++) {
    if (value_of(cx->m, out->parts[i]).kind == VALUE_LIST) continue;
    if (cx_explains(cx) && pass_of(cx->m, plus).kind != PASS_NONE)
      cx_require(cx, plus, false, "the parts are not all known to be lists");
    return false;
  }
  for (uint32_t i = 0; i < out->count / 2; i++) {
    NodeId other = out->parts[out->count - 1 - i];
    out->parts[out->count - 1 - i] = out->parts[i];
    out->parts[i] = other;
  }
  return true;
}

// `[*a, *b]`.
static bool display_parts(RuleContext *cx, NodeId list, Joined *out) {
  for (NodeId e = node_first_named(cx->t, list); node_ok(e);
       e = node_next_named(cx->t, e)) {
    if (!node_is(cx->t, e, PY_LIST_SPLAT) || out->count == MOST_PARTS) return false;
    out->parts[out->count++] = node_first_named(cx->t, e);
  }
  return out->count > 1;
}

static bool is_empty_list(const Tree *t, NodeId n) {
  if (node_is(t, n, PY_KEYWORD_ARGUMENT)) {
    if (!node_text_is(t, node_field(t, n, FIELD_NAME), "start")) return false;
    n = node_field(t, n, FIELD_VALUE);
  }
  return node_is(t, n, PY_LIST) && node_count_named(t, n) == 0;
}

// `sum(lists, [])`.
static bool sum_parts(RuleContext *cx, NodeId call, Joined *out) {
  NodeId arguments = node_field(cx->t, call, FIELD_ARGUMENTS);
  if (!str_is(name_of_callee(cx->m, call), "builtins.sum") ||
      !node_is(cx->t, arguments, PY_ARGUMENT_LIST) ||
      node_count_named(cx->t, arguments) != 2 ||
      !is_empty_list(cx->t, node_named_at(cx->t, arguments, 1))) {
    return false;
  }
  out->parts[out->count++] = node_first_named(cx->t, arguments);
  out->of_lists = true;
  return !node_is(cx->t, out->parts[0], PY_LIST_SPLAT);
}

// `reduce(operator.add, lists)`, where they are known to be lists.
static bool reduce_parts(RuleContext *cx, NodeId call, Joined *out) {
  NodeId arguments = node_field(cx->t, call, FIELD_ARGUMENTS);
  uint32_t count = node_count_named(cx->t, arguments);
  if (!str_is(name_of_callee(cx->m, call), "functools.reduce") || count < 2 ||
      count > 3 ||
      !name_is(cx->m, node_first_named(cx->t, arguments), "operator.add")) {
    return false;
  }
  NodeId lists = node_named_at(cx->t, arguments, 1);
  out->parts[out->count++] = lists;
  out->of_lists = true;
  if (count == 3) return is_empty_list(cx->t, node_named_at(cx->t, arguments, 2));
  return value_of(cx->m, lists).element == VALUE_LIST;
}

static bool joined_of(RuleContext *cx, NodeId n, Joined *out) {
  *out = (Joined){0};
  if (node_is(cx->t, n, PY_CALL)) {
    return sum_parts(cx, n, out) || reduce_parts(cx, n, out);
  }
  if (node_is(cx->t, n, PY_LIST)) return display_parts(cx, n, out);
  return is_plus(cx->t, n) &&
         !is_plus(cx->t, node_parent(cx->t, node_wrap(cx->t, n))) &&
         plus_parts(cx, n, out);
}

static Fix chain(RuleContext *cx, NodeId n, const Joined *joined) {
  Span whole = node_span(cx->t, n);
  uint32_t comments = 0;
  tree_comments_in(cx->t, whole, &comments);
  if (comments > 0 || !can_write_module(cx, n, "itertools")) return (Fix){0};
  Buf text = buf_in(cx->arena);
  buf_printf(&text, "itertools.chain%s(", joined->of_lists ? ".from_iterable" : "");
  for (uint32_t i = 0; i < joined->count; i++) {
    Str part = node_text(cx->t, node_unwrap(cx->t, joined->parts[i]));
    buf_printf(&text, "%s%.*s", i > 0 ? ", " : "", (int)part.n, part.p);
  }
  buf_printf(&text, ")");
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, whole, text_apart(cx, whole.start, buf_str(&text)));
  write_import(cx, &edits, "itertools");
  return edits_fix(&edits, FIX_UNSAFE, STR("walk through one after the other"),
                   STR("what the pass does to a list would be noticed"));
}

static void on_node(RuleContext *cx, NodeId n) {
  Joined joined;
  if (!joined_of(cx, n, &joined)) return;
  Pass pass = pass_of(cx->m, n);
  SingleUse kept;
  bool named = pass.kind == PASS_NONE && single_use_of(cx->m, n, &kept);
  if (named) pass = pass_of(cx->m, kept.use);
  if (!cx_require(cx, n, pass.kind != PASS_NONE && pass.kind != PASS_KEPT,
                  "it is not walked through once") ||
      !cx_require(cx, n, !(named && pass.again), "it is walked through again")) {
    return;
  }
  Value size = value_of(cx->m, n);
  bool small = true;
  for (uint32_t i = 0; i < joined.count; i++) {
    Value part = value_of(cx->m, joined.parts[i]);
    small &= size_is_small(part);
    if (size_is_unbounded(part)) size = part;
    bool changes = named ? effect_mutates_between(cx->m, kept.statement, pass.node,
                                                  joined.parts[i]) != MUTATION_NONE
                         : pass_changes(cx->m, &pass, joined.parts[i]);
    if (!cx_require(cx, n, !changes, "what is joined may change meanwhile")) return;
  }
  if (!cx_require(cx, n, !small, "it is small")) return;
  EffectSet others = EFFECT_UNKNOWN_CALL | EFFECT_AWAITS | EFFECT_YIELDS;
  bool reached = (pass_effects(cx->m, &pass) & others) != 0;
  Draft draft = {
      .anchor = n,
      .labels = {{.node = pass_place(cx->t, &pass), .text = pass_label(&pass)}},
      .evidence = evidence_of(cx, n, size),
      .cost = {8, COST_PER_ITEM},
      .note_at_most = reached};
  if (!named && !reached) draft.fix = chain(cx, n, &joined);
  cx_report(cx, draft);
}
