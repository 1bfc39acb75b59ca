/* The collector's own: rows under construction and what its parts ask of each other.
 *
 * While collecting, a FactPlace holds a node's number, FactText and FactWord a symbol of
 * `texts`, and names of the file's own functions, classes and containers do not start
 * with the module's; facts_pack() numbers all of these and makes the block.
 * Everything here lies in the file's arena.
 */
#ifndef INDEX_FACTS_INTERNAL_H
#define INDEX_FACTS_INTERNAL_H

#include "index/facts.h"
#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/names.h"
#include "semantic/value.h"

// One mention of an attribute of a class: self.x, cls.x, Class.x, type(self).x.
typedef struct Mention {
  NodeId node;    // the attribute expression
  uint32_t via;   // OPERATION_VIA_*
  uint32_t next;  // index of the next mention in the group, 0 = none
} Mention;

// All mentions of one attribute of one class, in source order.
typedef struct MentionGroup {
  ScopeId owner;  // the class scope
  Sym name;       // mangled, in the builder's texts
  uint32_t first, last;
  bool grows;  // some mention looks like growth
} MentionGroup;

typedef struct FactsBuilder {
  Model *m;
  const Tree *t;
  Arena *arena;
  Interner texts;
  Str module;             // "__main__" if it is not known, as in name_of()
  Str top;                // its part before the first dot
  FactText *scope_names;  // by ScopeId: "C.method", "f.<locals>.g"; "" for the module
  FactText *qualified;    // likewise, with the module; {0} where not asked yet
  uint8_t *receivers;     // by ScopeId: what a method's first parameter is
  DefId *receiver_defs;   // by ScopeId: that parameter, of RECEIVER_SELF and _CLS
  uint32_t flags;         // FACTS_*
  VEC(FactClass) classes;
  VEC(FactBase) bases;
  VEC(FactAttribute) attributes;
  VEC(FactFunction) functions;
  VEC(FactCall) calls;
  VEC(FactObject) objects;
  VEC(FactListing) listings;
  VEC(FactWalk) walks;
  VEC(FactIntermediate) intermediates;
  VEC(FactTouch) touches;
  VEC(FactContainer) containers;
  VEC(FactOperation) operations;
  VEC(FactRegistration) registrations;
  VEC(FactImport) imports;
  VEC(FactExport) exports;
  VEC(Mention) mentions;     // item 0 is unused
  VEC(MentionGroup) groups;  // likewise
  Map group_of;              // (class scope, name) -> group
  Map objects_named;         // names of `objects` -> 1
  Map callers;               // names of functions in which something happens
  Map seen;                  // hashes of calls and touches, to keep one of each
} FactsBuilder;

// --- facts_pack.c --------------------------------------------------------------------

FactText text_of(FactsBuilder *b, Str text);
FactWord word_of(FactsBuilder *b, Str text);
FactText text_join(FactsBuilder *b, Str owner, const char *between, Str name);
static inline FactPlace place_of(NodeId node) { return (FactPlace){node.i}; }
static inline uint8_t context_kept(uint32_t flags) {
  return (uint8_t)(flags & FACT_CONTEXTS);
}
Facts *facts_pack(FactsBuilder *b, Arena *results);

// --- facts_names.c -------------------------------------------------------------------

enum { RECEIVER_NONE, RECEIVER_SELF, RECEIVER_CLS, RECEIVER_ODD };
void names_prepare(FactsBuilder *b);
Str scope_name(const FactsBuilder *b, ScopeId s);     // in the module
FactText scope_caller(FactsBuilder *b, NodeId node);  // the function around a node
FactText scope_qualified(FactsBuilder *b, ScopeId s);
// What an expression names, qualified, local functions and classes included.
Str qualified_of(FactsBuilder *b, NodeId expression);
// The class scope that an expression names in this file, or {0}.
ScopeId class_named(FactsBuilder *b, NodeId expression);
// `self` or `cls` of a method: the class, with `via`; {0} if it is neither.
ScopeId class_of_receiver(FactsBuilder *b, NodeId expression, uint32_t *via);
// An attribute's name as it is stored: `__x` in class C is `_C__x`.
FactText mangled_of(FactsBuilder *b, NodeId place, Str name);
NodeId decorated_of(const Tree *t,
                    NodeId definition);  // the decorated_definition, if any

// --- facts_library.c ---------------------------------------------------------------------

// The row whose first field, a C string, is `name`, in a table in byte order of these;
// `count` without one.
uint32_t name_row(const void *rows, uint32_t count, size_t size, Str name);
// Empty, a builtin, or of the standard library, unless this file is part of that.
bool is_of_library(const FactsBuilder *b, Str name);

// --- facts_classes.c, facts_functions.c, facts_calls.c, facts_imports.c --------------

void classes_collect(FactsBuilder *b);
void functions_collect(FactsBuilder *b);
// Leaves out the functions of tests and those of which nothing is told.
void functions_prune(FactsBuilder *b);
// Some function or class that stands in this one is returned.
bool gives_inner_back(FactsBuilder *b, ScopeId s);
void call_collect(FactsBuilder *b, NodeId call);
bool names_class(Str callee);  // by its letters: "C", "pkg.C", "pkg.C.method"
void decorator_collect(FactsBuilder *b, NodeId decorator);
void attribute_collect(FactsBuilder *b, NodeId attribute);
void growth_prune(FactsBuilder *b);  // before functions_prune()
// How an attribute expression stores: ATTRIBUTE_METHOD, _AUGMENTED, _DELETED; 0 if not.
uint32_t attribute_store(const Tree *t, NodeId attribute);
void mention_add(FactsBuilder *b, ScopeId owner, FactText name, NodeId node,
                 uint32_t via);
