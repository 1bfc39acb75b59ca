/* Sole: is a local name all that holds what it was given?
 *
 *     raw = f.read()
 *     check(raw)                     SOLE_LIKELY: unknown code seldom keeps its arguments
 *     self.raw = raw                 SOLE_NO
 *     found = re.search(p, raw)      SOLE_NO: the match looks into the text
 *     rows = document["rows"]        SOLE_NO: a part of it, which may be most of it
 *
 * Then a `del`, or another value for the name, frees it.
 */
#ifndef SEMANTIC_SOLE_H
#define SEMANTIC_SOLE_H

#include "semantic/value.h"

typedef enum Sole { SOLE_NO, SOLE_LIKELY, SOLE_YES } Sole;

// By the uses of the definition from which control may come to `until`; what lies in
// `until` itself is left out. The name is the function's own (def_is_local).
Sole sole_until(Model *m, DefId def, NodeId until);

#endif
