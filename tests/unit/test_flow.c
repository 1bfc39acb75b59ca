// Flow: each test is a small program. Calls are found by the name that they call, and
// definitions are told by their line.
#include "test.h"

#include "base/fault.h"
#include "semantic/flow.h"

typedef struct Lab {
  Arena arena;
  Parser *parser;
  Source source;
  Tree tree;
  Model *m;
} Lab;

static void lab_open(Lab *lab, const char *text) {
  *lab = (Lab){0};
  arena_init(&lab->arena);
  lab->parser = parser_new();
  Error err = error_in(&lab->arena);
  Str bytes = str_from(text);
  CHECK(source_decode(&lab->source, &lab->arena, STR("test.py"), bytes, &err));
  CHECK(parser_parse(lab->parser, &lab->tree, &lab->arena, &lab->source, &err));
  ModelOptions options = {.knowledge = knowledge_builtin(), .target = {9, 13}};
  lab->m = model_in(&lab->arena, &lab->tree, &options);
}

static void lab_close(Lab *lab) {
  parser_free(lab->parser);
  arena_release(&lab->arena);
}

// The first call of this name.
static NodeId call_of(const Lab *lab, const char *name) {
  for (uint32_t i = 1; i < lab->tree.count; i++) {
    NodeId n = {i};
    if (!node_is(&lab->tree, n, PY_CALL)) continue;
    if (node_text_is(&lab->tree, node_field(&lab->tree, n, FIELD_FUNCTION), name)) {
      return n;
    }
  }
  CHECK(!"there is such a call");
  return NO_NODE;
}

static uint32_t line_of(const Lab *lab, NodeId node) {
  return lines_line_of(&lab->source.lines, node_start(&lab->tree, node)) + 1;
}

// The reference that is the first argument of the call.
static RefId argument_of(const Lab *lab, const char *call) {
  NodeId arguments = node_field(&lab->tree, call_of(lab, call), FIELD_ARGUMENTS);
  return ref_at(lab->m, node_first_named(&lab->tree, arguments));
}

// The lines of the definitions that reach the argument of a call: "2 4 unbound".
static const char *defs_of(Lab *lab, const char *call) {
  Buf out = buf_in(&lab->arena);
  DefList list = flow_defs_reaching(lab->m, argument_of(lab, call));
  for (uint32_t i = 0; i < list.count; i++) {
    NodeId node = def_get(lab->m, list.items[i])->node;
    buf_printf(&out, "%s%u", out.n != 0 ? " " : "", line_of(lab, node));
  }
  if (list.unknown) buf_add_text(&out, "unknown");
  if (list.maybe_unbound) buf_add_text(&out, out.n != 0 ? " unbound" : "unbound");
  return str_cstr_in(&lab->arena, buf_str(&out));
}

static DefId def_on_line(const Lab *lab, uint32_t line) {
  for (uint32_t i = 1; i < def_count(lab->m); i++) {
    if (line_of(lab, def_get(lab->m, (DefId){i})->node) == line) return (DefId){i};
  }
  CHECK(!"there is a definition on the line");
  return (DefId){0};
}

// The lines of the uses of the first definition on a line.
static const char *uses_of(Lab *lab, uint32_t line) {
  Buf out = buf_in(&lab->arena);
  RefList list = flow_uses_of(lab->m, def_on_line(lab, line));
  for (uint32_t i = 0; i < list.count; i++) {
    NodeId node = ref_get(lab->m, list.items[i])->node;
    buf_printf(&out, "%s%u", out.n != 0 ? " " : "", line_of(lab, node));
  }
  if (list.escapes_scope) buf_add_text(&out, " escapes");
  if (list.unknown) buf_add_text(&out, " unknown");
  return str_cstr_in(&lab->arena, buf_str(&out));
}

static bool is_dead(Lab *lab, const char *call) {
  return flow_is_unreachable(lab->m, call_of(lab, call));
}

static const char *answer(Answer a) {
  return a == ANSWER_YES ? "yes" : a == ANSWER_NO ? "no" : "unknown";
}

