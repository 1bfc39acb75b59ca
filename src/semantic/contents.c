#include "semantic/contents.h"

#include "semantic/context.h"

enum { CONTENTS_STEPS = 8 };  // names and calls between a read and its use

static bool method_strips(Str method) {
  return str_is(method, "strip") || str_is(method, "rstrip") ||
         str_is(method, "lstrip");
}

static bool method_recodes(Str method) {
  return str_is(method, "encode") || str_is(method, "decode");
}

// The value of a name that is used here and nowhere else; NO_NODE otherwise.
static NodeId value_behind(Model *m, NodeId name, Contents *out) {
  DefId def = flow_only_def(m, name);
  DefKind kind = def_get(m, def)->kind;
  if (!def_ok(def) || (kind != DEF_ASSIGN && kind != DEF_ANNOTATED)) return NO_NODE;
  NodeId value = def_get(m, def)->value;
  SingleUse kept;
  bool together = single_use_of(m, value, &kept);
  if (!together && !only_use_of(m, value, &kept)) return NO_NODE;
  if (!node_eq(kept.use, name)) return NO_NODE;
  out->apart |= !together;
  out->statement = kept.statement;
  return value;
}

bool contents_behind(Model *m, NodeId expression, Contents *out) {
  NodeId e = node_unwrap(m->tree, expression);
  *out = (Contents){0};
  for (uint32_t i = 0; i < CONTENTS_STEPS && node_ok(e); i++) {
    out->read = whole_read_of(m, e);
    if (out->read.form == READ_TEXT) return true;
    Str method = STR_NONE;
    NodeId receiver = call_receiver(m, e, &method);
    if (node_is(m->tree, e, PY_IDENTIFIER)) {
      e = value_behind(m, e, out);
    } else if (node_ok(receiver) && (method_strips(method) || method_recodes(method))) {
      out->stripped |= method_strips(method);
      out->recoded |= method_recodes(method);
      e = receiver;
    } else {
      return false;
    }
    e = node_unwrap(m->tree, e);
  }
  return false;
}

bool contents_handle_was_used(Model *m, const Contents *contents) {
  NodeId handle = node_unwrap(m->tree, contents->read.handle);
  BindingId binding = binding_of(m, handle);
  if (!node_is(m->tree, handle, PY_IDENTIFIER)) {
    return !node_is(m->tree, handle, PY_CALL);
  }
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId other = ref_get(m, r)->node;
    if (node_eq(other, handle) || flow_differs(m, handle, other)) continue;
    if (flow_reaches(m, other, handle) != ANSWER_NO) return true;
  }
  return false;
}

bool contents_of_same_file(Model *m, NodeId one, NodeId other) {
  const Tree *t = m->tree;
  if (str_eq(node_text(t, node_unwrap(t, one)), node_text(t, node_unwrap(t, other)))) {
    return true;
  }
  Value a = value_of(m, one), b = value_of(m, other);
  if (a.why == WHY_ARCHIVE || b.why == WHY_ARCHIVE) return false;
  if (value_same_path(m, a, b) == ANSWER_YES) return true;
  if (node_ok(a.path) && node_ok(b.path)) {
    return str_eq(node_text(t, a.path), node_text(t, b.path));
  }
  Str method = STR_NONE;  // path.open(), twice
  NodeId left = call_receiver(m, a.origin, &method);
  NodeId right = call_receiver(m, b.origin, &method);
  return node_ok(left) && node_ok(right) &&
         str_eq(node_text(t, left), node_text(t, right));
}

Pass pass_here_or_kept(Model *m, NodeId expression, SingleUse *kept) {
  *kept = (SingleUse){0};
  Pass pass = pass_of(m, expression);
  if (pass.kind != PASS_NONE) return pass;
  SingleUse use;
  if (!single_use_of(m, expression, &use)) return pass;
  pass = pass_of(m, use.use);
  if (pass.kind == PASS_NONE || pass.again) return (Pass){0};
  *kept = use;
  return pass;
}
