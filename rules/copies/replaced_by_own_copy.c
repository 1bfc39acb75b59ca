/* # replaced-by-own-copy (PML307)
 *
 * A list is replaced by a sorted or reversed copy of itself.
 *
 * ## Why it costs memory
 *
 * `names = sorted(names)` makes a second list of the same items, 8 bytes for each, while
 * the first is still alive. `names.sort()` and `names.reverse()` move the items in the
 * list that is there.
 *
 * ## Example
 *
 *     names = [row.name for row in rows]
 *     names = sorted(names, key=len)
 *     names = names[::-1]
 *
 * ## Use instead
 *
 *     names = [row.name for row in rows]
 *     names.sort(key=len)
 *     names.reverse()
 *
 * ## Fix safety
 *
 * Safe where the list is known to be one. Unsafe where only an annotation says so, and
 * inside a `with` that may swallow an error: a list whose sorting fails stays half sorted.
 *
 * ## Limits
 *
 * Only lists that the function made itself and that nothing else holds: parameters,
 * attributes, globals, captured names, aliases and what was stored, yielded or handed to
 * unknown code keep their order. Silent where the key reads the list, which is empty
 * meanwhile; where a handler or `finally` goes on with the list; in a loop that walks
 * through it; and below 100 items.
 *
 * ## References
 *
 * `list.sort` and "Mutable Sequence Types" in the Python library reference.
 */
#include "rule.h"

typedef struct Replacement {  // `name = sorted(old, …)`
  NodeId assignment;
  NodeId made;  // the call or slice
  NodeId old;   // the identifier that is read
  bool sorts;   // else it reverses
} Replacement;

static RuleNodeFn on_assignment;
static bool replacement_of(RuleContext *cx, NodeId assignment, Replacement *out);
static const char *refusal_of(RuleContext *cx, const Replacement *r, const Own *own);
static Fix move_in_place(RuleContext *cx, const Replacement *r, const Own *own);

RULE(replaced_by_own_copy) = {
    .code = "PML307",
    .name = "replaced-by-own-copy",
    .summary = "a list is replaced by a sorted or reversed copy of itself",
    .templates = {"`{0}` is copied to be {1}: 8 B per item while both lists are alive; "
                  "`{0}.{2}` needs no second one"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106",
                  "PML107", "PML108", "PML111", "PML112", "PML113", "PML114",
                  "PML201", "PML202", "PML203", "PML204", "PML205", "PML206",
                  "PML207", "PML208", "PML209", "PML210", "PML211", "PML212",
                  "PML213", "PML214", "PML215", "PML216", "PML217", "PML218",
                  "PML301", "PML302", "PML303", "PML305", "PML306", "PML503"},
    .kinds = {PY_ASSIGNMENT},
    .on_node = on_assignment,
};

static void on_assignment(RuleContext *cx, NodeId assignment) {
  Replacement r;
  if (!replacement_of(cx, assignment, &r)) return;
  Own own = own_of(cx->m, r.old);
  const char *refusal = refusal_of(cx, &r, &own);
  if (!cx_require(cx, assignment, refusal == NULL, refusal)) return;
  Value size = value_of(cx->m, r.made), before = value_of(cx->m, r.old);
  if (!size_is_unbounded(size)) size = before;
  bool small = (size_is_small(before) && before.high > 0) || own_is_small(cx->m, &own);
  if (!cx_require(cx, assignment, !small, "it is small")) return;
  cx_report(cx, (Draft){.anchor = r.made,
                        .args = {node_text(cx->t, r.old),
                                 r.sorts ? STR("sorted") : STR("reversed"),
                                 r.sorts ? STR("sort()") : STR("reverse()")},
                        .labels = {{.node = own.fresh[0], .text = STR("made here")}},
                        .evidence = evidence_of(cx, r.made, size),
                        .cost = {8, COST_PER_ITEM},
                        .fix = move_in_place(cx, &r, &own)});
}

// --- forms ---------------------------------------------------------------------------

