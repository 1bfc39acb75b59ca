/* # unbounded-cache (PML601)
 *
 * A function's cache keeps every result for every argument, for ever.
 *
 * ## Why it costs memory
 *
 * `@functools.cache`, `lru_cache(maxsize=None)` and `cachetools.cached({})` never drop an
 * entry. Where the arguments come from outside (paths, names, tokens), a long-running
 * program gains an entry for each new one and gives none back: the arguments, the result,
 * and about 100 bytes of dictionary and key.
 *
 * ## Example
 *
 *     @functools.lru_cache(maxsize=None)
 *     def user_of(token):
 *         return load_user(token)
 *
 *     @app.route("/me/<token>")
 *     def me(token):
 *         return render(user_of(token))
 *
 * ## Use instead
 *
 *     @functools.lru_cache(maxsize=1024)
 *     def user_of(token):
 *         return load_user(token)
 *
 * ## Fix safety
 *
 * Unsafe: results beyond the bound are computed anew, which takes time, gives a new object
 * and repeats side effects. The bound is the option `max-size`.
 *
 * ## Limits
 *
 * A warning when the function is called from a request handler or a worker loop, else a
 * note: a script ends, and its caches with it. Silent without arguments, for arguments
 * of a finite set (bool, Enum, Literal, classes, None), when `cache_clear` is called, for
 * methods (cached-method), nested functions, generators and coroutines.
 *
 * ## References
 *
 * The documentation of `functools.lru_cache` and of `cachetools`.
 */
#include "rule.h"

static RuleNodeFn on_node;
static void on_decorated(RuleContext *cx, NodeId decorated);
static void on_assignment(RuleContext *cx, NodeId assignment);
static void on_cache(RuleContext *cx, NodeId anchor, CacheUse cache, NodeId function,
                     NodeId name);
static bool is_plain_function(RuleContext *cx, NodeId function);
static bool has_open_parameter(RuleContext *cx, NodeId function);
static NodeId cleared_at(RuleContext *cx, BindingId function, uint32_t depth);
static bool grows_in_service(RuleContext *cx, BindingId function, uint32_t *steps);
static Fix bound_fix(RuleContext *cx, NodeId anchor, CacheUse cache);

enum { ALIAS_DEPTH = 3, CALLER_STEPS = 200 };

RULE(unbounded_cache) = {
    .code = "PML601",
    .name = "unbounded-cache",
    .summary = "a function's cache keeps every result for ever",
    .templates =
        {"the cache of `{0}` keeps every result for ever: at least {1} B an entry "
         "plus arguments and result; give it a bound"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML604", "PML501", "PML502", "PML603"},
    .options = {{"max-size", OPTION_INT, 1024, NULL, "the bound that the fix puts in"}},
    .kinds = {PY_DECORATED_DEFINITION, PY_ASSIGNMENT},
    .on_node = on_node,
};

enum { ENTRY_BYTES = 104 };  // key tuple or hashed key, and the dictionary's slot

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_ASSIGNMENT))
    on_assignment(cx, node);
  else
    on_decorated(cx, node);
}

static void on_decorated(RuleContext *cx, NodeId decorated) {
  NodeId function = node_field(cx->t, decorated, FIELD_DEFINITION);
  if (!node_is(cx->t, function, PY_FUNCTION_DEFINITION)) return;
  for (NodeId d = node_first_named(cx->t, decorated); node_is(cx->t, d, PY_DECORATOR);
       d = node_next_named(cx->t, d)) {
    on_cache(cx, d, cache_of_decorator(cx->m, d), function,
             node_field(cx->t, function, FIELD_NAME));
  }
}

// `name = cache(f)` in the module; what a function makes anew goes with it.
static void on_assignment(RuleContext *cx, NodeId assignment) {
  NodeId call = node_unwrap(cx->t, node_field(cx->t, assignment, FIELD_RIGHT));
  if (!node_is(cx->t, call, PY_CALL)) return;
  NodeId name = node_field(cx->t, assignment, FIELD_LEFT);
  if (!node_is(cx->t, name, PY_IDENTIFIER) ||
      scope_get(cx->m, scope_at(cx->m, call))->kind != SCOPE_MODULE) {
    return;
  }
  CacheUse cache = {0};
  NodeId function = cache_applied_to(cx->m, call, &cache);
  if (node_ok(function)) on_cache(cx, call, cache, function, name);
}

