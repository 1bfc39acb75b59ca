#include "syntax/toml.h"

#include <math.h>

#include "test.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static Arena arena;
static Error error;

static bool parse(TomlDoc *doc, Str text) {
  arena_release(&arena);
  error = error_in(&arena);
  return toml_parse(doc, &arena, text, &error);
}

// The value as compact text: {a=1 b=['x' 2.5]}.
static void value_add(Buf *out, const TomlValue *v) {
  bool is_table = v->type == TOML_TABLE;
  switch (v->type) {
    case TOML_STRING: buf_printf(out, "'%.*s'", STR_ARGS(v->string)); return;
    case TOML_INTEGER: buf_printf(out, "%lld", (long long)v->integer); return;
    case TOML_FLOAT: buf_printf(out, "%g", v->number); return;
    case TOML_BOOLEAN: buf_add_text(out, v->boolean ? "true" : "false"); return;
    case TOML_DATE: buf_printf(out, "<%.*s>", STR_ARGS(v->string)); return;
    case TOML_ARRAY:
    case TOML_TABLE: break;
  }
  buf_add_byte(out, is_table ? '{' : '[');
  for (uint32_t i = 0; i < v->count; i++) {
    if (i > 0) buf_add_byte(out, ' ');
    if (is_table) buf_printf(out, "%.*s=", STR_ARGS(v->pairs[i].key));
    value_add(out, is_table ? v->pairs[i].value : v->items[i]);
  }
  buf_add_byte(out, is_table ? '}' : ']');
}

static Str shown(Str text) {
  TomlDoc doc;
  if (!parse(&doc, text)) return STR("refused");
  Buf out = buf_in(&arena);
  value_add(&out, doc.root);
  return buf_str(&out);
}

#define SHOWN(literal) shown(STR(literal))

TEST(toml_keys) {
  CHECK_STR(SHOWN("a=1\nb-c_1 = 2 # x\n1.2=3\ntrue=4"), "{a=1 b-c_1=2 1={2=3} true=4}");
  CHECK_STR(SHOWN("a . \"b c\" . 'd' = 1"), "{a={b c={d=1}}}");
  CHECK_STR(SHOWN("\"\" = 1\n\"\\u00e9\" = 2"), "{=1 \xc3\xa9=2}");
  CHECK_STR(SHOWN("a.b=1\na.c=2"), "{a={b=1 c=2}}");
  CHECK_STR(SHOWN("\xef\xbb\xbf# only a comment\r\n"), "{}");
  CHECK_STR(SHOWN(""), "{}");
}

TEST(toml_strings) {
  CHECK_STR(SHOWN("a = \"\\b\\t\\n\\f\\r\\\"\\\\\""), "{a='\b\t\n\f\r\"\\'}");
  CHECK_STR(SHOWN("a = \"\\u00e9\\U0001F600\""), "{a='\xc3\xa9\xf0\x9f\x98\x80'}");
  CHECK_STR(SHOWN("a = 'C:\\x'"), "{a='C:\\x'}");
  CHECK_STR(SHOWN("a = \"\"\"\nx\r\ny\"\"\""), "{a='x\ny'}");
  CHECK_STR(SHOWN("a = \"\"\"\r\n\nx\"\"\""), "{a='\nx'}");
  CHECK_STR(SHOWN("a = \"\"\"x\\\n  \n y\"\"\""), "{a='xy'}");
  CHECK_STR(SHOWN("a = \"\"\"x\\ \t\r\n  y\"\"\""), "{a='xy'}");
  CHECK_STR(SHOWN("a = \"\"\"x\\\\ \ny\"\"\""), "{a='x\\ \ny'}");
  CHECK_STR(SHOWN("a = \"\"\"\"x\"\"\"\"\""), "{a='\"x\"\"'}");
  CHECK_STR(SHOWN("a = '''\nx\\\n'y'''"), "{a='x\\\n'y'}");
  CHECK_STR(SHOWN("a = ''\nb = \"\"\"\"\"\"\nc = ''''''"), "{a='' b='' c=''}");
}

TEST(toml_numbers) {
  CHECK_STR(SHOWN("a=+1_000\nb=-0\nc=0xdead_BEEF\nd=0o17\ne=0b1_01"),
            "{a=1000 b=0 c=3735928559 d=15 e=5}");
  CHECK_STR(SHOWN("a=9223372036854775807\nb=-9223372036854775808"),
            "{a=9223372036854775807 b=-9223372036854775808}");
  CHECK_STR(SHOWN("a=1.5\nb=1_0.2_5e0_1\nc=-1E-2\nd=inf\ne=-inf"),
            "{a=1.5 b=102.5 c=-0.01 d=inf e=-inf}");
  CHECK_STR(SHOWN("a=true\nb=false"), "{a=true b=false}");
  TomlDoc doc;
  CHECK(parse(&doc, STR("a = nan\nb = 1_0")));
  CHECK(isnan(toml_get(&doc, "a")->number));
  CHECK_STR(toml_get(&doc, "b")->string, "1_0");
}

