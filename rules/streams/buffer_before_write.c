/* # buffer-before-write (PML114)
 *
 * A text is gathered in a buffer in memory only to be written to a file.
 *
 * ## Why it costs memory
 *
 * The buffer holds the whole text, `getvalue()` copies a StringIO's into a string, and
 * the file's own buffer would do.
 *
 * ## Example
 *
 *     buffer = io.StringIO()
 *     for row in rows:
 *         buffer.write(render(row))
 *     with open(path, "w") as out:
 *         out.write(buffer.getvalue())
 *
 * ## Use instead
 *
 *     with open(path, "w") as out:
 *         for row in rows:
 *             out.write(render(row))
 *
 * ## Fix safety
 *
 * Unsafe: the file is opened, and emptied, before the text is known to be whole. Offered
 * where the `with` that opens it holds the one write and nothing else, and follows in the
 * same block.
 *
 * ## Limits
 *
 * The buffer must be local and made empty, written in a loop (also through a csv writer
 * or `print(…, file=buffer)`), and read by one `getvalue()`, or by `seek(0)` and one
 * `read()`, whose result goes into one write to a file. A warning where the loop walks
 * through something of any size.
 *
 * ## References
 *
 * The library reference of Python, `io.StringIO`.
 */
#include "rule.h"

typedef struct Gathering {
  NodeId read;     // the call of getvalue() or read()
  NodeId written;  // the first write in a loop
  NodeId source;   // what that loop walks through
  uint32_t reads;
  bool broken;  // used in another way
} Gathering;

static RuleNodeFn on_call;
static void uses_gather(RuleContext *cx, DefId def, bool is_writer, NodeId made,
                        Gathering *out);
static NodeId file_written(RuleContext *cx, NodeId read);
static Fix write_to_file(RuleContext *cx, DefId def, NodeId read, NodeId file);

