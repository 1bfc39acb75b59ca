/* Ahead: may each element be handed on where it is made, instead of being kept until
 * the list is complete?
 *
 *     for row in rows:                          for row in rows:
 *         lines.append(row.name)                    out.write(row.name)
 *     for line in lines:
 *         out.write(line)
 *
 *     const char *refusal = ahead_refusal(m, &grown, &pass);
 *     if (refusal == NULL) …
 *
 * The pass must stand behind the loop, in a block that holds both, so that it runs
 * whenever the loop did; nothing of what it reads may come out of the loop or change
 * there; and nothing that it does may change what the loop walks through. Where the
 * function may be left between, or an exception is caught around one of the two only,
 * the list is what makes it all or nothing, and it must stay. The elements themselves
 * must be complete when they are appended.
 */
#ifndef SEMANTIC_AHEAD_H
#define SEMANTIC_AHEAD_H

#include "semantic/grown.h"
#include "semantic/pass.h"

// Why the list has to be complete first; NULL if it need not. `pass` is the pass
// through the list, which grown_loop() says grows.
const char *ahead_refusal(Model *m, const Grown *g, const Pass *pass);
// What runs from the beginning of the loop to the pass; what it does to objects of its
// own (`lines.append(…)`) is left out.
EffectSet ahead_effects(Model *m, const Grown *g, const Pass *pass);
// Between these two, the expression (a name, `self.out`) is mentioned.
bool ahead_mentions(Model *m, const Grown *g, const Pass *pass, NodeId expression);
// A call whose result may still be made while it is walked through: os.walk(…), a
// cursor, what nobody knows.
bool ahead_is_live(Model *m, NodeId source);
// The element is something that may be changed after it was appended: `node =
// Node(row)`, filled in by later rounds, or reached through another container.
bool element_may_change(Model *m, NodeId append);

#endif
