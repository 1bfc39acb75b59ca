#include "semantic/back_internal.h"
#include "semantic/effect_internal.h"

// --- methods -------------------------------------------------------------------------

// What the decorator gives is bound to the instance as the function would be.
static bool keeps_binding(Model *m, NodeId decorator) {
  static const char *const names[] = {"abc.abstractmethod",
                                      "asyncio.coroutine",
                                      "contextlib.contextmanager",
                                      "contextlib.asynccontextmanager",
                                      "functools.wraps",
                                      "tornado.gen.coroutine",
                                      "types.coroutine",
                                      "typing.final",
                                      "typing.no_type_check",
                                      "typing.overload",
                                      "typing.override",
                                      "typing_extensions.override",
                                      "twisted.internet.defer.inlineCallbacks"};
  Str name = name_of_decorator(m, decorator);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

bool function_is_bound(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, function);
  if (method_kind(m, function) != METHOD_INSTANCE) return false;
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return true;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (!keeps_binding(m, d)) return false;
  }
  return true;
}

// UNKNOWN: the class body does not bind it.
static Answer body_binds_method(Model *m, NodeId class_node, Str name) {
  BindingId binding = scope_lookup(m, scope_of(m, class_node), name);
  if (!binding_ok(binding) || (binding_get(m, binding)->flags & BIND_LOCAL) == 0) {
    return ANSWER_UNKNOWN;
  }
  uint32_t read = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (def->kind != DEF_FUNCTION || ++read > BACK_DEFS ||
        !function_is_bound(m, def->value))
      return ANSWER_NO;
  }
  return ANSWER_YES;
}

Answer class_binds_method(Model *m, NodeId class_node, Str name) {
  const Tree *t = m->tree;
  NodeId todo[CLASS_DEPTH] = {class_node};
  bool is_open = false;
  for (uint32_t i = 0, count = 1; i < count; i++) {
    Answer here = body_binds_method(m, todo[i], name);
    if (here != ANSWER_UNKNOWN) return here;
    NodeId bases = node_field(t, todo[i], FIELD_SUPERCLASSES);
    for (NodeId b = node_first_named(t, bases); node_ok(b); b = node_next_named(t, b)) {
      if (node_is(t, b, PY_KEYWORD_ARGUMENT)) continue;
      NodeId base = callee_class(m, b);
      bool is_other = node_ok(base) && !node_eq(base, class_node);
      if (is_other && count < CLASS_DEPTH) {
        todo[count++] = base;
      } else {
        is_open = is_open || !name_is(m, b, "builtins.object");
      }
    }
  }
  return is_open ? ANSWER_UNKNOWN : ANSWER_NO;
}

bool function_is_plain(Model *m, NodeId function) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, function);
  if (!node_is(t, outer, PY_DECORATED_DEFINITION)) return true;
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (!keeps_binding(m, d)) return false;
  }
  return true;
}
