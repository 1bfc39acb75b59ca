/* # source-held-after-parse (PML519)
 *
 * A name holds a whole text after its last use, while what was parsed from it is handled.
 *
 * ## Why it costs memory
 *
 * A local variable keeps its object alive until the function ends or the name gets
 * another value, whether anybody reads it again or not. Where a file, a response or the
 * output of a process is read into a name, parsed, decoded or unpacked, and the result is
 * worked on in the same function, both lie in memory all that time: as many bytes as were
 * read, beside what was made of them.
 *
 * ## Example
 *
 *     def load(path):
 *         raw = path.read_bytes()
 *         rows = json.loads(raw)
 *         for row in rows:
 *             store(row)
 *
 * ## Use instead
 *
 *     def load(path):
 *         rows = json.loads(path.read_bytes())
 *         for row in rows:
 *             store(row)
 *
 * or `del raw` behind the parse.
 *
 * ## Fix safety
 *
 * Safe: `del` behind the statement that parses, where that is a simple statement. Nothing
 * reads the name behind it on any path.
 *
 * ## Limits
 *
 * Found are parsers, decoders and decompressors that keep nothing of what they are given;
 * `memoryview`, `numpy.frombuffer` and archives look into it. The result is handled where
 * a loop walks through it, a call gets it, an `await` or `yield` comes before its last
 * use; printing, logging, counting and storing it are no handling. A note where unknown
 * code was given the text before, which may hold it as well. Silent where the text is read
 * again on some path, where another name or object holds it, where it is known to be
 * small, for parameters, globals and captured names, and in tests.
 *
 * ## References
 *
 * "Naming and binding" and "The del statement" in the language reference.
 */
#include "rule.h"

typedef struct Held {
  DefId def;
  WholeText text;
} Held;

static RuleNodeFn on_call;
static bool is_read_by_earlier(RuleContext *cx, DefId def, NodeId call);
static void on_held(RuleContext *cx, const Parse *parse, const Held *held);
static Fix let_go(RuleContext *cx, const Parse *parse, const Held *held);

enum { DEFS_READ = 4, USES_READ = 32 };

RULE(source_held_after_parse) = {
    .code = "PML519",
    .name = "source-held-after-parse",
    .summary = "a whole text is held while what was parsed from it is handled",
    .templates =
        {"`{0}` still holds {1}, byte for byte, while what `{2}` made of it is handled; "
         "nothing reads it again: `del {0}`, or read it inside the call",
         "`{0}` and `{3}` still hold {1}, byte for byte, while what `{2}` made of it is "
         "handled; nothing reads it again: `del {0}, {3}`"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML102", "PML103", "PML104", "PML105", "PML106", "PML107", "PML108"},
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  Parse parse = parse_of(cx->m, call);
  Held all[DEFS_READ];
  if (parse.fact == NULL) return;
  DefId here = def_at(cx->m, parse.text);  // `loads(raw := f.read())`
  DefList defs = {.items = &here, .count = 1};
  if (!def_ok(here)) defs = flow_defs_reaching(cx->m, ref_at(cx->m, parse.text));
  if (!cx_require(cx, call, !defs.unknown && defs.count != 0 && defs.count <= DEFS_READ,
                  "no local name holds the text")) {
    return;
  }
  for (uint32_t i = 0; i < defs.count; i++) {
    all[i].def = defs.items[i];
    NodeId bound = def_get(cx->m, defs.items[i])->node;
    if (!cx_require_seen(cx, call, def_is_local(cx->m, defs.items[i]),
                         "the name is no local of this function alone", bound)) {
      return;
    }
    all[i].text = whole_text_of(cx->m, defs.items[i]);
    if (!cx_require_seen(cx, call, all[i].text.is_whole,
                         "the name is not known to hold a whole file, or the like",
                         bound)) {
      return;
    }
  }
  for (uint32_t i = 0; i < defs.count; i++) {
    if (!is_read_by_earlier(cx, all[i].def, call)) on_held(cx, &parse, &all[i]);
  }
}

// `loads(raw.decode())`: the outer one makes what is handled.
static bool is_part_of_parse(RuleContext *cx, const Parse *parse) {
  for (NodeId n = node_parent(cx->t, parse->call);
       node_ok(n) && !node_is_statement(cx->t, n); n = node_parent(cx->t, n)) {
    if (node_is(cx->t, n, PY_CALL) && node_eq(parse_of(cx->m, n).text, parse->text)) {
      return true;
    }
  }
  return false;
}

static bool is_last_use(RuleContext *cx, BindingId binding, NodeId call) {
  return flow_is_live_after(cx->m, binding, call) == ANSWER_NO;
}

// `handle(raw, loads(raw))`: what handles the result is given the text as well.
static bool is_given_too(RuleContext *cx, const Held *held, NodeId call,
                         NodeId handled) {
  RefList uses = flow_uses_of(cx->m, held->def);
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId node = ref_get(cx->m, uses.items[i])->node;
    if (node_inside(cx->t, node, handled) && !node_inside(cx->t, node, call))
      return true;
  }
  return false;
}

