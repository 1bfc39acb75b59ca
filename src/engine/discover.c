#include "engine/discover.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/discover_internal.h"

// Folders that hold no code of the project: the list of ruff, bazel's links, and what
// other tools leave behind.
static const char *const default_excludes[] = {
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pixi",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".uv",
    ".venv",
    ".vscode",
    ".idea",
    "__pycache__",
    "__pypackages__",
    "_build",
    "bazel-*",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
    "*.egg-info",
};

static void add_exclude(Discoverer *self, Str pattern) {
  Str inner =
      str_ends(pattern, STR("/")) ? str_slice(pattern, 0, pattern.n - 1) : pattern;
  if (str_find_byte(inner, '/', 0) == inner.n) {
    vec_push(self->arena, &self->name_excludes, inner);
  } else {
    vec_push(self->arena, &self->path_excludes, pattern);
  }
}

static void read_excludes(Discoverer *self) {
  const DiscoverOptions *options = self->options;
  size_t defaults = sizeof default_excludes / sizeof default_excludes[0];
  for (size_t i = 0; i < defaults && !options->excludes_given; i++) {
    add_exclude(self, str_from(default_excludes[i]));
  }
  for (uint32_t i = 0; i < options->exclude_count; i++) {
    add_exclude(self, options->excludes[i]);
  }
  for (uint32_t i = 0; i < options->extend_exclude_count; i++) {
    add_exclude(self, options->extend_excludes[i]);
  }
}

static Named named_read(Discoverer *self, Str path) {
  Named named = {.is_stdin = str_is(path, "-")};
  if (named.is_stdin) {
    named.is_nameless = self->options->stdin_name.n == 0;
    if (!named.is_nameless) path = self->options->stdin_name;
  }
  named.given = path_clean(self->arena, path);
  named.abs = path_absolute(self->arena, self->cwd, path);
  named.real = path_real(self->arena, named.abs);
  struct stat info;
  if (stat(str_cstr_in(self->arena, named.given), &info) == 0) {
    named.exists = true;
    named.is_folder = S_ISDIR(info.st_mode) && !named.is_stdin;
  }
  return named;
}

// Real paths before symlinks, folders before what is in them, short spellings first: the
// first to name a file gives it its name.
static int compare_named(const void *a, const void *b) {
  const Named *x = a, *y = b;
  bool x_alias = !str_eq(x->abs, x->real), y_alias = !str_eq(y->abs, y->real);
  if (x_alias != y_alias) return x_alias ? 1 : -1;
  int order = str_cmp(x->abs, y->abs);
  if (order != 0) return order;
  if (x->given.n != y->given.n) return x->given.n < y->given.n ? -1 : 1;
  return str_cmp(x->given, y->given);
}

static bool read_named(Discoverer *self, Error *err) {
  const DiscoverOptions *options = self->options;
  for (uint32_t i = 0; i < options->path_count; i++) {
    if (options->paths[i].n == 0) return error_set(err, "a path is empty");
    if (str_is(options->paths[i], "-") && options->path_count > 1) {
      return error_set(err, "`-` is standard input and goes without other paths");
    }
    vec_push(self->arena, &self->named, named_read(self, options->paths[i]));
  }
  if (self->named.count > 1) {
    qsort(self->named.items, self->named.count, sizeof(Named), compare_named);
  }
  return true;
}

static bool read_places(Discoverer *self, Error *err) {
  char *cwd = getcwd(NULL, 0);
  if (cwd == NULL) return error_set(err, "the current folder is gone");
  self->cwd = str_copy_in(self->arena, str_from(cwd));
  free(cwd);
  Str home = str_from(getenv("HOME"));
  if (str_starts(home, STR("/"))) {
    self->home = path_clean(self->arena, home);
    self->home_real = path_real(self->arena, self->home);
  }
  return true;
}

static void add_named(Discoverer *self, const Named *named) {
  if (named->is_folder) {
    // The tree of a project was asked about when the project was found.
    if (named->is_alone || self->options->no_project) walk_ask_git(self, named->abs);
    walk_folder(self, named->abs, named->given, named->project, true);
    return;
  }
  InputFile file = {.path = named->given,
                    .project = named->project,
                    .named = true,
                    .is_stdin = named->is_stdin,
                    .missing = !named->exists && !named->is_stdin};
  walk_add(self, file, named->abs, named->real);
}

static void add_projects(Discoverer *self) {
  for (uint32_t i = 0; i < self->bases.count; i++) {
    Str root = self->out->projects.items[i].root;
    if (root.n != 0) walk_folder(self, self->bases.items[i], root, i, false);
  }
}

static int compare_files(const void *a, const void *b) {
  const InputFile *x = a, *y = b;
  if (x->project != y->project) return x->project < y->project ? -1 : 1;
  int order = str_cmp(x->relative, y->relative);
  return order != 0 ? order : str_cmp(x->path, y->path);
}

bool discover(Discovery *self, Arena *arena, const DiscoverOptions *options,
              Error *err) {
  *self = (Discovery){0};
  Discoverer work = {.out = self, .arena = arena, .options = options};
  work.seen = map_in(arena);
  work.visited = map_in(arena);
  work.ignored = map_in(arena);
  work.roots = map_in(arena);
  work.modules = map_in(arena);
  read_excludes(&work);
  if (!read_places(&work, err) || !read_named(&work, err)) return false;
  projects_find(&work);
  for (uint32_t i = 0; i < work.named.count; i++)
    add_named(&work, &work.named.items[i]);
  walk_add_aliases(&work);
  if (!options->no_project) add_projects(&work);
  walk_add_aliases(&work);
  if (self->files.count > 1) {
    qsort(self->files.items, self->files.count, sizeof(InputFile), compare_files);
  }
  return true;
}
