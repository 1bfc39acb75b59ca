/* # pinned-self (PML505)
 *
 * An object hands its own method to a registry of the process, and nothing takes it out.
 *
 * ## Why it costs memory
 *
 * `atexit.register(self.close)` keeps the bound method until the process ends, and
 * that keeps the object and all that it refers to. So does a lambda, a partial or a nested
 * function that mentions `self`. Every instance stays, however short its work was. With
 * `weakref.finalize(self, self.close)` the finalizer itself keeps the object that it waits
 * for: it runs at exit only. A hook that is replaced, `sys.excepthook`, keeps the last
 * instance; if each one keeps the hook that was there before, it keeps them all.
 *
 * ## Example
 *
 *     class Connection:
 *         def __init__(self, address):
 *             self.socket = socket.create_connection(address)
 *             atexit.register(self.close)
 *
 * ## Use instead
 *
 *     class Connection:
 *         def __init__(self, address):
 *             self.socket = socket.create_connection(address)
 *             self._end = weakref.finalize(self, self.socket.close)
 *
 * The finalizer runs when the object dies or the process ends, and holds the socket
 * alone. Or take the method out again where the object is closed:
 * `atexit.unregister(self.close)`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: who is to end what, and when, is a decision.
 *
 * ## Limits
 *
 * Silent for classes of which the program makes one instance, where a test of shared
 * state lets the registration happen once, and where a method of the class, or of a base
 * or subclass, undoes it. What undoes it in `__del__` does not count, for that never
 * runs; where an option decides about it, the finding is a note. Silent for static and
 * class methods, and for what an attribute holds (`self.file.close`). Signal handlers,
 * of a loop too, only where the handler before is kept: else the next takes its place.
 *
 * ## References
 *
 * `atexit`, `weakref.finalize`, `signal` and `sys.excepthook` in the library reference.
 */
#include "rule.h"

static RuleRegistrationFn on_registration;
static RuleFileFn on_explain;
static void on_finalizer(RuleContext *cx, const IndexRegistration *r);
static bool is_candidate(const IndexRegistration *r);
static Str held_text(RuleContext *cx, const IndexRegistration *r, Str object);
static Str owner_text(RuleContext *cx, const IndexRegistration *r);

RULE(pinned_self) = {
    .code = "PML505",
    .name = "pinned-self",
    .summary = "a registry of the process keeps every instance that registered itself",
    .templates =
        {"`{0}` keeps {1}, and with it every `{2}`, until the process ends; nothing "
         "takes it out again",
         "`{0}` keeps {1}, and so the very `{2}` whose end it waits for: that never "
         "dies; give it what does not hold `{2}`",
         "`{0}` keeps {1}, and with it the last `{2}`, until something else takes its "
         "place; nothing puts the previous one back",
         "`{0}` gets {1} and each `{2}` keeps the one before: all of them stay until "
         "the process ends; nothing puts it back"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .on_registration = on_registration,
    .on_explain = on_explain,
};

static void on_registration(RuleContext *cx, RegistrationId id) {
  const IndexRegistration *r = index_registration(cx->index, id);
  if (!is_candidate(r)) return;
  uint32_t flags = r->flags;
  if (!cx_require_place(cx, r->place, r->fact->kind != CALLBACK_OTHER,
                        "what is given does not hold the object") ||
      !cx_require_place(cx, r->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, r->place, !r->is_value, "it is no method of the object")) {
    return;
  }
  if ((flags & REGISTRATION_FINALIZES) != 0) {
    on_finalizer(cx, r);
    return;
  }
  bool chains = (flags & REGISTRATION_CHAINS) != 0;
  bool replaces = r->form == REGISTER_REPLACES;
  if (!cx_require_place(cx, r->place, chains || (flags & REGISTRATION_CHAIN_ONLY) == 0,
                        "the next handler takes its place") ||
      !cx_require_place(cx, r->place,
                        r->made != MADE_ONCE && (flags & REGISTRATION_SINGLETON) == 0,
                        "the program makes one instance") ||
      !cx_require_place(cx, r->place, (flags & REGISTRATION_GUARDED) == 0,
                        "a test lets it run once") ||
      !cx_require_lasting(cx, r, "something undoes it, or may")) {
    return;
  }
  cx_report(cx, (Draft){
                    .place = r->place,
                    .template_index = chains     ? 3
                                      : replaces ? 2
                                                 : 0,
                    .args = {r->name, held_text(cx, r, STR("self")), owner_text(cx, r)},
                    .labels = {{.place = {r->module, r->fact->given.i},
                                .text = STR("holds the instance")}},
                    .evidence = EVIDENCE_LONG,
                    .note_at_most = r->on_one_path,
                });
}

static bool is_candidate(const IndexRegistration *r) {
  bool is_of_process = r->form == REGISTER_KEEPS || r->form == REGISTER_REPLACES;
  return is_of_process && (r->flags & REGISTRATION_UNDO) == 0;
}

static void on_finalizer(RuleContext *cx, const IndexRegistration *r) {
  Str object = index_name(cx->index, r->module, r->fact->receiver);
  if (!cx_require_lasting(cx, r, "something undoes it, or may")) return;
  Str class_name = owner_text(cx, r);
  bool is_self = class_name.n != 0 && str_is(object, "self");
  cx_report(cx, (Draft){
                    .place = r->place,
                    .template_index = 1,
                    .args = {r->name, held_text(cx, r, object),
                             is_self ? class_name : object},
                    .labels = {{.place = {r->module, r->fact->given.i},
                                .text = STR("holds the object")}},
                    .evidence = EVIDENCE_LONG,
                });
}

static Str held_text(RuleContext *cx, const IndexRegistration *r, Str object) {
  Str callback =
      str_after_last(index_name(cx->index, r->module, r->fact->callback), '.');
  switch ((CallbackKind)r->fact->kind) {
    case CALLBACK_BOUND:
      return cx_format(cx, "`%.*s.%.*s`", STR_ARGS(object), STR_ARGS(callback));
    case CALLBACK_PARTIAL:
      return cx_format(cx, "a partial over `%.*s`", STR_ARGS(object));
    case CALLBACK_LAMBDA:
      return cx_format(cx, "a lambda over `%.*s`", STR_ARGS(object));
    case CALLBACK_FUNCTION:
      return cx_format(cx, "a nested function over `%.*s`", STR_ARGS(object));
    default: return cx_format(cx, "`%.*s`", STR_ARGS(object));
  }
}

static Str owner_text(RuleContext *cx, const IndexRegistration *r) {
  return str_after_last(index_name(cx->index, r->module, r->fact->owner), '.');
}

static void on_explain(RuleContext *cx) {
  cx_explain_unregistered(
      cx, REGISTER_KEEPS,
      "what is given holds no object that is known, or its keeper goes with it");
}
