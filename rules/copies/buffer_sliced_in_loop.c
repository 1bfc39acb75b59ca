/* # buffer-sliced-in-loop (PML308)
 *
 * Bytes are copied piece by piece, or all that is left of them in each round of a loop.
 *
 * ## Why it costs memory
 *
 * A slice of bytes or of a bytearray is a copy. `data = data[n:]` copies everything that
 * is left, in each round: two buffers at the peak, and a time that grows with the square
 * of their size. A slice of a memoryview copies nothing, and neither does an offset.
 *
 * ## Example
 *
 *     while data:
 *         sent = connection.send(data)
 *         data = data[sent:]
 *
 * ## Use instead
 *
 *     view = memoryview(data)
 *     while view:
 *         sent = connection.send(view)
 *         view = view[sent:]
 *
 * or `data[position:position + n]` with a position that moves on; `del data[:n]` takes
 * the head off a bytearray in place.
 *
 * ## Fix safety
 *
 * No fix: a memoryview has none of the methods of bytes, keeps the whole buffer alive
 * and forbids that a bytearray grows. Which of the ways suits is the author's choice.
 *
 * ## Limits
 *
 * Single pieces are notes, and only where what takes them reads any buffer and keeps
 * nothing: sockets, binary files, checksums, `sum`. Pieces below 100 bytes are silent, as
 * a view costs more than they do, and so is what is kept, decoded, hashed or handed to
 * unknown code. Silent for texts and lists, for arrays and memoryviews, whose slices copy
 * nothing, for unknown kinds, and where the rest is handed to unknown code, which may
 * want bytes.
 *
 * ## References
 *
 * `memoryview` in the Python library reference.
 */
#include "rule.h"

enum { SMALL_PIECE = 1024 };  // bytes: below that a view saves nothing

static RuleNodeFn on_subscript;
static void judge_rest(RuleContext *cx, NodeId subscript, const Slice *s, NodeId name);
static void judge_piece(RuleContext *cx, NodeId subscript, const Slice *s);

RULE(buffer_sliced_in_loop) = {
    .code = "PML308",
    .name = "buffer-sliced-in-loop",
    .summary = "bytes are copied slice by slice in a loop",
    .templates =
        {"all that is left of `{0}` is copied in each round of the loop, while the old "
         "one is alive; an offset or a memoryview copies nothing",
         "`{0}` is a copy that `{1}` reads once; a slice of a memoryview copies nothing"},
    .warn_on = {EVIDENCE_HOT},
    .fix = FIX_NONE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106",
                  "PML107", "PML108", "PML111", "PML112", "PML113", "PML114",
                  "PML201", "PML202", "PML203", "PML204", "PML205", "PML206",
                  "PML207", "PML208", "PML209", "PML210", "PML211", "PML212",
                  "PML213", "PML214", "PML215", "PML216", "PML217", "PML218",
                  "PML301", "PML302", "PML303", "PML305", "PML306", "PML503"},
    .kinds = {PY_SUBSCRIPT},
    .on_node = on_subscript,
};

static NodeId target_of(RuleContext *cx, NodeId subscript);

// What is empty for all that the file shows is filled by others.
static bool is_little(Value v) { return size_is_small(v) && v.high > 0; }

static void on_subscript(RuleContext *cx, NodeId subscript) {
  Slice s;
  if (!slice_of(cx->m, subscript, &s) || node_ok(s.step) ||
      (!node_ok(s.start) && !node_ok(s.stop))) {
    return;
  }
  Context at = context_of(cx->m, subscript);
  bool is_looped = (at.flags & (CONTEXT_LOOP | CONTEXT_COMPREHENSION)) != 0;
  if (!is_looped && !cx_explains(cx)) return;
  Value whole = value_of(cx->m, s.object);
  bool is_buffer = whole.kind == VALUE_BYTES || whole.kind == VALUE_BYTEARRAY;
  if (!is_buffer) {
    if (is_looped)
      cx_require(cx, subscript, value_is_known(whole), "it is not known to be bytes");
    return;
  }
  if (!cx_require(cx, subscript, is_looped, "it is not sliced in a loop")) return;
  if (!cx_require(cx, subscript, !is_little(whole), "it is small")) return;
  NodeId target = target_of(cx, subscript);
  bool same = node_kind(cx->t, s.object) == node_kind(cx->t, target) &&
              str_eq(node_text(cx->t, s.object), node_text(cx->t, target));
  if (same) {
    judge_rest(cx, subscript, &s, target);
  } else {
    judge_piece(cx, subscript, &s);
  }
}

