#include "lint/single_pass.h"

#include "lint/rule.h"

Evidence evidence_of(RuleContext *cx, NodeId node, Value v) {
  Evidence evidence = size_is_unbounded(v) ? EVIDENCE_SIZE : 0;
  if (context_is_hot(context_of(cx->m, node))) evidence |= EVIDENCE_HOT;
  return evidence;
}

Fix fix_of(EditList *edits, const char *doubt, const char *title) {
  FixSafety safety = doubt == NULL ? FIX_SAFE : FIX_UNSAFE;
  return edits_fix(edits, safety, str_from(title), str_from(doubt));
}

static bool has_star_import(const Model *m) {
  return (scope_get(m, MODULE_SCOPE)->flags & SCOPE_STAR_IMPORT) != 0;
}

bool can_write_builtin(const RuleContext *cx, NodeId at, const char *name) {
  BindingId b = scope_resolve(cx->m, scope_at(cx->m, at), str_from(name));
  return !binding_ok(b) && !has_star_import(cx->m);
}

bool can_write_module(const RuleContext *cx, NodeId at, const char *module) {
  BindingId b = scope_resolve(cx->m, scope_at(cx->m, at), str_from(module));
  if (!binding_ok(b)) return !has_star_import(cx->m);
  const Def *def = def_get(cx->m, binding_only_def(cx->m, b));
  NodeId statement = node_statement(cx->t, def->node);
  return def->kind == DEF_IMPORT && def->scope.i == MODULE_SCOPE.i &&
         node_is(cx->t, node_parent(cx->t, statement), PY_MODULE) &&
         str_contains(node_text(cx->t, statement), str_from(module)) &&
         !str_contains(node_text(cx->t, statement), STR(" as "));
}

const char *free_name(const RuleContext *cx, NodeId at, const char *const *names) {
  ScopeId scope = scope_at(cx->m, at);
  bool seen = (scope_get(cx->m, scope)->flags & SCOPE_DYNAMIC) != 0;  // by locals()
  if (seen || has_star_import(cx->m)) return NULL;
  for (; *names != NULL; names++) {
    Str name = str_from(*names);
    if (!binding_ok(scope_resolve(cx->m, scope, name)) &&
        !binding_ok(scope_lookup(cx->m, scope, name))) {
      return *names;
    }
  }
  return NULL;
}

// Names and attributes: evaluating them does nothing that could be noticed.
static bool is_plain_name(const Tree *t, NodeId e) {
  while (node_is(t, e, PY_ATTRIBUTE)) e = node_field(t, e, FIELD_OBJECT);
  return node_is(t, e, PY_IDENTIFIER);
}

bool is_evaluated_first(const Tree *t, NodeId expression) {
  NodeId e = expression;
  for (NodeId up = node_parent(t, e); node_ok(up); e = up, up = node_parent(t, e)) {
    if (node_is_statement(t, e)) return true;
    switch (node_kind(t, up)) {
      case PY_EXPRESSION_STATEMENT:
      case PY_RETURN_STATEMENT:
      case PY_PARENTHESIZED_EXPRESSION: break;
      case PY_ASSIGNMENT:
        if (node_role(t, e) != FIELD_RIGHT) return false;
        break;
      case PY_ATTRIBUTE:
      case PY_SUBSCRIPT:
        if (!node_eq(node_first_named(t, up), e)) return false;
        break;
      case PY_CALL:
        if (node_role(t, e) == FIELD_FUNCTION) break;
        if (!is_plain_name(t, node_field(t, up, FIELD_FUNCTION))) return false;
        break;
      case PY_ARGUMENT_LIST:
        if (!node_eq(node_first_named(t, up), e)) return false;
        break;
      case PY_FOR_STATEMENT:
      case PY_FOR_IN_CLAUSE:
        if (node_role(t, e) != FIELD_RIGHT) return false;
        break;
      case PY_LIST_COMPREHENSION:
      case PY_SET_COMPREHENSION:
      case PY_DICTIONARY_COMPREHENSION:
      case PY_GENERATOR_EXPRESSION:
        if (!node_eq(node_child(t, up, PY_FOR_IN_CLAUSE), e)) return false;
        break;
      default: return false;
    }
  }
  return false;
}

