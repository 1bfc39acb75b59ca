/* Calls: what a call is, by the knowledge tables.
 *
 *     const SinkFact *sink = call_sink(m, call);     // any(…), f.writelines(…)
 *     if (call_starts_work(m, call)) return;         // pool.submit(…)
 *
 * Each answers by the callee's qualified name, else by the method's name together with
 * the receiver's kind, else by the method's name alone where the table has such a row.
 */
#ifndef SEMANTIC_CALLS_H
#define SEMANTIC_CALLS_H

#include "semantic/value.h"

// NULL when the call is no such thing. A sink whose floor lies above the target's floor
// is still returned: see sink_holds().
const SinkFact *call_sink(Model *m, NodeId call);
const OpenFact *call_open(Model *m, NodeId call);
const ResultFact *call_result(Model *m, NodeId call);
const StartFact *call_start(Model *m, NodeId call);
const ActFact *call_act(Model *m, NodeId call);
const PureFact *call_pure(Model *m, NodeId call);
const MutatorFact *call_mutator(Model *m, NodeId call);
const CodecFact *call_codec(Model *m, NodeId call);
const WriteFact *call_write(Model *m, NodeId call);
const CopyFact *call_copy(Model *m, NodeId call);
const BufferFact *call_buffer(Model *m, NodeId call);
const CallbackFact *call_callback(Model *m, NodeId call);  // aliases of methods too
const ParserFact *call_parser(Model *m, NodeId call);
const ViewFact *call_view(Model *m, NodeId call);
const HeavyFact *call_heavy(Model *m, NodeId call);
const ApartFact *call_apart(Model *m, NodeId call);

static inline bool call_starts_work(Model *m, NodeId call) {
  return call_start(m, call) != NULL;
}
static inline bool call_acts(Model *m, NodeId call) {
  return call_act(m, call) != NULL;
}
static inline bool call_is_pure(Model *m, NodeId call) {
  return call_pure(m, call) != NULL;
}

// Bits (1 << Subject) of the tables that may have a row for a call: found once for each
// call, so that asking about one that is nothing costs next to nothing.
uint32_t call_subjects(Model *m, NodeId call);

// The sink's kind for one Python: below `floor` a streaming sink makes a list itself.
SinkKind sink_kind_at(const SinkFact *sink, uint8_t minor);
// Some Python of the target range gains.
bool sink_holds(const SinkFact *sink, Target target);
// `argument` (a child of the call's arguments) is what the sink consumes.
bool sink_takes(Model *m, const SinkFact *sink, NodeId call, NodeId argument);
// The first consumed argument, or NO_NODE.
NodeId sink_argument(Model *m, const SinkFact *sink, NodeId call);

// A cache decorator (`@functools.cache`, `@lru_cache(maxsize=9)`, aliases, partials, names
// that every branch binds to a cache): the row and how many entries it keeps.
typedef struct CacheUse {
  const CacheFact *fact;  // NULL: no cache
  NodeId call;            // the call with the arguments, or NO_NODE for `@cache`
  int64_t maxsize;        // entries; CACHE_UNBOUNDED, CACHE_SIZE_UNKNOWN
} CacheUse;
enum { CACHE_UNBOUNDED = -1, CACHE_SIZE_UNKNOWN = -2 };
// Keeps the arguments of its calls, in the process, for as long as the function lives.
static inline bool cache_keeps_arguments(CacheUse cache) {
  return cache.fact != NULL && cache.maxsize != 0 &&
         (cache.fact->flags &
          (CACHE_PER_INSTANCE | CACHE_EXTERNAL | CACHE_ON_DISK | CACHE_BY_TEXT)) == 0;
}
// Of a decorator, or of the expression that stands for one: the callee of cache(f).
CacheUse cache_of_decorator(Model *m, NodeId decorator);
// A call that gives whatever function it is given a cache: `cache(f)`,
// `lru_cache(maxsize=9)(os.stat)`.
bool call_applies_cache(Model *m, NodeId call, CacheUse *use, NodeId *function);
// The def or lambda of this file that a call gives a cache: `cache(f)`,
// `lru_cache(maxsize=9)(f)`; NO_NODE for what is no such call.
NodeId cache_applied_to(Model *m, NodeId call, CacheUse *use);

// The row of a base class expression (`enum.Enum`, `Generic[T]`), or NULL.
const BaseFact *base_fact(Model *m, NodeId base);

#endif
