// Expressions, targets, tests and case patterns, in the order in which CPython
// evaluates them.
#include "semantic/flow_builder.h"

// --- kinds without steps of their own ------------------------------------------------

static bool kind_is_transparent(PyKind kind) {
  switch (kind) {
    case PY_PARENTHESIZED_EXPRESSION:
    case PY_ARGUMENT_LIST:
    case PY_KEYWORD_ARGUMENT:
    case PY_PAIR:
    case PY_TYPE:
    case PY_TYPE_PARAMETER:
    case PY_FORMAT_SPECIFIER:
    case PY_DECORATOR:
    case PY_WITH_CLAUSE:
    case PY_IF_CLAUSE:
    case PY_CHEVRON: return true;
    default: return false;
  }
}

static bool kind_is_silent_leaf(PyKind kind) {
  switch (kind) {
    case PY_STRING_CONTENT:
    case PY_TYPE_CONVERSION:
    case PY_COMMENT:
    case PY_KEYWORD_SEPARATOR:
    case PY_POSITIONAL_SEPARATOR:
    case PY_ESCAPE_INTERPOLATION: return true;
    default: return false;
  }
}

// Literals and displays are quiet: the parts of a display raise on their own behalf.
static FlowRaise kind_raises(PyKind kind) {
  switch (kind) {
    case PY_INTEGER:
    case PY_FLOAT:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL:
    case PY_ELLIPSIS:
    case PY_TUPLE:
    case PY_LIST:
    case PY_EXPRESSION_LIST:
    case PY_PATTERN_LIST:
    case PY_STRING:
    case PY_CONCATENATED_STRING:
    case PY_SLICE:
    case PY_NOT_OPERATOR: return FLOW_QUIET;
    case PY_DICTIONARY:  // keys and elements must be hashable
    case PY_SET: return FLOW_LOOKUP;
    default: return FLOW_RAISES;
  }
}

// --- expressions that branch ---------------------------------------------------------

static void boolean_visit(FlowBuilder *b, NodeId node) {
  bool is_and = node_ok(node_child(b->t, node, PY_KW_AND));
  uint32_t more = block_new(b), done = block_new(b);
  work_visit(b, node_field(b->t, node, FIELD_LEFT));
  work_add(b, OP_BRANCH, NO_NODE, is_and ? more : done, is_and ? done : more);
  work_block(b, OP_LABEL, more);
  work_visit(b, node_field(b->t, node, FIELD_RIGHT));
  work_block(b, OP_GOTO, done);
  work_block(b, OP_LABEL, done);
  work_step(b, node, FLOW_QUIET);
}

typedef struct Choice {
  NodeId value, test, other;
} Choice;

static Choice choice_read(const Tree *t, NodeId node) {
  Choice c;
  c.value = node_first_named(t, node);
  c.test = node_next_named(t, c.value);
  c.other = node_next_named(t, c.test);
  return c;
}

static void conditional_visit(FlowBuilder *b, NodeId node) {
  Choice c = choice_read(b->t, node);
  uint32_t value = block_new(b), other = block_new(b), done = block_new(b);
  work_add(b, OP_CONDITION, c.test, value, other);
  work_block(b, OP_LABEL, value);
  work_visit(b, c.value);
  work_block(b, OP_GOTO, done);
  work_block(b, OP_LABEL, other);
  work_visit(b, c.other);
  work_block(b, OP_GOTO, done);
  work_block(b, OP_LABEL, done);
  work_step(b, node, FLOW_QUIET);
}

static bool comparison_is_chain(const Tree *t, NodeId node) {
  NodeId second = node_next_named(t, node_first_named(t, node));
  return node_ok(node_next_named(t, second));
}

// `a < b < c`: the second comparison happens only when the first one holds. The node
// stands at its first comparison, which always happens.
static void chain_visit(FlowBuilder *b, NodeId node, uint32_t holds, uint32_t fails) {
  NodeId operand = node_first_named(b->t, node);
  work_visit(b, operand);
  bool is_first = true;
  for (operand = node_next_named(b->t, operand); node_ok(operand); is_first = false) {
    NodeId next = node_next_named(b->t, operand);
    uint32_t more = node_ok(next) ? block_new(b) : holds;
    work_visit(b, operand);
    if (is_first) {
      work_step(b, node, FLOW_RAISES);
    } else {
      work_add(b, OP_EXTRA, node, FLOW_RAISES, 0);
    }
    work_add(b, OP_BRANCH, NO_NODE, more, fails);
    if (node_ok(next)) work_block(b, OP_LABEL, more);
    operand = next;
  }
}