// The target that gets the slice: `x = …`, or the one beside it in `head, x = …, …`.
static NodeId target_of(RuleContext *cx, NodeId subscript) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, subscript), row = node_parent(t, e);
  if (node_is(t, row, PY_ASSIGNMENT)) {
    return node_role(t, e) == FIELD_RIGHT ? node_field(t, row, FIELD_LEFT) : NO_NODE;
  }
  NodeId assignment = node_parent(t, row);
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  bool unpacks =
      (node_is(t, row, PY_EXPRESSION_LIST) || node_is(t, row, PY_TUPLE)) &&
      node_is(t, assignment, PY_ASSIGNMENT) && node_role(t, row) == FIELD_RIGHT &&
      (node_is(t, left, PY_PATTERN_LIST) || node_is(t, left, PY_TUPLE_PATTERN)) &&
      !node_ok(node_child(t, left, PY_LIST_SPLAT_PATTERN));
  if (!unpacks) return NO_NODE;
  NodeId target = node_first_named(t, left);
  for (NodeId c = node_first_named(t, row); node_ok(c) && node_ok(target);
       c = node_next_named(t, c), target = node_next_named(t, target)) {
    if (node_eq(c, e)) return target;
  }
  return NO_NODE;
}

// --- what is left --------------------------------------------------------------------

// `while data`, `while len(self.data) > 8`: the loop goes on as long as there is a rest.
static bool loop_asks_for(RuleContext *cx, NodeId loop, NodeId old) {
  const Tree *t = cx->t;
  NodeId condition = node_field(t, loop, FIELD_CONDITION);
  for (uint32_t i = condition.i; i < node_after(t, condition); i++) {
    NodeId n = {i};
    if (node_kind(t, n) != node_kind(t, old) ||
        !str_eq(node_text(t, n), node_text(t, old))) {
      continue;
    }
    Use use = use_of(cx->m, n);
    if (use.kind == USE_TESTED ||
        (use.kind == USE_CALL &&
         str_is(name_of_callee(cx->m, use.call), "builtins.len"))) {
      return true;
    }
  }
  return false;
}

// `while data[:1] == b" ": data = data[1:]`: it ends with the first other byte.
static bool loop_trims(RuleContext *cx, NodeId loop, NodeId old, const Slice *s) {
  const Tree *t = cx->t;
  int64_t start = 0, stop = 0;
  bool one = node_ok(s->start) ? constant_int(cx->m, s->start, &start) && start == 1
                               : constant_int(cx->m, s->stop, &stop) && stop == -1;
  NodeId condition = node_field(t, loop, FIELD_CONDITION);
  for (uint32_t i = condition.i; one && i < node_after(t, condition); i++) {
    NodeId n = {i};
    if (node_kind(t, n) == node_kind(t, old) &&
        str_eq(node_text(t, n), node_text(t, old)) &&
        (use_of(cx->m, n).kind == USE_INDEXED || use_of(cx->m, n).kind == USE_METHOD)) {
      return true;
    }
  }
  return false;
}

// The definition of the slice is what the next round slices.
static bool name_is_carried(RuleContext *cx, NodeId old, NodeId target) {
  DefList defs = flow_defs_reaching(cx->m, ref_at(cx->m, old));
  DefId own = def_at(cx->m, target);
  for (uint32_t i = 0; i < defs.count && !defs.unknown; i++) {
    if (defs.items[i].i == own.i) return true;
  }
  return false;
}

