// The per-file half, the project half, and the settling of findings, for one run.

#include "base/fault.h"
#include "base/file.h"
#include "engine/run_internal.h"
#include "fix/fix.h"
#include "index/named.h"

// --- per file ------------------------------------------------------------------------

static void lint_open_file(Worker *worker, RunFile *file, Model *model) {
  LintJob job = {
      .rules = worker->run->options->rules,
      .settings = file->settings,
      .module = file->input->module,
      .is_package = file->input->is_package,
      .is_test = file->input->is_test,
      .collect_only = !file->input->named,
      .trace = worker->run->options->trace,
  };
  lint_file(&job, model, &worker->results, &worker->stats, &file->result);
  file->result.facts->path = file->input->relative;
  worker->timings.facts_bytes += facts_size(file->result.facts);
}

void run_lint_file(Worker *worker, RunFile *file) {
  if (!file->stale) return;
  file->stale = false;
  file->result = (FileResult){0};
  file->failure = file->fault = STR_NONE;
  file->undecodable = false;
  uint64_t began = clock_ns();
  Error err = error_in(&worker->results);
  Str bytes;
  if (file->input->missing) {
    error_set(&err, "no such file");
    file->failure = err.text;
    return;
  }
  if (!run_file_read(worker, file, &worker->file, &bytes, &err)) {
    file->failure = err.text;
    return;
  }
  file->hash = hash_str(bytes);
  file->bytes = bytes.n;
  uint64_t read = clock_ns();
  Model *model = run_file_open(worker, file, bytes, &err);
  if (model == NULL) {
    file->failure = err.text;
  } else {
    lint_open_file(worker, file, model);
  }
  RunTimings *timings = &worker->timings;
  timings->files += 1;
  timings->bytes += bytes.n;
  timings->lines += file->result.lines;
  timings->read_ns += read - began;
  timings->parse_ns += file->parse_ns;
  timings->other_ns += clock_ns() - read - file->parse_ns;
}

// --- the project ---------------------------------------------------------------------

typedef struct ProjectFiles {
  RunFile **files;  // by module number
  const Facts **facts;
  uint32_t count;
  bool complete;
} ProjectFiles;

static ProjectFiles project_files(Run *run, uint32_t project) {
  ProjectFiles out = {
      .files = arena_array(&run->arena, RunFile *, run->file_count),
      .facts = arena_array(&run->arena, const Facts *, run->file_count),
      .complete = true,
  };
  for (uint32_t i = 0; i < run->file_count; i++) {
    RunFile *file = &run->files[i];
    if (file->input->project != project) continue;
    if (file->result.facts == NULL) {
      // What does not decode is refused by CPython too, so that nothing in it runs.
      out.complete = out.complete && file->undecodable;
      continue;
    }
    out.files[out.count] = file;
    out.facts[out.count++] = file->result.facts;
  }
  return out;
}

// Modules of the Index are sorted, files that hold the same thing count once.
static RunFile **files_by_module(Run *run, const ProjectFiles *project,
                                 const Index *index) {
  Map numbers = map_in(&run->arena);
  for (uint32_t i = 0; i < project->count; i++) {
    map_put(&numbers, (uintptr_t)project->facts[i], i + 1);
  }
  RunFile **files = arena_array(&run->arena, RunFile *, index->module_count);
  for (uint32_t m = 0; m < index->module_count; m++) {
    uint32_t number = map_get(&numbers, (uintptr_t)index->modules[m]);
    INVARIANT(number != 0);
    files[m] = project->files[number - 1];
  }
  return files;
}

// Adds the project findings to the files that they belong to.
static void deal_out(Run *run, RunFile **files, uint32_t modules,
                     const LintSink *sink) {
  uint32_t *counts = arena_array(&run->arena, uint32_t, modules);
  for (uint32_t i = 0; i < sink->findings.count; i++) counts[sink->files.items[i]] += 1;
  for (uint32_t m = 0; m < modules; m++) {
    RunFile *file = files[m];
    if (counts[m] == 0 || !file->input->named) continue;
    uint32_t own = file->finding_count;
    Finding *all = arena_array(&run->arena, Finding, own + counts[m]);
    if (own != 0) memcpy(all, file->findings, own * sizeof *all);
    file->findings = all;
    file->finding_count = own;
  }
  for (uint32_t i = 0; i < sink->findings.count; i++) {
    RunFile *file = files[sink->files.items[i]];
    if (!file->input->named) continue;
    file->findings[file->finding_count++] = sink->findings.items[i];
  }
}

