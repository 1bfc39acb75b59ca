// Rounds of fixes: apply in memory, lint the changed files anew, until nothing changes.

#include "base/diff.h"
#include "base/file.h"
#include "engine/run_internal.h"
#include "fix/fix.h"

// Only what is shown is fixed; notes that are hidden are left alone.
static uint32_t collect_fixable(const Worker *worker, const RunFile *file,
                                Finding *out) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < file->finding_count; i++) {
    const Finding *f = &file->findings[i];
    bool shown =
        !f->yielded && !f->suppressed && f->level >= worker->run->options->level;
    if (shown && f->fix.safety >= worker->run->options->fix_safety) out[count++] = *f;
  }
  return count;
}

static bool still_parses(Worker *worker, RunFile *file, Str bytes, bool parsed_before) {
  Error err = error_in(&worker->file);
  Source source;
  Tree tree;
  return source_decode(&source, &worker->file, file->input->path, bytes, &err) &&
         parser_parse(worker->parser, &tree, &worker->file, &source, &err) &&
         !(parsed_before && node_ok(tree.first_error));
}

void run_fix_file(Worker *worker, RunFile *file) {
  if (file->frozen || file->finding_count == 0 || file->failure.n != 0) return;
  Finding *wanted = arena_array(&worker->file, Finding, file->finding_count);
  uint32_t count = collect_fixable(worker, file, wanted);
  if (count == 0) return;
  Error err = error_in(&worker->results);
  Str bytes;
  if (!run_file_read(worker, file, &worker->file, &bytes, &err)) return;
  Source source;
  Tree tree;
  if (!source_decode(&source, &worker->file, file->input->path, bytes, &err) ||
      !parser_parse(worker->parser, &tree, &worker->file, &source, &err)) {
    return;
  }
  FixResult result;
  if (!fix_apply(&result, &worker->file, &tree, wanted, count,
                 worker->run->options->fix_safety, &err)) {
    file->frozen = err.text.n != 0;
    return;
  }
  if (!still_parses(worker, file, result.bytes, !node_ok(tree.first_error))) {
    file->frozen = true;
    file->refused += result.applied;
    return;
  }
  file->overlay = str_copy_in(&worker->results, result.bytes);
  file->fixed += result.applied;
  file->stale = true;
}

static bool any_stale(const Run *self) {
  for (uint32_t i = 0; i < self->file_count; i++) {
    if (self->files[i].stale) return true;
  }
  return false;
}

void run_fix(Run *self) {
  for (uint32_t round = 0; round < FIX_ROUNDS; round++) {
    workers_do(self, run_fix_file);
    if (!any_stale(self)) break;
    run_lint(self);
  }
  for (uint32_t i = 0; i < self->file_count; i++) {
    self->fixed_count += self->files[i].fixed;
    self->refused_count += self->files[i].refused;
  }
}

// What could not be written is as it was: its fixes are taken back, its findings stand.
static void take_back(Run *self, RunFile *file, Str why) {
  file->write_error = why;
  file->overlay = (Str){0};
  self->fixed_count -= file->fixed;
  file->fixed = 0;
  file->stale = true;
}

bool run_write_fixed(Run *self) {
  bool ok = true;
  for (uint32_t i = 0; i < self->file_count; i++) {
    RunFile *file = &self->files[i];
    if (file->overlay.p == NULL || file->input->is_stdin) continue;
    Error err = error_in(&self->arena);
    const char *path = str_cstr_in(&self->arena, file->input->path);
    if (file_replace(&self->arena, path, file->overlay, &err)) continue;
    take_back(self, file, err.text);
    ok = false;
  }
  if (!ok) run_lint(self);
  return ok;
}

// `a/` and `b/` go in front: `./x.py` and `/x.py` lose what would not apply then.
static Str diff_path(Str path) {
  while (str_starts(path, STR("./"))) path = str_slice(path, 2, path.n);
  while (str_starts(path, STR("/"))) path = str_slice(path, 1, path.n);
  return path;
}

void run_diff_fixed(Run *self, Buf *diff) {
  for (uint32_t i = 0; i < self->file_count; i++) {
    RunFile *file = &self->files[i];
    if (file->overlay.p == NULL) continue;
    Error err = error_in(&self->arena);
    Str before = self->options->stdin_bytes;
    if (!file->input->is_stdin) {
      const char *path = str_cstr_in(&self->arena, file->input->path);
      if (!file_read(&self->arena, path, &before, &err)) continue;
    }
    diff_unified(&self->arena, diff_path(file->input->path), before, file->overlay, 3,
                 diff);
  }
}
