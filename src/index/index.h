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
typedef struct MakingId {
  uint32_t i;
} MakingId;
typedef struct KnotId {
  uint32_t i;
} KnotId;
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

#define SITE_UNKNOWN UINT32_MAX  // in a lambda or the like

// A place where instances are made.
typedef struct IndexSite {
  Place place;
  Sink sink;         // what becomes of them, if they may be kept in number; through
                     // factories, at the caller
  uint32_t context;  // Context.flags of FACT_CONTEXTS
  CallForm form;
  uint32_t bound;   // how often the loop runs, 0 = unknown
  uint8_t times;    // CALL_SINGLE, CALL_REPEATED
  uint32_t caller;  // the function, for resolve; 0 = at import, SITE_UNKNOWN
  bool is_small;    // fewer than 100 for certain
  bool is_kept;     // kept in number here
  HeldBy held;
  ClassId holder;  // of HELD_BY_SELF: the class of the method
  Place factory;   // the call in the factory, when it is reached through one
} IndexSite;

// A place where the dict of an instance is asked for.
typedef struct IndexExposure {
  Place place;
  uint32_t function;   // that it stands in, as resolve numbers them
  bool is_of_self;     // a method asks its own instance
  bool is_hot;         // for one instance after the other
  bool is_in_making;   // while each is made
  bool is_storing;     // to set attributes
  bool is_cached;      // a cached_property of the class is read in the file
  bool is_made_there;  // of an object that its function makes: no other is asked
} IndexExposure;

// How many instances of a class and its subclasses the project makes, tests left out.
typedef enum MadeCount {
  MADE_UNKNOWN,  // none that is seen, or by what may run any number of times
  MADE_ONCE,     // one of each class at most
  MADE_MANY,
} MadeCount;

typedef struct IndexClass {
  const Facts *facts;
  const FactClass *fact;
  const FactBase *bases;                // of the fact
  const FactAttribute *own_attributes;  // likewise
  Str name;                             // qualified
  uint32_t name_id;                     // likewise, for resolve
  Place place;
  uint32_t module;
  uint32_t flags;       // CLASS_*
  uint32_t hazards;     // HAZARD_*, those of resolve and of the bases included
  uint32_t touched;     // of them, what the code of the first module does that does any
  uint32_t touched_in;  // … its number
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
  const IndexExposure *exposures;
  uint32_t exposure_count;
  MadeCount made;
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
  bool runs_once;          // its function runs at most once, and it stands in no loop
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

// A container that is used as a cache (OPERATION_CACHES).
typedef struct CacheLife {
  const IndexOperation *fill;  // where it is filled, first of all in a handler; or NULL
  bool is_grown;               // evidence: a handler, a worker, a class of many
  const char *refusal;         // of what fills it, where none counts; or NULL
  const IndexOperation *refusing;
} CacheLife;

// A queue, or a deque used as one, that takes whatever is put.
typedef struct QueueLife {
  const IndexOperation *put;    // again and again, by nobody who takes; or NULL
  const IndexOperation *taken;  // by somebody else
  bool is_grown;                // put in a handler, a callback or a worker
  bool is_long;
  bool is_paced;                   // who puts sleeps in between, or waits for work
  const char *refusal;             // why it is none, of what is put to; or NULL
  const IndexOperation *refusing;  // what says so; or NULL
} QueueLife;

// A list that is used as a ring buffer.
typedef struct RingLife {
  bool is_ring;
  bool is_cut;    // it is cut by hand; else all is kept, and only the end is read
  uint32_t last;  // how many of the last, 0 = not known
  const IndexOperation *growth, *read;  // NULL where they stand in the file of a local
  const char *refusal;                  // why it is none; NULL = it is one
  const IndexOperation *refusing;       // what says so; or NULL
} RingLife;

// Reading x[k] of a container that makes an entry for what is missing.
typedef struct LookupLife {
  const IndexOperation *read;     // first of all one in a handler; or NULL
  bool is_grown;                  // evidence: a handler, a worker, a class of many
  bool is_given_only;             // what it gives may be changed by callers
  const IndexOperation *removal;  // entries are removed, and not only parts of them
  const char *refusal;            // of what reads it, where none counts; or NULL
  const IndexOperation *refusing;
} LookupLife;

// What is handed to those who keep it, joined with what the project does about it.
typedef struct IndexRegistration {
  const Facts *facts;
  const FactRegistration *fact;
  Place place;
  uint32_t module;
  RegisterKind form;         // of the fact, names of other files followed
  Str name;                  // likewise: "atexit.register"
  uint32_t flags;            // REGISTRATION_*, likewise
  ClassId owner;             // of what is held, or around; 0 = none of the project's
  MadeCount made;            // of the owner
  Str group;                 // of names of other files
  uint32_t publisher;        // its name, for resolve; 0 = not known
  HeavyKeyWhy heavy;         // REGISTER_CACHES: what the instances of `owner` hold
  RegistrationId undone_by;  // what does so; {0} = it says so itself, or nothing does
  bool is_undone;            // something ends it, or may
  bool on_one_path;          // something does, if an option says so
  bool is_value;             // `self.x` is no method, as a base of another file tells
  bool is_weak;     // the publisher's class keeps it weakly, or the last one only
  bool is_strong;   // the publisher's method is known, and keeps it
  bool at_import;   // runs while modules are imported, calls included
  bool in_handler;  // in a handler or worker, or called from one
  bool runs_in_loop;  // a loop calls its function, or what calls it
  bool runs_once;   // the function runs at most once
  bool in_method_of_many;  // in a method of a class with many instances
  bool in_init;            // in `__init__` and kind
} IndexRegistration;

// An object that stores what holds it, in an attribute of its own.
typedef struct IndexKnot {
  const FactKnot *fact;
  Str attribute;
  Place place, back, size;  // of the fact
  uint32_t module;
  ClassId owner;  // of the object; {0} where it is not known
} IndexKnot;

// What the whole project says of it.
typedef struct KnotLife {
  const char *refusal;  // why it is none, or is not known to be one; NULL = it is
  ClassId made;         // of FactKnot.made: the class that holds the object
  Str held_as;          // its attribute
  bool is_single;       // there is one such object for the whole program
  bool is_many;
} KnotLife;

enum { LEFT_MAX = 3 };

// Something that a class holds and that its closing methods leave.
typedef struct Left {
  Str name;  // of the attribute
  Place place;
  HeldKind what;
  ClassId made;  // of OWNED_INSTANCE
  bool is_back;  // a way back to the object: `what` means nothing
} Left;

// What the closing methods of one class leave.
typedef struct ClosingLife {
  const char *refusal;  // why nothing is said; NULL with some `left`
  Str method;           // a closing method that releases something
  Place place;          // its name
  Str released;         // what it releases, and where
  Place released_at;
  Left left[LEFT_MAX];
  uint32_t left_count;  // of these; more than LEFT_MAX are not told
} ClosingLife;

// A function that returns a list of its own, and what the whole project does with it.
typedef struct IndexListing {
  const FactListing *fact;
  Str name;  // qualified
  Place place;
  Place walked;      // a call that walks through the list once; {0} if there is none
  bool is_needed;    // somebody needs the list, or uses the function otherwise
  bool is_exported;  // code outside of the project may call it
} IndexListing;

// A class that is made at run time.
typedef struct IndexMaking {
  const FactMaking *fact;
  Str name;
  ClassId made;  // of a class statement; or {0}
  Place place;
  Place cause;     // the call in a loop, handler or worker that makes it run; or {0}
  bool at_import;  // every call of its function runs while modules are imported
  bool may_recur;  // who calls its function, or one that calls it, is not known
  bool is_cached;  // its function's results are kept, and given again
  bool is_hot;     // in a loop, handler or worker, or in a function called from one
} IndexMaking;
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
  const IndexMaking *makings;
  const IndexKnot *knots;
  uint32_t class_count, container_count, registration_count, listing_count;
  const IndexIntermediate *intermediates;
  uint32_t making_count, knot_count, intermediate_count;
  IndexParts *parts;
} Index;