static bool hangs_on_names(const RunFile *file) {
  for (uint32_t i = 0; i < file->finding_count; i++) {
    if (file->findings[i].closed.n != 0) return true;
  }
  return false;
}

// For `explain`: that a finding fell because of another module.
static void reject_open(Run *run, const Index *index, RunFile *file,
                        const Finding *finding, const NamedUse *use) {
  Str where = use->module == NAMED_IN_SEVERAL ? STR("other modules")
                                              : index_module_path(index, use->module);
  Str name = use->name.p[0] == '.' ? str_slice(use->name, 1, use->name.n) : use->name;
  Str reason = str_printf_in(&run->arena, "`%.*s` is used by %.*s as well",
                             STR_ARGS(name), STR_ARGS(where));
  Rejection rejection = {
      finding->rule, finding->span, str_cstr_in(&run->arena, reason), {0}, STR_NONE};
  vec_push(&run->arena, &file->result.rejections, rejection);
}

// Leaves out findings that hold only if no other module uses some name.
static void drop_open(Run *run, RunFile **files, const Index *index) {
  Named *named = NULL;
  for (uint32_t m = 0; m < index->module_count; m++) {
    RunFile *file = files[m];
    if (!file->input->named || !hangs_on_names(file)) continue;
    if (named == NULL) named = named_in(index);
    Finding *kept = arena_array(&run->arena, Finding, file->finding_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < file->finding_count; i++) {
      NamedUse use;
      bool is_open = named_elsewhere(named, m, file->findings[i].closed, &use);
      if (!is_open)
        kept[count++] = file->findings[i];
      else if (run->options->trace)
        reject_open(run, index, file, &file->findings[i], &use);
    }
    file->findings = kept;
    file->finding_count = count;
  }
}

static void deal_rejections(Run *run, RunFile **files, const LintSink *sink) {
  for (uint32_t i = 0; i < sink->rejections.count; i++) {
    RunFile *file = files[sink->rejection_files.items[i]];
    if (file->input->named)
      vec_push(&run->arena, &file->result.rejections, sink->rejections.items[i]);
  }
}

// The module whose lines were asked for last.
typedef struct LinesOf {
  Run *run;
  RunFile **files;
  RunFile *open;  // NULL = none
  LineIndex lines;
  Arena arena;
} LinesOf;

static uint32_t line_in_module(void *data, uint32_t module, uint32_t offset) {
  LinesOf *self = data;
  RunFile *file = self->files[module];
  if (self->open != file) {
    arena_reset(&self->arena);
    Error err = error_in(&self->arena);
    Worker *worker = &self->run->workers[0];
    Str bytes;
    Source source;
    if (!run_file_read(worker, file, &self->arena, &bytes, &err) ||
        !source_decode(&source, &self->arena, file->input->path, bytes, &err)) {
      return 0;
    }
    self->lines = source.lines;
    self->open = file;
  }
  return lines_line_of(&self->lines, offset) + 1;
}

static void dump_project(Run *run, const Index *index, RunFile **files) {
  LinesOf lines = {.run = run, .files = files};
  arena_init(&lines.arena);
  index_dump(index, line_in_module, &lines, run->options->index_out);
  arena_release(&lines.arena);
}

static void resolve_project(Run *run, uint32_t number) {
  ProjectFiles project = project_files(run, number);
  run->complete[number] = project.complete;
  Settings *settings = &run->project_settings[number];
  Index *index = index_in(&run->arena, project.facts, project.count, settings->target);
  index->is_complete = project.complete;
  index->is_distributed = run->discovery->projects.items[number].is_distributed;
  index_resolve(index);
  if (run->options->index_out != NULL) {
    dump_project(run, index, files_by_module(run, &project, index));
    return;
  }
  LintSink sink = {
      .arena = &run->arena, .stats = &run->stats, .tracing = run->options->trace};
  lint_project(run->options->rules, settings, index, &sink);
  RunFile **files = files_by_module(run, &project, index);
  drop_open(run, files, index);
  deal_out(run, files, index->module_count, &sink);
  deal_rejections(run, files, &sink);
}

void run_project_half(Run *run) {
  for (uint32_t i = 0; i < run->file_count; i++) {
    run->files[i].findings = run->files[i].result.findings;
    run->files[i].finding_count = run->files[i].result.finding_count;
  }
  for (uint32_t p = 0; p < run->discovery->projects.count; p++) resolve_project(run, p);
}

// --- settling ------------------------------------------------------------------------

