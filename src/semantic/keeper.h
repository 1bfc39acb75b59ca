/* Keepers: who keeps what is stored, and for how long.
 *
 *     self.errors.append(e)      keeper of `self.errors`: KEEPER_SELF "errors"
 *     RESULTS[host]["x"] = e     keeper of the target: KEEPER_MODULE RESULTS
 *     Pool.last = e, cls.last    KEEPER_CLASS "last"
 *
 * Subscripts, `setdefault`, `get` and simple local aliases are looked through. An
 * attribute that a class body defines and no method rebinds on `self` is the class's.
 */
#ifndef SEMANTIC_KEEPER_H
#define SEMANTIC_KEEPER_H

#include "semantic/classes.h"

typedef enum KeeperKind {
  KEEPER_UNKNOWN,
  KEEPER_LOCAL,   // a name of this function that is not known to be anything else
  KEEPER_SELF,    // an attribute of the instance
  KEEPER_CLASS,   // an attribute of a class
  KEEPER_MODULE,  // a global name of this module, or an attribute of one
} KeeperKind;

typedef struct Keeper {
  KeeperKind kind;
  BindingId binding;  // of the name: module and local keepers
  NodeId class_node;  // of self and class keepers
  Str attribute;      // of self and class keepers; of a global name's, if it is one
} Keeper;

Keeper keeper_of(Model *m, NodeId target);

// Some code of this file takes things out again: clear, pop, remove, discard, del, a
// rebinding outside of the first assignment, `= None` in another method; or the keeper is
// bounded (maxlen) or weak.
bool keeper_is_drained(Model *m, Keeper keeper);
// Code inside of `within` does; or code on every path behind `node`, in its function.
bool keeper_is_drained_in(Model *m, Keeper keeper, NodeId within);
bool keeper_is_drained_behind(Model *m, Keeper keeper, NodeId node);
// Some code of this file raises it again, or a part of it: `raise self.x[0]`, through a
// local name, `future.set_exception(self.x)`, `reraise(*self.x)`; or the class reads
// `__traceback__` of what its methods are given, or is an exception that carries it.
bool keeper_is_raised(Model *m, Keeper keeper);
// The `raise` of what is looked up by its key and stays, as in `if key in self.x: raise
// self.x[key]`: each one adds to the traceback. NO_NODE where there is none.
NodeId keeper_raised_anew(Model *m, Keeper keeper);
// An attribute that a base in another file may have made, and may treat as it likes: only
// `store` is seen to bind it.
bool keeper_is_of_base(Model *m, Keeper keeper, NodeId store);
// The instances of the keeper's class are one for the whole program.
bool keeper_is_singleton(Model *m, Keeper keeper);

// Calls `visit` for every read or store of the keeper's attribute in its class (any
// method's first parameter), or of its name. Stops when `visit` returns true, and returns
// whether it did.
typedef bool KeeperVisit(Model *m, NodeId node, void *data);
bool keeper_any_use(Model *m, Keeper keeper, KeeperVisit *visit, void *data);

// The same for `x.attribute` outside of the class, where x may be an instance: in a base,
// or in code that has the instance under a name of its own. For KEEPER_SELF; else false.
bool keeper_any_use_outside(Model *m, Keeper keeper, KeeperVisit *visit);

#endif
