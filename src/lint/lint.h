/* Linting: the two halves of the work, and what happens to findings afterwards.
 *
 *     lint_file(&job, &result);                 // per file, in any worker
 *     ...                                       // merge all Facts, resolve the Index
 *     lint_project(...);                        // project rules, findings by file
 *     lint_settle(...);                         // yield, suppress, set levels, sort
 *
 * The per-file half is a pure function of its job. A FileResult owns nothing: all its
 * memory lies in the result arena of the worker that made it.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "lint/rule_table.h"
#include "lint/suppress.h"

typedef struct LintStats {
  uint64_t calls[MAX_RULES];     // hook calls per rule
  uint64_t findings[MAX_RULES];  // before yielding and suppression
} LintStats;

// Where a candidate was rejected (filled only when tracing, for `explain`).
typedef struct Rejection {
  const Rule *rule;
  Span span;
  const char *reason;
  Span seen;      // the evidence; `stop` 0: none, or somewhere in the file
  Str seen_path;  // of its file, below the project; empty = the own file
} Rejection;
typedef VEC(Rejection) RejectionList;

typedef struct LintSink {
  Arena *arena;
  VEC(Finding) findings;
  VEC(uint32_t) files;  // project half: the module of findings.items[i]
  LintStats *stats;
  bool tracing;
  RejectionList rejections;
  VEC(uint32_t) rejection_files;  // project half: the module of rejections.items[i]
} LintSink;

typedef struct LintJob {
  const RuleTable *rules;
  const Settings *settings;
  Str module;
  bool is_package, is_test;
  bool collect_only;  // Facts, but no findings: the file is not named
  bool trace;
} LintJob;

typedef struct FileResult {
  Finding *findings;
  uint32_t finding_count;
  Facts *facts;
  SuppressionList suppressions;
  RejectionList rejections;
  uint32_t lines;
} FileResult;

// `model` is of the open file; results go to `results`.
void lint_file(const LintJob *job, Model *model, Arena *results, LintStats *stats,
               FileResult *result);

// Runs the project hooks over the Index; findings with the module they belong to.
void lint_project(const RuleTable *rules, const Settings *settings, const Index *index,
                  LintSink *sink);

// Builds the fix of a project finding when its file is open.
void lint_fix_project_finding(const RuleTable *rules, const Settings *settings,
                              Model *model, Arena *results, Finding *finding);

// Marks findings that yield or are suppressed, sets levels, adds 003 and 004, sorts.
// `complete` says that project rules saw the whole project.
void lint_settle(const RuleTable *rules, const Settings *settings, Arena *arena,
                 const Source *source, SuppressionList *suppressions, bool complete,
                 Finding **findings, uint32_t *count);

#endif
