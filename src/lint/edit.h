/* Edits: building a fix.
 *
 *     EditList fix = edits_in(cx_arena(cx));
 *     edit_delete(&fix, open_bracket);
 *     edit_replace(&fix, node_span(t, call), STR("f"));
 *     draft.fix = edits_fix(&fix, FIX_SAFE, STR("iterate over the file"), STR_NONE);
 *
 * Edits are sorted by `edits_fix`; overlapping ones are a bug of the rule (FAULT_BUG).
 * What lies between stays as it is, comments included.
 */
#ifndef LINT_EDIT_H
#define LINT_EDIT_H

#include "base/vec.h"
#include "lint/finding.h"

typedef struct EditList {
  Arena *arena;
  VEC(Edit) edits;
  VEC(ImportIntent) imports;
} EditList;

EditList edits_in(Arena *arena);
void edit_replace(EditList *self, Span span, Str text);
void edit_delete(EditList *self, Span span);
void edit_insert(EditList *self, uint32_t at, Str text);
void edit_import(EditList *self, Str module, Str name);
Fix edits_fix(EditList *self, FixSafety safety, Str title, Str caveat);

// --- helpers on the tree -------------------------------------------------------------

// A list comprehension or list display's brackets become nothing (`bare`) or
// parentheses: `[x for x in y]` -> `x for x in y` or `(x for x in y)`. Comments and line
// breaks inside stay. Adds parentheses by itself where the comprehension is not the sole
// argument of a call, and keeps a needed pair when the call has further arguments.
void edit_brackets_to_generator(EditList *self, const Tree *t, NodeId comprehension);
// Replaces `outer` by its descendant `inner`, keeping inner's text (and parenthesising it
// when `outer`'s place demands a higher precedence): `list(x)` -> `x`.
// False when comments would be lost; nothing is added then.
bool edit_unwrap(EditList *self, const Tree *t, NodeId outer, NodeId inner);
// `__slots__` behind the docstring of a class that has none, in the file's own style; the
// names are separated by commas. False when there is no line of its own for it.
bool edit_slots(EditList *self, const Tree *t, NodeId definition, Str names);
// A statement in a line of its own behind another, which may be compound. False, and
// nothing written, where the other shares its first or last line.
bool edit_statement_behind(EditList *self, const Tree *t, NodeId statement, Str text);
// The span of a whole line or lines around a statement, with indentation and line end.
Span edit_line_span(const Tree *t, Span span);
// The indentation of the line on which the node starts.
Str edit_indentation(const Tree *t, NodeId node);
// True when a comment lies in `span` outside of `kept`.
bool edit_loses_comment(const Tree *t, Span span, Span kept);

#endif
