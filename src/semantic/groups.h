/* Groups: a dict of the function's own, whose lists are filled and only counted.
 *
 *     groups = defaultdict(list)                     # {}, dict()
 *     for row in rows:
 *         groups[row.kind].append(row)               # .setdefault(row.kind, []).append
 *     return {kind: len(found) for kind, found in groups.items()}
 *
 *     Groups g;
 *     if (!groups_is_start(m, assignment)) return;
 *     const char *refusal = groups_of(m, assignment, &g);   // NULL: `g` is filled in
 *
 * Counted means: its length, its sum, its truth. Every mention of the dict is looked
 * at, in comprehensions, lambdas and inner functions as well; the lists are followed
 * through loop variables, local names and sorted(). Neither order nor time matters: a
 * number for each key gives the same answers whenever it is asked.
 */
#ifndef SEMANTIC_GROUPS_H
#define SEMANTIC_GROUPS_H

#include "semantic/grown.h"

enum { GROUPS_USES = 64, GROUPS_GROWTHS = 16 };
enum {  // what is asked of the lists
  GROUPS_LENGTH = 1 << 0,
  GROUPS_SUM = 1 << 1,
  GROUPS_TRUTH = 1 << 2,
};

typedef struct Groups {
  NodeId assignment, name;
  BindingId binding;
  NodeId growths[GROUPS_GROWTHS];  // the appends, and `groups[key] = [x]`
  uint32_t growth_count;
  NodeId counted;  // the first place where a list is counted
  uint32_t asked;  // GROUPS_*
} Groups;

// A statement `name = defaultdict(list)`, `name = {}` or the like.
bool groups_is_start(Model *m, NodeId assignment);
// NULL, or why the lists are needed.
const char *groups_of(Model *m, NodeId assignment, Groups *out);
// The size of what is put into the lists together, by the loops around the growths; few
// is SIZE_SMALL, also where nothing grows in a loop.
Value groups_size(Model *m, const Groups *g);

#endif
