/* # accumulator-rebuilt (PML303)
 *
 * A list, tuple, set or dict is built anew in each round of a loop to hold one more.
 *
 * ## Why it costs memory
 *
 * `names = names + [x]` copies all that was gathered so far into a new list, while the
 * old one is still alive: twice the places at the peak, and a time that grows with the
 * square of the rounds. `names.append(x)` adds to the list that is there.
 *
 * ## Example
 *
 *     names = []
 *     for row in rows:
 *         names = names + [row.name]
 *
 * ## Use instead
 *
 *     names = []
 *     for row in rows:
 *         names.append(row.name)
 *
 * `sizes[key] = value` for `{**sizes, key: value}`, `names.add(x)` for `names | {x}`. A
 * tuple cannot grow: gather in a list, and make a tuple of it behind the loop.
 *
 * ## Fix safety
 *
 * Safe where what is added is a list, set or dict made on the spot: `+=` and `|=` then do
 * the same. Unsafe otherwise, as they also take what `+` and `|` refuse. Tuples are left
 * to the author.
 *
 * ## Limits
 *
 * Only for local variables that start as an object of their own. Silent where something
 * may hold an earlier state: another name, a container, a view, a closure, unknown code,
 * a consumer of `yield`; for attributes and globals, whose readers see whole objects;
 * where the loop walks through the object itself; and in loops that are left at once or
 * have few rounds. Text is another rule's.
 *
 * ## References
 *
 * "Common Sequence Operations" in the Python library reference, note 6.
 */
#include "rule.h"

static RuleNodeFn on_assignment;
static Fix grow_in_place(RuleContext *cx, const Rebuild *r);

RULE(accumulator_rebuilt) = {
    .code = "PML303",
    .name = "accumulator-rebuilt",
    .summary = "a collection is built anew in each round to hold one more",
    .templates =
        {"`{0}` is copied in each round of the loop: two {1}s are alive at a time; {2}",
         "`{0}` is copied in each round of the loop: two tuples are alive at a time; "
         "a list grows in place"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML302", "PML503"},
    .kinds = {PY_ASSIGNMENT, PY_AUGMENTED_ASSIGNMENT},
    .on_node = on_assignment,
};

static const char *kind_word(ValueKind kind) {
  return kind == VALUE_LIST ? "list" : kind == VALUE_SET ? "set" : "dict";
}

static const char *advice_of(ValueKind kind) {
  switch (kind) {
    case VALUE_LIST: return "`append` or `+=` grows one in place";
    case VALUE_SET: return "`add` or `|=` grows one in place";
    default: return "storing items or `|=` grows one in place";
  }
}

static void on_assignment(RuleContext *cx, NodeId assignment) {
  Rebuild r = rebuild_of(cx->m, assignment);
  if (r.form == REBUILD_NONE) return;
  if (!cx_require(cx, assignment, r.refusal == NULL, r.refusal)) return;
  bool tuple = r.kind == VALUE_TUPLE;
  bool sequence = tuple || r.kind == VALUE_LIST;
  Evidence hot = context_is_hot(context_of(cx->m, r.made)) ? EVIDENCE_HOT : 0;
  NodeId header = node_is(cx->t, r.loop, PY_FOR_STATEMENT)
                      ? node_field(cx->t, r.loop, FIELD_LEFT)
                      : node_field(cx->t, r.loop, FIELD_CONDITION);
  cx_report(cx, (Draft){
                    .anchor = r.made,
                    .template_index = tuple ? 1 : 0,
                    .args = {node_text(cx->t, r.old), str_from(kind_word(r.kind)),
                             str_from(advice_of(r.kind))},
                    .labels = {{.node = r.start, .text = STR("starts here")},
                               {.node = header, .text = STR("copied in each round")}},
                    .evidence = hot,
                    .cost = sequence ? (Cost){8, COST_PER_ITEM} : (Cost){0},
                    .fix = tuple ? (Fix){0} : grow_in_place(cx, &r),
                });
}

// A list, set or dict that is made where it stands.
static bool is_made_here(RuleContext *cx, NodeId added, ValueKind kind) {
  NodeId e = node_unwrap(cx->t, added);
  switch (node_kind(cx->t, e)) {
    case PY_LIST:
    case PY_LIST_COMPREHENSION: return kind == VALUE_LIST;
    case PY_SET:
    case PY_SET_COMPREHENSION: return kind == VALUE_SET;
    case PY_DICTIONARY:
    case PY_DICTIONARY_COMPREHENSION: return kind == VALUE_DICT;
    case PY_CALL: break;
    default: return false;
  }
  Str name = name_of_callee(cx->m, e);
  return (kind == VALUE_LIST && str_is(name, "builtins.list")) ||
         (kind == VALUE_SET && str_is(name, "builtins.set")) ||
         (kind == VALUE_DICT && str_is(name, "builtins.dict"));
}

static Fix grow_in_place(RuleContext *cx, const Rebuild *r) {
  const Tree *t = cx->t;
  NodeId left = node_field(t, r->assignment, FIELD_LEFT);
  Span whole = node_span(t, r->assignment), made = node_span(t, r->made);
  Span gap = {node_stop(t, left), node_start(t, r->added)};
  bool list = r->kind == VALUE_LIST, splat = r->form == REBUILD_SPLAT;
  uint32_t before = 0, behind = 0;
  tree_comments_in(t, gap, &before);
  tree_comments_in(t, (Span){made.stop, whole.stop}, &behind);
  if (node_ok(node_field(t, r->assignment, FIELD_TYPE)) || before + behind > 0 ||
      (r->kind == VALUE_DICT && !cx_fix_runs(cx, 9))) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  const char *open = !splat ? "" : list ? "[" : "{";
  edit_replace(&edits, gap, cx_format(cx, " %s %s", list ? "+=" : "|=", open));
  if (whole.stop > made.stop) edit_delete(&edits, (Span){made.stop, whole.stop});
  bool safe = splat || is_made_here(cx, r->added, r->kind);
  return fix_of(&edits, safe ? NULL : "it also takes what the operator refuses",
                "grow it in place");
}
