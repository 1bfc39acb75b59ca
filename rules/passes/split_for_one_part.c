/* # split-for-one-part (PML213)
 *
 * A text is split at every separator to take its first or last part.
 *
 * ## Why it costs memory
 *
 * Every part becomes a string of its own, about 50 bytes and its text, and a list keeps
 * them all. Split once, there are two. On the lines of a file it is mostly time that is
 * saved; on a whole file also memory.
 *
 * ## Example
 *
 *     for line in f:
 *         print(line.split(",")[0])
 *
 * ## Use instead
 *
 *     for line in f:
 *         print(line.split(",", 1)[0])
 *
 * and `rsplit(",", 1)[-1]` for the last part.
 *
 * ## Fix safety
 *
 * Safe for texts. Unsafe where only the name `split` and its separator tell that it is
 * one. No fix for the last part where the separator may be longer than one character:
 * found from the end, it may stand elsewhere.
 *
 * ## Limits
 *
 * A warning for whole reads and for records of a stream in a loop, else a note: what a
 * caller gives and what a folder lists are no such records. Silent for constants, where
 * another part is used, and off streams for `.` and `/`, which part names and paths of a
 * few parts.
 *
 * ## References
 *
 * The Python library, `str.split`.
 */
#include "rule.h"

static RuleNodeFn on_call;

RULE(split_for_one_part) = {
    .code = "PML213",
    .name = "split-for-one-part",
    .summary = "a text is split at every separator for one part",
    .templates = {"every part of `{0}` is made for the {1}: about 50 B per part plus "
                  "its text; split once, two are"},
    .warn_on = {EVIDENCE_SIZE, EVIDENCE_HOT},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML521"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

typedef enum Wanted { WANTED_NONE, WANTED_FIRST, WANTED_LAST } Wanted;

static Wanted wanted_at(RuleContext *cx, NodeId expression) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, expression), up = node_parent(t, e);
  int64_t index = 0;
  NodeId key = node_field(t, up, FIELD_SUBSCRIPT);
  bool plain = node_is(t, up, PY_SUBSCRIPT) && node_role(t, e) == FIELD_VALUE &&
               !node_is(t, key, PY_SLICE) && !node_ok(node_next_same_field(t, key)) &&
               constant_int(cx->m, key, &index);
  NodeId outer = node_parent(t, up);
  bool stored =
      node_role(t, up) == FIELD_LEFT || node_is(t, outer, PY_DELETE_STATEMENT);
  if (!plain || stored || (index != 0 && index != -1)) return WANTED_NONE;
  return index == 0 ? WANTED_FIRST : WANTED_LAST;
}

// `name, *_ = text.split(…)`, and nobody reads `_`.
static bool is_unpacked_for_first(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  NodeId e = node_wrap(t, call), assignment = node_parent(t, e);
  NodeId left = node_field(t, assignment, FIELD_LEFT);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || node_role(t, e) != FIELD_RIGHT ||
      node_count_named(t, left) != 2) {
    return false;
  }
  NodeId first = node_named_at(t, left, 0), star = node_named_at(t, left, 1);
  if (!node_is(t, first, PY_IDENTIFIER) || !node_is(t, star, PY_LIST_SPLAT_PATTERN)) {
    return false;
  }
  DefId def = def_at(cx->m, node_first_named(t, star));
  if (!def_ok(def)) return false;
  RefList uses = flow_uses_of(cx->m, def);
  return !uses.unknown && !uses.escapes_scope && uses.count == 0;
}

// The separator, NO_NODE for none; false if it is split in another way.
static bool separator_of(RuleContext *cx, NodeId call, NodeId *separator) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  *separator = NO_NODE;
  if (!node_is(t, arguments, PY_ARGUMENT_LIST)) return false;
  uint32_t count = node_count_named(t, arguments);
  if (count == 0) return true;
  NodeId a = node_first_named(t, arguments);
  if (count != 1 || node_is(t, a, PY_LIST_SPLAT) ||
      node_is(t, a, PY_DICTIONARY_SPLAT)) {
    return false;
  }
  *separator = a;
  if (!node_is(t, a, PY_KEYWORD_ARGUMENT)) return true;
  *separator = node_field(t, a, FIELD_VALUE);
  return node_text_is(t, node_field(t, a, FIELD_NAME), "sep");
}

static bool is_text(RuleContext *cx, NodeId receiver, NodeId separator, bool *sure) {
  Value v = value_of(cx->m, receiver);
  *sure = v.kind == VALUE_STR || v.kind == VALUE_BYTES || v.kind == VALUE_BYTEARRAY;
  NodeId name = node_field(cx->t, receiver, FIELD_ATTRIBUTE);
  bool vectorised =
      node_is(cx->t, receiver, PY_ATTRIBUTE) && node_text_is(cx->t, name, "str");
  return *sure || (!value_is_known(v) && !vectorised && node_ok(separator) &&
                   node_is(cx->t, separator, PY_STRING));
}

