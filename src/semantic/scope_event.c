// Recording what a place does with a name: entries of scopes, references, definitions.

#include "semantic/scope_internal.h"

static Sym name_mangle(Builder *b, Sym class_name, Str text) {
  Sym plain = intern(&b->m->names_interner, text);
  uint64_t key = map_pair(class_name.i, plain.i);
  uint32_t known = map_get(&b->s->mangled, key);
  if (known != 0) return (Sym){known};
  Str owner = sym_str(&b->m->names_interner, class_name);
  Sym mangled =
      intern(&b->m->names_interner,
             str_printf_in(b->arena, "_%.*s%.*s", STR_ARGS(owner), STR_ARGS(text)));
  map_put(&b->s->mangled, key, mangled.i);
  return mangled;
}

Sym builder_name(Builder *b, uint32_t scope, Str text) {
  if (text.n > 2 && text.p[0] == '_' && text.p[1] == '_' &&
      !(text.p[text.n - 1] == '_' && text.p[text.n - 2] == '_')) {
    Sym class_name = b->s->infos.items[scope].private_name;
    if (class_name.i != 0) return name_mangle(b, class_name, text);
  }
  return intern(&b->m->names_interner, text);
}

static BindingId entry_add(Builder *b, uint32_t scope, Sym name) {
  Scopes *s = b->s;
  BindingId id = {s->bindings.count};
  vec_push(b->arena, &s->bindings, (Binding){.name = name, .scope = {scope}});
  BindingId last = s->infos.items[scope].last_binding;
  if (binding_ok(last)) {
    s->bindings.items[last.i].next = id;
  } else {
    s->scopes.items[scope].first_binding = id;
  }
  s->infos.items[scope].last_binding = id;
  map_put(&s->entries, map_pair(scope, name.i), id.i);
  return id;
}

BindingId builder_entry(Builder *b, uint32_t scope, Sym name) {
  while (b->recent.count <= name.i) vec_push(b->arena, &b->recent, (Recent){0});
  Recent *recent = &b->recent.items[name.i];
  if (recent->scope == scope) return recent->binding;
  BindingId id = {0};
  if (recent->scope != 0) id = scopes_find(b->s, scope, name);
  if (!binding_ok(id)) id = entry_add(b, scope, name);
  *recent = (Recent){scope, id};
  return id;
}

// --- references ----------------------------------------------------------------------

static bool call_has_no_arguments(const Builder *b, uint32_t callee) {
  uint32_t arguments = b->nodes[callee].after;
  return b->nodes[arguments].kind == PY_ARGUMENT_LIST &&
         b->nodes[arguments].after == arguments + 1;
}

// `exec(code, names)` runs in a namespace of its own.
static bool has_own_namespace(const Builder *b, uint32_t callee) {
  const Node *nodes = b->nodes;
  uint32_t list = nodes[callee].after;
  if (nodes[list].kind != PY_ARGUMENT_LIST) return false;
  NodeId code = node_named_at(b->m->tree, (NodeId){list}, 0);
  NodeId names = node_named_at(b->m->tree, (NodeId){list}, 1);
  bool is_seen = node_ok(names) && !node_is(b->m->tree, code, PY_LIST_SPLAT);
  switch (is_seen ? node_kind(b->m->tree, names) : PY_NONE_LITERAL) {
    case PY_IDENTIFIER:
    case PY_DICTIONARY: return true;
    case PY_ATTRIBUTE:
    case PY_CALL: return !str_contains(node_text(b->m->tree, names), STR("__dict__"));
    default: return false;
  }
}

static bool is_reading_method(Str name) {
  static const char *const names[] = {"copy", "get", "items", "keys", "values", NULL};
  return str_is_any(name, names);
}

static bool is_copying_call(const Tree *t, NodeId call) {
  NodeId callee = node_field(t, call, FIELD_FUNCTION);
  static const char *const names[] = {"dict", "frozenset", "len",   "list", "repr",
                                      "set",  "sorted",    "tuple", NULL};
  return str_is_any(node_text(t, callee), names);
}

static bool is_deleted(const Tree *t, NodeId target) {
  NodeId above = node_parent(t, target);
  if (node_is(t, above, PY_EXPRESSION_LIST)) above = node_parent(t, above);
  return node_is(t, above, PY_DELETE_STATEMENT);
}

