#include "semantic/effect.h"
#include "snippet_part.h"
#include "test.h"

// Each case asks what the body of its last loop does to what the loop's source copies.
typedef struct MutationCase {
  const char *code;
  MutationAnswer want;
} MutationCase;

static const char *answer_text(MutationAnswer answer) {
  switch (answer) {
    case MUTATION_NONE: return "none";
    case MUTATION_POSSIBLE: return "possible";
    case MUTATION_CERTAIN: return "certain";
  }
  return "";
}

static void mutations_check(const MutationCase *cases, size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    MutationAnswer got =
        effect_mutates(s.model, part_loop_body(&s), part_loop_source(&s));
    test_check_str(str_from(answer_text(got)), str_from(answer_text(cases[i].want)),
                   cases[i].code, __FILE__, line);
    snippet_close(&s);
  }
}
#define MUTATIONS(...) \
  do { \
    static const MutationCase cases[] = {__VA_ARGS__}; \
    mutations_check(cases, sizeof cases / sizeof cases[0], __LINE__); \
  } while (0)
#define NONE MUTATION_NONE
#define POSSIBLE MUTATION_POSSIBLE
#define CERTAIN MUTATION_CERTAIN

TEST(mutation_by_methods) {
  MUTATIONS(
      {"def f(xs: list):\n for x in list(xs): xs.remove(x)\n", CERTAIN},
      {"def f(xs):\n for x in list(xs): xs.append(x)\n", CERTAIN},
      {"def f(xs):\n for x in list(xs): (xs).append(x)\n", CERTAIN},
      {"def f(xs):\n for x in list(xs): y = xs.pop() if x else 0\n", CERTAIN},
      {"def f(xs):\n for x in list(xs): ys = map(xs.append, x)\n", POSSIBLE},
      {"def f(xs):\n for x in list(xs): print(xs.index(x))\n", POSSIBLE},
      {"def f(xs: list):\n for x in list(xs): xs.index(x)\n", NONE},
      {"def f(xs):\n for x in list(xs): xs.frobnicate(x)\n", POSSIBLE},
      {"def f(xs):\n ys = []\n for x in list(xs): ys.append(x)\n", NONE},
      {"def f(d: dict):\n for k in list(d): d.pop(k)\n", CERTAIN},
      {"def f(d: dict):\n for k in list(d.keys()): d.pop(k)\n", CERTAIN},
      {"def f(d: dict):\n for k in list(d.keys()): d.get(k)\n", NONE},
      {"def f(d: dict):\n for k, v in list(d.items()): d.setdefault(v, k)\n", CERTAIN},
      {"import heapq\ndef f(h):\n for x in list(h): heapq.heappush(h, x)\n", CERTAIN},
      {"import random\ndef f(h):\n for x in list(h): random.shuffle(h)\n", CERTAIN},
      {"import heapq\ndef f(h, g):\n for x in list(h): heapq.heappush(g, h)\n", NONE});
}

// What `range` and slices are given is a number, whoever made it.
TEST(mutation_of_numbers) {
  MUTATIONS(
      {"def f(d):\n n = size(d)\n for x in list(range(1, n)): g(n)\n", NONE},
      {"def f(d):\n n = size(d)\n for x in list(range(n * 2 - 1)): g(x)\n", NONE},
      {"def f(d):\n n = size(d)\n for x in list(range(n)): n = g(x)\n", CERTAIN},
      {"def f(d):\n n = size(d)\n for x in list(range(n)): n += g(x)\n", CERTAIN},
      {"def f(d):\n n = size(d)\n def h():\n  nonlocal n\n  n = 2\n"
       " for x in list(range(n)): h()\n",
       POSSIBLE},
      {"def f(d):\n n = size(d)\n for x in list(range(n.start)): g(n)\n", POSSIBLE},
      {"def f(d):\n n = size(d)\n for x in list(range(len(n))): g(x)\n", POSSIBLE},
      {"def f(d):\n n = size(d)\n for x in list(span(n)): g(x)\n", POSSIBLE},
      {"def f(d):\n n = size(d)\n for x in list(zip(n, range(n))): g(x)\n", POSSIBLE},
      {"def f(xs, d):\n n = size(d)\n for x in list(map(str, xs[:n])): g(x)\n", NONE},
      {"n = size()\ndef f():\n for x in list(range(n)): g(x)\n", POSSIBLE});
}