static void add_failure(Worker *worker, RunFile *file) {
  const RuleTable *rules = worker->run->options->rules;
  uint32_t index = rule_find(rules, STR("PML002"));
  file->findings = NULL;
  file->finding_count = 0;
  if (index == rules->count || !settings_enabled(file->settings, index)) return;
  Finding *finding = arena_new(&worker->results, Finding);
  *finding = (Finding){
      .rule = rules->entries[index].rule,
      .rule_index = index,
      .level = LEVEL_WARNING,
      .evidence = EVIDENCE_CONSTRUCT,
      .args = {file->failure},
      .arg_count = 1,
      .message = str_printf_in(&worker->results, "cannot be read: %.*s",
                               STR_ARGS(file->failure)),
  };
  if (file->settings->severity[index] != 0) {
    finding->level = (Level)file->settings->severity[index];
  }
  file->findings = finding;
  file->finding_count = 1;
}

static bool is_shown(const Worker *worker, const Finding *f) {
  return !f->yielded && !f->suppressed && f->level >= worker->run->options->level;
}

static bool has_shown(const Worker *worker, const RunFile *file) {
  for (uint32_t i = 0; i < file->finding_count; i++) {
    if (is_shown(worker, &file->findings[i])) return true;
  }
  return false;
}

// Is the file's tree needed to complete a shown fix?
static bool has_open_fix(const Worker *worker, const RunFile *file) {
  for (uint32_t i = 0; i < file->finding_count; i++) {
    const Finding *f = &file->findings[i];
    bool unbuilt = f->place != 0 && f->rule->on_fix != NULL;
    if (is_shown(worker, f) && (unbuilt || f->fix.import_count != 0)) return true;
  }
  return false;
}

// The fix with its imports as edits: reports see plain edits only. The finding keeps
// the intents, which fixes of one file share when they are applied together.
static Fix fix_for_report(Worker *worker, const Tree *tree, const Fix *fix) {
  if (fix->import_count == 0) return *fix;
  Fix plain = *fix;
  const Edit *edits = fix_resolve(&worker->results, tree, fix, &plain.edit_count);
  Edit *kept = arena_array(&worker->results, Edit, plain.edit_count);
  for (uint32_t i = 0; i < plain.edit_count; i++) kept[i] = edits[i];
  plain.edits = kept;
  plain.imports = NULL;
  plain.import_count = 0;
  return plain;
}

// Builds the fixes of shown project findings and resolves the imports of all shown ones:
// the file is parsed once more where there is one of either.
static void complete_fixes(Worker *worker, RunFile *file, Str bytes) {
  Error err = error_in(&worker->file);
  if (!has_open_fix(worker, file)) return;
  Model *model = run_file_open(worker, file, bytes, &err);
  if (model == NULL) return;
  Fix *fixes = arena_array(&worker->results, Fix, file->finding_count);
  for (uint32_t i = 0; i < file->finding_count; i++) {
    Finding *f = &file->findings[i];
    if (!is_shown(worker, f)) continue;
    if (f->place != 0) {
      lint_fix_project_finding(worker->run->options->rules, file->settings, model,
                               &worker->results, f);
    }
    fixes[i] = fix_for_report(worker, model->tree, &f->fix);
  }
  file->report_fixes = fixes;
}

void run_keep_source(Worker *worker, RunFile *file, Str bytes) {
  Error err = error_in(&worker->results);
  Source *source = arena_new(&worker->results, Source);
  Str kept = str_copy_in(&worker->results, bytes);
  if (source_decode(source, &worker->results, file->input->path, kept, &err)) {
    file->source = source;
  }
}

void run_settle_file(Worker *worker, RunFile *file) {
  if (!file->input->named || file->fault.n != 0) return;
  file->source = NULL;
  file->report_fixes = NULL;
  if (file->failure.n != 0) {
    add_failure(worker, file);
    return;
  }
  if (file->finding_count == 0 && file->result.suppressions.count == 0 &&
      file->result.suppressions.problem_count == 0) {
    return;
  }
  Error err = error_in(&worker->results);
  Str bytes;
  bool ok = run_file_read(worker, file, &worker->file, &bytes, &err);
  if (!ok || hash_str(bytes) != file->hash) {
    file->failure = ok ? STR("it changed while it was being linted") : err.text;
    add_failure(worker, file);
    return;
  }
  Source source;
  if (!source_decode(&source, &worker->file, file->input->path, bytes, &err)) return;
  bool complete = worker->run->complete[file->input->project];
  lint_settle(worker->run->options->rules, file->settings, &worker->results, &source,
              &file->result.suppressions, complete, &file->findings,
              &file->finding_count);
  if (!has_shown(worker, file)) return;
  complete_fixes(worker, file, bytes);
  run_keep_source(worker, file, bytes);
}
