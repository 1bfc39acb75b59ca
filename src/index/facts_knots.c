// Objects that store what holds them, on themselves.

#include <stdlib.h>

#include "index/facts_internal.h"
#include "semantic/back.h"
#include "semantic/closure.h"

// More stores than this, to one attribute or in one function, have one cause: a state that
// changes, a table of hooks. Only the first is told.
enum { STORES_TOLD = 4, FUNCTION_TOLD = 8, STORES_READ = 64 };

// --- what takes it out again ---------------------------------------------------------

static Str function_name(FactsBuilder *b, NodeId node) {
  NodeId function = context_of(b->m, node).function;
  return node_text(b->t, node_field(b->t, function, FIELD_NAME));
}

// None, another scalar, or an empty container.
static bool holds_nothing(FactsBuilder *b, NodeId value) {
  NodeId n = node_unwrap(b->t, value);
  FactContainer container = {0};
  switch (node_kind(b->t, n)) {
    case PY_NONE_LITERAL:
    case PY_FALSE:
    case PY_TRUE:
    case PY_INTEGER:
    case PY_STRING: return true;
    case PY_TUPLE: return node_count_named(b->t, n) == 0;
    default: break;
  }
  return container_read(b, n, &container) && (container.flags & CONTAINER_FILLED) == 0;
}

static bool is_deleted(const Tree *t, NodeId n) {
  NodeId p = node_parent(t, n);
  return node_is(t, p, PY_DELETE_STATEMENT) ||
         (node_is(t, p, PY_EXPRESSION_LIST) &&
          node_is(t, node_parent(t, p), PY_DELETE_STATEMENT));
}

static bool is_emptied_by_method(FactsBuilder *b, NodeId n) {
  const Tree *t = b->t;
  NodeId attribute = node_parent(t, n), call = node_parent(t, attribute);
  if (!node_is(t, attribute, PY_ATTRIBUTE) || !node_is(t, call, PY_CALL) ||
      node_role(t, attribute) != FIELD_FUNCTION) {
    return false;
  }
  const MutatorFact *fact =
      knowledge_member(b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN,
                       node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE)));
  return fact != NULL && (fact->effect & (MUTATES_SHRINKS | MUTATES_CLEARS)) != 0;
}

bool mention_clears(FactsBuilder *b, NodeId attribute) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, attribute), p = node_parent(t, n);
  bool is_item = false;
  while (node_is(t, p, PY_SUBSCRIPT) && node_role(t, n) == FIELD_VALUE) {
    is_item = true;
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  if (is_deleted(t, n) || is_emptied_by_method(b, n)) return true;
  PyKind kind = node_kind(t, p);
  bool is_store =
      kind == PY_ASSIGNMENT || kind == PY_PATTERN_LIST || kind == PY_TUPLE_PATTERN;
  if (!is_store || is_made_in(function_name(b, n))) return false;
  StoredAt stored = stored_at(b->m, attribute);
  if (node_ok(stored.value)) return holds_nothing(b, stored.value);
  // `x, self.x = swap(self.x)`
  return !is_item && kind != PY_ASSIGNMENT;
}

// --- the object ----------------------------------------------------------------------

// The class's body makes what self.x stands for: a property, a descriptor, a container
// of the class.
static bool is_of_class(FactsBuilder *b, NodeId class_node, Str name, bool within) {
  Model *m = b->m;
  BindingId binding = scope_lookup(m, scope_of(m, class_node), name);
  if (!binding_ok(binding) || (binding_get(m, binding)->flags & BIND_LOCAL) == 0)
    return false;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    FactContainer container = {0};
    NodeId value = node_unwrap(b->t, def->value);
    bool is_decorated =
        def->kind == DEF_FUNCTION && node_ok(decorated_of(b->t, def->value));
    bool is_made = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
                   node_is(b->t, value, PY_CALL) &&
                   !container_read(b, value, &container);
    if (is_decorated || is_made) return true;
    if (within && node_ok(def->value)) return true;
  }
  return false;
}

// `defaultdict(WeakSet)`: what its items hold may go.
static bool makes_weak(FactsBuilder *b, NodeId call) {
  NodeId factory = NO_NODE;
  return call_argument(b->m, call, 0, NULL, &factory) == ARG_PRESENT &&
         str_starts(qualified_of(b, factory), STR("weakref."));
}

