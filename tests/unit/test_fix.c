// Edits, import intents, overlapping fixes, and what becomes of the bytes.

#include "fix/fix.h"
#include "lint/edit.h"
#include "test.h"

typedef struct Fixture {
  Arena arena;
  Source source;
  Parser *parser;
  Tree tree;
} Fixture;

static void fixture_open(Fixture *self, Str bytes) {
  arena_init(&self->arena);
  self->parser = parser_new();
  Error err = error_in(&self->arena);
  CHECK(source_decode(&self->source, &self->arena, STR("x.py"), bytes, &err));
  CHECK(parser_parse(self->parser, &self->tree, &self->arena, &self->source, &err));
}

static void fixture_close(Fixture *self) {
  parser_free(self->parser);
  arena_release(&self->arena);
}

static NodeId find_kind(const Tree *t, PyKind kind) {
  for (uint32_t i = 1; i < t->count; i++) {
    if (t->nodes[i].kind == kind) return (NodeId){i};
  }
  return NO_NODE;
}

static Str apply(Fixture *self, const Finding *findings, uint32_t count) {
  FixResult result;
  Error err = error_in(&self->arena);
  bool done =
      fix_apply(&result, &self->arena, &self->tree, findings, count, FIX_SAFE, &err);
  return done ? result.bytes : STR("(nothing)");
}

static Finding finding_with(EditList *edits) {
  return (Finding){.fix = edits_fix(edits, FIX_SAFE, STR("t"), STR_NONE)};
}

static Str generator_of(const char *text) {
  static Fixture self;
  fixture_open(&self, str_from(text));
  EditList edits = edits_in(&self.arena);
  edit_brackets_to_generator(&edits, &self.tree,
                             find_kind(&self.tree, PY_LIST_COMPREHENSION));
  Finding finding = finding_with(&edits);
  Str copy = apply(&self, &finding, 1);
  static char kept[512];
  memcpy(kept, copy.p, copy.n);
  Str out = {kept, copy.n};
  fixture_close(&self);
  return out;
}

TEST(edit_brackets_become_what_the_place_needs) {
  CHECK_STR(generator_of("any([f(x) for x in y])\n"), "any(f(x) for x in y)\n");
  CHECK_STR(generator_of("sum([x for x in y], 1)\n"), "sum((x for x in y), 1)\n");
  CHECK_STR(generator_of("any([x for x in y],)\n"), "any((x for x in y),)\n");
  CHECK_STR(generator_of("any(  # a, b\n    [x for x in y])\n"),
            "any(  # a, b\n    x for x in y)\n");
  CHECK_STR(generator_of("for a in [x for x in y]: pass\n"),
            "for a in (x for x in y): pass\n");
  CHECK_STR(generator_of("a = ([x for x in y])\n"), "a = (x for x in y)\n");
  CHECK_STR(
      generator_of("any(\n    [\n        x\n        for x in y  # why\n    ]\n)\n"),
      "any(\n        x\n        for x in y  # why\n)\n");
}

static Str unwrapped(const char *text) {
  static Fixture self;
  fixture_open(&self, str_from(text));
  const Tree *t = &self.tree;
  NodeId call = find_kind(t, PY_CALL);
  NodeId inner = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  EditList edits = edits_in(&self.arena);
  Str out = STR("(refused)");
  static char kept[512];
  if (edit_unwrap(&edits, t, call, inner)) {
    Finding finding = finding_with(&edits);
    out = apply(&self, &finding, 1);
    memcpy(kept, out.p, out.n);
    out.p = kept;
  }
  fixture_close(&self);
  return out;
}

TEST(edit_unwrap_keeps_meaning_and_comments) {
  CHECK_STR(unwrapped("for a in list(b):\n    pass\n"), "for a in b:\n    pass\n");
  CHECK_STR(unwrapped("a = list(b or c)[0]\n"), "a = (b or c)[0]\n");
  CHECK_STR(unwrapped("a = list(b or c)\n"), "a = b or c\n");
  CHECK_STR(unwrapped("a = list(b +\n  c)\n"), "a = (b +\n  c)\n");
  CHECK_STR(unwrapped("f = [list(b +\n  c)]\n"), "f = [(b +\n  c)]\n");
  CHECK_STR(unwrapped("a = list(  # why\n  b)\n"), "(refused)");
}

