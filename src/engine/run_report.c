// From the files of a run to what the reports see.

#include <stdlib.h>

#include "base/file.h"
#include "base/map.h"
#include "engine/run_internal.h"

static bool is_shown(const Run *self, const Finding *finding) {
  return !finding->yielded && !finding->suppressed &&
         finding->level >= self->options->level;
}

static void count_finding(const Run *self, const Finding *finding, Report *report) {
  if (finding->yielded) return;
  if (finding->suppressed) {
    report->suppressed += 1;
  } else if (!is_shown(self, finding)) {
    report->hidden_notes += 1;
  } else {
    report->notes += finding->level == LEVEL_NOTE;
    report->warnings += finding->level == LEVEL_WARNING;
    report->errors += finding->level == LEVEL_ERROR;
    report->fixable += finding->fix.safety == FIX_SAFE;
    report->fixable_unsafe += finding->fix.safety == FIX_UNSAFE;
  }
}

static ReportFile report_file(Run *self, const RunFile *file, Report *report) {
  Finding *shown = arena_array(&self->arena, Finding, file->finding_count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < file->finding_count; i++) {
    count_finding(self, &file->findings[i], report);
    if (!is_shown(self, &file->findings[i])) continue;
    shown[count] = file->findings[i];
    if (file->report_fixes != NULL) shown[count].fix = file->report_fixes[i];
    count += 1;
  }
  return (ReportFile){.path = file->input->path,
                      .relative = file->input->relative,
                      .project = file->input->project,
                      .source = file->source,
                      .findings = shown,
                      .count = count};
}

static int compare_report_files(const void *a, const void *b) {
  return str_cmp(((const ReportFile *)a)->path, ((const ReportFile *)b)->path);
}

// Files without a finding of their own that a label points into lend it their text.
typedef struct Lenders {
  Map by_path;   // hash of project and relative path -> number of the file + 1
  bool *listed;  // by number of the file
} Lenders;

static uint64_t lender_key(uint32_t project, Str relative) {
  return (hash_str(relative) ^ (uint64_t)project * UINT64_C(0x9E3779B97F4A7C15)) | 1;
}

static bool lend_source(Run *self, RunFile *file) {
  Worker *worker = &self->workers[0];
  Error err = error_in(&worker->results);
  Str bytes;
  arena_reset(&worker->file);
  worker->file.limit = 0;
  if (file->failure.n != 0 || file->fault.n != 0) return false;
  if (!run_file_read(worker, file, &worker->file, &bytes, &err)) return false;
  if (hash_str(bytes) != file->hash) return false;  // its positions are not those
  run_keep_source(worker, file, bytes);
  return file->source != NULL;
}

static void add_lender(Run *self, Lenders *lenders, uint32_t project, Str path,
                       ReportFile *files, uint32_t *count) {
  uint32_t number = map_get(&lenders->by_path, lender_key(project, path));
  if (number == 0 || lenders->listed[number - 1]) return;
  RunFile *file = &self->files[number - 1];
  lenders->listed[number - 1] = true;
  if (!lend_source(self, file)) return;
  files[(*count)++] = (ReportFile){.path = file->input->path,
                                   .relative = file->input->relative,
                                   .project = file->input->project,
                                   .source = file->source};
}

static void add_lenders(Run *self, Lenders *lenders, ReportFile *files,
                        uint32_t *count) {
  lenders->by_path = map_in(&self->arena);
  for (uint32_t i = 0; i < self->file_count; i++) {
    const InputFile *input = self->files[i].input;
    map_put(&lenders->by_path, lender_key(input->project, input->relative), i + 1);
  }
  uint32_t own = *count;
  for (uint32_t f = 0; f < own; f++) {
    for (uint32_t i = 0; i < files[f].count; i++) {
      const Finding *finding = &files[f].findings[i];
      for (uint32_t k = 0; k < finding->label_count; k++) {
        Str path = finding->labels[k].path;
        if (path.n != 0)
          add_lender(self, lenders, files[f].project, path, files, count);
      }
    }
  }
}

Report run_report(Run *self) {
  Report report = {
      .rules = self->options->rules,
      .settings = &self->options->base,
      .fixed = self->fixed_count,
      .refused = self->refused_count,
      .timings = self->timings,
  };
  report.timings.peak_bytes = process_peak_bytes();
  ReportFile *files = arena_array(&self->arena, ReportFile, self->file_count);
  Str *faults = arena_array(&self->arena, Str, self->file_count);
  Lenders lenders = {.listed = arena_array(&self->arena, bool, self->file_count)};
  for (uint32_t i = 0; i < self->file_count; i++) {
    const RunFile *file = &self->files[i];
    if (file->fault.n != 0) faults[report.fault_count++] = file->fault;
    if (!file->input->named) continue;
    report.checked += 1;
    ReportFile shown = report_file(self, file, &report);
    if (shown.count == 0) continue;
    lenders.listed[i] = true;
    files[report.file_count++] = shown;
  }
  add_lenders(self, &lenders, files, &report.file_count);
  if (report.file_count > 1) {
    qsort(files, report.file_count, sizeof *files, compare_report_files);
  }
  report.files = files;
  report.faults = faults;
  return report;
}
