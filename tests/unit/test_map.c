#include "base/map.h"

#include <stdio.h>

#include "test.h"

TEST(map_keeps_what_it_was_given) {
  Arena arena;
  arena_init(&arena);
  Map map = map_in(&arena);
  CHECK_INT(map_get(&map, 5), 0);
  uint32_t wrong = 0;
  for (uint32_t i = 1; i <= 20000; i++) map_put(&map, (uint64_t)i << 32, i);
  for (uint32_t i = 1; i <= 20000; i++) {
    wrong += map_get(&map, (uint64_t)i << 32) != i;
    wrong += map_get(&map, ((uint64_t)i << 32) + 1) != 0;
  }
  CHECK_INT(wrong, 0);
  CHECK_INT(map.count, 20000);
  map_put(&map, UINT64_C(1) << 32, 7);
  CHECK_INT(map_get(&map, UINT64_C(1) << 32), 7);
  CHECK_INT(map.count, 20000);
  CHECK(map_pair(1, 2) != map_pair(2, 1));
  arena_release(&arena);
}

TEST(map_takes_a_value_back) {
  Arena arena;
  arena_init(&arena);
  Map map = map_in(&arena);
  map_put(&map, UINT64_MAX, 1);
  map_put(&map, UINT64_MAX, 0);
  CHECK_INT(map_get(&map, UINT64_MAX), 0);
  arena_release(&arena);
}

TEST(interner_gives_each_text_one_number) {
  Arena arena;
  arena_init(&arena);
  Interner interner;
  interner_init(&interner, &arena);
  CHECK_INT(intern_find(&interner, STR("a")).i, 0);
  CHECK_INT(intern(&interner, STR("")).i, 0);
  uint32_t wrong = 0;
  for (uint32_t i = 1; i <= 5000; i++) {
    char text[16];
    Str name = {text, (uint32_t)snprintf(text, sizeof text, "n%u", i)};
    wrong += intern(&interner, name).i != i;
  }
  for (uint32_t i = 1; i <= 5000; i++) {
    Str name = str_printf_in(&arena, "n%u", i);
    wrong += intern(&interner, name).i != i || intern_find(&interner, name).i != i;
    wrong += !str_eq(sym_str(&interner, (Sym){i}), name);
  }
  CHECK_INT(wrong, 0);
  CHECK_INT(intern_find(&interner, STR("n5001")).i, 0);
  CHECK_STR(sym_str(&interner, (Sym){0}), "");
  arena_release(&arena);
}

// Texts are compared and hashed by words: lengths around them, one byte changed.
TEST(interner_tells_texts_apart_by_every_byte) {
  enum { LONGEST = 40 };
  Arena arena;
  arena_init(&arena);
  Interner interner;
  interner_init(&interner, &arena);
  uint32_t expected = 0, wrong = 0;
  for (uint32_t round = 0; round < 2; round++, expected = 0) {
    for (uint32_t n = 1; n <= LONGEST; n++) {
      char text[LONGEST];
      memset(text, 'a', sizeof text);
      wrong += intern(&interner, (Str){text, n}).i != ++expected;
      for (uint32_t at = 0; at < n; at++) {
        text[at] = 'b';
        wrong += intern(&interner, (Str){text, n}).i != ++expected;
        text[at] = 'a';
      }
    }
  }
  CHECK_INT(wrong, 0);
  arena_release(&arena);
}

// The published test vector of XXH3: the hash of nothing.
TEST(hash_is_xxh3) { CHECK(hash_bytes("", 0) == UINT64_C(0x2d06800538d394c2)); }