// `"…" % globals()`, `globals()["x"]`, `vars().items()`: names are read, none is bound.
static bool only_reads(const Builder *b, uint32_t callee) {
  const Tree *t = b->m->tree;
  NodeId call = node_wrap(t, node_parent(t, (NodeId){callee}));
  NodeId around = node_parent(t, call), above = node_parent(t, around);
  PyField role = node_role(t, call), role_around = node_role(t, around);
  switch (node_kind(t, around)) {
    case PY_BINARY_OPERATOR:
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE: return role == FIELD_RIGHT;
    case PY_COMPARISON_OPERATOR:
    case PY_DICTIONARY_SPLAT: return true;
    case PY_SUBSCRIPT:
      return role == FIELD_VALUE && role_around != FIELD_LEFT &&
             !is_deleted(t, around) && !node_is(t, above, PY_PATTERN_LIST) &&
             !node_is(t, above, PY_TUPLE_PATTERN);
    case PY_ATTRIBUTE:
      return node_is(t, above, PY_CALL) && role_around == FIELD_FUNCTION &&
             is_reading_method(node_text(t, node_field(t, around, FIELD_ATTRIBUTE)));
    case PY_ARGUMENT_LIST: return is_copying_call(t, above);
    default: return false;
  }
}

// Code that is run, or the names of the scope are given away.
static void note_dynamic(Builder *b, uint32_t scope, uint32_t callee, Sym name) {
  Scope *in = &b->s->scopes.items[scope];
  bool is_code = name.i == NAME_EXEC || name.i == NAME_EVAL;
  if (is_code && has_own_namespace(b, callee)) return;
  in->flags |= SCOPE_DYNAMIC;
  bool is_read = name.i == NAME_EVAL || (!is_code && only_reads(b, callee));
  if (!is_read) in->flags |= SCOPE_BINDS_UNSEEN;
}

// What the use of a known name says about its scope.
static void note_known_name(Builder *b, uint32_t scope, uint32_t node, Sym name) {
  Scope *in = &b->s->scopes.items[scope];
  bool is_called = b->nodes[node].field == FIELD_FUNCTION;
  bool is_function = in->kind != SCOPE_MODULE && in->kind != SCOPE_CLASS;
  switch ((KnownName)name.i) {
    case NAME_SUPER:
      if (!is_function) break;
      if (is_called && call_has_no_arguments(b, node)) in->flags |= SCOPE_USES_SUPER;
      BindingId cell = builder_entry(b, scope, (Sym){NAME_CLASS_CELL});
      b->s->bindings.items[cell.i].flags |= BIND_REFERENCED;
      break;
    case NAME_CLASS_CELL:
      if (is_function) in->flags |= SCOPE_USES_SUPER;
      break;
    case NAME_EXEC:
    case NAME_EVAL:
    case NAME_LOCALS:
    case NAME_VARS:
    case NAME_GLOBALS:
      if (!is_called) break;
      if (name.i == NAME_VARS && !call_has_no_arguments(b, node)) break;
      note_dynamic(b, scope, node, name);
      break;
    case NAME_NONE: break;
  }
}

static void ref_add(Builder *b, uint32_t node, Ref ref) {
  Scopes *s = b->s;
  RefId id = {s->refs.count};
  vec_push(b->arena, &s->refs, ref);
  uint32_t *slot = &s->node_names[node];
  if (*slot == 0) {
    *slot = id.i;
  } else if ((*slot & NAME_IS_DEF) != 0) {
    map_put(&s->second_refs, node, id.i);
  }
}

void builder_refer_named(Builder *b, const Frame *at, uint32_t node, Str text) {
  if (text.n == 0) return;
  Sym name = builder_name(b, at->scope, text);
  Ref ref = {.name = name, .scope = {at->scope}, .node = {node}};
  if (at->postponed) {
    ScopeInfo *info = &b->s->infos.items[at->scope];
    RefId id = {b->s->refs.count};
    ref.next = info->first_postponed;
    info->first_postponed = id;
  } else {
    ref.binding = builder_entry(b, at->scope, name);
    uint32_t broken = (b->nodes[node].flags & NODE_IN_ERROR) != 0 ? BIND_IN_ERROR : 0;
    b->s->bindings.items[ref.binding.i].flags |= BIND_REFERENCED | broken;
    if (name.i <= NAME_LAST) note_known_name(b, at->scope, node, name);
  }
  ref_add(b, node, ref);
}

void builder_refer(Builder *b, const Frame *at, uint32_t node) {
  builder_refer_named(b, at, node, node_text(b->m->tree, (NodeId){node}));
}

// --- string annotations --------------------------------------------------------------

static bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (unsigned char)c >= 0x80;
}

static bool is_keyword(Str word) {
  static const char *const words[] = {"None", "True", "False", "and", "or",  "not",
                                      "if",   "else", "is",    "in",  "for", "lambda"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (str_is(word, words[i])) return true;
  }
  return false;
}

