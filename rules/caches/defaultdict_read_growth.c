/* # defaultdict-read-growth (PML607)
 *
 * A `defaultdict` that lives long is read with keys from outside, and each that it does
 * not have becomes an entry.
 *
 * ## Why it costs memory
 *
 * `d[key]` of a `defaultdict` is no mere question: where the key is missing, the factory
 * makes a value, and the dict keeps both for ever. An entry is 80 B and more, a list in it
 * 56 B, a set 216 B. Who asks for names that do not exist makes the dict grow.
 *
 * ## Example
 *
 *     subscribers = defaultdict(list)
 *
 *     @app.route("/count/<topic>")
 *     def count(topic):
 *         return str(len(subscribers[topic]))
 *
 * ## Use instead
 *
 *     return str(len(subscribers.get(topic, ())))
 *
 * or `if topic in subscribers`. `get` makes no entry.
 *
 * ## Fix safety
 *
 * There is no automatic fix: which default fits is for the reader to say.
 *
 * ## Limits
 *
 * Only for factories of numbers, texts and containers: a lock or object for each key is
 * meant to be made. Silent where the value is changed (`d[key].append(x)`) or handed to
 * code that may change it, where the same function asks for the key or stores it, where
 * the key is one of the dict itself or of a finite set, where anything in the project
 * removes entries, clears or rebinds, takes the factory away, or where unknown code gets
 * the dict. A `Counter` makes no entry when it is read. A warning where the dict grows in
 * a handler, in a worker, or in methods of a class with many instances; else, and in
 * scripts, a note.
 *
 * ## References
 *
 * `collections.defaultdict` in the library reference.
 */
#include "rule.h"

static RuleContainerFn on_container;
static bool is_kept(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                    const LookupLife *lookup);

enum { ENTRY_BYTES = 80 };

RULE(defaultdict_read_growth) = {
    .code = "PML607",
    .name = "defaultdict-read-growth",
    .summary = "reading a defaultdict makes an entry for each unknown key",
    .templates =
        {"`{0}` gets an entry for each unknown key that `{1}` reads: at least {2} B for "
         "as long as {3}; `get` makes none"},
    .warn_on = {EVIDENCE_LONG | EVIDENCE_GROWN},
    .yields_to = {"PML606", "PML602"},
    .on_container = on_container,
};

static void on_container(RuleContext *cx, ContainerId id) {
  const IndexContainer *c = index_container(cx->index, id);
  if ((c->fact->flags & CONTAINER_FILLS) == 0) return;
  LookupLife lookup = index_lookup(cx->index, id);
  if (!cx_require_unbounded(cx, c) ||
      !cx_require_place(cx, c->place, lookup.read != NULL || lookup.refusal != NULL,
                        "nothing reads it for keys that may be missing") ||
      !cx_require_place_seen(cx, c->place, lookup.read != NULL, lookup.refusal,
                             lookup.read == NULL ? lookup.refusing->place
                                                 : (Place){0})) {
    return;
  }
  ContainerLife life = index_life(cx->index, id);
  if (!cx_require_long(cx, c, &life) || !is_kept(cx, c, &life, &lookup)) return;
  Str reader = index_place_scope(cx->index, lookup.read->place);
  bool is_grown = lookup.is_grown || life.is_grown;
  cx_report(cx, (Draft){
                    .place = c->place,
                    .args = {cx_container(cx, c), str_after_last(reader, '.'),
                             cx_format(cx, "%d", ENTRY_BYTES), cx_lifetime(cx, c)},
                    .labels = {{.place = lookup.read->place, .text = STR("read here")}},
                    .evidence = EVIDENCE_LONG | (is_grown ? EVIDENCE_GROWN : 0u),
                    .cost = {ENTRY_BYTES, COST_PER_ENTRY},
                    .note_at_most = lookup.is_given_only ||
                                    (c->fact->flags & CONTAINER_SCRIPT) != 0,
                });
}

static bool is_kept(RuleContext *cx, const IndexContainer *c, const ContainerLife *life,
                    const LookupLife *lookup) {
  return cx_require_followed(cx, c, life) &&
         cx_require_place_seen(cx, c->place, lookup->removal == NULL,
                               "entries are removed, or it is rebound",
                               lookup->removal != NULL ? lookup->removal->place
                                                       : (Place){0}) &&
         cx_require_no_escape(cx, c, life);
}
