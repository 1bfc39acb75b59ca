#include "engine/discover.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"

/* A small tree in a temporary folder, which becomes the current one. Each line of
 * `expected` is a file: `+` named or `-` not, the path shown, the relative path, the
 * module, and `test`, `missing` or `stdin` where that holds. */

typedef struct Place {
  Arena arena;
  char *folder;
} Place;

static void place_write(Place *place, const char *path, const char *text) {
  Error err = error_in(&place->arena);
  for (const char *at = path; (at = strchr(at, '/')) != NULL; at++) {
    mkdir(str_printf_in(&place->arena, "%.*s", (int)(at - path), path).p, 0777);
  }
  CHECK(file_write(&place->arena, path, str_from(text), &err));
}

static void place_open(Place *place, const char *files) {
  arena_init(&place->arena);
  char template[] = "/tmp/pymemlint-discover-XXXXXX";
  CHECK(mkdtemp(template) != NULL);
  // The real spelling, as the temporary folder may lie behind a symlink.
  CHECK(chdir(template) == 0);
  place->folder = getcwd(NULL, 0);
  Str list = str_from(files);
  for (uint32_t at = 0; at < list.n;) {
    Str path = str_slice(list, at, str_find_byte(list, ' ', at));
    if (path.n != 0) place_write(place, str_cstr_in(&place->arena, path), "");
    at += path.n + 1;
  }
}

static void place_close(Place *place) {
  CHECK(chdir("/") == 0);
  Str command = str_printf_in(&place->arena, "rm -rf '%s'", place->folder);
  CHECK(system(command.p) == 0);
  free(place->folder);
  arena_release(&place->arena);
}

static Str describe(Arena *arena, const Discovery *found) {
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < found->files.count; i++) {
    const InputFile *file = &found->files.items[i];
    buf_printf(&out, "%c%.*s %.*s %.*s%s%s%s\n", file->named ? '+' : '-',
               STR_ARGS(file->path), STR_ARGS(file->relative), STR_ARGS(file->module),
               file->is_test ? " test" : "", file->missing ? " missing" : "",
               file->is_stdin ? " stdin" : "");
  }
  return buf_str(&out);
}

static Str found_with(Place *place, DiscoverOptions options, const char *paths) {
  VEC(Str) list = {0};
  Str all = str_from(paths);
  for (uint32_t at = 0; at < all.n;) {
    Str path = str_slice(all, at, str_find_byte(all, ' ', at));
    vec_push(&place->arena, &list, path);
    at += path.n + 1;
  }
  options.paths = list.items;
  options.path_count = list.count;
  Discovery found;
  Error err = error_in(&place->arena);
  if (!discover(&found, &place->arena, &options, &err)) return err.text;
  return describe(&place->arena, &found);
}

static Str found_in(Place *place, const char *paths) {
  return found_with(place, (DiscoverOptions){0}, paths);
}

TEST(discover_project_of_a_named_file) {
  Place place;
  place_open(&place, "p/pyproject.toml p/src/app/__init__.py p/src/app/run.py "
                     "p/tests/test_run.py p/ns/deep/mod.py p/notes.txt q/other.py");
  CHECK_STR(found_in(&place, "p/src/app/run.py"),
            "-p/ns/deep/mod.py ns/deep/mod.py ns.deep.mod\n"
            "-p/src/app/__init__.py src/app/__init__.py app\n"
            "+p/src/app/run.py src/app/run.py app.run\n"
            "-p/tests/test_run.py tests/test_run.py test_run test\n");
  CHECK_STR(
      found_with(&place, (DiscoverOptions){.no_project = true}, "p/src/app/run.py"),
      "+p/src/app/run.py src/app/run.py app.run\n");
  CHECK(chdir("p/src") == 0);
  CHECK_STR(found_in(&place, "app"),
            "-../ns/deep/mod.py ns/deep/mod.py ns.deep.mod\n"
            "+app/__init__.py src/app/__init__.py app\n"
            "+app/run.py src/app/run.py app.run\n"
            "-../tests/test_run.py tests/test_run.py test_run test\n");
  place_close(&place);
}

TEST(discover_without_project) {
  Place place;
  place_open(&place, "a/x.py a/y.pyi a/z.txt a/script b/pkg/__init__.py b/pkg/m.py");
  CHECK_STR(found_in(&place, "a"), "+a/x.py x.py x\n+a/y.pyi y.pyi y\n");
  CHECK_STR(found_in(&place, "b/pkg/m.py"), "+b/pkg/m.py m.py pkg.m\n");
  const char *both = "+a/script a/script a.script\n+b/pkg/m.py b/pkg/m.py b.pkg.m\n";
  CHECK_STR(found_in(&place, "a/script b/pkg/m.py"), both);
  CHECK_STR(found_in(&place, "b/pkg/m.py a/script"), both);
  CHECK_STR(found_in(&place, "a/gone.py"), "+a/gone.py gone.py gone missing\n");
  place_close(&place);
}

