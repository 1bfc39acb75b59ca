#include "index/facts_internal.h"
#include "semantic/flow.h"

// What a key is made from: the arguments of the function around it, or what a handler or
// worker is given to do. Followed are local names, loops and `with`.

enum {
  LOOKS_MAX = 24,   // expressions that are looked at for one key
  NODES_MAX = 160,  // nodes of one of them
  DEFS_MAX = 8,     // definitions of one name
  MASK_MAX = 8,     // parameters that a mask has bits for
};

typedef struct Looking {
  FactsBuilder *b;
  ScopeId function;  // around the key
  bool is_served;    // in a handler or worker
  NodeId todo[LOOKS_MAX];
  uint32_t count;
  bool is_argument;
  bool is_mixed;  // something else has a say
  uint8_t parameters;
} Looking;

static void look_at(Looking *l, NodeId expression) {
  for (uint32_t i = 0; i < l->count; i++) {
    if (node_eq(l->todo[i], expression)) return;
  }
  if (l->count == LOOKS_MAX || !node_ok(expression)) {
    l->is_mixed = true;
    return;
  }
  l->todo[l->count++] = expression;
}

// An object that stands for the request at hand: flask.request.
static bool is_request(FactsBuilder *b, NodeId identifier) {
  Str name = name_of(b->m, identifier);
  if (name.n == 0) return false;
  const HandlerFact *fact = knowledge_handlers(b->m->options.knowledge, name);
  return fact != NULL && fact->form == HANDLER_OBJECT;
}

// `queue.get()` of a name of the module, in a worker.
static bool is_called_upon(FactsBuilder *b, NodeId identifier) {
  const Tree *t = b->t;
  NodeId n = node_wrap(t, identifier), attribute = node_parent(t, n);
  NodeId call = node_parent(t, node_wrap(t, attribute));
  return node_is(t, attribute, PY_ATTRIBUTE) && node_is(t, call, PY_CALL) &&
         node_role(t, node_wrap(t, attribute)) == FIELD_FUNCTION &&
         !is_of_library(b, name_of(b->m, identifier));
}

static void global_read(Looking *l, NodeId identifier, const Binding *binding) {
  const Def *d = def_get(l->b->m, binding->first_def);
  bool is_import = (binding->flags & BIND_IMPORTED) != 0;
  bool is_fixed = is_import || d->kind == DEF_FUNCTION || d->kind == DEF_CLASS;
  bool is_given = is_import && is_request(l->b, identifier);
  is_given = is_given || (l->is_served && is_called_upon(l->b, identifier));
  if (is_given) l->is_argument = true;
  NodeId value = name_value(l->b->m, identifier);
  PyKind kind = node_kind(l->b->t, value);
  bool is_constant = kind == PY_STRING || kind == PY_INTEGER;
  if (is_given || (!is_fixed && !is_constant)) l->is_mixed = true;
}

static void parameter_read(Looking *l, NodeId identifier, const Def *d) {
  FactsBuilder *b = l->b;
  uint32_t via = 0;
  if (scope_ok(class_of_receiver(b, identifier, &via))) {
    if (via == OPERATION_VIA_CLS) return;
    l->is_argument = l->is_mixed = true;
    return;
  }
  l->is_argument = true;
  uint32_t receiver = b->receivers[d->scope.i] != RECEIVER_NONE ? 1 : 0;
  uint32_t position = d->index - receiver;
  bool is_own = d->scope.i == l->function.i && position < MASK_MAX &&
                (d->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) == 0;
  if (is_own) l->parameters |= (uint8_t)(1u << position);
  if (!is_own) l->is_mixed = true;
}

