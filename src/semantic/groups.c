#include "semantic/groups.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/pass.h"
#include "semantic/place_internal.h"

enum { GROUPS_STEPS = 256, PAIR_LAYERS = 8 };

typedef struct Work {
  Model *m;
  const Tree *t;
  Groups *groups;
  uint32_t steps;
  NodeId todo[GROUPS_USES];  // expressions that stand for one of the lists
  uint32_t todo_count;
} Work;

// --- the beginning -------------------------------------------------------------------

static bool is_list_factory(Model *m, NodeId factory) {
  NodeId f = node_unwrap(m->tree, factory);
  if (!node_is(m->tree, f, PY_LAMBDA)) return name_is(m, f, "builtins.list");
  return !node_ok(node_field(m->tree, f, FIELD_PARAMETERS)) &&
         value_is_empty_list(m, node_field(m->tree, f, FIELD_BODY));
}

static bool is_empty_dict(Model *m, NodeId value) {
  NodeId v = node_unwrap(m->tree, value), factory = NO_NODE;
  if (node_is(m->tree, v, PY_DICTIONARY)) return node_count_named(m->tree, v) == 0;
  if (!node_is(m->tree, v, PY_CALL)) return false;
  Str name = name_of_callee(m, v);
  if (str_is(name, "builtins.dict") || str_is(name, "collections.OrderedDict")) {
    return !call_has_arguments(m, v);
  }
  return str_is(name, "collections.defaultdict") &&
         node_count_named(m->tree, node_field(m->tree, v, FIELD_ARGUMENTS)) == 1 &&
         call_argument(m, v, 0, NULL, &factory) == ARG_PRESENT &&
         is_list_factory(m, factory);
}

bool groups_is_start(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  return node_is(t, name, PY_IDENTIFIER) && def_ok(def_at(m, name)) &&
         node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT) &&
         is_empty_dict(m, node_field(t, assignment, FIELD_RIGHT));
}

// A name of a function, which is bound here alone.
static bool is_own(const Model *m, DefId id) {
  const Def *def = def_get(m, id);
  const Binding *b = binding_get(m, def->binding);
  const Scope *scope = scope_get(m, def->scope);
  uint32_t shared = BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL | BIND_GLOBAL | BIND_IN_ERROR;
  return scope->kind == SCOPE_FUNCTION && b->scope.i == def->scope.i &&
         (scope->flags & (SCOPE_DYNAMIC | SCOPE_BROKEN)) == 0 &&
         (b->flags & shared) == 0 && binding_only_def(m, def->binding).i == id.i;
}

// --- lists ---------------------------------------------------------------------------

static bool list_later(Work *w, NodeId list) {
  if (w->todo_count == GROUPS_USES) return false;
  w->todo[w->todo_count++] = list;
  return true;
}

// Every use of a local name that stands for one of the lists.
static bool lists_of_def(Work *w, NodeId name) {
  DefId def = def_at(w->m, name);
  if (!def_ok(def)) return false;
  RefList refs = flow_uses_of(w->m, def);
  if (refs.unknown || refs.escapes_scope) return false;
  for (uint32_t i = 0; i < refs.count; i++) {
    NodeId use = ref_get(w->m, refs.items[i])->node;
    if (!node_is(w->t, use, PY_IDENTIFIER) || !list_later(w, use)) return false;
  }
  return true;
}

static bool count(Work *w, NodeId place, uint32_t what) {
  w->groups->asked |= what;
  if (!node_ok(w->groups->counted)) w->groups->counted = place;
  return true;
}

static bool growth_add(Work *w, NodeId growth) {
  if (w->groups->growth_count == GROUPS_GROWTHS) return false;
  w->groups->growths[w->groups->growth_count++] = growth;
  return true;
}

// `len(list)`, `sum(list)`: numbers, not lists put together.
static bool list_as_argument(Work *w, Place p) {
  NodeId first = NO_NODE, start = NO_NODE;
  Str name = name_of_callee(w->m, p.node);
  if (call_argument(w->m, p.node, 0, NULL, &first) != ARG_PRESENT ||
      !node_eq(node_wrap(w->t, first), p.argument)) {
    return false;
  }
  if (str_is(name, "builtins.len")) return count(w, p.node, GROUPS_LENGTH);
  if (str_is(name, "builtins.bool")) return count(w, p.node, GROUPS_TRUTH);
  if (!str_is(name, "builtins.sum")) return false;
  ArgState state = call_argument(w->m, p.node, 1, "start", &start);
  if (state == ARG_UNKNOWN) return false;
  bool is_number = state == ARG_ABSENT || value_is_scalar(value_of(w->m, start));
  return is_number && count(w, p.node, GROUPS_SUM);
}

