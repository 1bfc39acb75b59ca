#include "semantic/context.h"

#include "snippet.h"
#include "test.h"

typedef struct FlagCase {
  const char *code;
  uint32_t has, lacks;  // at the name `here`
} FlagCase;

static void check_flags(const FlagCase *cases, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    NodeId here = snippet_find(&s, "here");
    if (!node_ok(here)) CHECK_STR("not found", cases[i].code);
    uint32_t flags = context_of(s.model, here).flags;
    if ((flags & cases[i].has) != cases[i].has || (flags & cases[i].lacks) != 0) {
      CHECK_STR(cases[i].code, "another context");
    }
    snippet_close(&s);
  }
}

#define CHECK_FLAGS(cases) check_flags(cases, sizeof(cases) / sizeof(cases)[0])

TEST(context_loops) {
  static const FlagCase cases[] = {
      {"for x in y:\n    here", CONTEXT_LOOP, CONTEXT_COMPREHENSION},
      {"for x in here:\n    pass", 0, CONTEXT_LOOP},
      {"for x in y:\n    pass\nelse:\n    here", 0, CONTEXT_LOOP},
      {"while here:\n    pass", CONTEXT_LOOP, 0},
      {"while x:\n    here", CONTEXT_LOOP, CONTEXT_WORKER},
      {"while x:\n    pass\nelse:\n    here", 0, CONTEXT_LOOP},
      {"for x in y:\n    if z:\n        with a:\n            here", CONTEXT_LOOP, 0},
      {"for x in y:\n    def f():\n        here", 0, CONTEXT_LOOP},
      {"for x in y:\n    f = lambda: here", 0, CONTEXT_LOOP},
      {"for x in y:\n    def f(a=here): pass", CONTEXT_LOOP, 0},
      {"for x in y:\n    class C:\n        here", CONTEXT_LOOP, 0},
      {"[here for x in y]", CONTEXT_COMPREHENSION, CONTEXT_LOOP},
      {"[x for x in here]", 0, CONTEXT_COMPREHENSION},
      {"[x for x in y if here]", CONTEXT_COMPREHENSION, 0},
      {"[x for x in y for z in here]", CONTEXT_COMPREHENSION, 0},
      {"{here: 1 for x in y}", CONTEXT_COMPREHENSION, 0},
      {"f(here for x in y)", CONTEXT_COMPREHENSION, 0},
  };
  CHECK_FLAGS(cases);
}

TEST(context_workers) {
  static const FlagCase cases[] = {
      {"while True:\n    here", CONTEXT_LOOP | CONTEXT_WORKER, 0},
      {"while 1:\n    if x:\n        here", CONTEXT_WORKER, 0},
      {"while True:\n    here\n    break", CONTEXT_LOOP, CONTEXT_WORKER},
      {"while True:\n    for x in y:\n        break\n    here", CONTEXT_WORKER, 0},
      {"def f():\n    while True:\n        here\n        if x:\n            return", 0,
       CONTEXT_WORKER},
      {"def f():\n    while True:\n        for a in b:\n            return\n        here",
       0, CONTEXT_WORKER},
      {"while True:\n    def f():\n        return\n    here", CONTEXT_WORKER, 0},
      {"while True:\n    for x in y:\n        here", CONTEXT_WORKER, 0},
      {"while True:\n    def f():\n        here", 0, CONTEXT_WORKER},
      {"for m in consumer:\n    here", CONTEXT_WORKER, 0},
      {"for m in self.kafka_consumer:\n    here", CONTEXT_WORKER, 0},
      {"for m in pubsub.listen():\n    here", CONTEXT_WORKER, 0},
      {"for m in iter(q.get, None):\n    here", CONTEXT_WORKER, 0},
      {"import itertools\nfor m in itertools.count():\n    here", CONTEXT_WORKER, 0},
      {"for m in consumers_list:\n    here", 0, CONTEXT_WORKER},
      {"for m in rows:\n    here", CONTEXT_LOOP, CONTEXT_WORKER},
      {"while True:\n    x\nelse:\n    here", 0, CONTEXT_WORKER},
  };
  CHECK_FLAGS(cases);
}

