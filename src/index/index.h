/* Index: the project, from the Facts of all its files.
 *
 *     Index *index = index_in(arena, facts, count, target);  // any order
 *     index->is_complete = true;                             // no file is missing
 *     index_resolve(index);
 *     for (uint32_t i = 1; i < index->class_count; i++) use(index_class(index, id));
 *
 * Merging is the union of Facts, sorted by module name, path and hash: associative and
 * independent of order. `index_resolve` computes everything else from that union alone.
 * The Facts must live as long as the Index. Ids start at 1 and follow the order of
 * modules, then of the source.
 *
 * A name of the project is a number, its owner's and the word behind the dot; each
 * module's names are turned into these once, and no string is built or compared to
 * resolve anything.
 */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "index/facts.h"
#include "index/layout.h"
#include "semantic/escape.h"

typedef struct ClassId {
  uint32_t i;
} ClassId;
typedef struct ContainerId {
  uint32_t i;
} ContainerId;
typedef struct RegistrationId {
  uint32_t i;
} RegistrationId;
typedef struct ListingId {
  uint32_t i;
} ListingId;
typedef struct IntermediateId {
  uint32_t i;
} IntermediateId;

// A place in some file: the file's number in the Index and the ordinal in its Facts.
typedef struct Place {
  uint32_t module;
  uint32_t ordinal;  // 0 = none
} Place;

static inline bool place_ok(Place place) { return place.ordinal != 0; }

// --- classes -------------------------------------------------------------------------

typedef struct IndexAttribute {
  Str name;
  uint32_t flags;  // ATTRIBUTE_*
  ClassId owner;   // the class of the chain that sets it first
} IndexAttribute;

// A place where instances are made.
typedef struct IndexSite {
  Place place;
  Sink sink;         // what becomes of them, if they may be kept in number; through
                     // factories, at the caller
  uint32_t context;  // Context.flags of FACT_CONTEXTS
  CallForm form;
  uint32_t bound;  // how often the loop runs, 0 = unknown
  bool is_small;   // fewer than 100 for certain
  bool is_kept;    // kept in number here
  HeldBy held;
  ClassId holder;  // of HELD_BY_SELF: the class of the method
  Place factory;   // the call in the factory, when it is reached through one
} IndexSite;

typedef struct IndexClass {
  const Facts *facts;
  const FactClass *fact;
  const FactBase *bases;                // of the fact
  const FactAttribute *own_attributes;  // likewise
  Str name;                             // qualified
  uint32_t name_id;                     // likewise, for resolve
  Place place;
  uint32_t module;
  uint32_t flags;        // CLASS_*
  uint32_t hazards;      // HAZARD_*, those of resolve and of the bases included
  const ClassId *order;  // the C3 order, itself first, project classes only
  uint32_t order_count;
  bool order_known;  // every base is known, in the project or by the tables
  const IndexAttribute *attributes;  // on instances, over the known order
  uint32_t attribute_count;
  const ClassId *subclasses;  // direct ones in the project
  uint32_t subclass_count;
  const IndexSite *sites;
  uint32_t site_count;
  uint32_t kept_count;  // sites where instances are kept in number
  bool is_many;         // more than one instance may live: kept, or made in a hot place
  bool is_long;         // some instance lives as long as the program
  Place held_at;        // where that one is made; {0} where its base class says so
} IndexClass;

// Can the class have __slots__ and would it work? `hazards` are those in the way.
typedef struct SlotsAdvice {
  bool is_possible;
  uint32_t hazards;
  const char *reason;  // of the first hazard: "a base class is not known"
  bool needs_weakref;  // "__weakref__" has to be among them
  const Str *names;    // own names in order, mangling undone
  uint32_t name_count;
  uint32_t all_count;  // instance attributes, those of the bases included
} SlotsAdvice;

// Why the instances of a class with __slots__ have a dict all the same.
typedef struct SlotsVoid {
  uint32_t source_count;  // of classes below it that give them one; 0 = they have none
  ClassId base;           // the nearest without __slots__ in the project
  Str outer;              // one outside of it: "collections.UserDict"
} SlotsVoid;

// The built-in type under a class.
typedef struct BuiltinRoot {
  LayoutRoot root;  // ROOT_OBJECT: none of the model
  Str name;         // "builtins.list"
  bool is_alone;    // every base is known, and nothing else decides the layout
} BuiltinRoot;

// Slots that a class and one below it have both, or that it names twice itself.
typedef struct SlotTwice {
  Str name;
  bool in_base;  // else the class names it twice
} SlotTwice;
typedef struct SlotsTwice {
  ClassId base;  // that has the first of them; {0} = only the class itself
  const SlotTwice *names;
  uint32_t count;
} SlotsTwice;

// --- containers ----------------------------------------------------------------------

// Of what a container is stored as.
typedef struct StoredLife {
  Place grown_at;   // some place where it grows, if nothing empties it
  bool is_emptied;  // some code does, or may
} StoredLife;

typedef struct IndexOperation {
  const FactOperation *fact;
  OperationKind kind;  // of the fact; OPERATION_PASS resolved by what the callee does
  Place place;
  StoredLife stored;  // OPERATION_STORE
  uint32_t module;
  bool at_making;          // only while an instance is made: constructors call it alone
  bool at_import;          // runs while modules are imported, calls included
  bool from_import;        // in a function, no constructor, that the imports call too
  bool in_handler;         // in a handler or worker, or called from one
  bool in_method_of_many;  // in a method of a class with many instances
  bool in_generator;       // its caller decides how long it runs
  bool in_test;
} IndexOperation;

