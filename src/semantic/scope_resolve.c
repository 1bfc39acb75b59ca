// Finding the owner of every name, as CPython's symtable.c does: one pass over the scopes
// in pre-order of nesting, with the visible function variables held in an array by name
// and undone when a scope ends. Then definitions and references are hung on the owners.

#include "base/fault.h"
#include "semantic/scope_internal.h"

// In `visible`: not a binding, but the class that has to make its `__class__` cell.
#define CELL_OF_CLASS (UINT32_C(1) << 31)

typedef struct Undo {
  Sym name;
  uint32_t before;
} Undo;

typedef struct Open {
  uint32_t after;  // the scope ends before this id
  uint32_t undo_count;
} Open;

typedef struct Resolver {
  Model *m;
  Scopes *s;
  Arena *arena;
  uint32_t *visible;  // by Sym: the enclosing functions' binding, 0 when global
  uint32_t *globals;  // by Sym: the module's entry
  VEC(Undo) undos;
  VEC(Open) open;
} Resolver;

// --- numbering -----------------------------------------------------------------------

// Gives the scopes ids in pre-order of nesting; a parent comes before its children in
// the old order too, which is all that this needs.
static void scopes_number(Scopes *s, Arena *arena) {
  uint32_t count = s->scopes.count;
  uint32_t *sizes = arena_array(arena, uint32_t, count);
  uint32_t *next = arena_array(arena, uint32_t, count);
  s->ids = arena_array(arena, uint32_t, count);
  s->old_ids = arena_array(arena, uint32_t, count);
  for (uint32_t i = count - 1; i >= 1; i--) {
    sizes[i] += 1;
    sizes[s->scopes.items[i].parent.i] += sizes[i];
  }
  next[0] = 1;
  Scope *ordered = arena_array(arena, Scope, count);
  for (uint32_t i = 1; i < count; i++) {
    uint32_t parent = s->scopes.items[i].parent.i;
    uint32_t id = next[parent];
    next[parent] += sizes[i];
    next[i] = id + 1;
    s->ids[i] = id;
    s->old_ids[id] = i;
    ordered[id] = s->scopes.items[i];
    ordered[id].parent.i = s->ids[parent];
    ordered[id].after = id + sizes[i];
  }
  s->scopes.items = ordered;
}

// --- owners --------------------------------------------------------------------------

static void resolver_show(Resolver *r, Sym name, uint32_t value) {
  vec_push(r->arena, &r->undos, (Undo){name, r->visible[name.i]});
  r->visible[name.i] = value;
}

static void resolver_close_before(Resolver *r, uint32_t scope) {
  while (r->open.count > 0 && vec_last(&r->open).after <= scope) {
    uint32_t keep = vec_last(&r->open).undo_count;
    while (r->undos.count > keep) {
      Undo undo = vec_last(&r->undos);
      r->visible[undo.name.i] = undo.before;
      r->undos.count -= 1;
    }
    r->open.count -= 1;
  }
}

// The enclosing functions' binding of a name, making a class's cell when that is it.
static BindingId resolver_visible(Resolver *r, Sym name) {
  uint32_t seen = r->visible[name.i];
  if ((seen & CELL_OF_CLASS) == 0) return (BindingId){seen};
  BindingId cell = {r->s->bindings.count};
  vec_push(r->arena, &r->s->bindings,
           (Binding){.name = name,
                     .scope = {r->s->old_ids[seen & ~CELL_OF_CLASS]},
                     .flags = BIND_LOCAL | BIND_CLASS_CELL,
                     .owner = cell});
  r->visible[name.i] = cell.i;
  return cell;
}

// Type parameters, bounds and aliases that stand in a class see its names.
static BindingId resolver_class_entry(const Resolver *r, ScopeId scope, Sym name) {
  const Scope *scopes = r->s->scopes.items;
  while (scopes[scope.i].kind == SCOPE_TYPE_PARAMS ||
         scopes[scope.i].kind == SCOPE_TYPE_VALUE) {
    scope = scopes[scope.i].parent;
    if (scopes[scope.i].kind != SCOPE_CLASS) continue;
    BindingId entry = scopes_find(r->s, r->s->old_ids[scope.i], name);
    bool is_bound = (r->s->bindings.items[entry.i].flags & BIND_LOCAL) != 0;
    return is_bound ? entry : (BindingId){0};
  }
  return (BindingId){0};
}

