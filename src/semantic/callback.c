#include "semantic/callback.h"

#include "semantic/closure.h"
#include "semantic/escape.h"
#include "semantic/keeper.h"
#include "semantic/weak.h"

enum { PATH_READ = 4, REFS_READ = 64, MAKERS_READ = 4, CHAIN_READ = 4 };

// --- owners --------------------------------------------------------------------------

// `self` of `self.a.b`, a variable of a function that stands for an object of its own.
static NodeId path_root(Model *m, NodeId path) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, path);
  for (uint32_t i = 0; i < PATH_READ; i++) {
    if (node_is(t, n, PY_ATTRIBUTE)) {
      n = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
    } else if (node_is(t, n, PY_SUBSCRIPT)) {
      n = node_unwrap(t, node_field(t, n, FIELD_VALUE));
    }
  }
  BindingId variable = binding_of(m, n);
  if (!node_is(t, n, PY_IDENTIFIER) || !binding_ok(variable)) return NO_NODE;
  ScopeKind kind = scope_get(m, binding_get(m, variable)->scope)->kind;
  DefKind def = def_get(m, def_first(m, variable))->kind;
  bool is_object = def != DEF_FUNCTION && def != DEF_CLASS && def != DEF_IMPORT &&
                   def != DEF_IMPORT_FROM;
  bool is_local = kind == SCOPE_FUNCTION || kind == SCOPE_LAMBDA;
  return is_local && is_object ? n : NO_NODE;
}

static BackOwner owner_at(Model *m, NodeId root) {
  Value v = value_of(m, root);
  bool is_instance =
      v.kind == VALUE_INSTANCE && node_is(m->tree, v.definition, PY_CLASS_DEFINITION);
  return (BackOwner){.variable = binding_of(m, root),
                     .at = root,
                     .class_node = is_instance ? v.definition : NO_NODE};
}

// --- who drops what has run ----------------------------------------------------------

// What makes a future that a name or attribute stands for; NO_NODE if that is not known.
static NodeId maker_of(Model *m, NodeId future) {
  const Tree *t = m->tree;
  NodeId n = node_unwrap(t, future);
  for (uint32_t i = 0; i < MAKERS_READ && node_is(t, n, PY_IDENTIFIER); i++) {
    const Def *def = def_get(m, flow_only_def(m, n));
    bool is_plain = (def->kind == DEF_ASSIGN || def->kind == DEF_ANNOTATED ||
                     def->kind == DEF_WALRUS) &&
                    def->flags == 0;
    if (!is_plain) return NO_NODE;
    n = node_unwrap(t, def->value);
  }
  if (!node_is(t, n, PY_CALL)) n = value_of(m, n).origin;
  return node_is(t, n, PY_CALL) ? n : NO_NODE;
}

static bool may_be_dropped(Model *m, const CallbackFact *fact, NodeId receiver) {
  if ((fact->flags & CALLBACK_DROPPED) != 0) return true;
  if ((fact->flags & CALLBACK_BY_MAKER) == 0) return false;
  NodeId maker = maker_of(m, receiver);
  const CallbackFact *made = node_ok(maker) ? call_callback(m, maker) : NULL;
  return made == NULL || made->form != CALLBACK_KEEPS;
}

// --- who takes it away ---------------------------------------------------------------

static bool is_undoing(Str method) {
  static const char *const names[] = {"cancel",
                                      "close",
                                      "disconnect",
                                      "off",
                                      "remove_done_callback",
                                      "remove_event_listener",
                                      "remove_listener",
                                      "removeListener",
                                      "remove_observer",
                                      "unobserve",
                                      "unregister_callback",
                                      "stop"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(method, names[i])) return true;
  }
  return false;
}

