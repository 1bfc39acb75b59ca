#include "index/facts_internal.h"

// Whose instances a weak container refers to: those that this file puts in, where the
// container has a private name and no mention hands it on. Else they may be anybody's.

enum { MENTIONS_MAX = 64 };

typedef struct WeakMade {
  FactsBuilder *b;
  ValueKind type;
  bool holds_keys;
  bool is_touching;  // in the second pass, when all mentions are understood
  uint32_t seen;
} WeakMade;

static NodeId held_by(const WeakMade *made, const Operation *op) {
  if ((op->flags & OPERATION_MANY) != 0) return NO_NODE;
  if (made->type == VALUE_SET) return node_ok(op->key) ? op->key : op->value;
  return made->holds_keys ? op->key : op->value;
}

static bool mention_take(WeakMade *made, NodeId mention) {
  if (++made->seen > MENTIONS_MAX) return false;
  Operation op = operation_at(made->b, mention, made->type);
  switch (op.kind) {
    case OPERATION_GROW: {
      NodeId held = held_by(made, &op);
      if (node_ok(held) && made->is_touching)
        touch_object(made->b, TOUCH_WEAKREF, held, STR_NONE);
      return node_ok(held);
    }
    case OPERATION_ESCAPE:
    case OPERATION_PASS:
    case OPERATION_ALIAS:
    case OPERATION_STORE:
    case OPERATION_RETURN: return false;
    default: return true;
  }
}

static bool references_take(WeakMade *made, BindingId binding) {
  RefId first = binding_get(made->b->m, binding)->first_ref;
  for (RefId r = first; ref_ok(r); r = ref_next(made->b->m, r)) {
    if (!mention_take(made, ref_get(made->b->m, r)->node)) return false;
  }
  return true;
}

static bool attributes_take(WeakMade *made, ScopeId owner, FactText name) {
  FactsBuilder *b = made->b;
  uint32_t group = map_get(&b->group_of, map_pair(owner.i, name.i));
  uint32_t i = group == 0 ? 0 : b->groups.items[group].first;
  for (; i != 0; i = b->mentions.items[i].next) {
    if (!mention_take(made, b->mentions.items[i].node)) return false;
  }
  return true;
}

// All mentions of what `left` names; false where some are not in this file, or not
// understood.
static bool mentions_take(WeakMade *made, NodeId left) {
  FactsBuilder *b = made->b;
  const Tree *t = b->t;
  made->seen = 0;
  if (node_is(t, left, PY_ATTRIBUTE)) {
    uint32_t via = 0;
    NodeId name = node_field(t, left, FIELD_ATTRIBUTE);
    ScopeId owner = class_of_receiver(b, node_field(t, left, FIELD_OBJECT), &via);
    if (!scope_ok(owner) || !str_starts(node_text(t, name), STR("_"))) return false;
    return attributes_take(made, owner, mangled_of(b, left, node_text(t, name)));
  }
  if (!node_is(t, left, PY_IDENTIFIER)) return false;
  BindingId binding = binding_of(b->m, left);
  const Binding *given = binding_get(b->m, binding);
  ScopeKind kind = scope_get(b->m, given->scope)->kind;
  bool is_private = kind == SCOPE_FUNCTION || str_starts(node_text(t, left), STR("_"));
  if (!is_private || (given->flags & BIND_IN_ERROR) != 0) return false;
  if (!references_take(made, binding)) return false;
  return kind != SCOPE_CLASS ||
         attributes_take(made, given->scope, mangled_of(b, left, node_text(t, left)));
}

static bool weak_follow(FactsBuilder *b, NodeId call) {
  NodeId n = node_wrap(b->t, call), assignment = node_parent(b->t, n);
  bool is_named =
      node_is(b->t, assignment, PY_ASSIGNMENT) && node_role(b->t, n) == FIELD_RIGHT;
  if (!is_named || call_has_arguments(b->m, call)) return false;
  Str name = name_of_callee(b->m, call);
  WeakMade made = {.b = b,
                   .type = str_ends(name, STR("Set")) ? VALUE_SET : VALUE_DICT,
                   .holds_keys = str_is(name, "weakref.WeakKeyDictionary")};
  NodeId left = node_unwrap(b->t, node_field(b->t, assignment, FIELD_LEFT));
  if (!mentions_take(&made, left)) return false;
  made.is_touching = true;
  return mentions_take(&made, left);
}

void weak_collect(FactsBuilder *b) {
  for (uint32_t i = 0; i < b->weak_made.count; i++) {
    if (!weak_follow(b, b->weak_made.items[i]))
      touch_add(b, TOUCH_WEAKREF, STR_NONE, STR_NONE);
  }
}
