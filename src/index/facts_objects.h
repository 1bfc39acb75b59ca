/* Rows of Facts about objects: what is done to them, what they hold that leads back to
 * them, and what closing them leaves.
 *
 * Part of the closed schema of facts.h, which explains words, names and places.
 */
#ifndef INDEX_FACTS_OBJECTS_H
#define INDEX_FACTS_OBJECTS_H

#include "index/facts_base.h"

// --- what is done to instances and classes -------------------------------------------

typedef enum TouchKind {
  TOUCH_WRITE,         // obj.name = …, outside of the methods of its class
  TOUCH_DICT,          // obj.__dict__, vars(obj)
  TOUCH_DYNAMIC,       // setattr(obj, name, …)
  TOUCH_WEAKREF,       // weakref.ref(obj), WeakSet().add(obj)
  TOUCH_PATCH,         // mock.patch.object(obj, "name")
  TOUCH_CLASS_WRITE,   // Class.name = …
  TOUCH_CLASS_READ,    // Class.name
  TOUCH_CLASS_CHANGE,  // obj.__class__ = Class
  TOUCH_CLEAR,         // obj.name = None, del obj.name, obj.name.clear(): also a write
  TOUCH_RELEASE,       // obj.name.close(), obj.name.cancel()
  TOUCH_READ,          // self._x that the class does not set, getattr(obj, "_x")
} TouchKind;

typedef struct FactTouch {
  FactText owner;  // the class; empty = an object of unknown class
  FactWord name;   // the attribute, if there is one; TOUCH_READ without one: any
  FactText via;    // of an unknown object: the function that gets it as an argument
  FactWord read;   // likewise: an attribute that is read of it there
  FactText maker;  // likewise: the imported function that it is the result of
  uint32_t kind;   // TouchKind
} FactTouch;

enum {                        // FactExposure.flags
  EXPOSURE_OF_SELF = 1 << 0,  // a method asks its own instance
  EXPOSURE_OF_ALL = 1 << 1,   // each element is asked: map(vars, points)
  EXPOSURE_STORES = 1 << 2,   // x.__dict__[k] = v, x.__dict__.update(…)
  EXPOSURE_CACHED = 1 << 3,   // a cached_property of that file is read there
  EXPOSURE_LOOPED = 1 << 4,   // of another object in each round of a loop
  EXPOSURE_BRANCH = 1 << 5,   // under a condition
  EXPOSURE_MADE = 1 << 6,     // of an object that the same function makes
};

// `x.__dict__`, `vars(x)` of an instance of a known class, tests left out.
typedef struct FactExposure {
  FactText owner;   // the class
  FactText caller;  // the function it stands in; empty at import
  FactPlace place;
  uint32_t flags;
} FactExposure;
// --- what holds itself ---------------------------------------------------------------

typedef enum KnotKind {
  KNOT_SELF,     // self.x = self
  KNOT_METHOD,   // self.x = self.m
  KNOT_CLOSURE,  // self.x = lambda: self.m(), or a nested function
  KNOT_GENERATOR,
} KnotKind;

enum {                         // FactKnot.flags
  KNOT_IN_CONTAINER = 1 << 0,  // self.x[k] = …, self.x.append(…)
  KNOT_INHERITED = 1 << 1,     // … where another class makes the container
  KNOT_IN_PARTIAL = 1 << 2,
  KNOT_OF_LOCAL = 1 << 3,   // of a local name, not of self
  KNOT_DYNAMIC = 1 << 4,    // setattr(self, "x", …), self.__dict__["x"] = …
  KNOT_ON_BRANCH = 1 << 5,  // a condition decides whether it is one
};

// An object stores itself, or what holds it, in an attribute of its own, and no code of
// this file takes it out again. Tests left out.
typedef struct FactKnot {
  FactText owner;      // the class of the object; empty = not known
  FactWord attribute;  // of the object
  FactWord method;     // KNOT_METHOD: its name, where a base in another file decides
  FactText made;       // the class that is made and given it: self.x = C(self)
  FactWord keyword;    // … by keyword, else at `argument`
  FactPlace place;     // the store
  FactPlace back;      // what holds the object
  FactPlace size;      // something large that the object, or the closure, holds
  uint32_t argument;
  uint32_t others;  // such stores to the attribute or in the function that are not told
  uint32_t kind;    // KnotKind
  uint32_t flags;
} FactKnot;

enum {                  // FactKeep.flags
  KEEP_SUPER = 1 << 0,  // handed to super().__init__
};

// A parameter that a constructor stores on its object, or hands to a base's constructor.
typedef struct FactKeep {
  FactText owner;      // the class
  FactWord parameter;  // its name
  FactWord attribute;  // that holds it, or
  FactText base;       // class whose __init__ is given it
  FactWord keyword;    // … by keyword, else at `argument`
  uint32_t position;   // of the parameter, behind self
  uint32_t argument;
  uint32_t flags;
} FactKeep;

// --- what closing leaves -------------------------------------------------------------

typedef enum ClosingKind {
  CLOSING_METHOD,    // a method that ends its object; place: its name
  CLOSING_HELD,      // an attribute holds what has to be ended; place: where it is made
  CLOSING_RELEASES,  // `method` ends or lets go of what the attribute holds
  CLOSING_PASSES,    // … hands it to `other`, a function that may
  CLOSING_CALLS,     // … calls the method `name` of self, or of super()
  CLOSING_SIGNALS,   // … tells others to end: event.set(), self.running = False
  CLOSING_HIDES,  // … may do all that to any attribute: getattr(self, name), f(self)
} ClosingKind;

typedef enum HeldKind {
  OWNED_RESOURCE,  // a file, socket, connection, executor …
  OWNED_TIMER,
  OWNED_TASK,
  OWNED_THREAD,
  OWNED_PROCESS,
  OWNED_REGISTRATION,  // what a registration of its own callback gave
  OWNED_BUFFER,
  OWNED_INSTANCE,  // of `other`, if that has a closing method
} HeldKind;

enum {                         // FactClosing.flags
  CLOSING_OF_OBJECT = 1 << 0,  // RELEASES: something other than a scalar
  CLOSING_OF_BACK = 1 << 1,    // RELEASES: a way back to self
  CLOSING_OF_SUPER = 1 << 2,   // CALLS
  CLOSING_AT_EXIT = 1 << 3,    // METHOD: called with what happened
  CLOSING_UNASKED = 1 << 4,    // METHOD: __del__
};

typedef struct FactClosing {
  FactText owner;   // the class
  FactWord method;  // of the class; RELEASES: empty for one that ends nothing else
  FactWord name;    // the attribute; CALLS: the method
  FactText other;   // HELD: the class; PASSES: the function
  FactPlace place;
  uint32_t kind;  // ClosingKind
  uint32_t what;  // HELD: HeldKind
  uint32_t flags;
} FactClosing;

#endif
