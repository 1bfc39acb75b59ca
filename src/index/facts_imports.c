#include "index/facts_internal.h"

static void import_add(FactsBuilder *b, const Def *d) {
  FactImport row = {.target = text_of(b, name_of(b->m, d->node))};
  bool is_local = scope_get(b->m, d->scope)->kind != SCOPE_MODULE;
  if (is_local) row.flags |= IMPORT_LOCAL;
  if (!is_local) row.name = word_of(b, binding_name(b->m, d->binding));
  if (row.target.i != 0) vec_push(b->arena, &b->imports, row);
}

static void exports_read(FactsBuilder *b, BindingId binding) {
  const Tree *t = b->t;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding));
  NodeId list = node_unwrap(t, d->value);
  if (!node_is(t, list, PY_LIST) && !node_is(t, list, PY_TUPLE)) return;
  b->flags |= FACTS_ALL;
  for (NodeId c = node_first_named(t, list); node_ok(c); c = node_next_named(t, c)) {
    Str text;
    if (!constant_str(b->m, node_unwrap(t, c), &text)) continue;
    vec_push(b->arena, &b->exports, (FactExport){word_of(b, text)});
  }
}

// The module that a `from` names; empty when the dots lead out of what is known.
static Str module_named(FactsBuilder *b, NodeId from) {
  const Tree *t = b->t;
  if (!node_is(t, from, PY_RELATIVE_IMPORT)) return node_text(t, from);
  Str base = b->m->options.module;
  Str dots = node_text(t, node_child(t, from, PY_IMPORT_PREFIX));
  uint32_t up = b->m->options.is_package ? 0 : 1;
  for (uint32_t i = 0; i < dots.n; i++) up += dots.p[i] == '.';
  for (; up > 1; up--) {
    Str last = str_after_last(base, '.');
    if (last.n == base.n) return STR_NONE;
    base.n -= last.n + 1;
  }
  NodeId name = node_child(t, from, PY_DOTTED_NAME);
  if (base.n == 0 || !node_ok(name)) return base;
  return str_printf_in(b->arena, "%.*s.%.*s", STR_ARGS(base),
                       STR_ARGS(node_text(t, name)));
}

void star_collect(FactsBuilder *b, NodeId statement) {
  NodeId module = node_field(b->t, statement, FIELD_MODULE_NAME);
  if (!node_ok(node_child(b->t, statement, PY_WILDCARD_IMPORT))) return;
  Str target = module_named(b, module);
  FactImport row = {.target = text_of(b, target), .flags = IMPORT_STAR};
  if (target.n != 0) vec_push(b->arena, &b->imports, row);
}

void imports_collect(FactsBuilder *b) {
  uint32_t scopes = scope_count(b->m);
  for (uint32_t i = 1; i < scopes; i++) {
    BindingId n = scope_get(b->m, (ScopeId){i})->first_binding;
    for (; binding_ok(n); n = binding_get(b->m, n)->next) {
      const Binding *binding = binding_get(b->m, n);
      if (binding->owner.i != n.i || (binding->flags & BIND_IMPORTED) == 0) continue;
      bool is_name = false;
      for (DefId d = binding->first_def; def_ok(d); d = def_next(b->m, d)) {
        DefKind kind = def_get(b->m, d)->kind;
        if (kind != DEF_IMPORT && kind != DEF_IMPORT_FROM) continue;
        import_add(b, def_get(b->m, d));
        is_name = is_name || kind == DEF_IMPORT_FROM;
      }
      if (!is_name) continue;
      for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
        import_mention(b, ref_get(b->m, r)->node);
      }
    }
  }
  BindingId all = scope_lookup(b->m, MODULE_SCOPE, STR("__all__"));
  if (binding_ok(all)) exports_read(b, all);
}
