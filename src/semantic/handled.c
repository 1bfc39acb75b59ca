#include "semantic/handled.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/place_internal.h"
#include "semantic/rounds.h"

enum {
  CLIMB_LONGEST = 64,
  DEFS_FOLLOWED = 16,
  STOPS_READ = 24,
  REFS_FOLLOWED = 128,
  NODES_READ = 20000,
};

typedef struct Handling {
  Model *m;
  NodeId made;
  ScopeId scope;
  NodeId stops[STOPS_READ];
  uint32_t stop_count;
  DefId defs[DEFS_FOLLOWED];
  uint32_t head, tail;
  NodeId attribute;  // `self.rows`, where that is what it was assigned to
} Handling;

static Handled handled(HandledBy by, NodeId node) { return (Handled){by, node}; }

// --- calls ---------------------------------------------------------------------------

static bool method_logs(Str method) {
  static const char *const names[] = {"debug", "info",     "warning",   "warn",
                                      "error", "critical", "exception", "log"};
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(method, names[i])) return true;
  }
  return false;
}

// What it does with its arguments is over at once, or a matter of one of them: print,
// logging, `docs.append(rows)`, `int(rows["n"])`, `len(rows)`, `Error(rows)`.
static bool call_is_slight(Model *m, NodeId call) {
  Str name = name_of_callee(m, call), method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (str_is(name, "builtins.print") || str_starts(name, STR("logging."))) return true;
  if (node_ok(receiver) && method_logs(method)) return true;
  if (call_mutator(m, call) != NULL) return true;
  if (place_of(m->tree, node_wrap(m->tree, call)).kind == PLACE_RAISED) return true;
  bool works = call_codec(m, call) != NULL || call_parser(m, call) != NULL ||
               str_is(name, "copy.deepcopy");
  if (works) return false;
  return call_is_pure(m, call);
}

// An argument of a call: handled there, or what comes out is followed (`*next`).
static Handled argument_take(Handling *self, Place p, NodeId argument, NodeId *next) {
  Model *m = self->m;
  const SinkFact *sink = call_sink(m, p.node);
  *next = NO_NODE;
  if (sink != NULL && !str_is(sink->name, "builtins.len") &&
      sink_takes(m, sink, p.node, argument)) {
    if ((sink->flags & SINK_LAZY) == 0) return handled(HANDLED_BY_CALL, p.node);
    *next = p.node;
    return handled(HANDLED_NOT, NO_NODE);
  }
  Place outer = place_of(m->tree, node_wrap(m->tree, p.node));
  if (outer.kind == PLACE_AWAITED) return handled(HANDLED_BY_AWAIT, outer.node);
  const ParserFact *parser = call_parser(m, p.node);
  if (parser != NULL && (parser->flags & PARSES_PASSES) != 0) {
    *next = p.node;  // a buffer or view over it
    return handled(HANDLED_NOT, NO_NODE);
  }
  if (call_is_slight(m, p.node)) return handled(HANDLED_NOT, NO_NODE);
  return handled(HANDLED_BY_CALL, p.node);
}

// A method or attribute of the value: `rows.get("items")` is a part of it.
static Handled member_take(Handling *self, NodeId attribute, NodeId *next) {
  Model *m = self->m;
  Place outer = place_of(m->tree, node_wrap(m->tree, attribute));
  *next = attribute;
  if (outer.kind != PLACE_CALLEE) return handled(HANDLED_NOT, NO_NODE);
  Str method = node_text(m->tree, node_field(m->tree, attribute, FIELD_ATTRIBUTE));
  bool looks = call_is_pure(m, outer.node) || call_result(m, outer.node) != NULL ||
               str_is(method, "get");
  *next = looks ? outer.node : NO_NODE;
  if (looks || call_mutator(m, outer.node) != NULL || method_logs(method)) {
    return handled(HANDLED_NOT, NO_NODE);
  }
  return handled(HANDLED_BY_CALL, outer.node);
}

// --- where it goes -------------------------------------------------------------------

static void def_follow(Handling *self, NodeId target) {
  DefId def = def_at(self->m, target);
  if (!def_ok(def) || self->tail == DEFS_FOLLOWED) return;
  for (uint32_t i = 0; i < self->tail; i++) {
    if (self->defs[i].i == def.i) return;
  }
  self->defs[self->tail++] = def;
}

