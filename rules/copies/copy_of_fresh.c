/* # copy-of-fresh (PML306)
 *
 * A container that nothing else holds is copied, and then thrown away.
 *
 * ## Why it costs memory
 *
 * `sorted` makes a list of whatever it is given: in `sorted(list(names))` there are two,
 * 8 bytes for each item more than needed. `return list(found)` copies a list that is
 * dropped with the function: it could be handed out itself.
 *
 * ## Example
 *
 *     names = sorted(list(table.keys()))
 *     return dict(sizes)                  # `sizes` was made in this function
 *
 * ## Use instead
 *
 *     names = sorted(table.keys())
 *     return sizes
 *
 * ## Fix safety
 *
 * Safe where the types are known: casts in casts, lists and dicts made on the spot or
 * kept by one local name. Unsafe for sets, whose order may differ, where elements could
 * be refused at another moment, and where a type is only known from an annotation.
 *
 * ## Limits
 *
 * Silent for what anything else may hold: parameters, attributes, globals, captured
 * names, aliases, what was stored or handed to unknown code, and for what is used or
 * changed behind the copy. `list(set(x))` and the like are another type, and needed; so is
 * `dict` of a Counter or defaultdict. Below 100 items silent. A copy is as small as can
 * be, while a list that grew may keep an eighth of its places in reserve.
 *
 * ## References
 *
 * `sorted` and `list` in the Python library reference.
 */
#include "rule.h"

typedef enum Surplus { SURPLUS_NONE, SURPLUS_INNER, SURPLUS_OUTER } Surplus;

static RuleNodeFn on_expression;
static void judge_nested(RuleContext *cx, const Copy *outer, const Copy *inner);
static void judge_fresh(RuleContext *cx, const Copy *copy);
static void judge_name(RuleContext *cx, const Copy *copy);

RULE(copy_of_fresh) = {
    .code = "PML306",
    .name = "copy-of-fresh",
    .summary = "a container that nothing else holds is copied",
    .templates = {"`{0}` is made only to be copied by `{1}`: {2} while both are alive; "
                  "`{1}` takes the source itself",
                  "`{0}` copies what nothing else holds: {2} while both are alive; "
                  "the original will do"},
    .warn_on = {EVIDENCE_SIZE},
    .fix = FIX_SAFE,
    .yields_to = {"PML101", "PML102", "PML103", "PML104", "PML105", "PML106", "PML107",
                  "PML108", "PML111", "PML112", "PML113", "PML114", "PML201", "PML202",
                  "PML203", "PML204", "PML205", "PML206", "PML207", "PML208", "PML209",
                  "PML210", "PML211", "PML212", "PML213", "PML214", "PML215", "PML216",
                  "PML217", "PML218", "PML301", "PML302", "PML303", "PML305", "PML503"},
    .kinds = {PY_CALL, PY_SUBSCRIPT},
    .on_node = on_expression,
};

static bool is_dropped_above(RuleContext *cx, const Copy *copy);

static void on_expression(RuleContext *cx, NodeId node) {
  Copy copy = copy_of(cx->m, node);
  if (copy.kind == VALUE_UNKNOWN || is_dropped_above(cx, &copy)) return;
  Copy inner = copy_of(cx->m, copy.source);
  if (inner.kind != VALUE_UNKNOWN) {
    judge_nested(cx, &copy, &inner);
  } else if (node_is(cx->t, node_unwrap(cx->t, copy.source), PY_IDENTIFIER)) {
    judge_name(cx, &copy);
  } else {
    judge_fresh(cx, &copy);
  }
}

// What is empty for all that the file shows is filled by others.
static bool is_small(Value v) { return size_is_small(v) && v.high > 0; }

static bool is_cast(const Copy *c) { return (c->flags & COPY_CASTS) != 0; }
static bool orders(const Copy *c) { return (c->flags & COPY_ORDERS) != 0; }

// --- a copy of a copy ----------------------------------------------------------------

// Pairs that `dict` reads one by one; a mapping would be copied by its keys.
static bool gives_pairs(RuleContext *cx, NodeId source) {
  Value v = value_of(cx->m, source);
  bool keyed = v.kind == VALUE_UNKNOWN || v.kind == VALUE_DICT ||
               v.kind == VALUE_MAPPING || v.kind == VALUE_INSTANCE;
  return !keyed && v.element == VALUE_TUPLE;
}

