// From what rules said to what is shown: yielding, suppression, levels, order.

#include "lint/lint.h"

#include <stdlib.h>

enum { YIELD_REACH = 64 };  // how many enclosing anchors are asked

typedef struct Yields {
  uint64_t to[MAX_RULES][4];  // closed under "yields to"
} Yields;

static bool bit_has(const uint64_t bits[4], uint32_t i) {
  return (bits[i >> 6] >> (i & 63) & 1) != 0;
}

static void yields_build(Yields *self, const RuleTable *rules) {
  for (uint32_t i = 0; i < rules->count; i++) {
    const Rule *rule = rules->entries[i].rule;
    for (uint32_t k = 0; k < MAX_YIELDS && rule->yields_to[k] != NULL; k++) {
      uint32_t winner = rule_find(rules, str_from(rule->yields_to[k]));
      if (winner < rules->count)
        self->to[i][winner >> 6] |= UINT64_C(1) << (winner & 63);
    }
  }
  for (uint32_t via = 0; via < rules->count; via++) {  // Warshall
    for (uint32_t i = 0; i < rules->count; i++) {
      if (!bit_has(self->to[i], via)) continue;
      for (int w = 0; w < 4; w++) self->to[i][w] |= self->to[via][w];
    }
  }
}

static bool span_covers(Span outer, Span inner) {
  return outer.start <= inner.start && inner.stop <= outer.stop;
}

// Outer anchors come first: by start, then by stop downwards.
static int compare_nesting(const void *a, const void *b) {
  const Finding *x = *(Finding *const *)a, *y = *(Finding *const *)b;
  if (x->span.start != y->span.start) return x->span.start < y->span.start ? -1 : 1;
  if (x->span.stop != y->span.stop) return x->span.stop > y->span.stop ? -1 : 1;
  return strcmp(x->rule->code, y->rule->code);
}

static void mark_yielding(const RuleTable *rules, Arena *arena, Finding *findings,
                          uint32_t count) {
  if (count < 2) return;
  Yields *yields = arena_new(arena, Yields);
  yields_build(yields, rules);
  Finding **order = arena_array(arena, Finding *, count);
  Finding **open = arena_array(arena, Finding *, count);
  for (uint32_t i = 0; i < count; i++) order[i] = &findings[i];
  qsort(order, count, sizeof *order, compare_nesting);
  uint32_t depth = 0;
  for (uint32_t i = 0; i < count; i++) {
    Finding *inner = order[i];
    while (depth > 0 && !span_covers(open[depth - 1]->span, inner->span)) depth -= 1;
    for (uint32_t d = depth; d > 0 && depth - d < YIELD_REACH; d--) {
      Finding *outer = open[d - 1];
      if (bit_has(yields->to[inner->rule_index], outer->rule_index))
        inner->yielded = true;
      if (bit_has(yields->to[outer->rule_index], inner->rule_index))
        outer->yielded = true;
    }
    open[depth++] = inner;
  }
}

// --- suppressions --------------------------------------------------------------------

static void bits_add(uint64_t bits[4], const uint64_t more[4]) {
  for (int w = 0; w < 4; w++) bits[w] |= more[w];
}

static bool bits_meet(const uint64_t a[4], const uint64_t b[4]) {
  return ((a[0] & b[0]) | (a[1] & b[1]) | (a[2] & b[2]) | (a[3] & b[3])) != 0;
}

// Where a finding starts or ends: a suppression that covers such a place silences it.
typedef struct Edge {
  uint32_t at;
  Finding *finding;
} Edge;

static int compare_edges(const void *a, const void *b) {
  const Edge *x = a, *y = b;
  return (x->at > y->at) - (x->at < y->at);
}

static int compare_covers(const void *a, const void *b) {
  const Suppression *x = *(Suppression *const *)a, *y = *(Suppression *const *)b;
  if (x->covers.start != y->covers.start) {
    return x->covers.start < y->covers.start ? -1 : 1;
  }
  return (x->covers.stop > y->covers.stop) - (x->covers.stop < y->covers.stop);
}

