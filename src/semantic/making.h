/* Making: a class that is made while the program runs, anew each time.
 *
 *     def parse(line):
 *         Row = namedtuple("Row", "name size")     # for each call
 *         return Row(*line.split())
 *
 *     Making making;
 *     if (!making_of(m, node, &making)) return;    // a class statement or a call
 *     if (making.tie == TIE_FREE && !making.is_changed) …
 *
 * Makers are in the table `makers`. Classes of a module's or class's level are none, nor
 * is what is made together with another class: bases, and classes in a class body; nor
 * what stands in a test.
 *
 * A tie says what one class would do for. Looked through are names of the function that
 * stand for imports, constants, functions and classes which themselves are free of it.
 */
#ifndef SEMANTIC_MAKING_H
#define SEMANTIC_MAKING_H

#include "semantic/calls.h"

typedef enum MakingTie {
  TIE_FREE,   // for all calls; in a loop, for all rounds
  TIE_DATA,   // of names and types alone: for all calls that give equal ones
  TIE_BOUND,  // it holds what differs from call to call
} MakingTie;

typedef struct Making {
  NodeId place;  // the class statement's name, or the call
  NodeId whole;  // the class statement with its decorators, or the call
  NodeId loop;   // around it, in its function, of more than a few rounds; or NO_NODE
  Str name;
  uint32_t bytes;     // that one takes, at least
  bool is_validator;  // no class, and no cycle
  bool is_given;      // the class itself leaves the function
  bool is_kept;       // made where it is missing, and kept for good
  bool is_changed;    // it, or what its body holds, is changed afterwards
  MakingTie tie;
} Making;

bool making_of(Model *m, NodeId node, Making *out);

// Evaluated only where something is missing, and then stored for good:
//     if self.kind is None: self.kind = <node>
bool fills_what_is_missing(Model *m, NodeId node);

#endif
