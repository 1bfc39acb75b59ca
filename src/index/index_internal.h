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

typedef struct IndexFunction {
  const FactFunction *fact;
  uint32_t module;
  ClassId owner;        // of methods
  uint32_t first_call;  // index in `edges` of what it calls, chained; 0 = none
  bool is_called;       // some call of it is known
  bool is_constructor;  // __init__, __post_init__ or __new__ of a class that is made
  bool at_import;       // every call of it runs while modules are imported
  bool from_import;     // some call of it does
  bool in_handler;      // a handler or worker, or called from one
  bool runs_often;      // … or from a loop
} IndexFunction;

// What a qualified name is.
typedef struct Entity {
  uint32_t class_id, function, container, module;  // 0 = it is none
} Entity;

// One resolved FactCall.
typedef struct Edge {
  const FactCall *call;
  uint32_t module;
  uint32_t caller;    // function, 0 = import time or a lambda
  uint32_t function;  // that it calls, or
  ClassId made;       // the class that it instantiates
  bool by_cls;        // … or a subclass of it
  ClassId through;    // the class through which a class method is called
  uint32_t next;      // of the same caller
} Edge;

struct IndexParts {
  Interner names;
  Map entity_of;  // name -> index in `entities`
  VEC(Entity) entities;
  Map imports;  // (module, name) -> name of the target
  VEC(IndexClass) classes;
  VEC(IndexContainer) containers;
  VEC(IndexRegistration) registrations;
  VEC(IndexFunction) functions;  // item 0 is unused
  VEC(Edge) edges;               // likewise
  uint32_t *class_of;  // by module: id of its first class; one more item than modules
  uint32_t *function_of;  // likewise
  Map attribute_at;       // (class, name) -> index in its attributes + 1
  Map attribute_names;    // names of attributes of any class -> 1
  Map asked;              // (module, text) -> index in `answers`
  VEC(Entity) answers;
};

Str index_text(const Index *self, uint32_t module, FactText text);
// The qualified name of something in a module, interned.
Sym qualified_in(Index *self, uint32_t module, Str name);
Entity entity_exact(const Index *self, Str name);
// What a qualified name is, re-exports followed.
Entity entity_find(const Index *self, Str name);
// The part before the last dot.
static inline Str name_owner(Str name) {
  Str last = str_after_last(name, '.');
  return last.n == name.n ? STR_NONE : str_slice(name, 0, name.n - last.n - 1);
}
// "pkg.C.method" through the order of C; 0 if there is none.
uint32_t method_find(const Index *self, ClassId id, Str method);

void names_resolve(Index *self);    // resolve_names.c: entities
void classes_resolve(Index *self);  // resolve_classes.c: orders, attributes
// The same for a text of a module's Facts; asked once for each.
Entity entity_of_text(Index *self, uint32_t module, FactText text);
// The function that a caller's text names, 0 for import time and lambdas.
uint32_t caller_find(Index *self, uint32_t module, FactText caller);
void calls_resolve(Index *self);       // resolve_calls.c: edges, reach
void sites_resolve(Index *self);       // resolve_sites.c: where instances are made
void touches_resolve(Index *self);     // resolve_touches.c: hazards from other code
void operations_resolve(Index *self);  // resolve_operations.c: containers

// What containers that are stored on instances do there (resolve_stores.c).
typedef struct Stores Stores;
Stores *stores_in(Index *self);
// Where the attribute that an OPERATION_STORE names grows, if nothing empties it.
Place stores_growth(const Stores *all, uint32_t module, const FactOperation *fact,
                    bool is_mapping);

const IndexAttribute *attribute_find(const Index *self, ClassId id, Str name);
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
