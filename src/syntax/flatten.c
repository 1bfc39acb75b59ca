// The walk over the pinned core's own subtrees.
//
// What the public cursor does at each step is done here once a node: hidden subtrees are
// walked through, aliases of the parent's production rename children, its field map names
// their roles, and positions add up from paddings and sizes.

#include "syntax/flatten.h"

#include <language.h>
#include <subtree.h>
#include <tree.h>

enum { FETCHED_AHEAD = 8 };  // children of a subtree

typedef struct Frame {  // a subtree whose children are being walked
  const Subtree *children;
  uint32_t count, next;
  uint32_t structural;  // index of the next child that is no extra
  uint32_t at;          // byte where the next child's padding starts
  const TSSymbol *aliases;
  const TSFieldMapEntry *map, *map_end;  // empty where no child has a field
  uint32_t node;  // its place in the table; a hidden one's owner's
  bool is_hidden;
  TSFieldId field;  // of a hidden one, for children without a field of their own
} Frame;

typedef struct Walk {
  Flattening *flat;
  const TSLanguage *language;
  VEC(Frame) frames;
} Walk;

static bool has_children(Subtree subtree) {
  return !subtree.data.is_inline && subtree.ptr->child_count > 0;
}

static inline void walk_enter(Walk *self, Subtree subtree, uint32_t start,
                              uint32_t node, bool is_hidden, TSFieldId field) {
  uint32_t production = subtree.ptr->production_id;
  const Flattening *flat = self->flat;
  vec_reserve(flat->arena, &self->frames, 1);
  Frame *frame = &self->frames.items[self->frames.count++];
  *frame = (Frame){
      .children = ts_subtree_children(subtree),
      .count = subtree.ptr->child_count,
      .at = start,
      .aliases = ts_language_alias_sequence(self->language, production),
      .node = node,
      .is_hidden = is_hidden,
      .field = field,
  };
  if (flat->grammar->has_fields[flat->nodes.items[node].kind]) {
    ts_language_field_map(self->language, production, &frame->map, &frame->map_end);
  }
  // The walk waits for memory more than it computes: what comes soon is fetched ahead.
  for (uint32_t i = 0; i < frame->count && i < FETCHED_AHEAD; i++) {
    const char *child = (const char *)frame->children[i].ptr;
    if (frame->children[i].data.is_inline) continue;
    __builtin_prefetch(child - 32);  // its own children lie before it
    __builtin_prefetch(child + 32);
  }
}

static TSFieldId frame_field(const Frame *self, uint32_t child) {
  for (const TSFieldMapEntry *entry = self->map; entry < self->map_end; entry++) {
    if (!entry->inherited && entry->child_index == child) return entry->field_id;
  }
  return self->field;
}

// Appends a visible subtree; 0 when it has no place in the table.
static inline uint32_t walk_append(Walk *self, Subtree subtree, TSSymbol symbol,
                                   Node node) {
  Flattening *flat = self->flat;
  PyKind kind = grammar_kind(flat->grammar, symbol);
  bool missing = ts_subtree_missing(subtree);
  if (kind_is_left_out(kind) && !missing) return 0;
  if (kind == PY_COMMENT) {
    vec_push(flat->arena, &flat->comments, (Span){node.start, node.stop});
    return 0;
  }
  node.kind = (uint16_t)kind;
  node.flags = flags_of(kind, missing);
  node.after = flat->nodes.count + 1;
  vec_push(flat->arena, &flat->nodes, node);
  return flat->nodes.count - 1;
}

// What a child is in its parent.
typedef struct Child {
  Subtree subtree;
  TSSymbol symbol;
  bool visible;
  TSFieldId field;
} Child;

// Every other subtree that is walked through is hidden and has one child: no frame for
// these. The child starts and stops where they do.
static inline void child_descend(const Walk *self, bool has_fields, Child *child) {
  while (!child->visible && has_children(child->subtree) &&
         child->subtree.ptr->child_count == 1) {
    uint32_t production = child->subtree.ptr->production_id;
    child->subtree = ts_subtree_children(child->subtree)[0];
    child->symbol = ts_subtree_symbol(child->subtree);
    child->visible = ts_subtree_visible(child->subtree);
    if (ts_subtree_extra(child->subtree)) {
      child->field = 0;
      continue;
    }
    const TSSymbol *aliases = ts_language_alias_sequence(self->language, production);
    bool is_alias = aliases != NULL && aliases[0] != 0;
    if (is_alias) child->symbol = aliases[0], child->visible = true;
    Frame only = {.field = child->field};
    if (has_fields) {
      ts_language_field_map(self->language, production, &only.map, &only.map_end);
      child->field = frame_field(&only, 0);
    }
  }
}

// Takes the next child of the last frame.
static void walk_step(Walk *self, Frame *frame) {
  Child child = {.subtree = frame->children[frame->next]};
  uint32_t start = frame->at;
  if (frame->next > 0) start += ts_subtree_padding(child.subtree).bytes;
  uint32_t stop = start + ts_subtree_size(child.subtree).bytes;
  frame->at = stop;
  frame->next += 1;
  child.symbol = ts_subtree_symbol(child.subtree);
  child.visible = ts_subtree_visible(child.subtree);
  if (!ts_subtree_extra(child.subtree)) {
    uint32_t index = frame->structural++;
    TSSymbol alias = frame->aliases != NULL ? frame->aliases[index] : 0;
    if (alias != 0) child.symbol = alias, child.visible = true;
    child.field = frame_field(frame, index);
  }
  uint32_t node = frame->node;
  child_descend(self,
                self->flat->grammar->has_fields[self->flat->nodes.items[node].kind],
                &child);
  Subtree subtree = child.subtree;
  bool visible = child.visible;
  if (visible) {
    node = walk_append(self, subtree, child.symbol,
                       (Node){.field = self->flat->grammar->fields[child.field],
                              .parent = frame->node,
                              .start = start,
                              .stop = stop});
  }
  bool enter = has_children(subtree) && node != 0 &&
               (visible ? !kind_is_leaf((PyKind)self->flat->nodes.items[node].kind)
                        : subtree.ptr->visible_child_count > 0);
  if (enter)
    walk_enter(self, subtree, start, node, !visible, visible ? 0 : child.field);
}

void flatten_subtrees(Flattening *self, const TSTree *tree) {
  Walk walk = {.flat = self, .language = tree->language};
  Subtree root = tree->root;
  uint32_t start = ts_subtree_padding(root).bytes;
  uint32_t stop = start + ts_subtree_size(root).bytes;
  uint32_t module = walk_append(&walk, root, ts_subtree_symbol(root),
                                (Node){.start = start, .stop = stop});
  if (has_children(root)) walk_enter(&walk, root, start, module, false, 0);
  while (walk.frames.count > 0) {
    Frame *frame = &vec_last(&walk.frames);
    if (frame->next < frame->count) {
      walk_step(&walk, frame);
    } else {
      if (!frame->is_hidden) self->nodes.items[frame->node].after = self->nodes.count;
      walk.frames.count -= 1;
    }
  }
}
