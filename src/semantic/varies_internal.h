/* What varies.c and varies_sites.c share. */
#ifndef SEMANTIC_VARIES_INTERNAL_H
#define SEMANTIC_VARIES_INTERNAL_H

#include "semantic/varies.h"

typedef struct Search {
  Model *m;
  uint32_t steps;  // expressions that are still looked at
} Search;

Varies varies_at(Search *s, NodeId expression, uint32_t depth);
// Of a parameter that is read at `at`.
Varies varies_by_parameter(Search *s, const Def *def, NodeId at, uint32_t depth);

static inline Varies plain(VariesBy by) { return (Varies){.by = by}; }
static inline Varies varies_by(VariesBy by, NodeId source) {
  return (Varies){.by = by, .source = source};
}
static inline Varies stronger(Varies a, Varies b) { return a.by >= b.by ? a : b; }

#endif
