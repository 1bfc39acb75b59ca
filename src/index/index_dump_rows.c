#include "index/dump_internal.h"
#include "semantic/heavy_key.h"
#include "semantic/value.h"

// `dump index`: what is registered and what undoes it, what holds itself, closing methods,
// functions that return lists, classes that are made at run time, heavy values.

// --- registrations -------------------------------------------------------------------

static const char *given_text(CallbackKind kind) {
  switch (kind) {
    case CALLBACK_OTHER: return "";
    case CALLBACK_BOUND: return ", a method of the object";
    case CALLBACK_PARTIAL: return ", a partial over the object";
    case CALLBACK_LAMBDA: return ", a lambda over the object";
    case CALLBACK_FUNCTION: return ", a function over the object";
    case CALLBACK_SELF: return ", the object";
    case CALLBACK_ATTRIBUTE: return ", a part of the object";
  }
  return "";
}

static void cached_dump(Dump *d, const IndexRegistration *r) {
  dump_place(d, "cached ", r->place);
  dump_name(d, " ", r->name);
  dump_name(d, ", its argument ", index_name(d->self, r->module, r->fact->receiver));
  if (r->owner.i != 0) dump_name(d, " of ", d->self->classes[r->owner.i].name);
  bool is_heavy = r->heavy != HEAVY_KEY_NOT;
  dump_name(d, is_heavy ? ", " : "",
            is_heavy ? str_from(heavy_key_why_text(r->heavy)) : STR_NONE);
  dump_text(d, is_heavy ? "\n" : ", not known to be heavy\n");
}

static void flags_dump(Dump *d, const IndexRegistration *r) {
  static const struct {
    uint32_t flag;
    const char *text;
  } names[] = {
      {REGISTRATION_GUARDED, ", a test lets it run once"},
      {REGISTRATION_ONCE_EACH, ", once for each object"},
      {REGISTRATION_CHAINS, ", keeps the one before"},
      {REGISTRATION_FINALIZES, ", when the object dies"},
      {REGISTRATION_LONG, ", of a publisher of the process"},
      {REGISTRATION_EQUAL, ", equal ones replace each other"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if ((r->flags & names[i].flag) != 0) dump_text(d, names[i].text);
  }
}

static void registration_dump(Dump *d, const IndexRegistration *r) {
  bool is_undo = (r->flags & REGISTRATION_UNDO) != 0;
  dump_place(d, is_undo ? "undone " : "registered ", r->place);
  if (r->name.n != 0) dump_name(d, " ", r->name);
  Str receiver = index_name(d->self, r->module, r->fact->receiver);
  Str key = index_word(d->self, r->module, r->fact->key);
  if (receiver.n != 0) dump_name(d, " of ", receiver);
  if (key.n != 0) dump_name(d, " for ", key);
  dump_text(d, given_text((CallbackKind)r->fact->kind));
  if (r->owner.i != 0) dump_name(d, " of ", d->self->classes[r->owner.i].name);
  flags_dump(d, r);
  if (is_undo) {
    dump_text(d, "\n");
    return;
  }
  if (r->made == MADE_ONCE) dump_text(d, ", which is made once");
  dump_contexts(d, r->fact->context);
  if (r->at_import) dump_text(d, ", at import");
  if (r->in_method_of_many) dump_text(d, ", by many instances");
  if (r->is_weak) dump_text(d, ", held weakly");
  if (r->is_undone || r->on_one_path) {
    dump_text(d, r->is_undone ? ", undone" : ", undone on some paths");
    if (r->undone_by.i != 0)
      dump_place(d, " ", index_registration(d->self, r->undone_by)->place);
  }
  dump_text(d, "\n");
}

// --- what holds itself, and closing methods ------------------------------------------

static void knot_dump(Dump *d, KnotId id) {
  const IndexKnot *knot = index_knot(d->self, id);
  KnotLife life = index_knot_life(d->self, id);
  dump_place(d, "stored on itself ", knot->place);
  dump_name(d, " as ", knot->attribute);
  if (knot->owner.i != 0) dump_name(d, " of ", d->self->classes[knot->owner.i].name);
  if (life.made.i != 0) dump_name(d, ", in a ", d->self->classes[life.made.i].name);
  if (life.is_single) dump_text(d, ", there is one");
  if (life.refusal != NULL) dump_name(d, ": no, ", str_from(life.refusal));
  dump_text(d, "\n");
}

void dump_closing(Dump *d, ClassId id) {
  ClosingLife life = index_closing_life(d->self, id);
  if (!place_ok(life.place)) return;
  dump_name(d, "  closed by ", life.method);
  dump_place(d, " ", life.place);
  if (life.refusal != NULL) {
    dump_name(d, ": ", str_from(life.refusal));
  } else {
    const char *before = ", which leaves ";
    uint32_t count = life.left_count < LEFT_MAX ? life.left_count : LEFT_MAX;
    for (uint32_t i = 0; i < count; i++) {
      dump_name(d, before, life.left[i].name);
      before = " ";
    }
  }
  dump_text(d, "\n");
}

// --- functions and methods -----------------------------------------------------------

static void listing_dump(Dump *d, const IndexListing *listing) {
  dump_name(d, "list returned by ", listing->name);
  dump_place(d, " ", listing->place);
  if (place_ok(listing->walked)) dump_place(d, ", walked through ", listing->walked);
  if (listing->is_needed) dump_text(d, ", needed as a list");
  if (listing->is_exported) dump_text(d, ", for others to call");
  dump_text(d, "\n");
}

static void making_dump(Dump *d, const IndexMaking *making) {
  dump_name(d, "class made in ", making->name);
  dump_place(d, " ", making->place);
  if (making->at_import) dump_text(d, ", at import");
  if (making->is_cached) dump_text(d, ", cached");
  if (making->may_recur) dump_text(d, ", each time anew");
  if (making->is_hot) dump_text(d, ", often");
  if (place_ok(making->cause)) dump_place(d, ", as of ", making->cause);
  dump_text(d, "\n");
}

static void intermediate_dump(Dump *d, const IndexIntermediate *row) {
  dump_name(d, "kept by one method ", index_class(d->self, row->owner)->name);
  dump_name(d, ".", row->name);
  dump_place(d, " ", row->place);
  dump_place(d, ", read for the last time ", row->read);
  if (row->is_read) dump_text(d, ", read elsewhere");
  if (row->is_shared) dump_text(d, ", of the family");
  if (row->is_hidden) dump_text(d, ", not to be followed");
  dump_text(d, "\n");
}

void dump_rows(Dump *d) {
  const Index *self = d->self;
  for (uint32_t i = 1; i < self->registration_count; i++) {
    const IndexRegistration *r = index_registration(self, (RegistrationId){i});
    if (r->form == REGISTER_CACHES)
      cached_dump(d, r);
    else if (r->form != REGISTER_READS)  // a name of another file that keeps nothing
      registration_dump(d, r);
  }
  for (uint32_t i = 1; i < self->knot_count; i++) knot_dump(d, (KnotId){i});
  for (uint32_t i = 1; i < self->listing_count; i++) {
    listing_dump(d, index_listing(self, (ListingId){i}));
  }
  for (uint32_t i = 1; i < self->making_count; i++) making_dump(d, &self->makings[i]);
  for (uint32_t i = 1; i < self->intermediate_count; i++) {
    intermediate_dump(d, index_intermediate(self, (IntermediateId){i}));
  }
}
