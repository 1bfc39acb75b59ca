/* What the parts of resolve share. Everything lies in the Index's arena. */
#ifndef INDEX_INDEX_INTERNAL_H
#define INDEX_INDEX_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "index/index.h"
#include "semantic/context.h"

// Bounds that keep resolve linear whatever the project looks like.
enum {
  ORDER_MAX = 64,    // classes in one C3 order
  EXPORT_STEPS = 8,  // re-exports followed for one name
  RETURN_STEPS = 8,  // factories that call factories
};

// A qualified name of the project, 0 = none.
typedef struct NameId {
  uint32_t i;
} NameId;

typedef struct Name {
  NameId owner;     // 0 = the word stands alone
  Sym word;         // in `words`
  uint32_t entity;  // what it is by itself, in `entities`
  uint32_t found;   // what it is through re-exports, 1 + in `entities`; 0 = not asked
} Name;

typedef struct IndexFunction {
  FactFunction fact;  // its name is that of its module's rows
  NameId name;
  uint32_t module;
  ClassId owner;         // of methods
  uint32_t first_call;   // index in `edges` of what it calls, chained; 0 = none
  bool is_called;        // some call of it is known
  uint8_t constants;     // arguments that are written out in every call that is known
  bool is_constructor;   // __init__, __post_init__ or __new__ of a class that is made
  bool at_making;        // every call of it runs while an instance is made
  bool at_import;        // every call of it runs while modules are imported
  bool from_import;      // some call of it does
  bool in_handler;       // a handler or worker, or called from one
  bool runs_often;       // … or from a loop
  bool runs_in_loop;     // a loop calls it, or what calls it, and no more in between
  bool is_open;          // who calls it, and how often, is not known
  uint32_t first_other;  // like first_call, in `others`
  bool runs_once;        // at most once in the life of the process
  bool is_called_once;   // likewise, and the call is seen
} IndexFunction;

// What making an instance runs; 0 = none of the project's.
typedef struct Makers {
  uint32_t init;       // __init__, or __post_init__
  uint32_t allocator;  // __new__
} Makers;

// What a qualified name is.
typedef struct Entity {
  // 0 = it is none
  uint32_t class_id, function, container, module, listing, object, publisher;
  uint32_t zero;  // a constant that is no number above 0
} Entity;

// One resolved FactCall.
typedef struct Edge {
  FactCall call;
  uint32_t module;
  uint32_t caller;    // function, 0 = import time or a lambda
  uint32_t function;  // that it calls, or
  ClassId made;       // the class that it instantiates
  bool by_cls;        // … or a subclass of it
  ClassId through;    // the class through which a class method is called
  uint32_t next;      // of the same caller
  uint32_t giver;     // of `loose`: the function that gave the object, in a container
} Edge;

// What a name is bound to: the class's name, {0} where there are several.
typedef struct Object {
  NameId class_name;
} Object;
enum { WORD_OF_DICT = UINT32_MAX };  // in `cleared`: the instance's dict is emptied

// One FactClosing.
typedef struct ClosingRow {
  const FactClosing *fact;
  uint32_t module;
  Sym method, name;
  NameId other;
  uint32_t next;  // of the same class: index in `closings`, 0 = none
} ClosingRow;

// One FactKeep.
typedef struct Keep {
  ClassId owner, base;  // base: {0} for none, or for the next one behind super()
  Sym parameter, attribute, keyword;
  uint32_t position, argument, flags;
  uint32_t next;  // of the same owner: index in `keeps`, 0 = none
} Keep;

struct IndexParts {
  Interner words;
  VEC(Name) names;       // item 0 is unused
  Map name_at;           // (owner, word) -> name
  Sym **words_of;        // by module and FactWord
  NameId **names_of;     // by module and FactText
  VEC(Entity) entities;  // item 0 is none
  Map imports;           // (module, word) -> name of the target
  VEC(NameId) stars;     // targets of star imports, by module
  uint32_t *star_of;     // by module: its first of these; one more item than modules
  Arena scratch;         // rows of one module; reset between modules
  VEC(IndexClass) classes;
  VEC(IndexContainer) containers;
  VEC(IndexRegistration) registrations;
  VEC(NameId) publishers;  // what made each; item 0 is none
  VEC(IndexListing) listings;
  VEC(Object) objects;  // item 0 is unused
  VEC(IndexMaking) makings;
  VEC(IndexKnot) knots;
  VEC(ClosingRow) closings;  // item 0 is unused
  Map closings_of;           // class -> its first in `closings`
  Map released;              // as `cleared`: what other code ends
  Map knotted;               // (class, word) -> a knot there + 1
  VEC(Keep) keeps;           // item 0 is unused
  Map keeps_of;              // class -> its last in `keeps`
  Map cleared;               // (class or 0, word) -> 1: what other code takes out
  VEC(IndexIntermediate) intermediates;
  VEC(IndexFunction) functions;  // item 0 is unused
  VEC(Edge) edges;               // likewise
  VEC(Edge) loose;               // calls of a method of who knows what: `.name`
  VEC(Edge) others;              // of the forms CALL_METHOD and CALL_APPLIED
  const Makers *makers;          // by class
  Map glances;                   // hashes of what some module looks at -> 1
  uint32_t *class_of;   // by module: id of its first class; one more item than modules
  Map attribute_at;     // (class, word) -> index in its attributes + 1
  Map attribute_names;  // words that are attributes of any class -> 1
};

// --- names ---------------------------------------------------------------------------

