// What becomes of a class that is made: is it changed, kept, handed out?
#include "semantic/escape.h"
#include "semantic/making_internal.h"
#include "semantic/place_internal.h"

enum { STATE_NAMES = 16, FRAMES = 64, OPERANDS = 8 };

// --- its name ------------------------------------------------------------------------

// The variable that the class is bound to; {0} for a call that is used where it stands.
static BindingId class_binding(Model *m, const Making *making) {
  if (node_is(m->tree, making->place, PY_IDENTIFIER)) {
    return binding_of(m, making->place);
  }
  NodeId name = use_of(m, making->place).name;
  return node_ok(name) ? binding_of(m, name) : (BindingId){0};
}

static bool is_mutator(Model *m, Str method) {
  return knowledge_has_member(m->options.knowledge, SUBJECT_MUTATORS, method);
}

// What happens to `x.name`: it is bound, or what it holds is changed.
typedef enum Touch { TOUCHED_NOT, TOUCHED_BOUND, TOUCHED_CHANGED } Touch;

static Touch attribute_touch(Model *m, NodeId attribute, NodeId *value) {
  const Tree *t = m->tree;
  Place p = place_behind(t, attribute);
  switch (p.kind) {
    case PLACE_TARGET:
      *value = node_field(t, p.node, FIELD_RIGHT);
      return TOUCHED_BOUND;
    case PLACE_UPDATED:
    case PLACE_DELETED: return TOUCHED_CHANGED;
    case PLACE_ITEM: {
      PlaceKind outer = place_of(t, p.node).kind;
      bool is_stored =
          outer == PLACE_TARGET || outer == PLACE_UPDATED || outer == PLACE_DELETED;
      return is_stored ? TOUCHED_CHANGED : TOUCHED_NOT;
    }
    case PLACE_ATTRIBUTE: {
      Str method = node_text(t, node_field(t, p.node, FIELD_ATTRIBUTE));
      bool is_called = place_of(t, p.node).kind == PLACE_CALLEE;
      return is_called && is_mutator(m, method) ? TOUCHED_CHANGED : TOUCHED_NOT;
    }
    default: return TOUCHED_NOT;
  }
}

// `Row.__doc__ = "…"` is the same in every call.
static bool is_plain(const Tree *t, NodeId value) {
  for (uint32_t i = value.i; i < node_after(t, value); i++) {
    if (node_is(t, (NodeId){i}, PY_IDENTIFIER)) return false;
  }
  return node_ok(value);
}

// `Row.__new__.__defaults__ = (None,)`: the last attribute of the chain is what is bound.
static bool use_changes(Model *m, NodeId mention) {
  const Tree *t = m->tree;
  Place p = place_behind(t, mention);
  for (uint32_t i = 0; i < FRAMES && p.kind == PLACE_ATTRIBUTE; i++) {
    NodeId value = NO_NODE;
    switch (attribute_touch(m, p.node, &value)) {
      case TOUCHED_BOUND: return !is_plain(t, value);
      case TOUCHED_CHANGED: return true;
      case TOUCHED_NOT: break;
    }
    p = place_behind(t, p.node);
  }
  if (p.kind != PLACE_ARGUMENT) return false;
  Str name = name_of_callee(m, p.node);
  return str_is(name, "builtins.setattr") || str_is(name, "builtins.delattr");
}

static bool some_use_changes(Model *m, const Making *making) {
  uint32_t seen = 0;
  BindingId id = class_binding(m, making);
  for (RefId r = ref_first(m, id); binding_ok(id) && ref_ok(r); r = ref_next(m, r)) {
    if (++seen > MAKING_USES || use_changes(m, ref_get(m, r)->node)) return true;
  }
  return false;
}

// --- its body ------------------------------------------------------------------------

typedef struct State {
  Str names[STATE_NAMES];  // attributes of the body that may be changed
  uint32_t count;
} State;

static bool may_be_changed(Model *m, NodeId value) {
  ValueKind kind = value_of(m, value).kind;
  return kind == VALUE_LIST || kind == VALUE_DICT || kind == VALUE_SET ||
         kind == VALUE_DEQUE || kind == VALUE_BYTEARRAY;
}

