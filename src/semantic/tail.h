/* Tail: what a use of a list asks of its end.
 *
 *     xs[-1]   xs[-10:]   xs[len(xs) - 1]      TAIL_READ, with 1, 10 and 1
 *     if xs:   len(xs) > 3                     TAIL_ASKED: how many, and no more
 *     xs.append(v)   xs += [v]                 TAIL_APPENDED
 *
 * Where a list is asked for nothing else, a `deque(maxlen=…)` would do.
 */
#ifndef SEMANTIC_TAIL_H
#define SEMANTIC_TAIL_H

#include "semantic/slice.h"

typedef enum TailUse {
  TAIL_OTHER,
  TAIL_READ,
  TAIL_ASKED,
  TAIL_APPENDED,
} TailUse;

// `last` gets how many of the last are read, or how many have to be kept for the answer to
// be the same; 0 where that is not written out, or none.
TailUse tail_use(Model *m, NodeId mention, uint32_t *last);
// `x[-n:]`: the last n of whatever the subscript is of.
bool slice_is_tail(Model *m, NodeId subscript, uint32_t *last);

#endif
