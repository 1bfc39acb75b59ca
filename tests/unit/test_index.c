#include "index/index.h"
#include "index/named.h"

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
  index_dump(index, NULL, NULL, &out);
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

TEST(index_asks_who_keeps_what_a_generator_gives) {
  Project p;
  project_begin(&p);
  project_add(&p, "pkg", "");
  project_add(&p, "pkg.give",
              "class A:\n pass\nclass B:\n pass\nclass C:\n pass\nclass D:\n pass\n"
              "def a(xs):\n for x in xs: yield A()\n"
              "def b(xs):\n for x in xs: yield B()\n"
              "def c(xs):\n for x in xs: yield C()\n"
              "def inner(xs):\n for x in xs: yield D()\n"
              "def d(xs):\n yield from inner(xs)\n");
  project_add(
      &p, "pkg.take",
      "from pkg.give import a, b, d\n"
      "def f(xs):\n for x in b(xs): print(x)\n return list(a(xs)), list(d(xs))\n");
  const Index *index = project_resolve(&p);
  CHECK_INT(class_of(index, "pkg.give.A")->kept_count, 1);
  CHECK_INT(class_of(index, "pkg.give.B")->kept_count, 0);
  CHECK_INT(class_of(index, "pkg.give.C")->kept_count, 0);  // nobody asks
  CHECK_INT(class_of(index, "pkg.give.D")->kept_count, 1);
  arena_release(&p.arena);
}

TEST(index_knows_what_functions_do_to_their_arguments) {
  Project p;
  project_begin(&p);
  project_add(&p, "things",
              "class A:\n def __init__(self): self.x = 1\n"
              "class B:\n def __init__(self): self.x = 1\n");
  project_add(&p, "tools", "def text(thing):\n return str(thing.__dict__)\n");
  project_add(&p, "using",
              "from things import A\nfrom tools import text\nprint(text(A()))\n");
  project_add(&p, "other", "from things import B\nprint(B().x)\n");
  const Index *index = project_resolve(&p);
  CHECK((class_of(index, "things.A")->hazards & HAZARD_DICT) != 0);
  CHECK((class_of(index, "things.B")->hazards & HAZARD_DICT) == 0);
  arena_release(&p.arena);
}

