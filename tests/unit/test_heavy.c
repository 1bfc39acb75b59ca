#include "semantic/heavy.h"

#include "snippet_part.h"
#include "test.h"

// `RHS` of `x = RHS`, and the other mentions of `x` in it.
typedef struct HeavyCase {
  const char *code;
  HeavyKind kind;
  SizeWhy why;
} HeavyCase;

static void heavy_check(const HeavyCase *cases, size_t count, int line) {
  for (size_t i = 0; i < count; i++) {
    Snippet s;
    snippet_open(&s, cases[i].code);
    const Def *def = def_get(s.model, def_at(s.model, part_first(&s, "x")));
    CHECK(node_ok(def->value));
    Heavy heavy = heavy_of(s.model, def->value);
    bool is_right = heavy.kind == cases[i].kind && heavy.why == cases[i].why;
    test_check_str(is_right ? STR("right") : STR("wrong"), STR("right"), cases[i].code,
                   __FILE__, line);
    snippet_close(&s);
  }
}
#define HEAVY(...) \
  do { \
    static const HeavyCase cases[] = {__VA_ARGS__}; \
    heavy_check(cases, sizeof cases / sizeof cases[0], __LINE__); \
  } while (0)

TEST(heavy_by_value) {
  HEAVY({"x = open(p).read()\n", HEAVY_TEXT, WHY_FILE},
        {"x = open(p).read(9)\n", HEAVY_NOT, WHY_NONE},
        {"x = open(p)\n", HEAVY_NOT, WHY_NONE},
        {"x = open(p).readlines()\n", HEAVY_ITEMS, WHY_FILE},
        {"x = open(p).readline()\n", HEAVY_NOT, WHY_NONE},
        {"x = [a for a in open(p)]\n", HEAVY_ITEMS, WHY_FILE},
        {"x = list(range(1000000))\n", HEAVY_ITEMS, WHY_RANGE},
        {"x = list(range(n))\n", HEAVY_NOT, WHY_NONE},
        {"x = open(p).read() if p else ''\n", HEAVY_TEXT, WHY_FILE},
        {"x = c and open(p).read()\n", HEAVY_TEXT, WHY_FILE},
        {"def f(p):\n t = open(p).read()\n x = t\n", HEAVY_TEXT, WHY_FILE},
        {"def f(p):\n x = p\n", HEAVY_NOT, WHY_NONE},
        {"def f(self):\n x = self.text\n", HEAVY_NOT, WHY_NONE});
}

TEST(heavy_by_table) {
  HEAVY(
      {"import json\nx = json.load(open(p))\n", HEAVY_OBJECTS, WHY_FILE},
      {"import json\nx = json.loads(open(p).read())\n", HEAVY_OBJECTS, WHY_FILE},
      {"import json\nx = json.loads('{}')\n", HEAVY_NOT, WHY_NONE},
      {"import requests\nx = requests.get(u)\n", HEAVY_RESPONSE, WHY_NETWORK},
      {"import requests\nx = requests.get(u, stream=True)\n", HEAVY_NOT, WHY_NONE},
      {"import requests\nx = requests.get(u, stream=False)\n", HEAVY_RESPONSE,
       WHY_NETWORK},
      {"import requests\nx = requests.get(u).text\n", HEAVY_TEXT, WHY_NETWORK},
      {"import pandas as pd\nx = pd.read_csv('a.csv')\n", HEAVY_TABLE, WHY_FILE},
      {"import pandas as pd\nx = pd.read_csv(p, chunksize=9)\n", HEAVY_NOT, WHY_NONE},
      {"import pandas as pd\nx = pd.DataFrame({'a': [1]})\n", HEAVY_NOT, WHY_NONE},
      {"import numpy as np\nx = np.load(p)\n", HEAVY_ARRAY, WHY_FILE},
      {"import numpy as np\nx = np.load(p, mmap_mode='r')\n", HEAVY_NOT, WHY_NONE},
      {"import numpy as np\nx = np.zeros((1000, 1000))\n", HEAVY_ARRAY, WHY_RANGE},
      {"import numpy as np\nx = np.zeros((3, 3))\n", HEAVY_NOT, WHY_NONE},
      {"import numpy as np\nx = np.zeros(n, int)\n", HEAVY_NOT, WHY_NONE},
      {"import torch\nx = torch.zeros(n, k)\n", HEAVY_ARRAY, WHY_RANGE},
      {"from lxml import etree\nx = etree.parse(p).getroot()\n", HEAVY_TREE, WHY_FILE});
}

// The second mention of `x` is what is read.
static void kept_check(const char *code, bool want, int line) {
  Snippet s;
  snippet_open(&s, code);
  const Def *def = def_get(s.model, def_at(s.model, part_first(&s, "x")));
  Heavy heavy = heavy_of(s.model, def->value);
  NodeId read = ref_get(s.model, ref_first(s.model, def->binding))->node;
  bool is_kept = heavy_is_kept(s.model, heavy, read);
  test_check_str(is_kept ? STR("kept") : STR("let go"),
                 want ? STR("kept") : STR("let go"), code, __FILE__, line);
  snippet_close(&s);
}
#define KEPT(code) \
  kept_check("import json, re, weakref\ndef f(self, p, g):\n" code, true, __LINE__)
#define LET_GO(code) \
  kept_check("import json, re, weakref\ndef f(self, p, g):\n" code, false, __LINE__)

TEST(heavy_texts_that_others_hold) {
  LET_GO(" x = open(p).read()\n return len(x)\n");
  LET_GO(" x = open(p).read()\n return x\n");
  LET_GO(" x = open(p).read()\n self.rows = json.loads(x)\n");
  LET_GO(" x = open(p).read()\n self.head = x[:9]\n");
  LET_GO(" x = open(p).read()\n self.words = x.split()\n");
  LET_GO(" x = open(p).read()\n print(g(x))\n");
  KEPT(" x = open(p).read()\n self.text = x\n");
  KEPT(" x = open(p).read()\n self.texts.append(x)\n");
  KEPT(" x = open(p).read()\n y = x\n self.text = y\n");
  KEPT(" x = open(p).read()\n self.made = g(x)\n");
  KEPT(" x = open(p).read()\n self.text = x.strip()\n");
  KEPT(" x = open(p).read()\n self.match = re.search('a', x)\n");
  KEPT(" x = open(p, 'rb').read()\n self.view = memoryview(x)\n");
  KEPT(" x = open(p).read()\n self.model.fit(x)\n");
  KEPT(" x = open(p).read()\n self.ref = weakref.ref(x)\n");
}

TEST(heavy_things_whose_parts_others_hold) {
  LET_GO(" x = json.load(open(p))\n return x['a']\n");
  LET_GO(" x = json.load(open(p))\n for y in x: print(y)\n");
  LET_GO(" x = json.load(open(p))\n self.size = len(x)\n");
  KEPT(" x = json.load(open(p))\n self.part = x['a']\n");
  KEPT(" x = json.load(open(p))\n for y in x: self.all.append(y)\n");
  KEPT(" x = json.load(open(p))\n self.all = [y for y in x]\n");
  KEPT(" x = json.load(open(p))\n self.all = sorted(x)\n");
}
