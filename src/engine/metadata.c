// Build metadata: is what the modules of a folder export for others as well?
#include <dirent.h>

#include "base/file.h"
#include "engine/discover_internal.h"
#include "syntax/toml.h"

static bool pyproject_builds(Arena *arena, Str folder) {
  static const char *const tables[] = {"project", "build-system", "tool.poetry",
                                       "tool.flit", "tool.setuptools"};
  Error err = error_in(arena);
  Str bytes;
  TomlDoc doc;
  const char *path =
      str_cstr_in(arena, path_join(arena, folder, STR("pyproject.toml")));
  if (!file_read(arena, path, &bytes, &err)) return false;
  if (!toml_parse(&doc, arena, bytes, &err)) return true;  // not ours to judge
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    if (toml_get(&doc, tables[i]) != NULL) return true;
  }
  return false;
}

// `flask-3.1.dist-info`; and site-packages, as Python's own library has.
static bool entry_tells(const char *name) {
  Str entry = str_from(name);
  return str_ends(entry, STR(".dist-info")) || str_ends(entry, STR(".egg-info")) ||
         str_is(entry, "site-packages") || str_is(entry, "dist-packages");
}

static bool entries_tell(Arena *arena, Str folder) {
  DIR *entries = opendir(str_cstr_in(arena, folder));
  if (entries == NULL) return false;
  bool found = false;
  for (const struct dirent *e; !found && (e = readdir(entries)) != NULL;) {
    found = entry_tells(e->d_name);
  }
  closedir(entries);
  return found;
}

bool metadata_found(Arena *arena, Str folder) {
  if (str_contains(folder, STR("/site-packages")) ||
      str_contains(folder, STR("/dist-packages"))) {
    return true;
  }
  return path_exists_in(arena, folder, "setup.py") ||
         path_exists_in(arena, folder, "setup.cfg") ||
         pyproject_builds(arena, folder) || entries_tell(arena, folder);
}