static Surplus surplus_of_cast(RuleContext *cx, const Copy *outer, const Copy *inner) {
  bool row = inner->kind == VALUE_LIST || inner->kind == VALUE_TUPLE;
  bool distinct = inner->kind == VALUE_SET || inner->kind == VALUE_FROZENSET;
  if (orders(outer)) return row && !orders(inner) ? SURPLUS_INNER : SURPLUS_NONE;
  switch (outer->kind) {
    case VALUE_LIST:
      return !row ? SURPLUS_NONE : orders(inner) ? SURPLUS_OUTER : SURPLUS_INNER;
    case VALUE_TUPLE:  // tuple(tuple(x)) is one object
      return inner->kind == VALUE_LIST && !orders(inner) ? SURPLUS_INNER : SURPLUS_NONE;
    case VALUE_SET: return row || distinct ? SURPLUS_INNER : SURPLUS_NONE;
    case VALUE_FROZENSET:
      return row || inner->kind == VALUE_SET ? SURPLUS_INNER : SURPLUS_NONE;
    case VALUE_DICT:
      if (inner->kind == VALUE_DICT) return SURPLUS_INNER;
      return row && !orders(inner) && gives_pairs(cx, inner->source) ? SURPLUS_INNER
                                                                     : SURPLUS_NONE;
    default: return SURPLUS_NONE;
  }
}

static Surplus surplus_of(RuleContext *cx, const Copy *outer, const Copy *inner) {
  if (is_cast(outer)) return surplus_of_cast(cx, outer, inner);
  bool changeable = outer->kind != VALUE_TUPLE && outer->kind != VALUE_FROZENSET;
  return outer->kind == inner->kind && changeable ? SURPLUS_OUTER : SURPLUS_NONE;
}

// The copy around it is reported with this one as what is too much.
static bool is_dropped_above(RuleContext *cx, const Copy *copy) {
  const Tree *t = cx->t;
  NodeId call = node_parent(t, node_parent(t, node_wrap(t, copy->node)));
  Copy outer = node_is(t, call, PY_CALL) ? copy_of(cx->m, call) : (Copy){0};
  return outer.kind != VALUE_UNKNOWN &&
         node_eq(node_unwrap(t, outer.source), copy->node) &&
         surplus_of(cx, &outer, copy) == SURPLUS_INNER;
}

static bool makes_table(RuleContext *cx, NodeId e) {
  TypeAnswer type;
  ValueKind kind = fresh_kind(cx->m, e, &type);
  return kind == VALUE_SET || kind == VALUE_FROZENSET || kind == VALUE_DICT;
}

// A set or dict that this function makes: building it was the peak, and what is copied
// from it is less than what it let go of when it grew.
static bool is_fresh_table(RuleContext *cx, NodeId source) {
  NodeId e = node_unwrap(cx->t, source);
  Str method = STR_NONE;
  NodeId receiver = call_receiver(cx->m, e, &method);
  if (value_of(cx->m, e).kind == VALUE_VIEW && node_ok(receiver)) {
    e = node_unwrap(cx->t, receiver);
  }
  if (!node_is(cx->t, e, PY_IDENTIFIER)) return makes_table(cx, e);
  DefList defs = flow_defs_reaching(cx->m, ref_at(cx->m, e));
  for (uint32_t i = 0; i < defs.count; i++) {
    const Def *def = def_get(cx->m, defs.items[i]);
    bool grows = def->kind == DEF_AUGMENTED;
    bool made = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED) &&
                (def->flags & DEF_UNPACKED) == 0 && node_ok(def->value);
    if (!grows && (!made || !makes_table(cx, def->value))) return false;
  }
  return defs.count > 0 && !defs.unknown;
}

static bool is_container(RuleContext *cx, NodeId source) {
  Value v = value_of(cx->m, source);
  return v.kind == VALUE_LIST || v.kind == VALUE_TUPLE || v.kind == VALUE_RANGE ||
         v.kind == VALUE_STR || v.kind == VALUE_VIEW;
}

