/* # exit-stack-growth (PML522)
 *
 * A loop enters one thing after the other on an ExitStack that was made before it: none of
 * them ends before the stack does.
 *
 * ## Why it costs memory
 *
 * An ExitStack keeps what it is given, and a bound `__exit__` or a closure for each, until
 * it is closed. In a loop over files each of them stays open, with its buffer and its
 * descriptor, although the round that needed it is over; in a worker or a handler the
 * stack grows for as long as the process runs.
 *
 * ## Example
 *
 *     with ExitStack() as stack:
 *         for path in paths:
 *             f = stack.enter_context(open(path))
 *             total += sum(1 for line in f)
 *
 * ## Use instead
 *
 *     for path in paths:
 *         with ExitStack() as stack:
 *             f = stack.enter_context(open(path))
 *             total += sum(1 for line in f)
 *
 * or `with open(path) as f:`. Where the stack has to stay, `stack.pop_all().close()` at
 * the end of the round.
 *
 * ## Fix safety
 *
 * There is no automatic fix: a callback may be meant to run when all is over.
 *
 * ## Limits
 *
 * Only for loops over something without known size, worker loops, and handlers that use a
 * stack of the module, of a class or of an object. Silent where the stack is closed,
 * emptied or made anew in each round, and where all that was entered may be needed at
 * once: it is stored, gathered or yielded, the stack itself is handed on, or, for locks,
 * callbacks and whatever is no file or connection, work follows the loop while the stack
 * is open. A close that not every round comes to makes it a note.
 *
 * ## References
 *
 * `contextlib.ExitStack` in the library reference.
 */
#include "rule.h"

// Where an entry comes again and again.
typedef struct Again {
  NodeId region;  // the loop, or the handler's definition
  NodeId source;  // what a loop over something of size walks through, or NO_NODE
  SizeWhy why;
  bool is_endless;  // a worker, or a handler
  bool is_handler;
} Again;

enum { KEPT_DEPTH = 4, LOOP_LONGEST = 20000 };

static RuleNodeFn on_node;
static Again comes_again(RuleContext *cx, const StackEntry *entry, Context at);
static bool is_needed_at_once(RuleContext *cx, const StackEntry *entry,
                              const Again *again);
static void report(RuleContext *cx, const StackEntry *entry, const Again *again,
                   bool is_partial);

RULE(exit_stack_growth) = {
    .code = "PML522",
    .name = "exit-stack-growth",
    .summary = "a loop enters things on a stack that ends none of them before the end",
    .templates =
        {"`{0}` was made before the loop and keeps what each round over `{1}` ({2}) "
         "enters until the loop is over; a stack made in the round ends with it",
         "`{0}` was made before the loop and keeps what each round enters for as long as "
         "the loop runs; a stack made in the round ends with it",
         "`{0}` outlives the handler and keeps what each call enters; a stack made in "
         "the call ends with it",
         "`{0}` keeps what each round enters, and not every round closes it; a stack "
         "made in the round ends with it"},
    .warn_on = {EVIDENCE_HOT},
    .kinds = {PY_CALL, PY_DECORATOR},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId node) {
  StackEntry entry;
  if (!stack_entry_of(cx->m, node, &entry)) return;
  Context at = context_of(cx->m, node);
  Again again = comes_again(cx, &entry, at);
  if (!cx_require(cx, node, node_ok(again.region),
                  "it is not entered again and again while the stack is open")) {
    return;
  }
  if (!cx_require(cx, node, (at.flags & CONTEXT_TEST) == 0, "it is a test")) return;
  StackLife life = stack_life(cx->m, &entry, again.region);
  if (!cx_require(cx, node, life.end != STACK_ENDS,
                  "the stack is closed, emptied or made anew in each round") ||
      !cx_require(cx, node, !life.shared,
                  "other code gets the stack, and may close it") ||
      !cx_require(cx, node, !life.handed || again.is_endless,
                  "the stack is handed on with all that was entered") ||
      !cx_require(cx, node, !is_needed_at_once(cx, &entry, &again),
                  "all that was entered may be needed at once")) {
    return;
  }
  report(cx, &entry, &again, life.end == STACK_ENDS_AT_TIMES);
}

