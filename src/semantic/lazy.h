/* Lazy: may a list comprehension be a generator instead, and would anybody notice?
 *
 *     Pass pass = pass_of(m, comprehension);
 *     Lazy lazy = lazy_here(m, comprehension, &pass);
 *     if (lazy.refusal != NULL) return;      // it must be made at once
 *     if (lazy.doubt != NULL) …              // it may, but not provably unnoticed
 *
 * Refused are: `await` and asynchronous clauses, zero-argument super(), next(),
 * locals(), names bound inside (`:=`), elements that start work, sources that are known
 * to be small, and whatever changes the source or what the elements read before the
 * pass is over. The first source is left out: it is evaluated at once in both forms.
 *
 * Proved means: the elements are pure and cannot raise, or nothing can come between;
 * the source is a container, where the pass may end early; and no code runs meanwhile
 * that could reach what the elements read.
 */
#ifndef SEMANTIC_LAZY_H
#define SEMANTIC_LAZY_H

#include "semantic/pass.h"

typedef struct Lazy {
  const char *refusal;  // why it must be made at once; NULL if it need not
  const char *doubt;    // what may differ; NULL if nothing does
  const char *little;   // why there is little to gain: a note at most; NULL
  bool acts;            // the elements have visible effects
  EffectSet effects;    // of elements, conditions and inner clauses, with internal bits
} Lazy;

// The pass takes it where it stands.
Lazy lazy_here(Model *m, NodeId comprehension, const Pass *pass);
// The pass takes it from a name, behind the assignment `statement`.
Lazy lazy_from(Model *m, NodeId comprehension, NodeId statement, const Pass *pass);
// Without a pass: what the comprehension itself forbids. `doubt` speaks of effects.
Lazy lazy_alone(Model *m, NodeId comprehension);

// The element, and the expression that the first clause iterates.
NodeId comprehension_element(const Tree *t, NodeId comprehension);
NodeId comprehension_source(const Tree *t, NodeId comprehension);
// `[x for x in xs]`: nothing but a copy.
bool comprehension_is_copy(const Tree *t, NodeId comprehension);
// The first source is an iterator that runs code of its own: what that raises or does
// comes between the steps of the pass. Reading a file counts where errors are handled.
bool comprehension_source_runs(Model *m, NodeId comprehension);
// Bytes for each element that the list costs on CPython 3.`minor`: its pointer and what
// the element expression makes anew, without what that refers to.
uint32_t comprehension_item_bytes(Model *m, NodeId comprehension, uint8_t minor);

#endif
