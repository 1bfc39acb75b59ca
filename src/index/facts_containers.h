/* What the files that collect containers share: what is done to one, how its keys are
 * spelled, and what stands around what grows.
 */
#ifndef INDEX_FACTS_CONTAINERS_H
#define INDEX_FACTS_CONTAINERS_H

#include "index/facts_internal.h"

// --- facts_containers.c --------------------------------------------------------------

// `__init__`, `__new__`, `__post_init__`.
bool is_constructor(const Tree *t, NodeId function);
// Fills holder-independent fields; false when the expression builds no container.
bool container_read(FactsBuilder *b, NodeId value, FactContainer *out);
// `self.options = options` of `**options`: a dict of this call alone.
bool is_own_keywords(FactsBuilder *b, NodeId value);
uint32_t container_flags(const FactsBuilder *b);  // by the file
void containers_collect(FactsBuilder *b);

// --- facts_closures.c ----------------------------------------------------------------

// `f.x = {}`: what a function has as an attribute.
void function_attribute_collect(FactsBuilder *b, const MentionGroup *group);
// What an inner function keeps that is returned.
void closures_collect(FactsBuilder *b, ScopeId function);

// --- facts_operations.c --------------------------------------------------------------

// What one mention of a container does to it, as far as its surroundings tell.
typedef struct Operation {
  OperationKind kind;
  uint32_t flags;
  NodeId place;       // what to point at
  NodeId key;         // the key or element, if there is one
  NodeId value;       // what is stored
  FactText callee;    // OPERATION_PASS: the function that gets it,
  uint32_t argument;  // … and at which position, or ARGUMENT_PACKED
  NodeId test;        // the if, while or assert that looks at it
  DefId alias;     // OPERATION_ALIAS: the local name that stands for it from there on
  bool is_method;  // … or for its growing (shrinking) method
  bool is_setdefault;
  bool is_put;     // OPERATION_GROW: `x.put(v)`
  bool is_frozen;  // OPERATION_REBIND: of the factory of a defaultdict
} Operation;

Operation operation_at(FactsBuilder *b, NodeId mention, ValueKind type);
Operation operation(OperationKind kind, NodeId place);
Operation tested(OperationKind kind, NodeId place, NodeId test);
// `y = x`, `y = x.append`: a name for it, or something that keeps it.
Operation bound_operation(FactsBuilder *b, NodeId assignment);

// --- facts_mutators.c ----------------------------------------------------------------

OperationKind kind_of_effect(uint32_t effect);  // MUTATES_*
bool is_sequence(ValueKind type);
// `x.method`, called or not.
Operation method_operation(FactsBuilder *b, NodeId attribute, ValueKind type);
// x[a][b][c] around x[a].
NodeId outermost_item(const Tree *t, NodeId subscript);
// The statement whose condition a test belongs to: through `not`, `and`, `or` and
// comparisons.
NodeId test_statement(const Tree *t, NodeId n);

// --- facts_tasks.c -------------------------------------------------------------------

// The value is a task or future that runs, or some.
bool starts_work(FactsBuilder *b, NodeId value);
// Code waits here for the tasks in a container, or cancels them.
bool is_waited_for(FactsBuilder *b, NodeId mention);

// --- facts_passed.c ------------------------------------------------------------------

// `op` of an argument, with the function that gets it, or an escape.
Operation passed_operation(FactsBuilder *b, NodeId call, NodeId argument, Operation op);
enum { ARGUMENT_PACKED = 254 };  // in a tuple, list or dict that is the argument
// The callee belongs to other packages, or keeps what it is given.
bool is_abroad(FactsBuilder *b, NodeId callee);

// --- facts_default.c -----------------------------------------------------------------

// The code around the mention of a parameter runs for other arguments than its default.
bool default_is_left_out(FactsBuilder *b, NodeId mention, ValueKind type,
                         bool is_falsy);
// `options: Mapping[str, str] = {}`: by its annotation nobody changes it.
bool default_is_promised(FactsBuilder *b, NodeId value);

// --- facts_keys.c --------------------------------------------------------------------

typedef struct Key {
  KeyDomain domain;
  ValueKind type;
  FactText class_name;
} Key;
Key key_of(FactsBuilder *b, NodeId key);
// Few, by their names (facts_few.c): the key, what extends the program.
bool name_says_few(Str name);
bool key_says_few(FactsBuilder *b, NodeId key);
bool is_extension(FactsBuilder *b, FactText owner, NodeId value);
// What a local name stands for: `kind = type(x)`, `name = cls.__name__`.
NodeId behind_name(FactsBuilder *b, NodeId key);
// Tests let only a few keys come to this mention of a name (facts_finite.c).
bool is_among_few(FactsBuilder *b, NodeId key);
// The type of a parameter as the path of its handler tells; VALUE_UNKNOWN without one.
ValueKind type_by_route(FactsBuilder *b, NodeId parameter);
// Does `k in x` (or `not in`) say, by the statement that tests it, that the key is missing
// where `node` runs? Where more than that is tested, it may.
bool is_where_missing(const Tree *t, NodeId comparison, NodeId statement, NodeId node);
// What is written out: a literal, or a name that only stands for one.
bool is_written_out(FactsBuilder *b, NodeId value);
// "call", "call.id", "id(call)", where the name is used as an object with attributes, so
// that one cannot be the other; {0} for anything else.
FactWord key_spelled(FactsBuilder *b, NodeId key);
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
  FactText owner;       // qualified
  ValueKind type;       // VALUE_UNKNOWN where this file does not tell
  bool is_full;         // reads and escapes matter too
  bool is_falsy;        // it is an empty container: `x or []` is never x
  bool is_default;      // of a parameter
  bool may_fill;        // reading x[k] makes an entry, for all that is known
  bool is_elsewhere;    // another file, or class, makes it
  uint32_t aliases;     // followed so far
  uint32_t followed;    // parameters and attributes that a queue was followed to
  uint8_t values_read;  // somebody asks for values: 1 = no, 2 = yes, 0 = not asked yet
  VEC(Found) found;     // in the order of the source, aliases where they are made
  VEC(Found) tests;     // those that may decide whether it grows
} Gathering;

