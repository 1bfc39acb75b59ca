/* Guard: tests of a length that leave no more than a few elements.
 *
 *     if len(xs) == 1: return list(xs)[0]        around the use, or the other branch
 *     if len(xs) > 3: raise ValueError(xs)       above it, and left where it holds
 *     assert len(xs) <= 3
 *
 * A name that is bound anew in between is another; what is added in between is not asked
 * about: who tests a length knows that it is small.
 */
#ifndef SEMANTIC_GUARD_H
#define SEMANTIC_GUARD_H

#include "semantic/value.h"

// Fewer than SMALL_SIZE elements in what `source` walks through, a name or attribute,
// its views and wrappers included, as tests say that stand around or above `at`.
bool length_is_guarded(Model *m, NodeId source, NodeId at);
// Likewise for a name or attribute at the end of a block of statements.
bool length_is_guarded_in(Model *m, NodeId block, NodeId container);

#endif
