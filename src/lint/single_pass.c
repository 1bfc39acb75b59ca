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

Str size_label(RuleContext *cx, Value v) {
  SizeWhy why = size_why(v);
  if (why == WHY_NONE) return STR_NONE;
  return cx_format(cx, "from %s, of any size", size_why_text(why));
}
