// The JSON of `rule`: the keys of ruff, so that what reads its list reads ours, and ours.

#include <cjson/cJSON.h>
#include <stdio.h>

#include "cli/rule.h"

static cJSON *strings(const char *const *list, uint32_t limit) {
  cJSON *out = cJSON_CreateArray();
  for (uint32_t i = 0; i < limit && list[i] != NULL; i++) {
    cJSON_AddItemToArray(out, cJSON_CreateString(list[i]));
  }
  return out;
}

static cJSON *evidence(const Rule *rule) {
  cJSON *sets = cJSON_CreateArray();
  for (uint32_t i = 0; i < MAX_SETS && rule->warn_on[i] != 0; i++) {
    cJSON *set = cJSON_CreateArray();
    for (Evidence one = 1; one <= EVIDENCE_CONSTRUCT; one <<= 1) {
      if ((rule->warn_on[i] & one) == 0) continue;
      cJSON_AddItemToArray(set, cJSON_CreateString(evidence_name(one)));
    }
    cJSON_AddItemToArray(sets, set);
  }
  return sets;
}

static cJSON *default_value(const RuleOption *option) {
  switch (option->type) {
    case OPTION_BOOL: return cJSON_CreateBool(option->number != 0);
    case OPTION_STRINGS:
      return cJSON_CreateString(option->text != NULL ? option->text : "");
    default: return cJSON_CreateNumber((double)option->number);
  }
}

static cJSON *options(const Rule *rule) {
  static const char *const types[] = {"none", "int", "bool", "strings"};
  cJSON *list = cJSON_CreateArray();
  for (uint32_t i = 0; i < MAX_OPTIONS && rule->options[i].name != NULL; i++) {
    const RuleOption *option = &rule->options[i];
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "name", option->name);
    cJSON_AddStringToObject(row, "type", types[option->type]);
    cJSON_AddItemToObject(row, "default", default_value(option));
    cJSON_AddStringToObject(row, "doc", option->doc);
    cJSON_AddItemToArray(list, row);
  }
  return list;
}

static void add_text(cJSON *object, Arena *arena, Str key, Str text) {
  cJSON_AddStringToObject(object, str_cstr_in(arena, key), str_cstr_in(arena, text));
}

static cJSON *proof(Arena *arena, const char *table) {
  Str text = str_from(table), heads[PROOF_COLUMNS], cells[PROOF_COLUMNS];
  uint32_t at = 0, columns = 0, count = 0;
  cJSON *rows = cJSON_CreateArray();
  if (!proof_row(text, &at, heads, &columns)) return rows;
  while (proof_row(text, &at, cells, &count)) {
    cJSON *row = cJSON_CreateObject();
    for (uint32_t i = 0; i < count && i < columns; i++) {
      bool is_word = i == 0 || i == 2;  // the version and the metric
      if (is_word)
        add_text(row, arena, heads[i], cells[i]);
      else
        cJSON_AddRawToObject(row, str_cstr_in(arena, heads[i]),
                             str_cstr_in(arena, cells[i]));
    }
    cJSON_AddItemToArray(rows, row);
  }
  return rows;
}

static void add_minor(cJSON *object, const char *key, uint8_t minor) {
  char text[16];
  snprintf(text, sizeof text, "3.%d", minor);
  cJSON_AddItemToObject(object, key,
                        minor == 0 ? cJSON_CreateNull() : cJSON_CreateString(text));
}

static cJSON *rule_json(Arena *arena, const RuleEntry *entry) {
  const Rule *rule = entry->rule;
  cJSON *out = cJSON_CreateObject();
  cJSON_AddStringToObject(out, "name", rule->name);
  cJSON_AddStringToObject(out, "code", rule->code);
  cJSON_AddStringToObject(out, "linter", "pymemlint");
  cJSON_AddStringToObject(out, "summary", rule->summary);
  cJSON_AddItemToObject(out, "message_formats",
                        strings(rule->templates, MAX_TEMPLATES));
  cJSON_AddBoolToObject(out, "fix", rule->fix != FIX_NONE);
  cJSON_AddStringToObject(out, "fix_availability",
                          rule->fix != FIX_NONE ? "Sometimes" : "None");
  cJSON_AddStringToObject(out, "explanation", entry->doc);
  cJSON_AddBoolToObject(out, "preview", false);
  cJSON_AddStringToObject(out, "status", "Stable");
  cJSON_AddStringToObject(out, "family", entry->family);
  cJSON_AddStringToObject(out, "fix_safety", fix_name(rule->fix));
  cJSON_AddItemToObject(out, "warns_with", evidence(rule));
  cJSON_AddItemToObject(out, "options", options(rule));
  cJSON_AddItemToObject(out, "yields_to", strings(rule->yields_to, MAX_YIELDS));
  add_minor(out, "since", rule->since);
  add_minor(out, "until", rule->until);
  cJSON_AddBoolToObject(out, "default", !rule->opt_in);
  cJSON_AddItemToObject(out, "proof", proof(arena, entry->proof));
  return out;
}

void rules_json(const RuleEntry *const *entries, uint32_t count, bool as_list,
                Buf *out) {
  cJSON *root = as_list ? cJSON_CreateArray() : rule_json(out->arena, entries[0]);
  for (uint32_t i = 0; i < count && as_list; i++) {
    cJSON_AddItemToArray(root, rule_json(out->arena, entries[i]));
  }
  char *text = cJSON_Print(root);
  if (text == NULL) BUG("no memory for the JSON of a rule");
  buf_add_text(out, text);
  buf_add_byte(out, '\n');
  cJSON_free(text);
  cJSON_Delete(root);
}
