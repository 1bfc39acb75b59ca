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
