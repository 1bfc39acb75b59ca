#include "report/report_internal.h"
#include "report_kit.h"

static const cJSON *at(const cJSON *from, const char *key) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);
  CHECK(item != NULL);
  return item;
}

TEST(json_has_the_keys_of_ruff_and_ours) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "pkg/a.py", STR("def f():\r\n  x = [1,\r\n 2]\r\n"));
  uint32_t other = kit_file(kit, "b.py", STR("f()\n"));
  Finding *finding = kit_finding(kit, file, KIT_LINES, "[1,\r\n 2]");
  finding->evidence |= EVIDENCE_SIZE | EVIDENCE_KEPT;
  finding->cost = (Cost){56, COST_PER_INSTANCE};
  finding->scope = STR("pkg.a.f");
  kit_label(kit, finding, file, "x", "held \"here\"");
  kit_label(kit, finding, other, "f()", "called here");
  finding->labels[finding->label_count++] =
      (Label){.path = STR("c.py"), .span = {1, 2}, .text = STR("not at hand")};
  kit_edit(kit, finding, file, "", "");  // says nothing, and is not written
  kit_edit(kit, finding, file, "[1,\r\n 2]", "(1,\n2)");
  finding->fix.safety = FIX_UNSAFE;
  finding->fix.caveat = STR("it differs");
  Str text = kit_text(kit, report_json);
  const char *want =
      "[\n"
      "{\"code\":\"PML101\",\"name\":\"readlines-in-loop\",\"severity\":\"warning\","
      "\"url\":null,\"message\":\"something is held\",\"filename\":\"pkg/a.py\","
      "\"location\":{\"row\":2,\"column\":7},\"end_location\":{\"row\":3,\"column\":4},"
      "\"fix\":{\"applicability\":\"unsafe\",\"message\":\"do it otherwise\","
      "\"caveat\":\"it differs\",\"edits\":[{\"content\":\"(1,\\r\\n2)\","
      "\"location\":{\"row\":2,\"column\":7},\"end_location\":{\"row\":3,\"column\":4}}]},"
      "\"noqa_row\":2,\"cell\":null,\"level\":\"warning\","
      "\"evidence\":[\"size\",\"kept in number\"],"
      "\"est_bytes\":{\"bytes\":56,\"unit\":\"instance\"},\"related\":["
      "{\"message\":\"held \\\"here\\\"\",\"filename\":\"pkg/a.py\","
      "\"location\":{\"row\":2,\"column\":3},\"end_location\":{\"row\":2,\"column\":4}},"
      "{\"message\":\"called here\",\"filename\":\"b.py\","
      "\"location\":{\"row\":1,\"column\":1},\"end_location\":{\"row\":1,\"column\":4}},"
      "{\"message\":\"not at hand\",\"filename\":\"c.py\","
      "\"location\":null,\"end_location\":null}],"
      "\"scope\":\"pkg.a.f\",\"fingerprint\":\"";
  CHECK_STR(str_slice(text, 0, (uint32_t)strlen(want)), want);
  CHECK(str_ends(text, STR(":1\",\"schema_version\":1}\n]\n")));
  kit_close(kit);
}

TEST(json_is_an_array_whatever_was_found) {
  Kit *kit = kit_open();
  CHECK_STR(kit_text(kit, report_json), "[]\n");
  CHECK_STR(kit_text(kit, report_json_lines), "");
  uint32_t file = kit_file(kit, "a.py", STR("x y\n"));
  kit_finding(kit, file, KIT_LINES, "x");
  kit_finding(kit, file, KIT_LINES, "y")->level = LEVEL_NOTE;
  Str text = kit_text(kit, report_json);
  cJSON *root = cJSON_ParseWithLength(text.p, text.n);
  CHECK_INT(cJSON_GetArraySize(root), 2);
  const cJSON *second = cJSON_GetArrayItem(root, 1);
  CHECK_STR(at(second, "severity")->valuestring, "info");
  CHECK_STR(at(second, "level")->valuestring, "note");
  CHECK(cJSON_IsNull(at(second, "fix")));
  CHECK(cJSON_IsNull(at(second, "est_bytes")));
  CHECK(cJSON_IsNull(at(second, "scope")));
  cJSON_Delete(root);
  Str lines = kit_text(kit, report_json_lines);
  uint32_t first = str_find_byte(lines, '\n', 0);
  CHECK_INT(str_find_byte(lines, '\n', first + 1), lines.n - 1);
  // The lines are the elements of the array.
  CHECK(str_contains(text, str_slice(lines, 0, first)));
  CHECK(str_contains(text, str_slice(lines, first + 1, lines.n - 1)));
  kit_close(kit);
}

TEST(json_strings_are_safe_and_valid) {
  Kit *kit = kit_open();
  uint32_t file = kit_file_unreadable(kit, "d\xff/\xc3\xa9.py");
  Finding *finding = kit_finding(kit, file, KIT_UNREADABLE, NULL);
  finding->message =
      STR("a\0\"\\\n\t\x1b\x7f\xc2\x9b\xe2\x80\xae\xed\xa0\x80\xf0\x9f\x98\x80");
  Str text = kit_text(kit, report_json_lines);
  CHECK(str_contains(text, STR("\"filename\":\"d\\\\xff/\xc3\xa9.py\"")));
  CHECK(str_contains(
      text, STR("\"message\":\"a\\u0000\\\"\\\\\\n\\t\\u001b\\u007f\\u009b\\u202e"
                "\\\\xed\\\\xa0\\\\x80\xf0\x9f\x98\x80\"")));
  CHECK(str_contains(text, STR("\"location\":{\"row\":1,\"column\":1}")));
  kit_close(kit);
}

static Str fingerprint_of(Kit *kit, uint32_t index) {
  Str text = kit_text(kit, report_json);
  cJSON *root = cJSON_ParseWithLength(text.p, text.n);
  const cJSON *item = at(cJSON_GetArrayItem(root, (int)index), "fingerprint");
  Str copy = str_copy_in(&kit->arena, str_from(item->valuestring));
  cJSON_Delete(root);
  return copy;
}

TEST(json_fingerprints_survive_what_moves_around_them) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("f(a, b)\nf(a, b)\n"));
  kit_finding(kit, file, KIT_LINES, "f(a, b)");
  kit_finding(kit, file, KIT_LINES, "f(a, b)")->span = (Span){8, 15};
  Str first = fingerprint_of(kit, 0), second = fingerprint_of(kit, 1);
  CHECK(str_ends(first, STR(":1")) && str_ends(second, STR(":2")));
  CHECK(str_eq(str_slice(first, 0, 16), str_slice(second, 0, 16)));
  Kit *moved = kit_open();
  file = kit_file(moved, "a.py", STR("import os\n\nf(a,\n  b)\n"));
  Finding *finding = kit_finding(moved, file, KIT_LINES, "f(a,\n  b)");
  CHECK_STR(fingerprint_of(moved, 0), first);
  finding->scope = STR("a.g");
  CHECK(!str_eq(fingerprint_of(moved, 0), first));
  kit_close(moved);
  kit_close(kit);
}
