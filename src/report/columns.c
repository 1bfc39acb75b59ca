#include "base/utf8.h"
#include "report/report_internal.h"

enum { BLOCK = 1024, LONG_LINE = 4 * BLOCK };

// Text is well-formed UTF-8, so that lead bytes tell code points and UTF-16 units.
static uint32_t units_in(const char *bytes, uint32_t n, ColumnUnit unit) {
  uint32_t points = 0, astral = 0;
  for (uint32_t i = 0; i < n; i++) {
    unsigned char byte = (unsigned char)bytes[i];
    points += (byte & 0xc0) != 0x80;
    astral += byte >= 0xf0;
  }
  return unit == COLUMN_UTF16 ? points + astral : points;
}

Columns columns_in(Arena *arena, const LineIndex *lines, ColumnUnit unit) {
  Columns self = {.lines = lines, .unit = unit};
  bool has_long = false;
  for (uint32_t i = 0; i < lines->count && !has_long; i++) {
    has_long = lines_stop(lines, i) - lines_start(lines, i) > LONG_LINE;
  }
  if (!has_long || unit == COLUMN_BYTES) return self;
  Str text = lines->text;
  uint32_t *before = arena_array(arena, uint32_t, text.n / BLOCK + 1);
  for (uint32_t i = 1; i <= text.n / BLOCK; i++) {
    before[i] = before[i - 1] + units_in(text.p + (size_t)(i - 1) * BLOCK, BLOCK, unit);
  }
  self.before = before;
  return self;
}

static uint32_t units_before(const Columns *self, uint32_t offset) {
  uint32_t block = offset / BLOCK, start = block * BLOCK;
  return self->before[block] +
         units_in(self->lines->text.p + start, offset - start, self->unit);
}

LinePos columns_at(const Columns *self, uint32_t offset) {
  if (self->before == NULL) return lines_position(self->lines, offset, self->unit);
  if (offset > self->lines->text.n) offset = self->lines->text.n;
  uint32_t line = lines_line_of(self->lines, offset);
  uint32_t start = lines_start(self->lines, line);
  return (LinePos){line, units_before(self, offset) - units_before(self, start)};
}

// --- files ---------------------------------------------------------------------------

// Key 0 is not allowed in a Map.
static uint64_t path_key(uint32_t project, Str path) {
  uint64_t hash = hash_str(path) ^ (uint64_t)project * UINT64_C(0x9E3779B97F4A7C15);
  return hash != 0 ? hash : 1;
}

void desk_open(Desk *self, const Report *report, ColumnUnit unit) {
  *self = (Desk){.report = report, .unit = unit};
  arena_init(&self->arena);
  self->columns = arena_array(&self->arena, Columns, report->file_count);
  self->by_path = map_in(&self->arena);
  for (uint32_t i = 0; i < report->file_count; i++) {
    map_put(&self->by_path,
            path_key(report->files[i].project, report->files[i].relative), i + 1);
  }
}

void desk_close(Desk *self) { arena_release(&self->arena); }

LinePos desk_position(Desk *self, const ReportFile *file, uint32_t offset) {
  if (file->source == NULL) return (LinePos){0, 0};
  Columns *columns = &self->columns[file - self->report->files];
  if (columns->lines == NULL) {
    *columns = columns_in(&self->arena, &file->source->lines, self->unit);
  }
  return columns_at(columns, offset);
}

const ReportFile *desk_label_file(const Desk *self, const ReportFile *own,
                                  const Label *label) {
  if (label->path.n == 0 || str_eq(label->path, own->relative)) {
    return own->source != NULL ? own : NULL;
  }
  uint32_t found = map_get(&self->by_path, path_key(own->project, label->path));
  if (found == 0) return NULL;
  const ReportFile *file = &self->report->files[found - 1];
  bool is_it = file->project == own->project && str_eq(file->relative, label->path);
  return is_it && file->source != NULL ? file : NULL;
}

// --- spans ---------------------------------------------------------------------------

Span span_first_line(const LineIndex *lines, Span span) {
  uint32_t stop = lines_stop(lines, lines_line_of(lines, span.start));
  if (stop < span.start) stop = span.start;  // the span starts in the line end
  return (Span){span.start, span.stop < stop ? span.stop : stop};
}

uint32_t span_last_line(const LineIndex *lines, Span span) {
  uint32_t line = lines_line_of(lines, span.stop);
  bool is_behind = span.stop > span.start && span.stop == lines_start(lines, line);
  return is_behind && line > 0 ? line - 1 : line;
}
