#include "text_model.h"

// Which variable an identifier means, as the scope's kind and the definition's line.
static Str meaning(Model *m, const char *name, uint32_t nth) {
  static const char *const kinds[] = {"none",   "module",        "class",  "function",
                                      "lambda", "comprehension", "params", "value"};
  BindingId b = binding_of(m, text_name(m, name, nth));
  if (!binding_ok(b)) return STR("none");
  DefId d = def_first(m, b);
  uint32_t line =
      lines_line_of(&m->tree->source->lines, node_start(m->tree, def_get(m, d)->node));
  const char *kind = kinds[scope_get(m, binding_get(m, b)->scope)->kind];
  return str_printf_in(m->arena, "%s %u", kind, line + 1);
}

static uint32_t flags_of(Model *m, ScopeId s, const char *name) {
  return binding_get(m, scope_lookup(m, s, str_from(name)))->flags;
}

static ScopeId scope_of_kind(Model *m, PyKind kind, uint32_t nth) {
  return scope_of(m, text_kind(m, kind, nth));
}

TEST(scope_follows_the_rules_of_functions_and_classes) {
  TextModel t;
  Model *m = text_model_open(&t, "x = 1\n"
                                 "class C:\n"
                                 "  x = 2\n"
                                 "  y = x\n"
                                 "  def f(self, d=x):\n"
                                 "    return x\n"
                                 "def g():\n"
                                 "  x = 3\n"
                                 "  def h():\n"
                                 "    nonlocal x\n"
                                 "    x = 4\n"
                                 "  def i():\n"
                                 "    global x\n"
                                 "    return x\n"
                                 "  return lambda: x\n");
  CHECK_STR(meaning(m, "x", 2), "class 3");      // y = x
  CHECK_STR(meaning(m, "x", 3), "class 3");      // the default value
  CHECK_STR(meaning(m, "x", 4), "module 1");     // in the method
  CHECK_STR(meaning(m, "x", 7), "function 8");   // nonlocal
  CHECK_STR(meaning(m, "x", 9), "module 1");     // global
  CHECK_STR(meaning(m, "x", 10), "function 8");  // lambda
  ScopeId g = scope_of_kind(m, PY_FUNCTION_DEFINITION, 1);
  CHECK_INT(flags_of(m, g, "x") & BIND_CAPTURED, BIND_CAPTURED);
  BindingId x = scope_lookup(m, g, STR("x"));
  CHECK_INT(binding_get(m, x)->def_count, 2);
  CHECK_INT(binding_get(m, x)->ref_count, 1);
  CHECK(!def_ok(binding_only_def(m, x)));
  CHECK(ref_ok(ref_at(m, text_name(m, "x", 10))));
  CHECK(!def_ok(def_at(m, text_name(m, "x", 10))));
  text_model_close(&t);
}

TEST(scope_ids_are_in_order_of_nesting) {
  TextModel t;
  Model *m = text_model_open(&t, "def f(a=lambda: 1):\n"
                                 "  return [b for b in [c for c in a]]\n"
                                 "class K: pass\n");
  ScopeId f = scope_of_kind(m, PY_FUNCTION_DEFINITION, 0);
  ScopeId lambda = scope_of_kind(m, PY_LAMBDA, 0);
  ScopeId outer = scope_of_kind(m, PY_LIST_COMPREHENSION, 0);
  ScopeId inner = scope_of_kind(m, PY_LIST_COMPREHENSION, 1);
  CHECK(!scope_inside(m, lambda, f));
  CHECK_INT(scope_get(m, lambda)->parent.i, MODULE_SCOPE.i);
  CHECK(scope_inside(m, outer, f) && scope_inside(m, inner, f));
  CHECK(!scope_inside(m, inner, outer));  // the first iterable is the function's
  CHECK_INT(scope_function(m, inner).i, f.i);
  CHECK_INT(scope_get(m, MODULE_SCOPE)->after, scope_count(m));
  CHECK_INT(scope_at(m, text_kind(m, PY_LAMBDA, 0)).i, MODULE_SCOPE.i);
  for (ScopeId s = {2}; s.i < scope_count(m); s.i++) {
    CHECK(scope_inside(m, s, scope_get(m, s)->parent));
  }
  text_model_close(&t);
}

