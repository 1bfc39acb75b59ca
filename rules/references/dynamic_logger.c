/* # dynamic-logger (PML507)
 *
 * A logger is asked for by a name that each instance, request or round makes anew.
 *
 * ## Why it costs memory
 *
 * `logging.getLogger(name)` keeps every logger that it ever made: the manager's table has
 * no way to forget one. A logger takes about 450 B, its name left out, and with handlers
 * of its own much more. In a server the table grows with each connection.
 *
 * ## Example
 *
 *     class Connection:
 *         def __init__(self, number):
 *             self.log = logging.getLogger(f"connection.{number}")
 *
 * ## Use instead
 *
 *     log = logging.getLogger("connection")
 *
 *     class Connection:
 *         def __init__(self, number):
 *             self.log = logging.LoggerAdapter(log, {"connection": number})
 *
 * ## Fix safety
 *
 * There is no automatic fix: what formats and filters the records may go by the name.
 *
 * ## Limits
 *
 * The name has to be proved to vary: by an address, a clock, a counter or a random number,
 * by a handler's parameter, by the variable of a loop that goes on for long, or by a
 * parameter that calls in this file vary. Silent for constants, `__name__`, names of
 * classes, class attributes, enumerations, and parameters whose calls are not seen; for
 * loops over lists that are written out, and over names of loggers that are only set up.
 *
 * ## References
 *
 * `logging.getLogger` and `logging.LoggerAdapter` in the library reference.
 */
#include "rule.h"

enum { FUNCTION_NODES = 8192 };  // that are looked through for what takes it out

static RuleNodeFn on_call;
static NodeId logger_name_of(RuleContext *cx, NodeId call);
static bool only_sets_up(RuleContext *cx, NodeId call, Varies varies);
static bool is_taken_out(RuleContext *cx, NodeId call);
static bool is_kept_in_number(RuleContext *cx, NodeId call, Varies varies);
static Str per_text(Varies varies);

RULE(dynamic_logger) = {
    .code = "PML507",
    .name = "dynamic-logger",
    .summary = "a logger's name is another one each time, and loggers live for ever",
    .templates =
        {"`{0}` makes another logger for each {1}, and each lives for ever: about 450 B; "
         "use one logger and a `LoggerAdapter`"},
    .warn_on = {EVIDENCE_HOT},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  NodeId name = logger_name_of(cx, call);
  if (!node_ok(name)) return;
  Context at = context_of(cx->m, call);
  Varies varies = varies_of(cx->m, name);
  bool is_hot = varies.by >= VARIES_BY_REQUEST || varies.is_hot ||
                (varies.by == VARIES_EACH_TIME && context_is_hot(at));
  if (!cx_require(cx, call, varies.by > VARIES_UNKNOWN,
                  "the name is not known to vary") ||
      !cx_require(cx, call, node_ok(at.function),
                  "it runs while modules are imported") ||
      !cx_require(cx, call, (at.flags & CONTEXT_TEST) == 0, "it is a test") ||
      !cx_require(cx, call, is_hot || is_kept_in_number(cx, call, varies),
                  "it is not known to run more than once") ||
      !cx_require(cx, call, !only_sets_up(cx, call, varies),
                  "loggers that are there are set up") ||
      !cx_require(cx, call, !is_taken_out(cx, call), "it is taken out again")) {
    return;
  }
  NodeId cause = node_ok(varies.site) ? varies.site : varies.source;
  cx_report(cx, (Draft){
                    .anchor = call,
                    .args = {cx_excerpt(cx, call), per_text(varies)},
                    .labels = {{.node = cause, .text = STR("varies here")}},
                    .evidence = EVIDENCE_LONG | (is_hot ? EVIDENCE_HOT : 0u),
                    .cost = {450, COST_PER_CALL},
                });
}

// `self.log.getChild(…)`, whatever is known of the receiver.
static bool is_child_of_logger(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = node_unwrap(cx->t, call_receiver(cx->m, call, &method));
  if (!str_is(method, "getChild")) return false;
  if (node_is(cx->t, receiver, PY_ATTRIBUTE))
    receiver = node_field(cx->t, receiver, FIELD_ATTRIBUTE);
  Str text = node_text(cx->t, receiver);
  return str_ends(text, STR("log")) || str_ends(text, STR("logger")) ||
         str_ends(text, STR("LOG")) || str_ends(text, STR("LOGGER"));
}

static NodeId logger_name_of(RuleContext *cx, NodeId call) {
  NodeId name = NO_NODE;
  const ResultFact *fact = call_result(cx->m, call);
  bool is_logger =
      (fact != NULL && fact->kind == VALUE_LOGGER) || is_child_of_logger(cx, call);
  if (!is_logger) return NO_NODE;
  if (call_argument(cx->m, call, 0, "name", &name) != ARG_PRESENT)
    call_argument(cx->m, call, 0, "suffix", &name);
  return name;
}

