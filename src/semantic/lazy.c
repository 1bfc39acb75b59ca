#include "semantic/lazy.h"

#include "semantic/context.h"
#include "semantic/effect_internal.h"
#include "semantic/guard.h"

// --- the comprehension itself --------------------------------------------------------

NodeId comprehension_element(const Tree *t, NodeId comprehension) {
  return node_field(t, comprehension, FIELD_BODY);
}

NodeId comprehension_source(const Tree *t, NodeId comprehension) {
  return node_field(t, node_child(t, comprehension, PY_FOR_IN_CLAUSE), FIELD_RIGHT);
}

bool comprehension_is_copy(const Tree *t, NodeId comprehension) {
  NodeId element = comprehension_element(t, comprehension);
  NodeId clause = node_child(t, comprehension, PY_FOR_IN_CLAUSE);
  NodeId target = node_field(t, clause, FIELD_LEFT);
  return node_count_named(t, comprehension) == 2 &&
         node_is(t, element, PY_IDENTIFIER) && node_is(t, target, PY_IDENTIFIER) &&
         !node_ok(node_child(t, clause, PY_KW_ASYNC)) &&
         str_eq(node_text(t, element), node_text(t, target));
}

// What a generator would run later: all but the first source.
static EffectSet lazy_effects(Model *m, NodeId comprehension) {
  const Tree *t = m->tree;
  NodeId first = node_child(t, comprehension, PY_FOR_IN_CLAUSE);
  EffectSet effects = 0;
  for (NodeId part = node_first_named(t, comprehension); node_ok(part);
       part = node_next_named(t, part)) {
    if (!node_eq(part, first)) effects |= effect_sum(m, part);
  }
  if (node_ok(node_child(t, first, PY_KW_ASYNC))) effects |= EFFECT_AWAITS;
  NodeId target = node_field(t, first, FIELD_LEFT);
  bool unpacks = !node_is(t, target, PY_IDENTIFIER);
  return effects | (unpacks ? effect_sum(m, target) & ~(EffectSet)EFFECT_MAY_RAISE : 0);
}

static const char *refusal_of(Model *m, NodeId comprehension, EffectSet effects) {
  const Tree *t = m->tree;
  if (effects & EFFECT_AWAITS) return "an asynchronous generator is not iterable";
  if (effects & EFFECT_SUPER) return "super() without arguments fails in a generator";
  if (effects & EFFECT_NEXT) return "StopIteration becomes RuntimeError in a generator";
  if (effects & EFFECT_LOCALS) return "locals() means something else in a generator";
  if (effects & EFFECT_YIELDS) return "the element yields";
  if (effects & EFFECT_BINDS) return "the element binds a name that outlives it";
  if (effects & EFFECT_STARTS) return "the list starts work that runs together";
  Value element = value_of(m, comprehension_element(t, comprehension));
  if (element.flags & VALUE_STARTED) return "the list holds running work";
  bool tested =
      length_is_guarded(m, comprehension_source(t, comprehension), comprehension);
  if (tested || size_is_small(value_of(m, comprehension))) return "the list is small";
  return NULL;
}

static bool effects_are_visible(EffectSet effects) {
  return (effects &
          (EFFECT_ACTS | EFFECT_STORES | EFFECT_CONSUMES | EFFECT_LOCAL_ACTS |
           EFFECT_LOCAL_STORES | EFFECT_LOCAL_CONSUMES | EFFECT_SELF_STORES)) != 0;
}

static const char *element_doubt(EffectSet effects) {
  if (effects_are_visible(effects)) {
    return "the elements have effects, which would come one at a time";
  }
  if (effects & EFFECT_UNKNOWN_CALL) {
    return "the elements call code that is not known to be free of effects";
  }
  return NULL;
}

Lazy lazy_alone(Model *m, NodeId comprehension) {
  EffectSet effects = lazy_effects(m, comprehension);
  return (Lazy){.refusal = refusal_of(m, comprehension, effects),
                .doubt = element_doubt(effects),
                .acts = effects_are_visible(effects),
                .effects = effects};
}

// --- the comprehension and what consumes it ------------------------------------------

