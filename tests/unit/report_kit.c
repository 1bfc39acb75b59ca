#include "report_kit.h"

static const Rule rules[KIT_RULES] = {
    {.code = "PML101",
     .name = "readlines-in-loop",
     .summary = "a list of all lines is built to be read once",
     .templates = {"`{0}` builds a list of {1} lines", "nothing {to} fill in"},
     .warn_on = {EVIDENCE_CONSTRUCT},
     .fix = FIX_SAFE},
    {.code = "PML501",
     .name = "cached-method",
     .summary = "`lru_cache` on a method keeps every instance alive",
     .templates = {"`{0}` keeps every `{1}.self` alive"}},
    {.code = "PML902",
     .name = "unreadable-file",
     .summary = "a file cannot be read",
     .templates = {"cannot be read: {0}"},
     .warn_on = {EVIDENCE_CONSTRUCT}},
};

static const RuleEntry entries[KIT_RULES] = {
    {.rule = &rules[0],
     .family = "streams",
     .path = "rules/streams/a.c",
     .doc = "# readlines-in-loop (PML101)\n\nThe list is read once,\nline by line.\n\n"
            "## Why\n\nIt is \"big\".\n",
     .proof = ""},
    {.rule = &rules[1], .family = "references", .path = "", .doc = "", .proof = ""},
    {.rule = &rules[2], .family = "linter", .path = "", .doc = "", .proof = ""},
};

static const RuleTable table = {entries, KIT_RULES};

Kit *kit_open(void) {
  Kit *self = heap_alloc(sizeof *self);
  arena_init(&self->arena);
  settings_enable(&self->settings, KIT_LINES, true);
  self->style = (ReportStyle){.unicode = true, .show_fixes = true};
  self->report = (Report){
      .rules = &table, .settings = &self->settings, .files = self->files, .checked = 1};
  return self;
}

void kit_close(Kit *self) {
  arena_release(&self->arena);
  heap_free(self);
}

uint32_t kit_file_unreadable(Kit *self, const char *path) {
  uint32_t file = self->report.file_count++;
  self->files[file] = (ReportFile){.path = str_from(path),
                                   .relative = str_from(path),
                                   .findings = self->findings[file]};
  return file;
}

uint32_t kit_file(Kit *self, const char *path, Str bytes) {
  uint32_t file = kit_file_unreadable(self, path);
  Source *source = arena_new(&self->arena, Source);
  Error err = error_in(&self->arena);
  bool ok = source_decode(source, &self->arena, str_from(path), bytes, &err);
  CHECK(ok);
  if (ok) self->files[file].source = source;
  return file;
}

Span kit_span(const Kit *self, uint32_t file, const char *text) {
  Str whole = self->files[file].source->text;
  const char *hit = memmem(whole.p, whole.n, text, strlen(text));
  CHECK(hit != NULL);
  if (hit == NULL) return (Span){0, 0};
  uint32_t start = (uint32_t)(hit - whole.p);
  return (Span){start, start + (uint32_t)strlen(text)};
}

Finding *kit_finding(Kit *self, uint32_t file, uint32_t rule, const char *at) {
  Finding *finding = &self->findings[file][self->files[file].count++];
  *finding = (Finding){.rule = &rules[rule],
                       .rule_index = rule,
                       .level = LEVEL_WARNING,
                       .evidence = EVIDENCE_CONSTRUCT,
                       .message = STR("something is held")};
  if (at != NULL) finding->span = kit_span(self, file, at);
  return finding;
}

void kit_label(Kit *self, Finding *finding, uint32_t file, const char *at,
               const char *text) {
  finding->labels[finding->label_count++] = (Label){.path = self->files[file].relative,
                                                    .span = kit_span(self, file, at),
                                                    .text = str_from(text)};
}

void kit_edit(Kit *self, Finding *finding, uint32_t file, const char *at,
              const char *text) {
  Fix *fix = &finding->fix;
  Edit *edits = arena_array(&self->arena, Edit, fix->edit_count + 1);
  for (uint32_t i = 0; i < fix->edit_count; i++) edits[i] = fix->edits[i];
  Span span = kit_span(self, file, at);
  edits[fix->edit_count++] = (Edit){span.start, span.stop, str_from(text)};
  fix->edits = edits;
  if (fix->safety == FIX_NONE) fix->safety = FIX_SAFE;
  if (fix->title.n == 0) fix->title = STR("do it otherwise");
}

Str kit_text(Kit *self, ReportFn *write) {
  Buf out = buf_in(&self->arena);
  write(&self->report, &self->style, &out);
  return buf_str(&out);
}

Str kit_coloured(Kit *self, ReportFn *write) {
  self->style.colour = true;
  Str text = kit_text(self, write);
  self->style.colour = false;
  return text;
}
