/* # list-returned-to-iterate (PML215)
 *
 * A function fills a list and returns it, and every call of it in the project only
 * walks through that list, once.
 *
 * ## Why it costs memory
 *
 * All elements are there before the caller sees the first, 8 bytes for the place of
 * each and the element itself. A generator makes one when it is asked for, and makes
 * none that nobody asks for.
 *
 * ## Example
 *
 *     def _names(rows):
 *         names = []
 *         for row in rows:
 *             names.append(row.name)
 *         return names
 *
 *     for name in _names(rows):
 *         print(name)
 *
 * ## Use instead
 *
 *     def _names(rows):
 *         for row in rows:
 *             yield row.name
 *
 * ## Fix safety
 *
 * No fix: the function's type changes for all its callers. A generator runs between the
 * caller's steps; errors come out of the loop, not out of the call.
 *
 * ## Limits
 *
 * Always a note. Silent unless every call is resolved: for names in `__all__`, for
 * names exported by a package with build metadata, for functions that are handed on,
 * decorated, overridden or called by themselves, for methods whose name has no
 * underscore, where modules are broken or ask for names as strings. Silent where a
 * caller asks for the list's length, an index or its truth, keeps it, hands it on, or
 * changes meanwhile what the function reads; where the function holds a file, a lock or
 * a transaction, acts, may be left early, or changes elements that it has appended.
 *
 * ## References
 *
 * PEP 255, simple generators.
 */
#include "rule.h"

static RuleListingFn on_listing;
static RuleFileFn on_explain;

RULE(list_returned_to_iterate) = {
    .code = "PML215",
    .name = "list-returned-to-iterate",
    .summary = "a list is returned to callers that only walk through it once",
    .templates = {"`{0}` returns a list of all items, which every caller walks through "
                  "once: 8 B per item plus the items; a generator holds one item"},
    .on_listing = on_listing,
    .on_explain = on_explain,
};

static void on_listing(RuleContext *cx, ListingId id) {
  const IndexListing *listing = index_listing(cx->index, id);
  if (!cx_require_place(cx, listing->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, listing->place, !listing->is_exported,
                        "code outside of the project may call it") ||
      !cx_require_place(cx, listing->place, !listing->is_needed,
                        "a caller needs the list, or may be another than is known") ||
      !cx_require_place(cx, listing->place, place_ok(listing->walked),
                        "no call walks through it")) {
    return;
  }
  Str scope = index_place_scope(cx->index, listing->place);
  cx_report(cx, (Draft){.place = listing->place,
                        .args = {str_after_last(scope, '.')},
                        .labels = {{.place = listing->walked,
                                    .text = STR("walked through here, once")}},
                        .cost = {8, COST_PER_ITEM},
                        .note_at_most = true});
}

// Functions that build a list, of which this file knows enough: no row tells of them.
static void on_explain(RuleContext *cx) {
  FactRows rows;
  facts_unpack(cx->facts, IN_LISTINGS, cx->arena, &rows);
  for (uint32_t s = 1; s < scope_count(cx->m); s++) {
    const Scope *scope = scope_get(cx->m, (ScopeId){s});
    Listing listing = {0};
    if (scope->kind != SCOPE_FUNCTION) continue;
    const char *refusal = listing_refusal(cx->m, scope->node, &listing);
    NodeId start = listing.grown.assignment;
    if (!node_ok(start) || (refusal != NULL && refusal[0] == '\0')) continue;
    uint32_t row = 0;
    while (row < rows.listing_count &&
           facts_place_span(cx->facts, rows.listings[row].place.i).start !=
               node_start(cx->t, start)) {
      row++;
    }
    if (row < rows.listing_count) continue;  // on_listing tells
    cx_require(cx, start, false,
               refusal != NULL
                   ? refusal
                   : "a caller of this file needs the list, or may be another "
                     "than is known");
  }
}
