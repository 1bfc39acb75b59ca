// Module names. A folder with __init__.py is a package, wherever it lies. One without is
// a namespace package, unless it is where Python starts to look: the project's own
// folder, src and its kind, a folder of scripts or tests, or one that no import can name.

#include "engine/discover_internal.h"

bool is_python_name(Str name) {
  return str_ends(name, STR(".py")) || str_ends(name, STR(".pyi")) ||
         str_ends(name, STR(".pyw"));
}

static bool is_identifier(Str name) {
  if (name.n == 0 || (name.p[0] >= '0' && name.p[0] <= '9')) return false;
  for (uint32_t i = 0; i < name.n; i++) {
    unsigned char c = (unsigned char)name.p[i];
    bool word = c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!word) return false;
  }
  return true;
}

static bool is_any(Str name, const char *const *list) {
  for (; *list != NULL; list++) {
    if (str_is(name, *list)) return true;
  }
  return false;
}

static bool starts_search(Arena *arena, Str folder) {
  static const char *const starts[] = {
      "src",      "lib",  "python",     "tests", "test",          "scripts", "tools",
      "examples", "docs", "benchmarks", "bin",   "site-packages", NULL};
  Str name = path_name(folder);
  return !is_identifier(name) || is_any(name, starts) ||
         path_exists_in(arena, folder, "pyproject.toml") ||
         path_exists_in(arena, folder, "setup.py") ||
         path_exists_in(arena, folder, "setup.cfg");
}

static bool is_package(Arena *arena, Str folder) {
  return path_exists_in(arena, folder, "__init__.py") ||
         path_exists_in(arena, folder, "__init__.pyi");
}

static uint32_t prefix_put(Discoverer *self, Str folder, Str prefix) {
  vec_push(self->arena, &self->module_list, prefix);
  map_put(&self->modules, path_key(folder), self->module_list.count);
  return self->module_list.count;
}

static Str dotted(Arena *arena, Str prefix, Str name) {
  if (prefix.n == 0) return name;
  return str_printf_in(arena, "%.*s.%.*s", STR_ARGS(prefix), STR_ARGS(name));
}

// The dotted name of a folder; folders on the way are remembered.
static Str folder_module(Discoverer *self, Str folder, Str base) {
  VEC(Str) pending = {0};
  Str prefix = STR_NONE;
  for (Str at = folder;; at = path_parent(at)) {
    uint32_t known = map_get(&self->modules, path_key(at));
    if (known != 0) {
      prefix = self->module_list.items[known - 1];
      break;
    }
    bool package = is_package(self->arena, at);
    bool within = path_below(at, base) && at.n > base.n;
    if (at.n <= 1 || (!package && (!within || starts_search(self->arena, at)))) {
      prefix_put(self, at, STR_NONE);
      break;
    }
    vec_push(self->arena, &pending, at);
  }
  for (uint32_t i = pending.count; i > 0; i--) {
    Str at = pending.items[i - 1];
    prefix = dotted(self->arena, prefix, path_name(at));
    prefix_put(self, at, prefix);
  }
  return prefix;
}

Str module_name(Discoverer *self, Str abs, Str base) {
  Str name = path_name(abs);
  Str prefix = folder_module(self, path_parent(abs), base);
  uint32_t dot = name.n;
  while (dot > 0 && name.p[dot - 1] != '.') dot -= 1;
  Str stem = is_python_name(name) ? str_slice(name, 0, dot - 1) : name;
  if (str_is(stem, "__init__")) return prefix;
  return dotted(self->arena, prefix, stem);
}

bool is_test_path(Str relative) {
  Str name = path_name(relative);
  for (uint32_t at = 0; at + name.n < relative.n;) {
    Str part = str_slice(relative, at, str_find_byte(relative, '/', at));
    if (str_is(part, "tests") || str_is(part, "test") || str_is(part, "testing"))
      return true;
    at += part.n + 1;
  }
  Str stem = str_slice(name, 0, str_find_byte(name, '.', 0));
  return str_starts(name, STR("test_")) || str_is(name, "conftest.py") ||
         str_ends(stem, STR("_test")) || str_ends(stem, STR("_testing")) ||
         str_is(stem, "testing") || str_is(stem, "testing_utils");
}
