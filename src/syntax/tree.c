#include "syntax/tree.h"

#include "base/utf8.h"

bool node_is_named(const Tree *t, NodeId n) {
  PyKind kind = node_kind(t, n);
  return kind != PY_NONE && kind < PY_KW_FIRST;
}

static NodeId node_skip_tokens(const Tree *t, NodeId n) {
  while (node_ok(n) && !node_is_named(t, n)) n = node_next(t, n);
  return n;
}

NodeId node_first_named(const Tree *t, NodeId n) {
  return node_skip_tokens(t, node_first(t, n));
}

NodeId node_next_named(const Tree *t, NodeId n) {
  return node_skip_tokens(t, node_next(t, n));
}

NodeId node_prev(const Tree *t, NodeId n) {
  NodeId before = NO_NODE;
  for (NodeId c = node_first(t, node_parent(t, n)); node_ok(c) && c.i < n.i;
       c = node_next(t, c)) {
    before = c;
  }
  return before;
}

NodeId node_last(const Tree *t, NodeId n) {
  if (!node_ok(node_first(t, n))) return NO_NODE;
  uint32_t last = node_after(t, n) - 1;
  while (t->nodes[last].parent != n.i) last = t->nodes[last].parent;
  return (NodeId){last};
}

uint32_t node_count_named(const Tree *t, NodeId n) {
  uint32_t count = 0;
  for (NodeId c = node_first_named(t, n); node_ok(c); c = node_next_named(t, c)) {
    count += 1;
  }
  return count;
}

NodeId node_named_at(const Tree *t, NodeId n, uint32_t index) {
  NodeId c = node_first_named(t, n);
  while (node_ok(c) && index-- > 0) c = node_next_named(t, c);
  return c;
}

// Statements have no role in what holds them, however many they are; only the cases of a
// `match` have.
static bool has_only_statements(PyKind kind, PyField field) {
  return kind == PY_MODULE || (kind == PY_BLOCK && field != FIELD_ALTERNATIVE);
}

NodeId node_field(const Tree *t, NodeId n, PyField field) {
  if (has_only_statements(node_kind(t, n), field)) return NO_NODE;
  NodeId c = node_first(t, n);
  while (node_ok(c) && node_role(t, c) != field) c = node_next(t, c);
  return c;
}

NodeId node_next_same_field(const Tree *t, NodeId n) {
  NodeId c = node_next(t, n);
  while (node_ok(c) && node_role(t, c) != node_role(t, n)) c = node_next(t, c);
  return c;
}

NodeId node_child(const Tree *t, NodeId n, PyKind kind) {
  NodeId c = node_first(t, n);
  while (node_ok(c) && !node_is(t, c, kind)) c = node_next(t, c);
  return c;
}

NodeId node_ancestor(const Tree *t, NodeId n, PyKind kind) {
  do {
    n = node_parent(t, n);
  } while (node_ok(n) && !node_is(t, n, kind));
  return n;
}

bool node_is_statement(const Tree *t, NodeId n) {
  switch (node_kind(t, n)) {
    case PY_ASSERT_STATEMENT:
    case PY_BREAK_STATEMENT:
    case PY_CLASS_DEFINITION:
    case PY_CONTINUE_STATEMENT:
    case PY_DECORATED_DEFINITION:
    case PY_DELETE_STATEMENT:
    case PY_EXEC_STATEMENT:
    case PY_EXPRESSION_STATEMENT:
    case PY_FOR_STATEMENT:
    case PY_FUNCTION_DEFINITION:
    case PY_FUTURE_IMPORT_STATEMENT:
    case PY_GLOBAL_STATEMENT:
    case PY_IF_STATEMENT:
    case PY_IMPORT_FROM_STATEMENT:
    case PY_IMPORT_STATEMENT:
    case PY_MATCH_STATEMENT:
    case PY_NONLOCAL_STATEMENT:
    case PY_PASS_STATEMENT:
    case PY_PRINT_STATEMENT:
    case PY_RAISE_STATEMENT:
    case PY_RETURN_STATEMENT:
    case PY_TRY_STATEMENT:
    case PY_TYPE_ALIAS_STATEMENT:
    case PY_WHILE_STATEMENT:
    case PY_WITH_STATEMENT: return true;
    default: return false;
  }
}

