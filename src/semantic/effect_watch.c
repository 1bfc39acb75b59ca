#include "semantic/effect_internal.h"

enum {
  QUEUE_LIMIT = 64,  // expressions looked at for one question
  DEF_LIMIT = 16,    // definitions of one name that are followed
  REF_LIMIT = 512,   // uses of one name that are searched for aliases
  NUMBER_STEPS = 8,  // operators around one name
};

typedef struct Wanted {
  NodeId expression;
  bool alias, inside, number;
} Wanted;

typedef struct Collector {
  Model *m;
  WatchList *out;
  Wanted queue[QUEUE_LIMIT];
  uint32_t head, tail;
  ScopeId reader;
} Collector;

static void queue_wanted(Collector *c, Wanted wanted) {
  if (!node_ok(wanted.expression)) return;
  if (c->tail == QUEUE_LIMIT) {
    c->out->overflow = true;
    return;
  }
  c->queue[c->tail++] = wanted;
}

static void queue_put(Collector *c, NodeId expression, bool alias, bool inside) {
  queue_wanted(c, (Wanted){expression, alias, inside, false});
}

// --- paths ---------------------------------------------------------------------------

static bool path_of(const Model *m, NodeId expression, Watch *out) {
  const Tree *t = m->tree;
  NodeId chain[PATH_PARTS];
  uint32_t count = 0;
  NodeId e = node_unwrap(t, expression);
  while (node_is(t, e, PY_ATTRIBUTE)) {
    if (count == PATH_PARTS) return false;
    chain[count++] = e;
    e = node_unwrap(t, node_field(t, e, FIELD_OBJECT));
  }
  if (!node_is(t, e, PY_IDENTIFIER)) return false;
  *out = (Watch){.root = binding_of(m, e), .part_count = count};
  for (uint32_t i = 0; i < count; i++) {
    NodeId name = node_field(t, chain[count - 1 - i], FIELD_ATTRIBUTE);
    out->parts[i] = node_text(t, name);
  }
  return binding_ok(out->root);
}

NodeId watch_match(const Model *m, NodeId identifier, const Watch *watch) {
  const Tree *t = m->tree;
  NodeId e = node_wrap(t, identifier);
  for (uint32_t i = 0; i < watch->part_count; i++) {
    NodeId attribute = node_parent(t, e);
    if (!node_is(t, attribute, PY_ATTRIBUTE) || node_role(t, e) != FIELD_OBJECT) {
      return NO_NODE;
    }
    NodeId name = node_field(t, attribute, FIELD_ATTRIBUTE);
    if (!str_eq(node_text(t, name), watch->parts[i])) return NO_NODE;
    e = node_wrap(t, attribute);
  }
  return e;
}

static bool watch_same(const Watch *a, const Watch *b) {
  if (a->root.i != b->root.i || a->part_count != b->part_count ||
      a->number != b->number) {
    return false;
  }
  for (uint32_t i = 0; i < a->part_count; i++) {
    if (!str_eq(a->parts[i], b->parts[i])) return false;
  }
  return true;
}

static void watch_add(Collector *c, Watch watch) {
  WatchList *out = c->out;
  for (uint32_t i = 0; i < out->count; i++) {
    if (!watch_same(&out->items[i], &watch)) continue;
    if (out->items[i].from.i != watch.from.i) out->items[i].from = (DefId){0};
    out->items[i].alias &= watch.alias;
    out->items[i].inside |= watch.inside;
    return;
  }
  if (out->count == WATCH_LIMIT) {
    out->overflow = true;
    return;
  }
  out->items[out->count++] = watch;
}

bool binding_is_shared(const Model *m, BindingId binding, ScopeId reader) {
  const Binding *b = binding_get(m, binding);
  ScopeKind kind = scope_get(m, b->scope)->kind;
  if (kind == SCOPE_MODULE || kind == SCOPE_CLASS || !binding_ok(binding)) return true;
  return scope_function(m, b->scope).i != scope_function(m, reader).i;
}

// --- what an expression denotes ------------------------------------------------------

