/* # invalid-suppression (PML004)
 *
 * A suppression comment that cannot work: it names no rule, or none that exists.
 *
 * ## Why it matters
 *
 * A blanket `ignore` would hide findings that nobody has seen yet, so that it silences
 * nothing; `ignore PML` and `ignore ALL` are blankets too. A misspelt code silences
 * nothing either, without a word.
 *
 * ## Example
 *
 *     rows = f.readlines()  # pymemlint: ignore
 *
 * ## Use instead
 *
 *     rows = f.readlines()  # pymemlint: ignore PML103 -- at most ten lines
 */
#include "rule.h"

// Reported when findings are settled, from what the comments say.
RULE(invalid_suppression) = {
    .code = "PML004",
    .name = "invalid-suppression",
    .summary = "a suppression comment names no rule",
    .templates = {"invalid suppression: {0}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .on_stubs = true,
};
