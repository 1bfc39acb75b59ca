#include "semantic/copy.h"

// `x[:]`, nothing in it but the colon or two.
static bool takes_all(const Tree *t, NodeId slice) {
  return node_is(t, slice, PY_SLICE) && !node_ok(node_first_named(t, slice)) &&
         !node_ok(node_next_same_field(t, slice));
}

static Copy copy_by_slice(Model *m, NodeId subscript) {
  const Tree *t = m->tree;
  NodeId object = node_field(t, subscript, FIELD_VALUE);
  if (!takes_all(t, node_field(t, subscript, FIELD_SUBSCRIPT)) ||
      value_of(m, object).kind != VALUE_LIST) {
    return (Copy){0};
  }
  return (Copy){VALUE_LIST, 0, subscript, object};
}

// The one argument, and beside it at most those that order: `key`, `reverse`.
static NodeId sole_argument(const Tree *t, NodeId call, bool orders) {
  NodeId list = node_field(t, call, FIELD_ARGUMENTS), found = NO_NODE;
  if (node_is(t, list, PY_GENERATOR_EXPRESSION)) return list;
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    switch (node_kind(t, a)) {
      case PY_COMMENT: continue;
      case PY_LIST_SPLAT:
      case PY_DICTIONARY_SPLAT: return NO_NODE;
      case PY_KEYWORD_ARGUMENT: {
        NodeId name = node_field(t, a, FIELD_NAME);
        bool known = node_text_is(t, name, "key") || node_text_is(t, name, "reverse");
        if (!orders || !known) return NO_NODE;
        continue;
      }
      default: break;
    }
    if (node_ok(found)) return NO_NODE;
    found = a;
  }
  return found;
}

Copy copy_of(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  if (node_is(t, e, PY_SUBSCRIPT)) return copy_by_slice(m, e);
  if (!node_is(t, e, PY_CALL)) return (Copy){0};
  const CopyFact *fact = call_copy(m, e);
  if (fact == NULL) return (Copy){0};
  Copy copy = {.kind = fact->kind, .flags = fact->flags, .node = e};
  Str method = STR_NONE;
  if (fact->name.p[0] != '.') {
    // A partial has arguments of its own.
    if (!str_eq(name_of(m, call_callee(m, e)), fact->name)) return (Copy){0};
    copy.source = sole_argument(t, e, (fact->flags & COPY_ORDERS) != 0);
  } else if (!call_has_arguments(m, e)) {
    copy.source = call_receiver(m, e, &method);
  }
  if (!node_ok(copy.source)) return (Copy){0};
  if (copy.kind == VALUE_UNKNOWN) copy.kind = value_of(m, copy.source).kind;
  return copy;
}
