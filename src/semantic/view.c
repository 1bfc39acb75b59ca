#include "semantic/view.h"

#include "semantic/context.h"
#include "semantic/copy.h"
#include "semantic/escape.h"
#include "semantic/place_internal.h"
#include "semantic/slice.h"

enum { VIEW_CHAIN = 8, STORE_DEPTH = 6, USES_MAX = 64, ALIAS_DEPTH = 2 };

// --- what is a view ------------------------------------------------------------------

// An array's index: slices, numbers, `...` and None give a view; lists and masks a copy.
typedef enum IndexKind { INDEX_OTHER, INDEX_NUMBER, INDEX_REST, INDEX_HEAD } IndexKind;

static bool is_negative(Model *m, NodeId e) {
  int64_t number = 0;
  return constant_int(m, e, &number) ? number < 0
                                     : node_is(m->tree, e, PY_UNARY_OPERATOR);
}

// `:k`, `i:j` and `-k:` leave out what is large; `k:`, `:-k` and `::2` do not.
static IndexKind index_of_slice(Model *m, NodeId slice) {
  const Tree *t = m->tree;
  const char *text = t->source->text.p;
  NodeId parts[3] = {NO_NODE, NO_NODE, NO_NODE};
  uint32_t at = 0, from = node_start(t, slice);
  for (NodeId c = node_first(t, slice); node_ok(c); c = node_next(t, c)) {
    for (uint32_t i = from; i < node_start(t, c); i++) at += text[i] == ':';
    from = node_stop(t, c);
    if (!node_is(t, c, PY_COMMENT) && !node_text_is(t, c, "None") && at < 3) {
      parts[at] = c;
    }
  }
  bool has_stop = node_ok(parts[1]) && !is_negative(m, parts[1]);
  bool is_tail = node_ok(parts[0]) && is_negative(m, parts[0]);
  return has_stop || is_tail ? INDEX_HEAD : INDEX_REST;
}

static IndexKind index_kind(Model *m, NodeId index) {
  const Tree *t = m->tree;
  index = node_unwrap(t, index);
  if (node_is(t, index, PY_SLICE)) return index_of_slice(m, index);
  if (node_is(t, index, PY_ELLIPSIS) || node_is(t, index, PY_NONE_LITERAL)) {
    return INDEX_REST;
  }
  return value_of(m, index).kind == VALUE_INT ? INDEX_NUMBER : INDEX_OTHER;
}

// A subscript that gives a view of an array; whether one axis at least is cut.
static bool is_basic(Model *m, NodeId subscript, bool *is_part) {
  const Tree *t = m->tree;
  bool has_rest = false;
  *is_part = false;
  NodeId first = node_field(t, subscript, FIELD_SUBSCRIPT);
  bool is_tuple = node_is(t, first, PY_TUPLE);
  for (NodeId i = is_tuple ? node_first_named(t, first) : first; node_ok(i);
       i = is_tuple ? node_next_named(t, i) : node_next_same_field(t, i)) {
    IndexKind kind = index_kind(m, i);
    if (kind == INDEX_OTHER) return false;
    if (kind != INDEX_NUMBER) has_rest = true;
    if (kind != INDEX_REST) *is_part = true;
  }
  return has_rest;
}

// By its text alone: may it have a slice?
static bool may_be_slice(const Tree *t, NodeId subscript) {
  NodeId first = node_field(t, subscript, FIELD_SUBSCRIPT);
  for (NodeId i = first; i.i != 0 && i.i < node_after(t, subscript); i.i++) {
    if (node_is(t, i, PY_SLICE) || node_is(t, i, PY_ELLIPSIS)) return true;
  }
  return false;
}

static bool view_of_subscript(Model *m, NodeId subscript, View *out) {
  const Tree *t = m->tree;
  if (!may_be_slice(t, subscript)) return false;
  NodeId object = node_field(t, subscript, FIELD_VALUE);
  ValueKind kind = value_of(m, object).kind;
  if (kind != VALUE_MEMORYVIEW && kind != VALUE_NDARRAY) return false;
  *out = (View){.kind = kind == VALUE_NDARRAY ? VIEW_OF_ARRAY : VIEW_OF_BUFFER,
                .node = subscript,
                .base = object};
  return is_basic(m, subscript, &out->is_part);
}

static ViewKind kind_of_call(Model *m, NodeId call, const ViewFact *fact) {
  if (fact->flags & VIEW_GIVES) return VIEW_OF_TEXT;
  switch (value_of(m, call).kind) {
    case VALUE_MATCH: return VIEW_OF_TEXT;
    case VALUE_MEMORYVIEW: return VIEW_OF_BUFFER;
    case VALUE_NDARRAY: return VIEW_OF_ARRAY;
    case VALUE_VIEW: return VIEW_OF_DICT;
    default: return VIEW_NONE;
  }
}

