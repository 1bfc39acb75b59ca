// The walk: one pass over the node table that finds each node's scope and what its place
// does with the names in it.
//
// A stack of frames says what holds for the nodes in hand. A node gets a frame when its
// place in its parent (roles) or its own kind (actions) changes what held around it.

#include "semantic/scope_build.h"

#include "base/fault.h"

// What the place of a node in its parent means; by the parent's kind and the field.
static const uint8_t roles[PY_KW_FIRST][PY_FIELD_COUNT] = {
    [PY_ASSIGNMENT] = {[FIELD_LEFT] = ROLE_ASSIGNED, [FIELD_TYPE] = ROLE_ANNOTATION},
    [PY_AUGMENTED_ASSIGNMENT] = {[FIELD_LEFT] = ROLE_AUGMENTED},
    [PY_FOR_STATEMENT] = {[FIELD_LEFT] = ROLE_FOR},
    [PY_FOR_IN_CLAUSE] = {[FIELD_LEFT] = ROLE_FOR_IN, [FIELD_RIGHT] = ROLE_ITERABLE},
    [PY_NAMED_EXPRESSION] = {[FIELD_NAME] = ROLE_WALRUS},
    [PY_WITH_ITEM] = {[FIELD_VALUE] = ROLE_WITH_ITEM},
    [PY_EXCEPT_CLAUSE] =
        {[FIELD_VALUE] = ROLE_EXCEPT_VALUE, [FIELD_ALIAS] = ROLE_EXCEPT_ALIAS},
    [PY_AS_PATTERN] = {[FIELD_ALIAS] = ROLE_AS_TARGET, [FIELD_NONE] = ROLE_CAPTURE},
    [PY_DELETE_STATEMENT] = {[FIELD_NONE] = ROLE_DELETED},
    [PY_TYPED_PARAMETER] = {[FIELD_TYPE] = ROLE_SIGNATURE_TYPE},
    [PY_TYPED_DEFAULT_PARAMETER] =
        {[FIELD_TYPE] = ROLE_SIGNATURE_TYPE, [FIELD_VALUE] = ROLE_DEFAULT},
    [PY_DEFAULT_PARAMETER] = {[FIELD_VALUE] = ROLE_DEFAULT},
    [PY_PARAMETERS] = {[FIELD_NONE] = ROLE_PARAMETER},
    [PY_LAMBDA_PARAMETERS] = {[FIELD_NONE] = ROLE_PARAMETER},
    [PY_FUNCTION_DEFINITION] = {[FIELD_NAME] = ROLE_DEFINED_NAME,
                                [FIELD_TYPE_PARAMETERS] = ROLE_TYPE_PARAMETERS,
                                [FIELD_PARAMETERS] = ROLE_PARAMETERS,
                                [FIELD_RETURN_TYPE] = ROLE_SIGNATURE_TYPE,
                                [FIELD_BODY] = ROLE_BODY},
    [PY_CLASS_DEFINITION] = {[FIELD_NAME] = ROLE_DEFINED_NAME,
                             [FIELD_TYPE_PARAMETERS] = ROLE_TYPE_PARAMETERS,
                             [FIELD_SUPERCLASSES] = ROLE_HEADER,
                             [FIELD_BODY] = ROLE_BODY},
    [PY_LAMBDA] = {[FIELD_PARAMETERS] = ROLE_PARAMETERS, [FIELD_BODY] = ROLE_BODY},
    [PY_TYPE_ALIAS_STATEMENT] =
        {[FIELD_LEFT] = ROLE_ALIAS_NAME, [FIELD_RIGHT] = ROLE_ALIAS_VALUE},
    [PY_CONSTRAINED_TYPE] = {[FIELD_NONE] = ROLE_TYPE_BOUND},
    [PY_IMPORT_STATEMENT] = {[FIELD_NAME] = ROLE_IMPORT},
    [PY_IMPORT_FROM_STATEMENT] =
        {[FIELD_NAME] = ROLE_IMPORT_FROM, [FIELD_MODULE_NAME] = ROLE_SILENT},
    [PY_FUTURE_IMPORT_STATEMENT] = {[FIELD_NAME] = ROLE_IMPORT_FROM},
    [PY_ALIASED_IMPORT] = {[FIELD_ALIAS] = ROLE_IMPORT_ALIAS},
    [PY_ATTRIBUTE] = {[FIELD_ATTRIBUTE] = ROLE_SILENT},
    [PY_KEYWORD_ARGUMENT] = {[FIELD_NAME] = ROLE_SILENT},
    [PY_MEMBER_TYPE] = {[FIELD_NONE] = ROLE_MEMBER},
    [PY_KEYWORD_PATTERN] = {[FIELD_NONE] = ROLE_MEMBER},
    [PY_GLOBAL_STATEMENT] = {[FIELD_NONE] = ROLE_GLOBAL},
    [PY_NONLOCAL_STATEMENT] = {[FIELD_NONE] = ROLE_NONLOCAL},
    [PY_CASE_CLAUSE] = {[FIELD_NONE] = ROLE_PATTERN},
    [PY_SPLAT_PATTERN] = {[FIELD_NONE] = ROLE_CAPTURE},
    [PY_SUBSCRIPT] = {[FIELD_SUBSCRIPT] = ROLE_TYPE_ARGUMENT},
    [PY_TYPE_PARAMETER] = {[FIELD_NONE] = ROLE_TYPE_ARGUMENT},
    [PY_TUPLE] = {[FIELD_NONE] = ROLE_ELEMENT},
    [PY_LIST] = {[FIELD_NONE] = ROLE_ELEMENT},
    [PY_EXPRESSION_LIST] = {[FIELD_NONE] = ROLE_ELEMENT},
    [PY_TUPLE_PATTERN] = {[FIELD_NONE] = ROLE_ELEMENT},
    [PY_LIST_PATTERN] = {[FIELD_NONE] = ROLE_ELEMENT},
    [PY_PATTERN_LIST] = {[FIELD_NONE] = ROLE_ELEMENT},
};

