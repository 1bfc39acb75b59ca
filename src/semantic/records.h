/* Records: dicts with the same constant keys that are kept in number, of which every use
 * is known and asks for nothing but these keys.
 *
 *     rows = []
 *     for line in file:
 *         rows.append({"name": line[:9], "size": line[9:12], "kind": line[12:]})
 *     rows.sort(key=lambda row: row["size"])
 *
 *     Records r;
 *     const char *refusal = records_of(m, literal, &r);   // "": no candidate; NULL: yes
 *
 * Followed are the rows and all that holds them: variables, private attributes, lists,
 * dicts and lists of these, views, comprehensions, sorted copies, key functions, and the
 * parameters and results of functions that nobody else can call. Whatever wants a dict
 * (`**row`, json, `row.items()`, a key that varies, comparing, printing) refuses, as does
 * other code that gets a row, and other things that are kept in the same place.
 */
#ifndef SEMANTIC_RECORDS_H
#define SEMANTIC_RECORDS_H

#include "semantic/value.h"

enum { RECORD_KEYS_LEAST = 3, RECORD_KEYS_MOST = 64, RECORDS_CLOSED = 8 };

typedef struct Records {
  NodeId literal;                 // `{"a": …}` or `dict(a=…)`
  NodeId keys[RECORD_KEYS_MOST];  // the strings, or names of keyword arguments
  uint32_t key_count;
  NodeId gathered;  // what keeps them: the comprehension, the call, the assignment
  NodeId source;    // what is walked through meanwhile, if it is known; or NO_NODE
  SizeWhy why;      // of the source, if that has no bound
  bool is_unbounded;
  bool is_second;  // an earlier literal fills the same place: that speaks for both
  // Names of the module, and attributes behind a dot, that nobody else may use.
  Str closed[RECORDS_CLOSED];
  uint32_t closed_count;
} Records;

const char *records_of(Model *m, NodeId literal, Records *out);

#endif
