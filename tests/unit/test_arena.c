#include "base/arena.h"

#include <string.h>

#include "base/fault.h"
#include "base/vec.h"
#include "test.h"

TEST(arena_blocks_do_not_overlap) {
  Arena arena;
  arena_init(&arena);
  unsigned char *blocks[500];
  for (size_t i = 0; i < 500; i++) {
    size_t size = i * 37 % 4000;
    blocks[i] = arena_alloc(&arena, size);
    CHECK((uintptr_t)blocks[i] % 16 == 0);
    memset(blocks[i], (int)(i % 251), size);
  }
  uint32_t wrong = 0;
  for (size_t i = 0; i < 500; i++) {
    for (size_t j = 0; j < i * 37 % 4000; j++) wrong += blocks[i][j] != i % 251;
  }
  CHECK_INT(wrong, 0);
  CHECK(arena_alloc(&arena, 0) != arena_alloc(&arena, 0));
  arena_release(&arena);
}

TEST(arena_memory_is_zero_after_reset) {
  Arena arena;
  arena_init(&arena);
  memset(arena_alloc(&arena, 5000), 0xff, 5000);
  memset(arena_alloc(&arena, 1 << 20), 0xff, 1 << 20);  // a chunk of its own
  ArenaChunk *first = arena.first;
  size_t peak = arena.used;
  arena_reset(&arena);
  CHECK_INT(arena.used, 0);
  CHECK_INT(arena.peak, peak);
  CHECK(arena.first == first);
  uint32_t wrong = 0;
  for (int i = 0; i < 3; i++) {
    unsigned char *block = arena_alloc(&arena, i == 1 ? 1 << 20 : 5000);
    for (size_t j = 0; j < 5000; j++) wrong += block[j] != 0;
  }
  CHECK_INT(wrong, 0);
  arena_release(&arena);
}

// In a function of its own, so that no local is alive across setjmp.
static FaultKind fault_of(Arena *arena, size_t size, size_t count) {
  Fault fault;
  if (setjmp(fault_enter(&fault)) == 0) arena_alloc(arena, arena_bytes(size, count));
  fault_leave(&fault);
  return fault.kind;
}

TEST(arena_faults_are_caught) {
  Arena arena;
  arena_init(&arena);
  arena.limit = 10000;
  CHECK_INT(fault_of(&arena, 5000, 1), FAULT_NONE);
  CHECK_INT(fault_of(&arena, 6000, 1), FAULT_BUDGET);
  CHECK_INT(fault_of(&arena, SIZE_MAX / 4, 8), FAULT_MEMORY);
  arena_reset(&arena);
  CHECK_INT(fault_of(&arena, 0, 7), FAULT_NONE);
  arena_release(&arena);
}

static void fault_nested(Fault *outer, FaultKind *inner_kind) {
  if (setjmp(fault_enter(outer)) == 0) {
    Arena arena;
    arena_init(&arena);
    *inner_kind = fault_of(&arena, SIZE_MAX, 2);
    arena_release(&arena);
    INVARIANT(*inner_kind == FAULT_NONE);
  }
  fault_leave(outer);
}

TEST(fault_frames_nest) {
  Fault outer;
  FaultKind inner = FAULT_NONE;
  fault_nested(&outer, &inner);
  CHECK_INT(inner, FAULT_MEMORY);
  CHECK_INT(outer.kind, FAULT_BUG);
  CHECK(outer.line > 0 && strstr(outer.file, "test_arena.c") != NULL);
}

TEST(vec_grows_by_doubling) {
  Arena arena;
  arena_init(&arena);
  VEC(uint32_t) list = {0};
  for (uint32_t i = 0; i < 10000; i++) vec_push(&arena, &list, i * 3);
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < 10000; i++) wrong += list.items[i] != i * 3;
  CHECK_INT(wrong, 0);
  CHECK_INT(list.count, 10000);
  CHECK_INT(vec_last(&list), 29997);
  CHECK(arena.used < 4 * 4 * 16384);
  arena_release(&arena);
}

static FaultKind fault_of_growth(Arena *arena) {
  Fault fault;
  uint32_t capacity = UINT32_MAX / 2 + 1;
  if (setjmp(fault_enter(&fault)) == 0) {
    vec_grow(arena, NULL, 1, 0, &capacity, UINT32_MAX);
  }
  fault_leave(&fault);
  return fault.kind;
}

TEST(vec_does_not_wrap_round) {
  Arena arena;
  arena_init(&arena);
  CHECK_INT(fault_of_growth(&arena), FAULT_MEMORY);
  arena_release(&arena);
}
