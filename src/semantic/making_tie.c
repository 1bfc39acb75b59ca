// What a class that is made depends on: the call, the round of a loop, or neither.
#include "semantic/making_internal.h"
#include "semantic/place_internal.h"

typedef struct Ties {
  Model *m;
  NodeId whole;
  NodeId loop;    // what stays the same is asked for its rounds; NO_NODE: for calls
  bool is_class;  // a class statement: what it names it holds on to
  NodeId parts[NAMED_PARTS];  // values, functions and classes that it names
  uint32_t part_count;
  uint32_t budget;  // nodes
} Ties;

// --- names ---------------------------------------------------------------------------

static bool is_definition(DefKind kind) {
  return kind == DEF_IMPORT || kind == DEF_IMPORT_FROM || kind == DEF_FUNCTION ||
         kind == DEF_CLASS;
}

static bool part_push(Ties *ties, NodeId part) {
  for (uint32_t i = 0; i < ties->part_count; i++) {
    if (node_eq(ties->parts[i], part)) return true;
  }
  if (ties->part_count == NAMED_PARTS) return false;
  ties->parts[ties->part_count++] = part;
  return true;
}

// `names.append(x)`, `names[0] = x`, `names += more`.
static bool changes(Model *m, NodeId mention) {
  const Tree *t = m->tree;
  Place p = place_behind(t, mention);
  if (p.kind == PLACE_UPDATED) return true;
  if (p.kind == PLACE_ITEM) {
    PlaceKind outer = place_of(t, p.node).kind;
    return outer == PLACE_TARGET || outer == PLACE_UPDATED || outer == PLACE_DELETED;
  }
  return p.kind == PLACE_ATTRIBUTE &&
         knowledge_has_member(m->options.knowledge, SUBJECT_MUTATORS,
                              node_text(t, node_field(t, p.node, FIELD_ATTRIBUTE)));
}

static bool is_changed_within(Ties *ties, BindingId binding, NodeId region) {
  uint32_t seen = 0;
  for (RefId r = ref_first(ties->m, binding); ref_ok(r); r = ref_next(ties->m, r)) {
    NodeId mention = ref_get(ties->m, r)->node;
    if (node_ok(region) && !node_inside(ties->m->tree, mention, region)) continue;
    if (++seen > MAKING_USES || changes(ties->m, mention)) return true;
  }
  return false;
}

// A list of a call's own is the same to a maker that copies it, not to a class that
// holds on to it.
static bool value_is_same(Ties *ties, const Def *def) {
  const Tree *t = ties->m->tree;
  NodeId value = node_unwrap(t, def->value);
  switch (node_kind(t, value)) {
    case PY_LIST:
    case PY_DICTIONARY:
    case PY_SET:
      if (ties->is_class || is_changed_within(ties, def->binding, NO_NODE))
        return false;
      break;
    case PY_LIST_COMPREHENSION:
    case PY_DICTIONARY_COMPREHENSION:
    case PY_SET_COMPREHENSION:
    case PY_GENERATOR_EXPRESSION:
    case PY_AWAIT:
    case PY_YIELD: return false;
    default: break;
  }
  return part_push(ties, value);
}

static bool def_is_same(Ties *ties, const Def *def, bool is_only) {
  const Tree *t = ties->m->tree;
  if (def->kind == DEF_FUNCTION || def->kind == DEF_CLASS) {
    NodeId outer = node_parent(t, def->value);
    bool decorated = node_is(t, outer, PY_DECORATED_DEFINITION);
    return part_push(ties, decorated ? outer : def->value);
  }
  if (is_definition(def->kind)) return true;
  bool is_value =
      def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED || def->kind == DEF_WALRUS;
  if (!is_value || !is_only || (def->flags & DEF_UNPACKED) != 0) return false;
  return node_ok(def->value) && value_is_same(ties, def);
}

// A variable of a function: the same in every call, if its definitions are; in every
// round, if it is not bound or changed there.
static bool local_is_same(Ties *ties, BindingId id) {
  const Binding *b = binding_get(ties->m, id);
  if (b->def_count > NAMED_PARTS || (b->flags & BIND_IN_ERROR) != 0) return false;
  for (DefId d = b->first_def; def_ok(d); d = def_next(ties->m, d)) {
    const Def *def = def_get(ties->m, d);
    bool is_inside = node_inside(ties->m->tree, def->node, ties->loop);
    if (node_ok(ties->loop) && !is_inside) continue;
    if (node_inside(ties->m->tree, def->node, ties->whole)) continue;  // itself
    if (!def_is_same(ties, def, b->def_count == 1)) return false;
  }
  return !node_ok(ties->loop) || !is_changed_within(ties, id, ties->loop);
}

// A variable of the module: functions may bind it anew, and so may a loop of the module.
static bool global_is_same(Ties *ties, BindingId id) {
  const Binding *b = binding_get(ties->m, id);
  uint32_t seen = 0;
  for (DefId d = b->first_def; def_ok(d); d = def_next(ties->m, d)) {
    const Def *def = def_get(ties->m, d);
    if (++seen > MAKING_USES) return false;
    if (is_definition(def->kind) ||
        node_inside(ties->m->tree, def->node, ties->whole)) {
      continue;
    }
    if (def->scope.i != MODULE_SCOPE.i) return false;
    if (node_inside(ties->m->tree, def->node, ties->loop)) return false;
  }
  return true;
}

