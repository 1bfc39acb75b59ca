// What constructors store of their parameters.

#include "index/facts_internal.h"
#include "semantic/back.h"

enum { PARAMETERS_READ = 16 };

// The `__init__` around a node, or {0}: functions in it are others.
static ScopeId constructor_around(FactsBuilder *b, NodeId node) {
  ScopeId scope = scope_function(b->m, scope_at(b->m, node));
  NodeId function = scope_get(b->m, scope)->node;
  bool is_one = b->receivers[scope.i] == RECEIVER_SELF &&
                node_text_is(b->t, node_field(b->t, function, FIELD_NAME), "__init__");
  return is_one ? scope : (ScopeId){0};
}

// The position of a parameter behind self; UINT32_MAX if it is none of the constructor.
static uint32_t position_of(FactsBuilder *b, ScopeId constructor, BindingId variable) {
  const Binding *binding = binding_get(b->m, variable);
  if (binding->scope.i != constructor.i) return UINT32_MAX;
  uint32_t count = scope_parameter_count(b->m, constructor);
  for (uint32_t i = 1; i < count; i++) {
    DefId parameter = scope_parameter(b->m, constructor, i);
    const Def *def = def_get(b->m, parameter);
    if (def->binding.i != variable.i) continue;
    bool is_starred = (def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0;
    return is_starred ? UINT32_MAX : i - 1;
  }
  return UINT32_MAX;
}

// The name still stands for what was passed.
static bool is_as_passed(FactsBuilder *b, NodeId name) {
  BindingId variable = binding_of(b->m, name);
  DefId first = binding_get(b->m, variable)->first_def;
  if (def_ok(binding_only_def(b->m, variable))) return true;
  RefId ref = ref_at(b->m, name);
  if (!ref_ok(ref)) return false;
  DefList defs = flow_defs_reaching(b->m, ref);
  for (uint32_t i = 0; !defs.unknown && i < defs.count; i++) {
    if (defs.items[i].i == first.i) return true;
  }
  return false;
}

static FactKeep keep_row(FactsBuilder *b, ScopeId constructor, uint32_t position,
                         Str name) {
  ScopeId owner = scope_class_of_method(b->m, constructor);
  return (FactKeep){.owner = b->scope_names[owner.i],
                    .parameter = word_of(b, name),
                    .position = position};
}

static void parameter_stored(FactsBuilder *b, ScopeId constructor, uint32_t position,
                             Str parameter, FactText attribute) {
  FactKeep row = keep_row(b, constructor, position, parameter);
  row.attribute = (FactWord){attribute.i};
  vec_push(b->arena, &b->keeps, row);
}

// `self.x = (owner, name)`, `self.x = lambda: owner.y`: any of the parameters.
static void any_stored(FactsBuilder *b, ScopeId constructor, StoredAt stored,
                       FactText attribute) {
  uint32_t count = scope_parameter_count(b->m, constructor);
  for (uint32_t i = 1; i < count && i < PARAMETERS_READ; i++) {
    const Def *def = def_get(b->m, scope_parameter(b->m, constructor, i));
    if (position_of(b, constructor, def->binding) == UINT32_MAX) continue;
    Back back = back_of_stored(b->m, stored, (BackOwner){.variable = def->binding});
    bool holds = back.kind != BACK_NONE && !back.is_uncertain && !node_ok(back.call) &&
                 is_as_passed(b, back.mention);
    if (!holds) continue;
    parameter_stored(b, constructor, i - 1, binding_name(b->m, def->binding),
                     attribute);
  }
}

static void mention_keeps(FactsBuilder *b, NodeId attribute, FactText name) {
  ScopeId constructor = constructor_around(b, attribute);
  if (!scope_ok(constructor)) return;
  StoredAt stored = stored_at(b->m, attribute);
  if (!node_ok(stored.value)) return;
  NodeId value = node_unwrap(b->t, stored.value);
  switch (node_kind(b->t, value)) {
    case PY_IDENTIFIER: {
      BindingId variable = binding_of(b->m, value);
      uint32_t position = position_of(b, constructor, variable);
      if (position == UINT32_MAX || !is_as_passed(b, value)) return;
      parameter_stored(b, constructor, position, node_text(b->t, value), name);
      return;
    }
    case PY_ARGUMENT_LIST:
    case PY_CALL:
    case PY_LAMBDA:
    case PY_LIST:
    case PY_TUPLE:
    case PY_DICTIONARY:
    case PY_BOOLEAN_OPERATOR:
    case PY_CONDITIONAL_EXPRESSION: any_stored(b, constructor, stored, name); return;
    default: return;
  }
}

void keeps_collect(FactsBuilder *b) {
  if (b->t->source->is_stub || (b->flags & FACTS_TEST) != 0) return;
  for (uint32_t g = 1; g < b->groups.count; g++) {
    const MentionGroup *group = &b->groups.items[g];
    if (!scope_ok(group->owner)) continue;
    for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
      const Mention *mention = &b->mentions.items[i];
      NodeId p = node_parent(b->t, node_wrap(b->t, mention->node));
      if (mention->via != OPERATION_VIA_SELF || node_is(b->t, p, PY_ARGUMENT_LIST))
        continue;
      mention_keeps(b, mention->node, (FactText){group->name.i});
    }
  }
}

// --- handed to a base ----------------------------------------------------------------

static void argument_handed(FactsBuilder *b, ScopeId constructor, FactText base,
                            NodeId argument, uint32_t at) {
  const Tree *t = b->t;
  bool is_keyword = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  NodeId value =
      node_unwrap(t, is_keyword ? node_field(t, argument, FIELD_VALUE) : argument);
  if (!node_is(t, value, PY_IDENTIFIER)) return;
  uint32_t position = position_of(b, constructor, binding_of(b->m, value));
  if (position == UINT32_MAX || !is_as_passed(b, value)) return;
  FactKeep row = keep_row(b, constructor, position, node_text(t, value));
  row.base = base;
  row.argument = at;
  if (base.i == 0) row.flags = KEEP_SUPER;
  if (is_keyword)
    row.keyword = word_of(b, node_text(t, node_field(t, argument, FIELD_NAME)));
  vec_push(b->arena, &b->keeps, row);
}

void keep_of_call(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, call, &method);
  if (!str_is(method, "__init__")) return;
  ScopeId constructor = constructor_around(b, call);
  if (!scope_ok(constructor) || call_has_stars(b->m, call)) return;
  NodeId argument = node_first_named(t, node_field(t, call, FIELD_ARGUMENTS));
  FactText base = {0};
  bool is_super =
      node_is(t, node_unwrap(t, receiver), PY_CALL) &&
      str_is(name_of_callee(b->m, node_unwrap(t, receiver)), "builtins.super");
  if (!is_super) {  // `Base.__init__(self, …)`
    uint32_t via = 0;
    if (!scope_ok(class_of_receiver(b, argument, &via)) || via != OPERATION_VIA_SELF)
      return;
    base = text_of(b, qualified_of(b, receiver));
    if (base.i == 0) return;
    argument = node_next_named(t, argument);
  }
  for (uint32_t at = 0; node_ok(argument);
       argument = node_next_named(t, argument), at++)
    argument_handed(b, constructor, base, argument, at);
}