// `clock.cancel_call_later(path)`, `loop.remove_timeout(path)`, `done(path)`.
static bool is_handed_to_undoing(Model *m, NodeId n) {
  static const char *const words[] = {"cancel", "clear", "close",
                                      "remove", "stop",  "un"};
  const Tree *t = m->tree;
  NodeId list = node_parent(t, n);
  NodeId callee = node_unwrap(t, node_field(t, node_parent(t, list), FIELD_FUNCTION));
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return false;
  // A container that lets go of it still leaves it its callback.
  if (call_mutator(m, node_parent(t, list)) != NULL) return false;
  bool is_name = node_is(t, callee, PY_IDENTIFIER);
  Str name = node_text(t, is_name ? callee : node_field(t, callee, FIELD_ATTRIBUTE));
  while (name.n > 0 && name.p[0] == '_') name = str_slice(name, 1, name.n);
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (str_starts(name, str_from(words[i]))) return true;
  }
  return false;
}

static bool loop_undoes(Model *m, NodeId node);

// `path.cancel()`, `path[k].cancel()`, `path.signal.disconnect()`, where `node` is the path.
static bool is_undone(Model *m, NodeId node, void *data) {
  const Tree *t = m->tree;
  (void)data;
  for (uint32_t i = 0; i < PATH_READ; i++) {
    node = node_wrap(t, node);
    NodeId p = node_parent(t, node);
    if (is_handed_to_undoing(m, node) || loop_undoes(m, node)) return true;
    bool is_item = node_is(t, p, PY_SUBSCRIPT) && node_role(t, node) == FIELD_VALUE;
    bool is_part = node_is(t, p, PY_ATTRIBUTE);
    if (!is_item && !is_part) return false;
    NodeId call = node_parent(t, p);
    Str method = node_text(t, node_field(t, p, FIELD_ATTRIBUTE));
    bool is_call =
        is_part && node_is(t, call, PY_CALL) && node_role(t, p) == FIELD_FUNCTION;
    if (is_call && is_undoing(method)) return true;
    bool is_walked = is_call && (str_is(method, "values") || str_is(method, "items"));
    if (is_call && !is_walked) return false;
    node = is_call ? call : p;
  }
  return false;
}

// `for handle in path.values(): handle.cancel()`, through a list or tuple.
static bool loop_undoes(Model *m, NodeId node) {
  const Tree *t = m->tree;
  NodeId p = node_parent(t, node);
  bool is_listed = node_is(t, p, PY_TUPLE) || node_is(t, p, PY_LIST) ||
                   node_is(t, p, PY_EXPRESSION_LIST);
  NodeId copy = node_parent(t, p);
  bool is_copied = node_is(t, p, PY_ARGUMENT_LIST) && node_is(t, copy, PY_CALL) &&
                   (str_is(name_of_callee(m, copy), "builtins.list") ||
                    str_is(name_of_callee(m, copy), "builtins.tuple"));
  NodeId source = is_listed ? p : is_copied ? copy : node;
  NodeId loop = node_parent(t, source);
  if (!node_is(t, loop, PY_FOR_STATEMENT) || node_role(t, source) != FIELD_RIGHT)
    return false;
  NodeId last = node_field(t, loop, FIELD_LEFT);
  if (!node_is(t, last, PY_IDENTIFIER)) {
    NodeId part = NO_NODE;
    for (NodeId c = node_first_named(t, last); node_ok(c); c = node_next_named(t, c))
      part = c;
    last = part;
  }
  uint32_t read = 0;
  for (RefId r = ref_first(m, binding_of(m, last)); ref_ok(r) && read < REFS_READ;
       r = ref_next(m, r), read++) {
    NodeId attribute = node_parent(t, ref_get(m, r)->node);
    bool is_called = node_is(t, attribute, PY_ATTRIBUTE) &&
                     node_is(t, node_parent(t, attribute), PY_CALL);
    if (is_called &&
        is_undoing(node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE))))
      return true;
  }
  return false;
}

// `delattr(other, "name")`, where the object in question is `root`.
static bool is_of_other(Model *m, NodeId string, NodeId root) {
  const Tree *t = m->tree;
  NodeId list = node_parent(t, string), first = node_first_named(t, list);
  return node_is(t, list, PY_ARGUMENT_LIST) && node_is(t, first, PY_IDENTIFIER) &&
         binding_of(m, first).i != binding_of(m, root).i;
}

