/* # repeated-registration (PML506)
 *
 * A function that runs again and again adds to a list of the process each time.
 *
 * ## Why it costs memory
 *
 * Loggers, `sys.path`, `atexit`, audit hooks, fork hooks and codec searches are lists that
 * live as long as the process. What is added in a request handler, in a loop or in the
 * `__init__` of a class with many instances is added once more each time: about 300 B for
 * a handler of a logger, with its stream and lock, and each record is written once for
 * every handler. A signal handler that calls the one before it makes a chain that grows.
 *
 * ## Example
 *
 *     @app.route("/export")
 *     def export():
 *         logger.addHandler(logging.FileHandler("export.log"))
 *         ...
 *
 * ## Use instead
 *
 *     logger.addHandler(logging.FileHandler("export.log"))
 *
 *     @app.route("/export")
 *     def export():
 *         ...
 *
 * at the module's level, or under a test (`if not logger.handlers:`), or with
 * `removeHandler` in a `finally`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: where the registration belongs is a decision.
 *
 * ## Limits
 *
 * Silent where a test of the list, of a flag or of anything else that is remembered
 * stands before it, where the function, class or module takes such entries out again, and
 * for functions that are not known to run more than once. A logger keeps a handler once:
 * only those made in the function count, and only on a logger that is the same each time.
 * Loops that add other paths in each round are silent, as are warnings filters and MIME
 * types, which are kept once. A note where only the class says that it may be made again,
 * and where a function gives its callers the logger that it adds to.
 *
 * ## References
 *
 * `logging.Logger.addHandler`, `sys.path` and `atexit` in the library reference.
 */
#include "rule.h"

static RuleRegistrationFn on_registration;
static RuleFileFn on_explain;
static bool is_candidate(const IndexRegistration *r);
static Str repeat_text(RuleContext *cx, const IndexRegistration *r, bool *is_hot);
static Cost entry_cost(const IndexRegistration *r);

RULE(repeated_registration) = {
    .code = "PML506",
    .name = "repeated-registration",
    .summary = "a list of the process gets another entry each time a function runs",
    .templates =
        {"`{0}` adds an entry {1}, and nothing takes one out again: test whether it is "
         "there, or do it once",
         "`{0}` adds another handler {1}, and nothing removes one: at least {2} B each, "
         "and each record is handled once more",
         "`{0}` puts one handler before the other {1}: the chain keeps them all; put the "
         "previous one back, or do it once"},
    .warn_on = {EVIDENCE_HOT},
    .yields_to = {"PML505", "PML508"},
    .on_registration = on_registration,
    .on_explain = on_explain,
};

static void on_registration(RuleContext *cx, RegistrationId id) {
  const IndexRegistration *r = index_registration(cx->index, id);
  if (!is_candidate(r)) return;
  bool is_new = r->fact->kind == CALLBACK_OTHER || (r->flags & REGISTRATION_FRESH) != 0;
  if (!cx_require_place(cx, r->place, is_new,
                        "what is added holds an object, which PML505 judges")) {
    return;
  }
  bool is_hot = false;
  Str repeat = repeat_text(cx, r, &is_hot);
  bool is_remembered =
      (r->flags & REGISTRATION_GUARDED) != 0 ||
      ((r->flags & REGISTRATION_ONCE_EACH) != 0 && !r->in_method_of_many);
  if (!cx_require_place(cx, r->place, repeat.n != 0,
                        "it is not known to run more than once") ||
      !cx_require_place(cx, r->place, !is_remembered, "a test lets it run once") ||
      !cx_require_lasting(cx, r, "something takes entries out again")) {
    return;
  }
  bool is_logger = r->form == REGISTER_SUBSCRIBES;
  bool chains = (r->flags & REGISTRATION_CHAINS) != 0;
  Cost cost = entry_cost(r);
  cx_report(cx, (Draft){
                    .place = r->place,
                    .template_index = chains      ? 2
                                      : is_logger ? 1
                                                  : 0,
                    .args = {r->name, repeat, cx_format(cx, "%u", cost.bytes)},
                    .labels = {{.place = {r->module, r->fact->given.i},
                                .text = STR("added each time")}},
                    .evidence = EVIDENCE_LONG | (is_hot ? EVIDENCE_HOT : 0u),
                    .cost = cost,
                    .note_at_most = r->on_one_path,
                });
}

