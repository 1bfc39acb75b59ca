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

// --- vocabulary ----------------------------------------------------------------------

// What a value is. The text is the prefix of method rows and what dumps print.
// clang-format off
#define VALUE_KINDS(K)                                                               \
  K(UNKNOWN, "unknown") K(NONE, "none") K(BOOL, "bool") K(INT, "int")                \
  K(FLOAT, "float") K(STR, "str") K(BYTES, "bytes") K(BYTEARRAY, "bytearray")        \
  K(MEMORYVIEW, "memoryview") K(LIST, "list") K(TUPLE, "tuple") K(SET, "set")        \
  K(FROZENSET, "frozenset") K(DICT, "dict") K(DEQUE, "deque") K(ARRAY, "array")      \
  K(RANGE, "range") K(VIEW, "view") K(ITERATOR, "iterator")                          \
  K(GENERATOR, "generator") K(ITERABLE, "iterable") K(SEQUENCE, "sequence")          \
  K(MAPPING, "mapping") K(FILE, "file") K(PATH, "path") K(ARCHIVE, "archive")        \
  K(PROCESS, "process") K(SOCKET, "socket") K(RESPONSE, "response")                  \
  K(CONNECTION, "connection") K(CURSOR, "cursor") K(MANAGER, "manager")              \
  K(QUERYSET, "queryset") K(NDARRAY, "ndarray") K(SERIES, "series")                  \
  K(DATAFRAME, "dataframe") K(TENSOR, "tensor") K(MATCH, "match")                    \
  K(PATTERN, "pattern") K(HASH, "hash") K(WRITER, "writer") K(READER, "reader")      \
  K(EXECUTOR, "executor") K(FUTURE, "future") K(THREAD, "thread") K(QUEUE, "queue")  \
  K(LOCK, "lock") K(LOGGER, "logger") K(SESSION, "session") K(ELEMENT, "element")    \
  K(DOCUMENT, "document") K(EXCEPTION, "exception") K(CLASS, "class")                \
  K(FUNCTION, "function") K(COROUTINE, "coroutine") K(MODULE, "module")              \
  K(INSTANCE, "instance") K(COMPLETED, "completed") K(STACK, "stack")
// clang-format on

typedef enum ValueKind {
#define VALUE_KIND_ENUM(id, text) VALUE_##id,
  VALUE_KINDS(VALUE_KIND_ENUM)
#undef VALUE_KIND_ENUM
      VALUE_KIND_COUNT,
} ValueKind;

const char *value_kind_name(ValueKind kind);

// Why a size is not bounded: what is behind it.
// clang-format off
#define SIZE_WHYS(W)                                                                 \
  W(NONE, "") W(FILE, "a file") W(NETWORK, "the network") W(PROCESS, "a process")    \
  W(DATABASE, "a database") W(DIRECTORY, "a directory tree") W(RANGE, "a range")     \
  W(PARAMETER, "a parameter") W(DATASET, "a dataset") W(DOCUMENT, "a document")      \
  W(ENDLESS, "an endless iterator") W(ARCHIVE, "an archive")
// clang-format on

typedef enum SizeWhy {
#define SIZE_WHY_ENUM(id, text) WHY_##id,
  SIZE_WHYS(SIZE_WHY_ENUM)
#undef SIZE_WHY_ENUM
      WHY_COUNT,
} SizeWhy;

const char *size_why_text(SizeWhy why);  // "a file"; "" for WHY_NONE

typedef enum OpenMode {
  OPEN_TEXT,
  OPEN_BINARY,
  OPEN_BY_B,  // binary when the mode has a "b": open()
  OPEN_BY_T,  // text when the mode has a "t": gzip.open()
} OpenMode;

