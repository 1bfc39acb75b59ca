#include "semantic/part.h"

#include "semantic/place_internal.h"

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
