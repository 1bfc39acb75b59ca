/* Handled: what is done with a value after it was made, where that takes time or memory.
 *
 *     rows = json.loads(raw)
 *     for row in rows["items"]: …            the loop
 *     store(rows) · await send(rows)         the call
 *     [Row(r) for r in json.loads(raw)]      the comprehension
 *     yield rows                             the yield
 *
 * Followed are names, items, attributes, methods that only look (`rows.get("items")`) and
 * what is lazy. Not handled is what is tested, printed, logged, counted, stored in a
 * container, or handed back.
 */
#ifndef SEMANTIC_HANDLED_H
#define SEMANTIC_HANDLED_H

#include "semantic/value.h"

typedef enum HandledBy {
  HANDLED_NOT,
  HANDLED_BY_LOOP,  // comprehensions too
  HANDLED_BY_CALL,
  HANDLED_BY_AWAIT,
  HANDLED_BY_YIELD,
} HandledBy;

typedef struct Handled {
  HandledBy by;
  NodeId node;
} Handled;

// The first thing that handles what the expression `made` gives, on a path from there
// that does not bind, or delete, the variable `meanwhile`.
Handled handled_after(Model *m, NodeId made, BindingId meanwhile);

#endif