// What is put into an attribute's container stays there as far as this file knows it.
static bool keeps_contents(FactsBuilder *b, const MentionGroup *group,
                           bool *is_inherited) {
  *is_inherited = true;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    StoredAt stored = stored_at(b->m, b->mentions.items[i].node);
    if (!node_ok(stored.value) || stored.within) continue;
    FactContainer container = {0};
    NodeId value = node_unwrap(b->t, stored.value);
    *is_inherited = false;
    if (node_is(b->t, value, PY_NONE_LITERAL) || is_own_keywords(b, value)) continue;
    if (!container_read(b, value, &container)) return false;
    if ((container.flags & CONTAINER_WEAK) != 0 || makes_weak(b, value)) return false;
  }
  return true;
}

static bool is_large(Value v) {
  bool is_array = v.kind == VALUE_NDARRAY || v.kind == VALUE_SERIES ||
                  v.kind == VALUE_DATAFRAME || v.kind == VALUE_TENSOR;
  // The caller has what it passes, and what is counted is seldom large.
  bool is_counted = v.why == WHY_PARAMETER || v.why == WHY_RANGE;
  return value_holds_size(v) && (!is_counted || is_array);
}

// --- rows ----------------------------------------------------------------------------

static uint32_t kind_of(BackKind kind) {
  switch (kind) {
    case BACK_METHOD: return KNOT_METHOD;
    case BACK_LAMBDA:
    case BACK_FUNCTION: return KNOT_CLOSURE;
    case BACK_GENERATOR: return KNOT_GENERATOR;
    default: return KNOT_SELF;
  }
}

// What a closure captures that is large, or NO_NODE.
static NodeId closure_holds(FactsBuilder *b, const Back *back) {
  if (back->kind != BACK_LAMBDA && back->kind != BACK_FUNCTION) return NO_NODE;
  ScopeId scope = scope_at(b->m, back->mention);
  while (scope_ok(scope) && scope_get(b->m, scope)->kind != SCOPE_FUNCTION &&
         scope_get(b->m, scope)->kind != SCOPE_LAMBDA) {
    scope = scope_get(b->m, scope)->parent;
  }
  Closure closure = {.scope = scope};
  return def_get(b->m, closure_size(b->m, &closure))->node;
}

// Who is given the owner, and how; false where that is not known.
static bool made_read(FactsBuilder *b, FactKnot *row, const Back *back) {
  const Tree *t = b->t;
  if (!node_ok(back->call)) return true;
  Str name = qualified_of(b, call_callee(b->m, back->call));
  if (is_of_library(b, name) || call_has_stars(b->m, back->call)) return false;
  row->made = text_of(b, name);
  if (node_is(t, back->argument, PY_KEYWORD_ARGUMENT)) {
    row->keyword = word_of(b, node_text(t, node_field(t, back->argument, FIELD_NAME)));
    return true;
  }
  NodeId list = node_parent(t, back->argument);
  for (NodeId a = node_first_named(t, list); !node_eq(a, back->argument);
       a = node_next_named(t, a)) {
    row->argument++;
  }
  return row->argument < 255;
}

// False where it is no knot; else the row lacks its place among others.
static bool knot_read(FactsBuilder *b, NodeId attribute, StoredAt stored,
                      BackOwner owner, FactKnot *row) {
  if (!node_ok(stored.value)) return false;
  Back back = back_of_stored(b->m, stored, owner);
  if (back.kind == BACK_NONE) return false;
  row->kind = kind_of(back.kind);
  row->place = place_of(stored.place);
  row->back = place_of(node_ok(back.mention) ? back.mention : back.node);
  if (back.is_uncertain) row->method = word_of(b, back.method);
  if (stored.within) row->flags |= KNOT_IN_CONTAINER;
  if (back.is_in_partial) row->flags |= KNOT_IN_PARTIAL;
  if (back.is_on_branch) row->flags |= KNOT_ON_BRANCH;
  row->size = place_of(closure_holds(b, &back));
  Str name = node_text(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE));
  row->attribute = word_of(b, name);
  return made_read(b, row, &back);
}

static void knot_add(FactsBuilder *b, FactKnot row) {
  uint64_t key = map_pair(row.place.i, UINT32_C(0x4b4e4f54));
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  vec_push(b->arena, &b->knots, row);
}

// --- what a class stores on self -----------------------------------------------------

typedef struct Stores {
  FactKnot rows[STORES_READ];
  NodeId at[STORES_READ];
  uint32_t count;
} Stores;

