/* What the files of records.h share.
 *
 * A shape says where the rows are in what an expression gives: layers from the outside
 * inwards, four bits each. None: it is a row itself.
 */
#ifndef SEMANTIC_RECORDS_INTERNAL_H
#define SEMANTIC_RECORDS_INTERNAL_H

#include "base/vec.h"
#include "semantic/context.h"
#include "semantic/place_internal.h"
#include "semantic/records.h"

typedef uint32_t Shape;
enum {
  ROW = 0,
  SEQUENCE = 1,  // each item
  MAPPING = 2,   // each value
  PAIR = 3,      // the second of two
};
enum { RECORDS_STEPS = 600, RECORDS_USES = 128, RECORDS_NODES = 4000, SHAPE_MOST = 5 };

static inline Shape shape_in(uint32_t layer, Shape inner) { return inner << 4 | layer; }
static inline uint32_t shape_top(Shape shape) { return shape & 15; }
static inline Shape shape_inner(Shape shape) { return shape >> 4; }

typedef struct Owed {  // what has to have a shape as well
  NodeId value;
  DefId def;  // or a definition
  Shape shape;
  bool is_start;  // an attribute gets it
} Owed;

typedef struct Following {
  Model *m;
  const Tree *t;
  Records *records;
  const char *refusal;
  uint32_t steps;
  Map seen;       // expressions -> shape + 1
  Map defs;       // definitions -> shape + 1
  Map bindings;   // variables whose every mention counts -> shape + 1
  Map functions;  // function scopes whose results are followed -> shape + 1
  Map given;      // parameters that are followed -> shape + 1
  VEC(Owed) todo;
  VEC(Owed) owed;
  VEC(NodeId) gathered;  // where rows are put, or put together
  VEC(NodeId) emptied;   // where a container begins, or loses what it holds
  bool yields;           // some row is yielded by its function
  bool is_start;         // while settling: a variable or attribute gets the value
} Following;

// False, for good; the first reason stays.
bool records_refuse(Following *f, const char *reason);

// --- records_follow.c ----------------------------------------------------------------

// An expression that gives that shape: its use is looked at later.
bool records_follow(Following *f, NodeId expression, Shape shape);
// A target of an assignment, `for` or walrus gets it.
bool records_bind(Following *f, NodeId target, Shape shape);
bool records_bind_def(Following *f, DefId def, Shape shape);
// What a container expression denotes has that shape, since rows are put into it.
bool records_track(Following *f, NodeId container, Shape shape);
// That value is put where others have the shape.
bool records_owe(Following *f, NodeId value, Shape shape);
bool records_used(Following *f, NodeId expression, Shape shape);

// --- records.c -----------------------------------------------------------------------

// Its keys, if they are constant, different, and enough.
bool records_keys(Model *m, NodeId literal, Records *out);
Str records_key_text(Model *m, NodeId key);
Str record_key(const Following *f, uint32_t index);
bool record_has_key(Following *f, NodeId key);

// --- records_call.c ------------------------------------------------------------------

bool records_as_argument(Following *f, Place p, Shape shape);
bool records_as_receiver(Following *f, NodeId attribute, Shape shape);

// --- records_function.c --------------------------------------------------------------

// A function of this file gets it as that argument / gives it back, or yields it.
bool records_as_parameter(Following *f, Place p, Shape shape);
bool records_returned(Following *f, NodeId statement, Shape shape);
// `key=function`: it is called with one of that shape.
bool records_key_function(Following *f, NodeId function, Shape shape);
// Nobody outside of this file means to name it; whether anybody does is for the project.
bool records_name_is_closed(Following *f, Str name);
bool records_attribute_is_closed(Following *f, Str name);

// --- records_owed.c ------------------------------------------------------------------

// Are all that are owed of the shape that they should have? May add to what is to do.
bool records_settle(Following *f, uint32_t from);

#endif
