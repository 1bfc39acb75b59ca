// Functions that return a list of their own, and what their callers do with it.
#include "semantic/listing.h"

#include "index/facts_internal.h"

// One that this file may call; dropped when something else is done with it.
typedef struct Candidate {
  NodeId definition;
  ScopeId owner;  // of a method: the class
  Str method;     // … and its name
  NodeId start;   // `out = []`
  NodeId walked;
  uint32_t flags;  // LISTING_*
  bool is_dropped;
  bool is_local;  // nobody outside of this file sees it
} Candidate;

typedef struct Listings {
  FactsBuilder *b;
  VEC(Candidate) all;
  Map by_method;   // (class scope, name) of a private method -> index + 1
  Map elsewhere;   // names of attributes that are asked of other objects -> 1
  Map asks_names;  // class scopes with a `getattr(self, name)` -> 1
  bool asks_any;   // there is one
  Map row_of;      // the name of a walk -> index + 1
} Listings;

static bool is_dunder(Str name) {
  return str_starts(name, STR("__")) && str_ends(name, STR("__"));
}

static bool is_in_test(FactsBuilder *b, NodeId node) {
  return (context_of(b->m, node).flags & CONTEXT_TEST) != 0;
}

// --- the functions -------------------------------------------------------------------

static void candidate_find(Listings *l, ScopeId s) {
  FactsBuilder *b = l->b;
  const Scope *scope = scope_get(b->m, s);
  Listing listing;
  const char *refusal = listing_refusal(b->m, scope->node, &listing);
  if (refusal != NULL) return;
  Str name = sym_str(&b->m->names_interner, scope->name);
  Candidate c = {.definition = scope->node, .start = listing.grown.assignment};
  c.owner = scope_class_of_method(b->m, s);
  if (is_dunder(name) || is_in_test(b, c.start) ||
      context_handler(b->m, scope->node) != HANDLER_NONE) {
    return;
  }
  bool is_method = scope_ok(c.owner);
  if (is_method && (!name_is_private(name) || b->receivers[s.i] != RECEIVER_SELF))
    return;
  NodeId defined = node_field(b->t, scope->node, FIELD_NAME);
  if (!def_ok(binding_only_def(b->m, binding_of(b->m, defined)))) return;
  c.is_local = scope_get(b->m, scope->parent)->kind != SCOPE_MODULE;
  if (listing.shared) c.flags |= LISTING_SHARED;
  if (is_method) {
    c.flags |= LISTING_METHOD;
    c.method = name;
    Sym sym = intern(&b->texts, name);
    map_put(&l->by_method, map_pair(c.owner.i, sym.i), l->all.count + 1);
  }
  vec_push(b->arena, &l->all, c);
}

// --- calls in this file --------------------------------------------------------------

static void call_read(Listings *l, Candidate *c, NodeId callee) {
  FactsBuilder *b = l->b;
  NodeId call = node_parent(b->t, node_wrap(b->t, callee)), place = NO_NODE;
  bool is_called = node_is(b->t, call, PY_CALL) &&
                   node_role(b->t, node_wrap(b->t, callee)) == FIELD_FUNCTION;
  if (!is_called || node_inside(b->t, callee, c->definition)) {
    c->is_dropped = true;
    return;
  }
  WalkKind kind = walk_of(b->m, call, &place);
  bool is_changed = kind == WALK_BUSY && (c->flags & LISTING_SHARED) != 0;
  if (kind == WALK_NOT || is_changed) c->is_dropped = true;
  bool counts = kind == WALK_BUSY || kind == WALK_QUIET;
  if (counts && !node_ok(c->walked) && !is_in_test(b, call)) c->walked = place;
}