static const char *dominates(Lab *lab, const char *a, const char *b) {
  return answer(flow_dominates(lab->m, call_of(lab, a), call_of(lab, b)));
}

static const char *reaches(Lab *lab, const char *a, const char *b) {
  return answer(flow_reaches(lab->m, call_of(lab, a), call_of(lab, b)));
}

static const char *passes(Lab *lab, const char *a, const char *b) {
  return answer(flow_always_passes(lab->m, call_of(lab, a), call_of(lab, b), false));
}

static const char *passes_raising(Lab *lab, const char *a, const char *b) {
  return answer(flow_always_passes(lab->m, call_of(lab, a), call_of(lab, b), true));
}

// Is the variable that is bound on a line read after the call?
static const char *lives(Lab *lab, uint32_t line, const char *call) {
  BindingId binding = def_get(lab->m, def_on_line(lab, line))->binding;
  return answer(flow_is_live_after(lab->m, binding, call_of(lab, call)));
}

// --- definitions ---------------------------------------------------------------------

static void defs_check(const char *text, const char *want, const char *file, int line) {
  Lab lab;
  lab_open(&lab, text);
  test_check_str(str_from(defs_of(&lab, "u")), str_from(want), text, file, line);
  lab_close(&lab);
}

#define DEFS(text, want) defs_check(text, want, __FILE__, __LINE__)

TEST(flow_defs_of_branches) {
  DEFS("def f(x):\n u(x)\n", "1");
  DEFS("def f(x):\n x = 1\n u(x)\n", "2");
  DEFS("def f(x):\n if a:\n  x = 1\n u(x)\n", "1 3");
  DEFS("def f():\n if a:\n  x = 1\n u(x)\n", "3 unbound");
  DEFS("def f():\n if a:\n  x = 1\n elif b:\n  x = 2\n else:\n  x = 3\n u(x)\n",
       "3 5 7");
  DEFS("def f(x):\n if (x := g()) and a:\n  u(x)\n", "2");
  DEFS("def f(x):\n if a and (x := g()):\n  u(x)\n", "2");
  DEFS("def f(x):\n if a or (x := g()):\n  u(x)\n", "1 2");
  DEFS("def f(x):\n if not (a and (x := g())):\n  pass\n else:\n  u(x)\n", "2");
  DEFS("def f(x):\n if a < b < (x := g()):\n  u(x)\n", "2");
  DEFS("def f(x):\n if a < b < (x := g()):\n  pass\n else:\n  u(x)\n", "1 2");
  DEFS("def f(x):\n y = (x := 1) if a else 0\n u(x)\n", "1 2");
  DEFS("def f(x):\n assert a, (x := 1)\n u(x)\n", "1");
}

TEST(flow_defs_of_loops) {
  DEFS("def f(x):\n while a:\n  u(x)\n  x = 1\n", "1 4");
  DEFS("def f(x):\n while True:\n  x = 1\n  if a: break\n u(x)\n", "3");
  DEFS("def f():\n while 1:\n  x = 1\n  if a: break\n u(x)\n", "3");
  DEFS("def f():\n while 0:\n  x = 1\n u(x)\n", "unbound");
  DEFS("def f():\n for x in y:\n  pass\n u(x)\n", "2 unbound");
  DEFS("def f(x):\n for a in b:\n  x = 1\n  break\n else:\n  x = 2\n u(x)\n", "3 6");
  DEFS("def f(x):\n for a in b:\n  x = 1\n  continue\n  x = 2\n u(x)\n", "1 3");
  DEFS("def f():\n for x in x:\n  pass\n u(x)\n", "2 unbound");
  DEFS("def f():\n for i, (x, *y) in z:\n  u(y)\n", "2");
}