TEST(index_finds_where_dicts_are_asked_for) {
  Project p;
  project_begin(&p);
  project_add(&p, "m",
              "class A:\n def __init__(self, x): self.x = x\n"
              " def both(self): return self.__dict__\n"
              " def shown(self): return vars(self)\n"
              "class B(A):\n pass\n"
              "def f(xs):\n ys = [B(x) for x in xs]\n"
              " for y in ys: print(y.both())\n return ys\n");
  const Index *index = project_resolve(&p);
  ClassId id = index_find_class(index, STR("m.A"));
  const IndexClass *a = index_class(index, id);
  CHECK_INT(a->exposure_count, 2);
  CHECK(a->exposures[0].is_hot && !a->exposures[1].is_hot);
  ClassId exposed = index_exposed(index, id, &a->exposures[0]);
  CHECK(index_class(index, exposed) == class_of(index, "m.B"));
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

static const IndexMaking *making_of_name(const Index *index, const char *name) {
  for (uint32_t i = 1; i < index->making_count; i++) {
    const IndexMaking *making = index_making(index, (MakingId){i});
    if (str_is(making->name, name)) return making;
  }
  CHECK(false);
  return &index->makings[0];
}

TEST(index_knows_which_classes_are_made_again_and_again) {
  Project p;
  project_begin(&p);
  project_add(&p, "make",
              "from collections import namedtuple\n"
              "def often(x):\n  Often = namedtuple('Often', 'a')\n"
              "def within(x):\n  often(x)\n"
              "def once(x):\n  class Once: pass\n"
              "def held(x):\n  class Held: y = x\n"
              "class C:\n  def run(self):\n    class Run: pass\n");
  project_add(&p, "use",
              "from make import within, once, held, C\nonce(1)\n"
              "def f(xs):\n  c = C()\n"
              "  for x in xs:\n    within(x)\n    held(x)\n    c.run()\n");
  const Index *index = project_resolve(&p);
  CHECK_INT(index->making_count, 5);
  const IndexMaking *often = making_of_name(index, "Often");
  CHECK(often->is_hot && place_ok(often->cause));
  CHECK_STR(index_module_name(index, often->cause.module), "use");
  CHECK(making_of_name(index, "Once")->at_import);
  CHECK((making_of_name(index, "Held")->fact->flags & MAKING_BOUND) != 0);
  CHECK(making_of_name(index, "Run")->is_hot);
  arena_release(&p.arena);
}
// --- knots ---------------------------------------------------------------------------

static const char *knot_text(const Index *index, uint32_t i) {
  KnotLife life = index_knot_life(index, (KnotId){i});
  if (life.refusal != NULL) return life.refusal;
  return life.is_single ? "single" : "knot";
}

// The project of two modules has one knot at most; what becomes of it.
static void knot_check(const char *a, const char *b, const char *want, int line) {
  Project p;
  project_begin(&p);
  project_add(&p, "a", a);
  project_add(&p, "b", b);
  Index *index = project_resolve(&p);
  const char *got = index->knot_count > 1 ? knot_text(index, 1) : "none";
  test_check_str(str_from(got), str_from(want), a, __FILE__, line);
  arena_release(&p.arena);
}
#define KNOT(a, b, want) knot_check(a, b, want, __LINE__)

#define STORING(value) \
  "from b import B, D\nclass C(B):\n  def f(self):\n    self.x = " value "\n"

TEST(index_knots_of_methods) {
  KNOT(STORING("self.m"), "class B:\n  def m(self):\n    pass\n", "knot");
  KNOT(STORING("self.m"), "class B:\n  @staticmethod\n  def m(x):\n    pass\n",
       "it is not bound to the instance");
  KNOT(STORING("self.m"), "class B:\n  @property\n  def m(self):\n    pass\n",
       "it is no method");
  KNOT(STORING("self.m"), "class B:\n  class m:\n    pass\n", "it is a class");
  KNOT(STORING("self.m"), "class B:\n  pass\n", "it is not known to be a method");
}

TEST(index_knots_that_are_taken_out) {
  const char *base = "class B:\n  def close(self):\n    self.x = None\n";
  KNOT(STORING("self"), "class B:\n  pass\n", "knot");
  KNOT(STORING("self"), base, "it is taken out again");
  KNOT(STORING("self"), "class B:\n  pass\ndef end(c):\n  del c.x\n",
       "it is taken out again");
  KNOT(STORING("self"), "class B:\n  @property\n  def x(self):\n    pass\n",
       "a property stores it");
  KNOT(STORING("self"), "from a import C\nclass B:\n  pass\nONE = C()\n", "single");
}

TEST(index_knots_of_what_is_made) {
  const char *keeps = "class B:\n  pass\nclass D:\n  def __init__(self, n, owner):\n"
                      "    self.owner = owner\n";
  KNOT(STORING("D(1, self)"), keeps, "knot");
  KNOT(STORING("D(1, owner=self)"), keeps, "knot");
  KNOT(STORING("D(self, 1)"), keeps, "what is made of it is not known to keep it");
  KNOT(STORING("D(self)"),
       "class B:\n  pass\nclass E:\n  def __init__(self, of):\n    self.of = [of]\n"
       "class D(E):\n  def __init__(self, owner):\n    super().__init__(owner)\n",
       "knot");
  KNOT(STORING("D(self)"),
       "from dataclasses import dataclass\nclass B:\n  pass\n@dataclass\nclass D:\n"
       "  owner: object\n",
       "knot");
  KNOT(STORING("D(self)"),
       "class B:\n  pass\nclass D:\n  def __init__(self, owner):\n"
       "    self.owner = owner\n  def close(self):\n    self.owner = None\n",
       "what it is given is taken out of it again");
}

TEST(index_knows_private_names_that_other_modules_use) {
  Project p;
  project_begin(&p);
  project_add(&p, "a",
              "def _f(x):\n  return x\ndef _g(x):\n  return _f(x)\n"
              "def _h(x):\n  return x\nx = _h(1)\n"
              "class C:\n  def __init__(self):\n    self._x = self._y = []\n");
  project_add(&p, "b",
              "from a import _f\nimport a\na._g(_f(1))\n"
              "def h(c):\n  return c._x\n");
  const Index *index = project_resolve(&p);
  const Named *named = named_in(index);
  CHECK(named_elsewhere(named, 0, STR("_f"), NULL));
  NamedUse use;
  CHECK(named_elsewhere(named, 0, STR("_h,_g"), &use));
  CHECK_STR(use.name, "_g");
  CHECK(!named_elsewhere(named, 0, STR("_h"), NULL));
  CHECK(named_elsewhere(named, 0, STR("._x"), NULL));
  CHECK(!named_elsewhere(named, 0, STR("._y,_h,_unknown"), NULL));
  arena_release(&p.arena);
}

// --- caches made by hand -------------------------------------------------------------

static bool is_cache(const Index *index, const char *name) {
  ContainerId id = index_find_container(index, str_from(name));
  CHECK(id.i != 0);
  return index_cache(index, id).fill != NULL;
}

TEST(caches_are_told_by_what_they_miss) {
  Project p;
  project_begin(&p);
  project_add(&p, "mod",
              "A = {}\nB = {}\nC = {}\nD = {}\nE = {}\nF = {}\nG = {}\nH = {}\n"
              "def of(k):\n"
              "  if k not in A:\n    A[k] = work(k)\n"
              "  v = B.get(k)\n  if v is None:\n    v = B[k] = work(k)\n"
              "  try:\n    C[k]\n  except KeyError:\n    C[k] = work(k)\n"
              "  D.setdefault(k, work(k)).run()\n"
              "  E[k] = work(k)\n"                      // no look-up
              "  if k in F:\n    F[k] = work(k)\n"      // it is there
              "  if k not in G:\n    G[k] = k\n"        // nothing is made
              "  if k not in H:\n    H[j] = work(k)\n"  // another key
              "  return A[k], v, C[k], E[k], F[k], G[k], H[k]\n");
  const Index *index = project_resolve(&p);
  CHECK(is_cache(index, "mod.A"));
  CHECK(is_cache(index, "mod.B"));
  CHECK(is_cache(index, "mod.C"));
  CHECK(is_cache(index, "mod.D"));
  CHECK(!is_cache(index, "mod.E"));
  CHECK(!is_cache(index, "mod.F"));
  CHECK(!is_cache(index, "mod.G"));
  CHECK(!is_cache(index, "mod.H"));
  arena_release(&p.arena);
}

TEST(caches_of_functions_are_containers) {
  Project p;
  project_begin(&p);
  project_add(&p, "mod",
              "def f(k):\n  if k not in f.kept:\n    f.kept[k] = work(k)\n"
              "  return f.kept[k]\nf.kept = {}\n"
              "def memo(g):\n  kept = {}\n  def call(k):\n"
              "    if k not in kept:\n      kept[k] = g(k)\n    return kept[k]\n"
              "  return call\n"
              "@memo\ndef h(k):\n  return k\n");
  const Index *index = project_resolve(&p);
  CHECK(is_cache(index, "mod.f.kept"));
  CHECK(is_cache(index, "mod.memo.<locals>.kept"));
  CHECK(life_of(index, "mod.memo.<locals>.kept").is_long);
  arena_release(&p.arena);
}

TEST(keys_that_all_callers_write_out_are_few) {
  Project p;
  project_begin(&p);
  project_add(&p, "mod",
              "A = {}\nB = {}\ndef of(k):\n  A[k] = 1\n"
              "def at(k, *, wide=False):\n  B[k] = wide\n");
  project_add(&p, "user",
              "from mod import of, at\nWIDE = 'wide'\n"
              "def run(x):\n  of('a')\n  of(WIDE)\n  at('a')\n  at(x)\n");
  const Index *index = project_resolve(&p);
  CHECK_INT(life_of(index, "mod.A").growth_count, 0);
  CHECK_INT(life_of(index, "mod.B").growth_count, 1);
  arena_release(&p.arena);
}

TEST(lookups_of_a_defaultdict_make_entries) {
  Project p;
  project_begin(&p);
  project_add(&p, "mod",
              "from collections import defaultdict as dd\n"
              "A = dd(list)\nB = dd(list)\nC = dd(list)\nD = dd(make)\nE = dd(int)\n"
              "F = dd(list)\nG = dd(lambda: dd(list))\n"
              "def of(k):\n"
              "  if k in B:\n    use(B[k])\n"
              "  C[k].append(1)\n  len(C[k])\n"
              "  G[k][1][2].append(3)\n"
              "  for j in F:\n    len(F[j])\n"
              "  return len(A[k]), len(D[k]), E[k]\n");
  project_add(&p, "user", "import mod\ndef at(k):\n  return len(mod.B[k])\n");
  const Index *index = project_resolve(&p);
  static const struct {
    const char *name;
    bool is_read;
  } want[] = {{"mod.A", true}, {"mod.B", true},  {"mod.C", false}, {"mod.D", false},
              {"mod.E", true}, {"mod.F", false}, {"mod.G", false}};
  for (uint32_t i = 0; i < sizeof want / sizeof *want; i++) {
    ContainerId id = index_find_container(index, str_from(want[i].name));
    CHECK(id.i != 0);
    bool is_read = index_lookup(index, id).read != NULL;
    if (is_read != want[i].is_read) CHECK_STR(STR("read"), want[i].name);
  }
  arena_release(&p.arena);
}

// --- what closing leaves -------------------------------------------------------------

// Of class a.C: what its closing methods leave first, or why nothing is said.
static void closing_check(const char *a, const char *b, const char *want, int line) {
  Project p;
  project_begin(&p);
  project_add(&p, "a", a);
  project_add(&p, "b", b);
  Index *index = project_resolve(&p);
  ClosingLife life = index_closing_life(index, index_find_class(index, STR("a.C")));
  Str got = life.refusal != NULL ? str_from(life.refusal) : life.left[0].name;
  test_check_str(got, str_from(want), a, __FILE__, line);
  arena_release(&p.arena);
}
#define CLOSING(a, b, want) closing_check(a, b, want, __LINE__)

#define CLOSED(body) \
  "from b import B, end\nclass C(B):\n  def __init__(self):\n    super().__init__()\n" \
  "    self.x = open('x')\n    self.y = open('y')\n  def close(self):\n" body

TEST(index_closing_methods_leave) {
  const char *base = "class B:\n  pass\ndef end(y):\n  pass\n";
  CLOSING(CLOSED("    self.x.close()\n"), base, "y");
  CLOSING(CLOSED("    self.x.close()\n    self.y.close()\n"), base,
          "everything is released");
  CLOSING(CLOSED("    self.closed = True\n"), base,
          "its closing methods release nothing");
  CLOSING(CLOSED("    self.x.close()\n    end(self.y)\n"), base, "y");
  CLOSING(CLOSED("    self.x.close()\n    end(self.y)\n"),
          "class B:\n  pass\ndef end(y):\n  y.close()\n", "everything is released");
  CLOSING(CLOSED("    self.x.close()\n    getattr(self, n).close()\n"), base,
          "a closing method may release anything");
  CLOSING(CLOSED("    self.x.close()\n"),
          "class B:\n  pass\ndef f(c):\n  c.y.close()\n", "everything is released");
}

TEST(index_closing_methods_of_bases) {
  const char *closing = "class B:\n  def __init__(self):\n    self.z = open('z')\n"
                        "  def close(self):\n    self.z.close()\n"
                        "  def rest(self):\n    self.y.close()\n";
  CLOSING(CLOSED("    self.x.close()\n    self.y.close()\n"), closing, "z");
  CLOSING(CLOSED("    self.x.close()\n    self.y.close()\n    super().close()\n"),
          closing, "everything is released");
  CLOSING(CLOSED("    self.x.close()\n    self.rest()\n    super().close()\n"), closing,
          "everything is released");
  CLOSING(CLOSED("    self.x.close()\n    super().close()\n"),
          "from far import Far\nclass B(Far):\n  pass\n",
          "a closing method may release anything");
}

TEST(queues_are_followed_to_who_puts_and_who_takes) {
  Project p;
  project_begin(&p);
  project_add(
      &p, "mod",
      "import queue\nfrom threading import Thread\nfrom sizes import FEW, NONE\n"
      "A = queue.Queue()\nB = queue.Queue(NONE)\nC = queue.Queue(FEW)\n"
      "D = queue.Queue()\n"
      "def put(q):\n  while True:\n    q.put(read())\n"
      "def take(q):\n  while True:\n    work(q.get())\n"
      "def both():\n  while True:\n    A.put(read())\n    B.put(read())\n"
      "    C.put(read())\n"
      "def own():\n  while True:\n    D.put(read())\n    D.get()\n"
      "def start():\n  q = queue.Queue()\n"
      "  Thread(target=put, args=(q,)).start()\n"
      "  Thread(target=take, kwargs={'q': q}).start()\n");
  project_add(&p, "sizes", "FEW = 5\nNONE = 0\n");
  project_add(&p, "user",
              "import mod\ndef run():\n  while True:\n    mod.A.get(timeout=1)\n"
              "    mod.B.get()\n    mod.C.get()\n");
  const Index *index = project_resolve(&p);
  static const struct {
    const char *name;
    bool is_open;
  } want[] = {{"mod.A", true},
              {"mod.B", true},
              {"mod.C", false},
              {"mod.D", false},
              {"mod.start.<locals>.q", true}};
  for (uint32_t i = 0; i < sizeof want / sizeof *want; i++) {
    ContainerId id = index_find_container(index, str_from(want[i].name));
    CHECK(id.i != 0);
    bool is_open = index_queue(index, id).put != NULL;
    if (is_open != want[i].is_open) CHECK_STR(STR("open"), want[i].name);
  }
  arena_release(&p.arena);
}

TEST(rings_are_lists_that_the_whole_project_reads_from_the_end) {
  Project p;
  project_begin(&p);
  project_add(
      &p, "mod",
      "A = []\nB = []\nC = []\n"
      "class D:\n  def __init__(self):\n    self.kept = []\n    self.seen = []\n"
      "  def add(self, v):\n    self.kept.append(v)\n    self.seen.append(v)\n"
      "    return self.kept[-1], self.seen[-3:]\n"
      "def add(v):\n  A.append(v)\n  B.append(v)\n  C.append(v)\n"
      "  if len(C) > 5:\n    C.pop(0)\n"
      "def local(vs):\n  xs = []\n  for v in vs:\n    xs.append(v)\n"
      "    yield xs[-2:]\n");
  project_add(&p, "user",
              "from mod import A, B\ndef see(d):\n  print(A[-4:], list(d.seen))\n"
              "  for b in B:\n    print(b)\n");
  const Index *index = project_resolve(&p);
  static const struct {
    const char *name;
    bool is_ring;
    uint32_t last;
  } want[] = {{"mod.A", true, 4},       {"mod.B", false, 0},
              {"mod.C", true, 5},       {"mod.D.kept", true, 1},
              {"mod.D.seen", false, 0}, {"mod.local.<locals>.xs", true, 2}};
  for (uint32_t i = 0; i < sizeof want / sizeof *want; i++) {
    ContainerId id = index_find_container(index, str_from(want[i].name));
    CHECK(id.i != 0);
    RingLife ring = index_ring(index, id);
    if (ring.is_ring != want[i].is_ring) CHECK_STR(STR("ring"), want[i].name);
    if (ring.is_ring) CHECK_INT(ring.last, want[i].last);
  }
  arena_release(&p.arena);
}

// --- registrations -------------------------------------------------------------------

static const IndexRegistration *registration_in(const Index *index,
                                                const char *caller) {
  for (uint32_t i = 1; i < index->registration_count; i++) {
    const IndexRegistration *r = index_registration(index, (RegistrationId){i});
    bool is_it = (r->flags & REGISTRATION_UNDO) == 0 &&
                 str_is(index_place_scope(index, r->place), caller);
    if (is_it) return r;
  }
  CHECK(false);
  return NULL;
}

TEST(index_joins_registrations_and_what_undoes_them) {
  Project p;
  project_begin(&p);
  project_add(&p, "base",
              "import atexit\nat_end = atexit.register\n"
              "class Closing:\n"
              "  def stop(self):\n    atexit.unregister(self.close)\n");
  project_add(&p, "work",
              "import atexit\nfrom base import Closing, at_end\n"
              "class A(Closing):\n"
              "  def __init__(self):\n    atexit.register(self.close)\n"
              "class B:\n"
              "  def __init__(self):\n    at_end(self.close)\n"
              "  def close(self): pass\n"
              "class C:\n"
              "  def __init__(self):\n    atexit.register(self.close)\n"
              "  def close(self): pass\n"
              "  def __del__(self):\n    atexit.unregister(self.close)\n");
  project_add(&p, "main",
              "import work\nONE = work.C()\n"
              "def many(n):\n  return [work.B() for _ in range(n)]\n");
  const Index *index = project_resolve(&p);
  const IndexRegistration *a = registration_in(index, "A.__init__");
  CHECK(a->is_undone);
  const IndexRegistration *by = index_registration(index, a->undone_by);
  CHECK_STR(index_module_name(index, by->module), "base");
  const IndexRegistration *b = registration_in(index, "B.__init__");
  CHECK(!b->is_undone && b->form == REGISTER_KEEPS && b->made == MADE_MANY);
  CHECK_STR(b->name, "atexit.register");
  const IndexRegistration *c = registration_in(index, "C.__init__");
  CHECK(!c->is_undone && c->made == MADE_ONCE);
  arena_release(&p.arena);
}

TEST(index_says_why_what_grows_is_no_growth) {
  static const struct {
    const char *body, *refusal;
  } cases[] = {
      {"def f(k):\n  X[k] = 1\n", NULL},
      {"X['a'] = 1\n", "it grows while modules are imported"},
      {"def f():\n  X['a'] = 1\n", "its keys are constant, or few"},
      {"def f(k):\n  if len(X) < 9:\n    X[k] = 1\n",
       "a test of its length guards what is added"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Project p;
    project_begin(&p);
    Str text = str_printf_in(&p.arena, "X = {}\n%s", cases[i].body);
    project_add(&p, "a", str_cstr_in(&p.arena, text));
    const Index *index = project_resolve(&p);
    const IndexContainer *c =
        index_container(index, index_find_container(index, STR("a.X")));
    const char *refusal = NULL;
    for (uint32_t k = 0; k < c->operation_count; k++) {
      if (c->operations[k].kind == OPERATION_GROW)
        refusal = index_growth_refusal(index, c, &c->operations[k]);
    }
    CHECK((refusal == NULL) == (cases[i].refusal == NULL));
    if (refusal != NULL) CHECK_STR(str_from(refusal), cases[i].refusal);
    arena_release(&p.arena);
  }
}

TEST(index_knows_publishers_of_other_modules) {
  Project p;
  project_begin(&p);
  project_add(&p, "events",
              "import weakref\n"
              "class Bus:\n"
              "  def subscribe(self, f):\n    self.all.append(f)\n"
              "class Weak:\n"
              "  def subscribe(self, f):\n    self.all.append(weakref.WeakMethod(f))\n"
              "class Slot:\n"
              "  def subscribe(self, f):\n    self.one = f\n"
              "BUS = Bus()\nWEAK = Weak()\nSLOT = Slot()\n"
              "def bus_of():\n  return BUS\n");
  project_add(&p, "views",
              "from events import BUS, WEAK, SLOT, bus_of\n"
              "class A:\n"
              "  def a(self):\n    BUS.subscribe(self.go)\n"
              "  def b(self):\n    WEAK.subscribe(self.go)\n"
              "  def c(self):\n    SLOT.subscribe(self.go)\n"
              "  def d(self):\n    bus_of().subscribe(self.go)\n"
              "  def go(self): pass\n");
  const Index *index = project_resolve(&p);
  CHECK(registration_in(index, "A.a")->is_strong);
  CHECK(registration_in(index, "A.b")->is_weak);
  CHECK(registration_in(index, "A.c")->is_weak);
  CHECK(registration_in(index, "A.d")->is_strong);
  arena_release(&p.arena);
}

static MadeCount made_of(const Index *index, const char *name) {
  return class_of(index, name)->made;
}

TEST(index_counts_instances_that_a_program_makes) {
  Project p;
  project_begin(&p);
  project_add(
      &p, "kinds",
      "from functools import cache\n"
      "class Once: pass\nclass Twice: pass\nclass Many: pass\nclass Lazy: pass\n"
      "class Cached: pass\nclass None_: pass\nclass Later: pass\n"
      "_lazy = None\n"
      "def lazy():\n  global _lazy\n  if _lazy is None:\n    _lazy = Lazy()\n"
      "  return _lazy\n"
      "@cache\ndef cached():\n  return Cached()\n"
      "def both():\n  a = Twice()\n  b = Twice()\n  return a, b\n"
      "def later(x):\n  return Later()\n"
      "def main():\n  once = Once()\n"
      "  for i in range(1000):\n    Many()\n"
      "main()\n");
  const Index *index = project_resolve(&p);
  CHECK_INT(made_of(index, "kinds.Once"), MADE_ONCE);
  CHECK_INT(made_of(index, "kinds.Twice"), MADE_MANY);
  CHECK_INT(made_of(index, "kinds.Many"), MADE_MANY);
  CHECK_INT(made_of(index, "kinds.Lazy"), MADE_ONCE);
  CHECK_INT(made_of(index, "kinds.Cached"), MADE_ONCE);
  CHECK_INT(made_of(index, "kinds.None_"), MADE_UNKNOWN);
  CHECK_INT(made_of(index, "kinds.Later"), MADE_UNKNOWN);
  arena_release(&p.arena);
}
