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

// Takes the next child of the last frame.
static void walk_step(Walk *self, Frame *frame) {
  Subtree subtree = frame->children[frame->next];
  uint32_t start = frame->at;
  if (frame->next > 0) start += ts_subtree_padding(subtree).bytes;
  uint32_t stop = start + ts_subtree_size(subtree).bytes;
  frame->at = stop;
  frame->next += 1;
  TSSymbol symbol = ts_subtree_symbol(subtree);
  bool visible = ts_subtree_visible(subtree);
  TSFieldId field = 0;
  if (!ts_subtree_extra(subtree)) {
    uint32_t child = frame->structural++;
    TSSymbol alias = frame->aliases != NULL ? frame->aliases[child] : 0;
    if (alias != 0) symbol = alias, visible = true;
    field = frame_field(frame, child);
  }
  uint32_t node = frame->node;
  if (visible) {
    node = walk_append(self, subtree, symbol,
                       (Node){.field = self->flat->grammar->fields[field],
                              .parent = frame->node,
                              .start = start,
                              .stop = stop});
  }
  bool enter = has_children(subtree) && node != 0 &&
               (visible ? !kind_is_leaf((PyKind)self->flat->nodes.items[node].kind)
                        : subtree.ptr->visible_child_count > 0);
  if (enter) walk_enter(self, subtree, start, node, !visible, visible ? 0 : field);
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
