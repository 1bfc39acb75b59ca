/* # list-into-constructor (PML206)
 *
 * A list is built only to be copied into another container.
 *
 * ## Why it costs memory
 *
 * List and copy are alive together: 8 bytes per item for the list's places. That is all
 * for `set`, `tuple`, `sorted`, `Counter` and `extend`, which keep the items anyway.
 * `bytes`, `bytearray` and `array` keep plain numbers instead: there the list, with its
 * number objects, is most of the peak. `dict` throws every pair away: 64 bytes each.
 *
 * ## Example
 *
 *     packed = bytes([value & 255 for value in values])
 *     sizes = dict([(row.name, row.size) for row in rows])
 *
 * ## Use instead
 *
 *     packed = bytes(value & 255 for value in values)
 *     sizes = {row.name: row.size for row in rows}
 *
 * ## Fix safety
 *
 * Safe where the elements are pure and cannot raise, or are plain numbers. Unsafe where
 * they call unknown code, or may raise when a part of them was taken already.
 *
 * ## Limits
 *
 * A warning for `bytes`, `bytearray`, `array` and `dict` where the size of the source is
 * unbounded; all else is a note. Silent below 100 elements, where the container that
 * grows is read by the elements, for receivers whose kind is unknown, for `join`,
 * `f(*[…])`, numpy and pandas, and where a generator cannot do the same.
 *
 * ## References
 *
 * PEP 274, dict comprehensions; PEP 289, generator expressions.
 */
#include "rule.h"

static RuleNodeFn on_list;
static void judge_call(RuleContext *cx, NodeId list, NodeId call, NodeId argument);
static void judge_added(RuleContext *cx, NodeId list, NodeId statement);
static void report(RuleContext *cx, NodeId list, NodeId place, const Pass *pass,
                   bool unpacks);

RULE(list_into_constructor) = {
    .code = "PML206",
    .name = "list-into-constructor",
    .summary = "a list is built to be copied into another container",
    .templates =
        {"list is built to be copied by `{0}`: {1}; a generator holds one item",
         "list is built to be copied by `{0}`, which keeps the items anyway: "
         "8 B per item"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML106", "PML208", "PML209", "PML210",
                  "PML211", "PML212", "PML217", "PML407"},
    .kinds = {PY_LIST_COMPREHENSION},
    .on_node = on_list,
};

static void on_list(RuleContext *cx, NodeId list) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, list), up = node_parent(t, e);
  if (node_is(t, up, PY_ARGUMENT_LIST)) {
    judge_call(cx, list, node_parent(t, up), e);
  } else if (node_is(t, up, PY_KEYWORD_ARGUMENT)) {
    judge_call(cx, list, node_parent(t, node_parent(t, up)), up);
  } else if (node_is(t, up, PY_AUGMENTED_ASSIGNMENT)) {
    judge_added(cx, list, up);
  }
}

// `bytes`, `array`, `dict`: what is kept is smaller than what the list holds.
static bool is_smaller(const SinkFact *sink) {
  static const char *const names[] = {
      "builtins.bytes",          "builtins.bytearray", "builtins.dict", "array.array",
      "collections.OrderedDict", ".array.extend",      ".dict.update"};
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(sink->name, names[i])) return true;
  }
  return false;
}

static void judge_call(RuleContext *cx, NodeId list, NodeId call, NodeId argument) {
  const SinkFact *sink = node_is(cx->t, call, PY_CALL) ? call_sink(cx->m, call) : NULL;
  if (sink == NULL || !sink_takes(cx->m, sink, call, argument)) return;
  SinkKind kind = sink_kind_at(sink, cx->settings->target.newest);
  bool copies = (kind == SINK_COPYING || kind == SINK_TRANSFORMING) &&
                (sink->flags & (SINK_LAZY | SINK_FANS_OUT | SINK_REDUCES)) == 0;
  bool is_other = (sink->flags & (SINK_REDUCES | SINK_SHORT_CIRCUIT)) != 0;
  if (is_other ||
      !cx_require(cx, list, copies, "what takes the list keeps or needs it"))
    return;
  Pass pass = {.kind = PASS_SINK, .node = call, .whole = call, .sink = sink};
  for (NodeId a = node_next_named(cx->t, argument); node_ok(a);
       a = node_next_named(cx->t, a)) {  // evaluated before a generator begins
    pass.calls |= effect_of(cx->m, a) & ~(EffectSet)EFFECT_MAY_RAISE;
  }
  report(cx, list, call, &pass, str_is(sink->name, "builtins.dict"));
}

static void judge_added(RuleContext *cx, NodeId list, NodeId statement) {
  const Tree *t = cx->t;
  NodeId left = node_field(t, statement, FIELD_LEFT);
  if (!node_text_is(t, node_field(t, statement, FIELD_OPERATOR), "+=") ||
      !cx_require(cx, list, value_of(cx->m, left).kind == VALUE_LIST,
                  "what it is added to is not known to be a list")) {
    return;
  }
  Pass pass = {.kind = PASS_SINK, .node = statement, .whole = list};
  report(cx, list, statement, &pass, false);
}

