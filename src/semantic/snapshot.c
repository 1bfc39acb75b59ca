#include "semantic/snapshot.h"

#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/holder_internal.h"

enum {
  NAMES_ASKED = 128,  // names in a pass that are asked whether they change
  NAMES_FOLLOWED = 8  // assignments from name to name
};

// --- copies --------------------------------------------------------------------------

static bool is_walkable(ValueKind kind) {
  switch (kind) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DICT:
    case VALUE_DEQUE:
    case VALUE_ARRAY:
    case VALUE_STR:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY: return true;
    default: return false;
  }
}

static bool has_copy_method(ValueKind kind) {
  return kind == VALUE_LIST || kind == VALUE_DICT || kind == VALUE_SET ||
         kind == VALUE_DEQUE || kind == VALUE_BYTEARRAY;
}

static bool is_hashed(ValueKind kind) {
  return kind == VALUE_SET || kind == VALUE_FROZENSET || kind == VALUE_DICT;
}

// What a copying function makes of a container, UNKNOWN if that is no plain copy.
static ValueKind copied_by(Str name, ValueKind from) {
  if (str_is(name, "builtins.list"))
    return is_walkable(from) ? VALUE_LIST : VALUE_UNKNOWN;
  if (str_is(name, "builtins.tuple")) {
    bool copies = is_walkable(from) && from != VALUE_TUPLE;
    return copies ? VALUE_TUPLE : VALUE_UNKNOWN;
  }
  if (str_is(name, "builtins.set")) return is_hashed(from) ? VALUE_SET : VALUE_UNKNOWN;
  if (str_is(name, "builtins.frozenset")) {
    bool copies = is_hashed(from) && from != VALUE_FROZENSET;
    return copies ? VALUE_FROZENSET : VALUE_UNKNOWN;
  }
  if (str_is(name, "builtins.dict")) return from == VALUE_DICT ? from : VALUE_UNKNOWN;
  if (str_is(name, "copy.copy")) return has_copy_method(from) ? from : VALUE_UNKNOWN;
  return VALUE_UNKNOWN;
}

// Something that others can name as well: what is made on the spot is nobody else's.
static bool is_place(const Tree *t, NodeId source) {
  enum { LAYERS = 8 };
  NodeId todo[LAYERS] = {source};
  for (uint32_t done = 0, count = 1; done < count; done++) {
    NodeId e = node_unwrap(t, todo[done]);
    if (count + 2 > LAYERS) return false;
    switch (node_kind(t, e)) {
      case PY_IDENTIFIER:
      case PY_ATTRIBUTE: break;
      case PY_SUBSCRIPT:
        if (node_is(t, node_field(t, e, FIELD_SUBSCRIPT), PY_SLICE)) return false;
        break;
      case PY_NAMED_EXPRESSION: todo[count++] = node_field(t, e, FIELD_VALUE); break;
      case PY_BOOLEAN_OPERATOR:
        todo[count++] = node_field(t, e, FIELD_LEFT);
        todo[count++] = node_field(t, e, FIELD_RIGHT);
        break;
      case PY_CONDITIONAL_EXPRESSION:
        todo[count++] = node_named_at(t, e, 0);
        todo[count++] = node_named_at(t, e, 2);
        break;
      default: return false;
    }
  }
  return true;
}

static HeldCopy copy_made(Model *m, NodeId node, NodeId source, Value from,
                          ValueKind kind) {
  if (kind == VALUE_UNKNOWN || !is_place(m->tree, source)) return (HeldCopy){0};
  bool hashed = kind == VALUE_SET || kind == VALUE_FROZENSET;
  return (HeldCopy){node, source, from, kind, hashed};
}

