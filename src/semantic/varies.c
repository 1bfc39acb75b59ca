#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/rounds.h"
#include "semantic/varies_internal.h"

enum {
  VARIES_DEPTH = 10,   // names for names, calls of callers
  VARIES_STEPS = 256,  // expressions that one question looks at
  DEFS_READ = 8,
  STORES_READ = 4,
};

// --- words ---------------------------------------------------------------------------

static bool is_one_of(Str name, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (str_is(name, words[i])) return true;
  }
  return false;
}

// As many as there are classes, functions and modules.
static bool is_of_program(Str attribute) {
  static const char *const words[] = {"__name__", "__qualname__", "__module__",
                                      "__class__"};
  return is_one_of(attribute, words, sizeof words / sizeof *words);
}

// Of something that varies, but for all that is known itself one of a few.
static bool is_kind_word(Str attribute) {
  static const char *const words[] = {"blueprint", "category", "endpoint", "kind",
                                      "level",     "method",   "mode",     "role",
                                      "scheme",    "state",    "status",   "type"};
  return is_one_of(attribute, words, sizeof words / sizeof *words);
}

static bool is_upper_case(Str name) {
  for (uint32_t i = 0; i < name.n; i++) {
    if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
  }
  return name.n > 0;
}

// --- loops ---------------------------------------------------------------------------

// Written out elsewhere, or loggers that are there already.
static bool is_listed(Model *m, NodeId source) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, source);
  Str text = node_text(t, n);
  if (str_contains(text, STR("logger")) || str_contains(text, STR("LOGGER")))
    return true;
  while (node_is(t, n, PY_CALL) || node_is(t, n, PY_ATTRIBUTE)) {
    if (node_is(t, n, PY_ATTRIBUTE)) {
      if (is_upper_case(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)))) return true;
      n = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
    } else {
      NodeId argument = NO_NODE, callee = node_unwrap(t, call_callee(m, n));
      call_argument(m, n, 0, NULL, &argument);
      n = node_unwrap(t, node_ok(argument) ? argument : callee);
    }
  }
  return value_of(m, n).kind == VALUE_CLASS ||
         (node_is(t, n, PY_IDENTIFIER) && is_upper_case(node_text(t, n)));
}

static Varies varies_by_loop(Search *s, const Def *def, NodeId at) {
  Model *m = s->m;
  NodeId loop = def->statement;
  if (def->kind == DEF_COMPREHENSION) loop = node_parent(m->tree, loop);
  if (!node_inside(m->tree, at, loop)) return plain(VARIES_UNKNOWN);
  if (size_is_small(value_of(m, def->value))) return plain(VARIES_NOT);
  if (node_is(m->tree, loop, PY_FOR_STATEMENT) && loop_has_few_rounds(m, loop))
    return plain(VARIES_NOT);
  if (is_listed(m, def->value)) return plain(VARIES_UNKNOWN);
  // What is enumerated or ranged over counts the rounds.
  return varies_by(VARIES_BY_ROUND, def->node);
}

// `job = queue.get()` in a loop that goes on for long.
static bool is_taken_in_loop(Model *m, const Def *def, NodeId at) {
  NodeId loop = loop_around(m, def->node, NO_NODE);
  if (!node_ok(loop) || !node_inside(m->tree, at, loop)) return false;
  bool is_call = node_is(m->tree, node_unwrap(m->tree, def->value), PY_CALL) ||
                 node_is(m->tree, node_unwrap(m->tree, def->value), PY_AWAIT);
  bool is_while = node_is(m->tree, loop, PY_WHILE_STATEMENT);
  return is_call && is_while && !loop_has_few_rounds(m, loop);
}

// --- names ---------------------------------------------------------------------------

