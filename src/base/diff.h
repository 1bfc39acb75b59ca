/* Diff: unified diffs of two texts, line by line, byte-exact.
 *
 * Line ends belong to their lines, so that CRLF, missing final newlines and mixed files
 * come out as `git apply` expects them. Algorithm: Myers, "An O(ND) Difference Algorithm
 * and Its Variations" (1986), after common lines at both ends are set aside; texts that
 * differ in more than DIFF_LIMIT lines are shown as one replaced block.
 */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/str.h"

enum { DIFF_LIMIT = 2000 };

typedef struct DiffLine {
  char sign;      // ' ', '-' or '+'
  Str text;       // with its line end, if it has one
  uint32_t line;  // its number from 0, in the old text for ' ' and '-', else in the new
} DiffLine;

typedef struct Diff {
  DiffLine *lines;
  uint32_t count;
} Diff;

Diff diff_in(Arena *arena, Str before, Str after);
// Appends `--- a/path`, `+++ b/path` (quoted as by git where it holds control characters)
// and the hunks with `context` lines around; nothing when the texts are equal.
void diff_unified(Arena *arena, Str path, Str before, Str after, uint32_t context,
                  Buf *out);

#endif
