/* What the files of flow share: flow.c keeps the graphs and answers about definitions,
 * flow_graph.c makes blocks, edges and steps, flow_build.c lays out statements and
 * flow_expr.c expressions, flow_solve.c runs the data-flow analyses, flow_query.c
 * answers about paths, flow_dump.c prints.
 *
 * The graph. A block is a run of steps. Every step that may raise leads to the block's
 * one raise target; the edge of kind EDGE_RAISE stands for all of them, and so leaves
 * from the middle. Where a handler catches, a block is split before a raising step that
 * would follow a definition: the bindings on a raise edge are those at the block's
 * start, exactly. All other edges leave from the block's end.
 *
 * Dead code has blocks and steps but no edges.
 *
 * `finally`, leaving a `with`, and unbinding the name of `except … as` are cleanups:
 * normal control, exceptions and jumps (return, break, continue) each go through a copy
 * of their own, so that what is known after a normal end is not blurred by the others.
 * Inside a copied `finally` another one is not copied but shared by the three, and its
 * end goes to wherever something came from: the graph stays linear in the source, and
 * paths that no run takes are the price.
 */
#ifndef SEMANTIC_FLOW_INTERNAL_H
#define SEMANTIC_FLOW_INTERNAL_H

#include "semantic/flow.h"

enum {
  // definition × block bits that a scope may need; beyond it the answers are unknown.
  // No scope of the standard library needs a million.
  FLOW_BUDGET = 1 << 24,
  // Steps that all path searches in one scope may visit together.
  FLOW_SEARCH_BUDGET = 1 << 28,
  // (use, definition) pairs of one binding that are listed.
  FLOW_PAIR_BUDGET = 1 << 22,
};

typedef enum FlowRaise {
  FLOW_QUIET,   // does not raise
  FLOW_MARKER,  // the start of a `try`: an interrupt may come before the first step
  FLOW_LOOKUP,  // reading a name or an attribute: raises in wrong programs, mostly
  FLOW_RAISES,
} FlowRaise;

typedef enum StepKind {
  STEP_EVAL,    // the node is evaluated, or the statement done
  STEP_USE,     // `what` is an index of `uses`
  STEP_DEF,     // `what` is a bit of the definitions, or 0 when not solved
  STEP_DELETE,  // `what` is a slot, or 0; so below
  STEP_UNBIND,  // of the name of `except … as`; the node is the clause
  STEP_ITER,    // the iterator of a loop is made; the node is the loop or clause
  STEP_NEXT,    // its next item is fetched
  STEP_EXIT,    // a `with` item is left; the node is the with_item
} StepKind;

typedef struct Step {
  NodeId node;
  uint32_t what;
  uint32_t block;
  uint8_t kind;    // StepKind
  uint8_t raises;  // FlowRaise
} Step;

typedef enum EdgeKind {
  EDGE_NORMAL,
  EDGE_TRUE,
  EDGE_FALSE,
  EDGE_RAISE,   // from the block's raising steps
  EDGE_UNWIND,  // an exception goes on, from the block's end
} EdgeKind;

typedef struct Edge {
  uint32_t from, to;
  EdgeKind kind;
} Edge;

typedef struct Block {
  uint32_t first_step, step_stop;
  uint32_t first_effect, effect_stop;
  uint32_t raise_to;    // 0: no step raises
  uint32_t last_raise;  // index of the last step that raises, where one does
  uint32_t order;       // position in reverse post-order, from 1; 0 when unreachable
  bool is_live;
} Block;

enum { BLOCK_NONE, BLOCK_ENTRY, BLOCK_EXIT, BLOCK_RAISED, BLOCK_FIRST_FREE };

typedef struct Effect {  // a binding or unbinding of a solved variable
  uint32_t step;
  uint32_t slot;
  uint32_t bit;  // of the definition, or the slot's first: unbound
} Effect;

typedef struct Use {
  RefId ref;
  uint32_t slot;
  uint32_t block, step;
  uint32_t source;     // bit that reaches it inside its block; 0: what enters the block
  uint32_t next_copy;  // of the same reference, in another copy of a `finally`; or 0
  DefList list;        // made on demand
  bool is_listed, is_copy;
} Use;