static HeldCopy copy_by_call(Model *m, NodeId call) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return (HeldCopy){0};
  uint32_t count = node_count_named(t, list);
  Str method = STR_NONE;
  NodeId source = call_receiver(m, call, &method);
  if (count == 0 && node_ok(source) && str_is(method, "copy")) {
    Value from = value_of(m, source);
    ValueKind kind = has_copy_method(from.kind) ? from.kind : VALUE_UNKNOWN;
    return copy_made(m, call, source, from, kind);
  }
  Str name = name_of_callee(m, call);
  source = node_first_named(t, list);
  if (count != 1 || name.n == 0 || node_is(t, source, PY_KEYWORD_ARGUMENT)) {
    return (HeldCopy){0};
  }
  Value from = value_of(m, source);
  return copy_made(m, call, source, from, copied_by(name, from.kind));
}

// `xs[:]`
static HeldCopy copy_by_slice(Model *m, NodeId subscript) {
  const Tree *t = m->tree;
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  bool whole = node_is(t, slice, PY_SLICE) && node_count_named(t, slice) == 0 &&
               !node_ok(node_next_same_field(t, slice));
  if (!whole) return (HeldCopy){0};
  NodeId source = node_field(t, subscript, FIELD_VALUE);
  Value from = value_of(m, source);
  bool copies = from.kind == VALUE_LIST || from.kind == VALUE_BYTEARRAY ||
                from.kind == VALUE_ARRAY;
  return copy_made(m, subscript, source, from, copies ? from.kind : VALUE_UNKNOWN);
}

// `[*xs]`, `{**d}`
static HeldCopy copy_by_display(Model *m, NodeId display) {
  const Tree *t = m->tree;
  NodeId splat = node_first_named(t, display);
  bool dict = node_is(t, display, PY_DICTIONARY);
  bool alone = node_count_named(t, display) == 1 &&
               node_is(t, splat, dict ? PY_DICTIONARY_SPLAT : PY_LIST_SPLAT);
  if (!alone) return (HeldCopy){0};
  NodeId source = node_first_named(t, splat);
  Value from = value_of(m, source);
  ValueKind kind =
      copied_by(dict ? STR("builtins.dict") : STR("builtins.list"), from.kind);
  return copy_made(m, display, source, from, kind);
}

HeldCopy held_copy_of(Model *m, NodeId expression) {
  NodeId e = node_unwrap(m->tree, expression);
  switch (node_kind(m->tree, e)) {
    case PY_CALL: return copy_by_call(m, e);
    case PY_SUBSCRIPT: return copy_by_slice(m, e);
    case PY_LIST:
    case PY_DICTIONARY: return copy_by_display(m, e);
    default: return (HeldCopy){0};
  }
}

// --- what may change -----------------------------------------------------------------

// A parameter, or made where it is bound to this one name.
static bool is_first_name(Model *m, const Def *def) {
  const Tree *t = m->tree;
  if (def->kind == DEF_PARAMETER) return true;
  bool plain = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
  return plain && (def->flags & DEF_UNPACKED) == 0 &&
         expression_is_fresh(m, def->value) &&
         !node_is(t, node_parent(t, def->statement), PY_ASSIGNMENT) &&
         !node_is(t, node_field(t, def->statement, FIELD_RIGHT), PY_ASSIGNMENT);
}

// The name is bound anew meanwhile: the object stays, as nothing else has it.
static bool is_only_rebound(Model *m, NodeId source, const Pass *pass) {
  if (!node_is(m->tree, source, PY_IDENTIFIER)) return false;
  DefId def = flow_only_def(m, source);
  if (!def_ok(def) || !is_first_name(m, def_get(m, def))) return false;
  RefList uses = flow_uses_of(m, def);
  const Binding *name = binding_get(m, def_get(m, def)->binding);
  if ((name->flags & BIND_CAPTURED) != 0) return false;
  if (uses.unknown || uses.escapes_scope) return false;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(m, uses.items[i])->node;
    if (node_eq(use, source)) continue;
    if (use_of(m, use).kind == USE_ASSIGNED) return false;
    if (node_inside(m->tree, use, pass->node) ||
        flow_reaches(m, use, source) != ANSWER_NO) {
      return false;
    }
  }
  return true;
}

