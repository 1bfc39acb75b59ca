/* Closures: functions of one function that keep each other alive.
 *
 * A nested function holds the variables of the functions around it that it mentions, and
 * so does a function nested in it. One that mentions its own name, or that of another
 * which leads back to it, is part of a ring: no reference count in it ever falls to zero.
 *
 *     def walk(node): … walk(child) …                a ring of one
 *     even = lambda n: n == 0 or odd(n - 1)          even -> odd -> even
 *
 * Functions are those that a `def`, a lambda, or a cache or partial of such gives to a
 * variable for good: one that is deleted or bound to something else later breaks the ring.
 */
#ifndef SEMANTIC_CLOSURE_H
#define SEMANTIC_CLOSURE_H

#include "semantic/scope.h"

enum { CLOSURES_READ = 32 };  // functions of one scope that are looked at

typedef struct Closure {
  BindingId variable;
  NodeId name;      // where the variable is bound
  NodeId function;  // the def or lambda
  ScopeId scope;    // what it opens
  DefId def;
  uint32_t ring;  // bits of the closures in its ring, itself included; 0 = in none
} Closure;

typedef struct Closures {
  Closure items[CLOSURES_READ];
  uint32_t count;
} Closures;

// The functions of a function's or lambda's scope that are captured, in order.
Closures closures_of(Model *m, ScopeId scope);
// The first mention of a variable inside of a closure, as it captures it; or NO_NODE.
NodeId closure_mention(Model *m, const Closure *closure, BindingId variable);

// What a closure captures of the functions around it that is large, as value_holds_size
// means it: the definition, or {0}.
DefId closure_size(Model *m, const Closure *closure);
// Likewise of all locals of a function's frame.
DefId frame_size(Model *m, ScopeId function);

#endif
