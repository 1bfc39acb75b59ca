// What each place and each kind of node changes for the names in it.

#include "semantic/scope_build.h"

Frame *builder_enter(Builder *b, uint32_t node, Context context) {
  Frame frame = vec_last(&b->frames);
  frame.after = b->nodes[node].after;
  frame.context = (uint8_t)context;
  frame.counts = false;
  frame.first_clause = false;
  vec_push(b->arena, &b->frames, frame);
  return &vec_last(&b->frames);
}

// --- targets -------------------------------------------------------------------------

static Frame *builder_enter_target(Builder *b, uint32_t node, DefKind kind,
                                   uint32_t statement, uint32_t value) {
  Frame *frame = builder_enter(b, node, CONTEXT_STORE);
  frame->def_kind = (uint8_t)kind;
  frame->def_flags = 0;
  frame->index = 0;
  frame->statement = statement;
  frame->value = value;
  return frame;
}

static void builder_enter_assigned(Builder *b, uint32_t node) {
  uint32_t assignment = b->nodes[node].parent;
  uint32_t value = builder_field(b, assignment, FIELD_RIGHT);
  if (b->nodes[b->nodes[assignment].parent].kind == PY_ASSIGNMENT) {
    value = b->chain_value;
  } else {
    while (b->nodes[value].kind == PY_ASSIGNMENT) {
      value = builder_field(b, value, FIELD_RIGHT);
    }
    b->chain_value = value;
  }
  bool is_annotated = builder_field(b, assignment, FIELD_TYPE) != 0;
  bool is_plain = b->nodes[node].kind == PY_IDENTIFIER;
  if (is_annotated && !is_plain && value == 0) {
    builder_enter(b, node, CONTEXT_SILENT);  // `(x): int` does not even declare x
    return;
  }
  DefKind kind = is_annotated && is_plain ? DEF_ANNOTATED : DEF_ASSIGN;
  builder_enter_target(b, node, kind, assignment, value);
}

// True for `(a, b)` and `(a,)`, false for `(a)`.
static bool pattern_has_comma(const Builder *b, uint32_t node) {
  uint32_t first = node + 1;
  if (b->nodes[node].after == first) return true;
  if (b->nodes[first].after != b->nodes[node].after) return true;
  Str text = b->m->tree->source->text;
  for (uint32_t i = b->nodes[first].stop; i < b->nodes[node].stop; i++) {
    if (text.p[i] == ',') return true;
    if (text.p[i] == '#') i = str_find_byte(text, '\n', i);
  }
  return false;
}

void builder_enter_container(Builder *b, uint32_t node) {
  Context context = (Context)vec_last(&b->frames).context;
  bool binds = context == CONTEXT_STORE || context == CONTEXT_PARAMETER;
  if (!binds || b->nodes[node].kind == PY_PARENTHESIZED_EXPRESSION) return;
  if (b->nodes[node].kind == PY_TUPLE_PATTERN && !pattern_has_comma(b, node)) return;
  Frame *frame = builder_enter(b, node, context);
  if ((frame->def_flags & DEF_UNPACKED) != 0) {
    frame->def_flags |= DEF_NESTED;
    return;
  }
  frame->def_flags |= DEF_UNPACKED;
  frame->counts = context == CONTEXT_STORE;
  frame->next_index = 0;
}

void builder_enter_splat(Builder *b, uint32_t node) {
  Context context = (Context)vec_last(&b->frames).context;
  if (context != CONTEXT_STORE && context != CONTEXT_PARAMETER) return;
  bool is_keyword = b->nodes[node].kind == PY_DICTIONARY_SPLAT_PATTERN;
  Frame *frame = builder_enter(b, node, context);
  frame->def_flags |= is_keyword ? DEF_KEYWORD_STAR : DEF_STARRED;
}

static void builder_enter_as_target(Builder *b, uint32_t node) {
  uint32_t pattern = b->nodes[node].parent;
  uint32_t statement = vec_last(&b->frames).statement;
  uint16_t kind = b->nodes[statement].kind;
  if (kind != PY_WITH_ITEM && kind != PY_EXCEPT_CLAUSE) statement = pattern;
  builder_enter_target(b, node, kind == PY_EXCEPT_CLAUSE ? DEF_EXCEPT : DEF_WITH,
                       statement, pattern + 1);
}

// --- parameters and annotations ------------------------------------------------------

static uint16_t next_index(Frame *frame) {
  return frame->next_index < UINT16_MAX ? frame->next_index++ : UINT16_MAX;
}