enum {
  ESCAPES_HELD = ESCAPE_STORED_SELF | ESCAPE_STORED_LONG | ESCAPE_STORED_LOCAL |
                 ESCAPE_STORED_OTHER | ESCAPE_CAPTURED | ESCAPE_UNKNOWN,
  ESCAPES_SEEN = ESCAPES_HELD | ESCAPE_PASSED | ESCAPE_YIELDED,
};

static bool is_held_by(Model *m, DefId def) {
  RefList uses = flow_uses_of(m, def);
  for (uint32_t i = 0; i < uses.count; i++) {
    Use use = use_of(m, ref_get(m, uses.items[i])->node);
    if (use.kind == USE_ATTRIBUTE) return true;  // drop = names.remove
    bool bound = use.kind == USE_CALL &&
                 str_is(name_of_callee(m, use.call), "functools.partial");
    if (bound) return true;  // drop = partial(list.remove, names)
  }
  return (escape_of(m, def) & ESCAPES_HELD) != 0;
}

// A container, a bound method or a function of this file holds it, by this name or by
// the one that it was assigned from.
static bool is_held(Model *m, NodeId source) {
  NodeId name = node_unwrap(m->tree, source);
  for (uint32_t i = 0; i < NAMES_FOLLOWED; i++) {
    if (!node_is(m->tree, name, PY_IDENTIFIER)) return false;
    DefId def = flow_only_def(m, name);
    if (!def_ok(def)) return false;
    if (is_held_by(m, def)) return true;
    const Def *made = def_get(m, def);
    if (!node_ok(made->value) || (made->flags & DEF_UNPACKED) != 0) return false;
    name = node_unwrap(m->tree, made->value);
  }
  return true;
}

static bool is_seen_elsewhere(Model *m, NodeId source) {
  if (!node_is(m->tree, source, PY_IDENTIFIER)) return true;
  DefId def = flow_only_def(m, source);
  return !def_ok(def) || (escape_of(m, def) & ESCAPES_SEEN) != 0;
}

// Read or bound by other functions; comprehensions are none.
static bool is_of_one_function(Model *m, NodeId name) {
  BindingId b = binding_of(m, name);
  const Binding *binding = binding_get(m, b);
  ScopeId here = scope_function(m, scope_at(m, name));
  uint32_t asked = 0;
  if (!binding_ok(b) || scope_get(m, binding->scope)->kind != SCOPE_FUNCTION)
    return false;
  if ((binding->flags & BIND_CAPTURED) == 0) return binding->scope.i == here.i;
  for (RefId r = ref_first(m, b); ref_ok(r); r = ref_next(m, r)) {
    bool elsewhere = scope_function(m, ref_get(m, r)->scope).i != here.i;
    if (elsewhere || ++asked > NAMES_ASKED) return false;
  }
  for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) {
    if (scope_function(m, def_get(m, d)->scope).i != here.i) return false;
  }
  return true;
}

// A local name for what this very call made, or was given.
static Holder holder_of_copied(Model *m, NodeId source) {
  Holder holder = holder_of(m, source);
  NodeId name = node_unwrap(m->tree, source);
  if (node_is(m->tree, name, PY_ATTRIBUTE)) return HOLDER_OTHERS;
  if (holder != HOLDER_OTHERS || !node_is(m->tree, name, PY_IDENTIFIER) ||
      !is_of_one_function(m, name)) {
    return holder;
  }
  bool given =
      def_get(m, binding_only_def(m, binding_of(m, name)))->kind == DEF_PARAMETER;
  return given ? HOLDER_CALLER : name_is_fresh(m, name) ? HOLDER_HERE : holder;
}

// Two containers of different kinds are not one.
static bool may_be_same(Value v, Value source) {
  if (value_is_scalar(v)) return false;
  bool known = value_is_known(source) && (value_is_container(v) || value_is_text(v));
  return !known || v.kind == source.kind;
}

