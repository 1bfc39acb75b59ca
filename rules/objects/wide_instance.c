/* # wide-instance (PML403)
 *
 * A class whose instances are kept in number sets 30 attributes or more on each.
 *
 * ## Why it costs memory
 *
 * Since Python 3.11 the attributes of an instance lie in an array inside of it, whose keys
 * the class shares among its instances: up to 29. With the 30th an instance gets a dict of
 * its own, with room for 85 entries and their keys: 1640 B on 3.11, 1632 B on 3.12, 1904 B
 * on 3.13, where 29 attributes take 312 to 320 B and 30 slots 272 B.
 *
 * ## Example
 *
 *     class Reading:
 *         def __init__(self, row):
 *             self.time = row[0]
 *             self.sensor = row[1]
 *             ...  # and 30 more
 *
 *     readings = [Reading(row) for row in rows]
 *
 * ## Use instead
 *
 *     class Reading:
 *         __slots__ = ("time", "sensor", ...)
 *
 * or fewer attributes: what belongs together in an object of its own, what can be worked
 * out in a property.
 *
 * ## Fix safety
 *
 * No fix: which attributes belong together only the author knows.
 *
 * ## Limits
 *
 * Reported only for classes of which many instances are kept. Only attributes that every
 * instance gets count: set in `__init__` under no condition, or fields of a data class.
 * Silent for models, modules of neural networks, exceptions, tests, and under bases that
 * are not known.
 *
 * ## References
 *
 * `SHARED_KEYS_MAX_SIZE` in `Objects/dictobject.c` of CPython.
 */
#include "rule.h"

static RuleClassFn on_class;
static uint32_t certain_count(RuleContext *cx, const IndexClass *c);

RULE(wide_instance) = {
    .code = "PML403",
    .name = "wide-instance",
    .summary = "instances kept in number have 30 attributes or more",
    .templates =
        {"instances of `{0}` are kept in number with {1} attributes: {2} B each "
         "on 3.{3}, where 29 take {4} B and slots {5} B"},
    .warn_on = {EVIDENCE_KEPT},
    .yields_to = {"PML408"},
    .since = 11,
    .on_class = on_class,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  const uint32_t odd = HAZARD_BASE_UNKNOWN | HAZARD_BASE_REFUSES | HAZARD_HOOKS |
                       HAZARD_METACLASS | HAZARD_DECORATED | HAZARD_SELF_UNKNOWN |
                       HAZARD_REDEFINED;
  if (2 * c->attribute_count < LAYOUT_CLIFF || !cx_targets_any(cx, 11, 0)) return;
  if ((c->flags & CLASS_BROKEN) != 0) return;
  if (!cx_require_slotless(cx, c) || !cx_require_in_number(cx, c)) return;
  uint32_t count = certain_count(cx, c);
  if (!cx_require_place(cx, c->place, count >= LAYOUT_CLIFF,
                        "fewer than 30 attributes are sure to be on every instance")) {
    return;
  }
  if (!cx_require_place(cx, c->place, (c->hazards & odd) == 0,
                        hazard_text(c->hazards & odd))) {
    return;
  }
  uint8_t minor = cx->settings->target.newest;
  if (minor > LAYOUT_NEWEST) minor = LAYOUT_NEWEST;
  uint32_t now = instance_bytes(minor, layout_plain(count));
  uint32_t then = instance_bytes(minor, layout_slotted(count, false));
  uint32_t below = instance_bytes(minor, layout_plain(LAYOUT_CLIFF - 1));
  const IndexSite *site = index_kept_site(c);
  Draft draft = {
      .place = c->place,
      .args = {str_after_last(c->name, '.'), cx_format(cx, "%u", count),
               cx_format(cx, "%u", now), cx_format(cx, "%u", (unsigned)minor),
               cx_format(cx, "%u", below), cx_format(cx, "%u", then)},
      .labels = {{.place = site->place, .text = STR("made in number here")}},
      .evidence = EVIDENCE_KEPT,
      .cost = {now - then, COST_PER_INSTANCE},
  };
  if (place_ok(site->factory)) {
    draft.labels[1] = (DraftLabel){.place = site->factory, .text = STR("through here")};
  }
  cx_report(cx, draft);
}

// Attributes that every instance has. Those of a base come by its __init__, which one of
// the class itself has to call.
static uint32_t certain_count(RuleContext *cx, const IndexClass *c) {
  const uint32_t data = CLASS_DATACLASS | CLASS_ATTRS;
  uint32_t count = 0;
  bool runs_below =
      (c->flags & CLASS_HAS_INIT) == 0 || (c->fact->hazards & HAZARD_SUPER) != 0;
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    const IndexClass *owner = index_class(cx->index, a->owner);
    bool is_field = (a->flags & ATTRIBUTE_FIELD) != 0 && (owner->flags & data) != 0;
    bool is_set = (a->flags & ATTRIBUTE_INIT) != 0 &&
                  (a->flags & (ATTRIBUTE_CONDITIONAL | ATTRIBUTE_DELETED |
                               ATTRIBUTE_PROPERTY | ATTRIBUTE_SLOT)) == 0;
    bool is_own = owner == c || runs_below;
    if ((is_field || is_set) && is_own) count++;
  }
  return count;
}
