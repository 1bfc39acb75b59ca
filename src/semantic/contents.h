/* Contents: what was read from a file as a whole, behind names and small changes.
 *
 *     Contents c;
 *     if (!contents_behind(m, argument, &c)) return;     // sha256(<argument>)
 *     report(c.read.handle);                             // … of `f.read()`
 *
 * Looked through are parentheses, `strip()`, `encode()`, `decode()`, and local names that
 * are assigned once and used once: a text that is used again is needed as a whole.
 */
#ifndef SEMANTIC_CONTENTS_H
#define SEMANTIC_CONTENTS_H

#include "semantic/stream.h"

typedef struct Contents {
  WholeRead read;    // of the form READ_TEXT
  NodeId statement;  // the first assignment between read and use, or NO_NODE
  bool apart;        // the use stands in another block than that assignment
  bool recoded;      // encoded or decoded on the way
  bool stripped;
} Contents;

bool contents_behind(Model *m, NodeId expression, Contents *out);
// Is the handle mentioned before the read, in its function? Then it may have been moved.
bool contents_handle_was_used(Model *m, const Contents *contents);

// Two handles or paths that are written alike or certainly lead to one file.
bool contents_of_same_file(Model *m, NodeId one, NodeId other);

// Where the list of an expression is walked through: on the spot, or from the one name
// that keeps it (`kept`, with its `def` set). PASS_NONE if neither.
Pass pass_here_or_kept(Model *m, NodeId expression, SingleUse *kept);

#endif
