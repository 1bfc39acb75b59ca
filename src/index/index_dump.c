// `dump index`: what was understood of the project, one thing a line. Places are the
// path and what the caller makes of an offset in it (a line), or the module and ordinal.

#include "base/utf8.h"
#include "index/dump_internal.h"
#include "semantic/value.h"

void dump_text(Dump *d, const char *text) { buf_add_text(d->out, text); }

void dump_place(Dump *d, const char *before, Place place) {
  dump_text(d, before);
  if (d->line == NULL) {
    Str module = index_module_name(d->self, place.module);
    buf_printf(d->out, "%.*s#%u", STR_ARGS(module), place.ordinal);
    return;
  }
  buf_add_escaped(d->out, index_module_path(d->self, place.module));
  uint32_t offset = index_place_span(d->self, place).start;
  buf_printf(d->out, ":%u", d->line(d->data, place.module, offset));
}

void dump_name(Dump *d, const char *before, Str name) {
  dump_text(d, before);
  buf_add_escaped(d->out, name);
}

// --- classes -------------------------------------------------------------------------

void dump_contexts(Dump *d, uint32_t context) {
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
    if ((context & names[i].flag) != 0) dump_text(d, names[i].text);
  }
}

static void site_dump(Dump *d, const IndexSite *site) {
  dump_place(d, "  made ", site->place);
  if (place_ok(site->factory)) dump_place(d, " through ", site->factory);
  dump_contexts(d, site->context);
  if (site->is_kept) dump_text(d, ", kept in number");
  if (site->is_small) dump_text(d, ", few");
  if (site->bound != 0) buf_printf(d->out, ", %u times", site->bound);
  if (site->held == HELD_FOR_LONG) dump_text(d, ", held for long");
  if (site->held == HELD_BY_SELF) {
    dump_name(d, ", held by a ", d->self->classes[site->holder.i].name);
  }
  dump_text(d, "\n");
}

static void attributes_dump(Dump *d, const IndexClass *c) {
  const char *before = "  attributes ";
  for (uint32_t i = 0; i < c->attribute_count; i++) {
    const IndexAttribute *a = &c->attributes[i];
    if (!attribute_is_own(a->flags)) continue;
    dump_name(d, before, a->name);
    if ((a->flags & ATTRIBUTE_CONDITIONAL) != 0) dump_text(d, "?");
    before = " ";
  }
  if (before[1] == '\0') dump_text(d, "\n");
}

static void slots_dump(Dump *d, ClassId id) {
  const IndexClass *c = index_class(d->self, id);
  if ((c->flags & CLASS_HAS_SLOTS) != 0) {
    dump_text(d, "  has slots\n");
    return;
  }
  SlotsAdvice slots = index_slots(d->self, id, d->self->arena);
  if (!slots.is_possible) {
    dump_name(d, "  no slots: ", str_from(slots.reason));
    dump_text(d, "\n");
    return;
  }
  dump_text(d, "  slots possible:");
  for (uint32_t i = 0; i < slots.name_count; i++) dump_name(d, " ", slots.names[i]);
  dump_text(d, slots.needs_weakref ? " __weakref__\n" : "\n");
}

static void class_dump(Dump *d, ClassId id) {
  const IndexClass *c = index_class(d->self, id);
  dump_name(d, "class ", c->name);
  dump_place(d, " ", c->place);
  dump_text(d, c->is_many                     ? ", many instances"
               : index_is_single(d->self, id) ? ", one for the whole program"
               : c->made == MADE_ONCE         ? ", made once"
               : c->made == MADE_MANY         ? ", made several times"
                                              : "");
  if (c->is_long) dump_text(d, ", lives long");
  dump_text(d, "\n  order");
  for (uint32_t i = 0; i < c->order_count; i++) {
    dump_name(d, " ", d->self->classes[c->order[i].i].name);
  }
  dump_text(d, c->order_known ? "\n" : " and what is not known\n");
  attributes_dump(d, c);
  for (uint32_t i = 0; i < c->site_count; i++) site_dump(d, &c->sites[i]);
  if (c->is_long && place_ok(c->held_at)) {
    dump_place(d, "  held for long since ", c->held_at);
    dump_text(d, "\n");
  }
  for (uint32_t i = 0; i < c->exposure_count; i++) {
    dump_place(d, "  its __dict__ is asked for ", c->exposures[i].place);
    if (c->exposures[i].is_hot) dump_text(d, ", for one after the other");
    dump_text(d, "\n");
  }
  slots_dump(d, id);
  dump_closing(d, id);
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
  dump_place(d, "  ", op->place);
  buf_printf(d->out, " %s", operation_text(op->kind));
  if (op->kind == OPERATION_GROW) {
    dump_text(d, keys[op->fact->key]);
    const char *refusal = index_growth_refusal(d->self, c, op);
    bool is_queue = c->fact->type == VALUE_QUEUE;
    if (refusal != NULL && !is_queue) dump_text(d, ", no growth: ");
    if (refusal != NULL && !is_queue) dump_text(d, refusal);
    if ((op->fact->flags & OPERATION_STARTED) != 0)
      dump_text(d, ", by a task or future");
    if ((op->fact->flags & OPERATION_CACHES) != 0) dump_text(d, ", by what was missed");
  }
  if ((op->fact->flags & OPERATION_ONE_PATH) != 0) dump_text(d, ", on some paths");
  if (op->at_import) dump_text(d, ", at import");
  if (op->at_making) dump_text(d, ", while it is made");
  if (op->in_handler) dump_text(d, ", in a handler or worker");
  if (op->in_method_of_many) dump_text(d, ", by many instances");
  if (op->in_test) dump_text(d, ", in a test");
  dump_text(d, "\n");
}

