/* # recursive-closure (PML514)
 *
 * A nested function refers to itself, so each call of the outer one leaves a cycle.
 *
 * ## Why it costs memory
 *
 * A nested function that calls itself by name holds the variable that holds it. When the
 * outer call ends, neither count falls to zero: the function, and every variable of the
 * outer function that it mentions, stays until the cyclic collector runs. The collector
 * counts objects, not bytes: a few calls that each capture a large buffer do not wake it.
 *
 * ## Example
 *
 *     def total(path):
 *         tree = json.loads(path.read_text())
 *
 *         def walk(key):
 *             return 1 + sum(walk(child) for child in tree[key])
 *
 *         return walk("root")
 *
 * ## Use instead
 *
 *     def walk(tree, key):
 *         return 1 + sum(walk(tree, child) for child in tree[key])
 *
 *     def total(path):
 *         return walk(json.loads(path.read_text()), "root")
 *
 * or a loop over a stack of one's own. `del walk` behind the last use breaks the cycle
 * where the function must stay nested.
 *
 * ## Fix safety
 *
 * There is no automatic fix: the captured variables have to become parameters.
 *
 * ## Limits
 *
 * A warning where the functions capture something of size, or the outer function is a
 * request handler or runs in a worker loop; else a note. Several functions that refer to
 * each other are one finding. Silent where the variable is deleted or bound anew, for
 * decorators and wrappers, for functions that are known to run at import time only, for
 * nested functions under a decorator of unknown effect, and in tests.
 *
 * ## References
 *
 * The documentation of `gc`; "Naming and binding" in the language reference.
 */
#include "rule.h"

static RuleScopeFn on_scope;
static void on_ring(RuleContext *cx, const Closures *all, const Closure *first);
static bool is_wrapper(RuleContext *cx, const Closure *closure, ScopeId outer);
static bool runs_at_import_only(RuleContext *cx, ScopeId scope);
static DefId size_in_ring(RuleContext *cx, const Closures *all, uint32_t ring);

RULE(recursive_closure) = {
    .code = "PML514",
    .name = "recursive-closure",
    .summary = "a nested function refers to itself: each call leaves a cycle",
    .templates =
        {"`{0}` refers to itself: each call of `{1}` leaves a cycle that only the "
         "collector frees; move it out, or `del` it behind its last use",
         "`{0}` and `{2}` refer to each other: each call of `{1}` leaves a cycle that "
         "only the collector frees; move them out",
         "`{0}` refers to itself: each call of `{1}` leaves a cycle that holds `{2}` "
         "until the collector runs; move it out, or `del` it at the end"},
    .warn_on = {EVIDENCE_SIZE, EVIDENCE_HOT},
    .on_scope = on_scope,
};

static void explain_others(RuleContext *cx, ScopeId outer, const Closures *all);

static void on_scope(RuleContext *cx, ScopeId scope) {
  ScopeKind kind = scope_get(cx->m, scope)->kind;
  if (kind != SCOPE_FUNCTION && kind != SCOPE_LAMBDA) return;
  if (scope_get(cx->m, scope)->after <= scope.i + 1) return;  // nothing is nested in it
  Closures all = closures_of(cx->m, scope);
  if (cx_explains(cx)) explain_others(cx, scope, &all);
  uint32_t seen = 0;
  for (uint32_t i = 0; i < all.count; i++) {
    if (all.items[i].ring != 0 && (seen & (1u << i)) == 0)
      on_ring(cx, &all, &all.items[i]);
    seen |= all.items[i].ring;
  }
}

// Functions that mention themselves, and of which something lets go.
static void explain_others(RuleContext *cx, ScopeId outer, const Closures *all) {
  for (uint32_t s = outer.i + 1; s < scope_get(cx->m, outer)->after; s++) {
    const Scope *inner = scope_get(cx->m, (ScopeId){s});
    if (inner->kind != SCOPE_FUNCTION || inner->parent.i != outer.i) continue;
    NodeId name = node_field(cx->t, inner->node, FIELD_NAME);
    Closure one = {.scope = {s}};
    bool is_ring = false;
    for (uint32_t i = 0; i < all->count; i++) {
      is_ring |= all->items[i].scope.i == s && all->items[i].ring != 0;
    }
    NodeId mention = closure_mention(cx->m, &one, binding_of(cx->m, name));
    if (is_ring || !node_ok(mention)) continue;
    cx_require_seen(cx, name, false,
                    "its name is deleted or bound anew, or a decorator keeps it",
                    mention);
  }
}

// Another function of the ring than the first that the first mentions, or none.
static const Closure *other_in_ring(RuleContext *cx, const Closures *all,
                                    const Closure *first) {
  if (node_ok(closure_mention(cx->m, first, first->variable))) return NULL;
  for (uint32_t i = 0; i < all->count; i++) {
    const Closure *other = &all->items[i];
    if ((first->ring & (1u << i)) != 0 && other->variable.i != first->variable.i &&
        node_ok(closure_mention(cx->m, first, other->variable))) {
      return other;
    }
  }
  return NULL;
}

