/* Snippet: Python text as a Model, for tests of the semantic layer.
 *
 *     Snippet s;
 *     snippet_open(&s, "with open(p) as f:\n    x = f.read()\n");
 *     NodeId call = snippet_find(&s, "f.read()");     // the last node with that text
 *     snippet_close(&s);
 */
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

// Ends the test program when the text cannot be decoded or parsed at all.
void snippet_open(Snippet *self, const char *text);
void snippet_open_bytes(Snippet *self, Str text, const ModelOptions *options);
void snippet_close(Snippet *self);
// The outermost node (no statement) of the last place where this very text stands;
// NO_NODE if nowhere.
NodeId snippet_find(const Snippet *self, const char *text);
// The outermost node of the n-th place, counted from 0.
NodeId snippet_find_at(const Snippet *self, const char *text, uint32_t index);

#endif
