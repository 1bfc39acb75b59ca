/* Rounds: how often a loop may run, where that is known to be little.
 *
 *     for key in ("a", "b"):             what it walks through is small
 *     for axis in range(x.ndim):         the axes of an array
 *     while number: number >>= 7         the digits of a number
 *     while len(line) % 8: line += " "   filling up to a multiple
 *     while len(head) < 4:               a small length to reach
 *     for path in paths:                 where they are `*paths` of the function
 *     for _ in range(max_retries):       what is tried again, or runs at the same time
 *
 * And what a loop does but once, as it is left behind it:
 *
 *     for root in roots:
 *         if fits(root):
 *             register(root)             loop_is_left
 *             return root
 */
#ifndef SEMANTIC_ROUNDS_H
#define SEMANTIC_ROUNDS_H

#include "semantic/value.h"

// Of a for or while statement; comprehensions and the like have few.
bool loop_has_few_rounds(Model *m, NodeId loop);
// `sorted(xs)`, `enumerate(xs)`, `zip(xs, ys)`: of the first as many as there are, or fewer.
bool call_gives_elements(Model *m, NodeId call);
// What is walked through behind such calls.
NodeId source_behind(Model *m, NodeId source);
// What runs at the same time, is tried again, or is one of many parts: `num_workers`,
// `max_retries`, `batch_size`, `axes`.
bool name_is_few(Str name);
// By what it is called: `*args`, the number of workers, threads, attempts; a constant of
// another file.
bool source_is_few(Model *m, NodeId source);
// The loop around the node ends in the round that evaluates it, exceptions aside:
// `return`, `raise` or `break` follow in its block, or in one around it.
bool loop_is_left(Model *m, NodeId node, NodeId loop);

#endif
