#include "base/vec.h"
#include "report/report_internal.h"

/* `tool.driver`: the program and its rules. What GitHub shows of a rule is its name, its
 * short description, and the help in Markdown; descriptions are cut at 1024 characters
 * there, so ours are a sentence and a paragraph, and the prose is the help. */

enum { MOST_DESCRIPTION = 1000 };

SarifRules sarif_rules_of(const Report *report) {
  SarifRules self = {0};
  bool listed[MAX_RULES] = {0};
  for (uint32_t i = 0; i < report->rules->count; i++) {
    listed[i] = settings_enabled(report->settings, i);
  }
  // Folders may have settings of their own: a rule that is off here can have fired
  // there.
  for (uint32_t f = 0; f < report->file_count; f++) {
    for (uint32_t i = 0; i < report->files[f].count; i++) {
      listed[report->files[f].findings[i].rule_index] = true;
    }
  }
  for (uint32_t i = 0; i < report->rules->count; i++) {
    if (listed[i]) self.position[i] = ++self.count;
  }
  return self;
}

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

Str sentence_in(Arena *arena, Str text) {
  Buf out = buf_in(arena);
  text = str_trim(text);
  uint32_t word = 0;
  while (word < text.n && is_lower(text.p[word])) word += 1;
  // `lru_cache` and `f(x)` are code, not words.
  bool is_word = word > 0 && (word == text.n || strchr(" ,:;-", text.p[word]) != NULL);
  if (is_word) {
    buf_add_byte(&out, (char)(text.p[0] - 'a' + 'A'));
    text = str_slice(text, 1, text.n);
  }
  buf_add(&out, text);
  if (text.n == 0 || strchr(".!?", text.p[text.n - 1]) == NULL) buf_add_byte(&out, '.');
  return buf_str(&out);
}

// "cached-method" -> "CachedMethod"
static Str pascal_in(Arena *arena, const char *name) {
  Buf out = buf_in(arena);
  bool at_start = true;
  for (; *name != '\0'; name++) {
    if (*name == '-') {
      at_start = true;
      continue;
    }
    buf_add_byte(&out, at_start && is_lower(*name) ? (char)(*name - 'a' + 'A') : *name);
    at_start = false;
  }
  return buf_str(&out);
}

// The first paragraph below the title, on one line; the summary where there is no
// prose.
static Str paragraph_in(Arena *arena, const RuleEntry *entry) {
  Str doc = str_from(entry->doc);
  Buf out = buf_in(arena);
  for (uint32_t at = 0; at < doc.n;) {
    uint32_t stop = str_find_byte(doc, '\n', at);
    Str line = str_trim(str_slice(doc, at, stop));
    at = stop + 1;
    if (str_starts(line, STR("#"))) continue;
    if (line.n == 0) {
      if (out.n != 0) break;
      continue;
    }
    if (out.n + line.n + 1 > MOST_DESCRIPTION) break;
    if (out.n != 0) buf_add_byte(&out, ' ');
    buf_add(&out, line);
  }
  return out.n != 0 ? buf_str(&out) : str_from(entry->rule->summary);
}

static bool is_placeholder(Str text, uint32_t at) {
  return at + 2 < text.n && text.p[at] == '{' && text.p[at + 1] >= '0' &&
         text.p[at + 1] <= '9' && text.p[at + 2] == '}';
}

// Placeholders in single quotes instead of backticks, other braces doubled.
static Str template_in(Arena *arena, const char *text_of_card) {
  Str text = str_from(text_of_card);
  Buf out = buf_in(arena);
  for (uint32_t at = 0; at < text.n;) {
    bool is_quoted = text.p[at] == '`' && is_placeholder(text, at + 1) &&
                     at + 4 < text.n && text.p[at + 4] == '`';
    uint32_t brace = is_quoted ? at + 1 : at;
    if (is_placeholder(text, brace)) {
      buf_printf(&out, "'%.*s'", 3, text.p + brace);
      at = is_quoted ? at + 5 : at + 3;
      continue;
    }
    if (text.p[at] == '{' || text.p[at] == '}') buf_add_byte(&out, text.p[at]);
    buf_add_byte(&out, text.p[at]);
    at += 1;
  }
  return sentence_in(arena, buf_str(&out));
}

