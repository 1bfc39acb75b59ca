/* What the parts of effects share: effect.c (sums), effect_call.c (calls),
 * effect_store.c (names, attributes, iteration), effect_watch.c (aliases), mutate.c,
 * disturb.c, effect_mention.c (what stands in a
 * range).
 */
#ifndef SEMANTIC_EFFECT_INTERNAL_H
#define SEMANTIC_EFFECT_INTERNAL_H

#include "base/map.h"
#include "semantic/calls.h"
#include "semantic/effect.h"
#include "semantic/place_internal.h"

enum {  // beyond the public bits; they become public ones or vanish at the border
  EFFECT_LOCAL_STORES = 1 << 16,    // into an object that this very call made
  EFFECT_LOCAL_ACTS = 1 << 17,      // a mutating method of such an object
  EFFECT_LOCAL_CONSUMES = 1 << 18,  // advances an iterator that this very call made
  EFFECT_SELF_STORES = 1 << 19,     // an attribute of the method's own first parameter
  EFFECT_FOREIGN = 1 << 20,         // may run code of the project that we do not see
  EFFECT_CALLS_LOCAL = 1 << 21,     // calls a function of this file
  EFFECT_LOCAL_IMPURE = 1 << 22,    // … which acts, stores or consumes
  EFFECT_DONE = 1 << 30,            // the sum is known
};
#define EFFECT_ANYTHING \
  ((EffectSet)(EFFECT_UNKNOWN_CALL | EFFECT_MAY_RAISE | EFFECT_STORES | EFFECT_BINDS | \
               EFFECT_FOREIGN))

typedef struct CallEdge {
  ScopeId callee;
  bool makes;  // an `__init__` run on a new object: its stores on self are not visible
} CallEdge;

typedef struct CallEffect {
  EffectSet direct;  // of the call itself, without functions of this file
  uint32_t first_edge, edge_count;
} CallEffect;

typedef struct FunctionEffect {
  EffectSet own, total;
  uint32_t first_edge, edge_count;  // in `function_edges`
  uint32_t index, low;              // Tarjan's; 0 = not visited
  bool done, on_stack;
} FunctionEffect;

typedef struct FunctionFrame {
  ScopeId function;
  uint32_t next_edge;
} FunctionFrame;

// One object as an expression denotes it: a variable, and attributes from there.
enum { PATH_PARTS = 6, WATCH_LIMIT = 24 };
typedef struct Watch {
  BindingId root;
  uint32_t part_count;
  Str parts[PATH_PARTS];
  bool alias;   // another name for the object: rebinding it changes nothing
  bool inside;  // the object lies in what this denotes
  bool number;  // nothing but binding the variable anew changes it
  DefId from;   // only uses that this definition reaches, if set
} Watch;

typedef struct WatchList {
  Watch items[WATCH_LIMIT];
  uint32_t count;
  bool shared;    // reachable from elsewhere: unknown code may change it
  bool foreign;   // another module's (sys.modules): reading an attribute may change it
  bool overflow;  // more than we follow
} WatchList;

// An expression of more nodes is not looked through: lists nest in lists, and each of
// them asks about all that it holds. The answer is the careful one.
enum { EXPRESSION_NODES = 4096 };
static inline bool expression_is_vast(const Tree *t, NodeId expression) {
  return node_after(t, expression) - expression.i > EXPRESSION_NODES;
}

// A run of nodes, [first, after).
typedef struct Range {
  uint32_t first, after;
} Range;

// The defs and refs of each binding, sorted by node: those in a range are found by
// bisection. An item is the node's number above, the def's or ref's below.
typedef struct MentionIndex {
  uint32_t *def_start, *ref_start;  // by binding; one more than there are bindings
  uint64_t *defs, *refs;            // NULL until asked for
} MentionIndex;

