// What a default can come to: code that only runs for arguments of another type, or for
// those that are not empty, never sees it, and an annotation may promise that nobody
// changes it.

#include "index/facts_internal.h"
#include "semantic/calls.h"

enum { CLIMB_MAX = 48, TEST_DEPTH = 4 };

// --- tests of its type ---------------------------------------------------------------

// `_ValidUnit`: a class, and by its name none of containers, nor several classes.
static bool names_plain_class(Str name) {
  static const char *const words[] = {"List",  "Seq",   "Dict",  "Map",
                                      "Set",   "Iter",  "Coll",  "Cont",
                                      "Array", "Types", "Class", "Like"};
  Str rest = name;
  while (rest.n > 0 && rest.p[0] == '_') rest = str_slice(rest, 1, rest.n);
  bool is_upper = rest.n > 1 && rest.p[0] >= 'A' && rest.p[0] <= 'Z', has_lower = false;
  for (uint32_t i = 0; i < rest.n; i++) {
    has_lower = has_lower || (rest.p[i] >= 'a' && rest.p[i] <= 'z');
  }
  for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (str_contains(rest, str_from(words[i]))) return false;
  }
  return is_upper && has_lower;
}

// Is an empty list, dict or set an instance of what is called so?
static Answer class_takes(Str name, ValueKind type) {
  static const char *const all[] = {"Iterable", "Collection", "Container",
                                    "Sized",    "object",     NULL};
  static const char *const lists[] = {
      "list", "List", "Sequence", "MutableSequence", "Reversible", NULL};
  static const char *const dicts[] = {"dict",           "Dict",       "Mapping",
                                      "MutableMapping", "Reversible", NULL};
  static const char *const sets[] = {"set", "Set", "AbstractSet", "MutableSet", NULL};
  static const char *const others[] = {
      "str",   "bytes",     "int",        "float",    "bool",    "complex",
      "tuple", "Tuple",     "list",       "List",     "dict",    "Dict",
      "set",   "frozenset", "Path",       "PurePath", "range",   "type",
      "slice", "bytearray", "basestring", "unicode",  "ndarray", NULL};
  if (str_is_any(name, all)) return ANSWER_YES;
  bool is_own = str_is_any(name, type == VALUE_LIST   ? lists
                                 : type == VALUE_DICT ? dicts
                                                      : sets);
  if (is_own) return ANSWER_YES;
  return str_is_any(name, others) || names_plain_class(name) ? ANSWER_NO
                                                             : ANSWER_UNKNOWN;
}

static Answer classes_take(FactsBuilder *b, NodeId classes, ValueKind type) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, classes);
  switch (node_kind(t, n)) {
    case PY_IDENTIFIER: {
      const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
      // A class of this file that is no container.
      bool is_plain = d->kind == DEF_CLASS &&
                      !node_ok(node_field(t, d->node, FIELD_SUPERCLASSES)) &&
                      !node_ok(node_field(t, d->value, FIELD_SUPERCLASSES));
      return is_plain ? ANSWER_NO : class_takes(node_text(t, n), type);
    }
    case PY_ATTRIBUTE:
      return class_takes(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)), type);
    case PY_CALL: {  // type(''), type([])
      if (!node_text_is(t, node_field(t, n, FIELD_FUNCTION), "type"))
        return ANSWER_UNKNOWN;
      NodeId given =
          node_unwrap(t, node_first_named(t, node_field(t, n, FIELD_ARGUMENTS)));
      bool is_text = node_is(t, given, PY_STRING) || node_is(t, given, PY_INTEGER) ||
                     node_is(t, given, PY_TUPLE);
      return is_text ? ANSWER_NO : ANSWER_UNKNOWN;
    }
    case PY_TUPLE: {
      Answer any = ANSWER_NO;
      for (NodeId c = node_first_named(t, n); node_ok(c); c = node_next_named(t, c)) {
        NodeId part = node_unwrap(t, c);
        Answer one =
            node_is(t, part, PY_TUPLE) ? ANSWER_UNKNOWN : classes_take(b, part, type);
        if (one == ANSWER_YES) return one;
        if (one == ANSWER_UNKNOWN) any = one;
      }
      return any;
    }
    default: return ANSWER_UNKNOWN;
  }
}

