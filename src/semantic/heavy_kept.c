// Who else holds what is read of a heavy value: the places to which it, or a part that
// holds the whole, is handed.
#include "semantic/classes.h"
#include "semantic/context.h"
#include "semantic/escape_internal.h"
#include "semantic/heavy.h"

enum { PARTS_MAX = 64, USES_MAX = 64, CHAIN_MAX = 16 };

// Expressions that are the value, or may hold it.
typedef struct Parts {
  Model *m;
  Heavy heavy;
  NodeId items[PARTS_MAX];
  uint32_t count;
  bool is_kept;  // or it is too much to follow
} Parts;

static const EscapeSet HELD = ESCAPE_STORED_SELF | ESCAPE_STORED_LONG |
                              ESCAPE_STORED_OTHER | ESCAPE_CAPTURED | ESCAPE_UNKNOWN;

static void part_add(Parts *self, NodeId expression) {
  for (uint32_t i = 0; i < self->count; i++) {
    if (node_eq(self->items[i], expression)) return;
  }
  if (self->count == PARTS_MAX) {
    self->is_kept = true;
    return;
  }
  self->items[self->count++] = expression;
}

// The names of a target: each stands for the value, or for a part of it.
static void target_add(Parts *self, NodeId target) {
  Model *m = self->m;
  for (uint32_t i = target.i; i < node_after(m->tree, target); i++) {
    NodeId name = {i};
    DefId def = node_is(m->tree, name, PY_IDENTIFIER) ? def_at(m, name) : (DefId){0};
    if (!def_ok(def)) continue;
    RefList uses = flow_uses_of(m, def);
    if (uses.unknown || uses.count > USES_MAX) self->is_kept = true;
    for (uint32_t u = 0; !self->is_kept && u < uses.count; u++) {
      NodeId use = ref_get(m, uses.items[u])->node;
      if (node_is(m->tree, use, PY_IDENTIFIER)) part_add(self, use);
    }
  }
}

// --- what is made of it --------------------------------------------------------------

static bool is_view(Value v) {
  switch (v.kind) {
    case VALUE_MATCH:
    case VALUE_MEMORYVIEW:
    case VALUE_ITERATOR:
    case VALUE_GENERATOR:
    case VALUE_NDARRAY:
    case VALUE_TENSOR:
    case VALUE_FILE: return true;
    default: return false;
  }
}

// Strings that may be the very same one: nothing was stripped, or replaced.
static bool may_be_same(ValueKind from, Value made) {
  return from == made.kind && value_holds_size(made);
}

// Text is copied, what a response gives as well, its body aside.
static bool shares_with_text(const Parts *self, NodeId made) {
  Value v = value_of(self->m, made);
  if (self->heavy.kind == HEAVY_TEXT) {
    return is_view(v) || may_be_same(self->heavy.value, v);
  }
  return v.kind == VALUE_BYTES || is_view(v);
}

static const ApartFact *apart_of(Model *m, NodeId made) {
  if (node_is(m->tree, made, PY_CALL)) return call_apart(m, made);
  if (!node_is(m->tree, made, PY_ATTRIBUTE)) return NULL;
  return knowledge_member(
      m->options.knowledge, SUBJECT_APART, VALUE_UNKNOWN,
      node_text(m->tree, node_field(m->tree, made, FIELD_ATTRIBUTE)));
}

// What an attribute, item or method gives of it.
static void taken_add(Parts *self, NodeId made) {
  Model *m = self->m;
  const ApartFact *apart = apart_of(m, made);
  if (apart != NULL) {
    self->is_kept |= apart->form == APART_BORROWS;
    return;
  }
  Value v = value_of(m, made);
  bool is_text = self->heavy.kind == HEAVY_TEXT || self->heavy.kind == HEAVY_RESPONSE;
  bool shares =
      is_text ? shares_with_text(self, made) : !value_is_scalar(v) && !value_is_text(v);
  if (shares) part_add(self, made);
}

// --- calls that get it ---------------------------------------------------------------

// `cursor.executemany(sql, rows)`: of an object whose kind is known, and is no queue.
static bool acts_and_forgets(Model *m, NodeId call) {
  Str method = STR_NONE;
  if (!call_acts(m, call)) return false;
  ValueKind kind = value_of(m, call_receiver(m, call, &method)).kind;
  return kind != VALUE_UNKNOWN && kind != VALUE_INSTANCE && kind != VALUE_QUEUE;
}

static bool is_known_call(Model *m, NodeId call) {
  return call_is_pure(m, call) || acts_and_forgets(m, call) ||
         call_sink(m, call) != NULL || call_result(m, call) != NULL ||
         call_codec(m, call) != NULL || call_write(m, call) != NULL ||
         call_buffer(m, call) != NULL || call_heavy(m, call) != NULL ||
         call_mutator(m, call) != NULL;
}

// `self.method(x)`, a method of this very class.
static ScopeId own_method(Model *m, NodeId call) {
  Str name = STR_NONE;
  NodeId receiver = node_unwrap(m->tree, call_receiver(m, call, &name));
  if (!node_is(m->tree, receiver, PY_IDENTIFIER) || !name_is_self(m, receiver)) {
    return (ScopeId){0};
  }
  ScopeId inside = scope_function(m, scope_at(m, receiver));
  BindingId binding = scope_lookup(m, scope_class_of_method(m, inside), name);
  const Def *def = def_get(m, binding_only_def(m, binding));
  return def->kind == DEF_FUNCTION ? scope_of(m, def->value) : (ScopeId){0};
}

