/* Rows of Facts about what grows: containers and what is done to them, registrations and
 * what undoes them.
 *
 * Part of the closed schema of facts.h, which explains words, names and places.
 */
#ifndef INDEX_FACTS_GROWTH_H
#define INDEX_FACTS_GROWTH_H

#include "index/facts_base.h"

// --- containers ----------------------------------------------------------------------

typedef enum HolderKind {
  HOLDER_MODULE,    // NAME = []
  HOLDER_CLASS,     // in a class body
  HOLDER_DEFAULT,   // def f(x=[])
  HOLDER_INSTANCE,  // self.x = [] in __init__
  HOLDER_FUNCTION,  // f.x = {}
  HOLDER_CLOSURE,   // a variable that an inner function keeps, which is returned
  HOLDER_LOCAL,     // a variable of a function: of queues alone
} HolderKind;

enum {                         // FactContainer.flags
  CONTAINER_BOUNDED = 1 << 0,  // maxlen, a bounded cache
  CONTAINER_WEAK = 1 << 1,
  CONTAINER_FILLED = 1 << 2,  // starts with content
  CONTAINER_TEST = 1 << 3,
  CONTAINER_SCRIPT = 1 << 4,        // the file is a script
  CONTAINER_BROKEN = 1 << 5,        // mentioned in an error region, star import, exec
  CONTAINER_CONDITIONAL = 1 << 6,   // bound in several places at import
  CONTAINER_DEFAULTS = 1 << 7,      // defaultdict, Counter: x[k] makes an entry
  CONTAINER_COPIED = 1 << 8,        // the class copies it for each instance (pydantic)
  CONTAINER_OF_CLASSES = 1 << 9,    // annotated so that its keys are classes
  CONTAINER_FILLS = 1 << 10,        // reading x[k] makes an entry as well: defaultdict,
  CONTAINER_FILLS_PLAIN = 1 << 11,  // … of something that nobody can change: int
  CONTAINER_NAMED_BOUND = 1 << 12,  // of a queue: see `bound`
  // Of lists and deques, as far as this file tells (facts_rings.c):
  CONTAINER_TAIL = 1 << 13,      // nothing but its end is asked for
  CONTAINER_READ = 1 << 14,      // … and that is read here
  CONTAINER_PROMISED = 1 << 16,  // a default whose annotation allows no change
  CONTAINER_CUT = 1 << 15,       // cut to a length, each time that it is longer
};

typedef struct FactContainer {
  FactText name;        // "pkg.mod.NAME", "pkg.mod.C.attr", "pkg.mod.f.parameter"
  FactText class_name;  // the class of an attribute, or of f
  FactPlace place;      // the building expression
  uint32_t holder;      // HolderKind
  uint32_t type;        // ValueKind: list, dict, set, deque
  uint32_t flags;
  uint32_t entries;  // that it starts with, if written out
  FactText
      function;    // HOLDER_DEFAULT, _FUNCTION: the function; _CLOSURE: the outermost
                   // one that gives back what keeps it
  FactText bound;  // CONTAINER_NAMED_BOUND: what it is called
  uint32_t last;   // CONTAINER_TAIL, _CUT: how many of the last, 0 = not written out
} FactContainer;

typedef enum OperationKind {
  OPERATION_GROW,    // append, add, x[k] = v, |=
  OPERATION_SHRINK,  // pop, remove, del x[k]
  OPERATION_CLEAR,   // clear(), x[:] = y, del x[:]
  OPERATION_REBIND,  // the name or attribute is bound to something else
  OPERATION_GUARD,   // its length decides whether it grows
  OPERATION_ESCAPE,  // unknown code gets it
  OPERATION_PASS,    // an argument of a function of the project: see `other`
  OPERATION_ALIAS,   // stored under another name that is not followed
  OPERATION_STORE,   // stored on an object: self.x = it
  OPERATION_RETURN,  // handed to the caller
  OPERATION_READ,    // anything else
  OPERATION_LOOKUP,  // x[k] is read by an argument, which is an entry more in a defaultdict
  OPERATION_TAIL,  // x[-1], x[-k:]: `argument` of the last are read, elsewhere
} OperationKind;