static void comparison_visit(FlowBuilder *b, NodeId node) {
  if (!comparison_is_chain(b->t, node)) {
    work_children(b, node);
    work_step(b, node, FLOW_RAISES);
    return;
  }
  uint32_t done = block_new(b);
  chain_visit(b, node, done, done);
  work_block(b, OP_LABEL, done);
}

// 1 and 0 for constants that are always true or false, else -1.
static int constant_truth(const Tree *t, NodeId node) {
  switch (node_kind(t, node)) {
    case PY_TRUE: return 1;
    case PY_FALSE:
    case PY_NONE_LITERAL: return 0;
    case PY_INTEGER: {
      Str text = node_text(t, node);
      uint32_t i = 0;
      while (i < text.n && strchr("0xXoObB_", text.p[i]) != NULL) i++;
      return i < text.n;
    }
    default: return -1;
  }
}

static void condition_plain(FlowBuilder *b, Work w) {
  work_visit(b, w.node);
  int truth = constant_truth(b->t, w.node);
  if (truth < 0) {
    work_add(b, OP_BRANCH, NO_NODE, w.a, w.b);
  } else {
    work_block(b, OP_GOTO, truth == 1 ? w.a : w.b);
  }
}

// Operators that branch anyway lead each outcome straight to where the test sends it.
void condition_visit(FlowBuilder *b, Work w) {
  const Tree *t = b->t;
  switch (node_kind(t, w.node)) {
    case PY_PARENTHESIZED_EXPRESSION:
      work_add(b, OP_CONDITION, node_first_named(t, w.node), w.a, w.b);
      break;
    case PY_NOT_OPERATOR:
      step_eval(b, w.node, FLOW_QUIET);
      work_add(b, OP_CONDITION, node_field(t, w.node, FIELD_ARGUMENT), w.b, w.a);
      break;
    case PY_BOOLEAN_OPERATOR: {
      bool is_and = node_ok(node_child(t, w.node, PY_KW_AND));
      uint32_t more = block_new(b);
      step_eval(b, w.node, FLOW_QUIET);
      work_add(b, OP_CONDITION, node_field(t, w.node, FIELD_LEFT), is_and ? more : w.a,
               is_and ? w.b : more);
      work_block(b, OP_LABEL, more);
      work_add(b, OP_CONDITION, node_field(t, w.node, FIELD_RIGHT), w.a, w.b);
      break;
    }
    case PY_CONDITIONAL_EXPRESSION: {
      Choice c = choice_read(t, w.node);
      uint32_t value = block_new(b), other = block_new(b);
      step_eval(b, w.node, FLOW_QUIET);
      work_add(b, OP_CONDITION, c.test, value, other);
      work_block(b, OP_LABEL, value);
      work_add(b, OP_CONDITION, c.value, w.a, w.b);
      work_block(b, OP_LABEL, other);
      work_add(b, OP_CONDITION, c.other, w.a, w.b);
      break;
    }
    case PY_COMPARISON_OPERATOR:
      if (comparison_is_chain(t, w.node)) {
        chain_visit(b, w.node, w.a, w.b);
      } else {
        condition_plain(b, w);
      }
      break;
    default: condition_plain(b, w); break;
  }
}

// --- scopes within -------------------------------------------------------------------

static void lambda_visit(FlowBuilder *b, NodeId node) {
  NodeId parameters = node_field(b->t, node, FIELD_PARAMETERS);
  for (NodeId p = node_first_named(b->t, parameters); node_ok(p);
       p = node_next_named(b->t, p)) {
    work_visit(b, node_field(b->t, p, FIELD_VALUE));
  }
  work_step(b, node, FLOW_QUIET);
}