// The long loop whose next round slices what this one left.
static NodeId carrying_loop(RuleContext *cx, NodeId old, NodeId target, bool from_end) {
  NodeId loop = loop_around(cx->m, target, NO_NODE);
  if (loop_has_few_rounds(cx->m, loop)) return NO_NODE;
  bool is_name = node_is(cx->t, old, PY_IDENTIFIER);
  if ((!is_name || from_end) && !loop_asks_for(cx, loop, old)) return NO_NODE;
  bool carried = is_name ? name_is_carried(cx, old, target)
                         : flow_reaches(cx->m, target, old) == ANSWER_YES;
  return carried ? loop : NO_NODE;
}

// `data[n:]`, or `data[:-n]`; what `data[:n]` leaves is cut off once.
static bool is_rest(RuleContext *cx, const Slice *s) {
  int64_t stop = 0;
  return node_ok(s->start) || node_is(cx->t, s->stop, PY_UNARY_OPERATOR) ||
         (constant_int(cx->m, s->stop, &stop) && stop < 0);
}

// What it was before the first slice is small, or a line, wherever it came from.
static bool starts_small(RuleContext *cx, NodeId old) {
  if (!node_is(cx->t, old, PY_IDENTIFIER)) return false;
  DefList defs = flow_defs_reaching(cx->m, ref_at(cx->m, old));
  for (uint32_t i = 0; i < defs.count; i++) {
    const Def *def = def_get(cx->m, defs.items[i]);
    Slice s;
    bool left_over = def->kind == DEF_ASSIGN && node_ok(def->value) &&
                     slice_of(cx->m, node_unwrap(cx->t, def->value), &s) &&
                     str_eq(node_text(cx->t, s.object), node_text(cx->t, old));
    Value v = value_of_def(cx->m, defs.items[i]);
    bool line = def->kind == DEF_FOR && value_is_file(value_of(cx->m, def->value));
    if (!left_over && !line && !is_little(v)) return false;
  }
  return true;
}

static bool method_takes_offset(Str method) {
  static const char *const names[] = {"find",       "rfind",    "index", "rindex",
                                      "startswith", "endswith", "count"};
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(method, names[i])) return true;
  }
  return false;
}

static bool reads_any_buffer(RuleContext *cx, const Use *use) {
  const BufferFact *fact = call_buffer(cx->m, use->call);
  if (fact == NULL || use->argument != (uint32_t)fact->position) return false;
  return !str_starts(fact->name, STR("builtins.")) ||
         call_positional_count(cx->m, use->call) == 1;
}

// An offset or a view would do for the use as well.
static bool use_takes_offset(RuleContext *cx, NodeId name) {
  Use use = use_of(cx->m, name);
  if (use.through != 0) return false;
  Str method;
  switch (use.kind) {
    case USE_TESTED:
    case USE_INDEXED: return true;
    case USE_METHOD:
      return node_ok(call_receiver(cx->m, use.call, &method)) &&
             method_takes_offset(method);
    case USE_CALL:
      return str_is(name_of_callee(cx->m, use.call), "builtins.len") ||
             reads_any_buffer(cx, &use);
    default: return false;
  }
}

static bool is_target(const Tree *t, NodeId n) {
  return node_role(t, n) == FIELD_LEFT ||
         node_is(t, node_parent(t, n), PY_PATTERN_LIST);
}

// `data += more`, `data = more`: not what cuts the head off.
static bool fills(RuleContext *cx, NodeId target) {
  const Tree *t = cx->t;
  NodeId row = node_parent(t, target);
  NodeId statement = node_is(t, row, PY_PATTERN_LIST) ? node_parent(t, row) : row;
  if (!node_is(t, statement, PY_ASSIGNMENT)) {
    return node_is(t, statement, PY_AUGMENTED_ASSIGNMENT);
  }
  Slice s;
  NodeId value = node_unwrap(t, node_field(t, statement, FIELD_RIGHT));
  if (node_eq(statement, row)) {
    return !slice_of(cx->m, value, &s) ||
           !str_eq(node_text(t, s.object), node_text(t, target));
  }
  return false;
}