// What a name means in a scope that does not bind it: {0} when nobody in the file does.
static BindingId resolver_outer(Resolver *r, ScopeId scope, Sym name) {
  BindingId owner = resolver_class_entry(r, scope, name);
  if (!binding_ok(owner)) owner = resolver_visible(r, name);
  if (!binding_ok(owner)) owner = (BindingId){r->globals[name.i]};
  return owner;
}

static void resolve_in_module(Resolver *r, BindingId id) {
  Binding *binding = &r->s->bindings.items[id.i];
  r->globals[binding->name.i] = id.i;
  binding->owner = id;
  binding->flags |= BIND_GLOBAL;
  if ((binding->flags & BIND_BOUND) != 0) binding->flags |= BIND_LOCAL;
}

static void resolve_free(Resolver *r, BindingId id, BindingId owner) {
  Binding *bindings = r->s->bindings.items;
  bindings[id.i].flags |= BIND_FREE;
  bindings[id.i].owner = owner;
  bindings[owner.i].flags |= BIND_CAPTURED;
}

static void resolve_unbound(Resolver *r, ScopeId scope, BindingId id) {
  Sym name = r->s->bindings.items[id.i].name;
  BindingId seen = resolver_class_entry(r, scope, name);
  if (!binding_ok(seen)) {
    BindingId free = resolver_visible(r, name);
    if (binding_ok(free)) {
      resolve_free(r, id, free);
      return;
    }
    seen.i = r->globals[name.i];
  }
  Binding *binding = &r->s->bindings.items[id.i];
  binding->flags |= BIND_GLOBAL;
  binding->owner = seen;
  if ((binding->flags & BIND_IN_ERROR) != 0 && !binding_ok(seen)) {
    binding->owner = id;  // the broken code may bind it
    binding->flags |= BIND_LOCAL;
  }
}

static void resolve_in_scope(Resolver *r, ScopeId scope, BindingId id) {
  Binding *binding = &r->s->bindings.items[id.i];
  if ((binding->flags & BIND_GLOBAL_DECL) != 0) {
    binding->flags |= BIND_GLOBAL;
    binding->owner.i = r->globals[binding->name.i];
    if ((binding->flags & BIND_BOUND) != 0) {
      r->s->bindings.items[binding->owner.i].flags |= BIND_BOUND_GLOBALLY;
    }
  } else if ((binding->flags & BIND_NONLOCAL_DECL) != 0) {
    BindingId owner = resolver_visible(r, binding->name);
    if (binding_ok(owner)) {
      resolve_free(r, id, owner);
    } else {  // CPython refuses the file
      binding->flags |= BIND_LOCAL;
      binding->owner = id;
    }
  } else if ((binding->flags & BIND_BOUND) != 0) {
    binding->flags |= BIND_LOCAL;
    binding->owner = id;
  } else {
    resolve_unbound(r, scope, id);
  }
}

static void resolve_postponed(Resolver *r, ScopeId scope) {
  Scopes *s = r->s;
  RefId at = s->infos.items[s->old_ids[scope.i]].first_postponed;
  while (ref_ok(at)) {
    Ref *ref = &s->refs.items[at.i];
    BindingId entry = scopes_find(s, s->old_ids[scope.i], ref->name);
    ref->binding = binding_ok(entry) ? s->bindings.items[entry.i].owner
                                     : resolver_outer(r, scope, ref->name);
    at = ref->next;
    ref->next = (RefId){0};
  }
}

