#include "semantic/model.h"

#include "semantic/scope.h"

Model *model_in(Arena *arena, const Tree *tree, const ModelOptions *options) {
  Model *m = arena_new(arena, Model);
  m->arena = arena;
  m->tree = tree;
  m->options = *options;
  interner_init(&m->names_interner, arena);
  scopes_build(m);
  return m;
}
