#include "base/diff.h"
#include "base/vec.h"
#include "report/report_internal.h"

/* The lines that a fix removes and adds. Only the lines around the edits are compared,
 * so that the cost of a report does not grow with findings times file size. */

enum { MOST_BYTES = 16 * 1024, MOST_LINES = 60 };

typedef struct Shown {
  char sign;      // ' ', '-', '+', or 0 for a gap
  uint32_t line;  // in the fixed file, counted from 1; 0 for removed lines
  Str text;
  uint32_t focus;  // the byte around which a long line is cut
} Shown;

struct Preview {
  VEC(Shown) lines;
  uint32_t last, hidden;
};

// Edits whose surroundings touch; `from` to `to` are whole lines.
typedef struct Cluster {
  uint32_t first_line, from, to;
  const Edit *edits;
  uint32_t count;
} Cluster;

static uint32_t context_start(const LineIndex *lines, uint32_t offset) {
  uint32_t line = lines_line_of(lines, offset);
  return line > 0 ? line - 1 : 0;
}

static Cluster cluster_next(const LineIndex *lines, const Fix *fix, uint32_t *at) {
  const Edit *edit = &fix->edits[*at];
  Cluster self = {.edits = edit, .first_line = context_start(lines, edit->start)};
  uint32_t last = 0;
  do {
    // The line behind the edit is its context.
    last = lines_line_of(lines, fix->edits[*at].stop) + 1;
    self.count += 1;
    *at += 1;
  } while (*at < fix->edit_count &&
           context_start(lines, fix->edits[*at].start) <= last + 1);
  self.from = lines_start(lines, self.first_line);
  self.to = lines_start(lines, last + 1);
  return self;
}

static Str cluster_fixed(Arena *arena, const Source *source, const Cluster *cluster) {
  Buf out = buf_in(arena);
  uint32_t at = cluster->from;
  for (uint32_t i = 0; i < cluster->count; i++) {
    const Edit *edit = &cluster->edits[i];
    buf_add(&out, str_slice(source->text, at, edit->start));
    buf_add(&out, edit_text_in(arena, source, edit, false));
    at = edit->stop;
  }
  buf_add(&out, str_slice(source->text, at, cluster->to));
  return buf_str(&out);
}

static Str without_line_end(Str line) {
  if (line.n != 0 && line.p[line.n - 1] == '\n') line.n -= 1;
  if (line.n != 0 && line.p[line.n - 1] == '\r') line.n -= 1;
  return line;
}

static bool is_beside_change(const Diff *diff, uint32_t i) {
  return (i > 0 && diff->lines[i - 1].sign != ' ') ||
         (i + 1 < diff->count && diff->lines[i + 1].sign != ' ');
}

// Adds the changed lines and those beside them; returns the growth in lines.
static int64_t cluster_show(Arena *arena, Preview *self, const Diff *diff,
                            uint32_t first_line, uint32_t focus) {
  uint32_t line = first_line + 1;  // in the fixed file
  int64_t growth = 0;
  bool has_gap = self->lines.count != 0;
  for (uint32_t i = 0; i < diff->count; i++) {
    char sign = diff->lines[i].sign;
    growth += (sign == '+') - (sign == '-');
    uint32_t number = sign == '-' ? 0 : line++;
    if (sign == ' ' && !is_beside_change(diff, i)) {
      has_gap = true;
      continue;
    }
    if (has_gap && self->lines.count != 0) vec_push(arena, &self->lines, (Shown){0});
    has_gap = false;
    Str text = without_line_end(diff->lines[i].text);
    vec_push(arena, &self->lines, (Shown){sign, number, text, sign == ' ' ? 0 : focus});
  }
  return growth;
}

Preview *preview_in(Arena *arena, const Source *source, const Fix *fix) {
  Preview *self = arena_new(arena, Preview);
  int64_t growth = 0;
  for (uint32_t at = 0; at < fix->edit_count;) {
    Cluster cluster = cluster_next(&source->lines, fix, &at);
    if (cluster.to - cluster.from > MOST_BYTES) return NULL;
    Str before = str_slice(source->text, cluster.from, cluster.to);
    Str after = cluster_fixed(arena, source, &cluster);
    if (after.n > MOST_BYTES) return NULL;
    Diff diff = diff_in(arena, before, after);
    uint32_t start = cluster.edits[0].start;
    uint32_t line = lines_line_of(&source->lines, start);
    growth += cluster_show(arena, self, &diff, (uint32_t)(cluster.first_line + growth),
                           start - lines_start(&source->lines, line));
  }
  if (self->lines.count > MOST_LINES) {
    self->hidden = self->lines.count - MOST_LINES;
    self->lines.count = MOST_LINES;
  }
  for (uint32_t i = 0; i < self->lines.count; i++) {
    if (self->lines.items[i].line > self->last) self->last = self->lines.items[i].line;
  }
  return self->lines.count != 0 ? self : NULL;
}

uint32_t preview_last_line(const Preview *self) { return self->last; }

static void shown_print(const Shown *self, const ReportStyle *style, uint32_t gutter,
                        Buf *out) {
  if (self->sign == 0) {
    ink_add(style, INK_GUTTER, STR("..."), out);
    buf_add_byte(out, '\n');
    return;
  }
  Ink ink = self->sign == '+' ? INK_ADDED : INK_REMOVED;
  if (self->sign == ' ') {
    gutter_print(style, gutter, self->line, out);
    if (self->text.n != 0) buf_add_byte(out, ' ');
    ink = INK_NONE;
  } else {
    ink_begin(style, INK_GUTTER, out);
    if (self->line != 0) {
      buf_printf(out, "%*u ", (int)gutter, self->line);
    } else {
      buf_fill(out, ' ', gutter + 1);
    }
    ink_end(style, INK_GUTTER, out);
    ink_begin(style, ink, out);
    buf_add_byte(out, self->sign);
    if (self->text.n != 0) buf_add_byte(out, ' ');
  }
  LineView view =
      line_view(self->text, self->focus, line_room(style, gutter), style->unicode);
  line_view_print(&view, out);
  ink_end(style, ink, out);
  buf_add_byte(out, '\n');
}

void preview_print(const Preview *self, const ReportStyle *style, uint32_t gutter,
                   Buf *out) {
  gutter_print(style, gutter, 0, out);
  buf_add_byte(out, '\n');
  for (uint32_t i = 0; i < self->lines.count; i++) {
    shown_print(&self->lines.items[i], style, gutter, out);
  }
  if (self->hidden != 0) {
    buf_printf(out, "... %u more lines\n", self->hidden);
  } else {
    gutter_print(style, gutter, 0, out);
    buf_add_byte(out, '\n');
  }
}
