#include "index/index_internal.h"
#include "semantic/heavy_key.h"

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
  uint32_t key;     // the topic or signal; 0: not known, or there is only one
  uint32_t in_del;  // only what holds no instance goes by it
} UndoKey;

enum { KEY_ANY = UINT32_MAX };  // some undoing, whatever its key

typedef struct Undoings {
  Index *self;
  Map known;    // hash of the UndoKey -> UndoAnswer, and above it who says so
  Map emptied;  // names of publishers that are emptied somewhere -> by whom
  Map others;   // (method's name, position) -> 1 + Keeping
} Undoings;

typedef enum UndoAnswer { UNDO_NEVER, UNDO_ON_ONE_PATH, UNDO_ALWAYS } UndoAnswer;
enum { UNDO_BITS = 2 };

// One registration and what may undo it.
typedef struct Undoable {
  uint32_t group, method, key;
  bool in_del;
  UndoAnswer answer;
  RegistrationId by;
} Undoable;

static uint64_t key_hash(UndoKey key) { return hash_bytes(&key, sizeof key) | 1; }

static void undo_put(Undoings *all, UndoKey key, const Undoable *u) {
  uint64_t hash = key_hash(key);
  uint32_t known = map_get(&all->known, hash) & ((1u << UNDO_BITS) - 1);
  if (known < u->answer) map_put(&all->known, hash, u->by.i << UNDO_BITS | u->answer);
}

static Undoable undoable_of(const Index *self, const IndexRegistration *r) {
  Sym group = word_in(self, r->module, r->fact->group);
  if (r->fact->form == REGISTER_NAMED)
    group = intern_find(&self->parts->words, r->group);
  return (Undoable){
      .group = group.i,
      .method = name_get(self, name_in(self, r->module, r->fact->callback))->word.i,
      .key = word_in(self, r->module, r->fact->key).i};
}

static void undo_note(Undoings *all, UndoScope scope, uint32_t of, const Undoable *u) {
  UndoKey key = {scope, of, u->group, u->method, u->key, u->in_del};
  undo_put(all, key, u);
  key.key = KEY_ANY;
  undo_put(all, key, u);
}

static void undo_ask(const Undoings *all, UndoScope scope, uint32_t of, Undoable *u) {
  const uint32_t methods[] = {0, u->method};
  // Elsewhere in the module only what is surely the same counts.
  uint32_t unknown = scope == UNDO_IN_MODULE ? u->key : 0;
  const uint32_t keys[] = {u->key != 0 ? unknown : KEY_ANY, u->key};
  for (uint32_t i = 0; i < (u->in_del ? 8u : 4u); i++) {
    UndoKey key = {scope, of, u->group, methods[i / 2 % 2], keys[i % 2], i / 4};
    uint32_t found = map_get(&all->known, key_hash(key));
    UndoAnswer answer = (UndoAnswer)(found & ((1u << UNDO_BITS) - 1));
    if (answer <= u->answer) continue;
    u->answer = answer;
    u->by.i = found >> UNDO_BITS;
  }
}

static void undoing_read(Undoings *all, RegistrationId id) {
  const Index *self = all->self;
  const IndexRegistration *r = index_registration(self, id);
  if ((r->flags & REGISTRATION_EMPTIES) != 0) {
    NameId receiver = name_in(self, r->module, r->fact->receiver);
    receiver = name_followed(self, receiver);
    if (receiver.i != 0) map_put(&all->emptied, receiver.i, id.i);
    return;
  }
  Undoable u = undoable_of(self, r);
  u.by = id;
  u.in_del = (r->flags & REGISTRATION_IN_DEL) != 0;
  u.answer = (r->flags & REGISTRATION_ONE_PATH) != 0 ? UNDO_ON_ONE_PATH : UNDO_ALWAYS;
  NameId caller = name_in(self, r->module, r->fact->caller);
  undo_note(all, UNDO_IN_FUNCTION, caller.i, &u);
  // `log.removeFilter(Filter.last)` before it adds the next: whatever that was.
  if (str_starts(sym_str(&self->parts->words, (Sym){u.group}), STR("logging-"))) {
    Undoable any = u;
    any.method = 0;
    undo_note(all, UNDO_IN_FUNCTION, caller.i, &any);
  }
  if ((r->flags & REGISTRATION_OF_CALL) != 0) return;
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
  u.in_del = r->fact->kind == CALLBACK_OTHER || r->fact->kind == CALLBACK_ATTRIBUTE;
  NameId caller = name_in(self, r->module, r->fact->caller);
  if ((r->flags & REGISTRATION_PAIRED) != 0) u.answer = UNDO_ALWAYS;
  if (caller.i != 0) undo_ask(all, UNDO_IN_FUNCTION, caller.i, &u);
  if (r->fact->kind == CALLBACK_OTHER) undo_ask(all, UNDO_IN_MODULE, r->module, &u);
  if (u.method != 0) undo_ask(all, UNDO_ANYWHERE, 0, &u);
  class_ask(all, r, &u);
  NameId publisher = {r->publisher};
  if (publisher.i != 0) {
    uint32_t by = map_get(&all->emptied, name_followed(self, publisher).i);
    if (by != 0 && u.answer != UNDO_ALWAYS) u.by.i = by;
    if (by != 0) u.answer = UNDO_ALWAYS;
  }
  r->undone_by = u.by;
  r->is_undone = u.answer == UNDO_ALWAYS;
  r->on_one_path = u.answer == UNDO_ON_ONE_PATH;
}

