/* Facts: what one file tells the project.
 *
 *     Facts *facts = facts_collect(model, results);
 *     facts->path = relative_path;                      // the engine knows it
 *     FactRows rows;
 *     facts_unpack(facts, IN_CLASSES | IN_ATTRIBUTES, arena, &rows);
 *     for (uint32_t i = 0; i < rows.class_count; i++) use(&rows.classes[i]);
 *
 * A closed schema, collected in one pass whatever rules are selected. A Facts is one
 * block of bytes in the result arena: every field of a section is a column as wide as
 * its largest value needs, so that all Facts of a project stay under a fifth of its
 * source. Places are ordinals in source order (0 = none); byte offsets lie in a part
 * of the block that is not hashed, so that an edit which only moves code resolves
 * nothing anew.
 *
 * Words are strings of their own (`self.x` -> "x"). Names are what dots join: the name
 * before the last dot and the word behind it, so that what many names start with is there
 * once. Every name starts with its module; name 1 is this file's own module.
 *
 * What is not known is not there, or is named "" with a flag: nothing is guessed.
 */
#ifndef INDEX_FACTS_H
#define INDEX_FACTS_H

#include "index/facts_listing.h"
#include "semantic/context.h"
#include "semantic/model.h"

enum { FACTS_VERSION = 8 };

// --- classes -------------------------------------------------------------------------

enum {                             // FactClass.flags
  CLASS_DATACLASS = 1 << 0,        // @dataclasses.dataclass
  CLASS_ATTRS = 1 << 1,            // @attr.s, @attrs.define and kind
  CLASS_HAS_SLOTS = 1 << 2,        // __slots__ in the body, or slots=True
  CLASS_SLOTS_UNKNOWN = 1 << 3,    // __slots__ whose names cannot be read
  CLASS_SLOTS_DICT = 1 << 4,       // "__dict__" is among them
  CLASS_SLOTS_WEAKREF = 1 << 5,    // "__weakref__" is
  CLASS_FROZEN = 1 << 6,           // dataclass(frozen=True)
  CLASS_WEAKREF_SLOT = 1 << 7,     // dataclass(weakref_slot=True)
  CLASS_OPTIONS_UNKNOWN = 1 << 8,  // the decorator's arguments hide what they say
  CLASS_HAS_INIT = 1 << 9,         // __init__ in the body
  CLASS_HAS_NEW = 1 << 10,
  CLASS_NESTED = 1 << 11,          // in the body of another class
  CLASS_TEST = 1 << 12,            // in a test file, or a test class
  CLASS_STUB = 1 << 13,            // from a .pyi: nothing is reported of it
  CLASS_PRIVATE = 1 << 14,         // its name starts with "_"
  CLASS_ATTRS_SLOTTED = 1 << 15,   // attrs.define: slots by default
  CLASS_SLOTS_DECLINED = 1 << 16,  // slots=False
  CLASS_BROKEN = 1 << 17,          // an error outside of its methods: left alone
};