// What the enclosing scope does: the first iterable, and for all but generators the
// whole loop.
static void comprehension_outside(FlowBuilder *b, NodeId node) {
  NodeId clause = node_child(b->t, node, PY_FOR_IN_CLAUSE);
  for (NodeId c = node_field(b->t, clause, FIELD_RIGHT); node_ok(c);
       c = node_next_same_field(b->t, c)) {
    work_visit(b, c);
  }
  work_step(b, node, FLOW_RAISES);
}

void comprehension_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  uint32_t done = block_new(b);
  uint32_t again = done;  // where an exhausted or failing clause leads
  bool is_first = true;
  for (NodeId c = node_first_named(t, node); node_ok(c); c = node_next_named(t, c)) {
    uint32_t body = 0;
    if (node_is(t, c, PY_IF_CLAUSE)) {
      body = block_new(b);
      work_add(b, OP_CONDITION, node_first_named(t, c), body, again);
      work_block(b, OP_LABEL, body);
    } else if (node_is(t, c, PY_FOR_IN_CLAUSE)) {
      body = block_new(b);
      uint32_t head = block_new(b);
      for (NodeId r = is_first ? NO_NODE : node_field(t, c, FIELD_RIGHT); node_ok(r);
           r = node_next_same_field(t, r)) {
        work_visit(b, r);
      }
      if (!is_first) work_add(b, OP_STEP, c, FLOW_RAISES, STEP_ITER);
      work_block(b, OP_GOTO, head);
      work_block(b, OP_LABEL, head);
      work_step(b, c, FLOW_RAISES);
      work_add(b, OP_BRANCH, NO_NODE, body, again);
      work_block(b, OP_LABEL, body);
      work_add(b, OP_TARGET, node_field(t, c, FIELD_LEFT), 0, 0);
      again = head;
      is_first = false;
    }
  }
  work_visit(b, node_field(t, node, FIELD_BODY));
  work_add(b, OP_EXTRA, node, FLOW_RAISES,
           0);  // hashing a key, or what a yield lets in
  work_block(b, OP_GOTO, again);
  work_block(b, OP_LABEL, done);
}

// --- all expressions -----------------------------------------------------------------

void expression_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  PyKind kind = node_kind(t, node);
  switch (kind) {
    case PY_IDENTIFIER: step_use(b, node, true); break;
    case PY_ATTRIBUTE:
      work_visit(b, node_field(t, node, FIELD_OBJECT));
      work_step(b, node, FLOW_LOOKUP);
      break;
    case PY_KEYWORD_ARGUMENT: work_visit(b, node_field(t, node, FIELD_VALUE)); break;
    case PY_NAMED_EXPRESSION:
      work_visit(b, node_field(t, node, FIELD_VALUE));
      work_add(b, OP_DEFINE, node_field(t, node, FIELD_NAME), 0, 0);
      work_step(b, node, FLOW_QUIET);
      break;
    case PY_BOOLEAN_OPERATOR: boolean_visit(b, node); break;
    case PY_CONDITIONAL_EXPRESSION: conditional_visit(b, node); break;
    case PY_COMPARISON_OPERATOR: comparison_visit(b, node); break;
    case PY_LAMBDA: lambda_visit(b, node); break;
    case PY_LIST_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION: comprehension_outside(b, node); break;
    default:
      if (kind_is_silent_leaf(kind)) break;
      if (kind_raises(kind) != FLOW_RAISES && node_after(t, node) == node.i + 1) {
        step_eval(b, node, FLOW_QUIET);
        break;
      }
      work_children(b, node);
      if (!kind_is_transparent(kind)) work_step(b, node, kind_raises(kind));
      break;
  }
}

// --- targets -------------------------------------------------------------------------

static void store_visit(FlowBuilder *b, NodeId node) {
  bool is_attribute = node_is(b->t, node, PY_ATTRIBUTE);
  if (is_attribute) {
    work_visit(b, node_field(b->t, node, FIELD_OBJECT));
  } else {
    work_children(b, node);
  }
  work_step(b, node, is_attribute ? FLOW_LOOKUP : FLOW_RAISES);
}