static void function_read(Listings *l, Candidate *c) {
  FactsBuilder *b = l->b;
  NodeId name = node_field(b->t, c->definition, FIELD_NAME);
  const Binding *binding = binding_get(b->m, binding_of(b->m, name));
  for (RefId r = binding->first_ref; ref_ok(r) && !c->is_dropped;
       r = ref_next(b->m, r)) {
    NodeId node = ref_get(b->m, r)->node;
    if (node_is(b->t, node, PY_IDENTIFIER)) {
      call_read(l, c, node);
    } else {
      c->is_dropped = true;
    }
  }
}

// --- mentions of private attributes --------------------------------------------------

static void walk_add(Listings *l, Str name, uint32_t flags, NodeId walked) {
  FactsBuilder *b = l->b;
  Sym sym = intern(&b->texts, name);
  uint32_t at = map_get(&l->row_of, sym.i);
  if (at == 0) {
    vec_push(b->arena, &b->walks, (FactWalk){.name = {sym.i}});
    at = b->walks.count;
    map_put(&l->row_of, sym.i, at);
  }
  FactWalk *row = &b->walks.items[at - 1];
  row->flags |= flags;
  if (row->walked.i == 0) row->walked = place_of(walked);
}

static void attribute_read(Listings *l, NodeId attribute) {
  FactsBuilder *b = l->b;
  Str name = node_text(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE));
  if (!name_is_private(name)) return;
  uint32_t via = 0;
  ScopeId owner = class_of_receiver(b, node_field(b->t, attribute, FIELD_OBJECT), &via);
  bool is_self = scope_ok(owner) && via == OPERATION_VIA_SELF;
  NodeId wrapped = node_wrap(b->t, attribute);
  bool is_called = node_is(b->t, node_parent(b->t, wrapped), PY_CALL) &&
                   node_role(b->t, wrapped) == FIELD_FUNCTION;
  // It tells something of the methods found here alone.
  if (is_self && !is_called && l->by_method.count == 0) return;
  Sym sym = intern(&b->texts, name);
  uint32_t at = is_self ? map_get(&l->by_method, map_pair(owner.i, sym.i)) : 0;
  if (at != 0) {
    call_read(l, &l->all.items[at - 1], attribute);
    return;
  }
  Str defined = sym_str(&b->texts, (Sym){mangled_of(b, attribute, name).i});
  if (is_self && binding_ok(scope_lookup(b->m, owner, defined))) return;
  map_put(&l->elsewhere, sym.i, 1);
  // Inherited, or another object's: other files may hold its class.
  if (is_self && !is_called) return;
  walk_add(l, str_printf_in(b->arena, ".%.*s", STR_ARGS(name)), WALKS_NOT, NO_NODE);
}

// `getattr(self, "_" + name)` in a class: it may be any method of that, or of an heir.
static void getattr_read(Listings *l, NodeId call) {
  FactsBuilder *b = l->b;
  NodeId object, name;
  Str text;
  uint32_t via = 0;
  if (!node_text_is(b->t, node_field(b->t, call, FIELD_FUNCTION), "getattr") ||
      call_argument(b->m, call, 0, NULL, &object) != ARG_PRESENT ||
      call_argument(b->m, call, 1, NULL, &name) != ARG_PRESENT ||
      constant_str(b->m, name, &text)) {
    return;
  }
  ScopeId owner = class_of_receiver(b, object, &via);
  if (!scope_ok(owner)) return;
  map_put(&l->asks_names, owner.i, 1);
  l->asks_any = true;
}

static bool is_asked_elsewhere(const Listings *l, const Candidate *c) {
  const FactsBuilder *b = l->b;
  Sym sym = intern_find(&b->texts, c->method);
  NodeId class_node = scope_get(b->m, c->owner)->node;
  bool is_heir = node_ok(node_field(b->t, class_node, FIELD_SUPERCLASSES));
  return map_get(&l->elsewhere, sym.i) != 0 ||
         map_get(&l->asks_names, c->owner.i) != 0 || (l->asks_any && is_heir);
}

