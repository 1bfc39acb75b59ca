/* View: a small object that looks into a large one, and so keeps all of it alive.
 *
 *     re.search(r"\d+", text)          of the text: a match keeps all that was searched
 *     memoryview(data)[:16]            of `memoryview(data)`, which is one of `data`
 *     np.load(path)[:, 0]              of the array, as every basic slice is
 *     {…}.keys()                       of the dict, values included
 *
 *     View view;
 *     if (!view_of(m, node, &view) || !view.is_part) return;
 *     ViewBase base = view_base(m, &view);
 *     if (base.refusal == NULL && node_ok(view_store(m, &view, base.made))) …
 */
#ifndef SEMANTIC_VIEW_H
#define SEMANTIC_VIEW_H

#include "semantic/calls.h"

typedef enum ViewKind {
  VIEW_NONE,
  VIEW_OF_TEXT,  // a match
  VIEW_OF_BUFFER,
  VIEW_OF_ARRAY,
  VIEW_OF_DICT,
} ViewKind;

typedef struct View {
  ViewKind kind;
  NodeId node;
  NodeId base;   // the expression that it looks into, which may be a view itself
  bool is_part;  // small beside it, as far as can be told: a slice with an end
  bool gives;    // an iterator over views: finditer
} View;

bool view_of(Model *m, NodeId expression, View *out);

// What a view, or a view of a view, looks into in the end.
typedef struct ViewBase {
  const char
      *refusal;  // it is small, nobody knows what it is, or somebody else keeps it
  NodeId made;   // the expression that made it
  Value value;
  bool handed_on;  // to an object or class that may keep it
} ViewBase;
ViewBase view_base(Model *m, const View *view);

// Where the view is put to live longer than the function, or the round of a loop, that
// made its base: on self, in a container that is kept, at module level. NO_NODE if
// nothing of the kind is seen.
NodeId view_store(Model *m, const View *view, NodeId made);

#endif
