#include "index/facts_internal.h"

// Classes of what a file puts into its containers, where values do not tell. A container is
// a variable, or an attribute of a class. One pass, when first asked for, says where things
// are put into which; what they are is worked out for containers that are asked about.

enum { WRAPS_MAX = 6, NO_ONE_CLASS = 1 };

static uint64_t container_key(FactsBuilder *b, NodeId container) {
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, container);
  if (node_is(t, e, PY_IDENTIFIER)) return map_pair(binding_of(b->m, e).i, 0);
  if (!node_is(t, e, PY_ATTRIBUTE)) return 0;
  uint32_t via = 0;
  ScopeId owner = class_of_receiver(b, node_field(t, e, FIELD_OBJECT), &via);
  Str name = node_text(t, node_field(t, e, FIELD_ATTRIBUTE));
  return scope_ok(owner) ? map_pair(owner.i, text_of(b, name).i) : 0;
}

// `points.append(Point(1))`, `seen.add(point)`, `queue.insert(0, point)`.
static NodeId put_by_call(FactsBuilder *b, NodeId call, NodeId *element) {
  Str method = STR_NONE;
  NodeId container = call_receiver(b->m, call, &method);
  uint32_t position = str_is(method, "insert") ? 1 : 0;
  bool is_put = str_is(method, "append") || str_is(method, "add") ||
                str_is(method, "appendleft") || position == 1;
  bool is_told = node_ok(container) && is_put &&
                 call_argument(b->m, call, position, NULL, element) == ARG_PRESENT;
  return is_told ? container : NO_NODE;
}

// `table[key] = Point(1)`, `self.points: list[Point] = []`.
static NodeId put_by_assignment(const Tree *t, NodeId assignment) {
  NodeId left = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  return node_is(t, left, PY_SUBSCRIPT) ? node_field(t, left, FIELD_VALUE) : left;
}

static void puts_find(FactsBuilder *b) {
  const Tree *t = b->t;
  b->elements_known = true;
  b->elements = map_in(b->arena);
  b->puts_of = map_in(b->arena);
  vec_push(b->arena, &b->puts, (Put){0});
  for (uint32_t i = 1; i < t->count; i++) {
    PyKind kind = node_kind(t, (NodeId){i});
    if (kind != PY_CALL && kind != PY_ASSIGNMENT) continue;
    NodeId element, container = kind == PY_CALL ? put_by_call(b, (NodeId){i}, &element)
                                                : put_by_assignment(t, (NodeId){i});
    uint64_t key = node_ok(container) ? container_key(b, container) : 0;
    if (key == 0) continue;
    vec_push(b->arena, &b->puts, ((Put){{i}, map_get(&b->puts_of, key)}));
    map_put(&b->puts_of, key, b->puts.count - 1);
  }
}

static Str class_of_value(FactsBuilder *b, NodeId node) {
  Value v = value_of(b->m, node);
  return v.kind == VALUE_INSTANCE ? v.class_name : STR_NONE;
}

// The class of what is put in; false when nothing is, as by `points = []`.
static bool put_read(FactsBuilder *b, NodeId put, Str *class_name) {
  const Tree *t = b->t;
  NodeId element;
  if (node_is(t, put, PY_CALL)) {
    put_by_call(b, put, &element);
    *class_name = class_of_value(b, element);
    return true;
  }
  bool is_item =
      node_is(t, node_unwrap(t, node_field(t, put, FIELD_LEFT)), PY_SUBSCRIPT);
  NodeId type = node_field(t, put, FIELD_TYPE), right = node_field(t, put, FIELD_RIGHT);
  if (node_ok(type) && !is_item) {
    *class_name = value_of_annotation(b->m, type).element_class;
    return class_name->n != 0;
  }
  if (!node_ok(right)) return false;
  if (is_item) {
    *class_name = class_of_value(b, right);
    return true;
  }
  Value v = value_of(b->m, right);
  *class_name = v.element_class;
  return value_is_container(v) && v.high != 0;
}

static uint32_t elements_find(FactsBuilder *b, uint64_t key) {
  uint32_t found = 0;
  for (uint32_t i = map_get(&b->puts_of, key); i != 0; i = b->puts.items[i].next) {
    Str name = STR_NONE;
    if (!put_read(b, b->puts.items[i].node, &name)) continue;
    uint32_t one = name.n == 0 ? NO_ONE_CLASS : text_of(b, name).i + 1;
    found = found == 0 || found == one ? one : NO_ONE_CLASS;
    if (found == NO_ONE_CLASS) break;
  }
  return found != 0 ? found : NO_ONE_CLASS;
}