enum {                      // FactClass.hazards: why __slots__ may not work
  HAZARD_DICT = 1 << 0,     // __dict__ or vars() of its instances
  HAZARD_DYNAMIC = 1 << 1,  // setattr, delattr with names not written out
  HAZARD_HOOKS = 1 << 2,    // __getattr__, __setattr__ and kind
  HAZARD_CACHED_PROPERTY = 1 << 3,
  HAZARD_WEAKREF = 1 << 4,         // its instances are weakly referenced, provably
  HAZARD_PICKLE = 1 << 5,          // __getstate__, __reduce__, __copy__ and kind
  HAZARD_PATCHED = 1 << 6,         // mock.patch.object, monkeypatch.setattr
  HAZARD_SUPER = 1 << 7,           // zero-argument super() or __class__ in a method
  HAZARD_INIT_SUBCLASS = 1 << 8,   // the body defines __init_subclass__
  HAZARD_LOCAL = 1 << 9,           // made in a function
  HAZARD_REGISTERED = 1 << 10,     // set by resolve: a base has __init_subclass__
  HAZARD_BROKEN = 1 << 11,         // overlaps an error region
  HAZARD_DECORATED = 1 << 12,      // by a decorator that is not known to be harmless
  HAZARD_METACLASS = 1 << 13,      // another metaclass than ABCMeta
  HAZARD_BODY = 1 << 14,           // the body binds names in loops, exec, star imports
  HAZARD_REDEFINED = 1 << 15,      // its name is bound elsewhere too
  HAZARD_CLASS_CHANGED = 1 << 16,  // x.__class__ = … mentions it
  HAZARD_KEYWORDS = 1 << 17,       // class C(Base, option=1)
  HAZARD_SELF_UNKNOWN = 1 << 18,   // a method's first parameter is rebound or odd
  HAZARD_BASE_UNKNOWN = 1 << 19,   // set by resolve: a base is not known
  HAZARD_BASE_DICT = 1 << 20,      // set by resolve: a base has a __dict__
  HAZARD_BASE_REFUSES = 1 << 21,  // set by resolve: int, tuple, enum, exception, ORM …
  HAZARD_CONFLICT = 1 << 22,      // set by resolve: class attribute of the same name
  HAZARD_FOREIGN = 1 << 23,       // set by resolve: other code sets other attributes
  HAZARD_LAYOUT = 1 << 24,        // set by resolve: two slotted bases meet below
  HAZARD_WEAKREF_UNKNOWN = 1 << 25,  // set by resolve: perhaps weakly referenced
  HAZARD_SUBCLASS = 1 << 26,         // set by resolve: a slotted subclass would break
  HAZARD_DEFAULT_READ = 1 << 27,     // set by resolve: Class.field is read as a default
  HAZARD_NO_ATTRIBUTES = 1 << 28,    // set by resolve: there is nothing to save
};

// The classes of a file share `bases` and `attributes` in their order.
typedef struct FactClass {
  FactText name;    // "pkg.mod.Outer.Inner", "pkg.mod.function.<locals>.C"
  FactPlace place;  // the name in the class statement
  uint32_t flags, hazards;
  uint32_t base_count, attribute_count;
} FactClass;

typedef struct FactBase {
  FactText name;  // empty = unknown
} FactBase;

enum {                             // FactAttribute.flags
  ATTRIBUTE_INIT = 1 << 0,         // set on self in __init__, __new__ or __post_init__
  ATTRIBUTE_METHOD = 1 << 1,       // set on self in another method
  ATTRIBUTE_CONDITIONAL = 1 << 2,  // every setting is under a condition
  ATTRIBUTE_CLASS = 1 << 3,        // bound to a value in the class body
  ATTRIBUTE_ANNOTATED = 1 << 4,    // annotated in the class body
  ATTRIBUTE_CLASSVAR = 1 << 5,     // … as ClassVar
  ATTRIBUTE_SLOT = 1 << 6,         // named in __slots__
  ATTRIBUTE_FUNCTION = 1 << 7,     // a def, class or import in the body
  ATTRIBUTE_PROPERTY = 1 << 8,     // a property or another data descriptor
  ATTRIBUTE_VIA_CLASS = 1 << 9,    // cls.x = …, Class.x = …
  ATTRIBUTE_DELETED = 1 << 10,     // del self.x
  ATTRIBUTE_INIT_VAR = 1 << 11,    // dataclasses.InitVar: no field
  ATTRIBUTE_AUGMENTED = 1 << 12,   // self.x += …
  ATTRIBUTE_FIELD = 1 << 13,       // annotated in a data class: set by its __init__
  ATTRIBUTE_SLOT_TWICE = 1 << 14,  // named in __slots__ more than once
  ATTRIBUTE_CLEARED = 1 << 15,  // set to None, emptied or deleted outside of __init__
  ATTRIBUTE_CONTAINER =
      1 << 16,  // a list, dict, set or deque is made for it, no weak one
};

typedef struct FactAttribute {
  FactWord name;
  uint32_t flags;
} FactAttribute;

// --- functions and calls -------------------------------------------------------------

