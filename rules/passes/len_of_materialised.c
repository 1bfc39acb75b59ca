/* # len-of-materialised (PML207)
 *
 * A list is built only to ask for its length.
 *
 * ## Why it costs memory
 *
 * Every element is kept, 8 bytes for its place and the element itself, to be counted
 * and thrown away. Counting needs one at a time.
 *
 * ## Example
 *
 *     bad = len([row for row in rows if row.bad])
 *     lines = len(f.readlines())
 *
 * ## Use instead
 *
 *     bad = sum(1 for row in rows if row.bad)
 *     lines = sum(1 for _ in f)
 *
 * ## Fix safety
 *
 * Safe where the elements are pure, or an iterator is counted: it is used up either
 * way. Unsafe where the elements call unknown code. Counting a full list of cheap
 * elements takes a tenth to two fifths longer.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. `len(list(x))` of a list, tuple or other sized value is
 * another matter, sets and dicts count the distinct, and a list that has a name is
 * looked at by other rules. Silent where a generator cannot do the same: `await`,
 * `super()` without arguments, `next()`, `locals()`.
 *
 * ## References
 *
 * PEP 289, generator expressions.
 */
#include "rule.h"

static RuleNodeFn on_call;
static void judge_list(RuleContext *cx, NodeId call, NodeId list);
static void judge_cast(RuleContext *cx, NodeId call, NodeId cast);
static Fix count_elements(RuleContext *cx, NodeId call, NodeId list, Lazy lazy);
static Fix count_iterator(RuleContext *cx, NodeId call, NodeId cast, NodeId source);

RULE(len_of_materialised) = {
    .code = "PML207",
    .name = "len-of-materialised",
    .summary = "a list is built only to ask for its length",
    .templates =
        {"list is built only to be counted: {0}; `sum(1 for …)` holds one item",
         "list of every line is built only to be counted: {0} B per line plus its "
         "text; `sum(1 for …)` holds one line"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML202"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, arguments, PY_ARGUMENT_LIST) || node_count_named(t, arguments) != 1) {
    return;
  }
  NodeId made = node_unwrap(t, node_first_named(t, arguments));
  PyKind kind = node_kind(t, made);
  if (kind != PY_LIST_COMPREHENSION && kind != PY_CALL) return;
  if (!str_is(name_of_callee(cx->m, call), "builtins.len")) return;
  if (kind == PY_LIST_COMPREHENSION) {
    judge_list(cx, call, made);
  } else {
    judge_cast(cx, call, made);
  }
}

static void judge_list(RuleContext *cx, NodeId call, NodeId list) {
  Lazy lazy = lazy_alone(cx->m, list);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {
      .anchor = list,
      .labels = {{.node = call_callee(cx->m, call), .text = STR("only counted here")},
                 {.node = source, .text = size_label(cx, size)}},
      .evidence = evidence_of(cx, list, size)};
  draft.args[0] = item_cost(cx, list, &draft.cost);
  draft.fix = count_elements(cx, call, list, lazy);
  cx_report(cx, draft);
}

// What `list(…)`, `tuple(…)` or `readlines()` takes the elements from, or NO_NODE.
static NodeId cast_source(RuleContext *cx, NodeId cast) {
  WholeRead read = whole_read_of(cx->m, cast);
  if (read.form == READ_LINES || read.form == READ_LIST) return read.handle;
  Str name = name_of_callee(cx->m, cast);
  if (!str_is(name, "builtins.list") && !str_is(name, "builtins.tuple")) return NO_NODE;
  NodeId arguments = node_field(cx->t, cast, FIELD_ARGUMENTS);
  if (node_is(cx->t, arguments, PY_GENERATOR_EXPRESSION)) return arguments;
  if (node_count_named(cx->t, arguments) != 1) return NO_NODE;
  NodeId source = node_first_named(cx->t, arguments);
  bool plain = !node_is(cx->t, source, PY_KEYWORD_ARGUMENT) &&
               !node_is(cx->t, source, PY_LIST_SPLAT);
  return plain && value_is_iterator(value_of(cx->m, source)) ? source : NO_NODE;
}

