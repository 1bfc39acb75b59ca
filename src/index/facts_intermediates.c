// Heavy values that one method stores on self and reads, and nobody else in this file; and
// the reads by name that other files have to know of.
#include "index/facts_internal.h"
#include "semantic/calls.h"
#include "semantic/classes.h"
#include "semantic/flow.h"
#include "semantic/heavy.h"

enum { STORES_MAX = 8, READS_MAX = 32, METHODS_MAX = 64, USES_MAX = 256 };

typedef struct Candidate {
  FactsBuilder *b;
  ScopeId owner;  // the class
  Str stored;     // mangled
  Str written;
  NodeId function;            // the method
  NodeId stores[STORES_MAX];  // the attributes of its plain assignments
  NodeId reads[READS_MAX];
  uint32_t store_count, read_count;
  Heavy heavy;
  NodeId heavy_store;
} Candidate;

// --- one method ----------------------------------------------------------------------

// `self.x = value`, alone or in a chain of local names: the value.
static NodeId plain_value(const Tree *t, NodeId attribute) {
  NodeId n = node_wrap(t, attribute), assignment = node_parent(t, n);
  if (!node_is(t, assignment, PY_ASSIGNMENT) || node_role(t, n) != FIELD_LEFT)
    return NO_NODE;
  for (NodeId up = node_parent(t, assignment); node_is(t, up, PY_ASSIGNMENT);
       up = node_parent(t, up)) {
    if (!node_is(t, node_field(t, up, FIELD_LEFT), PY_IDENTIFIER)) return NO_NODE;
  }
  NodeId value = node_field(t, assignment, FIELD_RIGHT);
  while (node_is(t, value, PY_ASSIGNMENT)) {
    if (!node_is(t, node_field(t, value, FIELD_LEFT), PY_IDENTIFIER)) return NO_NODE;
    value = node_field(t, value, FIELD_RIGHT);
  }
  return value;
}

// None, a number, an empty container: what stands there until there is something.
static bool is_placeholder(FactsBuilder *b, NodeId value) {
  Str text;
  if (constant_str(b->m, value, &text)) return true;
  Value v = value_of(b->m, value);
  return value_is_scalar(v) || (value_is_sized(v) && v.high == 0);
}

// Of another function: only a constructor may, and only a placeholder.
static bool is_prepared(FactsBuilder *b, NodeId function, NodeId attribute) {
  NodeId value = plain_value(b->t, attribute);
  return node_ok(value) && is_constructor(b->t, function) && is_placeholder(b, value);
}

static bool first_read_find(Candidate *c, const MentionGroup *group) {
  FactsBuilder *b = c->b;
  bool is_stored = false;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    const Mention *mention = &b->mentions.items[i];
    if (mention->via != OPERATION_VIA_SELF) return false;
    if (attribute_store(b->t, mention->node) != 0) {
      is_stored = true;
    } else if (!node_ok(c->function)) {
      c->function = context_of(b->m, mention->node).function;
    }
  }
  ScopeId scope = scope_of(b->m, c->function);
  return is_stored && node_is(b->t, c->function, PY_FUNCTION_DEFINITION) &&
         scope_class_of_method(b->m, scope).i == c->owner.i &&
         def_ok(b->receiver_defs[scope.i]);
}

// All mentions stand in one method, placeholders of the constructor aside; nothing but
// plain assignments stores there.
static bool mentions_read(Candidate *c, const MentionGroup *group) {
  FactsBuilder *b = c->b;
  if (!first_read_find(c, group)) return false;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    NodeId node = b->mentions.items[i].node;
    NodeId function = context_of(b->m, node).function;
    uint32_t store = attribute_store(b->t, node);
    if (!node_eq(function, c->function)) {
      if (store == 0 || !is_prepared(b, function, node)) return false;
    } else if (store == 0) {
      if (c->read_count == READS_MAX) return false;
      c->reads[c->read_count++] = node;
    } else {
      if (c->store_count == STORES_MAX || !node_ok(plain_value(b->t, node)))
        return false;
      c->stores[c->store_count++] = node;
    }
  }
  return c->store_count > 0;
}

// --- what it is ----------------------------------------------------------------------

static Heavy heavy_of_store(Candidate *c, NodeId store) {
  FactsBuilder *b = c->b;
  NodeId value = plain_value(b->t, store);
  Heavy heavy = heavy_of(b->m, value);
  Value v = value_of(b->m, value);
  bool is_empty = value_is_container(v) && v.high == 0;
  for (uint32_t i = 0; is_empty && heavy.kind == HEAVY_NOT && i < c->read_count; i++) {
    heavy = heavy_growth(b->m, c->reads[i]);
    heavy.value = v.kind;
  }
  return heavy;
}