TEST(context_handlers) {
  static const FlagCase cases[] = {
      {"@app.route('/x')\ndef f():\n    here", CONTEXT_HANDLER, 0},
      {"@router.get('/x')\nasync def f():\n    here", CONTEXT_HANDLER | CONTEXT_ASYNC,
       0},
      {"@cache.get('x')\ndef f():\n    here", 0, CONTEXT_HANDLER},
      {"@router.get(here)\ndef f():\n    pass", 0, CONTEXT_HANDLER},
      {"from celery import shared_task\n@shared_task\ndef f():\n    here",
       CONTEXT_HANDLER, 0},
      {"@app.task(bind=True)\ndef f(self):\n    here", CONTEXT_HANDLER, 0},
      {"@app.before_request\ndef f():\n    here", CONTEXT_HANDLER, 0},
      {"def lambda_handler(event, context):\n    here", CONTEXT_HANDLER, 0},
      {"def lambda_handler(event):\n    here", 0, CONTEXT_HANDLER},
      {"from http.server import BaseHTTPRequestHandler\n"
       "class H(BaseHTTPRequestHandler):\n    def do_GET(self):\n        here",
       CONTEXT_HANDLER | CONTEXT_METHOD, 0},
      {"from http.server import BaseHTTPRequestHandler\n"
       "class B(BaseHTTPRequestHandler): pass\n"
       "class H(B):\n    def do_GET(self):\n        here",
       CONTEXT_HANDLER, 0},
      {"from http.server import BaseHTTPRequestHandler\n"
       "class H(BaseHTTPRequestHandler):\n    def __init__(self):\n        here",
       0, CONTEXT_HANDLER},
      {"@app.route('/x')\ndef f():\n    def g():\n        here",
       CONTEXT_HANDLER | CONTEXT_NESTED, 0},
      {"@functools.wraps(x)\ndef f():\n    here", 0, CONTEXT_HANDLER},
  };
  CHECK_FLAGS(cases);
}

TEST(context_places) {
  static const FlagCase cases[] = {
      {"here", CONTEXT_IMPORT_TIME, CONTEXT_MAIN_GUARD | CONTEXT_TEST},
      {"class C:\n    here", CONTEXT_IMPORT_TIME, 0},
      {"def f():\n    here", 0, CONTEXT_IMPORT_TIME},
      {"def f(a=here): pass", CONTEXT_IMPORT_TIME, 0},
      {"@here\ndef f(): pass", CONTEXT_IMPORT_TIME, 0},
      {"def f():\n    class C:\n        here", 0, CONTEXT_IMPORT_TIME},
      {"x = lambda: here", 0, CONTEXT_IMPORT_TIME},
      {"if __name__ == '__main__':\n    here", CONTEXT_MAIN_GUARD, CONTEXT_BRANCH},
      {"if '__main__' == __name__:\n    here", CONTEXT_MAIN_GUARD, 0},
      {"if __name__ == '__main__':\n    pass\nelse:\n    here", CONTEXT_BRANCH,
       CONTEXT_MAIN_GUARD},
      {"if __name__ != '__main__':\n    here", CONTEXT_BRANCH, CONTEXT_MAIN_GUARD},
      {"if x:\n    here", CONTEXT_BRANCH, 0},
      {"if here:\n    pass", 0, CONTEXT_BRANCH},
      {"match x:\n    case 1:\n        here", CONTEXT_BRANCH, 0},
      {"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    here",
       CONTEXT_TYPE_CHECKING, 0},
      {"def f(a: here): pass", CONTEXT_ANNOTATION, 0},
      {"def f() -> here: pass", CONTEXT_ANNOTATION, 0},
      {"x: here = 1", CONTEXT_ANNOTATION, 0},
      {"def f():\n    yield here", CONTEXT_GENERATOR, CONTEXT_ASYNC},
      {"class C:\n    def f(self):\n        here", CONTEXT_METHOD, CONTEXT_NESTED},
      {"class C:\n    @x\n    def f(self):\n        here", CONTEXT_METHOD, 0},
      {"def test_x():\n    here", CONTEXT_TEST, 0},
      {"class TestX:\n    def test_x(self):\n        here", CONTEXT_TEST, 0},
      {"class Client:\n    def test_connection(self):\n        here", 0, CONTEXT_TEST},
      {"import unittest\nclass A(unittest.TestCase):\n    def helper(self):\n        here",
       CONTEXT_TEST, 0},
      {"import unittest\nclass B(unittest.TestCase): pass\n"
       "class A(B):\n    def helper(self):\n        here",
       CONTEXT_TEST, 0},
  };
  CHECK_FLAGS(cases);
}

