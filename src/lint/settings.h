/* Settings that linting depends on, resolved for one file.
 *
 * The engine fills them from flags and settings files; they are immutable while files
 * are linted. Selection is a bit per rule of the table.
 */
#ifndef LINT_SETTINGS_H
#define LINT_SETTINGS_H

#include "lint/finding.h"
#include "semantic/model.h"

typedef struct OptionValue {
  uint32_t rule_index;
  Str name;
  int64_t number;
  Str text;  // strings, separated by commas
} OptionValue;

typedef struct Settings {
  Target target;
  uint64_t enabled[4];         // bit sets over the rule table
  uint8_t severity[256];       // Level per rule; 0 = by evidence
  const OptionValue *options;  // only those that differ from the card
  uint32_t option_count;
  const Knowledge *knowledge;
} Settings;

static inline bool settings_enabled(const Settings *self, uint32_t rule) {
  return (self->enabled[rule >> 6] >> (rule & 63) & 1) != 0;
}
static inline void settings_enable(Settings *self, uint32_t rule, bool on) {
  uint64_t bit = UINT64_C(1) << (rule & 63);
  if (on) {
    self->enabled[rule >> 6] |= bit;
  } else {
    self->enabled[rule >> 6] &= ~bit;
  }
}

#endif