static const uint8_t actions[PY_KIND_COUNT] = {
    [PY_IDENTIFIER] = ACTION_NAME,
    [PY_STRING] = ACTION_STRING,
    [PY_DOTTED_NAME] = ACTION_DOTTED_NAME,
    [PY_FUNCTION_DEFINITION] = ACTION_OPEN,
    [PY_CLASS_DEFINITION] = ACTION_OPEN,
    [PY_LAMBDA] = ACTION_OPEN,
    [PY_TYPE_ALIAS_STATEMENT] = ACTION_OPEN,
    [PY_LIST_COMPREHENSION] = ACTION_COMPREHENSION,
    [PY_SET_COMPREHENSION] = ACTION_COMPREHENSION,
    [PY_DICTIONARY_COMPREHENSION] = ACTION_COMPREHENSION,
    [PY_GENERATOR_EXPRESSION] = ACTION_COMPREHENSION,
    [PY_FOR_IN_CLAUSE] = ACTION_FOR_IN,
    [PY_TUPLE] = ACTION_CONTAINER,
    [PY_LIST] = ACTION_CONTAINER,
    [PY_EXPRESSION_LIST] = ACTION_CONTAINER,
    [PY_PARENTHESIZED_EXPRESSION] = ACTION_CONTAINER,
    [PY_TUPLE_PATTERN] = ACTION_CONTAINER,
    [PY_LIST_PATTERN] = ACTION_CONTAINER,
    [PY_PATTERN_LIST] = ACTION_CONTAINER,
    [PY_LIST_SPLAT] = ACTION_SPLAT,
    [PY_LIST_SPLAT_PATTERN] = ACTION_SPLAT,
    [PY_DICTIONARY_SPLAT_PATTERN] = ACTION_SPLAT,
    [PY_TYPE_PARAMETER] = ACTION_TYPE_PARAMETER,
    [PY_WILDCARD_IMPORT] = ACTION_STAR_IMPORT,
    [PY_KW_PRINT] = ACTION_PRINT,
    [PY_KW_EXEC] = ACTION_EXEC,
    [PY_KW_ASYNC] = ACTION_ASYNC,
    [PY_AWAIT] = ACTION_AWAIT,
    [PY_YIELD] = ACTION_YIELD,
};

