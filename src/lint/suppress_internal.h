// Between the parts of src/lint: reading suppressions from comments.
#ifndef LINT_SUPPRESS_INTERNAL_H
#define LINT_SUPPRESS_INTERNAL_H

#include "lint/rule_table.h"
#include "lint/suppress.h"

void suppressions_read(const RuleTable *rules, const Tree *tree, Arena *arena,
                       SuppressionList *out);
// The rules that a code, prefix, name or `ALL` selects; false when there is none.
bool selector_rules(const RuleTable *rules, Str selector, uint64_t out[4]);

#endif
