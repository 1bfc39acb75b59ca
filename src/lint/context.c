// What the cx_* functions do: turning a rule's draft into a finding.

#include "lint/lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/utf8.h"

static Str fill_template(Arena *arena, const char *template, const Str *args) {
  Buf out = buf_in(arena);
  for (const char *p = template; *p != '\0'; p++) {
    bool is_slot = p[0] == '{' && p[1] >= '0' && p[1] < '0' + MAX_ARGS && p[2] == '}';
    if (is_slot) {
      buf_add(&out, args[p[1] - '0']);
      p += 2;
    } else {
      buf_add_byte(&out, *p);
    }
  }
  return str_copy_in(arena, buf_str(&out));
}

// "Outer.method" for the innermost definition around a node.
static Str scope_path(RuleContext *cx, NodeId node) {
  Str path = STR_NONE;
  for (ScopeId s = scope_at(cx->m, node); scope_ok(s);
       s = scope_get(cx->m, s)->parent) {
    const Scope *scope = scope_get(cx->m, s);
    if (scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_CLASS) continue;
    Str name = sym_str(&cx->m->names_interner, scope->name);
    path = path.n == 0
               ? name
               : str_printf_in(cx->arena, "%.*s.%.*s", STR_ARGS(name), STR_ARGS(path));
  }
  return path;
}

static Label draft_label(RuleContext *cx, const DraftLabel *draft) {
  Label label = {.text = str_copy_in(cx->arena, draft->text), .span = draft->span};
  if (draft->place.ordinal != 0) {
    label.span = index_place_span(cx->index, draft->place);
    label.path = index_module_path(cx->index, draft->place.module);
  } else if (node_ok(draft->node)) {
    label.span = node_span(cx->t, draft->node);
  }
  return label;
}

static void draft_fill(RuleContext *cx, const Draft *draft, Finding *finding) {
  const char *template = cx->rule->templates[draft->template_index];
  INVARIANT(draft->template_index < MAX_TEMPLATES && template != NULL);
  for (uint32_t i = 0; i < MAX_ARGS; i++) {
    finding->args[i] = str_copy_in(cx->arena, draft->args[i]);
    if (draft->args[i].n != 0) finding->arg_count = i + 1;
  }
  finding->message = fill_template(cx->arena, template, finding->args);
  for (uint32_t i = 0; i < MAX_LABELS; i++) {
    if (draft->labels[i].text.n == 0) continue;
    finding->labels[finding->label_count++] = draft_label(cx, &draft->labels[i]);
  }
}

static bool place_same_module(Place a, Place b) { return a.module == b.module; }

// `f"{sum([…])=}"` prints its own text: what is written there is what the program does.
static bool edit_changes_output(const Tree *t, const Edit *edit) {
  enum { DEPTH = 256 };  // of an expression; beyond it nothing is fixed
  NodeId n = tree_node_at(t, edit->start, edit->stop);
  for (uint32_t i = 0; node_ok(n) && !node_is_statement(t, n); i++) {
    if (i == DEPTH) return true;
    if (node_is(t, n, PY_INTERPOLATION) && node_ok(node_child(t, n, PY_OP_ASSIGN))) {
      return true;
    }
    n = node_parent(t, n);
  }
  return false;
}

static Fix fix_without_output(const Tree *t, Fix fix) {
  for (uint32_t i = 0; i < fix.edit_count; i++) {
    if (edit_changes_output(t, &fix.edits[i])) return (Fix){0};
  }
  return fix;
}

void cx_report(RuleContext *cx, Draft draft) {
  Finding finding = {
      .rule = cx->rule,
      .rule_index = cx->rule_index,
      .template_index = draft.template_index,
      .capped = draft.note_at_most,
      .evidence = draft.evidence | EVIDENCE_CONSTRUCT,
      .cost = draft.cost,
      .closed = draft.closed,
      .place = draft.place.ordinal,
  };
  uint32_t module = draft.place.module;
  if (draft.place.ordinal != 0) {
    finding.span = index_place_span(cx->index, draft.place);
    finding.scope = index_place_scope(cx->index, draft.place);
  } else {
    finding.span = draft.span.stop != 0 ? draft.span : node_span(cx->t, draft.anchor);
    finding.scope = scope_path(cx, draft.anchor);
    finding.fix = fix_without_output(cx->t, draft.fix);
  }
  draft_fill(cx, &draft, &finding);
  for (uint32_t i = 0; i < finding.label_count; i++) {  // the own file needs no path
    Place place = draft.labels[i].place;
    if (place.ordinal != 0 && place_same_module(place, draft.place)) {
      finding.labels[i].path = STR_NONE;
    }
  }
  finding = finding_copy_in(cx->sink->arena, &finding);
  vec_push(cx->sink->arena, &cx->sink->findings, finding);
  if (draft.place.ordinal != 0) vec_push(cx->sink->arena, &cx->sink->files, module);
  if (cx->sink->stats != NULL) cx->sink->stats->findings[cx->rule_index] += 1;
}

static void trace_node(RuleContext *cx, NodeId node, const char *reason, NodeId seen) {
  Rejection rejection = {cx->rule, node_span(cx->t, node), reason, {0}, STR_NONE};
  if (node_ok(seen)) rejection.seen = node_span(cx->t, seen);
  vec_push(cx->sink->arena, &cx->sink->rejections, rejection);
}