static Varies varies_by_def(Search *s, DefId id, NodeId at, uint32_t depth) {
  Model *m = s->m;
  const Def *def = def_get(m, id);
  switch (def->kind) {
    case DEF_PARAMETER: return varies_by_parameter(s, def, at, depth);
    case DEF_FOR:
    case DEF_COMPREHENSION: return varies_by_loop(s, def, at);
    case DEF_AUGMENTED: {
      NodeId loop = loop_around(m, def->node, NO_NODE);
      bool counts = node_ok(loop) && node_inside(m->tree, at, loop) &&
                    (node_is(m->tree, loop, PY_WHILE_STATEMENT) ||
                     node_is(m->tree, loop, PY_FOR_STATEMENT)) &&
                    !loop_has_few_rounds(m, loop);
      return counts ? varies_by(VARIES_BY_ROUND, def->node) : plain(VARIES_UNKNOWN);
    }
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_WALRUS:
      if (!node_ok(def->value) || depth == 0) return plain(VARIES_UNKNOWN);
      if (is_taken_in_loop(m, def, at)) return varies_by(VARIES_BY_ROUND, def->node);
      if (def->flags != 0) return plain(VARIES_UNKNOWN);
      return varies_at(s, def->value, depth - 1);
    default: return plain(VARIES_UNKNOWN);
  }
}

// `request` of flask and its kind, which each handler sees another one of.
static bool is_request(Model *m, NodeId identifier) {
  Str name = name_last_part(name_of(m, identifier));
  bool is_named = str_is(name, "request") || str_is(name, "g") ||
                  str_is(name, "current_user") || str_is(name, "session");
  return is_named && (context_of(m, identifier).flags & CONTEXT_HANDLER) != 0;
}

static Varies varies_by_name(Search *s, NodeId identifier, uint32_t depth) {
  Model *m = s->m;
  BindingId binding = binding_of(m, identifier);
  if (!binding_ok(binding)) return plain(VARIES_NOT);  // `__name__`
  const Binding *b = binding_get(m, binding);
  if ((b->flags & BIND_IMPORTED) != 0) {
    return is_request(m, identifier) ? varies_by(VARIES_BY_REQUEST, identifier)
                                     : plain(VARIES_UNKNOWN);
  }
  ScopeKind kind = scope_get(m, b->scope)->kind;
  if (kind == SCOPE_MODULE || kind == SCOPE_CLASS) return plain(VARIES_NOT);
  DefId only = binding_only_def(m, binding);
  if (def_ok(only)) return varies_by_def(s, only, identifier, depth);
  DefList defs = flow_defs_reaching(m, ref_at(m, identifier));
  if (defs.unknown || defs.count == 0) return plain(VARIES_UNKNOWN);
  Varies found = plain(VARIES_NOT);
  for (uint32_t i = 0; i < defs.count && i < DEFS_READ; i++) {
    found = stronger(found, varies_by_def(s, defs.items[i], identifier, depth));
  }
  return found;
}

// --- attributes ----------------------------------------------------------------------

// What the methods of a class give `self.x`.
static Varies varies_by_stores(Search *s, NodeId class_node, Str name, NodeId at,
                               uint32_t depth) {
  NodeId stores[STORES_READ], storing = attribute_class(s->m, class_node, name);
  if (!node_ok(storing) || depth == 0) return plain(VARIES_NOT);
  uint32_t count = attribute_stores(s->m, storing, name, stores, STORES_READ);
  Varies found = plain(VARIES_UNKNOWN);
  for (uint32_t i = 0; i < count && i < STORES_READ; i++) {
    if (node_ok(stores[i])) found = stronger(found, varies_at(s, stores[i], depth - 1));
  }
  if (found.by == VARIES_EACH_TIME) found.by = VARIES_BY_INSTANCE;
  if (found.by > VARIES_UNKNOWN && !node_ok(found.source)) found.source = at;
  return found;
}

// `return f"job.{self.id}"` of a property.
static NodeId property_value(Model *m, NodeId class_node, Str name) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, binding_only_def(m, class_binding(m, class_node, name)));
  NodeId body = node_field(t, def->value, FIELD_BODY), last = NO_NODE;
  if (def->kind != DEF_FUNCTION) return NO_NODE;
  for (NodeId n = node_first_named(t, body); node_ok(n); n = node_next_named(t, n)) {
    last = n;
  }
  return node_is(t, last, PY_RETURN_STATEMENT) ? node_first_named(t, last) : NO_NODE;
}