struct Effects {
  EffectSet *sums;  // by node
  Map calls;        // node -> index + 1 in call_effects
  VEC(CallEffect) call_effects;
  VEC(CallEdge) edges;
  FunctionEffect *functions;  // by scope
  VEC(CallEdge) function_edges;
  VEC(FunctionFrame) frames;
  VEC(ScopeId) component;
  uint32_t next_index;
  VEC(uint32_t) visited;
  uint8_t *fresh;  // by binding: FRESH_…
  MentionIndex mentions;
  Map parameters;    // DefId × kind of what is passed -> a MutationAnswer + 1, or
                     // PARAMETER_ASKED
  uint32_t depth;    // of questions about parameters inside each other
  DefId asked;       // the innermost of them
  ValueKind passed;  // … and what it is given
  uint8_t *changed_inside;  // by binding: CHANGED_…, in functions that capture it
};

struct Effects *effects_of(Model *m);

// effect.c: raw sums, with the internal bits.
EffectSet effect_sum(Model *m, NodeId root);
EffectSet effect_sum_range(Model *m, Range range);
EffectSet effect_public(EffectSet raw);
EffectSet effect_total(Model *m, ScopeId function);

// effect_call.c
const CallEffect *call_effect(Model *m, NodeId call);
// The function of this file that the callee certainly is: a plain or transparently
// decorated def, or a lambda; {0} otherwise.
ScopeId callee_function(Model *m, NodeId callee);
// The class of this file that the callee certainly is, as a class_definition node.
NodeId callee_class(Model *m, NodeId callee);
// The callee certainly is what `namedtuple` made in this file.
bool callee_is_tuple_type(Model *m, NodeId callee);
// Its own or inherited `__init__` in this file; *known is false if there may be
// another.
ScopeId class_initialiser(Model *m, NodeId class_node, bool *known);

// effect_store.c
EffectSet node_effect(Model *m, NodeId node);  // of one node that is no call
EffectSet consume_effect(Model *m, NodeId iterated);
// An identifier whose every value is an object made by the running call of its
// function.
bool name_is_fresh(Model *m, NodeId identifier);
bool expression_is_fresh(Model *m, NodeId expression);
// The identifier is the first parameter of the method that is running.
bool name_is_self(Model *m, NodeId identifier);

// effect_watch.c
void watch_collect(Model *m, NodeId source, WatchList *out);
void watch_collect_binding(Model *m, BindingId binding, WatchList *out);
// The expression that the watch denotes, starting from a mention of its root; NO_NODE
// if the mention goes elsewhere.
NodeId watch_match(const Model *m, NodeId identifier, const Watch *watch);
bool binding_is_shared(const Model *m, BindingId binding, ScopeId reader);

// mutate.c
typedef struct MutationQuestion {
  Range range;
  ScopeId reader;     // the function that runs the range
  bool by_parameter;  // what the name is bound to later is another object
} MutationQuestion;
MutationAnswer mutation_answer(Model *m, const MutationQuestion *q,
                               const WatchList *list);
// Of a parameter that is given something of this kind.
MutationAnswer parameter_mutates(Model *m, ScopeId function, uint32_t index,
                                 ValueKind passed);
// The kind of an object, or of what the parameter that is asked about is given.
ValueKind passed_kind(Model *m, NodeId object);
// mutate_use.c: what one use does to the object that `e` denotes.
MutationAnswer use_mutates(Model *m, NodeId e, const Watch *watch);

// effect_mention.c
typedef struct MentionRun {
  const uint64_t *items;
  uint32_t count;
} MentionRun;
MentionRun mention_defs(Model *m, BindingId binding, Range range);
MentionRun mention_refs(Model *m, BindingId binding, Range range);
static inline DefId mention_def(MentionRun run, uint32_t i) {
  return (DefId){(uint32_t)run.items[i]};
}
static inline RefId mention_ref(MentionRun run, uint32_t i) {
  return (RefId){(uint32_t)run.items[i]};
}

static inline Range range_of(const Tree *t, NodeId node) {
  return (Range){node.i, node_after(t, node)};
}

#endif