TEST(mutation_by_stores) {
  MUTATIONS({"def f(d):\n for k in list(d): del d[k]\n", CERTAIN},
            {"def f(d):\n for k in list(d): d[k] = 1\n", CERTAIN},
            {"def f(d):\n for k in list(d): d[k] += 1\n", CERTAIN},
            {"def f(d):\n for k in list(d): d[1:2] = []\n", CERTAIN},
            {"def f(d):\n for k in list(d): d[0], y = 1, 2\n", CERTAIN},
            {"def f(d):\n for k in list(d):\n  for d[0] in k: pass\n", NONE},
            {"def f(d):\n for k in list(d):\n  with k as d[0]: pass\n", CERTAIN},
            {"def f(d):\n for k in list(d): print(d[k])\n", NONE},
            {"from collections import defaultdict\ndef f():\n d = defaultdict(int)\n"
             " for k in list(d): print(d[k])\n",
             POSSIBLE},
            {"def f(xs):\n for x in list(xs): xs += [x]\n", CERTAIN},
            {"def f(xs):\n for x in list(xs): xs = []\n", CERTAIN},
            {"def f(xs):\n for x in list(xs): del xs\n", CERTAIN},
            {"def f(xs):\n for x in list(xs): print((xs := x))\n", CERTAIN},
            {"def f(xs):\n for x in list(xs):\n  with x as xs: pass\n", CERTAIN},
            {"def f(xs):\n for x in list(xs):\n  import xs\n", CERTAIN},
            {"def f(xs):\n for x in list(xs):\n  try: pass\n  except E as xs: pass\n",
             CERTAIN},
            {"def f(xs):\n for x in list(xs): [xs for xs in x]\n", NONE},
            {"def f(o):\n for x in list(o): o.x = 1\n", CERTAIN});
}

TEST(mutation_by_the_loop_target) {
  Snippet s;
  snippet_open(&s, "def f(xs, ys):\n for xs in list(xs): pass\n");
  NodeId source = part_loop_source(&s);
  NodeId body = part_loop_body(&s);
  CHECK_INT(effect_mutates(s.model, body, source), MUTATION_NONE);
  CHECK_INT(effect_mutates(s.model, node_parent(&s.tree, body), source),
            MUTATION_CERTAIN);
  snippet_close(&s);
}

TEST(mutation_by_passing) {
  MUTATIONS(
      {"def f(xs):\n for x in list(xs): g(xs)\n", POSSIBLE},
      {"def f(xs):\n for x in list(xs): g(k=xs)\n", POSSIBLE},
      {"def f(xs):\n for x in list(xs): g(x, (xs, 1))\n", POSSIBLE},
      {"def f(xs):\n for x in list(xs): g(xs if x else 0)\n", POSSIBLE},
      {"def f(xs):\n for x in list(xs): g(*xs)\n", NONE},
      {"def f(xs):\n for x in list(xs): g(x)\n", NONE},
      {"def f(xs):\n for x in list(xs): print(len(xs), sum(xs))\n", NONE},
      {"def f(xs, ys):\n for x in list(xs): ys.extend(xs)\n", NONE},
      {"def g(a): a.append(1)\ndef f(xs):\n for x in list(xs): g(xs)\n", CERTAIN},
      {"def g(a): print(a)\ndef f(xs):\n for x in list(xs): g(xs)\n", NONE},
      {"def g(b, a): a[0] = 1\ndef f(xs):\n for x in list(xs): g(1, a=xs)\n", CERTAIN},
      {"def g(b, a): a[0] = 1\ndef f(xs):\n for x in list(xs): g(xs, 1)\n", NONE},
      {"def g(a):\n a = list(a)\n a.append(1)\ndef f(xs):\n"
       " for x in list(xs): g(xs)\n",
       NONE},
      {"def g(a):\n a += [1]\ndef f(xs):\n for x in list(xs): g(xs)\n", POSSIBLE},
      {"def g(a):\n b = a\n b.append(1)\ndef f(xs):\n for x in list(xs): g(xs)\n",
       CERTAIN},
      {"def g(a): g(a)\ndef f(xs):\n for x in list(xs): g(xs)\n", NONE},
      {"def g(*a): a[0].append(1)\ndef f(xs):\n for x in list(xs): g(xs)\n", POSSIBLE},
      {"class C:\n def __init__(self, a): a.clear()\ndef f(xs):\n"
       " for x in list(xs): C(xs)\n",
       CERTAIN},
      {"class C:\n def __init__(self, a): self.a = a\ndef f(xs):\n"
       " for x in list(xs): C(xs)\n",
       NONE},
      {"def f(xs):\n for x in list(xs): exec('xs.clear()')\n", POSSIBLE},
      {"def f(it):\n it = iter(it)\n for x in list(it): next(it)\n", CERTAIN});
}

