#include "base/utf8.h"
#include "report/report_internal.h"

enum { TAB = 4, DEFAULT_WIDTH = 160, LEAST_ROOM = 40 };

// The columns of the character at `*at` when it stands in `column`; moves `*at` behind
// it.
static uint32_t glyph_next(Str line, uint32_t *at, uint32_t column, Buf *out) {
  uint32_t start = *at;
  uint32_t c = utf8_next(line, at);
  if (c == '\t') {
    uint32_t width = TAB - column % TAB;
    if (out != NULL) buf_fill(out, ' ', width);
    return width;
  }
  if (utf8_is_hostile(c)) {
    if (out != NULL) buf_add_escaped(out, str_slice(line, start, *at));
    return c < 0x100 ? 4 : 6;  // \x1b, \u202e
  }
  if (out != NULL) buf_add(out, str_slice(line, start, *at));
  return utf8_point_width(c);
}

static uint32_t glyph_before(Str line, uint32_t at) {
  do {
    at -= 1;
  } while (at > 0 && ((unsigned char)line.p[at] & 0xc0) == 0x80);
  return at;
}

// How far from `from` one comes in `room` columns. Zero-width characters are bounded
// too.
static uint32_t reach(Str line, uint32_t from, uint32_t room) {
  uint32_t column = 0, at = from;
  while (at < line.n && at - from < room * 8) {
    uint32_t next = at;
    column += glyph_next(line, &next, column, NULL);
    if (column > room) break;
    at = next;
  }
  return at;
}

LineView line_view(Str line, uint32_t focus, uint32_t room, bool unicode) {
  LineView self = {.line = line, .unicode = unicode, .to = reach(line, 0, room)};
  if (self.to == line.n) return self;
  uint32_t dots = unicode ? 1 : 3;
  uint32_t from = focus < line.n ? focus : line.n;
  uint32_t left = 0, floor = from > room * 8 ? from - room * 8 : 0;
  // A third of the room shows what stands before the focus.
  while (from > floor && left < room / 3) {
    from = glyph_before(line, from);
    uint32_t at = from;
    left += glyph_next(line, &at, 0, NULL);
  }
  if (from <= dots) from = 0;
  self.from = from;
  self.indent = from > 0 ? dots : 0;
  self.to = reach(line, from, room - self.indent - dots);
  self.cut_right = self.to < line.n;
  return self;
}

uint32_t line_view_column(const LineView *self, uint32_t offset) {
  if (offset < self->from) return 0;
  uint32_t column = 0, at = self->from;
  while (at < self->to && at < offset) {
    column += glyph_next(self->line, &at, column, NULL);
  }
  if (offset > self->to) column += self->unicode ? 1 : 3;
  return self->indent + column;
}

void line_view_print(const LineView *self, Buf *out) {
  Str dots = self->unicode ? STR("…") : STR("...");
  if (self->indent != 0) buf_add(out, dots);
  uint32_t column = 0;
  for (uint32_t at = self->from; at < self->to;) {
    column += glyph_next(self->line, &at, column, out);
  }
  if (self->cut_right) buf_add(out, dots);
}

uint32_t line_room(const ReportStyle *style, uint32_t gutter) {
  uint32_t width = style->width != 0 ? style->width : DEFAULT_WIDTH;
  return width > gutter + 3 + LEAST_ROOM ? width - gutter - 3 : LEAST_ROOM;
}

uint32_t digits_of(uint32_t number) {
  uint32_t digits = 1;
  for (; number >= 10; number /= 10) digits += 1;
  return digits;
}

void gutter_print(const ReportStyle *style, uint32_t gutter, uint32_t line, Buf *out) {
  ink_begin(style, INK_GUTTER, out);
  if (line != 0) {
    buf_printf(out, "%*u |", (int)gutter, line);
  } else {
    buf_printf(out, "%*s |", (int)gutter, "");
  }
  ink_end(style, INK_GUTTER, out);
}
