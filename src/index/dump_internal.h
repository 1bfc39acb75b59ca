// Shared by the parts of `dump index`: how names and places are written.
#ifndef INDEX_DUMP_INTERNAL_H
#define INDEX_DUMP_INTERNAL_H

#include "index/index_internal.h"

typedef struct Dump {
  const Index *self;
  Buf *out;
  PlaceLineFn *line;
  void *data;
} Dump;

void dump_text(Dump *d, const char *text);
// Each behind the words `before`.
void dump_name(Dump *d, const char *before, Str name);
void dump_place(Dump *d, const char *before, Place place);
void dump_contexts(Dump *d, uint32_t context);

// What is registered, stored on itself, returned, made or kept: one thing a line.
void dump_rows(Dump *d);
// What the closing methods of a class leave, where they close something.
void dump_closing(Dump *d, ClassId id);

#endif
