/* # slots-defeated (PML404)
 *
 * A class has `__slots__`, but its instances have a dict all the same: a class below it
 * has none.
 *
 * ## Why it costs memory
 *
 * `__slots__` saves the dict of an instance only if every class in its order does without
 * one. Under a base without `__slots__` the instances keep the dict's pointer and that of
 * weak references, so 16 to 40 B of each are lost; and what the base sets goes into a dict
 * of its own, which on 3.13 is no longer kept inside of the instance: 344 B more, so that
 * such a class takes more than four times of what it would take without `__slots__`. On
 * 3.11 and 3.12 the slots save 0 to 8 B.
 *
 * ## Example
 *
 *     class Shape:
 *         def area(self):
 *             return self.width * self.height
 *
 *     class Box(Shape):
 *         __slots__ = ("width", "height")
 *
 * ## Use instead
 *
 *     class Shape:
 *         __slots__ = ()
 *
 *         def area(self):
 *             return self.width * self.height
 *
 *     class Box(Shape):
 *         __slots__ = ("width", "height")
 *
 * ## Fix safety
 *
 * Unsafe: code outside of the project that sets other attributes on the instances, takes
 * weak references of them or reads their `__dict__` fails afterwards. Offered where the
 * base stands in the same file, sets no attribute and is the only one without
 * `__slots__`, and nothing in the project needs the dict.
 *
 * ## Limits
 *
 * Silent where a base is not known, where `"__dict__"` is among the slots, and for
 * enumerations, exceptions, models of ORMs and validators, and others whose dict is
 * theirs anyway.
 *
 * ## References
 *
 * "`__slots__`" in the language reference, section 3.3.2.4.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static bool is_mended_here(RuleContext *cx, const IndexClass *c, SlotsVoid found);

RULE(slots_defeated) = {
    .code = "PML404",
    .name = "slots-defeated",
    .summary = "a base without __slots__ gives the instances of a slotted class a dict",
    .templates =
        {"`__slots__` of `{0}` leave its instances a dict, as its base `{1}` has "
         "none: {2} per instance if it had",
         "`__slots__` of `{0}` leave its instances a dict, as its base `{1}` has "
         "one: {2} per instance without"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .yields_to = {"PML408"},
    .fix = FIX_UNSAFE,
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  if ((c->flags & CLASS_HAS_SLOTS) == 0 || (c->flags & CLASS_STUB) != 0) return;
  if (!cx_require_place(cx, c->place, (c->flags & CLASS_ATTRS_SLOTTED) == 0,
                        "attrs gives it slots unasked: nobody relied on them") ||
      !cx_require_place(cx, c->place, (c->flags & (CLASS_TEST | CLASS_BROKEN)) == 0,
                        "it is of a test, or its code does not parse")) {
    return;
  }
  SlotsVoid found = index_slots_void(cx->index, id);
  if (!cx_require_place(cx, c->place, found.source_count != 0,
                        "no base that is known gives its instances a dict")) {
    return;
  }
  Layout now = index_layout(cx->index, id);
  Layout then = {.root = now.root, .slots = now.slots + now.attributes};
  uint32_t saved = 0;
  Str bytes = cx_layout_change(cx, now, then, 0, &saved);
  bool is_outer = found.outer.n != 0;
  const IndexClass *base = index_class(cx->index, found.base);
  Draft draft = {
      .place = c->place,
      .template_index = is_outer ? 1 : 0,
      .args = {str_after_last(c->name, '.'),
               str_after_last(is_outer ? found.outer : base->name, '.'), bytes,
               is_mended_here(cx, c, found) ? STR("()") : STR_NONE},
      .cost = {saved, COST_PER_INSTANCE},
  };
  if (!is_outer) {
    draft.labels[0] =
        (DraftLabel){.place = base->place, .text = STR("has no __slots__")};
  }
  cx_report(cx, draft);
}

static bool is_mended_here(RuleContext *cx, const IndexClass *c, SlotsVoid found) {
  const IndexClass *base = index_class(cx->index, found.base);
  return found.source_count == 1 && found.base.i != 0 && base->module == c->module &&
         index_empty_slots_fit(cx->index, found.base);
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  (void)anchor;
  if (finding->args[3].n == 0 || finding->label_count == 0) return (Fix){0};
  Span base = finding->labels[0].span;
  NodeId name = tree_node_at(cx->t, base.start, base.stop);
  EditList fix = edits_in(cx->arena);
  if (!edit_slots(&fix, cx->t, node_parent(cx->t, name), STR_NONE)) return (Fix){0};
  return edits_fix(&fix, FIX_UNSAFE, STR("add __slots__ to the base"),
                   STR("code outside of the project may set other attributes"));
}
