/* # unreadable-file (PML002)
 *
 * The file cannot be read or decoded, or takes more work than a file of its size may.
 *
 * ## What it means
 *
 * Nothing is known about the file. The message says why: no permission, an unknown coding
 * cookie, bytes that the encoding lacks, a size beyond 4 GiB, or code that is made to
 * exhaust parsers. Rules that need every file of the project are silent while one cannot
 * be read.
 *
 * ## What to do
 *
 * Mend the file, its permissions or its coding cookie, or exclude it.
 */
#include "rule.h"

// The engine reports it: there is no file to run a hook on.
RULE(unreadable_file) = {
    .code = "PML002",
    .name = "unreadable-file",
    .summary = "the file cannot be read",
    .templates = {"cannot be read: {0}"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .on_stubs = true,
};