TEST(discover_home_is_no_project) {
  Place place;
  place_open(&place, "pyproject.toml sub/x.py other.py");
  const char *before = getenv("HOME");
  Str kept = str_copy_in(&place.arena, str_from(before));
  setenv("HOME", place.folder, 1);
  CHECK_STR(found_in(&place, "sub"), "+sub/x.py x.py x\n");
  if (before != NULL)
    setenv("HOME", kept.p, 1);
  else
    unsetenv("HOME");
  CHECK_STR(found_in(&place, "sub"), "-other.py other.py other\n"
                                     "+sub/x.py sub/x.py sub.x\n");
  place_close(&place);
}

TEST(discover_one_file_of_many_spellings) {
  Place place;
  place_open(&place, "pyproject.toml a/x.py");
  CHECK(symlink("x.py", "a/link.py") == 0);
  CHECK(symlink("a", "folder") == 0);
  CHECK(symlink("..", "a/loop") == 0);
  CHECK(symlink("gone.py", "a/broken.py") == 0);
  const char *one = "+a/x.py a/x.py a.x\n";
  CHECK_STR(found_in(&place, "."), one);
  CHECK_STR(found_in(&place, "./a//x.py a/../a/x.py a a/"), one);
  CHECK_STR(found_in(&place, "a/link.py a/x.py"), one);
  CHECK_STR(found_in(&place, "folder/x.py ."), one);
  CHECK_STR(found_in(&place, "a/link.py"), "+a/link.py a/link.py a.link\n");
  CHECK_STR(found_in(&place, "folder"), "+folder/x.py folder/x.py folder.x\n");
  place_close(&place);
}

TEST(discover_outer_project_wins) {
  Place place;
  place_open(&place,
             "pyproject.toml x.py in/pyproject.toml in/y.py build/p/pyproject.toml "
             "build/p/z.py");
  CHECK_STR(found_in(&place, "in"), "+in/y.py y.py y\n");
  const char *both = "+in/y.py in/y.py y\n+x.py x.py x\n";
  CHECK_STR(found_in(&place, "in ."), both);
  CHECK_STR(found_in(&place, ". build"),
            "+in/y.py in/y.py y\n+x.py x.py x\n+build/p/z.py p/z.py z\n");
  place_close(&place);
}

TEST(discover_excludes) {
  Place place;
  place_open(&place,
             "pyproject.toml node_modules/a.py build/b.py e/pyvenv.cfg e/lib/c.py "
             "venv/__init__.py venv/d.py bazel-out/e.py gen/f.py k/gen/g.py h.py");
  Str gen = STR("gen"), rooted = STR("/gen"), below = STR("k/**/*.py");
  CHECK_STR(
      found_with(&place,
                 (DiscoverOptions){.extend_excludes = &gen, .extend_exclude_count = 1},
                 "."),
      "+h.py h.py h\n+venv/__init__.py venv/__init__.py venv\n"
      "+venv/d.py venv/d.py venv.d\n");
  CHECK_STR(found_with(&place,
                       (DiscoverOptions){.excludes = &rooted,
                                         .exclude_count = 1,
                                         .excludes_given = true},
                       "k gen/f.py"),
            "-bazel-out/e.py bazel-out/e.py e\n-build/b.py build/b.py build.b\n"
            "-e/lib/c.py e/lib/c.py c\n-h.py h.py h\n+k/gen/g.py k/gen/g.py k.gen.g\n"
            "-node_modules/a.py node_modules/a.py node_modules.a\n"
            "-venv/__init__.py venv/__init__.py venv\n-venv/d.py venv/d.py venv.d\n"
            "+gen/f.py f.py f\n");
  CHECK_STR(found_with(&place,
                       (DiscoverOptions){.excludes = &below,
                                         .exclude_count = 1,
                                         .excludes_given = true,
                                         .force_exclude = true,
                                         .no_project = true},
                       "k/gen/g.py h.py"),
            "+h.py h.py h\n");
  CHECK_STR(found_in(&place, "build"), "+build/b.py b.py b\n");
  CHECK_STR(found_in(&place, "e"), "+e/lib/c.py lib/c.py c\n");
  place_close(&place);
}