// What a single test says of the default.
static Answer test_holds(FactsBuilder *b, NodeId test, Str name, ValueKind type,
                         bool is_falsy) {
  const Tree *t = b->t;
  if (node_is(t, test, PY_IDENTIFIER)) {
    return is_falsy && str_eq(node_text(t, test), name) ? ANSWER_NO : ANSWER_UNKNOWN;
  }
  if (node_is(t, test, PY_CALL) &&
      node_text_is(t, node_field(t, test, FIELD_FUNCTION), "isinstance")) {
    NodeId list = node_field(t, test, FIELD_ARGUMENTS);
    if (!str_eq(node_text(t, node_named_at(t, list, 0)), name)) return ANSWER_UNKNOWN;
    return classes_take(b, node_named_at(t, list, 1), type);
  }
  if (!node_is(t, test, PY_COMPARISON_OPERATOR) || node_count_named(t, test) != 2) {
    return ANSWER_UNKNOWN;
  }
  NodeId left = node_named_at(t, test, 0), right = node_named_at(t, test, 1);
  bool is_equal = false;
  for (NodeId c = node_first(t, test); node_ok(c); c = node_next(t, c)) {
    is_equal |= node_text_is(t, c, "==") || node_text_is(t, c, "is");
  }
  bool asks_type = node_is(t, left, PY_CALL) &&
                   node_text_is(t, node_field(t, left, FIELD_FUNCTION), "type");
  if (!is_equal || !asks_type) return ANSWER_UNKNOWN;
  NodeId given = node_first_named(t, node_field(t, left, FIELD_ARGUMENTS));
  if (!str_eq(node_text(t, given), name)) return ANSWER_UNKNOWN;
  return classes_take(b, right, type);
}

// The condition, being `truth`, leaves the default out.
static bool leaves_out(FactsBuilder *b, NodeId condition, bool truth, Str name,
                       ValueKind type, bool is_falsy, uint32_t depth) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, condition);
  if (depth == 0) return false;
  if (node_is(t, n, PY_NOT_OPERATOR)) {
    return leaves_out(b, node_first_named(t, n), !truth, name, type, is_falsy,
                      depth - 1);
  }
  if (node_is(t, n, PY_BOOLEAN_OPERATOR)) {
    bool is_and = node_ok(node_child(t, n, PY_KW_AND));
    bool left = leaves_out(b, node_field(t, n, FIELD_LEFT), truth, name, type, is_falsy,
                           depth - 1);
    // `a and b` being true, both are; being false, either may be.
    if (left == (is_and == truth)) return left;
    return leaves_out(b, node_field(t, n, FIELD_RIGHT), truth, name, type, is_falsy,
                      depth - 1);
  }
  Answer holds = test_holds(b, n, name, type, is_falsy);
  return truth ? holds == ANSWER_NO : holds == ANSWER_YES;
}

bool default_is_left_out(FactsBuilder *b, NodeId mention, ValueKind type,
                         bool is_falsy) {
  const Tree *t = b->t;
  Str name = node_text(t, mention);
  NodeId n = mention;
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    NodeId p = node_parent(t, n), condition = NO_NODE;
    bool truth = true;
    switch (node_kind(t, p)) {
      case PY_IF_STATEMENT:
      case PY_ELIF_CLAUSE:
        condition = node_field(t, p, FIELD_CONDITION);
        truth = node_role(t, n) != FIELD_ALTERNATIVE;
        break;
      case PY_CONDITIONAL_EXPRESSION:
        condition = node_named_at(t, p, 1);
        truth = node_eq(n, node_named_at(t, p, 0));
        break;
      case PY_BOOLEAN_OPERATOR:
        if (node_role(t, n) != FIELD_RIGHT) break;
        condition = node_field(t, p, FIELD_LEFT);
        truth = node_ok(node_child(t, p, PY_KW_AND));
        break;
      case PY_FUNCTION_DEFINITION:
      case PY_CLASS_DEFINITION:
      case PY_MODULE: return false;
      default: break;
    }
    bool is_inside = node_ok(condition) && !node_eq(condition, n);
    if (is_inside &&
        leaves_out(b, condition, truth, name, type, is_falsy, TEST_DEPTH)) {
      return true;
    }
    n = p;
  }
  return false;
}

// --- promises ------------------------------------------------------------------------

bool default_is_promised(FactsBuilder *b, NodeId value) {
  const Tree *t = b->t;
  Str text = node_text(t, node_field(t, node_parent(t, value), FIELD_TYPE));
  uint32_t stop = str_find_byte(text, '[', 0);
  Str name = name_last_part(str_slice(text, 0, stop));
  if (str_is(name, "Optional") && stop < text.n) {
    text = str_slice(text, stop + 1, text.n);
    name = name_last_part(str_slice(text, 0, str_find_byte(text, '[', 0)));
  }
  static const char *const readers[] = {"Container",   "Iterable", "Collection",
                                        "AbstractSet", "Sequence", "Mapping",
                                        "Sized",       NULL};
  if (str_is_any(name, readers)) return true;
  // An alias that says so.
  return str_ends(name, STR("Mapping")) && !str_contains(name, STR("Mutable"));
}