// One finding for each read: the first parse that is its last use tells of it.
static bool is_read_by_earlier(RuleContext *cx, DefId def, NodeId call) {
  RefList uses = flow_uses_of(cx->m, def);
  if (uses.count > USES_READ) return true;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId node = ref_get(cx->m, uses.items[i])->node;
    Use use = use_of(cx->m, node);
    if (node.i >= call.i || !node_ok(use.call)) continue;
    Parse other = parse_of(cx->m, use.call);
    BindingId binding = def_get(cx->m, def)->binding;
    if (other.fact == NULL || node_eq(other.call, call)) continue;
    if (is_last_use(cx, binding, other.call) &&
        handled_after(cx->m, other.call, binding).by != HANDLED_NOT) {
      return true;
    }
  }
  return false;
}

// The response that holds its body is a local of this function, and as dead as the name;
// a `with` around what handles the result would hold it all the same.
static bool holder_lets_go(RuleContext *cx, NodeId holder, NodeId call,
                           NodeId handled) {
  DefId def = flow_only_def(cx->m, holder);
  if (!def_ok(def) || !def_is_local(cx->m, def)) return false;
  const Def *known = def_get(cx->m, def);
  if (known->kind == DEF_WITH &&
      node_inside(cx->t, handled, node_ancestor(cx->t, known->node, PY_WITH_STATEMENT)))
    return false;
  bool ours = known->kind == DEF_WITH || known->kind == DEF_ASSIGN ||
              known->kind == DEF_ANNOTATED || known->kind == DEF_WALRUS;
  return ours && is_last_use(cx, known->binding, call) &&
         sole_until(cx->m, def, call) != SOLE_NO;
}

static Str whole_of(const Held *held) {
  switch (held->text.value.why) {
    case WHY_FILE: return STR("a whole file");
    case WHY_NETWORK: return STR("a whole response");
    case WHY_PROCESS: return STR("all that a process wrote");
    case WHY_ARCHIVE: return STR("a whole member of an archive");
    default: return STR("all that was unpacked");
  }
}

static Str handled_label(HandledBy by) {
  switch (by) {
    case HANDLED_BY_LOOP: return STR("both are alive in this loop");
    case HANDLED_BY_AWAIT: return STR("both are alive while others run");
    case HANDLED_BY_YIELD: return STR("both are alive until it is resumed");
    default: return STR("both are alive during this call");
  }
}