TEST(discover_asks_git) {
  Place place;
  place_open(&place, "a.py a.gen.py out/b.py sub/c.py sub/c.gen.py sub/deep/d.py");
  if (system("git init -q . 2>/dev/null") != 0) {
    place_close(&place);
    return;  // without git nothing is ignored, as below with no_gitignore
  }
  place_write(&place, ".gitignore", "*.gen.py\nout/\n");
  place_write(&place, "sub/.gitignore", "deep\n");
  // What a hostile repository would like to run.
  CHECK(system("git config core.fsmonitor 'touch evil; false' && "
               "git config core.hooksPath . && git config core.untrackedCache true") ==
        0);
  CHECK_STR(found_in(&place, "."), "+a.py a.py a\n+sub/c.py sub/c.py sub.c\n");
  CHECK_STR(found_in(&place, "sub"), "-a.py a.py a\n+sub/c.py sub/c.py sub.c\n");
  CHECK_STR(found_with(&place, (DiscoverOptions){.no_project = true}, "sub"),
            "+sub/c.py sub/c.py sub.c\n");
  CHECK_STR(found_in(&place, "out"), "+out/b.py b.py b\n");
  CHECK_STR(found_in(&place, "out/b.py"), "+out/b.py b.py b\n");
  CHECK_STR(found_with(&place, (DiscoverOptions){.force_exclude = true}, "out/b.py"),
            "");
  CHECK_STR(found_with(&place, (DiscoverOptions){.no_gitignore = true}, "sub/deep"),
            "-a.gen.py a.gen.py a.gen\n-a.py a.py a\n-out/b.py out/b.py out.b\n"
            "-sub/c.gen.py sub/c.gen.py sub.c.gen\n-sub/c.py sub/c.py sub.c\n"
            "+sub/deep/d.py sub/deep/d.py sub.deep.d\n");
  CHECK(access("evil", F_OK) != 0);
  setenv("GIT_DIR", "/nowhere", 1);
  CHECK_STR(found_in(&place, "sub/c.py"), "-a.py a.py a\n+sub/c.py sub/c.py sub.c\n");
  unsetenv("GIT_DIR");
  place_close(&place);
}

TEST(discover_without_git_program) {
  Place place;
  place_open(&place, "a.py b.gen.py .git/config");
  place_write(&place, ".gitignore", "*.gen.py\n");
  Str path = str_copy_in(&place.arena, str_from(getenv("PATH")));
  setenv("PATH", "/nowhere", 1);
  CHECK_STR(found_in(&place, "."), "+a.py a.py a\n+b.gen.py b.gen.py b.gen\n");
  setenv("PATH", path.p, 1);
  place_close(&place);
}

TEST(discover_stdin) {
  Place place;
  place_open(&place, "pyproject.toml p/__init__.py p/a.py p/b.py");
  CHECK_STR(found_in(&place, "-"), "+- - - stdin\n");
  CHECK_STR(found_with(&place, (DiscoverOptions){.stdin_name = STR("p/a.py")}, "-"),
            "-p/__init__.py p/__init__.py p\n+p/a.py p/a.py p.a stdin\n"
            "-p/b.py p/b.py p.b\n");
  CHECK_STR(found_in(&place, "- p"),
            "`-` is standard input and goes without other paths");
  place_close(&place);
}

TEST(discover_deep_and_wide) {
  Place place;
  place_open(&place, "");
  Str at = STR("d");
  for (int i = 0; i < 1500; i++) {  // 3000 bytes deep: below the limit of paths
    CHECK(mkdir(str_cstr_in(&place.arena, at), 0777) == 0);
    at = str_printf_in(&place.arena, "%.*s/d", STR_ARGS(at));
  }
  place_write(&place, str_printf_in(&place.arena, "%.*s.py", STR_ARGS(at)).p, "");
  Str found = found_in(&place, ".");
  CHECK(str_ends(found, STR(".d.d\n")));
  place_close(&place);
}

TEST(glob_matches_as_documented) {
  static const struct {
    const char *pattern, *path;
    bool matches;
  } cases[] = {
      {"build", "a/build/b.py", true},
      {"build", "a/rebuild/b.py", false},
      {"build/", "build", true},
      {"*.py", "a/b.py", true},
      {"*_pb2.py", "a/x_pb2.py", true},
      {"a/*.py", "a/b.py", true},
      {"a/*.py", "a/b/c.py", false},
      {"a/*.py", "x/a/b.py", false},
      {"a/**/c.py", "a/c.py", true},
      {"a/**/c.py", "a/b/b/c.py", true},
      {"**/gen", "x/y/gen/z.py", true},
      {"a/b", "a/b/c.py", true},
      {"a/b", "a/bc.py", false},
      {"/a", "b/a", false},
      {"/a", "a/b", true},
      {"[ab].py", "b.py", true},
      {"[!ab].py", "b.py", false},
      {"[a-c]?.py", "cx.py", true},
      {"a?c", "a/c", false},
      {"[", "[", true},
      {"[]]", "]", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"./a/b", "a/b", true},
      {"", "a", false},
      {"*", "", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    bool got = glob_matches(str_from(cases[i].pattern), str_from(cases[i].path));
    CHECK_STR(got == cases[i].matches ? "" : cases[i].pattern, "");
  }
}

TEST(glob_is_not_exponential) {
  Arena arena;
  arena_init(&arena);
  Buf stars = buf_in(&arena), name = buf_in(&arena), parts = buf_in(&arena);
  for (int i = 0; i < 500; i++) {
    buf_add_text(&stars, "*a");
    buf_add_text(&name, "aaaa");
    buf_add_text(&parts, "**/a/");
  }
  buf_add_text(&stars, "b");
  buf_add_text(&parts, "b");
  CHECK(!glob_matches(buf_str(&stars), buf_str(&name)));
  Buf path = buf_in(&arena);
  for (int i = 0; i < 2000; i++) buf_add_text(&path, "a/");
  CHECK(!glob_matches(buf_str(&parts), buf_str(&path)));
  arena_release(&arena);
}
