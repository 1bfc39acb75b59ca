// The walk over folders: no recursion, no symlinked folders, each folder once.

#include "engine/discover_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

// Trees of many small repositories must not start git for each.
enum { MAX_REPOSITORIES = 200 };

typedef struct Entry {
  Str name;
  unsigned char type;  // DT_DIR, DT_REG, DT_LNK; others are left out
} Entry;

typedef struct Folder {
  VEC(Entry) entries;
  bool is_environment, is_repository;
} Folder;

typedef struct Walk {
  Discoverer *to;
  Str abs, real, shown;  // where it starts
  uint32_t project;
  bool named;
  VEC(Str) pending;  // absolute paths
} Walk;

// --- git -----------------------------------------------------------------------------

static bool in_work_tree(Discoverer *self, Str abs) {
  for (Str at = abs;; at = path_parent(at)) {
    if (path_exists_in(self->arena, at, ".git")) return true;
    if (at.n <= 1) return false;
  }
}

void walk_ask_git(Discoverer *self, Str abs) {
  Str list;
  if (self->options->no_gitignore || !in_work_tree(self, abs)) return;
  if (!git_list_ignored(self->arena, str_cstr_in(self->arena, abs), &list)) return;
  for (uint32_t at = 0; at < list.n;) {
    Str path = str_slice(list, at, str_find_byte(list, '\0', at));
    at += path.n + 1;
    if (str_ends(path, STR("/"))) path.n -= 1;
    if (str_is(path, ".")) continue;  // the folder itself: but that was named
    map_put(&self->ignored, path_key(path_join(self->arena, abs, path)), 1);
  }
}

// --- what is left out ----------------------------------------------------------------

static bool matches_any(const Str *patterns, uint32_t count, Str path) {
  for (uint32_t i = 0; i < count; i++) {
    if (glob_matches(patterns[i], path)) return true;
  }
  return false;
}

// Names of build output that packages have, too: python -m venv, python -m build.
static bool is_package_after_all(const Discoverer *self, Str abs) {
  Str name = path_name(abs);
  return !self->options->excludes_given &&
         (str_is(name, "build") || str_is(name, "dist") || str_is(name, "venv")) &&
         path_exists_in(self->arena, abs, "__init__.py");
}

// One path, when the folders over it are known not to be left out.
static bool leaves_out_entry(const Discoverer *self, Str abs, Str base) {
  if (map_get(&self->ignored, path_key(abs)) != 0) return true;
  if (matches_any(self->path_excludes.items, self->path_excludes.count,
                  path_relative(abs, base))) {
    return true;
  }
  return matches_any(self->name_excludes.items, self->name_excludes.count,
                     path_name(abs)) &&
         !is_package_after_all(self, abs);
}

bool walk_leaves_out(const Discoverer *self, Str abs, Str base) {
  for (Str at = abs; at.n > base.n; at = path_parent(at)) {
    if (leaves_out_entry(self, at, base)) return true;
  }
  return false;
}

// --- files ---------------------------------------------------------------------------

void walk_add(Discoverer *self, InputFile file, Str abs, Str real) {
  if (map_get(&self->seen, path_key(real)) != 0) return;
  map_put(&self->seen, path_key(real), 1);
  Str base = self->bases.items[file.project];
  file.relative = path_relative(abs, base);
  file.module = module_name(self, abs, base);
  Str name = path_name(abs);
  file.is_package = str_is(name, "__init__.py") || str_is(name, "__init__.pyi");
  file.is_test = is_test_path(file.relative);
  vec_push(self->arena, &self->out->files, file);
}

static int compare_aliases(const void *a, const void *b) {
  const Alias *x = a, *y = b;
  return str_cmp(x->file.path, y->file.path);
}

void walk_add_aliases(Discoverer *self) {
  if (self->aliases.count > 1) {
    qsort(self->aliases.items, self->aliases.count, sizeof(Alias), compare_aliases);
  }
  for (uint32_t i = 0; i < self->aliases.count; i++) {
    const Alias *alias = &self->aliases.items[i];
    walk_add(self, alias->file, alias->file.relative, alias->real);
  }
  self->aliases.count = 0;
}

// --- folders -------------------------------------------------------------------------

