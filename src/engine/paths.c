// Paths as text. They are kept as they were given: resolving symlinks would take files
// out of the forests of links in which build systems run their tools.

#include "engine/discover_internal.h"

#include <stdlib.h>
#include <unistd.h>

Str path_join(Arena *arena, Str folder, Str name) {
  if (folder.n == 0 || str_is(folder, ".")) return name;
  if (name.n == 0) return folder;
  bool slash = folder.p[folder.n - 1] != '/';
  char *out = arena_alloc_raw(arena, (size_t)folder.n + name.n + 2);
  memcpy(out, folder.p, folder.n);
  if (slash) out[folder.n] = '/';
  uint32_t start = folder.n + slash;
  memcpy(out + start, name.p, name.n);
  out[start + name.n] = '\0';
  return (Str){out, start + name.n};
}

Str path_parent(Str abs) {
  uint32_t n = abs.n;
  while (n > 0 && abs.p[n - 1] != '/') n -= 1;
  return str_slice(abs, 0, n > 1 ? n - 1 : n);
}

Str path_name(Str path) { return str_after_last(path, '/'); }

bool path_below(Str abs, Str folder) {
  if (!str_starts(abs, folder)) return false;
  return abs.n == folder.n || str_ends(folder, STR("/")) || abs.p[folder.n] == '/';
}

Str path_relative(Str abs, Str folder) {
  uint32_t start = folder.n;
  if (start < abs.n && abs.p[start] == '/') start += 1;
  return str_slice(abs, start, abs.n);
}

Str path_clean(Arena *arena, Str given) {
  Buf out = buf_in(arena);
  if (str_starts(given, STR("/"))) buf_add_byte(&out, '/');
  for (uint32_t at = 0; at < given.n;) {
    Str part = str_slice(given, at, str_find_byte(given, '/', at));
    at += part.n + 1;
    if (part.n == 0 || str_is(part, ".")) continue;
    if (out.n > 0 && out.p[out.n - 1] != '/') buf_add_byte(&out, '/');
    buf_add(&out, part);
  }
  return out.n == 0 ? STR(".") : buf_str(&out);
}

// `..` taken as text: only for paths that lead nowhere.
static Str drop_parents(Arena *arena, Str abs) {
  Str out = STR("/");
  for (uint32_t at = 1; at < abs.n;) {
    Str part = str_slice(abs, at, str_find_byte(abs, '/', at));
    at += part.n + 1;
    out = str_is(part, "..") ? path_parent(out) : path_join(arena, out, part);
  }
  return out;
}

static bool has_parents(Str path) {
  for (uint32_t at = 0; at < path.n;) {
    Str part = str_slice(path, at, str_find_byte(path, '/', at));
    if (str_is(part, "..")) return true;
    at += part.n + 1;
  }
  return false;
}

static bool path_resolve(Arena *arena, Str path, Str *real) {
  char *found = realpath(str_cstr_in(arena, path), NULL);
  if (found == NULL) return false;
  *real = str_copy_in(arena, str_from(found));
  free(found);
  return true;
}

Str path_absolute(Arena *arena, Str cwd, Str given) {
  Str clean = path_clean(arena, given);
  bool rooted = str_starts(clean, STR("/"));
  Str abs = rooted ? clean : str_is(clean, ".") ? cwd : path_join(arena, cwd, clean);
  if (!has_parents(abs)) return abs;
  Str real, name = path_name(abs);
  if (str_is(name, "..")) {
    return path_resolve(arena, abs, &real) ? real : drop_parents(arena, abs);
  }
  if (!path_resolve(arena, path_parent(abs), &real)) return drop_parents(arena, abs);
  return path_join(arena, real, name);
}

Str path_real(Arena *arena, Str path) {
  Str real;
  return path_resolve(arena, path, &real) ? real : path;
}

Str path_common(Str a, Str b) {
  while (!path_below(b, a)) a = path_parent(a);
  return a;
}

Str path_from(Arena *arena, Str cwd, Str abs) {
  if (str_eq(cwd, abs)) return STR(".");
  if (path_below(abs, cwd)) return path_relative(abs, cwd);
  if (!path_below(cwd, abs)) return abs;
  Buf out = buf_in(arena);
  Str down = path_relative(cwd, abs);
  for (uint32_t at = 0; at < down.n; at = str_find_byte(down, '/', at) + 1) {
    buf_add_text(&out, out.n == 0 ? ".." : "/..");
  }
  return buf_str(&out);
}

bool path_exists_in(Arena *arena, Str folder, const char *name) {
  Str path = path_join(arena, folder, str_from(name));
  return access(str_cstr_in(arena, path), F_OK) == 0;
}