TEST(mutation_by_filling) {
  MUTATIONS({"from typing import DefaultDict\ndef f(d: DefaultDict[str, int]):\n"
             " for k in list(d): print(d[k])\n",
             POSSIBLE},
            {"from typing import Dict\ndef f(d: Dict[str, int]):\n"
             " for k in list(d): print(d[k])\n",
             NONE});
}

// What a helper does with its parameter depends on what it is given.
TEST(mutation_by_a_helper_of_a_kind) {
  MUTATIONS({"def g(t, v): return t.count(v)\ndef f(xs: list):\n"
             " for x in list(xs): g(xs, x)\n",
             NONE},
            {"def g(t, v): return t.count(v)\ndef f(xs):\n"
             " for x in list(xs): g(xs, x)\n",
             POSSIBLE},
            {"def g(t, v): return t.pop(v)\ndef f(xs: list):\n"
             " for x in list(xs): g(xs, x)\n",
             CERTAIN});
}

TEST(mutation_through_unpacked_and_ended_aliases) {
  MUTATIONS(
      {"def f(xs, ys):\n a, b = xs, ys\n for x in list(xs): a.append(x)\n", CERTAIN},
      {"def f(xs, ys):\n a, b = xs, ys\n for x in list(xs): b.append(x)\n", NONE},
      {"def f(xs):\n a = xs\n a = []\n for x in list(xs): a.append(x)\n", NONE},
      {"def f(xs):\n a = xs\n if x: a = []\n for x in list(xs): a.append(x)\n",
       CERTAIN});
}

TEST(mutation_through_aliases) {
  MUTATIONS(
      {"def f(xs):\n ys = xs\n for x in list(xs): ys.append(x)\n", CERTAIN},
      {"def f(xs):\n ys = xs\n for x in list(ys): xs.append(x)\n", CERTAIN},
      {"def f(xs):\n ys = zs = xs\n for x in list(xs): zs.append(x)\n", CERTAIN},
      {"def f():\n ys = xs = []\n for x in list(xs): ys.append(x)\n", CERTAIN},
      {"def f(xs):\n ys = list(xs)\n for x in list(xs): ys.append(x)\n", NONE},
      {"def f(xs):\n ys = xs or []\n for x in list(ys): xs.append(x)\n", CERTAIN},
      {"def f(xs):\n ys = xs if xs else []\n for x in list(xs): ys.append(x)\n",
       CERTAIN},
      {"def f(xs):\n print(ys := xs)\n for x in list(xs): ys.append(x)\n", CERTAIN},
      {"def f(xs):\n ys = xs\n for x in list(xs): ys = x\n", NONE},
      {"def f(xs: list):\n ys = xs\n for x in list(xs): ys += x\n", CERTAIN},
      {"def f():\n xs = ''\n ys = xs\n for x in list(xs): ys += 'x'\n", NONE},
      {"def f(d: dict):\n ks = d.keys()\n for k in list(ks): d.pop(k)\n", CERTAIN},
      {"def f(xs):\n g = (x for x in xs)\n for x in list(g): xs.append(x)\n", CERTAIN},
      {"def f(xs):\n e = enumerate(xs)\n for x in list(e): xs.append(x)\n", CERTAIN},
      {"class A:\n def f(self):\n  xs = self.xs\n"
       "  for x in list(xs): self.xs.append(x)\n",
       CERTAIN},
      {"class A:\n def f(self):\n  xs = self.xs\n"
       "  for x in list(self.xs): xs.append(x)\n",
       CERTAIN},
      {"class A:\n def f(self):\n  me = self\n"
       "  for x in list(self.xs): me.xs.append(x)\n",
       CERTAIN},
      {"def f(self):\n o = self.owner\n"
       " for x in list(o.items): self.owner.items.append(x)\n",
       CERTAIN});
}

