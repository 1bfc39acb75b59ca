/* Slice: the parts of `object[start:stop:step]`.
 *
 *     Slice s;
 *     if (slice_of(m, subscript, &s) && slice_is_reversal(m, &s)) …
 */
#ifndef SEMANTIC_SLICE_H
#define SEMANTIC_SLICE_H

#include "semantic/value.h"

typedef struct Slice {  // NO_NODE for what is left out or None
  NodeId object, start, stop, step;
} Slice;

// False for an index, and for several (`x[1:, 2]`).
bool slice_of(Model *m, NodeId subscript, Slice *out);
// `x[::-1]`
bool slice_is_reversal(Model *m, const Slice *s);
// Fewer than `limit` elements by the bounds alone: `x[:10]`, `x[-5:]`, `x[i:i + 50]`.
bool slice_is_below(Model *m, const Slice *s, int64_t limit);
static inline bool slice_is_small(Model *m, const Slice *s) {
  return slice_is_below(m, s, SMALL_SIZE);
}

#endif
