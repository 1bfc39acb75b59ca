/* # membership-in-materialised (PML211)
 *
 * A list is built to ask once whether something is in it.
 *
 * ## Why it costs memory
 *
 * Everything is made and kept, 8 bytes for the place of each item and the item itself,
 * though the first that is equal answers. `in` takes any iterable, one item at a time.
 * A dict, a set, a view or a range answers by itself, mostly without looking at more
 * than one.
 *
 * ## Example
 *
 *     if name in [row.name for row in rows]:
 *     if name in list(table.keys()):
 *
 * ## Use instead
 *
 *     if name in (row.name for row in rows):
 *     if name in table.keys():
 *
 * ## Fix safety
 *
 * Safe where the elements are pure, cannot raise, and come from a container. Unsafe
 * where they call unknown code, which is not called any more behind the element that is
 * found; and for dicts, sets and ranges, which hash or compare what they look for.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. Silent for texts, which look for parts; for pandas, numpy
 * and classes that answer in their own way; where the list is asked again; where the
 * elements act; and where a generator cannot do the same.
 *
 * ## References
 *
 * The Python reference, "Membership test operations".
 */
#include "rule.h"

static RuleNodeFn on_made;
static void judge_list(RuleContext *cx, NodeId list, NodeId test, bool named);
static void judge_read(RuleContext *cx, const WholeRead *read, NodeId test);
static void judge_cast(RuleContext *cx, NodeId call, NodeId test, bool named);

RULE(membership_in_materialised) = {
    .code = "PML211",
    .name = "membership-in-materialised",
    .summary = "a list is built to ask once whether something is in it",
    .templates = {"list is built to be searched once by `in`: {0}; a generator holds "
                  "one item and ends where it is found",
                  "list is built to be searched once by `in`: {0}; `{1}` can be asked "
                  "itself",
                  "list of every line is built to be searched once by `in`: {0} B per "
                  "line plus its text; `{1}` itself gives one line at a time"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML106", "PML208", "PML209", "PML210", "PML212"},
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_made,
};

// `x in made`, `x not in made`, in no chain: the comparison, else NO_NODE.
static NodeId test_around(const Tree *t, NodeId made) {
  NodeId e = node_wrap(t, made), test = node_parent(t, e);
  bool asked = node_is(t, test, PY_COMPARISON_OPERATOR) &&
               node_count_named(t, test) == 2 &&
               node_eq(node_named_at(t, test, 1), e) &&
               (node_ok(node_child(t, test, PY_KW_IN)) ||
                node_ok(node_child(t, test, PY_KW_NOT_IN)));
  return asked ? test : NO_NODE;
}

static void on_made(RuleContext *cx, NodeId made) {
  if (!may_make_list(cx->m, made)) return;
  NodeId test = test_around(cx->t, made);
  bool named = !node_ok(test);
  SingleUse kept;
  if (named) {
    if (!single_use_of(cx->m, made, &kept)) {
      NodeId use = cx_use_within(cx, made, PY_COMPARISON_OPERATOR);
      if (node_ok(use))
        cx_require_seen(cx, made, false, "more is asked than once what is in it", use);
      return;
    }
    test = test_around(cx->t, kept.use);
  }
  if (!node_ok(test)) return;
  WholeRead read = whole_read_of(cx->m, made);
  if (read.form != READ_NOTHING && read.form != READ_TEXT) {
    if (!named) judge_read(cx, &read, test);
  } else if (node_is(cx->t, made, PY_LIST_COMPREHENSION)) {
    judge_list(cx, made, test, named);
  } else {
    judge_cast(cx, made, test, named);
  }
}

static Draft draft_of(RuleContext *cx, NodeId made, NodeId test, NodeId source,
                      Value size) {
  return (Draft){
      .anchor = made,
      .args = {STR("8 B per item plus what the items hold"), cx_excerpt(cx, source)},
      .labels = {{.node = test, .text = STR("searched here, once")},
                 {.node = source, .text = size_label(cx, size)}},
      .evidence = evidence_of(cx, made, size),
      .cost = {8, COST_PER_ITEM}};
}

static void judge_list(RuleContext *cx, NodeId list, NodeId test, bool named) {
  Pass search = {.kind = PASS_SINK, .node = list, .may_stop = true, .wrapped = true};
  Lazy lazy = lazy_here(cx->m, list, &search);
  NodeId source = comprehension_source(cx->t, list);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal) ||
      !cx_require(cx, list, !lazy.acts, "every element must be evaluated") ||
      !cx_require(cx, list, !rest_is_used(cx->m, source, test),
                  "the rest of the source is used")) {
    return;
  }
  Draft draft = draft_of(cx, list, test, source, value_of(cx->m, list));
  draft.args[0] = item_cost(cx, list, &draft.cost);
  if (!named) {
    EditList edits = edits_in(cx->arena);
    edit_brackets_to_generator(&edits, cx->t, list);
    draft.fix = fix_of(&edits, lazy.doubt, "search a generator");
  }
  cx_report(cx, draft);
}

