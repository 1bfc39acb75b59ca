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

static Sole sole_by_use(Model *m, NodeId node) {
  Use use = use_of(m, node);
  if ((use.through & THROUGH_WALRUS) != 0) return SOLE_NO;
  switch (use.kind) {
    case USE_TESTED:
    case USE_OPERAND:
    case USE_KEY:
    case USE_DROPPED:
    case USE_RAISED:
    case USE_RETURNED:
    case USE_ITERATED: return SOLE_YES;
    case USE_INDEXED: return value_looks_in(value_of(m, node)) ? SOLE_NO : SOLE_YES;
    case USE_METHOD: return result_pins(m, use.call) ? SOLE_NO : SOLE_YES;
    case USE_ATTRIBUTE: return sole_by_escape(m, node);
    case USE_CALL:
      if (node_eq(parse_of(m, use.call).text, node)) return SOLE_YES;
      return result_pins(m, use.call) ? SOLE_NO : sole_by_escape(m, node);
    default: return SOLE_NO;
  }
}

Sole sole_until(Model *m, DefId def, NodeId until) {
  RefList uses = flow_uses_of(m, def);
  Sole all = SOLE_YES;
  if (uses.unknown || uses.escapes_scope || uses.count > USES_READ) return SOLE_NO;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId node = ref_get(m, uses.items[i])->node;
    if (node_inside(m->tree, node, until)) continue;
    if (flow_reaches(m, node, until) == ANSWER_NO) continue;
    Sole one = node_is(m->tree, node, PY_IDENTIFIER) ? sole_by_use(m, node) : SOLE_NO;
    if (one < all) all = one;
  }
  return all;
}
