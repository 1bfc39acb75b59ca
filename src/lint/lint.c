// The per-file and the project half: one pass over the node table, buckets by kind.

#include "lint/lint.h"

#include <stdlib.h>

#include "base/fault.h"
#include "lint/suppress_internal.h"

typedef struct Dispatch {
  uint16_t first[PY_KIND_COUNT + 1];  // into `rules`, per kind
  uint16_t *rules;
  bool is_wanted[PY_KIND_COUNT];  // by some rule
} Dispatch;

static bool rule_wanted(const RuleTable *rules, const Settings *settings, uint32_t i,
                        bool is_stub) {
  const Rule *rule = rules->entries[i].rule;
  if (!settings_enabled(settings, i) || (is_stub && !rule->on_stubs)) return false;
  return (rule->since == 0 || settings->target.newest >= rule->since) &&
         (rule->until == 0 || settings->target.floor <= rule->until);
}

static void dispatch_build(Dispatch *self, const LintJob *job, Arena *arena,
                           bool stub) {
  uint32_t total = 0;
  uint16_t counts[PY_KIND_COUNT] = {0};
  for (uint32_t i = 0; i < job->rules->count; i++) {
    const Rule *rule = job->rules->entries[i].rule;
    if (rule->on_node == NULL || !rule_wanted(job->rules, job->settings, i, stub))
      continue;
    for (uint32_t k = 0; k < MAX_KINDS && rule->kinds[k] != PY_NONE; k++) {
      counts[rule->kinds[k]] += 1;
      total += 1;
    }
  }
  self->rules = arena_array(arena, uint16_t, total);
  for (uint32_t kind = 0; kind < PY_KIND_COUNT; kind++) {
    self->first[kind + 1] = (uint16_t)(self->first[kind] + counts[kind]);
    self->is_wanted[kind] = counts[kind] != 0;
    counts[kind] = 0;
  }
  for (uint32_t i = 0; i < job->rules->count; i++) {
    const Rule *rule = job->rules->entries[i].rule;
    if (rule->on_node == NULL || !rule_wanted(job->rules, job->settings, i, stub))
      continue;
    for (uint32_t k = 0; k < MAX_KINDS && rule->kinds[k] != PY_NONE; k++) {
      PyKind kind = rule->kinds[k];
      self->rules[self->first[kind] + counts[kind]++] = (uint16_t)i;
    }
  }
}

static void context_for(RuleContext *cx, const LintJob *job, uint32_t rule) {
  cx->rule = job->rules->entries[rule].rule;
  cx->rule_index = rule;
  if (cx->sink->stats != NULL) cx->sink->stats->calls[rule] += 1;
}

static void run_nodes(RuleContext *cx, const LintJob *job) {
  Dispatch dispatch = {0};
  dispatch_build(&dispatch, job, cx->m->arena, cx->t->source->is_stub);
  const Node *nodes = cx->t->nodes;
  for (uint32_t i = 1, count = cx->t->count; i < count; i++) {
    uint16_t kind = nodes[i].kind;
    if (!dispatch.is_wanted[kind] || tree_is_broken(cx->t, (NodeId){i})) continue;
    for (uint16_t at = dispatch.first[kind]; at < dispatch.first[kind + 1]; at++) {
      context_for(cx, job, dispatch.rules[at]);
      cx->rule->on_node(cx, (NodeId){i});
    }
  }
}

static void run_scopes(RuleContext *cx, const LintJob *job, uint32_t rule) {
  for (uint32_t s = 1; s < scope_count(cx->m); s++) {
    if (scope_get(cx->m, (ScopeId){s})->flags & SCOPE_BROKEN) continue;
    context_for(cx, job, rule);
    cx->rule->on_scope(cx, (ScopeId){s});
  }
}

static void run_bindings(RuleContext *cx, const LintJob *job, uint32_t rule) {
  for (uint32_t b = 1; b < binding_count(cx->m); b++) {
    if (binding_get(cx->m, (BindingId){b})->flags & BIND_IN_ERROR) continue;
    context_for(cx, job, rule);
    cx->rule->on_binding(cx, (BindingId){b});
  }
}

static void run_others(RuleContext *cx, const LintJob *job) {
  for (uint32_t i = 0; i < job->rules->count; i++) {
    const Rule *rule = job->rules->entries[i].rule;
    if (!rule_wanted(job->rules, job->settings, i, cx->t->source->is_stub)) continue;
    if (rule->on_file != NULL) {
      context_for(cx, job, i);
      rule->on_file(cx);
    }
    if (rule->on_scope != NULL) run_scopes(cx, job, i);
    if (rule->on_binding != NULL) run_bindings(cx, job, i);
  }
}

