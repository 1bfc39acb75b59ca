/* Tree: a file's syntax as one flat table.
 *
 * tree-sitter's tree is flattened once, in pre-order: named nodes, and of the anonymous
 * ones the keywords and operators (`async`, `not in`, `+=`, `yield`). Brackets, commas
 * and colons are read from the text where a fix needs them. Comments lie in a list of
 * their own. A node's subtree is the contiguous run [node, node_after(node)), so that
 * "is a inside b" is two comparisons and a walk over a subtree is a loop.
 *
 *     for (NodeId c = node_first(t, call); node_ok(c); c = node_next(t, c)) ...
 *     NodeId f = node_field(t, call, FIELD_FUNCTION);
 *
 * The null node (NO_NODE) is legal in every query and gives null, PY_NONE, 0 or false.
 *
 * A tree needs its Source and its arena, nothing else. A file that no longer parses
 * within its budget is false with the reason; syntax errors are not failures: they are
 * ERROR nodes and MISSING flags.
 */
#ifndef SYNTAX_TREE_H
#define SYNTAX_TREE_H

#include "kinds.gen.h"
#include "syntax/source.h"

typedef struct NodeId {
  uint32_t i;  // 0 = none; node 1 is the module
} NodeId;

#define NO_NODE ((NodeId){0})

enum {
  NODE_MISSING = 1 << 0,    // tree-sitter put it in; the text lacks it
  NODE_HAS_ERROR = 1 << 1,  // an ERROR or MISSING lies in its subtree
  NODE_IN_ERROR = 1 << 2,   // it overlaps a broken statement: see tree_is_broken
};

typedef struct Node {
  uint16_t kind;  // PyKind
  uint8_t field;  // PyField that it has in its parent
  uint8_t flags;
  uint32_t parent;
  uint32_t after;  // first node behind its subtree
  uint32_t start, stop;
} Node;

typedef struct Span {
  uint32_t start, stop;  // bytes of Source.text, half open
} Span;

typedef struct Tree {
  const Source *source;
  Node *nodes;     // nodes[0] is all zero
  uint32_t count;  // including nodes[0]
  Span *comments;  // in order, without the line end
  uint32_t comment_count;
  NodeId first_error;  // the first ERROR or MISSING node
  uint64_t parse_ns;   // time that tree-sitter's own parse took (for --timings)
} Tree;

typedef struct Parser Parser;  // one per worker; owns tree-sitter's parser

Parser *parser_new(void);
void parser_free(Parser *self);
// After a fault: throws away whatever the parser held and makes it usable again.
void parser_recover(Parser *self);
bool parser_parse(Parser *self, Tree *tree, Arena *arena, const Source *source,
                  Error *err);

static inline bool node_ok(NodeId n) { return n.i != 0; }
static inline bool node_eq(NodeId a, NodeId b) { return a.i == b.i; }
static inline PyKind node_kind(const Tree *t, NodeId n) {
  return (PyKind)t->nodes[n.i].kind;
}
static inline bool node_is(const Tree *t, NodeId n, PyKind kind) {
  return t->nodes[n.i].kind == kind;
}
static inline NodeId node_parent(const Tree *t, NodeId n) {
  return (NodeId){t->nodes[n.i].parent};
}
static inline PyField node_role(const Tree *t, NodeId n) {
  return (PyField)t->nodes[n.i].field;
}
static inline uint32_t node_start(const Tree *t, NodeId n) {
  return t->nodes[n.i].start;
}
static inline uint32_t node_stop(const Tree *t, NodeId n) { return t->nodes[n.i].stop; }
static inline Span node_span(const Tree *t, NodeId n) {
  return (Span){t->nodes[n.i].start, t->nodes[n.i].stop};
}
static inline uint32_t node_after(const Tree *t, NodeId n) {
  return t->nodes[n.i].after;
}
// `inner` is `outer` or lies in its subtree.
static inline bool node_inside(const Tree *t, NodeId inner, NodeId outer) {
  return outer.i != 0 && inner.i >= outer.i && inner.i < t->nodes[outer.i].after;
}
static inline NodeId node_first(const Tree *t, NodeId n) {
  return n.i != 0 && t->nodes[n.i].after > n.i + 1 ? (NodeId){n.i + 1} : NO_NODE;
}
static inline NodeId node_next(const Tree *t, NodeId n) {
  uint32_t after = t->nodes[n.i].after;
  return n.i != 0 && after < t->nodes[t->nodes[n.i].parent].after ? (NodeId){after}
                                                                  : NO_NODE;
}

// Named children only: keywords and operators are skipped.
bool node_is_named(const Tree *t, NodeId n);
NodeId node_first_named(const Tree *t, NodeId n);
NodeId node_next_named(const Tree *t, NodeId n);
NodeId node_prev(const Tree *t,
                 NodeId n);  // previous sibling; walks the parent's children
NodeId node_last(const Tree *t, NodeId n);  // last child
uint32_t node_count_named(const Tree *t, NodeId n);
NodeId node_named_at(const Tree *t, NodeId n, uint32_t index);

// The first child with this field, and the next with the same.
NodeId node_field(const Tree *t, NodeId n, PyField field);
NodeId node_next_same_field(const Tree *t, NodeId n);
// The first child of this kind.
NodeId node_child(const Tree *t, NodeId n, PyKind kind);
// The nearest ancestor of this kind (the node itself not counted).
NodeId node_ancestor(const Tree *t, NodeId n, PyKind kind);
// The statement that holds the node (a simple or compound statement), or the node itself.
NodeId node_statement(const Tree *t, NodeId n);
bool node_is_statement(const Tree *t, NodeId n);

Str node_text(const Tree *t, NodeId n);
bool node_text_is(const Tree *t, NodeId n, const char *text);

// Without the parentheses around it, however many: `((x))` gives `x`.
NodeId node_unwrap(const Tree *t, NodeId n);
// Outwards through parentheses: the outermost node that has the same value.
NodeId node_wrap(const Tree *t, NodeId n);

// True when the smallest statement around the node, or its scope's header, is broken:
// nothing may be reported there.
bool tree_is_broken(const Tree *t, NodeId n);
// The smallest node that covers the span.
NodeId tree_node_at(const Tree *t, uint32_t start, uint32_t stop);
// Comments that lie inside a span: index of the first, and how many.
uint32_t tree_comments_in(const Tree *t, Span span, uint32_t *count);

const char *kind_name(PyKind kind);  // "list_comprehension", "not in"
const char *field_name(PyField field);
// Prints one node a line, indented: the text of `dump tree`.
void tree_dump(const Tree *t, Buf *out);

#endif
