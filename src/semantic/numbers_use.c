// What is done with a list of numbers.
#include "semantic/numbers_internal.h"
#include "semantic/pass.h"
#include "semantic/value_internal.h"

// --- which expressions ---------------------------------------------------------------

bool is_list(Scan *s, NodeId expression) {
  NodeId e = node_unwrap(s->t, expression);
  if (node_is(s->t, e, PY_ATTRIBUTE)) {
    NodeId name = node_field(s->t, e, FIELD_ATTRIBUTE);
    return s->attribute.n != 0 && str_eq(node_text(s->t, name), s->attribute);
  }
  if (!node_is(s->t, e, PY_IDENTIFIER)) return false;
  BindingId id = binding_of(s->m, e);
  for (uint32_t i = 0; i < s->name_count; i++) {
    if (s->names[i].i == id.i) return true;
  }
  return false;
}

static bool is_slice(const Tree *t, NodeId subscript) {
  return node_is(t, node_field(t, subscript, FIELD_SUBSCRIPT), PY_SLICE);
}

bool is_item_of_list(Scan *s, NodeId subscript) {
  return node_is(s->t, subscript, PY_SUBSCRIPT) && !is_slice(s->t, subscript) &&
         is_list(s, node_field(s->t, subscript, FIELD_VALUE));
}

// --- items ---------------------------------------------------------------------------

// A flag that is asked whether it is `True` itself, or shown, has to stay one.
static void item_read(Scan *s, NodeId item) {
  Place p = place_behind(s->t, item);
  if (p.kind == PLACE_OPERAND) {
    PyKind kind = node_kind(s->t, p.node);
    if (kind == PY_INTERPOLATION || kind == PY_FORMAT_EXPRESSION) s->is_compared = true;
  }
  if (p.kind == PLACE_TESTED && node_is(s->t, p.node, PY_COMPARISON_OPERATOR)) {
    bool is_identity = node_ok(node_child(s->t, p.node, PY_KW_IS)) ||
                       node_ok(node_child(s->t, p.node, PY_KW_IS_NOT));
    if (is_identity) s->is_compared = true;
  }
  if (p.kind != PLACE_ARGUMENT) return;
  Str name = name_of_callee(s->m, p.node);
  bool is_shown = str_is(name, "builtins.print") || str_is(name, "builtins.str") ||
                  str_is(name, "builtins.repr") || str_is(name, "builtins.format");
  if (is_shown) s->is_compared = true;
}

static void stored_at(Scan *s, NodeId place) {
  s->is_stored = true;
  if (!node_ok(s->numbers->stored)) s->numbers->stored = place;
}

// `x[i], x[j] = x[j], x[i]`: what stands opposite.
static NodeId part_opposite(const Tree *t, NodeId assignment, NodeId target) {
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  NodeId right = node_unwrap(t, node_field(t, assignment, FIELD_RIGHT));
  PyKind kind = node_kind(t, right);
  bool is_tuple = kind == PY_EXPRESSION_LIST || kind == PY_TUPLE;
  if (!is_tuple || node_count_named(t, left) != node_count_named(t, right))
    return NO_NODE;
  NodeId part = node_first_named(t, left), value = node_first_named(t, right);
  while (node_ok(part) && !node_inside(t, target, part)) {
    part = node_next_named(t, part);
    value = node_next_named(t, value);
  }
  bool is_starred = node_is(t, part, PY_LIST_SPLAT_PATTERN);
  return is_starred || node_is(t, value, PY_LIST_SPLAT) ? NO_NODE : value;
}

static bool item_stored(Scan *s, NodeId subscript, NodeId statement) {
  stored_at(s, subscript);
  if (!node_is(s->t, statement, PY_ASSIGNMENT)) {
    return numbers_refuse(s, "it is stored to in a way that is not followed");
  }
  NodeId value = node_field(s->t, statement, FIELD_RIGHT);
  while (node_is(s->t, value, PY_ASSIGNMENT))
    value = node_field(s->t, value, FIELD_RIGHT);
  if (!node_eq(node_field(s->t, statement, FIELD_LEFT), subscript)) {
    value = part_opposite(s->t, statement, subscript);
  }
  return node_ok(value)
             ? num_take(s, value)
             : numbers_refuse(s, "something else may be stored, or does not fit");
}