// The union of Facts, in any order; equal ones (module, path, hash) count once.
Index *index_in(Arena *arena, const Facts *const *facts, uint32_t count, Target target);
// The union of two unresolved ones.
Index *index_merge(Arena *arena, const Index *a, const Index *b);
void index_resolve(Index *self);

// `dump index`: modules, classes, containers and registrations, and what was understood
// of each. `line` gives the line, from 1, of an offset in a module; without it places are
// module and ordinal.
typedef uint32_t PlaceLineFn(void *data, uint32_t module, uint32_t offset);
void index_dump(const Index *self, PlaceLineFn *line, void *data, Buf *out);

const IndexClass *index_class(const Index *self, ClassId id);  // never NULL
const IndexContainer *index_container(const Index *self, ContainerId id);
const IndexRegistration *index_registration(const Index *self, RegistrationId id);
const IndexListing *index_listing(const Index *self, ListingId id);
const IndexMaking *index_making(const Index *self, MakingId id);
const IndexKnot *index_knot(const Index *self, KnotId id);
const IndexIntermediate *index_intermediate(const Index *self, IntermediateId id);
// By qualified name, re-exports followed; {0} if it is none of the project's.
ClassId index_find_class(const Index *self, Str name);
ContainerId index_find_container(const Index *self, Str name);
// The site with the most instances, of those that keep them in number; NULL if none does.
const IndexSite *index_kept_site(const IndexClass *c);
// A class whose instances are kept in number and run this method, or are what it asks:
// the class itself, or for methods one below it that does not define it anew; {0} if none.
ClassId index_exposed(const Index *self, ClassId id, const IndexExposure *exposure);
ContainerLife index_life(const Index *self, ContainerId id);
RingLife index_ring(const Index *self, ContainerId id);
QueueLife index_queue(const Index *self, ContainerId id);
LookupLife index_lookup(const Index *self, ContainerId id);
CacheLife index_cache(const Index *self, ContainerId id);
// One of its operations adds an entry more in each call, after the imports.
bool index_is_growth(const Index *self, const IndexContainer *c,
                     const IndexOperation *op);
// Why it does not, in words; or NULL.
const char *index_growth_refusal(const Index *self, const IndexContainer *c,
                                 const IndexOperation *op);
KnotLife index_knot_life(const Index *self, KnotId id);
ClosingLife index_closing_life(const Index *self, ClassId id);
// Every instance of it and its subclasses is made once, where the program starts.
bool index_is_single(const Index *self, ClassId id);
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
Str index_word(const Index *self, uint32_t module, FactWord word);

#endif