TEST(flow_defs_of_bindings) {
  DEFS("def f():\n x = x = u(x)\n", "unbound");
  DEFS("def f(x):\n x = u(x)\n", "1");
  DEFS("def f(x):\n x += 1\n u(x)\n", "2");
  DEFS("def f(x):\n del x\n u(x)\n", "unbound");
  DEFS("def f(x):\n if a:\n  del x\n u(x)\n", "1 unbound");
  DEFS("def f():\n x: int\n u(x)\n", "unbound");
  DEFS("def f():\n x: int = 1\n u(x)\n", "2");
  DEFS("def f():\n import x.y\n u(x)\n", "2");
  DEFS("def f():\n from a import b as x\n u(x)\n", "2");
  DEFS("def f():\n def x(): pass\n u(x)\n", "2");
  DEFS("def f():\n class x: pass\n u(x)\n", "2");
  DEFS("def f(a, *x, b=1, **c):\n u(x)\n", "1");
  DEFS("def f():\n a = x = 1\n u(x)\n", "2");
  DEFS("x = 1\nu(x)\n", "1");
  DEFS("class C:\n x = 1\n u(x)\n", "2");
  DEFS("f = lambda x: u(x)\n", "1");
  DEFS("[u(x) for x in y]\n", "1");
  DEFS("[z for x in y if a\n for z in u(x)]\n", "1");
}

TEST(flow_defs_that_are_unknown) {
  DEFS("def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n g()\n u(x)\n", "unknown");
  DEFS("def f():\n x = 1\n [x := a for a in b]\n u(x)\n", "unknown");
  DEFS("x = 1\ndef g():\n global x\n x = 2\nu(x)\n", "unknown");
  DEFS("x = 1\nfrom m import *\nu(x)\n", "unknown");
  DEFS("x = 1\nexec(a)\nu(x)\n", "unknown");
  DEFS("u(x)\n", "unknown");
  // Inner scopes that only read change nothing.
  DEFS("def f():\n x = 1\n def g():\n  return x\n u(x)\n", "2");
}

TEST(flow_defs_of_try) {
  DEFS("def f(x):\n try:\n  x = g()\n except E:\n  u(x)\n", "1");
  DEFS("def f(x):\n try:\n  x = g()\n  h()\n except E:\n  u(x)\n", "1 3");
  DEFS("def f(x):\n try:\n  x = g()\n except E:\n  pass\n u(x)\n", "1 3");
  DEFS("def f(x):\n try:\n  x = g()\n except E:\n  raise\n u(x)\n", "3");
  DEFS("def f(x):\n try:\n  x = g()\n except E:\n  pass\n else:\n  u(x)\n", "3");
  // A normal end of `finally` is not blurred by the others.
  DEFS("def f(x):\n try:\n  x = g()\n finally:\n  h()\n u(x)\n", "3");
  DEFS("def f(x):\n try:\n  x = g()\n finally:\n  u(x)\n", "1 3");
  DEFS("def f(x):\n try:\n  return g()\n finally:\n  x = 1\n  u(x)\n", "5");
  DEFS(
      "def f(x):\n while a:\n  try:\n   x = 1\n   break\n  finally:\n   x = 2\n u(x)\n",
      "1 7");
  DEFS("def f(x):\n for a in b:\n  try:\n   raise E\n  finally:\n   continue\n u(x)\n",
       "1");
  DEFS("def f():\n try:\n  g()\n except E as x:\n  u(x)\n", "4");
  DEFS("def f(x):\n try:\n  g()\n except E as x:\n  pass\n u(x)\n", "1 unbound");
  DEFS("def f(x):\n try:\n  g()\n except* A:\n  x = 1\n except* B:\n  u(x)\n", "1 5");
}

TEST(flow_defs_of_with) {
  DEFS("def f(x):\n with a as x:\n  u(x)\n", "2");
  DEFS("def f(x):\n with a as x, b(x) as y:\n  u(y)\n", "2");
  DEFS("def f(x):\n with a:\n  x = g()\n u(x)\n", "1 3");
  DEFS("def f(x):\n with open(p):\n  x = g()\n u(x)\n", "3");
  DEFS("def f(x):\n with a(u(x)) as x:\n  pass\n", "1");
}

