/* # retained-intermediate (PML511)
 *
 * A method keeps a whole file, response, table or tree on `self`, and nobody but this
 * method reads it.
 *
 * ## Why it costs memory
 *
 * A local variable lets go of its object when the function ends. An attribute keeps it as
 * long as its owner lives, or until the method runs again, and then the old one and the
 * new one coexist. What was only needed on the way to a result stays: the text beside
 * what was parsed from it, the DataFrame beside its sums, the tree beside its titles.
 *
 * ## Example
 *
 *     class Report:
 *         def total(self):
 *             self._frame = pd.read_csv(self.path)
 *             return self._frame["price"].sum()
 *
 * ## Use instead
 *
 *         def total(self):
 *             frame = pd.read_csv(self.path)
 *             return frame["price"].sum()
 *
 * ## Fix safety
 *
 * Unsafe: the attribute becomes a local name. Nothing in the project reads the attribute,
 * but code outside of it, a debugger or a pickle may. Offered where every mention stands
 * in the method itself and the name without its underscores is free there.
 *
 * ## Limits
 *
 * Private attributes alone: public names are for others. A warning where an instance lives
 * as long as the program, else a note. Silent where another method, a subclass, a base, a
 * module or a string asks for the attribute, where the method may read it before it sets
 * it, deletes or replaces it, where what is read goes on to where it is held anyway, where
 * its address is used, where the instance is pickled, its `__dict__` read or the instance
 * given to code outside of the project, and below bases that are not known.
 *
 * ## References
 *
 * "Naming and binding" and "The standard type hierarchy" in the language reference.
 */
#include "rule.h"

static RuleIntermediateFn on_intermediate;
static RuleFileFn on_explain;
static RuleFixFn on_fix;
static Str kept_text(RuleContext *cx, const FactIntermediate *fact);

RULE(retained_intermediate) = {
    .code = "PML511",
    .name = "retained-intermediate",
    .summary = "a heavy value that one method alone needs is kept on `self`",
    .templates =
        {"`self.{0}` keeps {1} for as long as the `{3}` lives: nothing but `{2}` reads it, "
         "and a local would let go of it at the end",
         "`self.{0}` keeps {1} for as long as the `{3}` lives, which is long: nothing but "
         "`{2}` reads it, and a local would let go of it at the end"},
    .warn_on = {EVIDENCE_LONG},
    .fix = FIX_UNSAFE,
    .on_intermediate = on_intermediate,
    .on_explain = on_explain,
    .on_fix = on_fix,
};

static void on_intermediate(RuleContext *cx, IntermediateId id) {
  const IndexIntermediate *row = index_intermediate(cx->index, id);
  const IndexClass *owner = index_class(cx->index, row->owner);
  if (!cx_require_place(cx, row->place, cx->index->is_complete,
                        "the project is not complete") ||
      !cx_require_place(cx, row->place, !row->is_read,
                        "other code reads it, or all attributes of the instance") ||
      !cx_require_place(cx, row->place, !row->is_shared,
                        "a base or subclass has it too, or may have it") ||
      !cx_require_place(cx, row->place, !row->is_hidden,
                        "the class does what cannot be followed")) {
    return;
  }
  Str method = str_after_last(index_place_scope(cx->index, row->place), '.');
  Draft draft = {
      .place = row->place,
      .template_index = owner->is_long ? 1 : 0,
      .args = {row->name, kept_text(cx, row->fact), method,
               str_after_last(owner->name, '.')},
      .labels = {{.place = row->read, .text = STR("read here for the last time")}},
      .evidence = EVIDENCE_SIZE | (owner->is_long ? EVIDENCE_LONG : 0u),
  };
  if (owner->is_long && place_ok(owner->held_at)) {
    draft.labels[1] =
        (DraftLabel){.place = owner->held_at, .text = STR("made here, and held")};
  }
  if (row->fact->kind == HEAVY_ITEMS) draft.cost = (Cost){8, COST_PER_ITEM};
  cx_report(cx, draft);
}

// --- what is kept --------------------------------------------------------------------