static Varies varies_by_attribute(Search *s, NodeId attribute, uint32_t depth) {
  Model *m = s->m;
  const Tree *t = m->tree;
  NodeId object = node_unwrap(t, node_field(t, attribute, FIELD_OBJECT));
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  BindingId self = self_around(m, attribute);
  if (is_of_program(name)) return plain(VARIES_NOT);
  if (binding_ok(self) && is_object(m, object, self)) {
    NodeId class_node = self_class(m, self),
           value = property_value(m, class_node, name);
    if (node_ok(value) && depth > 0) return varies_at(s, value, depth - 1);
    return varies_by_stores(s, class_node, name, attribute, depth);
  }
  if (depth == 0) return plain(VARIES_UNKNOWN);
  Varies of = varies_at(s, object, depth - 1);
  // `self.config.name`: what an attribute holds need not have another one.
  bool is_own = of.by == VARIES_BY_INSTANCE && node_is(t, object, PY_ATTRIBUTE);
  bool is_unsure = is_kind_word(name) || (is_own && !of.is_hot);
  return is_unsure && of.by > VARIES_UNKNOWN ? plain(VARIES_UNKNOWN) : of;
}

// --- calls ---------------------------------------------------------------------------

static Varies varies_among(Search *s, NodeId list, uint32_t depth) {
  const Tree *t = s->m->tree;
  Varies found = plain(VARIES_NOT);
  for (NodeId a = node_first_named(t, list); node_ok(a) && depth > 0;
       a = node_next_named(t, a)) {
    NodeId value = node_is(t, a, PY_KEYWORD_ARGUMENT) || node_is(t, a, PY_PAIR)
                       ? node_field(t, a, FIELD_VALUE)
                       : a;
    found = stronger(found, varies_at(s, value, depth - 1));
  }
  return found;
}

static bool is_text_call(Model *m, NodeId call, Str name) {
  static const char *const names[] = {
      "builtins.ascii", "builtins.format", "builtins.hex",     "builtins.int",
      "builtins.repr",  "builtins.str",    "os.path.basename", "os.path.join"};
  return is_one_of(name, names, sizeof names / sizeof *names) ||
         (name.n > 0 && call_is_pure(m, call) && !str_is(name, "builtins.len") &&
          !str_is(name, "builtins.bool") && !str_is(name, "builtins.isinstance"));
}

static Varies varies_by_method(Search *s, NodeId call, NodeId receiver, Str method,
                               uint32_t depth) {
  const Knowledge *k = s->m->options.knowledge;
  NodeId list = node_field(s->m->tree, call, FIELD_ARGUMENTS);
  bool is_of_text = knowledge_member(k, SUBJECT_PURE, VALUE_STR, method) != NULL ||
                    str_is(method, "format") || str_is(method, "join") ||
                    str_is(method, "hex");
  Varies of = varies_at(s, receiver, depth - 1);
  if (is_of_text) return stronger(of, varies_among(s, list, depth));
  // `request.args.get("id")`, `job.get("id")`, `datetime.now().isoformat()`
  bool may_give = of.by == VARIES_EACH_TIME || of.by >= VARIES_BY_REQUEST;
  return may_give ? of : plain(VARIES_UNKNOWN);
}

static Varies varies_by_call(Search *s, NodeId call, uint32_t depth) {
  Model *m = s->m;
  Str name = name_of_callee(m, call), method = STR_NONE;
  NodeId argument = NO_NODE;
  if (depth == 0) return plain(VARIES_UNKNOWN);
  if (str_is(name, "builtins.type")) return plain(VARIES_NOT);
  if (str_is(name, "builtins.id") &&
      call_argument(m, call, 0, NULL, &argument) == ARG_PRESENT) {
    BindingId self = self_around(m, call);
    bool is_self = binding_ok(self) && is_object(m, argument, self);
    return varies_by(is_self ? VARIES_BY_INSTANCE : VARIES_EACH_TIME, call);
  }
  const OutcomeFact *fact = knowledge_outcomes(m->options.knowledge, name);
  if (fact != NULL && fact->outcome == OUTCOME_NEW)
    return varies_by(VARIES_EACH_TIME, call);
  if (is_text_call(m, call, name))
    return varies_among(s, node_field(m->tree, call, FIELD_ARGUMENTS), depth);
  NodeId receiver = call_receiver(m, call, &method);
  return node_ok(receiver) ? varies_by_method(s, call, receiver, method, depth)
                           : plain(VARIES_UNKNOWN);
}