static void targets_follow(Handling *self, NodeId assignment) {
  const Tree *t = self->m->tree;
  for (uint32_t i = 0; i < DEFS_FOLLOWED && node_is(t, assignment, PY_ASSIGNMENT);
       i++) {
    NodeId left = node_field(t, assignment, FIELD_LEFT);
    if (node_is(t, left, PY_ATTRIBUTE)) self->attribute = left;
    for (NodeId n = left; n.i < node_after(t, left); n.i++) {
      if (node_is(t, n, PY_IDENTIFIER)) def_follow(self, n);
    }
    assignment = node_parent(t, assignment);
  }
}

static bool loop_takes_long(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  bool plain =
      node_is(t, loop, PY_FOR_STATEMENT) || node_is(t, loop, PY_WHILE_STATEMENT);
  return !plain || !loop_has_few_rounds(m, loop);
}

static Handled iterated_take(Handling *self, NodeId node, NodeId *next) {
  const Tree *t = self->m->tree;
  *next = NO_NODE;
  if (node_is(t, node, PY_YIELD)) return handled(HANDLED_BY_YIELD, node);
  if (!node_is(t, node, PY_FOR_IN_CLAUSE)) {
    return loop_takes_long(self->m, node) ? handled(HANDLED_BY_LOOP, node)
                                          : handled(HANDLED_NOT, NO_NODE);
  }
  NodeId comprehension = node_parent(t, node);
  if (!node_is(t, comprehension, PY_GENERATOR_EXPRESSION)) {
    return handled(HANDLED_BY_LOOP, comprehension);
  }
  *next = comprehension;  // walked through by whoever gets it
  return handled(HANDLED_NOT, NO_NODE);
}

static Handled climb(Handling *self, NodeId e) {
  const Tree *t = self->m->tree;
  for (uint32_t step = 0; step < CLIMB_LONGEST && node_ok(e); step++) {
    Place p = place_of(t, e);
    Handled found = {HANDLED_NOT, NO_NODE};
    NodeId next = NO_NODE;
    switch (p.kind) {
      case PLACE_SAME: next = p.node; break;
      case PLACE_NAMED:
        def_follow(self, node_field(t, p.node, FIELD_NAME));
        next = p.node;
        break;
      case PLACE_ELEMENT:
        if (!place_is_comprehension(node_kind(t, p.node))) next = p.node;
        break;
      case PLACE_SPLAT:
        if (!node_is(t, p.node, PY_CALL)) {
          next = p.node;
        } else if (!call_is_slight(self->m, p.node)) {
          found = handled(HANDLED_BY_CALL, p.node);
        }
        break;
      case PLACE_ARGUMENT: found = argument_take(self, p, e, &next); break;
      case PLACE_ATTRIBUTE: found = member_take(self, p.node, &next); break;
      case PLACE_ITEM:
        if (place_of(t, p.node).kind != PLACE_TARGET) next = p.node;
        break;
      case PLACE_ASSIGNED: targets_follow(self, p.node); break;
      case PLACE_ITERATED: found = iterated_take(self, p.node, &next); break;
      case PLACE_AWAITED: return handled(HANDLED_BY_AWAIT, p.node);
      case PLACE_YIELDED: return handled(HANDLED_BY_YIELD, p.node);
      case PLACE_CALLEE: return handled(HANDLED_BY_CALL, p.node);
      default: break;
    }
    if (found.by != HANDLED_NOT) return found;
    e = next;
  }
  return handled(HANDLED_NOT, NO_NODE);
}

// --- afterwards ----------------------------------------------------------------------

static bool comes_after(const Handling *self, NodeId node) {
  return flow_reaches_avoiding(self->m, self->made, node, self->stops,
                               self->stop_count) == ANSWER_YES;
}

// A loop that mentions it and does not hold the place where it is made.
static Handled loop_around_mention(const Handling *self, NodeId node) {
  Model *m = self->m;
  Handled found = {HANDLED_NOT, NO_NODE};
  for (NodeId loop = loop_around(m, node, NO_NODE);
       node_ok(loop) && !node_inside(m->tree, self->made, loop);
       loop = loop_around(m, node, loop)) {
    if (loop_takes_long(m, loop)) found = handled(HANDLED_BY_LOOP, loop);
  }
  return found;
}

