#include <stdio.h>

#include "semantic/calls.h"

#include "snippet.h"
#include "test.h"

typedef struct SinkCase {
  const char *code, *call;
  const char *expected;  // row, then what it consumes
} SinkCase;

TEST(call_sinks) {
  static const SinkCase cases[] = {
      {"any([x])", "any([x])", "builtins.any [x]"},
      {"def any(x): pass\nany([x])", "any([x])", ""},
      {"from functools import reduce as r\nr(f, [x])", "r(f, [x])",
       "functools.reduce [x]"},
      {"f = open(p)\nf.writelines([x])", "f.writelines([x])", ".writelines [x]"},
      {"y = set()\ny.update([x])", "y.update([x])", ".set.update [x]"},
      {"y = {}\ny.update([x])", "y.update([x])", ".dict.update [x]"},
      {"def f(y):\n    y.update([x])", "y.update([x])", ""},
      {"','.join([x])", "','.join([x])", ".str.join [x]"},
      {"import statistics\nstatistics.mean(data=[x])", "statistics.mean(data=[x])",
       "statistics.mean [x]"},
      {"max(1, 2)", "max(1, 2)", "builtins.max 1"},
      {"unknown([x])", "unknown([x])", ""},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId call = snippet_find(&s, cases[i].call);
    const SinkFact *sink = call_sink(s.model, call);
    Str got = STR_NONE;
    if (sink != NULL) {
      NodeId argument = sink_argument(s.model, sink, call);
      got = str_printf_in(&s.arena, "%.*s %.*s", STR_ARGS(sink->name),
                          STR_ARGS(node_text(&s.tree, argument)));
    }
    CHECK_STR(got, cases[i].expected);
    snippet_close(&s);
  }
}

static bool takes(const char *code, const char *call_text, const char *argument) {
  Snippet s;
  snippet_open(&s, code);
  NodeId call = snippet_find(&s, call_text);
  const SinkFact *sink = call_sink(s.model, call);
  bool result =
      sink != NULL && sink_takes(s.model, sink, call, snippet_find(&s, argument));
  snippet_close(&s);
  return result;
}

TEST(call_sinks_take_their_arguments) {
  CHECK(takes("sum([a])", "sum([a])", "[a]"));
  CHECK(takes("sum(([a]))", "sum(([a]))", "[a]"));
  CHECK(takes("sum(a for a in b)", "sum(a for a in b)", "(a for a in b)"));
  CHECK(takes("max([a])", "max([a])", "[a]"));
  CHECK(!takes("max([a], [b])", "max([a], [b])", "[a]"));
  CHECK(takes("max([a], key=f)", "max([a], key=f)", "[a]"));
  CHECK(!takes("sum(x, [a])", "sum(x, [a])", "[a]"));
  CHECK(takes("zip([a], [b])", "zip([a], [b])", "[b]"));
  CHECK(takes("map(f, [a], [b])", "map(f, [a], [b])", "[b]"));
  CHECK(!takes("map([a], b)", "map([a], b)", "[a]"));
  CHECK(!takes("max(*[a])", "max(*[a])", "[a]"));
}

TEST(call_sinks_depend_on_the_version) {
  const SinkFact *mean = knowledge_sinks(knowledge_builtin(), STR("statistics.mean"));
  CHECK_INT(sink_kind_at(mean, 10), SINK_COPYING);
  CHECK_INT(sink_kind_at(mean, 11), SINK_STREAMING);
  CHECK(sink_holds(mean, (Target){9, 13}) && !sink_holds(mean, (Target){9, 10}));
  const SinkFact *list = knowledge_sinks(knowledge_builtin(), STR("builtins.list"));
  CHECK(!sink_holds(list, (Target){9, 13}));
}

typedef struct CallCase {
  const char *code, *call;
  bool starts, acts, pure;
} CallCase;

