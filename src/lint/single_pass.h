/* Single passes: what the rules of `streams` and `passes` share when they report.
 *
 *     Evidence evidence = evidence_of(cx, node, value_of(cx->m, node));
 *     draft.fix = fix_of(&edits, doubt, "make it a generator");
 */
#ifndef LINT_SINGLE_PASS_H
#define LINT_SINGLE_PASS_H

#include "lint/edit.h"
#include "semantic/contents.h"
#include "semantic/cast.h"
#include "semantic/lazy.h"
#include "semantic/part.h"
#include "semantic/readonly.h"
#include "semantic/snapshot.h"
#include "semantic/stream.h"

typedef struct RuleContext RuleContext;

// Size when the value has no bound, hot by where the node stands.
Evidence evidence_of(RuleContext *cx, NodeId node, Value v);
// Safe without a doubt, else unsafe with the doubt as its caveat.
Fix fix_of(EditList *edits, const char *doubt, const char *title);
// The builtin of this name, or a module that may be imported at the top, can be written
// at the node: nothing else has the name there.
bool can_write_builtin(const RuleContext *cx, NodeId at, const char *name);
bool can_write_module(const RuleContext *cx, NodeId at, const char *module);
// The first of `names` that means nothing where the node stands; NULL if all are taken.
const char *free_name(const RuleContext *cx, NodeId at, const char *const *names);
// Everything that `statement` does before it evaluates the expression is harmless: it is
// the first thing that runs, so that it may as well run in a statement of its own.
bool is_evaluated_first(const Tree *t, NodeId expression);
// A simple statement that fills its lines alone: others may be put around it.
bool statement_is_alone(const Tree *t, NodeId statement);
// The call opens a file that its user has to close: no wrapper of another file, and none
// whose end is more than its own, as a temporary file's.
bool opens_to_close(RuleContext *cx, NodeId call);
// Puts `with CALL as name:` around the statement and the name in the call's place, so that
// the file is closed when the statement is done, `user` inside of it. False, and nothing
// written, where that is no statement of a function that opens the file before it does
// anything else. Other edits leave the call's own span alone.
bool write_with(RuleContext *cx, EditList *edits, NodeId call, NodeId user);
// The same as a fix of its own: a first step, after which the file has a name. Unsafe where
// unknown code runs behind `user` in the statement, which would see the file open.
Fix open_in_with(RuleContext *cx, NodeId call, NodeId user);
// What is read, as it is written: the file or path; of an archive the member that is read.
Str read_excerpt(RuleContext *cx, const WholeRead *read);
// What is behind the file makes reading it in pieces slower, so that it is a note; NULL.
const char *slow_source(Value file);
// `text`, set off from a word that ends where it begins: `return[x][0]`.
Str text_apart(const RuleContext *cx, uint32_t at, Str text);
// Imports the module, unless it is there.
void write_import(const RuleContext *cx, EditList *edits, const char *module);
// "8 B per item plus the items", for a list comprehension; the bytes go to `cost`.
Str item_cost(RuleContext *cx, NodeId comprehension, Cost *cost);
// The bytes of a line in a list, for the oldest Python of the target.
Cost line_cost(const RuleContext *cx);
// "iterated here", "summed here": what the label at the pass says.
Str pass_label(const Pass *pass);
// Where the label of a pass points: the header of a loop, the whole of a call.
NodeId pass_place(const Tree *t, const Pass *pass);
// Of a for or while statement what stands in front of the colon; of others all.
Span loop_header(RuleContext *cx, NodeId loop);
// What is behind a size, as a label on `source`: "a parameter, of any size". Empty
// without a reason.
Str size_label(RuleContext *cx, Value v);

#endif
