/* Run: the whole pipeline (design §2) over discovered files.
 *
 *     Run run;
 *     if (!run_init(&run, &options, &discovery, &err)) return usage_error(err.text);
 *     run_lint(&run);                    // workers, merge, resolve, settle
 *     if (options.fix) run_fix(&run);    // rounds in memory, to a fixed point
 *     Report report = run_report(&run);
 *     run_release(&run);
 *
 * Results are the same for any number of workers. A file that faults is named in
 * `faults`, everything else is reported.
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include <stdatomic.h>

#include "engine/discover.h"
#include "lint/lint.h"
#include "report/report.h"

typedef struct RunOptions {
  const RuleTable *rules;
  Settings base;         // selection, severities, options; the target per project
  bool target_given;     // --target-version: requires-python is not asked
  bool isolated;         // no pyproject.toml is read
  Level level;           // shown from here
  Level fail_on;         // 0 = never
  uint32_t jobs;         // 0 = as many as there are processors, at most 64
  FixSafety fix_safety;  // what --fix, --unsafe-fixes and --diff apply; FIX_NONE: not
  Str stdin_bytes;
  bool trace;      // for `explain`
  Buf *index_out;  // for `dump index`: the Index of each project, instead of findings
} RunOptions;

enum { FIX_ROUNDS = 10 };

typedef struct Worker Worker;

typedef struct RunFile {
  const InputFile *input;
  const Settings *settings;  // of its project
  Str overlay;    // text after fixes of earlier rounds; p NULL = read the disk
  uint64_t hash;  // XXH3 of the bytes that were linted
  FileResult result;
  Finding *findings;  // settled
  uint32_t finding_count;
  const Fix *report_fixes;  // imports resolved, one a finding; NULL = the findings' own
  const Source *source;     // reopened, when there is something to show
  Str failure;              // 002: why it could not be read; or empty
  bool undecodable;         // it is no Python source: nothing can import it
  Str write_error;          // why the fixed text could not be written; or empty
  Str fault;                // exit 3: what went wrong inside us; or empty
  uint32_t bytes;
  uint64_t parse_ns, other_ns;
  bool stale;               // to be linted in this round
  bool frozen;              // a fix broke it: no more fixes here
  uint32_t fixed, refused;  // fixes in `overlay`, and dropped ones
} RunFile;

typedef struct Run {
  const RunOptions *options;
  const Discovery *discovery;
  Arena arena;  // results of the run: findings, sources
  RunFile *files;
  uint32_t file_count;
  Settings *project_settings;
  bool *complete;  // per project: every file of it could be read
  Worker *workers;
  uint32_t worker_count;
  LintStats stats;
  RunTimings timings;
  uint32_t fixed_count;    // applied fixes
  uint32_t refused_count;  // fixes whose file would no longer have parsed
} Run;

// False when a settings file of a project cannot be used; nothing is to be released then.
bool run_init(Run *self, const RunOptions *options, const Discovery *discovery,
              Error *err);
void run_lint(Run *self);
// Applies fixes in memory, at most FIX_ROUNDS times, each round linting the changed files
// and the project anew, until nothing changes. Files keep the last text that parsed.
void run_fix(Run *self);
// Writes the changed files. Those for which that fails get a `write_error` and are linted
// again as they are; false then.
bool run_write_fixed(Run *self);
// Appends unified diffs of the changed files to `diff`.
void run_diff_fixed(Run *self, Buf *diff);
Report run_report(Run *self);
void run_release(Run *self);

// `3.12`, `py312`, `312` or a minimum from requires-python; false when it is none.
bool target_parse(Str text, Target *target);
bool target_from_requires(Str specifier, Target *target);

#endif
