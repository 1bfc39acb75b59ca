#include "semantic/renewed.h"

#include "semantic/context.h"
#include "semantic/grown.h"
#include "semantic/rounds.h"

enum { DEFS_READ = 32, USES_READ = 64, BLOCKS_CLIMBED = 16, CALLS_CLIMBED = 4 };

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

// The definitions, of those in the loop, whose objects may have the name when the next is
// made: itself, or what was made of it since (`text = text.strip()`). How far the name is
// the only one that each of them has.
static Sole sole_of_old(Model *m, DefId made, NodeId loop, const char **refusal) {
  const Def *def = def_get(m, made);
  Sole least = SOLE_YES;
  bool is_found = false;
  if (binding_get(m, def->binding)->def_count > DEFS_READ) {
    *refusal = "it is bound in many places";
    return SOLE_NO;
  }
  for (DefId d = def_first(m, def->binding); def_ok(d); d = def_next(m, d)) {
    const Def *other = def_get(m, d);
    if (!node_inside(m->tree, other->node, loop)) continue;
    if (lets_go(m, other)) {
      *refusal = "it is deleted, or bound to None, in the loop";
      return SOLE_NO;
    }
    if (!def_meets(m, d, made)) continue;
    is_found = is_found || d.i == made.i || def_is_large(m, d);
    Sole sole = sole_until(m, d, def->value);
    if (sole < least) least = sole;
  }
  if (!is_found) *refusal = "no two of them meet";
  return least;
}

static bool value_reads(Model *m, NodeId value, BindingId binding) {
  uint32_t read = 0;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    if (++read > USES_READ || node_inside(m->tree, ref_get(m, r)->node, value))
      return true;
  }
  return false;
}

// --- the same again ------------------------------------------------------------------

// A name that a loop around binds anew, other than the one.
static bool reads_loop_name(Model *m, NodeId value, NodeId loop, BindingId but) {
  const Tree *t = m->tree;
  for (uint32_t i = value.i; i < node_after(t, value); i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(m, n))) continue;
    BindingId binding = binding_of(m, n);
    if (!binding_ok(binding) || binding.i == but.i) continue;
    for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
      if (node_inside(t, def_get(m, d)->node, loop)) return true;
    }
  }
  return false;
}

// The variable of the loop that `name == "meta.json"` asks for; {0}.
static BindingId picked_by(Model *m, NodeId condition, NodeId loop) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, condition);
  NodeId left = node_unwrap(t, node_named_at(t, e, 0));
  Str text = STR_NONE;
  bool is_equality = node_is(t, e, PY_COMPARISON_OPERATOR) &&
                     node_count_named(t, e) == 2 && node_is(t, left, PY_IDENTIFIER) &&
                     node_is(t, node_field(t, e, FIELD_OPERATORS), PY_OP_EQ);
  if (!is_equality || !constant_str(m, node_named_at(t, e, 1), &text))
    return (BindingId){0};
  BindingId binding = binding_of(m, left);
  const Def *d = def_get(m, binding_only_def(m, binding));
  bool is_own = d->kind == DEF_FOR && node_eq(d->statement, loop);
  return is_own ? binding : (BindingId){0};
}

// `if found: return found` at the end of the loop: it goes on with what is empty.
static bool goes_on_empty(Model *m, const Def *def, NodeId loop) {
  const Tree *t = m->tree;
  NodeId last = node_last(t, node_field(t, loop, FIELD_BODY));
  NodeId condition = node_unwrap(t, node_field(t, last, FIELD_CONDITION));
  NodeId leave = node_last(t, node_field(t, last, FIELD_CONSEQUENCE));
  bool leaves =
      node_is(t, leave, PY_RETURN_STATEMENT) || node_is(t, leave, PY_BREAK_STATEMENT);
  return node_is(t, last, PY_IF_STATEMENT) && node_is(t, condition, PY_IDENTIFIER) &&
         leaves && binding_of(m, condition).i == def->binding.i;
}

// `if name == "meta.json": data = archive.read(name)`: made for one element alone.
static bool is_of_one(Model *m, const Def *def, NodeId loop) {
  enum { BRANCHES = 16 };
  const Tree *t = m->tree;
  NodeId n = def->statement;
  for (uint32_t i = 0; i < BRANCHES && node_ok(n) && !node_eq(n, loop);) {
    NodeId p = node_parent(t, n);
    bool is_branch =
        (node_is(t, p, PY_IF_STATEMENT) || node_is(t, p, PY_ELIF_CLAUSE)) &&
        node_role(t, n) == FIELD_CONSEQUENCE;
    if (is_branch) {
      BindingId one = picked_by(m, node_field(t, p, FIELD_CONDITION), loop);
      if (binding_ok(one) && !reads_loop_name(m, def->value, loop, one)) return true;
      i++;
    }
    n = p;
  }
  return false;
}

// `chunk = pipe.read()` of a handle that no round opens or rewinds: all of it comes once,
// or a part each time.
static bool is_of_one_handle(Model *m, NodeId value, NodeId loop) {
  const Tree *t = m->tree;
  NodeId call = node_unwrap(t, value), handle = NO_NODE, at = NO_NODE;
  Str method = STR_NONE;
  for (uint32_t i = 0; i < CALLS_CLIMBED && node_is(t, call, PY_CALL); i++) {
    handle = node_unwrap(t, call_receiver(m, call, &method));
    if (str_is(method, "read") || !node_is(t, handle, PY_CALL)) break;
    call = handle;  // `pipe.read().strip()`
  }
  if (!node_ok(handle) || !str_is(method, "read") || call_has_arguments(m, call))
    return false;
  for (at = node_unwrap(t, handle); node_is(t, at, PY_ATTRIBUTE);) {
    at = node_unwrap(t, node_field(t, at, FIELD_OBJECT));
  }
  BindingId binding = binding_of(m, at);
  if (!node_is(t, at, PY_IDENTIFIER) || !binding_ok(binding)) return false;
  if (def_get(m, def_first(m, binding))->kind == DEF_PARAMETER) return false;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (node_inside(t, def_get(m, d)->node, loop)) return false;
  }
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId up = node_parent(t, node_wrap(t, ref_get(m, r)->node));
    if (node_text_is(t, node_field(t, up, FIELD_ATTRIBUTE), "seek")) return false;
  }
  return true;
}

Renewed renewed_at(Model *m, DefId id) {
  const Def *def = def_get(m, id);
  Renewed out = {.loop = loop_of_many(m, def->node)};
  if (!node_ok(out.loop)) return out;
  if (!def_is_local(m, id)) {
    out.refusal = "others see the name";
  } else if (value_reads(m, def->value, def->binding)) {
    out.refusal = "it is made from the old one";
  } else if (goes_on_empty(m, def, out.loop)) {
    out.refusal = "the loop goes on where it is empty";
  } else if (is_of_one(m, def, out.loop)) {
    out.refusal = "it is made for one element alone";
  } else if (is_of_one_handle(m, def->value, out.loop)) {
    out.refusal = "the handle is read to its end once";
  }
  if (out.refusal != NULL) return out;
  if (flow_is_live_after(m, def->binding, out.loop) != ANSWER_NO) {
    out.refusal = "the next round, or what follows the loop, reads it";
    return out;
  }
  out.sole = sole_of_old(m, id, out.loop, &out.refusal);
  if (out.refusal != NULL) return out;
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
