#include "fix/fix.h"

#include <stdlib.h>

#include "base/vec.h"
#include "fix/fix_internal.h"

typedef VEC(Edit) Edits;

static int compare_edits(const void *a, const void *b) {
  const Edit *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  if (x->stop != y->stop) return x->stop < y->stop ? -1 : 1;
  return str_cmp(x->text, y->text);
}

static bool same_edit(const Edit *a, const Edit *b) {
  return a->start == b->start && a->stop == b->stop && str_eq(a->text, b->text);
}

// Touching insertions at one place would depend on their order: they count as overlap.
static bool edits_clash(const Edit *a, const Edit *b) {
  if (a->start == a->stop && b->start == b->stop) return a->start == b->start;
  return a->start < b->stop && b->start < a->stop;
}

const Edit *fix_resolve(Arena *arena, const Tree *tree, const Fix *fix,
                        uint32_t *count) {
  Edits edits = {0};
  for (uint32_t i = 0; i < fix->edit_count; i++) vec_push(arena, &edits, fix->edits[i]);
  for (uint32_t i = 0; i < fix->import_count; i++) {
    Edit edit;
    if (import_edit(arena, tree, fix->imports[i], &edit)) vec_push(arena, &edits, edit);
  }
  if (edits.count > 1) qsort(edits.items, edits.count, sizeof(Edit), compare_edits);
  *count = edits.count;
  return edits.items;
}

// Taken edits are sorted and do not overlap, so that only neighbours can clash.
static uint32_t taken_position(const Edits *taken, const Edit *edit) {
  uint32_t low = 0, high = taken->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (compare_edits(&taken->items[middle], edit) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static bool is_taken(const Edits *taken, const Edit *edit) {
  uint32_t at = taken_position(taken, edit);
  return at < taken->count && same_edit(&taken->items[at], edit);
}

// Only an import may be shared by two fixes.
static bool fits(const Edits *taken, const Edits *imports, const Edit *edit) {
  if (is_taken(imports, edit)) return true;
  if (is_taken(taken, edit)) return false;
  uint32_t at = taken_position(taken, edit);
  for (uint32_t k = at > 0 ? at - 1 : 0; k < taken->count && k <= at; k++) {
    if (edits_clash(&taken->items[k], edit)) return false;
  }
  return true;
}

static void edits_add(Arena *arena, Edits *list, const Edit *edit) {
  uint32_t at = taken_position(list, edit);
  vec_push(arena, list, *edit);
  memmove(&list->items[at + 1], &list->items[at],
          (list->count - 1 - at) * sizeof(Edit));
  list->items[at] = *edit;
}

static bool is_own_edit(const Fix *fix, const Edit *edit) {
  for (uint32_t i = 0; i < fix->edit_count; i++) {
    if (same_edit(&fix->edits[i], edit)) return true;
  }
  return false;
}

// A fix comes in whole or not at all.
static bool take_fix(Arena *arena, const Tree *tree, const Fix *fix, Edits *taken,
                     Edits *imports) {
  uint32_t count = 0;
  const Edit *edits = fix_resolve(arena, tree, fix, &count);
  for (uint32_t i = 0; i < count; i++) {
    if (!fits(taken, imports, &edits[i])) return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (is_taken(imports, &edits[i])) continue;
    edits_add(arena, taken, &edits[i]);
    if (!is_own_edit(fix, &edits[i])) edits_add(arena, imports, &edits[i]);
  }
  return true;
}

static bool write_text(FixResult *self, Arena *arena, const Source *source,
                       Edits *taken, Error *err) {
  Buf out = buf_in(arena);
  uint32_t at = 0;  // in the original bytes
  for (uint32_t i = 0; i < taken->count; i++) {
    const Edit *edit = &taken->items[i];
    uint32_t start = source_origin(source, edit->start);
    buf_add(&out, str_slice(source->bytes, at, start));
    if (!source_encode(source, edit->text, &out, err)) return false;
    at = source_origin(source, edit->stop);
  }
  buf_add(&out, str_slice(source->bytes, at, source->bytes.n));
  self->bytes = buf_str(&out);
  return true;
}

bool fix_apply(FixResult *self, Arena *arena, const Tree *tree, const Finding *findings,
               uint32_t count, FixSafety least, Error *err) {
  *self = (FixResult){0};
  Edits taken = {0}, imports = {0};
  for (uint32_t i = 0; i < count; i++) {
    const Finding *finding = &findings[i];
    if (finding->fix.safety == FIX_NONE || finding->fix.safety < least) continue;
    if (take_fix(arena, tree, &finding->fix, &taken, &imports)) {
      self->applied += 1;
    } else {
      self->waiting += 1;
    }
  }
  if (self->applied == 0 || taken.count == 0) return false;
  return write_text(self, arena, tree->source, &taken, err);
}