static void report(RuleContext *cx, const StackEntry *entry, const Again *again,
                   bool is_partial) {
  uint32_t template_index = is_partial          ? 3
                            : again->is_handler ? 2
                            : again->is_endless ? 1
                                                : 0;
  Draft draft = {
      .anchor = entry->node,
      .template_index = template_index,
      .args = {cx_excerpt(cx, entry->stack)},
      .evidence = EVIDENCE_HOT | (node_ok(again->source) ? EVIDENCE_SIZE : 0u),
      .cost = {0, COST_PER_ENTRY},
      .note_at_most = is_partial,
  };
  if (node_ok(again->source)) {
    draft.args[1] = cx_excerpt(cx, again->source);
    draft.args[2] = str_from(size_why_text(again->why));
    draft.labels[0] =
        (DraftLabel){.node = again->source, .text = STR("one entry for each of these")};
  }
  const Def *made = def_get(cx->m, flow_only_def(cx->m, entry->stack));
  if (node_ok(made->node)) {
    draft.labels[node_ok(again->source) ? 1 : 0] =
        (DraftLabel){.node = made->node, .text = STR("the stack is made here")};
  }
  cx_report(cx, draft);
}

// --- how often -----------------------------------------------------------------------

// `while True: job = queue.get()`, `while line := f.readline()`: it takes from something
// without known end, whatever ends it.
static bool takes_from_stream(RuleContext *cx, NodeId loop) {
  const Tree *t = cx->t;
  uint32_t after = node_after(t, loop);
  if (after - loop.i > LOOP_LONGEST) return false;
  for (uint32_t i = loop.i; i < after; i++) {
    if (!node_is(t, (NodeId){i}, PY_CALL)) continue;
    Str method = STR_NONE;
    NodeId receiver = call_receiver(cx->m, (NodeId){i}, &method);
    if (!node_ok(receiver)) continue;
    ValueKind kind = value_of(cx->m, receiver).kind;
    bool takes = (kind == VALUE_QUEUE && str_starts(method, STR("get"))) ||
                 (kind == VALUE_FILE && str_starts(method, STR("read"))) ||
                 (kind == VALUE_SOCKET && str_starts(method, STR("recv"))) ||
                 (kind == VALUE_SOCKET && str_is(method, "accept")) ||
                 (kind == VALUE_CURSOR && str_starts(method, STR("fetch")));
    if (takes && node_eq(loop_around(cx->m, (NodeId){i}, NO_NODE), loop)) return true;
  }
  return false;
}

// A source of size that the loop, or a clause of the comprehension, walks through.
static NodeId source_of_size(RuleContext *cx, NodeId loop, SizeWhy *why) {
  const Tree *t = cx->t;
  bool is_for = node_is(t, loop, PY_FOR_STATEMENT);
  NodeId clause = is_for ? loop : node_child(t, loop, PY_FOR_IN_CLAUSE);
  if (is_for && loop_has_few_rounds(cx->m, loop)) return NO_NODE;
  for (; node_ok(clause); clause = node_next_named(t, clause)) {
    if (!is_for && !node_is(t, clause, PY_FOR_IN_CLAUSE)) continue;
    NodeId source = node_field(t, clause, FIELD_RIGHT);
    Value v = value_of(cx->m, source);
    if (size_is_unbounded(v)) {
      *why = v.why;
      return source;
    }
    if (is_for) break;
  }
  return NO_NODE;
}

static bool is_instance_per_request(RuleContext *cx, const StackEntry *entry) {
  Keeper keeper = keeper_of(cx->m, entry->stack);
  return keeper.kind == KEEPER_SELF &&
         (class_base_flags(cx->m, keeper.class_node) & BASE_HANDLER) != 0;
}

