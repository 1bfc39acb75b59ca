/* Escape: where an object goes after it was made.
 *
 * `escape_of` follows one definition of a local name through its uses: aliases,
 * branches, displays (`return (x, y)` returns x), lazy wrappers (`enumerate(x)`) and
 * arguments of functions and classes of this file included; what lies in a named
 * container is not followed out of it. Unknown is never missing: what is not
 * understood sets ESCAPE_PASSED. The receiver of a method call does not escape by it,
 * a bound method that is handed on does.
 *
 *     if (escape_of(m, def) == 0) …                 // it dies with the function
 *     if (use_of(m, list).kind == USE_ITERATED) …   // consumed where it stands
 */
#ifndef SEMANTIC_ESCAPE_H
#define SEMANTIC_ESCAPE_H

#include "semantic/scope.h"

typedef uint32_t EscapeSet;
enum {
  ESCAPE_RETURNED = 1 << 0,
  ESCAPE_YIELDED = 1 << 1,
  ESCAPE_STORED_SELF = 1 << 2,   // self.x = it, or in a container on self
  ESCAPE_STORED_LONG = 1 << 3,   // module or class level name or container
  ESCAPE_STORED_LOCAL = 1 << 4,  // in a local container or item
  ESCAPE_STORED_OTHER = 1 << 5,  // attribute or item of something else
  ESCAPE_CAPTURED = 1 << 6,  // read by an inner function, lambda (comprehensions no)
  ESCAPE_PASSED = 1 << 7,    // argument of a call not known to let go of it
  ESCAPE_RAISED = 1 << 8,
  ESCAPE_UNKNOWN = 1 << 9,  // global name, dynamic scope, broken region
};
EscapeSet escape_of(Model *m, DefId def);
// The same for the value of an expression, by what stands around it.
EscapeSet escape_of_expression(Model *m, NodeId expression);

// What becomes of the object that an expression makes (design §5 item 6).
typedef enum Sink {
  SINK_UNKNOWN,
  SINK_DROPPED,   // used and gone: receiver of one call, expression statement
  SINK_ONE,       // kept by one name or attribute, one at a time
  SINK_NUMBER,    // appended, stored by key or element of a comprehension, in a loop,
                  // worker or handler: kept in number
  SINK_STORED,    // likewise outside of loops: in number if its function runs often
  SINK_RETURNED,  // the caller decides
  SINK_PASSED,    // an argument; the callee decides
  SINK_YIELDED,   // yielded in a loop, worker or handler: in number if a consumer keeps
                  // what the generator gives
  SINK_SPREAD,    // what it gives when it is iterated is kept in number
  SINK_RELAYED,   // … is yielded or returned once more: the next consumer decides
} Sink;
Sink sink_of(Model *m, NodeId expression);  // never SINK_SPREAD or SINK_RELAYED
// What becomes of what this iterable gives: SINK_SPREAD (`list(x)`, `*x`, `for y in x:
// kept.append(y)`), SINK_RELAYED (`yield from x`, `for y in x: yield y`), SINK_DROPPED
// (`for y in x: print(y)`), SINK_PASSED; SINK_UNKNOWN where it is not iterated.
Sink sink_of_elements(Model *m, NodeId iterable);
// The same by the uses of the one name that it is bound to.
Sink sink_of_named_elements(Model *m, NodeId iterable);

// How the one use of a value consumes it.
typedef enum UseKind {
  USE_UNKNOWN,
  USE_ITERATED,   // for, comprehension source, `yield from`, `*x`
  USE_CALL,       // sole or other argument of a call: see `call`, `argument`
  USE_METHOD,     // receiver of a method call: see `call`
  USE_ATTRIBUTE,  // an attribute is read, not called
  USE_INDEXED,    // x[i], x[a:b], also stores
  USE_KEY,        // y[x], also stores
  USE_TESTED,     // truth value, comparison, `in`
  USE_OPERAND,    // of an arithmetic operator, an augmented assignment, an f-string
  USE_RETURNED,   // also the result of a lambda
  USE_YIELDED,
  USE_RAISED,
  USE_ASSIGNED,  // to one plain name: the target is `name`
  USE_STORED,    // in an attribute or item, to several targets, as a default
  USE_ELEMENT,   // of a display or comprehension: `node`
  USE_ENTERED,   // with x
  USE_UNPACKED,
  USE_DROPPED,
} UseKind;

enum {  // Use.through: what lies between the value and its use
  THROUGH_AWAIT = 1 << 0,
  THROUGH_BRANCH = 1 << 1,  // conditional expression, `and`, `or`
  THROUGH_WALRUS = 1 << 2,  // a name keeps it as well: the innermost is `name`
};

typedef struct Use {
  UseKind kind;
  uint32_t through;
  NodeId node;  // the consuming construct: for statement, clause, call, subscript
  NodeId call;  // for USE_CALL and USE_METHOD; for `*x` in a call
  NodeId name;
  uint32_t argument;  // position, USE_NO_POSITION when passed by keyword or behind `*x`
  Str keyword;
} Use;
#define USE_NO_POSITION UINT32_MAX
// What becomes of the value of an expression where it stands: parentheses, `await`,
// walrus, conditional and boolean branches looked through.
Use use_of(Model *m, NodeId expression);

#endif