static bool view_of_call(Model *m, NodeId call, View *out) {
  const ViewFact *fact = call_view(m, call);
  if (fact == NULL || (fact->flags & VIEW_MAPS) != 0) return false;
  Str method = STR_NONE;
  NodeId base = NO_NODE;
  if (fact->position == FROM_RECEIVER) {
    base = call_receiver(m, call, &method);
  } else {
    call_argument(m, call, (uint32_t)fact->position, fact->keyword, &base);
  }
  *out = (View){.kind = kind_of_call(m, call, fact),
                .node = call,
                .base = base,
                .is_part = (fact->flags & VIEW_IS_PART) != 0,
                .gives = (fact->flags & VIEW_GIVES) != 0};
  return out->kind != VIEW_NONE && node_ok(base);
}

bool view_of(Model *m, NodeId expression, View *out) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  if (node_is(t, e, PY_SUBSCRIPT)) return view_of_subscript(m, e, out);
  if (node_is(t, e, PY_CALL)) return view_of_call(m, e, out);
  if (!node_is(t, e, PY_ATTRIBUTE) || value_of(m, e).kind != VALUE_NDARRAY)
    return false;
  NodeId object = node_field(t, e, FIELD_OBJECT);
  if (value_of(m, object).kind != VALUE_NDARRAY) return false;
  *out = (View){.kind = VIEW_OF_ARRAY, .node = e, .base = object};
  return true;
}

// --- what it looks into --------------------------------------------------------------

static bool is_mapped(Model *m, NodeId call) {
  const ViewFact *fact = call_view(m, call);
  NodeId argument = NO_NODE;
  if (fact == NULL || (fact->flags & VIEW_MAPS) == 0) return false;
  if (fact->keyword[0] == '\0') return true;
  ArgState state =
      call_argument(m, call, (uint32_t)fact->position, fact->keyword, &argument);
  return state != ARG_ABSENT && !constant_is_none(m, argument);
}

// `bytes(1 << 20)`, `numpy.zeros((1000, 1000))`
static bool is_big_by_number(Model *m, NodeId call, ValueKind kind) {
  const Tree *t = m->tree;
  bool counts = kind == VALUE_BYTES || kind == VALUE_BYTEARRAY || kind == VALUE_NDARRAY;
  const ResultFact *fact = counts ? call_result(m, call) : NULL;
  NodeId argument = NO_NODE;
  if (fact == NULL || call_argument(m, call, 0, NULL, &argument) != ARG_PRESENT) {
    return false;
  }
  int64_t count = 1, number = 0;
  argument = node_unwrap(t, argument);
  bool is_tuple = node_is(t, argument, PY_TUPLE);
  for (NodeId n = is_tuple ? node_first_named(t, argument) : argument; node_ok(n);
       n = is_tuple ? node_next_named(t, n) : NO_NODE) {
    if (!constant_int(m, n, &number) || number <= 0 || number > INT32_MAX) return false;
    count = count > INT32_MAX ? count : count * number;
  }
  return count >= LARGE_RANGE;
}

static bool is_made_here(Model *m, NodeId made, Value v) {
  switch (node_kind(m->tree, made)) {
    case PY_DICTIONARY_COMPREHENSION:
    case PY_DICTIONARY: return true;
    case PY_CALL:
      if ((v.flags & (VALUE_FRESH | VALUE_WHOLE_READ)) != 0) return true;
      return v.kind == VALUE_NDARRAY && call_result(m, made) != NULL;
    case PY_ATTRIBUTE: return (v.flags & VALUE_WHOLE_READ) != 0;
    case PY_AWAIT: return (v.flags & (VALUE_FRESH | VALUE_WHOLE_READ)) != 0;
    default: return false;
  }
}

static const char *size_refusal(Model *m, ViewBase *base) {
  NodeId made = base->made;
  base->value = value_of(m, made);
  switch (base->value.kind) {
    case VALUE_STR:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_ARRAY:
    case VALUE_NDARRAY:
    case VALUE_DICT: break;
    default: return "nobody can tell what it looks into";
  }
  bool is_call = node_is(m->tree, made, PY_CALL);
  if (is_call && is_mapped(m, made)) return "what it looks into lies in a file";
  if (is_call && is_big_by_number(m, made, base->value.kind)) return NULL;
  if (!is_made_here(m, made, base->value)) return "others keep what it looks into";
  return size_is_unbounded(base->value) ? NULL : "what it looks into may be small";
}

