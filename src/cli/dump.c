// `pymemlint dump KIND FILE...`: what a layer made of a file, as text that tests compare.

#include <stdio.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/options.h"
#include "cli/rule.h"
#include "index/facts.h"
#include "semantic/flow.h"
#include "semantic/scope.h"
#include "semantic/value.h"

typedef void DumpFn(Model *m, Buf *out);

static void dump_tree(Model *m, Buf *out) { tree_dump(m->tree, out); }
static void dump_scopes(Model *m, Buf *out) { scope_dump(m, out); }
static void dump_bindings(Model *m, Buf *out) { binding_dump(m, out); }
static void dump_symbols(Model *m, Buf *out) { scope_dump_symbols(m, out); }
static void dump_values(Model *m, Buf *out) { value_dump(m, out); }

static void dump_flow(Model *m, Buf *out) {
  for (uint32_t s = 1; s < scope_count(m); s++) flow_dump(m, (ScopeId){s}, out);
}

static void dump_facts(Model *m, Buf *out) {
  facts_dump(facts_collect(m, m->arena), out);
}

static const struct {
  const char *name;
  DumpFn *write;
} kinds[] = {
    {"tree", dump_tree},       {"scopes", dump_scopes}, {"bindings", dump_bindings},
    {"symbols", dump_symbols}, {"flow", dump_flow},     {"values", dump_values},
    {"facts", dump_facts},     {"index", NULL},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static bool kind_find(const Options *options, Str kind, DumpFn **write, Error *err) {
  const char *names[KINDS];
  for (size_t i = 0; i < KINDS; i++) {
    *write = kinds[i].write;
    if (str_is(kind, kinds[i].name)) return true;
    names[i] = kinds[i].name;
  }
  Buf shown = buf_in(options->arena);
  buf_add_escaped(&shown, kind);
  Str near = nearest_name(options->arena, kind, names, KINDS);
  if (near.n != 0) {
    error_set(err, "`%.*s` is nothing to dump; did you mean `%.*s`?",
              STR_ARGS(buf_str(&shown)), STR_ARGS(near));
  } else {
    error_set(err,
              "`%.*s` is nothing to dump; there are tree, scopes, bindings, symbols, "
              "flow, values, facts and index",
              STR_ARGS(buf_str(&shown)));
  }
  return false;
}

typedef struct DumpJob {
  DumpFn *write;
  const InputFile *file;
  const Knowledge *knowledge;
  Target target;
  Str stdin_bytes;
  Parser *parser;
} DumpJob;

static bool dump_file(const DumpJob *job, Arena *arena, Buf *out, Error *err) {
  Str bytes = job->stdin_bytes;
  const char *path = str_cstr_in(arena, job->file->path);
  if (!job->file->is_stdin && !file_read(arena, path, &bytes, err)) return false;
  Source source;
  Tree tree;
  if (!source_decode(&source, arena, job->file->path, bytes, err) ||
      !parser_parse(job->parser, &tree, arena, &source, err)) {
    return false;
  }
  ModelOptions options = {.knowledge = job->knowledge,
                          .module = job->file->module,
                          .is_package = job->file->is_package,
                          .is_test = job->file->is_test,
                          .target = job->target};
  job->write(model_in(arena, &tree, &options), out);
  return true;
}

// All that is named, in the order of their paths; what cannot be read is said on stderr.
static int dump_files(DumpJob job, const Discovery *found) {
  int status = 0;
  uint32_t named = 0;
  Arena arena;
  arena_init(&arena);
  for (uint32_t i = 0; i < found->files.count; i++)
    named += found->files.items[i].named;
  for (uint32_t i = 0; i < found->files.count; i++) {
    job.file = &found->files.items[i];
    if (!job.file->named) continue;
    arena_reset(&arena);
    Buf out = buf_in(&arena);
    Error err = error_in(&arena);
    if (named > 1) {
      buf_add_text(&out, "# ");
      buf_add_escaped(&out, job.file->path);
      buf_add_byte(&out, '\n');
    }
    if (dump_file(&job, &arena, &out, &err)) {
      if (out.n != 0) fwrite(out.p, 1, out.n, stdout);
      continue;
    }
    Buf line = buf_in(&arena);
    buf_add_escaped(&line, job.file->path);
    status = usage_error(str_printf_in(&arena, "%.*s cannot be read: %.*s",
                                       STR_ARGS(buf_str(&line)), STR_ARGS(err.text)));
  }
  arena_release(&arena);
  return status;
}

// The Index of the projects that the paths belong to; no rule runs.
static int dump_index(const Options *options, const Discovery *discovery,
                      Str stdin_bytes) {
  Error err = error_in(options->arena);
  Buf out = buf_in(options->arena);
  RunOptions run_options = {.rules = &rule_table};
  Run run;
  if (!options_run(options, options->arena, &run_options, &err)) {
    return usage_error(err.text);
  }
  run_options.index_out = &out;
  run_options.stdin_bytes = stdin_bytes;
  if (!run_init(&run, &run_options, discovery, &err)) return usage_error(err.text);
  run_lint(&run);
  int status = 0;
  for (uint32_t i = 0; i < run.file_count; i++) {
    const RunFile *file = &run.files[i];
    if (file->failure.n == 0 || !file->input->named) continue;
    Buf line = buf_in(options->arena);
    buf_add_escaped(&line, file->input->path);
    status =
        usage_error(str_printf_in(options->arena, "%.*s cannot be read: %.*s",
                                  STR_ARGS(buf_str(&line)), STR_ARGS(file->failure)));
  }
  if (out.n != 0) fwrite(out.p, 1, out.n, stdout);
  run_release(&run);
  return status;
}

int command_dump(const Options *options) {
  Error err = error_in(options->arena);
  if (options->operands.count < 2) {
    return usage_error(STR("`dump` takes what to dump, and files: dump tree FILE"));
  }
  DumpJob job = {.target = {9, 14}};
  job.knowledge = knowledge_indexed_in(options->arena, knowledge_builtin());
  if (!kind_find(options, options->operands.items[0], &job.write, &err)) {
    return usage_error(err.text);
  }
  if (options->target.n != 0 && !target_parse(options->target, &job.target)) {
    return usage_error(STR("`--target-version` takes a version like 3.12 or py312"));
  }
  DiscoverOptions discover_options;
  Discovery discovery;
  options_discover(options, &discover_options);
  discover_options.paths += 1;
  discover_options.path_count -= 1;
  if (job.write != NULL) discover_options.no_project = true;
  if (str_is(discover_options.paths[0], "-") &&
      !file_read_stdin(options->arena, &job.stdin_bytes, &err)) {
    return usage_error(err.text);
  }
  if (!discover(&discovery, options->arena, &discover_options, &err)) {
    return usage_error(err.text);
  }
  if (job.write == NULL) return dump_index(options, &discovery, job.stdin_bytes);
  job.parser = parser_new();
  int status = dump_files(job, &discovery);
  parser_free(job.parser);
  return status;
}