enum {                        // FactFunction.flags
  FUNCTION_HANDLER = 1 << 0,  // handles requests, tasks or events
  FUNCTION_GENERATOR = 1 << 1,
  FUNCTION_ASYNC = 1 << 2,
  FUNCTION_METHOD = 1 << 3,  // stands in a class body
  FUNCTION_STATIC = 1 << 4,
  FUNCTION_CLASSMETHOD = 1 << 5,
  FUNCTION_PROPERTY = 1 << 6,
  FUNCTION_NESTED = 1 << 7,  // stands in a function
  FUNCTION_DECORATED = 1 << 8,
  FUNCTION_TEST = 1 << 9,
  FUNCTION_PASSED_ON = 1 << 10,   // its name is used other than by calling it
  FUNCTION_GIVES_BACK = 1 << 11,  // returns its own parameter or an inner function: the
                                  // shape of a decorator
  FUNCTION_CLASS_MAKING = 1 << 12,  // __init_subclass__, __set_name__, a metaclass's
  FUNCTION_RECEIVES = 1 << 13,      // its first parameter is self or cls
  FUNCTION_CACHED = 1 << 14,        // its results are kept, and given again
  FUNCTION_SINGLE = 1 << 15,        // without parameters, and keeps what it gave
  FUNCTION_RELEASES = 1 << 16,  // it calls close(), cancel() or the like of something
};

// Left out are those of tests and stubs and those that neither take nor do anything of
// interest. Parameters by position, the 32nd bit for all further ones; others are only read.
typedef struct FactFunction {
  FactText name;
  uint32_t flags;
  uint16_t parameter_count;
  uint32_t grown;   // gain entries here
  uint32_t shrunk;  // lose entries, are cleared or bounded
  uint32_t kept;    // stored, returned, captured, passed on
  uint32_t stored;  // of these, where this or foreign code may hold and change it
  uint32_t held;    // of these, only in an attribute, where the next takes its place
} FactFunction;

// What rows keep of Context.flags: what resolve asks for.
enum {
  FACT_CONTEXTS = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_HANDLER |
                  CONTEXT_WORKER | CONTEXT_MAIN_GUARD | CONTEXT_TEST
};

typedef enum CallForm {
  CALL_PLAIN,      // C(…), f(…)
  CALL_MAPPED,     // map(C, xs)
  CALL_HOOK,       // object_hook=C, default_factory=C
  CALL_CLS,        // cls(…) or type(self)(…) or self.__class__(…) in a method
  CALL_DECORATOR,  // @f
  CALL_METHOD,     // x.f(…) in a hot place, by the class of x
  CALL_APPLIED,    // sorted(xs, key=f), pool.map(f, xs): called for each element
} CallForm;

// Who holds what a call makes, beyond the function that it stands in.
typedef enum HeldBy {
  HELD_BY_NOBODY,  // or it is not known
  HELD_BY_SELF,    // the instance that the method runs on
  HELD_FOR_LONG,   // a module, a class, a cache, or a call that does not end
} HeldBy;

enum {                     // FactCall.times
  CALL_SINGLE = 1 << 0,    // the first to ask makes it: if X is None: X = C()
  CALL_REPEATED = 1 << 1,  // an equal one stands in the same function
};

// A call of what may be a class or function of the project, tests left out; equal ones
// are one.
typedef struct FactCall {
  FactText callee;
  FactText caller;  // the function it stands in; empty at import
  FactPlace place;  // the call
  uint8_t context;  // Context.flags (semantic/context.h) of FACT_CONTEXTS
  uint8_t form;  // CallForm; the last two tell how often a function runs, nothing else
  uint8_t sink;  // Sink (semantic/escape.h) of what it gives, if it may be kept
  uint8_t is_small;   // the loop is proved to run fewer than 100 times
  uint8_t is_once;    // only where something is missing, which it fills for good
  uint8_t held;       // HeldBy
  uint8_t times;      // CALL_*: how many objects it may make
  uint8_t constants;  // by position: the argument is written out, or left out
  uint32_t bound;     // how often the loop runs, if known; else 0
} FactCall;