static void builder_enter_parameter(Builder *b, uint32_t node) {
  Frame *frame = &vec_last(&b->frames);
  PyKind kind = (PyKind)b->nodes[node].kind;
  if (frame->context != CONTEXT_PARAMETER || kind == PY_KEYWORD_SEPARATOR ||
      kind == PY_POSITIONAL_SEPARATOR || kind >= PY_KW_FIRST) {
    return;
  }
  uint16_t index = next_index(frame);
  if (kind != PY_IDENTIFIER) frame = builder_enter(b, node, CONTEXT_PARAMETER);
  frame->index = index;
  frame->statement = node;
  frame->value = 0;
  if (kind == PY_DEFAULT_PARAMETER || kind == PY_TYPED_DEFAULT_PARAMETER) {
    frame->value = builder_field(b, node, FIELD_VALUE);
  }
}

// The scope in which a def's default values and decorators are evaluated.
static uint32_t scope_around(const Builder *b, const Frame *frame) {
  if (frame->opened == 0) return frame->scope;
  uint32_t scope = builder_parent(b, frame->opened);
  if (b->s->scopes.items[scope].kind == SCOPE_TYPE_PARAMS)
    scope = builder_parent(b, scope);
  return scope;
}

static Frame *builder_enter_annotation(Builder *b, uint32_t node) {
  Frame *frame = builder_enter(b, node, CONTEXT_ANNOTATION);
  if (b->future_annotations) frame->postponed = true;
  return frame;
}

// `Literal["x"]` holds no names, of `Annotated[T, ...]` only T does.
static bool holds_plain_values(const Builder *b, uint32_t node) {
  uint32_t parent = b->nodes[node].parent;
  bool is_subscript = b->nodes[parent].kind == PY_SUBSCRIPT;
  uint32_t head = is_subscript ? parent + 1 : b->nodes[parent].parent + 1;
  if (b->nodes[head].kind == PY_ATTRIBUTE) head = b->nodes[head].after - 1;
  if (b->nodes[head].kind != PY_IDENTIFIER) return false;
  if (node_text_is(b->m->tree, (NodeId){head}, "Literal")) return true;
  uint32_t first = is_subscript ? b->nodes[parent + 1].after : parent + 1;
  return node != first && node_text_is(b->m->tree, (NodeId){head}, "Annotated");
}

// --- imports, patterns, plain names --------------------------------------------------

static void builder_enter_import(Builder *b, uint32_t node, DefKind kind) {
  const Tree *t = b->m->tree;
  Frame *frame = builder_enter_target(b, node, kind, b->nodes[node].parent, node);
  frame->context = CONTEXT_SILENT;
  NodeId imported = {node + 1};  // the first name, or the dotted name before `as`
  if (node_is(t, (NodeId){node}, PY_DOTTED_NAME)) builder_define(b, frame, imported.i);
  if (b->nodes[b->nodes[node].parent].kind == PY_FUTURE_IMPORT_STATEMENT &&
      node_text_is(t, imported, "annotations")) {
    b->future_annotations = true;
  }
}

static void builder_enter_pattern(Builder *b, uint32_t node) {
  if (b->nodes[node].kind != PY_CASE_PATTERN) return;
  const Tree *t = b->m->tree;
  NodeId clause = node_parent(t, (NodeId){node});
  NodeId match = node_ancestor(t, clause, PY_MATCH_STATEMENT);
  NodeId subject = node_field(t, match, FIELD_SUBJECT);
  builder_enter_target(b, node, DEF_MATCH, clause.i, subject.i)->context =
      CONTEXT_PATTERN;
}

static void builder_capture(Builder *b, uint32_t node, uint32_t pattern) {
  if (node_text_is(b->m->tree, (NodeId){node}, "_")) return;
  Frame frame = vec_last(&b->frames);
  uint32_t whole = b->nodes[pattern].parent;
  bool is_whole = b->nodes[whole].kind == PY_CASE_PATTERN &&
                  b->nodes[b->nodes[whole].parent].kind == PY_CASE_CLAUSE;
  if (!is_whole) frame.def_flags |= DEF_UNPACKED | DEF_NESTED;
  if (b->nodes[pattern].kind == PY_SPLAT_PATTERN) frame.def_flags |= DEF_STARRED;
  builder_define(b, &frame, node);
}

