/* # stored-exception (PML503)
 *
 * A caught exception, a traceback or a frame is stored where it outlives its handler.
 *
 * ## Why it costs memory
 *
 * A caught exception refers to its traceback, the traceback to every frame between the
 * `raise` and the handler, and each frame to all of its locals: buffers, rows, responses.
 * As long as the exception is stored, none of them is released. Its text costs a few
 * hundred bytes.
 *
 * ## Example
 *
 *     FAILURES = []
 *
 *     def probe(host):
 *         try:
 *             check(host)
 *         except OSError as e:
 *             FAILURES.append((host, e))
 *
 * ## Use instead
 *
 *         except OSError as e:
 *             FAILURES.append((host, str(e)))
 *
 * or, where the exception object is needed, `e.with_traceback(None)`.
 *
 * ## Fix safety
 *
 * Unsafe: the stored exception loses its traceback. Only a plain name in a handler that
 * does not raise again is fixed. An exception's `__context__` keeps frames of its own.
 *
 * ## Limits
 *
 * A warning where a module, a class or the one instance of a class holds it, a note where
 * an instance of unknown life does. Silent for text, exceptions that were never raised,
 * locals, futures, what is raised again later or let go of by some code of the file,
 * attributes that a base in another file may have made, code that runs at import time, and
 * tests.
 *
 * ## References
 *
 * The documentation of `traceback.TracebackException` and `BaseException.with_traceback`.
 */
#include "rule.h"

static RuleNodeFn on_store;
static NodeId stored_exception_in(RuleContext *cx, NodeId value, uint32_t depth);
static bool makes_record(RuleContext *cx, NodeId call);
static NodeId stored_value(RuleContext *cx, NodeId store, NodeId *target);
static const char *describe(RuleContext *cx, NodeId leaf, uint32_t depth);
static bool is_exceptions(RuleContext *cx, NodeId attribute);
static Fix without_traceback(RuleContext *cx, NodeId leaf);

enum { VALUE_REACH = 6 };
static const char GROUP[] = "builtins.ExceptionGroup";
static const char BASE_GROUP[] = "builtins.BaseExceptionGroup";

static void explain_other(RuleContext *cx, NodeId store, NodeId value);
static bool is_exc_info(RuleContext *cx, NodeId node);

RULE(stored_exception) = {
    .code = "PML503",
    .name = "stored-exception",
    .summary = "a stored exception keeps the locals of all its frames",
    .templates =
        {"`{0}` keeps {1}: every local of its frames stays alive as long; keep its "
         "text, or `with_traceback(None)`"},
    .warn_on = {EVIDENCE_LONG},
    .fix = FIX_UNSAFE,
    .kinds = {PY_ASSIGNMENT, PY_CALL},
    .on_node = on_store,
};

static void on_store(RuleContext *cx, NodeId store) {
  NodeId target = NO_NODE;
  NodeId value = stored_value(cx, store, &target);
  if (!node_ok(value)) return;
  NodeId leaf = stored_exception_in(cx, value, VALUE_REACH);
  if (!node_ok(leaf)) {
    if (cx_explains(cx)) explain_other(cx, store, value);
    return;
  }
  Context at = context_of(cx->m, store);
  Keeper keeper = keeper_of(cx->m, target);
  if (!cx_require(cx, store, keeper.kind > KEEPER_LOCAL, "a local name holds it"))
    return;
  if (!cx_require(cx, store, node_ok(at.function) && (at.flags & CONTEXT_TEST) == 0,
                  "it runs at import time, or in a test")) {
    return;
  }
  if (!cx_require(cx, store, !keeper_is_raised(cx->m, keeper),
                  "it is raised again later")) {
    return;
  }
  if (!cx_require(cx, store, !keeper_is_of_base(cx->m, keeper, store),
                  "a base that is not seen may let go of it")) {
    return;
  }
  if (!cx_require(cx, store, !keeper_is_drained(cx->m, keeper),
                  "some code of the file lets go of it")) {
    return;
  }
  bool held_long = keeper.kind != KEEPER_SELF || keeper_is_singleton(cx->m, keeper);
  cx_report(
      cx,
      (Draft){
          .anchor = store,
          .args = {cx_excerpt(cx, target), str_from(describe(cx, leaf, VALUE_REACH))},
          .labels = {{.node = leaf, .text = STR("its traceback holds the frames")}},
          .evidence = held_long ? EVIDENCE_LONG : 0,
          .fix = without_traceback(cx, leaf),
      });
}

