#include "semantic/making.h"

#include "semantic/classes.h"
#include "semantic/escape.h"
#include "semantic/making_internal.h"

enum { NESTED_MAX = 8, BASES_READ = 16, DECORATORS_READ = 8, FRAMES = 64 };
enum { PLAIN_BYTES = 1700, EXCEPTION_BYTES = 1400 };

// --- where ---------------------------------------------------------------------------

// Made together with another class: in the body or among the bases of one, or as an
// argument of what makes one.
static bool is_part_of_another(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId e = node;
  for (uint32_t i = 0; i < FRAMES; i++) {
    NodeId up = node_parent(t, e);
    if (node_is(t, up, PY_CLASS_DEFINITION)) return true;
    bool may_make = node_is(t, up, PY_CALL) && node_role(t, e) == FIELD_ARGUMENTS;
    if (may_make && knowledge_makers(m->options.knowledge, name_of_callee(m, up))) {
      return true;
    }
    if (node_is_statement(t, up) || node_is(t, up, PY_LAMBDA) || !node_ok(up)) break;
    e = up;
  }
  return false;
}

// In a function that is not too deep in others, or in a loop of the module.
static bool is_made_later(Model *m, NodeId place) {
  ScopeId s = scope_at(m, place);
  while (scope_get(m, s)->kind == SCOPE_COMPREHENSION) s = scope_get(m, s)->parent;
  ScopeKind kind = scope_get(m, s)->kind;
  uint32_t depth = 0;
  for (; scope_ok(s) && depth < NESTED_MAX; depth++) s = scope_get(m, s)->parent;
  if (depth == NESTED_MAX) return false;
  return kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA || kind == SCOPE_MODULE;
}

static bool is_of_few(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  NodeId source = node_field(t, loop, FIELD_RIGHT);
  if (!node_is(t, loop, PY_FOR_STATEMENT)) {
    source = node_field(t, node_child(t, loop, PY_FOR_IN_CLAUSE), FIELD_RIGHT);
  }
  return node_ok(source) && size_is_small(value_of(m, source));
}

// The innermost loop around it that may run more than a few times, and may come back to it.
static NodeId loop_of_many(Model *m, NodeId whole) {
  NodeId loop = loop_around(m, whole, NO_NODE);
  for (uint32_t i = 0; i < FRAMES && node_ok(loop) && is_of_few(m, loop); i++) {
    loop = loop_around(m, whole, loop);
  }
  bool comes_back = node_ok(loop) && flow_reaches(m, whole, whole) != ANSWER_NO;
  return comes_back ? loop : NO_NODE;
}

// `if Row is None: Row = make(…)`: in the first round that needs it.
static bool is_where_unset(Model *m, NodeId whole, NodeId loop) {
  const Tree *t = m->tree;
  NodeId name = NO_NODE, assignment = node_parent(t, node_wrap(t, whole));
  if (node_is(t, whole, PY_CLASS_DEFINITION)) name = node_field(t, whole, FIELD_NAME);
  if (node_is(t, assignment, PY_ASSIGNMENT))
    name = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  if (!node_is(t, name, PY_IDENTIFIER)) return false;
  NodeId e = whole;
  for (uint32_t i = 0; i < FRAMES && node_ok(e) && !node_eq(e, loop); i++) {
    NodeId up = node_parent(t, e);
    bool is_branch =
        node_is(t, up, PY_IF_STATEMENT) && node_role(t, e) == FIELD_CONSEQUENCE;
    NodeId test = node_unwrap(t, node_field(t, up, FIELD_CONDITION));
    NodeId asked = node_first_named(t, test);
    bool asks = node_is(t, test, PY_NOT_OPERATOR) ||
                (node_is(t, test, PY_COMPARISON_OPERATOR) &&
                 constant_is_none(m, node_named_at(t, test, 1)) &&
                 !node_ok(node_child(t, test, PY_KW_IS_NOT)));
    if (is_branch && asks && node_is(t, asked, PY_IDENTIFIER) &&
        binding_of(m, asked).i == binding_of(m, name).i) {
      return true;
    }
    e = up;
  }
  return false;
}

// --- what ----------------------------------------------------------------------------

static const MakerFact *maker_named(Model *m, Str name, MakerForm form) {
  const MakerFact *fact = knowledge_makers(m->options.knowledge, name);
  bool fits = fact != NULL &&
              (form == MAKER_BASE ? fact->form <= MAKER_BASE : fact->form == form);
  return fits ? fact : NULL;
}

// Decorators make the most of a class, then bases.
static uint32_t class_bytes(Model *m, NodeId definition) {
  const Tree *t = m->tree;
  NodeId outer = node_parent(t, definition);
  uint32_t seen = 0, most = 0;
  NodeId d =
      node_is(t, outer, PY_DECORATED_DEFINITION) ? node_first_named(t, outer) : NO_NODE;
  for (; node_is(t, d, PY_DECORATOR) && seen < DECORATORS_READ;
       d = node_next_named(t, d), seen++) {
    const MakerFact *fact = maker_named(m, name_of_decorator(m, d), MAKER_DECORATOR);
    if (fact != NULL && (uint32_t)fact->bytes > most) most = (uint32_t)fact->bytes;
  }
  NodeId bases = node_field(t, definition, FIELD_SUPERCLASSES);
  seen = 0;
  for (NodeId b = node_first_named(t, bases); node_ok(b) && seen < BASES_READ;
       b = node_next_named(t, b), seen++) {
    NodeId base = node_unwrap(t, b);
    bool is_call = node_is(t, base, PY_CALL);
    Str name = is_call ? name_of_callee(m, base) : name_of(m, base);
    const MakerFact *fact = maker_named(m, name, MAKER_BASE);
    uint32_t bytes = fact != NULL ? (uint32_t)fact->bytes : 0;
    if (fact != NULL && is_call) bytes += PLAIN_BYTES;  // two classes
    if (bytes > most) most = bytes;
  }
  if (most != 0) return most;
  bool is_light = (class_base_flags(m, definition) & BASE_EXCEPTION) != 0 ||
                  class_has_unknown_base(m, definition);
  return is_light ? EXCEPTION_BYTES : PLAIN_BYTES;
}