Gathering gather_begin(FactsBuilder *b, FactText owner, ValueKind type, bool is_full);
void gather_mention(Gathering *self, NodeId mention, uint32_t via);
// The mentions that a definition reaches: all of them where it is the only one.
void gather_def(Gathering *self, DefId def);
void gather_finish(Gathering *self);  // adds the rows
// In different branches of one `if`: one call does not do both.
bool are_in_two_branches(const Tree *t, NodeId a, NodeId b);

// The block of an if or loop always leaves it: return, raise, continue or break last.
bool block_leaves(FactsBuilder *b, NodeId block);
// The statement `test` decides whether `node` runs: it holds it outside of its condition,
// or it leaves before.
bool test_decides(FactsBuilder *b, NodeId test, NodeId node);
// The `with contextlib.suppress(…)` around a node; NO_NODE without one.
NodeId suppressing_around(FactsBuilder *b, NodeId node);

// --- facts_lookup.c ------------------------------------------------------------------

// x[k] that is read.
typedef struct Lookup {
  Key key;
  uint8_t parameters;  // as in Origin
  uint32_t flags;      // OPERATION_HANDED, _GIVEN
} Lookup;
// By a key that comes from an argument, where nothing says that it is there, or that a new
// entry is meant.
bool is_lookup_of_argument(const Gathering *self, const Found *read, Lookup *out);
// They stand in two branches of one `if`: never both of them run.
bool is_one_of_two(const Tree *t, NodeId a, NodeId b);
// CONTAINER_FILLS and _FILLS_PLAIN, as the factory of `defaultdict(…)` tells.
uint32_t factory_flags(FactsBuilder *b, NodeId call);

// --- facts_queues.c ------------------------------------------------------------------

bool queue_read(FactsBuilder *b, NodeId call, FactContainer *out);
// The queues that a function makes and names.
void queues_collect(FactsBuilder *b, ScopeId function);
// A mention of a queue that goes somewhere: what is done to it there, in this file. False
// where it cannot be followed.
bool queue_follow(Gathering *self, NodeId mention, uint32_t via);
void zeros_collect(FactsBuilder *b);
// `.get()`, `.get(timeout=1)`: of a queue, and of no mapping.
bool is_queue_get(FactsBuilder *b, NodeId call, ValueKind type);
// What is put is written out: it wakes somebody, and says no more.
bool is_sentinel(FactsBuilder *b, NodeId value);

// --- facts_rings.c -------------------------------------------------------------------

// What this file asks of a list or deque: CONTAINER_TAIL, _READ, _CUT. After gather_tests().
void ring_read(Gathering *self, FactContainer *row);
// The lists of a function that are ring buffers.
void rings_collect(FactsBuilder *b, ScopeId function);
// `x[-1]`, `x[-k:]`.
bool is_tail_read(FactsBuilder *b, const Found *found, uint32_t *last);
// N of `len(x) > N` in the statement that decides whether `at` runs; NO_NODE for others.
NodeId guard_limit(FactsBuilder *b, const Found *guard, NodeId at);

// --- facts_glances.c -----------------------------------------------------------------

void attribute_glance(FactsBuilder *b, NodeId attribute, Str name);
void import_glance(FactsBuilder *b, NodeId identifier);
// Of attributes of self, where the class does not make them.
void groups_glance(FactsBuilder *b);

// --- facts_served.c ------------------------------------------------------------------

// Why a mention runs again and again: OPERATION_TOLD, _ENDS, _CALLED_BACK, _OFTEN.
uint32_t repeat_flags(FactsBuilder *b, NodeId mention);
// What a function that adds does besides: OPERATION_AWAITS, _PACED.
uint32_t pace_flags(FactsBuilder *b, NodeId mention, NodeId value);
// Something gets the function to call it back.
bool is_handed_as_callback(FactsBuilder *b, NodeId expression);

// --- facts_origin.c, facts_cache.c ---------------------------------------------------

// What a key is made from.
typedef struct Origin {
  bool is_argument;    // of an argument, or of what a handler or worker is given
  uint8_t parameters;  // those that alone decide it, self left out; 0 = not only these
} Origin;
Origin origin_of(FactsBuilder *b, NodeId key);
// The key comes out of this container itself: `for k in x: x[k]`.
bool origin_is(FactsBuilder *b, NodeId key, NodeId container);
// A key as it is written, for comparing.
uint64_t key_hash(FactsBuilder *b, NodeId key);
// The key that a look-up asks for: k of `k in x`, `x.get(k)`, `x[k]`; NO_NODE for others.
NodeId key_asked(const Tree *t, NodeId mention);
// The growth makes what a look-up of the same key missed, from arguments.
bool fills_cache(Gathering *self, const Found *growth, Origin *origin);

// --- facts_around.c ------------------------------------------------------------------

// The guards, membership tests and look-ups that may decide about growths.
void gather_tests(Gathering *self);
// A test above or around lets only keys pass that are known.
bool is_validated(FactsBuilder *b, const Found *found);
// A test of the length decides whether it happens.
bool gather_is_guarded(const Gathering *self, const Found *found);
uint32_t growth_flags(const Gathering *self, const Found *growth);  // OPERATION_*

#endif
