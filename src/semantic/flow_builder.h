/* Building a graph without recursion: a stack of work. Each handler pushes what is to
 * be done in the order in which it is to happen; the driver turns the batch around, so
 * that the first thing pushed is the next one popped.
 */
#ifndef SEMANTIC_FLOW_BUILDER_H
#define SEMANTIC_FLOW_BUILDER_H

#include "semantic/flow_internal.h"

typedef enum Op {
  OP_VISIT,      // evaluate the node, be it expression or statement
  OP_CONDITION,  // evaluate it as a test: to block a when true, to b when false
  OP_TARGET,     // assign to it
  OP_DELETE,     // `del` it
  OP_DEFINE,     // bind the name that this node binds, if it does
  OP_CAPTURE,    // bind every name that a case pattern captures
  OP_READ,       // use the name, leaving the node's mapping to a later step
  OP_STEP,       // a: FlowRaise, b: StepKind; `node` is mapped if the kind is STEP_EVAL
  OP_EXTRA,      // a: FlowRaise, a STEP_EVAL that leaves the mapping alone
  OP_JUMP,       // a: Jump
  OP_LABEL,      // go on in block a
  OP_GOTO,       // control goes to block a
  OP_BRANCH,     // to a when true, to b when false
  OP_UNWIND,     // the exception in hand goes on to whoever catches here
  OP_RAISE_TO,   // exceptions go to block a from now on
  OP_ENTER,      // context a is the innermost one from now on
  OP_LEAVE,      // it is no longer
  OP_CLEANUP,    // the copy of context a's cleanup for b, a Way
  OP_ONWARD,     // the end of that copy
  OP_SHARED,     // the cleanup of context a, one for all ways
  OP_WITH,       // a `with` from this item on
  OP_COPIES,     // a: whether this is inside a copied `finally`
  OP_CASE,       // a: block behind the match statement
  OP_HANDLER,    // a: context of the try statement in hand, or 0
} Op;

typedef struct Work {
  uint8_t op;
  NodeId node;
  uint32_t a, b;
} Work;

typedef enum Jump { JUMP_RETURN, JUMP_BREAK, JUMP_CONTINUE } Jump;

typedef enum Way { WAY_NORMAL, WAY_RAISED, WAY_JUMPED, WAY_COUNT } Way;

typedef enum ContextKind {
  CONTEXT_LOOP,
  CONTEXT_FINALLY,
  CONTEXT_WITH,
  CONTEXT_NAME,  // `except … as name`
} ContextKind;

typedef struct FlowContext {
  ContextKind kind;
  uint32_t outer;
  uint32_t cleanup;  // the nearest context from here on that is not a loop, or 0
  uint32_t break_to, continue_to;  // of loops
  uint32_t in[WAY_COUNT];          // of cleanups: where each way enters
  uint32_t after;                  // where the normal way leads
  uint32_t raise_to;               // where exceptions go on to
  uint8_t jumps;                   // bits of the Jumps that came in
  bool swallows;                   // of a `with`: exceptions may end there
  NodeId node;                     // finally_clause, with_item or except_clause
} FlowContext;

typedef struct FlowBuilder {
  Model *m;
  const Tree *t;
  Flow *f;
  Flows *flows;
  Arena *arena;
  VEC(Work) work;
  VEC(FlowContext) contexts;  // item 0 is none
  uint32_t current;   // the block that grows; 0: a dead one is opened when needed
  uint32_t raise_to;  // where exceptions go
  uint32_t context;   // the innermost one
  bool in_copy;       // inside a copied `finally`
} FlowBuilder;

// flow_graph.c
uint32_t block_new(FlowBuilder *b);
void block_begin(FlowBuilder *b, uint32_t block);
void edge_add(FlowBuilder *b, uint32_t from, uint32_t to, EdgeKind kind);
void builder_goto(FlowBuilder *b, uint32_t to);
void builder_branch(FlowBuilder *b, uint32_t when_true, uint32_t when_false);
void builder_unwind(FlowBuilder *b, uint32_t to);
uint32_t step_add(FlowBuilder *b, StepKind kind, NodeId node, FlowRaise raises);
void step_map(FlowBuilder *b, NodeId node, uint32_t step);
// The node is evaluated.
void step_eval(FlowBuilder *b, NodeId node, FlowRaise raises);
// The name that the node reads, binds or unbinds; nothing when it does not.
void step_use(FlowBuilder *b, NodeId node, bool is_mapped);
void step_define(FlowBuilder *b, NodeId node);
void step_unbind(FlowBuilder *b, StepKind kind, NodeId node, BindingId binding);

// flow_expr.c: an expression, or a part of one, of which statements know nothing.
void expression_visit(FlowBuilder *b, NodeId node);
void condition_visit(FlowBuilder *b, Work w);
void target_visit(FlowBuilder *b, NodeId node);
void delete_visit(FlowBuilder *b, NodeId node);
// Lays out the clauses and the element of a comprehension's own scope.
void comprehension_visit(FlowBuilder *b, NodeId node);
void pattern_capture(FlowBuilder *b, NodeId node);
void case_visit(FlowBuilder *b, Work w);

// flow_stmt.c: false when the node is no statement.
bool statement_visit(FlowBuilder *b, NodeId node);
void with_visit(FlowBuilder *b, NodeId item);
void handler_visit(FlowBuilder *b, Work w);

// flow_leave.c
uint32_t context_new(FlowBuilder *b, ContextKind kind, NodeId node);
// Return, break or continue, through the cleanups on the way.
void builder_jump(FlowBuilder *b, Jump jump);
// Lays out the cleanup of a context for all ways that enter it; for `with` and `finally`
// control goes on in the block behind it.
void cleanup_plan(FlowBuilder *b, uint32_t context);
void cleanup_visit(FlowBuilder *b, Work w);
void cleanup_share(FlowBuilder *b, uint32_t context);
void cleanup_end(FlowBuilder *b, uint32_t context, Way way);

static inline void work_add(FlowBuilder *b, Op op, NodeId node, uint32_t x,
                            uint32_t y) {
  vec_push(b->arena, &b->work, (Work){(uint8_t)op, node, x, y});
}
static inline void work_visit(FlowBuilder *b, NodeId node) {
  if (node_ok(node)) work_add(b, OP_VISIT, node, 0, 0);
}
static inline void work_block(FlowBuilder *b, Op op, uint32_t block) {
  work_add(b, op, NO_NODE, block, 0);
}

static inline void work_step(FlowBuilder *b, NodeId node, FlowRaise raises) {
  work_add(b, OP_STEP, node, raises, STEP_EVAL);
}

static inline void work_children(FlowBuilder *b, NodeId node) {
  for (NodeId c = node_first_named(b->t, node); node_ok(c);
       c = node_next_named(b->t, c)) {
    work_visit(b, c);
  }
}

#endif
