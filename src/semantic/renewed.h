/* Renewed: a local that is made anew in each round of a loop, while the object of the round
 * before still has its name.
 *
 *     for path in paths:
 *         text = path.read_text()        made: the old text lives until the new one is read
 *         count(text)
 *
 *     Renewed r = renewed_at(m, def);
 *     if (node_ok(r.loop) && r.refusal == NULL) …
 *
 * Refused is what the next round, or what follows the loop, reads; what is deleted or
 * bound to something else in between; what another name, container or object holds; and
 * what cannot be made twice in one loop.
 */
#ifndef SEMANTIC_RENEWED_H
#define SEMANTIC_RENEWED_H

#include "semantic/sole.h"

typedef struct Renewed {
  NodeId loop;  // NO_NODE: in no loop of many rounds
  const char *refusal;
  Sole sole;
} Renewed;

// Of an assignment to one plain local name, or to one of several.
Renewed renewed_at(Model *m, DefId def);
// Where a `del` of the name could stand: the last statement of a block that holds every
// use, behind which it is bound on each path and read on none; NO_NODE.
NodeId renewed_end(Model *m, DefId def, NodeId loop);

#endif
