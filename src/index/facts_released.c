// What the methods of a class do to the attributes that hold what has to be ended.

#include "index/facts_closing.h"
#include "semantic/back.h"
#include "semantic/calls.h"

enum { CLIMB_MAX = 8 };

// --- mentions of attributes ----------------------------------------------------------

typedef enum MentionUse {
  MENTION_READ,
  MENTION_STORES,
  MENTION_GROWS,
  MENTION_RELEASES,
  MENTION_LESSENS,  // takes one out, or waits for its end
  MENTION_WALKS,    // `for x in it`: ends all of them, where the object ends
  MENTION_PASSES,   // to a function of the project: `other`
  MENTION_ESCAPES,  // others may end it
} MentionUse;

static MentionUse use_as_argument(FactsBuilder *b, NodeId call, FactText *other) {
  Str name = name_of_callee(b->m, call);
  const OpenFact *open = call_open(b->m, call);
  // GzipFile(fileobj=f) leaves f open, TextIOWrapper(f) does not.
  if (str_starts(name, STR("io."))) return MENTION_ESCAPES;
  if (open != NULL || value_of(b->m, call).kind == VALUE_ARCHIVE) return MENTION_READ;
  if (call_is_pure(b->m, call) || str_is(name, "builtins.print") ||
      str_starts(name, STR("csv.")) || str_starts(name, STR("struct."))) {
    return MENTION_READ;
  }
  Str callee = qualified_of(b, call_callee(b->m, call));
  if (is_of_library(b, callee)) return MENTION_ESCAPES;
  *other = text_of(b, callee);
  return MENTION_PASSES;
}

// `self.x.m` with `p` the attribute.
static MentionUse use_as_receiver(FactsBuilder *b, NodeId p) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, p), call = node_parent(t, n);
  Str method = node_text(t, node_field(t, p, FIELD_ATTRIBUTE));
  bool ends = (release_flags(b, method) & RELEASES_RECEIVER) != 0;
  bool is_called = node_is(t, call, PY_CALL) && node_role(t, n) == FIELD_FUNCTION;
  bool waits = (release_flags(b, method) & RELEASES_BY_WAITING) != 0;
  if (is_called && ends) return waits ? MENTION_LESSENS : MENTION_RELEASES;
  if (!is_called) return ends ? MENTION_ESCAPES : MENTION_READ;
  const MutatorFact *mutator = knowledge_member(
      b->m->options.knowledge, SUBJECT_MUTATORS, VALUE_UNKNOWN, method);
  bool grows = (mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0) ||
               str_is(method, "write");
  return grows ? MENTION_GROWS : MENTION_READ;
}

// `self.x.remove(y)`, `del self.x[k]`: the others stay.
static bool is_lessened(FactsBuilder *b, NodeId mention) {
  const Tree *t = b->t;
  NodeId p = node_parent(t, node_wrap(t, mention));
  if (node_is(t, p, PY_SUBSCRIPT)) return true;
  if (node_is(t, p, PY_ASSIGNMENT)) {  // `self.closed = True` lets go of nothing
    PyKind kind = node_kind(t, node_unwrap(t, stored_at(b->m, mention).value));
    return kind == PY_TRUE || kind == PY_FALSE || kind == PY_INTEGER ||
           kind == PY_STRING;
  }
  return node_is(t, p, PY_ATTRIBUTE) &&
         !node_text_is(t, node_field(t, p, FIELD_ATTRIBUTE), "clear");
}