static void on_held(RuleContext *cx, const Parse *parse, const Held *held) {
  NodeId anchor = held->text.made, holder = held->text.holder;
  BindingId binding = def_get(cx->m, held->def)->binding;
  NodeId call = parse->call;
  Context at = context_of(cx->m, call);
  if (!cx_require(cx, anchor, (at.flags & CONTEXT_TEST) == 0, "it is a test") ||
      !cx_require(cx, anchor, !is_part_of_parse(cx, parse),
                  "what is decoded is parsed on the spot") ||
      !cx_require(cx, anchor, is_last_use(cx, binding, call),
                  "the text is read again on some path")) {
    return;
  }
  Sole sole = sole_until(cx->m, held->def, call);
  if (!cx_require(cx, anchor, sole != SOLE_NO, "another name or object holds it"))
    return;
  Handled handled = handled_after(cx->m, call, binding);
  if (!cx_require(cx, anchor, handled.by != HANDLED_NOT,
                  "nothing handles the result while the name holds the text")) {
    return;
  }
  if (!cx_require(cx, anchor, !is_given_too(cx, held, call, handled.node),
                  "what handles the result is given the text as well")) {
    return;
  }
  if (node_ok(holder) &&
      !cx_require(cx, anchor, holder_lets_go(cx, holder, call, handled.node),
                  "the object that it was read from holds it longer")) {
    return;
  }
  NodeId function = node_field(cx->t, call, FIELD_FUNCTION);
  Draft draft = {
      .anchor = anchor,
      .template_index = node_ok(holder) ? 1 : 0,
      .args = {binding_name(cx->m, binding), whole_of(held), cx_excerpt(cx, function),
               node_ok(holder) ? node_text(cx->t, holder) : STR_NONE},
      .labels = {{.node = call, .text = STR("its last use")},
                 {.span = loop_header(cx, handled.node),
                  .text = handled_label(handled.by)}},
      .evidence = evidence_of(cx, anchor, held->text.value),
      .note_at_most = sole == SOLE_LIKELY,
  };
  draft.fix = let_go(cx, parse, held);
  cx_report(cx, draft);
}

// --- fix -----------------------------------------------------------------------------

// Another `del` of the name further on would find nothing.
static bool is_deleted_later(RuleContext *cx, BindingId binding, NodeId call) {
  for (DefId d = def_first(cx->m, binding); def_ok(d); d = def_next(cx->m, d)) {
    const Def *def = def_get(cx->m, d);
    if (def->kind == DEF_DELETE && flow_reaches(cx->m, call, def->node) != ANSWER_NO)
      return true;
  }
  return false;
}

// The read in the place of the name, where the next statement begins with it and nothing
// else mentions the name.
static Fix read_inside(RuleContext *cx, NodeId statement, NodeId name,
                       const Held *held) {
  const Tree *t = cx->t;
  const Def *def = def_get(cx->m, held->def);
  const Binding *binding = binding_get(cx->m, def->binding);
  NodeId read = node_statement(t, def->node);
  Span lines = edit_line_span(t, node_span(t, read));
  if (binding->def_count != 1 || binding->ref_count != 1 || def->flags != 0 ||
      def->kind != DEF_ASSIGN || !statement_is_alone(t, read) ||
      !node_eq(node_next(t, read), statement) || !is_evaluated_first(t, name) ||
      !node_eq(node_field(t, node_first_named(t, read), FIELD_RIGHT), def->value) ||
      edit_loses_comment(t, lines, node_span(t, def->value))) {
    return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_delete(&edits, lines);
  edit_replace(&edits, node_span(t, name), node_text(t, def->value));
  return fix_of(&edits, NULL, "read it inside the call");
}

static Fix let_go(RuleContext *cx, const Parse *parse, const Held *held) {
  const Tree *t = cx->t;
  NodeId statement = node_statement(t, parse->call);
  BindingId binding = def_get(cx->m, held->def)->binding;
  if (node_ok(held->text.holder) || is_deleted_later(cx, binding, parse->call)) {
    return (Fix){0};
  }
  bool simple = node_is(t, statement, PY_EXPRESSION_STATEMENT) &&
                node_is(t, node_first_named(t, statement), PY_ASSIGNMENT);
  EditList edits = edits_in(cx->arena);
  Str del = cx_format(cx, "del %.*s", STR_ARGS(binding_name(cx->m, binding)));
  if (simple && edit_statement_behind(&edits, t, statement, del)) {
    return fix_of(&edits, NULL, "delete the name behind its last use");
  }
  return read_inside(cx, statement, parse->text, held);
}