static NodeId sole_positional(RuleContext *cx, NodeId call) {
  NodeId argument;
  bool one = call_positional_count(cx->m, call) == 1 && !call_has_stars(cx->m, call) &&
             call_argument(cx->m, call, 0, NULL, &argument) == ARG_PRESENT;
  return one ? argument : NO_NODE;
}

static NodeId reversed_name(RuleContext *cx, NodeId made) {
  const Tree *t = cx->t;
  if (node_is(t, made, PY_SUBSCRIPT)) {
    Slice slice;
    bool turns = slice_of(cx->m, made, &slice) && slice_is_reversal(cx->m, &slice);
    return turns ? slice.object : NO_NODE;
  }
  if (!str_is(name_of_callee(cx->m, made), "builtins.list")) return NO_NODE;
  NodeId inner = node_unwrap(t, sole_positional(cx, made));
  bool turns = node_is(t, inner, PY_CALL) &&
               str_is(name_of_callee(cx->m, inner), "builtins.reversed");
  return turns ? sole_positional(cx, inner) : NO_NODE;
}

static bool replacement_of(RuleContext *cx, NodeId assignment, Replacement *out) {
  const Tree *t = cx->t;
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  NodeId made = node_unwrap(t, node_field(t, assignment, FIELD_RIGHT));
  if (!node_is(t, left, PY_IDENTIFIER) ||
      !node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT) ||
      (!node_is(t, made, PY_CALL) && !node_is(t, made, PY_SUBSCRIPT))) {
    return false;
  }
  Copy copy = copy_of(cx->m, made);
  bool sorts = (copy.flags & COPY_ORDERS) != 0;
  NodeId old = node_unwrap(t, sorts ? copy.source : reversed_name(cx, made));
  *out = (Replacement){assignment, made, old, sorts};
  return node_is(t, old, PY_IDENTIFIER) &&
         str_eq(node_text(t, old), node_text(t, left));
}

// --- preconditions -------------------------------------------------------------------

// Where sorting fails, the list is half sorted: does anybody look at it then?
static bool is_read_after_failure(RuleContext *cx, const Replacement *r,
                                  const Own *own) {
  const Tree *t = cx->t;
  for (NodeId tried = try_around(cx->m, r->assignment, NO_NODE); node_ok(tried);
       tried = try_around(cx->m, r->assignment, tried)) {
    for (NodeId c = node_first_named(t, tried); node_ok(c); c = node_next_named(t, c)) {
      bool handles =
          node_is(t, c, PY_EXCEPT_CLAUSE) || node_is(t, c, PY_FINALLY_CLAUSE);
      NodeId block = node_child(t, c, PY_BLOCK);
      if (handles && own_is_used_from(cx->m, own, block)) return true;
    }
  }
  return false;
}

static bool is_suppressed(RuleContext *cx, const Replacement *r) {
  NodeId w = with_around(cx->m, r->assignment, NO_NODE);
  if (!node_ok(w)) return false;
  CaughtList caught = context_caught(cx->m, r->assignment);
  for (; node_ok(w); w = with_around(cx->m, r->assignment, w)) {
    NodeId item = node_first_named(cx->t, w);
    if (node_is(cx->t, item, PY_AS_PATTERN)) item = node_first_named(cx->t, item);
    bool suppresses = str_is(name_of_callee(cx->m, item), "contextlib.suppress");
    if (suppresses && caught.count > 0) return true;
  }
  return false;
}

static const char *refusal_of(RuleContext *cx, const Replacement *r, const Own *own) {
  if (own->refusal != NULL) return own->refusal;
  if (own->kind != VALUE_LIST || own->type == TYPE_VARIES) return "it is no list";
  if (own_is_shared(cx->m, own, r->old)) return "something else may hold it";
  BindingId b = own->binding;
  for (RefId ref = ref_first(cx->m, b); ref_ok(ref); ref = ref_next(cx->m, ref)) {
    NodeId use = ref_get(cx->m, ref)->node;
    if (!node_eq(use, r->old) && node_inside(cx->t, use, r->made)) {
      return "the key reads the list, which is empty meanwhile";
    }
  }
  if (!r->sorts) return NULL;
  if (is_suppressed(cx, r) || is_read_after_failure(cx, r, own)) {
    return "it is read when sorting has failed";
  }
  return NULL;
}

