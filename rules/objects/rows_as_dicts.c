/* # rows-as-dicts (PML407)
 *
 * Rows are kept as dicts that all have the same constant keys, and nothing but these keys
 * is ever asked of them.
 *
 * ## Why it costs memory
 *
 * Every dict has a table of its own with its keys: 184 bytes for three to five keys, 272
 * for six to ten (232 and 360 before 3.11). An object of a class with `__slots__` holds
 * the same values in 32 bytes and 8 for each, a tuple in 40 and 8 for each.
 *
 * ## Example
 *
 *     rows = []
 *     for name, size, kind in csv.reader(file):
 *         rows.append({"name": name, "size": int(size), "kind": kind})
 *     rows.sort(key=lambda row: row["size"])
 *
 * ## Use instead
 *
 *     @dataclass(slots=True)
 *     class Row:
 *         name: str
 *         size: int
 *         kind: str
 *
 *     rows = []
 *     for name, size, kind in csv.reader(file):
 *         rows.append(Row(name, int(size), kind))
 *     rows.sort(key=lambda row: row.size)
 *
 * ## Fix safety
 *
 * There is no automatic fix: a class has to be named, and every use changes.
 *
 * ## Limits
 *
 * A warning where what is walked through has no bound, else a note. Silent unless every
 * use of the rows is known and asks for a constant key: where rows or what holds them is
 * returned by a function that other modules can call, kept in a public attribute, handed
 * to unknown code, to json, pandas, templates, csv, a database or the like, unpacked by
 * `**`, compared, printed, asked for other keys or by `items()`; where rows with other
 * keys lie in the same place; for fewer than three keys, for few rows, and in tests.
 *
 * ## References
 *
 * "`__slots__`" in the language reference; `dataclasses` and `typing.NamedTuple` in the
 * library reference.
 */
#include "rule.h"

static RuleNodeFn on_node;
static Str bytes_text(RuleContext *cx, uint32_t keys, uint32_t *saved);
static Str closed_text(RuleContext *cx, const Records *records);

RULE(rows_as_dicts) = {
    .code = "PML407",
    .name = "rows-as-dicts",
    .summary = "rows with the same constant keys are kept as dicts",
    .templates =
        {"every row is a dict with the same {0} keys: {1} each as objects of a class with "
         "`__slots__`; nothing but these keys is asked of them"},
    .warn_on = {EVIDENCE_SIZE},
    // Rows that need not be kept at all.
    .yields_to = {"PML201", "PML202", "PML203", "PML204", "PML205", "PML207", "PML208",
                  "PML209", "PML210", "PML211", "PML214", "PML216", "PML217"},
    .kinds = {PY_DICTIONARY, PY_CALL},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId literal) {
  Records records;
  const char *refusal = records_of(cx->m, literal, &records);
  if (refusal != NULL && refusal[0] == '\0') return;
  if (!cx_require(cx, literal, refusal == NULL, refusal)) return;
  if (!cx_require(cx, literal, !records.is_second, "an earlier dict stands for it")) {
    return;
  }
  uint32_t saved = 0;
  Str bytes = bytes_text(cx, records.key_count, &saved);
  Draft draft = {
      .anchor = literal,
      .args = {cx_format(cx, "%u", records.key_count), bytes},
      .labels = {{.node = records.gathered, .text = STR("kept here")}},
      .evidence = records.is_unbounded ? EVIDENCE_SIZE : 0u,
      .cost = {saved, COST_PER_ITEM},
      .closed = closed_text(cx, &records),
  };
  if (records.is_unbounded && node_ok(records.source)) {
    draft.labels[1] = (DraftLabel){
        .node = records.source,
        .text = cx_format(cx, "as many as %s has", size_why_text(records.why))};
  }
  cx_report(cx, draft);
}

// "184 B -> 56 B on 3.13 (232 B -> 56 B on 3.9)"
static Str bytes_text(RuleContext *cx, uint32_t keys, uint32_t *saved) {
  Target target = cx->settings->target;
  uint32_t then = instance_bytes(target.newest, layout_slotted(keys, false));
  uint32_t now = display_bytes(target.newest, keys);
  uint32_t old = display_bytes(target.floor, keys);
  uint32_t newest = target.newest > LAYOUT_NEWEST ? LAYOUT_NEWEST : target.newest;
  *saved = now > then ? now - then : 0;
  Str text = cx_format(cx, "%u B -> %u B on 3.%u", now, then, newest);
  if (old == now) return text;
  return cx_format(cx, "%.*s (%u B -> %u B on 3.%u)", STR_ARGS(text), old, then,
                   (unsigned)target.floor);
}

static Str closed_text(RuleContext *cx, const Records *records) {
  Buf out = buf_in(cx->arena);
  for (uint32_t i = 0; i < records->closed_count; i++) {
    if (i > 0) buf_add_byte(&out, ',');
    buf_add(&out, records->closed[i]);
  }
  return buf_str(&out);
}