// A name of the module, an attribute of a class or of self that is bound to instances of
// a class; one row for each class.
typedef struct FactObject {
  FactText name;        // "NAME", "C.attr": in the module
  FactText class_name;  // qualified
} FactObject;

// --- classes that are made at run time -----------------------------------------------

enum {                          // FactMaking.flags
  MAKING_IN_LOOP = 1 << 0,      // in a loop: one would do for all rounds
  MAKING_OF_DATA = 1 << 1,      // one would do for all calls that give the same names
  MAKING_BOUND = 1 << 2,        // it holds what differs from call to call
  MAKING_KEPT = 1 << 3,         // made where it is missing, and kept for good
  MAKING_GIVEN = 1 << 4,        // the class itself leaves the function
  MAKING_VALIDATOR = 1 << 5,    // no class, and no cycle: TypeAdapter
  MAKING_PER_ELEMENT = 1 << 6,  // in a lambda that a library calls for each element
  MAKING_CHANGED = 1 << 7,      // it, or what its body holds, is changed afterwards
};

typedef struct FactMaking {  // semantic/making.h
  FactWord name;
  FactText class_name;  // of a class statement's class
  FactText caller;      // the function it stands in; empty at import
  FactPlace place;      // the name in the class statement, or the call
  uint8_t context;      // Context.flags of FACT_CONTEXTS
  uint32_t bytes;       // of one, at least
  uint32_t flags;
} FactMaking;

// --- heavy values on self -------------------------------------------------------------

// A heavy value (semantic/heavy.h) that one method stores on a private attribute and
// reads behind that; nothing else in this file reads or holds it.
typedef struct FactIntermediate {
  FactText class_name;
  FactWord name, stored;    // `__x` is stored as `_C__x`
  FactPlace place, read;    // `self._x` that is stored to, the last read
  uint8_t kind, type, why;  // HeavyKind, ValueKind, SizeWhy
} FactIntermediate;

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

// --- names ---------------------------------------------------------------------------

enum {  // FactImport.flags
  IMPORT_STAR = 1 << 0,
  IMPORT_LOCAL = 1 << 1,  // inside a function: re-exports nothing
};

// A name of an attribute, or of what is imported, that is not only asked for its end:
// 24 bits of a hash, since it only matters whether it is there (facts_glances.c).
typedef struct FactGlance {
  uint32_t hash;
} FactGlance;

// A constant of the module that stands for no number at all: NO_LIMIT = 0.
typedef struct FactZero {
  FactWord name;
} FactZero;

typedef struct FactImport {
  FactWord name;  // that it binds; empty for a star and in a function
  FactText target;
  uint32_t flags;
} FactImport;

typedef struct FactExport {
  FactWord name;  // listed in __all__
} FactExport;

// --- the whole -----------------------------------------------------------------------

enum {                     // FactsHead.flags
  FACTS_PACKAGE = 1 << 0,  // an __init__.py
  FACTS_TEST = 1 << 1,
  FACTS_STUB = 1 << 2,
  FACTS_SCRIPT = 1 << 3,   // has a main guard or a shebang, and no handlers
  FACTS_BROKEN = 1 << 4,   // has syntax errors
  FACTS_ALL = 1 << 5,      // has a readable __all__
  FACTS_DYNAMIC = 1 << 6,  // globals(), exec … at module level
};

enum { FACT_MODULE_NAME = 1 };  // in `names`

typedef struct FactName {
  FactText owner;  // a name with a smaller number; 0 = the word stands alone
  FactWord word;
} FactName;

typedef struct FactPlaceScope {
  FactText scope;  // around the place; empty at the module's level
} FactPlaceScope;

typedef struct FactSpan {
  uint32_t start, n;
} FactSpan;

typedef struct FactWordSize {
  uint32_t n;  // bytes; the words lie behind one another
} FactWordSize;