TEST(scope_lifts_a_walrus_out_of_comprehensions) {
  TextModel t;
  Model *m = text_model_open(&t, "def f(rows):\n"
                                 "  any((last := r) for r in rows)\n"
                                 "  return last\n");
  ScopeId f = scope_of_kind(m, PY_FUNCTION_DEFINITION, 0);
  BindingId last = binding_of(m, text_name(m, "last", 0));
  CHECK_INT(binding_get(m, last)->scope.i, f.i);
  CHECK_INT(binding_of(m, text_name(m, "last", 1)).i, last.i);
  CHECK_INT(def_get(m, def_first(m, last))->kind, DEF_WALRUS);
  CHECK_STR(meaning(m, "r", 0), "comprehension 2");
  text_model_close(&t);
}

TEST(scope_mangles_private_names) {
  TextModel t;
  Model *m = text_model_open(&t, "class _C:\n"
                                 "  __x = 1\n"
                                 "  def f(self): return __x, __y__\n");
  ScopeId c = scope_of_kind(m, PY_CLASS_DEFINITION, 0);
  ScopeId f = scope_of_kind(m, PY_FUNCTION_DEFINITION, 0);
  CHECK(binding_ok(scope_lookup(m, c, STR("_C__x"))));
  CHECK(binding_ok(scope_lookup(m, f, STR("_C__x"))));
  CHECK(binding_ok(scope_lookup(m, f, STR("__y__"))));
  CHECK(!binding_ok(scope_lookup(m, c, STR("__x"))));
  CHECK_INT(scope_class_of_method(m, f).i, c.i);
  text_model_close(&t);
}

TEST(scope_gives_methods_the_class_cell) {
  TextModel t;
  Model *m = text_model_open(&t, "class C:\n"
                                 "  def f(self): super().f()\n"
                                 "  def g(self): super(C, self).f()\n"
                                 "  def h(self): return 1\n");
  ScopeId f = scope_of_kind(m, PY_FUNCTION_DEFINITION, 0);
  ScopeId g = scope_of_kind(m, PY_FUNCTION_DEFINITION, 1);
  ScopeId h = scope_of_kind(m, PY_FUNCTION_DEFINITION, 2);
  CHECK((scope_get(m, f)->flags & SCOPE_USES_SUPER) != 0);
  CHECK((scope_get(m, g)->flags & SCOPE_USES_SUPER) == 0);
  BindingId cell = scope_lookup(m, f, STR("__class__"));
  CHECK((binding_get(m, cell)->flags & BIND_FREE) != 0);
  BindingId owner = binding_get(m, cell)->owner;
  CHECK((binding_get(m, owner)->flags & BIND_CLASS_CELL) != 0);
  CHECK_INT(binding_get(m, owner)->scope.i, scope_of_kind(m, PY_CLASS_DEFINITION, 0).i);
  CHECK(!binding_ok(scope_lookup(m, h, STR("__class__"))));
  text_model_close(&t);
}

static const Def *def_of(Model *m, const char *name, uint32_t nth) {
  return def_get(m, def_at(m, text_name(m, name, nth)));
}

static void def_check(Model *m, const char *name, DefKind kind, const char *value) {
  const Def *def = def_of(m, name, 0);
  CHECK_INT(def->kind, kind);
  CHECK_STR(node_ok(def->value) ? node_text(m->tree, def->value) : STR_NONE, value);
  CHECK(node_ok(def->statement));
}

