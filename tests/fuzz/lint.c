// Any bytes: lint, fix with all fixes, lint what came out, and write every report.
//
// Under the preset `fuzz` this is a libFuzzer target (`fuzz-lint CORPUS`).  Elsewhere it
// is a program that does the same with the files it is given (`fuzz-lint FILE...`), so
// that a crash can be looked at with any compiler, and so that this file always compiles.
// What must hold: no fault of ours, fixed code parses where the given code did, and fixing
// the fixed text changes nothing.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Outcome {
  Str text;  // after the fixes; in the arena given
  bool parses;
  uint32_t fixed, refused;
} Outcome;

static void fail(const char *what, Str detail) {
  fprintf(stderr, "fuzz-lint: %s %.*s\n", what, STR_ARGS(detail));
  abort();
}

static void reports_write(const Report *report, Arena *arena) {
  ReportStyle style = {
      .colour = true, .unicode = true, .width = 79, .show_fixes = true};
  for (const ReportFormat *format = report_formats; format->name != NULL; format++) {
    Buf out = buf_in(arena);
    format->write(report, &style, &out);
  }
}

static bool has_syntax_error(const Report *report) {
  for (uint32_t f = 0; f < report->file_count; f++) {
    const ReportFile *file = &report->files[f];
    for (uint32_t i = 0; i < file->count; i++) {
      if (strcmp(file->findings[i].rule->code, "PML001") == 0 || file->source == NULL) {
        return true;
      }
    }
  }
  return false;
}

// One run of the whole pipeline; a fault of ours ends the process.
static Outcome pass(Arena *arena, Str bytes, bool fix) {
  RunOptions options = {.rules = &rule_table,
                        .target_given = true,
                        .level = LEVEL_NOTE,
                        .fail_on = LEVEL_WARNING,
                        .jobs = 1,
                        .fix_safety = fix ? FIX_UNSAFE : FIX_NONE,
                        .stdin_bytes = bytes};
  options.base.target = (Target){9, 14};
  options.base.knowledge = knowledge_builtin();
  for (uint32_t i = 0; i < rule_table.count; i++)
    settings_enable(&options.base, i, true);
  Discovery discovery = {0};
  vec_push(arena, &discovery.projects, (Project){0});
  InputFile input = {.path = STR("fuzz.py"),
                     .relative = STR("fuzz.py"),
                     .module = STR("fuzz"),
                     .named = true,
                     .is_stdin = true};
  vec_push(arena, &discovery.files, input);
  Run run;
  Error err = error_in(arena);
  if (!run_init(&run, &options, &discovery, &err)) fail("no run:", err.text);
  run_lint(&run);
  if (fix) run_fix(&run);
  Report report = run_report(&run);
  if (report.fault_count != 0) fail("internal error:", report.faults[0]);
  reports_write(&report, arena);
  bool changed = run.files[0].overlay.p != NULL;
  Outcome outcome = {.text = changed ? str_copy_in(arena, run.files[0].overlay) : bytes,
                     .parses = !has_syntax_error(&report),
                     .fixed = run.fixed_count,
                     .refused = run.refused_count};
  run_release(&run);
  return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 1 << 20) return 0;
  Arena arena;
  arena_init(&arena);
  Str bytes = str_copy_in(&arena, (Str){(const char *)data, (uint32_t)size});
  Outcome before = pass(&arena, bytes, false);
  Outcome fixed = pass(&arena, bytes, true);
  if (before.parses && !fixed.parses) fail("a fix broke the code:", fixed.text);
  if (fixed.fixed == 0 && !str_eq(fixed.text, bytes)) fail("changed by no fix:", bytes);
  // What was refused, or left over after the last round, may well be tried again.
  Outcome again = pass(&arena, fixed.text, true);
  if (fixed.refused == 0 && fixed.fixed < FIX_ROUNDS &&
      !str_eq(again.text, fixed.text)) {
    fail("fixing the fixed text changes it:", fixed.text);
  }
  arena_release(&arena);
  return 0;
}

#ifndef PYMEMLINT_LIBFUZZER
int main(int argc, char **argv) {
  Arena arena;
  arena_init(&arena);
  for (int i = 1; i < argc; i++) {
    Error err = error_in(&arena);
    Str bytes;
    if (!file_read(&arena, argv[i], &bytes, &err)) {
      fprintf(stderr, "fuzz-lint: %s: %.*s\n", argv[i], STR_ARGS(err.text));
      return 2;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
    arena_reset(&arena);
  }
  arena_release(&arena);
  return 0;
}
#endif