// What `range` and slices are given are numbers, and sums of numbers.
static bool is_number(Model *m, NodeId e) {
  const Tree *t = m->tree;
  for (uint32_t step = 0; step < NUMBER_STEPS; step++) {
    Place p = place_of(t, place_outermost(t, e));
    if (p.kind == PLACE_INDEX) return node_is(t, p.node, PY_SLICE);
    if (p.kind == PLACE_ARGUMENT) {
      return str_is(name_of_callee(m, p.node), "builtins.range");
    }
    bool sum =
        node_is(t, p.node, PY_BINARY_OPERATOR) || node_is(t, p.node, PY_UNARY_OPERATOR);
    if (p.kind != PLACE_OPERAND || !sum) return false;
    e = p.node;
  }
  return false;
}

// `store.rows(key)`, a method that nobody knows: it may walk through anything that the
// object holds.
static NodeId walked_owner(Model *m, NodeId e) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, e, &method);
  if (!node_ok(receiver) || name_of_callee(m, e).n != 0 || call_result(m, e) != NULL) {
    return NO_NODE;
  }
  Value v = value_of(m, e);
  bool unknown = value_is_iterator(v) || v.kind == VALUE_VIEW;
  return unknown ? node_wrap(m->tree, receiver) : NO_NODE;
}

// The names and attributes that a call, a generator or an operation reads.
static void collect_inside(Collector *c, NodeId e, bool alias) {
  const Model *m = c->m;
  const Tree *t = m->tree;
  if (expression_is_vast(t, e)) {
    c->out->overflow = true;
    return;
  }
  NodeId owner = walked_owner(c->m, e);
  for (NodeId n = e; n.i < node_after(t, e); n.i++) {
    if (!node_is(t, n, PY_IDENTIFIER)) continue;
    BindingId b = binding_of(m, n);
    if (!binding_ok(b) || !ref_ok(ref_at(m, n))) continue;
    if (node_inside(t, scope_get(m, binding_get(m, b)->scope)->node, e)) continue;
    NodeId path = n;
    Place p = place_of(t, path);
    while (p.kind == PLACE_ATTRIBUTE &&
           place_of(t, node_wrap(t, p.node)).kind != PLACE_CALLEE) {
      path = node_wrap(t, p.node);
      p = place_of(t, path);
    }
    if (p.kind == PLACE_CALLEE) continue;
    bool number = node_eq(path, n) && is_number(c->m, n);
    queue_wanted(c, (Wanted){path, alias, node_eq(path, owner), number});
    if (c->out->overflow) return;
  }
}

static void collect(Collector *c, Wanted wanted) {
  const Tree *t = c->m->tree;
  NodeId e = node_unwrap(t, wanted.expression);
  Watch watch;
  switch (node_kind(t, e)) {
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE:
      if (path_of(c->m, e, &watch)) {
        // Bound here to the object: other definitions of the name are others.
        if (wanted.alias && watch.part_count == 0) watch.from = def_at(c->m, e);
        watch.alias = wanted.alias;
        watch.inside = wanted.inside;
        watch.number = wanted.number;
        watch_add(c, watch);
      } else {
        c->out->shared = true;
        if (node_is(t, e, PY_ATTRIBUTE)) collect_inside(c, e, true);
      }
      break;
    case PY_SUBSCRIPT:
      c->out->shared = true;
      queue_put(c, node_field(t, e, FIELD_VALUE), true, true);
      break;
    case PY_CONDITIONAL_EXPRESSION:
      queue_put(c, node_named_at(t, e, 0), wanted.alias, wanted.inside);
      queue_put(c, node_named_at(t, e, 2), wanted.alias, wanted.inside);
      break;
    case PY_BOOLEAN_OPERATOR:
      queue_put(c, node_field(t, e, FIELD_LEFT), wanted.alias, wanted.inside);
      queue_put(c, node_field(t, e, FIELD_RIGHT), wanted.alias, wanted.inside);
      break;
    case PY_NAMED_EXPRESSION:
      queue_put(c, node_field(t, e, FIELD_VALUE), wanted.alias, wanted.inside);
      break;
    default: collect_inside(c, e, wanted.alias); break;
  }
}

