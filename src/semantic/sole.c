#include "semantic/sole.h"

#include "semantic/escape.h"
#include "semantic/parse.h"

enum { USES_READ = 64 };

// A result that looks into what the call was given.
static bool value_looks_in(Value v) {
  switch (v.kind) {
    case VALUE_MATCH:
    case VALUE_MEMORYVIEW:
    case VALUE_VIEW:
    case VALUE_ITERATOR:
    case VALUE_GENERATOR:
    case VALUE_ITERABLE:
    case VALUE_READER:
    case VALUE_FILE:
    case VALUE_ARCHIVE:
    case VALUE_NDARRAY:
    case VALUE_TENSOR: return true;
    default: return false;
  }
}

// The call's result looks into the object, and something keeps the result.
static bool result_pins(Model *m, NodeId call) {
  if (!value_looks_in(value_of(m, call))) return false;
  switch (use_of(m, call).kind) {
    case USE_ASSIGNED:
    case USE_STORED:
    case USE_ELEMENT:
    case USE_UNPACKED:
    case USE_ENTERED:
    case USE_YIELDED:
    case USE_UNKNOWN: return true;
    default: return false;
  }
}

static Sole sole_by_escape(Model *m, NodeId use) {
  EscapeSet found = escape_of_expression(m, use);
  EscapeSet gone = ESCAPE_RETURNED | ESCAPE_RAISED;
  if ((found & ~(gone | ESCAPE_PASSED)) != 0) return SOLE_NO;
  return found & ESCAPE_PASSED ? SOLE_LIKELY : SOLE_YES;
}

// What the expression gives is kept by a name or an object.
static bool is_kept(Model *m, NodeId expression) {
  switch (use_of(m, expression).kind) {
    case USE_ASSIGNED:
    case USE_STORED:
    case USE_UNPACKED:
    case USE_ELEMENT:
    case USE_YIELDED:
    case USE_UNKNOWN: return true;
    default: return false;
  }
}

// A part that a name keeps, `rows = document["rows"]`, may be most of it.
static Sole sole_by_part(Model *m, NodeId part) {
  Value v = value_of(m, part);
  if (value_is_scalar(v) || value_is_text(v) || (v.flags & VALUE_FRESH) != 0) {
    return SOLE_YES;
  }
  return is_kept(m, part) ? SOLE_NO : SOLE_YES;
}

// `for row in rows: kept.append(row)`: the elements live on.
static Sole sole_by_elements(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  Sole all = SOLE_YES;
  if (!node_is(t, loop, PY_FOR_STATEMENT)) return SOLE_YES;
  NodeId target = node_field(t, loop, FIELD_LEFT);
  for (NodeId n = target; n.i < node_after(t, target); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !def_ok(def_at(m, n))) continue;
    EscapeSet found = escape_of(m, def_at(m, n));
    EscapeSet gone = ESCAPE_RETURNED | ESCAPE_RAISED | ESCAPE_PASSED | ESCAPE_YIELDED;
    if ((found & ~gone) != 0) return SOLE_NO;
    if ((found & ESCAPE_PASSED) != 0) all = SOLE_LIKELY;
  }
  return all;
}

// `all.update(rows)`, `kept = sorted(rows)`: the elements live on.
static bool call_keeps_elements(Model *m, NodeId call) {
  const MutatorFact *mutator = call_mutator(m, call);
  if (mutator != NULL) return (mutator->effect & MUTATES_BY_MANY) != 0;
  const SinkFact *sink = call_sink(m, call);
  bool copies =
      call_copy(m, call) != NULL || (sink != NULL && sink->kind != SINK_STREAMING &&
                                     (sink->flags & SINK_REDUCES) == 0);
  return copies && is_kept(m, call);
}

static Sole sole_by_use(Model *m, NodeId node, bool is_text) {
  Use use = use_of(m, node);
  if ((use.through & THROUGH_WALRUS) != 0) return SOLE_NO;
  switch (use.kind) {
    case USE_TESTED:
    case USE_OPERAND:
    case USE_KEY:
    case USE_DROPPED:
    case USE_RAISED:
    case USE_RETURNED: return SOLE_YES;
    case USE_ITERATED: return is_text ? SOLE_YES : sole_by_elements(m, use.node);
    case USE_INDEXED:
      if (is_text) return SOLE_YES;
      if (value_looks_in(value_of(m, node)) && is_kept(m, use.node)) return SOLE_NO;
      return sole_by_part(m, use.node);
    case USE_METHOD:
      if (result_pins(m, use.call)) return SOLE_NO;
      return is_text ? SOLE_YES : sole_by_part(m, use.call);
    case USE_ATTRIBUTE: return sole_by_escape(m, node);
    case USE_CALL:
      if (node_eq(parse_of(m, use.call).text, node)) return SOLE_YES;
      if (!is_text && call_keeps_elements(m, use.call)) return SOLE_NO;
      return result_pins(m, use.call) ? SOLE_NO : sole_by_escape(m, node);
    default: return SOLE_NO;
  }
}

Sole sole_until(Model *m, DefId def, NodeId until) {
  RefList uses = flow_uses_of(m, def);
  Value v = value_of_def(m, def);
  bool is_text =
      v.kind == VALUE_STR || v.kind == VALUE_BYTES || (v.flags & VALUE_WHOLE_READ) != 0;
  Sole all = SOLE_YES;
  if (uses.unknown || uses.escapes_scope || uses.count > USES_READ) return SOLE_NO;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId node = ref_get(m, uses.items[i])->node;
    if (node_inside(m->tree, node, until)) continue;
    if (flow_reaches(m, node, until) == ANSWER_NO) continue;
    Sole one =
        node_is(m->tree, node, PY_IDENTIFIER) ? sole_by_use(m, node, is_text) : SOLE_NO;
    if (one < all) all = one;
  }
  return all;
}