// `name` is what the cached `function` is called by.
static void on_cache(RuleContext *cx, NodeId anchor, CacheUse cache, NodeId function,
                     NodeId name) {
  if (cache.fact == NULL) return;
  if (!cx_require(cx, anchor, cache.maxsize == CACHE_UNBOUNDED,
                  "the cache has a bound"))
    return;
  if (!cx_require(cx, anchor, is_plain_function(cx, function),
                  "not a plain function of the module")) {
    return;
  }
  if (!cx_require(cx, anchor,
                  (cache.fact->flags & (CACHE_EXTERNAL | CACHE_ON_DISK)) == 0,
                  "the cache lives outside the process")) {
    return;
  }
  if (!cx_require(cx, anchor, has_open_parameter(cx, function),
                  "the arguments are of a finite set")) {
    return;
  }
  BindingId binding = binding_of(cx->m, name);
  NodeId cleared = cleared_at(cx, binding, ALIAS_DEPTH);
  if (!cx_require_seen(cx, anchor, !node_ok(cleared), "the cache is cleared somewhere",
                       cleared)) {
    return;
  }
  uint32_t steps = CALLER_STEPS;
  bool grown = grows_in_service(cx, binding, &steps);
  cx_report(cx, (Draft){
                    .anchor = anchor,
                    .args = {node_text(cx->t, name), cx_format(cx, "%d", ENTRY_BYTES)},
                    .evidence = EVIDENCE_LONG | (grown ? EVIDENCE_GROWN : 0),
                    .cost = {ENTRY_BYTES, COST_PER_ENTRY},
                    .fix = bound_fix(cx, anchor, cache),
                });
}

// At module level, under `if` and `try` as well; neither generator nor coroutine.
static bool is_plain_function(RuleContext *cx, NodeId function) {
  const Scope *scope = scope_get(cx->m, scope_of(cx->m, function));
  ScopeKind around = scope_get(cx->m, scope_at(cx->m, function))->kind;
  return around == SCOPE_MODULE &&
         (scope->flags & (SCOPE_IS_GENERATOR | SCOPE_IS_ASYNC)) == 0;
}

// --- arguments -----------------------------------------------------------------------

static bool annotation_is_finite(RuleContext *cx, NodeId annotation, uint32_t depth);

// A class of this file that is an enumeration.
static bool is_local_enum(RuleContext *cx, NodeId name) {
  BindingId binding = binding_of(cx->m, name);
  if (!binding_ok(binding)) return false;
  const Def *def = def_get(cx->m, binding_only_def(cx->m, binding));
  return def->kind == DEF_CLASS &&
         (class_base_flags(cx->m, def->value) & BASE_ENUM) != 0;
}

static bool all_parts_finite(RuleContext *cx, NodeId first, uint32_t depth) {
  bool any = false;
  for (NodeId part = first; node_ok(part); part = node_next_named(cx->t, part)) {
    any = true;
    if (!annotation_is_finite(cx, part, depth)) return false;
  }
  return any;
}

// `Literal[…]`, `type[C]`; `Optional[X]` and `Union[X, Y]` by their parts.
static bool subscript_is_finite(RuleContext *cx, NodeId head, NodeId first_part,
                                uint32_t depth) {
  Str name = name_last_part(name_of(cx->m, head));
  if (str_is(name, "Literal") || str_is(name, "Type") || str_is(name, "type"))
    return true;
  bool is_union = str_is(name, "Optional") || str_is(name, "Union");
  return is_union && all_parts_finite(cx, first_part, depth);
}

static bool annotation_is_finite(RuleContext *cx, NodeId node, uint32_t depth) {
  node = node_unwrap(cx->t, node);
  if (depth == 0) return false;
  switch (node_kind(cx->t, node)) {
    case PY_TYPE:
      return annotation_is_finite(cx, node_first_named(cx->t, node), depth - 1);
    case PY_NONE_LITERAL: return true;
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE: {
      Str name = name_of(cx->m, node);
      return str_is(name, "builtins.bool") || str_is(name, "builtins.type") ||
             is_local_enum(cx, node);
    }
    case PY_GENERIC_TYPE: {
      NodeId parameters = node_child(cx->t, node, PY_TYPE_PARAMETER);
      return subscript_is_finite(cx, node_first_named(cx->t, node),
                                 node_first_named(cx->t, parameters), depth - 1);
    }
    case PY_SUBSCRIPT: {
      NodeId head = node_field(cx->t, node, FIELD_VALUE);
      return subscript_is_finite(cx, head, node_next_named(cx->t, head), depth - 1);
    }
    case PY_BINARY_OPERATOR:
    case PY_UNION_TYPE:
      return all_parts_finite(cx, node_first_named(cx->t, node), depth - 1);
    default: return false;
  }
}