// What gives the same elements: `sorted(points)`, `points[1:]`, `table.values()`,
// `enumerate(points)` for the second of a pair.
static NodeId wrapped(FactsBuilder *b, NodeId e, bool *is_second) {
  const Tree *t = b->t;
  if (node_is(t, e, PY_SUBSCRIPT)) {
    bool is_slice = node_is(t, node_field(t, e, FIELD_SUBSCRIPT), PY_SLICE);
    return is_slice ? node_field(t, e, FIELD_VALUE) : NO_NODE;
  }
  if (!node_is(t, e, PY_CALL)) return NO_NODE;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, e, &method);
  bool is_items = str_is(method, "items") && *is_second;
  if (node_ok(receiver) && (str_is(method, "values") || is_items)) {
    if (is_items) *is_second = false;
    return receiver;
  }
  static const char *const same[] = {"builtins.iter",     "builtins.list",
                                     "builtins.reversed", "builtins.set",
                                     "builtins.sorted",   "builtins.tuple"};
  Str name = name_of_callee(b->m, e);
  bool is_same = str_is(name, "builtins.enumerate") && *is_second;
  if (is_same) *is_second = false;
  for (size_t i = 0; i < sizeof same / sizeof *same && !is_same; i++) {
    is_same = str_is(name, same[i]);
  }
  return is_same ? node_first_named(t, node_field(t, e, FIELD_ARGUMENTS)) : NO_NODE;
}

// What a function of this file returns under a name: `return points`.
static NodeId returned_name(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION)), found = NO_NODE;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, callee)));
  if (!node_is(t, call, PY_CALL) || d->kind != DEF_FUNCTION) return NO_NODE;
  uint32_t after = node_after(t, d->value);
  for (uint32_t i = d->value.i; i < after; i++) {
    if (!node_is(t, (NodeId){i}, PY_RETURN_STATEMENT)) continue;
    NodeId value = node_unwrap(t, node_first_named(t, (NodeId){i}));
    bool is_other = node_ok(found) || !node_is(t, value, PY_IDENTIFIER);
    if (is_other || !node_eq(context_of(b->m, value).function, d->value))
      return NO_NODE;
    found = value;
  }
  return found;
}

// The name behind `found = points(rows)`, or what is walked through itself.
static NodeId made_by(FactsBuilder *b, NodeId e) {
  NodeId call = e;
  if (node_is(b->t, e, PY_IDENTIFIER)) {
    const Def *d = def_get(b->m, flow_only_def(b->m, e));
    if (d->kind == DEF_ASSIGN && (d->flags & DEF_UNPACKED) == 0) {
      call = node_unwrap(b->t, d->value);
    }
  }
  NodeId name = returned_name(b, call);
  return node_ok(name) ? name : e;
}

static NodeId unwrapped(FactsBuilder *b, NodeId expression, bool *is_second) {
  NodeId e = node_unwrap(b->t, expression);
  for (uint32_t i = 0; i < WRAPS_MAX; i++) {
    NodeId inner = wrapped(b, e, is_second);
    if (!node_ok(inner)) break;
    e = node_unwrap(b->t, inner);
  }
  return e;
}

// What a loop's variable walks through, with what gives the same elements taken off.
static NodeId walked_by(FactsBuilder *b, NodeId object) {
  NodeId name = node_unwrap(b->t, object);
  if (!node_is(b->t, name, PY_IDENTIFIER)) return NO_NODE;
  const Def *d = def_get(b->m, flow_only_def(b->m, name));
  if (d->kind != DEF_FOR && d->kind != DEF_COMPREHENSION) return NO_NODE;
  bool is_second = (d->flags & DEF_UNPACKED) != 0 && d->index == 1;
  NodeId e = unwrapped(b, d->value, &is_second);
  return is_second ? NO_NODE : e;
}

static Str class_in(FactsBuilder *b, NodeId container) {
  if (!b->elements_known) puts_find(b);
  uint64_t key = container_key(b, made_by(b, container));
  if (key == 0) return STR_NONE;
  uint32_t found = map_get(&b->elements, key);
  if (found == 0) {
    found = elements_find(b, key);
    map_put(&b->elements, key, found);
  }
  return found <= NO_ONE_CLASS ? STR_NONE : sym_str(&b->texts, (Sym){found - 1});
}

Str class_of_elements(FactsBuilder *b, NodeId iterable) {
  bool is_second = false;
  Str name = value_of(b->m, iterable).element_class;
  return name.n != 0 ? name : class_in(b, unwrapped(b, iterable, &is_second));
}

Str class_of_loop_variable(FactsBuilder *b, NodeId object) {
  NodeId e = walked_by(b, object);
  return node_ok(e) ? class_in(b, e) : STR_NONE;
}

Str giver_of_loop_variable(FactsBuilder *b, NodeId object) {
  NodeId e = walked_by(b, object);
  if (node_is(b->t, e, PY_IDENTIFIER)) {
    const Def *d = def_get(b->m, flow_only_def(b->m, e));
    if (d->kind != DEF_ASSIGN || (d->flags & DEF_UNPACKED) != 0) return STR_NONE;
    e = node_unwrap(b->t, d->value);
  }
  if (!node_is(b->t, e, PY_CALL)) return STR_NONE;
  Str name = qualified_of(b, node_field(b->t, e, FIELD_FUNCTION));
  return is_of_library(b, name) ? STR_NONE : name;
}