// Items that cover the same text look at what lies in it once.
static void group_mark(Suppression **items, uint32_t count, const Edge *edges,
                       uint32_t edge_count) {
  uint64_t named[4] = {0}, met[4] = {0};
  Span covers = items[0]->covers;
  uint32_t low = 0, high = edge_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (edges[middle].at < covers.start) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (uint32_t i = 0; i < count; i++) bits_add(named, items[i]->rules);
  for (; low < edge_count && edges[low].at <= covers.stop; low++) {
    Finding *finding = edges[low].finding;
    met[finding->rule_index >> 6] |= UINT64_C(1) << (finding->rule_index & 63);
    if (bit_has(named, finding->rule_index)) finding->suppressed = true;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (bits_meet(items[i]->rules, met)) items[i]->used = true;
  }
}

// A file's own items come as one group that covers everything.
static void mark_suppressed(Arena *arena, SuppressionList *list, Finding *findings,
                            uint32_t count) {
  if (list->count == 0 || count == 0) return;
  Suppression **items = arena_array(arena, Suppression *, list->count);
  Edge *edges = arena_array(arena, Edge, (size_t)count * 2);
  uint32_t edge_count = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (findings[i].yielded) continue;
    edges[edge_count++] = (Edge){findings[i].span.start, &findings[i]};
    edges[edge_count++] = (Edge){findings[i].span.stop, &findings[i]};
  }
  qsort(edges, edge_count, sizeof *edges, compare_edges);
  for (uint32_t i = 0; i < list->count; i++) items[i] = &list->items[i];
  qsort(items, list->count, sizeof *items, compare_covers);
  for (uint32_t from = 0, to; from < list->count; from = to) {
    to = from + 1;
    while (to < list->count && compare_covers(&items[from], &items[to]) == 0) to++;
    group_mark(items + from, to - from, edges, edge_count);
  }
}

static void set_level(const Settings *settings, Finding *finding) {
  uint8_t severity = settings->severity[finding->rule_index];
  finding->level = LEVEL_NOTE;
  for (uint32_t i = 0; i < MAX_SETS && finding->rule->warn_on[i] != 0; i++) {
    Evidence wanted = finding->rule->warn_on[i];
    if ((finding->evidence & wanted) == wanted && !finding->capped) {
      finding->level = LEVEL_WARNING;
    }
  }
  if (severity != 0) finding->level = (Level)severity;
}

// --- 003 and 004 ---------------------------------------------------------------------

typedef struct Settling {
  const RuleTable *rules;
  const Settings *settings;
  Arena *arena;
  const Source *source;
  VEC(Finding) findings;
} Settling;

static bool is_project_rule(const Rule *rule) {
  return rule->on_class != NULL || rule->on_container != NULL ||
         rule->on_registration != NULL || rule->on_listing != NULL ||
         rule->on_making != NULL || rule->on_knot != NULL ||
         rule->on_intermediate != NULL;
}

// Could any finding of these rules have been missed? Then nothing is said.
static bool selector_was_judged(const Settling *self, const Suppression *item,
                                bool complete) {
  bool any = false;
  for (uint32_t i = 0; i < self->rules->count; i++) {
    if (!bit_has(item->rules, i)) continue;
    const Rule *rule = self->rules->entries[i].rule;
    if (!settings_enabled(self->settings, i)) return false;
    if (is_project_rule(rule) && !complete) return false;
    any = true;
  }
  return any;
}

