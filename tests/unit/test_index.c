#include "index/index.h"

#include "semantic/knowledge.h"
#include "test.h"

enum { FILES_MAX = 12 };

// A project of several files, collected.
typedef struct Project {
  Arena arena;
  const Facts *facts[FILES_MAX];
  uint32_t count;
} Project;

static void project_begin(Project *self) {
  *self = (Project){.count = 0};
  arena_init(&self->arena);
}

static Facts *file_collect(Arena *arena, const char *module, const char *code) {
  Parser *parser = parser_new();
  Source source;
  Tree tree;
  Error err = error_in(arena);
  Str path = str_printf_in(arena, "%s.py", module);
  bool is_read = source_decode(&source, arena, path, str_from(code), &err) &&
                 parser_parse(parser, &tree, arena, &source, &err);
  CHECK(is_read);
  ModelOptions options = {.knowledge = knowledge_builtin(),
                          .module = str_from(module),
                          .is_package = str_is(str_from(module), "pkg"),
                          .target = {9, 13}};
  Facts *facts = facts_collect(model_in(arena, &tree, &options), arena);
  parser_free(parser);
  return facts;
}

static void project_add(Project *self, const char *module, const char *code) {
  self->facts[self->count++] = file_collect(&self->arena, module, code);
}

static Index *project_resolve(Project *self) {
  Index *index = index_in(&self->arena, self->facts, self->count, (Target){9, 13});
  index->is_complete = true;
  index_resolve(index);
  return index;
}

static Str dumped(const Index *index) {
  Buf out = buf_in(index->arena);
  index_dump(index, &out);
  return buf_str(&out);
}

static const IndexClass *class_of(const Index *index, const char *name) {
  ClassId id = index_find_class(index, str_from(name));
  CHECK(id.i != 0);
  return index_class(index, id);
}

static ContainerLife life_of(const Index *index, const char *name) {
  ContainerId id = index_find_container(index, str_from(name));
  CHECK(id.i != 0);
  return index_life(index, id);
}

// --- merging -------------------------------------------------------------------------

static const char *const MODULES[][2] = {
    {"pkg", "from .shapes import Point\nfrom .store import *\n"},
    {"pkg.shapes", "class Point:\n  def __init__(self, x):\n    self.x = x\n"
                   "class Far(Point):\n  pass\n"},
    {"pkg.load", "from pkg import Point\n"
                 "def load(rows):\n  return [make(row) for row in rows]\n"
                 "def make(row):\n  return Point(row)\n"},
    {"pkg.store", "SEEN = []\nKEPT = {}\ndef see(x):\n  SEEN.append(x)\n"},
    {"pkg.clean", "from pkg import store\ndef clean():\n  store.SEEN.clear()\n"},
    {"pkg.grow", "from pkg.store import KEPT\ndef keep(k, v):\n  KEPT[k] = v\n"},
    {"pkg.touch",
     "from pkg.shapes import Point\ndef mark(p: Point):\n  p.seen = True\n"},
    {"pkg.raw", "class Raw:\n  def load(self, p):\n    self._raw = open(p).read()\n"
                "    return len(self._raw)\n"},
    {"pkg.heir", "from pkg.raw import Raw\nclass Heir(Raw):\n  def f(self):\n"
                 "    return self._raw\n"},
    {"pkg.peek", "def peek(x):\n  return x._raw\n"},
    {"pkg.broken", "class (:\n  x = \n"},
};
enum { MODULE_COUNT = sizeof MODULES / sizeof *MODULES };

static uint32_t random_next(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(*state >> 33);
}