TEST(mutation_of_what_others_hold) {
  MUTATIONS(
      {"class A:\n def f(self):\n  for x in list(self.xs): self.xs.append(x)\n",
       CERTAIN},
      {"class A:\n def f(self):\n  for x in list(self.xs): self.xs = []\n", CERTAIN},
      {"class A:\n def f(self):\n  for x in list(self.xs): del self.xs[0]\n", CERTAIN},
      {"class A:\n def f(self):\n  for x in list(self.xs): self.drop(x)\n", POSSIBLE},
      {"class A:\n def f(self):\n  for x in list(self.xs): x.close()\n", POSSIBLE},
      {"class A:\n def f(self):\n  for x in list(self.xs): g(x)\n", POSSIBLE},
      {"class A:\n def f(self):\n  for x in list(self.xs): print(x)\n", NONE},
      {"class A:\n def f(self):\n  for x in list(self.xs): x.total += 1\n", NONE},
      {"class A:\n def f(self):\n  for x in list(self.xs): yield x\n", POSSIBLE},
      {"class A:\n async def f(self):\n  for x in list(self.xs): await x\n", POSSIBLE},
      {"class A:\n def f(self):\n  for x in list(self.xs): self.ys = x\n", NONE},
      {"class A:\n def f(self):\n  out = []\n"
       "  for x in list(self.xs): out.append(x)\n",
       NONE},
      {"def f(d, k):\n for x in list(d[k]): d[k].append(x)\n", CERTAIN},
      {"def f(d, k):\n for x in list(d[k]): g(x)\n", POSSIBLE},
      {"def f(d, k):\n for x in list(d[k]): print(x)\n", NONE},
      {"xs = []\ndef f():\n for x in list(xs): g(x)\n", POSSIBLE},
      {"xs = []\ndef f():\n for x in list(xs): print(x)\n", NONE},
      {"xs = []\ndef g(x): xs.append(x)\ndef f():\n for x in list(xs): g(x)\n",
       POSSIBLE},
      {"xs = []\ndef g(x): return x.a\ndef f():\n for x in list(xs): g(x)\n", NONE},
      {"def f(xs):\n for x in list(xs): yield x\n", NONE},
      {"from m import *\ndef f():\n for x in list(xs): g(x)\n", POSSIBLE});
}

TEST(mutation_through_closures) {
  MUTATIONS({"def f():\n xs = [1]\n def g(): xs.append(1)\n"
             " for x in list(xs): g()\n",
             POSSIBLE},
            {"def f():\n xs = [1]\n def g(): return len(xs)\n"
             " for x in list(xs): g()\n",
             NONE},
            {"def f():\n xs = [1]\n def g():\n  nonlocal xs\n  xs = []\n"
             " for x in list(xs): g()\n",
             POSSIBLE},
            {"def f(h):\n xs = [1]\n def g(): xs.append(1)\n"
             " for x in list(xs): print(x)\n",
             NONE},
            {"def f(h):\n xs = [1]\n h(lambda: xs.append(1))\n"
             " for x in list(xs): h.run()\n",
             POSSIBLE},
            {"def f():\n xs = [1]\n for x in list(xs):\n  k = lambda: xs.append(1)\n",
             POSSIBLE},
            {"def f():\n xs = [1]\n def g():\n  for x in list(xs): h(x)\n", POSSIBLE});
}

TEST(mutation_between_two_places) {
  Snippet s;
  snippet_open(&s, "def f(xs, ys, k):\n a = [x + k for x in xs]\n ys.clear()\n"
                   " k = 2\n return sum(a)\n");
  NodeId from = part_first(&s, "[x + k for x in xs]");
  NodeId to = part_first(&s, "sum(a)");
  NodeId xs = part_first(&s, "xs"), ys = part_first(&s, "ys");
  CHECK_INT(effect_mutates_between(s.model, from, to, xs), MUTATION_NONE);
  CHECK_INT(effect_mutates_between(s.model, from, to, ys), MUTATION_CERTAIN);
  CHECK_INT(effect_mutates_between(s.model, to, from, xs), MUTATION_POSSIBLE);
  CHECK(effect_rebinds_names_between(s.model, from, to, from));
  CHECK(!effect_rebinds_names_between(s.model, from, to, xs));
  CHECK(effect_of_between(s.model, from, to) & EFFECT_ACTS);
  CHECK(effect_rebinds_names_between(s.model, to, from, xs));
  snippet_close(&s);
}

// --- rebinding -----------------------------------------------------------------------

static bool rebinds(const char *code, const char *region, const char *expression) {
  Snippet s;
  snippet_open(&s, code);
  bool got = effect_rebinds_names_of(s.model, part_last(&s, region),
                                     part_first(&s, expression));
  snippet_close(&s);
  return got;
}

