#include "semantic/effect.h"
#include "snippet_part.h"
#include "test.h"

// --- what an expression does ---------------------------------------------------------

static Str effect_text(Arena *arena, EffectSet effects) {
  static const char *const names[] = {"unknown", "acts",   "raises",   "awaits",
                                      "yields",  "super",  "next",     "locals",
                                      "binds",   "starts", "consumes", "stores"};
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if ((effects & (EffectSet)1 << i) == 0) continue;
    if (out.n > 0) buf_add_byte(&out, ' ');
    buf_add_text(&out, names[i]);
  }
  return buf_str(&out);
}

typedef struct EffectCase {
  const char *code;
  const char *part;  // the last text in `code` that is judged
  const char *want;
} EffectCase;

static void cases_check(const EffectCase *cases, size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId part = part_last(&s, cases[i].part);
    Str got = effect_text(&s.arena, effect_of(s.model, part));
    test_check_str(got, str_from(cases[i].want), cases[i].code, __FILE__, line);
    snippet_close(&s);
  }
}
#define CASES(...) \
  do { \
    static const EffectCase cases[] = {__VA_ARGS__}; \
    cases_check(cases, sizeof cases / sizeof cases[0], __LINE__); \
  } while (0)

TEST(effect_of_plain_expressions) {
  CASES({"x.y.z\n", "x.y.z", ""}, {"a < b\n", "a < b", ""},
        {"not (a and b.c)\n", "not (a and b.c)", ""},
        {"(a, [b], {'k': c})\n", "(a, [b], {'k': c})", ""}, {"y = -1\n", "-1", ""},
        {"y = -x\n", "-x", "raises"}, {"a + b\n", "a + b", "raises"},
        {"a[0]\n", "a[0]", "raises"}, {"f'{a}'\n", "f'{a}'", "raises"},
        {"z = {x: 1}\n", "{x: 1}", "raises"}, {"g = lambda: f()\n", "lambda: f()", ""},
        {"g = lambda x=f(): x\n", "lambda x=f(): x", "unknown raises"},
        {"[x.a for x in xs if x.b]\n", "[x.a for x in xs if x.b]", ""});
}

TEST(effect_of_calls) {
  CASES({"n = len(x)\n", "len(x)", ""}, {"n = int(x)\n", "int(x)", "raises"},
        {"f(x)\n", "f(x)", "unknown raises"},
        {"def len(x): pass\nlen(y)\n", "len(y)", ""},
        {"print(x)\n", "print(x)", "acts raises"},
        {"def f(xs): xs.append(1)\n", "xs.append(1)", "acts raises"},
        {"def f(w): w.wait()\n", "w.wait()", "acts raises"},
        {"def f(s: str): s.frobnicate()\n", "s.frobnicate()", "raises"},
        {"def f(p): return p.submit(g)\n", "p.submit(g)", "raises starts"},
        {"import os\nos.remove(p)\n", "os.remove(p)", "acts raises"},
        {"y = max(xs, key=lambda x: x.a)\n", "max(xs, key=lambda x: x.a)", "raises"},
        {"y = max(xs, key=lambda x: g(x))\n", "max(xs, key=lambda x: g(x))",
         "unknown raises"},
        {"y = sorted(xs, key=score)\n", "sorted(xs, key=score)", "unknown raises"},
        {"y = sorted(xs, key=len)\n", "sorted(xs, key=len)", ""},
        {"y = list(map(str, xs))\n", "list(map(str, xs))", ""},
        {"y = list(map(g, xs))\n", "list(map(g, xs))", "unknown raises"});
}

TEST(effect_of_hazards) {
  CASES({"async def f(): return [await g for g in gs]\n", "[await g for g in gs]",
         "raises awaits"},
        {"async def f(): return [x async for x in gs]\n", "[x async for x in gs]",
         "raises awaits"},
        {"class A:\n def f(self): return [super().f for _ in x]\n",
         "[super().f for _ in x]", "super"},
        {"class A:\n def f(self): return [__class__ for _ in x]\n",
         "[__class__ for _ in x]", "super"},
        {"class A:\n def f(self): return [self.__class__ for _ in x]\n",
         "[self.__class__ for _ in x]", ""},
        {"class A:\n def f(self): return super(A, self)\n", "super(A, self)", ""},
        {"def f(it): return [next(it) for _ in x]\n", "[next(it) for _ in x]",
         "raises next consumes"},
        {"def f(it): return next(it, None)\n", "next(it, None)", "raises consumes"},
        {"def f(it): return it.__next__()\n", "it.__next__()", "raises next consumes"},
        {"def f(xs): return next(iter(xs))\n", "next(iter(xs))", "raises next"},
        {"def f(): raise StopIteration(1)\n", "raise StopIteration(1)", "raises next"},
        {"def f(): return [locals() for x in y]\n", "[locals() for x in y]", "locals"},
        {"def f(xs): return any([(m := x) for x in xs])\n",
         "any([(m := x) for x in xs])", "binds"},
        {"def f():\n yield 1\n", "yield 1", "raises yields"},
        {"def f(p):\n with open(p) as h:\n  return sum(1 for l in h)\n",
         "sum(1 for l in h)", "raises consumes"});
}