static bool list_used(Work *w, NodeId list) {
  NodeId e = node_wrap(w->t, list);
  if (value_is_only_tested(w->t, e)) return count(w, e, GROUPS_TRUTH);
  Place p = place_of(w->t, e);
  switch (p.kind) {
    case PLACE_DROPPED: return true;
    case PLACE_ARGUMENT: return list_as_argument(w, p);
    case PLACE_ATTRIBUTE: {
      NodeId append = append_to(w->m, e);
      return node_ok(append) && growth_add(w, append);
    }
    case PLACE_ASSIGNED: {
      NodeId left = node_field(w->t, p.node, FIELD_LEFT);
      return node_is(w->t, left, PY_IDENTIFIER) &&
             !node_is(w->t, node_parent(w->t, p.node), PY_ASSIGNMENT) &&
             lists_of_def(w, left);
    }
    default: return false;
  }
}

// --- pairs and lists of lists --------------------------------------------------------

// `pair[0]` is a key, `pair[1]` a list.
static bool pair_parameter(Work *w, NodeId lambda) {
  ScopeId scope = scope_of(w->m, lambda);
  if (scope_parameter_count(w->m, scope) != 1) return false;
  const Def *d = def_get(w->m, scope_parameter(w->m, scope, 0));
  const Binding *b = binding_get(w->m, d->binding);
  if (b->def_count != 1) return false;
  for (RefId r = b->first_ref; ref_ok(r); r = ref_next(w->m, r)) {
    int64_t index = 0;
    Place p = place_of(w->t, node_wrap(w->t, ref_get(w->m, r)->node));
    if (++w->steps > GROUPS_STEPS || p.kind != PLACE_ITEM ||
        !constant_int(w->m, node_field(w->t, p.node, FIELD_SUBSCRIPT), &index)) {
      return false;
    }
    if (index == 1 && !list_later(w, p.node)) return false;
    if (index != 0 && index != 1) return false;
  }
  return true;
}

static bool key_looks_at_pairs(Work *w, NodeId call) {
  NodeId key = NO_NODE;
  ArgState state = call_argument(w->m, call, CALL_NO_POSITION, "key", &key);
  if (state != ARG_PRESENT) return state == ARG_ABSENT;
  key = node_unwrap(w->t, key);
  return node_is(w->t, key, PY_LAMBDA) && pair_parameter(w, key);
}

static NodeId loop_target(const Tree *t, NodeId iterating) {
  if (!node_is(t, iterating, PY_FOR_STATEMENT) &&
      !node_is(t, iterating, PY_FOR_IN_CLAUSE)) {
    return NO_NODE;
  }
  return node_field(t, iterating, FIELD_LEFT);
}

// `for key, list in pairs`.
static bool pairs_iterated(Work *w, NodeId iterating) {
  NodeId target = loop_target(w->t, iterating);
  if (!node_is(w->t, target, PY_PATTERN_LIST) &&
      !node_is(w->t, target, PY_TUPLE_PATTERN)) {
    return false;
  }
  NodeId list = node_named_at(w->t, target, 1);
  return node_count_named(w->t, target) == 2 && node_is(w->t, list, PY_IDENTIFIER) &&
         lists_of_def(w, list);
}

// `max(groups.items(), key=…)[0]`: the key alone.
static bool is_first_taken(Work *w, NodeId pair) {
  int64_t index = -1;
  Place p = place_of(w->t, node_wrap(w->t, pair));
  return p.kind == PLACE_ITEM &&
         constant_int(w->m, node_field(w->t, p.node, FIELD_SUBSCRIPT), &index) &&
         index == 0;
}

