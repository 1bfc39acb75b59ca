#include "index/facts_internal.h"
#include "semantic/calls.h"

// Calls that stand for others: of methods by the object's class or by the name alone, of
// `__iter__`, `__hash__` and `__new__` by what runs them.

// A generator's consumer decides about what it yields. Which functions are generators
// is known later.
bool sink_decides_elements(Sink sink) {
  return sink == SINK_SPREAD || sink == SINK_RELAYED;
}

// `rows = parse(text)`, and further down `return list(rows)`.
void named_collect(FactsBuilder *b, NodeId call, Str callee) {
  if (names_class(callee)) return;
  Sink elements = sink_of_named_elements(b->m, call);
  if (!sink_decides_elements(elements)) return;
  call_add(b, call_row(b, call, callee, CALL_PLAIN, elements));
}

// A parameter without annotation, what `with` gives, a module, a number is no object of a class that is
// known: asked before its value is worked out, which costs most.
static bool may_be_instance(FactsBuilder *b, NodeId object) {
  const Tree *t = b->t;
  NodeId n = node_unwrap(t, object);
  if (node_is(t, n, PY_ATTRIBUTE) || node_is(t, n, PY_CALL)) return true;
  if (!node_is(t, n, PY_IDENTIFIER)) return false;
  const Def *d = def_get(b->m, binding_only_def(b->m, binding_of(b->m, n)));
  switch (d->kind) {
    case DEF_PARAMETER:
      return node_ok(node_field(t, d->statement, FIELD_TYPE)) ||
             (d->index == 0 && scope_ok(scope_class_of_method(b->m, d->scope)));
    case DEF_ANNOTATED: return true;
    case DEF_ASSIGN: {
      NodeId value = node_unwrap(t, d->value);
      if (node_is(t, value, PY_CALL)) {  // `sorted(xs)` gives nobody's of the project
        Str name = name_of_callee(b->m, value);
        return name.n == 0 || !is_of_library(b, name);
      }
      return node_is(t, value, PY_ATTRIBUTE) || node_is(t, value, PY_AWAIT);
    }
    case DEF_FOR:
    case DEF_COMPREHENSION:
    case DEF_WALRUS: return true;
    default: return false;
  }
}

// `for value in vars(self).values(): value.as_dict()` in `as_dict` itself: of what else the
// one instance has; `for child in self.children` is another matter.
static bool is_own_recursion(FactsBuilder *b, NodeId call, Str method) {
  const Tree *t = b->t;
  Context at = context_of(b->m, call);
  if (!str_eq(node_text(t, node_field(t, at.function, FIELD_NAME)), method))
    return false;
  NodeId loop = at.loop, source = node_field(t, loop, FIELD_RIGHT);
  NodeId clause = node_child(t, loop, PY_FOR_IN_CLAUSE);
  if (node_ok(clause)) source = node_field(t, clause, FIELD_RIGHT);
  source = node_unwrap(t, source);
  NodeId name = node_field(t, source, FIELD_ATTRIBUTE);
  return !node_is(t, source, PY_ATTRIBUTE) || node_text_is(t, name, "__dict__");
}

// `for row in reader.rows():`, where the name alone does not tell what is called: by the
// object's class, or as `.rows`, which resolve takes for the only method of that name.
void method_collect(FactsBuilder *b, NodeId call, NodeId callee) {
  const uint32_t looped = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_WORKER;
  bool is_looped = (context_of(b->m, call).flags & looped) != 0;
  Sink elements = sink_of_elements(b->m, call);
  bool is_walked = elements == SINK_DROPPED || sink_decides_elements(elements);
  if (!is_looped && !is_walked) return;
  Str method = node_text(b->t, node_field(b->t, callee, FIELD_ATTRIBUTE));
  NodeId object = node_field(b->t, callee, FIELD_OBJECT);
  Str owner = may_be_instance(b, object) ? class_of_object(b, object) : STR_NONE;
  const Knowledge *k = b->m->options.knowledge;
  if (owner.n == 0 && knowledge_has_member(k, SUBJECT_METHODS, method)) return;
  if (owner.n != 0 && is_of_library(b, owner)) return;
  Str giver = STR_NONE;
  if (owner.n == 0) {
    giver = giver_of_loop_variable(b, node_field(b->t, callee, FIELD_OBJECT));
  }
  const char *between = giver.n == 0 ? "." : ".().";
  Str of = giver.n == 0 ? owner : giver;
  Str name =
      str_printf_in(b->arena, "%.*s%s%.*s", STR_ARGS(of), between, STR_ARGS(method));
  // `for name in names: row.read(name)` stays with one object.
  bool is_name_alone = owner.n == 0 && !is_walked;
  if (is_name_alone && !is_another_each_round(b, object, call)) return;
  if (is_name_alone && is_own_recursion(b, call, method)) return;
  FactCall row = call_row(b, call, name, CALL_PLAIN, elements);
  // That it is called in some loop is all that is asked of a name alone.
  if (is_name_alone) {
    row = (FactCall){.callee = row.callee, .context = CONTEXT_LOOP};
  }
  call_add(b, row);
}

