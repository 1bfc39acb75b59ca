/* Back: does the value of an expression hold one object, its owner?
 *
 *     self.tref = self                        BACK_ITSELF
 *     self.on_data = self.receive             BACK_METHOD
 *     self.size = lambda: len(self.children)  BACK_LAMBDA
 *     job.on_exit = on_exit                   BACK_FUNCTION, if that mentions `job`
 *     self.steps = self.run()                 BACK_GENERATOR, if run() yields
 *     self.view = View(self)                  BACK_ITSELF, through `call`
 *
 * Looked through are displays, comprehensions, branches, names of functions around,
 * variables that a closure captures, and what the table `holds` names. Weak references
 * are none of these. Whoever is called with the owner may drop it: `call` says who, and
 * only one such call is looked into.
 */
#ifndef SEMANTIC_BACK_H
#define SEMANTIC_BACK_H

#include "semantic/classes.h"

typedef enum BackKind {
  BACK_NONE,
  BACK_ITSELF,
  BACK_METHOD,
  BACK_LAMBDA,
  BACK_FUNCTION,   // nested in the function that has the owner
  BACK_GENERATOR,  // not run to its end yet
} BackKind;

typedef struct BackOwner {
  BindingId variable;  // `self`, `job`
  NodeId at;  // a mention of it where it stores; NO_NODE: a parameter's first value
  NodeId class_node;  // of what it stands for, where that is a class of this file
} BackOwner;

typedef struct Back {
  BackKind kind;
  NodeId node;        // what holds it: the lambda, the attribute, the name
  NodeId mention;     // of the owner
  Str method;         // of BACK_METHOD
  bool is_uncertain;  // … if it is one, which other files have to tell
  bool is_in_partial;
  bool is_on_branch;  // only where a condition has it so
  NodeId call;        // of something that is given it; NO_NODE
  NodeId argument;    // child of that call's list
} Back;

Back back_of(Model *m, NodeId expression, BackOwner owner);

// What holds the elements that walking through an expression gives, where that is written
// out: a display is itself, a generator expression its element; else NO_NODE.
NodeId back_elements(const Tree *t, NodeId expression);

// Does the name denote a method of the instances of a class of this file? UNKNOWN where a
// base that is not in this file may have it.
Answer class_binds_method(Model *m, NodeId class_node, Str name);

// What a store to an attribute puts there, or into the container that is there, and the
// whole that does so, an assignment or a call: `self.x = v`, `self.x[k] = v`,
// `self.x.append(v)`, `self.x, y = v, w`. `within` says that it is put into a container.
typedef struct StoredAt {
  NodeId value;  // or, of a call, the list of arguments
  NodeId place;
  bool within;
} StoredAt;
StoredAt stored_at(Model *m, NodeId attribute);
// Of the value, or of any of the arguments.
Back back_of_stored(Model *m, StoredAt stored, BackOwner owner);

#endif
