#include "index/index_internal.h"

// What the functions do that a container is passed to. Of a default everybody wants to
// know whether somebody may add to it, and so it is asked of all functions that may get
// it: methods of who knows what are looked up by their name.

enum { CALLEES_MAX = 32, POSITION_PACKED = 254, POSITION_UNKNOWN = 255 };

struct Callees {
  Map first;             // word -> function
  const uint32_t *next;  // by function
};

static void callees_fill(Index *self, Callees *callees) {
  const IndexParts *parts = self->parts;
  uint32_t *next = arena_array(self->arena, uint32_t, parts->functions.count);
  for (uint32_t i = parts->functions.count; i > 1; i--) {
    uint32_t word = name_get(self, parts->functions.items[i - 1].name)->word.i;
    next[i - 1] = map_get(&callees->first, word);
    map_put(&callees->first, word, i - 1);
  }
  callees->next = next;
}

Callees *callees_in(Index *self) {
  Callees *callees = arena_array(self->arena, Callees, 1);
  *callees = (Callees){.first = map_in(self->arena)};
  return callees;
}

// The function that is called; 0 if it is none of the project's.
static uint32_t callee_find(const Index *self, NameId name) {
  Entity e = entity_find(self, name);
  if (e.class_id != 0) {
    Sym init = intern_find(&self->parts->words, STR("__init__"));
    return method_find(self, (ClassId){e.class_id}, init);
  }
  if (e.function != 0) return e.function;
  Name parted = *name_get(self, name);
  ClassId through = {entity_find(self, parted.owner).class_id};
  return through.i != 0 ? method_find(self, through, parted.word) : 0;
}

static bool is_bound(const FactFunction *callee) {
  return (callee->flags & FUNCTION_METHOD) != 0 &&
         (callee->flags & FUNCTION_STATIC) == 0;
}

// --- of a container that may be emptied or grow there --------------------------------

static OperationKind plain_kind(const FactFunction *callee, uint32_t position) {
  if (position == POSITION_PACKED) return OPERATION_ESCAPE;
  if (position == POSITION_UNKNOWN) {
    // By keyword: whichever it is, when all parameters are only read.
    bool is_read = (callee->shrunk | callee->kept | callee->grown) == 0;
    return is_read ? OPERATION_READ : OPERATION_ESCAPE;
  }
  if (is_bound(callee)) position++;
  if (position >= callee->parameter_count) return OPERATION_ESCAPE;
  uint32_t bit = UINT32_C(1) << (position < 31 ? position : 31);
  if ((callee->shrunk & bit) != 0) return OPERATION_SHRINK;
  if ((callee->kept & bit) != 0) return OPERATION_ESCAPE;
  return (callee->grown & bit) != 0 ? OPERATION_GROW : OPERATION_READ;
}

// --- of a default --------------------------------------------------------------------

// The parameters that may get it; 0 where the function has none for it.
static uint32_t bits_of(const FactFunction *callee, uint32_t position) {
  bool is_any = position >= POSITION_PACKED;
  if (is_any) return is_bound(callee) ? ~1u : ~0u;
  if (is_bound(callee)) position++;
  if (position >= callee->parameter_count) return 0;
  return UINT32_C(1) << (position < 31 ? position : 31);
}

// What is only handed on to others of the project is looked for there, by whoever
// has it as a default.
static OperationKind default_kind(const FactFunction *callee, uint32_t position) {
  uint32_t bits = bits_of(callee, position);
  if (bits == 0) return OPERATION_ESCAPE;
  if (position >= POSITION_PACKED) {
    uint32_t changed = (callee->stored | callee->grown) & bits;
    return changed == 0 ? OPERATION_READ : OPERATION_ESCAPE;
  }
  if ((callee->shrunk & bits) != 0) return OPERATION_SHRINK;
  if ((callee->stored & bits) != 0) return OPERATION_ESCAPE;
  return (callee->grown & bits) != 0 ? OPERATION_GROW : OPERATION_READ;
}

// The parameter that it is given to by keyword has a default of its own: what becomes of
// those is told there.
static bool has_own_default(const Index *self, const IndexFunction *callee,
                            Sym keyword) {
  NameId parameter = name_find(self, callee->name, keyword);
  return entity_exact(self, parameter).container != 0;
}

// `x.method(…)`: an escape where one of those of that name stores it or makes it grow,
// or where the project has none.
static OperationKind method_kind_by_name(Index *self, Callees *callees, Sym word,
                                         uint32_t position, Sym keyword) {
  if (callees->next == NULL) callees_fill(self, callees);
  uint32_t at = map_get(&callees->first, word.i), seen = 0;
  if (at == 0) return OPERATION_ESCAPE;
  for (; at != 0; at = callees->next[at]) {
    const IndexFunction *callee = &self->parts->functions.items[at];
    if (seen++ == CALLEES_MAX) return OPERATION_ESCAPE;
    if (has_own_default(self, callee, keyword)) continue;
    if (default_kind(&callee->fact, position) != OPERATION_READ)
      return OPERATION_ESCAPE;
  }
  return OPERATION_READ;
}

static OperationKind default_passed_kind(Index *self, Callees *callees, uint32_t module,
                                         const FactOperation *fact,
                                         const IndexContainer *c) {
  IndexParts *parts = self->parts;
  NameId name = name_in(self, module, fact->other);
  Sym keyword = word_in(self, module, fact->key_text);
  uint32_t function = callee_find(self, name);
  if (function != 0) {
    const IndexFunction *callee = &parts->functions.items[function];
    bool is_itself = name_in(self, c->module, c->fact->function).i == callee->name.i;
    if (is_itself || has_own_default(self, callee, keyword)) return OPERATION_READ;
    OperationKind kind = default_kind(&callee->fact, fact->argument);
    // Not by the function itself, but by one that it hands it on to.
    bool is_changed = (fact->flags & OPERATION_CHANGED) != 0 &&
                      (callee->fact.kept & bits_of(&callee->fact, fact->argument)) != 0;
    return kind == OPERATION_READ && is_changed ? OPERATION_ESCAPE : kind;
  }
  const Name *parted = name_get(self, name);
  Str word = sym_str(&parts->words, parted->word);
  if (parted->owner.i == 0 && word.n > 1 && word.p[0] == '.') {
    Sym method = intern_find(&parts->words, str_slice(word, 1, word.n));
    return method_kind_by_name(self, callees, method, fact->argument, keyword);
  }
  uint32_t through = entity_find(self, parted->owner).class_id;
  if (through == 0) return OPERATION_ESCAPE;
  OperationKind kind =
      method_kind_by_name(self, callees, parted->word, fact->argument, keyword);
  // What the project has no function for, and all bases are its own: bound to something.
  bool is_own = (parts->classes.items[through].hazards & HAZARD_BASE_UNKNOWN) == 0 &&
                map_get(&callees->first, parted->word.i) == 0;
  return is_own ? OPERATION_READ : kind;
}

// --- entry ---------------------------------------------------------------------------

OperationKind operation_passed_kind(Index *self, Callees *callees, uint32_t module,
                                    const FactOperation *fact, uint32_t container) {
  const IndexContainer *c = &self->parts->containers.items[container];
  if (c->fact->holder == HOLDER_DEFAULT) {
    return default_passed_kind(self, callees, module, fact, c);
  }
  uint32_t function = callee_find(self, name_in(self, module, fact->other));
  if (function == 0) return OPERATION_ESCAPE;
  return plain_kind(&self->parts->functions.items[function].fact, fact->argument);
}
