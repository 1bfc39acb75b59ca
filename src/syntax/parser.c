// Running tree-sitter: its parser, its memory, its budget, and what its broken regions
// mean.

#include "syntax/tree.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/file.h"
#include "syntax/flatten.h"
#include "syntax/heap.h"

const TSLanguage *tree_sitter_python(void);

enum {
  // tree-sitter calls its progress hook once in 100 parser steps. Real code takes about
  // 0.5 steps a byte, the worst recoverable garbage measured 12.
  STEPS_PER_CALL = 100,
  STEPS_PER_BYTE = 100,
  STEPS_FREE = 1000 * 1000,
};

struct Parser {
  Heap heap;
  Grammar grammar;
};

static const struct {
  const char *name;
  int named;
  int has_fields;
  PyKind kind;
} kind_rows[] = {
#define PY_KIND_ROWS
#include "kinds.gen.inc"
#undef PY_KIND_ROWS
};

static const struct {
  const char *name;
  PyField field;
} field_rows[] = {
#define PY_FIELD_ROWS
#include "kinds.gen.inc"
#undef PY_FIELD_ROWS
};

enum {
  KIND_ROWS = sizeof kind_rows / sizeof kind_rows[0],
  FIELD_ROWS = sizeof field_rows / sizeof field_rows[0],
};

const char *kind_name(PyKind kind) {
  for (size_t i = 0; i < KIND_ROWS; i++) {
    if (kind_rows[i].kind == kind) return kind_rows[i].name;
  }
  return "";
}

const char *field_name(PyField field) {
  for (size_t i = 0; i < FIELD_ROWS; i++) {
    if (field_rows[i].field == field) return field_rows[i].name;
  }
  return "";
}

// --- the parser ----------------------------------------------------------------------

static void parser_map_symbols(Parser *self) {
  const TSLanguage *language = tree_sitter_python();
  uint32_t symbols = ts_language_symbol_count(language);
  INVARIANT(symbols <= SYMBOL_CAPACITY);
  for (uint32_t i = 0; i < symbols; i++) {
    TSSymbolType type = ts_language_symbol_type(language, (TSSymbol)i);
    const char *name = ts_language_symbol_name(language, (TSSymbol)i);
    if (type != TSSymbolTypeRegular && type != TSSymbolTypeAnonymous) continue;
    for (size_t k = 0; k < KIND_ROWS; k++) {
      if (kind_rows[k].named == (type == TSSymbolTypeRegular) &&
          strcmp(kind_rows[k].name, name) == 0) {
        self->grammar.kinds[i] = (uint16_t)kind_rows[k].kind;
      }
    }
  }
  for (size_t k = 0; k < KIND_ROWS; k++) {
    self->grammar.has_fields[kind_rows[k].kind] = kind_rows[k].has_fields != 0;
  }
  uint32_t fields = ts_language_field_count(language);
  INVARIANT(fields < FIELD_CAPACITY);
  for (uint32_t i = 1; i <= fields; i++) {
    const char *name = ts_language_field_name_for_id(language, (TSFieldId)i);
    for (size_t k = 0; k < FIELD_ROWS; k++) {
      if (strcmp(field_rows[k].name, name) == 0) {
        self->grammar.fields[i] = (uint8_t)field_rows[k].field;
      }
    }
  }
}

Parser *parser_new(void) {
  heap_install();
  Parser *self = heap_alloc(sizeof *self);
  parser_map_symbols(self);
  return self;
}

void parser_free(Parser *self) {
  heap_release(&self->heap);
  heap_free(self);
}

void parser_recover(Parser *self) { heap_leave(&self->heap); }

// --- flattening ----------------------------------------------------------------------

#if defined PYMEMLINT_DEBUG && !defined PYMEMLINT_SYSTEM_DEPS
static void flattening_compare(const Flattening *a, const Flattening *b) {
  INVARIANT(a->nodes.count == b->nodes.count);
  INVARIANT(a->comments.count == b->comments.count);
  for (uint32_t i = 0; i < a->nodes.count; i++) {
    Node x = a->nodes.items[i], y = b->nodes.items[i];
    INVARIANT(x.kind == y.kind && x.field == y.field && x.flags == y.flags);
    INVARIANT(x.parent == y.parent && x.after == y.after);
    INVARIANT(x.start == y.start && x.stop == y.stop);
  }
  for (uint32_t i = 0; i < a->comments.count; i++) {
    INVARIANT(a->comments.items[i].start == b->comments.items[i].start);
    INVARIANT(a->comments.items[i].stop == b->comments.items[i].stop);
  }
}
#endif

static Flattening flattening_make(const Parser *parser, Arena *arena,
                                  const Source *source) {
  Flattening self = {.grammar = &parser->grammar, .arena = arena};
  vec_reserve(arena, &self.nodes, source->text.n / 5 + 16);
  vec_push(arena, &self.nodes, (Node){0});
  return self;
}

static Flattening tree_flatten(const Parser *parser, Arena *arena, const Source *source,
                               const TSTree *ts) {
  Flattening self = flattening_make(parser, arena, source);
#ifdef PYMEMLINT_SYSTEM_DEPS
  flatten_by_cursor(&self, ts);
#else
  flatten_subtrees(&self, ts);
#ifdef PYMEMLINT_DEBUG
  Flattening other = flattening_make(parser, arena, source);
  flatten_by_cursor(&other, ts);
  flattening_compare(&self, &other);
#endif
#endif
  return self;
}

// --- broken regions ------------------------------------------------------------------

