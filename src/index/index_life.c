#include "index/index_internal.h"
#include "semantic/value.h"

// What an operation on a container means for its life after the imports.

static bool class_is_enum(const Index *self, ClassId id) {
  const IndexClass *c = &self->classes[id.i];
  for (uint32_t o = 0; o < c->order_count; o++) {
    const IndexClass *from = &self->classes[c->order[o].i];
    for (uint32_t b = 0; b < from->fact->base_count; b++) {
      Str name = index_name(self, from->module, from->bases[b].name);
      const BaseFact *base = knowledge_bases(knowledge_builtin(), name);
      if (base != NULL && (base->flags & BASE_ENUM) != 0) return true;
    }
  }
  return false;
}

bool index_key_is_finite(const Index *self, const IndexOperation *op) {
  if (op->fact->key == KEY_CONSTANT || op->fact->key == KEY_FINITE) return true;
  if (index_key_is_fixed(self, op)) return true;
  if (op->fact->other.i == 0 || op->fact->kind == OPERATION_PASS) return false;
  NameId name = name_in(self, op->module, op->fact->other);
  ClassId id = {entity_find(self, name).class_id};
  return id.i != 0 && class_is_enum(self, id);
}

// A table of the program that functions extend while it is set up: they say so by their
// name, the imports call them too, or it has entries from the start. In a handler, or
// once for each of many instances, is no set-up; nor is what is looked up first.
static const char *registry_refusal(const IndexContainer *c, const IndexOperation *op) {
  bool has_entries = c->fact->type == VALUE_DICT && c->fact->holder != HOLDER_DEFAULT &&
                     (c->fact->flags & CONTAINER_FILLED) != 0;
  bool is_named_so =
      (op->fact->flags & OPERATION_AT_SETUP) != 0 && c->fact->holder != HOLDER_DEFAULT;
  bool is_cache = (op->fact->flags & OPERATION_CACHES) != 0;
  bool is_of_class =
      c->fact->holder == HOLDER_CLASS && (op->fact->flags & OPERATION_VIA_SELF) != 0;
  bool is_extended = (op->fact->flags & OPERATION_EXTENDS) != 0 && !is_of_class;
  bool is_table =
      is_named_so || is_extended || (!is_cache && (has_entries || op->from_import));
  bool is_at_setup = is_table && !op->in_handler && !op->in_method_of_many;
  if (op->at_import) return "it grows while modules are imported";
  if (is_at_setup) return "it is a table that is filled at set-up";
  if ((op->fact->flags & OPERATION_REGISTERS) == 0) return NULL;
  return "a decorator registers what it is given";
}

const char *index_growth_refusal(const Index *self, const IndexContainer *c,
                                 const IndexOperation *op) {
  uint32_t flags = op->fact->flags;
  if (c->fact->type == VALUE_QUEUE) return "it is a queue";  // see index_queue()
  bool makes_entries = (c->fact->flags & CONTAINER_DEFAULTS) != 0;
  if (op->kind != OPERATION_GROW) return "nothing is added";
  if (op->in_test) return "only a test adds to it";
  const char *registry = registry_refusal(c, op);
  if (registry != NULL) return registry;
  if ((flags & OPERATION_GUARDED) != 0)
    return "a test of its length guards what is added";
  if (op->runs_once) return "what adds to it runs once";
  if ((c->fact->flags & CONTAINER_OF_CLASSES) != 0) {
    return "its keys are classes, which are few";
  }
  if ((flags & (OPERATION_NESTED | OPERATION_COUNTS)) != 0 && !makes_entries) {
    return "what it holds changes, and no entry is added";
  }
  bool is_sequence = c->fact->type == VALUE_LIST || c->fact->type == VALUE_DEQUE ||
                     c->fact->type == VALUE_BYTEARRAY;
  if (is_sequence && (flags & OPERATION_INDEXED) != 0) {
    return "an entry is replaced, and none is added";
  }
  // A default is shared by mistake, whatever its keys.
  bool is_few =
      op->fact->key == KEY_FEW && !op->in_handler && c->fact->holder != HOLDER_DEFAULT;
  return is_few || index_key_is_finite(self, op) ? "its keys are constant, or few"
                                                 : NULL;
}

