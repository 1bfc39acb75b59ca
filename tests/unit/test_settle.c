#include <stdlib.h>

#include "lint/lint.h"
#include "snippet.h"
#include "test.h"

static uint32_t random_next(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 16;
}

static bool names(const Suppression *item, uint32_t rule) {
  return (item->rules[rule >> 6] >> (rule & 63) & 1) != 0;
}

static bool covers(const Suppression *item, uint32_t at) {
  return item->covers.start <= at && at <= item->covers.stop;
}

// What settling must say, found the slow way.
static bool silences(const Suppression *item, const Finding *finding) {
  bool lies_in = item->kind == SUPPRESS_FILE || covers(item, finding->span.start) ||
                 covers(item, finding->span.stop);
  return !finding->yielded && names(item, finding->rule_index) && lies_in;
}

typedef struct Case {
  Arena arena;
  Settings settings;  // no rule enabled: nothing is added to the findings
  SuppressionList list;
  Finding *findings;
  uint32_t count;
} Case;

static void case_fill(Case *self, uint32_t findings, uint32_t suppressions,
                      uint32_t length, uint32_t seed) {
  arena_init(&self->arena);
  self->count = findings;
  self->findings = arena_array(&self->arena, Finding, findings);
  self->list.count = suppressions;
  self->list.items = arena_array(&self->arena, Suppression, suppressions);
  for (uint32_t i = 0; i < findings; i++) {
    uint32_t rule = random_next(&seed) % 36 % rule_table.count;
    uint32_t start = random_next(&seed) % length;
    self->findings[i] = (Finding){.rule = rule_table.entries[rule].rule,
                                  .rule_index = rule,
                                  .span = {start, start + random_next(&seed) % 9}};
  }
  for (uint32_t i = 0; i < suppressions; i++) {
    Suppression *item = &self->list.items[i];
    uint32_t start = random_next(&seed) % length, rule = random_next(&seed) % 9;
    item->kind = random_next(&seed) % 50 == 0 ? SUPPRESS_FILE : SUPPRESS_LINE;
    item->covers = item->kind == SUPPRESS_FILE
                       ? (Span){0, length + 9}
                       : (Span){start, start + random_next(&seed) % 12};
    item->rules[0] = UINT64_C(1) << rule % rule_table.count;
  }
}

static void case_settle(Case *self) {
  static const char text[] = "pass\n";
  Source source = {.text = STR(text)};
  lint_settle(&rule_table, &self->settings, &self->arena, &source, &self->list, true,
              &self->findings, &self->count);
}

TEST(settle_suppresses_what_comparing_all_with_all_would) {
  uint32_t silenced = 0, unused = 0;
  for (uint32_t round = 0; round < 60; round++) {
    Case c = {0};
    case_fill(&c, 40, 25, 300, round + 1);
    case_settle(&c);
    CHECK_INT(c.count, 40);
    for (uint32_t f = 0; f < c.count; f++) {
      bool expected = false;
      for (uint32_t s = 0; s < c.list.count; s++) {
        expected = expected || silences(&c.list.items[s], &c.findings[f]);
      }
      CHECK(c.findings[f].suppressed == expected);
      silenced += expected;
    }
    for (uint32_t s = 0; s < c.list.count; s++) {
      bool expected = false;
      for (uint32_t f = 0; f < c.count; f++) {
        expected = expected || silences(&c.list.items[s], &c.findings[f]);
      }
      CHECK(c.list.items[s].used == expected);
      unused += !expected;
    }
    arena_release(&c.arena);
  }
  CHECK(silenced > 30 && unused > 30);  // both happen often, whatever rules there are
}

TEST(settle_takes_findings_and_suppressions_by_the_ten_thousand) {
  Case c = {0};
  case_fill(&c, 200000, 100000, 60000, 7);
  case_settle(&c);
  uint32_t silenced = 0;
  for (uint32_t f = 0; f < c.count; f++) silenced += c.findings[f].suppressed;
  CHECK_INT(c.count, 200000);
  CHECK(silenced > 10000);
  arena_release(&c.arena);
}

// The smallest node that covers a span, found from the top.
static NodeId node_covering(const Tree *t, uint32_t start, uint32_t stop) {
  NodeId best = {1};
  for (NodeId c = node_first(t, best); node_ok(c);) {
    bool is_in = node_start(t, c) <= start && stop <= node_stop(t, c);
    if (is_in) best = c;
    c = is_in ? node_first(t, c) : node_next(t, c);
  }
  return best;
}

TEST(tree_node_at_finds_the_smallest_node) {
  static const char text[] =
      "\n# first\n@d(1)\nclass A(b):\n  '''doc'''\n  def f(self, x=(1, [2])):\n"
      "    if x: return f\"{x!r:>{self}}\"\n    elif (y := x): z\n    else: pass\n\n"
      "for i in range(3): print(i, *i, sep='')\nx = (\n";
  Snippet s;
  snippet_open(&s, text);
  uint32_t length = s.source.text.n;
  for (uint32_t start = 0; start < length; start++) {
    for (uint32_t stop = start + 1; stop <= length && stop < start + 40; stop++) {
      NodeId want = node_covering(&s.tree, start, stop);
      CHECK_INT(tree_node_at(&s.tree, start, stop).i, want.i);
    }
  }
  snippet_close(&s);
}
