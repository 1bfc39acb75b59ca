#include "index/facts_internal.h"
#include "semantic/calls.h"

// Running work that is put into containers, and code that waits for it.

enum { NAMES_MAX = 4 };

// `create_task(…)`, `[create_task(…) for …]`, a name that stands for one.
bool starts_work(FactsBuilder *b, NodeId value) {
  const Tree *t = b->t;
  for (uint32_t i = 0; i < NAMES_MAX; i++) {
    value = node_unwrap(t, value);
    switch (node_kind(t, value)) {
      case PY_CALL: {
        const StartFact *start = call_start(b->m, value);
        return start != NULL &&
               (start->kind == START_TASK || start->kind == START_FUTURE);
      }
      case PY_LIST:
      case PY_SET:
      case PY_TUPLE:
      case PY_LIST_COMPREHENSION:
      case PY_SET_COMPREHENSION:
      case PY_GENERATOR_EXPRESSION: value = node_first_named(t, value); break;
      case PY_IDENTIFIER: {
        const Def *d = def_get(b->m, flow_only_def(b->m, value));
        bool is_plain = (d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED) &&
                        (d->flags & DEF_UNPACKED) == 0;
        if (!is_plain) return false;
        value = d->value;
        break;
      }
      default: return false;
    }
  }
  return false;
}

// `await t`, `t.cancel()`, `t.join()`, `t.result()` of a loop's variable in its body.
static bool is_ended_in(FactsBuilder *b, NodeId target, NodeId loop) {
  enum { USES_MAX = 16 };
  static const char *const ends[] = {"cancel", "exception", "join", "result", "wait"};
  const Tree *t = b->t;
  RefId r = binding_get(b->m, binding_of(b->m, target))->first_ref;
  uint32_t seen = 0;
  for (; ref_ok(r) && seen < USES_MAX; r = ref_next(b->m, r), seen++) {
    NodeId n = node_wrap(t, ref_get(b->m, r)->node), p = node_parent(t, n);
    if (!node_inside(t, n, loop)) continue;
    if (node_is(t, p, PY_AWAIT)) return true;
    Str method = node_text(t, node_field(t, p, FIELD_ATTRIBUTE));
    for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++) {
      if (node_is(t, p, PY_ATTRIBUTE) && str_is(method, ends[i])) return true;
    }
  }
  return false;
}

// `gather(*tasks)`, `wait(tasks)`, `for t in tasks: await t`.
bool is_waited_for(FactsBuilder *b, NodeId mention) {
  static const char *const waits[] = {"as_completed", "gather", "joinall",
                                      "shield",       "wait",   "wait_for"};
  const Tree *t = b->t;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  if (node_is(t, p, PY_LIST_SPLAT)) {
    n = node_wrap(t, p);
    p = node_parent(t, n);
  }
  // list(tasks), tasks.values()
  for (uint32_t i = 0; i < NAMES_MAX; i++) {
    NodeId call = node_is(t, p, PY_ATTRIBUTE) || node_is(t, p, PY_ARGUMENT_LIST)
                      ? node_parent(t, node_wrap(t, p))
                      : NO_NODE;
    if (!node_is(t, call, PY_CALL)) break;
    NodeId callee = node_unwrap(t, node_field(t, call, FIELD_FUNCTION));
    Str name = name_last_part(node_text(t, callee));
    for (uint32_t w = 0; w < sizeof waits / sizeof *waits; w++) {
      if (str_is(name, waits[w])) return true;
    }
    n = node_wrap(t, call);
    p = node_parent(t, n);
    if (node_is(t, p, PY_LIST_SPLAT)) {
      n = node_wrap(t, p);
      p = node_parent(t, n);
    }
  }
  bool is_loop = node_is(t, p, PY_FOR_STATEMENT) || node_is(t, p, PY_FOR_IN_CLAUSE);
  if (!is_loop || node_role(t, n) != FIELD_RIGHT) return false;
  NodeId target = node_field(t, p, FIELD_LEFT);
  if (node_is(t, target, PY_PATTERN_LIST)) target = node_last(t, target);
  NodeId around = node_is(t, p, PY_FOR_IN_CLAUSE) ? node_parent(t, p) : p;
  return node_is(t, target, PY_IDENTIFIER) && is_ended_in(b, target, around);
}
