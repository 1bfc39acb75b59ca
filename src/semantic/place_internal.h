/* Place: where an expression stands, by its parent alone. No meaning, no model.
 *
 * One step at a time: callers that follow a value climb while the kind says that the
 * parent has the same value.
 *
 *     Place p = place_of(t, e);
 *     while (p.kind == PLACE_SAME) p = place_of(t, p.node);
 */
#ifndef SEMANTIC_PLACE_INTERNAL_H
#define SEMANTIC_PLACE_INTERNAL_H

#include "syntax/tree.h"

typedef enum PlaceKind {
  PLACE_UNKNOWN,    // broken code, patterns, whatever has no name here
  PLACE_SAME,       // the parent's value: parentheses, a branch, an operand of `or`
  PLACE_AWAITED,    // the parent's value is what awaiting gives
  PLACE_NAMED,      // `(x := e)`: bound, and the parent's value too
  PLACE_ELEMENT,    // of the display or comprehension `node`, pairs included
  PLACE_SPLAT,      // `*e`, `**e` in a call or display: iterated
  PLACE_ARGUMENT,   // of `node`, a call; `argument` is the direct child of its list
  PLACE_CALLEE,     // e(...)
  PLACE_ATTRIBUTE,  // e.name; `node` is the attribute
  PLACE_ITEM,       // e[...]
  PLACE_INDEX,      // x[e], x[e:]
  PLACE_ASSIGNED,   // x = e; `node` is the assignment next to it
  PLACE_AUGMENTS,   // x += e
  PLACE_TARGET,   // assigned to, by whatever binds: `node` is the assignment, for, with
  PLACE_UPDATED,  // e += x
  PLACE_DELETED,
  PLACE_RETURNED,
  PLACE_YIELDED,
  PLACE_ITERATED,  // `node`: the for statement, the clause, the yield
  PLACE_TESTED,
  PLACE_RAISED,
  PLACE_DROPPED,  // an expression statement
  PLACE_OPERAND,  // of an arithmetic operator, or formatted into a string
  PLACE_ENTERED,  // with e
  PLACE_DEFAULT,  // of a parameter
  PLACE_DECORATES,
  PLACE_BASE,     // class C(e)
  PLACE_RESULT,   // of a lambda
  PLACE_MATCHED,  // match e
} PlaceKind;

typedef struct Place {
  PlaceKind kind;
  NodeId node;      // the construct that decides; for SAME and NAMED the parent
  NodeId argument;  // for ARGUMENT and SPLAT in a call: the child of the argument list
} Place;

Place place_of(const Tree *t, NodeId expression);
// The same, climbing through SAME, AWAITED and NAMED.
Place place_behind(const Tree *t, NodeId expression);
// The outermost expression with the same value, as far as SAME goes.
NodeId place_outermost(const Tree *t, NodeId expression);

// The position among a call's positional arguments; PLACE_NO_POSITION behind `*args`
// and beyond the first thousand. A sole generator expression is at 0.
#define PLACE_NO_POSITION UINT32_MAX
uint32_t place_argument_position(const Tree *t, NodeId argument);

// `node` is the body of a def or lambda, or an annotation: not run where it stands.
bool place_runs_later(const Tree *t, NodeId node);
bool place_is_comprehension(PyKind kind);

#endif