// Makes the scope's variables visible to the scopes in it.
static void resolver_open(Resolver *r, ScopeId id) {
  const Scope *scope = &r->s->scopes.items[id.i];
  if (scope->kind == SCOPE_MODULE || scope->after == id.i + 1) return;
  vec_push(r->arena, &r->open, (Open){scope->after, r->undos.count});
  if (scope->kind == SCOPE_CLASS) {
    resolver_show(r, (Sym){NAME_CLASS_CELL}, id.i | CELL_OF_CLASS);
    return;
  }
  for (BindingId at = scope->first_binding; binding_ok(at);) {
    const Binding *binding = &r->s->bindings.items[at.i];
    if ((binding->flags & BIND_GLOBAL_DECL) != 0) {
      resolver_show(r, binding->name, 0);
    } else if ((binding->flags & BIND_LOCAL) != 0) {
      resolver_show(r, binding->name, at.i);
    }
    at = binding->next;
  }
}

static void resolver_run(Resolver *r) {
  Scopes *s = r->s;
  for (ScopeId id = {1}; id.i < s->scopes.count; id.i++) {
    resolver_close_before(r, id.i);
    BindingId at = s->scopes.items[id.i].first_binding;
    while (binding_ok(at)) {
      if (id.i == MODULE_SCOPE.i) {
        resolve_in_module(r, at);
      } else {
        resolve_in_scope(r, id, at);
      }
      at = s->bindings.items[at.i].next;
    }
    resolve_postponed(r, id);
    resolver_open(r, id);
  }
}

// --- hanging definitions and references on their owners ------------------------------

// A module's entry owns its name only when something in the file binds it.
static void bindings_settle(Scopes *s) {
  const uint32_t owning = BIND_BOUND | BIND_BOUND_GLOBALLY | BIND_IN_ERROR;
  Binding *bindings = s->bindings.items;
  for (uint32_t i = 1; i < s->bindings.count; i++) {
    bindings[i].scope.i = s->ids[bindings[i].scope.i];
    if ((bindings[i].flags & BIND_IN_ERROR) != 0) {
      bindings[bindings[i].owner.i].flags |= BIND_IN_ERROR;
    }
  }
  bindings[0] = (Binding){0};
  for (BindingId at = s->scopes.items[MODULE_SCOPE.i].first_binding; binding_ok(at);) {
    Binding *entry = &bindings[at.i];
    if ((entry->flags & owning) == 0) entry->owner = (BindingId){0};
    entry->flags &= ~(uint32_t)BIND_BOUND_GLOBALLY;
    at = entry->next;
  }
  for (uint32_t i = 1; i < s->bindings.count; i++) {
    bindings[i].owner = bindings[bindings[i].owner.i].owner;
  }
}

static void defs_link(Scopes *s) {
  for (uint32_t i = 1; i < s->defs.count; i++) {
    Def *def = &s->defs.items[i];
    def->scope.i = s->ids[def->scope.i];
    def->binding = s->bindings.items[def->binding.i].owner;
    Binding *owner = &s->bindings.items[def->binding.i];
    if (owner->def_count++ == 0) {
      owner->first_def = (DefId){i};
    } else {
      s->defs.items[owner->last_def.i].next = (DefId){i};
    }
    owner->last_def = (DefId){i};
  }
}

static void refs_link(Scopes *s) {
  for (uint32_t i = 1; i < s->refs.count; i++) {
    Ref *ref = &s->refs.items[i];
    ref->scope.i = s->ids[ref->scope.i];
    ref->binding = s->bindings.items[ref->binding.i].owner;
    if (!binding_ok(ref->binding)) continue;
    Binding *owner = &s->bindings.items[ref->binding.i];
    if (owner->ref_count++ == 0) {
      owner->first_ref = (RefId){i};
    } else {
      s->refs.items[owner->last_ref.i].next = (RefId){i};
    }
    owner->last_ref = (RefId){i};
  }
}

void scopes_resolve(Model *m) {
  Scopes *s = m->scopes;
  Resolver resolver = {.m = m, .s = s, .arena = m->arena};
  uint32_t names = m->names_interner.texts.count;
  resolver.visible = arena_array(m->arena, uint32_t, names);
  resolver.globals = arena_array(m->arena, uint32_t, names);
  scopes_number(s, m->arena);
  resolver_run(&resolver);
  bindings_settle(s);
  defs_link(s);
  refs_link(s);
}
