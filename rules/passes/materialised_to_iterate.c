/* # materialised-to-iterate (PML203)
 *
 * An iterator, a view or a range becomes a list, only to be walked through once.
 *
 * ## Why it costs memory
 *
 * The list keeps every item from before the first step to after the last: 8 bytes for
 * its place, 56 more for the pair that `zip`, `enumerate` and `items()` make, and the
 * item itself where nothing else holds it. The iterator gives one item at a time; a
 * range or view is itself as small as can be.
 *
 * ## Example
 *
 *     for name, size in list(table.items()):
 *         total += size
 *
 * ## Use instead
 *
 *     for name, size in table.items():
 *         total += size
 *
 * ## Fix safety
 *
 * Safe for a range that no one indexes, and where the items come from containers and
 * nothing in the pass could change them. Unsafe where an iterator calls code of its own:
 * its effects and errors then come between the steps of the pass. No fix where the pass
 * calls unknown code and the source is a parameter.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. `list(table.items())` in a loop that changes the table is
 * needed, so the rule is silent where the pass changes the source, or calls what may
 * reach it: for attributes, globals and captured names any unknown call, `await` or
 * `yield`. Silent as well for views of weak containers, `sys.modules`, `os.environ`,
 * attributes of threads, cursors and folders that the pass may write to, and generators
 * that hold a lock. Copies of lists and dicts are another matter, and so are files.
 *
 * ## References
 *
 * The Python library, "Dictionary view objects" and "Ranges".
 */
#include "rule.h"

static RuleNodeFn on_call;
static bool judge_range(RuleContext *cx, const Cast *cast);
static bool pass_suits(RuleContext *cx, const Cast *cast, const Pass *pass);
static void report(RuleContext *cx, const Cast *cast, NodeId place, Str label,
                   CastLazy lazy);

