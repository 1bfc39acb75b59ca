// `pymemlint explain FILE:LINE`: why something is, or is not, reported on a line.

#include <stdio.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/options.h"
#include "cli/rule.h"

typedef struct Explain {
  const Options *options;
  Run *run;
  const RunFile *file;
  Source source;
  Tree tree;
  uint32_t line;  // from 0
  // Lines of the decorated definition whose head the line belongs to, from its first
  // decorator to its `def` or `class`; `head_stop` 0: of none.
  uint32_t head_start, head_stop;
  Buf out;
} Explain;

static uint32_t line_of(const Explain *self, uint32_t offset) {
  return lines_line_of(&self->source.lines, offset);
}

// Where a span starts, as people count.
static uint32_t line_shown(const Explain *self, Span span) {
  return line_of(self, span.start) + 1;
}

static bool on_line(const Explain *self, Span span) {
  uint32_t last = span.stop > span.start ? span.stop - 1 : span.stop;
  return line_of(self, span.start) <= self->line && self->line <= line_of(self, last);
}

// Starts or ends on the line: for what may span a whole definition.
static bool at_line(const Explain *self, Span span) {
  uint32_t last = span.stop > span.start ? span.stop - 1 : span.stop;
  return line_of(self, span.start) == self->line || line_of(self, last) == self->line;
}

// Decorators and what they decorate are one: a candidate in one is of all their lines.
static bool in_head(const Explain *self, Span span) {
  uint32_t first = line_of(self, span.start);
  return self->head_start <= first && first < self->head_stop;
}

static void head_find(Explain *self) {
  const Tree *t = &self->tree;
  for (uint32_t i = 1; i < t->count; i++) {
    NodeId decorated = {i};
    if (!node_is(t, decorated, PY_DECORATED_DEFINITION)) continue;
    NodeId definition = node_field(t, decorated, FIELD_DEFINITION);
    uint32_t start = line_of(self, node_start(t, decorated));
    uint32_t stop = line_of(self, node_start(t, definition)) + 1;
    if (start <= self->line && self->line < stop) {
      self->head_start = start;
      self->head_stop = stop;
    }
  }
}

static void put(Explain *self, const char *text) { buf_add_text(&self->out, text); }

static void put_escaped(Explain *self, Str text) { buf_add_escaped(&self->out, text); }

// --- one finding ---------------------------------------------------------------------

static const RunFile *file_below(const Explain *self, Str relative) {
  for (uint32_t i = 0; i < self->run->file_count; i++) {
    const RunFile *file = &self->run->files[i];
    if (file->input->project == self->file->input->project &&
        str_eq(file->input->relative, relative)) {
      return file;
    }
  }
  return NULL;
}

// "line 3", or "pkg/a.py:3" for a place in another file of the project.
static void put_place(Explain *self, Str path, Span span) {
  if (path.n == 0) {
    buf_printf(&self->out, "line %u", line_shown(self, span));
    return;
  }
  Arena *arena = self->options->arena;
  Error err = error_in(arena);
  Source source;
  Str bytes;
  const RunFile *file = file_below(self, path);
  put_escaped(self, path);
  if (file != NULL && span.stop != 0 &&
      file_read(arena, str_cstr_in(arena, file->input->path), &bytes, &err) &&
      source_decode(&source, arena, file->input->path, bytes, &err)) {
    buf_printf(&self->out, ":%u", lines_line_of(&source.lines, span.start) + 1);
  }
}

static void print_missing(Explain *self, const Finding *finding) {
  for (uint32_t i = 0; i < MAX_SETS && finding->rule->warn_on[i] != 0; i++) {
    put(self, i == 0 ? "; a warning lacks " : ", or ");
    evidence_print(finding->rule->warn_on[i] & ~finding->evidence, &self->out);
  }
}

