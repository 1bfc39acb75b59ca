#include "semantic/stream.h"

#include "semantic/context.h"
#include "semantic/effect_internal.h"
#include "semantic/lazy.h"

// --- what reads a whole file ---------------------------------------------------------

static bool row_is_whole(const ResultFact *row) {
  return row != NULL && (row->flags & RESULT_WHOLE) != 0;
}

// Few methods read a whole file: the others are not worth asking for values.
static bool may_read_text(Model *m, NodeId call, Str method) {
  const Knowledge *k = m->options.knowledge;
  uint32_t subjects = call_subjects(m, call);
  if ((subjects & UINT32_C(1) << SUBJECT_METHODS) != 0 &&
      (row_is_whole(knowledge_member(k, SUBJECT_METHODS, VALUE_FILE, method)) ||
       row_is_whole(knowledge_member(k, SUBJECT_METHODS, VALUE_PATH, method)))) {
    return true;
  }
  return (subjects & UINT32_C(1) << SUBJECT_RETURNS) != 0 &&
         row_is_whole(knowledge_returns(k, name_of_callee(m, call)));
}

static WholeRead read_by_call(Model *m, NodeId call) {
  const Tree *t = m->tree;
  WholeRead none = {0};
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  if (node_ok(receiver) && str_is(method, "readlines") &&
      !call_has_arguments(m, call)) {
    Value file = value_of(m, receiver);
    if (!value_is_file(file)) return none;
    return (WholeRead){READ_LINES, call, receiver, file};
  }
  if (node_ok(receiver) && may_read_text(m, call, method)) {
    Value file = value_of(m, receiver), text = value_of(m, call);
    bool whole =
        (text.flags & VALUE_WHOLE_READ) != 0 &&
        (value_is_text(text) || !value_is_known(text)) &&
        (value_is_file(file) || file.kind == VALUE_PATH || file.kind == VALUE_ARCHIVE);
    if (whole) return (WholeRead){READ_TEXT, call, receiver, file};
  }
  Str name = name_of_callee(m, call);
  if (!str_is(name, "builtins.list") && !str_is(name, "builtins.tuple")) return none;
  NodeId list = node_field(t, call, FIELD_ARGUMENTS);
  NodeId source = node_first_named(t, list);
  if (!node_is(t, list, PY_ARGUMENT_LIST) || node_count_named(t, list) != 1)
    return none;
  Value file = value_of(m, source);
  if (!value_is_file(file) || node_is(t, source, PY_KEYWORD_ARGUMENT)) return none;
  return (WholeRead){READ_LIST, call, source, file};
}

WholeRead whole_read_of(Model *m, NodeId expression) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, expression);
  if (node_is(t, e, PY_CALL)) return read_by_call(m, e);
  if (node_is(t, e, PY_LIST_COMPREHENSION) && comprehension_is_copy(t, e)) {
    NodeId source = node_unwrap(t, comprehension_source(t, e));
    Value file = value_of(m, source);
    if (value_is_file(file)) return (WholeRead){READ_COPY, e, source, file};
  }
  return (WholeRead){0};
}

uint32_t line_bytes(uint8_t minor) {
  return minor >= 12 ? 49 : 57;  // an ASCII str's head, its end and the list's pointer
}

// --- doubts --------------------------------------------------------------------------

// A handler around the pass could tell a file that fails at its first line from one
// that fails later.
static bool is_guarded(Model *m, NodeId node) {
  return context_caught(m, node).count > 0;
}

static bool is_closing(Model *m, NodeId identifier) {
  const Tree *t = m->tree;
  NodeId attribute = node_parent(t, identifier);
  return node_is(t, attribute, PY_ATTRIBUTE) &&
         node_text_is(t, node_field(t, attribute, FIELD_ATTRIBUTE), "close");
}

// Each turn of the loop has a handle of its own.
static bool is_opened_within(Model *m, NodeId name, NodeId loop) {
  DefId def = flow_only_def(m, name);
  return def_ok(def) && node_inside(m->tree, def_get(m, def)->node, loop);
}

