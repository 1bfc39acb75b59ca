#include <stdlib.h>

#include "report/report_internal.h"

static const char *plural(uint64_t count) { return count == 1 ? "" : "s"; }

// --- the closing lines ---------------------------------------------------------------

static uint32_t files_with_findings(const Report *report) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < report->file_count; i++)
    count += report->files[i].count != 0;
  return count;
}

// "2 errors, 3 warnings and 1 note"
static void add_counts(const Report *report, Buf *out) {
  const struct {
    uint32_t count;
    const char *word;
  } parts[] = {{report->errors, "error"},
               {report->warnings, "warning"},
               {report->notes, "note"}};
  uint32_t left = 0;
  for (uint32_t i = 0; i < 3; i++) left += parts[i].count != 0;
  for (uint32_t i = 0; i < 3; i++) {
    if (parts[i].count == 0) continue;
    buf_printf(out, "%u %s%s", parts[i].count, parts[i].word, plural(parts[i].count));
    left -= 1;
    buf_add_text(out, left > 1 ? ", " : left == 1 ? " and " : "");
  }
}

// What was found and is not shown, in parentheses; nothing when all is shown.
static void add_unshown(const Report *report, Buf *out) {
  if (report->hidden_notes == 0 && report->suppressed == 0) return;
  buf_add(out, STR(" ("));
  if (report->hidden_notes != 0) {
    buf_printf(out, "%u note%s hidden: `--level note`", report->hidden_notes,
               plural(report->hidden_notes));
  }
  if (report->suppressed != 0) {
    buf_printf(out, "%s%u suppressed", report->hidden_notes != 0 ? "; " : "",
               report->suppressed);
  }
  buf_add_byte(out, ')');
}

static void add_fixables(const Report *report, const ReportStyle *style, Buf *out) {
  uint32_t safe = report->fixable, unsafe = report->fixable_unsafe;
  if (safe != 0) {
    buf_add_byte(out, '[');
    ink_add(style, INK_HELP, STR("*"), out);
    buf_printf(out, "] %u fixable with `--fix`", safe);
    if (unsafe != 0) {
      buf_printf(out, " (%u hidden fix%s can be enabled with `--unsafe-fixes`)", unsafe,
                 unsafe == 1 ? "" : "es");
    }
    buf_add(out, STR(".\n"));
  } else if (unsafe != 0) {
    buf_printf(out,
               "No fixes available (%u hidden fix%s can be enabled with "
               "`--unsafe-fixes`).\n",
               unsafe, unsafe == 1 ? "" : "es");
  }
}

void report_summary(const Report *report, const ReportStyle *style, Buf *out) {
  uint32_t shown = report->errors + report->warnings + report->notes;
  if (report->fixed != 0) {
    buf_printf(out, "Fixed %u finding%s.\n", report->fixed, plural(report->fixed));
  }
  if (report->refused != 0) {
    buf_printf(out, "Dropped %u fix%s: the file would no longer have parsed.\n",
               report->refused, report->refused == 1 ? "" : "es");
  }
  if (shown != 0) {
    buf_add(out, STR("Found "));
    add_counts(report, out);
    buf_printf(out, " in %u of %u file%s", files_with_findings(report), report->checked,
               plural(report->checked));
  } else if (report->fault_count != 0) {
    buf_printf(out, "Found nothing in %u file%s", report->checked,
               plural(report->checked));
  } else if (report->checked == 0) {
    buf_add(out, STR("No Python files found"));
  } else {
    buf_add(out, STR("All checks passed!"));
    buf_printf(out, " %u file%s", report->checked, plural(report->checked));
  }
  add_unshown(report, out);
  buf_add(out, STR(".\n"));
  add_fixables(report, style, out);
  if (report->fault_count != 0) {
    buf_printf(out, "%u internal error%s: the report is incomplete.\n",
               report->fault_count, plural(report->fault_count));
  }
}

// --- timings -------------------------------------------------------------------------

static double ms(uint64_t ns) { return (double)ns / 1e6; }

