/* Weak: what is given to somebody who holds it by a weak reference.
 *
 *     weakref.WeakSet().add(self.on_change)      a bound method, made by the look-up
 *     post_save.connect(lambda **kw: …)          a lambda that nothing else holds
 *     HANDLERS["x"] = partial(f, 1)              where HANDLERS is a WeakValueDictionary
 *     @receiver(post_save)                       above a function of a function
 *
 * Only what is certain to die is found: functions that another name, object or closure
 * may hold are none.
 */
#ifndef SEMANTIC_WEAK_H
#define SEMANTIC_WEAK_H

#include "semantic/calls.h"

typedef enum WeakLoss {
  LOSS_NONE,
  LOSS_LAMBDA,
  LOSS_PARTIAL,
  LOSS_METHOD,    // each look-up makes a bound method anew
  LOSS_FUNCTION,  // a name of the function around is all that holds it
} WeakLoss;

typedef struct WeakStore {
  const WeakFact *fact;  // NULL: nothing is held weakly there
  NodeId given;          // the expression, or the def below a decorator
} WeakStore;

// Of a call, of an assignment to an item, or of a decorator.
WeakStore weak_store_of(Model *m, NodeId node);
// Why what it is given dies although it was to stay.
WeakLoss weak_loss_of(Model *m, WeakStore store);

#endif
