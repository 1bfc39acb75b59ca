/* # text-accumulated (PML304)
 *
 * A text or bytes is made longer in a loop in a way that copies all of it in each round.
 *
 * ## Why it costs memory
 *
 * CPython lets a str grow in place only where a local variable is all that holds it.
 * Bytes, and a str in an attribute, an item, a global or a variable that an inner function
 * shares, are copied whole in each round, while the old one is still alive: twice the
 * memory at the peak, and above all a time that grows with the square of the rounds.
 *
 * ## Example
 *
 *     for row in rows:
 *         self.text += row.name
 *
 * ## Use instead
 *
 *     text = self.text
 *     for row in rows:
 *         text += row.name
 *     self.text = text
 *
 * and for bytes a `bytearray`, or an `io.BytesIO` whose `getvalue()` copies nothing.
 *
 * ## Fix safety
 *
 * `text = text + a + b` becomes `text += a + b`: safe where the parts are known to be
 * text. Bytes that a local variable gathers are written to an `io.BytesIO`: safe where
 * what is added is known to be bytes. The rest is left to the author.
 *
 * ## Limits
 *
 * Silent for a str in a local variable, which is the cheapest form there is; for what
 * starts anew in the loop, or is another's in each round; where the loop has few rounds or
 * is left at once; where a method that the loop calls may empty it. Where every state of
 * a local str is kept as well it is a note: the copies are wanted. Of several additions
 * in one loop the first is reported.
 *
 * ## References
 *
 * "Common Sequence Operations" in the Python library reference, note 6.
 */
#include "rule.h"

static RuleNodeFn on_assignment;
static Fix add_once(RuleContext *cx, const Accumulation *a);
static Fix write_to_buffer(RuleContext *cx, const Accumulation *a);

enum { READS_REWRITTEN = 2 };
enum { TEMPLATE_BYTES, TEMPLATE_STR, TEMPLATE_KEPT, TEMPLATE_SUM, TEMPLATE_FRONT };

RULE(text_accumulated) = {
    .code = "PML304",
    .name = "text-accumulated",
    .summary = "a text or bytes is copied whole in each round of a loop to grow",
    .templates =
        {"`{0}` is copied in each round of the loop: two are alive at a time, and the "
         "time grows with the square; `bytearray` or `io.BytesIO` grows in place",
         "`{0}` is copied in each round of the loop: two are alive at a time, and the "
         "time grows with the square; a str grows in place in a local variable only",
         "`{0}` is copied in each round of the loop, as something else holds it: the "
         "time grows with the square",
         "`{0}` is copied in each round of the loop: up to three are alive at a time, "
         "and the time grows with the square; `+=` grows it in place",
         "`{0}` is copied in each round of the loop: two are alive at a time, and the "
         "time grows with the square; gather the parts, and join them once"},
    .warn_on = {EVIDENCE_HOT},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML301", "PML302", "PML303", "PML503"},
    .kinds = {PY_ASSIGNMENT, PY_AUGMENTED_ASSIGNMENT},
    .on_node = on_assignment,
};

// Which text to show; -1 where it grows in place.
static int template_of(const RuleContext *cx, const Accumulation *a) {
  if (a->kind == VALUE_BYTES) return TEMPLATE_BYTES;
  bool front = a->form == ACCUMULATION_PREPENDED;
  switch (a->place) {
    case ACCUMULATION_LOCAL:
      if (a->form == ACCUMULATION_SPREAD) return TEMPLATE_SUM;
      return node_ok(a->kept) && !front ? TEMPLATE_KEPT : -1;
    case ACCUMULATION_CELL:
    case ACCUMULATION_MODULE:  // in place up to 3.10
      if (!front && !cx_targets_any(cx, 11, 0)) return -1;
      break;
    default: break;
  }
  return front ? TEMPLATE_FRONT : TEMPLATE_STR;
}

static void on_assignment(RuleContext *cx, NodeId assignment) {
  Accumulation a = accumulation_of(cx->m, assignment);
  if (a.form == ACCUMULATION_NONE) return;
  if (!cx_require(cx, assignment, a.refusal == NULL, a.refusal)) return;
  int template = template_of(cx, &a);
  if (!cx_require(cx, assignment, template >= 0, "a local text grows in place")) return;
  NodeId header = node_is(cx->t, a.loop, PY_FOR_STATEMENT)
                      ? node_field(cx->t, a.loop, FIELD_LEFT)
                      : node_field(cx->t, a.loop, FIELD_CONDITION);
  Draft draft = {.anchor = assignment,
                 .template_index = (uint32_t) template,
                 .args = {node_text(cx->t, a.target)},
                 .labels = {{.node = header, .text = STR("copied in each round")}},
                 .evidence = EVIDENCE_HOT,
                 .note_at_most = template == TEMPLATE_KEPT};
  if (template == TEMPLATE_KEPT) {
    draft.labels[1] = (DraftLabel){.node = a.kept, .text = STR("held here as well")};
  }
  if (template == TEMPLATE_SUM) draft.fix = add_once(cx, &a);
  if (template == TEMPLATE_BYTES) draft.fix = write_to_buffer(cx, &a);
  cx_report(cx, draft);
}

static bool is_text(RuleContext *cx, NodeId e, ValueKind kind) {
  Value v = value_of(cx->m, e);
  return v.kind == kind && (v.flags & VALUE_MAYBE_NONE) == 0;
}

// --- text = text + a + b -------------------------------------------------------------

