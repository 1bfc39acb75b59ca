/* Knowledge: what libraries do, as sorted tables.
 *
 * One subject, one table in semantic/knowledge/<subject>.def: a list of ROW(…) whose
 * first column is the name. A name is one of
 *
 *     "functools.lru_cache"   a qualified name, as name_of() gives it
 *     ".file.read"            a method or attribute of values of a kind
 *     ".submit"               a method of whatever receiver
 *
 * The columns of a subject are declared once, below, by its X-macro; the struct, and
 * later the keys of settings files and their schema, are made from it. Rules and the
 * model never name a library in an `if`.
 *
 *     const OpenFact *open = knowledge_opens(k, STR("gzip.open"));   // NULL: not there
 *
 * A Knowledge is immutable and shared by the workers that lint under one settings file;
 * user rows (later, from settings) win over ours. Look-up is a binary search, or by hash
 * in the copy that knowledge_indexed_in() makes once for a run.
 */
#ifndef SEMANTIC_KNOWLEDGE_H
#define SEMANTIC_KNOWLEDGE_H

#include "base/map.h"
#include "semantic/vocabulary.h"

// --- columns -------------------------------------------------------------------------
// C(TYPE, field): STR text, INT whole number, KIND ValueKind, FLAGS bit set, or the
// name of an enum above. Every subject's first column is its name.

// clang-format off
// A canonical name for what is importable under several; a name that ends in "." stands
// for all that begin so.
#define ALIASES_COLUMNS(C) C(NAME, name) C(STR, canonical)
#define OPENS_COLUMNS(C)                                                             \
  C(NAME, name) C(OpenMode, mode) C(INT, mode_position) C(STR, mode_keyword)         \
  C(STR, mode_default) C(INT, path_position) C(STR, path_keyword) C(SizeWhy, why)    \
  C(FLAGS, flags)

// Functions and classes called, methods called, attributes read: what comes out.
// `source`: the argument that it is made from. `limit`, `limit_keyword`: the argument
// that bounds the number of elements, -1 and "" if there is none.
#define RESULT_COLUMNS(C)                                                            \
  C(NAME, name) C(KIND, kind) C(KIND, element) C(ResultSize, size) C(INT, source)    \
  C(SizeWhy, why) C(FLAGS, flags) C(INT, limit) C(STR, limit_keyword)

// Classes as annotations: `element_argument` is the subscript that tells the element.
#define TYPES_COLUMNS(C)                                                             \
  C(NAME, name) C(KIND, kind) C(INT, element_argument) C(BOOL, is_scalar)            \
  C(SizeWhy, why) C(FLAGS, flags)

// `floor`: the first Python (minor version) for which the kind holds, 0 for all.
#define SINKS_COLUMNS(C)                                                             \
  C(NAME, name) C(SinkKind, kind) C(INT, position) C(STR, keyword) C(INT, floor)     \
  C(FLAGS, flags)

#define STARTS_COLUMNS(C) C(NAME, name) C(StartKind, kind)
#define ACTS_COLUMNS(C) C(NAME, name)
// `may_raise`: on arguments of the usual types (int("x") may, len([]) may not).
#define PURE_COLUMNS(C) C(NAME, name) C(BOOL, may_raise)
#define HANDLERS_COLUMNS(C) C(NAME, name) C(HandlerForm, form) C(HandlerKind, kind)
// `maxsize_default`: entries, -1 = unbounded. A position of -1: has no such argument.
#define CACHES_COLUMNS(C)                                                            \
  C(NAME, name) C(INT, maxsize_default) C(INT, maxsize_position)                     \
  C(STR, maxsize_keyword) C(FLAGS, flags)
#define BASES_COLUMNS(C) C(NAME, name) C(SlotsVerdict, slots) C(FLAGS, flags)
#define SMALL_COLUMNS(C) C(NAME, name) C(SmallForm, form)
#define MUTATORS_COLUMNS(C) C(NAME, name) C(FLAGS, effect)
#define EXCEPTIONS_COLUMNS(C) C(NAME, name) C(STR, base)
#define WORKERS_COLUMNS(C) C(NAME, name) C(WorkerForm, form)
#define CODECS_COLUMNS(C)                                                            \
  C(NAME, name) C(CodecForm, form) C(STR, stream) C(STR, suffix) C(OpenMode, mode)
#define WRITES_COLUMNS(C) C(NAME, name)
// `position`: of the text, or FROM_RECEIVER.
#define PARSERS_COLUMNS(C)                                                           \
  C(NAME, name) C(INT, position) C(STR, keyword) C(FLAGS, flags)