// Something is changed that may be the same object under another name.
static bool changes_others(Model *m, Range range, NodeId at, Value source) {
  const Tree *t = m->tree;
  uint32_t asked = 0;
  for (NodeId n = {range.first}; n.i < range.after; n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER) || !ref_ok(ref_at(m, n))) continue;
    if (name_is_fresh(m, n)) continue;
    NodeId whole = n;
    while (node_is(t, node_parent(t, whole), PY_ATTRIBUTE) &&
           node_role(t, node_parent(t, whole)) != FIELD_FUNCTION) {
      whole = node_parent(t, whole);
    }
    if (!may_be_same(value_of(m, whole), source)) continue;
    if (++asked > NAMES_ASKED || effect_mutates(m, at, whole) != MUTATION_NONE)
      return true;
  }
  return false;
}

static bool pass_changes_others(Model *m, const Pass *pass, Value source) {
  for (uint32_t i = 0; i < pass->part_count; i++) {
    NodeId part = pass->parts[i];
    if (changes_others(m, range_of(m->tree, part), part, source)) return true;
  }
  return false;
}

// The method that takes the elements belongs to what may be the same object.
static bool sink_changes_other(Model *m, const Pass *pass, Value source) {
  Str method = STR_NONE;
  NodeId taker = pass->sink != NULL ? call_receiver(m, pass->node, &method) : NO_NODE;
  return node_ok(taker) && !name_is_fresh(m, taker) &&
         may_be_same(value_of(m, taker), source) && pass_sink_changes(m, pass, taker);
}

static bool is_under_lock(Model *m, NodeId n) {
  for (NodeId w = with_around(m, n, NO_NODE); node_ok(w); w = with_around(m, n, w)) {
    NodeId item = node_field(m->tree, w, FIELD_VALUE);
    if (value_of(m, item).kind == VALUE_LOCK) return true;
  }
  return false;
}

// In a class with a lock: held elsewhere while the attribute is used, or used by methods
// that are kept (`self._pop = self._queue.pop`). A copy that is made without the lock is
// what keeps a walk over a dict, set or deque from failing.
static bool is_locked(Model *m, NodeId source, Value v) {
  const Tree *t = m->tree;
  NodeId owner = context_of(m, source).owner, e = node_unwrap(t, source);
  bool fails = v.kind == VALUE_DICT || v.kind == VALUE_SET || v.kind == VALUE_DEQUE;
  if (!fails || !node_ok(owner) || !node_is(t, e, PY_ATTRIBUTE)) return false;
  if (class_threading(m, source) == THREADING_NONE) return false;
  for (NodeId n = owner; n.i < node_after(t, owner); n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE) || !str_eq(node_text(t, n), node_text(t, e))) {
      continue;
    }
    NodeId method = node_parent(t, n);
    bool kept = node_is(t, method, PY_ATTRIBUTE) && node_role(t, method) == FIELD_RIGHT;
    if (kept || is_under_lock(m, n)) return true;
  }
  return false;
}

// A comment right above the statement gives a reason for the copy.
static bool is_explained(Model *m, NodeId source) {
  static const char *const words[] = {"thread",   "Thread",   "concurren", "Concurren",
                                      "snapshot", "Snapshot", "mutat",     "Mutat"};
  const Tree *t = m->tree;
  Str text = t->source->text;
  uint32_t start = node_start(t, node_statement(t, source));
  for (;;) {
    while (start > 0 && text.p[start - 1] != '\n') start--;
    uint32_t above = start;  // the line above, from its start
    if (above > 0) above--;
    while (above > 0 && text.p[above - 1] != '\n') above--;
    Str line = str_trim(str_slice(text, above, start));
    if (line.n == 0 || line.p[0] != '#') return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
      if (str_contains(line, str_from(words[i]))) return true;
    }
    start = above;
  }
}