// The elements would see what was added before them, or never end.
static bool reads_what_grows(RuleContext *cx, NodeId list, const Pass *pass) {
  bool grows = pass->sink == NULL || pass->sink->name.p[0] == '.';
  if (!grows) return false;
  NodeId grown = node_field(cx->t, pass->node, FIELD_LEFT);
  Str method = STR_NONE;
  if (pass->sink != NULL) grown = call_receiver(cx->m, pass->node, &method);
  Str text = node_text(cx->t, grown);
  for (uint32_t i = list.i; i < node_after(cx->t, list); i++) {
    if (str_eq(node_text(cx->t, (NodeId){i}), text)) return true;
  }
  return effect_mutates(cx->m, pass->node, list) != MUTATION_NONE;
}

// tuple, list and sorted take every element before they do anything else.
static bool takes_all_first(const Pass *pass) {
  return pass->sink != NULL && (str_is(pass->sink->name, "builtins.tuple") ||
                                str_is(pass->sink->name, "builtins.list") ||
                                str_is(pass->sink->name, "builtins.sorted"));
}

static bool use_display(RuleContext *cx, EditList *edits, NodeId list, NodeId call);

static void report(RuleContext *cx, NodeId list, NodeId place, const Pass *pass,
                   bool unpacks) {
  if (!cx_require(cx, list, !reads_what_grows(cx, list, pass),
                  "the elements read what grows by them")) {
    return;
  }
  Lazy lazy =
      pass->sink != NULL ? lazy_here(cx->m, list, pass) : lazy_alone(cx->m, list);
  if (!cx_require(cx, list, lazy.refusal == NULL, lazy.refusal)) return;
  bool partial = pass->sink == NULL || pass->sink->name.p[0] == '.';
  bool raises =
      (lazy.effects & EFFECT_MAY_RAISE) != 0 || comprehension_source_runs(cx->m, list);
  if (takes_all_first(pass) && effect_is_pure(pass->calls) &&
      (lazy.effects & EFFECT_UNKNOWN_CALL) == 0 && !lazy.acts) {
    lazy.doubt = NULL;
  } else if (partial && raises && lazy.doubt == NULL) {
    lazy.doubt = "an element that raises does so after others were added";
  }
  Value size = value_of(cx->m, list);
  NodeId source = comprehension_source(cx->t, list);
  bool smaller = pass->sink != NULL && is_smaller(pass->sink);
  bool is_call = node_is(cx->t, place, PY_CALL);
  Draft draft = {
      .anchor = list,
      .template_index = smaller ? 0 : 1,
      .args = {is_call ? cx_excerpt(cx, call_callee(cx->m, place)) : STR("+=")},
      .labels = {{.node = is_call ? call_callee(cx->m, place)
                                  : node_field(cx->t, place, FIELD_LEFT),
                  .text = STR("copied here")},
                 {.node = source, .text = size_label(cx, size)}},
      .evidence = evidence_of(cx, list, size),
      .note_at_most = !smaller || lazy.little != NULL};
  draft.args[1] = item_cost(cx, list, &draft.cost);
  if (!smaller) draft.cost = (Cost){8, COST_PER_ITEM};
  EditList edits = edits_in(cx->arena);
  if (!unpacks || !use_display(cx, &edits, list, place)) {
    edit_brackets_to_generator(&edits, cx->t, list);
  }
  draft.fix = fix_of(&edits, lazy.doubt, "copy without a list between");
  cx_report(cx, draft);
}

// `dict([(k, v) for …])` -> `{k: v for …}`.
static bool use_display(RuleContext *cx, EditList *edits, NodeId list, NodeId call) {
  const Tree *t = cx->t;
  NodeId pair = comprehension_element(t, list);
  NodeId key = node_named_at(t, pair, 0), value = node_named_at(t, pair, 1);
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, pair, PY_TUPLE) || node_count_named(t, pair) != 2 ||
      node_count_named(t, arguments) != 1 || node_is(t, key, PY_LIST_SPLAT) ||
      node_is(t, value, PY_LIST_SPLAT) ||
      node_ok(node_ancestor(t, call, PY_INTERPOLATION))) {
    return false;
  }
  Span whole = node_span(t, call), k = node_span(t, key), v = node_span(t, value);
  Span gaps[] = {{whole.start, k.start},
                 {k.stop, v.start},
                 {v.stop, node_stop(t, pair)},
                 {node_stop(t, list) - 1, whole.stop}};
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t comments = 0;
    tree_comments_in(t, gaps[i], &comments);
    if (comments > 0) return false;
  }
  edit_replace(edits, gaps[0], STR("{"));
  edit_replace(edits, gaps[1], STR(": "));
  edit_replace(edits, gaps[2], STR_NONE);
  edit_replace(edits, gaps[3], STR("}"));
  return true;
}
