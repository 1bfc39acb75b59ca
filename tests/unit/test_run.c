// What becomes of a fault of ours in one file: the others are reported all the same.

#include "base/fault.h"
#include "engine/run.h"
#include "test.h"

static void on_file(RuleContext *cx) {
  if (str_is(node_text(cx->t, (NodeId){1}), "bad\n")) BUG("this rule is wrong");
  cx_report(cx, (Draft){.anchor = (NodeId){1}});
}

static const Rule faulty = {.code = "PML999",
                            .name = "faulty-rule",
                            .summary = "for this test",
                            .templates = {"seen"},
                            .warn_on = {EVIDENCE_CONSTRUCT},
                            .on_file = on_file};
static const RuleEntry entries[] = {{&faulty, "linter", "rules/linter/x.c", "", ""}};
static const RuleTable table = {entries, 1};

static InputFile input_of(const char *relative) {
  return (InputFile){.path = STR("/somewhere/else/x.py"),
                     .relative = str_from(relative),
                     .module = str_from(relative),
                     .named = true,
                     .is_stdin = true};
}

// One file without and one with the text that the rule cannot stand.
static void run_over(Arena *arena, Run *run, RunOptions *options, Discovery *discovery,
                     const char *text) {
  *options = (RunOptions){.rules = &table,
                          .target_given = true,
                          .level = LEVEL_NOTE,
                          .jobs = 1,
                          .stdin_bytes = str_from(text)};
  options->base.target = (Target){9, 14};
  options->base.knowledge = knowledge_builtin();
  settings_enable(&options->base, 0, true);
  *discovery = (Discovery){0};
  vec_push(arena, &discovery->projects, (Project){0});
  vec_push(arena, &discovery->files, input_of("pkg/a.py"));
  vec_push(arena, &discovery->files, input_of("pkg/b.py"));
  Error err = error_in(arena);
  CHECK(run_init(run, options, discovery, &err));
  run_lint(run);
}

TEST(run_names_the_file_of_a_fault_by_its_place_in_the_project) {
  Arena arena;
  arena_init(&arena);
  Run run;
  RunOptions options;
  Discovery discovery;
  run_over(&arena, &run, &options, &discovery, "bad\n");
  Report report = run_report(&run);
  CHECK(report.fault_count == 2 && report.file_count == 0);
  CHECK(str_starts(report.faults[0], STR("pkg/a.py: this rule is wrong (tests/unit/")));
  CHECK(str_starts(report.faults[1], STR("pkg/b.py: this rule is wrong (tests/unit/")));
  run_release(&run);
  run_over(&arena, &run, &options, &discovery, "good\n");
  report = run_report(&run);
  CHECK(report.fault_count == 0 && report.file_count == 2 && report.warnings == 2);
  run_release(&run);
  arena_release(&arena);
}
