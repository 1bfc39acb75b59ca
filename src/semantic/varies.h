/* Varies: whether an expression gives another value each time that its code runs.
 *
 *     f"job.{uuid4()}"                     each time
 *     f"conn.{id(self)}"                   for each instance
 *     self.name, where `__init__` gives it a parameter and calls of this file vary it
 *     f"user.{user_id}" in a handler       for each request
 *     f"host.{host}" in a loop over hosts  in each round
 *
 * Constants, `__name__`, names of classes and functions, class attributes, enumerations,
 * flags and numbers modulo something are only so many. What is not known is unknown: a
 * parameter whose calls are not seen, what other functions make of it, the kind or status
 * of something that varies.
 */
#ifndef SEMANTIC_VARIES_H
#define SEMANTIC_VARIES_H

#include "semantic/held.h"

typedef enum VariesBy {
  VARIES_NOT,
  VARIES_UNKNOWN,
  VARIES_EACH_TIME,
  VARIES_BY_INSTANCE,
  VARIES_BY_REQUEST,
  VARIES_BY_ROUND,
} VariesBy;

typedef struct Varies {
  VariesBy by;
  NodeId source;  // what varies: a name, a call
  NodeId site;    // the call that makes it vary, where that is another function's
  bool is_hot;    // that runs in a loop, handler or worker
} Varies;

Varies varies_of(Model *m, NodeId expression);

#endif