// The attribute's name as a string, for getattr and setattr, around the path.
static bool is_spelled_out(Model *m, NodeId path, NodeId class_node) {
  const Tree *t = m->tree;
  NodeId attribute = node_unwrap(t, path);
  while (node_is(t, attribute, PY_SUBSCRIPT))
    attribute = node_unwrap(t, node_field(t, attribute, FIELD_VALUE));
  Str name = node_text(t, node_field(t, attribute, FIELD_ATTRIBUTE));
  NodeId around = class_node;
  for (NodeId n = path; !node_ok(class_node) && node_ok(n); n = node_parent(t, n)) {
    if (node_is(t, n, PY_FUNCTION_DEFINITION)) around = n;
  }
  for (uint32_t i = around.i; i < node_after(t, around); i++) {
    Str text = STR_NONE;
    NodeId string = {i};
    if (node_is(t, string, PY_STRING) &&
        node_stop(t, string) - node_start(t, string) == name.n + 2 &&
        constant_str(m, string, &text) && str_eq(text, name) &&
        (node_ok(class_node) || !is_of_other(m, string, path_root(m, path))))
      return true;
  }
  return false;
}

// Of a variable, or of the attribute of one that `path` is.
static bool is_undone_by_name(Model *m, BindingId variable, NodeId path) {
  const Tree *t = m->tree;
  Str text = node_text(t, path);
  uint32_t read = 0;
  for (RefId r = ref_first(m, variable); ref_ok(r) && read < REFS_READ;
       r = ref_next(m, r), read++) {
    NodeId n = ref_get(m, r)->node;
    for (uint32_t i = 0; i < PATH_READ && !str_eq(node_text(t, n), text); i++) {
      n = node_parent(t, n);
    }
    if (str_eq(node_text(t, n), text) && is_undone(m, n, NULL)) return true;
  }
  return false;
}

static bool is_taken_away(Model *m, BindingId variable, NodeId path) {
  if (is_undone_by_name(m, variable, path)) return true;
  if (node_is(m->tree, path, PY_IDENTIFIER)) return false;
  Keeper keeper = keeper_of(m, path);
  if (keeper.kind == KEEPER_CLASS || keeper.kind == KEEPER_MODULE) return true;
  if (is_spelled_out(m, path, keeper.class_node)) return true;
  if (keeper.kind != KEEPER_SELF) return false;
  return keeper_is_drained(m, keeper) || keeper_any_use(m, keeper, is_undone, NULL) ||
         keeper_any_use_outside(m, keeper, is_undone) || keeper_is_singleton(m, keeper);
}

// --- the callback --------------------------------------------------------------------

// Methods of futures that may be a callback.
static bool is_method_of_future(Model *m, const Back *back) {
  static const char *const names[] = {"cancel", "exception", "result", "set_exception",
                                      "set_result"};
  NodeId object = node_field(m->tree, back->node, FIELD_OBJECT);
  if (value_of(m, object).kind != VALUE_FUTURE) return false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (str_is(back->method, names[i])) return true;
  }
  return false;
}

static bool leads_back(Model *m, const CallbackFact *fact, const Back *back) {
  // The object itself is no callback: it may be what the callback is called with.
  const uint32_t by_name = CALLBACK_OF_ITSELF | CALLBACK_WEAK_METHODS;
  bool is_callable = back->kind != BACK_ITSELF || back->is_in_partial;
  if (!is_callable && (fact->flags & by_name) != 0) return false;
  if (back->kind == BACK_NONE || back->kind == BACK_GENERATOR || node_ok(back->call))
    return false;
  bool is_weak =
      back->kind == BACK_METHOD && (fact->flags & CALLBACK_WEAK_METHODS) != 0;
  if (is_weak) return false;
  return !back->is_uncertain || is_method_of_future(m, back);
}

static NodeId value_of_argument(const Tree *t, NodeId argument) {
  bool is_keyword = node_is(t, argument, PY_KEYWORD_ARGUMENT);
  return is_keyword ? node_field(t, argument, FIELD_VALUE) : argument;
}

