#include "index/facts.h"

#include "semantic/knowledge.h"

typedef struct Dump {
  FactRows rows;
  Str *words, *names;
  uint32_t base, attribute;  // the next class's first
  Buf *out;
} Dump;

// Names and words as text, by number.
static void texts_make(Dump *d, Str module) {
  Arena *arena = d->out->arena;
  const char *at = d->rows.word_bytes;
  d->words = arena_array(arena, Str, d->rows.word_count);
  d->names = arena_array(arena, Str, d->rows.name_count);
  for (uint32_t i = 0; i < d->rows.word_count; i++) {
    d->words[i] = (Str){at, d->rows.words[i].n};
    at += d->words[i].n;
  }
  d->names[0] = STR_NONE;
  d->names[FACT_MODULE_NAME] = module;
  for (uint32_t i = 2; i < d->rows.name_count; i++) {
    FactName name = d->rows.names[i];
    Str word = d->words[name.word.i], owner = d->names[name.owner.i];
    d->names[i] = owner.n != 0 ? str_join_in(arena, owner, ".", word) : word;
  }
}

static void dump_name(Dump *d, const char *label, FactText name) {
  if (name.i == 0) return;
  buf_printf(d->out, "%s%.*s", label, STR_ARGS(d->names[name.i]));
}

static void dump_word(Dump *d, const char *label, FactWord word) {
  if (word.i == 0) return;
  buf_printf(d->out, "%s%.*s", label, STR_ARGS(d->words[word.i]));
}

// A name of this file, without the module's.
static void dump_own(Dump *d, const char *label, FactText name) {
  Str text = d->names[name.i];
  uint32_t module = d->names[FACT_MODULE_NAME].n + 1;
  if (name.i == 0) return;
  buf_printf(d->out, "%s%.*s", label, STR_ARGS(str_slice(text, module, text.n)));
}

static void dump_place(Dump *d, FactPlace place) {
  if (place.i != 0) buf_printf(d->out, " #%u", place.i);
}

static void dump_bits(Dump *d, const char *label, uint32_t bits) {
  if (bits != 0) buf_printf(d->out, " %s=%x", label, bits);
}

static void class_dump(Dump *d, const FactClass *row) {
  dump_own(d, "class ", row->name);
  dump_place(d, row->place);
  dump_bits(d, "flags", row->flags);
  dump_bits(d, "hazards", row->hazards);
  buf_add_byte(d->out, '\n');
  for (uint32_t i = 0; i < row->base_count; i++) {
    FactText name = d->rows.bases[d->base++].name;
    if (name.i == 0) buf_add_text(d->out, "  base ?");
    dump_name(d, "  base ", name);
    buf_add_byte(d->out, '\n');
  }
  for (uint32_t i = 0; i < row->attribute_count; i++) {
    const FactAttribute *a = &d->rows.attributes[d->attribute++];
    dump_word(d, "  attribute ", a->name);
    dump_bits(d, "flags", a->flags);
    buf_add_byte(d->out, '\n');
  }
}

static void function_dump(Dump *d, const FactFunction *row) {
  dump_own(d, "function ", row->name);
  buf_printf(d->out, " parameters=%u", row->parameter_count);
  dump_bits(d, "flags", row->flags);
  dump_bits(d, "grown", row->grown);
  dump_bits(d, "shrunk", row->shrunk);
  dump_bits(d, "kept", row->kept);
  dump_bits(d, "stored", row->stored);
  dump_bits(d, "held", row->held);
  buf_add_byte(d->out, '\n');
}

static void object_dump(Dump *d, const FactObject *row) {
  dump_own(d, "object ", row->name);
  dump_name(d, " of ", row->class_name);
  buf_add_byte(d->out, '\n');
}

static void call_dump(Dump *d, const FactCall *row) {
  static const char *const forms[] = {"call ",      "map ",    "hook ",   "cls ",
                                      "decorator ", "method ", "applied "};
  dump_name(d, forms[row->form], row->callee);
  dump_place(d, row->place);
  dump_own(d, " in=", row->caller);
  dump_bits(d, "context", row->context);
  buf_printf(d->out, " sink=%u", row->sink);
  if (row->is_small) buf_add_text(d->out, " small");
  dump_bits(d, "constants", row->constants);
  if (row->held == HELD_BY_SELF) buf_add_text(d->out, " held-by-self");
  if (row->held == HELD_FOR_LONG) buf_add_text(d->out, " held-for-long");
  if (row->is_once) buf_add_text(d->out, " once");
  if (row->bound != 0) buf_printf(d->out, " bound=%u", row->bound);
  buf_add_byte(d->out, '\n');
}

