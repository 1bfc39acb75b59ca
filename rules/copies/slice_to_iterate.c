/* # slice-to-iterate (PML302)
 *
 * A slice of a sequence is made only to walk through it once.
 *
 * ## Why it costs memory
 *
 * A slice of a list, tuple or text is a copy: 8 bytes for the place of every item of a
 * list or tuple, a byte or more for every character. The loop needs one at a time.
 *
 * ## Example
 *
 *     for size in sizes[::-1]:
 *         total = total * 2 + size
 *
 * ## Use instead
 *
 *     for size in reversed(sizes):
 *         total = total * 2 + size
 *
 * and `itertools.islice(sizes, 1, None)` for `sizes[1:]`; from Python 3.10 on,
 * `itertools.pairwise(sizes)` for `zip(sizes, sizes[1:])`.
 *
 * ## Fix safety
 *
 * Safe where nothing in the loop can change the sequence; unsafe where the body
 * changes another object that may be the same one. None for bounds that may be negative.
 *
 * ## Limits
 *
 * Only lists, tuples, texts and bytes: slices of ranges, arrays and memoryviews copy
 * nothing. Silent where the body changes the sequence, and below 100 items. Without the
 * head, or with a step, it is a note: `islice` walks over what it leaves out. A note
 * without a fix, too, where unknown code runs meanwhile. A copy of all is another rule's.
 *
 * ## References
 *
 * `reversed` and `itertools.islice` in the Python library reference.
 */
#include "rule.h"

enum { SHORT_TEXT = 256 };  // characters

static RuleNodeFn on_subscript;
static bool walks(RuleContext *cx, NodeId subscript, NodeId object, Pass *out);
static void report(RuleContext *cx, NodeId subscript, const Slice *p, const Pass *pass);
static Fix use_reversed(RuleContext *cx, NodeId subscript, const Slice *p,
                        const char *caveat);
static Fix use_islice(RuleContext *cx, NodeId subscript, const Slice *p,
                      const char *caveat);

RULE(slice_to_iterate) = {
    .code = "PML302",
    .name = "slice-to-iterate",
    .summary = "a slice is made only to walk through it once",
    .templates = {"slice is a copy for one pass: {0}; `reversed` copies nothing",
                  "slice is a copy for one pass: {0}; `itertools.{1}` copies nothing"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML503"},
    .kinds = {PY_SUBSCRIPT},
    .on_node = on_subscript,
};

// `zip(x, x[1:])`
static bool is_neighbour(RuleContext *cx, NodeId subscript, const Slice *p) {
  const Tree *t = cx->t;
  NodeId arguments = node_parent(t, subscript);
  int64_t start = 0;
  bool zipped =
      node_is(t, arguments, PY_ARGUMENT_LIST) && !node_ok(p->step) &&
      !node_ok(p->stop) && node_ok(p->start) && constant_int(cx->m, p->start, &start) &&
      start == 1 &&
      str_is(name_of_callee(cx->m, node_parent(t, arguments)), "builtins.zip");
  return zipped &&
         str_eq(node_text(t, node_first_named(t, arguments)), node_text(t, p->object));
}

// `x[-n:]`, `x[int(-n / 2):]`, `x[len(x) - n:]` may count from the end.
static bool has_minus(const Tree *t, NodeId bound) {
  for (NodeId n = bound; n.i < node_after(t, bound); n.i++) {
    if (node_is(t, n, PY_OP_SUB)) return true;
  }
  return false;
}

// Left out, or a number that is not negative; `or_name` lets any expression be a start.
static bool is_forward(RuleContext *cx, NodeId bound, bool or_name) {
  int64_t value = 0;
  if (!node_ok(bound)) return true;
  if (constant_int(cx->m, bound, &value)) return value >= 0;
  return or_name && !has_minus(cx->t, bound);
}

// What is empty for all that the file shows is filled by others.
static bool is_small(Value v) { return size_is_small(v) && v.high > 0; }

// `data[:100]`: a copy of so little text is hardly more than what would walk through it.
static bool is_short_text(RuleContext *cx, const Slice *p) {
  Value object = value_of(cx->m, p->object);
  return value_is_text(object) && slice_is_below(cx->m, p, SHORT_TEXT);
}

static void on_subscript(RuleContext *cx, NodeId subscript) {
  Slice p = {0};
  Pass pass = {0};
  if (!slice_of(cx->m, subscript, &p)) return;
  bool reversal = slice_is_reversal(cx->m, &p),
       whole = !node_ok(p.start) && !node_ok(p.stop);
  int64_t step = 1;
  if (node_ok(p.step) && (!constant_int(cx->m, p.step, &step) || step == 0)) return;
  bool forward = step > 0 && !(whole && step == 1) && is_forward(cx, p.start, true) &&
                 is_forward(cx, p.stop, false);
  if (!reversal && !forward) return;
  if (!walks(cx, subscript, p.object, &pass)) return;
  switch (value_of(cx->m, p.object).kind) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_STR:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY: break;
    default:
      cx_require(cx, subscript, false,
                 "its kind is unknown, or slices it without a copy");
      return;
  }
  bool small = is_small(value_of(cx->m, subscript)) ||
               is_small(value_of(cx->m, p.object)) || slice_is_small(cx->m, &p) ||
               is_short_text(cx, &p);
  if (!cx_require(cx, subscript, !small, "it is small")) return;
  report(cx, subscript, &p, &pass);
}

