#include "index/facts_registered.h"
#include "semantic/once.h"
#include "semantic/publisher.h"
#include "semantic/weak.h"

// --- around it -----------------------------------------------------------------------

static ScopeId class_around(FactsBuilder *b, NodeId node) {
  ScopeId s = scope_at(b->m, node);
  while (scope_ok(s) && scope_get(b->m, s)->kind != SCOPE_CLASS)
    s = scope_get(b->m, s)->parent;
  return s;
}

static FactText class_name(FactsBuilder *b, NodeId class_node) {
  ScopeId s = scope_of(b->m, class_node);
  return scope_ok(s) ? b->scope_names[s.i] : (FactText){0};
}

static FactText receiver_text(FactsBuilder *b, NodeId receiver) {
  enum { TEXT_MAX = 64 };
  Str name = global_name(b, receiver);
  if (!node_ok(receiver) || name.n != 0) return text_of(b, name);
  Str text = node_text(b->t, receiver);
  bool is_plain = text.n <= TEXT_MAX && str_find_byte(text, '\n', 0) == text.n;
  return text_of(b, is_plain ? text : STR_NONE);
}

// `atexit.register` of what is imported, `subscribe` of a method.
static Str registered_name(const Registered *r) {
  Str name = r->fact->name;
  if (name.n == 0) return name;
  return name.p[0] == '.' ? name_last_part(name) : name;
}

// The topic or signal number: the first argument that is a text or a dotted name.
static FactWord key_of_call(FactsBuilder *b, const Registered *r) {
  if (str_starts(str_from(r->fact->group), STR("logging-")))
    return logger_key(b, r->receiver);
  bool is_keyed = r->fact->kind == REGISTER_SUBSCRIBES || r->receiver.i != 0 ||
                  (r->fact->flags & REGISTER_KEYED) != 0;
  NodeId call =
      node_is(b->t, r->node, PY_DECORATOR) ? node_first_named(b->t, r->node) : r->node;
  NodeId list = node_is(b->t, call, PY_ATTRIBUTE)
                    ? node_parent(b->t, call)
                    : node_field(b->t, call, FIELD_ARGUMENTS);
  NodeId a = node_is(b->t, call, PY_ATTRIBUTE) ? node_next_named(b->t, call)
                                               : node_first_named(b->t, list);
  for (; is_keyed && node_ok(a); a = node_next_named(b->t, a)) {
    bool is_keyword = node_is(b->t, a, PY_KEYWORD_ARGUMENT);
    NodeId value = is_keyword ? node_field(b->t, a, FIELD_VALUE) : a;
    Str text = STR_NONE;
    if (constant_str(b->m, value, &text) && text.n > 0) return word_of(b, text);
    BindingId root = binding_of(b->m, node_unwrap(b->t, value));
    bool is_local =
        binding_ok(root) && binding_get(b->m, root)->scope.i != MODULE_SCOPE.i;
    if (is_keyword || is_local) continue;
    text = name_of(b->m, value);
    if (text.n > 0) return word_of(b, text);
  }
  return (FactWord){0};
}

FactRegistration registration_begin(FactsBuilder *b, const Registered *r) {
  ScopeId around = class_around(b, r->node);
  FactRegistration row = {
      .group = word_of(b, str_from(r->fact->group)),
      .name = word_of(b, registered_name(r)),
      .key = key_of_call(b, r),
      .receiver = receiver_text(b, r->receiver),
      .argument = UINT8_MAX,
      .caller = scope_caller(b, r->node),
      .owner = scope_ok(around) ? b->scope_names[around.i] : (FactText){0},
      .place = place_of(r->node),
      .context = context_kept(context_of(b->m, r->node).flags),
      .form = (uint8_t)r->fact->kind,
  };
  if ((r->fact->flags & REGISTER_PATHS) != 0) row.flags |= REGISTRATION_PATHS;
  if ((r->fact->flags & REGISTER_CHAINS) != 0) row.flags |= REGISTRATION_CHAIN_ONLY;
  return row;
}

void registration_add(FactsBuilder *b, FactRegistration row) {
  if (row.caller.i != 0) map_put(&b->callers, row.caller.i, 1);
  vec_push(b->arena, &b->registrations, row);
}