static Str with_import(const char *text, const char *module, const char *name) {
  static Fixture self;
  fixture_open(&self, str_from(text));
  EditList edits = edits_in(&self.arena);
  edit_import(&edits, str_from(module), str_from(name));
  edit_insert(&edits, self.source.text.n, STR("# end\n"));
  Finding finding = finding_with(&edits);
  Str copy = apply(&self, &finding, 1);
  static char kept[512];
  memcpy(kept, copy.p, copy.n);
  Str out = {kept, copy.n};
  fixture_close(&self);
  return out;
}

TEST(fix_imports_go_where_people_put_them) {
  CHECK_STR(with_import("x = 1\n", "itertools", "islice"),
            "from itertools import islice\nx = 1\n# end\n");
  CHECK_STR(with_import("\"\"\"Doc.\"\"\"\nx = 1\n", "itertools", ""),
            "\"\"\"Doc.\"\"\"\nimport itertools\nx = 1\n# end\n");
  CHECK_STR(with_import("from __future__ import annotations\nx = 1\n", "os", ""),
            "from __future__ import annotations\nimport os\nx = 1\n# end\n");
  CHECK_STR(with_import("from . import a  # why\nx = 1\n", "os", ""),
            "from . import a  # why\nimport os\nx = 1\n# end\n");
  CHECK_STR(with_import("import a; import b\t# why\r\nx = 1\n", "os", ""),
            "import a; import b\t# why\r\nimport os\r\nx = 1\n# end\r\n");
  CHECK_STR(with_import("import a; x = 1  # why\n", "os", ""),
            "import a\nimport os; x = 1  # why\n# end\n");
  CHECK_STR(
      with_import("import os\nfrom functools import wraps\n", "functools", "cache"),
      "import os\nfrom functools import wraps, cache\n# end\n");
  CHECK_STR(
      with_import("from functools import (\n    wraps,\n)\n", "functools", "cache"),
      "from functools import (\n    wraps, cache,\n)\n# end\n");
  CHECK_STR(with_import("from functools import cache\n", "functools", "cache"),
            "from functools import cache\n# end\n");
  CHECK_STR(with_import("from functools import *\n", "functools", "cache"),
            "from functools import *\nfrom functools import cache\n# end\n");
}

TEST(fix_takes_whole_fixes_and_leaves_overlaps) {
  Fixture self;
  fixture_open(&self, STR("abcdef\n"));
  EditList first = edits_in(&self.arena), second = edits_in(&self.arena);
  EditList third = edits_in(&self.arena);
  edit_replace(&first, (Span){0, 3}, STR("X"));
  edit_replace(&second, (Span){2, 4}, STR("Y"));
  edit_replace(&second, (Span){5, 6}, STR("Z"));
  edit_replace(&third, (Span){5, 6}, STR("W"));
  Finding findings[] = {finding_with(&first), finding_with(&second),
                        finding_with(&third)};
  FixResult result;
  Error err = error_in(&self.arena);
  CHECK(fix_apply(&result, &self.arena, &self.tree, findings, 3, FIX_SAFE, &err));
  CHECK_STR(result.bytes, "XdeW\n");
  CHECK_INT(result.applied, 2);
  CHECK_INT(result.waiting, 1);
  fixture_close(&self);
}

TEST(fix_keeps_bom_line_ends_and_encoding) {
  Fixture self;
  fixture_open(&self, STR("\xEF\xBB\xBF"
                          "a = 1\r\nb = 2\r\n"));
  EditList edits = edits_in(&self.arena);
  edit_insert(&edits, 0, STR("import os\n"));
  Finding finding = finding_with(&edits);
  CHECK_STR(apply(&self, &finding, 1), "\xEF\xBB\xBF"
                                       "import os\r\na = 1\r\nb = 2\r\n");
  fixture_close(&self);

  fixture_open(&self, STR("# -*- coding: latin-1 -*-\ns = '\xE9'\nx = 1\n"));
  EditList latin = edits_in(&self.arena);
  uint32_t at = self.source.text.n - 2;
  edit_replace(&latin, (Span){at, at + 1}, STR("'\xC3\xBC'"));
  Finding second = finding_with(&latin);
  CHECK_STR(apply(&self, &second, 1),
            "# -*- coding: latin-1 -*-\ns = '\xE9'\nx = '\xFC'\n");
  EditList beyond = edits_in(&self.arena);
  edit_replace(&beyond, (Span){at, at + 1}, STR("\xE2\x82\xAC"));
  Finding third = finding_with(&beyond);
  CHECK_STR(apply(&self, &third, 1), "(nothing)");
  fixture_close(&self);
}