TEST(flow_defs_of_match) {
  DEFS("def f(x):\n match a:\n  case [x]:\n   u(x)\n", "3");
  DEFS("def f(x):\n match a:\n  case [x] if b:\n   pass\n u(x)\n", "1 3");
  DEFS("def f():\n match a:\n  case 1:\n   x = 1\n  case _:\n   x = 2\n u(x)\n", "4 6");
  DEFS("def f():\n match a:\n  case 1:\n   x = 1\n  case x:\n   pass\n u(x)\n", "4 5");
  DEFS("def f(x):\n match a:\n  case x,:\n   pass\n u(x)\n", "1 3");
  DEFS("def f():\n match a:\n  case {'k': x, **y}:\n   u(y)\n", "3");
  DEFS("def f():\n match a:\n  case C(z=1) as x:\n   u(x)\n", "3");
}

TEST(flow_only_def_wants_one) {
  Lab lab;
  lab_open(&lab, "def f():\n if a:\n  x = 1\n u(x)\n if b:\n  x = 2\n v(x)\n");
  NodeId use = ref_get(lab.m, argument_of(&lab, "u"))->node;
  CHECK_INT(flow_only_def(lab.m, use).i, def_on_line(&lab, 3).i);
  use = ref_get(lab.m, argument_of(&lab, "v"))->node;
  CHECK_INT(flow_only_def(lab.m, use).i, 0);
  lab_close(&lab);
  // In a module the unbound name may be a builtin.
  lab_open(&lab, "if a:\n x = 1\nu(x)\n");
  use = ref_get(lab.m, argument_of(&lab, "u"))->node;
  CHECK_INT(flow_only_def(lab.m, use).i, 0);
  lab_close(&lab);
}

// --- uses ----------------------------------------------------------------------------

TEST(flow_uses_of_definitions) {
  Lab lab;
  lab_open(&lab, "def f(x):\n"
                 " y = 1\n"
                 " while a:\n"
                 "  u(x, y)\n"
                 "  y = 2\n"
                 " v(y)\n"
                 " def g(): return x\n");
  CHECK_STR(uses_of(&lab, 2), "4 6");
  CHECK_STR(uses_of(&lab, 5), "4 6");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = 1\n u(x)\n def g(): return x\n x = 2\n u(x)\n");
  CHECK_STR(uses_of(&lab, 2), "3 escapes unknown");
  CHECK_STR(uses_of(&lab, 5), "6 escapes unknown");
  lab_close(&lab);
  lab_open(&lab, "x = 1\nu(x)\n");
  CHECK_STR(uses_of(&lab, 1), "2 unknown");
  lab_close(&lab);
  // The copies of a `finally` are one use.
  lab_open(&lab, "def f():\n x = 1\n try:\n  g()\n finally:\n  u(x)\n");
  CHECK_STR(uses_of(&lab, 2), "6");
  lab_close(&lab);
}

// --- paths ---------------------------------------------------------------------------

TEST(flow_finds_dead_code) {
  Lab lab;
  lab_open(&lab, "def f():\n"
                 " if a:\n  return\n  b()\n else:\n  raise E\n c()\n");
  CHECK(is_dead(&lab, "b"));
  CHECK(is_dead(&lab, "c"));
  lab_close(&lab);
  lab_open(&lab, "def f():\n while True:\n  a()\n b()\n");
  CHECK(!is_dead(&lab, "a"));
  CHECK(is_dead(&lab, "b"));
  lab_close(&lab);
  lab_open(&lab, "def f():\n try:\n  return 1\n finally:\n  a()\n b()\n");
  CHECK(!is_dead(&lab, "a"));
  CHECK(is_dead(&lab, "b"));
  lab_close(&lab);
  lab_open(&lab, "def f():\n try:\n  pass\n except E:\n  a()\n b()\n");
  CHECK(!is_dead(&lab, "a"));
  lab_close(&lab);
  lab_open(&lab, "def f():\n with a:\n  raise E\n b()\n");
  CHECK(!is_dead(&lab, "b"));
  lab_close(&lab);
  lab_open(&lab, "def f():\n with open(p):\n  raise E\n b()\n");
  CHECK(is_dead(&lab, "b"));
  lab_close(&lab);
}