TEST(index_merges_of_random_partitions_agree) {
  Project p;
  project_begin(&p);
  for (uint32_t i = 0; i < MODULE_COUNT; i++) {
    project_add(&p, MODULES[i][0], MODULES[i][1]);
  }
  Str want = dumped(project_resolve(&p));
  CHECK(want.n > 400);
  uint64_t state = 7;
  for (uint32_t round = 0; round < 200; round++) {
    Index *parts[MODULE_COUNT + 1];
    uint32_t count = 1 + random_next(&state) % MODULE_COUNT;
    for (uint32_t i = 0; i < count; i++) {
      parts[i] = index_in(&p.arena, NULL, 0, (Target){9, 13});
    }
    for (uint32_t i = 0; i < MODULE_COUNT; i++) {
      uint32_t to = random_next(&state) % count;
      const Facts *one[] = {p.facts[(i * 5 + round) % MODULE_COUNT]};
      Index *single = index_in(&p.arena, one, 1, (Target){9, 13});
      parts[to] = random_next(&state) % 2 ? index_merge(&p.arena, parts[to], single)
                                          : index_merge(&p.arena, single, parts[to]);
    }
    while (count > 1) {
      uint32_t a = random_next(&state) % (count - 1);
      uint32_t b = a + 1 + random_next(&state) % (count - 1 - a);
      parts[a] = index_merge(&p.arena, parts[a], parts[b]);
      parts[b] = parts[--count];
    }
    parts[0]->is_complete = true;
    index_resolve(parts[0]);
    CHECK_STR(dumped(parts[0]), want);
  }
  arena_release(&p.arena);
}

TEST(index_counts_equal_facts_once) {
  Project p;
  project_begin(&p);
  project_add(&p, "mod", "X = []\n");
  p.facts[p.count++] = p.facts[0];
  CHECK_INT(project_resolve(&p)->module_count, 1);
  arena_release(&p.arena);
}

// --- Facts ---------------------------------------------------------------------------

TEST(facts_come_back_from_the_disk) {
  Project p;
  project_begin(&p);
  for (uint32_t i = 0; i < MODULE_COUNT; i++) {
    project_add(&p, MODULES[i][0], MODULES[i][1]);
    Str bytes = facts_write(p.facts[i], &p.arena);
    CHECK(bytes.n <= facts_size(p.facts[i]));
    Facts *back = facts_read(bytes, &p.arena);
    CHECK(back != NULL);
    if (back == NULL) continue;
    Buf want = buf_in(&p.arena), got = buf_in(&p.arena);
    facts_dump(p.facts[i], &want);
    facts_dump(back, &got);
    CHECK_STR(buf_str(&got), buf_str(&want));
    CHECK_STR(back->path, p.facts[i]->path);
    CHECK(back->hash == p.facts[i]->hash);
    CHECK(facts_read(str_slice(bytes, 0, bytes.n - 8), &p.arena) == NULL);
    char *damaged = (char *)(uintptr_t)str_copy_in(&p.arena, bytes).p;
    damaged[8] ^= 1;  // the version
    CHECK(facts_read((Str){damaged, bytes.n}, &p.arena) == NULL);
  }
  arena_release(&p.arena);
}

TEST(facts_that_are_damaged_are_refused_or_read) {
  Project p;
  project_begin(&p);
  project_add(&p, MODULES[3][0], MODULES[3][1]);
  Str bytes = facts_write(p.facts[0], &p.arena);
  uint32_t refused = 0, hashed = p.facts[0]->hashed;
  for (uint32_t i = 0; i < bytes.n; i++) {
    for (uint32_t bit = 0; bit < 8; bit++) {
      char *damaged = (char *)(uintptr_t)str_copy_in(&p.arena, bytes).p;
      damaged[i] = (char)(damaged[i] ^ 1 << bit);
      const Facts *back = facts_read((Str){damaged, bytes.n}, &p.arena);
      refused += back == NULL;
      Buf out = buf_in(&p.arena);
      if (back != NULL) facts_dump(back, &out);
    }
  }
  CHECK(refused >= 8 * hashed);
  arena_release(&p.arena);
}