// `self.df = self.df.dropna()`: a table again, for all that is known.
static bool is_made_anew(Candidate *c, NodeId store) {
  FactsBuilder *b = c->b;
  NodeId value = plain_value(b->t, store);
  bool is_frame = c->heavy.kind == HEAVY_TABLE || c->heavy.kind == HEAVY_ARRAY;
  Value v = value_of(b->m, value);
  if (!is_frame || value_is_scalar(v) || value_is_text(v)) return false;
  for (uint32_t i = 0; i < c->read_count; i++) {
    if (node_inside(b->t, c->reads[i], value)) return true;
  }
  return false;
}

// The uses of a name that has the value as well.
static bool name_keeps(Candidate *c, NodeId name, NodeId skipped) {
  FactsBuilder *b = c->b;
  DefId def = def_at(b->m, name);
  if (!def_ok(def)) def = flow_only_def(b->m, name);
  if (!node_is(b->t, name, PY_IDENTIFIER) || !def_ok(def)) return false;
  RefList uses = flow_uses_of(b->m, def);
  if (uses.unknown || uses.count > READS_MAX) return true;
  for (uint32_t i = 0; i < uses.count; i++) {
    NodeId use = ref_get(b->m, uses.items[i])->node;
    if (!node_eq(use, skipped) && heavy_is_kept(b->m, c->heavy, use)) return true;
  }
  return false;
}

// `text = f.read(); self.texts = [text]; self._raw = text`, `self._raw = text = f.read()`.
static bool is_held_by_name(Candidate *c) {
  const Tree *t = c->b->t;
  NodeId value = node_unwrap(t, plain_value(t, c->heavy_store));
  if (name_keeps(c, value, value)) return true;
  for (NodeId a = node_parent(t, value); !node_is_statement(t, a);
       a = node_parent(t, a)) {
    NodeId left = node_field(t, a, FIELD_LEFT);
    if (node_is(t, left, PY_IDENTIFIER) && name_keeps(c, left, NO_NODE)) return true;
  }
  return false;
}

// The first store of something heavy that nothing else takes the place of.
static bool heavy_find(Candidate *c) {
  FactsBuilder *b = c->b;
  bool is_heavy[STORES_MAX] = {false};
  for (uint32_t i = 0; i < c->store_count; i++) {
    Heavy heavy = heavy_of_store(c, c->stores[i]);
    is_heavy[i] = heavy.kind != HEAVY_NOT;
    if (!is_heavy[i] || c->heavy.kind != HEAVY_NOT) continue;
    c->heavy = heavy;
    c->heavy_store = c->stores[i];
  }
  if (c->heavy.kind == HEAVY_NOT) return false;
  for (uint32_t i = 0; i < c->store_count; i++) {
    if (is_heavy[i] || is_made_anew(c, c->stores[i])) continue;
    if (flow_reaches(b->m, c->heavy_store, c->stores[i]) != ANSWER_NO) return false;
  }
  return true;
}

static bool is_emptied(FactsBuilder *b, NodeId read) {
  NodeId method = node_parent(b->t, node_wrap(b->t, read));
  NodeId call = node_parent(b->t, method);
  if (!node_is(b->t, method, PY_ATTRIBUTE) || !node_is(b->t, call, PY_CALL))
    return false;
  const MutatorFact *fact = call_mutator(b->m, call);
  return fact != NULL && (fact->effect & MUTATES_CLEARS) != 0;
}

// `self.x = self.x.dropna()`: what comes out is the attribute's again.
static bool is_of_store(const Candidate *c, NodeId read) {
  for (uint32_t i = 0; i < c->store_count; i++) {
    if (node_inside(c->b->t, read, plain_value(c->b->t, c->stores[i]))) return true;
  }
  return false;
}

// What of the method's own scope evaluates it: the outermost comprehension around it.
static NodeId evaluated_at(Candidate *c, NodeId read) {
  FactsBuilder *b = c->b;
  NodeId at = read;
  ScopeId s = scope_at(b->m, read);
  for (; scope_get(b->m, s)->kind == SCOPE_COMPREHENSION;
       s = scope_get(b->m, s)->parent)
    at = scope_get(b->m, s)->node;
  return at;
}