bool index_is_growth(const Index *self, const IndexContainer *c,
                     const IndexOperation *op) {
  return index_growth_refusal(self, c, op) == NULL;
}

static uint32_t type_class(uint32_t type) {
  bool is_number = type == VALUE_INT || type == VALUE_FLOAT || type == VALUE_BOOL;
  return is_number ? VALUE_INT : type;
}

// `x.a` of `x`, or `id(x)`.
static bool is_made_from(Str key, Str root) {
  if (str_starts(key, root) && key.n > root.n && key.p[root.n] == '.') return true;
  return str_starts(key, STR("id(")) && key.n == root.n + 4 &&
         str_eq(str_slice(key, 3, 3 + root.n), root);
}

// The removal names an object where the growth names a part of it, the other way round,
// or what was added as the value.
static bool is_other_key(const Index *self, const IndexOperation *removal,
                         const IndexOperation *growth) {
  const Interner *words = &self->parts->words;
  Sym of_removal = word_in(self, removal->module, removal->fact->key_text);
  Sym of_growth = word_in(self, growth->module, growth->fact->key_text);
  Sym of_value = word_in(self, growth->module, growth->fact->value_text);
  if (of_removal.i == 0 || of_removal.i == of_growth.i) return false;
  Str key = sym_str(words, of_removal), added = sym_str(words, of_growth);
  if (of_value.i == of_removal.i && (growth->fact->flags & OPERATION_INDEXED) != 0)
    return true;
  return added.n != 0 && (is_made_from(key, added) || is_made_from(added, key));
}

// Keys of another type than every added one remove nothing, nor do those that are
// written as something else; and one that is written out removes one.
static bool can_remove(const Index *self, const IndexContainer *c,
                       const IndexOperation *removal) {
  uint32_t type = type_class(removal->fact->key_type);
  bool is_keyed = c->fact->type == VALUE_DICT || c->fact->type == VALUE_SET;
  if (is_keyed && removal->fact->key == KEY_CONSTANT) return false;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (!index_is_growth(self, c, op)) continue;
    uint32_t added = type_class(op->fact->key_type);
    bool is_type = type == VALUE_UNKNOWN || added == VALUE_UNKNOWN || added == type;
    if (is_type && !is_other_key(self, removal, op)) return true;
  }
  return false;
}

static void removal_read(const Index *self, const IndexContainer *c,
                         const IndexOperation *op, ContainerLife *life) {
  if (op->at_import || op->in_test) return;
  if (op->kind == OPERATION_SHRINK && !can_remove(self, c, op)) return;
  // What an entry holds is taken out: of the entry itself that tells nothing for sure.
  bool is_partial = (op->fact->flags & OPERATION_ONE_PATH) != 0 &&
                    (op->fact->flags & OPERATION_NESTED) == 0;
  if (life->removal == NULL || (life->on_one_path && !is_partial)) {
    life->removal = op;
    life->on_one_path = is_partial;
  }
}

// An entry that is looked up first is made once for its key, however many instances ask.
static int growth_rank(const IndexContainer *c, const IndexOperation *op) {
  if (op->in_handler) return 3;
  bool is_memo = (op->fact->flags & OPERATION_MEMO) != 0;
  bool is_own =
      c->fact->holder == HOLDER_INSTANCE && (op->fact->flags & OPERATION_VIA_SELF) != 0;
  if (op->in_method_of_many && !is_memo && !is_own) return 2;
  return (op->fact->context & (CONTEXT_LOOP | CONTEXT_COMPREHENSION)) != 0;
}

static void growth_read(const IndexContainer *c, const IndexOperation *op,
                        ContainerLife *life) {
  life->growth_count++;
  if (growth_rank(c, op) >= 2) life->is_grown = true;
  if (op->fact->key == KEY_EXTERNAL) life->is_external = true;
  if ((op->fact->flags & OPERATION_VIA_SELF) != 0) life->via_self = true;
  const uint32_t looked_up = OPERATION_MEMO | OPERATION_INDEXED;
  if ((op->fact->flags & looked_up) != looked_up) life->is_memo = false;
  if (life->growth == NULL || growth_rank(c, op) > growth_rank(c, life->growth)) {
    life->growth = op;
  }
}

