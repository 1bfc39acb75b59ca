#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool file_read_open(Arena *arena, int fd, Str *bytes, Error *err) {
  struct stat info;
  if (fstat(fd, &info) != 0) return error_set(err, "%s", strerror(errno));
  if (S_ISDIR(info.st_mode)) return error_set(err, "is a folder");
  size_t capacity = S_ISREG(info.st_mode) ? (size_t)info.st_size + 1 : 65536;
  char *data = arena_alloc_raw(arena, capacity);
  size_t n = 0;
  for (;;) {
    ssize_t got = read(fd, data + n, capacity - n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_set(err, "%s", strerror(errno));
    if (got == 0) break;
    n += (size_t)got;
    if (n >= UINT32_MAX - 1) return error_set(err, "is larger than 4 GiB");
    if (n == capacity) {
      char *grown = arena_alloc_raw(arena, capacity * 2);
      memcpy(grown, data, n);
      data = grown;
      capacity *= 2;
    }
  }
  *bytes = (Str){data, (uint32_t)n};
  return true;
}

bool file_read(Arena *arena, const char *path, Str *bytes, Error *err) {
  // A FIFO or a device must not hang the run: they are not files to be linted.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return error_set(err, "%s", strerror(errno));
  struct stat info;
  bool ok = fstat(fd, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)
                ? file_read_open(arena, fd, bytes, err)
                : error_set(err, "is not a regular file");
  close(fd);
  return ok;
}

bool file_id(const char *path, FileId *id) {
  struct stat info;
  if (stat(path, &info) != 0) return false;
  *id = (FileId){(uint64_t)info.st_dev, (uint64_t)info.st_ino};
  return true;
}

bool file_read_stdin(Arena *arena, Str *bytes, Error *err) {
  Error reason = error_in(arena);
  if (file_read_open(arena, STDIN_FILENO, bytes, &reason)) return true;
  return error_set(err, "standard input cannot be read: %.*s", STR_ARGS(reason.text));
}

static bool write_all(int fd, Str bytes) {
  for (uint32_t at = 0; at < bytes.n;) {
    ssize_t put = write(fd, bytes.p + at, bytes.n - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += (uint32_t)put;
  }
  return true;
}

// Writes beside the target and takes its name in one step. `like` gives the mode bits.
static bool write_beside(Arena *arena, Str target, const struct stat *like, Str bytes,
                         Error *err) {
  Str temporary = str_printf_in(arena, "%.*s.XXXXXX.tmp", STR_ARGS(target));
  char *name = (char *)(uintptr_t)temporary.p;
  int fd = mkostemps(name, 4, O_CLOEXEC);
  if (fd < 0) return error_set(err, "%s", strerror(errno));
  bool ok = write_all(fd, bytes);
  if (ok && fchown(fd, like->st_uid, like->st_gid) != 0 && errno != EPERM) ok = false;
  ok = ok && fchmod(fd, like->st_mode & 07777) == 0 && fsync(fd) == 0;
  int failed = errno;
  if (close(fd) != 0) {
    failed = errno;
    ok = false;
  }
  if (ok && rename(name, target.p) == 0) return true;
  if (ok) failed = errno;
  unlink(name);
  return error_set(err, "%s", strerror(failed));
}

bool file_replace(Arena *arena, const char *path, Str bytes, Error *err) {
  char *resolved = realpath(path, NULL);  // the file behind a symlink
  if (resolved == NULL) return error_set(err, "%s", strerror(errno));
  Str target = str_copy_in(arena, str_from(resolved));
  free(resolved);
  struct stat info;
  if (stat(target.p, &info) != 0) return error_set(err, "%s", strerror(errno));
  if (access(target.p, W_OK) != 0) return error_set(err, "%s", strerror(errno));
  return write_beside(arena, target, &info, bytes, err);
}

bool file_write(Arena *arena, const char *path, Str bytes, Error *err) {
  struct stat info;
  if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
    return file_replace(arena, path, bytes, err);
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return error_set(err, "%s", strerror(errno));
  bool ok = write_all(fd, bytes);
  int failed = errno;
  if (close(fd) != 0 || !ok) return error_set(err, "%s", strerror(ok ? errno : failed));
  return true;
}

uint64_t clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t process_peak_bytes(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return (uint64_t)usage.ru_maxrss * 1024;  // kilobytes on Linux
}
