#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "report/report_internal.h"

/* A code frame in the layout that ruff and rustc made familiar. A row is drawn on a
 * canvas of columns: first two columns for each mark of several lines (its rail), then
 * the text. Marks of one line are underlined; their labels stand behind the underline
 * or hang below it. */

typedef struct Mark {
  uint32_t first, last;  // lines
  uint32_t start, stop;  // bytes in the first and in the last line
  Str text;
  bool is_primary;
  bool is_tall;      // several lines: has a rail
  bool from_margin;  // nothing stands before it in its first line
  uint32_t rail;     // from 0, the leftmost
} Mark;

struct Frame {
  Arena *arena;
  const Source *source;
  Mark marks[FRAME_MARKS];
  uint32_t count, rails;
  VEC(uint32_t) lines;  // shown, ascending
};

typedef struct Canvas {
  char *cells;
  uint8_t *inks;
  uint32_t used, size;
} Canvas;  // grows to `size` columns, what lies behind is not drawn

typedef struct Painter {
  const Frame *frame;
  const ReportStyle *style;
  Level level;
  uint32_t gutter, room;
  bool rail_on[FRAME_MARKS];
  Ink rail_ink[FRAME_MARKS];
  LineView view;  // of the line in hand
  uint32_t line;
  bool ends_on_source;  // the last row printed is a line of the file
  Canvas canvas;
  Buf *out;
} Painter;

// --- plan ----------------------------------------------------------------------------

static Mark mark_of(const LineIndex *lines, const FrameMark *from) {
  Mark mark = {
      .first = lines_line_of(lines, from->span.start),
      .last = span_last_line(lines, from->span),
      .text = from->text,
      .is_primary = from->is_primary,
  };
  mark.is_tall = mark.last > mark.first;
  Str head = lines_text(lines, mark.first), tail = lines_text(lines, mark.last);
  uint32_t start = from->span.start - lines_start(lines, mark.first);
  uint32_t stop = from->span.stop - lines_start(lines, mark.last);
  mark.start = start < head.n ? start : head.n;
  mark.stop = stop < tail.n ? stop : tail.n;
  mark.from_margin = str_trim(str_slice(head, 0, mark.start)).n == 0;
  return mark;
}

static void line_want(Frame *self, uint32_t line) {
  if (line < self->source->lines.count) vec_push(self->arena, &self->lines, line);
}

static bool is_blank(const Frame *self, uint32_t line) {
  return str_trim(lines_text(&self->source->lines, line)).n == 0;
}

static void context_want(Frame *self, const Mark *mark, uint32_t context) {
  uint32_t from = mark->first > context ? mark->first - context : 0;
  while (from < mark->first && is_blank(self, from)) from += 1;
  for (; from < mark->first; from++) line_want(self, from);
  uint32_t to = mark->last + context;
  if (to >= self->source->lines.count) to = self->source->lines.count - 1;
  while (to > mark->last && is_blank(self, to)) to -= 1;
  for (; to > mark->last; to--) line_want(self, to);
}

static int compare_lines(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// Sorts, drops doubles, and fills gaps of one line, which cost no more than the dots.
static void lines_settle(Frame *self) {
  uint32_t *wanted = self->lines.items, count = self->lines.count;
  qsort(wanted, count, sizeof *wanted, compare_lines);
  self->lines.items = NULL;
  self->lines.count = self->lines.capacity = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t before = self->lines.count != 0 ? vec_last(&self->lines) : UINT32_MAX;
    if (self->lines.count != 0 && wanted[i] == before) continue;
    if (self->lines.count != 0 && wanted[i] == before + 2) {
      vec_push(self->arena, &self->lines, before + 1);
    }
    vec_push(self->arena, &self->lines, wanted[i]);
  }
}

static int compare_marks(const void *a, const void *b) {
  const Mark *x = a, *y = b;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  if (x->last != y->last) return x->last > y->last ? -1 : 1;
  return (x->stop < y->stop) - (x->stop > y->stop);
}

