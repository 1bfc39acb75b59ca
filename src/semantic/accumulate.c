#include "semantic/accumulate.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/guard.h"
#include "semantic/rounds.h"

enum { NODES_ASKED = 20000, OPERANDS = 64, DEFS_ASKED = 16, FEW_BYTES = 2 };

// --- forms ---------------------------------------------------------------------------

static bool is_same_text(const Tree *t, NodeId a, NodeId b) {
  return node_ok(a) && str_eq(node_text(t, node_unwrap(t, a)), node_text(t, b));
}

static bool is_sum(const Tree *t, NodeId e) {
  return node_is(t, e, PY_BINARY_OPERATOR) &&
         node_text_is(t, node_field(t, e, FIELD_OPERATOR), "+");
}

// `text + more`, `text + more + more`, `more + text`
static AccumulationForm form_of_sum(const Tree *t, NodeId sum, NodeId target) {
  if (!is_sum(t, sum)) return ACCUMULATION_NONE;
  NodeId e = sum;
  for (uint32_t i = 1; i < OPERANDS && is_sum(t, e); i++) {
    NodeId left = node_unwrap(t, node_field(t, e, FIELD_LEFT));
    if (is_same_text(t, left, target)) {
      return i == 1 ? ACCUMULATION_ADDED : ACCUMULATION_SPREAD;
    }
    e = left;
  }
  bool behind = is_same_text(t, node_field(t, sum, FIELD_RIGHT), target);
  return behind ? ACCUMULATION_PREPENDED : ACCUMULATION_NONE;
}

static AccumulationForm form_of(const Tree *t, NodeId assignment) {
  NodeId target = node_field(t, assignment, FIELD_LEFT);
  PyKind kind = node_kind(t, target);
  if (kind != PY_IDENTIFIER && kind != PY_ATTRIBUTE && kind != PY_SUBSCRIPT) {
    return ACCUMULATION_NONE;
  }
  if (!node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT)) {
    return ACCUMULATION_NONE;
  }
  if (node_is(t, assignment, PY_AUGMENTED_ASSIGNMENT)) {
    bool adds = node_text_is(t, node_field(t, assignment, FIELD_OPERATOR), "+=");
    return adds ? ACCUMULATION_ADDED : ACCUMULATION_NONE;
  }
  if (!node_is(t, assignment, PY_ASSIGNMENT)) return ACCUMULATION_NONE;
  return form_of_sum(t, node_unwrap(t, node_field(t, assignment, FIELD_RIGHT)), target);
}

// --- kinds ---------------------------------------------------------------------------

// Of definitions that start something; UNKNOWN where they differ. NONE: there is none.
static ValueKind kind_of_start(Model *m, ValueKind kind, DefId d) {
  const Def *def = def_get(m, d);
  bool goes_on = def->kind == DEF_AUGMENTED ||
                 form_of(m->tree, def->statement) != ACCUMULATION_NONE;
  if (goes_on || kind == VALUE_UNKNOWN) return kind;
  ValueKind one = value_of_def(m, d).kind;
  return kind == VALUE_NONE || kind == one ? one : VALUE_UNKNOWN;
}

// Where `text = text + more` reads it.
static NodeId name_read(Model *m, NodeId name) {
  const Tree *t = m->tree;
  if (ref_ok(ref_at(m, name))) return name;
  NodeId right = node_field(t, node_parent(t, name), FIELD_RIGHT);
  for (NodeId n = right; n.i < node_after(t, right); n.i++) {
    if (node_is(t, n, PY_IDENTIFIER) && is_same_text(t, n, name)) return n;
  }
  return name;
}

// Of a name: what it starts as, whatever is added to it.
static ValueKind kind_of_name(Model *m, NodeId name) {
  RefId ref = ref_at(m, name_read(m, name));
  const Binding *b = binding_get(m, binding_of(m, name));
  ValueKind kind = VALUE_NONE;
  if (ref_ok(ref) && b->scope.i == ref_get(m, ref)->scope.i) {
    DefList defs = flow_defs_reaching(m, ref);
    for (uint32_t i = 0; i < defs.count && !defs.unknown; i++) {
      kind = kind_of_start(m, kind, defs.items[i]);
    }
  }
  if (kind != VALUE_NONE) return kind;
  if (b->def_count > DEFS_ASKED) return VALUE_UNKNOWN;
  for (DefId d = b->first_def; def_ok(d); d = def_next(m, d)) {
    kind = kind_of_start(m, kind, d);
  }
  return kind;
}