// `sieve[i * i::i] = [False] * n`: bytearray takes that as it is.
static bool slice_stored(Scan *s, NodeId subscript, NodeId statement) {
  stored_at(s, subscript);
  s->is_changed_by_slice = true;
  NodeId value = node_unwrap(s->t, node_field(s->t, statement, FIELD_RIGHT));
  if (!node_is(s->t, statement, PY_ASSIGNMENT) ||
      !node_eq(node_field(s->t, statement, FIELD_LEFT), subscript) ||
      !node_is(s->t, value, PY_BINARY_OPERATOR)) {
    return numbers_refuse(s, "a part of it is replaced");
  }
  return numbers_begin(s, value);
}

static bool item_used(Scan *s, NodeId subscript) {
  Place p = place_of(s->t, node_wrap(s->t, subscript));
  bool is_part = is_slice(s->t, subscript);
  switch (p.kind) {
    case PLACE_TARGET:
      return is_part ? slice_stored(s, subscript, p.node)
                     : item_stored(s, subscript, p.node);
    case PLACE_UPDATED:
      if (is_part) break;
      stored_at(s, subscript);
      return num_take_update(s,
                             node_kind(s->t, node_field(s->t, p.node, FIELD_OPERATOR)),
                             node_field(s->t, p.node, FIELD_RIGHT));
    case PLACE_DELETED: break;
    default:
      if (!is_part) item_read(s, subscript);
      return true;
  }
  return numbers_refuse(s, "a part of it is replaced");
}

// --- the whole -----------------------------------------------------------------------

// Look at the items, one after the other or all, and let go of the list.
static bool is_looked_at(Scan *s, Place p) {
  static const char *const names[] = {"bisect.bisect",
                                      "bisect.bisect_left",
                                      "bisect.bisect_right",
                                      "builtins.all",
                                      "builtins.any",
                                      "builtins.enumerate",
                                      "builtins.filter",
                                      "builtins.id",
                                      "builtins.iter",
                                      "builtins.len",
                                      "builtins.map",
                                      "builtins.max",
                                      "builtins.min",
                                      "builtins.reversed",
                                      "builtins.sum",
                                      "builtins.zip",
                                      "itertools.accumulate",
                                      "itertools.islice",
                                      "math.fsum",
                                      "math.prod",
                                      "statistics.fmean",
                                      "statistics.mean",
                                      "statistics.median",
                                      "statistics.pstdev",
                                      "statistics.stdev",
                                      "statistics.variance"};
  // What they make of flags would show.
  static const char *const copies[] = {"builtins.list", "builtins.set",
                                       "builtins.sorted", "builtins.tuple",
                                       "collections.Counter"};
  Str name = name_of_callee(s->m, p.node);
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  for (uint32_t i = 0; i < sizeof copies / sizeof *copies; i++) {
    if (!str_is(name, copies[i])) continue;
    s->is_compared = true;
    return true;
  }
  return false;
}

static void names_read(Scan *s, NodeId identifier) {
  RefId r = ref_first(s->m, binding_of(s->m, identifier));
  for (uint32_t i = 0; ref_ok(r) && i < NUMBERS_USES; i++, r = ref_next(s->m, r)) {
    item_read(s, ref_get(s->m, r)->node);
  }
}

// `for flag in flags`, `for i, flag in enumerate(flags)`: what becomes of each.
static void items_walked(Scan *s, NodeId loop) {
  NodeId target = node_unwrap(s->t, node_field(s->t, loop, FIELD_LEFT));
  if (!node_is(s->t, target, PY_IDENTIFIER)) target = node_named_at(s->t, target, 1);
  if (node_is(s->t, target, PY_IDENTIFIER)) names_read(s, target);
}

