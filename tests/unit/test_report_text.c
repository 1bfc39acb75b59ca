#include "report/report_internal.h"
#include "report_kit.h"

// --- columns -------------------------------------------------------------------------

typedef struct Wanted {
  const char *bytes;
  uint32_t n;
  const char *at;  // the span that the finding lies on
  uint32_t line, points, utf16;
} Wanted;

// Lines and columns from 1, computed with CPython: len(line[:i]) + 1 of the decoded
// text, and len(line[:i].encode("utf-16-le")) // 2 + 1.
static const Wanted wanted[] = {
#define W(bytes, ...) \
  { bytes, sizeof(bytes) - 1, __VA_ARGS__ }
    W("s = 1; x\n", "x", 1, 8, 8),
    W("s = '\xc3\xa9\xe6\x97\xa5'; x\n", "x", 1, 11, 11),        // BMP
    W("s = \"\xf0\x9f\x98\x80\xc3\xa9\"; x\n", "x", 1, 11, 12),  // astral
    W("s = 'e\xcc\x81\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac'; x\n", "x", 1, 14,
      16),                                                        // combining, ZWJ
    W("if 1:\n\t\tx\n", "x", 2, 3, 3),                            // tabs
    W("a\r\nb\r\n  x\r\n", "x", 3, 3, 3),                         // CRLF
    W("a\rb\r  x\r", "x", 3, 3, 3),                               // lone CR
    W("\xef\xbb\xbfx = 1\n", "x", 1, 1, 1),                       // BOM
    W("# coding: latin-1\ns = '\xe9\xff'; x\n", "x", 2, 11, 11),  // latin-1
    W("# coding: cp1252\ns = '\x80'; x\n", "x", 2, 10, 10),       // the euro sign
    W("a = 1\x0c\xe2\x80\xa8; x\n", "x", 1, 10, 10),  // form feed, U+2028: no line ends
#undef W
};

TEST(report_columns_in_every_unit) {
  for (uint32_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    const Wanted *w = &wanted[i];
    Kit *kit = kit_open();
    uint32_t file = kit_file(kit, "a.py", (Str){w->bytes, w->n});
    const LineIndex *lines = &kit->files[file].source->lines;
    Str text = lines->text;
    uint32_t offset = kit_span(kit, file, w->at).start;
    CHECK_INT(str_slice(text, offset, offset + 1).p[0], 'x');
    LinePos points =
        columns_at(&(Columns){.lines = lines, .unit = COLUMN_POINTS}, offset);
    LinePos utf16 =
        columns_at(&(Columns){.lines = lines, .unit = COLUMN_UTF16}, offset);
    CHECK_INT(points.line + 1, w->line);
    CHECK_INT(points.column + 1, w->points);
    CHECK_INT(utf16.line + 1, w->line);
    CHECK_INT(utf16.column + 1, w->utf16);
    kit_finding(kit, file, KIT_LINES, w->at);
    Str place = str_printf_in(&kit->arena, "a.py:%u:%u: ", w->line, w->points);
    CHECK(str_starts(kit_text(kit, report_concise), place));
    place = str_printf_in(&kit->arena,
                          "\"location\":{\"row\":%u,\"column\":%u},\"end_location\":"
                          "{\"row\":%u,\"column\":%u}",
                          w->line, w->points, w->line, w->points + 1);
    CHECK(str_contains(kit_text(kit, report_json), place));
    place = str_printf_in(&kit->arena,
                          "\"region\":{\"startLine\":%u,\"startColumn\":%u,"
                          "\"endLine\":%u,\"endColumn\":%u,",
                          w->line, w->utf16, w->line, w->utf16 + 1);
    CHECK(str_contains(kit_text(kit, report_sarif), place));
    kit_close(kit);
  }
}

// Blocks must count as the plain way does, wherever they cut a character.
TEST(report_columns_of_long_lines) {
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  buf_add(&text, STR("short\n"));
  for (uint32_t i = 0; i < 3000; i++) {
    buf_add(&text, i % 3 == 0   ? STR("\xf0\x9f\x98\x80")
                   : i % 3 == 1 ? STR("a")
                                : STR("\xe6\x97\xa5"));
  }
  buf_add(&text, STR("\nlast line\n"));
  LineIndex lines = lines_in(&arena, buf_str(&text));
  for (ColumnUnit unit = COLUMN_POINTS; unit <= COLUMN_UTF16; unit++) {
    Columns columns = columns_in(&arena, &lines, unit);
    CHECK(columns.before != NULL);
    uint32_t wrong = 0;
    for (uint32_t at = 0; at <= text.n; at++) {
      bool is_inside = at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80;
      if (is_inside) continue;
      LinePos got = columns_at(&columns, at), want = lines_position(&lines, at, unit);
      wrong += got.line != want.line || got.column != want.column;
    }
    CHECK_INT(wrong, 0);
    LinePos end = columns_at(&columns, UINT32_MAX);
    CHECK_INT(end.line, 3);
    CHECK_INT(end.column, 0);
  }
  arena_release(&arena);
}

// --- concise -------------------------------------------------------------------------

TEST(concise_is_one_line_a_finding) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a\n.py", STR("x = [1]\ny = [2]\n"));
  kit_edit(kit, kit_finding(kit, file, KIT_LINES, "[1]"), file, "[1]", "1");
  Finding *second = kit_finding(kit, file, KIT_CACHE, "[2]");
  second->message = STR("held\n\x1b[0m");
  kit_edit(kit, second, file, "[2]", "2");
  second->fix.safety = FIX_UNSAFE;
  CHECK_STR(kit_text(kit, report_concise), "a\\n.py:1:5: PML101 [*] something is held\n"
                                           "a\\n.py:2:5: PML501 held\\n\\x1b[0m\n");
  CHECK(str_starts(kit_coloured(kit, report_concise),
                   STR("\x1b[1ma\\n.py\x1b[0m:1:5: \x1b[1;93mPML101\x1b[0m "
                       "[\x1b[1;96m*\x1b[0m] something is held\n")));
  kit->report.file_count = 0;
  CHECK_STR(kit_text(kit, report_concise), "");
  CHECK_STR(kit_text(kit, report_full), "");
  kit_close(kit);
}