static bool is_same_index(Model *m, NodeId a, NodeId b) {
  int64_t left, right;
  Str one, other;
  if (constant_int(m, a, &left)) return constant_int(m, b, &right) && left == right;
  return constant_str(m, a, &one) && constant_str(m, b, &other) && str_eq(one, other);
}

// `{"text": ""}["text"]`, `["", ""][0]`, `defaultdict(str)[k]`
static ValueKind kind_in(Model *m, NodeId made, NodeId index) {
  const Tree *t = m->tree;
  if (node_is(t, made, PY_CALL)) {
    NodeId factory = NO_NODE;
    bool fills = (value_of(m, made).flags & VALUE_FILLS) != 0 &&
                 call_argument(m, made, 0, NULL, &factory) == ARG_PRESENT;
    if (!fills) return VALUE_UNKNOWN;
    if (name_is(m, factory, "builtins.str")) return VALUE_STR;
    return name_is(m, factory, "builtins.bytes") ? VALUE_BYTES : VALUE_UNKNOWN;
  }
  if (!node_is(t, made, PY_DICTIONARY)) return VALUE_UNKNOWN;
  uint32_t asked = 0;
  for (NodeId pair = node_first_named(t, made); node_ok(pair) && asked < OPERANDS;
       pair = node_next_named(t, pair), asked++) {
    if (node_is(t, pair, PY_PAIR) &&
        is_same_index(m, node_field(t, pair, FIELD_KEY), index)) {
      return value_of(m, node_field(t, pair, FIELD_VALUE)).kind;
    }
  }
  return VALUE_UNKNOWN;
}

static ValueKind kind_of_item(Model *m, NodeId subscript) {
  const Tree *t = m->tree;
  Value v = value_of(m, subscript);
  if (value_is_known(v)) return v.kind;
  NodeId box = node_unwrap(t, node_field(t, subscript, FIELD_VALUE));
  NodeId index = node_field(t, subscript, FIELD_SUBSCRIPT);
  if (!node_is(t, box, PY_IDENTIFIER)) return VALUE_UNKNOWN;
  Value whole = value_of(m, box);
  return node_ok(whole.origin) ? kind_in(m, whole.origin, index) : VALUE_UNKNOWN;
}

// Of two that an attribute is set to. What is not known is most often made from it.
static ValueKind kind_beside(ValueKind kind, Value set) {
  if (!value_is_known(set) || set.kind == VALUE_NONE || set.kind == kind) return kind;
  return kind == VALUE_NONE ? set.kind : VALUE_UNKNOWN;
}

// What the class sets it to: in its body, and on the first parameter of its methods.
static ValueKind kind_of_attribute(Model *m, NodeId attribute) {
  const Tree *t = m->tree;
  Value v = value_of(m, attribute);
  if (value_is_known(v)) return v.kind;
  NodeId owner = value_of(m, node_field(t, attribute, FIELD_OBJECT)).definition;
  NodeId name = node_field(t, attribute, FIELD_ATTRIBUTE);
  if (!node_is(t, owner, PY_CLASS_DEFINITION)) return VALUE_UNKNOWN;
  if (node_after(t, owner) - owner.i > NODES_ASKED) return VALUE_UNKNOWN;
  ValueKind kind = VALUE_NONE;
  BindingId b = scope_lookup(m, scope_of(m, owner), node_text(t, name));
  for (DefId d = def_first(m, b); def_ok(d) && kind != VALUE_UNKNOWN;
       d = def_next(m, d)) {
    kind = kind_beside(kind, value_of_def(m, d));
  }
  for (NodeId n = owner; n.i < node_after(t, owner) && kind != VALUE_UNKNOWN; n.i++) {
    NodeId up = node_parent(t, n);
    if (!node_is(t, n, PY_ATTRIBUTE) || node_role(t, n) != FIELD_LEFT) continue;
    if (!node_is(t, up, PY_ASSIGNMENT) || form_of(t, up) != ACCUMULATION_NONE) continue;
    if (!is_same_text(t, node_field(t, n, FIELD_ATTRIBUTE), name)) continue;
    if (!node_eq(value_of(m, node_field(t, n, FIELD_OBJECT)).definition, owner))
      continue;
    kind = kind_beside(kind, value_of(m, node_field(t, up, FIELD_RIGHT)));
  }
  return kind;
}