static State state_of(Model *m, ScopeId scope) {
  State state = {0};
  BindingId id = scope_get(m, scope)->first_binding;
  for (; binding_ok(id); id = binding_get(m, id)->next) {
    const Def *def = def_get(m, def_first(m, id));
    bool is_value = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
    if (!is_value || !node_ok(def->value) || !may_be_changed(m, def->value)) continue;
    if (state.count < STATE_NAMES) state.names[state.count++] = binding_name(m, id);
  }
  return state;
}

// `cls.made += 1`, `self.rows.append(x)`.
static bool attribute_changes(Model *m, const State *state, NodeId attribute) {
  const Tree *t = m->tree;
  NodeId value = NO_NODE, object = node_field(t, attribute, FIELD_OBJECT);
  Touch touch = attribute_touch(m, attribute, &value);
  if (touch == TOUCHED_NOT) return false;
  if (node_text_is(t, object, "cls")) return true;
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  for (uint32_t i = 0; i < state->count && touch == TOUCHED_CHANGED; i++) {
    if (str_eq(state->names[i], name)) return true;
  }
  return false;
}

static bool body_changes(Model *m, const Making *making) {
  const Tree *t = m->tree;
  NodeId definition = making->whole;
  if (node_is(t, definition, PY_DECORATED_DEFINITION)) {
    definition = node_field(t, definition, FIELD_DEFINITION);
  }
  State state = state_of(m, scope_of(m, definition));
  for (uint32_t i = definition.i; i < node_after(t, definition); i++) {
    if (!node_is(t, (NodeId){i}, PY_ATTRIBUTE)) continue;
    if (attribute_changes(m, &state, (NodeId){i})) return true;
  }
  return false;
}

bool making_is_changed(Model *m, const Making *making) {
  if (some_use_changes(m, making)) return true;
  return node_is(m->tree, making->place, PY_IDENTIFIER) && body_changes(m, making);
}

// --- where it goes -------------------------------------------------------------------

static bool hands_out(Model *m, NodeId expression) {
  switch (place_behind(m->tree, expression).kind) {
    case PLACE_RETURNED:
    case PLACE_YIELDED:
    case PLACE_RESULT:
    case PLACE_ELEMENT: return true;
    case PLACE_ASSIGNED: return use_of(m, expression).kind != USE_ASSIGNED;
    default: return false;
  }
}

bool making_is_given(Model *m, const Making *making) {
  if (!node_is(m->tree, making->place, PY_IDENTIFIER) && hands_out(m, making->place)) {
    return true;
  }
  ScopeId here = scope_function(m, scope_at(m, making->place));
  if ((scope_get(m, here)->flags & SCOPE_DYNAMIC) != 0) return true;  // return locals()
  BindingId id = class_binding(m, making);
  const Binding *b = binding_get(m, id);
  if (!binding_ok(id)) return false;
  if (scope_get(m, b->scope)->kind == SCOPE_MODULE) return true;
  uint32_t seen = 0;
  for (RefId r = b->first_ref; ref_ok(r); r = ref_next(m, r)) {
    NodeId mention = ref_get(m, r)->node;
    if (node_inside(m->tree, mention, making->whole)) continue;
    if (++seen > MAKING_USES || hands_out(m, mention)) return true;
  }
  return false;
}

// --- made where it is missing --------------------------------------------------------

// Attributes, items and variables of the module outlive the call.
static bool outlives(Model *m, NodeId target) {
  NodeId e = node_unwrap(m->tree, target);
  if (!node_is(m->tree, e, PY_IDENTIFIER)) {
    return node_is(m->tree, e, PY_ATTRIBUTE) || node_is(m->tree, e, PY_SUBSCRIPT);
  }
  ScopeId owner = binding_get(m, binding_of(m, e))->scope;
  return scope_get(m, owner)->kind == SCOPE_MODULE ||
         scope_function(m, owner).i != scope_function(m, scope_at(m, e)).i;
}

// `setattr(cls, name, <e>)`, `CACHE.setdefault(key, <e>)`.
static bool call_stores(Model *m, NodeId call) {
  Str method = STR_NONE;
  if (str_is(name_of_callee(m, call), "builtins.setattr")) return true;
  return node_ok(call_receiver(m, call, &method)) && str_is(method, "setdefault");
}

