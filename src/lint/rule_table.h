/* RuleTable: the list of rules, generated from the folder rules/ (tools/gen_rules.py).
 *
 * Sorted by code. `lint` and what lies above receive it as an argument; only the two
 * faces name `rule_table`.
 */
#ifndef LINT_RULE_TABLE_H
#define LINT_RULE_TABLE_H

#include "lint/rule.h"

typedef struct RuleEntry {
  const Rule *rule;
  const char *family;  // the folder: "references"
  const char *path;    // "rules/references/cached_method.c"
  const char *doc;     // the prose, Markdown; first line "# cached-method (PML501)"
  const char *proof;   // the proof table, tab separated; empty without one
} RuleEntry;

typedef struct RuleTable {
  const RuleEntry *entries;
  uint32_t count;
} RuleTable;

enum { MAX_RULES = 256 };

extern const RuleTable rule_table;

// Index of a code or name, or `count`.
uint32_t rule_find(const RuleTable *table, Str code_or_name);
// Panics on a malformed table: codes, names, templates, yields_to that do not exist.
void rule_table_check(const RuleTable *table);

#endif