static ValueKind kind_of(Model *m, NodeId target) {
  switch (node_kind(m->tree, target)) {
    case PY_IDENTIFIER: return kind_of_name(m, target);
    case PY_ATTRIBUTE: return kind_of_attribute(m, target);
    default: return kind_of_item(m, target);
  }
}

// --- places --------------------------------------------------------------------------

static bool is_shared_by_functions(Model *m, BindingId b) {
  ScopeId owner = scope_function(m, binding_get(m, b)->scope);
  uint32_t asked = 0;
  for (RefId r = ref_first(m, b); ref_ok(r); r = ref_next(m, r)) {
    if (scope_function(m, ref_get(m, r)->scope).i != owner.i) return true;
    if (++asked > NODES_ASKED) return true;
  }
  for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) {
    if (scope_function(m, def_get(m, d)->scope).i != owner.i) return true;
  }
  return false;
}

static AccumulationPlace place_of_name(Model *m, NodeId name) {
  BindingId b = binding_of(m, name);
  ScopeKind owner = scope_get(m, binding_get(m, b)->scope)->kind;
  ScopeId here = scope_at(m, name);
  if (owner == SCOPE_MODULE && scope_get(m, here)->kind == SCOPE_FUNCTION) {
    return ACCUMULATION_GLOBAL;
  }
  if (owner == SCOPE_MODULE || owner == SCOPE_CLASS) return ACCUMULATION_MODULE;
  return is_shared_by_functions(m, b) ? ACCUMULATION_CELL : ACCUMULATION_LOCAL;
}

static AccumulationPlace accumulation_place(Model *m, NodeId target) {
  switch (node_kind(m->tree, target)) {
    case PY_IDENTIFIER: return place_of_name(m, target);
    case PY_ATTRIBUTE: return ACCUMULATION_ATTRIBUTE;
    default: return ACCUMULATION_ITEM;
  }
}

// --- the loop ------------------------------------------------------------------------

// The same from round to round, if no name in it is bound: names, attributes, constants.
static bool is_steady(const Tree *t, NodeId target) {
  for (NodeId n = target; n.i < node_after(t, target); n.i++) {
    switch (node_kind(t, n)) {
      case PY_IDENTIFIER:
      case PY_ATTRIBUTE:
      case PY_SUBSCRIPT:
      case PY_STRING:
      case PY_STRING_START:
      case PY_STRING_CONTENT:
      case PY_STRING_END:
      case PY_INTEGER:
      case PY_UNARY_OPERATOR:
      case PY_OP_SUB:
      case PY_TRUE:
      case PY_FALSE:
      case PY_NONE_LITERAL: break;
      default: return false;
    }
  }
  return true;
}

// `rows.append("")` in the loop: then `rows[-1]` is another item. Items are only read.
static bool box_is_used(const Tree *t, NodeId subscript, NodeId loop) {
  NodeId box = node_unwrap(t, node_field(t, subscript, FIELD_VALUE));
  if (node_after(t, loop) - loop.i > NODES_ASKED) return true;
  for (NodeId n = loop; n.i < node_after(t, loop); n.i++) {
    if (node_kind(t, n) != node_kind(t, box) || !is_same_text(t, n, box)) continue;
    NodeId up = node_parent(t, n);
    if (!node_is(t, up, PY_SUBSCRIPT) || node_role(t, n) != FIELD_VALUE) return true;
  }
  return false;
}

// Something in the loop binds a name that the target reads, or gives it a new value.
static bool starts_within(Model *m, const Accumulation *a, NodeId loop) {
  const Tree *t = m->tree;
  bool is_name = node_is(t, a->target, PY_IDENTIFIER);
  for (NodeId n = a->target; n.i < node_after(t, a->target); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !binding_ok(binding_of(m, n))) continue;
    for (DefId d = def_first(m, binding_of(m, n)); def_ok(d); d = def_next(m, d)) {
      const Def *def = def_get(m, d);
      bool goes_on = is_name && form_of(t, def->statement) != ACCUMULATION_NONE;
      if (!goes_on && node_inside(t, def->node, loop)) return true;
    }
  }
  if (is_name) return false;
  if (a->place == ACCUMULATION_ITEM && box_is_used(t, a->target, loop)) return true;
  if (node_after(t, loop) - loop.i > NODES_ASKED) return true;
  for (NodeId n = loop; n.i < node_after(t, loop); n.i++) {
    if (node_kind(t, n) != node_kind(t, a->target)) continue;
    NodeId up = node_parent(t, n);
    bool bound =
        node_role(t, n) == FIELD_LEFT
            ? form_of(t, up) == ACCUMULATION_NONE && !node_is(t, up, PY_BINARY_OPERATOR)
            : node_is(t, up, PY_DELETE_STATEMENT) || node_is(t, up, PY_PATTERN_LIST) ||
                  node_is(t, up, PY_TUPLE_PATTERN);
    if (bound && is_same_text(t, n, a->target)) return true;
  }
  return false;
}

