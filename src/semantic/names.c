// Qualified names. Aliases are followed in a loop of at most STEP_LIMIT steps, so that
// neither a chain of assignments nor a ring of them costs more than that.

#include "semantic/names.h"

#include "semantic/scope.h"

enum {
  PART_LIMIT = 24,   // `a.b.c` has three parts; longer names are nobody's
  STEP_LIMIT = 32,   // assignments followed
  DEF_LIMIT = 8,     // definitions of one name that are compared
  PAREN_LIMIT = 32,  // parentheses around one expression
};

typedef struct Parts {  // a dotted name, last part first
  Str items[PART_LIMIT];
  uint32_t count;
} Parts;

// What a name turned out to be.
typedef struct Meaning {
  Str name;         // qualified, without the parts; empty when unknown
  NodeId value;     // or: look at this expression instead
  bool is_unknown;  // neither
} Meaning;

static const Meaning unknown_meaning = {.is_unknown = true};

typedef struct Known {
  Meaning meaning;
  uint32_t name;  // Sym + 1 of the name under which the tables know it, 0 = not asked
} Known;

struct Names {
  uint32_t *by_node;     // Sym + 1 of what name_of found, or name_of_callee for calls,
                         // 0 = not asked yet
  uint32_t *by_binding;  // index of `known`, 0 = not asked yet
  Map by_builtin;        // Sym of an unbound name -> index of `known`
  VEC(Known) known;      // item 0 is none
};

static Names *names_of(Model *m) {
  if (m->names == NULL) {
    Names *names = arena_new(m->arena, Names);
    names->by_node = arena_array(m->arena, uint32_t, m->tree->count);
    names->by_binding = arena_array(m->arena, uint32_t, binding_count(m));
    names->by_builtin = map_in(m->arena);
    vec_push(m->arena, &names->known, (Known){.meaning = unknown_meaning});
    m->names = names;
  }
  return m->names;
}

static bool parts_push(Parts *parts, Str part) {
  if (parts->count == PART_LIMIT || part.n == 0) return false;
  parts->items[parts->count++] = part;
  return true;
}

// --- what a definition stands for ----------------------------------------------------

// Like node_unwrap, but never so long that asking at every parenthesis adds up.
static NodeId unwrapped(const Tree *t, NodeId n) {
  for (uint32_t i = 0; i < PAREN_LIMIT; i++) {
    if (!node_is(t, n, PY_PARENTHESIZED_EXPRESSION)) return n;
    n = node_first_named(t, n);
  }
  return n;
}

static Str node_str(const Model *m, NodeId node) { return node_text(m->tree, node); }

// "pkg.mod" for `from .mod import x` in a module of pkg; empty when the file's own name
// is not known or the dots lead out of it.
static Str module_relative(Model *m, NodeId relative) {
  Str base = m->options.module;
  NodeId prefix = node_child(m->tree, relative, PY_IMPORT_PREFIX);
  Str text = node_str(m, prefix);
  uint32_t up = m->options.is_package ? 0 : 1;
  for (uint32_t i = 0; i < text.n; i++) up += text.p[i] == '.';
  for (up -= 1; up > 0; up--) {
    Str last = str_after_last(base, '.');
    if (last.n == base.n) return STR_NONE;
    base.n -= last.n + 1;
  }
  NodeId name = node_child(m->tree, relative, PY_DOTTED_NAME);
  if (base.n == 0 || !node_ok(name)) return base;
  return str_join_in(m->arena, base, ".", node_str(m, name));
}

static Str import_from_name(Model *m, const Def *def) {
  NodeId imported = def->value;
  if (node_is(m->tree, imported, PY_ALIASED_IMPORT)) {
    imported = node_field(m->tree, imported, FIELD_NAME);
  }
  if (node_is(m->tree, def->statement, PY_FUTURE_IMPORT_STATEMENT)) return STR_NONE;
  NodeId from = node_field(m->tree, def->statement, FIELD_MODULE_NAME);
  Str module = node_is(m->tree, from, PY_RELATIVE_IMPORT) ? module_relative(m, from)
                                                          : node_str(m, from);
  if (module.n == 0) return STR_NONE;
  return str_join_in(m->arena, module, ".", node_str(m, imported));
}

