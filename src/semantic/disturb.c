#include "semantic/effect_internal.h"

enum { DERIVED_STEPS = 8 };  // csv.reader(map(f, handle)): calls around a handle

typedef struct Reading {
  Model *m;
  Range range;
  NodeId handle;
  Value file;     // of the handle
  NodeId path;    // what was opened, or NO_NODE
  Str path_text;  // where that is a literal; STR_NONE otherwise
  bool is_path;   // the handle is a pathlib path
  bool for_sure;  // a path that may be another counts as another
} Reading;

// --- uses of the handle --------------------------------------------------------------

static const char *const harmless_members[] = {
    "closed", "encoding", "errors",   "isatty",   "mode",
    "name",   "newlines", "readable", "seekable", "writable"};

static bool use_disturbs(const Model *m, NodeId e) {
  Place p = place_of(m->tree, place_outermost(m->tree, e));
  if (p.kind == PLACE_DROPPED) return false;
  if (p.kind != PLACE_ATTRIBUTE) return true;
  NodeId name = node_field(m->tree, p.node, FIELD_ATTRIBUTE);
  for (size_t i = 0; i < sizeof harmless_members / sizeof harmless_members[0]; i++) {
    if (node_text_is(m->tree, name, harmless_members[i])) return false;
  }
  return true;
}

static bool is_named(const Reading *r, NodeId node) {
  return node.i >= r->range.first && node.i < r->range.after;
}

static bool watch_disturbs(const Reading *r, const Watch *watch) {
  Model *m = r->m;
  MentionRun defs = mention_defs(m, watch->root, r->range);
  if (defs.count > 0) return true;
  MentionRun refs = mention_refs(m, watch->root, r->range);
  for (uint32_t i = 0; i < refs.count; i++) {
    NodeId node = ref_get(m, mention_ref(refs, i))->node;
    if (node_eq(node, r->handle)) continue;
    NodeId e =
        node_is(m->tree, node, PY_IDENTIFIER) ? watch_match(m, node, watch) : node;
    if (node_ok(e) && use_disturbs(m, e)) return true;
  }
  return false;
}

// `reader = csv.reader(f)`: the name that a call around the handle is bound to.
static BindingId derived_binding(const Model *m, NodeId e) {
  const Tree *t = m->tree;
  bool wrapped = false;
  for (uint32_t step = 0; step < DERIVED_STEPS; step++) {
    Place p = place_behind(t, e);
    if (p.kind == PLACE_ARGUMENT) {
      wrapped = true;
      e = p.node;
      continue;
    }
    if (!wrapped || p.kind != PLACE_ASSIGNED) break;
    NodeId left = node_field(t, p.node, FIELD_LEFT);
    if (!node_is(t, left, PY_IDENTIFIER)) break;
    return binding_of(m, left);
  }
  return (BindingId){0};
}

// The name behind a call may hold the file, or a string read from it: that is harmless.
static bool derived_disturbs(const Reading *r, const Watch *watch) {
  Model *m = r->m;
  for (RefId ref = ref_first(m, watch->root); ref_ok(ref); ref = ref_next(m, ref)) {
    NodeId node = ref_get(m, ref)->node;
    if (!node_is(m->tree, node, PY_IDENTIFIER)) continue;
    NodeId e = watch_match(m, node, watch);
    BindingId derived = node_ok(e) ? derived_binding(m, e) : (BindingId){0};
    if (!binding_ok(derived)) continue;
    MentionRun refs = mention_refs(m, derived, r->range);
    for (uint32_t i = 0; i < refs.count; i++) {
      NodeId use = ref_get(m, mention_ref(refs, i))->node;
      if (!node_is(m->tree, use, PY_IDENTIFIER)) return true;
      Value v = value_of(m, use);
      bool copied = value_is_container(v) || value_is_text(v) || value_is_scalar(v);
      if (!copied && !node_inside(m->tree, r->handle, use)) return true;
    }
  }
  return false;
}

static bool handle_disturbed(const Reading *r) {
  Model *m = r->m;
  PyKind kind = node_kind(m->tree, node_unwrap(m->tree, r->handle));
  if (kind != PY_IDENTIFIER && kind != PY_ATTRIBUTE) return false;
  WatchList list;
  watch_collect(m, r->handle, &list);
  if (list.overflow) return true;
  for (uint32_t i = 0; i < list.count; i++) {
    const Watch *watch = &list.items[i];
    if (watch_disturbs(r, watch) || derived_disturbs(r, watch)) return true;
    if (binding_get(m, watch->root)->flags & BIND_CAPTURED) list.shared = true;
  }
  EffectSet reaching = EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_AWAITS |
                       EFFECT_YIELDS | EFFECT_STARTS | EFFECT_LOCAL_IMPURE;
  return list.shared && (effect_sum_range(m, r->range) & reaching) != 0;
}

