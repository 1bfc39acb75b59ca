/* # list-in-reducer (PML202)
 *
 * A list is built for `sum`, `max` or another function that makes one value of it.
 *
 * ## Why it costs memory
 *
 * The list holds every element, 8 bytes for its place and the element itself, while the
 * function looks at one after the other. A generator holds one. It may be slower by a
 * tenth to a half where the elements are cheap: the gain is memory.
 *
 * ## Example
 *
 *     total = sum([row.size for row in rows])
 *
 * ## Use instead
 *
 *     total = sum(row.size for row in rows)
 *
 * and `operator.countOf((row.kind for row in rows), kind)` for `[…].count(kind)`.
 *
 * ## Fix safety
 *
 * Safe where the elements are pure and either cannot raise or are plain numbers, and a
 * `key` and what stands behind the list are pure too. Unsafe where they call unknown
 * code or have effects: these come one at a time, between the steps of the function.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. Silent for functions that keep every element anyway
 * (`sorted`, `median`, `join`), for `f(*[…])`, for numpy, pandas and unknown code,
 * which need sequences, where the elements start work, and where a generator cannot do
 * the same: `await`, `super()` without arguments, `next()`, `locals()`.
 * `statistics.mean` and its kin make a list of their own before Python 3.11.
 *
 * ## References
 *
 * PEP 289, generator expressions; PEP 479, StopIteration inside generators.
 */
#include "rule.h"

static RuleNodeFn on_list;
static void judge_call(RuleContext *cx, NodeId list, const Pass *pass);
static bool judge_method(RuleContext *cx, NodeId list);
static Fix use_operator(RuleContext *cx, NodeId list, NodeId call,
                        const char *function);
static void explain_other(RuleContext *cx, NodeId list);

RULE(list_in_reducer) = {
    .code = "PML202",
    .name = "list-in-reducer",
    .summary = "a list is built for a function that makes one value of it",
    .templates =
        {"list is built to be reduced once by `{0}`: {1}; a generator holds one "
         "item",
         "list is built to be reduced once by `{0}`: {1}; a generator holds one "
         "item, from Python 3.{2} on",
         "list is built to be searched once by `{0}`: {1}; a generator holds one "
         "item"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML201", "PML214"},
    .kinds = {PY_LIST_COMPREHENSION},
    .on_node = on_list,
};

static void on_list(RuleContext *cx, NodeId list) {
  if (judge_method(cx, list)) return;
  Pass pass = pass_of(cx->m, list);
  bool reduces =
      pass.kind == PASS_SINK && !pass.wrapped &&
      (pass.sink->flags & (SINK_REDUCES | SINK_SHORT_CIRCUIT)) == SINK_REDUCES;
  if (reduces)
    judge_call(cx, list, &pass);
  else if (cx_explains(cx))
    explain_other(cx, list);
}

// `max([…], [])`, `max(*[…])`, `median([…])`.
static void explain_other(RuleContext *cx, NodeId list) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, list), up = node_parent(t, e);
  bool is_spread = node_is(t, up, PY_LIST_SPLAT);
  NodeId call = node_parent(t, is_spread ? node_parent(t, up) : up);
  const SinkFact *sink = node_is(t, call, PY_CALL) ? call_sink(cx->m, call) : NULL;
  if (sink == NULL || (sink->flags & SINK_SHORT_CIRCUIT) != 0) return;
  cx_require(cx, list, !is_spread, "the call keeps what is spread over its arguments");
  cx_require(cx, list, is_spread || (sink->flags & SINK_REDUCES) == 0,
             "the list is not the only thing that is reduced");
}

static Draft draft_of(RuleContext *cx, NodeId list, NodeId place) {
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {.anchor = list,
                 .labels = {{.node = place, .text = STR("reduced here, once")},
                            {.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, list, size)};
  draft.args[1] = item_cost(cx, list, &draft.cost);
  return draft;
}

static void judge_call(RuleContext *cx, NodeId list, const Pass *pass) {
  if (!cx_require(cx, list, sink_holds(pass->sink, cx->settings->target),
                  "the function makes a list itself on every target version")) {
    return;
  }
  Lazy lazy = lazy_here(cx->m, list, pass);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  NodeId callee = call_callee(cx->m, pass->node);
  Draft draft = draft_of(cx, list, callee);
  draft.args[0] = cx_excerpt(cx, callee);
  if (pass->sink->floor > cx->settings->target.floor) {
    draft.template_index = 1;
    draft.args[2] = cx_format(cx, "%d", pass->sink->floor);
  }
  EditList edits = edits_in(cx->arena);
  edit_brackets_to_generator(&edits, cx->t, list);
  draft.fix = fix_of(&edits, lazy.doubt, "make it a generator");
  cx_report(cx, draft);
}

// `[…].count(x)`, `[…].index(x)`: true if it is one of them, whatever comes of it.
static bool judge_method(RuleContext *cx, NodeId list) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, list), attribute = node_parent(t, e);
  NodeId call = node_parent(t, attribute);
  if (!node_is(t, attribute, PY_ATTRIBUTE) || node_role(t, e) != FIELD_OBJECT ||
      !node_is(t, call, PY_CALL) || node_role(t, attribute) != FIELD_FUNCTION) {
    return false;
  }
  NodeId name = node_field(t, attribute, FIELD_ATTRIBUTE);
  bool counts = node_text_is(t, name, "count");
  if (!counts && !node_text_is(t, name, "index")) return false;
  Lazy lazy = lazy_alone(cx->m, list);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return true;
  Draft draft = draft_of(cx, list, name);
  draft.template_index = 2;
  draft.args[0] = node_text(t, name);
  draft.fix = use_operator(cx, list, call, counts ? "countOf" : "indexOf");
  cx_report(cx, draft);
  return true;
}

static Fix use_operator(RuleContext *cx, NodeId list, NodeId call,
                        const char *function) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  NodeId wanted = node_first_named(t, arguments);
  Span whole = node_span(t, call), kept = node_span(t, wanted),
       inner = node_span(t, list);
  bool plain =
      node_is(t, arguments, PY_ARGUMENT_LIST) && node_count_named(t, arguments) == 1 &&
      !node_is(t, wanted, PY_KEYWORD_ARGUMENT) && !node_is(t, wanted, PY_LIST_SPLAT);
  uint32_t comments = 0;
  tree_comments_in(t, whole, &comments);
  if (!plain || comments > 0 || !can_write_module(cx, call, "operator"))
    return (Fix){0};
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, (Span){whole.start, inner.start + 1},
               cx_format(cx, "operator.%s((", function));
  edit_replace(&edits, (Span){inner.stop - 1, kept.start}, STR("), "));
  edit_replace(&edits, (Span){kept.stop, whole.stop}, STR(")"));
  write_import(cx, &edits, "operator");
  return edits_fix(&edits, FIX_UNSAFE, STR("search a generator"),
                   STR("elements are compared as they are made, and the text of a "
                       "ValueError differs"));
}
