#include "index/facts_internal.h"
#include "semantic/making.h"

// `loads(text, object_hook=lambda d: …)`, `map(lambda line: …, lines)`.
static bool is_in_lambda_per_element(FactsBuilder *b, NodeId node) {
  const Tree *t = b->t;
  NodeId lambda = context_of(b->m, node).function;
  if (!node_is(t, lambda, PY_LAMBDA)) return false;
  NodeId n = node_wrap(t, lambda), up = node_parent(t, n);
  if (node_is(t, up, PY_KEYWORD_ARGUMENT)) {
    Str keyword = node_text(t, node_field(t, up, FIELD_NAME));
    return hook_is_named(keyword) || str_is(keyword, "key");
  }
  if (node_is(t, up, PY_ASSIGNMENT)) {
    NodeId left = node_field(t, up, FIELD_LEFT);
    return node_is(t, left, PY_ATTRIBUTE) &&
           hook_is_named(node_text(t, node_field(t, left, FIELD_ATTRIBUTE)));
  }
  NodeId call = node_parent(t, up);
  return node_is(t, up, PY_ARGUMENT_LIST) && node_is(t, call, PY_CALL) &&
         calls_per_element(b, call);
}

static uint32_t flags_of(FactsBuilder *b, const Making *making) {
  uint32_t flags = 0;
  if (node_ok(making->loop)) flags |= MAKING_IN_LOOP;
  if (making->tie == TIE_DATA) flags |= MAKING_OF_DATA;
  if (making->tie == TIE_BOUND) flags |= MAKING_BOUND;
  if (making->is_kept) flags |= MAKING_KEPT;
  if (making->is_changed) flags |= MAKING_CHANGED;
  if (making->is_given) flags |= MAKING_GIVEN;
  if (making->is_validator) flags |= MAKING_VALIDATOR;
  if (is_in_lambda_per_element(b, making->whole)) flags |= MAKING_PER_ELEMENT;
  return flags;
}

void making_collect(FactsBuilder *b, NodeId node) {
  Making making;
  if ((b->flags & (FACTS_TEST | FACTS_STUB)) != 0 || !making_of(b->m, node, &making)) {
    return;
  }
  FactText caller = scope_caller(b, making.place);
  if (caller.i != 0) map_put(&b->callers, caller.i, 1);
  vec_push(b->arena, &b->makings,
           (FactMaking){.name = word_of(b, making.name),
                        .class_name = b->scope_names[scope_of(b->m, node).i],
                        .caller = caller,
                        .place = place_of(making.place),
                        .context = context_kept(context_of(b->m, making.whole).flags),
                        .bytes = making.bytes,
                        .flags = flags_of(b, &making)});
}
