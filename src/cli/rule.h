/* `pymemlint rule`: what a card says, in the three forms that people and programs read. */
#ifndef CLI_RULE_H
#define CLI_RULE_H

#include "lint/rule_table.h"

// Rows and columns of a proof table, tab separated; false when there is no further row.
enum { PROOF_COLUMNS = 8 };
bool proof_row(Str proof, uint32_t *at, Str cells[PROOF_COLUMNS], uint32_t *count);

// "size + hot", for one set of evidence.
void evidence_print(Evidence set, Buf *out);
const char *fix_name(FixSafety safety);  // "none", "unsafe", "safe"

// One object, or an array when `as_list`.
void rules_json(const RuleEntry *const *entries, uint32_t count, bool as_list,
                Buf *out);

#endif