static bool is_candidate(const IndexRegistration *r) {
  bool adds = r->form == REGISTER_KEEPS || r->form == REGISTER_SUBSCRIBES ||
              (r->flags & REGISTRATION_CHAINS) != 0;
  return adds && (r->flags & REGISTRATION_UNDO) == 0 && r->fact->form != REGISTER_NAMED;
}

// The loop around makes it again, with something else or on something else each time?
static bool is_looped(const IndexRegistration *r) {
  if ((r->fact->context & (CONTEXT_LOOP | CONTEXT_COMPREHENSION)) == 0) return false;
  if ((r->flags & REGISTRATION_ELSEWHERE) != 0) return false;
  if (r->form == REGISTER_SUBSCRIBES) return (r->flags & REGISTRATION_VARIES) != 0;
  // There are only so many paths and filters that a program goes through.
  return (r->flags & (REGISTRATION_PATHS | REGISTRATION_EQUAL)) == 0 ||
         (r->flags & REGISTRATION_VARIES) == 0;
}

// Why it runs more than once; empty if that is not known.
static Str repeat_text(RuleContext *cx, const IndexRegistration *r, bool *is_hot) {
  Str caller = index_place_scope(cx->index, r->place);
  *is_hot = true;
  if ((r->fact->context & CONTEXT_WORKER) != 0) return STR("in each round of a worker");
  if ((r->fact->context & CONTEXT_HANDLER) != 0)
    return cx_format(cx, "each time that the handler `%.*s` runs", STR_ARGS(caller));
  if (is_looped(r)) return STR("in each round of the loop");
  if (r->in_handler) {
    return cx_format(cx, "each time that `%.*s` runs, which a handler or worker calls",
                     STR_ARGS(caller));
  }
  if (r->in_method_of_many && r->in_init) {
    return cx_format(cx, "each time that `%.*s` runs, for each of many instances",
                     STR_ARGS(caller));
  }
  *is_hot = false;
  if ((r->flags & REGISTRATION_EQUAL) != 0) return STR_NONE;
  if (r->runs_in_loop) {
    return cx_format(cx, "each time that `%.*s` runs, which a loop calls",
                     STR_ARGS(caller));
  }
  bool is_single =
      r->made == MADE_ONCE || (r->flags & REGISTRATION_SINGLETON) != 0 || r->runs_once;
  if (is_single || (r->flags & REGISTRATION_BY_NAME) != 0) return STR_NONE;
  if (r->in_init && r->owner.i != 0)
    return cx_format(cx, "for each instance, in `%.*s`", STR_ARGS(caller));
  if ((r->flags & REGISTRATION_ACCESSOR) != 0)
    return cx_format(cx, "each time that `%.*s` gives the logger", STR_ARGS(caller));
  return STR_NONE;
}

// What one more takes at least, the object that is given left out.
static Cost entry_cost(const IndexRegistration *r) {
  if (r->form == REGISTER_SUBSCRIBES) return (Cost){280, COST_PER_CALL};
  return (Cost){(r->flags & REGISTRATION_PATHS) != 0 ? 8 : 64, COST_PER_CALL};
}

static void on_explain(RuleContext *cx) {
  static const char reason[] =
      "it runs while the module is imported, is there once, or its keeper goes with it";
  cx_explain_unregistered(cx, REGISTER_SUBSCRIBES, reason);
  cx_explain_unregistered(cx, REGISTER_KEEPS, reason);
}
