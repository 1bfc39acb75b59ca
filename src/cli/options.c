#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum OptionId {
  OPT_FIRST = 256,
  OPT_SELECT,
  OPT_IGNORE,
  OPT_EXTEND_SELECT,
  OPT_CONFIG,
  OPT_TARGET,
  OPT_ISOLATED,
  OPT_NO_CACHE,
  OPT_LEVEL,
  OPT_FAIL_ON,
  OPT_EXIT_ZERO,
  OPT_FIX,
  OPT_UNSAFE,
  OPT_FIX_ONLY,
  OPT_DIFF,
  OPT_OUTPUT,
  OPT_OUTPUT_FORMAT,
  OPT_COLOUR,
  OPT_STATISTICS,
  OPT_TIMINGS,
  OPT_EXCLUDE,
  OPT_EXTEND_EXCLUDE,
  OPT_FORCE_EXCLUDE,
  OPT_NO_GITIGNORE,
  OPT_NO_PROJECT,
  OPT_STDIN_NAME,
  OPT_ALL,
  OPT_VERSION,
} OptionId;

typedef struct OptionRow {
  int id;             // an OptionId, or the short letter
  const char *name;   // long
  const char *value;  // what it takes, or NULL
  const char *help;
  const char *group;  // starts a group of the help text
} OptionRow;