static bool method_keeps(Model *m, ScopeId method, NodeId argument) {
  const Tree *t = m->tree;
  bool is_named = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  Str name = is_named ? node_text(t, node_field(t, argument, FIELD_NAME)) : STR_NONE;
  uint32_t position = is_named ? 0 : place_argument_position(t, argument);
  bool is_bound = method_kind(m, scope_get(m, method)->node) != METHOD_STATIC;
  uint32_t count = scope_parameter_count(m, method);
  for (uint32_t i = is_bound ? 1 : 0; i < count; i++) {
    DefId parameter = scope_parameter(m, method, i);
    const Def *def = def_get(m, parameter);
    bool is_it = is_named ? str_eq(binding_name(m, def->binding), name)
                          : i == position + (is_bound ? 1 : 0);
    if ((def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) return true;
    if (is_it) return (escape_of(m, parameter) & HELD) != 0;
  }
  return true;
}

// A method of what may outlive the call: `self.model.fit(x)`, `client.keep(x)`; not of what
// this very call made.
static bool is_of_long_lived(Model *m, NodeId call) {
  Str method = STR_NONE;
  NodeId e = call_receiver(m, call, &method);
  if (!node_ok(e) || name_of_callee(m, call).n != 0) return false;
  for (uint32_t step = 0; step < CHAIN_MAX && node_ok(e); step++) {
    e = node_unwrap(m->tree, e);
    switch (node_kind(m->tree, e)) {
      case PY_IDENTIFIER: return !name_is_fresh(m, e);
      case PY_ATTRIBUTE: e = node_field(m->tree, e, FIELD_OBJECT); break;
      case PY_SUBSCRIPT: e = node_field(m->tree, e, FIELD_VALUE); break;
      case PY_CALL:
        if (expression_is_fresh(m, e)) return false;
        e = call_receiver(m, e, &method);
        break;
      default: return false;
    }
  }
  return true;
}

static void argument_add(Parts *self, Place p) {
  Model *m = self->m;
  const ApartFact *apart = call_apart(m, p.node);
  if (apart != NULL) {
    self->is_kept |= apart->form == APART_BORROWS;
    return;
  }
  ScopeId method = own_method(m, p.node);
  if (scope_ok(method)) {
    self->is_kept |= method_keeps(m, method, p.argument);
    part_add(self, p.node);
    return;
  }
  if (!is_known_call(m, p.node)) {
    self->is_kept |= is_of_long_lived(m, p.node);
    part_add(self, p.node);
    return;
  }
  Value v = value_of(m, p.node);
  bool is_text = self->heavy.kind == HEAVY_TEXT || self->heavy.kind == HEAVY_RESPONSE;
  bool shares = is_text ? shares_with_text(self, p.node)
                        : !value_is_scalar(v) && !value_is_text(v);
  if (shares) part_add(self, p.node);
}

// --- one place -----------------------------------------------------------------------

// What is walked through gives parts, a text only letters and lines.
static void iterated_add(Parts *self, Place p) {
  if (self->heavy.kind == HEAVY_TEXT || self->heavy.kind == HEAVY_RESPONSE) return;
  NodeId left = node_field(self->m->tree, p.node, FIELD_LEFT);
  if (node_ok(left)) target_add(self, left);
}

static void assigned_add(Parts *self, NodeId assignment) {
  const Tree *t = self->m->tree;
  for (NodeId a = assignment; node_is(t, a, PY_ASSIGNMENT); a = node_parent(t, a)) {
    target_add(self, node_field(t, a, FIELD_LEFT));
  }
}

static void place_read(Parts *self, NodeId e) {
  Model *m = self->m;
  const Tree *t = m->tree;
  Place p = place_of(t, e);
  switch (p.kind) {
    case PLACE_SAME:
    case PLACE_AWAITED:
    case PLACE_ELEMENT: part_add(self, p.node); break;
    case PLACE_NAMED:
      target_add(self, node_field(t, p.node, FIELD_NAME));
      part_add(self, p.node);
      break;
    case PLACE_ATTRIBUTE: {
      Place outer = place_of(t, node_wrap(t, p.node));
      taken_add(self, outer.kind == PLACE_CALLEE ? outer.node : p.node);
      break;
    }
    case PLACE_ITEM: taken_add(self, p.node); break;
    case PLACE_ARGUMENT: argument_add(self, p); break;
    case PLACE_SPLAT: part_add(self, p.node); break;
    case PLACE_ITERATED: iterated_add(self, p); break;
    case PLACE_ASSIGNED: assigned_add(self, p.node); break;
    case PLACE_ENTERED: self->is_kept = true; break;
    case PLACE_OPERAND:
      if (self->heavy.kind == HEAVY_ITEMS && node_is(t, p.node, PY_BINARY_OPERATOR))
        part_add(self, p.node);
      break;
    default: break;
  }
}

bool heavy_is_kept(Model *m, Heavy heavy, NodeId read) {
  Parts parts = {.m = m, .heavy = heavy};
  part_add(&parts, node_wrap(m->tree, read));
  for (uint32_t i = 0; i < parts.count && !parts.is_kept; i++) {
    NodeId e = parts.items[i];
    parts.is_kept = (escape_of_expression(m, e) & HELD) != 0;
    if (!parts.is_kept) place_read(&parts, e);
  }
  return parts.is_kept;
}
