#include "index/facts_internal.h"
#include "semantic/tail.h"

// Glances: names of attributes, and of what is imported, that this file reads in another
// way than by their last few elements. A list that some code looks at as a whole is needed
// as a whole, whoever it belongs to: a name is enough to be silent.

enum { HASH_BITS = 24 };

uint32_t facts_glance(Str word) {
  uint32_t hash = UINT32_C(2166136261);
  for (uint32_t i = 0; i < word.n; i++) {
    hash = (hash ^ (uint8_t)word.p[i]) * UINT32_C(16777619);
  }
  hash ^= hash >> HASH_BITS;
  return (hash & ((UINT32_C(1) << HASH_BITS) - 1)) | 1;
}

static void glance_add(FactsBuilder *b, Str word) {
  uint32_t hash = facts_glance(word);
  uint64_t key = (uint64_t)hash | UINT64_C(3) << 61;
  if (map_get(&b->seen, key) != 0) return;
  map_put(&b->seen, key, 1);
  vec_push(b->arena, &b->glances, (FactGlance){hash});
}

// Only lists have these: whatever else is asked of it, it is none.
static bool is_list_method(Str name) {
  static const char *const methods[] = {"copy",    "count", "index", "insert",
                                        "reverse", "sort",  NULL};
  return str_is_any(name, methods);
}

// May a list that stands there be needed as a whole?
static bool is_look(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  uint32_t last = 0;
  switch (node_kind(t, p)) {
    case PY_CALL: return false;  // it is called
    case PY_ATTRIBUTE:
      return is_list_method(node_text(t, node_field(t, p, FIELD_ATTRIBUTE)));
    case PY_SUBSCRIPT: {
      if (node_role(t, n) != FIELD_VALUE) return false;
      NodeId key = node_field(t, p, FIELD_SUBSCRIPT);
      bool is_text = node_is(t, key, PY_STRING);
      return !is_text && tail_use(b->m, mention, &last) != TAIL_READ;
    }
    case PY_ASSIGNMENT: return node_role(t, n) == FIELD_RIGHT;
    case PY_COMPARISON_OPERATOR:
    case PY_ARGUMENT_LIST:
    case PY_NOT_OPERATOR:
    case PY_BOOLEAN_OPERATOR:
    case PY_IF_STATEMENT:
    case PY_ELIF_CLAUSE:
    case PY_WHILE_STATEMENT:
    case PY_CONDITIONAL_EXPRESSION: return tail_use(b->m, mention, &last) != TAIL_ASKED;
    case PY_DECORATOR:
    case PY_TYPE:
    case PY_EXPRESSION_STATEMENT:
    case PY_EXCEPT_CLAUSE:
    case PY_RAISE_STATEMENT:
    case PY_DELETE_STATEMENT: return false;
    default: return true;
  }
}

void attribute_glance(FactsBuilder *b, NodeId attribute, Str name) {
  if (!str_starts(name, STR("__")) && is_look(b, attribute)) glance_add(b, name);
}

void import_glance(FactsBuilder *b, NodeId identifier) {
  if (!is_look(b, identifier)) return;
  Str name = name_of(b->m, identifier);
  if (name.n != 0 && !is_of_library(b, name)) glance_add(b, name_last_part(name));
}

void groups_glance(FactsBuilder *b) {
  for (uint32_t i = 1; i < b->groups.count; i++) {
    const MentionGroup *group = &b->groups.items[i];
    bool is_of_class = scope_get(b->m, group->owner)->kind == SCOPE_CLASS;
    if (!is_of_class || group->is_held) continue;
    Str name = sym_str(&b->texts, group->name);
    for (uint32_t m = group->first; m != 0; m = b->mentions.items[m].next) {
      attribute_glance(b, b->mentions.items[m].node, name);
    }
  }
}
