#include "index/facts_text.h"

#include "test.h"

static size_t round_trip(Arena *arena, const char *text) {
  Str given = str_from(text);
  Buf packed = buf_in(arena);
  text_pack(&packed, given);
  char *out = arena_alloc(arena, given.n + 1);
  text_unpack((const uint8_t *)buf_str(&packed).p, given.n, out);
  Str got = {out, given.n};
  CHECK_STR(got, text);
  return packed.n;
}

TEST(texts_come_out_as_they_went_in) {
  Arena arena;
  arena_init(&arena);
  static const char *const texts[] = {
      "",
      "e",
      "self",
      "__init__",
      "__ini",
      "test_module_nameErrorValue",
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789",
      "größe.<locals>.变量 \x01\x7f",
      "get",
      "ge",
  };
  for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    round_trip(&arena, texts[i]);
  }
  char every[256];
  for (uint32_t i = 0; i < 255; i++) every[i] = (char)(i + 1);
  every[255] = '\0';
  round_trip(&arena, every);
  arena_release(&arena);
}

TEST(texts_of_identifiers_take_two_thirds) {
  Arena arena;
  arena_init(&arena);
  const char *words = "async_setup_entryhassconfig_entrycoordinatorDOMAINPlatform"
                      "__init__selfdevice_infounique_idstatehandle_request";
  size_t n = round_trip(&arena, words);
  CHECK(n * 3 < strlen(words) * 2 + 3);
  arena_release(&arena);
}