// `self.error = str(e)`, `e.with_traceback(None)`: what is stored is not the exception.
static void explain_other(RuleContext *cx, NodeId store, NodeId value) {
  for (NodeId n = value; n.i < node_after(cx->t, value); n.i++) {
    if (!node_is(cx->t, n, PY_IDENTIFIER)) continue;
    bool is_caught = def_get(cx->m, flow_only_def(cx->m, n))->kind == DEF_EXCEPT;
    if (!is_caught && !is_exc_info(cx, node_parent(cx->t, node_parent(cx->t, n))))
      continue;
    cx_require_seen(cx, store, false,
                    "only a part of the exception is stored, or none of "
                    "its frames",
                    n);
    return;
  }
}

// --- what is stored, and where -------------------------------------------------------

static bool is_storing_method(Str name, uint32_t *argument) {
  static const struct {
    const char *name;
    uint32_t argument;
  } methods[] = {{"add", 0},        {"append", 0}, {"appendleft", 0}, {"extend", 0},
                 {"extendleft", 0}, {"insert", 1}, {"setdefault", 1}, {"update", 0}};
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
    if (!str_is(name, methods[i].name)) continue;
    *argument = methods[i].argument;
    return true;
  }
  return false;
}

// A plain name is a store only where it is declared global.
static bool outlives_function(RuleContext *cx, NodeId target) {
  if (!node_is(cx->t, target, PY_IDENTIFIER)) return true;
  BindingId binding = binding_of(cx->m, target);
  return binding_ok(binding) &&
         binding_get(cx->m, binding)->scope.i == MODULE_SCOPE.i &&
         scope_at(cx->m, target).i != MODULE_SCOPE.i;
}

static NodeId stored_value(RuleContext *cx, NodeId store, NodeId *target) {
  if (node_is(cx->t, store, PY_ASSIGNMENT)) {
    *target = node_field(cx->t, store, FIELD_LEFT);
    bool plain = node_is(cx->t, *target, PY_IDENTIFIER) ||
                 node_is(cx->t, *target, PY_ATTRIBUTE) ||
                 node_is(cx->t, *target, PY_SUBSCRIPT);
    if (!plain || !outlives_function(cx, *target)) return NO_NODE;
    return node_field(cx->t, store, FIELD_RIGHT);
  }
  Str method = STR_NONE;
  uint32_t position = 0;
  NodeId value = NO_NODE;
  *target = call_receiver(cx->m, store, &method);
  if (!node_ok(*target) || !is_storing_method(method, &position)) return NO_NODE;
  bool given = call_argument(cx->m, store, position, "", &value) == ARG_PRESENT;
  return given ? value : NO_NODE;
}

// --- exceptions ----------------------------------------------------------------------

static bool is_exc_info(RuleContext *cx, NodeId node) {
  return node_is(cx->t, node, PY_CALL) &&
         name_is(cx->m, call_callee(cx->m, node), "sys.exc_info");
}

static bool holds_frames(RuleContext *cx, NodeId node) {
  return is_exc_info(cx, node) ||
         (node_is(cx->t, node, PY_CALL) &&
          (name_is(cx->m, call_callee(cx->m, node), "inspect.currentframe") ||
           name_is(cx->m, call_callee(cx->m, node), "sys._getframe")));
}