// --- what is held --------------------------------------------------------------------

static CallbackKind callback_kind(HeldForm form) {
  switch (form) {
    case HELD_BOUND: return CALLBACK_BOUND;
    case HELD_PARTIAL: return CALLBACK_PARTIAL;
    case HELD_LAMBDA: return CALLBACK_LAMBDA;
    case HELD_FUNCTION: return CALLBACK_FUNCTION;
    case HELD_ITSELF:
    case HELD_ARGUMENT: return CALLBACK_SELF;
    case HELD_ATTRIBUTE: return CALLBACK_ATTRIBUTE;
    case HELD_NOTHING: break;
  }
  return CALLBACK_OTHER;
}

static bool says_singleton(Str name) { return str_contains(name, STR("ingleton")); }

// `__new__` that looks for the instance, a metaclass or decorator that says so by its name.
static bool is_singleton(FactsBuilder *b, NodeId class_node) {
  const Tree *t = b->t;
  NodeId bases = node_field(t, class_node, FIELD_SUPERCLASSES);
  if (says_singleton(node_text(t, bases))) return true;
  NodeId outer = decorated_of(t, class_node);
  for (NodeId d = node_first_named(t, outer); node_is(t, d, PY_DECORATOR);
       d = node_next_named(t, d)) {
    if (says_singleton(node_text(t, d))) return true;
  }
  const Def *def = def_get(
      b->m, binding_only_def(b->m, class_binding(b->m, class_node, STR("__new__"))));
  return def->kind == DEF_FUNCTION &&
         str_contains(node_text(t, node_field(t, def->value, FIELD_BODY)),
                      STR("_instance"));
}

uint32_t once_flags(FactsBuilder *b, const Registered *r) {
  NodeId callee = node_unwrap(b->t, call_callee(b->m, r->node)), owner = r->receiver;
  if (!node_ok(owner)) owner = node_field(b->t, callee, FIELD_OBJECT);  // `sys.path`
  switch (once_of(b->m, r->node, owner)) {
    case ONCE_FOR_ALL: return REGISTRATION_GUARDED;
    case ONCE_FOR_EACH: return REGISTRATION_ONCE_EACH;
    case ONCE_NOT: break;
  }
  return 0;
}

void held_read(FactsBuilder *b, const Registered *r, Hold held, BindingId object,
               FactRegistration *row) {
  NodeId class_node = self_class(b->m, object);
  row->kind = (uint8_t)callback_kind(held.form);
  row->given = place_of(node_ok(r->given) ? r->given : held.mention);
  row->owner = class_name(b, class_node);
  if (node_ok(class_node) && is_singleton(b, class_node))
    row->flags |= REGISTRATION_SINGLETON;
  Use use = use_of(b->m, r->given);
  if (node_is(b->t, r->node, PY_CALL) && use.kind == USE_CALL &&
      use.argument < UINT8_MAX)
    row->argument = (uint8_t)use.argument;
  NodeId given = node_unwrap(b->t, r->given);
  if (node_is(b->t, given, PY_ATTRIBUTE))
    held.method = node_text(b->t, node_field(b->t, given, FIELD_ATTRIBUTE));
  if (held.method.n != 0) row->callback = text_of(b, held.method);
  if (registered_result_is_used(b->m, r)) row->flags |= REGISTRATION_PAIRED;
  if (held.is_guess) row->flags |= REGISTRATION_GUESS;
  row->flags |= once_flags(b, r);
}

// --- publishers ----------------------------------------------------------------------

static bool is_first_argument(FactsBuilder *b, const Registered *r) {
  NodeId list = node_field(b->t, r->node, FIELD_ARGUMENTS);
  return !node_is(b->t, r->node, PY_CALL) ||
         node_eq(node_first_named(b->t, list), r->given);
}

static bool is_of_widget(FactsBuilder *b, NodeId class_node) {
  return (class_base_flags(b->m, class_node) & BASE_WIDGET) != 0;
}

