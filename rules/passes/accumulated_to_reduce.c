/* # accumulated-to-reduce (PML216)
 *
 * A list is filled in a loop, only to be summed, counted or searched for its extremes.
 *
 * ## Why it costs memory
 *
 * Every value is kept until the loop is over, 8 bytes for its place and mostly 24 to 28
 * for the number itself, though the answer needs one: a total, a count, the largest so
 * far.
 *
 * ## Example
 *
 *     sizes = []
 *     for row in rows:
 *         sizes.append(row.size)
 *     return sum(sizes), max(sizes)
 *
 * ## Use instead
 *
 *     total = largest = 0
 *     for row in rows:
 *         total += row.size
 *         largest = max(largest, row.size)
 *     return total, largest
 *
 * ## Fix safety
 *
 * No fix. A running total adds numbers in the order in which `sum` does, but `sum` of
 * floats is more exact from Python 3.12 on, and `math.fsum` always.
 *
 * ## Limits
 *
 * A warning where the size of the loop's source is unbounded, a note where it is
 * unknown, silent below 100 elements. Silent where anything else is asked of the list,
 * its truth included; where it is seen from elsewhere; where it is reduced while it
 * grows; for medians and deviations, which need all values; and for started work.
 *
 * ## References
 *
 * The Python library, `math.fsum`.
 */
#include "rule.h"

static RuleNodeFn on_assignment;

RULE(accumulated_to_reduce) = {
    .code = "PML216",
    .name = "accumulated-to-reduce",
    .summary = "a list is filled in a loop only to be reduced to one value",
    .templates =
        {"`{0}` keeps every value only for `{1}`: 8 B per item plus the items; "
         "a running result keeps one"},
    .warn_on = {EVIDENCE_SIZE},
    .yields_to = {"PML217"},
    .kinds = {PY_ASSIGNMENT},
    .on_node = on_assignment,
};

// `sum(xs)`, `len(xs)`: the call; `xs[-1]`: itself; else NO_NODE.
static NodeId reducer_at(RuleContext *cx, NodeId use) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, use), arguments = node_parent(t, e);
  NodeId call = node_parent(t, arguments);
  int64_t index = 0;
  bool last = node_is(t, arguments, PY_SUBSCRIPT) && node_role(t, e) == FIELD_VALUE &&
              constant_int(cx->m, node_field(t, arguments, FIELD_SUBSCRIPT), &index) &&
              index == -1 && node_role(t, arguments) != FIELD_LEFT &&
              !node_is(t, call, PY_DELETE_STATEMENT);
  if (last) return arguments;
  if (!node_is(t, arguments, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL)) {
    return NO_NODE;
  }
  Str name = name_of_callee(cx->m, call);
  if (str_is(name, "builtins.len")) return call;
  Pass pass = pass_of(cx->m, use);
  if (pass.kind != PASS_SINK || pass.wrapped ||
      (pass.sink->flags & SINK_REDUCES) == 0 || str_is(name, "builtins.next")) {
    return NO_NODE;
  }
  bool mean = str_is(name, "statistics.mean") || str_is(name, "statistics.fmean");
  if (str_starts(name, STR("statistics.")) && !mean) return NO_NODE;
  // The best of several: as many are kept, and what is left of them is wanted.
  if (str_starts(name, STR("heapq."))) return NO_NODE;
  bool compares = str_is(name, "builtins.max") || str_is(name, "builtins.min");
  bool several = compares && call_positional_count(cx->m, call) != 1;
  return several ? NO_NODE : call;
}

// Every other use reduces it, and there is one: the calls replace the names.
static bool is_only_reduced(RuleContext *cx, Grown *g) {
  for (uint32_t i = 0; i < g->other_count; i++) {
    g->others[i] = reducer_at(cx, g->others[i]);
    if (!node_ok(g->others[i])) return false;
  }
  return g->other_count > 0;
}

// `assert len(found) <= 3` above one of them.
static bool is_tested_to_be_short(RuleContext *cx, const Grown *g) {
  for (uint32_t i = 0; i < g->other_count; i++) {
    if (length_is_guarded(cx->m, g->others[i], g->others[i])) return true;
  }
  return false;
}

static bool grows_after_reducer(RuleContext *cx, const Grown *g) {
  for (uint32_t i = 0; i < g->other_count; i++) {
    if (grown_after(cx->m, g, g->others[i])) return true;
  }
  return false;
}

static Str reducer_name(RuleContext *cx, NodeId reducer) {
  bool call = node_is(cx->t, reducer, PY_CALL);
  return cx_excerpt(cx, call ? call_callee(cx->m, reducer) : reducer);
}

static Str reducer_names(RuleContext *cx, const Grown *g) {
  Str first = reducer_name(cx, g->others[0]);
  for (uint32_t i = 1; i < g->other_count; i++) {
    Str other = reducer_name(cx, g->others[i]);
    if (str_eq(first, other)) continue;
    return cx_format(cx, "%.*s` and `%.*s", (int)first.n, first.p, (int)other.n,
                     other.p);
  }
  return first;
}

static void on_assignment(RuleContext *cx, NodeId assignment) {
  if (!grown_is_start(cx->m, assignment)) return;
  Grown g;
  if (!cx_require(cx, assignment, grown_of(cx->m, assignment, &g),
                  "others see the list, or it does not only grow") ||
      !cx_require(cx, assignment, !is_tested_to_be_short(cx, &g),
                  "a test says that it is short") ||
      !cx_require(cx, assignment, is_only_reduced(cx, &g),
                  "more is asked of the list than one value") ||
      !cx_require(cx, assignment, node_ok(grown_loop(cx->m, &g)),
                  "it does not grow in a loop") ||
      !cx_require(cx, assignment, !grows_after_reducer(cx, &g),
                  "it is reduced while it grows")) {
    return;
  }
  Value size = grown_size(cx->m, &g);
  if (!cx_require(cx, assignment, !size_is_small(size), "it stays small")) return;
  Draft draft = {.anchor = assignment,
                 .args = {node_text(cx->t, g.name), reducer_names(cx, &g)},
                 .labels = {{.node = g.appends[0], .text = STR("grows here")},
                            {.node = g.others[0], .text = STR("reduced here")}},
                 .evidence = evidence_of(cx, assignment, size),
                 .cost = {8, COST_PER_ITEM}};
  cx_report(cx, draft);
}