static void print_level(Explain *self, const Finding *finding) {
  static const char *const names[] = {"", "note", "warning", "error"};
  buf_printf(&self->out, "  level: %s", names[finding->level]);
  if (self->file->settings->severity[finding->rule_index] != 0) {
    put(self, ", set by `severity`");
  } else if (finding->capped) {
    put(self, ": this form of it is a note at most");
  } else if (finding->rule->warn_on[0] == 0) {
    put(self, ": this rule gives notes only");
  } else if (finding->level == LEVEL_NOTE) {
    print_missing(self, finding);
  }
  put(self, "\n  evidence: ");
  evidence_print(finding->evidence, &self->out);
  put(self, "\n");
}

static bool rules_have(const uint64_t rules[4], uint32_t rule) {
  return (rules[rule >> 6] >> (rule & 63) & 1) != 0;
}

static bool span_touches(Span covers, Span span) {
  return (covers.start <= span.start && span.start <= covers.stop) ||
         (covers.start <= span.stop && span.stop <= covers.stop);
}

static void print_suppression(Explain *self, const Finding *finding) {
  const SuppressionList *list = &self->file->result.suppressions;
  for (uint32_t i = 0; i < list->count; i++) {
    const Suppression *item = &list->items[i];
    if (!rules_have(item->rules, finding->rule_index)) continue;
    if (item->kind != SUPPRESS_FILE && !span_touches(item->covers, finding->span))
      continue;
    buf_printf(&self->out, "  silenced by the comment on line %u: ",
               line_shown(self, item->comment));
    put_escaped(self,
                str_slice(self->source.text, item->comment.start, item->comment.stop));
    put(self, "\n");
  }
}

static bool yields_to(const Rule *rule, const Rule *winner) {
  for (uint32_t i = 0; i < MAX_YIELDS && rule->yields_to[i] != NULL; i++) {
    if (strcmp(rule->yields_to[i], winner->code) == 0) return true;
  }
  return false;
}

static bool nested(Span a, Span b) {
  return (a.start <= b.start && b.stop <= a.stop) ||
         (b.start <= a.start && a.stop <= b.stop);
}

static void print_yield(Explain *self, const Finding *finding) {
  put(self, "  not reported: it yields to a stronger finding on the same place");
  for (uint32_t i = 0; i < self->file->finding_count; i++) {
    const Finding *other = &self->file->findings[i];
    if (!nested(other->span, finding->span) || !yields_to(finding->rule, other->rule))
      continue;
    buf_printf(&self->out, ", %s %s on line %u", other->rule->code, other->rule->name,
               line_shown(self, other->span));
  }
  put(self, "\n");
}

static void print_fix(Explain *self, const Finding *finding) {
  if (finding->fix.safety == FIX_NONE) {
    put(self, "  fix: none\n");
    return;
  }
  buf_printf(&self->out, "  fix: %s, ", fix_name(finding->fix.safety));
  put_escaped(self, finding->fix.title);
  if (finding->fix.caveat.n != 0) {
    put(self, "; ");
    put_escaped(self, finding->fix.caveat);
  }
  put(self, "\n");
}

static void print_finding(Explain *self, const Finding *finding) {
  LinePos at = lines_position(&self->source.lines, finding->span.start, COLUMN_POINTS);
  buf_printf(&self->out, "%s %s at column %u\n  ", finding->rule->code,
             finding->rule->name, at.column + 1);
  put_escaped(self, finding->message);
  put(self, "\n");
  print_level(self, finding);
  if (finding->yielded) print_yield(self, finding);
  if (finding->suppressed) print_suppression(self, finding);
  if (!finding->yielded && !finding->suppressed) {
    if (finding->level < self->run->options->fail_on &&
        self->run->options->fail_on != 0) {
      put(self, "  does not fail the check: below --fail-on\n");
    }
    print_fix(self, finding);
  }
  for (uint32_t i = 0; i < finding->label_count; i++) {
    const Label *label = &finding->labels[i];
    put(self, "  see ");
    put_place(self, label->path, label->span);
    put(self, ": ");
    put_escaped(self, label->text);
    put(self, "\n");
  }
}