// Of the arguments that may be kept: one that leads back.
static Back back_of_arguments(Model *m, NodeId call, const CallbackFact *fact,
                              BackOwner owner) {
  const Tree *t = m->tree;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  int32_t position = 0;
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return (Back){.kind = BACK_NONE};
  for (NodeId a = node_first_named(t, list); node_ok(a);
       a = node_next_named(t, a), position++) {
    bool is_keyword = node_is(t, a, PY_KEYWORD_ARGUMENT);
    bool is_before = !is_keyword && position < fact->position;
    bool is_behind = fact->form == CALLBACK_REGISTERS && fact->position >= 0 &&
                     position > fact->position;
    if (is_before || (!is_keyword && is_behind)) continue;
    Back back = back_of(m, value_of_argument(t, a), owner);
    if (leads_back(m, fact, &back)) return back;
  }
  return (Back){.kind = BACK_NONE};
}

// --- the receiver keeps it -----------------------------------------------------------

static bool sees_making(Model *m, NodeId node, void *data) {
  bool *is_borrowed = data;
  StoredAt stored = stored_at(m, node);
  if (!node_ok(stored.value) || stored.within) return false;
  NodeId value = node_unwrap(m->tree, stored.value);
  if (node_is(m->tree, value, PY_AWAIT)) value = node_first_named(m->tree, value);
  bool is_made = node_is(m->tree, value, PY_CALL);
  if (!is_made && !node_is(m->tree, value, PY_NONE_LITERAL)) *is_borrowed = true;
  return is_made;
}

// `self.signal`: made by the class itself, in a method or for all its instances.
static bool is_own_part(Model *m, NodeId receiver, NodeId class_node) {
  const Tree *t = m->tree;
  NodeId part = node_unwrap(t, receiver);
  NodeId object = node_unwrap(t, node_field(t, part, FIELD_OBJECT));
  while (node_is(t, object, PY_ATTRIBUTE)) {
    part = object;
    object = node_unwrap(t, node_field(t, part, FIELD_OBJECT));
  }
  if (!node_ok(class_node)) return true;
  Str name = node_text(t, node_field(t, part, FIELD_ATTRIBUTE));
  if (binding_ok(scope_lookup(m, scope_of(m, class_node), name))) return true;
  Keeper keeper = {.kind = KEEPER_SELF, .class_node = class_node, .attribute = name};
  bool is_borrowed = false;
  return keeper_any_use(m, keeper, sees_making, &is_borrowed) && !is_borrowed;
}

// `self.f = fut`, `self.f = fut = …`: an attribute that holds the variable's object too.
static NodeId held_by_attribute(Model *m, NodeId name) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, flow_only_def(m, name));
  if (def->kind != DEF_ASSIGN || def->flags != 0) return NO_NODE;
  for (NodeId a = def->statement; node_is(t, a, PY_ASSIGNMENT); a = node_parent(t, a)) {
    NodeId left = node_field(t, a, FIELD_LEFT);
    if (node_is(t, left, PY_ATTRIBUTE)) return left;
  }
  NodeId inner = node_field(t, def->statement, FIELD_RIGHT);
  if (node_is(t, inner, PY_ASSIGNMENT)) {
    NodeId left = node_field(t, inner, FIELD_LEFT);
    if (node_is(t, left, PY_ATTRIBUTE)) return left;
  }
  RefList uses = flow_uses_of(m, def_at(m, def->node));
  for (uint32_t i = 0; !uses.unknown && i < uses.count && i < REFS_READ; i++) {
    NodeId n = node_wrap(t, ref_get(m, uses.items[i])->node), p = node_parent(t, n);
    NodeId left = node_field(t, p, FIELD_LEFT);
    bool is_stored = node_is(t, p, PY_ASSIGNMENT) && node_role(t, n) == FIELD_RIGHT;
    if (is_stored && node_is(t, left, PY_ATTRIBUTE)) return left;
  }
  return NO_NODE;
}

static bool refused(CallbackHold *out, const char *refusal) {
  out->refusal = refusal;
  return false;
}

static const char TAKEN_AWAY[] = "it is taken away again, or may be";
static const char NOT_BACK[] = "the callback is not known to hold what keeps it";

