/* Knowledge: what libraries do, as sorted tables.
 *
 * One subject, one table in semantic/knowledge/<subject>.def: an X-macro list of rows
 * whose first column is the qualified name (or ".method" for methods of any value of a
 * kind). The columns of a subject are declared once, there. Rules and the model never
 * name a library in an `if`.
 *
 * A Knowledge is immutable and shared by the workers that lint under one settings file;
 * user rows (later, from settings) win over ours.
 */
#ifndef SEMANTIC_KNOWLEDGE_H
#define SEMANTIC_KNOWLEDGE_H

#include "base/str.h"

typedef struct Knowledge Knowledge;

const Knowledge *knowledge_builtin(void);

#endif