static const char *refusal_of_use(RuleContext *cx, NodeId use, NodeId old) {
  if (is_target(cx->t, use)) {
    return fills(cx, use) ? "the loop fills it as well" : NULL;
  }
  bool meanwhile = flow_reaches(cx->m, use, old) != ANSWER_NO;
  return meanwhile && !use_takes_offset(cx, use) ? "the rest itself is needed" : NULL;
}

// Every mention in the loop from which the slice can be reached.
static const char *refusal_of_rest(RuleContext *cx, NodeId old, NodeId loop) {
  const Tree *t = cx->t;
  BindingId b = binding_of(cx->m, old);
  const uint32_t shared = BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                          BIND_IN_ERROR | BIND_GLOBAL | BIND_FREE;
  if (binding_ok(b) && (binding_get(cx->m, b)->flags & shared) != 0) {
    return "others may read the variable";
  }
  for (uint32_t i = loop.i; i < node_after(t, loop); i++) {
    NodeId use = {i};
    if (node_kind(t, use) != node_kind(t, old) ||
        !str_eq(node_text(t, use), node_text(t, old))) {
      continue;
    }
    const char *refusal = refusal_of_use(cx, use, old);
    if (refusal != NULL) return refusal;
  }
  return NULL;
}

static void judge_rest(RuleContext *cx, NodeId subscript, const Slice *s,
                       NodeId target) {
  if (!cx_require(cx, subscript, is_rest(cx, s), "the head is kept")) return;
  NodeId loop = carrying_loop(cx, s->object, target, !node_ok(s->start));
  if (!cx_require(cx, subscript, node_ok(loop),
                  "no loop with many rounds slices it again")) {
    return;
  }
  if (!cx_require(cx, subscript, !starts_small(cx, s->object), "it is small")) return;
  if (!cx_require(cx, subscript, !loop_trims(cx, loop, s->object, s),
                  "the loop only trims it")) {
    return;
  }
  const char *refusal = refusal_of_rest(cx, s->object, loop);
  if (!cx_require(cx, subscript, refusal == NULL, refusal)) return;
  NodeId header = node_is(cx->t, loop, PY_FOR_STATEMENT)
                      ? node_field(cx->t, loop, FIELD_LEFT)
                      : node_field(cx->t, loop, FIELD_CONDITION);
  cx_report(cx, (Draft){.anchor = subscript,
                        .args = {node_text(cx->t, s->object)},
                        .labels = {{.node = header, .text = STR("in each round")}},
                        .evidence = EVIDENCE_HOT});
}

// --- single pieces -------------------------------------------------------------------

static bool loop_is_short(RuleContext *cx, NodeId loop) {
  if (node_is(cx->t, loop, PY_FOR_STATEMENT) ||
      node_is(cx->t, loop, PY_WHILE_STATEMENT)) {
    return loop_has_few_rounds(cx->m, loop);
  }
  return size_is_small(value_of(cx->m, comprehension_source(cx->t, loop)));
}

static void judge_piece(RuleContext *cx, NodeId subscript, const Slice *s) {
  NodeId place = subscript;
  SingleUse kept;
  if (single_use_of(cx->m, subscript, &kept)) place = kept.use;
  Use use = use_of(cx->m, place);
  if (use.kind != USE_CALL || use.through != 0) return;
  if (!cx_require(cx, subscript, reads_any_buffer(cx, &use),
                  "what takes it may want bytes, or keep it")) {
    return;
  }
  Value piece = value_of(cx->m, subscript);
  bool small = slice_is_below(cx->m, s, SMALL_PIECE) || piece.high < SMALL_PIECE;
  if (!cx_require(cx, subscript, !small, "the pieces are small") ||
      !cx_require(cx, subscript,
                  !loop_is_short(cx, loop_around(cx->m, subscript, NO_NODE)),
                  "the loop has few rounds")) {
    return;
  }
  NodeId callee = call_callee(cx->m, use.call);
  cx_report(cx, (Draft){.anchor = subscript,
                        .template_index = 1,
                        .args = {cx_excerpt(cx, subscript), cx_excerpt(cx, callee)},
                        .labels = {{.node = callee, .text = STR("read here, once")}},
                        .evidence = EVIDENCE_HOT,
                        .note_at_most = true});
}
