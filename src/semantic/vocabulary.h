/* The words in which tables of knowledge speak: kinds of values, sources of sizes, forms of
 * calls. Each enumeration is what a column of one table holds (knowledge.h).
 */
#ifndef SEMANTIC_VOCABULARY_H
#define SEMANTIC_VOCABULARY_H

#include "base/map.h"

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

#endif
