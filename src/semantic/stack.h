/* Stack: what a contextlib.ExitStack or AsyncExitStack is given, to be ended with it.
 *
 *     f = stack.enter_context(open(path))       entry: `stack`, of the form ENTERED
 *     enter = stack.enter_context; enter(f)     likewise
 *     @stack.callback                           entry: the decorator
 *
 *     StackEntry entry;
 *     if (!stack_entry_of(m, call, &entry)) return;
 *     if (stack_is_made_in(m, entry.stack, loop)) return;   // each round has its own
 *     StackLife life = stack_life(m, &entry, loop);
 */
#ifndef SEMANTIC_STACK_H
#define SEMANTIC_STACK_H

#include "semantic/keeper.h"

typedef struct StackEntry {
  NodeId node;   // the call, or the decorator
  NodeId stack;  // the expression of the stack
  NodeId thing;  // the first argument, or NO_NODE
  bool gives;    // enter_context: it gives what `__enter__` gave
} StackEntry;

bool stack_entry_of(Model *m, NodeId call_or_decorator, StackEntry *out);

// The stack of an expression comes into being inside of `region`: bound there, or reached
// from what is bound there.
bool stack_is_made_in(Model *m, NodeId stack, NodeId region);
// The call ends all entries of the stack, or hands them to another that it ends at once:
// `stack.close()`, `await stack.aclose()`, `stack.pop_all().close()`.
bool stack_is_ended_by(Model *m, NodeId call, NodeId stack);

typedef enum StackEnd {
  STACK_GOES_ON,
  STACK_ENDS_AT_TIMES,  // on some paths of the region
  STACK_ENDS,           // whenever the region, a loop's round or a function, has run
} StackEnd;

typedef struct StackLife {
  StackEnd end;  // within the region; a new stack under its name counts
  bool shared;   // other code gets it in the region, or behind, and may end it
  bool handed;   // it, or all of it by pop_all, is returned, stored or captured
} StackLife;
StackLife stack_life(Model *m, const StackEntry *entry, NodeId region);

#endif
