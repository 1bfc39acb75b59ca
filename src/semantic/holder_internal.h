/* Holder: who else may hold what an expression denotes, and so may change it while it is
 * walked through. For cast.c and snapshot.c.
 */
#ifndef SEMANTIC_HOLDER_INTERNAL_H
#define SEMANTIC_HOLDER_INTERNAL_H

#include "semantic/effect_internal.h"

typedef enum Holder {
  HOLDER_HERE,    // only the running call
  HOLDER_CALLER,  // a parameter
  HOLDER_OTHERS,  // attributes, globals, captured names
} Holder;

enum {  // sets of effects
  EFFECTS_REACHING = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                     EFFECT_YIELDS | EFFECT_STARTS,
  EFFECTS_CHANGING = EFFECT_ACTS | EFFECT_STORES | EFFECT_LOCAL_IMPURE
};

Holder holder_of(Model *m, NodeId source);
// Others may change it at any time: another thread, the collector, an import.
bool source_is_changed_by_others(Model *m, NodeId source);
// `d["a"].items()`: what lies in another container may be changed by way of that.
bool source_is_inside_another(const Tree *t, NodeId source);

// Whether several threads meet in the class around a node.
typedef enum Threading {
  THREADING_NONE,
  THREADING_LOCKS,  // it has a lock, an event, a queue
  THREADING_RUNS,   // it is a thread, or starts one
} Threading;
Threading class_threading(Model *m, NodeId at);

#endif
