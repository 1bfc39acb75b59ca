/* # callback-closes-over-owner (PML515)
 *
 * A future, timer, handle or signal keeps a callback that refers to the very object that
 * keeps it.
 *
 * ## Why it costs memory
 *
 * The object holds the callback, the callback's closure holds the object, and neither is
 * freed when the work is done: futures of `concurrent.futures`, timers and the handles of
 * event loops keep what they were given. The two, the result and whatever else the
 * closure captures stay until the cyclic collector runs, which counts objects, not bytes.
 * Futures and tasks of asyncio drop their callbacks when they are done.
 *
 * ## Example
 *
 *     fut = pool.submit(render, page)
 *     fut.add_done_callback(lambda _: pages.append(fut.result()))
 *
 * ## Use instead
 *
 *     fut = pool.submit(render, page)
 *     fut.add_done_callback(lambda done: pages.append(done.result()))
 *
 * The callback is called with the future. Where it is not given the object, as with a
 * timer, set the variable or attribute to None when it has fired, cancel the handle, or
 * capture a weak reference.
 *
 * ## Fix safety
 *
 * There is no automatic fix: what the callback may use instead depends on who calls it.
 *
 * ## Limits
 *
 * A note for asyncio, for futures whose maker is not known, and for signals and listeners;
 * else a warning. Silent where the callback is removed, where the handle is cancelled, or
 * its variable or attribute set to something else; for weak references, for signals that
 * are known to hold their receivers weakly, for bound methods that are connected to a
 * signal; for targets of threads; and in tests.
 *
 * ## References
 *
 * `concurrent.futures.Future.add_done_callback` and `threading.Timer` in the library
 * reference.
 */
#include "rule.h"

static RuleNodeFn on_node;
static uint32_t template_of(const CallbackHold *hold);

RULE(callback_closes_over_owner) = {
    .code = "PML515",
    .name = "callback-closes-over-owner",
    .summary = "a callback refers to what keeps it: only the collector frees the two",
    .templates =
        {"`{0}` keeps a callback that holds `{1}`: only the collector frees the two; "
         "use what the callback is given",
         "`{0}` keeps a callback that holds `{1}` until it is done, and only the "
         "collector frees it before; use what the callback is given",
         "`{0}` keeps a callback that holds `{1}`, even when it has run: only the "
         "collector frees the two; set it to None then, or cancel it"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .kinds = {PY_CALL, PY_DECORATOR},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  CallbackHold hold;
  if (!callback_hold_at(cx->m, node, &hold)) {
    if (hold.refusal != NULL) cx_require(cx, node, false, hold.refusal);
    return;
  }
  Context at = context_of(cx->m, node);
  if (!cx_require(cx, node, (at.flags & CONTEXT_TEST) == 0, "it is a test")) return;
  const uint32_t by_name = CALLBACK_OF_ITSELF | CALLBACK_WEAK_METHODS;
  DraftLabel label = {.node = hold.back.mention, .text = STR("captured here")};
  cx_report(
      cx, (Draft){
              .anchor = node,
              .template_index = template_of(&hold),
              .args = {cx_excerpt(cx, hold.keeper), cx_excerpt(cx, hold.back.mention)},
              .labels = {label},
              .note_at_most = hold.is_dropped || (hold.fact->flags & by_name) != 0,
          });
}

static uint32_t template_of(const CallbackHold *hold) {
  if (hold->fact->form == CALLBACK_GIVES) return 2;
  return hold->is_dropped ? 1 : 0;
}
