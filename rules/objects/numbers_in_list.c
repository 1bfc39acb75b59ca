/* # numbers-in-list (PML410)
 *
 * Many numbers of one kind lie in a list that is only indexed, walked through and stored
 * to: an array would do.
 *
 * ## Why it costs memory
 *
 * A list holds 8 bytes for each item, a pointer, and the item is an object of its own: 24
 * bytes for a float, 28 to 32 for a whole number above 256. `array('d')` and `array('q')`
 * hold the number itself in 8 bytes. `True` and `False` are there once, but the pointer
 * takes 8 bytes where a `bytearray` takes 1.
 *
 * ## Example
 *
 *     prime = [True] * (limit + 1)
 *     for i in range(2, isqrt(limit) + 1):
 *         if prime[i]:
 *             for k in range(i * i, limit + 1, i):
 *                 prime[k] = False
 *
 * ## Use instead
 *
 *     prime = bytearray([True]) * (limit + 1)
 *
 * and `array("d", …)` of floats, `array("q", …)` of whole numbers.
 *
 * ## Fix safety
 *
 * There is no automatic fix: what is read from a `bytearray` are 0 and 1, and whole
 * numbers beyond 64 bits are errors in an array. Where such numbers cannot be excluded,
 * nothing is reported.
 *
 * ## Limits
 *
 * Silent where the list is not known to be large: its length has to come from a parameter,
 * a file or the like, or be written out. Silent where it is returned, kept in a public
 * place, handed to unknown code, compared, sorted, added to another or shrunk; where
 * anything else than numbers of one kind may be stored, whole numbers of unknown size
 * included; where a flag is asked whether it `is True`, or shown; and in tests.
 *
 * ## References
 *
 * `array` in the library reference; "Binary Sequence Types" there.
 */
#include "rule.h"

static RuleNodeFn on_node;
static Str closed_text(RuleContext *cx, const Numbers *numbers);
static uint32_t saved_bytes(NumberForm form);

RULE(numbers_in_list) = {
    .code = "PML410",
    .name = "numbers-in-list",
    .summary = "many numbers of one kind lie in a list, where an array would do",
    .templates =
        {"`{0}` is a list of flags that are only indexed or walked through: 8 B each; a "
         "`bytearray` takes 1 B",
         "`{0}` is a list of numbers from 0 to 255: 8 B each; a `bytearray` takes 1 B and "
         "is indexed alike",
         "`{0}` is a list of numbers from -128 to 127: 8 B each; `array(\"b\")` takes 1 B "
         "and is indexed alike",
         "`{0}` is a list of whole numbers: 8 B each and 32 B for those above 256; "
         "`array(\"q\")` takes 8 B in all",
         "`{0}` is a list of floats: 32 B each; `array(\"d\")` takes 8 B and is indexed "
         "alike"},
    .warn_on = {EVIDENCE_SIZE},
    // Lists that need not be there at all.
    .yields_to = {"PML201", "PML202", "PML203", "PML204", "PML205", "PML206", "PML207",
                  "PML208", "PML209", "PML210", "PML211", "PML214", "PML216", "PML217",
                  "PML218", "PML303"},
    .kinds = {PY_BINARY_OPERATOR, PY_LIST_COMPREHENSION, PY_LIST, PY_CALL},
    .on_node = on_node,
};

static void on_node(RuleContext *cx, NodeId start) {
  Numbers numbers;
  const char *refusal = numbers_of(cx->m, start, &numbers);
  if (refusal != NULL && refusal[0] == '\0') return;
  if (!cx_require(cx, start, refusal == NULL, refusal)) return;
  bool is_unbounded = numbers.amount.size == SIZE_UNBOUNDED;
  Draft draft = {
      .anchor = start,
      .template_index = (uint32_t)numbers.form,
      .args = {cx_excerpt(cx, numbers.name)},
      .evidence = is_unbounded ? EVIDENCE_SIZE : 0u,
      .cost = {saved_bytes(numbers.form), COST_PER_ITEM},
      .closed = closed_text(cx, &numbers),
  };
  if (node_ok(numbers.stored)) {
    draft.labels[0] = (DraftLabel){.node = numbers.stored, .text = STR("stored here")};
  }
  cx_report(cx, draft);
}

static uint32_t saved_bytes(NumberForm form) {
  switch (form) {
    case NUMBERS_FLOAT: return 24;
    case NUMBERS_WHOLE: return 32;
    default: return 7;
  }
}

static Str closed_text(RuleContext *cx, const Numbers *numbers) {
  Buf out = buf_in(cx->arena);
  for (uint32_t i = 0; i < numbers->closed_count; i++) {
    if (i > 0) buf_add_byte(&out, ',');
    buf_add(&out, numbers->closed[i]);
  }
  return buf_str(&out);
}