// --- publishers ----------------------------------------------------------------------

// What a name of some module stands for; {0} if nothing is told of it.
static NameId stands_for(const Index *self, NameId name) {
  if (name.i == 0) return name;
  return self->parts->publishers.items[entity_find(self, name).publisher];
}

// The class behind a publisher: of the project, or by the name of what made it.
static NameId publisher_class(const Index *self, const IndexRegistration *r) {
  NameId name = name_in(self, r->module, r->fact->publisher);
  if (name.i != 0) return name;
  name.i = r->publisher;
  for (uint32_t step = 0; step < EXPORT_STEPS && name.i != 0; step++) {
    if (entity_find(self, name).class_id != 0) return name;
    NameId next = stands_for(self, name);
    if (next.i == 0) return step == 0 ? next : name;
    name = next;
  }
  return name;
}

static bool library_holds_weakly(const Index *self, NameId class_name, Str method) {
  Str name = name_text(self, class_name, (NameId){0});
  Str member = str_join_in(self->arena, name, ".", method);
  return knowledge_weak(knowledge_builtin(), member) != NULL;
}

typedef enum Keeping { KEEPS_UNKNOWN, KEEPS_NOT, KEEPS_STRONGLY } Keeping;

// Does a method put the callback into something that only grows?
static Keeping method_keeps(const IndexRegistration *r, const FactFunction *method) {
  uint32_t kept = method->kept | method->grown;
  if (r->fact->argument == UINT8_MAX) {
    // By keyword: any of them, unless one is only held until the next comes.
    return (kept & ~1u) != 0 && method->held == 0 ? KEEPS_STRONGLY : KEEPS_NOT;
  }
  uint32_t position =
      r->fact->argument + ((method->flags & FUNCTION_STATIC) != 0 ? 0u : 1u);
  if (position >= method->parameter_count) return KEEPS_UNKNOWN;
  uint32_t bit = UINT32_C(1) << (position < 31 ? position : 31);
  return (kept & ~method->held & bit) != 0 ? KEEPS_STRONGLY : KEEPS_NOT;
}

// Of all methods of the project that have the name, where the publisher's class is not
// known: asked once for each name and position.
static Keeping others_keep(Undoings *all, const IndexRegistration *r) {
  const IndexParts *parts = all->self->parts;
  Sym word = intern_find(&parts->words, r->name);
  if (word.i == 0) return KEEPS_UNKNOWN;
  uint64_t key = map_pair(word.i, r->fact->argument);
  uint32_t known = map_get(&all->others, key);
  if (known != 0) return (Keeping)(known - 1);
  Keeping keeps = KEEPS_UNKNOWN;
  for (uint32_t i = 1; i < parts->functions.count; i++) {
    const IndexFunction *f = &parts->functions.items[i];
    bool is_named = name_get(all->self, f->name)->word.i == word.i;
    if (!is_named || (f->fact.flags & FUNCTION_METHOD) == 0) continue;
    Keeping one = method_keeps(r, &f->fact);
    if (one != KEEPS_UNKNOWN) keeps = one;
    if (one == KEEPS_STRONGLY) break;
  }
  if (keeps == KEEPS_STRONGLY) keeps = KEEPS_UNKNOWN;
  map_put(&all->others, key, keeps + 1u);
  return keeps;
}

