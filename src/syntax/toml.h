/* Toml: a settings file as keys, values and places.
 *
 *     TomlDoc doc;
 *     if (!toml_parse(&doc, arena, text, &err)) ...
 *     const TomlValue *v = toml_get(&doc, "project.requires-python");
 *     if (v != NULL && v->type == TOML_STRING) use(v->string);
 *
 * Parsed with tree-sitter-toml, so that every key and value has its span for error
 * messages with a code frame. A syntax error is false, with `err` naming line and column
 * and `error_at` set. Duplicate keys are errors. All memory is the arena's.
 */
#ifndef SYNTAX_TOML_H
#define SYNTAX_TOML_H

#include "base/error.h"
#include "base/lines.h"

typedef enum TomlType {
  TOML_STRING,
  TOML_INTEGER,
  TOML_FLOAT,
  TOML_BOOLEAN,
  TOML_DATE,  // kept as text
  TOML_ARRAY,
  TOML_TABLE,
} TomlType;

typedef struct TomlValue TomlValue;

typedef struct TomlPair {
  Str key;                       // one part, unquoted
  uint32_t key_start, key_stop;  // span of the key's first appearance
  TomlValue *value;
} TomlPair;

struct TomlValue {
  TomlType type;
  uint32_t start, stop;  // span in the text
  Str string;            // TOML_STRING: unescaped; numbers and dates: as written
  int64_t integer;
  double number;
  bool boolean;
  TomlValue **items;  // TOML_ARRAY; arrays of tables are arrays of TOML_TABLE
  TomlPair *pairs;    // TOML_TABLE, in the order of the text
  uint32_t count;     // of items or pairs
};

typedef struct TomlDoc {
  Str text;
  LineIndex lines;
  TomlValue *root;  // a table
  uint32_t error_at;
} TomlDoc;

bool toml_parse(TomlDoc *self, Arena *arena, Str text, Error *err);
// The value at a dotted path of bare keys, or NULL.
const TomlValue *toml_get(const TomlDoc *self, const char *path);
const TomlValue *toml_find(const TomlValue *table, Str key);
// One value as written on a command line (`--config key=value`): parses `key = value`
// as a document; a value that is not valid TOML is taken as a string.
bool toml_parse_setting(TomlDoc *self, Arena *arena, Str setting, Error *err);

#endif
