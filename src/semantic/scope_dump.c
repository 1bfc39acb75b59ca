// `dump scopes`, `dump bindings` and `dump symbols`.

#include "base/lines.h"
#include "semantic/scope.h"

static const char *const kind_names[] = {
    [SCOPE_NONE] = "none",
    [SCOPE_MODULE] = "module",
    [SCOPE_CLASS] = "class",
    [SCOPE_FUNCTION] = "function",
    [SCOPE_LAMBDA] = "lambda",
    [SCOPE_COMPREHENSION] = "comprehension",
    [SCOPE_TYPE_PARAMS] = "type parameters",
    [SCOPE_TYPE_VALUE] = "type value",
};

static const char *const def_names[] = {
    [DEF_NONE] = "none",
    [DEF_ASSIGN] = "assign",
    [DEF_ANNOTATED] = "annotated",
    [DEF_AUGMENTED] = "augmented",
    [DEF_FOR] = "for",
    [DEF_WITH] = "with",
    [DEF_EXCEPT] = "except",
    [DEF_IMPORT] = "import",
    [DEF_IMPORT_FROM] = "from",
    [DEF_FUNCTION] = "function",
    [DEF_CLASS] = "class",
    [DEF_PARAMETER] = "parameter",
    [DEF_WALRUS] = "walrus",
    [DEF_COMPREHENSION] = "comprehension",
    [DEF_MATCH] = "match",
    [DEF_TYPE] = "type",
    [DEF_DELETE] = "delete",
};

typedef struct FlagName {
  uint32_t flag;
  const char *name;
} FlagName;

static const FlagName scope_flags[] = {
    {SCOPE_IS_ASYNC, "async"},          {SCOPE_IS_GENERATOR, "generator"},
    {SCOPE_STAR_IMPORT, "star-import"}, {SCOPE_DYNAMIC, "dynamic"},
    {SCOPE_BROKEN, "broken"},           {SCOPE_USES_SUPER, "super"},
    {SCOPE_POSTPONED, "postponed"},     {SCOPE_BINDS_UNSEEN, "binds-unseen"},
};

static const FlagName binding_flags[] = {
    {BIND_LOCAL, "local"},
    {BIND_GLOBAL, "global"},
    {BIND_FREE, "free"},
    {BIND_PARAMETER, "parameter"},
    {BIND_IMPORTED, "imported"},
    {BIND_REFERENCED, "referenced"},
    {BIND_ASSIGNED, "assigned"},
    {BIND_ANNOTATED, "annotated"},
    {BIND_NONLOCAL_DECL, "nonlocal"},
    {BIND_GLOBAL_DECL, "declared_global"},
    {BIND_CAPTURED, "captured"},
    {BIND_DELETED, "deleted"},
    {BIND_IN_ERROR, "broken"},
};

enum {
  SCOPE_FLAG_COUNT = sizeof scope_flags / sizeof scope_flags[0],
  BINDING_FLAG_COUNT = sizeof binding_flags / sizeof binding_flags[0],
  SYMBOL_FLAG_COUNT = 10,  // those of `binding_flags` that symtable knows
  INDENT_LIMIT = 40,
};

static void flags_print(Buf *out, uint32_t flags, const FlagName *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if ((flags & names[i].flag) != 0) buf_printf(out, " %s", names[i].name);
  }
}

static uint32_t scope_line(const Model *m, const Scope *scope) {
  NodeId node = scope->node;
  // Type parameters begin, for CPython, where their def, class or alias does.
  if (scope->kind == SCOPE_TYPE_PARAMS) {
    node = node_parent(m->tree, node);
    if (node_is(m->tree, node, PY_GENERIC_TYPE)) node = node_statement(m->tree, node);
  }
  if (scope->kind == SCOPE_MODULE) return 0;
  return lines_line_of(&m->tree->source->lines, node_start(m->tree, node)) + 1;
}

static void place_print(const Model *m, Buf *out, NodeId node) {
  LinePos at =
      lines_position(&m->tree->source->lines, node_start(m->tree, node), COLUMN_BYTES);
  buf_printf(out, " %u:%u", at.line + 1, at.column + 1);
}