TEST(flow_reaches_through_loops) {
  Lab lab;
  lab_open(&lab, "def f():\n a()\n for x in y:\n  b()\n  c()\n d()\n");
  CHECK_STR(reaches(&lab, "a", "b"), "yes");
  CHECK_STR(reaches(&lab, "b", "a"), "no");
  CHECK_STR(reaches(&lab, "c", "b"), "yes");
  CHECK_STR(reaches(&lab, "b", "b"), "yes");
  CHECK_STR(reaches(&lab, "a", "a"), "no");
  NodeId stop = call_of(&lab, "c");
  Answer avoids =
      flow_reaches_avoiding(lab.m, call_of(&lab, "b"), call_of(&lab, "d"), &stop, 1);
  CHECK_STR(answer(avoids), "no");
  avoids =
      flow_reaches_avoiding(lab.m, call_of(&lab, "a"), call_of(&lab, "d"), &stop, 1);
  CHECK_STR(answer(avoids), "yes");
  lab_close(&lab);
  lab_open(&lab, "def f():\n try:\n  a()\n except E:\n  b()\n");
  CHECK_STR(reaches(&lab, "a", "b"), "no");  // only when a() fails
  lab_close(&lab);
}

TEST(flow_dominates_by_completion) {
  Lab lab;
  lab_open(&lab, "def f():\n a()\n if b():\n  c()\n else:\n  d()\n e()\n");
  CHECK_STR(dominates(&lab, "a", "e"), "yes");
  CHECK_STR(dominates(&lab, "b", "d"), "yes");
  CHECK_STR(dominates(&lab, "c", "e"), "no");
  CHECK_STR(dominates(&lab, "e", "a"), "no");
  CHECK_STR(dominates(&lab, "a", "a"), "yes");
  lab_close(&lab);
  lab_open(&lab, "def f():\n try:\n  a()\n  b()\n except E:\n  c()\n else:\n  d()\n");
  CHECK_STR(dominates(&lab, "a", "c"), "no");
  CHECK_STR(dominates(&lab, "a", "d"), "yes");
  lab_close(&lab);
  lab_open(&lab, "def f():\n try:\n  a()\n finally:\n  b()\n c()\n");
  CHECK_STR(dominates(&lab, "b", "c"), "yes");
  CHECK_STR(dominates(&lab, "a", "b"), "no");
  lab_close(&lab);
  lab_open(&lab, "a()\ndef f():\n b()\n");
  CHECK_STR(dominates(&lab, "a", "b"), "unknown");
  lab_close(&lab);
}

TEST(flow_always_passes_close) {
  Lab lab;
  lab_open(&lab, "def f():\n x = a()\n g()\n x.close()\n");
  CHECK_STR(passes(&lab, "a", "x.close"), "yes");
  CHECK_STR(passes_raising(&lab, "a", "x.close"), "no");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = a()\n if g(): return\n x.close()\n");
  CHECK_STR(passes(&lab, "a", "x.close"), "no");
  lab_close(&lab);
  lab_open(&lab, "def f():\n"
                 " x = a()\n"
                 " try:\n  if g(): return 1\n  for y in x:\n   if y: break\n"
                 " finally:\n  x.close()\n");
  CHECK_STR(passes(&lab, "a", "x.close"), "yes");
  CHECK_STR(passes_raising(&lab, "a", "x.close"), "yes");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = a()\n try:\n  x.close()\n except E:\n  pass\n");
  CHECK_STR(passes_raising(&lab, "a", "x.close"), "yes");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = a()\n try:\n  g()\n except E:\n  pass\n x.close()\n");
  CHECK_STR(passes(&lab, "a", "x.close"), "yes");
  CHECK_STR(passes_raising(&lab, "a", "x.close"), "no");
  lab_close(&lab);
}