#define OUTCOMES_COLUMNS(C) C(NAME, name) C(CallOutcome, outcome)
// `position`, `keyword`: of the argument that bounds it, -1 and "" if there is none.
#define QUEUES_COLUMNS(C) C(NAME, name) C(INT, position) C(STR, keyword)
// `kind`: of the copy, UNKNOWN where it is the source's.
#define COPIES_COLUMNS(C) C(NAME, name) C(KIND, kind) C(FLAGS, flags)
// `position`: of the argument that may be any buffer.
#define BUFFERS_COLUMNS(C) C(NAME, name) C(INT, position)
// `position`: -1, the first argument that is one.
#define CALLBACKS_COLUMNS(C)                                                           \
  C(NAME, name) C(CallbackForm, form) C(INT, position) C(STR, keyword) C(FLAGS, flags)
#define RELEASES_COLUMNS(C) C(NAME, name) C(FLAGS, flags)
// `first`, `count`: the arguments that are held; a count of -1 is all behind the first.
#define HOLDS_COLUMNS(C) C(NAME, name) C(INT, first) C(INT, count) C(FLAGS, flags)
// `position`, `keyword`: of what is looked into. For what lies in a file: of the argument
// that makes it so, "" where it always does.
#define VIEWS_COLUMNS(C) C(NAME, name) C(INT, position) C(STR, keyword) C(FLAGS, flags)
// `weak_position`: of the argument that makes it strong when false.
#define WEAK_COLUMNS(C)                                                              \
  C(NAME, name) C(INT, position) C(STR, keyword) C(INT, weak_position) C(FLAGS, flags)
// `bytes`: of one, at least. `least`: arguments, without which it makes none.
#define MAKERS_COLUMNS(C) C(NAME, name) C(MakerForm, form) C(INT, bytes) C(INT, least)
// `position` and `keyword`: of what is registered. `group`: what undoes it is in the same.
#define REGISTERS_COLUMNS(C)                                                         \
  C(NAME, name) C(RegisterKind, kind) C(INT, position) C(STR, keyword) C(STR, group) \
  C(FLAGS, flags)
#define SHARES_COLUMNS(C) C(NAME, name)
#define HEAVY_KEYS_COLUMNS(C) C(NAME, name) C(HeavyKeyWhy, why)
// `source`: the argument that is read whole. `why`: what is behind it; NONE = the result
// is heavy where the argument is, RANGE = the argument is its shape, or all positional
// ones with FROM_NOTHING. `lazy`: keywords,
// parted by commas, with which it reads no more than is asked for.
#define HEAVY_COLUMNS(C)                                                             \
  C(NAME, name) C(HeavyKind, kind) C(INT, source) C(SizeWhy, why) C(STR, lazy)
#define APART_COLUMNS(C) C(NAME, name) C(ApartForm, form)
// clang-format on

#define COLUMN_TYPE_NAME Str
#define COLUMN_TYPE_STR const char *
#define COLUMN_TYPE_INT int16_t
#define COLUMN_TYPE_BOOL bool
#define COLUMN_TYPE_KIND ValueKind
#define COLUMN_TYPE_FLAGS uint32_t
#define COLUMN_TYPE_OpenMode OpenMode
#define COLUMN_TYPE_SizeWhy SizeWhy
#define COLUMN_TYPE_ResultSize ResultSize
#define COLUMN_TYPE_SinkKind SinkKind
#define COLUMN_TYPE_StartKind StartKind
#define COLUMN_TYPE_HandlerForm HandlerForm
#define COLUMN_TYPE_HandlerKind HandlerKind
#define COLUMN_TYPE_SlotsVerdict SlotsVerdict
#define COLUMN_TYPE_SmallForm SmallForm
#define COLUMN_TYPE_CallbackForm CallbackForm
#define COLUMN_TYPE_CallOutcome CallOutcome
#define COLUMN_TYPE_WorkerForm WorkerForm
#define COLUMN_TYPE_MakerForm MakerForm
#define COLUMN_TYPE_HeavyKind HeavyKind
#define COLUMN_TYPE_ApartForm ApartForm
#define COLUMN_TYPE_CodecForm CodecForm
#define COLUMN_TYPE_RegisterKind RegisterKind
#define COLUMN_TYPE_HeavyKeyWhy HeavyKeyWhy
#define COLUMN_FIELD(type, field) COLUMN_TYPE_##type field;

