/* Register: what code hands to those who keep it and call it later.
 *
 *     atexit.register(self.close)            a list of the process
 *     sys.excepthook = self.report           one place of the process
 *     bus.subscribe("saved", self.on_saved)  a list of the receiver
 *     @atexit.register                       above a function of a method
 *     bus.unsubscribe(self.on_saved)         takes it out again
 *
 *     Registered r = registered_of(m, node);             // r.fact == NULL: nothing
 *     Hold held = registered_holds(m, &r, self_around(m, node));
 */
#ifndef SEMANTIC_REGISTER_H
#define SEMANTIC_REGISTER_H

#include "semantic/calls.h"
#include "semantic/held.h"

typedef struct Registered {
  const RegisterFact *fact;
  NodeId node;      // the call, assignment, decorator, or a method that is handed on
  NodeId receiver;  // the publisher, NO_NODE where the process is it
  NodeId given;     // what is registered, NO_NODE if any argument may be it
} Registered;

// Of a call, an assignment, a decorator, or the name of what undoes it where that is handed
// on: `self.stack.callback(bus.unsubscribe, self.on_saved)`.
Registered registered_of(Model *m, NodeId node);
// Does what is registered hold the object? Fills in `given`.
Hold registered_holds(Model *m, Registered *self, BindingId object);
// The object whose end the callback waits for: `self` of `weakref.finalize(self, …)`.
NodeId registered_object(Model *m, const Registered *self);

// Something may end the registration by what the call gives: it is handed on, called, or
// read; of finalizers only `detach` and calls count.
bool registered_result_is_used(Model *m, const Registered *self);

#endif
