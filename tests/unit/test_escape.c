#include "semantic/escape.h"
#include "snippet_part.h"
#include "test.h"

static Str escape_text(Arena *arena, EscapeSet escapes) {
  static const char *const names[] = {"returned", "yielded", "self",     "long",
                                      "local",    "other",   "captured", "passed",
                                      "raised",   "unknown"};
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if ((escapes & (EscapeSet)1 << i) == 0) continue;
    if (out.n > 0) buf_add_byte(&out, ' ');
    buf_add_text(&out, names[i]);
  }
  return buf_str(&out);
}

typedef struct EscapeCase {
  const char *code;  // `x` is followed from its first mention on, which binds it
  const char *want;
} EscapeCase;

static void escapes_check(const EscapeCase *cases, size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    DefId def = def_at(s.model, part_first(&s, "x"));
    CHECK(def_ok(def));
    Str got = escape_text(&s.arena, escape_of(s.model, def));
    test_check_str(got, str_from(cases[i].want), cases[i].code, __FILE__, line);
    snippet_close(&s);
  }
}
#define ESCAPES(...) \
  do { \
    static const EscapeCase cases[] = {__VA_ARGS__}; \
    escapes_check(cases, sizeof cases / sizeof cases[0], __LINE__); \
  } while (0)

TEST(escape_out_of_a_function) {
  ESCAPES({"def f():\n x = []\n return x\n", "returned"},
          {"def f():\n x = []\n return (x)\n", "returned"},
          {"def f():\n x = []\n return x or 1\n", "returned"},
          {"def f():\n x = []\n return 1 if a else x\n", "returned"},
          {"def f():\n x = []\n return (a, x)\n", "returned local"},
          {"def f():\n x = []\n return len(x)\n", ""},
          {"def f():\n x = []\n return x[0]\n", ""},
          {"def f():\n x = []\n yield x\n", "yielded"},
          {"def f():\n x = []\n yield from x\n", ""},
          {"def f():\n x = E()\n raise x\n", "raised"},
          {"def f():\n x = []\n for y in x: print(y)\n", ""},
          {"def f():\n x = []\n if x and not x: pass\n", ""},
          {"def f():\n x = []\n assert x == []\n", ""},
          {"def f():\n x = []\n print(f'{x}')\n", ""},
          {"def f():\n x = []\n del x\n", ""},
          {"def f():\n x = []\n return x\n x = 1\n", "returned"},
          {"def f():\n x = []\n x = 1\n return x\n", ""});
}

TEST(escape_into_containers) {
  ESCAPES(
      {"def f():\n x = []\n y = []\n y.append(x)\n", "local"},
      {"def f(y):\n x = []\n y.append(x)\n", "other"},
      {"def f():\n x = []\n y = []\n y.extend(x)\n", ""},
      {"def f():\n x = []\n y = []\n y.extend([x])\n", "local"},
      {"def f():\n x = []\n y = []\n y += [x]\n", "local"},
      {"def f():\n x = []\n y = []\n y += x\n", ""},
      {"def f():\n x = []\n y = {}\n y[k] = x\n", "local"},
      {"def f():\n x = []\n y = {}\n y[x] = 1\n", "local"},
      {"def f():\n x = []\n y = {}\n y.setdefault(k, x)\n", "local"},
      {"def f():\n x = []\n y = {}\n return y.setdefault(k, x)\n", "returned local"},
      {"def f():\n x = []\n y = {'k': x}\n", "local"},
      {"def f():\n x = []\n y = [x for z in a]\n", "local"},
      {"def f():\n x = []\n y = {x: x}\n", "local"},
      {"class A:\n def f(self):\n  x = []\n  self.y.append(x)\n", "self"},
      {"class A:\n def f(self):\n  x = []\n  self.y[k] = x\n", "self"},
      {"class A:\n def f(self):\n  x = []\n  self.y[k].add(x)\n", "self"},
      {"class A:\n def f(self):\n  x = []\n  self.y.setdefault(k, []).append(x)\n",
       "self"},
      {"class A:\n def f(self):\n  x = []\n  y = self.y\n  y.append(x)\n", "self"},
      {"class A:\n def f(self):\n  x = []\n  for y in self.y: y.append(x)\n", "self"},
      {"y = []\ndef f():\n x = []\n y.append(x)\n", "long"},
      {"y = {}\ndef f():\n x = []\n y.update(k=x)\n", "long"},
      {"class A:\n y = []\n def f(self):\n  x = []\n  A.y.append(x)\n", "long"},
      {"def f(q):\n x = []\n q.put(x)\n", "other"},
      {"import heapq\ndef f():\n x = []\n y = []\n heapq.heappush(y, x)\n", "local"},
      {"def f():\n y = []\n x = []\n y.remove(x)\n", ""},
      {"def f():\n y = []\n def g():\n  x = []\n  y.append(x)\n", "other"});
}

