/* # deepcopy-in-loop (PML305)
 *
 * An object is copied in depth, and the copy is only read.
 *
 * ## Why it costs memory
 *
 * `copy.deepcopy` makes all anew that the object holds, and a table of what it has made
 * beside it: hundreds of bytes for each part, in each round of the loop.
 *
 * ## Example
 *
 *     for order in orders:
 *         own = copy.deepcopy(prices)
 *         total += own[order.item] * order.count
 *
 * ## Use instead
 *
 *     for order in orders:
 *         total += prices[order.item] * order.count
 *
 * ## Fix safety
 *
 * Safe for containers of numbers and texts. Unsafe otherwise: an object may have its own
 * way of being copied.
 *
 * ## Limits
 *
 * Silent where the copy or a part of it is changed, kept, returned, yielded or handed to
 * code that is not known to leave it alone; where its identity is asked for; where what
 * was copied may change before the copy is last read; and in tests. Numbers, texts and
 * tuples of them are not copied at all. Outside of loops it is a note.
 *
 * ## References
 *
 * `copy` in the Python library reference.
 */
#include "rule.h"

static RuleNodeFn on_call;

RULE(deepcopy_in_loop) = {
    .code = "PML305",
    .name = "deepcopy-in-loop",
    .summary = "an object is copied in depth, and the copy is only read",
    .templates =
        {"`{0}` copies all that it holds in each round, and the copy is only "
         "read; `{1}` can be read itself",
         "`{0}` copies all that it holds, and the copy is only read; `{1}` can "
         "be read itself"},
    .warn_on = {EVIDENCE_HOT},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML301", "PML302", "PML303", "PML304", "PML503"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

// `copy.deepcopy(x)`: the x.
static NodeId copied_by(RuleContext *cx, NodeId call) {
  if (!str_is(name_of_callee(cx->m, call), "copy.deepcopy")) return NO_NODE;
  NodeId list = node_field(cx->t, call, FIELD_ARGUMENTS), source = NO_NODE;
  if (!node_is(cx->t, list, PY_ARGUMENT_LIST) || node_count_named(cx->t, list) != 1) {
    return NO_NODE;
  }
  return call_argument(cx->m, call, 0, "x", &source) == ARG_PRESENT ? source : NO_NODE;
}

// A class of this file that says how it is copied.
static bool copies_itself(RuleContext *cx, Value v) {
  static const char *const methods[] = {"__deepcopy__", "__reduce__", "__reduce_ex__",
                                        "__getstate__", "__setstate__"};
  if (!node_is(cx->t, v.definition, PY_CLASS_DEFINITION)) return false;
  ScopeId scope = scope_of(cx->m, v.definition);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if (binding_ok(scope_lookup(cx->m, scope, str_from(methods[i])))) return true;
  }
  return false;
}

static void on_call(RuleContext *cx, NodeId call) {
  NodeId source = copied_by(cx, call);
  if (!node_ok(source)) return;
  Value from = value_of(cx->m, source);
  if (!cx_require(cx, call, !value_is_immutable(from), "it is not copied at all"))
    return;
  bool test = (context_of(cx->m, call).flags & CONTEXT_TEST) != 0;
  if (!cx_require(cx, call, !test, "a test may ask whether it can be copied")) return;
  if (!cx_require(cx, call, !copies_itself(cx, from),
                  "it says itself how to copy it")) {
    return;
  }
  Readonly read = readonly_of(cx->m, call, source);
  if (!cx_require(cx, call, read.refusal == NULL, read.refusal)) return;
  bool hot = context_is_hot(context_of(cx->m, call));
  Draft draft = {
      .anchor = call,
      .template_index = hot ? 0 : 1,
      .args = {cx_excerpt(cx, call), cx_excerpt(cx, source)},
      .evidence = evidence_of(cx, call, from),
  };
  if (!node_eq(read.last, call)) {
    draft.labels[0] = (DraftLabel){.node = read.last, .text = STR("read here at last")};
  }
  EditList edits = edits_in(cx->arena);
  if (edit_unwrap(&edits, cx->t, call, source)) {
    bool plain = value_holds_immutables(from);
    draft.fix = fix_of(&edits, plain ? NULL : "it may have its own way of being copied",
                       "read it without a copy");
  }
  cx_report(cx, draft);
}
