/* # accumulated-to-write (PML217)
 *
 * A list is filled in a loop, and then handed on element by element: written to a file
 * that is open already, sent, put into a queue, or yielded.
 *
 * ## Why it costs memory
 *
 * Every element is kept until the loop is over, 8 bytes for its place and the element
 * itself, about 60 bytes for a short text. What is handed on where it is made is freed
 * at once, and the other side can begin earlier.
 *
 * ## Example
 *
 *     with open(path, "w") as out:
 *         lines = []
 *         for row in rows:
 *             lines.append(f"{row.name}\n")
 *         out.writelines(lines)
 *
 * ## Use instead
 *
 *     with open(path, "w") as out:
 *         for row in rows:
 *             out.write(f"{row.name}\n")
 *
 * ## Fix safety
 *
 * No fix. Where an element cannot be made, those before it have been written: for all
 * or nothing, keep the list, or write to another file and rename it at the end.
 *
 * ## Limits
 *
 * A warning where the size of the loop's source is unbounded, else, and where the
 * elements are yielded, a note; silent below 100 elements. Silent where anything else
 * is asked of the list: its length, order, truth. Silent where the writing needs what
 * the loop finds out, a total or a width; where the file is opened later, written to
 * meanwhile, or read by the loop; where the function may be left, or an exception is
 * caught, between; where a lock is held for the loop alone; where elements are changed
 * after they were appended; and for started work.
 *
 * ## References
 *
 * PEP 255, simple generators.
 */
#include "rule.h"

static RuleNodeFn on_assignment;
static const char *handing_refusal(RuleContext *cx, const Grown *g, const Pass *pass);

enum { TEMPLATE_WRITTEN, TEMPLATE_YIELDED };

RULE(accumulated_to_write) = {
    .code = "PML217",
    .name = "accumulated-to-write",
    .summary = "a list is filled in a loop only to be handed on element by element",
    .templates =
        {"`{0}` keeps every item until all are made, then to be written one by one: 8 "
         "B per item plus the items; handed on at once, none is kept",
         "`{0}` keeps every item until all are made, then to be yielded one by one: 8 "
         "B per item plus the items; yielded at once, none is kept"},
    .warn_on = {EVIDENCE_SIZE},
    .kinds = {PY_ASSIGNMENT},
    .on_node = on_assignment,
};

static void on_assignment(RuleContext *cx, NodeId assignment) {
  if (!grown_is_start(cx->m, assignment)) return;
  Grown g;
  if (!cx_require(cx, assignment, grown_of(cx->m, assignment, &g),
                  "others see the list, or it does not only grow") ||
      !cx_require(cx, assignment, g.other_count == 1,
                  "the list is used more or less than once")) {
    return;
  }
  Pass pass = pass_of(cx->m, g.others[0]);
  if (!cx_require(cx, assignment, pass.kind != PASS_NONE && !pass.again,
                  "its one use is no pass through it") ||
      !cx_require(cx, assignment, node_ok(grown_loop(cx->m, &g)),
                  "it does not grow in a loop over many elements")) {
    return;
  }
  const char *refusal = handing_refusal(cx, &g, &pass);
  if (refusal == NULL) refusal = ahead_refusal(cx->m, &g, &pass);
  if (!cx_require(cx, assignment, refusal == NULL, refusal)) return;
  Value size = grown_size(cx->m, &g);
  if (!cx_require(cx, assignment, !size_is_small(size), "it stays small")) return;
  EffectSet effects = pass_effects(cx->m, &pass);
  bool yields = (effects & EFFECT_YIELDS) != 0;
  cx_report(cx,
            (Draft){.anchor = assignment,
                    .template_index = yields ? TEMPLATE_YIELDED : TEMPLATE_WRITTEN,
                    .args = {node_text(cx->t, g.name)},
                    .labels = {{.node = g.appends[0], .text = STR("grows here")},
                               {.node = pass_place(cx->t, &pass),
                                .text = yields ? STR("yielded here, one at a time")
                                               : STR("written here, one at a time")}},
                    .evidence = evidence_of(cx, assignment, size),
                    .cost = {8, COST_PER_ITEM},
                    .note_at_most = (effects & (EFFECT_YIELDS | EFFECT_AWAITS)) != 0});
}

// --- what the pass does --------------------------------------------------------------

// `print(x)`, `sys.stdout.write(x)`: whatever runs may write there as well.
static bool is_terminal(RuleContext *cx, NodeId target) {
  if (!node_ok(target)) return true;
  Str name = name_of(cx->m, target);
  return str_is(name, "sys.stdout") || str_is(name, "sys.stderr") ||
         str_is(name, "sys.stdout.buffer");
}

