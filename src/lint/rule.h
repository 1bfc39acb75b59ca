/* rule.h: all that a rule sees.
 *
 * A rule is one file: prose, card, hook, helpers, fix. Its one external symbol is the
 * card, named as the file:
 *
 *     RULE(cached_method) = {
 *       .code = "PML501", .name = "cached-method",
 *       .summary = "a cache on a method keeps every instance alive",
 *       .templates = {"`{0}` keeps every `{1}` that it was called with alive"},
 *       .warn_on = {EVIDENCE_CONSTRUCT},
 *       .kinds = {PY_DECORATOR}, .on_node = on_decorator,
 *     };
 *
 * Per-file hooks see one file's Model (`cx->m`, `cx->t`). Project hooks see the Index
 * (`cx->index`) and report places; the fix of a project finding is built in `on_fix`,
 * when the anchor's file is open again. No state between calls but `cx`.
 */
#ifndef LINT_RULE_H
#define LINT_RULE_H

#include "index/index.h"
#include "index/local_growth.h"
#include "lint/edit.h"
#include "lint/finding.h"
#include "lint/settings.h"
#include "lint/single_pass.h"
#include "semantic/accumulate.h"
#include "semantic/ahead.h"
#include "semantic/callback.h"
#include "semantic/classes.h"
#include "semantic/closure.h"
#include "semantic/contents.h"
#include "semantic/context.h"
#include "semantic/copy.h"
#include "semantic/effect.h"
#include "semantic/escape.h"
#include "semantic/flow.h"
#include "semantic/groups.h"
#include "semantic/grown.h"
#include "semantic/guard.h"
#include "semantic/handled.h"
#include "semantic/heavy_key.h"
#include "semantic/heavy.h"
#include "semantic/keeper.h"
#include "semantic/listing.h"
#include "semantic/names.h"
#include "semantic/numbers.h"
#include "semantic/own.h"
#include "semantic/parse.h"
#include "semantic/rebuild.h"
#include "semantic/renewed.h"
#include "semantic/records.h"
#include "semantic/rounds.h"
#include "semantic/register.h"
#include "semantic/scope.h"
#include "semantic/slice.h"
#include "semantic/sole.h"
#include "semantic/stack.h"
#include "semantic/value.h"
#include "semantic/varies.h"
#include "semantic/view.h"
#include "semantic/weak.h"

typedef struct RuleContext RuleContext;

typedef void RuleNodeFn(RuleContext *cx, NodeId node);
typedef void RuleBindingFn(RuleContext *cx, BindingId binding);
typedef void RuleScopeFn(RuleContext *cx, ScopeId scope);
typedef void RuleFileFn(RuleContext *cx);
typedef void RuleClassFn(RuleContext *cx, ClassId id);
typedef void RuleContainerFn(RuleContext *cx, ContainerId id);
typedef void RuleRegistrationFn(RuleContext *cx, RegistrationId id);
typedef void RuleListingFn(RuleContext *cx, ListingId id);
typedef void RuleMakingFn(RuleContext *cx, MakingId id);
typedef void RuleKnotFn(RuleContext *cx, KnotId id);
typedef void RuleIntermediateFn(RuleContext *cx, IntermediateId id);
typedef Fix RuleFixFn(RuleContext *cx, NodeId anchor, const Finding *finding);

typedef enum OptionType {
  OPTION_NONE,
  OPTION_INT,
  OPTION_BOOL,
  OPTION_STRINGS
} OptionType;

typedef struct RuleOption {
  const char *name;  // kebab-case, unique in the rule
  OptionType type;
  int64_t number;    // default of ints and bools
  const char *text;  // default of strings, separated by commas
  const char *doc;
} RuleOption;

enum {
  MAX_TEMPLATES = 6,
  MAX_SETS = 4,
  MAX_KINDS = 12,
  MAX_YIELDS = 40,
  MAX_OPTIONS = 6
};

struct Rule {
  const char *code;     // "PML501"
  const char *name;     // kebab-case, reads after "allow"
  const char *summary;  // lower case, no full stop
  // Messages with numbered arguments {0} to {5}: lower case, no full stop. "What is held:
  // how much; why it can change".
  const char *templates[MAX_TEMPLATES];
  // Alternative sets of evidence; any complete one makes a warning. None: a note.
  Evidence warn_on[MAX_SETS];
  FixSafety fix;         // the best that it may offer
  uint8_t since, until;  // minor versions for which the advice holds; 0 = open
  const char *yields_to[MAX_YIELDS];  // codes that win on the same anchor
  RuleOption options[MAX_OPTIONS];
  PyKind kinds[MAX_KINDS];  // for on_node
  RuleNodeFn *on_node;
  RuleBindingFn *on_binding;
  RuleScopeFn *on_scope;
  RuleFileFn *on_file;
  RuleClassFn *on_class;
  RuleContainerFn *on_container;
  RuleRegistrationFn *on_registration;
  RuleListingFn *on_listing;
  RuleMakingFn *on_making;
  RuleKnotFn *on_knot;
  RuleIntermediateFn *on_intermediate;
  RuleFixFn *on_fix;
  RuleFileFn *on_explain;  // for `explain` alone: what the Facts leave out, and why
  bool opt_in;             // not in the default selection
  bool on_stubs;           // runs on .pyi files as well
};

#define RULE(id) \
  extern const Rule id; \
  const Rule id

// --- what a hook may use -------------------------------------------------------------

