/* # eager-fan-out (PML212)
 *
 * Work is started for every element of a source of any size, all at once.
 *
 * ## Why it costs memory
 *
 * A future takes about 1.6 kB and a task 1.2 kB (2.3 kB before Python 3.11), each with
 * its arguments and later its result, and all of them exist before the first is done. A
 * generator as the argument changes nothing, and neither does a semaphore: it makes
 * tasks wait that exist already. A pool of `multiprocessing` has no future for each, but
 * takes all arguments at once and keeps all results.
 *
 * ## Example
 *
 *     futures = [pool.submit(work, line) for line in f]
 *     await asyncio.gather(*[fetch(url) for url in urls])
 *
 * ## Use instead
 *
 * Chunks (`itertools.islice`), a fixed number of workers that take from a bounded queue,
 * `imap` of a pool, or from Python 3.14 on `pool.map(work, f, buffersize=100)`.
 *
 * ## Fix safety
 *
 * No fix: how many may run together is for the programmer to say.
 *
 * ## Limits
 *
 * Only where the size of the source is unbounded; a parameter makes a note. Silent for
 * slices, chunks and `buffersize`, and for a number of workers: the same work for each of
 * `range(n)`, threads for it, or as many parts as the pool has workers.
 *
 * ## References
 *
 * The Python library, `concurrent.futures.Executor.map`, `asyncio.gather`.
 */
#include "rule.h"

static RuleNodeFn on_node;
static void judge_call(RuleContext *cx, NodeId call);

RULE(eager_fan_out) = {
    .code = "PML212",
    .name = "eager-fan-out",
    .summary = "work is started for every element of a source of any size at once",
    .templates = {"a future for every element exists at once: about 1.6 kB each plus "
                  "arguments and result; chunks or a fixed number of workers hold few",
                  "a task for every element exists at once: about {0} kB each plus "
                  "arguments and result; chunks or a fixed number of workers hold few",
                  "a pool is handed every element at once: all arguments wait, and all "
                  "results are kept; chunks or `imap` hold few",
                  "a thread or process for every element exists at once, each with its "
                  "stack; a fixed number of workers holds few"},
    .warn_on = {EVIDENCE_SIZE},
    .yields_to = {"PML101", "PML102", "PML103", "PML106", "PML504"},
    .kinds = {PY_CALL, PY_LIST_COMPREHENSION},
    .on_node = on_node,
};

typedef enum Work { WORK_FUTURE, WORK_TASK, WORK_POOL, WORK_THREAD } Work;

static Work work_of(RuleContext *cx, NodeId element) {
  StartKind kind = call_start(cx->m, element)->kind;
  if (kind == START_THREAD || kind == START_PROCESS) return WORK_THREAD;
  Str name = name_of_callee(cx->m, element);
  return str_starts(name, STR("asyncio.")) ? WORK_TASK : WORK_FUTURE;
}

// multiprocessing's pools have no future for each element: one for all.
static bool is_pool(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  Value pool = value_of(cx->m, call_receiver(cx->m, call, &method));
  bool made = node_is(cx->t, pool.origin, PY_CALL);
  Str name = made ? name_of_callee(cx->m, pool.origin) : pool.class_name;
  return str_starts(name, STR("multiprocessing."));
}

// What the elements come from, by its size.
static Value source_of(RuleContext *cx, NodeId made, NodeId *source) {
  const Tree *t = cx->t;
  NodeId e = node_unwrap(t, made);
  for (uint32_t i = 0; i < 4; i++) {
    PyKind kind = node_kind(t, e);
    NodeId arguments = node_field(t, e, FIELD_ARGUMENTS);
    Str name = kind == PY_CALL ? name_of_callee(cx->m, e) : STR_NONE;
    if (kind == PY_LIST_COMPREHENSION || kind == PY_GENERATOR_EXPRESSION) {
      e = comprehension_source(t, e);
    } else if (str_is(name, "builtins.map")) {
      e = node_named_at(t, arguments, 1);
    } else {
      break;
    }
    e = node_unwrap(t, e);
  }
  *source = e;
  return value_of(cx->m, e);
}

