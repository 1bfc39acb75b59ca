#include "semantic/readonly.h"

#include "semantic/effect_internal.h"
#include "semantic/escape.h"
#include "semantic/pass.h"

enum { LOOKS = 64, RANGE_LONGEST = 20000 };

typedef struct Looking {
  Model *m;
  NodeId made;    // the expression that is followed
  NodeId source;  // what it was made from
  NodeId loop;    // around it, or NO_NODE
  NodeId queue[LOOKS];
  uint32_t head, tail;
  uint32_t after;  // behind the last node that looks
  NodeId last;
  bool named;  // a name keeps it
  const char *refusal;
} Looking;

static bool is_plain(ValueKind kind) {
  switch (kind) {
    case VALUE_NONE:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STR:
    case VALUE_BYTES:
    case VALUE_RANGE: return true;
    default: return false;
  }
}

bool value_is_immutable(Value v) {
  if (is_plain(v.kind)) return true;
  switch (v.kind) {
    case VALUE_TUPLE: return is_plain(v.element);
    case VALUE_PATH:
    case VALUE_FUNCTION:
    case VALUE_CLASS:
    case VALUE_MODULE:
    case VALUE_PATTERN: return true;
    default: return false;
  }
}

bool value_holds_immutables(Value v) {
  switch (v.kind) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DEQUE: return is_plain(v.element);
    case VALUE_DICT: return is_plain(v.element) && is_plain(v.item);
    case VALUE_BYTEARRAY: return true;
    default: return false;
  }
}

// --- where it goes -------------------------------------------------------------------

static void look_at(Looking *l, NodeId node) {
  if (node_after(l->m->tree, node) > l->after) {
    l->after = node_after(l->m->tree, node);
    l->last = node;
  }
}

static bool refuse(Looking *l, const char *why) {
  if (l->refusal == NULL) l->refusal = why;
  return false;
}

static bool follow(Looking *l, NodeId expression) {
  if (l->tail == LOOKS) return refuse(l, "it is used too often to be followed");
  l->queue[l->tail++] = expression;
  return true;
}

static const char changed[] = "the copy, or a part of it, is changed";
static const char kept[] = "the copy, or a part of it, is kept or handed on";

static bool is_stored(PlaceKind kind) {
  return kind == PLACE_TARGET || kind == PLACE_UPDATED || kind == PLACE_DELETED;
}

// Outwards: the loop around the use that does not hold the copy runs all of it again.
static NodeId rerun_by(Looking *l, NodeId use) {
  const Tree *t = l->m->tree;
  NodeId found = use;
  for (NodeId up = node_parent(t, use); node_ok(up) && !node_inside(t, l->made, up);
       up = node_parent(t, up)) {
    if (node_is(t, up, PY_FOR_STATEMENT) || node_is(t, up, PY_WHILE_STATEMENT))
      found = up;
  }
  return found;
}

static bool follow_name(Looking *l, NodeId name) {
  Model *m = l->m;
  DefId def = def_at(m, name);
  const Binding *b = binding_get(m, def_get(m, def)->binding);
  bool local =
      def_ok(def) && scope_get(m, b->scope)->kind == SCOPE_FUNCTION &&
      b->scope.i == scope_function(m, def_get(m, def)->scope).i &&
      (b->flags & (BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL | BIND_IN_ERROR)) == 0;
  if (!local) return refuse(l, "others see the name");
  RefList uses = flow_uses_of(m, def);
  if (uses.unknown || uses.escapes_scope) return refuse(l, "others see the name");
  l->named = true;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(m, uses.items[i])->node;
    if (!node_is(m->tree, use, PY_IDENTIFIER)) return refuse(l, "others see the name");
    // Of the same round: nothing is looked at later than it could be changed.
    bool same = use.i > name.i && flow_dominates(m, name, use) == ANSWER_YES &&
                (!node_ok(l->loop) || node_inside(m->tree, use, l->loop));
    if (!same) return refuse(l, "it may be looked at in another round");
    if (!follow(l, use)) return false;
    look_at(l, rerun_by(l, use));
  }
  return true;
}

// The names of a loop's target, each of which gets a part.
static bool follow_target(Looking *l, NodeId target) {
  const Tree *t = l->m->tree;
  for (NodeId n = target; n.i < node_after(t, target); n.i++) {
    PyKind kind = node_kind(t, n);
    if (kind == PY_ATTRIBUTE || kind == PY_SUBSCRIPT) return refuse(l, kept);
    if (kind == PY_IDENTIFIER && def_ok(def_at(l->m, n))) {
      DefId d = def_at(l->m, n);
      RefList uses = flow_uses_of(l->m, d);
      if (uses.unknown || uses.escapes_scope) return refuse(l, kept);
      for (uint32_t i = 0; i < uses.count; i++) {
        NodeId use = ref_get(l->m, uses.items[i])->node;
        if (!follow(l, use)) return false;
        look_at(l, rerun_by(l, use));
      }
    }
  }
  return true;
}

