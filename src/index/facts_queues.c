#include "index/facts_internal.h"
#include "semantic/calls.h"

// Queues: which are made without a bound, and where a function hands them.
//
//     jobs = queue.Queue()
//     Thread(target=produce, args=(jobs,)).start()      `jobs.put(…)` in produce
//     self.jobs = jobs                                  `self.jobs.get()` in other methods

enum { REFS_MAX = 64, FOLLOWED_MAX = 128 };

// --- what makes one ------------------------------------------------------------------

// `mp.get_context("spawn").Queue()`, `manager.Queue()`.
static bool is_of_context(FactsBuilder *b, NodeId call) {
  Str method = STR_NONE;
  NodeId receiver = call_receiver(b->m, call, &method);
  if (!str_is(method, "Queue") && !str_is(method, "JoinableQueue")) return false;
  NodeId maker = name_value(b->m, receiver);
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, maker)));
  if (d->kind == DEF_WITH) maker = node_unwrap(b->t, d->value);
  if (!node_is(b->t, maker, PY_CALL)) return false;
  Str name = name_of_callee(b->m, maker);
  return str_is(name, "multiprocessing.get_context") ||
         str_is(name, "multiprocessing.Manager") ||
         str_is(name, "torch.multiprocessing.get_context");
}

static const QueueFact *queue_fact(FactsBuilder *b, NodeId call) {
  const Knowledge *k = b->m->options.knowledge;
  const QueueFact *fact = knowledge_queues(k, name_of_callee(b->m, call));
  if (fact == NULL && is_of_context(b, call)) {
    fact = knowledge_queues(k, STR("multiprocessing.Queue"));
  }
  return fact;
}

// What bounds it: none, if it is 0, negative or None; a name of another module may be.
static void bound_read(FactsBuilder *b, NodeId bound, FactContainer *out) {
  int64_t number = 0;
  if (constant_is_none(b->m, bound)) return;
  if (constant_int(b->m, bound, &number)) {
    if (number > 0) out->flags |= CONTAINER_BOUNDED;
    return;
  }
  Str name = name_of(b->m, bound);
  bool is_elsewhere = name.n != 0 && !is_of_library(b, name);
  out->flags |= is_elsewhere ? CONTAINER_NAMED_BOUND : CONTAINER_BOUNDED;
  if (is_elsewhere) out->bound = text_of(b, name);
}

bool queue_read(FactsBuilder *b, NodeId call, FactContainer *out) {
  const QueueFact *fact = queue_fact(b, call);
  if (fact == NULL) return false;
  out->type = VALUE_QUEUE;
  if (fact->position < 0) return true;
  NodeId bound = NO_NODE, maker = name_value(b->m, call_callee(b->m, call));
  ArgState state =
      call_argument(b->m, call, (uint32_t)fact->position, fact->keyword, &bound);
  bool is_partial = state == ARG_ABSENT && node_is(b->t, maker, PY_CALL);
  if (is_partial) {  // partial(Queue, 10)()
    uint32_t position = (uint32_t)fact->position + 1;
    state = call_argument(b->m, maker, position, fact->keyword, &bound);
  }
  if (state == ARG_UNKNOWN) out->flags |= CONTAINER_BOUNDED;
  if (state == ARG_PRESENT) bound_read(b, bound, out);
  return true;
}

static bool is_upper_case(Str name) {
  for (uint32_t i = 0; i < name.n; i++) {
    if (name.p[i] >= 'a' && name.p[i] <= 'z') return false;
  }
  return name.n > 0 && name.p[0] != '_';
}

void zeros_collect(FactsBuilder *b) {
  BindingId n = scope_get(b->m, MODULE_SCOPE)->first_binding;
  for (; binding_ok(n); n = binding_get(b->m, n)->next) {
    const Def *d = def_get(b->m, binding_only_def(b->m, n));
    int64_t number = 0;
    bool is_plain = d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED;
    if (!is_plain || !node_ok(d->value) || !is_upper_case(binding_name(b->m, n))) {
      continue;
    }
    if (constant_int(b->m, d->value, &number) && number <= 0) {
      vec_push(b->arena, &b->zeros, (FactZero){word_of(b, binding_name(b->m, n))});
    }
  }
}

// --- what is put and taken -----------------------------------------------------------

bool is_queue_get(FactsBuilder *b, NodeId call, ValueKind type) {
  const Tree *t = b->t;
  if (type == VALUE_QUEUE) return true;
  if (type != VALUE_UNKNOWN) return false;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a); a = node_next_named(t, a)) {
    NodeId keyword = node_field(t, a, FIELD_NAME);
    bool is_own =
        node_is(t, a, PY_KEYWORD_ARGUMENT) &&
        (node_text_is(t, keyword, "timeout") || node_text_is(t, keyword, "block"));
    bool is_flag = node_is(t, a, PY_TRUE) || node_is(t, a, PY_FALSE);
    if (!is_own && !is_flag) return false;
  }
  return true;
}

