#include "syntax/toml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <tree_sitter/api.h>

#include "base/fault.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "syntax/toml_internal.h"

const TSLanguage *tree_sitter_toml(void);

bool toml_fail(TomlDoc *doc, Error *err, uint32_t at, const char *format, ...) {
  char what[512];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  doc->error_at = at;
  LinePos pos = lines_position(&doc->lines, at, COLUMN_POINTS);
  return error_set(err, "line %u, column %u: %s", pos.line + 1, pos.column + 1, what);
}

static TomlKind kind_of(const char *name) {
  static const struct {
    const char *name;
    TomlKind kind;
  } KINDS[] = {
      {"document", SYNTAX_DOCUMENT},
      {"pair", SYNTAX_PAIR},
      {"table", SYNTAX_TABLE},
      {"table_array_element", SYNTAX_TABLE_ARRAY},
      {"bare_key", SYNTAX_BARE_KEY},
      {"quoted_key", SYNTAX_QUOTED_KEY},
      {"dotted_key", SYNTAX_DOTTED_KEY},
      {"string", SYNTAX_STRING},
      {"integer", SYNTAX_INTEGER},
      {"float", SYNTAX_FLOAT},
      {"boolean", SYNTAX_BOOLEAN},
      {"offset_date_time", SYNTAX_DATE},
      {"local_date_time", SYNTAX_DATE},
      {"local_date", SYNTAX_DATE},
      {"local_time", SYNTAX_DATE},
      {"array", SYNTAX_ARRAY},
      {"inline_table", SYNTAX_INLINE_TABLE},
  };
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    if (strcmp(KINDS[i].name, name) == 0) return KINDS[i].kind;
  }
  return SYNTAX_OTHER;
}

typedef struct Flattening {
  TSTree *tree;
  TSTreeCursor cursor;
  Arena *arena;
  TomlDoc *doc;
  Error *err;
  TomlItems out;
  uint32_t broken_stop;  // end of the last node that holds an error
  bool ok;
} Flattening;

// Adds the cursor's node. False with the error when the node is one.
static bool flatten_node(Flattening *self, uint32_t *index) {
  TSNode node = ts_tree_cursor_current_node(&self->cursor);
  uint32_t start = ts_node_start_byte(node);
  if (ts_node_is_missing(node)) {
    return toml_fail(self->doc, self->err, start, "expected '%s'", ts_node_type(node));
  }
  if (ts_node_is_error(node)) {
    return toml_fail(self->doc, self->err, start, "this is not valid TOML");
  }
  if (ts_node_has_error(node)) self->broken_stop = ts_node_end_byte(node);
  TomlKind kind = ts_node_is_named(node) ? kind_of(ts_node_type(node)) : SYNTAX_OTHER;
  if (kind == SYNTAX_OTHER) return true;
  *index = self->out.count++;
  self->out.items[*index] = (TomlItem){kind, start, ts_node_end_byte(node), 0};
  return true;
}

// The tree in pre-order, without recursion: hostile text nests as deep as it likes.
static bool flatten_nodes(Flattening *self) {
  uint32_t count = ts_node_descendant_count(ts_tree_root_node(self->tree));
  self->out.items = arena_array(self->arena, TomlItem, count);
  VEC(uint32_t) open = {0};  // items whose subtree we are in, UINT32_MAX for the rest
  for (;;) {
    uint32_t index = UINT32_MAX;
    if (!flatten_node(self, &index)) return false;
    vec_push(self->arena, &open, index);
    if (ts_tree_cursor_goto_first_child(&self->cursor)) continue;
    for (;;) {
      index = vec_last(&open);
      open.count -= 1;
      if (index != UINT32_MAX) self->out.items[index].after = self->out.count;
      if (ts_tree_cursor_goto_next_sibling(&self->cursor)) break;
      if (!ts_tree_cursor_goto_parent(&self->cursor)) return true;
    }
  }
}

// Never inlined: its locals must not share a frame with setjmp.
__attribute__((noinline)) static void flatten(Flattening *self) {
  bool has_error = ts_node_has_error(ts_tree_root_node(self->tree));
  self->ok = flatten_nodes(self);
  if (!self->ok || !has_error) return;
  // The one node of the grammar that is hidden even when MISSING is the line's end.
  self->ok = toml_fail(self->doc, self->err, self->broken_stop,
                       "expected the end of the line");
}