// The same place below the start, in the spelling that people see.
static Str shown_path(const Walk *walk, Str abs) {
  if (str_is(walk->shown, ".")) return path_relative(abs, walk->abs);
  if (str_ends(walk->abs, walk->shown)) {
    return str_slice(abs, walk->abs.n - walk->shown.n, abs.n);
  }
  return path_join(walk->to->arena, walk->shown, path_relative(abs, walk->abs));
}

static Str real_path(const Walk *walk, Str abs) {
  if (str_eq(walk->abs, walk->real)) return abs;
  return path_join(walk->to->arena, walk->real, path_relative(abs, walk->abs));
}

static unsigned char entry_type(DIR *stream, const struct dirent *entry) {
  struct stat info;
  if (entry->d_type != DT_UNKNOWN) return entry->d_type;
  if (fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return S_ISDIR(info.st_mode)   ? DT_DIR
         : S_ISREG(info.st_mode) ? DT_REG
         : S_ISLNK(info.st_mode) ? DT_LNK
                                 : 0;
}

static void folder_add(Folder *self, Arena *arena, DIR *stream,
                       const struct dirent *entry) {
  Str name = str_from(entry->d_name);
  self->is_environment = self->is_environment || str_is(name, "pyvenv.cfg");
  if (str_is(name, ".git")) self->is_repository = true;
  if (str_is(name, ".") || str_is(name, "..")) return;
  unsigned char type = entry_type(stream, entry);
  bool wanted =
      type == DT_DIR || ((type == DT_REG || type == DT_LNK) && is_python_name(name));
  if (wanted) vec_push(arena, &self->entries, (Entry){str_copy_in(arena, name), type});
}

static bool folder_read(Folder *self, Arena *arena, Str abs) {
  DIR *stream = opendir(str_cstr_in(arena, abs));
  if (stream == NULL) return false;
  for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
    folder_add(self, arena, stream, entry);
  }
  closedir(stream);
  return true;
}

static void walk_entry(Walk *walk, Str folder, Entry entry) {
  Discoverer *self = walk->to;
  Str abs = path_join(self->arena, folder, entry.name);
  if (leaves_out_entry(self, abs, self->bases.items[walk->project])) return;
  if (entry.type == DT_DIR) {
    vec_push(self->arena, &walk->pending, abs);
    return;
  }
  InputFile file = {
      .path = shown_path(walk, abs), .project = walk->project, .named = walk->named};
  if (entry.type == DT_REG) {
    walk_add(self, file, abs, real_path(walk, abs));
    return;
  }
  struct stat info;
  const char *path = str_cstr_in(self->arena, abs);
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return;
  file.relative = abs;  // until it is added
  Alias alias = {file, path_real(self->arena, abs)};
  vec_push(self->arena, &self->aliases, alias);
}

static void walk_one(Walk *walk, Str abs) {
  Discoverer *self = walk->to;
  bool is_start = abs.n == walk->abs.n;
  Str real = real_path(walk, abs);
  if (map_get(&self->visited, path_key(real)) != 0) return;
  Folder folder = {0};
  if (!folder_read(&folder, self->arena, abs)) {
    if (errno == ENOENT || errno == ENOTDIR) return;  // gone since it was listed
    // Reading it as a file fails with the reason, and the project is incomplete.
    InputFile file = {.path = is_start ? walk->shown : shown_path(walk, abs),
                      .project = walk->project,
                      .named = walk->named};
    walk_add(self, file, abs, real);
    return;
  }
  if (!is_start && folder.is_environment && !self->options->excludes_given) return;
  map_put(&self->visited, path_key(real), 1);
  if (!is_start && folder.is_repository && self->repositories < MAX_REPOSITORIES) {
    self->repositories += 1;
    walk_ask_git(self, abs);
  }
  for (uint32_t i = 0; i < folder.entries.count; i++) {
    walk_entry(walk, abs, folder.entries.items[i]);
  }
}

void walk_folder(Discoverer *self, Str abs, Str shown, uint32_t project, bool named) {
  Walk walk = {.to = self,
               .abs = abs,
               .shown = shown,
               .project = project,
               .named = named,
               .real = path_real(self->arena, abs)};
  vec_push(self->arena, &walk.pending, abs);
  while (walk.pending.count > 0)
    walk_one(&walk, walk.pending.items[--walk.pending.count]);
}
