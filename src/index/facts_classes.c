#include "index/facts_internal.h"
#include "semantic/calls.h"

typedef struct ClassDraft {
  FactsBuilder *b;
  ScopeId scope;
  NodeId node;
  FactClass row;
  Map attribute_of;  // name -> index + 1 in `attributes`
  VEC(FactAttribute) attributes;
} ClassDraft;

// --- decorators ----------------------------------------------------------------------

// Decorators by what they mean for the instances' layout.
typedef struct DecoratorFact {
  const char *name;
  uint32_t flags;  // CLASS_*; 0 = leaves the class as it is
} DecoratorFact;

static const DecoratorFact DECORATORS[] = {
    {"attr.attrs", CLASS_ATTRS},
    {"attr.dataclass", CLASS_ATTRS},
    {"attr.define", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"attr.frozen", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"attr.mutable", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"attr.s", CLASS_ATTRS},
    {"attrs.define", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"attrs.frozen", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"attrs.mutable", CLASS_ATTRS | CLASS_ATTRS_SLOTTED},
    {"dataclasses.dataclass", CLASS_DATACLASS},
    {"functools.total_ordering", 0},
    {"typing.final", 0},
    {"typing.runtime_checkable", 0},
    {"typing_extensions.final", 0},
    {"typing_extensions.runtime_checkable", 0},
};

static const DecoratorFact *decorator_find(Str name) {
  for (uint32_t i = 0; i < sizeof DECORATORS / sizeof *DECORATORS; i++) {
    if (str_is(name, DECORATORS[i].name)) return &DECORATORS[i];
  }
  return NULL;
}

static void option_read(ClassDraft *c, NodeId call, const char *keyword,
                        uint32_t flag) {
  NodeId value;
  bool on = false;
  ArgState state = call_argument(c->b->m, call, UINT32_MAX, keyword, &value);
  if (state == ARG_PRESENT && constant_bool(c->b->m, value, &on)) {
    if (on) c->row.flags |= flag;
    if (!on && flag == CLASS_HAS_SLOTS) {
      c->row.flags &= ~(uint32_t)CLASS_ATTRS_SLOTTED;
      c->row.flags |= CLASS_SLOTS_DECLINED;
    }
  } else if (state != ARG_ABSENT) {
    c->row.flags |= CLASS_OPTIONS_UNKNOWN;
  }
}

static void decorators_read(ClassDraft *c) {
  const Tree *t = c->b->t;
  NodeId decorated = decorated_of(t, c->node);
  for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    const DecoratorFact *fact = decorator_find(name_of_decorator(c->b->m, d));
    if (fact == NULL) {
      c->row.hazards |= HAZARD_DECORATED;
      continue;
    }
    c->row.flags |= fact->flags;
    NodeId call = node_unwrap(t, node_first_named(t, d));
    if (fact->flags == 0 || !node_is(t, call, PY_CALL)) continue;
    option_read(c, call, "slots", CLASS_HAS_SLOTS);
    option_read(c, call, "frozen", CLASS_FROZEN);
    option_read(c, call, "weakref_slot", CLASS_WEAKREF_SLOT);
  }
  if ((c->row.flags & CLASS_ATTRS_SLOTTED) != 0) c->row.flags |= CLASS_HAS_SLOTS;
}

// --- bases ---------------------------------------------------------------------------

static void bases_read(ClassDraft *c) {
  FactsBuilder *b = c->b;
  const Tree *t = b->t;
  NodeId list = node_field(t, c->node, FIELD_SUPERCLASSES);
  uint32_t first = b->bases.count;
  for (NodeId n = node_first_named(t, list); node_ok(n); n = node_next_named(t, n)) {
    if (node_is(t, n, PY_KEYWORD_ARGUMENT)) {
      Str keyword = node_text(t, node_field(t, n, FIELD_NAME));
      if (!str_is(keyword, "metaclass")) {
        c->row.hazards |= HAZARD_KEYWORDS;
        continue;
      }
      Str name = qualified_of(b, node_field(t, n, FIELD_VALUE));
      bool is_harmless = str_is(name, "abc.ABCMeta") || str_is(name, "builtins.type");
      if (!is_harmless) c->row.hazards |= HAZARD_METACLASS;
      continue;
    }
    NodeId base = node_unwrap(t, n);
    if (node_is(t, base, PY_SUBSCRIPT)) base = node_field(t, base, FIELD_VALUE);
    vec_push(b->arena, &b->bases, (FactBase){text_of(b, qualified_of(b, base))});
  }
  c->row.base_count = b->bases.count - first;
}

