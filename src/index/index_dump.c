// `dump index`: what was understood of the project, one thing a line. Places are the
// path and what the caller makes of an offset in it (a line), or the module and ordinal.

#include "base/utf8.h"
#include "index/index_internal.h"

typedef struct Dump {
  const Index *self;
  Buf *out;
  PlaceLineFn *line;
  void *data;
} Dump;

static void put(Dump *d, const char *text) { buf_add_text(d->out, text); }

static void place_dump(Dump *d, const char *before, Place place) {
  put(d, before);
  if (d->line == NULL) {
    Str module = index_module_name(d->self, place.module);
    buf_printf(d->out, "%.*s#%u", STR_ARGS(module), place.ordinal);
    return;
  }
  buf_add_escaped(d->out, index_module_path(d->self, place.module));
  uint32_t offset = index_place_span(d->self, place).start;
  buf_printf(d->out, ":%u", d->line(d->data, place.module, offset));
}

static void name_dump(Dump *d, const char *before, Str name) {
  put(d, before);
  buf_add_escaped(d->out, name);
}

// --- classes -------------------------------------------------------------------------

static void contexts_dump(Dump *d, uint32_t context) {
  static const struct {
    uint32_t flag;
    const char *text;
  } names[] = {
      {CONTEXT_LOOP, ", in a loop"},
      {CONTEXT_COMPREHENSION, ", in a comprehension"},
      {CONTEXT_HANDLER, ", in a handler"},
      {CONTEXT_WORKER, ", in a worker loop"},
      {CONTEXT_MAIN_GUARD, ", in the script's main part"},
      {CONTEXT_TEST, ", in a test"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if ((context & names[i].flag) != 0) put(d, names[i].text);
  }
}

static void site_dump(Dump *d, const IndexSite *site) {
  place_dump(d, "  made ", site->place);
  if (place_ok(site->factory)) place_dump(d, " through ", site->factory);
  contexts_dump(d, site->context);
  if (site->is_kept) put(d, ", kept in number");
  if (site->is_small) put(d, ", few");
  if (site->bound != 0) buf_printf(d->out, ", %u times", site->bound);
  if (site->held == HELD_FOR_LONG) put(d, ", held for long");
  if (site->held == HELD_BY_SELF) {
    name_dump(d, ", held by a ", d->self->classes[site->holder.i].name);
  }
  put(d, "\n");
}

static void attributes_dump(Dump *d, const IndexClass *c) {
  const char *before = "  attributes ";
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    if (!attribute_is_own(a->flags)) continue;
    name_dump(d, before, a->name);
    if ((a->flags & ATTRIBUTE_CONDITIONAL) != 0) put(d, "?");
    before = " ";
  }
  if (before[1] == '\0') put(d, "\n");
}

static void slots_dump(Dump *d, ClassId id) {
  const IndexClass *c = index_class(d->self, id);
  if ((c->flags & CLASS_HAS_SLOTS) != 0) {
    put(d, "  has slots\n");
    return;
  }
  SlotsAdvice slots = index_slots(d->self, id, d->self->arena);
  if (!slots.is_possible) {
    name_dump(d, "  no slots: ", str_from(slots.reason));
    put(d, "\n");
    return;
  }
  put(d, "  slots possible:");
  for (uint32_t i = 0; i < slots.name_count; i++) name_dump(d, " ", slots.names[i]);
  put(d, slots.needs_weakref ? " __weakref__\n" : "\n");
}

static void class_dump(Dump *d, ClassId id) {
  const IndexClass *c = index_class(d->self, id);
  name_dump(d, "class ", c->name);
  place_dump(d, " ", c->place);
  if (c->is_many) put(d, ", many instances");
  if (c->is_long) put(d, ", lives long");
  put(d, "\n  order");
  for (uint32_t i = 0; i < c->order_count; i++) {
    name_dump(d, " ", d->self->classes[c->order[i].i].name);
  }
  put(d, c->order_known ? "\n" : " and what is not known\n");
  attributes_dump(d, c);
  for (uint32_t i = 0; i < c->site_count; i++) site_dump(d, &c->sites[i]);
  if (c->is_long && place_ok(c->held_at)) {
    place_dump(d, "  held for long since ", c->held_at);
    put(d, "\n");
  }
  slots_dump(d, id);
}

// --- containers ----------------------------------------------------------------------

static const char *operation_text(OperationKind kind) {
  switch (kind) {
    case OPERATION_GROW: return "grows";
    case OPERATION_SHRINK: return "shrinks";
    case OPERATION_CLEAR: return "is cleared";
    case OPERATION_REBIND: return "is bound anew";
    case OPERATION_GUARD: return "its length decides";
    case OPERATION_ESCAPE: return "goes to unknown code";
    case OPERATION_PASS: return "is passed on";
    case OPERATION_ALIAS: return "gets another name";
    case OPERATION_STORE: return "is stored on an object";
    case OPERATION_RETURN: return "is handed to the caller";
    case OPERATION_READ: return "is read";
    case OPERATION_LOOKUP: return "is asked for a key";
    case OPERATION_TAIL: return "is asked for its last";
  }
  return "";
}

