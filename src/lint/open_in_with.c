// A `with` around the statement that opens a file in the middle of an expression.

#include "lint/rule.h"
#include "semantic/calls.h"

// It opens nothing: `open(fd, closefd=False)`, `GzipFile(fileobj=f)`, `BZ2File(f)`.
static bool is_wrapper(RuleContext *cx, NodeId call, const OpenFact *open) {
  NodeId other = NO_NODE;
  if (call_argument(cx->m, call, 6, "closefd", &other) != ARG_ABSENT ||
      call_argument(cx->m, call, CALL_NO_POSITION, "fileobj", &other) != ARG_ABSENT) {
    return true;
  }
  uint32_t at =
      open->path_position < 0 ? CALL_NO_POSITION : (uint32_t)open->path_position;
  return call_argument(cx->m, call, at, open->path_keyword, &other) == ARG_PRESENT &&
         (value_is_file(value_of(cx->m, other)) ||
          def_get(cx->m, flow_only_def(cx->m, node_unwrap(cx->t, other)))->kind ==
              DEF_WITH);
}

bool opens_to_close(RuleContext *cx, NodeId call) {
  const OpenFact *open = call_open(cx->m, call);
  return open != NULL && (open->flags & OPEN_CLOSES) != 0 &&
         (open->flags & (OPEN_MEMORY | OPEN_ASYNC | OPEN_OWNS_MORE)) == 0 &&
         open->why != WHY_ARCHIVE && !is_wrapper(cx, call, open);
}

static bool has_text_over_lines(const Tree *t, NodeId statement) {
  for (NodeId n = statement; n.i < node_after(t, statement); n.i++) {
    Str text = node_text(t, n);
    if (node_is(t, n, PY_STRING) && str_find_byte(text, '\n', 0) != text.n) return true;
  }
  return false;
}

// The lines of the statement behind its first go in by one step, behind the indentation
// that they share with it, so that tabs and spaces stay in order.
static void indent_rest(EditList *edits, const Tree *t, NodeId statement, Str indent) {
  const LineIndex *lines = &t->source->lines;
  Str text = t->source->text;
  uint32_t first = lines_line_of(lines, node_start(t, statement));
  uint32_t last = lines_line_of(lines, node_stop(t, statement) - 1);
  for (uint32_t line = first + 1; line <= last; line++) {
    uint32_t at = lines_start(lines, line), stop = lines_start(lines, line + 1);
    if (str_trim(str_slice(text, at, stop)).n == 0) continue;
    if (str_starts(str_slice(text, at, stop), indent)) at += (uint32_t)indent.n;
    edit_insert(edits, at, STR("    "));
  }
}

bool write_with(RuleContext *cx, EditList *edits, NodeId call, NodeId user) {
  static const char *const names[] = {"f", "file", "stream", "opened", NULL};
  const Tree *t = cx->t;
  NodeId statement = node_statement(t, call);
  bool local = scope_get(cx->m, scope_at(cx->m, statement))->kind == SCOPE_FUNCTION;
  Str text = node_text(t, call);
  if (!local || !node_inside(t, user, statement) || !opens_to_close(cx, call) ||
      !is_evaluated_first(t, call) || !statement_is_alone(t, statement) ||
      str_find_byte(text, '\n', 0) != text.n || has_text_over_lines(t, statement)) {
    return false;
  }
  const char *name = free_name(cx, call, names);
  if (name == NULL) return false;
  Str indent = edit_indentation(t, statement);
  edit_insert(edits, node_start(t, statement),
              cx_format(cx, "with %.*s as %s:\n%.*s    ", STR_ARGS(text), name,
                        STR_ARGS(indent)));
  indent_rest(edits, t, statement, indent);
  edit_replace(edits, node_span(t, call), str_from(name));
  return true;
}

// The statement calls more than the user of the file, which it now finds open still.
static bool goes_on_elsewhere(RuleContext *cx, NodeId user) {
  const Tree *t = cx->t;
  NodeId statement = node_statement(t, user);
  for (NodeId n = statement; n.i < node_after(t, statement); n.i++) {
    if (!node_is(t, n, PY_CALL) || node_inside(t, n, user)) continue;
    EffectSet effects = effect_of(cx->m, n);
    if (effect_runs_others(effects) || (effects & (EFFECT_AWAITS | EFFECT_YIELDS))) {
      return true;
    }
  }
  return false;
}

Fix open_in_with(RuleContext *cx, NodeId call, NodeId user) {
  EditList edits = edits_in(cx->arena);
  if (!write_with(cx, &edits, call, user)) return (Fix){0};
  const char *doubt = goes_on_elsewhere(cx, user)
                          ? "the file stays open while the rest of the statement runs"
                          : NULL;
  return fix_of(&edits, doubt, "close it by `with`");
}