// --- attributes ----------------------------------------------------------------------

static FactAttribute *attribute_named(ClassDraft *c, FactText name) {
  uint32_t at = map_get(&c->attribute_of, name.i);
  if (at == 0) {
    vec_push(c->b->arena, &c->attributes, (FactAttribute){{name.i}, 0});
    at = c->attributes.count;
    map_put(&c->attribute_of, name.i, at);
  }
  return &c->attributes.items[at - 1];
}

static void slot_add(ClassDraft *c, NodeId string) {
  Str text;
  if (!constant_str(c->b->m, string, &text) || text.n == 0) {
    c->row.flags |= CLASS_SLOTS_UNKNOWN;
  } else if (str_is(text, "__dict__")) {
    c->row.flags |= CLASS_SLOTS_DICT;
  } else if (str_is(text, "__weakref__")) {
    c->row.flags |= CLASS_SLOTS_WEAKREF;
  } else {
    FactAttribute *slot = attribute_named(c, mangled_of(c->b, string, text));
    if ((slot->flags & ATTRIBUTE_SLOT) != 0) slot->flags |= ATTRIBUTE_SLOT_TWICE;
    slot->flags |= ATTRIBUTE_SLOT;
  }
}

// A display, a text, or a name that stands for a tuple or text.
static void slots_of_display(ClassDraft *c, NodeId value) {
  const Tree *t = c->b->t;
  NodeId n = node_unwrap(t, value);
  if (node_is(t, n, PY_IDENTIFIER)) {
    n = name_value(c->b->m, n);
    if (!node_is(t, n, PY_TUPLE) && !node_is(t, n, PY_STRING)) n = NO_NODE;
  }
  switch (node_kind(t, n)) {
    case PY_TUPLE:
    case PY_LIST:
    case PY_SET:
    case PY_EXPRESSION_LIST:
      for (NodeId e = node_first_named(t, n); node_ok(e); e = node_next_named(t, e)) {
        slot_add(c, node_unwrap(t, e));
      }
      break;
    case PY_DICTIONARY:
      for (NodeId e = node_first_named(t, n); node_ok(e); e = node_next_named(t, e)) {
        slot_add(c, node_unwrap(t, node_field(t, e, FIELD_KEY)));
      }
      break;
    case PY_STRING: slot_add(c, n); break;
    default: c->row.flags |= CLASS_SLOTS_UNKNOWN; break;
  }
}

// `("a", "b")`, `NAMES + ("c",)`: the parts of sums from the right.
static void slots_read(ClassDraft *c, NodeId value) {
  enum { PARTS_MAX = 16 };
  const Tree *t = c->b->t;
  NodeId n = node_unwrap(t, value);
  c->row.flags |= CLASS_HAS_SLOTS;
  for (uint32_t i = 0; i < PARTS_MAX && node_is(t, n, PY_BINARY_OPERATOR); i++) {
    if (!node_text_is(t, node_field(t, n, FIELD_OPERATOR), "+")) break;
    slots_of_display(c, node_field(t, n, FIELD_RIGHT));
    n = node_unwrap(t, node_field(t, n, FIELD_LEFT));
  }
  slots_of_display(c, n);
}

static uint32_t annotation_flags(FactsBuilder *b, NodeId annotation) {
  Str text = str_trim(node_text(b->t, annotation));
  if (text.n > 0 && (text.p[0] == '"' || text.p[0] == '\'')) {
    text = str_slice(text, 1, text.n);
  }
  uint32_t stop = str_find_byte(text, '[', 0);
  Str name = str_after_last(str_slice(text, 0, stop), '.');
  // `_: KW_ONLY` is no field either.
  if (str_is(name, "ClassVar") || str_is(name, "KW_ONLY")) return ATTRIBUTE_CLASSVAR;
  return str_is(name, "InitVar") ? ATTRIBUTE_INIT_VAR : 0;
}

