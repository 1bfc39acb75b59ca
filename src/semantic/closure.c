#include "semantic/closure.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/heavy.h"
#include "semantic/parse.h"

enum { DEFS_READ = 16, BINDINGS_READ = 64 };

// The def or lambda behind what a definition binds: `cache(f)` and `partial(f)` hold it.
static NodeId function_of_def(Model *m, const Def *def) {
  const Tree *t = m->tree;
  CacheUse cache = {0};
  if (def->kind == DEF_FUNCTION) return def->value;
  if ((def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED &&
       def->kind != DEF_WALRUS) ||
      def->flags != 0) {
    return NO_NODE;
  }
  NodeId value = node_unwrap(t, def->value);
  if (node_is(t, value, PY_LAMBDA)) return value;
  if (!node_is(t, value, PY_CALL)) return NO_NODE;
  NodeId inner = NO_NODE;
  if (name_is(m, call_callee(m, value), "functools.partial") &&
      call_argument(m, value, 0, NULL, &inner) == ARG_PRESENT) {
    inner = node_unwrap(t, inner);
    return node_is(t, inner, PY_LAMBDA) ? inner : NO_NODE;
  }
  return cache_applied_to(m, value, &cache);
}

// What a decorator makes holds the function, and nothing else is known to hold the rest.
static bool decorator_is_plain(Model *m, NodeId decorator) {
  Str name = name_of_decorator(m, decorator);
  return cache_of_decorator(m, decorator).fact != NULL ||
         str_is(name, "functools.wraps") || str_is(name, "contextlib.contextmanager") ||
         str_is(name, "contextlib.asynccontextmanager");
}

static bool is_decorated_plainly(Model *m, NodeId function) {
  NodeId outer = node_parent(m->tree, function);
  if (!node_is(m->tree, outer, PY_DECORATED_DEFINITION)) return true;
  for (NodeId d = node_first_named(m->tree, outer); node_is(m->tree, d, PY_DECORATOR);
       d = node_next_named(m->tree, d)) {
    if (!decorator_is_plain(m, d)) return false;
  }
  return true;
}

// Nothing takes the function out of its variable again: what is bound before it is no
// matter, other functions of the name (in other branches) are none.
static bool keeps_function(Model *m, BindingId variable, DefId function) {
  uint32_t read = 0;
  for (DefId d = def_first(m, variable); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (++read > DEFS_READ) return false;
    bool is_bare = def->kind == DEF_ANNOTATED && !node_ok(def->value);
    if (d.i == function.i || is_bare || node_ok(function_of_def(m, def))) continue;
    if (def->scope.i != binding_get(m, variable)->scope.i) return false;
    if (flow_reaches(m, def_get(m, function)->node, def->node) != ANSWER_NO)
      return false;
  }
  return true;
}

static void closures_add(Model *m, Closures *all, BindingId variable) {
  for (DefId d = def_first(m, variable); def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    NodeId function = function_of_def(m, def);
    if (!node_ok(function)) continue;
    if (def->scope.i != binding_get(m, variable)->scope.i ||
        !is_decorated_plainly(m, function) || !keeps_function(m, variable, d)) {
      return;
    }
    if (all->count == CLOSURES_READ) return;
    all->items[all->count++] = (Closure){.variable = variable,
                                         .name = def->node,
                                         .function = function,
                                         .scope = scope_of(m, function),
                                         .def = d};
  }
}

static bool captures_at(Model *m, RefId ref, ScopeId function) {
  const Ref *mention = ref_get(m, ref);
  return scope_inside(m, mention->scope, function) &&
         (scope_get(m, mention->scope)->flags & SCOPE_POSTPONED) == 0 &&
         (context_of(m, mention->node).flags & CONTEXT_ANNOTATION) == 0;
}

NodeId closure_mention(Model *m, const Closure *closure, BindingId variable) {
  for (RefId r = ref_first(m, variable); ref_ok(r); r = ref_next(m, r)) {
    if (captures_at(m, r, closure->scope)) return ref_get(m, r)->node;
  }
  return NO_NODE;
}