// `groups.items()`, and the same in order, copied or cut off.
static bool pairs_used(Work *w, NodeId pairs) {
  for (uint32_t layer = 0; layer < PAIR_LAYERS; layer++) {
    Place p = place_of(w->t, node_wrap(w->t, pairs));
    if (p.kind == PLACE_ITERATED) return pairs_iterated(w, p.node);
    if (p.kind == PLACE_ITEM) {
      bool is_slice =
          node_is(w->t, node_field(w->t, p.node, FIELD_SUBSCRIPT), PY_SLICE);
      if (!is_slice) return false;
      pairs = p.node;
      continue;
    }
    if (p.kind != PLACE_ARGUMENT || call_positional_count(w->m, p.node) != 1) {
      return false;
    }
    Str name = name_of_callee(w->m, p.node);
    bool is_same = str_is(name, "builtins.sorted") || str_is(name, "builtins.list") ||
                   str_is(name, "builtins.tuple") || str_is(name, "builtins.reversed");
    bool is_one = str_is(name, "builtins.max") || str_is(name, "builtins.min");
    if (str_is(name, "builtins.len")) return true;
    if ((!is_same && !is_one) || !key_looks_at_pairs(w, p.node)) return false;
    if (is_one) return is_first_taken(w, p.node);
    pairs = p.node;
  }
  return false;
}

// `for list in groups.values()`, `map(len, groups.values())`, `any(groups.values())`.
static bool lists_used(Work *w, NodeId lists) {
  Place p = place_of(w->t, node_wrap(w->t, lists));
  if (p.kind == PLACE_ITERATED) {
    NodeId target = loop_target(w->t, p.node);
    return node_is(w->t, target, PY_IDENTIFIER) && lists_of_def(w, target);
  }
  NodeId function = NO_NODE;
  if (p.kind != PLACE_ARGUMENT) return false;
  Str name = name_of_callee(w->m, p.node);
  if (str_is(name, "builtins.any") || str_is(name, "builtins.all")) {
    return count(w, p.node, GROUPS_TRUTH);
  }
  if (str_is(name, "builtins.len")) return true;
  if (!str_is(name, "builtins.map") || call_positional_count(w->m, p.node) != 2 ||
      call_argument(w->m, p.node, 0, NULL, &function) != ARG_PRESENT ||
      node_eq(node_wrap(w->t, function), p.argument)) {
    return false;
  }
  Str run = name_of(w->m, function);
  if (str_is(run, "builtins.len")) return count(w, p.node, GROUPS_LENGTH);
  return str_is(run, "builtins.sum") && count(w, p.node, GROUPS_SUM);
}

// --- the dict ------------------------------------------------------------------------

// `groups[key] = []`, `groups[key] = [x]`.
static bool list_stored(Work *w, NodeId subscript, NodeId assignment) {
  if (!node_is(w->t, assignment, PY_ASSIGNMENT) ||
      !node_eq(node_field(w->t, assignment, FIELD_LEFT), subscript) ||
      node_is(w->t, node_parent(w->t, assignment), PY_ASSIGNMENT)) {
    return false;
  }
  NodeId value = node_unwrap(w->t, node_field(w->t, assignment, FIELD_RIGHT));
  if (value_is_empty_list(w->m, value)) return true;
  if (!node_is(w->t, value, PY_LIST) || node_count_named(w->t, value) != 1) {
    return false;
  }
  NodeId element = node_first_named(w->t, value);
  return !node_is(w->t, element, PY_LIST_SPLAT) &&
         (value_of(w->m, element).flags & VALUE_STARTED) == 0 &&
         growth_add(w, assignment);
}

static bool item_used(Work *w, NodeId subscript) {
  Place p = place_of(w->t, node_wrap(w->t, subscript));
  if (p.kind == PLACE_DELETED) return true;
  if (p.kind == PLACE_TARGET) return list_stored(w, subscript, p.node);
  return p.kind != PLACE_UPDATED && list_later(w, subscript);
}

// What `get`, `setdefault` or `pop` give where there is no list.
static bool is_empty_default(Work *w, NodeId call, bool is_set) {
  NodeId fallback = NO_NODE;
  ArgState state = call_argument(w->m, call, 1, "default", &fallback);
  if (state != ARG_PRESENT) return state == ARG_ABSENT && !is_set;
  NodeId f = node_unwrap(w->t, fallback);
  bool is_tuple = node_is(w->t, f, PY_TUPLE) && node_count_named(w->t, f) == 0;
  return value_is_empty_list(w->m, f) ||
         (!is_set && (is_tuple || node_is(w->t, f, PY_NONE_LITERAL)));
}

