/* Report: what the outputs see. Findings and sources, never nodes.
 *
 * One format, one file, one function:
 *
 *     Buf out = buf_in(arena);
 *     report_sarif(&report, &style, &out);
 *
 * Files come sorted by path, findings by place; suppressed and yielded findings and those
 * below the level have been taken out. The text is the same for any number of workers
 * and from any folder, timings aside.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "lint/finding.h"
#include "lint/rule_table.h"
#include "syntax/source.h"

// Fixes come with their imports turned into edits (fix_resolve): one that still has
// import intents is named, but neither previewed nor written, since half of it would
// break code.
typedef struct ReportFile {
  Str path;              // to show
  Str relative;          // to the project's root, "/" separated, not escaped
  uint32_t project;      // labels point into files of the same one
  const Source *source;  // NULL when the file could not be read (002 only)
  const Finding *findings;
  uint32_t count;
} ReportFile;

typedef struct RunTimings {
  uint64_t discover_ns, lint_ns, project_ns, settle_ns;
  uint64_t read_ns, parse_ns,
      other_ns;  // summed over workers; other = all after parsing
  uint64_t bytes, lines;
  uint64_t facts_bytes;  // what all files tell the project
  uint64_t peak_bytes;   // resident memory of the process at its highest
  uint32_t files, workers;
} RunTimings;

typedef struct Report {
  const RuleTable *rules;
  const Settings *settings;  // for the list of enabled rules
  const ReportFile *files;   // with findings; others (`count` 0) lend their text to
                             // labels that point into them
  uint32_t file_count;
  uint32_t checked;                  // files linted and reported on
  uint32_t warnings, errors, notes;  // shown
  uint32_t hidden_notes;             // below the level
  uint32_t suppressed;
  uint32_t fixable, fixable_unsafe;  // of the shown
  uint32_t fixed;                    // applied by --fix
  uint32_t refused;                  // fixes dropped, the file would not have parsed
  const Str *faults;                 // internal errors, one line each
  uint32_t fault_count;
  RunTimings timings;
} Report;

typedef struct ReportStyle {
  bool colour;
  bool unicode;     // box and ellipsis characters; else ASCII
  uint32_t width;   // of the terminal; 0 = unknown, lines are cut at 160 columns
  bool show_fixes;  // inline fix diffs in `full`
} ReportStyle;

typedef void ReportFn(const Report *report, const ReportStyle *style, Buf *out);

ReportFn report_full, report_concise, report_json, report_json_lines, report_sarif;

typedef struct ReportFormat {
  const char *name;
  ReportFn *write;
  bool is_text;  // for people: colour, and the summary on the same stream
} ReportFormat;
extern const ReportFormat report_formats[];  // ends with a NULL name
const ReportFormat *report_format_find(Str name);

// The closing lines of text formats: "Found 3 warnings (2 notes hidden: --level note)
// …".
void report_summary(const Report *report, const ReportStyle *style, Buf *out);
void report_timings(const RunTimings *timings, Buf *out);
// Findings per rule, most first (--statistics).
void report_statistics(const Report *report, Buf *out);

#endif
