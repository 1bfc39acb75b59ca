/* Fixes: choosing, ordering and applying edits to one file.
 *
 *     FixResult result;
 *     if (fix_apply(&result, arena, tree, findings, count, FIX_SAFE, &err)) {
 *       // result.bytes is the new file; result.applied says how many fixes went in
 *     }
 *
 * Findings are taken in order of place; one whose edits overlap edits already taken
 * waits for the next round, as a whole. Import intents become edits: merged into an
 * existing import of the module where one stands at the top, else a new line after the
 * docstring and the `__future__` imports; nothing when the name is there already.
 * Untouched bytes are copied from the original, so that encoding, BOM and line ends stay.
 * False when nothing was applied (`err` is set only when something went wrong, such as
 * text that the file's encoding lacks).
 */
#ifndef FIX_FIX_H
#define FIX_FIX_H

#include "lint/finding.h"

typedef struct FixResult {
  Str bytes;
  uint32_t applied;  // fixes
  uint32_t waiting;  // fixes left for the next round
} FixResult;

bool fix_apply(FixResult *self, Arena *arena, const Tree *tree, const Finding *findings,
               uint32_t count, FixSafety least, Error *err);

// The edits of one fix with its imports resolved, sorted: for previews.
const Edit *fix_resolve(Arena *arena, const Tree *tree, const Fix *fix,
                        uint32_t *count);

#endif
