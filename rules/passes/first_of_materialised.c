/* # first-of-materialised (PML208)
 *
 * A list is built to take its first item.
 *
 * ## Why it costs memory
 *
 * Everything is made and kept, 8 bytes for the place of each item and the item itself,
 * and all but one is thrown away. `next` takes one and leaves the rest unmade.
 *
 * ## Example
 *
 *     first = [row for row in rows if row.bad][0]
 *     name = list(table)[0]
 *
 * ## Use instead
 *
 *     first = next(row for row in rows if row.bad)
 *     name = next(iter(table))
 *
 * ## Fix safety
 *
 * Unsafe: where there is nothing, StopIteration is raised instead of IndexError, and
 * what comes behind the first is not evaluated any more.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements, as `if len(xs) == 1` around it says, or an early exit above.
 * A list with a name may be tested for emptiness as well; with a filter, that is a note,
 * since few may pass, and where an attribute must equal a given value, a look-up by key,
 * nothing is reported. `[-1]` needs everything. Silent where the rest is used, or the
 * iterator is asked again; where elements act; in a handler that waits for IndexError;
 * and inside generators, where StopIteration would become RuntimeError.
 *
 * ## References
 *
 * PEP 479, StopIteration inside generators.
 */
#include "rule.h"

static RuleNodeFn on_made;
static void judge_list(RuleContext *cx, NodeId list, const Part *part, bool if_any);
static bool looks_up(RuleContext *cx, NodeId list);
static void judge_read(RuleContext *cx, const WholeRead *read, const Part *part);
static void judge_cast(RuleContext *cx, NodeId cast, const Part *part);

RULE(first_of_materialised) = {
    .code = "PML208",
    .name = "first-of-materialised",
    .summary = "a list is built to take its first item",
    .templates = {"list is built for its first item: {0}; `next` takes one",
                  "list of every line is built for the first: {0} B per line plus its "
                  "text; `next` reads one",
                  "list is built for its first item, if any: {0}; `next` with a "
                  "default takes one"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML106"},
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_made,
};

// Nobody would tell StopIteration from IndexError, and it can leave the function.
static bool may_stop_iteration(RuleContext *cx, NodeId node) {
  Context at = context_of(cx->m, node);
  NodeId generator = node_ancestor(cx->t, node, PY_GENERATOR_EXPRESSION);
  bool inner = node_ok(generator) &&
               (!node_ok(at.function) || node_inside(cx->t, generator, at.function));
  if (!cx_require(cx, node, (at.flags & CONTEXT_GENERATOR) == 0 && !inner,
                  "StopIteration becomes RuntimeError in a generator")) {
    return false;
  }
  return cx_require(cx, node,
                    context_catches(cx->m, node, "builtins.IndexError") == ANSWER_NO,
                    "a handler waits for IndexError");
}

static const char more_is_used[] = "more is used than the first item, or another";

static void on_made(RuleContext *cx, NodeId made) {
  if (!may_make_list(cx->m, made)) return;
  bool list = node_is(cx->t, made, PY_LIST_COMPREHENSION);
  Part part = list ? part_first_if_any(cx->m, made) : (Part){0};
  if (part.kind == PART_FIRST) {
    bool once = looks_up(cx, made);
    if (!cx_require(cx, made, !once, "what is looked up by its key is there once"))
      return;
    judge_list(cx, made, &part, true);
    return;
  }
  part = part_of(cx->m, made);
  if (part.kind != PART_FIRST) {
    NodeId use = cx_use_within(cx, made, PY_SUBSCRIPT);
    if (node_ok(use)) cx_require_seen(cx, made, false, more_is_used, use);
    return;
  }
  WholeRead read = whole_read_of(cx->m, made);
  if (read.form != READ_NOTHING && read.form != READ_TEXT) {
    if (!part.named && may_stop_iteration(cx, part.node)) judge_read(cx, &read, &part);
  } else if (list) {
    if (may_stop_iteration(cx, part.node)) judge_list(cx, made, &part, false);
  } else {
    judge_cast(cx, made, &part);
  }
}

static Fix take_first(RuleContext *cx, const Part *part, NodeId inner, const char *open,
                      const char *close) {
  Span whole = node_span(cx->t, part->node), kept = node_span(cx->t, inner);
  if (node_is(cx->t, inner, PY_LIST_COMPREHENSION) ||
      node_is(cx->t, inner, PY_GENERATOR_EXPRESSION)) {
    kept = (Span){kept.start + 1, kept.stop - 1};
  }
  if (part->named || edit_loses_comment(cx->t, whole, kept) ||
      !can_write_builtin(cx, part->node, "next") ||
      !can_write_builtin(cx, part->node, "iter")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, (Span){whole.start, kept.start},
               text_apart(cx, whole.start, str_from(open)));
  edit_replace(&edits, (Span){kept.stop, whole.stop}, str_from(close));
  return edits_fix(&edits, FIX_UNSAFE, STR("take the first with `next`"),
                   STR("without any item StopIteration is raised, not IndexError"));
}

static bool is_constant(const Tree *t, NodeId e) {
  PyKind kind = node_kind(t, node_unwrap(t, e));
  return kind == PY_STRING || kind == PY_INTEGER || kind == PY_FLOAT ||
         kind == PY_TRUE || kind == PY_FALSE || kind == PY_NONE_LITERAL;
}

// `x`, `x.name`, `x["name"]`, where x is what the comprehension walks.
static bool is_of_element(RuleContext *cx, NodeId list, NodeId e) {
  const Tree *t = cx->t;
  e = node_unwrap(t, e);
  if (node_is(t, e, PY_ATTRIBUTE)) e = node_field(t, e, FIELD_OBJECT);
  if (node_is(t, e, PY_SUBSCRIPT)) e = node_field(t, e, FIELD_VALUE);
  NodeId target = node_field(t, node_child(t, list, PY_FOR_IN_CLAUSE), FIELD_LEFT);
  BindingId b = binding_of(cx->m, e);
  if (!node_is(t, e, PY_IDENTIFIER) || !binding_ok(b)) return false;
  for (NodeId n = target; n.i < node_after(t, target); n.i++) {
    if (node_is(t, n, PY_IDENTIFIER) && binding_of(cx->m, n).i == b.i) return true;
  }
  return false;
}

// `[x for x in xs if x.name == name]`: what is looked up by its key is there once.
static bool looks_up(RuleContext *cx, NodeId list) {
  const Tree *t = cx->t;
  NodeId clause = node_child(t, list, PY_IF_CLAUSE);
  if (!node_ok(clause)) return false;
  for (NodeId n = clause; n.i < node_after(t, clause); n.i++) {
    if (!node_is(t, n, PY_COMPARISON_OPERATOR) || node_count_named(t, n) != 2 ||
        !node_ok(node_child(t, n, PY_OP_EQ))) {
      continue;
    }
    NodeId left = node_named_at(t, n, 0), right = node_named_at(t, n, 1);
    if (is_constant(t, left) || is_constant(t, right)) continue;
    if (is_of_element(cx, list, left) || is_of_element(cx, list, right)) return true;
  }
  return false;
}

// With `if_any`, a test or a filter says that there may be none, or few.
static void judge_list(RuleContext *cx, NodeId list, const Part *part, bool if_any) {
  Pass first = {.kind = PASS_SINK, .node = list, .may_stop = true, .wrapped = true};
  Lazy lazy = lazy_here(cx->m, list, &first);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal) ||
      !cx_require(cx, list, !lazy.acts, "every element must be evaluated") ||
      !cx_require(cx, list,
                  !rest_is_used(cx->m, comprehension_source(cx->t, list), part->node),
                  "the rest of the source is used")) {
    return;
  }
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  bool filters = node_count_named(cx->t, list) > 2;
  Draft draft = {.anchor = list,
                 .template_index = if_any ? 2 : 0,
                 .note_at_most = if_any && filters,
                 .labels = {{.node = part->node, .text = STR("only this is taken")},
                            {.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, list, size),
                 .fix = take_first(cx, part, list, "next(", ")")};
  draft.args[0] = item_cost(cx, list, &draft.cost);
  cx_report(cx, draft);
}

