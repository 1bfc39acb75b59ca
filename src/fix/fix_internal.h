#ifndef FIX_FIX_INTERNAL_H
#define FIX_FIX_INTERNAL_H

#include "fix/fix.h"

// The edit that makes an import available; false when the file has it already.
bool import_edit(Arena *arena, const Tree *tree, ImportIntent intent, Edit *edit);

#endif
