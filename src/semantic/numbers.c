#include "semantic/numbers.h"

#include "semantic/keeper.h"
#include "semantic/numbers_internal.h"

enum { LOOPS_MOST = 32 };

bool numbers_refuse(Scan *s, const char *reason) {
  if (s->refusal == NULL) s->refusal = reason;
  return false;
}

static bool closed_push(Scan *s, Str name) {
  Numbers *n = s->numbers;
  for (uint32_t i = 0; i < n->closed_count; i++) {
    if (str_eq(n->closed[i], name)) return true;
  }
  if (n->closed_count == NUMBERS_CLOSED) return false;
  n->closed[n->closed_count++] = name;
  return true;
}

// A name of the module that other modules have no business with.
bool numbers_closed_add(Scan *s, Str name) {
  bool is_meant = name_is_private(name) || context_file_is_script(s->m);
  return is_meant && closed_push(s, name);
}

// --- what begins a list --------------------------------------------------------------

// `[x]` of one item: the item.
static NodeId only_item(const Tree *t, NodeId e) {
  bool is_one = node_is(t, e, PY_LIST) && node_count_named(t, e) == 1;
  NodeId item = is_one ? node_first_named(t, e) : NO_NODE;
  return node_is(t, item, PY_LIST_SPLAT) ? NO_NODE : item;
}

// `[0] * n`, `n * [0]`: the item, and n in `count`.
static NodeId repeated_item(const Tree *t, NodeId e, NodeId *count) {
  if (!node_is(t, e, PY_BINARY_OPERATOR) ||
      !node_is(t, node_field(t, e, FIELD_OPERATOR), PY_OP_STAR)) {
    return NO_NODE;
  }
  NodeId left = node_unwrap(t, node_field(t, e, FIELD_LEFT));
  NodeId right = node_unwrap(t, node_field(t, e, FIELD_RIGHT));
  NodeId item = only_item(t, left);
  *count = node_ok(item) ? right : left;
  return node_ok(item) ? item : only_item(t, right);
}

static bool is_empty_list(Model *m, NodeId e) {
  const Tree *t = m->tree;
  if (node_is(t, e, PY_LIST)) return node_count_named(t, e) == 0;
  return node_is(t, e, PY_CALL) && str_is(name_of_callee(m, e), "builtins.list") &&
         !call_has_arguments(m, e);
}

// `list(map(float, lines))`: what is walked through; NO_NODE.
static NodeId mapped_to_float(Model *m, NodeId e) {
  NodeId map = NO_NODE, function = NO_NODE, source = NO_NODE;
  if (!node_is(m->tree, e, PY_CALL) || !str_is(name_of_callee(m, e), "builtins.list") ||
      call_argument(m, e, 0, NULL, &map) != ARG_PRESENT) {
    return NO_NODE;
  }
  NodeId call = node_unwrap(m->tree, map);
  if (!node_is(m->tree, call, PY_CALL) ||
      !str_is(name_of_callee(m, call), "builtins.map") ||
      call_positional_count(m, call) != 2 ||
      call_argument(m, call, 0, NULL, &function) != ARG_PRESENT ||
      !name_is(m, function, "builtins.float")) {
    return NO_NODE;
  }
  call_argument(m, call, 1, NULL, &source);
  return source;
}

// What is walked through may be anything where a parameter, or a range up to who knows
// what, is all that is known: most such lists are short.
static Amount amount_walked(Scan *s, NodeId source) {
  NodeId stop = NO_NODE, call = node_unwrap(s->t, source);
  if (str_is(name_of_callee(s->m, call), "builtins.range")) {
    uint32_t count = call_positional_count(s->m, call);
    call_argument(s->m, call, count > 1 ? 1 : 0, NULL, &stop);
    return node_ok(stop) ? amount_of_number(s->m, stop)
                         : (Amount){.size = SIZE_UNKNOWN};
  }
  Amount amount = amount_of_source(s->m, source);
  bool is_weak = amount.why == WHY_PARAMETER || amount.why == WHY_RANGE;
  if (is_weak) amount.size = SIZE_UNKNOWN;
  return amount;
}

static Amount amount_of_rounds(Scan *s, NodeId loop) {
  if (!node_is(s->t, loop, PY_FOR_STATEMENT) || loop_is_worker(s->m, loop)) {
    return amount_of_loop(s->m, loop);
  }
  return amount_walked(s, node_field(s->t, loop, FIELD_RIGHT));
}