// Some other code than the store, or what comes behind it, takes it out.
static bool is_cleared(FactsBuilder *b, const MentionGroup *group, NodeId store) {
  NodeId function = context_of(b->m, store).function;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    const Mention *mention = &b->mentions.items[i];
    if (mention->via != OPERATION_VIA_SELF || !mention_clears(b, mention->node))
      continue;
    bool is_beside = node_eq(context_of(b->m, mention->node).function, function);
    if (!is_beside || flow_reaches(b->m, store, mention->node) != ANSWER_NO)
      return true;
  }
  return false;
}

static BackOwner owner_of(FactsBuilder *b, const Mention *mention, NodeId class_node) {
  NodeId object = node_unwrap(b->t, node_field(b->t, mention->node, FIELD_OBJECT));
  return (BackOwner){
      .variable = binding_of(b->m, object), .at = object, .class_node = class_node};
}

// Cheaper than to ask what is stored: most mentions only read.
static bool looks_like_store(const Tree *t, NodeId attribute) {
  NodeId p = node_parent(t, node_wrap(t, attribute));
  PyKind kind = node_kind(t, p);
  if (kind == PY_ATTRIBUTE) return node_is(t, node_parent(t, p), PY_CALL);
  return kind == PY_SUBSCRIPT || kind == PY_ASSIGNMENT ||
         kind == PY_AUGMENTED_ASSIGNMENT || kind == PY_PATTERN_LIST ||
         kind == PY_TUPLE_PATTERN;
}

static void group_read(FactsBuilder *b, const MentionGroup *group, NodeId class_node,
                       Stores *out) {
  Str name = sym_str(&b->texts, group->name);
  for (uint32_t i = group->first; i != 0 && out->count < STORES_READ;
       i = b->mentions.items[i].next) {
    const Mention *mention = &b->mentions.items[i];
    if (mention->via != OPERATION_VIA_SELF || !looks_like_store(b->t, mention->node))
      continue;
    StoredAt stored = stored_at(b->m, mention->node);
    if (!node_ok(stored.value)) continue;
    FactKnot row = {0};
    BackOwner owner = owner_of(b, mention, class_node);
    bool is_inherited = false;
    if (!knot_read(b, mention->node, stored, owner, &row) ||
        is_of_class(b, class_node, name, stored.within)) {
      continue;
    }
    if (stored.within && !keeps_contents(b, group, &is_inherited)) continue;
    row.attribute = (FactWord){group->name.i};
    if (is_inherited) row.flags |= KNOT_INHERITED;
    if (is_cleared(b, group, stored.place)) continue;
    out->at[out->count] = stored.place;
    out->rows[out->count++] = row;
  }
}

// Something large that the class stores on self, in this file.
static NodeId class_holds(FactsBuilder *b, const uint32_t *groups, uint32_t count) {
  for (uint32_t g = 0; g < count; g++) {
    const MentionGroup *group = &b->groups.items[groups[g]];
    for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
      const Mention *mention = &b->mentions.items[i];
      uint32_t store = attribute_store(b->t, mention->node);
      if (mention->via != OPERATION_VIA_SELF || (store & ATTRIBUTE_METHOD) == 0)
        continue;
      StoredAt stored = stored_at(b->m, mention->node);
      if (node_ok(stored.value) && is_large(value_of(b->m, stored.value)))
        return mention->node;
    }
  }
  return NO_NODE;
}

static bool is_left_out(FactsBuilder *b, NodeId class_node) {
  return b->t->source->is_stub ||
         (context_of(b->m, class_node).flags & CONTEXT_TEST) != 0 ||
         (class_base_flags(b->m, class_node) & BASE_METACLASS) != 0;
}

static NodeId knot_function(FactsBuilder *b, const FactKnot *row) {
  return context_of(b->m, (NodeId){row->place.i}).function;
}

static int knot_compare(const void *a, const void *b) {
  const FactKnot *x = a, *y = b;
  return (x->place.i > y->place.i) - (x->place.i < y->place.i);
}

// The rows from `first` on, those of one function that are too many as one.
static void functions_join(FactsBuilder *b, uint32_t first) {
  FactKnot *rows = b->knots.items + first;
  uint32_t count = b->knots.count - first, kept = 0;
  if (count <= FUNCTION_TOLD) return;
  qsort(rows, count, sizeof *rows, knot_compare);
  for (uint32_t from = 0, to; from < count; from = to) {
    NodeId function = knot_function(b, &rows[from]);
    for (to = from + 1; to < count && node_eq(knot_function(b, &rows[to]), function);)
      to++;
    bool is_often = to - from > FUNCTION_TOLD;
    if (is_often) rows[from].others = to - from - 1;
    for (uint32_t i = from; i < to && (i == from || !is_often); i++)
      rows[kept++] = rows[i];
  }
  b->knots.count = first + kept;
}

