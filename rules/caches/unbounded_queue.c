/* # unbounded-queue (PML605)
 *
 * A queue without a bound lies between one who puts again and again and another who takes.
 *
 * ## Why it costs memory
 *
 * Nothing makes the one wait for the other. Whenever more comes in than goes out, because
 * the disk is slow, a service hangs or a burst arrives, the rest piles up in the queue,
 * with all that the items refer to, until memory ends. A queue with a bound makes `put`
 * wait, or raise `Full`, and so tells whoever sends that it is too much.
 *
 * ## Example
 *
 *     mails = queue.Queue()
 *
 *     @app.route("/order", methods=["POST"])
 *     def order():
 *         mails.put(request.json)
 *
 *     def deliver():
 *         while True:
 *             send(mails.get())
 *
 * ## Use instead
 *
 *     mails = queue.Queue(maxsize=1000)
 *
 * `deque(maxlen=1000)` where the oldest may go.
 *
 * ## Fix safety
 *
 * There is no automatic fix: how many may wait, and what happens to the next, is a
 * decision.
 *
 * ## Limits
 *
 * Queues of modules, classes, objects and functions, with `maxsize` missing, 0 or
 * negative; they are followed into the functions, threads and classes of the file that
 * get them. Who puts does so in a handler, a callback, a worker, a `while True`, or a
 * loop that ends when it is told to. Silent where the number of puts is given, where
 * who puts also takes, waits (`join`, a semaphore, the answer) or asks `qsize()`,
 * where only signs such as `None` are put, where the queue is cut or emptied at once,
 * and where nobody is seen to take. A note where the loop sleeps or waits for other
 * work in between, and in scripts.
 *
 * ## References
 *
 * `queue`, `asyncio.Queue`, `multiprocessing.Queue` and `collections.deque` in the library
 * reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool is_queue(RuleContext *cx, const IndexContainer *c, const QueueLife *life);
static Str putter_text(RuleContext *cx, const IndexOperation *put);

RULE(unbounded_queue) = {
    .code = "PML605",
    .name = "unbounded-queue",
    .summary = "a queue without a bound takes whatever is put",
    .templates =
        {"`{0}` takes all that {1} puts, however slow `{2}` is in taking it: what waits "
         "has no bound; give it a size"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML606", "PML602", "PML607"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if (c->fact->type != VALUE_QUEUE && c->fact->type != VALUE_DEQUE) return;
  if ((c->facts->flags & FACTS_STUB) != 0) return;
  QueueLife life = index_queue(cx->index, id);
  if (!is_queue(cx, c, &life)) return;
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, c->place, (c->fact->flags & CONTAINER_BROKEN) == 0,
                        "the code around it cannot be followed")) {
    return;
  }
  Str taker = str_after_last(index_place_scope(cx->index, life.taken->place), '.');
  cx_report(
      cx, (Draft){
              .place = c->place,
              .args = {cx_container(cx, c), putter_text(cx, life.put),
                       taker.n != 0 ? taker : STR("the module")},
              .labels = {{.place = life.put->place, .text = STR("put here")},
                         {.place = life.taken->place, .text = STR("taken here")}},
              .evidence = (life.is_long ? EVIDENCE_LONG : 0u) |
                          (life.is_grown ? EVIDENCE_GROWN : 0u),
              .note_at_most = life.is_paced || (c->fact->flags & CONTAINER_SCRIPT) != 0,
          });
}

// What is put to again and again, and taken from by somebody else.
static bool is_queue(RuleContext *cx, const IndexContainer *c, const QueueLife *life) {
  if (life->put != NULL) return true;
  if (life->refusal == NULL) {  // it is bounded, or nobody puts
    if (c->fact->type == VALUE_QUEUE) cx_require_unbounded(cx, c);
    return false;
  }
  return cx_require_place_seen(cx, c->place, false, life->refusal,
                               life->refusing != NULL ? life->refusing->place
                                                      : (Place){0});
}

static Str putter_text(RuleContext *cx, const IndexOperation *put) {
  Str scope = str_after_last(index_place_scope(cx->index, put->place), '.');
  return scope.n != 0 ? cx_format(cx, "`%.*s`", STR_ARGS(scope)) : STR("the module");
}