bool is_sentinel(FactsBuilder *b, NodeId value) {
  NodeId n = node_unwrap(b->t, value);
  if (!node_ok(n)) return false;
  if (is_written_out(b, n)) return true;
  NodeId made = node_is(b->t, n, PY_IDENTIFIER) ? name_value(b->m, n) : n;
  if (!node_is(b->t, made, PY_CALL)) return false;
  return str_is(name_of_callee(b->m, made), "builtins.object");
}

// --- where it goes -------------------------------------------------------------------

// The function scope that an expression names, the constructor of a class.
static ScopeId called_scope(FactsBuilder *b, NodeId callee, uint32_t *receiver) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, callee);
  uint32_t via = 0;
  *receiver = 0;
  ScopeId function = function_named(b, n), class_scope = class_named(b, n);
  Str method = STR("__init__");
  if (node_is(t, n, PY_ATTRIBUTE)) {
    class_scope = class_of_receiver(b, node_field(t, n, FIELD_OBJECT), &via);
    method = node_text(t, node_field(t, n, FIELD_ATTRIBUTE));
  }
  if (scope_ok(class_scope)) {
    BindingId binding = scope_lookup(b->m, class_scope, method);
    const Def *d = def_get(b->m, binding_only_def(b->m, binding));
    if (d->kind == DEF_FUNCTION) function = scope_of(b->m, d->value);
    *receiver = scope_ok(function) && b->receivers[function.i] != RECEIVER_NONE;
  }
  return function;
}

static bool parameter_follow(Gathering *self, ScopeId function, DefId parameter) {
  FactsBuilder *b = self->b;
  const Def *d = def_get(b->m, parameter);
  const uint32_t many = DEF_STARRED | DEF_KEYWORD_STAR;
  if (!scope_ok(function) || !def_ok(parameter) || (d->flags & many) != 0) return false;
  const Binding *binding = binding_get(b->m, d->binding);
  if (binding->ref_count > REFS_MAX || self->followed++ >= FOLLOWED_MAX) return false;
  for (RefId r = binding->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(self, ref_get(b->m, r)->node, 0);
  }
  return true;
}

static bool position_follow(Gathering *self, NodeId callee, uint32_t position) {
  FactsBuilder *b = self->b;
  uint32_t receiver = 0;
  ScopeId function = called_scope(b, callee, &receiver);
  if (!scope_ok(function)) return false;
  uint32_t index = position + receiver;
  if (index >= scope_parameter_count(b->m, function)) return false;
  return parameter_follow(self, function, scope_parameter(b->m, function, index));
}

static bool keyword_follow(Gathering *self, NodeId callee, Str keyword) {
  FactsBuilder *b = self->b;
  uint32_t receiver = 0;
  ScopeId function = called_scope(b, callee, &receiver);
  if (!scope_ok(function)) return false;
  uint32_t count = scope_parameter_count(b->m, function);
  for (uint32_t i = 0; i < count; i++) {
    DefId parameter = scope_parameter(b->m, function, i);
    Str name = binding_name(b->m, def_get(b->m, parameter)->binding);
    if (str_eq(name, keyword)) return parameter_follow(self, function, parameter);
  }
  return false;
}

// The function that a call is given to run: `target=` of a thread, `submit(f, …)`.
static NodeId given_function(FactsBuilder *b, NodeId call, uint32_t *position) {
  const Tree *t = b->t;
  NodeId target = NO_NODE;
  uint32_t at = 0, receiver = 0;
  if (call_argument(b->m, call, CALL_NO_POSITION, "target", &target) == ARG_PRESENT) {
    return target;
  }
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  for (NodeId a = node_first_named(t, list); node_ok(a) && at < 3;
       a = node_next_named(t, a), at++) {
    if (node_is(t, a, PY_KEYWORD_ARGUMENT)) break;
    if (!scope_ok(called_scope(b, a, &receiver))) continue;
    *position = at;
    return a;
  }
  return NO_NODE;
}

static uint32_t position_in(const Tree *t, NodeId element) {
  uint32_t position = 0;
  NodeId n = node_first_named(t, node_parent(t, element));
  for (; node_ok(n) && !node_eq(n, element); n = node_next_named(t, n)) position++;
  return position;
}

// `args=(jobs,)`, `kwargs={"jobs": jobs}`, `apply_async(f, (jobs,))`.
static bool display_follow(Gathering *self, NodeId element) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  NodeId display = node_parent(t, element), pair = NO_NODE;
  if (node_is(t, display, PY_PAIR)) {
    pair = display;
    display = node_parent(t, pair);
  }
  NodeId argument = node_parent(t, node_wrap(t, display));
  NodeId list =
      node_is(t, argument, PY_KEYWORD_ARGUMENT) ? node_parent(t, argument) : argument;
  NodeId call = node_parent(t, list);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL)) return false;
  uint32_t unused = 0;
  NodeId function = given_function(b, call, &unused);
  if (!node_ok(function)) return false;
  if (!node_ok(pair)) return position_follow(self, function, position_in(t, element));
  Str key;
  return constant_str(b->m, node_field(t, pair, FIELD_KEY), &key) &&
         keyword_follow(self, function, key);
}

