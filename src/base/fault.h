/* Faults: what ends the work on one file without ending the program.
 *
 * A failed allocation, an exceeded budget or a broken invariant cannot be reported
 * through return values from deep inside the semantic model. They jump to the frame
 * that the worker set up for the file in hand; the worker then drops everything that
 * the file owned (its arena and its parser), names the file, and goes on.
 *
 *     Fault fault;
 *     if (setjmp(fault_enter(&fault)) == 0) { lint(file); }
 *     else { report(fault.kind, fault.message); }
 *     fault_leave(&fault);
 *
 * The frame is per thread. Without a frame a fault prints its message to stderr and
 * ends the process with status 3 (internal error).
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <setjmp.h>
#include <stdnoreturn.h>

typedef enum FaultKind {
  FAULT_NONE,
  FAULT_MEMORY,  // an allocation failed
  FAULT_BUDGET,  // the file asked for more work or memory than its size allows
  FAULT_BUG,     // an invariant of ours does not hold
} FaultKind;

typedef struct Fault {
  jmp_buf env;
  struct Fault *outer;
  FaultKind kind;
  const char *message;  // static text
  const char *file;     // where in our source, for FAULT_BUG
  int line;
} Fault;

// Makes `fault` the thread's current frame and returns the buffer to `setjmp` on.
jmp_buf *fault_frame(Fault *fault);
#define fault_enter(fault) (*fault_frame(fault))
void fault_leave(Fault *fault);

noreturn void fault_raise(FaultKind kind, const char *message, const char *file,
                          int line);

#define BUG(message) fault_raise(FAULT_BUG, message, __FILE__, __LINE__)
#define INVARIANT(condition) \
  do { \
    if (!(condition)) BUG("invariant: " #condition); \
  } while (0)

#endif