// `zip(a, b)` of containers, `d.items()`: nobody sees how far it was read.
static bool is_plain_source(RuleContext *cx, NodeId source) {
  const Tree *t = cx->t;
  NodeId e = node_unwrap(t, source);
  Str name = name_of_callee(cx->m, e);
  if (!str_is(name, "builtins.zip") && !str_is(name, "builtins.enumerate")) {
    return is_container(cx, e);
  }
  NodeId list = node_field(t, e, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (!node_is(t, a, PY_COMMENT) && !is_container(cx, a)) return false;
  }
  return true;
}

// Whatever runs before it is evaluated, it is what it is: `len`, `str.lower`, `lambda`.
static bool is_settled(RuleContext *cx, NodeId argument) {
  const Tree *t = cx->t;
  bool keyword = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  NodeId e = keyword ? node_field(t, argument, FIELD_VALUE) : argument;
  switch (node_kind(t, node_unwrap(t, e))) {
    case PY_COMMENT:
    case PY_LAMBDA:
    case PY_IDENTIFIER:
    case PY_INTEGER:
    case PY_TRUE:
    case PY_FALSE:
    case PY_NONE_LITERAL: return true;
    case PY_ATTRIBUTE: return name_of(cx->m, e).n > 0;
    default: return false;
  }
}

// The arguments behind the copy: without it they are evaluated before the source is
// walked through.
static bool is_evaluated_alike(RuleContext *cx, const Copy *outer, const Copy *inner) {
  const Tree *t = cx->t;
  NodeId list = node_field(t, outer->node, FIELD_ARGUMENTS);
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return true;
  NodeId source = inner->source;
  bool stays =
      is_plain_source(cx, source) || value_is_container(value_of(cx->m, source));
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    if (a.i <= inner->node.i || is_settled(cx, a)) continue;
    if (!stays || !effect_is_pure(effect_of(cx->m, a))) return false;
  }
  return true;
}

// What may differ without the inner copy; NULL if nothing does.
static const char *doubt_without_inner(RuleContext *cx, const Copy *outer,
                                       const Copy *inner) {
  if (!is_evaluated_alike(cx, outer, inner)) {
    return "the other arguments are evaluated before the source is read";
  }
  bool hashes = outer->kind == VALUE_SET || outer->kind == VALUE_FROZENSET ||
                (outer->kind == VALUE_DICT && inner->kind != VALUE_DICT);
  if (!hashes) return NULL;
  if (orders(inner)) return "`sorted` refuses what cannot be compared";
  if (inner->kind != VALUE_LIST && inner->kind != VALUE_TUPLE) {
    return "the order of the set may differ";
  }
  return is_plain_source(cx, inner->source)
             ? NULL
             : "what cannot be hashed is met before the source is read to its end";
}

static Str places_text(RuleContext *cx, ValueKind kind, Cost *cost) {
  bool row = kind == VALUE_LIST || kind == VALUE_TUPLE;
  if (row) *cost = (Cost){8, COST_PER_ITEM};
  return row ? STR("8 B per item") : cx_format(cx, "a whole %s", value_kind_name(kind));
}

static Fix drop_inner(RuleContext *cx, const Copy *inner, const char *doubt) {
  const Tree *t = cx->t;
  EditList edits = edits_in(cx->arena);
  Span whole = node_span(t, inner->node), kept = node_span(t, inner->source);
  bool generator = node_is(t, inner->source, PY_GENERATOR_EXPRESSION) &&
                   node_is(t, node_parent(t, inner->node), PY_ARGUMENT_LIST);
  if (!generator) {
    if (!edit_unwrap(&edits, t, inner->node, inner->source)) return (Fix){0};
    return fix_of(&edits, doubt, "leave out the copy between");
  }
  if (edit_loses_comment(t, whole, kept)) return (Fix){0};
  edit_delete(&edits, (Span){whole.start, kept.start});
  edit_delete(&edits, (Span){kept.stop, whole.stop});
  return fix_of(&edits, doubt, "leave out the copy between");
}

