#include "semantic/rebuild.h"

#include "semantic/context.h"
#include "semantic/own.h"
#include "semantic/rounds.h"

// --- forms ---------------------------------------------------------------------------

static RebuildForm operator_of(Model *m, NodeId right, Rebuild *r) {
  const Tree *t = m->tree;
  NodeId sign = node_field(t, right, FIELD_OPERATOR);
  if (!node_text_is(t, sign, "+") && !node_text_is(t, sign, "|")) return REBUILD_NONE;
  r->old = node_field(t, right, FIELD_LEFT);
  r->added = node_field(t, right, FIELD_RIGHT);
  return REBUILD_OPERATOR;
}

static RebuildForm splat_of(Model *m, NodeId right, Rebuild *r) {
  const Tree *t = m->tree;
  NodeId first = node_first_named(t, right);
  while (node_is(t, first, PY_COMMENT)) first = node_next_named(t, first);
  bool splat =
      node_is(t, first, PY_LIST_SPLAT) || node_is(t, first, PY_DICTIONARY_SPLAT);
  if (!splat) return REBUILD_NONE;
  r->old = node_first_named(t, first);
  r->added = node_next_named(t, first);
  return node_ok(r->added) ? REBUILD_SPLAT : REBUILD_NONE;
}

static Rebuild form_of(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  Rebuild r = {.assignment = assignment};
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  NodeId right = node_unwrap(t, node_field(t, assignment, FIELD_RIGHT));
  if (!node_is(t, left, PY_IDENTIFIER) ||
      !node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT)) {
    return r;
  }
  RebuildForm form = REBUILD_NONE;
  r.made = right;
  if (node_is(t, assignment, PY_AUGMENTED_ASSIGNMENT)) {
    if (!node_text_is(t, node_field(t, assignment, FIELD_OPERATOR), "+=")) return r;
    r.old = left;
    r.added = right;
    r.made = assignment;
    form = REBUILD_GROWN;
  } else if (node_is(t, right, PY_BINARY_OPERATOR)) {
    form = operator_of(m, right, &r);
  } else if (node_is(t, right, PY_LIST) || node_is(t, right, PY_TUPLE) ||
             node_is(t, right, PY_SET) || node_is(t, right, PY_DICTIONARY)) {
    form = splat_of(m, right, &r);
  }
  bool same = form != REBUILD_NONE && node_is(t, r.old, PY_IDENTIFIER) &&
              str_eq(node_text(t, r.old), node_text(t, left));
  r.form = same ? form : REBUILD_NONE;
  return r;
}

// The operator, or the brackets, belong to a kind.
static bool form_suits(Model *m, const Rebuild *r, ValueKind kind) {
  const Tree *t = m->tree;
  switch (r->form) {
    case REBUILD_GROWN: return kind == VALUE_TUPLE;
    case REBUILD_SPLAT:
      switch (node_kind(t, r->made)) {
        case PY_LIST: return kind == VALUE_LIST;
        case PY_TUPLE: return kind == VALUE_TUPLE;
        case PY_SET: return kind == VALUE_SET;
        default: return kind == VALUE_DICT;
      }
    case REBUILD_OPERATOR:
      if (node_text_is(t, node_field(t, r->made, FIELD_OPERATOR), "+")) {
        return kind == VALUE_LIST || kind == VALUE_TUPLE;
      }
      return kind == VALUE_SET || kind == VALUE_DICT;
    default: return false;
  }
}

NodeId rebuild_reads(Model *m, NodeId assignment) {
  Rebuild r = form_of(m, assignment);
  return r.form == REBUILD_NONE ? NO_NODE : r.old;
}

// --- loops ---------------------------------------------------------------------------

// Another round of this very loop comes to the assignment again.
static bool loop_comes_again(Model *m, NodeId loop, NodeId assignment) {
  return flow_reaches_avoiding(m, assignment, assignment, &loop, 1) != ANSWER_NO;
}

// The innermost loop that carries the object on, and has more than a few rounds.
static NodeId carrying_loop(Model *m, const Own *own, NodeId assignment) {
  const Tree *t = m->tree;
  NodeId found = NO_NODE;
  for (NodeId loop = loop_around(m, assignment, NO_NODE); node_ok(loop);
       loop = loop_around(m, assignment, loop)) {
    bool starts_outside = false;
    for (uint32_t i = 0; i < own->fresh_count; i++) {
      if (!node_inside(t, own->fresh[i], loop)) starts_outside = true;
    }
    if (!starts_outside) break;
    if (node_ok(found) || loop_has_few_rounds(m, loop)) continue;
    if (loop_comes_again(m, loop, assignment)) found = loop;
  }
  return found;
}

Rebuild rebuild_of(Model *m, NodeId assignment) {
  Rebuild r = form_of(m, assignment);
  if (r.form == REBUILD_NONE) return r;
  if (!binding_ok(binding_of(m, r.old)) ||
      !node_ok(loop_around(m, assignment, NO_NODE))) {
    r.form = REBUILD_NONE;
    return r;
  }
  Own own = own_of(m, r.old);
  DefId made = def_at(m, node_field(m->tree, assignment, FIELD_LEFT));
  if (own.refusal != NULL) {
    r.refusal = own.refusal;
  } else if (own.type != TYPE_EXACT || !form_suits(m, &r, own.kind)) {
    r.refusal = "it is of another type";
  } else if (!own_has(&own, made)) {
    r.refusal = "it starts anew in each round";
  } else if (own_is_shared(m, &own, r.old)) {
    r.refusal = "something else may hold what was built before";
  } else {
    r.loop = carrying_loop(m, &own, assignment);
    if (!node_ok(r.loop)) r.refusal = "the loop has few rounds";
  }
  r.kind = own.kind;
  r.start = own.fresh_count > 0 ? own.fresh[0] : NO_NODE;
  return r;
}
