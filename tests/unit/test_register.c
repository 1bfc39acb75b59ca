#include "semantic/heavy_key.h"
#include "semantic/once.h"
#include "semantic/publisher.h"
#include "semantic/register.h"
#include "semantic/varies.h"

#include "snippet.h"
#include "test.h"

// --- held ----------------------------------------------------------------------------

static HeldForm held_in(const Snippet *s, const char *text) {
  NodeId e = snippet_find(s, text);
  CHECK(node_ok(e));
  return held_of(s->model, e, self_around(s->model, e)).form;
}

TEST(held_sees_methods_closures_and_partials_of_self) {
  Snippet s;
  snippet_open(&s, "from functools import partial\n"
                   "class A:\n"
                   "  def __init__(self, given):\n"
                   "    self.given = given\n"
                   "    self.later = lambda: self.close()\n"
                   "    f(self.close)\n"
                   "    f(self.still)\n"
                   "    f(self.given)\n"
                   "    f(self.later)\n"
                   "    f(partial(self.close, 1))\n"
                   "    f(partial(print, given))\n"
                   "    f(lambda: self.given)\n"
                   "    f(lambda self: self.other)\n"
                   "    f(lambda x=self.given: x)\n"
                   "    f(type(self).close)\n"
                   "  def close(self): pass\n"
                   "  @staticmethod\n"
                   "  def still(): pass\n");
  CHECK_INT(held_in(&s, "self.close"), HELD_BOUND);
  CHECK_INT(held_in(&s, "self.still"), HELD_NOTHING);
  CHECK_INT(held_in(&s, "f(self.given)"), HELD_NOTHING);
  CHECK_INT(held_in(&s, "self.later"), HELD_LAMBDA);
  CHECK_INT(held_in(&s, "partial(self.close, 1)"), HELD_PARTIAL);
  CHECK_INT(held_in(&s, "partial(print, given)"), HELD_NOTHING);
  CHECK_INT(held_in(&s, "lambda: self.given"), HELD_LAMBDA);
  CHECK_INT(held_in(&s, "lambda self: self.other"), HELD_NOTHING);
  CHECK_INT(held_in(&s, "lambda x=self.given: x"), HELD_NOTHING);
  CHECK_INT(held_in(&s, "type(self).close"), HELD_NOTHING);
  snippet_close(&s);
}

// --- registered ----------------------------------------------------------------------

static RegisterKind registered_in(const Snippet *s, const char *text, bool *is_any) {
  NodeId node = snippet_find(s, text);
  CHECK(node_ok(node));
  Registered r = registered_of(s->model, node);
  *is_any = r.fact != NULL;
  return r.fact != NULL ? r.fact->kind : REGISTER_NAMED;
}

TEST(registered_knows_lists_hooks_and_methods) {
  Snippet s;
  bool any;
  snippet_open(&s, "import atexit, sys\nfrom sys import path as where\n"
                   "listen = BUS.subscribe\n"
                   "atexit.register(f)\n"
                   "where.append(1)\n"
                   "listen('x', f)\n"
                   "BUS.unsubscribe('x', f)\n"
                   "sys.path.index(1)\n"
                   "stack.callback(BUS.off, f)\n"
                   "del sys.path[0]\n");
  CHECK_INT(registered_in(&s, "atexit.register(f)", &any), REGISTER_KEEPS);
  CHECK_INT(registered_in(&s, "where.append(1)", &any), REGISTER_KEEPS);
  CHECK_INT(registered_in(&s, "listen('x', f)", &any), REGISTER_SUBSCRIBES);
  CHECK_INT(registered_in(&s, "BUS.unsubscribe('x', f)", &any), REGISTER_UNDOES);
  CHECK_INT(registered_in(&s, "BUS.off", &any), REGISTER_UNDOES);
  registered_in(&s, "sys.path.index(1)", &any);
  CHECK(!any);
  CHECK_INT(registered_in(&s, "sys.path", &any), REGISTER_UNDOES);
  snippet_close(&s);
}

// --- publishers ----------------------------------------------------------------------

static PublisherKind publisher_in(const Snippet *s, const char *call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(s->model, snippet_find(s, call), &method);
  CHECK(node_ok(receiver));
  return publisher_of(s->model, receiver).kind;
}

TEST(publishers_live_as_long_as_what_made_them) {
  Snippet s;
  snippet_open(
      &s, "import logging\nfrom hub import HUB\nclass Bus: pass\nBUS = Bus()\n"
          "def bus_of():\n  return BUS\n"
          "class A:\n"
          "  shared = Bus()\n"
          "  def __init__(self, bus, other=None):\n"
          "    self.bus = bus\n    self.own = Bus()\n    self.any = other or Bus()\n"
          "    local = Bus()\n"
          "    HUB.a(1)\n    BUS.b(1)\n    bus_of().c(1)\n    bus.d(1)\n"
          "    self.bus.e(1)\n    self.own.f(1)\n    self.any.g(1)\n    local.h(1)\n"
          "    self.shared.i(1)\n    logging.getLogger().j(1)\n    other.x().k(1)\n");
  CHECK_INT(publisher_in(&s, "HUB.a(1)"), PUBLISHER_LONG);
  CHECK_INT(publisher_in(&s, "BUS.b(1)"), PUBLISHER_LONG);
  CHECK_INT(publisher_in(&s, "bus_of().c(1)"), PUBLISHER_LONG);
  CHECK_INT(publisher_in(&s, "bus.d(1)"), PUBLISHER_GIVEN);
  CHECK_INT(publisher_in(&s, "self.bus.e(1)"), PUBLISHER_GIVEN);
  CHECK_INT(publisher_in(&s, "self.own.f(1)"), PUBLISHER_OWN);
  CHECK_INT(publisher_in(&s, "self.any.g(1)"), PUBLISHER_OWN);
  CHECK_INT(publisher_in(&s, "local.h(1)"), PUBLISHER_OWN);
  CHECK_INT(publisher_in(&s, "self.shared.i(1)"), PUBLISHER_LONG);
  CHECK_INT(publisher_in(&s, "logging.getLogger().j(1)"), PUBLISHER_LONG);
  CHECK_INT(publisher_in(&s, "other.x().k(1)"), PUBLISHER_UNKNOWN);
  snippet_close(&s);
}