TEST(context_try_and_with) {
  static const FlagCase cases[] = {
      {"try:\n    here\nexcept E:\n    pass", CONTEXT_TRY, CONTEXT_EXCEPT},
      {"try:\n    pass\nexcept E:\n    here", CONTEXT_EXCEPT, CONTEXT_TRY},
      {"try:\n    pass\nexcept here:\n    pass", CONTEXT_EXCEPT, CONTEXT_TRY},
      {"try:\n    pass\nexcept E:\n    pass\nelse:\n    here", 0,
       CONTEXT_TRY | CONTEXT_EXCEPT},
      {"try:\n    pass\nfinally:\n    here", CONTEXT_FINALLY, CONTEXT_TRY},
      {"with a:\n    here", CONTEXT_WITH, 0},
      {"with here:\n    pass", 0, CONTEXT_WITH},
      {"with a:\n    def f():\n        here", 0, CONTEXT_WITH},
      {"try:\n    def f():\n        here\nexcept E:\n    pass", 0, CONTEXT_TRY},
  };
  CHECK_FLAGS(cases);
}

TEST(context_of_test_files) {
  Snippet s;
  ModelOptions options = {.knowledge = knowledge_builtin(), .is_test = true};
  snippet_open_bytes(&s, STR("def f():\n    here\n"), &options);
  CHECK((context_of(s.model, snippet_find(&s, "here")).flags & CONTEXT_TEST) != 0);
  snippet_close(&s);
}

TEST(context_depth_loop_function_and_class) {
  Snippet s;
  snippet_open(&s, "class C:\n"
                   "    def f(self):\n"
                   "        for x in y:\n"
                   "            while z:\n"
                   "                [[here for b in c] for d in e]\n");
  Context at = context_of(s.model, snippet_find(&s, "here"));
  CHECK_INT(at.loop_depth, 4);
  CHECK(node_is(&s.tree, at.loop, PY_LIST_COMPREHENSION));
  CHECK(node_text_is(&s.tree, at.loop, "[here for b in c]"));
  CHECK(node_is(&s.tree, at.function, PY_FUNCTION_DEFINITION));
  CHECK(node_is(&s.tree, at.owner, PY_CLASS_DEFINITION));
  CHECK(context_is_hot(at));
  Context outer = context_of(s.model, snippet_find(&s, "y"));
  CHECK_INT(outer.loop_depth, 0);
  CHECK(!node_ok(outer.loop) && !context_is_hot(outer));
  snippet_close(&s);
}

TEST(context_around) {
  Snippet s;
  snippet_open(&s, "def f():\n"
                   "    with a as b, c:\n"
                   "        for x in y:\n"
                   "            try:\n"
                   "                with d:\n"
                   "                    here\n"
                   "            except E:\n"
                   "                pass\n"
                   "def g():\n"
                   "    there\n");
  NodeId here = snippet_find(&s, "here");
  const char *items[] = {"d", "a as b", "c"};
  NodeId with = NO_NODE;
  for (uint32_t i = 0; i < 3; i++) {
    with = with_around(s.model, here, with);
    CHECK_STR(node_text(&s.tree, with), items[i]);
  }
  CHECK(!node_ok(with_around(s.model, here, with)));
  NodeId try = try_around(s.model, here, NO_NODE);
  CHECK(node_is(&s.tree, try, PY_TRY_STATEMENT));
  CHECK(!node_ok(try_around(s.model, here, try)));
  NodeId loop = loop_around(s.model, here, NO_NODE);
  CHECK(node_is(&s.tree, loop, PY_FOR_STATEMENT));
  CHECK(!node_ok(loop_around(s.model, here, loop)));
  NodeId there = snippet_find(&s, "there");
  CHECK(!node_ok(with_around(s.model, there, NO_NODE)));
  CHECK(!node_ok(try_around(s.model, there, NO_NODE)));
  snippet_close(&s);
}

typedef struct CatchCase {
  const char *code, *exception;
  Answer answer;
} CatchCase;

