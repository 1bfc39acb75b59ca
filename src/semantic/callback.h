/* Callback: who keeps a callback that leads back to him.
 *
 *     fut.add_done_callback(lambda _: done.append(fut))    `fut` keeps it
 *     timer = Timer(5, lambda: pending.discard(timer))     `timer` does
 *     self.handle = loop.call_later(5, self.on_timeout)    `self`, by way of its handle
 *
 *     CallbackHold hold;
 *     if (callback_hold_at(m, call, &hold)) …              // or a decorator
 *
 * Not found is what is taken away again: by cancel(), remove_done_callback(), another
 * value for the variable or attribute; and what may be held weakly.
 */
#ifndef SEMANTIC_CALLBACK_H
#define SEMANTIC_CALLBACK_H

#include "semantic/back.h"

typedef struct CallbackHold {
  const CallbackFact *fact;
  NodeId keeper;        // the receiver, or the name or attribute that gets the handle
  Back back;            // the callback
  bool is_dropped;      // when it has run, or perhaps
  NodeId class_node;    // of the owner, where that is a `self`
  const char *refusal;  // of a callback that is given to somebody: why it is none
} CallbackHold;

bool callback_hold_at(Model *m, NodeId node, CallbackHold *out);

#endif
