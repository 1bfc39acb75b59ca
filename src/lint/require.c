#include "lint/rule.h"
#include "semantic/contents.h"

// What rules ask of an expression alike, with words for `explain` where the answer is no.

enum { LOOKED_THROUGH = 64 };  // nodes of an expression, for explanations alone

// A read that the expression hides, behind a name or a call; NO_NODE if there is none.
static NodeId hidden_read(RuleContext *cx, NodeId expression, const char **reason) {
  const Tree *t = cx->t;
  uint32_t stop = node_after(t, expression);
  if (stop > expression.i + LOOKED_THROUGH) stop = expression.i + LOOKED_THROUGH;
  for (NodeId n = {expression.i}; n.i < stop; n.i++) {
    Str method = STR_NONE;
    NodeId value = NO_NODE;
    if (node_is(t, n, PY_IDENTIFIER)) {
      value = node_unwrap(t, def_get(cx->m, flow_only_def(cx->m, n))->value);
      *reason = "the contents are used again, or kept";
      if (whole_read_of(cx->m, value).form == READ_TEXT) return value;
    }
    if (!node_is(t, n, PY_CALL)) continue;
    NodeId receiver = call_receiver(cx->m, n, &method);
    *reason = "the contents are changed on the way, or not taken alone";
    if (whole_read_of(cx->m, n).form == READ_TEXT) return n;
    *reason = "the read has a bound, or is none of a known file";
    bool reads = str_is(method, "read") || str_is(method, "readline");
    if (node_ok(receiver) && reads) return n;
  }
  return NO_NODE;
}

bool cx_require_contents(RuleContext *cx, NodeId use, NodeId data, Contents *out,
                         const char *otherwise) {
  if (contents_behind(cx->m, data, out)) return true;
  if (!cx_explains(cx)) return false;
  const char *reason = NULL;
  NodeId read = hidden_read(cx, data, &reason);
  if (!node_ok(read)) return otherwise != NULL && cx_require(cx, use, false, otherwise);
  cx_require_seen(cx, use, false, reason, read);
  if (!node_eq(node_statement(cx->t, read), node_statement(cx->t, use)))
    cx_require_seen(cx, read, false, reason, use);
  return false;
}

NodeId cx_use_within(RuleContext *cx, NodeId value, PyKind kind) {
  const Tree *t = cx->t;
  if (!cx_explains(cx)) return NO_NODE;
  NodeId n = node_wrap(t, value), p = node_parent(t, n);
  if (node_is(t, p, kind)) return p;
  NodeId left = node_field(t, p, FIELD_LEFT);
  if (!node_is(t, p, PY_ASSIGNMENT) || !node_is(t, left, PY_IDENTIFIER)) return NO_NODE;
  RefList uses = flow_uses_of(cx->m, def_at(cx->m, left));
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = node_parent(t, node_wrap(t, ref_get(cx->m, uses.items[i])->node));
    if (node_is(t, use, kind)) return use;
  }
  return NO_NODE;
}

bool cx_require_in_number(RuleContext *cx, const IndexClass *c) {
  if (c->kept_count != 0) return true;
  if (!cx_explains(cx)) return false;
  const IndexSite *site = c->site_count != 0 ? &c->sites[0] : NULL;
  for (uint32_t i = 1; i < c->site_count; i++) {  // the closest to being kept in number
    const uint32_t hot = CONTEXT_LOOP | CONTEXT_COMPREHENSION;
    if (c->sites[i].is_kept || (c->sites[i].context & hot) != 0) site = &c->sites[i];
  }
  const char *reason = site == NULL ? "nothing in the project is seen to make one"
                       : (site->context & CONTEXT_TEST) != 0 ? "only tests make any"
                       : site->is_small                      ? "few are made"
                                        : "they are not known to be kept in number";
  return cx_require_place_seen(cx, c->place, false, reason,
                               site != NULL ? site->place : (Place){0});
}

