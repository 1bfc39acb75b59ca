// Annotations: what a class name, an Optional, a union or their string form says.
#include "semantic/value.h"

#include "semantic/value_internal.h"

enum { TYPE_DEPTH = 6 };

static Value type_of(Model *m, NodeId node, uint32_t depth);

static Value value_of_type_fact(const TypeFact *fact, NodeId node) {
  Value v = value_plain(fact->kind, node);
  if (fact->why != WHY_NONE) value_set_unbounded(&v, fact->why, node);
  if (fact->flags & RESULT_TEXT) v.flags |= HANDLE_TEXT;
  if (fact->flags & RESULT_BINARY) v.flags |= HANDLE_BINARY;
  if (fact->flags & RESULT_FILLS) v.flags |= VALUE_FILLS;
  return v;
}

static NodeId type_inner(const Tree *t, NodeId node) {
  while (node_is(t, node, PY_TYPE) || node_is(t, node, PY_PARENTHESIZED_EXPRESSION)) {
    node = node_first_named(t, node);
  }
  return node;
}

// `A | B`, Union[A, B]: members join, None is only a flag.
static Value type_join(Model *m, Value joined, NodeId member, bool first,
                       uint32_t depth) {
  Value v = type_of(m, member, depth);
  return first ? v : value_join(joined, v);
}

static Value type_of_members(Model *m, NodeId first, bool optional, uint32_t depth) {
  Value joined = optional ? value_plain(VALUE_NONE, first) : value_unknown();
  bool is_first = !optional;
  for (NodeId n = first; node_ok(n); n = node_next_named(m->tree, n)) {
    joined = type_join(m, joined, n, is_first, depth);
    is_first = false;
  }
  return joined;
}

static Value type_of_name(Model *m, NodeId node, uint32_t *element_argument) {
  Str name = knowledge_canonical(m->options.knowledge, m->arena, name_of(m, node));
  const TypeFact *fact = knowledge_types(m->options.knowledge, name);
  if (fact != NULL) {
    *element_argument =
        fact->element_argument < 0 ? UINT32_MAX : (uint32_t)fact->element_argument;
    return value_of_type_fact(fact, node);
  }
  *element_argument = UINT32_MAX;
  if (name.n == 0 || str_is(name, "typing.Any")) return value_unknown();
  Value v = value_plain(VALUE_INSTANCE, node);
  v.class_name = name;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, node)));
  if (def->kind == DEF_CLASS) {
    v.definition = def->value;
  } else if (def->kind != DEF_IMPORT_FROM && node_is(m->tree, node, PY_IDENTIFIER)) {
    return value_unknown();  // a type variable, an alias: nothing is known
  }
  return v;
}

// tuple[int, str] has two elements; tuple[int, ...] any number.
static void tuple_count(const Tree *t, Value *v, NodeId first) {
  uint32_t count = 0;
  for (NodeId n = first; node_ok(n); n = node_next_named(t, n)) {
    if (node_is(t, type_inner(t, n), PY_ELLIPSIS)) return;
    count += 1;
  }
  value_set_count(v, count, count);
}

static Value type_of_generic(Model *m, NodeId head, NodeId first, uint32_t depth) {
  Str name = knowledge_canonical(m->options.knowledge, m->arena, name_of(m, head));
  if (str_is(name, "typing.Optional")) return type_of_members(m, first, true, depth);
  if (str_is(name, "typing.Union")) return type_of_members(m, first, false, depth);
  bool wraps = str_is(name, "typing.Annotated") || str_is(name, "typing.Final") ||
               str_is(name, "typing.ClassVar") || str_is(name, "typing.Required");
  if (wraps) return type_of(m, first, depth);
  if (str_is(name, "typing.Literal")) return value_of(m, type_inner(m->tree, first));
  uint32_t element_argument;
  Value v = type_of_name(m, head, &element_argument);
  if (element_argument != UINT32_MAX) {
    Value element = type_of(m, first, depth);
    v.element = element.kind;
    v.element_class = element.class_name;
  }
  NodeId second = node_next_named(m->tree, first);
  bool mapping = v.kind == VALUE_DICT || v.kind == VALUE_MAPPING;
  if (mapping && node_ok(second)) v.item = type_of(m, second, depth).kind;
  if (v.kind == VALUE_TUPLE) tuple_count(m->tree, &v, first);
  if (str_is(name, "typing.IO") && node_ok(first)) {
    ValueKind gives = type_of(m, first, depth).kind;
    if (gives == VALUE_BYTES) v.flags |= HANDLE_BINARY;
    if (gives == VALUE_STR) v.flags |= HANDLE_TEXT;
  }
  return v;
}

// --- the string form -----------------------------------------------------------------