static bool argument_follow(Gathering *self, NodeId argument, NodeId call) {
  FactsBuilder *b = self->b;
  const Tree *t = b->t;
  NodeId p = node_parent(t, argument), callee = call_callee(b->m, call);
  if (node_is(t, p, PY_KEYWORD_ARGUMENT)) {
    return keyword_follow(self, callee, node_text(t, node_field(t, p, FIELD_NAME)));
  }
  uint32_t position = position_in(t, argument), given = 0;
  if (position_follow(self, callee, position)) return true;
  NodeId function = given_function(b, call, &given);
  return node_ok(function) && position > given &&
         position_follow(self, function, position - given - 1);
}

// `self.jobs = jobs`: what the methods do with it.
static bool attribute_follow(Gathering *self, NodeId left) {
  FactsBuilder *b = self->b;
  uint32_t via = 0;
  NodeId object = node_field(b->t, left, FIELD_OBJECT);
  ScopeId owner = class_of_receiver(b, object, &via);
  if (!scope_ok(owner) || self->followed++ >= FOLLOWED_MAX) return false;
  Str name = node_text(b->t, node_field(b->t, left, FIELD_ATTRIBUTE));
  FactText mangled = mangled_of(b, left, name);
  uint32_t group = map_get(&b->group_of, map_pair(owner.i, mangled.i));
  if (group == 0) return false;
  uint32_t seen = 0;
  for (uint32_t i = b->groups.items[group].first; i != 0 && seen < REFS_MAX;
       i = b->mentions.items[i].next, seen++) {
    NodeId mention = b->mentions.items[i].node;
    if (!node_eq(mention, left)) gather_mention(self, mention, 0);
  }
  return true;
}

bool queue_follow(Gathering *self, NodeId mention, uint32_t via) {
  const Tree *t = self->b->t;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n);
  if (self->followed >= FOLLOWED_MAX) return false;
  switch (node_kind(t, p)) {
    case PY_TUPLE:
    case PY_LIST:
    case PY_PAIR: return display_follow(self, n);
    case PY_ARGUMENT_LIST: return argument_follow(self, n, node_parent(t, p));
    case PY_KEYWORD_ARGUMENT:
      return argument_follow(self, n, node_parent(t, node_parent(t, p)));
    case PY_ASSIGNMENT: return attribute_follow(self, node_field(t, p, FIELD_LEFT));
    case PY_ATTRIBUTE: {  // the two ends of a janus queue
      NodeId end = node_field(t, p, FIELD_ATTRIBUTE);
      bool is_end = node_text_is(t, end, "sync_q") || node_text_is(t, end, "async_q");
      if (is_end) gather_mention(self, p, via);
      return is_end;
    }
    default: return false;
  }
}

// --- those that have a name ----------------------------------------------------------

static void variable_collect(FactsBuilder *b, ScopeId function, BindingId binding) {
  const Binding *given = binding_get(b->m, binding);
  const Def *d = def_get(b->m, binding_only_def(b->m, binding));
  FactContainer row = {.holder = HOLDER_LOCAL, .flags = container_flags(b)};
  bool is_plain = d->kind == DEF_ASSIGN || d->kind == DEF_ANNOTATED;
  NodeId value = node_unwrap(b->t, d->value);
  if (!is_plain || (d->flags & DEF_UNPACKED) != 0) return;
  if (!node_is(b->t, value, PY_CALL) || !queue_read(b, value, &row)) return;
  const uint32_t open = CONTAINER_BOUNDED;
  if ((row.flags & open) != 0 || given->ref_count > REFS_MAX) return;
  row.place = place_of(value);
  row.name =
      text_join(b, scope_name(b, function), ".<locals>.", binding_name(b->m, binding));
  row.function = b->scope_names[function.i];
  vec_push(b->arena, &b->containers, row);
  Str whole = sym_str(&b->texts, (Sym){row.name.i});
  Gathering all =
      gather_begin(b, text_join(b, b->module, ".", whole), VALUE_QUEUE, false);
  for (RefId r = given->first_ref; ref_ok(r); r = ref_next(b->m, r)) {
    gather_mention(&all, ref_get(b->m, r)->node, 0);
  }
  gather_finish(&all);
}

void queues_collect(FactsBuilder *b, ScopeId function) {
  const uint32_t hidden = BIND_PARAMETER | BIND_IN_ERROR | BIND_DELETED;
  BindingId n = scope_get(b->m, function)->first_binding;
  for (; binding_ok(n); n = binding_get(b->m, n)->next) {
    const Binding *binding = binding_get(b->m, n);
    bool is_own = binding->owner.i == n.i && (binding->flags & hidden) == 0;
    if (is_own) variable_collect(b, function, n);
  }
}
