#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "report/report_internal.h"

/* SARIF 2.1.0 as GitHub's code scanning, Microsoft's validator and the editors' viewers
 * want it. Columns are UTF-16 units, as viewers assume that ignore columnKind.
 *
 * - Findings of one rule on one line are one result, since GitHub tells alerts apart by
 *   rule and line hash: the first is the primary one, the others related locations.
 * - The region is on one line, since GitHub shows an alert in a pull request only when
 *   each of its lines is in the diff; contextRegion holds the whole.
 * - Results come by level, then rank, then place: GitHub keeps the first 5000. */

enum { MOST_RESULTS = 5000, MOST_SNIPPET = 2048, MOST_CONTEXT = 8192, CONTEXT = 1 };

typedef struct Item {  // a result
  const ReportFile *file;
  uint32_t finding;  // its first finding
  uint32_t order;
  Level level;
  uint32_t rank;
  LineHash hash;  // occurrence 0: none
} Item;

typedef struct Sarif {
  Desk desk;
  Arena scratch;  // of the result in hand
  Arena kept;     // of the whole run
  SarifRules rules;
  VEC(Item) items;
  uint32_t **chains;  // per file, per finding: the next of its result, 0 = the last
  Buf *out;
} Sarif;

static const ReportFile *files_of(const Sarif *self) {
  return self->desk.report->files;
}

// --- results -------------------------------------------------------------------------

// 0 to 100: the level's range, in it evidence and the order of magnitude of the bytes.
static uint32_t rank_of(const Finding *finding) {
  static const uint32_t base[] = {
      [LEVEL_NOTE] = 10, [LEVEL_WARNING] = 40, [LEVEL_ERROR] = 70};
  uint32_t evidence = 0, bits = 0;
  for (uint32_t i = 0; i < EVIDENCE_KINDS; i++) {
    evidence += (finding->evidence >> i & 1) * 3;
  }
  for (uint32_t bytes = finding->cost.bytes; bytes != 0 && bits < 14; bytes >>= 1)
    bits++;
  return base[finding->level] + evidence + bits;
}

static void item_take(Item *item, const Finding *finding) {
  if (finding->level > item->level) item->level = finding->level;
  if (rank_of(finding) > item->rank) item->rank = rank_of(finding);
}

static void items_of_file(Sarif *self, uint32_t file_index) {
  const ReportFile *file = &files_of(self)[file_index];
  uint32_t *chain = arena_array(&self->kept, uint32_t, file->count);
  uint32_t *tail = arena_array(&self->scratch, uint32_t, file->count);
  LineHashes hashes = {0};
  if (file->source != NULL && file->count != 0) {
    hashes = line_hashes_in(&self->scratch, file->source->bytes);
  }
  Map seen = map_in(&self->scratch);  // line and rule -> item + 1
  for (uint32_t i = 0; i < file->count; i++) {
    const Finding *finding = &file->findings[i];
    uint32_t line = desk_position(&self->desk, file, finding->span.start).line;
    uint64_t key = map_pair(line + 1, finding->rule_index + 1);
    uint32_t found = map_get(&seen, key);
    if (found == 0) {
      Item item = {.file = file, .finding = i, .order = self->items.count};
      if (line < hashes.count) item.hash = hashes.items[line];
      vec_push(&self->kept, &self->items, item);
      found = self->items.count;
      map_put(&seen, key, found);
    } else {
      chain[tail[self->items.items[found - 1].finding]] = i;
    }
    tail[self->items.items[found - 1].finding] = i;
    item_take(&self->items.items[found - 1], finding);
  }
  self->chains[file_index] = chain;
  arena_reset(&self->scratch);
}

static int compare_items(const void *a, const void *b) {
  const Item *x = a, *y = b;
  if (x->level != y->level) return x->level > y->level ? -1 : 1;
  if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

// --- places --------------------------------------------------------------------------

static bool is_plain_in_uri(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr("-._~/", c) != NULL);
}

static cJSON *artifact(Sarif *self, Str path) {
  cJSON *element = json_object();
  Buf uri = buf_in(&self->scratch);
  while (str_starts(path, STR("./"))) path = str_slice(path, 2, path.n);
  bool is_absolute = str_starts(path, STR("/"));
  if (is_absolute) buf_add(&uri, STR("file://"));
  for (uint32_t i = 0; i < path.n; i++) {
    unsigned char c = (unsigned char)path.p[i];
    if (is_plain_in_uri(c)) {
      buf_add_byte(&uri, (char)c);
    } else {
      buf_printf(&uri, "%%%02X", c);
    }
  }
  json_put_str(element, "uri", &self->scratch, buf_str(&uri));
  if (!is_absolute) json_put_text(element, "uriBaseId", "SRCROOT");
  return element;
}