static inline NameId name_in(const Index *self, uint32_t module, FactText name) {
  return self->parts->names_of[module][name.i];
}
static inline Sym word_in(const Index *self, uint32_t module, FactWord word) {
  return self->parts->words_of[module][word.i];
}
static inline const Name *name_get(const Index *self, NameId name) {
  return &self->parts->names.items[name.i];
}
// "owner.word"; {0} when the project has no such name.
static inline NameId name_find(const Index *self, NameId owner, Sym word) {
  bool is_some = word.i != 0;
  uint64_t key = map_pair(owner.i, word.i);
  return (NameId){is_some ? map_get(&self->parts->name_at, key) : 0};
}
NameId name_make(const Index *self, NameId owner, Sym word);
NameId name_of_str(const Index *self, Str text);  // made when it is new
// As text, without the names up to `stop`, in the Index's arena.
Str name_text(const Index *self, NameId name, NameId stop);
static inline Entity entity_exact(const Index *self, NameId name) {
  return self->parts->entities.items[name_get(self, name)->entity];
}
// What a name is, re-exports followed; worked out once for each.
Entity entity_find(const Index *self, NameId name);
// What a name is imported as, re-exports followed; itself if it is not imported.
NameId name_followed(const Index *self, NameId name);
// "pkg.C.method" through the order of C; 0 if there is none.
uint32_t method_find(const Index *self, ClassId id, Sym method);

// The class of the object that a name is bound to, attributes of objects included:
// "pkg.service.statistics"; {0} if it is not known.
ClassId object_class(const Index *self, NameId name);

// --- the parts of resolve ------------------------------------------------------------

// Some sections of a module, until the next call.
FactRows module_rows(const Index *self, uint32_t module, uint32_t wanted);

void names_resolve(Index *self);    // resolve_names.c: names, entities
void classes_resolve(Index *self);  // resolve_classes.c: orders, attributes
// The function that a caller names, 0 for import time and lambdas.
static inline uint32_t caller_find(const Index *self, uint32_t module,
                                   FactText caller) {
  return entity_exact(self, name_in(self, module, caller)).function;
}
void calls_resolve(Index *self);          // resolve_calls.c: edges, reach
void sites_resolve(Index *self);          // resolve_sites.c: where instances are made
void lives_resolve(Index *self);          // resolve_lives.c: how long they live
void touches_resolve(Index *self);        // resolve_touches.c: hazards from other code
void operations_resolve(Index *self);     // resolve_operations.c: containers
void exposures_resolve(Index *self);      // resolve_exposures.c: where dicts are made
void listings_resolve(Index *self);       // resolve_listings.c: who needs the lists
void makings_resolve(Index *self);        // resolve_makings.c: classes made at run time
void knots_resolve(Index *self);          // resolve_knots.c: what holds itself
void instances_resolve(Index *self);      // resolve_instances.c: who is made how often
void registrations_resolve(Index *self);  // resolve_registrations.c: what undoes them
void closings_resolve(Index *self);       // resolve_closings.c: what closing leaves

// A class and all below it, as far as FAMILY_MAX goes.
enum { FAMILY_MAX = 32 };
typedef struct Family {
  ClassId items[FAMILY_MAX];
  uint32_t count;
} Family;
Family family_of(const Index *self, ClassId id);

// resolve_intermediates.c: who else reads what a method keeps on self.
void intermediates_resolve(Index *self);

// Its own body or methods bind the name.
bool class_sets(const Index *self, const IndexClass *c, Sym name);
// Another class of the family does, or the family is not known.
bool family_has(const Index *self, ClassId id, Sym name);

// What containers that are stored on instances do there (resolve_stores.c).
typedef struct Stores Stores;
Stores *stores_in(Index *self, const FactRows *operations);  // by module
// What becomes of the attribute that an OPERATION_STORE names; {0} for other operations.
StoredLife stores_life(const Stores *all, uint32_t module, const FactOperation *fact,
                       bool is_mapping);

// What a function does with the container that an OPERATION_PASS hands it
// (resolve_passed.c).
typedef struct Callees Callees;
Callees *callees_in(Index *self);
OperationKind operation_passed_kind(Index *self, Callees *callees, uint32_t module,
                                    const FactOperation *fact, uint32_t container);

// Every call of the function around it writes out the arguments that the key is made of
// (index_cache.c).
bool index_key_is_fixed(const Index *self, const IndexOperation *op);
// … or it is one of a finite set (index_life.c).
bool index_key_is_finite(const Index *self, const IndexOperation *op);
// A decorator's variable lives as long as what it decorates while modules are imported.
bool index_closure_is_long(const Index *self, const IndexContainer *c);
// An entry more in each call, after the imports (index_life.c).
bool index_is_growth(const Index *self, const IndexContainer *c,
                     const IndexOperation *op);

const IndexAttribute *attribute_find(const Index *self, ClassId id, Sym name);
// Can it be written on an instance that has no dict?
static inline bool attribute_takes(uint32_t flags) {
  return (flags & (ATTRIBUTE_INIT | ATTRIBUTE_METHOD | ATTRIBUTE_FIELD |
                   ATTRIBUTE_SLOT | ATTRIBUTE_PROPERTY | ATTRIBUTE_ANNOTATED)) != 0;
}
// Does an instance have it: set on self, a field, or in __slots__.
static inline bool attribute_is_own(uint32_t flags) {
  return (flags &
          (ATTRIBUTE_INIT | ATTRIBUTE_METHOD | ATTRIBUTE_FIELD | ATTRIBUTE_SLOT)) != 0;
}

#endif