static const char *source_text(SizeWhy why) {
  switch (why) {
    case WHY_NONE:
    case WHY_PARAMETER:
    case WHY_RANGE: return "";
    case WHY_NETWORK: return " of a whole response";
    case WHY_PROCESS: return " of all that a process wrote";
    case WHY_DATABASE: return " of all rows of a query";
    case WHY_DIRECTORY: return " of a directory tree";
    case WHY_DATASET: return " of a dataset";
    case WHY_DOCUMENT: return " of a document";
    case WHY_ARCHIVE: return " of a member of an archive";
    default: return " of a whole file";
  }
}

static Str kept_text(RuleContext *cx, const FactIntermediate *fact) {
  const char *of = source_text((SizeWhy)fact->why);
  switch ((HeavyKind)fact->kind) {
    case HEAVY_TEXT: return cx_format(cx, "the text%s, byte for byte,", of);
    case HEAVY_ITEMS:
      return cx_format(cx, "a %s%s, 8 B per item plus the items,",
                       value_kind_name((ValueKind)fact->type), of);
    case HEAVY_TABLE: return cx_format(cx, "the table%s", of);
    case HEAVY_ARRAY: return cx_format(cx, "the array%s", of);
    case HEAVY_TREE: return cx_format(cx, "the tree%s, several times its text,", of);
    case HEAVY_RESPONSE: return STR("a response with its whole body");
    case HEAVY_OBJECTS:
    case HEAVY_NOT: break;
  }
  return cx_format(cx, "the objects%s, several times its bytes,", of);
}

// --- what the Facts leave out ---------------------------------------------------------

typedef struct Elsewhere {
  NodeId function, found;
} Elsewhere;

static bool is_used_elsewhere(Model *m, NodeId mention, void *data) {
  Elsewhere *at = data;
  if (node_eq(context_of(m, mention).function, at->function)) return false;
  at->found = mention;
  return true;
}

// Why no row tells of a heavy value that is stored on self.
static void explain_store(RuleContext *cx, NodeId attribute, NodeId value) {
  if (heavy_of(cx->m, value).kind == HEAVY_NOT) return;
  Keeper keeper = keeper_of(cx->m, attribute);
  Elsewhere at = {.function = context_of(cx->m, attribute).function};
  if (keeper.kind != KEEPER_SELF) return;
  bool is_elsewhere = keeper_any_use(cx->m, keeper, is_used_elsewhere, &at);
  if (!cx_require_seen(cx, attribute, !is_elsewhere, "another method uses it",
                       at.found) ||
      !cx_require(cx, attribute, keeper.attribute.p[0] == '_',
                  "the name is public: other code may read it")) {
    return;
  }
  cx_require(
      cx, attribute, false,
      "it is not only read behind the store, or other code gets it or the object");
}

static void on_explain(RuleContext *cx) {
  const Tree *t = cx->t;
  FactRows rows;
  facts_unpack(cx->facts, IN_INTERMEDIATES, cx->arena, &rows);
  for (NodeId n = {1}; n.i < t->count; n.i++) {
    NodeId left = node_field(t, n, FIELD_LEFT);
    if (!node_is(t, n, PY_ASSIGNMENT) || !node_is(t, left, PY_ATTRIBUTE)) continue;
    uint32_t row = 0;
    while (row < rows.intermediate_count &&
           facts_place_span(cx->facts, rows.intermediates[row].place.i).start !=
               node_start(t, left)) {
      row++;
    }
    NodeId value = node_field(t, n, FIELD_RIGHT);
    if (row == rows.intermediate_count && node_ok(value))
      explain_store(cx, left, value);
  }
}

// --- fix -----------------------------------------------------------------------------

typedef struct Renaming {
  RuleContext *cx;
  NodeId function;
  BindingId self;
  EditList edits;
  Str name;
  bool is_refused;
} Renaming;