static bool registered_with(Model *m, NodeId call, NodeId receiver, NodeId path,
                            CallbackHold *out) {
  NodeId root = path_root(m, path);
  if (!node_ok(root)) return refused(out, "what keeps it is no object of a function");
  BackOwner owner = owner_at(m, root);
  Back back = back_of_arguments(m, call, out->fact, owner);
  if (!leads_back(m, out->fact, &back)) return refused(out, NOT_BACK);
  bool is_part = node_eq(path, receiver) && node_is(m->tree, path, PY_ATTRIBUTE);
  if (is_part && !is_own_part(m, path, owner.class_node))
    return refused(out, "what keeps it is not known to be the object's own");
  if (is_taken_away(m, owner.variable, path) ||
      is_undone_by_name(m, binding_of(m, receiver), receiver)) {
    return refused(out, TAKEN_AWAY);
  }
  out->keeper = receiver;
  out->back = back;
  out->is_dropped = may_be_dropped(m, out->fact, receiver);
  out->class_node = owner.class_node;
  return true;
}

static bool registers(Model *m, NodeId call, NodeId receiver, CallbackHold *out) {
  const Tree *t = m->tree;
  receiver = node_unwrap(t, receiver);
  bool is_direct = node_is(t, receiver, PY_IDENTIFIER);
  if (!is_direct && !node_is(t, receiver, PY_ATTRIBUTE)) return false;
  if ((out->fact->flags & CALLBACK_OF_ITSELF) != 0 && !is_direct) return false;
  if (registered_with(m, call, receiver, receiver, out)) return true;
  NodeId attribute = is_direct ? held_by_attribute(m, receiver) : NO_NODE;
  return node_ok(attribute) && registered_with(m, call, receiver, attribute, out);
}

// --- what the call gives keeps it ----------------------------------------------------

// The callback of a handle that a variable gets can only close over the variable: its
// arguments are made before.
static bool given_to_name(Model *m, NodeId call, NodeId name, CallbackHold *out) {
  if (!node_ok(path_root(m, name))) return false;
  BackOwner owner = {.variable = binding_of(m, name), .at = name};
  Back back = back_of_arguments(m, call, out->fact, owner);
  bool is_closure = back.kind == BACK_LAMBDA || back.kind == BACK_FUNCTION;
  ScopeId scope = binding_get(m, owner.variable)->scope;
  if (!is_closure || scope_at(m, back.mention).i == scope.i)
    return refused(out, NOT_BACK);
  bool is_freed = (out->fact->flags & CALLBACK_FREED) != 0 &&
                  is_undone_by_name(m, owner.variable, name);
  out->keeper = name;
  out->back = back;
  return !is_freed || refused(out, TAKEN_AWAY);
}

static bool given_to_attribute(Model *m, NodeId call, NodeId target,
                               CallbackHold *out) {
  NodeId root = path_root(m, target);
  if (!node_ok(root)) return false;
  BackOwner owner = owner_at(m, root);
  Back back = back_of_arguments(m, call, out->fact, owner);
  NodeId part = target;
  while (node_is(m->tree, part, PY_SUBSCRIPT))
    part = node_unwrap(m->tree, node_field(m->tree, part, FIELD_VALUE));
  NodeId object = node_unwrap(m->tree, node_field(m->tree, part, FIELD_OBJECT));
  bool is_deep = !node_eq(object, root);
  if (is_deep && !is_own_part(m, part, owner.class_node)) return false;
  if (back.kind == BACK_NONE) return refused(out, NOT_BACK);
  if (is_taken_away(m, owner.variable, target)) return refused(out, TAKEN_AWAY);
  out->keeper = target;
  out->back = back;
  out->class_node = owner.class_node;
  return true;
}

static bool given_to(Model *m, NodeId call, NodeId target, CallbackHold *out) {
  switch (node_kind(m->tree, target)) {
    case PY_IDENTIFIER: return given_to_name(m, call, target, out);
    case PY_ATTRIBUTE:
    case PY_SUBSCRIPT: return given_to_attribute(m, call, target, out);
    default: return false;
  }
}