TEST(context_catches_exceptions) {
  static const CatchCase cases[] = {
      {"try:\n    here\nexcept IndexError:\n    pass", "builtins.IndexError",
       ANSWER_YES},
      {"try:\n    here\nexcept LookupError:\n    pass", "builtins.IndexError",
       ANSWER_YES},
      {"try:\n    here\nexcept (A, KeyError) as e:\n    pass", "builtins.KeyError",
       ANSWER_YES},
      {"try:\n    here\nexcept:\n    pass", "builtins.StopIteration", ANSWER_YES},
      {"try:\n    here\nexcept Exception:\n    pass", "builtins.ValueError",
       ANSWER_YES},
      {"try:\n    here\nexcept IOError:\n    pass", "builtins.FileNotFoundError",
       ANSWER_YES},
      {"try:\n    here\nexcept IndexError:\n    pass", "builtins.KeyError", ANSWER_NO},
      {"try:\n    here\nexcept IndexError:\n    pass", "builtins.LookupError",
       ANSWER_NO},
      {"try:\n    pass\nexcept IndexError:\n    here", "builtins.IndexError",
       ANSWER_NO},
      {"try:\n    pass\nexcept IndexError:\n    pass\nelse:\n    here",
       "builtins.IndexError", ANSWER_NO},
      {"try:\n    here\nfinally:\n    pass", "builtins.IndexError", ANSWER_NO},
      {"here", "builtins.IndexError", ANSWER_NO},
      {"try:\n    def f():\n        here\nexcept IndexError:\n    pass",
       "builtins.IndexError", ANSWER_NO},
      {"try:\n    try:\n        here\n    except KeyError:\n        pass\n"
       "except IndexError:\n    pass",
       "builtins.IndexError", ANSWER_YES},
      {"from contextlib import suppress\nwith suppress(KeyError):\n    here",
       "builtins.KeyError", ANSWER_YES},
      {"from contextlib import suppress as s\nwith a, s(IndexError, KeyError) as x:\n"
       "    here",
       "builtins.KeyError", ANSWER_YES},
      {"class C:\n    def __exit__(self, *e):\n        return True\nwith C():\n    here",
       "builtins.KeyError", ANSWER_UNKNOWN},
      {"class C:\n    def __exit__(self, *e):\n        return False\nwith C():\n    here",
       "builtins.KeyError", ANSWER_NO},
      {"@contextlib.contextmanager\ndef c():\n    try:\n        yield\n"
       "    except OSError:\n        pass\nwith c():\n    here",
       "builtins.KeyError", ANSWER_UNKNOWN},
      {"import pytest\nwith pytest.raises(IndexError):\n    here",
       "builtins.IndexError", ANSWER_YES},
      {"with self.assertRaises(IndexError):\n    here", "builtins.IndexError",
       ANSWER_YES},
      {"E = (IndexError, KeyError)\ntry:\n    here\nexcept E:\n    pass",
       "builtins.KeyError", ANSWER_YES},
      {"try:\n    here\nexcept errors():\n    pass", "builtins.KeyError",
       ANSWER_UNKNOWN},
      {"class E(Exception): pass\ntry:\n    here\nexcept E:\n    pass",
       "builtins.KeyError", ANSWER_NO},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    Answer got = context_catches(s.model, snippet_find(&s, "here"), cases[i].exception);
    if (got != cases[i].answer) CHECK_STR(cases[i].code, cases[i].exception);
    CHECK_INT(got, cases[i].answer);
    snippet_close(&s);
  }
}

TEST(context_caught_lists_names) {
  Snippet s;
  snippet_open(&s, "try:\n    try:\n        here\n    except KeyError:\n        pass\n"
                   "except:\n    pass\n");
  CaughtList caught = context_caught(s.model, snippet_find(&s, "here"));
  CHECK_INT(caught.count, 2);
  if (caught.count == 2) {
    CHECK_STR(caught.items[0], "builtins.KeyError");
    CHECK_STR(caught.items[1], "builtins.BaseException");
  }
  snippet_close(&s);
}

TEST(context_survives_depth) {
  Arena arena;
  arena_init(&arena);
  Buf text = buf_in(&arena);
  buf_add_text(&text, "x = ");
  for (uint32_t i = 0; i < 20000; i++) buf_add_text(&text, "[a for b in ");
  buf_add_text(&text, "c");
  for (uint32_t i = 0; i < 20000; i++) buf_add_text(&text, "]");
  Snippet s;
  ModelOptions options = {.knowledge = knowledge_builtin()};
  snippet_open_bytes(&s, buf_str(&text), &options);
  for (uint32_t i = 1; i < s.tree.count; i += 97) {
    CHECK(context_of(s.model, (NodeId){i}).loop_depth <= 1);
    context_caught(s.model, (NodeId){i});
  }
  snippet_close(&s);
  arena_release(&arena);
}

TEST(context_knows_loops) {
  Snippet s;
  snippet_open(&s, "while True:\n    a\n"
                   "while x:\n    b\n"
                   "for m in consumer:\n    c\n");
  NodeId first = loop_around(s.model, snippet_find(&s, "a"), NO_NODE);
  NodeId second = loop_around(s.model, snippet_find(&s, "b"), NO_NODE);
  NodeId third = loop_around(s.model, snippet_find(&s, "c"), NO_NODE);
  CHECK(loop_is_endless(s.model, first) && loop_is_worker(s.model, first));
  CHECK(!loop_is_endless(s.model, second) && !loop_is_worker(s.model, second));
  CHECK(!loop_is_endless(s.model, third) && loop_is_worker(s.model, third));
  snippet_close(&s);
}