NodeId node_statement(const Tree *t, NodeId n) {
  while (node_ok(n) && !node_is_statement(t, n)) n = node_parent(t, n);
  return n;
}

Str node_text(const Tree *t, NodeId n) {
  return str_slice(t->source->text, node_start(t, n), node_stop(t, n));
}

bool node_text_is(const Tree *t, NodeId n, const char *text) {
  return node_ok(n) && str_is(node_text(t, n), text);
}

NodeId node_unwrap(const Tree *t, NodeId n) {
  while (node_is(t, n, PY_PARENTHESIZED_EXPRESSION)) n = node_first_named(t, n);
  return n;
}

NodeId node_wrap(const Tree *t, NodeId n) {
  while (node_is(t, node_parent(t, n), PY_PARENTHESIZED_EXPRESSION)) {
    n = node_parent(t, n);
  }
  return n;
}

bool tree_is_broken(const Tree *t, NodeId n) {
  return (t->nodes[n.i].flags & NODE_IN_ERROR) != 0;
}

NodeId tree_node_at(const Tree *t, uint32_t start, uint32_t stop) {
  // Starts rise in the table: the last node that starts in time, or one around it.
  uint32_t low = 1, high = t->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (t->nodes[middle].start <= start) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (t->count < 2) return NO_NODE;
  uint32_t at = low > 1 ? low - 1 : 1;
  while (t->nodes[at].parent != 0 && t->nodes[at].stop < stop) at = t->nodes[at].parent;
  return (NodeId){at};
}

uint32_t tree_comments_in(const Tree *t, Span span, uint32_t *count) {
  uint32_t low = 0, high = t->comment_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (t->comments[middle].start < span.start) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  *count = 0;
  while (low + *count < t->comment_count &&
         t->comments[low + *count].start < span.stop) {
    *count += 1;
  }
  return low;
}

static void dump_node(const Tree *t, NodeId n, uint32_t depth, Buf *out) {
  const Node *node = &t->nodes[n.i];
  LinePos start = lines_position(&t->source->lines, node->start, COLUMN_BYTES);
  LinePos stop = lines_position(&t->source->lines, node->stop, COLUMN_BYTES);
  buf_fill(out, ' ', (size_t)(depth < 60 ? depth : 60) * 2);
  if (node->field != FIELD_NONE) {
    buf_printf(out, "%s: ", field_name((PyField)node->field));
  }
  buf_printf(out, "%s %u:%u-%u:%u", kind_name((PyKind)node->kind), start.line + 1,
             start.column + 1, stop.line + 1, stop.column + 1);
  if (node->flags & NODE_MISSING) buf_add(out, STR(" MISSING"));
  if (node->flags & NODE_IN_ERROR) buf_add(out, STR(" broken"));
  if (node->after == n.i + 1 && node->kind < PY_KW_FIRST) {
    Str text = node_text(t, n);
    buf_add(out, STR("  "));
    buf_add_escaped(out, str_slice(text, 0, 40));
  }
  buf_add_byte(out, '\n');
}

void tree_dump(const Tree *t, Buf *out) {
  uint32_t depth = 0;
  for (uint32_t i = 1; i < t->count; i++) {
    if (i > 1) {  // the depth of a node follows from that of the node before it
      uint32_t up = i - 1;
      depth += 1;
      while (up != t->nodes[i].parent) {
        up = t->nodes[up].parent;
        depth -= 1;
      }
    }
    dump_node(t, (NodeId){i}, depth, out);
  }
}