TEST(effect_of_stores) {
  CASES({"def f(a): a.x = 1\n", "a.x = 1", "stores"},
        {"def f(a): a[0] = 1\n", "a[0] = 1", "raises stores"},
        {"def f(a): del a[0]\n", "del a[0]", "raises stores"},
        {"def f(a): b = 1\n", "b = 1", ""}, {"b = 1\n", "b = 1", "stores"},
        {"def f():\n global b\n b = 1\n", "b = 1", "stores"},
        {"def f():\n x = 0\n def g():\n  nonlocal x\n  x = 1\n", "x = 1", "stores"},
        {"def f(a): a += 1\n", "a += 1", "raises stores"},
        {"def f(a: int): a += 1\n", "a += 1", "raises"},
        {"def f():\n n = 0\n n += 1\n", "n += 1", "raises"},
        {"def f():\n for x.y in z: pass\n", "for x.y in z: pass", "stores"},
        {"def f():\n out = []\n out.append(1)\n", "out.append(1)", "acts raises"},
        {"def f(lock):\n with lock: pass\n", "with lock: pass", "unknown raises"});
}

// --- functions -----------------------------------------------------------------------

// Each case calls `f`.
TEST(effect_of_local_functions) {
  CASES({"def f(x): return x + 1\ny = f(2)\n", "f(2)", "raises"},
        {"def f(x): return x.a\ny = f(2)\n", "f(2)", ""},
        {"def f(x): return g(x)\ny = f(2)\n", "f(2)", "unknown raises"},
        {"def f(x):\n out = []\n out.append(x)\n out[0] = 1\n return out\ny = f(2)\n",
         "f(2)", "raises"},
        {"def f(x):\n x.append(1)\ny = f(2)\n", "f(2)", "acts raises"},
        {"def f(x):\n global n\n n = 1\ny = f(2)\n", "f(2)", "stores"},
        {"def g(x): x.y = 1\ndef f(x): g(x)\ny = f(2)\n", "f(2)", "stores"},
        {"def f(n): return f(n.m) if n else n\ny = f(2)\n", "f(2)", "raises"},
        {"def f(n): return g(n.m)\ndef g(n): return f(n.m)\ny = f(2)\n", "f(2)",
         "raises"},
        {"def f(n): return g(n)\ndef g(n):\n n.a = 1\n return f(n)\ny = f(2)\n", "f(2)",
         "raises stores"},
        {"def f():\n yield 1\ny = f()\n", "f()", "raises"},
        {"async def f(): await g\ny = f()\n", "f()", "raises"},
        {"f = lambda x: x.a\ny = f(2)\n", "f(2)", ""},
        {"@wrap\ndef f(x): return x\ny = f(2)\n", "f(2)", "unknown raises"},
        {"from functools import cache\n@cache\ndef f(x): return x\ny = f(2)\n", "f(2)",
         ""},
        {"def f(x): return x\nf = g\ny = f(2)\n", "f(2)", "unknown raises"},
        {"class A:\n def m(self): return self.n()\n", "self.n()", "unknown raises"});
}

TEST(effect_of_local_classes) {
  CASES({"class C:\n def __init__(self, a): self.a = a\ny = C(1)\n", "C(1)", "raises"},
        {"class C:\n def __init__(self, a): a.b = 1\ny = C(1)\n", "C(1)",
         "raises stores"},
        {"class C:\n def __init__(self, a): all_c.append(self)\ny = C(1)\n", "C(1)",
         "acts raises"},
        {"class C(Base): pass\ny = C(1)\n", "C(1)", "unknown raises"},
        {"class B:\n def __init__(self): g()\nclass C(B): pass\ny = C()\n", "C()",
         "unknown raises"},
        {"class B:\n def __init__(self): self.x = 1\nclass C(B): pass\ny = C()\n",
         "C()", "raises"},
        {"@deco\nclass C: pass\ny = C()\n", "C()", "unknown raises"},
        {"class C:\n def __new__(cls): return x\ny = C()\n", "C()", "unknown raises"});
}

