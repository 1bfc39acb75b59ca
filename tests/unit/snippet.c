#include "snippet.h"

#include <stdio.h>
#include <stdlib.h>

void snippet_open_bytes(Snippet *self, Str text, const ModelOptions *options) {
  *self = (Snippet){.parser = parser_new()};
  arena_init(&self->arena);
  Error err = error_in(&self->arena);
  if (!source_decode(&self->source, &self->arena, STR("snippet.py"), text, &err) ||
      !parser_parse(self->parser, &self->tree, &self->arena, &self->source, &err)) {
    printf("FAIL snippet: %.*s\n", STR_ARGS(err.text));
    exit(1);
  }
  self->model = model_in(&self->arena, &self->tree, options);
}

void snippet_open(Snippet *self, const char *text) {
  ModelOptions options = {
      .knowledge = knowledge_builtin(), .module = STR("mod"), .target = {9, 13}};
  snippet_open_bytes(self, str_from(text), &options);
}

void snippet_close(Snippet *self) {
  parser_free(self->parser);
  arena_release(&self->arena);
}

NodeId snippet_find_at(const Snippet *self, const char *text, uint32_t index) {
  uint32_t seen = 0, last_start = UINT32_MAX;
  for (uint32_t i = 1; i < self->tree.count; i++) {
    NodeId node = {i};
    PyKind kind = node_kind(&self->tree, node);
    if (node_is_statement(&self->tree, node) || kind == PY_BLOCK || kind == PY_MODULE) {
      continue;
    }
    if (!node_text_is(&self->tree, node, text)) continue;
    if (node_start(&self->tree, node) == last_start) continue;  // inside the same
    last_start = node_start(&self->tree, node);
    if (seen++ == index) return node;
  }
  return NO_NODE;
}

NodeId snippet_find(const Snippet *self, const char *text) {
  NodeId found = NO_NODE;
  for (uint32_t i = 0;; i++) {
    NodeId node = snippet_find_at(self, text, i);
    if (!node_ok(node)) return found;
    found = node;
  }
}
