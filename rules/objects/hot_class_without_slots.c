/* # hot-class-without-slots (PML401)
 *
 * A class whose instances are kept in number stores each one's attributes with room to
 * grow, though all of its attributes are known.
 *
 * ## Why it costs memory
 *
 * A plain instance carries pointers to a dict and to weak references, and space for its
 * attributes in steps: up to Python 3.10 a dict of its own (104 B and more), since 3.11
 * an inline array with a spare value. With `__slots__` an instance is its header and one
 * pointer an attribute: 32 + 8n bytes on every version. The saving is 32 to 64 B an
 * instance on 3.11 and later, 80 to 216 B before; from the 30th attribute on it is more
 * than 1 kB on 3.11 and later. The values themselves stay as large as they are.
 *
 * ## Example
 *
 *     class Point:
 *         def __init__(self, x, y):
 *             self.x = x
 *             self.y = y
 *
 *     points = [Point(x, y) for x, y in rows]
 *
 * ## Use instead
 *
 *     class Point:
 *         __slots__ = ("x", "y")
 *
 *         def __init__(self, x, y):
 *             self.x = x
 *             self.y = y
 *
 * ## Fix safety
 *
 * Unsafe: code outside of the project that sets other attributes on the instances, takes
 * weak references of them or reads their `__dict__` fails afterwards. Where the project
 * itself takes weak references, `"__weakref__"` is among the slots.
 *
 * ## Limits
 *
 * Reported only for classes of which many instances are kept (made in a comprehension, by
 * `map` or `object_hook`, or in a loop and stored), whose bases are all slotted, and of
 * which the whole project sets no attribute that is not seen. Silent for enumerations,
 * exceptions, models of ORMs and validators, protocols, classes with `cached_property`,
 * own pickling or copying, `__getattr__` and its kind, or a class attribute of the same
 * name; and where a subclass could not be laid out any more. Where a method does not
 * parse, neither bytes nor fix are given.
 *
 * ## References
 *
 * "`__slots__`" in the language reference, section 3.3.2.4.
 */
#include "rule.h"

static RuleClassFn on_class;
static RuleFixFn on_fix;
static bool is_broken_inside(const IndexClass *c, const SlotsAdvice *slots);
static Str names_text(RuleContext *cx, const SlotsAdvice *slots);
static Str count_text(RuleContext *cx, uint32_t n);
static Str slots_text(RuleContext *cx, Str names, Str indent);

RULE(hot_class_without_slots) = {
    .code = "PML401",
    .name = "hot-class-without-slots",
    .summary = "instances kept in number have no __slots__",
    .templates =
        {"instances of `{0}` are kept in number without `__slots__`: {1} per "
         "instance; all that is set on them is known: {2}",
         "{3} instances of `{0}` are kept without `__slots__`: {1} per instance; "
         "all that is set on them is known: {2}",
         "instances of `{0}` are kept in number without `__slots__`: as a method does "
         "not parse, not all of its attributes are known"},
    .warn_on = {EVIDENCE_KEPT},
    .fix = FIX_UNSAFE,
    .yields_to = {"PML403", "PML402"},
    .on_class = on_class,
    .on_fix = on_fix,
};

static void on_class(RuleContext *cx, ClassId id) {
  const IndexClass *c = index_class(cx->index, id);
  const uint32_t others =
      CLASS_DATACLASS | CLASS_ATTRS | CLASS_HAS_SLOTS | CLASS_TEST | CLASS_STUB;
  if (c->kept_count == 0 || (c->flags & others) != 0) return;
  SlotsAdvice slots = index_slots(cx->index, id, cx->arena);
  if (!cx_require_place(cx, c->place, cx->index->is_complete,
                        "the project is not complete")) {
    return;
  }
  const IndexSite *site = index_kept_site(c);
  if (is_broken_inside(c, &slots)) {
    cx_report(cx, (Draft){.place = c->place,
                          .template_index = 2,
                          .args = {str_after_last(c->name, '.')},
                          .labels = {{.place = site->place,
                                      .text = STR("made in number here")}},
                          .evidence = EVIDENCE_KEPT});
    return;
  }
  if (!cx_require_place(cx, c->place, slots.is_possible, slots.reason)) return;
  uint32_t saved = 0;
  Str bytes =
      cx_layout_change(cx, layout_plain(slots.all_count),
                       layout_slotted(slots.all_count, slots.needs_weakref), 0, &saved);
  if (!cx_require_place(cx, c->place, saved > 0, "slots would save nothing")) return;
  bool is_local = (c->hazards & HAZARD_LOCAL) != 0;
  Draft draft = {
      .place = c->place,
      .template_index = site->bound != 0 ? 1 : 0,
      .args = {str_after_last(c->name, '.'), bytes, count_text(cx, slots.all_count),
               cx_format(cx, "%u", site->bound),
               is_local ? STR_NONE : names_text(cx, &slots)},
      .labels = {{.place = site->place, .text = STR("made in number here")}},
      .evidence = EVIDENCE_KEPT,
      .cost = {saved, COST_PER_INSTANCE},
  };
  if (place_ok(site->factory)) {
    draft.labels[1] = (DraftLabel){.place = site->factory, .text = STR("through here")};
  }
  cx_report(cx, draft);
}

// What is broken is a method, and nothing else is in the way: `__slots__` would stand
// outside of the methods.
static bool is_broken_inside(const IndexClass *c, const SlotsAdvice *slots) {
  const uint32_t of_break = HAZARD_BROKEN | HAZARD_NO_ATTRIBUTES;
  return (c->fact->hazards & HAZARD_BROKEN) != 0 && (c->flags & CLASS_BROKEN) == 0 &&
         c->order_count == 1 && (slots->hazards & ~of_break) == 0;
}

