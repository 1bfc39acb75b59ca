#include "index/index_internal.h"

static void place_dump(const Index *self, Place place, Buf *out) {
  buf_printf(out, "%.*s#%u", STR_ARGS(index_module_name(self, place.module)),
             place.ordinal);
}

static void site_dump(const Index *self, const IndexSite *site, Buf *out) {
  buf_add_text(out, "  made ");
  place_dump(self, site->place, out);
  buf_printf(out, " sink=%d context=%x", (int)site->sink, site->context);
  if (site->bound != 0) buf_printf(out, " bound=%u", site->bound);
  if (site->is_kept) buf_add_text(out, " kept");
  if (site->is_small) buf_add_text(out, " small");
  if (site->held != HELD_BY_NOBODY) {
    buf_add_text(out, site->held == HELD_BY_SELF ? " held-by-self" : " held-for-long");
  }
  if (place_ok(site->factory)) {
    buf_add_text(out, " factory ");
    place_dump(self, site->factory, out);
  }
  buf_add_byte(out, '\n');
}

static void class_dump(const Index *self, ClassId id, Buf *out) {
  const IndexClass *c = index_class(self, id);
  SlotsAdvice slots = index_slots(self, id, self->arena);
  buf_printf(out, "class %.*s flags=%x hazards=%x", STR_ARGS(c->name), c->flags,
             c->hazards);
  buf_printf(out, " kept=%u%s%s%s\n", c->kept_count, c->is_many ? " many" : "",
             c->is_long ? " long" : "", c->order_known ? "" : " order?");
  buf_add_text(out, "  order");
  for (uint32_t i = 0; i < c->order_count; i++) {
    buf_printf(out, " %.*s", STR_ARGS(self->classes[c->order[i].i].name));
  }
  buf_add_byte(out, '\n');
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    buf_printf(out, "  attribute %.*s flags=%x from %.*s\n", STR_ARGS(a->name),
               a->flags, STR_ARGS(self->classes[a->owner.i].name));
  }
  for (uint32_t i = 0; i < c->site_count; i++) site_dump(self, &c->sites[i], out);
  if (slots.is_possible) {
    buf_add_text(out, "  slots");
    for (uint32_t i = 0; i < slots.name_count; i++) {
      buf_printf(out, " %.*s", STR_ARGS(slots.names[i]));
    }
    buf_add_text(out, slots.needs_weakref ? " __weakref__\n" : "\n");
  } else {
    buf_printf(out, "  no slots: %s\n", slots.reason);
  }
}

static void container_dump(const Index *self, ContainerId id, Buf *out) {
  const IndexContainer *c = index_container(self, id);
  ContainerLife life = index_life(self, id);
  buf_printf(out, "container %.*s", STR_ARGS(c->name));
  buf_printf(out, " grows=%u%s%s%s%s%s\n", life.growth_count,
             life.is_grown ? " grown" : "", life.removal != NULL ? " removed" : "",
             life.on_one_path ? " on-one-path" : "",
             life.escape != NULL ? " escapes" : "", life.is_memo ? " memo" : "");
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    buf_printf(out, "  operation %d ", (int)op->kind);
    place_dump(self, op->place, out);
    buf_printf(out, " flags=%x%s%s%s%s\n", op->fact->flags,
               op->at_import ? " import" : "", op->in_handler ? " handler" : "",
               op->in_method_of_many ? " many" : "", op->in_test ? " test" : "");
  }
}

void index_dump(const Index *self, Buf *out) {
  for (uint32_t m = 0; m < self->module_count; m++) {
    buf_printf(out, "module %.*s %.*s\n", STR_ARGS(index_module_name(self, m)),
               STR_ARGS(index_module_path(self, m)));
  }
  for (uint32_t i = 1; i < self->class_count; i++) class_dump(self, (ClassId){i}, out);
  for (uint32_t i = 1; i < self->container_count; i++) {
    container_dump(self, (ContainerId){i}, out);
  }
  for (uint32_t i = 1; i < self->intermediate_count; i++) {
    const IndexIntermediate *row = index_intermediate(self, (IntermediateId){i});
    buf_printf(out, "intermediate %.*s.%.*s%s%s%s ",
               STR_ARGS(index_class(self, row->owner)->name), STR_ARGS(row->name),
               row->is_read ? " read" : "", row->is_shared ? " shared" : "",
               row->is_hidden ? " hidden" : "");
    place_dump(self, row->place, out);
    buf_add_byte(out, '\n');
  }
}
