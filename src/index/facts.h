/* Facts: what one file tells the project.
 *
 * A closed schema, collected whatever rules are selected. Strings are indices into the
 * Facts' own table, places are ordinals in source order; byte offsets lie in `spans`,
 * which is not part of `hash`, so that an edit which only moves code resolves nothing
 * anew. A Facts is one block of plain arrays in the result arena.
 */
#ifndef INDEX_FACTS_H
#define INDEX_FACTS_H

#include "semantic/model.h"

typedef struct Facts Facts;

Facts *facts_collect(Model *m, Arena *results);
void facts_dump(const Facts *facts, Buf *out);

#endif
