#include "lint/edit.h"

#include <stdlib.h>

#include "base/fault.h"

EditList edits_in(Arena *arena) { return (EditList){.arena = arena}; }

void edit_replace(EditList *self, Span span, Str text) {
  vec_push(self->arena, &self->edits, (Edit){span.start, span.stop, text});
}

void edit_delete(EditList *self, Span span) { edit_replace(self, span, STR_NONE); }

void edit_insert(EditList *self, uint32_t at, Str text) {
  edit_replace(self, (Span){at, at}, text);
}

void edit_import(EditList *self, Str module, Str name) {
  vec_push(self->arena, &self->imports, (ImportIntent){module, name});
}

static int edit_compare(const void *a, const void *b) {
  const Edit *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return (x->stop > y->stop) - (x->stop < y->stop);
}

Fix edits_fix(EditList *self, FixSafety safety, Str title, Str caveat) {
  if (self->edits.count > 1) {
    qsort(self->edits.items, self->edits.count, sizeof(Edit), edit_compare);
  }
  for (uint32_t i = 1; i < self->edits.count; i++) {
    INVARIANT(self->edits.items[i - 1].stop <= self->edits.items[i].start);
  }
  return (Fix){
      .safety = self->edits.count == 0 && self->imports.count == 0 ? FIX_NONE : safety,
      .title = title,
      .caveat = caveat,
      .edits = self->edits.items,
      .edit_count = self->edits.count,
      .imports = self->imports.items,
      .import_count = self->imports.count,
  };
}

// --- helpers on the tree -------------------------------------------------------------

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\r'; }

// A bracket that stands alone on its line takes the line with it.
static Span bracket_span(const Tree *t, uint32_t at) {
  Str text = t->source->text;
  uint32_t start = at, stop = at + 1;
  while (start > 0 && is_blank(text.p[start - 1])) start -= 1;
  while (stop < text.n && is_blank(text.p[stop])) stop += 1;
  bool alone = (start == 0 || text.p[start - 1] == '\n') &&
               (stop == text.n || text.p[stop] == '\n');
  if (!alone) return (Span){at, at + 1};
  return (Span){start, stop < text.n ? stop + 1 : stop};
}

// The sole argument of a call, without a trailing comma behind it.
static bool is_sole_argument(const Tree *t, NodeId node) {
  NodeId list = node_parent(t, node);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || node_count_named(t, list) != 1 ||
      !node_is(t, node_parent(t, list), PY_CALL)) {
    return false;
  }
  Str text = t->source->text;
  uint32_t at = node_stop(t, node);
  uint32_t count = 0;
  Span rest = {at, node_stop(t, list)};
  uint32_t comment = tree_comments_in(t, rest, &count);
  for (; at < rest.stop; at++) {
    if (count > 0 && at == t->comments[comment].start) {
      at = t->comments[comment].stop;
      comment += 1;
      count -= 1;
    }
    if (text.p[at] == ',') return false;
  }
  return true;
}

void edit_brackets_to_generator(EditList *self, const Tree *t, NodeId comprehension) {
  uint32_t open = node_start(t, comprehension), close = node_stop(t, comprehension) - 1;
  bool bare = is_sole_argument(t, comprehension) ||
              node_is(t, node_parent(t, comprehension), PY_PARENTHESIZED_EXPRESSION);
  if (bare) {
    edit_delete(self, bracket_span(t, open));
    edit_delete(self, bracket_span(t, close));
  } else {
    edit_replace(self, (Span){open, open + 1}, STR("("));
    edit_replace(self, (Span){close, close + 1}, STR(")"));
  }
}

// Kinds that can stand wherever a call can, without parentheses.
static bool is_atom(const Tree *t, NodeId node) {
  switch (node_kind(t, node)) {
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT:
    case PY_CALL:
    case PY_STRING:
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL:
    case PY_ELLIPSIS:
    case PY_LIST:
    case PY_DICTIONARY:
    case PY_SET:
    case PY_TUPLE:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_PARENTHESIZED_EXPRESSION: return true;
    default: return false;
  }
}

static bool has_line_break_outside_brackets(const Tree *t, NodeId node) {
  if (str_find_byte(node_text(t, node), '\n', 0) == node_text(t, node).n) return false;
  switch (node_kind(t, node)) {
    case PY_STRING:
    case PY_LIST:
    case PY_DICTIONARY:
    case PY_SET:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_PARENTHESIZED_EXPRESSION: return false;
    default: return true;
  }
}

