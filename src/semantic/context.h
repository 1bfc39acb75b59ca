/* Context: where a node stands. Loops, handlers, import time, tests, with, try.
 *
 *     Context at = context_of(m, node);
 *     if (at.flags & CONTEXT_TEST) return;
 *     if (context_is_hot(at)) …
 *
 * Loops are counted within the function: a function's body starts at depth 0, whatever
 * loop the `def` stands in. What a `for` iterates is evaluated once, so it does not
 * count as inside; a `while` condition does. The same holds for the first source of a
 * comprehension. Decorators, defaults and annotations belong to the place of the `def`.
 *
 * One pass over the file on the first question, then every answer is O(1), walks
 * outwards aside; those stop after CONTEXT_REACH frames and then say "unknown".
 */
#ifndef SEMANTIC_CONTEXT_H
#define SEMANTIC_CONTEXT_H

#include "semantic/flow.h"
#include "semantic/names.h"

enum { CONTEXT_REACH = 256 };

enum {                             // Context.flags
  CONTEXT_LOOP = 1 << 0,           // in the body of a for or while of this function
  CONTEXT_COMPREHENSION = 1 << 1,  // in the element or a condition of a comprehension
  CONTEXT_HANDLER = 1 << 2,        // the function, or one around it, handles requests,
                                   // tasks or events (table `handlers`)
  CONTEXT_WORKER = 1 << 3,         // in `while True` without break at its own level, or
                                   // `for … in` a consumer or endless source
  CONTEXT_IMPORT_TIME = 1 << 4,    // module or class level, not under a def or lambda
  CONTEXT_MAIN_GUARD = 1 << 5,     // under if __name__ == "__main__"
  CONTEXT_TEST = 1 << 6,           // a test file, or a test function or class
  CONTEXT_TRY = 1 << 7,            // in the body of a try of this function
  CONTEXT_EXCEPT = 1 << 8,         // in an except clause
  CONTEXT_FINALLY = 1 << 9,
  CONTEXT_WITH = 1 << 10,       // in the body of a with of this function
  CONTEXT_ASYNC = 1 << 11,      // the function is async
  CONTEXT_GENERATOR = 1 << 12,  // the function yields
  CONTEXT_BRANCH = 1 << 13,     // in a branch of an if, match or except: may not run
  CONTEXT_METHOD = 1 << 14,     // the function stands directly in a class
  CONTEXT_NESTED = 1 << 15,     // the function stands in a function
  CONTEXT_TYPE_CHECKING = 1 << 16,  // under if TYPE_CHECKING
  CONTEXT_ANNOTATION = 1 << 17,     // in an annotation
};

typedef struct Context {
  uint32_t flags;
  uint32_t loop_depth;  // loops and comprehensions around it, within the function
  NodeId loop;          // the innermost, or NO_NODE
  NodeId function;      // the innermost def or lambda, or NO_NODE
  NodeId owner;         // the class whose body or method it is, or NO_NODE
} Context;

Context context_of(Model *m, NodeId node);
// Hot in the sense of the design: loop, comprehension, handler or worker.
static inline bool context_is_hot(Context c) {
  return (c.flags & (CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_HANDLER |
                     CONTEXT_WORKER)) != 0;
}

// The file has an `if __name__ == "__main__"`: what its own loops gather ends with it.
bool context_file_is_script(Model *m);

// How a function handles things: by decorator, name or class; HANDLER_NONE if not.
HandlerKind context_handler(Model *m, NodeId function_definition);
// A loop that never ends by itself: `while True` without a break of its own.
bool loop_is_endless(Model *m, NodeId loop);
// An endless loop, or a `for` over a consumer, queue or subscription.
bool loop_is_worker(Model *m, NodeId loop);

// The with-items around a node in its function, statement by statement outwards, the
// items of one statement in order:
//     for (NodeId w = with_around(m, n, NO_NODE); node_ok(w); w = with_around(m, n, w))
NodeId with_around(Model *m, NodeId node, NodeId previous);
// The innermost try whose body holds the node, in its function, likewise.
NodeId try_around(Model *m, NodeId node, NodeId previous);
// The innermost loop (for, while, comprehension) around the node, likewise.
NodeId loop_around(Model *m, NodeId node, NodeId previous);

// Is an exception of this class, raised at the node, caught in its own function by an
// except clause, contextlib.suppress, pytest.raises or assertRaises? Base classes of
// the builtin exceptions are known: IndexError is caught by LookupError and by a bare
// except. An except clause whose names cannot be resolved counts as ANSWER_UNKNOWN.
Answer context_catches(Model *m, NodeId node, const char *exception);
// What is caught around a node: qualified names in order from the inside out, a bare
// except as "builtins.BaseException", unresolved ones as "", and so what a context
// manager of this file may catch: `__exit__` returns something, or has a handler.
typedef struct CaughtList {
  const Str *items;
  uint32_t count;
} CaughtList;
CaughtList context_caught(Model *m, NodeId node);

#endif