// The leftmost rail that is free again where the mark starts.
static void rail_give(Frame *self, uint32_t at) {
  Mark *mark = &self->marks[at];
  for (uint32_t i = 0; i < at; i++) {
    const Mark *other = &self->marks[i];
    if (!other->is_tall || other->rail != mark->rail) continue;
    if (other->last < mark->first) continue;
    mark->rail += 1;
    i = UINT32_MAX;  // once more from the start
  }
  if (mark->rail >= self->rails) self->rails = mark->rail + 1;
}

Frame *frame_in(Arena *arena, const Source *source, const FrameMark *marks,
                uint32_t count, uint32_t context) {
  enum { WHOLE = 8, EDGE = 3 };  // taller marks show their first and last lines only
  Frame *self = arena_new(arena, Frame);
  self->arena = arena;
  self->source = source;
  self->count = count;
  for (uint32_t i = 0; i < count; i++) {
    self->marks[i] = mark_of(&source->lines, &marks[i]);
  }
  qsort(self->marks, count, sizeof *self->marks, compare_marks);
  for (uint32_t i = 0; i < count; i++) {
    Mark *mark = &self->marks[i];
    if (mark->is_tall) rail_give(self, i);
    for (uint32_t line = mark->first; line <= mark->last; line++) {
      bool is_whole = mark->last - mark->first < WHOLE;
      if (!is_whole && line == mark->first + EDGE) line = mark->last - EDGE + 1;
      line_want(self, line);
    }
    if (mark->is_primary) context_want(self, mark, context);
  }
  lines_settle(self);
  return self;
}

uint32_t frame_last_line(const Frame *self) { return vec_last(&self->lines) + 1; }

// --- canvas --------------------------------------------------------------------------

static void canvas_put(Canvas *self, uint32_t column, char cell, Ink ink) {
  if (column >= self->size) return;
  while (self->used <= column) {
    self->cells[self->used] = ' ';
    self->inks[self->used++] = INK_NONE;
  }
  self->cells[column] = cell;
  self->inks[column] = (uint8_t)ink;
}

static void canvas_fill(Canvas *self, uint32_t from, uint32_t to, char cell, Ink ink) {
  for (uint32_t at = from; at < to; at++) canvas_put(self, at, cell, ink);
}

static Ink mark_ink(const Painter *self, const Mark *mark) {
  return mark->is_primary ? level_ink(self->level) : INK_LABEL;
}

// The column of a byte of the line in hand.
static uint32_t column_of(const Painter *self, uint32_t offset) {
  return self->frame->rails * 2 + line_view_column(&self->view, offset);
}

static void rails_draw(Painter *self) {
  self->canvas.used = 0;
  for (uint32_t i = 0; i < self->frame->rails; i++) {
    if (self->rail_on[i]) canvas_put(&self->canvas, i * 2, '|', self->rail_ink[i]);
  }
}

static void canvas_print(const Painter *self) {
  const Canvas *canvas = &self->canvas;
  for (uint32_t i = 0; i < canvas->used;) {
    uint32_t run = i;
    while (run < canvas->used && canvas->inks[run] == canvas->inks[i]) run += 1;
    ink_add(self->style, (Ink)canvas->inks[i], (Str){canvas->cells + i, run - i},
            self->out);
    i = run;
  }
}

// A row without a line number: the canvas, then a label.
static void row_print(Painter *self, Str label, Ink ink) {
  self->ends_on_source = false;
  gutter_print(self->style, self->gutter, 0, self->out);
  if (self->canvas.used != 0 || label.n != 0) buf_add_byte(self->out, ' ');
  canvas_print(self);
  if (label.n != 0) {
    ink_begin(self->style, ink, self->out);
    buf_add_escaped(self->out, label);
    ink_end(self->style, ink, self->out);
  }
  buf_add_byte(self->out, '\n');
}

// --- marks of one line ---------------------------------------------------------------

