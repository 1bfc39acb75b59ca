/* A report built by hand, for the tests of the output formats.
 *
 *     Kit *kit = kit_open();
 *     uint32_t file = kit_file(kit, "a.py", STR("rows = list(f)\n"));
 *     Finding *finding = kit_finding(kit, file, 0, "list(f)");
 *     CHECK_STR(kit_text(kit, report_concise), "a.py:1:8: PML101 [*] …\n");
 *     kit_close(kit);
 *
 * Places are named by the text that stands there.
 */
#ifndef TESTS_UNIT_REPORT_KIT_H
#define TESTS_UNIT_REPORT_KIT_H

#include "report/report.h"
#include "test.h"

enum { KIT_FILES = 8, KIT_FINDINGS = 16 };

typedef struct Kit {
  Arena arena;
  Settings settings;
  Report report;
  ReportStyle style;  // plain, with fixes
  ReportFile files[KIT_FILES];
  Finding findings[KIT_FILES][KIT_FINDINGS];
} Kit;

enum {
  KIT_LINES,
  KIT_CACHE,
  KIT_UNREADABLE,
  KIT_RULES
};  // the rules of the kit's table

Kit *kit_open(void);
void kit_close(Kit *self);
uint32_t kit_file(Kit *self, const char *path, Str bytes);
uint32_t kit_file_unreadable(Kit *self, const char *path);
Span kit_span(const Kit *self, uint32_t file, const char *text);
Finding *kit_finding(Kit *self, uint32_t file, uint32_t rule, const char *at);
void kit_label(Kit *self, Finding *finding, uint32_t file, const char *at,
               const char *text);
// Replaces what stands at `at`.
void kit_edit(Kit *self, Finding *finding, uint32_t file, const char *at,
              const char *text);
Str kit_text(Kit *self, ReportFn *write);  // lives until kit_close
Str kit_coloured(Kit *self, ReportFn *write);

#endif