// The outermost loop that goes on with it, and has more than a few rounds.
static NodeId growing_loop(Model *m, const Accumulation *a) {
  NodeId found = NO_NODE;
  for (NodeId loop = loop_around(m, a->assignment, NO_NODE); node_ok(loop);
       loop = loop_around(m, a->assignment, loop)) {
    if (starts_within(m, a, loop)) break;
    if (!loop_has_few_rounds(m, loop)) found = loop;
  }
  return found;
}

// --- what others do to it ------------------------------------------------------------

// A call in the loop of a function of this file, or of a method of `self`.
static bool calls_out(Model *m, NodeId loop, bool on_self) {
  const Tree *t = m->tree;
  for (NodeId n = loop; n.i < node_after(t, loop); n.i++) {
    if (!node_is(t, n, PY_CALL)) continue;
    NodeId callee = node_field(t, n, FIELD_FUNCTION);
    Value v = value_of(m, callee);
    if (v.kind == VALUE_FUNCTION) return true;
    NodeId root = callee;
    while (node_is(t, root, PY_ATTRIBUTE)) root = node_field(t, root, FIELD_OBJECT);
    NodeId object = node_field(t, callee, FIELD_OBJECT);
    bool own = node_is(t, root, PY_IDENTIFIER) && node_eq(root, object) &&
               value_of(m, root).kind == VALUE_INSTANCE;
    if (on_self && own) return true;
  }
  return false;
}

// Another function gives it a new value: it may be emptied by what the loop calls.
static bool is_emptied_by_call(Model *m, const Accumulation *a) {
  const Tree *t = m->tree;
  Context at = context_of(m, a->assignment);
  if (a->place == ACCUMULATION_GLOBAL || a->place == ACCUMULATION_CELL) {
    for (DefId d = def_first(m, binding_of(m, a->target)); def_ok(d);
         d = def_next(m, d)) {
      NodeId node = def_get(m, d)->node;
      bool elsewhere = !node_inside(t, node, at.function) &&
                       form_of(t, def_get(m, d)->statement) == ACCUMULATION_NONE &&
                       node_ok(context_of(m, node).function) &&
                       a->place == ACCUMULATION_GLOBAL;
      if (elsewhere) return calls_out(m, a->loop, false);
    }
    return false;
  }
  if (a->place != ACCUMULATION_ATTRIBUTE || !node_ok(at.owner)) return false;
  if (node_after(t, at.owner) - at.owner.i > NODES_ASKED) return true;
  for (NodeId n = at.owner; n.i < node_after(t, at.owner); n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE) || node_role(t, n) != FIELD_LEFT) continue;
    if (node_inside(t, n, at.function) || !is_same_text(t, n, a->target)) continue;
    NodeId up = node_parent(t, n), function = context_of(m, n).function;
    bool initial = node_text_is(t, node_field(t, function, FIELD_NAME), "__init__");
    bool sets = node_is(t, up, PY_ASSIGNMENT) && form_of(t, up) == ACCUMULATION_NONE;
    if (sets && !initial) return calls_out(m, a->loop, true);
  }
  return false;
}

// `history.append(text)`, `before = text`, `ends[k] = text`: the object stays alive.
static bool use_keeps(Model *m, NodeId name) {
  Use use = use_of(m, name);
  switch (use.kind) {
    case USE_ASSIGNED:
      return !str_eq(node_text(m->tree, use.name), node_text(m->tree, name));
    case USE_STORED: return true;
    case USE_CALL: {
      const MutatorFact *fact = call_mutator(m, use.call);
      return fact != NULL && (fact->effect & MUTATES_GROWS) != 0 &&
             (fact->effect & MUTATES_BY_MANY) == 0;
    }
    default: return false;
  }
}