TEST(escape_into_attributes) {
  ESCAPES({"class A:\n def f(self):\n  x = []\n  self.x = x\n", "self"},
          {"class A:\n def f(self):\n  x = []\n  self.a.b = x\n", "self"},
          {"class A:\n def f(self):\n  x = []\n  self.a, b = x, 1\n", "self"},
          {"class A:\n def f(self):\n  x = []\n  a = self.b = x\n", "self"},
          {"class A:\n def f(self):\n  x = []\n  self.a, b = x\n", ""},
          {"class A:\n @classmethod\n def f(cls):\n  x = []\n  cls.y = x\n", "long"},
          {"class A:\n def f(self):\n  x = []\n  self.__class__.y = x\n", "long"},
          {"class A: pass\ndef f():\n x = []\n A.y = x\n", "long"},
          {"import m\ndef f():\n x = []\n m.y = x\n", "long"},
          {"def f(o):\n x = []\n o.y = x\n", "other"},
          {"def f():\n x = []\n global y\n y = x\n", "long unknown"},
          {"x = []\nprint(len(x))\n", "long unknown"});
}

TEST(escape_through_aliases_and_closures) {
  ESCAPES({"def f():\n x = []\n y = x\n return y\n", "returned"},
          {"def f():\n x = []\n y = z = x\n return z\n", "returned"},
          {"def f():\n x = []\n y, z = x, 1\n return y\n", "returned"},
          {"def f():\n x = []\n y, z = 1, x\n return y\n", ""},
          {"def f():\n x = []\n print(y := x)\n return y\n", "returned"},
          {"def f():\n x = g()\n with x as y: return y\n", "returned"},
          {"def f():\n x = []\n y = x if a else b\n return y\n", "returned"},
          {"def f():\n x = []\n return enumerate(x)\n", "returned"},
          {"def f():\n x = []\n return (y for y in x)\n", "returned"},
          {"def f():\n x = []\n return [y for y in x]\n", ""},
          {"def f():\n x = []\n return list(x)\n", ""},
          {"def f():\n x = []\n return lambda: x\n", "returned captured"},
          {"def f():\n x = []\n def g(): print(x)\n", "captured"},
          {"def f():\n x = []\n return [x.a for y in z]\n", ""},
          {"def f():\n x = g()\n return [x.a for y in z]\n", "returned local"},
          {"def f():\n x = []\n def g(y=x): pass\n", "captured"});
}

TEST(escape_by_passing) {
  ESCAPES(
      {"def f():\n x = []\n g(x)\n", "passed"},
      {"def f():\n x = []\n g(k=x)\n", "passed"}, {"def f():\n x = []\n g(*x)\n", ""},
      {"def f():\n x = []\n g((x, 1))\n", "local passed"},
      {"def f():\n x = []\n print(x)\n", ""}, {"def f():\n x = []\n x.append(1)\n", ""},
      {"def f():\n x = g()\n x.run()\n", ""},
      {"def f():\n x = g()\n h(x.run)\n", "passed"},
      {"def f():\n x = []\n h(x.append)\n", "passed"},
      {"def f(p):\n x = []\n p.submit(g, x)\n", "passed"},
      {"def f():\n x = []\n ','.join(x)\n", ""},
      {"def g(a): return a\ndef f():\n x = []\n return g(x)\n", "returned"},
      {"def g(a): print(a)\ndef f():\n x = []\n return g(x)\n", ""},
      {"def g(a): h.b = a\ndef f():\n x = []\n return g(x)\n", "long"},
      {"def g(a): a.b = a\ndef f():\n x = []\n return g(x)\n", "other"},
      {"def g(a): g(a)\ndef f():\n x = []\n g(x)\n", ""},
      {"class C:\n def __init__(self, a): self.a = a\ndef f():\n x = []\n"
       " return C(x)\n",
       "returned"},
      {"class C:\n def __init__(self, a): self.a = a\nclass D:\n def f(self):\n"
       "  x = []\n  self.c = C(x)\n",
       "self"},
      {"@deco\ndef g(a): pass\ndef f():\n x = []\n g(x)\n", "passed"},
      {"def f():\n x = g()\n @x\n def h(): pass\n", "passed"});
}

