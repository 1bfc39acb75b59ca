#include "semantic/part.h"

#include "semantic/place_internal.h"

enum { FIRST_USES = 16 };  // of one name that are looked at

bool item_is_only_read(const Tree *t, NodeId subscript) {
  PlaceKind kind = place_of(t, node_wrap(t, subscript)).kind;
  return kind != PLACE_TARGET && kind != PLACE_UPDATED && kind != PLACE_DELETED;
}

static bool is_zero(Model *m, NodeId n) {
  int64_t value = 0;
  return constant_int(m, n, &value) && value == 0;
}

// The three places of `a:b:c`; NO_NODE for those left out. False if broken.
static bool slice_parts(const Tree *t, NodeId slice, NodeId parts[3]) {
  Str text = t->source->text;
  uint32_t at = node_start(t, slice), place = 0;
  NodeId next = node_first_named(t, slice);
  while (at < node_stop(t, slice) && place < 3) {
    if (node_ok(next) && at == node_start(t, next)) {
      parts[place] = next;
      at = node_stop(t, next);
      next = node_next_named(t, next);
    } else {
      if (text.p[at] == '#') return false;
      if (text.p[at] == ':') place += 1;
      at += 1;
    }
  }
  return place < 3;
}

static Part subscript_part(Model *m, NodeId subscript) {
  const Tree *t = m->tree;
  Part part = {.node = subscript};
  NodeId index = node_field(t, subscript, FIELD_SUBSCRIPT);
  if (node_ok(node_next_same_field(t, index)) || !item_is_only_read(t, subscript))
    return part;
  if (!node_is(t, index, PY_SLICE)) {
    if (is_zero(m, node_unwrap(t, index))) part.kind = PART_FIRST;
    return part;
  }
  NodeId parts[3] = {{0}, {0}, {0}};
  if (!slice_parts(t, index, parts) || !node_ok(parts[1]) || node_ok(parts[2]) ||
      (node_ok(parts[0]) && !is_zero(m, parts[0])) ||
      !constant_int(m, parts[1], &part.count) || part.count < 0) {
    return part;
  }
  part.kind = PART_HEAD;
  part.bound = parts[1];
  return part;
}

static Part part_at(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId e = node_wrap(t, expression), up = node_parent(t, e);
  if (node_is(t, up, PY_SUBSCRIPT) && node_role(t, e) == FIELD_VALUE) {
    return subscript_part(m, up);
  }
  NodeId call = node_parent(t, up);
  if (!node_is(t, up, PY_ATTRIBUTE) || node_role(t, e) != FIELD_OBJECT ||
      !node_is(t, call, PY_CALL) || node_role(t, up) != FIELD_FUNCTION ||
      !node_text_is(t, node_field(t, up, FIELD_ATTRIBUTE), "pop")) {
    return (Part){0};
  }
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  bool first = node_is(t, list, PY_ARGUMENT_LIST) && node_count_named(t, list) == 1 &&
               is_zero(m, node_first_named(t, list));
  return (Part){.kind = first ? PART_FIRST : PART_NONE, .node = call};
}

Part part_of(Model *m, NodeId made) {
  Part part = part_at(m, made);
  if (part.kind != PART_NONE || !single_use_of(m, made, &part.kept)) return part;
  SingleUse kept = part.kept;
  part = part_at(m, kept.use);
  part.kept = kept;
  part.named = true;
  return part;
}

// --- the first, if there is one ------------------------------------------------------

static bool compares_with_none(Model *m, NodeId test, NodeId length) {
  const Tree *t = m->tree;
  int64_t bound = 0;
  if (!node_is(t, test, PY_COMPARISON_OPERATOR) || node_count_named(t, test) != 2 ||
      !node_eq(node_first_named(t, test), length) ||
      !constant_int(m, node_named_at(t, test, 1), &bound)) {
    return false;
  }
  if (bound == 1) {
    return node_ok(node_child(t, test, PY_OP_GE)) ||
           node_ok(node_child(t, test, PY_OP_LT));
  }
  return bound == 0 && (node_ok(node_child(t, test, PY_OP_GT)) ||
                        node_ok(node_child(t, test, PY_OP_EQ)) ||
                        node_ok(node_child(t, test, PY_OP_NE)));
}

// `if xs`, `not xs`, `bool(xs)`, `len(xs) > 0`.
static bool asks_whether_any(Model *m, NodeId use) {
  const Tree *t = m->tree;
  if (value_is_only_tested(t, use)) return true;
  NodeId list = node_parent(t, node_wrap(t, use)), call = node_parent(t, list);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL) ||
      node_count_named(t, list) != 1) {
    return false;
  }
  Str name = name_of_callee(m, call);
  if (str_is(name, "builtins.bool")) return true;
  if (!str_is(name, "builtins.len")) return false;
  NodeId length = node_wrap(t, call);
  return value_is_only_tested(t, call) ||
         compares_with_none(m, node_parent(t, length), length);
}

Part part_first_if_any(Model *m, NodeId made) {
  Part part = {.named = true};
  DefId id = private_def_of(m, made);
  if (!def_ok(id)) return part;
  RefList uses = flow_uses_of(m, id);
  if (uses.unknown || uses.escapes_scope || uses.count > FIRST_USES) return part;
  uint32_t tests = 0;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(m, uses.items[i])->node;
    if (!node_is(m->tree, use, PY_IDENTIFIER) || flow_only_def(m, use).i != id.i) {
      return part;
    }
    NodeId up = node_parent(m->tree, node_wrap(m->tree, use));
    if (asks_whether_any(m, use)) {
      tests += 1;
    } else if (node_is(m->tree, up, PY_SUBSCRIPT) &&
               part_at(m, use).kind == PART_FIRST) {
      part.node = up;
    } else {
      return part;
    }
  }
  if (tests > 0 && node_ok(part.node)) part.kind = PART_FIRST;
  return part;
}

bool rest_is_used(Model *m, NodeId source, NodeId node) {
  const Tree *t = m->tree;
  uint32_t left = 64;
  for (uint32_t i = source.i; i < node_after(t, source); i++) {
    NodeId name = {i};
    if (!node_is(t, name, PY_IDENTIFIER) || !value_is_iterator(value_of(m, name))) {
      continue;
    }
    BindingId b = binding_of(m, name);
    if (!binding_ok(b)) continue;
    if ((binding_get(m, b)->flags & (BIND_GLOBAL | BIND_CAPTURED)) != 0) return true;
    if (flow_reaches(m, name, name) != ANSWER_NO) return true;
    for (RefId r = ref_first(m, b); ref_ok(r); r = ref_next(m, r)) {
      NodeId other = ref_get(m, r)->node;
      if (node_eq(other, name) || node_inside(t, other, node)) continue;
      NodeId up = node_parent(t, other);
      bool closes = node_is(t, up, PY_ATTRIBUTE) &&
                    node_text_is(t, node_field(t, up, FIELD_ATTRIBUTE), "close");
      if (closes) continue;
      if (left-- == 0 || flow_reaches(m, name, other) != ANSWER_NO) return true;
    }
  }
  return false;
}
