// The pool of workers. Each has its own arenas, parser and counts; all they share is the
// number of the next file.

#include "engine/run_internal.h"

#include <pthread.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"

enum {
  MAX_WORKERS = 64,
  STACK_BYTES = 16 * 1024 * 1024,
  // A file's tables take about 60 bytes per byte of source; flow graphs of very large
  // scopes more. Beyond this something is wrong with the file or with us.
  ARENA_FREE = 256 * 1024 * 1024,
  ARENA_PER_BYTE = 2000,
};

typedef struct Pool {
  Run *run;
  WorkFn *work;
  atomic_uint next;
} Pool;

typedef struct PoolThread {
  Pool *pool;
  Worker *worker;
} PoolThread;

static void worker_recover(Worker *worker, RunFile *file, const Fault *fault) {
  parser_recover(worker->parser);
  worker->file.limit = 0;
  if (fault->kind == FAULT_BUDGET) {
    file->failure = str_copy_in(&worker->results, str_from(fault->message));
  } else {
    file->fault = str_printf_in(&worker->results, "%.*s: %s (%s:%d)",
                                STR_ARGS(file->input->relative), fault->message,
                                fault->file, fault->line);
  }
}

static void worker_do(Worker *worker, WorkFn *work, RunFile *file) {
  Fault fault;
  arena_reset(&worker->file);
  worker->file.limit = ARENA_FREE;
  if (setjmp(fault_enter(&fault)) == 0) {
    work(worker, file);
    fault_leave(&fault);
  } else {
    fault_leave(&fault);
    worker_recover(worker, file, &fault);
  }
}

static void *worker_loop(void *payload) {
  PoolThread *thread = payload;
  Run *run = thread->pool->run;
  for (;;) {
    uint32_t i = atomic_fetch_add(&thread->pool->next, 1);
    if (i >= run->file_count) return NULL;
    worker_do(thread->worker, thread->pool->work, &run->files[i]);
  }
}

void workers_do(Run *run, WorkFn *work) {
  Pool pool = {.run = run, .work = work};
  PoolThread threads[MAX_WORKERS];
  pthread_t ids[MAX_WORKERS];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  uint32_t started = 0;
  for (uint32_t i = 0; i < run->worker_count; i++) {
    threads[i] = (PoolThread){&pool, &run->workers[i]};
  }
  for (uint32_t i = 1; i < run->worker_count; i++) {
    if (pthread_create(&ids[i], &attributes, worker_loop, &threads[i]) != 0) break;
    started = i;
  }
  worker_loop(&threads[0]);  // this thread works too, so that one is always there
  for (uint32_t i = 1; i <= started; i++) pthread_join(ids[i], NULL);
  pthread_attr_destroy(&attributes);
}

static uint32_t count_workers(const Run *run) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  uint32_t count = run->options->jobs != 0 ? run->options->jobs
                   : processors > 0        ? (uint32_t)processors
                                           : 1;
  if (count > run->file_count) count = run->file_count != 0 ? run->file_count : 1;
  return count < MAX_WORKERS ? count : MAX_WORKERS;
}

void workers_open(Run *run) {
  run->worker_count = count_workers(run);
  run->workers = arena_array(&run->arena, Worker, run->worker_count);
  for (uint32_t i = 0; i < run->worker_count; i++) {
    Worker *worker = &run->workers[i];
    worker->run = run;
    arena_init(&worker->file);
    arena_init(&worker->results);
    worker->parser = parser_new();
  }
}

void workers_close(Run *run) {
  for (uint32_t i = 0; i < run->worker_count; i++) {
    arena_release(&run->workers[i].file);
    arena_release(&run->workers[i].results);
    parser_free(run->workers[i].parser);
  }
}

bool run_file_read(Worker *worker, RunFile *file, Arena *arena, Str *bytes,
                   Error *err) {
  if (file->overlay.p != NULL) {
    *bytes = file->overlay;
    return true;
  }
  if (file->input->is_stdin) {
    *bytes = worker->run->options->stdin_bytes;
    return true;
  }
  const char *path = str_cstr_in(arena, file->input->path);
  return file_read(arena, path, bytes, err);
}

Model *run_file_open(Worker *worker, RunFile *file, Str bytes, Error *err) {
  Arena *arena = &worker->file;
  arena->limit = ARENA_FREE + (size_t)bytes.n * ARENA_PER_BYTE;
  Source *source = arena_new(arena, Source);
  file->undecodable = !source_decode(source, arena, file->input->path, bytes, err);
  if (file->undecodable) return NULL;
  Tree *tree = arena_new(arena, Tree);
  if (!parser_parse(worker->parser, tree, arena, source, err)) return NULL;
  ModelOptions options = {
      .knowledge = file->settings->knowledge,
      .module = file->input->module,
      .is_package = file->input->is_package,
      .is_test = file->input->is_test,
      .target = file->settings->target,
  };
  file->parse_ns = tree->parse_ns;
  return model_in(arena, tree, &options);
}
