/* Scopes, bindings, definitions, references: Python's own scoping rules.
 *
 * A Scope is a code block as CPython's symbol table sees it: module, class, function,
 * lambda, comprehension, type parameters (PEP 695). A Binding is one name in one scope,
 * also where the scope only reads it (as in CPython's symtable, but without the entries
 * that pass a free name on through scopes that do not mention it). Its `owner` is the
 * binding that holds the variable: itself when local, the enclosing function's for a free
 * name, the module's for a global, none for builtins and unknown names. A Def is one
 * place that binds (or deletes) a name, a Ref one place that reads it; both hang on the
 * owner and are listed in source order.
 *
 *     BindingId b = binding_of(m, node);               // the variable behind an identifier
 *     for (DefId d = def_first(m, b); def_ok(d); d = def_next(m, d)) ...
 *
 * Names in a class body are mangled as CPython does (`__x` -> `_C__x`). Walrus targets
 * in comprehensions belong to the enclosing function. Annotations are read in their
 * scope; names inside string annotations are references too, without a node of their own
 * (their node is the string). String annotations, and all annotations under `from
 * __future__ import annotations`, are not evaluated: their references make no Binding in
 * their scope and capture nothing. Verified against CPython's `symtable` by
 * tests/test_symtable.py.
 *
 * In a broken region (tree_is_broken) every name has a Ref, beside the Def that its
 * place gives it; its Binding and the owner have BIND_IN_ERROR.
 */
#ifndef SEMANTIC_SCOPE_H
#define SEMANTIC_SCOPE_H

#include "semantic/model.h"

typedef struct ScopeId {
  uint32_t i;
} ScopeId;  // 1 is the module
typedef struct BindingId {
  uint32_t i;
} BindingId;
typedef struct DefId {
  uint32_t i;
} DefId;
typedef struct RefId {
  uint32_t i;
} RefId;

typedef enum ScopeKind {
  SCOPE_NONE,
  SCOPE_MODULE,
  SCOPE_CLASS,
  SCOPE_FUNCTION,
  SCOPE_LAMBDA,
  SCOPE_COMPREHENSION,  // list, set, dict comprehensions and generator expressions
  SCOPE_TYPE_PARAMS,
  SCOPE_TYPE_VALUE,  // the value of a type alias, the bound of a type variable
} ScopeKind;

enum {
  SCOPE_IS_ASYNC = 1 << 0,      // async def, or a comprehension that awaits
  SCOPE_IS_GENERATOR = 1 << 1,  // it yields (generator expressions do)
  SCOPE_STAR_IMPORT =
      1 << 2,              // `from x import *` stands in it: names may come from there
  SCOPE_DYNAMIC = 1 << 3,  // exec, eval, locals, vars() or globals() are called in it
  SCOPE_BROKEN = 1 << 4,   // its header does not parse: silent
  SCOPE_USES_SUPER = 1 << 5,    // zero-argument super() or __class__
  SCOPE_POSTPONED = 1 << 6,     // it lies in an annotation that is not evaluated
  SCOPE_BINDS_UNSEEN = 1 << 7,  // what is dynamic in it may bind names, too
};

typedef struct Scope {
  ScopeKind kind;
  uint32_t flags;
  NodeId node;  // module, class_definition, function_definition, lambda, ...
  NodeId body;  // the block or expression that runs in it
  ScopeId parent;
  Sym name;  // of the function, class, alias or type parameter; empty else
  BindingId first_binding;
  uint32_t after;  // scopes nested in it are the ids (its own, after): pre-order
} Scope;

enum {
  BIND_LOCAL = 1 << 0,  // bound in this scope
  BIND_PARAMETER = 1 << 1,
  BIND_IMPORTED = 1 << 2,
  BIND_REFERENCED = 1 << 3,  // read by other means than `x += 1`
  BIND_ASSIGNED = 1 << 4,    // bound by something other than a parameter
  BIND_ANNOTATED = 1 << 5,
  BIND_GLOBAL_DECL = 1 << 6,
  BIND_NONLOCAL_DECL = 1 << 7,
  BIND_FREE = 1 << 8,      // its owner is an enclosing function's (or class cell's)
  BIND_CAPTURED = 1 << 9,  // an inner scope reads or binds it (a cell)
  BIND_GLOBAL = 1 << 10,   // implicit or explicit global, builtins included
  BIND_DELETED = 1 << 11,
  BIND_IN_ERROR = 1 << 12,    // mentioned in a broken region: it may be anything there
  BIND_CLASS_CELL = 1 << 13,  // the `__class__` that a class gives its methods: not an
                              // entry of the class scope, only an owner
};

typedef struct Binding {
  Sym name;  // mangled
  ScopeId scope;
  uint32_t flags;
  BindingId owner;            // {0}: a builtin, or a global that this file never binds
  BindingId next;             // in the same scope, in order of first mention
  DefId first_def, last_def;  // on owners, as all that follows
  RefId first_ref, last_ref;
  uint32_t def_count, ref_count;
} Binding;