static void rings_find(Closures *all, uint32_t reach[CLOSURES_READ]) {
  for (uint32_t via = 0; via < all->count; via++) {
    for (uint32_t from = 0; from < all->count; from++) {
      if (reach[from] & (1u << via)) reach[from] |= reach[via];
    }
  }
  for (uint32_t i = 0; i < all->count; i++) {
    if ((reach[i] & (1u << i)) == 0) continue;
    for (uint32_t j = 0; j < all->count; j++) {
      bool both = (reach[i] & (1u << j)) != 0 && (reach[j] & (1u << i)) != 0;
      if (both) all->items[i].ring |= 1u << j;
    }
  }
}

Closures closures_of(Model *m, ScopeId scope) {
  Closures all = {.count = 0};
  uint32_t reach[CLOSURES_READ] = {0};
  for (BindingId b = scope_get(m, scope)->first_binding; binding_ok(b);
       b = binding_get(m, b)->next) {
    const Binding *binding = binding_get(m, b);
    uint32_t wanted = BIND_LOCAL | BIND_CAPTURED;
    if ((binding->flags & wanted) != wanted || binding->owner.i != b.i ||
        (binding->flags & BIND_IN_ERROR) != 0) {
      continue;
    }
    closures_add(m, &all, b);
  }
  for (uint32_t to = 0; to < all.count; to++) {
    BindingId variable = all.items[to].variable;
    for (uint32_t from = 0; from < all.count; from++) {
      if (node_ok(closure_mention(m, &all.items[from], variable)))
        reach[from] |= 1u << to;
    }
  }
  rings_find(&all, reach);
  return all;
}

// --- what they hold ------------------------------------------------------------------

static bool value_is_array(Value v) {
  return v.kind == VALUE_NDARRAY || v.kind == VALUE_SERIES ||
         v.kind == VALUE_DATAFRAME || v.kind == VALUE_TENSOR;
}

// `json.loads(path.read_text())`, `ET.parse(path)`: as large as what was read.
static bool is_made_of_size(Model *m, const Def *d) {
  bool is_plain = (d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED) &&
                  (d->flags & DEF_UNPACKED) == 0;
  NodeId made = node_unwrap(m->tree, d->value);
  if (!is_plain || !node_is(m->tree, made, PY_CALL)) return false;
  return value_holds_size(parsed_value(m, made)) || heavy_of(m, made).kind != HEAVY_NOT;
}

static DefId size_of_binding(Model *m, BindingId binding) {
  uint32_t read = 0;
  for (DefId d = def_first(m, binding); def_ok(d); d = def_next(m, d)) {
    if (++read > DEFS_READ) break;
    // The caller has what it passes; arrays are large enough to be reported all the same.
    Value v = value_of_def(m, d);
    if (def_get(m, d)->kind == DEF_PARAMETER && !value_is_array(v)) continue;
    if (value_holds_size(v) || is_made_of_size(m, def_get(m, d))) return d;
  }
  return (DefId){0};
}

DefId frame_size(Model *m, ScopeId function) {
  uint32_t read = 0;
  for (BindingId b = scope_get(m, function)->first_binding; binding_ok(b);
       b = binding_get(m, b)->next) {
    const Binding *binding = binding_get(m, b);
    if (++read > BINDINGS_READ) break;
    if ((binding->flags & BIND_LOCAL) == 0 || (binding->flags & BIND_DELETED) != 0)
      continue;
    DefId held = size_of_binding(m, b);
    if (def_ok(held)) return held;
  }
  return (DefId){0};
}

DefId closure_size(Model *m, const Closure *closure) {
  uint32_t read = 0;
  for (ScopeId s = scope_get(m, closure->scope)->parent; s.i > MODULE_SCOPE.i;
       s = scope_get(m, s)->parent) {
    if (scope_get(m, s)->kind == SCOPE_CLASS) continue;
    for (BindingId b = scope_get(m, s)->first_binding; binding_ok(b);
         b = binding_get(m, b)->next) {
      const Binding *binding = binding_get(m, b);
      uint32_t wanted = BIND_LOCAL | BIND_CAPTURED;
      if ((binding->flags & wanted) != wanted) continue;
      if (++read > BINDINGS_READ) return (DefId){0};
      if (!node_ok(closure_mention(m, closure, b))) continue;
      DefId held = size_of_binding(m, b);
      if (def_ok(held)) return held;
    }
  }
  return (DefId){0};
}
