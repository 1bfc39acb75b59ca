/* Error: the text of a failure that the caller may recover from or show to the user.
 *
 *     if (!settings_read(&settings, path, err)) return false;   // err says why
 *
 * The text is one line without a full stop, made where the failure happens, and printed
 * only by the two faces (cli, lsp).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/str.h"

typedef struct Error {
  Arena *arena;  // where the text lives
  Str text;      // empty = no error so far
} Error;

static inline Error error_in(Arena *arena) { return (Error){arena, STR_NONE}; }
// Sets the text unless there is one already; always false, so that callers can return it.
bool error_set(Error *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