// `@lazyproperty`, `@reify`, `@cache_readonly`: what it works out it may put into the
// instance, under a name that is not seen. Those of functools keep it elsewhere.
static bool keeps_in_instance(Str name) {
  static const char *const words[] = {"cached", "cache_", "lazy", "memoize", "reify"};
  Str last = name_last_part(name);
  if (str_is(last, "cached_property")) return true;
  if (str_starts(name, STR("functools.")) || str_starts(name, STR("cachetools.")))
    return false;
  for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (str_contains(last, str_from(words[i]))) return true;
  }
  return false;
}

static uint32_t function_flags(ClassDraft *c, NodeId function) {
  const Tree *t = c->b->t;
  uint32_t flags = ATTRIBUTE_FUNCTION;
  NodeId decorated = decorated_of(t, function);
  for (NodeId d = node_first_named(t, decorated); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    Str name = name_of_decorator(c->b->m, d), last = name_last_part(name);
    Str text = node_text(t, d);
    if (keeps_in_instance(name)) {
      c->row.hazards |= HAZARD_CACHED_PROPERTY;
    } else if (str_is(name, "builtins.property") || str_is(last, "abstractproperty") ||
               str_ends(text, STR(".setter")) || str_ends(text, STR(".deleter")) ||
               str_ends(text, STR(".getter"))) {
      flags |= ATTRIBUTE_PROPERTY;
    }
  }
  return flags;
}

static uint32_t body_value_flags(FactsBuilder *b, NodeId value) {
  NodeId call = node_unwrap(b->t, value);
  if (!node_is(b->t, call, PY_CALL)) return ATTRIBUTE_CLASS;
  Str name = name_of_callee(b->m, call);
  bool is_property = str_is(name, "builtins.property");
  return ATTRIBUTE_CLASS | (is_property ? ATTRIBUTE_PROPERTY : 0u);
}

static void body_def_read(ClassDraft *c, FactText name, const Def *d) {
  FactsBuilder *b = c->b;
  uint32_t flags = 0;
  switch (d->kind) {
    case DEF_ASSIGN: flags = body_value_flags(b, d->value); break;
    case DEF_ANNOTATED:
      flags = ATTRIBUTE_ANNOTATED |
              annotation_flags(b, node_field(b->t, d->statement, FIELD_TYPE));
      if (node_ok(d->value)) flags |= body_value_flags(b, d->value);
      break;
    case DEF_FUNCTION: flags = function_flags(c, d->value); break;
    case DEF_CLASS:
    case DEF_IMPORT:
    case DEF_IMPORT_FROM: flags = ATTRIBUTE_FUNCTION; break;
    case DEF_DELETE:
    case DEF_AUGMENTED: break;
    default:
      flags = ATTRIBUTE_CLASS;
      c->row.hazards |= HAZARD_BODY;
      break;
  }
  attribute_named(c, name)->flags |= flags;
}

// Methods whose presence in the body is a hazard.
static const struct {
  const char *name;
  uint32_t hazard;
} METHODS[] = {
    {"__copy__", HAZARD_PICKLE},        {"__deepcopy__", HAZARD_PICKLE},
    {"__delattr__", HAZARD_HOOKS},      {"__getattr__", HAZARD_HOOKS},
    {"__getattribute__", HAZARD_HOOKS}, {"__getinitargs__", HAZARD_PICKLE},
    {"__getnewargs__", HAZARD_PICKLE},  {"__getnewargs_ex__", HAZARD_PICKLE},
    {"__getstate__", HAZARD_PICKLE},    {"__init_subclass__", HAZARD_INIT_SUBCLASS},
    {"__reduce__", HAZARD_PICKLE},      {"__reduce_ex__", HAZARD_PICKLE},
    {"__setattr__", HAZARD_HOOKS},      {"__setstate__", HAZARD_PICKLE},
};