#define IN(context) (1u << (context))
#define IN_TARGETS (IN(CONTEXT_STORE) | IN(CONTEXT_DELETE))

// The contexts that go on into a node of a kind; in it, all others become loading.
static const uint8_t transparent[PY_KW_FIRST] = {
    [PY_IDENTIFIER] = 0xff,
    [PY_ERROR] = 0xff,
    [PY_TUPLE_PATTERN] =
        IN_TARGETS | IN(CONTEXT_PARAMETER) | IN(CONTEXT_PATTERN) | IN(CONTEXT_SILENT),
    [PY_LIST_PATTERN] = IN_TARGETS | IN(CONTEXT_PATTERN),
    [PY_PATTERN_LIST] = IN_TARGETS,
    [PY_TUPLE] = IN_TARGETS | IN(CONTEXT_ANNOTATION),
    [PY_LIST] = IN_TARGETS | IN(CONTEXT_ANNOTATION),
    [PY_EXPRESSION_LIST] = IN_TARGETS | IN(CONTEXT_ANNOTATION),
    [PY_PARENTHESIZED_EXPRESSION] = IN_TARGETS | IN(CONTEXT_ANNOTATION),
    [PY_LIST_SPLAT] = IN_TARGETS | IN(CONTEXT_ANNOTATION),
    [PY_LIST_SPLAT_PATTERN] =
        IN_TARGETS | IN(CONTEXT_PARAMETER) | IN(CONTEXT_ANNOTATION),
    [PY_DICTIONARY_SPLAT_PATTERN] = IN_TARGETS | IN(CONTEXT_PARAMETER),
    [PY_AS_PATTERN_TARGET] = IN_TARGETS,
    [PY_PARAMETERS] = IN(CONTEXT_PARAMETER),
    [PY_LAMBDA_PARAMETERS] = IN(CONTEXT_PARAMETER),
    [PY_DEFAULT_PARAMETER] = IN(CONTEXT_PARAMETER),
    [PY_TYPED_PARAMETER] = IN(CONTEXT_PARAMETER),
    [PY_TYPED_DEFAULT_PARAMETER] = IN(CONTEXT_PARAMETER),
    [PY_DOTTED_NAME] = IN(CONTEXT_SILENT) | IN(CONTEXT_PATTERN),
    [PY_ALIASED_IMPORT] = IN(CONTEXT_SILENT),
    [PY_RELATIVE_IMPORT] = IN(CONTEXT_SILENT),
    [PY_CASE_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_AS_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_CLASS_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_DICT_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_KEYWORD_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_SPLAT_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_UNION_PATTERN] = IN(CONTEXT_PATTERN),
    [PY_TYPE] = IN(CONTEXT_ANNOTATION) | IN(CONTEXT_STORE),
    [PY_GENERIC_TYPE] = IN(CONTEXT_ANNOTATION) | IN(CONTEXT_STORE),
    [PY_TYPE_PARAMETER] = IN(CONTEXT_ANNOTATION) | IN(CONTEXT_STORE),
    [PY_CONSTRAINED_TYPE] = IN(CONTEXT_STORE),
    [PY_SPLAT_TYPE] = IN(CONTEXT_ANNOTATION) | IN(CONTEXT_STORE),
    [PY_UNION_TYPE] = IN(CONTEXT_ANNOTATION),
    [PY_MEMBER_TYPE] = IN(CONTEXT_ANNOTATION),
    [PY_SUBSCRIPT] = IN(CONTEXT_ANNOTATION),
    [PY_ATTRIBUTE] = IN(CONTEXT_ANNOTATION),
    [PY_BINARY_OPERATOR] = IN(CONTEXT_ANNOTATION),
    [PY_STRING] = IN(CONTEXT_ANNOTATION),
};