static cJSON *message(Sarif *self, Str text) {
  cJSON *element = json_object();
  json_put_str(element, "text", &self->scratch, text);
  return element;
}

static cJSON *region(Sarif *self, const ReportFile *file, Span span) {
  cJSON *element = json_object();
  LinePos start = desk_position(&self->desk, file, span.start);
  LinePos stop = desk_position(&self->desk, file, span.stop);
  json_put_number(element, "startLine", start.line + 1);
  json_put_number(element, "startColumn", start.column + 1);
  json_put_number(element, "endLine", stop.line + 1);
  json_put_number(element, "endColumn", stop.column + 1);
  return element;
}

static void put_snippet(Sarif *self, cJSON *element, Str text, uint32_t most) {
  // More text than this says nothing more, and a minified file would be quoted whole
  // for each of its findings.
  if (text.n <= most) json_put(element, "snippet", message(self, text));
}

// The lines around the whole span; NULL when they hold no more than the region does.
static cJSON *context_region(Sarif *self, const ReportFile *file, Span span,
                             Span shown) {
  const LineIndex *lines = &file->source->lines;
  uint32_t first = lines_line_of(lines, span.start), last = span_last_line(lines, span);
  first = first > CONTEXT ? first - CONTEXT : 0;
  if (last + CONTEXT < lines->count) last += CONTEXT;
  // What follows the last line end is no line.
  if (last > first && last == lines->count - 1 &&
      lines_start(lines, last) == lines->text.n) {
    last -= 1;
  }
  Span whole = {lines_start(lines, first), lines_stop(lines, last)};
  if (whole.start == shown.start && whole.stop <= shown.stop) return NULL;
  Str text = str_slice(lines->text, whole.start, whole.stop);
  if (text.n > MOST_CONTEXT) return NULL;
  cJSON *element = json_object();
  json_put_number(element, "startLine", first + 1);
  json_put_number(element, "endLine", last + 1);
  put_snippet(self, element, text, MOST_CONTEXT);
  return element;
}

static cJSON *location(Sarif *self, const ReportFile *file, const Finding *finding) {
  cJSON *physical = json_object(), *element = json_object();
  json_put(physical, "artifactLocation", artifact(self, file->relative));
  if (file->source == NULL) {
    json_put(physical, "region", region(self, file, (Span){0, 0}));
  } else {
    Span shown = span_first_line(&file->source->lines, finding->span);
    cJSON *where = region(self, file, shown);
    put_snippet(self, where, str_slice(file->source->text, shown.start, shown.stop),
                MOST_SNIPPET);
    json_put(physical, "region", where);
    cJSON *context = context_region(self, file, finding->span, shown);
    if (context != NULL) json_put(physical, "contextRegion", context);
  }
  json_put(element, "physicalLocation", physical);
  return element;
}

typedef struct Related {  // relatedLocations; cJSON would walk the list to count it
  cJSON *list;
  uint32_t count;
} Related;

static void push_related(Sarif *self, Related *related, const ReportFile *file,
                         Str path, Span span, Str text) {
  cJSON *physical = json_object(), *element = json_object();
  json_put_number(element, "id", ++related->count);
  json_put(physical, "artifactLocation", artifact(self, path));
  if (file != NULL) json_put(physical, "region", region(self, file, span));
  json_put(element, "physicalLocation", physical);
  json_put(element, "message", message(self, sentence_in(&self->scratch, text)));
  json_push(related->list, element);
}

// --- messages ------------------------------------------------------------------------

// `](` would make a link of what is Python.
static void add_unlinked(Buf *out, Str text) {
  for (uint32_t i = 0; i < text.n; i++) {
    bool is_link = text.p[i] == ']' && i + 1 < text.n && text.p[i + 1] == '(';
    if (is_link) buf_add_byte(out, '\\');
    buf_add_byte(out, text.p[i]);
  }
}

