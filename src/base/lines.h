/* LineIndex: from byte offsets to lines and back.
 *
 * Lines end at "\n" (which includes "\r\n"); lone CRs have become "\n" before this is
 * built. U+2028, form feed and their kind end no line, as in Python. Lines are counted
 * from 0 here; outputs add 1.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/str.h"

typedef struct LineIndex {
  Str text;
  const uint32_t *starts;  // offset of each line's first byte; starts[0] is 0
  uint32_t count;          // at least 1; text that ends in "\n" has an empty last line
} LineIndex;

typedef enum ColumnUnit { COLUMN_BYTES, COLUMN_POINTS, COLUMN_UTF16 } ColumnUnit;

typedef struct LinePos {
  uint32_t line;    // from 0
  uint32_t column;  // from 0, in the unit asked for
} LinePos;

LineIndex lines_in(Arena *arena, Str text);
uint32_t lines_line_of(const LineIndex *self, uint32_t offset);  // binary search
LinePos lines_position(const LineIndex *self, uint32_t offset, ColumnUnit unit);
// The offset of a position; a column behind the line's end is the line's end.
uint32_t lines_offset(const LineIndex *self, LinePos pos, ColumnUnit unit);
Str lines_text(const LineIndex *self, uint32_t line);  // without the line end
uint32_t lines_start(const LineIndex *self, uint32_t line);
uint32_t lines_stop(const LineIndex *self, uint32_t line);  // before the line end

#endif
