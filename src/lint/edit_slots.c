// `__slots__` for a class that has none.

#include "lint/edit.h"

// The quote that the file's strings prefer.
static char quote_of(const Tree *t) {
  enum { LOOKED_AT = 200 };
  uint32_t single = 0, dual = 0;
  for (uint32_t i = 1; i < t->count && single + dual < LOOKED_AT; i++) {
    if (!node_is(t, (NodeId){i}, PY_STRING_START)) continue;
    Str start = node_text(t, (NodeId){i});
    if (start.n > 3) continue;
    if (start.p[start.n - 1] == '\'') single++;
    if (start.p[start.n - 1] == '"') dual++;
  }
  return single > dual ? '\'' : '"';
}

static Str slots_text(Arena *arena, const Tree *t, Str names, Str indent) {
  enum { COLUMNS = 88 };
  char quote = quote_of(t);
  Buf row = buf_in(arena), column = buf_in(arena);
  uint32_t count = 0;
  for (uint32_t at = 0; at < names.n; count++) {
    uint32_t stop = str_find_byte(names, ',', at);
    Str name = str_slice(names, at, stop);
    buf_printf(&row, "%s%c%.*s%c", count == 0 ? "" : ", ", quote, STR_ARGS(name),
               quote);
    buf_printf(&column, "%.*s%.*s%c%.*s%c,\n", STR_ARGS(indent), STR_ARGS(indent),
               quote, STR_ARGS(name), quote);
    at = stop + 1;
  }
  Str inner = buf_str(&row);
  if (count == 1) inner = str_printf_in(arena, "%.*s,", STR_ARGS(inner));
  Str line =
      str_printf_in(arena, "%.*s__slots__ = (%.*s)", STR_ARGS(indent), STR_ARGS(inner));
  if (line.n <= COLUMNS) return line;
  return str_printf_in(arena, "%.*s__slots__ = (\n%.*s%.*s)", STR_ARGS(indent),
                       STR_ARGS(buf_str(&column)), STR_ARGS(indent));
}

static bool is_docstring(const Tree *t, NodeId statement) {
  if (!node_is(t, statement, PY_EXPRESSION_STATEMENT)) return false;
  PyKind kind = node_kind(t, node_first_named(t, statement));
  return kind == PY_STRING || kind == PY_CONCATENATED_STRING;
}

static bool is_definition(const Tree *t, NodeId statement) {
  PyKind kind = node_kind(t, statement);
  return kind == PY_FUNCTION_DEFINITION || kind == PY_CLASS_DEFINITION ||
         kind == PY_DECORATED_DEFINITION;
}

// Behind the docstring, on a line of its own.
static bool insert_behind(EditList *fix, const Tree *t, NodeId docstring, Str text) {
  const LineIndex *lines = &t->source->lines;
  uint32_t line = lines_line_of(lines, node_stop(t, docstring));
  uint32_t stop = lines_stop(lines, line);
  Str rest = str_trim(str_slice(t->source->text, node_stop(t, docstring), stop));
  if (rest.n > 0 && rest.p[0] != '#') return false;
  bool is_last = line + 1 >= lines->count;
  bool is_blank = is_last || str_trim(lines_text(lines, line + 1)).n == 0;
  bool needs_blank = !is_blank && is_definition(t, node_next_named(t, docstring));
  edit_insert(fix, stop, STR("\n\n"));
  edit_insert(fix, stop, text);
  if (needs_blank) edit_insert(fix, stop, STR("\n"));
  return true;
}

bool edit_slots(EditList *self, const Tree *t, NodeId definition, Str names) {
  NodeId none = NO_NODE;
  if (!node_is(t, definition, PY_CLASS_DEFINITION)) return false;
  NodeId first = node_first_named(t, node_field(t, definition, FIELD_BODY));
  if (node_eq(first, none)) return false;
  const LineIndex *lines = &t->source->lines;
  uint32_t line = lines_line_of(lines, node_start(t, first));
  Str before =
      str_slice(t->source->text, lines_start(lines, line), node_start(t, first));
  if (str_trim(before).n != 0) return false;
  Str text = slots_text(self->arena, t, names, before);
  if (is_docstring(t, first)) return insert_behind(self, t, first, text);
  Str end = is_definition(t, first) ? STR("\n\n") : STR("\n");
  edit_insert(self, lines_start(lines, line),
              str_printf_in(self->arena, "%.*s%.*s", STR_ARGS(text), STR_ARGS(end)));
  return true;
}