TEST(calls_start_act_or_compute) {
  static const CallCase cases[] = {
      {"pool.submit(f)", "pool.submit(f)", true, true, false},
      {"import asyncio as a\na.create_task(f())", "a.create_task(f())", true, false,
       false},
      {"t.delay(1)", "t.delay(1)", true, false, false},
      {"import subprocess\nsubprocess.Popen(x)", "subprocess.Popen(x)", true, false,
       false},
      {"w.wait()", "w.wait()", false, true, false},
      {"print(x)", "print(x)", false, true, false},
      {"x.lower()", "x.lower()", false, false, true},
      {"len(x)", "len(x)", false, false, true},
      {"def len(x): pass\nlen(x)", "len(x)", false, false, false},
      {"','.join(x)", "','.join(x)", false, false, true},
      {"f(x)", "f(x)", false, false, false},
      {"x", "x", false, false, false},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId call = snippet_find(&s, cases[i].call);
    bool same = call_starts_work(s.model, call) == cases[i].starts &&
                call_acts(s.model, call) == cases[i].acts &&
                call_is_pure(s.model, call) == cases[i].pure;
    if (!same) CHECK_STR(cases[i].code, "other answers");
    snippet_close(&s);
  }
}

typedef struct CacheCase {
  const char *code;
  const char *name;  // "" = no cache
  int64_t maxsize;
} CacheCase;

TEST(cache_decorators) {
  static const CacheCase cases[] = {
      {"import functools\n@functools.cache\ndef f(): pass", "functools.cache", -1},
      {"from functools import lru_cache\n@lru_cache\ndef f(): pass",
       "functools.lru_cache", 128},
      {"from functools import lru_cache\n@lru_cache()\ndef f(): pass",
       "functools.lru_cache", 128},
      {"from functools import lru_cache\n@lru_cache(9)\ndef f(): pass",
       "functools.lru_cache", 9},
      {"from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"from functools import lru_cache\nN = None\n@lru_cache(maxsize=N)\ndef f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"from functools import lru_cache\n@lru_cache(maxsize=n)\ndef f(): pass",
       "functools.lru_cache", CACHE_SIZE_UNKNOWN},
      {"import functools\nmemo = functools.lru_cache(maxsize=None)\n@memo\n"
       "def f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"from async_lru import alru_cache\n@alru_cache(maxsize=3)\nasync def f(): pass",
       "async_lru.alru_cache", 3},
      {"from cachetools import cached\n@cached({})\ndef f(): pass", "cachetools.cached",
       CACHE_UNBOUNDED},
      {"from cachetools import cached, LRUCache\n@cached(LRUCache(9))\ndef f(): pass",
       "cachetools.cached", 9},
      {"from cachetools import cached\n@cached(cache={})\ndef f(): pass",
       "cachetools.cached", CACHE_UNBOUNDED},
      {"from functools import lru_cache, partial\nm = partial(lru_cache, maxsize=None)\n"
       "@m\ndef f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"from functools import lru_cache, partial\nm = partial(lru_cache, maxsize=None)\n"
       "@m()\ndef f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"from functools import lru_cache, partial\nm = partial(lru_cache, maxsize=None)\n"
       "@m(maxsize=9)\ndef f(): pass",
       "functools.lru_cache", 9},
      {"if x:\n  from functools import cache\nelse:\n  from functools import lru_cache\n"
       "  cache = lru_cache(maxsize=None)\n@cache\ndef f(): pass",
       "functools.cache", CACHE_UNBOUNDED},
      {"try:\n  import functools\n  c = functools.cache\nexcept AttributeError:\n"
       "  c = functools.lru_cache(None)\n@c\ndef f(): pass",
       "functools.cache", CACHE_UNBOUNDED},
      {"if x:\n  from functools import lru_cache\nelse:\n"
       "  from backports.functools_lru_cache import lru_cache\n"
       "@lru_cache(maxsize=None)\ndef f(): pass",
       "functools.lru_cache", CACHE_UNBOUNDED},
      {"if x:\n  from functools import cache\nelse:\n  from functools import lru_cache\n"
       "  cache = lru_cache(maxsize=9)\n@cache\ndef f(): pass",
       "functools.cache", CACHE_SIZE_UNKNOWN},
      {"if x:\n  from functools import cache\nelse:\n  from mine import cache\n"
       "@cache\ndef f(): pass",
       "", 0},
      {"@cache\ndef f(): pass", "", 0},
      {"import functools\n@functools.wraps(g)\ndef f(): pass", "", 0},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId decorator = NO_NODE;
    for (uint32_t n = 1; n < s.tree.count; n++) {
      if (node_is(&s.tree, (NodeId){n}, PY_DECORATOR)) decorator = (NodeId){n};
    }
    CacheUse use = cache_of_decorator(s.model, decorator);
    CHECK_STR(use.fact != NULL ? use.fact->name : STR_NONE, cases[i].name);
    if (use.maxsize != cases[i].maxsize) CHECK_STR(cases[i].code, "another size");
    snippet_close(&s);
  }
}

