/* # self-cycle (PML512)
 *
 * An object stores itself on itself: directly, as a bound method, in a lambda or nested
 * function, or by way of an object that it made of itself.
 *
 * ## Why it costs memory
 *
 * The object's reference count never falls to zero. When the program lets go of it, it
 * stays, with all that it holds, until the cyclic collector runs. The collector counts
 * objects, not bytes: a hundred dropped objects of a megabyte each do not wake it.
 *
 * ## Example
 *
 *     class Page:
 *         def __init__(self, path):
 *             self.data = path.read_bytes()
 *             self.handlers = {"show": self.show, "hide": self.hide}
 *
 * ## Use instead
 *
 *     class Page:
 *         handlers = {"show": "show", "hide": "hide"}
 *
 *         def handle(self, event):
 *             getattr(self, self.handlers[event])()
 *
 * or functions of the class that are called with the object, a weak reference
 * (`weakref.ref(self)`, `weakref.WeakMethod(self.show)`), a closure over what is needed
 * instead of over `self`, or `self.handlers = None` where the object is closed.
 *
 * ## Fix safety
 *
 * There is no automatic fix: who has to hold whom is a decision.
 *
 * ## Limits
 *
 * A warning where the object or the closure holds something of size (for an object made
 * of `self`: if there are many of the kind as well), else a note. Silent where any code
 * of the project sets the attribute to None, deletes or empties it; for weak references;
 * for objects that are made once for the whole program; for targets of threads and
 * timers, and caches of one instance; for other objects that are given `self` and are not
 * seen to keep it; and in tests. An attribute that is stored in many places is told once.
 *
 * ## References
 *
 * The documentation of `gc` and `weakref`.
 */
#include "rule.h"

static RuleKnotFn on_knot;
static RuleFileFn on_explain;
static Str owner_text(RuleContext *cx, const IndexKnot *knot);
static uint32_t template_of(const IndexKnot *knot, const KnotLife *life);
static Draft draft_of(RuleContext *cx, const IndexKnot *knot, const KnotLife *life);

RULE(self_cycle) = {
    .code = "PML512",
    .name = "self-cycle",
    .summary = "an object stores itself on itself: only the collector frees it",
    .templates =
        {"`{0}` of {1} holds the object itself: only the collector frees it{2}; hold a "
         "weak reference, or clear it at the end",
         "`{0}` of {1} holds a bound method of the object: only the collector frees "
         "it{2}; look the method up when it is called",
         "`{0}` of {1} holds a function over the object: only the collector frees "
         "it{2}; bind what the function needs",
         "`{0}` of {1} holds a generator over the object: until it ends, only the "
         "collector frees it{2}",
         "`{0}` of {1} holds a `{3}`, whose `{4}` holds it again: only the collector "
         "frees the two{2}; hold the owner weakly"},
    .warn_on = {EVIDENCE_SIZE},
    .yields_to = {"PML505", "PML508", "PML515"},
    .on_knot = on_knot,
    .on_explain = on_explain,
};

static void on_knot(RuleContext *cx, KnotId id) {
  const IndexKnot *knot = index_knot(cx->index, id);
  KnotLife life = index_knot_life(cx->index, id);
  if (!cx_require_place(cx, knot->place, life.refusal == NULL, life.refusal)) return;
  if (!cx_require_place(cx, knot->place, !life.is_single,
                        "there is one for the whole program")) {
    return;
  }
  cx_report(cx, draft_of(cx, knot, &life));
}

static Draft draft_of(RuleContext *cx, const IndexKnot *knot, const KnotLife *life) {
  bool is_made = life->made.i != 0;
  bool is_large = place_ok(knot->size);
  Draft draft = {
      .place = knot->place,
      .template_index = template_of(knot, life),
      .args = {knot->attribute, owner_text(cx, knot),
               is_large ? STR(", large contents included") : STR_NONE},
      .labels = {{.place = knot->back, .text = STR("leads back")}},
      .evidence =
          (is_large ? EVIDENCE_SIZE : 0u) | (life->is_many ? EVIDENCE_KEPT : 0u),
      .note_at_most =
          (is_made && !life->is_many) || (knot->fact->flags & KNOT_ON_BRANCH) != 0,
  };
  if (is_large) {
    draft.labels[1] = (DraftLabel){.place = knot->size, .text = STR("held as well")};
  }
  if (!is_made) return draft;
  const IndexClass *made = index_class(cx->index, life->made);
  draft.args[3] = str_after_last(made->name, '.');
  draft.args[4] = life->held_as;
  draft.labels[2] = (DraftLabel){.place = made->place, .text = STR("keeps its owner")};
  return draft;
}

static uint32_t template_of(const IndexKnot *knot, const KnotLife *life) {
  if (life->made.i != 0) return 4;
  bool is_partial =
      knot->fact->kind == KNOT_SELF && (knot->fact->flags & KNOT_IN_PARTIAL) != 0;
  return is_partial ? (uint32_t)KNOT_CLOSURE : knot->fact->kind;
}

static Str owner_text(RuleContext *cx, const IndexKnot *knot) {
  if (knot->owner.i == 0) return STR("an object");
  Str name = str_after_last(index_class(cx->index, knot->owner)->name, '.');
  if (knot->fact->others == 0) return cx_format(cx, "`%.*s`", STR_ARGS(name));
  return cx_format(cx, "`%.*s`, as %u stores like it,", STR_ARGS(name),
                   knot->fact->others);
}

// --- what the Facts leave out ---------------------------------------------------------

static bool is_self(RuleContext *cx, NodeId n) {
  BindingId self = self_around(cx->m, n);
  return node_is(cx->t, n, PY_IDENTIFIER) && binding_ok(self) &&
         binding_of(cx->m, n).i == self.i;
}

// `self`, `self.method`, a lambda, or a call that is given one of them.
static bool may_lead_back(RuleContext *cx, NodeId value) {
  const Tree *t = cx->t;
  NodeId n = node_unwrap(t, value);
  if (node_is(t, n, PY_LAMBDA) || is_self(cx, n)) return true;
  if (node_is(t, n, PY_ATTRIBUTE))
    return is_self(cx, node_unwrap(t, node_field(t, n, FIELD_OBJECT)));
  if (!node_is(t, n, PY_CALL)) return false;
  NodeId list = node_field(t, n, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    NodeId given =
        node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    bool is_own = node_is(t, given, PY_ATTRIBUTE) &&
                  is_self(cx, node_field(t, given, FIELD_OBJECT));
    if (is_self(cx, given) || is_own || node_is(t, given, PY_LAMBDA)) return true;
  }
  return false;
}

static void on_explain(RuleContext *cx) {
  const Tree *t = cx->t;
  FactRows rows;
  facts_unpack(cx->facts, IN_KNOTS, cx->arena, &rows);
  for (NodeId n = {1}; n.i < t->count; n.i++) {
    NodeId left = node_field(t, n, FIELD_LEFT), value = node_field(t, n, FIELD_RIGHT);
    if (!node_is(t, n, PY_ASSIGNMENT) || !node_is(t, left, PY_ATTRIBUTE)) continue;
    if (!is_self(cx, node_field(t, left, FIELD_OBJECT)) || !node_ok(value)) continue;
    uint32_t row = 0;
    while (row < rows.knot_count) {
      Span told = facts_place_span(cx->facts, rows.knots[row].place.i);
      if (node_start(t, n) <= told.start && told.start < node_stop(t, n)) break;
      row++;
    }
    if (row < rows.knot_count || !may_lead_back(cx, value)) continue;
    cx_require(cx, n, false,
               "what is stored is not known to hold the object, or is taken out again");
  }
}
