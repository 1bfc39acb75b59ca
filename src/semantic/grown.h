/* Grown: a list of the function's own that is begun empty and only appended to.
 *
 *     names = []
 *     for row in rows:
 *         names.append(row.name)
 *
 *     Grown g;
 *     if (!grown_is_start(m, assignment)) return;        // `names = []`
 *     if (!grown_of(m, assignment, &g)) return;          // others may see or change it
 *     for (uint32_t i = 0; i < g.other_count; i++) …     // what else is asked of it
 *
 * Every use is known: `appends` are statements of one `append` each, `others` all the
 * rest. Started work (table `starts`) is no such element.
 */
#ifndef SEMANTIC_GROWN_H
#define SEMANTIC_GROWN_H

#include "semantic/value.h"

enum { GROWN_USES = 32 };

typedef struct Grown {
  NodeId assignment;
  NodeId name;
  DefId def;
  NodeId appends[GROWN_USES];  // the calls
  NodeId others[GROWN_USES];   // the identifiers
  uint32_t append_count, other_count;
} Grown;

// `[]`, `list()`.
bool value_is_empty_list(Model *m, NodeId value);
// A plain local name, which nothing outside of its scope can see.
bool def_is_private(const Model *m, DefId def);
// Likewise, also where some path deletes it.
bool def_is_local(const Model *m, DefId def);
// `x.append(e)` with one argument that is no running work, as a statement of its own:
// the call, else NO_NODE. `list` is the expression x.
NodeId append_to(Model *m, NodeId list);

// A statement `name = []` or `name = list()`.
bool grown_is_start(Model *m, NodeId assignment);
// False where it is no list that only grows, or somebody else sees it.
bool grown_of(Model *m, NodeId assignment, Grown *out);
// The outermost loop around the first append that has one, inside of which the list is
// not begun; loops over a few elements are none. NO_NODE without one.
NodeId grown_loop(Model *m, const Grown *g);
// The list may grow after the node was evaluated: it is needed while it grows.
bool grown_after(Model *m, const Grown *g, NodeId node);
// The list's size, as its appends tell.
Value grown_size(Model *m, const Grown *g);
static inline NodeId append_element(const Tree *t, NodeId append) {
  return node_first_named(t, node_field(t, append, FIELD_ARGUMENTS));
}

#endif