enum {  // OpenFact.flags
  OPEN_SEEKABLE = 1 << 0,
  OPEN_COMPRESSED = 1 << 1,  // iterating is lazy, but slower than reading whole
  OPEN_PIPE = 1 << 2,        // a pipe or socket: what is not read is lost or blocks
  OPEN_MEMORY = 1 << 3,      // StringIO, BytesIO: the data is in memory already
  OPEN_ASYNC = 1 << 4,       // iterated with `async for`
  OPEN_STDIN = 1 << 5,
  OPEN_CLOSES = 1 << 6,     // the caller owns it and has to close it
  OPEN_WRITES = 1 << 7,     // for writing only, whatever the mode
  OPEN_OWNS_MORE = 1 << 8,  // its end ends more: a temporary file, the files to come
  OPEN_ENDS = 1 << 9,       // closes itself when read() has given everything
};

// How large a result is.
typedef enum ResultSize {
  RESULT_UNKNOWN,
  RESULT_SMALL,      // under 100 elements for certain
  RESULT_AS,         // as large as the source
  RESULT_UP_TO,      // at most as large as the source (filter, set)
  RESULT_RANGE,      // by the arguments, as range() reads them
  RESULT_UNBOUNDED,  // see `why`
} ResultSize;

enum { FROM_RECEIVER = -1, FROM_NOTHING = -2 };  // ResultFact.source, else a position

enum {                         // ResultFact.flags
  RESULT_ELEMENT_OF = 1 << 0,  // its elements are the source's
  RESULT_ITEM_OF = 1 << 1,     // it is one element of the source: next, pop, min
  RESULT_FRESH = 1 << 2,       // a new object that nobody else holds
  RESULT_TEXT = 1 << 3,        // a handle in text mode
  RESULT_BINARY = 1 << 4,
  RESULT_BY_MODE = 1 << 5,  // str from a text handle, bytes from a binary one
  RESULT_PIPE = 1 << 6,
  RESULT_STDIN = 1 << 7,
  RESULT_LIKE = 1 << 8,         // of the source's own kind, where that is known
  RESULT_AWAITED = 1 << 9,      // a coroutine: the row tells what `await` gives
  RESULT_RECORD = 1 << 10,      // one line, row or record of the source
  RESULT_WHOLE = 1 << 11,       // everything that the source holds: read()
  RESULT_LIMIT_NEXT = 1 << 12,  // with one argument more, that is the limit: islice
  RESULT_NETWORK = 1 << 13,
  RESULT_SEEKABLE = 1 << 14,
  RESULT_SHORTEST = 1 << 15,  // of several sources the smallest counts: zip, map
  RESULT_LONGEST = 1 << 16,   // of several sources the largest counts: chain
  RESULT_SAME = 1 << 17,      // the source itself: stack.enter_context(f)
  RESULT_VARIES = 1 << 18,    // its type may be another one of the kind: a subclass
  RESULT_FILLS = 1 << 19,     // reading a missing key adds it: defaultdict
  RESULT_PARTS = 1 << 20,     // a tuple that begins with a whole read: communicate()
};

typedef enum SinkKind {
  SINK_STREAMING,     // takes one element at a time and forgets it: sum
  SINK_TRANSFORMING,  // keeps something much smaller: bytes, array, dict of pairs, set
  SINK_COPYING,       // keeps every element: 8 B an element to gain
  SINK_NO_GAIN,       // makes a list of it itself: ''.join
  SINK_WRONG,         // changes its meaning: np.array(generator)
} SinkKind;

enum {                          // SinkFact.flags
  SINK_SHORT_CIRCUIT = 1 << 0,  // stops early: any, all, in, next
  SINK_REDUCES = 1 << 1,        // gives one number or element: sum, min, len
  SINK_ANY_ORDER = 1 << 2,      // the order of the elements does not matter
  SINK_LAZY = 1 << 3,           // an iterator over the source, itself to be consumed
  SINK_LOOP = 1 << 4,           // a loop source: zip, enumerate, chain, writelines
  SINK_REST = 1 << 5,           // the argument at `position` and all behind it
  SINK_FANS_OUT = 1 << 6,       // starts work for every element: Executor.map, gather
};

