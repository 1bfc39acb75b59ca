#include "semantic/grown.h"

#include "semantic/context.h"

bool value_is_empty_list(Model *m, NodeId value) {
  NodeId v = node_unwrap(m->tree, value);
  if (node_is(m->tree, v, PY_LIST)) return node_count_named(m->tree, v) == 0;
  return node_is(m->tree, v, PY_CALL) && !call_has_arguments(m, v) &&
         str_is(name_of_callee(m, v), "builtins.list");
}

bool def_is_private(const Model *m, DefId id) {
  const Binding *b = binding_get(m, def_get(m, id)->binding);
  return def_is_local(m, id) && (b->flags & BIND_DELETED) == 0;
}

bool def_is_local(const Model *m, DefId id) {
  const Def *def = def_get(m, id);
  const Binding *b = binding_get(m, def->binding);
  const Scope *scope = scope_get(m, def->scope);
  uint32_t shared = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                    BIND_GLOBAL | BIND_IN_ERROR;
  return scope->kind == SCOPE_FUNCTION && b->scope.i == def->scope.i &&
         (scope->flags & (SCOPE_DYNAMIC | SCOPE_BROKEN)) == 0 &&
         (b->flags & shared) == 0;
}

// `xs.append`: the attribute.
static NodeId append_method(const Tree *t, NodeId list) {
  NodeId attribute = node_parent(t, list);
  bool appends = node_is(t, attribute, PY_ATTRIBUTE) &&
                 node_role(t, list) == FIELD_OBJECT &&
                 node_text_is(t, node_field(t, attribute, FIELD_ATTRIBUTE), "append");
  return appends ? attribute : NO_NODE;
}

// The method is called with one element, as a statement.
static NodeId append_by(Model *m, NodeId method) {
  const Tree *t = m->tree;
  NodeId call = node_parent(t, method);
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  bool is_call = node_is(t, call, PY_CALL) && node_role(t, method) == FIELD_FUNCTION &&
                 node_is(t, node_parent(t, call), PY_EXPRESSION_STATEMENT);
  if (!is_call || node_count_named(t, arguments) != 1) return NO_NODE;
  NodeId element = node_first_named(t, arguments);
  bool plain = !node_is(t, element, PY_LIST_SPLAT) &&
               (value_of(m, element).flags & VALUE_STARTED) == 0;
  return plain ? call : NO_NODE;
}

NodeId append_to(Model *m, NodeId list) {
  NodeId method = append_method(m->tree, list);
  return node_ok(method) ? append_by(m, method) : NO_NODE;
}

bool grown_is_start(Model *m, NodeId assignment) {
  const Tree *t = m->tree;
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  return node_is(t, name, PY_IDENTIFIER) && def_ok(def_at(m, name)) &&
         node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT) &&
         value_is_empty_list(m, node_field(t, assignment, FIELD_RIGHT));
}

// `add = xs.append`, and every use of `add` appends.
static bool aliased_appends(Model *m, NodeId list, Grown *out) {
  const Tree *t = m->tree;
  NodeId method = append_method(t, list), assignment = node_parent(t, method);
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  bool is_named = node_ok(method) && node_is(t, assignment, PY_ASSIGNMENT) &&
                  node_role(t, method) == FIELD_RIGHT &&
                  node_is(t, name, PY_IDENTIFIER) &&
                  node_is(t, node_parent(t, assignment), PY_EXPRESSION_STATEMENT);
  DefId def = is_named ? def_at(m, name) : (DefId){0};
  if (!def_ok(def) || !def_is_private(m, def)) return false;
  RefList refs = flow_uses_of(m, def);
  if (refs.unknown || refs.escapes_scope || refs.count == 0) return false;
  for (uint32_t i = 0; i < refs.count; i++) {
    NodeId use = ref_get(m, refs.items[i])->node;
    NodeId append = append_by(m, use);
    if (!node_ok(append) || flow_only_def(m, use).i != def.i ||
        out->append_count == GROWN_USES) {
      return false;
    }
    out->appends[out->append_count++] = append;
  }
  return true;
}

bool grown_of(Model *m, NodeId assignment, Grown *out) {
  NodeId name = node_field(m->tree, assignment, FIELD_LEFT);
  *out = (Grown){.assignment = assignment, .name = name, .def = def_at(m, name)};
  if (!def_is_private(m, out->def)) return false;
  RefList refs = flow_uses_of(m, out->def);
  if (refs.unknown || refs.escapes_scope || refs.count > GROWN_USES) return false;
  for (uint32_t i = 0; i < refs.count; i++) {
    NodeId use = ref_get(m, refs.items[i])->node;
    if (!node_is(m->tree, use, PY_IDENTIFIER) ||
        flow_only_def(m, use).i != out->def.i) {
      return false;
    }
    NodeId append = append_to(m, use);
    if (node_ok(append)) {
      if (out->append_count == GROWN_USES) return false;
      out->appends[out->append_count++] = append;
    } else if (!aliased_appends(m, use, out)) {
      out->others[out->other_count++] = use;
    }
  }
  return out->append_count > 0;
}

NodeId grown_loop(Model *m, const Grown *g) {
  const Tree *t = m->tree;
  for (uint32_t i = 0; i < g->append_count; i++) {
    NodeId found = NO_NODE;
    bool many = false;
    for (NodeId loop = loop_around(m, g->appends[i], NO_NODE);
         node_ok(loop) && !node_inside(t, g->assignment, loop);
         loop = loop_around(m, g->appends[i], loop)) {
      bool few = node_is(t, loop, PY_FOR_STATEMENT) &&
                 size_is_small(value_of(m, node_field(t, loop, FIELD_RIGHT)));
      many |= !few;
      found = loop;
    }
    if (many) return found;
  }
  return NO_NODE;
}

bool grown_after(Model *m, const Grown *g, NodeId node) {
  for (uint32_t i = 0; i < g->append_count; i++) {
    Answer again = flow_reaches_avoiding(m, node, g->appends[i], &g->name, 1);
    if (again != ANSWER_NO) return true;
  }
  return false;
}

Value grown_size(Model *m, const Grown *g) {
  NodeId callee = node_field(m->tree, g->appends[0], FIELD_FUNCTION);
  if (node_is(m->tree, callee, PY_ATTRIBUTE)) {
    return value_of(m, node_field(m->tree, callee, FIELD_OBJECT));
  }
  Value size = {.size = SIZE_UNKNOWN, .high = SIZE_NO_BOUND};
  for (NodeId loop = loop_around(m, g->appends[0], NO_NODE); node_ok(loop);
       loop = loop_around(m, g->appends[0], loop)) {
    NodeId source = node_field(m->tree, loop, FIELD_RIGHT);
    Value v = node_ok(source) ? value_of(m, source) : size;
    if (size_is_unbounded(v)) return v;
  }
  return size;
}