typedef struct Slot {  // a variable whose flow is solved
  BindingId binding;
  uint32_t first_bit;  // "unbound"; the definitions follow in source order
  uint32_t bit_stop;
  uint32_t seen_block, seen_bit;  // while building: the last effect in the block
  bool is_incomplete;             // some reference of the scope has no step
  bool escapes;                   // an inner scope reads it
  bool is_listed, is_too_large;   // `uses_at` is made
  uint32_t *uses_at;              // by bit - first_bit: range of `use_refs`
  RefId *use_refs;
} Slot;

typedef struct StepCopy {
  uint32_t step;
  uint32_t next;  // index into `copies`, or 0
} StepCopy;

typedef struct Flow {
  ScopeId scope;
  bool is_unknown;  // the scope's header is broken, or it has no graph
  VEC(Step) steps;  // item 0 is none; so below
  VEC(Block) blocks;
  VEC(Edge) edges;
  VEC(Effect) effects;
  VEC(Use) uses;
  VEC(Slot) slots;
  VEC(DefId) bits;  // the definition of each bit; bit 0 is none
  VEC(StepCopy) copies;
  Map copies_of;  // node -> the first of its further copies

  // Made on demand by flow_solve.c.
  bool is_ordered, is_dominated, is_reached, is_lived;  // tried; then see below
  uint32_t *succ_at, *succ;  // by block: range of edge indices
  uint32_t *pred_at, *pred;
  uint32_t *order;  // live blocks in reverse post-order
  uint32_t order_count;
  uint32_t *dominator;         // immediate, by block
  uint32_t *dom_in, *dom_out;  // visit times in the dominator tree
  uint64_t *reach;             // by block: the definitions at its start
  uint32_t reach_words;        // 0: too large
  uint64_t *live;              // by block: the slots live at its start
  uint32_t live_words;
  uint32_t *events_at;  // by slot: range of `events`
  uint32_t *events;     // steps that use or change the slot, in order

  // For searches.
  uint8_t *marks;  // by step
  uint32_t *seen;  // by block: the last search that entered it
  uint32_t *queue;
  uint32_t search;
  uint64_t searched;  // steps visited so far
} Flow;

struct Flows {
  Flow **by_scope;
  uint32_t *step_of;  // by node: its step in the graph of its scope
  uint32_t *use_of;   // by reference
  uint32_t *slot_of;  // by binding
  uint32_t *bit_of;   // by definition
};

// flow.c: the graph of a scope, built now if need be; never NULL.
Flow *flow_of(Model *m, ScopeId scope);
// The graph in which a node is evaluated, or NULL when nothing is known there.
Flow *flow_at(Model *m, NodeId node);
// The node that has a step and stands for this one: the node itself, or what is
// evaluated last in it, or first for blocks and clauses. NO_NODE: there is none.
NodeId flow_anchor(Model *m, NodeId node);
// Calls for each step of an anchor, its copies in `finally` included:
//     for (uint32_t c = 0, s = flow_first_step(m, f, n, &c); s != 0;
//          s = flow_next_step(f, &c)) ...
uint32_t flow_first_step(Model *m, const Flow *f, NodeId anchor, uint32_t *cursor);
uint32_t flow_next_step(const Flow *f, uint32_t *cursor);
static inline Block *flow_block_of(const Flow *f, uint32_t step) {
  return &f->blocks.items[f->steps.items[step].block];
}

// flow_build.c
void flow_build(Model *m, Flow *f);

// flow_solve.c: each returns at once when its part is there.
void flow_order(Model *m, Flow *f);
void flow_dominate(Model *m, Flow *f);
bool flow_reach(Model *m, Flow *f);  // false: over budget
bool flow_live(Model *m, Flow *f);
void flow_list_events(Model *m, Flow *f);

static inline bool bit_is_set(const uint64_t *bits, uint32_t i) {
  return (bits[i >> 6] >> (i & 63) & 1) != 0;
}
static inline void bit_set(uint64_t *bits, uint32_t i) {
  bits[i >> 6] |= UINT64_C(1) << (i & 63);
}
// The first bit that is set in [from, stop), or `stop`.
uint32_t bit_find(const uint64_t *bits, uint32_t from, uint32_t stop);
static inline void bit_clear(uint64_t *bits, uint32_t i) {
  bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

#endif
