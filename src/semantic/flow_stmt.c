// Statements.
#include "semantic/flow_builder.h"
#include "semantic/names.h"

// --- branches and loops --------------------------------------------------------------

static void if_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  uint32_t after = block_new(b);
  for (NodeId part = node; node_ok(part);) {
    bool tests = !node_is(t, part, PY_ELSE_CLAUSE);
    uint32_t next = after;
    if (tests) {
      uint32_t body = block_new(b);
      next = block_new(b);
      work_step(b, part, FLOW_QUIET);
      work_add(b, OP_CONDITION, node_field(t, part, FIELD_CONDITION), body, next);
      work_block(b, OP_LABEL, body);
      work_visit(b, node_field(t, part, FIELD_CONSEQUENCE));
    } else {
      work_visit(b, node_field(t, part, FIELD_BODY));
    }
    work_block(b, OP_GOTO, after);
    if (next != after) work_block(b, OP_LABEL, next);  // an `else` leaves no way open
    part = node_eq(part, node) ? node_field(t, node, FIELD_ALTERNATIVE)
                               : node_next_same_field(t, part);
  }
  work_block(b, OP_GOTO, after);
  work_block(b, OP_LABEL, after);
}

typedef struct Loop {
  uint32_t head, body, exhausted, after, context;
} Loop;

static Loop loop_new(FlowBuilder *b, NodeId node) {
  Loop loop = {.head = block_new(b), .body = block_new(b), .after = block_new(b)};
  loop.exhausted = block_new(b);
  loop.context = context_new(b, CONTEXT_LOOP, node);
  b->contexts.items[loop.context].break_to = loop.after;
  b->contexts.items[loop.context].continue_to = loop.head;
  return loop;
}

// Everything behind the loop's test: body, `else`, and what follows.
static void loop_finish(FlowBuilder *b, NodeId node, Loop loop, NodeId target) {
  work_block(b, OP_LABEL, loop.body);
  if (node_ok(target)) work_add(b, OP_TARGET, target, 0, 0);
  work_block(b, OP_ENTER, loop.context);
  work_visit(b, node_field(b->t, node, FIELD_BODY));
  work_block(b, OP_LEAVE, loop.context);
  work_block(b, OP_GOTO, loop.head);
  work_block(b, OP_LABEL, loop.exhausted);
  work_visit(b,
             node_field(b->t, node_field(b->t, node, FIELD_ALTERNATIVE), FIELD_BODY));
  work_block(b, OP_GOTO, loop.after);
  work_block(b, OP_LABEL, loop.after);
}

static void while_visit(FlowBuilder *b, NodeId node) {
  Loop loop = loop_new(b, node);
  step_eval(b, node, FLOW_QUIET);
  work_block(b, OP_GOTO, loop.head);
  work_block(b, OP_LABEL, loop.head);
  work_add(b, OP_CONDITION, node_field(b->t, node, FIELD_CONDITION), loop.body,
           loop.exhausted);
  loop_finish(b, node, loop, NO_NODE);
}

static void for_visit(FlowBuilder *b, NodeId node) {
  Loop loop = loop_new(b, node);
  step_eval(b, node, FLOW_QUIET);
  work_visit(b, node_field(b->t, node, FIELD_RIGHT));
  work_add(b, OP_STEP, node, FLOW_RAISES, STEP_ITER);
  work_block(b, OP_GOTO, loop.head);
  work_block(b, OP_LABEL, loop.head);
  work_add(b, OP_STEP, node, FLOW_RAISES, STEP_NEXT);
  work_add(b, OP_BRANCH, NO_NODE, loop.body, loop.exhausted);
  loop_finish(b, node, loop, node_field(b->t, node, FIELD_LEFT));
}