TEST(def_tells_what_is_bound) {
  TextModel t;
  Model *m = text_model_open(&t, "a = b = v0\n"
                                 "c: int = v1\n"
                                 "d: int\n"
                                 "e += v2\n"
                                 "for f in v3: pass\n"
                                 "with v4 as g, (v5) as (h, i): pass\n"
                                 "try: pass\n"
                                 "except v6 as j: pass\n"
                                 "import k.l, m as n\n"
                                 "from o import p as q, r\n"
                                 "if (s := v7): [u for u in v8]\n"
                                 "match v9:\n"
                                 "  case [w, *x] | {'k': w, **x}: pass\n"
                                 "del y\n");
  def_check(m, "a", DEF_ASSIGN, "v0");
  def_check(m, "b", DEF_ASSIGN, "v0");
  def_check(m, "c", DEF_ANNOTATED, "v1");
  def_check(m, "d", DEF_ANNOTATED, "");
  def_check(m, "e", DEF_AUGMENTED, "v2");
  def_check(m, "f", DEF_FOR, "v3");
  def_check(m, "g", DEF_WITH, "v4");
  def_check(m, "i", DEF_WITH, "(v5)");
  def_check(m, "j", DEF_EXCEPT, "v6");
  def_check(m, "k", DEF_IMPORT, "k.l");
  def_check(m, "n", DEF_IMPORT, "m as n");
  def_check(m, "q", DEF_IMPORT_FROM, "p as q");
  def_check(m, "r", DEF_IMPORT_FROM, "r");
  def_check(m, "s", DEF_WALRUS, "v7");
  def_check(m, "w", DEF_MATCH, "v9");
  def_check(m, "x", DEF_MATCH, "v9");
  def_check(m, "y", DEF_DELETE, "");
  CHECK(!def_ok(def_at(m, text_name(m, "l", 0))));
  CHECK(!binding_ok(binding_of(m, text_name(m, "p", 0))));
  CHECK(ref_ok(ref_at(m, text_name(m, "e", 0))));  // += reads as well
  CHECK(!ref_ok(ref_at(m, text_name(m, "a", 0))));
  CHECK(node_is(m->tree, def_of(m, "i", 0)->statement, PY_WITH_ITEM));
  text_model_close(&t);
}

TEST(def_tells_the_place_in_an_unpacking) {
  TextModel t;
  Model *m = text_model_open(&t, "a, (b, c), *d = v\n"
                                 "(e) = v\n"
                                 "(f,) = v\n"
                                 "[g, x.y, h] = v\n");
  CHECK_INT(def_of(m, "a", 0)->flags, DEF_UNPACKED);
  CHECK_INT(def_of(m, "a", 0)->index, 0);
  CHECK_INT(def_of(m, "c", 0)->flags, DEF_UNPACKED | DEF_NESTED);
  CHECK_INT(def_of(m, "c", 0)->index, 1);
  CHECK_INT(def_of(m, "d", 0)->flags, DEF_UNPACKED | DEF_STARRED);
  CHECK_INT(def_of(m, "d", 0)->index, 2);
  CHECK_INT(def_of(m, "e", 0)->flags, 0);
  CHECK_INT(def_of(m, "f", 0)->flags, DEF_UNPACKED);
  CHECK_INT(def_of(m, "h", 0)->index, 2);
  CHECK(ref_ok(ref_at(m, text_name(m, "x", 0))));
  CHECK(!binding_ok(binding_of(m, text_name(m, "y", 0))));
  text_model_close(&t);
}

TEST(def_lists_parameters_in_order) {
  TextModel t;
  Model *m = text_model_open(&t, "def f(a, /, b: int = D, *c, d=2, **e): pass\n");
  ScopeId f = scope_of_kind(m, PY_FUNCTION_DEFINITION, 0);
  CHECK_INT(scope_parameter_count(m, f), 5);
  for (uint32_t i = 0; i < 5; i++) {
    const Def *def = def_get(m, scope_parameter(m, f, i));
    CHECK_INT(node_text(m->tree, def->node).p[0], 'a' + (int)i);
    CHECK_INT(def->index, i);
  }
  CHECK(!def_ok(scope_parameter(m, f, 5)));
  CHECK_STR(node_text(m->tree, def_of(m, "b", 0)->value), "D");
  CHECK_INT(def_of(m, "c", 0)->flags, DEF_STARRED);
  CHECK_INT(def_of(m, "e", 0)->flags, DEF_KEYWORD_STAR);
  CHECK_INT(scope_at(m, text_name(m, "D", 0)).i, MODULE_SCOPE.i);
  CHECK_INT(scope_at(m, text_name(m, "int", 0)).i, MODULE_SCOPE.i);
  text_model_close(&t);
}

