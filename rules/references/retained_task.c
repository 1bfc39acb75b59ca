/* # retained-task (PML504)
 *
 * A task or future is put into a container that lives long, and nothing takes it out when
 * it is done.
 *
 * ## Why it costs memory
 *
 * A task that is done keeps its result or its exception, its coroutine and, with an
 * exception, the frames of the traceback. The loop itself holds running tasks weakly,
 * so programs keep them in a set; without a removal each task that ever ran stays there,
 * about 300 B and what it refers to.
 *
 * ## Example
 *
 *     TASKS = set()
 *
 *     @app.post("/jobs")
 *     async def start(job):
 *         TASKS.add(asyncio.create_task(run(job)))
 *
 * ## Use instead
 *
 *         task = asyncio.create_task(run(job))
 *         TASKS.add(task)
 *         task.add_done_callback(TASKS.discard)
 *
 * or an `asyncio.TaskGroup`, which waits for its tasks and lets go of them.
 *
 * ## Fix safety
 *
 * Offered where a named task is added to a set by a statement of its own. It is unsafe:
 * code that reads the set no longer finds what is done.
 *
 * ## Limits
 *
 * Silent where anything in the project removes, clears, replaces or bounds, also by a
 * callback of the task, where code waits for the tasks in the container or cancels them,
 * where other code gets the container, and for growth while the program is set up. A
 * note for attributes of objects of which it is not known that they live long, and in
 * scripts.
 *
 * ## References
 *
 * `asyncio.create_task` and `asyncio.TaskGroup` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static RuleFixFn on_fix;
static bool is_let_go(RuleContext *cx, const IndexContainer *c,
                      const ContainerLife *life, Place at);
static Place waited_at(const IndexContainer *c);
static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   const IndexOperation *op);

RULE(retained_task) = {
    .code = "PML504",
    .name = "retained-task",
    .summary = "a container keeps tasks and futures that are done",
    .templates =
        {"`{0}` keeps this task when it is done, at least 300 B and its result: nothing "
         "in the project takes it out"},
    .warn_on = {EVIDENCE_LONG},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML518"},
    .on_container = on_container,
    .on_fix = on_fix,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if (c->fact->holder == HOLDER_DEFAULT || (c->facts->flags & FACTS_STUB) != 0) return;
  const IndexOperation *first = NULL;
  for (uint32_t i = 0; i < c->operation_count && first == NULL; i++) {
    if ((c->operations[i].fact->flags & OPERATION_STARTED) != 0)
      first = &c->operations[i];
  }
  if (first == NULL) return;
  ContainerLife life = index_life(cx->index, id);
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    if ((op->fact->flags & OPERATION_STARTED) == 0) continue;
    const char *refusal = index_growth_refusal(cx->index, c, op);
    if (!cx_require_place(cx, op->place, refusal == NULL, refusal)) continue;
    if (life.growth_count != 0 && !is_let_go(cx, c, &life, op->place))
      report(cx, c, &life, op);
  }
}

static bool is_let_go(RuleContext *cx, const IndexContainer *c,
                      const ContainerLife *life, Place at) {
  const uint32_t left_alone = CONTAINER_BOUNDED | CONTAINER_WEAK | CONTAINER_TEST;
  const IndexOperation *removal = life->removal, *escape = life->escape;
  return !cx_require_place_seen(cx, at, (c->fact->flags & left_alone) == 0,
                                "what keeps it is bounded, weak or of a test",
                                c->place) ||
         !cx_require_place(cx, at, cx->index->is_complete,
                           "the project is not complete") ||
         !cx_require_place(cx, at, (c->fact->flags & CONTAINER_BROKEN) == 0,
                           "the code around it cannot be followed") ||
         !cx_require_place_seen(cx, at, removal == NULL,
                                "tasks are removed, or what keeps them is rebound",
                                removal != NULL ? removal->place : (Place){0}) ||
         !cx_require_place_seen(cx, at, !c->is_rebound,
                                "other code binds the attribute", c->place) ||
         !cx_require_place_seen(cx, at, !life->is_waited,
                                "code waits for the tasks, or cancels them",
                                cx_explains(cx) ? waited_at(c) : (Place){0}) ||
         !cx_require_place_seen(cx, at, escape == NULL,
                                "other code gets what keeps it, and may empty it",
                                escape != NULL ? escape->place : (Place){0});
}

static Place waited_at(const IndexContainer *c) {
  for (uint32_t i = 0; i < c->operation_count; i++) {
    const IndexOperation *op = &c->operations[i];
    bool is_read = op->kind == OPERATION_READ;
    if (is_read && (op->fact->flags & OPERATION_WAITED) != 0) return op->place;
  }
  return (Place){0};
}

static void report(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                   const IndexOperation *op) {
  Str name = str_after_last(c->name, '.');
  bool is_of_instance = c->fact->holder == HOLDER_INSTANCE;
  cx_report(cx,
            (Draft){.place = op->place,
                    .args = {is_of_instance ? cx_format(cx, "self.%.*s", STR_ARGS(name))
                                            : name,
                             c->fact->type == VALUE_SET ? STR("set") : STR_NONE},
                    .labels = {{.place = c->place, .text = STR("held here")}},
                    .evidence = life->is_long ? EVIDENCE_LONG : 0u,
                    .cost = {300, COST_PER_ENTRY},
                    .note_at_most = (c->fact->flags & CONTAINER_SCRIPT) != 0});
}

// `x.add(task)` alone on its line, `x` a set.
static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  const Tree *t = cx->t;
  NodeId callee = node_field(t, anchor, FIELD_FUNCTION);
  NodeId arguments = node_field(t, anchor, FIELD_ARGUMENTS);
  NodeId task = node_first_named(t, arguments);
  bool is_plain = finding->args[1].n != 0 && node_is(t, callee, PY_ATTRIBUTE) &&
                  node_text_is(t, node_field(t, callee, FIELD_ATTRIBUTE), "add") &&
                  node_is(t, task, PY_IDENTIFIER) &&
                  node_is(t, node_parent(t, anchor), PY_EXPRESSION_STATEMENT);
  if (!is_plain) return (Fix){0};
  NodeId statement = node_parent(t, anchor);
  Span line = edit_line_span(t, node_span(t, statement));
  Str indentation = edit_indentation(t, statement);
  if (line.start + indentation.n != node_start(t, statement)) return (Fix){0};
  EditList fix = edits_in(cx->arena);
  edit_insert(&fix, node_stop(t, statement),
              cx_format(cx, "\n%.*s%.*s.add_done_callback(%.*s.discard)",
                        STR_ARGS(indentation), STR_ARGS(node_text(t, task)),
                        STR_ARGS(node_text(t, node_field(t, callee, FIELD_OBJECT)))));
  return edits_fix(&fix, FIX_UNSAFE, STR("take it out when it is done"),
                   STR("code that reads the set no longer finds what is done"));
}