void import_mention(FactsBuilder *b, NodeId identifier);
void imports_collect(FactsBuilder *b);
void star_collect(FactsBuilder *b, NodeId import_from);
void touch_add(FactsBuilder *b, TouchKind kind, Str owner, Str name);
// What is known of the class of an object: "" if nothing.
Str class_of_object(FactsBuilder *b, NodeId object);

// --- facts_held.c --------------------------------------------------------------------

// Who holds the object that a call makes, outside of the function around it.
HeldBy held_of(FactsBuilder *b, NodeId call);
// The name or attribute that is bound to what the call of a class makes, if it is one
// that other functions see.
void object_bound(FactsBuilder *b, NodeId call, Str class_name);
// The method that is called on an object whose class the file names: `C().m`,
// `x = C(); x.m`, `def f(x: C): x.m`, `self.x.m` (qualified by the attribute).
Str method_on_object(FactsBuilder *b, NodeId callee);

// --- facts_listings.c ----------------------------------------------------------------

void listings_collect(FactsBuilder *b);

// --- facts_intermediates.c -----------------------------------------------------------

void intermediates_collect(FactsBuilder *b);

// --- facts_containers.c --------------------------------------------------------------

// `__init__`, `__new__`, `__post_init__`.
bool is_constructor(const Tree *t, NodeId function);
// Fills holder-independent fields; false when the expression builds no container.
bool container_read(FactsBuilder *b, NodeId value, FactContainer *out);
void containers_collect(FactsBuilder *b);

// --- facts_operations.c --------------------------------------------------------------

// What one mention of a container does to it, as far as its surroundings tell.
typedef struct Operation {
  OperationKind kind;
  uint32_t flags;
  NodeId place;       // what to point at
  NodeId key;         // the key or element, if there is one
  NodeId value;       // what is stored
  FactText callee;    // OPERATION_PASS: the function that gets it,
  uint32_t argument;  // … and at which position
  NodeId test;        // the if, while or assert that looks at it
  DefId alias;     // OPERATION_ALIAS: the local name that stands for it from there on
  bool is_method;  // … or for its growing (shrinking) method
} Operation;

Operation operation_at(FactsBuilder *b, NodeId mention, ValueKind type);

// --- facts_tasks.c -------------------------------------------------------------------

// The value is a task or future that runs, or some.
bool starts_work(FactsBuilder *b, NodeId value);
// Code waits here for the tasks in a container, or cancels them.
bool is_waited_for(FactsBuilder *b, NodeId mention);

// --- facts_passed.c ------------------------------------------------------------------

// `op` of an argument, with the function that gets it, or an escape.
Operation passed_operation(FactsBuilder *b, NodeId call, Operation op);

// --- facts_keys.c --------------------------------------------------------------------

typedef struct Key {
  KeyDomain domain;
  ValueKind type;
  FactText class_name;
} Key;
Key key_of(FactsBuilder *b, NodeId key);
// What is written out: a literal, or a name that only stands for one.
bool is_written_out(FactsBuilder *b, NodeId value);
// "call", "call.id", "id(call)", where the name is used as an object with attributes, so
// that one cannot be the other; {0} for anything else.
FactWord key_spelled(FactsBuilder *b, NodeId key);
// 1 + the position of the parameter that the key is, 0 if it is none or not only that.
uint8_t key_parameter(FactsBuilder *b, NodeId key);
// A module that is imported by its name, or a part of one: there are only so many.
bool is_of_module(FactsBuilder *b, NodeId value);

// --- facts_gather.c ------------------------------------------------------------------

typedef struct Found {
  Operation op;
  NodeId mention;
  NodeId function;
  uint32_t via;
} Found;

// All mentions of one container in this file.
typedef struct Gathering {
  FactsBuilder *b;
  FactText owner;    // qualified
  ValueKind type;    // VALUE_UNKNOWN where this file does not tell
  bool is_full;      // reads and escapes matter too
  bool is_falsy;     // it is an empty container: `x or []` is never x
  uint32_t aliases;  // followed so far
  VEC(Found) found;  // in the order of the source, aliases where they are made
  VEC(Found) tests;  // those that may decide whether it grows
} Gathering;

Gathering gather_begin(FactsBuilder *b, FactText owner, ValueKind type, bool is_full);
void gather_mention(Gathering *self, NodeId mention, uint32_t via);
// The mentions that a definition reaches: all of them where it is the only one.
void gather_def(Gathering *self, DefId def);
void gather_finish(Gathering *self);  // adds the rows

// --- facts_around.c ------------------------------------------------------------------

// The guards, membership tests and look-ups that may decide about growths.
void tests_find(Gathering *self);
// A test of the length decides whether it happens.
bool is_guarded(const Gathering *self, const Found *found);
uint32_t growth_flags(const Gathering *self, const Found *growth);  // OPERATION_*

#endif