typedef enum DefKind {
  DEF_NONE,
  DEF_ASSIGN,       // x = v, also chained and unpacked
  DEF_ANNOTATED,    // x: T = v, and x: T (then value is none and nothing is bound)
  DEF_AUGMENTED,    // x += v: reads as well (a Ref stands at the same node)
  DEF_FOR,          // for x in v
  DEF_WITH,         // with v as x
  DEF_EXCEPT,       // except v as x
  DEF_IMPORT,       // import a.b as x; import a.b binds `a`
  DEF_IMPORT_FROM,  // from m import n as x
  DEF_FUNCTION,
  DEF_CLASS,
  DEF_PARAMETER,  // value: the default, if there is one
  DEF_WALRUS,
  DEF_COMPREHENSION,  // [.. for x in v]
  DEF_MATCH,          // captured by a case pattern
  DEF_TYPE,           // type X = v, and type parameters
  DEF_DELETE,         // del x: binds nothing, ends what was bound
} DefKind;

enum {
  DEF_UNPACKED = 1 << 0,      // the target is part of a tuple or list; see `index`
  DEF_STARRED = 1 << 1,       // *x
  DEF_NESTED = 1 << 2,        // unpacked deeper than one level
  DEF_KEYWORD_STAR = 1 << 3,  // **kwargs parameter
};

typedef struct Def {
  DefKind kind;
  uint8_t flags;
  uint16_t index;     // position in the outermost target tuple, or of the parameter
  BindingId binding;  // the owner
  ScopeId scope;      // where it stands (differs from the owner's for global/nonlocal)
  NodeId node;        // the identifier
  NodeId value;  // the bound or iterated expression, the match subject, the def, the
                 // class, the dotted_name or aliased_import; the last right-hand side
                 // of a chain `a = b = v`
  NodeId
      statement;  // the assignment, for_statement, with_item, clause, import statement,
                  // def, class, parameter, named_expression ... that binds
  DefId next;     // of the same binding
} Def;

typedef struct Ref {
  Sym name;
  BindingId binding;  // the owner; {0} = builtin or unknown
  ScopeId scope;
  NodeId node;
  RefId next;  // of the same binding
} Ref;

static inline bool scope_ok(ScopeId s) { return s.i != 0; }
static inline bool binding_ok(BindingId b) { return b.i != 0; }
static inline bool def_ok(DefId d) { return d.i != 0; }
static inline bool ref_ok(RefId r) { return r.i != 0; }

#define MODULE_SCOPE ((ScopeId){1})

const Scope *scope_get(const Model *m, ScopeId s);  // never NULL; {0} is all zero
const Binding *binding_get(const Model *m, BindingId b);
const Def *def_get(const Model *m, DefId d);
const Ref *ref_get(const Model *m, RefId r);
uint32_t scope_count(const Model *m);  // valid ids are 1 .. count - 1
uint32_t binding_count(const Model *m);
uint32_t def_count(const Model *m);
uint32_t ref_count(const Model *m);

// The scope in which a node is evaluated (a default value: the enclosing one).
ScopeId scope_at(const Model *m, NodeId node);
// The scope that a def, class, lambda, comprehension or module node opens.
ScopeId scope_of(const Model *m, NodeId node);
// The nearest function, lambda or module (class bodies and comprehensions passed over).
ScopeId scope_function(const Model *m, ScopeId s);
// The class whose body directly holds this function scope, or {0}.
ScopeId scope_class_of_method(const Model *m, ScopeId function);
bool scope_inside(const Model *m, ScopeId inner, ScopeId outer);
BindingId scope_lookup(const Model *m, ScopeId s,
                       Str name);  // entry of this scope only
// What a name means when read in a scope: the owner, or {0} (builtin or unknown).
BindingId scope_resolve(const Model *m, ScopeId s, Str name);

// The variable behind an identifier that is read, bound or deleted; {0} for builtins,
// attribute names and keyword names.
BindingId binding_of(const Model *m, NodeId identifier);
RefId ref_at(const Model *m, NodeId identifier);
DefId def_at(const Model *m, NodeId identifier);
static inline DefId def_first(const Model *m, BindingId b) {
  return binding_get(m, b)->first_def;
}
static inline DefId def_next(const Model *m, DefId d) { return def_get(m, d)->next; }
static inline RefId ref_first(const Model *m, BindingId b) {
  return binding_get(m, b)->first_ref;
}
static inline RefId ref_next(const Model *m, RefId r) { return ref_get(m, r)->next; }
// The only definition (parameters included), or {0} when there are none or several.
DefId binding_only_def(const Model *m, BindingId b);
Str binding_name(const Model *m, BindingId b);
// True when an identifier read here can only mean the builtin of that name.
bool ref_is_builtin(const Model *m, NodeId identifier);
// A keyword, or the name of a builtin.
bool name_is_reserved(Str name);

// Parameters of a function or lambda in order; `self` for a method is the first.
DefId scope_parameter(const Model *m, ScopeId function, uint32_t index);
uint32_t scope_parameter_count(const Model *m, ScopeId function);

void scope_dump(const Model *m, Buf *out);    // `dump scopes`
void binding_dump(const Model *m, Buf *out);  // `dump bindings`
// `dump symbols`: what CPython's symtable says, for tests/test_symtable.py. One line a
// symbol, tab separated: path of the scope, its kind, its line, the name, the flags; a
// scope without symbols has one line without a name. `! broken` comes first where the
// file has syntax errors.
void scope_dump_symbols(const Model *m, Buf *out);

// For model.c only.
void scopes_build(Model *m);

#endif
