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

enum { MOST_USES = 32 };

typedef struct Uses {
  NodeId appends[MOST_USES], reducers[MOST_USES];
  uint32_t append_count, reducer_count;
} Uses;

static bool is_new_list(RuleContext *cx, NodeId value) {
  NodeId v = node_unwrap(cx->t, value);
  if (node_is(cx->t, v, PY_LIST)) return node_count_named(cx->t, v) == 0;
  return node_is(cx->t, v, PY_CALL) && !call_has_arguments(cx->m, v) &&
         str_is(name_of_callee(cx->m, v), "builtins.list");
}

// A plain local name, which nothing else can see.
static bool is_private(RuleContext *cx, DefId id) {
  const Def *def = def_get(cx->m, id);
  const Binding *b = binding_get(cx->m, def->binding);
  const Scope *scope = scope_get(cx->m, def->scope);
  uint32_t shared = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                    BIND_GLOBAL | BIND_IN_ERROR | BIND_DELETED;
  return scope->kind == SCOPE_FUNCTION && b->scope.i == def->scope.i &&
         (scope->flags & (SCOPE_DYNAMIC | SCOPE_BROKEN)) == 0 &&
         (b->flags & shared) == 0;
}

// `xs.append(x)` as a statement of its own: the call, else NO_NODE.
static NodeId append_at(RuleContext *cx, NodeId use) {
  const Tree *t = cx->t;
  NodeId attribute = node_parent(t, use), call = node_parent(t, attribute);
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  bool appends = node_is(t, attribute, PY_ATTRIBUTE) &&
                 node_role(t, use) == FIELD_OBJECT && node_is(t, call, PY_CALL) &&
                 node_role(t, attribute) == FIELD_FUNCTION &&
                 node_text_is(t, node_field(t, attribute, FIELD_ATTRIBUTE), "append") &&
                 node_is(t, node_parent(t, call), PY_EXPRESSION_STATEMENT);
  if (!appends || node_count_named(t, arguments) != 1) return NO_NODE;
  NodeId element = node_first_named(t, arguments);
  bool plain = !node_is(t, element, PY_LIST_SPLAT) &&
               (value_of(cx->m, element).flags & VALUE_STARTED) == 0;
  return plain ? call : NO_NODE;
}

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
  bool compares = str_is(name, "builtins.max") || str_is(name, "builtins.min");
  bool several = compares && call_positional_count(cx->m, call) != 1;
  return several ? NO_NODE : call;
}

static bool uses_of(RuleContext *cx, DefId def, Uses *out) {
  RefList refs = flow_uses_of(cx->m, def);
  *out = (Uses){0};
  if (refs.unknown || refs.escapes_scope || refs.count > MOST_USES) return false;
  for (uint32_t i = 0; i < refs.count; i++) {
    NodeId use = ref_get(cx->m, refs.items[i])->node;
    if (!node_is(cx->t, use, PY_IDENTIFIER) || flow_only_def(cx->m, use).i != def.i) {
      return false;
    }
    NodeId append = append_at(cx, use);
    NodeId reducer = node_ok(append) ? NO_NODE : reducer_at(cx, use);
    if (!node_ok(append) && !node_ok(reducer)) return false;
    if (node_ok(append)) {
      out->appends[out->append_count++] = append;
    } else {
      out->reducers[out->reducer_count++] = reducer;
    }
  }
  return out->append_count > 0 && out->reducer_count > 0;
}

// It grows in a loop that it was made before, and not over a few elements only.
static bool grows_in_loop(RuleContext *cx, NodeId assignment, const Uses *uses) {
  for (uint32_t i = 0; i < uses->append_count; i++) {
    NodeId append = uses->appends[i];
    for (NodeId loop = loop_around(cx->m, append, NO_NODE);
         node_ok(loop) && !node_inside(cx->t, assignment, loop);
         loop = loop_around(cx->m, append, loop)) {
      bool few = node_is(cx->t, loop, PY_FOR_STATEMENT) &&
                 size_is_small(value_of(cx->m, node_field(cx->t, loop, FIELD_RIGHT)));
      if (!few) return true;
    }
  }
  return false;
}

static bool grows_after(RuleContext *cx, NodeId name, const Uses *uses) {
  for (uint32_t i = 0; i < uses->reducer_count; i++) {
    for (uint32_t k = 0; k < uses->append_count; k++) {
      Answer again =
          flow_reaches_avoiding(cx->m, uses->reducers[i], uses->appends[k], &name, 1);
      if (again != ANSWER_NO) return true;
    }
  }
  return false;
}

static Str reducer_name(RuleContext *cx, NodeId reducer) {
  bool call = node_is(cx->t, reducer, PY_CALL);
  return cx_excerpt(cx, call ? call_callee(cx->m, reducer) : reducer);
}

static Str reducer_names(RuleContext *cx, const Uses *uses) {
  Str first = reducer_name(cx, uses->reducers[0]);
  for (uint32_t i = 1; i < uses->reducer_count; i++) {
    Str other = reducer_name(cx, uses->reducers[i]);
    if (str_eq(first, other)) continue;
    return cx_format(cx, "%.*s` and `%.*s", (int)first.n, first.p, (int)other.n,
                     other.p);
  }
  return first;
}

static void on_assignment(RuleContext *cx, NodeId assignment) {
  const Tree *t = cx->t;
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  DefId def = def_at(cx->m, name);
  if (!node_is(t, name, PY_IDENTIFIER) || !def_ok(def) ||
      !is_new_list(cx, node_field(t, assignment, FIELD_RIGHT)) ||
      !node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT)) {
    return;
  }
  Uses uses;
  if (!cx_require(cx, assignment, is_private(cx, def), "others see the list") ||
      !cx_require(cx, assignment, uses_of(cx, def, &uses),
                  "more is asked of the list than one value") ||
      !cx_require(cx, assignment, grows_in_loop(cx, assignment, &uses),
                  "it does not grow in a loop") ||
      !cx_require(cx, assignment, !grows_after(cx, name, &uses),
                  "it is reduced while it grows")) {
    return;
  }
  NodeId receiver = node_field(t, call_callee(cx->m, uses.appends[0]), FIELD_OBJECT);
  Value size = value_of(cx->m, receiver);
  if (!cx_require(cx, assignment, !size_is_small(size), "it stays small")) return;
  Draft draft = {.anchor = assignment,
                 .args = {node_text(t, name), reducer_names(cx, &uses)},
                 .labels = {{.node = uses.appends[0], .text = STR("grows here")},
                            {.node = uses.reducers[0], .text = STR("reduced here")}},
                 .evidence = evidence_of(cx, assignment, size),
                 .cost = {8, COST_PER_ITEM}};
  cx_report(cx, draft);
}