TEST(ref_of_annotations) {
  TextModel t;
  Model *m = text_model_open(&t, "import a, b, c, d\n"
                                 "def f(x: 'a.q[b]', y: Literal['c']) -> d: pass\n");
  BindingId a = binding_of(m, text_name(m, "a", 0));
  CHECK_INT(binding_get(m, a)->ref_count, 1);
  NodeId text = ref_get(m, ref_first(m, a))->node;
  CHECK(node_is(m->tree, text, PY_STRING));
  CHECK_INT(binding_get(m, binding_of(m, text_name(m, "b", 0)))->ref_count, 1);
  CHECK_INT(binding_get(m, binding_of(m, text_name(m, "c", 0)))->ref_count, 0);
  CHECK((binding_get(m, a)->flags & BIND_REFERENCED) == 0);  // not evaluated
  CHECK((flags_of(m, MODULE_SCOPE, "d") & BIND_REFERENCED) != 0);
  text_model_close(&t);
}

TEST(ref_of_postponed_annotations_captures_nothing) {
  TextModel t;
  Model *m = text_model_open(&t, "from __future__ import annotations\n"
                                 "def f():\n"
                                 "  class A: pass\n"
                                 "  class B:\n"
                                 "    x: A\n");
  BindingId a = scope_lookup(m, scope_of_kind(m, PY_FUNCTION_DEFINITION, 0), STR("A"));
  CHECK_INT(binding_get(m, a)->ref_count, 1);
  CHECK((binding_get(m, a)->flags & BIND_CAPTURED) == 0);
  CHECK_INT(binding_of(m, text_name(m, "A", 1)).i, a.i);
  text_model_close(&t);
}

TEST(ref_is_builtin_only_where_nothing_else_can_be) {
  TextModel t;
  Model *m = text_model_open(&t, "len; int; nothing\n"
                                 "def int(): pass\n"
                                 "def f(len): return len\n");
  CHECK(ref_is_builtin(m, text_name(m, "len", 0)));
  CHECK(!ref_is_builtin(m, text_name(m, "int", 0)));
  CHECK(!ref_is_builtin(m, text_name(m, "nothing", 0)));
  CHECK(!ref_is_builtin(m, text_name(m, "len", 2)));
  text_model_close(&t);
  m = text_model_open(&t, "from x import *\nlen\n");
  CHECK(!ref_is_builtin(m, text_name(m, "len", 0)));
  text_model_close(&t);
}

TEST(scope_in_broken_code) {
  TextModel t;
  Model *m = text_model_open(&t, "cache = {}\n"
                                 "other = {}\n"
                                 "def f():\n"
                                 "  cache[k = = len(\n"
                                 "  return 1\n"
                                 "len\n");
  BindingId cache = scope_lookup(m, MODULE_SCOPE, STR("cache"));
  CHECK((binding_get(m, cache)->flags & BIND_IN_ERROR) != 0);
  CHECK(binding_get(m, cache)->ref_count >= 1);
  CHECK((flags_of(m, MODULE_SCOPE, "other") & BIND_IN_ERROR) == 0);
  text_model_close(&t);
}

// Names and definitions that a grammar trap hides.
TEST(scope_sees_through_the_grammar) {
  TextModel t;
  Model *m = text_model_open(&t, "type(a).b = c\n"
                                 "print >>d, e\n"
                                 "match = type = case = 1\n"
                                 "f'{g:>{h}}'\n");
  CHECK(ref_ok(ref_at(m, text_name(m, "a", 0))));
  CHECK(ref_ok(ref_at(m, text_name(m, "c", 0))));
  CHECK((flags_of(m, MODULE_SCOPE, "type") & BIND_REFERENCED) != 0);
  CHECK((flags_of(m, MODULE_SCOPE, "print") & BIND_REFERENCED) != 0);
  CHECK((flags_of(m, MODULE_SCOPE, "match") & BIND_ASSIGNED) != 0);
  CHECK((flags_of(m, MODULE_SCOPE, "case") & BIND_ASSIGNED) != 0);
  CHECK(ref_ok(ref_at(m, text_name(m, "h", 0))));
  text_model_close(&t);
}