static void listing_dump(Dump *d, const FactListing *row) {
  dump_own(d, "listing ", row->name);
  dump_place(d, row->place);
  dump_bits(d, "flags", row->flags);
  if (row->walked.i != 0) buf_add_text(d->out, " walked");
  dump_place(d, row->walked);
  buf_add_byte(d->out, '\n');
}

static void walk_dump(Dump *d, const FactWalk *row) {
  dump_name(d, "walk ", row->name);
  dump_place(d, row->walked);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void making_dump(Dump *d, const FactMaking *row) {
  dump_word(d, "making ", row->name);
  dump_place(d, row->place);
  dump_own(d, " in=", row->caller);
  dump_bits(d, "context", row->context);
  dump_bits(d, "flags", row->flags);
  buf_printf(d->out, " bytes=%u\n", row->bytes);
}

static void intermediate_dump(Dump *d, const FactIntermediate *row) {
  dump_own(d, "intermediate ", row->class_name);
  dump_word(d, ".", row->stored);
  dump_place(d, row->place);
  buf_printf(d->out, " kind=%u %s why=%u read", row->kind,
             value_kind_name((ValueKind)row->type), row->why);
  dump_place(d, row->read);
  buf_add_byte(d->out, '\n');
}

static void touch_dump(Dump *d, const FactTouch *row) {
  static const char *const kinds[] = {
      "write",      "dict",         "dynamic", "weakref", "patch", "class-write",
      "class-read", "class-change", "clear",   "release", "read"};
  buf_printf(d->out, "touch %s", kinds[row->kind]);
  dump_name(d, " owner=", row->owner);
  dump_word(d, " name=", row->name);
  dump_own(d, " via=", row->via);
  dump_word(d, " read=", row->read);
  dump_name(d, " maker=", row->maker);
  buf_add_byte(d->out, '\n');
}

static void exposure_dump(Dump *d, const FactExposure *row) {
  dump_name(d, "exposure ", row->owner);
  dump_place(d, row->place);
  dump_own(d, " by ", row->caller);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void knot_dump(Dump *d, const FactKnot *row) {
  static const char *const kinds[] = {"self", "method", "closure", "generator"};
  buf_printf(d->out, "knot %s", kinds[row->kind]);
  dump_place(d, row->place);
  dump_name(d, " of=", row->owner);
  dump_word(d, " at=", row->attribute);
  dump_word(d, " method=", row->method);
  dump_name(d, " made=", row->made);
  if (row->made.i != 0) buf_printf(d->out, " argument=%u", row->argument);
  dump_word(d, " keyword=", row->keyword);
  if (row->size.i != 0) buf_add_text(d->out, " size");
  dump_place(d, row->size);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void keep_dump(Dump *d, const FactKeep *row) {
  dump_own(d, "keep ", row->owner);
  dump_word(d, " ", row->parameter);
  buf_printf(d->out, " position=%u", row->position);
  dump_word(d, " at=", row->attribute);
  dump_name(d, " base=", row->base);
  bool is_passed = row->base.i != 0 || (row->flags & KEEP_SUPER) != 0;
  if (is_passed) buf_printf(d->out, " argument=%u", row->argument);
  dump_word(d, " keyword=", row->keyword);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void closing_dump(Dump *d, const FactClosing *row) {
  static const char *const kinds[] = {"closing", "held",    "releases", "passes",
                                      "calls",   "signals", "hides"};
  static const char *const whats[] = {"resource", "timer",        "task",   "thread",
                                      "process",  "registration", "buffer", "instance"};
  buf_add_text(d->out, kinds[row->kind]);
  dump_place(d, row->place);
  dump_own(d, " of=", row->owner);
  dump_word(d, " in=", row->method);
  dump_word(d, " name=", row->name);
  dump_name(d, " other=", row->other);
  if (row->kind == CLOSING_HELD) buf_printf(d->out, " %s", whats[row->what]);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void container_dump(Dump *d, const FactContainer *row) {
  static const char *const holders[] = {"module",   "class",   "default", "instance",
                                        "function", "closure", "local"};
  dump_own(d, "container ", row->name);
  dump_place(d, row->place);
  buf_printf(d->out, " %s %s", holders[row->holder],
             value_kind_name((ValueKind)row->type));
  dump_bits(d, "flags", row->flags);
  dump_own(d, " class=", row->class_name);
  dump_own(d, " function=", row->function);
  dump_name(d, " bound=", row->bound);
  if (row->last != 0) buf_printf(d->out, " last=%u", row->last);
  if (row->entries != 0) buf_printf(d->out, " entries=%u", row->entries);
  buf_add_byte(d->out, '\n');
}

static void operation_dump(Dump *d, const FactOperation *row) {
  static const char *const kinds[] = {"grow",   "shrink", "clear", "rebind", "guard",
                                      "escape", "pass",   "alias", "store",  "return",
                                      "read",   "lookup", "tail"};
  static const char *const keys[] = {"none",     "unknown",  "constant", "finite",
                                     "external", "identity", "few"};
  bool is_attribute = (row->flags & OPERATION_VIA_UNKNOWN) != 0;
  buf_add_text(d->out, kinds[row->kind]);
  dump_name(d, is_attribute ? " ." : " ", row->owner);
  dump_place(d, row->place);
  dump_own(d, " in=", row->caller);
  dump_name(d, " other=", row->other);
  dump_bits(d, "context", row->context);
  dump_bits(d, "flags", row->flags);
  buf_printf(d->out, " key=%s:%s\n", keys[row->key],
             value_kind_name((ValueKind)row->key_type));
}

static void registration_dump(Dump *d, const FactRegistration *row) {
  static const char *const kinds[] = {"other",    "bound", "partial",  "lambda",
                                      "function", "self",  "attribute"};
  static const char *const forms[] = {"keeps", "replaces", "subscribes", "undoes",
                                      "reads", "scopes",   "named"};
  buf_add_text(d->out, "registration");
  dump_word(d, " ", row->name);
  dump_place(d, row->place);
  dump_word(d, " group=", row->group);
  dump_word(d, " key=", row->key);
  dump_name(d, " on=", row->receiver);
  dump_name(d, " publisher=", row->publisher);
  dump_own(d, " in=", row->caller);
  dump_own(d, " owner=", row->owner);
  dump_name(d, " callback=", row->callback);
  dump_bits(d, "context", row->context);
  dump_bits(d, "flags", row->flags);
  buf_printf(d->out, " %s %s\n", forms[row->form], kinds[row->kind]);
}

static void publisher_dump(Dump *d, const FactPublisher *row) {
  dump_own(d, "publisher ", row->name);
  dump_name(d, " for=", row->stands_for);
  buf_add_byte(d->out, '\n');
}

static void import_dump(Dump *d, const FactImport *row) {
  buf_add_text(d->out, "import");
  dump_word(d, " name=", row->name);
  dump_name(d, " target=", row->target);
  dump_bits(d, "flags", row->flags);
  buf_add_byte(d->out, '\n');
}

static void glance_dump(Dump *d, const FactGlance *row) {
  buf_printf(d->out, "glance %x\n", row->hash);
}

static void zero_dump(Dump *d, const FactZero *row) {
  dump_word(d, "zero ", row->name);
  buf_add_byte(d->out, '\n');
}

static void export_dump(Dump *d, const FactExport *row) {
  dump_word(d, "export ", row->name);
  buf_add_byte(d->out, '\n');
}

void facts_dump(const Facts *facts, Buf *out) {
  Dump d = {.out = out};
  facts_unpack(facts, IN_EVERYTHING, out->arena, &d.rows);
  texts_make(&d, facts->module);
  buf_printf(out, "module %.*s version=%u", STR_ARGS(facts->module),
             (unsigned)FACTS_VERSION);
  dump_bits(&d, "flags", facts->flags);
  buf_add_byte(out, '\n');
#define SECTION_DUMP(rows_, row) \
  for (uint32_t i = 0; i < d.rows.row##_count; i++) row##_dump(&d, &d.rows.rows_[i]);
  SECTION_DUMP(imports, import)
  SECTION_DUMP(classes, class)
  SECTION_DUMP(functions, function)
  SECTION_DUMP(calls, call)
  SECTION_DUMP(objects, object)
  SECTION_DUMP(listings, listing)
  SECTION_DUMP(walks, walk)
  SECTION_DUMP(makings, making)
  SECTION_DUMP(intermediates, intermediate)
  SECTION_DUMP(touches, touch)
  SECTION_DUMP(exposures, exposure)
  SECTION_DUMP(knots, knot)
  SECTION_DUMP(keeps, keep)
  SECTION_DUMP(closings, closing)
  SECTION_DUMP(containers, container)
  SECTION_DUMP(operations, operation)
  SECTION_DUMP(registrations, registration)
  SECTION_DUMP(publishers, publisher)
  SECTION_DUMP(exports, export)
  SECTION_DUMP(zeros, zero)
  SECTION_DUMP(glances, glance)
#undef SECTION_DUMP
}
