/* Amount: how many a loop, a comprehension or a count is good for.
 *
 *     Amount amount = amount_of_loop(m, loop);
 *     if (amount.size == SIZE_UNBOUNDED) report(size_why_text(amount.why));
 *
 * Of several, the most counts: something without bound, else something unknown.
 */
#ifndef SEMANTIC_AMOUNT_H
#define SEMANTIC_AMOUNT_H

#include "semantic/value.h"

typedef struct Amount {
  SizeEvidence size;
  SizeWhy why;
  NodeId source;   // what says so, or NO_NODE
  bool is_record;  // one line, row or record: never large
} Amount;

Amount amount_more(Amount a, Amount b);
// Of what is walked through.
Amount amount_of_source(Model *m, NodeId source);
// Of a for, while or comprehension.
Amount amount_of_loop(Model *m, NodeId loop);
// Of a whole number, as in `[0] * number`: a length, a parameter, a constant.
Amount amount_of_number(Model *m, NodeId number);

#endif
