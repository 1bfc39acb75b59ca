// Between the parts of discovery: the walk, git, module names.
#ifndef ENGINE_DISCOVER_INTERNAL_H
#define ENGINE_DISCOVER_INTERNAL_H

#include "base/map.h"
#include "engine/discover.h"

// A path that was named, in three spellings.
typedef struct Named {
  Str given;  // to show: as given, without `./` and doubled slashes
  Str abs;    // from the root, without `.` and `..`; symlinks as given
  Str real;   // without symlinks
  Str base;   // of its project: absolute folder
  uint32_t project;
  bool is_folder, exists, is_stdin;
  bool is_nameless;  // standard input without --stdin-filename
  bool is_alone;     // in no project: the named paths are one
} Named;

// A symlinked file: added when all real ones are known, so that those win.
typedef struct Alias {
  InputFile file;
  Str real;
} Alias;

typedef struct Discoverer {
  Discovery *out;
  Arena *arena;
  const DiscoverOptions *options;
  Str cwd, home, home_real;  // absolute; the home folder may be unknown
  VEC(Str) name_excludes;    // patterns without a slash, for any part of a path
  VEC(Str) path_excludes;
  VEC(Named) named;  // sorted; what it says does not depend on the order given
  VEC(Str) bases;    // per project: the folder that relative paths start from
  VEC(Alias) aliases;
  Map seen;     // real path of a file
  Map visited;  // real path of a folder
  Map ignored;  // absolute path: ignored by git
  Map roots;    // folder -> index into root_list + 1
  VEC(Str) root_list;
  Map modules;            // folder -> index into module_list + 1
  VEC(Str) module_list;   // what precedes the names of a folder's modules
  uint32_t repositories;  // nested ones that git was asked about
} Discoverer;

static inline uint64_t path_key(Str path) { return hash_str(path) | 1; }

// --- paths (paths.c) -----------------------------------------------------------------

Str path_join(Arena *arena, Str folder, Str name);  // "" and "." vanish
Str path_parent(Str abs);                           // of "/": "/"
Str path_name(Str path);
bool path_below(Str abs, Str folder);     // or the folder itself
Str path_relative(Str abs, Str folder);   // `abs` is below; "" = the same
Str path_clean(Arena *arena, Str given);  // without `./`, `//` and a last `/`
Str path_absolute(Arena *arena, Str cwd, Str given);
Str path_real(Arena *arena, Str path);  // unresolvable: as it is
Str path_common(Str a, Str b);          // the deepest folder over both
// `abs` as reachable from `cwd`: ".", "x/y", "../x", or absolute when far away.
Str path_from(Arena *arena, Str cwd, Str abs);
// Does a package get built from the folder, or was one installed there?
bool metadata_found(Arena *arena, Str folder);
bool path_exists_in(Arena *arena, Str folder, const char *name);

// --- projects (projects.c) -----------------------------------------------------------

// Finds the project of every named path; drops those that are excluded by force.
void projects_find(Discoverer *self);

// --- the walk (walk.c) ---------------------------------------------------------------

void walk_folder(Discoverer *self, Str abs, Str shown, uint32_t project, bool named);
void walk_add(Discoverer *self, InputFile file, Str abs, Str real);
void walk_add_aliases(Discoverer *self);
// Asks git about the tree below a folder, when it lies in a work tree.
void walk_ask_git(Discoverer *self, Str abs);
// Whether a path below `base`, or a folder over it, is excluded or ignored.
bool walk_leaves_out(const Discoverer *self, Str abs, Str base);

// --- module names (modules.c) --------------------------------------------------------

bool is_python_name(Str name);
Str module_name(Discoverer *self, Str abs, Str base);
bool is_test_path(Str relative);

// --- git (gitignore.c) ---------------------------------------------------------------

// Ignored paths below a folder, relative to it, each ended by NUL; folders end in "/".
// False when git is not there, takes too long, or does not answer.
bool git_list_ignored(Arena *arena, const char *folder, Str *list);

#endif