TEST(flow_return_in_finally_overrides) {
  Lab lab;
  lab_open(&lab, "def f():\n try:\n  a()\n finally:\n  return b()\n c()\n");
  CHECK(is_dead(&lab, "c"));
  CHECK_STR(passes_raising(&lab, "a", "b"), "yes");
  lab_close(&lab);
}

TEST(flow_nested_finally_is_shared) {
  Lab lab;
  lab_open(&lab, "def f(x):\n"
                 " try:\n  a()\n"
                 " finally:\n"
                 "  try:\n   x = b()\n"
                 "  finally:\n   c()\n"
                 "  d()\n"
                 " u(x)\n");
  CHECK_STR(dominates(&lab, "c", "d"), "yes");
  CHECK_STR(dominates(&lab, "b", "c"), "no");
  CHECK_STR(passes_raising(&lab, "a", "c"), "yes");
  CHECK_STR(reaches(&lab, "d", "u"), "yes");
  lab_close(&lab);
}

// --- liveness ------------------------------------------------------------------------

TEST(flow_live_after) {
  Lab lab;
  lab_open(&lab, "def f():\n x = 1\n a()\n b(x)\n c()\n x = 2\n d(x)\n e()\n");
  CHECK_STR(lives(&lab, 2, "a"), "yes");
  CHECK_STR(lives(&lab, 2, "b"), "no");
  CHECK_STR(lives(&lab, 2, "c"), "no");
  CHECK_STR(lives(&lab, 2, "e"), "no");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = 1\n while a():\n  b(x)\n c()\n");
  CHECK_STR(lives(&lab, 2, "b"), "yes");
  CHECK_STR(lives(&lab, 2, "c"), "no");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = 1\n try:\n  a()\n  b()\n  x = 2\n"
                 " except E:\n  c(x)\n");
  CHECK_STR(lives(&lab, 2, "a"), "yes");
  CHECK_STR(lives(&lab, 2, "b"), "no");
  lab_close(&lab);
  lab_open(&lab, "def f():\n x = 1\n a()\n def g(): return x\n");
  CHECK_STR(lives(&lab, 2, "a"), "unknown");
  lab_close(&lab);
  lab_open(&lab, "x = 1\na()\n");
  CHECK_STR(lives(&lab, 1, "a"), "unknown");
  lab_close(&lab);
  // What follows an `else` is no loop.
  lab_open(&lab, "def f(p):\n if p:\n  x = 1\n else:\n  x = 2\n a(x)\n b()\n");
  CHECK_STR(lives(&lab, 3, "a"), "no");
  lab_close(&lab);
}

// --- hostile and broken input --------------------------------------------------------

// Asks everything of every name; only that it returns is of interest.
static void lab_ask_all(Lab *lab) {
  Model *m = lab->m;
  for (uint32_t i = 1; i < ref_count(m); i++) flow_defs_reaching(m, (RefId){i});
  for (uint32_t i = 1; i < def_count(m); i++) {
    const Def *def = def_get(m, (DefId){i});
    flow_uses_of(m, (DefId){i});
    flow_is_live_after(m, def->binding, def->node);
    flow_dominates(m, def_get(m, (DefId){1})->node, def->node);
  }
}

// `count` times `part`, with `%` in it replaced by `indent` spaces more each time.
static void repeat(Buf *out, const char *part, uint32_t count, bool indents) {
  for (uint32_t i = 0; i < count; i++) {
    for (const char *p = part; *p != 0; p++) {
      if (*p == '%') {
        buf_fill(out, ' ', indents ? i + 1 : 1);
      } else {
        buf_add_byte(out, *p);
      }
    }
  }
}

static void hostile_run(const char *before, const char *part, const char *middle,
                        const char *closing, uint32_t count, bool indents) {
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  buf_add_text(&text, before);
  repeat(&text, part, count, indents);
  buf_add_text(&text, middle);
  repeat(&text, closing, count, false);
  buf_add_byte(&text, '\n');
  Lab lab;
  lab_open(&lab, str_cstr_in(&arena, buf_str(&text)));
  lab_ask_all(&lab);
  CHECK(flow_reaches(lab.m, (NodeId){1}, (NodeId){1}) != ANSWER_YES);
  lab_close(&lab);
  arena_release(&arena);
}

