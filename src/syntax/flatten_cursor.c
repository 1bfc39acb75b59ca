// The walk by tree-sitter's public cursor: for any core, and the debug builds' yardstick.

#include "syntax/flatten.h"

// Appends the node that the cursor is on; 0 when it has no place in the table.
static uint32_t flatten_node(Flattening *self, TSTreeCursor *cursor, uint32_t parent) {
  TSNode node = ts_tree_cursor_current_node(cursor);
  PyKind kind = grammar_kind(self->grammar, ts_node_symbol(node));
  bool missing = ts_node_is_missing(node);
  if (kind_is_left_out(kind) && !missing) return 0;
  uint32_t start = ts_node_start_byte(node);
  uint32_t stop = ts_node_end_byte(node);
  if (kind == PY_COMMENT) {
    vec_push(self->arena, &self->comments, (Span){start, stop});
    return 0;
  }
  TSFieldId field = 0;
  if (self->grammar->has_fields[self->nodes.items[parent].kind]) {
    field = ts_tree_cursor_current_field_id(cursor);
  }
  vec_push(self->arena, &self->nodes,
           (Node){
               .kind = (uint16_t)kind,
               .field = self->grammar->fields[field],
               .flags = flags_of(kind, missing),
               .parent = parent,
               .after = kind_is_leaf(kind) ? 0 : ts_node_child_count(node),
               .start = start,
               .stop = stop,
           });
  return self->nodes.count - 1;
}

// While a node is open its `after` counts the children to come: asking the cursor for a
// sibling that is not there would be slow.
void flatten_by_cursor(Flattening *self, const TSTree *tree) {
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  uint32_t open = flatten_node(self, &cursor, 0);
  bool is_empty = self->nodes.items[open].after == 0;
  bool found = is_empty || ts_tree_cursor_goto_first_child(&cursor);
  while (open != 0) {
    INVARIANT(found);
    if (self->nodes.items[open].after == 0) {
      self->nodes.items[open].after = self->nodes.count;
      open = self->nodes.items[open].parent;
      if (open != 0) ts_tree_cursor_goto_parent(&cursor);
    } else {
      self->nodes.items[open].after -= 1;
      uint32_t index = flatten_node(self, &cursor, open);
      if (index != 0 && self->nodes.items[index].after > 0) {
        open = index;
        found = ts_tree_cursor_goto_first_child(&cursor);
        continue;
      }
      if (index != 0) self->nodes.items[index].after = index + 1;
    }
    bool more = open != 0 && self->nodes.items[open].after > 0;
    if (more) found = ts_tree_cursor_goto_next_sibling(&cursor);
  }
}