// Every name in the text that does not follow a dot, quoted parts skipped: a superset of
// what the annotation reads when it is one, and harmless when it is not.
void builder_refer_string(Builder *b, const Frame *at, uint32_t node) {
  Str text = node_text(b->m->tree, (NodeId){node});
  uint32_t i = 0;
  while (i < text.n && text.p[i] != '"' && text.p[i] != '\'') {
    if (strchr("rRuU", text.p[i]) == NULL) return;
    i += 1;
  }
  Frame frame = *at;
  frame.postponed = true;
  bool after_dot = false;
  while (i < text.n) {
    uint32_t start = i;
    while (i < text.n &&
           (is_name_byte(text.p[i]) || (text.p[i] >= '0' && text.p[i] <= '9'))) {
      i += 1;
    }
    if (i == start) {
      if (text.p[i] != ' ') after_dot = text.p[i] == '.';
      i += 1;
      continue;
    }
    Str word = str_slice(text, start, i);
    if (!after_dot && is_name_byte(word.p[0]) && !is_keyword(word)) {
      builder_refer_named(b, &frame, node, word);
    }
    after_dot = false;
  }
}

// --- definitions ---------------------------------------------------------------------

static uint32_t def_binding_flags(DefKind kind) {
  switch (kind) {
    case DEF_PARAMETER: return BIND_PARAMETER;
    case DEF_IMPORT:
    case DEF_IMPORT_FROM: return BIND_IMPORTED;
    case DEF_ANNOTATED: return BIND_ASSIGNED | BIND_ANNOTATED;
    case DEF_DELETE: return BIND_ASSIGNED | BIND_DELETED;
    default: return BIND_ASSIGNED;
  }
}

// A walrus in a comprehension binds in the function, class or module around it: there
// the name is local (or global), and in the comprehension declared not to be.
static void walrus_hoist(Builder *b, uint32_t scope, Sym name) {
  Scopes *s = b->s;
  uint32_t outer = scope;
  while (s->scopes.items[outer].kind == SCOPE_COMPREHENSION) {
    outer = s->scopes.items[outer].parent.i;
  }
  if (outer == scope) return;
  BindingId inner_entry = builder_entry(b, scope, name);
  BindingId outer_entry = builder_entry(b, outer, name);
  uint32_t *outer_flags = &s->bindings.items[outer_entry.i].flags;
  uint32_t declared = BIND_NONLOCAL_DECL;
  if (outer == MODULE_SCOPE.i) {
    declared = BIND_GLOBAL_DECL;
    *outer_flags |= BIND_GLOBAL_DECL;
  } else {
    if ((*outer_flags & BIND_GLOBAL_DECL) != 0) declared = BIND_GLOBAL_DECL;
    *outer_flags |= BIND_ASSIGNED;
  }
  s->bindings.items[inner_entry.i].flags |= declared;
  if (declared == BIND_GLOBAL_DECL) {
    BindingId global = builder_entry(b, MODULE_SCOPE.i, name);
    s->bindings.items[global.i].flags |= BIND_GLOBAL_DECL;
  }
}

void builder_define(Builder *b, const Frame *at, uint32_t node) {
  Scopes *s = b->s;
  Str text = node_text(b->m->tree, (NodeId){node});
  if (text.n == 0) return;
  DefKind kind = (DefKind)at->def_kind;
  Sym name = builder_name(b, at->scope, text);
  if (kind == DEF_WALRUS) walrus_hoist(b, at->scope, name);
  BindingId entry = builder_entry(b, at->scope, name);
  bool is_broken = (b->nodes[node].flags & NODE_IN_ERROR) != 0;
  s->bindings.items[entry.i].flags |= def_binding_flags(kind);
  DefId id = {s->defs.count};
  vec_push(b->arena, &s->defs,
           (Def){.kind = kind,
                 .flags = at->def_flags,
                 .index = at->index,
                 .binding = entry,
                 .scope = {at->scope},
                 .node = {node},
                 .value = {at->value},
                 .statement = {at->statement}});
  s->node_names[node] = id.i | NAME_IS_DEF;
  if (kind == DEF_AUGMENTED || is_broken) {
    if (is_broken) s->bindings.items[entry.i].flags |= BIND_IN_ERROR | BIND_REFERENCED;
    ref_add(
        b, node,
        (Ref){.name = name, .binding = entry, .scope = {at->scope}, .node = {node}});
  }
}

void builder_declare(Builder *b, const Frame *at, uint32_t node, uint32_t flag) {
  Sym name = builder_name(b, at->scope, node_text(b->m->tree, (NodeId){node}));
  if (name.i == 0) return;
  BindingId entry = builder_entry(b, at->scope, name);
  b->s->bindings.items[entry.i].flags |= flag;
  if (flag == BIND_GLOBAL_DECL) {  // as in CPython, the module's entry says so too
    BindingId global = builder_entry(b, MODULE_SCOPE.i, name);
    b->s->bindings.items[global.i].flags |= BIND_GLOBAL_DECL;
  }
}
