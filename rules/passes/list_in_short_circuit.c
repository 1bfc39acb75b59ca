/* # list-in-short-circuit (PML201)
 *
 * A list of every element is built for `any`, `all` or a truth test, which may be
 * decided by the first.
 *
 * ## Why it costs memory
 *
 * The list holds every element, 8 bytes for its place and the element itself, before
 * the question is asked. A generator gives one element at a time and ends with the
 * first that decides, so that most of the work is often saved as well.
 *
 * ## Example
 *
 *     if any([row.bad for row in rows]):
 *     if [row for row in rows if row.bad]:
 *
 * ## Use instead
 *
 *     if any(row.bad for row in rows):
 *     if any(True for row in rows if row.bad):
 *
 * ## Fix safety
 *
 * Safe where the elements are made of names, attributes, constants, comparisons and
 * tests, which cannot raise, and the sources are containers. Unsafe where they call
 * unknown code or may raise: what follows the deciding element is not evaluated any
 * more. On a full scan a generator takes a little longer than a list.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. Silent as well where every element must be evaluated,
 * because it acts (`wait`, `save`, `append`, `print`), starts work or binds a name, and
 * where a generator cannot do the same: `await`, `super()` without arguments, `next()`,
 * `locals()`.
 *
 * ## References
 *
 * PEP 289, generator expressions; PEP 479, StopIteration inside generators.
 */
#include "rule.h"

static RuleNodeFn on_list;
static void judge_call(RuleContext *cx, NodeId list, const Pass *pass);
static void judge_test(RuleContext *cx, NodeId list);
static Fix use_any(RuleContext *cx, NodeId list, Lazy lazy);

RULE(list_in_short_circuit) = {
    .code = "PML201",
    .name = "list-in-short-circuit",
    .summary = "a list is built for a question that its first element may decide",
    .templates =
        {"list of every element is built to be asked once by `{0}`: {1}; a "
         "generator holds one item and ends with the first that decides",
         "list of every match is built to see whether there is one: {1}; `any` "
         "with a generator holds one item and ends with the first"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103"},
    .kinds = {PY_LIST_COMPREHENSION},
    .on_node = on_list,
};

static void on_list(RuleContext *cx, NodeId list) {
  if (value_is_only_tested(cx->t, list)) {
    judge_test(cx, list);
    return;
  }
  Pass pass = pass_of(cx->m, list);
  if (pass.kind == PASS_SINK && !pass.wrapped &&
      (pass.sink->flags & SINK_SHORT_CIRCUIT)) {
    judge_call(cx, list, &pass);
    return;
  }
  NodeId test = cx_use_within(cx, list, PY_BOOLEAN_OPERATOR);
  if (!node_ok(test)) test = cx_use_within(cx, list, PY_NOT_OPERATOR);
  if (!node_ok(test)) test = cx_use_within(cx, list, PY_IF_STATEMENT);
  if (node_ok(test))
    cx_require_seen(cx, list, false, "the list is used for more", test);
}

static void judge_call(RuleContext *cx, NodeId list, const Pass *pass) {
  Lazy lazy = lazy_here(cx->m, list, pass);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {.anchor = list,
                 .args = {cx_excerpt(cx, call_callee(cx->m, pass->node))},
                 .labels = {{.node = pass_place(cx->t, pass), .text = pass_label(pass)},
                            {.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, list, size)};
  draft.args[1] = item_cost(cx, list, &draft.cost);
  EditList edits = edits_in(cx->arena);
  edit_brackets_to_generator(&edits, cx->t, list);
  draft.fix = fix_of(&edits, lazy.doubt, "make it a generator");
  cx_report(cx, draft);
}

static void judge_test(RuleContext *cx, NodeId list) {
  Pass first_only = {
      .kind = PASS_SINK, .node = list, .may_stop = true, .wrapped = true};
  Lazy lazy = lazy_here(cx->m, list, &first_only);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  if (!cx_require(cx, list, !lazy.acts, "every element must be evaluated")) return;
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  Draft draft = {.anchor = list,
                 .template_index = 1,
                 .labels = {{.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, list, size)};
  draft.args[1] = item_cost(cx, list, &draft.cost);
  draft.fix = use_any(cx, list, lazy);
  cx_report(cx, draft);
}

static Fix use_any(RuleContext *cx, NodeId list, Lazy lazy) {
  const Tree *t = cx->t;
  Span whole = node_span(t, list);
  Span element = node_span(t, comprehension_element(t, list));
  uint32_t comments = 0;
  tree_comments_in(t, (Span){whole.start, element.stop}, &comments);
  if (comments > 0 || !can_write_builtin(cx, list, "any")) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, (Span){whole.start, whole.start + 1},
               text_apart(cx, whole.start, STR("any(")));
  edit_replace(&edits, element, STR("True"));
  edit_replace(&edits, (Span){whole.stop - 1, whole.stop}, STR(")"));
  return fix_of(&edits, lazy.doubt, "ask `any`");
}
