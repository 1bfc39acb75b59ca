#include "base/utf8.h"
#include "report/report_internal.h"
#include "report_kit.h"

/* Random texts, spans, labels and edits through every format: whatever a report holds,
 * what comes out is well-formed, and harmless on a terminal. */

static uint32_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

static Str random_text(Arena *arena, uint64_t *state) {
  static const char *const pieces[] = {"x",
                                       "foo(",
                                       ")",
                                       " ",
                                       "    ",
                                       "\t",
                                       "\n",
                                       "\n",
                                       "\r\n",
                                       "\r",
                                       "\x1b[31m",
                                       "\x7f",
                                       "\xc2\x9b",
                                       "\xe2\x80\xae",
                                       "\xe2\x80\xa8",
                                       "\xe6\x97\xa5",
                                       "\xf0\x9f\x98\x80",
                                       "e\xcc\x81",
                                       "\"",
                                       "\\",
                                       "](",
                                       "{0}",
                                       "\x0c",
                                       "\n\n\n\n\n\n\n\n\n\n\n\n\n\n"};
  enum { COUNT = sizeof pieces / sizeof *pieces };
  Buf out = buf_in(arena);
  if (next(state) % 4 == 0) buf_add(&out, STR("\xef\xbb\xbf"));
  uint32_t size = next(state) % (next(state) % 8 == 0 ? 4000 : 60);
  for (uint32_t i = 0; i < size; i++) buf_add_text(&out, pieces[next(state) % COUNT]);
  return buf_str(&out);
}

static uint32_t random_offset(Str text, uint64_t *state) {
  uint32_t at = next(state) % (text.n + 1);
  while (at > 0 && at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80) at -= 1;
  return at;
}

static Span random_span(Str text, uint64_t *state) {
  uint32_t a = random_offset(text, state), b = random_offset(text, state);
  return a < b ? (Span){a, b} : (Span){b, a};
}

static void add_random_finding(Kit *kit, uint32_t file, uint64_t *state) {
  Str text = kit->files[file].source->text;
  Finding *finding = kit_finding(kit, file, next(state) % KIT_RULES, NULL);
  finding->level = (Level)(LEVEL_NOTE + next(state) % 3);
  finding->span = random_span(text, state);
  finding->message = str_slice(text, 0, next(state) % 80);  // may cut a character
  finding->evidence = next(state) % 64;
  finding->cost = (Cost){next(state), (CostUnit)(next(state) % 7)};
  finding->arg_count = next(state) % (MAX_ARGS + 1);
  for (uint32_t i = 0; i < finding->arg_count; i++) finding->args[i] = finding->message;
  finding->label_count = next(state) % (MAX_LABELS + 1);
  for (uint32_t i = 0; i < finding->label_count; i++) {
    uint32_t where = next(state) % kit->report.file_count;
    Str there = kit->files[where].source->text;
    finding->labels[i] = (Label){.path = kit->files[where].relative,
                                 .span = random_span(there, state),
                                 .text = str_slice(there, 0, next(state) % 20)};
  }
  Edit *edits = arena_array(&kit->arena, Edit, 3);
  uint32_t count = 0;
  for (uint32_t i = 0; i < 3; i++) {
    Span span = random_span(text, state);
    if (count > 0 && span.start < edits[count - 1].stop) continue;
    edits[count++] = (Edit){span.start, span.stop, STR("a\n\tb")};
  }
  finding->fix = (Fix){.safety = (FixSafety)(next(state) % 3),
                       .title = finding->message,
                       .edits = edits,
                       .edit_count = count};
}

static uint32_t harmful_in(Str text) {
  uint32_t harmful = utf8_first_invalid(text) != text.n;
  for (uint32_t at = 0; at < text.n;) harmful += utf8_is_hostile(utf8_next(text, &at));
  return harmful;
}

static void check_formats(Kit *kit) {
  CHECK_INT(harmful_in(kit_text(kit, report_full)), 0);
  CHECK_INT(harmful_in(kit_text(kit, report_concise)), 0);
  CHECK_INT(harmful_in(kit_text(kit, report_json_lines)), 0);
  ReportFn *const writers[] = {report_json, report_sarif};
  for (uint32_t i = 0; i < 2; i++) {
    Str text = kit_text(kit, writers[i]);
    CHECK_INT(harmful_in(text), 0);
    cJSON *root = cJSON_ParseWithLength(text.p, text.n);
    CHECK(root != NULL);
    cJSON_Delete(root);
  }
}

TEST(report_of_anything_is_well_formed) {
  for (uint64_t seed = 1; seed <= 150; seed++) {
    uint64_t state = seed;
    Kit *kit = kit_open();
    kit->style.width = seed % 3 == 0 ? 0 : 20 + next(&state) % 100;
    kit->style.unicode = seed % 2 == 0;
    kit_file(kit, "a.py", random_text(&kit->arena, &state));
    kit_file(kit, "b\x1b\xff.py", random_text(&kit->arena, &state));
    for (uint32_t i = 0; i < 6; i++) add_random_finding(kit, i % 2, &state);
    check_formats(kit);
    kit_close(kit);
  }
}