typedef enum StartKind {
  START_FUTURE,
  START_TASK,
  START_PROCESS,
  START_THREAD,
} StartKind;

typedef enum HandlerForm {
  HANDLER_DECORATOR,
  HANDLER_ROUTE,     // a decorator whose first argument is a path literal: @x.get("/a")
  HANDLER_FUNCTION,  // a module-level function of that name: lambda_handler
  HANDLER_BASE,      // methods of classes with that base
  HANDLER_OBJECT,    // an object that stands for the request at hand: flask.request
  HANDLER_CALL,      // a call whose arguments are functions to be run: add_url_rule
} HandlerForm;

typedef enum HandlerKind {
  HANDLER_NONE,
  HANDLER_REQUEST,
  HANDLER_TASK,   // a queue's job
  HANDLER_EVENT,  // signals, messages, bots
} HandlerKind;

enum {  // CacheFact.flags
  CACHE_ASYNC = 1 << 0,
  CACHE_ON_DISK = 1 << 1,
  CACHE_PER_INSTANCE = 1 << 2,  // lives and dies with the instance
  CACHE_NEEDS_CALL = 1 << 3,    // `@x` alone is no use of it
  CACHE_EXTERNAL = 1 << 4,      // holds its entries outside the process
  CACHE_TAKES_CACHE = 1 << 5,   // the first argument is the mapping: cached({})
  CACHE_BY_NAME = 1 << 6,       // functions of one name share their entries
  CACHE_BY_TEXT = 1 << 7,       // its keys are texts or hashes made of the arguments
};

enum {                        // WeakFact.flags
  WEAK_METHODS = 1 << 0,      // a bound method lives as long as its object
  WEAK_HANDLE = 1 << 1,       // gives the reference back: ref(x)
  WEAK_DECORATES = 1 << 2,    // `@x`, `@x(…)` register the function below
  WEAK_BY_RECEIVER = 1 << 3,  // only on what another row names
};

enum {                         // HoldFact.flags
  HOLDS_ELEMENTS = 1 << 0,     // what walking through the argument gives, and keywords
  HOLDS_UNLESS_WEAK = 1 << 1,  // not with `weak=True`
};

typedef enum CallOutcome {
  OUTCOME_NEVER,  // it does not return
  OUTCOME_NEW,    // another value each time: a clock, a counter, a random number
} CallOutcome;

typedef enum CallbackForm {
  CALLBACK_REGISTERS,  // the receiver keeps it
  CALLBACK_GIVES,      // what the call gives does
  CALLBACK_DROPS,      // what the call gives drops its callbacks when it is done
  CALLBACK_KEEPS,      // … keeps them
} CallbackForm;

enum {                             // CallbackFact.flags
  CALLBACK_DROPPED = 1 << 0,       // when they have run
  CALLBACK_BY_MAKER = 1 << 1,      // … if what made the receiver is DROPS
  CALLBACK_FREED = 1 << 2,         // cancel() lets go of it
  CALLBACK_WEAK_METHODS = 1 << 3,  // bound methods are held weakly, perhaps
  CALLBACK_OF_ITSELF = 1 << 4,     // only where an object gives what is over itself
};

typedef enum RegisterKind {
  REGISTER_KEEPS,       // in a list of the process: an entry for each call
  REGISTER_REPLACES,    // in one place of the process: the last one given
  REGISTER_SUBSCRIBES,  // in a list of the receiver
  REGISTER_UNDOES,      // takes out again what was registered in the same group
  REGISTER_READS,       // gives what is registered there
  REGISTER_SCOPES,      // puts everything back at the end of its `with`
  REGISTER_CACHES,      // in Facts: a cache, by an instance of a class of another file
  REGISTER_NAMED,       // in Facts: by a name of another file that may be any of these
} RegisterKind;

enum { REGISTER_ANYWHERE = -1 };  // RegisterFact.position: any argument may be it