static cJSON *message(Arena *scratch, Str text) {
  cJSON *element = json_object();
  json_put_str(element, "text", scratch, text);
  return element;
}

static cJSON *help(Arena *scratch, const RuleEntry *entry) {
  Str doc = str_from(entry->doc);
  if (doc.n == 0) doc = sentence_in(scratch, str_from(entry->rule->summary));
  cJSON *element = message(scratch, doc);
  json_put_str(element, "markdown", scratch, doc);
  return element;
}

static const char *const template_names[] = {"t0", "t1", "t2", "t3", "t4", "t5"};
_Static_assert(sizeof template_names / sizeof *template_names == MAX_TEMPLATES,
               "one name for each template");

static cJSON *message_strings(Arena *scratch, const Rule *rule) {
  cJSON *element = json_object();
  for (uint32_t i = 0; i < MAX_TEMPLATES && rule->templates[i] != NULL; i++) {
    json_put(element, template_names[i],
             message(scratch, template_in(scratch, rule->templates[i])));
  }
  return element;
}

static cJSON *rule_properties(Arena *scratch, const RuleEntry *entry, bool warns) {
  cJSON *element = json_object(), *tags = json_array();
  json_push_str(tags, scratch, STR("memory"));
  json_push_str(tags, scratch, str_from(entry->family));
  json_put(element, "tags", tags);
  json_put_text(element, "precision", warns ? "high" : "medium");
  json_put_text(element, "problem.severity", warns ? "warning" : "recommendation");
  json_put_text(element, "fix", fix_safety_word(entry->rule->fix));
  return element;
}

static cJSON *rule_element(Arena *scratch, const RuleEntry *entry) {
  const Rule *rule = entry->rule;
  bool warns = rule->warn_on[0] != 0;
  Str summary = sentence_in(scratch, str_from(rule->summary));
  Str paragraph = sentence_in(scratch, paragraph_in(scratch, entry));
  cJSON *element = json_object(), *defaults = json_object();
  json_put_text(element, "id", rule->code);
  json_put_str(element, "name", scratch, pascal_in(scratch, rule->name));
  json_put(element, "shortDescription", message(scratch, summary));
  json_put(element, "fullDescription", message(scratch, paragraph));
  json_put(element, "help", help(scratch, entry));
  Str uri = rule_uri_in(scratch, rule);
  if (uri.n != 0) json_put_str(element, "helpUri", scratch, uri);
  json_put(element, "messageStrings", message_strings(scratch, rule));
  json_put_text(defaults, "level", warns ? "warning" : "note");
  json_put(element, "defaultConfiguration", defaults);
  json_put(element, "properties", rule_properties(scratch, entry, warns));
  return element;
}

void sarif_driver_print(const Report *report, const SarifRules *rules, Arena *scratch,
                        Buf *out) {
  buf_add(out, STR("\"tool\":{\"driver\":{\"name\":\"pymemlint\","
                   "\"version\":\"" PYMEMLINT_VERSION "\","
                   "\"semanticVersion\":\"" PYMEMLINT_VERSION "\","
                   "\"informationUri\":\"" PYMEMLINT_HOMEPAGE "\",\n\"rules\":["));
  for (uint32_t i = 0; i < report->rules->count; i++) {
    if (rules->position[i] == 0) continue;
    buf_add_text(out, rules->position[i] > 1 ? ",\n" : "\n");
    json_print(rule_element(scratch, &report->rules->entries[i]), out);
    arena_reset(scratch);
  }
  buf_add(out, STR("]}}"));
}
