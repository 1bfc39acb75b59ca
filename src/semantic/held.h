/* Held: whether an expression holds an object, by itself or by what it calls later.
 *
 *     self                                the object itself
 *     self.close                          a bound method
 *     partial(self.close), partial(f, self)
 *     lambda: self.close()                it captures the variable
 *     self._later                         … where a method stores such a thing
 *     def later(): self.close()           likewise, by its name
 *
 * The object is what one variable holds for good, mostly a method's `self`. Static and
 * class methods, `type(self).m`, `self.pool.close`, properties and plain values hold other
 * things. What is not known to hold the object does not.
 */
#ifndef SEMANTIC_HELD_H
#define SEMANTIC_HELD_H

#include "semantic/classes.h"

typedef enum HeldForm {
  HELD_NOTHING,
  HELD_ITSELF,
  HELD_BOUND,    // self.method
  HELD_PARTIAL,  // of a bound method, or with the object as an argument
  HELD_LAMBDA,
  HELD_FUNCTION,   // a nested function that mentions it
  HELD_ARGUMENT,   // beside the callback, to be handed to it
  HELD_ATTRIBUTE,  // self.x: what the object itself made
} HeldForm;

typedef struct Hold {
  HeldForm form;
  NodeId mention;  // of the object
  Str method;      // of bound methods
  bool is_guess;   // no class of this file has the method: it is inherited, or a value
} Hold;

// `self` of the innermost instance method around a node; {0} if there is none, or it is
// bound anew.
BindingId self_around(Model *m, NodeId node);
// The class whose method's `self` that is.
NodeId self_class(Model *m, BindingId self);
// The identifier stands for what the variable holds: by name, or by one given to it once.
bool is_object(Model *m, NodeId identifier, BindingId object);
// The class, or the base of this file, whose methods set `self.name`.
NodeId attribute_class(Model *m, NodeId class_node, Str name);
// Does an expression, or a def below a decorator, hold it?
Hold held_of(Model *m, NodeId expression, BindingId object);
// `self.x` where the class makes x anew for each instance, by a call that is no look-up of
// something shared; HELD_NOTHING for everything else.
Hold held_attribute(Model *m, NodeId expression, BindingId self);

#endif