static void match_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  uint32_t after = block_new(b);
  step_eval(b, node, FLOW_QUIET);
  for (NodeId c = node_field(t, node, FIELD_SUBJECT); node_ok(c);
       c = node_next_same_field(t, c)) {
    work_visit(b, c);
  }
  NodeId body = node_field(t, node, FIELD_BODY);
  for (NodeId c = node_first_named(t, body); node_ok(c); c = node_next_named(t, c)) {
    work_add(b, node_is(t, c, PY_CASE_CLAUSE) ? OP_CASE : OP_VISIT, c, after, 0);
  }
  work_block(b, OP_GOTO, after);
  work_block(b, OP_LABEL, after);
}

// --- try -----------------------------------------------------------------------------

static bool clause_is_group(const Tree *t, NodeId clause) {
  return node_ok(node_child(t, clause, PY_OP_STAR));
}

// The clauses of a try statement, tested one after the other.
static void handlers_plan(FlowBuilder *b, NodeId node, uint32_t dispatch,
                          uint32_t end) {
  const Tree *t = b->t;
  NodeId clause = node_child(t, node, PY_EXCEPT_CLAUSE);
  bool is_group = clause_is_group(t, clause);
  work_block(b, OP_LABEL, dispatch);
  for (; node_ok(clause); clause = node_next(t, clause)) {
    if (!node_is(t, clause, PY_EXCEPT_CLAUSE)) continue;
    work_add(b, OP_HANDLER, clause, is_group ? 0 : end, 0);
  }
  if (is_group) {  // whatever no clause took, or a clause raised, goes on
    uint32_t rest = block_new(b);
    work_add(b, OP_BRANCH, NO_NODE, end, rest);
    work_block(b, OP_LABEL, rest);
  }
  work_add(b, OP_UNWIND, NO_NODE, 0, 0);
}

static void try_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  NodeId final = node_child(t, node, PY_FINALLY_CLAUSE);
  bool catches = node_ok(node_child(t, node, PY_EXCEPT_CLAUSE));
  uint32_t end = block_new(b);
  uint32_t outer = b->raise_to, context = 0;
  if (node_ok(final)) {
    context = context_new(b, CONTEXT_FINALLY, final);
    b->contexts.items[context].after = end;
    end = b->contexts.items[context].in[WAY_NORMAL];
    b->context = context;
    b->raise_to = outer = b->contexts.items[context].in[WAY_RAISED];
  }
  uint32_t dispatch = catches ? block_new(b) : 0;
  if (catches) b->raise_to = dispatch;
  step_eval(b, node, outer == BLOCK_RAISED && !catches ? FLOW_QUIET : FLOW_MARKER);
  work_visit(b, node_field(t, node, FIELD_BODY));
  work_block(b, OP_RAISE_TO, outer);
  work_visit(b, node_field(t, node_child(t, node, PY_ELSE_CLAUSE), FIELD_BODY));
  work_block(b, OP_GOTO, end);
  // Planning reads where exceptions go once the body is done.
  b->raise_to = outer;
  if (catches) handlers_plan(b, node, dispatch, end);
  b->raise_to = catches ? dispatch : outer;
  if (context != 0) {
    cleanup_plan(b, context);
  } else {
    work_block(b, OP_LABEL, end);
  }
}

static bool clause_catches_all(FlowBuilder *b, NodeId clause) {
  NodeId type = node_field(b->t, clause, FIELD_VALUE);
  if (node_is(b->t, type, PY_AS_PATTERN)) type = node_first_named(b->t, type);
  return !node_ok(type) ||
         (node_text_is(b->t, type, "BaseException") && ref_is_builtin(b->m, type));
}

