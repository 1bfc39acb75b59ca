#include "base/utf8.h"
#include "report/report_internal.h"

/* `full`: a header, a code frame with the labels that lie near, snippets of those that
 * lie elsewhere, and the fix as a diff. */

enum { FAR = 12 };  // lines: labels further away get a snippet of their own

typedef struct Snippet {
  Str path;
  Str text;
  LinePos at;
  Frame *frame;  // NULL: the text of the place is not at hand
} Snippet;

typedef struct Story {
  Frame *frame;  // NULL when the file could not be read
  LinePos at;
  Snippet elsewhere[MAX_LABELS];
  uint32_t elsewhere_count;
  Preview *preview;
  uint32_t gutter;
} Story;

static bool is_far(const LineIndex *lines, Span a, Span b) {
  uint32_t a_first = lines_line_of(lines, a.start), a_last = span_last_line(lines, a);
  uint32_t b_first = lines_line_of(lines, b.start), b_last = span_last_line(lines, b);
  return a_first > b_last + FAR || b_first > a_last + FAR;
}

static void story_widen(Story *self, uint32_t line) {
  if (digits_of(line) > self->gutter) self->gutter = digits_of(line);
}

static Snippet snippet_of(Desk *desk, Arena *arena, const ReportFile *file,
                          const Label *label) {
  Snippet self = {.path = label->path, .text = label->text};
  if (file == NULL) return self;
  FrameMark mark = {.span = label->span, .text = label->text};
  self.path = file->path;
  self.at = desk_position(desk, file, label->span.start);
  self.frame = frame_in(arena, file->source, &mark, 1, 0);
  return self;
}

static Story story_of(Desk *desk, Arena *arena, const ReportFile *file,
                      const Finding *finding, bool show_fixes) {
  Story self = {.gutter = 1, .at = desk_position(desk, file, finding->span.start)};
  FrameMark marks[FRAME_MARKS] = {{.span = finding->span, .is_primary = true}};
  uint32_t count = 1;
  for (uint32_t i = 0; i < finding->label_count; i++) {
    const Label *label = &finding->labels[i];
    const ReportFile *where = desk_label_file(desk, file, label);
    if (where == file && !is_far(&file->source->lines, finding->span, label->span)) {
      marks[count++] = (FrameMark){.span = label->span, .text = label->text};
      continue;
    }
    Snippet snippet = snippet_of(desk, arena, where, label);
    if (snippet.path.n == 0) snippet.path = file->path;
    if (snippet.frame != NULL) story_widen(&self, frame_last_line(snippet.frame));
    self.elsewhere[self.elsewhere_count++] = snippet;
  }
  if (file->source == NULL) return self;
  self.frame = frame_in(arena, file->source, marks, count, FRAME_CONTEXT);
  story_widen(&self, frame_last_line(self.frame));
  if (show_fixes && fix_is_whole(&finding->fix)) {
    self.preview = preview_in(arena, file->source, &finding->fix);
  }
  if (self.preview != NULL) story_widen(&self, preview_last_line(self.preview));
  return self;
}

static void add_header(const Finding *finding, const ReportStyle *style, Buf *out) {
  Ink ink = level_ink(finding->level);
  ink_add(style, ink, str_from(finding->rule->code), out);
  if (finding->fix.safety == FIX_SAFE) {
    buf_add(out, STR(" ["));
    ink_add(style, INK_HELP, STR("*"), out);
    buf_add(out, STR("]"));
  }
  buf_add_byte(out, ' ');
  // Warnings are what the reader expects; the other levels say so, in colour or not.
  if (finding->level != LEVEL_WARNING) {
    ink_add(style, ink, str_from(level_word(finding->level)), out);
    buf_add(out, STR(": "));
  }
  ink_begin(style, INK_BOLD, out);
  buf_add_escaped(out, finding->message);
  ink_end(style, INK_BOLD, out);
  buf_add_byte(out, '\n');
}

static void add_place(const ReportStyle *style, uint32_t gutter, const char *arrow,
                      Str path, const LinePos *at, Buf *out) {
  buf_fill(out, ' ', gutter);
  ink_add(style, INK_GUTTER, str_from(arrow), out);
  buf_add_byte(out, ' ');
  buf_add_escaped(out, path);
  if (at != NULL) buf_printf(out, ":%u:%u", at->line + 1, at->column + 1);
}

static void add_elsewhere(const Snippet *snippet, const ReportStyle *style, Level level,
                          uint32_t gutter, Buf *out) {
  add_place(style, gutter, ":::", snippet->path, snippet->frame ? &snippet->at : NULL,
            out);
  if (snippet->frame == NULL) {
    buf_add(out, STR(": "));
    ink_begin(style, INK_LABEL, out);
    buf_add_escaped(out, snippet->text);
    ink_end(style, INK_LABEL, out);
  }
  buf_add_byte(out, '\n');
  if (snippet->frame != NULL) frame_print(snippet->frame, style, level, gutter, out);
}

static void add_remark(const ReportStyle *style, Ink ink, const char *word, Str text,
                       Buf *out) {
  ink_add(style, ink, str_from(word), out);
  ink_begin(style, INK_BOLD, out);
  buf_add(out, STR(": "));
  buf_add_escaped(out, text);
  ink_end(style, INK_BOLD, out);
  buf_add_byte(out, '\n');
}

static void add_fix(const Story *story, const Fix *fix, const ReportStyle *style,
                    Arena *arena, Buf *out) {
  if (fix->safety == FIX_NONE) return;
  add_remark(style, INK_HELP, "help", fix->title, out);
  if (story->preview != NULL) preview_print(story->preview, style, story->gutter, out);
  if (fix->safety != FIX_UNSAFE) return;
  Str note = STR("this fix is unsafe");
  if (fix->caveat.n != 0) {
    note = str_printf_in(arena, "this fix is unsafe: %.*s", STR_ARGS(fix->caveat));
  }
  add_remark(style, INK_WARNING, "note", note, out);
}

static void add_finding(Desk *desk, Arena *arena, const ReportFile *file,
                        const Finding *finding, const ReportStyle *style, Buf *out) {
  Story story = story_of(desk, arena, file, finding, style->show_fixes);
  add_header(finding, style, out);
  add_place(style, story.gutter, "-->", file->path, &story.at, out);
  buf_add_byte(out, '\n');
  if (story.frame != NULL) {
    frame_print(story.frame, style, finding->level, story.gutter, out);
  }
  for (uint32_t i = 0; i < story.elsewhere_count; i++) {
    add_elsewhere(&story.elsewhere[i], style, finding->level, story.gutter, out);
  }
  add_fix(&story, &finding->fix, style, arena, out);
  buf_add_byte(out, '\n');
}

void report_full(const Report *report, const ReportStyle *style, Buf *out) {
  Desk desk;
  desk_open(&desk, report, COLUMN_POINTS);
  Arena scratch;
  arena_init(&scratch);
  for (uint32_t f = 0; f < report->file_count; f++) {
    const ReportFile *file = &report->files[f];
    for (uint32_t i = 0; i < file->count; i++) {
      add_finding(&desk, &scratch, file, &file->findings[i], style, out);
      arena_reset(&scratch);
    }
  }
  arena_release(&scratch);
  desk_close(&desk);
}