static void push_labels(Sarif *self, const ReportFile *file, const Finding *finding,
                        Related *related, Buf *text) {
  for (uint32_t i = 0; i < finding->label_count; i++) {
    const Label *label = &finding->labels[i];
    const ReportFile *where = desk_label_file(&self->desk, file, label);
    Str path = label->path.n != 0 ? label->path : file->relative;
    push_related(self, related, where, path, label->span, label->text);
    buf_add_text(text, i == 0 ? " See [" : ", [");
    for (uint32_t c = 0; c < label->text.n; c++) {
      if (strchr("[]\\", label->text.p[c]) != NULL) buf_add_byte(text, '\\');
      buf_add_byte(text, label->text.p[c]);
    }
    buf_printf(text, "](%u)%s", related->count,
               i + 1 == finding->label_count ? "." : "");
  }
}

static cJSON *fix_element(Sarif *self, const ReportFile *file, const Fix *fix) {
  cJSON *element = json_object(), *change = json_object(), *changes = json_array();
  cJSON *replacements = json_array();
  Str title = sentence_in(&self->scratch, fix->title);
  if (fix->safety == FIX_UNSAFE) {
    title = str_printf_in(&self->scratch, "%.*s Unsafe%s%.*s", STR_ARGS(title),
                          fix->caveat.n != 0 ? ": " : "", STR_ARGS(fix->caveat));
  }
  json_put(element, "description", message(self, sentence_in(&self->scratch, title)));
  for (uint32_t i = 0; i < fix->edit_count; i++) {
    const Edit *edit = &fix->edits[i];
    if (edit_is_empty(edit)) continue;
    cJSON *one = json_object();
    Span span = {edit->start, edit->stop};
    Str text = edit_text_in(&self->scratch, file->source, edit, true);
    json_put(one, "deletedRegion", region(self, file, span));
    if (text.n != 0) json_put(one, "insertedContent", message(self, text));
    json_push(replacements, one);
  }
  json_put(change, "artifactLocation", artifact(self, file->relative));
  json_put(change, "replacements", replacements);
  json_push(changes, change);
  json_put(element, "artifactChanges", changes);
  return element;
}

static cJSON *properties(Sarif *self, const Finding *finding) {
  cJSON *element = json_object();
  json_put(element, "evidence", json_evidence(finding->evidence));
  if (finding->cost.unit != COST_UNKNOWN) {
    json_put_number(element, "bytes", finding->cost.bytes);
    json_put_text(element, "bytesPer", cost_unit_name(finding->cost.unit));
  }
  if (finding->scope.n != 0) {
    json_put_str(element, "scope", &self->scratch, finding->scope);
  }
  return element;
}

// Arguments that the template wants: one more than its highest placeholder.
static uint32_t arguments_of(const char *template) {
  uint32_t most = 0;
  for (; *template != '\0'; template ++) {
    if (*template != '{' || template[1] < '0' || template[1] > '9') continue;
    uint32_t number = (uint32_t)(template[1] - '0') + 1;
    if (template[2] == '}' && number > most) most = number;
  }
  return most;
}

static cJSON *result_message(Sarif *self, const Finding *finding, Str text) {
  cJSON *element = message(self, text);
  uint32_t index = finding->template_index;
  const char *template = index < MAX_TEMPLATES ? finding->rule->templates[index] : NULL;
  if (template == NULL || finding->arg_count < arguments_of(template)) return element;
  json_put_text(element, "id", (char[]){'t', (char)('0' + index), '\0'});
  if (finding->arg_count == 0) return element;
  cJSON *arguments = json_array();
  for (uint32_t i = 0; i < finding->arg_count; i++) {
    json_push_str(arguments, &self->scratch, finding->args[i]);
  }
  json_put(element, "arguments", arguments);
  return element;
}

// --- one result ----------------------------------------------------------------------

static void put_places(Sarif *self, cJSON *result, const Item *item) {
  const ReportFile *file = item->file;
  const uint32_t *chain = self->chains[file - files_of(self)];
  const Finding *finding = &file->findings[item->finding];
  cJSON *locations = json_array(), *fixes = json_array();
  Related related = {.list = json_array()};
  Buf text = buf_in(&self->scratch);
  add_unlinked(&text, sentence_in(&self->scratch, finding->message));
  push_labels(self, file, finding, &related, &text);
  json_push(locations, location(self, file, finding));
  for (uint32_t i = item->finding;; i = chain[i]) {
    const Finding *each = &file->findings[i];
    if (each != finding && file->source != NULL) {
      push_related(self, &related, file, file->relative, each->span, each->message);
    }
    if (file->source != NULL && fix_is_whole(&each->fix)) {
      json_push(fixes, fix_element(self, file, &each->fix));
    }
    if (chain[i] == 0) break;
  }
  json_put(result, "message", result_message(self, finding, buf_str(&text)));
  json_put(result, "locations", locations);
  json_put(result, "relatedLocations", related.list);
  json_put(result, "fixes", fixes);
}