// Where a call writes to: the receiver, or print's `file`; NO_NODE for the terminal.
static NodeId target_of(RuleContext *cx, NodeId call) {
  Str method = STR_NONE;
  NodeId target = call_receiver(cx->m, call, &method), file = NO_NODE;
  if (str_starts(name_of_callee(cx->m, call), STR("builtins."))) target = NO_NODE;
  ArgState state = call_argument(cx->m, call, CALL_NO_POSITION, "file", &file);
  return node_unwrap(cx->t, state == ARG_PRESENT ? file : target);
}

static bool is_written_before(RuleContext *cx, const Grown *g, const Pass *pass,
                              NodeId call) {
  NodeId target = target_of(cx, call);
  if (!is_terminal(cx, target)) {
    NodeId root = target;
    while (node_is(cx->t, root, PY_ATTRIBUTE) &&
           node_is(cx->t, node_unwrap(cx->t, node_field(cx->t, root, FIELD_OBJECT)),
                   PY_ATTRIBUTE)) {
      root = node_unwrap(cx->t, node_field(cx->t, root, FIELD_OBJECT));
    }
    return ahead_mentions(cx->m, g, pass, root);
  }
  EffectSet between = ahead_effects(cx->m, g, pass);
  return (between & (EFFECT_UNKNOWN_CALL | EFFECT_ACTS)) != 0;
}

// `self.store(x)` for its own sake: more than handing on.
static bool is_for_its_effect(RuleContext *cx, NodeId call) {
  if (call_act(cx->m, call) != NULL || call_starts_work(cx->m, call)) return true;
  NodeId e = node_wrap(cx->t, call), up = node_parent(cx->t, e);
  if (node_is(cx->t, up, PY_AWAIT)) up = node_parent(cx->t, up);
  return node_is(cx->t, up, PY_EXPRESSION_STATEMENT) &&
         !effect_is_pure(effect_of(cx->m, call));
}

// A `for` that writes, sends or yields what it takes, and does nothing else.
static const char *loop_refusal(RuleContext *cx, const Grown *g, const Pass *pass) {
  const Tree *t = cx->t;
  NodeId body = node_field(t, pass->node, FIELD_BODY);
  uint32_t handed = 0;
  for (NodeId n = body; n.i < node_after(t, body); n.i++) {
    switch (node_kind(t, n)) {
      case PY_YIELD: handed++; break;
      case PY_BREAK_STATEMENT:
      case PY_RETURN_STATEMENT:
      case PY_RAISE_STATEMENT: return "the pass may stop early";
      case PY_CALL:
        if (call_write(cx->m, n) == NULL) {
          if (is_for_its_effect(cx, n)) return "the pass does more than hand it on";
          break;
        }
        handed++;
        if (is_written_before(cx, g, pass, n)) {
          return "something else may be written before";
        }
        break;
      default: break;
    }
  }
  return handed > 0 ? NULL : "the pass hands nothing on";
}

// Lists beside it are walked through in step.
static bool is_walked_beside(RuleContext *cx, const Grown *g, const Pass *pass) {
  NodeId e = node_wrap(cx->t, g->others[0]);
  for (uint32_t i = 0; i < 16 && !node_eq(e, pass->node) && node_ok(e); i++) {
    e = node_parent(cx->t, e);
    if (!node_is(cx->t, e, PY_CALL) || node_eq(e, pass->node)) continue;
    const SinkFact *sink = call_sink(cx->m, e);
    bool is_plain =
        sink != NULL && (sink->position == 1 ||  // map(f, xs), filter(f, xs)
                         (sink->flags & SINK_REST) == 0);
    if (!is_plain || call_positional_count(cx->m, e) > 2) return true;
  }
  return false;
}

static const char *handing_refusal(RuleContext *cx, const Grown *g, const Pass *pass) {
  if (pass->wrapped && is_walked_beside(cx, g, pass)) {
    return "others are walked through beside it";
  }
  switch (pass->kind) {
    case PASS_FOR: return loop_refusal(cx, g, pass);
    case PASS_YIELD_FROM: return NULL;
    case PASS_SINK: {
      const uint32_t form = SINK_LAZY | SINK_LOOP;
      if ((pass->sink->flags & form) != SINK_LOOP) {
        return "its one use does not hand it on";
      }
      return is_written_before(cx, g, pass, pass->node)
                 ? "something else may be written before"
                 : NULL;
    }
    default: return "its one use does not hand it on";
  }
}