static void def_read(Looking *l, NodeId identifier, DefId id) {
  const Def *d = def_get(l->b->m, id);
  switch (d->kind) {
    case DEF_PARAMETER: parameter_read(l, identifier, d); break;
    case DEF_FOR:
      if (loop_is_worker(l->b->m, d->statement)) l->is_argument = l->is_mixed = true;
      look_at(l, d->value);
      break;
    case DEF_ASSIGN:
    case DEF_ANNOTATED:
    case DEF_AUGMENTED:
    case DEF_WITH:
    case DEF_WALRUS:
    case DEF_COMPREHENSION:
    case DEF_MATCH: look_at(l, d->value); break;
    case DEF_FUNCTION:
    case DEF_CLASS:
    case DEF_IMPORT:
    case DEF_IMPORT_FROM: break;
    default: l->is_mixed = true; break;
  }
}

static void identifier_read(Looking *l, NodeId identifier) {
  Model *m = l->b->m;
  RefId ref = ref_at(m, identifier);
  if (!ref_ok(ref) || !binding_ok(ref_get(m, ref)->binding)) return;
  const Binding *binding = binding_get(m, ref_get(m, ref)->binding);
  ScopeKind kind = scope_get(m, binding->scope)->kind;
  if (kind == SCOPE_MODULE || kind == SCOPE_CLASS) {
    global_read(l, identifier, binding);
    return;
  }
  bool is_here = ref_get(m, ref)->scope.i == binding->scope.i;
  DefList defs = {0};
  if (is_here) defs = flow_defs_reaching(m, ref);
  if (is_here && !defs.unknown && defs.count <= DEFS_MAX) {
    for (uint32_t i = 0; i < defs.count; i++) def_read(l, identifier, defs.items[i]);
    return;
  }
  uint32_t seen = 0;
  for (DefId d = binding->first_def; def_ok(d) && seen < DEFS_MAX;
       d = def_next(m, d), seen++) {
    def_read(l, identifier, d);
  }
}

static void expression_read(Looking *l, NodeId expression) {
  const Tree *t = l->b->t;
  uint32_t after = node_after(t, expression);
  if (after - expression.i > NODES_MAX) {
    after = expression.i + NODES_MAX;
    l->is_mixed = true;
  }
  for (uint32_t i = expression.i; i < after; i++) {
    if (node_is(t, (NodeId){i}, PY_IDENTIFIER)) identifier_read(l, (NodeId){i});
  }
}

static Looking key_follow(FactsBuilder *b, NodeId key) {
  Context at = context_of(b->m, key);
  Looking l = {.b = b,
               .function = scope_of(b->m, at.function),
               .is_served = (at.flags & (CONTEXT_HANDLER | CONTEXT_WORKER)) != 0};
  NodeId part = key;
  do {  // x[a, b] has two
    look_at(&l, part);
    part = node_role(b->t, part) == FIELD_SUBSCRIPT ? node_next_same_field(b->t, part)
                                                    : NO_NODE;
  } while (node_ok(part));
  for (uint32_t i = 0; i < l.count; i++) expression_read(&l, l.todo[i]);
  return l;
}

Origin origin_of(FactsBuilder *b, NodeId key) {
  bool is_in_function = node_ok(key) && node_ok(context_of(b->m, key).function);
  if (!is_in_function) return (Origin){0};
  Looking l = key_follow(b, key);
  return (Origin){l.is_argument, l.is_mixed ? 0 : l.parameters};
}

bool origin_is(FactsBuilder *b, NodeId key, NodeId container) {
  const Tree *t = b->t;
  if (!node_ok(context_of(b->m, key).function)) return false;
  Str text = node_text(t, node_unwrap(t, container));
  Looking l = key_follow(b, key);
  for (uint32_t i = 0; i < l.count; i++) {
    uint32_t after = node_after(t, l.todo[i]);
    if (after - l.todo[i].i > NODES_MAX) after = l.todo[i].i + NODES_MAX;
    for (uint32_t n = l.todo[i].i; n < after; n++) {
      PyKind kind = node_kind(t, (NodeId){n});
      bool is_name = kind == PY_IDENTIFIER || kind == PY_ATTRIBUTE;
      if (is_name && str_eq(node_text(t, (NodeId){n}), text)) return true;
    }
  }
  return false;
}