// `self.timers.append(call)`: the container.
static NodeId container_of(Model *m, NodeId argument) {
  const Tree *t = m->tree;
  NodeId list = node_parent(t, argument), outer = node_parent(t, list);
  Str method = STR_NONE;
  if (!node_is(t, list, PY_ARGUMENT_LIST)) return NO_NODE;
  const MutatorFact *mutator = call_mutator(m, outer);
  bool grows = mutator != NULL && (mutator->effect & MUTATES_GROWS) != 0;
  NodeId receiver = node_unwrap(t, call_receiver(m, outer, &method));
  return grows && node_is(t, receiver, PY_ATTRIBUTE) ? receiver : NO_NODE;
}

static bool gives(Model *m, NodeId call, CallbackHold *out) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, call), container = container_of(m, n);
  if (node_ok(container)) return given_to_attribute(m, call, container, out);
  for (uint32_t i = 0; i < CHAIN_READ; i++) {
    NodeId p = node_parent(t, n);
    if (node_is(t, p, PY_NAMED_EXPRESSION)) {
      if (given_to_name(m, call, node_field(t, p, FIELD_NAME), out)) return true;
    } else if (node_is(t, p, PY_ASSIGNMENT)) {
      if (given_to(m, call, node_unwrap(t, node_field(t, p, FIELD_LEFT)), out))
        return true;
    } else {
      return false;
    }
    n = node_wrap(t, p);
  }
  return false;
}

// --- entry ---------------------------------------------------------------------------

// `@fut.add_done_callback` above a nested function.
static bool hold_at_decorator(Model *m, NodeId decorator, CallbackHold *out) {
  const Tree *t = m->tree;
  NodeId expression = node_unwrap(t, node_first_named(t, decorator));
  if (!node_is(t, expression, PY_ATTRIBUTE)) return false;
  Str method = node_text(t, node_field(t, expression, FIELD_ATTRIBUTE));
  if (!knowledge_has_member(m->options.knowledge, SUBJECT_CALLBACKS, method))
    return false;
  out->fact =
      knowledge_member(m->options.knowledge, SUBJECT_CALLBACKS, VALUE_UNKNOWN, method);
  if (out->fact == NULL || out->fact->form != CALLBACK_REGISTERS) return false;
  NodeId function = node_field(t, node_parent(t, decorator), FIELD_DEFINITION);
  NodeId receiver = node_field(t, expression, FIELD_OBJECT);
  NodeId root = path_root(m, receiver);
  if (!node_is(t, function, PY_FUNCTION_DEFINITION) || !node_ok(root)) return false;
  Closure closure = {.scope = scope_of(m, function)};
  NodeId mention = closure_mention(m, &closure, binding_of(m, root));
  if (!node_ok(mention)) return refused(out, NOT_BACK);
  BackOwner owner = owner_at(m, root);
  bool is_part = node_is(t, node_unwrap(t, receiver), PY_ATTRIBUTE);
  if (is_part && !is_own_part(m, receiver, owner.class_node)) return false;
  if (is_taken_away(m, owner.variable, node_unwrap(t, receiver)))
    return refused(out, TAKEN_AWAY);
  out->keeper = node_unwrap(t, receiver);
  out->back = (Back){.kind = BACK_FUNCTION, .node = function, .mention = mention};
  out->is_dropped = may_be_dropped(m, out->fact, receiver);
  out->class_node = owner.class_node;
  return true;
}

bool callback_hold_at(Model *m, NodeId node, CallbackHold *out) {
  *out = (CallbackHold){.fact = NULL};
  if (node_is(m->tree, node, PY_DECORATOR)) return hold_at_decorator(m, node, out);
  out->fact = call_callback(m, node);
  if (out->fact == NULL) return false;
  if (out->fact->form == CALLBACK_GIVES) return gives(m, node, out);
  if (out->fact->form != CALLBACK_REGISTERS) return false;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, node, &method);
  if (!node_ok(receiver)) return false;
  if (weak_store_of(m, node).fact != NULL) return refused(out, "it is held weakly");
  // What it gives takes the callback away, as a rule.
  const uint32_t by_name = CALLBACK_OF_ITSELF | CALLBACK_WEAK_METHODS;
  if ((out->fact->flags & by_name) != 0 && use_of(m, node).kind != USE_DROPPED)
    return refused(out, "what the call gives may take it away");
  return registers(m, node, receiver, out);
}
