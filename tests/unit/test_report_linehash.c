#include "report/report_internal.h"
#include "test.h"

// "hash:count" of each line, separated by spaces.
static Str hashes_of(Arena *arena, Str bytes) {
  LineHashes hashes = line_hashes_in(arena, bytes);
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < hashes.count; i++) {
    buf_printf(&out, "%s%llx:%u", i > 0 ? " " : "",
               (unsigned long long)hashes.items[i].hash, hashes.items[i].occurrence);
  }
  return buf_str(&out);
}

#define CHECK_HASHES(bytes, want) \
  do { \
    Arena arena; \
    arena_init(&arena); \
    CHECK_STR(hashes_of(&arena, bytes), want); \
    arena_release(&arena); \
  } while (0)

// All expected hashes are the output of GitHub's own program for the same bytes.

TEST(line_hash_of_nothing) { CHECK_HASHES(STR(""), "c129715d7a2bc9a3:1"); }

TEST(line_hash_skips_blanks) {
  CHECK_HASHES(STR(" a\nb\n  \t\tc\n d"),
               "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 "
               "a23a3dc5e078b07b:1");
}

TEST(line_hash_reads_every_line_end_as_one) {
  const char *want = "e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 "
                     "e20e36e16fcb0cc8:1 b3edc88f2938467e:1 c8e28b0b4002a3a0:1 "
                     "c129715d7a2bc9a3:1";
  CHECK_HASHES(STR(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n"), want);
  CHECK_HASHES(STR(" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r"), want);
  CHECK_HASHES(STR(" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n"),
               want);
  CHECK_HASHES(STR(" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n"), want);
}

TEST(line_hash_counts_equal_lines) {
  CHECK_HASHES(STR("x = 1\nx = 1\n"),
               "87c133c3324ef59b:1 8e00d41f0ebba6bf:1 c129715d7a2bc9a3:1");
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  for (uint32_t i = 0; i < 10; i++)
    buf_add(&text, STR("Lorem ipsum dolor sit amet.\n"));
  CHECK_STR(hashes_of(&arena, buf_str(&text)),
            "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 "
            "a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 a7f2ff13bc495cf2:6 "
            "a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 "
            "cc97dc7b1d7d8f7b:1 c129715d7a2bc9a3:1");
  arena_release(&arena);
}

TEST(line_hash_reads_a_bom_and_utf16_units) {
  CHECK_HASHES(STR("\xef\xbb\xbfx = 1\n"), "973f80c4b80f40b6:1 c129715d7a2bc9a3:1");
  CHECK_HASHES(STR("s = \"\xf0\x9f\x98\x80\xc3\xa9\"\n"),
               "af31f7f8f4c0aeb:1 c129715d7a2bc9a3:1");
}

// Latin-1 and broken sequences: what a JavaScript decoder makes of them.
TEST(line_hash_replaces_what_is_no_utf8) {
  CHECK_HASHES(STR("\xe9t\xe9 = 1\n"), "e31413762372b1cd:1 c129715d7a2bc9a3:1");
  CHECK_HASHES(
      STR("a\xe2\x82z\xf0\x9f\x98\nb\xed\xa0\x80\xc0\x80\xf4\x90\x80\x80\n\xe2"),
      "e5fa3d62d3c204d8:1 4992f3e6bd296169:1 8989dec65f08d110:1");
}
