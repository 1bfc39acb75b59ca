/* What the output formats share: positions, colours, escapes, JSON elements.
 *
 * Scratch memory is an arena of the format's own, reset after each finding, so that the
 * memory of a report is the size of its text.
 */
#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include <cjson/cJSON.h>

#include "base/map.h"
#include "report/report.h"

#ifndef PYMEMLINT_HOMEPAGE
#define PYMEMLINT_HOMEPAGE "urn:x-pymemlint"  // validators demand an absolute URI
#endif

// --- positions -----------------------------------------------------------------------

// Positions in one text, at a cost that does not grow with the length of a line: a
// minified file is one line, with thousands of findings on it.
typedef struct Columns {
  const LineIndex *lines;
  ColumnUnit unit;
  const uint32_t *before;  // units before each block; NULL when no line is long
} Columns;

Columns columns_in(Arena *arena, const LineIndex *lines, ColumnUnit unit);
LinePos columns_at(const Columns *self, uint32_t offset);

// The files of a report by index and by path, with their columns, built when asked for.
typedef struct Desk {
  const Report *report;
  Arena arena;
  ColumnUnit unit;
  Columns *columns;  // per file; `lines` is NULL until built
  Map by_path;       // hash of `relative` -> index + 1
} Desk;

void desk_open(Desk *self, const Report *report, ColumnUnit unit);
void desk_close(Desk *self);
// 0:0 for a file without text.
LinePos desk_position(Desk *self, const ReportFile *file, uint32_t offset);
// The file that a label points into; NULL when the report does not hold its text.
const ReportFile *desk_label_file(const Desk *self, const ReportFile *own,
                                  const Label *label);

// The part of a span on its first line, without the line end.
Span span_first_line(const LineIndex *lines, Span span);
// The last line that a span touches: one that ends behind a line end stays before it.
uint32_t span_last_line(const LineIndex *lines, Span span);

// --- words ---------------------------------------------------------------------------

const char *level_word(Level level);  // "warning"
const char *fix_safety_word(FixSafety safety);
// A fix that a reader of the report could apply: without imports that are still to be
// turned into edits, which half applied would break the program.
bool fix_is_whole(const Fix *fix);
// An edit that neither removes nor adds: rules may leave such, readers stumble over
// them.
bool edit_is_empty(const Edit *edit);
// The page of a rule, where the build was told the project's home; else empty.
Str rule_uri_in(Arena *arena, const Rule *rule);
// The text of an edit with the line ends of its file.
Str edit_text_in(Arena *arena, const Source *source, const Edit *edit, bool on_disk);

// --- colours -------------------------------------------------------------------------

typedef enum Ink {
  INK_NONE,
  INK_BOLD,
  INK_ERROR,
  INK_WARNING,
  INK_NOTE,
  INK_GUTTER,
  INK_LABEL,
  INK_HELP,
  INK_ADDED,
  INK_REMOVED,
} Ink;

Ink level_ink(Level level);
void ink_begin(const ReportStyle *style, Ink ink, Buf *out);
void ink_end(const ReportStyle *style, Ink ink, Buf *out);
void ink_add(const ReportStyle *style, Ink ink, Str text, Buf *out);

// --- code frames ---------------------------------------------------------------------

typedef struct FrameMark {
  Span span;
  Str text;
  bool is_primary;
} FrameMark;

enum { FRAME_MARKS = MAX_LABELS + 1, FRAME_CONTEXT = 2 };

typedef struct Frame Frame;  // a snippet of one file, planned but not yet printed
// The marks are copied; `context` is how many lines to show around the primary one.
Frame *frame_in(Arena *arena, const Source *source, const FrameMark *marks,
                uint32_t count, uint32_t context);
uint32_t frame_last_line(const Frame *self);  // counted from 1
void frame_print(const Frame *self, const ReportStyle *style, Level level,
                 uint32_t gutter, Buf *out);

// One line as it is shown: tabs expanded, controls escaped, cut to `room` columns
// around the byte `focus`.
typedef struct LineView {
  Str line;
  uint32_t from, to;  // the bytes shown
  uint32_t indent;    // columns of the mark of a cut on the left
  bool cut_right;
  bool unicode;
} LineView;

LineView line_view(Str line, uint32_t focus, uint32_t room, bool unicode);
uint32_t line_view_column(const LineView *self, uint32_t offset);
void line_view_print(const LineView *self, Buf *out);
// Columns for text behind a gutter that is so wide.
uint32_t line_room(const ReportStyle *style, uint32_t gutter);
uint32_t digits_of(uint32_t number);
void gutter_print(const ReportStyle *style, uint32_t gutter, uint32_t line, Buf *out);

// The fix as removed and added lines, planned and printed as frames are.
typedef struct Preview Preview;
// NULL when there is nothing to show, or too much.
Preview *preview_in(Arena *arena, const Source *source, const Fix *fix);
uint32_t preview_last_line(const Preview *self);  // counted from 1
void preview_print(const Preview *self, const ReportStyle *style, uint32_t gutter,
                   Buf *out);

// --- JSON ----------------------------------------------------------------------------

// cJSON elements whose strings are always valid UTF-8: malformed bytes are shown as
// \xNN, control and bidirectional characters are JSON escapes. A failed allocation is
// FAULT_MEMORY, so that nothing goes missing in silence.
cJSON *json_object(void);
cJSON *json_array(void);
void json_put(cJSON *object, const char *key, cJSON *value);
void json_put_str(cJSON *object, const char *key, Arena *scratch, Str text);
void json_put_text(cJSON *object, const char *key, const char *text);
void json_put_number(cJSON *object, const char *key, double number);
void json_put_null(cJSON *object, const char *key);
void json_push(cJSON *array, cJSON *value);
void json_push_str(cJSON *array, Arena *scratch, Str text);
cJSON *json_evidence(Evidence evidence);
// Prints on one line and deletes the element.
void json_print(cJSON *value, Buf *out);

// --- SARIF ---------------------------------------------------------------------------

// CodeQL's rolling hash of every line of a file, from its bytes as they lie on the
// disk.
typedef struct LineHash {
  uint64_t hash;
  uint32_t occurrence;  // from 1, among the equal hashes before it in the file
} LineHash;

typedef struct LineHashes {
  LineHash *items;  // by line, from 0
  uint32_t count;
} LineHashes;

LineHashes line_hashes_in(Arena *arena, Str bytes);

// Which rules the run lists, and where: enabled ones and those with findings.
typedef struct SarifRules {
  uint32_t position[MAX_RULES];  // + 1; 0 = not listed
  uint32_t count;
} SarifRules;

SarifRules sarif_rules_of(const Report *report);
void sarif_driver_print(const Report *report, const SarifRules *rules, Arena *scratch,
                        Buf *out);
// A sentence: first letter in upper case if it is a word's, a full stop at the end.
Str sentence_in(Arena *arena, Str text);

#endif
