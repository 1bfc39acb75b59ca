/* Finding: one thing that a rule has to say, as data.
 *
 * Spans are byte offsets into the text of the finding's file. Strings live in the arena of
 * whoever holds the findings (the worker's result arena), never in the file's own.
 */
#ifndef LINT_FINDING_H
#define LINT_FINDING_H

#include "base/str.h"
#include "syntax/tree.h"

typedef struct Rule Rule;

typedef enum Level { LEVEL_NOTE = 1, LEVEL_WARNING, LEVEL_ERROR } Level;

// What proves that a finding matters (design §6). A card lists the sets that make a
// warning; otherwise the finding is a note.
typedef uint32_t Evidence;
enum {
  EVIDENCE_SIZE =
      1 << 0,             // the source is unbounded: file, network, database, parameter
  EVIDENCE_HOT = 1 << 1,  // runs in a loop, comprehension, handler, worker
  EVIDENCE_LONG = 1 << 2,   // held by a module, class, singleton or never-ending task
  EVIDENCE_KEPT = 1 << 3,   // kept in number
  EVIDENCE_GROWN = 1 << 4,  // from a handler, a worker, a class with many instances
  EVIDENCE_CONSTRUCT = 1 << 5,  // the construct suffices; every finding has it
};
enum { EVIDENCE_KINDS = 5 };
const char *evidence_name(Evidence one);  // "size", "hot", ...

typedef enum FixSafety { FIX_NONE, FIX_UNSAFE, FIX_SAFE } FixSafety;

typedef struct Edit {
  uint32_t start, stop;  // replaced span; equal = insertion
  Str text;
} Edit;

typedef struct ImportIntent {
  Str module;  // "itertools"
  Str name;    // "islice", or empty for `import itertools`
} ImportIntent;

typedef struct Fix {
  FixSafety safety;
  Str title;          // imperative, lower case, no full stop: "iterate over the file"
  Str caveat;         // unsafe fixes: what may differ; empty for safe ones
  const Edit *edits;  // sorted, not overlapping
  uint32_t edit_count;
  const ImportIntent *imports;  // src/fix turns them into edits
  uint32_t import_count;
} Fix;

typedef enum CostUnit {
  COST_UNKNOWN,
  COST_PER_ITEM,
  COST_PER_INSTANCE,
  COST_PER_LINE,
  COST_PER_ENTRY,
  COST_PER_CALL,
  COST_TOTAL,
} CostUnit;

typedef struct Cost {
  uint32_t bytes;
  CostUnit unit;
} Cost;
const char *cost_unit_name(CostUnit unit);  // "item", "instance", ...

typedef struct Label {  // a second place that belongs to the story
  Str path;             // project-relative; empty = the finding's own file
  Span span;
  Str text;  // "held here", "read whole here"
} Label;

enum { MAX_LABELS = 4, MAX_ARGS = 6 };

typedef struct Finding {
  const Rule *rule;
  uint32_t rule_index;  // in the rule table
  uint32_t template_index;
  Level level;  // set by settle
  bool capped;  // a note at most
  Evidence evidence;
  Span span;    // the anchor
  Str message;  // the template with its arguments filled in
  Str args[MAX_ARGS];
  uint32_t arg_count;
  Label labels[MAX_LABELS];
  uint32_t label_count;
  Cost cost;
  Fix fix;
  Str scope;   // qualified name of the enclosing definition, for reports
  Str closed;  // names that no other module may use, or there is no finding: "_f,._x"
  uint32_t place;  // project findings: the ordinal of the anchor; 0 = per-file
  bool yielded;    // to a stronger finding on the same anchor
  bool suppressed;
} Finding;

// By start, stop, code, message: the order of every output.
int finding_compare(const void *a, const void *b);
// Deep copies into another arena.
Finding finding_copy_in(Arena *arena, const Finding *finding);

#endif
