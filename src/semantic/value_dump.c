#include "semantic/value.h"

#include "base/utf8.h"
#include "semantic/value_internal.h"

enum { TEXT_SHOWN = 32 };

static void dump_size(Buf *out, Value v) {
  if (v.size == SIZE_UNBOUNDED) {
    buf_printf(out, " unbounded(%s)", size_why_text(v.why));
  } else if (v.size == SIZE_SMALL) {
    buf_printf(out, " small(%u..%u)", (unsigned)v.low, (unsigned)v.high);
  } else if (v.high != SIZE_NO_BOUND && v.high != 0) {
    buf_printf(out, " %llu..%llu", (unsigned long long)v.low,
               (unsigned long long)v.high);
  }
}

static void dump_flags(Buf *out, Value v) {
  static const struct {
    uint32_t flag;
    const char *text;
  } names[] = {{HANDLE_TEXT, "text"},          {HANDLE_BINARY, "binary"},
               {HANDLE_PIPE, "pipe"},          {HANDLE_NETWORK, "network"},
               {HANDLE_STDIN, "stdin"},        {HANDLE_MEMORY, "memory"},
               {HANDLE_OPENED_HERE, "opened"}, {HANDLE_IN_WITH, "with"},
               {VALUE_RECORD, "record"},       {VALUE_WHOLE_READ, "whole"},
               {VALUE_MAYBE_NONE, "or-none"},  {VALUE_STARTED, "started"}};
  for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (v.flags & names[i].flag) buf_printf(out, " %s", names[i].text);
  }
}

static void dump_place(Model *m, Buf *out, NodeId node) {
  LinePos at =
      lines_position(&m->tree->source->lines, node_start(m->tree, node), COLUMN_POINTS);
  buf_printf(out, "%u:%u", at.line + 1, at.column + 1);
}

static void dump_value(Model *m, Buf *out, NodeId node, Value v) {
  dump_place(m, out, node);
  Str text = node_text(m->tree, node);
  buf_add_byte(out, ' ');
  buf_add_escaped(out, str_slice(text, 0, text.n < TEXT_SHOWN ? text.n : TEXT_SHOWN));
  buf_printf(out, " %s", value_kind_name(v.kind));
  if (v.element != VALUE_UNKNOWN) buf_printf(out, "[%s]", value_kind_name(v.element));
  if (v.class_name.n > 0) buf_printf(out, " %.*s", STR_ARGS(v.class_name));
  dump_size(out, v);
  dump_flags(out, v);
  if (node_ok(v.origin) && !node_eq(v.origin, node)) {
    buf_add_text(out, " from ");
    dump_place(m, out, v.origin);
  }
  buf_add_byte(out, '\n');
}

void value_dump(Model *m, Buf *out) {
  const Tree *t = m->tree;
  for (uint32_t i = 1; i < t->count; i++) {
    NodeId node = {i};
    bool is_call = node_is(t, node, PY_CALL);
    bool is_name = node_is(t, node, PY_IDENTIFIER) && ref_ok(ref_at(m, node));
    if (!is_call && !is_name) continue;
    Value v = value_of(m, node);
    if (v.kind != VALUE_UNKNOWN || v.size != SIZE_UNKNOWN) dump_value(m, out, node, v);
  }
}