// clang-format off
typedef struct AliasFact { ALIASES_COLUMNS(COLUMN_FIELD) } AliasFact;
typedef struct OpenFact { OPENS_COLUMNS(COLUMN_FIELD) } OpenFact;
typedef struct ResultFact { RESULT_COLUMNS(COLUMN_FIELD) } ResultFact;
typedef struct TypeFact { TYPES_COLUMNS(COLUMN_FIELD) } TypeFact;
typedef struct SinkFact { SINKS_COLUMNS(COLUMN_FIELD) } SinkFact;
typedef struct StartFact { STARTS_COLUMNS(COLUMN_FIELD) } StartFact;
typedef struct ActFact { ACTS_COLUMNS(COLUMN_FIELD) } ActFact;
typedef struct PureFact { PURE_COLUMNS(COLUMN_FIELD) } PureFact;
typedef struct HandlerFact { HANDLERS_COLUMNS(COLUMN_FIELD) } HandlerFact;
typedef struct CacheFact { CACHES_COLUMNS(COLUMN_FIELD) } CacheFact;
typedef struct BaseFact { BASES_COLUMNS(COLUMN_FIELD) } BaseFact;
typedef struct SmallFact { SMALL_COLUMNS(COLUMN_FIELD) } SmallFact;
typedef struct MutatorFact { MUTATORS_COLUMNS(COLUMN_FIELD) } MutatorFact;
typedef struct ExceptionFact { EXCEPTIONS_COLUMNS(COLUMN_FIELD) } ExceptionFact;
typedef struct WorkerFact { WORKERS_COLUMNS(COLUMN_FIELD) } WorkerFact;
typedef struct CodecFact { CODECS_COLUMNS(COLUMN_FIELD) } CodecFact;
typedef struct WriteFact { WRITES_COLUMNS(COLUMN_FIELD) } WriteFact;
typedef struct ParserFact { PARSERS_COLUMNS(COLUMN_FIELD) } ParserFact;
typedef struct OutcomeFact { OUTCOMES_COLUMNS(COLUMN_FIELD) } OutcomeFact;
typedef struct QueueFact { QUEUES_COLUMNS(COLUMN_FIELD) } QueueFact;
typedef struct CopyFact { COPIES_COLUMNS(COLUMN_FIELD) } CopyFact;
typedef struct BufferFact { BUFFERS_COLUMNS(COLUMN_FIELD) } BufferFact;
typedef struct ReleaseFact { RELEASES_COLUMNS(COLUMN_FIELD) } ReleaseFact;
typedef struct CallbackFact { CALLBACKS_COLUMNS(COLUMN_FIELD) } CallbackFact;
typedef struct HoldFact { HOLDS_COLUMNS(COLUMN_FIELD) } HoldFact;
typedef struct ViewFact { VIEWS_COLUMNS(COLUMN_FIELD) } ViewFact;
typedef struct WeakFact { WEAK_COLUMNS(COLUMN_FIELD) } WeakFact;
typedef struct MakerFact { MAKERS_COLUMNS(COLUMN_FIELD) } MakerFact;
typedef struct RegisterFact { REGISTERS_COLUMNS(COLUMN_FIELD) } RegisterFact;
typedef struct ShareFact { SHARES_COLUMNS(COLUMN_FIELD) } ShareFact;
typedef struct HeavyKeyFact { HEAVY_KEYS_COLUMNS(COLUMN_FIELD) } HeavyKeyFact;
typedef struct HeavyFact { HEAVY_COLUMNS(COLUMN_FIELD) } HeavyFact;
typedef struct ApartFact { APART_COLUMNS(COLUMN_FIELD) } ApartFact;
// clang-format on

// --- tables --------------------------------------------------------------------------