// What is given or lies in a container may be of a class of the project.
static bool may_be_ours(const Index *self, const IndexRegistration *r) {
  Str text = index_name(self, r->module, r->fact->receiver);
  bool is_item = str_find_byte(text, '[', 0) < text.n;
  return is_item || (r->flags & REGISTRATION_LONG) == 0;
}

static void publisher_read(Undoings *all, IndexRegistration *r) {
  const Index *self = all->self;
  if (r->form != REGISTER_SUBSCRIBES || (r->flags & REGISTRATION_STRONG) != 0) return;
  NameId class_name = publisher_class(self, r);
  ClassId id = {class_name.i != 0 ? entity_find(self, class_name).class_id : 0};
  Keeping keeps = KEEPS_UNKNOWN;
  if (id.i != 0) {
    uint32_t found = method_find(self, id, intern_find(&self->parts->words, r->name));
    if (found != 0) keeps = method_keeps(r, &self->parts->functions.items[found].fact);
  } else if (class_name.i != 0 && library_holds_weakly(self, class_name, r->name)) {
    keeps = KEEPS_NOT;
  } else if (may_be_ours(self, r)) {
    keeps = others_keep(all, r);
  }
  r->is_weak = keeps == KEEPS_NOT;
  r->is_strong = keeps == KEEPS_STRONGLY;
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

// `listen = BUS.subscribe`: a method of what is known to publish.
static const RegisterFact *method_fact(Index *self, IndexRegistration *r, NameId name) {
  Name parted = *name_get(self, name);
  if (stands_for(self, parted.owner).i == 0) return NULL;
  Str word = sym_str(&self->parts->words, parted.word);
  const RegisterFact *fact =
      knowledge_member(knowledge_builtin(), SUBJECT_REGISTERS, VALUE_UNKNOWN, word);
  if (fact == NULL) return NULL;
  r->publisher = parted.owner.i;
  r->name = word;
  r->flags |= REGISTRATION_LONG;
  return fact;
}

// `from .hooks import at_end`, where `hooks` says `at_end = atexit.register`.
static void named_read(Index *self, IndexRegistration *r) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, r->module, r->fact->receiver);
  NameId target = stands_for(self, name);
  if (target.i == 0) target = name_followed(self, name);
  const RegisterFact *fact =
      knowledge_registers(knowledge_builtin(), name_text(self, target, (NameId){0}));
  if (fact != NULL)
    r->name = fact->name;
  else
    fact = method_fact(self, r, target);
  const uint32_t odd = REGISTER_FINALIZES | REGISTER_KEYED | REGISTER_CHAINS |
                       REGISTER_LOGGER | REGISTER_SIGNALS;
  if (fact == NULL || fact->position > 0 || (fact->flags & odd) != 0) return;
  bool undoes = r->fact->kind == CALLBACK_OTHER;
  if (undoes != (fact->kind == REGISTER_UNDOES)) return;
  r->form = fact->kind;
  r->group = str_from(fact->group);
  intern(&parts->words, r->group);
  if (undoes) r->flags |= REGISTRATION_UNDO;
}

// --- caches --------------------------------------------------------------------------

// The class itself says when its instances are equal.
static bool class_compares(const Index *self, const IndexClass *c) {
  Sym equal = intern_find(&self->parts->words, STR("__eq__"));
  Sym hash = intern_find(&self->parts->words, STR("__hash__"));
  if ((c->flags & (CLASS_DATACLASS | CLASS_ATTRS)) != 0) return true;
  for (uint32_t i = 0; i < c->fact->attribute_count; i++) {
    Sym word = word_in(self, c->module, c->own_attributes[i].name);
    if (word.i != 0 && (word.i == equal.i || word.i == hash.i)) return true;
  }
  return false;
}

static bool order_compares(const Index *self, const IndexClass *c) {
  for (uint32_t o = 0; o < c->order_count; o++) {
    if (class_compares(self, &self->classes[c->order[o].i])) return true;
  }
  return false;
}

// Classes below it compare, and what does not is not made in number: what is called with
// is as few as its values.
static bool compares_below(const Index *self, ClassId id) {
  enum { BELOW_MAX = 64 };
  ClassId todo[BELOW_MAX] = {id};
  uint32_t count = 1;
  bool some_compare = false;
  for (uint32_t i = 0; i < count; i++) {
    const IndexClass *c = &self->classes[todo[i].i];
    bool compares = order_compares(self, c);
    if (!compares && c->is_many && c->site_count != 0) return false;
    some_compare = some_compare || compares;
    if (count + c->subclass_count > BELOW_MAX) return true;
    for (uint32_t s = 0; s < c->subclass_count; s++) todo[count++] = c->subclasses[s];
  }
  return some_compare;
}