// `e.__traceback__ = None` in the handler, before the store.
static bool traceback_was_cleared(RuleContext *cx, NodeId name) {
  BindingId binding = binding_of(cx->m, name);
  for (RefId r = ref_first(cx->m, binding); ref_ok(r); r = ref_next(cx->m, r)) {
    NodeId attribute = node_parent(cx->t, ref_get(cx->m, r)->node);
    NodeId store = node_parent(cx->t, attribute);
    bool clears = attribute.i < name.i && node_role(cx->t, attribute) == FIELD_LEFT &&
                  node_is(cx->t, store, PY_ASSIGNMENT) &&
                  node_text_is(cx->t, node_field(cx->t, attribute, FIELD_ATTRIBUTE),
                               "__traceback__");
    if (clears && flow_dominates(cx->m, store, name) == ANSWER_YES) return true;
  }
  return false;
}

// A definition that binds a caught exception, a traceback or a frame.
static bool def_holds_frames(RuleContext *cx, DefId id, uint32_t depth) {
  const Def *def = def_get(cx->m, id);
  if (def->kind == DEF_EXCEPT) return true;
  if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED &&
      def->kind != DEF_WALRUS) {
    return false;
  }
  if (def->flags & DEF_UNPACKED) return is_exc_info(cx, def->value) && def->index > 0;
  return node_ok(stored_exception_in(cx, def->value, depth));
}

// Cheaply: nothing that gives the name its value needs a look at the flow.
static bool def_may_hold_frames(RuleContext *cx, const Def *def) {
  if (def->kind == DEF_EXCEPT) return true;
  if (def->kind != DEF_ASSIGN && def->kind != DEF_ANNOTATED &&
      def->kind != DEF_WALRUS) {
    return false;
  }
  NodeId value = node_unwrap(cx->t, def->value);
  switch (node_kind(cx->t, value)) {
    case PY_CALL: return holds_frames(cx, value) || makes_record(cx, value);
    case PY_ATTRIBUTE:
      return node_text_is(cx->t, node_field(cx->t, value, FIELD_ATTRIBUTE),
                          "__traceback__");
    case PY_SUBSCRIPT: return is_exc_info(cx, node_field(cx->t, value, FIELD_VALUE));
    case PY_IDENTIFIER:
    case PY_TUPLE:
    case PY_LIST:
    case PY_SET:
    case PY_DICTIONARY:
    case PY_EXPRESSION_LIST:
    case PY_CONDITIONAL_EXPRESSION: return true;
    default: return false;
  }
}

static bool name_may_hold_frames(RuleContext *cx, NodeId name) {
  enum { DEFS_READ = 16 };
  uint32_t left = DEFS_READ;
  for (DefId d = def_first(cx->m, binding_of(cx->m, name)); def_ok(d);
       d = def_next(cx->m, d)) {
    if (left-- == 0 || def_may_hold_frames(cx, def_get(cx->m, d))) return true;
  }
  return false;
}

static bool is_link(RuleContext *cx, NodeId attribute) {
  NodeId link = node_field(cx->t, attribute, FIELD_ATTRIBUTE);
  return node_role(cx->t, attribute) == FIELD_LEFT &&
         node_is(cx->t, node_parent(cx->t, attribute), PY_ASSIGNMENT) &&
         (node_text_is(cx->t, link, "__cause__") ||
          node_text_is(cx->t, link, "__context__"));
}

// `wrapped.__cause__ = e` before the store: whoever holds the one holds the other.
static bool carries_exception(RuleContext *cx, NodeId name, uint32_t depth) {
  enum { REFS_READ = 32 };
  uint32_t left = REFS_READ;
  RefId r = ref_first(cx->m, binding_of(cx->m, name));
  for (; ref_ok(r) && left > 0; r = ref_next(cx->m, r), left--) {
    NodeId node = ref_get(cx->m, r)->node, attribute = node_parent(cx->t, node);
    if (attribute.i >= name.i || !is_link(cx, attribute)) continue;
    DefId own = flow_only_def(cx->m, name);
    if (!def_ok(own) || def_get(cx->m, own)->kind != DEF_ASSIGN ||
        flow_only_def(cx->m, node).i != own.i) {
      continue;
    }
    NodeId store = node_parent(cx->t, attribute);
    if (flow_dominates(cx->m, store, name) == ANSWER_YES) {
      NodeId value = node_field(cx->t, store, FIELD_RIGHT);
      return node_ok(stored_exception_in(cx, value, depth));
    }
  }
  return false;
}

