#include "semantic/classes.h"

#include "semantic/context.h"

NodeId method_class(const Model *m, NodeId function) {
  ScopeId scope = scope_of(m, function);
  ScopeId owner = scope_class_of_method(m, scope);
  return scope_ok(owner) ? scope_get(m, owner)->node : NO_NODE;
}

static MethodKind kind_of_name(Str name) {
  if (str_is(name, "__init_subclass__") || str_is(name, "__class_getitem__")) {
    return METHOD_CLASS;
  }
  return str_is(name, "__new__") ? METHOD_CLASS : METHOD_INSTANCE;
}

MethodKind method_kind(Model *m, NodeId function) {
  const Tree *t = m->tree;
  if (!node_is(t, function, PY_FUNCTION_DEFINITION)) return METHOD_NONE;
  if (!node_ok(method_class(m, function))) return METHOD_NONE;
  NodeId decorated = node_parent(t, function);
  if (node_is(t, decorated, PY_DECORATED_DEFINITION)) {
    for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
         d = node_next_named(t, d)) {
      Str name = name_of_decorator(m, d);
      if (str_is(name, "builtins.staticmethod")) return METHOD_STATIC;
      if (str_is(name, "builtins.classmethod") ||
          str_is(name, "abc.abstractclassmethod")) {
        return METHOD_CLASS;
      }
      if (str_is(name, "abc.abstractstaticmethod")) return METHOD_STATIC;
    }
  }
  return kind_of_name(node_text(t, node_field(t, function, FIELD_NAME)));
}

NodeId class_of_base(Model *m, NodeId base) {
  base = node_unwrap(m->tree, base);
  if (node_is(m->tree, base, PY_SUBSCRIPT))
    base = node_field(m->tree, base, FIELD_VALUE);
  if (!node_is(m->tree, base, PY_IDENTIFIER)) return NO_NODE;
  BindingId binding = binding_of(m, base);
  if (!binding_ok(binding)) return NO_NODE;
  const Def *def = def_get(m, binding_only_def(m, binding));
  return def->kind == DEF_CLASS ? def->value : NO_NODE;
}

BindingId class_binding(Model *m, NodeId class_definition, Str name) {
  ScopeId scope = scope_of(m, class_definition);
  BindingId plain = scope_lookup(m, scope, name);
  if (binding_ok(plain) || !str_starts(name, STR("__")) || str_ends(name, STR("__")))
    return plain;
  Str owner = sym_str(&m->names_interner, scope_get(m, scope)->name);
  while (owner.n > 0 && owner.p[0] == '_') owner = str_slice(owner, 1, owner.n);
  Str mangled = str_printf_in(m->arena, "_%.*s%.*s", STR_ARGS(owner), STR_ARGS(name));
  return scope_lookup(m, scope, mangled);
}

typedef struct BaseWalk {
  uint32_t flags;
  bool unknown;
} BaseWalk;

static void walk_bases(Model *m, NodeId class_node, uint32_t depth, BaseWalk *walk) {
  const Tree *t = m->tree;
  if (depth == 0) {
    walk->unknown = true;
    return;
  }
  NodeId bases = node_field(t, class_node, FIELD_SUPERCLASSES);
  for (NodeId b = node_first_named(t, bases); node_ok(b); b = node_next_named(t, b)) {
    if (node_is(t, b, PY_KEYWORD_ARGUMENT)) {
      walk->unknown =
          walk->unknown || node_text_is(t, node_field(t, b, FIELD_NAME), "metaclass");
      continue;
    }
    const BaseFact *fact = base_fact(m, b);
    NodeId local = class_of_base(m, b);
    if (fact != NULL) {
      walk->flags |= fact->flags;
    } else if (node_ok(local) && !node_eq(local, class_node)) {
      walk_bases(m, local, depth - 1, walk);
    } else {
      walk->unknown = walk->unknown || !name_is(m, b, "builtins.object");
    }
  }
}

uint32_t class_base_flags(Model *m, NodeId class_definition) {
  BaseWalk walk = {0};
  walk_bases(m, class_definition, CLASS_DEPTH, &walk);
  return walk.flags;
}

bool class_has_unknown_base(Model *m, NodeId class_definition) {
  BaseWalk walk = {0};
  walk_bases(m, class_definition, CLASS_DEPTH, &walk);
  return walk.unknown;
}

// --- instances -----------------------------------------------------------------------

typedef struct Tally {
  uint32_t import_time;  // calls that run once, while the module is imported
  uint32_t elsewhere;
  bool handed_on;  // used as a value that may be called by others
} Tally;

static NodeId class_name_node(const Model *m, NodeId class_definition) {
  return node_field(m->tree, class_definition, FIELD_NAME);
}

static bool is_type_test(Model *m, NodeId argument) {
  NodeId call = node_parent(m->tree, node_parent(m->tree, argument));
  if (!node_is(m->tree, call, PY_CALL)) return false;
  Str name = name_of_callee(m, call);
  return str_is(name, "builtins.isinstance") || str_is(name, "builtins.issubclass") ||
         str_is(name, "builtins.super");
}

static void tally_reference(Model *m, NodeId node, Tally *tally) {
  const Tree *t = m->tree;
  NodeId parent = node_parent(t, node);
  Context at = context_of(m, node);
  if (at.flags & CONTEXT_ANNOTATION) return;
  if (node_is(t, parent, PY_CALL) && node_role(t, node) == FIELD_FUNCTION) {
    bool once = (at.flags & CONTEXT_IMPORT_TIME) != 0 && at.loop_depth == 0;
    tally->import_time += once;
    tally->elsewhere += !once;
    return;
  }
  bool is_base = node_is(t, parent, PY_ARGUMENT_LIST) &&
                 node_is(t, node_parent(t, parent), PY_CLASS_DEFINITION);
  if (is_base || node_is(t, parent, PY_ATTRIBUTE) || is_type_test(m, node)) return;
  tally->handed_on = true;
}

static void tally_class(Model *m, NodeId class_definition, uint32_t depth,
                        Tally *tally) {
  const Tree *t = m->tree;
  BindingId binding = binding_of(m, class_name_node(m, class_definition));
  if (!binding_ok(binding) || depth == 0) {
    tally->handed_on = true;
    return;
  }
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId node = ref_get(m, r)->node;
    NodeId list = node_parent(t, node);
    NodeId sub = node_parent(t, list);
    tally_reference(m, node, tally);
    if (node_is(t, list, PY_ARGUMENT_LIST) && node_is(t, sub, PY_CLASS_DEFINITION) &&
        sub.i != class_definition.i) {
      tally_class(m, sub, depth - 1, tally);
    }
  }
}

InstanceCount class_instances(Model *m, NodeId class_definition) {
  Tally tally = {0};
  tally_class(m, class_definition, CLASS_DEPTH, &tally);
  if (tally.elsewhere > 0 || tally.import_time > 1) return INSTANCES_MANY;
  if (tally.import_time == 1 && !tally.handed_on) return INSTANCES_ONE;
  return INSTANCES_UNKNOWN;
}
