#include "engine/select.h"

#include "engine/run.h"
#include "syntax/toml.h"

void list_add(Arena *arena, StrList *list, Str text) {
  for (uint32_t start = 0; start < text.n;) {
    uint32_t stop = str_find_byte(text, ',', start);
    Str part = str_trim(str_slice(text, start, stop));
    if (part.n != 0) vec_push(arena, list, part);
    start = stop + 1;
  }
}

// How closely a selector fits a rule: 0 not at all, 1 ALL, then the prefix length.
static uint32_t selector_fit(Str selector, const Rule *rule) {
  enum { EXACT = 100 };
  if (str_is(selector, rule->code) || str_is(selector, rule->name)) return EXACT;
  if (str_is(selector, "ALL")) return 1;
  bool is_prefix = selector.n >= 3 && str_starts(str_from(rule->code), selector);
  return is_prefix ? 1 + selector.n : 0;
}

static uint32_t best_fit(const StrList *list, const Rule *rule) {
  uint32_t best = 0;
  for (uint32_t i = 0; i < list->count; i++) {
    uint32_t fit = selector_fit(list->items[i], rule);
    if (fit > best) best = fit;
  }
  return best;
}

static uint32_t edit_distance(Str a, Str b) {
  enum { LONGEST = 40 };
  uint32_t row[LONGEST + 1];
  if (a.n > LONGEST || b.n > LONGEST) return LONGEST;
  for (uint32_t j = 0; j <= b.n; j++) row[j] = j;
  for (uint32_t i = 1; i <= a.n; i++) {
    uint32_t corner = row[0];
    row[0] = i;
    for (uint32_t j = 1; j <= b.n; j++) {
      uint32_t above = row[j];
      uint32_t best = corner + (a.p[i - 1] != b.p[j - 1]);
      if (above + 1 < best) best = above + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      corner = above;
      row[j] = best;
    }
  }
  return row[b.n];
}

Str nearest_name(Arena *arena, Str word, const char *const *names, uint32_t count) {
  (void)arena;
  Str best = STR_NONE;
  uint32_t limit = word.n / 3 + 1;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t distance = edit_distance(word, str_from(names[i]));
    if (distance <= limit) {
      best = str_from(names[i]);
      limit = distance - (distance > 0);
      if (distance == 0) break;
    }
  }
  return best;
}

static bool selector_known(const RuleTable *rules, Str selector, Error *err) {
  for (uint32_t i = 0; i < rules->count; i++) {
    if (selector_fit(selector, rules->entries[i].rule) != 0) return true;
  }
  const char *names[MAX_RULES * 2];
  for (uint32_t i = 0; i < rules->count; i++) {
    names[i * 2] = rules->entries[i].rule->name;
    names[i * 2 + 1] = rules->entries[i].rule->code;
  }
  Str near = nearest_name(err->arena, selector, names, rules->count * 2);
  if (near.n != 0) {
    return error_set(err, "`%.*s` names no rule; did you mean `%.*s`?",
                     STR_ARGS(selector), STR_ARGS(near));
  }
  return error_set(err, "`%.*s` names no rule", STR_ARGS(selector));
}

static bool list_known(const RuleTable *rules, const StrList *list, Error *err) {
  for (uint32_t i = 0; i < list->count; i++) {
    if (!selector_known(rules, list->items[i], err)) return false;
  }
  return true;
}

static bool is_vital(const Rule *rule) {
  return strcmp(rule->code, "PML001") == 0 || strcmp(rule->code, "PML002") == 0;
}

bool selection_apply(const Selection *self, const RuleTable *rules, Settings *settings,
                     Error *err) {
  if (!list_known(rules, &self->select, err) ||
      !list_known(rules, &self->ignore, err) ||
      !list_known(rules, &self->extend_select, err)) {
    return false;
  }
  for (uint32_t i = 0; i < rules->count; i++) {
    const Rule *rule = rules->entries[i].rule;
    uint32_t on = best_fit(&self->select, rule);
    uint32_t more = best_fit(&self->extend_select, rule);
    uint32_t off = best_fit(&self->ignore, rule);
    if (!self->select_given && !rule->opt_in && on == 0) on = 1;
    if (more > on) on = more;
    if (is_vital(rule) && on < 7) on = 7;  // a prefix or ALL does not silence it
    settings_enable(settings, i, on > off);
  }
  return true;
}

bool level_parse(Str text, Level *level) {
  if (str_is(text, "note"))
    *level = LEVEL_NOTE;
  else if (str_is(text, "warning"))
    *level = LEVEL_WARNING;
  else if (str_is(text, "error"))
    *level = LEVEL_ERROR;
  else
    return false;
  return true;
}

// --- --config ------------------------------------------------------------------------

static bool want_string(const TomlValue *value, const char *key, Error *err) {
  if (value->type == TOML_STRING) return true;
  return error_set(err, "`%s` takes a string", key);
}

static bool config_list(ConfigTarget *self, StrList *list, const TomlValue *value,
                        const char *key, Error *err) {
  if (value->type == TOML_STRING) {
    list_add(self->arena, list, value->string);
    return true;
  }
  if (value->type != TOML_ARRAY) return error_set(err, "`%s` takes a list", key);
  for (uint32_t i = 0; i < value->count; i++) {
    if (!want_string(value->items[i], key, err)) return false;
    list_add(self->arena, list, value->items[i]->string);
  }
  return true;
}