TEST(rebinding_of_names_in_an_expression) {
  CHECK(rebinds("def f(k, xs):\n a = (x + k for x in xs)\n k = 2\n", "k = 2", "x + k"));
  CHECK(!rebinds("def f(k, xs):\n a = [x + k for x in xs]\n x = 2\n", "x = 2",
                 "[x + k for x in xs]"));
  CHECK(rebinds("def f(k, xs):\n a = x + k\n for k in xs: pass\n", "for k in xs: pass",
                "x + k"));
  CHECK(rebinds("n = 1\ndef g():\n global n\n n = 2\ndef f():\n a = n + 1\n g()\n",
                "g()", "n + 1"));
  CHECK(!rebinds("n = 1\ndef g(): pass\ndef f():\n a = n + 1\n g()\n", "g()", "n + 1"));
  CHECK(
      rebinds("def f():\n k = 1\n def g():\n  nonlocal k\n  k = 2\n a = k + 1\n h(g)\n",
              "h(g)", "k + 1"));
}

// --- files ---------------------------------------------------------------------------

typedef struct FileCase {
  const char *code;  // its last loop goes over `handle.readlines()`
  const char *handle;
  bool disturbed;
} FileCase;

TEST(disturbance_of_a_file) {
  static const FileCase cases[] = {
      {"with open('a') as f:\n for l in f.readlines(): print(l)\n", "f", false},
      {"with open('a') as f:\n for l in f.readlines(): f.tell()\n", "f", true},
      {"with open('a') as f:\n for l in f.readlines(): f.seek(0)\n", "f", true},
      {"with open('a') as f:\n for l in f.readlines(): next(f)\n", "f", true},
      {"with open('a') as f:\n for l in f.readlines(): g(f)\n", "f", true},
      {"with open('a') as f:\n for l in f.readlines(): f.close()\n", "f", true},
      {"with open('a') as f:\n for l in f.readlines(): print(f.name)\n", "f", false},
      {"def k():\n f = open('a')\n g = f\n for l in f.readlines(): g.readline()\n", "f",
       true},
      {"import csv\ndef k():\n f = open('a')\n r = csv.reader(f)\n"
       " for l in f.readlines(): next(r)\n",
       "f", true},
      {"def k():\n f = open('a')\n n = len(f.name)\n"
       " for l in f.readlines(): print(n)\n",
       "f", false},
      {"for l in open('a').readlines(): open('a', 'w').write(l)\n", "open('a')", true},
      {"for l in open('a').readlines(): open('b', 'w').write(l)\n", "open('a')", false},
      {"for l in open('a').readlines(): open('a').read()\n", "open('a')", false},
      {"def k(p, q):\n for l in open(p).readlines(): open(q, 'a').write(l)\n",
       "open(p)", true},
      {"def k(p, q):\n with open(p) as f, open(q, 'w') as g:\n"
       "  for l in f.readlines(): g.write(l)\n",
       "f", false},
      {"def k(p, q):\n with open(p) as f, open(q, 'a') as g:\n"
       "  for l in f.readlines(): g.write(l)\n",
       "f", true},
      {"def k():\n with open('a') as f, open('b', 'a') as g:\n"
       "  for l in f.readlines(): g.write(l)\n",
       "f", false},
      {"import os\ndef k(p, q):\n for l in open(p).readlines(): os.replace(q, p)\n",
       "open(p)", true},
      {"import os\ndef k(p, q):\n for l in open(p).readlines(): os.path.join(p, l)\n",
       "open(p)", false},
      {"import os\nfor l in open('a').readlines(): os.remove('a')\n", "open('a')",
       true},
      {"class A:\n def k(self):\n  for l in self.f.readlines(): self.step(l)\n",
       "self.f", true},
      {"class A:\n def k(self):\n  for l in self.f.readlines(): print(l)\n", "self.f",
       false},
      {"def k(f):\n def g(): f.readline()\n for l in f.readlines(): g()\n", "f", true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId body = part_loop_body(&s);
    NodeId right = node_field(&s.tree, node_parent(&s.tree, body), FIELD_RIGHT);
    NodeId method = node_field(&s.tree, right, FIELD_FUNCTION);
    NodeId handle = node_field(&s.tree, method, FIELD_OBJECT);
    CHECK(node_text_is(&s.tree, handle, cases[i].handle));
    bool got = effect_disturbs_file(s.model, body, handle);
    test_check(got == cases[i].disturbed, cases[i].code, __FILE__, __LINE__);
    snippet_close(&s);
  }
}
