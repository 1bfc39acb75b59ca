/* Holders: who keeps what is stored, and for how long.
 *
 *     self.errors.append(e)      holder of `self.errors`: HOLDER_SELF "errors"
 *     RESULTS[host]["x"] = e     holder of the target: HOLDER_MODULE RESULTS
 *     Pool.last = e, cls.last    HOLDER_CLASS "last"
 *
 * Subscripts, `setdefault`, `get` and simple local aliases are looked through. An
 * attribute that a class body defines and no method rebinds on `self` is the class's.
 */
#ifndef SEMANTIC_HOLDER_H
#define SEMANTIC_HOLDER_H

#include "semantic/classes.h"

typedef enum HolderKind {
  HOLDER_UNKNOWN,
  HOLDER_LOCAL,   // a name of this function that is not known to be anything else
  HOLDER_SELF,    // an attribute of the instance
  HOLDER_CLASS,   // an attribute of a class
  HOLDER_MODULE,  // a global name of this module, or an attribute of one
} HolderKind;

typedef struct Holder {
  HolderKind kind;
  BindingId binding;  // of the name: module and local holders
  NodeId class_node;  // of self and class holders
  Str attribute;      // of self and class holders
} Holder;

Holder holder_of(Model *m, NodeId target);

// Some code of this file takes things out again: clear, pop, remove, discard, del, a
// rebinding outside of the first assignment, `= None` in another method; or the holder is
// bounded (maxlen) or weak.
bool holder_is_drained(Model *m, Holder holder);
// The instances of the holder's class are one for the whole program.
bool holder_is_singleton(Model *m, Holder holder);

// Calls `visit` for every read or store of the holder's attribute in its class (any
// method's first parameter), or of its name. Stops when `visit` returns true, and returns
// whether it did.
typedef bool HolderVisit(Model *m, NodeId node, void *data);
bool holder_any_use(Model *m, Holder holder, HolderVisit *visit, void *data);

#endif
