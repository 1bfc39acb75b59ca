#include "lint/rule_table.h"

#include "base/fault.h"

uint32_t rule_find(const RuleTable *table, Str code_or_name) {
  for (uint32_t i = 0; i < table->count; i++) {
    const Rule *rule = table->entries[i].rule;
    if (str_is(code_or_name, rule->code) || str_is(code_or_name, rule->name)) return i;
  }
  return table->count;
}

static void rule_check(const RuleTable *table, uint32_t index) {
  const Rule *rule = table->entries[index].rule;
  INVARIANT(strlen(rule->code) == 6 && memcmp(rule->code, "PML", 3) == 0);
  INVARIANT(rule->name != NULL && rule->summary != NULL);
  INVARIANT(rule->templates[0] != NULL);
  INVARIANT(rule->on_node == NULL || rule->kinds[0] != PY_NONE);
  for (uint32_t i = 0; i < index; i++) {
    INVARIANT(strcmp(table->entries[i].rule->code, rule->code) < 0);
    INVARIANT(strcmp(table->entries[i].rule->name, rule->name) != 0);
  }
}

void rule_table_check(const RuleTable *table) {
  INVARIANT(table->count <= MAX_RULES);
  for (uint32_t i = 0; i < table->count; i++) rule_check(table, i);
}
