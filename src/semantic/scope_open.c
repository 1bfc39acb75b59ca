// Opening scopes: what defs, classes, lambdas, comprehensions and type parameters begin.

#include "semantic/scope_build.h"

// The class name that mangles the names in a class: without its leading underscores. A
// class named `__` mangles nothing.
static Sym class_private_name(Builder *b, Str name) {
  uint32_t start = 0;
  while (start < name.n && name.p[start] == '_') start += 1;
  return intern(&b->m->names_interner, str_slice(name, start, name.n));
}

static uint32_t scope_add(Builder *b, ScopeKind kind, uint32_t node, uint32_t body,
                          uint32_t parent, Str name) {
  Scopes *s = b->s;
  uint32_t flags = builder_is_broken(b, node) ? SCOPE_BROKEN : 0;
  if (vec_last(&b->frames).postponed) flags |= SCOPE_POSTPONED;
  Sym private_name = s->infos.items[parent].private_name;
  bool of_class = b->nodes[b->nodes[node].parent].kind == PY_CLASS_DEFINITION;
  if (kind == SCOPE_CLASS || (kind == SCOPE_TYPE_PARAMS && of_class)) {
    private_name = class_private_name(b, name);
  }
  vec_push(b->arena, &s->scopes,
           (Scope){.kind = kind,
                   .flags = flags,
                   .node = {node},
                   .body = {body},
                   .parent = {parent},
                   .name = intern(&b->m->names_interner, name)});
  vec_push(b->arena, &s->infos, (ScopeInfo){.private_name = private_name});
  return s->scopes.count - 1;
}

// The grammar also takes `type(self).x = 1`, whose left side is no name, for an alias.
static bool alias_is_assignment(const Builder *b, uint32_t left) {
  uint32_t name = left + 1;
  if (b->nodes[name].kind == PY_GENERIC_TYPE) name += 1;
  return left == 0 || b->nodes[name].kind != PY_IDENTIFIER;
}

static void builder_open_alias(Builder *b, uint32_t node) {
  uint32_t scope = vec_last(&b->frames).scope;
  uint32_t left = builder_field(b, node, FIELD_LEFT);
  if (alias_is_assignment(b, left)) {
    builder_enter(b, node, CONTEXT_LOAD)->opened = 0;
    builder_refer_named(b, &vec_last(&b->frames), node + 1, STR("type"));
    return;
  }
  uint32_t name = left + 1;
  if (b->nodes[name].kind == PY_GENERIC_TYPE) {
    NodeId parameters = node_child(b->m->tree, (NodeId){name}, PY_TYPE_PARAMETER);
    name += 1;
    scope = scope_add(b, SCOPE_TYPE_PARAMS, parameters.i, parameters.i, scope,
                      node_text(b->m->tree, (NodeId){name}));
  }
  uint32_t value = builder_field(b, node, FIELD_RIGHT);
  Str text = node_text(b->m->tree, (NodeId){name});
  uint32_t opened = scope_add(b, SCOPE_TYPE_VALUE, node, value, scope, text);
  builder_enter(b, node, CONTEXT_LOAD)->opened = opened;
}

void builder_open(Builder *b, uint32_t node) {
  PyKind kind = (PyKind)b->nodes[node].kind;
  if (kind == PY_TYPE_ALIAS_STATEMENT) {
    builder_open_alias(b, node);
    return;
  }
  ScopeKind opens = kind == PY_LAMBDA             ? SCOPE_LAMBDA
                    : kind == PY_CLASS_DEFINITION ? SCOPE_CLASS
                                                  : SCOPE_FUNCTION;
  uint32_t parent = vec_last(&b->frames).scope;
  Str name = STR_NONE;
  uint32_t body = 0;
  for (uint32_t c = node + 1; c < b->nodes[node].after; c = b->nodes[c].after) {
    PyField field = (PyField)b->nodes[c].field;
    if (field == FIELD_NAME) name = node_text(b->m->tree, (NodeId){c});
    if (field == FIELD_BODY) body = c;
    if (field == FIELD_TYPE_PARAMETERS) {
      parent = scope_add(b, SCOPE_TYPE_PARAMS, c, c, parent, name);
    }
  }
  uint32_t opened = scope_add(b, opens, node, body, parent, name);
  builder_enter(b, node, CONTEXT_LOAD)->opened = opened;
}

void builder_open_comprehension(Builder *b, uint32_t node) {
  uint32_t parent = vec_last(&b->frames).scope;
  uint32_t body = builder_field(b, node, FIELD_BODY);
  uint32_t scope = scope_add(b, SCOPE_COMPREHENSION, node, body, parent, STR_NONE);
  if (b->nodes[node].kind == PY_GENERATOR_EXPRESSION) {
    b->s->scopes.items[scope].flags |= SCOPE_IS_GENERATOR;
  }
  Frame *frame = builder_enter(b, node, CONTEXT_LOAD);
  frame->scope = scope;
  frame->first_clause = true;
}

void builder_enter_for_in(Builder *b, uint32_t node) {
  Frame *around = &vec_last(&b->frames);
  bool first = around->first_clause;
  around->first_clause = false;
  builder_enter(b, node, CONTEXT_LOAD)->first_clause = first;
}

void builder_enter_type_parameters(Builder *b, uint32_t node) {
  if (b->nodes[b->nodes[node].parent].kind != PY_GENERIC_TYPE) return;
  Frame *frame = builder_enter(b, node, CONTEXT_STORE);
  frame->scope = builder_parent(b, frame->opened);
  frame->statement = node;
  frame->value = 0;
}

void builder_enter_type_bound(Builder *b, uint32_t node) {
  const Frame *around = &vec_last(&b->frames);
  uint32_t parent = b->nodes[node].parent;
  if (around->context != CONTEXT_STORE || node == parent + 1) return;
  uint32_t scope = scope_add(b, SCOPE_TYPE_VALUE, node, node, around->scope,
                             node_text(b->m->tree, (NodeId){parent + 1}));
  builder_enter(b, node, CONTEXT_LOAD)->scope = scope;
}
