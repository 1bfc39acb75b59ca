#include "semantic/context.h"
#include "semantic/escape.h"
#include "semantic/holder_internal.h"
#include "semantic/lazy.h"

enum { DEFS_ASKED = 8, CALLS_ASKED = 16 };

static bool is_of_the_interpreter(Model *m, NodeId e) {
  Str name = name_of(m, e);
  return str_is(name, "sys.modules") || str_is(name, "os.environ");
}

// A parameter that a call in this file gives one of those.
static bool is_given_such(Model *m, NodeId name) {
  const Tree *t = m->tree;
  const Def *def = def_get(m, binding_only_def(m, binding_of(m, name)));
  if (def->kind != DEF_PARAMETER) return false;
  NodeId function = scope_get(m, def->scope)->node, argument = NO_NODE;
  BindingId called = binding_of(m, node_field(t, function, FIELD_NAME));
  const char *keyword = str_cstr_in(m->arena, node_text(t, name));
  uint32_t asked = 0;
  for (RefId r = ref_first(m, called); ref_ok(r) && asked < CALLS_ASKED;
       r = ref_next(m, r), asked++) {
    NodeId use = ref_get(m, r)->node, call = node_parent(t, use);
    if (node_role(t, use) == FIELD_FUNCTION && node_is(t, call, PY_CALL) &&
        call_argument(m, call, def->index, keyword, &argument) == ARG_PRESENT &&
        is_of_the_interpreter(m, argument)) {
      return true;
    }
  }
  return false;
}

bool source_is_changed_by_others(Model *m, NodeId source) {
  const Tree *t = m->tree;
  for (uint32_t i = source.i; i < node_after(t, source); i++) {
    NodeId n = {i};
    PyKind kind = node_kind(t, n);
    if (kind == PY_CALL && str_starts(name_of_callee(m, n), STR("gc."))) return true;
    if (kind != PY_ATTRIBUTE && kind != PY_IDENTIFIER) continue;
    if (is_of_the_interpreter(m, n)) return true;
    if (kind == PY_IDENTIFIER && is_given_such(m, n)) return true;
    NodeId origin = value_of(m, n).origin;
    bool weak = node_is(t, origin, PY_CALL) &&
                str_starts(name_of_callee(m, origin), STR("weakref."));
    if (weak) return true;
  }
  return false;
}

// No definition of the name hands what it gives to anything that may keep it.
static bool is_let_go(Model *m, BindingId id) {
  uint32_t asked = 0;
  for (DefId d = def_first(m, id); def_ok(d); d = def_next(m, d)) {
    EscapeSet kept = escape_of(m, d) & ~(EscapeSet)ESCAPE_RETURNED;
    if (++asked > DEFS_ASKED || kept != 0) return false;
  }
  return true;
}

static Holder holder_of_name(Model *m, NodeId name) {
  BindingId id = binding_of(m, name);
  if (!binding_ok(id)) return HOLDER_HERE;  // a builtin
  const Binding *b = binding_get(m, id);
  DefId only = binding_only_def(m, id);
  DefKind kind = def_ok(only) ? def_get(m, only)->kind : DEF_ASSIGN;
  if (kind == DEF_FUNCTION || kind == DEF_CLASS || kind == DEF_IMPORT) {
    return HOLDER_HERE;
  }
  bool shared = (b->flags & (BIND_CAPTURED | BIND_GLOBAL_DECL | BIND_NONLOCAL_DECL |
                             BIND_GLOBAL)) != 0;
  if (shared) return HOLDER_OTHERS;
  Value v = value_of(m, name);
  if (kind == DEF_PARAMETER || (v.flags & VALUE_FROM_PARAMETER) != 0) {
    return HOLDER_CALLER;
  }
  bool own = value_is_text(v) || value_is_scalar(v) ||
             (name_is_fresh(m, name) && is_let_go(m, id));
  return own ? HOLDER_HERE : HOLDER_OTHERS;
}

static bool is_called(const Tree *t, NodeId n) {
  return node_role(t, n) == FIELD_FUNCTION;
}

// `state.online.items()`, `state.online` itself: what a module holds, others hold.
static bool is_walked(const Tree *t, NodeId n, NodeId source) {
  if (node_eq(n, node_unwrap(t, source))) return true;
  NodeId view = node_parent(t, n);
  if (!node_is(t, view, PY_ATTRIBUTE) || !is_called(t, view)) return false;
  NodeId name = node_field(t, view, FIELD_ATTRIBUTE);
  return node_text_is(t, name, "items") || node_text_is(t, name, "keys") ||
         node_text_is(t, name, "values");
}

Holder holder_of(Model *m, NodeId source) {
  const Tree *t = m->tree;
  if (node_is(t, source, PY_GENERATOR_EXPRESSION)) {
    source = comprehension_source(t, source);
  }
  Holder most = HOLDER_HERE;
  for (uint32_t i = source.i; i < node_after(t, source); i++) {
    NodeId n = {i};
    Holder holder = HOLDER_HERE;
    if (node_is(t, n, PY_ATTRIBUTE) && !is_called(t, n) &&
        (name_of(m, n).n == 0 || is_walked(t, n, source))) {
      holder = HOLDER_OTHERS;
    } else if (node_is(t, n, PY_IDENTIFIER)) {
      holder = holder_of_name(m, n);
    }
    if (holder > most) most = holder;
  }
  return most;
}

bool source_is_inside_another(const Tree *t, NodeId source) {
  for (uint32_t i = source.i; i < node_after(t, source); i++) {
    NodeId n = {i};
    if (node_is(t, n, PY_SUBSCRIPT)) return true;
    if (!node_is(t, n, PY_ATTRIBUTE) || !is_called(t, n)) continue;
    NodeId name = node_field(t, n, FIELD_ATTRIBUTE);
    if (node_text_is(t, name, "get") || node_text_is(t, name, "setdefault")) {
      return true;
    }
  }
  return false;
}

static Threading threading_of_name(Str name) {
  static const char *const running[] = {
      "threading.Thread", "threading.Timer", "_thread.start_new_thread",
      "multiprocessing.Process", "multiprocessing.pool.ThreadPool"};
  for (size_t i = 0; i < sizeof running / sizeof *running; i++) {
    if (str_is(name, running[i])) return THREADING_RUNS;
  }
  if (str_starts(name, STR("concurrent.futures."))) return THREADING_RUNS;
  bool meets = str_starts(name, STR("threading.")) ||
               str_starts(name, STR("_thread.")) ||
               str_starts(name, STR("multiprocessing."));
  return meets ? THREADING_LOCKS : THREADING_NONE;
}

Threading class_threading(Model *m, NodeId at) {
  const Tree *t = m->tree;
  NodeId owner = context_of(m, at).owner;
  Threading most = THREADING_NONE;
  if (!node_ok(owner)) return most;
  for (uint32_t i = owner.i; i < node_after(t, owner); i++) {
    NodeId n = {i};
    PyKind kind = node_kind(t, n);
    if (kind != PY_ATTRIBUTE && kind != PY_IDENTIFIER) continue;
    Threading found = threading_of_name(name_of(m, n));
    if (found > most) most = found;
    if (most == THREADING_RUNS) break;
  }
  return most;
}
