/* Escape: where an object goes after it was made.
 *
 * `escape_of` follows one definition of a local name through its uses: simple aliases
 * included, containers and calls not. Unknown is never missing: what is not understood
 * sets ESCAPE_PASSED.
 */
#ifndef SEMANTIC_ESCAPE_H
#define SEMANTIC_ESCAPE_H

#include "semantic/scope.h"

typedef uint32_t EscapeSet;
enum {
  ESCAPE_RETURNED = 1 << 0,
  ESCAPE_YIELDED = 1 << 1,
  ESCAPE_STORED_SELF = 1 << 2,      // self.x = it, or in a container on self
  ESCAPE_STORED_LONG = 1 << 3,      // module or class level name or container
  ESCAPE_STORED_LOCAL = 1 << 4,     // in a local container or item
  ESCAPE_STORED_OTHER = 1 << 5,     // attribute or item of something else
  ESCAPE_CAPTURED = 1 << 6,         // read by an inner function, lambda (comprehensions no)
  ESCAPE_PASSED = 1 << 7,           // argument of a call not known to let go of it
  ESCAPE_RAISED = 1 << 8,
  ESCAPE_UNKNOWN = 1 << 9,          // global name, dynamic scope, broken region
};
EscapeSet escape_of(Model *m, DefId def);
// The same for the value of an expression, by what stands around it.
EscapeSet escape_of_expression(Model *m, NodeId expression);

// What becomes of the object that an expression makes (design §5 item 6).
typedef enum Sink {
  SINK_UNKNOWN,
  SINK_DROPPED,       // used and gone: receiver of one call, expression statement
  SINK_ONE,           // kept by one name or attribute, one at a time
  SINK_NUMBER,        // appended, stored by key, element of a comprehension or yielded, in
                      // a loop: kept in number
  SINK_RETURNED,      // the caller decides
  SINK_PASSED,        // an argument; the callee decides
} Sink;
Sink sink_of(Model *m, NodeId expression);

// How the one use of a value consumes it.
typedef enum UseKind {
  USE_UNKNOWN,
  USE_ITERATED,     // for, comprehension source, `yield from`, `*x`
  USE_CALL,         // sole or other argument of a call: see `call`, `argument`
  USE_METHOD,       // receiver of a method call: see `call`
  USE_INDEXED,      // x[i], x[a:b], also stores
  USE_TESTED,       // truth value, comparison, `in`
  USE_RETURNED,
  USE_YIELDED,
  USE_STORED,
  USE_UNPACKED,
  USE_DROPPED,
} UseKind;

typedef struct Use {
  UseKind kind;
  NodeId node;      // the consuming construct: for statement, clause, call, subscript
  NodeId call;      // for USE_CALL and USE_METHOD
  uint32_t argument;  // position, UINT32_MAX when passed by keyword or starred
  Str keyword;
} Use;
// What the parent does with the value of an expression (parentheses, `await`, starred and
// conditional branches looked through).
Use use_of(Model *m, NodeId expression);

#endif