// Flattens in a frame of its own, so that a fault frees what tree-sitter holds.
static bool flatten_safely(Flattening *self) {
  Fault fault;
  if (setjmp(fault_enter(&fault)) == 0) flatten(self);
  fault_leave(&fault);
  ts_tree_cursor_delete(&self->cursor);
  ts_tree_delete(self->tree);
  if (fault.kind != FAULT_NONE) {
    fault_raise(fault.kind, fault.message, fault.file, fault.line);
  }
  return self->ok;
}

// An odd number of backslashes right before `at`: the last one escapes.
static bool is_odd_backslash(Str text, uint32_t at) {
  uint32_t from = at;
  while (from > 0 && text.p[from - 1] == '\\') from--;
  return (at - from) % 2 == 1;
}

// The text for the grammar. It does not know blanks between a backslash and the end of
// its line, which TOML allows; there the two change places, so that offsets stay. Values
// are read from the real text.
static Str grammar_text(Arena *arena, Str text) {
  char *copy = NULL;
  for (uint32_t end = 0; (end = str_find_byte(text, '\n', end)) < text.n; end++) {
    uint32_t stop = end > 0 && text.p[end - 1] == '\r' ? end - 1 : end;
    uint32_t at = stop;
    while (at > 0 && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t')) at--;
    if (at == stop || !is_odd_backslash(text, at)) continue;
    if (copy == NULL) copy = (char *)str_cstr_in(arena, text);
    copy[at - 1] = ' ';
    copy[stop - 1] = '\\';
  }
  return copy == NULL ? text : (Str){copy, text.n};
}

static bool syntax_read(TomlDoc *doc, Arena *arena, TomlItems *out, Error *err) {
  Str text = doc->text;
  uint32_t bad = utf8_first_invalid(text);
  if (bad != text.n) return toml_fail(doc, err, bad, "this is not valid UTF-8");
  text = grammar_text(arena, text);
  TSParser *parser = ts_parser_new();
  TSTree *tree = NULL;
  if (ts_parser_set_language(parser, tree_sitter_toml())) {
    tree = ts_parser_parse_string(parser, NULL, text.p, text.n);
  }
  ts_parser_delete(parser);
  if (tree == NULL) return error_set(err, "the TOML parser does not start");
  Flattening flattening = {.tree = tree, .arena = arena, .doc = doc, .err = err};
  flattening.cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  bool ok = flatten_safely(&flattening);
  *out = flattening.out;
  return ok;
}

static void doc_init(TomlDoc *self, Arena *arena, Str text) {
  *self = (TomlDoc){.text = text, .lines = lines_in(arena, text)};
}

bool toml_parse(TomlDoc *self, Arena *arena, Str text, Error *err) {
  TomlItems syntax;
  doc_init(self, arena, text);
  return syntax_read(self, arena, &syntax, err) &&
         toml_build(self, arena, &syntax, err);
}

// True for a document that is one `key = value` and nothing else.
static bool is_setting(const TomlItems *syntax) {
  return syntax->count > 1 && syntax->items[1].kind == SYNTAX_PAIR &&
         syntax->items[1].after == syntax->count;
}

// `value` as a basic string.
static void add_quoted(Buf *out, Str value) {
  buf_add_byte(out, '"');
  for (uint32_t i = 0; i < value.n; i++) {
    unsigned char c = (unsigned char)value.p[i];
    if (c < 0x20 || c == 0x7f) {
      buf_printf(out, "\\u%04x", c);
    } else {
      if (c == '"' || c == '\\') buf_add_byte(out, '\\');
      buf_add_byte(out, (char)c);
    }
  }
  buf_add_byte(out, '"');
}

bool toml_parse_setting(TomlDoc *self, Arena *arena, Str setting, Error *err) {
  TomlItems syntax;
  Error unused = error_in(arena);
  doc_init(self, arena, setting);
  if (syntax_read(self, arena, &syntax, &unused) && is_setting(&syntax)) {
    return toml_build(self, arena, &syntax, err);
  }
  uint32_t equals = str_find_byte(setting, '=', 0);
  if (equals == setting.n) {
    self->error_at = 0;
    return error_set(err, "expected KEY=VALUE");
  }
  Buf text = buf_in(arena);
  buf_add(&text, str_slice(setting, 0, equals + 1));
  add_quoted(&text, str_trim(str_slice(setting, equals + 1, setting.n)));
  doc_init(self, arena, buf_str(&text));
  if (!syntax_read(self, arena, &syntax, err)) return false;
  if (!is_setting(&syntax)) return toml_fail(self, err, 0, "expected KEY=VALUE");
  return toml_build(self, arena, &syntax, err);
}
