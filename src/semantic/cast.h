/* Cast: an iterator, view or range that `list`, `tuple` or `sorted` turns into a list.
 *
 *     Cast cast = cast_of(m, call);             // list(zip(a, b)), tuple(d.values())
 *     Pass pass = pass_of(m, call);
 *     CastLazy lazy = cast_here(m, &cast, &pass);
 *     if (lazy.refusal != NULL) return;         // the copy is needed
 *
 * Copies of containers are none: `list(xs)` of a list is for the rules of `copies`.
 * Files are none either: see stream.h.
 *
 * Refused is whatever may change the source before the pass is over: where others hold
 * it too (attributes, globals, captured names, views of weak containers), any unknown
 * call, `await` or `yield` may. So is a source that holds something while it is walked
 * through: a lock, a query, a folder that the pass writes to.
 */
#ifndef SEMANTIC_CAST_H
#define SEMANTIC_CAST_H

#include "semantic/lazy.h"

typedef enum CastKind { CAST_NONE, CAST_LIST, CAST_TUPLE, CAST_SORTED } CastKind;

typedef struct Cast {
  CastKind kind;
  NodeId node;    // the call
  NodeId source;  // its argument; a generator expression is the whole argument list
  Value from;     // of the source
} Cast;

Cast cast_of(Model *m, NodeId expression);
// By its name alone, before anything is followed: may cast_of tell of it, or whole_read_of
// of a list of lines? List comprehensions, `list`, `tuple`, `sorted`, and `readlines`.
bool may_make_list(Model *m, NodeId expression);

typedef struct CastLazy {
  const char *refusal;  // why the copy is needed; NULL if it is not
  const char *doubt;    // what may differ; NULL if nothing does
  const char *little;   // why it may be needed after all: a note; NULL
  bool no_fix;          // nobody can tell whether it is
} CastLazy;

// The pass takes it where it stands / from a name, behind the assignment `statement`.
CastLazy cast_here(Model *m, const Cast *cast, const Pass *pass);
CastLazy cast_from(Model *m, const Cast *cast, NodeId statement, const Pass *pass);
// Without a pass: what the source itself forbids.
CastLazy cast_alone(Model *m, const Cast *cast);

#endif
