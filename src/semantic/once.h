/* Once: tests of what the code remembers, so that a part of it runs only once.
 *
 *     if not _installed: …; _installed = True      by a global, a class attribute
 *     if path not in sys.path: …                   by the container itself
 *     if logger.handlers: return                   above it, and left where it holds
 *     if self._fd is None: …; self._fd = open(…)   once for each instance
 *     @functools.cache                             once for each argument
 *
 * Tests of parameters and options are none: they come out the same each time. What cannot
 * be understood counts as such a test.
 */
#ifndef SEMANTIC_ONCE_H
#define SEMANTIC_ONCE_H

#include "semantic/context.h"

typedef enum OnceKind {
  ONCE_NOT,
  ONCE_FOR_EACH,  // by an attribute of the instance
  ONCE_FOR_ALL,
} OnceKind;

// In the function around the node; `owner` is an expression whose own state decides as
// well: the list or logger that the node adds to. NO_NODE for none.
OnceKind once_of(Model *m, NodeId node, NodeId owner);
// A call that tells what the surroundings say, and nothing that this code remembers:
// `request.args.get("quiet")`, `os.environ.get("DEBUG")`, `isinstance(x, str)`.
bool call_tells_option(Model *m, NodeId call);

#endif