static void judge_cast(RuleContext *cx, NodeId call, NodeId cast) {
  NodeId source = cast_source(cx, cast);
  if (!cx_require(cx, cast, node_ok(source),
                  "what is counted is not known to be lazy before")) {
    return;
  }
  Value size = value_of(cx->m, cast), from = value_of(cx->m, source);
  bool small = size_is_small(size) || size_is_small(from);
  if (!cx_require(cx, cast, !small, "it is small")) return;
  bool started = ((size.flags | from.flags) & VALUE_STARTED) != 0;
  if (!cx_require(cx, cast, !started, "the list holds running work")) return;
  bool waits = (from.flags & HANDLE_ASYNC) != 0;
  if (!cx_require(cx, cast, !waits, "it is read asynchronously")) return;
  bool lines = value_is_file(from);
  Cost cost = lines ? line_cost(cx) : (Cost){8, COST_PER_ITEM};
  Draft draft = {
      .anchor = cast,
      .template_index = lines ? 1 : 0,
      .args = {lines ? cx_format(cx, "%u", cost.bytes)
                     : STR("8 B per item plus the items")},
      .labels = {{.node = call_callee(cx->m, call), .text = STR("only counted here")},
                 {.node = source, .text = size_label(cx, from)}},
      .evidence = evidence_of(cx, cast, size_is_unbounded(size) ? size : from),
      .cost = cost,
      .fix = count_iterator(cx, call, cast, source)};
  cx_report(cx, draft);
}

// The sole argument of `len`, without a trailing comma or a comment behind it.
static bool is_closed_behind(RuleContext *cx, NodeId call, NodeId made) {
  Span rest = {node_stop(cx->t, made), node_stop(cx->t, call)};
  for (uint32_t at = rest.start; at < rest.stop; at++) {
    char c = cx->t->source->text.p[at];
    if (c == ',' || c == '#') return false;
  }
  return true;
}

static Fix count_elements(RuleContext *cx, NodeId call, NodeId list, Lazy lazy) {
  const Tree *t = cx->t;
  NodeId element = comprehension_element(t, list);
  Span whole = node_span(t, list), body = node_span(t, element);
  uint32_t comments = 0;
  tree_comments_in(t, (Span){whole.start, body.stop}, &comments);
  if (comments > 0 || !is_closed_behind(cx, call, list) ||
      !can_write_builtin(cx, call, "sum")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, node_span(t, call_callee(cx->m, call)), STR("sum"));
  EffectSet effects = effect_of(cx->m, element);
  if (effect_is_pure(effects) && (effects & EFFECT_MAY_RAISE) == 0) {
    edit_brackets_to_generator(&edits, t, list);
    edit_replace(&edits, body, STR("1"));
  } else {  // the elements are still made, for what they do or raise
    edit_replace(&edits, (Span){whole.start, whole.start + 1}, STR("1 for _ in ("));
    edit_replace(&edits, (Span){whole.stop - 1, whole.stop}, STR(")"));
  }
  return fix_of(&edits, lazy.doubt, "count without a list");
}

static Fix count_iterator(RuleContext *cx, NodeId call, NodeId cast, NodeId source) {
  const Tree *t = cx->t;
  Span whole = node_span(t, cast), kept = node_span(t, source);
  bool atom = false;
  switch (node_kind(t, source)) {
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE:
    case PY_CALL:
    case PY_SUBSCRIPT:
    case PY_PARENTHESIZED_EXPRESSION:
    case PY_GENERATOR_EXPRESSION: atom = true; break;
    default: break;
  }
  if (!atom || edit_loses_comment(t, whole, kept) ||
      !is_closed_behind(cx, call, cast) || !can_write_builtin(cx, call, "sum")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, node_span(t, call_callee(cx->m, call)), STR("sum"));
  edit_replace(&edits, (Span){whole.start, kept.start}, STR("1 for _ in "));
  edit_delete(&edits, (Span){kept.stop, whole.stop});
  return fix_of(&edits, NULL, "count without a list");
}
