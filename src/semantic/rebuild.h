/* Rebuild: a local list, tuple, set or dict that a loop builds anew from itself.
 *
 *     names = names + [row.name]        tuple += (x,)        sizes = {**sizes, k: v}
 *
 *     Rebuild r = rebuild_of(m, assignment);
 *     if (r.refusal == NULL) …           // nobody can tell whether it grows in place
 *
 * The old object must be the function's own: every definition that reaches the use is
 * made on the spot, or grows or rebuilds it in turn. From which no way leads back to the
 * assignment, may do with it what it likes; everything else may only look at it. A loop
 * of few rounds, and one that is left at once, is refused.
 */
#ifndef SEMANTIC_REBUILD_H
#define SEMANTIC_REBUILD_H

#include "semantic/value.h"

typedef enum RebuildForm {
  REBUILD_NONE,
  REBUILD_OPERATOR,  // names = names + more, sizes = sizes | more
  REBUILD_SPLAT,     // names = [*names, x], sizes = {**sizes, k: v}
  REBUILD_GROWN,     // names += more, of a tuple
} RebuildForm;

typedef struct Rebuild {
  RebuildForm form;     // NONE: no such assignment
  const char *refusal;  // why it must stay; NULL if it need not
  NodeId assignment;
  NodeId made;   // the expression that builds it anew
  NodeId old;    // the identifier that is read
  NodeId added;  // the operand, or the first element behind the splat
  NodeId start;  // where the first object is made
  NodeId loop;   // the loop that rebuilds it
  ValueKind kind;
} Rebuild;

Rebuild rebuild_of(Model *m, NodeId assignment);
// The name that such an assignment reads, whoever owns the object; NO_NODE for others.
NodeId rebuild_reads(Model *m, NodeId assignment);

#endif