// `f"{self._x=}"` prints how it is written.
static bool is_printed(const Tree *t, NodeId mention) {
  for (NodeId n = mention; node_ok(n) && !node_is_statement(t, n);
       n = node_parent(t, n)) {
    if (node_is(t, n, PY_INTERPOLATION) && node_ok(node_child(t, n, PY_OP_ASSIGN)))
      return true;
  }
  return false;
}

// Every mention is of the method's own first parameter, in its very scope or in a
// comprehension of it.
static bool mention_rename(Model *m, NodeId mention, void *data) {
  Renaming *r = data;
  NodeId object = node_field(m->tree, mention, FIELD_OBJECT);
  bool is_own = node_eq(context_of(m, mention).function, r->function) &&
                binding_of(m, object).i == r->self.i;
  if (!is_own || is_printed(m->tree, mention)) r->is_refused = true;
  edit_replace(&r->edits, node_span(m->tree, mention), r->name);
  return r->is_refused;
}

static bool is_mentioned(RuleContext *cx, NodeId function, Str name) {
  const Tree *t = cx->t;
  for (uint32_t i = function.i; i < node_after(t, function); i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_IDENTIFIER) || !str_eq(node_text(t, n), name)) continue;
    PyField role = node_role(t, n);
    NodeId parent = node_parent(t, n);
    bool is_other = node_eq(parent, function) ||
                    (role == FIELD_ATTRIBUTE && node_is(t, parent, PY_ATTRIBUTE)) ||
                    (role == FIELD_NAME && node_is(t, parent, PY_KEYWORD_ARGUMENT));
    if (!is_other) return true;
  }
  return false;
}

// `self.method()` or `super().method()` in itself: the inner call would store, too.
static bool is_recursive(RuleContext *cx, NodeId function) {
  const Tree *t = cx->t;
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  for (uint32_t i = function.i; i < node_after(t, function); i++) {
    NodeId n = {i};
    if (node_is(t, n, PY_ATTRIBUTE) &&
        str_eq(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)), name)) {
      return true;
    }
  }
  return false;
}

// The name without its underscores, where nothing else has it.
static Str local_name(RuleContext *cx, NodeId function, Str attribute) {
  Str name = attribute;
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  bool is_name = name.n > 0 && !(name.p[0] >= '0' && name.p[0] <= '9');
  if (!is_name || name_is_reserved(name) || is_mentioned(cx, function, name)) {
    return STR_NONE;
  }
  const char *const names[] = {str_cstr_in(cx->arena, name), NULL};
  NodeId body = node_field(cx->t, function, FIELD_BODY);
  return free_name(cx, node_first_named(cx->t, body), names) != NULL ? name : STR_NONE;
}

static bool is_bound_in_body(RuleContext *cx, NodeId class_node, Str attribute) {
  ScopeId body = scope_of(cx->m, class_node);
  return binding_ok(scope_lookup(cx->m, body, attribute)) ||
         binding_ok(scope_lookup(cx->m, body, STR("__slots__")));
}

static Fix on_fix(RuleContext *cx, NodeId anchor, const Finding *finding) {
  Keeper keeper = keeper_of(cx->m, anchor);
  Context at = context_of(cx->m, anchor);
  if (keeper.kind != KEEPER_SELF || !node_is(cx->t, anchor, PY_ATTRIBUTE) ||
      !str_eq(keeper.attribute, finding->args[0]) ||
      is_bound_in_body(cx, keeper.class_node, keeper.attribute) ||
      is_recursive(cx, at.function)) {
    return (Fix){0};
  }
  Renaming r = {.cx = cx,
                .function = at.function,
                .self = binding_of(cx->m, node_field(cx->t, anchor, FIELD_OBJECT)),
                .edits = edits_in(cx->arena),
                .name = local_name(cx, at.function, keeper.attribute)};
  if (r.name.n == 0) return (Fix){0};
  keeper_any_use(cx->m, keeper, mention_rename, &r);
  if (r.is_refused) return (Fix){0};
  return edits_fix(&r.edits, FIX_UNSAFE, STR("keep it in a local name"),
                   STR("code outside of the project, or a pickle, no longer finds the "
                       "attribute"));
}
