#include "base/utf8.h"

#include "test.h"

static uint32_t first_invalid(const char *bytes, size_t n) {
  return utf8_first_invalid((Str){bytes, (uint32_t)n});
}

TEST(utf8_every_code_point_survives) {
  uint32_t wrong = 0;
  for (uint32_t c = 0; c <= 0x10ffff; c++) {
    if (c == 0xd800) c = 0xe000;
    char bytes[4];
    Str s = {bytes, utf8_put(bytes, c)};
    uint32_t at = 0;
    bool ok = utf8_next(s, &at) == c && at == s.n && utf8_first_invalid(s) == s.n;
    wrong += !ok;
  }
  CHECK_INT(wrong, 0);
}

TEST(utf8_put_replaces_what_is_no_character) {
  char bytes[4];
  CHECK_STR(((Str){bytes, utf8_put(bytes, 0xd800)}), "\xef\xbf\xbd");
  CHECK_STR(((Str){bytes, utf8_put(bytes, 0x110000)}), "\xef\xbf\xbd");
}

// Counting is an oracle that shares no table with the code: there are 0x800 - 0x80
// characters of two bytes and 0x10000 - 0x800 - 0x800 of three.
TEST(utf8_accepts_exactly_the_well_formed) {
  uint32_t two = 0, three = 0;
  for (uint32_t i = 0x80 << 16; i < 1 << 24; i++) {
    char bytes[3] = {(char)(i >> 16), (char)(i >> 8), (char)i};
    two += (i & 0xff) == 0 && first_invalid(bytes, 2) == 2;
    uint32_t at = 0;
    uint32_t c = utf8_next((Str){bytes, 3}, &at);
    three += at == 3 && c >= 0x800;
  }
  CHECK_INT(two, 0x800 - 0x80);
  CHECK_INT(three, 0x10000 - 0x800 - 0x800);
}

TEST(utf8_first_invalid_says_where) {
  CHECK_INT(first_invalid("", 0), 0);
  CHECK_INT(first_invalid("0123456789abcdef\xe9 0123456789", 28), 16);
  CHECK_INT(first_invalid("a\xc0\xaf", 3), 1);             // overlong
  CHECK_INT(first_invalid("a\xed\xa0\x80", 4), 1);         // surrogate
  CHECK_INT(first_invalid("\xc3\xa9\xe2\x82", 4), 2);      // cut short
  CHECK_INT(first_invalid("\xf4\x90\x80\x80", 4), 0);      // above U+10FFFF
  CHECK_INT(first_invalid("\xf0\x9f\x98\x80\x80", 5), 4);  // stray continuation
  CHECK_INT(first_invalid("\xf0\x80\x80\xaf", 4), 0);      // overlong
}

TEST(utf8_next_goes_on_after_malformed_bytes) {
  Str s = STR("\xff\xe2\x82z");
  uint32_t at = 0;
  CHECK_INT(utf8_next(s, &at), 0xfffd);
  CHECK_INT(at, 1);
  CHECK_INT(utf8_next(s, &at), 0xfffd);
  CHECK_INT(utf8_next(s, &at), 0xfffd);
  CHECK_INT(utf8_next(s, &at), 'z');
  CHECK_INT(at, s.n);
}

TEST(utf8_counts_units) {
  Str s = STR("abcdefghi \xc3\xa9 \xe3\x81\x82 \xf0\x9f\x98\x80!\xff");
  CHECK_INT(utf8_count_points(s), 17);
  CHECK_INT(utf8_count_utf16(s), 18);
  CHECK_INT(utf8_count_points(STR("")), 0);
  CHECK_INT(utf8_count_utf16(STR("\xf0\x9f\x98\x80")), 2);
}

TEST(utf8_width_follows_unicode) {
  CHECK_INT(utf8_width(STR("ab\tc")), 4);
  CHECK_INT(utf8_width(STR("\xe3\x81\x82\xea\xb0\x80")), 4);  // kana, Hangul
  CHECK_INT(utf8_width(STR("e\xcc\x81")), 1);                 // combining acute
  CHECK_INT(utf8_width(STR("\xf0\x9f\x98\x80")), 2);          // emoji
  CHECK_INT(utf8_width(STR("\xef\xbc\xa1")), 2);              // full-width A
  CHECK_INT(utf8_point_width(0xff71), 1);                     // half-width kana
  CHECK_INT(utf8_point_width(0x200d), 0);
  CHECK_INT(utf8_point_width(0x1b), 0);
  CHECK_INT(utf8_point_width(0x7f), 0);
  CHECK_INT(utf8_point_width(0x9b), 0);
  CHECK_INT(utf8_point_width(0xa0), 1);
  CHECK_INT(utf8_point_width(0xe01ef), 0);  // last of the combining marks
  CHECK_INT(utf8_point_width(0x3fffd), 2);  // last of the wide
  CHECK_INT(utf8_point_width(0x10ffff), 1);
}

TEST(utf8_hostile_is_what_moves_the_cursor) {
  CHECK(!utf8_is_hostile('\t') && !utf8_is_hostile('\n') && !utf8_is_hostile('a'));
  CHECK(!utf8_is_hostile(0xa0) && !utf8_is_hostile(0xe9) && !utf8_is_hostile(0x200d));
  CHECK(utf8_is_hostile(0x1b) && utf8_is_hostile('\r') && utf8_is_hostile(0));
  CHECK(utf8_is_hostile(0x7f) && utf8_is_hostile(0x9b) && utf8_is_hostile(0x202e));
  CHECK(utf8_is_hostile(0x2066) && utf8_is_hostile(0x2069) && !utf8_is_hostile(0x206a));
}

TEST(utf8_escaped_text_is_one_harmless_line) {
  Arena arena;
  arena_init(&arena);
  Buf out = buf_in(&arena);
  buf_add_escaped(&out,
                  STR("a\x1b[1m\n\tb\xe2\x80\xae\xff\xc3\xa9\xc2\x85\xef\xbf\xbd"));
  CHECK_STR(buf_str(&out), "a\\x1b[1m\\n\tb\\u202e\\xff\xc3\xa9\\x85\xef\xbf\xbd");
  arena_release(&arena);
}