static void judge_read(RuleContext *cx, const WholeRead *read, const Part *part) {
  bool small = size_is_small(read->file) || size_is_small(value_of(cx->m, read->node));
  if (!cx_require(cx, read->node, !small, "it is small") ||
      !cx_require(cx, read->node, (read->file.flags & HANDLE_ASYNC) == 0,
                  "it is read asynchronously") ||
      !cx_require(cx, read->node, !rest_is_used(cx->m, read->handle, part->node),
                  "the rest of the file is used")) {
    return;
  }
  Cost cost = line_cost(cx);
  Draft draft = {.anchor = read->node,
                 .template_index = 1,
                 .args = {cx_format(cx, "%u", cost.bytes)},
                 .labels = {{.node = part->node, .text = STR("only this is taken")}},
                 .evidence = evidence_of(cx, read->node, read->file),
                 .cost = cost,
                 .fix = take_first(cx, part, read->handle, "next(", ")")};
  cx_report(cx, draft);
}

// `list(x)`, where x is lazy, or a set or dict, which have no first by index, or the
// call of a decorated generator.
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
  bool hashed = from->kind == VALUE_DICT || from->kind == VALUE_SET ||
                from->kind == VALUE_FROZENSET || from->kind == VALUE_MAPPING;
  bool made = from->kind == VALUE_UNKNOWN && call_gives_generator(cx->m, source);
  bool small = size_is_small(*from) || length_is_guarded(cx->m, source, call);
  return (hashed || made) && !small ? source : NO_NODE;
}

static void judge_cast(RuleContext *cx, NodeId call, const Part *part) {
  Value from;
  NodeId source = source_of(cx, call, &from);
  if (!node_ok(source) || !may_stop_iteration(cx, part->node)) return;
  if (!cx_require(cx, call, !rest_is_used(cx->m, source, part->node),
                  "the rest of the iterator is used")) {
    return;
  }
  Value made = value_of(cx->m, call);
  bool iterator =
      value_is_iterator(from) || node_is(cx->t, source, PY_GENERATOR_EXPRESSION);
  Draft draft = {.anchor = call,
                 .args = {STR("8 B per item plus what the items hold")},
                 .labels = {{.node = part->node, .text = STR("only this is taken")},
                            {.node = source, .text = size_label(cx, from)}},
                 .evidence =
                     evidence_of(cx, call, size_is_unbounded(made) ? made : from),
                 .cost = {8, COST_PER_ITEM}};
  draft.fix = iterator ? take_first(cx, part, source, "next(", ")")
                       : take_first(cx, part, source, "next(iter(", "))");
  cx_report(cx, draft);
}
