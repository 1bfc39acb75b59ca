#include "semantic/escape.h"

#include "semantic/escape_internal.h"

enum { LOOK_LIMIT = 256 };  // branches and parentheses around one value

static Use use_as_argument(const Tree *t, Use use, Place p) {
  use.kind = USE_CALL;
  use.call = p.node;
  use.argument = USE_NO_POSITION;
  if (node_is(t, p.argument, PY_KEYWORD_ARGUMENT)) {
    use.keyword = node_text(t, node_field(t, p.argument, FIELD_NAME));
  } else {
    use.argument = place_argument_position(t, p.argument);
  }
  return use;
}

static Use use_as_attribute(const Tree *t, Use use, Place p) {
  Place outer = place_of(t, node_wrap(t, p.node));
  use.kind = USE_ATTRIBUTE;
  if (outer.kind == PLACE_CALLEE) {
    use.kind = USE_METHOD;
    use.node = use.call = outer.node;
  }
  return use;
}

static Use use_as_assigned(const Tree *t, Use use, Place p) {
  NodeId left = node_field(t, p.node, FIELD_LEFT);
  bool chained = node_is(t, node_parent(t, p.node), PY_ASSIGNMENT);
  switch (node_kind(t, left)) {
    case PY_IDENTIFIER:
      use.kind = chained ? USE_STORED : USE_ASSIGNED;
      if (!chained) use.name = left;
      break;
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT: use.kind = USE_STORED; break;
    default: use.kind = USE_UNPACKED; break;
  }
  return use;
}

static UseKind use_kind_plain(PlaceKind kind) {
  switch (kind) {
    case PLACE_ELEMENT: return USE_ELEMENT;
    case PLACE_ITEM: return USE_INDEXED;
    case PLACE_INDEX: return USE_KEY;
    case PLACE_SPLAT:
    case PLACE_ITERATED: return USE_ITERATED;
    case PLACE_AUGMENTS:
    case PLACE_OPERAND: return USE_OPERAND;
    case PLACE_DEFAULT: return USE_STORED;
    case PLACE_RETURNED:
    case PLACE_RESULT: return USE_RETURNED;
    case PLACE_YIELDED: return USE_YIELDED;
    case PLACE_TESTED: return USE_TESTED;
    case PLACE_RAISED: return USE_RAISED;
    case PLACE_DROPPED: return USE_DROPPED;
    case PLACE_ENTERED: return USE_ENTERED;
    default: return USE_UNKNOWN;
  }
}

static Use use_behind(const Tree *t, Use use, Place p) {
  use.node = p.node;
  switch (p.kind) {
    case PLACE_ARGUMENT: return use_as_argument(t, use, p);
    case PLACE_ATTRIBUTE: return use_as_attribute(t, use, p);
    case PLACE_ASSIGNED: return use_as_assigned(t, use, p);
    case PLACE_SPLAT:
      use.kind = USE_ITERATED;
      if (node_is(t, p.node, PY_CALL)) use.call = p.node;
      if (node_ok(p.argument)) use.node = p.argument;
      return use;
    default: break;
  }
  use.kind = use_kind_plain(p.kind);
  return use;
}

Use use_of(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  Use use = {.argument = USE_NO_POSITION};
  NodeId value = expression;
  for (uint32_t step = 0; step < LOOK_LIMIT; step++) {
    Place p = place_of(t, value);
    PyKind kind = node_kind(t, p.node);
    if (p.kind == PLACE_NAMED) {
      use.through |= THROUGH_WALRUS;
      if (!node_ok(use.name)) use.name = node_field(t, p.node, FIELD_NAME);
    } else if (p.kind == PLACE_AWAITED) {
      use.through |= THROUGH_AWAIT;
    } else if (p.kind == PLACE_SAME) {
      if (kind != PY_PARENTHESIZED_EXPRESSION) use.through |= THROUGH_BRANCH;
    } else {
      return use_behind(t, use, p);
    }
    value = p.node;
  }
  return use;
}