RULE(materialised_to_iterate) = {
    .code = "PML203",
    .name = "materialised-to-iterate",
    .summary = "an iterator, view or range becomes a list to be walked through once",
    .templates = {"`{0}` is made for one pass: {1}; `{2}` can be walked through itself",
                  "`{0}` keeps every number: {1}; the range itself holds none"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML106", "PML204", "PML205", "PML208",
                  "PML209", "PML210", "PML212"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  Cast cast = cast_of(cx->m, call);
  if (cast.kind == CAST_NONE) return;
  if (cast.from.kind == VALUE_RANGE && judge_range(cx, &cast)) return;
  Pass pass = pass_of(cx->m, call);
  CastLazy lazy = {0};
  if (pass.kind != PASS_NONE) {
    if (!pass_suits(cx, &cast, &pass)) return;
    lazy = cast_here(cx->m, &cast, &pass);
  } else {
    SingleUse kept;
    if (!cx_require(cx, call, single_use_of(cx->m, call, &kept),
                    "it is not walked through once, on the spot or from a name")) {
      return;
    }
    pass = pass_of(cx->m, kept.use);
    if (!cx_require(cx, call, pass.kind != PASS_NONE && !pass.again,
                    "its one use is no pass through it") ||
        !pass_suits(cx, &cast, &pass)) {
      return;
    }
    lazy = cast_from(cx->m, &cast, kept.statement, &pass);
  }
  report(cx, &cast, pass_place(cx->t, &pass), pass_label(&pass), lazy);
}

static bool pass_suits(RuleContext *cx, const Cast *cast, const Pass *pass) {
  bool holds = pass->sink == NULL || sink_holds(pass->sink, cx->settings->target);
  if (!cx_require(cx, cast->node, holds && pass->kind != PASS_KEPT,
                  "what takes the items keeps them")) {
    return false;
  }
  bool any_order = pass->kind == PASS_SINK && !pass->wrapped &&
                   (pass->sink->flags & SINK_ANY_ORDER) != 0;
  return cx_require(cx, cast->node, cast->kind != CAST_SORTED || any_order,
                    "the order is wanted") &&
         cx_require(cx, cast->node, !pass->few, "few items are taken");
}

static void report(RuleContext *cx, const Cast *cast, NodeId place, Str label,
                   CastLazy lazy) {
  if (!cx_require(cx, cast->node, lazy.refusal == NULL, lazy.refusal)) return;
  const Tree *t = cx->t;
  Value made = value_of(cx->m, cast->node);
  bool range = cast->from.kind == VALUE_RANGE;
  bool pairs = made.element == VALUE_TUPLE;
  Cost cost = {range ? 36 : pairs ? 64 : 8, COST_PER_ITEM};
  Draft draft = {.anchor = cast->node,
                 .template_index = range ? 1 : 0,
                 .labels = {{.node = place, .text = label},
                            {.node = cast->source, .text = size_label(cx, cast->from)}},
                 .evidence = evidence_of(cx, cast->node,
                                         size_is_unbounded(made) ? made : cast->from),
                 .cost = cost,
                 .note_at_most = lazy.little != NULL};
  draft.args[0] = cx_excerpt(cx, cast->node);
  draft.args[1] = cx_format(cx, "%u B per item%s", cost.bytes,
                            range ? "" : " plus what the items hold");
  draft.args[2] = cx_excerpt(cx, cast->source);
  EditList edits = edits_in(cx->arena);
  bool generator = node_is(t, cast->source, PY_GENERATOR_EXPRESSION);
  bool bare = generator && node_role(t, cast->node) != FIELD_ARGUMENTS &&
              node_is(t, node_parent(t, cast->node), PY_ARGUMENT_LIST);
  Span inner = node_span(t, cast->source);
  if (!lazy.no_fix && !bare && edit_unwrap(&edits, t, cast->node, cast->source)) {
    draft.fix = fix_of(&edits, lazy.doubt, "walk through it without a list");
  } else if (bare && !edit_loses_comment(t, node_span(t, cast->node), inner)) {
    edit_replace(&edits, (Span){node_start(t, cast->node), inner.start}, STR_NONE);
    draft.fix = fix_of(&edits, lazy.doubt, "walk through it without a list");
  }
  cx_report(cx, draft);
}

// --- a range that a name keeps -------------------------------------------------------

// Asked only what a range answers as well: passes, its length, an item, `in`.
static bool range_would_do(RuleContext *cx, NodeId use) {
  const Tree *t = cx->t;
  if (pass_of(cx->m, use).kind != PASS_NONE) return true;
  NodeId e = node_wrap(t, use), up = node_parent(t, e), call = node_parent(t, up);
  if (node_is(t, up, PY_ARGUMENT_LIST) && node_is(t, call, PY_CALL)) {
    return str_is(name_of_callee(cx->m, call), "builtins.len");
  }
  return node_is(t, up, PY_SUBSCRIPT) && node_role(t, e) == FIELD_VALUE &&
         !node_is(t, node_field(t, up, FIELD_SUBSCRIPT), PY_SLICE) &&
         item_is_only_read(t, up);
}

// True if a name keeps it for several uses, all of which a range would do.
static bool judge_range(RuleContext *cx, const Cast *cast) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, cast->node), assignment = node_parent(t, e);
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || node_role(t, e) != FIELD_RIGHT ||
      !node_is(t, name, PY_IDENTIFIER) || cast->kind == CAST_SORTED) {
    return false;
  }
  DefId def = def_at(cx->m, name);
  if (!def_ok(def) || escape_of(cx->m, def) != 0) return false;
  RefList uses = flow_uses_of(cx->m, def);
  if (uses.unknown || uses.escapes_scope || uses.count < 2) return false;
  NodeId first = NO_NODE;
  bool indexed = false;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(cx->m, uses.items[i])->node;
    if (flow_only_def(cx->m, use).i != def.i || !range_would_do(cx, use)) return false;
    if (!node_ok(first) || use.i < first.i) first = use;
    indexed |= node_is(t, node_parent(t, node_wrap(t, use)), PY_SUBSCRIPT);
  }
  CastLazy lazy = cast_alone(cx->m, cast);
  if (indexed && lazy.doubt == NULL) {
    lazy.doubt = "an index out of range raises with another text";
  }
  report(cx, cast, first, STR("a range would do here"), lazy);
  return true;
}
