// What names of a module stand for, where that may have to do with registering.
#include "index/facts_registered.h"
#include "semantic/publisher.h"

enum { NAMES_READ = 1024 };  // of a module

Str global_name(FactsBuilder *b, NodeId expression) {
  enum { PARTS = 4 };
  const Tree *t = b->t;
  NodeId parts[PARTS], n = node_unwrap(t, expression);
  Str name = name_of(b->m, n);
  uint32_t count = 0;
  if (name.n != 0) return name;
  for (; node_is(t, n, PY_ATTRIBUTE) && count < PARTS; count++) {
    parts[count] = node_field(t, n, FIELD_ATTRIBUTE);
    n = node_unwrap(t, node_field(t, n, FIELD_OBJECT));
  }
  const Binding *binding = binding_get(b->m, binding_of(b->m, n));
  if (!node_is(t, n, PY_IDENTIFIER) || binding->scope.i != MODULE_SCOPE.i)
    return STR_NONE;
  FactText joined = text_join(b, b->module, ".", node_text(t, n));
  while (count > 0) {
    Str before = sym_str(&b->texts, (Sym){joined.i});
    joined = text_join(b, before, ".", node_text(t, parts[--count]));
  }
  return sym_str(&b->texts, (Sym){joined.i});
}

// `def connect(callback): BUS.subscribe(callback)` stands for what it calls.
void forwarder_add(FactsBuilder *b, const Registered *r) {
  NodeId list = node_field(b->t, r->node, FIELD_ARGUMENTS);
  NodeId given = node_ok(r->given) ? r->given : node_last(b->t, list);
  const Def *def = def_get(b->m, binding_only_def(b->m, binding_of(b->m, given)));
  ScopeId scope = binding_get(b->m, def->binding)->scope;
  bool is_first = def->kind == DEF_PARAMETER && def->index == 0 && def->flags == 0 &&
                  scope_get(b->m, scope)->parent.i == MODULE_SCOPE.i;
  Str name = global_name(b, call_callee(b->m, r->node));
  if (!is_first || name.n == 0 || !node_is(b->t, r->node, PY_CALL)) return;
  vec_push(b->arena, &b->publishers,
           ((FactPublisher){b->scope_names[scope.i], text_of(b, name)}));
}

// What a name of the module stands for, if that registers: `at_end = atexit.register`,
// `listen = BUS.subscribe`.
static Str alias_of(FactsBuilder *b, NodeId value) {
  const Knowledge *k = b->m->options.knowledge;
  Str name = global_name(b, value);
  bool is_known = knowledge_registers(k, name) != NULL ||
                  (node_is(b->t, value, PY_ATTRIBUTE) &&
                   knowledge_member(k, SUBJECT_REGISTERS, VALUE_UNKNOWN,
                                    name_last_part(name)) != NULL);
  return is_known ? name : STR_NONE;
}

// A class of the project, or what gives a signal that holds weakly.
static bool makes_publisher(FactsBuilder *b, Str made) {
  Str last = name_last_part(made);
  if (is_of_library(b, made)) return false;
  if (last.n > 0 && last.p[0] >= 'A' && last.p[0] <= 'Z') return true;
  Str connect = str_join_in(b->arena, made, ".", STR("connect"));
  return knowledge_weak(b->m->options.knowledge, connect) != NULL;
}

// The name that a function without parameters returns: `def bus_of(): return BUS`.
static Str given_back(FactsBuilder *b, NodeId function) {
  const Tree *t = b->t;
  NodeId body = node_field(t, function, FIELD_BODY), last = NO_NODE;
  if (scope_parameter_count(b->m, scope_of(b->m, function)) != 0) return STR_NONE;
  for (NodeId s = node_first_named(t, body); node_ok(s); s = node_next_named(t, s)) {
    last = s;
  }
  NodeId value = node_first_named(t, last);
  bool is_name = node_is(t, last, PY_RETURN_STATEMENT) &&
                 (node_is(t, value, PY_IDENTIFIER) || node_is(t, value, PY_ATTRIBUTE));
  if (!is_name || !is_shared(b->m, value)) return STR_NONE;
  return global_name(b, value);
}

static Str stands_for(FactsBuilder *b, const Def *def) {
  NodeId value = node_unwrap(b->t, def->value);
  if (def->scope.i != MODULE_SCOPE.i) return STR_NONE;
  if (def->kind == DEF_FUNCTION) return given_back(b, def->value);
  if (def->kind != DEF_ASSIGN || def->flags != 0) return STR_NONE;
  if (!node_is(b->t, value, PY_CALL)) return alias_of(b, value);
  Str made = qualified_of(b, call_callee(b->m, value));
  return makes_publisher(b, made) ? made : STR_NONE;
}

void publishers_collect(FactsBuilder *b) {
  uint32_t read = 0;
  for (BindingId i = scope_get(b->m, MODULE_SCOPE)->first_binding;
       binding_ok(i) && read < NAMES_READ; i = binding_get(b->m, i)->next, read++) {
    Str target = stands_for(b, def_get(b->m, binding_only_def(b->m, i)));
    if (target.n == 0) continue;
    FactPublisher row = {text_of(b, binding_name(b->m, i)), text_of(b, target)};
    vec_push(b->arena, &b->publishers, row);
  }
}
