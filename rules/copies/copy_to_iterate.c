/* # copy-to-iterate (PML301)
 *
 * A list, set or dict is copied only to walk through the copy once.
 *
 * ## Why it costs memory
 *
 * The copy has a place for every item: 8 bytes in a list, more in a set or dict. The
 * loop needs one item at a time, and the container gives them as well.
 *
 * ## Example
 *
 *     for size in list(sizes):
 *         total += size
 *
 * ## Use instead
 *
 *     for size in sizes:
 *         total += size
 *
 * ## Fix safety
 *
 * Safe where nothing that runs in the pass can change the container; unsafe where the
 * pass changes another object that may be the same one, or where the copy of a set may
 * have another order. None for a parameter while unknown code runs.
 *
 * ## Limits
 *
 * Copying is right where the body adds or removes items, by whatever name: the rule is
 * silent there. It is silent as well where the container is an attribute, a global or a
 * captured name and unknown code, `await` or `yield` comes between two items; where a
 * thread may change it; for weak containers, `sys.modules` and `os.environ`; and below
 * 100 items. `tuple(t)`, `s[:]` of a text and `frozenset(f)` copy nothing. Iterators,
 * views and ranges that become lists are another rule's.
 *
 * ## References
 *
 * "The for statement" in the Python language reference, on sequences that change.
 */
#include "rule.h"

static RuleNodeFn on_copy;
static NodeId walked(RuleContext *cx, NodeId copied);
static void report(RuleContext *cx, const HeldCopy *copy, const Pass *pass, Snapshot s);

RULE(copy_to_iterate) = {
    .code = "PML301",
    .name = "copy-to-iterate",
    .summary = "a container is copied only to walk through the copy once",
    .templates =
        {"`{0}` is a copy for one pass: {1}; `{2}` can be walked through itself"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML302", "PML303", "PML503"},
    .kinds = {PY_CALL, PY_SUBSCRIPT, PY_LIST, PY_DICTIONARY},
    .on_node = on_copy,
};

// One pass, on the spot or from a local name, that takes an item at a time.
static bool takes_one(RuleContext *cx, NodeId expression, Pass *out) {
  *out = pass_of(cx->m, expression);
  if (out->kind == PASS_NONE || out->kind == PASS_KEPT || out->few) return false;
  if (out->kind != PASS_SINK || out->wrapped) return true;
  const uint32_t forgets = SINK_LOOP | SINK_REDUCES | SINK_SHORT_CIRCUIT;
  return (out->sink->flags & forgets) != 0;
}

// What is empty for all that the file shows is filled by others.
static bool is_small(Value v) { return size_is_small(v) && v.high > 0; }

static void on_copy(RuleContext *cx, NodeId node) {
  HeldCopy copy = held_copy_of(cx->m, node);
  if (!node_ok(copy.node)) return;
  Pass pass;
  SingleUse kept = {0};
  bool here = takes_one(cx, walked(cx, node), &pass);
  bool named = !here && single_use_of(cx->m, node, &kept) &&
               takes_one(cx, walked(cx, kept.use), &pass) && !pass.again;
  if (!cx_require(cx, node, here || named, "it is not walked through once")) return;
  bool small = is_small(value_of(cx->m, node)) || is_small(copy.from);
  if (!cx_require(cx, node, !small, "it is small")) return;
  Snapshot s = here ? snapshot_here(cx->m, copy.source, &pass)
                    : snapshot_from(cx->m, copy.source, kept.statement, &pass);
  if (!cx_require(cx, node, s.refusal == NULL, s.refusal)) return;
  report(cx, &copy, &pass, s);
}

// `dict(d).items()`: the view is walked through. Or the expression itself.
static NodeId walked(RuleContext *cx, NodeId copied) {
  const Tree *t = cx->t;
  NodeId attribute = node_parent(t, node_wrap(t, copied));
  NodeId call = node_parent(t, attribute);
  bool viewed = node_is(t, attribute, PY_ATTRIBUTE) && node_is(t, call, PY_CALL) &&
                node_role(t, attribute) == FIELD_FUNCTION &&
                value_of(cx->m, copied).kind == VALUE_DICT &&
                value_of(cx->m, call).kind == VALUE_VIEW;
  return viewed ? call : copied;
}

static void report(RuleContext *cx, const HeldCopy *copy, const Pass *pass,
                   Snapshot s) {
  bool hashed = copy->kind == VALUE_SET || copy->kind == VALUE_FROZENSET ||
                copy->kind == VALUE_DICT;
  Value made = value_of(cx->m, copy->node);
  Value size = size_is_unbounded(made) ? made : copy->from;
  Draft draft = {
      .anchor = copy->node,
      .args = {cx_excerpt(cx, copy->node),
               hashed ? STR("a place for every item") : STR("8 B per item"),
               cx_excerpt(cx, copy->source)},
      .labels = {{.node = pass_place(cx->t, pass), .text = pass_label(pass)},
                 {.node = copy->source, .text = size_label(cx, size)}},
      .evidence = evidence_of(cx, copy->node, size),
      .cost = hashed ? (Cost){0} : (Cost){8, COST_PER_ITEM},
      .note_at_most = s.little,
  };
  const char *order = copy->reorders ? "the copy may have another order" : NULL;
  EditList edits = edits_in(cx->arena);
  if (!s.no_fix && edit_unwrap(&edits, cx->t, copy->node, copy->source)) {
    draft.fix = fix_of(&edits, s.doubt != NULL ? s.doubt : order,
                       "walk through it without a copy");
  }
  cx_report(cx, draft);
}