static bool follow_iterated(Looking *l, NodeId e, Use use) {
  const Tree *t = l->m->tree;
  Pass pass = pass_of(l->m, e);
  if (pass.kind != PASS_FOR && pass.kind != PASS_CLAUSE && pass.kind != PASS_SINK) {
    return refuse(l, kept);
  }
  look_at(l, pass.node);
  Value part = value_element(value_of(l->m, e));
  if (value_is_immutable(part)) return true;
  return follow_target(l, node_field(t, use.node, FIELD_LEFT));
}

static bool follow_item(Looking *l, NodeId e, NodeId subscript) {
  const Tree *t = l->m->tree;
  if (is_stored(place_of(t, node_wrap(t, subscript)).kind)) return refuse(l, changed);
  if (value_of(l->m, e).flags & VALUE_FILLS) return refuse(l, changed);
  return follow(l, subscript);
}

static bool follow_method(Looking *l, NodeId e, NodeId call) {
  if (call_mutator(l->m, call) != NULL || !call_is_pure(l->m, call)) {
    return refuse(l, "its method may change it");
  }
  (void)e;
  return follow(l, call);
}

enum {
  EFFECTS_ELSEWHERE = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                      EFFECT_YIELDS | EFFECT_STARTS | EFFECT_STORES |
                      EFFECT_SELF_STORES | EFFECT_LOCAL_IMPURE | EFFECT_CONSUMES
};

// `max(own, key=f)`: f may do anything while the copy is looked at.
static bool calls_back(Model *m, NodeId call) {
  const CallEffect *effect = call_effect(m, call);
  EffectSet effects = effect->direct;
  for (uint32_t i = 0; i < effect->edge_count; i++) {
    const CallEdge *edge = &effects_of(m)->edges.items[effect->first_edge + i];
    effects |= effect_of_function(m, edge->callee);
  }
  return (effects & (EFFECTS_ELSEWHERE | EFFECT_ACTS)) != 0;
}

static bool follow_argument(Looking *l, NodeId call) {
  Model *m = l->m;
  Str name = name_of_callee(m, call);
  if (str_is(name, "builtins.id")) return refuse(l, "its identity is asked for");
  if (str_is(name, "builtins.print")) {
    look_at(l, call);
    return true;
  }
  const CodecFact *codec = call_codec(m, call);
  bool known = name.n > 0 && call_is_pure(m, call) && call_mutator(m, call) == NULL;
  if (known && calls_back(m, call)) return refuse(l, "other code runs meanwhile");
  if (codec != NULL && codec->form == CODEC_DUMPS) known = true;
  return known ? follow(l, call) : refuse(l, kept);
}

// `total = 0`, and whatever is added to it: no list comes of that.
static bool starts_immutable(Model *m, NodeId target) {
  if (value_is_immutable(value_of(m, target))) return true;
  BindingId b = binding_of(m, target);
  bool starts = false;
  if (!node_is(m->tree, target, PY_IDENTIFIER) || !binding_ok(b)) return false;
  if (binding_get(m, b)->def_count > LOOKS) return false;
  for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) {
    if (def_get(m, d)->kind == DEF_AUGMENTED) continue;
    if (!value_is_immutable(value_of_def(m, d))) return false;
    starts = true;
  }
  return starts;
}

// `total += part`, `part + 1`, f"{part}"
static bool follow_operand(Looking *l, NodeId e) {
  const Tree *t = l->m->tree;
  NodeId operand = place_outermost(t, e), up = node_parent(t, operand);
  if (node_is(t, up, PY_AUGMENTED_ASSIGNMENT)) {
    return starts_immutable(l->m, node_field(t, up, FIELD_LEFT)) || refuse(l, kept);
  }
  if (node_is(t, up, PY_INTERPOLATION) || node_is(t, up, PY_FORMAT_EXPRESSION))
    return true;
  if (!node_is(t, up, PY_BINARY_OPERATOR)) return follow(l, up);
  NodeId left = node_field(t, up, FIELD_LEFT);
  NodeId other = node_eq(left, operand) ? node_field(t, up, FIELD_RIGHT) : left;
  // A number and something else: no list comes of that.
  bool sum = node_text_is(t, node_field(t, up, FIELD_OPERATOR), "+") ||
             node_text_is(t, node_field(t, up, FIELD_OPERATOR), "-");
  if (sum && value_is_scalar(value_of(l->m, other))) return true;
  return follow(l, up);
}

// `is`, or a comparison with what it was made from: of that the answer is known.
static bool asks_identity(const Tree *t, NodeId e, NodeId source) {
  NodeId up = node_parent(t, place_outermost(t, e));
  if (!node_is(t, up, PY_COMPARISON_OPERATOR)) return false;
  for (NodeId c = node_first(t, up); node_ok(c); c = node_next(t, c)) {
    if (node_text_is(t, c, "is") || node_text_is(t, c, "is not")) return true;
    if (node_ok(source) && str_eq(node_text(t, c), node_text(t, source))) return true;
  }
  return false;
}