// One character, or None: found from the end, it stands at the same places.
static bool is_found_from_the_end(RuleContext *cx, NodeId separator) {
  if (!node_ok(separator) || node_is(cx->t, separator, PY_NONE_LITERAL)) return true;
  Str text = node_text(cx->t, node_child(cx->t, separator, PY_STRING_CONTENT));
  bool escape = text.n == 2 && text.p[0] == '\\' && strchr("tnr0", text.p[1]) != NULL;
  return node_is(cx->t, separator, PY_STRING) &&
         ((text.n == 1 && text.p[0] != '\\') || escape);
}

static Fix split_once(RuleContext *cx, NodeId call, NodeId separator, Wanted wanted,
                      bool sure) {
  const Tree *t = cx->t;
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  NodeId name = node_field(t, call_callee(cx->m, call), FIELD_ATTRIBUTE);
  bool backwards = node_text_is(t, name, "rsplit");
  bool turned = (wanted == WANTED_LAST) != backwards;
  if (turned && !is_found_from_the_end(cx, separator)) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  NodeId a = node_first_named(t, arguments);
  if (!node_ok(a)) {
    uint32_t comments = 0;
    tree_comments_in(t, node_span(t, arguments), &comments);
    if (comments > 0) return (Fix){0};
    edit_replace(&edits, node_span(t, arguments), STR("(None, 1)"));
  } else {
    bool keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    edit_insert(&edits, node_stop(t, a), keyword ? STR(", maxsplit=1") : STR(", 1"));
  }
  if (wanted == WANTED_LAST && !backwards) {
    edit_replace(&edits, node_span(t, name), STR("rsplit"));
  } else if (wanted == WANTED_FIRST && backwards) {
    edit_replace(&edits, node_span(t, name), STR("split"));
  }
  return fix_of(&edits, sure ? NULL : "it may be no text that is split", "split once");
}

static void report(RuleContext *cx, NodeId call, NodeId receiver, Wanted wanted,
                   Evidence evidence, Fix fix) {
  Draft draft = {.anchor = call,
                 .args = {cx_excerpt(cx, receiver),
                          wanted == WANTED_LAST ? STR("last") : STR("first")},
                 .evidence = evidence,
                 .note_at_most = evidence == 0,
                 .fix = fix};
  cx_report(cx, draft);
}

// Names in a folder, numbers and what a caller gives are no records of a stream.
static bool is_stream(SizeWhy why) {
  return why == WHY_FILE || why == WHY_NETWORK || why == WHY_PROCESS ||
         why == WHY_DATABASE || why == WHY_DATASET || why == WHY_DOCUMENT;
}

// `[f.readline().split()[0] for _ in range(11)]`: no more than a few times.
static bool is_repeated(RuleContext *cx, NodeId call) {
  Context at = context_of(cx->m, call);
  if (!context_is_hot(at)) return false;
  bool little = false;
  for (NodeId loop = loop_around(cx->m, call, NO_NODE); node_ok(loop);
       loop = loop_around(cx->m, call, loop)) {
    NodeId source = node_field(cx->t, loop, FIELD_RIGHT);
    if (!node_ok(source)) source = comprehension_source(cx->t, loop);
    if (!node_ok(source) || !size_is_small(value_of(cx->m, source))) return true;
    little = true;
  }
  return !little;
}

static void on_call(RuleContext *cx, NodeId call) {
  const Tree *t = cx->t;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, call, &method), separator;
  if (!node_ok(receiver) || (!str_is(method, "split") && !str_is(method, "rsplit")) ||
      name_of(cx->m, receiver).n != 0 ||
      !cx_require(cx, call, separator_of(cx, call, &separator),
                  "it is told how often to split")) {
    return;
  }
  Wanted wanted = wanted_at(cx, call);
  bool unpacked = wanted == WANTED_NONE && is_unpacked_for_first(cx, call);
  SingleUse kept;
  if (wanted == WANTED_NONE && !unpacked && single_use_of(cx->m, call, &kept)) {
    wanted = wanted_at(cx, kept.use);
  }
  bool sure = false;
  if (!cx_require(cx, call, wanted != WANTED_NONE || unpacked,
                  "more is used than the first or the last part") ||
      !cx_require(cx, call, is_text(cx, receiver, separator, &sure), "no known text")) {
    return;
  }
  Value v = value_of(cx->m, receiver);
  bool whole = (v.flags & VALUE_WHOLE_READ) != 0,
       record = (v.flags & VALUE_RECORD) != 0 && is_stream(v.why);
  bool small = size_is_small(v) || node_is(t, node_unwrap(t, receiver), PY_STRING);
  if (!cx_require(cx, call, !small, "it has few parts")) return;
  bool hot = record && is_repeated(cx, call);
  Str text = node_text(t, node_child(t, separator, PY_STRING_CONTENT));
  bool named = str_is(text, ".") || str_is(text, "/");
  if (!cx_require(cx, call, whole || hot || !named, "a name or path has few parts")) {
    return;
  }
  Fix fix = unpacked ? (Fix){0} : split_once(cx, call, separator, wanted, sure);
  report(cx, call, receiver, wanted,
         (whole ? EVIDENCE_SIZE : 0) | (hot ? EVIDENCE_HOT : 0), fix);
}
