/* The command line as data: one table of options, from which parsing and help are made. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "engine/discover.h"
#include "engine/run.h"
#include "engine/select.h"

typedef enum Command {
  COMMAND_CHECK,
  COMMAND_RULE,
  COMMAND_DUMP,
  COMMAND_EXPLAIN,
  COMMAND_VERSION,
  COMMAND_HELP,
} Command;

typedef enum ColourChoice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } ColourChoice;

typedef struct Output {
  const ReportFormat *format;
  Str path;  // empty = stdout
} Output;

typedef struct Options {
  Arena *arena;
  Command command;
  VEC(Str) operands;  // paths, or what the command takes
  Selection selection;
  VEC(Str) configs;  // --config, in order
  VEC(Output) outputs;
  StrList excludes, extend_excludes;
  bool excludes_given, force_exclude, no_gitignore, no_project;
  Str stdin_name;
  uint32_t jobs;
  ColourChoice colour;
  Level level, fail_on;
  bool level_given, fail_never;
  Str target;
  bool fix, unsafe_fixes, fix_only, diff;
  bool isolated, timings, statistics, quiet, all, exit_zero;
  Str rule_format;  // of `rule`: text, json, md
  bool help, version;
} Options;

// False for a usage error, with the reason. `--help` and `--version` become commands.
bool options_parse(Options *self, Arena *arena, int argc, char **argv, Error *err);
void options_help(const Options *self, Buf *out);

int command_check(const Options *options);
int command_rule(const Options *options);
int command_dump(const Options *options);
int command_explain(const Options *options);

// Fills what `run` needs from the options; false for unusable values.
bool options_run(const Options *self, Arena *arena, RunOptions *run, Error *err);
void options_discover(const Options *self, DiscoverOptions *discover);
// "pymemlint: …" on stderr; returns status 2.
int usage_error(Str message);

#endif