RULE(buffer_before_write) = {
    .code = "PML114",
    .name = "buffer-before-write",
    .summary = "a text is gathered in memory only to be written to a file",
    .templates =
        {"whole text is gathered in `{0}` to be written to `{1}`: as much memory as the "
         "file will have, and once more for `{2}()`; the file has a buffer of its own"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_UNSAFE,
    .kinds = {PY_CALL},
    .on_node = on_call,
};

static void on_call(RuleContext *cx, NodeId call) {
  const OpenFact *open = call_open(cx->m, call);
  if (open == NULL || (open->flags & OPEN_MEMORY) == 0 ||
      call_has_arguments(cx->m, call)) {
    return;
  }
  Use use = use_of(cx->m, call);
  DefId def = use.kind == USE_ASSIGNED ? def_at(cx->m, use.name) : (DefId){0};
  if (!def_ok(def) || use.through != 0) return;
  Gathering found = {0};
  uses_gather(cx, def, false, call, &found);
  if (!cx_require(cx, call, !found.broken, "the buffer is used in another way") ||
      !cx_require(cx, call, found.reads == 1, "it is not read once") ||
      !cx_require(cx, call, node_ok(found.written), "it is not written in a loop")) {
    return;
  }
  NodeId file = file_written(cx, found.read);
  if (!cx_require(cx, call, node_ok(file), "what it holds does not go into a file")) {
    return;
  }
  if (!cx_require(cx, call,
                  !node_ok(found.source) ||
                      !contents_of_same_file(cx->m, found.source, file),
                  "the file that is read is the one that is written")) {
    return;
  }
  Str method = STR_NONE;
  call_receiver(cx->m, found.read, &method);
  Value size = value_of(cx->m, found.source);
  if (!cx_require(cx, call, !size_is_small(size), "the loop is short")) return;
  cx_report(cx,
            (Draft){.anchor = call,
                    .args = {node_text(cx->t, use.name), cx_excerpt(cx, file), method},
                    .labels = {{.node = found.written, .text = STR("gathered here")},
                               {.node = found.read, .text = STR("written whole here")}},
                    .evidence = evidence_of(cx, call, size),
                    .fix = write_to_file(cx, def, found.read, file)});
}

static bool method_is(Str method, const char *const *names) {
  for (; *names != NULL; names++) {
    if (str_is(method, *names)) return true;
  }
  return false;
}

// A write counts when a loop around it does not make the buffer anew.
static void write_add(RuleContext *cx, NodeId call, NodeId made, Gathering *out) {
  for (NodeId loop = loop_around(cx->m, call, NO_NODE); node_ok(loop);
       loop = loop_around(cx->m, call, loop)) {
    if (node_inside(cx->t, made, loop)) return;
    if (node_ok(out->written)) return;
    out->written = node_field(cx->t, call, FIELD_FUNCTION);
    if (node_is(cx->t, loop, PY_FOR_STATEMENT)) {
      out->source = node_field(cx->t, loop, FIELD_RIGHT);
    }
  }
}

// `writer = csv.writer(buffer)`, `print(…, file=buffer)`.
static bool passed_on(RuleContext *cx, Use use, NodeId made, Gathering *out) {
  Str name = name_of_callee(cx->m, use.call);
  if (str_is(name, "builtins.print") && str_is(use.keyword, "file")) {
    write_add(cx, use.call, made, out);
    return true;
  }
  if (!str_is(name, "csv.writer") && !str_is(name, "csv.DictWriter")) return false;
  Use writer = use_of(cx->m, use.call);
  DefId def = writer.kind == USE_ASSIGNED ? def_at(cx->m, writer.name) : (DefId){0};
  if (!def_ok(def)) return false;
  uses_gather(cx, def, true, made, out);
  return true;
}

static void uses_gather(RuleContext *cx, DefId def, bool is_writer, NodeId made,
                        Gathering *out) {
  static const char *const writes[] = {"write", "writelines", NULL};
  static const char *const rows[] = {"writerow", "writerows", "writeheader", NULL};
  static const char *const reads[] = {"getvalue", "read", NULL};
  static const char *const neutral[] = {"seek", "close", NULL};
  RefList uses = flow_uses_of(cx->m, def);
  out->broken |= uses.unknown || uses.escapes_scope;
  for (uint32_t i = 0; i < uses.count && !out->broken; i++) {
    Use use = use_of(cx->m, ref_get(cx->m, uses.items[i])->node);
    Str method = STR_NONE;
    if (use.through != 0) {
      out->broken = true;
    } else if (use.kind == USE_CALL && !is_writer) {
      out->broken = !passed_on(cx, use, made, out);
    } else if (use.kind != USE_METHOD ||
               !node_ok(call_receiver(cx->m, use.call, &method))) {
      out->broken = true;
    } else if (method_is(method, is_writer ? rows : writes)) {
      write_add(cx, use.call, made, out);
    } else if (!is_writer && method_is(method, reads)) {
      NodeId loop = loop_around(cx->m, use.call, NO_NODE);
      out->broken = call_has_arguments(cx->m, use.call) ||
                    (node_ok(loop) && !node_inside(cx->t, made, loop));
      out->read = use.call;
      out->reads += 1;
    } else {
      out->broken = is_writer || !method_is(method, neutral);
    }
  }
}

// The file that the text is written to, on the spot, encoded, or from a local name.
static NodeId file_written(RuleContext *cx, NodeId read) {
  NodeId e = read;
  for (uint32_t i = 0; i < 3; i++) {
    SingleUse kept;
    if (only_use_of(cx->m, e, &kept)) e = kept.use;
    Use use = use_of(cx->m, e);
    Str method = STR_NONE;
    NodeId receiver =
        node_ok(use.call) ? call_receiver(cx->m, use.call, &method) : NO_NODE;
    if (use.through != 0 || !node_ok(receiver)) return NO_NODE;
    if (use.kind == USE_METHOD && str_is(method, "encode")) {
      e = use.call;
      continue;
    }
    if (use.kind != USE_CALL || use.argument != 0) return NO_NODE;
    Value to = value_of(cx->m, receiver);
    uint32_t unsuited = HANDLE_MEMORY | HANDLE_ASYNC | HANDLE_PIPE | HANDLE_NETWORK;
    bool by_path = to.kind == VALUE_PATH &&
                   (str_is(method, "write_text") || str_is(method, "write_bytes"));
    bool by_handle =
        str_is(method, "write") && value_is_file(to) && (to.flags & unsuited) == 0;
    return by_path || by_handle ? receiver : NO_NODE;
  }
  return NO_NODE;
}

// --- the fix -------------------------------------------------------------------------

// `with open(path, "w") as out: out.write(buffer.getvalue())`, alone in its lines.
static bool opens_for_the_write(RuleContext *cx, NodeId with, NodeId read,
                                NodeId file) {
  const Tree *t = cx->t;
  NodeId body = node_field(t, with, FIELD_BODY), only = node_first_named(t, body);
  NodeId call = use_of(cx->m, read).call;
  DefId def = flow_only_def(cx->m, file);
  uint32_t comments = 0;
  tree_comments_in(t, edit_line_span(t, node_span(t, with)), &comments);
  return node_is(t, with, PY_WITH_STATEMENT) && node_count_named(t, body) == 1 &&
         node_eq(node_first_named(t, only), call) && comments == 0 && def_ok(def) &&
         node_inside(t, def_get(cx->m, def)->node, with) &&
         binding_get(cx->m, def_get(cx->m, def)->binding)->def_count == 1;
}

// Every line of the statements moves to the right; a string over several lines cannot.
static bool lines_indent(EditList *edits, const Tree *t, NodeId from, NodeId to) {
  for (NodeId n = {node_after(t, from)}; n.i < to.i; n.i++) {
    Str text = node_text(t, n);
    if (node_is(t, n, PY_STRING) && str_find_byte(text, '\n', 0) != text.n)
      return false;
  }
  Str text = t->source->text;
  uint32_t at = edit_line_span(t, node_span(t, from)).stop;
  uint32_t stop = edit_line_span(t, node_span(t, to)).start;
  while (at < stop) {
    uint32_t end = str_find_byte(text, '\n', at);
    if (str_trim(str_slice(text, at, end)).n > 0) edit_insert(edits, at, STR("    "));
    at = end + 1;
  }
  return true;
}

static Fix write_to_file(RuleContext *cx, DefId def, NodeId read, NodeId file) {
  const Tree *t = cx->t;
  NodeId with = node_ancestor(t, read, PY_WITH_STATEMENT);
  NodeId made = node_statement(t, def_get(cx->m, def)->node);
  bool simple = node_is(t, file, PY_IDENTIFIER) && node_ok(with) &&
                node_eq(node_parent(t, with), node_parent(t, made)) &&
                opens_for_the_write(cx, with, read, file) &&
                statement_is_alone(t, made) && statement_is_alone(t, with);
  if (!simple || use_of(cx->m, read).kind != USE_CALL) return (Fix){0};
  EditList edits = edits_in(cx->arena);
  RefList uses = flow_uses_of(cx->m, def);
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(cx->m, uses.items[i])->node;
    Str method = STR_NONE;
    Use how = use_of(cx->m, use);
    if (how.kind == USE_METHOD) call_receiver(cx->m, how.call, &method);
    if (str_is(method, "seek") || str_is(method, "close")) return (Fix){0};
    if (node_inside(t, use, with)) continue;
    edit_replace(&edits, node_span(t, use), node_text(t, file));
  }
  uint32_t start = node_start(t, with);
  Str header =
      str_slice(t->source->text, start, node_start(t, node_field(t, with, FIELD_BODY)));
  edit_replace(&edits, node_span(t, made), str_trim(header));
  if (!lines_indent(&edits, t, made, with)) return (Fix){0};
  edit_delete(&edits, edit_line_span(t, node_span(t, with)));
  return fix_of(&edits, "the file is opened, and emptied, before the text is whole",
                "write to the file");
}
