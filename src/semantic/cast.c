#include "semantic/cast.h"

#include "semantic/context.h"
#include "semantic/guard.h"
#include "semantic/holder_internal.h"

static CastKind kind_of(Str name) {
  if (str_is(name, "builtins.list")) return CAST_LIST;
  if (str_is(name, "builtins.tuple")) return CAST_TUPLE;
  return str_is(name, "builtins.sorted") ? CAST_SORTED : CAST_NONE;
}

bool may_make_list(Model *m, NodeId expression) {
  NodeId call = node_unwrap(m->tree, expression);
  if (!node_is(m->tree, call, PY_CALL)) return true;
  Str method = STR_NONE;
  if (kind_of(name_of_callee(m, call)) != CAST_NONE) return true;
  return node_ok(call_receiver(m, call, &method)) && str_is(method, "readlines");
}

Cast cast_of(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId call = node_unwrap(t, expression);
  if (!node_is(t, call, PY_CALL)) return (Cast){0};
  CastKind kind = kind_of(name_of_callee(m, call));
  NodeId arguments = node_field(t, call, FIELD_ARGUMENTS);
  if (kind == CAST_NONE) return (Cast){0};
  NodeId source = arguments;
  if (!node_is(t, arguments, PY_GENERATOR_EXPRESSION)) {
    if (node_count_named(t, arguments) != 1) return (Cast){0};
    source = node_first_named(t, arguments);
  }
  PyKind form = node_kind(t, source);
  if (form == PY_KEYWORD_ARGUMENT || form == PY_LIST_SPLAT) return (Cast){0};
  Value from = value_of(m, source);
  bool lazy = value_is_iterator(from) || from.kind == VALUE_VIEW ||
              from.kind == VALUE_RANGE || form == PY_GENERATOR_EXPRESSION;
  if (!lazy || value_is_file(from)) return (Cast){0};
  if (form == PY_GENERATOR_EXPRESSION && from.size == SIZE_UNKNOWN) {
    Value first = value_of(m, comprehension_source(t, source));
    from.size = first.size;
    from.why = first.why;
    from.flags |= first.flags & VALUE_RECORD;
  }
  return (Cast){kind, call, source, from};
}

// --- the source itself ---------------------------------------------------------------

// A generator of this file that keeps something open or locked between two items.
static bool holds_something(Model *m, NodeId source) {
  const Tree *t = m->tree;
  if (!node_is(t, source, PY_CALL)) return false;
  ScopeId function = callee_function(m, call_callee(m, source));
  if (!scope_ok(function)) return false;
  NodeId body = scope_get(m, function)->node;
  for (uint32_t i = body.i; i < node_after(t, body); i++) {
    if (node_is(t, (NodeId){i}, PY_WITH_STATEMENT)) return true;
    if (node_is(t, (NodeId){i}, PY_FINALLY_CLAUSE)) return true;
  }
  return false;
}

CastLazy cast_alone(Model *m, const Cast *cast) {
  CastLazy lazy = {0};
  Value made = value_of(m, cast->node);
  EffectSet effects = effect_sum(m, cast->source);
  if (size_is_small(made) || size_is_small(cast->from) ||
      length_is_guarded(m, cast->source, cast->node)) {
    lazy.refusal = "it is small";
  } else if (((made.flags | cast->from.flags) & VALUE_STARTED) != 0 ||
             (effects & EFFECT_STARTS) != 0) {
    lazy.refusal = "the list holds running work";
  } else if (cast->from.flags & (HANDLE_ASYNC | VALUE_ENDLESS)) {
    lazy.refusal = "it is no plain iterator";
  } else if (source_is_changed_by_others(m, cast->source)) {
    lazy.refusal = "others may change the source at any time";
  }
  return lazy;
}

// --- the source and what runs meanwhile ----------------------------------------------

// Walking through it asks the file system, a database or code of its own on the way.
static bool source_is_live(Model *m, const Cast *cast) {
  Value v = cast->from;
  if (v.kind == VALUE_CURSOR || (v.flags & VALUE_DATABASE) != 0) return true;
  if (v.why == WHY_DIRECTORY || v.why == WHY_DATABASE) return true;
  (void)m;
  return false;
}

// Iterating it can neither fail nor run code: views, zip and its kin over containers.
static bool source_is_plain(Model *m, NodeId source) {
  enum { LAYERS = 8 };
  static const char *const layers[] = {"builtins.zip", "builtins.enumerate",
                                       "builtins.reversed"};
  const Tree *t = m->tree;
  NodeId todo[LAYERS] = {source};
  for (uint32_t done = 0, count = 1; done < count; done++) {
    NodeId e = node_unwrap(t, todo[done]);
    Value v = value_of(m, e);
    if (value_is_container(v) || value_is_text(v) || v.kind == VALUE_RANGE ||
        v.kind == VALUE_VIEW) {
      continue;
    }
    if (!node_is(t, e, PY_CALL)) return false;
    Str name = name_of_callee(m, e);
    bool known = false;
    for (uint32_t i = 0; i < sizeof layers / sizeof *layers; i++) {
      known |= str_is(name, layers[i]);
    }
    NodeId list = node_field(t, e, FIELD_ARGUMENTS);
    if (!known || !node_is(t, list, PY_ARGUMENT_LIST)) return false;
    for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
      if (node_is(t, a, PY_INTEGER)) continue;
      if (count == LAYERS || node_is(t, a, PY_KEYWORD_ARGUMENT)) return false;
      todo[count++] = a;
    }
  }
  return true;
}