// The kind as CPython names such a block.
static const char *scope_label(const Model *m, const Scope *scope) {
  if (scope->kind != SCOPE_COMPREHENSION) return kind_names[scope->kind];
  switch (node_kind(m->tree, scope->node)) {
    case PY_LIST_COMPREHENSION: return "listcomp";
    case PY_SET_COMPREHENSION: return "setcomp";
    case PY_DICTIONARY_COMPREHENSION: return "dictcomp";
    default: return "genexpr";
  }
}

// --- scopes and bindings -------------------------------------------------------------

static void scope_print(const Model *m, ScopeId id, uint32_t depth, Buf *out) {
  const Scope *scope = scope_get(m, id);
  uint32_t indent = 2 * (depth < INDENT_LIMIT ? depth : INDENT_LIMIT);
  buf_fill(out, ' ', indent);
  buf_printf(out, "%s", scope_label(m, scope));
  if (scope->name.i != 0) {
    buf_printf(out, " %.*s", STR_ARGS(sym_str(&m->names_interner, scope->name)));
  }
  buf_printf(out, " line %u", scope_line(m, scope));
  flags_print(out, scope->flags, scope_flags, SCOPE_FLAG_COUNT);
  buf_add_byte(out, '\n');
  for (BindingId b = scope->first_binding; binding_ok(b); b = binding_get(m, b)->next) {
    buf_fill(out, ' ', indent + 2);
    buf_printf(out, "- %.*s:", STR_ARGS(binding_name(m, b)));
    flags_print(out, binding_get(m, b)->flags, binding_flags, BINDING_FLAG_COUNT);
    buf_add_byte(out, '\n');
  }
}

void scope_dump(const Model *m, Buf *out) {
  uint32_t *depths = arena_array(m->arena, uint32_t, scope_count(m));
  for (ScopeId s = {1}; s.i < scope_count(m); s.i++) {
    if (s.i > 1) depths[s.i] = depths[scope_get(m, s)->parent.i] + 1;
    scope_print(m, s, depths[s.i], out);
  }
}

static void binding_print(const Model *m, BindingId id, Buf *out) {
  const Binding *binding = binding_get(m, id);
  const Scope *scope = scope_get(m, binding->scope);
  buf_printf(out, "%.*s (%s line %u)", STR_ARGS(binding_name(m, id)),
             scope_label(m, scope), scope_line(m, scope));
  flags_print(out, binding->flags, binding_flags, BINDING_FLAG_COUNT);
  buf_add(out, STR("\n  defs:"));
  for (DefId d = def_first(m, id); def_ok(d); d = def_next(m, d)) {
    place_print(m, out, def_get(m, d)->node);
    buf_printf(out, " %s", def_names[def_get(m, d)->kind]);
  }
  buf_add(out, STR("\n  refs:"));
  for (RefId r = ref_first(m, id); ref_ok(r); r = ref_next(m, r)) {
    place_print(m, out, ref_get(m, r)->node);
  }
  buf_add_byte(out, '\n');
}

// The variables that the file binds, then the names that it reads without binding them.
void binding_dump(const Model *m, Buf *out) {
  for (BindingId b = {1}; b.i < binding_count(m); b.i++) {
    if (binding_get(m, b)->owner.i == b.i) binding_print(m, b, out);
  }
  for (RefId r = {1}; r.i < ref_count(m); r.i++) {
    const Ref *ref = ref_get(m, r);
    if (binding_ok(ref->binding)) continue;
    buf_printf(out, "unbound %.*s", STR_ARGS(sym_str(&m->names_interner, ref->name)));
    place_print(m, out, ref->node);
    buf_add_byte(out, '\n');
  }
}

// --- symbols -------------------------------------------------------------------------

typedef struct Passed {  // a free name in a scope that only passes it on
  Sym name;
  uint32_t next;
} Passed;

typedef struct Passing {
  VEC(Passed) items;
  uint32_t *first;  // by scope
  Map seen;         // (scope, name)
} Passing;