static Fix drop_outer(RuleContext *cx, const Copy *copy, const char *doubt) {
  const Tree *t = cx->t;
  EditList edits = edits_in(cx->arena);
  NodeId assignment = node_parent(t, node_wrap(t, copy->node));
  bool itself = node_is(t, assignment, PY_ASSIGNMENT) &&
                str_eq(node_text(t, node_field(t, assignment, FIELD_LEFT)),
                       node_text(t, copy->source));
  char first = node_text(t, copy->source).p[0];
  bool escapes =
      first == '{' && node_ok(node_ancestor(t, copy->node, PY_INTERPOLATION));
  if (itself || escapes || !edit_unwrap(&edits, t, copy->node, copy->source)) {
    return (Fix){0};
  }
  return fix_of(&edits, doubt, "use the original itself");
}

static Value size_of(RuleContext *cx, NodeId made, NodeId source) {
  Value v = value_of(cx->m, made);
  return size_is_unbounded(v) || !node_ok(source) ? v : value_of(cx->m, source);
}

static void report(RuleContext *cx, Draft draft, NodeId copied, Value size,
                   ValueKind kind) {
  draft.evidence = evidence_of(cx, draft.anchor, size);
  draft.args[2] = places_text(cx, kind, &draft.cost);
  if (node_ok(copied)) {
    draft.labels[1] = (DraftLabel){.node = copied, .text = size_label(cx, size)};
  }
  cx_report(cx, draft);
}

static void judge_nested(RuleContext *cx, const Copy *outer, const Copy *inner) {
  Surplus surplus = surplus_of(cx, outer, inner);
  if (!cx_require(cx, outer->node, surplus != SURPLUS_NONE, "both copies are needed")) {
    return;
  }
  bool small =
      is_small(value_of(cx->m, outer->node)) || is_small(value_of(cx->m, inner->node));
  if (!cx_require(cx, outer->node, !small, "it is small")) return;
  bool is_inner = surplus == SURPLUS_INNER;
  bool row = inner->kind == VALUE_LIST || inner->kind == VALUE_TUPLE;
  bool peak = row && is_fresh_table(cx, inner->source);
  if (!cx_require(cx, outer->node, !peak, "the set or dict behind it is the peak")) {
    return;
  }
  Value size = size_of(cx, inner->node, inner->source);
  const char *changed = !is_cast(inner) ? "a subclass may make a copy of its own"
                        : outer->kind == VALUE_SET ? "the order of the set may differ"
                                                   : NULL;
  if (is_inner) {
    report(cx,
           (Draft){.anchor = inner->node,
                   .args = {cx_excerpt(cx, inner->node),
                            cx_excerpt(cx, call_callee(cx->m, outer->node))},
                   .labels = {{.node = call_callee(cx->m, outer->node),
                               .text = STR("copied here, and dropped")}},
                   .fix = drop_inner(cx, inner, doubt_without_inner(cx, outer, inner))},
           inner->source, size, inner->kind);
    return;
  }
  report(cx,
         (Draft){.anchor = outer->node,
                 .template_index = 1,
                 .args = {cx_excerpt(cx, outer->node)},
                 .labels = {{.node = inner->node, .text = STR("made here")}},
                 .fix = drop_outer(cx, outer, changed)},
         inner->source, size, outer->kind);
}

// --- a copy of what is made on the spot ----------------------------------------------

static const char *doubt_of_type(const Copy *copy, TypeAnswer type) {
  if (copy->kind == VALUE_SET) return "the order of the set may differ";
  if (copy->kind == VALUE_DATAFRAME || copy->kind == VALUE_SERIES) {
    return "the copy joins the blocks that the columns are kept in";
  }
  bool same = type == TYPE_EXACT || (copy->flags & COPY_KEEPS_TYPE) != 0;
  return same ? NULL : "the original may be of another type";
}

// The copy is of the type that the original has already.
static bool is_suitable(const Copy *copy, ValueKind kind, TypeAnswer type) {
  if (copy->kind != kind || orders(copy)) return false;
  bool keeps = (copy->flags & COPY_KEEPS_TYPE) != 0;
  switch (kind) {
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_DICT: return keeps || type != TYPE_VARIES;
    case VALUE_DEQUE:
    case VALUE_DATAFRAME:
    case VALUE_SERIES: return keeps;
    case VALUE_NDARRAY: return keeps || type == TYPE_EXACT;
    default: return false;
  }
}

