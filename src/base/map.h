/* Map: 64-bit keys to 32-bit values, open addressing, in an arena. Key 0 is not
 * allowed, value 0 means "not there": ids start at 1, so both come free.
 *
 * Interner: each distinct string once, as a small number (Sym) and a stable Str.
 *
 *     Sym name = intern(&interner, STR("self"));
 *     Str text = sym_str(&interner, name);
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

typedef struct MapSlot {
  uint64_t key;
  uint32_t value;
} MapSlot;

typedef struct Map {
  Arena *arena;
  MapSlot *slots;
  uint8_t *tags;             // per slot: bits of its hash, 0 = free
  uint32_t count, capacity;  // capacity is a power of two, or 0
} Map;

Map map_in(Arena *arena);
uint32_t map_get(const Map *self, uint64_t key);
void map_put(Map *self, uint64_t key, uint32_t value);

// A key made of two ids, of which at least one is not 0.
static inline uint64_t map_pair(uint32_t a, uint32_t b) {
  return (uint64_t)a << 32 | b;
}

uint64_t hash_bytes(const void *bytes,
                    size_t n);  // XXH3, 64 bits, same on every machine
static inline uint64_t hash_str(Str s) { return hash_bytes(s.p, s.n); }
// For tables in memory only: several times quicker on names, and another number on
// machines of the other byte order.
uint64_t hash_name(Str name);

typedef struct Sym {
  uint32_t i;
} Sym;

typedef struct InternerSlot {
  uint32_t hash;
  uint32_t text;  // index into `texts`, 0 = free
} InternerSlot;

typedef struct Interner {
  Arena *arena;
  InternerSlot *slots;
  uint32_t capacity;  // a power of two, or 0
  VEC(Str) texts;     // texts.items[sym.i]; item 0 is the empty string
} Interner;

void interner_init(Interner *self, Arena *arena);
Sym intern(Interner *self, Str text);             // copies the text into the arena
Sym intern_find(const Interner *self, Str text);  // {0} when never interned
static inline Str sym_str(const Interner *self, Sym sym) {
  return self->texts.items[sym.i];
}
static inline bool sym_eq(Sym a, Sym b) { return a.i == b.i; }

#endif
