/* # old-and-new-alive (PML520)
 *
 * A large local is made anew in each round of a loop while the old one still has its name.
 *
 * ## Why it costs memory
 *
 * `data = f.read()` reads first and binds then. In a loop the name still holds what the
 * round before read, though nobody reads that again: two lie in memory at once, and the
 * peak is twice what one takes. A worker that waits in `item = queue.get()` holds the last
 * item, and all that it refers to, until the next one arrives, which may be hours.
 *
 * ## Example
 *
 *     for path in paths:
 *         text = path.read_text()
 *         total += text.count("\n")
 *
 * ## Use instead
 *
 *     for path in paths:
 *         text = path.read_text()
 *         total += text.count("\n")
 *         del text
 *
 * or a function for the body of the loop, whose locals end with it.
 *
 * ## Fix safety
 *
 * Safe for what is read or built: `del` at the end of the block that holds all uses, where
 * the name is bound on every path. Unsafe for items of a queue: what they do when they are
 * freed happens earlier.
 *
 * ## Limits
 *
 * Found are whole reads, lists and tables of unknown size, and what a parser makes of a
 * whole file. Items of a queue are notes, as nobody knows their size, and so is what
 * unknown code is given in the loop, as it may hold it too. Silent where the next round or
 * what follows the loop reads the name, where it is deleted or bound to None in the loop,
 * where another name, container or object holds the value or a part of it, for chunks,
 * lines and records, for lists made of a parameter, for loops of few rounds, and in tests.
 *
 * ## References
 *
 * "The del statement" in the language reference; `queue.Queue.get`.
 */
#include "rule.h"

static RuleNodeFn on_node;
static bool value_is_built(RuleContext *cx, NodeId made);
static SizeWhy why_of_size(RuleContext *cx, DefId def, NodeId made, Value v);
static NodeId queue_behind(RuleContext *cx, NodeId made);
static void on_item(RuleContext *cx, NodeId target, NodeId queue);
static void report(RuleContext *cx, DefId def, SizeWhy why, NodeId queue);
static Fix delete_at_end(RuleContext *cx, DefId def, NodeId loop, bool is_item);

RULE(old_and_new_alive) = {
    .code = "PML520",
    .name = "old-and-new-alive",
    .summary = "a large local is made anew while the old one still has its name",
    .templates =
        {"`{0}` still holds {1} of the round before while the next is made: two at once, "
         "and nothing reads the old one; `del {0}` behind its last use",
         "`{0}` holds the last item while `{1}` waits for the next one, and nothing reads "
         "it again: `del {0}` at the end of the round"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML519", "PML101", "PML102", "PML103", "PML104", "PML105", "PML106",
                  "PML107", "PML108", "PML111", "PML112", "PML113", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML301", "PML302", "PML303", "PML304", "PML305",
                  "PML306", "PML307", "PML308"},
    .kinds = {PY_ASSIGNMENT, PY_NAMED_EXPRESSION},
    .on_node = on_node,
};

// The names that an assignment binds: the plain one, or those of a flat tuple.
static NodeId first_target(const Tree *t, NodeId node) {
  if (node_is(t, node, PY_NAMED_EXPRESSION)) return node_field(t, node, FIELD_NAME);
  NodeId left = node_field(t, node, FIELD_LEFT);
  if (node_is(t, left, PY_PATTERN_LIST) || node_is(t, left, PY_TUPLE_PATTERN)) {
    return node_first_named(t, left);
  }
  return left;
}

static void on_node(RuleContext *cx, NodeId node) {
  Context at = context_of(cx->m, node);
  bool is_looped = (at.flags & CONTEXT_LOOP) != 0;
  if ((!is_looped && !cx_explains(cx)) || (at.flags & CONTEXT_TEST) != 0) return;
  bool is_walrus = node_is(cx->t, node, PY_NAMED_EXPRESSION);
  NodeId made = node_unwrap(
      cx->t, node_field(cx->t, node, is_walrus ? FIELD_VALUE : FIELD_RIGHT));
  if (!value_is_built(cx, made)) return;
  NodeId queue = queue_behind(cx, made), target = first_target(cx->t, node);
  if (node_ok(queue)) {
    if (is_looped) on_item(cx, target, queue);
  } else if (node_is(cx->t, target, PY_IDENTIFIER)) {  // the first part of several
    DefId def = def_at(cx->m, target);
    SizeWhy why = why_of_size(cx, def, made, value_of_def(cx->m, def));
    if (why == WHY_NONE) return;
    if (cx_require(cx, made, is_looped, "it is in no loop, and goes with its function"))
      report(cx, def, why, NO_NODE);
  }
}