struct RuleContext {
  Model *m;  // the open file; NULL in project hooks
  const Tree *t;
  const Index *index;  // project hooks only
  const Facts *facts;  // of the open file
  const Settings *settings;
  Arena *arena;  // lives as long as the finding
  const Rule *rule;
  uint32_t rule_index;
  struct LintSink *sink;
};

typedef struct DraftLabel {
  NodeId node;  // per-file: the node, or
  Span span;    // its span, when no node is exactly it
  Place place;  // project hooks
  Str text;
} DraftLabel;

typedef struct Draft {
  NodeId anchor;  // per-file hooks
  Span span;      // instead of the anchor's whole span: where the caret should lie
  Place place;    // project hooks
  uint32_t template_index;
  Str args[MAX_ARGS];
  DraftLabel labels[MAX_LABELS];
  Evidence evidence;  // EVIDENCE_CONSTRUCT is added
  Cost cost;
  Str closed;  // per-file hooks: names of the module, and attributes behind a dot, that no
               // other module may use: "_read,._rows"
  bool note_at_most;
  Fix fix;
} Draft;

void cx_report(RuleContext *cx, Draft draft);

// The guard behind a candidate test: false ends the hook. `explain` shows the reason.
//     if (!cx_require(cx, node, is_pure, "the element may have side effects")) return;
bool cx_require(RuleContext *cx, NodeId node, bool condition, const char *reason);
bool cx_require_place(RuleContext *cx, Place place, bool condition, const char *reason);
// The same with the place that says so: "rejected, other code adds to it (line 12)".
bool cx_require_seen(RuleContext *cx, NodeId node, bool condition, const char *reason,
                     NodeId seen);
// A local name keeps it, and is used once. Told of what a name keeps at all.
bool cx_require_single_use(RuleContext *cx, NodeId value, SingleUse *kept);
// What is used is all of a file, read here: see contents.h. `otherwise` is for what is not
// read here at all; NULL: that is no candidate.
bool cx_require_contents(RuleContext *cx, NodeId use, NodeId data, Contents *out,
                         const char *otherwise);
// For `explain`: rejects `use`, which is given an expression that, itself or by a name in
// it, calls this method; "" stands for what encodes, CODEC_DUMPS.
void cx_explain_call(RuleContext *cx, NodeId use, NodeId expression, const char *method,
                     const char *reason);
// For `explain`: where a value is used in such a node, as it is written or by the name that
// gets it; NO_NODE.
NodeId cx_use_within(RuleContext *cx, NodeId value, PyKind kind);
// For `explain`: the calls, assignments and decorators that register something in this
// way, and of which the Facts have no row.
void cx_explain_unregistered(RuleContext *cx, RegisterKind form, const char *reason);
// For what is looked for on behalf of `explain` alone.
bool cx_explains(const RuleContext *cx);
bool cx_require_place_seen(RuleContext *cx, Place place, bool condition,
                           const char *reason, Place seen);
// … with the number of the module that says so, where no more is known.
bool cx_require_place_in(RuleContext *cx, Place place, bool condition,
                         const char *reason, uint32_t module);

int64_t cx_option_int(const RuleContext *cx, const char *name);
bool cx_option_bool(const RuleContext *cx, const char *name);
bool cx_option_has(const RuleContext *cx, const char *name, Str item);

// The target includes a version for which the advice holds / every version runs the fix.
bool cx_targets_any(const RuleContext *cx, uint8_t since, uint8_t until);
bool cx_fix_runs(const RuleContext *cx, uint8_t since);

// "96 B -> 56 B on 3.13 (152 B -> 56 B on 3.9)": bytes per instance on the newest and, where
// they differ, on the oldest target from `since` on. `saved` is for the newest.
Str cx_layout_change(RuleContext *cx, Layout now, Layout then, uint8_t since,
                     uint32_t *saved);

// Of a container of the project: "PAGES", "self.pages", "page.known", "page(known=…)";
// and for how long it lives: "the process runs", "the `Pages` lives".
Str cx_container(RuleContext *cx, const IndexContainer *c);
Str cx_lifetime(RuleContext *cx, const IndexContainer *c);
// All that is done to it is known: the guards that are the same for every rule.
bool cx_require_followed(RuleContext *cx, const IndexContainer *c,
                         const ContainerLife *life);
// It has no bound, and is neither weak nor of a test; it grows; it lives long; entries stay
// on some path; no other code gets it.
bool cx_require_unbounded(RuleContext *cx, const IndexContainer *c);
bool cx_require_growth(RuleContext *cx, const IndexContainer *c,
                       const ContainerLife *life);
bool cx_require_long(RuleContext *cx, const IndexContainer *c,
                     const ContainerLife *life);
bool cx_require_no_removal(RuleContext *cx, const IndexContainer *c,
                           const ContainerLife *life);
bool cx_require_no_escape(RuleContext *cx, const IndexContainer *c,
                          const ContainerLife *life);
// Its instances are kept in number; it is no test, stub or broken, and has no slots.
bool cx_require_in_number(RuleContext *cx, const IndexClass *c);
bool cx_require_slotless(RuleContext *cx, const IndexClass *c);
// None of these HAZARD_* is in the way of slots.
bool cx_require_no_hazards(RuleContext *cx, const IndexClass *c, uint32_t hazards);
// Nothing ends the registration.
bool cx_require_lasting(RuleContext *cx, const IndexRegistration *r,
                        const char *reason);

// The text of a node, shortened to one line for messages: `[f(x) for x in …]`.
Str cx_excerpt(RuleContext *cx, NodeId node);
Str cx_format(RuleContext *cx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
