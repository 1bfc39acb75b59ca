#include "semantic/parse.h"

enum { PARSE_STEPS = 8 };

// --- what is parsed ------------------------------------------------------------------

static NodeId parser_argument(Model *m, NodeId call, const ParserFact *fact) {
  Str method = STR_NONE;
  NodeId argument = NO_NODE, other = NO_NODE;
  if (fact->position == FROM_RECEIVER) return call_receiver(m, call, &method);
  const char *keyword = fact->keyword[0] != '\0' ? fact->keyword : NULL;
  ArgState state = call_argument(m, call, (uint32_t)fact->position, keyword, &argument);
  bool wants_more = (fact->flags & PARSES_WITH_MORE) != 0;
  if (state != ARG_PRESENT ||
      (wants_more && call_argument(m, call, 1, "encoding", &other) != ARG_PRESENT)) {
    return NO_NODE;
  }
  return argument;
}

// `raw.strip()`, `raw.replace(…)`: a text that is made of a text.
static NodeId text_of_method(Model *m, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  bool is_text = node_ok(receiver) && call_is_pure(m, call) &&
                 value_is_text(value_of(m, receiver)) &&
                 value_is_text(value_of(m, call));
  return is_text ? receiver : NO_NODE;
}

// Through buffers and texts that are made on the spot, down to the name; `buffered` says
// whether a buffer was among them.
static NodeId name_in(Model *m, NodeId e, bool *buffered) {
  const Tree *t = m->tree;
  for (uint32_t step = 0; step < PARSE_STEPS && node_ok(e); step++) {
    e = node_unwrap(t, e);
    const ParserFact *fact = NULL;
    switch (node_kind(t, e)) {
      case PY_IDENTIFIER: return e;
      case PY_NAMED_EXPRESSION: return node_field(t, e, FIELD_NAME);
      case PY_CALL:
        fact = call_parser(m, e);
        if (fact != NULL && (fact->flags & PARSES_PASSES) != 0) {
          *buffered = true;
          e = parser_argument(m, e, fact);
        } else {
          e = text_of_method(m, e);
        }
        break;
      case PY_SUBSCRIPT:  // a slice is a copy
        if (!node_is(t, node_field(t, e, FIELD_SUBSCRIPT), PY_SLICE)) return NO_NODE;
        e = node_field(t, e, FIELD_VALUE);
        break;
      default: return NO_NODE;
    }
  }
  return NO_NODE;
}

Parse parse_of(Model *m, NodeId call) {
  Parse none = {0};
  const ParserFact *fact = call_parser(m, call);
  if (fact == NULL || (fact->flags & PARSES_PASSES) != 0) return none;
  bool buffered = false;
  NodeId text = name_in(m, parser_argument(m, call, fact), &buffered);
  if (!node_ok(text)) return none;
  if ((fact->flags & PARSES_FILE) != 0 && !buffered) return none;
  return (Parse){.fact = fact, .call = call, .text = text};
}

Value parsed_value(Model *m, NodeId call) {
  const ParserFact *fact = call_parser(m, call);
  NodeId given = NO_NODE;
  if (fact != NULL && (fact->flags & PARSES_PASSES) != 0) fact = NULL;
  for (uint32_t i = 0; i < PARSE_STEPS && fact != NULL; i++) {
    given = node_unwrap(m->tree, parser_argument(m, call, fact));
    const ParserFact *inner =
        node_is(m->tree, given, PY_CALL) ? call_parser(m, given) : NULL;
    if (inner == NULL || (inner->flags & PARSES_PASSES) == 0) break;
    call = given;
    fact = inner;
  }
  return fact != NULL ? value_of(m, given) : (Value){.high = SIZE_NO_BOUND};
}

// --- what is read --------------------------------------------------------------------

static bool value_is_whole(Model *m, Value v, NodeId made) {
  if (!size_is_unbounded(v)) return false;
  if (!value_is_text(v) && (v.flags & VALUE_WHOLE_READ) == 0) return false;
  if (value_is_file(v) || (value_of(m, v.handle).flags & HANDLE_MEMORY) != 0) {
    return false;
  }
  switch (v.why) {
    case WHY_FILE:
    case WHY_NETWORK:
    case WHY_PROCESS:
    case WHY_ARCHIVE: return true;
    case WHY_PARAMETER: {  // the caller has what it gives, but not what is made of it
      const ParserFact *fact = call_parser(m, made);
      return fact != NULL && (fact->flags & PARSES_UNPACKS) != 0;
    }
    default: return false;
  }
}

// The response or finished process behind `response.content`: nobody else's if it is
// made on the spot.
static bool object_is_own(Model *m, NodeId object, WholeText *out) {
  const Tree *t = m->tree;
  object = node_unwrap(t, object);
  if (node_is(t, object, PY_AWAIT))
    object = node_unwrap(t, node_first_named(t, object));
  if (node_is(t, object, PY_CALL)) return true;
  out->holder = object;
  return node_is(t, object, PY_IDENTIFIER) && ref_ok(ref_at(m, object));
}