TEST(toml_dates_are_text) {
  CHECK_STR(SHOWN("a=1979-05-27T07:32:00Z\nb=1979-05-27\nc=07:32:00.5"),
            "{a=<1979-05-27T07:32:00Z> b=<1979-05-27> c=<07:32:00.5>}");
}

TEST(toml_nested) {
  CHECK_STR(SHOWN("a = [1, # c\n [\"x\", [{}]], ]"), "{a=[1 ['x' [{}]]]}");
  CHECK_STR(SHOWN("a = { b.c = 1, b.d = [ { } ], e = 2 }"), "{a={b={c=1 d=[{}]} e=2}}");
  CHECK_STR(SHOWN("x=1\n[a.b]\nc=1\n[a]\nd=2\n[e]"), "{x=1 a={b={c=1} d=2} e={}}");
  CHECK_STR(SHOWN("[[a]]\nb=1\n[[a.c]]\n[[a.c]]\nd=1\n[[a]]\n[a.e]"),
            "{a=[{b=1 c=[{} {d=1}]} {e={}}]}");
  CHECK_STR(SHOWN("[fruit]\napple.color=1\n[fruit.apple.texture]\ns=1"),
            "{fruit={apple={color=1 texture={s=1}}}}");
}

// Each is refused by CPython 3.12's tomllib too.
TEST(toml_refuses) {
  static const char *const BAD[] = {
      // keys and tables defined twice
      "a=1\na=2", "\"a\"=1\n'a'=2", "[a]\n[a]", "[a]\n[[a]]", "[[a]]\n[a]", "a=1\n[a]",
      "a=1\na.b=2", "a.b=1\n[a]", "[a]\nb.c=1\n[a.b]", "[a.b.c]\n[a]\nb.c.d=1",
      "[[a.b]]\n[a]\nb.c=1",
      // what is closed stays closed
      "a={b=1}\na.c=2", "a={b=1}\n[a.c]", "a={b={}, b.c=1}", "a={b=1,b=2}",
      "a=[]\n[[a]]", "a=[{}]\n[a.b]",
      // strings
      "a=\"\\ud800\"", "a=\"\\U00110000\"", "a=\"\\e\"", "a=\"x", "a='''x",
      "a=\"\x7f\"", "a=\"\"\"x\"\"\"\"\"\"", "a=\"x\ny\"",
      // numbers and dates
      "a=01", "a=1__0", "a=_1", "a=1.", "a=.5", "a=+0x1", "a=0XF", "a=True",
      "a=1979-13-01", "a=19790-05-27", "a=9 9",
      // form
      "a", "a=", "=1", "a=1 b=2", "[a", "a]", "[]", "[a] b=1", "a={b=1,}", "a={\nb=1}",
      "a=[1,,2]", "a..b=1", "[ [a] ]", "a=1\rb=2", "\xff", "a=\"\xff\"",
      "\"\"\"a\"\"\"=1", "a=1\n]\nb=2"};
  for (size_t i = 0; i < COUNT(BAD); i++) {
    TomlDoc doc;
    if (parse(&doc, str_from(BAD[i]))) CHECK_STR(BAD[i], "refused");
    CHECK(str_starts(error.text, STR("line ")));
    CHECK(doc.error_at <= doc.text.n);
  }
  // tomllib takes longer integers; ours are 64 bits.
  CHECK_STR(SHOWN("a=9223372036854775808"), "refused");
  CHECK_STR(SHOWN("a=-0"), "{a=0}");
  arena_release(&arena);
}

TEST(toml_errors_name_the_place) {
  TomlDoc doc;
  CHECK(!parse(&doc, STR("a = 1\n\xc3\xa9 = 2\n")));
  CHECK_STR(error.text, "line 2, column 1: this is not valid TOML");
  CHECK_INT(doc.error_at, 6);
  CHECK(!parse(&doc, STR("\"\xc3\xa9\" = 1 b = 2")));
  CHECK_STR(error.text, "line 1, column 8: expected the end of the line");
  CHECK(!parse(&doc, STR("[t]\nab = 1\n  'ab' = 2")));
  CHECK_STR(error.text, "line 3, column 3: 'ab' is defined twice");
  CHECK_INT(doc.error_at, 13);
  CHECK(!parse(&doc, STR("a = \"x\\ud800\"")));
  CHECK_STR(error.text, "line 1, column 7: escape is no Unicode character");
  arena_release(&arena);
}

TEST(toml_spans) {
  TomlDoc doc;
  CHECK(parse(&doc, STR("[project]\nrequires-python = '>=3.9'\nx = [1, 22]\n")));
  const TomlValue *project = toml_get(&doc, "project");
  const TomlPair *pair = &project->pairs[0];
  CHECK_STR(str_slice(doc.text, pair->key_start, pair->key_stop), "requires-python");
  CHECK_STR(str_slice(doc.text, pair->value->start, pair->value->stop), "'>=3.9'");
  const TomlValue *item = toml_get(&doc, "project.x")->items[1];
  CHECK_STR(str_slice(doc.text, item->start, item->stop), "22");
  CHECK_STR(str_slice(doc.text, project->start, project->stop), doc.text);
  arena_release(&arena);
}