static bool is_inside_brackets(const Tree *t, NodeId node) {
  for (NodeId up = node_parent(t, node); node_ok(up) && !node_is_statement(t, up);
       up = node_parent(t, up)) {
    Str text = node_text(t, up);
    if (text.n > 0 && strchr("([{", text.p[0]) != NULL) return true;
    if (node_is(t, up, PY_SUBSCRIPT) || node_is(t, up, PY_INTERPOLATION)) return true;
  }
  return false;
}

// Places that take any expression as it is.
static bool place_takes_any(const Tree *t, NodeId node) {
  switch (node_kind(t, node_parent(t, node))) {
    case PY_ARGUMENT_LIST:
    case PY_PARENTHESIZED_EXPRESSION:
    case PY_EXPRESSION_STATEMENT:
    case PY_RETURN_STATEMENT:
    case PY_FOR_STATEMENT:
    case PY_KEYWORD_ARGUMENT: return true;
    case PY_ASSIGNMENT: return node_role(t, node) == FIELD_RIGHT;
    default: return false;
  }
}

bool edit_loses_comment(const Tree *t, Span span, Span kept) {
  uint32_t before = 0, after = 0;
  tree_comments_in(t, (Span){span.start, kept.start}, &before);
  tree_comments_in(t, (Span){kept.stop, span.stop}, &after);
  return before + after > 0;
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '_' || c < 0;
}

// `list(names)if x`: without the bracket the words would run together.
static bool needs_gap(const Tree *t, Span whole, Span kept) {
  Str text = t->source->text;
  return whole.stop < text.n && kept.stop > 0 && is_word(text.p[kept.stop - 1]) &&
         is_word(text.p[whole.stop]);
}

bool edit_unwrap(EditList *self, const Tree *t, NodeId outer, NodeId inner) {
  Span whole = node_span(t, outer), kept = node_span(t, inner);
  if (edit_loses_comment(t, whole, kept)) return false;
  bool wrap =
      (!is_atom(t, inner) && !place_takes_any(t, outer)) ||
      node_is(t, inner, PY_NAMED_EXPRESSION) ||
      (has_line_break_outside_brackets(t, inner) && !is_inside_brackets(t, outer));
  edit_replace(self, (Span){whole.start, kept.start}, wrap ? STR("(") : STR_NONE);
  Str end = wrap ? STR(")") : needs_gap(t, whole, kept) ? STR(" ") : STR_NONE;
  edit_replace(self, (Span){kept.stop, whole.stop}, end);
  return true;
}

Span edit_line_span(const Tree *t, Span span) {
  const LineIndex *lines = &t->source->lines;
  uint32_t first = lines_line_of(lines, span.start);
  uint32_t last = lines_line_of(lines, span.stop);
  uint32_t stop =
      last + 1 < lines->count ? lines_start(lines, last + 1) : t->source->text.n;
  return (Span){lines_start(lines, first), stop};
}

Str edit_indentation(const Tree *t, NodeId node) {
  const LineIndex *lines = &t->source->lines;
  uint32_t start = lines_start(lines, lines_line_of(lines, node_start(t, node)));
  uint32_t stop = start;
  Str text = t->source->text;
  while (stop < text.n && (text.p[stop] == ' ' || text.p[stop] == '\t')) stop += 1;
  return str_slice(text, start, stop);
}

bool edit_statement_behind(EditList *self, const Tree *t, NodeId statement, Str added) {
  Str text = t->source->text;
  Span own = node_span(t, statement), lines = edit_line_span(t, own);
  Str before = str_trim(str_slice(text, lines.start, own.start));
  Str behind = str_trim(str_slice(text, own.stop, lines.stop));
  bool is_alone = before.n == 0 && (behind.n == 0 || behind.p[0] == '#');
  bool is_ended = lines.stop > lines.start && text.p[lines.stop - 1] == '\n';
  if (!is_alone || !is_ended) return false;
  bool is_wide = lines.stop - lines.start > 1 && text.p[lines.stop - 2] == '\r';
  edit_insert(self, lines.stop,
              str_printf_in(self->arena, "%.*s%.*s%s",
                            STR_ARGS(edit_indentation(t, statement)), STR_ARGS(added),
                            is_wide ? "\r\n" : "\n"));
  return true;
}