static void on_ring(RuleContext *cx, const Closures *all, const Closure *first) {
  ScopeId outer = scope_at(cx->m, first->function);
  Context at = context_of(cx->m, first->name);
  if (!cx_require(cx, first->name, (at.flags & CONTEXT_TEST) == 0, "it is a test"))
    return;
  if (!cx_require(cx, first->name, !is_wrapper(cx, first, outer),
                  "it wraps what the outer function is given, for good")) {
    return;
  }
  if (!cx_require(cx, first->name, !runs_at_import_only(cx, outer),
                  "the outer function runs at import time")) {
    return;
  }
  const Closure *other = other_in_ring(cx, all, first);
  DefId size = size_in_ring(cx, all, first->ring);
  bool served = (at.flags & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0;
  NodeId around = node_field(cx->t, scope_get(cx->m, outer)->node, FIELD_NAME);
  NodeId mention =
      closure_mention(cx->m, first, other != NULL ? other->variable : first->variable);
  Draft draft = {
      .anchor = first->name,
      .template_index = other != NULL  ? 1
                        : def_ok(size) ? 2
                                       : 0,
      .args = {node_text(cx->t, first->name),
               node_ok(around) ? node_text(cx->t, around) : STR("lambda")},
      .labels = {{.node = mention, .text = STR("captured here")}},
      .evidence = (def_ok(size) ? EVIDENCE_SIZE : 0u) | (served ? EVIDENCE_HOT : 0u),
  };
  if (def_ok(size)) {
    NodeId name = def_get(cx->m, size)->node;
    draft.args[2] = node_text(cx->t, name);
    draft.labels[1] = (DraftLabel){.node = name, .text = STR("the cycle holds this")};
  }
  if (other != NULL) draft.args[2] = node_text(cx->t, other->name);
  cx_report(cx, draft);
}

static DefId size_in_ring(RuleContext *cx, const Closures *all, uint32_t ring) {
  for (uint32_t i = 0; i < all->count; i++) {
    if ((ring & (1u << i)) == 0) continue;
    DefId size = closure_size(cx->m, &all->items[i]);
    if (def_ok(size)) return size;
  }
  return (DefId){0};
}

// --- what lives on -------------------------------------------------------------------

static bool calls_parameter(RuleContext *cx, const Closure *closure, ScopeId outer) {
  for (uint32_t i = 0; i < scope_parameter_count(cx->m, outer); i++) {
    BindingId parameter = def_get(cx->m, scope_parameter(cx->m, outer, i))->binding;
    for (RefId r = ref_first(cx->m, parameter); ref_ok(r); r = ref_next(cx->m, r)) {
      NodeId node = ref_get(cx->m, r)->node, call = node_parent(cx->t, node);
      if (node_is(cx->t, call, PY_CALL) && node_eq(call_callee(cx->m, call), node) &&
          scope_inside(cx->m, ref_get(cx->m, r)->scope, closure->scope)) {
        return true;
      }
    }
  }
  return false;
}

static bool is_returned(RuleContext *cx, const Closure *closure) {
  for (RefId r = ref_first(cx->m, closure->variable); ref_ok(r);
       r = ref_next(cx->m, r)) {
    if (use_of(cx->m, ref_get(cx->m, r)->node).kind == USE_RETURNED) return true;
  }
  return false;
}

// A decorator gives back a function that calls the one it was given: it lives as long as
// what it stands for, mostly for ever.
static bool is_wrapper(RuleContext *cx, const Closure *closure, ScopeId outer) {
  NodeId outermost = node_parent(cx->t, closure->function);
  if (node_is(cx->t, outermost, PY_DECORATED_DEFINITION)) {
    for (NodeId d = node_first_named(cx->t, outermost); node_is(cx->t, d, PY_DECORATOR);
         d = node_next_named(cx->t, d)) {
      if (str_is(name_of_decorator(cx->m, d), "functools.wraps")) return true;
    }
  }
  return is_returned(cx, closure) && calls_parameter(cx, closure, outer);
}

// All mentions of the outermost function run while the module is imported.
static bool runs_at_import_only(RuleContext *cx, ScopeId scope) {
  NodeId function = NO_NODE;
  for (ScopeId s = scope; s.i > MODULE_SCOPE.i; s = scope_get(cx->m, s)->parent) {
    if (scope_get(cx->m, s)->kind == SCOPE_FUNCTION)
      function = scope_get(cx->m, s)->node;
  }
  BindingId name = binding_of(cx->m, node_field(cx->t, function, FIELD_NAME));
  if (!binding_ok(name) || !ref_ok(ref_first(cx->m, name))) return false;
  for (RefId r = ref_first(cx->m, name); ref_ok(r); r = ref_next(cx->m, r)) {
    Context at = context_of(cx->m, ref_get(cx->m, r)->node);
    if ((at.flags & CONTEXT_IMPORT_TIME) == 0) return false;
    NodeId call = node_parent(cx->t, ref_get(cx->m, r)->node);
    bool runs = node_is(cx->t, call, PY_DECORATOR) || node_is(cx->t, call, PY_CALL);
    if (!runs) return false;
  }
  return true;
}
