/* What the files of making.h share. */
#ifndef SEMANTIC_MAKING_INTERNAL_H
#define SEMANTIC_MAKING_INTERNAL_H

#include "semantic/context.h"
#include "semantic/making.h"

enum {
  MAKING_NODES = 20000,  // of one class that are looked at
  NAMED_NODES = 2000,    // … of what it names in its function
  NAMED_PARTS = 16,
  MAKING_USES = 64,
};

// making_tie.c: does the same come out in every call, or every round of the loop?
MakingTie making_tie(Model *m, const Making *making, const MakerFact *maker);

// making_use.c
// The class is changed, or holds what changes: an attribute of it is set, or a container
// in its body is filled.
bool making_is_changed(Model *m, const Making *making);
// The class itself is returned, yielded, stored.
bool making_is_given(Model *m, const Making *making);

#endif