// --- sinks ---------------------------------------------------------------------------

typedef struct SinkCase {
  const char *code;  // the last `C()` is judged
  Sink want;
} SinkCase;

static const char *sink_name(Sink sink) {
  static const char *const names[] = {"unknown", "dropped",  "one",    "number",
                                      "stored",  "returned", "passed", "yielded",
                                      "spread",  "relayed"};
  return names[sink];
}

TEST(sink_of_what_is_made) {
  static const SinkCase cases[] = {
      {"def f():\n C()\n", SINK_DROPPED},
      {"def f():\n C().run()\n", SINK_DROPPED},
      {"def f():\n print(C())\n", SINK_DROPPED},
      {"def f():\n x = C()\n x.run()\n", SINK_ONE},
      {"def f():\n for y in z:\n  x = C()\n  x.run()\n", SINK_ONE},
      {"def f():\n for y in z:\n  x = C()\n  xs.append(x)\n", SINK_NUMBER},
      {"def f():\n for y in z: xs.append(C())\n", SINK_NUMBER},
      {"def f():\n for y in z: xs.extend([C()])\n", SINK_NUMBER},
      {"def f():\n for y in z: xs += [C()]\n", SINK_NUMBER},
      {"def f():\n for y in z: d[y] = C()\n", SINK_NUMBER},
      {"def f():\n for y in z: d['k'] = C()\n", SINK_ONE},
      {"def f():\n for y in z: d[y] = (1, C())\n", SINK_NUMBER},
      {"def f():\n for y in z: yield C()\n", SINK_YIELDED},
      {"def f():\n yield C()\n", SINK_RETURNED},
      {"def f():\n return C()\n", SINK_RETURNED},
      {"def f():\n return [C() for y in z]\n", SINK_NUMBER},
      {"def f():\n return {y: C() for y in z}\n", SINK_NUMBER},
      {"def f():\n return sum(C() for y in z)\n", SINK_DROPPED},
      {"def f():\n return sorted(C() for y in z)\n", SINK_NUMBER},
      {"def f():\n return (C() for y in z)\n", SINK_RETURNED},
      {"def f():\n for q in (C() for y in z): q.run()\n", SINK_DROPPED},
      {"def f():\n xs.append(C())\n", SINK_STORED},
      {"def f():\n d[k] = C()\n", SINK_STORED},
      {"class A:\n def f(self):\n  self.c = C()\n", SINK_ONE},
      {"class A:\n def f(self):\n  for y in z: self.c = C()\n", SINK_ONE},
      {"def f():\n for y in z: g(C())\n", SINK_PASSED},
      {"def f():\n for y in z:\n  row = []\n  row.append(C())\n  print(row)\n",
       SINK_ONE},
      {"def f():\n for y in z:\n  row = []\n  row.append(C())\n  xs.append(row)\n",
       SINK_NUMBER},
      {"def f():\n while True: xs.append(C())\n", SINK_NUMBER},
      {"def f():\n for y in z:\n  if C(): pass\n", SINK_DROPPED},
      {"def f():\n for y in z:\n  with C() as c: pass\n", SINK_ONE},
      {"class W:\n def __init__(self, a): self.a = a\ndef f():\n for y in z:\n"
       "  xs.append(W(C()))\n",
       SINK_NUMBER},
      {"def f():\n for y in z: (x := C()).run()\n", SINK_ONE},
      {"def f():\n return C\nx = C()\n", SINK_ONE},
      // one object, named in each round
      {"x = C()\ndef f():\n g.a = {y: x for y in z}\n", SINK_ONE},
      {"def f():\n x = C()\n return [(y, x) for y in z]\n", SINK_RETURNED},
      {"def f():\n x = C()\n return sum(y + x for y in z)\n", SINK_ONE},
      // a container of the function's own
      {"def f():\n xs = []\n xs.append(C())\n", SINK_ONE},
      {"def f():\n xs = []\n xs.append(C())\n return xs\n", SINK_RETURNED},
      // a part of what is being made
      {"class A:\n def __init__(self):\n  self.x = []\n  self.x.append(C())\n",
       SINK_ONE},
      {"class A:\n def __init__(self):\n  for y in z: self.x.append(C())\n",
       SINK_NUMBER},
      {"class A:\n def f(self):\n  self.x.append(C())\n", SINK_STORED},
      {"class A:\n def __init__(self):\n  xs.append(C())\n", SINK_STORED},
      // taken out again
      {"class A:\n def f(self):\n  self.x.append(C())\n  yield\n  self.x.pop()\n",
       SINK_ONE},
      {"class A:\n def f(self):\n  self.x[k] = C()\n  try: yield\n"
       "  finally: del self.x[k]\n",
       SINK_ONE},
      {"class A:\n def f(self):\n  self.x[k] = C()\n  if g(): self.x.clear()\n",
       SINK_STORED},
      {"class A:\n def __enter__(self):\n  self.x[k] = C()\n"
       " def __exit__(self, *a):\n  self.x.pop(k)\n",
       SINK_ONE},
      {"class A:\n def __enter__(self):\n  D[k] = C()\n"
       " def __exit__(self, *a):\n  del D[k]\nD = {}\n",
       SINK_ONE},
      {"class A:\n def __enter__(self):\n  self.x[k] = C()\n"
       " def __exit__(self, *a): pass\n",
       SINK_STORED},
      // of an object that is passed, or of who knows what
      {"def f(a):\n a.xs.append(C())\n", SINK_ONE},
      {"def f(a):\n for y in z: a.xs.append(C())\n", SINK_NUMBER},
      {"def f(xs):\n xs.append(C())\n", SINK_STORED},
      {"def f():\n xs = g()\n xs.append(C())\n", SINK_ONE},
      {"class A:\n def f(self):\n  self.a.xs.append(C())\n", SINK_STORED},
      // the loop ends with it
      {"def f():\n for y in z:\n  if y:\n   d[y] = C()\n   break\n", SINK_STORED},
      {"def f():\n for y in z:\n  xs.append(C())\n  return\n", SINK_STORED},
      {"def f():\n for y in z:\n  xs.append(C())\n  if y: return\n", SINK_NUMBER},
      // one key for all
      {"K = 'k'\ndef f():\n for y in z: d[K] = C()\n", SINK_ONE},
      {"from m import K\ndef f():\n d[K] = C()\n", SINK_ONE},
      {"import m\ndef f():\n d[m.K].setdefault(m.K, C())\n", SINK_ONE},
      {"def f():\n for y in z: d[y.K] = C()\n", SINK_NUMBER},
      {"def f():\n for y in z: d.setdefault(y, C())\n", SINK_NUMBER},
      // one for each level
      {"class A:\n def f(self):\n  self.x.append(C())\n def g(self):\n"
       "  self.x.pop()\n",
       SINK_ONE},
      {"class A:\n def f(self):\n  x = self.x\n  x.append(C())\n def g(self):\n"
       "  del self.x[-1]\n",
       SINK_ONE},
      {"class A:\n def f(self):\n  self.x.append(C())\n def g(self):\n"
       "  while self.x: self.x.pop()\n",
       SINK_STORED},
      {"class A:\n def f(self):\n  self.x.append(C())\n def g(self):\n"
       "  self.x.pop(0)\n",
       SINK_STORED},
      {"class A:\n def f(self):\n  for y in z: self.x.append(C())\n def g(self):\n"
       "  self.x.pop()\n",
       SINK_NUMBER},
      {"class A:\n def f(self):\n  self.x.append(C())\nclass B:\n def g(self):\n"
       "  self.x.pop()\n",
       SINK_STORED},
      {"def f():\n xs = g()\n for y in z:\n  if y: xs.append(C())\n"
       "  else: xs.pop()\n",
       SINK_ONE},
      {"def f():\n xs = g()\n for y in z:\n  while xs: xs.pop()\n"
       "  xs.append(C())\n",
       SINK_ONE},
      {"def f():\n xs = g()\n while xs:\n  y = xs.pop()\n"
       "  for w in y: xs.append(C())\n",
       SINK_NUMBER},
      {"def f():\n xs = g()\n for y in z: xs.append(C())\n while xs: xs.pop()\n",
       SINK_NUMBER},
      {"class A:\n def f(self):\n  self.x[self.n] = C()\n  self.n += 1\n"
       " def g(self):\n  self.n -= 1\n",
       SINK_ONE},
      {"class A:\n def f(self):\n  self.x[self.n] = C()\n  self.n += 1\n", SINK_STORED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    Sink got = sink_of(s.model, part_last(&s, "C()"));
    test_check_str(str_from(sink_name(got)), str_from(sink_name(cases[i].want)),
                   cases[i].code, __FILE__, __LINE__);
    snippet_close(&s);
  }
}

TEST(sink_of_what_an_iterable_gives) {
  // Of the last `g()`.
  static const SinkCase cases[] = {
      {"def f():\n for x in g(): print(x)\n", SINK_DROPPED},
      {"def f():\n for x in g(): xs.append(x)\n", SINK_SPREAD},
      {"def f():\n for k, x in g(): d[k] = x\n", SINK_SPREAD},
      {"def f():\n xs = []\n for k, x in g(): xs.append((k, x))\n return xs\n",
       SINK_SPREAD},
      {"def f():\n for x in g():\n  xs = [1]\n  xs.append(x)\n", SINK_DROPPED},
      {"def f():\n for x in enumerate(g()): xs.append(x)\n", SINK_SPREAD},
      {"def f():\n for x in g(): last = x\n", SINK_DROPPED},
      {"def f():\n for x in g(): yield x\n", SINK_RELAYED},
      {"def f(): return [x for x in g()]\n", SINK_SPREAD},
      {"def f(): return [x.n for x in g()]\n", SINK_DROPPED},
      {"def f(): return list(g())\n", SINK_SPREAD},
      {"def f(): return sorted((g()))\n", SINK_SPREAD},
      {"def f(): return sum(g())\n", SINK_DROPPED},
      {"def f(): return [1, *g()]\n", SINK_SPREAD},
      {"def f(): yield from g()\n", SINK_RELAYED},
      {"def f(): xs.extend(g())\n", SINK_SPREAD},
      {"def f(): xs.append(g())\n", SINK_PASSED},
      {"def f(): h(g())\n", SINK_PASSED},
      {"def f(): return g()\n", SINK_UNKNOWN},
      {"def f(): return (x for x in g())\n", SINK_RELAYED},
      {"def f(): return enumerate(g())\n", SINK_RELAYED},
      {"def f():\n for x in g():\n  if x: return x\n", SINK_DROPPED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    Sink got = sink_of_elements(s.model, part_last(&s, "g()"));
    test_check_str(str_from(sink_name(got)), str_from(sink_name(cases[i].want)),
                   cases[i].code, __FILE__, __LINE__);
    snippet_close(&s);
  }
}

// --- uses ----------------------------------------------------------------------------

typedef struct UseCase {
  const char *code;  // the last `[y]` is judged
  UseKind want;
  uint32_t through;
} UseCase;

TEST(use_of_an_expression) {
  static const UseCase cases[] = {
      {"for x in [y]: pass\n", USE_ITERATED, 0},
      {"z = {x for x in ([y])}\n", USE_ITERATED, 0},
      {"f(*[y])\n", USE_ITERATED, 0},
      {"z = [1, *[y]]\n", USE_ITERATED, 0},
      {"def f(): yield from [y]\n", USE_ITERATED, 0},
      {"sum([y])\n", USE_CALL, 0},
      {"f(1, [y])\n", USE_CALL, 0},
      {"f(k=[y])\n", USE_CALL, 0},
      {"([y]).append(1)\n", USE_METHOD, 0},
      {"z = [y].n\n", USE_ATTRIBUTE, 0},
      {"z = [y][0]\n", USE_INDEXED, 0},
      {"z = d[[y]]\n", USE_KEY, 0},
      {"if [y]: pass\n", USE_TESTED, 0},
      {"z = 1 in [y]\n", USE_TESTED, 0},
      {"z = 1 + [y]\n", USE_OPERAND, 0},
      {"z += [y]\n", USE_OPERAND, 0},
      {"z = f'{[y]}'\n", USE_OPERAND, 0},
      {"def f(): return [y]\n", USE_RETURNED, 0},
      {"f = lambda: [y]\n", USE_RETURNED, 0},
      {"def f(): yield [y]\n", USE_YIELDED, 0},
      {"z = [y]\n", USE_ASSIGNED, 0},
      {"a = z = [y]\n", USE_STORED, 0},
      {"a.z = [y]\n", USE_STORED, 0},
      {"def f(z=[y]): pass\n", USE_STORED, 0},
      {"a, b = [y]\n", USE_UNPACKED, 0},
      {"z = (1, [y])\n", USE_ELEMENT, 0},
      {"z = {1: [y]}\n", USE_ELEMENT, 0},
      {"with [y]: pass\n", USE_ENTERED, 0},
      {"raise [y]\n", USE_RAISED, 0},
      {"[y]\n", USE_DROPPED, 0},
      {"for x in a or [y]: pass\n", USE_ITERATED, THROUGH_BRANCH},
      {"z = 1 if a else [y]\n", USE_ASSIGNED, THROUGH_BRANCH},
      {"if (z := [y]): pass\n", USE_TESTED, THROUGH_WALRUS},
      {"async def f(): return await [y]\n", USE_RETURNED, THROUGH_AWAIT},
      {"z = 1 if [y] else 2\n", USE_TESTED, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId list = NO_NODE;
    for (NodeId n = {1}; n.i < s.tree.count; n.i++) {
      if (node_is(&s.tree, n, PY_LIST) && node_text_is(&s.tree, n, "[y]")) list = n;
    }
    Use use = use_of(s.model, list);
    bool same = use.kind == cases[i].want && use.through == cases[i].through;
    test_check(same, cases[i].code, __FILE__, __LINE__);
    snippet_close(&s);
  }
}

TEST(use_as_argument_tells_which) {
  Snippet s;
  snippet_open(&s, "f(0, [1], k=[2])\ng(*a, [3])\nh(x for x in y)\n");
  Use use = use_of(s.model, part_first(&s, "[1]"));
  CHECK_INT(use.argument, 1);
  CHECK_INT(use.keyword.n, 0);
  use = use_of(s.model, part_first(&s, "[2]"));
  CHECK_INT(use.argument, USE_NO_POSITION);
  CHECK_STR(use.keyword, "k");
  CHECK(node_eq(use.call, part_first(&s, "f(0, [1], k=[2])")));
  use = use_of(s.model, part_first(&s, "[3]"));
  CHECK_INT(use.argument, USE_NO_POSITION);
  use = use_of(s.model, part_first(&s, "(x for x in y)"));
  CHECK_INT(use.kind, USE_CALL);
  CHECK_INT(use.argument, 0);
  snippet_close(&s);
}

// --- hostile input -------------------------------------------------------------------

TEST(escape_of_hostile_input_ends) {
  Arena arena;
  arena_init(&arena);
  Buf out = buf_in(&arena);
  buf_add_text(&out, "def f():\n x = []\n y0 = x\n");
  for (int i = 0; i < 3000; i++) buf_printf(&out, " y%d = y%d\n", i + 1, i);
  for (int i = 0; i < 3000; i++) buf_add_text(&out, " g(x)\n");
  buf_add_text(&out, " return ");
  for (int i = 0; i < 30000; i++) buf_add_byte(&out, '(');
  buf_add_byte(&out, 'x');
  for (int i = 0; i < 30000; i++) buf_add_byte(&out, ')');
  buf_add_byte(&out, '\n');
  buf_add_byte(&out, 0);
  Snippet s;
  snippet_open(&s, out.p);
  NodeId x = part_first(&s, "x");
  EscapeSet set = escape_of(s.model, def_at(s.model, x));
  CHECK(set & ESCAPE_UNKNOWN);
  CHECK(set & ESCAPE_PASSED);
  CHECK_INT(use_of(s.model, part_last(&s, "x")).kind, USE_UNKNOWN);
  snippet_close(&s);
  arena_release(&arena);
}