// --- the line ------------------------------------------------------------------------

static uint32_t print_findings(Explain *self) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < self->file->finding_count; i++) {
    Span span = self->file->findings[i].span;
    if (!on_line(self, span) && !in_head(self, span)) continue;
    print_finding(self, &self->file->findings[i]);
    count += 1;
  }
  return count;
}

static bool rejection_repeats(const RejectionList *list, uint32_t at) {
  const Rejection *one = &list->items[at];
  for (uint32_t i = 0; i < at; i++) {
    const Rejection *other = &list->items[i];
    if (other->rule == one->rule && other->span.start == one->span.start &&
        strcmp(other->reason, one->reason) == 0) {
      return true;
    }
  }
  return false;
}

static uint32_t print_rejections(Explain *self) {
  const RejectionList *list = &self->file->result.rejections;
  uint32_t count = 0;
  for (uint32_t i = 0; i < list->count; i++) {
    const Rejection *one = &list->items[i];
    bool is_here = at_line(self, one->span) || in_head(self, one->span);
    if (!is_here || rejection_repeats(list, i)) continue;
    buf_printf(&self->out, "%s %s: rejected, ", one->rule->code, one->rule->name);
    put_escaped(self, str_from(one->reason));
    if (one->seen.stop != 0 || one->seen_path.n != 0) {
      put(self, " (");
      put_place(self, one->seen_path, one->seen);
      put(self, ")");
    }
    put(self, "\n");
    count += 1;
  }
  return count;
}

static void put_told(Explain *self, const Rule *rule, Span where) {
  buf_printf(&self->out, "%s %s on line %u: ", rule->code, rule->name,
             line_shown(self, where));
}

// What is told of another line because of this one: a growth, a removal.
static uint32_t print_elsewhere(Explain *self) {
  const RejectionList *list = &self->file->result.rejections;
  uint32_t count = 0;
  for (uint32_t i = 0; i < self->file->finding_count; i++) {
    const Finding *f = &self->file->findings[i];
    for (uint32_t k = 0; k < f->label_count; k++) {
      const Label *label = &f->labels[k];
      bool is_here = label->path.n == 0 && at_line(self, label->span);
      if (!is_here || on_line(self, f->span) || in_head(self, f->span)) continue;
      put_told(self, f->rule, f->span);
      put_escaped(self, label->text);
      put(self, "\n");
      count += 1;
    }
  }
  for (uint32_t i = 0; i < list->count; i++) {
    const Rejection *one = &list->items[i];
    bool is_here =
        one->seen.stop != 0 && one->seen_path.n == 0 && at_line(self, one->seen);
    bool is_told = at_line(self, one->span) || in_head(self, one->span);
    if (!is_here || is_told || rejection_repeats(list, i)) continue;
    put_told(self, one->rule, one->span);
    put(self, "rejected for what is here, ");
    put_escaped(self, str_from(one->reason));
    put(self, "\n");
    count += 1;
  }
  return count;
}

static bool line_is_broken(const Explain *self) {
  if (!node_ok(self->tree.first_error)) return false;
  const LineIndex *lines = &self->source.lines;
  uint32_t start = lines_start(lines, self->line), stop = lines_stop(lines, self->line);
  while (start < stop && strchr(" \t\f", self->source.text.p[start]) != NULL)
    start += 1;
  return tree_is_broken(&self->tree, tree_node_at(&self->tree, start, stop));
}

static void print_line(Explain *self) {
  uint32_t count = print_findings(self);
  count += print_rejections(self);
  count += print_elsewhere(self);
  if (count == 0) put(self, "nothing is reported here: no rule found a candidate\n");
  if (line_is_broken(self)) {
    put(self, "the code around it does not parse, which silences the rules there\n");
  }
  if (!self->run->complete[self->file->input->project]) {
    put(self,
        "the project could not be read whole, which silences the rules that need it\n");
  }
}

