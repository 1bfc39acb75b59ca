/* What the files of numbers.h share. */
#ifndef SEMANTIC_NUMBERS_INTERNAL_H
#define SEMANTIC_NUMBERS_INTERNAL_H

#include "base/vec.h"
#include "semantic/context.h"
#include "semantic/numbers.h"
#include "semantic/place_internal.h"

enum { NUMBERS_USES = 128, NUMBERS_NAMES = 16, NUMBER_DEPTH = 8, INDEX_BITS = 40 };

typedef enum NumKind {
  NUM_OTHER,  // no number, or not known
  NUM_FLAG,
  NUM_WHOLE,
  NUM_FLOAT,
  NUM_ITEM,  // one of the list, changed by no more than `bits` say
} NumKind;

// A number that an expression gives. Of whole ones, how many bits it takes at most.
typedef struct Num {
  NumKind kind;
  uint32_t bits;
  bool is_constant;
  int64_t value;
} Num;

typedef struct Scan {
  Model *m;
  const Tree *t;
  Numbers *numbers;
  const char *refusal;
  BindingId names[NUMBERS_NAMES];  // variables that stand for the list
  uint32_t name_count;
  Str attribute;  // "_alive"; empty where it is no attribute
  uint32_t steps;
  // What the items are, all together.
  bool has_flag, has_whole, has_float, has_other;
  bool has_computed;         // a whole number that is not written out
  bool has_changed;          // an item by what others are: of the kind that they are
  int64_t least, most;       // of those that are
  bool is_stored;            // an item is stored, or appended
  bool is_read;              // something is asked of the list
  bool is_grown;             // by append
  bool is_compared;          // an item by `is`, or it is shown: a flag has to stay one
  bool is_changed_by_slice;  // x[i::j] = …, as bytearray takes it
  VEC(NodeId) appends;
} Scan;

bool numbers_refuse(Scan *s, const char *reason);

// --- numbers_type.c ------------------------------------------------------------------

Num num_of(Scan *s, NodeId expression);
// An item is, or becomes, that.
bool num_take(Scan *s, NodeId value);
bool num_take_update(Scan *s, PyKind sign, NodeId value);
// `x[i]` of the list.
bool is_item_of_list(Scan *s, NodeId expression);
bool is_list(Scan *s, NodeId expression);

// --- numbers_use.c -------------------------------------------------------------------

// All mentions of a variable that stands for the list; a parameter only where every call
// is known to give that.
bool numbers_name(Scan *s, BindingId id, bool is_parameter);
bool numbers_attribute(Scan *s, Str name);

// --- numbers.c -----------------------------------------------------------------------

// The list begins with that: its items are taken.
bool numbers_begin(Scan *s, NodeId start);
bool numbers_closed_add(Scan *s, Str name);

#endif