static uint32_t argument_count(const Tree *t, NodeId call) {
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  return node_is(t, list, PY_ARGUMENT_LIST) ? node_count_named(t, list) : 1;
}

// A module that calls globals() may hide any builtin; nobody hides `type` by another maker
// of classes.
static bool is_hidden_type(Model *m, NodeId call) {
  NodeId callee = call_callee(m, call);
  return node_is(m->tree, callee, PY_IDENTIFIER) &&
         node_text_is(m->tree, callee, "type") && name_of_callee(m, call).n == 0 &&
         !binding_ok(binding_of(m, callee));
}

// `type(x)` makes none; `f(*args)` may.
static const MakerFact *maker_called(Model *m, NodeId call) {
  bool is_named = (call_subjects(m, call) & UINT32_C(1) << SUBJECT_MAKERS) != 0;
  if (!is_named && !is_hidden_type(m, call)) return NULL;
  Str name = is_named ? name_of_callee(m, call) : STR("builtins.type");
  const MakerFact *fact = knowledge_makers(m->options.knowledge, name);
  if (fact == NULL || fact->form > MAKER_VALIDATOR) return NULL;
  bool enough = argument_count(m->tree, call) >= (uint32_t)fact->least;
  return enough || call_has_stars(m, call) ? fact : NULL;
}

static Str made_name(Model *m, NodeId call, const MakerFact *maker) {
  NodeId named = use_of(m, call).name, first = NO_NODE;
  Str text = STR_NONE;
  if (node_is(m->tree, named, PY_IDENTIFIER) && maker->form != MAKER_VALIDATOR) {
    return node_text(m->tree, named);
  }
  if (maker->form != MAKER_VALIDATOR &&
      call_argument(m, call, 0, NULL, &first) == ARG_PRESENT &&
      constant_str(m, first, &text) && text.n > 0) {
    return text;
  }
  return name_last_part(maker->name);
}

// --- entry ---------------------------------------------------------------------------

// The stand-in for what could not be imported.
static bool is_stand_in(Model *m, NodeId node) {
  NodeId clause = node_ancestor(m->tree, node, PY_EXCEPT_CLAUSE);
  if (!node_ok(clause)) return false;
  NodeId body = node_field(m->tree, node_parent(m->tree, clause), FIELD_BODY);
  NodeId first = node_first_named(m->tree, body);
  PyKind kind = node_kind(m->tree, first);
  return kind == PY_IMPORT_STATEMENT || kind == PY_IMPORT_FROM_STATEMENT;
}

// In tests nothing counts, and some code never runs.
static bool is_left_out(Model *m, NodeId node) {
  const uint32_t flags = CONTEXT_TEST | CONTEXT_TYPE_CHECKING | CONTEXT_ANNOTATION;
  uint32_t at = context_of(m, node).flags;
  return (at & flags) != 0 || ((at & CONTEXT_EXCEPT) != 0 && is_stand_in(m, node));
}

static void class_fill(Model *m, NodeId definition, Making *out) {
  NodeId name = node_field(m->tree, definition, FIELD_NAME);
  NodeId outer = node_parent(m->tree, definition);
  *out = (Making){
      .place = name,
      .whole = node_is(m->tree, outer, PY_DECORATED_DEFINITION) ? outer : definition,
      .name = node_text(m->tree, name),
      .bytes = class_bytes(m, definition)};
}

bool making_of(Model *m, NodeId node, Making *out) {
  const MakerFact *maker = NULL;
  if (node_is(m->tree, node, PY_CALL)) {
    maker = maker_called(m, node);
    if (maker == NULL) return false;
  }
  if (!is_made_later(m, node) || is_left_out(m, node)) return false;
  if (is_part_of_another(m, node)) return false;
  if (maker == NULL) {
    class_fill(m, node, out);
  } else {
    *out = (Making){.place = node,
                    .whole = node,
                    .name = made_name(m, node, maker),
                    .bytes = (uint32_t)maker->bytes,
                    .is_validator = maker->form == MAKER_VALIDATOR};
  }
  if (tree_is_broken(m->tree, out->whole)) return false;
  out->loop = loop_of_many(m, out->whole);
  if (node_ok(out->loop) && is_where_unset(m, out->whole, out->loop))
    out->loop = NO_NODE;
  bool in_function = node_ok(context_of(m, out->whole).function);
  if (!in_function && !node_ok(out->loop)) return false;
  out->tie = making_tie(m, out, maker);
  out->is_given = making_is_given(m, out);
  out->is_kept = fills_what_is_missing(m, out->place);
  out->is_changed = making_is_changed(m, out);
  return true;
}