typedef struct IndexContainer {
  const Facts *facts;
  const FactContainer *fact;
  Str name;  // qualified
  Place place;
  uint32_t module;
  ClassId owner;    // of class-level and instance containers and methods' defaults
  bool is_rebound;  // of instances: other code binds the attribute
  const IndexOperation *operations;  // of all modules, in order
  uint32_t operation_count;
} IndexContainer;

// What the project does to a container after the imports.
typedef struct ContainerLife {
  const IndexOperation *growth;   // the strongest: in a handler, a class of many …
  const IndexOperation *removal;  // one that may bound it, NULL if there is none
  const IndexOperation *escape;   // stored, passed on or, if that is all, returned
  const IndexOperation *store;    // it is stored on an instance, and grows there
  uint32_t growth_count;
  Place held_at;     // where the object that has it is made, if that is known
  bool is_long;      // a module, a class or an object that lives long has it
  bool is_written;   // entries are added, if only so many
  bool is_grown;     // the growth is evidence: handler, worker, class of many
  bool is_external;  // by keys from outside
  bool on_one_path;  // the only removals miss some path
  bool is_memo;      // every growth fills in what was looked up
  bool is_waited;    // code waits for the tasks in it, or cancels them
  bool is_guarded;   // a length or truth test decides over some growth
  bool via_self;     // some growth goes through self
} ContainerLife;

typedef struct IndexRegistration {
  const Facts *facts;
  const FactRegistration *fact;
  Place place;
} IndexRegistration;

// A function that returns a list of its own, and what the whole project does with it.
typedef struct IndexListing {
  const FactListing *fact;
  Str name;  // qualified
  Place place;
  Place walked;      // a call that walks through the list once; {0} if there is none
  bool is_needed;    // somebody needs the list, or uses the function otherwise
  bool is_exported;  // code outside of the project may call it
} IndexListing;

// A heavy value that one method keeps on self, and what the whole project does with it.
typedef struct IndexIntermediate {
  const FactIntermediate *fact;
  ClassId owner;
  Str name;  // as it is written
  Place place;
  Place read;
  bool is_read;    // other code reads it, or all that the instances have
  bool is_shared;  // another class of the family has it, or the family is not known
  bool is_hidden;  // the class does what cannot be followed
} IndexIntermediate;

// --- the whole -----------------------------------------------------------------------

typedef struct IndexParts IndexParts;  // what resolve keeps for itself

typedef struct Index {
  Arena *arena;
  Target target;
  const Facts **modules;  // sorted
  uint32_t module_count;
  bool is_complete;           // set by the caller: every file of the project is in it
  bool is_distributed;        // likewise: it is built as a package, for others to use
  const IndexClass *classes;  // item 0 is unused, in these five
  const IndexContainer *containers;
  const IndexRegistration *registrations;
  const IndexListing *listings;
  const IndexIntermediate *intermediates;
  uint32_t class_count, container_count, registration_count, listing_count;
  uint32_t intermediate_count;
  IndexParts *parts;
} Index;

// The union of Facts, in any order; equal ones (module, path, hash) count once.
Index *index_in(Arena *arena, const Facts *const *facts, uint32_t count, Target target);
// The union of two unresolved ones.
Index *index_merge(Arena *arena, const Index *a, const Index *b);
void index_resolve(Index *self);
void index_dump(const Index *self, Buf *out);  // `dump index`

const IndexClass *index_class(const Index *self, ClassId id);  // never NULL
const IndexContainer *index_container(const Index *self, ContainerId id);
const IndexRegistration *index_registration(const Index *self, RegistrationId id);
const IndexListing *index_listing(const Index *self, ListingId id);
const IndexIntermediate *index_intermediate(const Index *self, IntermediateId id);
// By qualified name, re-exports followed; {0} if it is none of the project's.
ClassId index_find_class(const Index *self, Str name);
ContainerId index_find_container(const Index *self, Str name);
// The site with the most instances, of those that keep them in number; NULL if none does.
const IndexSite *index_kept_site(const IndexClass *c);
ContainerLife index_life(const Index *self, ContainerId id);
// One of its operations adds an entry more in each call, after the imports.
bool index_is_growth(const Index *self, const IndexContainer *c,
                     const IndexOperation *op);
SlotsAdvice index_slots(const Index *self, ClassId id, Arena *arena);
BuiltinRoot index_builtin_root(const Index *self, ClassId id);
Layout index_layout(const Index *self,
                    ClassId id);  // as far as its attributes are known
SlotsVoid index_slots_void(const Index *self, ClassId id);
// Would `__slots__ = ()` in this base, whose instances have nothing, do no harm?
bool index_empty_slots_fit(const Index *self, ClassId base);
SlotsTwice index_slots_twice(const Index *self, ClassId id, Arena *arena);
const char *hazard_text(uint32_t hazards);  // of the lowest bit; "" for 0

Span index_place_span(const Index *self, Place place);
Str index_place_scope(const Index *self, Place place);      // "Class.method" around it
Str index_module_path(const Index *self, uint32_t module);  // project-relative
Str index_module_name(const Index *self, uint32_t module);
// A name of a module's rows, whole; made anew for each question.
Str index_name(const Index *self, uint32_t module, FactText name);

#endif
