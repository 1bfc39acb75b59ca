#include "semantic/back.h"
#include "snippet_part.h"
#include "test.h"

typedef struct BackCase {
  const char *code;  // `o` is the owner, the first mention its binding; `V` is asked
  const char *value;
  const char *want;
} BackCase;

static const char *back_text(Back back) {
  static const char *const kinds[] = {"none",   "itself",   "method",
                                      "lambda", "function", "generator"};
  if (back.is_uncertain) return "perhaps";
  if (node_ok(back.call)) return "made";
  return kinds[back.kind];
}

static void backs_check(const BackCase *cases, size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId at = part_last(&s, "o");
    NodeId class_node = node_child(&s.tree, (NodeId){1}, PY_CLASS_DEFINITION);
    BackOwner owner = {
        .variable = binding_of(s.model, at), .at = at, .class_node = class_node};
    CHECK(binding_ok(owner.variable));
    Back back = back_of(s.model, part_last(&s, cases[i].value), owner);
    test_check_str(str_from(back_text(back)), str_from(cases[i].want), cases[i].code,
                   __FILE__, line);
    snippet_close(&s);
  }
}
#define BACKS(...) \
  do { \
    static const BackCase cases[] = {__VA_ARGS__}; \
    backs_check(cases, sizeof cases / sizeof cases[0], __LINE__); \
  } while (0)

TEST(back_in_displays_and_branches) {
  BACKS({"def f(o):\n o.x = (o)\n", "(o)", "itself"},
        {"def f(o):\n o.x = [1, o]\n", "[1, o]", "itself"},
        {"def f(o):\n o.x = {1: (o, 2)}\n", "{1: (o, 2)}", "itself"},
        {"def f(o):\n o.x = [o for y in z]\n", "[o for y in z]", "itself"},
        {"def f(o):\n o.x = o if a else 1\n", "o if a else 1", "itself"},
        {"def f(o):\n o.x = a or o\n", "a or o", "itself"},
        {"def f(o):\n o.x = [o.y]\n", "[o.y]", "perhaps"},
        {"def f(o):\n o.x = o.y.z\n", "o.y.z", "none"},
        {"def f(o):\n o.x = o.y()\n", "o.y()", "none"},
        {"def f(o):\n o.x = not o\n", "not o", "none"},
        {"def f(o):\n o.x = list(o)\n", "list(o)", "none"},
        {"def f(o):\n o.x = list([o])\n", "list([o])", "itself"},
        {"def f(o):\n o.x = dict(a=o)\n", "dict(a=o)", "itself"});
}

TEST(back_in_closures) {
  BACKS(
      {"def f(o):\n o.x = lambda: o.y\n", "lambda: o.y", "lambda"},
      {"def f(o):\n o.x = lambda z=o: z\n", "lambda z=o: z", "lambda"},
      {"def f(o):\n o.x = lambda: (lambda: o)\n", "lambda: (lambda: o)", "lambda"},
      {"def f(o):\n def g(): return o.y\n o.x = g\n", "g", "function"},
      {"def f(o):\n def g(): return h()\n def h(): return o\n o.x = g\n", "g",
       "function"},
      {"def f(o):\n y = o\n o.x = lambda: y\n", "lambda: y", "lambda"},
      {"def f(o):\n y = o.z\n o.x = lambda: y\n", "lambda: y", "perhaps"},
      {"def f(o):\n y = o.z()\n o.x = lambda: y\n", "lambda: y", "none"},
      {"def f(a):\n for o in a:\n  o.x = lambda: o.y\n", "lambda: o.y", "none"},
      {"def f(a):\n for o in a:\n  o.x = lambda p=o: p\n", "lambda p=o: p", "lambda"});
}

TEST(back_by_the_flow) {
  BACKS({"def f(o):\n y = o\n o.x = y\n", "y", "itself"},
        {"def f(o):\n y = o\n y = 1\n o.x = y\n", "y", "none"},
        {"def f(a):\n o = a()\n y = o\n o.x = y\n", "y", "itself"},
        {"def f(a):\n o = a()\n y = o\n o = a()\n o.x = y\n", "y", "none"},
        {"def f(a):\n y = None\n for o in a:\n  o.x = (y)\n  y = o\n", "(y)", "none"},
        {"def f(a):\n for o in a:\n  y = [o]\n  o.x = y\n", "y", "itself"});
}

TEST(back_through_calls) {
  BACKS(
      {"from functools import partial as p\ndef f(o):\n o.x = p(g, 1, o)\n",
       "p(g, 1, o)", "itself"},
      {"import weakref\ndef f(o):\n o.x = weakref.ref(o)\n", "weakref.ref(o)", "none"},
      {"import weakref\ndef f(o):\n o.x = weakref.ref(g, o)\n", "weakref.ref(g, o)",
       "itself"},
      {"from m import C\ndef f(o):\n o.x = C(1, o)\n", "C(1, o)", "made"},
      {"from m import C, D\ndef f(o):\n o.x = C(D(o))\n", "C(D(o))", "none"},
      {"def g(a): return 1\ndef f(o):\n o.x = g(o)\n", "g(o)", "none"},
      {"def g(a): yield a\ndef f(o):\n o.x = g(o)\n", "g(o)", "generator"},
      {"def g(a): yield a\ndef f(o):\n o.x = g(o).__next__\n", "g(o).__next__",
       "generator"},
      {"from vine import promise\ndef f(o):\n o.x = promise(args=(o,))\n",
       "promise(args=(o,))", "itself"},
      {"from vine import promise\ndef f(o):\n o.x = promise(o, weak=True)\n",
       "promise(o, weak=True)", "none"});
}

TEST(back_by_methods) {
  BACKS(
      {"class C:\n def m(s): pass\ndef f(o):\n o.x = o.m\n", "o.m", "method"},
      {"class C:\n m = 1\ndef f(o):\n o.x = o.m\n", "o.m", "none"},
      {"class C:\n @staticmethod\n def m(): pass\ndef f(o):\n o.x = o.m\n", "o.m",
       "none"},
      {"class C:\n @property\n def m(s): pass\ndef f(o):\n o.x = o.m\n", "o.m", "none"},
      {"class C:\n @odd\n def m(s): pass\ndef f(o):\n o.x = o.m\n", "o.m", "none"},
      {"class C:\n pass\ndef f(o):\n o.x = o.m\n", "o.m", "none"},
      {"class C(B):\n pass\ndef f(o):\n o.x = o.m\n", "o.m", "perhaps"},
      {"class C(D):\n pass\nclass D:\n def m(s): pass\ndef f(o):\n o.x = o.m\n", "o.m",
       "method"},
      {"class C:\n def m(s): yield\ndef f(o):\n o.x = o.m()\n", "o.m()", "generator"});
}