TEST(caches_by_call) {
  static const struct {
    const char *code;
    const char *function;  // "" = no cache is applied
    int64_t maxsize;
  } cases[] = {
      {"g = functools.lru_cache(maxsize=None)(f)", "def f(a): pass", CACHE_UNBOUNDED},
      {"g = functools.lru_cache(f)", "def f(a): pass", 128},
      {"g = functools.cache(f)", "def f(a): pass", CACHE_UNBOUNDED},
      {"g = functools.cache(lambda a: a)", "lambda a: a", CACHE_UNBOUNDED},
      {"g = functools.lru_cache(9)(lambda a: a)", "lambda a: a", 9},
      {"m = functools.partial(functools.lru_cache, maxsize=7)\ng = m()(f)",
       "def f(a): pass", 7},
      {"f = functools.cache(f)", "def f(a): pass", CACHE_UNBOUNDED},
      {"g = functools.cache(f)(lambda a: a)", "", 0},
      {"g = functools.lru_cache(None)", "", 0},
      {"g = functools.cache(unknown)", "", 0},
      {"c = functools.cache(f)\ng = c(f)", "", 0},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    char code[256];
    snprintf(code, sizeof code, "import functools\ndef f(a): pass\n%s\n",
             cases[i].code);
    snippet_open(&s, code);
    NodeId call = NO_NODE;
    for (uint32_t n = 1; n < s.tree.count; n++) {
      if (node_is(&s.tree, (NodeId){n}, PY_ASSIGNMENT))
        call = node_field(&s.tree, (NodeId){n}, FIELD_RIGHT);
    }
    CacheUse use = {0};
    NodeId function = cache_applied_to(s.model, call, &use);
    CHECK_STR(node_text(&s.tree, function), cases[i].function);
    if (node_ok(function)) CHECK_INT(use.maxsize, cases[i].maxsize);
    snippet_close(&s);
  }
}

TEST(base_facts) {
  Snippet s;
  snippet_open(
      &s, "import enum\nfrom typing import Generic\nimport typing_extensions as t\n"
          "class A(enum.Enum): pass\nclass B(Generic[T]): pass\n"
          "class C(t.Protocol): pass\nclass D(Other): pass\n");
  const BaseFact *fact = base_fact(s.model, snippet_find(&s, "enum.Enum"));
  CHECK(fact != NULL && (fact->flags & BASE_ENUM) != 0);
  fact = base_fact(s.model, snippet_find(&s, "Generic[T]"));
  CHECK(fact != NULL && fact->slots == SLOTS_OK);
  fact = base_fact(s.model, snippet_find(&s, "t.Protocol"));
  CHECK(fact != NULL && (fact->flags & BASE_PROTOCOL) != 0);
  CHECK(base_fact(s.model, snippet_find(&s, "Other")) == NULL);
  snippet_close(&s);
}
