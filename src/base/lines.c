#include "base/lines.h"

#include "base/utf8.h"
#include "base/vec.h"

LineIndex lines_in(Arena *arena, Str text) {
  VEC(uint32_t) starts = {0};
  // Most Python is below one line in 24 bytes, so that the list rarely grows.
  vec_reserve(arena, &starts, text.n / 24 + 2);
  vec_push(arena, &starts, 0);
  const char *at = text.p;
  for (size_t left = text.n; left != 0;) {
    const char *hit = memchr(at, '\n', left);
    if (hit == NULL) break;
    left -= (size_t)(hit + 1 - at);
    at = hit + 1;
    vec_push(arena, &starts, (uint32_t)(at - text.p));
  }
  return (LineIndex){text, starts.items, starts.count};
}

uint32_t lines_line_of(const LineIndex *self, uint32_t offset) {
  uint32_t low = 0, high = self->count;  // the line is in [low, high)
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (self->starts[middle] <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

LinePos lines_position(const LineIndex *self, uint32_t offset, ColumnUnit unit) {
  if (offset > self->text.n) offset = self->text.n;
  uint32_t line = lines_line_of(self, offset);
  Str before = str_slice(self->text, self->starts[line], offset);
  switch (unit) {
    case COLUMN_POINTS: return (LinePos){line, utf8_count_points(before)};
    case COLUMN_UTF16: return (LinePos){line, utf8_count_utf16(before)};
    case COLUMN_BYTES: break;
  }
  return (LinePos){line, before.n};
}

uint32_t lines_offset(const LineIndex *self, LinePos pos, ColumnUnit unit) {
  if (pos.line >= self->count) return self->text.n;
  Str line = lines_text(self, pos.line);
  uint32_t start = self->starts[pos.line];
  if (unit == COLUMN_BYTES) return start + (pos.column < line.n ? pos.column : line.n);
  uint32_t at = 0;
  for (uint32_t column = 0; at < line.n && column < pos.column;) {
    uint32_t next = at;
    uint32_t units = utf8_next(line, &next) >= 0x10000 && unit == COLUMN_UTF16 ? 2 : 1;
    // Between the halves of a surrogate pair: the character's start.
    if (column + units > pos.column) break;
    column += units;
    at = next;
  }
  return start + at;
}

Str lines_text(const LineIndex *self, uint32_t line) {
  return str_slice(self->text, lines_start(self, line), lines_stop(self, line));
}

uint32_t lines_start(const LineIndex *self, uint32_t line) {
  return line < self->count ? self->starts[line] : self->text.n;
}

uint32_t lines_stop(const LineIndex *self, uint32_t line) {
  if (line + 1 >= self->count) return self->text.n;
  uint32_t stop = self->starts[line + 1] - 1;
  if (stop > self->starts[line] && self->text.p[stop - 1] == '\r') stop -= 1;
  return stop;
}
