/* Discovery: from paths on the command line to the files of their projects.
 *
 * A project is the tree below the nearest settings file, pyproject.toml or .git above a
 * named path; without one, the named paths themselves. All its Python files are collected
 * (their Facts make the Index), only the named ones are reported. With `no_project` the
 * named paths are the project.
 *
 * Folders give *.py, *.pyi, *.pyw; a file named explicitly is taken whatever its name
 * (unless `force_exclude`). Default excludes, --exclude patterns and, inside a git work
 * tree, .gitignore (asked of the git program, when it is there) drop files. Symlinked
 * folders are not followed, so that no loop (bazel-out, virtual environments) is. A file
 * named twice, or by two spellings, is one file. The result is sorted by path and does
 * not depend on the order of arguments; excludes see the project-relative path only.
 */
#ifndef ENGINE_DISCOVER_H
#define ENGINE_DISCOVER_H

#include "base/error.h"
#include "base/vec.h"

typedef struct Project {
  Str root;       // folder, as reachable from the current one ("." or "../x"); may be
                  // empty when the named paths are the project
  Str pyproject;  // path of the pyproject.toml nearest to the root, or empty
  bool is_distributed;  // it has build metadata, or lies where packages are installed
} Project;

typedef struct InputFile {
  Str path;      // to open and to show: as given, or below the folder as given
  Str relative;  // to the project's root, "/" separated: excludes, tests, output order
  Str module;    // dotted name: packages, namespace packages, src layouts
  uint32_t project;  // index into projects
  bool is_package;   // __init__.py
  bool is_test;      // tests/, test_*.py, *_test.py, conftest.py: by the relative path
  bool named;        // to be reported
  bool missing;      // named, but not there or not readable: 002
  bool is_stdin;
} InputFile;

typedef struct DiscoverOptions {
  const Str *paths;
  uint32_t path_count;
  const Str *excludes;  // replace the defaults
  uint32_t exclude_count;
  bool excludes_given;
  const Str *extend_excludes;
  uint32_t extend_exclude_count;
  bool force_exclude;
  bool no_gitignore;
  bool no_project;
  Str stdin_name;  // with the path "-": the name that the text has
} DiscoverOptions;

typedef struct Discovery {
  VEC(InputFile) files;  // sorted by (project, relative)
  VEC(Project) projects;
  uint32_t excluded;  // named, but excluded
} Discovery;

// False (with `err`) only for unusable options; unreadable paths are files with `missing`.
bool discover(Discovery *self, Arena *arena, const DiscoverOptions *options,
              Error *err);

// `pattern` against a relative path, as ruff's and git's globs work: `*`, `**`, `?`,
// `[…]`; a pattern without a slash matches any part of the path.
bool glob_matches(Str pattern, Str path);

#endif
