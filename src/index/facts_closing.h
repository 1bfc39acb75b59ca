/* What facts_closings.c (closing methods and what they call) and facts_released.c (what
 * they, and other methods, do to attributes) share: one class under way.
 */
#ifndef INDEX_FACTS_CLOSING_H
#define INDEX_FACTS_CLOSING_H

#include "index/facts_internal.h"

enum { CLOSING_METHODS = 64 };

typedef struct Closing {
  FactsBuilder *b;
  ScopeId scope;
  NodeId node;
  FactText name;  // in the module
  ScopeId
      methods[CLOSING_METHODS];  // that end the object, and those of its own they call
  uint32_t method_count;
} Closing;

void closing_row(Closing *c, FactClosing row);  // unless an equal one is there
// The method of the class around a node, through functions nested in it.
ScopeId closing_method_around(const Closing *c, NodeId node);
Str closing_method_name(const Closing *c, ScopeId method);
bool is_closing(const Closing *c, ScopeId method);
bool is_closing_self(Closing *c, NodeId expression);

// All that is done to one attribute.
void closing_attribute(Closing *c, const MentionGroup *group);
// Drops what ends with something that is released, of the rows from `first` on.
void closing_helds_prune(Closing *c, uint32_t first);

#endif