// `self.text = text = f.read()`
static bool is_stored_beside(const Tree *t, NodeId value) {
  for (NodeId a = node_parent(t, value); node_is(t, a, PY_ASSIGNMENT);
       a = node_parent(t, a)) {
    if (!node_is(t, node_field(t, a, FIELD_LEFT), PY_IDENTIFIER)) return true;
  }
  return false;
}

static bool is_class_name(Str name) {
  Str last = name_last_part(name);
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

// An object gets it: `document.feed(text)`, `Document(text)`.
static bool goes_to_object(Model *m, Use use) {
  Str method = STR_NONE, name = name_of_callee(m, use.call);
  if (use.kind != USE_CALL) return false;
  if (is_class_name(name)) return true;
  return name.n == 0 && node_ok(call_receiver(m, use.call, &method));
}

static const EscapeSet ESCAPE_KEPT =
    ESCAPE_RETURNED | ESCAPE_YIELDED | ESCAPE_STORED_SELF | ESCAPE_STORED_LONG |
    ESCAPE_STORED_LOCAL | ESCAPE_STORED_OTHER | ESCAPE_CAPTURED | ESCAPE_UNKNOWN;

static bool is_local(const Model *m, const Def *def) {
  const uint32_t elsewhere = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                             BIND_IN_ERROR | BIND_PARAMETER;
  const Binding *binding = binding_get(m, def->binding);
  ScopeKind kind = scope_get(m, binding->scope)->kind;
  bool plain = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
               def->kind == DEF_WALRUS || def->kind == DEF_WITH;
  return plain && kind == SCOPE_FUNCTION && (def->flags & DEF_UNPACKED) == 0 &&
         (binding->flags & elsewhere) == 0;
}

// Does a name of the base give it to somebody who keeps it? Not by the views themselves.
static bool def_is_kept(Model *m, DefId def, const View *view, ViewBase *base,
                        uint32_t depth) {
  const Tree *t = m->tree;
  RefList uses = flow_uses_of(m, def);
  if (uses.unknown || uses.escapes_scope || uses.count > USES_MAX) return true;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId node = ref_get(m, uses.items[i])->node;
    if (!node_is(t, node, PY_IDENTIFIER) || node_inside(t, node, view->node)) continue;
    Use use = use_of(m, node);
    View other = {0};
    NodeId taken = node_ok(use.call) ? use.call : use.node;
    if (view_of(m, taken, &other) && node_inside(t, node, other.base)) {
      if (!other.is_part && node_ok(view_store(m, &other, base->made))) return true;
      continue;
    }
    if (use.kind == USE_ASSIGNED) {
      DefId alias = def_at(m, use.name);
      bool is_plain = depth > 0 && def_ok(alias) && is_local(m, def_get(m, alias));
      if (!is_plain || def_is_kept(m, alias, view, base, depth - 1)) return true;
      continue;
    }
    EscapeSet escape = escape_of_expression(m, node);
    if ((escape & ESCAPE_KEPT) != 0) return true;
    if ((escape & ESCAPE_PASSED) != 0 && goes_to_object(m, use)) base->handed_on = true;
  }
  return false;
}

// A local name that nobody else's hold on the object goes by: what it was given.
static NodeId behind_name(Model *m, NodeId name, const View *view, ViewBase *base) {
  DefId id = flow_only_def(m, name);
  const Def *def = def_get(m, id);
  if (!def_ok(id) || !is_local(m, def) || is_stored_beside(m->tree, def->value) ||
      def_is_kept(m, id, view, base, ALIAS_DEPTH)) {
    base->refusal = "others keep what it looks into, or nobody can tell";
    return NO_NODE;
  }
  return node_unwrap(m->tree, def->value);
}

// `response.text` lives with the response as well.
static void object_check(Model *m, const View *view, ViewBase *base) {
  const Tree *t = m->tree;
  if (base->refusal != NULL || !node_is(t, base->made, PY_ATTRIBUTE)) return;
  NodeId object = node_unwrap(t, node_field(t, base->made, FIELD_OBJECT));
  if (node_is(t, object, PY_CALL)) return;
  if (node_is(t, object, PY_IDENTIFIER)) {
    behind_name(m, object, view, base);
  } else {
    base->refusal = "others keep what it looks into";
  }
}

