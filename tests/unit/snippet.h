/* A piece of Python, parsed, with its model: for tests of the semantic layer. */
#ifndef TESTS_UNIT_SNIPPET_H
#define TESTS_UNIT_SNIPPET_H

#include "semantic/model.h"

typedef struct Snippet {
  Arena arena;
  Source source;
  Tree tree;
  Parser *parser;
  Model *model;
} Snippet;

void snippet_open(Snippet *self, const char *code);
void snippet_close(Snippet *self);
// The largest node whose text is exactly `text`, blocks and expression statements not
// counted: its first, or last, occurrence.
NodeId snippet_find(const Snippet *self, const char *text);
NodeId snippet_find_last(const Snippet *self, const char *text);
// The body of the last `for` statement, and the first argument of the call that it
// iterates (what it iterates, if that is no call).
NodeId snippet_loop_body(const Snippet *self);
NodeId snippet_loop_source(const Snippet *self);

#endif
