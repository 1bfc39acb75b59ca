/* What escape.c, escape_argument.c, sink.c, nesting.c and use.c share. */
#ifndef SEMANTIC_ESCAPE_INTERNAL_H
#define SEMANTIC_ESCAPE_INTERNAL_H

#include "base/map.h"
#include "semantic/calls.h"
#include "semantic/effect_internal.h"
#include "semantic/escape.h"

enum {
  ESCAPE_STEPS = 512,  // places looked at for one question, functions of this file
                       // that it leads into included
  ESCAPE_DEPTH = 8,    // such functions inside each other
  ESCAPE_QUEUE = 64,   // definitions that one object is followed to
  ESCAPE_REFS = 2048,  // uses of one name; a name with more is unknown
  ESCAPE_WIDTH = 256,  // elements of `a, b, … = x, y, …`
};

typedef struct Nesting Nesting;

struct Escapes {
  Map defs;   // DefId -> the set + 1, or ESCAPE_ASKED
  Map sinks;  // NodeId -> Sink + 1
  const Nesting *nesting;
  uint32_t steps, depth;
  DefId asked;  // the innermost definition that is being followed
};
Escapes *escapes_of(Model *m);

// One object that is followed.
typedef struct Trail {
  Model *m;
  EscapeSet found;
  DefId queue[ESCAPE_QUEUE];
  uint32_t head, tail;
} Trail;
void trail_put(Trail *trail, NodeId target);

// Where something is kept that is put into the container, or on the object, that the
// expression denotes.
EscapeSet container_escape(Model *m, NodeId container);
EscapeSet owner_escape(Model *m, NodeId object);

// The set of one definition, for a question that is under way.
EscapeSet def_escape(Model *m, DefId def);

// escape_argument.c: records where a call puts its argument. True if the call's result
// may hold the object. `boxed`: the argument is a display with the object in it.
bool argument_escapes(Trail *trail, Place place, bool boxed);

// nesting.c: the file takes off the last of what it put on this stack, when what began
// with `maker` ends: it holds one for each level.
bool put_is_nested(Model *m, NodeId container, NodeId maker);
// A number that rises and falls: `self.depth += 1` here, `self.depth -= 1` there.
bool key_is_level(Model *m, NodeId key);

#endif
