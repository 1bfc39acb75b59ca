// What git ignores, asked of the git program: its rules (nested files, the index, global
// and local excludes) are not written twice. One call for a work tree lists the ignored
// files and folders, folders as a whole, so that the answer is small.

#include "engine/discover_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { GIT_SECONDS = 60, GIT_BYTES = 256 * 1024 * 1024 };

extern char **environ;

// GIT_DIR and its kind would ask another repository than the folder's.
static char **environment_clean(Arena *arena) {
  static const char *const ours[] = {"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
                                     "GIT_NO_LAZY_FETCH=1"};
  uint32_t count = 0, kept = 0;
  while (environ[count] != NULL) count += 1;
  char **out = arena_array(arena, char *, (size_t)count + 4);
  for (uint32_t i = 0; i < count; i++) {
    if (strncmp(environ[i], "GIT_", 4) != 0) out[kept++] = environ[i];
  }
  for (int i = 0; i < 3; i++) out[kept++] = (char *)(uintptr_t)ours[i];
  return out;
}

static bool git_spawn(Arena *arena, const char *folder, int out, pid_t *pid) {
  // A repository's own settings may name programs to run: these two are the ones that
  // listing files would start.
  const char *argv[] = {"git",
                        "-C",
                        folder,
                        "-c",
                        "core.fsmonitor=",
                        "-c",
                        "core.hooksPath=/dev/null",
                        "ls-files",
                        "-z",
                        "--others",
                        "--ignored",
                        "--exclude-standard",
                        "--directory",
                        NULL};
  char *args[sizeof argv / sizeof argv[0]] = {0};
  for (size_t i = 0; argv[i] != NULL; i++) args[i] = (char *)(uintptr_t)argv[i];
  posix_spawn_file_actions_t actions;
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  bool ok =
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
      posix_spawn_file_actions_adddup2(&actions, out, 1) == 0 &&
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0 &&
      posix_spawnp(pid, "git", &actions, NULL, args, environment_clean(arena)) == 0;
  posix_spawn_file_actions_destroy(&actions);
  return ok;
}

// Everything up to the end of the pipe; false when that takes too long or too much.
static bool pipe_read(int fd, Buf *out) {
  uint64_t deadline = clock_ns() + GIT_SECONDS * UINT64_C(1000000000);
  char block[65536];
  for (;;) {
    uint64_t now = clock_ns();
    if (now >= deadline || out->n > GIT_BYTES) return false;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready = poll(&wait, 1, (int)((deadline - now) / 1000000) + 1);
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    ssize_t got = read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    buf_add_bytes(out, block, (size_t)got);
  }
}

static bool child_wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool git_list_ignored(Arena *arena, const char *folder, Str *list) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pid_t pid = 0;
  bool ok = git_spawn(arena, folder, ends[1], &pid);
  close(ends[1]);
  if (ok) {
    Buf out = buf_in(arena);
    ok = pipe_read(ends[0], &out);
    if (!ok) kill(pid, SIGKILL);
    ok = child_wait(pid) && ok;
    *list = buf_str(&out);
  }
  close(ends[0]);
  return ok;
}
