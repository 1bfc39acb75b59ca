/* Rounds: how often a loop may run, where that is known to be little.
 *
 *     for key in ("a", "b"):             what it walks through is small
 *     for axis in range(x.ndim):         the axes of an array
 *     while number: number >>= 7         the digits of a number
 *     while len(line) % 8: line += " "   filling up to a multiple
 *     while len(head) < 4:               a small length to reach
 */
#ifndef SEMANTIC_ROUNDS_H
#define SEMANTIC_ROUNDS_H

#include "semantic/value.h"

// Of a for or while statement; comprehensions and the like have few.
bool loop_has_few_rounds(Model *m, NodeId loop);

#endif