static void trace_place(RuleContext *cx, Place place, const char *reason, Place seen) {
  Rejection rejection = {
      cx->rule, index_place_span(cx->index, place), reason, {0}, STR_NONE};
  if (place_ok(seen)) rejection.seen = index_place_span(cx->index, seen);
  if (place_ok(seen) && !place_same_module(seen, place)) {
    rejection.seen_path = index_module_path(cx->index, seen.module);
  }
  vec_push(cx->sink->arena, &cx->sink->rejections, rejection);
  vec_push(cx->sink->arena, &cx->sink->rejection_files, place.module);
}

bool cx_require(RuleContext *cx, NodeId node, bool condition, const char *reason) {
  if (!condition && cx->sink->tracing) trace_node(cx, node, reason, (NodeId){0});
  return condition;
}

bool cx_require_seen(RuleContext *cx, NodeId node, bool condition, const char *reason,
                     NodeId seen) {
  if (!condition && cx->sink->tracing) trace_node(cx, node, reason, seen);
  return condition;
}

bool cx_require_place(RuleContext *cx, Place place, bool condition,
                      const char *reason) {
  if (!condition && cx->sink->tracing) trace_place(cx, place, reason, (Place){0});
  return condition;
}

bool cx_require_place_seen(RuleContext *cx, Place place, bool condition,
                           const char *reason, Place seen) {
  if (!condition && cx->sink->tracing) trace_place(cx, place, reason, seen);
  return condition;
}

bool cx_require_place_in(RuleContext *cx, Place place, bool condition,
                         const char *reason, uint32_t module) {
  if (condition || !cx->sink->tracing) return condition;
  trace_place(cx, place, reason, (Place){0});
  if (module != place.module) {
    vec_last(&cx->sink->rejections).seen_path = index_module_path(cx->index, module);
  }
  return false;
}

bool cx_explains(const RuleContext *cx) { return cx->sink->tracing; }

// --- options and targets -------------------------------------------------------------

static const RuleOption *option_find(const Rule *rule, const char *name) {
  for (uint32_t i = 0; i < MAX_OPTIONS && rule->options[i].name != NULL; i++) {
    if (strcmp(rule->options[i].name, name) == 0) return &rule->options[i];
  }
  BUG("a rule asks for an option that its card lacks");
}

static const OptionValue *option_value(const RuleContext *cx, const char *name) {
  for (uint32_t i = 0; i < cx->settings->option_count; i++) {
    const OptionValue *value = &cx->settings->options[i];
    if (value->rule_index == cx->rule_index && str_is(value->name, name)) return value;
  }
  return NULL;
}

int64_t cx_option_int(const RuleContext *cx, const char *name) {
  const RuleOption *option = option_find(cx->rule, name);
  const OptionValue *value = option_value(cx, name);
  return value != NULL ? value->number : option->number;
}

bool cx_option_bool(const RuleContext *cx, const char *name) {
  return cx_option_int(cx, name) != 0;
}

bool cx_option_has(const RuleContext *cx, const char *name, Str item) {
  const RuleOption *option = option_find(cx->rule, name);
  const OptionValue *value = option_value(cx, name);
  Str list = value != NULL ? value->text : str_from(option->text);
  for (uint32_t start = 0; start < list.n;) {
    uint32_t stop = str_find_byte(list, ',', start);
    if (str_eq(str_trim(str_slice(list, start, stop)), item)) return true;
    start = stop + 1;
  }
  return false;
}

bool cx_targets_any(const RuleContext *cx, uint8_t since, uint8_t until) {
  Target target = cx->settings->target;
  return (since == 0 || target.newest >= since) &&
         (until == 0 || target.floor <= until);
}

bool cx_fix_runs(const RuleContext *cx, uint8_t since) {
  return cx->settings->target.floor >= since;
}

// --- text ----------------------------------------------------------------------------

Str cx_excerpt(RuleContext *cx, NodeId node) {
  enum { LONGEST = 48 };
  Str text = node_text(cx->t, node);
  Buf out = buf_in(cx->arena);
  bool gap = false;
  uint32_t width = 0;
  for (uint32_t at = 0; at < text.n;) {
    uint32_t from = at;
    uint32_t c = utf8_next(text, &at);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      gap = width > 0;
      continue;
    }
    if (width >= LONGEST) {
      buf_add(&out, STR("…"));
      break;
    }
    if (gap) buf_add_byte(&out, ' ');
    width += utf8_point_width(c) + (gap ? 1 : 0);
    gap = false;
    buf_add(&out, str_slice(text, from, at));
  }
  return buf_str(&out);
}

Str cx_layout_change(RuleContext *cx, Layout now, Layout then, uint8_t since,
                     uint32_t *saved) {
  uint8_t newest = cx->settings->target.newest, oldest = cx->settings->target.floor;
  if (newest > LAYOUT_NEWEST) newest = LAYOUT_NEWEST;
  if (oldest < since) oldest = since;
  if (oldest > newest) oldest = newest;
  uint32_t a = instance_bytes(newest, now), b = instance_bytes(newest, then);
  uint32_t old_a = instance_bytes(oldest, now), old_b = instance_bytes(oldest, then);
  *saved = a > b ? a - b : 0;
  Str text = cx_format(cx, "%u B -> %u B on 3.%u", a, b, (unsigned)newest);
  if (old_a == a && old_b == b) return text;
  return cx_format(cx, "%.*s (%u B -> %u B on 3.%u)", STR_ARGS(text), old_a, old_b,
                   (unsigned)oldest);
}

Str cx_format(RuleContext *cx, const char *format, ...) {
  char line[512];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  return str_copy_in(cx->arena, str_from(line));
}