static Again of_handler(RuleContext *cx, const StackEntry *entry, Context at) {
  if ((at.flags & CONTEXT_HANDLER) == 0 || !node_ok(at.function)) return (Again){0};
  if (stack_is_made_in(cx->m, entry->stack, at.function)) return (Again){0};
  const Def *def = def_get(cx->m, def_first(cx->m, binding_of(cx->m, entry->stack)));
  bool is_inner =
      node_ok(def->node) && (context_of(cx->m, def->node).flags & CONTEXT_HANDLER) != 0;
  if (is_inner || is_instance_per_request(cx, entry)) return (Again){0};
  return (Again){.region = at.function, .is_endless = true, .is_handler = true};
}

// The outermost loop, inside of the place where the stack is made, that has many rounds.
static Again comes_again(RuleContext *cx, const StackEntry *entry, Context at) {
  Again again = {0};
  for (NodeId loop = loop_around(cx->m, entry->node, NO_NODE); node_ok(loop);
       loop = loop_around(cx->m, entry->node, loop)) {
    if (stack_is_made_in(cx->m, entry->stack, loop)) break;
    bool is_statement = node_is(cx->t, loop, PY_FOR_STATEMENT) ||
                        node_is(cx->t, loop, PY_WHILE_STATEMENT);
    if (is_statement && flow_reaches(cx->m, entry->node, entry->node) == ANSWER_NO) {
      break;  // left with the first entry
    }
    SizeWhy why = WHY_NONE;
    bool is_endless = is_statement && (loop_is_worker(cx->m, loop) ||
                                       (node_is(cx->t, loop, PY_WHILE_STATEMENT) &&
                                        !loop_has_few_rounds(cx->m, loop) &&
                                        takes_from_stream(cx, loop)));
    NodeId source = is_endless || node_is(cx->t, loop, PY_WHILE_STATEMENT)
                        ? NO_NODE
                        : source_of_size(cx, loop, &why);
    if (is_endless || node_ok(source)) {
      again = (Again){
          .region = loop, .source = source, .why = why, .is_endless = is_endless};
    }
  }
  return node_ok(again.region) ? again : of_handler(cx, entry, at);
}

// --- all at once? --------------------------------------------------------------------

static bool may_be_kept(RuleContext *cx, NodeId thing, uint32_t depth);

// A function that gets it and whose result goes away is taken to be done with it; an
// object that gets it may keep it, and so may what a class makes of it.
static bool call_may_keep(RuleContext *cx, NodeId call, uint32_t depth) {
  Str method = STR_NONE, name = name_of_callee(cx->m, call);
  NodeId receiver = call_receiver(cx->m, call, &method);
  if (node_ok(receiver) && name.n == 0 && call_write(cx->m, call) == NULL &&
      call_result(cx->m, call) == NULL) {
    return true;
  }
  switch (sink_of(cx->m, call)) {
    case SINK_DROPPED:
    case SINK_ONE: return false;
    case SINK_PASSED: return may_be_kept(cx, call, depth);
    default: return true;
  }
}

static bool name_may_be_kept(RuleContext *cx, NodeId name, uint32_t depth) {
  RefList uses = flow_uses_of(cx->m, def_at(cx->m, name));
  if (uses.unknown || uses.escapes_scope) return true;
  for (uint32_t i = 0; i < uses.count; i++) {
    if (may_be_kept(cx, ref_get(cx->m, uses.items[i])->node, depth)) return true;
  }
  return false;
}

static bool may_be_kept(RuleContext *cx, NodeId thing, uint32_t depth) {
  if (depth == 0) return true;
  Use use = use_of(cx->m, thing);
  if ((use.through & THROUGH_WALRUS) != 0 &&
      name_may_be_kept(cx, use.name, depth - 1)) {
    return true;
  }
  switch (use.kind) {
    case USE_CALL: return call_may_keep(cx, use.call, depth - 1);
    case USE_ASSIGNED: return name_may_be_kept(cx, use.name, depth - 1);
    case USE_ELEMENT:
    case USE_UNKNOWN:
    case USE_RETURNED:
    case USE_YIELDED:
    case USE_STORED: return true;
    default: return false;
  }
}