static MentionUse use_of_mention(FactsBuilder *b, NodeId mention, FactText *other) {
  const Tree *t = b->t;
  if (mention_clears(b, mention))
    return is_lessened(b, mention) ? MENTION_LESSENS : MENTION_RELEASES;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  for (uint32_t i = 0; i < CLIMB_MAX; i++) {
    switch (node_kind(t, p)) {
      case PY_ATTRIBUTE: return use_as_receiver(b, p);
      case PY_SUBSCRIPT:
        if (node_role(t, n) != FIELD_VALUE) return MENTION_READ;
        n = node_wrap(t, p);
        p = node_parent(t, n);
        if (node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_LEFT)
          return MENTION_GROWS;
        continue;
      case PY_ASSIGNMENT:
        return node_role(t, n) == FIELD_LEFT ? MENTION_STORES : MENTION_ESCAPES;
      case PY_AUGMENTED_ASSIGNMENT:
        return node_role(t, n) == FIELD_LEFT ? MENTION_GROWS : MENTION_READ;
      case PY_PATTERN_LIST:
      case PY_TUPLE_PATTERN: return MENTION_STORES;
      case PY_AWAIT:
      case PY_WITH_ITEM: return MENTION_RELEASES;
      case PY_FOR_STATEMENT:
      case PY_FOR_IN_CLAUSE: return MENTION_WALKS;
      case PY_AS_PATTERN:
      case PY_CONDITIONAL_EXPRESSION:
      case PY_BOOLEAN_OPERATOR:
        n = node_wrap(t, p);
        p = node_parent(t, n);
        continue;
      case PY_KEYWORD_ARGUMENT:
        p = node_parent(t, p);
        if (!node_is(t, p, PY_ARGUMENT_LIST)) return MENTION_READ;
        return use_as_argument(b, node_parent(t, p), other);
      case PY_ARGUMENT_LIST: return use_as_argument(b, node_parent(t, p), other);
      case PY_LIST:
      case PY_TUPLE:
      case PY_SET:
      case PY_PAIR:
      case PY_LIST_SPLAT:
      case PY_EXPRESSION_LIST:
      case PY_RETURN_STATEMENT:
      case PY_YIELD:
      case PY_LAMBDA:
      case PY_NAMED_EXPRESSION: return MENTION_ESCAPES;
      default: return MENTION_READ;
    }
  }
  return MENTION_READ;
}

// --- one attribute -------------------------------------------------------------------

typedef struct Attribute {
  uint32_t what;  // HeldKind, or OWNED_NOTHING
  NodeId made;    // where
  FactText other;
  bool is_object;  // something else than scalars is stored
  bool is_back;    // some store leads back to self
  bool is_stored;  // by this class at all
  bool is_buffer, grows, is_read;
  bool is_given_away;  // others may end it, or another method does
} Attribute;

static bool is_buffer(Value v) {
  return v.kind == VALUE_BYTEARRAY || v.kind == VALUE_BYTES ||
         (v.kind == VALUE_FILE && (v.flags & HANDLE_MEMORY) != 0);
}

static void store_read(Closing *c, const Mention *mention, Attribute *out) {
  FactsBuilder *b = c->b;
  StoredAt stored = stored_at(b->m, mention->node);
  NodeId value = node_unwrap(b->t, stored.value);
  out->is_stored = true;
  if (!node_ok(value) || stored.within) {
    out->is_object = true;
    out->what = OWNED_NOTHING;
    out->is_given_away = true;
    return;
  }
  if (node_is(b->t, value, PY_NONE_LITERAL)) return;
  NodeId object = node_unwrap(b->t, node_field(b->t, mention->node, FIELD_OBJECT));
  BackOwner owner = {
      .variable = binding_of(b->m, object), .at = object, .class_node = c->node};
  Back back = back_of(b->m, value, owner);
  if (back.kind != BACK_NONE && !back.is_uncertain && !node_ok(back.call))
    out->is_back = true;
  Value v = value_of(b->m, value);
  if (!value_is_scalar(v)) out->is_object = true;
  if (is_buffer(v)) out->is_buffer = true;
  FactText made = {0};
  uint32_t what = held_by_value(b, value, &made);
  bool is_first = !node_ok(out->made);
  if (is_first) {
    out->what = what;
    out->other = made;
    out->made = mention->node;
  }
  bool differs = !is_first && (out->what != what || out->other.i != made.i);
  if (differs) out->what = OWNED_NOTHING;
}