// The first one; what is only returned counts least.
static void escape_read(const IndexOperation *op, ContainerLife *life) {
  bool is_returned = op->kind == OPERATION_RETURN;
  bool is_answer = is_returned && (op->fact->context & CONTEXT_HANDLER) != 0;
  if (op->in_test || is_answer) return;
  const IndexOperation *known = life->escape;
  bool is_stronger = known != NULL && known->kind == OPERATION_RETURN && !is_returned;
  if (known == NULL || is_stronger) life->escape = op;
}

// Nobody of the project makes such objects: some framework or caller does, and keeps them.
static bool is_open(const Index *self, const IndexClass *owner) {
  if (owner->is_many || owner->site_count != 0) return false;
  for (uint32_t i = 0; i < owner->subclass_count; i++) {
    const IndexClass *c = &self->classes[owner->subclasses[i].i];
    if (c->is_many || c->site_count != 0) return false;
  }
  return true;
}

// `self._options = options`: nobody else is to see it there, and nothing adds to it.
static bool is_stored_privately(const Index *self, const IndexContainer *c,
                                const IndexOperation *op) {
  if (c->fact->holder != HOLDER_DEFAULT || op->fact->other.i == 0) return false;
  NameId name = name_in(self, op->module, op->fact->other);
  Str attribute = sym_str(&self->parts->words, name_get(self, name)->word);
  return str_starts(attribute, STR("_")) && !place_ok(op->stored.grown_at);
}

// Who has it lives long: a module or class does, an instance may, or it runs a loop that
// never ends.
static void holder_read(const Index *self, const IndexContainer *c,
                        ContainerLife *life) {
  if (c->fact->holder != HOLDER_INSTANCE) {
    life->is_long = c->fact->holder != HOLDER_CLOSURE || index_closure_is_long(self, c);
    return;
  }
  const IndexClass *owner = &self->classes[c->owner.i];
  bool is_at_work = life->growth != NULL && life->via_self &&
                    !life->growth->in_generator &&
                    (life->growth->fact->context & CONTEXT_WORKER) != 0;
  life->is_long = owner->is_long || is_at_work;
  life->held_at = owner->held_at;
  life->is_open = !life->is_long && is_open(self, owner);
}

// `x[k] = []` in a `defaultdict(list)`: what it held is gone.
static bool is_reset(const IndexContainer *c, const IndexOperation *op) {
  const uint32_t reset = OPERATION_RESETS | OPERATION_INDEXED;
  return (c->fact->flags & CONTAINER_DEFAULTS) != 0 &&
         (op->fact->flags & (reset | OPERATION_MEMO)) == reset;
}

// The constructor fills what it has just made.
static bool is_at_making(const IndexOperation *op) {
  if (op->kind == OPERATION_ESCAPE || op->kind == OPERATION_STORE ||
      op->kind == OPERATION_ALIAS) {
    return false;
  }
  return op->at_making || (op->fact->flags & OPERATION_IN_INIT) != 0;
}

ContainerLife index_life(const Index *self, ContainerId id) {
  const IndexContainer *c = index_container(self, id);
  ContainerLife life = {.is_memo = true};
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if (is_of_instance && is_at_making(op)) continue;
    switch (op->kind) {
      case OPERATION_GROW:
        life.is_written = true;
        if (is_reset(c, op)) {
          removal_read(self, c, op, &life);
          break;
        }
        if (index_is_growth(self, c, op)) growth_read(c, op, &life);
        if ((op->fact->flags & OPERATION_GUARDED) != 0) life.is_guarded = true;
        break;
      case OPERATION_SHRINK:
      case OPERATION_CLEAR:
      case OPERATION_REBIND: removal_read(self, c, op, &life); break;
      case OPERATION_STORE:
        if (place_ok(op->stored.grown_at) && !op->in_test) life.store = op;
        if (op->stored.is_emptied) removal_read(self, c, op, &life);
        if (!is_stored_privately(self, c, op)) escape_read(op, &life);
        break;
      case OPERATION_READ:
        if ((op->fact->flags & OPERATION_WAITED) != 0) life.is_waited = true;
        break;
      case OPERATION_ESCAPE:
      case OPERATION_ALIAS:
      case OPERATION_RETURN: escape_read(op, &life); break;
      default: break;
    }
  }
  life.is_memo = life.is_memo && life.growth_count > 0;
  holder_read(self, c, &life);
  return life;
}