// --- operators -----------------------------------------------------------------------

static Varies varies_by_operator(Search *s, NodeId e, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId left = node_field(t, e, FIELD_LEFT), right = node_field(t, e, FIELD_RIGHT);
  Str sign = node_text(t, node_field(t, e, FIELD_OPERATOR));
  int64_t number = 0;
  bool is_rest =
      (str_is(sign, "%") || str_is(sign, "&")) && constant_int(s->m, right, &number);
  if (is_rest) return plain(VARIES_NOT);
  return stronger(varies_at(s, left, depth - 1), varies_at(s, right, depth - 1));
}

static Varies varies_by_text(Search *s, NodeId text, uint32_t depth) {
  const Tree *t = s->m->tree;
  Varies found = plain(VARIES_NOT);
  for (NodeId n = node_first_named(t, text); node_ok(n); n = node_next_named(t, n)) {
    if (node_is(t, n, PY_INTERPOLATION))
      found =
          stronger(found, varies_at(s, node_field(t, n, FIELD_EXPRESSION), depth - 1));
    else if (node_is(t, n, PY_STRING))
      found = stronger(found, varies_by_text(s, n, depth - 1));
  }
  return found;
}

// `names[i]`: one of a few where there are only a few.
static Varies varies_by_item(Search *s, NodeId item, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId value = node_field(t, item, FIELD_VALUE);
  if (size_is_small(value_of(s->m, value))) return plain(VARIES_NOT);
  if (node_is(t, value, PY_IDENTIFIER) && is_upper_case(node_text(t, value)))
    return plain(VARIES_UNKNOWN);
  Varies of = varies_at(s, value, depth - 1);
  return of.by > VARIES_UNKNOWN
             ? of
             : varies_at(s, node_field(t, item, FIELD_SUBSCRIPT), depth - 1);
}

Varies varies_at(Search *s, NodeId expression, uint32_t depth) {
  const Tree *t = s->m->tree;
  NodeId e = node_unwrap(t, expression);
  if (s->steps == 0 || depth == 0) return plain(VARIES_UNKNOWN);
  s->steps--;
  switch (node_kind(t, e)) {
    case PY_IDENTIFIER: return varies_by_name(s, e, depth);
    case PY_ATTRIBUTE: return varies_by_attribute(s, e, depth);
    case PY_CALL: return varies_by_call(s, e, depth);
    case PY_BINARY_OPERATOR: return varies_by_operator(s, e, depth);
    case PY_STRING:
    case PY_CONCATENATED_STRING: return varies_by_text(s, e, depth);
    case PY_SUBSCRIPT: return varies_by_item(s, e, depth);
    case PY_AWAIT: return varies_at(s, node_first_named(t, e), depth);
    case PY_NAMED_EXPRESSION: return varies_at(s, node_field(t, e, FIELD_VALUE), depth);
    case PY_BOOLEAN_OPERATOR:
      return stronger(varies_at(s, node_field(t, e, FIELD_LEFT), depth - 1),
                      varies_at(s, node_field(t, e, FIELD_RIGHT), depth - 1));
    case PY_CONDITIONAL_EXPRESSION:
      return stronger(varies_at(s, node_named_at(t, e, 0), depth - 1),
                      varies_at(s, node_named_at(t, e, 2), depth - 1));
    case PY_TUPLE:
    case PY_LIST:
    case PY_DICTIONARY: return varies_among(s, e, depth);
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_NONE_LITERAL:
    case PY_TRUE:
    case PY_FALSE:
    case PY_COMPARISON_OPERATOR:
    case PY_NOT_OPERATOR: return plain(VARIES_NOT);
    default: return plain(VARIES_UNKNOWN);
  }
}

Varies varies_of(Model *m, NodeId expression) {
  Search s = {m, VARIES_STEPS};
  return varies_at(&s, expression, VARIES_DEPTH);
}
