#include "semantic/amount.h"

#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/place_internal.h"
#include "semantic/rounds.h"

enum { NODES_READ = 400, CALLS_READ = 32, OPERANDS = 8 };

Amount amount_more(Amount a, Amount b) {
  if (a.size == SIZE_UNBOUNDED || b.size == SIZE_SMALL) return a;
  if (b.size == SIZE_UNBOUNDED || a.size == SIZE_SMALL) return b;
  return a;
}

static Amount amount_of_value(Value v, NodeId source) {
  if (size_is_unbounded(v)) {
    return (Amount){SIZE_UNBOUNDED, size_why(v), source, false};
  }
  bool is_record = (v.flags & VALUE_RECORD) != 0;
  SizeEvidence size = size_is_small(v) ? SIZE_SMALL : SIZE_UNKNOWN;
  return (Amount){size, WHY_NONE, source, is_record};
}

// `text.split(",")` of who knows what: one line, for all that is known.
static bool is_split(Model *m, NodeId source) {
  Str method = STR_NONE;
  return node_ok(call_receiver(m, node_unwrap(m->tree, source), &method)) &&
         (str_is(method, "split") || str_is(method, "rsplit"));
}

// `*args` are as many as somebody writes out.
static bool is_of_starred(Model *m, Value v) {
  NodeId name = node_unwrap(m->tree, v.source);
  if (v.why != WHY_PARAMETER || !node_is(m->tree, name, PY_IDENTIFIER)) return false;
  BindingId binding = binding_of(m, name);
  return (def_get(m, def_first(m, binding))->flags &
          (DEF_STARRED | DEF_KEYWORD_STAR)) != 0;
}

Amount amount_of_source(Model *m, NodeId source) {
  Value v = value_of(m, source);
  if (is_of_starred(m, v) || source_is_few(m, source))
    return (Amount){.size = SIZE_UNKNOWN, .source = source};
  Amount amount = amount_of_value(v, source);
  if (amount.size == SIZE_UNKNOWN) amount.is_record |= is_split(m, source);
  return amount;
}

// `while url: page = requests.get(url).json()`, `while chunk: chunk = f.read(n)`: page by
// page, of what has no bound.
static Amount amount_of_while(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  uint32_t read = 0;
  for (uint32_t i = loop.i; i < node_after(t, loop) && read < NODES_READ; i++, read++) {
    NodeId call = {i};
    Str method = STR_NONE;
    if (!node_is(t, call, PY_CALL)) continue;
    if (value_of(m, call).kind == VALUE_RESPONSE) {
      return (Amount){SIZE_UNBOUNDED, WHY_NETWORK, call, false};
    }
    NodeId receiver = call_receiver(m, call, &method);
    bool is_fetch = str_is(method, "fetchmany") || str_is(method, "fetchone");
    if (is_fetch) return (Amount){SIZE_UNBOUNDED, WHY_DATABASE, call, false};
    bool is_read = str_is(method, "readline") || str_is(method, "read");
    if (is_read && value_is_file(value_of(m, receiver))) {
      return (Amount){SIZE_UNBOUNDED, WHY_FILE, call, false};
    }
  }
  return (Amount){.size = SIZE_UNKNOWN};
}

Amount amount_of_loop(Model *m, NodeId loop) {
  const Tree *t = m->tree;
  NodeId source = node_field(t, loop, FIELD_RIGHT);
  if (loop_is_worker(m, loop)) {
    return (Amount){SIZE_UNBOUNDED, WHY_ENDLESS, source, false};
  }
  if (node_is(t, loop, PY_WHILE_STATEMENT)) return amount_of_while(m, loop);
  if (node_is(t, loop, PY_FOR_STATEMENT)) return amount_of_source(m, source);
  Amount most = {.size = SIZE_UNKNOWN};
  if (!place_is_comprehension(node_kind(t, loop))) return most;
  most.size = SIZE_SMALL;
  for (NodeId c = node_first_named(t, loop); node_ok(c); c = node_next_named(t, c)) {
    if (!node_is(t, c, PY_FOR_IN_CLAUSE)) continue;
    Amount one = amount_of_source(m, node_field(t, c, FIELD_RIGHT));
    if (one.size == SIZE_UNBOUNDED) return one;
    if (one.size == SIZE_UNKNOWN) most = one;
  }
  return most;
}

// --- numbers -------------------------------------------------------------------------

static Amount amount_of_constant(int64_t number, NodeId source) {
  SizeEvidence size = number < SMALL_SIZE     ? SIZE_SMALL
                      : number >= LARGE_RANGE ? SIZE_UNBOUNDED
                                              : SIZE_UNKNOWN;
  return (Amount){size, size == SIZE_UNBOUNDED ? WHY_RANGE : WHY_NONE, source, false};
}