bool statement_is_alone(const Tree *t, NodeId statement) {
  Str text = t->source->text;
  Span own = node_span(t, statement), lines = edit_line_span(t, own);
  Str behind = str_trim(str_slice(text, own.stop, lines.stop));
  bool only = behind.n == 0 || behind.p[0] == '#';
  return only && str_trim(str_slice(text, lines.start, own.start)).n == 0;
}

Str read_excerpt(RuleContext *cx, const WholeRead *read) {
  bool is_member = read->file.kind == VALUE_ARCHIVE;
  return cx_excerpt(cx, is_member ? read->node : read->handle);
}

const char *slow_source(Value file) {
  if ((file.flags & HANDLE_NETWORK) || file.why == WHY_NETWORK) {
    return "reading a network stream in pieces is slower";
  }
  if (file.why == WHY_ARCHIVE || file.kind == VALUE_ARCHIVE) {
    return "reading a member of an archive in pieces is slower";
  }
  return NULL;
}

Str text_apart(const RuleContext *cx, uint32_t at, Str text) {
  Str all = cx->t->source->text;
  char before = at > 0 ? all.p[at - 1] : ' ';
  bool word = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
              (before >= '0' && before <= '9') || before == '_' || before < 0;
  if (!word) return text;
  return str_printf_in(cx->arena, " %.*s", (int)text.n, text.p);
}

void write_import(const RuleContext *cx, EditList *edits, const char *module) {
  bool is_there = binding_ok(scope_resolve(cx->m, MODULE_SCOPE, str_from(module)));
  if (!is_there) edit_import(edits, str_from(module), STR_NONE);
}

Str item_cost(RuleContext *cx, NodeId comprehension, Cost *cost) {
  uint8_t minor = cx->settings->target.floor;
  uint32_t bytes = comprehension_item_bytes(cx->m, comprehension, minor);
  *cost = (Cost){bytes, COST_PER_ITEM};
  const char *rest = bytes == 8 ? "the items" : "what the items hold";
  return cx_format(cx, "%u B per item plus %s", bytes, rest);
}

Cost line_cost(const RuleContext *cx) {
  return (Cost){line_bytes(cx->settings->target.floor), COST_PER_LINE};
}

Str pass_label(const Pass *pass) {
  switch (pass->kind) {
    case PASS_FOR:
    case PASS_CLAUSE: return STR("iterated here, once");
    case PASS_YIELD_FROM: return STR("handed out here, one at a time");
    case PASS_KEPT: return STR("taken up here, once");
    default: return STR("consumed here, once");
  }
}

NodeId pass_place(const Tree *t, const Pass *pass) {
  if (pass->kind == PASS_FOR) return node_field(t, pass->node, FIELD_LEFT);
  if (node_ok(pass->clause)) return node_field(t, pass->clause, FIELD_LEFT);
  if (pass->kind == PASS_YIELD_FROM) return pass->node;
  return node_field(t, pass->node, FIELD_FUNCTION);
}

Span loop_header(RuleContext *cx, NodeId loop) {
  Span span = node_span(cx->t, loop);
  NodeId head = node_field(cx->t, loop, FIELD_RIGHT);
  if (!node_ok(head)) head = node_field(cx->t, loop, FIELD_CONDITION);
  bool has_header = node_is(cx->t, loop, PY_FOR_STATEMENT) ||
                    node_is(cx->t, loop, PY_WHILE_STATEMENT);
  if (has_header && node_ok(head)) span.stop = node_stop(cx->t, head);
  return span;
}

Str size_label(RuleContext *cx, Value v) {
  SizeWhy why = size_why(v);
  if (why == WHY_NONE) return STR_NONE;
  return cx_format(cx, "from %s, of any size", size_why_text(why));
}