static Handled mention_take(Handling *self, NodeId node) {
  if (!node_is(self->m->tree, node, PY_IDENTIFIER) &&
      !node_is(self->m->tree, node, PY_ATTRIBUTE)) {
    return handled(HANDLED_NOT, NO_NODE);
  }
  Handled found = climb(self, node);
  Handled loop = loop_around_mention(self, node);
  return loop.by != HANDLED_NOT ? loop : found;
}

// Of a variable that comprehensions read: they run where they stand.
static Handled inner_mentions_take(Handling *self, BindingId binding) {
  Model *m = self->m;
  uint32_t read = 0;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    const Ref *ref = ref_get(m, r);
    if (++read > REFS_FOLLOWED) break;
    if (ref->scope.i == self->scope.i) continue;
    NodeId outermost = NO_NODE;
    ScopeId s = ref->scope;
    while (scope_get(m, s)->kind == SCOPE_COMPREHENSION) {
      outermost = scope_get(m, s)->node;
      s = scope_get(m, s)->parent;
    }
    if (s.i == self->scope.i && node_ok(outermost) && comes_after(self, outermost)) {
      return handled(HANDLED_BY_LOOP, outermost);
    }
  }
  return handled(HANDLED_NOT, NO_NODE);
}

static Handled uses_take(Handling *self, DefId def) {
  Model *m = self->m;
  RefList uses = flow_uses_of(m, def);
  for (uint32_t i = 0; i < uses.count && i < REFS_FOLLOWED; i++) {
    NodeId node = ref_get(m, uses.items[i])->node;
    if (ref_get(m, uses.items[i])->scope.i != self->scope.i) continue;
    if (!comes_after(self, node)) continue;
    Handled found = mention_take(self, node);
    if (found.by != HANDLED_NOT) return found;
  }
  return uses.escapes_scope ? inner_mentions_take(self, def_get(m, def)->binding)
                            : handled(HANDLED_NOT, NO_NODE);
}

// `self.rows = json.loads(raw)`: every mention of `self.rows` in the function.
static Handled attribute_mentions_take(Handling *self, NodeId last) {
  Model *m = self->m;
  const Tree *t = m->tree;
  Str text = node_text(t, self->attribute);
  for (NodeId n = {node_after(t, self->made)}; n.i < last.i; n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE) || !str_eq(node_text(t, n), text)) continue;
    if (scope_at(m, n).i != self->scope.i || !comes_after(self, n)) continue;
    Handled found = mention_take(self, n);
    if (found.by != HANDLED_NOT) return found;
  }
  return handled(HANDLED_NOT, NO_NODE);
}

// Others run while both are alive: an await or yield before the value's last use.
static Handled pause_find(Handling *self, NodeId last) {
  Model *m = self->m;
  const Tree *t = m->tree;
  if (self->tail == 0) return handled(HANDLED_NOT, NO_NODE);
  BindingId binding = def_get(m, self->defs[0])->binding;
  for (NodeId n = {node_after(t, self->made)}; n.i < last.i; n.i++) {
    bool awaits = node_is(t, n, PY_AWAIT), yields = node_is(t, n, PY_YIELD);
    if ((!awaits && !yields) || scope_at(m, n).i != self->scope.i) continue;
    if (flow_is_live_after(m, binding, n) == ANSWER_YES && comes_after(self, n)) {
      return handled(awaits ? HANDLED_BY_AWAIT : HANDLED_BY_YIELD, n);
    }
  }
  return handled(HANDLED_NOT, NO_NODE);
}

Handled handled_after(Model *m, NodeId made, BindingId meanwhile) {
  Handling self = {.m = m, .made = made, .scope = scope_at(m, made)};
  for (DefId d = def_first(m, meanwhile); def_ok(d); d = def_next(m, d)) {
    if (self.stop_count == STOPS_READ) return handled(HANDLED_NOT, NO_NODE);
    self.stops[self.stop_count++] = def_get(m, d)->node;
  }
  Handled found = climb(&self, made);
  while (found.by == HANDLED_NOT && self.head < self.tail) {
    found = uses_take(&self, self.defs[self.head++]);
  }
  NodeId function = scope_get(m, self.scope)->node;
  NodeId last = {node_after(m->tree, function)};
  if (found.by != HANDLED_NOT || last.i - function.i > NODES_READ) return found;
  if (node_ok(self.attribute)) found = attribute_mentions_take(&self, last);
  return found.by != HANDLED_NOT ? found : pause_find(&self, last);
}