static bool name_holds_frames(RuleContext *cx, NodeId name, uint32_t depth) {
  RefId use = ref_at(cx->m, name);
  if (!ref_ok(use)) return false;
  if (!name_may_hold_frames(cx, name)) return carries_exception(cx, name, depth);
  DefList defs = flow_defs_reaching(cx->m, use);
  if (defs.unknown || defs.count == 0) return false;
  for (uint32_t i = 0; i < defs.count; i++) {
    if (def_holds_frames(cx, defs.items[i], depth))
      return !traceback_was_cleared(cx, name);
  }
  return carries_exception(cx, name, depth);
}

static bool is_exceptions(RuleContext *cx, NodeId attribute) {
  return node_text_is(cx->t, node_field(cx->t, attribute, FIELD_ATTRIBUTE),
                      "exceptions");
}

// `group.exceptions` in `except ExceptionGroup as group`.
static bool is_of_group(RuleContext *cx, NodeId attribute) {
  NodeId group = node_unwrap(cx->t, node_field(cx->t, attribute, FIELD_OBJECT));
  if (!node_is(cx->t, group, PY_IDENTIFIER)) return false;
  const Def *def = def_get(cx->m, flow_only_def(cx->m, group));
  return def->kind == DEF_EXCEPT &&
         (name_is(cx->m, def->value, GROUP) || name_is(cx->m, def->value, BASE_GROUP));
}

static NodeId first_in_children(RuleContext *cx, NodeId node, uint32_t depth) {
  for (NodeId c = node_first_named(cx->t, node); node_ok(c);
       c = node_next_named(cx->t, c)) {
    bool is_named =
        node_is(cx->t, c, PY_PAIR) || node_is(cx->t, c, PY_KEYWORD_ARGUMENT);
    NodeId part = is_named ? node_field(cx->t, c, FIELD_VALUE) : c;
    NodeId leaf = stored_exception_in(cx, part, depth);
    if (node_ok(leaf)) return leaf;
  }
  return NO_NODE;
}

// `Result(name, error=e)` of a data class of this file: a record of what it is given.
static bool makes_record(RuleContext *cx, NodeId call) {
  static const char *const records[] = {"attr.define",  "attr.frozen",
                                        "attr.s",       "attrs.define",
                                        "attrs.frozen", "dataclasses.dataclass"};
  NodeId callee = node_unwrap(cx->t, call_callee(cx->m, call));
  if (!node_is(cx->t, callee, PY_IDENTIFIER)) return false;
  const Def *def = def_get(cx->m, binding_only_def(cx->m, binding_of(cx->m, callee)));
  if (def->kind != DEF_CLASS) return false;
  NodeId bases = node_field(cx->t, def->value, FIELD_SUPERCLASSES);
  if (name_is(cx->m, node_first_named(cx->t, bases), "typing.NamedTuple")) return true;
  NodeId outer = node_parent(cx->t, def->value);
  if (!node_is(cx->t, outer, PY_DECORATED_DEFINITION)) return false;
  Str name = name_of_decorator(cx->m, node_first_named(cx->t, outer));
  for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
    if (str_is(name, records[i])) return true;
  }
  return false;
}