void iterable_collect(FactsBuilder *b, NodeId iterable) {
  const Tree *t = b->t;
  NodeId e = node_unwrap(t, iterable);
  if (!node_is(t, e, PY_IDENTIFIER) && !node_is(t, e, PY_ATTRIBUTE)) return;
  if (!may_be_instance(b, e)) return;
  Str owner = class_of_object(b, e);
  if (is_of_library(b, owner) || (context_of(b->m, e).flags & CONTEXT_TEST) != 0)
    return;
  Sink elements = sink_of_elements(b->m, iterable);
  if (!sink_decides_elements(elements)) return;
  Str name = str_printf_in(b->arena, "%.*s.__iter__", STR_ARGS(owner));
  call_add(b, call_row(b, e, name, CALL_PLAIN, elements));
}

// Among the arguments is one that may be an object to walk through: asked before what the
// call is.
static bool gives_objects(FactsBuilder *b, NodeId call) {
  enum { ARGUMENTS_READ = 4 };
  const Tree *t = b->t;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  uint32_t read = 0;
  for (NodeId a = node_first_named(t, list); node_ok(a) && read < ARGUMENTS_READ;
       a = node_next_named(t, a), read++) {
    NodeId n = node_unwrap(t, a);
    bool is_name = node_is(t, n, PY_IDENTIFIER) || node_is(t, n, PY_ATTRIBUTE);
    if (node_is(t, n, PY_KEYWORD_ARGUMENT)) return true;
    if (is_name && may_be_instance(b, n)) return true;
  }
  return false;
}

// `list(table)` runs `__iter__`.
void sink_collect(FactsBuilder *b, NodeId call) {
  if (!gives_objects(b, call)) return;
  const SinkFact *fact = call_sink(b->m, call);
  if (fact == NULL || fact->kind == SINK_STREAMING) return;
  NodeId argument = sink_argument(b->m, fact, call);
  if (node_ok(argument)) iterable_collect(b, argument);
}

// `cls.__new__(cls)`, `object.__new__(cls)`: an instance, where `__new__` itself does not
// ask for it.
bool allocation_collect(FactsBuilder *b, NodeId call, NodeId callee) {
  const Tree *t = b->t;
  NodeId made;
  uint32_t via = 0;
  if (!node_is(t, callee, PY_ATTRIBUTE) ||
      !node_text_is(t, node_field(t, callee, FIELD_ATTRIBUTE), "__new__") ||
      call_argument(b->m, call, 0, NULL, &made) != ARG_PRESENT) {
    return false;
  }
  ScopeId own = class_of_receiver(b, made, &via);
  NodeId name = node_field(t, context_of(b->m, call).function, FIELD_NAME);
  bool is_made =
      scope_ok(own) && via == OPERATION_VIA_CLS && !node_text_is(t, name, "__new__");
  if (!is_made) return false;
  Str of = sym_str(&b->texts, (Sym){scope_qualified(b, own).i});
  call_add(b, call_row(b, call, of, CALL_CLS, sink_of(b->m, call)));
  return true;
}

// A key, or an element of a set: `seen.add(C(x))`, `{C(x) for x in xs}`.
static bool is_hashed(FactsBuilder *b, NodeId expression) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, expression), p = node_parent(t, n);
  switch (node_kind(t, p)) {
    case PY_SET:
    case PY_SET_COMPREHENSION: return true;
    case PY_PAIR: return node_role(t, n) == FIELD_KEY;
    case PY_SUBSCRIPT: return node_role(t, n) == FIELD_SUBSCRIPT;
    case PY_ARGUMENT_LIST: {
      Str method = STR_NONE;
      NodeId receiver = call_receiver(b->m, node_parent(t, p), &method);
      return node_ok(receiver) && str_is(method, "add");
    }
    default: return false;
  }
}

// What is hashed in a loop runs `__hash__` as often.
void hash_collect(FactsBuilder *b, NodeId call, Str callee) {
  enum { USES_MAX = 16 };
  const Tree *t = b->t;
  const uint32_t looped = CONTEXT_LOOP | CONTEXT_COMPREHENSION | CONTEXT_WORKER;
  if (!names_class(callee) || (context_of(b->m, call).flags & looped) == 0) return;
  bool is_key = is_hashed(b, call);
  NodeId p = node_parent(t, node_wrap(t, call));
  NodeId left = node_field(t, p, FIELD_LEFT);
  if (node_is(t, p, PY_ASSIGNMENT) && node_is(t, left, PY_IDENTIFIER)) {
    const Binding *binding = binding_get(b->m, binding_of(b->m, left));
    RefId r = binding->ref_count <= USES_MAX ? binding->first_ref : (RefId){0};
    for (; ref_ok(r) && !is_key; r = ref_next(b->m, r)) {
      is_key = is_hashed(b, ref_get(b->m, r)->node);
    }
  }
  if (!is_key) return;
  Str name = str_printf_in(b->arena, "%.*s.__hash__", STR_ARGS(callee));
  call_add(b, call_row(b, call, name, CALL_PLAIN, SINK_DROPPED));
}