static Fix add_once(RuleContext *cx, const Accumulation *a) {
  const Tree *t = cx->t;
  NodeId right = node_field(t, a->assignment, FIELD_RIGHT);
  NodeId e = node_unwrap(t, right), second = NO_NODE;
  if (!node_eq(e, right) || node_ok(node_field(t, a->assignment, FIELD_TYPE))) {
    return (Fix){0};
  }
  bool known = true;
  while (node_is(t, e, PY_BINARY_OPERATOR)) {
    second = node_field(t, e, FIELD_RIGHT);
    known = known && is_text(cx, second, a->kind);
    e = node_field(t, e, FIELD_LEFT);
  }
  if (!node_is(t, e, PY_IDENTIFIER)) return (Fix){0};
  Span gap = {node_stop(t, a->target), node_start(t, second)};
  uint32_t comments = 0;
  tree_comments_in(t, gap, &comments);
  Str text = str_slice(t->source->text, gap.start, gap.stop);
  if (comments > 0 || str_contains(text, STR("\n"))) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  edit_replace(&edits, gap, STR(" += "));
  return fix_of(&edits, known ? NULL : "what is added is put together first",
                "grow it in place");
}

// --- data = io.BytesIO() -------------------------------------------------------------

// `data = b""`, alone on its lines, in the function itself.
static bool is_empty_start(RuleContext *cx, const Def *def) {
  const Tree *t = cx->t;
  if (def->kind != DEF_ASSIGN || (def->flags & DEF_UNPACKED) != 0) return false;
  NodeId up = node_parent(t, def->statement);
  bool plain = node_is(t, up, PY_EXPRESSION_STATEMENT) &&
               node_eq(node_field(t, def->statement, FIELD_RIGHT), def->value);
  Value v = value_of(cx->m, def->value);
  bool call = node_is(t, def->value, PY_CALL);
  bool empty =
      call ? v.high == 0
           : node_text_is(t, def->value, "b\"\"") || node_text_is(t, def->value, "b''");
  return plain && empty;
}

typedef struct Buffer {
  NodeId value;  // of the start
  bool known;    // all that is added is bytes
} Buffer;

static bool mentions(RuleContext *cx, NodeId region, BindingId b) {
  const Tree *t = cx->t;
  for (NodeId n = region; n.i < node_after(t, region); n.i++) {
    if (node_is(t, n, PY_IDENTIFIER) && binding_of(cx->m, n).i == b.i) return true;
  }
  return false;
}

// One start, everything else adds.
static bool has_one_start(RuleContext *cx, BindingId b, Buffer *out) {
  *out = (Buffer){.known = true};
  for (DefId d = def_first(cx->m, b); def_ok(d); d = def_next(cx->m, d)) {
    const Def *def = def_get(cx->m, d);
    if (def->kind == DEF_AUGMENTED) {
      Value v = value_of(cx->m, def->value);
      bool bytes = (v.kind == VALUE_BYTES || v.kind == VALUE_BYTEARRAY) &&
                   (v.flags & VALUE_MAYBE_NONE) == 0;
      if (mentions(cx, def->value, b)) return false;
      if (!node_text_is(cx->t, node_field(cx->t, def->statement, FIELD_OPERATOR),
                        "+=")) {
        return false;
      }
      out->known = out->known && bytes;
    } else {
      if (node_ok(out->value) || !is_empty_start(cx, def)) return false;
      out->value = def->value;
    }
  }
  return node_ok(out->value);
}

// `data` becomes `data.getvalue()`: behind the loops only.
static bool rewrite_read(RuleContext *cx, EditList *edits, NodeId use) {
  const Tree *t = cx->t;
  bool again = node_ok(loop_around(cx->m, use, NO_NODE));
  if (again || node_is(t, node_parent(t, use), PY_DELETE_STATEMENT)) return false;
  edit_insert(edits, node_stop(t, use), STR(".getvalue()"));
  return true;
}

// `data += chunk` becomes `data.write(chunk)`.
static bool rewrite_addition(RuleContext *cx, EditList *edits, NodeId use,
                             NodeId added) {
  const Tree *t = cx->t;
  Span gap = {node_stop(t, use), node_start(t, added)};
  if (edit_loses_comment(t, gap, (Span){gap.stop, gap.stop}) ||
      node_is(t, added, PY_EXPRESSION_LIST) || node_is(t, added, PY_YIELD)) {
    return false;
  }
  edit_replace(edits, gap, STR(".write("));
  edit_insert(edits, node_stop(t, added), STR(")"));
  return true;
}

static Fix write_to_buffer(RuleContext *cx, const Accumulation *a) {
  const Tree *t = cx->t;
  Buffer buffer;
  BindingId b = binding_of(cx->m, a->target);
  const Binding *binding = binding_get(cx->m, b);
  bool local = a->place == ACCUMULATION_LOCAL &&
               (binding->flags & BIND_CAPTURED) == 0 &&
               (scope_get(cx->m, binding->scope)->flags & SCOPE_DYNAMIC) == 0;
  if (!local || !node_is(t, a->target, PY_IDENTIFIER) ||
      !has_one_start(cx, b, &buffer) || node_inside(t, buffer.value, a->loop) ||
      !can_write_module(cx, a->target, "io")) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  uint32_t reads = 0;
  edit_replace(&edits, node_span(t, buffer.value), STR("io.BytesIO()"));
  for (RefId r = ref_first(cx->m, b); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId use = ref_get(cx->m, r)->node;
    DefId d = def_at(cx->m, use);
    if (!node_is(t, use, PY_IDENTIFIER) || tree_is_broken(t, use)) return (Fix){0};
    bool read = !def_ok(d);
    if (read && ++reads > READS_REWRITTEN) return (Fix){0};
    bool done = read ? rewrite_read(cx, &edits, use)
                     : rewrite_addition(cx, &edits, use, def_get(cx->m, d)->value);
    if (!done) return (Fix){0};
  }
  write_import(cx, &edits, "io");
  return fix_of(&edits, buffer.known ? NULL : "what is added must be bytes",
                "gather it in a buffer");
}
