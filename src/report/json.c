#include "report/report_internal.h"

/* ruff's keys, so that what reads ruff's JSON reads ours, and our own beside them. Rows
 * and columns count from 1, columns in code points, ends are exclusive. */

enum { SCHEMA_VERSION = 1 };

typedef struct Writer {
  Desk desk;
  Arena scratch;  // of the finding in hand
  Arena file;     // of the file in hand
  Map prints;     // fingerprint without ordinal -> how often so far in the file
  Buf *out;
} Writer;

static cJSON *location(Writer *self, const ReportFile *file, uint32_t offset) {
  LinePos at = desk_position(&self->desk, file, offset);
  cJSON *place = json_object();
  json_put_number(place, "row", at.line + 1);
  json_put_number(place, "column", at.column + 1);
  return place;
}

static void put_span(Writer *self, cJSON *object, const ReportFile *file, Span span) {
  json_put(object, "location", location(self, file, span.start));
  json_put(object, "end_location", location(self, file, span.stop));
}

static cJSON *fix_element(Writer *self, const ReportFile *file, const Fix *fix) {
  if (file->source == NULL || !fix_is_whole(fix)) return cJSON_CreateNull();
  cJSON *element = json_object();
  json_put_text(element, "applicability", fix_safety_word(fix->safety));
  json_put_str(element, "message", &self->scratch, fix->title);
  if (fix->caveat.n != 0) {
    json_put_str(element, "caveat", &self->scratch, fix->caveat);
  }
  cJSON *edits = json_array();
  for (uint32_t i = 0; i < fix->edit_count; i++) {
    const Edit *edit = &fix->edits[i];
    if (edit_is_empty(edit)) continue;
    cJSON *one = json_object();
    json_put_str(one, "content", &self->scratch,
                 edit_text_in(&self->scratch, file->source, edit, true));
    put_span(self, one, file, (Span){edit->start, edit->stop});
    json_push(edits, one);
  }
  json_put(element, "edits", edits);
  return element;
}

static cJSON *related_element(Writer *self, const ReportFile *own, const Label *label) {
  const ReportFile *file = desk_label_file(&self->desk, own, label);
  Str name = file != NULL ? file->path : label->path.n != 0 ? label->path : own->path;
  cJSON *element = json_object();
  json_put_str(element, "message", &self->scratch, label->text);
  json_put_str(element, "filename", &self->scratch, name);
  if (file != NULL) {
    put_span(self, element, file, label->span);
  } else {
    json_put_null(element, "location");
    json_put_null(element, "end_location");
  }
  return element;
}

static cJSON *cost_element(Cost cost) {
  if (cost.unit == COST_UNKNOWN) return cJSON_CreateNull();
  cJSON *element = json_object();
  json_put_number(element, "bytes", cost.bytes);
  json_put_text(element, "unit", cost_unit_name(cost.unit));
  return element;
}

// Names a finding whatever happens around it: code, path, scope, the first of the text
// that it is about without blanks, and its ordinal among findings equal in all these.
static Str fingerprint_in(Writer *self, const ReportFile *file,
                          const Finding *finding) {
  enum { MOST = 1024 };
  Buf key = buf_in(&self->scratch);
  buf_add_text(&key, finding->rule->code);
  buf_add_byte(&key, '\0');
  buf_add(&key, file->relative);
  buf_add_byte(&key, '\0');
  buf_add(&key, finding->scope);
  buf_add_byte(&key, '\0');
  Str text = STR_NONE;
  if (file->source != NULL) {
    text = str_slice(file->source->text, finding->span.start, finding->span.stop);
  }
  for (uint32_t i = 0; i < text.n && i < MOST; i++) {
    if (strchr(" \t\r\n\f", text.p[i]) == NULL) buf_add_byte(&key, text.p[i]);
  }
  uint64_t hash = hash_str(buf_str(&key));
  if (hash == 0) hash = 1;  // the Map takes no 0
  uint32_t ordinal = map_get(&self->prints, hash) + 1;
  map_put(&self->prints, hash, ordinal);
  return str_printf_in(&self->scratch, "%016llx:%u", (unsigned long long)hash, ordinal);
}

static void put_ours(Writer *self, cJSON *object, const ReportFile *file,
                     const Finding *finding) {
  json_put_text(object, "level", level_word(finding->level));
  json_put(object, "evidence", json_evidence(finding->evidence));
  json_put(object, "est_bytes", cost_element(finding->cost));
  cJSON *related = json_array();
  for (uint32_t i = 0; i < finding->label_count; i++) {
    json_push(related, related_element(self, file, &finding->labels[i]));
  }
  json_put(object, "related", related);
  if (finding->scope.n != 0) {
    json_put_str(object, "scope", &self->scratch, finding->scope);
  } else {
    json_put_null(object, "scope");
  }
  Str print = fingerprint_in(self, file, finding);
  json_put_str(object, "fingerprint", &self->scratch, print);
  json_put_number(object, "schema_version", SCHEMA_VERSION);
}

static void add_finding(Writer *self, const ReportFile *file, const Finding *finding) {
  cJSON *object = json_object();
  LinePos start = desk_position(&self->desk, file, finding->span.start);
  // ruff's word for what we call a note.
  const char *severity =
      finding->level == LEVEL_NOTE ? "info" : level_word(finding->level);
  json_put_text(object, "code", finding->rule->code);
  json_put_text(object, "name", finding->rule->name);
  json_put_text(object, "severity", severity);
  Str uri = rule_uri_in(&self->scratch, finding->rule);
  if (uri.n != 0) {
    json_put_str(object, "url", &self->scratch, uri);
  } else {
    json_put_null(object, "url");
  }
  json_put_str(object, "message", &self->scratch, finding->message);
  json_put_str(object, "filename", &self->scratch, file->path);
  put_span(self, object, file, finding->span);
  json_put(object, "fix", fix_element(self, file, &finding->fix));
  json_put_number(object, "noqa_row", start.line + 1);
  json_put_null(object, "cell");
  put_ours(self, object, file, finding);
  json_print(object, self->out);
  arena_reset(&self->scratch);
}

// Each finding on a line of its own, `between` two of them.
static uint32_t add_findings(const Report *report, const char *between, Buf *out) {
  Writer self = {.out = out};
  uint32_t count = 0;
  desk_open(&self.desk, report, COLUMN_POINTS);
  arena_init(&self.scratch);
  arena_init(&self.file);
  for (uint32_t f = 0; f < report->file_count; f++) {
    const ReportFile *file = &report->files[f];
    arena_reset(&self.file);
    self.prints = map_in(&self.file);
    for (uint32_t i = 0; i < file->count; i++) {
      if (count++ > 0) buf_add_text(out, between);
      add_finding(&self, file, &file->findings[i]);
    }
  }
  arena_release(&self.file);
  arena_release(&self.scratch);
  desk_close(&self.desk);
  return count;
}

void report_json(const Report *report, const ReportStyle *style, Buf *out) {
  (void)style;
  buf_add_byte(out, '[');
  size_t before = out->n;
  buf_add_byte(out, '\n');
  // An empty array stands on one line.
  if (add_findings(report, ",\n", out) == 0) {
    out->n = before;
  } else {
    buf_add_byte(out, '\n');
  }
  buf_add(out, STR("]\n"));
}

void report_json_lines(const Report *report, const ReportStyle *style, Buf *out) {
  (void)style;
  if (add_findings(report, "\n", out) != 0) buf_add_byte(out, '\n');
}
