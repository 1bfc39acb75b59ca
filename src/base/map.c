#include "base/map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/fault.h"

uint64_t hash_bytes(const void *bytes, size_t n) { return XXH3_64bits(bytes, n); }

Map map_in(Arena *arena) { return (Map){.arena = arena}; }

static uint32_t map_slot(const Map *self, uint64_t key) {
  uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
  uint32_t mask = self->capacity - 1;
  uint32_t slot = (uint32_t)(mixed >> 32) & mask;
  while (self->keys[slot] != 0 && self->keys[slot] != key) slot = (slot + 1) & mask;
  return slot;
}

uint32_t map_get(const Map *self, uint64_t key) {
  if (self->capacity == 0) return 0;
  uint32_t slot = map_slot(self, key);
  return self->keys[slot] == key ? self->values[slot] : 0;
}

static void map_grow(Map *self) {
  Map old = *self;
  self->capacity = old.capacity < 16 ? 16 : old.capacity * 2;
  self->keys = arena_array(self->arena, uint64_t, self->capacity);
  self->values = arena_array(self->arena, uint32_t, self->capacity);
  for (uint32_t i = 0; i < old.capacity; i++) {
    if (old.keys[i] == 0) continue;
    uint32_t slot = map_slot(self, old.keys[i]);
    self->keys[slot] = old.keys[i];
    self->values[slot] = old.values[i];
  }
}

void map_put(Map *self, uint64_t key, uint32_t value) {
  INVARIANT(key != 0);
  if (self->count * 4 >= self->capacity * 3) map_grow(self);
  uint32_t slot = map_slot(self, key);
  if (self->keys[slot] == 0) self->count += 1;
  self->keys[slot] = key;
  self->values[slot] = value;
}

void interner_init(Interner *self, Arena *arena) {
  *self = (Interner){.arena = arena};
  vec_push(arena, &self->texts, STR_NONE);
  vec_push(arena, &self->hashes, 0);
}

static uint32_t interner_slot(const Interner *self, Str text, uint64_t hash) {
  uint32_t mask = self->capacity - 1;
  uint32_t slot = (uint32_t)(hash >> 32) & mask;
  for (;; slot = (slot + 1) & mask) {
    uint32_t at = self->slots[slot];
    if (at == 0) return slot;
    if (self->hashes.items[at] == hash && str_eq(self->texts.items[at], text)) {
      return slot;
    }
  }
}

static void interner_grow(Interner *self) {
  self->capacity = self->capacity < 64 ? 64 : self->capacity * 2;
  self->slots = arena_array(self->arena, uint32_t, self->capacity);
  for (uint32_t i = 1; i < self->texts.count; i++) {
    uint32_t slot = interner_slot(self, self->texts.items[i], self->hashes.items[i]);
    self->slots[slot] = i;
  }
}

Sym intern_find(const Interner *self, Str text) {
  if (self->capacity == 0 || text.n == 0) return (Sym){0};
  return (Sym){self->slots[interner_slot(self, text, hash_str(text))]};
}

Sym intern(Interner *self, Str text) {
  if (text.n == 0) return (Sym){0};
  if (self->texts.count * 4 >= self->capacity * 3) interner_grow(self);
  uint64_t hash = hash_str(text);
  uint32_t slot = interner_slot(self, text, hash);
  if (self->slots[slot] == 0) {
    self->slots[slot] = self->texts.count;
    vec_push(self->arena, &self->texts, str_copy_in(self->arena, text));
    vec_push(self->arena, &self->hashes, hash);
  }
  return (Sym){self->slots[slot]};
}