static void body_name_read(ClassDraft *c, Str name) {
  if (str_is(name, "__init__")) c->row.flags |= CLASS_HAS_INIT;
  if (str_is(name, "__new__")) c->row.flags |= CLASS_HAS_NEW;
  for (uint32_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++) {
    if (str_is(name, METHODS[i].name)) c->row.hazards |= METHODS[i].hazard;
  }
}

static void body_read(ClassDraft *c) {
  FactsBuilder *b = c->b;
  const Scope *s = scope_get(b->m, c->scope);
  if ((s->flags & (SCOPE_DYNAMIC | SCOPE_STAR_IMPORT)) != 0) {
    c->row.hazards |= HAZARD_BODY;
  }
  for (BindingId i = s->first_binding; binding_ok(i); i = binding_get(b->m, i)->next) {
    const Binding *binding = binding_get(b->m, i);
    if ((binding->flags & BIND_LOCAL) == 0) continue;
    Str name = binding_name(b->m, i);
    if (str_is(name, "__slots__")) {
      const Def *d = def_get(b->m, binding_only_def(b->m, i));
      slots_read(c, d->value);
      continue;
    }
    body_name_read(c, name);
    for (DefId d = binding->first_def; def_ok(d); d = def_next(b->m, d)) {
      body_def_read(c, text_of(b, name), def_get(b->m, d));
    }
  }
}

// --- what methods set ----------------------------------------------------------------

bool is_made_in(Str method) {
  return str_is(method, "__init__") || str_is(method, "__new__") ||
         str_is(method, "__post_init__") || str_is(method, "__attrs_post_init__");
}

// How a mention stores: 0 if it does not.
uint32_t attribute_store(const Tree *t, NodeId attribute) {
  NodeId n = node_wrap(t, attribute), p = node_parent(t, n);
  switch (node_kind(t, p)) {
    case PY_ASSIGNMENT:
      if (node_role(t, n) != FIELD_LEFT) return 0;
      // `self.x: int` alone binds nothing.
      return node_ok(node_field(t, p, FIELD_RIGHT)) ? ATTRIBUTE_METHOD : 0;
    case PY_AUGMENTED_ASSIGNMENT:
      return node_role(t, n) == FIELD_LEFT ? ATTRIBUTE_METHOD | ATTRIBUTE_AUGMENTED : 0;
    case PY_FOR_STATEMENT:
    case PY_FOR_IN_CLAUSE: return node_role(t, n) == FIELD_LEFT ? ATTRIBUTE_METHOD : 0;
    case PY_PATTERN_LIST:
    case PY_TUPLE_PATTERN:
    case PY_LIST_PATTERN:
    case PY_LIST_SPLAT_PATTERN:
    case PY_AS_PATTERN_TARGET: return ATTRIBUTE_METHOD;
    case PY_DELETE_STATEMENT: return ATTRIBUTE_DELETED;
    case PY_EXPRESSION_LIST:
      return node_is(t, node_parent(t, p), PY_DELETE_STATEMENT) ? ATTRIBUTE_DELETED : 0;
    default: return 0;
  }
}

// Every class has these, whatever its body says.
static bool is_in_every_class(Str name) {
  static const char *const names[] = {
      "__doc__",         "__module__", "__qualname__",  "__weakref__",
      "__annotations__", "__slots__",  "__classcell__", "__name__"};
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (str_is(name, names[i])) return true;
  }
  return false;
}

static bool makes_container(FactsBuilder *b, NodeId attribute) {
  NodeId assignment = node_parent(b->t, node_wrap(b->t, attribute));
  FactContainer container = {0};
  return node_is(b->t, assignment, PY_ASSIGNMENT) &&
         container_read(b, node_field(b->t, assignment, FIELD_RIGHT), &container) &&
         (container.flags & CONTAINER_WEAK) == 0;
}