static void class_knots(FactsBuilder *b, ScopeId scope, const uint32_t *groups,
                        uint32_t count) {
  NodeId class_node = scope_get(b->m, scope)->node;
  if (count == 0 || is_left_out(b, class_node)) return;
  uint32_t first = b->knots.count;
  for (uint32_t g = 0; g < count; g++) {
    Stores stores = {.count = 0};
    group_read(b, &b->groups.items[groups[g]], class_node, &stores);
    bool is_often = stores.count > STORES_TOLD;
    for (uint32_t i = 0; i < stores.count && (i == 0 || !is_often); i++) {
      FactKnot row = stores.rows[i];
      row.owner = scope_qualified(b, scope);
      if (is_often) row.others = stores.count - 1;
      knot_add(b, row);
    }
  }
  functions_join(b, first);
  if (b->knots.count == first) return;
  NodeId size = class_holds(b, groups, count);
  for (uint32_t i = first; node_ok(size) && i < b->knots.count; i++) {
    FactPlace *place = &b->knots.items[i].size;
    if (place->i == 0) *place = place_of(size);
  }
}

// --- what a cached property stores ---------------------------------------------------

static bool is_cached_property(FactsBuilder *b, NodeId function) {
  NodeId decorated = decorated_of(b->t, function);
  for (NodeId d = node_first_named(b->t, decorated); node_is(b->t, d, PY_DECORATOR);
       d = node_next_named(b->t, d)) {
    Str name = name_of_decorator(b->m, d);
    if (str_is(name_last_part(name), "cached_property")) return true;
  }
  return false;
}

// What it returns is an attribute from then on.
static void property_knot(FactsBuilder *b, ScopeId owner, NodeId function) {
  const Tree *t = b->t;
  ScopeId scope = scope_of(b->m, function);
  const uint32_t later = SCOPE_IS_GENERATOR | SCOPE_IS_ASYNC;
  if ((scope_get(b->m, scope)->flags & later) != 0) return;
  BackOwner of = {.variable = def_get(b->m, scope_parameter(b->m, scope, 0))->binding,
                  .class_node = scope_get(b->m, owner)->node};
  if (!binding_ok(of.variable)) return;
  for (NodeId n = function; n.i < node_after(t, function); n.i++) {
    if (!node_is(t, n, PY_RETURN_STATEMENT) || scope_at(b->m, n).i != scope.i) continue;
    NodeId value = node_first_named(t, n);
    FactKnot row = {.flags = KNOT_DYNAMIC, .owner = scope_qualified(b, owner)};
    StoredAt stored = {.value = value, .place = n};
    if (!node_ok(value) || !knot_read(b, value, stored, of, &row)) continue;
    row.attribute = word_of(b, node_text(t, node_field(t, function, FIELD_NAME)));
    knot_add(b, row);
    return;
  }
}

static void properties_read(FactsBuilder *b, ScopeId owner) {
  if (is_left_out(b, scope_get(b->m, owner)->node)) return;
  for (BindingId i = scope_get(b->m, owner)->first_binding; binding_ok(i);
       i = binding_get(b->m, i)->next) {
    const Def *def = def_get(b->m, binding_only_def(b->m, i));
    if (def->kind == DEF_FUNCTION && is_cached_property(b, def->value))
      property_knot(b, owner, def->value);
  }
}

void knots_collect(FactsBuilder *b) {
  uint32_t scopes = scope_count(b->m);
  // Whoever has such a property names the decorator.
  bool may_cache = str_contains(b->t->source->text, STR("cached_property"));
  uint32_t *starts = arena_array(b->arena, uint32_t, scopes + 2);
  const uint32_t *sorted = groups_by_class(b, starts);
  for (uint32_t i = 1; i < scopes; i++) {
    if (scope_get(b->m, (ScopeId){i})->kind != SCOPE_CLASS) continue;
    class_knots(b, (ScopeId){i}, sorted + starts[i], starts[i + 1] - starts[i]);
    if (may_cache) properties_read(b, (ScopeId){i});
  }
}

// --- what is stored on other objects -------------------------------------------------