static Str count_text(RuleContext *cx, uint32_t n) {
  return cx_format(cx, "%u attribute%s", n, n == 1 ? "" : "s");
}

static Str names_text(RuleContext *cx, const SlotsAdvice *slots) {
  Str all = STR_NONE;
  for (uint32_t i = 0; i < slots->name_count; i++) {
    all = cx_format(cx, "%.*s%s%.*s", STR_ARGS(all), i == 0 ? "" : ",",
                    STR_ARGS(slots->names[i]));
  }
  if (!slots->needs_weakref) return all;
  return cx_format(cx, "%.*s,__weakref__", STR_ARGS(all));
}

// --- the fix -------------------------------------------------------------------------

// The quote that the file's strings prefer.
static char quote_of(const Tree *t) {
  enum { LOOKED_AT = 200 };
  uint32_t single = 0, dual = 0;
  for (uint32_t i = 1; i < t->count && single + dual < LOOKED_AT; i++) {
    if (!node_is(t, (NodeId){i}, PY_STRING_START)) continue;
    Str start = node_text(t, (NodeId){i});
    if (start.n > 3) continue;
    if (start.p[start.n - 1] == '\'') single++;
    if (start.p[start.n - 1] == '"') dual++;
  }
  return single > dual ? '\'' : '"';
}

static Str slots_text(RuleContext *cx, Str names, Str indent) {
  enum { COLUMNS = 88 };
  char quote = quote_of(cx->t);
  Buf row = buf_in(cx->arena), column = buf_in(cx->arena);
  uint32_t count = 0;
  for (uint32_t at = 0; at < names.n; count++) {
    uint32_t stop = str_find_byte(names, ',', at);
    Str name = str_slice(names, at, stop);
    buf_printf(&row, "%s%c%.*s%c", count == 0 ? "" : ", ", quote, STR_ARGS(name),
               quote);
    buf_printf(&column, "%.*s%.*s%c%.*s%c,\n", STR_ARGS(indent), STR_ARGS(indent),
               quote, STR_ARGS(name), quote);
    at = stop + 1;
  }
  Str inner = buf_str(&row);
  if (count == 1) inner = cx_format(cx, "%.*s,", STR_ARGS(inner));
  Str line = cx_format(cx, "%.*s__slots__ = (%.*s)", STR_ARGS(indent), STR_ARGS(inner));
  if (line.n <= COLUMNS) return line;
  return cx_format(cx, "%.*s__slots__ = (\n%.*s%.*s)", STR_ARGS(indent),
                   STR_ARGS(buf_str(&column)), STR_ARGS(indent));
}

static bool is_docstring(const Tree *t, NodeId statement) {
  if (!node_is(t, statement, PY_EXPRESSION_STATEMENT)) return false;
  PyKind kind = node_kind(t, node_first_named(t, statement));
  return kind == PY_STRING || kind == PY_CONCATENATED_STRING;
}

static bool is_definition(const Tree *t, NodeId statement) {
  PyKind kind = node_kind(t, statement);
  return kind == PY_FUNCTION_DEFINITION || kind == PY_CLASS_DEFINITION ||
         kind == PY_DECORATED_DEFINITION;
}

// Behind the docstring, on a line of its own.
static bool insert_behind(EditList *fix, const Tree *t, NodeId docstring, Str text) {
  const LineIndex *lines = &t->source->lines;
  uint32_t line = lines_line_of(lines, node_stop(t, docstring));
  uint32_t stop = lines_stop(lines, line);
  Str rest = str_trim(str_slice(t->source->text, node_stop(t, docstring), stop));
  if (rest.n > 0 && rest.p[0] != '#') return false;
  bool is_last = line + 1 >= lines->count;
  bool is_blank = is_last || str_trim(lines_text(lines, line + 1)).n == 0;
  bool needs_blank = !is_blank && is_definition(t, node_next_named(t, docstring));
  edit_insert(fix, stop, STR("\n\n"));
  edit_insert(fix, stop, text);
  if (needs_blank) edit_insert(fix, stop, STR("\n"));
  return true;
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  const Tree *t = cx->t;
  NodeId definition = node_parent(t, anchor), none = NO_NODE;
  Str names = finding->args[4];
  if (names.n == 0 || !node_is(t, definition, PY_CLASS_DEFINITION)) return (Fix){0};
  NodeId first = node_first_named(t, node_field(t, definition, FIELD_BODY));
  const LineIndex *lines = &t->source->lines;
  uint32_t line = lines_line_of(lines, node_start(t, first));
  Str before =
      str_slice(t->source->text, lines_start(lines, line), node_start(t, first));
  if (node_eq(first, none) || str_trim(before).n != 0) return (Fix){0};
  Str text = slots_text(cx, names, before);
  EditList fix = edits_in(cx->arena);
  if (is_docstring(t, first)) {
    if (!insert_behind(&fix, t, first, text)) return (Fix){0};
  } else {
    Str end = is_definition(t, first) ? STR("\n\n") : STR("\n");
    edit_insert(&fix, lines_start(lines, line),
                cx_format(cx, "%.*s%.*s", STR_ARGS(text), STR_ARGS(end)));
  }
  return edits_fix(&fix, FIX_UNSAFE, STR("add __slots__"),
                   STR("code outside of the project may set other attributes"));
}
