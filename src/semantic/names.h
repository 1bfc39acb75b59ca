/* Qualified names: what a dotted expression refers to, across imports and aliases.
 *
 *     from functools import lru_cache as memo
 *     name_of(m, `memo`)            -> "functools.lru_cache"
 *     cache = memo; name_of(`cache`) -> "functools.lru_cache"
 *     name_of(m, `len`)             -> "builtins.len" unless shadowed
 *     name_of(m, `os.path.join`)    -> "os.path.join"
 *     name_of(m, `Local`)           -> "<module>.Local", "__main__.Local" if the module
 *                                      name is unknown; methods and inner functions as
 *                                      in __qualname__: "pkg.mod.f.<locals>.inner"
 *
 * Resolves through imports (relative ones with the module's own name), through names that
 * are assigned once from another name or attribute, and through `try: import a except
 * ImportError: import b as a` (the first). A name with several different meanings gives
 * STR_NONE. Re-exports are normalised by the knowledge tables ("_io.open" -> "builtins.open",
 * "io.open" -> "builtins.open", "collections.abc" ...).
 */
#ifndef SEMANTIC_NAMES_H
#define SEMANTIC_NAMES_H

#include "semantic/scope.h"

Str name_of(Model *m, NodeId expression);  // STR_NONE when unknown
bool name_is(Model *m, NodeId expression, const char *qualified);
// A call whose callee has that name; `functools.partial(f, …)(…)` and aliases of partials
// resolve to f, `deque[int]()` to the class.
Str name_of_callee(Model *m, NodeId call);
// The decorator's name, with or without call: `@functools.cache`, `@lru_cache(maxsize=9)`,
// `@memo` after `memo = lru_cache(maxsize=9)`.
Str name_of_decorator(Model *m, NodeId decorator);
// The call that holds a decorator's arguments, wherever it stands; NO_NODE without one.
NodeId name_decorator_call(Model *m, NodeId decorator);
// The expression behind names that are assigned once: `SIZE` gives the `1024` that it
// stands for. What is no such name is itself, without parentheses.
NodeId name_value(Model *m, NodeId expression);
// What one import binds, or its attribute when one is given; STR_NONE for other
// definitions. For names that have several meanings, each on a path of its own.
Str name_of_import(Model *m, DefId def, Str attribute);
// What follows the last dot: "x.y.read" -> "read".
Str name_last_part(Str qualified);
// `_m` and `__m`, not `__init__`.
bool name_is_private(Str name);

// Call arguments, resolved as Python binds them. Positions count from 0 and stop being
// known behind `*args`; `**kw` makes every keyword unknown. CALL_NO_POSITION for what is
// keyword only, NULL for what is positional only.
#define CALL_NO_POSITION UINT32_MAX
typedef enum ArgState { ARG_ABSENT, ARG_PRESENT, ARG_UNKNOWN } ArgState;
ArgState call_argument(const Model *m, NodeId call, uint32_t position,
                       const char *keyword, NodeId *value);
uint32_t call_positional_count(const Model *m, NodeId call);
bool call_has_stars(const Model *m, NodeId call);
NodeId call_callee(const Model *m, NodeId call);
// `obj.method(…)`: the object, with the method's name in `method`; else NO_NODE.
NodeId call_receiver(const Model *m, NodeId call, Str *method);
bool call_has_arguments(const Model *m, NodeId call);

// What a target of `a, b = x, y` gets, where that is written out; else NO_NODE.
NodeId unpacked_part(const Tree *t, const Def *def);

// Constants by value: literals, arithmetic on them (`64 * 1024`), names bound once to
// such.
bool constant_int(Model *m, NodeId expression, int64_t *value);
bool constant_str(Model *m, NodeId expression,
                  Str *value);  // no prefix but r/u, unescaped only
bool constant_is_none(Model *m, NodeId expression);
bool constant_bool(Model *m, NodeId expression, bool *value);

#endif