// Of several parts none lives on: the last stands for all.
static void on_item(RuleContext *cx, NodeId target, NodeId queue) {
  DefId last = {0};
  bool is_part = !node_is(cx->t, node_parent(cx->t, target), PY_ASSIGNMENT) &&
                 !node_is(cx->t, node_parent(cx->t, target), PY_NAMED_EXPRESSION);
  for (; node_ok(target); target = is_part ? node_next_named(cx->t, target) : NO_NODE) {
    DefId def = def_at(cx->m, target);
    if (!node_is(cx->t, target, PY_IDENTIFIER) || !def_ok(def)) return;
    if (is_part && renewed_at(cx->m, def).refusal != NULL) return;
    last = def;
  }
  if (def_ok(last)) report(cx, last, WHY_NONE, queue);
}

// --- what is made --------------------------------------------------------------------

// A new object, and no other name of an old one.
static bool value_is_built(RuleContext *cx, NodeId made) {
  switch (node_kind(cx->t, made)) {
    case PY_CALL:
    case PY_AWAIT:
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_BINARY_OPERATOR: return true;
    case PY_ATTRIBUTE: {  // `requests.get(url).content`
      NodeId object = node_unwrap(cx->t, node_field(cx->t, made, FIELD_OBJECT));
      return node_is(cx->t, object, PY_CALL) || node_is(cx->t, object, PY_AWAIT);
    }
    default: return false;
  }
}

static NodeId call_in(const Tree *t, NodeId made) {
  if (node_is(t, made, PY_AWAIT)) made = node_unwrap(t, node_first_named(t, made));
  return node_is(t, made, PY_CALL) ? made : NO_NODE;
}

// `range(1_000_000)`
static bool range_is_large(RuleContext *cx, NodeId source) {
  int64_t number = 0;
  uint32_t count = call_positional_count(cx->m, source);
  NodeId list = node_field(cx->t, source, FIELD_ARGUMENTS);
  for (uint32_t i = 0; i < count; i++) {
    if (!constant_int(cx->m, node_named_at(cx->t, list, i), &number)) return false;
  }
  return count > 0;
}

// Of a parameter or a folder nobody knows; most are small.
static bool why_is_large(RuleContext *cx, Value v) {
  switch (v.why) {
    case WHY_FILE:
    case WHY_NETWORK:
    case WHY_PROCESS:
    case WHY_DATABASE:
    case WHY_DATASET:
    case WHY_ARCHIVE: return true;
    case WHY_RANGE: return range_is_large(cx, v.source);
    default: return false;
  }
}

// `f = np.load(path); f["arr_0"]`: a file of several arrays, which reads none of them yet.
static bool is_archive(RuleContext *cx, DefId def) {
  enum { REFS_READ = 32 };
  const Tree *t = cx->t;
  uint32_t read = 0;
  Str text = STR_NONE;
  NodeId made = def_get(cx->m, def)->value;
  if (str_contains(node_text(t, made), STR("npz"))) return true;
  for (RefId r = ref_first(cx->m, def_get(cx->m, def)->binding);
       ref_ok(r) && read < REFS_READ; r = ref_next(cx->m, r), read++) {
    NodeId up = node_parent(t, node_wrap(t, ref_get(cx->m, r)->node));
    bool is_keyed = node_is(t, up, PY_SUBSCRIPT) &&
                    constant_str(cx->m, node_field(t, up, FIELD_SUBSCRIPT), &text);
    bool is_spread = node_is(t, up, PY_DICTIONARY_SPLAT);
    if (is_keyed || is_spread ||
        node_text_is(t, node_field(t, up, FIELD_ATTRIBUTE), "files")) {
      return true;
    }
  }
  return false;
}

// What is behind its size; WHY_NONE where it may be small, or is somebody else's.
static SizeWhy why_of_size(RuleContext *cx, DefId def, NodeId made, Value v) {
  if (value_is_text(v) || (v.flags & VALUE_WHOLE_READ) != 0) {
    WholeText text = whole_text_of(cx->m, def);
    if (text_is_one_value(cx->m, def)) return WHY_NONE;
    return text.is_whole && !node_ok(text.holder) ? v.why : WHY_NONE;
  }
  NodeId call = call_in(cx->t, made);
  if (value_holds_size(v)) {
    if (v.kind == VALUE_NDARRAY && is_archive(cx, def)) return WHY_NONE;
    bool is_known = !node_ok(call) || (v.flags & VALUE_FRESH) != 0 ||
                    v.kind == VALUE_NDARRAY || v.kind == VALUE_DATAFRAME;
    return is_known && why_is_large(cx, v) ? v.why : WHY_NONE;
  }
  // `version, rows = pickle.load(file)`: who knows which of them is large.
  if ((def_get(cx->m, def)->flags & DEF_UNPACKED) != 0) return WHY_NONE;
  Value parsed = parsed_value(cx->m, call);
  bool is_sized = size_is_unbounded(parsed) && parsed.why != WHY_PARAMETER &&
                  (value_is_text(parsed) || value_is_file(parsed) ||
                   (parsed.flags & VALUE_WHOLE_READ) != 0);
  return is_sized && v.size != SIZE_SMALL ? parsed.why : WHY_NONE;
}

