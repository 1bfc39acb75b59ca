/* Own: a local list, tuple, set or dict that nothing holds but one variable.
 *
 *     Own own = own_of(m, name);                         // return list(<name>)
 *     if (own.refusal == NULL && !own_is_shared(m, &own, name) &&
 *         !own_is_used_after(m, &own, copy)) …           // the object itself would do
 *
 * Every definition that reaches the name makes the object on the spot, or builds it anew
 * from itself (`names += more`, `names = names[1:]`). Parameters, attributes, globals,
 * captured names, aliases and results of unknown code are nobody's own. A use may look at
 * the object, change it or walk through it; what hands it on shares it, unless no way
 * leads from there to the place in question with the same object.
 */
#ifndef SEMANTIC_OWN_H
#define SEMANTIC_OWN_H

#include "semantic/value.h"

enum { OWN_DEFS = 24 };

// How sure it is that an object has the type that its kind names.
typedef enum TypeAnswer {
  TYPE_EXACT,   // made by a display, a cast, a function that is known to make it
  TYPE_LIKELY,  // as far as annotations tell: a slice of a list may be an array's
  TYPE_VARIES,  // a Counter for a dict, a driver's own rows for a list
} TypeAnswer;

typedef struct Own {
  const char *refusal;  // why it is not its own; NULL if it is
  BindingId binding;
  ValueKind kind;  // LIST, TUPLE, SET or DICT
  TypeAnswer type;
  DefId defs[OWN_DEFS];
  bool goes_on[OWN_DEFS];  // made from the object itself; else it is fresh there
  uint32_t count;
  NodeId fresh[OWN_DEFS];  // the names that get a fresh object
  uint32_t fresh_count;
} Own;

Own own_of(Model *m, NodeId name);
bool own_has(const Own *own, DefId def);
// May something else hold the object when `read`, a use of the name, is evaluated?
bool own_is_shared(Model *m, const Own *own, NodeId read);
// Is the object read or changed through the name once `node`, an expression that reads
// it, was evaluated? What stands beside it in the same statement counts.
bool own_is_used_after(Model *m, const Own *own, NodeId node);
// Likewise from the start of a block, an except clause's or a finally clause's.
bool own_is_used_from(Model *m, const Own *own, NodeId block);

// Fewer than SMALL_SIZE elements for certain: it starts small and grows in no loop.
bool own_is_small(Model *m, const Own *own);

// What an expression makes on the spot, an object that nobody else can hold; UNKNOWN for
// everything else.
ValueKind fresh_kind(Model *m, NodeId expression, TypeAnswer *type);

#endif
