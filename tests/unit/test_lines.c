#include "base/lines.h"

#include "test.h"

TEST(lines_end_at_newlines_only) {
  Arena arena;
  arena_init(&arena);
  LineIndex lines = lines_in(&arena, STR("a\nbc\r\n\n\x0c\xe2\x80\xa8"
                                         "d\r"));
  CHECK_INT(lines.count, 4);
  CHECK_STR(lines_text(&lines, 0), "a");
  CHECK_STR(lines_text(&lines, 1), "bc");
  CHECK_STR(lines_text(&lines, 2), "");
  CHECK_STR(lines_text(&lines, 3), "\x0c\xe2\x80\xa8"
                                   "d\r");
  CHECK_STR(lines_text(&lines, 4), "");
  CHECK_INT(lines_start(&lines, 1), 2);
  CHECK_INT(lines_stop(&lines, 1), 4);
  CHECK_INT(lines_start(&lines, 9), lines.text.n);
  arena_release(&arena);
}

TEST(lines_of_edges) {
  Arena arena;
  arena_init(&arena);
  CHECK_INT(lines_in(&arena, (Str){NULL, 0}).count, 1);
  CHECK_INT(lines_in(&arena, STR("x")).count, 1);
  LineIndex lines = lines_in(&arena, STR("x\n"));
  CHECK_INT(lines.count, 2);
  CHECK_INT(lines_line_of(&lines, 1), 0);
  CHECK_INT(lines_line_of(&lines, 2), 1);
  CHECK_STR(lines_text(&lines, 1), "");
  lines = lines_in(&arena, STR("\n\r\n"));
  CHECK_INT(lines.count, 3);
  CHECK_STR(lines_text(&lines, 1), "");
  arena_release(&arena);
}

TEST(lines_line_of_agrees_with_counting) {
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  for (uint32_t i = 0; i < 3000; i++) {
    buf_fill(&text, 'x', i % 7);
    buf_add_byte(&text, '\n');
  }
  LineIndex lines = lines_in(&arena, buf_str(&text));
  CHECK_INT(lines.count, 3001);
  uint32_t line = 0, wrong = 0;
  for (uint32_t at = 0; at <= lines.text.n; at++) {
    wrong += lines_line_of(&lines, at) != line;
    if (at < lines.text.n && lines.text.p[at] == '\n') line += 1;
  }
  CHECK_INT(wrong, 0);
  arena_release(&arena);
}

TEST(lines_columns_in_every_unit) {
  Arena arena;
  arena_init(&arena);
  LineIndex lines = lines_in(&arena, STR("x\n\xc3\xa9\xf0\x9f\x98\x80z\r\nq"));
  CHECK_INT(lines_position(&lines, 8, COLUMN_BYTES).column, 6);
  CHECK_INT(lines_position(&lines, 8, COLUMN_POINTS).column, 2);
  CHECK_INT(lines_position(&lines, 8, COLUMN_UTF16).column, 3);
  CHECK_INT(lines_position(&lines, 8, COLUMN_UTF16).line, 1);
  CHECK_INT(lines_position(&lines, 999, COLUMN_BYTES).line, 2);
  CHECK_INT(lines_position(&lines, 999, COLUMN_BYTES).column, 1);
  CHECK_INT(lines_offset(&lines, (LinePos){1, 6}, COLUMN_BYTES), 8);
  CHECK_INT(lines_offset(&lines, (LinePos){1, 2}, COLUMN_POINTS), 8);
  CHECK_INT(lines_offset(&lines, (LinePos){1, 3}, COLUMN_UTF16), 8);
  CHECK_INT(lines_offset(&lines, (LinePos){1, 2}, COLUMN_UTF16), 4);  // in the pair
  CHECK_INT(lines_offset(&lines, (LinePos){1, 99}, COLUMN_UTF16), 9);
  CHECK_INT(lines_offset(&lines, (LinePos){1, 99}, COLUMN_BYTES), 9);
  CHECK_INT(lines_offset(&lines, (LinePos){7, 0}, COLUMN_POINTS), lines.text.n);
  arena_release(&arena);
}

TEST(lines_positions_come_back) {
  Arena arena;
  arena_init(&arena);
  LineIndex lines =
      lines_in(&arena, STR("ab\n\n\xe3\x81\x82 \xf0\x9f\x98\x80\n  \xc3\xa9"));
  for (ColumnUnit unit = COLUMN_BYTES; unit <= COLUMN_UTF16; unit++) {
    for (uint32_t at = 0; at <= lines.text.n; at++) {
      if (at < lines.text.n && (lines.text.p[at] & 0xc0) == 0x80) continue;
      CHECK_INT(lines_offset(&lines, lines_position(&lines, at, unit), unit), at);
    }
  }
  arena_release(&arena);
}