// --- aliases -------------------------------------------------------------------------

// The other targets of `a = b = value`, from one of the assignments.
static void chain_add(Collector *c, NodeId assignment) {
  const Tree *t = c->m->tree;
  NodeId top = assignment;
  for (uint32_t i = 0; i < QUEUE_LIMIT && node_role(t, top) == FIELD_RIGHT &&
                       node_is(t, node_parent(t, top), PY_ASSIGNMENT);
       i++) {
    top = node_parent(t, top);
  }
  for (uint32_t i = 0; i < QUEUE_LIMIT && node_is(t, top, PY_ASSIGNMENT); i++) {
    NodeId left = node_field(t, top, FIELD_LEFT);
    if (node_is(t, left, PY_SUBSCRIPT)) c->out->shared = true;
    if (node_is(t, left, PY_IDENTIFIER) || node_is(t, left, PY_ATTRIBUTE)) {
      queue_put(c, left, true, false);
    }
    top = node_field(t, top, FIELD_RIGHT);
  }
}

// What a name was assigned from: the same object, something lazy over it, or news.
static void value_follow(Collector *c, NodeId value) {
  const Tree *t = c->m->tree;
  NodeId e = node_unwrap(t, value);
  switch (node_kind(t, e)) {
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT:
    case PY_CONDITIONAL_EXPRESSION:
    case PY_BOOLEAN_OPERATOR:
    case PY_NAMED_EXPRESSION:
    case PY_GENERATOR_EXPRESSION: queue_put(c, e, true, false); return;
    default: break;
  }
  if (node_is(t, e, PY_CALL) && call_open(c->m, e) != NULL) return;
  Value v = value_of(c->m, e);
  if (value_is_iterator(v) || v.kind == VALUE_VIEW) {
    queue_put(c, e, true, false);
  } else if (!expression_is_fresh(c->m, e)) {
    c->out->shared = true;
  }
}

static void def_follow(Collector *c, const Def *def) {
  const Tree *t = c->m->tree;
  switch (def->kind) {
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS:
    case DEF_WITH:
      if (def->flags & DEF_UNPACKED) {
        c->out->shared = true;
        return;
      }
      if (node_ok(def->value)) value_follow(c, def->value);
      if (node_is(t, node_parent(t, def->node), PY_ASSIGNMENT)) {
        chain_add(c, node_parent(t, def->node));
      }
      return;
    case DEF_FOR:
    case DEF_COMPREHENSION:
    case DEF_MATCH: c->out->shared = true; return;
    default: return;
  }
}

// `a, b = xs, ys`: the target at the same place.
static NodeId target_beside(const Tree *t, NodeId display, NodeId element) {
  Place p = place_of(t, display);
  NodeId left = p.kind == PLACE_ASSIGNED ? node_field(t, p.node, FIELD_LEFT) : NO_NODE;
  PyKind kind = node_kind(t, left);
  bool pattern = kind == PY_PATTERN_LIST || kind == PY_TUPLE_PATTERN;
  if (!pattern || node_ok(node_child(t, left, PY_LIST_SPLAT_PATTERN))) return NO_NODE;
  NodeId target = node_first_named(t, left), e = node_first_named(t, display);
  while (node_ok(e) && node_ok(target) && !node_inside(t, element, e)) {
    if (node_is(t, e, PY_LIST_SPLAT)) return NO_NODE;
    e = node_next_named(t, e);
    target = node_next_named(t, target);
  }
  return node_ok(e) ? target : NO_NODE;
}

