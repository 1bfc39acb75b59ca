// Parameters: what the handlers and the calls of this file give them.
#include "semantic/calls.h"
#include "semantic/context.h"
#include "semantic/varies_internal.h"

enum {
  SITES_READ = 32,
  FILE_NODES = 65536,  // of a file that are looked through for calls of a method
};

static bool is_finite_annotation(Model *m, const Def *def) {
  NodeId type = node_field(m->tree, def->statement, FIELD_TYPE);
  if (!node_ok(type)) return false;
  Value value = value_of_annotation(m, type);
  Str text = node_text(m->tree, type);
  if (value.kind == VALUE_BOOL || value.kind == VALUE_CLASS) return true;
  if (str_contains(text, STR("Literal[")) || str_starts(text, STR("Type[")) ||
      str_starts(text, STR("type["))) {
    return true;
  }
  return node_is(m->tree, value.definition, PY_CLASS_DEFINITION) &&
         (class_base_flags(m, value.definition) & BASE_ENUM) != 0;
}

// What a call hands to a parameter: by position, by keyword, or as what a thread or pool
// is to hand on: `Thread(target=f, args=(x,))`, `pool.submit(f, x)`.
static NodeId argument_for(Model *m, NodeId mention, const Def *def, uint32_t skipped) {
  const Tree *t = m->tree;
  NodeId n = node_wrap(t, mention), p = node_parent(t, n), value = NO_NODE;
  Str name = node_text(t, def->node);
  char keyword[64];
  if (name.n >= sizeof keyword || def->index < skipped) return NO_NODE;
  memcpy(keyword, name.p, name.n);
  keyword[name.n] = '\0';
  uint32_t position = def->index - skipped;
  if (node_is(t, p, PY_CALL) && node_role(t, n) == FIELD_FUNCTION) {
    call_argument(m, p, position, keyword, &value);
    return value;
  }
  bool is_target = node_is(t, p, PY_KEYWORD_ARGUMENT);
  NodeId list = is_target ? node_parent(t, p) : p, call = node_parent(t, list);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || !node_is(t, call, PY_CALL)) return NO_NODE;
  NodeId handed = NO_NODE;
  if (call_argument(m, call, CALL_NO_POSITION, "args", &handed) == ARG_PRESENT) {
    handed = node_unwrap(t, handed);
    bool is_display = node_is(t, handed, PY_TUPLE) || node_is(t, handed, PY_LIST);
    return is_display ? node_named_at(t, handed, position) : NO_NODE;
  }
  if (is_target || !node_eq(node_first_named(t, list), n)) return NO_NODE;
  call_argument(m, call, position + 1, NULL, &value);
  return value;
}

typedef struct Sites {
  Search *s;
  const Def *parameter;
  uint32_t skipped;  // self
  uint32_t depth, read;
  bool is_init;
  Varies found;
} Sites;

static void site_read(Sites *sites, NodeId mention) {
  Model *m = sites->s->m;
  NodeId argument = argument_for(m, mention, sites->parameter, sites->skipped);
  if (!node_ok(argument) || sites->depth == 0) return;
  Context at = context_of(m, argument);
  if ((at.flags & CONTEXT_TEST) != 0) return;
  Varies one = varies_at(sites->s, argument, sites->depth - 1);
  if (one.by <= VARIES_UNKNOWN) return;
  // Each time is once, where the call stands in no hot place.
  bool is_hot = one.is_hot || one.by >= VARIES_BY_REQUEST || context_is_hot(at);
  if (one.by == VARIES_EACH_TIME && !is_hot && !sites->is_init) return;
  if (!node_ok(one.site)) one.site = argument;
  one.is_hot = is_hot;
  if (sites->is_init) one.by = VARIES_BY_INSTANCE;
  sites->found = stronger(sites->found, one);
}

