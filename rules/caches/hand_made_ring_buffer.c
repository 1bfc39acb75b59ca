/* # hand-made-ring-buffer (PML606)
 *
 * A list grows for as long as it is used, and only its last few elements are ever read; or
 * it is cut to a length by hand.
 *
 * ## Why it costs memory
 *
 * What is no longer read is kept all the same: 8 B for each element, and the element
 * itself, until the list goes. A `deque(maxlen=n)` lets go of the oldest when a new one
 * comes. Where the list is cut by hand, it is time that is lost: `pop(0)` and `del xs[0]`
 * move all elements, `xs = xs[-n:]` copies them, and two lists exist for a moment.
 *
 * ## Example
 *
 *     def smoothed(path):
 *         values = []
 *         for line in open(path):
 *             values.append(float(line))
 *             yield sum(values[-20:]) / 20
 *
 * ## Use instead
 *
 *     def smoothed(path):
 *         values = deque(maxlen=20)
 *         for line in open(path):
 *             values.append(float(line))
 *             yield sum(values) / 20
 *
 * ## Fix safety
 *
 * There is no automatic fix: a deque has no slices, and its length stays at `maxlen`.
 *
 * ## Limits
 *
 * Lists and deques of functions, modules, classes and objects, of which the whole project
 * asks nothing but `xs[-1]`, `xs[-n:]`, `len(xs)` in a comparison and their truth; or that
 * are cut wherever they are longer than so many. Silent where the number is a parameter,
 * where anything else is read, removed, returned or handed on, where an attribute of that
 * name is looked at as a whole anywhere, where what is cut off is used, for loops of few
 * rounds, and for public names of a package that is built for others.
 *
 * ## References
 *
 * `collections.deque` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static RuleFileFn on_explain;
static void explain_other(RuleContext *cx, const IndexContainer *c);
static bool is_kept(RuleContext *cx, ContainerId id, const IndexContainer *c);

enum { ITEM_BYTES = 8 };

RULE(hand_made_ring_buffer) = {
    .code = "PML606",
    .name = "hand-made-ring-buffer",
    .summary = "a list keeps everything, and only its end is read",
    .templates =
        {"`{0}` keeps all that is appended, 8 B each and the items, to read its last {1}; a "
         "`deque(maxlen={1})` keeps no more",
         "`{0}` keeps all that is appended, 8 B each and the items, to read its end; a "
         "`deque` with `maxlen` keeps no more",
         "`{0}` is cut to {1} by hand, which moves or copies them all each time; a "
         "`deque(maxlen={1})` does it alone: time, not memory",
         "`{0}` is cut to a length by hand, which moves or copies all each time; a "
         "`deque` with `maxlen` does it alone: time, not memory"},
    .warn_on = {EVIDENCE_CONSTRUCT},
    .yields_to = {"PML216"},
    .on_container = on_container,
    .on_explain = on_explain,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if ((c->fact->flags & (CONTAINER_TAIL | CONTAINER_CUT)) == 0) {
    if (cx_explains(cx)) explain_other(cx, c);
    return;
  }
  if ((c->facts->flags & FACTS_STUB) != 0) return;
  RingLife ring = index_ring(cx->index, id);
  Place refusing = ring.refusing != NULL ? ring.refusing->place : (Place){0};
  if (!cx_require_place_seen(cx, c->place, ring.is_ring, ring.refusal, refusing) ||
      !is_kept(cx, id, c)) {
    return;
  }
  Draft draft = {
      .place = c->place,
      .template_index = (ring.is_cut ? 2u : 0u) + (ring.last == 0 ? 1u : 0u),
      .args = {cx_container(cx, c), cx_format(cx, "%u", ring.last)},
      .cost = {ITEM_BYTES, COST_PER_ENTRY},
  };
  uint32_t labels = 0;
  if (ring.growth != NULL) {
    draft.labels[labels++] =
        (DraftLabel){.place = ring.growth->place, .text = STR("grows here")};
  }
  if (ring.read != NULL) {
    draft.labels[labels] =
        (DraftLabel){.place = ring.read->place, .text = STR("its end is read here")};
  }
  cx_report(cx, draft);
}

// Its end is read, but it is no ring buffer for its own file.
static void explain_other(RuleContext *cx, const IndexContainer *c) {
  const IndexOperation *grown = NULL;
  for (uint32_t i = 0; c->fact->type == VALUE_LIST && i < c->operation_count; i++) {
    if (c->operations[i].kind == OPERATION_GROW) grown = &c->operations[i];
  }
  if (grown == NULL) return;
  cx_require_place_seen(cx, c->place, false,
                        "its own file does more with it than add and read the end",
                        grown->place);
}

// A local list is known from its function alone.
static bool is_kept(RuleContext *cx, ContainerId id, const IndexContainer *c) {
  if (c->fact->holder == HOLDER_LOCAL) return true;
  ContainerLife life = index_life(cx->index, id);
  return cx_require_followed(cx, c, &life);
}

// --- what the Facts leave out ---------------------------------------------------------

// `x[-1]`, `x[-n:]`: the end.
static bool is_end(RuleContext *cx, NodeId subscript) {
  const Tree *t = cx->t;
  NodeId key = node_field(t, subscript, FIELD_SUBSCRIPT);
  if (node_is(t, key, PY_SLICE)) key = node_first_named(t, key);
  return node_is(t, key, PY_UNARY_OPERATOR);
}

// A list of one function, added to and asked for its end, and what else is done with it.
static void explain_local(RuleContext *cx, NodeId name, NodeId value) {
  const Tree *t = cx->t;
  bool is_added_to = false, is_asked = false;
  NodeId other = NO_NODE;
  for (RefId r = ref_first(cx->m, binding_of(cx->m, name)); ref_ok(r);
       r = ref_next(cx->m, r)) {
    NodeId mention = ref_get(cx->m, r)->node, p = node_parent(t, mention);
    bool adds = node_is(t, p, PY_ATTRIBUTE) &&
                node_text_is(t, node_field(t, p, FIELD_ATTRIBUTE), "append");
    bool asks = node_is(t, p, PY_SUBSCRIPT) && is_end(cx, p);
    is_added_to |= adds;
    is_asked |= asks;
    if (!adds && !asks && !node_ok(other)) other = mention;
  }
  if (!is_added_to || !is_asked || !node_ok(other)) return;
  cx_require_seen(cx, value, false,
                  "more is done with it than adding and reading the end", other);
}

static void on_explain(RuleContext *cx) {
  const Tree *t = cx->t;
  for (NodeId n = {1}; n.i < t->count; n.i++) {
    NodeId name = node_field(t, n, FIELD_LEFT), value = node_field(t, n, FIELD_RIGHT);
    bool is_list = node_is(t, n, PY_ASSIGNMENT) && node_is(t, name, PY_IDENTIFIER) &&
                   node_is(t, value, PY_LIST);
    if (is_list && node_ok(context_of(cx->m, n).function))
      explain_local(cx, name, value);
  }
}
