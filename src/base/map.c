#include "base/map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/fault.h"

uint64_t hash_bytes(const void *bytes, size_t n) { return XXH3_64bits(bytes, n); }

static inline uint64_t load_64(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static inline uint32_t load_32(const char *p) {
  uint32_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static inline uint64_t hash_mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ hash >> 32;
}

// The first word of a text of at most 8 bytes, its length not told.
static inline uint64_t load_up_to_8(const char *p, uint32_t n) {
  if (n >= 4) return (uint64_t)load_32(p) << 32 | load_32(p + n - 4);
  const unsigned char *bytes = (const unsigned char *)p;
  return n == 0 ? 0
                : bytes[0] | (uint32_t)bytes[n / 2] << 8 | (uint32_t)bytes[n - 1] << 16;
}

// Words, of which the last may overlap the one before.
static inline uint64_t hash_words(const char *p, uint32_t n) {
  uint64_t hash = n * UINT64_C(0xC2B2AE3D27D4EB4F);
  if (n <= 8) return hash_mix(hash, load_up_to_8(p, n));
  for (; n > 8; n -= 8, p += 8) hash = hash_mix(hash, load_64(p));
  return hash_mix(hash, load_64(p + n - 8));
}

static inline bool words_equal(const char *a, const char *b, uint32_t n) {
  if (n <= 8) return load_up_to_8(a, n) == load_up_to_8(b, n);
  uint32_t i = 0;
  for (; i + 8 < n; i += 8) {
    if (load_64(a + i) != load_64(b + i)) return false;
  }
  return load_64(a + n - 8) == load_64(b + n - 8);
}

uint64_t hash_name(Str name) { return hash_words(name.p, name.n); }

Map map_in(Arena *arena) { return (Map){.arena = arena}; }

// Where the key is, or the free slot where it belongs. Most keys that are asked for are
// not there: the tags say so, in a sixteenth of the memory.
static inline uint32_t map_find(const Map *self, uint64_t key) {
  uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
  uint32_t mask = self->capacity - 1, at = (uint32_t)(mixed >> 32) & mask;
  uint8_t tag = (uint8_t)(mixed >> 24 | 1);
  while (self->tags[at] != 0) {
    if (self->tags[at] == tag && self->slots[at].key == key) return at;
    at = (at + 1) & mask;
  }
  return at;
}

static inline void map_set(Map *self, uint32_t at, uint64_t key, uint32_t value) {
  self->tags[at] = (uint8_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 24 | 1);
  self->slots[at] = (MapSlot){key, value};
}

uint32_t map_get(const Map *self, uint64_t key) {
  if (self->capacity == 0) return 0;
  uint32_t at = map_find(self, key);
  return self->tags[at] == 0 ? 0 : self->slots[at].value;
}

static void map_grow(Map *self) {
  Map old = *self;
  self->capacity = old.capacity < 16 ? 16 : old.capacity * 2;
  self->tags = arena_array(self->arena, uint8_t, self->capacity);
  self->slots =
      arena_alloc_raw(self->arena, arena_bytes(sizeof(MapSlot), self->capacity));
  for (uint32_t i = 0; i < old.capacity; i++) {
    MapSlot slot = old.slots[i];
    if (old.tags[i] != 0) map_set(self, map_find(self, slot.key), slot.key, slot.value);
  }
}

void map_put(Map *self, uint64_t key, uint32_t value) {
  INVARIANT(key != 0);
  if (self->count * 4 >= self->capacity * 3) map_grow(self);
  uint32_t at = map_find(self, key);
  self->count += self->tags[at] == 0;
  map_set(self, at, key, value);
}

void interner_init(Interner *self, Arena *arena) {
  *self = (Interner){.arena = arena};
  vec_push(arena, &self->texts, STR_NONE);
}

// Where the text is, or the free slot where it belongs.
static inline InternerSlot *interner_slot(const Interner *self, Str text,
                                          uint32_t hash) {
  uint32_t mask = self->capacity - 1;
  for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
    InternerSlot *slot = &self->slots[i];
    if (slot->text == 0) return slot;
    if (slot->hash != hash) continue;
    Str found = self->texts.items[slot->text];
    if (found.n == text.n && words_equal(found.p, text.p, text.n)) return slot;
  }
}

static void interner_grow(Interner *self) {
  InternerSlot *old = self->slots;
  uint32_t count = self->capacity;
  self->capacity = count < 64 ? 64 : count * 2;
  self->slots = arena_array(self->arena, InternerSlot, self->capacity);
  uint32_t mask = self->capacity - 1;
  for (uint32_t i = 0; i < count; i++) {
    if (old[i].text == 0) continue;
    uint32_t at = old[i].hash & mask;
    while (self->slots[at].text != 0) at = (at + 1) & mask;
    self->slots[at] = old[i];
  }
}

static inline uint32_t interner_hash(Str text) {
  return (uint32_t)(hash_words(text.p, text.n) >> 16);
}

Sym intern_find(const Interner *self, Str text) {
  if (self->capacity == 0 || text.n == 0) return (Sym){0};
  return (Sym){interner_slot(self, text, interner_hash(text))->text};
}

static __attribute__((noinline)) Sym intern_add(Interner *self, Str text,
                                                uint32_t hash) {
  if (self->texts.count * 2 >= self->capacity) interner_grow(self);
  InternerSlot *slot = interner_slot(self, text, hash);
  *slot = (InternerSlot){hash, self->texts.count};
  vec_push(self->arena, &self->texts, str_copy_in(self->arena, text));
  return (Sym){slot->text};
}

Sym intern(Interner *self, Str text) {
  if (text.n == 0) return (Sym){0};
  uint32_t hash = interner_hash(text);
  if (self->capacity != 0) {
    InternerSlot *slot = interner_slot(self, text, hash);
    if (slot->text != 0) return (Sym){slot->text};
  }
  return intern_add(self, text, hash);
}