static void tree_flag(Tree *t, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) t->nodes[i].flags |= NODE_IN_ERROR;
}

// Flags a compound statement's header, clause by clause, but not its blocks.
static void tree_flag_header(Tree *t, uint32_t statement) {
  t->nodes[statement].flags |= NODE_IN_ERROR;
  for (uint32_t i = statement + 1; i < t->nodes[statement].after;) {
    bool is_block = t->nodes[i].kind == PY_BLOCK;
    if (!is_block) t->nodes[i].flags |= NODE_IN_ERROR;
    i = is_block ? t->nodes[i].after : i + 1;
  }
}

// A broken place between statements also silences its neighbours on the same lines.
static void tree_flag_neighbours(Tree *t, uint32_t error) {
  const LineIndex *lines = &t->source->lines;
  NodeId next = node_next(t, (NodeId){error});
  if (node_ok(next) && lines_line_of(lines, node_start(t, next)) ==
                           lines_line_of(lines, t->nodes[error].stop)) {
    tree_flag(t, next.i, node_after(t, next));
  }
  if (error < 2) return;
  uint32_t before = error - 1;  // last node of the statement before, if there is one
  while (before != 0 && t->nodes[before].parent != t->nodes[error].parent) {
    before = t->nodes[before].parent;
  }
  if (before != 0 && lines_line_of(lines, t->nodes[before].stop) ==
                         lines_line_of(lines, t->nodes[error].start)) {
    tree_flag(t, before, t->nodes[before].after);
  }
}

static void tree_flag_error(Tree *t, uint32_t error, uint32_t statement) {
  uint32_t parent = t->nodes[error].parent;
  bool between =
      t->nodes[parent].kind == PY_BLOCK || t->nodes[parent].kind == PY_MODULE;
  PyKind kind = (PyKind)t->nodes[statement].kind;
  if (between) {
    tree_flag(t, error, t->nodes[error].after);
    tree_flag_neighbours(t, error);
  } else if (statement == 0 || kind == PY_FUNCTION_DEFINITION ||
             kind == PY_CLASS_DEFINITION ||
             !node_ok(node_child(t, (NodeId){statement}, PY_BLOCK))) {
    uint32_t whole = statement != 0 ? statement : error;
    tree_flag(t, whole, t->nodes[whole].after);
  } else {
    tree_flag_header(t, statement);
  }
}

// One pass from the top: each node's statement is known from its parent's.
static void tree_find_errors(Tree *t, Arena *arena) {
  uint32_t *statements = NULL;
  for (uint32_t i = 1; i < t->count; i++) {
    if ((t->nodes[i].flags & NODE_HAS_ERROR) == 0) continue;
    if (!node_ok(t->first_error)) t->first_error = (NodeId){i};
    for (uint32_t up = t->nodes[i].parent;
         up != 0 && (t->nodes[up].flags & NODE_HAS_ERROR) == 0;
         up = t->nodes[up].parent) {
      t->nodes[up].flags |= NODE_HAS_ERROR;
    }
  }
  if (!node_ok(t->first_error)) return;
  statements = arena_array(arena, uint32_t, t->count);
  for (uint32_t i = 1; i < t->count; i++) {
    bool is_statement = node_is_statement(t, (NodeId){i});
    statements[i] = is_statement ? i : statements[t->nodes[i].parent];
    bool is_error =
        t->nodes[i].kind == PY_ERROR || (t->nodes[i].flags & NODE_MISSING) != 0;
    if (is_error && (t->nodes[i].flags & NODE_IN_ERROR) == 0) {
      tree_flag_error(t, i, statements[i]);
    }
  }
}

// --- parsing -------------------------------------------------------------------------

typedef struct Budget {
  uint64_t calls, limit;
} Budget;

static bool budget_is_spent(TSParseState *state) {
  Budget *budget = state->payload;
  budget->calls += 1;
  return budget->calls > budget->limit;
}

static const char *source_read(void *payload, uint32_t at, TSPoint point, uint32_t *n) {
  (void)point;
  const Source *source = payload;
  *n = at < source->text.n ? source->text.n - at : 0;
  return source->text.p + (at < source->text.n ? at : source->text.n);
}

bool parser_parse(Parser *self, Tree *tree, Arena *arena, const Source *source,
                  Error *err) {
  *tree = (Tree){.source = source};
  uint64_t steps = STEPS_FREE + (uint64_t)source->text.n * STEPS_PER_BYTE;
  Budget budget = {.limit = steps / STEPS_PER_CALL};
  TSInput input = {(void *)(uintptr_t)source, source_read, TSInputEncodingUTF8, NULL};
  TSParseOptions options = {&budget, budget_is_spent};
  heap_enter(&self->heap);  // the parser, its tree and cursors go with it
  uint64_t began = clock_ns();
  TSParser *parser = ts_parser_new();
  bool fits = ts_parser_set_language(parser, tree_sitter_python());
  INVARIANT(fits);
  TSTree *ts = ts_parser_parse_with_options(parser, NULL, input, options);
  tree->parse_ns = clock_ns() - began;
  if (ts == NULL) {
    heap_leave(&self->heap);
    return error_set(err, "parsing takes more steps than a file of its size may");
  }
  Flattening flat = tree_flatten(self, arena, source, ts);
  heap_leave(&self->heap);
  tree->nodes = flat.nodes.items;
  tree->count = flat.nodes.count;
  tree->comments = flat.comments.items;
  tree->comment_count = flat.comments.count;
  tree_find_errors(tree, arena);
  return true;
}
