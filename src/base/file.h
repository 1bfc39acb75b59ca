/* Files: reading whole ones, replacing them safely, and the clock.
 *
 * A replaced file keeps its mode bits; a symlink is followed, so that the link stays and
 * its target changes. The new text goes to a temporary file in the target's folder, is
 * flushed, and takes the name in one step: readers see the old text or the new one.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

bool file_read(Arena *arena, const char *path, Str *bytes, Error *err);
bool file_read_stdin(Arena *arena, Str *bytes, Error *err);
// Creates or replaces a file that people asked for (a report); pipes and devices are
// written to as they are.
bool file_write(Arena *arena, const char *path, Str bytes, Error *err);
bool file_replace(Arena *arena, const char *path, Str bytes, Error *err);

// What one file is, whatever path leads to it; false when there is none.
typedef struct FileId {
  uint64_t device, number;
} FileId;
bool file_id(const char *path, FileId *id);

uint64_t clock_ns(void);            // monotonic
uint64_t process_peak_bytes(void);  // highest resident memory so far

#endif