// Left as it was, should the pass end early.
static bool source_is_stable(Model *m, NodeId source) {
  enum { LAYERS = 4 };
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, source);
  for (uint32_t i = 0; i < LAYERS; i++) {
    Value v = value_of(m, e);
    if (value_is_container(v) || value_is_text(v) || v.kind == VALUE_RANGE ||
        v.kind == VALUE_VIEW || v.kind == VALUE_SEQUENCE || v.kind == VALUE_MAPPING) {
      return true;
    }
    bool counts = node_is(t, e, PY_CALL) && name_of_callee(m, e).n != 0 &&
                  str_is(name_of_callee(m, e), "builtins.enumerate");
    if (!counts) return false;
    e = node_unwrap(t, node_first_named(t, node_field(t, e, FIELD_ARGUMENTS)));
  }
  return false;
}

bool comprehension_source_runs(Model *m, NodeId comprehension) {
  NodeId source = comprehension_source(m->tree, comprehension);
  Value v = value_of(m, source);
  if (!value_is_iterator(v) || source_is_stable(m, source)) return false;
  return !value_is_file(v) || context_caught(m, comprehension).count > 0;
}

static bool all_sources_are_stable(Model *m, NodeId comprehension) {
  const Tree *t = m->tree;
  for (NodeId c = node_first_named(t, comprehension); node_ok(c);
       c = node_next_named(t, c)) {
    if (!node_is(t, c, PY_FOR_IN_CLAUSE)) continue;
    if (!source_is_stable(m, node_field(t, c, FIELD_RIGHT))) return false;
  }
  return true;
}

// A visible effect would change places with another, or be left out.
static bool order_is_visible(EffectSet element, EffectSet meanwhile, bool may_skip) {
  if (!effects_are_visible(element)) return false;
  return may_skip || !effect_is_pure(effect_public(meanwhile));
}

static const char *pass_doubt(Model *m, NodeId comprehension, const Pass *pass,
                              EffectSet element, EffectSet meanwhile) {
  const char *doubt = element_doubt(element);
  if (doubt != NULL) return doubt;
  bool reached = (meanwhile & (EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                               EFFECT_YIELDS | EFFECT_STARTS)) != 0;
  if (reached) {
    return "code that runs between two elements may change what the next is made from";
  }
  if (meanwhile & (EFFECT_ACTS | EFFECT_STORES | EFFECT_LOCAL_IMPURE)) {
    return "what is changed between two elements may be what the next is made from";
  }
  if (element & EFFECT_MAY_RAISE) {
    return "an element that raises does so after others were used";
  }
  if (pass->may_stop && !all_sources_are_stable(m, comprehension)) {
    return "an iterator as the source is left where the pass ends";
  }
  return NULL;
}

// `db.executemany(sql, [… for row in db.execute(q)])`, `f.writelines([… for … in f])`:
// what takes the elements is what they come from.
static bool sink_is_source(Model *m, NodeId comprehension, const Pass *pass) {
  const Tree *t = m->tree;
  Str method = STR_NONE;
  NodeId receiver = node_unwrap(t, call_receiver(m, pass->node, &method));
  if (pass->sink == NULL || !node_ok(receiver)) return false;
  Value sink = value_of(m, receiver);
  Value source = value_of(m, comprehension_source(t, comprehension));
  bool database = sink.kind == VALUE_CURSOR || sink.kind == VALUE_CONNECTION;
  if (database && (source.kind == VALUE_CURSOR || source.kind == VALUE_QUERYSET)) {
    return true;
  }
  if (value_is_file(sink) && value_is_file(source) &&
      value_same_path(m, sink, source) == ANSWER_YES) {
    return true;
  }
  BindingId b = binding_of(m, receiver);
  Range range = range_of(t, comprehension);
  return binding_ok(b) && mention_refs(m, b, range).count > 0;
}

// A method of something unknown may want to know the length.
static bool sink_is_guessed(Model *m, const Pass *pass) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, pass->node, &method);
  return pass->sink != NULL && pass->sink->name.p[0] == '.' && node_ok(receiver) &&
         !value_is_known(value_of(m, receiver));
}

// --- attributes that the elements read and the pass writes ---------------------------

enum { NAMES_READ = 16 };  // attributes of one comprehension that are compared
typedef struct NamesRead {
  Str items[NAMES_READ];
  uint32_t count;
} NamesRead;

static NamesRead names_read(const Tree *t, NodeId comprehension) {
  NamesRead read = {.count = 0};
  NodeId n = comprehension;
  for (; n.i < node_after(t, comprehension) && read.count < NAMES_READ; n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE)) continue;
    read.items[read.count++] = node_text(t, node_field(t, n, FIELD_ATTRIBUTE));
  }
  return read;
}