typedef enum KeyDomain {
  KEY_NONE,  // a list: no key
  KEY_UNKNOWN,
  KEY_CONSTANT,  // written out: one entry
  KEY_FINITE,    // an enum, a class, a bool, a __name__
  KEY_EXTERNAL,  // from a request, message, parameter of a handler
  KEY_IDENTITY,  // the object itself, id(x)
  KEY_FEW,       // named after what a program has few of: `language`, `plugin_name`
} KeyDomain;

enum {                             // FactOperation.flags
  OPERATION_VIA_SELF = 1 << 0,     // self.x.append(…)
  OPERATION_VIA_CLS = 1 << 1,      // cls.x, Class.x
  OPERATION_VIA_UNKNOWN = 1 << 2,  // obj.x: `owner` is "x" alone
  OPERATION_GUARDED = 1 << 3,      // a growth under a length guard
  OPERATION_ONE_PATH = 1 << 4,     // a removal that some path past the growth misses
  OPERATION_ALL_PATHS = 1 << 5,    // a removal on every path behind the growth
  OPERATION_MANY = 1 << 6,         // extend, update
  OPERATION_MEMO = 1 << 7,         // if k not in x: x[k] = …
  OPERATION_COUNTS = 1 << 8,       // x[k] += 1
  OPERATION_IN_INIT = 1 << 9,      // in __init__
  OPERATION_REGISTERS = 1 << 10,   // what is added is given back as well: a decorator
  OPERATION_INDEXED = 1 << 11,     // x[k] = v: grows a mapping, not a list
  OPERATION_NESTED = 1 << 12,      // x[k].append(v): grows what x holds
  OPERATION_STARTED = 1 << 14,     // what is added is a task or future that runs
  OPERATION_WAITED = 1 << 15,      // OPERATION_READ: waits for what it holds
  OPERATION_AT_SETUP = 1 << 13,    // in a function that is named after registering
  OPERATION_CACHES = 1 << 16,      // it makes what was looked up in vain: a cache
  OPERATION_HANDED = 1 << 17,      // what is looked up is passed on or stored
  OPERATION_GIVEN = 1 << 18,       // … or returned
  // Of what grows and shrinks, for queues (facts_served.c):
  OPERATION_TRIMS = 1 << 19,        // taken while there are more than so many
  OPERATION_PACED = 1 << 20,        // in between it sleeps, or waits for other work
  OPERATION_AWAITS = 1 << 21,       // whoever adds waits for whoever takes
  OPERATION_TOLD = 1 << 22,         // in a loop that goes on until it is told to stop
  OPERATION_CALLED_BACK = 1 << 23,  // in a function that something calls back
  OPERATION_ENDS = 1 << 24,         // in a `while True` that somebody leaves
  OPERATION_OFTEN = 1 << 25,        // in a function called on_…
  OPERATION_CHANGED = 1 << 26,      // OPERATION_PASS: it is changed there
  OPERATION_RESETS = 1 << 27,       // x[k] = []
  OPERATION_EXTENDS = 1 << 28,      // the program, by a hook, handler, plugin …
};

typedef struct FactOperation {
  FactText owner;   // "pkg.mod.NAME", "pkg.mod.C.attr"
  FactText caller;  // the function it stands in; empty at import
  FactText
      other;  // OPERATION_PASS: the function; _STORE: the attribute of self or cls;
              // else the key's class
  FactPlace place;
  uint8_t context;   // Context.flags of FACT_CONTEXTS
  uint8_t kind;      // OperationKind
  uint8_t key;       // KeyDomain
  uint8_t key_type;  // ValueKind of the key, VALUE_UNKNOWN if not known
  // OPERATION_PASS: position; 255 = unknown, or by keyword; 254 = inside a display. _GROW, _LOOKUP: bits of the
  // parameters, self left out, that alone decide the key.
  uint8_t argument;
  uint32_t flags;
  // What is written as key and as value of what can be told from other keys by that:
  // "call", "call.id", "id(call)"; empty for anything else. OPERATION_PASS: the keyword.
  FactWord key_text, value_text;
} FactOperation;

// --- registrations -------------------------------------------------------------------

