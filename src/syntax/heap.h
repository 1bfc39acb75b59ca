/* Heap: tree-sitter's memory for one parse, given back as a whole.
 *
 * tree-sitter asks for memory without saying for whom, frees most of it soon, and does
 * not survive a refusal. While a heap is entered, the thread's requests come from its
 * arena, with a free list per size; leaving it drops everything at once, trees and parser
 * included, which is faster than taking them apart, and right after a fault too. Without
 * an entered heap requests go to malloc.
 */
#ifndef SYNTAX_HEAP_H
#define SYNTAX_HEAP_H

#include "base/arena.h"

enum { HEAP_SMALL = 1024, HEAP_STEP = 16 };
enum { HEAP_SMALL_LISTS = HEAP_SMALL / HEAP_STEP + 1, HEAP_LARGE_LISTS = 40 };

typedef struct HeapBlock HeapBlock;

typedef struct Heap {
  Arena arena;
  HeapBlock *small[HEAP_SMALL_LISTS];  // by size, in steps
  HeapBlock *large[HEAP_LARGE_LISTS];  // by power of two
} Heap;

void heap_install(void);  // makes tree-sitter use the thread's heap; call before use
void heap_enter(Heap *self);
void heap_leave(Heap *self);  // drops everything allocated since heap_enter
void heap_release(Heap *self);

#endif
