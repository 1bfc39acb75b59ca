#include "lint/finding.h"

#include "lint/rule.h"

const char *evidence_name(Evidence one) {
  switch (one) {
    case EVIDENCE_SIZE: return "size";
    case EVIDENCE_HOT: return "hot";
    case EVIDENCE_LONG: return "long";
    case EVIDENCE_KEPT: return "kept in number";
    case EVIDENCE_GROWN: return "grown";
    default: return "construct";
  }
}

const char *cost_unit_name(CostUnit unit) {
  switch (unit) {
    case COST_PER_ITEM: return "item";
    case COST_PER_INSTANCE: return "instance";
    case COST_PER_LINE: return "line";
    case COST_PER_ENTRY: return "entry";
    case COST_PER_CALL: return "call";
    case COST_TOTAL: return "total";
    default: return "";
  }
}

int finding_compare(const void *a, const void *b) {
  const Finding *x = a, *y = b;
  if (x->span.start != y->span.start) return x->span.start < y->span.start ? -1 : 1;
  if (x->span.stop != y->span.stop) return x->span.stop < y->span.stop ? -1 : 1;
  int order = strcmp(x->rule->code, y->rule->code);
  return order != 0 ? order : str_cmp(x->message, y->message);
}

static Fix fix_copy_in(Arena *arena, const Fix *fix) {
  Fix copy = *fix;
  Edit *edits = arena_array(arena, Edit, fix->edit_count);
  for (uint32_t i = 0; i < fix->edit_count; i++) {
    edits[i] = fix->edits[i];
    edits[i].text = str_copy_in(arena, fix->edits[i].text);
  }
  ImportIntent *imports = arena_array(arena, ImportIntent, fix->import_count);
  for (uint32_t i = 0; i < fix->import_count; i++) {
    imports[i].module = str_copy_in(arena, fix->imports[i].module);
    imports[i].name = str_copy_in(arena, fix->imports[i].name);
  }
  copy.edits = edits;
  copy.imports = imports;
  copy.title = str_copy_in(arena, fix->title);
  copy.caveat = str_copy_in(arena, fix->caveat);
  return copy;
}

Finding finding_copy_in(Arena *arena, const Finding *finding) {
  Finding copy = *finding;
  copy.message = str_copy_in(arena, finding->message);
  copy.scope = str_copy_in(arena, finding->scope);
  copy.closed = str_copy_in(arena, finding->closed);
  for (uint32_t i = 0; i < finding->arg_count; i++) {
    copy.args[i] = str_copy_in(arena, finding->args[i]);
  }
  for (uint32_t i = 0; i < finding->label_count; i++) {
    copy.labels[i].path = str_copy_in(arena, finding->labels[i].path);
    copy.labels[i].text = str_copy_in(arena, finding->labels[i].text);
  }
  copy.fix = fix_copy_in(arena, &finding->fix);
  return copy;
}