enum {                          // RegisterFact.flags
  REGISTER_PASSES = 1 << 0,     // what follows is kept, and handed to the callback
  REGISTER_FINALIZES = 1 << 1,  // for as long as the object at position 0 lives
  REGISTER_ASSIGNED = 1 << 2,   // by an assignment to the name
  REGISTER_DECORATES = 1 << 3,  // `@x`, `@x(…)` register the function below
  REGISTER_LOGGER = 1 << 4,     // of loggers only, and the same object once only
  REGISTER_CHAINS = 1 << 5,     // only what keeps the previous one costs anything
  REGISTER_TARGET = 1 << 6,     // the publisher is the argument at position 0
  REGISTER_OBSERVERS = 1 << 7,  // whole objects are given as well as callbacks
  REGISTER_SIGNALS = 1 << 8,    // a callback in front is that of a weak signal, mostly
  REGISTER_PATHS = 1 << 9,      // texts, of which there are only so many
  REGISTER_KEYED = 1 << 10,     // one place for each argument at position 0
  REGISTER_LIST = 1 << 11,      // the list itself, which may be emptied or replaced
  REGISTER_EQUAL = 1 << 12,     // an entry that equals another takes its place
  REGISTER_WITH_OBJECT = 1 << 13,  // the entry goes with the object at position 0
};

enum {                    // ViewFact.flags
  VIEW_IS_PART = 1 << 0,  // it is small beside what it looks into
  VIEW_GIVES = 1 << 1,    // an iterator: what it gives looks into it
  VIEW_MAPS = 1 << 2,     // none, but an object whose contents lie in a file
};

enum {                           // ReleaseFact.flags
  RELEASES_ITSELF = 1 << 0,      // a method of the name ends its own object
  RELEASES_RECEIVER = 1 << 1,    // a call of it ends the receiver
  RELEASES_AT_EXIT = 1 << 2,     // … and is called with what happened
  RELEASES_UNASKED = 1 << 3,     // … by nobody
  RELEASES_BY_WAITING = 1 << 4,  // it ends by itself
  RELEASES_LATER = 1 << 5,       // what the call gives has to be ended
};

// What a cache holds on to with an argument.
// clang-format off
#define HEAVY_KEY_WHYS(W)                                                                \
  W(NOT, "") W(INSTANCE, "an instance that only equals itself")                      \
  W(CLASS, "a class made at run time") W(FUNCTION, "a function made at run time")    \
  W(HANDLE, "a handle and all that it refers to") W(TREE, "a whole document")        \
  W(ROW, "a row with its session") W(SESSION, "a session and its connections")       \
  W(REQUEST, "a request with its body") W(BYTES, "bytes of any length")              \
  W(TENSOR, "a tensor with its data")
// clang-format on

typedef enum HeavyKeyWhy {
#define HEAVY_KEY_WHY_ENUM(id, text) HEAVY_KEY_##id,
  HEAVY_KEY_WHYS(HEAVY_KEY_WHY_ENUM)
#undef HEAVY_KEY_WHY_ENUM
      HEAVY_KEY_COUNT,
} HeavyKeyWhy;

const char *heavy_key_why_text(HeavyKeyWhy why);  // "" for HEAVY_KEY_NOT

typedef enum SlotsVerdict {
  SLOTS_OK,       // instances have no dict through this base
  SLOTS_DICT,     // they have: slots in a subclass save nothing
  SLOTS_REFUSED,  // non-empty slots are an error: int, tuple, bytes
  SLOTS_UNKNOWN,
} SlotsVerdict;

