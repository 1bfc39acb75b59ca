#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

enum { CHUNK_SIZE = 256 * 1024, ALIGNMENT = 16 };

struct ArenaChunk {
  ArenaChunk *next;
  size_t size;  // bytes after the header
};

_Static_assert(sizeof(ArenaChunk) % ALIGNMENT == 0, "chunk data must stay aligned");

void arena_init(Arena *self) { *self = (Arena){0}; }

static void arena_use_chunk(Arena *self, ArenaChunk *chunk) {
  self->current = chunk;
  self->at = (char *)(chunk + 1);
  self->end = self->at + chunk->size;
}

void arena_reset(Arena *self) {
  self->used = 0;
  if (self->first != NULL) arena_use_chunk(self, self->first);
}

void arena_release(Arena *self) {
  for (ArenaChunk *chunk = self->first; chunk != NULL;) {
    ArenaChunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  arena_init(self);
}

// Moves on to a chunk with at least `size` free bytes. Chunks kept from before the
// last reset are used again where they are large enough, else a new one goes between.
static void arena_next_chunk(Arena *self, size_t size) {
  ArenaChunk *next = self->current != NULL ? self->current->next : NULL;
  if (next == NULL || next->size < size) {
    size_t payload = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    ArenaChunk *fresh = malloc(sizeof *fresh + payload);
    if (fresh == NULL) {
      fault_raise(FAULT_MEMORY, "out of memory", __FILE__, __LINE__);
    }
    fresh->size = payload;
    fresh->next = next;
    if (self->current != NULL) {
      self->current->next = fresh;
    } else {
      self->first = fresh;
    }
    next = fresh;
  }
  arena_use_chunk(self, next);
}

void *arena_alloc_raw(Arena *self, size_t size) {
  if (size > SIZE_MAX / 2) {
    fault_raise(FAULT_MEMORY, "allocation too large", __FILE__, __LINE__);
  }
  size = (size + ALIGNMENT) & ~(size_t)(ALIGNMENT - 1);  // at least one byte
  if ((size_t)(self->end - self->at) < size) arena_next_chunk(self, size);
  void *block = self->at;
  self->at += size;
  self->used += size;
  if (self->used > self->peak) self->peak = self->used;
  if (self->limit != 0 && self->used > self->limit) {
    fault_raise(FAULT_BUDGET, "needs more memory than a file of its size may use",
                __FILE__, __LINE__);
  }
  return block;
}

void *arena_alloc(Arena *self, size_t size) {
  return memset(arena_alloc_raw(self, size), 0, size);
}

size_t arena_bytes(size_t size, size_t count) {
  if (size != 0 && count > SIZE_MAX / 2 / size) {
    fault_raise(FAULT_MEMORY, "allocation too large", __FILE__, __LINE__);
  }
  return size * count;
}

void *heap_alloc(size_t size) {
  void *block = calloc(1, size != 0 ? size : 1);
  if (block == NULL) fault_raise(FAULT_MEMORY, "out of memory", __FILE__, __LINE__);
  return block;
}

void *heap_realloc(void *block, size_t size) {
  void *moved = realloc(block, size != 0 ? size : 1);
  if (moved == NULL) fault_raise(FAULT_MEMORY, "out of memory", __FILE__, __LINE__);
  return moved;
}

void heap_free(void *block) { free(block); }
