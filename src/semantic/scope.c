#include "semantic/scope.h"

#include "semantic/scope_internal.h"

const Scope *scope_get(const Model *m, ScopeId s) {
  return &m->scopes->scopes.items[s.i];
}
const Binding *binding_get(const Model *m, BindingId b) {
  return &m->scopes->bindings.items[b.i];
}
const Def *def_get(const Model *m, DefId d) { return &m->scopes->defs.items[d.i]; }
const Ref *ref_get(const Model *m, RefId r) { return &m->scopes->refs.items[r.i]; }
uint32_t scope_count(const Model *m) { return m->scopes->scopes.count; }
uint32_t binding_count(const Model *m) { return m->scopes->bindings.count; }
uint32_t def_count(const Model *m) { return m->scopes->defs.count; }
uint32_t ref_count(const Model *m) { return m->scopes->refs.count; }

// --- scopes --------------------------------------------------------------------------

ScopeId scope_at(const Model *m, NodeId node) {
  if (!node_ok(node)) return (ScopeId){0};
  return (ScopeId){m->scopes->ids[m->scopes->node_scopes[node.i]]};
}

ScopeId scope_of(const Model *m, NodeId node) {
  const Tree *t = m->tree;
  switch (node_kind(t, node)) {
    case PY_MODULE: return MODULE_SCOPE;
    case PY_FUNCTION_DEFINITION:
    case PY_CLASS_DEFINITION:
    case PY_LAMBDA:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION: {
      // What it runs lies in the scope that it opens, unless it is too broken to have a
      // body, or the body is another's.
      ScopeId inner = scope_at(m, node_field(t, node, FIELD_BODY));
      return node_eq(scope_get(m, inner)->node, node) ? inner : (ScopeId){0};
    }
    default: return (ScopeId){0};
  }
}

ScopeId scope_function(const Model *m, ScopeId s) {
  for (;; s = scope_get(m, s)->parent) {
    switch (scope_get(m, s)->kind) {
      case SCOPE_NONE:
      case SCOPE_MODULE:
      case SCOPE_FUNCTION:
      case SCOPE_LAMBDA: return s;
      default: break;
    }
  }
}

ScopeId scope_class_of_method(const Model *m, ScopeId function) {
  const Scope *scope = scope_get(m, function);
  if (scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_LAMBDA) return (ScopeId){0};
  ScopeId parent = scope->parent;
  if (scope_get(m, parent)->kind == SCOPE_TYPE_PARAMS) {
    parent = scope_get(m, parent)->parent;
  }
  return scope_get(m, parent)->kind == SCOPE_CLASS ? parent : (ScopeId){0};
}

bool scope_inside(const Model *m, ScopeId inner, ScopeId outer) {
  return outer.i != 0 && inner.i >= outer.i && inner.i < scope_get(m, outer)->after;
}

// --- names ---------------------------------------------------------------------------

BindingId scopes_find(const Scopes *s, uint32_t old_scope, Sym name) {
  return (BindingId){map_get(&s->entries, map_pair(old_scope, name.i))};
}

static BindingId scope_find(const Model *m, ScopeId s, Sym name) {
  if (s.i == 0 || name.i == 0) return (BindingId){0};
  return scopes_find(m->scopes, m->scopes->old_ids[s.i], name);
}

BindingId scope_lookup(const Model *m, ScopeId s, Str name) {
  return scope_find(m, s, intern_find(&m->names_interner, name));
}

BindingId scope_resolve(const Model *m, ScopeId s, Str text) {
  Sym name = intern_find(&m->names_interner, text);
  if (name.i == 0) return (BindingId){0};
  bool sees_class = true;  // the scope's own names, also when it is a class
  for (; scope_ok(s); s = scope_get(m, s)->parent) {
    const Scope *scope = scope_get(m, s);
    BindingId entry = scope_find(m, s, name);
    if (binding_ok(entry) && (scope->kind != SCOPE_CLASS || sees_class)) {
      return binding_get(m, entry)->owner;
    }
    sees_class = scope->kind == SCOPE_TYPE_PARAMS || scope->kind == SCOPE_TYPE_VALUE;
  }
  return (BindingId){0};
}

// The RefId or DefId (then with NAME_IS_DEF) at a node.
static uint32_t name_at(const Model *m, NodeId node) {
  return m->scopes->node_names[node.i];
}

