#include <stdio.h>

#include "text_model.h"

static Str name_of_use(Model *m, const char *text) {
  for (NodeId n = {m->tree->count - 1}; n.i > 0; n.i--) {  // the last such expression
    if (node_text_is(m->tree, n, text)) {
      Str name = name_of(m, n);
      if (name.n != 0) return name;
    }
  }
  return STR_NONE;
}

TEST(names_follow_imports_and_aliases) {
  TextModel t;
  Model *m = text_model_open(&t, "import os.path, collections as co\n"
                                 "from functools import lru_cache as memo\n"
                                 "from . import near\n"
                                 "from ..far import thing\n"
                                 "from .sub.deep import other\n"
                                 "cache = memo\n"
                                 "again = (cache)\n"
                                 "Q = co.deque\n"
                                 "again; os.path.join; Q; near.x; thing; other; len\n");
  CHECK_STR(name_of_use(m, "again"), "functools.lru_cache");
  CHECK_STR(name_of_use(m, "os.path.join"), "os.path.join");
  CHECK_STR(name_of_use(m, "Q"), "collections.deque");
  CHECK_STR(name_of_use(m, "near.x"), "pkg.near.x");
  CHECK_STR(name_of_use(m, "thing"), "");  // the dots lead out of the package
  CHECK_STR(name_of_use(m, "other"), "pkg.sub.deep.other");
  CHECK_STR(name_of_use(m, "len"), "builtins.len");
  CHECK_STR(name_last_part(STR("a.b.c")), "c");
  text_model_close(&t);
}

TEST(names_of_several_meanings_are_unknown) {
  TextModel t;
  Model *m = text_model_open(&t, "try:\n"
                                 "  import simplejson as json\n"
                                 "except ImportError:\n"
                                 "  json = None\n"
                                 "if x: import a as one\n"
                                 "else: import b as one\n"
                                 "if x: from c import two\n"
                                 "else: from c import two\n"
                                 "three = len\n"
                                 "three = max\n"
                                 "try: SIZE = 1\n"
                                 "except E: SIZE = 2\n"
                                 "f = g = h\n"
                                 "h = f\n"
                                 "for four in [len]: pass\n"
                                 "json.loads; one; two; three; f; four; SIZE\n");
  int64_t size;
  CHECK_STR(name_of_use(m, "json.loads"), "simplejson.loads");
  CHECK_STR(name_of_use(m, "one"), "");
  CHECK_STR(name_of_use(m, "two"), "c.two");
  CHECK_STR(name_of_use(m, "three"), "");
  CHECK_STR(name_of_use(m, "f"), "");  // a ring of names
  CHECK_STR(name_of_use(m, "four"), "");
  CHECK(!constant_int(m, text_name(m, "SIZE", 2), &size));
  text_model_close(&t);
}

TEST(names_of_local_things) {
  TextModel t;
  Model *m = text_model_open(&t, "class A:\n"
                                 "  def f(self):\n"
                                 "    def g(): pass\n"
                                 "    g\n"
                                 "    self.f\n"
                                 "A.f\n");
  CHECK_STR(name_of_use(m, "A"), "pkg.mod.A");
  CHECK_STR(name_of_use(m, "A.f"), "pkg.mod.A.f");
  CHECK_STR(name_of_use(m, "g"), "pkg.mod.A.f.<locals>.g");
  CHECK_STR(name_of_use(m, "self.f"), "");
  text_model_close(&t);
}

TEST(names_use_the_knowledge_of_reexports) {
  TextModel t;
  Model *m = text_model_open(&t, "import io\nfrom _io import open as o\nio.open; o\n");
  CHECK_STR(name_of_use(m, "io.open"), "builtins.open");
  CHECK_STR(name_of_use(m, "o"), "builtins.open");
  text_model_close(&t);
}

TEST(names_of_callees_and_decorators) {
  TextModel t;
  Model *m = text_model_open(&t, "import functools as ft\n"
                                 "p = ft.partial(open, mode='rb')\n"
                                 "c9 = ft.lru_cache(maxsize=9)\n"
                                 "p('x')\n"
                                 "ft.partial(len)(y)\n"
                                 "list[int](z)\n"
                                 "table['x'](z)\n"
                                 "@c9\n"
                                 "def f(): pass\n"
                                 "@ft.cache\n"
                                 "def g(): pass\n"
                                 "@ft.lru_cache(None)\n"
                                 "def h(): pass\n");
  CHECK_STR(name_of_callee(m, text_kind(m, PY_CALL, 2)), "builtins.open");
  CHECK_STR(name_of_callee(m, text_kind(m, PY_CALL, 3)), "builtins.len");
  CHECK_STR(name_of_callee(m, text_kind(m, PY_CALL, 5)), "builtins.list");
  CHECK_STR(name_of_callee(m, text_kind(m, PY_CALL, 6)), "");
  NodeId c9 = text_kind(m, PY_DECORATOR, 0), cache = text_kind(m, PY_DECORATOR, 1);
  CHECK_STR(name_of_decorator(m, c9), "functools.lru_cache");
  CHECK(node_eq(name_decorator_call(m, c9), text_kind(m, PY_CALL, 1)));
  CHECK_STR(name_of_decorator(m, cache), "functools.cache");
  CHECK(!node_ok(name_decorator_call(m, cache)));
  CHECK_STR(name_of_decorator(m, text_kind(m, PY_DECORATOR, 2)), "functools.lru_cache");
  text_model_close(&t);
}

static ArgState argument(Model *m, uint32_t nth, uint32_t position, const char *keyword,
                         const char *want) {
  NodeId value;
  ArgState state =
      call_argument(m, text_kind(m, PY_CALL, nth), position, keyword, &value);
  CHECK_STR(node_ok(value) ? node_text(m->tree, value) : STR_NONE, want);
  return state;
}

