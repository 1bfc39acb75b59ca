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

// One mention of an attribute of a class or function: self.x, cls.x, Class.x, f.x.
typedef struct Mention {
  NodeId node;    // the attribute expression
  uint32_t via;   // OPERATION_VIA_*
  uint32_t next;  // index of the next mention in the group, 0 = none
} Mention;

// Something put into a container, by a call or an assignment.
typedef struct Put {
  NodeId node;
  uint32_t next;  // index of one before, 0 = none
} Put;

// All mentions of one attribute of one of these, in source order.
typedef struct MentionGroup {
  ScopeId owner;  // the scope of the class, or of the function
  Sym name;       // mangled, in the builder's texts
  uint32_t first, last;
  bool grows;    // some mention looks like growth
  bool is_held;  // the container is made here
} MentionGroup;

// A registration whose class may still be found to end it.
typedef struct Subscription {
  uint32_t row;     // in the registrations
  NodeId receiver;  // the publisher
  NodeId owner;     // the class
} Subscription;

typedef struct FactsBuilder {
  Model *m;
  const Tree *t;
  Arena *arena;
  Interner texts;
  Str module;             // "__main__" if it is not known, as in name_of()
  Str top;                // its part before the first dot
  FactText *scope_names;  // by ScopeId: "C.method", "f.<locals>.g"; "" for the module
  FactText *qualified;    // likewise, with the module; {0} where not asked yet
  uint8_t *releases;      // by ScopeId: the function calls close() or the like
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
  VEC(FactMaking) makings;
  VEC(FactIntermediate) intermediates;
  VEC(FactTouch) touches;
  VEC(FactExposure) exposures;
  VEC(FactKnot) knots;
  VEC(FactKeep) keeps;
  VEC(FactClosing) closings;
  VEC(FactContainer) containers;
  VEC(FactOperation) operations;
  VEC(FactRegistration) registrations;
  VEC(FactPublisher) publishers;
  VEC(Subscription) subscriptions;
  VEC(FactImport) imports;
  VEC(FactExport) exports;
  VEC(FactZero) zeros;
  VEC(FactGlance) glances;
  VEC(Mention) mentions;     // item 0 is unused
  VEC(MentionGroup) groups;  // likewise
  VEC(NodeId) method_calls;  // for methods_collect()
  VEC(NodeId) weak_made;     // for weak_collect()
  Map group_of;              // (class scope, name) -> group
  Map objects_named;         // names of `objects` -> 1
  Map callers;               // names of functions in which something happens
  Map seen;                  // hashes of calls and touches, to keep one of each
  Map elements;              // facts_elements.c: container -> class of what is put in
  Map puts_of;               // container -> the last of what is put in, by index
  VEC(Put) puts;             // item 0 is none
  bool elements_known;
  Map *spelled;  // facts_intermediates.c: words of strings, NULL until asked for
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
// A collector that has collected nothing, and knows its names.
FactsBuilder builder_in(Model *m);
Str scope_name(const FactsBuilder *b, ScopeId s);     // in the module
FactText scope_caller(FactsBuilder *b, NodeId node);  // the function around a node
FactText scope_qualified(FactsBuilder *b, ScopeId s);
// What an expression names, qualified, local functions and classes included.
Str qualified_of(FactsBuilder *b, NodeId expression);
// The class scope that an expression names in this file, or {0}.
ScopeId class_named(FactsBuilder *b, NodeId expression);
// The scope of the function that an expression names in this file, or {0}.
ScopeId function_named(FactsBuilder *b, NodeId expression);
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
// The groups by class: those of scope s are the items from starts[s] on. `starts` has two
// more items than there are scopes.
uint32_t *groups_by_class(FactsBuilder *b, uint32_t *starts);
void functions_collect(FactsBuilder *b);
// Leaves out the functions of tests and those of which nothing is told.
void functions_prune(FactsBuilder *b);
// Some function or class that stands in this one is returned.
bool gives_inner_back(FactsBuilder *b, ScopeId s);
void call_collect(FactsBuilder *b, NodeId call);
void mapped_collect(FactsBuilder *b, NodeId call);  // `map(C, xs)`
void first_as_hook(FactsBuilder *b, NodeId call);   // `defaultdict(C)`
// facts_special.c: what builtins and the like do to instances, by the call's name.
void special_collect(FactsBuilder *b, NodeId call, Str name);
// A keyword or attribute through which a library makes each of its objects: row_factory.
bool hook_is_named(Str name);
// A row that tells how often a function runs, and nothing else.
void often_add(FactsBuilder *b, NodeId call, Str callee, CallForm form);
void decorator_collect(FactsBuilder *b, NodeId decorator);
// A row of a call, and adding it unless an equal one, its place aside, is there.
FactCall call_row(FactsBuilder *b, NodeId call, Str callee, CallForm form, Sink sink);
void call_add(FactsBuilder *b, FactCall row);
bool names_class(Str callee);  // by its capital letter, or made by such a one

// --- facts_methods.c -----------------------------------------------------------------

// A generator's consumer decides about what it yields, and this is one.
bool sink_decides_elements(Sink sink);
// `rows = parse(text)`, and further down `list(rows)`.
void named_collect(FactsBuilder *b, NodeId call, Str callee);
// A method of an object of whatever class, where it is called in a loop or walked through.
void method_collect(FactsBuilder *b, NodeId call, NodeId callee);
void sink_collect(FactsBuilder *b, NodeId call);  // `list(table)`: its `__iter__`
void hash_collect(FactsBuilder *b, NodeId call, Str callee);
// `cls.__new__(cls)`; false if it is something else.
bool allocation_collect(FactsBuilder *b, NodeId call, NodeId callee);
// Of an instance that a loop walks through: its `__iter__`, where the elements are kept.
void iterable_collect(FactsBuilder *b, NodeId iterable);
void attribute_collect(FactsBuilder *b, NodeId attribute);
void growth_prune(FactsBuilder *b);  // before functions_prune()
// How an attribute expression stores: ATTRIBUTE_METHOD, _AUGMENTED, _DELETED; 0 if not.
uint32_t attribute_store(const Tree *t, NodeId attribute);
uint32_t mention_add(FactsBuilder *b, ScopeId owner, FactText name, NodeId node,
                     uint32_t via);  // the group's index
void import_mention(FactsBuilder *b, NodeId identifier);
void imports_collect(FactsBuilder *b);
void star_collect(FactsBuilder *b, NodeId import_from);
void touch_add(FactsBuilder *b, TouchKind kind, Str owner, Str name);
// Of the object that an expression stands for; nothing where it is no instance.
void touch_object(FactsBuilder *b, TouchKind kind, NodeId expression, Str name);
void weak_method_touch(FactsBuilder *b, NodeId call);
void connect_touch(FactsBuilder *b, NodeId call, NodeId callee);
void wrapper_touch(FactsBuilder *b, NodeId call);
// What is known of the class of an object: "" if nothing.
Str class_of_object(FactsBuilder *b, NodeId object);

// --- facts_held.c --------------------------------------------------------------------

// Who holds the object that a call makes, outside of the function around it.
HeldBy call_held_by(FactsBuilder *b, NodeId call);
// The name or attribute that is bound to what the call of a class makes, if it is one
// that other functions see.
void object_bound(FactsBuilder *b, NodeId call, Str class_name);
// The method that is called on an object whose class the file names: `C().m`,
// `x = C(); x.m`, `def f(x: C): x.m`, `self.x.m` (qualified by the attribute).
Str method_on_object(FactsBuilder *b, NodeId callee);
// --- facts_elements.c ----------------------------------------------------------------

// The class of a loop's variable by what this file puts into what it walks through; ""
// where that is not one class.
Str class_of_loop_variable(FactsBuilder *b, NodeId object);
Str class_of_elements(FactsBuilder *b, NodeId iterable);
// The function of the project that gave what a loop's variable walks through; "" if none.
Str giver_of_loop_variable(FactsBuilder *b, NodeId object);

// --- facts_exposures.c ---------------------------------------------------------------

// The expression `place` asks for the dict of an object, or of each element.
void exposure_collect(FactsBuilder *b, NodeId place, NodeId object);
// The name that an object's expression starts from is bound in a loop around the place.
bool is_another_each_round(FactsBuilder *b, NodeId object, NodeId place);
void exposure_of_elements(FactsBuilder *b, NodeId place, NodeId iterable);
// `json.dumps(points, default=vars)`.
void exposure_by_encoder(FactsBuilder *b, NodeId call);
void exposures_finish(FactsBuilder *b);  // when all nodes were looked at

// --- facts_rounds.c ------------------------------------------------------------------

// How often the loops around a call run: `bound` and `is_small` of its row.
void rounds_read(FactsBuilder *b, NodeId call, bool is_class, FactCall *row);
// --- facts_knots.c, facts_keeps.c ----------------------------------------------------

// A mention takes out what an attribute holds: None, another empty one, del, clear().
bool mention_clears(FactsBuilder *b, NodeId attribute);
void knots_collect(FactsBuilder *b);
// `x.attribute = …` where x is no receiver.
void knot_of_object(FactsBuilder *b, NodeId attribute, NodeId object);
// setattr(self, "name", …)
void knot_of_setattr(FactsBuilder *b, NodeId call);
// `self.__dict__` in a method of a class.
void knot_of_dict(FactsBuilder *b, NodeId dict, ScopeId owner);
void keeps_collect(FactsBuilder *b);
// `super().__init__(…)`, `Base.__init__(self, …)`
void keep_of_call(FactsBuilder *b, NodeId call);
bool is_made_in(Str method);  // a constructor's name
// --- facts_registrations.c -----------------------------------------------------------

// Of a call, an assignment, a decorator or an attribute.
void registration_collect(FactsBuilder *b, NodeId node);
void registrations_finish(FactsBuilder *b);
// A cache whose keys are instances of a class of another file (facts_cached.c).
void cached_collect(FactsBuilder *b, NodeId decorator);

// --- facts_closings.c, facts_kept.c --------------------------------------------------

// What a class's closing methods release, and what the class holds.
void closings_collect(FactsBuilder *b);
// What one value that is stored on self is, of what has to be ended; OWNED_NOTHING: it is
// not known to be made here.
enum { OWNED_NOTHING = 255 };
uint32_t held_by_value(FactsBuilder *b, NodeId value, FactText *made);
// The flags (RELEASES_*) of a method's name.
uint32_t release_flags(const FactsBuilder *b, Str method);

// --- facts_listings.c ----------------------------------------------------------------

void listings_collect(FactsBuilder *b);

// --- facts_makings.c -----------------------------------------------------------------

// A class statement, or a call.
void making_collect(FactsBuilder *b, NodeId node);

// --- facts_often.c -------------------------------------------------------------------

// `db.row_factory = f`.
void hook_assigned(FactsBuilder *b, NodeId assignment);
// What a call calls for each element: sorted(xs, key=f), pool.map(f, xs).
void applied_collect(FactsBuilder *b, NodeId call);
// A call of what calls its first argument for each element.
bool calls_per_element(FactsBuilder *b, NodeId call);
// `x.f(…)`, to be looked at by methods_collect() when all attributes are known.
void method_defer(FactsBuilder *b, NodeId call);
void methods_collect(FactsBuilder *b);
// --- facts_intermediates.c -----------------------------------------------------------

void intermediates_collect(FactsBuilder *b);

// --- facts_weak.c --------------------------------------------------------------------

void weak_collect(FactsBuilder *b);  // behind everything that mentions attributes

#include "index/facts_containers.h"

#endif