TEST(facts_hold_values_of_every_width) {
  Project p;
  project_begin(&p);
  Buf code = buf_in(&p.arena);
  for (uint32_t i = 0; i < 300; i++) {
    buf_printf(&code, "class Some%u:\n  at = {%u: 0}\n  def of(self, a, b):\n", i, i);
    buf_printf(&code, "    self.at[a] = b\n    return Some%u(a, b)\n", 299 - i);
  }
  project_add(&p, "wide", str_cstr_in(&p.arena, buf_str(&code)));
  FactRows rows;
  facts_unpack(p.facts[0], IN_EVERYTHING, &p.arena, &rows);
  CHECK_INT(rows.class_count, 300);
  CHECK_INT(rows.container_count, 300);
  CHECK_INT(rows.call_count, 300);
  const Index *index = project_resolve(&p);
  CHECK_STR(class_of(index, "wide.Some299")->name, "wide.Some299");
  for (uint32_t i = 1; i < index->class_count; i++) {
    const IndexClass *c = index_class(index, (ClassId){i});
    CHECK_INT(c->site_count, 1);
    Str made = str_printf_in(&p.arena, "Some%u.of", 299 - (i - 1));
    CHECK_STR(index_place_scope(index, c->sites[0].place), made);
    Span span = index_place_span(index, c->sites[0].place);
    Str text = str_slice(buf_str(&code), span.start, span.stop);
    CHECK_STR(text, str_printf_in(&p.arena, "Some%u(a, b)", i - 1));
  }
  arena_release(&p.arena);
}

TEST(facts_hash_ignores_where_code_stands) {
  Arena arena;
  arena_init(&arena);
  const char *code = "X = []\ndef f(v):\n  X.append(v)\n";
  const char *moved = "# a comment\n\nX = [ ]\n\n\ndef f( v ):\n    X.append( v )\n";
  const char *other = "X = []\ndef f(v):\n  X.remove(v)\n";
  uint64_t hash = file_collect(&arena, "mod", code)->hash;
  CHECK(file_collect(&arena, "mod", moved)->hash == hash);
  CHECK(file_collect(&arena, "mod", other)->hash != hash);
  CHECK(file_collect(&arena, "mod2", code)->hash != hash);
  arena_release(&arena);
}

// --- classes -------------------------------------------------------------------------

TEST(index_finds_instances_through_factories_and_reexports) {
  Project p;
  project_begin(&p);
  for (uint32_t i = 0; i < 3; i++) project_add(&p, MODULES[i][0], MODULES[i][1]);
  const Index *index = project_resolve(&p);
  const IndexClass *point = class_of(index, "pkg.shapes.Point");
  CHECK_INT(point->kept_count, 1);
  CHECK_STR(index_module_name(index, point->sites[0].place.module), "pkg.load");
  CHECK(place_ok(point->sites[0].factory));
  CHECK_STR(index_place_scope(index, point->sites[0].factory), "make");
  CHECK(class_of(index, "pkg.Point") == point);
  SlotsAdvice slots =
      index_slots(index, index_find_class(index, STR("pkg.Point")), &p.arena);
  CHECK(slots.is_possible);
  CHECK_INT(slots.name_count, 1);
  CHECK_STR(slots.names[0], "x");
  arena_release(&p.arena);
}

TEST(index_sees_attributes_set_by_other_modules) {
  Project p;
  project_begin(&p);
  for (uint32_t i = 0; i < MODULE_COUNT; i++) {
    project_add(&p, MODULES[i][0], MODULES[i][1]);
  }
  const Index *index = project_resolve(&p);
  SlotsAdvice slots =
      index_slots(index, index_find_class(index, STR("pkg.shapes.Point")), &p.arena);
  CHECK(!slots.is_possible);
  CHECK_INT(slots.hazards, HAZARD_FOREIGN);
  arena_release(&p.arena);
}

