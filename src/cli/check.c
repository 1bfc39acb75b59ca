// `pymemlint check`: discover, lint, fix, report.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/options.h"

// Flag, then FORCE_COLOR, NO_COLOR, CLICOLOR, then what stdout is.
static bool wants_colour(const Options *options) {
  if (options->colour != COLOUR_AUTO) return options->colour == COLOUR_ALWAYS;
  const char *force = getenv("FORCE_COLOR");
  const char *no = getenv("NO_COLOR");
  const char *clicolor = getenv("CLICOLOR");
  const char *term = getenv("TERM");
  if (force != NULL && force[0] != '\0') return strcmp(force, "0") != 0;
  if (no != NULL && no[0] != '\0') return false;
  if (clicolor != NULL && strcmp(clicolor, "0") == 0) return false;
  return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static uint32_t terminal_width(void) {
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

static bool put_text(FILE *stream, const Buf *text) {
  return text->n == 0 || fwrite(text->p, 1, text->n, stream) == text->n;
}

static bool write_output(const Options *options, const Report *report,
                         const Output *output, bool to_stderr, Error *err) {
  bool to_stdout = output->path.n == 0;
  ReportStyle style = {
      .colour = to_stdout && wants_colour(options),
      .unicode = true,
      .width = to_stdout ? terminal_width() : 0,
      .show_fixes = true,
  };
  Buf text = buf_in(options->arena);
  output->format->write(report, &style, &text);
  if (output->format->is_text && options->statistics) report_statistics(report, &text);
  if (output->format->is_text && !options->quiet) report_summary(report, &style, &text);
  if (to_stdout) return put_text(to_stderr ? stderr : stdout, &text);
  const char *path = str_cstr_in(options->arena, output->path);
  Error reason = error_in(options->arena);
  if (file_write(options->arena, path, buf_str(&text), &reason)) return true;
  return error_set(err, "%s cannot be written: %.*s", path, STR_ARGS(reason.text));
}

static bool write_outputs(const Options *options, const Report *report, bool to_stderr,
                          Error *err) {
  Output standard = {report_format_find(STR("full")), STR_NONE};
  if (options->outputs.count == 0) {
    return write_output(options, report, &standard, to_stderr, err);
  }
  bool ok = true;
  for (uint32_t i = 0; i < options->outputs.count; i++) {
    ok =
        write_output(options, report, &options->outputs.items[i], to_stderr, err) && ok;
  }
  return ok;
}

static bool reads_stdin(const Options *options) {
  return options->operands.count == 1 && str_is(options->operands.items[0], "-");
}

#ifdef PYMEMLINT_DEBUG
// How often each rule was asked: the cost of a rule without a clock.
static void print_calls(const Run *run) {
  for (uint32_t i = 0; i < rule_table.count; i++) {
    fprintf(stderr, "calls\t%s\t%llu\t%llu\n", rule_table.entries[i].rule->code,
            (unsigned long long)run->stats.calls[i],
            (unsigned long long)run->stats.findings[i]);
  }
}
#endif

static void print_extras(const Run *run, const Options *options, const Report *report) {
  for (uint32_t i = 0; i < report->fault_count; i++) {
    Buf line = buf_in(options->arena);
    buf_add_escaped(&line, report->faults[i]);
    fprintf(stderr, "pymemlint: internal error: %.*s\n", STR_ARGS(buf_str(&line)));
  }
  if (!options->timings) return;
  Buf text = buf_in(options->arena);
  report_timings(&report->timings, &text);
  put_text(stderr, &text);
#ifdef PYMEMLINT_DEBUG
  print_calls(run);
#else
  (void)run;
#endif
}

// A report must not take the place of what it is about.
static bool output_is_apart(const Output *output, const Discovery *discovery,
                            Arena *arena, Error *err) {
  FileId report, file;
  if (output->path.n == 0 || !file_id(str_cstr_in(arena, output->path), &report)) {
    return true;
  }
  for (uint32_t i = 0; i < discovery->files.count; i++) {
    Str path = discovery->files.items[i].path;
    if (!file_id(str_cstr_in(arena, path), &file)) continue;
    if (file.device == report.device && file.number == report.number) {
      return error_set(err, "--output would overwrite %.*s, which is to be linted",
                       STR_ARGS(path));
    }
  }
  return true;
}

static bool outputs_are_apart(const Options *options, const Discovery *discovery,
                              Error *err) {
  for (uint32_t i = 0; i < options->outputs.count; i++) {
    if (!output_is_apart(&options->outputs.items[i], discovery, options->arena, err))
      return false;
  }
  return true;
}

static uint32_t count_failing(const RunOptions *run, const Report *report) {
  if (run->fail_on == 0) return 0;
  return report->errors + (run->fail_on <= LEVEL_WARNING ? report->warnings : 0) +
         (run->fail_on <= LEVEL_NOTE ? report->notes : 0);
}

// The text of a fixed standard input goes to stdout: editors read it back.
static void print_fixed_stdin(const Run *run, const RunOptions *options) {
  for (uint32_t i = 0; i < run->file_count; i++) {
    if (run->files[i].overlay.p == NULL) continue;
    fwrite(run->files[i].overlay.p, 1, run->files[i].overlay.n, stdout);
    return;
  }
  fwrite(options->stdin_bytes.p, 1, options->stdin_bytes.n, stdout);
}

static int print_unwritten(const Run *run, const Options *options) {
  int status = 0;
  for (uint32_t i = 0; i < run->file_count; i++) {
    const RunFile *file = &run->files[i];
    if (file->write_error.n == 0) continue;
    Error err = error_in(options->arena);
    error_set(&err, "%.*s cannot be written: %.*s", STR_ARGS(file->input->path),
              STR_ARGS(file->write_error));
    status = usage_error(err.text);
  }
  return status;
}

static int finish_diff(Run *run, const Options *options) {
  Buf diff = buf_in(options->arena);
  run_diff_fixed(run, &diff);
  put_text(stdout, &diff);
  return diff.n != 0;
}

static int finish(Run *run, const RunOptions *run_options, const Options *options) {
  Error err = error_in(options->arena);
  bool stdin_fixed = options->fix && reads_stdin(options) && !options->diff;
  bool written = true;
  int status = 0;
  if (options->diff) {
    status = finish_diff(run, options);
  } else if (options->fix) {
    if (stdin_fixed)
      print_fixed_stdin(run, run_options);
    else
      written = run_write_fixed(run);
  }
  Report report = run_report(run);
  if (!options->diff && !options->fix_only) {
    if (!write_outputs(options, &report, stdin_fixed, &err)) status = 2;
    if (status == 0 && count_failing(run_options, &report) > 0) status = 1;
  }
  if (options->exit_zero && status == 1) status = 0;
  print_extras(run, options, &report);
  if (!written) status = print_unwritten(run, options);
  if (err.text.n != 0) status = usage_error(err.text);
  return report.fault_count != 0 ? 3 : status;
}

int command_check(const Options *options) {
  Arena *arena = options->arena;
  Error err = error_in(arena);
  RunOptions run_options = {.rules = &rule_table};
  DiscoverOptions discover_options;
  Discovery discovery = {0};
  Str here = STR(".");
  rule_table_check(&rule_table);
  if (!options_run(options, arena, &run_options, &err)) return usage_error(err.text);
  if (options->stdin_name.n != 0 && !reads_stdin(options)) {
    return usage_error(
        STR("`--stdin-filename` is the name of what `-` reads: add `-`"));
  }
  options_discover(options, &discover_options);
  if (discover_options.path_count == 0) {
    discover_options.paths = &here;
    discover_options.path_count = 1;
  }
  if (reads_stdin(options) && !file_read_stdin(arena, &run_options.stdin_bytes, &err)) {
    return usage_error(err.text);
  }
  uint64_t began = clock_ns();
  if (!discover(&discovery, arena, &discover_options, &err) ||
      !outputs_are_apart(options, &discovery, &err)) {
    return usage_error(err.text);
  }
  uint64_t discovered = clock_ns();
  Run run;
  if (!run_init(&run, &run_options, &discovery, &err)) return usage_error(err.text);
  run.timings.discover_ns = discovered - began;
  run_lint(&run);
  if (run_options.fix_safety != FIX_NONE) run_fix(&run);
  int status = finish(&run, &run_options, options);
  run_release(&run);
  return status;
}
