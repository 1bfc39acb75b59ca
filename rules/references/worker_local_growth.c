/* # worker-local-growth (PML518)
 *
 * A local container gains entries in a loop that never ends, and loses none there.
 *
 * ## Why it costs memory
 *
 * A function that runs on and on is as good as a module: what its variables hold is never
 * let go of. Each round of `while True`, or of a loop over a consumer, adds an entry, with
 * its key and its value: 8 B in a list, about 33 B in a set and 80 to 107 B in a dict for
 * the entry alone, 2 kB for a thread that has ended. The process grows until it is killed.
 *
 * ## Example
 *
 *     def serve(server):
 *         threads = []
 *         while True:
 *             connection, _ = server.accept()
 *             thread = Thread(target=answer, args=(connection,))
 *             thread.start()
 *             threads.append(thread)
 *
 * ## Use instead
 *
 *     def serve(server):
 *         while True:
 *             connection, _ = server.accept()
 *             Thread(target=answer, args=(connection,), daemon=True).start()
 *
 * or remove what is done with (`threads = [t for t in threads if t.is_alive()]`,
 * `task.add_done_callback(tasks.discard)`), bound the number (`deque(maxlen=1000)`), or
 * empty it when it is full.
 *
 * ## Fix safety
 *
 * There is no automatic fix: which entries may go is a decision.
 *
 * ## Limits
 *
 * Never ending are `while True` and loops over consumers, subscriptions and endless
 * iterators without `break`, `return`, `sys.exit()`, `raise`, or an error that is caught
 * around them. A note for `async for` over something unknown that nothing in the loop
 * leaves. Silent where anything in the loop removes, clears, cuts or rebinds, where the
 * length decides about the growth, for bounded and weak containers, for keys of a finite
 * set, where other code gets the container and may empty it, where it is read behind the
 * loop, in generators, whose callers decide how far they run, and in tests.
 *
 * ## References
 *
 * `collections.deque` and `asyncio.create_task` in the library reference.
 */
#include "rule.h"

static RuleFileFn on_file;
static void report(RuleContext *cx, const LocalGrowth *growth);

RULE(worker_local_growth) = {
    .code = "PML518",
    .name = "worker-local-growth",
    .summary = "a local container only grows in a loop that never ends",
    .templates =
        {"`{0}` gains entries in a loop that never ends and nothing there removes any: at "
         "least {1} B each for as long as it runs",
         "`{0}` keeps every {2} that a loop without end starts, those that are done "
         "as well: about {1} B each for as long as it runs",
         "`{0}` gains entries in a loop and nothing there removes any: at least {1} B "
         "each for as long as its source goes on"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .on_file = on_file,
};

static void on_file(RuleContext *cx) {
  LocalGrowths all = local_growths_in(cx->m->arena, cx->m);
  for (uint32_t i = 0; i < all.count; i++) report(cx, &all.items[i]);
}

// The entry alone, without key and value.
static uint32_t entry_bytes(ValueKind type) {
  switch (type) {
    case VALUE_DICT: return 80;
    case VALUE_SET: return 33;
    case VALUE_BYTEARRAY: return 1;
    default: return 8;
  }
}

// What is left of work that is done.
static uint32_t started_bytes(ValueKind started) {
  switch (started) {
    case VALUE_THREAD: return 2000;
    case VALUE_PROCESS: return 400;
    default: return 500;
  }
}

static Str started_name(ValueKind started) {
  switch (started) {
    case VALUE_THREAD: return STR("thread");
    case VALUE_PROCESS: return STR("process");
    default: return STR("task");
  }
}

static void report(RuleContext *cx, const LocalGrowth *growth) {
  Context at = context_of(cx->m, growth->made);
  if (!cx_require(cx, growth->made, (at.flags & CONTEXT_TEST) == 0, "it is a test") ||
      !cx_require(cx, growth->made, growth->refusal == NULL, growth->refusal)) {
    return;
  }
  bool keeps_work = growth->started != VALUE_UNKNOWN && !growth->may_end;
  uint32_t bytes =
      keeps_work ? started_bytes(growth->started) : entry_bytes(growth->type);
  cx_report(cx,
            (Draft){.anchor = growth->made,
                    .template_index = growth->may_end ? 2
                                      : keeps_work    ? 1
                                                      : 0,
                    .args = {node_text(cx->t, growth->name), cx_format(cx, "%u", bytes),
                             keeps_work ? started_name(growth->started) : STR_NONE},
                    .labels = {{.span = loop_header(cx, growth->loop),
                                .text = STR("runs on and on")},
                               {.node = growth->growth, .text = STR("grows here")}},
                    .evidence = EVIDENCE_LONG | (growth->may_end ? 0u : EVIDENCE_GROWN),
                    .cost = {bytes, COST_PER_ENTRY}});
}