// Every read comes behind a store of the same call, and some behind the heavy one; nobody
// else holds what is read.
static bool reads_allow(Candidate *c) {
  FactsBuilder *b = c->b;
  ScopeId scope = scope_of(b->m, c->function);
  NodeId entry = def_get(b->m, b->receiver_defs[scope.i])->node;
  bool is_read = false;
  for (uint32_t i = 0; i < c->read_count; i++) {
    NodeId read = c->reads[i], at = evaluated_at(c, read);
    Answer early = flow_reaches_avoiding(b->m, entry, at, c->stores, c->store_count);
    if (early != ANSWER_NO || is_emptied(b, read)) return false;
    if (flow_reaches(b->m, c->heavy_store, at) != ANSWER_YES) continue;
    is_read = true;
    if (is_of_store(c, read)) continue;
    if (heavy_is_kept(b->m, c->heavy, read)) return false;
  }
  return is_read;
}

// --- the class around ----------------------------------------------------------------

static bool is_field_call(FactsBuilder *b, NodeId value) {
  NodeId call = node_unwrap(b->t, value);
  if (!node_is(b->t, call, PY_CALL)) return false;
  Str name = name_of_callee(b->m, call);
  return str_is(name, "dataclasses.field") || str_is(name, "attr.ib") ||
         str_is(name, "attrs.field") || str_is(name, "attr.field");
}

// The body of the class binds the name to no more than a placeholder or field, and does
// not read it.
static bool body_allows(Candidate *c) {
  FactsBuilder *b = c->b;
  BindingId id = scope_lookup(b->m, c->owner, c->stored);
  const Binding *binding = binding_get(b->m, id);
  if (!binding_ok(id)) return true;
  if (ref_ok(binding->first_ref)) return false;
  for (DefId d = binding->first_def; def_ok(d); d = def_next(b->m, d)) {
    const Def *def = def_get(b->m, d);
    bool is_value = def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED;
    if (!is_value) return false;
    if (!node_ok(def->value) || is_field_call(b, def->value)) continue;
    if (!is_placeholder(b, def->value)) return false;
  }
  return true;
}

