/* Numbers: a list of many numbers of one kind, of which every use would do with an array.
 *
 *     prime = [True] * (limit + 1)
 *     for k in range(i * i, limit + 1, i):
 *         prime[k] = False
 *
 *     Numbers n;
 *     const char *refusal = numbers_of(m, start, &n);   // "": no candidate; NULL: yes
 *
 * `start` is what begins the list: `[0] * n`, a comprehension, `list(map(float, xs))`, or
 * `[]` that is appended to. Every mention is looked at, in inner functions and in those
 * that only this file calls as well: items are read and stored, the whole is walked
 * through, measured, summed. What is stored has to be of the kind: floats; flags; whole
 * numbers that provably fit into 64 bits, or into a byte.
 */
#ifndef SEMANTIC_NUMBERS_H
#define SEMANTIC_NUMBERS_H

#include "semantic/amount.h"

typedef enum NumberForm {
  NUMBERS_FLAGS,   // True and False
  NUMBERS_BYTES,   // 0 to 255, all written out
  NUMBERS_SIGNED,  // -128 to 127, likewise
  NUMBERS_WHOLE,   // fit into 64 bits
  NUMBERS_FLOAT,
} NumberForm;

enum { NUMBERS_CLOSED = 8 };

typedef struct Numbers {
  NodeId start;
  NodeId name;  // the variable, or the attribute expression
  NumberForm form;
  Amount amount;
  NodeId stored;  // the first place that stores into it; or NO_NODE
  // Names of the module, and attributes behind a dot, that nobody else may use.
  Str closed[NUMBERS_CLOSED];
  uint32_t closed_count;
} Numbers;

const char *numbers_of(Model *m, NodeId start, Numbers *out);

#endif
