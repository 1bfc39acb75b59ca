// `pymemlint rule`: the prose of a rule, the facts of its card, and what was measured.

#include "cli/rule.h"

#include <stdio.h>

#include "base/utf8.h"
#include "cli/options.h"

typedef VEC(const RuleEntry *) EntryList;

bool proof_row(Str proof, uint32_t *at, Str cells[PROOF_COLUMNS], uint32_t *count) {
  if (*at >= proof.n) return false;
  Str line = str_slice(proof, *at, str_find_byte(proof, '\n', *at));
  *at += line.n + 1;
  *count = 0;
  for (uint32_t cell = 0; cell <= line.n && *count < PROOF_COLUMNS;) {
    cells[*count] = str_slice(line, cell, str_find_byte(line, '\t', cell));
    cell += cells[*count].n + 1;
    *count += 1;
  }
  return true;
}

void evidence_print(Evidence set, Buf *out) {
  const char *between = "";
  for (Evidence one = 1; one < EVIDENCE_CONSTRUCT; one <<= 1) {
    if ((set & one) == 0) continue;
    buf_printf(out, "%s%s", between, evidence_name(one));
    between = " + ";
  }
  if (*between == '\0') buf_add_text(out, evidence_name(EVIDENCE_CONSTRUCT));
}

const char *fix_name(FixSafety safety) {
  return safety == FIX_SAFE ? "safe" : safety == FIX_UNSAFE ? "unsafe" : "none";
}

// --- facts of the card ---------------------------------------------------------------

static void versions_print(const Rule *rule, Buf *out) {
  if (rule->since == 0 && rule->until == 0)
    buf_add_text(out, "every Python");
  else if (rule->until == 0)
    buf_printf(out, "3.%d and later", rule->since);
  else if (rule->since == 0)
    buf_printf(out, "up to 3.%d", rule->until);
  else
    buf_printf(out, "3.%d to 3.%d", rule->since, rule->until);
}

static void level_print(const Rule *rule, Buf *out) {
  if (rule->warn_on[0] == 0)
    buf_add_text(out, "always a note");
  else if (rule->warn_on[0] == EVIDENCE_CONSTRUCT)
    buf_add_text(out, "a warning");
  else {
    buf_add_text(out, "a warning with evidence ");
    for (uint32_t i = 0; i < MAX_SETS && rule->warn_on[i] != 0; i++) {
      if (i > 0) buf_add_text(out, ", or ");
      evidence_print(rule->warn_on[i], out);
    }
    buf_add_text(out, "; else a note");
  }
}

static void option_print(const RuleOption *option, Buf *out) {
  buf_printf(out, "%s = ", option->name);
  switch (option->type) {
    case OPTION_BOOL: buf_add_text(out, option->number != 0 ? "true" : "false"); break;
    case OPTION_STRINGS:
      buf_printf(out, "\"%s\"", option->text != NULL ? option->text : "");
      break;
    default: buf_printf(out, "%lld", (long long)option->number);
  }
  buf_printf(out, "  (%s)", option->doc);
}

static void facts_print(const RuleEntry *entry, const char *bullet, Buf *out) {
  const Rule *rule = entry->rule;
  buf_printf(out, "%sfamily:    %s\n%slevel:     ", bullet, entry->family, bullet);
  level_print(rule, out);
  buf_printf(out, "\n%sfix:       %s\n%sholds for: ", bullet, fix_name(rule->fix),
             bullet);
  versions_print(rule, out);
  buf_add_byte(out, '\n');
  for (uint32_t i = 0; i < MAX_YIELDS && rule->yields_to[i] != NULL; i++) {
    if (i == 0) buf_printf(out, "%syields to: ", bullet);
    buf_printf(out, "%s%s", i > 0 ? ", " : "", rule->yields_to[i]);
  }
  if (rule->yields_to[0] != NULL) buf_add_byte(out, '\n');
  for (uint32_t i = 0; i < MAX_OPTIONS && rule->options[i].name != NULL; i++) {
    buf_printf(out, "%soption:    ", bullet);
    option_print(&rule->options[i], out);
    buf_add_byte(out, '\n');
  }
  if (rule->opt_in) buf_printf(out, "%sselected:  only by code or name\n", bullet);
}

// --- the proof -----------------------------------------------------------------------

static void cell_print(Str cell, uint32_t width, bool left, Buf *out) {
  uint32_t pad = width > cell.n ? width - cell.n : 0;
  if (!left) buf_fill(out, ' ', pad);
  buf_add(out, cell);
  if (left) buf_fill(out, ' ', pad);
}

static void proof_print(Str proof, Buf *out) {
  uint32_t widths[PROOF_COLUMNS] = {0}, count, at = 0;
  Str cells[PROOF_COLUMNS];
  while (proof_row(proof, &at, cells, &count)) {
    for (uint32_t i = 0; i < count; i++) {
      if (cells[i].n > widths[i]) widths[i] = cells[i].n;
    }
  }
  at = 0;
  while (proof_row(proof, &at, cells, &count)) {
    for (uint32_t i = 0; i < count; i++) {
      buf_add_text(out, "  ");
      bool is_word = i == 0 || i == 2;  // the version and the metric
      cell_print(cells[i], is_word && i + 1 == count ? 0 : widths[i], is_word, out);
    }
    buf_add_byte(out, '\n');
  }
}

