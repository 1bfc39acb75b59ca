/* The types of fields in rows of Facts: what is told by number. */
#ifndef INDEX_FACTS_TYPES_H
#define INDEX_FACTS_TYPES_H

#include <stdint.h>

typedef struct FactWord {
  uint32_t i;  // 0 = empty
} FactWord;

typedef struct FactText {  // a name
  uint32_t i;              // 0 = empty
} FactText;

typedef struct FactPlace {
  uint32_t i;  // ordinal, 0 = none
} FactPlace;

#endif