static void drop_if_empty(cJSON *object, const char *key) {
  if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, key)) == 0) {
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
  }
}

static void add_result(Sarif *self, const Item *item) {
  const Finding *finding = &item->file->findings[item->finding];
  cJSON *result = json_object();
  json_put_text(result, "ruleId", finding->rule->code);
  json_put_number(result, "ruleIndex", self->rules.position[finding->rule_index] - 1);
  json_put_text(result, "kind", "fail");
  json_put_text(result, "level", level_word(item->level));
  json_put_number(result, "rank", item->rank);
  put_places(self, result, item);
  drop_if_empty(result, "relatedLocations");
  drop_if_empty(result, "fixes");
  if (item->hash.occurrence != 0) {
    cJSON *prints = json_object();
    Str print =
        str_printf_in(&self->scratch, "%llx:%u", (unsigned long long)item->hash.hash,
                      item->hash.occurrence);
    json_put_str(prints, "primaryLocationLineHash", &self->scratch, print);
    json_put(result, "partialFingerprints", prints);
  }
  json_put(result, "properties", properties(self, finding));
  json_print(result, self->out);
  arena_reset(&self->scratch);
}

// --- the run -------------------------------------------------------------------------

static void push_notification(Sarif *self, cJSON *list, const char *level, Str text) {
  cJSON *element = json_object();
  json_put_text(element, "level", level);
  json_put(element, "message", message(self, sentence_in(&self->scratch, text)));
  json_push(list, element);
}

static void add_invocations(Sarif *self) {
  const Report *report = self->desk.report;
  cJSON *list = json_array(), *one = json_object(), *notes = json_array();
  json_put(one, "executionSuccessful", cJSON_CreateBool(report->fault_count == 0));
  for (uint32_t i = 0; i < report->fault_count; i++) {
    push_notification(self, notes, "error", report->faults[i]);
  }
  if (self->items.count > MOST_RESULTS) {
    Str text = str_printf_in(
        &self->scratch, "%u results, of which code scanning may keep the first %d only",
        self->items.count, MOST_RESULTS);
    push_notification(self, notes, "warning", text);
  }
  json_put(one, "toolExecutionNotifications", notes);
  drop_if_empty(one, "toolExecutionNotifications");
  json_push(list, one);
  buf_add(self->out, STR(",\n\"invocations\":"));
  json_print(list, self->out);
  arena_reset(&self->scratch);
}

static void items_collect(Sarif *self) {
  uint32_t count = self->desk.report->file_count;
  self->chains = arena_array(&self->kept, uint32_t *, count);
  for (uint32_t i = 0; i < count; i++) items_of_file(self, i);
  if (self->items.count > 1) {
    qsort(self->items.items, self->items.count, sizeof *self->items.items,
          compare_items);
  }
}

void report_sarif(const Report *report, const ReportStyle *style, Buf *out) {
  (void)style;
  Sarif self = {.rules = sarif_rules_of(report), .out = out};
  desk_open(&self.desk, report, COLUMN_UTF16);
  arena_init(&self.scratch);
  arena_init(&self.kept);
  items_collect(&self);
  buf_add(out, STR("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
                   "\"version\":\"2.1.0\",\"runs\":[{\n"));
  sarif_driver_print(report, &self.rules, &self.scratch, out);
  add_invocations(&self);
  buf_add(out, STR(",\n\"automationDetails\":{\"id\":\"pymemlint/\"},"
                   "\"columnKind\":\"utf16CodeUnits\","
                   "\"originalUriBaseIds\":{\"SRCROOT\":{\"description\":"
                   "{\"text\":\"The root of the project.\"}}},\n\"results\":["));
  for (uint32_t i = 0; i < self.items.count; i++) {
    buf_add_text(out, i > 0 ? ",\n" : "\n");
    add_result(&self, &self.items.items[i]);
  }
  buf_add(out, STR("]}]}\n"));
  arena_release(&self.kept);
  arena_release(&self.scratch);
  desk_close(&self.desk);
}