void builder_meet_dotted_name(Builder *b, uint32_t node) {
  if (vec_last(&b->frames).context != CONTEXT_PATTERN) return;
  uint32_t first = node + 1;
  bool is_class = b->nodes[b->nodes[node].parent].kind == PY_CLASS_PATTERN;
  if (is_class || b->nodes[first].after != b->nodes[node].after) {
    builder_refer(b, &vec_last(&b->frames), first);
  } else {
    builder_capture(b, first, node);
  }
  builder_enter(b, node, CONTEXT_SILENT);
}

void builder_meet_name(Builder *b, uint32_t node) {
  const Frame *frame = &vec_last(&b->frames);
  switch ((Context)frame->context) {
    case CONTEXT_LOAD:
    case CONTEXT_ANNOTATION: builder_refer(b, frame, node); break;
    case CONTEXT_STORE:
    case CONTEXT_DELETE:
    case CONTEXT_PARAMETER: builder_define(b, frame, node); break;
    case CONTEXT_PATTERN:
    case CONTEXT_SILENT:
      if (builder_is_broken(b, node) && b->s->node_names[node] == 0) {
        builder_refer(b, frame, node);
      }
      break;
  }
}

void builder_note_keyword(Builder *b, uint32_t node, Action action) {
  const Frame *frame = &vec_last(&b->frames);
  Scope *scopes = b->s->scopes.items;
  uint16_t parent = b->nodes[b->nodes[node].parent].kind;
  switch (action) {
    case ACTION_STAR_IMPORT:
      scopes[frame->scope].flags |= SCOPE_STAR_IMPORT;
      b->s->has_star_import = true;
      break;
    case ACTION_PRINT:  // `print >> f, x` is an expression in Python 3
      if (parent == PY_PRINT_STATEMENT && b->nodes[node + 1].kind == PY_CHEVRON) {
        builder_refer_named(b, frame, node, STR("print"));
      }
      break;
    case ACTION_EXEC:
      if (parent == PY_EXEC_STATEMENT)
        scopes[frame->scope].flags |= SCOPE_DYNAMIC | SCOPE_BINDS_UNSEEN;
      break;
    case ACTION_ASYNC:
      if (parent == PY_FUNCTION_DEFINITION) {
        scopes[frame->opened].flags |= SCOPE_IS_ASYNC;
      } else if (parent == PY_FOR_IN_CLAUSE) {
        scopes[frame->scope].flags |= SCOPE_IS_ASYNC;
      }
      break;
    case ACTION_AWAIT:
      if (scopes[frame->scope].kind == SCOPE_COMPREHENSION) {
        scopes[frame->scope].flags |= SCOPE_IS_ASYNC;
      }
      break;
    case ACTION_YIELD: scopes[frame->scope].flags |= SCOPE_IS_GENERATOR; break;
    default: break;
  }
}

// --- roles ---------------------------------------------------------------------------

static void builder_define_header(Builder *b, uint32_t node) {
  uint32_t statement = b->nodes[node].parent;
  bool is_class = b->nodes[statement].kind == PY_CLASS_DEFINITION;
  Frame frame = vec_last(&b->frames);
  frame.def_kind = is_class ? DEF_CLASS : DEF_FUNCTION;
  frame.def_flags = 0;
  frame.index = 0;
  frame.statement = frame.value = statement;
  builder_define(b, &frame, node);
}

static void builder_enter_opened(Builder *b, uint32_t node, Context context) {
  uint32_t scope = vec_last(&b->frames).opened;
  Frame *frame = builder_enter(b, node, context);
  if (scope != 0) frame->scope = scope;
  frame->def_kind = DEF_PARAMETER;
  frame->def_flags = 0;
  frame->next_index = 0;
}

// Roles of identifiers that need no frame; false when the role is another.
static bool builder_take_name_role(Builder *b, uint32_t node, Role role) {
  const Frame *top = &vec_last(&b->frames);
  switch (role) {
    case ROLE_SILENT:
    case ROLE_MEMBER:
      if (builder_is_broken(b, node) &&
          b->nodes[b->nodes[node].parent].kind == PY_KEYWORD_ARGUMENT) {
        builder_refer(b, top, node);
      }
      return true;
    case ROLE_CAPTURE:
      if (top->context != CONTEXT_PATTERN) return false;
      builder_capture(b, node, b->nodes[node].parent);
      return true;
    case ROLE_DEFINED_NAME: builder_define_header(b, node); return true;
    case ROLE_IMPORT_ALIAS: builder_define(b, top, node); return true;
    case ROLE_GLOBAL: builder_declare(b, top, node, BIND_GLOBAL_DECL); return true;
    case ROLE_NONLOCAL: builder_declare(b, top, node, BIND_NONLOCAL_DECL); return true;
    default: return false;
  }
}