// Where an expression stands it is stored for good; else `name` gets its variable, if it
// is bound to one.
static bool place_stores(Model *m, NodeId expression, NodeId *name) {
  const Tree *t = m->tree;
  Place p = place_behind(t, expression);
  if (p.kind == PLACE_ARGUMENT) return call_stores(m, p.node);
  if (p.kind != PLACE_ASSIGNED) return false;
  for (NodeId a = p.node; node_is(t, a, PY_ASSIGNMENT); a = node_parent(t, a)) {
    *name = node_field(t, a, FIELD_LEFT);
    if (outlives(m, *name)) return true;
  }
  return false;
}

static bool mentions_text(const Tree *t, NodeId region, Str text) {
  for (uint32_t i = region.i; i < node_after(t, region); i++) {
    if (str_eq(node_text(t, (NodeId){i}), text)) return true;
  }
  return false;
}

// `if kind not in self.parsers: self.parsers[kind] = Parser()`.
static bool instance_is_kept(Model *m, NodeId mention) {
  const Tree *t = m->tree;
  Place p = place_behind(t, mention);
  if (p.kind != PLACE_CALLEE) return false;
  Place stored = place_behind(t, p.node);
  if (stored.kind != PLACE_ASSIGNED) return false;
  NodeId target = node_unwrap(t, node_field(t, stored.node, FIELD_LEFT));
  if (!outlives(m, target)) return false;
  if (node_is(t, target, PY_SUBSCRIPT)) target = node_field(t, target, FIELD_VALUE);
  NodeId e = mention;
  for (uint32_t i = 0; i < FRAMES && node_ok(e); i++) {
    NodeId up = node_parent(t, e);
    if (node_is(t, up, PY_FUNCTION_DEFINITION)) return false;
    if (node_is(t, up, PY_IF_STATEMENT) && node_role(t, e) == FIELD_CONSEQUENCE &&
        mentions_text(t, node_field(t, up, FIELD_CONDITION), node_text(t, target))) {
      return true;
    }
    e = up;
  }
  return false;
}

// What the node gives, or the class that it names, or an instance of that, goes to what
// outlives the call: on the spot, or by way of a variable.
static bool is_stored_for_good(Model *m, NodeId node) {
  const Tree *t = m->tree;
  bool is_class = node_is(t, node_parent(t, node), PY_CLASS_DEFINITION);
  NodeId name = is_class ? node : NO_NODE, other = NO_NODE;
  if (!is_class && place_stores(m, node, &name)) return true;
  if (!node_is(t, name, PY_IDENTIFIER)) return false;
  if (outlives(m, name)) return true;
  uint32_t seen = 0;
  for (RefId r = ref_first(m, binding_of(m, name)); ref_ok(r) && seen < MAKING_USES;
       r = ref_next(m, r), seen++) {
    NodeId mention = ref_get(m, r)->node;
    if (place_stores(m, mention, &other) || instance_is_kept(m, mention)) return true;
  }
  return false;
}

static bool is_behind_return(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId function = context_of(m, node).function;
  ScopeId here = scope_function(m, scope_at(m, node));
  uint32_t seen = 0;
  for (uint32_t i = function.i; i < node.i && seen < NAMED_NODES; i++, seen++) {
    NodeId n = {i};
    if (node_is(t, n, PY_RETURN_STATEMENT) && scope_at(m, n).i == here.i) return true;
  }
  return false;
}

// In a branch, in the right operand of `or`, or behind an early return.
static bool is_conditional(Model *m, NodeId node) {
  const Tree *t = m->tree;
  if ((context_of(m, node).flags & (CONTEXT_BRANCH | CONTEXT_EXCEPT)) != 0) return true;
  NodeId e = node;
  for (uint32_t i = 0; i < FRAMES && !node_is_statement(t, e); i++) {
    NodeId up = node_parent(t, e);
    PyKind kind = node_kind(t, up);
    if (kind == PY_CONDITIONAL_EXPRESSION ||
        (kind == PY_BOOLEAN_OPERATOR && node_role(t, e) == FIELD_RIGHT)) {
      return true;
    }
    e = up;
  }
  return is_behind_return(m, node);
}

bool fills_what_is_missing(Model *m, NodeId node) {
  return is_stored_for_good(m, node) && is_conditional(m, node);
}
