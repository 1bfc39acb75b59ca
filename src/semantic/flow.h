/* Flow: a control-flow graph per scope, and the questions it answers.
 *
 * Built per scope when first asked for. Blocks hold steps in evaluation order (the nodes
 * that are evaluated, definitions and uses among them). Edges are normal and exceptional
 * (from every step that may raise to the enclosing handlers or out). A `finally` block
 * has up to three copies, for normal control, exceptions and jumps; inside a copy another
 * one is shared instead, which merges paths and is conservative. `with` blocks may
 * swallow exceptions unless they open a known kind of handle; `while True` has no false
 * edge; `assert`, boolean operators, conditional expressions, chained comparisons and
 * comprehension conditions branch. A broken statement may raise, and go wherever a
 * statement can go; variables that it mentions are unknown. So are variables that an
 * inner scope binds. Annotations count as evaluated.
 *
 * A node stands where its evaluation ends, a compound statement where it begins (a loop
 * before its first round), a block at its first statement. "After" a node means that it
 * was evaluated to its end: the handlers of what it raises are not after it.
 *
 * A scope beyond FLOW_BUDGET definition × block bits, or broken, answers unknown; so do
 * searches beyond FLOW_SEARCH_BUDGET steps in one scope. A search costs what it visits.
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
  bool unknown;  // the list may lack some: the variable is captured, global, a class
                 // attribute, or its scope calls locals() or the like
  bool escapes_scope;  // some use lies in an inner scope
} RefList;

// The definitions (of the same scope) that reach a use.
DefList flow_defs_reaching(Model *m, RefId use);
// The uses that a definition reaches: those in this scope, exact; inner ones flagged.
RefList flow_uses_of(Model *m, DefId def);
// The one definition that reaches a use, or {0}. A path on which the name is unbound
// does not count in functions, where it raises.
DefId flow_only_def(Model *m, NodeId identifier);
// One definition reaches each of the two uses of a variable, and not the same.
bool flow_differs(Model *m, NodeId one, NodeId other);

// Can control pass from after `from` to `to` (both evaluated in one scope, else unknown)?
// A node inside a loop reaches itself.
Answer flow_reaches(Model *m, NodeId from, NodeId to);
// Was `a` evaluated to its end whenever `b` is evaluated?
Answer flow_dominates(Model *m, NodeId a, NodeId b);
// Does every path from after `a` to the scope's exit pass through `b`? With
// `exceptional`, paths that leave by an exception count too. Beginning `b` is passing it,
// also when it raises, and when a name or attribute inside of it cannot be found.
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