static void call_walked(Scan *s, Place p) {
  Place outer = place_of(s->t, node_wrap(s->t, p.node));
  bool is_numbered = str_is(name_of_callee(s->m, p.node), "builtins.enumerate");
  if (str_is(name_of_callee(s->m, p.node), "builtins.map")) s->is_compared = true;
  if (is_numbered && outer.kind == PLACE_ITERATED) items_walked(s, outer.node);
}

static bool appended(Scan *s, NodeId call) {
  NodeId value = NO_NODE;
  if (call_argument(s->m, call, 0, NULL, &value) != ARG_PRESENT) {
    return numbers_refuse(s, "it is changed in a way that is not followed");
  }
  stored_at(s, call);
  s->is_grown = true;
  vec_push(s->m->arena, &s->appends, call);
  return num_take(s, value);
}

// `values.extend(float(x) for x in part)`, `values.extend(map(float, part))`.
static bool extended(Scan *s, NodeId call) {
  NodeId value = NO_NODE, function = NO_NODE;
  call_argument(s->m, call, 0, NULL, &value);
  NodeId e = node_unwrap(s->t, value);
  bool is_mapped = node_is(s->t, e, PY_CALL) &&
                   str_is(name_of_callee(s->m, e), "builtins.map") &&
                   call_argument(s->m, e, 0, NULL, &function) == ARG_PRESENT &&
                   name_is(s->m, function, "builtins.float");
  bool is_made = node_is(s->t, e, PY_GENERATOR_EXPRESSION) ||
                 node_is(s->t, e, PY_LIST_COMPREHENSION);
  if (!is_mapped && !is_made) return numbers_refuse(s, "other items are added");
  stored_at(s, call);
  s->is_grown = true;
  vec_push(s->m->arena, &s->appends, call);
  if (is_made) return num_take(s, node_field(s->t, e, FIELD_BODY));
  s->has_float = true;
  return true;
}

// `add = values.append`, and then only `add(x)`.
static bool append_named(Scan *s, NodeId attribute) {
  Place p = place_of(s->t, node_wrap(s->t, attribute));
  NodeId name = node_field(s->t, p.node, FIELD_LEFT);
  BindingId id = binding_of(s->m, name);
  if (p.kind != PLACE_ASSIGNED || !node_is(s->t, name, PY_IDENTIFIER) ||
      !def_ok(binding_only_def(s->m, id))) {
    return numbers_refuse(s, "a method is handed on");
  }
  for (RefId r = ref_first(s->m, id); ref_ok(r); r = ref_next(s->m, r)) {
    NodeId callee = node_wrap(s->t, ref_get(s->m, r)->node);
    if (++s->steps > NUMBERS_USES || place_of(s->t, callee).kind != PLACE_CALLEE) {
      return numbers_refuse(s, "a method is handed on");
    }
    if (!appended(s, node_parent(s->t, callee))) return false;
  }
  return true;
}

static bool method_called(Scan *s, NodeId attribute) {
  NodeId callee = node_wrap(s->t, attribute), call = node_parent(s->t, callee);
  Str method = node_text(s->t, node_field(s->t, attribute, FIELD_ATTRIBUTE));
  if (place_of(s->t, callee).kind != PLACE_CALLEE) {
    return str_is(method, "append") ? append_named(s, attribute)
                                    : numbers_refuse(s, "a method is handed on");
  }
  if (str_is(method, "append")) return appended(s, call);
  if (str_is(method, "extend")) return extended(s, call);
  if (str_is(method, "count") || str_is(method, "index")) return true;
  return numbers_refuse(s, "an array has no such method, or it grows and shrinks");
}

// Its truth, `in`: comparing it with a list is another matter.
static bool is_compared_as_list(Scan *s, NodeId e, NodeId comparison) {
  for (NodeId c = node_first(s->t, comparison); node_ok(c); c = node_next(s->t, c)) {
    PyKind kind = node_kind(s->t, c);
    if (node_is_named(s->t, c) || kind == PY_KW_IS || kind == PY_KW_IS_NOT) continue;
    bool is_membership = kind == PY_KW_IN || kind == PY_KW_NOT_IN;
    if (!is_membership || e.i < c.i) return true;
  }
  return false;
}

