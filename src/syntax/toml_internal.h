// What toml.c (tree-sitter's tree as a table) and toml_build.c (values) share.
#ifndef SYNTAX_TOML_INTERNAL_H
#define SYNTAX_TOML_INTERNAL_H

#include "syntax/toml.h"

typedef enum TomlKind {
  SYNTAX_OTHER,
  SYNTAX_DOCUMENT,
  SYNTAX_PAIR,
  SYNTAX_TABLE,
  SYNTAX_TABLE_ARRAY,
  SYNTAX_BARE_KEY,
  SYNTAX_QUOTED_KEY,
  SYNTAX_DOTTED_KEY,
  SYNTAX_STRING,
  SYNTAX_INTEGER,
  SYNTAX_FLOAT,
  SYNTAX_BOOLEAN,
  SYNTAX_DATE,
  SYNTAX_ARRAY,
  SYNTAX_INLINE_TABLE,
} TomlKind;

// One named node, in pre-order; the first child of item i is i + 1 if below `after`.
typedef struct TomlItem {
  TomlKind kind;
  uint32_t start, stop;
  uint32_t after;  // first item behind the subtree
} TomlItem;

typedef struct TomlItems {
  TomlItem *items;
  uint32_t count;
} TomlItems;

// Sets `error_at` and `err` ("line 3, column 7: ..."); always false.
bool toml_fail(TomlDoc *doc, Error *err, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Fills `doc->root` from a document without syntax errors.
bool toml_build(TomlDoc *doc, Arena *arena, const TomlItems *syntax, Error *err);
// The text of a string literal or quoted key, unescaped.
bool toml_unquote(TomlDoc *doc, Arena *arena, uint32_t start, uint32_t stop, Str *out,
                  Error *err);
// Sets type and value of an integer, float, boolean or date.
bool toml_scalar(TomlDoc *doc, Arena *arena, TomlKind kind, TomlValue *value,
                 Error *err);

#endif