enum {  // BaseFact.flags: why a class below this base is left alone
  BASE_ENUM = 1 << 0,
  BASE_EXCEPTION = 1 << 1,
  BASE_PROTOCOL = 1 << 2,
  BASE_TUPLE = 1 << 3,  // NamedTuple and kind
  BASE_TYPED_DICT = 1 << 4,
  BASE_ABSTRACT = 1 << 5,
  BASE_GENERIC = 1 << 6,
  BASE_MODEL = 1 << 7,      // ORM, pydantic: a metaclass makes the fields
  BASE_METACLASS = 1 << 8,  // any other metaclass that reads the class body
  BASE_MODULE = 1 << 9,     // torch.nn.Module and kind: __setattr__ keeps books
  BASE_TEST = 1 << 10,
  BASE_CTYPES = 1 << 11,
  BASE_THREAD = 1 << 12,
  BASE_BUILTIN = 1 << 13,  // list, dict, str: variable-size or with own layout
  BASE_LOCAL = 1 << 14,    // threading.local
  BASE_HANDLER = 1 << 15,  // request handlers, views: one instance a request
  BASE_WIDGET = 1 << 16,   // GUI classes of C++ or Tcl toolkits
  BASE_LONG = 1 << 17,  // applications, servers, bots, middleware: one for the program
};

typedef enum SmallForm {
  SMALL_NAME,       // sys.argv
  SMALL_ATTRIBUTE,  // .shape
  SMALL_CALL,       // dataclasses.fields()
  SMALL_PREFIX,     // a path literal that starts so: /proc/
  SMALL_STEM,       // a path literal whose last part starts so: README
} SmallForm;

typedef enum WorkerForm {
  WORKER_METHOD,  // for m in pubsub.listen()
  WORKER_NAME,    // for m in self.consumer
  WORKER_CALL,    // for n in itertools.count()
  WORKER_SERVES,  // server.serve_forever(): no loop, but it does not return
} WorkerForm;

// What a call gives that holds all of its source.
typedef enum HeavyKind {
  HEAVY_NOT,  // it only looks so: a memory map
  HEAVY_TEXT,
  HEAVY_ITEMS,    // a list, set or dict
  HEAVY_TABLE,    // DataFrame, Series
  HEAVY_ARRAY,    // ndarray, Tensor
  HEAVY_TREE,     // of XML, HTML, source code
  HEAVY_OBJECTS,  // what was parsed or unpickled
  HEAVY_RESPONSE,
} HeavyKind;

typedef enum ApartForm {
  APART_RESULT,   // shares nothing of size with what it was made from
  APART_BORROWS,  // works with the address: others have to keep the object alive
} ApartForm;

typedef enum CodecForm {
  CODEC_LOADS,  // makes an object of all contents: pickle.loads
  CODEC_DUMPS,  // makes the text or bytes of a whole object: json.dumps
  CODEC_DECOMPRESSES,
} CodecForm;

enum {                        // ParserFact.flags
  PARSES_UNPACKS = 1 << 0,    // what it makes is larger: a decompressor
  PARSES_FILE = 1 << 1,       // it takes a file, or a buffer for one: see PASSES
  PARSES_PASSES = 1 << 2,     // parses nothing: BytesIO(x) is x in another form
  PARSES_WITH_MORE = 1 << 3,  // with a second argument only: str(b, "utf-8")
};

enum {  // MutatorFact.effect
  MUTATES_GROWS = 1 << 0,
  MUTATES_SHRINKS = 1 << 1,
  MUTATES_CLEARS = 1 << 2,
  MUTATES_ORDER = 1 << 3,    // same elements: sort, reverse
  MUTATES_BY_MANY = 1 << 4,  // grows by an iterable: extend, update
};

typedef enum MakerForm {
  MAKER_CLASS,      // a class of whatever it is given: type(name, bases, namespace)
  MAKER_DATA,       // a class of names and types alone: equal ones are alike
  MAKER_VALIDATOR,  // no class, but what takes as long to make: TypeAdapter
  MAKER_BASE,       // a class statement with this base makes one that large
  MAKER_DECORATOR,  // … with this decorator
} MakerForm;

enum {                       // CopyFact.flags
  COPY_CASTS = 1 << 0,       // takes whatever can be walked through
  COPY_ORDERS = 1 << 1,      // sorts: takes key and reverse as well
  COPY_KEEPS_TYPE = 1 << 2,  // a copy has the type of what it was made from
};

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
