#include "semantic/publisher.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/value.h"

// Few, so that their product is.
enum { PUBLISHER_DEPTH = 4, STORES_READ = 4, RETURNS_READ = 4, SITES_READ = 32 };

static Publisher publisher_at(Model *m, NodeId receiver, uint32_t depth);

static Publisher plain(PublisherKind kind) { return (Publisher){.kind = kind}; }

// The one with the least life counts, unknown ones first.
static Publisher shorter(Publisher a, Publisher b) { return a.kind <= b.kind ? a : b; }

// --- calls ---------------------------------------------------------------------------

static bool names_class(Model *m, NodeId node) {
  if (value_of(m, node).kind == VALUE_CLASS) return true;
  Str last = name_last_part(name_of(m, node));
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

static bool call_is_shared(Model *m, NodeId call) {
  const Knowledge *k = m->options.knowledge;
  Str method = STR_NONE;
  if ((call_subjects(m, call) & UINT32_C(1) << SUBJECT_SHARES) == 0) return false;
  if (knowledge_shares(k, name_of_callee(m, call)) != NULL) return true;
  NodeId receiver = call_receiver(m, call, &method);
  return knowledge_member(k, SUBJECT_SHARES, VALUE_UNKNOWN, method) != NULL &&
         names_class(m, receiver);
}

// A function of this file all of whose returns give something shared.
static Publisher publisher_of_result(Model *m, NodeId function, uint32_t depth) {
  const Tree *t = m->tree;
  Publisher result = plain(PUBLISHER_UNKNOWN);
  ScopeId scope = scope_of(m, function);
  uint32_t after = node_after(t, function), found = 0;
  for (uint32_t i = function.i; i < after && depth > 0; i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_RETURN_STATEMENT) || scope_at(m, n).i != scope.i) continue;
    NodeId value = node_first_named(t, n);
    if (!node_ok(value)) continue;
    if (++found > RETURNS_READ) return plain(PUBLISHER_UNKNOWN);
    Publisher one = publisher_at(m, value, depth - 1);
    result = found == 1 ? one : shorter(result, one);
  }
  return result.kind == PUBLISHER_LONG ? result : plain(PUBLISHER_UNKNOWN);
}

static Publisher publisher_of_call(Model *m, NodeId call, uint32_t depth) {
  if (call_is_shared(m, call)) return plain(PUBLISHER_LONG);
  NodeId callee = node_unwrap(m->tree, call_callee(m, call));
  if (names_class(m, callee)) return plain(PUBLISHER_OWN);
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, callee)));
  if (def->kind == DEF_FUNCTION) return publisher_of_result(m, def->value, depth);
  return plain(PUBLISHER_UNKNOWN);
}

// --- self.x --------------------------------------------------------------------------

static bool is_none(Model *m, NodeId value) {
  return node_is(m->tree, node_unwrap(m->tree, value), PY_NONE_LITERAL);
}

static Publisher publisher_of_class_value(Model *m, NodeId class_node, Str name) {
  const Def *def = def_get(m, binding_only_def(m, class_binding(m, class_node, name)));
  bool is_value = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
                  node_ok(def->value) && !is_none(m, def->value);
  return plain(is_value ? PUBLISHER_LONG : PUBLISHER_UNKNOWN);
}

static Publisher publisher_of_attribute(Model *m, NodeId class_node, Str name,
                                        uint32_t depth) {
  NodeId stores[STORES_READ];
  uint32_t count = attribute_stores(m, class_node, name, stores, STORES_READ);
  if (count == 0) return publisher_of_class_value(m, class_node, name);
  if (count > STORES_READ || depth == 0) return plain(PUBLISHER_UNKNOWN);
  Publisher all = plain(PUBLISHER_UNKNOWN);
  bool is_first = true;
  for (uint32_t i = 0; i < count; i++) {
    if (!node_ok(stores[i])) return plain(PUBLISHER_UNKNOWN);
    if (is_none(m, stores[i])) continue;
    Publisher one = publisher_at(m, stores[i], depth - 1);
    all = is_first ? one : shorter(all, one);
    is_first = false;
  }
  return all;
}

// --- names ---------------------------------------------------------------------------

static Publisher publisher_of_local(Model *m, NodeId name, uint32_t depth) {
  DefId only = binding_only_def(m, binding_of(m, name));
  if (!def_ok(only)) only = flow_only_def(m, name);
  const Def *def = def_get(m, only);
  if (def->kind == DEF_PARAMETER && def->flags == 0) {
    return (Publisher){PUBLISHER_GIVEN, only};
  }
  bool is_value = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
                   def->kind == DEF_WALRUS) &&
                  def->flags == 0 && node_ok(def->value) && depth > 0;
  return is_value ? publisher_at(m, def->value, depth - 1) : plain(PUBLISHER_UNKNOWN);
}

