#include "snippet.h"

#include "test.h"

void snippet_open(Snippet *self, const char *code) {
  *self = (Snippet){0};
  arena_init(&self->arena);
  Error error;
  Str bytes = str_copy_in(&self->arena, str_from(code));
  CHECK(source_decode(&self->source, &self->arena, STR("pkg/mod.py"), bytes, &error));
  self->parser = parser_new();
  CHECK(parser_parse(self->parser, &self->tree, &self->arena, &self->source, &error));
  ModelOptions options = {
      .knowledge = knowledge_builtin(), .module = STR("pkg.mod"), .target = {9, 13}};
  self->model = model_in(&self->arena, &self->tree, &options);
}

void snippet_close(Snippet *self) {
  parser_free(self->parser);
  arena_release(&self->arena);
}

static NodeId find(const Snippet *self, const char *text, bool last) {
  const Tree *t = &self->tree;
  NodeId found = NO_NODE;
  for (NodeId n = {1}; n.i < t->count; n.i++) {
    PyKind kind = node_kind(t, n);
    if (kind == PY_MODULE || kind == PY_BLOCK || kind == PY_EXPRESSION_STATEMENT)
      continue;
    if (!node_text_is(t, n, text)) continue;
    bool within = node_ok(found) && node_inside(t, n, found);
    if (!node_ok(found) || (last && !within)) found = n;
  }
  if (!node_ok(found)) test_check(false, text, __FILE__, __LINE__);
  return found;
}

NodeId snippet_find(const Snippet *self, const char *text) {
  return find(self, text, false);
}

NodeId snippet_find_last(const Snippet *self, const char *text) {
  return find(self, text, true);
}

static NodeId loop(const Snippet *self) {
  NodeId found = NO_NODE;
  for (NodeId n = {1}; n.i < self->tree.count; n.i++) {
    if (node_is(&self->tree, n, PY_FOR_STATEMENT)) found = n;
  }
  CHECK(node_ok(found));
  return found;
}

NodeId snippet_loop_body(const Snippet *self) {
  return node_field(&self->tree, loop(self), FIELD_BODY);
}

NodeId snippet_loop_source(const Snippet *self) {
  const Tree *t = &self->tree;
  NodeId right = node_field(t, loop(self), FIELD_RIGHT);
  NodeId arguments = node_field(t, right, FIELD_ARGUMENTS);
  NodeId first = node_first_named(t, arguments);
  return node_ok(first) ? first : right;
}