// One except clause; `w.a` is where it ends. In a group (`except*`, w.a is 0) control
// goes on to the next clause, also when this one raises.
void handler_visit(FlowBuilder *b, Work w) {
  const Tree *t = b->t;
  bool is_group = w.a == 0;
  uint32_t matched = block_new(b), next = block_new(b);
  uint32_t end = is_group ? next : w.a, outer = b->raise_to;
  NodeId alias = node_field(t, w.node, FIELD_ALIAS);
  for (NodeId c = node_field(t, w.node, FIELD_VALUE); node_ok(c);
       c = node_next_same_field(t, c)) {
    bool is_named = node_is(t, c, PY_AS_PATTERN);
    work_visit(b, is_named ? node_first_named(t, c) : c);
    if (is_named) alias = node_first_named(t, node_field(t, c, FIELD_ALIAS));
  }
  work_step(b, w.node, FLOW_LOOKUP);
  if (clause_catches_all(b, w.node)) {
    work_block(b, OP_GOTO, matched);
  } else {
    work_add(b, OP_BRANCH, NO_NODE, matched, next);
  }
  work_block(b, OP_LABEL, matched);
  uint32_t context = 0;
  if (is_group) b->raise_to = next;
  if (node_ok(alias)) {
    context = context_new(b, CONTEXT_NAME, alias);
    b->contexts.items[context].after = end;
    work_block(b, OP_ENTER, context);
    work_block(b, OP_RAISE_TO, b->contexts.items[context].in[WAY_RAISED]);
    work_add(b, OP_TARGET, alias, 0, 0);
  } else {
    work_block(b, OP_RAISE_TO, b->raise_to);
  }
  work_visit(b, node_child(t, w.node, PY_BLOCK));
  if (context != 0) {
    work_block(b, OP_GOTO, b->contexts.items[context].in[WAY_NORMAL]);
    cleanup_plan(b, context);
  }
  if (context == 0) work_block(b, OP_GOTO, end);
  work_block(b, OP_RAISE_TO, outer);
  work_block(b, OP_LABEL, next);
  b->raise_to = outer;
}

// --- with ----------------------------------------------------------------------------

// The __exit__ of a handle closes it and lets the exception pass; what others do is not
// known here.
static bool with_may_swallow(FlowBuilder *b, NodeId value) {
  Str name = name_of_callee(b->m, value);
  return name.n == 0 || knowledge_opens(b->m->options.knowledge, name) == NULL;
}

static NodeId last_operand(const Tree *t, NodeId e) {
  for (;;) {
    switch (node_kind(t, e)) {
      case PY_CONDITIONAL_EXPRESSION:
      case PY_BOOLEAN_OPERATOR:
      case PY_BINARY_OPERATOR:
      case PY_COMPARISON_OPERATOR:
      case PY_NOT_OPERATOR: e = node_last(t, e); break;
      default: return e;
    }
  }
}

void with_visit(FlowBuilder *b, NodeId item) {
  const Tree *t = b->t;
  NodeId value = node_field(t, item, FIELD_VALUE);
  NodeId alias = NO_NODE;
  if (node_is(t, value, PY_AS_PATTERN)) {
    alias = node_field(t, value, FIELD_ALIAS);
    value = node_first_named(t, value);
  } else {  // `with a if c else b as x`: the grammar binds `b as x` together
    alias = node_field(t, last_operand(t, value), FIELD_ALIAS);
  }
  uint32_t context = context_new(b, CONTEXT_WITH, item);
  const uint32_t *in = b->contexts.items[context].in;
  uint32_t raised = in[WAY_RAISED], normal = in[WAY_NORMAL];
  b->contexts.items[context].after = block_new(b);
  b->contexts.items[context].swallows = with_may_swallow(b, value);
  work_visit(b, value);
  work_step(b, item, FLOW_RAISES);
  work_block(b, OP_ENTER, context);
  work_block(b, OP_RAISE_TO, raised);
  if (node_ok(alias)) work_add(b, OP_TARGET, alias, 0, 0);
  NodeId next = node_next_named(t, item);
  if (node_ok(next)) {
    work_add(b, OP_WITH, next, 0, 0);
  } else {
    NodeId with = node_ancestor(t, item, PY_WITH_STATEMENT);
    work_visit(b, node_field(t, with, FIELD_BODY));
  }
  work_block(b, OP_GOTO, normal);
  cleanup_plan(b, context);
}

