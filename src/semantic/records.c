#include "semantic/records.h"

#include "semantic/amount.h"
#include "semantic/pass.h"
#include "semantic/records_internal.h"

enum { LOOPS_MOST = 32 };

// --- keys ----------------------------------------------------------------------------

Str records_key_text(Model *m, NodeId key) {
  Str text = STR_NONE;
  if (node_is(m->tree, key, PY_IDENTIFIER)) return node_text(m->tree, key);
  constant_str(m, key, &text);
  return text;
}

static bool key_add(Model *m, Records *out, NodeId key) {
  Str text = records_key_text(m, key);
  if (text.n == 0 || out->key_count == RECORD_KEYS_MOST) return false;
  for (uint32_t i = 0; i < out->key_count; i++) {
    if (str_eq(records_key_text(m, out->keys[i]), text)) return false;
  }
  out->keys[out->key_count++] = key;
  return true;
}

bool records_keys(Model *m, NodeId literal, Records *out) {
  const Tree *t = m->tree;
  bool is_call = node_is(t, literal, PY_CALL);
  NodeId list = is_call ? node_field(t, literal, FIELD_ARGUMENTS) : literal;
  if (is_call && !str_is(name_of_callee(m, literal), "builtins.dict")) return false;
  out->literal = literal;
  for (NodeId n = node_first_named(t, list); node_ok(n); n = node_next_named(t, n)) {
    if (!node_is(t, n, is_call ? PY_KEYWORD_ARGUMENT : PY_PAIR)) return false;
    NodeId key = node_field(t, n, is_call ? FIELD_NAME : FIELD_KEY);
    if (!is_call && !node_is(t, key, PY_STRING)) return false;
    if (!key_add(m, out, key)) return false;
  }
  return out->key_count >= RECORD_KEYS_LEAST;
}

Str record_key(const Following *f, uint32_t index) {
  return records_key_text(f->m, f->records->keys[index]);
}

bool record_has_key(Following *f, NodeId key) {
  Str text = STR_NONE;
  if (!constant_str(f->m, key, &text)) return false;
  for (uint32_t i = 0; i < f->records->key_count; i++) {
    if (str_eq(record_key(f, i), text)) return true;
  }
  return false;
}

// --- how many ------------------------------------------------------------------------

// In that loop a container begins, or is emptied: it never holds what all rounds give.
static bool loop_starts_anew(const Following *f, NodeId loop) {
  for (uint32_t i = 0; i < f->emptied.count; i++) {
    if (node_inside(f->t, f->emptied.items[i], loop)) return true;
  }
  return false;
}

// A row that is made once, outside of the loop, is one row however often it is kept.
static bool makes_rows(const Following *f, NodeId loop, NodeId place) {
  NodeId literal = f->records->literal;
  if (node_inside(f->t, literal, loop)) return true;
  NodeId made_in = context_of(f->m, literal).function;
  return !node_eq(made_in, context_of(f->m, place).function);
}

// The loops around a place from which rows are gathered.
static Amount amount_around(const Following *f, NodeId place, Amount most) {
  NodeId loop = place_is_comprehension(node_kind(f->t, place))
                    ? place
                    : loop_around(f->m, place, NO_NODE);
  for (uint32_t i = 0; i < LOOPS_MOST && node_ok(loop); i++) {
    if (loop_starts_anew(f, loop)) break;
    if (makes_rows(f, loop, place))
      most = amount_more(most, amount_of_loop(f->m, loop));
    loop = loop_around(f->m, place, loop);
  }
  return most;
}

// Of what a gathering call gets: `rows.extend(…)`, `list(…)`.
static Amount amount_of_gathered(const Following *f, NodeId gathered, Amount most) {
  NodeId argument = NO_NODE;
  if (node_is(f->t, gathered, PY_CALL) &&
      call_argument(f->m, gathered, 0, NULL, &argument) == ARG_PRESENT) {
    NodeId e = node_unwrap(f->t, argument);
    bool is_source = place_is_comprehension(node_kind(f->t, e));
    if (is_source && node_inside(f->t, f->records->literal, e)) {
      most = amount_more(most, amount_of_loop(f->m, e));
    }
  }
  return amount_around(f, gathered, most);
}

static const char *amount_read(Following *f) {
  Records *r = f->records;
  Amount most = {.size = SIZE_SMALL};
  if (f->gathered.count == 0) return "only one is kept at a time";
  for (uint32_t i = 0; i < f->gathered.count; i++) {
    Amount one = amount_of_gathered(f, f->gathered.items[i], most);
    if (amount_more(most, one).size != most.size || i == 0)
      r->gathered = f->gathered.items[i];
    most = amount_more(most, one);
  }
  if (f->yields) most = amount_around(f, r->literal, most);
  if (most.size == SIZE_SMALL) return "only few are kept";
  r->is_unbounded = most.size == SIZE_UNBOUNDED;
  r->source = most.source;
  r->why = most.why;
  return NULL;
}

// --- entry ---------------------------------------------------------------------------

static bool may_be_kept(Model *m, NodeId literal) {
  switch (place_behind(m->tree, node_wrap(m->tree, literal)).kind) {
    case PLACE_ELEMENT:
    case PLACE_ARGUMENT:
    case PLACE_ASSIGNED:
    case PLACE_RETURNED:
    case PLACE_YIELDED: return true;
    default: return false;
  }
}

const char *records_of(Model *m, NodeId literal, Records *out) {
  *out = (Records){0};
  if (!may_be_kept(m, literal) || !records_keys(m, literal, out)) return "";
  if ((context_of(m, literal).flags & CONTEXT_TEST) != 0) return "it is in a test";
  Following f = {.m = m,
                 .t = m->tree,
                 .records = out,
                 .seen = map_in(m->arena),
                 .defs = map_in(m->arena),
                 .bindings = map_in(m->arena),
                 .functions = map_in(m->arena),
                 .given = map_in(m->arena)};
  records_follow(&f, literal, ROW);
  for (uint32_t done = 0, settled = 0; f.refusal == NULL;) {
    if (done < f.todo.count) {
      Owed next = f.todo.items[done++];
      records_used(&f, next.value, next.shape);
    } else if (settled < f.owed.count) {
      uint32_t from = settled;
      settled = f.owed.count;
      records_settle(&f, from);
    } else {
      break;
    }
  }
  return f.refusal != NULL ? f.refusal : amount_read(&f);
}
