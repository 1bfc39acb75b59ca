#include "index/index_internal.h"

// Which registrations end: what undoes them, in whatever module, joined by group and method.

typedef enum UndoScope {
  UNDO_IN_CLASS,     // in a method of the class
  UNDO_BELOW_CLASS,  // … or of a class below it
  UNDO_IN_FUNCTION,
  UNDO_IN_MODULE,
  UNDO_ANYWHERE,  // by a method of some object: the name decides
} UndoScope;

// What an undoing covers.
typedef struct UndoKey {
  uint32_t scope, of, group;
  uint32_t method;  // 0: whatever was registered
  uint32_t key;     // the signal; 0: not known, or there is only one
} UndoKey;

enum { KEY_ANY = UINT32_MAX };  // some undoing, whatever its key

typedef struct Undoings {
  Index *self;
  Map known;  // hash of the UndoKey -> UndoAnswer
} Undoings;

typedef enum UndoAnswer { UNDO_NEVER, UNDO_ON_ONE_PATH, UNDO_ALWAYS } UndoAnswer;

// One registration and what may undo it.
typedef struct Undoable {
  uint32_t group, method, key;
  UndoAnswer answer;
} Undoable;

static uint64_t key_hash(UndoKey key) { return hash_bytes(&key, sizeof key) | 1; }

static void undo_put(Undoings *all, UndoKey key, UndoAnswer answer) {
  uint64_t hash = key_hash(key);
  if (map_get(&all->known, hash) < answer) map_put(&all->known, hash, answer);
}

static Undoable undoable_of(const Index *self, const IndexRegistration *r) {
  Sym group = word_in(self, r->module, r->fact->group);
  NameId receiver = name_in(self, r->module, r->fact->receiver);
  bool is_keyed = (r->flags & REGISTRATION_CHAIN_ONLY) != 0;
  if (r->fact->form == REGISTER_NAMED)
    group = intern_find(&self->parts->words, r->group);
  return (Undoable){
      .group = group.i,
      .method = name_get(self, name_in(self, r->module, r->fact->callback))->word.i,
      .key = is_keyed ? receiver.i : 0};
}

static void undo_note(Undoings *all, UndoScope scope, uint32_t of, const Undoable *u) {
  UndoKey key = {scope, of, u->group, u->method, u->key};
  undo_put(all, key, u->answer);
  key.key = KEY_ANY;
  undo_put(all, key, u->answer);
}

static void undo_ask(const Undoings *all, UndoScope scope, uint32_t of, Undoable *u) {
  const uint32_t methods[] = {0, u->method};
  const uint32_t keys[] = {u->key != 0 ? 0 : KEY_ANY, u->key};
  for (uint32_t i = 0; i < 4; i++) {
    UndoKey key = {scope, of, u->group, methods[i / 2], keys[i % 2]};
    uint32_t found = map_get(&all->known, key_hash(key));
    if (found > u->answer) u->answer = (UndoAnswer)found;
  }
}

static void undoing_read(Undoings *all, const IndexRegistration *r) {
  const Index *self = all->self;
  Undoable u = undoable_of(self, r);
  u.answer = (r->flags & REGISTRATION_ONE_PATH) != 0 ? UNDO_ON_ONE_PATH : UNDO_ALWAYS;
  NameId caller = name_in(self, r->module, r->fact->caller);
  undo_note(all, UNDO_IN_FUNCTION, caller.i, &u);
  undo_note(all, UNDO_IN_MODULE, r->module, &u);
  ClassId owner = r->owner;
  if (u.method != 0 && r->fact->kind == CALLBACK_OTHER) {
    NameId of = name_in(self, r->module, r->fact->publisher);
    owner.i = entity_find(self, of).class_id;
    if (owner.i == 0) undo_note(all, UNDO_ANYWHERE, 0, &u);
  }
  if (owner.i == 0) return;
  const IndexClass *c = &self->classes[owner.i];
  undo_note(all, UNDO_IN_CLASS, owner.i, &u);
  undo_note(all, UNDO_BELOW_CLASS, owner.i, &u);
  for (uint32_t o = 0; o < c->order_count; o++) {
    undo_note(all, UNDO_BELOW_CLASS, c->order[o].i, &u);
  }
}

static void class_ask(const Undoings *all, const IndexRegistration *r, Undoable *u) {
  const IndexClass *c = &all->self->classes[r->owner.i];
  if (r->owner.i == 0) return;
  undo_ask(all, UNDO_BELOW_CLASS, r->owner.i, u);
  for (uint32_t o = 0; o < c->order_count; o++) {
    undo_ask(all, UNDO_IN_CLASS, c->order[o].i, u);
  }
}

static void undone_read(const Undoings *all, IndexRegistration *r) {
  const Index *self = all->self;
  Undoable u = undoable_of(self, r);
  NameId caller = name_in(self, r->module, r->fact->caller);
  if ((r->flags & REGISTRATION_PAIRED) != 0) u.answer = UNDO_ALWAYS;
  if (caller.i != 0) undo_ask(all, UNDO_IN_FUNCTION, caller.i, &u);
  if (r->fact->kind == CALLBACK_OTHER) undo_ask(all, UNDO_IN_MODULE, r->module, &u);
  if (u.method != 0) undo_ask(all, UNDO_ANYWHERE, 0, &u);
  class_ask(all, r, &u);
  r->is_undone = u.answer == UNDO_ALWAYS;
  r->on_one_path = u.answer == UNDO_ON_ONE_PATH;
}