// --- the run -------------------------------------------------------------------------

static bool place_parse(Str operand, Str *path, uint32_t *line, Error *err) {
  Str digits = str_after_last(operand, ':');
  uint32_t number = 0;
  bool ok = digits.n > 0 && digits.n < 9 && digits.n + 1 < operand.n;
  for (uint32_t i = 0; i < digits.n && ok; i++) {
    ok = digits.p[i] >= '0' && digits.p[i] <= '9';
    number = number * 10 + (uint32_t)(digits.p[i] - '0');
  }
  if (!ok || number == 0) {
    return error_set(err, "`explain` takes FILE:LINE, lines counted from 1");
  }
  *path = str_slice(operand, 0, operand.n - digits.n - 1);
  *line = number - 1;
  return true;
}

static const RunFile *file_named(const Run *run) {
  for (uint32_t i = 0; i < run->file_count; i++) {
    if (run->files[i].input->named) return &run->files[i];
  }
  return NULL;
}

static int explain_file(Explain *self, Error *err) {
  Arena *arena = self->options->arena;
  const RunFile *file = self->file;
  if (file->fault.n != 0) {
    fprintf(stderr, "pymemlint: internal error: %.*s\n", STR_ARGS(file->fault));
    return 3;
  }
  Str bytes;
  const char *path = str_cstr_in(arena, file->input->path);
  Parser *parser = parser_new();
  bool ok = file_read(arena, path, &bytes, err) &&
            source_decode(&self->source, arena, file->input->path, bytes, err) &&
            parser_parse(parser, &self->tree, arena, &self->source, err);
  parser_free(parser);
  Buf shown = buf_in(arena);
  buf_add_escaped(&shown, file->input->path);
  if (!ok) {
    return usage_error(str_printf_in(arena, "%.*s cannot be read: %.*s",
                                     STR_ARGS(buf_str(&shown)), STR_ARGS(err->text)));
  }
  if (self->line >= self->source.lines.count) {
    return usage_error(str_printf_in(arena, "%.*s has %u lines",
                                     STR_ARGS(buf_str(&shown)),
                                     self->source.lines.count));
  }
  head_find(self);
  self->out = buf_in(arena);
  buf_printf(&self->out, "%.*s:%u  ", STR_ARGS(buf_str(&shown)), self->line + 1);
  put_escaped(self, str_trim(lines_text(&self->source.lines, self->line)));
  put(self, "\n");
  print_line(self);
  fwrite(self->out.p, 1, self->out.n, stdout);
  return 0;
}

int command_explain(const Options *options) {
  Arena *arena = options->arena;
  Error err = error_in(arena);
  Explain self = {.options = options};
  RunOptions run_options = {.rules = &rule_table};
  DiscoverOptions discover_options;
  Discovery discovery;
  Str path;
  rule_table_check(&rule_table);
  if (options->operands.count != 1) {
    return usage_error(STR("`explain` takes one FILE:LINE"));
  }
  if (!place_parse(options->operands.items[0], &path, &self.line, &err) ||
      !options_run(options, arena, &run_options, &err)) {
    return usage_error(err.text);
  }
  options_discover(options, &discover_options);
  discover_options.paths = &path;
  discover_options.path_count = 1;
  run_options.trace = true;
  run_options.level = LEVEL_NOTE;
  run_options.fix_safety = FIX_NONE;
  if (!discover(&discovery, arena, &discover_options, &err))
    return usage_error(err.text);
  Run run;
  if (!run_init(&run, &run_options, &discovery, &err)) return usage_error(err.text);
  run_lint(&run);
  self.run = &run;
  self.file = file_named(&run);
  int status = self.file != NULL ? explain_file(&self, &err)
                                 : usage_error(STR("the file is excluded"));
  run_release(&run);
  return status;
}
