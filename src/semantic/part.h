/* Part: what is taken of a list that is made, where nothing else of it is used.
 *
 *     Part part = part_of(m, list);
 *     list[0], list.pop(0)   PART_FIRST
 *     list[:k], list[0:k]    PART_HEAD: `count`, a constant that is not negative
 *
 * Directly, or through a local name that is used once.
 */
#ifndef SEMANTIC_PART_H
#define SEMANTIC_PART_H

#include "semantic/pass.h"

typedef enum PartKind { PART_NONE, PART_FIRST, PART_HEAD } PartKind;

typedef struct Part {
  PartKind kind;
  NodeId node;    // the subscript, or the call of pop
  NodeId bound;   // of HEAD: the expression k
  int64_t count;  // of HEAD
  bool named;
  SingleUse kept;  // if named
} Part;

Part part_of(Model *m, NodeId made);
// A local name keeps it, and is asked for its first item and whether there is one, as
// often as it likes: `if xs: y = xs[0]`, `xs[0] if len(xs) > 0 else None`.
Part part_first_if_any(Model *m, NodeId made);
// `xs[i]` is no target of an assignment, a loop or a `del`, in a pattern neither.
bool item_is_only_read(const Tree *t, NodeId subscript);
// What an iterator in `source` gives further is asked for behind `node`.
bool rest_is_used(Model *m, NodeId source, NodeId node);

#endif