static Str import_name(Model *m, const Def *def) {
  if (node_is(m->tree, def->value, PY_ALIASED_IMPORT)) {
    return node_str(m, node_field(m->tree, def->value, FIELD_NAME));
  }
  return node_str(m, def->node);
}

// "<module>.Class.method" as in __qualname__, `<locals>` included.
static Str local_name(Model *m, BindingId id) {
  const Binding *binding = binding_get(m, id);
  Parts parts = {0};
  parts_push(&parts, sym_str(&m->names_interner, binding->name));
  for (ScopeId s = binding->scope; s.i > 1; s = scope_get(m, s)->parent) {
    const Scope *scope = scope_get(m, s);
    if (scope->kind == SCOPE_TYPE_PARAMS) continue;
    if (scope->kind != SCOPE_CLASS && !parts_push(&parts, STR("<locals>"))) break;
    Str name = sym_str(&m->names_interner, scope->name);
    if (!parts_push(&parts, name.n != 0 ? name : STR("<lambda>"))) break;
  }
  Buf out = buf_in(m->arena);
  buf_add(&out, m->options.module.n != 0 ? m->options.module : STR("__main__"));
  while (parts.count > 0) {
    buf_add_byte(&out, '.');
    buf_add(&out, parts.items[--parts.count]);
  }
  return buf_str(&out);
}

NodeId unpacked_part(const Tree *t, const Def *def) {
  NodeId value = unwrapped(t, def->value);
  PyKind kind = node_kind(t, value);
  bool is_display = kind == PY_TUPLE || kind == PY_EXPRESSION_LIST || kind == PY_LIST;
  if (!is_display) return NO_NODE;
  NodeId e = node_first_named(t, value);
  for (uint32_t i = 0; i < def->index && node_ok(e); i++) {
    if (node_is(t, e, PY_LIST_SPLAT)) return NO_NODE;
    e = node_next_named(t, e);
  }
  return node_is(t, e, PY_LIST_SPLAT) ? NO_NODE : e;
}

static Meaning def_meaning(Model *m, const Def *def) {
  switch (def->kind) {
    case DEF_IMPORT: return (Meaning){.name = import_name(m, def)};
    case DEF_IMPORT_FROM: {
      Str name = import_from_name(m, def);
      return (Meaning){.name = name, .is_unknown = name.n == 0};
    }
    case DEF_FUNCTION:
    case DEF_CLASS: return (Meaning){.name = local_name(m, def->binding)};
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS: {
      NodeId value = def->flags == 0              ? def->value
                     : def->flags == DEF_UNPACKED ? unpacked_part(m->tree, def)
                                                  : NO_NODE;
      return (Meaning){.value = value, .is_unknown = !node_ok(value)};
    }
    default: return unknown_meaning;
  }
}

// `try: import a` / `except ImportError: a = None`: what the handler binds stands in for
// the first only where that is missing.
static bool is_fallback(const Model *m, const Def *first, const Def *other) {
  if (first->kind != DEF_IMPORT && first->kind != DEF_IMPORT_FROM) return false;
  NodeId handler = node_ancestor(m->tree, other->statement, PY_EXCEPT_CLAUSE);
  if (!node_ok(handler)) return false;
  NodeId body = node_field(m->tree, node_parent(m->tree, handler), FIELD_BODY);
  return node_inside(m->tree, first->statement, body);
}

// The meaning that all definitions agree on. Several agree only when they are names.
static Meaning meaning_find(Model *m, BindingId id) {
  const Binding *binding = binding_get(m, id);
  if ((binding->flags & BIND_IN_ERROR) != 0 || binding->def_count == 0 ||
      binding->def_count > DEF_LIMIT) {
    return unknown_meaning;
  }
  const Def *first = def_get(m, binding->first_def);
  Meaning meaning = def_meaning(m, first);
  for (DefId d = first->next; def_ok(d); d = def_next(m, d)) {
    const Def *def = def_get(m, d);
    if (def->kind == DEF_DELETE || is_fallback(m, first, def)) continue;
    if (meaning.name.n == 0) return unknown_meaning;
    Meaning other = def_meaning(m, def);
    if (!str_eq(other.name, meaning.name)) return unknown_meaning;
    if (def->kind == DEF_FUNCTION || def->kind == DEF_CLASS) return unknown_meaning;
  }
  return meaning;
}