// What a method reads of the module it reads when it runs.
static bool name_is_same(Ties *ties, NodeId identifier, NodeId region, bool is_value) {
  RefId r = ref_at(ties->m, identifier);
  BindingId id = ref_get(ties->m, r)->binding;
  if (!ref_ok(r) || !binding_ok(id)) return true;
  const Scope *s = scope_get(ties->m, binding_get(ties->m, id)->scope);
  if (s->kind == SCOPE_MODULE) {
    return (!is_value && !node_ok(ties->loop)) || global_is_same(ties, id);
  }
  if (s->kind == SCOPE_CLASS) return true;
  NodeId own = s->node;
  if (node_inside(ties->m->tree, own, region)) return true;
  return local_is_same(ties, id);
}

// --- regions -------------------------------------------------------------------------

static bool is_harmless_name(Str name) {
  static const char *const prefixes[] = {"typing.", "dataclasses.", "pydantic.",
                                         "enum.",   "attr.",        "attrs."};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (str_starts(name, str_from(prefixes[i]))) return true;
  }
  return false;
}

// A call that gives the same for the same.
static bool call_is_same(Model *m, NodeId call) {
  Str name = name_of_callee(m, call);
  return call_is_pure(m, call) || is_harmless_name(name) ||
         knowledge_makers(m->options.knowledge, name) != NULL;
}

// What differs from request to request, under a name of the module.
static bool is_of_request(Model *m, NodeId attribute) {
  return str_starts(name_of(m, attribute), STR("flask."));
}

// `is_value`: it is evaluated, and what it calls matters; a class body may call whatever
// it likes.
static bool region_is_same(Ties *ties, NodeId region, bool is_value) {
  Model *m = ties->m;
  const Tree *t = m->tree;
  for (uint32_t i = region.i; i < node_after(t, region); i++) {
    NodeId n = {i};
    if (ties->budget-- == 0) {
      ties->budget = 0;
      return false;
    }
    switch (node_kind(t, n)) {
      case PY_IDENTIFIER:
        if (!name_is_same(ties, n, region, is_value)) return false;
        break;
      case PY_CALL:
        if (is_value && !call_is_same(m, n)) return false;
        break;
      case PY_ATTRIBUTE:
        if (is_value && is_of_request(m, n)) return false;
        break;
      case PY_AWAIT:
      case PY_YIELD:
        if (is_value) return false;
        break;
      default: break;
    }
  }
  return true;
}

static bool parts_are_same(Ties *ties) {
  ties->budget = NAMED_NODES;
  for (uint32_t i = 0; i < ties->part_count; i++) {
    PyKind kind = node_kind(ties->m->tree, ties->parts[i]);
    bool is_code = kind == PY_FUNCTION_DEFINITION || kind == PY_CLASS_DEFINITION ||
                   kind == PY_DECORATED_DEFINITION;
    if (!region_is_same(ties, ties->parts[i], !is_code)) return false;
  }
  return true;
}

static Ties ties_begin(Model *m, const Making *making, bool is_class) {
  return (Ties){.m = m,
                .whole = making->whole,
                .loop = making->loop,
                .is_class = is_class,
                .budget = MAKING_NODES};
}

static bool expression_is_same(Model *m, const Making *making, NodeId expression) {
  Ties ties = ties_begin(m, making, false);
  return region_is_same(&ties, expression, true) && parts_are_same(&ties);
}

// --- entry ---------------------------------------------------------------------------

static bool class_is_same(Model *m, const Making *making) {
  const Tree *t = m->tree;
  NodeId definition = making->whole;
  if (node_is(t, definition, PY_DECORATED_DEFINITION)) {
    definition = node_field(t, definition, FIELD_DEFINITION);
  }
  Ties ties = ties_begin(m, making, true);
  NodeId bases = node_field(t, definition, FIELD_SUPERCLASSES);
  if (node_ok(bases) && !region_is_same(&ties, bases, true)) return false;
  return region_is_same(&ties, making->whole, false) && parts_are_same(&ties);
}

// `{"rows": []}`: what the class holds may be changed through any of its instances.
static bool holds_containers(const Tree *t, NodeId arguments) {
  for (uint32_t i = arguments.i; i < node_after(t, arguments); i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_PAIR)) continue;
    PyKind kind = node_kind(t, node_unwrap(t, node_field(t, n, FIELD_VALUE)));
    if (kind == PY_LIST || kind == PY_DICTIONARY || kind == PY_SET) return true;
  }
  return false;
}

// Its name is always the same: it stands for one type, of some fields or other.
static bool is_named_alike(Model *m, const Making *making) {
  NodeId name = NO_NODE;
  return call_argument(m, making->whole, 0, NULL, &name) == ARG_PRESENT &&
         expression_is_same(m, making, name);
}

MakingTie making_tie(Model *m, const Making *making, const MakerFact *maker) {
  if (maker == NULL) return class_is_same(m, making) ? TIE_FREE : TIE_BOUND;
  NodeId list = node_field(m->tree, making->whole, FIELD_ARGUMENTS);
  if (maker->form == MAKER_CLASS && holds_containers(m->tree, list)) return TIE_BOUND;
  if (expression_is_same(m, making, list)) return TIE_FREE;
  switch (maker->form) {
    case MAKER_DATA: return is_named_alike(m, making) ? TIE_DATA : TIE_BOUND;
    case MAKER_VALIDATOR: return node_ok(making->loop) ? TIE_BOUND : TIE_DATA;
    default: return TIE_BOUND;
  }
}
