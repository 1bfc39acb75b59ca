// Projects: which folder each named path belongs to.

#include "engine/discover_internal.h"

#include <stdlib.h>

enum { NO_ROOT = UINT32_MAX };

static bool is_home(const Discoverer *self, Str abs) {
  return abs.n <= 1 || (self->home.n != 0 &&
                        (str_eq(abs, self->home) || str_eq(abs, self->home_real)));
}

static bool has_marker(Arena *arena, Str folder) {
  static const char *const markers[] = {"pymemlint.toml", ".pymemlint.toml",
                                        "pyproject.toml", ".git"};
  for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
    if (path_exists_in(arena, folder, markers[i])) return true;
  }
  return false;
}

// The nearest folder with a marker; home and the root of the file system are none.
static Str root_find(Discoverer *self, Str folder) {
  uint32_t found = NO_ROOT;
  Str at = folder;
  for (;; at = path_parent(at)) {
    uint32_t known = map_get(&self->roots, path_key(at));
    if (known != 0)
      found = known;
    else if (is_home(self, at))
      found = NO_ROOT;
    else if (!has_marker(self->arena, at))
      continue;
    else {
      vec_push(self->arena, &self->root_list, at);
      found = self->root_list.count;
    }
    break;
  }
  for (Str on_way = folder; on_way.n > at.n; on_way = path_parent(on_way)) {
    map_put(&self->roots, path_key(on_way), found);
  }
  map_put(&self->roots, path_key(at), found);
  return found == NO_ROOT ? STR_NONE : self->root_list.items[found - 1];
}

static Str folder_of(const Named *named) {
  return named->is_folder ? named->abs : path_parent(named->abs);
}

static bool is_root(const Discoverer *self, Str folder) {
  uint32_t known = map_get(&self->roots, path_key(folder));
  return known != 0 && known != NO_ROOT &&
         str_eq(self->root_list.items[known - 1], folder);
}

// Of the roots over a path the outermost that does not leave it out, so that one project
// holds everything that was named in it.
static Str base_choose(Discoverer *self, const Named *named, bool *left_out) {
  Str best = STR_NONE;
  for (Str at = folder_of(named);; at = path_parent(at)) {
    if (is_root(self, at)) {
      bool out = walk_leaves_out(self, named->abs, at) ||
                 (named->is_folder && !str_eq(at, named->abs) &&
                  path_exists_in(self->arena, named->abs, "pyvenv.cfg"));
      *left_out = *left_out || out;
      if (!out) best = at;
    }
    if (at.n <= 1) return best;
  }
}

static int compare_str(const void *a, const void *b) {
  return str_cmp(*(const Str *)a, *(const Str *)b);
}

static Str pyproject_find(Discoverer *self, Str base) {
  for (Str at = base; !is_home(self, at); at = path_parent(at)) {
    if (path_exists_in(self->arena, at, "pyproject.toml")) {
      return path_join(self->arena, at, STR("pyproject.toml"));
    }
    if (path_exists_in(self->arena, at, ".git")) break;
  }
  return STR_NONE;
}

static bool all_agree(const Discoverer *self) {
  for (uint32_t i = 0; i < self->named.count; i++) {
    if (!str_eq(self->named.items[i].base, self->named.items[0].base)) return false;
  }
  return true;
}

// Paths without a project make one together, from the deepest folder over them all.
static void bases_complete(Discoverer *self) {
  bool all = self->options->no_project && !all_agree(self);
  Str common = STR_NONE;
  for (uint32_t i = 0; i < self->named.count; i++) {
    const Named *named = &self->named.items[i];
    if (!all && named->base.n != 0) continue;
    Str folder = folder_of(named);
    common = common.n == 0 ? folder : path_common(common, folder);
  }
  for (uint32_t i = 0; i < self->named.count; i++) {
    Named *named = &self->named.items[i];
    if (all || named->base.n == 0) {
      named->base = common;
      named->is_alone = true;
    }
  }
}

static void projects_add(Discoverer *self) {
  Arena *arena = self->arena;
  Str *bases = arena_array(arena, Str, self->named.count);
  for (uint32_t i = 0; i < self->named.count; i++) bases[i] = self->named.items[i].base;
  if (self->named.count > 1)
    qsort(bases, self->named.count, sizeof *bases, compare_str);
  Map numbers = map_in(arena);
  for (uint32_t i = 0; i < self->named.count; i++) {
    if (i > 0 && str_eq(bases[i], bases[i - 1])) continue;
    vec_push(arena, &self->bases, bases[i]);
    map_put(&numbers, path_key(bases[i]), self->bases.count);
    Project project = {.pyproject = pyproject_find(self, bases[i]),
                       .is_distributed = metadata_found(arena, bases[i])};
    vec_push(arena, &self->out->projects, project);
  }
  for (uint32_t i = 0; i < self->named.count; i++) {
    Named *named = &self->named.items[i];
    named->project = map_get(&numbers, path_key(named->base)) - 1;
    Project *project = &self->out->projects.items[named->project];
    if (named->is_alone) continue;
    bool relative = !str_starts(named->given, STR("/"));
    if (project->root.n == 0 || relative) {
      project->root = relative ? path_from(arena, self->cwd, named->base) : named->base;
    }
  }
}

// Without a project, `--force-exclude` goes by the path from the current folder.
static bool is_excluded_alone(const Discoverer *self, const Named *named) {
  Str base = path_below(named->abs, self->cwd) ? self->cwd : named->base;
  return walk_leaves_out(self, named->abs, base);
}

static void drop_excluded(Discoverer *self, const bool *left_out) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < self->named.count; i++) {
    const Named *named = &self->named.items[i];
    bool out = left_out[i] || (named->is_alone && is_excluded_alone(self, named));
    if (out)
      self->out->excluded += 1;
    else
      self->named.items[kept++] = *named;
  }
  self->named.count = kept;
}

void projects_find(Discoverer *self) {
  bool *left_out = arena_array(self->arena, bool, self->named.count);
  for (uint32_t i = 0; i < self->named.count; i++) {
    if (!self->named.items[i].is_nameless)
      root_find(self, folder_of(&self->named.items[i]));
  }
  // Whole projects are walked below; of named files alone nothing is asked.
  bool asks = !self->options->no_project || self->options->force_exclude;
  for (uint32_t i = 0; i < self->root_list.count && asks; i++) {
    walk_ask_git(self, self->root_list.items[i]);
  }
  for (uint32_t i = 0; i < self->named.count; i++) {
    Named *named = &self->named.items[i];
    if (!named->is_nameless) named->base = base_choose(self, named, &left_out[i]);
  }
  bases_complete(self);
  if (self->options->force_exclude) drop_excluded(self, left_out);
  projects_add(self);
}
