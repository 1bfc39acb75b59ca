/* What the files of the scope builder share: scope.c asks, scope_build.c walks the tree
 * (with scope_enter.c, scope_open.c), scope_event.c records names, scope_resolve.c finds
 * their owners, scope_dump.c prints.
 *
 * While the tree is walked, scopes are numbered in the order in which their nodes begin.
 * That is not pre-order of nesting: a lambda in a default value lies in the function's
 * node but in the enclosing scope. Resolving numbers them anew; `node_scopes` and the
 * keys of `entries` keep the old numbers, which `ids` and `old_ids` translate.
 */
#ifndef SEMANTIC_SCOPE_INTERNAL_H
#define SEMANTIC_SCOPE_INTERNAL_H

#include "semantic/scope.h"

// Names that mean something to the builder, interned first so that they have these ids.
typedef enum KnownName {
  NAME_NONE,
  NAME_SUPER,
  NAME_CLASS_CELL,  // __class__
  NAME_EXEC,
  NAME_EVAL,
  NAME_LOCALS,
  NAME_VARS,
  NAME_GLOBALS,
  NAME_LAST = NAME_GLOBALS,
} KnownName;

typedef struct ScopeInfo {  // beside each Scope, by old number
  Sym private_name;         // the class whose name mangles `__x`; empty outside classes
  BindingId last_binding;
  RefId first_postponed;  // references of unevaluated annotations, chained by `next`
} ScopeInfo;

struct Scopes {
  VEC(Scope) scopes;
  VEC(ScopeInfo) infos;
  VEC(Binding) bindings;
  VEC(Def) defs;
  VEC(Ref) refs;
  uint32_t *node_scopes;  // by node: old number of the scope in which it is evaluated
  uint32_t *node_names;   // by node: a RefId, or a DefId with NAME_IS_DEF, or 0
  uint32_t *ids;          // old number -> ScopeId
  uint32_t *old_ids;      // ScopeId -> old number
  Map entries;            // (old scope number, Sym) -> BindingId
  Map second_refs;        // node -> RefId, where `node_names` holds a Def
  Map mangled;            // (class name, name) -> Sym
  bool has_star_import;   // anywhere in the file
};

#define NAME_IS_DEF (UINT32_C(1) << 31)

enum {
  BIND_BOUND = BIND_PARAMETER | BIND_IMPORTED | BIND_ASSIGNED,
  // Private: a function that declares the name global binds it.
  BIND_BOUND_GLOBALLY = 1 << 30,
};

// The place of a name in the walk.
typedef struct Frame {
  uint32_t after;      // the frame holds up to this node
  uint32_t scope;      // where the nodes are evaluated
  uint32_t opened;     // the scope that the def, class, lambda or alias around opens
  uint32_t statement;  // of a target, import, with_item or except_clause
  uint32_t value;
  uint16_t index, next_index;  // of the target; of the next element of a container
  uint8_t context;             // Context
  uint8_t def_kind;
  uint8_t def_flags;
  bool counts;        // its elements are numbered
  bool first_clause;  // of a comprehension: its iterable lies in the enclosing scope
  bool postponed;     // in an annotation that is not evaluated
} Frame;

typedef struct Recent {  // the last entry of a name that was looked up
  uint32_t scope;
  BindingId binding;
} Recent;

typedef struct Builder {
  Model *m;
  Scopes *s;
  Arena *arena;
  const Node *nodes;
  VEC(Frame) frames;
  VEC(Recent) recent;    // by Sym
  uint32_t chain_value;  // right-hand side of the assignment chain in hand
  bool future_annotations;
} Builder;

// scope_event.c
Sym builder_name(Builder *b, uint32_t scope, Str text);  // interned and mangled
BindingId builder_entry(Builder *b, uint32_t scope, Sym name);
// The node reads, or binds as the frame says, the name of its text.
void builder_refer(Builder *b, const Frame *at, uint32_t node);
void builder_define(Builder *b, const Frame *at, uint32_t node);
void builder_refer_named(Builder *b, const Frame *at, uint32_t node, Str name);
void builder_refer_string(Builder *b, const Frame *at, uint32_t node);
void builder_declare(Builder *b, const Frame *at, uint32_t node, uint32_t flag);

// scope_resolve.c
void scopes_resolve(Model *m);

// scope.c: the entry in a scope (by old number) or {0}.
BindingId scopes_find(const Scopes *s, uint32_t old_scope, Sym name);

#endif