bool builder_take_role(Builder *b, uint32_t node, Role role) {
  if (b->nodes[node].kind == PY_IDENTIFIER && builder_take_name_role(b, node, role)) {
    b->s->node_scopes[node] = vec_last(&b->frames).scope;
    return true;
  }
  Frame *top = &vec_last(&b->frames);
  uint32_t parent = b->nodes[node].parent;
  switch (role) {
    case ROLE_ASSIGNED: builder_enter_assigned(b, node); break;
    case ROLE_AUGMENTED:
      builder_enter_target(b, node, DEF_AUGMENTED, parent,
                           builder_field(b, parent, FIELD_RIGHT));
      break;
    case ROLE_FOR:
    case ROLE_FOR_IN:
      builder_enter_target(b, node, role == ROLE_FOR ? DEF_FOR : DEF_COMPREHENSION,
                           parent, builder_field(b, parent, FIELD_RIGHT));
      break;
    case ROLE_ITERABLE:
      if (top->first_clause) {
        uint32_t around = builder_parent(b, top->scope);
        builder_enter(b, node, CONTEXT_LOAD)->scope = around;
      }
      break;
    case ROLE_WALRUS:
      builder_enter_target(b, node, DEF_WALRUS, parent,
                           builder_field(b, parent, FIELD_VALUE));
      break;
    case ROLE_WITH_ITEM:
    case ROLE_EXCEPT_VALUE:
      builder_enter(b, node, CONTEXT_LOAD)->statement = parent;
      break;
    case ROLE_EXCEPT_ALIAS:
      builder_enter_target(b, node, DEF_EXCEPT, parent,
                           builder_field(b, parent, FIELD_VALUE));
      break;
    case ROLE_AS_TARGET: builder_enter_as_target(b, node); break;
    case ROLE_DELETED:
      if (b->nodes[node].kind >= PY_KW_FIRST) break;
      builder_enter_target(b, node, DEF_DELETE, parent, 0)->context = CONTEXT_DELETE;
      break;
    case ROLE_ANNOTATION: builder_enter_annotation(b, node); break;
    case ROLE_SIGNATURE_TYPE: {
      uint32_t scope = top->opened != 0 ? builder_parent(b, top->opened) : top->scope;
      builder_enter_annotation(b, node)->scope = scope;
      break;
    }
    case ROLE_DEFAULT: {
      uint32_t scope = scope_around(b, top);
      builder_enter(b, node, CONTEXT_LOAD)->scope = scope;
      break;
    }
    case ROLE_PARAMETER: builder_enter_parameter(b, node); break;
    case ROLE_PARAMETERS: builder_enter_opened(b, node, CONTEXT_PARAMETER); break;
    case ROLE_BODY: builder_enter_opened(b, node, CONTEXT_LOAD); break;
    case ROLE_TYPE_PARAMETERS: {
      uint32_t scope = builder_parent(b, top->opened);
      builder_enter_target(b, node, DEF_TYPE, node, 0)->scope = scope;
      break;
    }
    case ROLE_HEADER: {
      uint32_t scope = builder_parent(b, top->opened);
      builder_enter(b, node, CONTEXT_LOAD)->scope = scope;
      break;
    }
    case ROLE_ALIAS_NAME:
      if (top->opened == 0) break;
      builder_enter_target(b, node, DEF_TYPE, parent,
                           builder_field(b, parent, FIELD_RIGHT));
      break;
    case ROLE_ALIAS_VALUE: {
      uint32_t scope = top->opened;
      if (scope == 0) break;
      builder_enter(b, node, CONTEXT_ANNOTATION)->scope = scope;
      break;
    }
    case ROLE_TYPE_BOUND: builder_enter_type_bound(b, node); break;
    case ROLE_TYPE_ARGUMENT:
      if (top->context == CONTEXT_ANNOTATION && holds_plain_values(b, node)) {
        builder_enter(b, node, CONTEXT_LOAD);
      }
      break;
    case ROLE_IMPORT:
    case ROLE_IMPORT_FROM:
      builder_enter_import(b, node, role == ROLE_IMPORT ? DEF_IMPORT : DEF_IMPORT_FROM);
      break;
    case ROLE_SILENT: builder_enter(b, node, CONTEXT_SILENT); break;
    case ROLE_PATTERN: builder_enter_pattern(b, node); break;
    case ROLE_ELEMENT:
      if (top->counts && b->nodes[node].kind < PY_KW_FIRST)
        top->index = next_index(top);
      break;
    default: break;
  }
  return false;
}
