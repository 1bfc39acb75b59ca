/* Rows of Facts about lists that functions return. */
#ifndef INDEX_FACTS_LISTING_H
#define INDEX_FACTS_LISTING_H

#include "index/facts_base.h"

enum {                      // FactListing.flags
  LISTING_SHARED = 1 << 0,  // it reads what callers may change while they walk
  LISTING_METHOD = 1 << 1,  // a private method: only calls on self are followed
};

// A function that fills one list and returns it, and that this file only calls to walk
// through it once (semantic/listing.h).
typedef struct FactListing {
  FactText name;     // in the module
  FactPlace place;   // `out = []`
  FactPlace walked;  // the first such call outside of tests; 0 if other files have them
  uint32_t flags;
} FactListing;

enum {                     // FactWalk.flags
  WALKS_QUIETLY = 1 << 0,  // walks once through what it returns
  WALKS_BUSILY = 1 << 1,   // … while anything may run
  WALKS_NOT = 1 << 2,      // needs the list, or uses the name otherwise
};

// What a file does with a function of another one that may return such a list: one row
// for each name. `.name` is a private attribute of an object of unknown class.
typedef struct FactWalk {
  FactText name;     // qualified
  FactPlace walked;  // the first call that walks, outside of tests
  uint32_t flags;
} FactWalk;

#endif