// The instances of a class of the project only equal themselves: nothing in its order
// compares them, nor in the classes below it.
static HeavyKeyWhy class_heavy(const Index *self, ClassId id) {
  const IndexClass *c = &self->classes[id.i];
  HeavyKeyWhy why = HEAVY_KEY_INSTANCE;
  if (id.i == 0 || !c->order_known) return HEAVY_KEY_NOT;
  for (uint32_t o = 0; o < c->order_count; o++) {
    const IndexClass *at = &self->classes[c->order[o].i];
    NameId name = {at->name_id};
    if (name.i == 0 || class_compares(self, at)) return HEAVY_KEY_NOT;
    for (uint32_t b = 0; b < at->fact->base_count; b++) {
      NameId base = name_in(self, at->module, at->bases[b].name);
      if (entity_find(self, base).class_id != 0) continue;
      HeavyKeyWhy one =
          heavy_key_base(knowledge_builtin(), name_text(self, base, (NameId){0}));
      if (one == HEAVY_KEY_NOT) return HEAVY_KEY_NOT;
      if (one > why) why = one;
    }
  }
  return compares_below(self, id) ? HEAVY_KEY_NOT : why;
}

static void cache_read(const Index *self, IndexRegistration *r) {
  NameId name = name_in(self, r->module, r->fact->publisher);
  r->owner.i = entity_find(self, name).class_id;
  r->made = self->classes[r->owner.i].made;
  r->heavy = class_heavy(self, r->owner);
}

static void registration_read(Index *self, IndexRegistration *r) {
  const IndexParts *parts = self->parts;
  const FactRegistration *fact = r->fact;
  uint32_t caller = caller_find(self, r->module, fact->caller);
  const IndexFunction *f = &parts->functions.items[caller];
  r->form = (RegisterKind)fact->form;
  r->name = index_word(self, r->module, fact->name);
  r->flags = fact->flags;
  if (r->form == REGISTER_CACHES) {
    cache_read(self, r);
    return;
  }
  if (r->form == REGISTER_NAMED)
    named_read(self, r);
  else
    r->publisher = name_in(self, r->module, fact->receiver).i;
  if ((r->flags & REGISTRATION_RESULT) != 0) {
    // Only a function that is known to give what is shared.
    r->publisher = stands_for(self, (NameId){r->publisher}).i;
    if (r->publisher == 0) r->form = REGISTER_READS;
  }
  r->owner.i = entity_exact(self, name_in(self, r->module, fact->owner)).class_id;
  r->made = parts->classes.items[r->owner.i].made;
  r->at_import = fact->caller.i == 0 || f->at_import;
  r->in_handler =
      (fact->context & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0 || f->in_handler;
  r->runs_in_loop = f->runs_in_loop;
  r->runs_once = f->runs_once;
  bool is_per_instance =
      caller != 0 && (f->fact.flags & (FUNCTION_STATIC | FUNCTION_CLASSMETHOD)) == 0;
  r->in_method_of_many = is_per_instance && parts->classes.items[f->owner.i].is_many;
  r->is_value = is_value(self, r);
  r->in_init = caller != 0 && f->owner.i != 0 && is_init(self, f);
}

void registrations_resolve(Index *self) {
  IndexParts *parts = self->parts;
  Undoings all = {.self = self,
                  .known = map_in(self->arena),
                  .emptied = map_in(self->arena),
                  .others = map_in(self->arena)};
  for (uint32_t i = 1; i < parts->registrations.count; i++) {
    IndexRegistration *r = &parts->registrations.items[i];
    registration_read(self, r);
    if ((r->flags & REGISTRATION_UNDO) != 0) undoing_read(&all, (RegistrationId){i});
  }
  for (uint32_t i = 1; i < parts->registrations.count; i++) {
    IndexRegistration *r = &parts->registrations.items[i];
    if ((r->flags & REGISTRATION_UNDO) != 0 || r->form == REGISTER_CACHES) continue;
    undone_read(&all, r);
    publisher_read(&all, r);
  }
}