TEST(effect_of_named_tuples) {
  CASES({"from collections import namedtuple as nt\nC = nt('C', 'a b')\ny = C(1, 2)\n",
         "C(1, 2)", "raises"},
        {"import typing\nC = typing.NamedTuple('C', [('a', int)])\ny = C(1)\n", "C(1)",
         "raises"},
        {"import collections\nclass B(object): pass\n"
         "class C(B, collections.namedtuple('C', ('a',))): pass\ny = C(a=1)\n",
         "C(a=1)", "raises"},
        {"import collections\nclass C(collections.namedtuple('C', 'a')):\n"
         " def __new__(cls, a): return made(a)\ny = C(1)\n",
         "C(1)", "unknown raises"},
        {"from lib import namedtuple\nC = namedtuple('C', 'a')\ny = C(1)\n", "C(1)",
         "unknown raises"},
        {"from collections import namedtuple\nC = namedtuple('C', 'a')\nif D: C = D\n"
         "y = C(1)\n",
         "C(1)", "unknown raises"},
        {"from collections import namedtuple\nC = hook(namedtuple('C', 'a'))\n"
         "y = C(1)\n",
         "C(1)", "unknown raises"});
}

TEST(effect_is_pure_ignores_raising) {
  CHECK(effect_is_pure(EFFECT_MAY_RAISE | EFFECT_SUPER));
  CHECK(!effect_is_pure(EFFECT_UNKNOWN_CALL));
  CHECK(!effect_is_pure(EFFECT_CONSUMES));
}

TEST(effect_of_function_leaves_own_objects_out) {
  Snippet s;
  snippet_open(&s, "def f(p):\n o = {}\n for k in p:\n  o[k] = 1\n return o\n"
                   "def g(p):\n p[0] = 1\n"
                   "class A:\n def h(self): self.x = 1\n");
  const Tree *t = &s.tree;
  ScopeId found[3] = {{0}};
  uint32_t count = 0;
  for (NodeId n = {1}; n.i < t->count; n.i++) {
    if (node_is(t, n, PY_FUNCTION_DEFINITION)) found[count++] = scope_of(s.model, n);
  }
  CHECK_INT(count, 3);
  CHECK_STR(effect_text(&s.arena, effect_of_function(s.model, found[0])), "raises");
  CHECK_STR(effect_text(&s.arena, effect_of_function(s.model, found[1])),
            "raises stores");
  CHECK_STR(effect_text(&s.arena, effect_of_function(s.model, found[2])), "stores");
  snippet_close(&s);
}

// Every question about an outer part gives at least what the inner parts gave, whatever
// was asked first.
TEST(effect_sums_do_not_depend_on_the_order) {
  const char *code = "def f(a):\n for x in a:\n  a.b = [g(y) for y in x if (z := y)]\n"
                     "  with open(a) as h: print(h.read())\n"
                     "class C:\n def m(self): return [self.n(), super().n]\n";
  Snippet up, down;
  snippet_open(&up, code);
  snippet_open(&down, code);
  for (uint32_t i = up.tree.count; i-- > 1;) effect_of_region(up.model, (NodeId){i});
  for (NodeId n = {1}; n.i < up.tree.count; n.i++) {
    CHECK_INT(effect_of_region(down.model, n), effect_of_region(up.model, n));
  }
  snippet_close(&up);
  snippet_close(&down);
}

TEST(effect_of_deep_nesting_needs_no_stack) {
  enum { DEPTH = 20000 };
  static char code[DEPTH * 8];
  size_t n = 0;
  for (int i = 0; i < DEPTH; i++) code[n++] = '[';
  code[n++] = 'x';
  for (int i = 0; i < DEPTH; i++) code[n++] = ']';
  code[n++] = '\n';
  code[n] = 0;
  Snippet s;
  snippet_open(&s, code);
  CHECK_INT(effect_of(s.model, (NodeId){1}), 0);
  snippet_close(&s);
  // A chain of functions that call each other, and back.
  Buf out = {0};
  Arena arena;
  arena_init(&arena);
  out = buf_in(&arena);
  for (int i = 0; i < 5000; i++) {
    buf_printf(&out, "def f%d(x): return f%d(x)\n", i, (i + 1) % 5000);
  }
  buf_add_text(&out, "y = f0(1)\n");
  buf_add_byte(&out, 0);
  snippet_open(&s, out.p);
  CHECK_INT(effect_of(s.model, part_last(&s, "f0(1)")), EFFECT_MAY_RAISE);
  snippet_close(&s);
  arena_release(&arena);
}
