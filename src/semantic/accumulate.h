/* Accumulation: a text or bytes that a loop makes longer, piece by piece.
 *
 *     data += chunk        self.text = self.text + row.name        text = name + text
 *
 *     Accumulation a = accumulation_of(m, assignment);
 *     if (a.form == ACCUMULATION_NONE || a.refusal != NULL) return;
 *
 * CPython lets a str grow in place where a local variable is all that holds it (`+=`, and
 * `s = s + piece`). Bytes, and a str anywhere else, are copied in each round. Whether that
 * is so is for the caller to say, by `place`, `form` and `kept`.
 *
 * Refused is what starts anew within the loop, is another's in each round (`row.name +=`),
 * or is emptied by a method that the loop calls; and loops of few rounds, or left at once.
 * Of several additions in one loop the first stands for all.
 */
#ifndef SEMANTIC_ACCUMULATE_H
#define SEMANTIC_ACCUMULATE_H

#include "semantic/value.h"

typedef enum AccumulationForm {
  ACCUMULATION_NONE,
  ACCUMULATION_ADDED,      // text += more, text = text + more
  ACCUMULATION_SPREAD,     // text = text + more + more: the first sum is a copy
  ACCUMULATION_PREPENDED,  // text = more + text
} AccumulationForm;

typedef enum AccumulationPlace {
  ACCUMULATION_LOCAL,   // a variable of the function that runs
  ACCUMULATION_CELL,    // one that an inner function shares
  ACCUMULATION_MODULE,  // at module or class level
  ACCUMULATION_GLOBAL,  // declared global in a function
  ACCUMULATION_ATTRIBUTE,
  ACCUMULATION_ITEM,
} AccumulationPlace;

typedef struct Accumulation {
  AccumulationForm form;
  AccumulationPlace place;
  const char *refusal;  // why it is none after all; NULL
  NodeId assignment;
  NodeId target;
  NodeId loop;     // that makes it longer
  NodeId kept;     // in the loop: where something else comes to hold it; NO_NODE
  ValueKind kind;  // STR or BYTES
} Accumulation;

Accumulation accumulation_of(Model *m, NodeId assignment);

#endif
