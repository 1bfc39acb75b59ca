#include "semantic/renewed.h"

#include "semantic/context.h"
#include "semantic/grown.h"
#include "semantic/rounds.h"

enum { DEFS_READ = 32, USES_READ = 64, BLOCKS_CLIMBED = 16 };

static NodeId loop_of_many(Model *m, NodeId node) {
  const Tree *t = m->tree;
  for (NodeId loop = loop_around(m, node, NO_NODE); node_ok(loop);
       loop = loop_around(m, node, loop)) {
    bool plain =
        node_is(t, loop, PY_FOR_STATEMENT) || node_is(t, loop, PY_WHILE_STATEMENT);
    if (plain && !loop_has_few_rounds(m, loop) && !loop_is_left(m, node, loop))
      return loop;
  }
  return NO_NODE;
}

// Somebody thought of it: `del x`, `x = None`.
static bool lets_go(Model *m, const Def *def) {
  if (def->kind == DEF_DELETE) return true;
  bool assigned = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
  return assigned && def->flags == 0 && node_ok(def->value) &&
         constant_is_none(m, def->value);
}

static bool def_is_large(Model *m, DefId id) {
  const Def *def = def_get(m, id);
  bool assigned =
      def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED || def->kind == DEF_WALRUS;
  Value v = value_of_def(m, id);
  return assigned && (value_holds_size(v) || (v.flags & VALUE_WHOLE_READ) != 0);
}

static bool def_meets(Model *m, DefId old, DefId made) {
  NodeId stops[DEFS_READ];
  uint32_t count = 0;
  BindingId binding = def_get(m, made)->binding;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (d.i != old.i) stops[count++] = def_get(m, d)->node;
  }
  return flow_reaches_avoiding(m, def_get(m, old)->node, def_get(m, made)->value, stops,
                               count) == ANSWER_YES;
}

// The definition, of those in the loop, whose object has the name when the next is made:
// itself, or what was made of it since (`text = text.strip()`).
static DefId old_of(Model *m, DefId made, NodeId loop, const char **refusal) {
  const Def *def = def_get(m, made);
  DefId found = {0};
  if (binding_get(m, def->binding)->def_count > DEFS_READ) {
    *refusal = "it is bound in many places";
    return found;
  }
  for (DefId d = def_first(m, def->binding); def_ok(d); d = def_next(m, d)) {
    const Def *other = def_get(m, d);
    if (!node_inside(m->tree, other->node, loop)) continue;
    if (lets_go(m, other)) {
      *refusal = "it is deleted, or bound to None, in the loop";
      return found;
    }
    bool counts = d.i == made.i || def_is_large(m, d);
    if (!def_ok(found) && counts && def_meets(m, d, made)) found = d;
  }
  if (!def_ok(found)) *refusal = "no two of them meet";
  return found;
}

static bool value_reads(Model *m, NodeId value, BindingId binding) {
  uint32_t read = 0;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (++read > USES_READ || node_inside(m->tree, ref_get(m, r)->node, value))
      return true;
  }
  return false;
}

Renewed renewed_at(Model *m, DefId id) {
  const Def *def = def_get(m, id);
  Renewed out = {.loop = loop_of_many(m, def->node)};
  if (!node_ok(out.loop)) return out;
  if (!def_is_local(m, id)) {
    out.refusal = "others see the name";
  } else if (value_reads(m, def->value, def->binding)) {
    out.refusal = "it is made from the old one";
  }
  if (out.refusal != NULL) return out;
  if (flow_is_live_after(m, def->binding, out.loop) != ANSWER_NO) {
    out.refusal = "the next round, or what follows the loop, reads it";
    return out;
  }
  DefId old = old_of(m, id, out.loop, &out.refusal);
  if (out.refusal != NULL) return out;
  out.sole = sole_until(m, old, def->value);
  if (out.sole == SOLE_NO) out.refusal = "another name or object holds it";
  return out;
}

// --- where it could end --------------------------------------------------------------

static bool block_holds_uses(Model *m, BindingId binding, NodeId block, NodeId loop) {
  if (binding_get(m, binding)->ref_count > USES_READ) return false;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId node = ref_get(m, r)->node;
    if (node_inside(m->tree, node, loop) && !node_inside(m->tree, node, block))
      return false;
  }
  return true;
}

static NodeId block_around(const Tree *t, NodeId node) {
  node = node_parent(t, node);
  while (node_ok(node) && !node_is(t, node, PY_BLOCK)) node = node_parent(t, node);
  return node;
}

static NodeId last_statement(const Tree *t, NodeId block) {
  NodeId last = NO_NODE;
  for (NodeId s = node_first_named(t, block); node_ok(s); s = node_next_named(t, s)) {
    last = s;
  }
  return last;
}

static bool statement_jumps(const Tree *t, NodeId statement) {
  switch (node_kind(t, statement)) {
    case PY_RETURN_STATEMENT:
    case PY_RAISE_STATEMENT:
    case PY_BREAK_STATEMENT:
    case PY_CONTINUE_STATEMENT: return true;
    default: return false;
  }
}

NodeId renewed_end(Model *m, DefId id, NodeId loop) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, id);
  NodeId block = block_around(t, def->node);
  for (uint32_t i = 0; i < BLOCKS_CLIMBED && node_inside(t, block, loop); i++) {
    NodeId last = last_statement(t, block);
    if (block_holds_uses(m, def->binding, block, loop)) {
      bool is_own = node_inside(t, def->node, last);
      bool fits = !is_own && !statement_jumps(t, last) &&
                  flow_dominates(m, def->node, last) == ANSWER_YES;
      return fits ? last : NO_NODE;
    }
    block = block_around(t, block);
  }
  return NO_NODE;
}