// Asked once for each binding: most are mentioned again and again.
static Known *binding_known(Model *m, BindingId id) {
  Names *names = names_of(m);
  uint32_t at = names->by_binding[id.i];
  if (at == 0) {
    Known known = {.meaning = meaning_find(m, id)};
    at = names->known.count;
    vec_push(m->arena, &names->known, known);
    names->by_binding[id.i] = at;
  }
  return &names->known.items[at];
}

static Known *builtin_known(Model *m, NodeId identifier) {
  Names *names = names_of(m);
  RefId ref = ref_at(m, identifier);
  if (!ref_ok(ref)) return &names->known.items[0];
  Sym name = ref_get(m, ref)->name;
  uint32_t at = map_get(&names->by_builtin, name.i);
  if (at == 0) {
    Known known = {.meaning = unknown_meaning};
    if (ref_is_builtin(m, identifier)) {
      Str text = sym_str(&m->names_interner, name);
      known.meaning =
          (Meaning){.name = str_join_in(m->arena, STR("builtins"), ".", text)};
    }
    at = names->known.count;
    vec_push(m->arena, &names->known, known);
    map_put(&names->by_builtin, name.i, at);
  }
  return &names->known.items[at];
}

static Known *identifier_known(Model *m, NodeId identifier) {
  BindingId binding = binding_of(m, identifier);
  return binding_ok(binding) ? binding_known(m, binding) : builtin_known(m, identifier);
}

// --- names ---------------------------------------------------------------------------

static Sym name_canonical(Model *m, Str name) {
  const Knowledge *k = m->options.knowledge;
  if (k != NULL) name = knowledge_canonical(k, m->arena, name);
  return intern(&m->names_interner, name);
}

static Sym parts_join(Model *m, Known *head, Parts *parts) {
  if (parts->count == 0) {
    if (head->name == 0) head->name = name_canonical(m, head->meaning.name).i + 1;
    return (Sym){head->name - 1};
  }
  Buf out = buf_in(m->arena);
  buf_add(&out, head->meaning.name);
  while (parts->count > 0) {
    buf_add_byte(&out, '.');
    buf_add(&out, parts->items[--parts->count]);
  }
  return name_canonical(m, buf_str(&out));
}

Str name_of_import(Model *m, DefId id, Str attribute) {
  const Def *def = def_get(m, id);
  if (def->kind != DEF_IMPORT && def->kind != DEF_IMPORT_FROM) return STR_NONE;
  Meaning meaning = def_meaning(m, def);
  if (meaning.is_unknown) return STR_NONE;
  Str name = attribute.n == 0 ? meaning.name
                              : str_join_in(m->arena, meaning.name, ".", attribute);
  return sym_str(&m->names_interner, name_canonical(m, name));
}

static Sym name_find(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  Parts parts = {0};
  for (uint32_t step = 0; step < STEP_LIMIT; step++) {
    NodeId at = unwrapped(t, expression);
    while (node_is(t, at, PY_ATTRIBUTE)) {
      Str part = node_text(t, node_field(t, at, FIELD_ATTRIBUTE));
      if (!parts_push(&parts, part)) return (Sym){0};
      at = unwrapped(t, node_field(t, at, FIELD_OBJECT));
    }
    if (!node_is(t, at, PY_IDENTIFIER)) return (Sym){0};
    Known *known = identifier_known(m, at);
    if (known->meaning.is_unknown) return (Sym){0};
    if (known->meaning.name.n != 0) return parts_join(m, known, &parts);
    expression = known->meaning.value;
  }
  return (Sym){0};
}

Str name_of(Model *m, NodeId expression) {
  PyKind kind = node_kind(m->tree, expression);
  if (kind != PY_IDENTIFIER && kind != PY_ATTRIBUTE &&
      kind != PY_PARENTHESIZED_EXPRESSION) {
    return STR_NONE;
  }
  uint32_t *known = &names_of(m)->by_node[expression.i];
  if (*known == 0) *known = name_find(m, expression).i + 1;
  return sym_str(&m->names_interner, (Sym){*known - 1});
}