static bool method_used(Work *w, NodeId attribute) {
  NodeId call = node_parent(w->t, attribute);
  if (!node_is(w->t, call, PY_CALL) || node_role(w->t, attribute) != FIELD_FUNCTION) {
    return false;
  }
  Str name = node_text(w->t, node_field(w->t, attribute, FIELD_ATTRIBUTE));
  if (str_is(name, "setdefault")) {
    return is_empty_default(w, call, true) && list_later(w, call);
  }
  if (str_is(name, "get") || str_is(name, "pop")) {
    return is_empty_default(w, call, false) && list_later(w, call);
  }
  if (call_has_arguments(w->m, call)) return false;
  if (str_is(name, "items")) return pairs_used(w, call);
  if (str_is(name, "values")) return lists_used(w, call);
  PlaceKind kind = place_of(w->t, node_wrap(w->t, call)).kind;
  if (str_is(name, "clear")) return kind == PLACE_DROPPED;
  return str_is(name, "keys") && (kind == PLACE_ITERATED || kind == PLACE_ARGUMENT);
}

// Builtins that look at the keys alone.
static bool is_asked_for_keys(Work *w, Place p) {
  static const char *const names[] = {
      "builtins.enumerate", "builtins.frozenset", "builtins.iter",    "builtins.len",
      "builtins.list",      "builtins.max",       "builtins.min",     "builtins.set",
      "builtins.sorted",    "builtins.tuple",     "builtins.reversed"};
  Str name = name_of_callee(w->m, p.node);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(name, names[i])) return !node_is(w->t, p.argument, PY_KEYWORD_ARGUMENT);
  }
  return false;
}

static bool is_searched(const Tree *t, NodeId comparison, NodeId e) {
  return node_is(t, comparison, PY_COMPARISON_OPERATOR) &&
         node_count_named(t, comparison) == 2 &&
         node_eq(node_named_at(t, comparison, 1), e) &&
         (node_ok(node_child(t, comparison, PY_KW_IN)) ||
          node_ok(node_child(t, comparison, PY_KW_NOT_IN)));
}

static bool dict_used(Work *w, NodeId mention) {
  NodeId e = node_wrap(w->t, mention);
  if (value_is_only_tested(w->t, e)) return true;
  Place p = place_of(w->t, e);
  switch (p.kind) {
    case PLACE_ITEM: return item_used(w, p.node);
    case PLACE_ATTRIBUTE: return method_used(w, p.node);
    case PLACE_ITERATED: return node_ok(loop_target(w->t, p.node));
    case PLACE_TESTED: return is_searched(w->t, p.node, e);
    case PLACE_ARGUMENT: return is_asked_for_keys(w, p);
    default: return false;
  }
}

const char *groups_of(Model *m, NodeId assignment, Groups *out) {
  NodeId name = node_field(m->tree, assignment, FIELD_LEFT);
  *out = (Groups){.assignment = assignment, .name = name};
  Work w = {.m = m, .t = m->tree, .groups = out};
  if (!is_own(m, def_at(m, name))) return "others see the dict, or it is bound again";
  out->binding = binding_of(m, name);
  const Binding *b = binding_get(m, out->binding);
  if (b->ref_count > GROUPS_USES) return "it is used too often";
  for (RefId r = b->first_ref; ref_ok(r); r = ref_next(m, r)) {
    NodeId mention = ref_get(m, r)->node;
    if (!node_is(m->tree, mention, PY_IDENTIFIER) || !dict_used(&w, mention)) {
      return "more is asked of the dict than its keys and counts";
    }
    while (w.todo_count > 0) {
      NodeId list = w.todo[--w.todo_count];
      if (++w.steps > GROUPS_STEPS || !list_used(&w, list)) {
        return "more is asked of a list than its length, sum or truth";
      }
    }
  }
  if (out->growth_count == 0) return "no list grows";
  return out->asked != 0 ? NULL : "nothing is counted";
}

// --- size ----------------------------------------------------------------------------

Value groups_size(Model *m, const Groups *groups) {
  const Tree *t = m->tree;
  Value size = {.size = SIZE_SMALL};
  for (uint32_t i = 0; i < groups->growth_count; i++) {
    for (NodeId loop = loop_around(m, groups->growths[i], NO_NODE);
         node_ok(loop) && !node_inside(t, groups->assignment, loop);
         loop = loop_around(m, groups->growths[i], loop)) {
      Value v = {.size = SIZE_UNKNOWN, .high = SIZE_NO_BOUND};
      NodeId source = node_field(t, loop, FIELD_RIGHT);
      if (node_ok(source)) v = value_of(m, source);
      if (size_is_unbounded(v)) return v;
      if (!size_is_small(v)) size = v;
    }
  }
  return size;
}