static void operation_dump(Dump *d, const IndexContainer *c, const IndexOperation *op) {
  static const char *const keys[] = {"",
                                     "",
                                     ", a constant key",
                                     ", few keys",
                                     ", keys from outside",
                                     ", the object as key"};
  place_dump(d, "  ", op->place);
  buf_printf(d->out, " %s", operation_text(op->kind));
  if (op->kind == OPERATION_GROW) {
    put(d, keys[op->fact->key]);
    if (!index_is_growth(d->self, c, op)) put(d, ", not without end");
  }
  if ((op->fact->flags & OPERATION_ONE_PATH) != 0) put(d, ", on some paths");
  if (op->at_import) put(d, ", at import");
  if (op->at_making) put(d, ", while it is made");
  if (op->in_handler) put(d, ", in a handler or worker");
  if (op->in_method_of_many) put(d, ", by many instances");
  if (op->in_test) put(d, ", in a test");
  put(d, "\n");
}

static void container_dump(Dump *d, ContainerId id) {
  static const char *const holders[] = {"of a module",   "of a class",
                                        "a default",     "of an instance",
                                        "of a function", "kept by a function"};
  const IndexContainer *c = index_container(d->self, id);
  ContainerLife life = index_life(d->self, id);
  name_dump(d, "container ", c->name);
  place_dump(d, " ", c->place);
  buf_printf(d->out, ", %s", holders[c->fact->holder]);
  if (life.is_long && c->fact->holder == HOLDER_INSTANCE) put(d, " that lives long");
  if ((c->fact->flags & CONTAINER_BOUNDED) != 0) put(d, ", bounded");
  if ((c->fact->flags & CONTAINER_WEAK) != 0) put(d, ", weak");
  if (life.growth_count != 0) put(d, ", grows");
  if (life.is_memo) put(d, " as a cache");
  if (life.removal != NULL) put(d, ", is emptied");
  if (life.on_one_path) put(d, " on some paths");
  if (life.escape != NULL) put(d, ", is handed out");
  put(d, "\n");
  for (uint32_t i = 0; i < c->operation_count; i++) {
    operation_dump(d, c, &c->operations[i]);
  }
}

static void making_dump(Dump *d, const IndexMaking *making) {
  name_dump(d, "class made in ", making->name);
  place_dump(d, " ", making->place);
  if (making->at_import) put(d, ", at import");
  if (making->is_cached) put(d, ", cached");
  if (making->may_recur) put(d, ", each time anew");
  if (making->is_hot) put(d, ", often");
  if (place_ok(making->cause)) place_dump(d, ", as of ", making->cause);
  put(d, "\n");
}

static void intermediate_dump(Dump *d, const IndexIntermediate *row) {
  name_dump(d, "kept by one method ", index_class(d->self, row->owner)->name);
  name_dump(d, ".", row->name);
  place_dump(d, " ", row->place);
  if (row->is_read) put(d, ", read elsewhere");
  if (row->is_shared) put(d, ", of the family");
  if (row->is_hidden) put(d, ", not to be followed");
  put(d, "\n");
}

// --- the whole -----------------------------------------------------------------------

void index_dump(const Index *self, PlaceLineFn *line, void *data, Buf *out) {
  Dump d = {self, out, line, data};
  for (uint32_t m = 0; m < self->module_count; m++) {
    name_dump(&d, "module ", index_module_name(self, m));
    name_dump(&d, " ", index_module_path(self, m));
    put(&d, "\n");
  }
  for (uint32_t i = 1; i < self->class_count; i++) class_dump(&d, (ClassId){i});
  for (uint32_t i = 1; i < self->container_count; i++) {
    container_dump(&d, (ContainerId){i});
  }
  for (uint32_t i = 1; i < self->registration_count; i++) {
    const IndexRegistration *r = index_registration(self, (RegistrationId){i});
    bool is_undo = (r->fact->flags & REGISTRATION_UNDO) != 0;
    place_dump(&d, is_undo ? "undone " : "registered ", r->place);
    put(&d, "\n");
  }
  if (!self->is_complete) put(&d, "files are missing: the project is not complete\n");
  for (uint32_t i = 1; i < self->making_count; i++) making_dump(&d, &self->makings[i]);
  for (uint32_t i = 1; i < self->intermediate_count; i++) {
    intermediate_dump(&d, index_intermediate(self, (IntermediateId){i}));
  }
}