// Walked through once, on the spot or from a local name, and not changed before.
static bool walks(RuleContext *cx, NodeId subscript, NodeId object, Pass *out) {
  *out = pass_of(cx->m, subscript);
  if (out->kind == PASS_NONE) {
    SingleUse kept;
    if (!single_use_of(cx->m, subscript, &kept)) return false;
    *out = pass_of(cx->m, kept.use);
    if (out->kind == PASS_NONE || out->again) return false;
    bool changed =
        effect_mutates_between(cx->m, kept.statement, kept.use, object) !=
            MUTATION_NONE ||
        effect_rebinds_names_between(cx->m, kept.statement, kept.use, object);
    if (!cx_require(cx, subscript, !changed, "it is changed before the pass")) {
      return false;
    }
  }
  if (out->kind != PASS_SINK) return true;
  return out->wrapped ||
         (out->sink->flags & (SINK_LOOP | SINK_REDUCES | SINK_SHORT_CIRCUIT)) != 0;
}

static void report(RuleContext *cx, NodeId subscript, const Slice *p,
                   const Pass *pass) {
  Value object = value_of(cx->m, p->object);
  bool reversal = slice_is_reversal(cx->m, p);
  Snapshot s = snapshot_here(cx->m, p->object, pass);
  if (!cx_require(cx, subscript, s.refusal == NULL, s.refusal)) return;
  bool neighbour = is_neighbour(cx, subscript, p);
  bool items = object.kind == VALUE_LIST || object.kind == VALUE_TUPLE;
  Value size = value_of(cx->m, subscript);
  if (!size_is_unbounded(size)) size = object;
  Evidence evidence = evidence_of(cx, subscript, size);
  if (!items && (object.flags & VALUE_FROM_PARAMETER) != 0) evidence |= EVIDENCE_SIZE;
  Draft draft = {
      .anchor = subscript,
      .template_index = reversal ? 0 : 1,
      .args = {items ? STR("8 B per item") : STR("all its characters"),
               neighbour && cx_fix_runs(cx, 10) ? STR("pairwise") : STR("islice")},
      .labels = {{.node = pass_place(cx->t, pass), .text = pass_label(pass)},
                 {.node = p->object, .text = size_label(cx, size)}},
      .evidence = evidence,
      .cost = items ? (Cost){8, COST_PER_ITEM} : (Cost){0},
      .note_at_most = s.little || (!reversal && !neighbour)};
  if (!s.no_fix && !pass->again) {
    draft.fix = reversal ? use_reversed(cx, subscript, p, s.doubt)
                         : use_islice(cx, subscript, p, s.doubt);
  }
  cx_report(cx, draft);
}

static Fix use_reversed(RuleContext *cx, NodeId subscript, const Slice *p,
                        const char *caveat) {
  Span whole = node_span(cx->t, subscript), kept = node_span(cx->t, p->object);
  if (edit_loses_comment(cx->t, whole, kept) ||
      !can_write_builtin(cx, subscript, "reversed")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_insert(&edits, whole.start, STR("reversed("));
  edit_replace(&edits, (Span){kept.stop, whole.stop}, STR(")"));
  return fix_of(&edits, caveat, "walk backwards without a copy");
}

static Str bound_text(RuleContext *cx, NodeId bound) {
  return node_ok(bound) ? node_text(cx->t, bound) : STR("None");
}

static Fix use_islice(RuleContext *cx, NodeId subscript, const Slice *p,
                      const char *caveat) {
  Span whole = node_span(cx->t, subscript), kept = node_span(cx->t, p->object);
  if (!is_forward(cx, p->start, false) || edit_loses_comment(cx->t, whole, kept) ||
      !can_write_module(cx, subscript, "itertools")) {
    return (Fix){0};
  }
  Str start = bound_text(cx, p->start), stop = bound_text(cx, p->stop);
  Str step = bound_text(cx, p->step);
  bool stepped = node_ok(p->step);
  EditList edits = edits_in(cx->arena);
  edit_insert(&edits, whole.start, STR("itertools.islice("));
  edit_replace(&edits, (Span){kept.stop, whole.stop},
               cx_format(cx, ", %.*s, %.*s%s%.*s)", (int)start.n, start.p, (int)stop.n,
                         stop.p, stepped ? ", " : "", stepped ? (int)step.n : 0,
                         step.p));
  write_import(cx, &edits, "itertools");
  return fix_of(&edits, caveat, "walk through it without a copy");
}
