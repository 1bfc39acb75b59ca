/* # overlapping-slots (PML405)
 *
 * `__slots__` names an attribute for which a class below has a slot already, or names one
 * twice.
 *
 * ## Why it costs memory
 *
 * Each name in `__slots__` reserves a pointer in every instance, whether a base has one of
 * that name or not. The second hides the first, which nothing reaches any more: 8 B an
 * instance and name, on every version.
 *
 * ## Example
 *
 *     class Node:
 *         __slots__ = ("parent", "name")
 *
 *     class Leaf(Node):
 *         __slots__ = ("parent", "name", "value")
 *
 * ## Use instead
 *
 *     class Node:
 *         __slots__ = ("parent", "name")
 *
 *     class Leaf(Node):
 *         __slots__ = ("value",)
 *
 * ## Fix safety
 *
 * Unsafe: code that reads `__slots__` of this class alone sees fewer names. Not offered
 * where the file itself reads `__slots__`, nor where the class names a slot twice.
 *
 * ## Limits
 *
 * Silent where the names or the base are not known, and where a class between binds the
 * name to something else.
 *
 * ## References
 *
 * "Notes on using `__slots__`" in the language reference, section 3.3.2.4.1.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static Str names_text(RuleContext *cx, const SlotsTwice *twice);
static Str repeated_text(RuleContext *cx, const SlotsTwice *twice);

RULE(overlapping_slots) = {
    .code = "PML405",
    .name = "overlapping-slots",
    .summary = "a slot is there twice",
    .templates =
        {"`__slots__` of `{0}` repeat {1} of its base `{2}`: {3} B per instance "
         "that nothing reaches",
         "`__slots__` of `{0}` name {1} twice: {3} B per instance that nothing "
         "reaches"},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML408", "PML404"},
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  if ((c->flags & CLASS_HAS_SLOTS) == 0 || (c->flags & CLASS_STUB) != 0) return;
  if (!cx_require_place(cx, c->place, (c->flags & (CLASS_TEST | CLASS_BROKEN)) == 0,
                        "it is of a test, or its code does not parse")) {
    return;
  }
  SlotsTwice twice = index_slots_twice(cx->index, id, cx->arena);
  if (!cx_require_place(cx, c->place, twice.count != 0,
                        "no base that is known has the same slots")) {
    return;
  }
  bool is_alone = twice.base.i == 0;
  const IndexClass *base = index_class(cx->index, twice.base);
  Draft draft = {
      .place = c->place,
      .template_index = is_alone ? 1 : 0,
      .args = {str_after_last(c->name, '.'), names_text(cx, &twice),
               is_alone ? STR_NONE : str_after_last(base->name, '.'),
               cx_format(cx, "%u", 8 * twice.count), repeated_text(cx, &twice)},
      .cost = {8 * twice.count, COST_PER_INSTANCE},
  };
  if (!is_alone) {
    draft.labels[0] = (DraftLabel){.place = base->place, .text = STR("has it already")};
  }
  cx_report(cx, draft);
}

// What the fix drops; empty where a name stands twice in the class itself, and one has to
// stay.
static Str repeated_text(RuleContext *cx, const SlotsTwice *twice) {
  Str all = STR_NONE;
  for (uint32_t i = 0; i < twice->count; i++) {
    if (!twice->names[i].in_base) return STR_NONE;
    all = i == 0 ? twice->names[i].name
                 : str_join_in(cx->arena, all, ",", twice->names[i].name);
  }
  return all;
}

// "`a`, `b` and 3 more"
static Str names_text(RuleContext *cx, const SlotsTwice *twice) {
  enum { SHOWN = 3 };
  Str all = STR_NONE;
  for (uint32_t i = 0; i < twice->count && i < SHOWN; i++) {
    all = cx_format(cx, "%.*s%s`%.*s`", STR_ARGS(all), i == 0 ? "" : ", ",
                    STR_ARGS(twice->names[i].name));
  }
  if (twice->count <= SHOWN) return all;
  return cx_format(cx, "%.*s and %u more", STR_ARGS(all), twice->count - SHOWN);
}

// --- the fix -------------------------------------------------------------------------

// `__slots__ = (…)` in the body; NO_NODE unless it is the one mention in the file.
static NodeId slots_display(const Tree *t, NodeId definition) {
  NodeId found = NO_NODE, body = node_field(t, definition, FIELD_BODY);
  for (uint32_t i = 1; i < t->count; i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_IDENTIFIER) || !str_is(node_text(t, n), "__slots__"))
      continue;
    NodeId store = node_parent(t, n), statement = node_parent(t, store);
    bool is_store = node_is(t, store, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT;
    if (!is_store) return NO_NODE;  // somebody reads them
    if (!node_eq(node_parent(t, statement), body)) continue;
    if (node_ok(found)) return NO_NODE;
    found = node_unwrap(t, node_field(t, store, FIELD_RIGHT));
  }
  PyKind kind = node_kind(t, found);
  bool is_display = kind == PY_TUPLE || kind == PY_LIST || kind == PY_SET;
  return is_display ? found : NO_NODE;
}

static bool list_takes(Str list, Str name) {
  for (uint32_t at = 0; at < list.n;) {
    uint32_t stop = str_find_byte(list, ',', at);
    if (str_eq(str_slice(list, at, stop), name)) return true;
    at = stop + 1;
  }
  return false;
}

typedef struct Slots {
  VEC(NodeId) all;
  VEC(bool) is_dropped;
  uint32_t kept, last_kept;  // how many; the index of the last
} Slots;

// Every element as text; those that go are the repeated ones, and what is named before.
static bool slots_read(RuleContext *cx, NodeId display, Str repeated, Slots *out) {
  const Tree *t = cx->t;
  uint32_t left = 0;
  for (uint32_t at = 0; at < repeated.n; at = str_find_byte(repeated, ',', at) + 1) {
    left++;
  }
  for (NodeId e = node_first_named(t, display); node_ok(e); e = node_next_named(t, e)) {
    Str name;
    if (!constant_str(cx->m, node_unwrap(t, e), &name)) return false;
    bool goes = list_takes(repeated, name);
    if (goes) left--;
    if (!goes) out->last_kept = out->all.count;
    if (!goes) out->kept++;
    vec_push(cx->arena, &out->all, e);
    vec_push(cx->arena, &out->is_dropped, goes);
  }
  return left == 0 && out->all.count > 0;
}

static bool drop(EditList *fix, const Tree *t, Span span, Str instead) {
  if (edit_loses_comment(t, span, (Span){span.start, span.start})) return false;
  edit_replace(fix, span, instead);
  return true;
}

// What stands between the last element and the bracket has a comma.
static bool has_last_comma(const Tree *t, NodeId display, NodeId last) {
  Str rest = str_slice(t->source->text, node_stop(t, last), node_stop(t, display));
  return str_find_byte(rest, ',', 0) < rest.n;
}

static bool slots_drop(EditList *fix, const Tree *t, NodeId display, const Slots *s) {
  const NodeId *all = s->all.items;
  NodeId last = all[s->all.count - 1];
  if (s->kept == 0) {
    Span inside = {node_start(t, display) + 1, node_stop(t, display) - 1};
    return !node_is(t, display, PY_SET) && drop(fix, t, inside, STR_NONE);
  }
  for (uint32_t i = 0; i < s->last_kept; i++) {
    Span span = {node_start(t, all[i]), node_start(t, all[i + 1])};
    if (s->is_dropped.items[i] && !drop(fix, t, span, STR_NONE)) return false;
  }
  bool needs_comma = s->kept == 1 && node_is(t, display, PY_TUPLE) &&
                     !has_last_comma(t, display, last);
  Span rest = {node_stop(t, all[s->last_kept]), node_stop(t, last)};
  return drop(fix, t, rest, needs_comma ? STR(",") : STR_NONE);
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  const Tree *t = cx->t;
  Str repeated = finding->args[4];
  NodeId display = slots_display(t, node_parent(t, anchor));
  Slots slots = {0};
  EditList fix = edits_in(cx->arena);
  bool is_bare = node_ok(display) && t->source->text.p[node_start(t, display)] != '(' &&
                 node_is(t, display, PY_TUPLE);
  if (repeated.n == 0 || !node_ok(display) || is_bare ||
      !slots_read(cx, display, repeated, &slots) ||
      !slots_drop(&fix, t, display, &slots)) {
    return (Fix){0};
  }
  return edits_fix(&fix, FIX_UNSAFE, STR("drop the repeated names"),
                   STR("code that reads __slots__ of this class sees fewer names"));
}