TEST(toml_get_and_find) {
  TomlDoc doc;
  CHECK(parse(&doc, STR("[a.b]\nc = 1\n[d]\n\"x.y\" = 2\n")));
  CHECK_INT(toml_get(&doc, "a.b.c")->integer, 1);
  CHECK(toml_get(&doc, "a.b.d") == NULL);
  CHECK(toml_get(&doc, "a.b.c.d") == NULL);
  CHECK(toml_get(&doc, "a.b.") == NULL);
  CHECK(toml_get(&doc, "") == NULL);
  CHECK_INT(toml_find(toml_get(&doc, "d"), STR("x.y"))->integer, 2);
  CHECK(toml_find(NULL, STR("a")) == NULL);
  arena_release(&arena);
}

static Str setting(Str text) {
  TomlDoc doc;
  arena_release(&arena);
  error = error_in(&arena);
  if (!toml_parse_setting(&doc, &arena, text, &error)) return STR("refused");
  Buf out = buf_in(&arena);
  value_add(&out, doc.root);
  return buf_str(&out);
}

TEST(toml_settings_of_a_command_line) {
  CHECK_STR(setting(STR("a.b = 1")), "{a={b=1}}");
  CHECK_STR(setting(STR("a=py39")), "{a='py39'}");
  CHECK_STR(setting(STR("a=['x', 'y']")), "{a=['x' 'y']}");
  CHECK_STR(setting(STR("a= x \"y\\z=1 ")), "{a='x \"y\\z=1'}");
  CHECK_STR(setting(STR("a=")), "{a=''}");
  CHECK_STR(setting(STR("a=#fff")), "{a='#fff'}");
  CHECK_STR(setting(STR("a=1\nb=2")), "{a='1\nb=2'}");  // no second setting
  CHECK_STR(setting(STR("a=1\n[b]")), "{a='1\n[b]'}");
  CHECK_STR(setting(STR("a")), "refused");
  CHECK_STR(error.text, "expected KEY=VALUE");
  CHECK_STR(setting(STR("")), "refused");
  CHECK_STR(setting(STR("=1")), "refused");
  CHECK_STR(setting(STR("a b=1")), "refused");
  CHECK_STR(setting(STR("[t]\nb=1")), "refused");
  CHECK_STR(setting(STR("a=\"\\ud800\"")), "refused");
  arena_release(&arena);
}

static Str repeated(const char *before, const char *part, const char *after,
                    int count) {
  static Arena texts;
  arena_release(&texts);
  Buf out = buf_in(&texts);
  buf_add_text(&out, before);
  for (int i = 0; i < count; i++) buf_add_text(&out, part);
  buf_add_text(&out, after);
  Str text = buf_str(&out);
  return text;
}

TEST(toml_depth_has_a_limit) {
  TomlDoc doc;
  CHECK(parse(&doc, repeated("a=", "[", "]]]]]]]]]]]]]]]]", 16)));
  CHECK(parse(&doc, repeated("", "a.", "a=1", 63)));
  CHECK(!parse(&doc, repeated("", "a.", "a=1", 64)));
  CHECK_STR(error.text, "line 1, column 129: nested more than 64 deep");
  CHECK(parse(&doc, repeated("[", "a.", "a]", 63)));
  CHECK(!parse(&doc, repeated("[", "a.", "a]\nb=1", 63)));
  CHECK_STR(error.text, "line 2, column 3: nested more than 64 deep");
  CHECK(!parse(&doc, repeated("[[", "a.", "a]]", 63)));
  arena_release(&arena);
}

TEST(toml_hostile_nesting_is_refused) {
  TomlDoc doc;
  CHECK(!parse(&doc, repeated("a=", "[", "", 100000)));
  CHECK(!parse(&doc, repeated("a=", "{a=", "", 100000)));
  CHECK(!parse(&doc, repeated("a=[[[", "[],", "]", 100000)));
  CHECK(!parse(&doc, repeated("", "a.", "a=1", 100000)));
  CHECK(!parse(&doc, repeated("[", "a.", "a]", 100000)));
  CHECK(!parse(&doc, repeated("", "= ]", "", 30000)));
  arena_release(&arena);
}

TEST(toml_many_keys) {
  TomlDoc doc;
  Arena texts;
  arena_init(&texts);
  Buf text = buf_in(&texts);
  for (int i = 0; i < 20000; i++) buf_printf(&text, "k%d = %d\n", i, i);
  CHECK(parse(&doc, buf_str(&text)));
  CHECK_INT(doc.root->count, 20000);
  CHECK_INT(toml_get(&doc, "k19999")->integer, 19999);
  buf_add_text(&text, "k77 = 1\n");
  CHECK(!parse(&doc, buf_str(&text)));
  CHECK_STR(error.text, "line 20001, column 1: 'k77' is defined twice");
  arena_release(&texts);
  arena_release(&arena);
}
