// Shared by sink.c, which follows one object, and sink_elements.c.
#ifndef SEMANTIC_SINK_INTERNAL_H
#define SEMANTIC_SINK_INTERNAL_H

#include "semantic/escape.h"

// What becomes of what a name is bound to each time that `round` runs; `steps` counts the
// places looked at so far.
Sink sink_of_name(Model *m, NodeId name, NodeId round, uint32_t *steps);

#endif
