#include "semantic/slice.h"

bool slice_of(Model *m, NodeId subscript, Slice *out) {
  const Tree *t = m->tree;
  NodeId slice = node_field(t, subscript, FIELD_SUBSCRIPT);
  *out = (Slice){.object = node_field(t, subscript, FIELD_VALUE)};
  if (!node_is(t, slice, PY_SLICE) || node_ok(node_next_same_field(t, slice))) {
    return false;
  }
  NodeId *parts[] = {&out->start, &out->stop, &out->step};
  const char *text = t->source->text.p;
  uint32_t at = 0, from = node_start(t, slice);
  for (NodeId c = node_first(t, slice); node_ok(c); c = node_next(t, c)) {
    for (uint32_t i = from; i < node_start(t, c); i++) at += text[i] == ':';
    from = node_stop(t, c);
    if (!node_is(t, c, PY_COMMENT) && !node_text_is(t, c, "None") && at < 3)
      *parts[at] = c;
  }
  return true;
}

bool slice_is_reversal(Model *m, const Slice *s) {
  int64_t step = 0;
  return !node_ok(s->start) && !node_ok(s->stop) && node_ok(s->step) &&
         constant_int(m, s->step, &step) && step == -1;
}

// `x[i:i + 50]`
static bool is_short_step(Model *m, const Slice *s, int64_t limit) {
  const Tree *t = m->tree;
  int64_t length = 0;
  return node_ok(s->start) && node_is(t, s->stop, PY_BINARY_OPERATOR) &&
         node_text_is(t, node_field(t, s->stop, FIELD_OPERATOR), "+") &&
         str_eq(node_text(t, node_field(t, s->stop, FIELD_LEFT)),
                node_text(t, s->start)) &&
         constant_int(m, node_field(t, s->stop, FIELD_RIGHT), &length) &&
         length < limit;
}

bool slice_is_below(Model *m, const Slice *s, int64_t limit) {
  int64_t start = 0, stop = 0;
  bool has_start = node_ok(s->start) && constant_int(m, s->start, &start);
  if (has_start && start < 0) return start > -limit;
  if (!node_ok(s->stop)) return false;
  if (constant_int(m, s->stop, &stop)) {
    return stop >= 0 && stop - (start > 0 ? start : 0) < limit;
  }
  return is_short_step(m, s, limit);
}
