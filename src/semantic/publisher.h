/* Publisher: who gets a callback to keep, and how long it lives.
 *
 *     self.timer = Timer(); self.timer.on(…)    the instance's own: dies with it
 *     def __init__(self, bus): bus.on(…)        given from outside: made before, lives on
 *     self.bus = bus; self.bus.on(…)            likewise
 *     BUS.on(…), signals.saved.on(…)            a module's, a class's: lives for ever
 *     logging.getLogger("x").addHandler(…)      shared by all (table `shares`)
 *
 * A parameter of `__init__` is judged by the calls of this file: a publisher that is made
 * beside the subscriber is as short-lived as that.
 */
#ifndef SEMANTIC_PUBLISHER_H
#define SEMANTIC_PUBLISHER_H

#include "semantic/held.h"

typedef enum PublisherKind {
  PUBLISHER_UNKNOWN,
  PUBLISHER_OWN,    // made by the instance or its function
  PUBLISHER_GIVEN,  // by a parameter
  PUBLISHER_LONG,   // lives as long as the process
} PublisherKind;

typedef struct Publisher {
  PublisherKind kind;
  DefId parameter;  // of PUBLISHER_GIVEN
} Publisher;

Publisher publisher_of(Model *m, NodeId receiver);
// Every caller sees one object there: a name of a module or class, a shared logger.
bool is_shared(Model *m, NodeId receiver);

#endif