TEST(index_orders_bases_as_python_does) {
  Project p;
  project_begin(&p);
  project_add(&p, "a",
              "class A: pass\nclass B(A): pass\nclass C(A): pass\n"
              "class D(B, C): pass\nclass E(D, Unknown): pass\n"
              "class X(A, B): pass\nclass L(L2): pass\nclass L2(L): pass\n");
  const Index *index = project_resolve(&p);
  const IndexClass *d = class_of(index, "a.D");
  CHECK_INT(d->order_count, 4);
  CHECK(d->order_known);
  const char *const want[] = {"a.D", "a.B", "a.C", "a.A"};
  for (uint32_t i = 0; i < 4; i++) {
    CHECK_STR(index_class(index, d->order[i])->name, want[i]);
  }
  CHECK(!class_of(index, "a.E")->order_known);
  CHECK((class_of(index, "a.E")->hazards & HAZARD_BASE_UNKNOWN) != 0);
  CHECK(!class_of(index, "a.X")->order_known);
  CHECK(!class_of(index, "a.L")->order_known);
  arena_release(&p.arena);
}

// --- heavy values on self ------------------------------------------------------------

static const char LOADER[] = "class Loader:\n"
                             "  def load(self, path):\n"
                             "    with open(path) as f:\n      self._raw = f.read()\n"
                             "    return len(self._raw)\n";

static const IndexIntermediate *intermediate_of(const Index *index, const char *name) {
  for (uint32_t i = 1; i < index->intermediate_count; i++) {
    const IndexIntermediate *row = index_intermediate(index, (IntermediateId){i});
    if (str_is(row->name, name)) return row;
  }
  return NULL;
}

// What is said of `_raw` of `Loader` with one more module.
static const IndexIntermediate *loader_with(Project *p, const char *code) {
  project_begin(p);
  project_add(p, "load", LOADER);
  project_add(p, "use", code);
  return intermediate_of(project_resolve(p), "_raw");
}

TEST(index_knows_who_reads_what_a_method_keeps) {
  static const struct {
    const char *code;
    bool is_read, is_shared, is_hidden;
  } cases[] = {
      {"x = 1\n", false, false, false},
      {"def f(x):\n  return x._raw\n", true, false, false},
      {"def f(x):\n  return x._other\n", false, false, false},
      {"def f(x):\n  return getattr(x, '_raw')\n", true, false, false},
      {"from operator import attrgetter\nf = attrgetter('_raw')\n", true, false, false},
      {"from load import Loader\nclass D(Loader):\n  def g(self):\n"
       "    return self._raw\n",
       true, false, false},
      {"from load import Loader\nclass D(Loader):\n  def g(self):\n"
       "    self._raw = 1\n",
       false, true, false},
      {"class M:\n  def g(self):\n    return self._raw\n", true, false, false},
      {"class O:\n  def __init__(self):\n    self._raw = 1\n"
       "class P(O):\n  def g(self):\n    return self._raw\n",
       false, false, false},
      {"import pickle\nfrom load import Loader\n"
       "def f(x: Loader, o):\n  pickle.dump(x, o)\n",
       true, false, false},
      {"from load import Loader\ndef f(x: Loader):\n  return vars(x)\n", false, false,
       true},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Project p;
    const IndexIntermediate *row = loader_with(&p, cases[i].code);
    CHECK(row != NULL);
    if (row == NULL) continue;
    bool is_right = row->is_read == cases[i].is_read &&
                    row->is_shared == cases[i].is_shared &&
                    row->is_hidden == cases[i].is_hidden;
    if (!is_right) CHECK_STR(str_from(cases[i].code), "is_read, is_shared, is_hidden");
    arena_release(&p.arena);
  }
}

TEST(index_finds_the_class_that_keeps) {
  Project p;
  const IndexIntermediate *row =
      loader_with(&p, "from load import Loader\nL = Loader()\n");
  CHECK(row != NULL);
  const Index *index = project_resolve(&p);
  row = intermediate_of(index, "_raw");
  CHECK_STR(index_class(index, row->owner)->name, "load.Loader");
  CHECK(index_class(index, row->owner)->is_long);
  CHECK_STR(index_place_scope(index, row->place), "Loader.load");
  CHECK_INT(row->fact->kind, HEAVY_TEXT);
  CHECK_INT(row->fact->why, WHY_FILE);
  arena_release(&p.arena);
}

