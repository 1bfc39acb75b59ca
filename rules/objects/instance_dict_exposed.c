/* # instance-dict-exposed (PML409)
 *
 * Every one of many instances is asked for its `__dict__`, which makes a dict that the
 * instance then keeps.
 *
 * ## Why it costs memory
 *
 * Since Python 3.11 the attributes of a plain instance lie in an array inside of it, and
 * there is no dict. `x.__dict__` and `vars(x)` make one: 64 B more for each instance that
 * was asked, for as long as it lives. Reading and writing attributes by name, `getattr`
 * and `setattr` included, makes none; neither do comparing, hashing or printing. Up to
 * 3.10 every instance has its dict anyway.
 *
 * ## Example
 *
 *     points = [Point(x, y) for x, y in rows]
 *     for point in points:
 *         writer.writerow(vars(point))
 *
 * ## Use instead
 *
 *     points = [Point(x, y) for x, y in rows]
 *     for point in points:
 *         writer.writerow({"x": point.x, "y": point.y})
 *
 * In place of `self.__dict__.update(fields)`: `setattr(self, name, value)` for each.
 *
 * ## Fix safety
 *
 * No fix is offered: which attributes are meant is not known.
 *
 * ## Limits
 *
 * Reported only for classes of which many instances are kept, where one after the other is
 * asked: in a loop, in a method that is called in loops, in `__init__` or `__setattr__`.
 * Silent where only single instances are asked (`__repr__`, `__eq__`), for classes with a
 * `cached_property` that is read and for what copies or pickles, which make the dict
 * anyway, for classes and modules, and from 30 attributes on, where there always is one.
 *
 * ## References
 *
 * "What's new in Python 3.11", section "Faster CPython: Cheaper, lazy Python frames and
 * objects".
 */
#include "rule.h"

static RuleClassFn on_class;
static bool is_plain_instance(RuleContext *cx, ClassId id);
static bool has_cache(const IndexClass *c, const IndexExposure *exposure);
static void exposure_look(RuleContext *cx, ClassId id, const IndexExposure *exposure);

RULE(instance_dict_exposed) = {
    .code = "PML409",
    .name = "instance-dict-exposed",
    .summary = "asking for `__dict__` makes a dict for each of many instances",
    .templates =
        {"a dict is made for each instance of `{0}`, of which many are kept: {1} per "
         "instance; its attributes can be read by name without one",
         "a dict is made for each instance of `{0}`, of which many are kept: {1} per "
         "instance; `{2}` sets its attributes without one"},
    .warn_on = {EVIDENCE_KEPT},
    .since = 11,
    .yields_to = {"PML203", "PML301", "PML306"},
    .on_class = on_class,
};

// What makes the dict while the instance is made comes first, and in a function the first.
static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  bool is_made = false;
  for (uint32_t i = 0; i < c->exposure_count; i++) {
    is_made = is_made || c->exposures[i].is_in_making;
  }
  for (uint32_t i = 0; i < c->exposure_count; i++) {
    const IndexExposure *one = &c->exposures[i], *before = i > 0 ? one - 1 : NULL;
    bool is_again = before != NULL && one->function != 0 && one->is_of_self &&
                    one->function == before->function && before->is_of_self;
    if (!is_again && (one->is_in_making || !is_made)) exposure_look(cx, id, one);
  }
}

static void exposure_look(RuleContext *cx, ClassId id, const IndexExposure *exposure) {
  ClassId kept = index_exposed(cx->index, id, exposure);
  if (!cx_require_place(cx, exposure->place, kept.i != 0,
                        "the instances are not known to be kept in number")) {
    return;
  }
  const IndexClass *c = index_class(cx->index, kept);
  Place place = exposure->place;
  if (!cx_require_place(cx, place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, place, exposure->is_hot,
                        "not one instance after the other is asked for it") ||
      !cx_require_place(cx, place, is_plain_instance(cx, kept),
                        "the layout of the instances is not known") ||
      !cx_require_place(cx, place, !has_cache(c, exposure),
                        "a cached_property makes the dict anyway")) {
    return;
  }
  uint32_t saved = 0;
  Layout then = index_layout(cx->index, kept), now = then;
  now.dict_is_read = true;
  Str bytes = cx_layout_change(cx, now, then, 11, &saved);
  if (!cx_require_place(cx, place, saved > 0, "every instance has a dict anyway"))
    return;
  // How many attributes a dict of fields sets is not known.
  if (exposure->is_storing) bytes = cx_format(cx, "%u B more", saved);
  const IndexSite *site = index_kept_site(c);
  bool has_hooks = (c->hazards & HAZARD_HOOKS) != 0;
  Str setter = has_hooks ? STR("object.__setattr__") : STR("setattr");
  cx_report(cx,
            (Draft){
                .place = place,
                .template_index = exposure->is_storing ? 1 : 0,
                .args = {str_after_last(c->name, '.'), bytes, setter},
                .labels = {{.place = site->place, .text = STR("made in number here")}},
                .evidence = EVIDENCE_KEPT,
                .cost = {saved, COST_PER_INSTANCE},
            });
}

// Where the class stands in another file, who reads its cached_property is not known.
static bool has_cache(const IndexClass *c, const IndexExposure *exposure) {
  bool is_elsewhere = c->module != exposure->place.module;
  return (c->hazards & HAZARD_CACHED_PROPERTY) != 0 &&
         (exposure->is_cached || is_elsewhere);
}

// No base brings a layout of its own.
static bool is_plain_instance(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  BuiltinRoot root = index_builtin_root(cx->index, id);
  const uint32_t odd = HAZARD_BASE_UNKNOWN | HAZARD_BASE_REFUSES | HAZARD_METACLASS |
                       HAZARD_BROKEN | HAZARD_REDEFINED;
  return c->order_known && root.is_alone && root.root == ROOT_OBJECT &&
         (c->hazards & odd) == 0 && index_layout(cx->index, id).has_dict;
}
