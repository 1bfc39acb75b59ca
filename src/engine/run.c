#include "engine/run.h"

#include "base/file.h"
#include "engine/run_internal.h"
#include "syntax/toml.h"

// --- targets -------------------------------------------------------------------------

enum { OLDEST_MINOR = 9, NEWEST_MINOR = 14 };

static bool read_number(Str text, uint32_t *at, uint32_t *number) {
  uint32_t from = *at;
  *number = 0;
  while (*at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9' && *number < 1000) {
    *number = *number * 10 + (uint32_t)(text.p[*at] - '0');
    *at += 1;
  }
  return *at > from;
}

bool target_parse(Str text, Target *target) {
  uint32_t at = str_starts(text, STR("py")) ? 2 : 0;
  uint32_t major = 0, minor = 0;
  if (at >= text.n || text.p[at] != '3') return false;
  at += 1;
  bool dotted = at < text.n && text.p[at] == '.';
  if (dotted) at += 1;
  if (!read_number(text, &at, &minor) || at != text.n) return false;
  (void)major;
  if (minor < OLDEST_MINOR || minor > 30) return false;
  *target = (Target){(uint8_t)minor, (uint8_t)minor};
  return true;
}

// One clause of PEP 440, `>=3.10`: narrows the range.
static void target_apply(Str clause, Target *target) {
  uint32_t at = 0, major = 0, minor = 0, patch = 0;
  while (at < clause.n && strchr("<>=!~^ ", clause.p[at]) != NULL) at += 1;
  Str op = str_trim(str_slice(clause, 0, at));
  if (!read_number(clause, &at, &major) || major < 3) return;
  if (at < clause.n && clause.p[at] == '.') at += 1;
  bool has_minor = read_number(clause, &at, &minor);
  if (at < clause.n && clause.p[at] == '.') at += 1;
  read_number(clause, &at, &patch);
  uint8_t m = (uint8_t)(minor < 250 ? minor : 250);
  if (major > 3 || !has_minor) return;  // `<4`, `>=3`: no narrower than what we know
  bool lower =
      str_is(op, ">=") || str_is(op, "~=") || str_is(op, "^") || str_is(op, ">");
  if (lower || str_is(op, "==")) {
    if (m > target->floor) target->floor = m;
  }
  if (str_is(op, "<") && patch == 0 && m > 0 && m - 1 < target->newest) {
    target->newest = (uint8_t)(m - 1);
  }
  if ((str_is(op, "<=") || str_is(op, "==")) && m < target->newest) target->newest = m;
}

bool target_from_requires(Str specifier, Target *target) {
  Target range = {OLDEST_MINOR, NEWEST_MINOR};
  for (uint32_t start = 0; start < specifier.n;) {
    uint32_t stop = str_find_byte(specifier, ',', start);
    target_apply(str_trim(str_slice(specifier, start, stop)), &range);
    start = stop + 1;
  }
  if (range.newest < range.floor) range.newest = range.floor;
  *target = range;
  return true;
}

// The nearest pyproject.toml is a settings file: one that cannot be read is an error,
// as for the tools beside us, and not a reason to advise for another Python in silence.
static bool target_read(Run *self, Str path, Target *target, Error *err) {
  Error reason = error_in(&self->arena);
  Str bytes;
  TomlDoc doc;
  if (!file_read(&self->arena, str_cstr_in(&self->arena, path), &bytes, &reason) ||
      !toml_parse(&doc, &self->arena, bytes, &reason)) {
    return error_set(err, "%.*s: %.*s", STR_ARGS(path), STR_ARGS(reason.text));
  }
  const TomlValue *value = toml_get(&doc, "project.requires-python");
  if (value != NULL && value->type != TOML_STRING) {
    LinePos at = lines_position(&doc.lines, value->start, COLUMN_POINTS);
    return error_set(err, "%.*s: line %u, column %u: `requires-python` is a string",
                     STR_ARGS(path), at.line + 1, at.column + 1);
  }
  if (value == NULL) value = toml_get(&doc, "tool.poetry.dependencies.python");
  if (value != NULL && value->type == TOML_STRING) {
    target_from_requires(value->string, target);
  }
  return true;
}

static bool settings_for_project(Run *self, const Project *project, Settings *settings,
                                 Error *err) {
  const RunOptions *options = self->options;
  Target target = {OLDEST_MINOR, NEWEST_MINOR};
  *settings = options->base;
  if (project->pyproject.n != 0 && !options->isolated &&
      !target_read(self, project->pyproject, &target, err)) {
    return false;
  }
  if (!options->target_given) settings->target = target;
  return true;
}

// --- the run -------------------------------------------------------------------------

bool run_init(Run *self, const RunOptions *options, const Discovery *discovery,
              Error *err) {
  *self = (Run){.options = options, .discovery = discovery};
  arena_init(&self->arena);
  uint32_t projects = discovery->projects.count;
  self->project_settings = arena_array(&self->arena, Settings, projects);
  self->complete = arena_array(&self->arena, bool, projects);
  for (uint32_t i = 0; i < projects; i++) {
    if (!settings_for_project(self, &discovery->projects.items[i],
                              &self->project_settings[i], err)) {
      arena_release(&self->arena);
      return false;
    }
  }
  self->file_count = discovery->files.count;
  self->files = arena_array(&self->arena, RunFile, self->file_count);
  for (uint32_t i = 0; i < self->file_count; i++) {
    const InputFile *input = &discovery->files.items[i];
    self->files[i] = (RunFile){
        .input = input,
        .settings = &self->project_settings[input->project],
        .stale = true,
    };
  }
  workers_open(self);
  return true;
}

void run_release(Run *self) {
  workers_close(self);
  arena_release(&self->arena);
}

static void add_timings(Run *self) {
  RunTimings *sum = &self->timings;
  for (uint32_t i = 0; i < self->worker_count; i++) {
    const RunTimings *one = &self->workers[i].timings;
    sum->read_ns += one->read_ns;
    sum->parse_ns += one->parse_ns;
    sum->other_ns += one->other_ns;
    sum->bytes += one->bytes;
    sum->facts_bytes += one->facts_bytes;
    sum->lines += one->lines;
    sum->files += one->files;
    self->workers[i].timings = (RunTimings){0};
    for (uint32_t r = 0; r < MAX_RULES; r++) {
      self->stats.calls[r] += self->workers[i].stats.calls[r];
      self->stats.findings[r] += self->workers[i].stats.findings[r];
    }
    self->workers[i].stats = (LintStats){0};
  }
  sum->workers = self->worker_count;
}

void run_lint(Run *self) {
  uint64_t began = clock_ns();
  workers_do(self, run_lint_file);
  uint64_t linted = clock_ns();
  run_project_half(self);
  uint64_t resolved = clock_ns();
  workers_do(self, run_settle_file);
  self->timings.lint_ns += linted - began;
  self->timings.project_ns += resolved - linted;
  self->timings.settle_ns += clock_ns() - resolved;
  add_timings(self);
}
