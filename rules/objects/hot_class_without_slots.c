/* # hot-class-without-slots (PML401)
 *
 * A class whose instances are kept in number stores each one's attributes with room to
 * grow, though all of its attributes are known.
 *
 * ## Why it costs memory
 *
 * A plain instance carries pointers to a dict and to weak references, and space for its
 * attributes in steps: up to Python 3.10 a dict of its own (104 B and more), since 3.11
 * an inline array with a spare value. With `__slots__` an instance is its header and one
 * pointer an attribute: 32 + 8n bytes on every version. The saving is 32 to 64 B an
 * instance on 3.11 and later, 80 to 216 B before; from the 30th attribute on it is more
 * than 1 kB on 3.11 and later. The values themselves stay as large as they are.
 *
 * ## Example
 *
 *     class Point:
 *         def __init__(self, x, y):
 *             self.x = x
 *             self.y = y
 *
 *     points = [Point(x, y) for x, y in rows]
 *
 * ## Use instead
 *
 *     class Point:
 *         __slots__ = ("x", "y")
 *
 *         def __init__(self, x, y):
 *             self.x = x
 *             self.y = y
 *
 * ## Fix safety
 *
 * Unsafe: code outside of the project that sets other attributes on the instances, takes
 * weak references of them or reads their `__dict__` fails afterwards. Where the project
 * itself takes weak references, `"__weakref__"` is among the slots.
 *
 * ## Limits
 *
 * Reported only for classes of which many instances are kept (made in a comprehension, by
 * `map` or `object_hook`, or in a loop and stored; yielded, where somebody keeps what the
 * generator gives), whose bases are all slotted, and of which the whole project sets no
 * attribute that is not seen. Silent where there are few: one for each level of a stack,
 * one under a constant key, one for each entry of settings, fewer than 100 rounds. Silent
 * for enumerations, exceptions, models of ORMs and validators, protocols, classes with
 * `cached_property`, own pickling or copying, `__getattr__` and its kind, or a class
 * attribute of the same name; and where a subclass could not be laid out any more. Where a
 * method does not parse, neither bytes nor fix are given.
 *
 * ## References
 *
 * "`__slots__`" in the language reference, section 3.3.2.4.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static bool is_broken_inside(const IndexClass *c, const SlotsAdvice *slots);
static Str names_text(RuleContext *cx, const SlotsAdvice *slots);
static Str count_text(RuleContext *cx, uint32_t n);

RULE(hot_class_without_slots) = {
    .code = "PML401",
    .name = "hot-class-without-slots",
    .summary = "instances kept in number have no __slots__",
    .templates =
        {"instances of `{0}` are kept in number without `__slots__`: {1} per "
         "instance; all that is set on them is known: {2}",
         "{3} instances of `{0}` are kept without `__slots__`: {1} per instance; "
         "all that is set on them is known: {2}",
         "instances of `{0}` are kept in number without `__slots__`: as a method does "
         "not parse, not all of its attributes are known"},
    .warn_on = {EVIDENCE_KEPT},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML408", "PML403", "PML402"},
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  if ((c->flags & (CLASS_DATACLASS | CLASS_ATTRS)) != 0) return;
  if (!cx_require_slotless(cx, c) || !cx_require_in_number(cx, c)) return;
  SlotsAdvice slots = index_slots(cx->index, id, cx->arena);
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete")) {
    return;
  }
  const IndexSite *site = index_kept_site(c);
  if (is_broken_inside(c, &slots)) {
    cx_report(cx, (Draft){.place = c->place,
                          .template_index = 2,
                          .args = {str_after_last(c->name, '.')},
                          .labels = {{.place = site->place,
                                      .text = STR("made in number here")}},
                          .evidence = EVIDENCE_KEPT});
    return;
  }
  if (!cx_require_no_hazards(cx, c, slots.hazards)) return;
  uint32_t saved = 0;
  Str bytes =
      cx_layout_change(cx, layout_plain(slots.all_count),
                       layout_slotted(slots.all_count, slots.needs_weakref), 0, &saved);
  if (!cx_require_place(cx, c->place, saved > 0, "slots would save nothing")) return;
  bool is_local = (c->hazards & HAZARD_LOCAL) != 0;
  Draft draft = {
      .place = c->place,
      .template_index = site->bound != 0 ? 1 : 0,
      .args = {str_after_last(c->name, '.'), bytes, count_text(cx, slots.all_count),
               cx_format(cx, "%u", site->bound),
               is_local ? STR_NONE : names_text(cx, &slots)},
      .labels = {{.place = site->place, .text = STR("made in number here")}},
      .evidence = EVIDENCE_KEPT,
      .cost = {saved, COST_PER_INSTANCE},
  };
  if (place_ok(site->factory)) {
    draft.labels[1] = (DraftLabel){.place = site->factory, .text = STR("through here")};
  }
  cx_report(cx, draft);
}

// What is broken is a method, and nothing else is in the way: `__slots__` would stand
// outside of the methods.
static bool is_broken_inside(const IndexClass *c, const SlotsAdvice *slots) {
  const uint32_t of_break = HAZARD_BROKEN | HAZARD_NO_ATTRIBUTES;
  return (c->fact->hazards & HAZARD_BROKEN) != 0 && (c->flags & CLASS_BROKEN) == 0 &&
         c->order_count == 1 && (slots->hazards & ~of_break) == 0;
}

static Str count_text(RuleContext *cx, uint32_t n) {
  return cx_format(cx, "%u attribute%s", n, n == 1 ? "" : "s");
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

// --- the fix -------------------------------------------------------------------------

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  NodeId definition = node_parent(cx->t, anchor);
  Str names = finding->args[4];
  EditList fix = edits_in(cx->arena);
  if (names.n == 0 || !edit_slots(&fix, cx->t, definition, names)) return (Fix){0};
  return edits_fix(&fix, FIX_UNSAFE, STR("add __slots__"),
                   STR("code outside of the project may set other attributes"));
}