// The selector with its comma, or the whole comment when nothing else is in it.
static Span unused_span(const Settling *self, const SuppressionList *list,
                        uint32_t at) {
  const Suppression *item = &list->items[at];
  Str text = self->source->text;
  uint32_t start_of =
      item->comment.start;  // items stand in the order of their comments
  bool alone = (at == 0 || list->items[at - 1].comment.start != start_of) &&
               (at + 1 == list->count || list->items[at + 1].comment.start != start_of);
  Str comment = str_slice(text, item->comment.start, item->comment.stop);
  alone = alone && str_find_byte(comment, '#', 1) == comment.n &&
          str_find_byte(comment, ',', 0) == comment.n;
  if (alone) {
    uint32_t start = item->comment.start;
    while (start > 0 && (text.p[start - 1] == ' ' || text.p[start - 1] == '\t'))
      start -= 1;
    bool own_line = start == 0 || text.p[start - 1] == '\n';
    uint32_t stop = item->comment.stop;
    if (own_line && stop < text.n && text.p[stop] == '\r') stop += 1;
    if (own_line && stop < text.n && text.p[stop] == '\n') stop += 1;
    return (Span){start, stop};
  }
  Span span = item->span;
  uint32_t next = span.stop;
  while (next < item->comment.stop && strchr(" ,", text.p[next]) != NULL) next += 1;
  if (next > span.stop && next < item->comment.stop && text.p[next] != '-') {
    return (Span){span.start, next};  // the selector and the separator behind it
  }
  while (span.start > item->comment.start &&
         strchr(" ,", text.p[span.start - 1]) != NULL) {
    span.start -= 1;
  }
  return span;
}

static void settling_add(Settling *self, const char *code, Span span, Str arg,
                         Fix fix) {
  uint32_t rule = rule_find(self->rules, str_from(code));
  if (rule >= self->rules->count || !settings_enabled(self->settings, rule)) return;
  Finding finding = {.rule = self->rules->entries[rule].rule,
                     .rule_index = rule,
                     .evidence = EVIDENCE_CONSTRUCT,
                     .span = span,
                     .args = {arg},
                     .arg_count = 1,
                     .fix = fix};
  const char *template = finding.rule->templates[0];
  const char *slot = strstr(template, "{0}");
  finding.message =
      slot == NULL ? str_from(template)
                   : str_printf_in(self->arena, "%.*s%.*s%s", (int)(slot - template),
                                   template, STR_ARGS(arg), slot + 3);
  vec_push(self->arena, &self->findings, finding);
}

static void add_suppression_findings(Settling *self, SuppressionList *list,
                                     bool complete) {
  for (uint32_t i = 0; i < list->problem_count; i++) {
    settling_add(self, "PML004", list->problems[i].span, list->problems[i].text,
                 (Fix){0});
  }
  for (uint32_t i = 0; i < list->count; i++) {
    const Suppression *item = &list->items[i];
    if (item->used || !selector_was_judged(self, item, complete)) continue;
    EditList edits = edits_in(self->arena);
    edit_delete(&edits, unused_span(self, list, i));
    Fix fix = edits_fix(&edits, FIX_SAFE, STR("remove the suppression"), STR_NONE);
    settling_add(self, "PML003", item->span, item->selector, fix);
  }
}

static int compare_findings(const void *a, const void *b) {
  return finding_compare(a, b);
}

void lint_settle(const RuleTable *rules, const Settings *settings, Arena *arena,
                 const Source *source, SuppressionList *suppressions, bool complete,
                 Finding **findings, uint32_t *count) {
  Settling self = {
      .rules = rules, .settings = settings, .arena = arena, .source = source};
  for (uint32_t i = 0; i < *count; i++) {  // an earlier round of fixes may have judged
    (*findings)[i].yielded = (*findings)[i].suppressed = false;
  }
  for (uint32_t i = 0; i < suppressions->count; i++)
    suppressions->items[i].used = false;
  mark_yielding(rules, arena, *findings, *count);
  mark_suppressed(arena, suppressions, *findings, *count);
  for (uint32_t i = 0; i < *count; i++) {
    vec_push(arena, &self.findings, (*findings)[i]);
  }
  add_suppression_findings(&self, suppressions, complete);
  for (uint32_t i = 0; i < self.findings.count; i++) {
    set_level(settings, &self.findings.items[i]);
  }
  if (self.findings.count > 1) {
    qsort(self.findings.items, self.findings.count, sizeof(Finding), compare_findings);
  }
  *findings = self.findings.items;
  *count = self.findings.count;
}