// The qualified name of a dotted name in a string, by the scope of the annotation.
static Str text_qualified(Model *m, NodeId node, Str text) {
  uint32_t dot = str_find_byte(text, '.', 0);
  Str head = str_slice(text, 0, dot), rest = str_slice(text, dot, text.n);
  BindingId binding = scope_resolve(m, scope_at(m, node), head);
  if (!binding_ok(binding)) {
    return str_printf_in(m->arena, "builtins.%.*s", STR_ARGS(text));
  }
  const Def *def = def_get(m, binding_only_def(m, binding));
  if (def->kind != DEF_IMPORT && def->kind != DEF_IMPORT_FROM) return STR_NONE;
  Str name = name_of(m, def->node);
  return name.n == 0
             ? STR_NONE
             : str_printf_in(m->arena, "%.*s%.*s", STR_ARGS(name), STR_ARGS(rest));
}

// An instance of a class of this file, or of one that is imported as `qualified`.
static Value type_of_class(Model *m, NodeId node, Str name, Str qualified) {
  Str head = str_slice(name, 0, str_find_byte(name, '.', 0));
  BindingId binding = scope_resolve(m, scope_at(m, node), head);
  const Def *def = def_get(m, binding_only_def(m, binding));
  bool is_imported =
      def->kind == DEF_IMPORT_FROM || (def->kind == DEF_IMPORT && head.n < name.n);
  if (is_imported && str_find_byte(name, '[', 0) == name.n) {
    Value imported = value_plain(VALUE_INSTANCE, node);
    imported.class_name = qualified;
    return qualified.n != 0 ? imported : value_unknown();
  }
  if (def->kind != DEF_CLASS || head.n < name.n) return value_unknown();
  Value v = value_plain(VALUE_INSTANCE, node);
  v.class_name = name_of(m, def->node);
  v.definition = def->value;
  return v;
}

// The part of a string annotation that tells the kind: the name before "[", inside
// Optional[…], beside "| None". What is more involved is left unknown.
static Value type_of_text(Model *m, NodeId node, Str text, uint32_t depth) {
  text = str_trim(text);
  uint32_t bar = str_find_byte(text, '|', 0), open = str_find_byte(text, '[', 0);
  if (depth == 0 || text.n == 0) return value_unknown();
  if (bar < text.n && bar < open) {
    Value left = type_of_text(m, node, str_slice(text, 0, bar), depth - 1);
    return value_join(
        left, type_of_text(m, node, str_slice(text, bar + 1, text.n), depth - 1));
  }
  if (str_is(text, "None")) return value_plain(VALUE_NONE, node);
  Str head = str_trim(str_slice(text, 0, open));
  Str name = knowledge_canonical(m->options.knowledge, m->arena,
                                 text_qualified(m, node, head));
  bool closed = open < text.n && text.p[text.n - 1] == ']';
  if (closed && str_is(name, "typing.Optional")) {
    Str inner = str_slice(text, open + 1, text.n - 1);
    Value v = type_of_text(m, node, inner, depth - 1);
    return value_join(value_plain(VALUE_NONE, node), v);
  }
  const TypeFact *fact = knowledge_types(m->options.knowledge, name);
  return fact != NULL ? value_of_type_fact(fact, node)
                      : type_of_class(m, node, text, name);
}

// --- nodes ---------------------------------------------------------------------------

static Value type_of(Model *m, NodeId node, uint32_t depth) {
  const Tree *t = m->tree;
  node = type_inner(t, node);
  if (depth == 0 || !node_ok(node)) return value_unknown();
  uint32_t unused;
  switch (node_kind(t, node)) {
    case PY_NONE_LITERAL: return value_plain(VALUE_NONE, node);
    case PY_IDENTIFIER:
    case PY_ATTRIBUTE: return type_of_name(m, node, &unused);
    case PY_STRING: {
      NodeId content = node_child(t, node, PY_STRING_CONTENT);
      return type_of_text(m, node, node_text(t, content), TYPE_DEPTH);
    }
    case PY_SUBSCRIPT:
      return type_of_generic(m, node_field(t, node, FIELD_VALUE),
                             node_field(t, node, FIELD_SUBSCRIPT), depth - 1);
    case PY_GENERIC_TYPE: {
      NodeId arguments = node_child(t, node, PY_TYPE_PARAMETER);
      return type_of_generic(m, node_first_named(t, node),
                             node_first_named(t, arguments), depth - 1);
    }
    case PY_UNION_TYPE:
    case PY_BINARY_OPERATOR:
      if (node_is(t, node, PY_BINARY_OPERATOR) &&
          !node_ok(node_child(t, node, PY_OP_BIT_OR))) {
        return value_unknown();
      }
      return value_join(type_of(m, node_named_at(t, node, 0), depth - 1),
                        type_of(m, node_named_at(t, node, 1), depth - 1));
    default: return value_unknown();
  }
}

Value value_of_annotation(Model *m, NodeId annotation) {
  return type_of(m, annotation, TYPE_DEPTH);
}
