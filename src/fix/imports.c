// Where an import goes: into an import of the same module, or onto a line of its own.

#include "fix/fix_internal.h"

static bool is_docstring(const Tree *t, NodeId statement) {
  return node_is(t, statement, PY_EXPRESSION_STATEMENT) &&
         node_is(t, node_first_named(t, statement), PY_STRING);
}

static bool import_names(const Tree *t, NodeId clause, Str name) {
  return node_is(t, clause, PY_DOTTED_NAME) && str_eq(node_text(t, clause), name);
}

// `from module import …` at the top level, without a star.
static bool is_import_from(const Tree *t, NodeId statement, Str module) {
  NodeId source = node_field(t, statement, FIELD_MODULE_NAME);
  return node_is(t, statement, PY_IMPORT_FROM_STATEMENT) &&
         str_eq(node_text(t, source), module) &&
         !node_ok(node_child(t, statement, PY_WILDCARD_IMPORT));
}

static bool statement_has(const Tree *t, NodeId statement, ImportIntent intent) {
  bool wanted = intent.name.n != 0 ? is_import_from(t, statement, intent.module)
                                   : node_is(t, statement, PY_IMPORT_STATEMENT);
  if (!wanted) return false;
  Str name = intent.name.n != 0 ? intent.name : intent.module;
  for (NodeId c = node_field(t, statement, FIELD_NAME); node_ok(c);
       c = node_next_same_field(t, c)) {
    if (import_names(t, c, name)) return true;
  }
  return false;
}

static Edit merge_into(Arena *arena, const Tree *t, NodeId statement, Str name) {
  NodeId last = NO_NODE;
  for (NodeId c = node_field(t, statement, FIELD_NAME); node_ok(c);
       c = node_next_same_field(t, c)) {
    last = c;
  }
  uint32_t at = node_stop(t, last);
  return (Edit){at, at, str_printf_in(arena, ", %.*s", STR_ARGS(name))};
}

// Where the statement's line goes on below: behind a comment that follows it there.
static uint32_t line_after(const Tree *t, NodeId statement) {
  Str text = t->source->text;
  uint32_t at = node_stop(t, statement);
  while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t')) at += 1;
  if (at == text.n || text.p[at] != '#') return node_stop(t, statement);
  while (at < text.n && text.p[at] != '\n' && text.p[at] != '\r') at += 1;
  return at;
}

static Edit new_line(Arena *arena, const Tree *t, NodeId after, ImportIntent intent) {
  Buf line = buf_in(arena);
  if (intent.name.n != 0) {
    buf_printf(&line, "from %.*s import %.*s", STR_ARGS(intent.module),
               STR_ARGS(intent.name));
  } else {
    buf_printf(&line, "import %.*s", STR_ARGS(intent.module));
  }
  if (node_ok(after)) {
    uint32_t at = line_after(t, after);
    return (Edit){at, at, str_printf_in(arena, "\n%.*s", STR_ARGS(buf_str(&line)))};
  }
  uint32_t at = node_start(t, node_first_named(t, (NodeId){1}));
  return (Edit){at, at, str_printf_in(arena, "%.*s\n", STR_ARGS(buf_str(&line)))};
}

bool import_edit(Arena *arena, const Tree *t, ImportIntent intent, Edit *edit) {
  NodeId after = NO_NODE;  // docstring, then the last __future__ or leading import
  NodeId home = NO_NODE;
  bool leading = true;
  for (NodeId c = node_first_named(t, (NodeId){1}); node_ok(c);
       c = node_next_named(t, c)) {
    if (statement_has(t, c, intent)) return false;
    if (intent.name.n != 0 && !node_ok(home) && is_import_from(t, c, intent.module)) {
      home = c;
    }
    bool is_import = node_is(t, c, PY_IMPORT_STATEMENT) ||
                     node_is(t, c, PY_IMPORT_FROM_STATEMENT) ||
                     node_is(t, c, PY_FUTURE_IMPORT_STATEMENT);
    if (leading && (is_import || (!node_ok(after) && is_docstring(t, c)))) {
      after = c;
    } else if (!is_import) {
      leading = false;
    }
  }
  *edit = node_ok(home) ? merge_into(arena, t, home, intent.name)
                        : new_line(arena, t, after, intent);
  return true;
}
