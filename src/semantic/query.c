#include "semantic/query.h"

enum { FORMS_MAX = 16, CHAIN_MAX = 24, DEFS_MAX = 8, USES_MAX = 24 };

// The expressions that a query may be, each to be looked at.
typedef struct Forms {
  Model *m;
  NodeId items[FORMS_MAX];
  uint32_t count;
  bool is_full;
} Forms;

static void form_add(Forms *f, NodeId expression) {
  NodeId e = node_unwrap(f->m->tree, expression);
  for (uint32_t i = 0; i < f->count; i++) {
    if (node_eq(f->items[i], e)) return;
  }
  if (f->count == FORMS_MAX || !node_ok(e)) {
    f->is_full = true;
    return;
  }
  f->items[f->count++] = e;
}

// --- texts ---------------------------------------------------------------------------

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool word_at(Str text, uint32_t at, const char *upper) {
  uint32_t i = 0;
  for (; upper[i] != '\0'; i++) {
    if (at + i >= text.n || (text.p[at + i] & ~0x20) != upper[i]) return false;
  }
  return (at == 0 || !is_letter(text.p[at - 1])) &&
         (at + i >= text.n || !is_letter(text.p[at + i]));
}

// `SELECT … LIMIT 100`, `PRAGMA table_info(t)`: the description of one table.
static bool text_is_limited(Str text) {
  for (uint32_t i = 0; i < text.n; i++) {
    if (word_at(text, i, "LIMIT") || word_at(text, i, "PRAGMA")) return true;
  }
  return false;
}

// --- expressions ---------------------------------------------------------------------

static void name_read(Forms *f, NodeId name) {
  BindingId binding = binding_of(f->m, name);
  uint32_t read = 0;
  for (DefId d = def_first(f->m, binding); def_ok(d); d = def_next(f->m, d)) {
    const Def *def = def_get(f->m, d);
    bool is_plain = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
    if (!is_plain || (def->flags & DEF_UNPACKED) != 0 || ++read > DEFS_MAX) {
      f->is_full = true;
      return;
    }
    form_add(f, def->value);
  }
  if (read == 0) f->is_full = true;
}

// Down `select(…).where(…).limit(n)`, through `text("…")`, to what names stand for.
static bool form_read(Forms *f, NodeId e) {
  const Tree *t = f->m->tree;
  for (uint32_t i = 0; i < CHAIN_MAX && node_ok(e); i++) {
    e = node_unwrap(t, e);
    switch (node_kind(t, e)) {
      case PY_STRING:
      case PY_CONCATENATED_STRING:
      case PY_BINARY_OPERATOR: return text_is_limited(node_text(t, e));
      case PY_IDENTIFIER: name_read(f, e); return !f->is_full;
      case PY_ATTRIBUTE: e = node_field(t, e, FIELD_OBJECT); break;
      case PY_AWAIT: e = node_first_named(t, e); break;
      case PY_CALL: {
        NodeId callee = node_field(t, e, FIELD_FUNCTION);
        NodeId method = node_field(t, callee, FIELD_ATTRIBUTE);
        NodeId first = node_first_named(t, node_field(t, e, FIELD_ARGUMENTS));
        if (node_text_is(t, method, "limit") || node_text_is(t, method, "fetch"))
          return true;
        bool is_text = node_is(t, callee, PY_IDENTIFIER) ||
                       node_text_is(t, method, "text") ||
                       node_text_is(t, method, "format");
        bool is_inner =
            node_is(t, first, PY_STRING) || node_is(t, first, PY_IDENTIFIER);
        e = is_text && is_inner && !node_text_is(t, method, "format") ? first : callee;
        break;
      }
      default: return false;
    }
  }
  return false;
}

static bool query_text_is_limited(Model *m, NodeId query) {
  Forms forms = {.m = m};
  form_add(&forms, query);
  for (uint32_t i = 0; i < forms.count && !forms.is_full; i++) {
    if (!form_read(&forms, forms.items[i])) return false;
  }
  return !forms.is_full;
}

// --- what was executed ---------------------------------------------------------------

// The query of `x.execute(query)`.
static NodeId query_of(const Tree *t, NodeId call) {
  NodeId method = node_field(t, node_field(t, call, FIELD_FUNCTION), FIELD_ATTRIBUTE);
  bool executes = node_is(t, call, PY_CALL) && node_ok(method) &&
                  str_starts(node_text(t, method), STR("exec"));
  return executes ? node_first_named(t, node_field(t, call, FIELD_ARGUMENTS)) : NO_NODE;
}

// `cursor.execute(…)`, wherever it is: each of them.
static bool cursor_is_limited(Model *m, NodeId cursor) {
  const Tree *t = m->tree;
  uint32_t read = 0, executed = 0;
  for (RefId r = ref_first(m, binding_of(m, cursor)); ref_ok(r); r = ref_next(m, r)) {
    if (++read > USES_MAX) return false;
    NodeId attribute = node_parent(t, node_wrap(t, ref_get(m, r)->node));
    if (!node_is(t, attribute, PY_ATTRIBUTE)) continue;
    NodeId query = query_of(t, node_parent(t, node_wrap(t, attribute)));
    if (!node_ok(query)) continue;
    if (!query_text_is_limited(m, query)) return false;
    executed++;
  }
  return executed > 0;
}

static NodeId awaited(const Tree *t, NodeId e) {
  e = node_unwrap(t, e);
  return node_is(t, e, PY_AWAIT) ? node_unwrap(t, node_first_named(t, e)) : e;
}

bool query_is_limited(Model *m, NodeId call) {
  const Tree *t = m->tree;
  if (!node_is(t, call, PY_CALL)) return false;
  NodeId given = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  if (node_ok(given)) return query_text_is_limited(m, given);
  NodeId callee = node_field(t, call, FIELD_FUNCTION);
  NodeId object = awaited(t, node_field(t, callee, FIELD_OBJECT));
  if (node_is(t, object, PY_IDENTIFIER)) {
    const Def *d = def_get(m, binding_only_def(m, binding_of(m, object)));
    NodeId made = d->kind == DEF_ASSIGN ? awaited(t, d->value) : NO_NODE;
    if (!node_ok(query_of(t, made))) return cursor_is_limited(m, object);
    object = made;
  }
  NodeId query = query_of(t, object);
  return node_ok(query) && query_text_is_limited(m, query);
}