// --- uses of the path ----------------------------------------------------------------

// `Path(p)` leads where `p` does.
static NodeId path_bare(Model *m, NodeId path) {
  const Tree *t = m->tree;
  NodeId e = node_unwrap(t, path);
  while (node_is(t, e, PY_CALL) && value_of(m, e).kind == VALUE_PATH &&
         node_is(t, node_unwrap(t, call_callee(m, e)), PY_IDENTIFIER) &&
         call_positional_count(m, e) == 1) {
    NodeId inner = NO_NODE;
    if (call_argument(m, e, 0, NULL, &inner) != ARG_PRESENT) break;
    e = node_unwrap(t, inner);
  }
  return e;
}

static bool is_same_path(const Reading *r, NodeId path) {
  const Tree *t = r->m->tree;
  NodeId a = path_bare(r->m, r->path), b = path_bare(r->m, path);
  if (!node_ok(a) || node_kind(t, a) != node_kind(t, b)) return false;
  if (!node_is(t, a, PY_IDENTIFIER) && !node_is(t, a, PY_ATTRIBUTE)) return false;
  bool same_name = binding_of(r->m, a).i == binding_of(r->m, b).i;
  return same_name && str_eq(node_text(t, a), node_text(t, b));
}

static bool is_same_file(const Reading *r, Value v) {
  Answer same = value_same_path(r->m, r->file, v);
  if (!r->for_sure) return same != ANSWER_NO;
  return same == ANSWER_YES || (node_ok(v.path) && is_same_path(r, v.path));
}

// A handle over another file, for certain, or one that is only read.
static bool opening_disturbs(const Reading *r, NodeId call) {
  Value v = value_of(r->m, call);
  bool reads = (v.flags & HANDLE_READS) != 0 && (v.flags & HANDLE_WRITES) == 0;
  if (reads || (v.flags & HANDLE_MEMORY)) return false;
  return is_same_file(r, v);
}

static bool mode_empties(Model *m, Value v) {
  Str mode = STR_NONE;
  if (!node_ok(v.mode) || !constant_str(m, v.mode, &mode)) return false;
  bool updates = str_contains(mode, STR("+"));
  return !updates && (str_contains(mode, STR("w")) || str_contains(mode, STR("x")));
}

// `out.write(…)` where `out` was opened before the range.
static bool writing_disturbs(const Reading *r, NodeId call) {
  Model *m = r->m;
  Str method = STR_NONE;
  NodeId receiver = call_receiver(m, call, &method);
  bool writes = str_is(method, "write") || str_is(method, "writelines") ||
                str_is(method, "truncate");
  if (!node_ok(receiver) || !writes) return false;
  Value v = value_of(m, receiver);
  if (!value_is_file(v) || (v.flags & (HANDLE_MEMORY | HANDLE_PIPE))) return false;
  if (node_ok(v.origin) && is_named(r, v.origin)) return false;  // judged as an opening
  if (!node_ok(v.path) || mode_empties(m, v)) return false;
  return is_same_file(r, v);
}

// The path that a call writes to without a handle, or NO_NODE.
static NodeId written_path(Model *m, NodeId call) {
  Str method = STR_NONE, name = name_of_callee(m, call);
  NodeId path = call_receiver(m, call, &method);
  if (node_ok(path) && value_of(m, path).kind == VALUE_PATH) {
    bool writes = str_is(method, "write_text") || str_is(method, "write_bytes");
    return writes ? path : NO_NODE;
  }
  bool copies = str_is(name, "shutil.copy") || str_is(name, "shutil.copy2") ||
                str_is(name, "shutil.copyfile");
  if (!copies && !str_is(name, "os.truncate")) return NO_NODE;
  call_argument(m, call, copies ? 1 : 0, copies ? "dst" : "path", &path);
  return path;
}

// `other.write_text(…)` where the other may be the same; the same for certain is found
// by its name.
static bool path_writing_disturbs(const Reading *r, NodeId call) {
  NodeId path = r->for_sure ? NO_NODE : written_path(r->m, call);
  if (!node_ok(path)) return false;
  Value written = {.path = path_bare(r->m, path)};
  return value_same_path(r->m, r->file, written) != ANSWER_NO;
}

