/* # mutable-default-growth (PML510)
 *
 * A mutable default, or a mutable attribute of a class that methods reach through `self`,
 * is one object for all calls or instances, and it grows.
 *
 * ## Why it costs memory
 *
 * A default is made once, with the function, and lives as long as the function; an
 * attribute in the class body lives as long as the class. What one call or instance adds,
 * all later ones keep, and nothing lets it go.
 *
 * ## Example
 *
 *     def collect(value, found=[]):
 *         found.append(value)
 *         return found
 *
 *     class Log:
 *         entries = []
 *
 *         def write(self, entry):
 *             self.entries.append(entry)
 *
 * ## Use instead
 *
 *     def collect(value, found=None):
 *         if found is None:
 *             found = []
 *         found.append(value)
 *         return found
 *
 *     class Log:
 *         def __init__(self):
 *             self.entries = []
 *
 * ## Fix safety
 *
 * There is no automatic fix: some programs share the object on purpose.
 *
 * ## Limits
 *
 * Silent for defaults that are never changed, that are emptied, bounded or weak, for keys
 * of a finite set, for memos (`if key not in cache: cache[key] = …`), for attributes that
 * a method binds on the instance, and for defaults that are handed only to code of which
 * is known that it reads them. A default that is stored, returned or handed to other code
 * is a note, growth in a handler or in methods of a class with many instances a warning.
 *
 * ## References
 *
 * "Default Argument Values" in the Python tutorial.
 */
#include "rule.h"

static RuleContainerFn on_container;
static void on_default(RuleContext *cx, ContainerId id, const IndexContainer *c);
static void on_attribute(RuleContext *cx, ContainerId id, const IndexContainer *c);
static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   uint32_t template_index);

RULE(mutable_default_growth) = {
    .code = "PML510",
    .name = "mutable-default-growth",
    .summary = "a mutable default or class attribute grows from call to call",
    .templates =
        {"the default of `{0}` is one object for all calls of `{1}`, and it grows: "
         "what is added stays as long as the function",
         "`{0}` is one object for all instances of `{1}`, and it grows: what is "
         "added stays as long as the class",
         "the default of `{0}` is one object for all calls of `{1}`, and grows where "
         "it is stored: what is added stays as long as the function",
         "the default of `{0}` is one object for all calls of `{1}`, and other "
         "code gets it: what that adds stays as long as the function"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML606", "PML602", "PML607"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if (c->fact->holder != HOLDER_DEFAULT && c->fact->holder != HOLDER_CLASS) return;
  if (!cx_require_unbounded(cx, c)) return;
  if (c->fact->holder == HOLDER_DEFAULT) on_default(cx, id, c);
  if (c->fact->holder == HOLDER_CLASS) on_attribute(cx, id, c);
}

static bool is_followed(RuleContext *cx, const IndexContainer *c,
                        const ContainerLife *life) {
  return cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                          "the code around it cannot be followed") &&
         cx_require_no_removal(cx, c, life);
}

// Stored or handed on; or returned, unless the function itself limits what it adds.
static bool goes_out(const ContainerLife *life) {
  if (life->escape == NULL) return false;
  return life->escape->kind != OPERATION_RETURN || !life->is_written;
}

static void on_default(RuleContext *cx, ContainerId id, const IndexContainer *c) {
  ContainerLife life = index_life(cx->index, id);
  // An annotation that allows no change, unless something adds to it all the same.
  bool is_promised = (c->fact->flags & CONTAINER_PROMISED) != 0 && life.store == NULL;
  bool may_go_out = goes_out(&life) && !is_promised;
  if (!may_go_out && !cx_require_growth(cx, c, &life)) return;
  if (!is_followed(cx, c, &life)) return;
  if (!cx_require_place(cx, c->place, !life.is_memo, "it is a memo")) return;
  report(cx, c, &life, life.growth_count > 0 ? 0 : life.store != NULL ? 2 : 3);
}

static void on_attribute(RuleContext *cx, ContainerId id, const IndexContainer *c) {
  ContainerLife life = index_life(cx->index, id);
  if (!cx_require_growth(cx, c, &life) ||
      !cx_require_place_seen(cx, c->place, life.via_self,
                             "it is not added to through an instance",
                             life.growth->place)) {
    return;
  }
  const uint32_t unknown =
      HAZARD_BASE_UNKNOWN | HAZARD_BASE_REFUSES | HAZARD_METACLASS | HAZARD_DECORATED;
  uint32_t hazards = index_class(cx->index, c->owner)->hazards;
  if (!is_followed(cx, c, &life)) return;
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (hazards & unknown) == 0,
                        "a base, metaclass or decorator may copy it") ||
      (life.escape != NULL && life.escape->kind != OPERATION_RETURN &&
       !cx_require_no_escape(cx, c, &life))) {
    return;
  }
  report(cx, c, &life, 1);
}

static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   uint32_t template_index) {
  Place shown = life->growth != NULL  ? life->growth->place
                : life->store != NULL ? life->store->stored.grown_at
                                      : life->escape->place;
  Str owner = index_name(cx->index, c->module,
                         template_index == 1 ? c->fact->class_name : c->fact->function);
  bool is_lambda = str_ends(owner, STR("<lambda>"));
  cx_report(cx, (Draft){
                    .place = c->place,
                    .template_index = template_index,
                    .args = {str_after_last(c->name, '.'),
                             is_lambda ? STR("lambda") : str_after_last(owner, '.')},
                    .labels = {{.place = shown,
                                .text = template_index == 3 ? STR("goes out here")
                                                            : STR("grows here")}},
                    .evidence = EVIDENCE_LONG | (life->is_grown ? EVIDENCE_GROWN : 0u),
                    .note_at_most = life->growth == NULL || life->on_one_path ||
                                    (c->fact->flags & CONTAINER_SCRIPT) != 0,
                });
}