typedef struct Underline {
  uint32_t from, to;  // columns
  const Mark *mark;
} Underline;

static uint32_t underlines_of(const Painter *self, Underline *list) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < self->frame->count; i++) {
    const Mark *mark = &self->frame->marks[i];
    if (mark->is_tall || mark->first != self->line) continue;
    uint32_t from = column_of(self, mark->start), to = column_of(self, mark->stop);
    list[count++] = (Underline){from, to > from ? to : from + 1, mark};
  }
  return count;  // in order of `from`, as the marks are
}

static void underlines_draw(Painter *self, const Underline *list, uint32_t count) {
  rails_draw(self);
  for (uint32_t pass = 0; pass < 2; pass++) {  // the primary mark covers the others
    for (uint32_t i = 0; i < count; i++) {
      bool is_primary = list[i].mark->is_primary;
      if (is_primary != (pass == 1)) continue;
      canvas_fill(&self->canvas, list[i].from, list[i].to, is_primary ? '^' : '-',
                  mark_ink(self, list[i].mark));
    }
  }
}

// Takes the label that fits behind the underlines out of the list.
static const Mark *label_take_inline(const Painter *self, Underline *list,
                                     uint32_t *count) {
  if (*count == 0) return NULL;
  const Underline *last = &list[*count - 1];
  if (last->to < self->canvas.used) return NULL;  // another one reaches further
  *count -= 1;
  return last->mark;
}

// A row of bars alone, then each label, from the right, beside the bars that are left.
static void labels_hang(Painter *self, const Underline *list, uint32_t count) {
  rails_draw(self);
  for (uint32_t i = 0; i < count; i++) {
    canvas_put(&self->canvas, list[i].from, '|', mark_ink(self, list[i].mark));
  }
  row_print(self, STR_NONE, INK_NONE);
  for (uint32_t left = count; left-- > 0;) {
    const Underline *own = &list[left];
    rails_draw(self);
    for (uint32_t i = 0; i < left; i++) {
      if (list[i].from == own->from) continue;
      canvas_put(&self->canvas, list[i].from, '|', mark_ink(self, list[i].mark));
    }
    canvas_fill(&self->canvas, self->canvas.used, own->from, ' ', INK_NONE);
    row_print(self, own->mark->text, mark_ink(self, own->mark));
  }
}

static void underlines_print(Painter *self) {
  Underline list[FRAME_MARKS];
  uint32_t count = underlines_of(self, list);
  if (count == 0) return;
  underlines_draw(self, list, count);
  uint32_t labelled = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (list[i].mark->text.n != 0) list[labelled++] = list[i];
  }
  const Mark *mark = label_take_inline(self, list, &labelled);
  if (mark != NULL) {
    canvas_put(&self->canvas, self->canvas.used, ' ', INK_NONE);
    row_print(self, mark->text, mark_ink(self, mark));
  } else {
    row_print(self, STR_NONE, INK_NONE);
  }
  if (labelled > 0) labels_hang(self, list, labelled);
}

// --- marks of several lines ----------------------------------------------------------

// ` ____^` or `|_____^`: from the rail to the mark's first or last character.
static void elbow_print(Painter *self, const Mark *mark, uint32_t column, Str label) {
  Ink ink = mark_ink(self, mark);
  rails_draw(self);
  for (uint32_t at = mark->rail * 2 + 1; at < column; at++) {
    bool is_rail = at < self->canvas.used && self->canvas.cells[at] == '|';
    if (!is_rail) canvas_put(&self->canvas, at, '_', ink);
  }
  canvas_put(&self->canvas, column, mark->is_primary ? '^' : '-', ink);
  if (label.n != 0) canvas_put(&self->canvas, self->canvas.used, ' ', INK_NONE);
  row_print(self, label, ink);
}