static void judge_fresh(RuleContext *cx, const Copy *copy) {
  const Tree *t = cx->t;
  TypeAnswer type = TYPE_EXACT;
  ValueKind kind = fresh_kind(cx->m, copy->source, &type);
  if (kind == VALUE_UNKNOWN || !is_suitable(copy, kind, type)) return;
  NodeId source = node_unwrap(t, copy->source);
  // `list([… for …])` is for the rule of lists in constructors.
  if (is_cast(copy) && node_is(t, source, PY_LIST_COMPREHENSION)) return;
  bool small =
      is_small(value_of(cx->m, copy->node)) || is_small(value_of(cx->m, source));
  if (!cx_require(cx, copy->node, !small, "it is small")) return;
  report(cx,
         (Draft){.anchor = copy->node,
                 .template_index = 1,
                 .args = {cx_excerpt(cx, copy->node)},
                 .labels = {{.node = source, .text = STR("made here")}},
                 .fix = drop_outer(cx, copy, doubt_of_type(copy, type))},
         NO_NODE, size_of(cx, copy->node, source), kind);
}

// --- a copy of what a name keeps -----------------------------------------------------

static bool judge_kept_cast(RuleContext *cx, const Copy *copy);

static void judge_name(RuleContext *cx, const Copy *copy) {
  Own own = own_of(cx->m, node_unwrap(cx->t, copy->source));
  if (own.refusal != NULL || !is_suitable(copy, own.kind, own.type)) {
    if (judge_kept_cast(cx, copy)) return;
    cx_require(cx, copy->node, own.refusal == NULL, own.refusal);
    return;
  }
  NodeId name = node_unwrap(cx->t, copy->source);
  if (!cx_require(cx, copy->node, !own_is_shared(cx->m, &own, name),
                  "something else may hold it") ||
      !cx_require(cx, copy->node, !own_is_used_after(cx->m, &own, copy->node),
                  "the original is used further")) {
    return;
  }
  Value size = size_of(cx, copy->node, name);
  bool small =
      is_small(size) || is_small(value_of(cx->m, name)) || own_is_small(cx->m, &own);
  if (!cx_require(cx, copy->node, !small, "it is small")) return;
  report(cx,
         (Draft){.anchor = copy->node,
                 .template_index = 1,
                 .args = {cx_excerpt(cx, copy->node)},
                 .labels = {{.node = own.fresh[0], .text = STR("made here")}},
                 .fix = drop_outer(cx, copy, doubt_of_type(copy, own.type))},
         NO_NODE, size, own.kind);
}

// `names = list(source)` with `tuple(names)` as its only use.
static bool judge_kept_cast(RuleContext *cx, const Copy *copy) {
  NodeId name = node_unwrap(cx->t, copy->source);
  DefId def = flow_only_def(cx->m, name);
  if (!def_ok(def) || !is_cast(copy)) return false;
  NodeId value = def_get(cx->m, def)->value;
  Copy inner = node_ok(value) ? copy_of(cx->m, value) : (Copy){0};
  SingleUse kept;
  if (inner.kind == VALUE_UNKNOWN || !single_use_of(cx->m, value, &kept) ||
      !node_eq(kept.use, name) || surplus_of_cast(cx, copy, &inner) != SURPLUS_INNER ||
      is_fresh_table(cx, inner.source) || is_small(value_of(cx->m, inner.node))) {
    return false;
  }
  NodeId from = kept.statement;
  bool changed =
      effect_mutates_between(cx->m, from, kept.use, inner.source) != MUTATION_NONE ||
      effect_rebinds_names_between(cx->m, from, kept.use, inner.source) ||
      !effect_is_pure(effect_of_between(cx->m, from, kept.use));
  if (!cx_require(cx, copy->node, !changed, "the source may change in between")) {
    return false;
  }
  report(cx,
         (Draft){.anchor = inner.node,
                 .args = {cx_excerpt(cx, inner.node),
                          cx_excerpt(cx, call_callee(cx->m, copy->node))},
                 .labels = {{.node = call_callee(cx->m, copy->node),
                             .text = STR("copied here, and dropped")}}},
         inner.source, size_of(cx, inner.node, inner.source), inner.kind);
  return true;
}