// Nothing else holds the text that the expression gives to the variable. Of a conditional
// expression that is one branch; the other comes next.
static bool branch_is_own(Model *m, NodeId e, BindingId variable, WholeText *out) {
  const Tree *t = m->tree;
  Str method = STR_NONE;
  for (uint32_t step = 0; step < PARSE_STEPS; step++) {
    e = node_unwrap(t, e);
    if (node_is(t, e, PY_AWAIT)) {
      e = node_first_named(t, e);
      continue;
    }
    if (node_is(t, e, PY_IDENTIFIER)) return binding_of(m, e).i == variable.i;
    if (node_is(t, e, PY_ATTRIBUTE)) {
      return object_is_own(m, node_field(t, e, FIELD_OBJECT), out);
    }
    if (!node_is(t, e, PY_CALL)) return false;
    const ParserFact *fact = call_parser(m, e);
    if (fact != NULL) return (fact->flags & PARSES_PASSES) == 0;
    if ((value_of(m, e).flags & (VALUE_FRESH | VALUE_PARTS)) != 0) return true;
    NodeId receiver = call_receiver(m, e, &method);
    if (value_of(m, receiver).kind == VALUE_RESPONSE) {
      return object_is_own(m, receiver, out);
    }
    e = text_of_method(m, e);
    if (!node_ok(e)) return false;
  }
  return false;
}

static bool text_is_own(Model *m, NodeId e, BindingId variable, WholeText *out) {
  const Tree *t = m->tree;
  for (uint32_t step = 0; step < PARSE_STEPS; step++) {
    e = node_unwrap(t, e);
    if (!node_is(t, e, PY_CONDITIONAL_EXPRESSION)) {
      return branch_is_own(m, e, variable, out);
    }
    NodeId first = node_named_at(t, e, 0);
    if (!branch_is_own(m, first, variable, out)) return false;
    if (node_ok(out->holder) || !value_is_whole(m, value_of(m, first), first)) {
      return false;
    }
    e = node_named_at(t, e, 2);
  }
  return false;
}

// `a = b = f.read()`: two names hold it.
static bool assignment_is_chained(const Tree *t, NodeId assignment) {
  return node_is(t, node_parent(t, assignment), PY_ASSIGNMENT) ||
         node_is(t, node_field(t, assignment, FIELD_RIGHT), PY_ASSIGNMENT);
}

// `distribution.read_text("direct_url.json")`: a file of the package's own, and small.
static bool reads_resource(Model *m, NodeId made) {
  Str method = STR_NONE, name = STR_NONE;
  NodeId argument = NO_NODE;
  NodeId receiver = call_receiver(m, made, &method);
  return node_ok(receiver) && str_is(method, "read_text") &&
         call_argument(m, made, 0, NULL, &argument) == ARG_PRESENT &&
         constant_str(m, argument, &name) && str_find_byte(name, '.', 0) < name.n;
}

WholeText whole_text_of(Model *m, DefId id) {
  WholeText out = {0};
  const Def *def = def_get(m, id);
  bool assigned =
      def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED || def->kind == DEF_WALRUS;
  if (!assigned || !node_ok(def->value) || (def->flags & DEF_STARRED) != 0 ||
      assignment_is_chained(m->tree, def->statement)) {
    return out;
  }
  out.made = node_unwrap(m->tree, def->value);
  out.value = value_of_def(m, id);
  if (!value_is_whole(m, out.value, out.made) || reads_resource(m, out.made))
    return out;
  out.is_whole = text_is_own(m, out.made, def->binding, &out);
  return out;
}

// --- one value -----------------------------------------------------------------------

// Out of `text.strip().decode()`: the outermost call.
static NodeId value_of_text(Model *m, NodeId mention) {
  static const char *const same[] = {"decode", "lower", "lstrip", "rstrip",
                                     "strip",  "upper", NULL};
  enum { CALLS = 4 };
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, mention);
  for (uint32_t i = 0; i < CALLS; i++) {
    NodeId attribute = node_parent(t, n),
           call = node_parent(t, node_wrap(t, attribute));
    if (!node_is(t, attribute, PY_ATTRIBUTE) || !node_is(t, call, PY_CALL)) break;
    Str method = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
    if (!str_is_any(method, same)) break;
    n = node_wrap(t, call);
  }
  return n;
}

// `window = process.communicate()[0].decode().strip()`
static bool is_stripped(Model *m, NodeId value) {
  Str method = STR_NONE;
  NodeId call = node_unwrap(m->tree, value);
  return node_is(m->tree, call, PY_CALL) && node_ok(call_receiver(m, call, &method)) &&
         str_ends(method, STR("strip"));
}

// `window == wanted`
static bool is_compared(const Tree *t, NodeId n) {
  NodeId p = node_parent(t, n);
  PyKind sign = node_kind(t, node_field(t, p, FIELD_OPERATORS));
  return node_is(t, p, PY_COMPARISON_OPERATOR) &&
         (sign == PY_OP_EQ || sign == PY_OP_NE);
}

bool text_is_one_value(Model *m, DefId id) {
  enum { REFS_READ = 32 };
  static const char *const takers[] = {"builtins.float", "builtins.int", "pathlib.Path",
                                       "uuid.UUID", NULL};
  const Tree *t = m->tree;
  uint32_t read = 0;
  for (RefId r = ref_first(m, def_get(m, id)->binding); ref_ok(r) && read < REFS_READ;
       r = ref_next(m, r), read++) {
    NodeId n = value_of_text(m, ref_get(m, r)->node);
    NodeId around = node_parent(t, n);
    bool is_part = node_is(t, around, PY_BINARY_OPERATOR) &&
                   node_role(t, n) == FIELD_RIGHT &&
                   node_text_is(t, node_field(t, around, FIELD_OPERATOR), "/");
    if (is_part) return true;  // `folder / text`
    if (is_compared(t, n) && is_stripped(m, def_get(m, id)->value)) return true;
    NodeId call = node_parent(t, node_parent(t, n));
    if (!node_is(t, node_parent(t, n), PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL))
      continue;
    Str name = name_of_callee(m, call);
    bool is_path = str_starts(name, STR("os.")) && !str_is(name, "os.write");
    if (is_path || str_starts(name, STR("shutil."))) return true;
    if (str_is_any(name, takers)) return true;
  }
  return false;
}
