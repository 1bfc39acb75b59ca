#include "snippet_part.h"

#include "test.h"

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

NodeId part_first(const Snippet *self, const char *text) {
  return find(self, text, false);
}

NodeId part_last(const Snippet *self, const char *text) {
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

NodeId part_loop_body(const Snippet *self) {
  return node_field(&self->tree, loop(self), FIELD_BODY);
}

NodeId part_loop_source(const Snippet *self) {
  const Tree *t = &self->tree;
  NodeId right = node_field(t, loop(self), FIELD_RIGHT);
  NodeId arguments = node_field(t, right, FIELD_ARGUMENTS);
  NodeId first = node_first_named(t, arguments);
  return node_ok(first) ? first : right;
}
