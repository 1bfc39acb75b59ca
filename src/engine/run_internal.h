// Between the parts of the run: workers, the two halves, fixes.
#ifndef ENGINE_RUN_INTERNAL_H
#define ENGINE_RUN_INTERNAL_H

#include "engine/run.h"

struct Worker {
  Run *run;
  Arena file;     // reset per file
  Arena results;  // lives as long as the run
  Parser *parser;
  LintStats stats;
  RunTimings timings;
};

typedef void WorkFn(Worker *worker, RunFile *file);

// Calls `work` once for each file, in any order, on all workers. A fault inside names
// the file (RunFile.fault) and goes on with the next.
void workers_do(Run *run, WorkFn *work);
void workers_open(Run *run);
void workers_close(Run *run);

// The text to lint: the overlay, standard input, or the disk. False with the reason.
bool run_file_read(Worker *worker, RunFile *file, Arena *arena, Str *bytes, Error *err);
// Decodes, parses and models a file; NULL with the reason in `err`.
Model *run_file_open(Worker *worker, RunFile *file, Str bytes, Error *err);

// Keeps the file's text for the reports, in memory that lives as long as the run.
void run_keep_source(Worker *worker, RunFile *file, Str bytes);

WorkFn run_lint_file, run_settle_file, run_fix_file;
void run_project_half(Run *run);

#endif