static NodeId keeping_use(Model *m, const Accumulation *a) {
  const Tree *t = m->tree;
  uint32_t asked = 0;
  for (RefId r = ref_first(m, binding_of(m, a->target)); ref_ok(r);
       r = ref_next(m, r)) {
    NodeId use = ref_get(m, r)->node;
    if (++asked > NODES_ASKED) break;
    if (!node_inside(t, use, a->loop) || node_inside(t, use, a->assignment)) continue;
    if (def_ok(def_at(m, use)) || !use_keeps(m, use)) continue;
    if (flow_reaches(m, use, a->assignment) == ANSWER_YES) return use;
  }
  return NO_NODE;
}

// The loop adds to the same further up, in a way that costs as much: one is enough.
static bool is_added_before(Model *m, const Accumulation *a) {
  const Tree *t = m->tree;
  bool any_form = a->kind == VALUE_BYTES || a->place != ACCUMULATION_LOCAL;
  if (a->assignment.i - a->loop.i > NODES_ASKED) return true;
  for (NodeId n = a->loop; n.i < a->assignment.i; n.i++) {
    if (!node_is(t, n, PY_ASSIGNMENT) && !node_is(t, n, PY_AUGMENTED_ASSIGNMENT)) {
      continue;
    }
    NodeId target = node_field(t, n, FIELD_LEFT);
    if (!is_same_text(t, target, a->target)) continue;
    if (binding_of(m, target).i != binding_of(m, a->target).i) continue;
    AccumulationForm form = form_of(t, n);
    bool same = any_form ? form != ACCUMULATION_NONE : form == a->form;
    if (same && flow_reaches(m, n, n) == ANSWER_YES) return true;
  }
  return false;
}

// A loop around leaves as soon as it is longer than a little.
static bool is_kept_short(Model *m, const Accumulation *a) {
  for (NodeId loop = loop_around(m, a->assignment, NO_NODE); node_ok(loop);
       loop = loop_around(m, a->assignment, loop)) {
    NodeId body = node_field(m->tree, loop, FIELD_BODY);
    if (length_is_guarded_in(m, body, a->target)) return true;
    if (node_eq(loop, a->loop)) break;
  }
  return false;
}

// `chunk += os.read(fd, 1)`: asking for one byte costs more than copying all before it.
static bool adds_by_bytes(Model *m, const Accumulation *a) {
  const Tree *t = m->tree;
  bool updates = node_is(t, a->assignment, PY_AUGMENTED_ASSIGNMENT);
  NodeId added = name_value(m, node_field(t, a->assignment, FIELD_RIGHT));
  if (!updates || !node_is(t, added, PY_CALL)) return false;
  Str method = STR_NONE, name = name_of_callee(m, added);
  NodeId receiver = call_receiver(m, added, &method), size = NO_NODE;
  bool reads = str_is(name, "os.read");
  bool asks =
      !reads && node_ok(receiver) && (str_is(method, "read") || str_is(method, "recv"));
  int64_t count = 0;
  return (reads || asks) &&
         call_argument(m, added, reads ? 1 : 0, NULL, &size) == ARG_PRESENT &&
         constant_int(m, size, &count) && count >= 0 && count < FEW_BYTES;
}

Accumulation accumulation_of(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  Accumulation a = {.form = form_of(t, assignment), .assignment = assignment};
  a.target = node_field(t, assignment, FIELD_LEFT);
  if (a.form == ACCUMULATION_NONE || !node_ok(loop_around(m, assignment, NO_NODE))) {
    return (Accumulation){0};
  }
  a.kind = kind_of(m, a.target);
  if (a.kind != VALUE_STR && a.kind != VALUE_BYTES) return (Accumulation){0};
  a.place = accumulation_place(m, a.target);
  a.loop = is_steady(t, a.target) ? growing_loop(m, &a) : NO_NODE;
  if (!node_ok(a.loop)) {
    a.refusal = "it starts anew within the loop, or the loop has few rounds";
  } else if (flow_reaches(m, assignment, assignment) != ANSWER_YES) {
    a.refusal = "the loop is left at once";
  } else if (is_added_before(m, &a)) {
    a.refusal = "the loop adds to it further up";
  } else if (is_kept_short(m, &a)) {
    a.refusal = "a test keeps it short";
  } else if (adds_by_bytes(m, &a)) {
    a.refusal = "to ask for one byte costs more than the copy";
  } else if (is_emptied_by_call(m, &a)) {
    a.refusal = "what the loop calls may empty it";
  } else if (a.place == ACCUMULATION_LOCAL) {
    a.kept = keeping_use(m, &a);
  }
  return a;
}