static bool is_path_mention(const Reading *r, NodeId n) {
  const Tree *t = r->m->tree;
  if (node_eq(n, r->path) || !node_ok(r->path)) return false;
  if (node_is(t, n, PY_STRING)) {
    Str text = STR_NONE;
    return r->path_text.n > 0 && constant_str(r->m, n, &text) &&
           str_eq(text, r->path_text);
  }
  NodeId path = node_unwrap(t, r->path);
  if (node_kind(t, n) != node_kind(t, path)) return false;
  if (node_is(t, n, PY_IDENTIFIER)) {
    BindingId b = binding_of(r->m, n);
    return binding_ok(b) && b.i == binding_of(r->m, path).i;
  }
  return node_is(t, n, PY_ATTRIBUTE) && str_eq(node_text(t, n), node_text(t, path));
}

// The path is given to, or asked for, something that may write: os.replace(tmp, p).
static bool mention_disturbs(const Reading *r, NodeId n) {
  Model *m = r->m;
  const Tree *t = m->tree;
  Place p = place_behind(t, n);
  NodeId call = NO_NODE;
  if (p.kind == PLACE_ARGUMENT) call = p.node;
  if (p.kind == PLACE_ATTRIBUTE) {
    Place method = place_of(t, node_wrap(t, p.node));
    if (method.kind == PLACE_CALLEE) call = method.node;
  }
  if (!node_ok(call) || node_inside(t, r->handle, call)) return false;
  if (call_open(m, call) != NULL) return opening_disturbs(r, call);
  if (value_is_text(value_of(m, call)) && call_result(m, call) != NULL) return false;
  EffectSet visible =
      EFFECT_UNKNOWN_CALL | EFFECT_FOREIGN | EFFECT_STARTS | EFFECT_ACTS;
  const CallEffect *effect = call_effect(m, call);
  if (effect->edge_count > 0) {  // a function of this file
    return (effect_sum(m, call) & (visible | EFFECT_LOCAL_IMPURE)) != 0;
  }
  return (effect->direct & visible) != 0 &&
         !str_is(name_of_callee(m, call), "builtins.print");
}

static bool path_disturbed(const Reading *r) {
  Model *m = r->m;
  const Tree *t = m->tree;
  for (NodeId n = {r->range.first}; n.i < r->range.after; n.i++) {
    if (node_is(t, n, PY_CALL) && !node_inside(t, r->handle, n) &&
        !node_inside(t, n, r->handle)) {
      if (call_open(m, n) != NULL && opening_disturbs(r, n)) return true;
      if (writing_disturbs(r, n) || path_writing_disturbs(r, n)) return true;
    }
    if (is_path_mention(r, n) && mention_disturbs(r, n)) return true;
  }
  return false;
}

static Reading reading_of(Model *m, Range range, NodeId handle, bool for_sure) {
  Reading r = {.m = m, .range = range, .handle = handle, .for_sure = for_sure};
  r.file = value_of(m, handle);
  r.is_path = r.file.kind == VALUE_PATH;
  r.path = r.is_path ? handle : r.file.path;
  if (node_ok(r.path)) constant_str(m, r.path, &r.path_text);
  return r;
}

static bool disturbs_in(Model *m, Range range, NodeId handle, bool for_sure) {
  Reading r = reading_of(m, range, handle, for_sure);
  bool by_handle = !r.is_path && handle_disturbed(&r);
  return by_handle || path_disturbed(&r);
}

static bool disturbs_region(Model *m, NodeId region, NodeId handle, bool for_sure) {
  if (!node_ok(region) || !node_ok(handle)) return true;
  return disturbs_in(m, range_of(m->tree, region), handle, for_sure);
}

static bool disturbs_between(Model *m, NodeId from, NodeId to, NodeId handle,
                             bool for_sure) {
  Range range = {node_after(m->tree, from), node_after(m->tree, to)};
  if (!node_ok(from) || !node_ok(handle) || range.after < range.first) return true;
  return disturbs_in(m, range, handle, for_sure);
}

bool effect_disturbs_file(Model *m, NodeId region, NodeId handle) {
  return disturbs_region(m, region, handle, false);
}

bool effect_surely_disturbs_file(Model *m, NodeId region, NodeId handle) {
  return disturbs_region(m, region, handle, true);
}

bool effect_disturbs_file_between(Model *m, NodeId from, NodeId to, NodeId handle) {
  return disturbs_between(m, from, to, handle, false);
}

bool effect_surely_disturbs_file_between(Model *m, NodeId from, NodeId to,
                                         NodeId handle) {
  return disturbs_between(m, from, to, handle, true);
}

bool effect_surely_disturbs_path_between(Model *m, NodeId from, NodeId to,
                                         NodeId handle) {
  Range range = {node_after(m->tree, from), node_after(m->tree, to)};
  if (!node_ok(from) || !node_ok(handle) || range.after < range.first) return true;
  Reading r = reading_of(m, range, handle, true);
  return path_disturbed(&r);
}
