/* Flow: a control-flow graph per scope, and the questions it answers.
 *
 * Built per scope when first asked for. Blocks hold steps in evaluation order (the nodes
 * that are evaluated, definitions and uses among them). Edges are normal, exceptional
 * (from every step that may raise to the enclosing handlers or out) and `finally` (each
 * way into a finally block leaves it the way it was going, through copies kept small by
 * merging what goes to the same place). `with` blocks may swallow exceptions; `while
 * True` has no false edge; `assert`, boolean operators, conditional expressions and
 * comprehension conditions branch. Broken statements read, bind and escape every name in
 * them. Names captured by inner scopes count as used at every call and at the exit.
 *
 * A scope beyond FLOW_BUDGET definition × block bits, or broken, answers unknown.
 * Algorithms: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001);
 * reaching definitions and liveness by worklist over bit sets in reverse post-order
 * (Aho, Lam, Sethi, Ullman, §9.2).
 */
#ifndef SEMANTIC_FLOW_H
#define SEMANTIC_FLOW_H

#include "semantic/scope.h"

typedef enum Answer { ANSWER_UNKNOWN, ANSWER_NO, ANSWER_YES } Answer;

typedef struct DefList {
  const DefId *items;
  uint32_t count;
  bool unknown;        // the flow is too large or broken: nothing follows
  bool maybe_unbound;  // a path without any definition reaches the use
} DefList;

typedef struct RefList {
  const RefId *items;
  uint32_t count;
  bool unknown;   // also when the variable is captured, global or declared nonlocal
  bool escapes_scope;  // some use lies in an inner scope
} RefList;

// The definitions (of the same scope) that reach a use.
DefList flow_defs_reaching(Model *m, RefId use);
// The uses that a definition reaches: those in this scope, exact; inner ones flagged.
RefList flow_uses_of(Model *m, DefId def);
// The one definition that reaches a use of a local name, or {0}.
DefId flow_only_def(Model *m, NodeId identifier);

// Can control pass from after `from` to `to` (both evaluated in one scope)? A node inside
// a loop reaches itself.
Answer flow_reaches(Model *m, NodeId from, NodeId to);
Answer flow_dominates(Model *m, NodeId a, NodeId b);
// Does every path from after `a` to the scope's exit pass through `b`? With
// `exceptional`, paths that leave by an exception count too.
Answer flow_always_passes(Model *m, NodeId a, NodeId b, bool exceptional);
// Is there a path from after `from` to `to` that avoids every node of `stops`?
Answer flow_reaches_avoiding(Model *m, NodeId from, NodeId to, const NodeId *stops,
                             uint32_t stop_count);
// Is the variable read later, on some path from after `node`?
Answer flow_is_live_after(Model *m, BindingId binding, NodeId node);
// The node is never evaluated.
bool flow_is_unreachable(Model *m, NodeId node);

void flow_dump(Model *m, ScopeId scope, Buf *out);  // `dump flow`

#endif