// A function that only this file calls gets it: its parameter is another name for it.
static bool handed_on(Scan *s, Place p) {
  NodeId callee = node_unwrap(s->t, call_callee(s->m, p.node));
  const Def *d = def_get(s->m, binding_only_def(s->m, binding_of(s->m, callee)));
  uint32_t position = place_argument_position(s->t, p.argument);
  if (!node_is(s->t, callee, PY_IDENTIFIER) || d->kind != DEF_FUNCTION ||
      node_is(s->t, p.argument, PY_KEYWORD_ARGUMENT) || position == PLACE_NO_POSITION ||
      node_is(s->t, node_parent(s->t, d->value), PY_DECORATED_DEFINITION)) {
    return numbers_refuse(s, "it is handed to other code");
  }
  ScopeId function = scope_of(s->m, d->value);
  BindingId name = binding_of(s->m, callee);
  ScopeKind kind = scope_get(s->m, binding_get(s->m, name)->scope)->kind;
  DefId parameter = scope_parameter(s->m, function, position);
  const Def *given = def_get(s->m, parameter);
  if (kind != SCOPE_FUNCTION && !numbers_closed_add(s, node_text(s->t, callee))) {
    return numbers_refuse(s, "it is handed to other code");
  }
  if (!def_ok(parameter) || (given->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) {
    return numbers_refuse(s, "it is handed to other code");
  }
  for (RefId r = ref_first(s->m, name); ref_ok(r); r = ref_next(s->m, r)) {
    NodeId use = node_wrap(s->t, ref_get(s->m, r)->node), other = NO_NODE;
    if (++s->steps > NUMBERS_USES || place_of(s->t, use).kind != PLACE_CALLEE) {
      return numbers_refuse(s, "the function is handed on");
    }
    // The same list, under this name or, where the function calls itself, its own.
    bool is_same = call_argument(s->m, node_parent(s->t, use), position, NULL,
                                 &other) == ARG_PRESENT &&
                   (is_list(s, other) ||
                    binding_of(s->m, node_unwrap(s->t, other)).i == given->binding.i);
    if (!is_same) return numbers_refuse(s, "the function gets other lists as well");
  }
  return numbers_name(s, given->binding, true);
}

static bool bound_again(Scan *s, NodeId assignment) {
  // What begins the list is looked at by numbers_name().
  return node_is(s->t, assignment, PY_ASSIGNMENT) ||
         numbers_refuse(s, "it has another name");
}

static bool mention_used(Scan *s, NodeId mention) {
  NodeId e = node_wrap(s->t, mention);
  if (++s->steps > NUMBERS_USES)
    return numbers_refuse(s, "there is too much to follow");
  s->is_read = true;
  if (value_is_only_tested(s->t, e)) return true;
  Place p = place_of(s->t, e);
  switch (p.kind) {
    case PLACE_ITEM: return item_used(s, p.node);
    case PLACE_ATTRIBUTE: return method_called(s, p.node);
    case PLACE_ITERATED:
      if (node_is(s->t, p.node, PY_YIELD)) break;
      items_walked(s, p.node);
      return true;
    case PLACE_ARGUMENT:
      if (!is_looked_at(s, p)) return handed_on(s, p);
      call_walked(s, p);
      return true;
    case PLACE_TARGET: return bound_again(s, p.node);
    case PLACE_DROPPED: return true;
    case PLACE_DELETED: return node_is(s->t, e, PY_IDENTIFIER);
    case PLACE_TESTED:
      return !node_is(s->t, p.node, PY_COMPARISON_OPERATOR) ||
             !is_compared_as_list(s, e, p.node) || numbers_refuse(s, "it is compared");
    default: break;
  }
  return numbers_refuse(s,
                        "others get it, or it is used in a way that is not followed");
}

// --- slices --------------------------------------------------------------------------

// `x[1:]` of an array is an array: good enough to be looked at.
static bool part_used(Scan *s, NodeId subscript) {
  Place p = place_of(s->t, node_wrap(s->t, subscript));
  switch (p.kind) {
    case PLACE_TARGET:
    case PLACE_ITERATED:
    case PLACE_ITEM: return true;
    case PLACE_ARGUMENT: return is_looked_at(s, p);
    default: return false;
  }
}

// --- all mentions --------------------------------------------------------------------

static bool read_mention(Scan *s, NodeId mention) {
  Place p = place_of(s->t, node_wrap(s->t, mention));
  if (p.kind == PLACE_ITEM && is_slice(s->t, p.node) && !part_used(s, p.node)) {
    return numbers_refuse(s, "a part of it is kept as a list");
  }
  return mention_used(s, mention);
}

static bool def_begins(Scan *s, const Def *d, bool is_parameter) {
  switch (d->kind) {
    case DEF_ASSIGN:
    case DEF_ANNOTATED: {
      if (!node_ok(d->value)) return true;  // `x: list[int]`
      bool is_chained =
          node_is(s->t, node_parent(s->t, d->statement), PY_ASSIGNMENT) ||
          node_is(s->t, node_field(s->t, d->statement, FIELD_RIGHT), PY_ASSIGNMENT);
      if (is_chained || (d->flags & DEF_UNPACKED) != 0) break;
      return numbers_begin(s, d->value);
    }
    case DEF_DELETE: return true;
    case DEF_PARAMETER:
      if (node_ok(d->value) || !is_parameter) break;
      return true;
    default: break;
  }
  return numbers_refuse(s, "its name stands for something else at times");
}

bool numbers_name(Scan *s, BindingId id, bool is_parameter) {
  const Binding *b = binding_get(s->m, id);
  for (uint32_t i = 0; i < s->name_count; i++) {
    if (s->names[i].i == id.i) return true;
  }
  if (s->name_count == NUMBERS_NAMES || !binding_ok(id) ||
      (b->flags & BIND_IN_ERROR) != 0 || b->ref_count > NUMBERS_USES ||
      (scope_get(s->m, b->scope)->flags & SCOPE_DYNAMIC) != 0) {
    return numbers_refuse(s, "its name cannot be followed");
  }
  s->names[s->name_count++] = id;
  for (DefId d = b->first_def; def_ok(d); d = def_next(s->m, d)) {
    if (!def_begins(s, def_get(s->m, d), is_parameter)) return false;
  }
  for (RefId r = b->first_ref; ref_ok(r); r = ref_next(s->m, r)) {
    NodeId mention = ref_get(s->m, r)->node;
    if (node_is(s->t, mention, PY_IDENTIFIER) && !read_mention(s, mention))
      return false;
  }
  return true;
}

bool numbers_attribute(Scan *s, Str name) {
  uint32_t read = 0;
  s->attribute = name;
  for (uint32_t i = value_private_first(s->m, name); i != 0;
       i = s->m->values->private_uses.items[i].next) {
    NodeId use = s->m->values->private_uses.items[i].attribute;
    Place p = place_of(s->t, use);
    if (++read > NUMBERS_USES) return numbers_refuse(s, "there is too much to follow");
    if (p.kind == PLACE_TARGET && node_is(s->t, p.node, PY_ASSIGNMENT)) {
      bool is_chained = node_is(s->t, node_parent(s->t, p.node), PY_ASSIGNMENT);
      NodeId value = node_field(s->t, p.node, FIELD_RIGHT);
      if (!node_eq(node_field(s->t, p.node, FIELD_LEFT), use) || is_chained) {
        return numbers_refuse(s, "its name stands for something else at times");
      }
      if (!numbers_begin(s, value)) return false;
      continue;
    }
    if (!read_mention(s, use)) return false;
  }
  return true;
}