static bool names_hold(const NamesRead *read, Str name) {
  for (uint32_t i = 0; i < read->count; i++) {
    if (str_eq(read->items[i], name)) return true;
  }
  return false;
}

// `for t in [t for t in ts if not t.done]: t.done = True` writes to what it was given
// alone, and a new object is nobody else's.
static bool is_element_itself(Model *m, NodeId comprehension, const Pass *pass,
                              NodeId object) {
  const Tree *t = m->tree;
  NodeId element = node_unwrap(t, comprehension_element(t, comprehension));
  bool own = node_is(t, element, PY_IDENTIFIER) || expression_is_fresh(m, element);
  if (!own || !node_is(t, pass->node, PY_FOR_STATEMENT)) return false;
  NodeId left = node_field(t, pass->node, FIELD_LEFT);
  BindingId binding = binding_of(m, object);
  for (NodeId n = left; n.i < node_after(t, left); n.i++) {
    if (node_is(t, n, PY_IDENTIFIER) && binding_of(m, n).i == binding.i) return true;
  }
  return false;
}

// The elements read `.visited`, and the pass sets `.visited` of another object, which may
// be one that is still to come: the list is a snapshot.
static bool stores_what_is_read(Model *m, NodeId comprehension, const Pass *pass,
                                Range range) {
  const Tree *t = m->tree;
  if ((effect_sum_range(m, range) & EFFECT_STORES) == 0) return false;
  NamesRead read = names_read(t, comprehension);
  for (NodeId n = {range.first}; n.i < range.after && read.count > 0; n.i++) {
    if (!node_is(t, n, PY_ATTRIBUTE)) continue;
    PlaceKind kind = place_of(t, n).kind;
    if (kind != PLACE_TARGET && kind != PLACE_UPDATED && kind != PLACE_DELETED)
      continue;
    if (!names_hold(&read, node_text(t, node_field(t, n, FIELD_ATTRIBUTE)))) continue;
    NodeId object = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
    bool elsewhere = !node_is(t, object, PY_IDENTIFIER) ||
                     (!name_is_self(m, object) && !name_is_fresh(m, object) &&
                      !is_element_itself(m, comprehension, pass, object));
    if (elsewhere) return true;
  }
  return false;
}

static bool pass_stores_what_is_read(Model *m, NodeId comprehension, const Pass *pass) {
  for (uint32_t i = 0; i < pass->part_count; i++) {
    Range range = range_of(m->tree, pass->parts[i]);
    if (stores_what_is_read(m, comprehension, pass, range)) return true;
  }
  return false;
}

// `[x for x in xs if …]`, all of which the pass removes from what may be `xs`.
static bool is_for_removal(Model *m, NodeId comprehension, const Pass *pass) {
  const Tree *t = m->tree;
  NodeId element = node_unwrap(t, comprehension_element(t, comprehension));
  Value source = value_of(m, comprehension_source(t, comprehension));
  return node_is(t, element, PY_IDENTIFIER) && source.kind != VALUE_RANGE &&
         !value_is_text(source) && pass_removes_elements(m, pass);
}

static bool pass_takes_all(const Pass *pass) {
  return (pass->kind == PASS_SINK || pass->kind == PASS_KEPT) && !pass->may_stop;
}

static Lazy lazy_judge(Model *m, NodeId comprehension, const Pass *pass,
                       EffectSet meanwhile, bool changes, Lazy lazy) {
  bool skips = pass->sink != NULL && (pass->sink->flags & SINK_SHORT_CIRCUIT) != 0;
  if (changes) {
    lazy.refusal = "what the elements are made from may change meanwhile";
  } else if (sink_is_source(m, comprehension, pass)) {
    lazy.refusal = "what takes the elements is what they are read from";
  } else if (order_is_visible(lazy.effects, meanwhile, skips)) {
    lazy.refusal = "the elements have effects, which come before those of the pass";
  } else if (pass->kind != PASS_SINK || pass->wrapped || meanwhile != 0 || skips) {
    lazy.doubt = pass_doubt(m, comprehension, pass, lazy.effects, meanwhile);
  } else {
    // A reducer of scalars cannot fail before the element that raises is reached.
    Value element = value_of(m, comprehension_element(m->tree, comprehension));
    bool takes_numbers = pass->sink == NULL || (pass->sink->flags & SINK_LOOP) == 0;
    bool odd = (value_is_known(element) || !takes_numbers) &&  // `sum` refuses a tuple
               !source_is_stable(m, comprehension_source(m->tree, comprehension));
    bool raises = !(takes_numbers && value_is_scalar(element)) &&
                  ((lazy.effects & EFFECT_MAY_RAISE) != 0 || odd ||
                   comprehension_source_runs(m, comprehension));
    lazy.doubt = element_doubt(lazy.effects);
    if (lazy.doubt == NULL && raises) {
      lazy.doubt = "an element that raises does so after others were used";
    }
  }
  if (sink_is_guessed(m, pass)) {
    lazy.little = lazy.doubt = "what takes the elements may need a list";
  } else if (pass->kind == PASS_KEPT && !node_ok(pass->clause)) {
    lazy.little = "what takes the elements keeps them";
  }
  if (lazy.refusal == NULL && pass->few) lazy.refusal = "few elements are taken";
  return lazy;
}