// The part of a stored value that holds frames, or NO_NODE.
static NodeId stored_exception_in(RuleContext *cx, NodeId value, uint32_t depth) {
  if (depth == 0) return NO_NODE;
  value = node_unwrap(cx->t, value);
  switch (node_kind(cx->t, value)) {
    case PY_IDENTIFIER:
      return name_holds_frames(cx, value, depth - 1) ? value : NO_NODE;
    case PY_CALL:
      if (holds_frames(cx, value)) return value;
      if (!makes_record(cx, value)) return NO_NODE;
      return first_in_children(cx, node_field(cx->t, value, FIELD_ARGUMENTS),
                               depth - 1);
    case PY_ATTRIBUTE:
      if (is_exceptions(cx, value)) return is_of_group(cx, value) ? value : NO_NODE;
      return node_text_is(cx->t, node_field(cx->t, value, FIELD_ATTRIBUTE),
                          "__traceback__") &&
                     node_ok(stored_exception_in(
                         cx, node_field(cx->t, value, FIELD_OBJECT), depth - 1))
                 ? value
                 : NO_NODE;
    case PY_SUBSCRIPT: {  // sys.exc_info()[1], [2]
      int64_t index = 0;
      bool part =
          is_exc_info(cx, node_field(cx->t, value, FIELD_VALUE)) &&
          constant_int(cx->m, node_field(cx->t, value, FIELD_SUBSCRIPT), &index);
      return part && index != 0 && index != -3 ? value : NO_NODE;
    }
    case PY_TUPLE:
    case PY_LIST:
    case PY_SET:
    case PY_DICTIONARY:
    case PY_EXPRESSION_LIST: return first_in_children(cx, value, depth - 1);
    case PY_CONDITIONAL_EXPRESSION: {
      NodeId first = node_first_named(cx->t, value);
      NodeId leaf = stored_exception_in(cx, first, depth - 1);
      NodeId last = node_named_at(cx->t, value, 2);
      return node_ok(leaf) ? leaf : stored_exception_in(cx, last, depth - 1);
    }
    default: return NO_NODE;
  }
}

// What a leaf is, through the names that it has on the way.
static const char *describe(RuleContext *cx, NodeId leaf, uint32_t depth) {
  const char *const exception = "a caught exception", *const trace = "a traceback";
  int64_t index = 0;
  switch (node_kind(cx->t, leaf)) {
    case PY_ATTRIBUTE: return is_exceptions(cx, leaf) ? exception : trace;
    case PY_CALL: return is_exc_info(cx, leaf) ? exception : "a frame";
    case PY_SUBSCRIPT:
      constant_int(cx->m, node_field(cx->t, leaf, FIELD_SUBSCRIPT), &index);
      return index == 2 || index == -1 ? trace : exception;
    default: {
      const Def *def = def_get(cx->m, flow_only_def(cx->m, leaf));
      if (def->flags & DEF_UNPACKED) return def->index == 2 ? trace : exception;
      if (depth == 0 || def->kind == DEF_EXCEPT || !node_ok(def->value))
        return exception;
      NodeId inner = stored_exception_in(cx, def->value, depth);
      return node_ok(inner) ? describe(cx, inner, depth - 1) : exception;
    }
  }
}

// --- the fix -------------------------------------------------------------------------

static Fix without_traceback(RuleContext *cx, NodeId leaf) {
  if (!node_is(cx->t, leaf, PY_IDENTIFIER)) return (Fix){0};
  const Def *def = def_get(cx->m, flow_only_def(cx->m, leaf));
  NodeId handler = node_ancestor(cx->t, leaf, PY_EXCEPT_CLAUSE);
  if (def->kind != DEF_EXCEPT || !node_inside(cx->t, def->node, handler))
    return (Fix){0};
  for (uint32_t i = handler.i; i < node_after(cx->t, handler); i++) {
    if (node_is(cx->t, (NodeId){i}, PY_RAISE_STATEMENT)) return (Fix){0};
  }
  EditList edits = edits_in(cx->arena);
  edit_insert(&edits, node_stop(cx->t, leaf), STR(".with_traceback(None)"));
  return edits_fix(&edits, FIX_UNSAFE, STR("store it without its traceback"),
                   STR("the stored exception no longer shows where it was raised"));
}
