/* # slice-of-materialised (PML209)
 *
 * A list is built to keep its first few items.
 *
 * ## Why it costs memory
 *
 * Everything is made and kept, 8 bytes for the place of each item and the item itself,
 * and all but k are thrown away. `itertools.islice` takes k and leaves the rest unmade,
 * or unread.
 *
 * ## Example
 *
 *     head = [row for row in rows if row.bad][:10]
 *     top = f.readlines()[:10]
 *
 * ## Use instead
 *
 *     head = list(itertools.islice((row for row in rows if row.bad), 10))
 *     top = list(itertools.islice(f, 10))
 *
 * ## Fix safety
 *
 * Safe where the elements are pure and cannot raise, and the source is a container or a
 * file that was opened here and is not asked again. Unsafe otherwise: what comes behind
 * the last item that is taken is not evaluated, or not read, any more. Never safe for
 * pipes.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. k must be a constant that is not negative. Silent where the
 * rest is used, or the iterator is asked again, and where elements act.
 *
 * ## References
 *
 * The Python library, `itertools.islice`.
 */
#include "rule.h"

static RuleNodeFn on_made;
static void judge_list(RuleContext *cx, NodeId list, const Part *part);
static void judge_read(RuleContext *cx, const WholeRead *read, const Part *part);
static void judge_cast(RuleContext *cx, NodeId call, const Part *part);

RULE(slice_of_materialised) = {
    .code = "PML209",
    .name = "slice-of-materialised",
    .summary = "a list is built to keep its first few items",
    .templates = {"list is built for its first {1}: {0}; `itertools.islice` takes {1}",
                  "list of every line is built for the first {1}: {0} B per line plus "
                  "its text; `itertools.islice` reads {1}"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML106"},
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_made,
};

static const char other_part[] =
    "more is used than a number of first items, or the number may be negative";

static void on_made(RuleContext *cx, NodeId made) {
  if (!may_make_list(cx->m, made)) return;
  Part part = part_of(cx->m, made);
  if (part.kind != PART_HEAD) {
    NodeId use = cx_use_within(cx, made, PY_SUBSCRIPT);
    if (node_ok(use)) cx_require_seen(cx, made, false, other_part, use);
    return;
  }
  WholeRead read = whole_read_of(cx->m, made);
  if (read.form != READ_NOTHING && read.form != READ_TEXT) {
    if (!part.named) judge_read(cx, &read, &part);
  } else if (node_is(cx->t, made, PY_LIST_COMPREHENSION)) {
    judge_list(cx, made, &part);
  } else {
    judge_cast(cx, made, &part);
  }
}

static Fix take_head(RuleContext *cx, const Part *part, NodeId inner, const char *maker,
                     const char *doubt) {
  const Tree *t = cx->t;
  Span whole = node_span(t, part->node), kept = node_span(t, inner);
  Str open = STR_NONE, close = STR_NONE;
  if (node_is(t, inner, PY_LIST_COMPREHENSION)) {
    kept = (Span){kept.start + 1, kept.stop - 1};
    open = STR("(");
    close = STR(")");
  }
  if (part->named || edit_loses_comment(t, whole, kept) ||
      !can_write_builtin(cx, part->node, maker) ||
      !can_write_module(cx, part->node, "itertools")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  Str head =
      str_printf_in(cx->arena, "%s(itertools.islice(%.*s", maker, (int)open.n, open.p);
  Str count = node_text(t, part->bound);
  edit_replace(&edits, (Span){whole.start, kept.start},
               text_apart(cx, whole.start, head));
  edit_replace(&edits, (Span){kept.stop, whole.stop},
               str_printf_in(cx->arena, "%.*s, %.*s))", (int)close.n, close.p,
                             (int)count.n, count.p));
  write_import(cx, &edits, "itertools");
  return fix_of(&edits, doubt, "take only what is kept");
}

static Draft draft_of(RuleContext *cx, NodeId made, const Part *part, NodeId source,
                      Value size) {
  Draft draft = {.anchor = made,
                 .args = {STR("8 B per item plus what the items hold")},
                 .labels = {{.node = part->node, .text = STR("only this is taken")},
                            {.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, made, size),
                 .cost = {8, COST_PER_ITEM}};
  draft.args[1] = cx_format(cx, "%lld", (long long)part->count);
  return draft;
}

static void judge_list(RuleContext *cx, NodeId list, const Part *part) {
  NodeId source = comprehension_source(cx->t, list);
  Pass head = {.kind = PASS_SINK, .node = list, .may_stop = true, .wrapped = true};
  Lazy lazy = lazy_here(cx->m, list, &head);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal) ||
      !cx_require(cx, list, !lazy.acts, "every element must be evaluated") ||
      !cx_require(cx, list, !rest_is_used(cx->m, source, part->node),
                  "the rest of the source is used")) {
    return;
  }
  const char *doubt = lazy.doubt;
  if (doubt == NULL && (lazy.effects & EFFECT_MAY_RAISE) != 0) {
    doubt = "what raises behind the last item is not evaluated any more";
  }
  Draft draft = draft_of(cx, list, part, source, value_of(cx->m, list));
  draft.args[0] = item_cost(cx, list, &draft.cost);
  draft.fix = take_head(cx, part, list, "list", doubt);
  cx_report(cx, draft);
}

static void judge_read(RuleContext *cx, const WholeRead *read, const Part *part) {
  Pass head = {.kind = PASS_SINK, .node = part->node, .may_stop = true};
  Streaming s = stream_here(cx->m, read, &head);
  if (!cx_require(cx, read->node, s.refusal == NULL, s.refusal) ||
      !cx_require(cx, read->node, !rest_is_used(cx->m, read->handle, part->node),
                  "the rest of the file is used")) {
    return;
  }
  const char *doubt = s.doubt;
  if (doubt == NULL && (read->file.flags & HANDLE_PIPE) != 0) {
    doubt = "the other side of the pipe is left with the rest";
  }
  Draft draft = draft_of(cx, read->node, part, NO_NODE, read->file);
  draft.template_index = 1;
  draft.cost = line_cost(cx);
  draft.args[0] = cx_format(cx, "%u", draft.cost.bytes);
  draft.fix = take_head(cx, part, read->handle, "list", doubt);
  cx_report(cx, draft);
}

static void judge_cast(RuleContext *cx, NodeId call, const Part *part) {
  Cast cast = cast_of(cx->m, call);
  if (cast.kind != CAST_LIST && cast.kind != CAST_TUPLE) return;
  CastLazy lazy = cast_alone(cx->m, &cast);
  if (!cx_require(cx, call, lazy.refusal == NULL, lazy.refusal) ||
      !cx_require(cx, call, !rest_is_used(cx->m, cast.source, part->node),
                  "the rest of the iterator is used")) {
    return;
  }
  bool fixed = cast.from.kind == VALUE_VIEW || cast.from.kind == VALUE_RANGE;
  Value made = value_of(cx->m, call);
  Draft draft =
      draft_of(cx, call, part, cast.source, size_is_unbounded(made) ? made : cast.from);
  draft.fix =
      take_head(cx, part, cast.source, cast.kind == CAST_TUPLE ? "tuple" : "list",
                fixed ? NULL : "the rest of the iterator is left as it is");
  cx_report(cx, draft);
}