// A variable of a function that stands for an object that may come and go.
static bool is_local_object(FactsBuilder *b, NodeId object) {
  BindingId variable = binding_of(b->m, object);
  if (!node_is(b->t, object, PY_IDENTIFIER) || !binding_ok(variable)) return false;
  const Binding *binding = binding_get(b->m, variable);
  ScopeKind kind = scope_get(b->m, binding->scope)->kind;
  if (kind != SCOPE_FUNCTION && kind != SCOPE_LAMBDA) return false;
  if (b->receivers[binding->scope.i] == RECEIVER_CLS &&
      b->receiver_defs[binding->scope.i].i == binding->first_def.i) {
    return false;
  }
  for (DefId d = binding->first_def; def_ok(d); d = def_next(b->m, d)) {
    DefKind def = def_get(b->m, d)->kind;
    if (def == DEF_FUNCTION || def == DEF_CLASS || def == DEF_IMPORT ||
        def == DEF_IMPORT_FROM || def == DEF_DELETE) {
      return false;
    }
  }
  return true;
}

void knot_of_object(FactsBuilder *b, NodeId attribute, NodeId object) {
  if (b->t->source->is_stub || !is_local_object(b, object)) return;
  if ((context_of(b->m, attribute).flags & CONTEXT_TEST) != 0) return;
  // Names with underscores around them belong to classes, and so do these names.
  Str name = node_text(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE));
  Str whose = node_text(b->t, object);
  if (str_ends(name, STR("__")) || str_is(whose, "cls") || str_is(whose, "klass"))
    return;
  StoredAt stored = stored_at(b->m, attribute);
  if (stored.within) return;
  Value value = value_of(b->m, object);
  bool is_known = value.kind == VALUE_INSTANCE &&
                  node_is(b->t, value.definition, PY_CLASS_DEFINITION);
  BackOwner owner = {.variable = binding_of(b->m, object),
                     .at = object,
                     .class_node = is_known ? value.definition : NO_NODE};
  FactKnot row = {.flags = KNOT_OF_LOCAL};
  if (!knot_read(b, attribute, stored, owner, &row)) return;
  row.owner = text_of(b, class_of_object(b, object));
  knot_add(b, row);
}

// `self.__dict__["x"] = …`; what takes anything out of the dict may take out that.
void knot_of_dict(FactsBuilder *b, NodeId dict, ScopeId owner) {
  const Tree *t = b->t;
  NodeId item = node_parent(t, dict);
  Str name = STR_NONE;
  Str class_name = sym_str(&b->texts, (Sym){scope_qualified(b, owner).i});
  if (mention_clears(b, dict)) touch_add(b, TOUCH_CLEAR, class_name, STR_NONE);
  NodeId class_node = scope_get(b->m, owner)->node;
  if (!node_is(t, item, PY_SUBSCRIPT) || is_left_out(b, class_node) ||
      !constant_str(b->m, node_field(t, item, FIELD_SUBSCRIPT), &name)) {
    return;
  }
  NodeId object = node_unwrap(t, node_field(t, dict, FIELD_OBJECT));
  BackOwner of = {
      .variable = binding_of(b->m, object), .at = object, .class_node = class_node};
  FactKnot row = {.flags = KNOT_DYNAMIC, .owner = scope_qualified(b, owner)};
  if (!knot_read(b, dict, stored_at(b->m, dict), of, &row)) return;
  row.flags &= ~(uint32_t)KNOT_IN_CONTAINER;
  row.attribute = word_of(b, name);
  knot_add(b, row);
}

void knot_of_setattr(FactsBuilder *b, NodeId call) {
  NodeId object = NO_NODE, word = NO_NODE, value = NO_NODE;
  Str name = STR_NONE;
  uint32_t via = 0;
  if (call_argument(b->m, call, 2, NULL, &value) != ARG_PRESENT ||
      call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT ||
      call_argument(b->m, call, 1, NULL, &word) != ARG_PRESENT) {
    return;
  }
  ScopeId owner = class_of_receiver(b, object, &via);
  if (!scope_ok(owner) || via != OPERATION_VIA_SELF || !constant_str(b->m, word, &name))
    return;
  NodeId class_node = scope_get(b->m, owner)->node;
  if (is_left_out(b, class_node)) return;
  object = node_unwrap(b->t, object);
  BackOwner of = {
      .variable = binding_of(b->m, object), .at = object, .class_node = class_node};
  FactKnot row = {.flags = KNOT_DYNAMIC, .owner = scope_qualified(b, owner)};
  StoredAt stored = {.value = value, .place = call};
  if (!knot_read(b, object, stored, of, &row)) return;
  row.attribute = word_of(b, name);
  knot_add(b, row);
}