// --- simple statements ---------------------------------------------------------------

static void assignment_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  NodeId value = node;  // the innermost right-hand side of `a = b = value`
  while (node_is(t, value, PY_ASSIGNMENT)) value = node_field(t, value, FIELD_RIGHT);
  work_visit(b, value);
  for (NodeId n = node; node_is(t, n, PY_ASSIGNMENT);
       n = node_field(t, n, FIELD_RIGHT)) {
    NodeId left = node_field(t, n, FIELD_LEFT);
    NodeId type = node_field(t, n, FIELD_TYPE);
    bool is_bare = !node_ok(node_field(t, n, FIELD_RIGHT));
    bool binds = !is_bare || !node_is(t, left, PY_IDENTIFIER);
    if (binds) work_add(b, OP_TARGET, left, 0, 0);
    work_visit(b, type);
  }
}

static void augmented_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  NodeId left = node_field(t, node, FIELD_LEFT);
  bool is_name = node_is(t, left, PY_IDENTIFIER);
  if (is_name) {
    work_add(b, OP_READ, left, 0, 0);
  } else {
    work_visit(b, left);
  }
  work_visit(b, node_field(t, node, FIELD_RIGHT));
  work_step(b, node, FLOW_RAISES);
  if (is_name) work_add(b, OP_DEFINE, left, 0, 0);
}

static void import_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  step_eval(b, node, FLOW_RAISES);
  for (NodeId c = node_field(t, node, FIELD_NAME); node_ok(c);
       c = node_next_same_field(t, c)) {
    NodeId name = node_field(t, c, FIELD_ALIAS);
    if (!node_ok(name)) name = node_first_named(t, c);
    // The second module is imported after the first one is bound.
    if (node_is(t, node, PY_IMPORT_STATEMENT)) work_add(b, OP_EXTRA, c, FLOW_RAISES, 0);
    work_add(b, OP_DEFINE, def_ok(def_at(b->m, name)) ? name : c, 0, 0);
  }
}

static void assert_visit(FlowBuilder *b, NodeId node) {
  uint32_t holds = block_new(b), fails = block_new(b);
  NodeId test = node_first_named(b->t, node);
  step_eval(b, node, FLOW_QUIET);
  work_add(b, OP_CONDITION, test, holds, fails);
  work_block(b, OP_LABEL, fails);
  work_visit(b, node_next_named(b->t, test));
  work_add(b, OP_EXTRA, node, FLOW_RAISES, 0);
  work_block(b, OP_LABEL, holds);
}

// Defaults, bases and annotations, then the binding of the name. With type parameters
// bases and annotations lie in a scope of their own.
static void definition_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  NodeId parameters = node_field(t, node, FIELD_PARAMETERS);
  bool is_plain = !node_ok(node_field(t, node, FIELD_TYPE_PARAMETERS));
  for (NodeId p = node_first_named(t, parameters); node_ok(p);
       p = node_next_named(t, p)) {
    work_visit(b, node_field(t, p, FIELD_VALUE));
  }
  for (NodeId p = node_first_named(t, parameters); is_plain && node_ok(p);
       p = node_next_named(t, p)) {
    work_visit(b, node_field(t, p, FIELD_TYPE));
  }
  if (is_plain) work_visit(b, node_field(t, node, FIELD_RETURN_TYPE));
  if (is_plain) work_visit(b, node_field(t, node, FIELD_SUPERCLASSES));
  bool calls = node_is(t, node, PY_CLASS_DEFINITION) ||
               node_is(t, node_parent(t, node), PY_DECORATED_DEFINITION);
  work_step(b, node, calls ? FLOW_RAISES : FLOW_QUIET);
  work_add(b, OP_DEFINE, node_field(t, node, FIELD_NAME), 0, 0);
}