static bool names_a_class(Str name) {
  Str last = name_last_part(name);
  return last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

static bool is_called_strong(FactsBuilder *b, NodeId call) {
  NodeId weak = NO_NODE;
  bool value = true;
  return node_is(b->t, call, PY_CALL) &&
         call_argument(b->m, call, CALL_NO_POSITION, "weak", &weak) == ARG_PRESENT &&
         constant_bool(b->m, weak, &value) && !value;
}

// `bus_of().subscribe(…)` with `from .events import bus_of`: the function may give what is
// shared; its own file tells.
static NodeId imported_accessor(FactsBuilder *b, NodeId receiver) {
  NodeId call = node_unwrap(b->t, receiver), callee = call_callee(b->m, call);
  bool is_plain =
      node_is(b->t, callee, PY_IDENTIFIER) && !call_has_arguments(b->m, call);
  bool is_imported = is_plain && (binding_get(b->m, binding_of(b->m, callee))->flags &
                                  BIND_IMPORTED) != 0;
  return is_imported ? callee : NO_NODE;
}

// `Base.attach(self, part)` calls a method of this very object.
static bool is_unbound_call(FactsBuilder *b, const Registered *r, Hold held) {
  NodeId list = node_field(b->t, r->node, FIELD_ARGUMENTS);
  return held.form == HELD_ITSELF &&
         value_of(b->m, r->receiver).kind != VALUE_INSTANCE &&
         node_eq(node_first_named(b->t, list), r->given) &&
         names_a_class(global_name(b, r->receiver));
}

// The parameter of a method other than `__init__`, used as it is: a visitor, perhaps.
static bool is_passing(FactsBuilder *b, const Registered *r, Publisher publisher) {
  NodeId n = node_unwrap(b->t, r->receiver);
  while (node_is(b->t, n, PY_ATTRIBUTE))
    n = node_unwrap(b->t, node_field(b->t, n, FIELD_OBJECT));
  const Def *def = def_get(b->m, publisher.parameter);
  NodeId function = scope_get(b->m, binding_get(b->m, def->binding)->scope)->node;
  return binding_of(b->m, n).i == def->binding.i && publisher.kind == PUBLISHER_GIVEN &&
         !node_text_is(b->t, node_field(b->t, function, FIELD_NAME), "__init__");
}

// `gdb.attach(self)` of a module does something else; so does what is given a callback
// beside the object that it is attached to.
static bool is_other_attach(FactsBuilder *b, const Registered *r) {
  const Tree *t = b->t;
  if (!str_is(name_last_part(registered_name(r)), "attach")) return false;
  if (!is_first_argument(b, r)) return true;
  NodeId root = node_unwrap(t, r->receiver);
  while (node_is(t, root, PY_ATTRIBUTE))
    root = node_unwrap(t, node_field(t, root, FIELD_OBJECT));
  DefKind kind = def_get(b->m, binding_only_def(b->m, binding_of(b->m, root)))->kind;
  return node_is(t, root, PY_IDENTIFIER) && kind == DEF_IMPORT;
}

static void subscription_add(FactsBuilder *b, Registered *r) {
  if ((r->fact->flags & REGISTER_LOGGER) != 0) {
    logger_add(b, r);
    return;
  }
  BindingId self = self_around(b->m, r->node);
  Hold held = registered_holds(b->m, r, self);
  if (held.form == HELD_NOTHING) {
    forwarder_add(b, r);
    return;
  }
  if (is_other_attach(b, r)) return;
  NodeId accessor = imported_accessor(b, r->receiver);
  Publisher publisher = publisher_of(b->m, r->receiver);
  if (node_ok(accessor)) publisher.kind = PUBLISHER_LONG;
  bool lives_on = publisher.kind == PUBLISHER_LONG || publisher.kind == PUBLISHER_GIVEN;
  if (!lives_on || weak_store_of(b->m, r->node).fact != NULL ||
      is_unbound_call(b, r, held)) {
    return;
  }
  NodeId owner = self_class(b->m, self);
  bool is_strong = is_called_strong(b, r->node);
  bool is_signal = (r->fact->flags & REGISTER_SIGNALS) != 0 && is_first_argument(b, r);
  if (is_signal && is_of_widget(b, owner)) return;
  FactRegistration row = registration_begin(b, r);
  held_read(b, r, held, self, &row);
  if (publisher.kind == PUBLISHER_LONG) row.flags |= REGISTRATION_LONG;
  if (is_strong) row.flags |= REGISTRATION_STRONG;
  if (is_passing(b, r, publisher)) row.flags |= REGISTRATION_PASSING;
  if (is_signal && !is_strong) row.flags |= REGISTRATION_SIGNAL;
  if (node_ok(accessor)) {
    row.flags |= REGISTRATION_RESULT;
    row.receiver = text_of(b, name_of(b->m, accessor));
  } else {
    row.publisher = text_of(b, maker_of(b, r->receiver));
  }
  Subscription subscription = {b->registrations.count, r->receiver, owner};
  vec_push(b->arena, &b->subscriptions, subscription);
  registration_add(b, row);
}

// --- names of other files ------------------------------------------------------------

// `at_end(self.close)` with `from .hooks import at_end`: there it may stand for
// `atexit.register`. Likewise what undoes it: `forget(job.close)`.
static void named_add(FactsBuilder *b, NodeId call) {
  const Tree *t = b->t;
  NodeId callee = node_unwrap(t, call_callee(b->m, call)), given = NO_NODE;
  NodeId root =
      node_is(t, callee, PY_ATTRIBUTE) ? node_field(t, callee, FIELD_OBJECT) : callee;
  const Binding *binding = binding_get(b->m, binding_of(b->m, root));
  bool is_name = node_is(t, root, PY_IDENTIFIER);
  bool is_imported = is_name && (binding->flags & BIND_IMPORTED) != 0;
  bool is_of_module = is_name && binding->scope.i == MODULE_SCOPE.i;
  if (!is_of_module || call_argument(b->m, call, 0, NULL, &given) != ARG_PRESENT)
    return;
  NodeId n = node_unwrap(t, given);
  bool may_hold =
      node_is(t, n, PY_ATTRIBUTE) || node_is(t, n, PY_LAMBDA) || node_is(t, n, PY_CALL);
  if (!may_hold || is_of_library(b, name_of(b->m, callee))) return;
  Registered r = {.node = call, .given = given};
  BindingId self = self_around(b->m, call);
  Hold held = held_of(b->m, given, self);
  bool undoes = is_imported && held.form == HELD_NOTHING &&
                use_of(b->m, call).kind == USE_DROPPED && node_is(t, n, PY_ATTRIBUTE) &&
                node_is(t, node_field(t, n, FIELD_OBJECT), PY_IDENTIFIER) &&
                call_positional_count(b->m, call) == 1;
  if (held.form == HELD_NOTHING && !undoes) return;
  static const RegisterFact unknown = {.kind = REGISTER_NAMED, .group = ""};
  r.fact = &unknown;
  FactRegistration row = registration_begin(b, &r);
  row.receiver = text_of(b, name_of(b->m, callee));
  if (undoes) {
    if (!undone_read(b, given, &row)) return;
  } else {
    held_read(b, &r, held, self, &row);
  }
  registration_add(b, row);
}

// --- entry ---------------------------------------------------------------------------

void registration_collect(FactsBuilder *b, NodeId node) {
  Registered r = registered_of(b->m, node);
  bool is_call = node_is(b->t, node, PY_CALL);
  if ((r.fact == NULL && !is_call) || b->t->source->is_stub ||
      (context_of(b->m, node).flags & CONTEXT_TEST) != 0) {
    return;
  }
  if (r.fact == NULL) {
    named_add(b, node);
    emptying_add(b, node);
    return;
  }
  bool is_name = node_is(b->t, node, PY_ATTRIBUTE);
  switch (r.fact->kind) {
    case REGISTER_UNDOES: undo_add(b, &r); break;
    case REGISTER_KEEPS:
    case REGISTER_REPLACES:
      if (!is_name) process_add(b, &r);
      break;
    case REGISTER_SUBSCRIBES:
      if (!is_name) subscription_add(b, &r);
      break;
    case REGISTER_READS:
    case REGISTER_SCOPES:
    case REGISTER_CACHES:
    case REGISTER_NAMED: break;
  }
}
