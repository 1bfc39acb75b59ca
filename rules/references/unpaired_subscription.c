/* # unpaired-subscription (PML508)
 *
 * An object subscribes to a publisher that outlives it, and never unsubscribes.
 *
 * ## Why it costs memory
 *
 * `bus.subscribe("saved", self.on_saved)` puts the bound method into a list of the bus,
 * and that keeps the object and all that it refers to for as long as the bus lives. Where
 * that is a module's or a logger's, each instance ever made stays, and each goes on being
 * called. A handler that is added to a logger stays in the same way.
 *
 * ## Example
 *
 *     class View:
 *         def __init__(self):
 *             bus.subscribe("saved", self.on_saved)
 *
 * ## Use instead
 *
 *     class View:
 *         def __init__(self):
 *             bus.subscribe("saved", self.on_saved)
 *
 *         def close(self):
 *             bus.unsubscribe("saved", self.on_saved)
 *
 * or a bus that holds its subscribers by `weakref.WeakMethod`.
 *
 * ## Fix safety
 *
 * There is no automatic fix: where the subscription is to end is a decision.
 *
 * ## Limits
 *
 * A warning where the publisher lives as long as the process: a name of a module or class,
 * a logger. Where it is given by a parameter, a note. Silent for publishers that the
 * object makes itself or that are made beside it, for those that hold weakly (signals of
 * Django, blinker and Qt, and classes of the project that do), where a class, base or
 * subclass calls anything that undoes on the same publisher, where the subscription's
 * result is kept and used, and for classes of which the program makes one instance. A
 * callback given to `connect` in front of everything else is reported only where the class
 * of the signal is the project's own.
 *
 * ## References
 *
 * `weakref.WeakMethod` and `logging.Logger.removeHandler` in the library reference.
 */
#include "rule.h"

static RuleRegistrationFn on_registration;
static RuleFileFn on_explain;
static bool is_proved(RuleContext *cx, const IndexRegistration *r);
static Str call_text(RuleContext *cx, const IndexRegistration *r);
static Str held_text(RuleContext *cx, const IndexRegistration *r);

RULE(unpaired_subscription) = {
    .code = "PML508",
    .name = "unpaired-subscription",
    .summary = "an object subscribes to what outlives it and never unsubscribes",
    .templates =
        {"`{0}` keeps {1}, and with it every `{2}`, until the process ends; nothing "
         "takes it out again",
         "`{0}` keeps {1}, and with it the `{2}`, as long as the publisher lives; nothing "
         "takes it out again",
         "`{0}` keeps {1} of every `{2}`, as long as the logger lives; nothing takes it "
         "out again"},
    .warn_on = {EVIDENCE_LONG},
    .yields_to = {"PML505"},
    .on_registration = on_registration,
    .on_explain = on_explain,
};

static void on_registration(RuleContext *cx, RegistrationId id) {
  const IndexRegistration *r = index_registration(cx->index, id);
  if (r->form != REGISTER_SUBSCRIBES || (r->flags & REGISTRATION_UNDO) != 0) return;
  if (!is_proved(cx, r)) return;
  bool is_long = (r->flags & REGISTRATION_LONG) != 0;
  bool is_part = r->fact->kind == CALLBACK_ATTRIBUTE;
  Str owner = str_after_last(index_name(cx->index, r->module, r->fact->owner), '.');
  cx_report(cx, (Draft){
                    .place = r->place,
                    .template_index = is_part   ? 2
                                      : is_long ? 0
                                                : 1,
                    .args = {call_text(cx, r), held_text(cx, r), owner},
                    .labels = {{.place = {r->module, r->fact->given.i},
                                .text = STR("holds the instance")}},
                    .evidence = is_long ? EVIDENCE_LONG : 0u,
                    .note_at_most = r->on_one_path,
                });
}

static bool is_proved(RuleContext *cx, const IndexRegistration *r) {
  uint32_t flags = r->flags;
  const uint32_t unsure = REGISTRATION_SIGNAL | REGISTRATION_PASSING;
  bool is_strong = (flags & unsure) == 0 || r->is_strong;
  return cx_require_place(cx, r->place, r->fact->kind != CALLBACK_OTHER,
                          "what is given does not hold the object") &&
         cx_require_place(cx, r->place, cx->index->is_complete,
                          "the project is not complete") &&
         cx_require_place(cx, r->place, !r->is_value,
                          "it is no method of the object") &&
         cx_require_place(cx, r->place, !r->is_weak, "the publisher holds it weakly") &&
         cx_require_place(
             cx, r->place, is_strong,
             "the publisher is not known, and may hold it weakly or for a while only") &&
         cx_require_place(cx, r->place,
                          r->made != MADE_ONCE && (flags & REGISTRATION_SINGLETON) == 0,
                          "the program makes one instance") &&
         cx_require_place(cx, r->place, (flags & REGISTRATION_GUARDED) == 0,
                          "a test lets it run once") &&
         cx_require_lasting(cx, r, "something undoes it, or may");
}

static Str call_text(RuleContext *cx, const IndexRegistration *r) {
  Str receiver = index_name(cx->index, r->module, r->fact->receiver);
  Str module = index_module_name(cx->index, r->module);
  bool is_own = receiver.n > module.n + 1 && str_starts(receiver, module) &&
                receiver.p[module.n] == '.';
  if (is_own) receiver = str_slice(receiver, module.n + 1, receiver.n);
  if (receiver.n == 0) return r->name;
  if (r->fact->form == REGISTER_NAMED) return receiver;
  if (str_find_byte(r->name, '.', 0) < r->name.n) return r->name;
  return cx_format(cx, "%.*s.%.*s", STR_ARGS(receiver), STR_ARGS(r->name));
}

static Str held_text(RuleContext *cx, const IndexRegistration *r) {
  Str name = str_after_last(index_name(cx->index, r->module, r->fact->callback), '.');
  switch ((CallbackKind)r->fact->kind) {
    case CALLBACK_BOUND:
    case CALLBACK_ATTRIBUTE: return cx_format(cx, "`self.%.*s`", STR_ARGS(name));
    case CALLBACK_PARTIAL: return STR("a partial over `self`");
    case CALLBACK_LAMBDA: return STR("a lambda over `self`");
    case CALLBACK_FUNCTION: return STR("a nested function over `self`");
    default: return STR("`self`");
  }
}

static void on_explain(RuleContext *cx) {
  cx_explain_unregistered(
      cx, REGISTER_SUBSCRIBES,
      "what is given holds no object that is known, or its keeper goes with it");
}
