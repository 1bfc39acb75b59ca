/* # not-released-on-close (PML516)
 *
 * A closing method releases some of what its object holds, and leaves a sibling.
 *
 * ## Why it costs memory
 *
 * Closed objects are often kept: in a registry, a traceback, the frame of a caller, a
 * cycle. What they still hold stays with them: the buffer of a file or socket, the
 * callback of a timer and all that it captures, the frames of a task. A running timer,
 * task or thread even keeps the closed object itself alive.
 *
 * ## Example
 *
 *     class Connection(asyncio.Protocol):
 *         def connection_made(self, transport):
 *             self.transport = transport
 *             self.ping = self.loop.call_later(5, self.on_ping)
 *
 *         def connection_lost(self, exc):
 *             self.transport = None
 *
 * ## Use instead
 *
 *     def connection_lost(self, exc):
 *         self.transport = None
 *         self.ping.cancel()
 *         self.ping = None
 *
 * or a `contextlib.ExitStack` that every resource is entered into where it is opened.
 *
 * ## Fix safety
 *
 * There is no automatic fix: how and in which order things are ended is a decision.
 *
 * ## Limits
 *
 * Closing methods are `close`, `aclose`, `__exit__`, `__aexit__`, `stop`, `shutdown`,
 * `disconnect`, `terminate`, `dispose`, `cleanup`, `connection_lost` and the like, with
 * what they call on self, the methods of bases in other modules included. Siblings are
 * what the class makes itself: files, sockets, connections, executors, timers, tasks,
 * threads, processes, registrations, buffers, objects of the project that have a closing
 * method; and ways back to the object where another one is taken away. Silent for scalars
 * and results, for what was given to the object, for what is handed to others or ended by
 * another method, class or module, for threads and tasks that are told to end, and where a
 * closing method goes through attributes by name or calls a base that is not known. A
 * warning where there are many of the objects, else a note.
 *
 * ## References
 *
 * `contextlib.ExitStack` and `weakref.finalize` in the library reference.
 */
#include "rule.h"

static RuleClassFn on_class;
static Str left_text(RuleContext *cx, const Left *left);
static Str names_text(RuleContext *cx, const ClosingLife *life);

RULE(not_released_on_close) = {
    .code = "PML516",
    .name = "not-released-on-close",
    .summary = "a closing method releases some of what its object holds, and leaves a "
               "sibling",
    .templates =
        {"`{0}` of `{1}` releases `{2}` but leaves {3}: it stays for as long as "
         "anything holds the object; release it as well"},
    .warn_on = {EVIDENCE_KEPT},
    .on_class = on_class,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  if ((c->flags & (CLASS_TEST | CLASS_STUB | CLASS_BROKEN)) != 0) return;
  ClosingLife life = index_closing_life(cx->index, id);
  if (!place_ok(life.place)) return;
  if (!cx_require_place(cx, life.place, life.refusal == NULL, life.refusal)) return;
  if (!cx_require_place(cx, life.place, cx->index->is_complete,
                        "the project is not complete")) {
    return;
  }
  Draft draft = {
      .place = life.place,
      .args = {life.method, str_after_last(c->name, '.'), life.released,
               names_text(cx, &life)},
      .labels = {{.place = life.released_at, .text = STR("released here")}},
      .evidence = c->is_many ? EVIDENCE_KEPT : 0u,
  };
  for (uint32_t i = 0; i < life.left_count; i++) {
    draft.labels[i + 1] =
        (DraftLabel){.place = life.left[i].place, .text = left_text(cx, &life.left[i])};
  }
  cx_report(cx, draft);
}

static Str left_text(RuleContext *cx, const Left *left) {
  if (left->is_back) return STR("a way back to the object");
  switch (left->what) {
    case OWNED_RESOURCE: return STR("a resource that is opened here");
    case OWNED_TIMER: return STR("a timer");
    case OWNED_TASK: return STR("a task");
    case OWNED_THREAD: return STR("a thread");
    case OWNED_PROCESS: return STR("a process");
    case OWNED_REGISTRATION: return STR("a registration");
    case OWNED_BUFFER: return STR("a buffer that grows");
    case OWNED_INSTANCE: break;
  }
  Str name = str_after_last(index_class(cx->index, left->made)->name, '.');
  return cx_format(cx, "a `%.*s`, which has to be closed", STR_ARGS(name));
}

// "`a`", "`a` and `b`", "`a`, `b` and `c`"
static Str names_text(RuleContext *cx, const ClosingLife *life) {
  Buf out = buf_in(cx->arena);
  for (uint32_t i = 0; i < life->left_count; i++) {
    bool is_last = i + 1 == life->left_count;
    if (i > 0) buf_add_text(&out, is_last ? " and " : ", ");
    buf_printf(&out, "`%.*s`", STR_ARGS(life->left[i].name));
  }
  return buf_str(&out);
}