static bool is_word_char(Str text, uint32_t at) {
  if (at >= text.n) return false;
  char ch = text.p[at];
  return ch == '_' || (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
         (ch >= 'A' && ch <= 'Z') || (unsigned char)ch >= 128;
}

static void words_add(Map *words, Str text) {
  for (uint32_t at = 0, stop = 0; at < text.n; at = stop + 1) {
    for (stop = at; is_word_char(text, stop);) stop++;
    if (stop > at) map_put(words, hash_name(str_slice(text, at, stop)) | 1, 1);
  }
}

// Docstrings and `__slots__` ask for nothing.
static bool is_silent_string(const Tree *t, NodeId string) {
  for (NodeId n = node_parent(t, string); node_ok(n) && !node_is_statement(t, n);
       n = node_parent(t, n)) {
    if (node_is(t, n, PY_ASSIGNMENT)) {
      return node_text_is(t, node_field(t, n, FIELD_LEFT), "__slots__");
    }
    if (node_is(t, n, PY_CALL)) return false;
  }
  return node_is(t, node_parent(t, string), PY_EXPRESSION_STATEMENT);
}

// The words of all strings that may ask for an attribute, taken once.
static const Map *words_spelled(FactsBuilder *b) {
  if (b->spelled != NULL) return b->spelled;
  b->spelled = arena_new(b->arena, Map);
  *b->spelled = map_in(b->arena);
  for (uint32_t i = 1; i < b->t->count; i++) {
    NodeId content = {i};
    bool is_asking = node_is(b->t, content, PY_STRING_CONTENT) &&
                     !is_silent_string(b->t, node_parent(b->t, content));
    if (is_asking) words_add(b->spelled, node_text(b->t, content));
  }
  return b->spelled;
}

// `getattr(x, "_raw")`, `"{0._raw}".format(x)`, a table of names.
static bool is_spelled_in_string(Candidate *c) {
  return map_get(words_spelled(c->b), hash_name(c->written) | 1) != 0;
}

// `Base.method(self)`: what a base does is asked of the class's bases.
static bool is_of_base(FactsBuilder *b, ScopeId owner, NodeId callee) {
  const Tree *t = b->t;
  NodeId list = node_field(t, scope_get(b->m, owner)->node, FIELD_SUPERCLASSES);
  Str name = qualified_of(b, node_field(t, callee, FIELD_OBJECT));
  for (NodeId n = node_first_named(t, list); node_ok(n); n = node_next_named(t, n)) {
    if (name.n != 0 && str_eq(qualified_of(b, n), name)) return true;
  }
  return false;
}

// What is neither of the library nor of this project's package may read what it likes.
static bool is_foreign_call(Candidate *c, NodeId call) {
  FactsBuilder *b = c->b;
  NodeId callee = node_unwrap(b->t, node_field(b->t, call, FIELD_FUNCTION));
  Str name = qualified_of(b, callee);
  if (is_of_base(b, c->owner, callee)) return false;
  if (name.n == 0) {  // a method of some object: here and now it may
    bool is_method = node_ok(call_receiver(b->m, call, &name));
    return is_method && node_eq(context_of(b->m, call).function, c->function);
  }
  if (is_of_library(b, name)) return false;
  bool is_ours =
      str_starts(name, b->top) && (name.n == b->top.n || name.p[b->top.n] == '.');
  return !is_ours;
}

static bool is_given_away(Candidate *c) {
  FactsBuilder *b = c->b;
  const Scope *s = scope_get(b->m, c->owner);
  uint32_t methods = 0, uses = 0;
  for (uint32_t i = c->owner.i + 1; i < s->after; i++) {
    if (b->receivers[i] != RECEIVER_SELF) continue;
    if (scope_class_of_method(b->m, (ScopeId){i}).i != c->owner.i) continue;
    if (++methods > METHODS_MAX) return true;
    BindingId self = def_get(b->m, b->receiver_defs[i])->binding;
    for (RefId r = ref_first(b->m, self); ref_ok(r); r = ref_next(b->m, r)) {
      NodeId list = node_parent(b->t, node_wrap(b->t, ref_get(b->m, r)->node));
      if (node_is(b->t, list, PY_KEYWORD_ARGUMENT)) list = node_parent(b->t, list);
      if (!node_is(b->t, list, PY_ARGUMENT_LIST)) continue;
      if (++uses > USES_MAX || is_foreign_call(c, node_parent(b->t, list))) return true;
    }
  }
  return false;
}

// --- rows ----------------------------------------------------------------------------

static void candidate_read(FactsBuilder *b, const MentionGroup *group) {
  Candidate c = {
      .b = b, .owner = group->owner, .stored = sym_str(&b->texts, group->name)};
  if (!mentions_read(&c, group)) return;
  if ((context_of(b->m, c.stores[0]).flags & CONTEXT_TEST) != 0) return;
  c.written = node_text(b->t, node_field(b->t, c.stores[0], FIELD_ATTRIBUTE));
  if (!heavy_find(&c) || is_held_by_name(&c) || !body_allows(&c) || !reads_allow(&c) ||
      is_given_away(&c) || is_spelled_in_string(&c)) {
    return;
  }
  vec_push(b->arena, &b->intermediates,
           (FactIntermediate){.class_name = b->scope_names[c.owner.i],
                              .name = word_of(b, c.written),
                              .stored = word_of(b, c.stored),
                              .place = place_of(c.heavy_store),
                              .read = place_of(c.reads[c.read_count - 1]),
                              .kind = (uint8_t)c.heavy.kind,
                              .type = (uint8_t)c.heavy.value,
                              .why = (uint8_t)c.heavy.why});
}

// `self._x` where the class does not say what that is: a base or a heir does.
static void inherited_read(FactsBuilder *b, const MentionGroup *group) {
  Str name = sym_str(&b->texts, group->name);
  if (binding_ok(scope_lookup(b->m, group->owner, name))) return;
  bool is_read = false;
  for (uint32_t i = group->first; i != 0; i = b->mentions.items[i].next) {
    NodeId n = node_wrap(b->t, b->mentions.items[i].node);
    if (attribute_store(b->t, n) != 0) return;
    is_read |= !node_is(b->t, node_parent(b->t, n), PY_CALL) ||
               node_role(b->t, n) != FIELD_FUNCTION;
  }
  if (!is_read) return;
  Str owner = sym_str(&b->texts, (Sym){scope_qualified(b, group->owner).i});
  touch_add(b, TOUCH_READ, owner, name);
}

void intermediates_collect(FactsBuilder *b) {
  if ((b->flags & FACTS_STUB) != 0) return;
  for (uint32_t i = 1; i < b->groups.count; i++) {
    const MentionGroup *group = &b->groups.items[i];
    if (!scope_ok(group->owner) || !name_is_private(sym_str(&b->texts, group->name))) {
      continue;
    }
    inherited_read(b, group);
    candidate_read(b, group);
  }
}
