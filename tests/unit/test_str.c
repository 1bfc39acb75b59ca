#include "base/str.h"

#include "test.h"

TEST(str_slice_stays_inside) {
  CHECK_STR(str_slice(STR("abc"), 1, 2), "b");
  CHECK_STR(str_slice(STR("abc"), 1, 99), "bc");
  CHECK_STR(str_slice(STR("abc"), 99, 1), "");
  CHECK_STR(str_slice(STR("abc"), 3, 3), "");
}

TEST(str_compares_bytes) {
  CHECK(str_cmp(STR("a"), STR("b")) < 0);
  CHECK(str_cmp(STR("a"), STR("ab")) < 0);
  CHECK(str_cmp(STR("\xff"), STR("a")) > 0);
  CHECK(str_cmp(STR("ab"), STR("ab")) == 0);
  CHECK(str_cmp((Str){NULL, 0}, STR("")) == 0);
  CHECK(str_eq((Str){NULL, 0}, STR("")));
  CHECK(str_eq(STR("a\0b"), STR("a\0b")));
  CHECK(!str_eq(STR("a\0b"), STR("a\0c")));
  CHECK(str_is(STR("ab"), "ab") && !str_is(STR("ab"), "a") && !str_is(STR("a"), "ab"));
}

TEST(str_ends_and_starts) {
  CHECK(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
  CHECK(str_starts(STR("abc"), STR("")) && str_ends(STR("abc"), STR("")));
  CHECK(str_starts((Str){NULL, 0}, STR_NONE) && str_ends((Str){NULL, 0}, STR_NONE));
  CHECK(str_ends(STR("x.pyi"), STR(".pyi")) && !str_ends(STR("pyi"), STR(".pyi")));
}

TEST(str_trims_ascii_white_space) {
  CHECK_STR(str_trim(STR(" \t\r\n\f\va b ")), "a b");
  CHECK_STR(str_trim(STR("  ")), "");
  CHECK_STR(str_trim(STR("\xc2\xa0")), "\xc2\xa0");
}

TEST(str_finds) {
  CHECK_INT(str_find_byte(STR("a.b.c"), '.', 0), 1);
  CHECK_INT(str_find_byte(STR("a.b.c"), '.', 2), 3);
  CHECK_INT(str_find_byte(STR("a.b.c"), '.', 4), 5);
  CHECK_INT(str_find_byte(STR("a.b.c"), '.', 99), 5);
  CHECK(str_contains(STR("abc"), STR("bc")) && !str_contains(STR("abc"), STR("cb")));
  CHECK(str_contains(STR(""), STR("")) && !str_contains(STR(""), STR("a")));
  CHECK_STR(str_after_last(STR("a.b.c"), '.'), "c");
  CHECK_STR(str_after_last(STR("abc"), '.'), "abc");
  CHECK_STR(str_after_last(STR("abc."), '.'), "");
}

TEST(str_copies_end_in_nul) {
  Arena arena;
  arena_init(&arena);
  char text[] = "abc";
  Str copy = str_copy_in(&arena, (Str){text, 2});
  text[0] = 'x';
  CHECK_STR(copy, "ab");
  CHECK(copy.p[2] == '\0');
  CHECK_STR(str_copy_in(&arena, (Str){NULL, 0}), "");
  CHECK_STR(str_from(NULL), "");
  CHECK_STR(str_printf_in(&arena, "%d-%s", 7, "x"), "7-x");
  arena_release(&arena);
}

TEST(buf_grows_and_keeps_its_bytes) {
  Arena arena;
  arena_init(&arena);
  Buf buf = buf_in(&arena);
  buf_fill(&buf, 'x', 0);
  CHECK_STR(buf_str(&buf), "");
  for (int i = 0; i < 2000; i++) buf_printf(&buf, "%04d", i);
  CHECK_INT(buf.n, 8000);
  CHECK_STR(str_slice(buf_str(&buf), 0, 8), "00000001");
  CHECK_STR(str_slice(buf_str(&buf), 7992, 8000), "19981999");
  arena_release(&arena);
}

TEST(buf_adds_every_kind) {
  Arena arena;
  arena_init(&arena);
  Buf buf = buf_in(&arena);
  buf_add(&buf, STR("a"));
  buf_add(&buf, (Str){NULL, 0});
  buf_add_byte(&buf, '\0');
  buf_add_text(&buf, "bc");
  buf_fill(&buf, '-', 3);
  buf_fill(&buf, '-', 0);
  buf_add_bytes(&buf, "xyz", 2);
  CHECK_STR(buf_str(&buf), STR("a\0bc---xy"));
  arena_release(&arena);
}

TEST(str_join_puts_text_between) {
  Arena arena;
  arena_init(&arena);
  CHECK_STR(str_join_in(&arena, STR("a.b"), ".", STR("c")), "a.b.c");
  CHECK_STR(str_join_in(&arena, STR_NONE, "", STR("c")), "c");
  CHECK_STR(str_join_in(&arena, STR("a"), "<locals>", STR_NONE), "a<locals>");
  arena_release(&arena);
}