// What the calls of this file pass: the most of it, where all of them are seen.
static bool calls_pass(Model *m, const Def *def, Amount *out) {
  const Tree *t = m->tree;
  NodeId function = scope_get(m, def->scope)->node;
  BindingId id = binding_of(m, node_field(t, function, FIELD_NAME));
  if (!node_is(t, function, PY_FUNCTION_DEFINITION) || !binding_ok(id)) return false;
  if (scope_ok(scope_class_of_method(m, def->scope))) return false;
  const char *keyword = str_cstr_in(m->arena, binding_name(m, def->binding));
  uint32_t read = 0;
  *out = (Amount){.size = SIZE_SMALL};
  for (RefId r = ref_first(m, id); ref_ok(r); r = ref_next(m, r)) {
    NodeId e = node_wrap(t, ref_get(m, r)->node), given = NO_NODE;
    int64_t number = 0;
    if (place_of(t, e).kind != PLACE_CALLEE || ++read > CALLS_READ) return false;
    ArgState state = call_argument(m, node_parent(t, e), def->index, keyword, &given);
    if (state == ARG_ABSENT) given = def->value;
    if (state == ARG_UNKNOWN || !constant_int(m, given, &number)) return false;
    *out = amount_more(*out, amount_of_constant(number, given));
  }
  return read > 0;
}

static Amount amount_of_parameter(Model *m, const Def *def) {
  Amount passed;
  if ((def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) == 0 &&
      calls_pass(m, def, &passed)) {
    return passed;
  }
  return (Amount){SIZE_UNBOUNDED, WHY_PARAMETER, def->node, false};
}

static Amount amount_of_name(Model *m, NodeId number) {
  const Def *def = def_get(m, flow_only_def(m, number));
  if (def->kind == DEF_PARAMETER) return amount_of_parameter(m, def);
  return (Amount){.size = SIZE_UNKNOWN, .source = number};
}

static Amount amount_of_call(Model *m, NodeId call) {
  NodeId first = NO_NODE;
  Str name = name_of_callee(m, call);
  Amount unknown = {.size = SIZE_UNKNOWN, .source = call};
  if (call_argument(m, call, 0, NULL, &first) != ARG_PRESENT) return unknown;
  if (str_is(name, "builtins.len")) return amount_of_source(m, first);
  if (str_is(name, "builtins.int") || str_is(name, "builtins.abs") ||
      str_is(name, "math.ceil") || str_is(name, "math.floor")) {
    NodeId inner = node_unwrap(m->tree, first);
    return node_is(m->tree, inner, PY_IDENTIFIER) ? amount_of_name(m, inner) : unknown;
  }
  return unknown;
}

// A number once names that are bound once are looked through.
static NodeId number_behind(Model *m, NodeId number) {
  NodeId e = name_value(m, number);
  if (!node_is(m->tree, e, PY_IDENTIFIER)) return e;
  const Def *def = def_get(m, flow_only_def(m, e));
  bool is_plain = def->kind == DEF_ASSIGN && (def->flags & DEF_UNPACKED) == 0;
  return is_plain && node_ok(def->value) ? node_unwrap(m->tree, def->value) : e;
}

// `batch_size`, `self.depth`, `len(axes)`: as few as that means.
static bool is_few(Model *m, NodeId number) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, number), first = NO_NODE;
  if (node_is(t, e, PY_CALL) && str_is(name_of_callee(m, e), "builtins.len") &&
      call_argument(m, e, 0, NULL, &first) == ARG_PRESENT) {
    e = node_unwrap(t, first);
  }
  if (node_is(t, e, PY_ATTRIBUTE)) e = node_field(t, e, FIELD_ATTRIBUTE);
  return node_is(t, e, PY_IDENTIFIER) && name_is_few(node_text(t, e));
}

Amount amount_of_number(Model *m, NodeId number) {
  const Tree *t = m->tree;
  NodeId todo[OPERANDS] = {number};
  Amount most = {.size = SIZE_SMALL};
  for (uint32_t done = 0, count = 1; done < count; done++) {
    NodeId e = number_behind(m, todo[done]);
    int64_t constant = 0;
    Amount one = {.size = SIZE_UNKNOWN, .source = e};
    if (is_few(m, todo[done]) || is_few(m, e)) {
      most = amount_more(most, one);
      continue;
    }
    if (constant_int(m, e, &constant)) {
      one = amount_of_constant(constant, e);
    } else if (node_is(t, e, PY_BINARY_OPERATOR) && count + 2 <= OPERANDS) {
      todo[count++] = node_field(t, e, FIELD_LEFT);
      todo[count++] = node_field(t, e, FIELD_RIGHT);
      continue;
    } else if (node_is(t, e, PY_IDENTIFIER)) {
      one = amount_of_name(m, e);
    } else if (node_is(t, e, PY_CALL)) {
      one = amount_of_call(m, e);
    }
    most = amount_more(most, one);
    most.is_record |= one.is_record;
  }
  return most;
}