static void proof_markdown(Str proof, Buf *out) {
  uint32_t count, at = 0;
  Str cells[PROOF_COLUMNS];
  for (bool head = true; proof_row(proof, &at, cells, &count); head = false) {
    for (uint32_t i = 0; i < count; i++) buf_printf(out, "| %.*s ", STR_ARGS(cells[i]));
    buf_add_text(out, "|\n");
    for (uint32_t i = 0; i < count && head; i++) buf_add_text(out, "|---");
    if (head) buf_add_text(out, "|\n");
  }
}

// --- a rule --------------------------------------------------------------------------

static void rule_text(const RuleEntry *entry, Buf *out) {
  const Rule *rule = entry->rule;
  Str doc = str_from(entry->doc);
  uint32_t body = str_find_byte(doc, '\n', 0);  // the first line is the heading
  buf_printf(out, "%s %s\n%s\n\n", rule->code, rule->name, rule->summary);
  facts_print(entry, "", out);
  buf_printf(out, "\n%.*s\n", STR_ARGS(str_trim(str_slice(doc, body, doc.n))));
  if (entry->proof[0] == '\0') return;
  buf_add_text(out, "\n## Measured, in bytes\n\n");
  proof_print(str_from(entry->proof), out);
}

static void rule_markdown(const RuleEntry *entry, Buf *out) {
  Str doc = str_from(entry->doc);
  uint32_t body = str_find_byte(doc, '\n', 0);
  buf_printf(out, "%.*s\n\n", STR_ARGS(str_slice(doc, 0, body)));
  facts_print(entry, "- ", out);
  buf_printf(out, "\n%.*s\n", STR_ARGS(str_trim(str_slice(doc, body, doc.n))));
  if (entry->proof[0] == '\0') return;
  buf_add_text(out, "\n## Measured, in bytes\n\n");
  proof_markdown(str_from(entry->proof), out);
}

// --- which ---------------------------------------------------------------------------

static bool operand_fits(Str operand, const Rule *rule) {
  if (str_is(operand, rule->code) || str_is(operand, rule->name)) return true;
  if (str_is(operand, "ALL")) return true;
  return operand.n >= 3 && str_starts(str_from(rule->code), operand);
}

static bool operands_known(const Options *options, Error *err) {
  for (uint32_t i = 0; i < options->operands.count; i++) {
    Str operand = options->operands.items[i];
    bool known = false;
    for (uint32_t r = 0; r < rule_table.count; r++) {
      known = known || operand_fits(operand, rule_table.entries[r].rule);
    }
    if (known) continue;
    const char *names[MAX_RULES * 2];
    for (uint32_t r = 0; r < rule_table.count; r++) {
      names[r * 2] = rule_table.entries[r].rule->name;
      names[r * 2 + 1] = rule_table.entries[r].rule->code;
    }
    Buf shown = buf_in(options->arena);
    buf_add_escaped(&shown, operand);
    Str near = nearest_name(options->arena, operand, names, rule_table.count * 2);
    if (near.n == 0) {
      return error_set(err, "there is no rule `%.*s`", STR_ARGS(buf_str(&shown)));
    }
    return error_set(err, "there is no rule `%.*s`; did you mean `%.*s`?",
                     STR_ARGS(buf_str(&shown)), STR_ARGS(near));
  }
  return true;
}

static bool rule_wanted(const Options *options, const Rule *rule) {
  bool wanted = options->all;
  for (uint32_t i = 0; i < options->operands.count; i++) {
    wanted = wanted || operand_fits(options->operands.items[i], rule);
  }
  return wanted;
}

static bool names_one(const Options *options) {
  if (options->all || options->operands.count != 1) return false;
  return rule_find(&rule_table, options->operands.items[0]) < rule_table.count;
}

int command_rule(const Options *options) {
  Error err = error_in(options->arena);
  Str format = options->rule_format;
  rule_table_check(&rule_table);
  if (!options->all && options->operands.count == 0) {
    return usage_error(STR("`rule` takes codes, names or prefixes, or --all"));
  }
  bool json = str_is(format, "json"), markdown = str_is(format, "md");
  if (format.n != 0 && !json && !markdown && !str_is(format, "text")) {
    error_set(&err, "`%.*s` is no output format of `rule`; there are text, json, md",
              STR_ARGS(format));
    return usage_error(err.text);
  }
  if (!operands_known(options, &err)) return usage_error(err.text);
  EntryList list = {0};
  for (uint32_t i = 0; i < rule_table.count; i++) {
    const RuleEntry *entry = &rule_table.entries[i];
    if (rule_wanted(options, entry->rule)) vec_push(options->arena, &list, entry);
  }
  Buf out = buf_in(options->arena);
  if (json) rules_json(list.items, list.count, !names_one(options), &out);
  for (uint32_t i = 0; i < list.count && !json; i++) {
    if (i > 0) buf_add_text(&out, "\n");
    if (markdown)
      rule_markdown(list.items[i], &out);
    else
      rule_text(list.items[i], &out);
  }
  fwrite(out.p, 1, out.n, stdout);
  return 0;
}
