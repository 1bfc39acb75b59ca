#include "lint/rule.h"

// What rules about containers of the project say and ask alike.

Str cx_container(RuleContext *cx, const IndexContainer *c) {
  Str name = str_after_last(c->name, '.');
  Str function =
      str_after_last(index_name(cx->index, c->module, c->fact->function), '.');
  switch ((HolderKind)c->fact->holder) {
    case HOLDER_DEFAULT:
      return cx_format(cx, "%.*s(%.*s=…)", STR_ARGS(function), STR_ARGS(name));
    case HOLDER_FUNCTION:
      return cx_format(cx, "%.*s.%.*s", STR_ARGS(function), STR_ARGS(name));
    case HOLDER_INSTANCE: return cx_format(cx, "self.%.*s", STR_ARGS(name));
    default: return name;
  }
}

Str cx_lifetime(RuleContext *cx, const IndexContainer *c) {
  if (c->fact->function.i != 0) return STR("the function lives");
  if (c->fact->holder != HOLDER_INSTANCE) return STR("the process runs");
  Str owner = str_after_last(index_class(cx->index, c->owner)->name, '.');
  return cx_format(cx, "the `%.*s` lives", STR_ARGS(owner));
}

bool cx_require_followed(RuleContext *cx, const IndexContainer *c,
                         const ContainerLife *life) {
  const uint32_t unknown =
      HAZARD_BASE_UNKNOWN | HAZARD_BASE_REFUSES | HAZARD_METACLASS | HAZARD_DECORATED;
  const uint32_t dynamic = HAZARD_DYNAMIC | HAZARD_DICT;
  uint32_t hazards = index_class(cx->index, c->owner)->hazards;
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  bool may_be_copied =
      c->fact->holder == HOLDER_CLASS && life->via_self && (hazards & unknown) != 0;
  return cx_require_place(cx, c->place, cx->index->is_complete,
                          "the project is not complete") &&
         cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                          "the code around it cannot be followed") &&
         cx_require_place(cx, c->place, !may_be_copied,
                          "a base, metaclass or decorator may copy it") &&
         cx_require_place(cx, c->place, !is_of_instance || !c->is_rebound,
                          "other code binds the attribute") &&
         cx_require_place(cx, c->place, !is_of_instance || (hazards & dynamic) == 0,
                          "attributes are set by names that are not written out");
}

static Place place_of(const IndexOperation *op) {
  return op != NULL ? op->place : (Place){0};
}

bool cx_require_unbounded(RuleContext *cx, const IndexContainer *c) {
  uint32_t flags = c->fact->flags;
  return cx_require_place(cx, c->place, (c->facts->flags & FACTS_STUB) == 0,
                          "it is of a stub") &&
         cx_require_place(cx, c->place, (flags & CONTAINER_BOUNDED) == 0,
                          "it is bounded") &&
         cx_require_place(cx, c->place, (flags & CONTAINER_WEAK) == 0,
                          "it holds its entries weakly") &&
         cx_require_place(cx, c->place, (flags & CONTAINER_TEST) == 0,
                          "it is of a test");
}

bool cx_require_growth(RuleContext *cx, const IndexContainer *c,
                       const ContainerLife *life) {
  if (life->growth_count != 0) return true;
  for (uint32_t i = 0; cx_explains(cx) && i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (op->kind != OPERATION_GROW) continue;
    const char *reason = index_growth_refusal(cx->index, c, op);
    if (reason == NULL) reason = "it grows only while its object is made";
    return cx_require_place_seen(cx, c->place, false, reason, op->place);
  }
  return cx_require_place(cx, c->place, false, "nothing is added to it");
}

bool cx_require_long(RuleContext *cx, const IndexContainer *c,
                     const ContainerLife *life) {
  return cx_require_place(cx, c->place, life->is_long,
                          c->fact->holder == HOLDER_INSTANCE
                              ? "its object is not known to live long"
                              : "the function that keeps it is not known to live long");
}

bool cx_require_no_removal(RuleContext *cx, const IndexContainer *c,
                           const ContainerLife *life) {
  return cx_require_place_seen(cx, c->place, life->removal == NULL || life->on_one_path,
                               "entries are removed, or it is rebound",
                               place_of(life->removal));
}

bool cx_require_no_escape(RuleContext *cx, const IndexContainer *c,
                          const ContainerLife *life) {
  return cx_require_place_seen(cx, c->place, life->escape == NULL,
                               "other code gets it, and may empty it",
                               place_of(life->escape));
}

bool cx_require_lasting(RuleContext *cx, const IndexRegistration *r,
                        const char *reason) {
  Place by = index_registration(cx->index, r->undone_by)->place;
  return cx_require_place_seen(cx, r->place, !r->is_undone, reason,
                               r->undone_by.i != 0 ? by : (Place){0});
}
