/* # unused-suppression (PML003)
 *
 * A suppression comment silences nothing.
 *
 * ## Why it matters
 *
 * A comment that outlives what it excused hides the next finding on its line, and tells
 * readers of a problem that is no more.
 *
 * ## Fix safety
 *
 * Safe: only the comment, or the code in it, goes.
 *
 * ## Limits
 *
 * Only rules that ran are judged, and rules about the whole project only when every file
 * of it was read. `noqa` codes of other linters are not ours.
 */
#include "rule.h"

// Reported when findings are settled: only then is it known what was silenced.
RULE(unused_suppression) = {
    .code = "PML003",
    .name = "unused-suppression",
    .summary = "a suppression comment silences nothing",
    .templates = {"unused suppression of `{0}`"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .fix = FIX_SAFE,
    .on_stubs = true,
};
