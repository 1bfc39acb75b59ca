/* Heavy: values that hold a whole file, response, table or tree, and who else holds them.
 *
 *     Heavy heavy = heavy_of(m, right);                  // self._raw = f.read()
 *     if (heavy.kind != HEAVY_NOT && !heavy_is_kept(m, heavy, read)) …
 *
 * By value kinds and size evidence (value.h), and by the table `heavy` for what has no
 * size of its own: a response with its body, a tree, the objects of a document. Handles,
 * iterators, one record, what is small, and what a parameter hands in are not heavy, a
 * DataFrame aside.
 */
#ifndef SEMANTIC_HEAVY_H
#define SEMANTIC_HEAVY_H

#include "semantic/calls.h"

typedef struct Heavy {
  HeavyKind kind;   // HEAVY_NOT: it is none, or not known
  ValueKind value;  // VALUE_UNKNOWN where only the table knows it
  SizeWhy why;      // WHY_NONE: by its type
} Heavy;

// Of an expression that makes it, or a local name for one that does; what is taken out of
// an attribute is another's.
Heavy heavy_of(Model *m, NodeId expression);
// Of an empty list, set or dict that `node` is (`self.x`): what fills it in a loop over a
// source without bound, `read` being a mention of it.
Heavy heavy_growth(Model *m, NodeId read);

// What is read here goes where it outlives the call, itself or a part that holds the
// whole: on an object, in a container of one, to an object that lives longer and may hold
// it, into a closure; or somebody needs it alive.
bool heavy_is_kept(Model *m, Heavy heavy, NodeId read);

#endif
