/* Effects: what evaluating an expression or running a region does to the world.
 *
 * Conservative: what is not known to be harmless is `unknown`. Attribute, item and
 * operator protocols count as pure (design §5). Local functions are summarised by
 * reading their bodies, mutual recursion included (it adds MAY_RAISE and nothing
 * else); library calls by the tables pure, mutators, acts, starts and opens. Methods
 * of an object whose class nobody knows are unknown, `self.method()` included: a
 * subclass may override it.
 *
 * What a function does to objects that it made itself (`out = []; out.append(x)`) is
 * an effect of the region where it stands, not of calling the function. Iterating
 * counts as CONSUMES only where the value is known to be an iterator or a file.
 *
 * Each node is summed once per file, whatever is asked; no answer recurses over the
 * input.
 */
#ifndef SEMANTIC_EFFECT_H
#define SEMANTIC_EFFECT_H

#include "semantic/scope.h"

typedef uint32_t EffectSet;
enum {
  EFFECT_UNKNOWN_CALL = 1 << 0,  // calls what we do not know
  EFFECT_ACTS = 1 << 1,          // known visible effect: writes, sends, starts, mutates
  EFFECT_MAY_RAISE = 1 << 2,  // beyond names, constants, attributes, comparisons, tests
  EFFECT_AWAITS = 1 << 3,     // await, async for, async with
  EFFECT_YIELDS = 1 << 4,
  EFFECT_SUPER = 1 << 5,      // zero-argument super() or __class__
  EFFECT_NEXT = 1 << 6,       // next(it), it.__next__(), or a raise of StopIteration
  EFFECT_LOCALS = 1 << 7,     // locals(), vars(), dir(), eval, exec without arguments
  EFFECT_BINDS = 1 << 8,      // walrus targets that outlive it
  EFFECT_STARTS = 1 << 9,     // started work (table starts)
  EFFECT_CONSUMES = 1 << 10,  // advances an iterator or a file that it did not make
  EFFECT_STORES = 1 << 11,    // assigns attributes, items, globals (regions)
};

// Of an expression, comprehensions and calls inside it included; lambdas and nested
// functions are not run.
EffectSet effect_of(Model *m, NodeId expression);
// Of a statement, block or any subtree: the union over what may run in it.
EffectSet effect_of_region(Model *m, NodeId region);
// Of what is written behind `from`, up to the end of `to`: for an expression that is to
// be evaluated at `to` instead of at `from`. Both in one function, `from` first.
EffectSet effect_of_between(Model *m, NodeId from, NodeId to);
// Of calling a function or lambda of this file: its whole body, what it does to objects
// of its own left out. AWAITS and YIELDS tell that it is a coroutine or generator.
EffectSet effect_of_function(Model *m, ScopeId function);
// The call of a function of this file that yields. Decorators that nobody knows may make
// something else of what it gives: a generator, if it is walked through at all, or what
// was made from one.
bool call_gives_generator(Model *m, NodeId call);
// Nothing visible: none of UNKNOWN_CALL, ACTS, AWAITS, YIELDS, BINDS, STARTS, CONSUMES,
// STORES. It may still raise.
bool effect_is_pure(EffectSet effects);
// It may run code that does whatever it likes to files and the like: unknown calls, code
// of the project, functions of this file that act, started work.
bool effect_runs_others(EffectSet effects);

typedef enum MutationAnswer {
  MUTATION_NONE,
  MUTATION_POSSIBLE,
  MUTATION_CERTAIN,  // there is such an operation; it may stand in a branch
} MutationAnswer;

// Does running `region` change (or rebind) the object that `source` denotes? `source`
// is a name, a dotted attribute (`self.xs`) or any expression: the names and attributes
// in it are followed through aliases (`ys = xs`, `self.xs = xs`, `with xs as ys`, views
// and iterators over them). Seen are: methods that mutate, by the receiver's kind, or
// by name where that is unknown; `del`; item, slice and attribute stores; augmented
// assignment; rebinding by whatever binds; passing the object to a call that is not
// known to leave it alone (functions of this file are read); uses in closures that may
// run. For attributes, globals, captured names and elements of containers any call that
// may reach them (unknown, started, or an impure function of this file), await or yield
// makes it POSSIBLE; what belongs to an imported module (`sys.modules`) always is. For
// a parameter it does not: ask effect_of_region too.
MutationAnswer effect_mutates(Model *m, NodeId region, NodeId source);
// The same for what is written behind `from`, up to the end of `to`.
MutationAnswer effect_mutates_between(Model *m, NodeId from, NodeId to, NodeId source);
// The same for one variable by binding.
MutationAnswer effect_mutates_binding(Model *m, NodeId region, BindingId binding);
// Does calling a function of this file change what it is given as its parameter `index`
// (0 is `self`)? Rebinding the parameter's name changes nothing.
MutationAnswer effect_mutates_parameter(Model *m, ScopeId function, uint32_t index);
// A name that the expression reads is rebound inside the region (late binding hazard
// when the expression is made lazy), or may be by a function that is called there.
bool effect_rebinds_names_of(Model *m, NodeId region, NodeId expression);
bool effect_rebinds_names_between(Model *m, NodeId from, NodeId to, NodeId expression);

// Would running `region` disturb a reading of the file behind `handle` that goes on
// meanwhile? `handle` is the expression that is read: a name, `self.f`, `open(p)`, a
// pathlib path. True when the region uses the handle for anything but its name and
// mode, or what was made from it (`csv.reader(f)`); hands it on; may reach it by
// unknown code where others hold it; opens the same path for writing, or a path that is
// not proved to be another; or hands the path to something that is not known to be
// pure. Writing through a handle that was opened before with mode "w" is no disturbance
// (the file was emptied before it was read); "a", "r+" and unknown modes are, unless
// the paths are proved different.
bool effect_disturbs_file(Model *m, NodeId region, NodeId handle);
// The same for what is written behind `from`, up to the end of `to`.
bool effect_disturbs_file_between(Model *m, NodeId from, NodeId to, NodeId handle);
// Likewise, but paths that are not proved to be one file count as two.
bool effect_surely_disturbs_file(Model *m, NodeId region, NodeId handle);
bool effect_surely_disturbs_file_between(Model *m, NodeId from, NodeId to,
                                         NodeId handle);
// Likewise, by the path alone: the file is removed, renamed or rewritten. The handle may
// be used, and closed.
bool effect_surely_disturbs_path_between(Model *m, NodeId from, NodeId to,
                                         NodeId handle);

#endif