Lazy lazy_here(Model *m, NodeId comprehension, const Pass *pass) {
  Lazy lazy = lazy_alone(m, comprehension);
  if (lazy.refusal != NULL) return lazy;
  bool changes = pass_changes(m, pass, comprehension) ||
                 pass_stores_what_is_read(m, comprehension, pass) ||
                 is_for_removal(m, comprehension, pass);
  return lazy_judge(m, comprehension, pass, pass_effects(m, pass), changes, lazy);
}

Lazy lazy_from(Model *m, NodeId comprehension, NodeId statement, const Pass *pass) {
  Lazy lazy = lazy_alone(m, comprehension);
  if (lazy.refusal != NULL) return lazy;
  Range range = {node_after(m->tree, statement), node_after(m->tree, pass->node)};
  bool changes =
      range.after - range.first > PASS_LONGEST ||
      effect_mutates_between(m, statement, pass->node, comprehension) !=
          MUTATION_NONE ||
      effect_rebinds_names_between(m, statement, pass->node, comprehension) ||
      stores_what_is_read(m, comprehension, pass, range) ||
      is_for_removal(m, comprehension, pass);
  if (changes) {
    lazy.refusal = "what the elements are made from may change before they are used";
    return lazy;
  }
  Pass judged = *pass;
  EffectSet before = pass_effects_before(m, &judged);
  EffectSet meanwhile = effect_sum_range(m, range) | pass->calls | before;
  bool direct = pass_takes_all(&judged) && !judged.wrapped;
  // The consuming call itself is no code that runs between.
  if (direct &&
      node_after(m->tree, statement) == node_statement(m->tree, pass->node).i) {
    meanwhile = pass_effects(m, pass) | before;
  }
  return lazy_judge(m, comprehension, &judged, meanwhile, false, lazy);
}

// --- bytes ---------------------------------------------------------------------------

enum { POINTER = 8, GC_HEADER = 16, LIST_HEAD = 40, TUPLE_HEAD = 24, INT_BYTES = 28 };
enum { FLOAT_BYTES = 24, STR_BYTES_11 = 49, STR_BYTES_12 = 41, BYTES_BYTES = 33 };
enum { LIST_COMPREHENSION_LEAST = LIST_HEAD + GC_HEADER, DICT_BYTES = 184 };

uint32_t comprehension_item_bytes(Model *m, NodeId comprehension, uint8_t minor) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, comprehension_element(t, comprehension));
  switch (node_kind(t, e)) {
    case PY_TUPLE:
      return POINTER + TUPLE_HEAD + GC_HEADER + POINTER * node_count_named(t, e);
    case PY_LIST:
      return POINTER + LIST_HEAD + GC_HEADER + POINTER * node_count_named(t, e);
    case PY_LIST_COMPREHENSION: return POINTER + LIST_COMPREHENSION_LEAST;
    case PY_DICTIONARY:
    case PY_DICTIONARY_COMPREHENSION: return POINTER + DICT_BYTES;
    case PY_STRING:
      if (!node_ok(node_child(t, e, PY_INTERPOLATION))) return POINTER;
      break;
    case PY_CALL:
    case PY_BINARY_OPERATOR: break;
    default: return POINTER;  // what exists already
  }
  switch (value_of(m, e).kind) {
    case VALUE_INT: return POINTER + INT_BYTES;
    case VALUE_FLOAT: return POINTER + FLOAT_BYTES;
    case VALUE_STR: return POINTER + (minor >= 12 ? STR_BYTES_12 : STR_BYTES_11);
    case VALUE_BYTES: return POINTER + BYTES_BYTES;
    default: return POINTER;
  }
}