// Something that is done for whoever uses it, and for nobody else.
static bool is_resource(RuleContext *cx, const StackEntry *entry) {
  // What is temporary is there by its name for as long as it is open.
  if (str_starts(name_of_callee(cx->m, entry->thing), STR("tempfile."))) return false;
  switch (value_of(cx->m, entry->thing).kind) {
    case VALUE_FILE:
    case VALUE_ARCHIVE:
    case VALUE_PROCESS:
    case VALUE_SOCKET:
    case VALUE_RESPONSE:
    case VALUE_CONNECTION:
    case VALUE_CURSOR:
    case VALUE_READER: return true;
    default: return false;
  }
}

static bool is_work(RuleContext *cx, NodeId statement, const StackEntry *entry) {
  const Tree *t = cx->t;
  for (NodeId n = statement; n.i < node_after(t, statement); n.i++) {
    if (node_is(t, n, PY_YIELD)) return true;
    if (!node_is(t, n, PY_CALL) || call_is_pure(cx->m, n)) continue;
    Str method = STR_NONE;
    NodeId receiver = call_receiver(cx->m, n, &method);
    bool tells = str_is(name_of_callee(cx->m, n), "builtins.print") ||
                 (node_ok(receiver) && value_of(cx->m, receiver).kind == VALUE_LOGGER);
    if (!tells && !stack_is_ended_by(cx->m, n, entry->stack)) return true;
  }
  return false;
}

// A statement behind `node` in its block, or in the finally clause of its try.
static bool work_beside(RuleContext *cx, NodeId node, const StackEntry *entry) {
  const Tree *t = cx->t;
  NodeId parent = node_parent(t, node);
  if (node_is(t, parent, PY_BLOCK) || node_is(t, parent, PY_MODULE)) {
    for (NodeId s = node_next_named(t, node); node_ok(s); s = node_next_named(t, s)) {
      if (is_work(cx, s, entry)) return true;
    }
  }
  NodeId clause =
      node_is(t, parent, PY_TRY_STATEMENT) && node_role(t, node) == FIELD_BODY
          ? node_child(t, parent, PY_FINALLY_CLAUSE)
          : NO_NODE;
  return node_ok(clause) && is_work(cx, clause, entry);
}

// Does anything run behind the loop while the stack is open?
static bool work_follows(RuleContext *cx, const StackEntry *entry, NodeId loop) {
  const Tree *t = cx->t;
  const Def *def = def_get(cx->m, flow_only_def(cx->m, entry->stack));
  ScopeId here = scope_function(cx->m, scope_at(cx->m, loop));
  bool is_own = node_is(t, entry->stack, PY_IDENTIFIER) && node_ok(def->node) &&
                def->kind != DEF_PARAMETER &&
                scope_function(cx->m, scope_at(cx->m, def->node)).i == here.i;
  if (!is_own) return true;
  NodeId with =
      def->kind == DEF_WITH ? node_ancestor(t, def->node, PY_WITH_STATEMENT) : NO_NODE;
  NodeId last = node_ok(with) ? with : scope_get(cx->m, here)->node;
  for (NodeId n = loop; n.i > last.i; n = node_parent(t, n)) {
    if (work_beside(cx, n, entry)) return true;
  }
  return false;
}

static bool is_needed_at_once(RuleContext *cx, const StackEntry *entry,
                              const Again *again) {
  Sink sink = entry->gives ? sink_of(cx->m, entry->node) : SINK_DROPPED;
  if (sink == SINK_NUMBER || sink == SINK_STORED || sink == SINK_YIELDED) return true;
  if (again->is_endless) return false;
  bool is_kept = entry->gives && sink != SINK_DROPPED && sink != SINK_ONE &&
                 may_be_kept(cx, entry->node, KEPT_DEPTH);
  if (is_kept) return true;
  bool is_used = entry->gives && use_of(cx->m, entry->node).kind != USE_DROPPED;
  if (is_used && is_resource(cx, entry)) return false;
  return work_follows(cx, entry, again->region);
}
