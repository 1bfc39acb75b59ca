/* Contents: what was read from a file as a whole, behind names and small changes.
 *
 *     Contents c;
 *     if (!contents_behind(m, argument, &c)) return;     // sha256(<argument>)
 *     report(c.read.handle);                             // … of `f.read()`
 *
 * Looked through are parentheses, `strip()`, `encode()`, `decode()`, and local names that
 * are assigned once and used once: a text that is used again is needed as a whole.
 *
 *     Handed h = contents_handed_on(m, call, argument);  // digest_of(f.read())
 *     if (node_ok(h.use)) …                              // def digest_of(data): … data
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
// Where a function of this file uses what it is given as `argument`, a child of the call's
// list, through `encode()` and `decode()`; NO_NODE unless it does so once, and in no loop.
typedef struct Handed {
  NodeId use;
  bool overridable;  // a method of `self`: a subclass may do something else
} Handed;
Handed contents_handed_on(Model *m, NodeId call, NodeId argument);
// Is the handle mentioned before the read, in its function? Then it may have been moved.
bool contents_handle_was_used(Model *m, const Contents *contents);

// Two handles or paths that are written alike or certainly lead to one file.
bool contents_of_same_file(Model *m, NodeId one, NodeId other);

// Where the list of an expression is walked through: on the spot, or from the one name
// that keeps it (`kept`, with its `def` set). PASS_NONE if neither.
Pass pass_here_or_kept(Model *m, NodeId expression, SingleUse *kept);

#endif