static const OptionRow rows[] = {
    {OPT_SELECT, "select", "RULES", "rules to run: codes, prefixes, names, ALL",
     "Rules"},
    {OPT_EXTEND_SELECT, "extend-select", "RULES", "rules to run as well", NULL},
    {OPT_IGNORE, "ignore", "RULES", "rules not to run", NULL},
    {OPT_LEVEL, "level", "LEVEL", "show findings from this level: note, warning, error",
     NULL},
    {OPT_FAIL_ON, "fail-on", "LEVEL",
     "exit 1 from this level: note, warning, error, never", NULL},
    {OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 even with findings", NULL},
    {OPT_TARGET, "target-version", "VERSION",
     "Python to advise for, like 3.12 (default: requires-python, else all)", NULL},
    {OPT_CONFIG, "config", "KEY=VALUE", "one setting, as TOML", NULL},
    {OPT_ISOLATED, "isolated", NULL, "read no settings files", NULL},
    {OPT_NO_CACHE, "no-cache", NULL, "neither read nor write a cache", NULL},
    {OPT_FIX, "fix", NULL, "apply safe fixes", "Fixes"},
    {OPT_UNSAFE, "unsafe-fixes", NULL, "with --fix or --diff: unsafe fixes as well",
     NULL},
    {OPT_FIX_ONLY, "fix-only", NULL, "apply fixes and report nothing", NULL},
    {OPT_DIFF, "diff", NULL, "print fixes as a unified diff instead of applying them",
     NULL},
    {OPT_OUTPUT, "output", "FORMAT[:PATH]",
     "full, concise, json, json-lines, sarif; may be repeated", "Output"},
    {OPT_OUTPUT_FORMAT, "output-format", "FORMAT", "the same, to stdout", NULL},
    {OPT_COLOUR, "color", "WHEN", "auto, always, never", NULL},
    {OPT_STATISTICS, "statistics", NULL, "count findings by rule", NULL},
    {OPT_TIMINGS, "timings", NULL, "print time and memory to stderr", NULL},
    {'q', "quiet", NULL, "print findings only, no summary", NULL},
    {OPT_EXCLUDE, "exclude", "PATTERNS", "paths to leave out, instead of the defaults",
     "Files"},
    {OPT_EXTEND_EXCLUDE, "extend-exclude", "PATTERNS", "further paths to leave out",
     NULL},
    {OPT_FORCE_EXCLUDE, "force-exclude", NULL, "exclude files that are named, too",
     NULL},
    {OPT_NO_GITIGNORE, "no-respect-gitignore", NULL, "lint what git ignores, too",
     NULL},
    {OPT_NO_PROJECT, "no-project", NULL, "the named paths are the whole project", NULL},
    {OPT_STDIN_NAME, "stdin-filename", "PATH", "the name of what `-` reads", NULL},
    {'j', "jobs", "N", "files linted at a time (default: one per processor)", NULL},
    {OPT_ALL, "all", NULL, "with `rule`: every rule", "Other"},
    {'h', "help", NULL, "print this help", NULL},
    {OPT_VERSION, "version", NULL, "print the version", NULL},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static const struct {
  const char *name;
  Command command;
  const char *usage;
} commands[] = {
    {"check", COMMAND_CHECK,
     "[PATHS]          lint files and folders (the default command)"},
    {"rule", COMMAND_RULE, "CODE|NAME|--all   explain rules, with what was measured"},
    {"explain", COMMAND_EXPLAIN,
     "FILE:LINE      why something is, or is not, reported there"},
    {"dump", COMMAND_DUMP,
     "KIND FILE...      tree, scopes, bindings, symbols, flow, values, facts or index"},
    {"version", COMMAND_VERSION, "               print the version"},
    {"help", COMMAND_HELP, "                  print this help"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

void options_help(const Options *self, Buf *out) {
  (void)self;
  buf_add_text(out, "pymemlint finds memory that a Python program need not hold.\n\n"
                    "usage: pymemlint [COMMAND] [OPTIONS] [PATHS]\n\nCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) {
    buf_printf(out, "  %s %s\n", commands[i].name, commands[i].usage);
  }
  for (size_t i = 0; i < ROWS; i++) {
    const OptionRow *row = &rows[i];
    if (row->group != NULL) buf_printf(out, "\n%s:\n", row->group);
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", row->name, row->value != NULL ? " " : "",
             row->value != NULL ? row->value : "");
    if (row->id < OPT_FIRST) {
      buf_printf(out, "  -%c, %-24s %s\n", row->id, left, row->help);
    } else {
      buf_printf(out, "  %-28s %s\n", left, row->help);
    }
  }
  buf_add_text(
      out,
      "\nExit status: 0 clean, 1 findings, 2 usage or settings, 3 internal error.\n");
}

static bool add_output(Options *self, Str text, bool may_have_path, Error *err) {
  uint32_t colon = may_have_path ? str_find_byte(text, ':', 0) : text.n;
  Str name = str_slice(text, 0, colon);
  const ReportFormat *format = report_format_find(name);
  if (format == NULL) {
    return error_set(err,
                     "`%.*s` is no output format; there are full, concise, json, "
                     "json-lines, sarif",
                     STR_ARGS(name));
  }
  Str path = colon < text.n ? str_slice(text, colon + 1, text.n) : STR_NONE;
  if (colon < text.n && path.n == 0)
    return error_set(err, "--output names an empty path");
  vec_push(self->arena, &self->outputs, (Output){format, path});
  return true;
}

static bool set_jobs(Options *self, Str text, Error *err) {
  char *end = NULL;
  long jobs = strtol(text.p, &end, 10);
  if (end == text.p || *end != '\0' || jobs < 1 || jobs > 1024) {
    return error_set(err, "`--jobs %.*s`: a number from 1", STR_ARGS(text));
  }
  self->jobs = (uint32_t)jobs;
  return true;
}

static bool set_colour(Options *self, Str text, Error *err) {
  if (str_is(text, "auto"))
    self->colour = COLOUR_AUTO;
  else if (str_is(text, "always"))
    self->colour = COLOUR_ALWAYS;
  else if (str_is(text, "never"))
    self->colour = COLOUR_NEVER;
  else
    return error_set(err, "`--color` takes auto, always or never");
  return true;
}

static bool set_level(Options *self, int id, Str text, Error *err) {
  Level level = LEVEL_WARNING;
  bool never = id == OPT_FAIL_ON && str_is(text, "never");
  if (!never && !level_parse(text, &level)) {
    return error_set(err, "a level is note, warning or error%s",
                     id == OPT_FAIL_ON ? ", or never" : "");
  }
  if (id == OPT_LEVEL) {
    self->level = level;
    self->level_given = true;
  } else {
    self->fail_never = never;
    self->fail_on = level;
  }
  return true;
}

static bool set_option(Options *self, int id, Str value, Error *err) {
  switch (id) {
    case OPT_SELECT:
      self->selection.select_given = true;
      list_add(self->arena, &self->selection.select, value);
      return true;
    case OPT_EXTEND_SELECT:
      list_add(self->arena, &self->selection.extend_select, value);
      return true;
    case OPT_IGNORE: list_add(self->arena, &self->selection.ignore, value); return true;
    case OPT_CONFIG: vec_push(self->arena, &self->configs, value); return true;
    case OPT_TARGET: self->target = value; return true;
    case OPT_ISOLATED: self->isolated = true; return true;
    case OPT_NO_CACHE: return true;
    case OPT_LEVEL:
    case OPT_FAIL_ON: return set_level(self, id, value, err);
    case OPT_EXIT_ZERO: self->exit_zero = true; return true;
    case OPT_FIX: self->fix = true; return true;
    case OPT_UNSAFE: self->unsafe_fixes = true; return true;
    case OPT_FIX_ONLY: self->fix = self->fix_only = true; return true;
    case OPT_DIFF: self->diff = true; return true;
    case OPT_OUTPUT: return add_output(self, value, true, err);
    case OPT_OUTPUT_FORMAT:
      self->rule_format = value;  // `rule` has formats of its own
      return self->command == COMMAND_RULE || add_output(self, value, false, err);
    case OPT_COLOUR: return set_colour(self, value, err);
    case OPT_STATISTICS: self->statistics = true; return true;
    case OPT_TIMINGS: self->timings = true; return true;
    case 'q': self->quiet = true; return true;
    case OPT_EXCLUDE:
      self->excludes_given = true;
      list_add(self->arena, &self->excludes, value);
      return true;
    case OPT_EXTEND_EXCLUDE:
      list_add(self->arena, &self->extend_excludes, value);
      return true;
    case OPT_FORCE_EXCLUDE: self->force_exclude = true; return true;
    case OPT_NO_GITIGNORE: self->no_gitignore = true; return true;
    case OPT_NO_PROJECT: self->no_project = true; return true;
    case OPT_STDIN_NAME: self->stdin_name = value; return true;
    case 'j': return set_jobs(self, value, err);
    case OPT_ALL: self->all = true; return true;
    case 'h': self->help = true; return true;
    case OPT_VERSION: self->version = true; return true;
    default: return error_set(err, "unknown option");
  }
}

// The argument that getopt stopped at: within `-xq` it has not gone past it yet.
static const char *stopped_at(char **argv) {
  const char *next = argv[optind];
  bool within = next != NULL && next[0] == '-' && next[1] != '-' && optopt > 0 &&
                optopt <= UINT8_MAX && strchr(next, optopt) != NULL;
  return within ? next : argv[optind - 1];
}

// `abbreviated`: the option whose first letters were given, or NULL.
static bool option_error(Options *self, const char *given, bool lacks_value,
                         const char *abbreviated, Error *err) {
  const char *names[ROWS];
  for (size_t i = 0; i < ROWS; i++) names[i] = rows[i].name;
  bool is_long = strncmp(given, "--", 2) == 0;
  Str word = is_long ? str_from(given + 2) : STR_NONE;
  word = str_slice(word, 0, str_find_byte(word, '=', 0));
  Str near = is_long ? nearest_name(self->arena, word, names, ROWS) : STR_NONE;
  bool is_exact = is_long ? str_eq(near, word) : lacks_value;
  if (is_exact && lacks_value) return error_set(err, "`%s` needs a value", given);
  if (is_exact) return error_set(err, "`--%.*s` takes no value", STR_ARGS(near));
  if (abbreviated != NULL) near = str_from(abbreviated);
  if (near.n == 0) return error_set(err, "there is no option `%s`", given);
  return error_set(err, "there is no option `%s`; did you mean `--%.*s`?", given,
                   STR_ARGS(near));
}

// The argument that named a long option: its value may have stood in one of its own.
static const char *long_given(char **argv) {
  return optarg != NULL && optarg == argv[optind - 1] ? argv[optind - 2]
                                                      : argv[optind - 1];
}

static bool is_whole_name(const char *given, const char *name) {
  Str word = str_from(given + 2);
  return str_is(str_slice(word, 0, str_find_byte(word, '=', 0)), name);
}

static bool read_options(Options *self, int argc, char **argv, Error *err) {
  struct option longs[ROWS + 1] = {0};
  for (size_t i = 0; i < ROWS; i++) {
    longs[i] = (struct option){rows[i].name,
                               rows[i].value != NULL ? required_argument : no_argument,
                               NULL, rows[i].id};
  }
  opterr = 0;
  for (;;) {
    int index = -1;
    int id = getopt_long(argc, argv, ":qj:h", longs, &index);
    if (id == -1) break;
    if (id == '?') return option_error(self, stopped_at(argv), false, NULL, err);
    if (id == ':') return option_error(self, argv[optind - 1], true, NULL, err);
    // getopt takes `--sel` for `--select`, until there is another such option.
    if (index >= 0 && !is_whole_name(long_given(argv), rows[index].name)) {
      return option_error(self, long_given(argv), false, rows[index].name, err);
    }
    if (!set_option(self, id, str_from(optarg), err)) return false;
  }
  for (int i = optind; i < argc; i++) {
    vec_push(self->arena, &self->operands, str_from(argv[i]));
  }
  return true;
}

bool options_parse(Options *self, Arena *arena, int argc, char **argv, Error *err) {
  *self = (Options){.arena = arena, .level = LEVEL_WARNING, .fail_on = LEVEL_WARNING};
  for (size_t i = 0; i < COMMANDS && argc > 1; i++) {
    if (strcmp(argv[1], commands[i].name) != 0) continue;
    self->command = commands[i].command;
    argv[1] = argv[0];
    argc -= 1;
    argv += 1;
    break;
  }
  if (!read_options(self, argc, argv, err)) return false;
  if (self->help) self->command = COMMAND_HELP;
  if (self->version) self->command = COMMAND_VERSION;
  return true;
}

bool options_run(const Options *self, Arena *arena, RunOptions *run, Error *err) {
  Selection selection = self->selection;
  ConfigTarget config = {.arena = arena,
                         .rules = run->rules,
                         .settings = &run->base,
                         .selection = &selection};
  for (uint32_t i = 0; i < self->configs.count; i++) {
    if (!config_apply(&config, self->configs.items[i], err)) return false;
  }
  if (self->selection.select_given) {
    selection.select = self->selection.select;
    if (selection.select.count == 0) return error_set(err, "`--select` names no rule");
  }
  if (!selection_apply(&selection, run->rules, &run->base, err)) return false;
  if (self->target.n != 0 && !target_parse(self->target, &run->base.target)) {
    return error_set(err, "`--target-version %.*s`: a version like 3.12 or py312",
                     STR_ARGS(self->target));
  }
  run->target_given = self->target.n != 0 || config.target_given;
  run->base.options = config.options.items;
  run->base.option_count = config.options.count;
  run->base.knowledge = knowledge_indexed_in(self->arena, knowledge_builtin());
  run->level = self->level_given || config.level == 0 ? self->level : config.level;
  run->fail_on = self->fail_never ? 0 : self->fail_on;
  if (config.fail_on_given) run->fail_on = config.fail_on;
  run->isolated = self->isolated;
  run->jobs = self->jobs;
  bool fixes = self->fix || self->diff;
  run->fix_safety = !fixes ? FIX_NONE : self->unsafe_fixes ? FIX_UNSAFE : FIX_SAFE;
  return true;
}

void options_discover(const Options *self, DiscoverOptions *discover) {
  *discover = (DiscoverOptions){
      .paths = self->operands.items,
      .path_count = self->operands.count,
      .excludes = self->excludes.items,
      .exclude_count = self->excludes.count,
      .excludes_given = self->excludes_given,
      .extend_excludes = self->extend_excludes.items,
      .extend_exclude_count = self->extend_excludes.count,
      .force_exclude = self->force_exclude,
      .no_gitignore = self->no_gitignore,
      .no_project = self->no_project,
      .stdin_name = self->stdin_name,
  };
}
