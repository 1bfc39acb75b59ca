/* Arena: memory that is given back all at once.
 *
 *     Arena arena;
 *     arena_init(&arena);
 *     int *numbers = arena_array(&arena, int, 10);   // zeroed
 *     arena_reset(&arena);                            // everything gone, chunks kept
 *     arena_release(&arena);                          // chunks given back too
 *
 * A worker has one arena for the file in hand, reset between files, and one for its
 * results. Nothing is freed singly, so that nothing needs clean-up code. A failed
 * allocation is FAULT_MEMORY, going over `limit` bytes is FAULT_BUDGET.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
  ArenaChunk *first;    // all chunks, in the order in which they are filled
  ArenaChunk *current;  // the chunk that is being filled
  char *at, *end;       // the free part of `current`
  size_t used;          // bytes handed out since the last reset
  size_t peak;          // largest `used` so far
  size_t limit;         // budget for `used`; 0 = none
} Arena;

void arena_init(Arena *self);
void arena_reset(Arena *self);
void arena_release(Arena *self);

// Zeroed memory, aligned for any type. `size` 0 gives a valid unique pointer.
void *arena_alloc(Arena *self, size_t size);
// As above without zeroing: for buffers that are written at once.
void *arena_alloc_raw(Arena *self, size_t size);

#define arena_new(arena, T) ((T *)arena_alloc(arena, sizeof(T)))
#define arena_array(arena, T, count) \
  ((T *)arena_alloc(arena, arena_bytes(sizeof(T), count)))

// `size` × `count`, or FAULT_MEMORY when that does not fit.
size_t arena_bytes(size_t size, size_t count);

// Memory outside any arena, for what outlives files: zeroed, never NULL.
void *heap_alloc(size_t size);
void *heap_realloc(void *block, size_t size);
void heap_free(void *block);

#endif
