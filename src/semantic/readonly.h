/* Readonly: is what an expression gives only looked at, its parts included?
 *
 *     copy.deepcopy(settings)["size"] * n     looked at
 *     own = copy.deepcopy(row); own.pop(k)    changed
 *     out.append(copy.deepcopy(row))          kept
 *
 * Followed are local names, items, attributes, methods that are known to be pure, loops
 * and sums; what ends in a number or text is looked at. Nothing that keeps it, hands it
 * on or asks which object it is counts as looking.
 *
 * A copy that is only looked at can be left out, if nothing changes what it was made from
 * before the last look: `readonly_of` answers that as well.
 */
#ifndef SEMANTIC_READONLY_H
#define SEMANTIC_READONLY_H

#include "semantic/value.h"

typedef struct Readonly {
  const char *refusal;  // NULL: it is only looked at
  NodeId last;          // the last node that looks at it
} Readonly;

// `source` is what the expression was made from.
Readonly readonly_of(Model *m, NodeId expression, NodeId source);

// Nothing can be changed in it: numbers, texts, and tuples of such.
bool value_is_immutable(Value v);
// A list, set, tuple or dict of such.
bool value_holds_immutables(Value v);

#endif