// --- fix -----------------------------------------------------------------------------

// What may swallow an error, so that the code behind it sees a half sorted list.
static bool may_swallow(RuleContext *cx, const Replacement *r) {
  for (NodeId w = with_around(cx->m, r->assignment, NO_NODE); node_ok(w);
       w = with_around(cx->m, r->assignment, w)) {
    NodeId item = node_first_named(cx->t, w);
    if (node_is(cx->t, item, PY_AS_PATTERN)) item = node_first_named(cx->t, item);
    if (!value_is_file(value_of(cx->m, item))) return true;
  }
  return false;
}

// The list's own text goes, with the comma behind it: `(names, key=f)` -> `(key=f)`.
static void leave_out_argument(RuleContext *cx, EditList *edits, NodeId call) {
  const Tree *t = cx->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  NodeId argument = node_first_named(t, list);
  while (node_is(t, argument, PY_COMMENT)) argument = node_next_named(t, argument);
  Str text = t->source->text;
  uint32_t stop = node_stop(t, argument), end = node_stop(t, list) - 1, comments = 0;
  tree_comments_in(t, node_span(t, list), &comments);
  if (node_count_named(t, list) == 1 && comments == 0) {
    edit_delete(edits, (Span){node_start(t, list) + 1, end});
    return;
  }
  NodeId next = node_next_named(t, argument);
  if (node_ok(next)) {
    tree_comments_in(t, (Span){stop, node_start(t, next)}, &comments);
  }
  if (node_ok(next) && comments == 0) {
    edit_delete(edits, (Span){node_start(t, argument), node_start(t, next)});
    return;
  }
  while (stop < end && (text.p[stop] == ' ' || text.p[stop] == '\n')) stop += 1;
  stop = stop < end && text.p[stop] == ',' ? stop + 1 : node_stop(t, argument);
  while (stop < end && text.p[stop] == ' ') stop += 1;
  edit_delete(edits, (Span){node_start(t, argument), stop});
}

static Fix move_in_place(RuleContext *cx, const Replacement *r, const Own *own) {
  const Tree *t = cx->t;
  if (node_ok(node_field(t, r->assignment, FIELD_TYPE))) return (Fix){0};
  Span whole = node_span(t, r->assignment);
  EditList edits = edits_in(cx->arena);
  Str name = node_text(t, r->old);
  const char *doubt = own->type != TYPE_EXACT ? "it may be no list after all"
                      : r->sorts && may_swallow(cx, r)
                          ? "if sorting fails and `with` goes on, it is half sorted"
                          : NULL;
  uint32_t comments = 0;
  if (!r->sorts) {
    tree_comments_in(t, whole, &comments);
    if (comments > 0) return (Fix){0};
    edit_replace(&edits, whole, cx_format(cx, "%.*s.reverse()", (int)name.n, name.p));
    return fix_of(&edits, doubt, "reverse it in place");
  }
  NodeId arguments = node_field(t, r->made, FIELD_ARGUMENTS);
  Span head = {whole.start, node_start(t, arguments)};
  Span tail = {node_stop(t, r->made), whole.stop};
  uint32_t behind = 0;
  tree_comments_in(t, head, &comments);
  tree_comments_in(t, tail, &behind);
  if (comments + behind > 0) return (Fix){0};
  edit_replace(&edits, head, cx_format(cx, "%.*s.sort", (int)name.n, name.p));
  leave_out_argument(cx, &edits, r->made);
  if (tail.stop > tail.start) edit_delete(&edits, tail);
  return fix_of(&edits, doubt, "sort it in place");
}
