/* Query: what a call fetches from a database, where the query says that it is little.
 *
 *     conn.execute(query.limit(500)).fetchall()
 *     cursor.execute("SELECT … LIMIT 100"); cursor.fetchall()
 *     connection.execute("PRAGMA table_info(t)").fetchall()
 *
 * A page of so many rows is fetched in order not to fetch them all. Where a query has
 * several forms, each of them has to be limited. From the shape of expressions and the
 * definitions of names alone; bounded work.
 */
#ifndef SEMANTIC_QUERY_H
#define SEMANTIC_QUERY_H

#include "semantic/names.h"

// `call` fetches: `.fetchall()` and the like.
bool query_is_limited(Model *m, NodeId call);

#endif