bool name_is(Model *m, NodeId expression, const char *qualified) {
  return str_is(name_of(m, expression), qualified);
}

Str name_last_part(Str qualified) { return str_after_last(qualified, '.'); }

bool name_is_private(Str name) {
  return str_starts(name, STR("_")) && !str_ends(name, STR("__"));
}

// --- callees and decorators ----------------------------------------------------------

NodeId name_value(Model *m, NodeId expression) {
  for (uint32_t step = 0; step < STEP_LIMIT; step++) {
    expression = unwrapped(m->tree, expression);
    if (!node_is(m->tree, expression, PY_IDENTIFIER)) return expression;
    BindingId binding = binding_of(m, expression);
    if (!binding_ok(binding)) return expression;
    Meaning meaning = binding_known(m, binding)->meaning;
    if (meaning.is_unknown || meaning.name.n != 0) return expression;
    expression = meaning.value;
  }
  return NO_NODE;
}

// `deque[int]` and `Cache[str, T]` called make a deque and a Cache.
static NodeId without_subscript(const Tree *t, NodeId callee) {
  NodeId inner = unwrapped(t, callee);
  return node_is(t, inner, PY_SUBSCRIPT) ? node_field(t, inner, FIELD_VALUE) : callee;
}

static bool name_is_generic_class(Str name) {
  static const char *const lower[] = {"builtins.list",          "builtins.dict",
                                      "builtins.set",           "builtins.frozenset",
                                      "builtins.tuple",         "collections.deque",
                                      "collections.defaultdict"};
  for (size_t i = 0; i < sizeof lower / sizeof lower[0]; i++) {
    if (str_is(name, lower[i])) return true;
  }
  Str last = name_last_part(name);
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

static Str callee_find(Model *m, NodeId call) {
  NodeId callee = call_callee(m, call);
  for (uint32_t step = 0; step < STEP_LIMIT; step++) {
    Str name = name_of(m, callee);
    if (name.n != 0) return name;
    NodeId plain = without_subscript(m->tree, callee);
    if (!node_eq(plain, callee)) {
      name = name_of(m, plain);
      return name_is_generic_class(name) ? name : STR_NONE;
    }
    NodeId made = name_value(m, callee);  // `f = functools.partial(g, …)`, then f()
    if (!node_is(m->tree, made, PY_CALL)) return STR_NONE;
    if (!name_is(m, call_callee(m, made), "functools.partial")) return STR_NONE;
    if (call_argument(m, made, 0, NULL, &callee) != ARG_PRESENT) return STR_NONE;
  }
  return STR_NONE;
}

Str name_of_callee(Model *m, NodeId call) {
  if (!node_is(m->tree, call, PY_CALL)) return STR_NONE;
  uint32_t *known = &names_of(m)->by_node[call.i];
  if (*known == 0) *known = intern(&m->names_interner, callee_find(m, call)).i + 1;
  return sym_str(&m->names_interner, (Sym){*known - 1});
}

static NodeId decorator_expression(const Model *m, NodeId decorator) {
  return node_is(m->tree, decorator, PY_DECORATOR)
             ? node_first_named(m->tree, decorator)
             : decorator;
}

NodeId name_decorator_call(Model *m, NodeId decorator) {
  NodeId value = name_value(m, decorator_expression(m, decorator));
  return node_is(m->tree, value, PY_CALL) ? value : NO_NODE;
}

Str name_of_decorator(Model *m, NodeId decorator) {
  NodeId call = name_decorator_call(m, decorator);
  if (!node_ok(call)) return name_of(m, decorator_expression(m, decorator));
  // `memo = functools.partial(lru_cache, maxsize=9)` is a decorator like lru_cache.
  NodeId made = NO_NODE;
  if (name_is(m, call_callee(m, call), "functools.partial") &&
      call_argument(m, call, 0, NULL, &made) == ARG_PRESENT) {
    return name_of(m, made);
  }
  return name_of_callee(m, call);
}