// `[start(worker) for _ in range(n)]`: all do the same, so n is how many are wanted.
static bool is_a_number_of_workers(RuleContext *cx, NodeId made, Value size,
                                   Work work) {
  const Tree *t = cx->t;
  if (size.kind == VALUE_RANGE && size.why == WHY_PARAMETER) return true;
  if (work == WORK_THREAD && size.why == WHY_RANGE) return true;
  NodeId e = node_unwrap(t, made);
  bool plain =
      node_is(t, e, PY_LIST_COMPREHENSION) || node_is(t, e, PY_GENERATOR_EXPRESSION);
  if (!plain || size.why != WHY_RANGE) return false;
  NodeId target = node_field(t, node_child(t, e, PY_FOR_IN_CLAUSE), FIELD_LEFT);
  NodeId element = comprehension_element(t, e);
  if (!node_is(t, target, PY_IDENTIFIER)) return false;
  for (NodeId n = element; n.i < node_after(t, element); n.i++) {
    bool used = node_is(t, n, PY_IDENTIFIER) && ref_ok(ref_at(cx->m, n)) &&
                str_eq(node_text(t, n), node_text(t, target));
    if (used) return false;
  }
  return true;
}

// `Pool(n).map(work, parts)`, where the parts are made in `range(n)`.
static bool is_one_for_each_worker(RuleContext *cx, NodeId call, Value size) {
  const Tree *t = cx->t;
  Str method = STR_NONE;
  NodeId pool = call_receiver(cx->m, call, &method);
  NodeId made = value_of(cx->m, pool).origin, workers = NO_NODE, last = NO_NODE;
  if (size.why != WHY_RANGE || !node_is(t, made, PY_CALL) ||
      !node_is(t, size.source, PY_CALL)) {
    return false;
  }
  ArgState state = call_argument(cx->m, made, 0, "max_workers", &workers);
  if (state == ARG_ABSENT) {
    state = call_argument(cx->m, made, CALL_NO_POSITION, "processes", &workers);
  }
  uint32_t count = call_positional_count(cx->m, size.source);
  return state == ARG_PRESENT && count > 0 &&
         call_argument(cx->m, size.source, count == 1 ? 0 : 1, NULL, &last) ==
             ARG_PRESENT &&
         str_eq(node_text(t, workers), node_text(t, last));
}

static void report(RuleContext *cx, NodeId anchor, NodeId made, Work work) {
  NodeId source;
  Value size = source_of(cx, made, &source);
  NodeId key = node_field(cx->t, source, FIELD_SUBSCRIPT);
  bool chunk = node_is(cx->t, source, PY_SUBSCRIPT) && node_is(cx->t, key, PY_SLICE);
  bool workers =
      is_a_number_of_workers(cx, made, size, work) ||
      (node_is(cx->t, anchor, PY_CALL) && is_one_for_each_worker(cx, anchor, size));
  if (!cx_require(cx, anchor, !workers, "a number of workers that is given")) return;
  bool rows = size.kind == VALUE_CURSOR && !size_is_small(size);
  if (!cx_require(cx, anchor, (rows || size_is_unbounded(size)) && !chunk,
                  "the source is not known to be of any size")) {
    return;
  }
  Draft draft = {.anchor = anchor,
                 .template_index = (uint32_t)work,
                 .labels = {{.node = source, .text = size_label(cx, size)}},
                 .evidence = evidence_of(cx, anchor, size) | (rows ? EVIDENCE_SIZE : 0),
                 .cost = {work == WORK_TASK ? 1200 : 1600, COST_PER_ITEM},
                 .note_at_most = size.why == WHY_PARAMETER ||
                                 (size.why == WHY_RANGE && size.kind != VALUE_RANGE)};
  bool old = cx->settings->target.floor <= 10;
  draft.args[0] = old ? STR("2.3") : STR("1.2");
  if (work == WORK_TASK && old) draft.cost.bytes = 2300;
  if (work == WORK_POOL || work == WORK_THREAD) draft.cost = (Cost){0};
  cx_report(cx, draft);
}