TEST(scope_resolve_reads_as_the_scope_would) {
  TextModel t;
  Model *m = text_model_open(&t, "x = 1\n"
                                 "class C:\n"
                                 "  x = 2\n"
                                 "  def f(self):\n"
                                 "    y = 3\n"
                                 "    def g(): pass\n");
  ScopeId c = scope_of_kind(m, PY_CLASS_DEFINITION, 0);
  ScopeId g = scope_of_kind(m, PY_FUNCTION_DEFINITION, 1);
  BindingId global = scope_lookup(m, MODULE_SCOPE, STR("x"));
  CHECK_INT(scope_resolve(m, g, STR("x")).i, global.i);
  CHECK_INT(scope_resolve(m, c, STR("x")).i, scope_lookup(m, c, STR("x")).i);
  CHECK(binding_ok(scope_resolve(m, g, STR("y"))));
  CHECK(!binding_ok(scope_resolve(m, c, STR("y"))));
  CHECK(!binding_ok(scope_resolve(m, g, STR("len"))));
  text_model_close(&t);
}

// Deep input costs no stack, and no more than its size.
static void deep_check(const char *head, const char *open, const char *middle,
                       const char *close, const char *tail) {
  enum { DEPTH = 50000 };
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  buf_add_text(&text, head);
  for (int i = 0; i < DEPTH; i++) buf_add_text(&text, open);
  buf_add_text(&text, middle);
  for (int i = 0; i < DEPTH; i++) buf_add_text(&text, close);
  buf_add_text(&text, tail);
  TextModel t;
  Model *m = text_model_open(&t, str_cstr_in(&arena, buf_str(&text)));
  CHECK(binding_ok(binding_of(m, text_name(m, "x", 0))));
  text_model_close(&t);
  arena_release(&arena);
}

TEST(scope_of_deep_input) {
  deep_check("x = ", "(", "1", ")", "\n");
  deep_check("", "(", "x", ",)", " = 1\n");
  deep_check("x = ", "[a for a in x+", "[]", "]", "\n");
  deep_check("x = ", "lambda x=x: ", "x", "", "\n");
  deep_check("x = ", "y = ", "1", "", "\n");
}

TEST(scope_dumps_are_stable) {
  TextModel t;
  Model *m = text_model_open(&t, "def f(a):\n"
                                 "  def g():\n"
                                 "    def h(): return a\n"
                                 "  return [b for b in a]\n");
  Buf out = buf_in(&t.arena);
  scope_dump_symbols(m, &out);
  CHECK_STR(buf_str(&out), "top\tmodule\t0\tf\tlocal,global,assigned\n"
                           "top/f#1\tfunction\t1\ta\tlocal,parameter,referenced\n"
                           "top/f#1\tfunction\t1\tg\tlocal,assigned\n"
                           "top/f#1/g#1\tfunction\t2\th\tlocal,assigned\n"
                           "top/f#1/g#1\tfunction\t2\ta\tfree\n"
                           "top/f#1/g#1/h#1\tfunction\t3\ta\tfree,referenced\n"
                           "top/f#1/listcomp#2\tlistcomp\t4\tb\tlocal,referenced,"
                           "assigned\n");
  out = buf_in(&t.arena);
  binding_dump(m, &out);
  CHECK(
      str_contains(buf_str(&out), STR("a (function line 1) local parameter referenced "
                                      "captured\n  defs: 1:7 parameter\n"
                                      "  refs: 3:21 4:22\n")));
  out = buf_in(&t.arena);
  scope_dump(m, &out);
  CHECK(str_contains(buf_str(&out), STR("\n      function h line 3\n"
                                        "        - a: free referenced\n")));
  text_model_close(&t);
}