// Somebody asks the handle again, and would see how far it was read.
static bool handle_is_used_later(Model *m, const WholeRead *read, const Pass *pass) {
  NodeId name = node_unwrap(m->tree, read->handle);
  BindingId binding = binding_of(m, name);
  if (!node_is(m->tree, name, PY_IDENTIFIER) || !binding_ok(binding)) return false;
  NodeId loop = loop_around(m, name, NO_NODE);  // then it is read again and again
  if (node_ok(loop) && !is_opened_within(m, name, loop)) return true;
  uint32_t left = 64;
  for (RefId r = ref_first(m, binding); ref_ok(r); r = ref_next(m, r)) {
    NodeId other = ref_get(m, r)->node;
    if (node_eq(other, name) || node_inside(m->tree, other, pass->node)) continue;
    if (is_closing(m, other) || flow_differs(m, name, other)) continue;
    if (left-- == 0 || flow_reaches(m, name, other) != ANSWER_NO) return true;
  }
  return false;
}

static const char *file_doubt(const WholeRead *read) {
  if (read->file.flags & (HANDLE_PIPE | HANDLE_NETWORK | HANDLE_STDIN)) {
    return "the other side waits while lines are worked on";
  }
  if ((read->file.flags & HANDLE_OPENED_HERE) == 0) {
    return "whoever opened the file sees where the pass left it";
  }
  return NULL;
}

static const char *doubt_of(Model *m, const WholeRead *read, const Pass *pass,
                            EffectSet meanwhile) {
  if (meanwhile & (EFFECT_AWAITS | EFFECT_YIELDS)) {
    return "the file stays open, and may change, while others run";
  }
  const char *doubt = file_doubt(read);
  if (doubt != NULL) return doubt;
  if (effect_runs_others(meanwhile)) {
    return "code that runs meanwhile may rewrite the file";
  }
  if (is_guarded(m, pass->node)) {
    return "a handler sees reading errors after some lines were used";
  }
  if (pass->may_stop && handle_is_used_later(m, read, pass)) {
    return "the handle is used later, and is left where the pass ends";
  }
  return NULL;
}

static Streaming judge(Model *m, const WholeRead *read, const Pass *pass,
                       EffectSet meanwhile) {
  Streaming out = {.doubt = doubt_of(m, read, pass, meanwhile)};
  if (meanwhile & (EFFECT_AWAITS | EFFECT_YIELDS)) {
    out.slow = "others run between two lines";
  } else if ((read->file.flags & HANDLE_NETWORK) || read->file.why == WHY_NETWORK) {
    out.slow = "reading a network stream by lines is slower";
  } else if (read->file.why == WHY_ARCHIVE || read->file.kind == VALUE_ARCHIVE) {
    out.slow = "reading a member of an archive by lines is slower";
  } else if (read->file.flags & HANDLE_MEMORY) {
    out.slow = "the text is in memory anyway";
  }
  return out;
}

static const char *refusal_of(Model *m, const WholeRead *read) {
  if (read->file.flags & HANDLE_ASYNC) return "the file is read asynchronously";
  if (size_is_small(read->file)) return "the file is small";
  if (size_is_small(value_of(m, read->node))) return "what is read is small";
  return NULL;
}

static const char may_be_rewritten[] =
    "a path that is written meanwhile may be the same";

Streaming stream_here(Model *m, const WholeRead *read, const Pass *pass) {
  Streaming out = {.refusal = refusal_of(m, read)};
  if (out.refusal != NULL) return out;
  if (pass_disturbs_file(m, pass, read->handle, true)) {
    out.refusal = "the file is used or rewritten during the pass";
    return out;
  }
  out = judge(m, read, pass, pass_effects(m, pass));
  if (out.doubt == NULL && pass_disturbs_file(m, pass, read->handle, false)) {
    out.doubt = may_be_rewritten;
  }
  return out;
}

Streaming stream_from(Model *m, const WholeRead *read, NodeId statement,
                      const Pass *pass) {
  const Tree *t = m->tree;
  Streaming out = {.refusal = refusal_of(m, read)};
  uint32_t distance = node_after(t, pass->node) - node_after(t, statement);
  if (out.refusal != NULL) return out;
  if (distance > PASS_LONGEST ||
      effect_surely_disturbs_file_between(m, statement, pass->node, read->handle)) {
    out.refusal = "the file is used, closed or rewritten before the pass is over";
    return out;
  }
  Range range = {node_after(t, statement), node_after(t, pass->node)};
  Pass judged = *pass;
  EffectSet before = pass_effects_before(m, &judged);
  EffectSet meanwhile = effect_sum_range(m, range) | pass->calls | before;
  out = judge(m, read, &judged, meanwhile);
  if (out.doubt == NULL &&
      effect_disturbs_file_between(m, statement, pass->node, read->handle)) {
    out.doubt = may_be_rewritten;
  }
  return out;
}