// --- once ----------------------------------------------------------------------------

static OnceKind once_in(const Snippet *s, const char *text) {
  return once_of(s->model, snippet_find(s, text), NO_NODE);
}

TEST(once_knows_flags_from_options) {
  Snippet s;
  snippet_open(&s, "import os\nfrom functools import cache\n_done = False\n"
                   "def f(debug, items):\n"
                   "  global _done\n"
                   "  a()\n"
                   "  if debug: b()\n"
                   "  if os.environ.get('X'): c()\n"
                   "  if not _done:\n    _done = True\n    d()\n"
                   "  if debug not in items: e()\n"
                   "@cache\n"
                   "def g():\n  h()\n"
                   "class A:\n"
                   "  def run(self):\n"
                   "    if self.ready: return\n"
                   "    self.ready = True\n"
                   "    i()\n");
  CHECK_INT(once_in(&s, "a()"), ONCE_NOT);
  CHECK_INT(once_in(&s, "b()"), ONCE_NOT);
  CHECK_INT(once_in(&s, "c()"), ONCE_NOT);
  CHECK_INT(once_in(&s, "d()"), ONCE_FOR_ALL);
  CHECK_INT(once_in(&s, "e()"), ONCE_FOR_ALL);
  CHECK_INT(once_in(&s, "h()"), ONCE_FOR_ALL);
  CHECK_INT(once_in(&s, "i()"), ONCE_FOR_EACH);
  snippet_close(&s);
}

// --- varies --------------------------------------------------------------------------

static VariesBy varies_in(const Snippet *s, const char *text) {
  NodeId e = snippet_find(s, text);
  CHECK(node_ok(e));
  return varies_of(s->model, e).by;
}

TEST(varies_follows_loops_instances_and_calls) {
  Snippet s;
  snippet_open(&s, "import uuid\n"
                   "class A:\n"
                   "  def __init__(self, name, kind):\n"
                   "    self.name = name\n    self.kind = kind\n"
                   "    f('a' + str(uuid.uuid4()))\n"
                   "    f('b' + self.name)\n"
                   "    f('c' + self.kind)\n"
                   "    f('d' + type(self).__name__)\n"
                   "def run(items):\n"
                   "  for item in items:\n"
                   "    f('e' + item)\n    A(item, 'x')\n"
                   "  for item in ('x', 'y'):\n"
                   "    f('g' + item)\n"
                   "    f(len(item) % 8)\n");
  CHECK_INT(varies_in(&s, "'a' + str(uuid.uuid4())"), VARIES_EACH_TIME);
  CHECK_INT(varies_in(&s, "'b' + self.name"), VARIES_BY_INSTANCE);
  CHECK_INT(varies_in(&s, "'c' + self.kind"), VARIES_UNKNOWN);
  CHECK_INT(varies_in(&s, "'d' + type(self).__name__"), VARIES_NOT);
  CHECK_INT(varies_in(&s, "'e' + item"), VARIES_BY_ROUND);
  CHECK_INT(varies_in(&s, "'g' + item"), VARIES_NOT);
  CHECK_INT(varies_in(&s, "len(item) % 8"), VARIES_NOT);
  snippet_close(&s);
}

// --- heavy ---------------------------------------------------------------------------

static HeavyKeyWhy heavy_in(const Snippet *s, const char *name) {
  NodeId parameter = snippet_find_at(s, name, 0);
  DefId def = def_at(s->model, parameter);
  CHECK(def_ok(def));
  NodeId function = node_ancestor(&s->tree, parameter, PY_FUNCTION_DEFINITION);
  return heavy_key_parameter(s->model, function, def).why;
}

TEST(heavy_knows_what_holds_much_and_only_equals_itself) {
  Snippet s;
  snippet_open(&s, "import torch, requests\n"
                   "class Plain: pass\n"
                   "class Equal:\n"
                   "  def __eq__(self, other): return True\n"
                   "  def __hash__(self): return 1\n"
                   "def a(t1: torch.Tensor): pass\n"
                   "def b(s1: requests.Session): pass\n"
                   "def c(p1: Plain): pass\n"
                   "def d(e1: Equal): pass\n"
                   "def e(data1: bytes): pass\n"
                   "def f(key1: bytes): pass\n"
                   "def g(u1): return u1.META\n"
                   "def h(q1): pass\n"
                   "def i(n):\n  h(lambda: n)\n");
  CHECK_INT(heavy_in(&s, "t1"), HEAVY_KEY_TENSOR);
  CHECK_INT(heavy_in(&s, "s1"), HEAVY_KEY_SESSION);
  CHECK_INT(heavy_in(&s, "p1"), HEAVY_KEY_INSTANCE);
  CHECK_INT(heavy_in(&s, "e1"), HEAVY_KEY_NOT);
  CHECK_INT(heavy_in(&s, "data1"), HEAVY_KEY_BYTES);
  CHECK_INT(heavy_in(&s, "key1"), HEAVY_KEY_NOT);
  CHECK_INT(heavy_in(&s, "u1"), HEAVY_KEY_REQUEST);
  CHECK_INT(heavy_in(&s, "q1"), HEAVY_KEY_FUNCTION);
  snippet_close(&s);
}