static void builder_act(Builder *b, uint32_t node, Action action) {
  Frame *top = &vec_last(&b->frames);
  switch (action) {
    case ACTION_NAME: builder_meet_name(b, node); break;
    case ACTION_STRING:
      if (top->context == CONTEXT_ANNOTATION) builder_refer_string(b, top, node);
      break;
    case ACTION_DOTTED_NAME: builder_meet_dotted_name(b, node); break;
    case ACTION_OPEN: builder_open(b, node); break;
    case ACTION_COMPREHENSION: builder_open_comprehension(b, node); break;
    case ACTION_FOR_IN: builder_enter_for_in(b, node); break;
    case ACTION_CONTAINER:
      if (top->context != CONTEXT_LOAD) builder_enter_container(b, node);
      break;
    case ACTION_SPLAT:
      if (top->context != CONTEXT_LOAD) builder_enter_splat(b, node);
      break;
    case ACTION_TYPE_PARAMETER:
      if (top->context == CONTEXT_STORE) builder_enter_type_parameters(b, node);
      break;
    default: builder_note_keyword(b, node, action); break;
  }
}

static void builder_walk(Builder *b) {
  uint32_t *node_scopes = b->s->node_scopes;
  uint32_t count = b->m->tree->count;
  const Frame *top = &vec_last(&b->frames);
  for (uint32_t i = 2; i < count; i++) {
    while (i >= top->after) {
      b->frames.count -= 1;
      top = &vec_last(&b->frames);
    }
    const Node *node = &b->nodes[i];
    uint16_t parent_kind = b->nodes[node->parent].kind;
    uint8_t role = parent_kind < PY_KW_FIRST ? roles[parent_kind][node->field] : 0;
    if (role != ROLE_NONE) {
      bool is_done = builder_take_role(b, i, (Role)role);
      top = &vec_last(&b->frames);
      if (is_done) continue;
    }
    if (top->context != CONTEXT_LOAD && node->kind < PY_KW_FIRST &&
        (transparent[node->kind] & IN(top->context)) == 0) {
      top = builder_enter(b, i, CONTEXT_LOAD);
    }
    node_scopes[i] = top->scope;
    uint8_t action = actions[node->kind];
    if (action == ACTION_NONE) continue;
    builder_act(b, i, (Action)action);
    top = &vec_last(&b->frames);
  }
}

static void builder_start(Builder *b) {
  static const char *const known[] = {"super",  "__class__", "exec",   "eval",
                                      "locals", "vars",      "globals"};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    Sym name = intern(&b->m->names_interner, str_from(known[i]));
    INVARIANT(name.i == i + 1);
  }
  Scopes *s = b->s;
  uint32_t count = b->m->tree->count;
  vec_reserve(b->arena, &s->refs, count / 4 + 8);
  vec_reserve(b->arena, &s->defs, count / 16 + 8);
  vec_reserve(b->arena, &s->bindings, count / 8 + 8);
  vec_push(b->arena, &s->refs, (Ref){0});
  vec_push(b->arena, &s->defs, (Def){0});
  vec_push(b->arena, &s->bindings, (Binding){0});
  vec_push(b->arena, &s->scopes, (Scope){0});
  vec_push(b->arena, &s->infos, (ScopeInfo){0});
  vec_push(b->arena, &s->scopes,
           (Scope){.kind = SCOPE_MODULE, .node = {1}, .body = {1}});
  vec_push(b->arena, &s->infos, (ScopeInfo){0});
  s->node_scopes = arena_alloc_raw(b->arena, arena_bytes(sizeof(uint32_t), count + 2));
  s->node_names = arena_array(b->arena, uint32_t, count + 2);
  s->node_scopes[0] = 0;
  s->node_scopes[1] = MODULE_SCOPE.i;
  vec_push(b->arena, &b->frames, (Frame){.after = UINT32_MAX, .scope = MODULE_SCOPE.i});
}

void scopes_build(Model *m) {
  Scopes *s = arena_new(m->arena, Scopes);
  m->scopes = s;
  s->entries = map_in(m->arena);
  s->second_refs = map_in(m->arena);
  s->mangled = map_in(m->arena);
  Builder builder = {.m = m, .s = s, .arena = m->arena, .nodes = m->tree->nodes};
  builder_start(&builder);
  builder_walk(&builder);
  scopes_resolve(m);
}