// `[rate for _ in range(n)]`: one number, n times.
static bool is_same_again(Scan *s, NodeId e) {
  NodeId item = node_unwrap(s->t, node_field(s->t, e, FIELD_BODY));
  if (!node_is(s->t, item, PY_IDENTIFIER)) return false;
  const Def *d = def_get(s->m, binding_only_def(s->m, binding_of(s->m, item)));
  return d->kind != DEF_NONE && !node_inside(s->t, d->node, e);
}

// Filtered, it is as short as may be.
static Amount amount_of_comprehension(Scan *s, NodeId e) {
  Amount most = {.size = SIZE_SMALL};
  if (is_same_again(s, e)) return (Amount){.size = SIZE_UNKNOWN};
  for (NodeId c = node_first_named(s->t, e); node_ok(c); c = node_next_named(s->t, c)) {
    if (node_is(s->t, c, PY_IF_CLAUSE) && !s->has_float) {
      return (Amount){.size = SIZE_UNKNOWN};
    }
    if (!node_is(s->t, c, PY_FOR_IN_CLAUSE)) continue;
    most = amount_more(most, amount_walked(s, node_field(s->t, c, FIELD_RIGHT)));
  }
  return most;
}

// `list(range(n))`: what may be put in another order.
static NodeId listed_range(Model *m, NodeId e) {
  NodeId range = NO_NODE;
  if (!node_is(m->tree, e, PY_CALL) || !str_is(name_of_callee(m, e), "builtins.list") ||
      call_argument(m, e, 0, NULL, &range) != ARG_PRESENT) {
    return NO_NODE;
  }
  return str_is(name_of_callee(m, node_unwrap(m->tree, range)), "builtins.range")
             ? range
             : NO_NODE;
}

static Amount amount_of_start(Scan *s, NodeId e) {
  NodeId count = NO_NODE, item = repeated_item(s->t, e, &count);
  if (node_ok(item)) return amount_of_number(s->m, count);
  NodeId source = mapped_to_float(s->m, e);
  if (!node_ok(source)) source = listed_range(s->m, e);
  if (node_ok(source)) return amount_walked(s, source);
  if (node_is(s->t, e, PY_LIST_COMPREHENSION)) return amount_of_comprehension(s, e);
  return (Amount){.size = SIZE_SMALL};
}

bool numbers_begin(Scan *s, NodeId start) {
  NodeId e = node_unwrap(s->t, start), count = NO_NODE;
  NodeId item = repeated_item(s->t, e, &count);
  if (node_ok(item)) return num_take(s, item);
  if (is_empty_list(s->m, e)) return true;
  if (node_is(s->t, e, PY_LIST_COMPREHENSION)) {
    return num_take(s, node_field(s->t, e, FIELD_BODY));
  }
  if (node_ok(mapped_to_float(s->m, e))) {
    s->has_float = true;
    return true;
  }
  if (node_ok(listed_range(s->m, e))) {
    s->has_whole = s->has_computed = true;
    return true;
  }
  return numbers_refuse(s, "it is made in another way at times");
}

// By its form alone.
static bool may_begin(Model *m, NodeId e) {
  NodeId count = NO_NODE;
  switch (node_kind(m->tree, e)) {
    case PY_BINARY_OPERATOR: return node_ok(repeated_item(m->tree, e, &count));
    case PY_LIST_COMPREHENSION: return true;
    case PY_LIST: return node_count_named(m->tree, e) == 0;
    case PY_CALL:
      return is_empty_list(m, e) || node_ok(mapped_to_float(m, e)) ||
             node_ok(listed_range(m, e));
    default: return false;
  }
}

// --- how many ------------------------------------------------------------------------

static Amount amount_of_appends(Scan *s, NodeId start) {
  Amount most = {.size = SIZE_SMALL};
  for (uint32_t i = 0; i < s->appends.count; i++) {
    NodeId append = s->appends.items[i];
    bool is_some = (context_of(s->m, append).flags & CONTEXT_BRANCH) != 0;
    if (is_some && !s->has_float) continue;  // as few as may be
    NodeId loop = loop_around(s->m, append, NO_NODE);
    for (uint32_t k = 0; k < LOOPS_MOST && node_ok(loop); k++) {
      if (node_inside(s->t, start, loop)) break;
      most = amount_more(most, amount_of_rounds(s, loop));
      loop = loop_around(s->m, append, loop);
    }
  }
  return most;
}