// S(SUBJECT, subject, Row): the file is knowledge/<subject>.def.
// clang-format off
#define KNOWLEDGE_SUBJECTS(S)                                                        \
  S(ALIASES, aliases, AliasFact)      /* one thing, several names */ \
  S(OPENS, opens, OpenFact)           /* what opens a handle */ \
  S(RETURNS, returns, ResultFact)     /* what calls give */ \
  S(METHODS, methods, ResultFact)     /* what methods give, by receiver's kind */ \
  S(ATTRIBUTES, attributes, ResultFact) /* sys.stdin, .process.stdout */ \
  S(SINKS, sinks, SinkFact)           /* what consumes an iterable, and how */ \
  S(STARTS, starts, StartFact)        /* calls whose result is running work */ \
  S(ACTS, acts, ActFact)              /* calls made for what they do */ \
  S(PURE, pure, PureFact)             /* calls without visible effects */ \
  S(HANDLERS, handlers, HandlerFact)  /* what makes a function a handler */ \
  S(CACHES, caches, CacheFact)        /* cache decorators */ \
  S(SMALL, small, SmallFact)          /* never large */ \
  S(MUTATORS, mutators, MutatorFact)  /* methods that change their receiver */ \
  S(WORKERS, workers, WorkerFact)     /* sources of loops that never end */ \
  S(CODECS, codecs, CodecFact)        /* whole contents to objects, and back */ \
  S(WRITES, writes, WriteFact)        /* calls that hand one thing on */ \
  S(OUTCOMES, outcomes, OutcomeFact)  /* calls that never return, or give anew */ \
  S(COPIES, copies, CopyFact)         /* what makes a second container of one */ \
  S(BUFFERS, buffers, BufferFact)     /* what reads any buffer and lets go of it */ \
  S(HEAVY, heavy, HeavyFact)          /* calls whose result holds a whole source */ \
  S(APART, apart, ApartFact)          /* results that share nothing with the source */ \
  S(VIEWS, views, ViewFact)           /* what looks into its argument, and holds it */ \
  S(WEAK, weak, WeakFact)             /* who holds what it gets weakly */ \
  S(MAKERS, makers, MakerFact)        /* what makes classes, and their bytes */ \
  S(HOLDS, holds, HoldFact)           /* what holds its arguments */ \
  S(CALLBACKS, callbacks, CallbackFact) /* who keeps callbacks */ \
  S(REGISTERS, registers, RegisterFact) /* who keeps callbacks, and what undoes it */ \
  S(SHARES, shares, ShareFact)        /* calls that give everybody the same object */ \
  S(PARSERS, parsers, ParserFact)     /* texts to objects, nothing of them kept */ \
  S(RELEASES, releases, ReleaseFact)  /* methods that end what an object holds */ \
  S(HEAVY_KEYS, heavy_keys, HeavyKeyFact) /* hashable, and holds a lot */ \
  S(BASES, bases, BaseFact)           /* known base classes */ \
  S(EXCEPTIONS, exceptions, ExceptionFact) /* what is a subclass of what */ \
  S(TYPES, types, TypeFact)           /* classes in annotations */ \
  S(QUEUES, queues, QueueFact)        /* queues, and what bounds them */
// clang-format on

typedef enum Subject {
#define SUBJECT_ENUM(id, subject, Row) SUBJECT_##id,
  KNOWLEDGE_SUBJECTS(SUBJECT_ENUM)
#undef SUBJECT_ENUM
      SUBJECT_COUNT,
} Subject;

// Rows of one subject, ordered by name in byte order, no name twice.
typedef struct KnowledgeTable {
  const void *rows;
  uint32_t count;
  uint32_t row_size;
} KnowledgeTable;

typedef struct Knowledge {
  KnowledgeTable tables[SUBJECT_COUNT];
  bool is_indexed;
  Map rows;     // hash of subject and name -> row + 1
  Map names;    // hash of a name -> subjects with a row for it
  Map members;  // likewise of a method's or attribute's name
} Knowledge;

const Knowledge *knowledge_builtin(void);
// The same rows with an index, which lies in the arena: for those who ask much.
const Knowledge *knowledge_indexed_in(Arena *arena, const Knowledge *rows);
const char *subject_name(Subject subject);  // "opens"

// knowledge_opens(k, name), knowledge_returns(k, name), …: the row, or NULL.
#define KNOWLEDGE_LOOKUP(id, subject, Row) \
  const Row *knowledge_##subject(const Knowledge *k, Str name);
KNOWLEDGE_SUBJECTS(KNOWLEDGE_LOOKUP)
#undef KNOWLEDGE_LOOKUP

// As above for a subject that is known at run time only.
const void *knowledge_row(const Knowledge *k, Subject subject, Str name);
// The row ".kind.member", else ".member", of one subject; NULL when there is neither.
const void *knowledge_member(const Knowledge *k, Subject subject, ValueKind kind,
                             Str member);
// False where knowledge_member() finds nothing whatever the kind is: for asking first,
// before a receiver's value is worked out.
bool knowledge_has_member(const Knowledge *k, Subject subject, Str member);
// Bits (1 << Subject) of the tables that may have a row for a qualified name, or for a
// member of that name: for those who ask several.
uint32_t knowledge_subjects(const Knowledge *k, Str name, Str member);
// The name under which the tables know it: "io.open" gives "builtins.open". The result
// is `name` itself or is made in the arena.
Str knowledge_canonical(const Knowledge *k, Arena *arena, Str name);
// A path literal that is known to be small: under /proc, a README.
bool knowledge_path_is_small(const Knowledge *k, Str path);

#endif
