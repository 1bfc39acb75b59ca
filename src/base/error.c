#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

bool error_set(Error *self, const char *format, ...) {
  if (self->text.n != 0) return false;
  char line[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  self->text = str_copy_in(self->arena, str_from(line));
  return false;
}