static bool follow_use(Looking *l, NodeId e) {
  const Tree *t = l->m->tree;
  if (is_stored(place_of(t, node_wrap(t, e)).kind)) return refuse(l, changed);
  Use use = use_of(l->m, e);
  if (use.through & THROUGH_AWAIT) return refuse(l, kept);
  if ((use.through & THROUGH_WALRUS) && !follow_name(l, use.name)) return false;
  if (node_ok(use.node))
    look_at(l, node_is(t, use.node, PY_FOR_STATEMENT) ? e : use.node);
  switch (use.kind) {
    case USE_DROPPED:  // it is made to see whether that works
      return !node_eq(e, l->made) || refuse(l, "nothing looks at it");
    case USE_TESTED:
      return !asks_identity(t, e, l->source) || refuse(l, "its identity is asked for");
    case USE_INDEXED: return follow_item(l, e, use.node);
    case USE_ATTRIBUTE: {
      NodeId attribute = node_parent(t, node_wrap(t, e));
      if (is_stored(place_of(t, node_wrap(t, attribute)).kind))
        return refuse(l, changed);
      return follow(l, attribute);
    }
    case USE_METHOD: return follow_method(l, e, use.call);
    case USE_ITERATED: return follow_iterated(l, e, use);
    case USE_CALL: return follow_argument(l, use.call);
    case USE_OPERAND: return follow_operand(l, e);
    case USE_ASSIGNED: return follow_name(l, use.name);
    default: return refuse(l, kept);
  }
}

// --- what comes between --------------------------------------------------------------

// A method that changes a container of another kind than one that holds no others.
static bool changes_another(Model *m, NodeId call, Value source) {
  Str method;
  NodeId receiver = call_receiver(m, call, &method);
  if (!node_ok(receiver) || !value_holds_immutables(source)) return false;
  Value v = value_of(m, receiver);
  return call_mutator(m, call) != NULL && value_is_mutable(v) && v.kind != source.kind;
}

// Nothing acts but what prints, or changes what cannot be the source.
static bool acts_elsewhere(Model *m, Range range, Value source) {
  const Tree *t = m->tree;
  for (NodeId n = {range.first}; n.i < range.after; n.i++) {
    if (!node_is(t, n, PY_CALL) || str_is(name_of_callee(m, n), "builtins.print"))
      continue;
    const CallEffect *effect = call_effect(m, n);
    bool acts = effect->edge_count > 0 || (effect->direct & EFFECT_ACTS) != 0;
    if (acts && !changes_another(m, n, source)) return false;
  }
  return true;
}

static bool source_is_changed(Looking *l, Range range, NodeId source) {
  Model *m = l->m;
  if (range.after <= range.first) return false;
  if (range.after - range.first > RANGE_LONGEST) return true;
  EffectSet effects = effect_sum_range(m, range);
  if ((effects & EFFECTS_ELSEWHERE) != 0) return true;
  if ((effects & EFFECT_ACTS) != 0 && !acts_elsewhere(m, range, value_of(m, source))) {
    return true;
  }
  // What is left are changes of what this call made: the source may be that.
  for (NodeId n = source; n.i < node_after(m->tree, source); n.i++) {
    BindingId b =
        node_is(m->tree, n, PY_IDENTIFIER) ? binding_of(m, n) : (BindingId){0};
    if (!binding_ok(b)) continue;
    if (mention_defs(m, b, range).count > 0) return true;
    MentionRun refs = mention_refs(m, b, range);
    for (uint32_t i = 0; i < refs.count; i++) {
      NodeId ref = ref_get(m, mention_ref(refs, i))->node;
      Looking other = {.m = m, .made = ref};
      if (!node_is(m->tree, ref, PY_IDENTIFIER)) return true;
      follow(&other, ref);
      while (other.head < other.tail && other.refusal == NULL) {
        NodeId e = other.queue[other.head++];
        if (!value_is_immutable(value_of(m, e))) follow_use(&other, e);
      }
      if (other.refusal != NULL) return true;
    }
  }
  return false;
}

Readonly readonly_of(Model *m, NodeId expression, NodeId source) {
  const Tree *t = m->tree;
  Looking l = {.m = m, .made = expression, .source = source};
  l.after = node_after(t, expression);
  for (NodeId up = node_parent(t, expression); node_ok(up); up = node_parent(t, up)) {
    if (node_is(t, up, PY_FUNCTION_DEFINITION) || node_is(t, up, PY_LAMBDA)) break;
    bool loops = node_is(t, up, PY_FOR_STATEMENT) || node_is(t, up, PY_WHILE_STATEMENT);
    if (loops && !node_inside(t, expression, node_field(t, up, FIELD_RIGHT))) {
      l.loop = up;
      break;
    }
  }
  l.last = expression;
  follow(&l, expression);
  while (l.head < l.tail && l.refusal == NULL) {
    NodeId e = l.queue[l.head++];
    bool ends = !node_eq(e, expression) && value_is_immutable(value_of(m, e));
    if (!ends) follow_use(&l, e);
  }
  if (l.refusal != NULL) return (Readonly){.refusal = l.refusal};
  Range range = {node_after(t, expression), l.after};
  if (source_is_changed(&l, range, source)) {
    return (Readonly){.refusal =
                          "what was copied may be changed before it is looked at"};
  }
  return (Readonly){.last = l.last};
}