typedef enum CallbackKind {
  CALLBACK_OTHER,      // nothing of the object around
  CALLBACK_BOUND,      // self.method
  CALLBACK_PARTIAL,    // of such, or with self as an argument
  CALLBACK_LAMBDA,     // that mentions self
  CALLBACK_FUNCTION,   // a nested function that does
  CALLBACK_SELF,       // self, or handed to the callback
  CALLBACK_ATTRIBUTE,  // what self made and keeps
} CallbackKind;

enum {                              // FactRegistration.flags
  REGISTRATION_UNDO = 1 << 0,       // takes out again: disconnect, removeHandler …
  REGISTRATION_PAIRED = 1 << 1,     // this class ends it, or may by what the call gives
  REGISTRATION_GUARDED = 1 << 2,    // a test of shared state lets it run once
  REGISTRATION_ONCE_EACH = 1 << 3,  // … of the instance's state
  REGISTRATION_CHAINS = 1 << 4,     // keeps what was registered before it
  REGISTRATION_FINALIZES = 1 << 5,  // to be called when the very object dies
  REGISTRATION_LONG = 1 << 6,       // the publisher lives as long as the process
  REGISTRATION_SINGLETON = 1 << 7,  // the class says that it has one instance
  REGISTRATION_LOGGER = 1 << 8,     // of a logger
  REGISTRATION_ONE_PATH = 1 << 9,   // an undoing that an option decides about
  REGISTRATION_PATHS = 1 << 10,     // texts, of which there are only so many
  REGISTRATION_VARIES = 1 << 11,    // each round of the loop around gives another one
  REGISTRATION_ACCESSOR = 1 << 12,  // the function gives its callers the receiver
  REGISTRATION_SIGNAL = 1 << 13,    // a callback in front: strong if the class is known
  REGISTRATION_GUESS = 1 << 14,     // no class of this file has the method
  REGISTRATION_CHAIN_ONLY = 1 << 15,  // costs something only where it chains
  REGISTRATION_STRONG = 1 << 16,      // weak=False
  REGISTRATION_RESULT = 1 << 17,      // the publisher is what `receiver` gives, called
  REGISTRATION_EMPTIES = 1 << 18,     // takes everything out of the receiver
  REGISTRATION_PASSING = 1 << 19,     // a parameter that the object does not keep
  REGISTRATION_ELSEWHERE = 1 << 20,   // each round of the loop has another receiver
  REGISTRATION_BY_NAME = 1 << 21,     // the callers name the logger
  REGISTRATION_FRESH = 1 << 22,       // what self keeps was made in the same function
  REGISTRATION_IN_DEL = 1 << 23,      // in __del__, which never runs while self is held
  REGISTRATION_EQUAL = 1 << 24,       // entries that equal others take their place
  REGISTRATION_OF_CALL = 1 << 25,  // undoes only what the same call of its function did
};

// What a function or method hands to those who keep it, and what takes it out again. Only
// what holds the object around, or is handed to the whole process.
typedef struct FactRegistration {
  FactWord group;      // what undoes it is of the same: "atexit"
  FactWord name;       // as it is called: "atexit.register", "subscribe"
  FactWord key;        // the topic or signal, as far as it is written out
  FactText receiver;   // the publisher's name, or as written: "self.bus"; of
                       // REGISTER_NAMED what is called
  FactText publisher;  // the publisher's class, if known
  FactText caller;     // the function it stands in
  FactText owner;      // the class of what is held, or around; empty = none
  FactText callback;   // the method; of an undoing one its last word may be all
  FactPlace place;     // the call, assignment or decorator
  FactPlace given;     // what is registered
  uint8_t context;     // Context.flags of FACT_CONTEXTS
  uint8_t kind;        // CallbackKind
  uint8_t form;        // RegisterKind (semantic/knowledge.h)
  uint8_t argument;    // position of what is registered; 255 = unknown, or by keyword
  uint32_t flags;
} FactRegistration;

// What a name of the module stands for, where that may have to do with registering: an
// object, by what made it ("pkg.bus.Bus"); another name of it (`listen = BUS.subscribe`, a
// function without parameters that returns BUS); a function that hands its parameter on.
typedef struct FactPublisher {
  FactText name;
  FactText stands_for;
} FactPublisher;

#endif