// CPython gives each scope between a free name and its owner an entry for it.
static void passing_find(const Model *m, Passing *self) {
  Arena *arena = m->arena;
  self->seen = map_in(arena);
  self->first = arena_array(arena, uint32_t, scope_count(m));
  vec_push(arena, &self->items, (Passed){0});
  for (BindingId b = {1}; b.i < binding_count(m); b.i++) {
    const Binding *binding = binding_get(m, b);
    if ((binding->flags & BIND_FREE) == 0) continue;
    if ((scope_get(m, binding->scope)->flags & SCOPE_POSTPONED) != 0) continue;
    Str name = sym_str(&m->names_interner, binding->name);
    ScopeId stop = binding_get(m, binding->owner)->scope;
    for (ScopeId s = scope_get(m, binding->scope)->parent; s.i != stop.i && s.i > 1;
         s = scope_get(m, s)->parent) {
      uint64_t key = map_pair(s.i, binding->name.i);
      if (map_get(&self->seen, key) != 0) break;
      map_put(&self->seen, key, 1);
      if (binding_ok(scope_lookup(m, s, name))) continue;
      vec_push(arena, &self->items, (Passed){binding->name, self->first[s.i]});
      self->first[s.i] = self->items.count - 1;
    }
  }
}

static void path_add(const Model *m, ScopeId id, uint32_t ordinal, Buf *path) {
  const Scope *scope = scope_get(m, id);
  if (id.i == MODULE_SCOPE.i) {
    buf_add(path, STR("top"));
    return;
  }
  Str name = sym_str(&m->names_interner, scope->name);
  if (name.n == 0) name = str_from(scope_label(m, scope));
  buf_printf(path, "/%.*s#%u", STR_ARGS(name), ordinal);
}

static void symbol_print(const Model *m, ScopeId id, Str path, Str name, uint32_t flags,
                         Buf *out) {
  const Scope *scope = scope_get(m, id);
  buf_add(out, path);
  buf_printf(out, "\t%s\t%u\t%.*s\t", scope_label(m, scope), scope_line(m, scope),
             STR_ARGS(name));
  for (size_t i = 0, n = 0; i < SYMBOL_FLAG_COUNT; i++) {
    if ((flags & binding_flags[i].flag) == 0) continue;
    buf_printf(out, "%s%s", n++ != 0 ? "," : "", binding_flags[i].name);
  }
  buf_add_byte(out, '\n');
}

static void symbols_print(const Model *m, ScopeId id, Str path, const Passing *passing,
                          Buf *out) {
  const Interner *names = &m->names_interner;
  uint32_t count = 0;
  BindingId b = scope_get(m, id)->first_binding;
  for (; binding_ok(b); b = binding_get(m, b)->next) {
    const Binding *binding = binding_get(m, b);
    symbol_print(m, id, path, sym_str(names, binding->name), binding->flags, out);
    count += 1;
  }
  for (uint32_t i = passing->first[id.i]; i != 0; i = passing->items.items[i].next) {
    symbol_print(m, id, path, sym_str(names, passing->items.items[i].name), BIND_FREE,
                 out);
    count += 1;
  }
  if (count == 0) symbol_print(m, id, path, STR_NONE, 0, out);
}

void scope_dump_symbols(const Model *m, Buf *out) {
  uint32_t count = scope_count(m);
  Passing passing = {0};
  passing_find(m, &passing);
  uint32_t *lengths = arena_array(m->arena, uint32_t, count);  // of the scopes' paths
  uint32_t *children = arena_array(m->arena, uint32_t, count);
  Buf path = buf_in(m->arena);
  if (node_ok(m->tree->first_error)) buf_add(out, STR("! broken\n"));
  for (ScopeId s = {1}; s.i < count; s.i++) {
    if ((scope_get(m, s)->flags & SCOPE_POSTPONED) != 0) continue;
    ScopeId parent = scope_get(m, s)->parent;
    path.n = lengths[parent.i];
    path_add(m, s, ++children[parent.i], &path);
    lengths[s.i] = (uint32_t)path.n;
    symbols_print(m, s, buf_str(&path), &passing, out);
  }
}
