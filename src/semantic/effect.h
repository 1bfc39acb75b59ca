/* Effects: what evaluating an expression or running a region does to the world.
 *
 * Conservative: what is not known to be harmless is `unknown`. Attribute, item and
 * operator protocols count as pure (design §5). Local functions are summarised by reading
 * their bodies (recursion counts as unknown); library calls by the tables pure.def,
 * acts.def and starts.def.
 */
#ifndef SEMANTIC_EFFECT_H
#define SEMANTIC_EFFECT_H

#include "semantic/scope.h"

typedef uint32_t EffectSet;
enum {
  EFFECT_UNKNOWN_CALL = 1 << 0,  // calls what we do not know
  EFFECT_ACTS = 1 << 1,          // known visible effect: writes, sends, starts, mutates
  EFFECT_MAY_RAISE = 1 << 2,     // beyond names, constants, attributes, comparisons, tests
  EFFECT_AWAITS = 1 << 3,        // await, async for, async with
  EFFECT_YIELDS = 1 << 4,
  EFFECT_SUPER = 1 << 5,         // zero-argument super() or __class__
  EFFECT_NEXT = 1 << 6,          // next(it), it.__next__(), or a raise of StopIteration
  EFFECT_LOCALS = 1 << 7,        // locals(), vars(), dir(), eval, exec without arguments
  EFFECT_BINDS = 1 << 8,         // walrus targets that outlive it
  EFFECT_STARTS = 1 << 9,        // started work (table starts)
  EFFECT_CONSUMES = 1 << 10,     // advances an iterator or a file that it did not make
  EFFECT_STORES = 1 << 11,       // assigns attributes, items, globals (regions)
};

// Of an expression, comprehensions and calls inside it included; lambdas and nested
// functions are not run.
EffectSet effect_of(Model *m, NodeId expression);
// Of a statement, block or any subtree: the union over what may run in it.
EffectSet effect_of_region(Model *m, NodeId region);
// Of calling a function defined in this file (its whole body).
EffectSet effect_of_function(Model *m, ScopeId function);
// Nothing visible: none of UNKNOWN_CALL, ACTS, AWAITS, YIELDS, BINDS, STARTS, CONSUMES,
// STORES. It may still raise.
bool effect_is_pure(EffectSet effects);

typedef enum MutationAnswer { MUTATION_NONE, MUTATION_POSSIBLE, MUTATION_CERTAIN } MutationAnswer;

// Does running `region` change (or rebind) the object that `source` denotes? `source` is a
// name, a dotted attribute (`self.xs`) or any expression: names and attributes in it are
// followed through simple aliases. Method calls that mutate, `del`, item and slice stores,
// augmented assignment, rebinding, and passing the object to a call that is not known to
// leave it alone are seen. For attributes, globals and captured names any unknown call,
// await or yield makes it POSSIBLE.
MutationAnswer effect_mutates(Model *m, NodeId region, NodeId source);
// The same for one variable by binding.
MutationAnswer effect_mutates_binding(Model *m, NodeId region, BindingId binding);
// A name that the expression reads is rebound inside the region (late binding hazard when
// the expression is made lazy).
bool effect_rebinds_names_of(Model *m, NodeId region, NodeId expression);

#endif
