#include "report/report_internal.h"

const ReportFormat report_formats[] = {
    {"full", report_full, true},    {"concise", report_concise, true},
    {"json", report_json, false},   {"json-lines", report_json_lines, false},
    {"sarif", report_sarif, false}, {NULL, NULL, false},
};

const ReportFormat *report_format_find(Str name) {
  for (const ReportFormat *format = report_formats; format->name != NULL; format++) {
    if (str_is(name, format->name)) return format;
  }
  return NULL;
}

const char *level_word(Level level) {
  switch (level) {
    case LEVEL_ERROR: return "error";
    case LEVEL_WARNING: return "warning";
    case LEVEL_NOTE: break;
  }
  return "note";
}

const char *fix_safety_word(FixSafety safety) {
  switch (safety) {
    case FIX_SAFE: return "safe";
    case FIX_UNSAFE: return "unsafe";
    case FIX_NONE: break;
  }
  return "none";
}

bool fix_is_whole(const Fix *fix) {
  return fix->safety != FIX_NONE && fix->edit_count != 0 && fix->import_count == 0;
}

bool edit_is_empty(const Edit *edit) {
  return edit->start == edit->stop && edit->text.n == 0;
}

Str rule_uri_in(Arena *arena, const Rule *rule) {
  if (strncmp(PYMEMLINT_HOMEPAGE, "http", 4) != 0) return STR_NONE;
  return str_printf_in(arena, "%s#%s", PYMEMLINT_HOMEPAGE, rule->name);
}

Str edit_text_in(Arena *arena, const Source *source, const Edit *edit, bool on_disk) {
  const char *newline = source->newline;
  // In the text a lone CR has become "\n" already.
  if (strcmp(newline, "\n") == 0 || (!on_disk && newline[1] == '\0')) return edit->text;
  Buf out = buf_in(arena);
  for (uint32_t at = 0; at < edit->text.n;) {
    uint32_t stop = str_find_byte(edit->text, '\n', at);
    uint32_t end = stop > at && stop < edit->text.n && edit->text.p[stop - 1] == '\r'
                       ? stop - 1
                       : stop;
    buf_add(&out, str_slice(edit->text, at, end));
    if (stop < edit->text.n) buf_add_text(&out, newline);
    at = stop + 1;
  }
  return buf_str(&out);
}

// --- colours -------------------------------------------------------------------------

Ink level_ink(Level level) {
  switch (level) {
    case LEVEL_ERROR: return INK_ERROR;
    case LEVEL_WARNING: return INK_WARNING;
    case LEVEL_NOTE: break;
  }
  return INK_NOTE;
}

static const char *const ink_codes[] = {
    [INK_NONE] = "",
    [INK_BOLD] = "\x1b[1m",
    [INK_ERROR] = "\x1b[1;91m",
    [INK_WARNING] = "\x1b[1;93m",
    [INK_NOTE] = "\x1b[1;96m",
    [INK_GUTTER] = "\x1b[1;94m",
    [INK_LABEL] = "\x1b[1;94m",
    [INK_HELP] = "\x1b[1;96m",
    [INK_ADDED] = "\x1b[32m",
    [INK_REMOVED] = "\x1b[31m",
};

void ink_begin(const ReportStyle *style, Ink ink, Buf *out) {
  if (style->colour) buf_add_text(out, ink_codes[ink]);
}

void ink_end(const ReportStyle *style, Ink ink, Buf *out) {
  if (style->colour && ink != INK_NONE) buf_add_text(out, "\x1b[0m");
}

void ink_add(const ReportStyle *style, Ink ink, Str text, Buf *out) {
  ink_begin(style, ink, out);
  buf_add(out, text);
  ink_end(style, ink, out);
}
