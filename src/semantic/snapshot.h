/* Snapshot: a copy of a container that is made for one pass: would the container do?
 *
 *     HeldCopy copy = held_copy_of(m, expression);   // list(xs), xs[:], xs.copy(), dict(d)
 *     Pass pass = pass_of(m, expression);
 *     Snapshot s = snapshot_here(m, copy.source, &pass);
 *     if (s.refusal != NULL) return;        // the copy is needed
 *
 * A copy is needed where the container may change before the pass is over: by its name
 * or another one, by what holds it, by code that reaches it. Where others hold it as
 * well (attributes, globals, captured names), any unknown call, `await` or `yield` may.
 * Containers that cannot change are never refused.
 */
#ifndef SEMANTIC_SNAPSHOT_H
#define SEMANTIC_SNAPSHOT_H

#include "semantic/pass.h"

typedef struct HeldCopy {
  NodeId node;     // NO_NODE: no copy
  NodeId source;   // a name, attribute or item, or a choice of such
  Value from;      // of the source
  ValueKind kind;  // of the copy
  bool reorders;   // it may be walked through in another order
} HeldCopy;

// Casts to the same object (`tuple(t)`, `s[:]` of a str) are no copies.
HeldCopy held_copy_of(Model *m, NodeId expression);

typedef struct Snapshot {
  const char *refusal;  // why the copy is needed; NULL if it is not
  const char *doubt;    // what may differ; NULL if nothing does
  bool little;          // it may be needed after all: a note at most
  bool no_fix;          // nobody can tell whether it is
} Snapshot;

// The pass takes the copy where it stands / from a name, behind `statement`.
Snapshot snapshot_here(Model *m, NodeId source, const Pass *pass);
Snapshot snapshot_from(Model *m, NodeId source, NodeId statement, const Pass *pass);

#endif