// --- publishers ----------------------------------------------------------------------

static NameId publisher_class(const Index *self, const IndexRegistration *r) {
  NameId given = name_in(self, r->module, r->fact->publisher);
  if (given.i != 0) return given;
  NameId receiver = name_in(self, r->module, r->fact->receiver);
  if (receiver.i == 0) return receiver;
  return self->parts->publishers.items[entity_find(self, receiver).publisher];
}

static bool library_holds_weakly(const Index *self, NameId class_name, Str method) {
  Str name = name_text(self, class_name, (NameId){0});
  Str member = str_join_in(self->arena, name, ".", method);
  return knowledge_weak(knowledge_builtin(), member) != NULL;
}

static void publisher_read(const Index *self, IndexRegistration *r) {
  NameId class_name = publisher_class(self, r);
  if (class_name.i == 0 || r->form != REGISTER_SUBSCRIBES) return;
  ClassId id = {entity_find(self, class_name).class_id};
  Sym word = word_in(self, r->module, r->fact->name);
  if (id.i == 0) {
    r->is_weak =
        library_holds_weakly(self, class_name, sym_str(&self->parts->words, word));
    return;
  }
  uint32_t method = method_find(self, id, word);
  if (method == 0) return;
  const FactFunction *f = &self->parts->functions.items[method].fact;
  bool keeps = (f->kept | f->grown) != 0;
  r->is_strong = keeps;
  r->is_weak = !keeps;
}

// --- where it runs -------------------------------------------------------------------

static bool is_init(const Index *self, const IndexFunction *f) {
  Str word = sym_str(&self->parts->words, name_get(self, f->name)->word);
  return str_is(word, "__init__") || str_is(word, "__post_init__") ||
         str_is(word, "__new__");
}

// What a base in another file sets on self, or makes static, holds no instance.
static bool is_value(const Index *self, const IndexRegistration *r) {
  if ((r->fact->flags & REGISTRATION_GUESS) == 0 || r->owner.i == 0) return false;
  Sym word = name_get(self, name_in(self, r->module, r->fact->callback))->word;
  const uint32_t other = FUNCTION_STATIC | FUNCTION_CLASSMETHOD | FUNCTION_PROPERTY;
  const IndexAttribute *a = attribute_find(self, r->owner, word);
  if (a != NULL && (a->flags & (ATTRIBUTE_INIT | ATTRIBUTE_METHOD)) != 0) return true;
  uint32_t method = method_find(self, r->owner, word);
  return method != 0 && (self->parts->functions.items[method].fact.flags & other) != 0;
}

// `from .hooks import at_end`, where `hooks` says `at_end = atexit.register`.
static void named_read(Index *self, IndexRegistration *r) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, r->module, r->fact->receiver);
  NameId stands_for = parts->publishers.items[entity_find(self, name).publisher];
  if (stands_for.i == 0) stands_for = name_followed(self, name);
  const RegisterFact *fact = knowledge_registers(
      knowledge_builtin(), name_text(self, stands_for, (NameId){0}));
  const uint32_t odd = REGISTER_FINALIZES | REGISTER_KEYED | REGISTER_CHAINS;
  if (fact == NULL || fact->position != 0 || (fact->flags & odd) != 0) return;
  bool undoes = r->fact->kind == CALLBACK_OTHER;
  if (undoes != (fact->kind == REGISTER_UNDOES)) return;
  r->form = fact->kind;
  r->name = fact->name;
  r->group = str_from(fact->group);
  intern(&parts->words, r->group);
  if (undoes) r->flags |= REGISTRATION_UNDO;
}

static void registration_read(Index *self, IndexRegistration *r) {
  const IndexParts *parts = self->parts;
  const FactRegistration *fact = r->fact;
  uint32_t caller = caller_find(self, r->module, fact->caller);
  const IndexFunction *f = &parts->functions.items[caller];
  r->form = (RegisterKind)fact->form;
  r->name = index_word(self, r->module, fact->name);
  r->flags = fact->flags;
  if (r->form == REGISTER_NAMED) named_read(self, r);
  r->owner.i = entity_exact(self, name_in(self, r->module, fact->owner)).class_id;
  r->made = parts->classes.items[r->owner.i].made;
  r->at_import = fact->caller.i == 0 || f->at_import;
  r->in_handler =
      (fact->context & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0 || f->in_handler;
  r->runs_often = f->runs_often;
  r->runs_once = f->runs_once;
  bool is_per_instance =
      caller != 0 && (f->fact.flags & (FUNCTION_STATIC | FUNCTION_CLASSMETHOD)) == 0;
  r->in_method_of_many = is_per_instance && parts->classes.items[f->owner.i].is_many;
  r->is_value = is_value(self, r);
  r->in_init = caller != 0 && f->owner.i != 0 && is_init(self, f);
}

void registrations_resolve(Index *self) {
  IndexParts *parts = self->parts;
  Undoings all = {.self = self, .known = map_in(self->arena)};
  for (uint32_t i = 1; i < parts->registrations.count; i++) {
    IndexRegistration *r = &parts->registrations.items[i];
    registration_read(self, r);
    if ((r->flags & REGISTRATION_UNDO) != 0) undoing_read(&all, r);
  }
  for (uint32_t i = 1; i < parts->registrations.count; i++) {
    IndexRegistration *r = &parts->registrations.items[i];
    if ((r->flags & REGISTRATION_UNDO) != 0) continue;
    undone_read(&all, r);
    publisher_read(self, r);
  }
}
