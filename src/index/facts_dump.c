#include "index/facts.h"

#include "semantic/knowledge.h"

typedef struct Dump {
  const Facts *facts;
  Buf *out;
} Dump;

static void dump_text(Dump *d, const char *label, FactText text) {
  if (text.i == 0) return;
  Str s = facts_text(d->facts, text);
  buf_printf(d->out, " %s=%.*s", label, STR_ARGS(s));
}

static void dump_place(Dump *d, FactPlace place) {
  if (place.i != 0) buf_printf(d->out, " #%u", place.i);
}

static void dump_bits(Dump *d, const char *label, uint32_t bits) {
  if (bits != 0) buf_printf(d->out, " %s=%x", label, bits);
}

static void class_dump(Dump *d, const FactClass *row) {
  const Facts *f = d->facts;
  buf_printf(d->out, "class %.*s", STR_ARGS(facts_text(f, row->name)));
  dump_place(d, row->place);
  dump_bits(d, "flags", row->flags);
  dump_bits(d, "hazards", row->hazards);
  dump_text(d, "metaclass", row->metaclass);
  buf_add_byte(d->out, '\n');
  for (uint32_t i = 0; i < row->base_count; i++) {
    Str name = facts_text(f, f->bases[row->first_base + i].name);
    buf_printf(d->out, "  base %.*s\n", STR_ARGS(name.n != 0 ? name : STR("?")));
  }
  for (uint32_t i = 0; i < row->attribute_count; i++) {
    const FactAttribute *a = &f->attributes[row->first_attribute + i];
    buf_printf(d->out, "  attribute %.*s", STR_ARGS(facts_text(f, a->name)));
    dump_bits(d, "flags", a->flags);
    buf_add_byte(d->out, '\n');
  }
}

static void function_dump(Dump *d, const FactFunction *row) {
  buf_printf(d->out, "function %.*s", STR_ARGS(facts_text(d->facts, row->name)));
  buf_printf(d->out, " parameters=%u", row->parameter_count);
  dump_bits(d, "flags", row->flags);
  dump_bits(d, "grown", row->grown);
  dump_bits(d, "shrunk", row->shrunk);
  dump_bits(d, "kept", row->kept);
  buf_add_byte(d->out, '\n');
}

static void call_dump(Dump *d, const FactCall *row) {
  static const char *const forms[] = {"call", "map", "hook", "cls", "decorator"};
  buf_printf(d->out, "%s %.*s", forms[row->form],
             STR_ARGS(facts_text(d->facts, row->callee)));
  dump_place(d, row->place);
  dump_text(d, "in", row->caller);
  dump_bits(d, "context", row->context);
  buf_printf(d->out, " sink=%u depth=%u", row->sink, row->depth);
  if (row->is_small) buf_add_text(d->out, " small");
  if (row->bound != 0) buf_printf(d->out, " bound=%u", row->bound);
  buf_add_byte(d->out, '\n');
}

static void listing_dump(Dump *d, const FactListing *row) {
  buf_printf(d->out, "listing %.*s", STR_ARGS(facts_text(d->facts, row->name)));
  dump_place(d, row->place);
  dump_bits(d, "flags", row->flags);
  if (row->walked.i != 0) buf_add_text(d->out, " walked");
  dump_place(d, row->walked);
  buf_add_byte(d->out, '\n');
}

static void walk_dump(Dump *d, const FactWalk *row) {
  buf_printf(d->out, "walk %.*s", STR_ARGS(facts_text(d->facts, row->name)));
  dump_place(d, row->walked);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void touch_dump(Dump *d, const FactTouch *row) {
  static const char *const kinds[] = {"write",      "dict",        "dynamic",
                                      "weakref",    "patch",       "class-write",
                                      "class-read", "class-change"};
  buf_printf(d->out, "touch %s", kinds[row->kind]);
  dump_place(d, row->place);
  dump_text(d, "owner", row->owner);
  dump_text(d, "name", row->name);
  buf_add_byte(d->out, '\n');
}

static void container_dump(Dump *d, const FactContainer *row) {
  static const char *const holders[] = {"module", "class", "default", "instance"};
  buf_printf(d->out, "container %.*s", STR_ARGS(facts_text(d->facts, row->name)));
  dump_place(d, row->place);
  buf_printf(d->out, " %s %s", holders[row->holder],
             value_kind_name((ValueKind)row->type));
  dump_bits(d, "flags", row->flags);
  dump_text(d, "class", row->class_name);
  dump_text(d, "function", row->function);
  if (row->entries != 0) buf_printf(d->out, " entries=%u", row->entries);
  buf_add_byte(d->out, '\n');
}

static void operation_dump(Dump *d, const FactOperation *row) {
  static const char *const kinds[] = {"grow",  "shrink", "clear", "rebind",
                                      "guard", "escape", "pass",  "alias",
                                      "store", "return", "read"};
  static const char *const keys[] = {"none",   "unknown",  "constant",
                                     "finite", "external", "identity"};
  buf_printf(d->out, "%s %.*s", kinds[row->kind],
             STR_ARGS(facts_text(d->facts, row->owner)));
  dump_place(d, row->place);
  dump_text(d, "in", row->caller);
  dump_text(d, "other", row->other);
  dump_bits(d, "context", row->context);
  dump_bits(d, "flags", row->flags);
  buf_printf(d->out, " key=%s:%s\n", keys[row->key],
             value_kind_name((ValueKind)row->key_type));
}

static void registration_dump(Dump *d, const FactRegistration *row) {
  static const char *const kinds[] = {"other", "bound", "function", "lambda", "self"};
  buf_printf(d->out, "registration %.*s", STR_ARGS(facts_text(d->facts, row->method)));
  dump_place(d, row->place);
  dump_text(d, "on", row->receiver);
  dump_text(d, "in", row->caller);
  dump_text(d, "callback", row->callback);
  buf_printf(d->out, " %s%s\n", kinds[row->kind],
             (row->flags & REGISTRATION_UNDO) != 0 ? " undo" : "");
}

static void import_dump(Dump *d, const FactImport *row) {
  buf_add_text(d->out, "import");
  dump_text(d, "name", row->name);
  dump_text(d, "target", row->target);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

void facts_dump(const Facts *facts, Buf *out) {
  Dump d = {facts, out};
  buf_printf(out, "module %.*s version=%u",
             STR_ARGS(facts_text(facts, facts->head.module)), facts->head.version);
  dump_bits(&d, "flags", facts->head.flags);
  buf_add_byte(out, '\n');
#define SECTION_DUMP(rows, row) \
  for (uint32_t i = 0; i < facts->row##_count; i++) row##_dump(&d, &facts->rows[i]);
  SECTION_DUMP(imports, import)
  SECTION_DUMP(classes, class)
  SECTION_DUMP(functions, function)
  SECTION_DUMP(calls, call)
  SECTION_DUMP(listings, listing)
  SECTION_DUMP(walks, walk)
  SECTION_DUMP(touches, touch)
  SECTION_DUMP(containers, container)
  SECTION_DUMP(operations, operation)
  SECTION_DUMP(registrations, registration)
#undef SECTION_DUMP
  for (uint32_t i = 0; i < facts->export_count; i++) {
    buf_printf(out, "export %.*s\n",
               STR_ARGS(facts_text(facts, facts->exports[i].name)));
  }
}