static void judge_read(RuleContext *cx, const WholeRead *read, NodeId test) {
  Pass search = {.kind = PASS_SINK, .node = test, .may_stop = true};
  Streaming s = stream_here(cx->m, read, &search);
  if (!cx_require(cx, read->node, s.refusal == NULL, s.refusal) ||
      !cx_require(cx, read->node, !rest_is_used(cx->m, read->handle, test),
                  "the rest of the file is used")) {
    return;
  }
  Draft draft = draft_of(cx, read->node, test, read->handle, read->file);
  draft.template_index = 2;
  draft.cost = line_cost(cx);
  draft.args[0] = cx_format(cx, "%u", draft.cost.bytes);
  EditList edits = edits_in(cx->arena);
  if (edit_unwrap(&edits, cx->t, read->node, read->handle)) {
    draft.fix = fix_of(&edits, s.doubt, "search the file");
  }
  cx_report(cx, draft);
}

// `list(x)`, where x is lazy, or a set or dict.
static NodeId source_of(RuleContext *cx, NodeId call, Value *from) {
  Cast cast = cast_of(cx->m, call);
  *from = cast.from;
  if (cast.kind == CAST_LIST || cast.kind == CAST_TUPLE) {
    CastLazy lazy = cast_alone(cx->m, &cast);
    bool may = cx_require(cx, call, lazy.refusal == NULL, lazy.refusal);
    return may ? cast.source : NO_NODE;
  }
  Str name = name_of_callee(cx->m, call);
  NodeId arguments = node_field(cx->t, call, FIELD_ARGUMENTS);
  if ((!str_is(name, "builtins.list") && !str_is(name, "builtins.tuple")) ||
      !node_is(cx->t, arguments, PY_ARGUMENT_LIST) ||
      node_count_named(cx->t, arguments) != 1) {
    return NO_NODE;
  }
  NodeId source = node_first_named(cx->t, arguments);
  *from = value_of(cx->m, source);
  bool plain = from->kind == VALUE_DICT || from->kind == VALUE_SET ||
               from->kind == VALUE_FROZENSET || from->kind == VALUE_LIST ||
               from->kind == VALUE_TUPLE;
  return plain && !size_is_small(*from) ? source : NO_NODE;
}

static void judge_cast(RuleContext *cx, NodeId call, NodeId test, bool named) {
  Value from;
  NodeId source = source_of(cx, call, &from);
  if (!node_ok(source)) return;
  if (!cx_require(cx, call, !rest_is_used(cx->m, source, test),
                  "the rest of the iterator is used")) {
    return;
  }
  Value made = value_of(cx->m, call);
  Draft draft = draft_of(cx, call, test, source, size_is_unbounded(made) ? made : from);
  draft.template_index = 1;
  EditList edits = edits_in(cx->arena);
  bool plain = from.kind == VALUE_LIST || from.kind == VALUE_TUPLE;
  const char *doubt = plain                     ? NULL
                      : value_is_iterator(from) ? "what follows is not evaluated"
                                                : "what is looked for may be hashed";
  if (!named && edit_unwrap(&edits, cx->t, call, source)) {
    draft.fix = fix_of(&edits, doubt, "ask it without a list");
  }
  cx_report(cx, draft);
}