#ifdef PYMEMLINT_DEBUG
// The same work without buckets: every rule is asked about every node. Both ways must
// find the same.
static void check_buckets(const LintJob *job, Model *m, const LintSink *found) {
  LintSink sink = {.arena = m->arena};
  RuleContext cx = {.m = m,
                    .t = m->tree,
                    .settings = job->settings,
                    .arena = m->arena,
                    .sink = &sink};
  for (uint32_t i = 1; i < m->tree->count; i++) {
    if (tree_is_broken(m->tree, (NodeId){i})) continue;
    for (uint32_t r = 0; r < job->rules->count; r++) {
      const Rule *rule = job->rules->entries[r].rule;
      if (!rule_wanted(job->rules, job->settings, r, m->tree->source->is_stub))
        continue;
      for (uint32_t k = 0; k < MAX_KINDS && rule->on_node != NULL; k++) {
        if (rule->kinds[k] == PY_NONE || rule->kinds[k] != m->tree->nodes[i].kind)
          continue;
        context_for(&cx, job, r);
        rule->on_node(&cx, (NodeId){i});
      }
    }
  }
  INVARIANT(found->findings.count == sink.findings.count);
  for (uint32_t i = 0; i < found->findings.count; i++) {
    const Finding *a = &found->findings.items[i], *b = &sink.findings.items[i];
    INVARIANT(a->rule == b->rule && a->span.start == b->span.start &&
              a->span.stop == b->span.stop && str_eq(a->message, b->message));
  }
}
#endif

// What project rules never see, because the Facts leave it out.
static void run_explanations(RuleContext *cx, const LintJob *job) {
  for (uint32_t i = 0; i < job->rules->count; i++) {
    const Rule *rule = job->rules->entries[i].rule;
    if (rule->on_explain == NULL ||
        !rule_wanted(job->rules, job->settings, i, cx->t->source->is_stub)) {
      continue;
    }
    context_for(cx, job, i);
    rule->on_explain(cx);
  }
}

void lint_file(const LintJob *job, Model *model, Arena *results, LintStats *stats,
               FileResult *result) {
  *result = (FileResult){.lines = model->tree->source->lines.count};
  result->facts = facts_collect(model, results);
  if (job->collect_only) return;
  LintSink sink = {.arena = results, .stats = stats, .tracing = job->trace};
  RuleContext cx = {.m = model,
                    .t = model->tree,
                    .facts = result->facts,
                    .settings = job->settings,
                    .arena = model->arena,
                    .sink = &sink};
  run_nodes(&cx, job);
#ifdef PYMEMLINT_DEBUG
  check_buckets(job, model, &sink);
#endif
  run_others(&cx, job);
  if (job->trace) run_explanations(&cx, job);
  suppressions_read(job->rules, model->tree, results, &result->suppressions);
  result->findings = sink.findings.items;
  result->finding_count = sink.findings.count;
  result->rejections = sink.rejections;
}

// --- the project half ----------------------------------------------------------------

static void run_project_rule(RuleContext *cx) {
  const Rule *rule = cx->rule;
  uint64_t *calls =
      cx->sink->stats != NULL ? &cx->sink->stats->calls[cx->rule_index] : NULL;
  for (uint32_t i = 1; rule->on_class != NULL && i < cx->index->class_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_class(cx, (ClassId){i});
  }
  for (uint32_t i = 1; rule->on_container != NULL && i < cx->index->container_count;
       i++) {
    if (calls != NULL) *calls += 1;
    rule->on_container(cx, (ContainerId){i});
  }
  for (uint32_t i = 1;
       rule->on_registration != NULL && i < cx->index->registration_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_registration(cx, (RegistrationId){i});
  }
  for (uint32_t i = 1; rule->on_listing != NULL && i < cx->index->listing_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_listing(cx, (ListingId){i});
  }
  for (uint32_t i = 1; rule->on_making != NULL && i < cx->index->making_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_making(cx, (MakingId){i});
  }
  for (uint32_t i = 1; rule->on_knot != NULL && i < cx->index->knot_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_knot(cx, (KnotId){i});
  }
  for (uint32_t i = 1;
       rule->on_intermediate != NULL && i < cx->index->intermediate_count; i++) {
    if (calls != NULL) *calls += 1;
    rule->on_intermediate(cx, (IntermediateId){i});
  }
}

void lint_project(const RuleTable *rules, const Settings *settings, const Index *index,
                  LintSink *sink) {
  RuleContext cx = {
      .index = index, .settings = settings, .arena = sink->arena, .sink = sink};
  for (uint32_t i = 0; i < rules->count; i++) {
    if (!rule_wanted(rules, settings, i, false)) continue;
    cx.rule = rules->entries[i].rule;
    cx.rule_index = i;
    run_project_rule(&cx);
  }
}

void lint_fix_project_finding(const RuleTable *rules, const Settings *settings,
                              Model *model, Arena *results, Finding *finding) {
  const Rule *rule = rules->entries[finding->rule_index].rule;
  if (rule->on_fix == NULL) return;
  NodeId anchor = tree_node_at(model->tree, finding->span.start, finding->span.stop);
  LintSink sink = {.arena = results};
  RuleContext cx = {.m = model,
                    .t = model->tree,
                    .settings = settings,
                    .arena = model->arena,
                    .sink = &sink,
                    .rule = rule,
                    .rule_index = finding->rule_index};
  Finding fixed = *finding;
  fixed.fix = rule->on_fix(&cx, anchor, finding);
  *finding = finding_copy_in(results, &fixed);
}