void target_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  switch (node_kind(t, node)) {
    case PY_IDENTIFIER: step_define(b, node); break;
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT: store_visit(b, node); break;
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_EXPRESSION_LIST:
    case PY_TUPLE:
    case PY_LIST:
      step_eval(b, node, FLOW_RAISES);  // unpacking, before anything is bound
      // fall through
    case PY_PARENTHESIZED_EXPRESSION:
    case PY_LIST_SPLAT:
    case PY_LIST_SPLAT_PATTERN:
    case PY_AS_PATTERN_TARGET:
      for (NodeId c = node_first_named(t, node); node_ok(c);
           c = node_next_named(t, c)) {
        work_add(b, OP_TARGET, c, 0, 0);
      }
      break;
    default: work_visit(b, node); break;  // not valid Python
  }
}

void delete_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  switch (node_kind(t, node)) {
    case PY_IDENTIFIER:
      step_unbind(b, STEP_DELETE, node, binding_of(b->m, node));
      break;
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT: store_visit(b, node); break;
    case PY_EXPRESSION_LIST:
    case PY_TUPLE:
    case PY_LIST:
    case PY_PARENTHESIZED_EXPRESSION:
      for (NodeId c = node_first_named(t, node); node_ok(c);
           c = node_next_named(t, c)) {
        work_add(b, OP_DELETE, c, 0, 0);
      }
      break;
    default: work_visit(b, node); break;
  }
}

// --- case patterns -------------------------------------------------------------------
// No pattern holds a scope, so that its subtree is a plain run of nodes.

void pattern_capture(FlowBuilder *b, NodeId node) {
  for (NodeId n = node; n.i < node_after(b->t, node); n.i++) {
    if (node_is(b->t, n, PY_IDENTIFIER)) step_define(b, n);
  }
}

static void pattern_read(FlowBuilder *b, NodeId node) {
  for (NodeId n = node; n.i < node_after(b->t, node); n.i++) {
    if (node_is(b->t, n, PY_IDENTIFIER) && ref_ok(ref_at(b->m, n))) work_visit(b, n);
  }
}

static bool pattern_always_matches(const FlowBuilder *b, NodeId pattern) {
  const Tree *t = b->t;
  Str text = t->source->text;
  uint32_t at = node_stop(t, pattern);
  while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t')) at++;
  if (at < text.n && text.p[at] == ',') return false;  // `case x,:` wants a sequence
  for (NodeId n = pattern; node_ok(n);) {
    switch (node_kind(t, n)) {
      case PY_CASE_PATTERN:
      case PY_AS_PATTERN: n = node_first(t, n); break;
      case PY_DOTTED_NAME:
        return node_count_named(t, n) == 1 &&
               def_ok(def_at(b->m, node_first_named(t, n)));
      default: return node_is(t, n, PY_KW_UNDERSCORE);
    }
  }
  return false;
}

void case_visit(FlowBuilder *b, Work w) {
  const Tree *t = b->t;
  uint32_t matched = block_new(b), next = block_new(b);
  NodeId first = node_child(t, w.node, PY_CASE_PATTERN);
  bool is_open = node_ok(first) && !node_is(t, node_next(t, first), PY_CASE_PATTERN) &&
                 pattern_always_matches(b, first);
  for (NodeId c = first; node_is(t, c, PY_CASE_PATTERN); c = node_next(t, c)) {
    pattern_read(b, c);
  }
  work_step(b, w.node, FLOW_RAISES);
  if (is_open) {
    work_block(b, OP_GOTO, matched);
  } else {
    work_add(b, OP_BRANCH, NO_NODE, matched, next);
  }
  work_block(b, OP_LABEL, matched);
  for (NodeId c = first; node_is(t, c, PY_CASE_PATTERN); c = node_next(t, c)) {
    work_add(b, OP_CAPTURE, c, 0, 0);
  }
  NodeId guard = node_field(t, w.node, FIELD_GUARD);
  if (node_ok(guard)) {
    uint32_t body = block_new(b);
    work_add(b, OP_CONDITION, node_first_named(t, guard), body, next);
    work_block(b, OP_LABEL, body);
  }
  work_visit(b, node_field(t, w.node, FIELD_CONSEQUENCE));
  work_block(b, OP_GOTO, w.a);
  work_block(b, OP_LABEL, next);
}
