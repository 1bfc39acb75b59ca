/* Pass: how the value of an expression is walked through, and what runs meanwhile.
 *
 *     for x in <e>: …            PASS_FOR
 *     [f(x) for x in <e>]        PASS_CLAUSE
 *     sum(<e>), f.writelines(<e>)  PASS_SINK: `sink` takes one element at a time
 *     yield from <e>             PASS_YIELD_FROM
 *     dict(zip(ks, <e>))         PASS_KEPT: only behind something lazy
 *
 * Looked through are parentheses, lazy calls (enumerate, zip, map: table `sinks`) and
 * generator expressions that are themselves walked through on the spot; one that is
 * returned, stored or handed to unknown code is no pass.
 */
#ifndef SEMANTIC_PASS_H
#define SEMANTIC_PASS_H

#include "semantic/calls.h"
#include "semantic/effect.h"

typedef enum PassKind {
  PASS_NONE,
  PASS_FOR,
  PASS_CLAUSE,
  PASS_SINK,
  PASS_YIELD_FROM,
  PASS_KEPT,
} PassKind;

enum {
  PASS_PARTS = 16,
  PASS_LONGEST = 20000
};  // subtrees; nodes that may run meanwhile

typedef struct Pass {
  PassKind kind;
  NodeId node;    // the for statement, the comprehension, the call, the yield
  NodeId whole;   // the expression that is walked: itself, or enumerate(…) around it
  NodeId clause;  // the innermost clause that walks it, or NO_NODE
  const SinkFact *sink;      // of SINK and KEPT
  NodeId parts[PASS_PARTS];  // what runs between two elements
  uint32_t part_count;
  EffectSet calls;  // of functions that the calls around run for each element, and of
                    // arguments behind: they are evaluated before a generator begins
  bool wrapped;     // something lazy stands between
  bool may_stop;    // the pass may end before the last element
  bool again;       // walked once for each element of an outer clause
  bool few;         // beside something small: zip(("a", "b"), <e>)
} Pass;

Pass pass_of(Model *m, NodeId expression);
// Of all that runs between two elements, with the bits that only this layer knows.
EffectSet pass_effects(Model *m, const Pass *pass);
// Of what the statement evaluates before it comes to the pass. Where that decides whether
// there will be a pass (`sum(xs) if found else 0`), the pass counts as one that may stop.
EffectSet pass_effects_before(Model *m, Pass *pass);
// May the method that takes the elements change it: `xs.extend(x for x in <e>)`?
bool pass_sink_changes(Model *m, const Pass *pass, NodeId expression);
// May what runs between two elements change what the expression denotes or reads?
bool pass_changes(Model *m, const Pass *pass, NodeId expression);
// A for loop that removes what it gets from something, which may be what it walks
// through: `for note in notes: note.parent.remove(note)`, `del table[name]`.
bool pass_removes_elements(Model *m, const Pass *pass);
// Is the file behind the handle read, moved or rewritten between two elements? With
// `for_sure`, writing to a path that may be another counts as writing to another.
bool pass_disturbs_file(Model *m, const Pass *pass, NodeId handle, bool for_sure);

// Nothing but its truth is asked: a condition, an operand of `not`, the first part of
// `assert`; through `and`, `or` and parentheses.
bool value_is_only_tested(const Tree *t, NodeId expression);

// The definition that gives the value to a local name which no other scope sees; {0} if
// it goes elsewhere.
DefId private_def_of(Model *m, NodeId value);

// A value that one local name keeps from its assignment to its only use, in one block:
// both run as often, in the same `with` and `try`.
typedef struct SingleUse {
  DefId def;
  NodeId statement;  // the assignment's
  NodeId use;        // the identifier that reads it
} SingleUse;
// False when the name is used more or less than once, elsewhere, or seen from outside.
bool single_use_of(Model *m, NodeId value, SingleUse *out);
// The same, but the use may stand in another block, if it runs no more often.
bool only_use_of(Model *m, NodeId value, SingleUse *out);

#endif
