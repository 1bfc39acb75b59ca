#include "lint/suppress.h"

#include "lint/suppress_internal.h"

typedef struct Reader {
  const RuleTable *rules;
  const Tree *tree;
  Arena *arena;
  VEC(Suppression) items;
  VEC(SuppressionProblem) problems;
  Span skipped, next;    // between comments and code, and what that code covers
  uint32_t trailing_of;  // the comment (its end) that `trailing` was found for
  Span trailing;
} Reader;

static void bits_set(uint64_t bits[4], uint32_t i) {
  bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

bool selector_rules(const RuleTable *rules, Str selector, uint64_t out[4]) {
  bool any = false;
  bool is_code = str_starts(selector, STR("PML"));
  for (uint32_t i = 0; i < rules->count; i++) {
    const Rule *rule = rules->entries[i].rule;
    bool hit = str_is(selector, rule->name) || str_is(selector, "ALL") ||
               (is_code && str_starts(str_from(rule->code), selector));
    if (hit) bits_set(out, i);
    any = any || hit;
  }
  return any;
}

// --- what a comment covers -----------------------------------------------------------

static Span line_span(const Tree *t, uint32_t line) {
  return (Span){lines_start(&t->source->lines, line),
                lines_stop(&t->source->lines, line)};
}

// The line, and for a string that ends on it the lines of the whole string.
static Span trailing_covers(const Tree *t, uint32_t comment) {
  Span covers = line_span(t, lines_line_of(&t->source->lines, comment));
  uint32_t at = comment;
  while (at > covers.start && strchr(" \t,;)]}", t->source->text.p[at - 1]) != NULL)
    at -= 1;
  if (at == covers.start) return covers;
  NodeId node = tree_node_at(t, at - 1, at);
  while (node_ok(node) && !node_is(t, node, PY_STRING)) node = node_parent(t, node);
  if (node_ok(node) && node_start(t, node) < covers.start) {
    covers.start = node_start(t, node);
  }
  return covers;
}

// The statement's header: up to its first block, or the whole of a simple one.
static Span statement_header(const Tree *t, NodeId statement) {
  Span span = node_span(t, statement);
  NodeId inner = statement;
  if (node_is(t, inner, PY_DECORATED_DEFINITION)) {
    inner = node_field(t, inner, FIELD_DEFINITION);
  }
  for (NodeId c = node_first(t, inner); node_ok(c); c = node_next(t, c)) {
    if (node_is(t, c, PY_BLOCK)) {
      span.stop = node_start(t, c);
      break;
    }
  }
  return span;
}

// Where the code behind a comment starts: further comments and blanks are skipped.
static uint32_t code_behind(Str text, uint32_t at) {
  while (at < text.n) {
    if (text.p[at] == '#') {
      at = str_find_byte(text, '\n', at);
    } else if (strchr(" \t\r\n\f", text.p[at]) != NULL) {
      at += 1;
    } else {
      break;
    }
  }
  return at;
}

// The next logical line; inside a statement the next physical one.
static Span line_covers(const Tree *t, uint32_t at) {
  if (at >= t->source->text.n) return (Span){at, at};
  NodeId node = tree_node_at(t, at, at + 1);
  NodeId statement = NO_NODE;
  for (; node_ok(node) && node_start(t, node) == at; node = node_parent(t, node)) {
    if (node_is_statement(t, node)) statement = node;
  }
  if (node_ok(statement)) return statement_header(t, statement);
  return line_span(t, lines_line_of(&t->source->lines, at));
}

// A stack of comments stands before the same code, and looks for it once.
static Span next_covers(Reader *self, uint32_t stop) {
  bool is_known = self->skipped.start <= stop && stop < self->skipped.stop;
  if (!is_known) {
    uint32_t at = code_behind(self->tree->source->text, stop);
    self->skipped = (Span){stop, at};
    self->next = line_covers(self->tree, at);
  }
  return self->next;
}

static bool stands_alone(const Tree *t, uint32_t comment) {
  uint32_t start =
      lines_start(&t->source->lines, lines_line_of(&t->source->lines, comment));
  return str_trim(str_slice(t->source->text, start, comment)).n == 0;
}

// --- reading -------------------------------------------------------------------------

static void reader_problem(Reader *self, Span span, Str text) {
  vec_push(self->arena, &self->problems, (SuppressionProblem){span, text});
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '_';
}

// `PML` and `ALL` are what a blanket `ignore` is.
static bool is_blanket(Str selector) {
  return str_is(selector, "PML") || str_is(selector, "ALL");
}

static void reader_add(Reader *self, Suppression item) {
  if (is_blanket(item.selector)) {
    reader_problem(
        self, item.span,
        str_printf_in(self->arena,
                      "`%.*s` would silence every rule; a suppression names those that "
                      "it silences",
                      STR_ARGS(item.selector)));
    return;
  }
  if (!selector_rules(self->rules, item.selector, item.rules)) {
    reader_problem(
        self, item.span,
        str_printf_in(self->arena, "`%.*s` names no rule", STR_ARGS(item.selector)));
    return;
  }
  vec_push(self->arena, &self->items, item);
}

// Reads selectors from `at` to the end of the segment; returns how many there were.
static uint32_t reader_selectors(Reader *self, Suppression item, Span segment) {
  Str text = self->tree->source->text;
  uint32_t count = 0;
  for (uint32_t at = segment.start; at < segment.stop;) {
    char c = text.p[at];
    if (strchr(" \t,[(", c) != NULL) {
      at += 1;
      continue;
    }
    bool ends = c == '-' && at + 1 < segment.stop && text.p[at + 1] == '-';
    if (ends || !is_word(c)) break;
    uint32_t from = at;
    while (at < segment.stop && is_word(text.p[at])) at += 1;
    item.selector = str_slice(text, from, at);
    item.span = (Span){from, at};
    count += 1;
    if (!item.is_noqa || str_starts(item.selector, STR("PML"))) reader_add(self, item);
  }
  return count;
}

static Suppression reader_item(Reader *self, Span comment, bool file, bool noqa) {
  Suppression item = {.comment = comment, .is_noqa = noqa};
  if (file) {
    item.kind = SUPPRESS_FILE;
    item.covers = (Span){0, self->tree->source->text.n};
  } else if (!noqa && stands_alone(self->tree, comment.start)) {
    item.kind = SUPPRESS_NEXT;
    item.covers = next_covers(self, comment.stop);
  } else {
    item.kind = SUPPRESS_LINE;
    if (self->trailing_of != comment.stop) {
      self->trailing = trailing_covers(self->tree, comment.start);
      self->trailing_of = comment.stop;
    }
    item.covers = self->trailing;
  }
  return item;
}

// One `pymemlint: …` pragma; `segment` begins behind the colon.
static void reader_pragma(Reader *self, Span comment, Span segment) {
  Str rest = str_slice(self->tree->source->text, segment.start, segment.stop);
  uint32_t skip = 0;
  while (skip < rest.n && (rest.p[skip] == ' ' || rest.p[skip] == '\t')) skip += 1;
  rest = str_slice(rest, skip, rest.n);
  bool file = str_starts(rest, STR("file-ignore"));
  uint32_t word = file ? STR("file-ignore").n : STR("ignore").n;
  bool known = file || str_starts(rest, STR("ignore"));
  if (!known || (rest.n > word && is_word(rest.p[word]))) {
    reader_problem(self, comment, STR("a suppression is `ignore` or `file-ignore`"));
    return;
  }
  if (file && !stands_alone(self->tree, comment.start)) {
    reader_problem(self, comment, STR("`file-ignore` stands on a line of its own"));
    return;
  }
  Suppression item = reader_item(self, comment, file, false);
  Span codes = {segment.start + skip + word, segment.stop};
  if (reader_selectors(self, item, codes) == 0) {
    reader_problem(self, comment,
                   STR("a suppression names the rules that it silences"));
  }
}

static bool starts_without_case(Str s, const char *lower) {
  size_t n = strlen(lower);
  for (size_t i = 0; i < n; i++) {
    if (i >= s.n || (s.p[i] | 0x20) != (lower[i] | 0x20)) return false;
  }
  return true;
}

// A comment may hold several pragmas, each behind its own `#`.
static void reader_comment(Reader *self, Span comment) {
  Str text = self->tree->source->text;
  for (uint32_t at = comment.start; at < comment.stop;) {
    uint32_t stop = str_find_byte(str_slice(text, 0, comment.stop), '#', at + 1);
    uint32_t from = at + 1;
    while (from < stop && (text.p[from] == ' ' || text.p[from] == '\t')) from += 1;
    Str segment = str_slice(text, from, stop);
    if (starts_without_case(segment, "pymemlint:")) {
      reader_pragma(self, comment, (Span){from + 10, stop});
    } else if (starts_without_case(segment, "noqa:")) {
      Suppression item = reader_item(self, comment, false, true);
      reader_selectors(self, item, (Span){from + 5, stop});
    }
    at = stop;
  }
}

void suppressions_read(const RuleTable *rules, const Tree *tree, Arena *arena,
                       SuppressionList *out) {
  Reader reader = {.rules = rules, .tree = tree, .arena = arena};
  for (uint32_t i = 0; i < tree->comment_count; i++) {
    Span comment = tree->comments[i];
    Str text = str_slice(tree->source->text, comment.start, comment.stop);
    if (str_find_byte(text, ':', 0) == text.n) continue;
    reader_comment(&reader, comment);
  }
  for (uint32_t i = 0; i < reader.items.count; i++) {  // outlive the file
    reader.items.items[i].selector = str_copy_in(arena, reader.items.items[i].selector);
  }
  *out = (SuppressionList){reader.items.items, reader.items.count,
                           reader.problems.items, reader.problems.count};
}