// S(Row, rows, row, ROWS): the sections. Row 0 of words, names, places and spans stands
// for none. Only spans are not hashed.
// clang-format off: one row a line
#define FACT_SECTIONS(S) \
  S(FactWordSize, words, word, WORDS) \
  S(FactName, names, name, NAMES) \
  S(FactClass, classes, class, CLASSES) \
  S(FactBase, bases, base, BASES) \
  S(FactAttribute, attributes, attribute, ATTRIBUTES) \
  S(FactFunction, functions, function, FUNCTIONS) \
  S(FactCall, calls, call, CALLS) \
  S(FactObject, objects, object, OBJECTS) \
  S(FactListing, listings, listing, LISTINGS) \
  S(FactWalk, walks, walk, WALKS) \
  S(FactMaking, makings, making, MAKINGS) \
  S(FactIntermediate, intermediates, intermediate, INTERMEDIATES) \
  S(FactTouch, touches, touch, TOUCHES) \
  S(FactExposure, exposures, exposure, EXPOSURES) \
  S(FactKnot, knots, knot, KNOTS) \
  S(FactKeep, keeps, keep, KEEPS) \
  S(FactClosing, closings, closing, CLOSINGS) \
  S(FactContainer, containers, container, CONTAINERS) \
  S(FactOperation, operations, operation, OPERATIONS) \
  S(FactRegistration, registrations, registration, REGISTRATIONS) \
  S(FactPublisher, publishers, publisher, PUBLISHERS) \
  S(FactImport, imports, import, IMPORTS) \
  S(FactExport, exports, export, EXPORTS) \
  S(FactZero, zeros, zero, ZEROS) \
  S(FactGlance, glances, glance, GLANCES) \
  S(FactPlaceScope, places, place, PLACES) \
  S(FactSpan, spans, span, SPANS)
// clang-format on

typedef enum FactSection {
#define SECTION_NUMBER(Row, rows, row, ROWS) SECTION_##ROWS,
  FACT_SECTIONS(SECTION_NUMBER)
#undef SECTION_NUMBER
      SECTION_COUNT
} FactSection;

enum {  // sets of sections
#define SECTION_BIT(Row, rows, row, ROWS) IN_##ROWS = 1 << SECTION_##ROWS,
  FACT_SECTIONS(SECTION_BIT)
#undef SECTION_BIT
      IN_EVERYTHING = (1 << SECTION_COUNT) - 1
};

typedef struct Facts {
  uint64_t hash;    // of the block up to the spans: not of path and spans
  Str path;         // the source's own until the engine sets the project-relative one
  Str block;        // flags, module and sections
  uint32_t hashed;  // bytes of the block before the spans
  uint32_t flags;   // FACTS_*
  Str module;       // dotted name, in the block; "__main__" if unknown
} Facts;

// Sections as plain arrays; those that were not asked for are empty.
typedef struct FactRows {
#define SECTION_FIELDS(Row, rows, row, ROWS) \
  Row *rows; \
  uint32_t row##_count;
  FACT_SECTIONS(SECTION_FIELDS)
#undef SECTION_FIELDS
  const char *word_bytes;
} FactRows;

// Never fails; a file whose every statement is broken has empty Facts.
Facts *facts_collect(Model *m, Arena *results);
// The wanted sections (IN_*), in `arena`; `word_bytes` with words.
void facts_unpack(const Facts *self, uint32_t wanted, Arena *arena, FactRows *out);
// What a FactGlance has of a word.
uint32_t facts_glance(Str word);
// One row alone: rows of `places` and `spans` by ordinal.
FactText facts_place_scope(const Facts *self, uint32_t ordinal);
Span facts_place_span(const Facts *self, uint32_t ordinal);

// One record a line, sections in order: the text of `dump facts`.
void facts_dump(const Facts *facts, Buf *out);
// Bytes that it takes in memory; on the disk it is less.
uint64_t facts_size(const Facts *facts);

// As one block without pointers, and back. NULL: another version, or damaged.
Str facts_write(const Facts *facts, Arena *arena);
Facts *facts_read(Str bytes, Arena *arena);

#endif