static void tall_starts_print(Painter *self) {
  for (uint32_t i = 0; i < self->frame->count; i++) {
    const Mark *mark = &self->frame->marks[i];
    if (!mark->is_tall || mark->first != self->line || mark->from_margin) continue;
    elbow_print(self, mark, column_of(self, mark->start), STR_NONE);
    self->rail_on[mark->rail] = true;
    self->rail_ink[mark->rail] = mark_ink(self, mark);
  }
}

static void tall_stops_print(Painter *self) {
  for (uint32_t i = self->frame->count; i-- > 0;) {
    const Mark *mark = &self->frame->marks[i];
    if (!mark->is_tall || mark->last != self->line) continue;
    uint32_t column = column_of(self, mark->stop);
    elbow_print(self, mark, column > self->frame->rails * 2 ? column - 1 : column,
                mark->text);
    self->rail_on[mark->rail] = false;
  }
}

// --- lines ---------------------------------------------------------------------------

// The byte to cut a long line around: where the most important mark on it is.
static uint32_t focus_of(const Frame *frame, uint32_t line) {
  uint32_t focus = 0;
  bool found = false;
  for (uint32_t i = 0; i < frame->count; i++) {
    const Mark *mark = &frame->marks[i];
    if (mark->first != line && mark->last != line) continue;
    if (found && !mark->is_primary) continue;
    found = true;
    focus = mark->first == line ? mark->start : mark->stop;
  }
  return focus;
}

static void source_print(Painter *self) {
  self->ends_on_source = true;
  const Frame *frame = self->frame;
  Str line = lines_text(&frame->source->lines, self->line);
  self->view =
      line_view(line, focus_of(frame, self->line), self->room, self->style->unicode);
  gutter_print(self->style, self->gutter, self->line + 1, self->out);
  rails_draw(self);
  for (uint32_t i = 0; i < frame->count; i++) {
    const Mark *mark = &frame->marks[i];
    if (!mark->is_tall || mark->first != self->line || !mark->from_margin) continue;
    Ink ink = mark_ink(self, mark);
    canvas_put(&self->canvas, mark->rail * 2, '/', ink);
    self->rail_on[mark->rail] = true;
    self->rail_ink[mark->rail] = ink;
  }
  if (line.n != 0) {
    canvas_fill(&self->canvas, self->canvas.used, frame->rails * 2, ' ', INK_NONE);
  }
  if (self->canvas.used != 0 || line.n != 0) buf_add_byte(self->out, ' ');
  canvas_print(self);
  line_view_print(&self->view, self->out);
  buf_add_byte(self->out, '\n');
}

static void gap_print(Painter *self) {
  ink_add(self->style, INK_GUTTER, STR("..."), self->out);
  rails_draw(self);
  if (self->canvas.used != 0) {
    buf_fill(self->out, ' ',
             self->gutter);  // under the text, which begins at gutter + 3
  }
  canvas_print(self);
  buf_add_byte(self->out, '\n');
}

void frame_print(const Frame *self, const ReportStyle *style, Level level,
                 uint32_t gutter, Buf *out) {
  Painter painter = {.frame = self,
                     .style = style,
                     .level = level,
                     .gutter = gutter,
                     .room = line_room(style, gutter + self->rails * 2),
                     .out = out};
  Canvas *canvas = &painter.canvas;
  canvas->size = painter.room + self->rails * 2 + 8;
  canvas->cells = arena_array(self->arena, char, canvas->size);
  canvas->inks = arena_array(self->arena, uint8_t, canvas->size);
  gutter_print(style, gutter, 0, out);
  buf_add_byte(out, '\n');
  for (uint32_t i = 0; i < self->lines.count; i++) {
    uint32_t line = self->lines.items[i];
    if (i > 0 && line > self->lines.items[i - 1] + 1) gap_print(&painter);
    painter.line = line;
    source_print(&painter);
    underlines_print(&painter);
    tall_starts_print(&painter);
    tall_stops_print(&painter);
  }
  painter.canvas.used = 0;
  if (painter.ends_on_source) row_print(&painter, STR_NONE, INK_NONE);
}