TEST(call_arguments_bind_as_in_python) {
  TextModel t;
  Model *m = text_model_open(&t, "f(a, b, key=c)\n"
                                 "f(a, *rest, b, key=c)\n"
                                 "f(**kw)\n"
                                 "f(x for x in y)\n"
                                 "o.method()\n");
  CHECK_INT(argument(m, 0, 1, "key", "b"), ARG_PRESENT);
  CHECK_INT(argument(m, 0, 5, "key", "c"), ARG_PRESENT);
  CHECK_INT(argument(m, 0, 2, NULL, ""), ARG_ABSENT);
  CHECK_INT(argument(m, 0, CALL_NO_POSITION, "no", ""), ARG_ABSENT);
  CHECK_INT(argument(m, 1, 0, NULL, "a"), ARG_PRESENT);
  CHECK_INT(argument(m, 1, 1, NULL, ""), ARG_UNKNOWN);
  CHECK_INT(argument(m, 1, CALL_NO_POSITION, "no", ""), ARG_ABSENT);
  CHECK_INT(argument(m, 2, CALL_NO_POSITION, "no", ""), ARG_UNKNOWN);
  CHECK_INT(argument(m, 2, 0, NULL, ""), ARG_ABSENT);
  CHECK_INT(argument(m, 3, 0, NULL, "(x for x in y)"), ARG_PRESENT);
  CHECK_INT(call_positional_count(m, text_kind(m, PY_CALL, 0)), 2);
  CHECK_INT(call_positional_count(m, text_kind(m, PY_CALL, 3)), 1);
  CHECK(call_has_stars(m, text_kind(m, PY_CALL, 1)));
  CHECK(!call_has_stars(m, text_kind(m, PY_CALL, 0)));
  CHECK(!call_has_arguments(m, text_kind(m, PY_CALL, 4)));
  Str method;
  NodeId object = call_receiver(m, text_kind(m, PY_CALL, 4), &method);
  CHECK_STR(node_text(m->tree, object), "o");
  CHECK_STR(method, "method");
  CHECK(!node_ok(call_receiver(m, text_kind(m, PY_CALL, 0), &method)));
  text_model_close(&t);
}

static void int_check(Model *m, const char *name, bool known, int64_t want) {
  int64_t value = 0;
  CHECK(constant_int(m, text_name(m, name, 0), &value) == known);
  if (known) CHECK_INT(value, want);
}

TEST(constants_by_value) {
  TextModel t;
  Model *m = text_model_open(&t, "A = -(64 * 1_024)\n"
                                 "B = A\n"
                                 "C = 0xFF\n"
                                 "D = 99999999999999999999\n"
                                 "E = 2 ** 20 + (1 << 3) - 7 // 2\n"
                                 "F = 2 ** 9999\n"
                                 "G = 'text'\n"
                                 "H = r'a\\b'\n"
                                 "I = 'a\\n'\n"
                                 "J = f'{A}'\n"
                                 "K = b'x'\n"
                                 "L = '''long'''\n"
                                 "M = None\n"
                                 "N = True\n"
                                 "O = 010\n"
                                 "P = 7; P += 1\n");
  int_check(m, "A", true, -65536);
  int_check(m, "B", true, -65536);
  int_check(m, "C", true, 255);
  int_check(m, "D", false, 0);
  int_check(m, "E", true, (1 << 20) + 8 - 3);
  int_check(m, "F", false, 0);
  int_check(m, "G", false, 0);
  int_check(m, "P", false, 0);
  Str text;
  CHECK(constant_str(m, text_name(m, "G", 0), &text));
  CHECK_STR(text, "text");
  CHECK(constant_str(m, text_name(m, "H", 0), &text));
  CHECK_STR(text, "a\\b");
  CHECK(!constant_str(m, text_name(m, "I", 0), &text));
  CHECK(!constant_str(m, text_name(m, "J", 0), &text));
  CHECK(!constant_str(m, text_name(m, "K", 0), &text));
  CHECK(constant_str(m, text_name(m, "L", 0), &text));
  CHECK_STR(text, "long");
  bool flag = false;
  CHECK(constant_is_none(m, text_name(m, "M", 0)));
  CHECK(!constant_is_none(m, text_name(m, "N", 0)));
  CHECK(constant_bool(m, text_name(m, "N", 0), &flag) && flag);
  text_model_close(&t);
}

static bool open_is_known(const char *module_code) {
  TextModel t;
  char code[256];
  snprintf(code, sizeof code, "open\n%s\n", module_code);
  Model *m = text_model_open(&t, code);
  bool is_known = str_is(name_of_use(m, "open"), "builtins.open");
  text_model_close(&t);
  return is_known;
}

TEST(names_of_builtins_are_hidden_by_what_may_bind_them) {
  CHECK(open_is_known("text = 'at %(home)s' % globals()"));
  CHECK(open_is_known("if 'x' not in globals(): x = globals().get('y')"));
  CHECK(open_is_known("y = globals()[name], dict(vars()), eval('1 + 2')"));
  CHECK(open_is_known("exec(code, about)"));
  CHECK(open_is_known("exec(code, {'__name__': 'x'})"));
  CHECK(open_is_known("show(**locals())"));
  CHECK(!open_is_known("globals()[name] = 1"));
  CHECK(!open_is_known("globals()[name], y = 1, 2"));
  CHECK(!open_is_known("globals().update(names)"));
  CHECK(!open_is_known("export(globals())"));
  CHECK(!open_is_known("exec(code)"));
  CHECK(!open_is_known("exec(code, globals())"));
  CHECK(!open_is_known("exec(code, names.__dict__)"));
}
