#include "base/utf8.h"
#include "report/report_internal.h"

static void add_line(Desk *desk, const ReportFile *file, const Finding *finding,
                     const ReportStyle *style, Buf *out) {
  LinePos at = desk_position(desk, file, finding->span.start);
  ink_begin(style, INK_BOLD, out);
  buf_add_escaped(out, file->path);
  ink_end(style, INK_BOLD, out);
  buf_printf(out, ":%u:%u: ", at.line + 1, at.column + 1);
  ink_add(style, level_ink(finding->level), str_from(finding->rule->code), out);
  if (finding->fix.safety == FIX_SAFE) {
    buf_add(out, STR(" ["));
    ink_add(style, INK_HELP, STR("*"), out);
    buf_add(out, STR("]"));
  }
  buf_add_byte(out, ' ');
  buf_add_escaped(out, finding->message);
  buf_add_byte(out, '\n');
}

void report_concise(const Report *report, const ReportStyle *style, Buf *out) {
  Desk desk;
  desk_open(&desk, report, COLUMN_POINTS);
  for (uint32_t f = 0; f < report->file_count; f++) {
    const ReportFile *file = &report->files[f];
    for (uint32_t i = 0; i < file->count; i++) {
      add_line(&desk, file, &file->findings[i], style, out);
    }
  }
  desk_close(&desk);
}
