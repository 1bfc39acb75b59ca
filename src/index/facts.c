#include "index/facts.h"

#include "index/facts_internal.h"

static void nodes_collect(FactsBuilder *b) {
  static const bool is_wanted[PY_KIND_COUNT] = {[PY_CALL] = true,
                                                [PY_ATTRIBUTE] = true,
                                                [PY_DECORATOR] = true,
                                                [PY_FOR_STATEMENT] = true,
                                                [PY_FOR_IN_CLAUSE] = true,
                                                [PY_IMPORT_FROM_STATEMENT] = true,
                                                [PY_ASSIGNMENT] = true,
                                                [PY_CLASS_DEFINITION] = true,
                                                [PY_AUGMENTED_ASSIGNMENT] = true};
  const Node *nodes = b->t->nodes;
  for (uint32_t i = 1, count = b->t->count; i < count; i++) {
    if (!is_wanted[nodes[i].kind] || (nodes[i].flags & NODE_IN_ERROR) != 0) continue;
    NodeId node = {i};
    switch (node_kind(b->t, node)) {
      case PY_CALL:
        call_collect(b, node);
        making_collect(b, node);
        registration_collect(b, node);
        break;
      case PY_CLASS_DEFINITION: making_collect(b, node); break;
      case PY_ASSIGNMENT:
        hook_assigned(b, node);
        registration_collect(b, node);
        break;
      case PY_ATTRIBUTE:
        attribute_collect(b, node);
        registration_collect(b, node);
        break;
      case PY_DECORATOR:
        decorator_collect(b, node);
        registration_collect(b, node);
        cached_collect(b, node);
        break;
      case PY_FOR_STATEMENT:
      case PY_FOR_IN_CLAUSE:
        iterable_collect(b, node_field(b->t, node, FIELD_RIGHT));
        break;
      case PY_AUGMENTED_ASSIGNMENT: registration_collect(b, node); break;
      case PY_IMPORT_FROM_STATEMENT: star_collect(b, node); break;
      default: break;
    }
  }
}

static uint32_t given_flags(const FactsBuilder *b) {
  uint32_t flags = 0;
  if (b->m->options.is_package) flags |= FACTS_PACKAGE;
  if (b->m->options.is_test) flags |= FACTS_TEST;
  if (b->t->source->is_stub) flags |= FACTS_STUB;
  if (node_ok(b->t->first_error)) flags |= FACTS_BROKEN;
  if ((scope_get(b->m, MODULE_SCOPE)->flags & SCOPE_DYNAMIC) != 0)
    flags |= FACTS_DYNAMIC;
  return flags;
}

// A program that runs and ends: a main guard or a `#!` line, and nothing that handles
// requests or tasks.
static bool is_script(FactsBuilder *b) {
  bool has_main = str_starts(b->t->source->text, STR("#!"));
  NodeId module = {1};
  for (NodeId n = node_first(b->t, module); node_ok(n) && !has_main;
       n = node_next(b->t, n)) {
    if (!node_is(b->t, n, PY_IF_STATEMENT)) continue;
    NodeId block = node_field(b->t, n, FIELD_CONSEQUENCE);
    has_main =
        (context_of(b->m, node_first(b->t, block)).flags & CONTEXT_MAIN_GUARD) != 0;
  }
  if (!has_main) return false;
  for (uint32_t i = 0; i < b->functions.count; i++) {
    if ((b->functions.items[i].flags & FUNCTION_HANDLER) != 0) return false;
  }
  return true;
}

FactsBuilder builder_in(Model *m) {
  FactsBuilder b = {.m = m,
                    .t = m->tree,
                    .arena = m->arena,
                    .module = m->options.module,
                    .group_of = map_in(m->arena),
                    .objects_named = map_in(m->arena),
                    .callers = map_in(m->arena),
                    .seen = map_in(m->arena)};
  if (b.module.n == 0) b.module = STR("__main__");
  b.top = str_slice(b.module, 0, str_find_byte(b.module, '.', 0));
  interner_init(&b.texts, m->arena);
  b.flags = given_flags(&b);
  names_prepare(&b);
  return b;
}

Facts *facts_collect(Model *m, Arena *results) {
  FactsBuilder b = builder_in(m);
  nodes_collect(&b);
  exposures_finish(&b);
  methods_collect(&b);
  weak_collect(&b);
  imports_collect(&b);
  zeros_collect(&b);
  functions_collect(&b);
  if (is_script(&b)) b.flags |= FACTS_SCRIPT;
  classes_collect(&b);
  knots_collect(&b);
  keeps_collect(&b);
  closings_collect(&b);
  containers_collect(&b);
  groups_glance(&b);
  listings_collect(&b);
  registrations_finish(&b);
  intermediates_collect(&b);
  growth_prune(&b);
  functions_prune(&b);
  return facts_pack(&b, results);
}
