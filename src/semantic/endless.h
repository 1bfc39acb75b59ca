/* Endless: loops of a function that nothing in it ends.
 *
 *     while True: handle(queue.get())              LOOP_RUNS_ON
 *     for message in consumer: handle(message)     LOOP_RUNS_ON
 *     async for row in rows(): handle(row)         LOOP_MAY_END: who knows what it gives
 *     while True: … if item is None: break         LOOP_ENDS
 *
 * `break` at its own level, `return`, `sys.exit()` and a `raise` that is no answer to an
 * error are ways out, as is an error that is caught around the loop (`except EOFError`). An
 * interrupt, a cancellation and `except Exception` are none.
 */
#ifndef SEMANTIC_ENDLESS_H
#define SEMANTIC_ENDLESS_H

#include "semantic/context.h"

typedef enum Ending { LOOP_ENDS, LOOP_MAY_END, LOOP_RUNS_ON } Ending;

// Of a for or while statement.
Ending loop_ending(Model *m, NodeId loop);

// `sys.exit(1)`, `os._exit(0)`
bool call_exits(Model *m, NodeId call);

#endif