static Publisher publisher_of_name(Model *m, NodeId name, uint32_t depth) {
  BindingId binding = binding_of(m, name);
  if (!binding_ok(binding)) return plain(PUBLISHER_UNKNOWN);
  const Binding *b = binding_get(m, binding);
  bool is_imported = (b->flags & BIND_IMPORTED) != 0;
  if (b->scope.i == MODULE_SCOPE.i || is_imported) return plain(PUBLISHER_LONG);
  if (scope_get(m, b->scope)->kind == SCOPE_CLASS) return plain(PUBLISHER_LONG);
  return publisher_of_local(m, name, depth);
}

// --- chains --------------------------------------------------------------------------

// The expression before every attribute and item, and the first attribute behind it.
static NodeId root_of(const Tree *t, NodeId receiver, NodeId *first) {
  NodeId n = node_unwrap(t, receiver);
  *first = NO_NODE;
  while (node_is(t, n, PY_ATTRIBUTE) || node_is(t, n, PY_SUBSCRIPT)) {
    *first = n;
    NodeId inner =
        node_field(t, n, node_is(t, n, PY_ATTRIBUTE) ? FIELD_OBJECT : FIELD_VALUE);
    n = node_unwrap(t, inner);
  }
  return n;
}

static Publisher publisher_of_either(Model *m, NodeId operation, uint32_t depth) {
  const Tree *t = m->tree;
  if (depth == 0) return plain(PUBLISHER_UNKNOWN);
  return shorter(publisher_at(m, node_field(t, operation, FIELD_LEFT), depth - 1),
                 publisher_at(m, node_field(t, operation, FIELD_RIGHT), depth - 1));
}

static Publisher publisher_at(Model *m, NodeId receiver, uint32_t depth) {
  const Tree *t = m->tree;
  NodeId first, root = root_of(t, receiver, &first);
  BindingId self = self_around(m, receiver);
  if (node_is(t, root, PY_BOOLEAN_OPERATOR)) return publisher_of_either(m, root, depth);
  if (node_is(t, root, PY_CALL)) return publisher_of_call(m, root, depth);
  if (!node_is(t, root, PY_IDENTIFIER)) return plain(PUBLISHER_UNKNOWN);
  if (!binding_ok(self) || !is_object(m, root, self))
    return publisher_of_name(m, root, depth);
  if (!node_is(t, first, PY_ATTRIBUTE)) return plain(PUBLISHER_OWN);  // self.on(…)
  Str name = node_text(t, node_field(t, first, FIELD_ATTRIBUTE));
  NodeId own = self_class(m, self), storing = attribute_class(m, own, name);
  return publisher_of_attribute(m, node_ok(storing) ? storing : own, name, depth);
}

// --- what is given -------------------------------------------------------------------

// What the calls of this file hand to a parameter of `__init__`.
static Publisher publisher_at_sites(Model *m, DefId parameter, NodeId class_node) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, parameter);
  Str keyword = node_text(t, def->node);
  BindingId name = binding_of(m, node_field(t, class_node, FIELD_NAME));
  Publisher all = {PUBLISHER_GIVEN, parameter};
  uint32_t read = 0;
  bool is_first = true;
  for (RefId r = ref_first(m, name); ref_ok(r) && read < SITES_READ;
       r = ref_next(m, r), read++) {
    NodeId n = ref_get(m, r)->node, call = node_parent(t, n), argument;
    if (!node_is(t, call, PY_CALL) || node_role(t, n) != FIELD_FUNCTION) continue;
    char text[64];
    if (keyword.n >= sizeof text || def->index == 0) return all;
    memcpy(text, keyword.p, keyword.n);
    text[keyword.n] = '\0';
    if (call_argument(m, call, def->index - 1u, text, &argument) != ARG_PRESENT)
      continue;
    Publisher one = publisher_at(m, argument, PUBLISHER_DEPTH);
    if (one.kind == PUBLISHER_OWN) return one;
    if (one.kind == PUBLISHER_UNKNOWN) one.kind = PUBLISHER_GIVEN;
    all.kind = is_first ? one.kind : shorter(all, one).kind;
    is_first = false;
  }
  return all;
}

Publisher publisher_of(Model *m, NodeId receiver) {
  Publisher found = publisher_at(m, receiver, PUBLISHER_DEPTH);
  if (found.kind != PUBLISHER_GIVEN) return found;
  ScopeId scope = binding_get(m, def_get(m, found.parameter)->binding)->scope;
  NodeId function = scope_get(m, scope)->node, class_node = method_class(m, function);
  bool is_init =
      node_text_is(m->tree, node_field(m->tree, function, FIELD_NAME), "__init__");
  return is_init && node_ok(class_node)
             ? publisher_at_sites(m, found.parameter, class_node)
             : found;
}

bool is_shared(Model *m, NodeId receiver) {
  return publisher_at(m, receiver, PUBLISHER_DEPTH).kind == PUBLISHER_LONG;
}
