/* The frames behind context.h: private to context*.c. */
#ifndef SEMANTIC_CONTEXT_INTERNAL_H
#define SEMANTIC_CONTEXT_INTERNAL_H

#include "semantic/context.h"

typedef enum FrameKind {
  FRAME_MODULE,
  FRAME_CLASS,
  FRAME_FUNCTION,       // body of a def or lambda
  FRAME_LOOP,           // body of a for or while, condition of a while
  FRAME_COMPREHENSION,  // whatever of it runs once an element
  FRAME_TRY,            // the body that the except clauses guard
  FRAME_WITH,
  FRAME_OTHER,  // sets flags, guards nothing
} FrameKind;

// One frame a body, parents before children. Nodes point to the innermost.
typedef struct Frame {
  FrameKind kind;
  uint32_t parent;  // index; the module's is 0
  uint32_t
      loop_frame;  // the innermost FRAME_LOOP in this function, itself included, or 0
  NodeId node;     // the statement or expression whose body it is
  Context context;
  bool exits;    // FRAME_LOOP: a break of its own, or a return
  bool returns;  // a return lies in it, which leaves the loops around it too
  bool caught_known;
  CaughtList caught;  // filled when asked for
} Frame;

struct Contexts {
  uint32_t *frame_of;  // by node
  VEC(Frame) frames;
  NodeId handler_class;  // the class that was last asked for a base that makes handlers
  HandlerKind class_handler;
};

Contexts *contexts_get(Model *m);
static inline uint32_t frame_at(Model *m, NodeId node) {
  return contexts_get(m)->frame_of[node.i];
}

// CONTEXT_HANDLER, CONTEXT_TEST, CONTEXT_ASYNC … of a def's or lambda's body.
uint32_t function_flags(Model *m, NodeId function, Context outside);
// CONTEXT_TEST where the class is a test case.
uint32_t class_flags(Model *m, NodeId class_definition);
bool loop_source_is_worker(Model *m, NodeId loop);

#endif