// Stored anew in the same method, behind it or instead: taken over, not ended.
static bool is_renewed(Closing *c, const MentionGroup *group, NodeId release) {
  ScopeId method = closing_method_around(c, release);
  for (uint32_t i = group->first; i != 0; i = c->b->mentions.items[i].next) {
    const Mention *mention = &c->b->mentions.items[i];
    FactText made = {0};
    if (closing_method_around(c, mention->node).i != method.i) continue;
    if ((attribute_store(c->b->t, mention->node) & ATTRIBUTE_METHOD) == 0) continue;
    StoredAt stored = stored_at(c->b->m, mention->node);
    if (node_ok(stored.value) &&
        held_by_value(c->b, stored.value, &made) != OWNED_NOTHING &&
        flow_reaches(c->b->m, stored.place, release) == ANSWER_NO)
      return true;
  }
  return false;
}

static bool is_in_return(const Tree *t, NodeId node) {
  for (uint32_t i = 0; i < CLIMB_MAX && node_ok(node); i++) {
    if (node_is(t, node, PY_RETURN_STATEMENT) || node_is(t, node, PY_YIELD))
      return true;
    node = node_parent(t, node);
  }
  return false;
}

static void released_row(Closing *c, FactWord method, FactWord name, MentionUse use,
                         FactText other, NodeId place) {
  bool is_release = use == MENTION_RELEASES || use == MENTION_WALKS;
  closing_row(c, (FactClosing){.method = method,
                               .name = name,
                               .other = use == MENTION_PASSES ? other : (FactText){0},
                               .kind = use == MENTION_PASSES ? CLOSING_PASSES
                                                             : CLOSING_RELEASES,
                               .flags = is_release ? CLOSING_OF_OBJECT : 0u,
                               .place = place_of(place)});
}

static void mention_read(Closing *c, const MentionGroup *group, const Mention *mention,
                         Attribute *out) {
  FactsBuilder *b = c->b;
  FactText other = {0};
  MentionUse use = use_of_mention(b, mention->node, &other);
  ScopeId method = closing_method_around(c, mention->node);
  bool is_own_closing = is_closing(c, method);
  bool ends = use == MENTION_RELEASES || use == MENTION_LESSENS ||
              use == MENTION_ESCAPES || use == MENTION_PASSES;
  if (use == MENTION_STORES) {
    store_read(c, mention, out);
    // Whatever a closing method puts there takes the place of what was.
    ends = is_own_closing;
  }
  if (use == MENTION_WALKS) ends = is_own_closing;
  if (use == MENTION_GROWS && !is_made_in(closing_method_name(c, method)))
    out->grows = true;
  if (use == MENTION_READ && is_in_return(b->t, mention->node)) out->is_read = true;
  if (!ends) return;
  if (is_own_closing) {
    released_row(c, word_of(b, closing_method_name(c, method)),
                 (FactWord){group->name.i}, use, other, mention->node);
  } else if ((use != MENTION_RELEASES && use != MENTION_LESSENS) ||
             !is_renewed(c, group, mention->node)) {
    out->is_given_away = true;
  }
}

// What is set to None was something only if anything else is stored.
static void scalars_mark(Closing *c, const MentionGroup *group, const Attribute *a,
                         uint32_t first) {
  for (uint32_t i = first; i < c->b->closings.count; i++) {
    FactClosing *row = &c->b->closings.items[i];
    if (row->kind != CLOSING_RELEASES || row->name.i != group->name.i) continue;
    if (a->is_stored && !a->is_object) row->flags &= ~(uint32_t)CLOSING_OF_OBJECT;
    if (a->is_back) row->flags |= CLOSING_OF_BACK;
  }
}

