#include "syntax/heap.h"

#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "base/fault.h"

// Every block starts with its usable size, so that it can be freed and moved.
struct HeapBlock {
  size_t size;
  HeapBlock *next;  // while it is free; else the first bytes of the data
};

enum { HEADER = HEAP_STEP };  // keeps the data aligned

static _Thread_local Heap *current;

static HeapBlock **heap_list(Heap *self, size_t *size) {
  if (*size <= HEAP_SMALL) {
    size_t steps = (*size + HEAP_STEP - 1) / HEAP_STEP;
    if (steps == 0) steps = 1;
    *size = steps * HEAP_STEP;
    return &self->small[steps];
  }
  uint32_t power = 0;
  while (((size_t)HEAP_SMALL << power) < *size && power < HEAP_LARGE_LISTS - 1)
    power += 1;
  *size = (size_t)HEAP_SMALL << power;
  return &self->large[power];
}

static void *heap_malloc(size_t size) {
  if (current == NULL) {
    void *data = malloc(size != 0 ? size : 1);
    if (data == NULL) fault_raise(FAULT_MEMORY, "out of memory", __FILE__, __LINE__);
    return data;
  }
  HeapBlock **list = heap_list(current, &size);
  HeapBlock *block = *list;
  if (block != NULL) {
    *list = block->next;
  } else {
    block = arena_alloc_raw(&current->arena, HEADER + size);
    block->size = size;
  }
  return (char *)block + HEADER;
}

static void *heap_calloc(size_t count, size_t size) {
  size_t bytes = arena_bytes(size, count);
  return memset(heap_malloc(bytes), 0, bytes);
}

static void heap_free_block(void *data) {
  if (current == NULL) {
    free(data);
    return;
  }
  if (data == NULL) return;
  HeapBlock *block = (HeapBlock *)((char *)data - HEADER);
  size_t size = block->size;
  HeapBlock **list = heap_list(current, &size);
  block->next = *list;
  *list = block;
}

static void *heap_move(void *data, size_t size) {
  if (current == NULL) {
    void *moved = realloc(data, size != 0 ? size : 1);
    if (moved == NULL) fault_raise(FAULT_MEMORY, "out of memory", __FILE__, __LINE__);
    return moved;
  }
  if (data == NULL) return heap_malloc(size);
  size_t old = ((HeapBlock *)((char *)data - HEADER))->size;
  if (size <= old) return data;
  void *moved = heap_malloc(size);
  memcpy(moved, data, old);
  heap_free_block(data);
  return moved;
}

void heap_install(void) {
  ts_set_allocator(heap_malloc, heap_calloc, heap_move, heap_free_block);
}

void heap_enter(Heap *self) {
  INVARIANT(current == NULL);
  memset(self->small, 0, sizeof self->small);
  memset(self->large, 0, sizeof self->large);
  arena_reset(&self->arena);
  current = self;
}

void heap_leave(Heap *self) {
  if (current == self) current = NULL;
}

void heap_release(Heap *self) {
  heap_leave(self);
  arena_release(&self->arena);
}
