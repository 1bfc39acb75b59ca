/* Listing: a function that fills and returns one list, and what its callers do with it.
 *
 *     def names(rows):
 *         out = []
 *         for row in rows:
 *             out.append(row.name)
 *         return out
 *
 *     Listing l;
 *     if (listing_refusal(m, definition, &l) == NULL) …    // it could as well yield
 *     if (walk_of(m, call, &place) == WALK_QUIET) …        // for name in names(rows):
 *
 * A generator runs between the caller's steps: so the function must have no visible
 * effects, hold nothing open, and not be left early or by an exception of its own. What
 * it reads beside its arguments makes it `shared`: then callers may only do quiet
 * things between two elements.
 */
#ifndef SEMANTIC_LISTING_H
#define SEMANTIC_LISTING_H

#include "semantic/contents.h"
#include "semantic/grown.h"

typedef struct Listing {
  Grown grown;
  bool shared;  // it reads attributes, globals or captured names
} Listing;

// Why it cannot yield instead; NULL if it can. `""` where it is no such function.
const char *listing_refusal(Model *m, NodeId definition, Listing *out);

typedef enum WalkKind {
  WALK_NOT,     // the list is needed: its length, index, truth; it is kept or handed on
  WALK_COPIED,  // sorted(…), set(…): walked through once, and kept in another form
  WALK_BUSY,    // walked through once, while code runs that may change what others hold
  WALK_QUIET,   // walked through once, and nothing else changes meanwhile
} WalkKind;

// How the result of a call is used; `place` is what the label points at.
WalkKind walk_of(Model *m, NodeId call, NodeId *place);

#endif
