#include "semantic/contents.h"

#include "semantic/context.h"
#include "semantic/effect_internal.h"

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

// --- contents that are handed to a function of this file -----------------------------

// The undecorated method of the class around that `self.name` means.
static ScopeId own_method(Model *m, NodeId callee) {
  const Tree *t = m->tree;
  if (!node_is(t, callee, PY_ATTRIBUTE)) return (ScopeId){0};
  NodeId object = node_unwrap(t, node_field(t, callee, FIELD_OBJECT));
  if (!name_is_self(m, object)) return (ScopeId){0};
  ScopeId owner = scope_class_of_method(m, scope_function(m, scope_at(m, callee)));
  Str name = node_text(t, node_field(t, callee, FIELD_ATTRIBUTE));
  const Def *def = def_get(m, binding_only_def(m, scope_lookup(m, owner, name)));
  bool plain = def->kind == DEF_FUNCTION &&
               node_is(t, def->value, PY_FUNCTION_DEFINITION) &&
               !node_is(t, node_parent(t, def->value), PY_DECORATED_DEFINITION);
  return plain ? scope_of(m, def->value) : (ScopeId){0};
}

static DefId parameter_of(const Model *m, ScopeId function, uint32_t shift,
                          NodeId argument) {
  const Tree *t = m->tree;
  if (!node_is(t, argument, PY_KEYWORD_ARGUMENT)) {
    uint32_t position = place_argument_position(t, argument);
    if (position == PLACE_NO_POSITION) return (DefId){0};
    return scope_parameter(m, function, position + shift);
  }
  Str name = node_text(t, node_field(t, argument, FIELD_NAME));
  for (uint32_t i = 0; i < scope_parameter_count(m, function); i++) {
    DefId id = scope_parameter(m, function, i);
    if (str_eq(binding_name(m, def_get(m, id)->binding), name)) return id;
  }
  return (DefId){0};
}

// The one mention of a parameter, in the function itself and in no loop of it.
static NodeId parameter_use(Model *m, ScopeId function, DefId parameter) {
  const Def *def = def_get(m, parameter);
  const Binding *b = binding_get(m, def->binding);
  if (!def_ok(parameter) || (def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0 ||
      b->def_count != 1 || b->ref_count != 1) {
    return NO_NODE;
  }
  const Ref *ref = ref_get(m, ref_first(m, def->binding));
  NodeId loop = loop_around(m, ref->node, NO_NODE);
  bool again =
      node_ok(loop) && node_inside(m->tree, loop, scope_get(m, function)->node);
  return ref->scope.i == function.i && !again ? ref->node : NO_NODE;
}

Handed contents_handed_on(Model *m, NodeId call, NodeId argument) {
  const Tree *t = m->tree;
  NodeId callee = node_unwrap(t, call_callee(m, call));
  ScopeId function = callee_function(m, callee);
  Handed out = {.overridable = !scope_ok(function)};
  if (out.overridable) function = own_method(m, callee);
  if (!scope_ok(function)) return out;
  DefId parameter = parameter_of(m, function, out.overridable ? 1 : 0, argument);
  out.use = node_unwrap(t, parameter_use(m, function, parameter));
  for (uint32_t i = 0; i < CONTENTS_STEPS && node_ok(out.use); i++) {
    NodeId method = node_parent(t, node_wrap(t, out.use));
    NodeId changed = node_parent(t, method);
    bool recodes = node_is(t, method, PY_ATTRIBUTE) &&
                   node_role(t, method) == FIELD_FUNCTION &&
                   method_recodes(node_text(t, node_field(t, method, FIELD_ATTRIBUTE)));
    if (!recodes) break;
    out.use = changed;
  }
  return out;
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