static void mention_read(ClassDraft *c, const Mention *mention, FactText name) {
  FactsBuilder *b = c->b;
  uint32_t flags = attribute_store(b->t, mention->node);
  bool is_cleared =
      mention->via == OPERATION_VIA_SELF && mention_clears(b, mention->node);
  if (is_cleared) attribute_named(c, name)->flags |= ATTRIBUTE_CLEARED;
  if (flags == 0) return;
  if (mention->via != OPERATION_VIA_SELF) {
    attribute_named(c, name)->flags |= ATTRIBUTE_VIA_CLASS;
    return;
  }
  Context at = context_of(b->m, mention->node);
  ScopeId function = scope_of(b->m, at.function);
  Str method = sym_str(&b->m->names_interner, scope_get(b->m, function)->name);
  if (is_made_in(method) && (flags & ATTRIBUTE_METHOD) != 0) {
    flags = (flags & ~(uint32_t)ATTRIBUTE_METHOD) | ATTRIBUTE_INIT;
  }
  if (is_in_every_class(sym_str(&b->texts, (Sym){name.i}))) flags |= ATTRIBUTE_CLASS;
  if (makes_container(b, mention->node)) flags |= ATTRIBUTE_CONTAINER;
  bool is_certain = (at.flags & (CONTEXT_BRANCH | CONTEXT_EXCEPT)) == 0;
  FactAttribute *attribute = attribute_named(c, name);
  bool is_first = (attribute->flags & (ATTRIBUTE_INIT | ATTRIBUTE_METHOD)) == 0;
  if (is_certain) attribute->flags &= ~(uint32_t)ATTRIBUTE_CONDITIONAL;
  if (is_first && !is_certain) attribute->flags |= ATTRIBUTE_CONDITIONAL;
  attribute->flags |= flags;
}

static void fields_mark(ClassDraft *c) {
  if ((c->row.flags & (CLASS_DATACLASS | CLASS_ATTRS)) == 0) return;
  for (uint32_t i = 0; i < c->attributes.count; i++) {
    FactAttribute *a = &c->attributes.items[i];
    bool is_field = (a->flags & ATTRIBUTE_ANNOTATED) != 0 &&
                    (a->flags & (ATTRIBUTE_CLASSVAR | ATTRIBUTE_INIT_VAR)) == 0;
    // attr.ib() without annotation.
    bool is_attrib = (c->row.flags & CLASS_ATTRS) != 0 &&
                     (a->flags & ATTRIBUTE_CLASS) != 0 &&
                     (a->flags & ATTRIBUTE_CLASSVAR) == 0;
    if (is_field || is_attrib) a->flags |= ATTRIBUTE_FIELD;
  }
}

// --- one class -----------------------------------------------------------------------

// The class statement and every statement of its body parse, methods aside.
static bool is_broken_outside_methods(const FactsBuilder *b, NodeId definition) {
  const uint8_t broken = NODE_HAS_ERROR | NODE_IN_ERROR;
  if ((b->t->nodes[definition.i].flags & NODE_IN_ERROR) != 0) return true;
  for (NodeId part = node_first(b->t, definition); node_ok(part);
       part = node_next(b->t, part)) {
    bool is_body = node_is(b->t, part, PY_BLOCK);
    if (!is_body && (b->t->nodes[part.i].flags & broken) != 0) return true;
    for (NodeId s = is_body ? node_first(b->t, part) : NO_NODE; node_ok(s);
         s = node_next(b->t, s)) {
      PyKind kind = node_kind(b->t, s);
      bool is_method =
          kind == PY_FUNCTION_DEFINITION || kind == PY_DECORATED_DEFINITION;
      if (!is_method && (b->t->nodes[s.i].flags & broken) != 0) return true;
    }
  }
  return false;
}