static bool config_severity(ConfigTarget *self, const TomlValue *table, Error *err) {
  if (table->type != TOML_TABLE) return error_set(err, "`severity` takes RULE = LEVEL");
  for (uint32_t i = 0; i < table->count; i++) {
    Str key = table->pairs[i].key;
    Level level;
    if (!selector_known(self->rules, key, err)) return false;
    if (table->pairs[i].value->type != TOML_STRING ||
        !level_parse(table->pairs[i].value->string, &level)) {
      return error_set(err, "a severity is \"note\", \"warning\" or \"error\"");
    }
    for (uint32_t r = 0; r < self->rules->count; r++) {
      if (selector_fit(key, self->rules->entries[r].rule) != 0) {
        self->settings->severity[r] = (uint8_t)level;
      }
    }
  }
  return true;
}

static Str joined(Arena *arena, const TomlValue *array) {
  Buf out = buf_in(arena);
  for (uint32_t i = 0; i < array->count; i++) {
    if (i > 0) buf_add_byte(&out, ',');
    buf_add(&out, array->items[i]->string);
  }
  return buf_str(&out);
}

static bool config_option(ConfigTarget *self, uint32_t index, const TomlPair *pair,
                          Error *err) {
  const Rule *rule = self->rules->entries[index].rule;
  const TomlValue *value = pair->value;
  for (uint32_t i = 0; i < MAX_OPTIONS && rule->options[i].name != NULL; i++) {
    const RuleOption *option = &rule->options[i];
    if (!str_is(pair->key, option->name)) continue;
    OptionValue out = {.rule_index = index, .name = pair->key};
    bool fits = (option->type == OPTION_INT && value->type == TOML_INTEGER) ||
                (option->type == OPTION_BOOL && value->type == TOML_BOOLEAN) ||
                (option->type == OPTION_STRINGS && value->type == TOML_ARRAY);
    if (!fits)
      return error_set(err, "`%s` of %s has another type", option->name, rule->name);
    out.number = option->type == OPTION_BOOL ? value->boolean : value->integer;
    if (option->type == OPTION_STRINGS) out.text = joined(self->arena, value);
    vec_push(self->arena, &self->options, out);
    return true;
  }
  return error_set(err, "%s has no option `%.*s`", rule->name, STR_ARGS(pair->key));
}

static bool config_rules(ConfigTarget *self, const TomlValue *table, Error *err) {
  if (table->type != TOML_TABLE)
    return error_set(err, "`rules` takes RULE.OPTION = VALUE");
  for (uint32_t i = 0; i < table->count; i++) {
    uint32_t index = rule_find(self->rules, table->pairs[i].key);
    if (index == self->rules->count) {
      selector_known(self->rules, table->pairs[i].key, err);
      return error_set(err, "`rules` takes the code or name of one rule");
    }
    const TomlValue *options = table->pairs[i].value;
    if (options->type != TOML_TABLE) {
      return error_set(err, "`rules` takes RULE.OPTION = VALUE");
    }
    for (uint32_t k = 0; k < options->count; k++) {
      if (!config_option(self, index, &options->pairs[k], err)) return false;
    }
  }
  return true;
}

static bool config_pair(ConfigTarget *self, const TomlPair *pair, Error *err) {
  static const char *const keys[] = {"target-version", "select", "ignore",
                                     "extend-select",  "level",  "fail-on",
                                     "severity",       "rules"};
  const TomlValue *value = pair->value;
  Str key = pair->key;
  if (str_is(key, "select")) {
    self->selection->select_given = true;
    return config_list(self, &self->selection->select, value, "select", err);
  }
  if (str_is(key, "ignore")) {
    return config_list(self, &self->selection->ignore, value, "ignore", err);
  }
  if (str_is(key, "extend-select")) {
    return config_list(self, &self->selection->extend_select, value, "extend-select",
                       err);
  }
  if (str_is(key, "severity")) return config_severity(self, value, err);
  if (str_is(key, "rules")) return config_rules(self, value, err);
  if (str_is(key, "level")) {
    bool ok = value->type == TOML_STRING && level_parse(value->string, &self->level);
    return ok || error_set(err, "`level` is \"note\", \"warning\" or \"error\"");
  }
  if (str_is(key, "fail-on")) {
    self->fail_on_given = true;
    bool ok =
        value->type == TOML_STRING &&
        (str_is(value->string, "never") || level_parse(value->string, &self->fail_on));
    return ok ||
           error_set(err, "`fail-on` is \"note\", \"warning\", \"error\" or \"never\"");
  }
  if (str_is(key, "target-version")) {
    self->target_given = true;
    Str text = value->string;  // a float as written, 3.12, will do
    bool ok = (value->type == TOML_STRING || value->type == TOML_FLOAT) &&
              target_parse(text, &self->settings->target);
    return ok || error_set(err, "`target-version` is like \"3.12\" or \"py312\"");
  }
  Str near = nearest_name(self->arena, key, keys, sizeof keys / sizeof keys[0]);
  if (near.n == 0) return error_set(err, "there is no setting `%.*s`", STR_ARGS(key));
  return error_set(err, "there is no setting `%.*s`; did you mean `%.*s`?",
                   STR_ARGS(key), STR_ARGS(near));
}

bool config_apply(ConfigTarget *self, Str setting, Error *err) {
  TomlDoc doc;
  if (str_find_byte(setting, '=', 0) == setting.n) {
    return error_set(err, "`--config %.*s`: settings are KEY=VALUE", STR_ARGS(setting));
  }
  if (!toml_parse_setting(&doc, self->arena, setting, err)) return false;
  for (uint32_t i = 0; i < doc.root->count; i++) {
    if (!config_pair(self, &doc.root->pairs[i], err)) return false;
  }
  return true;
}
