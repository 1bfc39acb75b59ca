/* Vec: a typed list that grows in an arena.
 *
 *     VEC(NodeId) found = {0};
 *     vec_push(arena, &found, node);
 *     for (uint32_t i = 0; i < found.count; i++) use(found.items[i]);
 *
 * Growing copies; the old block stays in the arena until its reset, so that a list
 * costs at most twice its final size.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"

#define VEC(T) \
  struct { \
    T *items; \
    uint32_t count; \
    uint32_t capacity; \
  }

#define vec_reserve(arena, v, room) \
  do { \
    if ((v)->count + (room) > (v)->capacity) { \
      (v)->items = vec_grow(arena, (v)->items, sizeof *(v)->items, (v)->count, \
                            &(v)->capacity, (room)); \
    } \
  } while (0)

#define vec_push(arena, v, ...) \
  do { \
    vec_reserve(arena, v, 1); \
    (v)->items[(v)->count++] = (__VA_ARGS__); \
  } while (0)

#define vec_last(v) ((v)->items[(v)->count - 1])

static inline void *vec_grow(Arena *arena, void *items, size_t size, uint32_t count,
                             uint32_t *capacity, uint32_t room) {
  uint64_t wanted = *capacity < 8 ? 8 : (uint64_t)*capacity * 2;
  while (wanted < (uint64_t)count + room) wanted *= 2;
  if (wanted > UINT32_MAX) {
    fault_raise(FAULT_MEMORY, "list too long", __FILE__, __LINE__);
  }
  void *grown = arena_alloc_raw(arena, arena_bytes(size, wanted));
  if (count != 0) memcpy(grown, items, size * count);
  *capacity = (uint32_t)wanted;
  return grown;
}

#endif