// `self.work(x)`, `worker.work(x)`: calls of the method by its name.
static void methods_read(Sites *sites, NodeId function) {
  Model *m = sites->s->m;
  const Tree *t = m->tree;
  Str name = node_text(t, node_field(t, function, FIELD_NAME));
  uint32_t count = t->count < FILE_NODES ? t->count : FILE_NODES;
  for (uint32_t i = 1; i < count && sites->read < SITES_READ; i++) {
    NodeId n = {i};
    if (!node_is(t, n, PY_ATTRIBUTE) ||
        !str_eq(node_text(t, node_field(t, n, FIELD_ATTRIBUTE)), name)) {
      continue;
    }
    sites->read++;
    site_read(sites, n);
  }
}

static void names_read(Sites *sites, NodeId definition) {
  Model *m = sites->s->m;
  BindingId name = binding_of(m, node_field(m->tree, definition, FIELD_NAME));
  for (RefId r = ref_first(m, name); ref_ok(r) && sites->read < SITES_READ;
       r = ref_next(m, r), sites->read++) {
    site_read(sites, ref_get(m, r)->node);
  }
}

static Varies varies_by_sites(Search *s, const Def *def, NodeId function,
                              uint32_t depth) {
  Model *m = s->m;
  NodeId class_node = method_class(m, function);
  Str name = node_text(m->tree, node_field(m->tree, function, FIELD_NAME));
  bool is_init = node_ok(class_node) && str_is(name, "__init__");
  bool is_bound = node_ok(class_node) && method_kind(m, function) != METHOD_STATIC;
  Sites sites = {.s = s,
                 .parameter = def,
                 .skipped = is_bound,
                 .depth = depth,
                 .is_init = is_init,
                 .found = plain(VARIES_UNKNOWN)};
  if (is_init)
    names_read(&sites, class_node);
  else if (node_ok(class_node))
    methods_read(&sites, function);
  else
    names_read(&sites, function);
  return sites.found;
}

// `f"{self}"`, `str(self)`, `"%s" % self`: made a text there.
static bool is_made_text(Model *m, NodeId at) {
  const Tree *t = m->tree;
  NodeId p = node_parent(t, node_wrap(t, at)), call = node_parent(t, p);
  if (node_is(t, p, PY_INTERPOLATION) || node_is(t, p, PY_BINARY_OPERATOR)) return true;
  Str name = node_is(t, p, PY_ARGUMENT_LIST) ? name_of_callee(m, call) : STR_NONE;
  return str_is(name, "builtins.str") || str_is(name, "builtins.repr");
}

// The address, unless the class says something else.
static Varies varies_by_self(Model *m, NodeId class_node, NodeId at) {
  if (!is_made_text(m, at)) return plain(VARIES_UNKNOWN);
  bool says = binding_ok(class_binding(m, class_node, STR("__str__"))) ||
              binding_ok(class_binding(m, class_node, STR("__repr__"))) ||
              binding_ok(class_binding(m, class_node, STR("__format__")));
  return says ? plain(VARIES_UNKNOWN) : varies_by(VARIES_BY_INSTANCE, at);
}

Varies varies_by_parameter(Search *s, const Def *def, NodeId at, uint32_t depth) {
  Model *m = s->m;
  ScopeId scope = binding_get(m, def->binding)->scope;
  NodeId function = scope_get(m, scope)->node, class_node = method_class(m, function);
  if (!node_is(m->tree, function, PY_FUNCTION_DEFINITION) ||
      (def->flags & (DEF_STARRED | DEF_KEYWORD_STAR)) != 0) {
    return plain(VARIES_UNKNOWN);
  }
  if (def->index == 0 && node_ok(class_node)) {
    MethodKind kind = method_kind(m, function);
    if (kind == METHOD_INSTANCE) return varies_by_self(m, class_node, at);
    if (kind == METHOD_CLASS) return plain(VARIES_NOT);
  }
  if (is_finite_annotation(m, def)) return plain(VARIES_NOT);
  if (context_handler(m, function) != HANDLER_NONE)
    return varies_by(VARIES_BY_REQUEST, at);
  return varies_by_sites(s, def, function, depth);
}