// asyncio.gather(*made), as_completed(made): tasks for what are no tasks yet.
static bool gathers(RuleContext *cx, NodeId call) {
  Str name = name_of_callee(cx->m, call);
  return str_is(name, "asyncio.gather") || str_is(name, "asyncio.wait") ||
         str_is(name, "asyncio.as_completed");
}

// `gather(*made)` around, or NO_NODE.
static NodeId gather_around(RuleContext *cx, NodeId made) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, made), up = node_parent(t, e);
  if (node_is(t, up, PY_LIST_SPLAT)) up = node_parent(t, up);
  NodeId call = node_parent(t, up);
  bool given = node_is(t, up, PY_ARGUMENT_LIST) && node_is(t, call, PY_CALL);
  return given && gathers(cx, call) ? call : NO_NODE;
}

// `calls = […]`, then `gather(*calls)`, though it be in another block.
static NodeId only_use(RuleContext *cx, NodeId made) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, made), assignment = node_parent(t, e);
  NodeId name = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || !node_is(t, name, PY_IDENTIFIER)) {
    return NO_NODE;
  }
  DefId def = def_at(cx->m, name);
  if (!def_ok(def)) return NO_NODE;
  RefList uses = flow_uses_of(cx->m, def);
  bool one = !uses.unknown && !uses.escapes_scope && uses.count == 1;
  return one ? ref_get(cx->m, uses.items[0])->node : NO_NODE;
}

// A class of this file may call anything so.
static bool is_own_method(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, call, &method);
  Value v = value_of(cx->m, receiver);
  return node_ok(receiver) && v.kind == VALUE_INSTANCE && node_ok(v.definition);
}

static void on_node(RuleContext *cx, NodeId node) {
  if (node_is(cx->t, node, PY_CALL)) {
    judge_call(cx, node);
    return;
  }
  NodeId element = node_unwrap(cx->t, comprehension_element(cx->t, node));
  if (!node_is(cx->t, element, PY_CALL) || is_own_method(cx, element)) return;
  if (call_starts_work(cx->m, element)) {
    report(cx, node, node, work_of(cx, element));
    return;
  }
  NodeId use = only_use(cx, node);
  if (node_ok(gather_around(cx, node)) ||
      (node_ok(use) && node_ok(gather_around(cx, use)))) {
    report(cx, node, node, WORK_TASK);
  }
}

// gather(*(… for …)), gather(*map(…)), pool.map(work, source).
static void judge_call(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  if (!node_is(t, arguments, PY_ARGUMENT_LIST)) return;
  if (gathers(cx, call)) {
    NodeId a = node_first_named(t, arguments);
    NodeId made = node_is(t, a, PY_LIST_SPLAT) ? node_first_named(t, a) : a;
    made = node_unwrap(t, made);
    bool lazy = node_is(t, made, PY_GENERATOR_EXPRESSION) ||
                (node_is(t, made, PY_CALL) &&
                 str_is(name_of_callee(cx->m, made), "builtins.map"));
    if (lazy) report(cx, made, made, WORK_TASK);
    return;
  }
  const SinkFact *sink = call_sink(cx->m, call);
  bool eager = sink != NULL && (sink->flags & SINK_FANS_OUT) != 0 &&
               str_starts(sink->name, STR(".executor.")) &&
               !str_starts(sink->name, STR(".executor.imap"));
  if (!eager) return;
  NodeId made = NO_NODE;
  for (NodeId a = node_first_named(t, arguments); node_ok(a);
       a = node_next_named(t, a)) {
    bool bounded = node_is(t, a, PY_KEYWORD_ARGUMENT) &&
                   node_text_is(t, node_field(t, a, FIELD_NAME), "buffersize");
    if (!cx_require(cx, call, !bounded, "buffersize bounds it")) return;
    if (!node_ok(made) && sink_takes(cx->m, sink, call, a)) made = a;
  }
  if (node_is(t, made, PY_KEYWORD_ARGUMENT)) made = node_field(t, made, FIELD_VALUE);
  if (node_ok(made))
    report(cx, call, made, is_pool(cx, call) ? WORK_POOL : WORK_FUTURE);
}
