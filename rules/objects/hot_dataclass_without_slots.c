/* # hot-dataclass-without-slots (PML402)
 *
 * A data class whose instances are kept in number is made without `slots=True`.
 *
 * ## Why it costs memory
 *
 * A data class is laid out as any plain class: room for its attributes in steps, a pointer
 * to a dict, a pointer to weak references. With `slots=True` the decorator makes a class
 * whose instances are a header and one pointer a field: 32 + 8n bytes.
 *
 * ## Example
 *
 *     @dataclass
 *     class Point:
 *         x: float
 *         y: float
 *
 *     points = [Point(x, y) for x, y in rows]
 *
 * ## Use instead
 *
 *     @dataclass(slots=True)
 *     class Point:
 *         x: float
 *         y: float
 *
 * `@attr.s` takes `slots=True` as well.
 *
 * ## Fix safety
 *
 * Unsafe: the decorator makes a second class, so that code which got hold of the first one
 * sees another; attributes that are no fields can no longer be set from outside of the
 * project; `Class.field` no longer is the field's default. There is no fix where the
 * oldest target is before 3.10, which does not know the option, or where instances are
 * weakly referenced and it is before 3.11.
 *
 * ## Limits
 *
 * Silent where the class uses zero-argument `super()` or `__class__` (broken by the second
 * class up to 3.13), where a base has `__init_subclass__` (it would run twice), where a
 * method sets an attribute that is no field, where a default is read from the class, and
 * for all that hot-class-without-slots (PML401) is silent about.
 *
 * ## References
 *
 * `dataclasses.dataclass`, parameter `slots`, new in Python 3.10.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static Str count_text(RuleContext *cx, uint32_t n);
static Str option_text(RuleContext *cx, const IndexClass *c, bool needs_weakref);

RULE(hot_dataclass_without_slots) = {
    .code = "PML402",
    .name = "hot-dataclass-without-slots",
    .summary = "instances of a data class kept in number have no slots",
    .templates =
        {"instances of `{0}` are kept in number without `slots=True`: {1} per "
         "instance; nothing but its fields is set on them: {2}",
         "{3} instances of `{0}` are kept without `slots=True`: {1} per instance; "
         "nothing but its fields is set on them: {2}"},
    .warn_on = {EVIDENCE_KEPT},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML408", "PML403"},
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  bool is_attrs = (c->flags & CLASS_ATTRS) != 0;
  if (!is_attrs && (c->flags & CLASS_DATACLASS) == 0) return;
  if (!cx_require_slotless(cx, c) || !cx_require_in_number(cx, c)) return;
  if (!cx_require_place(cx, c->place, (c->flags & CLASS_SLOTS_DECLINED) == 0,
                        "`slots=False` declines them") ||
      !cx_require_place(cx, c->place, is_attrs || cx_targets_any(cx, 10, 0),
                        "no target version has `slots=True`") ||
      !cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (c->flags & CLASS_OPTIONS_UNKNOWN) == 0,
                        "the decorator's arguments are not known")) {
    return;
  }
  SlotsAdvice slots = index_slots(cx->index, id, cx->arena);
  if (!cx_require_no_hazards(cx, c, slots.hazards)) return;
  const IndexSite *site = index_kept_site(c);
  uint32_t saved = 0;
  bool has_weakref = slots.needs_weakref || is_attrs;
  Str bytes =
      cx_layout_change(cx, layout_plain(slots.all_count),
                       layout_slotted(slots.all_count, has_weakref), 10, &saved);
  if (!cx_require_place(cx, c->place, saved > 0, "slots would save nothing")) return;
  Draft draft = {
      .place = c->place,
      .template_index = site->bound != 0 ? 1 : 0,
      .args = {str_after_last(c->name, '.'), bytes, count_text(cx, slots.all_count),
               cx_format(cx, "%u", site->bound),
               option_text(cx, c, slots.needs_weakref)},
      .labels = {{.place = site->place, .text = STR("made in number here")}},
      .evidence = EVIDENCE_KEPT,
      .cost = {saved, COST_PER_INSTANCE},
  };
  if (place_ok(site->factory)) {
    draft.labels[1] = (DraftLabel){.place = site->factory, .text = STR("through here")};
  }
  cx_report(cx, draft);
}

static Str count_text(RuleContext *cx, uint32_t n) {
  return cx_format(cx, "%u field%s", n, n == 1 ? "" : "s");
}

// The arguments that the fix adds; empty where not every target knows them.
static Str option_text(RuleContext *cx, const IndexClass *c, bool needs_weakref) {
  bool is_attrs = (c->flags & CLASS_ATTRS) != 0;
  uint8_t since = is_attrs ? 0 : needs_weakref ? 11 : 10;
  if (!cx_fix_runs(cx, since) || (c->hazards & HAZARD_LOCAL) != 0) return STR_NONE;
  return !is_attrs && needs_weakref ? STR("slots=True, weakref_slot=True")
                                    : STR("slots=True");
}

// --- the fix -------------------------------------------------------------------------

static bool makes_data_class(RuleContext *cx, NodeId decorator) {
  Str name = name_of_decorator(cx->m, decorator);
  return str_is(name, "dataclasses.dataclass") || str_is(name, "attr.s") ||
         str_is(name, "attr.attrs") || str_is(name, "attr.dataclass") ||
         str_is(name, "attr.define") || str_is(name, "attrs.define");
}

static bool option_insert(EditList *fix, RuleContext *cx, NodeId decorator,
                          Str option) {
  const Tree *t = cx->t;
  NodeId expression = node_unwrap(t, node_first_named(t, decorator));
  if (!node_is(t, expression, PY_CALL)) {
    // The arguments stand elsewhere: `memo = partial(dataclass, frozen=True)`.
    if (node_ok(name_decorator_call(cx->m, decorator))) return false;
    edit_insert(fix, node_stop(t, expression),
                cx_format(cx, "(%.*s)", STR_ARGS(option)));
    return true;
  }
  NodeId list = node_field(t, expression, FIELD_ARGUMENTS), last = NO_NODE;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    last = a;
  }
  if (node_ok(last)) {
    edit_insert(fix, node_stop(t, last), cx_format(cx, ", %.*s", STR_ARGS(option)));
  } else {
    edit_insert(fix, node_stop(t, list) - 1, option);
  }
  return true;
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  const Tree *t = cx->t;
  NodeId decorated = node_parent(t, node_parent(t, anchor));
  Str option = finding->args[4];
  if (option.n == 0 || !node_is(t, decorated, PY_DECORATED_DEFINITION)) return (Fix){0};
  EditList fix = edits_in(cx->arena);
  for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (!makes_data_class(cx, d)) continue;
    if (!option_insert(&fix, cx, d, option)) return (Fix){0};
    return edits_fix(&fix, FIX_UNSAFE, STR("add slots=True"),
                     STR("the decorator makes a second class, and code outside of the "
                         "project may set other attributes"));
  }
  return (Fix){0};
}