// What it is used as, where that is known.
static void uses_dump(Dump *d, ContainerId id, const IndexContainer *c) {
  QueueLife queue = index_queue(d->self, id);
  RingLife ring = index_ring(d->self, id);
  CacheLife cache = index_cache(d->self, id);
  LookupLife lookup = index_lookup(d->self, id);
  if (queue.put != NULL) {
    dump_place(d, "  as a queue without bound: put ", queue.put->place);
    dump_place(d, ", taken ", queue.taken->place);
    dump_text(d, queue.is_long ? ", long\n" : "\n");
  } else if (queue.refusal != NULL && c->fact->type == VALUE_QUEUE) {
    dump_name(d, "  as a queue: ", str_from(queue.refusal));
    dump_text(d, "\n");
  }
  if (ring.is_ring) {
    dump_text(d,
              ring.is_cut ? "  as a ring, cut by hand" : "  as a ring, its end alone");
    buf_printf(d->out, ": %u\n", ring.last);
  } else if (ring.growth != NULL) {
    dump_name(d, "  as a ring: no, ", str_from(ring.refusal));
    dump_text(d, "\n");
  }
  if (cache.fill != NULL) {
    dump_place(d, "  as a cache: filled ", cache.fill->place);
    dump_text(d, "\n");
  } else if (cache.refusal != NULL) {
    dump_name(d, "  as a cache: no, ", str_from(cache.refusal));
    dump_text(d, "\n");
  }
  if (lookup.read != NULL) {
    dump_place(d, "  reading makes entries ", lookup.read->place);
    dump_text(d, "\n");
  }
}

static void container_dump(Dump *d, ContainerId id) {
  static const char *const holders[] = {
      "of a module",   "of a class",         "a default",  "of an instance",
      "of a function", "kept by a function", "of one call"};
  const IndexContainer *c = index_container(d->self, id);
  ContainerLife life = index_life(d->self, id);
  dump_name(d, "container ", c->name);
  dump_place(d, " ", c->place);
  buf_printf(d->out, ", %s, %s", value_kind_name((ValueKind)c->fact->type),
             holders[c->fact->holder]);
  bool is_own = c->fact->holder == HOLDER_INSTANCE || c->fact->holder == HOLDER_CLOSURE;
  if (life.is_long && is_own) dump_text(d, " that lives long");
  if ((c->fact->flags & CONTAINER_BOUNDED) != 0) dump_text(d, ", bounded");
  if ((c->fact->flags & CONTAINER_WEAK) != 0) dump_text(d, ", weak");
  if (life.growth_count != 0) dump_text(d, ", grows");
  if (life.is_memo) dump_text(d, " as a cache");
  if (life.removal != NULL) dump_text(d, ", is emptied");
  if (life.on_one_path) dump_text(d, " on some paths");
  if (life.escape != NULL) dump_text(d, ", is handed out");
  dump_text(d, "\n");
  for (uint32_t i = 0; i < c->operation_count; i++) {
    operation_dump(d, c, &c->operations[i]);
  }
  uses_dump(d, id, c);
}

// --- the whole -----------------------------------------------------------------------

void index_dump(const Index *self, PlaceLineFn *line, void *data, Buf *out) {
  Dump d = {self, out, line, data};
  for (uint32_t m = 0; m < self->module_count; m++) {
    dump_name(&d, "module ", index_module_name(self, m));
    dump_name(&d, " ", index_module_path(self, m));
    dump_text(&d, "\n");
  }
  for (uint32_t i = 1; i < self->class_count; i++) class_dump(&d, (ClassId){i});
  for (uint32_t i = 1; i < self->container_count; i++) {
    container_dump(&d, (ContainerId){i});
  }
  dump_rows(&d);
  if (!self->is_complete)
    dump_text(&d, "files are missing: the project is not complete\n");
}
