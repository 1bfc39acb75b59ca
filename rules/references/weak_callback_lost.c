/* # weak-callback-lost (PML517)
 *
 * A callback is handed to a weak registry, and nothing else holds it.
 *
 * ## Why it matters
 *
 * `weakref.ref`, `WeakSet`, `WeakValueDictionary` and the signals of Django, blinker and
 * Celery do not keep what they are given alive. A lambda, a partial or a nested function
 * dies with the last name for it; a bound method is made anew by each look-up, and dies
 * with it. The registry forgets the callback at once: it is never called.
 *
 * ## Example
 *
 *     class View:
 *         def __init__(self, model):
 *             self.changed = weakref.ref(self.on_change)
 *             post_save.connect(lambda **kwargs: self.refresh())
 *
 * ## Use instead
 *
 *             self.changed = weakref.WeakMethod(self.on_change)
 *             post_save.connect(self.on_save)
 *
 * a function of the module, or `weak=False` where the registry may keep it for ever.
 *
 * ## Fix safety
 *
 * There is no automatic fix: who is to hold the callback is a decision.
 *
 * ## Limits
 *
 * Bound methods are reported only where the class of this file defines the method, and
 * only for registries that do not treat them as `WeakMethod` does. Nested functions and
 * names are silent where anything else mentions them, and where the function around goes
 * on with something that may call them: loops, `with`, generators, coroutines, `run`,
 * `send`. Silent with `weak=False`, for unknown registries, and in tests.
 *
 * ## References
 *
 * `weakref.WeakMethod` in the library reference; "Signals" in Django's documentation.
 */
#include "rule.h"

static RuleNodeFn on_node;
static void on_store(RuleContext *cx, NodeId anchor, WeakStore store);

RULE(weak_callback_lost) = {
    .code = "PML517",
    .name = "weak-callback-lost",
    .summary = "a weak registry forgets the callback at once",
    .templates =
        {"`{0}` holds {1} weakly and nothing else holds it: it dies at once and is never "
         "called; keep it, or pass `weak=False`",
         "`{0}` holds {1} weakly and nothing else holds it: it dies at once; hold it in "
         "an attribute or in the module",
         "`{0}` holds the bound method `{1}` weakly: each look-up makes a new one, which "
         "dies at once; use `weakref.WeakMethod`"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .kinds = {PY_CALL, PY_ASSIGNMENT, PY_DECORATOR},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  WeakStore store = weak_store_of(cx->m, node);
  if (store.fact != NULL) on_store(cx, node, store);
}

static Str loss_text(RuleContext *cx, WeakLoss loss, NodeId given) {
  NodeId name = node_is(cx->t, given, PY_FUNCTION_DEFINITION)
                    ? node_field(cx->t, given, FIELD_NAME)
                    : given;
  switch (loss) {
    case LOSS_METHOD: return cx_excerpt(cx, given);
    case LOSS_FUNCTION: {
      Str text = node_text(cx->t, name);
      return cx_format(cx, "the nested function `%.*s`", STR_ARGS(text));
    }
    case LOSS_PARTIAL: return STR("a partial");
    default: return STR("a lambda");
  }
}

static void on_store(RuleContext *cx, NodeId anchor, WeakStore store) {
  WeakLoss loss = weak_loss_of(cx->m, store);
  if (!cx_require(cx, anchor, loss != LOSS_NONE, "something else may hold it")) return;
  if (!cx_require(cx, anchor, (context_of(cx->m, anchor).flags & CONTEXT_TEST) == 0,
                  "it is a test")) {
    return;
  }
  NodeId target = anchor;
  if (node_is(cx->t, anchor, PY_ASSIGNMENT))
    target = node_field(cx->t, anchor, FIELD_LEFT);
  else if (node_is(cx->t, anchor, PY_CALL))
    target = call_callee(cx->m, anchor);
  else
    target = node_first_named(cx->t, anchor);
  bool signals = (store.fact->flags & WEAK_METHODS) != 0;
  cx_report(cx, (Draft){
                    .anchor = anchor,
                    .template_index = loss == LOSS_METHOD ? 2
                                      : signals           ? 0
                                                          : 1,
                    .args = {cx_excerpt(cx, target), loss_text(cx, loss, store.given)},
                });
}
