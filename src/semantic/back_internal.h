/* Back's own: what its parts ask of each other. back.c (expressions, names, closures),
 * back_call.c (calls), back_method.c (methods and decorators).
 */
#ifndef SEMANTIC_BACK_INTERNAL_H
#define SEMANTIC_BACK_INTERNAL_H

#include "semantic/back.h"

enum { BACK_DEPTH = 8, BACK_STEPS = 256, BACK_DEFS = 8 };

typedef struct BackSearch {
  Model *m;
  BackOwner owner;
  uint32_t steps;
  NodeId alias;  // the other variable through which the search goes, where it is bound
  Back maybe;    // a method, if it is one
} BackSearch;

static inline bool back_is_found(Back back) { return back.kind != BACK_NONE; }
static inline Back back_none(void) { return (Back){.kind = BACK_NONE}; }

Back back_find(BackSearch *s, NodeId e, uint32_t depth);
Back back_find_in_call(BackSearch *s, NodeId call, uint32_t depth);

// A look-up on the instance binds it, whatever its decorators do.
bool function_is_bound(Model *m, NodeId function);
// What its decorators give holds the function, and lives no longer than one that holds it:
// a cache of one instance is made on purpose, and others may give anything.
bool function_is_plain(Model *m, NodeId function);

#endif
