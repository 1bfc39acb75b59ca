#include "index/named.h"

#include "index/index_internal.h"

enum { SEVERAL = NAMED_IN_SEVERAL + 1u };

struct Named {
  const Index *index;
  Map users;       // name -> module + 1 that uses it, or SEVERAL
  Map attributes;  // word of a private attribute -> likewise
};

static void user_add(Map *map, uint64_t key, uint32_t module) {
  uint32_t known = map_get(map, key);
  map_put(map, key, known == 0 || known == module + 1 ? module + 1 : SEVERAL);
}

static void name_add(Named *self, uint32_t module, FactText text) {
  NameId name = name_in(self->index, module, text);
  Sym word = name_get(self->index, name)->word;
  Str text_of = sym_str(&self->index->parts->words, word);
  if (text_of.n > 1 && text_of.p[0] == '.') {
    Str attribute = str_slice(text_of, 1, text_of.n);
    user_add(&self->attributes, hash_name(attribute) | 1, module);
    return;
  }
  if (name.i != 0) user_add(&self->users, name.i, module);
}

Named *named_in(const Index *index) {
  Named *self = arena_new(index->arena, Named);
  *self = (Named){.index = index,
                  .users = map_in(index->arena),
                  .attributes = map_in(index->arena)};
  for (uint32_t m = 0; m < index->module_count; m++) {
    FactRows rows;
    facts_unpack(index->modules[m], IN_IMPORTS | IN_CALLS | IN_WALKS, index->arena,
                 &rows);
    for (uint32_t i = 0; i < rows.import_count; i++) {
      name_add(self, m, rows.imports[i].target);
    }
    for (uint32_t i = 0; i < rows.call_count; i++)
      name_add(self, m, rows.calls[i].callee);
    for (uint32_t i = 0; i < rows.walk_count; i++)
      name_add(self, m, rows.walks[i].name);
  }
  return self;
}

static uint32_t user_of(const Named *self, uint32_t module, Str name) {
  const Index *index = self->index;
  if (name.n > 1 && name.p[0] == '.') {
    Str attribute = str_slice(name, 1, name.n);
    return map_get(&self->attributes, hash_name(attribute) | 1);
  }
  NameId owner = name_in(index, module, (FactText){FACT_MODULE_NAME});
  NameId found = name_find(index, owner, intern_find(&index->parts->words, name));
  return found.i == 0 ? 0 : map_get(&self->users, found.i);
}

bool named_elsewhere(const Named *self, uint32_t module, Str names, NamedUse *use) {
  for (uint32_t start = 0; start < names.n;) {
    uint32_t stop = str_find_byte(names, ',', start);
    Str name = str_slice(names, start, stop);
    uint32_t user = user_of(self, module, name);
    if (user != 0 && user != module + 1) {
      if (use != NULL) *use = (NamedUse){name, user - 1};
      return true;
    }
    start = stop + 1;
  }
  return false;
}