TEST(flow_survives_depth) {
  hostile_run("x = ", "(", "x", ")", 100000, false);
  hostile_run("x = ", "x(", "", ")", 50000, false);
  hostile_run("x = ", "not ", "x", "", 50000, false);
  hostile_run("x = ", "x and ", "x", "", 50000, false);
  hostile_run("if ", "x < ", "x: x = 1", "", 50000, false);
  hostile_run("", "x = ", "1", "", 50000, false);
  hostile_run("x = ", "1 if x else ", "x", "", 20000, false);
  hostile_run("if a:\n x = 1\n", "elif x:\n x = 2\n", "x", "", 20000, false);
  hostile_run("def f():\n", "%if a:\n", "", "", 400, true);
  hostile_run("def f():\n", "%try:\n% a()\n%finally:\n", "", "", 90, true);
  hostile_run("def f():\n", "%with a as x:\n% if x: return\n", "", "", 200, true);
  hostile_run("def f():\n", "%for x in x:\n% if x: break\n", "", "", 200, true);
  hostile_run("def f():\n x = 1\n", " x = 2\n u(x)\n", "", "", 50000, false);
  hostile_run("match x:\n", " case [x] if x: x\n", "", "", 10000, false);
}

TEST(flow_survives_broken_code) {
  static const char *const texts[] = {
      "",
      "x = (",
      "def f(:\n x = 1\n",
      "with\n",
      "with :\n x\n",
      "try:\n x\n",
      "while",
      "for in :\n x\n",
      "if :\n x\nelse",
      "match x:\n case",
      "return break",
      "try:\n x\nexcept as e:\n e\nfinally",
      "lambda",
      "[x for",
      "x = yield\nbreak\n",
      "del\nassert\nraise from\nimport\nfrom x import\n",
      "a < b <\n",
      "f(x for x in)",
      "async with a as",
      "except:\n x\n",
      "else:\n x\n",
      "x if y",
      "@\ndef f(): pass\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    Lab lab;
    lab_open(&lab, texts[i]);
    lab_ask_all(&lab);
    Buf out = buf_in(&lab.arena);
    for (uint32_t s = 1; s < scope_count(lab.m); s++) {
      flow_dump(lab.m, (ScopeId){s}, &out);
    }
    CHECK(out.n != 0);
    lab_close(&lab);
  }
}

TEST(flow_broken_statement_may_go_anywhere) {
  Lab lab;
  lab_open(&lab, "def f():\n"
                 " a()\n"
                 " x = = 3 +\n"
                 " b()\n");
  CHECK_STR(passes(&lab, "a", "b"), "no");
  CHECK_STR(reaches(&lab, "a", "b"), "yes");
  lab_close(&lab);
}

TEST(flow_dump_is_stable) {
  Lab lab;
  lab_open(&lab, "def f(x):\n while x:\n  x = g()\n");
  Buf out = buf_in(&lab.arena);
  flow_dump(lab.m, (ScopeId){2}, &out);
  CHECK_STR(buf_str(&out), "function f 1:1\n"
                           "  B1 entry idom B1\n"
                           "    identifier 1:7 def x\n"
                           "    while_statement 2:2\n"
                           "    normal B4\n"
                           "  B2 exit idom B6\n"
                           "  B3 raised idom B4\n"
                           "  B4 idom B1\n"
                           "    identifier 2:8 use x <- 1:7 3:3 looks up\n"
                           "    raise B3\n"
                           "    true B5\n"
                           "    false B7\n"
                           "  B5 idom B4\n"
                           "    identifier 3:7 looks up\n"
                           "    call 3:7 raises\n"
                           "    identifier 3:3 def x\n"
                           "    raise B3\n"
                           "    normal B4\n"
                           "  B6 idom B7\n"
                           "    normal B2\n"
                           "  B7 idom B4\n"
                           "    normal B6\n");
  lab_close(&lab);
}
