/* Parts of a snippet, statements included. A part that is not there fails the test. */
#ifndef TESTS_UNIT_SNIPPET_PART_H
#define TESTS_UNIT_SNIPPET_PART_H

#include "snippet.h"

// The largest node whose text is exactly `text`, blocks and expression statements not
// counted: its first, or last, occurrence.
NodeId part_first(const Snippet *self, const char *text);
NodeId part_last(const Snippet *self, const char *text);
// The body of the last `for` statement, and the first argument of the call that it
// iterates (what it iterates, if that is no call).
NodeId part_loop_body(const Snippet *self);
NodeId part_loop_source(const Snippet *self);

#endif
