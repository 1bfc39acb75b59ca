// The command: reads options, runs one command, and turns what happened into a status.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/options.h"

// What people typed comes back in messages: nothing in it may reach a terminal raw.
int usage_error(Str message) {
  Arena arena;
  arena_init(&arena);
  Buf line = buf_in(&arena);
  buf_add_escaped(&line, message);
  fprintf(stderr, "pymemlint: %.*s\n", STR_ARGS(buf_str(&line)));
  arena_release(&arena);
  return 2;
}

static int command_help(const Options *options) {
  Buf out = buf_in(options->arena);
  options_help(options, &out);
  fwrite(out.p, 1, out.n, stdout);
  return 0;
}

static int run_command(const Options *options) {
  switch (options->command) {
    case COMMAND_CHECK: return command_check(options);
    case COMMAND_RULE: return command_rule(options);
    case COMMAND_DUMP: return command_dump(options);
    case COMMAND_EXPLAIN: return command_explain(options);
    case COMMAND_VERSION: puts("pymemlint " PYMEMLINT_VERSION); return 0;
    case COMMAND_HELP: return command_help(options);
  }
  return 3;
}

// What was printed must have arrived: a report cut short is not a clean one.
static int stdout_close(int status) {
  bool failed = ferror(stdout) != 0;
  errno = 0;
  failed = fflush(stdout) != 0 || failed;
  if (!failed || status == 3) return status;
  fprintf(stderr, "pymemlint: standard output cannot be written%s%s\n",
          errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
  return 2;
}

int main(int argc, char **argv) {
  Arena arena;
  arena_init(&arena);
  Options options;
  Error err = error_in(&arena);
  int status = options_parse(&options, &arena, argc, argv, &err)
                   ? run_command(&options)
                   : usage_error(err.text);
  arena_release(&arena);
  return stdout_close(status);
}
