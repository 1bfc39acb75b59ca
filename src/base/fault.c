#include "base/fault.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local Fault *current;

jmp_buf *fault_frame(Fault *fault) {
  fault->outer = current;
  fault->kind = FAULT_NONE;
  fault->message = "";
  fault->file = "";
  fault->line = 0;
  current = fault;
  return &fault->env;
}

void fault_leave(Fault *fault) { current = fault->outer; }

noreturn void fault_raise(FaultKind kind, const char *message, const char *file,
                          int line) {
  if (current == NULL) {
    fprintf(stderr, "pymemlint: internal error: %s (%s:%d)\n", message, file, line);
    exit(3);
  }
  current->kind = kind;
  current->message = message;
  current->file = file;
  current->line = line;
  longjmp(current->env, 1);
}
