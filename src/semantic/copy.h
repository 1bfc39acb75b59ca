/* Copy: an expression that makes a second container of the elements of another.
 *
 *     list(x), tuple(x), set(x), dict(x), sorted(x, key=f)    casts
 *     x[:], x.copy(), copy.copy(x), numpy.array(x)            the same again
 *
 *     Copy copy = copy_of(m, expression);
 *     if (copy.kind != VALUE_UNKNOWN && copy_of(m, copy.source).kind == copy.kind) …
 *
 * By the table `copies`. Calls with further arguments are none, as they may do more.
 */
#ifndef SEMANTIC_COPY_H
#define SEMANTIC_COPY_H

#include "semantic/calls.h"

typedef struct Copy {
  ValueKind kind;  // UNKNOWN: no copy
  uint32_t flags;  // COPY_ORDERS, COPY_KEEPS_TYPE, COPY_CASTS
  NodeId node;
  NodeId source;  // what is copied; a sole generator expression included
} Copy;

Copy copy_of(Model *m, NodeId expression);

#endif