static void place_flags(ClassDraft *c) {
  FactsBuilder *b = c->b;
  const Scope *s = scope_get(b->m, c->scope);
  Context at = context_of(b->m, c->node);
  ScopeKind around = scope_get(b->m, s->parent)->kind;
  if (around == SCOPE_CLASS) c->row.flags |= CLASS_NESTED;
  if (node_ok(at.function)) c->row.hazards |= HAZARD_LOCAL;
  if ((at.flags & CONTEXT_TEST) != 0) c->row.flags |= CLASS_TEST;
  if (b->t->source->is_stub) c->row.flags |= CLASS_STUB;
  if (str_starts(scope_name(b, c->scope), STR("_"))) c->row.flags |= CLASS_PRIVATE;
  uint8_t broken = b->t->nodes[c->node.i].flags & (NODE_HAS_ERROR | NODE_IN_ERROR);
  bool is_header = (s->flags & SCOPE_BROKEN) != 0;
  if (broken != 0 || is_header) c->row.hazards |= HAZARD_BROKEN;
  if (is_header || (broken != 0 && is_broken_outside_methods(b, c->node))) {
    c->row.flags |= CLASS_BROKEN;
  }
  NodeId name = node_field(b->t, c->node, FIELD_NAME);
  if (!def_ok(binding_only_def(b->m, binding_of(b->m, name)))) {
    c->row.hazards |= HAZARD_REDEFINED;
  }
}

static void methods_read(ClassDraft *c) {
  FactsBuilder *b = c->b;
  const Scope *s = scope_get(b->m, c->scope);
  for (uint32_t i = c->scope.i + 1; i < s->after; i++) {
    const Scope *inner = scope_get(b->m, (ScopeId){i});
    if (b->receivers[i] == RECEIVER_ODD) c->row.hazards |= HAZARD_SELF_UNKNOWN;
    if ((inner->flags & SCOPE_USES_SUPER) != 0) c->row.hazards |= HAZARD_SUPER;
    if (inner->kind == SCOPE_CLASS) i = inner->after - 1;
  }
}

static void class_collect(FactsBuilder *b, ScopeId scope, const uint32_t *groups,
                          uint32_t group_count) {
  ClassDraft c = {.b = b,
                  .scope = scope,
                  .node = scope_get(b->m, scope)->node,
                  .attribute_of = map_in(b->arena)};
  c.row.name = b->scope_names[scope.i];
  c.row.place = place_of(node_field(b->t, c.node, FIELD_NAME));
  place_flags(&c);
  decorators_read(&c);
  bases_read(&c);
  body_read(&c);
  methods_read(&c);
  for (uint32_t i = 0; i < group_count; i++) {
    const MentionGroup *group = &b->groups.items[groups[i]];
    for (uint32_t j = group->first; j != 0; j = b->mentions.items[j].next) {
      mention_read(&c, &b->mentions.items[j], (FactText){group->name.i});
    }
  }
  fields_mark(&c);
  c.row.attribute_count = c.attributes.count;
  for (uint32_t i = 0; i < c.attributes.count; i++) {
    vec_push(b->arena, &b->attributes, c.attributes.items[i]);
  }
  vec_push(b->arena, &b->classes, c.row);
}

uint32_t *groups_by_class(FactsBuilder *b, uint32_t *starts) {
  uint32_t scopes = scope_count(b->m);
  uint32_t *sorted = arena_array(b->arena, uint32_t, b->groups.count + 1);
  for (uint32_t i = 1; i < b->groups.count; i++) {
    starts[b->groups.items[i].owner.i + 1]++;
  }
  for (uint32_t i = 1; i <= scopes; i++) starts[i] += starts[i - 1];
  uint32_t *next = arena_array(b->arena, uint32_t, scopes + 1);
  memcpy(next, starts, sizeof *next * scopes);
  for (uint32_t i = 1; i < b->groups.count; i++) {
    sorted[next[b->groups.items[i].owner.i]++] = i;
  }
  return sorted;
}

void classes_collect(FactsBuilder *b) {
  uint32_t scopes = scope_count(b->m);
  uint32_t *starts = arena_array(b->arena, uint32_t, scopes + 2);
  const uint32_t *sorted = groups_by_class(b, starts);
  for (uint32_t i = 1; i < scopes; i++) {
    if (scope_get(b->m, (ScopeId){i})->kind != SCOPE_CLASS) continue;
    class_collect(b, (ScopeId){i}, sorted + starts[i], starts[i + 1] - starts[i]);
  }
}