static void nodes_read(Listings *l) {
  FactsBuilder *b = l->b;
  for (uint32_t i = 1; i < b->t->count; i++) {
    NodeId n = {i};
    switch (node_kind(b->t, n)) {
      case PY_ATTRIBUTE: attribute_read(l, n); break;
      case PY_CALL:
        if (l->all.count > 0) getattr_read(l, n);
        break;
      default: break;
    }
  }
}

// --- functions of other files --------------------------------------------------------

// Not a class, constant or dunder: `f`, `_f`.
static bool may_be_function(Str name) {
  Str last = name_last_part(name);
  uint32_t i = 0;
  while (i < last.n && last.p[i] == '_') i++;
  return i < last.n && !is_dunder(last) && !(last.p[i] >= 'A' && last.p[i] <= 'Z');
}

static void mention_read(Listings *l, NodeId identifier) {
  FactsBuilder *b = l->b;
  NodeId e = node_wrap(b->t, identifier);
  for (NodeId up = node_parent(b->t, e);
       node_is(b->t, up, PY_ATTRIBUTE) && node_role(b->t, e) == FIELD_OBJECT;
       up = node_parent(b->t, e)) {
    e = node_wrap(b->t, up);
  }
  Str name = qualified_of(b, e);
  if (name.n == 0 || is_of_library(b, name) || !may_be_function(name)) return;
  NodeId call = node_parent(b->t, e), place = NO_NODE;
  WalkKind kind = WALK_NOT;
  if (node_is(b->t, call, PY_CALL) && node_role(b->t, e) == FIELD_FUNCTION) {
    kind = walk_of(b->m, call, &place);
  }
  if (is_in_test(b, e)) place = NO_NODE;
  switch (kind) {
    case WALK_NOT: walk_add(l, name, WALKS_NOT, NO_NODE); break;
    case WALK_COPIED: break;
    case WALK_BUSY: walk_add(l, name, WALKS_BUSILY, place); break;
    case WALK_QUIET: walk_add(l, name, WALKS_QUIETLY, place); break;
  }
}

static void mentions_read(Listings *l) {
  FactsBuilder *b = l->b;
  for (uint32_t s = 1; s < scope_count(b->m); s++) {
    BindingId n = scope_get(b->m, (ScopeId){s})->first_binding;
    for (; binding_ok(n); n = binding_get(b->m, n)->next) {
      const Binding *binding = binding_get(b->m, n);
      if (binding->owner.i != n.i || (binding->flags & BIND_IMPORTED) == 0) continue;
      for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
        NodeId node = ref_get(b->m, r)->node;
        if (node_is(b->t, node, PY_IDENTIFIER)) mention_read(l, node);
      }
    }
  }
}

// --- entry ---------------------------------------------------------------------------

void listings_collect(FactsBuilder *b) {
  Listings l = {.b = b,
                .by_method = map_in(b->arena),
                .elsewhere = map_in(b->arena),
                .asks_names = map_in(b->arena),
                .row_of = map_in(b->arena)};
  bool is_stub = (b->flags & FACTS_STUB) != 0;
  for (uint32_t i = 1; i < scope_count(b->m) && !is_stub; i++) {
    if (scope_get(b->m, (ScopeId){i})->kind != SCOPE_FUNCTION) continue;
    candidate_find(&l, (ScopeId){i});
  }
  nodes_read(&l);
  mentions_read(&l);
  for (uint32_t i = 0; i < l.all.count; i++) {
    Candidate *c = &l.all.items[i];
    if ((c->flags & LISTING_METHOD) == 0) {
      function_read(&l, c);
    } else if (is_asked_elsewhere(&l, c)) {
      c->is_dropped = true;
    }
    if (c->is_dropped || (c->is_local && !node_ok(c->walked))) continue;
    ScopeId s = scope_of(b->m, c->definition);
    vec_push(b->arena, &b->listings,
             (FactListing){.name = b->scope_names[s.i],
                           .place = place_of(c->start),
                           .walked = place_of(c->walked),
                           .flags = c->flags});
  }
}