// --- the verdict ---------------------------------------------------------------------

static bool form_read(Scan *s, NumberForm *form) {
  if (s->has_float) {
    *form = NUMBERS_FLOAT;
    return !s->has_flag && !s->has_computed && !s->is_changed_by_slice;
  }
  if (s->has_other) return false;
  if (s->has_computed || s->has_changed) {
    *form = NUMBERS_WHOLE;
    return s->has_whole && !s->has_flag && !s->is_changed_by_slice;
  }
  if (s->has_flag && !s->has_whole) {
    *form = NUMBERS_FLAGS;
    return !s->is_compared;
  }
  bool is_byte = s->least >= 0 && s->most <= 255;
  *form = is_byte                              ? NUMBERS_BYTES
          : s->least >= -128 && s->most <= 127 ? NUMBERS_SIGNED
                                               : NUMBERS_WHOLE;
  return s->has_whole && !s->has_flag && (is_byte || !s->is_changed_by_slice);
}

static const char *verdict(Scan *s) {
  Numbers *n = s->numbers;
  if (s->refusal != NULL) return s->refusal;
  bool is_made_of_values = node_is(s->t, n->start, PY_LIST_COMPREHENSION) ||
                           node_ok(mapped_to_float(s->m, n->start));
  if (!s->is_read || (!s->is_stored && !is_made_of_values)) {
    return "nothing is ever stored in it";
  }
  if (!form_read(s, &n->form)) return "its items are not of one kind that fits";
  n->amount =
      s->is_grown ? amount_of_appends(s, n->start) : amount_of_start(s, n->start);
  return n->amount.size == SIZE_UNBOUNDED ? NULL : "it is not known to be large";
}

// --- entry ---------------------------------------------------------------------------

static void variable_scan(Scan *s, NodeId name) {
  BindingId id = binding_of(s->m, name);
  ScopeKind kind = scope_get(s->m, binding_get(s->m, id)->scope)->kind;
  if (kind == SCOPE_CLASS) {
    numbers_refuse(s, "other code may see it");
    return;
  }
  if (kind == SCOPE_MODULE && !numbers_closed_add(s, node_text(s->t, name))) {
    numbers_refuse(s, "other modules may see it");
    return;
  }
  numbers_name(s, id, false);
}

static void attribute_scan(Scan *s, NodeId attribute) {
  Str name = node_text(s->t, node_field(s->t, attribute, FIELD_ATTRIBUTE));
  Keeper keeper = keeper_of(s->m, attribute);
  if (!name_is_private(name) || keeper.kind != KEEPER_SELF ||
      keeper_is_of_base(s->m, keeper, attribute) ||
      !closed_push(s, str_join_in(s->m->arena, STR("."), "", name))) {
    numbers_refuse(s, "other code may see it");
    return;
  }
  numbers_attribute(s, name);
}

const char *numbers_of(Model *m, NodeId start, Numbers *out) {
  const Tree *t = m->tree;
  NodeId e = node_wrap(t, start), assignment = node_parent(t, e);
  *out = (Numbers){.start = start};
  if (!node_is(t, assignment, PY_ASSIGNMENT) || node_role(t, e) != FIELD_RIGHT ||
      !may_begin(m, start)) {
    return "";
  }
  NodeId target = node_unwrap(t, node_field(t, assignment, FIELD_LEFT));
  bool is_chained = node_is(t, node_parent(t, assignment), PY_ASSIGNMENT);
  bool is_name = node_is(t, target, PY_IDENTIFIER);
  if (is_chained || (!is_name && !node_is(t, target, PY_ATTRIBUTE))) return "";
  Scan s = {.m = m, .t = t, .numbers = out};
  out->name = target;
  NodeId count = NO_NODE, item = repeated_item(t, start, &count);
  if (node_is(t, start, PY_LIST_COMPREHENSION)) item = node_field(t, start, FIELD_BODY);
  // What lists of other things begin with, at no cost.
  if (node_ok(item) && num_of(&s, item).kind == NUM_OTHER) return "";
  if ((context_of(m, start).flags & CONTEXT_TEST) != 0) return "it is in a test";
  if (is_name) {
    variable_scan(&s, target);
  } else {
    attribute_scan(&s, target);
  }
  return verdict(&s);
}
