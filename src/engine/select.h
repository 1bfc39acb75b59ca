/* Selection: which rules run, from codes, prefixes, names and `ALL`.
 *
 * As in ruff: `select` replaces the default set, `extend_select` adds, `ignore` removes;
 * the longest prefix that fits a rule decides, and at equal length `ignore` does. 001 and
 * 002 stay on unless they are ignored by code or name: a file that could not be judged
 * must not look clean.
 */
#ifndef ENGINE_SELECT_H
#define ENGINE_SELECT_H

#include "base/error.h"
#include "base/vec.h"
#include "lint/rule_table.h"
#include "lint/settings.h"

typedef VEC(Str) StrList;

typedef struct Selection {
  StrList select, extend_select, ignore;
  bool select_given;
} Selection;

// Splits at commas, trims, and drops empty parts.
void list_add(Arena *arena, StrList *list, Str text);
// False when a selector names no rule; `err` suggests the nearest.
bool selection_apply(const Selection *self, const RuleTable *rules, Settings *settings,
                     Error *err);
// One `key=value` of --config: target-version, select, ignore, extend-select, level,
// fail-on, severity.RULE, rules.RULE.OPTION.
typedef struct ConfigTarget {
  Arena *arena;
  const RuleTable *rules;
  Settings *settings;
  Selection *selection;
  VEC(OptionValue) options;
  Level level;  // 0 = not given
  Level fail_on;
  bool fail_on_given, target_given;
} ConfigTarget;
bool config_apply(ConfigTarget *self, Str setting, Error *err);
bool level_parse(Str text, Level *level);

// The name nearest to `word` by edit distance, or empty when none is near.
Str nearest_name(Arena *arena, Str word, const char *const *names, uint32_t count);

#endif