static bool parameter_is_finite(RuleContext *cx, const Def *def) {
  enum { ANNOTATION_DEPTH = 12 };
  bool value = false;
  NodeId annotation = node_field(cx->t, def->statement, FIELD_TYPE);
  if ((def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) return false;
  if (node_ok(annotation))
    return annotation_is_finite(cx, annotation, ANNOTATION_DEPTH);
  return node_ok(def->value) && constant_bool(cx->m, def->value, &value);
}

static bool has_open_parameter(RuleContext *cx, NodeId function) {
  ScopeId scope = scope_of(cx->m, function);
  for (uint32_t i = 0; i < scope_parameter_count(cx->m, scope); i++) {
    DefId parameter = scope_parameter(cx->m, scope, i);
    if (!parameter_is_finite(cx, def_get(cx->m, parameter))) return true;
  }
  return false;
}

// --- clearing and callers ------------------------------------------------------------

static NodeId cleared_at(RuleContext *cx, BindingId function, uint32_t depth) {
  if (!binding_ok(function) || depth == 0) return NO_NODE;
  for (RefId r = ref_first(cx->m, function); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId node = ref_get(cx->m, r)->node;
    NodeId parent = node_parent(cx->t, node);
    if (node_is(cx->t, parent, PY_ATTRIBUTE) &&
        node_text_is(cx->t, node_field(cx->t, parent, FIELD_ATTRIBUTE),
                     "cache_clear")) {
      return parent;
    }
    NodeId alias = node_field(cx->t, parent, FIELD_LEFT);
    if (!node_is(cx->t, parent, PY_ASSIGNMENT) ||
        !node_is(cx->t, alias, PY_IDENTIFIER) ||
        node_role(cx->t, node) != FIELD_RIGHT) {
      continue;
    }
    NodeId found = cleared_at(cx, binding_of(cx->m, alias), depth - 1);
    if (node_ok(found)) return found;
  }
  return NO_NODE;
}

// Called from a handler or a worker loop, directly or through functions of this file. A
// worker loop of a script ends with the script.
static bool grows_in_service(RuleContext *cx, BindingId function, uint32_t *steps) {
  if (!binding_ok(function)) return false;
  bool script = context_file_is_script(cx->m);
  for (RefId r = ref_first(cx->m, function); ref_ok(r); r = ref_next(cx->m, r)) {
    if (*steps == 0) return false;
    *steps -= 1;
    NodeId node = ref_get(cx->m, r)->node;
    Context at = context_of(cx->m, node);
    if (at.flags & (CONTEXT_TEST | CONTEXT_ANNOTATION)) continue;
    if (at.flags & CONTEXT_HANDLER) return true;
    if ((at.flags & CONTEXT_WORKER) != 0 && !script) return true;
    NodeId caller = node_field(cx->t, at.function, FIELD_NAME);
    BindingId caller_binding = node_ok(caller) ? binding_of(cx->m, caller) : function;
    if (caller_binding.i != function.i && grows_in_service(cx, caller_binding, steps)) {
      return true;
    }
  }
  return false;
}

// --- the fix -------------------------------------------------------------------------

static bool names_functools(RuleContext *cx, NodeId callee, const char *name) {
  return node_is(cx->t, callee, PY_IDENTIFIER) ||
         (node_is(cx->t, callee, PY_ATTRIBUTE) &&
          node_text_is(cx->t, node_field(cx->t, callee, FIELD_ATTRIBUTE), name));
}

// `lru_cache` is free, or means functools' already.
static bool lru_cache_is_free(RuleContext *cx) {
  BindingId binding = scope_lookup(cx->m, MODULE_SCOPE, STR("lru_cache"));
  if (!binding_ok(binding)) return true;
  const Def *def = def_get(cx->m, binding_only_def(cx->m, binding));
  NodeId statement = node_statement(cx->t, def->node);
  return def->kind == DEF_IMPORT_FROM &&
         node_text_is(cx->t, node_field(cx->t, statement, FIELD_MODULE_NAME),
                      "functools");
}

static Fix bound_fix(RuleContext *cx, NodeId anchor, CacheUse cache) {
  EditList edits = edits_in(cx->arena);
  // What stands behind the `@`, or before the function: both come first.
  NodeId expression = node_unwrap(cx->t, node_first_named(cx->t, anchor));
  Str bound = cx_format(cx, "%lld", (long long)cx_option_int(cx, "max-size"));
  NodeId argument = NO_NODE;
  if (node_is(cx->t, expression, PY_CALL)) {
    bool is_lru = name_is(cx->m, call_callee(cx->m, expression), "functools.lru_cache");
    if (!is_lru || !node_eq(cache.call, expression) ||
        call_argument(cx->m, expression, 0, "maxsize", &argument) != ARG_PRESENT) {
      return (Fix){0};
    }
    edit_replace(&edits, node_span(cx->t, argument), bound);
  } else if (name_is(cx->m, expression, "functools.cache") &&
             names_functools(cx, expression, "cache")) {
    Str call = cx_format(cx, "lru_cache(maxsize=%.*s)", STR_ARGS(bound));
    NodeId name = node_is(cx->t, expression, PY_ATTRIBUTE)
                      ? node_field(cx->t, expression, FIELD_ATTRIBUTE)
                      : expression;
    if (node_eq(name, expression)) {
      if (!lru_cache_is_free(cx)) return (Fix){0};
      edit_import(&edits, STR("functools"), STR("lru_cache"));
    }
    edit_replace(&edits, node_span(cx->t, name), call);
  }
  return edits_fix(&edits, FIX_UNSAFE, STR("bound the cache"),
                   STR("results beyond the bound are computed anew"));
}
