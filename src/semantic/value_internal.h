/* What the files of value.h share: private to value*.c.
 *
 * value_of() is recursive over definitions, calls and operands. Its depth and its steps
 * are bounded per question; a cycle (`x = x[1:]` in a loop) meets itself as
 * VALUE_BOTTOM, "nothing yet", which joins as nothing. What was computed from a cycle's
 * middle, or cut short by the bounds, is not kept, unless it is what was asked for.
 */
#ifndef SEMANTIC_VALUE_INTERNAL_H
#define SEMANTIC_VALUE_INTERNAL_H

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/value.h"

// In Value.flags: nothing known yet, because it is being computed. Never seen outside.
#define VALUE_BOTTOM (UINT32_C(1) << 31)

typedef struct Memo {
  Value value;
  uint32_t level;  // depth at which it is being computed, 0 when it is done
  bool dropped;    // computed from a cycle's middle: to be computed again
} Memo;

// One place that sets `self.name`, or binds `name` in the class body.
typedef struct AttributeSet {
  NodeId value;   // NO_NODE: set in a way that is not followed
  uint32_t next;  // of the same class and name; index, 0 = none
  bool updated;   // `self.name += value`
} AttributeSet;

// One place that names a private attribute, `x._name`.
typedef struct PrivateUse {
  NodeId attribute;
  uint32_t next;  // of the same name; index, 0 = none
} PrivateUse;

struct Values {
  Map index;  // node -> memos
  VEC(Memo) memos;
  uint32_t depth, steps;
  uint32_t lowest;          // shallowest level whose value was met unfinished
  Map results;              // function_definition -> memos
  Map growths;              // binding × "is a dict" -> memos
  uint32_t *call_subjects;  // by node: calls.c
  bool attributes_known;
  Map attribute_first;  // class node × name -> attribute_sets
  VEC(AttributeSet) attribute_sets;
  bool privates_known;
  Map private_first;  // name -> private_uses
  VEC(PrivateUse) private_uses;
};

Values *values_get(Model *m);
// Every question from outside begins so: its budget is fresh.
void values_begin(Model *m);
// The value kept under a key, else computed and kept, with all the care above.
typedef Value ValueFn(Model *m, uint64_t key);
Value value_remembered(Model *m, Map *index, uint64_t key, ValueFn *compute);

static inline Value value_unknown(void) { return (Value){.high = SIZE_NO_BOUND}; }
static inline Value value_bottom(void) {
  return (Value){.flags = VALUE_BOTTOM, .high = SIZE_NO_BOUND};
}
static inline bool value_is_bottom(Value v) { return (v.flags & VALUE_BOTTOM) != 0; }
Value value_plain(ValueKind kind, NodeId origin);  // nothing known but the kind
// Makes it `count` elements, for certain.
void value_set_count(Value *v, uint64_t low, uint64_t high);
void value_set_unbounded(Value *v, SizeWhy why, NodeId source);
void value_set_unknown_size(Value *v);
// Takes size, why, source and record-ness from another value.
void value_copy_size(Value *to, Value from);

// By syntax: value_expr.c. By name and definition: value_name.c, value_param.c.
Value value_eval(Model *m, NodeId node);
Value value_of_identifier(Model *m, NodeId node);
Value value_of_parameter(Model *m, DefId def);
// A container that is filled after its display: `xs = []`, `xs.append(…)` in a loop.
Value value_grown(Model *m, BindingId binding, Value v);

// value_call.c
Value value_of_call(Model *m, NodeId call);
Value value_of_fact(Model *m, const ResultFact *fact, NodeId node, NodeId receiver);

// value_attr.c
Value value_of_attribute(Model *m, NodeId node);
NodeId class_method(Model *m, NodeId class_definition, Str name);
NodeId class_of_self(Model *m, NodeId identifier);

// value_param.c: the first of `private_uses` with that attribute's name; 0 = none.
uint32_t value_private_first(Model *m, Str name);

// value_result.c: what a call of a local function gives.
Value value_of_local_call(Model *m, NodeId function_definition, NodeId call);

#endif
