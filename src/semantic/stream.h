/* Stream: reading a whole file where one line at a time would do.
 *
 *     WholeRead read = whole_read_of(m, call);            // f.readlines(), list(f) …
 *     Pass pass = pass_of(m, call);
 *     Streaming s = stream_here(m, &read, &pass);
 *     if (s.refusal != NULL) return;
 *
 * Refused is a pass during which the file is read, moved, closed or rewritten, or may
 * be. Errors of reading and decoding midway are disregarded, unless a handler encloses
 * the pass: then they are a doubt.
 */
#ifndef SEMANTIC_STREAM_H
#define SEMANTIC_STREAM_H

#include "semantic/pass.h"

typedef enum ReadForm {
  READ_NOTHING,
  READ_LINES,  // f.readlines()
  READ_LIST,   // list(f), tuple(f)
  READ_COPY,   // [line for line in f]
  READ_TEXT,   // f.read(), path.read_text(), path.read_bytes()
} ReadForm;

typedef struct WholeRead {
  ReadForm form;
  NodeId node;    // the expression that reads
  NodeId handle;  // the file, or the pathlib path, as it is written
  Value file;     // of the handle
} WholeRead;

WholeRead whole_read_of(Model *m, NodeId expression);

typedef struct Streaming {
  const char *refusal;  // why it must be read at once; NULL if it need not
  const char *doubt;    // what may differ; NULL if nothing does
  const char *slow;     // why it may not pay: a note at most; NULL if it does
} Streaming;

// The pass takes it where it stands.
Streaming stream_here(Model *m, const WholeRead *read, const Pass *pass);
// The pass takes it from a name, behind the assignment `statement`.
Streaming stream_from(Model *m, const WholeRead *read, NodeId statement,
                      const Pass *pass);
// What a list of lines costs for each, the text aside, on CPython 3.`minor`.
uint32_t line_bytes(uint8_t minor);

#endif
