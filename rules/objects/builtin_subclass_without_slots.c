/* # builtin-subclass-without-slots (PML406)
 *
 * A subclass of `list`, `dict`, `str` or another built-in type sets attributes on
 * instances that are kept in number, and has no `__slots__`.
 *
 * ## Why it costs memory
 *
 * Instances of such a class never keep their attributes inside: with the first one they
 * get a dict, of 104 B up to Python 3.10 and 336 to 344 B since 3.11, beside its pointer
 * and that of weak references. A slot takes 8 B. Without attributes there is no dict, and
 * little to save.
 *
 * ## Example
 *
 *     class Row(list):
 *         def __init__(self, values, line):
 *             super().__init__(values)
 *             self.line = line
 *
 *     rows = [Row(values, line) for line, values in enumerate(reader)]
 *
 * ## Use instead
 *
 *     class Row(list):
 *         __slots__ = ("line",)
 *
 *         def __init__(self, values, line):
 *             super().__init__(values)
 *             self.line = line
 *
 * ## Fix safety
 *
 * Unsafe: code outside of the project that sets other attributes on the instances, takes
 * weak references of them or reads their `__dict__` fails afterwards. Exceptions get no
 * fix: their pickles hold the dict alone.
 *
 * ## Limits
 *
 * Reported only for classes of which many instances are kept, and whose attributes are
 * all known; of exceptions, those right below a built-in one. Silent for `int`, `tuple`
 * and `bytes`, which cannot have slots, for types that are not measured, and for what
 * hot-class-without-slots is silent about.
 *
 * ## References
 *
 * "Notes on using `__slots__`" in the language reference, section 3.3.2.4.1.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static uint32_t hazards_left(const SlotsAdvice *slots, LayoutRoot root);
static Str names_text(RuleContext *cx, const SlotsAdvice *slots);

RULE(builtin_subclass_without_slots) = {
    .code = "PML406",
    .name = "builtin-subclass-without-slots",
    .summary =
        "instances of a built-in type's subclass have a dict each for attributes",
    .templates =
        {"instances of `{0}`, a subclass of `{1}`, are kept in number with a dict "
         "each: {2} per empty instance with `__slots__`"},
    .warn_on = {EVIDENCE_KEPT},
    .yields_to = {"PML408"},
    .fix = FIX_UNSAFE,
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  const uint32_t others = CLASS_BROKEN | CLASS_DATACLASS | CLASS_ATTRS;
  if ((c->flags & others) != 0 || (c->kept_count == 0 && !cx_explains(cx))) return;
  BuiltinRoot root = index_builtin_root(cx->index, id);
  if (root.root == ROOT_OBJECT) return;
  if (!cx_require_slotless(cx, c) || !cx_require_in_number(cx, c) ||
      !cx_require_place(cx, c->place, root.is_alone,
                        "another base has a dict, or is not known") ||
      !cx_require_place(cx, c->place, layout_takes_slots(root.root),
                        "the built-in type takes no slots") ||
      !cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete")) {
    return;
  }
  SlotsAdvice slots = index_slots(cx->index, id, cx->arena);
  uint32_t hazards = hazards_left(&slots, root.root);
  if (!cx_require_no_hazards(cx, c, hazards)) return;
  Layout now = index_layout(cx->index, id);
  Layout then = {.root = now.root,
                 .has_dict = now.root == ROOT_EXCEPTION,
                 .has_weakref = slots.needs_weakref,
                 .slots = slots.all_count};
  uint32_t saved = 0;
  Str bytes = cx_layout_change(cx, now, then, 0, &saved);
  bool is_fixed = now.root != ROOT_EXCEPTION && (c->hazards & HAZARD_LOCAL) == 0;
  const IndexSite *site = index_kept_site(c);
  Draft draft = {
      .place = c->place,
      .args = {str_after_last(c->name, '.'), str_after_last(root.name, '.'), bytes,
               is_fixed ? names_text(cx, &slots) : STR_NONE},
      .labels = {{.place = site->place, .text = STR("made in number here")}},
      .evidence = EVIDENCE_KEPT,
      .cost = {saved, COST_PER_INSTANCE},
  };
  if (place_ok(site->factory)) {
    draft.labels[1] = (DraftLabel){.place = site->factory, .text = STR("through here")};
  }
  cx_report(cx, draft);
}

// That the type is built in is no obstacle here, nor the dict that exceptions have.
static uint32_t hazards_left(const SlotsAdvice *slots, LayoutRoot root) {
  uint32_t own = HAZARD_BASE_REFUSES;
  if (root == ROOT_EXCEPTION) own |= HAZARD_BASE_DICT;
  return slots->hazards & ~own;
}

static Str names_text(RuleContext *cx, const SlotsAdvice *slots) {
  Str all = STR_NONE;
  for (uint32_t i = 0; i < slots->name_count; i++) {
    all = cx_format(cx, "%.*s%s%.*s", STR_ARGS(all), i == 0 ? "" : ",",
                    STR_ARGS(slots->names[i]));
  }
  if (!slots->needs_weakref) return all;
  return cx_format(cx, "%.*s,__weakref__", STR_ARGS(all));
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  NodeId definition = node_parent(cx->t, anchor);
  Str names = finding->args[3];
  EditList fix = edits_in(cx->arena);
  if (names.n == 0 || !edit_slots(&fix, cx->t, definition, names)) return (Fix){0};
  return edits_fix(&fix, FIX_UNSAFE, STR("add __slots__"),
                   STR("code outside of the project may set other attributes"));
}
