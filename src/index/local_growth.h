/* Local growth: containers of a function that gain entries in a loop without end.
 *
 *     def work(queue):
 *         seen = set()                      made
 *         while True:                       loop
 *             seen.add(queue.get().id)      growth
 *
 * Of one file alone, by what is asked of containers everywhere (facts_operations.c,
 * facts_keys.c). Functions of this file that get one are looked into.
 */
#ifndef INDEX_LOCAL_GROWTH_H
#define INDEX_LOCAL_GROWTH_H

#include "semantic/context.h"

typedef struct LocalGrowth {
  NodeId made;  // the expression that builds it
  NodeId name;  // that it is bound to
  NodeId loop;  // that runs on and on
  NodeId growth;
  ValueKind type;
  ValueKind started;    // THREAD, PROCESS, FUTURE: what it gains is running work
  bool may_end;         // nobody knows how long the loop's source goes on
  const char *refusal;  // why it does not grow for ever; NULL if it does
} LocalGrowth;

typedef struct LocalGrowths {
  const LocalGrowth *items;  // in the order of the source
  uint32_t count;
} LocalGrowths;

LocalGrowths local_growths_in(Arena *arena, Model *m);

#endif
