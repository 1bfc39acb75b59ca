// Cached functions whose parameters are annotated with classes of other files: those tell
// whether their instances only equal themselves.
#include "index/facts_registered.h"
#include "semantic/heavy_key.h"

// A function of the module or a static or class method: the cache lives as long.
static bool is_long_lived(FactsBuilder *b, NodeId function) {
  ScopeKind kind = scope_get(b->m, scope_at(b->m, function))->kind;
  return (kind == SCOPE_MODULE || kind == SCOPE_CLASS) &&
         method_kind(b->m, function) != METHOD_INSTANCE;
}

// The class that the annotation names, of which this file knows nothing.
static Str foreign_class(FactsBuilder *b, const Def *def) {
  NodeId type = node_field(b->t, def->statement, FIELD_TYPE);
  Value v = node_ok(type) ? value_of_annotation(b->m, type) : (Value){0};
  bool is_foreign = v.kind == VALUE_INSTANCE && !node_ok(v.definition) &&
                    !is_of_library(b, v.class_name) &&
                    knowledge_heavy_keys(b->m->options.knowledge, v.class_name) == NULL;
  return is_foreign ? v.class_name : STR_NONE;
}

static Str size_text(FactsBuilder *b, CacheUse cache) {
  if (cache.maxsize == CACHE_UNBOUNDED) return STR_NONE;
  if (cache.maxsize == CACHE_SIZE_UNKNOWN) return STR("`maxsize`");
  return str_printf_in(b->arena, "%lld", (long long)cache.maxsize);
}

static bool has_key(FactsBuilder *b, CacheUse cache) {
  NodeId key = NO_NODE;
  return node_ok(cache.call) &&
         call_argument(b->m, cache.call, CALL_NO_POSITION, "key", &key) != ARG_ABSENT;
}

static bool is_cleared(FactsBuilder *b, NodeId function) {
  BindingId name = binding_of(b->m, node_field(b->t, function, FIELD_NAME));
  for (RefId r = ref_first(b->m, name); ref_ok(r); r = ref_next(b->m, r)) {
    NodeId attribute = node_parent(b->t, ref_get(b->m, r)->node);
    if (node_text_is(b->t, node_field(b->t, attribute, FIELD_ATTRIBUTE), "cache_clear"))
      return true;
  }
  return false;
}

void cached_collect(FactsBuilder *b, NodeId decorator) {
  CacheUse cache = cache_of_decorator(b->m, decorator);
  if (!cache_keeps_arguments(cache)) return;
  NodeId function = node_field(b->t, node_parent(b->t, decorator), FIELD_DEFINITION);
  bool is_candidate = node_is(b->t, function, PY_FUNCTION_DEFINITION) &&
                      is_long_lived(b, function) && !has_key(b, cache) &&
                      !is_cleared(b, function) &&
                      (context_of(b->m, decorator).flags & CONTEXT_TEST) == 0;
  if (!is_candidate || b->t->source->is_stub) return;
  ScopeId scope = scope_of(b->m, function);
  uint32_t first = method_kind(b->m, function) == METHOD_CLASS;
  for (uint32_t i = first; i < scope_parameter_count(b->m, scope); i++) {
    const Def *def = def_get(b->m, scope_parameter(b->m, scope, i));
    Str class_name = foreign_class(b, def);
    if (class_name.n == 0) continue;
    FactRegistration row = {
        .key = word_of(b, size_text(b, cache)),
        .name = word_of(b, node_text(b->t, node_field(b->t, function, FIELD_NAME))),
        .receiver = text_of(b, node_text(b->t, def->node)),
        .publisher = text_of(b, class_name),
        .place = place_of(decorator),
        .given = place_of(node_field(b->t, def->statement, FIELD_TYPE)),
        .form = REGISTER_CACHES};
    registration_add(b, row);
  }
}
