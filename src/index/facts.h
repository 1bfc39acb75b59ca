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

#include "index/facts_growth.h"
#include "index/facts_listing.h"
#include "index/facts_objects.h"
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