ViewBase view_base(Model *m, const View *view) {
  const Tree *t = m->tree;
  ViewBase base = {0};
  NodeId e = node_unwrap(t, view->base);
  for (uint32_t step = 0; step < VIEW_CHAIN && node_ok(e); step++) {
    View inner;
    if (node_is(t, e, PY_IDENTIFIER)) {
      e = behind_name(m, e, view, &base);
    } else if (node_is(t, e, PY_NAMED_EXPRESSION)) {
      e = node_unwrap(t, node_field(t, e, FIELD_VALUE));
    } else if (view_of(m, e, &inner)) {
      e = node_unwrap(t, inner.base);
    } else {
      base.made = e;
      base.refusal = size_refusal(m, &base);
      object_check(m, view, &base);
      return base;
    }
  }
  if (base.refusal == NULL) base.refusal = "nobody can tell what it looks into";
  return base;
}

// --- where it is kept ----------------------------------------------------------------

static NodeId store_follow(Model *m, NodeId e, NodeId made, uint32_t depth);

// The name lives at module level: it is kept if something runs later that reads it.
static bool is_kept_by_module(Model *m, BindingId binding) {
  if (!ref_ok(ref_first(m, binding))) return true;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    ScopeId scope = scope_function(m, ref_get(m, r)->scope);
    if (scope.i != MODULE_SCOPE.i) return true;
  }
  return false;
}

static NodeId store_by_name(Model *m, NodeId name, NodeId made, uint32_t depth) {
  DefId def = def_at(m, name);
  BindingId binding = def_get(m, def)->binding;
  if (!def_ok(def) || !binding_ok(binding)) return NO_NODE;
  if (binding_get(m, binding)->scope.i == MODULE_SCOPE.i) {
    bool in_function = node_ok(context_of(m, name).function);
    return in_function || is_kept_by_module(m, binding) ? name : NO_NODE;
  }
  RefList uses = flow_uses_of(m, def);
  for (uint32_t i = 0; !uses.unknown && i < uses.count && i < USES_MAX; i++) {
    NodeId node = ref_get(m, uses.items[i])->node;
    if (!node_is(m->tree, node, PY_IDENTIFIER)) continue;
    NodeId store = store_follow(m, node, made, depth);
    if (node_ok(store)) return store;
  }
  return NO_NODE;
}

static NodeId root_name(const Tree *t, NodeId e) {
  for (uint32_t i = 0; i < VIEW_CHAIN; i++) {
    e = node_unwrap(t, e);
    if (node_is(t, e, PY_ATTRIBUTE)) {
      e = node_field(t, e, FIELD_OBJECT);
    } else if (node_is(t, e, PY_SUBSCRIPT)) {
      e = node_field(t, e, FIELD_VALUE);
    } else {
      break;
    }
  }
  return node_is(t, e, PY_IDENTIFIER) ? e : NO_NODE;
}

// A local container or object that itself goes where it lives longer, or one that gets a
// view of another base in each round.
static bool holder_lives_on(Model *m, NodeId holder, NodeId stored, NodeId made) {
  const Tree *t = m->tree;
  NodeId root = root_name(t, holder);
  if (!node_ok(root)) return false;
  BindingId binding = binding_of(m, root);
  if ((binding_get(m, binding)->flags & BIND_PARAMETER) != 0) return true;
  const EscapeSet on = ESCAPE_RETURNED | ESCAPE_STORED_SELF | ESCAPE_STORED_LONG;
  DefId def = flow_only_def(m, root);
  if (def_ok(def) && (escape_of(m, def) & on) != 0) return true;
  NodeId loop = loop_around(m, made, NO_NODE);
  bool is_round = node_ok(loop) && node_inside(t, stored, loop) &&
                  !node_inside(t, def_get(m, def)->node, loop);
  return def_ok(def) && is_round && sink_of(m, stored) == SINK_NUMBER;
}

// `holder` is what gets it: the target of an assignment, or a method's receiver.
static NodeId store_in(Model *m, NodeId e, NodeId holder, NodeId made) {
  EscapeSet escape = escape_of_expression(m, e);
  if ((escape & (ESCAPE_STORED_SELF | ESCAPE_STORED_LONG)) != 0) return holder;
  const EscapeSet doubtful = ESCAPE_STORED_OTHER | ESCAPE_STORED_LOCAL;
  bool lives = (escape & doubtful) != 0 && holder_lives_on(m, holder, e, made);
  return lives ? holder : NO_NODE;
}

static NodeId store_by_call(Model *m, Use use, NodeId e, NodeId made, uint32_t depth) {
  Str method = STR_NONE;
  const MutatorFact *mutator = call_mutator(m, use.call);
  if (mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0) {
    NodeId holder = call_receiver(m, use.call, &method);
    if (!node_ok(holder)) call_argument(m, use.call, 0, NULL, &holder);
    return store_in(m, e, holder, made);
  }
  View next;
  bool goes_on = view_of(m, use.call, &next) && !next.is_part &&
                 node_inside(m->tree, e, next.base);
  if (goes_on) return store_follow(m, use.call, made, depth);
  const EscapeSet kept = ESCAPE_STORED_SELF | ESCAPE_STORED_LONG;
  return (escape_of_expression(m, e) & kept) != 0 ? use.call : NO_NODE;
}