void closing_attribute(Closing *c, const MentionGroup *group) {
  Str name = sym_str(&c->b->texts, group->name);
  BindingId bound = scope_lookup(c->b->m, c->scope, name);
  if (def_get(c->b->m, def_first(c->b->m, bound))->kind == DEF_FUNCTION) return;
  Attribute a = {.what = OWNED_NOTHING};
  uint32_t first = c->b->closings.count;
  for (uint32_t i = group->first; i != 0; i = c->b->mentions.items[i].next) {
    const Mention *mention = &c->b->mentions.items[i];
    if (mention->via == OPERATION_VIA_SELF) mention_read(c, group, mention, &a);
  }
  scalars_mark(c, group, &a, first);
  if (!a.is_stored && a.is_given_away &&
      !binding_ok(bound)) {  // what a base holds, by any of its methods
    closing_row(c, (FactClosing){.name = {group->name.i}, .kind = CLOSING_RELEASES});
  }
  FactClosing row = {.name = {group->name.i}, .kind = CLOSING_HELD, .what = a.what};
  bool is_buffer = a.what == OWNED_NOTHING && a.is_buffer && a.grows && !a.is_read;
  if (is_buffer) row.what = OWNED_BUFFER;
  if (row.what == OWNED_NOTHING || a.is_given_away) return;
  row.other = a.other;
  row.place = place_of(a.made);
  closing_row(c, row);
}

// --- what ends with what is released -------------------------------------------------

// The names of the attributes that rows from `first` on release.
static Map released_names(const Closing *c, uint32_t first) {
  Map names = map_in(c->b->arena);
  for (uint32_t i = first; i < c->b->closings.count; i++) {
    const FactClosing *row = &c->b->closings.items[i];
    bool releases = row->kind == CLOSING_RELEASES || row->kind == CLOSING_PASSES;
    if (releases && row->method.i != 0) map_put(&names, row->name.i, 1);
  }
  return names;
}

// Some code mentions an attribute of self that is released; the methods of self that it
// mentions are added to `methods`.
static bool mentions_released(Closing *c, NodeId code, const Map *released,
                              NodeId methods[CLIMB_MAX], uint32_t *method_count) {
  const Tree *t = c->b->t;
  for (uint32_t i = code.i; i < node_after(t, code); i++) {
    NodeId node = {i};
    if (!node_is(t, node, PY_ATTRIBUTE) ||
        !is_closing_self(c, node_field(t, node, FIELD_OBJECT)))
      continue;
    Str name = node_text(t, node_field(t, node, FIELD_ATTRIBUTE));
    NodeId asked = node_parent(t, node_wrap(t, node));
    // `open(self.folder.name + "/x")` has a path, and nothing of the folder.
    bool is_name = node_is(t, asked, PY_ATTRIBUTE) &&
                   node_text_is(t, node_field(t, asked, FIELD_ATTRIBUTE), "name");
    if (is_name) continue;
    if (map_get(released, word_of(c->b, name).i) != 0) return true;
    const Def *def =
        def_get(c->b->m, def_first(c->b->m, scope_lookup(c->b->m, c->scope, name)));
    bool is_method = def->kind == DEF_FUNCTION && *method_count < CLIMB_MAX;
    if (is_method) methods[(*method_count)++] = def->value;
  }
  return false;
}

// `Reader(self.sock)` ends with the socket, as does a thread that runs a method which
// uses it.
static bool ends_with_released(Closing *c, const FactClosing *held,
                               const Map *released) {
  NodeId methods[CLIMB_MAX];
  uint32_t count = 0;
  StoredAt stored = stored_at(c->b->m, (NodeId){held->place.i});
  if (!node_ok(stored.value)) return false;
  if (mentions_released(c, stored.value, released, methods, &count)) return true;
  if (held->what != OWNED_THREAD && held->what != OWNED_TASK) return false;
  uint32_t ignored = CLIMB_MAX;
  for (uint32_t i = 0; i < count; i++) {
    if (mentions_released(c, methods[i], released, methods, &ignored)) return true;
  }
  return false;
}

void closing_helds_prune(Closing *c, uint32_t first) {
  Map released = released_names(c, first);
  uint32_t kept = first;
  for (uint32_t i = first; i < c->b->closings.count; i++) {
    FactClosing row = c->b->closings.items[i];
    if (row.kind == CLOSING_HELD && ends_with_released(c, &row, &released)) {
      row.kind = CLOSING_RELEASES;  // by whatever releases the other
      row.what = 0;
      row.place = (FactPlace){0};
    }
    c->b->closings.items[kept++] = row;
  }
  c->b->closings.count = kept;
}