// `while not jobs.empty(): job = jobs.get()` never waits.
static bool asks_first(RuleContext *cx, NodeId loop) {
  const Tree *t = cx->t;
  NodeId condition = node_field(t, loop, FIELD_CONDITION);
  for (uint32_t i = condition.i; node_ok(condition) && i < node_after(t, condition);
       i++) {
    NodeId name = node_field(t, (NodeId){i}, FIELD_ATTRIBUTE);
    bool is_attribute = node_is(t, (NodeId){i}, PY_ATTRIBUTE);
    if (is_attribute &&
        (node_text_is(t, name, "empty") || node_text_is(t, name, "qsize")))
      return true;
  }
  return false;
}

// `queue.get()` of a loop that waits: the queue.
static NodeId queue_behind(RuleContext *cx, NodeId made) {
  NodeId call = call_in(cx->t, made), block = NO_NODE;
  Str method = STR_NONE;
  NodeId queue = call_receiver(cx->m, call, &method);
  if (!node_ok(queue) || !str_is(method, "get")) return NO_NODE;
  bool waits = true;
  if (call_argument(cx->m, call, 0, "block", &block) == ARG_PRESENT &&
      (!constant_bool(cx->m, block, &waits) || !waits)) {
    return NO_NODE;
  }
  NodeId loop = loop_around(cx->m, call, NO_NODE);
  bool is_worker = node_is(cx->t, loop, PY_WHILE_STATEMENT) && !asks_first(cx, loop) &&
                   value_of(cx->m, queue).kind == VALUE_QUEUE;
  return is_worker ? queue : NO_NODE;
}

// --- reporting -----------------------------------------------------------------------

static Str what_of(RuleContext *cx, DefId def, SizeWhy why) {
  Value v = value_of_def(cx->m, def);
  bool is_whole = value_is_text(v) || (v.flags & VALUE_WHOLE_READ) != 0;
  if (is_whole && why == WHY_FILE) return STR("the whole file");
  if (is_whole && why == WHY_NETWORK) return STR("the whole response");
  if (is_whole) return STR("all bytes");
  switch (v.kind) {
    case VALUE_LIST: return STR("the list");
    case VALUE_DICT: return STR("the dict");
    case VALUE_SET: return STR("the set");
    case VALUE_DATAFRAME: return STR("the table");
    case VALUE_NDARRAY: return STR("the array");
    default: return STR("the objects");
  }
}

static void report(RuleContext *cx, DefId def, SizeWhy why, NodeId queue) {
  const Def *known = def_get(cx->m, def);
  NodeId made = node_unwrap(cx->t, known->value);
  Renewed renewed = renewed_at(cx->m, def);
  if (!cx_require(cx, made, node_ok(renewed.loop),
                  "no round makes it anew while the old one has its name")) {
    return;
  }
  if (!cx_require(cx, made, renewed.refusal == NULL, renewed.refusal)) return;
  bool is_item = node_ok(queue);
  Draft draft = {
      .anchor = made,
      .template_index = is_item ? 1 : 0,
      .args = {node_text(cx->t, known->node),
               is_item ? cx_excerpt(cx, made) : what_of(cx, def, why)},
      .labels = {{.span = loop_header(cx, renewed.loop), .text = STR("in each round")}},
      .evidence = is_item ? 0u : EVIDENCE_SIZE,
      .note_at_most = is_item || renewed.sole == SOLE_LIKELY,
  };
  draft.fix = delete_at_end(cx, def, renewed.loop, is_item);
  cx_report(cx, draft);
}

static Fix delete_at_end(RuleContext *cx, DefId def, NodeId loop, bool is_item) {
  const Tree *t = cx->t;
  NodeId last = renewed_end(cx->m, def, loop);
  if (!node_ok(last) || def_get(cx->m, def)->flags != 0) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  if (!edit_statement_behind(
          &edits, t, last,
          cx_format(cx, "del %.*s", STR_ARGS(node_text(t, def_get(cx->m, def)->node)))))
    return (Fix){0};
  const char *doubt =
      is_item ? "what the item does when it is freed happens earlier" : NULL;
  return fix_of(&edits, doubt, "delete the name behind its last use");
}