// `ys = xs`, `(ys := xs)`, `self.xs = xs`, `box[k] = xs`.
static void ref_follow(Collector *c, NodeId identifier, const Watch *watch) {
  const Tree *t = c->m->tree;
  NodeId e = watch_match(c->m, identifier, watch);
  Watch bare = {.root = watch->root};
  bool is_owner = !node_ok(e);  // `me = self`, where `self.xs` is watched
  if (is_owner) e = watch_match(c->m, identifier, &bare);
  NodeId outer = place_outermost(t, e);
  Place p = place_of(t, outer);
  if (p.kind == PLACE_ELEMENT && !is_owner) {
    NodeId target = target_beside(t, p.node, outer);
    bool plain = node_is(t, target, PY_IDENTIFIER) || node_is(t, target, PY_ATTRIBUTE);
    if (plain) queue_put(c, target, true, false);
    return;
  }
  if (p.kind != PLACE_ASSIGNED && p.kind != PLACE_NAMED) return;
  if (!is_owner && p.kind == PLACE_ASSIGNED) {
    chain_add(c, p.node);
  } else if (!is_owner) {
    queue_put(c, node_field(t, p.node, FIELD_NAME), true, false);
  } else {
    Watch other;
    PyField field = p.kind == PLACE_ASSIGNED ? FIELD_LEFT : FIELD_NAME;
    if (!path_of(c->m, node_field(t, p.node, field), &other)) return;
    if (other.part_count + watch->part_count > PATH_PARTS) {
      c->out->overflow = true;
      return;
    }
    memcpy(other.parts + other.part_count, watch->parts,
           watch->part_count * sizeof *watch->parts);
    other.part_count += watch->part_count;
    other.alias = true;
    watch_add(c, other);
  }
}

// `o = self.owner`, where `o.items` is watched: `self.owner.items` is the same object.
static void owner_follow(Collector *c, const Watch *watch) {
  const Def *def = def_get(c->m, binding_only_def(c->m, watch->root));
  bool plain = def->kind == DEF_ASSIGN && (def->flags & DEF_UNPACKED) == 0;
  Watch owner;
  if (!plain || !path_of(c->m, def->value, &owner)) return;
  if (owner.part_count + watch->part_count > PATH_PARTS) {
    c->out->overflow = true;
    return;
  }
  memcpy(owner.parts + owner.part_count, watch->parts,
         watch->part_count * sizeof *watch->parts);
  owner.part_count += watch->part_count;
  owner.alias = true;
  watch_add(c, owner);
}

static void watch_follow(Collector *c, Watch watch) {
  const Model *m = c->m;
  if (watch.part_count > 0 || binding_is_shared(m, watch.root, c->reader)) {
    c->out->shared = true;
  }
  if (watch.number) return;
  DefKind first = def_get(m, def_first(m, watch.root))->kind;
  if (first == DEF_IMPORT || first == DEF_IMPORT_FROM) c->out->foreign = true;
  if (watch.part_count > 0) {
    owner_follow(c, &watch);
  } else if (def_ok(watch.from)) {
    def_follow(c, def_get(m, watch.from));
  } else if (binding_get(m, watch.root)->def_count > DEF_LIMIT) {
    c->out->shared = true;
  } else {
    for (DefId d = def_first(m, watch.root); def_ok(d); d = def_next(m, d)) {
      def_follow(c, def_get(m, d));
    }
  }
  if (binding_get(m, watch.root)->ref_count > REF_LIMIT) {
    c->out->overflow = true;
    return;
  }
  for (RefId r = ref_first(m, watch.root); ref_ok(r); r = ref_next(m, r)) {
    NodeId node = ref_get(m, r)->node;
    if (node_is(m->tree, node, PY_IDENTIFIER)) ref_follow(c, node, &watch);
  }
}

static void collector_run(Collector *c) {
  uint32_t followed = 0;
  while (c->head < c->tail || followed < c->out->count) {
    if (c->head < c->tail) {
      collect(c, c->queue[c->head++]);
    } else {
      watch_follow(c, c->out->items[followed++]);
    }
  }
}

void watch_collect(Model *m, NodeId source, WatchList *out) {
  *out = (WatchList){0};
  Collector c = {.m = m, .out = out, .reader = scope_at(m, source)};
  queue_put(&c, source, false, false);
  collector_run(&c);
}

void watch_collect_binding(Model *m, BindingId binding, WatchList *out) {
  *out = (WatchList){0};
  Collector c = {.m = m, .out = out, .reader = binding_get(m, binding)->scope};
  if (!binding_ok(binding)) {
    out->overflow = true;
    return;
  }
  watch_add(&c, (Watch){.root = binding});
  collector_run(&c);
}