bool cx_require_slotless(RuleContext *cx, const IndexClass *c) {
  uint32_t flags = c->flags;
  return cx_require_place(cx, c->place, (flags & CLASS_HAS_SLOTS) == 0,
                          "it has slots") &&
         cx_require_place(cx, c->place, (flags & (CLASS_TEST | CLASS_STUB)) == 0,
                          "it is of a test, or a stub");
}

static bool has_registration(const RuleContext *cx, const FactRows *rows, NodeId node) {
  uint32_t start = node_start(cx->t, node);
  for (uint32_t i = 0; i < rows->registration_count; i++) {
    uint32_t place = rows->registrations[i].place.i;
    if (facts_place_span(cx->facts, place).start == start) return true;
  }
  return false;
}

void cx_explain_unregistered(RuleContext *cx, RegisterKind form, const char *reason) {
  FactRows rows;
  facts_unpack(cx->facts, IN_REGISTRATIONS, cx->arena, &rows);
  for (NodeId n = {1}; n.i < cx->t->count; n.i++) {
    bool may_register = node_is(cx->t, n, PY_CALL) ||
                        node_is(cx->t, n, PY_ASSIGNMENT) ||
                        node_is(cx->t, n, PY_DECORATOR);
    if (!may_register || tree_is_broken(cx->t, n)) continue;
    Registered r = registered_of(cx->m, n);
    if (r.fact == NULL || (RegisterKind)r.fact->kind != form) continue;
    if (!node_eq(r.node, n) || has_registration(cx, &rows, n)) continue;
    cx_require(cx, n, false, reason);
  }
}

static NodeId call_within(RuleContext *cx, NodeId expression, const char *wanted,
                          bool by_names) {
  uint32_t stop = node_after(cx->t, expression);
  if (stop > expression.i + LOOKED_THROUGH) stop = expression.i + LOOKED_THROUGH;
  for (NodeId n = {expression.i}; n.i < stop; n.i++) {
    Str method = STR_NONE;
    if (by_names && node_is(cx->t, n, PY_IDENTIFIER)) {
      NodeId value = def_get(cx->m, flow_only_def(cx->m, n))->value;
      NodeId found = node_ok(value) ? call_within(cx, value, wanted, false) : NO_NODE;
      if (node_ok(found)) return found;
    }
    if (!node_is(cx->t, n, PY_CALL)) continue;
    const CodecFact *codec = wanted[0] == '\0' ? call_codec(cx->m, n) : NULL;
    if (codec != NULL && codec->form == CODEC_DUMPS) return n;
    bool is_method = wanted[0] != '\0' && node_ok(call_receiver(cx->m, n, &method));
    if (is_method && str_is(method, wanted)) return n;
  }
  return NO_NODE;
}

void cx_explain_call(RuleContext *cx, NodeId use, NodeId expression, const char *method,
                     const char *reason) {
  if (!cx_explains(cx)) return;
  NodeId call = call_within(cx, expression, method, true);
  if (node_ok(call)) cx_require_seen(cx, use, false, reason, call);
}

bool cx_require_no_hazards(RuleContext *cx, const IndexClass *c, uint32_t hazards) {
  if (hazards == 0 || !cx_explains(cx)) return hazards == 0;
  uint32_t told = hazards & (~hazards + 1);  // the one of hazard_text()
  bool is_touch = (c->touched & told) != 0;
  return cx_require_place_in(cx, c->place, false, hazard_text(hazards),
                             is_touch ? c->touched_in : c->place.module);
}

bool cx_require_single_use(RuleContext *cx, NodeId value, SingleUse *kept) {
  if (single_use_of(cx->m, value, kept)) return true;
  if (!cx_explains(cx)) return false;
  const Tree *t = cx->t;
  NodeId assignment = node_parent(t, node_wrap(t, value));
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || !node_is(t, name, PY_IDENTIFIER)) {
    return false;
  }
  RefList uses = flow_uses_of(cx->m, def_at(cx->m, name));
  if (uses.count > 1 && !uses.unknown) {
    NodeId second = ref_get(cx->m, uses.items[1])->node;
    return cx_require_seen(cx, value, false, "its name is used more than once", second);
  }
  return cx_require(cx, value, false,
                    "its name is not used just once behind it, in its own function");
}