TEST(report_formats_are_found_by_name) {
  CHECK(report_format_find(STR("full"))->write == report_full);
  CHECK(report_format_find(STR("full"))->is_text);
  CHECK(report_format_find(STR("json-lines"))->write == report_json_lines);
  CHECK(!report_format_find(STR("sarif"))->is_text);
  CHECK(report_format_find(STR("json-line")) == NULL);
  CHECK(report_format_find(STR("")) == NULL);
}

// --- summary -------------------------------------------------------------------------

static Str summary_of(Kit *kit) {
  Buf out = buf_in(&kit->arena);
  report_summary(&kit->report, &kit->style, &out);
  return buf_str(&out);
}

TEST(summary_of_a_clean_run) {
  Kit *kit = kit_open();
  CHECK_STR(summary_of(kit), "All checks passed! 1 file.\n");
  kit->report.checked = 14;
  kit->report.hidden_notes = 2;
  kit->report.suppressed = 1;
  CHECK_STR(summary_of(kit), "All checks passed! 14 files (2 notes hidden: "
                             "`--level note`; 1 suppressed).\n");
  kit->report.checked = 0;
  kit->report.hidden_notes = kit->report.suppressed = 0;
  CHECK_STR(summary_of(kit), "No Python files found.\n");
  kit_close(kit);
}

TEST(summary_counts_what_was_found) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x\n"));
  kit_file(kit, "only/lends/text.py", STR("x\n"));
  kit_finding(kit, file, KIT_LINES, "x");
  kit->report.warnings = 1;
  CHECK_STR(summary_of(kit), "Found 1 warning in 1 of 1 file.\n");
  kit->report.warnings = 3;
  kit->report.fixable = 1;
  kit->report.fixable_unsafe = 2;
  CHECK_STR(summary_of(kit),
            "Found 3 warnings in 1 of 1 file.\n"
            "[*] 1 fixable with `--fix` (2 hidden fixes can be enabled with "
            "`--unsafe-fixes`).\n");
  kit->report.fixable = 0;
  kit->report.fixable_unsafe = 1;
  kit->report.errors = 2;
  kit->report.notes = 1;
  kit->report.checked = 9;
  kit->report.suppressed = 4;
  CHECK_STR(summary_of(kit),
            "Found 2 errors, 3 warnings and 1 note in 1 of 9 files (4 suppressed).\n"
            "No fixes available (1 hidden fix can be enabled with "
            "`--unsafe-fixes`).\n");
  kit_close(kit);
}

TEST(summary_says_what_was_fixed_and_what_failed) {
  Kit *kit = kit_open();
  Str fault = STR("a.py: invariant");
  kit->report.faults = &fault;
  kit->report.fault_count = 1;
  kit->report.fixed = 2;
  kit->report.refused = 1;
  CHECK_STR(summary_of(kit), "Fixed 2 findings.\n"
                             "Dropped 1 fix: the file would no longer have parsed.\n"
                             "Found nothing in 1 file.\n"
                             "1 internal error: the report is incomplete.\n");
  kit_close(kit);
}

TEST(statistics_count_by_rule) {
  Kit *kit = kit_open();
  uint32_t file = kit_file(kit, "a.py", STR("x y z\n"));
  kit_finding(kit, file, KIT_CACHE, "x");
  kit_edit(kit, kit_finding(kit, file, KIT_LINES, "y"), file, "y", "1");
  kit_finding(kit, file, KIT_LINES, "z");
  Buf out = buf_in(&kit->arena);
  report_statistics(&kit->report, &out);
  CHECK_STR(buf_str(&out), "2  PML101  [-]  readlines-in-loop\n"
                           "1  PML501  [ ]  cached-method\n");
  kit_close(kit);
}

TEST(timings_compare_with_the_parse) {
  Kit *kit = kit_open();
  RunTimings timings = {.discover_ns = 1000000,
                        .lint_ns = 60000000,
                        .project_ns = 4000000,
                        .settle_ns = 5000000,
                        .read_ns = 2000000,
                        .parse_ns = 80000000,
                        .other_ns = 6000000,
                        .bytes = 7000000,
                        .facts_bytes = 840000,
                        .lines = 140000,
                        .peak_bytes = 25000000,
                        .files = 1,
                        .workers = 2};
  Buf out = buf_in(&kit->arena);
  report_timings(&timings, &out);
  Str text = buf_str(&out);
  CHECK(str_starts(text, STR("1 file, 140000 lines, 7.0 MB, 2 workers\n")));
  CHECK(str_contains(text, STR("  total            70.0 ms")));
  CHECK(str_contains(text, STR("  parse            80.0 ms")));
  // 6 + 4 + 2 workers × 5
  CHECK(str_contains(text, STR("  after            20.0 ms")));
  CHECK(str_contains(text, STR("  after / parse    25.0 %\n")));
  CHECK(str_contains(text, STR("100.0 MB/s, 2000000 lines/s\n")));
  CHECK(str_contains(text, STR("  facts           840.0 kB, 12.0 % of the source\n")));
  CHECK(str_contains(text, STR("25.0 MB at its peak\n")));
  kit_close(kit);
}