static void type_alias_visit(FlowBuilder *b, NodeId node) {
  NodeId name = node_first_named(b->t, node_field(b->t, node, FIELD_LEFT));
  if (node_is(b->t, name, PY_GENERIC_TYPE)) name = node_first_named(b->t, name);
  step_eval(b, node, FLOW_QUIET);
  step_define(b, name);
}

static void jump_visit(FlowBuilder *b, NodeId node, Jump jump) {
  work_children(b, node);
  work_step(b, node, FLOW_QUIET);
  work_add(b, OP_JUMP, NO_NODE, jump, 0);
}

// Nobody knows what stands here: it may raise, and go wherever a statement can go.
static void broken_visit(FlowBuilder *b, NodeId node) {
  step_add(b, STEP_EVAL, node, FLOW_RAISES);
  uint32_t from = b->current, next = block_new(b);
  for (Jump jump = JUMP_RETURN; jump <= JUMP_CONTINUE; jump++) {
    builder_jump(b, jump);
    b->current = from;
  }
  builder_goto(b, next);
  block_begin(b, next);
}

bool statement_visit(FlowBuilder *b, NodeId node) {
  const Tree *t = b->t;
  PyKind kind = node_kind(t, node);
  bool is_error = kind == PY_ERROR;
  if (is_error || (tree_is_broken(t, node) && node_is_statement(t, node))) {
    broken_visit(b, node);
  }
  switch (kind) {
    case PY_MODULE:
    case PY_BLOCK:
    case PY_EXPRESSION_STATEMENT:
    case PY_DECORATED_DEFINITION: work_children(b, node); break;
    case PY_IF_STATEMENT: if_visit(b, node); break;
    case PY_WHILE_STATEMENT: while_visit(b, node); break;
    case PY_FOR_STATEMENT: for_visit(b, node); break;
    case PY_MATCH_STATEMENT: match_visit(b, node); break;
    case PY_TRY_STATEMENT: try_visit(b, node); break;
    case PY_WITH_STATEMENT: {
      NodeId item = node_first_named(t, node_child(t, node, PY_WITH_CLAUSE));
      step_eval(b, node, FLOW_QUIET);
      if (node_ok(item)) {
        work_add(b, OP_WITH, item, 0, 0);
      } else {
        work_visit(b, node_field(t, node, FIELD_BODY));
      }
      break;
    }
    case PY_ASSIGNMENT: assignment_visit(b, node); break;
    case PY_AUGMENTED_ASSIGNMENT: augmented_visit(b, node); break;
    case PY_IMPORT_STATEMENT:
    case PY_IMPORT_FROM_STATEMENT:
    case PY_FUTURE_IMPORT_STATEMENT: import_visit(b, node); break;
    case PY_ASSERT_STATEMENT: assert_visit(b, node); break;
    case PY_FUNCTION_DEFINITION:
    case PY_CLASS_DEFINITION: definition_visit(b, node); break;
    case PY_TYPE_ALIAS_STATEMENT: type_alias_visit(b, node); break;
    case PY_DELETE_STATEMENT:
      for (NodeId c = node_first_named(t, node); node_ok(c);
           c = node_next_named(t, c)) {
        work_add(b, OP_DELETE, c, 0, 0);
      }
      work_step(b, node, FLOW_QUIET);
      break;
    case PY_RETURN_STATEMENT: jump_visit(b, node, JUMP_RETURN); break;
    case PY_BREAK_STATEMENT: jump_visit(b, node, JUMP_BREAK); break;
    case PY_CONTINUE_STATEMENT: jump_visit(b, node, JUMP_CONTINUE); break;
    case PY_RAISE_STATEMENT:
      work_children(b, node);
      work_step(b, node, FLOW_RAISES);
      work_block(b, OP_LABEL, 0);  // nothing follows
      break;
    case PY_PASS_STATEMENT:
    case PY_GLOBAL_STATEMENT:
    case PY_NONLOCAL_STATEMENT: step_eval(b, node, FLOW_QUIET); break;
    default:
      if (!is_error) return false;
      work_children(b, node);
      break;
  }
  return true;
}