TEST(index_shares_no_private_name_of_a_base_that_is_not_known) {
  Project p;
  project_begin(&p);
  project_add(&p, "a",
              "from far import Far\nimport requests\nimport threading\n"
              "class A(Far):\n  def f(self, p):\n    self._a = open(p).read()\n"
              "    return len(self._a)\n"
              "class B(threading.Thread):\n  def f(self, p):\n"
              "    self._b = open(p).read()\n    return len(self._b)\n"
              "class C:\n  def f(self, p):\n    self.__c = open(p).read()\n"
              "    return len(self.__c)\n");
  const Index *index = project_resolve(&p);
  CHECK(intermediate_of(index, "_a")->is_shared);
  CHECK(!intermediate_of(index, "_b")->is_shared);
  CHECK(!intermediate_of(index, "_b")->is_hidden);
  CHECK(!intermediate_of(index, "__c")->is_shared);
  CHECK(!intermediate_of(index, "__c")->is_read);
  arena_release(&p.arena);
}

// --- containers ----------------------------------------------------------------------

TEST(index_joins_growth_and_removal_of_all_modules) {
  Project p;
  project_begin(&p);
  project_add(&p, MODULES[3][0], MODULES[3][1]);
  CHECK(life_of(project_resolve(&p), "pkg.store.SEEN").removal == NULL);
  CHECK_INT(life_of(project_resolve(&p), "pkg.store.SEEN").growth_count, 1);
  CHECK_INT(life_of(project_resolve(&p), "pkg.store.KEPT").growth_count, 0);
  project_add(&p, MODULES[0][0], MODULES[0][1]);
  project_add(&p, MODULES[4][0], MODULES[4][1]);
  project_add(&p, MODULES[5][0], MODULES[5][1]);
  const Index *index = project_resolve(&p);
  ContainerLife seen = life_of(index, "pkg.store.SEEN");
  CHECK(seen.removal != NULL);
  CHECK_STR(index_module_name(index, seen.removal->module), "pkg.clean");
  ContainerLife kept = life_of(index, "pkg.store.KEPT");
  CHECK_INT(kept.growth_count, 1);
  CHECK(kept.removal == NULL);
  arena_release(&p.arena);
}

TEST(index_knows_what_runs_at_import_only) {
  Project p;
  project_begin(&p);
  project_add(&p, "reg",
              "ALL = []\nLATE = []\n"
              "def register(x):\n  ALL.append(x)\n"
              "def late(x):\n  LATE.append(x)\n");
  project_add(&p, "use",
              "from reg import register, late\nregister(1)\n"
              "def f():\n  late(2)\n");
  const Index *index = project_resolve(&p);
  CHECK_INT(life_of(index, "reg.ALL").growth_count, 0);
  CHECK_INT(life_of(index, "reg.LATE").growth_count, 1);
  arena_release(&p.arena);
}

TEST(index_follows_containers_into_functions) {
  Project p;
  project_begin(&p);
  project_add(&p, "help",
              "def fill(xs, x):\n  xs.append(x)\n"
              "def drain(xs):\n  xs.clear()\ndef show(xs):\n  return len(xs)\n");
  project_add(&p, "use",
              "from help import fill, drain, show\nfrom other import gone\n"
              "A = []\nB = []\nC = []\n"
              "def f(x):\n  fill(A, x)\n  show(A)\n"
              "def g(x):\n  B.append(x)\n  drain(B)\n"
              "def h(x):\n  C.append(x)\n  gone(C)\n");
  const Index *index = project_resolve(&p);
  ContainerLife a = life_of(index, "use.A");
  CHECK_INT(a.growth_count, 1);
  CHECK(a.removal == NULL && a.escape == NULL);
  CHECK(life_of(index, "use.B").removal != NULL);
  CHECK(life_of(index, "use.C").escape != NULL);
  arena_release(&p.arena);
}
