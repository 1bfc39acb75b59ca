/* A model of a piece of Python text, for tests.
 *
 *     TextModel t;
 *     Model *m = text_model_open(&t, "import os\nos.path\n");
 *     NodeId use = text_name(m, "os", 1);        // the second `os`
 *     text_model_close(&t);
 */
#ifndef TESTS_UNIT_TEXT_MODEL_H
#define TESTS_UNIT_TEXT_MODEL_H

#include "semantic/names.h"
#include "semantic/scope.h"
#include "test.h"

typedef struct TextModel {
  Arena arena;
  Parser *parser;
  Source source;
  Tree tree;
} TextModel;

static inline Model *text_model_open(TextModel *self, const char *text) {
  *self = (TextModel){0};
  arena_init(&self->arena);
  self->parser = parser_new();
  Error err = error_in(&self->arena);
  Str bytes = str_from(text);
  CHECK(source_decode(&self->source, &self->arena, STR("mod.py"), bytes, &err));
  CHECK(parser_parse(self->parser, &self->tree, &self->arena, &self->source, &err));
  ModelOptions options = {.knowledge = knowledge_builtin(), .module = STR("pkg.mod")};
  return model_in(&self->arena, &self->tree, &options);
}

static inline void text_model_close(TextModel *self) {
  parser_free(self->parser);
  arena_release(&self->arena);
}

// The identifier with this text, counted from 0.
static inline NodeId text_name(const Model *m, const char *text, uint32_t nth) {
  for (NodeId n = {1}; n.i < m->tree->count; n.i++) {
    bool same = node_is(m->tree, n, PY_IDENTIFIER) && node_text_is(m->tree, n, text);
    if (same && nth-- == 0) return n;
  }
  return NO_NODE;
}

// The node of this kind, counted from 0.
static inline NodeId text_kind(const Model *m, PyKind kind, uint32_t nth) {
  for (NodeId n = {1}; n.i < m->tree->count; n.i++) {
    if (node_is(m->tree, n, kind) && nth-- == 0) return n;
  }
  return NO_NODE;
}

#endif