DefId def_at(const Model *m, NodeId identifier) {
  uint32_t at = name_at(m, identifier);
  return (DefId){(at & NAME_IS_DEF) != 0 ? at & ~NAME_IS_DEF : 0};
}

RefId ref_at(const Model *m, NodeId identifier) {
  uint32_t at = name_at(m, identifier);
  if ((at & NAME_IS_DEF) == 0) return (RefId){at};
  return (RefId){map_get(&m->scopes->second_refs, identifier.i)};
}

BindingId binding_of(const Model *m, NodeId identifier) {
  uint32_t at = name_at(m, identifier);
  if ((at & NAME_IS_DEF) != 0) return def_get(m, (DefId){at & ~NAME_IS_DEF})->binding;
  return ref_get(m, (RefId){at})->binding;
}

DefId binding_only_def(const Model *m, BindingId b) {
  const Binding *binding = binding_get(m, b);
  return binding->def_count == 1 ? binding->first_def : (DefId){0};
}

Str binding_name(const Model *m, BindingId b) {
  return sym_str(&m->names_interner, binding_get(m, b)->name);
}

// --- builtins ------------------------------------------------------------------------

static const char *const builtin_names[] = {
#define BUILTIN_NAME(name) #name,
#include "semantic/knowledge/builtin_names.def"
#undef BUILTIN_NAME
};

static bool is_builtin_name(Str name) {
  size_t low = 0, high = sizeof builtin_names / sizeof builtin_names[0];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = str_cmp(str_from(builtin_names[middle]), name);
    if (order == 0) return true;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

bool name_is_reserved(Str name) {
  static const char *const keywords[] = {
      "and",      "as",       "assert", "async", "await",  "break",  "class",
      "continue", "def",      "del",    "elif",  "else",   "except", "finally",
      "for",      "from",     "global", "if",    "import", "in",     "is",
      "lambda",   "nonlocal", "not",    "or",    "pass",   "raise",  "return",
      "try",      "while",    "with",   "yield", "case",   "match",  "type"};
  for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
    if (str_is(name, keywords[i])) return true;
  }
  return is_builtin_name(name);
}

bool ref_is_builtin(const Model *m, NodeId identifier) {
  RefId id = ref_at(m, identifier);
  if (!ref_ok(id) || binding_ok(binding_of(m, identifier))) return false;
  if (m->scopes->has_star_import) return false;
  // Code that module level executes may define what it likes.
  if ((scope_get(m, MODULE_SCOPE)->flags & SCOPE_BINDS_UNSEEN) != 0) return false;
  return is_builtin_name(sym_str(&m->names_interner, ref_get(m, id)->name));
}

// --- parameters ----------------------------------------------------------------------

// The name that a child of a parameter list binds, or NO_NODE.
static NodeId parameter_name(const Tree *t, NodeId parameter) {
  switch (node_kind(t, parameter)) {
    case PY_IDENTIFIER: return parameter;
    case PY_DEFAULT_PARAMETER:
    case PY_TYPED_DEFAULT_PARAMETER: return node_child(t, parameter, PY_IDENTIFIER);
    case PY_LIST_SPLAT_PATTERN:
    case PY_DICTIONARY_SPLAT_PATTERN: return node_child(t, parameter, PY_IDENTIFIER);
    case PY_TYPED_PARAMETER: {
      NodeId first = node_first(t, parameter);
      if (node_is(t, first, PY_IDENTIFIER)) return first;
      return node_child(t, first, PY_IDENTIFIER);
    }
    default: return NO_NODE;
  }
}

static NodeId scope_parameters(const Model *m, ScopeId function) {
  return node_field(m->tree, scope_get(m, function)->node, FIELD_PARAMETERS);
}

DefId scope_parameter(const Model *m, ScopeId function, uint32_t index) {
  NodeId list = scope_parameters(m, function);
  for (NodeId c = node_first(m->tree, list); node_ok(c); c = node_next(m->tree, c)) {
    NodeId name = parameter_name(m->tree, c);
    if (node_ok(name) && index-- == 0) return def_at(m, name);
  }
  return (DefId){0};
}

uint32_t scope_parameter_count(const Model *m, ScopeId function) {
  NodeId list = scope_parameters(m, function);
  uint32_t count = 0;
  for (NodeId c = node_first(m->tree, list); node_ok(c); c = node_next(m->tree, c)) {
    if (node_ok(parameter_name(m->tree, c))) count += 1;
  }
  return count;
}
