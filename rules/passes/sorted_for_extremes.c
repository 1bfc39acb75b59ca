/* # sorted-for-extremes (PML210)
 *
 * Everything is sorted to take the first, or the first few.
 *
 * ## Why it costs memory
 *
 * `sorted` makes a list of all items: 8 bytes for the place of each, 8 more for each key,
 * and the item itself where nothing else holds it. `min` keeps one item, and
 * `heapq.nsmallest(k, …)` keeps k. Both are faster, too: they sort nothing, or little.
 *
 * ## Example
 *
 *     least = sorted(sizes)[0]
 *     top = sorted(table.items(), key=weight, reverse=True)[:10]
 *
 * ## Use instead
 *
 *     least = min(sizes)
 *     top = heapq.nlargest(10, table.items(), key=weight)
 *
 * ## Fix safety
 *
 * Unsafe: nothing at all raises ValueError in `min` where `[0]` raised IndexError, and
 * items that cannot be compared, or compare as equal to nothing, may be noticed by the
 * one and not by the other.
 *
 * ## Limits
 *
 * A warning where the size of the source is unbounded, a note where it is unknown,
 * silent below 100 elements. `[-1]` and `[-k:]` are silent: of equal items the last is
 * taken, and `max` takes the first. Silent where the rest is used, where k is unknown or
 * not small, and in a handler that waits for IndexError.
 *
 * ## References
 *
 * The Python library, `heapq.nsmallest`.
 */
#include "rule.h"

static RuleNodeFn on_call;

RULE(sorted_for_extremes) = {
    .code = "PML210",
    .name = "sorted-for-extremes",
    .summary = "everything is sorted to take the first few",
    .templates = {"all of `{0}` is sorted for its first item: {1}; `{2}` holds one",
                  "all of `{0}` is sorted for its first {3}: {1}; `{2}` holds {3}"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML106"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

typedef struct Sorting {
  NodeId source, key;
  bool reverse;
} Sorting;

static bool sorting_of(RuleContext *cx, NodeId call, Sorting *out) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  *out = (Sorting){0};
  if (node_is(t, arguments, PY_GENERATOR_EXPRESSION)) {
    out->source = arguments;
    return true;
  }
  for (NodeId a = node_first_named(t, arguments); node_ok(a);
       a = node_next_named(t, a)) {
    if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) {
      bool plain = !node_ok(out->source) && !node_is(t, a, PY_LIST_SPLAT) &&
                   !node_is(t, a, PY_DICTIONARY_SPLAT);
      if (!plain) return false;
      out->source = a;
    } else if (node_text_is(t, node_field(t, a, FIELD_NAME), "key")) {
      out->key = a;
    } else if (!node_text_is(t, node_field(t, a, FIELD_NAME), "reverse") ||
               !constant_bool(cx->m, node_field(t, a, FIELD_VALUE), &out->reverse)) {
      return false;
    }
  }
  return node_ok(out->source);
}

// What the items come from: of a generator, its first source.
static Value size_of_source(RuleContext *cx, NodeId source) {
  Value v = value_of(cx->m, source);
  bool generator = node_is(cx->t, source, PY_GENERATOR_EXPRESSION);
  if (!generator || v.size != SIZE_UNKNOWN) return v;
  Value first = value_of(cx->m, comprehension_source(cx->t, source));
  first.flags |= v.flags & VALUE_STARTED;
  return first;
}

static Fix take_extremes(RuleContext *cx, NodeId call, Sorting s, const Part *part,
                         const char *function);

static void on_call(RuleContext *cx, NodeId call) {
  if (!str_is(name_of_callee(cx->m, call), "builtins.sorted")) return;
  Part part = part_of(cx->m, call);
  Sorting sorting;
  if (!cx_require(cx, call, part.kind != PART_NONE,
                  "more is used than its first items, or others") ||
      !cx_require(cx, call, sorting_of(cx, call, &sorting),
                  "it is sorted in a way that is not written out")) {
    return;
  }
  Value size = size_of_source(cx, sorting.source);
  bool small = size_is_small(size) || size_is_small(value_of(cx->m, call));
  if (!cx_require(cx, call, !small, "there is little to sort") ||
      !cx_require(cx, call, part.kind == PART_FIRST || part.count < SMALL_SIZE,
                  "much of it is used") ||
      !cx_require(cx, call,
                  part.kind == PART_HEAD ||
                      context_catches(cx->m, part.node, "builtins.IndexError") ==
                          ANSWER_NO,
                  "a handler waits for IndexError")) {
    return;
  }
  const char *function = part.kind == PART_FIRST ? sorting.reverse ? "max" : "min"
                         : sorting.reverse       ? "heapq.nlargest"
                                                 : "heapq.nsmallest";
  bool keyed = node_ok(sorting.key);
  Cost cost = {keyed ? 16 : 8, COST_PER_ITEM};
  Draft draft = {.anchor = call,
                 .template_index = part.kind == PART_FIRST ? 0 : 1,
                 .labels = {{.node = part.node, .text = STR("only this is taken")},
                            {.node = sorting.source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, call, size),
                 .cost = cost};
  draft.args[0] = cx_excerpt(cx, sorting.source);
  draft.args[1] = cx_format(cx, "%u B per item plus the items", cost.bytes);
  draft.args[2] = str_from(function);
  draft.args[3] = cx_format(cx, "%lld", (long long)part.count);
  draft.fix = take_extremes(cx, call, sorting, &part, function);
  cx_report(cx, draft);
}

static Fix take_extremes(RuleContext *cx, NodeId call, Sorting s, const Part *part,
                         const char *function) {
  const Tree *t = cx->t;
  bool first = part->kind == PART_FIRST;
  bool writable = first ? can_write_builtin(cx, call, function)
                        : can_write_module(cx, call, "heapq");
  uint32_t comments = 0;
  tree_comments_in(t, node_span(t, part->node), &comments);
  if (part->named || comments > 0 || !writable) return (Fix){0};
  Span whole = node_span(t, part->node), source = node_span(t, s.source);
  bool generator = node_is(t, s.source, PY_GENERATOR_EXPRESSION);
  bool bare = generator && node_role(t, s.source) == FIELD_ARGUMENTS;
  if (bare && first) source = (Span){source.start + 1, source.stop - 1};
  Str key = node_ok(s.key)
                ? str_printf_in(cx->arena, ", %.*s", (int)node_text(t, s.key).n,
                                node_text(t, s.key).p)
                : STR_NONE;
  Str count = first
                  ? STR_NONE
                  : str_printf_in(cx->arena, "%.*s, ", (int)node_text(t, part->bound).n,
                                  node_text(t, part->bound).p);
  EditList edits = edits_in(cx->arena);
  edit_replace(
      &edits, (Span){whole.start, source.start},
      text_apart(cx, whole.start,
                 str_printf_in(cx->arena, "%s(%.*s", function, (int)count.n, count.p)));
  edit_replace(&edits, (Span){source.stop, whole.stop},
               str_printf_in(cx->arena, "%.*s)", (int)key.n, key.p));
  if (!first) write_import(cx, &edits, "heapq");
  return edits_fix(&edits, FIX_UNSAFE, STR("keep only what is taken"),
                   first ? STR("without any item ValueError is raised, not IndexError")
                         : STR("items that cannot be ordered may go unnoticed"));
}
