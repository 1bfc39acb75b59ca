/* Suppressions: comments that silence findings.
 *
 *     x = f.readlines()  # pymemlint: ignore PML101 -- small file
 *     # pymemlint: ignore readlines-in-loop          (own line: the next logical line)
 *     # pymemlint: file-ignore PML101, PML103        (own line, anywhere)
 *     x = f.readlines()  # noqa: E501, PML101
 *
 * Codes, prefixes and names are accepted, separated by commas or blanks, also in
 * brackets (`ignore[PML101]`). A trailing comment covers findings that start or end on
 * its line (for a multi-line string: the string's). A blanket `ignore` is 004 and
 * silences nothing, as are `ignore PML` and `ignore ALL`; a blanket `noqa` is not ours. Codes that name no rule are 004.
 */
#ifndef LINT_SUPPRESS_H
#define LINT_SUPPRESS_H

#include "base/vec.h"
#include "lint/finding.h"

typedef enum SuppressionKind {
  SUPPRESS_LINE,
  SUPPRESS_NEXT,
  SUPPRESS_FILE
} SuppressionKind;

typedef struct Suppression {
  SuppressionKind kind;
  bool is_noqa;
  Str selector;       // one code, prefix or name, as written
  Span span;          // of the selector
  Span comment;       // of the whole comment
  Span covers;        // text that it covers; findings that start or end in it
  uint64_t rules[4];  // the rules it names; all zero = names none
  bool used;
} Suppression;

typedef struct SuppressionProblem {  // what becomes 004
  Span span;
  Str text;
} SuppressionProblem;

typedef struct SuppressionList {
  Suppression *items;
  uint32_t count;
  SuppressionProblem *problems;
  uint32_t problem_count;
} SuppressionList;

#endif