static void add_phase(const char *name, uint64_t ns, const char *what, Buf *out) {
  buf_printf(out, "  %-10s%11.1f ms  %s\n", name, ms(ns), what);
}

void report_timings(const RunTimings *timings, Buf *out) {
  uint64_t wall = timings->discover_ns + timings->lint_ns + timings->project_ns +
                  timings->settle_ns;
  double megabytes = (double)timings->bytes / 1e6;
  buf_printf(out, "%u file%s, %llu line%s, %.1f MB, %u worker%s\n", timings->files,
             plural(timings->files), (unsigned long long)timings->lines,
             plural(timings->lines), megabytes, timings->workers,
             plural(timings->workers));
  add_phase("discover", timings->discover_ns, "finding the files", out);
  add_phase("lint", timings->lint_ns, "the per-file half", out);
  add_phase("project", timings->project_ns, "merging facts, project rules", out);
  add_phase("settle", timings->settle_ns, "levels, suppressions, fixes", out);
  add_phase("total", wall, "from start to end", out);
  buf_add(out, STR("summed over workers:\n"));
  add_phase("read", timings->read_ns, "reading and decoding", out);
  add_phase("parse", timings->parse_ns, "tree-sitter's own parse", out);
  // Settling is timed on the clock: at most so much work was done in it.
  uint64_t settle = timings->settle_ns * (timings->workers != 0 ? timings->workers : 1);
  uint64_t after = timings->other_ns + timings->project_ns + settle;
  add_phase("after", after, "everything after the parse", out);
  if (timings->parse_ns != 0) {
    buf_printf(out, "  after / parse %7.1f %%\n",
               100.0 * (double)after / (double)timings->parse_ns);
  }
  if (wall != 0) {
    double seconds = (double)wall / 1e9;
    buf_printf(out, "  speed     %11.1f MB/s, %.0f lines/s\n", megabytes / seconds,
               (double)timings->lines / seconds);
  }
  if (timings->bytes != 0) {
    buf_printf(out, "  facts     %11.1f kB, %.1f %% of the source\n",
               (double)timings->facts_bytes / 1e3,
               100.0 * (double)timings->facts_bytes / (double)timings->bytes);
  }
  buf_printf(out, "  memory    %11.1f MB at its peak\n",
             (double)timings->peak_bytes / 1e6);
}

// --- statistics ----------------------------------------------------------------------

typedef struct Tally {
  const Rule *rule;
  uint32_t count, safe;
} Tally;

static int compare_tallies(const void *a, const void *b) {
  const Tally *x = a, *y = b;
  if (x->count != y->count) return x->count > y->count ? -1 : 1;
  return strcmp(x->rule->code, y->rule->code);
}

void report_statistics(const Report *report, Buf *out) {
  Tally *tallies = arena_array(out->arena, Tally, report->rules->count);
  for (uint32_t f = 0; f < report->file_count; f++) {
    for (uint32_t i = 0; i < report->files[f].count; i++) {
      const Finding *finding = &report->files[f].findings[i];
      Tally *tally = &tallies[finding->rule_index];
      tally->rule = finding->rule;
      tally->count += 1;
      tally->safe += finding->fix.safety == FIX_SAFE;
    }
  }
  uint32_t used = 0;
  for (uint32_t i = 0; i < report->rules->count; i++) {
    if (tallies[i].count != 0) tallies[used++] = tallies[i];
  }
  if (used == 0) return;
  qsort(tallies, used, sizeof *tallies, compare_tallies);
  uint32_t width = digits_of(tallies[0].count);
  for (uint32_t i = 0; i < used; i++) {
    // [*] where each one has a safe fix, [-] where some have.
    const char *fix = tallies[i].safe == 0                  ? "[ ]"
                      : tallies[i].safe == tallies[i].count ? "[*]"
                                                            : "[-]";
    buf_printf(out, "%*u  %s  %s  %s\n", (int)width, tallies[i].count,
               tallies[i].rule->code, fix, tallies[i].rule->name);
  }
}