// --- how often -----------------------------------------------------------------------

// Once for each instance, of a class that is not known to have one only.
static bool is_kept_in_number(RuleContext *cx, NodeId call, Varies varies) {
  BindingId self = self_around(cx->m, call);
  if (!binding_ok(self)) return false;
  NodeId class_node = self_class(cx->m, self);
  NodeId function = context_of(cx->m, call).function;
  bool is_init =
      node_text_is(cx->t, node_field(cx->t, function, FIELD_NAME), "__init__");
  bool is_per_instance =
      varies.by == VARIES_BY_INSTANCE || (varies.by == VARIES_EACH_TIME && is_init);
  return is_per_instance && class_instances(cx->m, class_node) != INSTANCES_ONE;
}

// --- what it is for ------------------------------------------------------------------

typedef enum Purpose {
  PURPOSE_SETS_UP,  // levels, handlers, filters
  PURPOSE_LOGS,
  PURPOSE_OTHER,
} Purpose;

static Purpose purpose_of(RuleContext *cx, NodeId mention) {
  const Tree *t = cx->t;
  NodeId n = node_wrap(t, mention), attribute = node_parent(t, n);
  if (!node_is(t, attribute, PY_ATTRIBUTE)) {
    bool is_dropped = use_of(cx->m, mention).kind == USE_DROPPED;
    return is_dropped ? PURPOSE_SETS_UP : PURPOSE_OTHER;
  }
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  bool logs = str_is(name, "debug") || str_is(name, "info") ||
              str_is(name, "warning") || str_is(name, "warn") ||
              str_is(name, "error") || str_is(name, "log") ||
              str_is(name, "exception") || str_is(name, "critical");
  return logs ? PURPOSE_LOGS : PURPOSE_SETS_UP;
}

// The strongest of what becomes of the logger.
static Purpose purpose_of_call(RuleContext *cx, NodeId call) {
  Use use = use_of(cx->m, call);
  if (use.kind != USE_ASSIGNED) return purpose_of(cx, call);
  Purpose purpose = PURPOSE_SETS_UP;
  RefList uses = flow_uses_of(cx->m, def_at(cx->m, use.name));
  if (uses.unknown) return PURPOSE_OTHER;
  for (uint32_t i = 0; i < uses.count && purpose != PURPOSE_LOGS; i++) {
    Purpose one = purpose_of(cx, ref_get(cx->m, uses.items[i])->node);
    if (one != PURPOSE_SETS_UP) purpose = one;
  }
  return purpose;
}

// `for name in names: getLogger(name).setLevel(level)`: loggers that others made. A name
// that is taken as it comes has to be logged to.
static bool only_sets_up(RuleContext *cx, NodeId call, Varies varies) {
  if (varies.by != VARIES_BY_ROUND) return false;
  NodeId name = node_unwrap(cx->t, logger_name_of(cx, call));
  const Def *def = def_get(cx->m, binding_only_def(cx->m, binding_of(cx->m, name)));
  bool is_given =
      def->kind == DEF_PARAMETER && !scope_ok(scope_class_of_method(cx->m, def->scope));
  bool is_bare = node_is(cx->t, name, PY_IDENTIFIER) &&
                 (def->kind == DEF_FOR || def->kind == DEF_COMPREHENSION || is_given);
  Purpose purpose = purpose_of_call(cx, call);
  return purpose == PURPOSE_SETS_UP || (is_bare && purpose != PURPOSE_LOGS);
}

// `logging.Logger.manager.loggerDict.pop(name, None)` in the same function.
static bool is_taken_out(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId function = context_of(cx->m, call).function, key = NO_NODE;
  Str name = node_text(t, node_unwrap(t, logger_name_of(cx, call)));
  uint32_t after = node_after(t, function);
  if (after - function.i > FUNCTION_NODES) after = function.i + FUNCTION_NODES;
  for (uint32_t i = function.i; i < after; i++) {
    NodeId n = {i}, parent = node_parent(t, n);
    if (!node_is(t, n, PY_ATTRIBUTE) ||
        !node_text_is(t, node_field(t, n, FIELD_ATTRIBUTE), "loggerDict")) {
      continue;
    }
    key = node_field(t, parent, FIELD_SUBSCRIPT);  // del loggerDict[name]
    if (node_is(t, parent, PY_ATTRIBUTE))
      call_argument(cx->m, node_parent(t, parent), 0, NULL, &key);
    if (str_eq(node_text(t, node_unwrap(t, key)), name)) return true;
  }
  return false;
}

static Str per_text(Varies varies) {
  switch (varies.by) {
    case VARIES_BY_INSTANCE: return STR("instance");
    case VARIES_BY_REQUEST: return STR("request");
    case VARIES_BY_ROUND: return STR("round of the loop");
    default: return STR("call");
  }
}
