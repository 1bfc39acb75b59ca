/* Flattening: tree-sitter's tree into the table of a Tree.
 *
 * Two walks give the same table. The one over subtrees reads the core's own structures,
 * for bytes alone and without a node per question: 9 % of the parse on the standard
 * library, where the public cursor takes 19 %. Those structures are private to a release
 * of the core, so this walk is built with the pinned core only; with the system's
 * (PYMEMLINT_SYSTEM_DEPS) the cursor does the work. Debug builds walk twice and compare.
 */
#ifndef SYNTAX_FLATTEN_H
#define SYNTAX_FLATTEN_H

#include <tree_sitter/api.h>

#include "base/vec.h"
#include "syntax/tree.h"

enum { SYMBOL_CAPACITY = 512, FIELD_CAPACITY = 64 };

typedef struct Grammar {  // what the numbers of the generated parser mean to us
  uint16_t kinds[SYMBOL_CAPACITY];  // TSSymbol -> PyKind
  uint8_t fields[FIELD_CAPACITY];   // TSFieldId -> PyField
  bool has_fields[PY_KIND_COUNT];   // children of this kind may have one
} Grammar;

typedef struct Flattening {
  const Grammar *grammar;
  Arena *arena;  // of the table; the walk's own stack goes there too
  VEC(Node) nodes;
  VEC(Span) comments;
} Flattening;

// Appends the whole tree; `nodes` holds the null node before.
void flatten_subtrees(Flattening *self, const TSTree *tree);
void flatten_by_cursor(Flattening *self, const TSTree *tree);

// Extras and pieces of strings that no question is asked about.
static inline bool kind_is_left_out(PyKind kind) {
  return kind == PY_NONE || kind == PY_LINE_CONTINUATION || kind == PY_STRING_START ||
         kind == PY_STRING_END || kind == PY_ESCAPE_SEQUENCE;
}

// Kinds without children of interest: the walk need not enter.
static inline bool kind_is_leaf(PyKind kind) {
  return kind >= PY_KW_FIRST || kind == PY_STRING_CONTENT;
}

static inline PyKind grammar_kind(const Grammar *self, TSSymbol symbol) {
  return symbol < SYMBOL_CAPACITY ? (PyKind)self->kinds[symbol] : PY_ERROR;
}

static inline uint8_t flags_of(PyKind kind, bool missing) {
  if (missing) return NODE_MISSING | NODE_HAS_ERROR;
  return kind == PY_ERROR ? NODE_HAS_ERROR : 0;
}

#endif
