/* Values: what an expression evaluates to, as far as the file shows.
 *
 *     Value v = value_of(m, expression);
 *     if (value_is_file(v) && !(v.flags & HANDLE_PIPE)) …
 *     if (size_is_unbounded(v)) report("… from %s", size_why_text(size_why(v)));
 *
 * A Value is a record whose fields are known or unknown one by one; several possible
 * values join field by field, and what differs becomes unknown (0). Followed are:
 * literals, displays, comprehensions, conditional and boolean expressions, arithmetic
 * on sequences, calls (knowledge tables, local functions' returns, local classes),
 * methods and attributes by the receiver's kind, assignments by the definitions that
 * reach the use, `with … as`, loop variables, unpacking, walrus, annotations (strings,
 * Optional, PEP 604), `self` attributes that every assignment in the class agrees on,
 * `await`, and what fills a container after its display (`xs = []`, then `append` in a
 * loop over a source without bound).
 *
 * Sizes count elements (characters or bytes for str and bytes, lines for files) as an
 * interval. Evidence is what rules need: SIZE_SMALL is a proof, SIZE_UNBOUNDED has a
 * source that can be named. What is never evidence is flagged VALUE_RECORD: one line,
 * row or record of a sized source, and what is split from it.
 *
 * A parameter counts as a source (WHY_PARAMETER) whatever its type, except self and
 * cls, *args and **kwargs, parameters annotated or defaulted as a scalar or as a fixed
 * tuple, and those for which every call in the file passes something small; of methods
 * only private ones are asked, whose calls stand in the file. It is evidence only for
 * what iterates or copies the parameter itself: ask for the value of the iterated
 * expression.
 *
 * Answers are kept per node. Work per question is bounded (VALUE_DEPTH, VALUE_STEPS);
 * beyond it the answer is unknown.
 */
#ifndef SEMANTIC_VALUE_H
#define SEMANTIC_VALUE_H

#include "semantic/flow.h"
#include "semantic/names.h"

enum { VALUE_DEPTH = 40, VALUE_STEPS = 400 };
enum { SMALL_SIZE = 100, LARGE_RANGE = 10000 };  // elements
#define SIZE_NO_BOUND UINT64_MAX

typedef enum SizeEvidence {
  SIZE_UNKNOWN,
  SIZE_SMALL,      // fewer than SMALL_SIZE elements, proved
  SIZE_UNBOUNDED,  // a source without bound is behind it: see `why`
} SizeEvidence;

enum {                   // Value.flags
  HANDLE_TEXT = 1 << 0,  // neither TEXT nor BINARY: the mode is unknown
  HANDLE_BINARY = 1 << 1,
  HANDLE_PIPE = 1 << 2,  // a pipe, process or socket: cannot seek
  HANDLE_NETWORK = 1 << 3,
  HANDLE_STDIN = 1 << 4,
  HANDLE_MEMORY = 1 << 5,  // StringIO, BytesIO
  HANDLE_COMPRESSED = 1 << 6,
  HANDLE_ASYNC = 1 << 7,
  HANDLE_SEEKABLE = 1 << 8,
  HANDLE_OPENED_HERE = 1 << 9,  // an opening call in this very function made it
  HANDLE_IN_WITH = 1 << 10,     // … and it is a with-item
  HANDLE_WRITES = 1 << 11,      // the mode writes, appends or updates (w, a, x, +)
  HANDLE_READS = 1 << 12,
  VALUE_RECORD = 1 << 13,      // one line, row or record of a sized source: not size
  VALUE_FRESH = 1 << 14,       // made by `origin`; no other reference at that point
  VALUE_WHOLE_READ = 1 << 15,  // the whole contents of a file or response: `handle`
  VALUE_MAYBE_NONE = 1 << 16,  // Optional, or one of the joined values is None
  VALUE_STARTED = 1 << 17,     // running work (table `starts`), or a container of such
  VALUE_FROM_PARAMETER = 1 << 18,  // a parameter of the function that asks
  VALUE_DATABASE = 1 << 19,
  VALUE_ENDLESS = 1 << 20,  // itertools.count, cycle, repeat
  VALUE_FILLS = 1 << 21,    // reading a missing key adds it: defaultdict
  VALUE_PARTS = 1 << 22,    // a tuple, whose first part is all that a process wrote
};

typedef struct Value {
  ValueKind kind;
  ValueKind element;  // of what iterating gives; shallow
  ValueKind item;     // of what a mapping gives for a key, where its annotation says so
  uint32_t flags;
  SizeEvidence size;
  SizeWhy why;         // of a record: of what it is one
  uint64_t low, high;  // elements; high is SIZE_NO_BOUND when nothing bounds it
  Str class_name;      // qualified: of an instance, or the class itself
  Str element_class;   // likewise of the elements
  NodeId definition;   // the def or class behind a function, class or instance
  NodeId origin;       // the expression (or parameter) that made it
  NodeId handle;       // of a whole read and of lines: the expression of the handle
  NodeId path;         // of a handle: the expression of what was opened
  NodeId mode;         // of a handle: the mode argument, if one is written
  NodeId source;       // of the size: the expression whose size it is
} Value;

// Never fails; VALUE_UNKNOWN, SIZE_UNKNOWN, 0 .. SIZE_NO_BOUND when nothing is known.
Value value_of(Model *m, NodeId expression);
// What one definition binds: the loop variable's value for DEF_FOR, and so on.
Value value_of_def(Model *m, DefId def);
// What iterating a value gives, as far as `element` tells; a line of a file is
// VALUE_RECORD.
Value value_element(Value v);
// What a function gives: the join of its returns; a generator or coroutine for those.
Value value_of_result(Model *m, NodeId function_definition);
// An annotation's meaning. The string form is read as well.
Value value_of_annotation(Model *m, NodeId annotation);
// Field by field; unequal fields are unknown.
Value value_join(Value a, Value b);

// What the methods of a class give `self.name`, the last one first: the expressions, NO_NODE
// where it is set in a way that is not followed. Gives how many; fills up to `room`.
uint32_t attribute_stores(Model *m, NodeId class_definition, Str name, NodeId *values,
                          uint32_t room);

static inline bool value_is_known(Value v) { return v.kind != VALUE_UNKNOWN; }
bool value_is_file(Value v);       // something that gives lines or bytes when read
bool value_is_iterator(Value v);   // can be iterated once only (files included)
bool value_is_container(Value v);  // holds its elements: list, dict, set, deque
bool value_is_sized(Value v);      // len() works: containers, views, range, str, bytes
bool value_is_text(Value v);       // str, bytes and their kind
bool value_is_scalar(Value v);     // None, bool, int, float
// Whoever holds it holds something large: no mere handle or iterator of it, and no text
// that is as long as a parameter says.
bool value_holds_size(Value v);
bool value_is_mutable(Value v);  // list, dict, set, deque, bytearray, array

static inline bool size_is_small(Value v) { return v.size == SIZE_SMALL; }
// Size evidence in the sense of the design: unbounded, and not a mere record of it.
static inline bool size_is_unbounded(Value v) {
  return v.size == SIZE_UNBOUNDED && (v.flags & VALUE_RECORD) == 0;
}
static inline SizeWhy size_why(Value v) {
  return size_is_unbounded(v) ? v.why : WHY_NONE;
}

// Do two handles certainly lead to the same (YES) or to different files (NO)?
Answer value_same_path(Model *m, Value a, Value b);

// `dump values`: each call and name with a known value, one a line:
// `line:col text kind size origin`.
void value_dump(Model *m, Buf *out);

#endif