// --- judging -------------------------------------------------------------------------

static const char *refusal_of(Model *m, NodeId source, Value v, EffectSet meanwhile) {
  const EffectSet active = EFFECTS_REACHING | EFFECTS_CHANGING;
  if (v.flags & VALUE_STARTED) return "it holds running work";
  if (source_is_changed_by_others(m, source)) {
    return "others may change it at any time";
  }
  if (!value_is_mutable(v)) return NULL;
  if ((meanwhile & active) != 0 && source_is_inside_another(m->tree, source)) {
    return "it lies in a container, and the pass may change that";
  }
  bool acts = (meanwhile & (EFFECT_ACTS | EFFECT_UNKNOWN_CALL | EFFECT_STORES |
                            EFFECT_LOCAL_ACTS | EFFECT_LOCAL_STORES)) != 0;
  if (acts && is_held(m, source)) return "something else holds it, and may change it";
  if (holder_of_copied(m, source) != HOLDER_OTHERS) return NULL;
  if (is_explained(m, source)) return "a comment says why it is copied";
  if ((meanwhile & EFFECTS_REACHING) != 0) {
    return "code that others wrote runs meanwhile and may change it";
  }
  bool runs = class_threading(m, source) == THREADING_RUNS || is_locked(m, source, v);
  return runs ? "another thread may change it" : NULL;
}

static Snapshot judge(Model *m, NodeId source, Value v, EffectSet meanwhile) {
  Snapshot s = {.refusal = refusal_of(m, source, v, meanwhile)};
  if (s.refusal != NULL || !value_is_mutable(v)) return s;
  Holder holder = holder_of_copied(m, source);
  if ((meanwhile & EFFECTS_REACHING) != 0 &&
      (holder == HOLDER_CALLER || is_seen_elsewhere(m, source))) {
    s.doubt = "what runs meanwhile may change it";
    s.little = s.no_fix = true;
  } else if (holder == HOLDER_OTHERS) {
    s.doubt = "another thread may change it";
    s.little = true;
  }
  return s;
}

static const char doubt_same[] = "what the pass changes may be the same object";

Snapshot snapshot_here(Model *m, NodeId source, const Pass *pass) {
  Value v = value_of(m, source);
  EffectSet meanwhile = pass_effects(m, pass);
  if (value_is_mutable(v) && pass_changes(m, pass, source) &&
      !is_only_rebound(m, node_unwrap(m->tree, source), pass)) {
    return (Snapshot){.refusal = "it may be changed during the pass"};
  }
  Snapshot s = judge(m, source, v, meanwhile);
  bool open = s.refusal == NULL && s.doubt == NULL && value_is_mutable(v);
  bool acts = (meanwhile & (EFFECT_ACTS | EFFECT_STORES)) != 0;
  if (open &&
      ((acts && pass_changes_others(m, pass, v)) || sink_changes_other(m, pass, v))) {
    s.doubt = doubt_same;
  }
  return s;
}

Snapshot snapshot_from(Model *m, NodeId source, NodeId statement, const Pass *pass) {
  const Tree *t = m->tree;
  Value v = value_of(m, source);
  Range range = {node_after(t, statement), node_after(t, pass->node)};
  bool changes =
      range.after - range.first > PASS_LONGEST ||
      effect_mutates_between(m, statement, pass->node, source) != MUTATION_NONE;
  if (changes && value_is_mutable(v)) {
    return (Snapshot){.refusal = "it may be changed before the pass is over"};
  }
  EffectSet meanwhile = effect_sum_range(m, range) | pass->calls;
  Snapshot s = judge(m, source, v, meanwhile);
  bool open = s.refusal == NULL && s.doubt == NULL && value_is_mutable(v);
  if (open && (meanwhile & (EFFECT_ACTS | EFFECT_STORES)) != 0 &&
      changes_others(m, range, node_parent(t, statement), v)) {
    s.doubt = doubt_same;
  }
  return s;
}