// Behind a lock or query of its own, or over something that lives outside.
static const char *source_refusal(Model *m, const Cast *cast, Holder holder,
                                  EffectSet meanwhile) {
  bool active = (meanwhile & (EFFECTS_REACHING | EFFECTS_CHANGING)) != 0;
  if (holds_something(m, cast->source)) {
    return "the source holds something open while it is walked through";
  }
  if (source_is_live(m, cast) && active) {
    return "the source is read on the way, and the pass may change what it reads";
  }
  if (active && source_is_inside_another(m->tree, cast->source)) {
    return "the source lies in a container, and the pass may change that";
  }
  if (holder == HOLDER_OTHERS && (meanwhile & EFFECTS_REACHING) != 0) {
    return "code that others wrote runs meanwhile and may change the source";
  }
  if (holder == HOLDER_OTHERS && class_threading(m, cast->node) != THREADING_NONE) {
    return "another thread may change the source";
  }
  return NULL;
}

static CastLazy judge(Model *m, const Cast *cast, const Pass *pass,
                      EffectSet meanwhile) {
  CastLazy lazy = {0};
  if (cast->from.kind == VALUE_RANGE) return lazy;  // nothing changes a range
  Holder holder = holder_of(m, cast->source);
  if (holder != HOLDER_HERE && pass_removes_elements(m, pass)) {
    lazy.refusal = "the pass removes what it gets, from what it may walk through";
    return lazy;
  }
  lazy.refusal = source_refusal(m, cast, holder, meanwhile);
  if (lazy.refusal != NULL) return lazy;
  if (holder == HOLDER_CALLER && (meanwhile & EFFECTS_REACHING) != 0) {
    lazy.little = lazy.doubt = "what runs meanwhile may change the source";
    lazy.no_fix = true;
  } else if (holder == HOLDER_OTHERS) {
    lazy.little = lazy.doubt = "another thread may change the source";
  } else if ((meanwhile & EFFECTS_REACHING) != 0) {
    lazy.doubt = "code that runs meanwhile may change the source";
  } else if (cast->kind == CAST_SORTED) {
    lazy.doubt = "elements that cannot be compared raise no more";
  } else if ((meanwhile & EFFECTS_CHANGING) != 0) {
    lazy.doubt = "what is changed meanwhile may be what the next item is made from";
  } else if (!source_is_plain(m, cast->source)) {
    lazy.doubt = pass->may_stop ? "the source is left where the pass ends"
                                : "an item that raises does so after others were used";
  }
  return lazy;
}

// What a library function is given counts, not the module that it stands in.
typedef bool ChangesFn(Model *m, const void *where, NodeId expression);

static bool any_part_changes(Model *m, NodeId source, ChangesFn *changes,
                             const void *where) {
  enum { LAYERS = 16 };
  const Tree *t = m->tree;
  NodeId todo[LAYERS] = {source};
  for (uint32_t done = 0, count = 1; done < count; done++) {
    NodeId e = node_unwrap(t, todo[done]);
    NodeId list = node_field(t, e, FIELD_ARGUMENTS);
    bool library = node_is(t, e, PY_CALL) && name_of_callee(m, e).n != 0 &&
                   !scope_ok(callee_function(m, call_callee(m, e)));
    if (!library) {
      if (changes(m, where, e)) return true;
      continue;
    }
    bool many = node_is(t, list, PY_ARGUMENT_LIST);
    for (NodeId a = many ? node_first_named(t, list) : list; node_ok(a);
         a = many ? node_next_named(t, a) : NO_NODE) {
      if (count == LAYERS) return true;
      todo[count++] =
          node_is(t, a, PY_KEYWORD_ARGUMENT) ? node_field(t, a, FIELD_VALUE) : a;
    }
  }
  return false;
}

static bool changes_in_pass(Model *m, const void *where, NodeId expression) {
  return pass_changes(m, where, expression);
}

typedef struct Stretch {
  NodeId from, to;
} Stretch;

static bool changes_between(Model *m, const void *where, NodeId expression) {
  const Stretch *s = where;
  return effect_mutates_between(m, s->from, s->to, expression) != MUTATION_NONE;
}

CastLazy cast_here(Model *m, const Cast *cast, const Pass *pass) {
  CastLazy lazy = cast_alone(m, cast);
  if (lazy.refusal != NULL) return lazy;
  bool fixed = cast->from.kind == VALUE_RANGE;
  if (!fixed && any_part_changes(m, cast->source, changes_in_pass, pass)) {
    lazy.refusal = "what is walked through may change meanwhile";
    return lazy;
  }
  return judge(m, cast, pass, pass_effects(m, pass));
}

CastLazy cast_from(Model *m, const Cast *cast, NodeId statement, const Pass *pass) {
  CastLazy lazy = cast_alone(m, cast);
  if (lazy.refusal != NULL) return lazy;
  Range range = {node_after(m->tree, statement), node_after(m->tree, pass->node)};
  Stretch stretch = {statement, pass->node};
  bool changes = range.after - range.first > PASS_LONGEST ||
                 any_part_changes(m, cast->source, changes_between, &stretch);
  if (cast->from.kind != VALUE_RANGE && changes) {
    lazy.refusal = "what is walked through may change before it is used";
    return lazy;
  }
  Pass judged = *pass;
  EffectSet before = pass_effects_before(m, &judged);
  EffectSet meanwhile = effect_sum_range(m, range) | pass->calls | before;
  bool next = node_after(m->tree, statement) == node_statement(m->tree, pass->node).i;
  if (next && pass->kind == PASS_SINK && !pass->wrapped) {
    meanwhile = pass_effects(m, pass) | before;
  }
  return judge(m, cast, &judged, meanwhile);
}