// The list of a comprehension keeps one view for each base, or goes where it lives on.
static NodeId store_by_element(Model *m, NodeId display, NodeId e, NodeId made,
                               uint32_t depth) {
  PyKind kind = node_kind(m->tree, display);
  if (kind == PY_GENERATOR_EXPRESSION) return NO_NODE;
  if (use_of(m, display).kind == USE_UNPACKED) {  // self.head, size = view, len(data)
    const EscapeSet kept = ESCAPE_STORED_SELF | ESCAPE_STORED_LONG;
    return (escape_of_expression(m, e) & kept) != 0 ? display : NO_NODE;
  }
  bool gathers = place_is_comprehension(kind) && node_inside(m->tree, made, display) &&
                 node_eq(loop_around(m, made, NO_NODE), display);
  return gathers ? display : store_follow(m, display, made, depth);
}

// Written `a.b = e` or `d[k] = e`, chained or not: the target.
static NodeId store_target(const Tree *t, NodeId assignment) {
  for (NodeId a = assignment; node_is(t, a, PY_ASSIGNMENT); a = node_parent(t, a)) {
    NodeId left = node_unwrap(t, node_field(t, a, FIELD_LEFT));
    if (node_is(t, left, PY_ATTRIBUTE) || node_is(t, left, PY_SUBSCRIPT)) return left;
  }
  return NO_NODE;
}

// `match and match[1]`: a match is never false, so that it is no answer there.
static bool is_only_tested(Model *m, NodeId e) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, e), up = node_parent(t, n);
  return node_is(t, up, PY_BOOLEAN_OPERATOR) && node_role(t, n) == FIELD_LEFT &&
         node_text_is(t, node_field(t, up, FIELD_OPERATOR), "and") &&
         value_of(m, e).kind == VALUE_MATCH;
}

static NodeId store_follow(Model *m, NodeId e, NodeId made, uint32_t depth) {
  if (depth-- == 0 || is_only_tested(m, e)) return NO_NODE;
  Use use = use_of(m, e);
  View next;
  if ((use.through & THROUGH_WALRUS) != 0) {
    NodeId store = store_by_name(m, use.name, made, depth);
    if (node_ok(store)) return store;
  }
  switch (use.kind) {
    case USE_ASSIGNED: return store_by_name(m, use.name, made, depth);
    case USE_STORED: {
      NodeId target = store_target(m->tree, use.node);
      return node_ok(target) ? store_in(m, e, target, made) : NO_NODE;
    }
    case USE_ELEMENT: return store_by_element(m, use.node, e, made, depth);
    case USE_CALL: return store_by_call(m, use, e, made, depth);
    case USE_METHOD:
    case USE_INDEXED:
    case USE_ATTRIBUTE: {
      NodeId taken = node_ok(use.call) ? use.call : use.node;
      // A part of a part is a view of its own.
      bool goes_on = view_of(m, taken, &next) && !next.is_part;
      return goes_on ? store_follow(m, taken, made, depth) : NO_NODE;
    }
    default: return NO_NODE;
  }
}

// The views that an iterator gives: gathered by `list`, or bound by a loop.
static NodeId store_of_given(Model *m, NodeId iterator, NodeId made) {
  const Tree *t = m->tree;
  Use use = use_of(m, iterator);
  if (use.kind == USE_ASSIGNED) {
    const Def *def = def_get(m, def_at(m, use.name));
    RefList uses = flow_uses_of(m, def_at(m, use.name));
    bool once = node_ok(def->node) && !uses.unknown && uses.count == 1;
    if (!once) return NO_NODE;
    use = use_of(m, ref_get(m, uses.items[0])->node);
  }
  if (use.kind == USE_CALL && copy_of(m, use.call).kind != VALUE_UNKNOWN) {
    return store_follow(m, use.call, made, STORE_DEPTH);
  }
  NodeId target = node_field(t, use.node, FIELD_LEFT);
  if (use.kind != USE_ITERATED || !node_is(t, target, PY_IDENTIFIER)) return NO_NODE;
  return store_by_name(m, target, made, STORE_DEPTH);
}

NodeId view_store(Model *m, const View *view, NodeId made) {
  if (view->gives) return store_of_given(m, view->node, made);
  return store_follow(m, view->node, made, STORE_DEPTH);
}
